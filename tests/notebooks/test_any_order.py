"""Cells run in an order of chance: each works, or says in one sentence what it lacks."""

import json
import os
import subprocess
import sys

import pytest

from tests.notebooks.any_order import one_order
from tests.notebooks.normalise import ROOT

ORDERS = 20 if os.environ.get("CONVLAB_FULL") == "1" else 2
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_in_any_order_a_cell_works_or_says_what_it_lacks(file, tmp_path):
    env = {**os.environ, "CONVLAB_DB": str(tmp_path / "progress.sqlite")}
    command = [sys.executable, str(ROOT / "tests/notebooks/any_order.py"), str(file), str(ORDERS)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env)
    orders = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, len(orders)) == (0, ORDERS), done.stderr
    assert [found for _, found in orders] == [[]] * ORDERS


class Cell:
    """What a notebook has of a cell."""

    def __init__(self, id, source):
        self.id, self.source, self.metadata = id, source, {}


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("x = 3", []),
        ("later + 1", []),  # another cell makes it
        ("nobody + 1", ["no cell makes nobody"]),
        ("1 / 0", ["ZeroDivisionError: division by zero (<cell>:1)"]),
        ("from convlab import quiz\nquiz('77')", []),  # a refusal of ours
        ("[][1]", ["IndexError: list index out of range (<cell>:1)"]),
    ],
)
def test_what_is_unkind_is_found(source, says):
    cells = [Cell("one", source), Cell("two", "if False:\n    later = 1")]
    assert [said for _, said in one_order(cells, 0)] == says
