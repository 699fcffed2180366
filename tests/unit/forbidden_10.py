"""Lesson 10: what does the whole task, or most of it, by whatever name: exercise, program, name that is called."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get

GROUPED, SEPARABLE, SHUFFLE, BUDGET = (
    get(f"10.{name}") for name in ("grouped_conv", "separable", "channel_shuffle", "groups_for_budget")
)


# ---------------------------------------------------------------- ready-made calls


def by_keyword(input, weight, bias=None, groups=1):
    return F.conv2d(input, weight, bias, groups=groups)


def by_place(input, weight, bias=None, groups=1):
    return torch.conv2d(input, weight, bias, (1, 1), (0, 0), (1, 1), groups)


def by_layer(input, weight, bias=None, groups=1):
    layer = nn.Conv2d(input.shape[1], len(weight), weight.shape[2:], groups=groups, bias=False, dtype=torch.float64)
    layer.weight = nn.Parameter(weight)
    return layer(input).detach()


def by_convolution(input, weight, bias=None, groups=1):
    return torch.convolution(input, weight, bias, [1, 1], [0, 0], [1, 1], False, [0, 0], groups)


def by_our_engine(input, weight, bias=None, groups=1):
    from convlab.engines import conv2d_windows

    return conv2d_windows(*(None if it is None else np.asarray(it) for it in (input, weight, bias)), groups=groups)


FORBIDDEN = [
    (GROUPED, by_keyword, "conv2d"),
    (GROUPED, by_place, "conv2d"),
    (GROUPED, by_layer, "conv2d"),
    (GROUPED, by_convolution, "convolution"),
    (GROUPED, by_our_engine, "conv2d_windows"),
    (SHUFFLE, lambda x, groups: F.channel_shuffle(x, groups), "channel_shuffle"),
    (SHUFFLE, lambda x, groups: nn.ChannelShuffle(groups)(x), "channel_shuffle"),
    (SHUFFLE, lambda x, groups: torch.native_channel_shuffle(x, groups), "native_channel_shuffle"),
]
