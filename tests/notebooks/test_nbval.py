"""nbval runs every notebook from a fresh kernel and compares what is stored; a corrupted output makes it fail."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import nbformat
import pytest

from tests.notebooks.normalise import ROOT, read
from tests.notebooks.spoil import SPOILED, pieces, spoiled

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FEWEST = 8  # stored outputs that are compared, a lesson


def nbval(file, own):
    """Runs nbval on a file; returns (exit status, {number of a code cell: its test case}, what it printed)."""
    report = own / f"{file.stem}.xml"
    command = [
        *(sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=300"),
        *("-p", "no:cacheprovider", "-p", "tests.notebooks.spoil", "-o", "addopts=", "-o", "junit_family=xunit1"),
        *(f"--rootdir={file.parent}", f"--junitxml={report}", str(file)),
    ]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "CONVLAB_DB": str(own / f"{file.stem}.sqlite"), "PYTHONPATH": path}
    done = subprocess.run(command, cwd=file.parent, env=environment, capture_output=True, text=True, encoding="utf8")
    cases = ElementTree.parse(report).iter("testcase") if report.exists() else ()
    return done.returncode, {int(case.get("name").split()[-1]): case for case in cases}, done.stdout[-6000:]


def failed(cases):
    return {number for number, case in cases.items() if case.find("failure") is not None}


def noticed(case):
    """How many corrupted pieces of a cell nbval noticed."""
    return sum(int(one.get("value")) for one in case.iter("property") if one.get("name") == SPOILED)


def code_cells(book):
    return [cell for cell in book.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_nbval_finds_what_is_stored_and_notices_every_piece_that_is_corrupted(file, tmp_path):
    status, cases, text = nbval(file, tmp_path)
    assert (status, failed(cases)) == (0, set()), text
    stored = [len(pieces(cell)) for cell in code_cells(read(file))]
    assert [noticed(cases[number]) for number in range(len(stored))] == stored
    assert sum(map(bool, stored)) >= FEWEST


def test_a_file_with_corrupted_outputs_fails_at_those_cells(tmp_path):
    """What the plugin finds for every piece, seen once for whole files."""
    book = read(NOTEBOOKS[0])
    touched = set()
    for number, cell in enumerate(code_cells(book)):
        if pieces(cell):
            cell.outputs = spoiled(cell.outputs, *pieces(cell)[-1])
            touched.add(number)
    copied = tmp_path / "corrupted.ipynb"
    nbformat.write(book, copied)
    _, cases, text = nbval(copied, tmp_path)
    assert failed(cases) == touched, text
