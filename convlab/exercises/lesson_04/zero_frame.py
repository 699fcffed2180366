"""04.pad2d: zeros around a picture, the same number above as below, the same number left as right."""

import numpy as np

from ...engines import pad_input
from ..conv_by_hand import side_by_side
from ..task import Case, Exercise, Slip, random_numbers
from ..wrong_pairs import whole_numbers_only
from ..wrong_sums import frame, on_both_sides, pair


def pad2d(input, padding):
    """The input with a frame of zeros.

    Shape:
        input (H, W), padding p or (pH, pW) -> (H + 2 * pH, W + 2 * pW)

    Example:
        >>> import torch
        >>> pad2d(torch.ones(1, 2), (0, 1)).tolist()
        [[0.0, 1.0, 1.0, 0.0]]
    """
    import torch

    pH, pW = (padding, padding) if isinstance(padding, int) else padding
    H, W = input.shape
    padded = torch.zeros(H + 2 * pH, W + 2 * pW, dtype=torch.float64)
    padded[pH : pH + H, pW : pW + W] = input
    return padded


def _framed(pads):
    """A program that pads by pads(pH, pW), ((top, bottom), (left, right))."""

    def program(input, padding):
        return frame(input, pads(*pair(padding)))

    return program


def _border_cleared(input, padding):
    """Zeros in the place of the outer cells."""
    pH, pW = pair(padding)
    (H, W), cleared = np.shape(input), np.zeros(np.shape(input))
    cleared[pH : H - pH, pW : W - pW] = np.asarray(input)[pH : H - pH, pW : W - pW]
    return cleared


def _filled_with(mode, **more):
    def program(input, padding):
        return np.pad(np.asarray(input, dtype=float), on_both_sides(padding), mode, **more)

    return program


def _put(rows, columns):
    """A program that makes the right size and puts the picture into a slice; rows, columns of (size, pH, pW)."""

    def program(input, padding):
        pH, pW = pair(padding)
        H, W = input.shape
        padded = np.zeros((H + 2 * pH, W + 2 * pW))
        padded[slice(*rows(H, pH, pW)), slice(*columns(W, pH, pW))] = input
        return padded

    return program


def _placed_at_exchanged(input, padding):
    """Cell (i, j) at [i + pW, j + pH]."""
    pH, pW = pair(padding)
    H, W = input.shape
    padded = np.zeros((H + 2 * pH, W + 2 * pW))
    for i in range(H):
        for j in range(W):
            padded[i + pW, j + pH] = input[i, j]
    return padded


def _pairs_only(input, padding):
    """A program that takes the padding apart at once."""
    pH, pW = padding
    return frame(input, ((pH, pH), (pW, pW)))


SLIPS = (
    Slip(
        ("M03",),
        "zeros on one side",
        _framed(lambda pH, pW: ((pH, 0), (pW, 0))),
        "Only one end of each axis got zeros. padding is added on both: pH rows above and pH below, pW columns left "
        "and pW right.",
        (_framed(lambda pH, pW: ((0, pH), (0, pW))),),
    ),
    Slip(
        ("M04",),
        "padding as the total",
        _framed(lambda pH, pW: ((pH // 2, pH - pH // 2), (pW // 2, pW - pW // 2))),
        "You share the padding out between the two sides. In PyTorch it is what each side gets, so the picture grows "
        "by 2 * pH rows and 2 * pW columns.",
        (_framed(lambda pH, pW: ((pH // 2, pH // 2), (pW // 2, pW // 2))),),
    ),
    Slip(
        ("M04",),
        "padding doubled twice",
        _framed(lambda pH, pW: ((2 * pH, 2 * pH), (2 * pW, 2 * pW))),
        "Each side got twice the padding. pH rows go above and pH below: together that is 2 * pH already.",
    ),
    Slip(
        ("M22",),
        "F.pad's order",
        _framed(lambda pH, pW: ((pW, pW), (pH, pH))),
        "The padding of rows and columns is exchanged. Conv2d's padding is (pH, pW), rows first; F.pad begins with the "
        "last axis, (left, right, top, bottom), so there it is (pW, pW, pH, pH).",
    ),
    Slip(
        ("M22",),
        "the pair twice",
        _framed(lambda pH, pW: ((pH, pW), (pH, pW))),
        "The pair was taken as (before, after), as np.pad and F.pad read it. Conv2d's pair is (rows, columns): pH "
        "above and below, pW left and right; F.pad wants (pW, pW, pH, pH), np.pad ((pH, pH), (pW, pW)).",
    ),
    Slip(
        ("M22",),
        "F.pad with the pair alone",
        _framed(lambda pH, pW: ((0, 0), (pH, pW))),
        "F.pad takes a pair as (left, right) of the last axis, so no rows were added. Conv2d's padding (pH, pW) is "
        "F.pad's (pW, pW, pH, pH).",
        (_framed(lambda pH, pW: ((0, 0), (pW, pH))),),
    ),
    Slip(
        (),
        "-0 in a slice",
        _put(lambda H, pH, pW: (pH, -pH), lambda W, pH, pW: (pW, -pW)),
        "A padding of 0 breaks the slice p : -p, because -0 is 0 and p : 0 is empty. Count from the front: pH : pH + H "
        "and pW : pW + W.",
    ),
    Slip(
        ("M21",),
        "placed at (pW, pH)",
        _placed_at_exchanged,
        "The size is right, and the picture is put in at row pW and column pH: pH counts rows, so it begins at row pH "
        "and column pW.",
        (_put(lambda H, pH, pW: (pW, pW + H), lambda W, pH, pW: (pH, pH + W)),),
    ),
    Slip(
        (),
        "slice of the wrong length",
        _put(lambda H, pH, pW: (pH, H - pH), lambda W, pH, pW: (pW, W - pW)),
        "Your slice begins rightly and ends too early: the H rows that begin at row pH end before row pH + H, and the "
        "columns before pW + W.",
        (_put(lambda H, pH, pW: (pH, H), lambda W, pH, pW: (pW, W)),),
    ),
    Slip(
        (),
        "all zeros at the end",
        _framed(lambda pH, pW: ((0, 2 * pH), (0, 2 * pW))),
        "The size is right, and the picture sits in a corner: all zeros are at the end. It belongs pH rows down and pW "
        "columns to the right.",
    ),
    Slip(
        (),
        "all zeros at the beginning",
        _framed(lambda pH, pW: ((2 * pH, 0), (2 * pW, 0))),
        "The size is right, and the picture sits in the lower right corner: all zeros are before it. It begins at row "
        "pH and column pW.",
    ),
    Slip(
        (),
        "rows only",
        _framed(lambda pH, pW: ((pH, pH), (0, 0))),
        "Only rows were added. The second number of padding, pW, is for columns left and right.",
    ),
    Slip(
        (),
        "columns only",
        _framed(lambda pH, pW: ((0, 0), (pW, pW))),
        "Only columns were added. The first number of padding, pH, is for rows above and below.",
    ),
    Slip(
        (),
        "pH for both axes",
        _framed(lambda pH, pW: ((pH, pH), (pH, pH))),
        "The padding of the rows was used for the columns too: padding is (pH, pW), and pW goes left and right.",
    ),
    Slip(
        (),
        "pW for both axes",
        _framed(lambda pH, pW: ((pW, pW), (pW, pW))),
        "The padding of the columns was used for the rows too: padding is (pH, pW), and pH goes above and below.",
    ),
    Slip(
        (),
        "adds nothing",
        _framed(lambda pH, pW: ((0, 0), (0, 0))),
        "Your function gives the picture back without a frame. Make a larger tensor of zeros, and put the picture into "
        "its middle.",
    ),
    Slip(
        (),
        "zeros inside the picture",
        _border_cleared,
        "You set the picture's own border to zero. Padding keeps every cell and adds new ones around them, so the "
        "result is larger than the input.",
    ),
    Slip(
        (),
        "the picture left out",
        lambda input, padding: 0 * frame(input, on_both_sides(padding)),
        "The size is right, and all of it is zero: the picture was never put in. Write padded[rows, columns] = input.",
    ),
    Slip(
        (),
        "the border repeated",
        _filled_with("edge"),
        "Your frame repeats the border of the picture. That is padding_mode='replicate'; the frame asked for holds "
        "zeros.",
    ),
    Slip(
        (),
        "the picture mirrored",
        _filled_with("symmetric"),
        "Your frame mirrors the picture; the frame asked for holds zeros.",
    ),
    Slip(
        (),
        "a frame of ones",
        _filled_with("constant", constant_values=1.0),
        "Your frame holds ones; Conv2d's holds zeros, which add nothing to a sum. Begin with torch.zeros.",
    ),
    whole_numbers_only(_framed(lambda pH, pW: ((pH, pH), (pW, pW))), "padding"),
    Slip(
        (),
        "pairs only",
        _pairs_only,
        "Right so far, wherever padding is a pair. One number must work too: make a pair of it first, with `if "
        "isinstance(padding, int): padding = (padding, padding)`.",
        outcome="partial",
    ),
)
EXAMPLE_INPUT, EXAMPLE_PADDING = np.array([[3, 1, 4], [1, 5, 9]], dtype=float), (1, 2)


class Pad2d(Exercise):
    """A frame of zeros."""

    id, lesson, title = "04.pad2d", "04", "A frame of zeros"
    level, minutes, revision = "easy", 8, 1
    prompt = f"""\
Write `pad2d(input, padding)`: the picture with zeros around it, as Conv2d's `padding` puts them there.

`input` is a tensor of shape (H, W), float64. `padding` is a whole number p, for all four sides, or a pair (pH, pW): \
pH rows above and as many below, pW columns to the left and as many to the right. Either may be 0. Return a new tensor \
of shape (H + 2 * pH, W + 2 * pW); the input stays as it is. For example, with padding {EXAMPLE_PADDING}:

{side_by_side(input=EXAMPLE_INPUT, output=frame(EXAMPLE_INPUT, on_both_sides(EXAMPLE_PADDING)))}

Zeros and one slice are enough. NumPy is fine too."""
    stub = """\
def pad2d(input, padding):
    pH, pW = (padding, padding) if isinstance(padding, int) else padding
    H, W = input.shape
    ...
"""
    arguments = ("input", "padding")
    reference = staticmethod(pad2d)
    slips = SLIPS
    returns = compared = "padded"
    right = "Right: your function pads as Conv2d does."
    hints = (
        "How large is the result? pH rows come above and pH below, so it has H + 2 * pH rows; columns likewise. Make "
        "it first, full of zeros, with torch.zeros.",
        "The picture's cell (0, 0) lands in row pH and column pW of the result. Its H rows are then the rows pH to "
        "pH + H - 1.",
        "padded[pH : pH + H, pW : pW + W] = input. A slice that ends with -pH is shorter to write and breaks for "
        "padding 0.",
    )
    errors = (
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
            "TypeError: unsupported operand type(s) for +: 'int' and 'tuple'",
            "padding is a pair here, and a pair cannot be added to a number.",
            "Take it apart first: pH, pW = padding.",
        ),
        (
            "TypeError: cannot unpack non-iterable int object",
            "padding is one number here, and there is nothing to take apart.",
            "Make a pair of it first: (padding, padding) if isinstance(padding, int) else padding.",
        ),
        (
            "TypeError: 'int' object is not subscriptable",
            "padding[0] needs a pair, and padding is one number here.",
            "Make a pair of it first: (padding, padding) if isinstance(padding, int) else padding.",
        ),
        (
            "IndexError: index 5 is out of bounds for dimension 1 with size 5",
            "The larger tensor is too small, or the picture is put in too far to the right: an axis of size 5 has the "
            "places 0 to 4.",
            "Make it H + 2 * pH by W + 2 * pW, and put cell (i, j) at [pH + i, pW + j].",
        ),
        (
            "IndexError: index 5 is out of bounds for axis 1 with size 5",
            "NumPy's words for the same: the larger array is too small, or the picture is put in too far.",
            "Make it H + 2 * pH by W + 2 * pW, and put cell (i, j) at [pH + i, pW + j].",
        ),
        (
            "TypeError: pad(): argument 'pad' (position 2) must be tuple of ints, not int",
            "F.pad wants the number for each side.",
            "Write F.pad(input, (pW, pW, pH, pH)): left, right, top, bottom.",
        ),
        (
            "RuntimeError: Padding length must be divisible by 2",
            "F.pad wants two numbers for every axis.",
            "Write F.pad(input, (pW, pW, pH, pH)): left, right, top, bottom.",
        ),
        (
            "TypeError: Cannot interpret '4' as a data type",
            "np.zeros takes the shape as one argument.",
            "Write np.zeros((rows, columns)), with two pairs of brackets; torch.zeros needs one.",
        ),
        (
            "RuntimeError: Sizes of tensors must match except in dimension 0. Expected size 4 but got size 6 for "
            "tensor number 1 in the list.",
            "torch.cat was given rows of different lengths.",
            "When you put rows above and below, they must be as long as the rows between: columns first, then rows.",
        ),
        (
            "AttributeError: 'Tensor' object has no attribute 'copy'",
            "A tensor is copied by clone.",
            "Write input.clone(); here torch.zeros and a slice need no copy.",
        ),
    )

    def cases(self, seed):
        """Ten pictures, from 2 x 3 to 8 x 6: one number and pairs, with 0 and without."""
        rng = random_numbers(seed, self.id)
        many = int(rng.integers(2, 4))
        drawn = [((2, 3), 1), ((3, 2), (1, 2)), ((3, 4), 0), ((2, 4), (0, 1)), ((4, 3), (2, 0))]
        drawn += [((3, 5), (2, 1)), ((5, 4), many), ((4, 6), (3, 1)), ((7, 5), (1, 4))]
        cases = [_case(rng.integers(2, 10, shape).astype(float), padding) for shape, padding in drawn]
        cases.insert(2, _case(EXAMPLE_INPUT, EXAMPLE_PADDING, example=True))
        return [*cases, _case(rng.standard_normal((8, 6)), (1, 3))]

    def expected(self, case):
        return pad_input(case.arguments["input"], on_both_sides(case.arguments["padding"]))

    def why_shape(self, case):
        (H, W), (pH, pW) = case.arguments["input"].shape, pair(case.arguments["padding"])
        return f": H + 2*pH = {H} + 2*{pH} = {H + 2 * pH} and W + 2*pW = {W} + 2*{pW} = {W + 2 * pW}"

    def derive(self, case, place):
        (i, j), (pH, pW) = place, pair(case.arguments["padding"])
        H, W = case.arguments["input"].shape
        inside = pH <= i < pH + H and pW <= j < pW + W
        return f", which is input[{i - pH}, {j - pW}]" if inside else ", a cell of the frame"


def _case(input, padding, example=False):
    label = f"an input of {input.shape[0]} x {input.shape[1]} and padding {padding}"
    return Case({"input": input, "padding": padding}, {"input": ("input", input)}, label, example)
