"""Lesson 09, the columns of im2col: their shape, their order, and where in them a number of the input stands."""

from convlab.questions.cases import apart, block, drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import KERNELS, chosen, judged, layer, size
from convlab.questions.lesson_09.matrix import IMPORTS, places_of, tap_by_tap, unfolded, unlike
from convlab.questions.question import Slip

_SHAPE = {  # what is the same for every seed
    "kind": "shape",
    "level": "easy",
    "objective": "predict the shape of the columns",
    "formula": "F.unfold: (N, C_in * kH * kW, H_out * W_out)",
    "hint": "What does one column hold, and for what is there a column?",
    "axes": ("what F.unfold gives", "(N, C_in * kH * kW, H_out * W_out)"),
    "otherwise": "One column is one window with all its channels; there are as many columns as the window has places.",
}


def _shape_slips(shape, kernel, stride, padding):
    (N, C_in, H, W), (kH, kW) = shape, kernel
    (h, w), (bare_h, bare_w) = places_of((H, W), kernel, stride, padding), places_of((H, W), kernel, stride)
    rows = C_in * kH * kW
    return (N, rows, h * w), [
        Slip((N, rows, H * W), ("M86",), f"Those are {H * W} columns, one for each pixel. There is one for each place "
             f"of the window: {h} * {w} = {h * w}."),
        Slip((N, kH * kW, h * w), ("M34",), f"A column holds the whole window, with all {C_in} channels: "
             f"{C_in} * {kH} * {kW} = {rows} numbers."),
        Slip((N, h * w, rows), ("M102",), "The axes are exchanged. A window is a column: the numbers of one window "
             "stand one below the other."),
        Slip((N, rows, bare_h * bare_w), ("M168",), f"The padding is left out. With it there are {h} * {w} = {h * w} "
             "places."),
    ]  # fmt: skip


def columns_shape(rng):
    """The shape of what F.unfold gives."""

    def draw():
        C_in, N, kernel = layer(rng)
        stride, padding = rng.choice(((1, 2), (2, 1), (2, 3), (3, 2))), rng.choice(((1, 0), (0, 1), (1, 2), (2, 1)))
        return (N, C_in, *size(rng, 7, 16, kernel=kernel)), kernel, stride, padding

    def fair(case):
        right, slips = _shape_slips(*case)
        h, w = places_of(case[0][2:], *case[1:])
        return h != w and right[1] != right[2] and apart("shape", right, slips)

    (N, C_in, H, W), (kH, kW), (sH, sW), (pH, pW) = case = drawn(draw, fair)
    answer, slips = _shape_slips(*case)
    h, w = places_of((H, W), (kH, kW), (sH, sW), (pH, pW))
    call = f"F.unfold(x, {kH, kW}, padding={pH, pW}, stride={sH, sW})"
    return {
        **_SHAPE,
        "prompt": f"`x` has the shape {(N, C_in, H, W)}. Which shape does `{call}` have?",
        "answer": answer,
        "because": f"A column for each of {h} * {w} = {h * w} places, and {C_in} * {kH} * {kW} = {answer[1]} numbers "
        "in each.",
        "steps": [
            f"Rows: a window holds {C_in} * {kH} * {kW} = {answer[1]} numbers.",
            f"Columns: ({H} + 2 * {pH} - {kH}) // {sH} + 1 = {h} places in the rows, ({W} + 2 * {pW} - {kW}) // {sW} "
            f"+ 1 = {w} in the columns, {h} * {w} = {h * w} in all.",
        ],
        "proof": f"{IMPORTS}x = torch.zeros{(N, C_in, H, W)}\nprint(tuple({call}.shape))",
        "slips": gathered("shape", answer, slips),
    }


_ROW = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "find a tap or a place in the columns",
    "formula": "row = (c * kH + u) * kW + v",
    "hint": "How many rows does each channel take? In which order do the taps of one channel follow?",
    "asks": "a row",
    "otherwise": "All rows of the channels before, then all kernel rows before, then the taps before in this kernel "
    "row; counted from 0.",
}


def _row_slips(tap, C_in, kernel):
    (c, u, v), (kH, kW) = tap, kernel
    right = (c * kH + u) * kW + v
    return right, [
        Slip((u * kW + v) * C_in + c, ("M85",), "That is the order tap after tap, each with all its channels. unfold "
             "goes channel by channel."),
        Slip(u * kW + v, ("M34",), f"That is its row within channel {c}. Before it come the {kH} * {kW} = {kH * kW} "
             "rows of each channel before."),
        Slip((c * kW + v) * kH + u, ("M102",), "You went down the columns of the kernel. Its taps follow row by row: "
             "first all of kernel row 0."),
        Slip(right + 1, ("M101",), "You counted from 1. The first row is row 0."),
    ]  # fmt: skip


def column_row(rng):
    """The row of the columns in which one tap stands."""

    def draw():
        kH, kW = rng.choice(KERNELS)
        C_in = rng.choice([count for count in range(2, 7) if count not in (kH, kW)])
        return (rng.randrange(1, C_in), rng.randrange(kH), rng.randrange(kW)), C_in, (kH, kW)

    def fair(case):
        right, slips = _row_slips(*case)
        return apart("number", right, slips)

    (c, u, v), C_in, (kH, kW) = case = drawn(draw, fair)
    (answer, slips), (H, W) = _row_slips(*case), size(rng, 8, 20, kernel=(kH, kW))
    return {
        **_ROW,
        "prompt": f"`x` has the shape {(1, C_in, H, W)}, and `columns = F.unfold(x, {kH, kW})`. In which row of "
        f"`columns[0]` stand the numbers of channel {c} that lie under kernel row {u}, kernel column {v}?",
        "answer": answer,
        "because": f"Channel {c} begins at row {c * kH * kW}, and its taps follow row by row.",
        "steps": [
            f"Each channel takes {kH} * {kW} = {kH * kW} rows, so channel {c} begins at row {c} * {kH * kW} = "
            f"{c * kH * kW}.",
            f"Kernel row {u}, kernel column {v} is tap {u} * {kW} + {v} = {u * kW + v} of the channel: "
            f"{c * kH * kW} + {u * kW + v} = {answer}.",
        ],
        "proof": (
            f"{IMPORTS}x = torch.zeros(1, {C_in}, {kH}, {kW})\nx[0, {c}, {u}, {v}] = 1\n"
            f"print(F.unfold(x, {kH, kW})[0, :, 0].argmax().item())"
        ),
        "slips": gathered("number", answer, slips),
    }


_PLACE = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "find a tap or a place in the columns",
    "formula": "column = i * W_out + j",
    "hint": "How many places are there in one row of places?",
    "asks": "a column",
    "otherwise": "All rows of places before, each with W_out of them, then the places before in this row.",
}


def _place_slips(place, sides, kernel):
    (i, j), (_, W), (h, w) = place, sides, places_of(sides, kernel)
    return i * w + j, [
        Slip(i * W + j, ("M86",), f"You counted {W} columns for a row, one for each pixel. A row has {W} - {kernel[1]} "
             f"+ 1 = {w} places."),
        Slip(j * h + i, ("M102",), "You went down the columns of places. They follow row by row: j moves first."),
        Slip(i * w + j + 1, ("M101",), "You counted from 1. The first column is column 0."),
        Slip(i * (W - kernel[1]) + j, ("M02",), f"A row has {W} - {kernel[1]} + 1 = {w} places: one more than the "
             "window can move."),
    ]  # fmt: skip


def column_place(rng):
    """The column of im2col that holds the window of one place."""

    def draw():
        (kH, kW), (H, W) = rng.choice(KERNELS), rng.sample(range(8, 16), 2)
        h, w = places_of((H, W), (kH, kW))
        return (rng.randrange(1, h), rng.randrange(1, w)), (H, W), (kH, kW)

    def fair(case):
        right, slips = _place_slips(*case)
        h, w = places_of(*case[1:])
        return h != w and apart("number", right, slips)

    (i, j), (H, W), (kH, kW) = case = drawn(draw, fair)
    (answer, slips), w, C_in = _place_slips(*case), W - kW + 1, rng.choice((1, 2, 3, 4))
    return {
        **_PLACE,
        "prompt": f"`x` has the shape {(1, C_in, H, W)}, and `columns = F.unfold(x, {kH, kW})`. In which column of "
        f"`columns[0]` stands the window of place ({i}, {j})?",
        "answer": answer,
        "because": f"Before it come {i} rows of {w} places, and {j} in its own row."
        if i > 1 else f"Before it come {w} places of row 0, and {j} in its own row.",
        "steps": [
            f"A row has {W} - {kW} + 1 = {w} places.",
            f"Row by row: {i} * {w} + {j} = {answer}.",
        ],
        "proof": (
            f"{IMPORTS}x = torch.zeros(1, {C_in}, {H}, {W})\nx[0, 0, {i}, {j}] = 1\n"
            f"print(F.unfold(x, {kH, kW})[0, 0].argmax().item())"
        ),
        "slips": gathered("number", answer, slips),
    }  # fmt: skip


_WHICH = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "recognise the columns of an input",
    "formula": "columns[:, place] = the window, channel by channel",
    "hint": "What stands in the first window, in channel 0 and in channel 1? That is the first column, from above.",
}


def which_columns(rng):
    """Which matrix unfold makes of two short channels."""
    length, k = rng.choice(((4, 2), (5, 2), (5, 3)))
    along = rng.random() < 0.5
    channels = unlike(rng, 2, 1, length) if along else unlike(rng, 2, length, 1)
    kernel = (1, k) if along else (k, 1)
    rows = unfolded(channels, kernel)
    answer = str(rows)
    wrong = {
        str(tap_by_tap(rows, k)): ("M85", "Those rows go tap after tap. unfold has all taps of channel 0 first, then "
        "those of channel 1."),
        str([list(it) for it in zip(*rows, strict=True)]): ("M102", "There each window is a row. In im2col's matrix it "
        "is a column."),
        str([row[::k] for row in rows]): ("M107", "Those are windows side by side. With stride 1 the next one starts "
        "one cell further."),
    }  # fmt: skip
    first = [row[0] for row in rows]
    return {
        **_WHICH,
        "prompt": f"`x` has these two channels. Which matrix is `F.unfold(x, {kernel})[0]`?",
        "answer": answer,
        "because": f"The first column, from above, is the first window: {', '.join(map(str, first))}.",
        "steps": [
            f"There are {length} - {k} + 1 = {length - k + 1} places, so as many columns.",
            f"The first column holds {', '.join(map(str, first[:k]))} of channel 0, then "
            f"{', '.join(map(str, first[k:]))} of channel 1. The next window is one cell further.",
        ],
        "proof": f"{IMPORTS}x = torch.tensor([{channels}]).double()\n"
        f"print(F.unfold(x, {kernel})[0].long().tolist())",
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
        "figure": [
            block("input", it, f"x[0, {c}] {len(it)} x {len(it[0])}") for c, it in enumerate(channels)
        ],
    }  # fmt: skip


def myth_places(rng):
    """How many columns there are, with and without a padding that keeps the size."""
    keeps, holds = rng.random() < 0.4, rng.random() < 0.5
    kernel = rng.choice(((3, 5), (5, 3), (1, 3), (3, 1), (5, 7), (7, 5)))
    same = tuple(k // 2 for k in kernel)
    other = drawn(lambda: (rng.randint(0, 3), rng.randint(0, 3)), lambda it: it[0] != it[1] and it != same)
    padding = same if keeps and holds else other

    def fair(sides):
        h, w = places_of(sides, kernel, (1, 1), padding)
        return h != w and (h * w == sides[0] * sides[1]) == (padding == same)

    (H, W), C_in = drawn(lambda: size(rng, 9, 30, kernel=kernel), fair), rng.choice((2, 3, 4, 6))
    h, w = places_of((H, W), kernel, (1, 1), padding)
    claimed = h * w if holds else H * W
    line = f"There is a column for each place of the window, {h} * {w} = {h * w} of them." + (
        " This padding keeps the size, so there are as many places as pixels." if padding == same else ""
    )
    return judged(
        holds,
        f"`x` has the shape {(1, C_in, H, W)}, so a channel has {H * W} pixels. `F.unfold(x, {kernel}, "
        f"padding={padding})` gives {claimed} columns.",
        "M86",
        line,
        objective="predict the shape of the columns",
        formula="L = H_out * W_out",
        because=line,
        hint="At how many places does the window stop, on the padded input?",
        steps=[
            f"Rows of places: {H} + 2 * {padding[0]} - {kernel[0]} + 1 = {h}; columns of places: {W} + 2 * "
            f"{padding[1]} - {kernel[1]} + 1 = {w}.",
            f"Together {h} * {w} = {h * w} columns.",
        ],
        proof=f"{IMPORTS}x = torch.zeros(1, {C_in}, {H}, {W})\n"
        f"print(F.unfold(x, {kernel}, padding={padding}).shape[2] == {claimed})",
    )


QUESTIONS = {
    "columns-shape": columns_shape,
    "column-row": column_row,
    "column-place": column_place,
    "which-columns": which_columns,
    "myth-places": myth_places,
}
