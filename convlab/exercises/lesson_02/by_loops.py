"""02.conv2d: a convolution by loops, stride 1 and no padding."""

import numpy as np

from ..conv_by_hand import ConvByHand, conv_case, correlate, side_by_side, whole_bias, whole_numbers
from ..conv_errors import SUM_ERRORS, border_errors
from ..task import Slip, random_numbers
from ..wrong_places import ANY_PLACES, per_axis, programs, right_size
from ..wrong_sums import WRONG_SUMS, frame, only, right, with_forgotten_bias, with_output


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


EXAMPLE_INPUT = np.array([[2, 0, 1, 3, 1, 0], [1, 4, 0, 2, 5, 1], [0, 3, 2, 1, 0, 6], [5, 1, 0, 2, 4, 1]], dtype=float)
EXAMPLE_WEIGHT, EXAMPLE_BIAS = np.array([[1, 0, -2], [0, 3, 1]], dtype=float), 1.0


def _same_size(input, weight, bias=0.0):
    """An output of the input's size, zeros added around the input."""
    kH, kW = np.shape(weight)
    top, left = (kH - 1) // 2, (kW - 1) // 2
    return right(frame(input, ((top, kH - 1 - top), (left, kW - 1 - left))), weight, bias)


def _side_by_side(input, weight, bias=0.0):
    """The next window begins where the last one ended."""
    kH, kW = np.shape(weight)
    return right(input, weight, bias)[::kH, ::kW]


def _whole_picture(size, kernel_size, stride, padding):
    """A place for every cell of the input."""
    return size


SIZES = (
    Slip(
        ("M02",),
        "one row and column too few",
        with_output(lambda output: output[:-1, :-1]),
        "One row and one column are missing: the places are H - kH + 1, because the first and the last both count.",
        programs(right_size, made=per_axis(lambda size, k, s, p: size - k)),
    ),
    Slip(
        ("M02",),
        "stops one place early",
        only(slice(-1), slice(-1)),
        "The last row and the last column were never filled: the loops end one place early. range(n) already stops "
        "before n, so write range(H - kH + 1).",
    ),
    Slip(
        ("M01",),
        "keeps the size",
        _same_size,
        "Your output has the size of the input, as if zeros had been put around it. Without padding the window must "
        "fit inside, so the output is smaller.",
    ),
    Slip(
        ("M01",),
        "a place for every cell",
        programs(_whole_picture)[0],
        "Your output, or your loops, have a place for every cell of the input: at the lower and the right border the "
        "window no longer fits inside. There are only H - kH + 1 rows and W - kW + 1 columns of places.",
        (*programs(_whole_picture)[1:], *programs(_whole_picture, made=right_size)),
    ),
    Slip(
        ("M107",),
        "windows side by side",
        _side_by_side,
        "Your windows lie side by side. With stride 1 the next window begins one cell further, so they overlap.",
    ),
)
FORGETFUL = ("M61", "M62", "M02", "M01", "M101", "M102", "M106", "M107", "M64")
SLIPS = with_forgotten_bias((*WRONG_SUMS, *SIZES, *ANY_PLACES), FORGETFUL)


class Conv2dByLoops(ConvByHand):
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

""" + side_by_side(
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
    slips = SLIPS
    hints = (
        "How many places are there? The last window ends where the picture ends: its first row is H - kH, and rows "
        "are counted from 0. So there are H - kH + 1 rows of output; create it first, with torch.zeros.",
        "Two loops run over the places: for i in range(H_out) and for j in range(W_out). The window of a place is "
        "input[i : i + kH, j : j + kW]; it has exactly the shape of the weight.",
        "One output cell is output[i, j] = (window * weight).sum() + bias. The bias is added once, to the finished "
        "sum, and `return output` stands after both loops, not inside them.",
    )
    errors = (
        *border_errors(
            "Let i run over range(H - kH + 1) and j over range(W - kW + 1), and index with the row first.",
            "Cut the window as input[i : i + kH, j : j + kW], and stop i at H - kH and j at W - kW.",
        ),
        *SUM_ERRORS,
    )

    def cases(self, seed):
        """Ten cases from 2 x 4 to 9 x 12, with whole numbers but for the last; the task's example among them."""
        rng = random_numbers(seed, self.id)
        sizes = [(2, 4, 1, 2), (4, 2, 2, 1), (2, 4, 2, 3), (5, 4, 2, 3), (4, 5, 4, 5), (3, 6, 1, 1), (6, 5, 3, 2)]
        sizes.append((int(rng.integers(6, 9)), int(rng.integers(9, 12)), 3, int(rng.integers(4, 6))))
        drawn = []
        for number, size in enumerate(sizes):
            bias = whole_bias(rng) if number % 3 != 1 else None
            drawn.append(conv_case(*whole_numbers(rng, *size), bias))
        example = conv_case(EXAMPLE_INPUT, EXAMPLE_WEIGHT, EXAMPLE_BIAS, example=True)
        fractions = conv_case(rng.standard_normal((9, 12)), rng.standard_normal((4, 3)), float(rng.standard_normal()))
        return [*drawn[:3], example, *drawn[3:], fractions]

    def why_shape(self, case):
        (H, W), (kH, kW) = case.arguments["input"].shape, case.arguments["weight"].shape
        return f": H - kH + 1 = {H} - {kH} + 1 = {H - kH + 1} and W - kW + 1 = {W} - {kW} + 1 = {W - kW + 1}"
