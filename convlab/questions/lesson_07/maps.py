"""Lesson 07, between the layers: what pooling and ReLU hand on, and what moves when the picture moves."""

from convlab.mistakes.values import value_at
from convlab.questions.cases import (
    added,
    apart,
    block,
    counted,
    covered,
    drawn,
    gathered,
    grid,
    kernel,
    products,
    window,
)
from convlab.questions.lesson_03.drawing import judged, layer
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.question import Slip

_POOL = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "compute a cell of max-pooling",
    "formula": "the largest number of the window at rows i * kH, columns j * kW",
    "hint": "The windows lie side by side: a pooling moves on by the size of its window. What does it keep of each?",
    "otherwise": "Draw the windows side by side, find the one asked for, and take its largest number.",
}


def _pool_slips(input, kH, kW, place):
    i, j = place

    def cells(top, left):
        return [value for row in window(input, (top, left), kH, kW) for value in row]

    mine = cells(i * kH, j * kW)
    slips = [
        Slip(sum(mine) / len(mine), ("M181",), "That is the mean of the window. Max-pooling takes the largest number "
             "and leaves the others."),
        Slip(sum(mine), ("M181",), "That is the sum of the window. Max-pooling takes the largest number and leaves the "
             "others."),
        Slip(min(mine), ("M181",), "That is the smallest number of the window. Max-pooling takes the largest."),
        Slip(max(cells(i, j)), ("M169",), f"That window begins at row {i}, column {j}. Pooling moves on by the size of "
             f"its window: this one begins at row {i * kH}, column {j * kW}."),
    ]  # fmt: skip
    if (j + 1) * kH <= len(input) and (i + 1) * kW <= len(input[0]):
        line = f"That is cell ({j}, {i}). An index is (row, column)."
        slips.append(Slip(max(cells(j * kH, i * kW)), ("M102",), line))
    return max(mine), slips


def pool_value(rng):
    """One cell of a max-pooled map."""

    def draw():
        (kH, kW), (H, W) = rng.choice((((2, 3), (4, 9)), ((3, 2), (9, 4)), ((2, 3), (6, 9)), ((3, 2), (6, 4))))
        place = rng.choice([it for it in ((0, 1), (1, 0), (1, 2), (2, 1)) if it[0] < H // kH and it[1] < W // kW])
        return grid(rng, H, W, -6, 9), kH, kW, place

    def fair(case):
        right, slips = _pool_slips(*case)
        return right > 0 and apart("number", right, slips)

    case = input, kH, kW, (i, j) = drawn(draw, fair)
    answer, slips = _pool_slips(*case)
    mine = ", ".join(str(value) for row in window(input, (i * kH, j * kW), kH, kW) for value in row)
    return {
        **_POOL,
        "prompt": f"`nn.MaxPool2d(({kH}, {kW}))` gets the map below. Which number stands in output cell ({i}, {j})?",
        "answer": answer,
        "because": f"{answer} is the largest of {mine}.",
        "steps": [
            f"The windows lie side by side, so this one begins at row {i} * {kH} = {i * kH}, column {j} * {kW} = "
            f"{j * kW}.",
            f"It holds {mine}: the largest is {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\ninput = torch.tensor([[{input}]]).double()\n"
            f"print(nn.MaxPool2d(({kH}, {kW}))(input)[0, 0, {i}, {j}].item())"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [block("input", input)],
    }


_POOLS = ((2, 3), (3, 2), (2, 4), (4, 2), (3, 4), (4, 3), (2, 5), (5, 2), (3, 5), (5, 3))


def myth_pool_relu(rng):
    """Whether ReLU and a pooling may change places."""
    (kH, kW), kind = rng.choice(_POOLS), rng.choice(("Max", "Avg"))
    pool, first = f"nn.{kind}Pool2d(({kH}, {kW}))", rng.random() < 0.5
    orders = [f"nn.Sequential(nn.ReLU(), {pool})", f"nn.Sequential({pool}, nn.ReLU())"]
    shape, holds = (rng.choice((4, 8, 16)), rng.choice((3, 6, 12)), 4 * kH, 6 * kW + 1), kind == "Max"
    a, b = orders if first else orders[::-1]
    return judged(
        holds,
        f"`{a}` and `{b}` give the same output for every batch of shape {shape}.",
        "M181",
        "Max-pooling hands on the largest number of a window, and ReLU leaves the largest one the largest: the order "
        "does not matter." if holds else
        "A mean is made of all numbers of the window: the negative ones count if ReLU comes later. This is no "
        "max-pooling.",
        objective="tell what max-pooling keeps",
        formula="max(relu(x)) = relu(max(x)); a mean has no such rule",
        because="ReLU never turns the order of two numbers round, so the largest stays the largest." if holds else
        "A window with -4 and 4, say: cut off first the mean is more than 0, cut off last it is 0.",
        hint="Take a window with a negative and a positive number, and go both ways.",
        steps=[
            "Of -4 and 4, ReLU makes 0 and 4.",
            "The largest is 4, with ReLU before or after: the same." if holds else
            "Their mean is 2 with ReLU before it; the mean of -4 and 4 is 0, and ReLU leaves that.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\nx = torch.randn(5, 3, {4 * kH}, {4 * kW})\n"
            f"print(torch.equal({a}(x), {b}(x)))"
        ),
    )  # fmt: skip


_LINEAR = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "compute two layers without a ReLU between",
    "formula": "conv2(conv1(x)) = w2 * (sum(x * w1) + b1) + b2",
    "hint": "Is there anything between the two layers, or in them, that would change a negative number?",
    "otherwise": "First the sum of products and the first bias, with its sign. Then times the second weight, and add.",
}


def _two_slips(case):
    input, weight, bias, scale, second = case
    hidden = value_at([input], [weight], bias, (0, 0))
    turned = value_at([input], [[row[::-1] for row in weight[::-1]]], bias, (0, 0))
    return scale * hidden + second, [
        Slip(second, ("M66",), f"You set {hidden} to 0, as a ReLU would. There is none here: `nn.Conv2d` hands on "
             "negative numbers as they are."),
        Slip(max(0, scale * hidden + second), ("M66",), "You set the last number to 0, as a ReLU would. There is none "
             "here: the output of `nn.Conv2d` can be negative."),
        Slip(scale * (hidden - bias) + second, ("M103",), f"The bias of the first layer, {bias}, is missing."),
        Slip(scale * hidden, ("M103",), f"The bias of the second layer, {second}, is missing."),
        Slip(scale * turned + second, ("M61",), "Those are the numbers of a kernel turned by 180 degrees. It lies on "
             "the input as it is drawn."),
    ]  # fmt: skip


def relu_value(rng):
    """What two convolutions without a ReLU give, with a negative number between them."""

    def draw():
        kH, kW = rng.choice(((2, 3), (3, 2)))
        numbers = rng.choice((-3, -2, 2, 3)), rng.choice((-4, -3, 3, 5, 6))
        return grid(rng, kH, kW, 0, 5), kernel(rng, kH, kW), rng.choice((-3, -2, 2, 3)), *numbers

    def fair(case):
        right, slips = _two_slips(case)
        wrong = [slip for slip in slips if slip.answer != right]  # a positive output is not cut off at the end
        return value_at([case[0]], [case[1]], case[2], (0, 0)) < 0 and right != 0 and apart("number", right, wrong)

    case = input, weight, bias, scale, second = drawn(draw, fair)
    answer, slips = _two_slips(case)
    hidden, (kH, kW) = value_at([input], [weight], bias, (0, 0)), (len(weight), len(weight[0]))
    total = hidden - bias
    return {
        **_LINEAR,
        "prompt": f"`net = nn.Sequential(nn.Conv2d(1, 1, kernel_size=({kH}, {kW})), nn.Conv2d(1, 1, kernel_size=1))`. "
        f"The first layer has the kernel below and the bias {bias}, the second the weight {scale} and the bias "
        f"{second}. Which number does `net` give on this input?",
        "answer": answer,
        "because": "A convolution hands on negative numbers as they are; cutting them off is a layer of its own, "
        "`nn.ReLU()`.",
        "steps": [
            f"The sum of products: {products(input, weight)} = {total}.",
            f"The first bias: {total} {added(bias)} = {hidden}. It is negative, and stays so.",
            f"The second layer: {scale} * ({hidden}) {added(second)} = {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch.nn import functional as F\ninput = torch.tensor([[{input}]]).double()\n"
            f"hidden = F.conv2d(input, torch.tensor([[{weight}]]).double(), torch.tensor([{bias}]).double())\n"
            f"print(F.conv2d(hidden, torch.tensor([[[[{scale}]]]]).double(), torch.tensor([{second}]).double()).item())"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [block("input", input), block("weight", weight)],
    }


def myth_one_conv(rng):
    """Whether one convolution can give what two give."""
    (C_in, C_out, (kH, kW)), (uH, uW) = drawn(
        lambda: (layer(rng), rng.choice(((2, 3), (3, 2), (3, 5), (5, 3)))),
        lambda case: case[0][2][0] + case[1][0] != case[0][2][1] + case[1][1],
    )
    middle = rng.choice((9, 12, 16))
    holds = rng.random() < 0.5
    between = "" if holds else "nn.ReLU(), "
    net = f"nn.Sequential(nn.Conv2d({C_in}, {middle}, kernel_size=({kH}, {kW})), {between}" + (
        f"nn.Conv2d({middle}, {C_out}, kernel_size=({uH}, {uW})))"
    )
    one = f"nn.Conv2d({C_in}, {C_out}, kernel_size=({kH + uH - 1}, {kW + uW - 1}))"
    return judged(
        holds,
        f"Whatever the weights of `{net}` are, one layer `{one}` can be given a weight and a bias so that it gives the "
        "same output on every input.",
        "M66",
        "Nothing lies between the two layers, and neither has a ReLU in it. Sums of sums are sums: one layer can do "
        "it." if holds else
        "The ReLU between them cuts off what is negative, and no sum of products can do that: two layers and a ReLU "
        "do more than one layer.",
        objective="say what the ReLU between two layers is for",
        formula="conv of conv = one conv with the kernel k1 + k2 - 1, unless a ReLU lies between",
        because="Two convolutions with nothing between them are one." if holds else
        "The ReLU makes two layers more than one.",
        hint="Double the input. Without biases, what does a layer do to its output, and what does the whole net?",
        steps=[
            f"Two windows reach over {kH} + {uH} - 1 = {kH + uH - 1} rows and {kW} + {uW} - 1 = {kW + uW - 1} columns: "
            "the one layer reads as much.",
            "Each output is a weighted sum of weighted sums, so a weighted sum of the input." if holds else
            "But what ReLU hands on is no weighted sum of the input: it is cut off at 0.",
        ],
        proof=_one_conv_proof(net, one, C_in, (kH + uH + 3, kW + uW + 4)),
    )  # fmt: skip


def _one_conv_proof(net, one, C_in, size):
    """The one layer gets what the net does to single pixels; then both are compared on a picture."""
    H, W = size
    return (
        f"import torch\nfrom torch import nn\nnet, one = {net}.double(), {one}.double()\n"
        f"taps = one.weight[0].numel()\nwindows = torch.eye(taps).double().view(taps, *one.weight.shape[1:])\n"
        "with torch.no_grad():\n    one.bias.copy_(net(torch.zeros_like(windows[:1])).flatten())\n"
        "    one.weight.copy_((net(windows).flatten(1) - one.bias).T.reshape(one.weight.shape))\n"
        f"picture = torch.randn(4, {C_in}, {H}, {W}).double()\nprint(torch.allclose(net(picture), one(picture)))"
    )


_MOVED = {  # what is the same for every seed
    "kind": "cells",
    "level": "easy",
    "objective": "say what the output does when the picture moves",
    "formula": "picture moved by a * stride: output moved by a",
    "hint": "The same window meets the same pixels, at another place. Which window is it, if windows lie a "
    "stride apart?",
    "otherwise": "Move the cells that are not 0 in the output below, all of them alike. How far, if windows lie a "
    "stride apart?",
}


def _moved_case(rng):
    (kH, kW), (sH, sW) = rng.choice(((2, 3), (3, 2))), rng.choice(((1, 1), (1, 2), (2, 1), (2, 2)))
    wide = ((6, 8), (8, 6), (5, 7), (7, 5)) if sH * sW == 1 else ((4, 6), (6, 4), (5, 6), (6, 5))
    H_out, W_out = rng.choice(wide)
    H, W = (H_out - 1) * sH + kH, (W_out - 1) * sW + kW
    pixel = rng.randint(kH - 1, H // 2), rng.randint(kW - 1, W // 2)
    move = rng.choice(((1, 2), (2, 1), (3, 1), (1, 3), (2, 0), (1, 0), (3, 2)))
    return (kH, kW), (sH, sW), (H_out, W_out), pixel, move


def _bright(case, move=(0, 0)):
    """The output cells that read the pixel, all of them moved."""
    (kH, kW), (sH, sW), (H_out, W_out), (r, c), _ = case
    found = [[i, j] for i in range(H_out) for j in range(W_out)
             if (i * sH, j * sW) in {(r - u, c - v) for u, v in covered((0, 0), kH, kW)}]  # fmt: skip
    return [[i + move[0], j + move[1]] for i, j in found]


def _moved_slips(case):
    _, (sH, sW), _, _, (a, b) = case
    pixels = f"{counted(a * sH, 'row')} and {counted(b * sW, 'column')}"
    far = f"The picture moves by {pixels}, and windows lie {sH} and {sW} apart"
    return [
        Slip(_bright(case), ("M65",), "Those are the cells of before. The output does not stay where it was: it moves "
             "with the picture."),
        Slip(_bright(case, (a * sH, b * sW)), ("M169",), f"{far}: the output moves by {a} and {b}."),
        Slip(_bright(case, (b, a)), ("M102",), "You moved rows and columns the other way round. Down is along the "
             "rows, the first axis."),
    ]  # fmt: skip


def moved_cells(rng):
    """The output cells that are not 0 after the picture has moved."""

    def inside(case, cells):
        H, W = case[2]
        return cells and all(0 <= i < H and 0 <= j < W for i, j in cells)

    def fair(case):
        moved = _bright(case, case[-1])
        (kH, kW), (sH, sW), (H, W) = case[:3]
        if (H - 1) * sH + kH == (W - 1) * sW + kW:
            return False
        wrong = [slip for slip in _moved_slips(case) if slip.answer != moved]
        return inside(case, moved) and all(inside(case, it.answer) for it in wrong) and apart("cells", moved, wrong)

    case = (kH, kW), (sH, sW), (H_out, W_out), (r, c), (a, b) = drawn(lambda: _moved_case(rng), fair)
    H, W = (H_out - 1) * sH + kH, (W_out - 1) * sW + kW
    before, answer = _bright(case), _bright(case, (a, b))
    input = [[int((row, column) == (r, c)) for column in range(W)] for row in range(H)]
    output = [[int([i, j] in before) for j in range(W_out)] for i in range(H_out)]
    made = f"nn.Conv2d(1, 1, kernel_size=({kH}, {kW}), stride=({sH}, {sW}), bias=False)"
    return {
        **_MOVED,
        "prompt": f"`{made}`, its weights all 1, makes the output below of the input below. Then the picture moves "
        f"down by {a * sH} and right by {b * sW}. Click all output cells that are not 0 then.",
        "answer": answer,
        "because": f"The output moves along with the picture: down by {a}, right by {b}. That is equivariance.",
        "steps": [
            f"Windows lie {sH} and {sW} apart: {a * sH} / {sH} = {a} down, {b * sW} / {sW} = {b} to the right.",
            f"The cell ({before[0][0]}, {before[0][1]}) moves to ({answer[0][0]}, {answer[0][1]}), and the others "
            "likewise.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer = {made}\nnn.init.ones_(layer.weight)\n"
            f"input = torch.zeros(1, 1, {H}, {W})\ninput[0, 0, {r + a * sH}, {c + b * sW}] = 1\n"
            "print(layer(input)[0, 0].nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, _moved_slips(case)),
        "options": {"shape": [H_out, W_out], "role": "output"},
        "figure": [block("input", input), block("output", output)],
    }


_SAME = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "tell equivariant from invariant",
    "formula": "maps move with the picture; the largest or the sum over a whole map does not care where",
    "because": "A map moves along with the picture. What takes the largest, the mean or the sum over all rows and "
    "columns no longer knows where.",
    "hint": "Which of these still have an axis along which the object can move?",
    "otherwise": "Ask of each line: are rows and columns still there, as axes or laid in a row?",
}
_MATTERS = (
    [("conv(x) / 2", False, "M65", "The maps move along with the object: equivariant, not invariant."),
     ("conv(x).amax((2, 3))", True, "M65", "The largest number of a map is the same, wherever it stands.")],
    [("F.relu(conv(x))", False, "M65", "ReLU looks at each cell by itself, so its output moves along."),
     ("F.relu(conv(x)).mean((2, 3))", True, "M65", "The mean over a whole map does not care where the numbers stand.")],
    [("F.max_pool2d(conv(x), 2)", False, "M65", "A pooled map moves along too, by half as many cells."),
     ("F.max_pool2d(conv(x), 2).amax((2, 3))", True, "M65", "The largest of all the windows' largest is the largest of "
      "the map, wherever it stands.")],
    [("conv(x).flatten(1)", False, "M65", "Flattening lays the cells in a row: the object's answers then stand at "
      "other places of it."),
     ("conv(x).flatten(2).sum(2)", True, "M65", "The sum over all cells of a map does not care where they stand.")],
    [("x.mean(3)", False, "M65", "The mean of each row is left, and the object has moved to other rows."),
     ("x.mean((2, 3))", True, "M65", "The mean over the whole picture does not care where the object is.")],
)  # fmt: skip


def same_when_moved(rng):
    """Which tensors stay the same when an object moves on a black ground."""
    (_, C_out, (kH, kW)), (down, right) = layer(rng, (5, 6, 7, 8, 9)), rng.sample((2, 4, 6, 8), 2)
    H, W = rng.choice(((40, 60), (60, 40), (50, 70)))
    fields = to_tick(rng, _MATTERS)
    made = f"nn.Conv2d(3, {C_out}, kernel_size=({kH}, {kW}), bias=False)"
    return {
        **_SAME,
        **fields,
        "prompt": f"`x` holds a picture of {H} x {W}: a small object on black, far from every border. `conv = {made}`. "
        f"Then the object moves down by {down} and right by {right}. Which of these keep every number at its place? "
        "Tick all.",
        "steps": [
            f"The maps move along with the picture, down by {down} and right by {right}. So does what looks at each "
            "cell or window by itself.",
            "Rows and columns laid in a row are still places: each number stands elsewhere in it.",
            "One number for a whole map, the largest, the sum or the mean, has no place to change.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nfrom torch.nn import functional as F\nconv = {made}.double()\n"
            f"old = torch.zeros(1, 3, {H}, {W}).double()\nold[..., 14:21, 14:22] = torch.rand(3, 7, 8).double()\n"
            f"new = old.roll(({down}, {right}), (2, 3))\n"
            f"print([line for line in {fields['options']}\n"
            "       if torch.allclose(*(eval(line, {'x': x, 'conv': conv, 'F': F}) for x in (old, new)))])"
        ),
    }


QUESTIONS = {
    "pool-value": pool_value,
    "myth-pool-relu": myth_pool_relu,
    "relu-value": relu_value,
    "myth-one-conv": myth_one_conv,
    "moved-cells": moved_cells,
    "same-when-moved": same_when_moved,
}
