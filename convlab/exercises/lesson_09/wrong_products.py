"""The slips of 09.conv2d_im2col: the wrong rows, the wrong columns, and what comes after the product.

Every program takes (input, weight, bias=None, stride=1, padding=0), tensors or arrays of four axes, and returns a
float64 array.
"""

from importlib import import_module

import numpy as np

from ..task import Slip
from ..wrong_pairs import whole_numbers_only
from ..wrong_sums import pair
from .taps import columns_of, taps_of
from .wrong_columns import exchanged, in_order, same


def rows_of(weight):
    """The filters as the rows of a matrix."""
    return weight.reshape(len(weight), -1)


def as_maps(product, places):
    """(N, C_out, L) as (N, C_out, H_out, W_out)."""
    return product.reshape(*product.shape[:2], *places)


def added(product, bias):
    """The bias of each filter added to its row."""
    return product + bias.reshape(-1, 1)


def by(rows=rows_of, columns=columns_of, biased=added, view=as_maps, kernel=same, stride=same, padding=same):
    """A program that is right but for its settings, or for one of the four steps.

    Args:
        rows: of the weight.
        columns: of the taps [n, c, u, v, i, j].
        biased: of the product and the bias.
        view: of the product and (H_out, W_out).
        kernel, stride, padding: what becomes of the kernel's size, and of the settings.
    """
    settings = stride, padding

    def program(input, weight, bias=None, stride=1, padding=0):
        weight = np.asarray(weight, dtype=float)
        given = [change(value) for change, value in zip(settings, (stride, padding), strict=True)]
        taps = taps_of(input, kernel(weight.shape[2:]), *given)
        product = rows(weight) @ columns(taps)
        if bias is not None:
            product = biased(product, np.asarray(bias, dtype=float))
        return view(product, taps.shape[4:])

    return program


def in_one_matrix(view):
    """A program whose columns of all pictures stand in one matrix, (C_in * kH * kW, N * L), and what comes of it."""

    def program(input, weight, bias=None, stride=1, padding=0):
        weight = np.asarray(weight, dtype=float)
        taps = taps_of(input, weight.shape[2:], stride, padding)
        product = rows_of(weight) @ np.concatenate(list(columns_of(taps)), axis=1)
        product = product if bias is None else added(product, np.asarray(bias, dtype=float))
        return view(product).reshape(len(taps), len(weight), *taps.shape[4:])

    return program


def folded(size, settings=True, biased=True):
    """A program that folds the product, and breaks where the sizes do not allow it.

    Args:
        size: of (input's shape, weight's shape, stride, padding): what fold is asked for.
        settings: fold is given stride and padding too.
        biased: the bias is added before.
    """

    def program(input, weight, bias=None, stride=1, padding=0):
        torch = import_module("torch")
        columns = columns_of(taps_of(input, weight.shape[2:], stride, padding))
        product = rows_of(np.asarray(weight, dtype=float)) @ columns
        product = product if bias is None or not biased else added(product, np.asarray(bias, dtype=float))
        given = {"stride": stride, "padding": padding} if settings else {}
        wanted = size(input.shape, weight.shape, stride, padding)
        fold = torch.nn.functional.fold
        return fold(torch.from_numpy(product), wanted, tuple(weight.shape[2:]), **given).numpy()

    return program


def size_of_input(input, weight, stride, padding):
    return tuple(input[2:])


def size_of_output(input, weight, stride, padding):
    axes = zip(input[2:], weight[2:], pair(stride), pair(padding), strict=True)
    return tuple((n + 2 * p - k) // s + 1 for n, k, s, p in axes)


def by_windows(product, places):
    """What comes of columns and rows exchanged, (N, L, C_out), where the output's shape is put over it."""
    return as_maps(product.swapaxes(1, 2).reshape(product.shape), places)


def along_the_columns(product, bias):
    """The bias as it is, (C_out,), which meets the last axis."""
    return product + bias


PRODUCTS = (
    Slip(
        ("M87",),
        "folds the product",
        folded(size_of_input),
        "You fold the product. It already has one number for each filter and place: a view as (N, C_out, H_out, W_out) "
        "is all that is left. fold lays windows on a picture and adds up where they overlap.",
        (
            folded(size_of_output, settings=False),
            folded(size_of_output),
            folded(size_of_input, settings=False),
            folded(size_of_input, biased=False),
        ),
    ),
    Slip(
        (),
        "viewed without the transpose",
        by(view=by_windows),
        "Your product has the places before the filters, (N, L, C_out), and the output's shape was put over it as it "
        "is. Transpose it first, or multiply the other way round: rows @ columns is (N, C_out, L).",
    ),
    Slip(
        ("M21",),
        "W_out before H_out",
        by(view=lambda product, places: as_maps(product, places[::-1])),
        "Rows and columns of the output are exchanged: view it as (N, C_out, H_out, W_out).",
    ),
    Slip(
        (),
        "viewed column by column",
        by(view=lambda product, places: as_maps(product, places[::-1]).swapaxes(2, 3)),
        "The places go down the columns in your view. Column i * W_out + j is place (i, j): view(N, C_out, H_out, "
        "W_out), with no transpose after it.",
    ),
    Slip(
        (),
        "left as columns",
        by(view=lambda product, places: product),
        "Your product is right, and still has its places in one row, (N, C_out, L): view it as (N, C_out, H_out, "
        "W_out).",
    ),
)

ROWS = (
    Slip(
        ("M85",),
        "tap after tap",
        by(rows=lambda weight: rows_of(weight.transpose(0, 2, 3, 1))),
        "Your filters go tap by tap, and the columns channel by channel. No axis of the weight has to move: "
        "weight.reshape(C_out, -1).",
        (by(columns=in_order(0, 2, 3, 1, 4, 5)),),
    ),
    Slip(
        (),
        "the weight reshaped the wrong way",
        by(rows=lambda weight: weight.reshape(-1, len(weight)).T),
        "reshape(-1, C_out) tears the filters apart, and a transpose does not put them together again. A filter is a "
        "row: weight.reshape(C_out, -1).",
    ),
    Slip(
        ("M61",),
        "flips the kernels",
        by(rows=lambda weight: rows_of(weight[:, :, ::-1, ::-1])),
        "These are the numbers of flipped kernels. Conv2d flips nothing: weight.reshape(C_out, -1) meets the columns "
        "as they are.",
        (by(rows=lambda weight: rows_of(weight)[:, ::-1]),),
    ),
    Slip(
        ("M30",),
        "weight with the input channels first",
        by(rows=lambda weight: weight.swapaxes(0, 1).reshape(len(weight), -1)),
        "The weight was transposed before it was reshaped. Its first axis is the filter already: "
        "weight.reshape(C_out, -1).",
    ),
)

BIASES = (
    Slip(
        (),
        "the bias along the places",
        by(biased=along_the_columns),
        "The bias was laid along the places: shape (C_out,) meets the last axis. bias.reshape(-1, 1) gives each filter "
        "its own.",
    ),
    Slip(
        ("M103",),
        "forgets the bias",
        by(biased=lambda product, bias: product),
        "Only the bias is missing: product + bias.reshape(-1, 1), where there is one.",
    ),
    Slip(
        (),
        "the first bias for all",
        by(biased=lambda product, bias: product + bias[0]),
        "All maps got the first bias. Map o gets bias[o]: bias.reshape(-1, 1).",
    ),
)

BATCHES = (
    Slip(
        (),
        "pictures and filters mixed",
        in_one_matrix(same),
        "The columns of all pictures stand in one matrix, so the product is (C_out, N * L): view it as (C_out, N, "
        "H_out, W_out), and put the pictures first with transpose(0, 1). A view as (N, C_out, ...) mixes them.",
    ),
    Slip(
        (),
        "the first picture for all",
        by(view=lambda product, places: as_maps(np.repeat(product[:1], len(product), 0), places)),
        "All pictures got the output of the first one. Keep the batch in the columns: (N, C_in * kH * kW, L).",
    ),
)

SETTINGS = (
    Slip(
        ("M169",),
        "ignores the stride",
        by(stride=lambda stride: 1),
        "The stride is left out: hand it on to F.unfold.",
    ),
    Slip(
        ("M168",),
        "ignores the padding",
        by(padding=lambda padding: 0),
        "The padding is left out: hand it on to F.unfold.",
    ),
    Slip(
        (),
        "ignores stride and padding",
        by(stride=lambda stride: 1, padding=lambda padding: 0),
        "Stride and padding are left out: hand them on to F.unfold.",
    ),
    Slip(
        ("M21",),
        "kH and kW exchanged",
        by(kernel=exchanged),
        "F.unfold was given (kW, kH), so the windows have the wrong form: kernel_size is (kH, kW).",
    ),
    Slip(
        ("M21",),
        "sH and sW exchanged",
        by(stride=exchanged),
        "The strides of rows and columns are exchanged: stride is (sH, sW).",
    ),
    Slip(
        ("M22",),
        "F.pad's order",
        by(padding=exchanged),
        "The padding of rows and columns is exchanged: unfold's is (pH, pW), as Conv2d's is.",
    ),
)


PARTS = (whole_numbers_only(by(), "stride", "padding"),)

SLIPS = (*PRODUCTS, *ROWS, *BIASES, *BATCHES, *SETTINGS, *PARTS)
