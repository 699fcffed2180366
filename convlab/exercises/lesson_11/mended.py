"""The patients of lesson 11, mended. They need torch when they are read, so this file is loaded when one is first used.

Each is its patient but for the lines that had to be mended.
"""

import torch
import torch.nn.functional as F
from torch import nn


class ColourNet(nn.Module):
    """Two convolutions for pictures of three colours."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, (3, 5))
        self.second = nn.Conv2d(8, 16, (5, 3))  # reads what the first one makes

    def forward(self, pictures):
        return self.second(self.first(pictures).relu())


class DigitNet(nn.Module):
    """A convolution, a pooling, and a Linear layer for pictures of this size."""

    def __init__(self, size):
        super().__init__()
        H, W = size
        self.conv = nn.Conv2d(1, 6, (3, 5))
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(6 * ((H - 2) // 2) * ((W - 4) // 2), 10)

    def forward(self, pictures):
        maps = self.pool(self.conv(pictures).relu())
        return self.fc(maps.flatten(1))


def maps_of(picture, conv):
    """The feature maps of a byte picture (H, W, C), whose numbers lie between 0 and 1 for the layer."""
    input = picture.permute(2, 0, 1)[None].float() / 255
    return conv(input)


class SmallNet(nn.Module):
    """Three convolutions, which leave the size as it is, and three poolings."""

    def __init__(self, classes):
        super().__init__()
        self.one = nn.Conv2d(1, 4, (5, 3), padding=(2, 1))
        self.two = nn.Conv2d(4, 8, (5, 3), padding=(2, 1))
        self.three = nn.Conv2d(8, 12, (5, 3), padding=(2, 1))
        self.head = nn.Linear(12, classes)

    def forward(self, digits):
        for conv in (self.one, self.two, self.three):
            digits = F.max_pool2d(conv(digits).relu(), 2)
        return self.head(digits.mean((2, 3)))


class GreyFilters(nn.Module):
    """The feature maps of each of N grey pictures."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, (3, 5))

    def forward(self, pictures):
        return self.conv(pictures[:, None])  # (N, H, W) becomes (N, 1, H, W)


class RowNet(nn.Module):
    """A row of ten numbers for each picture of this size."""

    def __init__(self, size):
        super().__init__()
        H, W = size
        self.conv = nn.Conv2d(1, 6, (3, 5), padding=(1, 2))
        self.fc = nn.Linear(6 * (H // 2) * (W // 2), 10)

    def forward(self, pictures):
        maps = F.max_pool2d(self.conv(pictures).relu(), 2)
        return self.fc(maps.flatten(1))


def same_size(in_channels, out_channels, kernel_size):
    """A layer whose output is as large as its input."""
    kH, kW = kernel_size
    padding = kH // 2, kW // 2
    return nn.Conv2d(in_channels, out_channels, (kH, kW), padding=padding)


class Half(nn.Module):
    """Half the size, rounded up, by two ways that are added."""

    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.main = nn.Conv2d(in_channels, out_channels, (3, 5), stride=2, padding=(1, 2))
        self.skip = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, maps):
        return self.main(maps) + self.skip(F.max_pool2d(maps, 2, ceil_mode=True))


def like_scipy(picture, kernel):
    """A true convolution: the kernel is turned by 180 degrees before it is laid on."""
    kH, kW = kernel.shape
    input, weight = picture[None, None], kernel.flip(0, 1)[None, None]
    return F.conv2d(input, weight, padding=(kH // 2, kW // 2))[0, 0]


def copy_weight(source, target):
    """Copies the numbers of a weight, and nothing else."""
    with torch.no_grad():
        target.weight.copy_(source.weight)


class Frozen(nn.Module):
    """A backbone that stays as it is in every mode, and a head that learns."""

    def __init__(self, backbone, head):
        super().__init__()
        self.backbone, self.head = backbone, head
        for parameter in self.backbone.parameters():
            parameter.requires_grad = False
        self.backbone.eval()

    def train(self, mode=True):
        super().train(mode)
        self.backbone.eval()  # train() has reached it too
        return self

    def forward(self, pictures):
        return self.head(self.backbone(pictures))


class Learner(nn.Module):
    """Two convolutions and a head, and a step of training."""

    def __init__(self, classes):
        super().__init__()
        self.first = nn.Conv2d(1, 8, (3, 5))
        self.second = nn.Conv2d(8, 12, (5, 3))
        self.head = nn.Linear(12, classes)
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.1)

    def forward(self, pictures):
        maps = self.second(self.first(pictures).relu()).relu()
        return self.head(maps.mean((2, 3)))

    def learn(self, pictures, labels):
        self.optimizer.zero_grad()
        F.cross_entropy(self(pictures), labels).backward()
        self.optimizer.step()
