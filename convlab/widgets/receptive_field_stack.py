"""A stack of convolutions and poolings as plain dicts: read from what the learner has, followed along each axis.

A receptive field knows no channels and no numbers: kernel size, stride, padding and dilation are all that is kept of a
layer, each as a pair (height, width).
"""

from collections import Counter

from ..layers import is_conv2d, is_module
from ..layers import spec as read_conv2d
from ..refusals import came
from ..shapes import ArgumentError, Conv2dSpec, ShapeError, pair
from ..shapes import call as conv2d_call

KINDS = ("Conv2d", "MaxPool2d", "AvgPool2d")
POINTWISE = ("torch.nn.modules.activation", "torch.nn.modules.batchnorm", "torch.nn.modules.dropout")
PAIRS = ("kernel_size", "stride", "padding", "dilation")


def plain(layers):
    """The stack as a list of dicts {kind, kernel_size, stride, padding, dilation}, sizes as lists of two.

    Args:
        layers: one layer, a list of them, or an ``nn.Sequential``; a layer is an ``nn.Conv2d``, ``nn.MaxPool2d``,
            ``nn.AvgPool2d``, a ``Conv2dSpec``, or a dict of those arguments. Layers that work pixel by pixel
            (ReLU, BatchNorm, Dropout, Identity) change no receptive field and are left out.

    Raises:
        ArgumentError, ShapeError: a layer that has no such window, or a dict with another key.

    Example:
        >>> plain([{"kernel_size": 3, "dilation": (1, 2)}])
        [{'kind': 'Conv2d', 'kernel_size': [3, 3], 'stride': [1, 1], 'padding': [0, 0], 'dilation': [1, 2]}]
    """
    if isinstance(layers, (dict, Conv2dSpec)) or (is_module(layers) and "Sequential" not in _classes(layers)):
        layers = [layers]
    try:
        layers = list(layers)
    except TypeError:
        raise ArgumentError(
            f"layers must be a list of layers or an nn.Sequential; got {type(layers).__name__}: "
            "write [nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3)]."
        ) from None
    return [found for at, layer in enumerate(layers) for found in _read(layer, at)]


def _classes(module):
    """The names of a module's class and of those it is made from: a learner's own Sequential is one too."""
    return [one.__name__ for one in type(module).__mro__]


def _read(layer, at):
    """The layers that one entry of the list stands for: one, several (a Sequential), or none (ReLU)."""
    if isinstance(layer, dict):
        return [_of_dict(layer, at)]
    if isinstance(layer, Conv2dSpec):
        return [_of_spec(layer, at)]
    if is_conv2d(layer):
        return [_of_spec(read_conv2d(layer), at)]
    if is_module(layer):
        classes = _classes(layer)
        if "Sequential" in classes:
            return plain(layer)
        for kind in KINDS[1:]:
            if kind in classes:
                return [_of_pool(layer, kind, at)]
        if "Identity" in classes or (type(layer).__module__ in POINTWISE and "MultiheadAttention" not in classes):
            return []
    raise ArgumentError(
        f"layers[{at}] is {type(layer).__name__}, which has no window of its own: ReceptiveField takes nn.Conv2d, "
        "nn.MaxPool2d, nn.AvgPool2d, Conv2dSpec and dicts; pass the part of the network before it, such as model[:5]."
    )


def _of_dict(given, at):
    unknown = sorted(set(given) - {"kind", *PAIRS})
    if unknown or "kernel_size" not in given:
        wrong = f"the key {unknown[0]!r}" if unknown else "no kernel_size"
        raise ArgumentError(
            f"layers[{at}] must be a dict with kernel_size, and stride, padding, dilation or kind if they differ from "
            f'the default; got {wrong}: write {{"kernel_size": 3, "stride": 2}}.'
        )
    kind = given.get("kind", "Conv2d")
    if kind not in KINDS:
        raise ArgumentError(f"layers[{at}]: kind must be one of {', '.join(KINDS)}; got {came(kind)}.")
    stride = given["kernel_size"] if kind != "Conv2d" else 1  # as PyTorch's pooling: windows side by side
    full = {"stride": stride, "padding": 0, "dilation": 1, **given}
    found = {name: _pair(full[name], f"{name} of layers[{at}]", kind) for name in PAIRS}
    if kind == "AvgPool2d" and found["dilation"] != [1, 1]:
        raise ArgumentError(f"layers[{at}]: nn.AvgPool2d has no dilation; leave it out, or use kind='MaxPool2d'.")
    return {"kind": kind, **found}


def _pair(value, name, kind):
    if name.startswith("padding") and isinstance(value, str) and kind == "Conv2d":
        if value == "valid":
            return [0, 0]
        if value == "same":
            return value
        raise ShapeError(f"{name} must be a number, a pair, 'same' or 'valid'; got {came(value)}.")
    return list(pair(value, name))


def _of_spec(spec, at):
    if spec.padding_mode != "zeros" and spec.padding not in ((0, 0), "valid"):
        raise ArgumentError(
            f"layers[{at}] has padding_mode={spec.padding_mode!r}, which reads copies of pixels from elsewhere: "
            "ReceptiveField draws zeros around the input, so make it with padding_mode='zeros'; its window is the same."
        )
    return _of_dict({name: getattr(spec, name) for name in PAIRS}, at)


def _of_pool(layer, kind, at):
    if layer.ceil_mode:
        raise ArgumentError(
            f"layers[{at}] has ceil_mode=True, where the last window may hang over the edge: "
            "ReceptiveField takes ceil_mode=False."
        )
    found = {name: getattr(layer, name) for name in PAIRS if hasattr(layer, name)}
    return _of_dict({"kind": kind, **found}, at)


def call(layer):
    """The call that makes this layer, for one channel, defaults left out.

    Example:
        >>> call({"kind": "MaxPool2d", "kernel_size": [2, 2], "stride": [2, 2], "padding": [0, 0], "dilation": [1, 1]})
        'nn.MaxPool2d(kernel_size=2)'
    """
    if layer["kind"] == "Conv2d":
        return conv2d_call({"in_channels": 1, "out_channels": 1, **{name: layer[name] for name in PAIRS}})
    usual = {"stride": layer["kernel_size"], "padding": [0, 0], "dilation": [1, 1]}
    named = ["kernel_size", *(name for name, value in usual.items() if layer[name] != value)]
    return f"nn.{layer['kind']}({', '.join(f'{name}={_short(layer[name])}' for name in named)})"


def _short(value):
    return str(value[0]) if value[0] == value[1] else repr(tuple(value))


def spec(layer):
    """The ``Conv2dSpec`` with this layer's window.

    Raises:
        ShapeError: PyTorch refuses to make it.
    """
    return Conv2dSpec(1, 1, bias=False, **{name: layer[name] for name in PAIRS})


def heights_and_widths(layers, size):
    """[(H, W), ...]: of the input and of every output, up to the first layer that PyTorch refuses.

    Example:
        >>> heights_and_widths(plain([{"kernel_size": 3}, {"kernel_size": (9, 2)}]), (7, 9))
        [(7, 9), (5, 7)]
    """
    found = [tuple(size)]
    for layer in layers:
        try:
            output = spec(layer).output_shape((1, 1, *found[-1]))[-2:]
        except ShapeError:
            break
        if layer["kind"] != "Conv2d" and not _pools(layer):
            break
        found.append(output)
    return found


def _pools(layer):
    """PyTorch's pooling takes half a window of padding at most, of the kernel as it is without its dilation."""
    return all(before <= kernel // 2 for before, kernel in zip(layer["padding"], layer["kernel_size"], strict=True))


def paths(layers, lengths, axis, unit, forward=False):
    """For every level that a unit is tied to along one axis, {index: by how many ways}.

    Args:
        layers: plain dicts.
        lengths: (H, W) of every level, the input first.
        unit: (level, index along this axis); level 0 is the input.
        forward: what the unit feeds, up to the last level; else what it reads, down to the input.

    Returns:
        {level: Counter}; an index outside a level is padding, and in none of them.
    """
    level, index = unit
    found = {level: Counter({index: 1})}
    steps = range(level, len(layers)) if forward else range(level - 1, -1, -1)
    for at in steps:
        one = spec(layers[at])
        before, stride, dilation = one.pads[axis][0], one.stride[axis], one.dilation[axis]
        source, target = (at, at + 1) if forward else (at + 1, at)
        reached = Counter()
        for here, ways in found[source].items():
            for tap in range(one.kernel_size[axis]):
                if forward:
                    there, rest = divmod(here + before - tap * dilation, stride)
                else:
                    there, rest = here * stride - before + tap * dilation, 0
                if not rest and 0 <= there < lengths[target][axis]:
                    reached[there] += ways
        found[target] = reached
    return found


def middle(lengths, forward=False):
    """The unit that is shown when none is asked for: in the middle of the output, or of the input."""
    level = 0 if forward else len(lengths) - 1
    return (level, *(length // 2 for length in lengths[level]))
