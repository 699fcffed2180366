"""Lesson 09, the product: which rows fit the columns, the lines in their order, and what becomes of the product."""

from convlab.questions.cases import drawn, shuffled
from convlab.questions.lesson_03.drawing import chosen, layer, size, ticked
from convlab.questions.lesson_09.matrix import IMPORTS, places_of
from convlab.questions.question import Slip
from convlab.questions.varying import some_of

_ROWS = {  # what is the same for every seed
    "revision": 2,
    "kind": "choice",
    "level": "medium",
    "objective": "lay out the weight as the columns are",
    "formula": "rows and columns list channel and tap in one order: weight.reshape(C_out, -1) for F.unfold",
    "hint": "In which order does a column list its numbers: channel by channel, or tap by tap? The row must do the "
    "same.",
}


def weight_rows(rng):
    """Which rows fit these columns: as unfold makes them, or made tap by tap."""
    (C_in, C_out, (kH, kW)), N, by_tap = layer(rng, (2, 3, 4, 5, 6, 8)), rng.randint(2, 5), rng.random() < 0.5
    H, W = size(rng, 8, 16, kernel=(kH, kW))
    made = f".view({N}, {C_in}, {kH * kW}, -1).transpose(1, 2).flatten(1, 2)" if by_tap else ""
    code = f"columns = F.unfold(x, {kH, kW}){made}\nproduct = rows @ columns"
    channels, taps = f"weight.reshape({C_out}, -1)", f"weight.permute(0, 2, 3, 1).reshape({C_out}, -1)"
    answer, other = (taps, channels) if by_tap else (channels, taps)
    order = "tap after tap, each with all its channels" if by_tap else "channel after channel, each with all its taps"
    wrong = {
        other: ("M85", f"These columns go {order}. Your rows go the other way, so numbers meet weights of other taps."),
        answer.replace("weight.", "weight.flip(2, 3).", 1): ("M61", "Nothing is turned: each tap meets the number "
        "that lies under it."),
        f"weight.transpose(0, 1).reshape({C_out}, -1)": ("M30", f"The weight has the filters first, {C_out} of them: "
        "each is a row as it is."),
    }  # fmt: skip
    return {
        **_ROWS,
        "prompt": f"`x` has the shape {(N, C_in, H, W)}, `weight` has the shape {(C_out, C_in, kH, kW)}. With which "
        "`rows` does the product hold the numbers of `F.conv2d(x, weight)`?",
        "answer": answer,
        "because": f"The columns go {order}, and so do these rows.",
        "steps": [
            f"`F.unfold` goes channel by channel, with {kH} * {kW} = {kH * kW} taps each.",
            "The code then exchanges the axes of channels and taps: these columns go tap by tap." if by_tap else
            "Nothing else is done to the columns here.",
            f"A row is one filter in the same order: `{answer}`.",
        ],
        "proof": (
            f"{IMPORTS}x, weight = torch.randn{(N, C_in, H, W)}.double(), torch.randn{(C_out, C_in, kH, kW)}.double()\n"
            f"for option in {shuffled(rng, [answer, *wrong])}:\n    rows = eval(option)\n"
            + "".join(f"    {line}\n" for line in code.splitlines())
            + "    if torch.allclose(product, F.conv2d(x, weight).flatten(2)):\n        print(option)"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
        "figure": [{"code": code}],
    }  # fmt: skip


_ORDER = {  # what is the same for every seed
    "kind": "order",
    "level": "easy",
    "objective": "write a convolution as a matrix product",
    "formula": "pad, unfold, rows @ columns, + bias.reshape(-1, 1), view",
    "because": "Padding belongs to the picture, the bias to the rows of the product, and `view` only arranges what is "
    "there.",
    "hint": "Which shape does each line expect, and which does it leave? A bias for each filter: at which line is "
    "there a row for each filter?",
    "otherwise": "Write down the shape after each line, and see which line fits it next.",
}


def im2col_order(rng):
    """The lines of a convolution by im2col."""

    def fair(case):
        (C_in, C_out, kernel), (H, W), padding = case
        return len({C_in, C_out, *places_of((H, W), kernel, (1, 1), padding), H, W}) == 6

    (C_in, C_out, (kH, kW)), (H, W), (pH, pW) = drawn(
        lambda: (layer(rng), size(rng, 7, 16), rng.choice(((1, 0), (0, 1), (1, 2), (2, 1)))), fair
    )
    (h, w), N, name = places_of((H, W), (kH, kW), (1, 1), (pH, pW)), rng.randint(2, 5), rng.choice(("x", "y", "out"))
    pad, unfold = f"{name} = F.pad({name}, {(pW, pW, pH, pH)})", f"{name} = F.unfold({name}, {kH, kW})"
    product, bias = f"{name} = rows @ {name}", f"{name} = {name} + bias.reshape(-1, 1)"
    view = f"{name} = {name}.view{(N, C_out, h, w)}"
    answer = [pad, unfold, product, bias, view]
    slips = [
        Slip([pad, unfold, view, product, bias], ("M87",), "What unfold gives is no output yet: it holds the windows, "
             "with a row for each tap. The product has to come first, then `view`."),
        Slip([pad, unfold, product, view, bias], ("M87",), "After `view` the filters are the second of four axes, and "
             "`bias.reshape(-1, 1)` no longer lies along them. The product has a row for each filter: add it there."),
        Slip([unfold, pad, product, bias, view], ("M168",), "Then the windows are made of a picture without its zeros. "
             "Padding belongs to the picture, before the windows are taken."),
    ]  # fmt: skip
    options = drawn(lambda: shuffled(rng, answer), lambda order: order not in [answer, *(it.answer for it in slips)])
    call = f"nn.Conv2d({C_in}, {C_out}, kernel_size={kH, kW}, padding={pH, pW})"
    return {
        **_ORDER,
        "prompt": f"`conv = {call}`, `rows = conv.weight.reshape({C_out}, -1)` and `bias = conv.bias`. `{name}` holds "
        f"pictures of shape {(N, C_in, H, W)}. Put the lines in order, so that `{name}` is the output of `conv` in the "
        "end.",
        "answer": answer,
        "steps": [
            f"The picture is padded, then unfolded: ({N}, {C_in * kH * kW}, {h * w}).",
            f"The product has the shape ({N}, {C_out}, {h * w}), a row for each filter: the bias goes there. `view` "
            "comes last.",
        ],
        "proof": _order_proof(call, (N, C_in, H, W), options, name),
        "slips": tuple(slips),
        "options": options,
    }  # fmt: skip


def _order_proof(call, shape, options, name):
    """Every order is run, and compared with what the layer gives."""
    return (
        "import itertools\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
        f"conv, pictures = {call}.double(), torch.randn{shape}.double()\n"
        f"for order in itertools.permutations({options}):\n"
        f"    names = dict(F=F, rows=conv.weight.flatten(1), bias=conv.bias, {name}=pictures)\n"
        "    try:\n        for line in order:\n            exec(line, names)\n"
        f"    except RuntimeError:\n        continue\n    result, wanted = names['{name}'], conv(pictures)\n"
        "    if result.shape == wanted.shape and torch.allclose(result, wanted):\n        print('; '.join(order))"
    )


_AFTER = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "make the output of the product",
    "formula": "product (N, C_out, L) -> (N, C_out, H_out, W_out): the numbers stay in their order",
    "because": "The product has one number for each filter and place, filter by filter, row by row: nothing is added "
    "up and nothing changes places, the last axis is cut into rows.",
    "hint": "In which order do the numbers of the product lie? Which line keeps this order, and adds nothing up?",
    "otherwise": "Ask of each line: does it only cut the last axis into rows? Or does it exchange axes, or add?",
}


def _after(N, C_out, places, sides, kernel):
    """Line -> (does it give the output, the mistake behind being wrong about it, why)."""
    (h, w), cut = places, "That cuts the last axis into rows and leaves all numbers in their order."
    mixed = "The numbers lie filter by filter. Read with the filters last, they go to other filters and places."
    return {
        f"product.view{(N, C_out, h, w)}": (True, "M87", cut),
        f"product.reshape{(N, C_out, h, w)}": (True, "M87", cut),
        f"product.unflatten(2, {h, w})": (True, "M52", cut),
        f"F.fold(product, {h, w}, 1)": (True, "M87", "Windows of one cell do not overlap: this fold adds nothing up, "
        "it only arranges."),
        f"F.fold(product, {sides}, {kernel})": (False, "M87", "fold adds columns of windows up to a picture of the "
        "input's size. The product holds no windows any more: one number for each filter and place."),
        f"F.fold(product, {h, w}, {kernel})": (False, "M87", "This fold wants a window in each column. The product "
        "holds one number for each filter."),
        f"product.view{(N, h, w, C_out)}": (False, "M52", mixed),
        f"product.view{(N, h, w, C_out)}.permute(0, 3, 1, 2)": (False, "M52", mixed),
        f"product.transpose(1, 2).reshape{(N, C_out, h, w)}": (False, "M52", "That exchanges filters and places, and "
        "then reads on as if nothing had been exchanged."),
        f"product.view{(N, C_out, w, h)}": (False, "M21", f"Rows come first: {h} rows of {w} places."),
    }  # fmt: skip


def after_product(rng):
    """Which lines make the output of the product."""

    def fair(case):
        (_, C_out, kernel), sides = case
        h, w = places_of(sides, kernel)
        return len({C_out, h, w, *sides}) == 5

    (C_in, C_out, kernel), sides = drawn(lambda: (layer(rng), tuple(size(rng, 7, 16))), fair)
    (h, w), N = places_of(sides, kernel), rng.randint(2, 5)
    lines = _after(N, C_out, (h, w), sides, kernel)

    def mixed(options):
        return 1 <= sum(lines[it][0] for it in options) < len(options) - 1

    pool = drawn(lambda: rng.sample(list(lines), 6), mixed)
    options = some_of(rng, pool, lambda it: lines[it][0])
    answer = [line for line in options if lines[line][0]]
    slips, per_option = ticked(options, answer, {line: lines[line][1:] for line in options})
    shape = (C_out, C_in, *kernel)
    return {
        **_AFTER,
        "prompt": f"`x` has the shape {(N, C_in, *sides)}, `weight` has the shape {shape}, and `product = "
        f"weight.reshape({C_out}, -1) @ F.unfold(x, {kernel})`. Which of these lines give `F.conv2d(x, weight)`? Tick "
        "all.",
        "answer": answer,
        "steps": [
            f"The product has the shape ({N}, {C_out}, {h * w}): {h} rows of {w} places for each filter.",
            f"The output has the shape {(N, C_out, h, w)}, with the same numbers in the same order.",
            f"So these give it: {'; '.join(f'`{line}`' for line in answer)}.",
        ],
        "proof": (
            f"{IMPORTS}x, weight = torch.randn{(N, C_in, *sides)}.double(), torch.randn{shape}.double()\n"
            f"product, found = weight.reshape({C_out}, -1) @ F.unfold(x, {kernel}), []\nfor line in {options}:\n"
            "    try:\n        result = eval(line)\n    except RuntimeError:\n        continue\n"
            "    wanted = F.conv2d(x, weight)\n"
            "    if result.shape == wanted.shape and torch.allclose(result, wanted):\n        found.append(line)\n"
            "print('; '.join(found))"
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }


QUESTIONS = {"weight-rows": weight_rows, "im2col-order": im2col_order, "after-product": after_product}
