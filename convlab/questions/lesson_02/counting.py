"""Lesson 02, counting places: which exist, and how many read one cell."""

from convlab.questions.cases import apart, counted, drawn, gathered, layer_code, middle, places_reading, shuffled, span
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec

SIZES = ((2, 3), (3, 2))


def _valid_lines(H, W, h, w, kH, kW):
    patterns = {
        "M01": lambda i, j: i < H and j < W,
        "M02": lambda i, j: i < h - 1 and j < w - 1,
        "M101": lambda i, j: 1 <= i <= h and 1 <= j <= w,
        "M102": lambda i, j: i < w and j < h,
    }
    lines = {
        "M01": f"You ticked places up to the size of the input, {H} x {W}. The {kH} x {kW} window has to fit: "
        f"its top left cell goes no further than ({h - 1}, {w - 1}).",
        "M02": f"The last place is missing: {H} - {kH} = {h - 1} is the last row, so there are {h} rows of "
        f"places, and ({h - 1}, {w - 1}) is one of them.",
        "M101": f"Places are counted from 0: the first is (0, 0), and {h} rows and {w} columns of places end "
        f"at ({h - 1}, {w - 1}).",
        "M102": f"The row comes first: the rows of places go from 0 to {h - 1}, the columns from 0 to {w - 1}.",
    }
    return patterns, lines


def _some_places(rng, H, W, h, w):
    """Places of interest and the mistake behind being wrong about each, in an order drawn at random."""
    swapped = (0, w - 1) if w > h else (h - 1, 0)
    meant = {
        (0, 0): "M101",
        (h - 1, w - 1): "M02",
        (h, w): "M101",
        (H - 1, W - 1): "M01",
        swapped: "M102",
        swapped[::-1]: "M102",
    }
    return {place: meant[place] for place in shuffled(rng, list(meant))}


def valid_places(rng):
    """Which places (i, j) the output has."""
    (kH, kW), (H, W) = rng.choice(SIZES), rng.choice(((4, 8), (5, 9), (4, 9), (8, 4), (9, 5)))
    h, w = H - kH + 1, W - kW + 1
    places = _some_places(rng, H, W, h, w)
    patterns, lines = _valid_lines(H, W, h, w, kH, kW)
    slips = [Slip([str(place) for place in places if rule(*place)], (id,), lines[id]) for id, rule in patterns.items()]
    right = [place for place in places if place[0] < h and place[1] < w]
    answer = [str(place) for place in right]
    return {
        "prompt": (
            f"The input is {H} x {W}, the layer is `{layer_code(kH, kW)}`. Tick every place (i, j) at which "
            "the output has a cell."
        ),
        "kind": "choices",
        "level": "medium",
        "objective": "count places on both axes",
        "formula": "0 <= i < H - kH + 1 and 0 <= j < W - kW + 1",
        "answer": answer,
        "because": f"The output is {h} x {w}, so its last cell is ({h - 1}, {w - 1}).",
        "hint": "Work out the size of the output first; then the last row and the last column, counted from 0.",
        "steps": [
            f"Rows of places: {H} - {kH} + 1 = {h}, counted 0 to {h - 1}.",
            f"Columns of places: {W} - {kW} + 1 = {w}, counted 0 to {w - 1}.",
            f"Inside both: {', '.join(answer)}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\noutput = {layer_code(kH, kW)}(torch.zeros(1, 1, {H}, {W}))\n"
            f"H_out, W_out = output.shape[2:]\nprint([(i, j) for i, j in {list(places)} if i < H_out and j < "
            f"W_out])"
        ),
        "slips": gathered("choices", answer, slips),
        "per_option": {str(place): Slip(str(place), (id,), lines[id]) for place, id in places.items()},
        "options": [str(place) for place in places],
    }


def _times_read_case(rng):
    (kH, kW), (H, W) = rng.sample((2, 3, 4), 2), (rng.randint(5, 7), rng.randint(8, 11))
    r, c = rng.randrange(H), rng.randrange(W)
    h, w = H - kH + 1, W - kW + 1
    counts = {
        "M01": len(places_reading((r, c), H, W, kH, kW, middle(kH, kW))),
        "M02": len(places_reading((r, c), h - 1, w - 1, kH, kW)),
        "M107": 1,
        "M111": max(0, min(h, r + kH) - r) * max(0, min(w, c + kW) - c),
    }
    slips = [Slip(n, (id,), _times_line(id, n, (r, c), kH, kW, h, w)) for id, n in counts.items()]
    return H, W, kH, kW, (r, c), slips


def _times_read_keeps(case):
    H, W, kH, kW, cell, slips = case
    if any(slip.answer == 0 for slip in slips):
        return False
    return apart("number", len(places_reading(cell, H - kH + 1, W - kW + 1, kH, kW)), slips)


def times_read(rng):
    """How many windows cover one input cell."""
    H, W, kH, kW, (r, c), slips = drawn(lambda: _times_read_case(rng), _times_read_keeps)
    h, w = H - kH + 1, W - kW + 1
    places = places_reading((r, c), h, w, kH, kW)
    (top, left), (bottom, right) = places[0], places[-1]
    down, across = bottom - top + 1, right - left + 1
    return {
        "prompt": (
            f"The input is {H} x {W}, the layer is `{layer_code(kH, kW)}`. In how many windows does input cell "
            f"({r}, {c}) lie?"
        ),
        "kind": "number",
        "level": "hard",
        "objective": "count the windows that overlap at a cell",
        "formula": "(places in the rows that reach r) * (places in the columns that reach c)",
        "answer": len(places),
        "because": f"{counted(down, 'row')} and {counted(across, 'column')} of places reach it: {down} * "
        f"{across} = {len(places)}.",
        "hint": "Treat rows and columns apart: which places reach the cell's row? Only those that exist count.",
        "steps": [
            f"The output has {H} - {kH} + 1 = {h} rows and {W} - {kW} + 1 = {w} columns of places.",
            f"Row {r} is reached from places in rows {r - kH + 1} to {r}; of these the output has "
            f"{span(top, down, 'rows')}: {down}.",
            f"Column {c} is reached from columns {c - kW + 1} to {c}; of these the output has "
            f"{span(left, across, 'columns')}: {across}.",
            f"Windows: {down} * {across} = {len(places)}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.zeros(1, 1, {H}, {W}, requires_grad=True)\n"
            f"F.conv2d(input, torch.ones(1, 1, {kH}, {kW})).sum().backward()\n"
            f"print(int(input.grad[0, 0, {r}, {c}]))"
        ),
        "slips": gathered("number", len(places), slips),
        "spec": Conv2dSpec(1, 1, (kH, kW)),
        "input_shape": (1, 1, H, W),
        "otherwise": "Draw the rows: where can a window start so that it reaches the cell, and does that place exist?",
    }


def _times_line(id, count, cell, kH, kW, h, w):
    r, c = cell
    return {
        "M01": f"{count} would be right if windows hung over the border, one for each input cell. Without padding "
        f"they have to fit inside, so there are only {h} rows and {w} columns of them.",
        "M02": f"{count} leaves out the last row and the last column of places. There are {h} rows and {w} "
        "columns of them.",
        "M107": "1 is right for windows that lie side by side. With stride 1 they overlap, and a cell lies in several.",
        "M111": f"{count} counts the places right of ({r}, {c}) and below it. A window reaches right and down "
        "from its place, so those at or before the cell are the ones.",
    }[id]


QUESTIONS = {"valid-places": valid_places, "times-read": times_read}
