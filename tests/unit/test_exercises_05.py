"""The exercises of lesson 05: right in many styles, beginners' programs named, errors as PyTorch gives them."""

import math
import os

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get
from convlab.exercises.lesson_05.seen_by_one import PIXELS, seen
from convlab.exercises.sentences import known_error

SEEDS = range(50 if os.environ.get("CONVLAB_FULL") == "1" else 5)
SAME, DILATE, FIELD = get("05.same_padding"), get("05.dilate"), get("05.receptive_field")


def by_ceil(kernel_size, dilation=1):
    half = dilation * (kernel_size - 1) / 2
    return math.floor(half), math.ceil(half)


def by_torch(kernel_size, dilation=1):
    layer = nn.Conv1d(1, 1, kernel_size, dilation=dilation, padding="same")
    after, before = layer._reversed_padding_repeated_twice[::-1]
    return before, after


def by_trying(k, d=1):
    total = 0
    while len(range(20 + total - d * (k - 1))) < 20:
        total += 1
    return tuple(divmod(total, 2)[0] + more * (total % 2) for more in (0, 1))


def by_loops(weight, dilation):
    (kH, kW), (dH, dW) = weight.shape, dilation
    spread = torch.zeros((kH - 1) * dH + 1, (kW - 1) * dW + 1)
    for u in range(kH):
        for v in range(kW):
            spread[u * dH, v * dW] = weight[u, v]
    return spread


def by_kron(weight, dilation):
    one = np.zeros(dilation)
    one[0, 0] = 1
    (kH, kW), (dH, dW) = weight.shape, dilation
    return np.kron(np.asarray(weight), one)[: dH * (kH - 1) + 1, : dW * (kW - 1) + 1]


def by_transposed(weight, dilation):
    return F.conv_transpose2d(weight[None, None], torch.ones(1, 1, 1, 1).double(), stride=dilation)[0, 0]


def by_matrices(weight, dilation):
    rows, columns = (torch.eye(d * (k - 1) + 1).double()[:, ::d] for k, d in zip(weight.shape, dilation, strict=True))
    return rows @ weight @ columns.T


def from_the_end(layers):
    size = [1, 1]
    for layer in reversed(layers):
        for axis in (0, 1):
            extent = layer.dilation[axis] * (layer.kernel_size[axis] - 1) + 1
            size[axis] = (size[axis] - 1) * layer.stride[axis] + extent
    return size[0], size[1]


def by_prod(layers):
    return tuple(
        1 + sum((it.kernel_size[a] - 1) * it.dilation[a] * math.prod(e.stride[a] for e in layers[:n])
                for n, it in enumerate(layers))
        for a in range(2)
    )  # fmt: skip


def by_autograd(layers):
    picture = torch.zeros(1, 1, 70, 71, requires_grad=True)
    units = picture
    for it in layers:
        units = F.conv2d(units, torch.ones(1, 1, *it.kernel_size), stride=it.stride, dilation=it.dilation)
    units[0, 0, 0, 0].backward()
    return tuple(int(line.max() - line.min()) + 1 for line in picture.grad[0, 0].nonzero().T)


def as_a_size(layers):
    return torch.Size(from_the_end(layers))


STYLES = [
    *((SAME, style) for style in (by_ceil, by_torch, by_trying)),
    *((DILATE, style) for style in (by_loops, by_kron, by_matrices, by_transposed)),
    *((FIELD, style) for style in (from_the_end, by_prod, by_autograd, as_a_size)),
]


@pytest.mark.parametrize(("exercise", "style"), STYLES, ids=lambda value: getattr(value, "__name__", None))
def test_a_right_solution_in_another_style_is_right(exercise, style):
    for seed in SEEDS if style is not by_autograd else SEEDS[:2]:
        verdict = exercise.check(style, seed=seed)
        assert verdict, f"{style.__name__}, seed {seed}: {verdict}"


def test_the_padding_expected_is_that_of_same_and_keeps_the_size():
    for seed in SEEDS:
        for case in SAME.cases(seed):
            before, after = map(int, SAME.expected(case))
            k, d = case.arguments["kernel_size"], case.arguments.get("dilation", 1)
            layer = nn.Conv1d(1, 1, k, dilation=d, padding="same")
            assert layer._reversed_padding_repeated_twice == [before, after]
            padded = F.pad(torch.zeros(1, 1, 90), (before, after))
            assert nn.Conv1d(1, 1, k, dilation=d)(padded).shape[2] == 90


def test_a_convolution_with_the_spread_kernel_is_the_dilated_one():
    input = torch.rand(1, 1, 21, 23).double()
    for seed in SEEDS:
        for case in DILATE.cases(seed):
            weight, dilation = torch.from_numpy(case.arguments["weight"]), case.arguments["dilation"]
            spread = torch.from_numpy(DILATE.expected(case))
            wanted = F.conv2d(input, weight[None, None], dilation=dilation)
            torch.testing.assert_close(F.conv2d(input, spread[None, None]), wanted)


def test_the_field_expected_is_the_box_of_real_layers_gradients():
    for seed in SEEDS[:3]:
        for case in FIELD.cases(seed):
            layers = case.arguments["layers"]
            assert by_autograd(layers) == tuple(FIELD.expected(case)) and max(seen(layers)) < PIXELS


def test_no_case_is_square():
    for seed in SEEDS:
        for case in DILATE.cases(seed):
            assert len(set(case.arguments["weight"].shape)) == 2 and len(set(case.arguments["dilation"])) == 2
        for case in FIELD.cases(seed):
            assert len(set(FIELD.expected(case))) == 2, case.label
            assert all(len(set(layer.kernel_size)) == 2 for layer in case.arguments["layers"])


def kernel_size_alone(layers):
    size, jump = [1, 1], [1, 1]
    for layer in layers:
        for axis in (0, 1):
            size[axis] = size[axis] + layer.kernel_size[axis] * jump[axis]
            jump[axis] = jump[axis] * layer.stride[axis]
    return tuple(size)


def one_number(layers):
    return from_the_end(layers)[0]


def a_list(layers):
    return list(from_the_end(layers))


def jump_set_not_multiplied(layers):
    size, jump = [1, 1], [1, 1]
    for layer in layers:
        for axis in range(2):
            size[axis] += layer.dilation[axis] * (layer.kernel_size[axis] - 1) * jump[axis]
            jump[axis] = layer.stride[axis]
    return tuple(size)


def whole_pairs(layers):
    size = 1
    for layer in layers:
        size += (layer.kernel_size - 1) * layer.dilation
    return size


def gaps_filled(weight, dilation):
    return weight.repeat_interleave(dilation[0], 0).repeat_interleave(dilation[1], 1)


def zeros_behind(weight, dilation):
    (kH, kW), (dH, dW) = weight.shape, dilation
    spread = torch.zeros(kH * dH, kW * dW, dtype=torch.float64)
    spread[::dH, ::dW] = weight
    return spread


def too_short(weight, dilation):
    (kH, kW), (dH, dW) = weight.shape, dilation
    spread = torch.zeros(dH * (kH - 1), dW * (kW - 1))
    spread[::dH, ::dW] = weight
    return spread


def half_of_the_kernel(kernel_size, dilation=1):
    return kernel_size // 2, kernel_size // 2


def times_half(kernel_size, dilation=1):
    return dilation * (kernel_size // 2), dilation * (kernel_size // 2)


def without_dilation(kernel_size):
    return (kernel_size - 1) // 2, kernel_size // 2


def named(value):
    """A name that is the same in every process: a program's, an exercise's."""
    return getattr(value, "__name__", None) or getattr(value, "id", None)


BEGINNERS = [
    (FIELD, kernel_size_alone, ("M148",), "whole extent"),
    (FIELD, one_number, (), "returned one number"),
    (FIELD, a_list, (), "returned a list"),
    (FIELD, jump_set_not_multiplied, ("M154",), "keep their product"),
    (FIELD, whole_pairs, (), "layer.kernel_size is a pair"),
    (DILATE, gaps_filled, ("M73",), "copies of the taps"),
    (DILATE, zeros_behind, ("M13",), "behind the last tap"),
    (DILATE, too_short, ("M149",), "The first tap needs a cell too"),
    (SAME, half_of_the_kernel, ("M15",), "does not depend on the dilation"),
    (SAME, times_half, ("M16",), "the odd zero goes after"),
]


@pytest.mark.parametrize(("exercise", "program", "mistakes", "words"), BEGINNERS, ids=named)
def test_a_beginners_program_is_named(exercise, program, mistakes, words):
    for seed in SEEDS:
        verdict = exercise.check(program, seed=seed)
        assert not verdict and verdict.mistakes == mistakes and words in verdict.message, verdict


def test_what_is_right_and_lacks_the_dilation_is_partial():
    verdict = SAME.check(without_dilation, seed=1)
    assert verdict.outcome == "partial" and "dilation, which says how far" in verdict.message, verdict


PROVOKED = {
    SAME: (
        "(lambda dilation: dilation(3))(2)",
        "total // 2",
        "ceil(2.5)",
        "(3, 5) - 1",
    ),
    DILATE: (
        "torch.zeros(3, 4).__setitem__((slice(None, None, 2), slice(None, None, 2)), torch.ones(2, 3))",
        "np.zeros((3, 4)).__setitem__((slice(None, None, 2), slice(None, None, 2)), np.ones((2, 3)))",
        "torch.zeros(3, 5)[0, 6]",
        "np.zeros((3, 5))[0, 6]",
        "(3, 5) - 1",
    ),
    FIELD: (
        "nn.Conv2d(1, 1, (3, 5)).kernel_size * nn.Conv2d(1, 1, (3, 5)).dilation",
        "nn.Conv2d(1, 1, (3, 5)).kernel_size - 1",
        "nn.Conv2d(1, 1, (3, 5))[0]",
        "nn.Conv2d(1, 1, (3, 5)).kernel",
        "[nn.Conv2d(1, 1, (3, 5))].kernel_size",
        "exec('size = (1, 1); size[0] += 2')",
        "[1, 1] + 2",
    ),
}


def told(code):
    with pytest.raises(Exception) as raised:
        eval(code, {"torch": torch, "np": np, "F": F, "nn": nn})
    return f"{type(raised.value).__name__}: {raised.value}"


@pytest.mark.parametrize("exercise", PROVOKED, ids=lambda exercise: exercise.id)
def test_the_help_with_errors_quotes_what_is_really_printed(exercise):
    met = [known_error(exercise.errors, told(code)) for code in PROVOKED[exercise]]
    assert None not in met, f"not in the list: {told(PROVOKED[exercise][met.index(None)])}"
    assert set(met) == set(exercise.errors)
