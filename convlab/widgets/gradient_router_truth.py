"""Python's word on the three gradients that GradientRouter draws: by autograd once torch is there, else by NumPy."""

import sys

import numpy as np

from .. import layers
from ..engines import conv2d_backward, conv2d_windows, pad_input
from ..shapes import Conv2dSpec

# Small, some zero, some negative, no two neighbours alike along a row or down a column (a step of 3).
UPSTREAM = (1, 0, -1, 2, 3, -2, 0)


def usual_upstream(shape):
    """An upstream gradient of whole numbers that can be multiplied by head, the same for the same shape.

    Example:
        >>> usual_upstream((1, 2, 4))
        array([[[ 1.,  0., -1.,  2.],
                [ 2.,  3., -2.,  0.]]], dtype=float32)
    """
    n, o, i, j = np.indices(shape if len(shape) == 4 else (1, *shape))
    return np.array(UPSTREAM, np.float32)[(4 * n + 2 * o + 3 * i + j) % len(UPSTREAM)].reshape(shape)


def backward(settings, grad_output, input, weight, bias):
    """The gradients of L = sum(grad_output * output) in float64, L itself, by whom, and how far a browser may differ.

    Args:
        settings: Conv2d's arguments, as a dict.
        grad_output, input, weight, bias: arrays; the bias is empty where there is none.

    Returns:
        {input, weight, bias, loss, by, tolerance}
    """
    arrays = [array.astype(np.float64) for array in (grad_output, input, weight, bias)]
    torch = sys.modules.get("torch")
    compute = _by_torch if hasattr(torch, "nn") else _by_numpy
    loss, *found = compute(settings, *arrays)
    largest = max(1.0, abs(loss), *(float(np.abs(array).max(initial=0)) for array in found))
    exact = largest < 2**50 and all(np.array_equal(array, np.round(array)) for array in arrays)
    single = any(array.dtype == np.float32 for array in (grad_output, input, weight))  # rounded on its way here
    gradients = dict(zip(("input", "weight", "bias"), found, strict=True))
    by = "NumPy" if compute is _by_numpy else f"autograd of PyTorch {torch.__version__.split('+')[0]}"
    return {**gradients, "loss": loss, "by": by, "tolerance": 0.0 if exact else largest * (1e-4 if single else 1e-9)}


def _by_torch(settings, grad_output, input, weight, bias):
    import torch

    layer = layers.build(settings, weight, bias if settings["bias"] else None)
    input, upstream = torch.as_tensor(input).requires_grad_(), torch.as_tensor(grad_output)
    with torch.enable_grad():
        loss = (upstream * layer(input)).sum()
        loss.backward()
    grad_bias = layer.bias.grad.numpy() if settings["bias"] else np.zeros(0)
    return loss.item(), input.grad.numpy(), layer.weight.grad.numpy(), grad_bias


def _by_numpy(settings, grad_output, input, weight, bias):
    spec = Conv2dSpec(**settings)
    padded = pad_input(input, spec.pads, spec.padding_mode)
    bias = bias if spec.bias else None
    output = conv2d_windows(padded, weight, bias, spec.stride, 0, spec.dilation, spec.groups)
    found = conv2d_backward(grad_output, padded, weight, spec.stride, 0, spec.dilation, spec.groups)
    grad_padded, grad_weight, grad_bias = found
    loss = float((grad_output * output).sum())
    return loss, _out_of_the_frame(spec, grad_padded, input.shape), grad_weight, grad_bias if spec.bias else np.zeros(0)


def _out_of_the_frame(spec, grad_padded, shape):
    """The input's gradient out of the padded input's: each cell of the frame adds to the pixel it repeats."""
    H, W = shape[-2:]
    source = pad_input(np.arange(1, H * W + 1).reshape(H, W), spec.pads, spec.padding_mode)
    sums = np.zeros((*shape[:-2], H * W + 1))
    np.add.at(sums, (..., source.ravel()), grad_padded.reshape(*shape[:-2], -1))
    return sums[..., 1:].reshape(shape)  # the first is what came to zeros, nobody's pixel


def read_counts(settings, shape):
    """How often one kernel reads each pixel, (H, W).

    Example:
        >>> layer = {"in_channels": 1, "out_channels": 1, "kernel_size": (1, 3), "stride": (1, 2)}
        >>> read_counts(layer, (1, 1, 1, 8))
        array([[1, 1, 2, 1, 2, 1, 1, 0]])
    """
    alone = {**settings, "in_channels": 1, "out_channels": 1, "groups": 1}
    spec = Conv2dSpec(**alone)
    size = tuple(shape[-2:])
    padded = pad_input(np.zeros((1, *size)), spec.pads, spec.padding_mode)
    ones = np.ones(spec.output_shape((1, *size)))
    kernel = np.ones(spec.weight_shape)
    grad_padded, _, _ = conv2d_backward(ones, padded, kernel, spec.stride, 0, spec.dilation)
    return _out_of_the_frame(spec, grad_padded, (1, *size))[0].astype(int)
