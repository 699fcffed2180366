"""KernelLearner: a kernel learns another one by gradient descent, each step of it in five clicks.

The browser computes as the hand moves. When it rests, the state comes here, where PyTorch's autograd takes the same
step, and the widget says whether the two agree.
"""

import sys
import threading
from contextlib import contextmanager

import anywidget
import numpy as np
import traitlets

from .. import layers, samples
from ..refusals import one_sentence
from ..shapes import ArgumentError, ShapeError, whole
from ..shapes.checks import short
from . import kernel_learner_given as given
from .front import front
from .kernel_learner_given import PICTURES
from .kernel_learner_problem import Given
from .layer_widget import packed, unpacked
from .tasks import Tasks

FOLLOWED = ("target", "picture", "seed", "lr", "frozen", "step", "stage", "playing")
KEPT = ("weight", "before", "losses", "step", "stage", "frozen", "playing", "target_bias")  # of a state


@one_sentence
class KernelLearner(anywidget.AnyWidget):
    """A kernel that learns by gradient descent what a target kernel does to a picture, or another target picture.

    A step has five stages: output, difference to the target, loss (mean squared difference), gradient, update.

    Args:
        target: the name of one of ``convlab.samples.KERNELS``, a weight (kH, kW) or (1, 1, kH, kW), a real
            ``nn.Conv2d`` (one channel in, one out, stride 1, no padding), or a picture of the output's size, which
            perhaps no kernel can give.
        input: the name of a bundled picture ("patches", "painted", "digit", "camera", "bricks", "cat"), or an array or
            tensor (H, W), at most 128 x 128.
        kernel_size: of the kernel that learns, one whole number or a pair; without it, the target's own.
        bias: whether a bias is learned too; a number is its value.
        lr: the learning rate; without it, one that learns well on this picture.
        start: the weight (kH, kW) before the first step, or one number for all; without it, drawn by ``seed``.
        seed: the same seed draws the same start.
        tasks: things to do, a dict {sentence: function of ``now``}; ``now`` has ``step``, ``stage``, ``loss``, ``lr``,
            ``weight``, ``gradient``, ``target_weight`` (arrays (1, 1, kH, kW); None for a target picture), ``bias``,
            ``frozen`` (a tuple of (row, column)), ``diverged``, ``largest_lr``, ``losses``, ``target``, ``picture``.
        kept: where the learning stands: ``weight``, ``step``, ``stage`` (0 to 5), ``frozen`` (cells that do not learn,
            [(row, column), ...], and "bias"), ``losses``, ``before`` (the parameters before the update of stage 5),
            ``playing``, ``target_bias`` (of a target kernel of yours).

    Raises:
        TypeError: an unknown name or keyword, or numbers that are not floats.
        ShapeError: a rank or size that fits nothing. A rate that is too high is shown, not raised.

    Example:
        >>> learner = KernelLearner("vertical edges", lr=0.1)
        >>> learner
        KernelLearner('vertical edges', 'patches', kernel_size=3, lr=0.1)
        >>> learner.step = 200
        >>> learner.loss < 1e-4, round(learner.largest_lr, 3)
        (True, 0.197)
    """

    _esm, _css = front("kernel_learner")

    target = traitlets.Unicode("vertical edges", help="a kernel's name; own: what the widget was made with")
    picture = traitlets.Unicode("patches", help="a picture's name; own: your array")
    lr = traitlets.Float(0.1, help="the learning rate")
    frozen = traitlets.List(help="cells that do not learn: [row, column], and 'bias'")
    seed = traitlets.Int(0, help="of the drawn start")
    step = traitlets.Int(0, help="how many steps have been taken; setting it takes them")
    stage = traitlets.Int(0, help="0 nothing yet, 1 output, 2 difference, 3 loss, 4 gradient, 5 updated")
    playing = traitlets.Bool(False, help="whether step follows step")
    _given = traitlets.Dict(help="what the widget was made with").tag(sync=True)
    _pictures = traitlets.Dict().tag(sync=True)
    _kernels = traitlets.List().tag(sync=True)
    _told = traitlets.Dict(help="the whole state, as Python has it").tag(sync=True)
    _hand = traitlets.Dict(help="the whole state, as the hand made it").tag(sync=True, echo_update=False)
    _tasks = traitlets.List().tag(sync=True)

    def __init__(self, target="vertical edges", input="patches", *, kernel_size=None, bias=False, lr=None, start=None,
                 seed=0, tasks=None, **kept):  # fmt: skip
        if unknown := sorted(set(kept) - set(KEPT)):
            raise ArgumentError(f"KernelLearner has no argument {unknown[0]!r}; it knows lr, start, {', '.join(KEPT)}.")
        self._busy, self._guard = True, threading.RLock()  # a hand's message comes in a thread of its own
        name, array = given.read_picture(input)
        shape = (given.picture(name) if array is None else array).shape
        goal, own = given.read_target(target, shape, size := given.read_size(kernel_size))
        has_bias, bias = given.read_bias(bias)
        own = {**own, "target_bias": kept.get("target_bias", own.get("target_bias", 0.0))}
        self._own = Given(array, name, size, has_bias, own)
        self.picture, self.target, self.seed = name, goal, whole(seed, "seed")
        self._own.start = given.read_start(start, self._size)
        self.lr = given.usual_rate(self._problem.largest_rate()) if lr is None else given.check_rate(lr)
        self._restart()
        self._keep(kept, bias)
        self._given = self._own.for_the_page()
        self._to_do = Tasks(tasks or {}, type(self).__name__)
        self._tasks = [dict(entry) for entry in self._to_do.shown]
        self._busy = False
        self._tell()
        super().__init__()  # now: the browser is told of a whole learner from the start, never of an empty one
        self.observe(self._follow, FOLLOWED)
        self.observe(self._take, ["_hand"])

    def _keep(self, kept, bias):
        """Takes over where a learning stands."""
        if "frozen" in kept:
            self.frozen = given.check_frozen(kept["frozen"], self._size, self._own.has_bias)
        if "weight" in kept:
            self._parameters = self._flat(kept["weight"], finite=False)
        if self._own.has_bias:
            self._parameters[-1] = bias
        if "losses" in kept:
            self._losses = [float(loss) for loss in kept["losses"]]
        if kept.get("before") is not None:
            self._before = np.asarray(kept["before"], np.float64)
        try:
            for name in ("step", "stage", "playing"):
                setattr(self, name, kept.get(name, getattr(self, name)))
        except traitlets.TraitError as error:
            raise ArgumentError(str(error)) from None

    @property
    def _size(self):
        return self._own.size_of(self.target)

    @property
    def _problem(self):
        return self._own.problem(self.target, self.picture)

    def _flat(self, weight, finite=True):
        """The parameters with this weight, (kH, kW) or (1, 1, kH, kW), and the bias as it is."""
        array = given.numbers(weight, "weight") if finite else np.asarray(weight, np.float64)
        if array.shape not in (tuple(self._size), (1, 1, *self._size)):
            raise ShapeError(f"weight must have shape {(1, 1, *self._size)} or {tuple(self._size)}; got {array.shape}.")
        return np.concatenate([array.ravel(), self._parameters[array.size :]])

    # The five stages

    def _restart(self):
        """Another problem or another start: nothing has been learned."""
        self._parameters, self._before, self._losses = self._own.first(self.target, self.seed), None, []
        kH, kW = self._size
        self.frozen = [cell for cell in self.frozen if cell == "bias" or (cell[0] < kH and cell[1] < kW)]
        self.step, self.stage = 0, 0

    def _at(self, stage):
        """Goes to one of the stages 0 to 4 of the present step."""
        self._before, self.stage = None, stage
        self._losses = self._losses[: self.step]
        if stage >= 3:
            self._losses = [*self._losses, self._problem.loss(self._parameters)]

    def _settle(self):
        """After an update, what is on the screen is of the weight before: a change brings up what belongs to it now."""
        self._at(min(self.stage, 4))

    def _update(self):
        problem = self._problem
        self._before = self._parameters
        self._losses = [*self._losses[: self.step], problem.loss(self._before)]
        self._parameters = self._before - self.lr * problem.gradient(self._before) * problem.free(self.frozen)
        self.step, self.stage = self.step + 1, 5

    def _walk_to(self, step):
        """Takes steps, from the start where the goal lies behind."""
        if step < self.step:
            self._restart()
        with np.errstate(all="ignore"):
            while self.step < step:
                self._update()
            self._at(4 if step else 0)

    # Python's hand and the learner's

    @contextmanager
    def _quietly(self):
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    def _follow(self, change):
        """Makes the rest of the state follow a trait that Python has set."""
        name, before, now = change["name"], change["old"], change["new"]
        with self._guard, np.errstate(all="ignore"):
            if self._busy:
                return
            with self._quietly():
                if name in ("target", "picture", "seed"):
                    if self._own.output is not None and self.target == "own":
                        self.picture = self._own.picture  # a target picture has one input
                    self._restart()
                elif name == "step":
                    self.step = before
                    self._walk_to(now)
                elif name == "stage":
                    self.stage = before
                    self._update() if now == 5 and before < 5 else self._at(now)
                elif name in ("lr", "frozen"):
                    self._settle()
            self._tell()

    def _take(self, _change=None):
        """Takes over what the hand has made."""
        with self._guard:
            hand = self._hand
            with self._quietly():
                for name in ("target", "picture", "seed"):
                    setattr(self, name, hand[name])
                self._parameters, self._losses = unpacked(hand["parameters"]), unpacked(hand["losses"]).tolist()
                self._before = unpacked(hand["before"]) if hand["before"]["shape"][0] else None
                for name in ("lr", "frozen", "step", "stage", "playing"):
                    setattr(self, name, hand[name])
            self._tell(hand["page"], hand["rest"])

    def _tell(self, page="", rest=0):
        """Tells the pages the whole state, whose hand made it, and what one more step would be."""
        before = np.zeros(0) if self._before is None else self._before
        told = {name: getattr(self, name) for name in FOLLOWED}
        self._told = {**told, "parameters": packed(self._parameters), "before": packed(before),
                      "losses": packed(np.array(self._losses)), "page": page, "rest": rest,
                      "check": self._one_step()}  # fmt: skip
        if self._tasks and self._to_do.look(self._now()):
            self._tasks = [dict(entry) for entry in self._to_do.shown]

    def _one_step(self):
        """One step from here by PyTorch, by NumPy before it is loaded: the loss, the gradient, the weight after it."""
        torch, problem = sys.modules.get("torch"), self._problem
        with np.errstate(all="ignore"):
            if hasattr(torch, "nn"):
                by = f"PyTorch {torch.__version__.split('+')[0]}"
                loss, gradient, after = problem.by_torch(self._parameters, self.lr, self.frozen)
            else:
                by, loss, gradient = "NumPy", problem.loss(self._parameters), problem.gradient(self._parameters)
                after = self._parameters - self.lr * gradient * problem.free(self.frozen)
        return {"by": by, "numbers": packed(np.concatenate([[loss], gradient, after]))}

    def _now(self):
        problem, shape = self._problem, (1, 1, *self._size)
        count = self._size[0] * self._size[1]
        kernel = self._own.kernel(self.target)
        now = {name: getattr(self, name) for name in ("step", "stage", "lr", "target", "picture", "playing", "loss")}
        return {**now, "weight": self._parameters[:count].reshape(shape), "diverged": self.diverged,
                "bias": float(self._parameters[-1]) if self._own.has_bias else None,
                "gradient": problem.gradient(self._parameters)[:count].reshape(shape),
                "target_weight": None if kernel is None else kernel.reshape(shape),
                "frozen": tuple(tuple(cell) if cell != "bias" else cell for cell in self.frozen),
                "largest_lr": self.largest_lr, "losses": tuple(self._losses)}  # fmt: skip

    # Numbers to read

    @property
    def weight(self):
        """The weight that learns, a tensor (1, 1, kH, kW); what is written to it counts at once."""
        import torch

        count = self._size[0] * self._size[1]
        return torch.tensor(self._parameters[:count].reshape(1, 1, *self._size), dtype=torch.float32)

    @weight.setter
    def weight(self, weight):
        with self._guard, np.errstate(all="ignore"):
            self._parameters = self._flat(weight)
            with self._quietly():
                self._settle()
            self._tell()

    @property
    def layer(self):
        """The kernel that learns as a real ``nn.Conv2d``."""
        bias = self._parameters[-1:].astype(np.float32) if self._own.has_bias else None
        return layers.build(self._spec, self.weight, bias)

    @property
    def _spec(self):
        return {"in_channels": 1, "out_channels": 1, "kernel_size": list(self._size), "bias": self._own.has_bias}

    @property
    def input(self):
        """The picture as a tensor (1, 1, H, W)."""
        import torch

        return torch.tensor(self._problem.input, dtype=torch.float32)[None, None]

    @property
    def output(self):
        """What the kernel makes of the input now, a tensor (1, 1, H_out, W_out), by PyTorch."""
        return self.layer(self.input).detach()

    @property
    def target_output(self):
        """What it is to make of it, a tensor (1, 1, H_out, W_out)."""
        import torch

        return torch.tensor(self._problem.target, dtype=torch.float32)[None, None]

    @property
    def loss(self):
        """The mean squared difference of output and target now, a float."""
        with np.errstate(all="ignore"):
            return self._problem.loss(self._parameters)

    @property
    def losses(self):
        """The loss of each step that has been computed, a list of floats."""
        return list(self._losses)

    @property
    def largest_lr(self):
        """The learning rate from which the loss grows: 2 / the largest eigenvalue of the free cells' curvature."""
        return self._problem.largest_rate(self.frozen)

    @property
    def diverged(self):
        """Whether the loss is a thousand times the first one, or no number any more."""
        first = self._losses[0] if self._losses else self.loss
        return not self.loss <= 1000 * max(first, 1e-9)

    @property
    def state(self):
        """A plain dict that makes the same widget again: ``KernelLearner(**widget.state)``."""
        own, count = self._own, self._size[0] * self._size[1]
        target, size = self.target, own.size
        if target == "own":
            held = own.output if own.output is not None else own.weight[None, None]
            target, size = held.tolist(), self._size  # a picture does not say the size
        state = {"target": target, "input": own.input.tolist() if self.picture == "own" else self.picture,
                 "kernel_size": size and list(size), "bias": own.has_bias and float(self._parameters[-1]),
                 "lr": self.lr, "start": own.start if own.start is None else own.start.tolist(),
                 "seed": self.seed, "target_bias": own.target_bias if self.target == "own" else 0.0}  # fmt: skip
        kept = {name: getattr(self, name) for name in ("step", "stage", "losses", "playing")}
        return {**state, **kept, "weight": self._parameters[:count].reshape(self._size).tolist(),
                "before": None if self._before is None else self._before.tolist(),
                "frozen": [cell if cell == "bias" else list(cell) for cell in self.frozen]}  # fmt: skip

    def __repr__(self):
        own = "<target picture>" if self._own.output is not None else "<own kernel>"
        target = repr(self.target) if self.target != "own" else own
        picture = repr(self.picture) if self.picture != "own" else f"input={self._problem.input.shape}"
        bias = ", bias=True" if self._own.has_bias else ""
        return f"KernelLearner({target}, {picture}, kernel_size={short(list(self._size))}{bias}, lr={self.lr:g})"

    # What a trait takes

    @traitlets.validate("target", "picture", "lr", "frozen", "seed", "step", "stage")
    def _check(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        try:
            return getattr(self, f"_checked_{name}")(value)
        except (ArgumentError, ShapeError) as error:
            raise traitlets.TraitError(str(error)) from None

    def _checked_target(self, value):
        own = value == "own" and (self._own.weight is not None or self._own.output is not None)
        name = value if own else samples.kernel(value).name
        if not self._busy:
            self._own.problem(name, self._own.picture if own and self._own.output is not None else self.picture)
        return name

    def _checked_picture(self, value):
        given.check_picture(value, (*PICTURES, "own") if self._own.input is not None else PICTURES)
        if not self._busy:
            self._own.problem(self.target, value)
        return value

    def _checked_lr(self, value):
        return given.check_rate(value)

    def _checked_frozen(self, value):
        return given.check_frozen(value, self._size, self._own.has_bias)

    def _checked_seed(self, value):
        return whole(value, "seed")

    def _checked_stage(self, value):
        if not 0 <= value < given.STAGES:
            raise ShapeError(f"stage must be 0 to 5; got {value}: 5 is the update.")
        return value

    def _checked_step(self, value):
        if not 0 <= value <= given.MOST_STEPS:
            raise ShapeError(f"step must be 0 to {given.MOST_STEPS}; got {value}: choose fewer.")
        return value

    @traitlets.default("_kernels")
    def _all_kernels(self):
        return [{"name": kernel.name, "meaning": kernel.meaning, "weight": kernel.weight.astype(float).tolist()}
                for kernel in samples.KERNELS.values()]  # fmt: skip

    @traitlets.default("_pictures")
    def _all_pictures(self):
        sent = {name: given.sent_grey(name) for name in PICTURES}
        return {name: {"shape": list(grey.shape), "divisor": divisor, "data": grey.tobytes()}
                for name, (grey, divisor) in sent.items()}  # fmt: skip
