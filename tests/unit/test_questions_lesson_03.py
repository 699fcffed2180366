"""Lesson 03: torch judges every answer, no square hides a swap, every message is PyTorch's own, every sum is true."""

import os
import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convlab.mistakes import MISTAKES
from convlab.questions import ids, make
from convlab.questions import test as ten_questions
from tests.unit import judges_03
from tests.unit.pages import Page
from tests.unit.test_questions_lesson_04 import checked

SEEDS = range(200 if os.environ.get("CONVLAB_FULL") else 20)
EACH = pytest.mark.parametrize("id", ids("03"))
OWN = [id for id, mistake in MISTAKES.items() if mistake.lesson == "03"]


@EACH
def test_torch_gives_the_same_answer_from_the_page_alone(id):
    judge = getattr(judges_03, id.replace("-", "_"))
    for seed in SEEDS:
        question = make(id, seed)
        assert judge(Page(question)) == question.answer, (id, seed)


def test_every_mistake_of_the_lesson_is_met_in_two_questions_or_more():
    met = {id: {name for name in ids("03") for seed in range(3) if id in make(name, seed).mistakes} for id in OWN}
    assert {id: names for id, names in met.items() if len(names) < 2} == {}
    assert set("M23 M24 M28 M29 M30 M31 M42 M43 M90 M91 M100".split()) <= set(OWN)


def test_the_lesson_has_enough_questions_of_every_level_and_kind():
    questions = [make(id, 0) for id in ids("03")]
    count = [sum(question.level == level for question in questions) for level in ("easy", "medium", "hard")]
    assert len(questions) >= 18 and count[0] >= 5 and count[1] >= 5 and count[2] >= 2
    assert len({question.kind for question in questions}) == 7
    assert len({question.formula for question in questions}) == len(questions)


@EACH
def test_no_square_can_hide_a_swapped_axis(id):
    for seed in SEEDS:
        question = make(id, seed)
        shown = question.prompt + "".join(block.get("code", "") for block in question.figure)
        for sizes in re.findall(r"kernel_size=(\(\d+, \d+\)|\d+)", shown):
            assert sizes.startswith("(") and len(set(eval(sizes))) == 2, (id, seed, sizes)
        for C_in, C_out in re.findall(r"Conv2d\((\d+), (\d+)", shown):
            assert C_in != C_out, (id, seed, C_in)
        for H, W in re.findall(r"\b(\d+) x (\d+)\b", question.prompt):
            assert H != W, (id, seed, H)
        if question.kind == "shape" and len(question.answer) > 1:
            assert question.answer[-1] != question.answer[-2], (id, seed, question.answer)


@EACH
def test_every_sum_that_the_words_write_out_is_true(id):
    for seed in SEEDS:
        question = make(id, seed)
        lines = [slip.line for slip in (*question.slips, *question.per_option.values())]
        for text in (*question.steps, *lines, question.because, question.hint):
            checked(text)


def test_the_puzzle_of_the_two_shapes_is_that_of_the_lesson():
    """(4, 3, 3) is the output of (3, 5, 4) alone."""
    layer = nn.Conv2d(3, 4, kernel_size=(3, 2))
    given = {(3, 5, 4): (4, 3, 3), (3, 5, 5): (4, 3, 4), (3, 28, 28): (4, 26, 27)}
    assert {shape: tuple(layer(torch.zeros(shape)).shape) for shape in given} == given
    for seed in SEEDS:
        question = make("other-input", seed)
        (small, first), (kH, kW) = judges_03.shapes_in(Page(question))[:2], question.spec.kernel_size
        assert small[1:] == (2 * kH - 1, kH + kW - 1) and first[1:] == (kH, kH)
        assert question.grade(first).mistakes == ("M23",)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.Conv2d(3, 16, kernel=3), "unexpected keyword argument 'kernel'"),
        (lambda: nn.Conv2d(input=3, output=16, size=3), "unexpected keyword argument 'input'"),
        (lambda: torch.nn.conv2d, "module 'torch.nn' has no attribute 'conv2d'"),
        (lambda: F.Conv2d, "module 'torch.nn.functional' has no attribute 'Conv2d'"),
        (lambda: F.conv2d(torch.zeros(1, 3, 9, 8), 3, 16, kernel_size=3), "invalid combination of arguments"),
        (lambda: nn.Conv2d(torch.zeros(1, 3, 9, 8), 16, kernel_size=3), "Boolean value of Tensor"),
    ],
)
def test_the_calls_of_the_wrong_options_are_refused_as_the_lines_say(call, message):
    with pytest.raises((TypeError, AttributeError, RuntimeError), match=message):
        call()


def test_a_question_on_cells_never_asks_for_more_than_a_learner_would_click():
    for id in ids("03"):
        for seed in SEEDS:
            question = make(id, seed)
            assert question.kind != "cells" or 1 <= len(question.answer) <= 20


def test_the_test_of_the_lesson_is_made_of_its_own_questions():
    for seed in range(4):
        questions = ten_questions("03", seed)
        assert len({question.id for question in questions}) == 10
        assert {question.id for question in questions} <= set(ids("03"))


def test_a_page_with_one_number_changed_no_longer_agrees():
    page = Page(make("weight-shape", 2))
    page.prompt = re.sub(r"kernel_size=\((\d), ", lambda found: f"kernel_size=({int(found[1]) + 1}, ", page.prompt)
    assert judges_03.weight_shape(page) != make("weight-shape", 2).answer
