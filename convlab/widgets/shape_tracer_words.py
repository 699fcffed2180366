"""Where a traced row's numbers come from: size, parameters, multiply-adds, memory, receptive field, as lines to draw.

A line is a name and pieces: text, and whole numbers that the browser draws as numbers. A line is made only where its
last number is what PyTorch found, so that no layer with a rule of its own gets a formula that does not hold.
"""

from math import prod

AXES = ("H", "W")
MOST_PARTS = 6


def derivation(row, sees):
    """The lines of one row.

    Args:
        row: a ``layers.Row`` that ran.
        sees: (receptive field, jump) of what it was given; None where that is not one tensor, or not known.
    """
    found = [*_sizes(row), _parameters(row), _macs(row), _memory(row), *_fields(row, sees)]
    return [line for line in found if line]


def _line(name, *pieces):
    return {"name": name, "pieces": list(pieces)}


def times(numbers):
    """Pieces of a product: 2 · 3 · 5."""
    pieces = []
    for number in numbers:
        pieces += [" · ", int(number)]
    return pieces[1:]


def pair(value):
    """(height, width) from a number or two."""
    both = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    return both * 2 if len(both) == 1 else both


def windows(settings):
    """For each axis {kernel, stride, before, after, dilation, ceil} of a convolution or a pooling."""
    kernel = pair(settings["kernel_size"])
    given = settings.get("stride")
    stride = kernel if given is None or given == [] else pair(given)
    padding, dilation = settings.get("padding", 0), pair(settings.get("dilation", 1))
    found = []
    for axis in (0, 1):
        reach = dilation[axis] * (kernel[axis] - 1)
        if padding == "same":
            before, after = reach // 2, reach - reach // 2
        else:
            before = after = 0 if padding == "valid" else pair(padding)[axis]
        found.append({"kernel": kernel[axis], "stride": stride[axis], "before": before, "after": after,
                      "dilation": dilation[axis], "ceil": bool(settings.get("ceil_mode"))})  # fmt: skip
    return found


def is_windowed(row):
    """Whether a window moves over its input: a convolution or a pooling on a picture."""
    shape = row.input_shape
    return row.settings.get("form") in ("conv", "pool") and shape is not None and len(shape) in (3, 4)


def _sizes(row):
    """How the output's shape follows from the input's."""
    form = row.settings.get("form")
    if is_windowed(row):
        lines = [_length(row, axis, window) for axis, window in enumerate(windows(row.settings))]
        return [line for line in lines if line]
    if form == "linear":
        return [_line("last axis", "out_features = ", row.output_shape[-1])]
    if form == "adaptive":
        return [_line("H_out, W_out", "as asked for: output_size")]
    given, made = row.input_shape, row.output_shape
    if given and made and len(made) == 2 < len(given) and prod(given[1:]) == made[1]:
        return [_line("features", *times(given[1:]), " = ", made[1])]
    if given and given == made:
        return [_line("shape", "the same as its input's")]
    return []


def _length(row, axis, window):
    length, made = row.input_shape[axis - 2], row.output_shape[axis - 2]
    kernel, stride, dilation = window["kernel"], window["stride"], window["dilation"]
    span = length + window["before"] + window["after"] - dilation * (kernel - 1) - 1
    ceil = window["ceil"] and span % stride
    if span // stride + 1 + bool(ceil) != made:
        return None
    pads = [" + 2 · ", window["before"]]
    if window["before"] != window["after"]:
        pads = [" + ", window["before"], " + ", window["after"]]
    left, right = "⌈⌉" if ceil else "⌊⌋"
    pieces = [f"{left}(", length, *pads, " − ", dilation, " · (", kernel, " − 1) − 1) / ", stride, f"{right} + 1 = "]
    return _line(f"{AXES[axis]}_out", *pieces, made)


def _parameters(row):
    if not row.parts:
        return None
    total = row.parameters
    if len(row.parts) > MOST_PARTS:
        return _line("parameters", f"in {len(row.parts)} tensors: ", total)
    pieces = []
    for name, shape, _ in row.parts:
        pieces += [" + " if pieces else "", f"{name.rpartition('.')[2]} ", *times(shape or (1,))]
    shared = "; all of them are counted in a row above" if row.shared == total else ""
    if row.shared and not shared:
        shared = f"; {row.shared:,} of them are counted in a row above"
    return _line("parameters", *pieces, " = ", total, *([shared] if shared else []))


def _macs(row):
    if not row.macs or not row.output_shape:
        return None
    settings, made = row.settings, row.output_shape
    if settings.get("form") == "conv" and is_windowed(row):
        window = (settings["in_channels"] // settings.get("groups", 1), *pair(settings["kernel_size"]))
        if prod(made) * prod(window) == row.macs:
            return _line("multiply-adds", *times(made), " outputs · (", *times(window), ") each = ", row.macs)
    if settings.get("form") == "linear" and prod(made) * settings["in_features"] == row.macs:
        return _line("multiply-adds", *times(made), " outputs · ", settings["in_features"], " each = ", row.macs)
    return _line("multiply-adds", "counted in PyTorch's core: ", row.macs)


def _memory(row):
    if row.output_shape is None:
        return None
    each = row.bytes // max(1, prod(row.output_shape))
    more = "; no new memory: it lies in its input's" if row.shares else ""
    pieces = [*times(row.output_shape or (1,)), " numbers · ", each, " bytes = ", row.bytes, " bytes"]
    return _line("memory", *pieces, *([more] if more else []))


def _fields(row, sees):
    """How a window widens what a unit sees: by (kernel - 1) steps of the jump before it."""
    if not is_windowed(row) or row.receptive_field is None or sees is None:
        return []
    size, jump = sees
    if size is None or jump is None or len(size) != 2:
        return []
    lines = []
    for axis, window in enumerate(windows(row.settings)):
        reach = window["dilation"] * (window["kernel"] - 1)
        now = size[axis] + reach * jump[axis]
        if now == row.receptive_field[axis] and all(type(number) is int for number in (size[axis], jump[axis])):
            pieces = [size[axis], " + ", window["dilation"], " · (", window["kernel"], " − 1) · ", jump[axis], " = "]
            lines.append(_line(f"sees, {('rows', 'columns')[axis]}", *pieces, now))
    return lines
