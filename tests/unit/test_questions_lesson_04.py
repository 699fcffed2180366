"""Lesson 04: the typed shape of every model is named, and what is said to be refused is refused."""

import re

import pytest

from convlab.mistakes import MISTAKES
from convlab.questions import ids
from convlab.shapes import Conv2dSpec, ShapeError
from tests.unit.by_lesson import SEEDS, made

EACH = pytest.mark.parametrize("id", ids("04"))


def met_so_far(predicts):
    return [mistake for mistake in MISTAKES.values() if mistake.lesson <= "04" and predicts in mistake.models]


def test_every_wrong_shape_that_a_model_predicts_is_named_when_it_is_typed():
    named = set()
    for seed in SEEDS:
        question = made("output-size", seed)
        N, C_out = question.answer[:2]
        for mistake in met_so_far("size"):
            for size in mistake.models["size"](question.spec, question.input_shape):
                named |= named_in(question, mistake, (N, C_out, *size))
        for mistake in met_so_far("output_shape"):
            for shape in mistake.models["output_shape"](question.spec, question.input_shape):
                named |= named_in(question, mistake, shape)
    assert named >= {"M03", "M04", "M05", "M06", "M08", "M09", "M10", "M19", "M20", "M21", "M22", "M25"}


def named_in(question, mistake, shape):
    if tuple(shape) == question.answer:
        return set()
    verdict = question.grade("x".join(map(str, shape)))
    assert mistake.family & set(verdict.mistakes), (question, mistake.id, shape, verdict)
    return mistake.family


def test_the_endless_drill_is_the_fixed_name():
    question = made("output-size", seed=7)
    assert question.kind == "shape" and question.lesson == "04"
    assert question.answer == question.spec.output_shape(question.input_shape)
    assert question.grade(question.answer)
    assert len({made("output-size", seed).answer for seed in range(200)}) > 150


@EACH
def test_what_is_said_to_be_refused_is_refused(id):
    """Each layer that a prompt writes out can be made, but for those the question says PyTorch refuses."""
    for seed in SEEDS:
        question = made(id, seed)
        for call in re.findall(r"nn\.(Conv2d\([^`.?]*?\))(?=`|\n|$)", question.prompt):
            if re.search(r"\bp\b|\.\.\.", call):
                continue
            try:
                eval(call, {"Conv2d": Conv2dSpec})
                refused = False
            except ShapeError:
                refused = True
            assert refused == (id == "same-stride"), (id, seed, call)


def test_much_padding_runs_and_the_size_follows_the_formula():
    """28 rows, kernel 3, stride 2, padding 3 give 16: there is no error, and no growth."""
    rows = {}
    for seed in range(200):
        question = made("big-padding", seed)
        rows[re.search(r"`(.*)` gets an input of shape (.*)\. What", question.prompt).groups()] = question.answer
    found = [answer for (layer, shape), answer in rows.items()
             if "(3, 2), stride=2, padding=3" in layer and shape.startswith("(1, 3, 28,")]  # fmt: skip
    assert found and all(answer.startswith("it runs: the output is 16 x ") for answer in found)
