"""Lesson 12: right solutions unlike the reference."""

import random

import numpy as np
import torch
from torch import nn

from convlab.exercises import get
from convlab.layers.capstone import block, pooled, separable, strided, trained


class OwnModule(nn.Module):
    """A residual block and the mean of each map, in a class."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(*block(1, 8, (5, 3), 2))
        self.inner = nn.Sequential(*block(8, 8, (3, 5)), nn.Conv2d(8, 8, (1, 3), padding=(0, 1), bias=False))
        self.down, self.fc = nn.Sequential(*block(8, 32, (3, 3), 2)), nn.Linear(32, 10)

    def forward(self, x):
        x = self.stem(x)
        x = self.down(nn.functional.max_pool2d((x + self.inner(x)).relu(), 2))
        return self.fc(x.mean((2, 3)))


def in_a_module_list():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stages = nn.ModuleList(nn.Conv2d(i, o, (3, 5), 2, (1, 2)) for i, o in ((1, 10), (10, 16), (16, 24)))
            self.head = nn.Conv2d(24, 10, 4)

        def forward(self, x):
            for stage in self.stages:
                x = nn.functional.gelu(stage(x))
            return self.head(x).view(x.shape[0], 10)

    return Net()


def small_dense():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 24), nn.Tanh(), nn.Linear(24, 10))


def with_dropout():
    return nn.Sequential(
        *strided()[:9], nn.Dropout2d(0.2), nn.AdaptiveAvgPool2d((2, 1)), nn.Flatten(), nn.Linear(64, 10)
    )


def by_lists(labels, held_out, seed):
    order = list(range(len(labels)))
    random.Random(seed).shuffle(order)
    return order[:-held_out], order[-held_out:]


def by_numpy(labels, held_out, seed):
    order = np.random.default_rng(seed).permutation(len(labels))
    return np.sort(order[held_out:]), order[:held_out]


def by_mask(labels, held_out, seed):
    torch.manual_seed(seed)
    held = torch.zeros(len(labels), dtype=torch.bool)
    held[torch.randperm(len(labels))[:held_out]] = True
    return (~held).nonzero().flatten(), held.nonzero().flatten()


def class_by_class(labels, held_out, seed):
    rng, held = np.random.default_rng(seed), []
    labels = np.asarray(labels)
    for digit in range(10):
        held += rng.permutation(np.flatnonzero(labels == digit))[: held_out // 10].tolist()
    rest = rng.permutation(np.setdiff1d(np.arange(len(labels)), held))
    held += rest[: held_out - len(held)].tolist()
    return set(range(len(labels))) - set(held), held


def sorted_places(histories):
    found = [(share, name, epoch) for name, it in histories.items() for epoch, share in enumerate(it["held"])]
    return sorted(found, key=lambda it: it[0], reverse=True)[0][1:]


def with_argmax(histories):
    best = {name: int(np.argmax(it["held"])) for name, it in histories.items()}
    name = max(best, key=lambda name: histories[name]["held"][best[name]])
    return [name, np.int64(best[name])]


def in_tensors(histories):
    name = max(histories, key=lambda name: torch.tensor(histories[name]["held"]).max())
    return name, torch.tensor(histories[name]["held"]).argmax()


def alone():
    return trained("pooled")


def with_a_list():
    return trained("strided"), [0.9, 0.97]


def as_a_list():
    return [trained("pooled"), (0.5,)]


STYLES = {
    get("12.design"): (pooled, separable, OwnModule, in_a_module_list, small_dense, with_dropout),
    get("12.split"): (by_lists, by_numpy, by_mask, class_by_class),
    get("12.choose"): (sorted_places, with_argmax, in_tensors),
    get("12.judge"): (alone, with_a_list, as_a_list),
}
