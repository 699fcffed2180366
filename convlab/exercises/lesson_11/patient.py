"""What the patients of lesson 11 have in common: broken code, its symptom, and looks at what a mended one does."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from ...verdict import Verdict
from ..calling import untouched
from ..task import Case, Exercise, Misfit

IMPORTS = {
    "torch": "import torch",
    "F": "import torch.nn.functional as F",
    "nn": "from torch import nn",
}
AXES = 4  # of the largest output; a shape with fewer is filled up with zeros


class Patient(Exercise):
    """Broken code to be mended; unmended it is no attempt, and its symptom is told.

    A patient has two attributes more than an exercise: `broken`, the code as it stands in a cell, and `symptom`, what
    is seen of it.
    """

    lesson, revision = "11", 1
    made = "class"
    lost_digits = ""  # networks are float32
    broken: str
    symptom: str

    @property
    def stub(self):
        """The broken code with the imports that it needs."""
        needed = [line for name, line in IMPORTS.items() if re.search(rf"(?<![\w.]){name}\.", self.broken)]
        return "\n".join([*needed, "", "", ""] if needed else []) + self.broken + "\n"

    @property
    def reference(self):
        """The mended code; torch comes with it."""
        (name,) = re.findall(r"^(?:class|def) (\w+)", self.broken, re.M)
        return getattr(import_module(f"{__package__}.mended"), name)

    def _mutant(self, function):
        return function

    def check(self, fn, seed=None):
        """As `Exercise.check`; numbers that layers draw meanwhile are not taken from the learner's."""
        if untouched(fn, self.stub):
            return Verdict("not_attempted", f"Nothing is mended yet. {self.symptom}")
        torch = import_module("torch")
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)  # torch.manual_seed takes a hundred times as long
            return super().check(self.tried(fn), seed)

    def tried(self, fn):
        """What is called for the learner's code: itself, unless an exercise puts something around it."""
        return fn

    def expected(self, case):
        return np.array(case.then.right, float)

    def own_words(self, trial):
        if trial.run["result"]["type"] == "NoneType":
            return f"Your {self.made} gave nothing (None): its last line is `return ...`."
        if trial.result is None or trial.result.shape != trial.expected.shape:
            return ""
        return f"For {trial.case.label}: {trial.case.then.says(trial.result.tolist())}"


@dataclass(frozen=True, eq=False)
class Look:
    """Something that is looked at in what came back; a case holds it as `then`.

    Args:
        look: a function of torch and of what came back; it gives numbers.
        right: these numbers where the piece is mended.
        says: a function of the numbers that came; it gives a sentence on what is wrong with them.
    """

    look: Callable
    right: tuple
    says: Callable

    def __call__(self, result):
        return np.array(self.look(import_module("torch"), result), float)


def looked_at(arguments, label, *looks, example=False):
    """A case for each of the looks."""
    return [Case(arguments, {}, label, example, look, counted=True) for look in looks]


def network_of(torch, result):
    """What came back, if it is a network.

    Raises:
        Misfit: it is something else.
    """
    if isinstance(result, torch.nn.Module):
        return result
    raise Misfit(f"what came back is of type {type(result).__name__}; expected an nn.Module.")


def answer(torch, network, input):
    """The output of the network for this input, without gradients.

    Raises:
        Misfit: it gives something else than a tensor of at most four axes.
    """
    with torch.no_grad():
        output = network_of(torch, network)(input)
    if not isinstance(output, torch.Tensor) or output.dim() > AXES:
        came = "nothing (None)" if output is None else f"a {type(output).__name__}"
        came = f"a tensor of shape {tuple(output.shape)}" if isinstance(output, torch.Tensor) else came
        raise Misfit(f"your forward gives {came}; expected a tensor: its last line is `return ...`.")
    return output


def four(shape):
    """A shape as four numbers, so that all shapes can be compared.

    Example:
        >>> four((8, 10))
        (8, 10, 0, 0)
    """
    return (*shape, *[0] * (AXES - len(shape)))


def gives(shape, right):
    """A look at the shape of the output for an input of this shape."""

    def look(torch, network):
        return four(answer(torch, network, torch.rand(shape)).shape)

    def says(came):
        came = tuple(int(it) for it in came if it)
        return f"the output for an input of shape {shape} has the shape {came}; expected {tuple(right)}."

    return Look(look, four(right), says)


def learns(shape, right, why):
    """A look at how many numbers are learned, after one input of this shape, as a lazy layer wants it."""

    def look(torch, network):
        try:
            answer(torch, network, torch.rand(shape))
        except RuntimeError:  # told where the output is asked for
            pass
        return [sum(it.numel() for it in network.parameters())]

    def says(came):
        return f"parameters() hands out {int(came[0])} numbers; expected {right}{why}."

    return Look(look, (right,), says)


def alone(shape):
    """A look at how many pictures of a batch are answered otherwise when they come alone."""

    def look(torch, network):
        batch = torch.rand(shape)
        together = answer(torch, network, batch)
        singles = [answer(torch, network, batch[n : n + 1]) for n in range(len(batch))]
        return [sum(not alike(one, together[n : n + 1]) for n, one in enumerate(singles))]

    def says(came):
        return (
            f"{int(came[0])} of {shape[0]} pictures are answered otherwise when they come alone; expected the same "
            "answer, whatever lies beside a picture."
        )

    return Look(look, (0,), says)


def alike(one, other, tolerance=1e-3):
    """True for tensors of one shape with the same numbers, up to rounding.

    Example:
        >>> import torch
        >>> alike(torch.ones(2), torch.ones(2) + 1e-6), alike(torch.ones(2), torch.ones(3))
        (True, False)
    """
    one, other = (it.detach().cpu().numpy() for it in (one, other))  # torch.equal may be the learner's by now
    return one.shape == other.shape and bool((abs(one - other) <= tolerance * (0.01 + abs(other))).all())


def equal(one, other):
    """True for tensors of one shape with the same numbers, to the last digit."""
    return alike(one, other, tolerance=0)


def wrong(module, name):
    """The program of this name in a module of wrong mends, which needs torch and is loaded when it is first called."""

    def make(*arguments, **named):
        return getattr(import_module(f"{__package__}.{module}"), name)(*arguments, **named)

    make.__name__ = make.__qualname__ = name
    return make
