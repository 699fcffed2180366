"""Lesson 04, what the windows read with stride and padding, and what they never read."""

from convlab.questions.cases import (
    apart,
    block,
    counted,
    drawn,
    gathered,
    grid,
    kernel,
    output_of,
    rows_text,
    shuffled,
    tensors,
)
from convlab.questions.lesson_04.windows import listed, strided_window
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec, output_length


def _read(length, windows, k, s):
    """The cells of one axis that `windows` windows read."""
    return {start * s + u for start in range(windows) for u in range(k) if start * s + u < length}


def _unread(size, read):
    return listed((r, c) for r in range(size[0]) for c in range(size[1]) if r not in read[0] or c not in read[1])


def _unread_axes(rng):
    """(cells, kernel, stride) of both axes: gaps between the windows of one, room left over or not on the other."""
    gap, over = (
        rng.choice(((1, 2), (2, 3), (1, 3), (2, 4), (3, 4))),
        rng.choice(((3, 2), (4, 3), (4, 2), (3, 3), (2, 2))),
    )
    return shuffled(rng, [(rng.randint(3, 9), *gap), (rng.randint(4, 10), *over)])


def _unread_small(axes):
    """True when there are two windows or more on each axis, and not too many cells to click."""
    (H, _, _), (W, _, _) = axes
    unread = [n - len(_read(n, output_length(n, k, s), k, s)) for n, k, s in axes]
    return H != W and min(output_length(*axis) for axis in axes) > 1 and 0 < H * unread[1] + W * unread[0] <= 20


def _unread_case(rng):
    axes = drawn(lambda: _unread_axes(rng), _unread_small)
    size, kernel, stride = zip(*axes, strict=True)
    places = [output_length(*axis) for axis in axes]
    patterns = {
        "right": [_read(n, m, k, s) for (n, k, s), m in zip(axes, places, strict=True)],
        "M05": [_read(n, m - 1, k, s) for (n, k, s), m in zip(axes, places, strict=True)],
        "M06": [_read(n, -(-(n - k) // s) + 1, k, s) for n, k, s in axes],
        "M21": [_read(n, output_length(n, k, s), k, s) for (n, _, s), k in zip(axes, kernel[::-1], strict=True)],
        "M107": [_read(n, n // k, k, k) for n, k, _ in axes],
    }
    wrong = {id: _unread(size, read) for id, read in patterns.items()}
    return size, kernel, stride, (places, patterns["right"], wrong.pop("right"), wrong)


def _unread_keeps(case):
    _, _, _, (_, _, answer, wrong) = case
    slips = [Slip(cells, (id,), "") for id, cells in wrong.items()]
    return all(wrong.values()) and apart("cells", answer, slips)


def _missing(length, read):
    return ", ".join(map(str, sorted(set(range(length)) - read)))


def _unread_lines(places, starts, kernel, stride):
    (kH, kW), (sH, sW) = kernel, stride
    return {
        "M05": f"There is one window more on each axis than steps between them: {places[0]} x {places[1]} windows, the "
        f"last of them at row {starts[0][-1]}, column {starts[1][-1]}.",
        "M06": "You let one more window read what is left over. It would stick out of the input: PyTorch "
        f"rounds down, to {places[0]} x {places[1]} windows.",
        "M21": f"That is right for a kernel {kW} high and {kH} wide. `kernel_size=({kH}, {kW})` is (height, width).",
        "M107": f"You laid the windows side by side. They start a stride apart: {counted(sH, 'row')}, "
        f"{counted(sW, 'column')}.",
    }


def unread_cells(rng):
    """The input cells that no window reads."""
    (H, W), (kH, kW), (sH, sW), (places, right, answer, wrong) = drawn(lambda: _unread_case(rng), _unread_keeps)
    starts = [[n * s for n in range(m)] for m, s in zip(places, (sH, sW), strict=True)]
    rows, columns = _missing(H, right[0]), _missing(W, right[1])
    layer = Conv2dSpec(1, 1, (kH, kW), (sH, sW))
    lines = _unread_lines(places, starts, (kH, kW), (sH, sW))
    return {
        "prompt": (
            f"The input is {H} x {W}, the layer is `{layer.source()}`, without padding. Click all input cells that no "
            "window reads."
        ),
        "kind": "cells",
        "level": "medium",
        "objective": "find what is never read",
        "formula": "read: rows i sH to i sH + kH - 1, columns j sW to j sW + kW - 1",
        "answer": answer,
        "because": f"Never read: {_spoken('row', rows)}{' and ' * bool(rows and columns)}{_spoken('column', columns)}.",
        "hint": "Do rows and columns apart. At which rows do the windows start, and which rows does each cover? A cell "
        "is unread if its row or its column is.",
        "steps": [
            f"Rows: windows of {kH} start at {', '.join(map(str, starts[0]))}; of rows 0 to {H - 1} they leave out "
            f"{rows or 'no row'}.",
            f"Columns: windows of {kW} start at {', '.join(map(str, starts[1]))}; of columns 0 to {W - 1} they leave "
            f"out {columns or 'no column'}.",
            f"All cells of these rows and columns: {counted(len(answer), 'cell')}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.zeros(1, 1, {H}, {W}, requires_grad=True)\n"
            f"F.conv2d(input, torch.ones(1, 1, {kH}, {kW}), stride=({sH}, {sW})).sum().backward()\n"
            "print((input.grad[0, 0] == 0).nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, [Slip(wrong[id], (id,), line) for id, line in lines.items()]),
        "options": {"shape": [H, W], "role": "input"},
        "spec": layer,
        "input_shape": (1, 1, H, W),
    }


def _spoken(noun, numbers):
    return f"{noun}{'s' * (',' in numbers)} {numbers}" if numbers else ""


def _outside(places, n, k, s, p):
    """The places of one axis whose window sees nothing of the axis's own n cells."""
    return {i for i in range(places) if i * s - p + k <= 0 or i * s - p >= n}


def _padding_only_case(rng):
    much = rng.choice(((2, 2), (2, 3), (3, 3), (3, 4)))  # (kernel, padding)
    some = rng.choice([(k, p) for k, p in ((3, 1), (4, 1), (4, 2), (2, 1)) if k != much[0]])
    order, s = rng.choice((1, -1)), rng.choice((1, 2, 2))
    (kH, pH), (kW, pW) = (much, some)[::order]
    spec = Conv2dSpec(1, 1, (kH, kW), s, (pH, pW))
    size = (rng.randint(2, 6), rng.randint(3, 7))[::order]
    return spec, size, _padding_only_sets(spec, size)


def _padding_only_sets(spec, size):
    """ "right" or a mistake's id -> the output cells taken for those that see padding alone."""
    places = spec.output_shape((1, *size))[1:]
    kernel, stride, padding = spec.kernel_size, spec.stride, spec.padding

    def cells(padding, axis_sides=2):
        rows, columns = (
            {i for i in _outside(m, n, k, s, p) if axis_sides == 2 or i * s < p}
            for m, n, k, s, p in zip(places, size, kernel, stride, padding, strict=True)
        )
        return listed((i, j) for i in range(places[0]) for j in range(places[1]) if i in rows or j in columns)

    return {
        "right": cells(padding),
        "M03": cells(padding, axis_sides=1),
        "M04": cells(tuple(2 * p for p in padding)),
        "M21": cells(padding[::-1]),
    }


def _padding_only_keeps(case):
    spec, size, sets = case
    places = spec.output_shape((1, *size))[1:]
    wrong = [Slip(cells, (id,), "") for id, cells in sets.items() if id != "right"]
    tidy = places[0] != places[1] and size[0] != size[1] and max(places) <= 8 and len(sets["right"]) <= 16
    return tidy and all(sets.values()) and apart("cells", sets["right"], wrong)


def _padding_only_lines(spec):
    (pH, pW), (kH, kW) = spec.padding, spec.kernel_size
    noun, k, p = ("row", kH, pH) if pH >= kH else ("column", kW, pW)
    return {
        "M03": f"One side is missing. The padding of {counted(p, noun)} lies on both sides of the input, and each side "
        f"has room for a whole window of {k}.",
        "M04": f"That is too many: there are {counted(p, noun)} of padding on each side, as the number says, not "
        f"{2 * p}.",
        "M21": f"`padding=({pH}, {pW})` is (height, width): {pH} above and {pH} below, {pW} left and {pW} right. Only "
        f"the {noun}s of padding are enough for a whole window of {kH} x {kW}.",
    }


def padding_only(rng):
    """The output cells whose windows see padding alone."""
    spec, (H, W), sets = drawn(lambda: _padding_only_case(rng), _padding_only_keeps)
    (h, w), (kH, kW), (s, _), (pH, pW) = spec.output_shape((1, H, W))[1:], spec.kernel_size, spec.stride, spec.padding
    rows = pH >= kH
    noun, other, (m, n, k, p) = ("row", "column", (h, H, kH, pH)) if rows else ("column", "row", (w, W, kW, pW))
    outside = ", ".join(map(str, sorted(_outside(m, n, k, s, p))))
    lines, answer = _padding_only_lines(spec), sets["right"]
    return {
        "prompt": (
            f"The input is {H} x {W}, the layer is `{spec.source()}`, so the output is {h} x {w}. Click the output "
            "cells whose window sees padding alone."
        ),
        "kind": "cells",
        "level": "hard",
        "objective": "find the outputs that hold the bias and nothing else",
        "formula": "i s - p + k <= 0 or i s - p >= H; the same for columns",
        "answer": answer,
        "because": f"Their windows lie before the input's first {noun} or after its last; with zeros as padding they "
        "hold the bias.",
        "hint": "Take one axis at a time: there are windows outside the input only where the padding is as long as "
        f"the kernel or longer. Here that is so for the {noun}s.",
        "steps": [
            f"{noun.capitalize()}s: padding {p}, kernel {k}, so a whole window fits into the padding. "
            f"{other.capitalize()}s: it does not.",
            f"{noun.capitalize()} i of places starts at i*{s} - {p}: {', '.join(str(i * s - p) for i in range(m))}.",
            f"From there a window covers {k}. In {noun}s {outside} of places it holds none of the input's {noun}s 0 to "
            f"{n - 1}.",
            f"These {noun}s of the output: {counted(len(answer), 'cell')}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"output = F.conv2d(torch.ones(1, 1, {H}, {W}), torch.ones(1, 1, {kH}, {kW}), stride={s}, "
            f"padding=({pH}, {pW}))\nprint((output[0, 0] == 0).nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, [Slip(sets[id], (id,), line) for id, line in lines.items()]),
        "options": {"shape": [h, w], "role": "output"},
        "spec": spec,
        "input_shape": (1, 1, H, W),
    }


def _skips_case(rng):
    kH, kW = rng.choice(((2, 3), (3, 2)))
    h, w = rng.choice(((4, 6), (4, 8), (6, 4), (6, 8), (8, 4), (8, 6), (5, 6), (6, 5)))
    input, weight = grid(rng, h + kH - 1, w + kW - 1, 0, 4), kernel(rng, kH, kW, 1)
    whole = output_of(input, weight)
    right = [row[::2] for row in whole[::2]]
    wrong = {
        "M08": output_of([row[::2] for row in input[::2]], weight),
        "M05": [row[:-1] for row in right[:-1]],
        "M101": [row[1::2] for row in whole[1::2]],
    }
    return input, weight, whole, right, wrong


def _skips_keeps(case):
    right, wrong = case[3], case[4]
    return (
        len(right) != len(right[0])
        and all(wrong.values())
        and len({rows_text(rows) for rows in (right, *wrong.values())}) == 4
    )


def _skips_lines(size, wrong, right):
    return {
        "M08": "That is what comes out if every second row and column of the input are left out first: "
        f"{wrong['M08'][0]} is its first row. The windows read all rows and columns as before; only every second "
        "window is taken.",
        "M05": f"The last row and the last column are missing: the places taken are 0, 2, 4 and so on, as far as there "
        f"are rows and columns, and that makes {size}.",
        "M101": f"That takes rows and columns 1, 3, 5. The first window stays in the corner: rows and columns 0, 2, 4, "
        f"beginning with {right[0][0]}.",
    }


def stride_skips(rng):
    """The output with stride 2, from the output with stride 1."""
    input, weight, whole, right, wrong = drawn(lambda: _skips_case(rng), _skips_keeps)
    (H, W), (kH, kW), (h, w) = (len(input), len(input[0])), (len(weight), len(weight[0])), (len(whole), len(whole[0]))
    size = f"{len(right)} x {len(right[0])}"
    lines = _skips_lines(size, wrong, right)
    answer = rows_text(right)
    return {
        "prompt": (
            "`nn.Conv2d` with this kernel, stride 1, no padding and no bias made this output from this input. Which "
            "output comes with `stride=2` in its place?"
        ),
        "kind": "choice",
        "level": "medium",
        "objective": "say what a stride leaves out",
        "formula": "output with stride s = every s-th row and column of the output with stride 1",
        "answer": answer,
        "because": f"Every second place on each axis, from the first on: {size} of {h} x {w}.",
        "hint": "Which places does a window visit that moves by two? What does it read there: the same as before, or "
        "something else?",
        "steps": [
            "At a place that is still visited the window reads the same cells as before, so the number is the same.",
            f"Visited are rows {', '.join(map(str, range(0, h, 2)))} and columns "
            f"{', '.join(map(str, range(0, w, 2)))}.",
            f"These are left of the output with stride 1: {right}.",
        ],
        "proof": f"{tensors(input, weight)}\nprint(F.conv2d(input, weight, stride=2)[0, 0].long().tolist())",
        "slips": gathered("choice", answer, [Slip(rows_text(wrong[id]), (id,), line) for id, line in lines.items()]),
        "options": shuffled(rng, [answer, *map(rows_text, wrong.values())]),
        "figure": [
            block("input", input, f"input {H} x {W}"),
            block("weight", weight, f"kernel {kH} x {kW}"),
            block("output", whole, f"output with stride 1: {h} x {w}"),
        ],
    }


QUESTIONS = {
    "strided-window": strided_window,
    "stride-skips": stride_skips,
    "unread-cells": unread_cells,
    "padding-only": padding_only,
}
