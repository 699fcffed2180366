"""conv2d by windows: every window at once, as a view that copies nothing."""

import numpy as np

from ..refusals import one_sentence
from .arguments import checked


def all_windows(padded, spec):
    """A view of every window: element (u, v) of the window at place (i, j) is ``view[..., i, j, u, v]``.

    Shape:
        (N, C_in, H, W) -> (N, C_in, H_out, W_out, kH, kW)
    """
    (sH, sW), (dH, dW) = spec.stride, spec.dilation
    view = np.lib.stride_tricks.sliding_window_view(padded, spec.extent, axis=(-2, -1))
    return view[:, :, ::sH, ::sW, ::dH, ::dW]


def under_tap(u, v, spec, output_size):
    """Where tap (u, v) of the window stands in the padded input, at all places: an index for the last two axes.

    Shape:
        ``padded[under_tap(u, v, spec, (H_out, W_out))]`` is (..., H_out, W_out)

    Example:
        >>> from convlab.shapes import Conv2dSpec
        >>> row = np.array([[10, 11, 12, 13, 14]])
        >>> row[under_tap(0, 1, Conv2dSpec(1, 1, (1, 2), stride=2), output_size=(1, 2))]
        array([[11, 13]])
    """
    (sH, sW), (dH, dW), (H_out, W_out) = spec.stride, spec.dilation, output_size
    return (..., slice(u * dH, u * dH + H_out * sH, sH), slice(v * dW, v * dW + W_out * sW, sW))


@one_sentence
def conv2d_windows(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The cross-correlation of input and weight, as one sum over channels and taps of all windows.

    Args, Shape:
        as ``conv2d_loops``

    Raises:
        ShapeError: sizes or channels that PyTorch refuses too.

    Example:
        >>> conv2d_windows(np.array([[[1., 2., 4.]]]), np.array([[[[-1., 1.]]]]))
        array([[[1., 2.]]])
    """
    job = checked(input, weight, bias, stride, padding, dilation, groups)
    (N, C_out, _, _), (_, C_in_per_group, _, _) = job.output_shape, job.weight.shape
    windows = all_windows(job.padded, job.spec)
    by_group = windows.reshape(N, groups, C_in_per_group, *windows.shape[2:]) if groups > 1 else windows[:, None]
    filters = job.weight.reshape(groups, C_out // groups, *job.weight.shape[1:])
    output = np.einsum("ngcijuv,gocuv->ngoij", by_group, filters).reshape(job.output_shape)
    return job.finish(output)
