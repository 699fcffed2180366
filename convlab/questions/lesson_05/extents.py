"""Lesson 05, a kernel with holes: which cells it reads, how far it reaches, which size comes out."""

from convlab.mistakes import MISTAKES
from convlab.questions.cases import apart, counted, drawn, gathered
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec, extent

KERNELS = ((2, 3), (3, 2), (3, 4), (4, 3), (2, 4), (4, 2), (3, 5), (5, 3))
DILATIONS = ((2, 3), (3, 2), (2, 4), (4, 2), (3, 4), (4, 3))


def spread(start, kernel, dilation):
    """The cells under the taps of a window that starts here, sorted.

    Example:
        >>> spread((0, 1), (1, 3), (1, 2))
        [[0, 1], [0, 3], [0, 5]]
    """
    (top, left), (kH, kW), (dH, dW) = start, kernel, dilation
    return [[top + u * dH, left + v * dW] for u in range(kH) for v in range(kW)]


def _window_case(rng):
    kernel, dilation = rng.choice(((2, 3), (3, 2))), rng.choice(((2, 3), (3, 2), (2, 1), (1, 2)))
    size, place = (rng.randint(8, 10), rng.randint(10, 12)), (rng.randint(0, 2), rng.randint(0, 2))
    spec = Conv2dSpec(1, 1, kernel, dilation=dilation)
    (i, j), (dH, dW) = place, dilation
    strided = (i * dH, j * dW)
    wrong = [
        ("M11", spread(place, kernel, (1, 1))),
        ("M12", spread(place, kernel, (dH + 1, dW + 1))),
        ("M73", spread(place, spec.extent, (1, 1))),
        ("M14", spread(strided, kernel, (1, 1))),
        ("M14", spread(strided, kernel, dilation)),
        ("M21", spread(place, kernel, (dW, dH))),
        ("M102", spread((j, i), kernel, dilation)),
    ]
    return spec, size, place, wrong


def _window_keeps(case):
    spec, (H, W), (i, j), wrong = case
    (h, w), answer = spec.output_shape((1, H, W))[1:], spread((i, j), spec.kernel_size, spec.dilation)
    inside = all(row < H and column < W for _, cells in wrong for row, column in cells)
    slips = [Slip(cells, (id,), "") for id, cells in wrong]
    return i < h and j < w and i != j and inside and H != W and apart("cells", answer, slips)


def _window_lines(spec, place):
    (i, j), (kH, kW), (dH, dW), (eH, eW) = place, spec.kernel_size, spec.dilation, spec.extent
    return {
        "M11": f"These are neighbours: the window without dilation. `dilation=({dH}, {dW})` sets the taps {dH} apart "
        f"downwards and {dW} apart to the right.",
        "M12": f"You left out {counted(dH, 'cell')} downwards and {dW} to the right. The dilation is the step from tap "
        f"to tap: {counted(dH, 'row')} and {counted(dW, 'column')}, with {dH - 1} and {dW - 1} left out between.",
        "M73": f"That is the whole area of {eH} x {eW} over which the kernel reaches. It has {kH * kW} taps as "
        "before, and reads as many cells.",
        "M14": f"You moved the window to row {i * dH}, column {j * dW}, as a stride of ({dH}, {dW}) would. The stride "
        f"is 1 here: the window of output cell ({i}, {j}) starts at row {i}, column {j}.",
        "M21": f"You took {counted(dW, 'row')} and {counted(dH, 'column')} from tap to tap. `dilation=({dH}, {dW})` is "
        f"(height, width): {counted(dH, 'row')}, {counted(dW, 'column')}.",
        "M102": f"That is the window of output cell ({j}, {i}). The row comes first: it starts at ({i}, {j}).",
    }


def dilated_window(rng):
    """The input cells that one output cell reads, with dilation."""
    spec, (H, W), (i, j), wrong = drawn(lambda: _window_case(rng), _window_keeps)
    (kH, kW), (dH, dW) = spec.kernel_size, spec.dilation
    answer, lines = spread((i, j), (kH, kW), (dH, dW)), _window_lines(spec, (i, j))
    rows, columns = [i + u * dH for u in range(kH)], [j + v * dW for v in range(kW)]
    return {
        "prompt": f"The input is {H} x {W}, the layer is `{spec.source()}`. Click the input cells that output cell "
        f"({i}, {j}) reads.",
        "kind": "cells",
        "level": "easy",
        "objective": "find the taps of a dilated window",
        "formula": "tap (u, v) of place (i, j) reads input (i + dH u, j + dW v)",
        "answer": answer,
        "because": f"The taps are {dH} and {dW} apart: rows {_and(rows)}, columns {_and(columns)}.",
        "hint": "Where does the window of this cell start, with stride 1? From its first tap, how many rows down is "
        "the next one, and how many columns to the right?",
        "steps": [
            f"Rows: {kH} taps from row {i} on, {dH} apart: {_and(rows)}.",
            f"Columns: {kW} taps from column {j} on, {dW} apart: {_and(columns)}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.zeros(1, 1, {H}, {W}, requires_grad=True)\n"
            f"output = F.conv2d(input, torch.ones(1, 1, {kH}, {kW}), dilation=({dH}, {dW}))\n"
            f"output[0, 0, {i}, {j}].backward()\nprint(input.grad[0, 0].nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, [Slip(cells, (id,), lines[id]) for id, cells in wrong]),
        "options": {"shape": [H, W], "role": "input"},
        "spec": spec,
        "input_shape": (1, 1, H, W),
    }


def _and(numbers):
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}" if most else last


def _extent_case(rng):
    kernel, dilation, axis = tuple(rng.sample(range(2, 8), 2)), tuple(rng.sample(range(2, 7), 2)), rng.randrange(2)
    k, d, other = kernel[axis], dilation[axis], extent(kernel[1 - axis], dilation[1 - axis])
    wrong = [
        ("M11", k),
        ("M12", extent(k, d + 1)),
        ("M13", k * d),
        ("M13", k + d),
        ("M13", k + d - 1),
        ("M149", d * (k - 1)),
        ("M21", other),
    ]
    return kernel, dilation, axis, wrong


def _extent_keeps(case):
    kernel, dilation, axis, wrong = case
    answer = extent(kernel[axis], dilation[axis])
    return kernel[axis] > 2 and apart("number", answer, [Slip(number, (id,), "") for id, number in wrong])


def _extent_lines(k, d, answer, noun):
    gaps = f"{k} taps have {counted(k - 1, 'gap')} between them, of {counted(d - 1, 'cell')} each"
    return {
        "M11": f"{k} is how many taps there are in a line of {noun}. They are {d} apart, so they reach further.",
        "M12": f"You left out {d} cells between neighbouring taps. Dilation {d} is the step from tap to tap: "
        f"{counted(d - 1, 'cell')} between them.",
        "M13": f"Count the gaps: {gaps}. {k} + {k - 1}*{d - 1} = {answer}.",
        "M149": f"{d * (k - 1)} is the way from the first tap to the last. The {noun[:-1]} it starts from counts too: "
        f"{d}*({k} - 1) + 1 = {answer}.",
        "M21": f"That is the reach along the other axis. All pairs are (height, width), and {noun} are asked for.",
    }


def kernel_extent(rng):
    """How far a dilated kernel reaches along one axis."""
    kernel, dilation, axis, wrong = drawn(lambda: _extent_case(rng), _extent_keeps)
    k, d, noun = kernel[axis], dilation[axis], ("rows", "columns")[axis]
    answer, spec = extent(k, d), Conv2dSpec(1, 1, kernel, dilation=dilation)
    lines = _extent_lines(k, d, answer, noun)
    return {
        "prompt": f"The layer is `{spec.source()}`. Over how many {noun} of the input does its kernel reach, from the "
        "first tap to the last one, both counted?",
        "kind": "number",
        "level": "easy",
        "objective": "compute the extent of a dilated kernel",
        "formula": "extent = d (k - 1) + 1",
        "answer": answer,
        "because": f"{k - 1} steps of {d} from the first tap to the last, and the first one: {d}*({k} - 1) + 1 = "
        f"{answer}.",
        "hint": "How many steps lead from the first tap to the last? How long is each? And which cell is not counted "
        "yet?",
        "steps": [
            f"From the first of {k} taps to the last there are {k} - 1 = {counted(k - 1, 'step')} of {d}.",
            f"With the first tap itself: {d}*{k - 1} + 1 = {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            "input = torch.zeros(1, 1, 40, 41, requires_grad=True)\n"
            f"output = F.conv2d(input, torch.ones(1, 1, {kernel[0]}, {kernel[1]}), dilation={dilation})\n"
            f"output[0, 0, 0, 0].backward()\nread = input.grad[0, 0].nonzero()[:, {axis}]\n"
            "print(int(read.max() - read.min()) + 1)"
        ),
        "slips": gathered("number", answer, [Slip(number, (id,), lines[id]) for id, number in wrong]),
        "otherwise": "Draw the taps in a line of cells, and count the cells from the first to the last.",
    }


SHOWN = {f"M{number:02d}" for number in (1, 2, 3, 4, 5, 11, 12, 13, 14, 21, 22, 25, 149)}
MET = [
    mistake
    for mistake in sorted(MISTAKES.values(), key=lambda mistake: mistake.id in ("M16", "M20", "M24"))
    if mistake.lesson <= "05" and ("size" in mistake.models or "output_shape" in mistake.models)
]  # of a class the one that tells most comes first


def _by_shape(spec, input_shape):
    """Wrong output shape -> the ids of the mistakes that predict it; of a class the first."""
    answer, found = tuple(spec.output_shape(input_shape)), {}
    for mistake in MET:
        size, shape = mistake.models.get("size"), mistake.models.get("output_shape")
        shapes = [(*answer[:2], *it) for it in size(spec, input_shape)] if size else []
        for it in (*shapes, *(shape(spec, input_shape) if shape else ())):
            ids = found.setdefault(tuple(it), [])
            if not mistake.family.intersection(ids):
                ids.append(mistake.id)
    found.pop(answer, None)
    return {shape: tuple(ids) for shape, ids in found.items()}


def _size_case(rng):
    kernel, dilation = rng.choice(KERNELS), rng.choice(DILATIONS)
    padding = rng.choice(((1, 2), (2, 1), (3, 1), (1, 3)))
    C_in, C_out = rng.choice((1, 3)), rng.choice((4, 6, 8))
    height = rng.randint(20, 40)
    shape = (rng.randint(1, 4), C_in, height, height + rng.choice((-6, -5, -3, 3, 5, 8)))
    spec = Conv2dSpec(C_in, C_out, kernel, padding=padding, dilation=dilation)
    return spec, shape


def _size_keeps(case):
    spec, shape = case
    (kH, kW), (pH, pW), (dH, dW) = spec.kernel_size, spec.padding, spec.dilation
    if any(extent > it + 2 * p for extent, it, p in zip(spec.extent, shape[-2:], spec.padding, strict=True)):
        return False  # the window sticks out
    H, W = spec.output_shape(shape)[-2:]
    quick = H != W and pH != dH and pW != dW and ((kH - 1) // 2, (kW - 1) // 2) != (pH, pW) and min(kH, kW) > 2
    return quick


def _apart(found):
    return all(len(ids) == 1 or ids == ("M03", "M04") for ids in found.values())


def _size_drawn(rng):
    spec, shape = drawn(lambda: _size_case(rng), _size_keeps)
    return spec, shape, _by_shape(spec, shape)


def _size_lines(spec):
    (kH, kW), (pH, pW), (dH, dW), (eH, eW) = spec.kernel_size, spec.padding, spec.dilation, spec.extent
    grows = f"the height grows by {2 * pH}, the width by {2 * pW}"
    return {
        "M01": "is the size of the input. The window reaches out of it at the border, and this padding does not make "
        "up for all of that.",
        "M02": f"is the input less the kernel: dilation, padding and the first place are not in it. A kernel of "
        f"extent {eH} x {eW} has to fit.",
        "M03": f"adds the padding once. `padding=({pH}, {pW})` is for each side: {grows}.",
        "M04": f"doubles the padding once too often. `padding=({pH}, {pW})` is for each side: {grows}.",
        "M05": "counts the steps from place to place. There is one place more, the first.",
        "M11": f"leaves the dilation out. The taps are {dH} and {dW} apart: {eH} rows have to fit, not {kH}, and "
        f"{eW} columns, not {kW}.",
        "M12": f"leaves out {dH} and {dW} cells between the taps. The dilation is the step from tap to tap: the kernel "
        f"reaches over {dH}*({kH} - 1) + 1 = {eH} rows.",
        "M13": f"takes {dH * kH} x {dW * kW} for the reach of the kernel. Gaps lie between the taps only: "
        f"{dH}*({kH} - 1) + 1 = {eH} rows, {dW}*({kW} - 1) + 1 = {eW} columns.",
        "M14": "divides by the dilation, as by a stride. The dilation spreads the taps of one window; from place to "
        "place it is still one cell.",
        "M21": f"reads a pair as (width, height). `kernel_size=({kH}, {kW})` is {kH} high and {kW} wide; all pairs "
        "name the height first.",
        "M22": f"reads `padding=({pH}, {pW})` as `F.pad` would. In Conv2d it is (height, width): {pH} above and {pH} "
        f"below, {pW} left and {pW} right.",
        "M25": "is the size of the kernel. The output has one cell for each place of the window.",
        "M149": f"takes {eH - 1} x {eW - 1} for the reach of the kernel: the way from the first tap to the last. Count "
        f"the first tap too: {eH} x {eW}.",
    }


def _size_line(shape, id, answer, lines):
    if len(shape) == 4 and shape[:2] == answer[:2] and id in lines:
        return f"{shape[2]} x {shape[3]} {lines[id]}"
    return f"{shape} is not it. {MISTAKES[id].diagnosis}"


def dilated_size(rng):
    """The shape of the output of a layer with dilation and padding."""

    def keeps(case):
        found = case[2]
        return _apart(found) and {id for ids in found.values() for id in ids} >= SHOWN

    spec, shape, found = drawn(lambda: _size_drawn(rng), keeps)
    answer, lines = tuple(spec.output_shape(shape)), _size_lines(spec)
    N, C_out, h, w = answer
    axes = zip(("Height", "Width"), shape[-2:], spec.extent, spec.padding, (h, w), strict=True)
    sums = [f"{name}: {n} + 2*{p} - {e} + 1 = {size}." for name, n, e, p, size in axes]
    (kH, kW), (dH, dW), (eH, eW) = spec.kernel_size, spec.dilation, spec.extent
    code = f"conv = {spec.source()}\noutput = conv(input)"
    return {
        "prompt": f"`input` has the shape {shape}. What is the shape of `output`?",
        "kind": "shape",
        "level": "medium",
        "objective": "predict the shape with dilation",
        "formula": "H_out = (H + 2 p - d (k - 1) - 1) // s + 1",
        "answer": answer,
        "because": f"The kernel reaches over {eH} x {eW}, and that is what has to fit: {h} x {w} places.",
        "hint": "First the reach of the kernel, rows and columns apart. Then go on as without dilation, with that in "
        "place of the kernel size.",
        "steps": [
            f"Extent: {dH}*({kH} - 1) + 1 = {eH} rows and {dW}*({kW} - 1) + 1 = {eW} columns.",
            " ".join(sums),
            f"The batch stays {N}, the layer has {C_out} output channels: {answer}.",
        ],
        "proof": f"import torch\nfrom torch import nn\ninput = torch.zeros{shape}\n{code}\nprint(tuple(output.shape))",
        "slips": tuple(Slip(wrong, ids, _size_line(wrong, ids[0], answer, lines)) for wrong, ids in found.items()),
        "figure": [{"code": code}],
        "axes": ("a batched output", "(N, C_out, H_out, W_out)"),
        "spec": spec,
        "input_shape": shape,
        "otherwise": "Write down the extent of the kernel for each axis, then H + 2p - extent + 1.",
    }


QUESTIONS = {"dilated-window": dilated_window, "extent": kernel_extent, "dilated-size": dilated_size}
