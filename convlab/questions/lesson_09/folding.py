"""Lesson 09, fold (col2im): what comes back when columns are added up to a picture."""

from convlab.questions.cases import apart, block, drawn, gathered
from convlab.questions.lesson_03.drawing import judged
from convlab.questions.lesson_08.shares import listed, readers, total
from convlab.questions.lesson_09.matrix import IMPORTS, entries_of, places_of, whole_grid
from convlab.questions.question import Slip

_KERNELS = ((2, 3), (3, 2), (3, 4), (4, 3), (3, 5), (5, 3))

_COUNT = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "say what fold makes of unfold's columns",
    "formula": "F.fold(F.unfold(x)) = x times how many windows hold the cell",
    "hint": "In how many windows does this cell lie? So often it stands in the columns, and fold adds all of them up.",
    "otherwise": "Count the windows that hold the cell: those in the rows times those in the columns.",
}


def _count_slips(value, cell, places, kernel):
    found = [len({place[axis] for place, _ in readers(cell, places, kernel, (1, 1))}) for axis in (0, 1)]
    rows, columns = found
    count = rows * columns
    return value * count, [
        Slip(count, (), f"That is how many windows hold the cell. Each brings a copy of {value}: {count} * {value} = "
             f"{value * count}."),
        Slip(value, ("M87",), "That is what `x` holds. fold adds the copies up, and this cell has more than one."),
        Slip(value * len(readers(cell[::-1], places, kernel, (1, 1))), ("M102",), f"That is the cell of row {cell[1]} "
             f"and column {cell[0]}. An index is (row, column)."),
        Slip(value * (rows + columns), ("M124",), f"You added {rows} and {columns}. Each window in the rows goes with "
             "each in the columns: multiply."),
    ]  # fmt: skip


def fold_count(rng):
    """A cell of fold(unfold(x)), where x is the same number everywhere."""

    def draw():
        kernel, (H, W) = rng.choice(_KERNELS), rng.sample(range(6, 11), 2)
        return rng.randint(2, 9), (rng.randrange(H), rng.randrange(W)), (H, W), kernel

    def fair(case):
        value, (r, c), (H, W), kernel = case
        if r >= W or c >= H or r == c:
            return False
        right, slips = _count_slips(value, (r, c), places_of((H, W), kernel), kernel)
        return right > value and slips[2].answer and apart("number", right, slips)

    value, (r, c), (H, W), (kH, kW) = drawn(draw, fair)
    places = places_of((H, W), (kH, kW))
    answer, slips = _count_slips(value, (r, c), places, (kH, kW))
    rows, columns = (len({place[axis] for place, _ in readers((r, c), places, (kH, kW), (1, 1))}) for axis in (0, 1))
    return {
        **_COUNT,
        "prompt": f"`x` has the shape {(1, 1, H, W)} and is {value} everywhere. Which number stands in `F.fold("
        f"F.unfold(x, {kH, kW}), {H, W}, {kH, kW})[0, 0, {r}, {c}]`?",
        "answer": answer,
        "because": f"{rows} * {columns} = {rows * columns} windows hold the cell, and fold adds up the copy of each.",
        "steps": [
            f"Row {r} lies in {rows} of the windows' rows, column {c} in {columns} of their columns: {rows} * "
            f"{columns} = {rows * columns} copies.",
            f"Added up: {rows * columns} * {value} = {answer}.",
        ],
        "proof": (
            f"{IMPORTS}x = torch.full((1, 1, {H}, {W}), {value}.0)\n"
            f"print(F.fold(F.unfold(x, {kH, kW}), {H, W}, {kH, kW})[0, 0, {r}, {c}].item())"
        ),
        "slips": gathered("number", answer, slips),
    }


_CELL = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "compute a cell of fold",
    "formula": "fold[r, q] = sum over taps (u, v) of columns[u * kW + v, (r - u) * W_out + q - v]",
    "hint": "Which taps may lie on this cell, and at which place is the window then? Each gives one entry of the "
    "columns; what does fold do with them?",
    "otherwise": "Find the entry for each tap that fits, and add them up with their signs.",
}


def _cell_slips(columns, cell, places, kernel):
    def found(cell):
        return [columns[row][column] for row, column in entries_of((0, *cell), kernel, places)]

    numbers, w, W = found(cell), places[1], places[1] + kernel[1] - 1
    wide = [(row, column // w * W + column % w) for row, column in entries_of((0, *cell), kernel, places)]
    inside = all(column < len(columns[0]) for _, column in wide)
    slips = [
        Slip(numbers[-1], ("M187",), "That is one of its entries. fold adds up what all windows hold for this cell."),
        Slip(numbers[0], ("M187",), "That is one of its entries. fold adds up what all windows hold for this cell."),
        Slip(round(sum(numbers) / len(numbers), 2), ("M106",), "You took the mean. fold adds up, and divides by "
             "nothing."),
        Slip(sum(found(cell[::-1])), ("M102",), f"That is the cell of row {cell[1]} and column {cell[0]}. An index is "
             "(row, column)."),
        Slip(sum(columns[row][column] for row, column in wide) if inside else sum(numbers), ("M86",), f"You counted "
             f"{W} columns for a row of places. A row has {W} - {kernel[1]} + 1 = {w}."),
    ]  # fmt: skip
    return sum(numbers), slips if inside else slips[:-1]


def fold_cell(rng):
    """One cell of fold, from columns that are printed."""

    def draw():
        kernel, places = rng.choice(((2, 3), (3, 2))), rng.choice(((2, 4), (4, 2)))
        H, W = (n + k - 1 for n, k in zip(places, kernel, strict=True))
        return whole_grid(rng, kernel, places), (rng.randrange(H), rng.randrange(W)), places, kernel

    def fair(case):
        _, (r, c), places, kernel = case
        H, W = (n + k - 1 for n, k in zip(places, kernel, strict=True))
        entries = entries_of((0, r, c), kernel, places)
        if r >= W or c >= H or r == c or H == W or not 2 <= len(entries) <= 4 or entries[0][1] < places[1]:
            return False  # in row 0 of the places it does not show how many a row has
        right, slips = _cell_slips(*case)
        return apart("number", right, slips)

    columns, (r, c), (h, w), (kH, kW) = case = drawn(draw, fair)
    (answer, slips), entries = _cell_slips(*case), entries_of((0, r, c), (kH, kW), (h, w))
    numbers = [columns[row][column] for row, column in entries]
    taps = [divmod(row, kW) for row, _ in entries]
    H, W = h + kH - 1, w + kW - 1
    return {
        **_CELL,
        "prompt": f"These are the columns of one channel. Which number stands in `F.fold(columns, {H, W}, {kH, kW})` "
        f"at row {r}, column {c}?",
        "answer": answer,
        "because": f"{len(entries)} entries belong to this cell, and fold adds them up: {total(numbers)} = {answer}.",
        "steps": [
            f"There are {H} - {kH} + 1 = {h} rows of {W} - {kW} + 1 = {w} places: column i * {w} + j is place (i, j).",
            f"Tap (u, v) lies on the cell at place ({r} - u, {c} - v). That is inside for the taps {listed(taps)}.",
            f"Their entries, as [row, column]: {', '.join(map(str, entries))}.",
            f"Added up: {total(numbers)} = {answer}.",
        ],
        "proof": (
            f"{IMPORTS}columns = torch.tensor([{columns}]).double()\n"
            f"print(F.fold(columns, {H, W}, {kH, kW})[0, 0, {r}, {c}].item())"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [block("output", columns, f"columns {len(columns)} x {len(columns[0])}")],
    }


def _back(kernel, stride, sides):
    """True when the windows lie side by side and cover everything, so that each cell is copied once."""
    return stride == kernel and not any(n % k for n, k in zip(sides, kernel, strict=True))


def myth_fold(rng):
    """Whether fold gives back what unfold was given."""
    kernel, holds = rng.choice(((2, 3), (3, 2), (2, 4), (4, 2), (3, 4), (4, 3))), rng.random() < 0.5

    def draw():
        stride = kernel if holds or rng.random() < 0.3 else rng.choice(((1, 2), (2, 1), (2, 3), (3, 2)))
        return stride, tuple(rng.sample(range(6, 17), 2))

    def fair(case):
        stride, sides = case
        h, w = places_of(sides, kernel, stride)
        return _back(kernel, stride, sides) == holds and h != w

    stride, (H, W) = drawn(draw, fair)
    line = (
        "The windows lie side by side and cover all cells: each is copied once and comes back once."
        if holds
        else f"Windows of {kernel[0]} x {kernel[1]} that begin {stride[0]} rows and {stride[1]} columns apart do not "
        "take each cell once: what several hold is added up, and what none holds comes back as 0."
    )
    line = line.replace("1 rows", "1 row").replace("1 columns", "1 column")
    return judged(
        holds,
        f"`x` has the shape {(1, 1, H, W)} and holds random numbers. `F.fold(F.unfold(x, {kernel}, stride={stride}), "
        f"{H, W}, {kernel}, stride={stride})` gives back the numbers of `x`.",
        "M87",
        line,
        objective="say when fold undoes unfold",
        formula="fold(unfold(x)) = x where every cell lies in one window",
        because=line,
        hint="In how many windows does a cell lie: one each, or more, or none?",
        steps=[
            f"The windows are {kernel[0]} x {kernel[1]} cells large, and begin {stride[0]} and {stride[1]} apart.",
            f"{H} rows divided by {stride[0]} leave {H % stride[0]}, {W} columns divided by {stride[1]} leave "
            f"{W % stride[1]}.",
        ],
        proof=(
            f"{IMPORTS}x = torch.randn(1, 1, {H}, {W}).double()\ncolumns = F.unfold(x, {kernel}, stride={stride})\n"
            f"print(torch.allclose(F.fold(columns, {H, W}, {kernel}, stride={stride}), x))"
        ),
    )


QUESTIONS = {"fold-count": fold_count, "fold-cell": fold_cell, "myth-fold": myth_fold}
