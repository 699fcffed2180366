"""04.out_size: how many places has the window along one axis? The floor formula, as a function."""

import math

import numpy as np

from ...shapes import output_length
from ..task import Case, Exercise, Refused, Slip, random_numbers


def out_size(size, kernel_size, stride=1, padding=0):
    """The number of places along one axis; all are whole numbers, and so is the result.

    Example:
        >>> out_size(7, kernel_size=3, stride=2, padding=1)
        4
    """
    return (size + 2 * padding - kernel_size) // stride + 1


def refuses_a_rest(size, kernel_size, stride=1, padding=0):
    """An error where the stride leaves a rest."""
    if (size + 2 * padding - kernel_size) % stride:
        raise Refused("the stride does not divide")
    return out_size(size, kernel_size, stride, padding)


SLIPS = (
    Slip(
        ("M03",),
        "padding on one side",
        lambda size, kernel_size, stride=1, padding=0: (size + padding - kernel_size) // stride + 1,
        "You count the padding once. It goes on both sides of the axis, so the axis grows by 2 * padding.",
    ),
    Slip(
        ("M04",),
        "padding doubled twice",
        lambda size, kernel_size, stride=1, padding=0: (size + 4 * padding - kernel_size) // stride + 1,
        "You count the padding four times. padding is what each side gets, so the axis grows by 2 * padding.",
    ),
    Slip(
        ("M05",),
        "forgets the + 1",
        lambda size, kernel_size, stride=1, padding=0: (size + 2 * padding - kernel_size) // stride,
        "You count the steps from window to window. There is one window more than steps: add 1 after dividing.",
    ),
    Slip(
        ("M06",),
        "rounds up",
        lambda size, kernel_size, stride=1, padding=0: math.ceil((size + 2 * padding - kernel_size) / stride) + 1,
        "You round up. PyTorch rounds down: cells at the end that do not fill another window are not read. // rounds "
        "down.",
    ),
    Slip(
        ("M07",),
        "refuses a rest",
        refuses_a_rest,
        "You refuse sizes that the stride does not divide. PyTorch takes them: it rounds down, and the last cells are "
        "not read.",
    ),
    Slip(
        ("M08",),
        "stride before kernel",
        lambda size, kernel_size, stride=1, padding=0: (size + 2 * padding) // stride - kernel_size + 1,
        "You divide the whole axis by the stride. First see how far the window can move, size + 2 * padding - "
        "kernel_size cells, and then divide that by the stride.",
        (
            lambda size, kernel_size, stride=1, padding=0: size // stride + 2 * padding - kernel_size + 1,
            lambda size, kernel_size, stride=1, padding=0: size // stride - kernel_size + 1,
        ),
    ),
    Slip(
        ("M09",),
        "divides the size exactly",
        lambda size, kernel_size, stride=1, padding=0: size // stride,
        "You divide the size by the stride and leave the kernel out. That is right only with the padding that goes "
        "with the kernel: start from size + 2 * padding - kernel_size.",
        (lambda size, kernel_size, stride=1, padding=0: (size + 2 * padding) // stride,),
    ),
    Slip(
        ("M10",),
        "size over stride, rounded up",
        lambda size, kernel_size, stride=1, padding=0: math.ceil(size / stride),
        "That is TensorFlow's rule for padding='same': size / stride, rounded up. In PyTorch kernel and padding "
        "decide: start from size + 2 * padding - kernel_size.",
    ),
    Slip(
        ("M19",),
        "ignores the stride",
        lambda size, kernel_size, stride=1, padding=0: size + 2 * padding - kernel_size + 1,
        "Your size does not depend on the stride. With stride s only every s-th place is kept: divide by the stride "
        "before adding 1.",
    ),
    Slip(
        ("M20",),
        "keeps the size",
        lambda size, kernel_size, stride=1, padding=0: size,
        "You give the size back as it is. Padding makes up for the kernel at best, and nothing makes up for the "
        "stride: count the places of the window.",
    ),
    Slip(
        (),
        "ignores the padding",
        lambda size, kernel_size, stride=1, padding=0: (size - kernel_size) // stride + 1,
        "You leave the padding out: it makes the axis longer by 2 * padding before the window is laid on it.",
    ),
    Slip(
        (),
        "subtracts the padding",
        lambda size, kernel_size, stride=1, padding=0: (size - 2 * padding - kernel_size) // stride + 1,
        "You subtract the padding. It is added around the input, so the axis gets longer: + 2 * padding.",
    ),
    Slip(
        (),
        "brackets missing",
        lambda size, kernel_size, stride=1, padding=0: size + 2 * padding - kernel_size // stride + 1,
        "Only a part is divided: // binds closer than + and -. Put the whole way of the window in brackets, (size + 2 "
        "* padding - kernel_size) // stride.",
        (
            lambda size, kernel_size, stride=1, padding=0: size - kernel_size + 2 * padding // stride + 1,
            lambda size, kernel_size, stride=1, padding=0: size + (2 * padding - kernel_size) // stride + 1,
        ),
    ),
    Slip(
        (),
        "adds 1 before dividing",
        lambda size, kernel_size, stride=1, padding=0: (size + 2 * padding - kernel_size + 1) // stride,
        "Your 1 is added before the division. Divide first, which counts the steps, and then add 1 for the first "
        "window.",
        (lambda size, kernel_size, stride=1, padding=0: (size + 2 * padding - (kernel_size - 1)) // stride,),
    ),
    Slip(
        (),
        "stops before the last place",
        lambda size, kernel_size, stride=1, padding=0: len(range(0, size + 2 * padding - kernel_size, stride)),
        "Where the last window ends exactly at the end of the axis, you do not count it. It still fits: its first cell "
        "is size + 2 * padding - kernel_size, so a range must end one later, or the < be a <=.",
    ),
    Slip(
        (),
        "rounds to the nearest",
        lambda size, kernel_size, stride=1, padding=0: round((size + 2 * padding - kernel_size) / stride) + 1,
        "You round to the nearest whole number. PyTorch always rounds down, however large the rest: // does that.",
        (lambda size, kernel_size, stride=1, padding=0: round((size + 2 * padding - kernel_size) / stride + 1),),
    ),
    Slip(
        (),
        "does not round",
        lambda size, kernel_size, stride=1, padding=0: (size + 2 * padding - kernel_size) / stride + 1,
        "You divide without rounding. A size counts places, and PyTorch rounds down: // in place of /.",
    ),
)


def _and_one_less(slip):
    """The slip of a learner who forgets the + 1 besides."""

    def both(size, kernel_size, stride=1, padding=0):
        return slip.function(size, kernel_size, stride, padding) - 1

    says = f"{slip.says} And after dividing add 1, for the first window."
    return Slip((*slip.mistakes, "M05"), f"{slip.name}, and forgets the + 1", both, says)


class OutSize(Exercise):
    """The floor formula."""

    id, lesson, title = "04.out_size", "04", "The size of the output"
    level, minutes, revision = "easy", 6, 1
    prompt = """\
Write `out_size(size, kernel_size, stride=1, padding=0)`: how many places the window has along one axis, rows or \
columns. All four are whole numbers, and so is the result.

The axis has `size` cells, and `padding` zeros are added on each side. The window is `kernel_size` cells long; it \
starts at the first cell and moves on by `stride` cells as long as it still fits. You may count on it that it fits \
once. For example:

""" + "\n".join(
        f"    out_size({', '.join(map(str, numbers[:2]))}{more})  ->  {out_size(*numbers)}"
        for numbers, more in (((6, 3, 1, 0), ""), ((8, 3, 2, 0), ", stride=2"), ((7, 3, 2, 1), ", stride=2, padding=1"))
    )
    stub = """\
def out_size(size, kernel_size, stride=1, padding=0):
    ...
"""
    arguments, optional = ("size", "kernel_size", "stride", "padding"), {"stride": 1, "padding": 0}
    reference = staticmethod(out_size)
    slips = (*SLIPS, *(_and_one_less(slip) for slip in SLIPS if slip.mistakes in (("M03",), ("M04",))))
    form, returns, compared = "whole number", "size", "size"
    right = "Right: your function gives the size that nn.Conv2d gives."
    hints = (
        "Draw an axis of 7 cells and a window of 3. How many cells can the window move before it reaches the end? And "
        "with one zero on each side?",
        "The padded axis has size + 2 * padding cells, so the window can move size + 2 * padding - kernel_size cells. "
        "With steps of `stride` cells that makes so many whole steps: divide, and round down, with //.",
        "The window stands once before its first step, so there is one place more than steps: "
        "(...) // stride + 1, with the way of the window in the brackets.",
    )
    errors = (
        (
            "TypeError: unsupported operand type(s) for //: 'int' and 'tuple'",
            "A pair such as (2, 1) came in where one number is meant.",
            "This function is for one axis: call it once for the rows and once for the columns.",
        ),
        (
            "TypeError: 'int' object is not callable",
            "A number stands directly before a bracket, as in 2(size - 1): Python takes that for a call.",
            "Write the * of every product, 2 * padding.",
        ),
        (
            "NameError: name 'floor' is not defined",
            "floor belongs to the module math, which is not imported.",
            "You need none: // divides and rounds down.",
        ),
        (
            "TypeError: 'float' object cannot be interpreted as an integer",
            "The size came out as a fraction, such as 4.0, and torch.zeros and range take whole numbers only.",
            "Divide with // in place of /.",
        ),
        (
            "ZeroDivisionError: integer division or modulo by zero",
            "The stride is 0, or another number stands under the division bar.",
            "Divide by stride, whose default is 1.",
        ),
    )

    def cases(self, seed):
        """Eleven axes, from 5 cells to 224: strides that divide and that leave a rest, with padding and without."""
        rng = random_numbers(seed, self.id)
        numbers = [
            {"size": int(rng.integers(5, 8)), "kernel_size": 3},
            _drawn(rng, (7, 11), (2, 5), (2, 4), (0, 1), rest=True),
            _drawn(rng, (8, 12), (2, 5), (2, 4), (0, 1), rest=False),
            {"size": int(rng.integers(6, 10)), "kernel_size": 5, "stride": 1, "padding": int(rng.integers(1, 4))},
            _drawn(rng, (7, 12), (3, 6), (2, 4), (1, 3), rest=True),
            _drawn(rng, (7, 12), (3, 6), (2, 4), (1, 3), rest=False),
            {"size": 15, "kernel_size": 4, "stride": 4, "padding": 1},
            {"size": 16, "kernel_size": 3, "stride": 4, "padding": 1},
            {"size": 28, "kernel_size": 3, "stride": 2, "padding": 3},
            _drawn(rng, (30, 60), (5, 8), (3, 6), (1, 4), rest=True),
            {"size": 224, "kernel_size": 7, "stride": 2, "padding": 3},
        ]
        return [_case(arguments) for arguments in numbers]

    def expected(self, case):
        size, k, s, p = _numbers(case)
        return np.array(float(output_length(size, k, s, (p, p))))

    def derive(self, case, place):
        size, k, s, p = _numbers(case)
        way, stride = size + 2 * p - k, f"/{s} rounded down" if (size + 2 * p - k) % s else f"/{s}"
        return f" = ({size} + 2*{p} - {k})/{s} + 1: {way}{stride} is {way // s}, and one more"

    def restricted(self, case, names):
        return _case(super().restricted(case, names).arguments)


def _numbers(case):
    given = case.arguments
    return given["size"], given["kernel_size"], given.get("stride", 1), given.get("padding", 0)


def _drawn(rng, sizes, kernels, strides, paddings, rest):
    """Arguments from these ranges; the stride leaves a rest, or none."""
    while True:
        size, k, s, p = (int(rng.integers(*between)) for between in (sizes, kernels, strides, paddings))
        if bool((size + 2 * p - k) % s) == rest and size + 2 * p - k >= s:
            return {"size": size, "kernel_size": k, "stride": s} | ({"padding": p} if p else {})


def _case(arguments):
    """A case, with the axis and its windows as a picture where they are few."""
    case = Case(arguments, {}, ", ".join(f"{name}={value}" for name, value in arguments.items()))
    size, k, s, p = _numbers(case)
    count = out_size(size, k, s, p)
    if size + 2 * p <= 16:
        windows = np.zeros((count, size + 2 * p))
        for place in range(count):
            windows[place, place * s : place * s + k] = 1
        axis = np.pad(np.arange(1.0, size + 1), p)[None]
        title = f"the axis, {size} cells" + (f", with {p} zero{'s' * (p > 1)} on each side" if p else "")
        case.shown.update({title: ("input", axis), "the windows, a row each": ("weight", windows)})
    return case
