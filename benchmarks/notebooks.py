"""What a notebook costs that is run whole: seconds, and the memory of its kernel beside one that imported torch alone.

python3 -m convlab bench notebooks [--quick] [--only=07]
"""

import sys
import time

import nbformat

from benchmarks._frame import Figures, Row, report
from tests.notebooks.normalise import ROOT, read, run

MIB = 2**20
MOST_MIB, TRAINING_MIB = 120, 250  # above a kernel that imported torch alone
MOST_S = 240  # the whole course
LOOK = "import gc, psutil\n_ = gc.collect()\nprint(psutil.Process().memory_info().rss)"
FILES = {file.stem[:2]: file for file in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))}
QUICK = "01"


def most_memory(book):
    """What a kernel may hold beside a bare one, in MiB: the first optimizer brings in PyTorch's compiler, 70 MiB."""
    trains = any(word in cell.source for cell in book.cells for word in ("torch.optim", "= fit("))
    return TRAINING_MIB if trains else MOST_MIB


def cost(book):
    """(seconds, MiB that the kernel holds at the end) of a notebook that is run whole."""
    book.cells.append(nbformat.v4.new_code_cell(LOOK))
    began = time.perf_counter()
    done = run(book)
    return time.perf_counter() - began, int(done.cells[-1].outputs[-1].text.split()[-1]) / MIB


def memory_row(name, size, bare, more):
    """A row of one lesson's kernel.

    Args:
        name: the notebook's.
        size: what its kernel holds, in MiB.
        bare: what a kernel holds that imported torch alone.
        more: what the lesson may hold beside that.
    """
    return Row(
        "memory", name, Figures.of([size]), unit="MiB", most={"most": bare + more},
        rival="bare torch kernel", theirs=Figures.of([bare]), note=f"{size - bare:+.0f} MiB, of {more} allowed",
    )  # fmt: skip


def measure(options):
    """The rows: a kernel's memory for each lesson, then the time of all together."""
    wanted = options.only or ([QUICK] if options.quick else list(FILES))
    _, bare = cost(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import torch")]))
    seconds = []
    for lesson in wanted:
        book = read(FILES[lesson])
        taken, size = cost(book)
        seconds.append(taken)
        yield memory_row(FILES[lesson].stem, size, bare, most_memory(book))
    share = len(wanted) / len(FILES)
    names = "all lessons" if share == 1 else f"{len(wanted)} of {len(FILES)} lessons, and as much of the bound"
    yield Row("course", names, Figures.of([sum(seconds)]), unit="s", most={"longest": MOST_S * share})


if __name__ == "__main__":
    sys.exit(report(measure, "Measures what notebooks cost.", only=FILES))
