"""Node's own runner on the JavaScript that the widgets share, and the bundles that learners get."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.js.node import ROOT, run_node
from tests.js.torch_cases import write_cases

HERE = Path(__file__).parent
WIDGETS = ROOT / "convlab" / "widgets"
COUNT = 4000 if os.environ.get("CONVLAB_FULL") == "1" else 300
MOST_BYTES = 60_000


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    file = tmp_path_factory.mktemp("cases") / "cases.jsonl"
    write_cases(file, COUNT, seed=int(os.environ.get("CONVLAB_SEED", 0)))
    return file


@pytest.mark.parametrize("file", sorted(HERE.glob("*.test.js")), ids=lambda file: file.name)
def test_node_finds_nothing_wrong(file, cases):
    done = run_node("--test", file, CONVLAB_CASES=str(cases))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def by_hand(pythons):
    """What Node does with the cases where pytest did not write them: the finished process."""
    code = 'import { torchCases } from "./tests/js/cases.js"; '
    code += f"console.log(torchCases({json.dumps(pythons)}, 5).length)"
    return run_node("--input-type=module", "-e", code, CONVLAB_CASES="")


def test_by_hand_the_cases_are_written_by_the_first_python_that_has_torch():
    done = by_hand(["no-such-python", sys.executable])
    assert (done.returncode, done.stdout.strip()) == (0, "5"), done.stderr


def test_by_hand_without_torch_one_sentence_says_what_to_do():
    done = by_hand(["no-such-python"])
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("conv.js is tested against PyTorch") and len(done.stderr.splitlines()) == 1


def test_what_is_committed_is_what_the_sources_build():
    done = run_node("convlab/widgets/build.mjs", "--check")
    assert done.returncode == 0, done.stderr


def test_every_widget_sends_at_most_60_kb():
    sizes = {file.name: file.stat().st_size for file in (WIDGETS / "built").glob("*.js")}
    assert sizes, "no widget has been built"
    assert {name: size for name, size in sizes.items() if size > MOST_BYTES} == {}
