"""Slips of any conv2d by hand: loops over the wrong places.

One wrong idea of the output's size leads to several programs: where the window hangs over the border, one cuts it
off, one skips the place, one breaks. Each is written out, so that what a learner's program does there, an exception
included, can be laid beside it. They are called as those of `wrong_sums`.
"""

import numpy as np

from .task import Slip
from .wrong_sums import frame, on_both_sides, pair


def cut_off(padded, weight, bias, top, left):
    """The sum over what is left of a window at the border, as behind an `if` that skips the rest."""
    window = padded[top : top + weight.shape[0], left : left + weight.shape[1]]
    return (window * weight[: window.shape[0], : window.shape[1]]).sum() + bias


def skipped(padded, weight, bias, top, left):
    """0 where the window does not fit, as in an output of zeros that is filled in part."""
    window = padded[top : top + weight.shape[0], left : left + weight.shape[1]]
    return (window * weight).sum() + bias if window.shape == weight.shape else 0.0


def sliced(padded, weight, bias, top, left):
    """The sum as two slices give it: a window that is cut off breaks the product, or is stretched to fit."""
    return (padded[top : top + weight.shape[0], left : left + weight.shape[1]] * weight).sum() + bias


def indexed(padded, weight, bias, top, left):
    """The sum cell by cell: a cell outside breaks the program."""
    kH, kW = weight.shape
    return sum(padded[top + u, left + v] * weight[u, v] for u in range(kH) for v in range(kW)) + bias


def programs(sizes, pads=on_both_sides, made=None, starts=None):
    """The programs whose loops run over `sizes` places, rows and columns.

    Args:
        sizes: of (padded lengths, kernel sizes, strides, paddings), a pair each -> (H_out, W_out).
        pads: of padding -> ((top, bottom), (left, right)).
        made: the size with which the output is made, where it is not that of the loops; like `sizes`.
        starts: of (i, j, stride) -> the window's first row and column; (i * sH, j * sW) by default.
    """
    return tuple(_program(cell, sizes, pads, made or sizes, starts or _right_start) for cell in CELLS)


CELLS = (cut_off, skipped, sliced, indexed)


def _right_start(i, j, stride):
    return i * stride[0], j * stride[1]


def _program(cell, sizes, pads, made, starts):
    def program(input, weight, bias=0.0, stride=1, padding=0):
        weight, stride, padding = np.asarray(weight, dtype=float), pair(stride), pair(padding)
        padded = frame(input, pads(padding))
        numbers = tuple(np.shape(input)), weight.shape, stride, padding
        output = np.zeros(made(*numbers))
        H_out, W_out = sizes(*numbers)
        for i in range(H_out):
            for j in range(W_out):
                output[i, j] = cell(padded, weight, bias, *starts(i, j, stride))
        return output

    return program


def per_axis(length):
    """Sizes whose two axes follow one formula: `length(size, k, s, p)`, never below 0.

    Example:
        >>> per_axis(lambda size, k, s, p: (size + 2 * p - k) // s + 1)((5, 8), (3, 2), (2, 1), (1, 0))
        (3, 7)
    """

    def sizes(*pairs):
        return tuple(max(0, length(*numbers)) for numbers in zip(*pairs, strict=True))

    return sizes


right_size = per_axis(lambda size, k, s, p: (size + 2 * p - k) // s + 1)


def exchanged_sizes(size, kernel_size, stride, padding):
    """H with kW and W with kH."""
    return right_size(size, kernel_size[::-1], stride, padding)


def _slip(mistakes, name, says, *variants):
    first, *rest = variants
    return Slip(mistakes, name, first, says, tuple(rest))


ANY_PLACES = (
    _slip(
        ("M21",),
        "kernel height and width exchanged",
        "The kernel's height and width are exchanged in the size of your output: shape is (height, width), so H goes "
        "with kH and W with kW.",
        *programs(exchanged_sizes)[1:],
        *programs(exchanged_sizes)[:1],
    ),
    _slip(
        (),
        "one place too many",
        "Your loops run one place too far: the last window hangs over the border. range(n) gives 0 to n - 1, so with "
        "range(H_out) and range(W_out) the last window ends where the picture ends.",
        *programs(per_axis(lambda size, k, s, p: (size + 2 * p - k) // s + 2)),
        *programs(per_axis(lambda size, k, s, p: (size + 2 * p - k) // s + 2), made=right_size),
    ),
)
