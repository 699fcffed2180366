"""Lesson 08, the gradients as convolutions: what is correlated with what, and what is done to it before."""

from convlab.questions.cases import apart, block, drawn, gathered, grid, products, shuffled
from convlab.questions.lesson_03.drawing import KERNELS, chosen, judged, layer
from convlab.questions.lesson_08.shares import input_size, layer_text, moves, taken, total, weight_share
from convlab.questions.lesson_08.weights import gradient_block, weight_proof
from convlab.questions.question import Slip

_BATCH = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "compute the gradient of a weight over a batch",
    "formula": "grad_weight[u, v] = sum over n, i, j of grad_output[n, i, j] * input[n, i sH + u, j sW + v]",
    "hint": "One picture after the other: which cells lie under the tap, and what do they count? Then add the "
    "pictures.",
    "otherwise": "Work out each picture by itself, with the stride, then add: no mean, nothing turned.",
}
_SMALL = (((2, 3), (1, 2), (1, 2)), ((3, 2), (2, 1), (2, 1)), ((2, 3), (2, 3), (1, 2)), ((3, 2), (3, 2), (2, 1)))


def _batch_case(rng):
    kernel, stride, places = rng.choice(_SMALL)
    H, W = input_size(places, kernel, stride)
    tap = rng.randrange(kernel[0]), rng.randrange(kernel[1])
    return [(grid(rng, *places, -3, 3), grid(rng, H, W, 0, 5)) for _ in range(2)], tap, kernel, stride


def _over(pictures, tap, stride):
    return sum(weight_share(*picture, tap, stride) for picture in pictures)


def _batch_slips(pictures, tap, kernel, stride):
    right, turned = _over(pictures, tap, stride), (kernel[0] - 1 - tap[0], kernel[1] - 1 - tap[1])
    places = len(pictures[0][0]) * len(pictures[0][0][0])
    return right, [
        Slip(right / places, ("M81",), f"You divided by the {places} places. Their shares are added up."),
        Slip(right / 2 / places, ("M81",), "That is a mean over places and pictures. Their shares are added up."),
        Slip(_over(pictures[:1], tap, stride), ("M195",), "That is picture 0 alone. There is one gradient, and both "
             "pictures have a share in it."),
        Slip(_over(pictures[1:], tap, stride), ("M195",), "That is picture 1 alone. There is one gradient, and both "
             "pictures have a share in it."),
        Slip(_over(pictures, turned, stride), ("M78",), f"That is the entry {turned}: this one after a turn by 180 "
             "degrees. Nothing is turned here."),
        Slip(_over(pictures, tap, (1, 1)), ("M79",), f"You took cells side by side. From place to place the tap moves "
             f"on by {moves(stride)}."),
    ]  # fmt: skip


def weight_batch(rng):
    """One entry of the weight's gradient over two pictures, with a stride."""

    def fair(case):
        right, slips = _batch_slips(*case)
        return right and all(_over([it], case[1], case[3]) for it in case[0]) and apart("number", right, slips)

    case = pictures, (u, v), kernel, (sH, sW) = drawn(lambda: _batch_case(rng), fair)
    answer, slips = _batch_slips(*case)
    cells = [taken(*picture, (u, v), (sH, sW)) for picture in pictures]
    each = [_over([picture], (u, v), (sH, sW)) for picture in pictures]
    sums = [products(them, picture[0]) for them, picture in zip(cells, pictures, strict=True)]
    grad_outputs, inputs = ([picture[which] for picture in pictures] for which in (0, 1))
    figure = [block("input", x, f"input {n}, {len(x)} x {len(x[0])}") for n, x in enumerate(inputs)]
    return {
        **_BATCH,
        "prompt": f"The layer is `{layer_text(kernel, (sH, sW))}`, the batch has pictures 0 and 1. Which number does "
        f"`backward()` put into `conv.weight.grad[0, 0, {u}, {v}]`?",
        "answer": answer,
        "because": "One weight served all places of both pictures, so all their shares are added up.",
        "steps": [
            f"At place (i, j) tap ({u}, {v}) lies on input cell (i * {sH} + {u}, j * {sW} + {v}).",
            f"Picture 0: {sums[0]} = {each[0]}.",
            f"Picture 1: {sums[1]} = {each[1]}.",
            f"Both together: {total(each)} = {answer}.",
        ],
        "proof": weight_proof(inputs, grad_outputs, kernel, (sH, sW), f"[0, 0, {u}, {v}].item()"),
        "slips": gathered("number", answer, slips),
        "figure": [*figure, *(gradient_block(g, f" {n},") for n, g in enumerate(grad_outputs))],
    }


_CALL = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "write the weight's gradient as a convolution",
    "formula": "grad_weight = F.conv2d(input, grad_output, dilation=stride)",
    "because": "From place to place the window moved on by the stride; so do the numbers of `grad_output` when it is "
    "laid on the input, and that is a dilation.",
    "hint": "`grad_output` plays the kernel here. How far apart do its neighbours lie on the input?",
}


def weight_call(rng):
    """The call that gives the weight's gradient where there is a stride."""

    def draw():
        return rng.choice(KERNELS), rng.choice(((2, 3), (3, 2))), rng.choice(((3, 5), (5, 3), (4, 6), (6, 4), (2, 5)))

    kernel, stride, places = drawn(draw, lambda case: len(set(input_size(case[2], *case[:2]))) == 2)
    (H, W), (h, w) = input_size(places, kernel, stride), places
    answer = f"F.conv2d(input, grad_output, dilation={stride})"
    wrong = {
        "F.conv2d(input, grad_output)": ("M79", "Then neighbours of `grad_output` lie side by side on the input. They "
        f"belong {moves(stride)} apart."),
        f"F.conv2d(input, grad_output.flip(2, 3), dilation={stride})": ("M78", "Nothing is turned on the way to the "
        "weight: each tap meets its cells in the order of the places."),
        f"F.conv2d(input, grad_output, dilation={stride}) / {h * w}": ("M81", f"The shares of the {h * w} places are "
        "added up, not averaged."),
        f"F.conv2d(input, grad_output, stride={stride})": ("M14", "A stride moves the whole of `grad_output` on by "
        "more. What has to lie apart are its own numbers: that is a dilation."),
    }  # fmt: skip
    options = [answer, *wrong]
    return {
        **_CALL,
        "prompt": f"`{layer_text(kernel, stride, bias=False)}` gets `input`, one picture of {H} x {W}; `grad_output` "
        f"is {h} x {w}. All are tensors of four axes. Which of these is `conv.weight.grad` after `backward()`?",
        "answer": answer,
        "steps": [
            "Each entry is a sum over the places: a cell of the input times a number of `grad_output`.",
            f"From place to place the cell moves on by {moves(stride)}: dilation={stride}.",
            f"({H} - {stride[0]} * ({h} - 1) - 1) + 1 = {kernel[0]} rows come out, as the kernel has: `{answer}`.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
            f"conv, input = {layer_text(kernel, stride, bias=False)}.double(), torch.randn(1, 1, {H}, {W}).double()\n"
            f"grad_output = torch.randn(1, 1, {h}, {w}).double()\nconv(input).backward(grad_output)\n"
            f"for line in {options}:\n    result = eval(line)\n"
            "    if result.shape == conv.weight.shape and torch.allclose(result, conv.weight.grad):\n"
            "        print(line)"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, options),
    }


_TURNED = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "write the input's gradient as a convolution",
    "formula": "grad_input = F.conv2d(grad_output, weight.flip(2, 3).transpose(0, 1), padding=k - 1), stride 1",
    "because": "Each weight leads back to the cell it came from, so the kernel is turned by 180 degrees; and channels "
    "go from out to in, so the first two axes change places.",
    "hint": "How many channels does `grad_output` have, and how many the input? Which end of the kernel reads a cell "
    "first when its window comes from the left?",
}


_HALF_TURNED = {
    "weight.transpose(2, 3).transpose(0, 1)": "That exchanges rows and columns. Going back, both are reversed: a turn "
    "by 180 degrees.",
    "weight.flip(2).transpose(0, 1)": "That reverses the rows alone. A turn by 180 degrees reverses the columns too.",
    "weight.flip(3).transpose(0, 1)": "That reverses the columns alone. A turn by 180 degrees reverses the rows too.",
}


def input_call(rng):
    """What becomes of the weight when a convolution goes back to the input."""
    C_in, C_out, (kH, kW) = layer(rng)
    name = rng.choice(("turned", "back", "returning"))
    answer = rng.choice(("weight.flip(2, 3).transpose(0, 1)", "weight.transpose(0, 1).flip(2, 3)"))
    exchanged, rows, columns = _HALF_TURNED
    one = rng.choice((exchanged, exchanged, exchanged, rows, columns))  # so the answer is not often the longest
    wrong = {
        "weight.transpose(0, 1)": ("M77", "The axes are right, but the kernel lies as it did going forward. Each "
        "weight has to lead back: turn it by 180 degrees."),
        "weight.flip(2, 3)": ("M30", f"The kernels are turned, but this still reads {C_in} channels. `grad_output` "
        f"has {C_out}: the first two axes change places."),
        one: ("M62", _HALF_TURNED[one]),
    }  # fmt: skip
    options, code = [answer, *wrong], f"F.conv2d(grad_output, {name}, padding=({kH - 1}, {kW - 1}))"
    return {
        **_TURNED,
        "prompt": f"`conv = nn.Conv2d({C_in}, {C_out}, kernel_size=({kH}, {kW}))` has the weight `weight`. `{code}` is "
        f"the gradient of its input. What is `{name}`?",
        "answer": answer,
        "steps": [
            f"`grad_output` has {C_out} channels, the input {C_in}: axes 0 and 1 change places, `transpose(0, 1)`.",
            f"The window that comes first reads a cell with its last tap ({kH - 1}, {kW - 1}), the last with (0, 0): "
            "`flip(2, 3)`.",
            f"So `{name} = {answer}`.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.randn(2, {C_in}, 9, 11).double().requires_grad_()\n"
            f"weight = torch.randn({C_out}, {C_in}, {kH}, {kW}).double()\noutput = F.conv2d(input, weight)\n"
            f"grad_output = torch.randn_like(output)\noutput.backward(grad_output)\nfor line in {options}:\n"
            f"    {name} = eval(line)\n    if {name}.shape[:2] != ({C_in}, {C_out}):\n        continue\n"
            f"    result = {code}\n"
            "    if result.shape == input.shape and torch.allclose(result, input.grad):\n        print(line)"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, options),
    }


def myth_as_it_is(rng):
    """Whether the weight goes into a call as it is or turned, on the way back."""
    C_in, C_out, kernel = layer(rng)
    holds, transposed = rng.random() < 0.5, rng.random() < 0.5
    stride = rng.choice(((1, 2), (2, 1), (2, 3), (3, 2))) if transposed else (1, 1)
    flip = ".flip(2, 3)" if holds != transposed else ""
    if transposed:
        call = f"F.conv_transpose2d(grad_output, weight{flip}, stride={stride})"
        why = "`conv_transpose2d` sends each number of `grad_output` back through the weight as it is: nothing has to "
        why += "be turned before."
    else:
        padding = tuple(k - 1 for k in kernel)
        call = f"F.conv2d(grad_output, weight{flip}.transpose(0, 1), padding={padding})"
        why = "`conv2d` gathers what comes back to a cell, and for that the kernel is turned by 180 degrees."
    places = rng.choice(((4, 6), (6, 4), (3, 5), (5, 3)))
    H, W = input_size(places, kernel, stride)
    settings = "" if stride == (1, 1) else f", stride={stride}"
    return judged(
        holds,
        f"`nn.Conv2d({C_in}, {C_out}, kernel_size={kernel}{settings})` has the weight `weight` and made an output of "
        f"{places[0]} x {places[1]}, from all of its input. The gradient of its input is `{call}`.",
        "M77",
        why,
        objective="say when the kernel is turned on the way back",
        formula="conv_transpose2d takes the weight as it is; conv2d takes it turned, its first two axes exchanged",
        because=why,
        hint="Does the call scatter, each number back through its own window, or does it gather for each cell?",
        steps=[
            "conv_transpose2d scatters: number times kernel, laid where the window was." if transposed else
            "conv2d gathers: the first window that reaches a cell reads it with its last tap.",
            "So the weight goes in as it is." if transposed else "So the weight goes in turned by 180 degrees.",
        ],
        proof=(
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.randn(2, {C_in}, {H}, {W}).double().requires_grad_()\n"
            f"weight = torch.randn({C_out}, {C_in}, {kernel[0]}, {kernel[1]}).double()\n"
            f"output = F.conv2d(input, weight, stride={stride})\ngrad_output = torch.randn_like(output)\n"
            f"output.backward(grad_output)\nprint(torch.allclose({call}, input.grad))"
        ),
    )  # fmt: skip


QUESTIONS = {
    "weight-batch": weight_batch,
    "weight-call": weight_call,
    "input-call": input_call,
    "myth-as-it-is": myth_as_it_is,
}
