"""Lesson 03: the puzzle of the two shapes, and calls that are refused as the lines say."""

import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.unit import judges_03
from tests.unit.by_lesson import SEEDS, made
from tests.unit.pages import Page

pytestmark = pytest.mark.usefixtures("one_thread")


def test_the_puzzle_of_the_two_shapes_is_that_of_the_lesson():
    """(4, 3, 3) is the output of (3, 5, 4) alone."""
    layer = nn.Conv2d(3, 4, kernel_size=(3, 2))
    given = {(3, 5, 4): (4, 3, 3), (3, 5, 5): (4, 3, 4), (3, 28, 28): (4, 26, 27)}
    assert {shape: tuple(layer(torch.zeros(shape)).shape) for shape in given} == given
    for seed in SEEDS:
        question = made("other-input", seed)
        (small, first), (kH, kW) = judges_03.shapes_in(Page(question))[:2], question.spec.kernel_size
        assert small[1:] == (2 * kH - 1, kH + kW - 1) and first[1:] == (kH, kH)
        assert question.grade(first).mistakes == ("M23",)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.Conv2d(3, 16, kernel=3), "unexpected keyword argument 'kernel'"),
        (lambda: nn.Conv2d(input=3, output=16, size=3), "unexpected keyword argument 'input'"),
        (lambda: torch.nn.conv2d, "module 'torch.nn' has no attribute 'conv2d'"),
        (lambda: F.Conv2d, "module 'torch.nn.functional' has no attribute 'Conv2d'"),
        (lambda: F.conv2d(torch.zeros(1, 3, 9, 8), 3, 16, kernel_size=3), "invalid combination of arguments"),
        (lambda: nn.Conv2d(torch.zeros(1, 3, 9, 8), 16, kernel_size=3), "Boolean value of Tensor"),
    ],
)
def test_the_calls_of_the_wrong_options_are_refused_as_the_lines_say(call, message):
    with pytest.raises((TypeError, AttributeError, RuntimeError), match=message):
        call()


def test_a_page_with_one_number_changed_no_longer_agrees():
    page = Page(made("weight-shape", 2))
    page.prompt = re.sub(r"kernel_size=\((\d), ", lambda found: f"kernel_size=({int(found[1]) + 1}, ", page.prompt)
    assert judges_03.weight_shape(page) != made("weight-shape", 2).answer
