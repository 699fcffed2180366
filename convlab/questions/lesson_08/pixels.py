"""Lesson 08, from a pixel's side: which outputs it feeds, and how many shares of the gradient come back."""

from convlab.questions.cases import apart, drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import chosen
from convlab.questions.lesson_08.shares import input_size, layer_text, listed, moves, readers
from convlab.questions.question import Slip

_STRIDES = ((1, 2), (2, 1), (2, 3), (3, 2), (1, 3), (3, 1))

_FEEDS = {  # what is the same for every seed
    "kind": "cells",
    "level": "easy",
    "objective": "find the outputs that an input cell feeds",
    "formula": "all (i, j) with 0 <= r - i sH < kH and 0 <= c - j sW < kW",
    "hint": "Where does each window begin? Which of them reach this row, and which this column?",
    "otherwise": "Go through the places: a window begins at row i * sH, column j * sW. Does it cover the cell?",
}


def _pixel_case(rng):
    kernel, stride = rng.choice(((2, 3), (3, 2), (3, 4), (4, 3), (3, 5), (5, 3))), rng.choice(_STRIDES)
    places = rng.choice(((3, 5), (5, 3), (4, 6), (6, 4), (3, 4), (4, 3)))
    H, W = input_size(places, kernel, stride)
    return (rng.randrange(H), rng.randrange(W)), places, kernel, stride


def _feeding(cell, places, kernel, stride):
    return [list(place) for place, _ in readers(cell, places, kernel, stride)]


_ALONE = "That one does, and it is not alone: windows overlap, and each that covers the cell sends a share back."


def _feeds_slips(cell, places, kernel, stride):
    (r, c), (kH, kW) = cell, kernel
    right, after = _feeding(cell, places, kernel, stride), (r + kH - 1, c + kW - 1)
    return right, [
        Slip(_feeding(cell, places, kernel, (1, 1)), ("M79",), "Those are the places of a stride of 1. The windows "
             f"begin {moves(stride)} apart: multiply before you compare."),
        Slip(right[-1:], ("M187",), _ALONE),
        Slip(_feeding(after, places, kernel, stride), ("M111",), "Those windows begin at the cell and beyond it, "
             "right and below. A window that reads the cell begins above it or left of it, or on it."),
        Slip(_feeding((c, r), places, kernel, stride), ("M102",), f"That is the cell of row {c} and column {r}. "
             "An index is (row, column)."),
    ]  # fmt: skip


def pixel_feeds(rng):
    """The output cells that one input cell feeds, with a stride."""

    def fair(case):
        (H, W), count = input_size(*case[1:]), len(_feeding(*case))
        if H == W or not 2 <= count <= 9:
            return False
        right, slips = _feeds_slips(*case)
        return all(it.answer for it in slips) and apart("cells", right, slips)

    case = (r, c), (h, w), (kH, kW), (sH, sW) = drawn(lambda: _pixel_case(rng), fair)
    (H, W), (answer, slips) = input_size((h, w), (kH, kW), (sH, sW)), _feeds_slips(*case)
    rows, columns = (sorted({cell[axis] for cell in answer}) for axis in (0, 1))
    return {
        **_FEEDS,
        "prompt": f"The input is {H} x {W}, the layer is `{layer_text((kH, kW), (sH, sW))}`, so the output is {h} x "
        f"{w}. Click the output cells that input cell ({r}, {c}) feeds: from these a gradient comes back to it.",
        "answer": answer,
        "because": f"The windows of {listed(answer)} cover row {r}, column {c}; no others do.",
        "steps": [
            f"Rows: window i covers rows i * {sH} to i * {sH} + {kH - 1}. Row {r} is in those of i = "
            f"{', '.join(map(str, rows))}.",
            f"Columns: window j covers columns j * {sW} to j * {sW} + {kW - 1}. Column {c} is in those of j = "
            f"{', '.join(map(str, columns))}.",
        ],
        "proof": (
            f"import torch\nfrom torch.nn import functional as F\ninput = torch.zeros(1, 1, {H}, {W})\n"
            f"input[0, 0, {r}, {c}] = 1\noutput = F.conv2d(input, torch.ones(1, 1, {kH}, {kW}), stride={(sH, sW)})\n"
            "print(output[0, 0].nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, [*slips, *(Slip([one], ("M187",), _ALONE) for one in answer)]),
        "options": {"shape": [h, w], "role": "output"},
    }


_COUNTS = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "count the shares of one input cell",
    "formula": "(windows in the rows that cover r) * (windows in the columns that cover c)",
    "hint": "Rows and columns apart: how many windows reach this row, how many this column?",
    "otherwise": "Write down which rows each window covers, and count those with this row; then the columns.",
}


def _count_slips(cell, places, kernel, stride):
    right = len(_feeding(cell, places, kernel, stride))
    rows, columns = (_on_axis(axis, cell, places, kernel, stride) for axis in (0, 1))
    return right, [
        Slip(len(_feeding(cell, places, kernel, (1, 1))), ("M79",), "So many would read it at a stride of 1. Here the "
             f"windows begin {moves(stride)} apart, and fewer reach a cell."),
        Slip(1, ("M187",), "Windows overlap: there are more than one that read this cell, and each sends a share "
             "back."),
        Slip(len(_feeding(cell[::-1], places, kernel, stride)), ("M102",), f"That is the cell of row {cell[1]} and "
             f"column {cell[0]}. An index is (row, column)."),
        Slip(rows + columns, ("M124",), f"You added {rows} and {columns}. Each window in the rows goes with each in "
             "the columns: multiply."),
    ]  # fmt: skip


def _on_axis(axis, cell, places, kernel, stride):
    return len({place[axis] for place in _feeding(cell, places, kernel, stride)})


def pixel_counts(rng):
    """How many places read one input cell, with a stride."""

    def fair(case):
        (H, W), (r, c) = input_size(*case[1:]), case[0]
        if H == W or r >= W or c >= H or len(_feeding(*case)) < 2:
            return False
        right, slips = _count_slips(*case)
        return slips[2].answer and apart("number", right, slips)

    case = (r, c), (h, w), (kH, kW), (sH, sW) = drawn(lambda: _pixel_case(rng), fair)
    (H, W), (answer, slips) = input_size((h, w), (kH, kW), (sH, sW)), _count_slips(*case)
    rows, columns = (_on_axis(axis, *case) for axis in (0, 1))
    return {
        **_COUNTS,
        "prompt": f"The input is {H} x {W}, the layer is `{layer_text((kH, kW), (sH, sW))}`. The gradient of input "
        f"cell ({r}, {c}) is a sum of shares, one from each place that reads the cell. How many are they?",
        "answer": answer,
        "because": f"{rows} in the rows times {columns} in the columns: {answer} places.",
        "steps": [
            f"Windows begin {moves((sH, sW))} apart and cover {kH} x {kW}: row {r} is in {rows} of them, "
            f"column {c} in {columns}.",
            f"Each goes with each: {rows} * {columns} = {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.zeros(1, 1, {H}, {W}, requires_grad=True)\n"
            f"F.conv2d(input, torch.ones(1, 1, {kH}, {kW}), stride={(sH, sW)}).sum().backward()\n"
            f"print(int(input.grad[0, 0, {r}, {c}]))"
        ),
        "slips": gathered("number", answer, slips),
    }


_ROW = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "count how often each pixel is used",
    "formula": "pixel c is used by the places j with 0 <= c - j s < k",
    "hint": "How many places are there? Mark what each covers, and count the marks above every pixel.",
    "otherwise": "Draw the windows one below the other, then count above each pixel.",
}


def _used(length, k, s, places):
    return [sum(0 <= c - j * s < k for j in range(places)) for c in range(length)]


def _row_counts(length, k, s):
    """Who is right, and who holds which mistake -> how often each pixel is used."""
    places = (length - k) // s + 1
    right = _used(length, k, s, places)
    return {
        "right": right,
        "M79": _used(length, k, 1, length - k + 1),
        "M187": [min(1, count) for count in right],
        "M06": _used(length, k, s, places + 1),
    }


def row_counts(rng):
    """How often each pixel of a row is used; the last ones are left over."""

    def fair(case):
        length, k, s = case
        counts = _row_counts(*case)
        return (length - k) % s and len(set(map(str, counts.values()))) == len(counts)

    length, k, s = case = drawn(lambda: (rng.randint(7, 11), rng.choice((3, 4, 5)), rng.choice((2, 3))), fair)
    counts, places = _row_counts(*case), (length - k) // s + 1
    starts, left = [j * s for j in range(places)], length - places * s - k + s
    wrong = {
        "M79": f"That is a stride of 1, with {length - k + 1} places. With a stride of {s} there are {places}.",
        "M187": "Windows overlap where the stride is smaller than the kernel: these pixels are used more than once.",
        "M06": f"That has one place more, whose window would reach beyond the row. PyTorch rounds down: {places}.",
    }
    answer, texts = str(counts["right"]), {str(counts[id]): (id, line) for id, line in wrong.items()}
    last = "the last pixel has" if left == 1 else f"the last {left} pixels have"
    return {
        **_ROW,
        "prompt": f"A row of {length} pixels goes through `nn.Conv2d(1, 1, kernel_size=(1, {k}), stride=(1, {s}))`. "
        "How many places use each pixel, from the first to the last?",
        "answer": answer,
        "because": f"{places} windows cover {k} pixels each, and {last} none: their gradient is 0, whatever the loss."
        if left > 1 else f"{places} windows cover {k} pixels each, and {last} none: its gradient is 0, whatever the "
        "loss.",
        "steps": [
            f"There are ({length} - {k}) // {s} + 1 = {places} places.",
            f"Their windows begin at {', '.join(map(str, starts))} and cover {k} pixels each.",
            f"Counted above each pixel: {answer}; {last} no window.",
        ],
        "proof": (
            f"import torch\nfrom torch.nn import functional as F\nrow = torch.zeros(1, 1, 1, {length}, "
            f"requires_grad=True)\nF.conv2d(row, torch.ones(1, 1, 1, {k}), stride=(1, {s})).sum().backward()\n"
            "print([int(it) for it in row.grad.flatten()])"
        ),
        "slips": chosen(answer, texts),
        "options": shuffled(rng, [answer, *texts]),
    }  # fmt: skip


QUESTIONS = {"pixel-feeds": pixel_feeds, "pixel-counts": pixel_counts, "row-counts": row_counts}
