"""Lesson 06: what beginners write: exercise, program, the mistakes that are named, words that are said."""

import numpy as np
import torch
from torch import nn

from convlab.exercises import get
from tests.unit.styles_06 import bank_by_numpy, columns

CONV2D, GREY, SET, BANK = (get(f"06.{name}") for name in ("conv2d", "grey", "set_kernel", "gabor_bank"))


def mean_over_everything(input, weight, bias=None, stride=1, padding=0):
    """A window's mean over the channels, before the sum over rows and columns."""
    output = columns(input, weight, None, stride, padding) / input.shape[1]
    return output if bias is None else output + bias.view(1, -1, 1, 1)


def last_wins(input, weight, bias=None, stride=1, padding=0):
    for c in range(input.shape[1]):
        output = columns(input[:, c : c + 1], weight[:, c : c + 1], bias, stride, padding)
    return output


def bias_in_the_loop(input, weight, bias=None, stride=1, padding=0):
    parts = [columns(input[:, c : c + 1], weight[:, c : c + 1], bias, stride, padding) for c in range(input.shape[1])]
    return sum(parts)


def indexed_the_other_way(input, weight, bias=None, stride=1, padding=0):
    maps = []
    for o in range(weight.shape[0]):
        total = 0.0
        for c in range(input.shape[1]):
            total = total + columns(input[:, c : c + 1], weight[c, o][None, None], None, stride, padding)[:, 0]
        maps.append(total if bias is None else total + bias[o])
    return torch.stack(maps, 1)


def grey_by_mean():
    layer = nn.Conv2d(3, 1, 1, bias=False)
    nn.init.constant_(layer.weight, 1 / 3)
    return layer


def set_by_data(layer, o, kernel):
    layer.weight.data[o] = kernel
    return layer


def set_by_new_parameter(layer, o, kernel):
    numbers = layer.weight.detach().clone()
    numbers[o] = kernel
    layer.weight = nn.Parameter(numbers)
    return layer


def set_in_a_copy(layer, o, kernel):
    numbers = layer.weight.clone()
    numbers[o] = kernel
    return layer


def set_everywhere(layer, o, kernel):
    with torch.no_grad():
        layer.weight.copy_(kernel)
    return layer


def full_turn(kernel_size, orientations, wavelength, sigma, gamma=0.5):
    doubled = bank_by_numpy(kernel_size, orientations, wavelength, sigma, gamma)
    return np.stack([doubled[2 * i % orientations] for i in range(orientations)])


def only_waves(kernel_size, orientations, wavelength, sigma, gamma=0.5):
    return bank_by_numpy(kernel_size, orientations, wavelength, 1e9, gamma)


BEGINNERS = [
    (CONV2D, mean_over_everything, ("M32",), "averaged"),
    (CONV2D, last_wins, ("M158",), "add the channels up with"),
    (CONV2D, bias_in_the_loop, ("M159",), "added with each channel"),
    (CONV2D, indexed_the_other_way, ("M30",), "weight\\[o, c\\]"),
    (GREY, grey_by_mean, ("M32",), "0.299, 0.587 and 0.114"),
    (SET, set_by_data, ("M95",), "through .data"),
    (SET, set_by_new_parameter, ("M162",), "new Parameter"),
    (SET, set_in_a_copy, (), "changed a copy"),
    (SET, set_everywhere, (), "All filters got the kernel"),
    (BANK, full_turn, ("M164",), "full turn"),
    (BANK, only_waves, ("M163",), "without an envelope"),
]
