"""Lesson 08, sizes on the way back: zeros between, zeros around, and what a transposed convolution makes of a size."""

from convlab.questions.cases import apart, counted, drawn, gathered
from convlab.questions.lesson_03.drawing import judged, layer, size
from convlab.questions.lesson_08.shares import input_size, moves
from convlab.questions.question import Slip

_FULL = {  # what is the same for every seed
    "kind": "shape",
    "level": "medium",
    "objective": "find the padding of the way back",
    "formula": "padding going back = d (k - 1) - p",
    "hint": "How far does the window reach beyond its first tap? Without padding so many zeros are needed; each row of "
    "the layer's own padding saves one.",
    "axes": ("a padding", "(rows, columns)"),
    "asks": "a padding",
    "otherwise": "For each axis: d * (k - 1), less the padding that the layer has itself.",
}


def _full_slips(kernel, dilation, padding):
    def by(rule):
        return tuple(rule(k, d, p) for k, d, p in zip(kernel, dilation, padding, strict=True))

    right = by(lambda k, d, p: d * (k - 1) - p)
    return right, [
        Slip(by(lambda k, d, p: d * (k - 1)), ("M168",), "That is right for a layer without padding. What this one "
             "padded itself needs no zeros again: take its padding off."),
        Slip(by(lambda k, d, p: k - 1 - p), ("M11",), f"That leaves the dilation out. The taps lie {moves(dilation)} "
             "apart, so the window reaches farther."),
        Slip(by(lambda k, d, p: (d + 1) * (k - 1) - p), ("M12",), "A dilation of d puts the taps d cells apart, with "
             "d - 1 cells left out between: not d + 1 apart."),
        Slip(by(lambda k, d, p: d * k - p), ("M13",), f"A kernel {kernel[0]} high makes {kernel[0]} - 1 steps of the "
             f"dilation from its first tap to its last, not {kernel[0]}; and so across."),
        Slip(right[::-1], ("M21",), "You exchanged the axes. The first number is for the rows."),
    ]  # fmt: skip


def full_padding(rng):
    """The padding with which the turned kernel slides over grad_output."""

    def draw():
        kernel, dilation = rng.choice(((2, 3), (3, 2), (3, 4), (4, 3), (3, 5), (5, 3))), rng.sample((1, 2, 3), 2)
        return kernel, tuple(dilation), tuple(rng.sample((0, 1, 2), 2))

    def fair(case):
        right, slips = _full_slips(*case)
        return min(right) >= 0 and right[0] != right[1] and apart("shape", right, slips)

    (kH, kW), (dH, dW), (pH, pW) = drawn(draw, fair)
    answer, slips = _full_slips((kH, kW), (dH, dW), (pH, pW))
    C_in, C_out = rng.sample((2, 3, 4, 6, 8), 2)
    call = f"nn.Conv2d({C_in}, {C_out}, kernel_size={kH, kW}, padding={pH, pW}, dilation={dH, dW})"
    return {
        **_FULL,
        "prompt": f"Going back through `{call}`, the turned kernel slides over `grad_output`, with the same dilation. "
        "Which padding does this convolution need, so that the gradient of the input comes out in the input's size?",
        "answer": answer,
        "because": f"The window reaches {moves((dH * (kH - 1), dW * (kW - 1)))} beyond its first tap; what the layer "
        "padded itself is taken off.",
        "steps": [
            f"Without padding of its own: {dH} * ({kH} - 1) = {dH * (kH - 1)} above and below, {dW} * ({kW} - 1) = "
            f"{dW * (kW - 1)} left and right. So a border cell of the input meets every tap.",
            f"The layer itself padded {pH} and {pW}: its cells need no gradient.",
            f"Rows {dH * (kH - 1)} - {pH} = {answer[0]}, columns {dW * (kW - 1)} - {pW} = {answer[1]}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.randn(1, {C_in}, 33, 37).double().requires_grad_()\n"
            f"weight = torch.randn({C_out}, {C_in}, {kH}, {kW}).double()\n"
            f"output = F.conv2d(input, weight, padding={pH, pW}, dilation={dH, dW})\n"
            "grad_output = torch.randn_like(output)\noutput.backward(grad_output)\n"
            "turned = weight.flip(2, 3).transpose(0, 1)\nfor pad in [(a, b) for a in range(15) for b in range(15)]:\n"
            f"    result = F.conv2d(grad_output, turned, padding=pad, dilation={dH, dW})\n"
            "    if result.shape == input.shape and torch.allclose(result, input.grad):\n        print(pad)"
        ),
        "slips": gathered("shape", answer, slips),
    }


_SPREAD = {  # what is the same for every seed
    "kind": "shape",
    "level": "medium",
    "objective": "find the size of the spread-out gradient",
    "formula": "(H_out - 1) s + 1 with zeros between, and k - 1 - p more on each side",
    "hint": "How many gaps are there between so many rows? How many zeros go into each, and how many around?",
    "axes": ("a size", "(rows, columns)"),
    "asks": "rows and columns",
    "otherwise": "s - 1 zeros between each two neighbours, then the frame on both sides of each axis.",
}


def _spread_slips(places, kernel, stride, padding):
    def by(rule):
        axes = zip(places, kernel, stride, padding, strict=True)
        return tuple(rule(n, k - 1 - p, s, k, p) for n, k, s, p in axes)

    right = by(lambda n, frame, s, k, p: (n - 1) * s + 1 + 2 * frame)
    return right, [
        Slip(by(lambda n, frame, s, k, p: n + 2 * frame), ("M79",), "The zeros between are missing. The windows began "
             f"{moves(stride)} apart, so their numbers lie so far apart."),
        Slip(by(lambda n, frame, s, k, p: (n - 1) * (s + 1) + 1 + 2 * frame), ("M12",), "So many zeros between would "
             "put neighbours s + 1 apart. They lie s apart: s - 1 zeros between."),
        Slip(by(lambda n, frame, s, k, p: (n - 1) * s + 1 + frame), ("M03",), "You added the frame once to each axis. "
             "It lies on both sides."),
        Slip(by(lambda n, frame, s, k, p: (n - 1) * s + 1 + 2 * (k - 1)), ("M168",), "That frame is right for a layer "
             f"without padding. This one padded {padding[0]} and {padding[1]} itself: the frame is smaller by that."),
        Slip(by(lambda n, frame, s, k, p: n * s + 2 * frame), ("M05",), "Zeros go between neighbours, and there are "
             f"{places[0] - 1} gaps between {places[0]} rows: none behind the last."),
    ]  # fmt: skip


def spread_size(rng):
    """The size of grad_output with its zeros between and around."""

    def draw():
        kernel, stride = rng.choice(((2, 3), (3, 2), (3, 4), (4, 3), (3, 5), (5, 3))), rng.choice(((2, 3), (3, 2)))
        return tuple(rng.sample(range(3, 9), 2)), kernel, stride, rng.choice(((1, 0), (0, 1), (1, 2), (2, 1)))

    def fair(case):
        kernel, padding = case[1], case[3]
        if min(k - 1 - p for k, p in zip(kernel, padding, strict=True)) < 1:
            return False
        (right, slips), (H, W) = _spread_slips(*case), input_size(*case)
        return H != W and right[0] != right[1] and apart("shape", right, slips)

    (h, w), (kH, kW), (sH, sW), (pH, pW) = case = drawn(draw, fair)
    answer, slips = _spread_slips(*case)
    (H, W), frame, tall, wide = input_size(*case), (kH - 1 - pH, kW - 1 - pW), (h - 1) * sH + 1, (w - 1) * sW + 1
    call = f"nn.Conv2d(1, 1, kernel_size={kH, kW}, stride={sH, sW}, padding={pH, pW})"
    return {
        **_SPREAD,
        "prompt": f"`{call}` made {h} x {w} of {H} x {W}. Going back, `grad_output` gets zeros between its numbers and "
        "a frame of zeros around; then the turned kernel slides over it with a stride of 1, and the gradient of the "
        "input comes out. How large is `grad_output` with all these zeros?",
        "answer": answer,
        "because": f"From it, a window of {kH} x {kW} makes {H} x {W}: {answer[0]} - {kH} + 1 = {H} and {answer[1]} - "
        f"{kW} + 1 = {W}.",
        "steps": [
            f"Rows: {counted(sH - 1, 'zero')} in each of {h - 1} gaps: ({h} - 1) * {sH} + 1 = {tall}. Columns: "
            f"({w} - 1) * {sW} + 1 = {wide}.",
            f"The frame: {kH} - 1 - {pH} = {frame[0]} above and below, {kW} - 1 - {pW} = {frame[1]} left and right.",
            f"Together: {tall} + 2 * {frame[0]} = {answer[0]} rows, {wide} + 2 * {frame[1]} = {answer[1]} columns.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input, weight = torch.randn(1, 1, {H}, {W}).double().requires_grad_(), torch.randn(1, 1, {kH}, {kW})"
            f".double()\noutput = F.conv2d(input, weight, stride={sH, sW}, padding={pH, pW})\n"
            "grad_output = torch.randn_like(output)\noutput.backward(grad_output)\n"
            f"spread = torch.zeros(1, 1, {tall}, {wide}).double()\nspread[:, :, ::{sH}, ::{sW}] = grad_output\n"
            f"spread = F.pad(spread, ({frame[1]}, {frame[1]}, {frame[0]}, {frame[0]}))\n"
            "assert torch.allclose(F.conv2d(spread, weight.flip(2, 3)), input.grad)\nprint(tuple(spread.shape[2:]))"
        ),
        "slips": gathered("shape", answer, slips),
    }


_TRANSPOSED = {  # what is the same for every seed
    "kind": "shape",
    "level": "medium",
    "objective": "predict the size a transposed convolution makes",
    "formula": "rows of the result = (rows of its input - 1) s - 2 p + k + output_padding; columns alike",
    "hint": "Turn the size formula round: which input of `nn.Conv2d` with these settings gives this size as its "
    "output?",
    "axes": ("a batched output", "(N, C_out, H_out, W_out)"),
    "otherwise": "Each axis alone: (size of this layer's input - 1) * s lies between the first and the last window; "
    "one window more, less the padding on both sides, and the output_padding once.",
}


def _transposed_slips(N, C_out, axes):
    def by(rule):
        return (N, C_out, *(rule(*axis) for axis in axes))

    return by(lambda n, k, s, p, more: (n - 1) * s - 2 * p + k + more), [
        Slip(by(lambda n, k, s, p, more: (n - 1) * s - 2 * p + k), ("M168",), "The output_padding is left out: it adds "
             "its rows and columns, once, on one side."),
        Slip(by(lambda n, k, s, p, more: (n - 1) * s + k + more), ("M168",), "The padding is left out. Here it takes "
             "away, on both sides: what `nn.Conv2d` adds before, this takes off afterwards."),
        Slip(by(lambda n, k, s, p, more: (n - 1) * s - p + k + more), ("M03",), "You took the padding off once. It is "
             "given for each side."),
        Slip(by(lambda n, k, s, p, more: (n + 2 * p - k) // s + 1), ("M143",), "That is the formula of `nn.Conv2d`. "
             "This layer goes the other way, from the output's size to the input's."),
        Slip(by(lambda n, k, s, p, more: n - 1 - 2 * p + k + more), ("M79",), "The stride is left out: neighbours of "
             "the input go to windows that begin s apart."),
    ]  # fmt: skip


def transpose_size(rng):
    """The shape that comes out of nn.ConvTranspose2d."""

    def draw():
        kernel, stride = rng.choice(((2, 3), (3, 2), (3, 4), (4, 3), (3, 5), (5, 3))), rng.choice(((2, 3), (3, 2)))
        more = rng.choice([(a, b) for a in range(stride[0]) for b in range(stride[1]) if a != b])
        return kernel, stride, rng.choice(((1, 0), (0, 1), (1, 2), (2, 1))), more, tuple(rng.sample(range(6, 14), 2))

    def wanted(case, N=2, C=3):
        return _transposed_slips(N, C, list(zip(case[4], *case[:4], strict=True)))

    def fair(case):
        right, slips = wanted(case)
        return right[2] != right[3] and min(slips[3].answer) > 0 and apart("shape", right, slips)

    (kH, kW), (sH, sW), (pH, pW), (aH, aW), (H, W) = case = drawn(draw, fair)
    N, (C_in, C_out) = rng.randint(2, 5), rng.sample((3, 4, 6, 8, 16), 2)
    answer, slips = wanted(case, N, C_out)
    call = f"nn.ConvTranspose2d({C_in}, {C_out}, kernel_size={kH, kW}, stride={sH, sW}, padding={pH, pW}, " + (
        f"output_padding={aH, aW})"
    )
    return {
        **_TRANSPOSED,
        "prompt": f"`{call}` gets an input of shape {(N, C_in, H, W)}. Which shape does the output have?",
        "answer": answer,
        "because": f"`nn.Conv2d` with these settings would make {H} x {W} of {answer[2]} x {answer[3]}.",
        "steps": [
            f"Rows of the result: {H} rows go in, so ({H} - 1) * {sH} - 2 * {pH} + {kH} + {aH} = {answer[2]}.",
            f"Columns of the result: {W} go in, so ({W} - 1) * {sW} - 2 * {pW} + {kW} + {aW} = {answer[3]}.",
            f"{counted(C_out, 'channel')}, as the layer says, and {N} pictures: {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer = {call}\n"
            f"print(tuple(layer(torch.zeros{(N, C_in, H, W)}).shape))"
        ),
        "slips": gathered("shape", answer, slips),
    }


_OUTPUT_PADDING = {  # what is the same for every seed
    "kind": "shape",
    "level": "easy",
    "objective": "give a transposed convolution the size that went in",
    "formula": "output_padding = (H + 2 p - k) mod s",
    "hint": "How many rows of the padded input did no window of the first layer reach? They do not come back by "
    "themselves.",
    "axes": ("an output_padding", "(rows, columns)"),
    "asks": "an output_padding",
    "otherwise": "What did the rounding down drop in the first layer? So much is missing on the way back.",
}


def _rest_slips(size, kernel, stride, padding):
    def by(rule):
        return tuple(rule(*axis) for axis in zip(size, kernel, stride, padding, strict=True))

    right = by(lambda n, k, s, p: (n + 2 * p - k) % s)
    back = by(lambda n, k, s, p: (n + 2 * p - k) // s * s + k - 2 * p)
    return right, [
        Slip((0, 0), ("M75",), f"Without it {back[0]} x {back[1]} come back. A transposed convolution does not know "
             "what the first layer rounded down."),
        Slip(right[::-1], ("M21",), "You exchanged the axes. The first number is for the rows."),
        Slip(by(lambda n, k, s, p: (n - k) % s), ("M168",), "You left the padding out: it makes room for windows too."),
    ]  # fmt: skip


def output_padding(rng):
    """The output_padding that gives the size back."""

    def draw():
        kernel, stride = rng.choice(((2, 3), (3, 2), (3, 4), (4, 3), (3, 5), (5, 3))), rng.choice(((3, 4), (4, 3)))
        return tuple(rng.sample(range(12, 30), 2)), kernel, stride, rng.choice(((1, 0), (0, 1), (1, 2), (2, 1)))

    def fair(case):
        right, slips = _rest_slips(*case)
        return right[0] != right[1] and apart("shape", right, slips)

    (H, W), (kH, kW), (sH, sW), (pH, pW) = case = drawn(draw, fair)
    answer, slips = _rest_slips(*case)
    settings = f"kernel_size={kH, kW}, stride={sH, sW}, padding={pH, pW}"
    rest = (H + 2 * pH - kH, W + 2 * pW - kW)
    return {
        **_OUTPUT_PADDING,
        "prompt": f"`nn.Conv2d(3, 8, {settings})` gets {H} x {W}. `nn.ConvTranspose2d(8, 3, {settings}, "
        f"output_padding=...)` is to give {H} x {W} again. Which output_padding does it need?",
        "answer": answer,
        "because": f"The rounding down dropped {answer[0]} in the rows and {answer[1]} in the columns; nothing else "
        "tells the layer on the way back.",
        "steps": [
            f"Rows: {H} + 2 * {pH} - {kH} = {rest[0]}, and {rest[0]} divided by {sH} leaves {answer[0]}.",
            f"Columns: {W} + 2 * {pW} - {kW} = {rest[1]}, and {rest[1]} divided by {sW} leaves {answer[1]}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nsettings = dict({settings})\nx = torch.zeros(1, 3, {H}, {W})\n"
            "y = nn.Conv2d(3, 8, **settings)(x)\n"
            f"for more in [(a, b) for a in range({sH}) for b in range({sW})]:\n"
            "    layer = nn.ConvTranspose2d(8, 3, output_padding=more, **settings)\n"
            "    if layer(y).shape == x.shape:\n        print(more)"
        ),
        "slips": gathered("shape", answer, slips),
    }


_UNDO = {  # what is the same for every seed
    "objective": "say what a transposed convolution gives back",
    "formula": "conv_transpose2d(conv2d(x)): the size (H_out - 1) s + k, and no inverse",
    "hint": "How large is `y`, and how many cells do its places cover? And what is `z` made of: of `x`, or of sums of "
    "sums?",
}


def _undo_proof(shape, weight, stride, asked):
    return (
        f"import torch\nfrom torch.nn import functional as F\nx, weight = torch.randn{shape}, torch.randn{weight}\n"
        f"y = F.conv2d(x, weight, stride={stride})\nz = F.conv_transpose2d(y, weight, stride={stride})\nprint({asked})"
    )


def myth_undo(rng):
    """What of its input a transposed convolution gives back."""
    C_in, C_out, kernel = layer(rng)
    stride, holds, sizes = rng.choice(((2, 3), (3, 2))), rng.random() < 0.5, rng.random() < 0.5

    def fair(case):
        fits = all((n - k) % s == 0 for n, k, s in zip(case, kernel, stride, strict=True))
        return fits == (holds or not sizes)

    H, W = drawn(lambda: size(rng, 10, 26, kernel=kernel), fair)
    h, w = ((n - k) // s + 1 for n, k, s in zip((H, W), kernel, stride, strict=True))
    back = input_size((h, w), kernel, stride)
    if sizes:
        claim, asked = "`z` has the shape of `x`", "z.shape == x.shape"
        line = f"{h} x {w} places cover {back[0]} x {back[1]} cells: that size comes back. `x` is {H} x {W}."
    else:
        claim, asked = f"`z` holds {'other numbers than' if holds else 'the numbers of'} `x`", "torch.allclose(z, x)"
        line = "The same connections lead back, and what comes back along them is added up: other numbers than went in."
    return judged(
        holds,
        f"`x` holds random numbers in the shape {(2, C_in, H, W)}, `weight` in the shape {(C_out, C_in, *kernel)}. "
        f"After `y = F.conv2d(x, weight, stride={stride})` and `z = F.conv_transpose2d(y, weight, stride={stride})`, "
        f"{claim}.",
        "M75",
        line,
        because=line,
        steps=[
            f"`y` is {h} x {w}; going back it makes ({h} - 1) * {stride[0]} + {kernel[0]} = {back[0]} rows and "
            f"({w} - 1) * {stride[1]} + {kernel[1]} = {back[1]} columns.",
            f"`x` has {H} rows and {W} columns."
            if sizes
            else "`z` is made of sums of outputs, and an output is a sum itself: nothing is solved for `x`.",
        ],
        proof=_undo_proof(
            (2, C_in, H, W), (C_out, C_in, *kernel), stride, f"not {asked}" if holds and not sizes else asked
        ),
        **_UNDO,
    )


QUESTIONS = {
    "full-padding": full_padding,
    "spread-size": spread_size,
    "transpose-size": transpose_size,
    "output-padding": output_padding,
    "myth-undo": myth_undo,
}
