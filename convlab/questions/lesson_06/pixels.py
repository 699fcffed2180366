"""Lesson 06, one pixel at a time: what a 1 x 1 convolution does, and what grey pictures do with colour filters."""

from convlab.mistakes.values import value_at
from convlab.questions.cases import added, apart, drawn, gathered, grid, shuffled
from convlab.questions.lesson_03.drawing import chosen, judged, layer, made, size
from convlab.questions.lesson_06.sums import planes, predicted
from convlab.questions.question import Slip

_PIXEL = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "compute a 1 x 1 convolution",
    "formula": "1 x 1: weight[o, :, 0, 0] @ input[:, i, j] + bias[o]",
    "hint": "Only the pixel itself is read, in all three channels. Each channel has its own weight.",
    "otherwise": "Three products, one for each channel of this pixel; their sum; the bias.",
}


def _pixel_slips(case):
    bias = case[2]
    said = {
        "M50": "That is one channel of the pixel times its weight. A 1 x 1 convolution adds up all channels.",
        "M32": "The three products are added. Nothing divides them by 3.",
        "M33": "The first weight was used for all channels. Each channel has its own.",
        "M159": f"The bias was added with each channel, {3 * bias} in place of {bias}. It comes once.",
        "M103": f"The products are added rightly; the bias, {bias}, is missing.",
    }
    return [Slip(value, (id,), line) for id, line in said.items() for value in predicted(id, *case)]


def pixel_value(rng):
    """One output number of a 1 x 1 convolution over three channels."""

    def draw():
        H, W = rng.choice(((2, 3), (3, 2), (2, 4)))
        weight = [[[rng.choice((-3, -2, -1, 1, 2, 3, 4))]] for _ in range(3)]
        place = rng.randrange(H), rng.randrange(W)
        return [grid(rng, H, W, 1, 9) for _ in range(3)], weight, rng.choice((-5, -4, 4, 5, 6)), place

    case = drawn(draw, lambda case: apart("number", value_at(*case), _pixel_slips(case)))
    (input, weight, bias, (i, j)), answer = case, value_at(*case)
    cells, taps = [plane[i][j] for plane in input], [kernel[0][0] for kernel in weight]
    parts = [cell * tap for cell, tap in zip(cells, taps, strict=True)]
    total = f"{parts[0]} {added(parts[1])} {added(parts[2])}"
    return {
        **_PIXEL,
        "prompt": f"The layer is `nn.Conv2d(3, 1, kernel_size=1)` with the bias {bias}; its three weights are drawn "
        f"below. Which number stands in output cell ({i}, {j})?",
        "answer": answer,
        "because": f"All channels of this pixel, each with its weight, and the bias: {total} {added(bias)} = {answer}.",
        "steps": [
            f"At ({i}, {j}) the channels hold {cells[0]}, {cells[1]} and {cells[2]}.",
            f"Times their weights {taps[0]}, {taps[1]}, {taps[2]}, added up: {total} = {sum(parts)}.",
            f"With the bias: {sum(parts)} {added(bias)} = {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input, weight = torch.tensor([{input}]).double(), torch.tensor([{weight}]).double()\n"
            f"print(F.conv2d(input, weight, torch.tensor([{bias}.0]).double())[0, 0, {i}, {j}].item())"
        ),
        "slips": gathered("number", answer, _pixel_slips(case)),
        "figure": [*planes("input", input, "input, channel"), *planes("weight", weight, "weight for channel")],
    }


_LINEAR = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "write a 1 x 1 convolution as a Linear",
    "formula": "nn.Linear(C_in, C_out) on the last axis, channels moved there and back",
    "because": "Channels last, the Linear on each pixel, channels back to their place.",
    "hint": "`nn.Linear` works on the last axis, whatever stands before it. Which axis has to be there?",
}


def per_pixel_linear(rng):
    """Which line gives what a 1 x 1 convolution gives."""
    C_in, C_out, _ = layer(rng)
    (H, W), N = size(rng), rng.choice((4, 9))
    answer = "linear(input.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)"
    wrong = {
        f"linear(input.reshape({N}, {H}, {W}, {C_in})).permute(0, 3, 1, 2)": (
            "M52",
            "`reshape` only counts the numbers anew: what then stands in the last axis is no longer one pixel's "
            "channels. `permute` moves the axis.",
        ),
        "linear(input.flatten(1))": (
            "M39",
            f"Flattened, one picture is {C_in} * {H} * {W} numbers, and a Linear on them would be {C_out} rows of as "
            "many weights. The 1 x 1 layer uses the same few weights at every pixel.",
        ),
        "conv.weight[0, 0, 0, 0] * input + conv.bias[0]": (
            "M50",
            "That scales every channel by one number. Each output channel is a weighted sum over all input channels.",
        ),
    }
    return {
        **_LINEAR,
        "prompt": f"`conv = nn.Conv2d({C_in}, {C_out}, kernel_size=1)`, and `linear = nn.Linear({C_in}, {C_out})` has "
        f"got the same numbers, `conv.weight[:, :, 0, 0]` and `conv.bias`. `input` has the shape ({N}, {C_in}, {H}, "
        f"{W}). Which line gives the same output as `conv(input)`?",
        "answer": answer,
        "steps": [
            f"At each pixel the layer turns {C_in} numbers into {C_out}, by one weight of {C_out} x {C_in}: a Linear.",
            "`nn.Linear` works on the last axis, so the channels have to go there: `permute(0, 2, 3, 1)`.",
            "Afterwards they go back in front of the rows: `permute(0, 3, 1, 2)`.",
        ],
        "proof": _linear_proof(C_in, C_out, (N, C_in, H, W), [answer, *wrong]),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
    }


def _linear_proof(C_in, C_out, shape, lines):
    return (
        f"import torch\nfrom torch import nn\n"
        f"conv, linear = nn.Conv2d({C_in}, {C_out}, 1), nn.Linear({C_in}, {C_out})\n"
        "with torch.no_grad():\n    linear.weight.copy_(conv.weight[:, :, 0, 0])\n    linear.bias.copy_(conv.bias)\n"
        f"input = torch.rand{shape}\nfor line in {lines}:\n    try:\n        output = eval(line)\n"
        "    except RuntimeError:\n        continue\n"
        "    if output.shape == conv(input).shape and torch.allclose(output, conv(input), atol=1e-5):\n"
        "        print(line)"
    )


def myth_one_by_one(rng):
    """Which feature maps a change of one pixel in one channel reaches."""
    C_in, C_out, _ = layer(rng)
    c, (H, W) = rng.randrange(min(C_in, C_out)), size(rng)
    i, j = rng.randrange(H), rng.randrange(W)
    holds = rng.random() < 0.5
    which = "every feature map can change" if holds else f"only feature map {c} can change"
    return judged(
        holds,
        f"The input of `nn.Conv2d({C_in}, {C_out}, kernel_size=1)` is changed in channel {c}, at pixel ({i}, {j}). "
        f"Then {which}, at this pixel.",
        "M50",
        f"A 1 x 1 convolution does not scale its channels one by one: each of the {C_out} filters weights all {C_in} "
        "channels of a pixel and adds them.",
        objective="say what a 1 x 1 convolution mixes",
        formula="1 x 1: every output channel reads every input channel",
        because=f"Each of the {C_out} filters has a weight for channel {c}.",
        hint=f"How many filters are there, and how many of them have a weight for input channel {c}?",
        steps=[
            f"Each filter has {C_in} weights, one for each input channel, so one for channel {c}.",
            f"All {C_out} feature maps can change, and only at ({i}, {j}): the window is one pixel.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\nlayer = nn.Conv2d({C_in}, {C_out}, kernel_size=1)\n"
            f"input = torch.zeros(1, {C_in}, {H}, {W})\nbefore = layer(input)\ninput[0, {c}, {i}, {j}] = 1\n"
            "maps = ((layer(input) - before) != 0).any(3).any(2)[0].nonzero()[:, 0].tolist()\n"
            f"print(maps == {list(range(C_out)) if holds else [c]})"
        ),
    )


_GREY = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "give a colour layer's filters grey pictures",
    "formula": "three equal channels: their kernels add up, weight.sum(1, keepdim=True)",
    "because": "Where all channels are alike, their kernels can be added first.",
    "hint": "g * a + g * b + g * c: which one number does g get, if the three channels all hold g?",
}


def colour_to_grey(rng):
    """How a colour layer is made to take grey pictures."""
    C_out, kernel = rng.choice((6, 8, 16)), rng.choice(((3, 5), (5, 3), (2, 3)))
    name = rng.choice(("conv", "colour", "trained"))
    answer = f"grey.weight.copy_({name}.weight.sum(1, keepdim=True))"
    wrong = {
        f"grey.weight.copy_({name}.weight.mean(1, keepdim=True))": (
            "M32",
            "The channels' results are added, not averaged: with the mean every number comes out three times too "
            "small, the bias apart.",
        ),
        f"grey.weight.copy_({name}.weight[:, :1])": (
            "M158",
            "That keeps what the filters do with red, and drops their other two kernels. The layer reads all three.",
        ),
        f"{name}.in_channels = 1": (
            "M93",
            f"The attribute only remembers a number: `{name}.weight` still has three kernels in each filter, and "
            "`grey` has not changed at all.",
        ),
    }
    old, new = made(3, C_out, kernel), made(1, C_out, kernel)
    return {
        **_GREY,
        "prompt": f"`{name}`, an `{old}`, was trained on colour. `grey`, an `{new}`, has its bias already. On a grey "
        f"picture it is to give what `{name}` gives when the picture stands in all three channels. Which line, inside "
        "`torch.no_grad()`, does that?",
        "answer": answer,
        "steps": [
            f"Three equal channels meet three kernels of each filter of `{name}`, and the results are added.",
            "The pixel can be taken out: g * a + g * b + g * c = g * (a + b + c).",
            "So the one kernel of each grey filter is the sum over the channel axis, 1, which stays with length 1.",
        ],
        "proof": _grey_proof(name, old, new, [answer, *wrong]),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
    }


def _grey_proof(name, old, new, lines):
    return (
        f"import torch\nfrom torch import nn\npicture = torch.rand(1, 1, 9, 11)\nfor line in {lines}:\n"
        f"    {name}, grey = {old}, {new}\n"
        f"    wanted = {name}(picture.expand(1, 3, 9, 11))\n"
        f"    with torch.no_grad():\n        grey.bias.copy_({name}.bias)\n        exec(line)\n"
        "    if torch.allclose(grey(picture), wanted, atol=1e-5):\n        print(line)"
    )


QUESTIONS = {
    "pixel-value": pixel_value,
    "myth-one-by-one": myth_one_by_one,
    "per-pixel-linear": per_pixel_linear,
    "colour-to-grey": colour_to_grey,
}
