"""A quiz on the learner's own layer: asked, judged, kept with the layer, and there again after a restart."""

import json

import numpy as np
import pytest
import torch

from convlab import lesson, questions, quizzes, store
from convlab.shapes import ArgumentError, Conv2dSpec, ShapeError

SPEC = Conv2dSpec(3, 8, kernel_size=(3, 5), stride=(2, 1), padding=1, groups=1)
SHAPE = (2, 3, 20, 31)
RIGHT = {
    "output_shape": (2, 8, 10, 29),
    "weight_shape": (8, 3, 3, 5),
    "parameter_count": 8 * 3 * 3 * 5 + 8,
    "macs": 2 * 8 * 10 * 29 * 3 * 3 * 5,
}


@pytest.fixture(autouse=True)
def own_database(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "progress.sqlite"))
    monkeypatch.setattr(quizzes, "_said", set())


def test_it_asks_for_both_shapes_the_parameters_and_the_multiply_adds():
    card = lesson.quiz(SPEC, SHAPE).card
    for answer in RIGHT.values():
        assert card.answer(answer).outcome == "right"
        card._told(card, {"do": "next", "number": "1"}, [])
    assert card.shown["summary"]["words"] == "4 of 4 right"
    assert card.shown["card"] == {
        "name": "layer", "title": "Your layer", "about": "3 to 8 channels, kernel 3 x 5, input (2, 3, 20, 31)"
    }  # fmt: skip


@pytest.mark.parametrize("what", RIGHT)
def test_each_is_answered_by_code_too_and_kept_with_the_layer(what):
    assert lesson.quiz(SPEC, SHAPE).answer(what, "no idea").outcome == "error"
    assert lesson.quiz(SPEC, SHAPE).answer(what, RIGHT[what], sure=2).outcome == "right"
    unread, kept = store.current().attempts()
    question = questions.about(SPEC, SHAPE, what)
    assert (kept.item, kept.seed, kept.revision, kept.context) == (
        question.id,
        question.seed,
        question.revision,
        "layer",
    )
    assert unread.about == kept.about and kept.sure == 2
    about = json.loads(kept.about)  # all that a later version needs to ask it again
    again = questions.about(Conv2dSpec(**about["spec"]), tuple(about["input_shape"]), what)
    assert again.grade(kept.response).outcome == "right" and again.answer == question.answer


def test_what_was_answered_is_there_again_for_this_layer_and_input_only():
    lesson.quiz(SPEC, SHAPE).answer("weight_shape", (8, 3, 5, 3))
    outcomes = [entry.attempt and entry.attempt.outcome for entry in lesson.quiz(SPEC, SHAPE).card._deck.trail]
    assert outcomes == [None, "wrong", None, None]
    for other in (lesson.quiz(SPEC, (2, 3, 20, 33)), lesson.quiz(Conv2dSpec(3, 8, (3, 5)), SHAPE)):
        assert not any(entry.attempt for entry in other.card._deck.trail)


def test_a_real_layer_with_a_tensor_an_array_or_a_shape_is_the_same_quiz():
    layer = torch.nn.Conv2d(3, 8, (3, 5), stride=(2, 1), padding=1)
    texts = {repr(lesson.quiz(layer, input)) for input in (torch.zeros(SHAPE), np.zeros(SHAPE), SHAPE, list(SHAPE))}
    assert (
        texts
        == {repr(lesson.quiz(SPEC, SHAPE))}
        == {"QuizCard(layer, 3 to 8 channels, kernel 3 x 5, input (2, 3, 20, 31))"}
    )
    with torch.no_grad():
        assert tuple(layer(torch.zeros(SHAPE)).shape) == RIGHT["output_shape"]


def test_a_layer_that_cannot_be_asked_about_gets_one_sentence():
    for call in (
        lambda: lesson.quiz(SPEC),
        lambda: lesson.quiz(SPEC, "image"),
        lambda: lesson.quiz(SPEC, 3.5),
        lambda: lesson.quiz(torch.nn.Linear(3, 4), torch.zeros(2, 3)),
        lambda: lesson.quiz(torch.nn.Linear(3, 4)),
        lambda: lesson.quiz("02", (1, 2, 3)),
        lambda: lesson.quiz(None, (1, 2, 3)),
        lambda: lesson.quiz(SPEC, SHAPE).answer("size", 3),
    ):
        with pytest.raises(ArgumentError, match=r"^[^\n]+$"):
            call()
    with pytest.raises(ShapeError, match=r"^[^\n]+$"):
        lesson.quiz(SPEC, (2, 4, 20, 31))


def test_answers_about_an_own_layer_count_for_no_lesson_and_are_never_due():
    lesson.quiz(SPEC, SHAPE).answer("macs", 1)
    assert not any(it.begun for it in lesson.progress().lessons) and "due" not in repr(lesson.quiz())[:12]
    assert repr(lesson.quiz()) == "Nothing is due yet: what you answer in the lessons is asked again here, days later."
