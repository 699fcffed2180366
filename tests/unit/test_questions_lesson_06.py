"""Lesson 06: what people type is named, no square hides a swap, no pattern tells an answer, the sums are true."""

import os
import re

import pytest

from convlab.mistakes import MISTAKES
from convlab.mistakes.filters import FILTERS
from convlab.questions import ids, make
from tests.unit.test_questions_lesson_04 import checked

SEEDS = range(200 if os.environ.get("CONVLAB_FULL") else 20)
EACH = pytest.mark.parametrize("id", ids("06"))
TICKED = [id for id in ids("06") if make(id, 0).kind == "choices"]


def test_every_wrong_count_that_a_model_predicts_is_named_when_it_is_typed():
    named = set()
    for seed in SEEDS:
        question = make("count-parameters", seed)
        for mistake in MISTAKES.values():
            if mistake.lesson != "06" or "count" not in mistake.models or mistake.id == "M33":  # as M34, or unlikely
                continue
            for count in mistake.models["count"](question.spec, question.input_shape):
                if count == question.answer:
                    continue
                verdict = question.grade(str(count))
                assert mistake.family & set(verdict.mistakes), (question, mistake.id, count, verdict)
                named.add(mistake.id)
    assert named >= {"M34", "M35", "M36", "M37", "M38", "M41"}


@pytest.mark.parametrize("id", ["channel-sum", "pixel-value"])
def test_the_typed_values_of_the_lesson_are_named(id):
    for seed in SEEDS:
        question = make(id, seed)
        named = {slip.mistakes[0] for slip in question.slips}
        assert named >= {"M32", "M33", "M159", "M103"}
        for slip in question.slips:
            assert question.grade(f" {slip.answer:.2f} ").mistakes == slip.mistakes, (seed, slip)


def test_the_mistakes_of_the_lesson_say_what_is_so_and_what_is_not():
    assert [it.id for it in FILTERS] == [f"M{number}" for number in range(158, 165)]
    assert all(it.lesson == "06" and it.facts for it in FILTERS)


@EACH
def test_no_square_can_hide_a_swapped_axis(id):
    for seed in SEEDS:
        question = make(id, seed)
        shown = question.prompt + "".join(block.get("code", "") for block in question.figure)
        for C_in, C_out in re.findall(r"nn\.Conv2d\((\d+), (\d+)", shown):
            assert C_in != C_out, (id, seed, shown)
        for kH, kW in re.findall(r"kernel_size=\((\d+), (\d+)\)", shown):
            assert kH != kW, (id, seed, shown)
        assert not re.search(r"kernel_size=[2-9]", shown), (id, seed)
        for shape in re.findall(r"shape (\(\d[\d, ]*\))", question.prompt):
            *_, H, W = eval(shape)
            assert H != W, (id, seed, shape)
        for block in question.figure:
            values = block.get("values")
            assert not values or len(values) != len(values[0]) or len(values) == 1, (id, seed)


@EACH
def test_every_sum_that_the_words_write_out_is_true(id):
    for seed in SEEDS:
        question = make(id, seed)
        lines = [slip.line for slip in (*question.slips, *question.per_option.values())]
        count = sum(map(checked, (*question.steps, *lines, question.because, question.hint)))
        assert count or id in WITHOUT_SUMS, id


WITHOUT_SUMS = (
    "muted-channel",
    "bias-grows",
    "what-counts",
    "myth-one-by-one",
    "per-pixel-linear",
    "colour-to-grey",
    "set-weight",
    "weight-errors",
    "shared-weight",
    "still-trained",
    "gabor-expression",
    "orientations",
    "bank-claims",
)


@pytest.mark.parametrize("id", TICKED)
def test_how_many_are_to_be_ticked_and_which_is_not_always_the_same(id):
    questions = [make(id, seed) for seed in range(60)]
    if id == "what-counts":  # its numbers change, and what a count follows from does not
        return
    assert len({len(question.answer) for question in questions}) > 1
    lines = {}
    for question in questions:
        for option in question.options:
            plain = re.sub(r"\b(conv|layer|first|left|right|a|b|old|new)\b", "", option)
            lines.setdefault(plain, set()).add(option in question.answer)
    assert len(lines) > len(questions[0].options)
    assert all(len(truths) == 1 for truths in lines.values())  # and yet each line is what it is


def test_true_and_false_of_the_one_by_one_come_about_as_often():
    holds = [make("myth-one-by-one", seed).answer for seed in range(100)]
    assert 30 < sum(holds) < 70


def test_numbers_and_layers_are_never_the_same_twice_in_a_row():
    for id in ids("06"):
        pages = [str(make(id, seed)) for seed in range(12)]
        assert len(set(pages)) >= 9, id
