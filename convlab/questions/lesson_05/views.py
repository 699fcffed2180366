"""Lesson 05, what lies in a receptive field: its cells, its holes, and how much each pixel counts."""

from itertools import product

from convlab.questions.cases import apart, drawn, gathered, shuffled, span
from convlab.questions.lesson_05.fields import stack
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec, receptive_field, receptive_window


def _clipped(rows, columns, size):
    """The cells of the picture in these ranges of rows and columns."""
    return [[r, c] for r in rows for c in columns if 0 <= r < size[0] and 0 <= c < size[1]]


def _box(start, lengths, size, more=(0, 0)):
    """The cells of the picture in a box that starts here, wider by `more` on each side."""
    rows, columns = (range(at - m, at + n + m) for at, n, m in zip(start, lengths, more, strict=True))
    return _clipped(rows, columns, size)


def _cells_case(rng):
    long, axis = rng.choice((3, 4)), rng.randrange(2)
    short = rng.choice([length for length in (2, 3, 4) if length != long])
    # A stride below the kernel, on the axis where the second layer reads two units: overlap, and no holes.
    sides = [(long, rng.randrange(2, long), 2), (short, rng.choice((1, 2)) if short > 2 else 1, 1)]
    first, stride, second = zip(*(sides if axis == 0 else sides[::-1]), strict=True)
    padding = rng.choice(((1, 0), (0, 1)))
    size = (rng.randint(7, 8), rng.randint(9, 11))
    specs = [Conv2dSpec(1, 1, first, stride, padding), Conv2dSpec(1, 1, second)]
    h, w = specs[1].output_shape(specs[0].output_shape((1, *size)))[1:]
    place = rng.randrange(min(h, 4)), rng.randrange(min(w, 4))
    field = receptive_field(specs)[0]
    rows, columns = receptive_window(specs, place)
    start = rows.start, columns.start
    slow = tuple(f - (k - 1) * (s - 1) for f, k, s in zip(field, second, stride, strict=True))
    wrong = [
        ("M70", _box(start, first, size)),
        ("M71", _box(start, tuple(a * b for a, b in zip(first, second, strict=True)), size)),
        ("M72", _box(start, slow, size)),
        ("M154", _box(tuple(at - p for at, p in zip(place, padding, strict=True)), field, size)),
        ("M152", _box(start, field, size, padding)),
        ("M152", _box(tuple(at + p for at, p in zip(start, padding, strict=True)), field, size)),
        ("M102", _clipped(*receptive_window(specs, place[::-1]), size)),
    ]
    return specs, size, place, _clipped(rows, columns, size), wrong


def _cells_keeps(case):
    specs, _, place, answer, wrong = case
    height, width = receptive_field(specs)[0]
    if place[0] == place[1] or height == width or not 4 <= len(answer) <= 20:
        return False
    return all(cells for _, cells in wrong) and apart("cells", answer, [Slip(it, (id,), "") for id, it in wrong])


def _cells_lines(specs, place, start, field):
    (i, j), (sH, sW), (pH, pW) = place, specs[0].stride, specs[0].padding
    return {
        "M70": "That is the window of one unit of the first layer. The second layer reads two of them, side by side "
        "or one below the other.",
        "M71": "The two windows overlap, or have room between them: see where each begins. Together they make "
        f"{field[0]} x {field[1]}.",
        "M72": "You let the second window begin one pixel further. From unit to unit of the first layer it is a "
        f"stride: {sH} down, {sW} to the right.",
        "M154": f"You began at ({i} - {pH}, {j} - {pW}), as if one step in the last output were one pixel. The stride "
        f"of the first layer counts: row {i}*{sH} - {pH} = {start[0]}, column {j}*{sW} - {pW} = {start[1]}.",
        "M152": f"The padding moves the field, by {pH} up and {pW} to the left, and leaves its size as it is: it begins"
        f" at row {start[0]}, column {start[1]}, and is {field[0]} x {field[1]}.",
        "M102": f"That is the field of unit ({j}, {i}). The row comes first.",
    }


def field_cells(rng):
    """The pixels in the receptive field of one unit behind two layers."""
    specs, (H, W), (i, j), answer, wrong = drawn(lambda: _cells_case(rng), _cells_keeps)
    field, (rows, columns) = receptive_field(specs)[0], receptive_window(specs, (i, j))
    start, (kH, kW) = (rows.start, columns.start), specs[1].kernel_size
    lines = _cells_lines(specs, (i, j), start, field)
    (sH, sW), (pH, pW), (aH, aW) = specs[0].stride, specs[0].padding, specs[0].kernel_size
    return {
        "prompt": f"A picture of {H} x {W} goes through these two layers. Click the receptive field of unit ({i}, {j}) "
        "of the output: all pixels that it sees. (Padding is not drawn, and not clicked.)",
        "kind": "cells",
        "level": "medium",
        "objective": "find a receptive field in the picture",
        "formula": "the field starts at (i jump - padding) and is r long",
        "answer": answer,
        "because": f"It begins at ({start[0]}, {start[1]}) and is {field[0]} x {field[1]}; what lies in the picture is "
        "clicked.",
        "hint": "Which units of the first layer does this unit read? Find the window of each of them in the picture, "
        "and take them together.",
        "steps": [
            f"In the first layer's output it reads {span(i, kH, 'rows')}, {span(j, kW, 'columns')}.",
            f"Rows: from {i}*{sH} - {pH} = {start[0]} on, {aH} + ({kH} - 1)*{sH} = {field[0]} of them.",
            f"Columns: from {j}*{sW} - {pW} = {start[1]} on, {aW} + ({kW} - 1)*{sW} = {field[1]} of them. What lies "
            "outside the picture is padding.",
        ],
        "proof": _gradient(specs, (H, W), (i, j)),
        "slips": gathered("cells", answer, [Slip(cells, (id,), lines[id]) for id, cells in wrong]),
        "figure": [{"code": stack(specs)}],
        "options": {"shape": [H, W], "role": "input"},
    }


def _gradient(specs, size, place):
    """A proof: the pixels with a gradient, when all weights are 1."""
    return (
        f"import torch\nfrom torch import nn\n{stack(specs)}\nfor parameter in net.parameters():\n"
        f"    nn.init.ones_(parameter)\npicture = torch.zeros(1, 1, {size[0]}, {size[1]}, requires_grad=True)\n"
        f"net(picture)[0, 0, {place[0]}, {place[1]}].backward()\nprint(picture.grad[0, 0].nonzero().tolist())"
    )


def reached(kernels, dilations):
    """How far from the first cell the cells lie that a stack of stride 1 reads along one axis, sorted.

    Example:
        >>> reached((3, 2), (2, 4))
        [0, 2, 4, 6, 8]
    """
    steps = [[tap * d for tap in range(k)] for k, d in zip(kernels, dilations, strict=True)]
    return sorted({sum(taken) for taken in product(*steps)})


def _grid_of(rows, columns, start):
    return [[start[0] + r, start[1] + c] for r in rows for c in columns]


def _holes_case(rng):
    kernels = [rng.choice(((2, 3), (3, 2), (1, 3), (2, 1), (3, 1), (1, 2))) for _ in range(2)]
    specs = [Conv2dSpec(1, 1, kernel, dilation=2) for kernel in kernels]
    size, place = (rng.randint(8, 9), rng.randint(10, 12)), (rng.randint(0, 2), rng.randint(0, 2))
    axes = list(zip(*kernels, strict=True))
    rows, columns = (reached(axis, (2, 2)) for axis in axes)
    dense = [reached(axis, (1, 1)) for axis in axes]
    box = [range(axis[-1] + 1) for axis in (rows, columns)]
    wide = [reached(axis, (3, 3)) for axis in axes]
    strided = [reached(axis, (1, 2)) for axis in axes]
    wrong = [
        ("M150", _grid_of(*box, place)),
        ("M11", _grid_of(*dense, place)),
        ("M12", _grid_of(*wide, place)),
        ("M14", _grid_of(*strided, place)),
        *(("M70", _grid_of(*(reached((k,), (2,)) for k in kernel), place)) for kernel in dict.fromkeys(kernels)),
    ]
    return specs, size, place, _grid_of(rows, columns, place), wrong


def _holes_keeps(case):
    specs, (H, W), place, answer, wrong = case
    extents = receptive_field(specs)[0]
    inside = all(row < H and column < W for _, cells in wrong for row, column in cells)
    several = min(extents) > 1 and extents[0] != extents[1] and place[0] != place[1] and 6 <= len(answer) <= 20
    return several and inside and apart("cells", answer, [Slip(cells, (id,), "") for id, cells in wrong])


def field_holes(rng):
    """The pixels that one unit reads behind two layers with dilation 2."""
    specs, (H, W), (i, j), answer, wrong = drawn(lambda: _holes_case(rng), _holes_keeps)
    height, width = receptive_field(specs)[0]
    rows, columns = sorted({row for row, _ in answer}), sorted({column for _, column in answer})
    lines = {
        "M150": f"That is the whole field, {height} x {width}. All taps of both layers are an even number of cells "
        "apart, so the odd rows and columns between are reached by no way.",
        "M11": "You took neighbours. `dilation=2` sets the taps of both layers two cells apart.",
        "M12": "You left out two cells between the taps. `dilation=2` is the step from tap to tap: one cell is left "
        "out.",
        "M14": "You let one of the dilations work as a stride. Each layer spreads its own taps, 2 apart, and every step"
        " from unit to unit is one cell.",
        "M70": "These are the taps of one layer. Each cell that it reads has read several pixels of the picture.",
    }
    return {
        "prompt": f"A picture of {H} x {W} goes through these two layers. Click the pixels that unit ({i}, {j}) of the "
        "output really reads: those whose value can change it.",
        "kind": "cells",
        "level": "medium",
        "objective": "find the holes in a receptive field",
        "formula": "reached: a sum of one tap's offset of each layer",
        "answer": answer,
        "because": f"Rows {', '.join(map(str, rows))} and columns {', '.join(map(str, columns))}: every second one, "
        f"{len(answer)} of the {height * width} pixels of its field.",
        "hint": "Which cells of the first layer's output does the unit read? Now take one of these: which pixels does "
        "it read?",
        "steps": [
            f"The field begins at ({i}, {j}) and is {height} x {width}.",
            "A way to the unit takes one tap of each layer, and each tap lies 0, 2, 4 cells on: so do their sums.",
            f"Rows {', '.join(map(str, rows))}, columns {', '.join(map(str, columns))}.",
        ],
        "proof": _gradient(specs, (H, W), (i, j)),
        "slips": gathered("cells", answer, [Slip(cells, (id,), lines[id]) for id, cells in wrong]),
        "figure": [{"code": stack(specs)}],
        "options": {"shape": [H, W], "role": "input"},
    }


def _rows_case(rng):
    k, dilations = rng.choice((2, 3, 3, 4)), [rng.randint(1, 6) for _ in range(3)]
    read = len(reached((k,) * 3, dilations))
    field = 1 + (k - 1) * sum(dilations)
    wrong = [("M150", field), ("M71", k**3), ("M71", 3 * k), ("M70", k), ("M149", field - 1)]
    return k, dilations, read, field, [*wrong, ("M11", 1 + 3 * (k - 1))]


def _rows_keeps(case):
    _, dilations, read, field, wrong = case
    slips = [Slip(number, (id,), "") for id, number in wrong]
    return 5 < read <= 20 and read < field and max(dilations) > 1 and apart("number", read, slips)


def rows_read(rng):
    """How many rows of its field a unit really reads."""
    k, dilations, read, field, wrong = drawn(lambda: _rows_case(rng), _rows_keeps)
    width = k + 1
    specs = [Conv2dSpec(1, 1, (k, width), dilation=(d, 1)) for d in dilations]
    offsets = [reached((k,) * n, dilations[:n]) for n in (1, 2, 3)]
    lines = {
        "M150": f"{field} is the length of the field, holes included. Which of its rows are a sum of three offsets, "
        "one of each layer?",
        "M71": "Kernels are neither added nor multiplied: many ways lead to the same row, and each row counts once.",
        "M70": f"{k} rows is what one layer reads. Each of them has read {k} rows of the layer before.",
        "M149": f"{field - 1} is the way from the first row of the field to the last; besides, not every row is read.",
        "M11": f"{1 + 3 * (k - 1)} rows are read without dilation, all of them neighbours. With dilation there are "
        "other sums of offsets.",
    }
    return {
        "prompt": f"One unit of the output has a receptive field {field} rows high. How many of these rows does it "
        "really read, so that their pixels can change it?",
        "kind": "number",
        "level": "medium",
        "objective": "count what a gridded receptive field reads",
        "formula": "the number of different sums of offsets",
        "answer": read,
        "because": f"The rows read are {_listed(offsets[2])}, counted from the first: {read} of {field}.",
        "hint": f"Only rows count. The taps of a layer lie 0, d, 2d ... rows from its first one, {k} of them. Which "
        "sums of one offset of each layer are there?",
        "steps": [
            f"The first layer: offsets {_listed(offsets[0])}.",
            f"With the second: {_listed(offsets[1])}.",
            f"With the third: {_listed(offsets[2])}. These are {read} of {field} rows.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{stack(specs)}\nfor parameter in net.parameters():\n"
            "    nn.init.ones_(parameter)\npicture = torch.zeros(1, 1, 90, 60, requires_grad=True)\n"
            "net(picture)[0, 0, 5, 6].backward()\nprint(len(set(picture.grad[0, 0].nonzero()[:, 0].tolist())))"
        ),
        "slips": gathered("number", read, [Slip(number, (id,), lines[id]) for id, number in wrong]),
        "figure": [{"code": stack(specs)}],
        "otherwise": "List the offsets of the first layer, then add each tap of the second to each of them. Rows "
        "that are left out do not count.",
    }


def _listed(numbers):
    return ", ".join(map(str, numbers))


def ways(first, second):
    """How many ways lead from each pixel of a row to one unit, through two kernels of these widths.

    Example:
        >>> ways(3, 2)
        [1, 2, 2, 1]
    """
    return [sum(0 <= at - tap < first for tap in range(second)) for at in range(first + second - 1)]


def _weighs_options(first, second):
    """ "right" or a mistake's id -> how often each pixel counts."""
    length = first + second - 1
    return {
        "right": ways(first, second),
        "M151": [1] * length,
        "M70": [1] * first + [0] * (second - 1),
        "M71": ways(first, second + 1),
    }


def _weighs_lines(first, second):
    return {
        "M151": f"Count the ways. The first pixel is read by one unit of the first layer, those in the middle by "
        f"{min(first, second)} of them, and the second layer adds all of these units.",
        "M70": f"That is what one unit of the first layer reads. The second layer reads {second} such units, each "
        "one pixel further.",
        "M71": f"That is one pixel too many: {first} + {second} - 1 = {first + second - 1} pixels, for the windows "
        "overlap.",
    }


def which_weighs(rng):
    """How often each pixel of the field counts, when all weights are 1."""
    first, second = rng.choice(((3, 2), (2, 3), (4, 2), (2, 4), (4, 3), (3, 4), (5, 2), (5, 3), (3, 5)))
    length, most, lines = first + second - 1, min(first, second), _weighs_lines(first, second)
    text = {id: str(row) for id, row in _weighs_options(first, second).items()}
    specs = [Conv2dSpec(1, 1, (1, k), bias=False) for k in (first, second)]
    return {
        "prompt": f"A row of pixels goes through `{specs[0].source()}` and then through `{specs[1].source()}`. All "
        "weights are 1. How often does each pixel of its receptive field count in one unit of the output?",
        "kind": "choice",
        "level": "easy",
        "objective": "say which pixels of a receptive field count most",
        "formula": "count the ways from a pixel to the unit",
        "answer": text["right"],
        "because": f"The pixels at the ends reach the unit by one way, those in the middle by {most}.",
        "hint": "Write down which pixels each unit of the first layer reads, one line a unit, below each other. Then "
        "count in each column.",
        "steps": [
            f"The unit adds {second} units of the first layer; each of these adds {first} pixels, and begins one pixel "
            "further than the one before.",
            f"How many of them hold each pixel: {text['right']}.",
        ],
        "proof": (
            f"import torch\nfrom torch.nn import functional as F\nrow = torch.zeros(1, 1, 1, {length}, "
            f"requires_grad=True)\nunits = F.conv2d(row, torch.ones(1, 1, 1, {first}))\n"
            f"F.conv2d(units, torch.ones(1, 1, 1, {second})).sum().backward()\n"
            "print([int(count) for count in row.grad.flatten()])"
        ),
        "slips": gathered("choice", text["right"], [Slip(text[id], (id,), line) for id, line in lines.items()]),
        "options": shuffled(rng, list(text.values())),
    }


QUESTIONS = {
    "field-cells": field_cells,
    "field-holes": field_holes,
    "rows-read": rows_read,
    "which-weighs": which_weighs,
}
