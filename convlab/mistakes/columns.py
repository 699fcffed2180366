"""Mistakes about im2col: what the columns hold, what they cost, what comes after the product."""

import numpy as np

from convlab.engines import im2col
from convlab.mistakes.mistake import Mistake


def _fewer_products(spec, input_shape):
    kH, kW = spec.kernel_size
    return [spec.macs(input_shape) // (kH * kW)]


def _batch(input_shape):
    return input_shape[0] if len(input_shape) == 4 else 1


def _input_alone(spec, input_shape):
    C_in, H, W = input_shape[-3:]
    return [_batch(input_shape) * C_in * H * W]


def _a_column_a_pixel(spec, input_shape):
    C_in, H, W = input_shape[-3:]
    kH, kW = spec.kernel_size
    return [_batch(input_shape) * C_in * kH * kW * H * W]


def columns_of(input, spec):
    """The columns that ``F.unfold`` gives for this layer: (N, C_in kH kW, L), channel by channel.

    Example:
        >>> from convlab.shapes import Conv2dSpec
        >>> columns_of(np.array([[[1., 2., 4.]]]), Conv2dSpec(1, 1, (1, 2)))
        array([[1., 2.],
               [2., 4.]])
    """
    return im2col(input, spec.kernel_size, spec.stride, spec.padding, spec.dilation)


def _tap_by_tap(input, spec):
    """The rows in the order kH, kW, C_in."""
    columns = columns_of(input, spec)
    *batch, rows, L = columns.shape
    kH, kW = spec.kernel_size
    by_channel = columns.reshape(*batch, rows // (kH * kW), kH * kW, L)
    return [np.swapaxes(by_channel, -3, -2).reshape(columns.shape)]


COLUMNS = (
    Mistake(
        "M83",
        "im2col needs fewer multiplications.",
        "It needs the same multiply-adds; one large matrix product reads memory in order, and that makes it fast.",
        "09",
        facts=("S001-39",),
        statement="im2col is fast because it needs fewer multiplications.",
        truth="im2col needs as many multiplications as the loops.",
        models={"macs": _fewer_products},
    ),
    Mistake(
        "M84",
        "im2col saves memory.",
        "Each cell is stored once for every window it lies in: with a k x k kernel and stride 1 about k * k times.",
        "09",
        facts=("S001-37",),
        statement="im2col saves memory.",
        truth="im2col stores most input cells several times.",
        models={"memory": _input_alone},
    ),
    Mistake(
        "M85",
        "A column lists tap after tap, each with all its channels.",
        "unfold goes channel by channel: C_in * kH * kW, the taps of one kernel together, as weight.reshape(C_out, -1) "
        "has them.",
        "09",
        facts=("S001-38",),
        models={"columns": _tap_by_tap},
    ),
    Mistake(
        "M86",
        "There is a column for each pixel of the input.",
        "There is a column for each place of the window: L = H_out * W_out.",
        "09",
        facts=("S001-38",),
        models={"memory": _a_column_a_pixel},
    ),
    Mistake(
        "M87",
        "fold undoes unfold, so it comes after the matrix product.",
        "The product already holds one number for each filter and place: view it as (N, C_out, H_out, W_out). fold "
        "adds overlaps up, so fold(unfold(x)) is not x.",
        "09",
        facts=("S001-38",),
        statement="F.fold(F.unfold(x, 3), x.shape[2:], 3) gives back x.",
        truth="F.fold adds up the cells that several windows share.",
    ),
    Mistake(
        "M88",
        "Two right methods give the same bits.",
        "They add in another order and round differently: compare with allclose in float64, with a tolerance that fits "
        "the numbers.",
        "09",
        facts=("S001-39",),
        statement="Two right implementations of a convolution give equal floats, bit by bit.",
        truth="Two right implementations of a convolution may differ in the last digits.",
    ),
)
