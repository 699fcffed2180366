"""What a KernelLearner takes: a grey picture, a target, a kernel size, a start, a rate; each checked."""

from math import floor, isfinite, log10
from numbers import Real

import numpy as np

from .. import layers, samples
from ..refusals import came
from ..shapes import ArgumentError, ShapeError, pair
from .filter_bank_given import sent_picture
from .layer_widget import floats

PICTURES = ("patches", "painted", "digit", "camera", "bricks", "cat")
LONGEST_KERNEL, LONGEST_INPUT, MOST_STEPS = 7, 128, 20_000
STAGES = 6  # nothing yet, output, difference, loss, gradient, update
# Small whole numbers, and in every direction something to see: no two cells of a 3 x 3 window say the same.
_PATCHES = """
............
.222..11....
.222..11.33.
.222.....33.
......2.....
.1.1.....1..
..3...22.1..
.1.1..22.1..
............
"""


def sent_grey(name):
    """A bundled picture as bytes (H, W) and what they are divided by; of a coloured one, the mean of its channels.

    Example:
        >>> grey, divisor = sent_grey("patches")
        >>> grey.shape, int(grey.max()), divisor
        ((9, 12), 3, 1)
    """
    if name == "patches":
        rows = [[int(mark.replace(".", "0")) for mark in line] for line in _PATCHES.split()]
        return np.array(rows, np.uint8), 1
    found, divisor = sent_picture(name)
    grey = np.round(found.mean(0)).astype(np.uint8)
    return (grey[1:27, 4:24] if name == "digit" else grey), divisor  # a digit is square, and dark all around


def picture(name):
    """A bundled picture's numbers, float64 (H, W)."""
    grey, divisor = sent_grey(name)
    return grey / divisor


def numbers(value, name):
    """A float64 array; lists are read as Python wrote them, not as float32."""
    if isinstance(value, (list, tuple)):
        floats(value, name)  # says what is wrong
        return np.array(value, np.float64)
    return floats(value, name, np.float64)


def check_picture(name, known):
    if name not in known:
        raise ArgumentError(
            f"There is no picture {came(name)}; choose one of {', '.join(PICTURES)}, or give an array (H, W)."
        )


def read_picture(input):
    """(name or "own", numbers (H, W) or None) from what the learner gave."""
    if isinstance(input, str):
        check_picture(input, PICTURES)
        return input, None
    array = numbers(input, "input")
    while array.ndim in (3, 4) and len(array) == 1:
        array = array[0]
    if array.ndim != 2 or 0 in array.shape:
        raise ShapeError(
            f"input must be one grey picture (H, W); got shape {array.shape}: choose one channel, input[0, 0], say."
        )
    if max(array.shape) > LONGEST_INPUT:
        raise ShapeError(
            f"input may have {LONGEST_INPUT} rows and columns here, so that a step follows the hand; got "
            f"{array.shape}: cut out a part, input[:64, :96], say."
        )
    return "own", np.ascontiguousarray(array)


def read_target(target, shape, kernel_size):
    """(name or "own", own) from what the learner gave; own is {} or {"weight", "target_bias"} or {"output"}.

    Args:
        target: a kernel's name, a real layer, a weight or a picture.
        shape: (H, W) of the input.
        kernel_size: a pair, or None where the learner gave none.
    """
    if isinstance(target, str):
        return samples.kernel(target).name, {}
    if layers.is_conv2d(target):
        return "own", _layer_target(target)
    array = numbers(target, "target")
    if array.ndim == 4 and array.shape[:2] == (1, 1):
        return "own", {"weight": _checked_weight(array[0, 0]), "target_bias": 0.0}
    size = kernel_size or (3, 3)
    output = tuple(length - kernel + 1 for length, kernel in zip(shape, size, strict=True))
    if array.shape == output:
        return "own", {"output": array}
    if array.ndim != 2 or 0 in array.shape or max(array.shape) > LONGEST_KERNEL:
        raise ShapeError(
            f"target must be a weight (kH, kW) of at most {LONGEST_KERNEL} rows and columns, or a picture of the "
            f"output's size, {output} for kernel_size={size} on {tuple(shape)}; got shape {array.shape}."
        )
    return "own", {"weight": _checked_weight(array), "target_bias": 0.0}


def _layer_target(layer):
    """The kernel of a real layer."""
    spec = layers.spec(layer)
    plain = (spec.in_channels, spec.out_channels, spec.stride, spec.dilation, spec.pads)
    if plain != (1, 1, (1, 1), (1, 1), ((0, 0), (0, 0))):
        raise ArgumentError(
            f"KernelLearner learns one kernel, stride 1, no padding, dilation 1; got {layer}: give one slice, "
            "layer.weight[0, 0], say."
        )
    bias = 0.0 if layer.bias is None else float(layers.numbers(layer.bias)[0])
    return {"weight": _checked_weight(floats(layer.weight, "target", np.float64)[0, 0]), "target_bias": bias}


def _checked_weight(weight):
    if 0 in weight.shape or max(weight.shape) > LONGEST_KERNEL:
        raise ShapeError(
            f"target may have {LONGEST_KERNEL} rows and columns; got a kernel {weight.shape}: choose a smaller one."
        )
    return np.ascontiguousarray(weight)


def read_size(kernel_size):
    """(kH, kW), or None where the target says it.

    Raises:
        ShapeError: no whole number or pair from 1, or too large.
    """
    if kernel_size is None:
        return None
    size = pair(kernel_size, "kernel_size")
    if not 1 <= min(size) <= max(size) <= LONGEST_KERNEL:
        raise ShapeError(f"kernel_size must be 1 to {LONGEST_KERNEL}; got {came(kernel_size)}: write kernel_size=3.")
    return size


def padded_kernel(weight, size):
    """The kernel with zeros around it, its middle where the larger one has its own.

    Raises:
        ShapeError: it is larger than that.
    """
    if any(new < old for new, old in zip(size, weight.shape, strict=True)):
        raise ShapeError(
            f"A kernel {tuple(size)} cannot hold the target's, {weight.shape}: leave kernel_size out, or take a larger."
        )
    padded = np.zeros(size)
    top, left = ((new - 1) // 2 - (old - 1) // 2 for new, old in zip(size, weight.shape, strict=True))
    padded[top : top + weight.shape[0], left : left + weight.shape[1]] = weight
    return padded


def drawn_start(count, seed):
    """Numbers from -0.5 to 0.5 with two decimals, the same for the same seed, here and in the browser.

    Example:
        >>> drawn_start(4, seed=0)
        [0.13, -0.12, -0.09, -0.24]
    """
    state = (7919 * seed + 12345) % 2147483647 or 1
    numbers = []
    for drawn in range(count + 2):  # the first two of neighbouring seeds are alike
        state = 16807 * state % 2147483647
        if drawn > 1:
            numbers.append((state % 101 - 50) / 100)
    return numbers


def check_rate(lr):
    """The learning rate as a float.

    Raises:
        ArgumentError: something that is no number; ShapeError: not positive, or not finite.
    """
    if isinstance(lr, bool) or not isinstance(lr, Real):
        raise ArgumentError(f"lr must be a number; got {came(lr)}: write lr=0.1.")
    if not isfinite(lr) or lr <= 0:
        raise ShapeError(f"lr must be a positive number; got {came(lr)}: write lr=0.1.")
    return float(lr)


def check_frozen(cells, size, has_bias):
    """The frozen cells, each once, in order: [u, v] of the kernel, and "bias".

    Raises:
        ArgumentError: what is no cell of the kernel.
    """
    kH, kW = size
    found = set()
    for cell in cells if isinstance(cells, (list, tuple)) else [cells]:
        if cell == "bias" and has_bias:
            found.add(kH * kW)
            continue
        whole = isinstance(cell, (list, tuple)) and len(cell) == 2 and all(isinstance(at, int) for at in cell)
        if not whole or not (0 <= cell[0] < kH and 0 <= cell[1] < kW):
            raise ArgumentError(
                f"frozen must name cells of the {kH} x {kW} kernel as pairs (row, column); got {came(cell)}: write "
                "frozen=[(0, 1)]."
            )
        found.add(cell[0] * kW + cell[1])
    return ["bias" if at == kH * kW else [at // kW, at % kW] for at in sorted(found)]


def usual_rate(limit):
    """A rate that learns well: 1, 2 or 5 times a power of ten, at most 0.6 of the largest.

    Example:
        >>> usual_rate(0.19), usual_rate(0.8), usual_rate(10.0)
        (0.1, 0.2, 5.0)
    """
    if not isfinite(limit):
        return 0.1
    power = floor(log10(0.6 * limit))
    return next(float(f"{digit}e{power}") for digit in (5, 2, 1) if float(f"{digit}e{power}") <= 0.6 * limit)


def read_start(start, size):
    """The weight (kH, kW) before the first step; None where it is drawn."""
    if start is None:
        return None
    if isinstance(start, Real) and not isinstance(start, bool) and isfinite(start):
        return np.full(size, float(start))
    array = numbers(start, "start")
    if array.shape not in (tuple(size), (1, 1, *size)):
        raise ShapeError(f"start must be a weight {tuple(size)}, as the kernel that learns; got shape {array.shape}.")
    return array.reshape(size)


def read_bias(bias):
    """(whether a bias is learned, its value)."""
    if isinstance(bias, (bool, np.bool_)):
        return bool(bias), 0.0
    if isinstance(bias, Real):
        return True, float(bias)
    raise ArgumentError(f"bias must be True, False or a number; got {came(bias)}: write bias=True.")
