"""Wrong programs for 04.conv2d, called as those of `wrong_sums`: a padding, a stride or a window that is not right."""

import numpy as np

from ..task import Refused
from ..wrong_places import per_axis, programs
from ..wrong_sums import frame, on_both_sides, pair, right, right_sum, windows_in


def padded_by(pads):
    """A program that is right but for its padding: pads of (pH, pW), ((top, bottom), (left, right))."""

    def program(input, weight, bias=0.0, stride=1, padding=0):
        return _over(frame(input, pads(*pair(padding))), weight, bias, stride)

    return program


def with_stride(change):
    """A program that is right but for its stride: change of (sH, sW)."""

    def program(input, weight, bias=0.0, stride=1, padding=0):
        return right(input, weight, bias, change(*pair(stride)), padding)

    return program


def _over(padded, weight, bias, stride):
    weight = np.asarray(weight, dtype=float)
    return right_sum(windows_in(padded, weight.shape, stride), weight, bias)


def loops_over(length, **more):
    """The programs whose loops run over a wrong number of places; length of (size, k, s, p)."""
    return programs(per_axis(length), **more)


def unpadded(padding):
    return (0, 0), (0, 0)


def stride_first(input, weight, bias=0.0, stride=1, padding=0):
    """Rows and columns skipped before the kernel is laid on."""
    sH, sW = pair(stride)
    return _over(frame(input, on_both_sides(padding))[::sH, ::sW], weight, bias, 1)


def refuses_a_rest(input, weight, bias=0.0, stride=1, padding=0):
    """An error where the stride leaves a rest."""
    lengths = zip(np.shape(input), np.shape(weight), pair(stride), pair(padding), strict=True)
    if any((size + 2 * p - k) % s for size, k, s, p in lengths):
        raise Refused("the stride does not divide")
    return right(input, weight, bias, stride, padding)


def starts_at_every_cell(input, weight, bias=0.0, stride=1, padding=0):
    """The right size, with the window of place (i, j) at cell (i, j)."""
    H_out, W_out = right(input, weight, bias, stride, padding).shape
    return right(input, weight, bias, 1, padding)[:H_out, :W_out]


def stored_where_it_starts(made):
    """Loops over the windows' first cells, range(0, n, stride), that store at [i, j] without dividing."""

    def program(input, weight, bias=0.0, stride=1, padding=0):
        (sH, sW), dense = pair(stride), right(input, weight, bias, 1, padding)
        output = np.zeros(made(np.shape(input), np.shape(weight), pair(stride), pair(padding)))
        for i in range(0, dense.shape[0], sH):
            for j in range(0, dense.shape[1], sW):
                output[i, j] = dense[i, j]
        return output

    return program


def ends_too_early(input, weight, bias=0.0, stride=1, padding=0):
    """Windows that begin at i * sH and end at i + kH."""
    weight, (sH, sW), output = np.asarray(weight), pair(stride), 0 * right(input, weight, bias, stride, padding)
    padded = frame(input, on_both_sides(padding))
    for i, j in np.ndindex(output.shape):
        output[i, j] = (padded[i * sH : i + len(weight), j * sW : j + weight.shape[1]] * weight).sum() + bias
    return output


def spread(starts):
    """Windows whose cells lie a stride apart, as dilation spreads them."""

    def program(input, weight, bias=0.0, stride=1, padding=0):
        weight, (sH, sW), output = np.asarray(weight), pair(stride), 0 * right(input, weight, bias, stride, padding)
        padded, (kH, kW) = frame(input, on_both_sides(padding)), weight.shape
        for i, j in np.ndindex(output.shape):
            top, left = starts(i, j, (sH, sW))
            output[i, j] = (padded[top : top + kH * sH : sH, left : left + kW * sW : sW] * weight).sum() + bias
        return output

    return program


def read_from_the_other_end(input, weight, bias=0.0, stride=1, padding=0):
    """Cells above and to the left of the picture, whose indices are negative, read from its other end."""
    pads, input = pair(padding), np.asarray(input, dtype=float)
    rows, columns = ([k if k < n else n for k in range(-p, n + p)] for n, p in zip(input.shape, pads, strict=True))
    with_zeros = np.pad(input, ((0, 1), (0, 1)))
    wrapped = with_zeros[[k - 1 if k < 0 else k for k in rows]][:, [k - 1 if k < 0 else k for k in columns]]
    return _over(wrapped, weight, bias, stride)


def counted_from_the_end(input, weight, bias=0.0, stride=1, padding=0):
    """The slice p : -p, which is empty for p = 0."""
    (H, W), (pH, pW) = np.shape(input), pair(padding)
    padded = np.zeros((H + 2 * pH, W + 2 * pW))
    padded[pH:-pH, pW:-pW] = input
    return _over(padded, weight, bias, stride)


def pairs_only(default_stride, default_padding):
    """A program that takes both apart at once; so its own defaults may break it too."""

    def program(input, weight, bias=0.0, stride=default_stride, padding=default_padding):
        (sH, sW), (pH, pW) = stride, padding
        return right(input, weight, bias, (sH, sW), (pH, pW))

    return program
