"""Lesson 06: what people type is named, and a line is what it is."""

import re

import pytest

from convlab.mistakes import MISTAKES
from convlab.questions import ids
from tests.unit.by_lesson import SEEDS, made

TICKED = [id for id in ids("06") if made(id, 0).kind == "choices" and id != "what-counts"]  # there the numbers decide


def test_every_wrong_count_that_a_model_predicts_is_named_when_it_is_typed():
    named = set()
    for seed in SEEDS:
        question = made("count-parameters", seed)
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
        question = made(id, seed)
        named = {slip.mistakes[0] for slip in question.slips}
        assert named >= {"M32", "M33", "M159", "M103"}
        for slip in question.slips:
            assert question.grade(f" {slip.answer:.2f} ").mistakes == slip.mistakes, (seed, slip)


@pytest.mark.parametrize("id", TICKED)
def test_a_line_to_be_ticked_is_what_it_is_in_every_question(id):
    lines = {}
    for question in (made(id, seed) for seed in range(60)):
        for option in question.options:
            plain = re.sub(r"\b(conv|layer|first|left|right|a|b|old|new)\b", "", option)
            lines.setdefault(plain, set()).add(option in question.answer)
    assert len(lines) > len(made(id, 0).options)
    assert all(len(truths) == 1 for truths in lines.values())
