"""One real ``nn.Conv2d``: read, copied, built. torch is imported on first use, never before."""

import sys

from ..shapes import ArgumentError, Conv2dSpec


def is_conv2d(value):
    """True for an ``nn.Conv2d``; never imports torch, for without torch there is no such layer."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Conv2d)


def is_module(value):
    """True for any ``nn.Module``; never imports torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Module)


def spec(layer):
    """The ``Conv2dSpec`` of a real ``nn.Conv2d``.

    Args:
        layer: an ``nn.Conv2d``.

    Raises:
        ArgumentError: it is something else.

    Example:
        >>> import torch
        >>> spec(torch.nn.Conv2d(1, 4, kernel_size=(3, 2), stride=2)).weight_shape
        (4, 1, 3, 2)
    """
    if not is_conv2d(layer):
        raise ArgumentError(f"spec needs an nn.Conv2d; got {type(layer).__name__}: pass the layer itself.")
    return Conv2dSpec(
        layer.in_channels,
        layer.out_channels,
        layer.kernel_size,
        layer.stride,
        layer.padding,
        layer.dilation,
        layer.groups,
        layer.bias is not None,
        layer.padding_mode,
    )


def numbers(tensor):
    """A NumPy copy of a tensor, wherever it lives and whether or not it wants gradients."""
    return tensor.detach().cpu().numpy().copy()


def build(settings, weight, bias=None):
    """A real ``nn.Conv2d`` with these settings and numbers, in the dtype of the weight.

    Args:
        settings: keyword arguments of ``nn.Conv2d``, as a dict.
        weight: array (C_out, C_in / groups, kH, kW).
        bias: array (C_out,), or None.
    """
    import torch

    weight = torch.as_tensor(weight)
    # skip_init: no random numbers are drawn, so the learner's seed gives what it gave before
    layer = torch.nn.utils.skip_init(torch.nn.Conv2d, **settings, dtype=weight.dtype)
    with torch.no_grad():
        layer.weight.copy_(weight)
        if bias is not None:
            layer.bias.copy_(torch.as_tensor(bias))
    return layer
