"""Lesson 04, layers after each other: what comes out, and what the first linear layer has to take."""

from math import prod

from convlab.mistakes import MISTAKES
from convlab.mistakes.sizes import is_pooling
from convlab.questions.cases import apart, drawn, gathered, sequential, shuffled
from convlab.questions.lesson_04.drill import worked
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec

KERNELS = ((5, 3), (3, 5), (5, 4), (4, 5), (2, 5), (5, 2))


def _pool(channels):
    """The sizes of `nn.MaxPool2d(2)` are those of such a layer."""
    return Conv2dSpec(channels, channels, 2, 2)


def _sizes(specs, size):
    """(H, W) after each layer of a stack, the input's first."""
    sizes = [size]
    for spec in specs:
        sizes.append(tuple(spec.output_shape((spec.in_channels, *sizes[-1]))[1:]))
    return sizes


def _wrong_size(id, specs, size):
    """(H, W) after the stack for who makes this mistake in every layer where it shows, or None."""
    if id == "M26":
        return next(iter(MISTAKES[id].models["stack"](specs, size)), None)
    for spec in specs:
        if id in ("M05", "M21", "M01") and is_pooling(spec):
            size = tuple(spec.output_shape((spec.in_channels, *size))[1:])
        else:
            size = next(iter(MISTAKES[id].models["size"](spec, (spec.in_channels, *size))), None)
        if size is None:
            return None
    return size


def _code(specs, more=()):
    layers = [f"nn.MaxPool2d({spec.kernel_size[0]})" if is_pooling(spec) else spec.source() for spec in specs]
    return sequential("net", (*layers, *more))


def _by(size):
    return f"{size[0]} x {size[1]}"


def _layer_step(spec, before, after):
    if is_pooling(spec):
        return f"`nn.MaxPool2d(2)` halves and rounds down: {_by(before)} becomes {_by(after)}."
    height, width = (worked(n, k) for n, k in zip(before, spec.kernel_size, strict=True))
    return f"`kernel_size={spec.kernel_size}` on {_by(before)}: height {height}, width {width}."


def _stack_case(rng):
    first, second = rng.sample(KERNELS, 2)
    middle, last = rng.choice((4, 6, 8)), rng.choice((10, 12, 16))
    specs = [Conv2dSpec(3, middle, first), _pool(middle), Conv2dSpec(middle, last, second)]
    height = rng.randint(24, 40)
    size = height, height + rng.choice((-7, -5, -4, 5, 6, 9))
    return specs, size, {id: _wrong_size(id, specs, size) for id in ("M01", "M05", "M06", "M21", "M26")}


def _stack_keeps(case):
    specs, size, wrong = case
    slips = [Slip(each, (id,), "") for id, each in wrong.items() if each]
    answer = _sizes(specs, size)[-1]
    return answer[0] != answer[1] and len(slips) == 5 and apart("shape", answer, slips)


def _stack_lines(specs, sizes, wrong):
    (kH, kW), first, halved = specs[0].kernel_size, sizes[1], sizes[2]
    uneven = first[0] if first[0] % 2 else first[1]
    return {
        "M01": f"{_by(wrong['M01'])} counts the pooling alone. Without padding each convolution takes its share too: "
        f"the first leaves {_by(first)}.",
        "M05": f"{_by(wrong['M05'])} forgets the + 1 of each convolution: the first leaves {sizes[0][0]} - {kH} + 1 = "
        f"{first[0]} rows.",
        "M06": f"{_by(wrong['M06'])} rounds up in the pooling. A half window is left out: {uneven} becomes "
        f"{uneven // 2}.",
        "M21": f"{_by(wrong['M21'])} takes `kernel_size=({kH}, {kW})` as (width, height). It is {kH} high and {kW} "
        "wide.",
        "M26": f"{_by(wrong['M26'])} works out what each layer takes from the input, and takes all of it off together. "
        f"The second convolution gets {_by(halved)}, what the pooling left: go from layer to layer.",
    }


def _left_out(specs, size):
    """Pairs (H, W), line: who leaves poolings out, a pair for each number of poolings that are counted."""
    after = _sizes(specs, size)
    halved = [
        f"{_by(before)} into {_by(after[number + 1])}"
        for number, (spec, before) in enumerate(zip(specs, after, strict=False))
        if is_pooling(spec)
    ]
    which = "the pooling out, which turns" if len(halved) == 1 else "a pooling out; they turn"
    return [
        (wrong, f"{_by(wrong)} leaves {which} {', and '.join(halved)}.")
        for wrong in MISTAKES["M171"].models["stack"](specs, size)
    ]


def stack(rng):
    """The shape after a convolution, a pooling and another convolution."""
    specs, size, wrong = drawn(lambda: _stack_case(rng), _stack_keeps)
    sizes, N, C_out = _sizes(specs, size), rng.randint(1, 4), specs[-1].out_channels
    answer = (N, C_out, *sizes[-1])
    lines = _stack_lines(specs, sizes, wrong)
    code = f"{_code(specs)}\noutput = net(input)"
    return {
        "prompt": f"`input` has the shape {(N, 3, *size)}. What is the shape of `output`?",
        "kind": "shape",
        "level": "hard",
        "objective": "follow a picture through several layers",
        "formula": "the output of one layer is the input of the next",
        "answer": answer,
        "because": f"From layer to layer: {', then '.join(map(_by, sizes))}.",
        "hint": "Work out the first layer's output alone and write it down. It is the next layer's input.",
        "steps": [
            *(_layer_step(spec, *sizes[n : n + 2]) for n, spec in enumerate(specs)),
            f"The last layer has {C_out} output channels, and the batch stays {N}: {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\ninput = "
            f"torch.zeros{(N, 3, *size)}\n{code}\nprint(tuple(output.shape))"
        ),
        "slips": gathered(
            "shape",
            answer,
            [
                *(Slip((N, C_out, *wrong[id]), (id,), line) for id, line in lines.items()),
                *(Slip((N, C_out, *each), ("M171",), line) for each, line in _left_out(specs, size)),
            ],
        ),
        "figure": [{"code": code}],
        "axes": ("a batched output", "(N, C_out, H_out, W_out)"),
        "otherwise": "Write down height and width after each layer, one line a layer.",
    }


def _channels_alone(answer, C, size):
    line = f"{C} is the number of channels. Flatten lays all their numbers in a row, {_by(size)} of each."
    return Slip(answer, ("M172",), line)


def _linear_case(rng):
    kernel, channels = rng.choice(KERNELS), rng.choice((8, 12, 16))
    specs = [Conv2dSpec(3, channels, kernel), _pool(channels)]
    height = rng.randint(20, 40)
    size = height, height + rng.choice((-8, -6, -4, 4, 6, 8, 10))
    return specs, size, {id: _wrong_size(id, specs, size) for id in ("M01", "M26")} | {"M25": kernel}


def _linear_keeps(case):
    specs, size, wrong = case
    h, w = _sizes(specs, size)[-1]
    return h != w and None not in wrong.values() and len({(h, w), *wrong.values()}) == 4


def linear_in(rng):
    """What the first linear layer takes."""
    specs, size, wrong = drawn(lambda: _linear_case(rng), _linear_keeps)
    sizes, C, N = _sizes(specs, size), specs[0].out_channels, rng.randint(2, 8)
    (kH, kW), (h, w) = specs[0].kernel_size, sizes[-1]
    answer = f"{C} * {h} * {w}"
    lines = {
        "M25": f"{kH} x {kW} is the size of the kernel. What is flattened is the picture that is left after the last "
        f"layer, {_by(sizes[-1])}. (Where both happen to be 5 x 5, a line such as `16 * 5 * 5` misleads.)",
        "M01": f"{_by(wrong['M01'])} is half of the input. Without padding the convolution takes its share first, and "
        f"leaves {_by(sizes[1])} to be halved.",
        "M26": f"{_by(wrong['M26'])} takes off what the convolution and the pooling would each take from the input. "
        f"The pooling gets {_by(sizes[1])}, not {_by(size)}, and halves that.",
    }
    slips = [Slip(f"{C} * {wrong[id][0]} * {wrong[id][1]}", (id,), line) for id, line in lines.items()]
    slips.append(_channels_alone(f"{C}", C, sizes[-1]))
    code = _code(specs, ("nn.Flatten()", "nn.Linear(..., 10)"))
    return {
        "prompt": (
            f"The network gets inputs of shape {(N, 3, *size)}. What has to stand in `nn.Linear(..., 10)` in place of "
            "the dots?"
        ),
        "kind": "choice",
        "level": "medium",
        "objective": "say what the first linear layer takes",
        "formula": "in_features = C * H * W after the last layer",
        "answer": answer,
        "because": f"{C} feature maps of {_by(sizes[-1])} are left of each picture, {C * h * w} numbers.",
        "hint": "What shape does one picture have when it reaches `nn.Flatten()`?",
        "steps": [
            *(_layer_step(spec, *sizes[n : n + 2]) for n, spec in enumerate(specs)),
            f"{C} channels of that size: {answer}. The batch stays out of it.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{_code(specs)}\n"
            f'C, H, W = net(torch.zeros{(N, 3, *size)}).shape[1:]\nprint(f"{{C}} * {{H}} * {{W}}")'
        ),
        "slips": gathered("choice", answer, slips),
        "options": shuffled(rng, [answer, *(slip.answer for slip in slips)]),
        "figure": [{"code": code}],
    }


def _flatten_case(rng):
    first, second = rng.sample(KERNELS, 2)
    middle, last = rng.choice((4, 6, 8)), rng.choice((10, 12, 16))
    specs = [Conv2dSpec(1, middle, first), _pool(middle), Conv2dSpec(middle, last, second), _pool(last)]
    height = rng.randint(26, 40)
    size = height, height + rng.choice((-7, -5, -4, 4, 5, 6, 9))
    wrong = {id: _wrong_size(id, specs, size) for id in ("M01", "M05", "M06")} | {"M25": second}
    return specs, size, {id: last * prod(each) for id, each in wrong.items() if each}


def _flatten_keeps(case):
    specs, size, wrong = case
    slips = [Slip(each, (id,), "") for id, each in wrong.items()]
    return len(slips) == 4 and apart("number", specs[-1].out_channels * prod(_sizes(specs, size)[-1]), slips)


def _flatten_slips(specs, sizes, wrong):
    C, (kH, kW) = specs[-1].out_channels, specs[2].kernel_size
    uneven = sizes[1] if any(n % 2 for n in sizes[1]) else sizes[3]
    lines = {
        "M25": f"{wrong['M25']} is {C} * {kH} * {kW}, with the size of the kernel. What is flattened is what is left "
        f"of the picture after the last pooling: {_by(sizes[-1])}.",
        "M01": f"{wrong['M01']} counts the poolings alone. Without padding each convolution takes its share too: the "
        f"first leaves {_by(sizes[1])}.",
        "M05": f"{wrong['M05']} forgets the + 1 of each convolution: the first leaves {sizes[0][0]} - "
        f"{specs[0].kernel_size[0]} + 1 = {sizes[1][0]} rows.",
        "M06": f"{wrong['M06']} rounds up. Pooling leaves a half window out: {_by(uneven)} becomes "
        f"{_by(tuple(n // 2 for n in uneven))}.",
    }
    return [
        *(Slip(wrong[id], (id,), line) for id, line in lines.items()),
        *(Slip(C * prod(each), ("M171",), line) for each, line in _left_out(specs, sizes[0])),
        _channels_alone(C, C, sizes[-1]),
    ]


def flatten_size(rng):
    """How many numbers are left of a picture after two convolutions and two poolings."""
    specs, size, wrong = drawn(lambda: _flatten_case(rng), _flatten_keeps)
    sizes, C = _sizes(specs, size), specs[-1].out_channels
    h, w = sizes[-1]
    answer = C * h * w
    code = _code(specs, ("nn.Flatten()",))
    return {
        "prompt": (
            f"The network gets one grey picture of {_by(size)} (height x width). How many numbers come out of "
            "`nn.Flatten()`?"
        ),
        "kind": "number",
        "level": "hard",
        "objective": "count what is left of a picture",
        "formula": "C * H * W, layer by layer",
        "answer": answer,
        "because": f"{', then '.join(map(_by, sizes))}; in {C} channels: {C} * {h} * {w} = {answer}.",
        "hint": "Write down height and width after each layer. Which number of channels has the last one?",
        "steps": [
            *(_layer_step(spec, *sizes[n : n + 2]) for n, spec in enumerate(specs)),
            f"{C} channels: {C} * {h} * {w} = {answer}.",
        ],
        "proof": f"import torch\nfrom torch import nn\n{code}\nprint(net(torch.zeros(1, 1, {size[0]}, "
        f"{size[1]})).shape[1])",
        "slips": gathered("number", answer, _flatten_slips(specs, sizes, wrong)),
        "figure": [{"code": code}],
        "otherwise": "Write down height and width after each layer, one line a layer, then multiply by the channels.",
    }


QUESTIONS = {"linear-in": linear_in, "stack": stack, "flatten-size": flatten_size}
