"""The networks that 07.freeze and 07.transfer are given. They need torch, so this file is loaded when one is made.

A network follows from its settings alone, so that every program begins with the same numbers; and every layer bears
a mark, by which it is known again however the network is put together afterwards.
"""

import copy
from functools import cache

import numpy as np
import torch
from torch import nn

from ...samples import coloured_digits

MARK = "convlab_part"  # on every layer: the name of the part that it belongs to


class Network(nn.Sequential):
    """Parts one after another, each with a name of its own."""


def _fill(rng, model):
    """Numbers for every parameter and every running statistic, none of them what a new layer has."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.from_numpy(rng.uniform(-1, 1, parameter.shape)))
        for name, numbers in model.named_buffers():
            if name.endswith("running_mean"):
                numbers.copy_(torch.from_numpy(rng.uniform(-1, 1, numbers.shape)))
            elif name.endswith("running_var"):
                numbers.copy_(torch.from_numpy(rng.uniform(0.5, 2, numbers.shape)))
    return model


def _marked(model):
    for name, part in model.named_children():
        for layer in part.modules():
            setattr(layer, MARK, name)
    return model


def _block(C_in, C_out, kernel_size):
    return nn.Sequential(nn.Conv2d(C_in, C_out, kernel_size, bias=False), nn.BatchNorm2d(C_out), nn.ReLU())


def with_batchnorm(seed, C_in, widths):
    """A network of stem, body and head in float64 and in training mode; BatchNorm in each of them.

    Args:
        seed: of its numbers.
        C_in: the channels of its input of 7 x 6.
        widths: channels behind the stem, behind the two blocks of the body, and classes.
    """
    first, second, third, classes = widths
    with torch.random.fork_rng(devices=[]):  # new layers draw numbers: not from the learner's
        body = nn.Sequential(_block(first, second, (2, 1)), _block(second, third, (1, 2)))
        head = nn.Sequential(nn.Flatten(), nn.Linear(third * 4 * 4, classes), nn.BatchNorm1d(classes))
        model = Network()
        for name, part in (("stem", _block(C_in, first, (3, 2))), ("body", body), ("head", head)):
            model.add_module(name, part)
    model = _marked(_fill(np.random.default_rng(seed), model.double()))
    model.made_by = (seed, C_in, widths)  # by which a program makes another one like it
    return model


class DigitNetwork(nn.Module):
    """Filters and a head: what tells digits apart."""

    def __init__(self, features, head):
        super().__init__()
        self.features = features
        self.head = head

    def forward(self, input):
        return self.head(self.features(input))


def coloured(seed, low, count, held_out=False):
    """(pictures, labels) of five digits from `low` on, in colour: float32 from 0 to 1, as many of each digit.

    Args:
        seed: which pictures.
        low: 0 or 5.
        count: of each digit.
        held_out: pictures that never come without this.
    """
    images, labels = _pictures(held_out)
    rng = np.random.default_rng(seed)
    found = [rng.permutation(np.flatnonzero(labels == digit))[:count] for digit in range(low, low + 5)]
    order = rng.permutation(np.concatenate(found))
    return images[order].astype(np.float32) / 255, labels[order].astype(np.int64)


@cache
def _pictures(held_out):
    """800 coloured digits and their labels."""
    images, labels = coloured_digits("train")
    some = slice(800, 1600) if held_out else slice(800)
    return images[some].copy(), labels[some].copy()


@cache
def _learned():
    """(filters, mean, variance, weight, bias) learned from the digits 0 to 4, without a step of training.

    The filters are the directions in which small windows of these pictures differ most; the head is the one of least
    squares on their feature maps.
    """
    images, labels = (torch.from_numpy(it) for it in coloured(0, 0, 60))
    # In parts: the kernel would keep the memory that all windows at once take.
    _, directions = torch.linalg.eigh(sum(window.T @ window for window in map(_windows, images.split(50))))
    strongest = directions[:, -6:].T.reshape(6, 3, 5, 4)
    filters = torch.cat([strongest, -strongest]).float()
    maps = nn.functional.conv2d(images, filters, stride=2)
    mean, variance = maps.mean((0, 2, 3)), maps.var((0, 2, 3))
    features = _features(filters, mean, variance)(images)
    with_one = torch.cat([features, torch.ones(len(features), 1)], 1).double()
    squares = with_one.T @ with_one + 10 * torch.eye(with_one.shape[1])
    solved = torch.linalg.solve(squares, with_one.T @ nn.functional.one_hot(labels, 5).double()).float()
    return filters, mean, variance, 4 * solved[:-1].T, 4 * solved[-1]


def _windows(images):
    """Small windows of pictures, a row each, (number, 60) float64, each less its own mean."""
    rows = nn.functional.unfold(images, (5, 4), stride=3).transpose(1, 2).flatten(0, 1).double()
    return rows - rows.mean(1, keepdim=True)


def _features(filters, mean, variance):
    conv = nn.Conv2d(3, len(filters), filters.shape[2:], stride=2, bias=False)
    norm = nn.BatchNorm2d(len(filters))
    with torch.no_grad():
        conv.weight.copy_(filters)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
    return nn.Sequential(conv, norm, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()).eval()


def for_low_digits(seed):
    """A network in eval mode that tells the digits 0 to 4 apart; the seed gives the order of its filters.

    Its features remember what they began with, `began`: (features, head).
    """
    filters, mean, variance, weight, bias = _learned()
    order = np.random.default_rng(seed).permutation(len(filters))
    with torch.random.fork_rng(devices=[]):
        features = _features(filters[order], mean[order], variance[order])
        head = nn.Linear(weight.shape[1], 5)
    with torch.no_grad():
        head.weight.copy_(weight.reshape(5, len(filters), -1)[:, order].flatten(1))
        head.bias.copy_(bias)
    model = DigitNetwork(features, head).eval()
    model.made_by = (seed,)
    features.began = (copy.deepcopy(features), head, copy.deepcopy(head))
    return model
