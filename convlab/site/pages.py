"""A notebook as a page: nbconvert makes the HTML, from the template beside this file.

What a cell is stored without in git, it is shown without: a prediction and its answer, an exercise, a check. Such a
cell says so, and where it is answered.
"""

import copy
import json
import re
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from .mathml import mathml
from .states import STATE, VIEW, models

HERE = Path(__file__).parent
# What a cell of this kind says in the place of its output.
UNRUN = {
    "predict": "A question to you, before you read on: it is asked in the course.",
    "exercise": "This is yours to write, in the course.",
    "check": "This judges what you wrote, in the course.",
}
# Widgets of which a part is Python's work.
KERNEL = {
    "quiz_card": "Your answer is judged and kept in the course: this card only shows its first question.",
    "feature_maps": "The network learns in the course. Here you see it before its first step.",
    "shape_tracer": "PyTorch follows the model at another size in the course. Here you can look into every row.",
    "groups_wiring": "The time is measured in the course. All the rest works here.",
}
INERT = ("quiz_card",)


@dataclass(frozen=True)
class Page:
    """One page of the site.

    Args:
        name: of its file, without an ending.
        title: what it is called.
        book: its notebook, run.
    """

    name: str
    title: str
    book: nbformat.NotebookNode


class _Renderer(IPythonRenderer):
    """Markdown with formulas as MathML, and headings that can be linked to."""

    def block_math(self, body):
        return mathml(body)

    def inline_math(self, body):
        return mathml(body, display=False)

    def heading(self, text, level, **attributes):
        return f'<h{level} id="{slug(text)}">{text}</h{level}>\n'


class _Exporter(HTMLExporter):
    """nbconvert's exporter with the site's template."""

    def __init__(self):
        super().__init__(template_name="page", extra_template_basedirs=[str(HERE / "templates")])
        self.register_filter("alternative", alternative)

    def markdown2html(self, source):
        return markdown(source)


@cache
def _exporter():
    """One for all pages: its templates are read once."""
    return _Exporter()


def markdown(source):
    """Markdown as HTML.

    Example:
        >>> markdown("Two $k_H$ **high**").strip()
        '<p>Two <math><mrow><msub><mi>k</mi><mi>H</mi></msub></mrow></math> <strong>high</strong></p>'
    """
    html = MarkdownWithMath(renderer=_Renderer(escape=False)).render(source)
    return re.sub(r"<th( [^>]*)?></th>", "<td></td>", html)  # the corner of a table heads nothing


def slug(text):
    """The name by which a heading is linked to.

    Example:
        >>> slug("Explore: <code>nn.Conv2d</code> &amp; you")
        'explore-nn-conv2d-you'
    """
    return "-".join(re.findall(r"[a-z0-9]+", unescape(re.sub(r"<[^>]*>", "", text)).lower()))


def contents(book):
    """(slug, heading as HTML) of each second heading in a notebook's Markdown, from top to bottom."""
    html = "".join(markdown(cell.source) for cell in book.cells if cell.cell_type == "markdown")
    return re.findall(r'<h2 id="([^"]*)">(.*?)</h2>', html)


def readable(book):
    """A run notebook as it is shown: nothing that gives an answer away, and no trace of the machine."""
    book = copy.deepcopy(book)
    for cell in book.cells:
        if cell.cell_type != "code":
            continue
        kinds = [kind for kind in UNRUN if kind in cell.metadata.get("tags", ())]
        cell.metadata["site"] = {"unrun": UNRUN[kinds[0]] if kinds else ""}
        cell.outputs = [] if kinds else [_shown(output) for output in _joined(cell.outputs)]
    return book


def _joined(outputs):
    """The outputs with what went to one stream in several pieces in one."""
    joined = []
    for output in outputs:
        if joined and output.output_type == "stream" and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def _shown(output):
    if output.output_type == "error":
        output.traceback = [f"{output.ename}: {output.evalue}"]  # the rest names folders of this machine
    return output


def html(page, site, assets):
    """The text of a page's file.

    Args:
        page: the `Page`.
        site: what the template reads besides: `style`, `script`, `pages`, `address`, `before` and `after`.
        assets: the `Assets` that take what pages share.
    """
    book = readable(page.book)
    found = models(book, assets)
    for cell in book.cells:
        for output in cell.get("outputs", ()):
            if output.get("data", {}).get(VIEW, {}).get("model_id") not in found:
                output.get("data", {}).pop(VIEW, None)
    book.metadata["widgets"] = {STATE: {"state": {id: {} for id in found}}}  # nbconvert shows what it finds here
    resources = {
        "page": page,
        "site": site,
        "contents": contents(book),
        "styles": sorted({it["style"] for it in found.values()}),
        "models": for_script(found),
        "widgets": {id: _notes(it) for id, it in found.items()},
    }
    text, _ = _exporter().from_notebook_node(book, resources=resources)
    return with_pages_linked(text, site["pages"])


def _notes(model):
    kind = model["kind"]
    return {"kind": kind.replace("_", "-"), "words": KERNEL.get(kind, ""), "inert": kind in INERT}


def for_script(value):
    """JSON that may stand inside a script element.

    Example:
        >>> for_script({"a": "</script>"})
        '{"a":"\\\\u003c/script>"}'
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", r"\u003c")


def with_pages_linked(text, names):
    """The text with links to notebooks, and to texts beside them, made links to their pages, where there are any.

    Example:
        >>> with_pages_linked('<a href="02-x.ipynb#why">', ["02-x"])
        '<a href="02-x.html#why">'
    """

    def linked(found):
        return f'href="{found[1]}.html' if unescape(found[1]) in names else found[0]

    return re.sub(r'href="(?:notebooks/)?([^"#/]+)\.(?:ipynb|md)\b', linked, text)


def alternative(text):
    """The words for those who do not see a picture, from what its cell says in plain text."""
    return escape(" ".join(text.split())[:300], quote=True)
