"""col2im (fold): columns go back to the pixels they came from, and where windows overlap they add up."""

import numpy as np

from ..refusals import one_sentence
from ..shapes import Conv2dSpec, ShapeError, pair
from .arguments import of_one_dtype
from .windows import under_tap


@one_sentence
def col2im(columns, output_size, kernel_size, stride=1, padding=0, dilation=1):
    """The picture of ``torch.nn.functional.fold``: each column is added to the window it stands for.

    It is the transpose of ``im2col``, not its inverse: a pixel that k windows share comes back k times.

    Args:
        columns: an array, as ``im2col`` makes it.
        output_size: (H, W) of the picture.
        kernel_size, stride, padding, dilation: as for ``Conv2dSpec``.

    Shape:
        (N, C * kH * kW, L) or (C * kH * kW, L) -> (N, C, H, W) or (C, H, W), L = number of places

    Raises:
        ShapeError: the columns do not belong to such a picture and window.

    Example:
        >>> col2im(np.array([[1., 2.], [2., 4.]]), output_size=(1, 3), kernel_size=(1, 2))
        array([[[1., 4., 4.]]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.fold.html
    """
    (columns,) = of_one_dtype(columns=columns)
    spec, (H, W) = Conv2dSpec(1, 1, kernel_size, stride, padding, dilation), pair(output_size, "output_size")
    (kH, kW), (top, bottom), (left, right) = spec.kernel_size, *spec.pads
    _, H_out, W_out = spec.output_shape((1, H, W))
    _check_columns(columns, kH * kW, (H_out, W_out))
    C = columns.shape[-2] // (kH * kW)
    by_tap = columns.reshape(*columns.shape[:-2], C, kH, kW, H_out, W_out)
    padded = np.zeros((*columns.shape[:-2], C, top + H + bottom, left + W + right), columns.dtype)
    for u, v in np.ndindex(kH, kW):
        padded[under_tap(u, v, spec, (H_out, W_out))] += by_tap[..., u, v, :, :]
    return padded[..., top : top + H, left : left + W]


def _check_columns(columns, taps, places):
    shape, (H_out, W_out) = columns.shape, places
    if columns.ndim not in (2, 3) or 0 in shape[-2:]:
        raise ShapeError(
            f"columns must have 3 axes (N, C * kH * kW, L), or 2 without the batch, and none empty but N; got {shape}.",
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for "
            f"input, but got: {list(shape)}",
        )
    if shape[-2] % taps:
        raise ShapeError(
            f"Each column holds C * kH * kW numbers, a multiple of {taps} here; got columns of {shape[-2]}: check "
            "kernel_size."
        )
    if shape[-1] != H_out * W_out:
        raise ShapeError(
            f"The window has {H_out} x {W_out} = {H_out * W_out} places, a column each; got {shape[-1]} columns: check "
            "output_size, stride, padding and dilation."
        )
