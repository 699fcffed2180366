"""The references of lesson 07. They need torch when they are read, so this file is loaded when one is first used."""

import torch
import torch.nn.functional as F
from torch import nn


class SimpleCNN(nn.Module):
    """Three convolutions, each pooled to half the size, and a Linear layer that gives logits."""

    def __init__(self, in_channels, size, classes):
        super().__init__()
        layers = []
        for C_in, C_out in ((in_channels, 16), (16, 32), (32, 64)):
            layers += [nn.Conv2d(C_in, C_out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers)
        H, W = size
        self.fc = nn.Linear(64 * (H // 8) * (W // 8), classes)

    def forward(self, input):
        return self.fc(self.features(input).flatten(1))

    def count(self):
        return sum(parameter.numel() for parameter in self.parameters())


def freeze(model, name):
    """The model, whose part of this name keeps its parameters and its running statistics from now on."""
    part = getattr(model, name)
    part.requires_grad_(False)
    part.eval()
    part.train = lambda mode=True: part  # model.train() asks every part; this one stays in eval
    return model


def transfer(model, images, labels, steps):
    """The model with its old filters, and a head for the digits 5 to 9 that was trained on them."""
    model.features.requires_grad_(False)
    model.head = nn.Linear(model.head.in_features, 5)
    optimizer = torch.optim.Adam(model.head.parameters(), lr=0.01)
    model.eval()
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels - 5)
        loss.backward()
        optimizer.step()
    return model
