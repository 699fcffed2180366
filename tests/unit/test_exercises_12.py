"""Lesson 12's exercises: other styles are right, what a slip says of itself is what is found, the words are true."""

import os
import re

import numpy as np
import pytest
import torch
from torch import nn

from convlab import exercise, store
from convlab.exercises import get
from convlab.exercises.lesson_12 import handed_in, own_design
from convlab.exercises.lesson_12.letters import figures_in
from convlab.exercises.lesson_12.words import confusion_words
from convlab.layers.capstone import History, strided, trained
from tests.unit.styles_12 import OwnModule

FULL = os.environ.get("CONVLAB_FULL") == "1"
DESIGN, SPLIT, CHOOSE, JUDGE = map(get, ("12.design", "12.split", "12.choose", "12.judge"))


class Patient:
    """A long time-out, so that a busy machine fails no test."""

    timeout_s = 90.0


def check(exercise, function, seed=1):
    return type("Patiently", (Patient, type(exercise)), {})().check(function, seed=seed)


# ---------------------------------------------------------------- what is declared is what is found


@pytest.mark.slow
@pytest.mark.parametrize("exercise", [DESIGN, JUDGE], ids=lambda exercise: exercise.id)
def test_a_slip_that_knows_what_comes_of_it_tells_the_truth(exercise):
    """Naming a slip does not run it: so what it says of itself is compared here with what is found."""
    for slip in exercise.slips:
        for program in slip.programs if FULL else slip.programs[:1]:
            for case in exercise.cases(3):
                found = exercise.value(case, case.then(program()))
                assert np.array_equal(found, exercise.value(case, program.outcome(case))), (slip.name, program.__name__)


def test_the_layer_that_breaks_a_bound_is_named_with_the_numbers():
    def wide():
        return nn.Sequential(nn.Conv2d(1, 40, (5, 3)), nn.ReLU(), nn.MaxPool2d(12), nn.Flatten(), nn.Linear(160, 10))

    message = check(DESIGN, wide).message
    macs = 40 * 15 * 24 * 26 + 1600
    assert f"{macs:,} multiply-adds a picture, {macs - 300_000:,} over the bound of 300,000" in message
    assert f"{40 * 15 * 24 * 26:,} of them in `0: Conv2d`, Conv2d(1, 40, kernel_size=(5, 3))" in message


@pytest.mark.parametrize(
    ("came", "words"),
    [
        (lambda: OwnModule, "the class OwnModule came back.* OwnModule()"),
        (lambda: [nn.Flatten(), nn.Linear(784, 10)], r"nn.Sequential\(\*layers\)"),
        (lambda: torch.zeros(3), "a Tensor came back; expected an nn.Module"),
        (lambda: None, "returned None|came back"),
    ],
)
def test_what_is_no_network_is_told_what_one_is(came, words):
    verdict = check(DESIGN, came)
    assert not verdict and (re.search(words, verdict.message) or verdict.outcome == "not_attempted")


@pytest.mark.parametrize(
    ("came", "words"),
    [
        (lambda labels, held_out, seed: torch.zeros(3), "3 things came back; expected two"),
        (lambda labels, held_out, seed: (torch.rand(4), torch.rand(4)), "expected a row of whole numbers"),
        (lambda labels, held_out, seed: (labels > 3, labels < 4), "a mask of True and False"),
        (lambda labels, held_out, seed: print("no"), "returned None"),
    ],
)
def test_what_are_no_parts_is_told_what_they_are(came, words):
    assert re.search(words, check(SPLIT, came).message)


@pytest.mark.parametrize(
    ("came", "words"),
    [
        (lambda histories: "a", "expected two things"),
        (lambda histories: (0, next(iter(histories))), "They are exchanged"),
        (lambda histories: (next(iter(histories)), 0.5), "a whole number"),
        (lambda histories: (next(iter(histories)), 99), "does not exist; its last is"),
    ],
)
def test_what_is_no_choice_is_told_what_one_is(came, words):
    assert re.search(words, check(CHOOSE, came).message)


# ---------------------------------------------------------------- the judge


def test_the_judge_counts_as_torch_does_and_says_which_digits_are_taken_for_which():
    case = JUDGE.cases(1)[0]
    figures = figures_in(case.then((trained("pooled"), History((0.5,), (0.9,)))), len(handed_in.FLAGS))
    images, labels = handed_in.digits_of("test")
    with torch.no_grad():
        said = trained("pooled")(torch.from_numpy(images) / 255).argmax(1)
    assert figures["right"] == (said == torch.from_numpy(labels)).sum().item() and figures["of"] == 1000
    table = np.array(figures["confusion"])
    assert (table.sum(1) == np.bincount(labels)).all() and np.trace(table) == figures["right"]
    assert figures["shares"] == [0.9] and figures["losses"] == [0.5]
    (row, column) = np.unravel_index((table * (1 - np.eye(10))).argmax(), (10, 10))
    assert f"a {row} is called {column} ({table[row, column]} time" in confusion_words(figures["confusion"])
    assert confusion_words(np.eye(10).astype(int).tolist()) == "No digit is taken for another."


@pytest.mark.parametrize("history", [3, "text", [2.0], {"a": 1}, [0.5, None]])
def test_a_history_that_is_none_is_told_so(history):
    verdict = check(JUDGE, lambda: (trained("pooled"), history))
    assert verdict.outcome == "wrong" and "istory" in verdict.message


def test_who_trains_inside_is_told_where_to_train():
    hurried = type("Hurried", (type(JUDGE),), {"timeout_s": 0.5})()

    def hand_in():
        while True:
            torch.zeros(3).sum()

    verdict = hurried.check(hand_in)
    assert verdict.outcome == "timeout" and "Train in a cell before" in verdict.message


def test_only_figures_are_kept_of_what_is_handed_in(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "progress.sqlite"))

    class SecretName(nn.Module):
        def __init__(self):
            super().__init__()
            self.secret_part = trained("separable")
            self.secret_last = nn.Identity()

        def forward(self, x):
            return self.secret_last(self.secret_part(x))

    net = SecretName().eval()
    assert exercise("12.judge").check(lambda: (net, History((1.0,), (0.9,) * 100))), "a long history"
    (kept,) = store.current().attempts(item="12.judge")
    assert "ecret" not in kept.answer and len(kept.answer) <= 4096
    assert kept.response["right"] > 960 and len(kept.response["layers"]) == 20 and len(kept.response["shares"]) == 100
    assert kept.response["layers"][0] == [
        "Conv2d(1, 16, kernel_size=(5, 3), stride=2, padding=(2, 1), bias=False)", [16, 14, 14], 240, 47040,
    ]  # fmt: skip


def test_a_layer_of_the_learners_own_is_kept_without_its_name():
    class SecretLayer(nn.Module):
        def forward(self, x):
            return x

    case = DESIGN.cases(1)[0]
    row = case.then(nn.Sequential(SecretLayer(), *strided()))
    kept = figures_in(row, len(own_design.FLAGS))["rows"]
    assert kept[0][0] == "a layer of your own" and not any("Secret" in it[0] for it in kept)
