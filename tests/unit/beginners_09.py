"""Lesson 09: what beginners write: exercise, program, the mistakes that are named, words that are said."""

import statistics
import time
import timeit

import torch
import torch.nn.functional as F

from convlab.exercises import get
from tests.unit.styles_09 import (
    by_index_arrays,
    by_tensor_unfold,
    folded_with_one,
    places,
    sorted_middle,
    two,
    window_back,
)

IM2COL, CONV2D, COL2IM, TIME = (get(f"09.{name}") for name in ("im2col", "conv2d_im2col", "col2im", "fair_time"))


def channels_last(input, kernel_size, stride=1, padding=0, dilation=1):
    """Windows flattened with their channels innermost."""
    columns = by_index_arrays(input, kernel_size, stride, padding, dilation)
    return columns.unflatten(1, (input.shape[1], -1)).transpose(1, 2).flatten(1, 2)


def as_many_as_pixels(input, kernel_size, stride=1, padding=0, dilation=1):
    columns = torch.zeros(len(input), input.shape[1] * kernel_size[0] * kernel_size[1], input[0, 0].numel()).double()
    made = by_tensor_unfold(input, kernel_size, stride, padding, dilation)
    columns[:, :, : made.shape[2]] = made
    return columns


def without_padding(input, kernel_size, stride=1, padding=0, dilation=1):
    return by_tensor_unfold(input, kernel_size, stride, 0, dilation)


def folded(input, weight, bias=None, stride=1, padding=0):
    product = weight.flatten(1) @ F.unfold(input, weight.shape[2:], stride=stride, padding=padding)
    return F.fold(product, input.shape[2:], weight.shape[2:], stride=stride, padding=padding)


def rows_times_weight(input, weight, bias=None, stride=1, padding=0):
    columns = F.unfold(input, weight.shape[2:], stride=stride, padding=padding)
    product = columns.transpose(1, 2) @ weight.flatten(1).T
    product = product if bias is None else product + bias
    return product.reshape(len(input), len(weight), *places(input.shape[2:], weight.shape[2:], stride, padding))


def weight_permuted(input, weight, bias=None, stride=1, padding=0):
    turned = weight.permute(0, 2, 3, 1).flatten(1).reshape(weight.shape)
    return folded_with_one(input, turned, bias, stride, padding)


def bias_unshaped(input, weight, bias=None, stride=1, padding=0):
    product = weight.flatten(1) @ F.unfold(input, weight.shape[2:], stride=stride, padding=padding)
    product = product if bias is None else product + bias
    return product.unflatten(2, places(input.shape[2:], weight.shape[2:], stride, padding))


def put_down(columns, output_size, kernel_size, stride=1, padding=0):
    (H, W), (kH, kW), (sH, sW), (pH, pW) = output_size, kernel_size, two(stride), two(padding)
    padded = torch.zeros(len(columns), columns.shape[1] // (kH * kW), H + 2 * pH, W + 2 * pW).double()
    W_out = places((H, W), kernel_size, stride, padding)[1]
    for at in range(columns.shape[2]):
        i, j = at // W_out * sH, at % W_out * sW
        padded[:, :, i : i + kH, j : j + kW] = columns[:, :, at].unflatten(1, (-1, kH, kW))
    return padded[:, :, pH : pH + H, pW : pW + W]


def undone(columns, output_size, kernel_size, stride=1, padding=0):
    """Divided by how often each cell was read."""
    count = window_back(torch.ones_like(columns), output_size, kernel_size, stride, padding)
    return window_back(columns, output_size, kernel_size, stride, padding) / count.clamp(min=1)


def not_cut(columns, output_size, kernel_size, stride=1, padding=0):
    size = [n + 2 * p for n, p in zip(output_size, two(padding), strict=True)]
    return window_back(columns, size, kernel_size, stride)


def one_by_one(functions, runs):
    found = {}
    for name, function in functions.items():
        function()
        times = []
        for _ in range(runs):
            start = time.perf_counter()
            function()
            times.append(time.perf_counter() - start)
        found[name] = statistics.median(times)
    return found


def cold(functions, runs):
    seconds = {name: [] for name in functions}
    for _ in range(runs):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def warm_means(functions, runs):
    for function in functions.values():
        function()
    seconds = dict.fromkeys(functions, 0.0)
    for _ in range(runs):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            seconds[name] += time.perf_counter() - start
    return {name: total / runs for name, total in seconds.items()}


def timeit_for_all(functions, runs):
    return {name: timeit.timeit(function, number=runs) / runs for name, function in functions.items()}


def in_milliseconds(functions, runs):
    return {name: 1000 * it for name, it in sorted_middle(functions, runs).items()}


def in_nanoseconds(functions, runs):
    return {name: 1e9 * it for name, it in sorted_middle(functions, runs).items()}


def named_only(functions, runs):
    for name in functions:
        start = time.perf_counter()
        functions[name]
        time.perf_counter() - start
    return dict.fromkeys(functions, 0.0)


BEGINNERS = [
    (IM2COL, channels_last, ("M85",), "channel by channel"),
    (IM2COL, as_many_as_pixels, ("M86",), "one for each place of the window"),
    (IM2COL, without_padding, ("M168",), "padding is left out"),
    (IM2COL, lambda input, size, *more: by_index_arrays(input, size, *more).mT, (), "transpose the last two axes"),
    (CONV2D, folded, ("M87",), "You fold the product"),
    (CONV2D, rows_times_weight, (), "places before the filters"),
    (CONV2D, weight_permuted, ("M85",), "tap by tap"),
    (CONV2D, bias_unshaped, (), "laid along the places"),
    (COL2IM, put_down, ("M187",), "Add them, with \\+="),
    (COL2IM, undone, ("M87",), "does not undo unfold"),
    (COL2IM, not_cut, (), "padding is still there"),
    (TIME, one_by_one, ("M206",), "take them in turn"),
    (TIME, cold, ("M204",), "untimed"),
    (TIME, warm_means, ("M204",), "the median, the middle one"),
    (TIME, timeit_for_all, (), "before and right after every single call"),
    (TIME, in_milliseconds, (), "multiplied by 1000"),
    (TIME, in_nanoseconds, (), "perf_counter_ns billionths"),
    (TIME, named_only, (), r"functions\[name\]\(\) calls it"),
]
