"""05.dilate: a kernel with holes, written out, so that an ordinary convolution does what dilation does."""

import numpy as np

from ..conv_by_hand import side_by_side
from ..task import Case, Exercise, Slip, random_numbers


def dilate(weight, dilation):
    """The kernel with zeros between its taps, which are then `dilation` cells apart.

    Args:
        weight: tensor of shape (kH, kW).
        dilation: pair (dH, dW), whole numbers of 1 or more.

    Shape:
        weight (kH, kW) -> (dH * (kH - 1) + 1, dW * (kW - 1) + 1)
    """
    import torch

    (kH, kW), (dH, dW) = weight.shape, dilation
    spread = torch.zeros(dH * (kH - 1) + 1, dW * (kW - 1) + 1, dtype=weight.dtype)
    spread[::dH, ::dW] = weight
    return spread


def holes(weight, dilation, size=None, at=None):
    """The taps put into zeros: by default as long and as far apart as is right.

    Example:
        >>> holes(np.array([[1.0, 2.0]]), (2, 3)).tolist()
        [[1.0, 0.0, 0.0, 2.0]]
    """
    shape = np.shape(weight)
    lengths = size or tuple(d * (k - 1) + 1 for k, d in zip(shape, dilation, strict=True))
    step = at or dilation
    spread = np.zeros(lengths)
    for u, v in np.ndindex(shape):
        spread[u * step[0], v * step[1]] = weight[u, v]
    return spread


def _lengths(rule):
    """Sizes of both axes by a rule of (k, d)."""

    def size(weight, dilation):
        return tuple(rule(k, d) for k, d in zip(np.shape(weight), dilation, strict=True))

    return size


K_TIMES_D, TOO_SHORT = _lengths(lambda k, d: k * d), _lengths(lambda k, d: d * (k - 1))


def _too_short(weight, dilation):
    spread = np.zeros(TOO_SHORT(weight, dilation))
    spread[:: dilation[0], :: dilation[1]] = np.asarray(weight)
    return spread


def _too_short_in_torch(weight, dilation):
    """The same in tensors, which complain of another axis where both are too short."""
    import torch

    spread = torch.zeros(TOO_SHORT(weight, dilation))
    spread[:: dilation[0], :: dilation[1]] = torch.as_tensor(weight)
    return spread


def _repeated(weight, dilation):
    return np.kron(np.asarray(weight), np.ones(dilation))


def _only(axis):
    """Spread along one axis alone."""
    return lambda weight, dilation: holes(weight, (dilation[0], 1) if axis == 0 else (1, dilation[1]))


SLIPS = (
    Slip(
        ("M12",),
        "d cells between the taps",
        lambda weight, dilation: holes(weight, tuple(d + 1 for d in dilation)),
        "You leave out `dilation` cells between neighbouring taps. The dilation is the step from tap to tap, so d - 1 "
        "cells are left out; with dilation 1 the kernel stays as it is.",
    ),
    Slip(
        ("M13",),
        "zeros after the last tap",
        lambda weight, dilation: holes(weight, dilation, K_TIMES_D(weight, dilation)),
        "Your kernel is k * d long: there are zeros behind the last tap too. Gaps lie between taps only, so the length "
        "is d * (k - 1) + 1.",
    ),
    Slip(
        ("M149",),
        "one row and column short",
        _too_short_in_torch,
        "Your kernel is d * (k - 1) long, the way from the first tap to the last. The first tap needs a cell too: add "
        "1.",
        (_too_short,),
    ),
    Slip(
        ("M11",),
        "not spread",
        lambda weight, dilation: np.array(weight),
        "You return the kernel as it came. Its taps are to be dH rows and dW columns apart.",
        (lambda weight, dilation: _corner(weight, dilation),),
    ),
    Slip(
        ("M14",),
        "taps left out",
        lambda weight, dilation: np.array(weight)[:: dilation[0], :: dilation[1]],
        "You take every dH-th row and every dW-th column of the kernel and drop the rest, as a stride does. Dilation "
        "keeps all taps, and puts them further apart.",
    ),
    Slip(
        ("M21",),
        "dH and dW exchanged",
        lambda weight, dilation: holes(weight, dilation[::-1]),
        "The two dilations are exchanged: (dH, dW) is (height, width), so rows are dH apart and columns dW.",
    ),
    Slip(
        ("M73",),
        "taps repeated",
        _repeated,
        "You fill the gaps with copies of the taps, so the kernel has more of them than before. The cells between taps "
        "are not read: put zeros there.",
    ),
    Slip(
        ("M61",),
        "flipped besides",
        lambda weight, dilation: holes(np.asarray(weight)[::-1, ::-1], dilation),
        "Your kernel is spread rightly, and turned by 180 degrees. Dilation keeps the order of the taps: the first one "
        "stays in the corner.",
    ),
    Slip(
        (),
        "rows only",
        _only(0),
        "You spread the rows only. The columns are to be dW apart as well.",
    ),
    Slip(
        (),
        "columns only",
        _only(1),
        "You spread the columns only. The rows are to be dH apart as well.",
    ),
)


def _corner(weight, dilation):
    """The kernel unspread in the corner of a zero kernel of the right size."""
    return holes(weight, dilation, at=(1, 1))


EXAMPLE_WEIGHT, EXAMPLE_DILATION = np.array([[1, 2, 3], [4, 5, 6]], dtype=float), (2, 3)


class Dilate(Exercise):
    """A kernel with holes."""

    id, lesson, title = "05.dilate", "05", "A kernel with holes"
    level, minutes, revision = "medium", 7, 1
    prompt = f"""\
Write `dilate(weight, dilation)`: the kernel with its taps dH rows and dW columns apart, and zeros between them. An \
ordinary convolution with the result is then the same as one with `weight` and this dilation.

`weight` is a tensor of shape (kH, kW), float64, and `dilation` a pair (dH, dW) of whole numbers from 1 on. Return a \
new tensor; there are no zeros around the taps, only between them. For example, with dilation {EXAMPLE_DILATION}:

{side_by_side(weight=EXAMPLE_WEIGHT, spread=holes(EXAMPLE_WEIGHT, EXAMPLE_DILATION))}

A tensor of zeros and one slice with steps are enough. NumPy is fine too."""
    stub = """\
def dilate(weight, dilation):
    kH, kW = weight.shape
    dH, dW = dilation
    ...
"""
    arguments = ("weight", "dilation")
    reference = staticmethod(dilate)
    slips = SLIPS
    returns = compared = "spread"
    right = "Right: an ordinary convolution with your kernel is a dilated one."
    hints = (
        "How large is the result? From the first tap to the last there are kH - 1 steps of dH rows, and the first tap "
        "needs a row of its own. Make it first, full of zeros.",
        "Tap (u, v) of the kernel lands in row u * dH and column v * dW of the result. Two loops do it.",
        "A slice with a step does it at once: spread[::dH, ::dW] = weight takes row 0, dH, 2 dH, ... and columns in "
        "the same way.",
    )
    errors = (
        (
            "RuntimeError: The expanded size of the tensor (2) must match the existing size (3) at non-singleton "
            "dimension 1.  Target sizes: [2, 2].  Tensor sizes: [2, 3]",
            "The slice on the left has not as many rows and columns as the kernel: the result is too short or too "
            "long, or a step is not the dilation.",
            "Make it dH * (kH - 1) + 1 by dW * (kW - 1) + 1, and write spread[::dH, ::dW] = weight.",
        ),
        (
            "ValueError: could not broadcast input array from shape (2,3) into shape (2,2)",
            "NumPy's words for a slice that has not as many rows and columns as the kernel.",
            "Make the result dH * (kH - 1) + 1 by dW * (kW - 1) + 1.",
        ),
        (
            "IndexError: index 6 is out of bounds for dimension 1 with size 6",
            "A tap is put outside: the result is too short. With size 6 there are the places 0 to 5.",
            "The last tap lies at dW * (kW - 1), so the length is one more than that.",
        ),
        (
            "IndexError: index 6 is out of bounds for axis 1 with size 6",
            "NumPy's words for a tap that is put outside: the result is too short.",
            "The last tap lies at dW * (kW - 1), so the length is one more than that.",
        ),
        (
            "TypeError: unsupported operand type(s) for -: 'tuple' and 'int'",
            "dilation or weight.shape is a pair, and a pair cannot be reckoned with.",
            "Take it apart first: dH, dW = dilation.",
        ),
    )

    def cases(self, seed):
        """Nine kernels, from 1 x 2 to 4 x 3, with dilations from 1 to 4, different on the two axes."""
        rng = random_numbers(seed, self.id)
        drawn = [((1, 2), (2, 3)), ((2, 1), (3, 2)), ((2, 3), (1, 2)), ((3, 2), (2, 1)), ((2, 3), (3, 4))]
        drawn += [((3, 2), (2, 4)), ((3, 4), (3, 2)), ((4, 3), (2, 3))]
        cases = [_case(rng.integers(1, 10, shape).astype(float), dilation) for shape, dilation in drawn]
        cases.insert(2, _case(EXAMPLE_WEIGHT, EXAMPLE_DILATION, example=True))
        return [*cases, _case(rng.standard_normal((4, 2)), (1, 3))]

    def expected(self, case):
        return holes(**case.arguments)

    def why_shape(self, case):
        (kH, kW), (dH, dW) = case.arguments["weight"].shape, case.arguments["dilation"]
        return (
            f": dH*(kH - 1) + 1 = {dH}*({kH} - 1) + 1 = {dH * (kH - 1) + 1} and dW*(kW - 1) + 1 = "
            f"{dW}*({kW} - 1) + 1 = {dW * (kW - 1) + 1}"
        )

    def derive(self, case, place):
        (i, j), (dH, dW) = place, case.arguments["dilation"]
        return ", between taps" if i % dH or j % dW else f", which is weight[{i // dH}, {j // dW}]"


def _case(weight, dilation, example=False):
    label = f"a weight of {weight.shape[0]} x {weight.shape[1]} and dilation {dilation}"
    return Case({"weight": weight, "dilation": dilation}, {"weight": ("weight", weight)}, label, example)
