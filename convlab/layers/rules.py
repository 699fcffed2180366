"""What each of PyTorch's operations does to the windows its units see, and how many multiply-adds it makes.

Operations are met as PyTorch's core names them (``aten``), where ``nn.Conv2d``, ``F.conv2d`` and ``x @ weight`` have
become a few dozen names. A rule takes the operation's arguments by name, the field of each tensor that depends on the
input, and the shape of the result. An operation without a rule is not followed: what it makes is undefined.
"""

from dataclasses import replace
from fractions import Fraction

from .field import Undefined, union

# Work unit by unit, though PyTorch does not tag them so.
POINTWISE = {"_prelu_kernel", "_to_copy", "alias", "detach", "hardsigmoid", "hardswish", "lift_fresh", "native_dropout"}
# Take a tensor for its shape only.
CONSTANT = {"empty_like", "full_like", "new_empty", "new_full", "new_ones", "new_zeros", "ones_like", "rand_like"}
CONSTANT |= {"randn_like", "zeros_like"}


def followed(name, pointwise, arguments, fields, shape):
    """The field of what the operation ``name`` makes, or a list of them where it makes several.

    Args:
        arguments: by name, defaults included.
        fields: those of the arguments' tensors that depend on the input, by the argument's name, in lists.
        shape: the result's.

    Raises:
        Undefined: no rule knows.
    """
    rule = _compared if name.startswith("_scaled_dot_product") else RULES.get(name)
    if rule:
        return rule(arguments, fields, shape)
    if pointwise or name in POINTWISE or name.removesuffix("_") in POINTWISE:
        return union([field for some in fields.values() for field in some], shape)
    raise Undefined


def multiply_adds(name, arguments, output):
    """Multiply-adds of convolutions and matrix products; 0 for all else."""
    a = arguments
    if name == "convolution":
        each = a["input"] if a["transposed"] else output
        return each.numel() * a["weight"][0].numel()
    if name in ("mm", "bmm", "mv", "dot"):
        first, second = (value for value in a.values() if hasattr(value, "numel"))
        return first.numel() * (second.shape[-1] if name in ("mm", "bmm") else 1)
    if name in ("addmm", "baddbmm", "addmv"):
        first = a.get("mat1", a.get("batch1", a.get("mat")))
        return first.numel() * (output.shape[-1] if name != "addmv" else 1)
    if name.startswith("_scaled_dot_product"):
        query, key, value = a["query"], a["key"], a["value"]
        return query.numel() // query.shape[-1] * key.shape[-2] * (key.shape[-1] + value.shape[-1])
    if name == "mkldnn_rnn_layer":
        return a["input"].numel() // a["input"].shape[-1] * (a["weight0"].numel() + a["weight1"].numel())
    return 0


def _only(fields):
    """The field of the one tensor that the operation reads."""
    (some,) = fields.values()
    return some[0]


def _pair(value, count):
    return list(value) * count if len(value) == 1 else list(value)


def _convolution(a, fields, shape):
    if set(fields) != {"input"}:
        raise Undefined  # a weight that depends on the input
    field = fields["input"][0].renewed(1, shape[1])
    axes = len(shape) - 2
    settings = (_pair(a[name], axes) for name in ("stride", "padding", "dilation"))
    for dim, kernel, stride, before, dilation in zip(
        range(2, len(shape)), a["weight"].shape[2:], *settings, strict=True
    ):
        if a["transposed"]:
            field = _transposed(field, dim, shape[dim], (kernel, stride, before, dilation))
        else:
            field = field.windowed(dim, dilation * (kernel - 1), shape[dim], stride, before)
    return field


def _transposed(field, dim, places, settings):
    """Output unit o is made of the inputs i with i * stride - padding + tap * dilation = o."""
    kernel, stride, before, dilation = settings
    reach = dilation * (kernel - 1)
    # the first of those is ceil((o + padding - reach) / stride): on average half a step late
    late = Fraction(2 * (before - reach) + stride - 1, 2 * stride)
    extra = Fraction(max(0, reach + 1 - stride), stride)
    return field.upsampled(dim, places, Fraction(1, stride), 0, -late, extra)


def _pool(a, fields, shape):
    field, count = _only(fields), len(_pool_kernel(a, shape))
    kernel, dilation = _pool_kernel(a, shape), _pair(a.get("dilation", [1]), count)
    stride, before = _pair(a["stride"] or kernel, count), _pair(a["padding"], count)
    for at in range(count):
        dim = len(shape) - count + at
        field = field.windowed(dim, dilation[at] * (kernel[at] - 1), shape[dim], stride[at], before[at])
    return field


def _pool_kernel(a, shape):
    return _pair(a["kernel_size"], 3 if len(shape) == 5 else 2)


def _adaptive_pool(a, fields, shape):
    field, count = _only(fields), len(a["output_size"])
    for dim in range(len(shape) - count, len(shape)):
        have, want = field.shape[dim], shape[dim]
        runs = [-(-(at + 1) * have // want) - at * have // want for at in range(want)]
        field = field.windowed(dim, max(runs) - 1, want, Fraction(have, want), 0)
    return field


def _upsample(taps, before):
    def rule(a, fields, shape):
        field = _only(fields)
        for dim in range(2, len(shape)):
            step = Fraction(field.shape[dim], shape[dim])
            late = before + max(0, (1 - step) / 2)  # the centre of unit o lies over (o + 1/2) * step - 1/2
            if step < 1:
                field = field.upsampled(dim, shape[dim], step, taps - 1, late)
            elif step > 1:
                field = field.windowed(dim, taps - 1, shape[dim], step, late)
        return field

    return rule


def _padded(name):
    def rule(a, fields, shape):
        field = _only(fields)
        for at, before in enumerate(a[name][::2]):
            dim = len(shape) - 1 - at
            if field.shape[dim] != shape[dim] or before:
                field = field.windowed(dim, 0, shape[dim], 1, before)
        return field

    return rule


def pad(field, pad, shape):
    """The field after ``F.pad``, whatever the mode: the window is what it would be without an edge."""
    return _padded("pad")({"pad": pad}, {"self": [field]}, shape)


def _reduced(a, fields, shape):
    field, dims = _only(fields), a.get("dim")
    dims = range(len(field.dims)) if dims is None or dims == [] else [dims] if isinstance(dims, int) else dims
    dims = {dim % max(1, len(field.dims)) for dim in dims}
    for dim in dims:
        field = field.renewed(dim, 1)
    return field if a.get("keepdim") else field.removed(dims)


def _mixed_along(dims):
    def rule(a, fields, shape):
        field = _only(fields)
        return field.mixed(dims(a, field))

    return rule


def _normalised_over(a, field):
    """Batch statistics mix all but the channels; stored ones mix nothing."""
    return [dim for dim in range(len(field.dims)) if dim != 1] if a.get("training", a.get("train")) else []


def _product(left, right):
    """Sums over the last dimension of the left and the last but one of the right."""

    def rule(a, fields, shape):
        if set(fields) - {left, right}:
            raise Undefined
        parts = []
        if left in fields:
            parts.append(fields[left][0].renewed(-1, shape[-1]))
        if right in fields:
            parts.append(fields[right][0].renewed(-2, shape[-2]))
        return union(parts, shape) if len(parts) == 1 else _compared(a, fields, shape)

    return rule


def _compared(a, fields, shape):
    """Attention: every unit is compared with every other, so each sees what all saw."""
    return union([field.collapsed() for some in fields.values() for field in some], shape)


def _concatenated(a, fields, shape):
    dim, (some,) = a.get("dim", 0) % len(shape), fields.values()
    for field in some:
        if any(any(factor.jumps) for factor in field.dims[dim]):
            raise Undefined  # joined along an axis of the input
    return union([field.renewed(dim, shape[dim]) for field in some], shape)


def _stacked(a, fields, shape):
    (some,) = fields.values()
    return union([field.inserted(a["dim"] % len(shape), shape[a["dim"]]) for field in some], shape)


def _sliced(a, fields, shape):
    field, dim = _only(fields), a["dim"] % len(shape)
    length = field.shape[dim]
    start, _, step = slice(a["start"], a["end"], a["step"]).indices(length)
    return field.windowed(dim, 0, shape[dim], step, -start)


def _selected(a, fields, shape):
    field = _only(fields)
    dim = a["dim"] % len(field.dims)
    return field.selected(dim, a["index"] % field.shape[dim])


def _split(a, fields, shape):
    field, dim = _only(fields), a["dim"] % len(shape)
    length, sizes = field.shape[dim], a.get("split_sizes") or a["split_size"]
    if isinstance(sizes, int):
        sizes = [min(sizes, length - at) for at in range(0, length, sizes)]
    starts = [sum(sizes[:at]) for at in range(len(sizes))]
    return [field.windowed(dim, 0, size, 1, -start) for start, size in zip(starts, sizes, strict=True)]


def _unbound(a, fields, shape):
    field = _only(fields)
    dim = a["dim"] % len(field.dims)
    return [field.selected(dim, at) for at in range(field.shape[dim])]


def _transposed_dims(a, fields, shape):
    field = _only(fields)
    order = list(range(len(field.dims)))
    first, second = (a["dim0"], a["dim1"]) if "dim0" in a else (0, len(order) - 1)
    order[first], order[second] = order[second], order[first]
    return field.permuted(order)


def _squeezed(a, fields, shape):
    field, dims = _only(fields), a.get("dim")
    dims = range(len(field.dims)) if dims is None else [dims] if isinstance(dims, int) else dims
    return field.removed({dim % len(field.dims) for dim in dims if field.shape[dim] == 1})


def _repeated(a, fields, shape):
    field = union([_only(fields)], (1,) * (len(shape) - len(_only(fields).dims)) + _only(fields).shape)
    for dim, length in enumerate(shape):
        if field.shape[dim] != length:
            if any(field.line(dim).jumps):
                raise Undefined
            field = field.renewed(dim, length)
    return field


def _flipped(a, fields, shape):
    field = _only(fields)
    for dim in a["dims"]:
        field = field.windowed(dim % len(shape), 0, shape[dim], -1, 1 - shape[dim])
    return field


def _halved(a, fields, shape):
    field, dim = _only(fields), a["dim"] % len(shape)
    if any(field.line(dim).jumps):
        raise Undefined
    return field.renewed(dim, shape[dim])


def _unfolded(a, fields, shape):
    field, dim = _only(fields), a["dimension"] % (len(shape) - 1)
    line = field.line(dim)
    inner = line._replace(length=a["size"])
    outer = field.windowed(dim, 0, shape[dim], a["step"], 0)
    return replace(outer, dims=(*outer.dims, (inner,)))


def _columns(a, fields, shape):
    """nn.Unfold: (N, C, H, W) to (N, C * kH * kW, places)."""
    field, taps = _only(fields), []
    for dim, kernel, dilation, before, stride in zip(
        (2, 3), *(_pair(a[name], 2) for name in ("kernel_size", "dilation", "padding", "stride")), strict=True
    ):
        line = field.line(dim)
        places = (line.length + 2 * before - dilation * (kernel - 1) - 1) // stride + 1
        taps.append(line._replace(length=kernel, jumps=tuple(jump * dilation for jump in line.jumps)))
        field = field.windowed(dim, 0, places, stride, before)
    batch, channels, rows, columns = field.dims
    return replace(field, dims=(batch, (*channels, *taps), (*rows, *columns)))


def _shuffled(a, fields, shape):
    field, r = _only(fields), a["upscale_factor"]
    *batch, _, H, W = field.shape
    order = (*range(len(batch)), *(len(batch) + at for at in (0, 3, 1, 4, 2)))
    return field.viewed((*batch, shape[-3], r, r, H, W)).permuted(order).viewed(shape)


def _unshuffled(a, fields, shape):
    field, r = _only(fields), a["downscale_factor"]
    *batch, C, _, _ = field.shape
    order = (*range(len(batch)), *(len(batch) + at for at in (0, 2, 4, 1, 3)))
    return field.viewed((*batch, C, shape[-2], r, shape[-1], r)).permuted(order).viewed(shape)


RULES = {
    "convolution": _convolution,
    "pixel_shuffle": _shuffled,
    "pixel_unshuffle": _unshuffled,
    "im2col": _columns,
    "unfold": _unfolded,
    "cat": _concatenated,
    "stack": _stacked,
    "slice": _sliced,
    "select": _selected,
    "split": _split,
    "split_with_sizes": _split,
    "unbind": _unbound,
    "permute": lambda a, fields, shape: _only(fields).permuted(a["dims"]),
    "transpose": _transposed_dims,
    "t": _transposed_dims,
    "unsqueeze": lambda a, fields, shape: _only(fields).inserted(a["dim"] % len(shape)),
    "squeeze": _squeezed,
    "expand": lambda a, fields, shape: union([_only(fields)], shape),
    "repeat": _repeated,
    "flip": _flipped,
    "glu": _halved,
    "channel_shuffle": _halved,
    "constant_pad_nd": _padded("pad"),
    "mm": _product("self", "mat2"),
    "bmm": _product("self", "mat2"),
    "addmm": _product("mat1", "mat2"),
    "baddbmm": _product("batch1", "batch2"),
    "native_layer_norm": _mixed_along(lambda a, field: range(-len(a["normalized_shape"]), 0)),
    "native_group_norm": _mixed_along(lambda a, field: range(1, len(field.dims))),
}
for _name in ("view", "_unsafe_view", "_reshape_alias", "reshape"):
    RULES[_name] = lambda a, fields, shape: _only(fields).viewed(shape)
for _name in ("max_pool2d_with_indices", "max_pool3d_with_indices", "avg_pool2d", "avg_pool3d"):
    RULES[_name] = _pool
for _name in ("_adaptive_avg_pool2d", "_adaptive_avg_pool3d", "adaptive_max_pool2d", "adaptive_max_pool3d"):
    RULES[_name] = _adaptive_pool
for _name in ("mean", "sum", "amax", "amin", "max", "min", "var", "std", "prod", "logsumexp", "linalg_vector_norm"):
    RULES[_name] = _reduced
for _name in ("native_batch_norm", "_native_batch_norm_legit", "cudnn_batch_norm"):
    RULES[_name] = _mixed_along(_normalised_over)
for _name in ("_softmax", "_log_softmax", "cumsum"):
    RULES[_name] = _mixed_along(lambda a, field: [a["dim"]])
for _axes in ("1d", "2d", "3d"):
    RULES[f"reflection_pad{_axes}"] = RULES[f"replication_pad{_axes}"] = _padded("padding")
    RULES[f"upsample_nearest{_axes}"] = _upsample(1, 0)
for _name in ("upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d"):
    RULES[_name] = _upsample(2, Fraction(1, 2))
RULES["upsample_bicubic2d"] = _upsample(4, Fraction(3, 2))
