"""Wrong mends of the patients whose output has a wrong shape. Loaded when first used, because they need torch."""

import torch.nn.functional as F
from torch import nn


class Grey(nn.Module):
    """4 filters of 3 x 5 for so many channels; `prepared` is done to the pictures before."""

    def __init__(self, in_channels, prepared, finished=None):
        super().__init__()
        self.conv, self.prepared, self.finished = nn.Conv2d(in_channels, 4, (3, 5)), prepared, finished

    def forward(self, pictures):
        output = self.conv(self.prepared(pictures))
        return self.finished(output, pictures) if self.finished else output


def one_picture():
    return Grey(3, lambda pictures: pictures[None])


def as_found():
    return Grey(3, lambda pictures: pictures)


def no_channel_axis():
    return Grey(1, lambda pictures: pictures)


def three_channels():
    return Grey(3, lambda pictures: pictures[:, None].repeat(1, 3, 1, 1))


def averaged():
    return Grey(1, lambda it: it.mean(0)[None, None], lambda maps, given: maps.expand(len(given), -1, -1, -1))


def added():
    return Grey(1, lambda it: it.sum(0)[None, None])


class Row(nn.Module):
    """Maps of half the size, a Linear layer for so many numbers, and `laid(maps, numbers)`, which makes its rows."""

    def __init__(self, numbers, laid, finished=None):
        super().__init__()
        self.conv = nn.Conv2d(1, 6, (3, 5), padding=(1, 2))
        self.fc, self.laid, self.finished = nn.Linear(numbers, 10), laid, finished

    def forward(self, pictures):
        maps = F.max_pool2d(self.conv(pictures).relu(), 2)
        rows = self.fc(self.laid(maps, self.fc.in_features))
        return self.finished(rows, len(pictures)) if self.finished else rows


def _half(size):
    return 6 * (size[0] // 2) * (size[1] // 2)


def _quarter(size):
    return 6 * (size[0] // 4) * (size[1] // 4)


def viewed(size):
    return Row(_half(size), _cut)


def viewed_as_found(size):
    return Row(_quarter(size), _cut)


def flattened_for_fewer(size):
    return Row(_quarter(size), lambda maps, numbers: maps.flatten(1))


def channels_before_pictures(size):
    return Row(_half(size), lambda maps, numbers: maps.transpose(0, 1).reshape(len(maps), -1))


def pictures_last(size):
    return Row(_half(size), lambda maps, numbers: maps.permute(1, 2, 3, 0).reshape(len(maps), -1))


def _cut(maps, numbers):
    return maps.reshape(-1, numbers)


def rows_averaged(size):
    return Row(_quarter(size), _cut, lambda rows, N: rows.view(N, -1, 10).mean(1))


def rows_cut_off(size):
    return Row(_quarter(size), lambda maps, numbers: maps.flatten(1)[:, :numbers])


def first_rows(size):
    return Row(_quarter(size), _cut, lambda rows, N: rows[:N])


def _layer(in_channels, out_channels, kernel_size, padding):
    return nn.Conv2d(in_channels, out_channels, kernel_size, padding=padding)


def lying_kernel(in_channels, out_channels, kernel_size):
    kH, kW = kernel_size
    return _layer(in_channels, out_channels, (kW, kH), (kW // 2, kH // 2))


def lying_kernel_standing_padding(in_channels, out_channels, kernel_size):
    kH, kW = kernel_size
    return _layer(in_channels, out_channels, (kW, kH), (kH // 2, kW // 2))


def padding_exchanged(in_channels, out_channels, kernel_size):
    kH, kW = kernel_size
    return _layer(in_channels, out_channels, kernel_size, (kW // 2, kH // 2))


def padding_in_total(in_channels, out_channels, kernel_size):
    kH, kW = kernel_size
    return _layer(in_channels, out_channels, kernel_size, (kH - 1, kW - 1))


def no_padding(in_channels, out_channels, kernel_size):
    return _layer(in_channels, out_channels, kernel_size, 0)


def padding_of_the_kernel(in_channels, out_channels, kernel_size):
    return _layer(in_channels, out_channels, kernel_size, tuple(kernel_size))


def one_side(in_channels, out_channels, kernel_size):
    kH, kW = kernel_size
    return nn.Sequential(nn.ZeroPad2d((0, kW - 1, 0, kH - 1)), _layer(in_channels, out_channels, kernel_size, 0))


class Halved(nn.Module):
    """The two ways, with pieces that a mistake may replace."""

    kernel_size, padding = (3, 5), (1, 2)

    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.main = nn.Conv2d(in_channels, out_channels, self.kernel_size, stride=2, padding=self.padding)
        self.skip = nn.Conv2d(in_channels, out_channels, 1)

    def pooled(self, maps):
        return F.max_pool2d(maps, 2)

    def forward(self, maps):
        return self.added(self.main(maps), self.skip(self.pooled(maps)))

    def added(self, main, skip):
        return main + skip


class Cropped(Halved):
    def added(self, main, skip):
        return main[..., : skip.shape[2], : skip.shape[3]] + skip


class InputCropped(Halved):
    def forward(self, maps):
        H, W = maps.shape[2:]
        return super().forward(maps[..., : H // 2 * 2, : W // 2 * 2])


class EvenKernel(Halved):
    kernel_size, padding = (4, 6), (2, 3)

    def pooled(self, maps):
        return F.max_pool2d(maps, 2, padding=1)


class TwoByTwo(EvenKernel):
    kernel_size, padding = (2, 2), (1, 1)


class Interpolated(Halved):
    def added(self, main, skip):
        return main + F.interpolate(skip, main.shape[2:])


class Bilinear(Halved):
    def added(self, main, skip):
        return main + F.interpolate(skip, main.shape[2:], mode="bilinear")


class NoSkip(Halved):
    def added(self, main, skip):
        return main

    def pooled(self, maps):
        return maps


class SkipPadded(Halved):
    def added(self, main, skip):
        return main + F.pad(skip, (main.shape[3] - skip.shape[3], 0, main.shape[2] - skip.shape[2], 0))


class AlwaysPadded(Halved):
    def forward(self, maps):
        return super().forward(F.pad(maps, (0, 1, 0, 1)))


class FullSize(Halved):
    def forward(self, maps):
        return F.conv2d(maps, self.main.weight, self.main.bias, padding=self.padding) + self.skip(maps)
