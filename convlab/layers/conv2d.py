"""One real ``nn.Conv2d``: read, copied, built. torch is imported on first use, never before."""

import sys
import warnings

from ..refusals import one_sentence
from ..shapes import ArgumentError, Conv2dSpec


def is_conv2d(value):
    """True for an ``nn.Conv2d``; never imports torch, for without torch there is no such layer.

    Args:
        value: anything.

    Example:
        >>> import torch
        >>> is_conv2d(torch.nn.Conv2d(1, 4, (3, 2))), is_conv2d(torch.nn.Linear(6, 4)), is_conv2d("Conv2d")
        (True, False, False)
    """
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Conv2d)


def is_module(value):
    """True for any ``nn.Module``; never imports torch.

    Args:
        value: anything.

    Example:
        >>> import torch
        >>> is_module(torch.nn.Linear(6, 4)), is_module(torch.nn.Linear), is_module(None)
        (True, False, False)
    """
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Module)


@one_sentence
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
    """A NumPy copy of a tensor, wherever it lives and whether or not it wants gradients.

    Args:
        tensor: of any shape and dtype that NumPy has too.

    Example:
        >>> import torch
        >>> numbers(torch.nn.Parameter(torch.ones(1, 2)))
        array([[1., 1.]], dtype=float32)
    """
    return tensor.detach().cpu().numpy().copy()


def build(settings, weight, bias=None):
    """A real ``nn.Conv2d`` with these settings and numbers, in the dtype of the weight.

    Args:
        settings: keyword arguments of ``nn.Conv2d``, as a dict.
        weight: array (C_out, C_in / groups, kH, kW).
        bias: array (C_out,), or None.

    Example:
        >>> import numpy as np
        >>> settings = {"in_channels": 1, "out_channels": 2, "kernel_size": (1, 3)}
        >>> build(settings, np.ones((2, 1, 1, 3), np.float32), np.zeros(2, np.float32))
        Conv2d(1, 2, kernel_size=(1, 3), stride=(1, 1))
    """
    import torch

    layer = undrawn(torch.as_tensor(weight).clone(), **settings)
    if bias is not None:
        with torch.no_grad():
            layer.bias.copy_(torch.as_tensor(bias))
    return layer


def undrawn(weight, **settings):
    """An ``nn.Conv2d`` with this tensor as its weight, for which no random number was drawn.

    The learner's seed gives afterwards what it gave before. ``torch.nn.utils.skip_init`` does the same, but brings in
    SymPy: half a second, and 45 MiB of the kernel.

    Args:
        weight: tensor (C_out, C_in / groups, kH, kW); the bias, if there is one, is of zeros like it.
        settings: keyword arguments of ``nn.Conv2d``; its dtype and its place are those of the weight.

    Example:
        >>> import torch
        >>> undrawn(torch.ones(1, 1, 2, 3), in_channels=1, out_channels=1, kernel_size=(2, 3)).bias.tolist()
        [0.0]
    """
    import torch

    layer = torch.nn.Conv2d(**settings, device="meta")
    layer.weight = torch.nn.Parameter(weight)
    if layer.bias is not None:
        layer.bias = torch.nn.Parameter(weight.new_zeros(layer.out_channels))
    return layer


def ran_shape(settings, shape):
    """The output's shape as PyTorch's own layer gives it, in no time, whatever the sizes.

    An empty batch goes through the layer, so that nothing is multiplied; the meta device would do too, but brings in
    SymPy, as ``skip_init`` does.

    Args:
        settings: keyword arguments of ``nn.Conv2d``, as a dict, and
        shape: (N, C_in, H, W) or (C_in, H, W), which PyTorch runs; an empty batch escapes some of its refusals.

    Example:
        >>> ran_shape({"in_channels": 2048, "out_channels": 3, "kernel_size": (7, 5)}, (2048, 4000, 3000))
        (3, 3994, 2996)
    """
    import torch

    settings = {**settings, "bias": False}
    layer = undrawn(torch.empty(torch.nn.Conv2d(**settings, device="meta").weight.shape), **settings)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # "same" with an even kernel: PyTorch copies, which costs nothing here
        return (*shape[:-3], *layer(torch.empty(0, *shape[-3:])).shape[1:])
