"""06.conv2d: a batch, channels, filters, biases, stride and padding: all that nn.Conv2d does, without groups."""

from types import MappingProxyType

import numpy as np

from ...engines import conv2d_windows
from ..conv_by_hand import side_by_side, signed
from ..sentences import number
from ..task import Case, Exercise, random_numbers
from ..wrong_sums import pair
from .channel_errors import ERRORS
from .wrong_channels import SLIPS, windows_of


def conv2d(input, weight, bias=None, stride=1, padding=0):
    """What F.conv2d computes, by loops over filters and places.

    Shape:
        input (N, C_in, H, W), weight (C_out, C_in, kH, kW), bias (C_out,) -> (N, C_out, H_out, W_out)

    Example:
        >>> import torch
        >>> conv2d(torch.ones(1, 3, 2, 4), torch.ones(2, 3, 1, 2), torch.tensor([0.0, 5.0])).shape
        torch.Size([1, 2, 2, 3])
    """
    import torch

    sH, sW = (stride, stride) if isinstance(stride, int) else stride
    pH, pW = (padding, padding) if isinstance(padding, int) else padding
    N, C_in, H, W = input.shape
    C_out, _, kH, kW = weight.shape
    padded = torch.zeros(N, C_in, H + 2 * pH, W + 2 * pW, dtype=torch.float64)
    padded[:, :, pH : pH + H, pW : pW + W] = input
    H_out, W_out = (H + 2 * pH - kH) // sH + 1, (W + 2 * pW - kW) // sW + 1
    output = torch.zeros(N, C_out, H_out, W_out, dtype=torch.float64)
    for o in range(C_out):
        for i in range(H_out):
            for j in range(W_out):
                window = padded[:, :, i * sH : i * sH + kH, j * sW : j * sW + kW]
                output[:, o, i, j] = (window * weight[o]).sum((1, 2, 3))
        if bias is not None:
            output[:, o] += bias[o]
    return output


def correlate(input, weight, bias=None, stride=1, padding=0):
    """What PyTorch's conv2d gives, by the course's own engine."""
    return conv2d_windows(input, weight, bias, stride, padding)


EXAMPLE_INPUT = np.array([[[[1, 2, 0], [3, 1, 1]], [[0, 1, 4], [2, 0, 1]]]], dtype=float)
EXAMPLE_WEIGHT = np.array([[[[1, 2]], [[0, -1]]], [[[3, 0]], [[1, 1]]], [[[-2, 1]], [[2, 0]]]], dtype=float)
EXAMPLE_BIAS = np.array([0, 10, 20], dtype=float)


def _example():
    output = correlate(EXAMPLE_INPUT, EXAMPLE_WEIGHT, EXAMPLE_BIAS)[0]
    first = side_by_side(**{"input[0, 0]": EXAMPLE_INPUT[0, 0], "input[0, 1]": EXAMPLE_INPUT[0, 1]})
    kernels = {f"weight[{o}, {c}]": EXAMPLE_WEIGHT[o, c] for o in range(3) for c in range(2)}
    maps = {f"output[0, {o}]": plane for o, plane in enumerate(output)}
    return f"{first}\n\n{side_by_side(**kernels)}\n\n{side_by_side(bias=EXAMPLE_BIAS, **maps)}"


class Conv2dOverChannels(Exercise):
    """conv2d for a batch of pictures with channels."""

    id, lesson, title = "06.conv2d", "06", "conv2d with channels and bias"
    level, minutes, revision = "hard", 20, 1
    prompt = """\
Write `conv2d(input, weight, bias=None, stride=1, padding=0)`: what F.conv2d computes.

`input` is a tensor of shape (N, C_in, H, W), `weight` one of shape (C_out, C_in, kH, kW), both float64; `bias` is \
None or a tensor of shape (C_out,). `stride` and `padding` are whole numbers, or pairs (rows, columns). Return a \
tensor of shape

    (N, C_out, (H + 2 * pH - kH) // sH + 1, (W + 2 * pW - kW) // sW + 1)

    output[n, o, i, j] = sum over c, u, v of padded[n, c, i * sH + u, j * sW + v] * weight[o, c, u, v]  +  bias[o]

A ready-made convolution (F.conv2d and its relatives) may not be called; loops, einsum, unfold or an FFT may. NumPy \
is fine too. For example, one picture, two channels, three filters:

""" + _example()
    stub = """\
def conv2d(input, weight, bias=None, stride=1, padding=0):
    sH, sW = (stride, stride) if isinstance(stride, int) else stride
    pH, pW = (padding, padding) if isinstance(padding, int) else padding
    N, C_in, H, W = input.shape
    C_out, _, kH, kW = weight.shape
    ...
"""
    optional = MappingProxyType({"bias": None, "stride": 1, "padding": 0})
    arguments = ("input", "weight", *optional)
    meaning = MappingProxyType({"bias": "which has one number for each output channel"})
    reference = staticmethod(conv2d)
    slips = SLIPS
    watched = True
    right = "Right: your function gives what PyTorch's conv2d gives."
    faster = "Take the windows of all pictures and channels at once: padded[:, :, rows, columns]."
    hints = (
        "Begin with lesson 04's loops over i and j, and add one around them: over the filters o. The window of a place "
        "now has all channels, padded[:, :, rows, columns].",
        "For one filter and one place: window has the shape (N, C_in, kH, kW), weight[o] the shape (C_in, kH, kW). "
        "Their product is summed over the last three axes; one number for each picture is left.",
        "output[:, o, i, j] = (window * weight[o]).sum((1, 2, 3)); and after the loops over i and j, where there is a "
        "bias, output[:, o] += bias[o].",
    )
    errors = ERRORS

    def cases(self, seed):
        """Ten cases: one channel, many, a batch, biases or none, stride and padding alone and together."""
        rng = random_numbers(seed, self.id)
        cases = [
            _drawn(rng, (1, 2, 2, 3), (3, 1, 2)),
            _drawn(rng, (1, 3, 3, 4), (2, 2, 3), bias=True),
            _case(EXAMPLE_INPUT, EXAMPLE_WEIGHT, EXAMPLE_BIAS, example=True),
            _drawn(rng, (1, 1, 3, 4), (3, 2, 1), bias=True),
            _drawn(rng, (2, 3, 3, 5), (4, 1, 2), bias=True),
            _drawn(rng, (1, 2, 5, 6), (3, 2, 3), bias=True, stride=2, padding=0),
            _drawn(rng, (1, 3, 4, 3), (2, 3, 2), bias=True, stride=1, padding=1),
            _drawn(rng, (1, 4, 6, 5), (3, 3, 2), bias=True, stride=(2, 1), padding=(0, 2)),
            _drawn(rng, (3, 2, 6, 8), (5, 2, 3), stride=(1, 3), padding=(2, 1)),
        ]
        H, W = int(rng.integers(6, 9)), int(rng.integers(9, 12))
        return [*cases, _drawn(rng, (2, 3, H, W), (4, 3, 2), bias=True, stride=(2, 3), padding=(1, 2), whole=False)]

    def expected(self, case):
        return rows_of(correlate(**case.arguments))

    def result_shape(self, case):
        return correlate(**case.arguments).shape

    def value(self, case, result):
        """All feature maps one above the other, so that they can be laid beside the expected ones."""
        return rows_of(result)

    def restricted(self, case, names):
        kept = super().restricted(case, names).arguments
        return _case(**kept, example=case.example)

    def own_words(self, trial):
        if trial.yours is None or trial.yours.shape != trial.expected.shape or trial.run["changed"]:
            return ""
        differ = ~(abs(trial.yours - trial.expected) <= trial.tolerance)
        if not differ.any() or trial.run["result"]["type"] not in ("Tensor", "ndarray"):
            return ""
        shape = self.result_shape(trial.case)
        at = tuple(int(k) for k in np.argwhere(differ.reshape(shape))[0])
        came, right = (number(it.reshape(shape)[at]) for it in (trial.yours, trial.expected))
        return (
            f"For {trial.case.label} your output[{', '.join(map(str, at))}] is {came}; expected {right}"
            f"{_sums(trial.case.arguments, at)} ({int(differ.sum())} of {differ.size} numbers differ)."
        )

    def why_shape(self, case):
        N, _, *size = case.arguments["input"].shape
        C_out, _, *kernel_size = case.arguments["weight"].shape
        axes = zip("HW", size, kernel_size, *(pair(case.arguments.get(it, d)) for it, d in (("stride", 1),
                   ("padding", 0))), strict=True)  # fmt: skip
        said = [f"({a} + 2*p{a} - k{a})//s{a} + 1 = {(n + 2 * p - k) // s + 1}" for a, n, k, s, p in axes]
        return f": N = {N}, C_out = {C_out}, {' and '.join(said)}"


def rows_of(output):
    """All maps of an output, one above the other."""
    return output.reshape(-1, output.shape[-1])


def _sums(arguments, at):
    """How an output number comes about, channel by channel, such as " = 4 + (-2), channel by channel, + bias 10"."""
    (n, o, i, j), weight = at, arguments["weight"]
    windows = windows_of(arguments["input"], weight.shape[2:], arguments.get("stride", 1), arguments.get("padding", 0))
    parts = np.einsum("cuv,cuv->c", windows[n, :, i, j], weight[o])
    if (parts != parts.round()).any():
        return ""
    bias = arguments.get("bias")
    added = "" if bias is None else f", and the bias {signed(bias[o])}"
    return f" = {' + '.join(map(signed, parts))} by channels{added}"


def _drawn(rng, shape, filters, bias=False, whole=True, **settings):
    """A case with numbers drawn for it: small whole ones, none of the weights 0, or fractions."""
    C_out, kH, kW = filters
    if whole:
        input = rng.integers(0, 10, shape).astype(float)
        weight = rng.choice([-4, -3, -2, -1, 1, 2, 3, 4], (C_out, shape[1], kH, kW)).astype(float)
        biases = rng.permutation(np.array([-30.0, -20, 10, 20, 30, 40]))[:C_out]
    else:
        input, weight = rng.standard_normal(shape), rng.standard_normal((C_out, shape[1], kH, kW))
        biases = rng.standard_normal(C_out)
    return _case(input, weight, biases if bias else None, **settings)


def _case(input, weight, bias=None, stride=None, padding=None, example=False):
    given = {"input": input, "weight": weight, "bias": bias, "stride": stride, "padding": padding}
    arguments = {name: value for name, value in given.items() if value is not None}
    shown = {f"input[{n}]": ("input", it) for n, it in enumerate(input[:2])}
    shown |= {f"weight[{o}]": ("weight", it) for o, it in enumerate(weight[:3])}
    said = [f"{name} {arguments[name]}" for name in ("stride", "padding") if name in arguments]
    said = [*(["a bias"] if bias is not None else []), *said]
    more = f" with {' and '.join(said)}" if said else " without a bias"
    label = f"an input of shape {input.shape} and a weight of shape {weight.shape}{more}"
    return Case(arguments, shown, label, example)
