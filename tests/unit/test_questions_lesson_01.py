"""Lesson 01: what the models predict is named when typed, no two sizes are alike, messages are real."""

import re

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from torch import nn

from convlab.mistakes import MISTAKES
from convlab.questions import ids
from convlab.questions import test as ten_questions
from tests.unit import judges_01
from tests.unit.by_lesson import SEEDS, made
from tests.unit.pages import Page

pytestmark = pytest.mark.usefixtures("one_thread")

EACH = pytest.mark.parametrize("id", ids("01"))
HOME = [id for id, mistake in MISTAKES.items() if mistake.lesson == "01"]


def texts_of(question):
    lines = [slip.line for slip in (*question.slips, *question.per_option.values())]
    return [*question.steps, *lines, question.because, question.hint]


def test_every_layout_that_a_model_predicts_for_grey_pictures_is_named_when_it_is_typed():
    named = set()
    for seed in SEEDS:
        question = made("grey-batch", seed)
        N, _, H, W = question.answer
        for mistake in MISTAKES.values():
            for wrong in mistake.models.get("layout", lambda pictures: [])(np.zeros((N, H, W, 1))):
                verdict = question.grade("x".join(map(str, wrong.shape)))
                assert verdict or mistake.id in verdict.mistakes or mistake.id == "M112", (seed, mistake.id, verdict)
                named |= set(verdict.mistakes)
    assert named == {"M51", "M53", "M54"}


def test_every_output_shape_that_a_model_predicts_for_three_grey_pictures_is_named():
    for seed in SEEDS:
        question = made("three-grey", seed)
        for id in ("M55", "M57"):
            (shape,) = MISTAKES[id].models["output_shape"](question.spec, question.input_shape)
            assert question.grade(shape).mistakes == (id,)


def test_every_error_that_a_model_expects_elsewhere_is_an_option_ticked_wrongly():
    """Who holds a mistake about what is refused ticks in fits-conv what its model says runs."""
    spec, named = made("three-grey", 1).spec.__class__(1, 8, 3), set()
    for seed in SEEDS:
        question = made("fits-conv", seed)
        for id in ("M51", "M54", "M57", "M58"):
            ticked = [option for option in question.options if runs_for(MISTAKES[id], spec, option)]
            if ticked and ticked != question.answer:  # the line that the mistake is about is among the options
                assert question.grade(ticked).mistakes == (id,), (seed, id, ticked)
                named.add(id)
    assert named == {"M51", "M54", "M57", "M58"}


def runs_for(mistake, spec, call):
    x = eval(call)
    right = "runs"
    try:
        nn.Conv2d(1, 8, kernel_size=3)(x)
    except RuntimeError:
        right = "RuntimeError"
    dtype = str(x.dtype).removeprefix("torch.")
    return (mistake.models["error"](spec, tuple(x.shape), dtype=dtype) or [right]) == ["runs"]


@EACH
def test_no_two_sizes_of_a_shape_are_alike(id):
    for seed in SEEDS:
        question = made(id, seed)
        shown = question.prompt + "".join(block.get("code", "") for block in question.figure)
        shown += "".join(question.options) if isinstance(question.options, list) else ""
        for shape in re.findall(r"(?:shape |zeros)\((\d+(?:, \d+)+)", shown):
            sizes = [int(size) for size in shape.split(", ") if int(size) > 3]
            assert len(set(sizes)) == len(sizes), (id, seed, shape)
        if question.kind == "shape" and len(question.answer) == 4:
            assert len(set(question.answer)) == 4, (id, seed, question.answer)


def float64_into_a_layer():
    nn.Conv2d(3, 8, kernel_size=3)(torch.zeros(3, 9, 8).double())


def channels_first_into_a_plot():
    Figure().subplots().imshow(torch.zeros(3, 9, 8))


@pytest.mark.parametrize(
    ("message", "asked", "call"),
    [
        ("Input type (double) and bias type (float) should be the same", {"to-unit"}, float64_into_a_layer),
        ("Invalid shape", {"plot-call", "plot-runs"}, channels_first_into_a_plot),
    ],
)
def test_the_messages_that_the_words_quote_are_those_that_come(message, asked, call):
    assert {
        id for id in ids("01") for seed in SEEDS if any(message in text for text in texts_of(made(id, seed)))
    } == asked
    with pytest.raises((RuntimeError, TypeError), match=re.escape(message)):
        call()


@EACH
def test_the_judge_reads_the_page_and_nothing_else(id):
    """With another seed's page the judge gives that seed's answer: it has none of its own."""
    if not hasattr(judges_01, id.replace("-", "_")):
        return
    judge = getattr(judges_01, id.replace("-", "_"))
    answers = [(judge(Page(made(id, seed))), made(id, seed).answer) for seed in range(6)]
    assert all(judged == answer for judged, answer in answers)
    assert id in ALWAYS_THE_SAME or len({str(judged) for judged, _ in answers}) > 1


ALWAYS_THE_SAME = ("grey-from-rgb", "which-message", "to-unit")  # another prompt, the same right line


def test_every_mistake_of_the_lesson_shows_in_most_of_its_tests():
    shown = {id: 0 for id in HOME}
    for seed in range(20):
        for id in {id for question in ten_questions("01", seed) for id in question.mistakes} & set(HOME):
            shown[id] += 1
    assert min(shown.values()) >= 12, shown


def test_a_question_on_cells_never_asks_for_more_than_a_learner_would_click():
    for seed in SEEDS:
        question = made("reshape-red", seed)
        H, W = question.options["shape"]
        assert 1 <= len(question.answer) <= 12 and len(question.answer) in (H * W // 3, H * W // 3 + 1)


def test_where_a_photograph_lies_does_not_depend_on_the_drawn_names():
    names = {re.search(r"(\w+) = torch", made("where-things-lie", seed).figure[0]["code"])[1] for seed in SEEDS}
    assert len(names) == 3
