"""03.MyConv2d: a module with a weight and a bias of its own, which trains and can be saved."""

from importlib import import_module
from math import prod
from types import MappingProxyType

import numpy as np

from ...engines import conv2d_windows
from ..task import Case, Exercise, Slip, random_numbers
from .asked import Different, Handed, Output, Reached, Saved, Shape
from .own_words import WORDS, weight_shape

ARGUMENTS = ("in_channels", "out_channels", "kernel_size", "bias")


def wrong(name):
    """The class of this name in `wrong_layers`, as a function that makes a layer by it; torch comes with the call."""

    def make(in_channels, out_channels, kernel_size, bias=True):
        made = getattr(import_module(f"{__package__}.wrong_layers"), name)
        return made(in_channels, out_channels, kernel_size, bias)

    make.__name__ = make.__qualname__ = name
    return make


SLIPS = (
    Slip(
        ("M92",),
        "tensors that are no Parameters",
        wrong("PlainTensors"),
        "Your weight is a tensor, and no Parameter: parameters() does not hand it to an optimizer, and state_dict() "
        "does not save it. Wrap it: self.weight = nn.Parameter(...).",
        (wrong("WithGradient"), wrong("Buffers"), wrong("NewEveryTime")),
    ),
    Slip(
        ("M29",),
        "2-D filters",
        wrong("FlatFilters"),
        "Your filters are 2-D. A filter has one kernel for each input channel, so the weight has four axes: "
        "(out_channels, in_channels, kH, kW).",
        (wrong("SharedKernel"),),
    ),
    Slip(
        ("M30",),
        "input channels first",
        wrong("InFirst"),
        "Your weight begins with the input channels. In the weight the output channels come first, (out_channels, "
        "in_channels, kH, kW), although the call names them second.",
        (wrong("InFirstTurned"),),
    ),
    Slip(
        ("M31",),
        "TensorFlow's order",
        wrong("ChannelsLast"),
        "Your weight is in TensorFlow's order, with the channels last. PyTorch's is (out_channels, in_channels, kH, "
        "kW).",
        (wrong("ChannelsLastTurned"),),
    ),
    Slip(
        ("M91",),
        "out_channels named first",
        wrong("Swapped"),
        "Your __init__ takes out_channels before in_channels. nn.Conv2d takes what comes in first: (in_channels, "
        "out_channels, kernel_size).",
    ),
    Slip(
        ("M21",),
        "columns before rows",
        wrong("WideForHigh"),
        "Your kernels have as many rows as they should have columns. kernel_size is (height, width), and the weight "
        "ends in (kH, kW).",
    ),
    Slip(
        ("M43",),
        "always 3 input channels",
        wrong("ThreeChannels"),
        "Your weight has 3 input channels, whatever in_channels says. 3 is right for colour pictures alone; inside a "
        "network it is what the layer before gives.",
    ),
    Slip(
        ("M36",),
        "a bias for each input channel",
        wrong("BiasOfTheInput"),
        "Your bias has a number for each input channel. It is added to the output: one number for each output channel.",
    ),
    Slip(
        ("M01",),
        "keeps the size",
        wrong("KeepsSize"),
        "Your output is as large as the input. nn.Conv2d without padding gives what fits: H - kH + 1 rows. Leave the "
        "padding of F.conv2d at 0.",
    ),
    Slip(
        (),
        "another weight in forward",
        wrong("NewInForward"),
        "Your forward makes another weight and does not use self.weight: what is trained and what is used are two "
        "things. Give F.conv2d self.weight.",
    ),
    Slip(
        (),
        "bias not added",
        wrong("ForgetsBias"),
        "Your layer has a bias and does not use it: pass self.bias to F.conv2d, as its third argument.",
    ),
    Slip(
        (),
        "bias=False not heeded",
        wrong("AlwaysBias"),
        "With bias=False your layer has a bias all the same. Then self.bias is to be None, which F.conv2d takes too.",
    ),
    Slip(
        (),
        "never a bias",
        wrong("NoBias"),
        "Your layer never has a bias. With bias=True, the default, self.bias is a Parameter of out_channels numbers.",
    ),
    Slip(
        (),
        "one bias for all",
        wrong("OneBias"),
        "Your bias is one number for all output channels. Each output channel has its own: out_channels numbers.",
    ),
    Slip(
        (),
        "no gradient",
        wrong("Detached"),
        "Your sums are right, and no gradient reaches your Parameters: they would never learn. Use self.weight itself "
        "in forward, without .data, .detach() or torch.no_grad().",
        (wrong("WithoutGradient"),),
    ),
    Slip(
        (),
        "all filters alike",
        wrong("AllAlike"),
        "All that is there is right. But all your filters begin with the same numbers, so they get the same gradients "
        "from whatever treats them alike: begin with small random ones, 0.1 * torch.randn(...).",
        (wrong("AllOnes"),),
        "partial",
    ),
)


class MyConv2d(Exercise):
    """A layer written by the learner."""

    id, lesson, title = "03.MyConv2d", "03", "A Conv2d of your own"
    level, minutes, revision = "medium", 12, 1
    prompt = """\
Write the class `MyConv2d(in_channels, out_channels, kernel_size, bias=True)`, an `nn.Module` that does what \
`nn.Conv2d` does with stride 1 and no padding.

- `self.weight` is an `nn.Parameter` of shape (out_channels, in_channels, kH, kW), with small random numbers.
- `self.bias` is an `nn.Parameter` of shape (out_channels,), or None with `bias=False`.
- `kernel_size` is a whole number or a pair (kH, kW).
- `forward(input)` gives the output: `F.conv2d` computes it from the input, your weight and your bias.

No `nn.Conv2d` inside: its weight would not be yours. For example:

    MyConv2d(3, 4, (3, 2))(torch.rand(3, 5, 4)).shape  ->  torch.Size([4, 3, 3])"""
    stub = """\
import torch
import torch.nn.functional as F
from torch import nn


class MyConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, bias=True):
        super().__init__()
        ...

    def forward(self, input):
        ...
"""
    arguments, optional, made = ARGUMENTS, {"bias": True}, "class"
    meaning = MappingProxyType({"bias": "which says whether a number is added to each output channel"})
    slips = SLIPS
    returns, compared = "output", "output"
    right = "Right: your layer has PyTorch's shapes, gives its numbers, trains, and can be saved."
    hints = (
        "Two things are made in __init__, and both are Parameters. Which shape does the weight have: how many filters, "
        "how many kernels in each, how many rows and columns?",
        "nn.Parameter(0.1 * torch.randn(...)) turns a tensor into something that parameters() hands out. A pair can be "
        "taken apart with kH, kW = kernel_size; a whole number k means (k, k): ask isinstance(kernel_size, int).",
        "self.weight = nn.Parameter(0.1 * torch.randn(out_channels, in_channels, kH, kW)); self.bias = "
        "nn.Parameter(torch.zeros(out_channels)) if bias else None; and forward returns F.conv2d(input, self.weight, "
        "self.bias).",
    )
    errors = (
        (
            "AttributeError: cannot assign parameters before Module.__init__() call",
            "The module is not set up yet, so it has no place to keep Parameters.",
            "Let `super().__init__()` be the first line of __init__.",
        ),
        (
            "TypeError: cannot unpack non-iterable int object",
            "kernel_size was a whole number, and kH, kW = kernel_size wants a pair.",
            "Ask isinstance(kernel_size, int) first, and make it (kernel_size, kernel_size).",
        ),
        (
            "TypeError: 'int' object is not subscriptable",
            "kernel_size was a whole number, and a whole number has no [0].",
            "Ask isinstance(kernel_size, int) first, and make it (kernel_size, kernel_size).",
        ),
        (
            "TypeError: randn(): argument 'size' failed to unpack the object at pos 3 with error \"type must be tuple "
            'of ints,but got tuple"',
            "A pair stands among the sizes, where single numbers are due.",
            "Take it apart: kH, kW = kernel_size, then torch.randn(out_channels, in_channels, kH, kW).",
        ),
        (
            "TypeError: Parameter.__new__() takes from 1 to 3 positional arguments but 5 were given",
            "nn.Parameter wraps a tensor; it takes no sizes.",
            "Make the tensor first: nn.Parameter(0.1 * torch.randn(...)).",
        ),
        (
            "AttributeError: 'MyConv2d' object has no attribute 'weight'",
            "self.weight is used and was never set in __init__.",
            "Set self.weight = nn.Parameter(...) there; `weight = ...` alone is forgotten when __init__ ends.",
        ),
        (
            'NotImplementedError: Module [MyConv2d] is missing the required "forward" function',
            "The class has no method called forward: it is misspelled, or not indented under the class.",
            "Write `def forward(self, input):` inside the class.",
        ),
        (
            "RuntimeError: Given groups=1, weight of size [3, 4, 3, 2], expected input[1, 3, 5, 4] to have 4 channels, "
            "but got 3 channels instead",
            "The second axis of your weight is not the number of input channels.",
            "The order is (out_channels, in_channels, kH, kW).",
        ),
        (
            "RuntimeError: Given weight of size [4, 3, 3, 2], expected bias to be 1-dimensional with 4 elements, but "
            "got bias of size [3] instead",
            "The bias does not have one number for each output channel.",
            "Make it of shape (out_channels,).",
        ),
        (
            "RuntimeError: expected stride to be a single integer value or a list of 1 values to match the convolution "
            "dimensions, but got stride=[1, 1]",
            "Your weight has three axes, so F.conv2d takes the whole for something one-dimensional.",
            "Give it four: (out_channels, in_channels, kH, kW).",
        ),
    )

    @property
    def reference(self):
        """The reference class; torch comes with it."""
        return import_module(f"{__package__}.solutions").MyConv2d

    def _mutant(self, function):
        return function

    def cases(self, seed):
        """Four layers, small first: a pair and a whole number, with a bias and without; each asked several things."""
        rng = random_numbers(seed, self.id)
        kernels = [(3, 2), (2, 3), (2, 4), (4, 2)]
        C_in, C_out = _two(rng, 4, 7)
        layers = (
            ({"in_channels": 2, "out_channels": 4, "kernel_size": kernels[rng.integers(2)]}, (5, 6), None),
            ({"in_channels": 5, "out_channels": 2, "kernel_size": (1, 3), "bias": False}, (4, 5), None),
            ({"in_channels": 4, "out_channels": 5, "kernel_size": int(rng.integers(2, 4))}, (4, 6), 2),
            (
                {"in_channels": C_in, "out_channels": C_out, "kernel_size": kernels[rng.integers(4)], "bias": True},
                (7, 6),
                3,
            ),
        )
        return [case for arguments, size, N in layers for case in _asking(rng, arguments, size, N)]

    def expected(self, case):
        given, asked = case.arguments, case.then
        weight = weight_shape(given)
        bias = (weight[0],) if given.get("bias", True) else ()
        if isinstance(asked, Handed):
            return np.array([prod(weight) + sum(bias)], float)
        if isinstance(asked, Shape):
            return np.array(weight if asked.name == "weight" else bias, float)
        if isinstance(asked, Saved):
            return np.array([prod(weight), sum(bias), 0], float)
        if isinstance(asked, Reached):
            return np.ones(1 + len(bias))
        if isinstance(asked, Different):
            return np.array([weight[0]], float)
        return _flat(conv2d_windows(asked.input, asked.weight, asked.bias if bias else None))

    def result_shape(self, case):
        if not isinstance(case.then, Output):
            return self.expected(case).shape
        (kH, kW), (H, W) = weight_shape(case.arguments)[2:], case.then.input.shape[-2:]
        return (*case.then.input.shape[:-3], case.arguments["out_channels"], H - kH + 1, W - kW + 1)

    def value(self, case, result):
        """All feature maps one above the other, so that they can be laid beside the expected ones."""
        return _flat(result) if isinstance(case.then, Output) else result

    def own_words(self, trial):
        return WORDS[type(trial.case.then)](self, trial)


def _two(rng, low, high):
    """Two different numbers from low to high - 1."""
    return (int(it) for it in rng.choice(np.arange(low, high), 2, replace=False))


def _flat(output):
    return output.reshape(-1, output.shape[-1])


def _asking(rng, given, size, N):
    """The cases on one layer: what it hands out, its shapes, what it saves, its output, gradients, its start."""
    numbers = ", ".join(str(given[name]) for name in ("in_channels", "out_channels", "kernel_size"))
    more = f", bias={given['bias']}" if "bias" in given else ""
    call = f"MyConv2d({numbers}{more})"
    shape = (*(() if N is None else (N,)), given["in_channels"], *size)
    weight = rng.integers(-3, 4, weight_shape(given)).astype(float)
    bias = rng.choice([-20.0, -10.0, 10.0, 20.0, 30.0], given["out_channels"])
    input = rng.integers(0, 6, shape).astype(float)
    for asked in (Handed(), Shape("weight"), Shape("bias"), Saved()):
        yield Case(given, {}, call, then=asked, counted=True)
    shown = {"input": ("input", input if N is None else input[0])}
    yield Case(given, shown, call, then=Output(weight, bias, input))
    yield Case(given, {}, call, then=Reached(shape), counted=True)
    yield Case(given, {}, call, then=Different(), counted=True)
