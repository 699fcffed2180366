"""05.receptive_field: how much of the picture does one unit behind a stack of layers see? Autograd is the judge."""

from functools import cache

import numpy as np

from ...shapes import Conv2dSpec
from ..task import Case, Exercise, Slip, random_numbers

PIXELS = 64  # more than any field that is asked for


def receptive_field(layers):
    """How many rows and columns of the picture one unit behind the layers sees.

    Args:
        layers: a list of ``nn.Conv2d``, first layer first.
    """
    size, jump = [1, 1], [1, 1]
    for layer in layers:
        for axis in (0, 1):
            extent = layer.dilation[axis] * (layer.kernel_size[axis] - 1) + 1
            size[axis] += (extent - 1) * jump[axis]
            jump[axis] *= layer.stride[axis]
    return tuple(size)


def _numbers(layer, axis):
    """(kernel, stride, padding, dilation) of a layer along one axis."""
    pairs = layer.kernel_size, layer.stride, layer.padding, layer.dilation
    return tuple(pair[axis] for pair in pairs)


def along(grow, step=lambda k, s, p, d: s, begin=1):
    """A wrong program: `grow(k, s, p, d, jump)` more for each layer, whose steps are multiplied by `step(k, s, p, d)`.

    Example:
        >>> from types import SimpleNamespace
        >>> layer = SimpleNamespace(kernel_size=(3, 5), stride=(2, 1), padding=(0, 0), dilation=(1, 1))
        >>> along(lambda k, s, p, d, jump: (k - 1) * jump)([layer, layer])
        (7, 9)
    """

    def program(layers):
        sizes = []
        for axis in (0, 1):
            size, jump = begin, 1
            for layer in layers:
                numbers = _numbers(layer, axis)
                size += grow(*numbers, jump)
                jump *= step(*numbers)
            sizes.append(size)
        return tuple(sizes)

    return program


def _each(rule):
    """A wrong program that knows nothing of the order: `rule(list of (k, s, p, d))` on each axis."""
    return lambda layers: tuple(rule([_numbers(layer, axis) for layer in layers]) for axis in (0, 1))


def _product(numbers):
    return int(np.prod([d * (k - 1) + 1 for k, _, _, d in numbers]))


def _last_stride(numbers):
    """Each layer's growth times the stride of the one layer before it."""
    size, before = 1, 1
    for k, s, _, d in numbers:
        size, before = size + d * (k - 1) * before, s
    return size


def _added_strides(numbers):
    size, jump = 1, 1
    for k, s, _, d in numbers:
        size, jump = size + d * (k - 1) * jump, jump + s - 1
    return size


def _own_stride(numbers):
    size, jump = 1, 1
    for k, s, _, d in numbers:
        jump *= s
        size += d * (k - 1) * jump
    return size


def _wrong_way(numbers):
    """The recursion that begins at the output, begun at the input."""
    size = 1
    for k, s, _, d in numbers:
        size = (size - 1) * s + d * (k - 1) + 1
    return size


def _padded(numbers):
    size, jump = 1, 1
    for k, s, p, d in numbers:
        size, jump = size + (d * (k - 1) + 2 * p) * jump, jump * s
    return size


SLIPS = (
    Slip(
        ("M70",),
        "the last kernel",
        _each(lambda numbers: numbers[-1][3] * (numbers[-1][0] - 1) + 1),
        "You give the reach of the last kernel alone. What it reads has been read from the picture by the layers "
        "before: begin with 1 and let every layer add to it.",
        (
            _each(lambda numbers: numbers[0][3] * (numbers[0][0] - 1) + 1),
            _each(lambda numbers: numbers[-1][0]),
        ),
    ),
    Slip(
        ("M71",),
        "extents added",
        _each(lambda numbers: sum(d * (k - 1) + 1 for k, _, _, d in numbers)),
        "You add up the kernels. Their windows overlap: each layer adds its extent less 1, times the strides before "
        "it.",
        (_each(_product), _each(lambda numbers: sum(k for k, *_ in numbers))),
    ),
    Slip(
        ("M72",),
        "without the strides",
        along(lambda k, s, p, d, jump: d * (k - 1), begin=1),
        "Your field does not depend on the strides. After a stride of 2 a step is two pixels of the picture, so every "
        "later layer adds twice as much: keep a second number, the product of the strides so far.",
    ),
    Slip(
        ("M116",),
        "own stride first",
        _each(_own_stride),
        "You multiply by the layer's own stride before you let it grow. Inside its own window a step is that of the "
        "layers before: first add (extent - 1) * jump, then multiply the jump.",
    ),
    Slip(
        ("M148",),
        "whole extents",
        along(lambda k, s, p, d, jump: (d * (k - 1) + 1) * jump),
        "Each layer adds its whole extent in your sum. One cell of it is where the window already was: add extent - 1 "
        "times the jump.",
        (along(lambda k, s, p, d, jump: (d * (k - 1) + 1) * jump, begin=0), along(lambda k, s, p, d, jump: k * jump)),
    ),
    Slip(
        ("M11",),
        "without the dilation",
        along(lambda k, s, p, d, jump: (k - 1) * jump),
        "Your field does not depend on the dilation. A kernel reaches over dilation * (kernel_size - 1) + 1 cells: "
        "take that extent in place of kernel_size.",
    ),
    Slip(
        ("M12",),
        "one gap too many",
        along(lambda k, s, p, d, jump: (d + 1) * (k - 1) * jump),
        "You take dilation + 1 for the step from tap to tap. dilation=1 means neighbours: the extent is dilation * "
        "(kernel_size - 1) + 1.",
    ),
    Slip(
        ("M13",),
        "k times d",
        along(lambda k, s, p, d, jump: (k * d - 1) * jump),
        "You take kernel_size * dilation for the extent. Gaps lie between the taps only: dilation * (kernel_size - 1) "
        "+ 1.",
    ),
    Slip(
        ("M14",),
        "dilation as stride",
        along(lambda k, s, p, d, jump: (k - 1) * jump, step=lambda k, s, p, d: s * d),
        "You multiply the jump by the dilation, as by a stride. The dilation spreads the taps of its own layer; the "
        "steps of later layers do not change.",
    ),
    Slip(
        ("M149",),
        "begins with 0",
        along(lambda k, s, p, d, jump: d * (k - 1) * jump, begin=0),
        "Your field is one row and one column short: you add up ways. Before the first layer a unit is one pixel and "
        "sees itself: begin with 1.",
    ),
    Slip(
        ("M152",),
        "padding added",
        _each(_padded),
        "You add the padding. It moves where the field lies, and does not change its size: leave it out.",
        (along(lambda k, s, p, d, jump: (d * (k - 1) - 2 * p) * jump),),
    ),
    Slip(
        ("M154",),
        "the last stride alone",
        _each(_last_stride),
        "You multiply by the stride of one layer, the one before. All strides on the way to the picture count: keep "
        "their product.",
        (_each(_added_strides),),
    ),
    Slip(
        ("M102",),
        "columns first",
        lambda layers: receptive_field(layers)[::-1],
        "Your two numbers are right, and in the wrong order. Rows come first, then columns, as in (height, width).",
    ),
    Slip(
        (),
        "from the wrong end",
        _each(_wrong_way),
        "size = (size - 1) * stride + extent is right when you begin at the output: go through the layers from the "
        "last to the first, as with reversed(layers).",
    ),
    Slip(
        (),
        "the jump",
        _each(lambda numbers: int(np.prod([s for _, s, _, _ in numbers]))),
        "You return the jump, how far it is from one unit's field to its neighbour's. Asked is how much one unit sees: "
        "each layer adds (extent - 1) times the jump before it.",
    ),
    Slip(
        (),
        "rows for both",
        lambda layers: receptive_field(layers)[:1] * 2,
        "Your height is right, and you give it for the width too. The second entries of the pairs belong to the "
        "columns.",
    ),
)


class ReceptiveFieldOf(Exercise):
    """The recursion of the receptive field."""

    id, lesson, title = "05.receptive_field", "05", "How much one unit sees"
    level, minutes, revision = "medium", 12, 1
    prompt = """\
Write `receptive_field(layers)`: how many rows and how many columns of the picture one unit behind these layers sees, \
as a tuple (height, width). `layers` is a list of `nn.Conv2d`, the first layer first; each has the pairs \
`layer.kernel_size`, `layer.stride` and `layer.dilation`, rows first. The size of the field goes from its first row or \
column to its last, holes included.

Your numbers are compared with what autograd finds: the pixels whose gradient is not 0. For example:

    layers = [nn.Conv2d(1, 1, (3, 5), stride=(2, 1)), nn.Conv2d(1, 1, (2, 3), dilation=(1, 2))]
    receptive_field(layers)  ->  (5, 9)"""
    stub = """\
def receptive_field(layers):
    size, jump = [1, 1], [1, 1]      # rows, columns: what is seen, and how long one step is
    for layer in layers:
        ...
"""
    arguments = ("layers",)
    reference = staticmethod(receptive_field)
    slips = SLIPS
    form, returns, compared = "tuple", "height, width", "field"
    right = "Right: your function gives what autograd finds."
    hints = (
        "Begin with one pixel, size 1, and with steps of one pixel, jump 1. A first layer with a kernel of 3 rows "
        "makes 3 rows of it. How many does it add?",
        "A layer's window is dilation * (kernel_size - 1) + 1 cells long; one of them is where the unit already was, "
        "and all others are `jump` pixels further each. After that, the layer's stride makes all later steps longer.",
        "For each axis: size[axis] += layer.dilation[axis] * (layer.kernel_size[axis] - 1) * jump[axis]; and only then "
        "jump[axis] *= layer.stride[axis]. At the end, return tuple(size).",
    )
    errors = (
        (
            "TypeError: can't multiply sequence by non-int of type 'tuple'",
            "Two pairs are multiplied, such as layer.dilation * layer.kernel_size.",
            "Take one axis at a time: layer.dilation[axis] * layer.kernel_size[axis].",
        ),
        (
            "TypeError: unsupported operand type(s) for -: 'tuple' and 'int'",
            "layer.kernel_size is a pair, and 1 cannot be taken from a pair.",
            "Take one axis at a time: layer.kernel_size[axis] - 1.",
        ),
        (
            "TypeError: 'Conv2d' object is not subscriptable",
            "A layer is no tuple: layer[0] does not exist.",
            "Ask for its settings by name: layer.kernel_size, layer.stride, layer.dilation.",
        ),
        (
            "AttributeError: 'Conv2d' object has no attribute 'kernel'",
            "The layer calls this setting otherwise.",
            "The names are kernel_size, stride, padding and dilation.",
        ),
        (
            "AttributeError: 'list' object has no attribute 'kernel_size'",
            "`layers` is a list; the settings belong to each layer in it.",
            "Go through them: for layer in layers.",
        ),
        (
            "TypeError: 'tuple' object does not support item assignment",
            "A tuple cannot be changed in place.",
            "Begin with lists, size, jump = [1, 1], [1, 1], and make a tuple at the end.",
        ),
        (
            'TypeError: can only concatenate list (not "int") to list',
            "A number is added to the whole list.",
            "Add it to one entry: size[axis] += ...",
        ),
    )

    def cases(self, seed):
        """Ten stacks of one to three layers: plain, padded, dilated, strided, all together."""
        rng = random_numbers(seed, self.id)
        fixed = (
            [((3, 5), 1, 0, 1)],
            [((3, 2), 1, 0, 1), ((2, 4), 1, 0, 1)],
            [((3, 5), 1, (1, 2), 1), ((3, 4), 1, (2, 1), 1)],
            [((2, 3), 1, 0, (2, 3)), ((3, 2), 1, 0, (4, 2))],
            [((3, 4), (2, 3), 0, 1), ((4, 3), (2, 1), 0, 1), ((2, 3), (1, 2), 0, 1)],
        )
        drawn = [_stack(rng, count) for count in (2, 2, 3, 3)]
        example = [((3, 5), (2, 1), 0, 1), ((2, 3), 1, 0, (1, 2))]
        stacks = [*fixed, *drawn]
        stacks.insert(2, example)
        return [_case(stack, example=stack is example) for stack in stacks]

    def expected(self, case):
        return np.array(seen(case.arguments["layers"]), dtype=float)

    def derive(self, case, place):
        (axis,), jump, terms = place, 1, ["1"]
        for layer in case.arguments["layers"]:
            k, s, _, d = _numbers(layer, axis)
            terms.append(f"{d}*({k} - 1)*{jump}")
            jump *= s
        return f" = {' + '.join(terms)}"


def seen(layers):
    """(height, width) from the first to the last pixel that has a gradient from one unit, found by autograd.

    Example:
        >>> from torch import nn
        >>> seen([nn.Conv2d(1, 1, (3, 5), stride=(2, 1)), nn.Conv2d(1, 1, (2, 3), dilation=(1, 2))])
        (5, 9)
    """
    return tuple(
        _seen_in_line(tuple((it.kernel_size[axis], it.stride[axis], it.dilation[axis]) for it in layers))
        for axis in (0, 1)
    )


@cache
def _seen_in_line(settings):
    """How much of a line of pixels one unit sees, for (kernel size, stride, dilation) of each layer."""
    import torch

    with torch.enable_grad():
        line = torch.zeros(PIXELS, dtype=torch.float64, requires_grad=True)
        units = line
        for k, stride, dilation in settings:  # weights of 1: nothing cancels; no padding: nothing lies outside
            units = units.unfold(0, dilation * (k - 1) + 1, stride)[:, ::dilation].sum(1)
        (gradient,) = torch.autograd.grad(units[0], line)
    read = gradient.nonzero()
    return int(read.max() - read.min()) + 1


def _stack(rng, count):
    """Layers whose field is no square either: height and width in the wrong order would pass."""
    while True:
        stack = [_drawn(rng) for _ in range(count)]
        height, width = seen([Conv2dSpec(1, 1, *layer) for layer in stack])
        if height != width:
            return stack


def _drawn(rng):
    """A layer's kernel, stride, padding and dilation, no square among them; three such layers see 43 pixels at most."""
    kernels, pairs = ((2, 3), (3, 2), (3, 4), (4, 3)), ((1, 2), (2, 1))
    kernel, stride, padding, dilation = (tuple(rng.permutation(rng.choice(it)).tolist()) for it in
                                         (kernels, pairs, pairs, pairs))  # fmt: skip
    return kernel, stride, padding, dilation


def _case(stack, example=False):
    from torch import nn

    specs = [Conv2dSpec(1, 1, k, s, p, d) for k, s, p, d in stack]
    layers = [nn.Conv2d(1, 1, k, s, p, d) for k, s, p, d in stack]
    settings = [[*spec.kernel_size, *spec.stride, *spec.padding, *spec.dilation] for spec in specs]
    title = "the layers, a row each: kH kW sH sW pH pW dH dW"
    label = f"[{', '.join(spec.source() for spec in specs)}]"
    return Case({"layers": layers}, {title: ("weight", np.array(settings, float))}, label, example, counted=True)
