"""Lesson 04, the padding modes: what the frame holds where it holds no zeros, and the one limit of 'reflect'."""

from convlab.questions.cases import block, drawn, gathered
from convlab.questions.question import Slip


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


def _border_repeated(input, cell, padding):
    """The number in a cell of the padded input for who mirrors the border cell too."""
    found = []
    for index, length, p in zip(cell, (len(input), len(input[0])), padding, strict=True):
        inside = index - p
        found.append(-inside - 1 if inside < 0 else 2 * length - 1 - inside if inside >= length else inside)
    return input[found[0]][found[1]]


def _border_slips(input, cell, padding, mode):
    """What is named besides where the mode is 'reflect'."""
    if mode != "reflect":
        return []
    wrong = _border_repeated(input, cell, padding)
    line = f"{wrong} comes out if the border cell is mirrored too. 'reflect' does not repeat it: 1 2 3 begins with 2 1."
    return [Slip(wrong, ("M170",), line)]


def frame_value(rng):
    """A number in the frame, for the padding modes that do not hold zeros."""
    input, padding, mode, (r, c), slips = drawn(lambda: _frame_case(rng), _frame_keeps)
    answer, (H, W), (pH, pW) = _held(input, (r, c), padding, mode), (len(input), len(input[0])), padding
    lines = _frame_lines(padding, (r, c), slips)
    named = [Slip(slips[id], (id,), lines[id]) for id in lines]
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
        "slips": gathered("number", answer, [*named, *_border_slips(input, (r, c), padding, mode)]),
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
        "M170": (
            W,
            f"{W} would do if the border column were mirrored too. 'reflect' does not repeat it, so of {W} columns "
            f"{W} - 1 = {W - 1} are left to mirror.",
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
