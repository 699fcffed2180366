"""FeatureMaps: a network that is trained before your eyes: its filters, its feature maps, its loss, what it confuses.

Python trains and computes, by PyTorch, what is drawn; the browser draws it and answers what is pointed at. A digit or a
step that is chosen is answered by Python too, while the training goes on.
"""

import threading
from functools import lru_cache
from types import SimpleNamespace

import anywidget
import numpy as np
import traitlets

from .. import samples
from ..refusals import one_sentence
from ..shapes import ArgumentError, ShapeError
from . import feature_maps_run as run
from . import feature_maps_sent as sent
from .front import front
from .layer_widget import packed
from .tasks import Tasks

# The browser draws its own moves at once; an echo of an older one must not undo a newer.
MOVED = {"sync": True, "echo_update": False}
MEASURED_ON = 1000  # pictures, where none were given to test on
CHOSEN = ("layer", "picture", "shown_step", "first")
PINNED = ("filter", "place", "change", "pace")
SETTINGS = ("batch_size", "lr", "epochs", "seed")
ASKED = ("train", "pause", "step", "stop", "reset")


@one_sentence
class FeatureMaps(anywidget.AnyWidget):
    """A model in training: filters and feature maps of a layer for a picture, loss, time left, a confusion table.

    Nothing is trained until ``train()`` or the button says so. Training goes on in one thread, which ends at the goal,
    at a pause, when the widget is closed or taken off the page, and when another FeatureMaps is made.

    Args:
        model: any ``nn.Module`` with an ``nn.Conv2d`` that gives logits (N, classes); it is trained itself. None: a
            small CNN of ours.
        images, labels: what it learns from, as for ``layers.training.Training``; None: the bundled digits.
        layer: the convolution on the screen, by name; None: the first.
        picture: the test picture on the screen, by number.
        tasks: things to do, a dict {sentence: function of ``now``}; ``now`` has ``steps`` (done), ``loss`` (of the last
            step, or None), ``accuracy`` (0 to 1, when last measured), ``layer``, ``picture``, ``label``, ``said`` (what
            it says the picture is), ``shown_step``, ``training`` (whether it is at work), ``filter``, ``place``.
        settings: ``test_images``, ``test_labels``, ``batch_size`` (50), ``lr`` (1e-3), ``epochs`` (2),
            ``seed`` (0) as for ``Training``; ``shown_step`` (-1 the newest), ``filter``, ``place``, ``change`` (True:
            filters less their first weights), ``first`` (filter on the screen), ``pace`` (steps a second, 0 as fast as
            it can).

    Raises:
        ArgumentError: a model without a Conv2d, an unknown layer or argument, images that are none.
        ShapeError: pictures that the model cannot take, logits that do not fit the labels, a number out of reach.

    Example:
        >>> maps = FeatureMaps()
        >>> maps
        FeatureMaps(Sequential, layer='conv1', picture=0)
        >>> maps.weight.shape, maps.output.shape, maps.now.steps
        (torch.Size([8, 1, 5, 5]), torch.Size([8, 28, 28]), 0)
        >>> maps.close()
    """

    _esm, _css = front("feature_maps")

    layer = traitlets.Unicode(help="the convolution on the screen").tag(**MOVED)
    picture = traitlets.Int(0, help="the test picture on the screen").tag(**MOVED)
    shown_step = traitlets.Int(-1, help="the step on the screen; -1 follows the training").tag(**MOVED)
    first = traitlets.Int(0, help="the first filter on the screen").tag(**MOVED)
    filter = traitlets.Int(0, help="the filter that is pinned").tag(**MOVED)
    place = traitlets.List(traitlets.Int(), help="(row, column) that is pinned; empty: the middle").tag(**MOVED)
    change = traitlets.Bool(False, help="filters less their first weights").tag(**MOVED)
    pace = traitlets.Int(25, help="steps a second; 0: as fast as it can").tag(**MOVED)
    _facts = traitlets.Dict().tag(sync=True)
    _frame = traitlets.Dict().tag(sync=True)
    _progress = traitlets.Dict().tag(sync=True)
    _measured = traitlets.Dict().tag(sync=True)
    _tasks = traitlets.List().tag(sync=True)

    def __init__(self, model=None, images=None, labels=None, *, layer=None, picture=0, tasks=None, **settings):
        run.Trainer.halt_all()
        self._guard = threading.RLock()  # the thread draws, and the page asks: one after the other
        self._phase, self._round = "ready", 0
        self._given = {name: settings.pop(name) for name in SETTINGS if name in settings}
        self._make(model, images, labels, settings.pop("test_images", None), settings.pop("test_labels", None))
        unknown = set(settings) - {"shown_step", "first", *PINNED}
        if unknown:
            raise ArgumentError(
                f"FeatureMaps has no argument {sorted(unknown)[0]!r}; it takes test_images, test_labels, "
                f"{', '.join((*SETTINGS, 'shown_step', 'first', *PINNED))}."
            )
        chosen = {"layer": self._names[0] if layer is None else layer, "picture": picture, **settings}
        self._check_all(chosen)
        super().__init__(**chosen, _facts=sent.facts(self._training, self._names, self._own_test))
        self._trainer.pace = self.pace
        self._draw()
        self._to_do = Tasks(tasks or {}, type(self).__name__)
        self._tasks = [dict(entry) for entry in self._to_do.shown]
        self._look()
        self.on_msg(self._asked)
        self.observe(self._choose, CHOSEN)
        self.observe(self._look, ["layer", "filter", "place", "_progress", "_frame"])
        self.observe(self._hurry, ["pace"])

    def _make(self, model, images, labels, test_images, test_labels):
        """The training, its trainer, and the copy of the model that is drawn."""
        from ..layers.training import Training, numbered, pictures, small_cnn

        if (images is None) != (labels is None):
            raise ArgumentError("images and labels belong together: pass both, or neither for the bundled digits.")
        if images is None:
            (images, labels), test = _digits("train"), _digits("test")
            test_images, test_labels = test if test_images is None else (test_images, test_labels)
        if model is None:
            known = pictures(images, "images")
            classes = int(numbered(labels, len(images), "labels").max()) + 1
            model = small_cnn(tuple(known.shape[1:]), classes, self._given.get("seed", 0))
        self._names = run.convolutions(model)
        self._own_test = test_images is None and test_labels is None
        if self._own_test:
            test_images, test_labels = images[:MEASURED_ON], labels[:MEASURED_ON]
        tested = {"test_images": test_images, "test_labels": test_labels}
        self._training = Training(model, images, labels, **tested, **self._given)
        self._copy = run.Copy(model, self._names)
        self._trainer = run.Trainer(self._training, self._tell)
        first = self._copy.look(self._trainer.first_weights, self._training.scaled(self._training.test_images[:1]))[1]
        self._start = {name: weight.clone() for name, (weight, _) in first.items()}

    def _check_all(self, chosen):
        """Raises what is wrong with what was chosen, as the traits would, before there is a page."""
        for name, value in chosen.items():
            self._checked(name, list(value) if isinstance(value, tuple) else value)

    # What the learner, the buttons and the cell do

    def train(self, wait=False):
        """Trains on: to the end of the epochs that were asked for, and after that as many again.

        Args:
            wait: True trains here, as fast as it can, and returns at the end; else a thread trains at ``pace``.
        """
        self._trainer.halt()
        self.shown_step = -1
        self._phase = "training"
        if not wait:
            self._trainer.start()
            return self._draw()
        try:
            self._trainer.run()
        finally:  # the cell may have been stopped
            self._phase = "done" if self._training.steps_done >= self._trainer.goal else "paused"
            self._draw()
        return None

    def pause(self):
        """Halts after the batch at work; ``train()`` goes on from there."""
        if self._phase == "training":
            self._trainer.halt()
            self._phase = "done" if self._training.steps_done >= self._trainer.goal else "paused"
            self._draw()

    def step(self):
        """Learns from one batch."""
        self._trainer.halt()
        self.shown_step = -1
        self._trainer.problem = ""
        self._trainer.advance()
        self._trainer.rest()
        self._trainer.goal = max(self._trainer.goal, self._training.steps_done)
        self._phase = "done" if self._training.steps_done >= self._trainer.goal else "paused"
        self._draw()

    def stop(self):
        """Ends this training where it is; ``train()`` would begin another round."""
        self._trainer.halt()
        self._trainer.goal = self._training.steps_done
        self._phase = "stopped" if self._training.steps_done else "ready"
        if not self._training.steps_done:
            self._trainer.goal = self._training.steps
        self._draw()

    def reset(self):
        """The first weights again, and nothing learned."""
        from ..layers.training import Training

        self._trainer.halt()
        old, model = self._training, self._training.model
        model.load_state_dict(self._trainer.first_weights)
        images = {"test_images": old.test_images, "test_labels": old.test_labels}
        self._training = Training(model, old.images, old.labels, **images, **self._given)
        self._trainer = run.Trainer(self._training, self._tell)
        self._trainer.pace = self.pace
        self._round += 1
        self._phase, self.shown_step = "ready", -1
        self._draw()

    def close(self):
        """Takes it off the page and ends its thread."""
        if hasattr(self, "_trainer"):
            self._trainer.halt()
        super().close()

    def _asked(self, _widget, content, _buffers):
        """A button of the page; or the last view of it has gone: then nobody looks, and it halts."""
        asked = content.get("do")
        try:
            if asked in ASKED:
                getattr(self, asked)()
            elif asked == "gone":
                self.pause()
        except Exception as error:  # a model of the learner's broke: no cell runs that could show it
            self._phase, self._trainer.problem = "paused", f"{type(error).__name__}: {error}"
            self._draw_progress()

    def _handle_msg(self, msg):
        with self._guard:
            super()._handle_msg(msg)

    def _hurry(self, _change):
        self._trainer.hurry(self.pace)
        self._draw_progress()

    # What is drawn

    def _tell(self, over):
        """Called by the thread between two batches, and when it has come to rest."""
        while not self._guard.acquire(timeout=0.02):
            if self._trainer.halting:
                return
        try:
            if over and self._phase == "training":
                self._phase = "done" if self._training.steps_done >= self._trainer.goal else "paused"
            self._draw(following=True)
        finally:
            self._guard.release()

    def _draw(self, following=False):
        """Sends the picture of now; while a step of the past is looked at, only how far the training is."""
        with self._guard, self.hold_sync():
            if not following or self.shown_step < 0:
                if following:
                    self._trainer.catch_up()
                self._draw_frame()
            self._draw_progress()

    def _choose(self, change):
        """Another layer, picture or step."""
        with self._trainer.hush(), self._guard:
            if change["name"] == "layer":
                self.filter = 0
                if self.first:
                    self.first = 0  # which draws
                    return
            self._draw()

    def _draw_frame(self):
        step, weights = self._trainer.history.look_up(self.shown_step)
        logits, seen = self._copy.look(weights, self.input)
        first = {self.layer: self.first}
        shown = {name: sent.layer(*seen[name], self._start[name], first.get(name, 0))
                 for name in sent.drawn(seen, self.layer)}  # fmt: skip
        self._frame = {"step": step, "picture": self.picture, "layers": shown, "input": packed(self.input[0].numpy()),
                       "logits": packed(logits.numpy()), "shares": packed(logits.softmax(0).numpy())}  # fmt: skip
        at, said = self._trainer.history.measured_by(step)
        if (self._measured.get("step"), self._measured.get("round")) != (at, self._round):
            table = sent.table(said, self._training.test_labels.numpy(), self._training.classes)
            self._measured = {"step": at, "round": self._round, **table}

    def _draw_progress(self):
        trainer, training = self._trainer, self._training
        self._progress = {
            "phase": self._phase,
            "steps": training.steps_done,
            "goal": trainer.goal,
            "left_s": trainer.left_s() if self._phase == "training" else None,
            "losses": packed(np.array(list(training.losses))),
            "kept": trainer.history.steps,
            "problem": trainer.problem,
        }

    def _look(self, _change=None):
        """Ticks off what has been done."""
        if self._tasks and self._to_do.look(self._now()):
            self._tasks = [dict(entry) for entry in self._to_do.shown]

    def _now(self):
        logits = np.frombuffer(self._frame["logits"]["data"], "float32")
        losses = self._training.losses
        return {"steps": self._training.steps_done, "loss": losses[-1] if losses else None,
                "accuracy": self._measured["accuracy"], "layer": self.layer, "picture": self.picture,
                "label": int(self._training.test_labels[self.picture]), "said": int(logits.argmax()),
                "shown_step": self._frame["step"], "training": self._phase == "training", "filter": self.filter,
                "place": tuple(self.place)}  # fmt: skip

    @traitlets.validate(*CHOSEN, *PINNED)
    def _check(self, proposal):
        try:
            return self._checked(proposal["trait"].name, proposal["value"])
        except (ArgumentError, ShapeError) as error:
            raise traitlets.TraitError(str(error)) from None

    def _checked(self, name, value):
        return sent.checked(name, value, self._names, len(self._training.test_images))

    # What can be taken back to PyTorch

    @property
    def now(self):
        """What a task may speak of, by name: ``maps.now.steps``, ``maps.now.accuracy``."""
        return SimpleNamespace(**self._now())

    @property
    def model(self):
        """The model that is trained: itself, not a copy."""
        return self._training.model

    @property
    def losses(self):
        """The loss of every step so far, a list of floats."""
        return list(self._training.losses)

    def _seen(self):
        with self._guard:
            return self._copy.look(self._trainer.history.look_up(self.shown_step)[1], self.input)

    @property
    def weight(self):
        """All filters of the layer and the step on the screen: a tensor (C_out, C_in / groups, kH, kW)."""
        return self._seen()[1][self.layer][0].detach().clone()

    @property
    def output(self):
        """All feature maps of the layer and the picture on the screen, in eval mode: a tensor (C_out, H_out, W_out)."""
        return self._seen()[1][self.layer][1].detach().clone()

    @property
    def logits(self):
        """What the model says of the picture on the screen, after the step on the screen: a tensor (classes,)."""
        return self._seen()[0]

    @property
    def input(self):
        """The picture on the screen as a tensor (1, C, H, W)."""
        return self._training.scaled(self._training.test_images[[self.picture]])

    @property
    def state(self):
        """A dict that makes the same widget, untrained, of the same model and pictures again: ``FeatureMaps(**state)``.

        What was learned is in the model: save that with ``torch.save(maps.model.state_dict(), file)``.
        """
        training = {name: getattr(self._training, name) for name in SETTINGS}
        return {"layer": self.layer, "picture": self.picture, "first": self.first, **training,
                **{name: list(self.place) if name == "place" else getattr(self, name) for name in PINNED}}  # fmt: skip

    def __repr__(self):
        return f"FeatureMaps({self._facts['model']}, layer={self.layer!r}, picture={self.picture})"


@lru_cache
def _digits(split):
    return samples.digits(split)
