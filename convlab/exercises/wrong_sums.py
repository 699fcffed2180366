"""Slips of any conv2d by hand: wrong sums over right windows, and right sums that are stored or returned wrongly.

Every program here takes (input, weight, bias=0.0, stride=1, padding=0), tensors or arrays, whole numbers or pairs, and
returns a float64 array. Lesson 02 gives neither stride nor padding, lesson 04 gives both; so both share the slips.
"""

import numpy as np

from .task import Slip


def pair(value):
    """The value for rows and the value for columns.

    Example:
        >>> pair(2), pair((2, 1))
        ((2, 2), (2, 1))
    """
    return tuple(value) if isinstance(value, tuple | list) else (value, value)


def frame(input, pads):
    """The input as float64 with zeros around it; pads are ((top, bottom), (left, right))."""
    (top, bottom), (left, right), (H, W) = *pads, input.shape
    padded = np.zeros((top + H + bottom, left + W + right))
    padded[top : top + H, left : left + W] = input
    return padded


def on_both_sides(padding):
    """PyTorch's padding as ((top, bottom), (left, right)).

    Example:
        >>> on_both_sides((1, 2))
        [(1, 1), (2, 2)]
    """
    return [(p, p) for p in pair(padding)]


def windows_in(padded, kernel_size, stride):
    """A view of the windows, element (u, v) of the one at place (i, j) is [i, j, u, v]; none where none fits."""
    if any(length < k for length, k in zip(padded.shape, kernel_size, strict=True)):
        return np.zeros((0, 0, *kernel_size))
    (H, W), (kH, kW), (sH, sW) = padded.shape, kernel_size, pair(stride)
    windows = np.lib.stride_tricks.as_strided(padded, (H - kH + 1, W - kW + 1, kH, kW), padded.strides * 2)
    return windows[::sH, ::sW]


def right_sum(windows, weight, bias):
    """The output as it should be."""
    return np.einsum("ijuv,uv->ij", windows, weight) + bias


def over_windows(sums):
    """A program that takes the right windows and computes `sums(windows, weight, bias)` over them."""

    def program(input, weight, bias=0.0, stride=1, padding=0):
        weight = np.asarray(weight, dtype=float)
        return sums(windows_in(frame(input, on_both_sides(padding)), weight.shape, stride), weight, bias)

    return program


right = over_windows(right_sum)


def with_kernel(change):
    """A program that is right but for its kernel."""
    return over_windows(lambda windows, weight, bias: right_sum(windows, change(weight), bias))


def with_transposed(product):
    """A program that takes the kernel for its transpose, and breaks where the shapes do not allow it."""

    def sums(windows, weight, bias):
        output = np.zeros(windows.shape[:2])
        for i, j in np.ndindex(output.shape):
            output[i, j] = product(windows[i, j], weight) + bias
        return output

    return over_windows(sums)


def with_output(change):
    """A program that is right but for what it makes of its output."""

    def program(*arguments, **keywords):
        return change(right(*arguments, **keywords))

    return program


def only(rows, columns):
    """A program that fills only this part of its output."""

    def keep(output):
        kept = np.zeros(output.shape)
        kept[rows, columns] = output[rows, columns]
        return kept

    return with_output(keep)


def running_total(windows, weight, bias):
    """A total that is set to 0 once, before all loops."""
    plain = right_sum(windows, weight, 0.0)
    return plain.cumsum().reshape(plain.shape) + bias


FIRST, LAST, ALL = slice(0, 1), slice(-1, None), slice(None)

WRONG_SUMS = (
    Slip(
        ("M61",),
        "flips the kernel",
        with_kernel(lambda weight: weight[::-1, ::-1]),
        "These are the numbers of a flipped kernel. Conv2d does not flip: weight[u, v] meets the cell in row u and "
        "column v of the window, with both indices counting the same way.",
    ),
    Slip(
        ("M62",),
        "flips the rows",
        with_kernel(lambda weight: weight[::-1]),
        "These are the numbers of a kernel that is upside down: one axis is reversed. Conv2d reverses none; row u of "
        "the weight meets row u of the window.",
    ),
    Slip(
        ("M62",),
        "flips the columns",
        with_kernel(lambda weight: weight[:, ::-1]),
        "These are the numbers of a mirrored kernel: one axis is reversed. Conv2d reverses none; column v of the "
        "weight meets column v of the window.",
    ),
    Slip(
        ("M62",),
        "transposes the kernel",
        with_kernel(lambda weight: weight.T.reshape(weight.shape)),
        "Your kernel's columns are read as rows. Nothing is transposed: weight[u, v] meets the cell in row u and "
        "column v of the window.",
        (
            with_transposed(lambda window, weight: (window * weight.T).sum()),
            with_transposed(lambda window, weight: sum(weight[v, u] * x for (u, v), x in np.ndenumerate(window))),
        ),
    ),
    Slip(
        ("M101",),
        "starts at 1",
        only(slice(1, None), slice(1, None)),
        "The first row and the first column were never filled: places are counted from 0, so the loops begin at 0.",
    ),
    Slip(
        ("M102",),
        "rows and columns exchanged",
        with_output(np.transpose),
        "Your output is transposed: i is the row and counts along H, j is the column and counts along W.",
    ),
    Slip(
        ("M103",),
        "forgets the bias",
        over_windows(lambda windows, weight, bias: right_sum(windows, weight, 0.0)),
        "Only the bias is missing: it is added to every output cell, after the products are summed.",
    ),
    Slip(
        ("M108",),
        "adds the bias to each product",
        over_windows(lambda windows, weight, bias: right_sum(windows, weight, weight.size * bias)),
        "The bias was added more than once to a cell: add it once, to the finished sum, after the loops over the "
        "weight.",
        (over_windows(lambda windows, weight, bias: right_sum(windows, weight, len(weight) * bias)),),
    ),
    Slip(
        ("M106",),
        "averages",
        over_windows(lambda windows, weight, bias: right_sum(windows, weight, 0.0) / weight.size + bias),
        "These are means of the products. Conv2d adds them up and divides by nothing: .sum(), not .mean().",
    ),
    Slip(
        ("M64",),
        "drops negative results",
        with_output(lambda output: np.maximum(output, 0.0)),
        "Your negative results became 0. Conv2d keeps them: the sign says in which direction the picture changes, and "
        "a ReLU is a layer of its own.",
    ),
    Slip(
        ("M105",),
        "ignores the signs",
        with_kernel(abs),
        "These are the numbers of a kernel without its minus signs. A negative weight subtracts what lies under it.",
    ),
    Slip(
        ("M113",),
        "keeps the last product only",
        over_windows(lambda windows, weight, bias: windows[..., -1, -1] * weight[-1, -1] + bias),
        "Each product took the place of the one before, so only the last is left: add with +=, or use .sum().",
    ),
    Slip(
        ("M114",),
        "never resets the total",
        over_windows(running_total),
        "Your total goes on from one place to the next: set it to 0 inside the two outer loops, before each window.",
        (over_windows(lambda windows, weight, bias: right_sum(windows, weight, 0.0).cumsum(1) + bias),),
    ),
    Slip(
        ("M115",),
        "leaves the weights out",
        with_kernel(np.ones_like),
        "These are the sums of the windows alone: multiply by the weight first, (window * weight).sum().",
    ),
    Slip(
        (),
        "returns too early",
        only(FIRST, ALL),
        "Only the beginning of your output is filled: it is returned while the loops still run. Move `return output` "
        "to the left, until it stands below the `for` of the first loop, not inside it.",
        (only(FIRST, FIRST),),
    ),
    Slip(
        (),
        "stores one loop too far out",
        only(ALL, LAST),
        "Only the last cell of each row is filled, or only the last of all: `output[i, j] = ...` stands outside a loop "
        "in which it belongs. Indent it, so that it happens for every i and every j.",
        (only(LAST, LAST),),
    ),
)


def and_without_bias(slip):
    """The slip of a learner who forgets the bias besides."""

    def without(program):
        def both(input, weight, bias=0.0, *window, **named):
            return program(input, weight, 0.0, *window, **named)

        return both

    first, *rest = map(without, slip.programs)
    mistakes, says = (*slip.mistakes, "M103"), f"{slip.says} And the bias was not added."
    return Slip(mistakes, f"{slip.name}, and forgets the bias", first, says, tuple(rest))


def with_forgotten_bias(slips, forgetful):
    """The slips, and those of them whose mistakes are in `forgetful` once more without the bias."""
    return *slips, *(and_without_bias(slip) for slip in slips if slip.mistakes and slip.mistakes[0] in forgetful)
