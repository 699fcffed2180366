"""The patients of lesson 11: the broken code is what their symptoms say, mended ones are right, however written."""

import os
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import signal
from torch import nn

from convlab.exercises import get, ids
from convlab.exercises.lesson_11.train_steps import backbone_and_head
from tests.unit.beginners_11 import PARTLY

SEEDS = range(50 if os.environ.get("CONVLAB_FULL") == "1" else 2)
NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("11-*.ipynb"))
NAMES = {"torch": torch, "F": F, "nn": nn}


@pytest.fixture(autouse=True)
def one_thread():
    """These networks are small: threads would wait for each other longer than they work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def names_of(code):
    names = dict(NAMES)
    exec(code, names)
    return names


# ---------------------------------------------------------------- the patients as they come


def learned(names):
    """The loss after 60 steps on one batch of stripes, rounded to halves."""
    torch.manual_seed(0)
    network, labels = names["Learner"](5), torch.arange(20) % 5
    stripes = torch.arange(16) % (labels[:, None] + 1) == 0
    pictures = torch.rand(20, 1, 12, 16) / 5 + 3 * stripes[:, None, None, :]
    for _ in range(60):
        network.learn(pictures, labels)
    return round(2 * F.cross_entropy(network(pictures), labels).item()) / 2


def moved_mean(names):
    backbone, head = backbone_and_head(1, (1, 3))
    network = names["Frozen"](backbone, head).train()
    before = backbone[3].running_mean.clone()
    network(torch.rand(4, 1, 7, 6))
    return not torch.equal(before, backbone[3].running_mean)


def copied(names):
    one, two = nn.Conv2d(1, 2, (5, 3)), nn.Conv2d(1, 2, (3, 5))
    names["copy_weight"](one, two)
    return repr(two)[:35], tuple(two.weight.shape), two.weight.data_ptr() == one.weight.data_ptr()


ASKED = {  # what is done to the broken code, and what comes of it: a part of the message, or the answer
    "11.channels": ("ColourNet()(torch.rand(1, 3, 20, 28))",
                    "expected input[1, 3, 20, 28] to have 1 channels, but got 3 channels instead"),
    "11.features": ("DigitNet((20, 30))(torch.rand(2, 1, 20, 30))",
                    "mat1 and mat2 shapes cannot be multiplied (2x702 and 936x10)"),
    "11.dtype": ("maps_of(torch.zeros(20, 28, 3, dtype=torch.uint8), nn.Conv2d(3, 4, (3, 5)))",
                 "Input type (unsigned char) and bias type (float) should be the same"),
    "11.too_small": ("SmallNet(10)(torch.rand(2, 1, 28, 28))",
                     "Calculated padded input size per channel: (4 x 5). Kernel size: (5 x 3)"),
    "11.batch_of_grey": ("GreyFilters()(torch.rand(3, 20, 28)).shape", (4, 18, 24)),
    "11.view": ("RowNet((20, 28))(torch.rand(2, 1, 20, 28)).shape", (8, 10)),
    "11.pairs": ("same_size(1, 4, (5, 3))(torch.rand(1, 1, 36, 28)).shape[2:]", (38, 26)),
    "11.downsample": ("Half(3, 4)(torch.rand(1, 3, 28, 22)), Half(3, 4)(torch.rand(1, 3, 27, 22))",
                      "The size of tensor a (14) must match the size of tensor b (13) at non-singleton dimension 2"),
    "11.kernel_from_scipy": ("like_scipy(torch.tensor([[1.0, 2, 4]]), torch.tensor([[1.0, 0, 0]])).tolist()",
                             [[0, 1, 2]]),
    "11.shared": (copied, ("Conv2d(1, 2, kernel_size=(3, 5), st", (2, 1, 5, 3), True)),
    "11.frozen": (moved_mean, True),
    "11.not_learning": (learned, 1.5),
}  # fmt: skip


@pytest.mark.parametrize("id", ids("11"))
def test_a_patient_is_short_and_shows_the_symptom_that_its_check_tells(id):
    asked, comes = ASKED[id]
    patient, names = get(id), names_of(get(id).broken)
    assert len([line for line in patient.broken.splitlines() if line.strip()]) <= 12
    if isinstance(comes, str):
        with pytest.raises(RuntimeError, match=re.escape(comes)):
            eval(asked, names)
        assert comes in patient.symptom
    else:
        assert (asked(names) if callable(asked) else eval(asked, names)) == comes
        assert not isinstance(asked, str) or str(tuple(comes)) in patient.symptom or id in UNQUOTED
    for code in (patient.broken, patient.stub):  # its imports may be in an earlier cell
        verdict = patient.check(names_of(code)[patient.reference.__name__])
        assert verdict.outcome == "not_attempted" and verdict.message == f"Nothing is mended yet. {patient.symptom}"


UNQUOTED = ("11.pairs", "11.kernel_from_scipy")  # told in other words


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_patient_stands_in_one_cell_of_the_notebook_as_it_is(path):
    cells = nbformat.read(path, as_version=4).cells
    given = [cell.source for cell in cells if "exercise" in cell.metadata.get("tags", [])]
    assert given == [get(id).broken for id in ids("11")]


def test_one_number_changed_is_an_attempt():
    """The code of a function is the same but for its constants; a class and a function."""
    for id, old, new in (
        ("11.features", "6 * 13 * 12", "6 * 9 * 13"),
        ("11.dtype", "reshape(1, C, H, W)", "reshape(-1, C, H, W)"),
    ):
        names = names_of(get(id).broken.replace(old, new))
        assert get(id).check(names[get(id).reference.__name__]).outcome in ("wrong", "error")


# ---------------------------------------------------------------- what is expected


@pytest.mark.parametrize("seed", SEEDS)
def test_the_expected_numbers_of_a_convolution_are_those_of_scipy(seed):
    for case in get("11.kernel_from_scipy").cases(seed):
        theirs = signal.convolve2d(*case.arguments.values(), mode="same")
        np.testing.assert_array_equal(get("11.kernel_from_scipy").expected(case), theirs)


def test_a_mended_network_learns_and_a_mended_backbone_stays():
    assert learned({"Learner": get("11.not_learning").reference}) <= 0.5
    assert not moved_mean({"Frozen": get("11.frozen").reference})


# ---------------------------------------------------------------- not quite mended


def test_what_is_right_but_for_something_missing_is_partly_right():
    for exercise, program, words in PARTLY:
        verdict = exercise.check(program, seed=2)
        assert verdict.outcome == "partial" and words in verdict.message, verdict


# ---------------------------------------------------------------- a sentence for everything


def changed(id, **methods):
    """The reference with other methods."""
    used = {"half": lambda self: self.training + 1}  # methods that do nothing are no attempt
    return type(get(id).reference.__name__, (get(id).reference,), used | methods)


def zeros(*arguments):
    return torch.zeros(2, 3)


def silent_where_shapes_differ(source, target):
    if source.weight.shape == target.weight.shape:
        target.weight.data.copy_(source.weight)


@pytest.mark.parametrize(
    ("id", "program", "sentence"),
    [
        ("11.channels", changed("11.channels", forward=lambda self, x: None), r"your forward gives nothing \(None\)"),
        ("11.channels", changed("11.channels", forward=lambda self, x: [x]), "your forward gives a list"),
        ("11.channels", changed("11.channels", forward=lambda self, x: x), r"shape \(1, 3, 20, 28\); expected \(1, 16"),
        ("11.channels", lambda: len("abc"), "what came back is of type int; expected an nn.Module"),
        ("11.dtype", lambda picture, conv: print(end=""), r"gave nothing \(None\)"),
        ("11.dtype", zeros, r"shape \(2, 3\); expected \(1, 2, 2, 4\)"),
        ("11.dtype", lambda picture, conv: conv(picture.permute(2, 0, 1) / 255), "a batch of one"),
        ("11.pairs", lambda *given: nn.Identity(), r"shape \(2, 1, 36, 28\); expected"),
        ("11.pairs", zeros, "what came back is of type Tensor"),
        ("11.kernel_from_scipy", lambda picture, kernel: print(end=""), r"gave nothing \(None\)"),
        ("11.kernel_from_scipy", zeros, "expected 1 x 3"),
        ("11.frozen", changed("11.frozen", forward=lambda self, x: self.backbone(x)), "expected what the head gives"),
        ("11.not_learning", changed("11.not_learning", learn=None), "no method `learn`"),
        ("11.not_learning", changed("11.not_learning", forward=lambda self, x: x), "expected a row of logits"),
        ("11.shared", lambda source, target: "refused".lower(), "other numbers than source's"),
        ("11.shared", silent_where_shapes_differ, "no error is raised; expected one"),
    ],
)
def test_what_is_of_another_kind_gets_its_own_sentence(id, program, sentence):
    verdict = get(id).check(program, seed=1)
    assert verdict.outcome == "wrong" and re.search(sentence, verdict.message), verdict


def test_an_error_in_the_learners_own_line_is_told_with_that_line():
    def copy_weight(source, target):
        target.weight.copy_(source.weight)

    verdict = get("11.shared").check(copy_weight, seed=1)
    assert verdict.outcome == "error" and "`target.weight.copy_(source.weight)`" in verdict.message
    assert "Put it inside `with torch.no_grad():`." in verdict.message


# ---------------------------------------------------------------- programs that do not behave


def endless(self, *given):
    while True:
        pass


def leaves(self, *given):
    os._exit(3)


@pytest.mark.slow
@pytest.mark.parametrize("id", ["11.channels", "11.shared", "11.not_learning"])
def test_a_patient_that_loops_or_ends_python_gets_a_verdict(id):
    hasty = type("Hasty", (type(get(id)),), {"timeout_s": 1.0})()
    state, grad = torch.get_rng_state(), torch.is_grad_enabled()
    for program, outcome in ((endless, "timeout"), (leaves, "error")):
        if hasty.made == "class":
            program = changed(id, **{"learn" if id == "11.not_learning" else "forward": program})
        assert hasty.check(program, seed=1).outcome == outcome
    assert torch.equal(state, torch.get_rng_state()) and torch.is_grad_enabled() == grad


def test_nothing_that_the_learner_draws_is_moved_and_patched_comparisons_change_nothing(monkeypatch):
    def patches(source, target):
        torch.equal = torch.allclose = lambda *given, **more: True
        target.weight.data = source.weight.data + 1

    before = torch.get_rng_state()
    assert not get("11.shared").check(patches, seed=1)
    for id in ids("11"):
        get(id).check(next(iter(get(id).mutants.values())), seed=1)
    assert torch.equal(before, torch.get_rng_state())
