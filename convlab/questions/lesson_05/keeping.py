"""Lesson 05, keeping the size with dilation: which padding does it, and when no equal padding can."""

from convlab.questions.cases import drawn, gathered, shuffled
from convlab.questions.question import Slip
from convlab.shapes import extent, output_length

ODD = ((3, 5), (5, 3), (3, 7), (7, 3), (5, 7), (7, 5))
EVEN = ((2, 4), (4, 2), (4, 6), (6, 4))
DILATIONS = ((2, 3), (3, 2), (2, 4), (4, 2))


def _size(rng):
    height = rng.choice((32, 36, 40, 44))
    return height, height + rng.choice((-7, -4, 5, 8, 11))


def _by(size):
    return f"{size[0]} x {size[1]}"


def _out(size, kernel, dilation, padding):
    axes = zip(size, kernel, dilation, padding, strict=True)
    return tuple(output_length(n, k, 1, (p, p), d) for n, k, d, p in axes)


def _keeping(kernel, dilation):
    return tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))


def _pairs(rng, kernels=ODD):
    """A kernel and a dilation whose padding differs between the axes."""
    return drawn(lambda: (rng.choice(kernels), rng.choice(DILATIONS)), lambda it: len(set(_keeping(*it))) == 2)


def _padding_wrong(kernel, dilation, size):
    """Mistake id -> (the padding it leads to, what is wrong with that)."""
    (kH, kW), (dH, dW), (eH, eW) = kernel, dilation, tuple(map(extent, kernel, dilation))
    half, whole = ((kH - 1) // 2, (kW - 1) // 2), (eH - 1, eW - 1)
    axis, k, d = ("rows", kH, dH) if kH > 3 else ("columns", kW, dW)
    return {
        "M15": (
            half,
            f"{half} would keep the size without dilation. Here the kernel reaches over {eH} x {eW} and takes "
            f"{eH - 1} rows and {eW - 1} columns away: {_by(_out(size, kernel, dilation, half))} comes out.",
        ),
        "M156": (
            dilation,
            f"Padding equal to the dilation is right for an axis with 3 taps alone. Of the {axis} a kernel of {k} "
            f"takes {d}*({k} - 1) = {d * (k - 1)}, and each side has to give half of them back.",
        ),
        "M03": (
            whole,
            f"{eH - 1} rows and {eW - 1} columns are lost, that is right. The padding is for each side, so it brings "
            f"twice as many: {_by(_out(size, kernel, dilation, whole))} comes out.",
        ),
    }


def dilated_padding(rng):
    """The padding that keeps the size of a dilated layer."""
    size = H, W = _size(rng)
    kernel, dilation = (kH, kW), (dH, dW) = drawn(lambda: _pairs(rng), lambda it: it[1] != tuple(k // 2 for k in it[0]))
    (pH, pW), wrong = _keeping(kernel, dilation), _padding_wrong(kernel, dilation, size)
    names = {id: f"padding={pair}" for id, (pair, _) in wrong.items()} | {"right": f"padding=({pH}, {pW})"}
    layer = f"nn.Conv2d(3, 8, kernel_size=({kH}, {kW}), dilation=({dH}, {dW}), padding=...)"
    return {
        "prompt": f"`{layer}` is to keep an input of {H} x {W} (height x width) at this size. Which padding does that?",
        "kind": "choice",
        "level": "easy",
        "objective": "choose the padding that keeps the size, with dilation",
        "formula": "p = d (k - 1) / 2",
        "answer": names["right"],
        "because": f"The kernel takes {dH}*({kH} - 1) = {dH * (kH - 1)} rows, and {pH} above and {pH} below give them "
        f"back; of {dW * (kW - 1)} columns {pW} come back on each side.",
        "hint": "How far does the kernel reach with this dilation? How many rows are lost then, and what is half of "
        "that?",
        "steps": [
            f"Height: {dH}*({kH} - 1) = {dH * (kH - 1)} rows are lost; half of them on each side: {pH}.",
            f"Width: {dW}*({kW} - 1) = {dW * (kW - 1)} columns are lost; half of them on each side: {pW}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\ninput = torch.zeros(1, 3, {H}, {W})\n"
            f"for padding in {[(pH, pW), *(pair for pair, _ in wrong.values())]}:\n"
            f"    output = nn.Conv2d(3, 8, kernel_size={kernel}, dilation={dilation}, padding=padding)(input)\n"
            '    if output.shape[2:] == input.shape[2:]:\n        print(f"padding={padding}")'
        ),
        "slips": gathered("choice", names["right"], [Slip(names[id], (id,), line) for id, (_, line) in wrong.items()]),
        "options": shuffled(rng, list(names.values())),
    }


def _settings(kernel, dilation, padding):
    return f"kernel_size={kernel}, dilation={dilation}, padding={padding!r}"


def _keepers(rng, size):
    """Settings -> (do they keep the size, the mistake behind being wrong about them, why)."""
    (first, d1), (second, d2), (third, d3) = (_pairs(rng) for _ in range(3))
    even, mixed = rng.choice(EVEN), rng.choice(((4, 3), (2, 5), (4, 5), (2, 3)))
    right, even_right = _keeping(first, d1), tuple(k - 1 for k in even)
    half, odd_axis = tuple((k - 1) // 2 for k in third), 3 * (mixed[0] - 1)
    k, d = next((k, d) for k, d in zip(second, d2, strict=True) if k > 3)
    return {
        _settings(first, d1, right): (
            True,
            "M15",
            f"A kernel {first[0]} high with dilation {d1[0]} takes {d1[0] * (first[0] - 1)} rows, and `padding={right}`"
            f" brings {right[0]} above and {right[0]} below: as many.",
        ),
        _settings(second, d2, d2): (
            False,
            "M156",
            f"`padding={d2}` is the dilation. A kernel of {k} with dilation {d} takes {d}*({k} - 1) = {d * (k - 1)} "
            f"cells, and {d} on each side bring {2 * d} back.",
        ),
        _settings(third, d3, half): (
            False,
            "M15",
            f"`padding={half}` goes with the kernel without dilation. With it {d3[0] * (third[0] - 1)} rows are lost, "
            f"and {2 * half[0]} come back.",
        ),
        _settings(even, 2, even_right): (
            True,
            "M17",
            f"Any kernel will do whose loss can be halved: 2*({even[0]} - 1) = {2 * (even[0] - 1)} rows are lost with "
            f"dilation 2, and {even_right[0]} come back on each side.",
        ),
        _settings(mixed, 3, "same"): (
            True,
            "M14",
            f"`'same'` is refused with a stride, not with a dilation. Here {odd_axis} rows are lost; it puts "
            f"{odd_axis // 2} above and {odd_axis - odd_axis // 2} below.",
        ),
    }


def dilated_same(rng):
    """Which of five settings with dilation keep the size."""
    H, W = size = _size(rng)
    kept = drawn(lambda: _keepers(rng, size), lambda it: len(it) == 5)
    options = shuffled(rng, list(kept))
    answer = [option for option in options if kept[option][0]]
    per_option = {option: Slip(option, (id,), line) for option, (_, id, line) in kept.items()}
    slips = []
    for id in ("M15", "M156", "M17", "M14"):
        wrong = [option for option in kept if kept[option][1] == id]
        ticked = [option for option in options if (option in answer) != (option in wrong)]
        slips.append(Slip(ticked, (id,), " ".join(per_option[option].line for option in wrong)))
    return {
        "prompt": f"`nn.Conv2d(3, 8, ...)` gets an input of {H} x {W} (height x width), the stride is 1. Tick all "
        f"settings with which the output is {H} x {W} too.",
        "kind": "choices",
        "level": "medium",
        "objective": "tell which settings keep the size, with dilation",
        "formula": "2 p = d (k - 1), or 'same'",
        "answer": answer,
        "because": "Both sides together have to bring d (k - 1); `'same'` does that for any kernel and dilation.",
        "hint": "For each axis: how much is lost to the extent of the kernel, and how much do both sides bring?",
        "steps": [
            "An axis loses d (k - 1) cells, one less than the extent; padding of p brings 2 p.",
            "Half of d (k - 1) is a whole number for an odd k, and for any k when d is even. `'same'` does not need "
            "that: it may put one more below and to the right.",
            f"So these keep {H} x {W}: {'; '.join(answer)}.",
        ],
        "proof": (
            "import torch, warnings\nfrom torch import nn\nwarnings.simplefilter('ignore')\n"
            f"input = torch.zeros(1, 3, {H}, {W})\nfor settings in {options}:\n"
            "    conv = eval(f'nn.Conv2d(3, 8, {settings})')\n"
            "    if conv(input).shape[2:] == input.shape[2:]:\n        print(settings)"
        ),
        "slips": gathered("choices", answer, slips),
        "per_option": per_option,
        "options": options,
    }


QUESTIONS = {"dilated-padding": dilated_padding, "dilated-same": dilated_same}
