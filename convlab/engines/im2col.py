"""conv2d by one matrix product: each window becomes a column (unfold), the filters become rows."""

import numpy as np

from ..shapes import Conv2dSpec
from .arguments import checked
from .pad import pad_input
from .windows import all_windows


def im2col(input, kernel_size, stride=1, padding=0, dilation=1):
    """The columns of ``torch.nn.functional.unfold``: one column a place, channel by channel, tap by tap.

    Shape:
        (N, C_in, H, W) or (C_in, H, W) -> (N, C_in * kH * kW, L) or (C_in * kH * kW, L), L = H_out * W_out

    Raises:
        ShapeError: the window does not fit.

    Example:
        >>> im2col(np.array([[[1., 2., 4.]]]), kernel_size=(1, 2))
        array([[1., 2.],
               [2., 4.]])
    """
    input = np.asarray(input)
    C_in = input.shape[-3] if input.ndim > 2 else 1
    spec = Conv2dSpec(C_in, 1, kernel_size, stride, padding, dilation)
    spec.output_shape(input.shape)
    batch = input if input.ndim == 4 else input[None]
    columns = _columns(pad_input(batch, spec.pads), spec)
    return columns if input.ndim == 4 else columns[0]


def conv2d_im2col(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The cross-correlation of input and weight, as a product of the filter rows with the window columns.

    Shape:
        as ``conv2d_loops``

    Raises:
        ShapeError: sizes or channels that PyTorch refuses too.

    Example:
        >>> conv2d_im2col(np.array([[[1., 2., 4.]]]), np.array([[[[-1., 1.]]]]))
        array([[[1., 2.]]])
    """
    job = checked(input, weight, bias, stride, padding, dilation, groups)
    N, C_out, H_out, W_out = job.output_shape
    rows = job.weight.reshape(groups, C_out // groups, -1)
    columns = _columns(job.padded, job.spec).reshape(N, groups, rows.shape[-1], H_out * W_out)
    return job.finish((rows @ columns).reshape(job.output_shape))


def _columns(padded, spec):
    windows = all_windows(padded, spec)
    N, C_in, H_out, W_out, kH, kW = windows.shape
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(N, C_in * kH * kW, H_out * W_out)
