"""Lesson 04, the frame that padding adds: how wide it is, on which side, and what it holds."""

from convlab.mistakes.values import value_at
from convlab.questions.cases import added, apart, block, counted, drawn, gathered, grid, kernel, shuffled, span, tensors
from convlab.questions.lesson_04.drill import ONCE
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec


def padded_size(rng):
    """The shape of the padded input."""
    kH, kW = rng.sample((2, 3, 4, 5), 2)
    pH, pW = rng.sample((1, 2, 3), 2)
    N, C, H = rng.randint(1, 4), rng.choice((1, 3)), rng.randint(6, 14)
    W = H + rng.choice((-5, -3, 3, 5, 7))
    answer = (N, C, H + 2 * pH, W + 2 * pW)
    layer = Conv2dSpec(C, 8, (kH, kW), padding=(pH, pW)).source()
    sizes = {
        ONCE: (H + pH, W + pW),
        ("M04",): (H + 4 * pH, W + 4 * pW),
        ("M21",): (H + 2 * pW, W + 2 * pH),
        ("M22",): (H, W + pH + pW),
    }
    slips = [Slip((N, C, *size), ids, _padded_line(ids, size, (pH, pW))) for ids, size in sizes.items()]
    return {
        "prompt": (
            f"`{layer}` gets an input of shape {(N, C, H, W)}. It first puts its padding around the input. What is "
            "the shape of the padded input, over which the window then slides?"
        ),
        "kind": "shape",
        "level": "easy",
        "objective": "say what padding adds on each side",
        "formula": "(N, C_in, H + 2 pH, W + 2 pW)",
        "answer": answer,
        "because": f"{counted(pH, 'row')} above and {pH} below, {counted(pW, 'column')} left and {pW} right: "
        f"{H + 2 * pH} x {W + 2 * pW}.",
        "hint": "`padding` is (height, width), and each number counts for one side. How many sides has an axis?",
        "steps": [
            f"Height: {H} + 2*{pH} = {H + 2 * pH}. Width: {W} + 2*{pW} = {W + 2 * pW}.",
            f"Padding adds no picture and no channel: {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.zeros{(N, C, H, W)}\n"
            f"padded = F.pad(input, ({pW}, {pW}, {pH}, {pH}))  # left, right, top, bottom\nprint(tuple(padded.shape))"
        ),
        "slips": gathered("shape", answer, slips),
        "axes": ("a padded batch", "(N, C_in, H, W)"),
        "otherwise": "Batch and channels stay; each axis grows by its padding on one side and the same on the other.",
    }


def _padded_line(ids, size, padding):
    (pH, pW), written = padding, f"{size[0]} x {size[1]}"
    right = f"{pH} above and {pH} below, {pW} left and {pW} right"
    return {
        "M03": f"{written} adds the padding once to each axis. It is given for each side: {right}.",
        "M04": f"{written} doubles the padding once too often. The number is for one side already: {right}.",
        "M21": f"{written} takes `padding=({pH}, {pW})` as (width, height). It is (height, width): {right}.",
        "M22": f"{written} reads `padding=({pH}, {pW})` as `F.pad` would: {pH} left and {pW} right, and no rows. In "
        f"Conv2d it is (height, width): {right}.",
    }[ids[0]]


def _pad_first_wrong(pH, pW):
    """Mistake id -> (the padding it leads to, what is wrong with that)."""
    return {
        "M22": (
            (pW, pH),
            f"That puts {pW} above and below. `F.pad` begins with the last axis: its first pair, {pW}, {pW}, goes left "
            "and right, while Conv2d's first number is for the height.",
        ),
        "M03": (
            (2 * pH, 2 * pW),
            f"That is the sum of both sides. Conv2d's padding is for each side: {2 * pH} would put {2 * pH} above and "
            f"{2 * pH} below, where `F.pad` puts {pH}.",
        ),
        "M04": (
            (pH // 2, pW // 2),
            f"That is half of it. Conv2d does not double the number you give: {pH // 2} puts {pH // 2} above and "
            f"{pH // 2} below, and `F.pad` puts {pH} there.",
        ),
    }


def pad_first(rng):
    """The padding of Conv2d that does what a call of F.pad does."""
    pH, pW = rng.sample((2, 4, 6), 2)
    wrong = _pad_first_wrong(pH, pW)
    H, W = rng.sample((9, 12, 14), 2)
    answer = _as_argument((pH, pW))
    slips = [Slip(_as_argument(pair), (id,), line) for id, (pair, line) in wrong.items()]
    options = [answer, *(slip.answer for slip in slips)]
    return {
        "prompt": (
            f"`padded = F.pad(input, ({pW}, {pW}, {pH}, {pH}))` puts zeros around `input`, and then a layer without "
            "padding runs on `padded`. Which padding would the same layer need, to give the same output from `input`?"
        ),
        "kind": "choice",
        "level": "medium",
        "objective": "tell Conv2d's padding from F.pad's",
        "formula": "F.pad(input, (pW, pW, pH, pH)) = padding=(pH, pW)",
        "answer": answer,
        "because": f"`F.pad` lists (left, right, top, bottom): {pW} at each side of the width, {pH} at each side of "
        "the height. Conv2d names the height first.",
        "hint": "`F.pad` begins with the last axis of the tensor. Which sides does its first pair mean?",
        "steps": [
            f"`F.pad` lists (left, right, top, bottom), last axis first: {pW} columns left and {pW} right.",
            f"Its second pair: {pH} rows above and {pH} below.",
            f"Conv2d wants (height, width), each for one side: {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input, weight = torch.randn(1, 1, {H}, {W}), torch.randn(1, 1, 3, 2)\n"
            f"wanted = F.conv2d(F.pad(input, ({pW}, {pW}, {pH}, {pH})), weight)\n"
            f"for padding in {[(pH, pW), *(pair for pair, _ in wrong.values())]}:\n"
            "    output = F.conv2d(input, weight, padding=padding)\n"
            "    if output.shape == wanted.shape and torch.allclose(output, wanted):\n"
            '        print(f"padding={padding}")'
        ),
        "slips": gathered("choice", answer, slips),
        "options": shuffled(rng, options),
    }


def _as_argument(padding):
    return f"padding={padding}"


def _source(index, length, mode):
    """Where the frame takes its number from: an index into the axis, or None for zeros; `index` counts from the input.

    Example:
        >>> [_source(-2, 5, mode) for mode in ("reflect", "replicate", "circular", "zeros")]
        [2, 0, 3, None]
    """
    if 0 <= index < length:
        return index
    if mode == "zeros":
        return None
    if mode == "replicate":
        return 0 if index < 0 else length - 1
    if mode == "circular":
        return index % length
    return -index if index < 0 else 2 * (length - 1) - index


def _held(input, cell, padding, mode):
    """The number in a cell of the padded input; None outside it."""
    found = []
    for index, length, p in zip(cell, (len(input), len(input[0])), padding, strict=True):
        if not 0 <= index < length + 2 * p:
            return None
        found.append(_source(index - p, length, mode))
    return 0 if None in found else input[found[0]][found[1]]


def _frame_case(rng):
    H, W = rng.choice(((5, 6), (5, 7), (6, 5), (7, 5)))
    values = rng.sample(range(1, 60), H * W)
    input = [values[row * W : row * W + W] for row in range(H)]
    padding, mode = tuple(rng.sample((1, 2, 3), 2)), rng.choice(("reflect", "replicate", "circular"))
    r, c = rng.randint(1, H + 2 * padding[0] - 1), rng.randint(1, W + 2 * padding[1] - 1)
    asked = {
        "M21": ((r, c), padding[::-1]),
        "M102": ((c, r), padding),
        "M101": ((r - 1, c - 1), padding),
    }
    slips = {id: _held(input, cell, pads, mode) for id, (cell, pads) in asked.items() if _mirrors(pads, input, mode)}
    return input, padding, mode, (r, c), slips


def _mirrors(padding, input, mode):
    """True when the input is long enough for its frame in this mode."""
    return all(p < n + (mode != "reflect") for p, n in zip(padding, (len(input), len(input[0])), strict=True))


def _frame_keeps(case):
    input, padding, _, cell, slips = case
    modes = [_held(input, cell, padding, each) for each in ("zeros", "reflect", "replicate", "circular")]
    numbers = [*modes, *slips.values()]
    oblong = len(input) + 2 * padding[0] != len(input[0]) + 2 * padding[1]
    return oblong and len(slips) == 3 and None not in numbers and len(set(numbers)) == len(numbers)


def _frame_lines(padding, cell, slips):
    (pH, pW), (r, c) = padding, cell
    return {
        "M21": f"{slips['M21']} comes out if `padding=({pH}, {pW})` were (width, height). It is (height, width): {pH} "
        f"above and below, {pW} left and right.",
        "M102": f"{slips['M102']} stands in row {c}, column {r}. The row comes first: row {r}, column {c}.",
        "M101": f"{slips['M101']} stands one row higher and one column further left. Rows and columns are counted from "
        "0, and the first row of the frame is row 0.",
    }


MODES = {
    "reflect": "mirrors the input at its border cell, which is not repeated",
    "replicate": "repeats the border cell",
    "circular": "continues with the opposite side",
    "zeros": "holds 0",
}


def _axis_step(noun, index, p, length, mode):
    inside = index - p
    if 0 <= inside < length:
        return f"{noun.capitalize()}: {index} - {p} = {inside} lies in the input, which has {noun}s 0 to {length - 1}."
    return (
        f"{noun.capitalize()}: {index} - {p} = {inside} lies outside of the input, which has {noun}s 0 to "
        f"{length - 1}; '{mode}' takes {noun} {_source(inside, length, mode)} there."
    )


def frame_value(rng):
    """A number in the frame, for the padding modes that do not hold zeros."""
    input, padding, mode, (r, c), slips = drawn(lambda: _frame_case(rng), _frame_keeps)
    answer, (H, W), (pH, pW) = _held(input, (r, c), padding, mode), (len(input), len(input[0])), padding
    lines = _frame_lines(padding, (r, c), slips)
    others = [
        f"{_held(input, (r, c), padding, each)} is right for '{each}', which {words}"
        for each, words in MODES.items()
        if each != mode
    ]
    return {
        "prompt": (
            f"A layer with `padding=({pH}, {pW})` and `padding_mode='{mode}'` gets this input. Before the window "
            f"slides, the input is padded to {H + 2 * pH} x {W + 2 * pW}. Which number then stands in row {r}, column "
            f"{c} of the padded input, counted from 0?"
        ),
        "kind": "number",
        "level": "medium",
        "objective": "say what the frame holds in each padding mode",
        "formula": "reflect: input[-i]; replicate: input[0]; circular: input[H - i]",
        "answer": answer,
        "because": f"'{mode}' {MODES[mode]}.",
        "hint": f"The input's own first cell now stands in row {pH}, column {pW}. How far before or behind the input "
        f"is the cell asked for? '{mode}' {MODES[mode]}.",
        "steps": [
            _axis_step("row", r, pH, H, mode),
            _axis_step("column", c, pW, W, mode),
            f"So the number is that of input row {_source(r - pH, H, mode)}, column {_source(c - pW, W, mode)}: "
            f"{answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.tensor({input})[None, None].float()\n"
            f"padded = F.pad(input, ({pW}, {pW}, {pH}, {pH}), mode='{mode}')\nprint(int(padded[0, 0, {r}, {c}]))"
        ),
        "slips": gathered("number", answer, [Slip(slips[id], (id,), lines[id]) for id in lines]),
        "figure": [block("input", input)],
        "otherwise": f"{'; '.join(others)}. Here it is '{mode}', which {MODES[mode]}.",
    }


def _reflect_wrong(H, W, kW):
    """Mistake id -> (the limit it leads to, what is wrong with that)."""
    return {
        "M18": (kW // 2, f"{kW // 2} is half of the kernel. `nn.MaxPool2d` has such a limit, `nn.Conv2d` has not."),
        "M21": (
            H - 1,
            f"{H - 1} is the limit for the height of {H}. `padding=(1, p)` is (height, width): `p` is for the width.",
        ),
        "M04": (
            (W - 1) // 2,
            f"{(W - 1) // 2} would fill {W - 1} columns with both sides together. `p` is for each side, and each side "
            "mirrors the input by itself.",
        ),
        "M03": (
            2 * W - 2,
            f"{2 * W - 2} is what both sides can hold together. `p` is for each side: {2 * W - 2} would ask for "
            f"{2 * W - 2} columns on the left and as many on the right.",
        ),
    }


def reflect_limit(rng):
    """The largest padding that 'reflect' can fill."""
    (kH, kW), H = rng.choice(((3, 5), (5, 3), (5, 7), (3, 7))), rng.choice((5, 6, 8, 9))
    W = drawn(lambda: rng.randint(7, 15), lambda W: W % 2 and len({W - 1, H - 1, (W - 1) // 2, kW // 2}) == 4)
    wrong = _reflect_wrong(H, W, kW)
    layer = f"nn.Conv2d(1, 1, kernel_size=({kH}, {kW}), padding=(1, p), padding_mode='reflect')"
    return {
        "prompt": f"`{layer}` gets an input of shape (1, 1, {H}, {W}). What is the largest `p` for which it runs?",
        "kind": "number",
        "level": "easy",
        "objective": "know the one limit of padding: that of 'reflect'",
        "formula": "'reflect' needs padding < size",
        "answer": W - 1,
        "because": f"'reflect' leaves the border column out, so each side has {W} - 1 = {W - 1} columns to mirror.",
        "hint": "'reflect' mirrors the columns behind the border column, without that column. How many are there to "
        "mirror?",
        "steps": [
            f"`p` is for the left and the right side: each mirrors columns of the input, which has {W}.",
            f"The border column is not repeated, so {W} - 1 = {W - 1} can be mirrored; one more is a RuntimeError.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\nlargest = 0\nfor p in range(30):\n    try:\n"
            f"        {layer}(torch.zeros(1, 1, {H}, {W}))\n        largest = p\n"
            "    except RuntimeError:\n        pass\nprint(largest)"
        ),
        "slips": gathered("number", W - 1, [Slip(value, (id,), line) for id, (value, line) in wrong.items()]),
        "otherwise": "Write down a row of cells and mirror it at its first cell, without repeating that cell: how far "
        "can you go?",
    }


def _corner_case(rng):
    kH, kW = rng.choice(((2, 3), (3, 2)))
    input, weight, bias = grid(rng, 4, 5, 1, 9), kernel(rng, kH, kW), rng.choice((-5, -4, -3, 3, 4, 5))
    pH, pW = kH, kW
    if rng.random() < 0.5:
        pH, pW = rng.choice(((kH, 1), (1, kW)))
    slips = [
        Slip(_corner(input, weight, bias, (pH // 2, pW // 2)), ONCE, "once"),
        Slip(_corner(input, weight, bias, (0, pH)), ("M22",), "order"),
        Slip(0, ("M103",), "bias"),
        Slip(bias * kH * kW, ("M108",), "each"),
    ]
    return input, weight, bias, (pH, pW), slips


def _corner(input, weight, bias, padding):
    """The value of output cell (0, 0) with zeros of this padding above and to the left."""
    pH, pW = padding
    wide = len(input[0]) + pW
    padded = [[0] * wide for _ in range(pH)] + [[0] * pW + row for row in input]
    return value_at([padded], [weight], bias)


def corner_value(rng):
    """What the first output cell holds when its window sees padding alone."""

    def keep(case):
        input, weight, bias, _, slips = case
        return apart("number", bias, slips) and _corner(input, weight, bias, (0, 0)) != bias  # the padding matters

    input, weight, bias, (pH, pW), slips = drawn(lambda: _corner_case(rng), keep)
    kH, kW = len(weight), len(weight[0])
    start = f"the window of (0, 0) starts at row {-pH} and column {-pW}, counted from the input's first cell"
    lines = {
        "M03": f"That cell would reach into the input if {pH} and {pW} were shared between two sides. They are for "
        f"each side: {start}, and reads zeros alone.",
        "M22": f"That is right for {counted(pH, 'column')} of zeros on the left and no row above, as `F.pad` counts. "
        f"Here {start}.",
        "M103": "The window reads zeros alone, and the products are 0; but the bias is added to every output cell.",
        "M108": f"The bias was added for each of the {kH * kW} weights. It is added once, to the finished sum.",
    }
    layer = Conv2dSpec(1, 1, (kH, kW), padding=(pH, pW)).source()
    answer = _corner(input, weight, bias, (pH, pW))
    return {
        "prompt": f"The layer is `{layer}` with this kernel and the bias {bias}. What does output cell (0, 0) hold?",
        "kind": "number",
        "level": "easy",
        "objective": "say what an output cell holds that sees padding alone",
        "formula": "only padding under the window: output = bias",
        "answer": answer,
        "because": f"Its window lies in the padding, every product is 0, and the bias, {bias}, is left.",
        "hint": "Where does the first window start, counted from the input's first cell? Which cells does it cover?",
        "steps": [
            f"The window of (0, 0) covers {span(-pH, kH, 'rows')} and {span(-pW, kW, 'columns')}, counted from the "
            "input's first cell: nothing of the input.",
            f"All products are 0: 0 {added(bias)} = {answer}.",
        ],
        "proof": (
            f"{tensors(input, weight, bias)}\n"
            f"print(F.conv2d(input, weight, bias, padding=({pH}, {pW}))[0, 0, 0, 0].item())"
        ),
        "slips": gathered("number", answer, [Slip(s.answer, s.mistakes, lines[s.mistakes[0]]) for s in slips]),
        "figure": [block("input", input), block("weight", weight, f"kernel {kH} x {kW}")],
        "otherwise": f"Draw the zeros around the input first: {pH} above, {pW} on the left. The first window starts in "
        "their top left corner.",
    }


QUESTIONS = {
    "padded-size": padded_size,
    "corner-value": corner_value,
    "reflect-limit": reflect_limit,
    "frame-value": frame_value,
    "pad-first": pad_first,
}
