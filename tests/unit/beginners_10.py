"""Lesson 10: what beginners write: exercise, program, the mistakes that are named, words that are said."""

import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get
from convlab.exercises.lesson_10.budget_slips import legal
from tests.unit.styles_10 import from_above, padded_by_name

GROUPED, SEPARABLE, SHUFFLE, BUDGET = (
    get(f"10.{name}") for name in ("grouped_conv", "separable", "channel_shuffle", "groups_for_budget")
)


def strided_groups(input, weight, bias=None, groups=1):
    parts = [input[:, g::groups] for g in range(groups)]
    weights = weight.chunk(groups)
    output = torch.cat([F.conv2d(x, w) for x, w in zip(parts, weights, strict=True)], 1)
    return output if bias is None else output + bias.view(-1, 1, 1)


def summed_groups(input, weight, bias=None, groups=1):
    biases = [None] * groups if bias is None else bias.chunk(groups)
    return sum(F.conv2d(*it) for it in zip(input.chunk(groups, 1), weight.chunk(groups), biases, strict=True))


def weight_cut_twice(input, weight, bias=None, groups=1):
    ins, outs = input.shape[1] // groups, len(weight) // groups
    outputs = []
    for g in range(groups):
        read, made = slice(g * ins, (g + 1) * ins), slice(g * outs, (g + 1) * outs)
        outputs.append(F.conv2d(input[:, read], weight[made, read], None if bias is None else bias[made]))
    return torch.cat(outputs, 1)


def two_and_three(input, weight, bias=None, groups=1):
    outputs = []
    for g in range(groups):
        own = None if bias is None else bias[3 * g : 3 * g + 3]
        outputs.append(F.conv2d(input[:, 2 * g : 2 * g + 2], weight[3 * g : 3 * g + 3], own))
    return torch.cat(outputs, 1)


def as_if_dense(input, weight, bias=None, groups=1):
    return F.conv2d(input, weight, bias)


def repeated(input, weight, bias=None, groups=1):
    return F.conv2d(input, weight.repeat(1, groups, 1, 1), bias)


def split_by_number(input, weight, bias=None, groups=1):
    biases = [None] * len(weight) if bias is None else bias.split(groups)
    pairs = zip(input.split(groups, dim=1), weight.split(groups, dim=0), biases, strict=False)
    return torch.cat([F.conv2d(*it) for it in pairs], dim=1)


def in_the_batch(input, weight, bias=None, groups=1):
    biases = [None] * groups if bias is None else bias.chunk(groups)
    return torch.cat([F.conv2d(*it) for it in zip(input.chunk(groups, 1), weight.chunk(groups), biases, strict=True)])


def depthwise_alone(in_channels, out_channels, kernel_size):
    padding = tuple(k // 2 for k in kernel_size)
    return nn.Conv2d(in_channels, in_channels, kernel_size, padding=padding, groups=in_channels)


def grouped_by_output(in_channels, out_channels, kernel_size):
    return nn.Sequential(
        nn.Conv2d(in_channels, in_channels, kernel_size, padding="same", groups=out_channels),
        nn.Conv2d(in_channels, out_channels, 1),
    )


def with_relu(in_channels, out_channels, kernel_size):
    depthwise, pointwise = padded_by_name(in_channels, out_channels, kernel_size)
    return nn.Sequential(depthwise, nn.ReLU(), pointwise)


def dense_first(in_channels, out_channels, kernel_size):
    return nn.Sequential(
        nn.Conv2d(in_channels, in_channels, kernel_size, padding="same"), nn.Conv2d(in_channels, out_channels, 1)
    )


def without_zeros(in_channels, out_channels, kernel_size):
    return nn.Sequential(
        nn.Conv2d(in_channels, in_channels, kernel_size, groups=in_channels), nn.Conv2d(in_channels, out_channels, 1)
    )


def grouped_behind(in_channels, out_channels, kernel_size):
    depthwise, _ = padded_by_name(in_channels, out_channels, kernel_size)
    return nn.Sequential(depthwise, nn.Conv2d(in_channels, out_channels, 1, groups=in_channels))


def one_picture(x, groups):
    C, H, W = x.shape[1:]
    return x.view(groups, C // groups, H, W).transpose(0, 1).flatten(0, 1)


def one_picture_reshaped(x, groups):
    C, H, W = x.shape[1:]
    return x.view(groups, C // groups, H, W).transpose(0, 1).reshape(x.shape)


def first_picture(x, groups):
    return x[0].unflatten(0, (groups, -1)).transpose(0, 1).flatten(0, 1)


def view_only(x, groups):
    N, C, H, W = x.shape
    return x.view(N, groups, C // groups, H, W).view(N, C, H, W).clone()


def the_other_way(x, groups):
    return x.unflatten(1, (-1, groups)).transpose(1, 2).flatten(1, 2)


def first_that_fits(in_channels, out_channels, kernel_size, budget, most=False):
    """No look at what divides."""
    kH, kW = kernel_size
    for groups in range(1, in_channels + 1):
        if out_channels * in_channels // groups * kH * kW + out_channels <= budget:
            return groups
    return None


def biases_shared(in_channels, out_channels, kernel_size, budget):
    kH, kW = kernel_size
    for groups in legal(in_channels, out_channels):
        if (out_channels * in_channels * kH * kW + out_channels) // groups <= budget:
            return groups
    return None


def gives_up_at_once(in_channels, out_channels, kernel_size, budget):
    kH, kW = kernel_size
    for groups in range(1, in_channels + 1):
        legal_ones = in_channels % groups == 0 and out_channels % groups == 0
        if legal_ones and out_channels * (in_channels // groups) * kH * kW + out_channels <= budget:
            return groups
        else:
            return None


def gives_up_where_none_is_made(in_channels, out_channels, kernel_size, budget):
    kH, kW = kernel_size
    for groups in range(1, in_channels + 1):
        if in_channels % groups or out_channels % groups:
            return None
        if out_channels * (in_channels // groups) * kH * kW + out_channels <= budget:
            return groups


def never_less(in_channels, out_channels, kernel_size, budget):
    kH, kW = kernel_size
    for groups in legal(in_channels, out_channels):
        if groups * (in_channels * out_channels * kH * kW) + out_channels <= budget:
            return groups
    return None


def returns_one(in_channels, out_channels, kernel_size, budget):
    found = from_above(in_channels, out_channels, kernel_size, budget)
    return 1 if found is None else int(found)


BEGINNERS = [
    (GROUPED, strided_groups, ("M210",), "a run of neighbours"),
    (GROUPED, summed_groups, ("M219",), "one behind the other"),
    (GROUPED, as_if_dense, ("M46",), "Cut the input into groups first"),
    (GROUPED, weight_cut_twice, (), "cut only its first axis"),
    (GROUPED, two_and_three, (), "the 2 and 3 of the example"),
    (GROUPED, repeated, ("M48",), "No path leads"),
    (GROUPED, split_by_number, (), "pieces of `groups` channels"),
    (GROUPED, in_the_batch, (), "in the batch"),
    (SEPARABLE, depthwise_alone, ("M213",), "depthwise convolution alone"),
    (SEPARABLE, grouped_by_output, ("M47",), "groups=in_channels"),
    (SEPARABLE, with_relu, ("M64",), "Something stands between"),
    (SEPARABLE, dense_first, ("M44",), "is dense"),
    (SEPARABLE, without_zeros, (), "smaller than the input"),
    (SEPARABLE, grouped_behind, (), "must read all channels"),
    (SHUFFLE, one_picture, (), "batch axis is gone"),
    (SHUFFLE, one_picture_reshaped, (), "batch axis is gone"),
    (SHUFFLE, first_picture, (), "batch axis is gone"),
    (SHUFFLE, view_only, ("M216",), "A view moves nothing"),
    (SHUFFLE, the_other_way, ("M215",), "group after group"),
    (BUDGET, first_that_fits, ("M49",), "do not divide"),
    (BUDGET, gives_up_at_once, (), "None only after the loop"),
    (BUDGET, gives_up_where_none_is_made, (), "None only after the loop"),
    (BUDGET, never_less, (), "a count that does not fall"),
    (BUDGET, biases_shared, ("M212",), "however many groups"),
    (BUDGET, returns_one, (), "return None"),
]
