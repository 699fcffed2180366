"""FeatureMaps' Python half: what it draws against torch, its buttons, its one thread and how it ends."""

import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
import traitlets
from torch import nn

from convlab import samples
from convlab.layers.threads import half_the_threads
from convlab.layers.training import Training, small_cnn
from convlab.shapes import ArgumentError, ShapeError
from convlab.widgets import feature_maps_run as run
from convlab.widgets.feature_maps import FeatureMaps
from convlab.widgets.layer_widget import unpacked

PATIENCE_S = 60


@pytest.fixture(autouse=True)
def own_database(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "progress.sqlite"))
    yield
    run.Trainer.halt_all()
    assert threads() == []


@pytest.fixture(scope="module")
def digits():
    (images, labels), (test_images, test_labels) = samples.digits(), samples.digits("test")
    return {"images": images[:100], "labels": labels[:100], "test_images": test_images[:60],
            "test_labels": test_labels[:60]}  # fmt: skip


def threads():
    return [thread for thread in threading.enumerate() if thread.name == run.Trainer.name]


def until(widget, true):
    """Waits until something is true of the widget; it is looked at whenever it draws how far it is."""
    reached = threading.Event()

    def look(_change=None):
        if true():
            reached.set()

    widget.observe(look, ["_progress", "_frame"])
    look()
    assert reached.wait(PATIENCE_S)
    widget.unobserve(look, ["_progress", "_frame"])


def frame(widget, layer=None):
    """(weight, output, logits) as they are sent to the page."""
    drawn = widget._frame["layers"][layer or widget.layer]
    return unpacked(drawn["weight"]), unpacked(drawn["output"]), unpacked(widget._frame["logits"])


def by_torch(model, picture, layer):
    """(weight, output, logits) of a model in eval mode, by a hook."""
    model.eval()
    seen, part = [], dict(model.named_modules())[layer]
    hook = part.register_forward_hook(lambda _, __, output: seen.append(output[0].numpy()))
    with torch.no_grad(), half_the_threads():
        logits = model(torch.from_numpy(picture)[None, None].float() / 255)[0].numpy()
    hook.remove()
    return part.weight.detach().numpy(), seen[0], logits


def same(one, other):
    return all(np.allclose(a, b, atol=1e-6) for a, b in zip(one, other, strict=True))


def test_its_text_is_one_line_and_nothing_is_trained_unasked(digits):
    maps = FeatureMaps(**digits)
    assert repr(maps) == "FeatureMaps(Sequential, layer='conv1', picture=0)"
    assert threads() == [] and maps.now.steps == 0 and maps._progress["phase"] == "ready" and maps.losses == []


def test_filters_maps_and_logits_are_the_models_at_every_step_and_layer(digits):
    maps = FeatureMaps(**digits, batch_size=20, seed=4)
    twin = Training(small_cnn(seed=4), **digits, batch_size=20, seed=4)
    for step in range(4):
        for layer in ("conv1", "conv2"):
            maps.layer, maps.picture = layer, 7 * step + 1
            wanted = by_torch(twin.model, digits["test_images"][maps.picture], layer)
            weight, output, logits = frame(maps)
            assert same((weight, output, logits), (wanted[0][:, :8], wanted[1], wanted[2])), (step, layer)
            assert same((maps.weight, maps.output, maps.logits), wanted)
        twin.model.train()
        maps.step()
        twin.step()
    assert maps.losses == twin.losses and maps.now.steps == 4
    assert np.array_equal(maps._measured["table"], twin.confusion()) and maps.now.accuracy == twin.accuracy()


def test_a_step_of_the_past_is_shown_as_it_was(digits):
    maps = FeatureMaps(**digits, batch_size=20)
    before, first = frame(maps), dict(maps._measured)
    for _ in range(3):
        maps.step()
    now = frame(maps)
    assert maps._progress["kept"] == [0, 1, 2, 3] and not same(before, now)
    moved = unpacked(maps._frame["layers"]["conv1"]["moved"])
    assert np.allclose(moved, [np.linalg.norm(one) for one in now[0] - before[0]]) and moved.min() > 0
    maps.shown_step = 0
    assert same(frame(maps), before) and maps._measured == first and maps.now.shown_step == 0
    assert torch.equal(maps.weight, torch.from_numpy(before[0]))
    maps.shown_step = -1
    assert same(frame(maps), now)


def test_a_thread_trains_to_the_end_and_is_gone(digits):
    maps = FeatureMaps(**digits, batch_size=20, pace=0)
    maps.train()
    assert maps._progress["phase"] == "training" and len(threads()) == 1 and threads()[0].daemon
    until(maps, lambda: maps._phase == "done")
    maps._trainer._thread.join(PATIENCE_S)
    assert threads() == [] and (maps.now.steps, maps._progress["goal"]) == (10, 10) and maps._frame["step"] == 10
    twin = Training(small_cnn(), **digits, batch_size=20)
    for _ in range(10):
        twin.step()
    assert maps.losses == twin.losses and maps._measured["step"] == 10
    maps.train(wait=True)
    assert maps.now.steps == 20


ENDS = {
    "pause": (lambda maps: maps.pause(), "paused"),
    "stop": (lambda maps: maps.stop(), "stopped"),
    "reset": (lambda maps: maps.reset(), "ready"),
    "step": (lambda maps: maps.step(), "paused"),
    "close": (lambda maps: maps.close(), None),
    "the cell is run again": (lambda maps: FeatureMaps(), "paused"),
    "its last view has gone": (lambda maps: maps._asked(maps, {"do": "gone"}, []), "paused"),
    "another trains": (lambda maps: other_trains(), "paused"),
}


def other_trains():
    other = FeatureMaps()
    other.train()
    other.pause()


@pytest.mark.parametrize("end", ENDS)
def test_however_it_ends_no_thread_is_left(digits, end):
    act, phase = ENDS[end]
    maps = FeatureMaps(**digits, batch_size=10, epochs=1000, pace=0)
    maps.train()
    until(maps, lambda: maps._progress["steps"] >= 3)
    act(maps)
    assert threads() == [] and (phase is None or maps._progress["phase"] == phase)
    done = maps.now.steps
    assert maps._progress["steps"] == done or phase is None
    if phase == "paused" and end != "step":
        assert maps._frame["step"] == maps._measured["step"] == done


class Watched:
    """A lock that says when another thread wants it."""

    def __init__(self, lock):
        self.lock, self.main, self.wanted = lock, threading.get_ident(), threading.Event()
        self.release = lock.release

    def acquire(self, **settings):
        if threading.get_ident() != self.main:
            self.wanted.set()
        return self.lock.acquire(**settings)

    def __enter__(self):
        return self.lock.__enter__()

    def __exit__(self, *error):
        return self.lock.__exit__(*error)


def test_a_pause_while_the_thread_waits_to_draw_does_not_wait_for_ever(digits):
    maps = FeatureMaps(**digits, batch_size=10, epochs=1000, pace=0)
    maps._guard = Watched(maps._guard)
    maps.train()
    with maps._guard:  # as while the page's message is being answered
        assert maps._guard.wanted.wait(PATIENCE_S)
        maps.pause()
    assert threads() == [] and maps._progress["phase"] == "paused"


@pytest.mark.slow
def test_python_that_ends_while_it_trains_ends_quietly():
    code = "import convlab\nmaps = convlab.FeatureMaps(epochs=1000, pace=0)\nmaps.train()\nprint(maps.now.training)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S)
    assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (0, "True", "")


def test_an_interrupted_cell_leaves_a_paused_training(digits, monkeypatch):
    maps = FeatureMaps(**digits, batch_size=10)
    step = maps._training.step
    monkeypatch.setattr(maps._training, "step", lambda: interrupt() if len(maps.losses) == 3 else step())
    with pytest.raises(KeyboardInterrupt):
        maps.train(wait=True)
    assert maps._progress["phase"] == "paused" and maps.now.steps == 3 and threads() == []


def interrupt():
    raise KeyboardInterrupt


def test_what_the_hand_chooses_is_answered_while_it_trains(digits):
    maps = FeatureMaps(**digits, batch_size=10, epochs=1000, pace=0)
    maps.train()
    until(maps, lambda: maps._progress["steps"] >= 2)
    for picture in (5, 17, 31):
        maps.set_state({"picture": picture})
        assert maps._frame["picture"] == picture and maps._trainer.alive
    maps.set_state({"shown_step": 0})
    assert maps._frame["step"] == 0
    steps = maps._progress["steps"]
    until(maps, lambda: maps._progress["steps"] > steps)
    assert maps._frame["step"] == 0 and maps._trainer.alive  # the past stays while it trains on


@pytest.mark.slow
def test_until_an_answer_is_on_the_page_no_batch_is_begun(digits, monkeypatch):
    monkeypatch.setattr(run, "ANSWER_S", 1e6)
    monkeypatch.setattr(run, "QUIET_S", 1e6)
    widget = FeatureMaps(**digits, epochs=1000, pace=0)
    widget.train()
    until(widget, lambda: widget.now.steps > 2)
    widget.picture = 3
    threading.Event().wait(1)  # the batch at work ends
    steps = widget.now.steps
    threading.Event().wait(0.5)
    assert widget.now.steps == steps and widget._trainer.alive
    widget._trainer._quiet_until_s = 0.0
    until(widget, lambda: widget.now.steps > steps)


@pytest.mark.slow
def test_however_long_a_hand_moves_it_learns_on(digits, monkeypatch):
    monkeypatch.setattr(run, "ANSWER_S", 1e6)
    widget = FeatureMaps(**digits, epochs=1000, pace=0)
    widget.train()
    until(widget, lambda: widget.now.steps > 2)
    widget.picture = 3
    steps = widget.now.steps
    clock = threading.Event()
    assert any(widget.now.steps > steps + 3 or clock.wait(0.05) for _ in range(20 * PATIENCE_S))
    widget.picture = 4  # the answer shows what was learned meanwhile
    assert widget._frame["step"] >= steps + 3


def test_the_page_asks_by_name_and_what_breaks_there_is_said(digits, monkeypatch):
    maps = FeatureMaps(**digits, batch_size=10)
    maps._asked(maps, {"do": "step"}, [])
    assert maps.now.steps == 1
    maps._asked(maps, {"do": "erase everything"}, [])
    monkeypatch.setattr(maps._training, "step", lambda: 1 / 0)
    maps._asked(maps, {"do": "step"}, [])
    assert maps._progress["problem"] == "ZeroDivisionError: division by zero"
    maps.train()
    until(maps, lambda: maps._progress["phase"] == "paused")
    assert maps._progress["problem"].startswith("Training broke: ZeroDivisionError")


def test_a_loss_that_is_no_number_ends_it_with_a_sentence(digits):
    maps = FeatureMaps(**digits, batch_size=10, lr=1e30)
    maps.train(wait=True)
    assert "take a learning rate below 1e+30" in maps._progress["problem"] and maps.now.steps < maps._progress["goal"]
    maps.reset()
    assert maps._progress["problem"] == "" and maps.losses == []


def test_reset_gives_the_first_weights_and_the_same_training_again(digits):
    maps = FeatureMaps(**digits, batch_size=20)
    first = maps.weight
    maps.train(wait=True)
    losses, weight = maps.losses, maps.weight
    maps.reset()
    assert torch.equal(maps.weight, first) and maps._measured["step"] == 0
    maps.train(wait=True)
    assert maps.losses == losses and torch.equal(maps.weight, weight)


def test_the_learners_own_model_is_trained_itself_and_shown_as_it_is(digits):
    torch.manual_seed(2)
    model = nn.Sequential(
        nn.Conv2d(1, 20, (3, 5), stride=2), nn.ReLU(), nn.Dropout(0.2), nn.Flatten(), nn.LazyLinear(10)
    )
    maps = FeatureMaps(model, **digits, layer="0", first=16, filter=18)
    assert maps.model is model and maps.output.shape == (20, 13, 12)
    assert unpacked(maps._frame["layers"]["0"]["weight"]).shape == (4, 1, 3, 5)
    before = model[0].weight.detach().clone()
    maps.step()
    assert not torch.equal(model[0].weight, before) and torch.equal(maps.weight, model[0].weight.detach())
    assert model.training
    own = FeatureMaps(small_cnn(), digits["images"], digits["labels"])
    assert own._facts["tested"] == "pictures it learns from" and len(own._facts["labels"]) == 100


def test_however_long_it_trains_few_steps_are_kept():
    model = nn.Conv2d(1, 2, 3)
    history = run.History(model, 400)
    for step in range(1, 5000):
        if history.due(step)[0]:
            history.keep(step)
    history.keep(5001)
    assert history.steps[0] == 0 and history.steps[-1] == 5001 and 40 <= len(history.steps) <= 82
    assert history.look_up(-1)[0] == 5001 and history.look_up(2600)[0] in range(2500, 2700)


def test_the_state_makes_the_same_widget_again():
    maps = FeatureMaps(layer="conv2", picture=12, batch_size=40, lr=2e-3, epochs=1, seed=3, filter=5,
                       place=[3, 4], change=True, pace=0)  # fmt: skip
    again = FeatureMaps(**maps.state)
    assert again.state == maps.state and torch.equal(again.weight, maps.weight) and torch.equal(again.input, maps.input)


def test_tasks_tick_as_it_trains(digits):
    tasks = {"train 4 steps": lambda now: now.steps >= 4, "look at conv2": lambda now: now.layer == "conv2",
             "find a mistake": lambda now: now.said != now.label}  # fmt: skip
    maps = FeatureMaps(**digits, batch_size=20, tasks=tasks)
    maps.picture = int(np.argmax(np.array(maps._measured["said"]) != maps._facts["labels"]))
    assert [entry["done"] for entry in maps._tasks] == [False, False, True]
    for _ in range(4):
        maps.step()
    maps.layer = "conv2"
    assert [entry["done"] for entry in maps._tasks] == [True, True, True]


def test_the_time_left_follows_the_pace(digits, monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr(run.time, "monotonic", lambda: next(clock))
    trainer = FeatureMaps(**digits, batch_size=20)._trainer
    trainer.begin()  # at 0
    trainer.training.losses += [1.0, 1.0]
    assert trainer.left_s() == (1 / 2) * 8
    trainer.hurry(4)  # at 2
    assert trainer.left_s() is None
    trainer.training.losses += [1.0]
    assert trainer.left_s() == 7.0  # a second for this one, at 3


REFUSED = [
    (lambda d: FeatureMaps(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), **d), ArgumentError, "with an nn.Conv2d"),
    (lambda d: FeatureMaps(**d, layer="conv9"), ArgumentError, "layer must be one of conv1, conv2; got 'conv9'"),
    (lambda d: FeatureMaps(**d, picture=60), ShapeError, "picture must be from 0 to 59; got 60"),
    (lambda d: FeatureMaps(**d, picture=1.5), ArgumentError, "picture must be a whole number; got 1.5"),
    (lambda d: FeatureMaps(**d, kernel=3), ArgumentError, "has no argument 'kernel'; it takes test_images"),
    (lambda d: FeatureMaps(**d, pace=-1), ShapeError, "pace must be 0 or more"),
    (lambda d: FeatureMaps(**d, place=[1]), ShapeError, "place must be a pair"),
    (lambda d: FeatureMaps(**d, change=1), ArgumentError, "change must be True or False"),
    (lambda d: FeatureMaps(images=d["images"]), ArgumentError, "images and labels belong together"),
    (lambda d: FeatureMaps("cnn", **d), ArgumentError, "model must be an nn.Module; got str"),
    (lambda d: setattr(FeatureMaps(**d), "layer", "fc"), traitlets.TraitError, "layer must be one of conv1, conv2"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_bad_input_gets_one_sentence(digits, number):
    make, kind, words = REFUSED[number]
    with pytest.raises(kind) as caught:
        make(digits)
    assert words in str(caught.value)
