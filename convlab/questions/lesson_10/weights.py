"""Lesson 10, the weight: its shape with groups and in a depthwise layer, and how many numbers are learned."""

from convlab.questions.cases import apart, drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import chosen, size
from convlab.questions.lesson_10.drawing import grouped, kernel, layer_text
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec

AXES = ("the weight of Conv2d", "(C_out, C_in / groups, kH, kW)")
_COUNTED = "print(sum(it.numel() for it in {call}.parameters()))"


def _counted(call):
    return "import torch\nfrom torch import nn\n" + _COUNTED.replace("{call}", call)


_SHAPE = {  # what is the same for every seed
    "kind": "shape",
    "level": "easy",
    "objective": "predict the shape of a grouped weight",
    "formula": "weight: (C_out, C_in / groups, kH, kW)",
    "hint": "How many filters are there, and how many channels does each of them read?",
    "axes": AXES,
    "otherwise": "Filters, the channels that one filter reads, rows, columns.",
}


def _shape_slips(C_in, C_out, g, kH, kW):
    a = C_in // g
    return [
        Slip((C_out, C_in, kH, kW), ("M46",), f"That is the shape without groups. A filter reads the {a} channels of "
             f"its group, so the second number is {a}."),
        Slip((C_out // g, a, kH, kW), ("M214",), f"Those are the filters of one group. There are {g} groups: all "
             f"{C_out} filters are in the weight."),
        Slip((C_out // g, C_in, kH, kW), ("M214",), "The other number is divided: all filters are there, and each "
             "reads the channels of its group."),
        Slip((a, C_out, kH, kW), ("M30",), f"The filters come first: {C_out} of them."),
        Slip((C_out, a, kW, kH), ("M21",), f"`kernel_size=({kH}, {kW})` is (height, width): {kH} rows, {kW} columns."),
        Slip((g, C_out // g, a, kH, kW), ("M214",), "The groups have no axis of their own: their filters stand one "
             "behind the other."),
    ]  # fmt: skip


def grouped_weight(rng):
    """The shape of a grouped layer's weight."""

    def fair(case):
        C_in, C_out, g, (kH, kW) = case
        right = (C_out, C_in // g, kH, kW)
        return C_in != C_out and C_in // g > 1 and apart("shape", right, _shape_slips(C_in, C_out, g, kH, kW))

    def draw():
        C_in, C_out, g = grouped(rng, groups=(2, 3, 4, 5), shares=(2, 3, 4, 5, 6))
        return C_in, C_out, g, kernel(rng, (C_in, C_out))

    C_in, C_out, g, (kH, kW) = drawn(draw, fair)
    answer, call = (C_out, C_in // g, kH, kW), layer_text(C_in, C_out, (kH, kW), g)
    return {
        **_SHAPE,
        "prompt": f"`conv = {call}`. Which shape does `conv.weight` have?",
        "answer": answer,
        "because": f"{C_out} filters, and each reads {C_in} / {g} = {C_in // g} channels.",
        "steps": [
            f"{C_in} / {g} = {C_in // g} input channels to a group: so many kernels has each filter.",
            f"{C_out} filters, one for each output channel, with kernels of {kH} rows and {kW} columns: {answer}.",
        ],
        "proof": f"import torch\nfrom torch import nn\nprint(tuple({call}.weight.shape))",
        "slips": gathered("shape", answer, _shape_slips(C_in, C_out, g, kH, kW)),
    }


def _multiplied(rng):
    """C_in, the multiplier K, and (kH, kW) of a depthwise layer: no two numbers alike."""

    def draw():
        C, K = rng.randint(4, 12), rng.choice((2, 3, 4, 5))
        return C, K, kernel(rng, (C, K))

    return drawn(draw, lambda it: len({it[0], it[1], *it[2], it[0] * it[1]}) == 5)


def _depthwise_slips(C, K, kH, kW):
    return [
        Slip((K * C, C, kH, kW), ("M46",), "A filter does not read all inputs here: with as many groups as inputs it "
             "reads one."),
        Slip((C, 1, kH, kW), ("M47",), f"That is one kernel for each input channel. There are {K * C} output channels, "
             f"so {K} for each."),
        Slip((1, 1, kH, kW), ("M47",), "That would be one kernel for all channels. Each output channel has one of its "
             "own."),
        Slip((K, 1, kH, kW), ("M214",), f"Those are the filters of one group. With {C} groups there are {K * C}."),
        Slip((1, K * C, kH, kW), ("M30",), f"The filters come first: {K * C} of them, each with one kernel."),
        Slip((C, K, kH, kW), ("M46",), "The second number is how many inputs one filter reads, and that is 1; the "
             "multiplier is in the first number."),
        Slip((K * C, 1, kW, kH), ("M21",), f"`kernel_size=({kH}, {kW})` is (height, width): {kH} rows, {kW} columns."),
    ]  # fmt: skip


def depthwise_weight(rng):
    """The shape of a depthwise layer's weight."""
    C, K, (kH, kW) = _multiplied(rng)
    answer, call = (K * C, 1, kH, kW), layer_text(C, K * C, (kH, kW), C)
    return {
        **_SHAPE,
        "objective": "predict the shape of a depthwise weight",
        "formula": "depthwise weight: (K C_in, 1, kH, kW)",
        "prompt": f"`conv = {call}`. Which shape does `conv.weight` have?",
        "answer": answer,
        "because": f"Each of the {K * C} filters reads one channel, and each channel has {K} of them.",
        "steps": [
            f"As many groups as input channels: {C} / {C} = 1 channel to a group, so a filter has one kernel.",
            f"{K * C} filters, one for each output channel, with {kH} rows and {kW} columns: {answer}.",
        ],
        "proof": f"import torch\nfrom torch import nn\nprint(tuple({call}.weight.shape))",
        "slips": gathered("shape", answer, _depthwise_slips(C, K, kH, kW)),
    }


_MULTIPLIER = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "find the input of a depthwise output",
    "formula": "output o reads input o // K",
    "hint": "The outputs come group after group. How many has each group, and in which is this one?",
    "otherwise": "K outputs for input 0, then K for input 1, and so on: o // K.",
}


def multiplier_reads(rng):
    """Which input a depthwise output channel reads."""

    def slips(case):
        C, K, o = case
        return [
            Slip(o % C, ("M210",), f"So the inputs would take turns. All {K} outputs of input 0 come first, then those "
                 "of input 1."),
            Slip(o // K + 1, ("M101",), "That counts from 1. The first input channel is number 0, and so is the first "
                 "output channel."),
        ]  # fmt: skip

    def draw():
        C, K, _ = _multiplied(rng)
        return C, K, rng.randrange(C, C * K - K)

    def fair(case):
        _, K, o = case
        return o // K and apart("number", o // K, slips(case))

    C, K, o = case = drawn(draw, fair)
    call = layer_text(C, K * C, kernel(rng, (C, K)), C)
    return {
        **_MULTIPLIER,
        "prompt": f"`{call}` is depthwise, with {K} outputs for each input channel. Which input channel does output "
        f"channel {o} read?",
        "answer": o // K,
        "because": f"Outputs {o // K * K} to {o // K * K + K - 1} are made of input channel {o // K}.",
        "steps": [
            f"{K * C} / {C} = {K} outputs to a group, and one input.",
            f"Output {o} is in group {o} // {K} = {o // K}, which has input channel {o // K}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\ninput = torch.rand(1, {C}, 9, 11, requires_grad=True)\n"
            f"{call}(input)[0, {o}].sum().backward()\nprint(input.grad[0].abs().sum((1, 2)).nonzero().item())"
        ),
        "slips": gathered("number", o // K, slips(case)),
    }


_CALL = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "write a depthwise layer",
    "formula": "nn.Conv2d(C, K * C, kernel_size, groups=C)",
    "hint": "Each input channel is a group of its own: how many groups is that? And how many outputs come out?",
}


def depthwise_call(rng):
    """The call for K kernels of its own for each channel."""
    C, K, size = _multiplied(rng)
    answer = layer_text(C, K * C, size, C)
    wrong = {
        layer_text(C, K * C, size, K * C): ("M47", f"The groups divide the inputs, and {C} inputs do not divide into "
            f"{K * C} groups: a ValueError. Depthwise is groups=in_channels."),
        layer_text(1, K, size, C): ("M214", f"Those are the counts of one group. The call names all channels: {C} in, "
            f"{K * C} out."),
        f"nn.Conv2d({C}, {K * C}, kernel_size={size})": ("M158", "Without groups every filter reads all "
            f"{C} channels."),
        layer_text(C, K, size, C): ("M28", f"`out_channels` counts all maps that come out: {K} for each of {C} "
            f"channels are {K * C}."),
    }  # fmt: skip
    options = shuffled(rng, [answer, *wrong])
    return {
        **_CALL,
        "prompt": f"Each of {C} input channels is to be filtered by itself, with {K} kernels of {size[0]} x {size[1]} "
        "of its own. Which call makes this layer?",
        "answer": answer,
        "because": f"{C} groups of one input channel and {K} outputs each.",
        "steps": [
            f"Each input channel is a group: `groups={C}`, as many as `in_channels`.",
            f"{K} maps for each of {C} channels: out_channels is {K} * {C} = {K * C}.",
            f"So `{answer}`; its weight has the shape {(K * C, 1, *size)}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nfor call in {options}:\n    try:\n        layer = eval(call)\n"
            f"    except ValueError:\n        continue\n    if layer.weight.shape == {(K * C, 1, *size)} and "
            f"layer.in_channels == {C}:\n        print(call)"
        ),
        "slips": chosen(answer, wrong),
        "options": options,
    }


_GROUPED_COUNT = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "count the parameters of a grouped layer",
    "formula": "C_out * (C_in / groups * kH * kW) + C_out",
    "hint": "How many weights has one filter, when it reads the channels of its group alone? How many filters are "
    "there, and how many biases?",
    "otherwise": "Filters times the weights of one filter, and one bias for each filter.",
}


def _grouped_count_slips(C_in, C_out, g, kH, kW):
    one, dense = C_in // g * kH * kW, C_in * kH * kW
    weights = C_out * one
    return weights + C_out, [
        Slip(C_out * dense + C_out, ("M44",), f"That is the layer without groups. Here a filter reads {C_in // g} "
             f"channels, and not {C_in}."),
        Slip(C_out * dense * g + C_out, ("M45",), "Groups are no copies: the channels are divided among them, so there "
             f"are fewer weights, and not {g} times as many."),
        Slip((C_out * dense + C_out) * g, ("M45",), "Groups are no copies of the layer: the channels are divided among "
             "them."),
        Slip(weights + C_out // g, ("M212",), f"The weights are right. All {C_out} output channels have their bias, "
             "with groups as without."),
        Slip(weights // g + C_out, ("M214",), f"Divided twice: all {C_out} filters are there, and only what each "
             "reads is divided."),
        Slip(weights // g + C_out // g, ("M214",), f"That is one of {g} groups. All of them learn."),
        Slip(weights, ("M35",), f"Those are the weights. Each of the {C_out} filters has a bias besides."),
    ]  # fmt: skip


def grouped_count(rng):
    """All numbers that a grouped layer learns."""

    def draw():
        C_in, C_out, g = grouped(rng, groups=(2, 3, 4, 5), shares=(2, 3, 4, 5, 6))
        return C_in, C_out, g, *kernel(rng, (C_in, C_out))

    def fair(case):
        return case[0] != case[1] and apart("number", *_grouped_count_slips(*case))

    C_in, C_out, g, kH, kW = case = drawn(draw, fair)
    (answer, slips), one, (H, W) = _grouped_count_slips(*case), C_in // g * kH * kW, size(rng, kernel=(kH, kW))
    call = layer_text(C_in, C_out, (kH, kW), g)
    return {
        **_GROUPED_COUNT,
        "prompt": f"How many numbers does `{call}` learn, weights and biases together?",
        "answer": answer,
        "because": f"{C_out} filters with {one} weights and a bias each.",
        "steps": [
            f"A filter reads {C_in} / {g} = {C_in // g} channels: {C_in // g} * {kH} * {kW} = {one} weights.",
            f"{C_out} filters with a bias each: {C_out} * {one} + {C_out} = {answer}.",
        ],
        "proof": _counted(call),
        "slips": gathered("number", answer, slips),
        "spec": Conv2dSpec(C_in, C_out, (kH, kW), groups=g),
        "input_shape": (2, C_in, H, W),
    }


_DEPTHWISE_COUNT = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "count the parameters of a depthwise layer",
    "formula": "K C_in * (kH * kW) + K C_in",
    "hint": "How many output channels are there? Each has one kernel and one bias.",
    "otherwise": "Each output channel has one kernel of its own, and one bias.",
}


def _depthwise_count_slips(C, K, kH, kW):
    taps, filters = kH * kW, K * C
    return filters * taps + filters, [
        Slip(taps + 1, ("M47",), f"That is one kernel for all. Each of the {filters} output channels has one of its "
             "own."),
        Slip(taps + filters, ("M47",), f"One kernel for all, with {filters} biases. Each output channel has a kernel "
             "of its own as well."),
        Slip(C * taps + C, ("M47",), f"That is one kernel for each input channel. Here each has {K}."),
        Slip(C * taps + filters, ("M47",), f"The biases are right. Each input channel has {K} kernels, and not one."),
        Slip(filters * C * taps + filters, ("M44",), "That is the layer without groups, in which every filter reads "
             f"all {C} channels."),
        Slip(filters * taps + K, ("M212",), f"The weights are right. All {filters} output channels have their bias."),
        Slip(filters * taps, ("M35",), f"Those are the weights. Each of the {filters} filters has a bias besides."),
    ]  # fmt: skip


def depthwise_count(rng):
    """All numbers that a depthwise layer learns."""

    def draw():
        C, K, (kH, kW) = _multiplied(rng)
        return C, K, kH, kW

    C, K, kH, kW = case = drawn(draw, lambda case: apart("number", *_depthwise_count_slips(*case)))
    answer, slips = _depthwise_count_slips(*case)
    call = layer_text(C, K * C, (kH, kW), C)
    return {
        **_DEPTHWISE_COUNT,
        "prompt": f"`{call}` is depthwise. How many numbers does it learn, weights and biases together?",
        "answer": answer,
        "because": f"{K * C} output channels with one kernel and one bias each.",
        "steps": [
            f"Each output channel reads one input: a filter has {kH} * {kW} = {kH * kW} weights.",
            f"{K * C} filters with a bias each: {K * C} * {kH * kW} + {K * C} = {answer}.",
        ],
        "proof": _counted(call),
        "slips": gathered("number", answer, slips),
    }


QUESTIONS = {
    "grouped-weight": grouped_weight,
    "depthwise-weight": depthwise_weight,
    "multiplier-reads": multiplier_reads,
    "depthwise-call": depthwise_call,
    "grouped-count": grouped_count,
    "depthwise-count": depthwise_count,
}
