"""Nothing in a question is square: an answer with its two axes exchanged is another answer."""

import re

import pytest

from convlab.questions import ids
from tests.unit.by_lesson import LESSONS, SEEDS, made

ALLOWED = {  # which square -> a lesson, or the ids of questions, and why
    "a pair": {
        "fewer-better": "what is counted is the same however the kernel is turned",
        "keeps-size": "padding=(0, 0) is an option that adds nothing",
        "moved-cells": "a stride of (1, 1) is the case of no stride",
        "padding-runs": "whether PyTorch runs it is asked, and not what comes out",
        "how-many-fit": "a square kernel is one of the mends to judge",
        "hidden-kernel": "stride=(1, 1) is what the layer's repr prints",
    },
    "a kernel of one number": {
        "01": "the lesson is about the input; a pair as kernel_size comes with lesson 02",
        "pixel-value": "a kernel of 1 x 1 is what it asks about",
        "myth-one-by-one": "a kernel of 1 x 1 is what it asks about",
        "per-pixel-linear": "a kernel of 1 x 1 is what it asks about",
        "relu-value": "the second layer only takes the first one's sign",
        "grouped-value": "one number a channel leaves the channels to be thought about",
        "separable-count": "the pointwise layer has a kernel of 1 x 1",
        "separable-share": "the pointwise layer has a kernel of 1 x 1",
        "separable-macs": "the pointwise layer has a kernel of 1 x 1",
        "what-mixes": "the pointwise layer has a kernel of 1 x 1",
        "size-arrives": "the layer of 1 x 1 on the way is not the one that stops",
        "skip-sizes": "a skip is a layer of 1 x 1",
        "who-learns": "the head is a layer of 1 x 1",
    },
    "as many channels out as in": {
        "what-mixes": "whether channels meet is asked, and not how many there are",
        "skip-message": "what is added to a picture has as many channels",
    },
    "a size": {
        "kernel-grows": "the size of a spectrum is that of the padded picture, as it comes",
    },
    "an output": {
        "output-shape": "the kernel and the input differ; what is left may be square",
    },
    "a shape": {
        "other-input": "the square input is the one that most people think of first",
        "myth-output-size": "an output of two equal sizes is claimed",
        "product-macs": "the matrix of the columns may be as wide as it is high",
    },
    "a shape of four": {
        "pad-first": "F.pad takes the zeros of the four sides, not a shape",
        "message-mode": "F.pad takes the zeros of the four sides, not a shape",
        "how-many-fit": "F.pad takes the zeros of the four sides, not a shape",
        "im2col-order": "F.pad takes the zeros of the four sides, not a shape",
    },
    "a grid": {
        "which-edge": "the kernel of an edge is 3 x 3, and its turned twin is an option",
        "which-kernel": "which kernel it was is asked, and kernels and output are of one size",
        "pixel-value": "a kernel of 1 x 1 is what it asks about",
    },
    "the layer's own": {
        "three-grey": "a kernel of 1 x 1 keeps the size, which is not what is asked",
    },
}


def shown(question):
    """Prompt, code and options, as they stand on the page."""
    options = question.options if isinstance(question.options, list) else []
    return " ".join([question.prompt, *(block.get("code", "") for block in question.figure), *options])


def twice(pattern, text):
    """Where a pattern finds the same number for both of its groups."""
    return [(a, b) for a, b in re.findall(pattern, text) if a == b]


def channels(question):
    """But for one channel, and for a layer of as many groups, which have no other way."""
    found = re.findall(r"Conv\w*2d\((\d+), (\d+)([^`\n]*)", shown(question))
    return [a for a, b, rest in found if a == b != "1" and f"groups={a})" not in rest]


def answered(question):
    return question.kind == "shape" and len(question.answer) > 1 and question.answer[-1] == question.answer[-2]


def of_the_layer(question):
    pairs = (question.spec.kernel_size, question.input_shape[-2:]) if question.spec else ()
    return [pair for pair in pairs if pair[0] == pair[1]]


def grids(question):
    values = [block["values"] for block in question.figure if "values" in block]
    return [rows for rows in values if len(rows) == len(rows[0])]


PAIR = r"(?:kernel_size|stride|padding|dilation|Pool2d)[=(]\(?(\d+), (\d+)\)"
FINDS = {
    "a pair": lambda question: twice(PAIR, shown(question)),
    "a kernel of one number": lambda question: re.findall(r"kernel_size=\d", shown(question)),
    "as many channels out as in": channels,
    "a size": lambda question: twice(r"\b(\d+) x (\d+)\b", shown(question)),
    "an output": answered,
    "a shape": lambda question: twice(r"(?:shapes? |zeros)\((?:\d+, )*(\d+), (\d+),?\)", shown(question)),
    "a shape of four": lambda question: set(twice(r"\(\d+, \d+, (\d+), (\d+)\)", shown(question))) - {("1", "1")},
    "a grid": grids,
    "the layer's own": of_the_layer,
}


@pytest.mark.parametrize("id", ids())
def test_no_square_can_hide_a_swapped_axis(id):
    for seed in SEEDS:
        question = made(id, seed)
        for square, find in FINDS.items():
            allowed = {id, question.lesson} & set(ALLOWED[square])
            assert allowed or not find(question), (seed, square, find(question), str(question))


@pytest.mark.parametrize("square", FINDS)
def test_a_square_is_allowed_where_there_is_one_alone(square):
    for name in ALLOWED[square]:
        named = ids(name) if name in LESSONS else [name]
        assert any(FINDS[square](made(id, seed)) for id in named for seed in range(200)), name
