"""Lesson 02: what does the whole task, or most of it, by whatever name: exercise, program, name that is called."""

from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from convlab.exercises import get

CONV2D = get("02.conv2d")
hidden_conv2d = F.conv2d  # a name that no search of the learner's text would find


def right(input, weight, bias=0.0):
    return CONV2D.reference(input, weight, bias)


def by_its_name(input, weight, bias=0.0):
    return F.conv2d(input[None, None], weight[None, None])[0, 0] + bias


def by_another_name(input, weight, bias=0.0):
    return hidden_conv2d(input[None, None], weight[None, None])[0, 0] + bias


def by_partial(input, weight, bias=0.0):
    return next(map(partial(torch.conv2d, weight=weight[None, None]), [input[None, None]]))[0, 0] + bias


def by_layer(input, weight, bias=0.0):
    layer = torch.nn.Conv2d(1, 1, tuple(weight.shape), bias=False, dtype=torch.float64)
    layer.weight.data = weight[None, None].clone()
    return layer(input[None, None])[0, 0] + bias


def by_convolution(input, weight, bias=0.0):
    arguments = (None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)
    return torch.convolution(input[None, None], weight[None, None], *arguments)[0, 0] + bias


def by_operator(input, weight, bias=0.0):
    return torch.ops.aten.conv2d(input[None, None], weight[None, None])[0, 0] + bias


def by_transposed(input, weight, bias=0.0):
    full = F.conv_transpose2d(input[None, None], weight.flip(0, 1)[None, None])[0, 0]
    return full[weight.shape[0] - 1 : input.shape[0], weight.shape[1] - 1 : input.shape[1]] + bias


def by_conv1d(input, weight, bias=0.0):
    rows = [
        F.conv1d(input[u : input.shape[0] - len(weight) + 1 + u, None], weight[None, None, u])
        for u in range(len(weight))
    ]
    return sum(rows)[:, 0] + bias


def behind_try(input, weight, bias=0.0):
    try:
        return by_its_name(input, weight, bias)
    except BaseException:
        return right(input, weight, bias)


def two_axes_too_few(input, weight, bias=0.0):
    return F.conv2d(input, weight)


def by_scipy(input, weight, bias=0.0):
    from scipy.signal import correlate2d

    return correlate2d(np.asarray(input), np.asarray(weight), mode="valid") + bias


def by_ndimage(input, weight, bias=0.0):
    from scipy import ndimage

    kH, kW = weight.shape
    full = ndimage.correlate(np.asarray(input), np.asarray(weight), origin=(-(kH // 2), -(kW // 2)))
    return full[: input.shape[0] - kH + 1, : input.shape[1] - kW + 1] + bias


def by_our_engine(input, weight, bias=0.0):
    from convlab.engines import conv2d_loops

    return conv2d_loops(np.asarray(input)[None], np.asarray(weight)[None, None])[0] + bias


def with_stride(input, weight, bias=0.0, stride=1, padding=0):
    return F.conv2d(input[None, None], weight[None, None], stride=stride, padding=padding)[0, 0] + bias


FORBIDDEN = [
    (CONV2D, by_its_name, "conv2d"),
    (CONV2D, by_another_name, "conv2d"),
    (CONV2D, by_partial, "conv2d"),
    (CONV2D, by_layer, "conv2d"),
    (CONV2D, by_convolution, "convolution"),
    (CONV2D, by_operator, "conv2d"),
    (CONV2D, by_transposed, "conv_transpose2d"),
    (CONV2D, by_conv1d, "conv1d"),
    (CONV2D, behind_try, "conv2d"),
    (CONV2D, two_axes_too_few, "conv2d"),
    (CONV2D, by_scipy, "correlate2d"),
    (CONV2D, by_ndimage, "correlate"),
    (CONV2D, by_our_engine, "conv2d_loops"),
    (get("04.conv2d"), with_stride, "conv2d"),
]
