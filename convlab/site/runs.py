"""A notebook run from top to bottom in a fresh kernel, with the state of its widgets; the last run of each is kept.

What is kept is used again as long as neither the notebook nor the course has changed, so that the tests, which run
every notebook anyway, save the site its work.
"""

import copy
import hashlib
import os
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbclient import NotebookClient

PACKAGE = Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parent
KEPT = ROOT / "build" / "site-runs"
MARK = "convlab_run"
NOT_RUN = ("site", "bootstrap", "__pycache__")  # rooms of the package on which no output depends
TIMEOUT_S = 300


def run(book, folder=ROOT / "notebooks", widgets=False):
    """The notebook after a run from top to bottom in a fresh kernel, with a progress database of its own.

    Args:
        book: a notebook.
        folder: where its kernel stands.
        widgets: whether the state of its widgets is stored in its metadata.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell without the tag raises-exception raised.
    """
    book = copy.deepcopy(book)
    with tempfile.TemporaryDirectory() as own:
        environment = {**os.environ, "CONVLAB_DB": str(Path(own) / "progress.sqlite")}
        client = NotebookClient(
            book,
            timeout=TIMEOUT_S,
            kernel_name="python3",
            store_widget_state=widgets,
            record_timing=False,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],  # it warns of its own transport, each time
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute(env=environment)
    return book


def run_and_keep(book, folder, name, kept=None):
    """What `run` gives with the state of the widgets; written down under this name for `kept_or_run`.

    Args:
        book: a notebook.
        folder: where its kernel stands.
        name: the page's name, such as "02-convolution-by-hand".
        kept: the folder of kept runs; None for the clone's own.
    """
    done, kept = run(book, folder, widgets=True), Path(kept or KEPT)
    marked = copy.deepcopy(done)
    marked.metadata[MARK] = key(book)
    kept.mkdir(parents=True, exist_ok=True)
    unfinished = kept / f"{name}.{os.getpid()}.part"
    unfinished.write_text(nbformat.writes(marked), encoding="utf8")
    unfinished.replace(kept / f"{name}.ipynb")  # at once: another process never reads half a file
    return done


def kept_or_run(book, folder, name, kept=None):
    """(the notebook after a run with the state of its widgets, whether it was kept from before)."""
    try:
        found = nbformat.read(Path(kept or KEPT) / f"{name}.ipynb", as_version=4)
    except (OSError, ValueError, nbformat.reader.NotJSONError):
        found = None
    if found is not None and found.metadata.get(MARK) == key(book):
        return found, True
    return run_and_keep(book, folder, name, kept), False


def key(book):
    """A text that changes when the notebook's cells, the course or what it stands on change; outputs do not count."""
    cells = [(cell.id, cell.cell_type, cell.source, cell.metadata.get("tags")) for cell in book.cells]
    return hashlib.sha256(f"{cells} {_course()}".encode()).hexdigest()


@cache
def _course():
    """A text for all the files of the package that a kernel may read, and for the packages beneath."""
    digest = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*")):
        inside = file.relative_to(PACKAGE)
        if file.is_file() and not set(NOT_RUN) & set(inside.parts):
            digest.update(f"{inside.as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    packages = [f"{name} {version(name)}" for name in ("anywidget", "ipywidgets", "matplotlib", "numpy", "torch")]
    return f"{digest.hexdigest()} {packages}"
