"""The gradients of conv2d: given that of the output, those of the input, the weight and the bias.

Each output is a sum of products ``weight * input``. So a product hands the gradient of its output on: times the
weight to its pixel, times the pixel to its weight; and what comes together in one pixel or one weight adds up.
"""

from dataclasses import dataclass
from operator import index

import numpy as np

from ..refusals import came, few, one_sentence
from ..shapes import Conv2dSpec, ShapeError, pair, whole
from .arguments import check_weight, of_one_dtype
from .pad import pad_input
from .windows import conv2d_windows, under_tap


@one_sentence
def conv2d_backward(grad_output, input, weight, stride=1, padding=0, dilation=1, groups=1):
    """(grad_input, grad_weight, grad_bias): the gradients of what went into a conv2d, given that of its output.

    Args:
        grad_output: the gradient of a loss with respect to the output.
        input, weight, stride, padding, dilation, groups: what the output was computed with, as ``conv2d_loops``.

    Shape:
        grad_output (N, C_out, H_out, W_out) or (C_out, H_out, W_out); input and weight as ``conv2d_loops``
        -> as input, as weight, (C_out,)

    Raises:
        ShapeError: sizes or channels that PyTorch refuses, or a gradient that is not of the output's shape.
        ArgumentError: an argument that is no array of numbers, or arrays of different dtypes.

    Example:
        >>> conv2d_backward(np.array([[[1., 10.]]]), np.array([[[1., 2., 4.]]]), np.array([[[[-1., 1.]]]]))
        (array([[[-1., -9., 10.]]]), array([[[[21., 42.]]]]), array([11.]))

    Source: V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning" (2016), chapter 4
    """
    grad_output, input, weight = of_one_dtype(grad_output=grad_output, input=input, weight=weight)
    how = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    grad_input = input_gradient_scatter(grad_output, input.shape, weight, **how)
    grad_weight = weight_gradient(grad_output, input, weight.shape[2:], **how)
    places = (-2, -1) if input.ndim == 3 else (0, -2, -1)
    return grad_input, grad_weight, grad_output.sum(places)


@one_sentence
def input_gradient_scatter(grad_output, input_shape, weight, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of the input, handed out: each output's gradient goes, times the weight, to its window's pixels.

    Args, Shape:
        input_shape: of the input, whose values do not matter
        all others: as ``conv2d_backward``

    Raises:
        ShapeError, ArgumentError: as ``conv2d_backward``

    Example:
        >>> input_gradient_scatter(np.array([[[1., 10.]]]), (1, 1, 3), np.array([[[[-1., 1.]]]]))
        array([[[-1., -9., 10.]]])
    """
    step, weight = _step_back(grad_output, input_shape, weight, stride, padding, dilation, groups)
    grad, (C_out, C_in_per_group, _, _) = step.by_group, weight.shape
    filters = weight.reshape(groups, C_out // groups, *weight.shape[1:])
    padded = np.zeros((len(grad), groups, C_in_per_group, *step.padded_size), weight.dtype)
    for u, v in np.ndindex(step.spec.kernel_size):
        pixels = under_tap(u, v, step.spec, grad.shape[-2:])
        padded[pixels] += np.einsum("ngoij,goc->ngcij", grad, filters[..., u, v])
    return step.without_padding(padded)


@one_sentence
def input_gradient_gather(grad_output, input_shape, weight, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of the input, fetched: a convolution of the dilated gradient with the rotated kernels.

    Seen from a pixel, the first tap of the kernel belongs to the last window over it, so the kernel is rotated by
    180 degrees; between neighbouring windows lie ``stride`` pixels, so the gradient is dilated by the stride.

    Args, Shape:
        as ``input_gradient_scatter``

    Raises:
        ShapeError, ArgumentError: as ``conv2d_backward``

    Example:
        >>> input_gradient_gather(np.array([[[1., 10.]]]), (1, 1, 3), np.array([[[[-1., 1.]]]]))
        array([[[-1., -9., 10.]]])
    """
    step, weight = _step_back(grad_output, input_shape, weight, stride, padding, dilation, groups)
    (sH, sW), (eH, eW), (H, W) = step.spec.stride, step.spec.extent, step.padded_size
    N, _, _, H_out, W_out = step.by_group.shape
    C_out, C_in_per_group, kH, kW = weight.shape
    dilated = np.zeros((N, C_out, H + eH - 1, W + eW - 1), weight.dtype)  # an extent - 1 of zeros at every edge
    rows, columns = slice(eH - 1, eH - 1 + H_out * sH, sH), slice(eW - 1, eW - 1 + W_out * sW, sW)
    dilated[:, :, rows, columns] = step.by_group.reshape(N, C_out, H_out, W_out)
    rotated = weight[..., ::-1, ::-1].reshape(groups, C_out // groups, C_in_per_group, kH, kW)
    backwards = rotated.swapaxes(1, 2).reshape(groups * C_in_per_group, C_out // groups, kH, kW)
    return step.without_padding(conv2d_windows(dilated, backwards, dilation=step.spec.dilation, groups=groups))


@one_sentence
def weight_gradient(grad_output, input, kernel_size, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of the weight: for each tap, the pixels it met times the gradients they led to, added up.

    Args, Shape:
        kernel_size: of the weight, whose values do not matter
        all others: as ``conv2d_backward`` -> (C_out, C_in/groups, kH, kW)

    Raises:
        ShapeError, ArgumentError: as ``conv2d_backward``

    Example:
        >>> weight_gradient(np.array([[[1., 10.]]]), np.array([[[1., 2., 4.]]]), kernel_size=(1, 2))
        array([[[[21., 42.]]]])
    """
    grad_output, input = of_one_dtype(grad_output=grad_output, input=input)
    step = _checked(grad_output, input.shape, kernel_size, stride, padding, dilation, groups)
    grad, (_, C_in_per_group, kH, kW) = step.by_group, step.spec.weight_shape
    batch = input if step.batched else input[None]
    padded = pad_input(batch, step.spec.pads).reshape(len(batch), groups, C_in_per_group, *step.padded_size)
    grad_weight = np.zeros((groups, grad.shape[2], C_in_per_group, kH, kW), grad.dtype)
    for u, v in np.ndindex(kH, kW):
        pixels = under_tap(u, v, step.spec, grad.shape[-2:])
        grad_weight[..., u, v] = np.einsum("ngoij,ngcij->goc", grad, padded[pixels])
    return grad_weight.reshape(step.spec.weight_shape)


@dataclass(frozen=True)
class _Step:
    """One checked step back through a convolution."""

    by_group: np.ndarray  # the output's gradient: (N, groups, C_out / groups, H_out, W_out)
    spec: Conv2dSpec
    input_size: tuple  # (H, W)
    batched: bool

    @property
    def padded_size(self):
        return tuple(length + sum(side) for length, side in zip(self.input_size, self.spec.pads, strict=True))

    def without_padding(self, padded):
        """The input's gradient out of the padded input's: what came to the padding is dropped."""
        (H, W), ((top, _), (left, _)) = self.input_size, self.spec.pads
        batch = padded.reshape(len(padded), self.spec.in_channels, *self.padded_size)
        batch = batch[:, :, top : top + H, left : left + W]
        return batch if self.batched else batch[0]


def _step_back(grad_output, input_shape, weight, stride, padding, dilation, groups):
    """The checked step and the weight."""
    grad_output, weight = of_one_dtype(grad_output=grad_output, weight=weight)
    check_weight(weight)
    step = _checked(grad_output, input_shape, weight.shape[2:], stride, padding, dilation, groups)
    if weight.shape != step.spec.weight_shape:
        raise ShapeError(
            f"For {step.spec.in_channels} input channels, {step.spec.out_channels} output channels and groups={groups} "
            f"the weight has the shape {step.spec.weight_shape}; got {weight.shape}."
        )
    return step, weight


def _checked(grad_output, input_shape, kernel_size, stride, padding, dilation, groups):
    input_shape = _whole_numbers(input_shape)
    if grad_output.ndim != len(input_shape) or grad_output.ndim not in (3, 4):
        raise ShapeError(
            "grad_output and input must both have 4 axes (N, C, H, W), or both 3 without the batch; got "
            f"{grad_output.shape} and {input_shape}."
        )
    groups, kernel_size = whole(groups, "groups"), pair(few(kernel_size), "kernel_size")
    C_in, C_out, batched = input_shape[-3], grad_output.shape[-3], grad_output.ndim == 4
    spec = Conv2dSpec(C_in, C_out, kernel_size, stride, padding, dilation, groups)
    output_shape = spec.output_shape(input_shape)
    if grad_output.shape != output_shape:
        raise ShapeError(
            f"grad_output must have the output's shape, {output_shape} here; got {grad_output.shape}: check stride, "
            "padding and dilation."
        )
    N = len(grad_output) if batched else 1
    by_group = grad_output.reshape(N, groups, C_out // groups, *output_shape[-2:])
    return _Step(by_group, spec, input_shape[-2:], batched)


def _whole_numbers(input_shape):
    try:
        return tuple(map(index, few(input_shape)))
    except TypeError:
        raise ShapeError(
            f"input_shape must be whole numbers such as (1, 3, 32, 32); got {came(input_shape)}: give input.shape."
        ) from None
