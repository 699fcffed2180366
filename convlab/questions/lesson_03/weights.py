"""Lesson 03, the weight and the bias: which shape they have, and what each axis is."""

from convlab.questions.cases import drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import KERNELS, chosen, layer, made, size, ticked
from convlab.questions.question import Slip
from convlab.questions.varying import some_of

AXES = ("the weight of Conv2d", "(C_out, C_in / groups, kH, kW)")


_WEIGHT_SHAPE = {  # what is the same for every seed
    "kind": "shape",
    "level": "easy",
    "objective": "predict the shape of a weight",
    "formula": "weight: (out_channels, in_channels, kH, kW)",
    "hint": "How many filters are there? How many kernels has one filter? How many rows and columns has a kernel?",
    "otherwise": "Four numbers: filters, kernels in a filter, rows, columns.",
}


def _weight_shape_slips(C_out, kH, kW, C_in):
    return [
        Slip(
            (C_out, kH, kW),
            ("M29",),
            f"One axis is missing: a filter is no single {kH} x {kW} kernel, it has one for each of the {C_in} input "
            f"channels. So {C_out} filters of {C_in} kernels each.",
        ),
        Slip(
            (C_in, C_out, kH, kW),
            ("M30",),
            f"In the call the input channels come first, in the weight the filters: `weight[o]` is the filter of "
            f"output channel o, and there are {C_out} of them.",
        ),
        Slip(
            (kH, kW, C_in, C_out),
            ("M31",),
            "That is TensorFlow's order. PyTorch puts the filters first and the kernel's rows and columns last.",
        ),
        Slip(
            (C_out, C_in, kW, kH),
            ("M21",),
            f"`kernel_size=({kH}, {kW})` is (height, width), and the weight keeps this order: {kH} rows, {kW} columns.",
        ),
    ]


def weight_shape(rng):
    """The shape of a layer's weight."""
    C_in, C_out, (kH, kW) = layer(rng)
    answer = (C_out, C_in, kH, kW)
    slips = _weight_shape_slips(C_out, kH, kW, C_in)
    return {
        **_WEIGHT_SHAPE,
        "prompt": f"`layer = {made(C_in, C_out, (kH, kW))}`. Which shape does `layer.weight` have?",
        "answer": answer,
        "because": f"{C_out} filters; each has {C_in} kernels, one for each input channel; each kernel is {kH} x {kW}.",
        "steps": [
            f"{C_out} filters, one for each output channel; in each of them {C_in} kernels, one for each input "
            f"channel.",
            f"A kernel has {kH} rows and {kW} columns: {answer}.",
        ],
        "proof": f"import torch\nfrom torch import nn\nprint(tuple({made(C_in, C_out, (kH, kW))}.weight.shape))",
        "slips": gathered("shape", answer, slips),
        "axes": AXES,
    }


_WEIGHT_AXES = {  # what is the same for every seed
    "kind": "order",
    "level": "easy",
    "objective": "name the axes of a weight",
    "formula": "weight[o, c, u, v]",
    "hint": "Read `weight[o, c, u, v]` from the left: each index picks out a smaller piece.",
    "otherwise": "Filters first, then what each filter sees of the input, then rows and columns.",
}


def _weight_axes_slips(kernels, filters, rows, columns):
    return [
        Slip(
            [kernels, filters, rows, columns],
            ("M30",),
            "That is the order in the call. In the weight the output channels come first: `weight[o]` is one filter.",
        ),
        Slip(
            [rows, columns, kernels, filters],
            ("M31",),
            "That is TensorFlow's order. PyTorch begins with the output channels and ends with the kernel's columns.",
        ),
        Slip(
            [filters, kernels, columns, rows],
            ("M21",),
            "Rows come before columns, in PyTorch as in every matrix: (height, width).",
        ),
    ]


def weight_axes(rng):
    """The axes of a weight in their order."""
    C_in, C_out, (kH, kW) = layer(rng)
    filters, kernels = f"output channels, {C_out}", f"input channels, {C_in}"
    rows, columns = f"rows of a kernel, {kH}", f"columns of a kernel, {kW}"
    answer = [filters, kernels, rows, columns]
    slips = _weight_axes_slips(kernels, filters, rows, columns)
    return {
        **_WEIGHT_AXES,
        "prompt": f"`layer = {made(C_in, C_out, (kH, kW))}`. Put the four axes of `layer.weight` in their order, the "
        "first axis first.",
        "answer": answer,
        "because": f"`weight[o, c, u, v]`: filter o, input channel c, row u, column v; the shape is "
        f"({C_out}, {C_in}, {kH}, {kW}).",
        "steps": [
            f"`weight[o]` is the filter of output channel o, and `weight[o, c]` its kernel for input channel c: "
            f"{C_out}, then {C_in}.",
            f"Inside a kernel rows come first: {kH}, then {kW}.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\n"
            f"shape = {made(C_in, C_out, (kH, kW))}.weight.shape\n"
            f"names = {{{C_out}: {filters!r}, {C_in}: {kernels!r}, {kH}: {rows!r}, {kW}: {columns!r}}}\n"
            "print([names[length] for length in shape])"
        ),
        "slips": gathered("order", answer, slips),
        "options": drawn(lambda: shuffled(rng, answer), lambda options: options != answer),
    }


def bias_shape(rng):
    """The shape of a layer's bias."""
    C_in, C_out, (kH, kW) = layer(rng)
    H, W = size(rng, kernel=(kH, kW))
    H_out, W_out = H - kH + 1, W - kW + 1
    slips = [
        Slip((C_in,), ("M36",), f"{C_in} channels come in. The bias is added at the end, to what goes out: {C_out}."),
        Slip(
            (C_out, C_in),
            ("M38",),
            f"The {C_in} kernels of a filter are summed into one feature map, and that gets one bias.",
        ),
        Slip(
            (C_out, H_out, W_out),
            ("M37",),
            f"All {H_out} x {W_out} cells of a feature map share one bias, as they share the filter.",
        ),
    ]
    return {
        "prompt": f"`layer = {made(C_in, C_out, (kH, kW))}` gets a picture of shape ({C_in}, {H}, {W}). Which shape "
        "does `layer.bias` have?",
        "kind": "shape",
        "level": "easy",
        "objective": "predict the shape of a bias",
        "formula": "bias: (out_channels,)",
        "answer": (C_out,),
        "because": f"One number for each of the {C_out} output channels.",
        "hint": "When is the bias added, and to how many things?",
        "steps": [
            f"Each filter sums its products over all {C_in} input channels and then adds one number.",
            f"There are {C_out} filters, so the shape has one entry, {C_out}.",
        ],
        "proof": f"import torch\nfrom torch import nn\nprint(tuple({made(C_in, C_out, (kH, kW))}.bias.shape))",
        "slips": gathered("shape", (C_out,), slips),
        "axes": ("the bias of Conv2d", "(C_out,)"),
        "otherwise": "Count the feature maps: each gets one bias.",
    }


_ARGUMENTS_FROM_WEIGHT = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "read the arguments off a weight",
    "formula": "Conv2d(weight.shape[1], weight.shape[0], weight.shape[2:])",
    "hint": "The first two numbers of the weight are the first two arguments the other way round.",
}


def arguments_from_weight(rng):
    """Which call made a weight of this shape."""
    C_in, C_out, (kH, kW) = layer(rng)
    answer = made(C_in, C_out, (kH, kW))
    wrong = {
        made(C_out, C_in, (kH, kW)): (
            "M91",
            f"That layer has {C_in} filters for {C_out} input channels: its weight is ({C_in}, {C_out}, "
            f"{kH}, {kW}). The call names the input channels first, the weight the output channels.",
        ),
        made(C_in, C_out, (kW, kH)): (
            "M21",
            f"Its kernels have {kW} rows and {kH} columns. The last two numbers are (rows, columns): {kH}, {kW}.",
        ),
        made(kH, kW, (C_out, C_in)): (
            "M31",
            "That reads the shape as (kH, kW, C_in, C_out), in TensorFlow's order. PyTorch begins with the output "
            "channels and the input channels.",
        ),
    }
    options = [answer, *wrong]
    return {
        **_ARGUMENTS_FROM_WEIGHT,
        "prompt": f"`layer.weight` has the shape ({C_out}, {C_in}, {kH}, {kW}). Which call made the layer?",
        "answer": answer,
        "because": f"{C_out} filters, each with {C_in} kernels of {kH} x {kW}; the call names the input channels "
        f"first.",
        "steps": [
            f"`weight.shape[0]` is the number of filters: out_channels is {C_out}.",
            f"`weight.shape[1]` is the number of kernels in each filter: in_channels is {C_in}.",
            f"What is left is the kernel size, rows first: `{answer}`.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nfor call in {options}:\n"
            f"    if tuple(eval(call).weight.shape) == ({C_out}, {C_in}, {kH}, {kW}):\n        print(call)"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, options),
    }


_WEIGHT_ARGUMENTS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say which argument decides what",
    "formula": "weight.shape: channels, groups and kernel_size; the rest moves or spreads the window",
    "because": "Channels, groups and the kernel size make the weight; stride, padding and dilation say where it is "
    "laid.",
    "hint": "Which arguments say how many weights a filter has, and which say where the window goes?",
}


def _weight_arguments_steps(C_in, groups, kW, kH):
    return [
        f"groups splits the input channels, so a filter has {C_in} / {groups} = {C_in // groups} kernels.",
        f"The kernel size is (rows, columns): turned round, the last two axes are {kW}, {kH}.",
        "Stride, padding and dilation move or spread the window: as many weights as before.",
    ]


def _weight_arguments_proof(options, kH, kW, C_in, C_out):
    return (
        f"import torch\nfrom torch import nn\nfound = []\nfor option in {options}:\n"
        f"    settings = {{'kernel_size': ({kH}, {kW}), **eval(f'dict({{option}})')}}\n"
        f"    if nn.Conv2d({C_in}, {C_out}, **settings).weight.shape != ({C_out}, {C_in}, {kH}, {kW}):\n"
        "        found.append(option)\nprint(found)"
    )


def weight_arguments(rng):
    """Which arguments change the shape of the weight."""
    groups = rng.choice((2, 3))
    C_in, C_out = (groups * it for it in rng.sample((2, 3, 4, 5), 2))
    kH, kW = rng.choice([kernel for kernel in KERNELS if not {C_in, C_out} & set(kernel)])
    grouped, turned = f"groups={groups}", f"kernel_size=({kW}, {kH})"
    spread, stepped, framed = f"dilation={rng.choice((2, 3))}", f"stride={rng.choice((2, 3))}", "padding=(1, 2)"
    options = some_of(rng, [grouped, turned, spread, stepped, framed], lambda option: option in (grouped, turned))
    answer = [option for option in options if option in (grouped, turned)]
    slips, per_option = ticked(
        options,
        answer,
        {
            grouped: (
                "M46",
                f"With `{grouped}` a filter sees {C_in} / {groups} channels, and has only so many kernels: "
                f"({C_out}, {C_in // groups}, {kH}, {kW}).",
            ),
            turned: ("M21", f"(rows, columns): `{turned}` has {kW} rows and {kH} columns."),
            spread: (
                "M40",
                f"`{spread}` spreads the weights over more rows and columns, and there are no more of them.",
            ),
            stepped: ("M40", f"`{stepped}` moves the window further, and the filters stay what they are."),
            framed: ("M40", f"`{framed}` puts zeros around the input, and the filters stay what they are."),
        },
    )
    base = made(C_in, C_out, (kH, kW))
    return {
        **_WEIGHT_ARGUMENTS,
        "prompt": f"The weight of `{base}` has the shape ({C_out}, {C_in}, {kH}, {kW}). With which of these arguments, "
        "each by itself, does it have another shape? Tick all.",
        "answer": answer,
        "steps": _weight_arguments_steps(C_in, groups, kW, kH),
        "proof": (_weight_arguments_proof(options, kH, kW, C_in, C_out)),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }


QUESTIONS = {
    "weight-axes": weight_axes,
    "weight-shape": weight_shape,
    "bias-shape": bias_shape,
    "arguments-from-weight": arguments_from_weight,
    "weight-arguments": weight_arguments,
}
