"""What Python says of a LayerAnatomy's layer, for the browser to compare with its own."""

import sys
import warnings
from math import prod

from .. import layers
from ..engines import conv2d_windows, pad_input
from ..shapes import ArgumentError, Conv2dSpec, ShapeError
from .layer_widget import packed

MOST_PRODUCTS, MOST_OUTPUTS = 4_000_000, 20_000  # more would keep the hand waiting: shapes and counts are compared


def output_shape(settings, shape):
    """The output's shape, None where PyTorch refuses."""
    try:
        return Conv2dSpec(**settings).output_shape(shape)
    except (ShapeError, ArgumentError):
        return None


def truth(settings, shape, arrays, rest):
    """Shapes, counts, text and (where there are not too many) output numbers of a layer, and who says so.

    Args:
        settings: Conv2d's arguments, sizes as pairs.
        shape: the input's.
        arrays: a function of nothing that gives {input, weight, bias}.
        rest: the number of the rest that this answers.
    """
    told = {"spec": settings, "shape": list(shape), "rest": rest, "output_shape": None}
    torch = sys.modules.get("torch")
    torch = torch if hasattr(torch, "nn") else None
    told["by"] = f"PyTorch {torch.__version__.split('+')[0]}" if torch else "Python"
    found = output_shape(settings, shape)
    if found is None:
        return told
    spec = Conv2dSpec(**settings)
    told |= _by_torch(torch, spec, settings, shape) if torch else _by_hand(spec, shape)
    if spec.macs(shape) <= MOST_PRODUCTS and prod(found) <= MOST_OUTPUTS:
        told["output"] = packed(_output(torch, spec, settings, **arrays()))
    return told


def _by_torch(torch, spec, settings, shape):
    """Facts of real layers, which are made without any numbers."""
    output = layers.ran_shape(settings, shape)
    layer = torch.nn.Conv2d(**settings, device="meta")
    dense = torch.nn.Linear(prod(shape[-3:]), prod(output[-3:]), bias=spec.bias, device="meta")
    count = {name: sum(p.numel() for p in one.parameters()) for name, one in (("conv", layer), ("dense", dense))}
    return {"output_shape": list(output), "weight_shape": list(layer.weight.shape), "repr": repr(layer),
            "parameters": count["conv"], "dense": count["dense"]}  # fmt: skip


def _by_hand(spec, shape):
    output = spec.output_shape(shape)
    outputs = prod(output[-3:])
    return {"output_shape": list(output), "weight_shape": list(spec.weight_shape), "repr": None,
            "parameters": spec.parameter_count,
            "dense": prod(shape[-3:]) * outputs + outputs * spec.bias}  # fmt: skip


def _output(torch, spec, settings, input, weight, bias):
    bias = bias if spec.bias else None
    if torch:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            return layers.build(settings, weight, bias)(torch.as_tensor(input)).numpy()
    padded = pad_input(input, spec.pads, spec.padding_mode)
    return conv2d_windows(padded, weight, bias, spec.stride, 0, spec.dilation, spec.groups)
