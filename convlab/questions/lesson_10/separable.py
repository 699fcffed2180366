"""Lesson 10, depthwise separable: a depthwise layer and a 1 x 1 layer, counted and set beside the dense one."""

from itertools import combinations

from convlab.questions.cases import apart, drawn, gathered, sequential, shuffled
from convlab.questions.lesson_03.drawing import chosen
from convlab.questions.lesson_10.drawing import kernel, layer_text, size
from convlab.questions.question import Slip


def _case(rng):
    """C, C_out and (kH, kW): four different numbers."""
    C, C_out = rng.sample((4, 6, 8, 10, 12, 16), 2)
    return C, C_out, *kernel(rng, (C, C_out))


_COUNT = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "count a separable convolution",
    "formula": "C (kH kW) + C, and C C_out + C_out",
    "hint": "Count the two layers one after the other: what does a filter of each of them read?",
    "otherwise": "The depthwise layer: one kernel and one bias a channel. The 1 x 1 layer: C_out filters of C weights, "
    "and C_out biases.",
}


def _count_slips(C, C_out, kH, kW):
    depth, point = C * kH * kW + C, C * C_out + C_out
    return depth + point, [
        Slip(depth, ("M213",), f"That is the depthwise layer. The 1 x 1 layer after it has {C_out} filters of {C} "
             "weights, and their biases."),
        Slip(point, ("M218",), f"That is the 1 x 1 layer. The depthwise layer before it has {C} kernels of {kH} x "
             f"{kW}, and their biases."),
        Slip(C * C * kH * kW + C + point, ("M44",), f"The first layer has {C} groups: each of its filters reads one "
             f"channel, and not {C}."),
        Slip(depth + point - C - C_out, ("M35",), f"Those are the weights. The first layer has {C} biases besides, the "
             f"second {C_out}."),
        Slip(kH * kW + C + point, ("M47",), f"In the first layer each channel has a kernel of its own: {C} of them, "
             "and not one for all."),
        Slip(C_out * C * kH * kW + C_out, ("M44",), "That is the dense layer which these two stand for."),
    ]  # fmt: skip


def separable_count(rng):
    """All numbers that a separable convolution learns."""
    case = C, C_out, kH, kW = drawn(lambda: _case(rng), lambda case: apart("number", *_count_slips(*case)))
    answer, slips = _count_slips(*case)
    depth, point = C * kH * kW + C, C * C_out + C_out
    code = sequential("net", [layer_text(C, C, (kH, kW), C), f"nn.Conv2d({C}, {C_out}, kernel_size=1)"])
    return {
        **_COUNT,
        "prompt": "How many numbers does `net` learn, weights and biases together?",
        "answer": answer,
        "because": f"{depth} in the depthwise layer and {point} in the 1 x 1 layer.",
        "steps": [
            f"Depthwise: {C} filters of {kH} * {kW} = {kH * kW} weights and a bias: {C} * {kH * kW} + {C} = {depth}.",
            f"1 x 1: {C_out} filters of {C} weights and a bias: {C_out} * {C} + {C_out} = {point}.",
            f"Together: {depth} + {point} = {answer}.",
        ],
        "proof": f"import torch\nfrom torch import nn\n{code}\nprint(sum(it.numel() for it in net.parameters()))",
        "slips": gathered("number", answer, slips),
        "figure": [{"code": code}],
    }


_SHARE = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "set a separable convolution beside the dense one",
    "formula": "1 / C_out + 1 / (kH kW)",
    "hint": "For one place: how many multiply-adds does the depthwise layer do, the 1 x 1 layer, the dense layer? "
    "Divide the first two by the third.",
}


def separable_share(rng):
    """Which part of the dense multiply-adds a separable convolution does."""

    def fair(case):
        C, C_out, kH, kW = case
        shares = (1 / C_out + 1 / (kH * kW), 1 / C + 1 / (kH * kW), 1 / C, 1 / C_out, 1 / (kH * kW))
        return all(abs(a - b) > 1e-9 for a, b in combinations(shares, 2))

    C, C_out, kH, kW = drawn(lambda: _case(rng), fair)
    taps = kH * kW
    answer = f"1/{C_out} + 1/{taps}"
    wrong = {
        f"1/{taps}": ("M218", f"That is the 1 x 1 layer beside the dense one. The depthwise layer adds 1/{C_out}."),
        f"1/{C_out}": ("M213", f"That is the depthwise layer beside the dense one. The 1 x 1 layer adds 1/{taps}."),
        f"1/{C} + 1/{taps}": ("M91", f"{C} are the input channels. The dense layer does the depthwise layer's work "
            f"{C_out} times, once for each output channel."),
        f"1/{C}": ("M47", f"That would be the dense layer with {C} groups, which makes no use of the other channels. "
            "A separable convolution has two layers."),
    }  # fmt: skip
    H, W = size(rng)
    return {
        **_SHARE,
        "prompt": f"`{layer_text(C, C, (kH, kW), C)}` and then `nn.Conv2d({C}, {C_out}, kernel_size=1)` stand for "
        f"`nn.Conv2d({C}, {C_out}, kernel_size={kH, kW})`, on pictures of {H} x {W}. Which part of its multiply-adds "
        "do they do, both together?",
        "answer": answer,
        "because": f"For a place: {C} * {taps} and {C} * {C_out}, beside {C} * {taps} * {C_out}.",
        "steps": [
            f"Dense, for a place: {C_out} * {C} * {taps} = {C_out * C * taps} multiply-adds.",
            f"Depthwise {C} * {taps} = {C * taps}, which is 1/{C_out} of that.",
            f"1 x 1: {C} * {C_out} = {C * C_out}, which is 1/{taps}. Together {answer}.",
        ],
        "proof": (
            "from fractions import Fraction\nimport torch\nfrom torch import nn\n\ndef work(layer):\n"
            "    return layer.weight.numel()  # for a place; all three layers have the same places\n\n"
            f"two = work({layer_text(C, C, (kH, kW), C)}) + work(nn.Conv2d({C}, {C_out}, 1))\n"
            f"share = Fraction(two, work(nn.Conv2d({C}, {C_out}, {kH, kW})))\n"
            f"for text in {[answer, *wrong]}:\n"
            "    if sum(Fraction(part) for part in text.split(' + ')) == share:\n        print(text)"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
    }


_MACS = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "count the multiply-adds of a separable convolution",
    "formula": "N H_out W_out (C kH kW + C C_out)",
    "hint": "Both layers have the same places, those that the first one leaves. How many multiply-adds does each do at "
    "one of them?",
    "otherwise": "Places times the multiply-adds of one place, for both layers, for each picture.",
}


def _macs_slips(C, C_out, kH, kW, s, N, H, W):
    h, w = (H - kH) // s + 1, (W - kW) // s + 1
    full, depth, point = (H - kH + 1) * (W - kW + 1), C * kH * kW, C * C_out
    right = N * h * w * (depth + point)
    return right, [
        Slip(N * h * w * depth, ("M213",), f"That is the depthwise layer. The 1 x 1 layer does {C} * {C_out} "
             "multiply-adds more at each place."),
        Slip(N * h * w * point, ("M218",), f"That is the 1 x 1 layer. The depthwise layer does {C} * {kH} * {kW} "
             "multiply-adds at each place before it."),
        Slip(right // N, ("M117",), f"That is one picture, and there are {N}."),
        Slip(N * full * (depth + point), ("M169",), f"So many places has a stride of 1. With {s} there are {h} x {w}."),
        Slip(N * h * w * C_out * depth, ("M44",), "That is the dense layer which these two stand for."),
        Slip(N * h * w * (C * depth + point), ("M44",), f"The first layer has {C} groups: each of its filters reads "
             "one channel."),
    ]  # fmt: skip


def separable_macs(rng):
    """The multiply-adds of a separable convolution with a stride."""

    def draw():
        C, C_out, kH, kW = _case(rng)
        return C, C_out, kH, kW, 2, rng.choice((2, 3, 5)), *size(rng, 9, 20)

    def fair(case):
        *_, kH, kW, s, _, H, W = case
        return (H - kH) // s != (W - kW) // s and apart("number", *_macs_slips(*case))

    case = C, C_out, kH, kW, s, N, H, W = drawn(draw, fair)
    (answer, slips), h, w = _macs_slips(*case), (H - kH) // s + 1, (W - kW) // s + 1
    first, second = layer_text(C, C, (kH, kW), C, f", stride={s}"), f"nn.Conv2d({C}, {C_out}, kernel_size=1)"
    code, depth, point = sequential("net", [first, second]), C * kH * kW, C * C_out
    return {
        **_MACS,
        "prompt": f"`net` gets a batch of shape {(N, C, H, W)}. How many multiply-adds do both layers do together, for "
        "the whole batch?",
        "answer": answer,
        "because": f"{N} pictures with {h * w} places, and {depth} + {point} = {depth + point} multiply-adds at each.",
        "steps": [
            f"Places: ({H} - {kH}) // {s} + 1 = {h} and ({W} - {kW}) // {s} + 1 = {w}, so {h} * {w} = {h * w}. The "
            "1 x 1 layer has the same.",
            f"Depthwise, at each place: {C} channels with {kH} * {kW} weights, {C} * {kH} * {kW} = {depth}.",
            f"1 x 1, at each place: {C_out} filters of {C} weights, {C_out} * {C} = {point}.",
            f"{N} pictures: {N} * {h * w} * ({depth} + {point}) = {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{code}\nx, count = torch.rand{(N, C, H, W)}, 0\nfor layer in net:\n"
            "    x = layer(x)\n    count += x.numel() * layer.weight[0].numel()\nprint(count)"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [{"code": code}],
    }


QUESTIONS = {
    "separable-count": separable_count,
    "separable-share": separable_share,
    "separable-macs": separable_macs,
}
