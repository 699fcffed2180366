"""05.same_padding: how many zeros before and after an axis keep its length, with dilation?"""

from types import MappingProxyType

import numpy as np

from ..task import Case, Exercise, Slip, random_numbers


def same_padding(kernel_size, dilation=1):
    """The zeros before and after an axis that keep its length at stride 1, two whole numbers.

    Example:
        >>> same_padding(3, dilation=2), same_padding(4)
        ((2, 2), (1, 2))
    """
    total = dilation * (kernel_size - 1)
    return total // 2, total - total // 2


def _halved(total):
    """A slip's total shared out as the right program does."""
    return total // 2, total - total // 2


SLIPS = (
    Slip(
        ("M15",),
        "ignores the dilation",
        lambda kernel_size, dilation=1: _halved(kernel_size - 1),
        "Your padding does not depend on the dilation. The taps are `dilation` cells apart, so the window takes "
        "dilation * (kernel_size - 1) cells away, and as many zeros bring them back.",
        (
            lambda kernel_size, dilation=1: ((kernel_size - 1) // 2, (kernel_size - 1) // 2),
            lambda kernel_size, dilation=1: (kernel_size // 2, kernel_size // 2),
        ),
    ),
    Slip(
        ("M156",),
        "as much as the dilation",
        lambda kernel_size, dilation=1: (dilation, dilation),
        "You put `dilation` zeros on each side. That is right for a kernel of 3 alone: a longer one has more gaps, and "
        "loses dilation * (kernel_size - 1) cells.",
    ),
    Slip(
        ("M12",),
        "one gap too many",
        lambda kernel_size, dilation=1: _halved((dilation + 1) * (kernel_size - 1)),
        "You take dilation + 1 for the step from tap to tap. dilation=1 means that the taps are neighbours: the step "
        "is `dilation` itself.",
    ),
    Slip(
        ("M13",),
        "k times d",
        lambda kernel_size, dilation=1: _halved(dilation * kernel_size - 1),
        "You take dilation * kernel_size for the reach of the kernel. There are kernel_size - 1 steps between its "
        "taps, so it reaches over dilation * (kernel_size - 1) + 1 cells.",
        (lambda kernel_size, dilation=1: _halved(dilation * kernel_size),),
    ),
    Slip(
        ("M03",),
        "all of it on each side",
        lambda kernel_size, dilation=1: (dilation * (kernel_size - 1), dilation * (kernel_size - 1)),
        "You put all that is lost on each side, twice what is needed. Share it out: half before, the rest after.",
    ),
    Slip(
        ("M149",),
        "an extent, not a loss",
        lambda kernel_size, dilation=1: _halved(dilation * (kernel_size - 1) + 1),
        "You share out the extent of the kernel. The axis loses one cell less than that: with extent 1 it loses "
        "nothing.",
    ),
    Slip(
        ("M16",),
        "halves alike",
        lambda kernel_size, dilation=1: (dilation * (kernel_size - 1) // 2,) * 2,
        "You put as many zeros before as after, rounded down. Where the loss is odd one is missing then, and the "
        "output is one shorter: the odd zero goes after.",
        (lambda kernel_size, dilation=1: (dilation * (kernel_size // 2),) * 2,),
    ),
    Slip(
        (),
        "the odd one before",
        lambda kernel_size, dilation=1: _halved(dilation * (kernel_size - 1))[::-1],
        "Your sums are right, and where the loss is odd you put the larger part before. PyTorch's padding='same' puts "
        "the odd zero after, at the bottom and on the right.",
    ),
    Slip(
        (),
        "fractions",
        lambda kernel_size, dilation=1: (dilation * (kernel_size - 1) / 2, dilation * (kernel_size - 1) / 2),
        "You divide without rounding. Zeros are counted: // rounds down for the side before, and what is left of the "
        "total goes after.",
    ),
    Slip(
        (),
        "the total alone",
        lambda kernel_size, dilation=1: dilation * (kernel_size - 1),
        "You return how many zeros are needed in all, and that number is right. Two are asked for, how many go before "
        "and how many after: return both, with a comma between them.",
    ),
)


class SamePadding(Exercise):
    """What padding="same" does, on one axis."""

    id, lesson, title = "05.same_padding", "05", "The padding that keeps the size"
    level, minutes, revision = "easy", 5, 1
    prompt = """\
Write `same_padding(kernel_size, dilation=1)` for one axis, rows or columns: how many zeros have to be put before it, \
and how many after it, so that a window with these taps, moved by one cell each time, has as many places as the axis \
has cells? Return a tuple of two whole numbers, (before, after).

Share the zeros out evenly; where their number is odd, the odd one goes after, as with PyTorch's `padding="same"`. \
For example:

""" + "\n".join(
        f"    same_padding({', '.join(given)})  ->  {same_padding(*numbers)}"
        for given, numbers in ((("3",), (3,)), (("3", "dilation=2"), (3, 2)), (("4", "dilation=3"), (4, 3)))
    )
    stub = """\
def same_padding(kernel_size, dilation=1):
    ...
"""
    arguments, optional = ("kernel_size", "dilation"), {"dilation": 1}
    reference = staticmethod(same_padding)
    slips = SLIPS
    form, returns, compared = "tuple", "before, after", "zeros"
    meaning = MappingProxyType({"dilation": "which says how far it is from one tap to the next"})
    right = "Right: your function pads as PyTorch's padding='same' does."
    hints = (
        "Draw 3 taps with dilation 2 on a line of cells. From the first tap to the last, how many cells are covered, "
        "holes included? On an axis of 9 cells, how many places has that window?",
        "The kernel reaches over dilation * (kernel_size - 1) + 1 cells. A window of that length has so many places "
        "less than there are cells: dilation * (kernel_size - 1).",
        "total = dilation * (kernel_size - 1). Before goes total // 2, after goes what is left: total - total // 2.",
    )
    errors = (
        (
            "TypeError: 'int' object is not callable",
            "A number stands directly before a bracket, as in dilation(kernel_size - 1): Python takes that for a call.",
            "Write the * of the product: dilation * (kernel_size - 1).",
        ),
        (
            "NameError: name 'total' is not defined",
            "A name is used that nothing was given to.",
            "Write total = ... on a line before.",
        ),
        (
            "NameError: name 'ceil' is not defined",
            "ceil belongs to the module math, which is not imported.",
            "You need none: what is left after total // 2 is total - total // 2.",
        ),
        (
            "TypeError: unsupported operand type(s) for -: 'tuple' and 'int'",
            "A pair such as (3, 5) came in where one number is meant.",
            "This function is for one axis: call it once for the rows and once for the columns.",
        ),
    )

    def cases(self, seed):
        """Twelve kernels and dilations: odd and even losses, a kernel of 1, without the dilation too."""
        rng = random_numbers(seed, self.id)
        fixed = [(3, None), (3, 2), (4, None), (5, 2), (4, 3), (2, 3), (1, 4), (7, 3), (6, 2)]
        drawn = [(int(rng.integers(5, 12)), int(rng.integers(2, 7))) for _ in range(3)]
        return [_case(*numbers) for numbers in (*fixed, *drawn)]

    def expected(self, case):
        return np.array(same_padding(**case.arguments), dtype=float)

    def derive(self, case, place):
        total = case.arguments.get("dilation", 1) * (case.arguments["kernel_size"] - 1)
        return f": {total} zeros in all, {total // 2} of them before"

    def restricted(self, case, names):
        kept = super().restricted(case, names).arguments
        return _case(kept["kernel_size"], kept.get("dilation"))


def _case(kernel_size, dilation):
    """A case; its picture shows the taps on the cells that they reach over."""
    given = {"kernel_size": kernel_size} | ({} if dilation is None else {"dilation": dilation})
    d = dilation or 1
    case = Case(given, {}, ", ".join(f"{name}={value}" for name, value in given.items()))
    if d * (kernel_size - 1) < 24:
        taps = np.zeros((1, d * (kernel_size - 1) + 1))
        taps[0, ::d] = 1
        case.shown[f"{kernel_size} taps, {d} apart"] = ("weight", taps)
    return case
