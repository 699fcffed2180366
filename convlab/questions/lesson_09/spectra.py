"""Lesson 09, products of spectra: they go round in a circle, they turn the kernel, and how far to pad."""

from convlab.questions.cases import apart, block, counted, drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import KERNELS, ticked
from convlab.questions.lesson_08.shares import bracketed
from convlab.questions.lesson_09.matrix import IMPORTS, places_of
from convlab.questions.question import Slip
from convlab.questions.varying import some_of

_PAD = {  # what is the same for every seed
    "kind": "shape",
    "level": "easy",
    "objective": "pad for a product of spectra",
    "formula": "H + kH - 1, W + kW - 1",
    "hint": "At how many places do kernel and picture meet, be it in one cell alone? So many numbers need room.",
    "axes": ("a size", "(rows, columns)"),
    "asks": "rows and columns",
    "otherwise": "On each axis the kernel meets the picture at its cells, and beyond its end at so many "
    "places more as the kernel is long, less one.",
}


def _pad_slips(sides, kernel):
    def by(rule):
        return tuple(rule(n, k) for n, k in zip(sides, kernel, strict=True))

    right = by(lambda n, k: n + k - 1)
    return right, [
        Slip(tuple(sides), ("M202",), "Then there is no room for what leaves at one end: it comes in at the other."),
        Slip(by(lambda n, k: n + k), ("M02",), "That is one more than is needed: kernel and picture meet in one cell "
             "at least."),
        Slip(by(lambda n, k: n - k + 1), ("M143",), "So many places lie wholly inside. Here all count where kernel and "
             "picture meet: what the kernel costs is added."),
        Slip(right[::-1], ("M21",), "You exchanged the axes. The first number is for the rows."),
        Slip(by(lambda n, k: n + 2 * (k - 1)), ("M04",), "That is room on both sides. The transform goes round, so "
             "room on one side serves both."),
    ]  # fmt: skip


def fft_size(rng):
    """To which size a picture and a kernel are padded, so that nothing goes round."""

    def fair(case):
        right, slips = _pad_slips(*case)
        return right[0] != right[1] and min(slips[2].answer) > 0 and apart("shape", right, slips)

    (H, W), (kH, kW) = drawn(lambda: (tuple(rng.sample(range(8, 40), 2)), rng.choice((*KERNELS, (5, 7), (7, 4)))), fair)
    answer, slips = _pad_slips((H, W), (kH, kW))
    return {
        **_PAD,
        "prompt": f"A picture of {H} x {W} and a kernel of {kH} x {kW} are convolved by the product of their spectra. "
        "The result is to have every place where they meet, and nothing may go round in a circle. To which size are "
        "both padded with zeros, at least?",
        "answer": answer,
        "because": f"{H} + {kH} - 1 = {answer[0]} rows and {W} + {kW} - 1 = {answer[1]} columns: a number for every "
        "place where the two meet.",
        "steps": [
            f"Rows: {H} + {kH} - 1 = {answer[0]}.",
            f"Columns: {W} + {kW} - 1 = {answer[1]}.",
        ],
        "proof": (
            f"{IMPORTS}x, k = torch.randn({H}, {W}).double(), torch.randn({kH}, {kW}).double()\n"
            "wanted = F.conv_transpose2d(x[None, None], k[None, None])[0, 0]\n"
            f"sizes = [(rows, columns) for rows in range({H}, {H + kH + 3}) for columns in range({W}, {W + kW + 3})]\n"
            "for size in sizes:\n"
            "    made = torch.fft.irfft2(torch.fft.rfft2(x, size) * torch.fft.rfft2(k, size), size)\n"
            "    whole = F.pad(wanted, (0, size[1] - wanted.shape[1], 0, size[0] - wanted.shape[0]))\n"
            "    if min(a - b for a, b in zip(size, wanted.shape)) >= 0 and torch.allclose(made, whole):\n"
            "        print(size)\n        break"
        ),
        "slips": gathered("shape", answer, slips),
    }


_CIRCLE = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "compute a product of spectra by hand",
    "formula": "X * K: sum k[v] x[(j - v) mod n]; X * conj(K): sum k[v] x[(j + v) mod n]",
    "hint": "With the conjugate it is a cross-correlation: the kernel lies from place j on. Without, it is turned and "
    "ends at place j. What lies beyond the end?",
    "otherwise": "Write the row twice, one after the other: then the circle is a line, and the window fits.",
}


def _circled(row, kernel, j, sign, outside=False):
    """The sum of the kernel's taps times row[j + sign * v], round in a circle, or with zeros outside."""
    cells = [j + sign * v for v in range(len(kernel))]
    inside = [outside is False or 0 <= cell < len(row) for cell in cells]
    return sum(tap * row[cell % len(row)] * ok for tap, cell, ok in zip(kernel, cells, inside, strict=True))


def _circle_slips(row, kernel, j, sign):
    turned = (
        "That is a cross-correlation. Without the conjugate the product turns the kernel."
        if sign < 0
        else "That is a true convolution, which turns the kernel. With the conjugate nothing is turned."
    )
    return _circled(row, kernel, j, sign), [
        Slip(_circled(row, kernel, j, sign, outside=True), ("M202",), "You put zeros outside. A product of spectra "
             "goes round: beyond one end of the row lies its other end."),
        Slip(_circled(row, kernel, j, -sign), ("M203",), turned),
    ]  # fmt: skip


def _spectra_code(conjugate, n):
    return (
        f"X = torch.fft.fft(x)\nK = torch.fft.fft(kernel, {n})  # padded with zeros\n"
        f"y = torch.fft.ifft(X * K{'.conj()' if conjugate else ''}).real"
    )


def _circle_case(rng):
    n, k, sign = rng.choice((5, 6, 7)), rng.choice((2, 3)), rng.choice((-1, 1))
    row, kernel = [rng.randint(1, 9) for _ in range(n)], [rng.choice((-2, -1, 1, 2, 3)) for _ in range(k)]
    return row, kernel, rng.randrange(k - 1) if sign < 0 else rng.randrange(n - k + 1, n), sign


def circle_value(rng):
    """A number of a product of spectra, where the window goes round."""

    def fair(case):
        right, slips = _circle_slips(*case)
        return apart("number", right, slips)

    row, kernel, j, sign = case = drawn(lambda: _circle_case(rng), fair)
    (answer, slips), n = _circle_slips(*case), len(row)
    cells = [(j + sign * v) % n for v in range(len(kernel))]
    written = " + ".join(f"{bracketed(tap)} * {row[cell]}" for tap, cell in zip(kernel, cells, strict=True))
    code = _spectra_code(sign > 0, n)
    return {
        **_CIRCLE,
        "prompt": f"Which number is `y[{j}]`?",
        "answer": answer,
        "because": f"The taps lie on cells {', '.join(map(str, cells))}: past the end it goes on at the other end.",
        "steps": [
            "The conjugate is there: tap v lies on cell j + v, as in Conv2d." if sign > 0 else
            "Without a conjugate the kernel is turned: tap v lies on cell j - v.",
            f"For j = {j}, round in a circle of {n}: cells {', '.join(map(str, cells))}.",
            f"The sum: {written} = {answer}.",
        ],
        "proof": f"import torch\nx, kernel = torch.tensor({row}).double(), torch.tensor({kernel}).double()\n{code}\n"
        f"print(round(y[{j}].item(), 6))",
        "slips": gathered("number", answer, slips),
        "figure": [
            block("input", [row], f"x, {n} numbers"), block("weight", [kernel], f"kernel, {len(kernel)} numbers"),
            {"code": code},
        ],
    }  # fmt: skip


_LINE = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "compute a layer by spectra",
    "formula": "conv2d: irfft2(X * K.conj()) at [:H_out, :W_out]; convolution: irfft2(X * K) at [kH - 1:, kW - 1:]",
    "hint": "Is the kernel to be turned or not? And at which places has the window not gone round?",
}


def which_line(rng):
    """Which line gives a cross-correlation, or a true convolution, without what has gone round."""
    turned, (kH, kW) = rng.random() < 0.5, rng.choice(KERNELS)
    (H, W), N = drawn(lambda: rng.sample(range(8, 30), 2), lambda it: it[0] - kH != it[1] - kW), rng.randint(2, 5)
    h, w = places_of((H, W), (kH, kW))

    def line(conjugate, last):
        cut = f"[..., {kH - 1}:{H}, {kW - 1}:{W}]" if last else f"[..., :{h}, :{w}]"
        return f"torch.fft.irfft2(X * K{'.conj()' if conjugate else ''}, {H, W}){cut}"

    answer = line(not turned, turned)
    wanted = "F.conv2d(x, weight.flip(2, 3))" if turned else "F.conv2d(x, weight)"
    way = "A plain product turns the kernel, and here it is to be turned." if turned else (
        "A plain product turns the kernel. Here it is to stay as it is: that takes the conjugate."
    )  # fmt: skip
    gone = f"{counted(kH - 1, 'row')} and {counted(kW - 1, 'column')}"
    inside = f"Cut off is what has gone round: {gone} at the {'beginning' if turned else 'end'}."
    slips = (
        Slip(line(turned, turned), ("M203",), way),
        Slip(line(not turned, not turned), ("M202",), f"{inside} Your line keeps places that have gone round."),
        Slip(line(turned, not turned), ("M202", "M203"), f"{way} And the other end is cut off."),
    )
    options = shuffled(rng, [answer, *(it.answer for it in slips)])
    return {
        **_LINE,
        "prompt": f"`x` has the shape {(N, 1, H, W)}, `weight` has the shape {(1, 1, kH, kW)}. With "
        f"`X = torch.fft.rfft2(x)` and `K = torch.fft.rfft2(weight, {H, W})`, which line gives `{wanted}`?",
        "answer": answer,
        "because": f"{way} {inside}",
        "steps": [
            "`X * K` is a true convolution, `X * K.conj()` a cross-correlation; both go round in a circle.",
            "A cross-correlation begins its window at place (i, j) and reaches beyond the end at the last places; a "
            "convolution ends it there, and reaches beyond at the first.",
            f"So: `{answer}`.",
        ],
        "proof": (
            f"{IMPORTS}x, weight = torch.randn{(N, 1, H, W)}.double(), torch.randn{(1, 1, kH, kW)}.double()\n"
            f"X, K = torch.fft.rfft2(x), torch.fft.rfft2(weight, {H, W})\nfor option in {options}:\n"
            f"    if torch.allclose(eval(option), {wanted}):\n        print(option)"
        ),
        "slips": slips,
        "options": options,
    }


_WRAPPED = {  # what is the same for every seed
    "kind": "cells",
    "level": "medium",
    "objective": "find the places where nothing has gone round",
    "formula": "X * conj(K): i <= H - kH, j <= W - kW; X * K: i >= kH - 1, j >= kW - 1",
    "hint": "Where does the kernel lie at place (i, j): from there on, or up to there? At which places does it reach "
    "beyond the picture?",
    "otherwise": "Rows and columns apart: at which of them does the kernel lie wholly inside?",
}


def _inside(sides, kernel, conjugate):
    (H, W), (kH, kW) = sides, kernel
    first = (0, 0) if conjugate else (kH - 1, kW - 1)
    return [[first[0] + i, first[1] + j] for i in range(H - kH + 1) for j in range(W - kW + 1)]


def wrapped_places(rng):
    """The places of a product of spectra where the kernel lies inside the picture."""
    sides, kernel = drawn(
        lambda: (tuple(rng.sample((3, 4, 5, 6), 2)), rng.choice(((2, 3), (3, 2), (1, 3), (3, 1), (2, 4), (4, 2)))),
        lambda it: all(k <= n for n, k in zip(*it, strict=True)) and 2 <= len(_inside(*it, True)) <= 10,
    )
    (H, W), conjugate = sides, rng.random() < 0.5
    answer = _inside(sides, kernel, conjugate)
    rows, columns = ([n - k + 1, k - 1] for n, k in zip(sides, kernel, strict=True))
    product = "X * K.conj()" if conjugate else "X * K"
    slips = [
        Slip(_inside(sides, kernel, not conjugate), ("M203",), "Those are the places of the other product. "
             + ("With the conjugate the kernel lies from place (i, j) on." if conjugate else
                "Without the conjugate the kernel is turned, and ends at place (i, j).")),
        Slip([[i, j] for i in range(H) for j in range(W)], ("M202",), "Beyond the end there are no zeros: there the "
             "picture begins anew, and the kernel reads it."),
    ]  # fmt: skip
    ends = "begins at place (i, j) and goes on from there" if conjugate else "ends at place (i, j), turned"
    return {
        **_WRAPPED,
        "prompt": f"A picture `x` of {H} x {W} and a kernel of {kernel[0]} x {kernel[1]} have the spectra `X = "
        f"torch.fft.rfft2(x)` and `K = torch.fft.rfft2(kernel, {H, W})`. Click the places of `torch.fft.irfft2("
        f"{product}, {H, W})` where the kernel has not gone round to the other end.",
        "answer": answer,
        "because": f"At these {len(answer)} places the kernel lies wholly inside the picture.",
        "steps": [
            f"With `{product}` the kernel {ends}.",
            f"Rows: {H} - {kernel[0]} + 1 = {rows[0]} are inside, from row {0 if conjugate else rows[1]} on.",
            f"Columns: {W} - {kernel[1]} + 1 = {columns[0]} are inside, from column {0 if conjugate else columns[1]} "
            "on.",
        ],
        "proof": (
            f"import torch\nx, kernel = torch.rand({H}, {W}).double() + 1, torch.rand({kernel}).double() + 1\n"
            f"def made(x):\n    X, K = torch.fft.rfft2(x), torch.fft.rfft2(kernel, x.shape)\n"
            f"    return torch.fft.irfft2({product}, x.shape)\n"
            f"wide = made(torch.nn.functional.pad(x, (0, {W}, 0, {H})))[:{H}, :{W}]\n"
            "print(torch.isclose(made(x), wide).nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, slips),
        "options": {"shape": [H, W], "role": "output"},
    }


_KERNEL_GROWS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say what a larger kernel costs",
    "formula": "kH * kW is a factor of the multiply-adds and of the columns, not of L and not of the spectra",
    "because": "Loops and im2col pay for each tap at each place. A product of spectra pays for the padded size alone: "
    "that is why libraries take it for large kernels.",
    "hint": "Which of these are counted with kH * kW as a factor?",
    "otherwise": "Write down each count, and look for kH and kW in it.",
}


def kernel_grows(rng):
    """What grows when the kernel grows and the output keeps its size."""
    small, large = rng.choice((((3, 5), (7, 9)), ((5, 3), (9, 7)), ((1, 3), (5, 7)), ((3, 1), (7, 5))))
    H, W = rng.sample(range(16, 50), 2)
    P, Q = H + max(large) + 4, W + max(large) + 3
    counts = {
        "multiply-adds of the loops": (True, "M83", "Each output is a sum of one product for each tap."),
        "multiply-adds of `rows @ columns`": (True, "M83", "im2col makes as many as the loops: one for each tap."),
        "numbers in im2col's columns": (True, "M84", "A column holds a number for each tap."),
        "numbers in `rows`": (True, "M201", "A row holds a weight for each tap."),
        "columns of im2col": (False, "M86", "There is a column for each place, and there are as many as before."),
        "numbers in the output": (False, "M86", "The padding keeps the size, whatever the kernel."),
        f"products of two spectra of {P} x {Q}": (False, "M202", f"Both are padded to {P} x {Q}, which is large "
        "enough for either kernel: as many products as before."),
    }  # fmt: skip
    options = some_of(rng, rng.sample(list(counts), 7), lambda it: counts[it][0])
    answer = [it for it in options if counts[it][0]]
    slips, per_option = ticked(options, answer, {it: counts[it][1:] for it in options})
    taps = small[0] * small[1], large[0] * large[1]
    return {
        **_KERNEL_GROWS,
        "prompt": f"The pictures are {H} x {W}. The kernel grows from {small[0]} x {small[1]} to {large[0]} x "
        f"{large[1]}, and the padding keeps the output at {H} x {W}. Of which of these are there more? Tick all.",
        "answer": answer,
        "steps": [
            f"The taps: {small[0]} * {small[1]} = {taps[0]} before, {large[0]} * {large[1]} = {taps[1]} now.",
            "They are a factor of the multiply-adds, of a column's height and of the weights.",
            f"There are {H} * {W} = {H * W} places in both cases, and so many columns; spectra have their own size.",
        ],
        "proof": _grows_proof((H, W), (small, large), (P, Q), options),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }


def _grows_proof(sides, kernels, size, options):
    return (
        f"{IMPORTS}from torch.utils.flop_counter import FlopCounterMode\n\n"
        "def counts(kernel):\n    pad = [k // 2 for k in kernel]\n"
        f"    x, weight = torch.zeros(1, 1, *{sides}), torch.zeros(1, 1, *kernel)\n"
        "    columns, rows = F.unfold(x, kernel, padding=pad), weight.reshape(1, -1)\n    macs = []\n"
        "    for line in ('F.conv2d(x, weight, padding=pad)', 'rows @ columns[0]'):\n"
        "        with FlopCounterMode(display=False) as counter:\n"
        "            output = eval(line, dict(globals(), **locals()))\n"
        "        macs.append(counter.get_total_flops() // 2)\n"
        f"    spectra = [torch.fft.rfft2(it[0, 0], {size}) for it in (x, weight)]\n"
        "    return [*macs, columns.numel(), rows.numel(), columns.shape[2], output.numel(), "
        "(spectra[0] * spectra[1]).numel()]\n\n"
        "names = ['multiply-adds of the loops', 'multiply-adds of `rows @ columns`', "
        "\"numbers in im2col's columns\", 'numbers in `rows`', 'columns of im2col', 'numbers in the output', "
        f"'products of two spectra of {size[0]} x {size[1]}']\n"
        f"grown = [a < b for a, b in zip(counts({kernels[0]}), counts({kernels[1]}))]\n"
        f"print('; '.join(it for it in {options} if grown[names.index(it)]))"
    )


QUESTIONS = {
    "fft-size": fft_size,
    "circle-value": circle_value,
    "which-line": which_line,
    "wrapped-places": wrapped_places,
    "kernel-grows": kernel_grows,
}
