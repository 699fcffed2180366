"""conv2d by windows: every window at once, as a view that copies nothing."""

import numpy as np

from .arguments import checked


def all_windows(padded, spec):
    """A view of every window: element (u, v) of the window at place (i, j) is ``view[..., i, j, u, v]``.

    Shape:
        (N, C_in, H, W) -> (N, C_in, H_out, W_out, kH, kW)
    """
    (sH, sW), (dH, dW) = spec.stride, spec.dilation
    view = np.lib.stride_tricks.sliding_window_view(padded, spec.extent, axis=(-2, -1))
    return view[:, :, ::sH, ::sW, ::dH, ::dW]


def conv2d_windows(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The cross-correlation of input and weight, as one sum over channels and taps of all windows.

    Shape:
        as ``conv2d_loops``

    Raises:
        ShapeError: sizes or channels that PyTorch refuses too.

    Example:
        >>> conv2d_windows(np.array([[[1., 2., 4.]]]), np.array([[[[-1., 1.]]]]))
        array([[[1., 2.]]])
    """
    job = checked(input, weight, bias, stride, padding, dilation, groups)
    N, C_out, H_out, W_out = job.output_shape
    windows = all_windows(job.padded, job.spec)
    by_group = windows.reshape(N, groups, -1, *windows.shape[2:]) if groups > 1 else windows[:, None]
    filters = job.weight.reshape(groups, C_out // groups, *job.weight.shape[1:])
    output = np.einsum("ngcijuv,gocuv->ngoij", by_group, filters).reshape(N, C_out, H_out, W_out)
    return job.finish(output)
