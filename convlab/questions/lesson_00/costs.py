"""Lesson 00, what a convolution costs, and what a Linear layer between the same numbers would."""

from math import prod

from convlab.mistakes import MISTAKES
from convlab.questions.cases import apart, drawn, gathered, shuffled
from convlab.questions.lesson_00.places import KERNELS, places_in, sides_swapped
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec


def _case(rng, low, high):
    return Conv2dSpec(3, rng.choice((4, 6, 8, 12, 16)), rng.choice(KERNELS)), (1, 3, *rng.sample(range(low, high), 2))


def dense_count(spec, input_shape):
    """The parameters of an nn.Linear from all numbers of the input to all numbers of the output, biases included.

    Example:
        >>> dense_count(Conv2dSpec(3, 16, 3), (1, 3, 32, 32))
        44251200
    """
    inputs, outputs = prod(input_shape), prod(spec.output_shape(input_shape))
    return inputs * outputs + outputs


def _conv_slips(spec, input_shape):
    (_, C, H, W), (kH, kW), C_out = input_shape, spec.kernel_size, spec.out_channels
    each = C * kH * kW
    by_size = [
        Slip(
            wrong,
            ("M39",),
            f"{wrong} would grow with the photograph. The same filters stand at every place, so their weights are "
            f"counted once: {C_out} * {each} + {C_out}. {H} and {W} do not matter.",
        )
        for wrong in MISTAKES["M39"].models["count"](spec, input_shape)
    ]
    (added,) = MISTAKES["M124"].models["count"](spec)
    return [
        *by_size,
        Slip(
            added,
            ("M124",),
            f"You added the sides of a filter, {C} + {kH} + {kW}. It has a weight for each colour, row and column: "
            f"{C} * {kH} * {kW} = {each}.",
        ),
        Slip(
            C_out * each, ("M35",), f"The {C_out} biases are missing: each filter has one number besides its weights."
        ),
        Slip(
            C_out * kH * kW + C_out,
            ("M34",),
            f"A filter looks at all {C} colours, with weights of its own for each: {C} * {kH} * {kW} = {each}, not "
            f"{kH * kW}.",
        ),
    ]


def _conv_more_slips(spec, input_shape):
    """What is named besides: one filter, one bias, the biases of others, two things forgotten at once."""
    C, (kH, kW), C_out = input_shape[1], spec.kernel_size, spec.out_channels
    each, flat = C * kH * kW, kH * kW
    right = f"{C_out} filters with {each} weights and a bias each: {C_out} * {each + 1} = {C_out * (each + 1)}"
    lines = {
        "M119": f"That is one filter, as if one map came out. {right}.",
        "M173": f"You added one bias. Each filter has its own. {right}.",
        "M36": f"You added {C} biases, one for each colour. {right}.",
        "M38": f"You added {C_out * C} biases, one for each colour of each filter. A filter adds its {C} colours up "
        f"and has one bias: {right}.",
        "M37": f"You added a bias for each place. A filter uses one and the same bias everywhere: {right}.",
    }
    slips = [
        Slip(wrong, (id,), line)
        for id, line in lines.items()
        for wrong in MISTAKES[id].models["count"](spec, input_shape)
    ]
    return [
        *slips,
        Slip(each, ("M119", "M35"), f"{each} are the weights of one filter, without its bias. {right}."),
        Slip(
            C_out * flat,
            ("M34", "M35"),
            f"{C_out} * {flat} = {C_out * flat} leaves out two things: a filter has {flat} weights for each of the "
            f"{C} colours, and a bias. {right}.",
        ),
        Slip(
            C_out * (C + kH + kW),
            ("M124", "M35"),
            f"You added the sides of a filter, {C} + {kH} + {kW}, and left the biases out. They are multiplied: "
            f"{right}.",
        ),
    ]


def conv_count(rng):
    """How many numbers does a convolution learn?"""

    def keep(case):
        return apart("number", case[0].parameter_count, _conv_slips(*case))

    spec, shape = drawn(lambda: _case(rng, 40, 300), keep)
    (_, C, H, W), (kH, kW), C_out = shape, spec.kernel_size, spec.out_channels
    each = C * kH * kW
    return {
        "prompt": (
            f"`{spec.source()}` looks at colour photographs of {H} x {W} pixels. How many numbers does the layer "
            "learn, biases included?"
        ),
        "kind": "number",
        "level": "medium",
        "objective": "count what a convolution learns",
        "formula": "filters * (C_in * kH * kW + 1)",
        "answer": spec.parameter_count,
        "because": f"{C_out} filters of {each} weights and a bias each; the photograph's size does not matter.",
        "hint": "Count one filter first: which numbers does it need for one window of a colour photograph?",
        "steps": [
            f"One filter has a weight for each colour, row and column: {C} * {kH} * {kW} = {each}.",
            f"With its bias: {each} + 1 = {each + 1}.",
            f"{C_out} filters: {C_out} * {each + 1} = {spec.parameter_count}.",
        ],
        "proof": f"from torch import nn\nlayer = {spec.source()}\nprint(sum(it.numel() for it in layer.parameters()))",
        "slips": gathered("number", spec.parameter_count, [*_conv_slips(spec, shape), *_conv_more_slips(spec, shape)]),
        "otherwise": "Count the weights of one filter, add its bias, and multiply by the number of filters.",
    }


def _dense_slips(spec, input_shape):
    (_, _, H, W), C_out = input_shape, spec.out_channels
    inputs, outputs = prod(input_shape), prod(spec.output_shape(input_shape))
    kept = C_out * H * W
    return [
        *(
            Slip(
                wrong,
                ("M121",),
                f"You gave each input number one weight, as if it were looked at by itself. In a Linear layer every "
                f"output has a weight for every input: {inputs} * {outputs}, and the biases.",
            )
            for wrong in (inputs, inputs + outputs)
        ),
        Slip(
            inputs + 2 * outputs,
            ("M124",),
            f"You added inputs and outputs. Every output has a weight for every input: {inputs} * {outputs}, and then "
            f"{outputs} biases.",
        ),
        Slip(inputs * outputs, ("M35",), f"The {outputs} biases are missing, one for each output number."),
        Slip(
            inputs * kept + kept,
            ("M01",),
            f"You took {C_out} maps of {H} x {W}. The window has to fit inside, so fewer numbers come out: {outputs}, "
            f"not {kept}.",
        ),
    ]


def _dense_more_slips(spec, input_shape):
    """What is named besides: the window's sides swapped, one map, one bias."""
    (_, _, H, W), (kH, kW), C_out = input_shape, spec.kernel_size, spec.out_channels
    h, w = places_in((H, W), (kH, kW))
    inputs, outputs, shorter = prod(input_shape), C_out * h * w, C_out * (H - kH) * (W - kW)
    swapped = C_out * prod(sides_swapped((H, W), (kH, kW)))
    return [
        Slip(
            inputs * swapped + swapped,
            ("M21",),
            f"You took a window of {kW} rows and {kH} columns. `kernel_size=({kH}, {kW})` is (height, width): {h} rows "
            f"and {w} columns of places, {C_out} * {h} * {w} = {outputs} numbers out.",
        ),
        Slip(
            inputs * shorter + shorter,
            ("M02",),
            f"One row and one column of places are missing: there are {H} - {kH} + 1 = {h} rows and {W} - {kW} + 1 = "
            f"{w} columns of them.",
        ),
        Slip(
            inputs * h * w + h * w,
            ("M119",),
            f"You took one map of {h} x {w}. {C_out} maps come out of the convolution: {C_out} * {h} * {w} = "
            f"{outputs} numbers.",
        ),
        Slip(
            inputs * outputs + 1,
            ("M173",),
            f"You added one bias. Each of the {outputs} outputs has its own: {inputs} * {outputs} + {outputs}.",
        ),
    ]


def linear_count(rng):
    """How many numbers would a Linear layer learn in its place?"""

    def keep(case):
        return apart("number", dense_count(*case), _dense_slips(*case))

    spec, shape = drawn(lambda: _case(rng, 12, 40), keep)
    (_, C, H, W), (kH, kW), C_out = shape, spec.kernel_size, spec.out_channels
    h, w = places_in((H, W), (kH, kW))
    inputs, outputs, answer = C * H * W, C_out * h * w, dense_count(spec, shape)
    return {
        "prompt": (
            f"`{spec.source()}` turns a small colour photograph of {H} x {W} pixels into {C_out} maps. An `nn.Linear` "
            "shall take in as many numbers and give out as many. How many numbers would it learn, biases included?"
        ),
        "kind": "number",
        "level": "hard",
        "objective": "count what a Linear layer learns",
        "formula": "(C_in * H * W + 1) * (C_out * H_out * W_out)",
        "answer": answer,
        "because": f"{outputs} outputs with {inputs} weights and a bias each; the convolution needs "
        f"{spec.parameter_count}.",
        "hint": "How many numbers go in, how many come out? Each number that comes out has a weight for each that goes "
        "in. Let Python multiply.",
        "steps": [
            f"In go {C} * {H} * {W} = {inputs} numbers.",
            f"Places: {H} - {kH} + 1 = {h} rows and {W} - {kW} + 1 = {w} columns.",
            f"Out come {C_out} * {h} * {w} = {outputs} numbers.",
            f"Each of them has {inputs} weights and a bias: {outputs} * {inputs + 1} = {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nphoto = torch.zeros(1, 3, {H}, {W})\n"
            f"output = {spec.source()}(photo)\nlinear = nn.Linear(photo.numel(), output.numel(), device='meta')\n"
            "print(sum(it.numel() for it in linear.parameters()))"
        ),
        "slips": gathered("number", answer, [*_dense_slips(spec, shape), *_dense_more_slips(spec, shape)]),
        "otherwise": "Numbers in, times numbers out, and one bias for each number out.",
    }


def _larger_options(spec, input_shape):
    """(the right option, slips): what both layers need on a photograph of twice the height and width."""
    small, large = (dense_count(spec, (1, 3, *(times * side for side in input_shape[2:]))) for times in (1, 2))
    conv, grows = spec.parameter_count, 4 * spec.parameter_count
    right = f"the convolution {conv:,} as before, the Linear layer {large:,}"
    slips = (
        Slip(
            f"both four times as many: the convolution {grows:,}, the Linear layer {4 * small:,}",
            ("M39",),
            "A larger photograph has more places, and the same filters stand at all of them. No weight is added: "
            f"{conv:,} it stays. (And the Linear layer grows faster than that.)",
        ),
        Slip(
            f"the convolution {conv:,} as before, the Linear layer {4 * small:,}",
            ("M121",),
            "Four times as many would be right if each pixel had one weight of its own, and were looked at by itself. "
            "In a Linear layer each output has a weight for each input, and both become about four times as many.",
        ),
        Slip(
            f"the convolution {conv:,} as before, the Linear layer {2 * small:,}",
            ("M124",),
            "Twice the height and twice the width make four times the pixels: sides are multiplied. And in a Linear "
            "layer each input meets each output.",
        ),
    )
    return right, slips, small, large


def larger_picture(rng):
    """Twice the height and width: what becomes of the parameters of both layers?"""
    spec, shape = _case(rng, 20, 60)
    (H, W), (kH, kW) = shape[2:], spec.kernel_size
    answer, slips, small, large = _larger_options(spec, shape)
    return {
        "prompt": (
            f"On colour photographs of {H} x {W} pixels `{spec.source()}` learns {spec.parameter_count:,} numbers; an "
            f"`nn.Linear` between the same numbers would learn {small:,}. Now the photographs are {2 * H} x {2 * W}. "
            "How many do they learn?"
        ),
        "kind": "choice",
        "level": "medium",
        "objective": "say what the picture's size changes",
        "formula": "weight sharing",
        "answer": answer,
        "because": "The filters are the same at every place; the Linear layer has a weight for each pair of an input "
        "and an output.",
        "hint": "Which of the two has weights that belong to a pixel?",
        "steps": [
            f"The convolution: {spec.out_channels} filters for windows of {kH} x {kW}, on any photograph.",
            "The Linear layer: four times as many inputs, and about four times as many outputs.",
            f"So it needs about sixteen times as many: {large:,} in place of {small:,}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer = {spec.source()}\n"
            f"photo = torch.zeros(1, 3, {2 * H}, {2 * W})\n"
            "linear = nn.Linear(photo.numel(), layer(photo).numel(), device='meta')\n"
            "conv, dense = (sum(it.numel() for it in one.parameters()) for one in (layer, linear))\n"
            "print(f'the convolution {conv:,} as before, the Linear layer {dense:,}')"
        ),
        "slips": slips,
        "options": shuffled(rng, [answer, *(slip.answer for slip in slips)]),
    }


QUESTIONS = {"conv-count": conv_count, "larger-picture": larger_picture, "linear-count": linear_count}
