"""Lesson 08: what people answer who hold a mistake, worked out by torch on what they think."""

import re

import torch
from torch.nn import functional as F

from tests.unit import judges_08, judges_08_steps


def stride_ignored(page):
    """The places of the map whose window would cover the cell at a stride of 1."""
    layer, (h, w) = judges_08.layer_of(page), page.options["shape"]
    r, c = page.numbers(r"input cell \((\d+), (\d+)\)")
    input = torch.zeros(1, 1, 60, 60).double()
    input[0, 0, r, c] = 1
    reached = F.conv2d(F.pad(input, (9, 9, 9, 9)), torch.ones_like(layer.weight))[0, 0, 9 : 9 + h, 9 : 9 + w]
    return reached.nonzero().tolist()


def first_place_alone(page):
    return judges_08.pixel_feeds(page)[:1]


def without_zeros(page):
    layer = judges_08.layer_of(page)
    sides = zip(page.numbers(r"made (\d+) x (\d+) of"), layer.kernel_size, layer.padding, strict=True)
    return tuple(n + 2 * (k - 1 - p) for n, k, p in sides)


def as_conv2d(page):
    page.prompt = re.sub(r"ConvTranspose2d(.*?), output_padding=\(\d, \d\)", r"Conv2d\1", page.prompt)
    (layer,) = judges_08.codes(page)
    return tuple(layer(torch.zeros(page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)"))).shape)


def without_output_padding(page):
    page.prompt = re.sub(r", output_padding=\(\d, \d\)", "", page.prompt)
    return judges_08.transpose_size(page)


def mean_over_cells(page):
    return judges_08.blocks(page, "gradient").mean().item()


def last_backward_alone(page):
    page.code = re.sub(r"range\(\d\)", "range(1)", page.code)
    return judges_08_steps.grads_add(page)


def what_went_in(page):
    return judges_08.blocks(page, "input")[page.numbers(r"`z\[(\d), (\d), (\d), (\d)\]`")].item()


def half_the_way(page):
    return 2 * judges_08_steps.finite_difference(page)


def from_below(page):
    """The slope between w - h and w."""
    (loss,) = page.numbers(r"is (\d+)\. Take h")
    h, low = re.search(r"Take h = ([\d.]+): .* with h less (\d+)\.", page.prompt).groups()
    return (loss - int(low)) / float(h)


def the_difference(page):
    output, target = judges_08.blocks(page, "output")[:, 0]
    return (output - target)[page.place()].item()


def along_the_gradient(page):
    weight, gradient = re.search(r"\] *` is (-?[\d.]+), and its gradient is (-?\d+)\.", page.prompt).groups()
    return round(judges_08_steps.one_step(float(weight), -float(gradient), judges_08_steps.rate_of(page)), 6)


PEOPLE = (
    ("pixel-feeds", "M79", stride_ignored),
    ("pixel-feeds", "M187", first_place_alone),
    ("spread-size", "M79", without_zeros),
    ("transpose-size", "M143", as_conv2d),
    ("transpose-size", "M168", without_output_padding),
    ("bias-gradient", "M80", mean_over_cells),
    ("grads-add", "M188", last_backward_alone),
    ("there-and-back", "M75", what_went_in),
    ("finite-difference", "M194", half_the_way),
    ("finite-difference", "M194", from_below),
    ("mse-upstream", "M192", the_difference),
    ("sgd-step", "M191", along_the_gradient),
)
