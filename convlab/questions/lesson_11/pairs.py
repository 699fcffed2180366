"""Lesson 11, sizes that come out wrong: pairs in the wrong order, and two ways that disagree by one."""

from convlab.questions.cases import apart, drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import chosen, size, ticked
from convlab.questions.lesson_11.drawing import conv_text, stopped
from convlab.questions.question import Slip
from convlab.questions.varying import some_of

_ODD = ((3, 5), (5, 3), (3, 7), (7, 3), (5, 7), (7, 5), (5, 9), (9, 5))
_PAIR = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "put the pairs in order",
    "formula": "kernel_size=(kH, kW), padding=((kH - 1) / 2, (kW - 1) / 2): rows first, each side",
    "hint": "Rows first, in both pairs. How much padding on each side makes up for this many rows?",
}


def pair_mend(rng):
    """Which line has the window that was wanted and keeps the size."""
    (kH, kW), (C_in, C_out) = rng.choice(_ODD), rng.sample((3, 4, 6, 8, 12), 2)
    pH, pW, (H, W) = kH // 2, kW // 2, size(rng, 24, 40, kernel=(2 * kW, 2 * kH))
    came = H + 2 * pH - kW + 1, W + 2 * pW - kH + 1

    def line(kernel, padding):
        return conv_text(C_in, C_out, kernel, f", padding={padding}")

    answer = line((kH, kW), (pH, pW))
    wrong = {
        line((kW, kH), (pW, pH)): ("M21", f"That keeps the size, with the wrong window: {kW} rows and {kH} columns. "
            "Rows come first in a pair."),
        line((kH, kW), (pW, pH)): ("M22", f"That is the order of `F.pad`, columns first. Here rows come first: {kH} "
            f"rows need padding {pH}."),
        line((kH, kW), (2 * pH, 2 * pW)): ("M04", f"({2 * pH}, {2 * pW}) would be the total. PyTorch's padding is that "
            "of each side."),
    }  # fmt: skip
    return {
        **_PAIR,
        "prompt": f"A window of {kH} rows and {kW} columns was wanted, and the output as large as the input. "
        f"`{line((kW, kH), (pH, pW))}` runs, but of {H} x {W} it makes {came[0]} x {came[1]}. Which line was meant?",
        "answer": answer,
        "because": f"{kH} rows with {pH} above and {pH} below, {kW} columns with {pW} left and {pW} right.",
        "steps": [
            f"Rows: {H} + 2*{pH} - {kH} + 1 = {H}, so the padding is {pH}.",
            f"Columns: {W} + 2*{pW} - {kW} + 1 = {W}, so it is {pW}. Rows first: `padding=({pH}, {pW})`.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nx = torch.rand(1, {C_in}, {H}, {W})\n"
            f"for line in {[answer, *wrong]}:\n    layer = eval(line)\n"
            f"    if layer.kernel_size == ({kH}, {kW}) and layer(x).shape[2:] == x.shape[2:]:\n        print(line)"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
    }


_FIT = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "count the causes that a result leaves open",
    "formula": "a cause is possible if the size that it predicts is the size that came out",
    "hint": "Work out the size of each line, rows and columns apart. How many of them give what came out?",
    "otherwise": "Rows first in every pair of Conv2d; `F.pad(x, (a, b))` pads a columns left and b columns right.",
}


def _slips_of_hand(rng, kH, kW, pH, pW):
    """Lines that someone may have written: (call, padding before the layer, kernel, padding)."""
    none = (0, 0, 0, 0)
    k, p = (kH, kW), (pH, pW)
    found = [
        ("conv", none, (kW, kH), p),
        ("conv", none, k, (pW, pH)),
        ("conv", none, (kW, kH), (pW, pH)),
        ("conv", none, k, (0, 0)),
        ("pad", (pH, pW, 0, 0), k, (0, 0)),
        ("pad", (pH, pH, pW, pW), k, (0, 0)),
        ("pad", (pW, pW, pH, pH), (kW, kH), (0, 0)),
        ("conv", none, k, (pH, pH)),
        ("conv", none, (kH, kH), p),
    ]
    return rng.sample(found, 4)


def _size_of(line, H, W, rows_first=False):
    """What a line makes of H x W; also for who takes F.pad's first two numbers for the rows."""
    _, pads, (kH, kW), (pH, pW) = line
    left, right, top, bottom = pads
    if rows_first:
        left, right, top, bottom = top, bottom, left, right
    return H + top + bottom + 2 * pH - kH + 1, W + left + right + 2 * pW - kW + 1


def _line_text(line, C):
    kind, pads, kernel, padding = line
    call = conv_text(3, C, kernel, f", padding={padding}" if any(padding) else "")
    pads = pads if any(pads[2:]) else pads[:2]
    return f"{call}(F.pad(x, {pads}))" if kind == "pad" else f"{call}(x)"


def _fit_slips(lines, H, W, came):
    def count(**how):
        return sum(_size_of(line, H, W, **how) == came for line in lines)

    right, rows_first = count(), count(rows_first=True)
    every = Slip(len(lines), ("M228",), f"Not all of them: {right} of the {len(lines)} give {came[0]} x {came[1]}. The "
                 "others this result rules out.")  # fmt: skip
    return right, [
        *[every] * (right < len(lines)),
        Slip(1, ("M228",), f"One that fits is not the only one: {right} of these lines give {came[0]} x {came[1]}. Go "
             "on to the last line."),
        Slip(rows_first, ("M22",), "So many would fit if `F.pad` began with the rows. It begins with the "
             "last axis: left, right, then top, bottom."),
    ]  # fmt: skip


def how_many_fit(rng):
    """How many of four slips explain the size that came out."""

    def draw():
        (kH, kW), pH, (H, W) = rng.choice(_ODD), rng.choice((1, 2, 3)), size(rng, 20, 40)
        pW = pH + (kH - kW) // 2  # so that a swapped kernel and a swapped padding give the same size
        if pW < 1:
            return None
        lines = _slips_of_hand(rng, kH, kW, pH, pW)
        return (kH, kW), (pH, pW), H, W, lines, _size_of(rng.choice(lines), H, W)

    def fair(case):
        if case is None:
            return False
        (kH, kW), (pH, pW), H, W, lines, came = case
        meant = H + 2 * pH - kH + 1, W + 2 * pW - kW + 1
        right, slips = _fit_slips(lines, H, W, came)
        return right > 1 and came != meant and came[0] != came[1] and apart("number", right, slips)

    (kH, kW), (pH, pW), H, W, lines, came = drawn(draw, fair)
    answer, slips = _fit_slips(lines, H, W, came)
    N, C = rng.choice((2, 5)), rng.choice((6, 8, 12))
    meant, texts = conv_text(3, C, (kH, kW), f", padding=({pH}, {pW})"), [_line_text(line, C) for line in lines]
    sizes = [_size_of(line, H, W) for line in lines]
    return {
        **_FIT,
        "prompt": f"`x` has the shape ({N}, 3, {H}, {W}). `{meant}(x)` was meant. But {came[0]} x {came[1]} came out. "
        "Below are four slips. How many of them, each by itself, give this size?",
        "answer": answer,
        "because": f"{answer} of the four give {came[0]} x {came[1]}: the size alone does not tell which it was.",
        "steps": [f"`{text}`: {h} x {w}." for text, (h, w) in zip(texts, sizes, strict=True)],
        "proof": (
            "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
            f"x = torch.rand({N}, 3, {H}, {W})\n"
            f"print(sum(tuple(eval(line).shape[2:]) == {came} for line in {texts}))"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [{"code": "\n".join(texts)}],
    }


_SKIP = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "read the message of a skip connection",
    "formula": "a + b needs equal sizes; an even kernel with padding k // 2 gives H + 1",
    "hint": "Which axis is meant: 0 is the batch, 1 the channels, 2 the rows, 3 the columns. What size has it behind "
    "the layer?",
    "otherwise": "Tensor a is `x`, tensor b what the layer gives. Work out its size on the axis that is named.",
}


def _skip_slips(case):
    even, _, rows, H, W, *_ = case
    length, other, p = (H, W, even // 2) if rows else (W, H, even // 2)
    named = "rows" if rows else "columns"
    return length + 1, [
        Slip(length, ("M16",), f"Then there would be no message: {length} is what `x` has. An even kernel with "
             f"padding {p} on each side makes one more."),
        Slip(length + p - even + 1, ("M03",), f"The padding lies on both sides: {length} + 2*{p} - {even} + 1."),
        Slip(length - even + 1, ("M168",), f"The padding is left out: {p} of it on each side."),
        Slip(other, ("M102",), f"That is the other axis, and there both agree. Axis {2 if rows else 3} are the "
             f"{named}: (N, C, H, W), counted from 0."),
    ]  # fmt: skip


def skip_message(rng):
    """The size that the message of a skip connection names."""

    def draw():
        even, odd = rng.choice((2, 4, 6, 8)), rng.choice((3, 5, 7))
        return even, odd, rng.random() < 0.5, *size(rng, 16, 40), rng.choice((3, 6, 8)), rng.choice((2, 5))

    case = even, odd, rows, H, W, C, N = drawn(
        draw, lambda it: it[0] // 2 != it[1] // 2 and apart("number", *_skip_slips(it))
    )
    kernel, padding = ((even, odd), (even // 2, odd // 2)) if rows else ((odd, even), (odd // 2, even // 2))
    length, axis, p = (H if rows else W), (2 if rows else 3), even // 2
    (answer, wrong), call = _skip_slips(case), conv_text(C, C, kernel, f", padding={padding}")
    code = f"x = torch.rand({N}, {C}, {H}, {W})\nconv = {call}\nx + conv(x)"
    message = (
        f"RuntimeError: The size of tensor a ({length}) must match the size of tensor b (?)\n"
        f"at non-singleton dimension {axis}"
    )
    return {
        **_SKIP,
        "prompt": "Which number stood in place of the question mark?",
        "answer": answer,
        "because": f"The even kernel {even} with padding {p} on both sides gives {length} + 1 = {answer}.",
        "steps": [
            f"Tensor a is `x`, tensor b is `conv(x)`; dimension {axis} are the {'rows' if rows else 'columns'}.",
            f"There the kernel is {even} and the padding {p}: {length} + 2*{p} - {even} + 1 = {answer}.",
            f"On the other axis the kernel {odd} is odd, and the size stays.",
        ],
        "proof": f"import torch\nfrom torch import nn\n{code.replace('x + conv(x)', f'print(conv(x).shape[{axis}])')}",
        "slips": gathered("number", answer, wrong),
        "figure": stopped(code, message),
    }


_AGREE = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "tell which sizes a skip connection takes",
    "formula": "odd kernel, p = (k - 1) / 2, stride 2: half, rounded up; even kernel, p = (k - 2) / 2: rounded down; "
    "MaxPool2d(2): rounded down",
    "because": "Even sizes are halved alike by both. An odd one is rounded up by the odd kernel, and down by the "
    "pooling: they disagree by one.",
    "hint": "Only odd sizes make trouble. What does the convolution make of an odd size, on each axis, and what the "
    "pooling?",
    "otherwise": "Take 15 in place of the size on each axis, and work out both ways.",
}


def _parities(rng):
    """Five sizes (H, W): odd and even in every way."""
    lengths = drawn(lambda: rng.sample(range(13, 40), 12), lambda it: 4 < sum(n % 2 for n in it) < 8)
    evens, odds = [n for n in lengths if n % 2 == 0], [n for n in lengths if n % 2]
    mixed = rng.choice([(evens[4], odds[4]), (odds[4], evens[4])])
    return [(evens[0], odds[0]), (odds[1], evens[1]), (evens[2], evens[3]), (odds[2], odds[3]), mixed]


def skip_sizes(rng):
    """For which pictures a strided convolution and a pooling agree."""
    rows_odd = rng.random() < 0.5
    (odd, even), C = rng.choice(((3, 2), (3, 6), (5, 2), (5, 4), (5, 8))), rng.choice((6, 8, 12))
    kernel, padding = ((odd, even), (odd // 2, even // 2 - 1)) if rows_odd else ((even, odd), (even // 2 - 1, odd // 2))
    call = conv_text(3, C, kernel, f", stride=2, padding={padding}")
    pool = f"nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(3, {C}, kernel_size=1))"
    pictures = _parities(rng)
    decides = 0 if rows_odd else 1

    def text(picture):
        return f"(1, 3, {picture[0]}, {picture[1]})"

    holds = {text(it): it[decides] % 2 == 0 for it in pictures}
    meant = {}
    for it in pictures:
        n = it[decides]
        ways = f"the convolution makes {(n + 1) // 2} of {n} {'rows' if rows_odd else 'columns'}"
        line = f"{ways}, and the pooling {n // 2}."
        meant[text(it)] = "M09", line[0].upper() + line[1:]
    options = some_of(rng, list(holds), holds.get)
    answer = [it for it in options if holds[it]]
    slips, per_option = ticked(options, answer, meant)
    p, a, named = odd // 2, even // 2 - 1, ("rows", "columns") if rows_odd else ("columns", "rows")
    return {
        **_AGREE,
        "prompt": f"`main = {call}` and `skip = {pool}`. For which shapes of `x` does `main(x) + skip(x)` run? Tick "
        "all.",
        "answer": answer,
        "steps": [
            f"The {named[0]}: floor((n + 2*{p} - {odd}) / 2) + 1, half of n rounded up.",
            f"The {named[1]}: floor((n + 2*{a} - {even}) / 2) + 1, half of n rounded down, as in the pooling.",
            f"So the {named[0]} decide: an even number of them is halved alike, an odd one not.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nmain, skip = {call}, {pool}\n"
            f"for shape in {options}:\n    x = torch.rand(eval(shape))\n    try:\n        main(x) + skip(x)\n"
            "        print(shape)\n    except RuntimeError:\n        pass"
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }


QUESTIONS = {
    "pair-mend": pair_mend,
    "how-many-fit": how_many_fit,
    "skip-message": skip_message,
    "skip-sizes": skip_sizes,
}
