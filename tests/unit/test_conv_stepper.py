"""ConvStepper's Python half: what it takes, what it refuses, what it says of itself."""

import numpy as np
import pytest
import traitlets

from convlab.shapes import ArgumentError, ShapeError
from convlab.widgets.conv_stepper import STAGES, ConvStepper


def stepper(**settings):
    return ConvStepper(2, 3, kernel_size=(3, 2), stride=(1, 2), input=(2, 2, 5, 7), **settings)


def test_its_text_says_where_it_stands_and_gives_no_number_away():
    widget = stepper(place=(1, 2), stage="products", filter=2)
    assert repr(widget) == (
        "ConvStepper(nn.Conv2d(2, 3, kernel_size=(3, 2), stride=(1, 2)), input=(2, 2, 5, 7), place=(1, 2), filter=2, "
        "stage='products')"
    )


def test_the_state_makes_the_same_widget_again():
    widget = stepper(place=(2, 1), stage="bias", filter=1, sample=1, filled=4, channel=1)
    again = ConvStepper(**widget.state)
    assert again.state == widget.state and repr(again) == repr(widget)


def test_the_state_of_a_layer_without_bias_has_none():
    assert ConvStepper(**stepper(bias=False).state).spec["bias"] is False


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"place": (3, 0)}, "place must lie in the output, which has 3 rows and 3 columns"),
        ({"place": (0, -1)}, "counted from 0; got (0, -1)"),
        ({"place": 4}, "place must be a pair (row, column) of the output; got 4: write place=(0, 0)."),
        ({"filter": 3}, "filter must be a whole number from 0 to 2 for this layer; got 3."),
        ({"sample": 2}, "sample must be a whole number from 0 to 1"),
        ({"filled": 10}, "filled must be a whole number from 0 to 9"),
    ],
)
def test_a_place_outside_is_refused_in_one_sentence(wrong, says):
    with pytest.raises(ShapeError) as caught:
        stepper(**wrong)
    assert says in str(caught.value) and str(caught.value).count("\n") == 0


@pytest.mark.parametrize("wrong", [{"stage": "patch"}, {"place": ("a", "b")}, {"strid": 2}, {"filter": "2"}])
def test_what_is_no_such_thing_is_a_type_error(wrong):
    with pytest.raises((ArgumentError, ShapeError)):
        stepper(**wrong)


def test_a_trait_set_later_is_checked_too_and_left_as_it_was():
    widget = stepper()
    with pytest.raises(traitlets.TraitError, match="place must lie in the output"):
        widget.place = (9, 9)
    assert widget.place == (0, 0)


def test_another_layer_keeps_the_place_as_far_as_it_has_one():
    widget = stepper(place=(2, 2), filter=2, sample=1, filled=9, channel=1)
    widget.set_layer(1, 1, kernel_size=(4, 3), input=(1, 1, 5, 7))
    assert (widget.place, widget.filter, widget.sample, widget.channel, widget.filled) == ((1, 2), 0, 0, 0, 9)


def test_what_pytorch_refuses_is_shown_and_not_raised():
    widget = ConvStepper(3, 8, kernel_size=7, input=(1, 3, 5, 6), place=(4, 4))
    assert widget._computed == {} and widget.place == (4, 4)


def test_the_stages_are_those_of_the_lesson():
    assert STAGES == ("window", "products", "sums", "bias", "output")


def test_a_real_layer_shows_its_own_numbers():
    import torch

    layer = torch.nn.Conv2d(2, 3, (3, 2), padding=(1, 0), padding_mode="reflect")
    x = torch.rand(1, 2, 5, 7)
    widget = ConvStepper(layer, input=x)
    assert torch.equal(widget.output, layer(x).detach()) and np.array_equal(widget.input, x)
