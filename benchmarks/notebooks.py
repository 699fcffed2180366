"""What a notebook costs that is run whole: seconds, and the memory of its kernel beside one that imported torch alone.

python3 -m convlab bench notebooks [--quick] [--only=07]
"""

import argparse
import sys
import time

import nbformat

from tests.notebooks.normalise import ROOT, read, run

MIB = 2**20
MOST_MIB, TRAINING_MIB = 120, 250  # above a kernel that imported torch alone
MOST_S = 240  # the whole course
LOOK = "import gc, psutil\n_ = gc.collect()\nprint(psutil.Process().memory_info().rss)"


def most_memory(book):
    """The bound of a notebook's kernel, in MiB; the first optimizer brings in PyTorch's compiler, 70 MiB."""
    return TRAINING_MIB if any("torch.optim" in cell.source for cell in book.cells) else MOST_MIB


def cost(book):
    """(seconds, resident bytes of the kernel at the end) of a notebook that is run whole."""
    book.cells.append(nbformat.v4.new_code_cell(LOOK))
    began = time.perf_counter()
    done = run(book)
    return time.perf_counter() - began, int(done.cells[-1].outputs[-1].text.split()[-1])


def main(arguments=None):
    """Prints a line for each notebook; 0 when every bound is kept."""
    files = {file.stem[:2]: file for file in sorted((ROOT / "notebooks").glob("*.ipynb"))}
    parser = argparse.ArgumentParser(prog="convlab bench notebooks", description="Measures what notebooks cost.")
    parser.add_argument("--quick", action="store_true", help="the first lesson alone")
    parser.add_argument("--only", action="append", choices=files, help="this lesson alone")
    options = parser.parse_args(arguments)
    wanted = options.only or list(files)[: 1 if options.quick else None]
    _, bare = cost(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import torch")]))
    print(f"a kernel that imported torch alone: {bare / MIB:.0f} MiB")
    kept, total_s = True, 0.0
    for lesson in wanted:
        book = read(files[lesson])
        most, (seconds, size) = most_memory(book), cost(book)
        more = (size - bare) / MIB
        kept, total_s = kept and more <= most, total_s + seconds
        words = "kept" if more <= most else "MISSED"
        print(f"{files[lesson].stem:34}{seconds:7.1f} s {more:+7.0f} MiB   (bound {most} MiB) {words}", flush=True)
    if len(wanted) == len(files):
        kept &= total_s <= MOST_S
        print(f"{'all of them':34}{total_s:7.1f} s   (bound {MOST_S} s) {'kept' if total_s <= MOST_S else 'MISSED'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
