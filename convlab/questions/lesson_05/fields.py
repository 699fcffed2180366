"""Lesson 05, the receptive field: how much of the picture one unit sees, and how far its neighbour's view is."""

from convlab.mistakes import MISTAKES
from convlab.questions.cases import apart, counted, drawn, gathered, sequential
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec, receptive_field

KERNELS = ((2, 3), (3, 2), (3, 4), (4, 3), (3, 5), (5, 3), (2, 4), (4, 2))
STRIDES = ((1, 2), (2, 1), (2, 3), (3, 2))
POOL = Conv2dSpec(1, 1, 2, 2)  # reads and steps as `nn.MaxPool2d(2)` does


def stack(specs):
    """The code of a stack of layers.

    Example:
        >>> print(stack([Conv2dSpec(1, 1, (3, 2)), POOL]))
        net = nn.Sequential(
            nn.Conv2d(1, 1, kernel_size=(3, 2)),
            nn.MaxPool2d(2),
        )
    """
    lines = ["nn.MaxPool2d(2)" if spec is POOL else spec.source() for spec in specs]
    return sequential("net", lines)


def measured(specs, show):
    """A proof: the stack with weights of 1, the gradient of one unit in the picture, and what is printed of it."""
    return (
        f"import torch\nfrom torch import nn\n{stack(specs)}\nnet.double()\n"
        "for parameter in net.parameters():\n    nn.init.ones_(parameter)\n"
        "picture = torch.rand(1, 1, 90, 97).double().requires_grad_()\n"
        f"{show}"
    )


# Pooling passes a gradient to the largest value alone, so pixels are changed one after the other instead.
SPAN = (
    "def read(unit):\n"
    "    found = torch.zeros(90, 97)\n"
    "    for _ in range(60):\n"
    "        picture.grad, picture.data = None, torch.rand(1, 1, 90, 97).double()\n"
    "        net(picture)[0, 0][unit].backward()\n"
    "        found += picture.grad[0, 0] != 0\n"
    "    return found.nonzero()\n"
    "def span(unit):\n"
    "    cells = read(unit)\n"
    "    return (cells.max(0).values - cells.min(0).values + 1).tolist()\n"
)
PLAIN_SPAN = SPAN.replace("range(60)", "range(1)")


def _followed(specs, names=("rows", "columns")):
    """For each layer how the field grows, in words, up to the last."""
    lines = []
    for number, spec in enumerate(specs):
        before, jump = receptive_field(specs[:number])
        after = receptive_field(specs[: number + 1])[0]
        sums = [f"{r} + ({e} - 1)*{j} = {size} {name}" for r, e, j, size, name in
                zip(before, spec.extent, jump, after, names, strict=False)]  # fmt: skip
        lines.append(" and ".join(sums))
    return lines


def _swapped(size):
    return size[::-1]


def _two_case(rng):
    first, second = rng.sample(KERNELS, 2)
    padding = rng.choice(((1, 2), (2, 1)))
    specs = [Conv2dSpec(1, 1, first, rng.choice(STRIDES), padding), Conv2dSpec(1, 1, second, rng.choice(STRIDES))]
    size = receptive_field(specs)[0]
    wrong = [(id, it) for id in ("M70", "M71", "M72", "M116", "M148") for it in MISTAKES[id].models["field"](specs)]
    wrong += [("M70", first), ("M152", tuple(r + 2 * p for r, p in zip(size, padding, strict=True)))]
    return specs, [*wrong, ("M21", _swapped(size))]


def _fields_apart(case):
    specs, wrong = case
    size = receptive_field(specs)[0]
    return size[0] != size[1] and apart("shape", size, [Slip(it, (id,), "") for id, it in wrong])


def _two_lines(specs, size):
    (kH, kW), (sH, sW), (pH, pW) = specs[1].kernel_size, specs[0].stride, specs[0].padding
    return {
        "M70": "That is the kernel of one layer alone. The unit reads a window of the layer before it, and each cell "
        "of that window has read a window of the picture.",
        "M71": "The windows of neighbouring cells overlap, so kernels are neither added nor multiplied: the second "
        f"layer adds its kernel less 1, times the stride before it: ({kH} - 1)*{sH} for the rows, ({kW} - 1)*{sW} "
        "for the columns.",
        "M72": f"That leaves the stride out. A step in the first layer's output is {counted(sH, 'row')} or "
        f"{counted(sW, 'column')} of the picture, so the second kernel's steps are that long.",
        "M116": "You multiplied by the layer's own stride. It moves the window from place to place, and counts for "
        "the layers after it; within one window it does nothing.",
        "M148": "You added whole kernels. One cell of each is where the window already was: "
        f"{kH} rows make {counted(kH - 1, 'step')}, {kW} columns {kW - 1}.",
        "M152": f"You added the padding. `padding=({pH}, {pW})` moves where the window begins, so that it may reach "
        "out of the picture; how long it is stays.",
        "M21": f"Height and width are exchanged: the field is {size[0]} rows high and {size[1]} columns wide.",
    }


def field_two(rng):
    """The receptive field of two layers with strides and padding."""
    specs, wrong = drawn(lambda: _two_case(rng), _fields_apart)
    size = receptive_field(specs)[0]
    lines = _two_lines(specs, size)
    first, second = _followed(specs)
    return {
        "prompt": "Which receptive field (height, width), in pixels of the picture, has one unit of the output?",
        "kind": "shape",
        "asks": "height and width",
        "level": "medium",
        "objective": "work out the receptive field of two layers",
        "formula": "r = r + (k - 1) * product of the strides before",
        "answer": size,
        "because": f"Behind the first layer a unit sees {specs[0].kernel_size}, behind the second {size}.",
        "hint": "Begin with the first kernel. How far apart, in pixels of the picture, are two neighbouring units of "
        "its output? The second kernel spans how many such steps?",
        "steps": [
            f"Begin with one pixel. The first layer: {first}.",
            f"One step down in its output is {counted(specs[0].stride[0], 'pixel')} of the picture, one to the right "
            f"{specs[0].stride[1]}: its stride.",
            f"The second layer: {second}. So {size}.",
        ],
        "proof": measured(specs, f"{PLAIN_SPAN}print(tuple(span((5, 5))))"),
        "slips": gathered("shape", size, [Slip(it, (id,), lines[id]) for id, it in wrong]),
        "figure": [{"code": stack(specs)}],
        "axes": ("a receptive field", "(height, width)"),
        "otherwise": "Write a line for each layer: its kernel, the strides before it, the field so far.",
    }


def _pooled_case(rng):
    first, second = (tuple(rng.sample(range(2, 7), 2)) for _ in range(2))
    specs = [Conv2dSpec(1, 1, first), POOL, Conv2dSpec(1, 1, second, rng.choice(STRIDES))]
    axis = rng.randrange(2)
    a, b, s = first[axis], second[axis], specs[2].stride[axis]
    wrong = [("M70", b), ("M157", a + b - 1), ("M72", a + b), ("M71", a + 2 + b), ("M71", a * 2 * b)]
    wrong += [("M71", a + b), ("M148", a + 2 + 2 * b), ("M148", a + 2 + 2 * b + 1), ("M116", a + 2 + (b - 1) * 2 * s)]
    wrong += [("M21", receptive_field(specs)[0][1 - axis])]
    return specs, axis, [it for it in wrong if it != ("M71", a + b)]


def _pooled_keeps(case):
    specs, axis, wrong = case
    answer = receptive_field(specs)[0][axis]
    return specs[2].stride[axis] > 1 and apart("number", answer, [Slip(it, (id,), "") for id, it in wrong])


def _pooled_lines(a, b, s, noun):
    return {
        "M70": f"{b} is the last kernel alone. What it reads has been read from the picture by the layers before.",
        "M157": "You left the pooling out. Its window reads two cells, and its stride of 2 makes every step behind it "
        "two pixels long.",
        "M72": f"You let every step be one pixel. Behind the pooling a step is 2: the last kernel adds ({b} - 1)*2.",
        "M71": "Kernels are neither added nor multiplied: the windows overlap. Each adds its length less 1, times the "
        "strides before it.",
        "M148": f"You added whole kernels. A kernel of {b} spans {counted(b - 1, 'step')}: one cell of it is where the "
        "window already was.",
        "M116": f"The stride of {s} belongs to the last layer itself: it counts for layers after it. Within its own "
        "window a step is 2 pixels, from the pooling.",
        "M21": f"That is the field along the other axis. {noun.capitalize()} are asked for; pairs name the height "
        "first.",
    }


def field_pooled(rng):
    """The receptive field, along one axis, of a convolution, a pooling and a convolution with a stride."""
    specs, axis, wrong = drawn(lambda: _pooled_case(rng), _pooled_keeps)
    a, b, s = specs[0].kernel_size[axis], specs[2].kernel_size[axis], specs[2].stride[axis]
    noun, answer = ("rows", "columns")[axis], receptive_field(specs)[0][axis]
    lines = _pooled_lines(a, b, s, noun)
    return {
        "prompt": f"How many {noun} of the picture does one unit of the output see, from the first to the last?",
        "kind": "number",
        "level": "hard",
        "objective": "work out a receptive field through a pooling layer",
        "formula": "pooling counts as a layer of kernel 2 and stride 2",
        "answer": answer,
        "because": f"{a} {noun} by the first kernel, 1 more by the pooling, ({b} - 1)*2 by the last: {answer}.",
        "hint": f"Only the {noun} count. Which of the three layers have a window of more than one cell, and how many "
        "pixels is one step in front of each?",
        "steps": [
            f"The first kernel: {a} {noun}; a step behind it is 1 pixel.",
            f"The pooling reads 2: {a} + (2 - 1)*1 = {a + 1}; a step behind it is 2 pixels.",
            f"The last kernel: {a + 1} + ({b} - 1)*2 = {answer}.",
            f"Its own stride, {s}, would count for a layer after it.",
        ],
        "proof": measured(specs, f"{SPAN}print(span((3, 3))[{axis}])"),
        "slips": gathered("number", answer, [Slip(it, (id,), lines[id]) for id, it in wrong]),
        "figure": [{"code": stack(specs)}],
        "otherwise": "Write a line for each layer: how long its window is, how long a step in front of it is.",
    }


def _stretched(specs, extent_of):
    """The field without strides, each kernel's extent by this rule of (k, d)."""
    return tuple(1 + sum(extent_of(s.kernel_size[axis], s.dilation[axis]) - 1 for s in specs) for axis in (0, 1))


def _strided_by_dilation(specs):
    size, jump = [1, 1], [1, 1]
    for spec in specs:
        for axis in (0, 1):
            size[axis] += (spec.kernel_size[axis] - 1) * jump[axis]
            jump[axis] *= spec.dilation[axis]
    return tuple(size)


def _dilated_case(rng):
    kernel, dilations = tuple(rng.sample(range(2, 6), 2)), rng.sample(range(1, 7), 3)
    specs = [Conv2dSpec(1, 1, kernel, dilation=d) for d in dilations]
    size = receptive_field(specs)[0]
    wrong = [
        ("M11", _stretched(specs, lambda k, d: k)),
        ("M12", _stretched(specs, lambda k, d: (d + 1) * (k - 1) + 1)),
        ("M13", _stretched(specs, lambda k, d: k * d)),
        ("M14", _strided_by_dilation(specs)),
        ("M149", tuple(it - 1 for it in size)),
        *(("M148", it) for it in MISTAKES["M148"].models["field"](specs)),
        *(("M70", it) for it in (*MISTAKES["M70"].models["field"](specs), kernel)),
        ("M21", _swapped(size)),
    ]
    product = MISTAKES["M71"].models["field"](specs)[1]
    return specs, [*wrong, ("M71", product), ("M71", tuple(3 * k for k in kernel))]


def _dilated_lines(specs, size):
    kH, (eH, eW), d = specs[0].kernel_size[0], specs[-1].extent, specs[-1].dilation[0]
    return {
        "M11": "That leaves the dilation out: it is the field of three layers without holes. With it each layer adds "
        "d (k - 1).",
        "M12": f"You left out d cells between the taps; it is d - 1. The last kernel reaches over {eH} x {eW}.",
        "M13": f"You took k d for the reach of a kernel. Gaps lie between the taps only: the last one reaches over "
        f"{d}*({kH} - 1) + 1 = {eH} rows.",
        "M14": "You let the dilation work as a stride, which makes all later steps longer. It spreads the taps of its "
        "own layer and of no other.",
        "M149": "One row and one column are missing: you added up the ways from first tap to last. Begin with the one "
        "pixel from which they start.",
        "M148": "You added whole extents. One cell of each is where the window already was: a layer adds d (k - 1).",
        "M70": "That is the reach of one kernel alone. What the last layer reads has been read by the layers before.",
        "M71": "Kernels are neither added nor multiplied: each layer adds d (k - 1) to the one pixel you begin with.",
        "M21": f"Height and width are exchanged: the field is {size[0]} rows high and {size[1]} columns wide.",
    }


def field_dilated(rng):
    """The receptive field of three layers with growing dilation."""
    specs, wrong = drawn(lambda: _dilated_case(rng), _fields_apart)
    size = receptive_field(specs)[0]
    lines, grown = _dilated_lines(specs, size), _followed(specs)
    reach = "; ".join(f"dilation {s.dilation[0]}: {s.extent[0]} x {s.extent[1]}" for s in specs)
    return {
        "prompt": "Which receptive field (height, width), in pixels of the picture, has one unit of the output?",
        "kind": "shape",
        "asks": "height and width",
        "level": "hard",
        "objective": "work out the receptive field of dilated layers",
        "formula": "r = 1 + sum of d (k - 1), stride 1",
        "answer": size,
        "because": f"Each layer adds its extent less 1: {size[0]} rows, {size[1]} columns.",
        "hint": "First the extent of each kernel. All strides are 1: what does each layer add?",
        "steps": [
            f"The extents: {reach}.",
            f"Begin with one pixel. The first layer: {grown[0]}.",
            f"The second layer: {grown[1]}.",
            f"The third layer: {grown[2]}. So {size}.",
        ],
        "proof": measured(specs, f"{PLAIN_SPAN}print(tuple(span((5, 5))))"),
        "slips": gathered("shape", size, [Slip(it, (id,), lines[id]) for id, it in wrong]),
        "figure": [{"code": stack(specs)}],
        "axes": ("a receptive field", "(height, width)"),
        "otherwise": "Write a line for each layer: its extent, and the field so far.",
    }


def _jump_case(rng):
    strides, axis = rng.sample(((2, 3), (3, 2), (2, 4), (4, 2), (3, 4), (4, 3)), 2), rng.randrange(2)
    kernels = rng.sample(KERNELS, 2)
    first, last = (Conv2dSpec(1, 1, k, s) for k, s in zip(kernels, strides, strict=True))
    specs = [first, POOL, last]
    a, b = first.stride[axis], last.stride[axis]
    wrong = [("M154", b), ("M154", a + 2 + b), ("M154", a * 2), ("M157", a * b), ("M72", 1)]
    return specs, axis, [*wrong, ("M21", receptive_field(specs)[1][1 - axis])]


def _jump_keeps(case):
    specs, axis, wrong = case
    answer = receptive_field(specs)[1][axis]
    return specs[0].stride[axis] > 1 and apart("number", answer, [Slip(it, (id,), "") for id, it in wrong])


def field_jump(rng):
    """How far apart the views of two neighbouring units are."""
    specs, axis, wrong = drawn(lambda: _jump_case(rng), _jump_keeps)
    noun, answer = ("rows", "columns")[axis], receptive_field(specs)[1][axis]
    strides = [spec.stride[axis] for spec in specs]
    written = "*".join(map(str, strides))
    lines = {
        "M154": f"All strides on the way count, the last layer's too, and they multiply: {strides[2]} steps in front "
        f"of it, each of 2 steps in front of the pooling, each of {counted(strides[0], 'pixel')}.",
        "M157": "The pooling has a stride too: `nn.MaxPool2d(2)` moves on by 2.",
        "M72": f"They would be neighbours only if all strides were 1. Here they are {strides[0]}, 2 and {strides[2]}.",
        "M21": f"That is the distance along the other axis. {noun.capitalize()} are asked for; pairs name the height "
        "first.",
    }
    where = ("below each other", "side by side")[axis]
    return {
        "prompt": f"Take two units of the output that lie {where}. How many {noun} of the picture apart are their "
        f"receptive fields, from the first {noun[:-1]} of one to the first {noun[:-1]} of the other?",
        "kind": "number",
        "level": "easy",
        "objective": "say how far a unit's neighbour sees",
        "formula": "jump = product of all strides",
        "answer": answer,
        "because": f"The strides multiply: {written} = {answer}.",
        "hint": "One step in the output is how many steps in front of the last layer? And how many is each of those "
        "one layer earlier?",
        "steps": [
            f"Strides along the {noun}: {strides[0]}, 2 (the pooling) and {strides[2]}.",
            f"They multiply: {written} = {answer}.",
        ],
        "proof": measured(
            specs,
            f"{SPAN}first, second = read((0, 0)).min(0).values, read(({1 - axis}, {axis})).min(0).values\n"
            f"print(int((second - first)[{axis}]))",
        ),
        "slips": gathered("number", answer, [Slip(it, (id,), lines[id]) for id, it in wrong]),
        "figure": [{"code": stack(specs)}],
        "otherwise": "Follow one step from the output back to the picture, layer by layer.",
    }


QUESTIONS = {
    "field-two": field_two,
    "field-jump": field_jump,
    "field-pooled": field_pooled,
    "field-dilated": field_dilated,
}
