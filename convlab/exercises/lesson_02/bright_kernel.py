"""02.kernel: a kernel designed for an effect, with its sign."""

import numpy as np

from ..conv_by_hand import correlate, side_by_side
from ..sentences import number
from ..task import Case, Exercise, Slip, random_numbers

STEPS = np.array([[5, 5, 9, 9, 4, 4], [5, 5, 9, 9, 4, 4], [1, 1, 1, 3, 3, 3], [1, 1, 1, 3, 3, 3]], dtype=float)


def brighter_than_left():
    """A 3 x 3 kernel: how much brighter a cell is than the cell to its left.

    Example:
        >>> brighter_than_left().tolist()
        [[0.0, 0.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    import torch

    weight = torch.zeros(3, 3, dtype=torch.float64)
    weight[1, 0] = -1.0  # the left neighbour is subtracted
    weight[1, 1] = 1.0  # from the cell in the middle
    return weight


def _kernel_of(*rows):
    """A function without arguments that returns this kernel, as the learner's function does."""

    def brighter_than_left():
        return np.array(rows, dtype=float)

    return brighter_than_left


SLIPS = (
    Slip(
        ("M61",),
        "flipped",
        _kernel_of((0, 0, 0), (0, 1, -1), (0, 0, 0)),
        "Your kernel is the right one turned by 180 degrees, as if Conv2d would flip it. It does not: the kernel lies "
        "on the window as it is written, and what is left in the kernel meets what is left in the picture.",
    ),
    Slip(
        ("M63",),
        "transposed",
        _kernel_of((0, -1, 0), (0, 1, 0), (0, 0, 0)),
        "Your kernel subtracts the cell above, not the cell to the left: rows and columns are exchanged. Opposite "
        "signs side by side compare left with right; one above the other they compare top with bottom.",
    ),
    Slip(
        ("M62",),
        "flipped and transposed",
        _kernel_of((0, 0, 0), (0, 1, 0), (0, -1, 0)),
        "Your kernel subtracts the cell below, not the cell to the left: transposed and turned round. The left "
        "neighbour lies in the same row, one column earlier.",
    ),
    Slip(
        ("M105",),
        "without the minus",
        _kernel_of((0, 0, 0), (1, 1, 0), (0, 0, 0)),
        "Your kernel adds the left neighbour where it is to be subtracted: its weight needs a minus.",
    ),
    Slip(
        ("M101",),
        "one place late",
        _kernel_of((0, 0, 0), (0, -1, 1), (0, 0, 0)),
        "Your kernel lies too far to the right, or to the lower right: its weights compare other cells. Rows and "
        "columns are counted from 0, so the middle is weight[1, 1] and its left neighbour weight[1, 0].",
        (_kernel_of((0, 0, 0), (0, 0, 0), (0, -1, 1)),),
    ),
    Slip(
        (),
        "sign turned round",
        _kernel_of((0, 0, 0), (1, -1, 0), (0, 0, 0)),
        "Your signs are turned round: the output is negative where the picture gets brighter. The cell itself counts "
        "+1, and the left neighbour, which is subtracted, -1.",
    ),
    Slip(
        (),
        "two columns apart",
        _kernel_of((0, 0, 0), (-1, 0, 1), (0, 0, 0)),
        "Your kernel compares the right neighbour with the left one and skips the cell itself: it is the middle cell, "
        "weight[1, 1], from which the left neighbour is subtracted.",
    ),
    Slip(
        (),
        "all three rows",
        _kernel_of((-1, 1, 0), (-1, 1, 0), (-1, 1, 0)),
        "Your kernel adds up the differences of three rows. Only the middle row counts here; the other weights are 0.",
    ),
    Slip(
        (),
        "three rows, two columns apart",
        _kernel_of((-1, 0, 1), (-1, 0, 1), (-1, 0, 1)),
        "Your kernel compares whole columns to the right and to the left of the cell. Here one cell is compared with "
        "one neighbour: only weight[1, 1] and weight[1, 0] are not 0.",
    ),
    Slip(
        (),
        "three rows, turned round",
        _kernel_of((1, 0, -1), (1, 0, -1), (1, 0, -1)),
        "Your kernel compares whole columns, and left minus right at that. Here one cell is compared with the one to "
        "its left: only weight[1, 1] and weight[1, 0] are not 0, and the cell itself counts +1.",
    ),
    Slip(
        (),
        "Sobel",
        _kernel_of((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
        "This is the Sobel kernel, a smoothed relative of what is asked: it compares columns on both sides of the "
        "cell. Here only weight[1, 1] and weight[1, 0] are not 0.",
    ),
    Slip(
        (),
        "the cell alone",
        _kernel_of((0, 0, 0), (0, 1, 0), (0, 0, 0)),
        "Your kernel gives the cell itself and subtracts nothing: the left neighbour needs the weight -1.",
    ),
)


class BrighterThanLeft(Exercise):
    """A kernel designed for an effect, with its sign."""

    id, lesson, title = "02.kernel", "02", "Brighter than its left neighbour"
    level, minutes, revision = "medium", 8, 1
    prompt = (
        """\
Design a kernel. Write `brighter_than_left()`, which returns a weight of shape (3, 3) such that conv2d gives, for \
the cell in the middle of the window:

    output = the cell  minus  the cell directly to its left

So the output is positive where the picture gets brighter from left to right, negative where it gets darker, and 0 \
where nothing changes from left to right. Every other cell of the window counts for nothing. For example:

"""
        + side_by_side(input=STEPS, output=STEPS[1:-1, 1:-1] - STEPS[1:-1, :-2])
        + """

Return it as a tensor (or a NumPy array) of floating-point numbers."""
    )
    stub = """\
def brighter_than_left():
    ...
"""
    reference = staticmethod(brighter_than_left)
    slips = SLIPS
    returns = "weight"
    right = "Right: conv2d with your kernel gives the cell minus its left neighbour."
    hints = (
        "conv2d lays the kernel on the window as it is written. Which cell of the window does weight[1, 1] lie on, "
        "and which weight lies on the cell to the left of that one?",
        "Only two weights are not 0. The cell counts as it is, so its weight is +1; what is subtracted has -1.",
        "weight[row, column]: the middle is weight[1, 1], one column to the left is weight[1, 0]. Start from "
        "torch.zeros(3, 3) and set these two.",
    )
    errors = (
        (
            "ValueError: expected sequence of length 3 at dim 1 (got 2)",
            "The rows of the kernel have different lengths.",
            "Give each of the three rows three numbers.",
        ),
        (
            "IndexError: index 3 is out of bounds for dimension 1 with size 3",
            "Rows and columns are counted from 0: a 3 x 3 kernel has 0, 1 and 2.",
            "The middle is weight[1, 1].",
        ),
        (
            "IndexError: index 3 is out of bounds for axis 1 with size 3",
            "NumPy's words for a row or column that is not there: they are counted from 0.",
            "The middle is weight[1, 1].",
        ),
        (
            "TypeError: list indices must be integers or slices, not tuple",
            "The kernel is a list of lists, which weight[1, 0] cannot index.",
            "Make it a tensor, torch.zeros(3, 3).",
        ),
        (
            "TypeError: Cannot interpret '3' as a data type",
            "np.zeros takes the shape as one argument.",
            "Write np.zeros((3, 3)), with two pairs of brackets; torch.zeros(3, 3) needs one.",
        ),
        (
            "RuntimeError: expected scalar type Double but found Float",
            "The kernel was multiplied by a tensor of another dtype.",
            "Only the kernel is asked for; return it as it is.",
        ),
    )

    def cases(self, seed):
        """Five pictures: two steps, one the other way round, and two that are random."""
        rng = random_numbers(seed, self.id)
        low, high = int(rng.integers(0, 4)), int(rng.integers(6, 10))
        rising = np.full((3, 5), float(low))
        rising[:, 3:] = high
        below = np.full((5, 4), float(low))
        below[3:] = high
        pictures = {
            "a picture that gets brighter from left to right": rising,
            "a picture that gets brighter from top to bottom": below,
            "a picture that gets darker from left to right": rising[:, ::-1].copy(),
        }
        cases = [Case({}, {"input": ("input", picture)}, label) for label, picture in pictures.items()]
        for H, W in ((4, 5), (6, 7)):
            picture = rng.permutation(H * W).reshape(H, W).astype(float)
            cases.append(Case({}, {"input": ("input", picture)}, f"a picture of {H} x {W} random numbers"))
        return cases

    def result_shape(self, case):
        return 3, 3

    def expected(self, case):
        picture = case.shown["input"][1]
        return picture[1:-1, 1:-1] - picture[1:-1, :-2]

    def value(self, case, result):
        return correlate(case.shown["input"][1], result)

    def derive(self, case, place):
        (i, j), picture = place, case.shown["input"][1]
        return f" = {number(picture[i + 1, j + 1])} - {number(picture[i + 1, j])}"
