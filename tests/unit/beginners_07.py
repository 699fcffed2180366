"""Lesson 07: what beginners write: exercise, program, the mistakes that are named, words that are said."""

import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get

CNN, FREEZE, TRANSFER = (get(f"07.{name}") for name in ("simple_cnn", "freeze", "transfer"))


# ---------------------------------------------------------------- beginners' programs, as they write them


class Published(nn.Module):
    """As it goes round, written out."""

    def __init__(self, in_channels, size, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 64, 3, padding=1)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(64 * 4 * 4, classes)

    def maps(self, x):
        for conv in (self.conv1, self.conv2, self.conv3):
            x = self.pool(F.relu(conv(x)))
        return x

    def forward(self, x):
        return self.fc1(self.maps(x).view(-1, 64 * 4 * 4))

    def count(self):
        return len([it for it in self.parameters() if it.requires_grad])


class WithProbabilities(Published):
    def __init__(self, in_channels, size, classes):
        super().__init__(in_channels, size, classes)
        self.fc1 = nn.Linear(64 * (size[0] // 8) * (size[1] // 8), classes)

    def forward(self, x):
        return nn.Softmax(dim=-1)(self.fc1(torch.flatten(self.maps(x), 1)))

    def count(self):
        return sum(it.numel() for it in self.parameters())


def frozen_by_a_loop(model, name):
    for key, parameter in model.named_parameters():
        if key.startswith(name):
            parameter.requires_grad = False
    return model


def eval_once(model, name):
    for parameter in getattr(model, name).parameters():
        parameter.requires_grad = False
    getattr(model, name).eval()
    return model


def trained_as_in_tutorials(model, images, labels, steps):
    """The layers frozen one by one; the loop calls model.train() as loops do."""
    for parameter in model.parameters():
        parameter.requires_grad = False
    model.head = nn.Linear(model.head.in_features, 5)
    optimizer = torch.optim.Adam(filter(lambda it: it.requires_grad, model.parameters()), lr=0.01)
    for _ in range(steps):
        model.train()
        optimizer.zero_grad()
        nn.CrossEntropyLoss()(model(images), labels - 5).backward()
        optimizer.step()
    model.eval()
    return model


def optimizer_first(model, images, labels, steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    model.head = nn.Linear(model.head.in_features, 5)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels % 5).backward()
        optimizer.step()
    return model.eval()


BEGINNERS = [
    (CNN, Published, ("M98", "M99"), "2 faults are still there"),
    (CNN, WithProbabilities, ("M74",), "ends in a softmax"),
    (FREEZE, frozen_by_a_loop, ("M96",), "running mean and variance are no parameters"),
    (FREEZE, eval_once, (), r"until somebody calls model\.train\(\)"),
    (TRANSFER, trained_as_in_tutorials, ("M96",), r"Put model\.features in eval mode"),
    (TRANSFER, optimizer_first, (), "does not follow the model"),
]
