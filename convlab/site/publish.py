"""The whole course in one folder: a page a lesson, a page of all widgets, a first page, and the files they share."""

import copy
import os
import shutil
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ..syllabus import GIVES, TITLES, minutes
from . import runs
from .pages import Page, html
from .states import VIEW, Assets

HERE = Path(__file__).parent
MADE = ".convlab-site"  # in a folder that may be written over
AT_ONCE = 2  # kernels
FIRST = "ConvStepper"  # the widget on the first page

GALLERY = "# The gallery"

INDEX = """# Learn PyTorch's nn.Conv2d by moving it

When you are through, you can compute any number of any convolution by hand, predict its shape, gradient and cost, read
its error messages, and build and train a small network with it.

Move the window below, or change a number: everything that you see is checked against PyTorch.
[All the widgets](gallery.html) are on one page, and the words of the course in a [glossary](glossary.html)."""

LESSONS = """## The lessons

Each has the same rhythm: predict, explore, explain, plain PyTorch, write it yourself, break it, a quiz.

| lesson | you can, afterwards | time |
|---|---|---|
"""

OPEN = """## Open the course

These pages are a saved copy. In the course itself you predict before it is revealed, write your own code and have it
judged, train networks, and answer questions with new numbers each time; where you are wrong, it tells you *which*
mistake it was. You need [Python](https://www.python.org/downloads/) 3.11 or later and
[git](https://git-scm.com/downloads), nothing else:

```
git clone {address}
cd {name}
python3 -m convlab
```"""


class Unfit(Exception):
    """The site cannot be made there; its text says why and what to do."""


def publish(folder, notebooks=runs.ROOT / "notebooks", kept=None, say=print):
    """Makes the site; returns the names of its pages.

    Args:
        folder: where it goes: none yet, an empty one, or one with an older site, which is replaced.
        notebooks: the folder of the lessons.
        kept: the folder of kept runs; None for the clone's own.
        say: is told what is being done, a line at a time.

    Raises:
        Unfit: the folder holds something else.
    """
    folder = cleared(folder)
    files = sorted(Path(notebooks).glob("[0-9][0-9]-*.ipynb"))
    books = {file.stem: nbformat.read(file, as_version=4) for file in files}
    books["gallery"] = gallery_book()
    lessons = {file.name[:2]: file for file in files}
    done = run_all(books, Path(notebooks), kept, say)
    pages = [Page("index", "convlab: learn nn.Conv2d by moving it", index_book(done["gallery"], lessons))]
    pages += [Page(name, title(name), book) for name, book in done.items()]
    pages += [
        Page(file.stem, file.stem.capitalize(), text_book(file)) for file in sorted(Path(notebooks).glob("[a-z]*.md"))
    ]
    write(pages, folder)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    say(f"{len(pages)} pages, {size / 1e6:.1f} MB, in {folder}")
    return [page.name for page in pages]


def cleared(folder, mark=MADE):
    """The folder, there and empty but for its mark.

    Args:
        folder: its path.
        mark: the name of a file that says that it may be written over.

    Raises:
        Unfit: it holds something else.
    """
    folder = Path(folder).resolve()
    if folder.is_dir() and any(folder.iterdir()) and not (folder / mark).exists():
        raise Unfit(f"{folder} holds other files, which these would mix with: name a folder that is empty or new.")
    if folder.is_file():
        raise Unfit(f"{folder} is a file: name a folder.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / mark).touch()
    for file in folder.glob("*.html"):
        file.unlink()
    shutil.rmtree(folder / "assets", ignore_errors=True)
    return folder


def run_all(books, folder, kept=None, say=print):
    """Name -> each notebook after its run, in their order; two run at a time.

    Args:
        books: name -> notebook.
        folder: where their kernels stand.
        kept, say: as for `publish`.
    """

    def run(name):
        begun = time.monotonic()
        done, before = runs.kept_or_run(books[name], folder, name, kept)
        say(f"{name}: " + ("kept from its last run" if before else f"run in {time.monotonic() - begun:.0f} s"))
        return done

    with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
        return dict(zip(books, pool.map(run, books), strict=True))


def title(name):
    """What a page is called."""
    known = TITLES.get(name[:2])
    return f"{name[:2]} {known}" if known else "All widgets"


def gallery_book():
    """The notebook behind the page of all widgets."""
    code = new_code_cell("from convlab import gallery\n\ngallery()", id="gallery")
    return new_notebook(cells=[new_markdown_cell(GALLERY, id="header"), code])


def text_book(file):
    """A page of text that lies beside the lessons, such as the glossary, as a notebook."""
    return new_notebook(cells=[new_markdown_cell(file.read_text(encoding="utf8"), id="text")])


def index_book(gallery, files):
    """The first page as a notebook that has run: one widget, the table of the lessons, how to open the course.

    Args:
        gallery: the gallery's notebook, run.
        files: lesson -> the path of its notebook.
    """
    cells = [new_markdown_cell(INDEX, id="header"), *first_widget(gallery)]
    address = repository()
    words = OPEN.format(address=address, name=address.rstrip("/").split("/")[-1])
    cells += [
        new_markdown_cell(LESSONS + "\n".join(map(row, TITLES, [files.get(it) for it in TITLES])), id="lessons"),
        new_markdown_cell(words, id="open"),
    ]
    book = new_notebook(cells=cells)
    book.metadata["widgets"] = copy.deepcopy(gallery.metadata.get("widgets", {}))
    return book


def row(lesson, file):
    """A lesson's row in the table, as Markdown.

    Args:
        lesson: two digits.
        file: the path of its notebook; None where it is still to come.
    """
    name = f"{lesson} {TITLES[lesson]}"
    if file is None:
        return f"| {name} | {GIVES[lesson]} | coming |"
    time = minutes(file)
    return f"| [{name}]({file.name}) | {GIVES[lesson]} | {f'{time} min' if time.isdigit() else ''} |"


def first_widget(gallery):
    """A code cell with the first page's widget, taken from the gallery; none where it is not there."""
    outputs = [it for cell in gallery.cells for it in cell.get("outputs", ()) if VIEW in it.get("data", {})]
    for output in outputs:
        text = output.data.get("text/plain", "")
        if text.startswith(f"{FIRST}("):
            return [new_code_cell("", outputs=[copy.deepcopy(output)], id="first-widget")]
    return []


def repository():
    """The address of the course's code, from pyproject.toml."""
    text = (runs.ROOT / "pyproject.toml").read_text(encoding="utf8")
    return tomllib.loads(text)["project"]["urls"]["Repository"]


def write(pages, folder):
    """Writes every page and what they share.

    Args:
        pages: the `Page`s, the first page first.
        folder: the site's folder.
    """
    assets = Assets(folder)
    shared = {
        "style": assets.add("site.css", (HERE / "site.css").read_text(encoding="utf8")),
        "script": assets.add("site.js", (HERE / "site.js").read_text(encoding="utf8")),
        "pages": [page.name for page in pages],
        "address": repository(),
    }
    lessons = [page for page in pages if page.name[:2] in TITLES]
    for page in pages:
        at = lessons.index(page) if page in lessons else None
        before = lessons[at - 1] if at else None
        after = lessons[at + 1] if at is not None and at + 1 < len(lessons) else None
        text = html(page, {**shared, "before": before, "after": after}, assets)
        (folder / f"{page.name}.html").write_text(text, encoding="utf8")
