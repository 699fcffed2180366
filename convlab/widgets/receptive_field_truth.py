"""What Python says of a ReceptiveField's stack and unit, for the browser to compare with its own.

PyTorch is asked where it is loaded: ``layers.walk`` for sizes, jumps and shapes of real layers, autograd for what a
unit reads, a lone 1 sent through the layers for what a unit feeds. All weights are ones, so that each number found is
the number of ways from pixel to unit, and no way can cancel another.
"""

import sys
import warnings

from .. import layers as real
from ..shapes import receptive_field
from .receptive_field_stack import heights_and_widths, spec

NAMES = ("kernel_size", "stride", "padding", "dilation")


def loaded():
    """torch where the learner has imported it, else None."""
    torch = sys.modules.get("torch")
    return torch if hasattr(torch, "nn") else None


def model(torch, layers):
    """The stack as an ``nn.Sequential`` of real layers: float64, no bias, every weight 1."""
    modules = []
    for layer in layers:
        given = {name: _given(layer[name]) for name in NAMES if name != "dilation" or layer["kind"] != "AvgPool2d"}
        if layer["kind"] == "Conv2d":
            modules.append(_ones(torch, layer))
        else:
            modules.append(getattr(torch.nn, layer["kind"])(**given))
    return torch.nn.Sequential(*modules)


def _given(value):
    return value if isinstance(value, str) else tuple(value)


def _ones(torch, layer):
    """A convolution of ones with this layer's window."""
    given = {name: _given(layer[name]) for name in NAMES}
    ones = torch.ones(1, 1, *given["kernel_size"], dtype=torch.float64)
    return real.undrawn(ones, in_channels=1, out_channels=1, **given, bias=False)


def truth(layers, size, unit, direction):
    """Sizes, jumps, shapes and (by PyTorch) every pixel that the unit reads or unit that it feeds, and who says so.

    Args:
        layers: plain dicts.
        size: (H, W) of the input.
        unit: (level, row, column), inside the level.
        direction: "backward" or "forward".
    """
    torch = loaded()
    told = {"layers": layers, "size": list(size), "unit": list(unit), "direction": direction, "runs": False}
    told["by"] = f"PyTorch {torch.__version__.split('+')[0]}" if torch else "Python"
    lengths = heights_and_widths(layers, size)
    if len(lengths) <= len(layers):
        return told
    told["runs"] = True
    if not torch:
        return told | _reckoned(layers, lengths)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "same" with an even kernel: PyTorch copies, which costs nothing here
        found = _found(torch, layers, size, unit, direction)
        # a stack without a layer has nothing to walk through
        return {**told, **(_walked(torch, layers, size) if layers else _reckoned(layers, lengths)), "found": found}


def _reckoned(layers, lengths):
    """Sizes, jumps and shapes by the recursion."""
    fields = [receptive_field([spec(layer) for layer in layers[: at + 1]]) for at in range(len(layers))]
    return {"lengths": [list(one) for one in lengths], "sizes": [list(size) for size, _ in fields],
            "jumps": [list(jump) for _, jump in fields]}  # fmt: skip


def _walked(torch, layers, size):
    """The same from a walk through real layers."""
    rows = real.walk(model(torch, layers), torch.zeros(1, 1, *size, dtype=torch.float64)).rows
    jumps = [receptive_field([spec(layer) for layer in layers[: at + 1]])[1] for at in range(len(layers))]
    return {"lengths": [list(size), *(list(row.output_shape[-2:]) for row in rows)],
            "sizes": [list(row.receptive_field) for row in rows],
            # where a single unit is left there is no neighbour to walk to
            "jumps": [list(row.jump or jump) for row, jump in zip(rows, jumps, strict=True)]}  # fmt: skip


def _found(torch, layers, size, unit, direction):
    """{level: what is not 0 there}, and the numbers of the farthest level, cut to what is not 0.

    A pooling counts as a convolution of ones over the same window: all of its window can decide what it gives, and the
    gradient of a maximum would show only the pixel that happened to be the largest.
    """
    level, row, column = unit
    convs = [_ones(torch, layer) for layer in layers]
    with torch.enable_grad():
        levels = [torch.zeros(1, 1, *size, dtype=torch.float64, requires_grad=True)]
        for conv in convs:
            levels.append(conv(levels[-1]))
        if direction == "backward":
            tied = dict(enumerate(torch.autograd.grad(levels[level][0, 0, row, column], levels[: level + 1])))
        else:
            tied = {level: torch.zeros_like(levels[level])}
            tied[level][0, 0, row, column] = 1
            for at in range(level, len(convs)):
                tied[at + 1] = convs[at](tied[at])
    tied = {at: plane.detach()[0, 0] for at, plane in tied.items()}
    lines = {str(at): [_any(plane, 1), _any(plane, 0)] for at, plane in tied.items()}
    end = 0 if direction == "backward" else len(layers)
    return {"lines": lines, "ways": _cut(tied[end])}


def _any(plane, dim):
    """Where a line across this axis holds something."""
    return (plane != 0).any(dim).nonzero().flatten().tolist()


def _cut(plane):
    """{top, left, numbers} of the smallest box around all that is not 0; empty numbers where all is."""
    rows, columns = _any(plane, 1), _any(plane, 0)
    if not rows:
        return {"top": 0, "left": 0, "numbers": []}
    box = plane[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return {"top": rows[0], "left": columns[0], "numbers": box.tolist()}
