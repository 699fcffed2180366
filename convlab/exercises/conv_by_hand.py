"""What the exercises on a convolution of one channel share: expected numbers, cases, and the words for them."""

import numpy as np

from ..engines import conv2d_windows
from .sentences import number
from .task import Case, Exercise
from .wrong_sums import frame, on_both_sides, pair


class ConvByHand(Exercise):
    """An exercise whose function lays a kernel on a picture, place by place."""

    watched = True
    right = "Right: your function gives what PyTorch's conv2d gives."
    faster = "Sum a whole window at once, (window * weight).sum(), in place of number by number."

    def expected(self, case):
        return correlate(**case.arguments)

    def restricted(self, case, names):
        kept = super().restricted(case, names).arguments
        return conv_case(**kept, example=case.example)

    def derive(self, case, place):
        weight = case.arguments["weight"]
        if weight.size > 6 or (weight != weight.round()).any():
            return ""
        sH, sW = pair(case.arguments.get("stride", 1))
        padded = frame(case.arguments["input"], on_both_sides(case.arguments.get("padding", 0)))
        top, left = place[0] * sH, place[1] * sW
        window = padded[top : top + weight.shape[0], left : left + weight.shape[1]]
        terms = [f"{number(x)}*{signed(w)}" for x, w in zip(window.flat, weight.flat, strict=True)]
        if "bias" in case.arguments:
            terms.append(signed(case.arguments["bias"]))
        return f" = {' + '.join(terms)}"


def correlate(input, weight, bias=0.0, stride=1, padding=0):
    """What PyTorch's conv2d gives for one channel, by the course's own engine; (H, W) and (kH, kW) in.

    Example:
        >>> correlate(np.array([[1.0, 2.0, 4.0]]), np.array([[-1.0, 1.0]]))
        array([[1., 2.]])
    """
    return conv2d_windows(input[None], weight[None, None], np.array([float(bias)]), stride, padding)[0]


def conv_case(input, weight, bias=None, stride=None, padding=None, example=False):
    """A case with the arguments that are given, in the order of a call."""
    given = {"input": input, "weight": weight, "bias": bias, "stride": stride, "padding": padding}
    arguments = {name: value for name, value in given.items() if value is not None}
    shown = {"input": ("input", input)}
    if padding is not None and any(pair(padding)):
        shown = {f"input with padding {padding}": ("input", frame(input, on_both_sides(padding)))}
    return Case(arguments, {**shown, "weight": ("weight", weight)}, _label(arguments), example)


def _label(arguments):
    """A case in words.

    Example:
        >>> _label({"input": np.ones((4, 6)), "weight": np.ones((2, 3)), "bias": 1.0, "stride": (2, 1)})
        'an input of 4 x 6 and a weight of 2 x 3 with bias 1 and stride (2, 1)'
    """
    (H, W), (kH, kW) = arguments["input"].shape, arguments["weight"].shape
    said = [f"bias {number(arguments['bias'])}"] if "bias" in arguments else []
    said += [f"{name} {arguments[name]}" for name in ("stride", "padding") if name in arguments]
    *most, last = said or [""]
    more = f" with {', '.join(most)}{' and ' * bool(most)}{last}" if said else " without a bias"
    return f"an input of {H} x {W} and a weight of {kH} x {kW}{more}"


def whole_numbers(rng, H, W, kH, kW):
    """An input and a weight of small whole numbers; the weight looks different after every flip."""
    input = rng.integers(0, 10, (H, W)).astype(float)
    while True:
        weight = rng.choice([-4, -3, -2, -1, 1, 2, 3, 4], (kH, kW)).astype(float)
        flips = [weight[::-1]] * (kH > 1) + [weight[:, ::-1]] * (kW > 1) + [weight[::-1, ::-1]] * (kH * kW > 1)
        if not any((weight == flip).all() for flip in flips):
            return input, weight


def whole_bias(rng):
    """A small whole number that is not 0."""
    return float(rng.choice([-3, -2, -1, 1, 2, 3]))


def signed(value):
    """A number as it stands behind a sign, such as 2*(-3).

    Example:
        >>> signed(-3.0), signed(2.0)
        ('(-3)', '2')
    """
    return f"({number(value)})" if value < 0 else number(value)


def side_by_side(**arrays):
    """Arrays as one block of text, each under its name, so that no number of a task is typed by hand."""
    blocks = []
    for name, array in arrays.items():
        cells = [[number(value) for value in row] for row in np.atleast_2d(array)]
        wide = max(len(cell) for row in cells for cell in row)
        blocks.append([name, *(" ".join(cell.rjust(wide) for cell in row) for row in cells)])
    tall = max(map(len, blocks))
    blocks = [[line.ljust(max(map(len, block))) for line in block + [""] * (tall - len(block))] for block in blocks]
    return "\n".join("    " + "   ".join(line).rstrip() for line in zip(*blocks, strict=True))
