"""nbval runs every notebook from a fresh kernel and compares what is stored; a corrupted output makes it fail."""

import copy
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import nbformat
import pytest

from tests.notebooks.normalise import ROOT, UNRUN, read, tags_of

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FULL = os.environ.get("CONVLAB_FULL") == "1"
FEWEST = 8  # stored outputs that are compared, a lesson
NOT_COMPARED = {"image/png", "application/vnd.jupyter.widget-view+json"}  # nbval skips them


def nbval(file, own):
    """Runs nbval on a file; returns (exit status, numbers of the code cells that failed, what it printed)."""
    report = own / f"{file.stem}.xml"
    command = [
        *(sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=300"),
        *("-p", "no:cacheprovider", "-o", "addopts=", f"--rootdir={file.parent}", f"--junitxml={report}", str(file)),
    ]
    environment = {**os.environ, "CONVLAB_DB": str(own / f"{file.stem}.sqlite")}
    done = subprocess.run(command, cwd=file.parent, env=environment, capture_output=True, text=True, encoding="utf8")
    cases = ElementTree.parse(report).iter("testcase") if report.exists() else ()
    failed = {int(case.get("name").split()[-1]) for case in cases if case.find("failure") is not None}
    return done.returncode, failed, done.stdout[-6000:]


def pieces(cell):
    """Every piece of a cell's stored outputs that nbval compares: functions that corrupt it in a copy."""
    if tags_of(cell) & (UNRUN | {"nbval-ignore-output"}):
        return []
    found = []
    for number, output in enumerate(cell.outputs):
        if output.output_type == "stream":
            found.append((number, "text"))
        elif output.output_type == "error":
            found.append((number, "evalue"))
        else:
            found += [(number, mime) for mime in output.data if mime not in NOT_COMPARED]
    return found


def corrupt(output, key):
    """Changes one character of one piece of an output."""
    holder = output if key in ("text", "evalue") else output.data
    text = holder[key]
    middle = len(text) // 2
    holder[key] = text[:middle] + ("x" if text[middle : middle + 1] != "x" else "y") + text[middle + 1 :]


def corrupted(book, number):
    """A copy with the number-th piece of every cell corrupted, and the numbers of the code cells that have one."""
    book = copy.deepcopy(book)
    touched = set()
    for place, cell in enumerate(cell for cell in book.cells if cell.cell_type == "code"):
        found = pieces(cell)
        if number < len(found):
            output, key = found[number]
            corrupt(cell.outputs[output], key)
            touched.add(place)
    return book, touched


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_nbval_finds_what_is_stored(file, tmp_path):
    status, failed, text = nbval(file, tmp_path)
    assert (status, failed) == (0, set()), text
    book = read(file)
    assert sum(bool(pieces(cell)) for cell in book.cells if cell.cell_type == "code") >= FEWEST


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_corrupting_any_one_output_makes_it_fail(file, tmp_path):
    """In one run a piece of every cell is corrupted; the full test does so for every piece."""
    book = read(file)
    most = max(len(pieces(cell)) for cell in book.cells if cell.cell_type == "code")
    for number in range(most if FULL else 1):
        spoiled, touched = corrupted(book, number)
        copied = tmp_path / f"{file.stem}-{number}.ipynb"
        nbformat.write(spoiled, copied)
        _, failed, text = nbval(copied, tmp_path)
        assert failed == touched, text
