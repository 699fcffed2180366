"""10.separable: a depthwise convolution, and a 1 x 1 convolution behind it."""

from dataclasses import dataclass
from importlib import import_module

import numpy as np

from ..sentences import size_of
from ..task import Case, Exercise, Misfit, random_numbers
from .group_errors import SEPARABLE_ERRORS
from .separable_slips import SLIPS

N = 2
CHANNELS, ROWS, COLUMNS, PARAMETERS, DEPTHWISE, POINTWISE, STRAIGHT, ALIKE = range(8)  # what is asked, in this order
WHAT = {"size": slice(PARAMETERS), "parameters": slice(PARAMETERS, DEPTHWISE), "parts": slice(DEPTHWISE, None)}


def separable(in_channels, out_channels, kernel_size):
    """A depthwise layer that keeps the size, then a pointwise one.

    Example:
        >>> import torch
        >>> separable(3, 8, (3, 5))(torch.ones(2, 3, 6, 7)).shape
        torch.Size([2, 8, 6, 7])
    """
    from torch import nn

    kH, kW = kernel_size
    padding = kH // 2, kW // 2
    depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, padding=padding, groups=in_channels)
    pointwise = nn.Conv2d(in_channels, out_channels, kernel_size=1)
    return nn.Sequential(depthwise, pointwise)


@dataclass(frozen=True)
class Asked:
    """What the layer that came back makes of a batch, or of what it is made; a case holds it as `then`.

    Args:
        what: which of the numbers are asked for, a name in ``WHAT``.
        in_channels, out_channels, kernel_size: what was asked for.
        input: a batch, (N, in_channels, H, W).
    """

    what: str
    in_channels: int
    out_channels: int
    kernel_size: tuple
    input: np.ndarray

    def __call__(self, result):
        torch = import_module("torch")
        layer = checked(torch, result)
        with torch.no_grad():
            return np.array(getattr(self, f"_{self.what}")(torch, layer), float)

    def _size(self, torch, layer):
        return self._output(layer, torch.from_numpy(self.input).float()).shape[1:]

    def _parameters(self, torch, layer):
        return [sum(it.numel() for it in layer.parameters())]

    def _parts(self, torch, layer):
        given = {tuple(it.shape): it.detach() for it in layer.parameters()}
        weights, input = [given.get(shape) for shape in self.shapes], torch.from_numpy(self.input).float()
        output = self._output(layer, input)
        alike = all(it is not None for it in weights) and self._alike(torch, input, output, weights)
        nothing, much = layer(0 * input), 8 * input  # so much that no bias keeps every sign as it was
        straight = _near(layer(2 * input) - output, output - nothing)
        straight = straight and _near(layer(much) + layer(-much), 2 * nothing)
        return weights[0] is not None, weights[2] is not None, straight, alike

    def _output(self, layer, input):
        try:
            output = layer(input)
        except Exception as error:
            said = " ".join(str(error).split())
            raise Misfit(f"called with an input of {size_of(input.shape)}, your layer raised {said}") from None
        if getattr(output, "ndim", 0) != 4:
            raise Misfit("your layer gives something else than (N, out_channels, H, W).")
        return output

    @property
    def shapes(self):
        """Weight and bias of the depthwise layer, weight and bias of the pointwise one."""
        C_in, C_out = self.in_channels, self.out_channels
        return (C_in, 1, *self.kernel_size), (C_in,), (C_out, C_in, 1, 1), (C_out,)

    def _alike(self, torch, input, output, weights):
        """True where the output is what these weights give, depthwise first, and nothing between or behind."""
        padding = tuple(k // 2 for k in self.kernel_size)
        between = torch.conv2d(input, *weights[:2], padding=padding, groups=self.in_channels)
        wanted = torch.conv2d(between, *weights[2:])
        return wanted.shape == output.shape and _near(wanted, output)

    @property
    def expected(self):
        """What a right layer answers."""
        size, count = self.input.shape[2:], sum(int(np.prod(shape)) for shape in self.shapes)
        return np.array([self.out_channels, *size, count, 1, 1, 1, 1], float)[WHAT[self.what]]


def _near(one, other):
    return bool(((one - other).abs() < 1e-4).all())


def checked(torch, result):
    """The layer that came back.

    Raises:
        Misfit: it is no layer.
    """
    if isinstance(result, type):
        raise Misfit("a class came back; return a layer made of it.")
    if isinstance(result, list | tuple):
        raise Misfit(f"a {type(result).__name__} of {len(result)} came back; put them into nn.Sequential(...).")
    if not isinstance(result, torch.nn.Module):
        raise Misfit(f"a {type(result).__name__} came back; expected a layer, such as nn.Sequential(...).")
    return result


class Separable(Exercise):
    """A depthwise separable convolution."""

    id, lesson, title = "10.separable", "10", "Depthwise, then pointwise"
    level, minutes, revision = "easy", 8, 1
    prompt = """\
Write `separable(in_channels, out_channels, kernel_size)`: return a layer that does a depthwise separable convolution, \
(N, in_channels, H, W) -> (N, out_channels, H, W).

- First depthwise: each input channel has one kernel of its own, of the size `kernel_size`, a pair (kH, kW) of odd \
numbers. Zeros around the input keep H and W.
- Then pointwise: a 1 x 1 convolution that makes out_channels of them.
- Both have a bias. Nothing stands between them, and nothing behind.

nn.Sequential of the two will do; so will an nn.Module of your own. For example, from 64 to 128 channels:

    layer = separable(64, 128, (3, 5))
    layer(torch.ones(1, 64, 6, 7)).shape                # (1, 128, 6, 7)
    sum(p.numel() for p in layer.parameters())          # """ + (
        f"{64 * 15 + 64 + 64 * 128 + 128}: {64 * 15 + 64} and {64 * 128 + 128}"
    )
    stub = """\
from torch import nn


def separable(in_channels, out_channels, kernel_size):
    kH, kW = kernel_size
    depthwise = ...
    pointwise = ...
    return ...
"""
    arguments = ("in_channels", "out_channels", "kernel_size")
    reference = staticmethod(separable)
    slips, errors = SLIPS, SEPARABLE_ERRORS
    returns, compared = "layer", "layer"
    right = "Right: one kernel a channel, then a 1 x 1 convolution."
    hints = (
        "Two nn.Conv2d, one behind the other. How many channels go into the first one, how many come out of it? Which "
        "groups let each channel see itself alone?",
        "The depthwise one has in_channels as in_channels, as out_channels and as groups; padding (kH // 2, kW // 2) "
        "keeps the size. The pointwise one has kernel_size=1, and mixes the channels.",
        "depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, padding=(kH // 2, kW // 2), groups=in_channels); "
        "pointwise = nn.Conv2d(in_channels, out_channels, kernel_size=1); return nn.Sequential(depthwise, pointwise).",
    )

    def _mutant(self, function):
        return function

    def cases(self, seed):
        """Five layers, three questions each: more channels out than in or fewer; kernels wide and tall."""
        rng = random_numbers(seed, self.id)
        settings = (
            (2, 3, (1, 3), (1, 4)),
            (3, 6, (3, 1), (4, 3)),
            (4, 8, (3, 5), (5, 7)),
            (6, 3, (5, 3), (6, 8)),
            (int(rng.integers(5, 8)), int(rng.integers(9, 12)), (3, 7), (7, 9)),
        )
        return [case for setting in settings for case in _cases(rng, *setting)]

    def expected(self, case):
        return case.then.expected

    def own_words(self, trial):
        told = trial.run["result"]
        if told["type"] == "NoneType":
            return "Your function returned None; expected the layer. Its last line must be `return ...`."
        if trial.yours is None or not (abs(trial.yours - trial.expected) > 0.5).any():
            return ""
        return f"For {trial.case.label} {_words(trial.case.then, trial.yours, trial.expected)}."


def _words(asked, yours, expected):
    """What is wrong, in words."""
    at = range(ALIKE + 1)[WHAT[asked.what]][int((abs(yours - expected) > 0.5).argmax())]
    if at <= COLUMNS:
        came, wanted = (size_of((N, *map(int, whole))) for whole in (yours, expected))
        return f"your layer turns an input of {size_of(asked.input.shape)} into {came}; expected {wanted}"
    if at == PARAMETERS:
        first, second = (int(np.prod(shape)) for shape in asked.shapes[::2])
        return (
            f"your layer has {int(yours[0])} parameters; expected {int(expected[0])}: {first} + {asked.in_channels} "
            f"depthwise, {second} + {asked.out_channels} pointwise"
        )
    if at in (DEPTHWISE, POINTWISE):
        name, shape = (("depthwise", asked.shapes[0]), ("pointwise", asked.shapes[2]))[at - DEPTHWISE]
        return f"no weight of your layer has the shape {shape}; expected it of the {name} convolution"
    if at == STRAIGHT:
        return "twice the input does not change the output twice as much: something else stands between or behind"
    return "the output is not what depthwise and then pointwise convolution give with your weights"


def _cases(rng, in_channels, out_channels, kernel_size, size):
    """The cases of a layer, one for each question."""
    given = {"in_channels": in_channels, "out_channels": out_channels, "kernel_size": kernel_size}
    label, input = ", ".join(f"{name}={it}" for name, it in given.items()), rng.uniform(-1, 1, (N, in_channels, *size))
    for what in WHAT:
        asked = Asked(what, *given.values(), input)
        counts = [float(np.prod(shape)) for shape in asked.shapes]
        shown = {
            "size": {"C_in, H, W of the input": ("input", np.array([[in_channels, *size]], float))},
            "parameters": {"weight and bias, depthwise and pointwise": ("weight", np.array([counts]))},
            "parts": {},
        }
        yield Case(given, shown[what], label, then=asked, counted=True)
