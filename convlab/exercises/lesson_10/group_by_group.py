"""10.grouped_conv: groups by hand: each run of channels meets its own filters, and the results stand in a row."""

from types import MappingProxyType

import numpy as np

from ..conv_by_hand import side_by_side, signed
from ..inside import ready_made
from ..lesson_06.wrong_channels import products_of
from ..lesson_09.taps import first_difference
from ..task import Case, Exercise, random_numbers
from .group_errors import ERRORS
from .wrong_groups import SLIPS, right


def grouped_conv(input, weight, bias=None, groups=1):
    """What F.conv2d computes with groups, group by group.

    Shape:
        input (N, C_in, H, W), weight (C_out, C_in / groups, kH, kW), bias (C_out,) -> (N, C_out, H_out, W_out)

    Example:
        >>> import torch
        >>> grouped_conv(torch.ones(1, 4, 2, 3), torch.ones(6, 2, 1, 2), groups=2).shape
        torch.Size([1, 6, 2, 2])
    """
    import torch
    import torch.nn.functional as F

    inputs, weights = input.chunk(groups, dim=1), weight.chunk(groups, dim=0)
    biases = [None] * groups if bias is None else bias.chunk(groups)
    return torch.cat([F.conv2d(*group) for group in zip(inputs, weights, biases, strict=True)], dim=1)


def with_groups(name, module="", arguments=(), keywords=None):
    """True for a convolution that is given groups, and for what is no plain convolution."""
    if name not in ("conv1d", "conv2d", "conv3d") or not module.startswith("torch"):
        return ready_made(name)
    groups = (keywords or {}).get("groups", arguments[6] if len(arguments) > 6 else 1)
    return groups != 1


EXAMPLE_INPUT = np.array([[[[1, 2, 3]], [[0, 1, 0]], [[4, 0, 1]], [[2, 2, 5]]]], dtype=float)
EXAMPLE_WEIGHT = np.array([[[[1, 1]], [[0, 2]]], [[[3, 0]], [[-1, 1]]]], dtype=float)
EXAMPLE_BIAS = np.array([0, 100], dtype=float)


def _example():
    channels = {f"input[0, {c}]": EXAMPLE_INPUT[0, c] for c in range(4)}
    kernels = {f"weight[{o}, {c}]": EXAMPLE_WEIGHT[o, c] for o in range(2) for c in range(2)}
    maps = {f"output[0, {o}]": it for o, it in enumerate(right(EXAMPLE_INPUT, EXAMPLE_WEIGHT, EXAMPLE_BIAS, 2)[0])}
    return f"{side_by_side(**channels)}\n\n{side_by_side(**kernels)}\n\n{side_by_side(bias=EXAMPLE_BIAS, **maps)}"


class GroupedConv(Exercise):
    """A convolution with groups."""

    id, lesson, title = "10.grouped_conv", "10", "Groups by hand"
    level, minutes, revision = "medium", 12, 1
    prompt = """\
Write `grouped_conv(input, weight, bias=None, groups=1)`: what F.conv2d(input, weight, bias, groups=groups) computes.

`input` is a tensor of shape (N, C_in, H, W), `weight` one of shape (C_out, C_in // groups, kH, kW), both float64; \
`bias` is None or a tensor of shape (C_out,). `groups` divides C_in and C_out. Return a tensor of shape (N, C_out, H - \
kH + 1, W - kW + 1):

- The first C_in // groups channels of the input meet the first C_out // groups filters, the next the next.
- The results of the groups stand one behind the other, along the channels.

F.conv2d may be called, group by group, but `groups=` may not be given to it. For example, with groups=2 output \
channel 0 reads the channels 0 and 1, output channel 1 reads 2 and 3:

""" + _example()
    stub = """\
import torch
import torch.nn.functional as F


def grouped_conv(input, weight, bias=None, groups=1):
    ins, outs = ..., ...
    outputs = []
    for g in range(groups):
        part = ...
        ...
    return ...
"""
    optional = MappingProxyType({"bias": None, "groups": 1})
    arguments = ("input", "weight", *optional)
    meaning = MappingProxyType(
        {
            "bias": "which has one number for each output channel",
            "groups": "which says into how many runs the channels are cut",
        }
    )
    reference = staticmethod(grouped_conv)
    slips, errors = SLIPS, ERRORS
    watched = staticmethod(with_groups)
    instead = "here F.conv2d may be called, once for each group, but without groups=."
    right = "Right: your function gives what F.conv2d gives with groups."
    faster = "One F.conv2d for each group is enough."
    hints = (
        "Which channels of the input does group g read, and which filters are its own? Cut both into groups pieces, "
        "and look at the shapes of a pair.",
        "input.chunk(groups, dim=1) cuts the channels into groups runs of neighbours, weight.chunk(groups, dim=0) the "
        "filters, bias.chunk(groups) the biases. Each triple is a plain convolution.",
        "For each group outputs.append(F.conv2d(inputs[g], weights[g], None if bias is None else biases[g])); and at "
        "the end torch.cat(outputs, dim=1).",
    )

    def cases(self, seed):
        """Eight cases: two groups, three, four, one, depthwise with a multiplier, biases or none, a batch."""
        rng = random_numbers(seed, self.id)
        H, W = int(rng.integers(4, 6)), int(rng.integers(7, 9))
        return [
            _drawn(rng, (1, 2, 1, 3), (4, 1, 2), groups=2),
            _case(EXAMPLE_INPUT, EXAMPLE_WEIGHT, EXAMPLE_BIAS, groups=2, example=True),
            _drawn(rng, (1, 3, 2, 5), (2, 1, 3), bias=True),
            _drawn(rng, (1, 6, 2, 4), (4, 1, 2), bias=True, groups=2),
            _drawn(rng, (1, 3, 3, 5), (6, 2, 3), groups=3),
            _drawn(rng, (2, 6, 3, 4), (9, 2, 1), bias=True, groups=3),
            _drawn(rng, (2, 12, 2, 5), (8, 1, 3), bias=True, groups=4),
            _drawn(rng, (3, 4, H, W), (12, 3, 2), bias=True, groups=4, whole=False),
        ]

    def expected(self, case):
        output = right(**case.arguments)
        return output.reshape(-1, output.shape[-1])

    def result_shape(self, case):
        return right(**case.arguments).shape

    def value(self, case, result):
        """All feature maps one above the other, so that they can be laid beside the expected ones."""
        return result.reshape(-1, result.shape[-1])

    def restricted(self, case, names):
        """Without groups the weight of a case is that of one group."""
        kept = super().restricted(case, names).arguments
        if "groups" in names:
            kept["input"] = kept["input"][:, : kept["weight"].shape[1]]
        return _case(**kept, example=case.example)

    def own_words(self, trial):
        return first_difference(trial, "output", lambda at: _sum_of(trial.case.arguments, at))

    def why_shape(self, case):
        given = case.arguments
        (N, _, H, W), (C_out, _, kH, kW) = given["input"].shape, given["weight"].shape
        return f": N = {N}, C_out = {C_out}, H - kH + 1 = {H - kH + 1} and W - kW + 1 = {W - kW + 1}"


def _sum_of(arguments, at):
    """Which channels an output reads, and what each of them adds."""
    (n, o, i, j), weight, groups = at, arguments["weight"], arguments.get("groups", 1)
    first = o // (len(weight) // groups) * weight.shape[1]
    part = arguments["input"][n : n + 1, first : first + weight.shape[1]]
    parts = products_of(part, weight[o : o + 1], 1, 0)[0, 0, :, i, j]
    channels = ", ".join(str(first + c) for c in range(weight.shape[1]))
    from_them = f", from input channel{'s' * (weight.shape[1] > 1)} {channels}"
    if (parts != parts.round()).any():
        return from_them
    bias = arguments.get("bias")
    sum_ = f" = {' + '.join(map(signed, parts))}" if len(parts) > 1 else ""
    return f"{sum_}{from_them}{'' if bias is None else f', and the bias {signed(bias[o])}'}"


def _drawn(rng, shape, filters, bias=False, whole=True, groups=None):
    """A case with numbers drawn for it: small whole ones, none of the weights 0, or fractions."""
    C_out, kH, kW = filters
    of_weight = (C_out, shape[1] // (groups or 1), kH, kW)
    if not whole:
        return _case(rng.standard_normal(shape), rng.standard_normal(of_weight), rng.standard_normal(C_out), groups)
    input, weight = rng.integers(1, 10, shape).astype(float), rng.choice([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0], of_weight)
    biases = 100.0 * (1 + rng.permutation(C_out))
    return _case(input, weight, biases if bias else None, groups)


def _case(input, weight, bias=None, groups=None, example=False):
    given = {"input": input, "weight": weight, "bias": bias, "groups": groups}
    arguments = {name: value for name, value in given.items() if value is not None}
    shown = {f"input[0, {c}]": ("input", it) for c, it in enumerate(input[0][:6])}
    shown |= {f"weight[{o}]": ("weight", it) for o, it in enumerate(weight[:4])}
    said = ["a bias"] * (bias is not None) + [f"groups={groups}"] * (groups is not None)
    more = f" with {' and '.join(said)}" if said else " without a bias"
    return Case(
        arguments, shown, f"an input of shape {input.shape} and a weight of shape {weight.shape}{more}", example
    )
