"""conv2d by one matrix product: each window becomes a column (unfold), the filters become rows."""

import numpy as np

from ..refusals import one_sentence
from ..shapes import Conv2dSpec
from .arguments import checked
from .pad import pad_input

CACHE_BYTES = 2**20  # what a core keeps close at hand: about its second-level cache


@one_sentence
def im2col(input, kernel_size, stride=1, padding=0, dilation=1):
    """The columns of ``torch.nn.functional.unfold``: one column a place, channel by channel, tap by tap.

    Args:
        input: an array of any numbers.
        kernel_size, stride, padding, dilation: as for ``Conv2dSpec``.

    Shape:
        (N, C_in, H, W) or (C_in, H, W) -> (N, C_in * kH * kW, L) or (C_in * kH * kW, L), L = H_out * W_out

    Raises:
        ShapeError: the window does not fit.

    Example:
        >>> im2col(np.array([[[1., 2., 4.]]]), kernel_size=(1, 2))
        array([[1., 2.],
               [2., 4.]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.unfold.html
    """
    input = np.asarray(input)
    C_in = input.shape[-3] if input.ndim > 2 else 1
    spec = Conv2dSpec(C_in, 1, kernel_size, stride, padding, dilation)
    _, *output_size = spec.output_shape(input.shape)[-3:]
    batch = input if input.ndim == 4 else input[None]
    columns = _columns(pad_input(batch, spec.pads), spec, output_size)
    return columns if input.ndim == 4 else columns[0]


@one_sentence
def conv2d_im2col(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The cross-correlation of input and weight, as a product of the filter rows with the window columns.

    Args, Shape:
        as ``conv2d_loops``

    Raises:
        ShapeError: sizes or channels that PyTorch refuses too.

    Example:
        >>> conv2d_im2col(np.array([[[1., 2., 4.]]]), np.array([[[[-1., 1.]]]]))
        array([[[1., 2.]]])
    """
    job = checked(input, weight, bias, stride, padding, dilation, groups)
    (N, C_out, H_out, W_out), groups = job.output_shape, job.spec.groups
    columns = _columns(job.padded, job.spec, (H_out, W_out))
    taps = columns.shape[1] // groups  # the height of a group's columns: C_in / groups * kH * kW
    rows = job.weight.reshape(groups, C_out // groups, taps)
    output = rows @ columns.reshape(N, groups, taps, H_out * W_out)
    return job.finish(output.reshape(job.output_shape))


def write_columns(columns, padded, spec):
    """Writes what each tap reads at each place: first every row, shifted for each kernel column, then rows of those.

    That copies each short row kW times instead of kH * kW times; the rest of the copying is in long pieces.

    Shape:
        padded (N, C_in, H, W) into columns (N, C_in, kH, kW, H_out, W_out); H may have rows to spare
    """
    (sH, sW), (dH, dW), (eH, _) = spec.stride, spec.dilation, spec.extent
    N, C_in, kH, kW, H_out, W_out = columns.shape
    H = (H_out - 1) * sH + eH
    shifted = np.empty((N, C_in, kW, H, W_out), columns.dtype)
    for v in range(kW):
        shifted[:, :, v] = padded[:, :, :H, v * dW : v * dW + W_out * sW : sW]
    for u in range(kH):
        columns[:, :, u] = shifted[:, :, :, u * dH : u * dH + H_out * sH : sH]


def _columns(padded, spec, output_size):
    (N, C_in, _, _), (kH, kW), (H_out, W_out) = padded.shape, spec.kernel_size, output_size
    columns = np.empty((N, C_in, kH, kW, H_out, W_out), padded.dtype)
    some = max(1, CACHE_BYTES // max(1, columns[:1].nbytes))  # samples at a time: the shifted rows stay in the cache
    for n in range(0, N, some):
        write_columns(columns[n : n + some], padded[n : n + some], spec)
    return columns.reshape(N, C_in * kH * kW, H_out * W_out)
