"""Lesson 00: what the models predict is named when typed, no square hides a swap, and what the words say is so."""

import os
import re

import pytest
import torch
from torch import nn

from convlab.mistakes import MISTAKES
from convlab.questions import ids, make
from convlab.questions.lesson_00.costs import dense_count
from convlab.shapes import Conv2dSpec

SEEDS = range(200 if os.environ.get("CONVLAB_FULL") else 20)
EACH = pytest.mark.parametrize("id", ids("00"))
OWN = ("M39", *(f"M{number}" for number in range(118, 128)), "M173", "M174")


def test_the_famous_pair_of_numbers():
    """448 against 44.2 million: 3 x 32 x 32 to 16 x 30 x 30."""
    conv, photo = nn.Conv2d(3, 16, kernel_size=3), torch.zeros(1, 3, 32, 32)
    linear = nn.Linear(photo.numel(), conv(photo).numel(), device="meta")
    spec = Conv2dSpec(3, 16, 3)
    assert spec.parameter_count == sum(it.numel() for it in conv.parameters()) == 448
    assert dense_count(spec, (1, 3, 32, 32)) == sum(it.numel() for it in linear.parameters()) == 44_251_200


def test_every_mistake_of_the_lesson_is_at_home_here_and_says_something_definite():
    assert tuple(id for id, mistake in MISTAKES.items() if mistake.lesson == "00") == OWN
    for id in OWN:
        met = [name for name in ids("00") if any(id in make(name, seed).mistakes for seed in range(5))]
        assert len(met) >= 2, (id, met)
        assert MISTAKES[id].statement and MISTAKES[id].truth


@pytest.mark.parametrize(("id", "question", "what"), [("M118", "map-shape", "output_shape"),
                                                      ("M119", "map-shape", "output_shape"),
                                                      ("M124", "conv-count", "count"),
                                                      ("M39", "conv-count", "count")])  # fmt: skip
def test_what_a_model_predicts_is_named_when_it_is_typed(id, question, what):
    for seed in SEEDS:
        asked = make(question, seed)
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


@EACH
def test_no_square_can_hide_a_swapped_axis(id):
    for seed in SEEDS:
        question = make(id, seed)
        for pair in re.findall(r"kernel_size=(\(\d, \d\))", question.prompt):
            assert len(set(eval(pair))) == 2 or id == "fewer-better", (id, seed, pair)
        assert not re.search(r"kernel_size=\d", question.prompt), (id, seed)
        for H, W in re.findall(r"\b(\d+) x (\d+)\b", question.prompt):
            assert H != W, (id, seed, H)
        if question.kind == "shape":
            assert question.answer[-1] != question.answer[-2]


SUM = re.compile(r"-?\d[\d+*() -]*(?: = -?\d[\d+*() -]*)+")


def checked(text):
    """How many sums stand in a text; each has to be true."""
    chains = [chain.strip(" -+*(") for chain in SUM.findall(re.sub(r"\([^()]*,[^()]*\)", "()", text))]
    for chain in chains:
        assert len({eval(part) for part in chain.split("=")}) == 1, text
    return len(chains)


WITHOUT_SUMS = ("what-for", "first-layer", "larger-picture", "fewer-better", "what-learned", "which-true")
WITHOUT_SUMS += ("learning-step", "same-cell", "how-sure")


@EACH
def test_every_sum_that_the_words_write_out_is_true(id):
    count = 0
    for seed in SEEDS:
        question = make(id, seed)
        lines = [slip.line for slip in (*question.slips, *question.per_option.values())]
        count += sum(map(checked, (*question.steps, *lines, question.because, question.hint)))
    assert count > 0 or id in WITHOUT_SUMS, id


def test_a_false_sum_would_be_found():
    assert checked("Rows of places: 104 - 5 + 1 = 100; columns of places: 292 - 7 + 1 = 286.") == 2
    with pytest.raises(AssertionError):
        checked("Rows of places: 104 - 5 + 1 = 101.")


def test_the_larger_photograph_leaves_the_convolution_alone():
    for seed in SEEDS:
        question = make("larger-picture", seed)
        before = re.search(r"learns ([\d,]+) numbers", question.prompt)[1]
        assert question.answer.startswith(f"the convolution {before} as before")
        assert question.grade(question.answer).outcome == "right"


def test_a_question_on_cells_never_asks_for_more_than_a_learner_would_click():
    for seed in SEEDS:
        answer = make("edge-places", seed).answer
        assert 2 <= len(answer) <= 6


def test_the_questions_on_the_course_itself_tell_the_truth_about_it(tmp_path, monkeypatch):
    """A card of predict whose cell is run again: the same question, and the verdict on the answer that was given."""
    from convlab import lesson

    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "own.sqlite"))
    question, before = make("hand-places", 7), lesson.predict("hand-places", seed=7)
    assert before.question == question and before.verdict is None
    before.answer(question.slips[0].answer, sure=1)
    again = lesson.predict("hand-places", seed=7)
    assert again.question == question and again.verdict == question.grade(question.slips[0].answer)
