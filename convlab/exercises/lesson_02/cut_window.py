"""02.window, half written: which part of the input does the kernel cover?"""

from ..task import Case, Exercise, Slip, random_numbers


def window(input, kernel_size, place):
    """The part of a picture that the kernel covers at a place.

    Shape:
        input (H, W), kernel_size (kH, kW), place (i, j) -> (kH, kW)

    Example:
        >>> import torch
        >>> window(torch.arange(12).reshape(3, 4), (2, 3), (1, 0)).tolist()
        [[4, 5, 6], [8, 9, 10]]
    """
    (kH, kW), (i, j) = kernel_size, place
    return input[i : i + kH, j : j + kW]


def _cut(rows, columns):
    """A wrong window: the slices that two functions of (kernel size, place) give for rows and columns."""

    def wrong(input, kernel_size, place):
        (kH, kW), (i, j) = map(tuple, (kernel_size, place))
        first, stop = rows(kH, kW, i, j)
        left, right = columns(kH, kW, i, j)
        return input[int(first) : int(stop), int(left) : int(right)]

    return wrong


SLIPS = (
    Slip(
        ("M102",),
        "row and column exchanged",
        _cut(lambda kH, kW, i, j: (j, j + kH), lambda kH, kW, i, j: (i, i + kW)),
        "Your window begins at row j and column i. A place (i, j) is (row, column), and so is every index.",
    ),
    Slip(
        ("M101",),
        "one late",
        _cut(lambda kH, kW, i, j: (i + 1, i + 1 + kH), lambda kH, kW, i, j: (j + 1, j + 1 + kW)),
        "Your window begins one row and one column too late: rows and columns are counted from 0, so the window of "
        "place (i, j) begins at input[i, j].",
    ),
    Slip(
        ("M101",),
        "one early",
        _cut(lambda kH, kW, i, j: (i - 1, i - 1 + kH), lambda kH, kW, i, j: (j - 1, j - 1 + kW)),
        "Your window begins one row and one column too early: places are counted from 0 too, so the window of place "
        "(i, j) begins at input[i, j].",
    ),
    Slip(
        ("M107",),
        "windows side by side",
        _cut(lambda kH, kW, i, j: (i * kH, i * kH + kH), lambda kH, kW, i, j: (j * kW, j * kW + kW)),
        "Your windows lie side by side. The next window begins one cell further, so neighbouring windows overlap.",
    ),
    Slip(
        ("M104",),
        "centred",
        _cut(
            lambda kH, kW, i, j: (max(0, i - kH // 2), i - kH // 2 + kH),
            lambda kH, kW, i, j: (max(0, j - kW // 2), j - kW // 2 + kW),
        ),
        "Your window is centred on input cell (i, j). Place (i, j) has that cell at its top left corner.",
    ),
    Slip(
        (),
        "stop not moved",
        _cut(lambda kH, kW, i, j: (i, kH), lambda kH, kW, i, j: (j, kW)),
        "Your slices stop at kH and kW wherever they begin. A slice a:b stops before b: write i + kH and j + kW there.",
    ),
    Slip(
        (),
        "stop one short",
        _cut(lambda kH, kW, i, j: (i, i + kH - 1), lambda kH, kW, i, j: (j, j + kW - 1)),
        "Your window lacks its last row and column. The stop of a slice is left out already: i : i + kH has kH rows.",
    ),
    Slip(
        (),
        "rows sliced twice",
        lambda input, kernel_size, place: input[place[0] : place[0] + kernel_size[0]][
            place[1] : place[1] + kernel_size[1]
        ],
        "Two pairs of brackets slice the rows twice: the second pair sees the rows that the first has left. Put both "
        "slices in one pair, input[rows, columns].",
    ),
    Slip(
        (),
        "stop one too far",
        _cut(lambda kH, kW, i, j: (i, i + kH + 1), lambda kH, kW, i, j: (j, j + kW + 1)),
        "Your window has a row and a column too many. The stop of a slice is left out: i : i + kH has kH rows already.",
    ),
    Slip(
        (),
        "kernel sizes exchanged",
        _cut(lambda kH, kW, i, j: (i, i + kW), lambda kH, kW, i, j: (j, j + kH)),
        "Your window has kW rows and kH columns: kernel_size is (kH, kW), rows first.",
    ),
)


class Window(Exercise):
    """Two slices."""

    id, lesson, title = "02.window", "02", "The window of a place"
    level, minutes, revision = "easy", 4, 1
    prompt = """\
Write `window(input, kernel_size, place)`: the part of the input that the kernel covers at a place.

`input` is a tensor of shape (H, W), `kernel_size` is (kH, kW), `place` is (i, j), the row and the column of the \
output cell. Return a tensor of shape (kH, kW) whose top left number is input[i, j]."""
    stub = """\
def window(input, kernel_size, place):
    kH, kW = kernel_size
    i, j = place
    return ...          # input[two slices]
"""
    arguments = ("input", "kernel_size", "place")
    reference = staticmethod(window)
    slips = SLIPS
    returns = compared = "window"
    right = "Right: your function cuts out what the kernel covers."
    hints = (
        "input[a:b, c:d] has the rows a to b - 1 and the columns c to d - 1. At which row does the window begin?",
        "The window begins at row i and has kH rows, so its rows are i : i + kH.",
        "Rows i : i + kH, columns j : j + kW; both slices in one pair of brackets, the rows first.",
    )
    errors = (
        (
            "TypeError: 'ellipsis' object is not subscriptable",
            "The three dots are still there.",
            "Put input[..., ...] with your two slices in their place.",
        ),
        (
            "TypeError: slice indices must be integers or None or have an __index__ method",
            "A slice was given a pair, such as place or kernel_size, in place of one number.",
            "Use i, j, kH and kW, one number each.",
        ),
        (
            "IndexError: too many indices for tensor of dimension 2",
            "The input of this exercise has two axes, (H, W).",
            "Give two slices: rows, then columns.",
        ),
    )

    def cases(self, seed):
        """Six windows, from one cell to 4 x 3, at places whose row and column differ."""
        rng = random_numbers(seed, self.id)
        sizes = [(3, 4, 1, 2, 1, 2), (4, 5, 2, 3, 2, 1), (6, 5, 3, 2, 1, 3), (5, 8, 2, 3, 1, 2), (7, 9, 3, 4, 2, 1)]
        cases = []
        for H, W, kH, kW, i, j in sizes:
            input = rng.permutation(H * W).reshape(H, W).astype(float)
            label = f"an input of {H} x {W}, a kernel of {kH} x {kW} and place ({i}, {j})"
            arguments = {"input": input, "kernel_size": (kH, kW), "place": (i, j)}
            cases.append(Case(arguments, {"input": ("input", input)}, label))
        return cases

    def expected(self, case):
        return window(**case.arguments)

    def why_shape(self, case):
        return ", the size of the kernel"
