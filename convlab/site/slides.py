"""The lessons as slides: a deck a lesson, by nbconvert and reveal.js, in a folder that needs no other host."""

import re
from functools import cache
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter
from nbformat.v4 import new_notebook

from . import runs
from .decks import HEIGHT, WIDTH, deck, slide_cells, text_blocks
from .pages import HERE, Page, alternative, markdown, readable
from .publish import Unfit, cleared, run_all, title
from .states import Assets

MADE = ".convlab-slides"  # in a folder that may be written over
REVEAL = runs.ROOT / "node_modules" / "reveal.js" / "dist"
TO_A_PAGE = re.compile(r'<a href="(?!https?:|[\w-]+\.html")[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
KEYS = (
    "Arrow keys turn the slides, **F** fills the screen, **Esc** shows all of them. With `?view=print` behind its "
    "address, a deck prints."
)


class _Exporter(SlidesExporter):
    """nbconvert's exporter for reveal.js with the course's template and its Markdown."""

    def __init__(self):
        templates = [str(HERE / "templates")]
        super().__init__(template_name="slides", extra_template_basedirs=templates, extra_template_paths=templates)
        self.register_filter("alternative", alternative)

    def markdown2html(self, source):
        """Markdown as HTML; a link to another page of the course is only its words here."""
        return TO_A_PAGE.sub(r"\1", markdown(source))


@cache
def _exporter():
    return _Exporter()


def publish_slides(folder, notebooks=runs.ROOT / "notebooks", kept=None, say=print):
    """Makes the decks and a first page that leads to them; returns their names.

    Args:
        folder: where they go: none yet, an empty one, or one with older slides, which are replaced.
        notebooks: the folder of the lessons.
        kept: the folder of kept runs; None for the clone's own.
        say: is told what is being done, a line at a time.

    Raises:
        Unfit: the folder holds something else, or reveal.js is missing.
    """
    if not REVEAL.is_dir():
        raise Unfit("reveal.js is missing: python3 -m convlab slides  installs it, and makes the slides.")
    folder = cleared(folder, MADE)
    files = sorted(Path(notebooks).glob("[0-9][0-9]-*.ipynb"))
    books = {file.stem: nbformat.read(file, as_version=4) for file in files}
    done = run_all(books, Path(notebooks), kept, say)
    pages = [Page(name, title(name), deck(readable(book))) for name, book in done.items()]
    pages.insert(0, Page("index", "convlab", index(pages)))
    shared = _shared(Assets(folder))
    for page in pages:
        (folder / f"{page.name}.html").write_text(html(page, shared), encoding="utf8")
    say(f"{len(pages) - 1} decks, in {folder}")
    return [page.name for page in pages]


def _shared(assets):
    """What every deck's template reads besides its page."""
    styles = [REVEAL / "reveal.css", HERE / "site.css", HERE / "slides.css"]
    return {
        "styles": [assets.add(file.name, file.read_text(encoding="utf8")) for file in styles],
        "script": assets.add("reveal.js", (REVEAL / "reveal.js").read_text(encoding="utf8")),
        "width": WIDTH,
        "height": HEIGHT,
    }


def index(pages):
    """The notebook of the first page's one slide.

    Args:
        pages: the decks.
    """
    text = "\n".join(f"- [{page.title}]({page.name}.html)" for page in pages)
    blocks = text_blocks(f"{text}\n\n{KEYS}")
    return new_notebook(cells=slide_cells("Learn PyTorch's nn.Conv2d by moving it", blocks, "slide", "index"))


def html(page, shared):
    """The text of a deck's file.

    Args:
        page: the `Page`, its notebook one that `deck` made.
        shared: what the template reads besides.
    """
    text, _ = _exporter().from_notebook_node(page.book, resources={"page": page, "site": shared, "widgets": {}})
    return text
