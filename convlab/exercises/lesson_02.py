"""The exercises of lesson 02: a convolution by loops, and a kernel with a meaning."""

import numpy as np

from ..engines import conv2d_windows
from .sentences import number
from .slips_02 import CONV2D_SLIPS, KERNEL_SLIPS
from .task import Case, Exercise, random_numbers


def conv2d(input, weight, bias=0.0):
    """The cross-correlation of a picture with a kernel, plus the bias.

    Shape:
        input (H, W), weight (kH, kW) -> (H - kH + 1, W - kW + 1)

    Example:
        >>> conv2d(np.array([[1.0, 2.0, 4.0]]), np.array([[-1.0, 1.0]]), bias=10.0).tolist()
        [[11.0, 12.0]]
    """
    import torch

    H, W = input.shape
    kH, kW = weight.shape
    H_out, W_out = H - kH + 1, W - kW + 1
    output = torch.zeros(H_out, W_out, dtype=torch.float64)
    for i in range(H_out):
        for j in range(W_out):
            window = input[i : i + kH, j : j + kW]
            output[i, j] = (window * weight).sum() + bias
    return output


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


def correlate(input, weight, bias=0.0):
    """What PyTorch's conv2d gives for one channel, by the course's own engine; (H, W) and (kH, kW) in.

    Example:
        >>> correlate(np.array([[1.0, 2.0, 4.0]]), np.array([[-1.0, 1.0]]))
        array([[1., 2.]])
    """
    return conv2d_windows(input[None], weight[None, None], np.array([float(bias)]))[0]


def _side_by_side(**arrays):
    """Arrays as one block of text, each under its name, so that no number of a task is typed by hand."""
    blocks = []
    for name, array in arrays.items():
        cells = [[number(value) for value in row] for row in np.atleast_2d(array)]
        wide = max(len(cell) for row in cells for cell in row)
        blocks.append([name, *(" ".join(cell.rjust(wide) for cell in row) for row in cells)])
    tall = max(map(len, blocks))
    blocks = [[line.ljust(max(map(len, block))) for line in block + [""] * (tall - len(block))] for block in blocks]
    return "\n".join("    " + "   ".join(line).rstrip() for line in zip(*blocks, strict=True))


EXAMPLE_INPUT = np.array([[2, 0, 1, 3, 1, 0], [1, 4, 0, 2, 5, 1], [0, 3, 2, 1, 0, 6], [5, 1, 0, 2, 4, 1]], dtype=float)
EXAMPLE_WEIGHT, EXAMPLE_BIAS = np.array([[1, 0, -2], [0, 3, 1]], dtype=float), 1.0
STEPS = np.array([[5, 5, 9, 9, 4, 4], [5, 5, 9, 9, 4, 4], [1, 1, 1, 3, 3, 3], [1, 1, 1, 3, 3, 3]], dtype=float)


class Conv2dByLoops(Exercise):
    """conv2d for one channel, stride 1, no padding."""

    id, lesson, title = "02.conv2d", "02", "conv2d by loops"
    level, minutes, revision = "medium", 12, 1
    prompt = """\
Write `conv2d(input, weight, bias=0.0)`: what nn.Conv2d computes, for one channel. The window moves on by one cell \
at a time (stride 1) and stays inside the input (no padding).

`input` is a tensor of shape (H, W), `weight` one of shape (kH, kW), both float64; `bias` is a number.
Return a tensor of shape (H - kH + 1, W - kW + 1) with

    output[i, j] = sum over u, v of input[i + u, j + v] * weight[u, v]  +  bias

Pictures are rarely square, and neither are the kernels here. A ready-made convolution (F.conv2d and its relatives) \
may not be called; loops, einsum, unfold or an FFT may. NumPy is fine too. For example:

""" + _side_by_side(
        input=EXAMPLE_INPUT,
        weight=EXAMPLE_WEIGHT,
        bias=EXAMPLE_BIAS,
        output=correlate(EXAMPLE_INPUT, EXAMPLE_WEIGHT, EXAMPLE_BIAS),
    )
    stub = """\
def conv2d(input, weight, bias=0.0):
    H, W = input.shape
    kH, kW = weight.shape
    ...
"""
    arguments, optional = ("input", "weight", "bias"), {"bias": 0.0}
    reference = staticmethod(conv2d)
    slips = CONV2D_SLIPS
    watched = True
    right = "Right: your function gives what PyTorch's conv2d gives."
    faster = "Sum a whole window at once, (window * weight).sum(), in place of number by number."
    hints = (
        "How many places are there? The last window ends where the picture ends: its first row is H - kH, and rows "
        "are counted from 0. So there are H - kH + 1 rows of output; create it first, with torch.zeros.",
        "Two loops run over the places: for i in range(H_out) and for j in range(W_out). The window of a place is "
        "input[i : i + kH, j : j + kW]; it has exactly the shape of the weight.",
        "One output cell is output[i, j] = (window * weight).sum() + bias. The bias is added once, to the finished "
        "sum, and `return output` stands after both loops, not inside them.",
    )
    errors = (
        (
            "IndexError: index 3 is out of bounds for dimension 0 with size 3",
            "A loop runs past the last row or column: an axis of size 3 has the places 0, 1 and 2.",
            "Let i run over range(H - kH + 1) and j over range(W - kW + 1), and index with the row first.",
        ),
        (
            "IndexError: index 4 is out of bounds for axis 0 with size 4",
            "NumPy's words for the same: a loop runs past the last row or column.",
            "Let i run over range(H - kH + 1) and j over range(W - kW + 1), and index with the row first.",
        ),
        (
            "RuntimeError: The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 1",
            "The window and the weight have different shapes: the window was cut off at the border, or kH and kW are "
            "exchanged.",
            "Cut the window as input[i : i + kH, j : j + kW], and stop i at H - kH and j at W - kW.",
        ),
        (
            "ValueError: operands could not be broadcast together with shapes (3,4) (2,3)",
            "NumPy's words for a window and a weight of different shapes.",
            "Cut the window as input[i : i + kH, j : j + kW], and stop i at H - kH and j at W - kW.",
        ),
        (
            "RuntimeError: expand(torch.DoubleTensor{[2, 3]}, size=[]): the number of sizes provided (0) must be "
            "greater or equal to the number of dimensions in the tensor (2)",
            "A whole grid of products is put into one output cell.",
            "Add the products up first: (window * weight).sum(). Python's own sum() adds only the rows.",
        ),
        (
            "ValueError: setting an array element with a sequence.",
            "NumPy's words for putting a whole grid of products into one output cell.",
            "Add the products up first: (window * weight).sum(). Python's own sum() adds only the rows.",
        ),
        (
            "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)",
            "@ is the matrix product; here each cell is multiplied by the weight that lies on it.",
            "Write window * weight, and then .sum().",
        ),
        (
            "TypeError: 'torch.Size' object cannot be interpreted as an integer",
            "input.shape holds two sizes, and range needs one.",
            "Take them apart first, H, W = input.shape, and loop over a number.",
        ),
        (
            "TypeError: 'builtin_function_or_method' object cannot be interpreted as an integer",
            "input.size is a method in PyTorch, not a number.",
            "Use H, W = input.shape.",
        ),
        (
            "TypeError: 'float' object cannot be interpreted as an integer",
            "range needs a whole number, and / always gives a fraction.",
            "No division is needed here: H_out = H - kH + 1. Where one is, // gives a whole number.",
        ),
        (
            "TypeError: only integer scalar arrays can be converted to a scalar index",
            "A whole array stands where one whole number is needed, in range(...) or as the index of a list.",
            "Loop over the numbers: for i in range(H_out).",
        ),
        (
            "TypeError: only integer tensors of a single element can be converted to an index",
            "A whole tensor stands where one whole number is needed, in range(...) or as the index of a list.",
            "Loop over the numbers: for i in range(H_out).",
        ),
        (
            "TypeError: unsupported operand type(s) for +: 'Tensor' and 'NoneType'",
            "Something to be added is None: a bias whose default is None, or a function that returns nothing.",
            "Give the bias the default 0.0.",
        ),
        (
            "TypeError: list indices must be integers or slices, not tuple",
            "output is a list of lists, which output[i, j] cannot index.",
            "Make it a tensor, torch.zeros(H_out, W_out).",
        ),
        (
            "ValueError: not enough values to unpack (expected 4, got 2)",
            "The input of this exercise has two axes, (H, W): no batch, no channels.",
            "Write H, W = input.shape.",
        ),
        (
            "RuntimeError: zeros: Dimension size must be non-negative.",
            "An output size came out negative: a kernel size was subtracted from the wrong axis, or twice.",
            "H goes with kH and W with kW: H - kH + 1 and W - kW + 1.",
        ),
        (
            "RuntimeError: a view of a leaf Variable that requires grad is being used in an in-place operation.",
            "The output was created with requires_grad=True, and its cells cannot be filled one by one.",
            "Create it with torch.zeros(H_out, W_out); nothing here needs a gradient.",
        ),
        (
            "IndexError: too many indices for tensor of dimension 2",
            "The tensor has two axes, and three or four indices were given.",
            "Write input[i + u, j + v]: one row, one column.",
        ),
        (
            "RuntimeError: Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [4, 6]",
            "F.conv2d wants axes for batch and channels. Here it is not to be called at all.",
            "Write the sums yourself, with two loops.",
        ),
    )

    def cases(self, seed):
        """Ten cases from 2 x 4 to 9 x 12, with whole numbers but for the last; the task's example among them."""
        rng = random_numbers(seed, self.id)
        sizes = [(2, 4, 1, 2), (4, 2, 2, 1), (2, 4, 2, 3), (5, 4, 2, 3), (4, 5, 4, 5), (3, 6, 1, 1), (6, 5, 3, 2)]
        sizes.append((int(rng.integers(6, 9)), int(rng.integers(9, 12)), 3, int(rng.integers(4, 6))))
        drawn = [_whole_case(rng, *size, with_bias=k % 3 != 1) for k, size in enumerate(sizes)]
        fractions = rng.standard_normal((9, 12)), rng.standard_normal((4, 3)), float(rng.standard_normal())
        return [*drawn[:3], _example(), *drawn[3:], _case(*fractions)]

    def expected(self, case):
        return correlate(**case.arguments)

    def why_shape(self, case):
        (H, W), (kH, kW) = case.arguments["input"].shape, case.arguments["weight"].shape
        return f": H - kH + 1 = {H} - {kH} + 1 = {H - kH + 1} and W - kW + 1 = {W} - {kW} + 1 = {W - kW + 1}"

    def derive(self, case, place):
        (i, j), weight = place, case.arguments["weight"]
        kH, kW = weight.shape
        if weight.size > 6 or (weight != weight.round()).any():
            return ""
        window = case.arguments["input"][i : i + kH, j : j + kW]
        terms = [f"{number(x)}*{_signed(w)}" for x, w in zip(window.flat, weight.flat, strict=True)]
        if "bias" in case.arguments:
            terms.append(_signed(case.arguments["bias"]))
        return f" = {' + '.join(terms)}"


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
        + _side_by_side(input=STEPS, output=STEPS[1:-1, 1:-1] - STEPS[1:-1, :-2])
        + """

Return it as a tensor (or a NumPy array) of floating-point numbers."""
    )
    stub = """\
def brighter_than_left():
    ...
"""
    reference = staticmethod(brighter_than_left)
    slips = KERNEL_SLIPS
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


def _whole_case(rng, H, W, kH, kW, with_bias):
    """A case of small whole numbers whose kernel looks different after every flip."""
    input = rng.integers(0, 10, (H, W)).astype(float)
    while True:
        weight = rng.choice([-4, -3, -2, -1, 1, 2, 3, 4], (kH, kW)).astype(float)
        flips = [weight[::-1]] * (kH > 1) + [weight[:, ::-1]] * (kW > 1) + [weight[::-1, ::-1]] * (kH * kW > 1)
        if not any((weight == flip).all() for flip in flips):
            break
    return _case(input, weight, float(rng.choice([-3, -2, -1, 1, 2, 3])) if with_bias else None)


def _case(input, weight, bias, example=False):
    arguments = {"input": input, "weight": weight}
    label = f"an input of {input.shape[0]} x {input.shape[1]} and a weight of {weight.shape[0]} x {weight.shape[1]}"
    if bias is None:
        label += " without a bias"
    else:
        arguments["bias"] = bias
        label += f" with bias {number(bias)}"
    return Case(arguments, {"input": ("input", input), "weight": ("weight", weight)}, label, example)


def _example():
    return _case(EXAMPLE_INPUT, EXAMPLE_WEIGHT, EXAMPLE_BIAS, example=True)


def _signed(value):
    return f"({number(value)})" if value < 0 else number(value)


EXERCISES = (Conv2dByLoops(), BrighterThanLeft())
