"""08.grad_check: is this gradient right? Every number is moved up and down, and the loss is looked at."""

from dataclasses import dataclass
from importlib import import_module

import numpy as np

from ..sentences import no_result, number
from ..task import Case, Exercise, random_numbers
from .difference_slips import ERRORS, SLIPS, compared
from .losses import ALONG, COARSE, FAULTS, FEW, NEVER, ONE_SIDE, TINY, TOGETHER, Loss


def grad_check(f, x, grad):
    """How far a gradient is from the one that central differences measure, relative to the largest measured number.

    Args:
        f: a function of a tensor like x that gives one number.
        x: where the gradient is measured, of float64.
        grad: what is claimed to be the gradient of f at x.

    Shape:
        x and grad alike, any -> one number

    Example:
        >>> import torch
        >>> x = torch.tensor([1.0, -2.0, 3.0]).double()
        >>> round(float(grad_check(lambda x: (x**2).sum(), x, torch.tensor([2.0, -4.0, 9.0]))), 6)
        0.5
    """
    import torch

    h = 1e-5
    x = x.clone()
    measured = torch.zeros_like(x)
    for index in np.ndindex(*x.shape):
        before = x[index].item()
        x[index] = before + h
        up = f(x)
        x[index] = before - h
        down = f(x)
        x[index] = before
        measured[index] = (up - down) / (2 * h)
    return (grad - measured).abs().max() / measured.abs().max()


@dataclass(frozen=True, eq=False)
class Answer:
    """What came back, as an array of one number; a case holds it as `then`.

    Where the loss was not asked as it should be, it gives an array of seven in its place, 0 but for what is wrong.
    """

    f: Loss

    def __call__(self, result):
        fault = self.f.told()
        torch = import_module("torch")
        one = isinstance(result, torch.Tensor | np.ndarray | np.generic) and result.ndim == 0
        if not one and type(result) not in (float, int):
            return result
        if fault:
            return np.array([fault[1] * (which == fault[0]) for which in range(FAULTS)], float)
        return result if one and "bool" in str(result.dtype) else np.array(float(result))


EXAMPLE_X, EXAMPLE_GRAD = np.array([1.0, -2.0, 3.0]), np.array([2.0, -4.0, 9.0])


class GradCheck(Exercise):
    """A gradient check of one's own."""

    id, lesson, title = "08.grad_check", "08", "Is this gradient right?"
    level, minutes, revision = "medium", 12, 1
    prompt = """\
Write `grad_check(f, x, grad)`: how far is `grad` from the gradient of `f` at `x`? Return one number, 0 up to rounding \
for a right gradient.

`f` is a function that gives one number, a loss, for a float64 tensor like `x`, which has any number of axes; `grad` \
has the shape of `x`. Measure the gradient by central differences: for every index of x, move this one number by h up \
and by h down, all others where they are:

    measured[index] = (f(x with x[index] + h) - f(x with x[index] - h)) / (2 * h)

and return the largest |grad - measured|, divided by the largest |measured|. You choose h. When your function returns, \
x must be what it was; torch.autograd and backward() are not to be called. For example:

    x = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)
    grad_check(lambda x: (x**2).sum(), x, torch.tensor([2.0, -4.0, 9.0]))   # 0.5: measured is [2, -4, 6], and 3 / 6"""
    stub = """\
import torch


def grad_check(f, x, grad):
    h = ...
    measured = torch.zeros_like(x)
    ...
    return ...
"""
    arguments = ("f", "x", "grad")
    reference = staticmethod(grad_check)
    slips, errors = SLIPS, ERRORS
    watched, returns, compared = True, "difference", "number"
    instead = "here the gradient is to be measured: ask f a step up and a step down, for each number of x."
    right = "Right: your check finds what is wrong, wherever it is."
    faster = "f is to be asked twice for each number of x."
    lost_digits = (
        "Its numbers are a little off, which is accepted: with float64 and an h of about 1e-5 they are closer."
    )
    hints = (
        "Begin with one number: x_up = x.clone(), x_up[0] += h, and the same down. What is f(x_up) - f(x_down), "
        "divided by the way between the two? Which h keeps enough of float64's 16 digits?",
        "x has any number of axes. x.view(-1) shows all its numbers in one row: a step there is a step in x. Or let "
        "index run over np.ndindex(*x.shape), and write x[index]. Put each number back before you go on.",
        "h = 1e-5; for each index of a clone of x: before = x[index].item(); x[index] = before + h; up = f(x); "
        "x[index] = before - h; down = f(x); x[index] = before; measured[index] = (up - down) / (2 * h). At the end "
        "return (grad - measured).abs().max() / measured.abs().max().",
    )

    def cases(self, seed):
        """Seven losses, straight and curved, of tensors of one to four axes; two gradients right, five wrong."""
        rng = random_numbers(seed, self.id)
        example = Loss(EXAMPLE_X, np.eye(3), np.ones(3), power=2)
        return [
            _drawn(rng, (2,), 1, wrong=-1),
            _case(example, EXAMPLE_GRAD, example=True),
            _drawn(rng, (2, 3), 2),
            _drawn(rng, (3, 2), 1, wrong=1, by=-3.0),
            _drawn(rng, (1, 2, 3, 2), 1, wrong=-1, by=2.0),
            _drawn(rng, (1, 4), 3),
            _drawn(rng, (3, 4), 1, times=2.0, upstream=0.01),
        ]

    def expected(self, case):
        return np.array(compared(case.arguments["grad"], case.arguments["f"].gradient()))

    def _mutant(self, function):
        return function

    def own_words(self, trial):
        told = trial.run["result"]
        where = f"For {trial.case.label}"
        if sentence := no_result(told["type"], "expected one number", self.returns):
            return sentence
        if told["type"] not in ("Tensor", "ndarray"):
            return f"Your function returned a {told['type']}; expected one number, how far apart the gradients are."
        if told["type"] == "ndarray" and tuple(told["shape"]) == (FAULTS,) and trial.result is not None:
            return f"{where} {_asked(trial)}"
        if told["shape"]:
            return f"{where} a tensor of shape {tuple(told['shape'])} came back; expected one number."
        return ""

    def derive(self, case, place):
        grad, measured = case.arguments["grad"], case.arguments["f"].gradient()
        apart = abs(grad - measured)
        if apart.max() < 1e-12:
            return ": this gradient is right"
        at = ", ".join(str(int(k)) for k in np.unravel_index(apart.argmax(), apart.shape))
        return f" = {number(apart.max())} at [{at}], divided by the largest measured {number(abs(measured).max())}"


def _asked(trial):
    """What is wrong with how the loss was asked."""
    which = int(trial.result.argmax())
    size = trial.case.arguments["x"].size
    return {
        NEVER: "f was not asked at all; expected two calls for each number of x.",
        COARSE: "f was asked with float32 numbers; expected float64, as x is.",
        TOGETHER: "f was asked with several numbers of x moved at once; expected one at a time.",
        FEW: f"f was asked about {int(trial.result[which]) - 1} of {size} numbers of x; expected all {size}.",
        ALONG: "f was asked a step away, and at x itself; expected a step up and a step down for each number.",
        ONE_SIDE: "f was asked on one side of x only; expected a step up and a step down for each number.",
        TINY: "h is below 1e-10; expected a step at which float64 has digits to spare.",
    }[which]


def _drawn(rng, shape, power, wrong=None, by=1.0, times=1.0, upstream=1.0):
    """A case whose gradient is right, or off by `by` at the number `wrong`, or `times` what it should be."""
    outputs, gradient = 5, np.zeros(1)
    while abs(gradient).min() < 1e-2 * upstream:  # a number near 0 is no scale for a slip that divides by it
        factors = rng.integers(1, 4, (outputs, *shape)) * rng.choice([-1.0, 1.0], (outputs, *shape))
        above = upstream * rng.integers(1, 5, outputs) * rng.choice([-1.0, 1.0], outputs)
        loss = Loss(rng.integers(1, 10, shape) / 4, factors, above, power)
        gradient = loss.gradient()
    grad = times * gradient
    if wrong is not None:
        grad.flat[wrong] += by
    return _case(loss, grad)


def _case(loss, grad, example=False):
    line = {1: "a straight loss", 2: "a curved loss", 3: "a curved loss"}[loss.power]
    shown = {"x": ("input", loss.at), "grad": ("gradient", grad), "measured": ("gradient", loss.gradient())}
    shown = {name: (role, it.reshape(-1, it.shape[-1])) for name, (role, it) in shown.items()}
    arguments = {"f": loss, "x": loss.at, "grad": grad}
    return Case(arguments, shown, f"{line} of an x of shape {loss.at.shape}", example, Answer(loss))
