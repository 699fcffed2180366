"""Lesson 12: what prints each error that the exercises' help quotes."""

import torch
from torch import nn

from convlab.layers.capstone import History

PROVOKED = {
    "12.design": (
        lambda: nn.Linear(288, 10)(torch.zeros(1, 512)),
        lambda: nn.Conv2d(3, 6, (3, 5))(torch.zeros(1, 1, 28, 28)),
        lambda: nn.Conv2d(4, 4, (3, 5))(torch.zeros(1, 4, 2, 2)),
        lambda: nn.MaxPool2d(2)(torch.zeros(1, 16, 1, 1)),
        lambda: nn.Sequential([nn.ReLU()]),
        "class Net(nn.Module):\n    def __init__(self):\n        self.first = nn.ReLU()\nNet()",
    ),
    "12.split": (
        lambda: torch.randperm(torch.zeros(3)),
        lambda: torch.Generator().manual_seed(),
        lambda: [1, 2, 3][: float("0.5")],
        lambda: [1, 2].shape,
    ),
    "12.choose": (
        lambda: "a".__getitem__("held"),
        lambda: {"held": 1}.shares,
        lambda: {"held": 1}["validation"],
        lambda: [0.5] > 0.5,
        lambda: [0.5].argmax(),
        lambda: (lambda pair: [a for a, b in pair])(["abc"]),
    ),
    "12.judge": ("net", lambda: (1, 2)[5], lambda: None.eval(), lambda: History((1.0,), (0.5,))()),
}  # fmt: skip
