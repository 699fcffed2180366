"""The slips of 09.col2im: what meets in a cell is not added, or comes to the wrong cell.

Every program takes (columns, output_size, kernel_size, stride=1, padding=0), tensors or arrays, and returns a float64
array.
"""

import numpy as np

from ..task import Slip
from ..wrong_pairs import whole_numbers_only
from ..wrong_sums import pair
from .taps import places_along, under
from .wrong_columns import exchanged, same


def in_taps(columns, kernel_size, places):
    """The columns with all their axes, [n, c, u, v, i, j]."""
    N, rows, _ = columns.shape
    return columns.reshape(N, rows // (kernel_size[0] * kernel_size[1]), *kernel_size, *places)


def tap_by_tap(columns, kernel_size, places):
    """The columns, taken for ones whose rows go tap by tap."""
    N, rows, _ = columns.shape
    C = rows // (kernel_size[0] * kernel_size[1])
    return columns.reshape(N, *kernel_size, C, *places).transpose(0, 3, 1, 2, 4, 5)


def column_by_column(columns, kernel_size, places):
    """The columns, taken for ones whose places go down the columns of the picture."""
    return in_taps(columns, kernel_size, places[::-1]).swapaxes(4, 5)


def add(padded, taps, stride):
    """What meets in a cell is added."""
    for u, v in np.ndindex(*taps.shape[2:4]):
        padded[under((u, v), taps.shape[4:], stride)] += taps[:, :, u, v]
    return padded


def keep_last_tap(padded, taps, stride):
    """The tap that comes last stays."""
    for u, v in np.ndindex(*taps.shape[2:4]):
        padded[under((u, v), taps.shape[4:], stride)] = taps[:, :, u, v]
    return padded


def keep_last_place(padded, taps, stride):
    """The window that comes last stays."""
    (sH, sW), (kH, kW) = pair(stride), taps.shape[2:4]
    for i, j in np.ndindex(*taps.shape[4:]):
        padded[:, :, i * sH : i * sH + kH, j * sW : j * sW + kW] = taps[..., i, j]
    return padded


def average(padded, taps, stride):
    """What meets in a cell is averaged."""
    count = add(np.zeros_like(padded), np.ones_like(taps), stride)
    return add(padded, taps, stride) / np.maximum(count, 1)


def in_one_cell(padded, taps, stride):
    """The numbers of a window are added up, and put where the window begins."""
    padded[under((0, 0), taps.shape[4:], stride)] += taps.sum((2, 3))
    return padded


def cut(padded, size, padding):
    """The padding cut off on all sides."""
    (H, W), (pH, pW) = size, pair(padding)
    return padded[:, :, pH : pH + H, pW : pW + W]


def by(split=in_taps, fill=add, trim=cut, stride=same, steps=same):
    """A program that is right but for its settings, or for how it reads, fills or cuts.

    Args:
        split: of the columns, kernel_size and (H_out, W_out): the axes [n, c, u, v, i, j].
        fill: of the padded zeros, the taps and the stride.
        trim: of the padded picture, its size and the padding.
        stride: what becomes of the stride.
        steps: what becomes of the stride where cells are filled, after the places were counted.
    """
    change = stride

    def program(columns, output_size, kernel_size, stride=1, padding=0):
        columns = np.asarray(columns, dtype=float)
        (H, W), (pH, pW), stride = output_size, pair(padding), change(stride)
        kH, kW = kernel_size
        taps = split(columns, (kH, kW), places_along((H, W), (kH, kW), stride, (pH, pW)))
        padded = np.zeros((*taps.shape[:2], H + 2 * pH, W + 2 * pW))
        return np.ascontiguousarray(trim(fill(padded, taps, steps(stride)), (H, W), (pH, pW)))

    return program


right = by()


def taps_in(columns, output_size, kernel_size, stride=1, padding=0):
    """((n, c, row, column) of the padded picture, number) for every entry of the columns."""
    places, (sH, sW) = places_along(output_size, kernel_size, stride, padding), pair(stride)
    for (n, c, u, v, i, j), value in np.ndenumerate(in_taps(columns, kernel_size, places)):
        yield (n, c, i * sH + u, j * sW + v), value


OVERLAPS = (
    Slip(
        ("M187",),
        "the last one stays",
        by(fill=keep_last_place),
        "Where windows overlap, only one of the numbers is left: you put them down with =. Add them, with +=, to a "
        "picture of zeros.",
        (by(fill=keep_last_tap),),
    ),
    Slip(
        ("M87",),
        "averages what meets",
        by(fill=average),
        "Where windows overlap, you average. fold adds up, so it does not undo unfold: a cell that three windows read "
        "comes back three times.",
    ),
    Slip(
        (),
        "each window in one cell",
        by(fill=in_one_cell),
        "The numbers of each window were added up and put into one cell. Each number has a cell of its own: tap (u, v) "
        "of place (i, j) belongs to row i * sH + u and column j * sW + v.",
    ),
)

ORDER = (
    Slip(
        ("M85",),
        "tap after tap",
        by(split=tap_by_tap),
        "You read the rows tap by tap, each with all its channels. They go channel by channel: reshape to (N, C, kH, "
        "kW, H_out, W_out).",
    ),
    Slip(
        (),
        "the places column by column",
        by(split=column_by_column),
        "You read the places down the columns of the picture. Place (i, j) is column i * W_out + j: reshape to (..., "
        "H_out, W_out).",
    ),
    Slip(
        ("M61",),
        "the taps turned",
        by(split=lambda *given: in_taps(*given)[:, :, ::-1, ::-1]),
        "The taps of each window were put back in reverse. Tap (0, 0) belongs to the window's top left cell.",
    ),
)

PADDING = (
    Slip(
        (),
        "the padding left on",
        by(trim=lambda padded, size, padding: padded),
        "The padding is still there: cut pH rows off above and below, and pW columns left and right.",
    ),
    Slip(
        (),
        "cut on one side only",
        by(trim=lambda padded, size, padding: padded[:, :, : size[0], : size[1]]),
        "The padding was cut off below and right only, so all stands too low and too far right. The picture begins at "
        "row pH and column pW: padded[:, :, pH : pH + H, pW : pW + W].",
        (by(trim=lambda padded, size, padding: padded[:, :, -size[0] :, -size[1] :]),),
    ),
    Slip(
        ("M22",),
        "pH and pW exchanged at the end",
        by(trim=lambda padded, size, padding: cut(padded, size, padding[::-1])),
        "Rows and columns of the padding are exchanged where it is cut off: rows begin at pH, columns at pW.",
    ),
    Slip(
        (),
        "-0 in a slice",
        by(trim=lambda padded, size, padding: padded[:, :, padding[0] : -padding[0], padding[1] : -padding[1]]),
        "Without padding your slice is empty: -0 is 0, and p : -p becomes 0 : 0. Write pH : pH + H.",
    ),
)

SETTINGS = (
    Slip(
        ("M79",),
        "steps of 1",
        by(steps=lambda stride: 1),
        "Your windows move by one cell whatever the stride: that of place (i, j) begins at row i * sH and column "
        "j * sW.",
    ),
    Slip(
        ("M21",),
        "sH and sW exchanged",
        by(stride=exchanged),
        "The strides of rows and columns are exchanged: stride is (sH, sW), so i goes with sH and j with sW.",
    ),
    Slip(
        ("M21",),
        "kH and kW exchanged",
        by(split=lambda columns, size, places: in_taps(columns, size[::-1], places).swapaxes(2, 3)),
        "kH and kW are exchanged: kernel_size is (rows, columns), and the rows of a channel are (kH, kW).",
    ),
    Slip(
        ("M21",),
        "H and W exchanged",
        by(trim=lambda *given: cut(*given).reshape(*given[0].shape[:2], *given[1][::-1])),
        "H and W are exchanged: output_size is (rows, columns), and the picture is (N, C, H, W).",
        (by(trim=lambda *given: cut(*given).swapaxes(2, 3)),),
    ),
)


PARTS = (whole_numbers_only(right, "stride", "padding"),)

SLIPS = (*OVERLAPS, *ORDER, *PADDING, *SETTINGS, *PARTS)
