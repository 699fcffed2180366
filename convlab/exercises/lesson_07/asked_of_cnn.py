"""What 07.simple_cnn asks of a network that a learner's class made: each question gives an array of numbers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from ..task import Misfit


@dataclass(frozen=True)
class Asked(ABC):
    """A question to a network; a case holds it as `then`. `shape` is that of the pictures that it is meant for."""

    shape: tuple

    def __call__(self, network):
        torch = import_module("torch")
        if not isinstance(network, torch.nn.Module):
            raise Misfit("your class is no nn.Module. Its first line is `class SimpleCNN(nn.Module):`.")
        with torch.no_grad():
            return self.answer(torch, network)

    @abstractmethod
    def answer(self, torch, network):
        """An array of numbers."""


@dataclass(frozen=True)
class Form(Asked):
    """(rows, columns) of the output, rows for pictures of another size, and 1 where all is squeezed into 0 to 1.

    A network that refuses another size counts as one that keeps its rows.
    """

    other: tuple

    def answer(self, torch, network):
        run_once(torch, network, self.shape)  # a lazy layer takes its size from the first pictures
        for number, parameter in enumerate(network.parameters()):
            parameter.copy_(waves(torch, parameter.shape, number))
        output = tensor(torch, network(waves(torch, self.shape)))
        if output.dim() != 2:
            raise Misfit(
                f"your output has the shape {tuple(output.shape)} for {self.shape[0]} pictures; expected two axes, "
                "pictures and classes."
            )
        squeezed = bool(((output >= 0) & (output <= 1)).all() or (output <= 0).all())
        return np.array([*output.shape, self.rows(torch, network), squeezed], float)

    def rows(self, torch, network):
        try:
            return len(tensor(torch, network(waves(torch, self.other))))
        except (RuntimeError, ValueError):
            return self.other[0]


def waves(torch, shape, number=0):
    """Numbers between -1 and 1 of both signs, the same every time."""
    return torch.sin(1.7 * torch.arange(np.prod(shape)) + number).reshape(shape).float()


@dataclass(frozen=True)
class Numbers(Asked):
    """By how much two counts are off: the numbers that parameters() hands to an optimizer, and what count() gives.

    What is off is what is compared: of thousands, a few would be lost in the tolerance.
    """

    right: int

    def answer(self, torch, network):
        run_once(torch, network, self.shape)
        if not callable(getattr(network, "count", None)):
            raise Misfit("your class has no method `count`. Leave it there: def count(self).")
        counted = network.count()
        if counted is None:
            raise Misfit("your count() returns nothing (None); its last line must be `return ...`.")
        if isinstance(counted, torch.Tensor) and counted.numel() == 1:
            counted = counted.item()
        if isinstance(counted, bool) or not isinstance(counted, int | np.integer):
            came = f"{counted!r}, a float" if isinstance(counted, float) else f"a {type(counted).__name__}"
            raise Misfit(f"your count() returns {came}; expected a whole number.")
        return np.array([sum(it.numel() for it in network.parameters()), counted], float) - self.right


@dataclass(frozen=True, eq=False)
class Logits(Asked):
    """The output with these numbers in the Parameters; all are whole and small, so float32 loses nothing."""

    numbers: tuple
    input: np.ndarray

    def answer(self, torch, network):
        run_once(torch, network, self.shape)
        put_in(torch, network, self.numbers)
        output = network(torch.from_numpy(self.input).float())
        return tensor(torch, output).double()


def tensor(torch, output):
    """The output, if it is a tensor.

    Raises:
        Misfit: it is something else.
    """
    if isinstance(output, torch.Tensor):
        return output
    came = "nothing (None)" if output is None else f"a {type(output).__name__}"
    raise Misfit(f"your forward returns {came}; expected a tensor: its last line is `return ...`.")


def run_once(torch, network, shape):
    """Lets a lazy layer find its size; what goes wrong here is told where the output is asked for."""
    try:
        network(torch.zeros(shape))
    except (RuntimeError, ValueError, TypeError):
        pass


def put_in(torch, network, numbers):
    """Copies each array into the Parameter of as many filters and numbers, whatever its name.

    Raises:
        Misfit: there is no such Parameter.
    """
    left = list(network.parameters())
    for array in numbers:
        fits = [it for it in left if it.numel() == array.size and len(it) == len(array)]
        if not fits:
            have = ", ".join(str(tuple(it.shape)) for it in network.parameters()) or "none"
            raise Misfit(f"your network has no Parameter of shape {array.shape}. It has {have}: keep the layers.")
        fits[0].copy_(torch.from_numpy(array).reshape(fits[0].shape))
        left = [it for it in left if it is not fits[0]]
