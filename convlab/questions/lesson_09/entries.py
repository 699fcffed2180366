"""Lesson 09, entries of the columns: which number stands in one, and where all copies of a number stand."""

from convlab.questions.cases import apart, block, drawn, gathered
from convlab.questions.lesson_09.matrix import IMPORTS, entries_of, places_of, tap_by_tap, unfolded, unlike
from convlab.questions.question import Slip

_ENTRY = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "read an entry of the columns",
    "formula": "columns[(c * kH + u) * kW + v, i * W_out + j] = x[c, i + u, j + v]",
    "hint": "The row tells the channel and the tap, the column tells the place. Where does the tap lie at this place?",
    "otherwise": "Divide the row by the taps of a channel, the column by W_out; place plus tap is the cell.",
}


def _entry_slips(channels, kernel, row, column):
    (kH, kW), (H, W) = kernel, (len(channels[0]), len(channels[0][0]))
    rows, (h, w) = unfolded(channels, kernel), places_of((H, W), kernel)
    c, tap = divmod(row, kH * kW)
    (u, v), (i, j) = divmod(tap, kW), divmod(column, w)

    def at(i, j):
        return channels[c][i + u][j + v] if i + u < H and j + v < W else None

    slips = [
        Slip(tap_by_tap(rows, kH * kW)[row][column], ("M85",), f"You read the row as tap after tap. unfold goes "
             f"channel by channel: row {row} belongs to channel {c}."),
        Slip(at(*divmod(column, W)), ("M86",), f"You counted {W} columns for a row of places. There are {w}: column "
             f"{column} is place ({i}, {j})."),
        Slip(at(column % h, column // h), ("M102",), f"The places follow row by row: column {column} is place ({i}, "
             f"{j})."),
    ]  # fmt: skip
    return rows[row][column], slips


def column_entry(rng):
    """One number of the columns, for an input with two channels."""

    def draw():
        kernel, (H, W) = rng.choice(((2, 3), (3, 2), (2, 1), (1, 2))), rng.choice(((4, 5), (5, 4), (3, 5), (5, 3)))
        h, w = places_of((H, W), kernel)
        row, column = rng.randrange(1, 2 * kernel[0] * kernel[1] - 1), rng.randrange(1, h * w)
        return unlike(rng, 2, H, W), kernel, row, column

    def fair(case):
        right, slips = _entry_slips(*case)
        h, w = places_of((len(case[0][0]), len(case[0][0][0])), case[1])
        return h != w and None not in [it.answer for it in slips] and apart("number", right, slips)

    channels, (kH, kW), row, column = case = drawn(draw, fair)
    (answer, slips), (H, W) = _entry_slips(*case), (len(channels[0]), len(channels[0][0]))
    c, tap = divmod(row, kH * kW)
    (u, v), (i, j) = divmod(tap, kW), divmod(column, W - kW + 1)
    return {
        **_ENTRY,
        "prompt": f"`columns = F.unfold(x, {kH, kW})` for this `x` with two channels. Which number is `columns[0, "
        f"{row}, {column}]`?",
        "answer": answer,
        "because": f"Row {row} is channel {c}, tap ({u}, {v}); column {column} is place ({i}, {j}): cell ({i + u}, "
        f"{j + v}) of the channel.",
        "steps": [
            f"A channel takes {kH} * {kW} = {kH * kW} rows: row {row} is channel {c}, tap ({u}, {v}).",
            f"A row has {W} - {kW} + 1 = {W - kW + 1} places: column {column} is place ({i}, {j}).",
            f"There the tap lies on cell ({i + u}, {j + v}) of channel {c}, with the number {answer}.",
        ],
        "proof": (
            f"{IMPORTS}x = torch.tensor([{channels}]).double()\nprint(F.unfold(x, {kH, kW})[0, {row}, {column}].item())"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [block("input", cells, f"x[0, {c}] {H} x {W}") for c, cells in enumerate(channels)],
    }


_COPIES = {  # what is the same for every seed
    "kind": "cells",
    "level": "hard",
    "objective": "find all copies of a pixel in the columns",
    "formula": "pixel (c, r, q) stands at [(c * kH + u) * kW + v, (r - u) * W_out + q - v] for every tap that fits",
    "hint": "Under which taps may this pixel lie, and at which place is the window then? Each such pair is one entry.",
    "otherwise": "For each tap of the pixel's channel: where is the window when the tap lies on the pixel?",
}


def _copies_case(rng):
    C_in, kernel, sides = rng.choice((
        (2, (1, 3), (2, 6)), (2, (3, 1), (6, 2)), (2, (1, 3), (3, 5)), (2, (2, 3), (3, 5)), (2, (3, 2), (5, 3)),
        (3, (1, 2), (2, 5)), (3, (2, 1), (5, 2)), (2, (1, 2), (2, 4)), (2, (2, 1), (4, 2)),
    ))  # fmt: skip
    return (rng.randrange(C_in), rng.randrange(sides[0]), rng.randrange(sides[1])), C_in, kernel, sides


def _copies_slips(pixel, C_in, kernel, sides):
    (c, r, q), (kH, kW), (_, W) = pixel, kernel, sides
    places = places_of(sides, kernel)
    right, last = entries_of(pixel, kernel, places), places[0] * places[1]
    order = tap_by_tap(list(range(C_in * kH * kW)), kH * kW)
    wide = [[row, column // places[1] * W + column % places[1]] for row, column in right]
    after = entries_of((c, r + kH - 1, q + kW - 1), kernel, places)
    slips = [
        Slip(sorted([order.index(row), column] for row, column in right), ("M85",), "Those are the rows in the order "
             "tap after tap. unfold goes channel by channel."),
        *(Slip([one], ("M84",), f"That is one copy. Each window that holds the pixel has one: {len(right)} in all.")
          for one in right),
        *(Slip(sorted([row, kept] for row, _ in right), (), "You kept one column. Another tap on the same pixel means "
               "another window, and another window is another column.") for _, kept in right),
        Slip(wide, ("M86",), f"You counted {W} columns for a row of places. There are {W} - {kW} + 1 = {places[1]}."),
        Slip(after, ("M111",), "Those are windows that begin at the pixel and beyond it. A window that holds the pixel "
             "begins above it or left of it, or on it."),
    ]  # fmt: skip
    inside = [it for it in slips if it.answer and all(column < last for _, column in it.answer)]
    return right, [it for it in inside if it.answer != right]


def copies_cells(rng):
    """All entries of the columns that are copies of one pixel."""

    def fair(case):
        right, slips = _copies_slips(*case)
        (h, w), (_, C_in, (kH, kW), _) = places_of(case[3], case[2]), case
        named = {id for it in slips for id in it.mistakes}
        return (
            2 <= len(right) <= 6
            and {"M84", "M85"} <= named
            and h != w
            and h * w != C_in * kH * kW
            and apart("cells", right, slips)
        )

    case = (c, r, q), C_in, (kH, kW), (H, W) = drawn(lambda: _copies_case(rng), fair)
    (answer, slips), (h, w) = _copies_slips(*case), places_of((H, W), (kH, kW))
    rows = [row for row, _ in answer]
    return {
        **_COPIES,
        "prompt": f"`x` has the shape {(1, C_in, H, W)}, and `columns = F.unfold(x, {kH, kW})` has {C_in * kH * kW} "
        f"rows and {h * w} columns. Click the entries of `columns[0]` that hold a copy of `x[0, {c}, {r}, {q}]`.",
        "answer": answer,
        "because": f"{len(answer)} windows hold this pixel, each under another tap: one entry each, in rows "
        f"{', '.join(map(str, rows))}.",
        "steps": [
            f"Channel {c} has the rows from {c * kH * kW} to {(c + 1) * kH * kW - 1}, one for each tap.",
            f"Under tap (u, v) the pixel lies at place ({r} - u, {q} - v). There are {h} rows of {w} places.",
            f"Inside these lie {len(answer)} of {kH * kW} places, for the rows {', '.join(map(str, rows))}.",
            f"Their columns, i * {w} + j, are {', '.join(str(column) for _, column in answer)}, in this order.",
        ],
        "proof": (
            f"{IMPORTS}x = torch.zeros(1, {C_in}, {H}, {W})\nx[0, {c}, {r}, {q}] = 1\n"
            f"print(F.unfold(x, {kH, kW})[0].nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, slips),
        "options": {"shape": [C_in * kH * kW, h * w], "role": "output"},
    }


QUESTIONS = {"column-entry": column_entry, "copies-cells": copies_cells}
