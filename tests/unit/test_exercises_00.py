"""00.first, the first check of all: a tuple, and a sentence for everything else that may come in its place."""

import os

import pytest
import torch
from torch import nn

from convlab.exercises import get, ids

SEEDS = range(50 if os.environ.get("CONVLAB_FULL") else 5)
FIRST = get("00.first")


def test_it_is_the_one_exercise_of_the_first_lesson_and_short():
    assert ids("00") == ["00.first"]
    assert FIRST.level == "easy" and FIRST.minutes <= 3 and FIRST.form == "tuple"


def test_the_expected_numbers_are_those_of_pytorch_and_nothing_is_square():
    for seed in SEEDS:
        for case in FIRST.cases(seed):
            H, W, kH, kW = case.arguments.values()
            answers = nn.Conv2d(1, 1, (kH, kW))(torch.zeros(1, 1, H, W))
            assert tuple(FIRST.expected(case)) == answers.shape[2:]
            assert H != W and kH != kW and answers.shape[2] != answers.shape[3]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mutant_of_the_right_type_differs_on_some_case_and_is_named(seed):
    for key, mutant in FIRST.mutants.items():
        verdict = FIRST.check(mutant, seed=seed)
        assert verdict.outcome == "wrong"
        assert verdict.mistakes == ((key,) if key.startswith("M") else ()), (key, verdict)
        slip = next(slip for slip in FIRST.slips if key in (*slip.mistakes, slip.name))
        assert verdict.message.startswith(slip.says)


def test_at_least_three_mutants_are_tuples_like_the_right_one():
    tuples = [key for key, mutant in FIRST.mutants.items() if isinstance(mutant(9, 12, 2, 5), tuple)]
    assert {"M01", "M02", "M21", "M102", "M107", "M118"} <= set(tuples)


def by_counting(H, W, kH, kW):
    rows = [i for i in range(H) if i + kH <= H]
    return len(rows), sum(1 for j in range(W) if j + kW <= W)


def by_torch(H, W, kH, kW):
    return nn.Conv2d(1, 1, (kH, kW))(torch.zeros(1, 1, H, W)).shape[2:]


def with_whole_floats(H, W, kH, kW):
    return float(H - kH + 1), W - (kW - 1)


@pytest.mark.parametrize("solution", [by_counting, by_torch, with_whole_floats])
def test_other_ways_to_a_tuple_are_right(solution):
    for seed in SEEDS:
        assert FIRST.check(solution, seed=seed).outcome == "right"


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (lambda h, w: None if h else w, "returned None; expected a tuple of 2 whole numbers. Its last line must be"),
        (lambda h, w: [h, w], "the numbers are right, but your function returned a list; expected a tuple"),
        (lambda h, w: torch.tensor([h, w]), "the numbers are right, but your function returned a Tensor; expected"),
        (lambda h, w: h + 2 * w, "returned one number, "),
        (lambda h, w: f"{h}, {w}", "returned a str; expected a tuple of 2 whole numbers."),
        (lambda h, w: (1, h, w), "Your tuple has 3 numbers; expected 2, (rows, columns)."),
        (lambda h, w: (h,), "Your tuple has 1 number; expected 2, (rows, columns)."),
        (lambda h, w: ((h, w), (h, w)), "Your tuple holds lists or tuples; expected 2 whole numbers, as in (3, 4)."),
        (lambda h, w: (h, "w"), "Your tuple holds something else than numbers; expected 2 whole numbers."),
        (lambda h, w: (h / 2 + 0.25, w), "expected whole numbers: places are counted. / gives fractions."),
        (lambda h, w: (number for number in (h, w)), "Your function is a generator; expected a tuple"),
    ],
)
def test_a_result_of_another_form_gets_its_own_sentence(result, sentence):
    verdict = FIRST.check(lambda H, W, kH, kW: result(H - kH + 1, W - kW + 1), seed=3)
    assert verdict.outcome == "wrong" and sentence in verdict.message, verdict


def test_a_wrong_argument_list_and_a_call_in_place_of_the_function_are_explained():
    assert FIRST.check(lambda H, W: (H, W)).message.endswith("it must take (H, W, kH, kW).")
    assert "write .check(places), with its name" in FIRST.check((3, 4)).message


def test_what_is_written_for_the_example_alone_is_found_out():
    assert "right on the example of the task and on no other case" in FIRST.check(lambda H, W, kH, kW: (3, 4)).message


def test_the_errors_quoted_in_help_are_what_python_prints():
    sources = {
        "NameError": "def places(H, W, kH, kW):\n    return rows, 4\nplaces(4, 6, 2, 3)",
        "TypeError: 'int'": "def places(H, W, kH, kW):\n    return (H - kH + 1)(W - kW + 1)\nplaces(4, 6, 2, 3)",
        "TypeError: places()": "def places(H, W, kH, kW):\n    return H - kH + 1, 4\nplaces(4, 6, 2)",
        "IndentationError": "def places(H, W, kH, kW):\nreturn H - kH + 1, 4",
    }
    quoted = [message for message, _, _ in FIRST.errors]
    assert len(quoted) == len(sources)
    for begins, source in sources.items():
        with pytest.raises((NameError, TypeError, SyntaxError)) as caught:
            exec(source, {})
        text = getattr(caught.value, "msg", None) or str(caught.value)
        (message,) = (message for message in quoted if message.startswith(begins))
        assert message == f"{type(caught.value).__name__}: {text}"


def test_the_picture_shows_where_the_window_can_start():
    verdict = FIRST.check(FIRST.mutants["M102"], seed=1)
    assert "4 x 6 pixels; 1 where the first pixel of a 2 x 3 window can lie\n1 1 1 1 0 0" in repr(verdict.figure)
