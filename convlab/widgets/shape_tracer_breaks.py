"""Why a model breaks, in our words under PyTorch's: what came, what was expected, what to change.

And what does not break but is wrong: numbers of one sample that have moved into the batch axis.
"""

import re
from math import prod

from .shape_tracer_words import is_windowed, windows

LINES = ("rows", "columns")
AXIS_NAMES = {0: "the batch", 1: "the channels", 2: "the rows", 3: "the columns"}


def explain(rows, shape, dtypes=None):
    """One sentence or two under PyTorch's message; "" where nothing broke.

    Args:
        rows: of a ``layers.Walk``; the last one broke.
        shape: of the model's input.
        dtypes: (the input's, the weights') as text, None for a model without weights.
    """
    if not rows or not rows[-1].problem:
        return ""
    row = rows[-1]
    for rule in (_dtype, _device, _memory, _own_code, _linear, _channels, _window, _norm, _view, _joined):
        words = rule(row, rows[:-1], tuple(shape), dtypes)
        if words:
            return words
    came = f" It was given {row.input_shape}." if row.input_shape else ""
    where = f"the line `{row.line}`" if row.line else f"`{row.label}`"
    return f"PyTorch stopped in `{row.label}`.{came} Compare that with what {where} expects."


def product(shape):
    """(16, 9, 9) as "16 · 9 · 9 = 1,296"."""
    text = " · ".join(str(length) for length in shape)
    return f"{text} = {prod(shape):,}" if len(shape) > 1 else text


def _dtype(row, before, shape, dtypes):
    words = row.problem
    if not re.search(r"same dtype|should be the same|expected scalar type|not implemented for '|Long|Byte", words):
        return ""
    if not dtypes or not dtypes[1] or dtypes[0] == dtypes[1]:
        return ""
    given, wanted = dtypes
    how = "x.double()" if wanted == "torch.float64" else "x.float()" if wanted == "torch.float32" else f"x.to({wanted})"
    return (
        f"The input is {given}, the weights are {wanted}; a layer computes in one dtype: give `{how}`"
        f"{', or write `model.double()`' if given == 'torch.float64' else ''}."
    )


def _device(row, before, shape, dtypes):
    if "same device" not in row.problem:
        return ""
    return "The input and the weights lie on different devices: write `x.to(device)` with the model's device."


def _memory(row, before, shape, dtypes):
    if not re.search(r"allocate memory|out of memory|MemoryError", row.problem):
        return ""
    return "There is not enough memory for this size: take a smaller batch or a smaller picture."


def _own_code(row, before, shape, dtypes):
    """What Python says of the model's own code."""
    missing = re.match(r"AttributeError: '(\w+)' object has no attribute '(\w+)'", row.problem)
    if missing and "." not in row.name and row.kind == missing[1]:
        return (
            f"`forward` uses `self.{missing[2]}`, which `__init__` does not make: compare the spelling, or make the "
            f"layer there, after `super().__init__()`."
        )
    if 'missing the required "forward" function' in row.problem:
        return (
            "The class has no `forward` that Python can see: define `def forward(self, x):`, indented as far as "
            "`__init__`."
        )
    if "maximum recursion depth" in row.problem:
        return "`forward` calls itself without an end: call a layer there, not `self(x)`."
    return ""


def _linear(row, before, shape, dtypes):
    if row.settings.get("form") != "linear" or not row.input_shape:
        return ""
    given, wanted, out = row.input_shape, row.settings["in_features"], row.settings["out_features"]
    if given[-1] == wanted:
        return ""
    name = f"`{row.label}`"
    if len(shape) == 3 and prod(given) == wanted:
        return (
            f"The input {shape} has no batch axis, so flattening took the channels for it: give {(1, *shape)}, "
            "or `x[None]` for a tensor."
        )
    if len(given) > 2:
        features = prod(given[1:])
        mend = "" if features == wanted else f", and write `nn.Linear({features}, {out})`"
        return (
            f"{name} reads the last axis, which has {given[-1]} numbers here. Flatten first: each sample has "
            f"{product(given[1:])}. Put `nn.Flatten()` before it (`x.flatten(1)` in `forward`){mend}."
        )
    made_of = _made_of(before, given[-1])
    return (
        f"{name} has in_features={wanted}, and each sample brings {made_of}: write "
        f"`nn.Linear({given[-1]}, {out})`, or make the map before it give {wanted:,}."
    )


def _made_of(before, features):
    """Where a sample's numbers come from: the last feature map with as many."""
    for row in reversed(before):
        if row.output_shape and len(row.output_shape) == 4 and prod(row.output_shape[1:]) == features:
            return product(row.output_shape[1:])
    return f"{features:,}"


def _channels(row, before, shape, dtypes):
    if row.settings.get("form") != "conv" or not row.input_shape:
        return ""
    given, wanted, out = row.input_shape, row.settings["in_channels"], row.settings["out_channels"]
    if len(given) not in (3, 4):
        axes = f"{len(given)} {'axis' if len(given) == 1 else 'axes'}"
        return (
            f"A Conv2d takes (N, C, H, W) or (C, H, W); `{row.label}` was given {given}, which has {axes}: put it "
            "before what flattens, or add the missing axes."
        )
    if given[-3] == wanted:
        return ""
    if given[-1] == wanted:
        order = "(0, 3, 1, 2)" if len(given) == 4 else "(2, 0, 1)"
        return (
            f"`{row.label}` has in_channels={wanted}, and in {given} the channels stand last: PyTorch wants them "
            f"before height and width: `x.permute{order}`."
        )
    return (
        f"`{row.label}` has in_channels={wanted}, and its input {given} has {given[-3]} channels: write "
        f"`nn.Conv2d({given[-3]}, {out}, ...)`, or change what comes before it to give {wanted}."
    )


def _window(row, before, shape, dtypes):
    """A window larger than what it moves over."""
    if not is_windowed(row):
        return ""
    for axis, window in enumerate(windows(row.settings)):
        there = row.input_shape[axis - 2] + window["before"] + window["after"]
        reach = window["dilation"] * (window["kernel"] - 1) + 1
        if reach > there:
            padded = " with its padding" if window["before"] else ""
            return (
                f"The window of `{row.label}` covers {reach} {LINES[axis]}, and the map has {there}{padded}: begin "
                "with a larger input, halve it less often before, or add padding."
            )
        if row.settings["form"] == "pool" and window["before"] > window["kernel"] // 2:
            return f"A pooling's padding is at most half of its kernel: {window['kernel'] // 2} for `{row.label}`."
    return ""


def _norm(row, before, shape, dtypes):
    if row.settings.get("form") != "norm" or not row.input_shape:
        return ""
    axes = {"BatchNorm1d": (2, 3), "BatchNorm2d": (4,), "BatchNorm3d": (5,)}.get(row.kind, ())
    if axes and len(row.input_shape) not in axes:
        wanted = " or ".join(map(str, axes))
        return f"A {row.kind} takes {wanted} axes, batch included; `{row.label}` was given {row.input_shape}."
    given, wanted = row.input_shape[1], row.settings["num_features"]
    if given == wanted:
        return ""
    return (
        f"`{row.label}` has num_features={wanted}, and its input has {given} channels: write `nn.{row.kind}({given})`."
    )


def _view(row, before, shape, dtypes):
    if "view size is not compatible" in row.problem:
        return f"The numbers do not lie in this order in memory: write `{row.call.replace('.view(', '.reshape(')}`."
    found = re.match(r"shape '\[([-\d, ]+)\]' is invalid for input of size (\d+)", row.problem)
    if not found:
        return ""
    wanted, total = [int(number) for number in found[1].split(",")], int(found[2])
    per_sample = len(wanted) == 2 and wanted[0] in (-1, shape[0])
    if per_sample and row.input_shape and len(row.input_shape) > 2 and len(shape) == 4:
        each = row.input_shape[1:]
        return (
            f"Each sample has {product(each)} numbers here, not {wanted[1]:,}: write `x.flatten(1)`, which takes what "
            f"is there, and in_features={prod(each)} in the Linear after it."
        )
    have = prod(number for number in wanted if number > 0)
    return f"The shape asked for is made of {have:,} numbers, or of a multiple with -1; there are {total:,}."


def _joined(row, before, shape, dtypes):
    found = re.search(r"Sizes of tensors must match except in dimension (\d+)\. Expected size (\d+) but got size (\d+)",
                      row.problem)  # fmt: skip
    if found:
        return (
            f"`torch.cat` puts tensors one behind the other along axis {found[1]}; along every other axis they must be "
            f"equally long, and here one has {found[2]} where another has {found[3]}. Give both branches the same "
            "stride, and the padding that keeps the size: (kernel_size - 1) / 2."
        )
    found = re.search(r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension"
                      r" (\d+)", row.problem)  # fmt: skip
    if not found:
        return ""
    left, right, axis = map(int, found.groups())
    name = AXIS_NAMES.get(axis, "") if len(shape) == 4 else ""
    mend = "the same stride and padding on both branches" if axis != 1 else (
        f"a 1 x 1 convolution on one branch, `nn.Conv2d({left}, {right}, 1)`, say")  # fmt: skip
    return (
        f"Both sides must have the same shape; along axis {axis}{f' ({name})' if name else ''} one has {left}, the "
        f"other {right}: {mend}, makes them equal."
    )


def batch_change(rows, shape, axes=4):
    """Where the batch axis changed and stayed so: {row, before, after, words}, or None.

    Args:
        rows: of a ``layers.Walk``.
        shape: of the model's input; (N, C, H, W) or (N, F).
    """
    if len(shape) not in (2, axes):
        return None
    N, changed = shape[0], None
    for number, row in enumerate(rows, 1):
        made = row.output_shape
        if made is None:
            continue
        if made and made[0] == N:
            changed = None
        elif changed is None:
            changed = (number, row)
    if changed is None:
        return None
    number, row = changed
    return {"row": number, "before": N, "after": row.output_shape[0] if row.output_shape else 0,
            "words": _moved(row, N)}  # fmt: skip


def _moved(row, N):
    given, made = row.input_shape, row.output_shape
    samples = "sample" if N == 1 else "samples"
    if not made:
        return f"{N} {samples} went in; `{row.label}` makes one number of all of them."
    if not given or prod(given) != prod(made):
        return f"{N} {samples} went in, and the first axis has {made[0]} after `{row.label}`: {given} became {made}."
    if sorted(given) == sorted(made):
        return f"`{row.call}` moved the batch axis: {given} became {made}, and the first axis is no longer the batch."
    each = given[1:]
    return (
        f"`{row.call}` moved numbers into the batch axis, and PyTorch says nothing: {N} {samples} went in, "
        f"{made[0]} come out. Each sample has {product(each)} numbers, not {prod(made[1:]):,}: write `x.flatten(1)`, "
        f"and in_features={prod(each)} in the Linear after it."
    )
