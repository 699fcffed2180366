"""Lesson 03, the output: what the layer decides, and what the input decides."""

from convlab.mistakes import MISTAKES
from convlab.questions.cases import counted, drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import chosen, layer, made, size, ticked
from convlab.questions.question import Slip
from convlab.questions.varying import some_of
from convlab.shapes import Conv2dSpec

WITHOUT_BATCH = ("an output without a batch", "(C_out, H_out, W_out)")


def puzzle(rng):
    """A layer, a small input that it turns into (C_out, kH, kH), and a larger input."""
    C_in, C_out, (kH, kW) = drawn(lambda: layer(rng), lambda case: min(case[2]) > 1)
    small = (2 * kH - 1, kH + kW - 1)
    return (C_in, C_out, (kH, kW)), small, size(rng, 14, 40, kernel=(kH, kW))


def _other_input_slips(case, small, large):
    C_in, C_out, (kH, kW) = case
    H_out, W_out = large[0] - kH + 1, large[1] - kW + 1
    return [
        Slip(
            (C_out, kH, kH),
            ("M23",),
            f"That is what came out of the small input. The layer is the same, but the window has more places on "
            f"{large[0]} x {large[1]}: {H_out} down and {W_out} across.",
        ),
        Slip(
            (C_out, kH, kW),
            ("M24",),
            f"{kH} x {kW} is the kernel. Its axes are summed over, and what is left are the window's places, {H_out} "
            f"down and {W_out} across.",
        ),
        Slip(
            (C_in, H_out, W_out),
            ("M28",),
            f"The size is right. The channels are those of the filters: {C_in} come in, {C_out} go out.",
        ),
        Slip(
            (1, C_out, H_out, W_out),
            ("M57",),
            "A layer adds no batch axis: three axes go in, three come out.",
        ),
        Slip(
            (C_out, large[0] - kH, large[1] - kW),
            ("M02",),
            f"One place is missing on each axis: {large[0]} rows hold {large[0]} - {kH} + 1 = {H_out} places.",
        ),
    ]


def _other_input_more_slips(spec, input_shape):
    """What is named besides: the size kept, or made larger; a map for each pair of channels; the sides swapped."""
    C_out, H_out, W_out = spec.output_shape(input_shape)
    (_, H, W), (kH, kW), C_in = input_shape, spec.kernel_size, spec.in_channels
    (each,), (larger,) = (MISTAKES[id].models["output_shape"](spec, input_shape) for id in ("M27", "M143"))
    (kept,), (swapped, *_) = (MISTAKES[id].models["size"](spec, input_shape) for id in ("M01", "M21"))
    right = f"{H} - {kH} + 1 = {H_out} rows and {W} - {kW} + 1 = {W_out} columns"
    return [
        Slip((C_out, *kept), ("M01",), f"{H} x {W} is the size of the input. The window has to fit inside: {right}."),
        Slip(larger, ("M143",), f"You added what the kernel costs. The window has to fit inside: {right}."),
        Slip(
            each,
            ("M27",),
            f"{C_in} * {C_out} = {C_in * C_out} counts a map for each pair of channels. A filter adds up its {C_in} "
            f"kernels' results to one map: {C_out}.",
        ),
        Slip(
            (C_out, *swapped),
            ("M21",),
            f"`kernel_size=({kH}, {kW})` is (height, width), {kH} rows and {kW} columns: {right}.",
        ),
    ]


def other_input(rng):
    """The output shape of a layer on another input than the one it was shown with."""
    case, small, large = puzzle(rng)
    C_in, C_out, (kH, kW) = case
    spec, input_shape = Conv2dSpec(*case), (C_in, *large)
    answer = spec.output_shape(input_shape)
    H_out, W_out = answer[1:]
    return {
        "prompt": (
            f"`layer = {made(*case)}` turns an input of shape {(C_in, *small)} into an output of shape "
            f"{(C_out, kH, kH)}. Which shape comes out of an input of shape {input_shape}?"
        ),
        "kind": "shape",
        "level": "medium",
        "objective": "predict an output shape",
        "formula": "(C, H, W) -> (C_out, H - kH + 1, W - kW + 1)",
        "answer": answer,
        "because": f"{C_out} filters, and {H_out} x {W_out} places for the window on this input: {answer}.",
        "hint": "What does the layer decide, and what does the input decide? Count the places of the window, rows and "
        "columns apart.",
        "steps": [
            f"The layer decides the channels: {C_out} filters make {C_out} feature maps.",
            f"Rows: {large[0]} - {kH} + 1 = {H_out}. Columns: {large[1]} - {kW} + 1 = {W_out}.",
            f"The input has no batch axis, so the output has none either: {answer}.",
        ],
        "proof": f"import torch\nfrom torch import nn\nprint(tuple({made(*case)}(torch.zeros{input_shape}).shape))",
        "slips": gathered(
            "shape", answer, [*_other_input_slips(case, small, large), *_other_input_more_slips(spec, input_shape)]
        ),
        "axes": WITHOUT_BATCH,
        "otherwise": "Channels from the filters; rows and columns from the places of the window.",
        "spec": spec,
        "input_shape": input_shape,
    }


_INPUT_OF_THE_LAYER = {  # what is the same for every seed
    "kind": "shape",
    "level": "hard",
    "objective": "find the input from a weight and an output",
    "formula": "(weight.shape[1], H_out + kH - 1, W_out + kW - 1)",
    "hint": "Which number of the weight counts the input channels? And how many rows do so many places of the "
    "window cover?",
    "axes": ("an input without a batch", "(C_in, H, W)"),
    "otherwise": "Channels from the weight, rows and columns from the places that the window must have had.",
}


def _input_of_the_layer_slips(C_out, H, W, C_in, H_out, W_out, kH, kW):
    return [
        Slip(
            (C_out, H, W),
            ("M30",),
            f"The size is right. The input channels are the weight's second number: each filter has {C_in} kernels, "
            f"one for each of them. {C_out} is the number of filters.",
        ),
        Slip(
            (C_in, H_out + kH, W_out + kW),
            ("M02",),
            f"One too many on each axis: {H_out} places of a window of {kH} rows cover {H_out} + {kH} - 1 = {H} rows.",
        ),
        Slip(
            (C_in, H_out, W_out),
            ("M01",),
            f"Without padding the output is smaller: {H_out} places of a window of {kH} rows cover {H_out} + {kH} - 1 "
            f"= {H} rows.",
        ),
        Slip(
            (C_in, H_out + kW - 1, W_out + kH - 1),
            ("M21",),
            f"The kernel has {kH} rows and {kW} columns: the rows grow by {kH} - 1 = {kH - 1}, the columns by {kW} - 1 "
            f"= {kW - 1}.",
        ),
        *(
            Slip(
                (channels, H_out - kH + 1, W_out - kW + 1),
                ids,
                f"You took off the kernel once more: so many rows come out if {H_out} go in, {H_out} - {kH} + 1 = "
                f"{H_out - kH + 1}. Here {H_out} came out, so more went in: {H_out} + {kH} - 1 = {H} rows, and {C_in} "
                "channels.",
            )
            for channels, ids in ((C_in, ("M143",)), (C_out, ("M143", "M30")))
        ),
    ]


def input_of_the_layer(rng):
    """The input behind a weight and an output: the puzzle backwards."""
    case = drawn(lambda: layer(rng), lambda case: min(case[2]) > 1)
    C_in, C_out, (kH, kW) = case
    H, W = drawn(lambda: size(rng, 9, 30), lambda it: it[0] - kH + 1 != it[1] - kW + 1 and it[0] + kH != it[1] + kW)
    H_out, W_out = H - kH + 1, W - kW + 1
    answer = (C_in, H, W)
    slips = _input_of_the_layer_slips(C_out, H, W, C_in, H_out, W_out, kH, kW)
    return {
        **_INPUT_OF_THE_LAYER,
        "prompt": (
            f"A layer has a weight of shape ({C_out}, {C_in}, {kH}, {kW}), stride 1 and no padding. Its output is "
            f"{C_out} feature maps of {H_out} x {W_out}, without a batch axis. Which shape does its input have?"
        ),
        "answer": answer,
        "because": f"{C_in} channels, because each filter has {C_in} kernels, and {H} x {W}, because a window of "
        f"{kH} x {kW} has {H_out} x {W_out} places there.",
        "steps": [
            f"The weight is (C_out, C_in, kH, kW): the input has {C_in} channels, the window {kH} x {kW}.",
            f"Rows: the first place covers {kH} rows, each further one adds 1: {H_out} + {kH} - 1 = {H}.",
            f"Columns: {W_out} + {kW} - 1 = {W}.",
            f"The output has no batch axis, so the input has none: {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer, shape = {made(*case)}, {answer}\n"
            f"assert layer.weight.shape == ({C_out}, {C_in}, {kH}, {kW})\n"
            f"assert layer(torch.zeros(shape)).shape == ({C_out}, {H_out}, {W_out})\nprint(shape)"
        ),
        "slips": gathered("shape", answer, slips),
    }


_SUMMED_AXES = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say which axes are summed over",
    "formula": "output[o, i, j] = bias[o] + sum over c, u, v",
    "because": "One output number is a sum over input channels, rows and columns of the kernel; only the filters "
    "stay apart.",
    "hint": "One output number: which numbers of the weight go into it?",
}


def summed_axes(rng):
    """The axes of the weight that do not come out."""
    C_in, C_out, (kH, kW) = layer(rng)
    maps, channels = f"output channels ({C_out})", f"input channels ({C_in})"
    rows, columns = f"rows of the kernel ({kH})", f"columns of the kernel ({kW})"
    options = shuffled(rng, [maps, channels, rows, columns])
    answer = [option for option in options if option != maps]
    slips, per_option = ticked(
        options,
        answer,
        {
            maps: ("M28", f"The {C_out} filters are kept apart: each makes a feature map of its own."),
            channels: ("M27", f"A filter adds up the results of its {C_in} kernels: that axis is gone."),
            rows: ("M24", f"The {kH} rows of a window end in one sum: that axis is gone."),
            columns: ("M24", f"The {kW} columns of a window end in one sum: that axis is gone."),
        },
    )
    return {
        **_SUMMED_AXES,
        "prompt": f"The weight of `{made(C_in, C_out, (kH, kW))}` has four axes. Over which of them does the layer "
        f"sum, "
        "so that they are no axes of the output? Tick all.",
        "answer": answer,
        "steps": [
            f"One output number takes one filter: {C_in} kernels of {kH} x {kW}.",
            f"All {C_in} * {kH} * {kW} = {C_in * kH * kW} products are added up, so these three axes are gone.",
            f"The axis of the {C_out} filters stays: it becomes the channels of the output.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"lengths = {{'o': {maps!r}, 'c': {channels!r}, 'u': {rows!r}, 'v': {columns!r}}}\n"
            f"window, weight = torch.rand({C_in}, {kH}, {kW}), torch.rand({C_out}, {C_in}, {kH}, {kW})\n"
            "one_number_each = torch.einsum('cuv,ocuv->o', window, weight)\n"
            "assert torch.allclose(F.conv2d(window, weight).flatten(), one_number_each)\n"
            f"print([name for name in {options} if name in [lengths[axis] for axis in 'cuv']])"
        ),
        "slips": gathered("choices", answer, slips),
        "per_option": per_option,
        "options": options,
    }


_LAYER_KNOWS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "tell what is the layer's from what is the input's",
    "formula": "the layer: C_in, C_out, kH, kW; the input: N, H, W",
    "because": "Channels and weight belong to the layer; the batch, the rows and the columns come with the input.",
    "hint": "Go through the arguments of the call: what do they say, and what do they not say?",
}


def _layer_knows_unknown(kernel):
    return {
        "how many rows its output will have": (
            "M23",
            f"The rows of the output are the places of the window, H - {kernel[0]} + 1: they follow from the input's.",
        ),
        "how many pictures a batch must have": (
            "M141",
            "No argument sets the batch: any number of pictures goes through the same layer, or one without that axis.",
        ),
    }


def layer_knows(rng):
    """What a layer knows before it has seen an input."""
    C_in, C_out, kernel = layer(rng)
    known = {
        "how many channels its output will have": ("M28", f"It has {C_out} filters, so it makes {C_out} channels."),
        "how many channels its input must have": (
            "M43",
            f"Each filter has {C_in} kernels, one for each channel that comes in.",
        ),
        "the shape of its weight": ("M39", "The weight is made with the layer, and no picture changes its shape."),
    }
    unknown = _layer_knows_unknown(kernel)
    options = some_of(rng, [*known, *unknown], lambda option: option in known)
    answer = [option for option in options if option in known]
    slips, per_option = ticked(options, answer, {**known, **unknown})
    return {
        **_LAYER_KNOWS,
        "prompt": f"`layer = {made(C_in, C_out, kernel)}` has been made, and no input has come yet. What is settled by "
        "now? Tick all.",
        "answer": answer,
        "steps": [
            f"The call names {C_in} input channels, {C_out} output channels and the kernel size {kernel}.",
            "With these the weight and the bias are made, and their shapes stay.",
            "H, W and the number of pictures are no arguments: they come with each input.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer = {made(C_in, C_out, kernel)}\nbefore = layer.weight.shape\n"
            f"small, large = torch.zeros(2, {C_in}, 9, 11), torch.zeros(7, {C_in}, 20, 30)\n"
            "one, other = layer(small), layer(large)\n"
            "same = [one.shape[1] == other.shape[1], True, layer.weight.shape == before,\n"
            "        one.shape[2] == other.shape[2], one.shape[0] == other.shape[0]]\n"
            f"names = {[*known, *unknown]}\n"
            f"print([name for name in {options} if same[names.index(name)]])"
        ),
        "slips": gathered("choices", answer, slips),
        "per_option": per_option,
        "options": options,
    }


_WHY_SMALLER = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "say why an output is smaller",
    "formula": "H_out = H - kH + 1: the whole window has to fit",
}


def _why_smaller_wrong(H_out, H, kH):
    return {
        "neighbouring windows overlap, and what is read twice counts once": (
            "M142",
            "Overlap takes nothing away: with stride 1 each place gives a number, however much the windows overlap. "
            f"The window has to fit, and in {H} rows it fits at {H_out} places.",
        ),
        f"`{H_out}` is fixed by the layer, whatever the height of the input": (
            "M23",
            f"Another input gives another height: in {H + 10} rows the window has {H + 10} - {kH} + 1 = "
            f"{H + 11 - kH} places.",
        ),
        f"stride 1 takes {counted(kH - 1, 'row')} off": (
            "M08",
            "A stride of 1 leaves nothing out. It is the kernel that has to fit; a kernel of one row would give "
            f"all {H}.",
        ),
    }


def why_smaller(rng):
    """Why an output is smaller than its input."""
    C_in, C_out, (kH, kW) = drawn(lambda: layer(rng), lambda case: min(case[2]) > 1)
    H, W = size(rng, kernel=(kH, kW))
    H_out, places = H - kH + 1, W - kW + 1
    answer = f"a window of {kH} rows fits {H} - {kH} + 1 times"
    wrong = _why_smaller_wrong(H_out, H, kH)
    options = [answer, *wrong]
    return {
        **_WHY_SMALLER,
        "prompt": (
            f"`{made(C_in, C_out, (kH, kW))}` turns an input of {H} x {W} into an output of {H_out} x {places}. Why "
            f"{H_out} rows?"
        ),
        "answer": answer,
        "because": f"The first row of the window can be any of the rows 0 to {H - kH}: {H_out} places.",
        "hint": f"Where can the top row of the window lie, so that all {kH} rows of it are inside?",
        "steps": [
            f"The window is {kH} rows high and has to lie inside the {H} rows of the input.",
            f"Its top row can lie in row 0, 1 and so on up to {H} - {kH} = {H - kH}.",
            f"From 0 to {H - kH} there are {H - kH} + 1 = {H_out} places, and each gives one row of the output.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer = {made(C_in, C_out, (kH, kW))}\n"
            f"rows = [layer(torch.zeros({C_in}, H, {W})).shape[1] for H in ({H}, {H + 10})]\n"
            f"assert rows == [{H} - {kH} + 1, {H} + 10 - {kH} + 1]  # so it follows from the input and the kernel\n"
            f"assert nn.Conv2d({C_in}, {C_out}, 1)(torch.zeros({C_in}, {H}, {W})).shape[1] == {H}  # stride 1 too\n"
            f"print({answer!r})"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, options),
    }


QUESTIONS = {
    "other-input": other_input,
    "summed-axes": summed_axes,
    "layer-knows": layer_knows,
    "why-smaller": why_smaller,
    "input-of-the-layer": input_of_the_layer,
}
