"""Answers as people type them, and everything else that may come: a verdict each, no exception."""

import os
import random
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from convlab.questions import KINDS, ids, make
from convlab.verdict import Verdict
from tests.unit.by_lesson import made

FULL = os.environ.get("CONVLAB_FULL")
JUNK = 5000 if FULL else 1000
EACH_JUNK = 5000 if FULL else 100
ONE_OF_A_KIND = {make(id, 2).kind: make(id, 2) for id in ids("02")}


class Hostile:
    """An object that raises whatever is asked of it."""

    def __getattr__(self, name):
        raise RuntimeError("leave me alone")

    __eq__ = __hash__ = __str__ = __repr__ = __len__ = __iter__ = __index__ = __float__ = __bool__ = (
        lambda self, *others: self.anything
    )


class BadText(str):
    """A text whose methods raise."""

    def strip(self, *_):
        raise ValueError("no")

    translate = strip


def nested(depth):
    inner = []
    for _ in range(depth):
        inner = [inner]
    return inner


@cache
def odd_things():
    """What nobody meant as an answer, made once: some of it is large."""
    itself = []
    itself.append(itself)
    return [
        float("nan"), float("inf"), -float("inf"), 1e308, 10**5000, -(10**400), 1j, Fraction(1, 3), b"12",
        bytearray(3),
        "x" * 1_000_000, "9" * 1_000_000, "(" * 5000, "1," * 3000, " " * 1_000_000, "\x00", "\ud800",
        "🙂", "١٢", "²", "１２", "1e999", "--3", "3-", "1/0", "0x1F", "1_000", "None", "nan", "true false",
        nested(50), nested(100_000), itself,
        {"a": 1}, {1, 2}, {(0, 0)}, frozenset([3]), [None], [[None, 1]], [[1]], [[1, 2, 3]], [[10**30, 0]],
        [float("nan")] * 4,
        [True, False], [[True, 1]], [0] * 1_000_000, range(3),
        object(), int, len, Hostile(),
        [Hostile()], BadText("12"), [BadText("a")], np.zeros((3, 3)), np.array(7), np.array("text"),
        np.float64("nan"),
        np.zeros(10**6), torch.tensor(7), torch.zeros(2, 2), torch.zeros(1, requires_grad=True).sum(),
        torch.empty(0), Exception("x"), ..., NotImplemented, memoryview(b"abc"), {"shape": [1, 2]}, "a" * 2001,
    ]  # fmt: skip


def random_junk(rng):
    """A value built by chance from the stuff of answers."""
    kind = rng.randrange(7)
    if kind == 0:
        return rng.choice([None, True, False, "", (), [], {}, 0, -1, 3, 10**18, -0.0, 2.5, float("nan")])
    if kind == 1:
        return "".join(rng.choice("0123456789 ,.;x×()[]-−+eE/`'\n\tabtrufls") for _ in range(rng.randrange(40)))
    if kind == 2:
        return "".join(chr(rng.choice([rng.randrange(32, 0xD800), rng.randrange(0xE000, 0x10FFFF)])) for _ in range(9))
    if kind == 3:
        return rng.uniform(-1e20, 1e20)
    if kind == 4:
        return [random_junk(rng) for _ in range(rng.randrange(5))]
    if kind == 5:
        return tuple(random_junk(rng) for _ in range(rng.randrange(5)))
    return [[rng.randrange(-2, 9), rng.randrange(-2, 9)] for _ in range(rng.randrange(8))]


def takes_junk(question, count):
    """Whether everything gets a verdict: the odd things, what can be read once only, and so much by chance."""
    rng = random.Random(question.id)
    for response in [*odd_things(), iter([1, 2]), (x for x in [1]), *(random_junk(rng) for _ in range(count))]:
        verdict = question.grade(response)
        assert isinstance(verdict, Verdict) and 0 < len(verdict.message) < 1500
        assert verdict.outcome in ("right", "wrong", "partial", "error", "not_attempted")


@pytest.mark.parametrize("id", ids())
def test_every_junk_response_gets_a_verdict(id):
    takes_junk(made(id, 2), EACH_JUNK)


@pytest.mark.parametrize("kind", KINDS)
def test_much_junk_gets_a_verdict_each(kind):
    takes_junk(ONE_OF_A_KIND[kind], JUNK)


@settings(max_examples=JUNK // 5, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=8))
def test_whatever_hypothesis_finds_gets_a_verdict(response):
    for question in ONE_OF_A_KIND.values():
        assert isinstance(question.grade(response), Verdict)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("empty", [None, "", "  \n ", [], (), {}, set()])
def test_nothing_answered_is_not_an_attempt(kind, empty):
    verdict = ONE_OF_A_KIND[kind].grade(empty)
    assert verdict.outcome == "not_attempted" and not verdict.mistakes


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_read_is_an_error_that_says_what_is_expected(kind):
    for unreadable in ("¿qué?", {"a": 1}, float("nan"), object(), b"12", "x" * 1_000_000, Hostile()):
        verdict = ONE_OF_A_KIND[kind].grade(unreadable)
        assert verdict.outcome == "error" and not verdict.mistakes
        assert " expected" in verdict.message and ":" in verdict.message and verdict.message.endswith(".")
        assert len(verdict.message) < 250 and "0x" not in verdict.message


def test_a_shape_of_the_wrong_length_is_explained():
    question = make("output-shape", 1)
    assert question.grade((1, 3, 4)).message == (
        "(1, 3, 4) has 3 numbers; a batched output has 4: (N, C_out, H_out, W_out)."
    )
    assert question.grade("7").message.startswith("(7,) has 1 number; a batched output has 4:")
    assert question.grade((1, 2, 3, 4, 5)).outcome == "wrong"


def test_a_shape_of_the_wrong_length_that_a_mistake_predicts_is_named():
    question = make("grey-batch", 1)
    N, _, H, W = question.answer
    assert question.grade(f"{N} x {H} x {W}").mistakes == ("M54",)


def test_a_typed_number_that_a_mistake_predicts_is_named_though_it_was_no_option():
    question = make("bias-value", 4)
    for slip in question.slips:
        assert question.grade(f" {slip.answer} ").mistakes == slip.mistakes


def test_a_fraction_may_be_rounded_to_two_decimals():
    question = next(
        question
        for question in (make("window-value", seed) for seed in range(99))
        if any(slip.mistakes == ("M106",) and slip.answer != int(slip.answer) for slip in question.slips)
    )
    (mean,) = (slip.answer for slip in question.slips if slip.mistakes == ("M106",))
    assert question.grade(f"{mean:.2f}").mistakes == ("M106",)
    assert question.grade(question.answer + 0.004).outcome == "wrong"


def test_a_wrong_number_that_no_mistake_predicts_is_wrong_and_helped_on():
    question = make("window-value", 1)
    taken = {question.answer, *(slip.answer for slip in question.slips)}
    other = next(number for number in range(50, 90) if number not in taken)
    verdict = question.grade(other)
    assert verdict.outcome == "wrong" and verdict.mistakes == () and verdict.message.startswith(f"{other} is not it.")
    assert str(question.answer) not in verdict.message.split()


def test_some_right_cells_are_a_part_of_the_answer():
    question = make("cells-read", 1)
    assert question.grade(question.answer[:-1]).outcome == "partial"
    assert "1 is missing" in question.grade(question.answer[:-1]).message
    assert question.grade(question.answer[:1]).outcome == "wrong"


def test_a_cell_outside_the_grid_is_an_error_that_names_the_grid():
    question = make("cells-read", 1)
    H, W = question.options["shape"]
    verdict = question.grade([[H, 0]])
    assert verdict.outcome == "error" and f"rows 0 to {H - 1} and columns 0 to {W - 1}" in verdict.message


def test_an_order_that_leaves_out_an_entry_is_an_error():
    question = make("loop-order", 1)
    assert question.grade(question.answer[:3]).outcome == "error"
    assert "3 came" in question.grade(question.answer[:3]).message
    assert question.grade([0, 0, 1, 2]).outcome == "error"


def test_arrays_and_tensors_are_read_as_their_numbers():
    number, shape, cells = make("window-value", 1), make("output-shape", 1), make("cells-read", 1)
    for response in (np.int64(number.answer), np.array(number.answer), torch.tensor(number.answer)):
        assert number.grade(response)
    for response in (np.array(shape.answer), torch.Size(shape.answer), torch.tensor(shape.answer)):
        assert shape.grade(response)
    assert cells.grade(np.array(cells.answer)) and cells.grade({tuple(cell) for cell in cells.answer})


def test_grading_changes_nothing_in_the_response():
    response = [[1, 2], [0, 1]]
    make("cells-read", 1).grade(response)
    assert response == [[1, 2], [0, 1]]
