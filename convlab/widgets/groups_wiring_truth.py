"""What Python finds of a grouped layer and what follows it: shapes, counts, and whom a muted channel reaches."""

import sys
from math import prod

import numpy as np

from .. import layers
from ..shapes import ArgumentError, Conv2dSpec, ShapeError
from .layer_widget import SETTINGS

CHAIN = (*SETTINGS, "pointwise", "pointwise_groups", "shuffle", "size")


def chain(setting):
    """Conv2d's arguments of the grouped layer and, where there is one, of the 1 x 1 layer after it."""
    first = {name: setting[name] for name in SETTINGS}
    if not setting["pointwise"]:
        return [first]
    after = {"in_channels": first["out_channels"], "out_channels": setting["pointwise"],
             "groups": setting["pointwise_groups"], "bias": first["bias"], "padding_mode": "zeros"}  # fmt: skip
    return [first, {**after, "kernel_size": [1, 1], "stride": [1, 1], "padding": [0, 0], "dilation": [1, 1]}]


def dense(setting):
    """Conv2d's arguments of the layer without groups from the same input to the same output."""
    return {**chain(setting)[0], "out_channels": chain(setting)[-1]["out_channels"], "groups": 1}


def shape(setting):
    """The input's shape."""
    *batch, H, W = setting["size"]
    return [*batch, setting["in_channels"], H, W]


def output_shape(setting):
    """The shape of the last output.

    Raises:
        ShapeError: PyTorch refuses the layer or the one after it.
    """
    told = shape(setting)
    for spec in chain(setting):
        told = Conv2dSpec(**spec).output_shape(told)
    return told


def problem(setting):
    """PyTorch's words where it refuses the layer or the one after it, else None."""
    try:
        output_shape(setting)
    except (ShapeError, ArgumentError) as error:
        return getattr(error, "torch_message", "") or str(error)
    return None


def _blocks(spec):
    """(out_channels, in_channels): 1 where a kernel joins the two."""
    each = [spec[name] // spec["groups"] for name in ("out_channels", "in_channels")]
    return np.kron(np.eye(spec["groups"]), np.ones(each))


def reach(setting):
    """Whether an output of the last layer reads an input channel: a bool array (outputs, in_channels); None if refused.

    Example:
        >>> spec = {"in_channels": 2, "out_channels": 4, "kernel_size": [3, 3], "stride": [1, 1], "padding": [0, 0]}
        >>> more = {"dilation": [1, 1], "groups": 2, "bias": True, "padding_mode": "zeros", "size": [1, 5, 7]}
        >>> reach({**spec, **more, "pointwise": 0, "pointwise_groups": 1, "shuffle": True}).astype(int).tolist()
        [[1, 0], [0, 1], [1, 0], [0, 1]]
    """
    if problem(setting):
        return None
    first, *more = chain(setting)
    joined = _blocks(first)
    if setting["shuffle"]:
        groups = first["groups"]
        joined = joined.reshape(groups, -1, joined.shape[1]).swapaxes(0, 1).reshape(joined.shape)
    for spec in more:
        joined = _blocks(spec) @ joined
    return joined > 0


def fates(setting, muted):
    """(dark, changed): outputs that read muted channels only, and those that read one among others."""
    joined = reach(setting)
    return ([], []) if joined is None else _split(joined, muted)


def _split(joined, muted):
    gone = np.zeros(joined.shape[1], bool)
    gone[[channel for channel in muted if channel < len(gone)]] = True
    touched, left = (joined & gone).any(1), (joined & ~gone).any(1)
    return np.flatnonzero(touched & ~left).tolist(), np.flatnonzero(touched & left).tolist()


def truth(setting):
    """All that the browser compares with its own, and who says so."""
    told = {"setting": {name: setting[name] for name in CHAIN}, "muted": list(setting["muted"])}
    torch = sys.modules.get("torch")
    torch = torch if hasattr(torch, "nn") else None
    told["by"] = f"PyTorch {torch.__version__.split('+')[0]}" if torch else "Python"
    if problem(setting):
        return {**told, "output_shape": None}
    found = _by_torch(torch, setting) if torch else _by_hand(setting)
    parameters, macs, output, weight, joined = found
    plain = Conv2dSpec(**dense(setting))
    dark, changed = _split(joined, setting["muted"])
    return {**told, "parameters": parameters, "macs": macs, "output_shape": list(output), "weight_shape": list(weight),
            "dense_parameters": plain.parameter_count, "dense_macs": plain.macs(shape(setting)), "dark": dark,
            "changed": changed}  # fmt: skip


def _by_hand(setting):
    told, specs = shape(setting), [Conv2dSpec(**spec) for spec in chain(setting)]
    macs = 0
    for spec in specs:
        macs += spec.macs(told)
        told = spec.output_shape(told)
    return sum(spec.parameter_count for spec in specs), macs, told, specs[0].weight_shape, reach(setting)


def _by_torch(torch, setting):
    """The same as real layers have it: the shapes of an empty batch, and a picture of ones through kernels of ones."""
    told, macs, found = tuple(shape(setting)), 0, []
    lit = torch.eye(setting["in_channels"], dtype=torch.float64)[:, :, None, None]
    for spec in chain(setting):
        layer = torch.nn.Conv2d(**spec, device="meta")
        told = layers.ran_shape(spec, told)
        macs += prod(told) * prod(layer.weight.shape[1:])
        ones = torch.ones(*layer.weight.shape[:2], 1, 1, dtype=lit.dtype)
        lit = torch.nn.functional.conv2d(lit, ones, groups=layer.groups)
        if setting["shuffle"] and not found:
            lit = torch.nn.functional.channel_shuffle(lit, layer.groups)
        found.append(layer)
    parameters = sum(numbers.numel() for layer in found for numbers in layer.parameters())
    return parameters, macs, told, found[0].weight.shape, (lit[:, :, 0, 0].T > 0).numpy()
