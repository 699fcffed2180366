"""Lesson 09: right solutions that are written unlike the reference: exercise -> styles."""

import itertools
import random
import time
import timeit
from statistics import median
from time import perf_counter

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get

IM2COL, CONV2D, COL2IM, TIME = (get(f"09.{name}") for name in ("im2col", "conv2d_im2col", "col2im", "fair_time"))


def two(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def places(size, kernel_size, stride, padding, dilation=1):
    axes = zip(size, kernel_size, two(stride), two(padding), two(dilation), strict=True)
    return tuple((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in axes)


def padded_by(input, padding):
    pH, pW = two(padding)
    return F.pad(input, (pW, pW, pH, pH))


# ---------------------------------------------------------------- im2col


def number_by_number(input, kernel_size, stride=1, padding=0, dilation=1):
    """Six loops over plain numbers, a question at the border in place of the padding."""
    (N, C, H, W), (kH, kW), x = input.shape, kernel_size, np.asarray(input)
    (sH, sW), (pH, pW), (dH, dW) = map(two, (stride, padding, dilation))
    H_out, W_out = places((H, W), kernel_size, stride, padding, dilation)
    columns = np.zeros((N, C * kH * kW, H_out * W_out))
    for n, c, u, v, i, j in itertools.product(*map(range, (N, C, kH, kW, H_out, W_out))):
        row, column = i * sH + u * dH - pH, j * sW + v * dW - pW
        if 0 <= row < H and 0 <= column < W:
            columns[n, (c * kH + u) * kW + v, i * W_out + j] = x[n, c, row, column]
    return columns


def window_by_window(input, kernel_size, stride=1, padding=0, dilation=1):
    """A list of windows, stacked as columns."""
    padded, (sH, sW), (dH, dW) = padded_by(input, padding), two(stride), two(dilation)
    eH, eW = (d * (k - 1) + 1 for d, k in zip((dH, dW), kernel_size, strict=True))
    H, W = padded.shape[2:]
    windows = [
        padded[:, :, i : i + eH : dH, j : j + eW : dW].flatten(1)
        for i in range(0, H - eH + 1, sH)
        for j in range(0, W - eW + 1, sW)
    ]
    return torch.stack(windows, dim=2)


def by_tensor_unfold(input, kernel_size, stride=1, padding=0, dilation=1):
    """Tensor.unfold makes the windows of each axis; it is not F.unfold."""
    padded = padded_by(input, padding)
    for axis, k, s, d in zip((2, 3), kernel_size, two(stride), two(dilation), strict=True):
        padded = padded.unfold(axis, d * (k - 1) + 1, s)
    (dH, dW), N = two(dilation), len(input)
    windows = padded[..., ::dH, ::dW].permute(0, 1, 4, 5, 2, 3)
    return windows.reshape(N, windows[0, ..., 0, 0].numel(), -1)


def as_strided(input, kernel_size, stride=1, padding=0, dilation=1):
    """A view of six axes, and a copy at the end."""
    padded, (sH, sW), (dH, dW) = padded_by(input, padding).contiguous(), two(stride), two(dilation)
    (n, c, h, w), (kH, kW) = padded.stride(), kernel_size
    size = (*input.shape[:2], kH, kW, *places(input.shape[2:], kernel_size, stride, padding, dilation))
    return padded.as_strided(size, (n, c, h * dH, w * dW, h * sH, w * sW)).reshape(size[0], size[1] * kH * kW, -1)


def by_sliding_window_view(input, kernel_size, stride=1, padding=0, dilation=1):
    """NumPy's windows."""
    (pH, pW), (sH, sW), (dH, dW) = map(two, (padding, stride, dilation))
    padded = np.pad(np.asarray(input), ((0, 0), (0, 0), (pH, pH), (pW, pW)))
    extent = tuple(d * (k - 1) + 1 for d, k in zip((dH, dW), kernel_size, strict=True))
    windows = np.lib.stride_tricks.sliding_window_view(padded, extent, (2, 3))[:, :, ::sH, ::sW, ::dH, ::dW]
    moved = np.moveaxis(windows, (4, 5), (2, 3))
    return moved.reshape(*(len(input), input.shape[1] * kernel_size[0] * kernel_size[1]), -1)


def by_index_arrays(input, kernel_size, stride=1, padding=0, dilation=1):
    """The three index arrays that courses know."""
    (C, H, W), (kH, kW), (sH, sW), (dH, dW) = input.shape[1:], kernel_size, two(stride), two(dilation)
    H_out, W_out = places((H, W), kernel_size, stride, padding, dilation)
    rows = torch.arange(kH).repeat_interleave(kW).repeat(C)[:, None] * dH
    rows = rows + sH * torch.arange(H_out).repeat_interleave(W_out)
    columns = torch.arange(kW).repeat(kH * C)[:, None] * dW + sW * torch.arange(W_out).repeat(H_out)
    return padded_by(input, padding)[:, torch.arange(C).repeat_interleave(kH * kW)[:, None], rows, columns]


def in_float32(input, kernel_size, stride=1, padding=0, dilation=1):
    return by_index_arrays(input, kernel_size, stride, padding, dilation).float()


# ---------------------------------------------------------------- conv2d_im2col


def with_own_columns(input, weight, bias=None, stride=1, padding=0):
    """An im2col of one's own, and an einsum."""
    columns = by_index_arrays(input, tuple(weight.shape[2:]), stride, padding)
    product = torch.einsum("ok,nkl->nol", weight.flatten(1), columns)
    product = product if bias is None else product + bias[:, None]
    return product.view(len(input), len(weight), *places(input.shape[2:], weight.shape[2:], stride, padding))


def as_a_linear_layer(input, weight, bias=None, stride=1, padding=0):
    """The windows as rows, F.linear, and back."""
    columns = nn.Unfold(weight.shape[2:], stride=stride, padding=padding)(input)
    made = F.linear(columns.transpose(1, 2), weight.flatten(1), bias)
    return made.transpose(1, 2).unflatten(2, places(input.shape[2:], weight.shape[2:], stride, padding))


def folded_with_one(input, weight, bias=None, stride=1, padding=0):
    """F.fold with a kernel of 1 x 1 is a view."""
    product = weight.flatten(1) @ F.unfold(input, weight.shape[2:], stride=stride, padding=padding)
    made = F.fold(product, places(input.shape[2:], weight.shape[2:], stride, padding), (1, 1))
    return made if bias is None else made + bias.view(1, -1, 1, 1)


def all_pictures_in_one_matrix(input, weight, bias=None, stride=1, padding=0):
    """(C_in * kH * kW, N * L), as in a course's notes."""
    columns = F.unfold(input, weight.shape[2:], stride=stride, padding=padding)
    product = weight.flatten(1) @ columns.transpose(0, 1).flatten(1)
    product = product if bias is None else product + bias.reshape(-1, 1)
    H_out, W_out = places(input.shape[2:], weight.shape[2:], stride, padding)
    return product.reshape(len(weight), len(input), H_out, W_out).transpose(0, 1)


def picture_by_picture(input, weight, bias=None, stride=1, padding=0):
    """NumPy, a loop over the batch, the bias as a row more."""
    columns = number_by_number(input, tuple(weight.shape[2:]), stride, padding)
    bias = np.zeros(len(weight)) if bias is None else np.asarray(bias)
    rows = np.hstack([np.asarray(weight).reshape(len(weight), -1), bias[:, None]])
    size = (len(weight), *places(input.shape[2:], weight.shape[2:], stride, padding))
    return np.stack([(rows @ np.vstack([it, np.ones(it.shape[1])])).reshape(size) for it in columns])


# ---------------------------------------------------------------- col2im


def number_back(columns, output_size, kernel_size, stride=1, padding=0):
    """Six loops; what falls outside is not put anywhere."""
    (H, W), (kH, kW), (sH, sW), (pH, pW) = output_size, kernel_size, two(stride), two(padding)
    N, C = columns.shape[0], columns.shape[1] // (kH * kW)
    H_out, W_out = places((H, W), kernel_size, stride, padding)
    picture = np.zeros((N, C, H, W))
    for n, c, u, v, i, j in itertools.product(*map(range, (N, C, kH, kW, H_out, W_out))):
        row, column = i * sH + u - pH, j * sW + v - pW
        if 0 <= row < H and 0 <= column < W:
            picture[n, c, row, column] += float(columns[n, (c * kH + u) * kW + v, i * W_out + j])
    return picture


def window_back(columns, output_size, kernel_size, stride=1, padding=0):
    """A window a time."""
    (H, W), (kH, kW), (sH, sW), (pH, pW) = output_size, kernel_size, two(stride), two(padding)
    padded = torch.zeros(len(columns), columns.shape[1] // (kH * kW), H + 2 * pH, W + 2 * pW).double()
    W_out = places((H, W), kernel_size, stride, padding)[1]
    for at in range(columns.shape[2]):
        i, j = at // W_out * sH, at % W_out * sW
        padded[:, :, i : i + kH, j : j + kW] += columns[:, :, at].unflatten(1, (-1, kH, kW))
    return F.pad(padded, (-pW, -pW, -pH, -pH))


def scattered(columns, output_size, kernel_size, stride=1, padding=0):
    """F.unfold of the cells' numbers says where each entry belongs; index_add_ brings it there."""
    (H, W), taps = output_size, kernel_size[0] * kernel_size[1]
    cells = torch.arange(1.0, H * W + 1).reshape(1, 1, H, W)
    where = F.unfold(cells, kernel_size, stride=stride, padding=padding)[0].long().flatten()  # 0 for the padding
    flat = torch.zeros(len(columns), columns.shape[1] // taps, H * W + 1, dtype=columns.dtype)
    flat.index_add_(2, where, columns.reshape(*flat.shape[:2], -1))
    return flat[:, :, 1:].unflatten(2, (H, W))


def add_at(columns, output_size, kernel_size, stride=1, padding=0):
    """NumPy's add.at with index arrays."""
    (H, W), (kH, kW), (sH, sW), (pH, pW) = output_size, kernel_size, two(stride), two(padding)
    H_out, W_out = places((H, W), kernel_size, stride, padding)
    taps = np.asarray(columns).reshape(len(columns), -1, kH, kW, H_out, W_out)
    padded = np.zeros((*taps.shape[:2], H + 2 * pH, W + 2 * pW))
    rows = (np.arange(kH)[:, None] + sH * np.arange(H_out))[:, None, :, None]
    across = (np.arange(kW)[:, None] + sW * np.arange(W_out))[None, :, None, :]
    np.add.at(padded, (slice(None), slice(None), rows, across), taps)
    return padded[:, :, pH : H + pH, pW : W + pW]


def by_shares(columns, output_size, kernel_size, stride=1, padding=0):
    """The columns as a matrix of 0 and 1, transposed: an einsum."""
    cells = torch.eye(output_size[0] * output_size[1], dtype=torch.float64).reshape(-1, 1, *output_size)
    share = F.unfold(cells, kernel_size, stride=stride, padding=padding)  # [cell, tap, place]
    taps = columns.unflatten(1, (-1, kernel_size[0] * kernel_size[1]))
    return torch.einsum("nctl,xtl->ncx", taps, share).unflatten(2, output_size)


# ---------------------------------------------------------------- fair_time


def sorted_middle(functions, runs):
    """A list of its own, sorted; the clock imported by name."""
    [function() for function in functions.values()]
    kept = {}
    for _ in range(runs):
        for name in functions:
            start = perf_counter()
            functions[name]()
            kept.setdefault(name, []).append(perf_counter() - start)
    return {name: sorted(times)[len(times) // 2] for name, times in kept.items()}


def first_round_dropped(functions, runs):
    """A round more than asked for, whose times are thrown away; nanoseconds, torch's median."""
    table = []
    for _ in range(runs + 1):
        row = []
        for function in functions.values():
            start = time.perf_counter_ns()
            function()
            row.append((time.perf_counter_ns() - start) / 1e9)
        table.append(row)
    return dict(zip(functions, torch.tensor(table[1:], dtype=torch.float64).median(0).values, strict=True))


def there_and_back(functions, runs):
    """A B C, C B A, ...; warmed up three times; NumPy's median, in float32 on the way."""
    for function in [*functions.values()] * 3:
        function()
    order, kept = list(functions), {name: [] for name in functions}
    for _ in range(runs):
        for name in order:
            start = time.monotonic()
            functions[name]()
            kept[name].append(np.float32(time.monotonic() - start))
        order.reverse()
    return {name: np.median(times) for name, times in kept.items()}


def shuffled(functions, runs, clock=time.perf_counter):
    """Another order in each round; the clock is a default; one look ends a time and begins the next."""
    for function in functions.values():
        function()
    order, kept = list(functions), {name: [] for name in functions}
    for _ in range(runs):
        random.shuffle(order)
        before = clock()
        for name in order:
            functions[name]()
            now = clock()
            kept[name].append(now - before)
            before = now
    return {name: median(times) for name, times in kept.items()}


def by_timeit(functions, runs):
    """The standard library's stopwatch, one call at a time."""
    for function in functions.values():
        function()
    rounds = [[timeit.timeit(function, number=1) for function in functions.values()] for _ in range(runs)]
    return {name: median(times) for name, times in zip(functions, zip(*rounds, strict=True), strict=True)}


def imported_inside(functions, runs):
    import time as clock
    from timeit import default_timer

    def once(function):
        start = default_timer()
        function()
        return default_timer() - start

    clock.perf_counter()
    for function in functions.values():
        once(function)
    rounds = [{name: once(function) for name, function in functions.items()} for _ in range(runs)]
    return {name: median(one[name] for one in rounds) for name in functions}


STYLES = {
    IM2COL: (
        number_by_number,
        window_by_window,
        by_tensor_unfold,
        as_strided,
        by_sliding_window_view,
        by_index_arrays,
        in_float32,
    ),
    CONV2D: (with_own_columns, as_a_linear_layer, folded_with_one, all_pictures_in_one_matrix, picture_by_picture),
    COL2IM: (number_back, window_back, scattered, add_at, by_shares),
    TIME: (sorted_middle, first_round_dropped, there_and_back, shuffled, by_timeit, imported_inside),
}
FLOAT32 = (in_float32,)
