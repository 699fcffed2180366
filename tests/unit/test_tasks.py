"""Tasks under a widget tick themselves off, once and for all."""

import pytest

from convlab import ConvStepper, KernelLab
from convlab.shapes import ArgumentError


@pytest.fixture(autouse=True)
def own_database(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "progress.sqlite"))


def done(widget):
    return [entry["done"] for entry in widget._tasks]


def test_a_task_is_done_when_its_question_is_true_and_stays_done():
    stepper = ConvStepper(1, 1, 3, tasks={"Move": lambda now: now.place == (1, 1), "Never": lambda now: False})
    assert done(stepper) == [False, False]
    stepper.place = (1, 1)
    stepper.place = (0, 1)
    assert done(stepper) == [True, False]


def test_a_task_can_speak_of_the_start():
    lab = KernelLab(
        kernel="Sobel x", picture="painted", tasks={"Turn": lambda now: (now.output == -now.start.output).all()}
    )
    assert done(lab) == [False]
    lab.set_layer(1, 1, weight=-lab.layer.weight, bias=False)
    assert done(lab) == [True]


def test_what_a_widget_was_made_with_is_its_start():
    stepper = ConvStepper(1, 1, 3, place=(1, 1), tasks={"Move": lambda now: now.place != now.start.place})
    assert done(stepper) == [False]


def test_what_was_done_is_there_again_after_a_restart():
    tasks = {"Move": lambda now: now.place == (1, 1)}
    ConvStepper(1, 1, 3, tasks=tasks).place = (1, 1)
    assert done(ConvStepper(1, 1, 3, tasks=tasks)) == [True]


def test_a_question_that_fails_on_this_state_is_not_done_and_raises_nothing():
    stepper = ConvStepper(1, 1, 3, tasks={"Far": lambda now: now.output[9, 9, 9] == 0})
    stepper.place = (1, 1)
    assert done(stepper) == [False]


@pytest.mark.parametrize("bad", ["move", ["move"], {"move": 3}])
def test_tasks_of_a_wrong_kind_get_one_sentence(bad):
    with pytest.raises(ArgumentError, match="tasks must be a dict"):
        ConvStepper(1, 1, 3, tasks=bad)
