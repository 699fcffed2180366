"""Lesson 09, multiply-adds: of a matrix product, of a layer by im2col, and how they grow."""

from math import prod

from convlab.questions.cases import apart, drawn, gathered
from convlab.questions.lesson_03.drawing import judged, layer, made, size, ticked
from convlab.questions.lesson_09.matrix import IMPORTS, places_of
from convlab.questions.question import Slip
from convlab.questions.varying import some_of

_PRODUCT = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "count the multiply-adds of a matrix product",
    "formula": "(C_out, K) @ (K, L): C_out * K * L multiply-adds",
    "hint": "How many numbers has the product, and how many multiply-adds does each take?",
    "otherwise": "Each number of the product is a row times a column, as long as the inner axis.",
}


def _product_slips(C_out, rows, places, kernel):
    taps = kernel[0] * kernel[1]
    return C_out * rows * places, [
        Slip(C_out * rows, ("M201",), f"Each number of `rows` is used for all {places} columns, not once."),
        Slip(C_out + rows + places, ("M124",), "You added the sides. Each row goes with each column, and each time "
             "over the whole inner axis: multiply."),
        Slip(C_out * rows * places // taps, ("M83",), f"Nothing is saved by a factor of {kernel[0]} * {kernel[1]} = "
             f"{taps}: each number of the product takes {rows} multiply-adds, as in the loops."),
    ]  # fmt: skip


def product_macs(rng):
    """The multiply-adds of rows @ columns."""
    C_in, C_out, kernel = layer(rng)
    (h, w), K = drawn(lambda: rng.sample(range(5, 30), 2), lambda it: it[0] != it[1]), C_in * kernel[0] * kernel[1]
    answer, slips = _product_slips(C_out, K, h * w, kernel)
    return {
        **_PRODUCT,
        "prompt": f"With a kernel of {kernel[0]} x {kernel[1]}, `rows` has the shape ({C_out}, {K}), and `columns` of "
        f"one picture has the shape ({K}, {h * w}). How many multiply-adds does `rows @ columns` make?",
        "answer": answer,
        "because": f"{C_out} * {h * w} = {C_out * h * w} numbers, and {K} multiply-adds for each.",
        "steps": [
            f"The product has {C_out} * {h * w} = {C_out * h * w} numbers.",
            f"Each is a row times a column: {C_out * h * w} * {K} = {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.utils.flop_counter import FlopCounterMode\n"
            f"with FlopCounterMode(display=False) as counter:\n    torch.zeros({C_out}, {K}) @ torch.zeros({K}, "
            f"{h * w})\nprint(counter.get_total_flops() // 2)"
        ),
        "slips": gathered("number", answer, slips),
    }


def count_proof(code, shape, more=""):
    """The lines that count the multiply-adds of a layer by PyTorch's own counter, as `count`."""
    return (
        "import torch\nfrom torch import nn\nfrom torch.utils.flop_counter import FlopCounterMode\n\n"
        "def macs(conv, shape):\n    with FlopCounterMode(display=False) as counter:\n"
        "        conv.to('meta')(torch.zeros(shape, device='meta'))\n    return counter.get_total_flops() // 2\n\n"
        f"count = macs({code}, {shape})\n{more or 'print(count)'}"
    )


_LAYER = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "count the multiply-adds of a layer",
    "formula": "multiply-adds = N * H_out * W_out * C_out * C_in * kH * kW, by loops and by im2col",
    "hint": "How many numbers has the output of the whole batch, and how many products are added up for each?",
    "otherwise": "Output numbers times the products for each of them; every picture of the batch counts.",
}


def _layer_slips(N, C_in, C_out, sides, kernel):
    (H, W), (kH, kW), (h, w) = sides, kernel, places_of(sides, kernel)
    each = C_in * kH * kW
    right = N * C_out * h * w * each
    return right, [
        Slip(right // N, ("M117",), f"That is one picture. The batch has {N}, and all go through the layer."),
        Slip(right // C_in, ("M34",), f"For each output {C_in} * {kH} * {kW} = {each} products are added up: a filter "
             f"reads all {C_in} channels."),
        Slip(right // (kH * kW), ("M83",), f"im2col saves no multiply-adds: for each output {C_in} * {kH} * {kW} = "
             f"{each} products are added up, as in the loops."),
        Slip(N * C_out * H * W * each, ("M86",), f"There is no column for each of {H} * {W} = {H * W} pixels, but one "
             f"for each of {h} * {w} = {h * w} places."),
        Slip(right // C_out, (), f"That is one filter. The layer has {C_out}, and each makes a map of its own."),
        Slip(C_out * each, ("M201",), "So many weights are they. Each is used at every place of every picture."),
    ]  # fmt: skip


def layer_macs(rng):
    """The multiply-adds of a layer that is computed by im2col."""

    def fair(case):
        N, (C_in, C_out, kernel), sides = case
        right, slips = _layer_slips(N, C_in, C_out, sides, kernel)
        return apart("number", right, slips)

    N, (C_in, C_out, (kH, kW)), (H, W) = drawn(
        lambda: (rng.randint(2, 8), layer(rng), size(rng, 8, 24, kernel=(3, 4))), fair
    )
    (answer, slips), (h, w) = _layer_slips(N, C_in, C_out, (H, W), (kH, kW)), places_of((H, W), (kH, kW))
    code, each = made(C_in, C_out, (kH, kW)), C_in * kH * kW
    return {
        **_LAYER,
        "prompt": f"`{code}` gets a batch of shape {(N, C_in, H, W)}, and is computed by im2col. How many "
        "multiply-adds does the matrix product make for the whole batch?",
        "answer": answer,
        "because": f"As many as the loops: {each} for each of {N * C_out * h * w} outputs.",
        "steps": [
            f"The window has {h} * {w} = {h * w} places: so many columns for a picture.",
            f"A row times a column takes {C_in} * {kH} * {kW} = {each} multiply-adds.",
            f"{N} pictures, {C_out} filters: {N} * {C_out} * {h * w} * {each} = {answer}.",
        ],
        "proof": count_proof(code, (N, C_in, H, W)),
        "slips": gathered("number", answer, slips),
    }


def myth_macs(rng):
    """Whether im2col makes as many multiply-adds as the loops."""
    (C_in, C_out, (kH, kW)), N, holds = layer(rng), rng.randint(2, 6), rng.random() < 0.5
    H, W = size(rng, 8, 20, kernel=(kH, kW))
    (h, w), each = places_of((H, W), (kH, kW)), C_in * kH * kW
    loops = N * C_out * h * w * each
    claimed = loops if holds else rng.choice((loops // (kH * kW), loops // kH, loops // kW))
    line = f"Each of {N * C_out * h * w} outputs is a sum of {each} products, whichever way it is computed: {loops}."
    return judged(
        holds,
        f"computed by loops, `{made(C_in, C_out, (kH, kW))}` makes {loops} multiply-adds for a batch of shape "
        f"{(N, C_in, H, W)}. The matrix product of im2col makes {claimed}.",
        "M83",
        line,
        objective="compare im2col with the loops",
        formula="multiply-adds of im2col = multiply-adds of the loops",
        because=line + " What makes the product fast is how it goes through memory.",
        hint="Which shapes have the rows and the columns? Work out what their product takes.",
        steps=[
            f"Rows: ({C_out}, {each}). Columns of one picture: ({each}, {h * w}). Their product takes {C_out} * {each} "
            f"* {h * w} = {C_out * each * h * w}.",
            f"{N} pictures: {N} * {C_out * each * h * w} = {loops}.",
        ],
        proof=(
            f"{IMPORTS}from torch.utils.flop_counter import FlopCounterMode\n"
            f"rows, columns = torch.zeros({C_out}, {each}), F.unfold(torch.zeros{(N, C_in, H, W)}, {kH, kW})\n"
            "with FlopCounterMode(display=False) as counter:\n    for picture in columns:\n        rows @ picture\n"
            f"print(counter.get_total_flops() // 2 == {claimed})"
        ),
    )


_GROWS = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "say how the work grows",
    "formula": "two factors of the multiply-adds grow: their growths are multiplied",
    "hint": "Which two factors of the multiply-adds differ, and by how much each?",
    "otherwise": "Write down both products of factors, one below the other, and divide.",
}
_AXES = {  # which two grow, as they are said
    ("H", "W"): "the height and the width",
    ("C_in", "C_out"): "the channels going in and those coming out",
    ("N", "H"): "the pictures and their height",
    ("C_out", "W"): "the filters and the width",
}


def work_grows(rng):
    """How many times the multiply-adds, if two factors of them grow."""
    kernel, names = rng.choice(((3, 5), (5, 3), (1, 3), (3, 1))), rng.choice(list(_AXES))

    def draw():
        a, b = rng.choice(((3, 3), (4, 4), (5, 5), (2, 3), (3, 2), (2, 4), (4, 2), (2, 5), (3, 4), (5, 2)))
        (N, C_in, C_out), (H, W) = rng.sample((2, 3, 4, 5, 6), 3), rng.sample(range(10, 20), 2)
        first = {"N": N, "C_in": C_in, "C_out": C_out, "H": H, "W": W}
        return a, b, first, {**first, names[0]: first[names[0]] * a, names[1]: first[names[1]] * b}

    a, b, first, second = drawn(draw, lambda it: it[3]["C_in"] != it[3]["C_out"] and it[3]["H"] != it[3]["W"])
    padding = tuple(k // 2 for k in kernel)

    def said(it):
        return f"nn.Conv2d({it['C_in']}, {it['C_out']}, kernel_size={kernel}, padding={padding})", (
            it["N"], it["C_in"], it["H"], it["W"])  # fmt: skip

    (one, shape), (other, larger) = said(first), said(second)
    answer = a * b
    slips = [
        Slip(a, ("M208",), f"That is one factor alone. Two grow, by {a} and by {b}, and they are multiplied."),
        Slip(b, ("M208",), f"That is one factor alone. Two grow, by {a} and by {b}, and they are multiplied."),
        Slip(a + b, ("M124",), f"You added {a} and {b}. They are factors of one product: multiply."),
    ]
    return {
        **_GROWS,
        "prompt": f"A: `{one}` gets {shape}. B: `{other}` gets {larger}. How many times as many multiply-adds does B "
        "make?",
        "answer": answer,
        "because": f"What grows are {_AXES[names]}, by {a} and {b}; nothing else changes.",
        "steps": [
            f"What differs: {_AXES[names]}, {first[names[0]]} * {a} = {second[names[0]]} and {first[names[1]]} * {b} = "
            f"{second[names[1]]}.",
            f"Both are factors of the multiply-adds: {a} * {b} = {answer}. The padding keeps the size in both.",
        ],
        "proof": count_proof(one, shape, f"print(macs({other}, {larger}) / count)"),
        "slips": gathered("number", answer, slips),
    }


_FOUR = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say what makes four times the work",
    "formula": "four times: one factor of 4 among N, H_out, W_out, C_out, C_in, kH, kW, or two of 2",
    "because": "The multiply-adds are a product of all these: four times as many come from a factor of 4 or from two "
    "factors of 2. The type of the numbers and the way of computing are no factors.",
    "hint": "Write down the product of factors for each, and see what has changed in it.",
    "otherwise": "Multiply what has changed: 4, or 2 * 2, or something else?",
}


def _changes(N, C_in, C_out, sides, kernel):
    """Change -> (four times as many?, the mistake behind being wrong about it, why)."""
    (H, W), padding = sides, tuple(k // 2 for k in kernel)

    def conv(C_in, C_out):
        return f"nn.Conv2d({C_in}, {C_out}, kernel_size={kernel}, padding={padding})"

    def to(N=N, C_in=C_in, C_out=C_out, H=H, W=W):
        return f"{conv(C_in, C_out)} gets {(N, C_in, H, W)}"

    both, batch = "Two factors of 2 make four times the work.", "Every picture of the batch is computed."
    return {
        to(H=2 * H, W=2 * W): (True, "M208", both),
        to(C_in=2 * C_in, C_out=2 * C_out): (True, "M208", both),
        to(C_out=4 * C_out): (True, "M208", "Four times the filters make four times the outputs, each as dear."),
        to(N=4 * N): (True, "M117", batch),
        to(N=2 * N): (False, "M117", batch + " Twice the pictures are twice the work."),
        to(H=2 * H): (False, "M208", "One factor of 2 is twice the work."),
        to(C_out=2 * C_out): (False, "M208", "One factor of 2 is twice the work."),
        "everything in float64": (False, "M200", "That is twice the bytes, and as many multiply-adds."),
        "im2col, where loops were before": (False, "M83", "im2col makes as many multiply-adds as the loops."),
    }  # fmt: skip


def four_times(rng):
    """Which changes make four times as many multiply-adds."""
    kernel, (N, C_in, C_out) = rng.choice(((3, 5), (5, 3), (1, 3), (3, 1))), rng.sample((4, 5, 6, 7), 3)
    H, W = rng.sample(range(11, 20), 2)  # twice the one is never the other, here and for the channels
    changes = _changes(N, C_in, C_out, (H, W), kernel)

    def mixed(options):
        return 2 <= sum(changes[it][0] for it in options) <= len(options) - 2

    options = some_of(rng, drawn(lambda: rng.sample(list(changes), 6), mixed), lambda it: changes[it][0])
    answer = [it for it in options if changes[it][0]]
    slips, per_option = ticked(options, answer, {it: changes[it][1:] for it in options})
    code = f"nn.Conv2d({C_in}, {C_out}, kernel_size={kernel}, padding={tuple(k // 2 for k in kernel)})"
    macs = N * C_in * C_out * H * W * prod(kernel)
    return {
        **_FOUR,
        "prompt": f"`{code}` gets a batch of shape {(N, C_in, H, W)} in float32. Which of these make four times as "
        "many multiply-adds? Tick all.",
        "answer": answer,
        "steps": [
            f"As it is: {N} * {H} * {W} * {C_out} * {C_in} * {kernel[0]} * {kernel[1]} = {macs}.",
            "A factor of 4, or two factors of 2, make four times as many; one factor of 2 makes twice as many.",
            "Types and ways of computing are no factors.",
        ],
        "proof": count_proof(
            code,
            (N, C_in, H, W),
            f"found = []\nfor option in {options}:\n    call, _, shape = option.partition(' gets ')\n"
            "    if shape and macs(eval(call), eval(shape)) == 4 * count:\n        found.append(option)\n"
            "print('; '.join(found))",
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }


QUESTIONS = {
    "product-macs": product_macs,
    "myth-macs": myth_macs,
    "layer-macs": layer_macs,
    "work-grows": work_grows,
    "four-times": four_times,
}
