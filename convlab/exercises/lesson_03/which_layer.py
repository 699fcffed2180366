"""03.which_layer: which layer has a weight of this shape, and which input gives an output of that one?"""

from dataclasses import dataclass
from importlib import import_module

import numpy as np

from ..task import Case, Exercise, Misfit, Slip, random_numbers


@dataclass(frozen=True)
class WeightOf:
    """The shape of the weight of the layer that came back."""

    def __call__(self, result):
        layer, _ = taken_apart(result)
        return np.array(layer.weight.shape, float)


@dataclass(frozen=True)
class OutputOf:
    """The shape of what the layer makes of the input that came back."""

    def __call__(self, result):
        layer, input = taken_apart(result)
        try:
            return np.array(layer(input).shape, float)
        except RuntimeError as error:
            said = " ".join(str(error).split())
            raise Misfit(f"your layer refuses your input of shape {tuple(input.shape)}: {said}.") from None


def taken_apart(result):
    """(layer, input) as the learner's function returned them.

    Raises:
        Misfit: it is no pair of a layer with a weight and a tensor.
    """
    torch = import_module("torch")
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Misfit("your function is to return two things: `return layer, input`.")
    layer, input = result
    if isinstance(layer, type):
        raise Misfit(f"{layer.__name__} is a class. Make a layer of it: nn.Conv2d(..., ..., kernel_size=(..., ...)).")
    if isinstance(layer, torch.Tensor):
        raise Misfit("a tensor came first; the layer is to be first: `return layer, input`.")
    if not isinstance(layer, torch.nn.Module) or not isinstance(getattr(layer, "weight", None), torch.Tensor):
        raise Misfit(f"the first thing is a {type(layer).__name__}; expected a layer made by nn.Conv2d.")
    if not isinstance(input, torch.Tensor):
        raise Misfit(f"the second thing is a {type(input).__name__}; expected a tensor: torch.zeros(...).")
    return layer, input


def program(read, channels=None, grow=lambda out, k: out + k - 1, batch=lambda batch: batch, order=lambda it: it):
    """A wrong solution, made of what may go wrong in it.

    Args:
        read: weight_shape -> (C_in, C_out, kH, kW) as this learner reads it.
        channels: (C_in, C_out) -> the channels of his input; C_in by default.
        grow: (output length, kernel length) -> the input's length.
        batch: the batch axes of the output -> those of his input.
        order: (C_in, C_out) -> the first two arguments of his call.
    """

    def which_layer(weight_shape, output_shape):
        torch = import_module("torch")
        C_in, C_out, kH, kW = read(weight_shape)
        *axes, _, H_out, W_out = output_shape
        with torch.random.fork_rng(devices=[]):  # a new layer draws numbers: not from the learner's
            layer = torch.nn.Conv2d(*order((C_in, C_out)), (kH, kW))
        depth = channels(C_in, C_out) if channels else C_in
        return layer, torch.zeros(*batch(axes), depth, grow(H_out, kH), grow(W_out, kW))

    return which_layer


def _read(shape):
    return shape[1], shape[0], shape[2], shape[3]


SLIPS = (
    Slip(
        ("M30",),
        "weight read as (C_in, C_out, ...)",
        program(lambda shape: shape),
        "You read the weight as (in_channels, out_channels, kH, kW). The output channels come first there: "
        "weight[o] is the filter of output channel o.",
    ),
    Slip(
        ("M31",),
        "weight read in TensorFlow's order",
        program(lambda shape: (shape[2], shape[3], shape[0], shape[1])),
        "You read the weight as (kH, kW, in_channels, out_channels), which is TensorFlow's order. PyTorch's is "
        "(out_channels, in_channels, kH, kW).",
    ),
    Slip(
        ("M91",),
        "call with out_channels first",
        program(_read, order=lambda pair: pair[::-1]),
        "You read the weight rightly, and then call nn.Conv2d with out_channels first. The call wants what comes in "
        "first: nn.Conv2d(in_channels, out_channels, kernel_size).",
    ),
    Slip(
        ("M21",),
        "columns before rows",
        program(lambda shape: (shape[1], shape[0], shape[3], shape[2])),
        "You take the last two numbers of the weight for (columns, rows). They are (kH, kW): rows first.",
    ),
    Slip(
        ("M28",),
        "input with the channels of the output",
        program(_read, channels=lambda C_in, C_out: C_out),
        "Your input has as many channels as the output. It needs in_channels of them, the second number of the weight.",
    ),
    Slip(
        ("M43",),
        "input of 3 channels",
        program(_read, channels=lambda C_in, C_out: 3),
        "Your input always has 3 channels. It needs in_channels of them, the second number of the weight.",
    ),
    Slip(
        ("M01",),
        "input as large as the output",
        program(_read, grow=lambda out, k: out),
        "Your input is as large as the output. The window takes kH - 1 rows and kW - 1 columns away, so the input "
        "needs these more.",
    ),
    Slip(
        ("M02",),
        "one too many",
        program(_read, grow=lambda out, k: out + k),
        "Your input is one row and one column too large. H_out places of a window of kH rows cover H_out + kH - 1 "
        "rows: the first covers kH, each further one adds 1.",
    ),
    Slip(
        ("M57",),
        "always a batch axis",
        program(_read, batch=lambda axes: axes or [1]),
        "You always add a batch axis. What goes in without one comes out without one: look at how many numbers "
        "output_shape has.",
    ),
    Slip(
        ("M141",),
        "never a batch axis, or always 1",
        program(_read, batch=lambda axes: [1] * len(axes)),
        "You leave the batch at 1. No layer sets it: where the output has a batch axis, the input has the same one.",
        (program(_read, batch=lambda axes: []),),
    ),
    Slip(
        (),
        "shrinks once more",
        program(_read, grow=lambda out, k: out - k + 1),
        "You subtract where the input has to be larger than the output: turn H_out = H - kH + 1 round to H = H_out + "
        "kH - 1.",
    ),
)


class WhichLayer(Exercise):
    """The puzzle of the two shapes, from the shapes back to layer and input."""

    id, lesson, title = "03.which_layer", "03", "Which layer, which input?"
    level, minutes, revision = "medium", 8, 1
    prompt = """\
Write `which_layer(weight_shape, output_shape)`. It returns two things: a layer whose weight has the first shape, and \
an input of which this layer makes an output of the second shape.

`weight_shape` has four numbers. `output_shape` has four, or three where there is no batch axis. Use stride 1 and no \
padding; a tensor of zeros will do as input. For example, for a weight of (4, 3, 3, 2):

    layer, input = which_layer((4, 3, 3, 2), (4, 26, 27))
    input.shape         ->  torch.Size([3, 28, 28])
    layer(input).shape  ->  torch.Size([4, 26, 27])"""
    stub = """\
def which_layer(weight_shape, output_shape):
    ...
"""
    arguments = ("weight_shape", "output_shape")
    slips = SLIPS
    returns, compared = "layer, input", "shape"
    right = "Right: each layer has its weight's shape and makes of your input what was asked."
    hints = (
        "Which numbers of weight_shape are arguments of nn.Conv2d, and in which order? The output's size is nowhere in "
        "the layer: it needs the right input.",
        "C_out, C_in, kH, kW = weight_shape. The output has H_out = H - kH + 1 rows; which H is that? And * takes "
        "what may be there or not: *batch, _, H_out, W_out = output_shape.",
        "layer = nn.Conv2d(C_in, C_out, kernel_size=(kH, kW)), and input = torch.zeros(*batch, C_in, H_out + kH - 1, "
        "W_out + kW - 1).",
    )
    errors = (
        (
            "ValueError: not enough values to unpack (expected 4, got 3)",
            "output_shape has three numbers where there is no batch axis.",
            "Write *batch, C_out, H_out, W_out = output_shape: batch is then a list, empty or of one number.",
        ),
        (
            "ValueError: too many values to unpack (expected 3)",
            "output_shape has four numbers where there is a batch axis.",
            "Write *batch, C_out, H_out, W_out = output_shape: batch is then a list, empty or of one number.",
        ),
        (
            "TypeError: Conv2d.__init__() missing 1 required positional argument: 'kernel_size'",
            "nn.Conv2d needs three arguments.",
            "nn.Conv2d(in_channels, out_channels, kernel_size).",
        ),
        (
            "TypeError: Conv2d.__init__() got an unexpected keyword argument 'kernel'",
            "There is no keyword of this name.",
            "It is called kernel_size.",
        ),
        (
            "TypeError: zeros(): argument 'size' failed to unpack the object at pos 1 with error \"type must be tuple "
            'of ints,but got list"',
            "A list stands among the sizes.",
            "Put a * before it: torch.zeros(*batch, C_in, H, W).",
        ),
        (
            "RuntimeError: zeros: Dimension size must be non-negative.",
            "A size came out below zero: something was subtracted that has to be added.",
            "The input is larger than the output: H_out + kH - 1.",
        ),
    )

    @property
    def reference(self):
        """The reference; torch comes with it."""
        return import_module(f"{__package__}.solutions").which_layer

    def _mutant(self, function):
        return function

    def cases(self, seed):
        """The puzzle as it is told, then drawn ones, with a batch and without; for each its weight and its output."""
        rng = random_numbers(seed, self.id)
        puzzles = [((4, 3, 3, 2), (4, 26, 27))]
        for N in (None, 2, None, int(rng.integers(3, 9))):
            C_out, C_in, kH, kW = (int(it) for it in rng.permutation([2, 4, 5, 6, 7])[:4])
            H_out, W_out = (int(it) for it in rng.permutation(np.arange(8, 20))[:2])
            output = (C_out, H_out, W_out)
            puzzles.append(((C_out, C_in, kH, kW), output if N is None else (N, *output)))
        return [
            Case(
                {"weight_shape": weight, "output_shape": output},
                {},
                f"a weight of {weight} and an output of {output}",
                example=number == 0,
                then=asked,
                counted=True,
            )
            for number, (weight, output) in enumerate(puzzles)
            for asked in (WeightOf(), OutputOf())
        ]

    def expected(self, case):
        name = "weight_shape" if isinstance(case.then, WeightOf) else "output_shape"
        return np.array(case.arguments[name], float)

    def own_words(self, trial):
        if trial.result is None:
            return "Your function returned nothing (None); expected two things. Its last line: `return layer, input`."
        came, wanted = (tuple(int(it) for it in shape) for shape in (trial.result, trial.expected))
        what = "the weight of your layer" if isinstance(trial.case.then, WeightOf) else "the output of your input"
        return f"For {trial.case.label}: {what} has the shape {came}; expected {wanted}."
