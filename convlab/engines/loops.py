"""conv2d by loops: the definition, one output cell at a time."""

import numpy as np

from ..refusals import one_sentence
from .arguments import checked


@one_sentence
def conv2d_loops(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The cross-correlation of input and weight, computed cell by cell.

    Args:
        input, weight, bias: arrays of one dtype, whole numbers as float64; no bias where it is None.
        stride, dilation: a whole number or a pair (height, width).
        padding: zeros on *each* side, a number or a pair, or ``"same"`` or ``"valid"``.
        groups: both channel counts must be divisible by it.

    Shape:
        input (N, C_in, H, W) or (C_in, H, W); weight (C_out, C_in/groups, kH, kW); bias (C_out,)
        -> (N, C_out, H_out, W_out) or (C_out, H_out, W_out)

    Raises:
        ShapeError: sizes or channels that PyTorch refuses too.

    Example:
        >>> conv2d_loops(np.array([[[1., 2., 4.]]]), np.array([[[[-1., 1.]]]]))
        array([[[1., 2.]]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
    """
    job = checked(input, weight, bias, stride, padding, dilation, groups)
    (sH, sW), (dH, dW), (eH, eW) = job.spec.stride, job.spec.dilation, job.spec.extent
    C_out, C_in_per_group, _, _ = job.weight.shape
    output = np.zeros(job.output_shape, job.weight.dtype)
    for n, o, i, j in np.ndindex(output.shape):
        first = o // (C_out // groups) * C_in_per_group  # the first input channel of o's group
        channels = slice(first, first + C_in_per_group)
        window = job.padded[n, channels, i * sH : i * sH + eH : dH, j * sW : j * sW + eW : dW]
        output[n, o, i, j] = (window * job.weight[o]).sum()
    return job.finish(output)
