"""Lesson 02, where the window goes: places, the cells they read, how many there are."""

from convlab.mistakes import MISTAKES
from convlab.mistakes.values import centred
from convlab.questions.cases import (
    apart,
    covered,
    drawn,
    gathered,
    layer_code,
    middle,
    places_reading,
    span,
)
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec

SIZES = ((2, 3), (3, 2))


def _inside(cells, H, W):
    return all(0 <= row < H and 0 <= column < W for row, column in cells)


def _listed(cells):
    return [list(cell) for cell in sorted(cells)]


def _cells_read_case(rng):
    (kH, kW), (H, W) = rng.choice((*SIZES, (2, 4), (4, 2))), (rng.randint(6, 9), rng.randint(10, 12))
    i, j = rng.sample((1, 2, 3), 2)
    starts = {
        "M101": [(i - 1, j - 1), (i + 1, j + 1)],
        "M102": [(j, i)],
        "M104": [centred(i, j, kH, kW)],
        "M107": [(i * kH, j * kW)],
    }
    areas = [(id, start, kH, kW) for id, several in starts.items() for start in several]
    slips = [
        Slip(_listed(covered(start, h, w)), (id,), _read_line(id, start, (i, j), kH, kW))
        for id, start, h, w in [*areas, ("M21", (i, j), kW, kH)]
        if _inside(covered(start, h, w), H, W)
    ]
    return H, W, kH, kW, (i, j), slips


def _cells_read_keeps(case):
    _, _, kH, kW, place, slips = case
    named = {slip.mistakes[0] for slip in slips}
    return len(named) == 5 and apart("cells", covered(place, kH, kW), slips)


def cells_read(rng):
    """The input cells that one output cell reads."""
    H, W, kH, kW, (i, j), slips = drawn(lambda: _cells_read_case(rng), _cells_read_keeps)
    answer = _listed(covered((i, j), kH, kW))
    rows, columns = span(i, kH, "rows"), span(j, kW, "columns")
    return {
        "prompt": (
            f"The input is {H} x {W}, the layer is `{layer_code(kH, kW)}`. Click the input cells that output "
            f"cell ({i}, {j}) reads."
        ),
        "kind": "cells",
        "level": "easy",
        "objective": "find the window of a place",
        "formula": "rows i .. i + kH - 1, columns j .. j + kW - 1",
        "answer": answer,
        "because": f"The window starts at input cell ({i}, {j}) and covers {rows} and {columns}.",
        "hint": "The window's top left cell has the same row and column as the output cell. How far does it "
        "reach down and right?",
        "steps": [
            f"Rows: from {i}, {kH} of them: {rows}.",
            f"Columns: from {j}, {kW} of them: {columns}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.zeros(1, 1, {H}, {W}, requires_grad=True)\n"
            f"output = F.conv2d(input, torch.ones(1, 1, {kH}, {kW}))\n"
            f"output[0, 0, {i}, {j}].backward()\n"
            "print(input.grad[0, 0].nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, slips),
        "options": {"shape": [H, W], "role": "input"},
        "spec": Conv2dSpec(1, 1, (kH, kW)),
        "input_shape": (1, 1, H, W),
    }


def _read_line(id, start, place, kH, kW):
    i, j = place
    right = f"the window of ({i}, {j}) starts at input cell ({i}, {j})"
    return {
        "M101": f"Your window starts at {start}. Rows and columns are counted from 0, so {right}.",
        "M102": f"Your window starts at {start}: the column was taken first. The row comes first: {right}.",
        "M104": f"Your window starts at {start}, as if ({i}, {j}) were its middle. Without padding {right}, "
        "which is its top left.",
        "M107": f"Your window starts at {start}: windows laid side by side. With stride 1 each starts one cell "
        f"after the last, so {right}.",
        "M21": f"Your window has {kW} rows and {kH} columns. `kernel_size=({kH}, {kW})` is (height, width): "
        f"{kH} rows, {kW} columns.",
    }[id]


def _output_shape_case(rng):
    spec = Conv2dSpec(1, 1, rng.choice(((2, 3), (3, 2), (3, 5), (5, 3), (2, 4), (4, 3))), bias=False)
    height = rng.randint(7, 16)
    input_shape = (rng.randint(2, 6), 1, height, height + rng.choice((-1, 2, 3, 5)))
    slips = [
        Slip((input_shape[0], 1, *size), (id,), _shape_line(id, size, input_shape, spec.kernel_size))
        for id in ("M01", "M02", "M107", "M21")
        for size in MISTAKES[id].models["size"](spec, input_shape)
    ]
    return spec, input_shape, slips


def output_shape(rng):
    """The shape of what comes out."""
    spec, input_shape, slips = drawn(
        lambda: _output_shape_case(rng), lambda case: apart("shape", case[0].output_shape(case[1]), case[2])
    )
    (kH, kW), (N, _, H, W) = spec.kernel_size, input_shape
    answer = tuple(spec.output_shape(input_shape))
    code = f"conv = nn.Conv2d(1, 1, kernel_size=({kH}, {kW}), bias=False)\noutput = conv(input)"
    return {
        "prompt": f"`input` has the shape {input_shape}. What is the shape of `output`?",
        "kind": "shape",
        "level": "easy",
        "objective": "predict the shape without padding, stride 1",
        "formula": "(N, C_out, H - kH + 1, W - kW + 1)",
        "answer": answer,
        "because": f"{H} - {kH} + 1 = {answer[2]} rows and {W} - {kW} + 1 = {answer[3]} columns of places fit.",
        "hint": "In how many places does a strip of 3 cells fit into 5? Count them, then do the same here on "
        "each axis.",
        "steps": [
            f"Height: {H} - {kH} + 1 = {answer[2]}. Width: {W} - {kW} + 1 = {answer[3]}.",
            f"The batch stays {N}. The second 1 in `nn.Conv2d(1, 1, ...)` means 1 output channel: {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\ninput = torch.zeros{input_shape}\n{code}\nprint(tuple(output.shape))"
        ),
        "slips": gathered("shape", answer, slips),
        "figure": [{"code": code}],
        "axes": ("a batched output", "(N, C_out, H_out, W_out)"),
        "spec": spec,
        "input_shape": input_shape,
        "otherwise": "Batch and channels stay; on each of the two other axes count the places where the kernel fits.",
    }


def _shape_line(id, size, input_shape, kernel_size):
    (H, W), (kH, kW) = input_shape[2:], kernel_size
    return {
        "M01": f"{H} x {W} is the size of the input. There is no padding, so a window of {kH} rows cannot "
        f"start in the last {'row' if kH == 2 else f'{kH - 1} rows'}: the output is smaller.",
        "M02": f"{size[0]} is {H} - {kH} and {size[1]} is {W} - {kW}: one place short on each axis. Count the "
        "first place and the last one too.",
        "M107": f"{size[0]} x {size[1]} counts windows that lie side by side. With stride 1 the next window "
        "starts one cell further, so they overlap and there are more.",
        "M21": f"You took {kW} from the height and {kH} from the width. `kernel_size=({kH}, {kW})` is (height, width).",
    }[id]


def _loop_order_case(rng):
    H_out, W_out = rng.choice(((3, 4), (4, 3), (3, 5), (2, 4)))
    return H_out, W_out, rng.sample([(i, j) for i in range(H_out) for j in range(W_out)], 4)


def loop_order(rng):
    """The order in which two loops visit the output cells."""

    def keep(case):
        by_column = sorted(case[2], key=lambda place: place[::-1])
        return sorted(case[2]) != by_column and case[2] not in (sorted(case[2]), by_column)

    H_out, W_out, places = drawn(lambda: _loop_order_case(rng), keep)
    answer = [str(place) for place in sorted(places)]
    by_column = [str(place) for place in sorted(places, key=lambda place: place[::-1])]
    code = f"for i in range({H_out}):\n    for j in range({W_out}):\n        output[i, j] = ..."
    first, second = answer[:2]
    return {
        "prompt": "These loops fill the output. In which order do they reach these four places?",
        "kind": "order",
        "level": "easy",
        "objective": "read (i, j) as row and column",
        "formula": "row by row: sort by i, then by j",
        "answer": answer,
        "because": "The inner loop runs over the columns, so the window goes along a row before it steps down.",
        "hint": "Which of the two letters changes first: that of the outer loop or that of the inner one?",
        "steps": [
            f"The outer loop holds the row i while the inner loop runs through the columns j: {first} before {second}.",
            f"So sort by row, within a row by column: {', '.join(answer)}.",
        ],
        "proof": f"print([(i, j) for i in range({H_out}) for j in range({W_out}) if (i, j) in {places}])",
        "slips": gathered(
            "order",
            answer,
            [
                Slip(
                    by_column,
                    ("M102",),
                    f"You went down the columns. i is the row and belongs to the outer loop, so {first} comes "
                    f"first and {second} next: along a row, then down.",
                )
            ],
        ),
        "options": [str(place) for place in places],
        "figure": [{"code": code}],
    }


def _reached_outputs_case(rng):
    (kH, kW), (H, W) = rng.choice(SIZES), (rng.randint(5, 7), rng.randint(9, 11))
    h, w = H - kH + 1, W - kW + 1
    r, c = rng.randint(1, h - 1), rng.randint(1, h - 1)  # so that (c, r) is a cell too
    sets = {
        "M102": places_reading((c, r), h, w, kH, kW),
        "M104": places_reading((r, c), h, w, kH, kW, middle(kH, kW)),
        "M107": [(r // kH, c // kW)],
        "M111": [(i, j) for i, j in covered((r, c), kH, kW) if i < h and j < w],
    }
    slips = [Slip(_listed(cells), (id,), _reached_line(id, (r, c), kH, kW)) for id, cells in sets.items()]
    return H, W, kH, kW, (r, c), slips


def _reached_outputs_keeps(case):
    H, W, kH, kW, (r, c), slips = case
    return r != c and apart("cells", places_reading((r, c), H - kH + 1, W - kW + 1, kH, kW), slips)


def reached_outputs(rng):
    """The output cells that read one input cell."""
    H, W, kH, kW, (r, c), slips = drawn(lambda: _reached_outputs_case(rng), _reached_outputs_keeps)
    h, w = H - kH + 1, W - kW + 1
    answer = _listed(places_reading((r, c), h, w, kH, kW))
    (top, left), (bottom, right) = answer[0], answer[-1]
    rows, columns = span(top, bottom - top + 1, "rows"), span(left, right - left + 1, "columns")
    return {
        "prompt": (
            f"The input is {H} x {W}, the layer is `{layer_code(kH, kW)}`, so the output is {h} x {w}. Click "
            f"the output cells that read input cell ({r}, {c})."
        ),
        "kind": "cells",
        "level": "medium",
        "objective": "follow an input cell to the outputs it takes part in",
        "formula": "i from r - kH + 1 to r, j from c - kW + 1 to c, inside the output",
        "answer": answer,
        "because": f"A window reaches right and down from its place, so the places that reach ({r}, {c}) lie "
        f"at or before it: {rows}, {columns}.",
        "hint": f"Put the window so that input cell ({r}, {c}) is its bottom right cell. Which place is that? "
        "Then slide on until the cell is its top left.",
        "steps": [
            f"Rows: a window at row i covers {kH} rows from i on, so i is {r - kH + 1} to {r}; the output has {rows}.",
            f"Columns: likewise j is {c - kW + 1} to {c}; the output has {columns}.",
            f"Together {len(answer)} places: {rows}, {columns}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.zeros(1, 1, {H}, {W})\ninput[0, 0, {r}, {c}] = 1\n"
            f"print(F.conv2d(input, torch.ones(1, 1, {kH}, {kW}))[0, 0].nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, slips),
        "options": {"shape": [h, w], "role": "output"},
        "spec": Conv2dSpec(1, 1, (kH, kW)),
        "input_shape": (1, 1, H, W),
    }


def _reached_line(id, cell, kH, kW):
    r, c = cell
    return {
        "M102": f"You clicked the outputs that read ({c}, {r}). The row comes first: ({r}, {c}) is row {r}, "
        f"column {c}.",
        "M104": f"You clicked places around ({r}, {c}), as if each were the middle of its window. A place is "
        "the top left cell of its window, so the cell is read from its own row and column, from above and from the "
        "left.",
        "M107": "You clicked one place: windows laid side by side read each cell once. With stride 1 they "
        f"overlap, and several windows cover ({r}, {c}).",
        "M111": f"You clicked the places from ({r}, {c}) on, right and down. The window of a place reaches "
        f"right and down, so ({r}, {c}) is reached from above and from the left.",
    }[id]


QUESTIONS = {
    "cells-read": cells_read,
    "output-shape": output_shape,
    "loop-order": loop_order,
    "reached-outputs": reached_outputs,
}
