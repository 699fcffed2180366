"""The slips of 06.conv2d: what channels, filters and the batch add to the loops of the lessons before.

Every program takes (input, weight, bias=None, stride=1, padding=0), tensors or arrays of four axes, and returns a
float64 array. `products` holds what each kernel gives on its channel: [n, o, c, i, j].
"""

import numpy as np

from ..task import Slip
from ..wrong_pairs import whole_numbers_only
from ..wrong_sums import pair


def windows_of(input, kernel_size, stride, padding):
    """The windows of a batch, [n, c, i, j, u, v]."""
    (pH, pW), (sH, sW), input = pair(padding), pair(stride), np.asarray(input, dtype=float)
    padded = np.pad(input, ((0, 0), (0, 0), (pH, pH), (pW, pW)))
    return np.lib.stride_tricks.sliding_window_view(padded, kernel_size, (2, 3))[:, :, ::sH, ::sW]


def products_of(input, weight, stride, padding):
    """What each kernel gives on its channel, [n, o, c, i, j]."""
    weight = np.asarray(weight, dtype=float)
    windows = windows_of(input, weight.shape[2:], stride, padding)
    return np.einsum("ncijuv,ocuv->nocij", windows, weight)


def column(bias, length):
    """The biases, one above the other as maps want them; zeros where there are none."""
    return np.zeros((length, 1, 1)) if bias is None else np.asarray(bias, dtype=float).reshape(-1, 1, 1)


def from_products(made, weights=lambda weight: weight, biases=lambda bias, weight: bias):
    """A program that is right but for what it makes of the products, for its weights, or for its biases."""

    def program(input, weight, bias=None, stride=1, padding=0):
        weight = np.asarray(weight, dtype=float)
        products = products_of(input, weights(weight), stride, padding)
        return made(products, biases(column(bias, len(weight)), weight))

    return program


def summed(products, bias):
    """The output as it should be."""
    return products.sum(2) + bias


right = from_products(summed)


def with_settings(strides=lambda sH, sW: (sH, sW), paddings=lambda pH, pW: (pH, pW)):
    """A program that is right but for its stride or its padding."""

    def program(input, weight, bias=None, stride=1, padding=0):
        return right(input, weight, bias, strides(*pair(stride)), paddings(*pair(padding)))

    return program


def kept_apart(products, bias):
    """A map for each filter and channel, the channels of a filter side by side."""
    N, C_out, C_in, H, W = products.shape
    return (products + bias[:, None]).reshape(N, C_out * C_in, H, W)


def by_channel(products, bias):
    """The same maps, all filters of a channel side by side."""
    N, C_out, C_in, H, W = products.shape
    return (products + bias[:, None]).swapaxes(1, 2).reshape(N, C_in * C_out, H, W)


def own_channel(products, bias):
    """Filter o on channel o, and again from the first where the channels run out."""
    C_out, C_in = products.shape[1:3]
    return np.stack([products[:, o, o % C_in] for o in range(C_out)], 1) + bias


def one_map(products, bias):
    """All filters added up into one map."""
    return (products.sum(2) + bias).sum(1, keepdims=True)


def over_the_batch(products, bias):
    """The pictures of the batch added up."""
    return np.broadcast_to(products.sum((0, 2)), products[:, :, 0].shape) + bias


def first_picture(products, bias):
    """An output in which the first picture alone is filled in."""
    output = np.zeros(products[:, :, 0].shape)
    output[0] = products[0].sum(1) + bias
    return output


def bias_along_columns(input, weight, bias=None, stride=1, padding=0):
    """The bias added as it is, (C_out,), so that NumPy and torch lay it along the columns."""
    plain = right(input, weight, None, stride, padding)
    return plain if bias is None else plain + np.asarray(bias, dtype=float)


def filters_first(input, weight, bias=None, stride=1, padding=0):
    """weight[c, o] in place of weight[o, c], which breaks where there is no such entry."""
    weight = np.asarray(weight, dtype=float)
    windows = windows_of(input, weight.shape[2:], stride, padding)
    (N, C_in, H_out, W_out), C_out = windows.shape[:4], weight.shape[0]
    output = np.zeros((N, C_out, H_out, W_out)) + column(bias, C_out)
    for o in range(C_out):
        for c in range(C_in):
            output[:, o] += np.einsum("nijuv,uv->nij", windows[:, c], weight[c, o])
    return output


def one_bias(bias, weight):
    return np.full_like(bias, bias[0, 0, 0])


CHANNELS = (
    Slip(
        ("M32",),
        "averages the channels",
        from_products(lambda products, bias: products.mean(2) + bias),
        "The results of the channels are averaged. They are added up: nothing divides them by C_in.",
        (from_products(lambda products, bias: (products.sum(2) + bias) / products.shape[2]),),
    ),
    Slip(
        ("M27",),
        "keeps the channels apart",
        from_products(kept_apart),
        "Your output has a map for each kernel, C_in * C_out of them. The C_in results of a filter are added into one "
        "map: C_out maps are left.",
        (from_products(by_channel), from_products(lambda products, bias: products + bias[:, None])),
    ),
    Slip(
        ("M33",),
        "one kernel for all channels",
        from_products(summed, weights=lambda weight: np.repeat(weight[:, :1], weight.shape[1], 1)),
        "Every channel meets the kernel of channel 0. Each has its own: channel c meets weight[o, c].",
    ),
    Slip(
        ("M158",),
        "the first channel only",
        from_products(lambda products, bias: products[:, :, 0] + bias),
        "Only input channel 0 was read. Every filter reads all channels: add a loop over c, with weight[o, c].",
    ),
    Slip(
        ("M158",),
        "the last channel only",
        from_products(lambda products, bias: products[:, :, -1] + bias),
        "Each channel took the place of the one before, so only the last is left: add the channels up with +=.",
    ),
    Slip(
        ("M158",),
        "filter o on channel o",
        from_products(own_channel),
        "Filter o was laid on channel o alone. Every filter reads all input channels.",
    ),
    Slip(
        ("M30",),
        "weight read with the input channels first",
        filters_first,
        "The weight was read as (C_in, C_out, kH, kW). Its first axis is the filter: channel c of filter o is "
        "weight[o, c].",
    ),
    Slip(
        (),
        "all filters in one map",
        from_products(one_map),
        "Your output has one map: the filters were added up too. Each filter keeps a map of its own, output[n, o].",
    ),
)

BIASES = (
    Slip(
        ("M159",),
        "the bias for each channel",
        from_products(lambda products, bias: products.sum(2) + products.shape[2] * bias),
        "The bias was added with each channel. It is added once, to the sum over all channels.",
    ),
    Slip(
        ("M103",),
        "forgets the bias",
        from_products(lambda products, bias: products.sum(2)),
        "Only the bias is missing: output[:, o] gets bias[o], wherever there is one.",
    ),
    Slip(
        ("M108",),
        "the bias for each product",
        from_products(summed, biases=lambda bias, weight: bias * weight[0].size),
        "The bias was added to each product. It is added once, to the finished sum.",
    ),
    Slip(
        (),
        "the first bias for all",
        from_products(summed, biases=one_bias),
        "All maps got the first bias. Map o gets bias[o].",
    ),
    Slip(
        (),
        "the bias along the columns",
        bias_along_columns,
        "The bias was laid along the columns: shape (C_out,) meets the last axis. Reshape it to (C_out, 1, 1), or add "
        "bias[o] to output[:, o].",
    ),
)

KERNELS = (
    Slip(
        ("M61",),
        "flips the kernels",
        from_products(summed, weights=lambda weight: weight[:, :, ::-1, ::-1]),
        "These are the numbers of flipped kernels. Conv2d flips nothing: weight[o, c, u, v] meets row u and column v "
        "of the window.",
    ),
    Slip(
        (),
        "the kernels of a filter in reverse",
        from_products(summed, weights=lambda weight: weight[:, ::-1]),
        "The kernels of each filter are in reverse order: channel c meets weight[o, c].",
    ),
    Slip(
        ("M64",),
        "drops negative results",
        from_products(lambda products, bias: np.maximum(summed(products, bias), 0.0)),
        "Your negative results became 0. Conv2d keeps them; a ReLU is a layer of its own.",
    ),
    Slip(
        ("M106",),
        "averages the products",
        from_products(lambda products, bias: products.mean(2) + bias, weights=lambda w: w / w[0, 0].size),
        "These are means of the products: .sum(), not .mean().",
    ),
)

BATCHES = (
    Slip(
        (),
        "adds up the batch",
        from_products(over_the_batch),
        "The pictures of the batch were added up. Each picture has an output of its own, output[n].",
    ),
    Slip(
        (),
        "the first picture only",
        from_products(first_picture),
        "Only the first picture of the batch was filled in: add a loop over n.",
        (from_products(lambda products, bias: summed(products, bias)[:1]),),
    ),
)

SETTINGS = (
    Slip(
        ("M19",),
        "ignores the stride",
        with_settings(strides=lambda sH, sW: (1, 1)),
        "Your window moves by one cell whatever the stride. The window of place (i, j) begins at row i * sH and column "
        "j * sW.",
    ),
    Slip(
        (),
        "ignores the padding",
        with_settings(paddings=lambda pH, pW: (0, 0)),
        "The padding is left out: put pH rows of zeros above and below, and pW columns left and right, around every "
        "channel.",
    ),
    Slip(
        (),
        "ignores stride and padding",
        with_settings(lambda sH, sW: (1, 1), lambda pH, pW: (0, 0)),
        "Stride and padding are left out: pad every channel first, then let the window begin at i * sH and j * sW.",
    ),
    Slip(
        ("M21",),
        "rows and columns of the stride exchanged",
        with_settings(strides=lambda sH, sW: (sW, sH)),
        "The strides of rows and columns are exchanged: stride is (sH, sW), so i goes with sH and j with sW.",
    ),
    Slip(
        ("M22",),
        "F.pad's order",
        with_settings(paddings=lambda pH, pW: (pW, pH)),
        "The padding of rows and columns is exchanged. Conv2d's is (pH, pW); F.pad begins with the columns: "
        "(pW, pW, pH, pH).",
    ),
)


PARTS = (whole_numbers_only(right, "stride", "padding"),)

SLIPS = (*CHANNELS, *BIASES, *KERNELS, *BATCHES, *SETTINGS, *PARTS)
