"""00.first: at how many places can a window stand? The first check: a function that returns a tuple."""

import numpy as np

from ..task import Case, Exercise, Slip, random_numbers


def places(H, W, kH, kW):
    """The rows and the columns of places of a window of kH x kW on H x W pixels; all are whole numbers.

    Example:
        >>> places(5, 9, kH=2, kW=4)
        (4, 6)
    """
    return H - kH + 1, W - kW + 1


SLIPS = (
    Slip(
        (),
        "rows alone",
        lambda H, W, kH, kW: H - kH + 1,
        "You return one number. Two are asked for, the rows of places and the columns of places: return both, with a "
        "comma between them.",
        (lambda H, W, kH, kW: W - kW + 1,),
    ),
    Slip(
        (),
        "the product in place of both",
        lambda H, W, kH, kW: (H - kH + 1) * (W - kW + 1),
        "You return rows times columns, how many places there are in all. That number is right; the task asks for the "
        "two it is made of: return both, with a comma between them.",
    ),
    Slip(
        ("M124",),
        "the sum in place of both",
        lambda H, W, kH, kW: (H - kH + 1) + (W - kW + 1),
        "You add rows and columns of places. Two numbers are asked for: put a comma in place of the plus. (How many "
        "places there are in all is their product.)",
    ),
    Slip(
        (),
        "a list",
        lambda H, W, kH, kW: [H - kH + 1, W - kW + 1],
        "Both numbers are right, but they do not come as a tuple, which is what shapes are, in PyTorch too. The comma "
        "between them makes it: `return rows, columns`. Square brackets make a list.",
    ),
    Slip(
        ("M102",),
        "columns first",
        lambda H, W, kH, kW: (W - kW + 1, H - kH + 1),
        "Your two numbers are right, and in the wrong order. Rows come first, then columns, as in (height, width).",
    ),
    Slip(
        ("M21",),
        "width of the window for its height",
        lambda H, W, kH, kW: (H - kW + 1, W - kH + 1),
        "You take the window's width off the height. kH is its height and goes with H, kW its width and goes with W.",
    ),
    Slip(
        ("M01",),
        "a place for every pixel",
        lambda H, W, kH, kW: (H, W),
        "You count a place for every pixel. The window must not stick out, so its first row can go no further down "
        "than H - kH.",
    ),
    Slip(
        ("M02",),
        "one place too few",
        lambda H, W, kH, kW: (H - kH, W - kW),
        "One row and one column of places are missing. The window's first row can lie on rows 0 to H - kH, and that is "
        "one row more than H - kH.",
        (lambda H, W, kH, kW: (len(range(H - kH)), len(range(W - kW))),),
    ),
    Slip(
        ("M118",),
        "larger than the photograph",
        lambda H, W, kH, kW: (H + kH - 1, W + kW - 1),
        "You find more places than there are pixels. A window that has to fit inside loses places: subtract its size.",
    ),
    Slip(
        ("M107",),
        "windows side by side",
        lambda H, W, kH, kW: (H // kH, W // kW),
        "You lay the windows side by side. Here the window moves on by one pixel each time, so neighbours overlap.",
    ),
    Slip(
        (),
        "two places too few",
        lambda H, W, kH, kW: (H - kH - 1, W - kW - 1),
        "Two rows and two columns of places are missing: the 1 is added, not subtracted. A window as large as the "
        "photograph stands at 1 place, and H - kH is 0 then.",
    ),
    Slip(
        (),
        "the window's own size",
        lambda H, W, kH, kW: (kH, kW),
        "You return the size of the window. The task asks how many places it has on the photograph.",
    ),
)


class Places(Exercise):
    """A first check: two numbers, as a tuple."""

    id, lesson, title = "00.first", "00", "At how many places?"
    level, minutes, revision = "easy", 3, 1
    prompt = """\
Write `places(H, W, kH, kW)`: a photograph has `H` rows and `W` columns of pixels, a window `kH` rows and `kW` \
columns. The window moves on by one pixel each time and must not stick out. Return a tuple of two whole numbers: how \
many rows of places there are, and how many columns.

You may count on it that the window fits. For example:

""" + "\n".join(
        f"    places({', '.join(map(str, numbers))})  ->  {places(*numbers)}"
        for numbers in ((4, 6, 2, 3), (5, 9, 5, 2))
    )
    stub = """\
def places(H, W, kH, kW):
    ...
"""
    arguments = ("H", "W", "kH", "kW")
    reference = staticmethod(places)
    slips = SLIPS
    form, returns, compared = "tuple", "rows, columns", "places"
    right = "Right: nn.Conv2d gives so many rows and columns of answers."
    hints = (
        "Take one direction first: a window 2 high on 4 rows. On which rows can its first row lie?",
        "Its first row can lie on row 0, on row 1 and so on, up to row H - kH: there it touches the last row. How many "
        "rows are that, with row 0?",
        "There are H - kH + 1 rows of places, and columns in the same way. `return rows, columns` makes a tuple.",
    )
    errors = (
        (
            "NameError: name 'rows' is not defined",
            "A name is used that nothing was given to.",
            "Write rows = ... on a line before, or return the sum itself.",
        ),
        (
            "TypeError: 'int' object is not callable",
            "A number stands directly before a bracket, as in (H - kH + 1)(W - kW + 1): Python takes that for a call.",
            "Put a comma between the two, for a tuple.",
        ),
        (
            "TypeError: places() missing 1 required positional argument: 'kW'",
            "The function was called by hand with three numbers, and it takes four.",
            "Call it as places(4, 6, 2, 3): height, width, and the same of the window.",
        ),
        (
            "IndentationError: expected an indented block after function definition on line 1",
            "The lines of the function are not moved in.",
            "Begin each of them with four blanks, as the dots are.",
        ),
    )

    def cases(self, seed):
        """Seven photographs and windows, nothing square; the first is the example, the last two are large."""
        rng = random_numbers(seed, self.id)
        drawn = [_drawn(rng, (5, 8), (8, 11), window) for window in ((3, 2), (2, 5), (3, 4), (5, 3))]
        large = [_drawn(rng, (120, 200), (200, 300), window) for window in ((3, 5), (7, 3))]
        return [_case((4, 6, 2, 3), example=True), *map(_case, drawn), *map(_case, large)]

    def expected(self, case):
        return np.array(places(**case.arguments), dtype=float)

    def derive(self, case, place):
        size, window = (("H", "kH"), ("W", "kW"))[place[0]]
        return f" = {case.arguments[size]} - {case.arguments[window]} + 1"


def _drawn(rng, heights, widths, window):
    """A size from these ranges on which the window has more places in a row than in a column, or fewer."""
    while True:
        H, W = int(rng.integers(*heights)), int(rng.integers(*widths))
        if H - window[0] != W - window[1]:
            return H, W, *window


def _case(numbers, example=False):
    """A case; where the photograph is small its picture shows where the window's first pixel can lie."""
    H, W, kH, kW = numbers
    case = Case(dict(zip(("H", "W", "kH", "kW"), numbers, strict=True)), {}, f"places{numbers}", example)
    if H * W <= 90:
        starts = np.zeros((H, W))
        starts[: H - kH + 1, : W - kW + 1] = 1
        title = f"{H} x {W} pixels; 1 where the first pixel of a {kH} x {kW} window can lie"
        case.shown[title] = ("input", starts)
    return case
