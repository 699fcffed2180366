"""Wrong mends of the patients that break with a message. Loaded when first used, because they need torch."""

import copy

import torch
import torch.nn.functional as F
from torch import nn


class Colour(nn.Module):
    """Two convolutions with these channels; `prepared` is done to the pictures before."""

    def __init__(self, first, second, prepared=None):
        super().__init__()
        self.first, self.second = nn.Conv2d(*first, (3, 5)), nn.Conv2d(*second, (5, 3))
        self.prepared = prepared

    def forward(self, pictures):
        if self.prepared:
            pictures = self.prepared(pictures)
        return self.second(self.first(pictures).relu())


def three_everywhere():
    return Colour((3, 8), (3, 16))


def first_alone():
    return Colour((3, 8), (1, 16))


def second_alone():
    return Colour((1, 8), (8, 16))


def exchanged():
    return Colour((8, 3), (16, 8))


def first_exchanged():
    return Colour((8, 3), (8, 16))


def second_exchanged():
    return Colour((3, 8), (16, 8))


def grey():
    return Colour((1, 8), (8, 16), lambda pictures: pictures.mean(1, keepdim=True))


def weighed_grey():
    share = (0.299, 0.587, 0.114)
    return Colour((1, 8), (8, 16), lambda it: sum(share[c] * it[:, c : c + 1] for c in range(3)))


def one_colour():
    return Colour((1, 8), (8, 16), lambda pictures: pictures[:, :1])


def mean_of_three():
    return Colour((3, 8), (8, 16), lambda pictures: pictures.mean(1, keepdim=True).expand_as(pictures))


class Digit(nn.Module):
    """A convolution, a pooling, and a Linear layer for so many numbers; `prepared` is done to the pictures before."""

    def __init__(self, numbers, prepared=None, pool=None):
        super().__init__()
        self.conv, self.pool = nn.Conv2d(1, 6, (3, 5)), pool or nn.MaxPool2d(2)
        self.fc, self.prepared = nn.Linear(numbers, 10), prepared

    def forward(self, pictures):
        pictures = self.prepared(pictures) if self.prepared else pictures
        return self.fc(self.pool(self.conv(pictures).relu()).flatten(1))


def as_large_as_the_kernel(size):
    return Digit(6 * 3 * 5)


def shrinkages_added(size):
    return Digit(6 * (size[0] // 2 - 2) * (size[1] // 2 - 4))


def axes_exchanged(size):
    return Digit(6 * ((size[1] - 2) // 2) * ((size[0] - 4) // 2))


def without_channels(size):
    return Digit((size[0] - 2) // 2 * ((size[1] - 4) // 2))


def channels_alone(size):
    return Digit(6)


def pooling_forgotten(size):
    return Digit(6 * (size[0] - 2) * (size[1] - 4))


def convolution_forgotten(size):
    return Digit(6 * (size[0] // 2) * (size[1] // 2))


def for_28(size):
    return Digit(6 * 13 * 12)


def for_the_example(size):
    return Digit(6 * 9 * 13)


def resized(size):
    return Digit(6 * 13 * 12, prepared=lambda pictures: F.interpolate(pictures, (28, 28)))


def pooled_to_fit(size):
    return Digit(6 * 13 * 12, pool=nn.AdaptiveAvgPool2d((13, 12)))


def _reshaped(picture):
    H, W, C = picture.shape
    return picture.reshape(1, C, H, W)


def _permuted(picture):
    return picture.permute(2, 0, 1)[None]


def _maps(conv, input):
    return copy.deepcopy(conv).float()(input)


def no_division(picture, conv):
    return _maps(conv, _permuted(torch.as_tensor(picture)).float())


def reshaped(picture, conv):
    return _maps(conv, _reshaped(torch.as_tensor(picture)).float() / 255)


def reshaped_and_no_division(picture, conv):
    return _maps(conv, _reshaped(torch.as_tensor(picture)).float())


def transposed(picture, conv):
    return _maps(conv, torch.as_tensor(picture).permute(2, 1, 0)[None].float() / 255)


def divided_without_rest(picture, conv):
    return _maps(conv, (_permuted(torch.as_tensor(picture)) // 255).float())


def layer_in_half(picture, conv):
    return copy.deepcopy(conv).half()(_permuted(torch.as_tensor(picture)).half() / 255)


def layer_in_double(picture, conv):
    return copy.deepcopy(conv).double()(_permuted(torch.as_tensor(picture)).double() / 255)


class Small(nn.Module):
    """Convolutions (C_in, C_out, kernel_size, padding), each with so large a pooling behind it, and a head."""

    def __init__(self, classes, *layers, poolings=(2, 2, 2)):
        super().__init__()
        convs = (nn.Conv2d(*pair, kernel_size, padding=padding) for *pair, kernel_size, padding in layers)
        self.convs, self.poolings = nn.ModuleList(convs), poolings
        self.head = nn.Linear(layers[-1][1], classes)

    def forward(self, digits):
        for conv, size in zip(self.convs, self.poolings, strict=False):
            digits = F.max_pool2d(conv(digits).relu(), size)
        return self.head(digits.mean((2, 3)))


def _small(classes, *paddings, last=(5, 3), poolings=(2, 2, 2)):
    kernels = ((5, 3), (5, 3), last)
    layers = zip((1, 4, 8), (4, 8, 12), kernels, paddings, strict=True)
    return Small(classes, *layers, poolings=poolings)


def without_the_layer(classes):
    return Small(classes, (1, 4, (5, 3), 0), (4, 8, (5, 3), 0))


def without_two_layers(classes):
    return Small(classes, (1, 4, (5, 3), 0))


def kernel_1(classes):
    return _small(classes, 0, 0, 0, last=1, poolings=(2, 2, 1))


def kernel_1_pooled(classes):
    return _small(classes, 0, 0, 0, last=1)


def smaller_kernel(classes):
    return _small(classes, 1, 1, (1, 0), last=(3, 1), poolings=(2, 2, 1))


def padding_on_its_side(classes):
    return _small(classes, (1, 2), (1, 2), (1, 2))


def one_pooling_fewer(classes):
    return _small(classes, 0, 0, 0, poolings=(2, 1, 2))


def one_on_each_side(classes):
    return _small(classes, 1, 1, 1)


def padded_by_the_kernel(classes):
    return _small(classes, (5, 3), (5, 3), (5, 3))


def last_padded_by_the_kernel(classes):
    return _small(classes, 0, 0, (5, 3))
