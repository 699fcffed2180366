"""What trains behind FeatureMaps: at most one thread, weights kept from time to time, a copy that is looked through.

The thread only learns and keeps; whatever is drawn is computed from kept weights by a copy of the model, so that a
hand is answered while the next batch is at work.
"""

import threading
import time
from contextlib import contextmanager
from copy import deepcopy
from math import isfinite

from ..layers import is_module
from ..shapes import ArgumentError
from .behind import Behind

BREATH_S = 0.001  # between two batches, for whoever waits
ANSWER_S = 0.1  # an answer's way to the page and onto it, with no batch beside it
QUIET_S = 0.3  # and yet, however long a hand moves, so often a batch is begun
TELL_S = 0.12  # at most about eight pictures a second are sent
KEPT = 40  # as many steps can be looked at again
KEPT_BYTES = 32 * 2**20
MEASURES = 4  # each fourth kept step is measured on the test pictures


def convolutions(model):
    """Names of the model's ``nn.Conv2d`` layers, in the order in which it was built.

    Raises:
        ArgumentError: it is no module, or has none.
    """
    import torch

    if not is_module(model):
        raise ArgumentError(f"model must be an nn.Module; got {type(model).__name__}: pass nn.Sequential(...).")
    names = [name for name, part in model.named_modules() if isinstance(part, torch.nn.Conv2d)]
    if not names:
        raise ArgumentError(
            f"FeatureMaps needs a model with an nn.Conv2d; {type(model).__name__} has none: add one, or give none."
        )
    return names


class Copy:
    """A copy of the model, in eval mode, that shows what it makes of one picture with given weights."""

    def __init__(self, model, names):
        self._model, self._names = deepcopy(model).cpu().eval(), names
        for parameter in self._model.parameters():
            parameter.requires_grad_(False)

    def look(self, weights, picture):
        """(logits, {layer: (weight, output)}) of a picture (1, C, H, W); an unused layer has no output."""
        import torch

        from ..layers.threads import half_the_threads

        seen = {}
        self._model.load_state_dict(weights)
        parts = dict(self._model.named_modules())
        hooks = [
            parts[name].register_forward_hook(lambda _, __, output, name=name: seen.setdefault(name, output))
            for name in self._names
        ]
        try:
            with torch.no_grad(), half_the_threads():
                logits = self._model(picture)[0]
        finally:
            for hook in hooks:
                hook.remove()
        shown = {name: (parts[name].weight, seen[name][0] if name in seen else None) for name in self._names}
        return logits, shown


class History:
    """Weights of some steps of a training, evenly spread over all of them: the first, the last, and some 40 between.

    The thread writes while the page reads: both wait for each other.

    Args:
        model: whose weights they are.
        steps: how many steps are planned.
    """

    def __init__(self, model, steps):
        size = sum(tensor.numel() * tensor.element_size() for tensor in model.state_dict().values())
        self._most = max(2, min(KEPT, KEPT_BYTES // max(1, size)))
        self._model, self._every, self._newest = model, max(1, steps // self._most), 0
        self._kept, self._said, self._lock = {}, {}, threading.Lock()
        self.keep(0)

    def keep(self, step):
        """Keeps the weights as they are after this step; the newest one gives way if it is none of the even ones."""
        weights = {name: tensor.detach().cpu().clone() for name, tensor in self._model.state_dict().items()}
        with self._lock:
            if self._newest % self._every and self._newest not in self._said:
                self._kept.pop(self._newest, None)
            self._kept[step], self._newest = weights, step
            while len(self._kept) > 2 * self._most:
                self._thin()

    def _thin(self):
        self._every *= 2
        stays = [step for step in self._kept if not step % self._every or step == self._newest]
        self._kept = {step: self._kept[step] for step in stays}

    def due(self, step):
        """Whether this step is one of those that are kept; and whether it is to be measured."""
        return step % self._every == 0, step % (MEASURES * self._every) == 0

    @property
    def steps(self):
        """The steps whose weights are kept."""
        with self._lock:
            return sorted(self._kept)

    def look_up(self, step):
        """(step, weights) of the kept step nearest to this one; of the newest for one below 0."""
        with self._lock:
            found = self._newest if step < 0 else min(self._kept, key=lambda kept: (abs(kept - step), kept))
            return found, self._kept[found]

    def measured(self, step, said):
        """Writes down what the model said of each test picture after this step."""
        with self._lock:
            self._said[step] = said

    def measured_by(self, step):
        """(step, what was said) of the last step up to this one at which the test pictures were named."""
        with self._lock:
            found = max(at for at in self._said if at <= step)
            return found, self._said[found]


class Trainer(Behind):
    """A training that may go on in a thread of its own, one step after the other, until it is told to halt.

    Args:
        training: ``layers.training.Training``.
        tell: called with False as it goes, with True when it has come to rest without being told to.
    """

    name = "convlab training"

    def __init__(self, training, tell):
        super().__init__()
        self.training, self.tell = training, tell
        self.history = History(training.model, training.steps)
        self.first_weights = self.history.look_up(0)[1]
        self.goal, self.pace, self.problem, self._measured = training.steps, 0, "", None
        self._told_s = 0.0
        self._hushed, self._quiet_until_s = 0, 0.0  # questions of a hand that are being answered; their answers' way
        self._began = (0, 0.0)  # (steps done, clock) when it last began
        self.measure()

    def left_s(self):
        """Seconds until the goal, at the pace since it last began; None before there is one."""
        steps, clock = self._began
        done = self.training.steps_done - steps
        if not done or self.training.steps_done >= self.goal:
            return None
        return (time.monotonic() - clock) / done * (self.goal - self.training.steps_done)

    @contextmanager
    def hush(self):
        """While it is open, and until the answer is on the page, hardly a batch is begun: a hand has the cores."""
        self._hushed += 1
        try:
            yield
        finally:
            self._hushed -= 1
            self._quiet_until_s = time.monotonic() + ANSWER_S

    def begin(self):
        """Readies a run; halts whoever else is training."""
        self._begin()
        self.problem = ""
        if self.training.steps_done >= self.goal:
            self.goal = self.training.steps_done + self.training.steps
        self._began = (self.training.steps_done, time.monotonic())

    def start(self):
        """Trains in a thread until the goal or until ``halt``."""
        if self.alive:
            return
        self.begin()
        self._start()

    def run(self):
        """Trains here and now until the goal, as fast as it can."""
        self.halt()
        self.begin()
        self._go(paced=False)

    def _work(self):
        self._go(paced=True)
        if not self.halting:
            self.tell(True)

    def _go(self, paced):
        try:
            while not self.halting and not self.problem and self.training.steps_done < self.goal:
                clock = time.monotonic()
                self.advance()
                if clock < self._quiet_until_s + TELL_S:
                    self.catch_up()  # a hand moves: its answers tell how far it is
                elif clock - self._told_s >= TELL_S:
                    self._told_s = clock
                    self.tell(False)
                while not self.halting and (
                    self._hushed or time.monotonic() < min(self._quiet_until_s, clock + QUIET_S)
                ):
                    self._halt.wait(BREATH_S)
                if paced:
                    rest = 1 / self.pace - (time.monotonic() - clock) if self.pace else 0
                    self._halt.wait(max(BREATH_S, rest))
        except Exception as error:  # a model of the learner's may raise anything; a thread has nobody to raise it to
            if not paced:
                raise
            self.problem = f"Training broke: {type(error).__name__}: {error}"
        finally:
            self.rest()

    def advance(self):
        """One step, kept and measured where it is its turn."""
        loss, step = self.training.step(), self.training.steps_done
        kept, measured = self.history.due(step)
        if kept:
            self.history.keep(step)
        if measured:
            self.measure()
        if not isfinite(loss):
            self.problem = (
                f"The loss is {loss} after step {step}: the steps are too long. Reset, and take a learning rate below "
                f"{self.training.lr:g}."
            )

    def rest(self):
        """Keeps and measures the step at which it has come to rest."""
        self.catch_up()
        self.measure()

    def measure(self):
        """Names all test pictures with the weights of now, once a step."""
        step = self.training.steps_done
        if step != self._measured:
            self.history.measured(step, self.training.said())
            self._measured = step

    def catch_up(self):
        """Keeps the newest step, to be looked at; only between two steps."""
        if self.history.look_up(-1)[0] != self.training.steps_done:
            self.history.keep(self.training.steps_done)

    def hurry(self, pace):
        """Another pace: so many steps a second, or 0 for as fast as it can."""
        self.pace, self._began = pace, (self.training.steps_done, time.monotonic())

    def _halted(self):
        self.tell(True)
