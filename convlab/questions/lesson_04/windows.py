"""Lesson 04, one window with stride and padding: where it starts, and which cells of the input it reads."""

from convlab.questions.cases import apart, counted, covered, drawn, gathered, span
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec


def listed(cells):
    """The cells in order, as the page has them."""
    return [list(cell) for cell in sorted(cells)]


def _clipped(start, kernel, size):
    """The cells of the input under a window that may reach out of it."""
    return [(r, c) for r, c in covered(start, *kernel) if 0 <= r < size[0] and 0 <= c < size[1]]


def _strided_case(rng):
    kernel, stride = tuple(rng.choice(((2, 3), (3, 2), (2, 4), (4, 2)))), rng.choice(((2, 3), (3, 2), (1, 2), (2, 1)))
    size, padding = (rng.randint(5, 7), rng.randint(8, 10)), rng.choice(((1, 2), (2, 1), (1, 3)))
    spec = Conv2dSpec(1, 1, kernel, stride, padding)
    places = spec.output_shape((1, *size))[1:]
    i, j = rng.randrange(places[0]), rng.randrange(places[1])
    (kH, kW), (sH, sW), (pH, pW) = kernel, stride, padding
    starts = {
        "M21": ((i * sH - pH, j * sW - pW), kernel[::-1]),
        "M22": ((i * sH, j * sW - pH), kernel),
        "M102": ((j * sH - pH, i * sW - pW), kernel),
        "M04": ((i * sH - 2 * pH, j * sW - 2 * pW), kernel),
        "M107": ((i * kH - pH, j * kW - pW), kernel),
    }
    cells = {id: listed(_clipped(start, sides, size)) for id, (start, sides) in starts.items()}
    return spec, size, (i, j), {id: (cells[id], starts[id][0]) for id in cells if cells[id]}


def _strided_keeps(case):
    spec, size, (i, j), wrong = case
    right = _clipped(
        (i * spec.stride[0] - spec.padding[0], j * spec.stride[1] - spec.padding[1]), spec.kernel_size, size
    )
    slips = [Slip(cells, (id,), "") for id, (cells, _) in wrong.items()]
    return len(right) > 1 and len(slips) == 5 and i != j and apart("cells", listed(right), slips)


def _strided_lines(spec, place, starts):
    (i, j), (kH, kW), (sH, sW), (pH, pW) = place, spec.kernel_size, spec.stride, spec.padding
    here = f"({i}*{sH} - {pH}, {j}*{sW} - {pW}) = ({i * sH - pH}, {j * sW - pW})"
    return {
        "M21": f"Your window has {kW} rows and {kH} columns. `kernel_size=({kH}, {kW})` is (height, width): {kH} rows, "
        f"{kW} columns.",
        "M22": f"Your window starts at {starts['M22']}, as if there were {counted(pH, 'column')} on the left and no "
        f"row above. Conv2d's padding is (height, width), {pH} above and {pW} left: the window starts at {here}.",
        "M102": f"That is the window of output cell ({j}, {i}). The row comes first: ({i}, {j}) starts at {here}.",
        "M04": f"Your window starts at {starts['M04']}: the padding is doubled. It is given for each side, so above it "
        f"is {pH} and on the left {pW}, and the window starts at {here}.",
        "M107": f"Your window starts at {starts['M107']}: windows laid side by side. The window moves by the stride, "
        f"not by the kernel's length: it starts at {here}.",
    }


def _strided_more_slips(spec, place, size):
    """What is named besides: the padding left out, the stride left out, both."""
    (i, j), (sH, sW), (pH, pW), kernel = place, spec.stride, spec.padding, spec.kernel_size
    here = f"this one starts at ({i}*{sH} - {pH}, {j}*{sW} - {pW}) = ({i * sH - pH}, {j * sW - pW})"
    starts = {
        ("M168",): ((i * sH, j * sW), f"the padding is left out. The window of (0, 0) starts at ({-pH}, {-pW}), and"),
        ("M169",): ((i - pH, j - pW), "the stride is left out. Each place further adds one stride:"),
        ("M168", "M169"): ((i, j), "stride and padding are left out. Each place adds one stride, and"),
    }
    return [
        Slip(listed(cells), ids, f"Your window starts at {start}: {words} {here}.")
        for ids, (start, words) in starts.items()
        if (cells := _clipped(start, kernel, size))
    ]


def strided_window(rng):
    """The input cells that one output cell reads, with stride and padding."""
    spec, (H, W), (i, j), wrong = drawn(lambda: _strided_case(rng), _strided_keeps)
    (kH, kW), (sH, sW), (pH, pW) = spec.kernel_size, spec.stride, spec.padding
    top, left = i * sH - pH, j * sW - pW
    answer = listed(_clipped((top, left), (kH, kW), (H, W)))
    (first, west), (last, east) = answer[0], answer[-1]
    rows, columns = span(first, last - first + 1, "rows"), span(west, east - west + 1, "columns")
    lines = _strided_lines(spec, (i, j), {id: start for id, (_, start) in wrong.items()})
    slips = [Slip(cells, (id,), lines[id]) for id, (cells, _) in wrong.items()]
    taken = [slip.answer for slip in slips]  # who makes one mistake is likelier than who makes two
    more = [it for it in _strided_more_slips(spec, (i, j), (H, W)) if len(it.mistakes) == 1 or it.answer not in taken]
    return {
        "prompt": (
            f"The input is {H} x {W}, the layer is `{spec.source()}`. Click the input cells that output cell ({i}, "
            f"{j}) reads. (Padding is not drawn, and not clicked.)"
        ),
        "kind": "cells",
        "level": "easy",
        "objective": "find the window of a place with stride and padding",
        "formula": "the window starts at (i sH - pH, j sW - pW)",
        "answer": answer,
        "because": f"The window starts at ({top}, {left}); of its {kH} x {kW} cells those in the input are {rows}, "
        f"{columns}.",
        "hint": f"The window of (0, 0) starts in the corner of the padded input: at row {-pH}, column {-pW}, counted "
        "from the input's first cell. Each place further adds one stride.",
        "steps": [
            f"Rows: from {i}*{sH} - {pH} = {top} on, {kH} of them; in the input lie {rows}.",
            f"Columns: from {j}*{sW} - {pW} = {left} on, {kW} of them; in the input lie {columns}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.zeros(1, 1, {H}, {W}, requires_grad=True)\n"
            f"output = F.conv2d(input, torch.ones(1, 1, {kH}, {kW}), stride=({sH}, {sW}), padding=({pH}, {pW}))\n"
            f"output[0, 0, {i}, {j}].backward()\nprint(input.grad[0, 0].nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, [*slips, *more]),
        "options": {"shape": [H, W], "role": "input"},
        "spec": spec,
        "input_shape": (1, 1, H, W),
    }
