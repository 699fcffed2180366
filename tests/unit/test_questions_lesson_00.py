"""Lesson 00: the famous numbers are torch's, and what the models predict is named when typed."""

import re

import pytest
import torch
from torch import nn

from convlab.mistakes import MISTAKES
from convlab.questions.lesson_00.costs import dense_count
from convlab.shapes import Conv2dSpec
from tests.unit.by_lesson import SEEDS, made

pytestmark = pytest.mark.usefixtures("one_thread")


def test_the_famous_pair_of_numbers():
    """448 against 44.2 million: 3 x 32 x 32 to 16 x 30 x 30."""
    conv, photo = nn.Conv2d(3, 16, kernel_size=3), torch.zeros(1, 3, 32, 32)
    linear = nn.Linear(photo.numel(), conv(photo).numel(), device="meta")
    spec = Conv2dSpec(3, 16, 3)
    assert spec.parameter_count == sum(it.numel() for it in conv.parameters()) == 448
    assert dense_count(spec, (1, 3, 32, 32)) == sum(it.numel() for it in linear.parameters()) == 44_251_200


@pytest.mark.parametrize(("id", "question", "what"), [("M118", "map-shape", "output_shape"),
                                                      ("M119", "map-shape", "output_shape"),
                                                      ("M124", "conv-count", "count"),
                                                      ("M39", "conv-count", "count")])  # fmt: skip
def test_what_a_model_predicts_is_named_when_it_is_typed(id, question, what):
    for seed in SEEDS:
        asked = made(question, seed)
        layer = re.search(r"`(nn\.Conv2d\(.*?\))`", asked.prompt)[1]
        spec = eval(layer.replace("nn.Conv2d", "Conv2dSpec"), {"Conv2dSpec": Conv2dSpec})
        H, W = asked.input_shape[2:] if asked.input_shape else re.search(r"(\d+) x (\d+)", asked.prompt).groups()
        for predicted in MISTAKES[id].models[what](spec, (1, 3, int(H), int(W))):
            typed = ", ".join(map(str, predicted)) if isinstance(predicted, tuple) else f"{predicted:,}"
            assert asked.grade(typed).mistakes == (id,), (seed, typed)


def test_the_models_are_silent_where_their_mistake_does_not_show():
    shape = (1, 3, 20, 30)
    assert MISTAKES["M118"].models["output_shape"](Conv2dSpec(3, 8, (3, 5)), shape) == [(1, 8, 22, 34)]
    assert MISTAKES["M118"].models["output_shape"](Conv2dSpec(3, 8, (3, 5), stride=2), shape) == []
    assert MISTAKES["M118"].models["output_shape"](Conv2dSpec(3, 8, (3, 5), padding=(1, 2)), shape) == []
    assert MISTAKES["M119"].models["output_shape"](Conv2dSpec(3, 8, (3, 5)), shape) == [(1, 1, 18, 26)]
    assert MISTAKES["M119"].models["output_shape"](Conv2dSpec(3, 1, (3, 5)), shape) == []
    assert MISTAKES["M124"].models["count"](Conv2dSpec(3, 8, (3, 5)), shape) == [8 * (3 + 3 + 5) + 8]


def test_the_larger_photograph_leaves_the_convolution_alone():
    for seed in SEEDS:
        question = made("larger-picture", seed)
        before = re.search(r"learns ([\d,]+) numbers", question.prompt)[1]
        assert question.answer.startswith(f"the convolution {before} as before")
        assert question.grade(question.answer).outcome == "right"


def test_the_questions_on_the_course_itself_tell_the_truth_about_it(tmp_path, monkeypatch):
    """A card of predict whose cell is run again: the same question, and the verdict on the answer that was given."""
    from convlab import lesson

    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "own.sqlite"))
    question, before = made("hand-places", 7), lesson.predict("hand-places", seed=7)
    assert before.question == question and before.verdict is None
    before.answer(question.slips[0].answer, sure=1)
    again = lesson.predict("hand-places", seed=7)
    assert again.question == question and again.verdict == question.grade(question.slips[0].answer)
