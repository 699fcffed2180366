"""Lesson 12's exercises: other styles are right, what a slip says of itself is what is found, the words are true."""

import os
import random
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
from convlab.exercises.sentences import known_error
from convlab.layers.capstone import History, block, pooled, separable, strided, trained

DESIGN, SPLIT, CHOOSE, JUDGE = map(get, ("12.design", "12.split", "12.choose", "12.judge"))
SEEDS = range(5 if os.environ.get("CONVLAB_FULL") else 1)


class Patient:
    """A long time-out, so that a busy machine fails no test."""

    timeout_s = 90.0


def check(exercise, function, seed=1):
    return type("Patiently", (Patient, type(exercise)), {})().check(function, seed=seed)


# ---------------------------------------------------------------- other styles


class OwnModule(nn.Module):
    """A residual block and the mean of each map, in a class."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(*block(1, 8, (5, 3), 2))
        self.inner = nn.Sequential(*block(8, 8, (3, 5)), nn.Conv2d(8, 8, (1, 3), padding=(0, 1), bias=False))
        self.down, self.fc = nn.Sequential(*block(8, 32, (3, 3), 2)), nn.Linear(32, 10)

    def forward(self, x):
        x = self.stem(x)
        x = self.down(nn.functional.max_pool2d((x + self.inner(x)).relu(), 2))
        return self.fc(x.mean((2, 3)))


def in_a_module_list():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stages = nn.ModuleList(nn.Conv2d(i, o, (3, 5), 2, (1, 2)) for i, o in ((1, 10), (10, 16), (16, 24)))
            self.head = nn.Conv2d(24, 10, 4)

        def forward(self, x):
            for stage in self.stages:
                x = nn.functional.gelu(stage(x))
            return self.head(x).view(x.shape[0], 10)

    return Net()


def small_dense():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 24), nn.Tanh(), nn.Linear(24, 10))


def with_dropout():
    return nn.Sequential(
        *strided()[:9], nn.Dropout2d(0.2), nn.AdaptiveAvgPool2d((2, 1)), nn.Flatten(), nn.Linear(64, 10)
    )


def by_lists(labels, held_out, seed):
    order = list(range(len(labels)))
    random.Random(seed).shuffle(order)
    return order[:-held_out], order[-held_out:]


def by_numpy(labels, held_out, seed):
    order = np.random.default_rng(seed).permutation(len(labels))
    return np.sort(order[held_out:]), order[:held_out]


def by_mask(labels, held_out, seed):
    torch.manual_seed(seed)
    held = torch.zeros(len(labels), dtype=torch.bool)
    held[torch.randperm(len(labels))[:held_out]] = True
    return (~held).nonzero().flatten(), held.nonzero().flatten()


def class_by_class(labels, held_out, seed):
    rng, held = np.random.default_rng(seed), []
    labels = np.asarray(labels)
    for digit in range(10):
        held += rng.permutation(np.flatnonzero(labels == digit))[: held_out // 10].tolist()
    rest = rng.permutation(np.setdiff1d(np.arange(len(labels)), held))
    held += rest[: held_out - len(held)].tolist()
    return set(range(len(labels))) - set(held), held


def sorted_places(histories):
    found = [(share, name, epoch) for name, it in histories.items() for epoch, share in enumerate(it["held"])]
    return sorted(found, key=lambda it: it[0], reverse=True)[0][1:]


def with_argmax(histories):
    best = {name: int(np.argmax(it["held"])) for name, it in histories.items()}
    name = max(best, key=lambda name: histories[name]["held"][best[name]])
    return [name, np.int64(best[name])]


def in_tensors(histories):
    name = max(histories, key=lambda name: torch.tensor(histories[name]["held"]).max())
    return name, torch.tensor(histories[name]["held"]).argmax()


STYLES = {
    DESIGN: (pooled, separable, OwnModule, in_a_module_list, small_dense, with_dropout),
    SPLIT: (by_lists, by_numpy, by_mask, class_by_class),
    CHOOSE: (sorted_places, with_argmax, in_tensors),
    JUDGE: (lambda: trained("pooled"), lambda: (trained("strided"), [0.9, 0.97]), lambda: [trained("pooled"), (0.5,)]),
}


@pytest.mark.parametrize("exercise", STYLES, ids=lambda exercise: exercise.id)
def test_right_solutions_in_other_styles_are_right(exercise):
    for style in STYLES[exercise]:
        for seed in SEEDS:
            verdict = check(exercise, style, seed)
            assert verdict, f"{style.__name__}: {verdict}"


@pytest.mark.parametrize("exercise", [DESIGN, CHOOSE, SPLIT], ids=lambda exercise: exercise.id)
def test_without_fork_the_same_is_judged_in_a_thread(exercise):
    threaded = type("Threaded", (Patient, type(exercise)), {"forked": False})()
    assert threaded.check(STYLES[exercise][0], seed=1)
    assert threaded.check(exercise.slips[0].function, seed=1).message.startswith(exercise.slips[0].says)


# ---------------------------------------------------------------- what is declared is what is found


@pytest.mark.parametrize("exercise", [DESIGN, JUDGE], ids=lambda exercise: exercise.id)
def test_a_slip_that_knows_what_comes_of_it_tells_the_truth(exercise):
    """Naming a slip does not run it: so what it says of itself is compared here with what is found."""
    for slip in exercise.slips:
        for program in slip.programs:
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


# ---------------------------------------------------------------- help with errors

PROVOKED = {
    DESIGN: (
        lambda: nn.Linear(288, 10)(torch.zeros(1, 512)),
        lambda: nn.Conv2d(3, 6, (3, 5))(torch.zeros(1, 1, 28, 28)),
        lambda: nn.Conv2d(4, 4, (3, 5))(torch.zeros(1, 4, 2, 2)),
        lambda: nn.MaxPool2d(2)(torch.zeros(1, 16, 1, 1)),
        lambda: nn.Sequential([nn.ReLU()]),
    ),
    SPLIT: (
        lambda: torch.randperm(torch.zeros(3)),
        lambda: torch.Generator().manual_seed(),
        lambda: [1, 2, 3][: float("0.5")],
        lambda: [1, 2].shape,
    ),
    CHOOSE: (
        lambda: "a".__getitem__("held"),
        lambda: {"held": 1}["validation"],
        lambda: [0.5] > 0.5,
        lambda: [0.5].argmax(),
        lambda: (lambda pair: [a for a, b in pair])(["abc"]),
    ),
    JUDGE: (lambda: (1, 2)[5], lambda: None.eval(), lambda: History((1.0,), (0.5,))()),
}  # fmt: skip


@pytest.mark.parametrize("exercise", PROVOKED, ids=lambda exercise: exercise.id)
def test_the_help_with_errors_quotes_what_is_really_printed(exercise):
    for provoke in PROVOKED[exercise]:
        with pytest.raises(Exception) as raised:
            provoke()
        message = f"{type(raised.value).__name__}: {raised.value}"
        assert known_error(exercise.errors, message), f"not in the list: {message}"
