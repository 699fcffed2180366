"""Lesson 05: what beginners write: exercise, program, the mistakes that are named, words that are said."""

import torch

from convlab.exercises import get
from tests.unit.styles_05 import from_the_end

SAME, DILATE, FIELD = get("05.same_padding"), get("05.dilate"), get("05.receptive_field")


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


BEGINNERS = [
    (FIELD, kernel_size_alone, ("M148",), "whole extent"),
    (FIELD, one_number, (), "returned one number"),
    (FIELD, a_list, (), "returned a list"),
    (FIELD, jump_set_not_multiplied, ("M154",), "keep their product"),
    (FIELD, whole_pairs, (), r"layer\.kernel_size is a pair"),
    (DILATE, gaps_filled, ("M73",), "copies of the taps"),
    (DILATE, zeros_behind, ("M13",), "behind the last tap"),
    (DILATE, too_short, ("M149",), "The first tap needs a cell too"),
    (SAME, half_of_the_kernel, ("M15",), "does not depend on the dilation"),
    (SAME, times_half, ("M16",), "the odd zero goes after"),
]
