"""Mistakes about the meaning of the operation: what one output cell holds, and what a kernel does.

Every model here works on plain numbers: `input` (C_in, H, W), one filter `weight` (C_in, kH, kW), a `bias`
and the `place` (i, j), row first, stride 1, nested lists or arrays.
"""

from convlab.mistakes.mistake import Mistake


def value_at(input, weight, bias=0, start=(0, 0)):
    """The value of the window whose top left cell is `start`: products, their sum, the bias; None outside.

    Shape: input (C_in, H, W), weight (C_in, kH, kW), nested lists or arrays.

    Example:
        >>> value_at([[[1, 2, 3], [4, 5, 6]]], [[[1, 0], [0, -1]]], bias=10, start=(0, 1))
        6
        >>> value_at([[[1, 2, 3], [4, 5, 6]]], [[[1, 0], [0, -1]]], start=(1, 0)) is None
        True
    """
    top, left = start
    kH, kW = len(weight[0]), len(weight[0][0])
    if top < 0 or left < 0 or top + kH > len(input[0]) or left + kW > len(input[0][0]):
        return None
    total = bias
    for channel, kernel in zip(input, weight, strict=True):
        for u in range(kH):
            for v in range(kW):
                total += channel[top + u][left + v] * kernel[u][v]
    return total


def rotated(kernel):
    """The 2-D kernel turned by 180 degrees: both axes reversed."""
    return [list(row)[::-1] for row in kernel][::-1]


def upside_down(kernel):
    """The 2-D kernel with its rows in reverse order."""
    return [list(row) for row in kernel][::-1]


def mirrored(kernel):
    """The 2-D kernel with its columns in reverse order."""
    return [list(row)[::-1] for row in kernel]


def transposed(kernel):
    """The 2-D kernel with rows and columns exchanged."""
    return [list(column) for column in zip(*kernel, strict=True)]


def with_kernel(change):
    """The value model of a learner who slides `change(kernel)` in place of each kernel."""

    def value(input, weight, bias, place):
        changed = [change(kernel) for kernel in weight]
        if len(changed[0]) != len(weight[0]):  # a transposed 2 x 3 does not fit the 2 x 3 window
            return []
        return known(value_at(input, changed, bias, place))

    return value


def known(*values):
    """The values that exist."""
    return [value for value in values if value is not None]


def _other_than_turned(input, weight, bias, place):
    changes = (upside_down, mirrored, transposed)
    return [value for change in changes for value in with_kernel(change)(input, weight, bias, place)]


def _clipped(input, weight, bias, place):
    return [max(0, value) for value in known(value_at(input, weight, bias, place))]


def _one_channel_scaled(input, weight, bias, place):
    """Each channel of the pixel times its own weight, with none added to another."""
    i, j = place
    if taps(weight) != len(weight) or len(weight) == 1:
        return []
    return [channel[i][j] * kernel[0][0] + bias for channel, kernel in zip(input, weight, strict=True)]


def _averaged_over_channels(input, weight, bias, place):
    return [value / len(weight) + bias for value in known(value_at(input, weight, 0, place))]


def taps(weight):
    """How many weights a filter has."""
    return len(weight) * len(weight[0]) * len(weight[0][0])


def centred(i, j, kH, kW):
    """Where the window of (i, j) would start if the place were its middle."""
    return i - (kH - 1) // 2, j - (kW - 1) // 2


VALUES = (
    Mistake(
        "M32",
        "The results of the input channels are averaged, or kept apart.",
        "A filter has one kernel for each input channel, and the results are added up: no division, and one "
        "number comes out.",
        "06",
        facts=("S001-28", "S001-29"),
        models={"value": _averaged_over_channels},
    ),
    Mistake(
        "M61",
        "Conv2d flips the kernel before it slides it.",
        "Conv2d computes a cross-correlation: the kernel lies on the input as it is written, and no axis is reversed.",
        "02",
        facts=("S001-41", "S001-52", "S001-53"),
        statement="nn.Conv2d turns the kernel by 180 degrees before it slides it.",
        truth="nn.Conv2d lays the kernel on the input as it is written.",
        models={"value": with_kernel(rotated), "kernel": lambda weight: [rotated(weight)]},
    ),
    Mistake(
        "M62",
        "To flip a kernel is to transpose it, or to reverse one of its axes.",
        "The flip of a true convolution turns the kernel by 180 degrees: rows and columns are both reversed, "
        "and nothing is transposed.",
        "02",
        facts=("S001-52",),
        equals=("M63",),
        models={
            "value": _other_than_turned,
            "kernel": lambda weight: [upside_down(weight), mirrored(weight), transposed(weight)],
        },
    ),
    Mistake(
        "M63",
        "A kernel whose columns change, as 1, 0, -1 do, finds horizontal edges or stripes.",
        "Look at which cells get opposite signs: left against right finds vertical edges, top against bottom "
        "finds horizontal ones.",
        "02",
        facts=("S003-26",),
        equals=("M62",),
        models={"value": with_kernel(transposed), "kernel": lambda weight: [transposed(weight)]},
    ),
    Mistake(
        "M64",
        "A negative output means that there is no edge.",
        "The sign tells the direction of the change and the size tells how strong it is; only values near 0 "
        "mean that nothing changes.",
        "02",
        facts=("S003-26", "S001-17"),
        equals=("M66",),
        statement="A negative output means that there is no edge under the window.",
        truth="The sign of an output tells in which direction the brightness changes.",
        models={"value": _clipped},
    ),
    Mistake(
        "M50",
        "A 1 x 1 convolution multiplies by a number.",
        "It is a Linear layer over the channels of each pixel: all channels are weighted and summed.",
        "06",
        facts=("S001-42", "S001-47"),
        statement="A 1 x 1 convolution only scales its input.",
        truth="A 1 x 1 convolution mixes the channels of each pixel.",
        models={"value": _one_channel_scaled},
    ),
    Mistake(
        "M66",
        "Conv2d includes a ReLU.",
        "It is linear, plus a bias: two convolutions without a ReLU between them are one convolution.",
        "07",
        facts=("S001-58", "S003-20"),
        equals=("M64",),
        statement="The output of nn.Conv2d is never negative.",
        truth="The output of nn.Conv2d can be negative.",
        models={"value": _clipped},
    ),
)
