"""Lesson 03, one weight at a time: which feature map it makes, which channel it reads, which cells it meets."""

from convlab.questions.cases import apart, drawn, gathered
from convlab.questions.lesson_03.drawing import judged, layer, made
from convlab.questions.question import Slip


def one_weight(rng):
    """What changes when one weight is changed."""
    C_in, C_out, (kH, kW) = layer(rng)
    o, c = rng.sample(range(min(C_in, C_out)), 2)
    u, v = rng.randrange(kH), rng.randrange(kW)
    holds = rng.random() < 0.5
    map, reads = (o, c) if holds else (c, o)
    return judged(
        holds,
        f"In `{made(C_in, C_out, (kH, kW))}` the number `weight[{o}, {c}, {u}, {v}]` is made larger by 1. Then only "
        f"feature map {map} can change, and how much depends on input channel {reads} alone.",
        "M30",
        f"The first index is the filter, so its feature map, {o}; the second is the input channel that this weight is "
        f"multiplied with, {c}.",
        objective="say what one weight is for",
        formula="weight[o, c, u, v] takes input channel c to feature map o",
        because=f"Filter {o} makes feature map {o}, and this weight belongs to its kernel for input channel {c}.",
        hint="`weight[o]` is a filter. What does one filter make? And `weight[o, c]` is laid on which channel?",
        steps=[
            f"`weight[{o}]` is filter {o}, and it makes feature map {o} and no other.",
            f"`weight[{o}, {c}]` is its kernel for input channel {c}.",
        ],
        proof=(
            "import torch\nfrom torch import nn\n"
            f"layer, input = {made(C_in, C_out, (kH, kW))}, torch.rand({C_in}, 9, 11) + 1\n"
            f"before = layer(input).detach()\nwith torch.no_grad():\n    layer.weight[{o}, {c}, {u}, {v}] += 1\n"
            "gain = (layer(input) - before).detach()\n"
            "maps = [o for o, map in enumerate(gain) if map.abs().max() > 0.5]\n"
            "H, W = gain.shape[1:]\n"
            f"channels = [c for c, it in enumerate(input[:, {u}:{u} + H, {v}:{v} + W])\n"
            "            if torch.allclose(gain[maps[0]], it, atol=1e-4)]\n"
            f"print((maps, channels) == ([{map}], [{reads}]))"
        ),
    )


_KERNELS_OF_A_MAP = {  # what is the same for every seed
    "kind": "cells",
    "level": "easy",
    "objective": "find the kernels of a filter",
    "formula": "output[:, o] is made by weight[o]",
    "hint": "One feature map is made by one filter. Which index counts the filters?",
}


def _kernels_of_a_map_slips(o, C_in, C_out):
    return [
        Slip(
            [[row, o] for row in range(C_out)],
            ("M30",),
            f"That is what is laid on input channel {o}, in all filters. Feature map {o} is made by filter {o}, row "
            f"{o} "
            "of the grid.",
        ),
        Slip(
            [[o, 0]],
            ("M29",),
            f"A filter is more than one kernel: it has one for each of the {C_in} input channels, and their results "
            "are added up.",
        ),
        Slip(
            [[row, column] for row in range(C_out) for column in range(C_in)],
            ("M48",),
            f"All kernels together make all {C_out} feature maps. One map is made by one filter, one row of the grid.",
        ),
    ]


def kernels_of_a_map(rng):
    """The kernels that make one feature map."""

    def case():
        C_in, C_out = rng.sample(range(3, 7), 2)
        return C_in, C_out, rng.randrange(1, min(C_in, C_out))

    C_in, C_out, o = drawn(case, lambda case: case[2] != 0)
    kernel = rng.choice(((3, 2), (2, 3), (5, 3), (3, 5)))
    answer = [[o, c] for c in range(C_in)]
    slips = _kernels_of_a_map_slips(o, C_in, C_out)
    return {
        **_KERNELS_OF_A_MAP,
        "prompt": f"The grid shows the kernels of `{made(C_in, C_out, kernel)}`: the cell in row r and column c stands "
        f"for `weight[r, c]`. Click the kernels that make feature map {o}, which is `output[:, {o}]`.",
        "answer": answer,
        "because": f"Filter {o} is `weight[{o}]`: {C_in} kernels, one for each input channel.",
        "steps": [
            f"The first index counts the filters, so filter {o} is row {o}.",
            f"It has a kernel for each input channel: columns 0 to {C_in - 1}.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\n"
            f"layer = {made(C_in, C_out, kernel)}\nlayer(torch.rand(1, {C_in}, 9, 11))[:, {o}].sum().backward()\n"
            "print(layer.weight.grad.abs().sum((2, 3)).nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, slips),
        "options": {"shape": [C_out, C_in], "role": "weight"},
    }


def _met_case(rng):
    kernel = rng.choice(((2, 3), (3, 2), (2, 4), (4, 2), (3, 4)))
    H, W = rng.choice(((4, 6), (5, 6), (5, 7), (6, 4), (6, 5)))
    u, v = rng.randrange(kernel[0]), rng.randrange(kernel[1])
    return kernel, (H, W), (u, v), _met_sets(kernel, (H, W), (u, v))


def _met_sets(kernel, size, tap):
    """ "right" or a mistake's id -> the input cells that a weight is taken to meet."""
    (kH, kW), (H, W), (u, v) = kernel, size, tap
    places = [(i, j) for i in range(H - kH + 1) for j in range(W - kW + 1)]
    return {
        "right": [[i + u, j + v] for i, j in places],
        "M102": [[i + v, j + u] for i, j in places if i + v < H and j + u < W],
        "M39": [[u, v]],
        "M01": [[i, j] for i in range(H) for j in range(W)],
    }


def _met_keeps(case):
    kernel, size, (u, v), sets = case
    fits = kernel[0] < size[0] and kernel[1] < size[1] and len(sets["right"]) <= 12
    slips = [Slip(cells, (id,), "") for id, cells in sets.items() if id != "right"]
    return fits and u != v and apart("cells", sets["right"], slips)


def weight_meets(rng):
    """The input cells that one weight is multiplied with."""
    (kH, kW), (H, W), (u, v), sets = drawn(lambda: _met_case(rng), _met_keeps)
    C_in, C_out = rng.sample((2, 3, 5, 6), 2)
    o, c = rng.randrange(C_out), rng.randrange(C_in)
    H_out, W_out, answer = H - kH + 1, W - kW + 1, sets["right"]
    lines = {
        "M102": f"`weight[{o}, {c}, {u}, {v}]` lies in row {u} and column {v} of its kernel, and you have them the "
        "other way round.",
        "M39": f"That is the cell it meets at the first place. The same weight is used at all {H_out} x {W_out} "
        f"places.",
        "M01": f"The window has to lie inside the input, so it has {H_out} x {W_out} places, and each weight meets "
        f"{H_out * W_out} cells, not all {H * W}.",
    }
    return {
        "prompt": f"`{made(C_in, C_out, (kH, kW))}` gets an input of shape ({C_in}, {H}, {W}). Click the cells of "
        f"input "
        f"channel {c} that `weight[{o}, {c}, {u}, {v}]` is multiplied with, at all places together.",
        "kind": "cells",
        "level": "medium",
        "objective": "find what one weight meets",
        "formula": "weight[o, c, u, v] meets input[c, i + u, j + v]",
        "answer": answer,
        "because": f"At place (i, j) it meets cell (i + {u}, j + {v}), and there are {H_out} x {W_out} places.",
        "hint": "Where does the weight lie when the window stands in the upper left corner? Then move the window.",
        "steps": [
            f"The window of {kH} x {kW} has {H} - {kH} + 1 = {H_out} places down and {W} - {kW} + 1 = {W_out} across.",
            f"At place (0, 0) the weight lies on cell ({u}, {v}).",
            f"So it meets rows {u} to {u + H_out - 1} and columns {v} to {v + W_out - 1}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input, weight = torch.zeros({C_in}, {H}, {W}, requires_grad=True), torch.zeros({C_out}, {C_in}, {kH}, "
            f"{kW})\nweight[{o}, {c}, {u}, {v}] = 1\nF.conv2d(input, weight).sum().backward()\n"
            f"print(input.grad[{c}].nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, [Slip(sets[id], (id,), line) for id, line in lines.items()]),
        "options": {"shape": [H, W], "role": "input"},
    }


QUESTIONS = {"kernels-of-a-map": kernels_of_a_map, "one-weight": one_weight, "weight-meets": weight_meets}
