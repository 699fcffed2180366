"""04.conv2d: the loops of lesson 02, with stride and padding."""

from types import MappingProxyType

import numpy as np

from ..conv_by_hand import ConvByHand, conv_case, correlate, side_by_side, whole_bias, whole_numbers
from ..conv_errors import SUM_ERRORS, border_errors
from ..task import random_numbers
from ..wrong_sums import pair
from .wrong_strides import SLIPS


def conv2d(input, weight, bias=0.0, stride=1, padding=0):
    """The cross-correlation of a padded picture with a kernel that moves in steps, plus the bias.

    Args:
        stride, padding: a whole number, or a pair for rows and columns.

    Shape:
        input (H, W), weight (kH, kW) -> ((H + 2 * pH - kH) // sH + 1, (W + 2 * pW - kW) // sW + 1)

    Example:
        >>> import torch
        >>> conv2d(torch.ones(1, 4), torch.ones(1, 3), stride=2, padding=(0, 1)).tolist()
        [[2.0, 3.0]]
    """
    import torch

    sH, sW = (stride, stride) if isinstance(stride, int) else stride
    pH, pW = (padding, padding) if isinstance(padding, int) else padding
    H, W = input.shape
    kH, kW = weight.shape
    padded = torch.zeros(H + 2 * pH, W + 2 * pW, dtype=torch.float64)
    padded[pH : pH + H, pW : pW + W] = input
    H_out, W_out = (H + 2 * pH - kH) // sH + 1, (W + 2 * pW - kW) // sW + 1
    output = torch.zeros(H_out, W_out, dtype=torch.float64)
    for i in range(H_out):
        for j in range(W_out):
            window = padded[i * sH : i * sH + kH, j * sW : j * sW + kW]
            output[i, j] = (window * weight).sum() + bias
    return output


EXAMPLE_INPUT = np.array([[2, 0, 1, 3], [1, 4, 0, 2], [0, 3, 2, 1], [5, 1, 0, 2], [1, 2, 6, 0]], dtype=float)
EXAMPLE_WEIGHT, EXAMPLE_BIAS = np.array([[1, 0, -2], [0, 3, 1]], dtype=float), 1.0
EXAMPLE_STRIDE, EXAMPLE_PADDING = (2, 1), (0, 1)


class Conv2dWithStride(ConvByHand):
    """conv2d for one channel, with stride and padding."""

    id, lesson, title = "04.conv2d", "04", "conv2d with stride and padding"
    level, minutes, revision = "hard", 15, 1
    prompt = f"""\
Write `conv2d(input, weight, bias=0.0, stride=1, padding=0)`: what nn.Conv2d computes, for one channel.

`input` is a tensor of shape (H, W), `weight` one of shape (kH, kW), both float64; `bias` is a number. `stride` and \
`padding` are whole numbers, for both axes, or pairs: (sH, sW) and (pH, pW), rows first. With `padded` for the input \
with its zeros, pH rows above and below and pW columns left and right, return a tensor of shape

    (H + 2 * pH - kH) // sH + 1,  (W + 2 * pW - kW) // sW + 1

    output[i, j] = sum over u, v of padded[i * sH + u, j * sW + v] * weight[u, v]  +  bias

A ready-made convolution (F.conv2d and its relatives) may not be called; loops, einsum, unfold or an FFT may, and so \
may your pad2d. NumPy is fine too. For example, with stride {EXAMPLE_STRIDE} and padding {EXAMPLE_PADDING}:

""" + side_by_side(
        input=EXAMPLE_INPUT,
        weight=EXAMPLE_WEIGHT,
        bias=EXAMPLE_BIAS,
        output=correlate(EXAMPLE_INPUT, EXAMPLE_WEIGHT, EXAMPLE_BIAS, EXAMPLE_STRIDE, EXAMPLE_PADDING),
    )
    stub = """\
def conv2d(input, weight, bias=0.0, stride=1, padding=0):
    sH, sW = (stride, stride) if isinstance(stride, int) else stride
    pH, pW = (padding, padding) if isinstance(padding, int) else padding
    H, W = input.shape
    kH, kW = weight.shape
    ...
"""
    optional = MappingProxyType({"bias": 0.0, "stride": 1, "padding": 0})
    arguments = ("input", "weight", *optional)
    reference = staticmethod(conv2d)
    slips = SLIPS
    hints = (
        "Do it in two parts: first a larger picture of zeros with the input in its middle, then lesson 02's loops over "
        "that one. The size of the output is out_size of each axis.",
        "The loops run over the places, range(H_out) and range(W_out). The window of place (i, j) begins at row i * sH "
        "and column j * sW of the padded picture, and is kH by kW cells large.",
        "padded[pH : pH + H, pW : pW + W] = input;  window = padded[i * sH : i * sH + kH, j * sW : j * sW + kW];  "
        "output[i, j] = (window * weight).sum() + bias.",
    )
    errors = (
        *border_errors(
            "Let i run over range(H_out) and j over range(W_out), with H_out = (H + 2 * pH - kH) // sH + 1, and let "
            "the window begin at padded[i * sH, j * sW].",
            "Cut the window as padded[i * sH : i * sH + kH, j * sW : j * sW + kW], and let i run over range(H_out).",
        ),
        (
            "RuntimeError: The expanded size of the tensor (0) must match the existing size (3) at non-singleton "
            "dimension 0.  Target sizes: [0, 4].  Tensor sizes: [3, 4]",
            "The slice on the left has not the size of the picture. With padding 0 the slice p:-p is empty, because "
            "-0 is 0.",
            "Count from the front: padded[pH : pH + H, pW : pW + W] = input.",
        ),
        (
            "ValueError: could not broadcast input array from shape (3,4) into shape (0,4)",
            "NumPy's words for a slice that has not the size of the picture, such as p:-p with p = 0.",
            "Count from the front: padded[pH : pH + H, pW : pW + W] = input.",
        ),
        (
            "TypeError: unsupported operand type(s) for //: 'int' and 'tuple'",
            "stride is a pair here, and a number cannot be divided by a pair.",
            "Take it apart first, sH, sW = stride, and use sH for the rows and sW for the columns.",
        ),
        (
            "TypeError: unsupported operand type(s) for +: 'int' and 'tuple'",
            "padding is a pair here, and a pair cannot be added to a number.",
            "Take it apart first, pH, pW = padding, and use pH for the rows and pW for the columns.",
        ),
        (
            "TypeError: cannot unpack non-iterable int object",
            "stride or padding is one number here, and there is nothing to take apart.",
            "Make a pair of it first: (stride, stride) if isinstance(stride, int) else stride.",
        ),
        (
            "TypeError: 'int' object is not subscriptable",
            "stride[0] needs a pair, and stride is one number here.",
            "Make a pair of it first: (stride, stride) if isinstance(stride, int) else stride.",
        ),
        (
            "TypeError: pad(): argument 'pad' (position 2) must be tuple of ints, not int",
            "F.pad wants the number for each side.",
            "Write F.pad(input, (pW, pW, pH, pH)): left, right, top, bottom.",
        ),
        *SUM_ERRORS,
    )

    def cases(self, seed):
        """Thirteen cases from 3 x 4 to 9 x 12: stride and padding alone and together, whole numbers and pairs."""
        rng = random_numbers(seed, self.id)
        large = int(rng.integers(6, 9)), int(rng.integers(9, 13)), 3, 4
        drawn = [
            ((3, 4, 1, 2), {}),
            ((3, 6, 2, 3), {"stride": 2}),
            ((4, 3, 3, 2), {"stride": 1, "padding": 1}),
            ((5, 6, 1, 3), {"stride": (2, 3)}),
            ((4, 5, 2, 1), {"stride": 1, "padding": (0, 2)}),
            ((5, 4, 3, 2), {"stride": 2, "padding": 1}),
            ((4, 6, 3, 2), {"stride": (1, 2), "padding": (2, 1)}),
            ((7, 6, 2, 3), {"stride": (3, 2), "padding": (1, 0)}),
            ((6, 8, 3, 2), {"stride": (2, 3), "padding": (1, 3)}),
            ((8, 7, 2, 3), {"stride": (1, 4), "padding": (3, 1)}),
            (large, {"stride": (2, 3), "padding": (0, 1)}),
        ]
        cases = [
            conv_case(*whole_numbers(rng, *size), whole_bias(rng) if more else None, **more) for size, more in drawn
        ]
        example = {"stride": EXAMPLE_STRIDE, "padding": EXAMPLE_PADDING, "example": True}
        cases.insert(3, conv_case(EXAMPLE_INPUT, EXAMPLE_WEIGHT, EXAMPLE_BIAS, **example))
        fractions = rng.standard_normal((9, 12)), rng.standard_normal((4, 3)), float(rng.standard_normal())
        return [*cases, conv_case(*fractions, stride=(3, 2), padding=(1, 2))]

    def why_shape(self, case):
        sizes = zip(
            ("H + 2*pH - kH)//sH", "W + 2*pW - kW)//sW"),
            case.arguments["input"].shape,
            case.arguments["weight"].shape,
            pair(case.arguments.get("stride", 1)),
            pair(case.arguments.get("padding", 0)),
            strict=True,
        )
        said = [
            f"({letters} + 1 = ({n} + 2*{p} - {k})//{s} + 1 = {(n + 2 * p - k) // s + 1}"
            for letters, n, k, s, p in sizes
        ]
        return f": {' and '.join(said)}"
