"""The slips of 09.im2col: the wrong rows, the wrong columns, the wrong cells.

Every program takes (input, kernel_size, stride=1, padding=0, dilation=1), tensors or arrays of four axes, and returns
a float64 array.
"""

import numpy as np

from ..task import Slip
from ..wrong_pairs import whole_numbers_only
from ..wrong_sums import pair
from .taps import columns_of, framed, taps_of


def same(value):
    """The value as it is."""
    return value


def exchanged(value):
    """Rows for columns and columns for rows."""
    return pair(value)[::-1]


def made(from_taps=columns_of, kernel=same, stride=same, padding=same, dilation=same):
    """A program that is right but for what it makes of the taps [n, c, u, v, i, j], or for its settings."""

    def program(input, kernel_size, **settings):
        changes = {"stride": stride, "padding": padding, "dilation": dilation}
        given = {name: changes[name](settings.get(name, {"padding": 0}.get(name, 1))) for name in changes}
        return np.ascontiguousarray(from_taps(taps_of(input, kernel(kernel_size), **given)))

    def im2col(input, kernel_size, stride=1, padding=0, dilation=1):
        return program(input, kernel_size, stride=stride, padding=padding, dilation=dilation)

    return im2col


def in_order(*axes):
    """The taps with their axes in this order, then as columns of the usual shape."""

    def columns(taps):
        N, C, kH, kW, H_out, W_out = taps.shape
        return taps.transpose(axes).reshape(N, C * kH * kW, H_out * W_out)

    return columns


def a_column_a_pixel(whole):
    """A program with so many columns as the picture has pixels; those of no place stay 0.

    Args:
        whole: of (input, padding): the picture whose pixels are counted.
    """

    def im2col(input, kernel_size, stride=1, padding=0, dilation=1):
        columns = columns_of(taps_of(input, kernel_size, stride, padding, dilation))
        wide = np.zeros((*columns.shape[:2], whole(np.asarray(input), padding)[0, 0].size))
        wide[:, :, : columns.shape[2]] = columns
        return wide

    return im2col


ROWS = (
    Slip(
        ("M85",),
        "tap after tap",
        made(in_order(0, 2, 3, 1, 4, 5)),
        "Your rows go tap by tap, each with all its channels. F.unfold goes channel by channel: row (c * kH + u) * kW "
        "+ v, all taps of channel 0 first.",
    ),
    Slip(
        (),
        "the taps column by column",
        made(in_order(0, 1, 3, 2, 4, 5)),
        "The taps of each channel go down its columns in your rows: they are to go along its rows, (c * kH + u) * kW "
        "+ v.",
    ),
    Slip(
        ("M61",),
        "the taps turned",
        made(lambda taps: columns_of(taps[:, :, ::-1, ::-1])),
        "The taps of each window stand in reverse, as for a flipped kernel. Tap (0, 0), the top left, comes first.",
    ),
    Slip(
        (),
        "the first channel only",
        made(lambda taps: columns_of(np.repeat(taps[:, :1], taps.shape[1], 1))),
        "Every channel got the cells of channel 0. Row (c * kH + u) * kW + v reads channel c.",
    ),
)

COLUMNS = (
    Slip(
        ("M86",),
        "a column a pixel",
        a_column_a_pixel(lambda input, padding: input),
        "Your columns are as many as the input has pixels. There is one for each place of the window: "
        "L = H_out * W_out.",
        (a_column_a_pixel(framed),),
    ),
    Slip(
        (),
        "the places column by column",
        made(in_order(0, 1, 2, 3, 5, 4)),
        "Your places go down the columns of the picture. They go along its rows: place (i, j) is column i * W_out + j.",
    ),
    Slip(
        (),
        "a window a row",
        made(lambda taps: columns_of(taps).swapaxes(1, 2)),
        "Your windows are rows, (N, L, C * kH * kW). Each is to be a column: transpose the last two axes.",
    ),
    Slip(
        (),
        "reshaped, not transposed",
        made(in_order(0, 1, 4, 5, 2, 3)),
        "Your numbers are right, and stand where they do not belong: the axes of the windows were reshaped before they "
        "were put in order. Order them (n, c, u, v, i, j) first, with permute, then reshape.",
        (made(in_order(0, 4, 5, 1, 2, 3)),),
    ),
    Slip(
        (),
        "the batch along the columns",
        made(lambda taps: np.concatenate(list(columns_of(taps)), axis=1)),
        "All pictures stand side by side in one matrix. Each picture has a matrix of its own, columns[n].",
        (made(lambda taps: np.concatenate(list(columns_of(taps)), axis=1)[None]),),
    ),
)

SETTINGS = (
    Slip(
        ("M21",),
        "kH and kW exchanged",
        made(kernel=exchanged),
        "kH and kW are exchanged: kernel_size is (rows, columns), so u runs over kH and v over kW.",
    ),
    Slip(
        ("M21",),
        "sH and sW exchanged",
        made(stride=exchanged),
        "The strides of rows and columns are exchanged: stride is (sH, sW), so i goes with sH and j with sW.",
    ),
    Slip(
        ("M22",),
        "F.pad's order",
        made(padding=exchanged),
        "The padding of rows and columns is exchanged. unfold's is (pH, pW); F.pad begins with the columns: "
        "(pW, pW, pH, pH).",
    ),
    Slip(
        (),
        "dH and dW exchanged",
        made(dilation=exchanged),
        "The dilations of rows and columns are exchanged: dilation is (dH, dW), so u goes with dH and v with dW.",
    ),
    Slip(
        ("M168",),
        "ignores the padding",
        made(padding=lambda padding: 0),
        "The padding is left out: put pH rows of zeros above and below, and pW columns left and right, around every "
        "channel.",
    ),
    Slip(
        ("M169",),
        "ignores the stride",
        made(stride=lambda stride: 1),
        "The stride is left out: the window of place (i, j) begins at row i * sH and column j * sW.",
    ),
    Slip(
        ("M11",),
        "ignores the dilation",
        made(dilation=lambda dilation: 1),
        "The dilation is left out: tap (u, v) reads u * dH rows and v * dW columns from the window's corner.",
    ),
)


PARTS = (whole_numbers_only(made(), "stride", "padding", "dilation"),)

SLIPS = (*ROWS, *COLUMNS, *SETTINGS, *PARTS)
