"""Lesson 09: what does the whole task, or most of it, by whatever name: exercise, program, name that is called."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get
from tests.unit.styles_09 import places, two

IM2COL, CONV2D, COL2IM = (get(f"09.{name}") for name in ("im2col", "conv2d_im2col", "col2im"))


def one_hot(input, kernel_size, stride=1, padding=0, dilation=1):
    """A convolution whose every filter copies one cell."""
    kH, kW = kernel_size
    copies = torch.eye(kH * kW, dtype=torch.float64).view(-1, 1, kH, kW).repeat(input.shape[1], 1, 1, 1)
    return F.conv2d(input, copies, None, stride, padding, dilation, groups=input.shape[1]).flatten(2)


def unfold_by_name(input, kernel_size, stride=1, padding=0, dilation=1):
    return F.unfold(input, kernel_size, dilation, padding, stride)


def unfold_by_module(input, kernel_size, stride=1, padding=0, dilation=1):
    return nn.Unfold(kernel_size, dilation, padding, stride)(input)


def unfold_inside(input, kernel_size, stride=1, padding=0, dilation=1):
    return torch._C._nn.im2col(input, kernel_size, *map(two, (dilation, padding, stride)))


def our_columns(input, kernel_size, stride=1, padding=0, dilation=1):
    from convlab import engines

    return engines.im2col(np.asarray(input), kernel_size, stride, padding, dilation)


def fold_by_name(columns, output_size, kernel_size, stride=1, padding=0):
    return F.fold(columns, output_size, kernel_size, 1, padding, stride)


def fold_inside(columns, output_size, kernel_size, stride=1, padding=0):
    return torch.ops.aten.col2im(columns, output_size, kernel_size, (1, 1), two(padding), two(stride))


def our_picture(columns, output_size, kernel_size, stride=1, padding=0):
    from convlab.engines import col2im

    return col2im(np.asarray(columns), output_size, kernel_size, stride, padding)


def transposed(columns, output_size, kernel_size, stride=1, padding=0):
    kH, kW = kernel_size
    taps = torch.eye(kH * kW, dtype=torch.float64).view(-1, 1, kH, kW)
    maps = columns.unflatten(2, places(output_size, kernel_size, stride, padding))
    return F.conv_transpose2d(maps, taps, stride=stride, padding=padding)


def conv2d_by_name(input, weight, bias=None, stride=1, padding=0):
    return F.conv2d(input, weight, bias, stride, padding)


FORBIDDEN = [
    (IM2COL, unfold_by_name, "unfold"),
    (IM2COL, unfold_by_module, "unfold"),
    (IM2COL, unfold_inside, "im2col"),
    (IM2COL, our_columns, "im2col"),
    (IM2COL, one_hot, "conv2d"),
    (CONV2D, conv2d_by_name, "conv2d"),
    (COL2IM, fold_by_name, "fold"),
    (COL2IM, fold_inside, "col2im"),
    (COL2IM, our_picture, "col2im"),
    (COL2IM, transposed, "conv_transpose2d"),
]
