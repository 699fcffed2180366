"""Lesson 06, counting: how many numbers a layer learns, what one filter more costs, what changes the count."""

from convlab.questions.cases import apart, drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import layer, made, size, ticked
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec

COUNT = "print(sum(parameter.numel() for parameter in {layer}.parameters()))"


def _proof(call):
    return "import torch\nfrom torch import nn\n" + COUNT.replace("{layer}", call)


_COUNT = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "count the parameters of a layer",
    "formula": "C_out * (C_in * kH * kW) + C_out",
    "hint": "How many weights has one filter? How many filters are there? And what else is learned?",
    "otherwise": "Filters times the weights of one filter, and one bias for each filter.",
}


def _count_slips(C_in, C_out, kernel, input_shape):
    kH, kW = kernel
    N, _, H, W = input_shape
    weights, places = C_out * C_in * kH * kW, (H - kH + 1) * (W - kW + 1)
    right = weights + C_out
    return [
        Slip(C_out * kH * kW + C_out, ("M34",), f"A filter is as deep as the input: {C_in} kernels of {kH} x {kW}, so "
             f"{C_in} * {kH} * {kW} weights, not {kH} * {kW}."),
        Slip(weights, ("M35",), f"Those are the weights. Each of the {C_out} filters has a bias besides."),
        Slip(weights + C_in, ("M36",), f"The weights are right. Biases belong to the output: {C_out} of them, not "
             f"{C_in}."),
        Slip(weights + C_out * C_in, ("M38",), f"The weights are right. The {C_in} kernels of a filter share one bias: "
             f"{C_out} in all, not {C_out} * {C_in}."),
        Slip(weights + C_out * places, ("M37",), "The weights are right. All places of a feature map share one bias: "
             f"{C_out} in all."),
        Slip(C_out * C_in * H * W + C_out, ("M39",), f"The picture's size, {H} x {W}, is no part of the layer: the "
             f"same {kH} x {kW} window goes over all of it."),
        Slip(C_in * kH * kW + 1, ("M119",), f"That is one filter, {C_in} * {kH} * {kW} + 1. The layer has {C_out} "
             "of them, and each learns its own."),
        Slip(right * N, ("M41",), f"All {N} pictures of the batch go through the same weights: they are counted once."),
    ]  # fmt: skip


def count_parameters(rng):
    """All numbers that a layer learns."""

    def draw():
        C_in, C_out, kernel = layer(rng)
        return C_in, C_out, kernel, (rng.choice((9, 10, 12)), C_in, *size(rng, kernel=kernel))

    def right(C_in, C_out, kernel, shape):
        return C_out * C_in * kernel[0] * kernel[1] + C_out

    def parted(case):
        return apart("number", right(*case), _count_slips(*case))

    case = C_in, C_out, (kH, kW), shape = drawn(draw, parted)
    answer, one, call = right(*case), C_in * kH * kW, made(C_in, C_out, (kH, kW))
    return {
        **_COUNT,
        "prompt": f"`layer = {call}` gets an input of shape {shape}. How many numbers does the layer learn, weights "
        "and biases together?",
        "answer": answer,
        "because": f"{C_out} filters with {one} weights and a bias each.",
        "steps": [
            f"One filter: {C_in} kernels of {kH} x {kW}, so {C_in} * {kH} * {kW} = {one} weights.",
            f"All filters: {C_out} * {one} = {C_out * one} weights.",
            f"One bias for each filter: {C_out * one} + {C_out} = {answer}.",
        ],
        "proof": _proof(call),
        "slips": gathered("number", answer, _count_slips(*case)),
        "spec": Conv2dSpec(C_in, C_out, (kH, kW)),
        "input_shape": shape,
    }


_ONE_MORE = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "say what a filter costs",
    "formula": "a filter: C_in * kH * kW + 1",
    "hint": "What does one filter consist of? Its kernels, one for each input channel, and one number more.",
    "otherwise": "Only the new filter counts: its weights and its bias.",
}


def one_filter_more(rng):
    """How many parameters one filter more brings."""

    def draw():
        C_in, C_out, kernel = layer(rng, (3, 4, 5, 6, 7, 8))
        return C_in, C_out, *kernel

    def slips(C_in, C_out, kH, kW):
        one = C_in * kH * kW
        return [
            Slip(kH * kW + 1, ("M34",), f"The new filter has a {kH} x {kW} kernel for each of the {C_in} input "
                 "channels, not one kernel."),
            Slip(one, ("M35",), "Those are the new weights. The new filter has a bias as well."),
            Slip(one + C_in, ("M38",), f"The {C_in} kernels of the new filter are added into one map, and that gets "
                 "one bias."),
        ]  # fmt: skip

    def fair(case):
        C_in, C_out, kH, kW = case
        return C_out + 1 != C_in and apart("number", C_in * kH * kW + 1, slips(*case))

    case = drawn(draw, fair)
    C_in, C_out, kH, kW = case
    one = C_in * kH * kW
    old, new = made(C_in, C_out, (kH, kW)), made(C_in, C_out + 1, (kH, kW))
    return {
        **_ONE_MORE,
        "prompt": f"`{old}` is replaced by `{new}`: one filter more. By how many does the number of parameters grow?",
        "answer": one + 1,
        "because": f"{C_in} kernels of {kH} x {kW}, and one bias.",
        "steps": [
            f"The new filter has {C_in} * {kH} * {kW} = {one} weights.",
            f"And one bias: {one} + 1 = {one + 1}.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\nold, new = (sum(it.numel() for it in layer.parameters()) for layer in "
            f"({old}, {new}))\nprint(new - old)"
        ),
        "slips": gathered("number", one + 1, slips(*case)),
        "otherwise": f"Only the new filter counts, not all {C_out + 1} of them: its weights and its bias.",
    }


_ORDER = {  # what is the same for every seed
    "prompt": "Order these layers by their number of parameters, the smallest first.",
    "kind": "order",
    "level": "hard",
    "objective": "compare layers by their parameters",
    "formula": "C_out * C_in * kH * kW + C_out; stride, padding and dilation do not count",
    "hint": "Four multiplications. Which of the arguments have no part in them?",
    "otherwise": "Multiply the first two numbers and the two of the kernel for each layer; a bias for each filter.",
}


def _with(more):
    return "".join(f", {name}={value}" for name, value in more.items())


def _four_layers(rng):
    """[(call, C_in, C_out, kH, kW, dilation)], one of them dilated, two with other settings."""
    others = rng.sample(({"stride": 2}, {"padding": (1, 2)}, {"stride": (1, 2)}, {}, {"padding": (2, 1)}), 3)
    rows = []
    for more in ({"dilation": rng.choice((2, 3))}, *others):
        C_in, C_out, (kH, kW) = layer(rng, (1, 2, 3, 4, 6, 8))
        call = made(C_in, C_out, (kH, kW))[:-1] + _with(more) + ")"
        rows.append((call, C_in, C_out, kH, kW, more.get("dilation", 1)))
    return rows


def _ordered(rows, count):
    return [row[0] for row in sorted(rows, key=lambda row: count(*row[1:]))]


def _right_count(C_in, C_out, kH, kW, d):
    return C_out * C_in * kH * kW + C_out


_WRONG_COUNTS = {
    "M40": lambda C_in, C_out, kH, kW, d: C_out * C_in * (d * (kH - 1) + 1) * (d * (kW - 1) + 1) + C_out,
    "M34": lambda C_in, C_out, kH, kW, d: C_out * kH * kW + C_out,
}


def order_counts(rng):
    """Four layers by their number of parameters."""

    def parted(rows):
        orders = [_ordered(rows, count) for count in (_right_count, *_WRONG_COUNTS.values())]
        distinct = all(len({count(*row[1:]) for row in rows}) == 4 for count in (_right_count, *_WRONG_COUNTS.values()))
        given = [row[0] for row in rows]
        return distinct and given != orders[0] and len({tuple(order) for order in orders}) == 3

    rows = drawn(lambda: shuffled(rng, _four_layers(rng)), parted)
    answer = _ordered(rows, _right_count)
    lines = {
        "M40": "Stride, padding and dilation move or spread the window. A dilated kernel has no more weights than "
        "another of its size.",
        "M34": "That leaves the input channels out: a filter has a kernel for each of them.",
    }
    slips = [Slip(_ordered(rows, count), (id,), lines[id]) for id, count in _WRONG_COUNTS.items()]
    by_call = {row[0]: row[1:] for row in rows}
    steps = []
    for call in answer:
        C_in, C_out, kH, kW, d = by_call[call]
        steps.append(f"`{call}`: {C_out} * {C_in} * {kH} * {kW} + {C_out} = {_right_count(C_in, C_out, kH, kW, d)}.")
    return {
        **_ORDER,
        "answer": answer,
        "because": "Channels and kernel size make the count: stride, padding and dilation have no part in it.",
        "steps": steps,
        "proof": (
            "import torch\nfrom torch import nn\n"
            f"calls = {[row[0] for row in rows]}\n"
            "print(sorted(calls, key=lambda call: sum(it.numel() for it in eval(call).parameters())))"
        ),
        "slips": gathered("order", answer, slips),
        "options": [row[0] for row in rows],
    }


_WHAT_COUNTS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say what changes the count",
    "formula": "the count follows from C_in, C_out, the kernel size and bias, from nothing else",
    "hint": "Which of these change `layer.weight.shape` or `layer.bias`? The others only say where the window goes, or "
    "what goes in.",
    "otherwise": "Ask of each: is there one weight more or less afterwards?",
}


def _changes(C_in, H, W, N, d):
    """Option -> (does the count change, the mistake behind being wrong about it, why)."""
    return {
        f"a batch of {N} pictures, not one": (
            False, "M41", "All pictures of a batch go through the same weights."),
        f"pictures of {2 * H} x {2 * W}, not {H} x {W}": (
            False, "M39", "A larger picture gives the same window more places, and it has no more weights."),
        f"dilation={d}": (False, "M40", "Dilation spreads the weights apart, and there are no more of them."),
        "stride=2": (False, "M40", "A stride moves the window further; the weights stay as they are."),
        "bias=False": (True, "M35", "Without biases there is one number less for each filter."),
        f"in_channels={C_in + 1}": (True, "M34", "One input channel more means one kernel more in every filter."),
    }  # fmt: skip


def what_counts(rng):
    """Which changes change the number of parameters."""
    C_in, C_out, kernel = layer(rng)
    H, W = size(rng, kernel=kernel)
    meant = _changes(C_in, H, W, rng.choice((4, 9, 16)), rng.choice((2, 3)))
    options = shuffled(rng, list(meant))
    answer = [option for option in options if meant[option][0]]
    slips, per_option = ticked(options, answer, {option: (id, why) for option, (_, id, why) in meant.items()})
    call = made(C_in, C_out, kernel)
    return {
        **_WHAT_COUNTS,
        "prompt": f"`{call}` gets one picture of {H} x {W}. Which of these changes, each by itself, change the number "
        "of its parameters? Tick all.",
        "answer": answer,
        "because": f"One input channel more is {C_out} kernels more; no bias is {C_out} numbers less.",
        "steps": [
            "The weight has the shape (C_out, C_in, kH, kW), the bias (C_out,).",
            f"So `in_channels={C_in + 1}` and `bias=False` change the count.",
            "Batch and picture are data; stride and dilation say where the window is laid.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nfound = []\nfor option in {options}:\n"
            f"    settings = {{'in_channels': {C_in}, 'out_channels': {C_out}, 'kernel_size': {kernel}}}\n"
            "    more = eval(f'dict({option})') if '=' in option else {}\n"
            "    old, new = (sum(it.numel() for it in nn.Conv2d(**given).parameters())\n"
            "                for given in (settings, {**settings, **more}))\n"
            "    if new != old:\n        found.append(option)\nprint(found)"
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }


QUESTIONS = {
    "count-parameters": count_parameters,
    "one-filter-more": one_filter_more,
    "what-counts": what_counts,
    "order-counts": order_counts,
}
