"""The references of lesson 12. They need torch when they are read, so this file is loaded when one is first used."""

from torch import nn

from ...layers.capstone import trained


def network():
    """Three convolutions with stride 2, each with BatchNorm and ReLU, and one Linear layer."""
    layers = []
    for C_in, C_out, (kH, kW) in ((1, 12, (5, 3)), (12, 18, (3, 5)), (18, 32, (3, 3))):
        conv = nn.Conv2d(C_in, C_out, (kH, kW), stride=2, padding=(kH // 2, kW // 2), bias=False)
        layers += [conv, nn.BatchNorm2d(C_out), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * 4 * 4, 10))


def hand_in():
    """A network of the course that learned from 3,500 digits. In your own, return what you trained."""
    return trained("strided")
