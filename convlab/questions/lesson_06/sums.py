"""Lesson 06, the sum over channels: what a filter makes of all input channels, and its one bias."""

from convlab.mistakes import MISTAKES
from convlab.mistakes.values import value_at
from convlab.questions.cases import added, apart, block, drawn, gathered, grid, kernel, products, shuffled, window
from convlab.questions.lesson_03.drawing import chosen, layer, made, size
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec


def predicted(id, *case):
    """The values that a learner with this mistake gives for (input, weight, bias, place)."""
    return MISTAKES[id].models["value"](*case)


def planes(role, channels, name):
    """A figure block for each channel."""
    sized = f"{len(channels[0])} x {len(channels[0][0])}"
    return [block(role, cells, f"{name} {c}: {sized}") for c, cells in enumerate(channels)]


_CHANNEL_SUM = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "add up the channels of one place",
    "formula": "output[o, i, j] = sum over c of sum(window[c] * weight[o, c]) + bias[o]",
    "hint": "Each channel has a kernel of its own. Do one after the other; then add both results, and the bias once.",
    "otherwise": "Write down what channel 0 gives and what channel 1 gives, with their signs; then add.",
}


def _sum_slips(case, sums):
    bias = case[2]
    said = {
        "M32": "The results of the channels are added. Nothing divides them by the number of channels.",
        "M33": "That lays the kernel of channel 0 on both channels. Channel 1 has a kernel of its own.",
        "M159": f"The bias was added with each channel: {2 * bias} in place of {bias}. It comes once, at the end.",
        "M103": f"The channels are added rightly; the bias, {bias}, is missing.",
        "M61": "Those are the numbers of kernels turned by 180 degrees. They lie on the input as they are drawn.",
    }
    slips = [Slip(value, (id,), line) for id, line in said.items() for value in predicted(id, *case)]
    for c, value in enumerate(sums):
        line = f"That is channel {c} alone, and the bias. The filter reads both channels and adds their results."
        slips.append(Slip(value + bias, ("M158",), line))
    return slips


def channel_sum(rng):
    """One output number of a filter over two channels."""

    def draw():
        (kH, kW), (H, W) = rng.choice((((2, 3), (3, 4)), ((3, 2), (4, 3)), ((2, 3), (2, 4)), ((3, 2), (4, 2))))
        input, weight = [grid(rng, H, W, 0, 5) for _ in "01"], [kernel(rng, kH, kW) for _ in "01"]
        place = rng.randrange(H - kH + 1), rng.randrange(W - kW + 1)
        return input, weight, rng.choice((-4, -3, 3, 4, 5)), place

    def parts(case):
        input, weight, _, place = case
        return [value_at([plane], [taps], 0, place) for plane, taps in zip(input, weight, strict=True)]

    case = drawn(draw, lambda case: apart("number", value_at(*case), _sum_slips(case, parts(case))))
    (input, weight, bias, place), sums, answer = case, parts(case), value_at(*case)
    kH, kW = len(weight[0]), len(weight[0][0])
    steps = [
        f"Channel {c}: {products(window(plane, place, kH, kW), taps)} = {part}."
        for c, (plane, taps, part) in enumerate(zip(input, weight, sums, strict=True))
    ]
    total = f"{sums[0]} {added(sums[1])} {added(bias)} = {answer}"
    return {
        **_CHANNEL_SUM,
        "prompt": f"The layer is `nn.Conv2d(2, 1, kernel_size=({kH}, {kW}))`; its kernels are drawn below, the bias "
        f"is {bias}. Which number stands in output cell {place}?",
        "answer": answer,
        "because": f"Both channels are added, and the bias once: {total}.",
        "steps": [*steps, f"Added up, with the bias: {total}."],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input, weight = torch.tensor([{input}]).double(), torch.tensor([{weight}]).double()\n"
            f"print(F.conv2d(input, weight, torch.tensor([{bias}.0]).double())[0, 0, {place[0]}, {place[1]}].item())"
        ),
        "slips": gathered("number", answer, _sum_slips(case, sums)),
        "figure": [*planes("input", input, "input, channel"), *planes("weight", weight, "kernel for channel")],
    }


_MISSING = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "work back from the output to one channel",
    "formula": "one channel = output - bias - the other channels",
    "hint": "Write the output as a sum of four numbers, three channels and one bias, and put in what you know.",
    "otherwise": "output = channel 0 + channel 1 + channel 2 + bias: solve this for the one that is missing.",
}


def _missing_slips(case):
    """What a learner gives who undoes what never was done."""
    sums, bias, c, output = case
    others = sum(sums) - sums[c]
    return [
        Slip(3 * (output - bias) - others, ("M32",), "You took the output for a mean of the channels, and "
             "multiplied by 3. The channels are added, and nothing divides them."),
        Slip(output - 3 * bias - others, ("M159",), f"You took the bias, {bias}, away three times. It is added "
             "once, to the sum of all channels."),
        Slip(output - others, ("M103",), f"The bias, {bias}, is part of the output as well: take it away too."),
        Slip(output - bias, ("M158",), "That would be so if the filter read this channel alone. Take away what the "
             "other two channels give."),
    ]  # fmt: skip


def missing_channel(rng):
    """What one channel gave, from the output and the other channels."""

    def draw():
        sums, bias = rng.sample(range(-9, 13), 3), rng.choice((-5, -4, -3, 3, 4, 5, 6))
        return sums, bias, rng.randrange(3), sum(sums) + bias

    case = drawn(draw, lambda case: apart("number", case[0][case[2]], _missing_slips(case)))
    sums, bias, c, output = case
    (one, other), answer = (k for k in range(3) if k != c), sums[c]
    rest = sums[one] + sums[other]
    known = f"{sums[one]} on channel {one}, and {sums[other]} on channel {other}"
    return {
        **_MISSING,
        "prompt": f"A filter over three input channels has the bias {bias}. At one place its kernels give {known}; the "
        f"output number there is {output}. What does its kernel for channel {c} give?",
        "answer": answer,
        "because": f"{output} is the sum of all: {sums[one]} {added(sums[other])} {added(answer)} {added(bias)}.",
        "steps": [
            "output = channel 0 + channel 1 + channel 2 + bias.",
            f"The two known channels: {sums[one]} {added(sums[other])} = {rest}.",
            f"With the bias: {rest} {added(bias)} = {rest + bias}.",
            f"What is left of {output}: {output} {added(-rest - bias)} = {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"known = torch.tensor({[0 if k == c else it for k, it in enumerate(sums)]}).double()\n"
            f"output = F.conv2d(known.reshape(1, 3, 1, 1), torch.ones(1, 3, 1, 1).double(), "
            f"torch.tensor([{bias}.0]).double())\nprint({output} - output.item())"
        ),
        "slips": gathered("number", answer, _missing_slips(case)),
    }


_OUTPUT_CHANNELS = {  # what is the same for every seed
    "kind": "shape",
    "level": "easy",
    "objective": "count the feature maps",
    "formula": "as many output channels as filters, whatever C_in",
    "hint": "A filter adds up its results over all input channels. How many maps does one filter leave?",
    "otherwise": "Pictures, filters, then the places of the window: rows (H - kH + 1) and columns (W - kW + 1).",
    "axes": ("the output of Conv2d", "(N, C_out, H_out, W_out)"),
}


def output_channels(rng):
    """The shape of the output, with its channels."""
    C_in, C_out, (kH, kW) = layer(rng, (3, 4, 5, 6, 7, 8))
    (H, W), N = size(rng, kernel=(kH, kW)), rng.choice((9, 10, 11))
    H_out, W_out = H - kH + 1, W - kW + 1
    answer = (N, C_out, H_out, W_out)
    slips = [
        Slip((N, C_in * C_out, H_out, W_out), ("M27",), f"{C_in} * {C_out} = {C_in * C_out} is the number of kernels. "
             f"The {C_in} results of one filter are added into one map, so {C_out} maps are left."),
        Slip((N, C_out, C_in, H_out, W_out), ("M32",), f"That keeps the results of the {C_in} input channels apart. "
             "They are added, and the axis is gone."),
        Slip((N, C_in, H_out, W_out), ("M28",), f"{C_in} channels come in; {C_out} filters make {C_out} channels."),
        Slip((N, C_out, kH, kW), ("M24",), f"{kH} x {kW} is the size of the window. The output has a number for each "
             "of its places."),
        Slip((N, C_out, H, W), ("M01",), f"Without padding the window fits {H} - {kH} + 1 times below itself, and "
             f"{W} - {kW} + 1 times beside itself."),
        Slip((N, C_out, H - kH, W - kW), ("M02",), f"Count both ends: {H} - {kH} + 1 = {H_out} rows of the map, "
             f"{W} - {kW} + 1 = {W_out} columns."),
        Slip((N, C_out, H - kW + 1, W - kH + 1), ("M21",), f"The kernel is {kH} rows high and {kW} columns wide: rows "
             "come first."),
    ]  # fmt: skip
    call = made(C_in, C_out, (kH, kW))
    return {
        **_OUTPUT_CHANNELS,
        "prompt": f"`{call}` gets an input of shape ({N}, {C_in}, {H}, {W}). Which shape has the output?",
        "answer": answer,
        "because": f"{C_out} filters, each adding up {C_in} channels into one map of {H_out} x {W_out}.",
        "steps": [
            f"Each of the {C_out} filters adds up all {C_in} channels into one map: {C_out} maps for each of {N} "
            "pictures.",
            f"A map has {H} - {kH} + 1 = {H_out} rows and {W} - {kW} + 1 = {W_out} columns.",
        ],
        "proof": f"import torch\nfrom torch import nn\nprint(tuple({call}(torch.zeros({N}, {C_in}, {H}, {W})).shape))",
        "slips": gathered("shape", answer, slips),
        "spec": Conv2dSpec(C_in, C_out, (kH, kW)),
        "input_shape": (N, C_in, H, W),
    }


_MUTED = {  # what is the same for every seed
    "kind": "cells",
    "level": "easy",
    "objective": "find the kernels that read a channel",
    "formula": "weight[:, c] reads input channel c",
    "hint": "`weight[o, c]` is the kernel of filter o for input channel c. Which of the two numbers is fixed here?",
    "otherwise": "A kernel that lies on a black channel multiplies zeros. Each filter has one such kernel.",
}


def muted_channel(rng):
    """The kernels that lie on a channel of zeros."""
    C_in, C_out, shape = layer(rng, (3, 4, 5, 6))
    c = rng.randrange(min(C_in, C_out))
    answer = [[o, c] for o in range(C_out)]
    slips = [
        Slip([[c, k] for k in range(C_in)], ("M30",), f"Row {c} is the whole filter {c}: it still reads the other "
             f"channels. Input channel {c} is the second index, so a column."),
        Slip([[c, c]], ("M158",), f"Every filter reads every channel, so all {C_out} filters have a kernel on channel "
             f"{c}, not filter {c} alone."),
    ]  # fmt: skip
    call = made(C_in, C_out, shape)
    return {
        **_MUTED,
        "prompt": f"`layer = {call}` gets a picture whose channel {c} is black: all its cells are 0. Which of the "
        f"kernels `layer.weight[o, c]` make no difference now? Click all; row o is a filter, column c an input "
        "channel.",
        "answer": answer,
        "because": f"Each of the {C_out} filters has one kernel for channel {c}, and it multiplies zeros only.",
        "steps": [
            f"Channel {c} meets `weight[o, {c}]`, one kernel in each filter o.",
            f"There are {C_out} filters, so the whole column {c}: {C_out} kernels.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer, input = {call}, torch.rand(1, {C_in}, 9, 11)\n"
            f"input[:, {c}] = 0\nlayer(input).sum().backward()\n"
            "print((layer.weight.grad.abs().sum((2, 3)) == 0).nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, slips),
        "options": {"shape": [C_out, C_in], "role": "weight"},
    }


_BIAS_GROWS = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "say what a bias is added to",
    "formula": "bias[o] is added once to each cell of feature map o",
    "hint": "To which sum is a bias added, and how many places share it?",
}


def bias_grows(rng):
    """What one bias changes."""
    C_in, C_out, shape = layer(rng)
    o, by = rng.randrange(min(C_in, C_out)), rng.choice((2, 3, 5))
    answer = f"each cell of feature map {o} by {by}, no other cell"
    wrong = {
        f"one cell of feature map {o} by {by}, no other cell": (
            "M37",
            "The cells of a feature map have no biases of their own: they share one, as they share the filter.",
        ),
        f"each cell of every feature map, by what channel {o} brings in": (
            "M36",
            f"A bias belongs to an output channel. Input channel {o} has none.",
        ),
        f"each cell of feature map {o} by {C_in * by}, no other cell": (
            "M159",
            f"The bias is not added once for each of the {C_in} input channels: it is added to their sum, once.",
        ),
    }
    call = made(C_in, C_out, shape)
    return {
        **_BIAS_GROWS,
        "prompt": f"In `layer = {call}` the number `layer.bias[{o}]` is made larger by {by}. What grows in the output?",
        "answer": answer,
        "because": f"Filter {o} adds its bias to each of its sums, once.",
        "steps": [
            f"`bias[{o}]` belongs to filter {o}, which makes feature map {o} and no other.",
            f"It is added once to every sum of this map: each cell grows by {by}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer, input = {call}, torch.rand(1, {C_in}, 9, 11)\n"
            f"before = layer(input)\nwith torch.no_grad():\n    layer.bias[{o}] += {by}\n"
            "gain = (layer(input) - before).round()\n"
            "(o,) = (gain != 0).any(3).any(2).nonzero()[:, 1].tolist()\n"
            'print(f"each cell of feature map {o} by {gain[0, o].unique().item():.0f}, no other cell")'
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
    }


QUESTIONS = {
    "output-channels": output_channels,
    "channel-sum": channel_sum,
    "muted-channel": muted_channel,
    "bias-grows": bias_grows,
    "missing-channel": missing_channel,
}
