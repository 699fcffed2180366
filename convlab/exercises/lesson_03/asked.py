"""What 03.MyConv2d asks of a layer that a learner's class made: each question gives an array of numbers.

They run in the sandbox, and beside the slips; nothing is compared here.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from ..task import Misfit


def checked(layer):
    """The layer, if it is a module with a weight of its own.

    Raises:
        Misfit: it is no module, holds a ready-made layer, or its weight goes by another name.
    """
    nn = import_module("torch").nn
    if not isinstance(layer, nn.Module):
        raise Misfit("your class is no nn.Module. Its first line is `class MyConv2d(nn.Module):`.")
    if any(isinstance(it, nn.modules.conv._ConvNd) for it in layer.modules()):
        raise Misfit(
            "your class uses a ready-made layer, which brings its own Parameters. Make them yourself: self.weight = "
            "nn.Parameter(...), and use them with F.conv2d."
        )
    return layer


def tensor(layer, name):
    """The tensor of this name, or None where the layer has None there.

    Raises:
        Misfit: there is nothing of this name, or no tensor.
    """
    torch = import_module("torch")
    if not hasattr(layer, name):
        others = [other for other, _ in layer.named_parameters() if other not in ("weight", "bias")]
        have = f"Your Parameters are called {', '.join(others)}. " if others else ""
        raise Misfit(
            f"your layer has no attribute `{name}`. {have}Call them weight and bias, as nn.Conv2d does, in __init__: "
            "then each can load what the other saved. Without a bias self.bias is None."
        )
    found = getattr(layer, name)
    if found is not None and not isinstance(found, torch.Tensor):
        raise Misfit(f"your `{name}` is a {type(found).__name__}; expected a Parameter.")
    return found


@dataclass(frozen=True)
class Asked(ABC):
    """A question to a layer; a case holds it as `then`."""

    def __call__(self, layer):
        return self.answer(checked(layer))

    @abstractmethod
    def answer(self, layer):
        """An array of numbers."""


@dataclass(frozen=True)
class Handed(Asked):
    """How many numbers parameters() hands to an optimizer."""

    def answer(self, layer):
        return np.array([sum(it.numel() for it in layer.parameters())], float)


@dataclass(frozen=True)
class Shape(Asked):
    """The shape of `weight` or `bias`; no numbers where it is None."""

    name: str

    def answer(self, layer):
        found = tensor(layer, self.name)
        return np.array([] if found is None else tuple(found.shape), float)


@dataclass(frozen=True)
class Saved(Asked):
    """How many numbers state_dict() holds under weight, under bias, and under other names."""

    def answer(self, layer):
        saved = {name: it.numel() for name, it in layer.state_dict().items() if hasattr(it, "numel")}
        named = [saved.pop("weight", 0), saved.pop("bias", 0)]
        return np.array([*named, sum(saved.values())], float)


@dataclass(frozen=True)
class Reached(Asked):
    """Whether a gradient of the output can reach weight, and bias: 1 or 0 each.

    The graph is walked instead of run backwards: backward starts threads on some machines, and a forked child has
    none.
    """

    shape: tuple

    def answer(self, layer):
        torch = import_module("torch")
        weight, bias = tensor(layer, "weight"), tensor(layer, "bias")
        output = layer(torch.ones(self.shape))
        found = _leaves(getattr(output, "grad_fn", None))
        return np.array([any(it is leaf for leaf in found) for it in (weight, bias) if it is not None], float)


def _leaves(node):
    """The tensors that a graph's gradients end in."""
    left, seen, leaves = [node], set(), []
    while left:
        here = left.pop()
        if here is None or here in seen:
            continue
        seen.add(here)
        if hasattr(here, "variable"):
            leaves.append(here.variable)
        left += [after for after, _ in here.next_functions]
    return leaves


@dataclass(frozen=True)
class Different(Asked):
    """How many filters differ from all others at the start."""

    def answer(self, layer):
        weight = tensor(layer, "weight")
        filters = weight.detach().reshape(len(weight), -1)
        return np.array([len({tuple(row) for row in filters.tolist()})], float)


@dataclass(frozen=True, eq=False)
class Output(Asked):
    """The output of the layer with these numbers in its weight and bias; all are whole, so float32 loses nothing."""

    weight: np.ndarray
    bias: np.ndarray
    input: np.ndarray

    def answer(self, layer):
        torch = import_module("torch")
        for name in ("weight", "bias"):
            put_in(torch, tensor(layer, name), torch.from_numpy(getattr(self, name)).float(), name)
        output = layer(torch.from_numpy(self.input).float())
        return output.detach().double() if isinstance(output, torch.Tensor) else output


def put_in(torch, there, numbers, name):
    """Copies the numbers into the layer's tensor, where it has one.

    Raises:
        Misfit: the shapes differ.
    """
    if there is None:
        return
    if there.shape != numbers.shape:
        raise Misfit(f"numbers of shape {tuple(numbers.shape)} do not go into your {name} of {tuple(there.shape)}.")
    with torch.no_grad():
        there.copy_(numbers)
