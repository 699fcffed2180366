"""Lesson 07: what people answer who hold a mistake, worked out by torch on what they think."""

import re

from tests.unit import judges_07, judges_07_modes


def kept_batch(page):
    """What comes out for who believes that view keeps the batch."""
    return (judges_07.shape_of(page, "x")[0], judges_07.view_batch(page)[1])


def parameters_frozen_too(page):
    """The running mean of a BatchNorm that is in eval() as well."""
    page.code = page.code.replace(".train()", ".eval()")
    return judges_07_modes.running_mean(page)


def other_momentum(page):
    page.code = re.sub(r"momentum=(0\.\d)", r"momentum=1 - \1", page.code)
    return judges_07_modes.running_mean(page)


def the_other_mode(page):
    swap = {"train": "eval", "eval": "train"}
    page.code = re.sub(r"\.(train|eval)\(\)", lambda found: f".{swap[found[1]]}()", page.code)
    return judges_07_modes.bn_value(page)


def mean_of_the_window(page):
    page.prompt = page.prompt.replace("MaxPool2d", "AvgPool2d")
    return judges_07.pool_value(page)


def with_a_relu(page):
    page.prompt = page.prompt.replace(")), nn.Conv2d", ")), nn.ReLU(), nn.Conv2d")
    return judges_07.relu_value(page)


def not_frozen(page):
    page.code = page.code.replace("requires_grad = False", "requires_grad = True")
    return judges_07.trained_count(page)


def dropped_in_the_other_mode(page):
    if ".eval()" not in page.prompt:  # who drops in both modes is right in train()
        return None
    page.prompt = page.prompt.replace(".eval()", ".train()")
    return judges_07_modes.dropout_value(page)


PEOPLE = (
    ("view-batch", "M98", kept_batch),
    ("running-mean", "M96", parameters_frozen_too),
    ("running-mean", "M186", other_momentum),
    ("bn-value", "M179", the_other_mode),
    ("pool-value", "M181", mean_of_the_window),
    ("relu-value", "M66", with_a_relu),
    ("trained-count", "M184", not_frozen),
    ("dropout-value", "M177", dropped_in_the_other_mode),
)
