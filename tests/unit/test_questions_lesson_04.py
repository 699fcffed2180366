"""Lesson 04: the typed shape of every model is named, no square hides a swap, and what the words say is so."""

import os
import re

import pytest

from convlab.mistakes import MISTAKES
from convlab.questions import ids, make
from convlab.shapes import Conv2dSpec, ShapeError

SEEDS = range(200 if os.environ.get("CONVLAB_FULL") else 20)
EACH = pytest.mark.parametrize("id", ids("04"))
PAIR = re.compile(r"(kernel_size|stride|padding)=(\d+|\(\d+, \d+\))")


def met_so_far(predicts):
    return [mistake for mistake in MISTAKES.values() if mistake.lesson <= "04" and predicts in mistake.models]


def test_every_wrong_shape_that_a_model_predicts_is_named_when_it_is_typed():
    named = set()
    for seed in SEEDS:
        question = make("output-size", seed)
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
    question = make("output-size", seed=7)
    assert question.kind == "shape" and question.lesson == "04"
    assert question.answer == question.spec.output_shape(question.input_shape)
    assert question.grade(question.answer)
    assert len({make("output-size", seed).answer for seed in range(200)}) > 150


@EACH
def test_no_square_can_hide_a_swapped_axis(id):
    for seed in SEEDS:
        question = make(id, seed)
        shown = question.prompt + "".join(block.get("code", "") for block in question.figure)
        for _, value in PAIR.findall(shown.replace("nn.MaxPool2d(2)", "")):
            if value.startswith("("):
                assert len(set(eval(value))) == 2, (id, seed, value)
        assert not re.search(r"kernel_size=\d", shown), (id, seed)
        for H, W in re.findall(r"\b(\d+) x (\d+)\b", question.prompt):
            assert H != W, (id, seed, H)
        for shape in re.findall(r"shapes? (\(\d[\d, ]*\))", question.prompt):
            *_, H, W = eval(shape)
            assert H != W, (id, seed, shape)
        if question.kind == "shape":
            assert question.answer[-1] != question.answer[-2], (id, seed, question.answer)
        if question.spec:
            assert question.spec.kernel_size[0] != question.spec.kernel_size[1]
            assert question.input_shape[-1] != question.input_shape[-2]


SUM = re.compile(r"-?\(?\d[\d+*/() -]*(?: = -?\(?\d[\d+*/() -]*)+")


def sums_in(text):
    """The chains of equals signs between numbers in a text; a list of sums apart by commas is left out."""
    return [chain.rstrip(" -(") for chain in SUM.findall(re.sub(r"\([^()]*,[^()]*\)", "()", text))]


def checked(text):
    """How many sums stand in a text; each has to be true."""
    sums = [chain for chain in sums_in(text) if chain.count("(") == chain.count(")")]
    for chain in sums:
        assert len({eval(part) for part in chain.split("=")}) == 1, text
    return len(sums)


@EACH
def test_every_sum_that_the_words_write_out_is_true(id):
    count = 0
    for seed in SEEDS:
        question = make(id, seed)
        lines = [slip.line for slip in (*question.slips, *question.per_option.values())]
        count += sum(map(checked, (*question.steps, *lines, question.because, question.hint)))
    assert count > 0 or id in WITHOUT_SUMS, id


WITHOUT_SUMS = ("pad-first", "same-stride", "stride-skips", "unread-cells", "padding-only")


def test_a_false_sum_would_be_found():
    assert checked("Height: (15 + 2*1 - 4) // 2 + 1 = 13 // 2 + 1 = 7. Width: 9 - 3 + 1 = 7.") == 2
    with pytest.raises(AssertionError):
        checked("Height: (15 + 2*1 - 4) // 2 + 1 = 8.")


@EACH
def test_what_is_said_to_be_refused_is_refused(id):
    """Each layer that a prompt writes out can be made, but for those the question says PyTorch refuses."""
    for seed in SEEDS:
        question = make(id, seed)
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
        question = make("big-padding", seed)
        rows[re.search(r"`(.*)` gets an input of shape (.*)\. What", question.prompt).groups()] = question.answer
    found = [answer for (layer, shape), answer in rows.items()
             if "(3, 2), stride=2, padding=3" in layer and shape.startswith("(1, 3, 28,")]  # fmt: skip
    assert found and all(answer.startswith("it runs: the output is 16 x ") for answer in found)


def test_a_question_on_cells_never_asks_for_more_than_a_learner_would_click():
    for id in ids("04"):
        for seed in SEEDS:
            question = make(id, seed)
            assert question.kind != "cells" or 1 <= len(question.answer) <= 20
