"""conv2d by im2col a tile at a time: the columns of a few rows of places, multiplied while the cache still has them."""

import numpy as np

from ..refusals import one_sentence
from .arguments import checked, of_one_dtype
from .im2col import CACHE_BYTES, write_columns
from .pad import pad_input


@one_sentence
def conv2d_tiled(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The cross-correlation of input and weight, by ``im2col`` without ever holding all columns.

    A tile is some samples whole, or, where one sample has too many columns, some rows of its places.

    Args, Shape:
        as ``conv2d_loops``

    Raises:
        ShapeError: sizes or channels that PyTorch refuses too.

    Example:
        >>> conv2d_tiled(np.array([[[1., 2., 4.]]]), np.array([[[[-1., 1.]]]]))
        array([[[1., 2.]]])
    """
    [input] = of_one_dtype(input=input)
    # The checks pad what they are given: one sample stands for all, and each tile's samples are padded in their turn.
    job = checked(input[:1] if input.ndim == 4 else input, weight, bias, stride, padding, dilation, groups)
    batch = input if job.batched else input[None]
    (N, C_in), (kH, kW), groups = batch.shape[:2], job.spec.kernel_size, job.spec.groups
    _, C_out, H_out, W_out = job.output_shape
    taps = C_in // groups * kH * kW
    rows = job.weight.reshape(groups, C_out // groups, taps)
    output = np.empty((N, groups, C_out // groups, H_out * W_out), batch.dtype)
    places = max(1, CACHE_BYTES // max(1, groups * taps * batch.itemsize))  # so many columns fit the cache
    samples, height = max(1, places // (H_out * W_out)), max(1, places // W_out)
    for n in range(0, N, samples):
        padded = pad_input(batch[n : n + samples], job.spec.pads)
        for i in range(0, H_out, height):
            tile = output[n : n + samples, :, :, i * W_out : (i + height) * W_out]
            some, _, _, L = tile.shape
            columns = np.empty((some, C_in, kH, kW, L // W_out, W_out), batch.dtype)
            write_columns(columns, padded[:, :, i * job.spec.stride[0] :], job.spec)
            np.matmul(rows, columns.reshape(some, groups, taps, L), out=tile)
    return job.finish(output.reshape(N, C_out, H_out, W_out))
