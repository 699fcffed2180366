"""show(layer, x) opens a layer of one's own."""

import re

import pytest
import torch
from torch import nn

from convlab import lesson, show
from convlab.shapes import ArgumentError, Conv2dSpec


@pytest.mark.parametrize("layer", [Conv2dSpec(3, 4, (3, 2)), nn.Conv2d(3, 4, (3, 2))])
@pytest.mark.parametrize("input", [(1, 3, 5, 6), torch.ones(1, 3, 5, 6)])
def test_a_layer_is_opened_with_its_input(layer, input):
    assert repr(show(layer, input)) == "LayerAnatomy(nn.Conv2d(3, 4, kernel_size=(3, 2)), input=(1, 3, 5, 6))"


def test_the_numbers_are_the_layers_own():
    layer, x = nn.Conv2d(3, 4, (3, 2)), torch.rand(1, 3, 5, 6)
    widget = show(layer, x)
    assert torch.equal(widget.layer.weight, layer.weight) and torch.equal(widget.output, layer(x).detach())


@pytest.mark.parametrize("thing", [nn.Linear(2, 3), nn.Sequential(nn.Conv2d(1, 1, 3))])
@pytest.mark.parametrize("input", [(), (torch.ones(1, 2),)])
def test_of_another_module_it_says_what_it_opens(thing, input):
    words = f"show opens an nn.Conv2d, or a Conv2dSpec, with its input; got {type(thing).__name__}: take one layer out"
    with pytest.raises(ArgumentError, match=re.escape(words)):
        show(thing, *input)


def test_show_is_the_source_of_a_function():
    assert "def start" in repr(lesson.show(lesson.start))
    with pytest.raises(TypeError, match=r"^source needs a function"):
        lesson.show(3)
