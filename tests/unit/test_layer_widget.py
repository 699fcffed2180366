"""What the widgets on one layer share: what they take, what they refuse, and their numbers checked by Python."""

import sys
import threading

import anywidget
import numpy as np
import pytest

from convlab.engines import conv2d_loops
from convlab.shapes import ArgumentError, Conv2dSpec, ShapeError
from convlab.widgets.layer_widget import LayerWidget, packed, unpacked


class Bare(LayerWidget):
    """The smallest widget on a layer."""

    _esm = "export default {}"


def test_the_defaults_are_small_whole_numbers_and_the_same_for_the_same_shape():
    one, two = (Bare(2, 3, kernel_size=(3, 2), input=(1, 2, 5, 7)) for _ in range(2))
    for name in ("_input", "_weight", "_bias"):
        numbers = unpacked(getattr(one, name))
        assert np.array_equal(numbers, unpacked(getattr(two, name)))
        assert np.array_equal(numbers, np.round(numbers)) and np.abs(numbers).max() <= 4
    assert (unpacked(one._weight) != 0).all()


def test_a_spec_and_the_arguments_make_the_same_layer():
    spec = Conv2dSpec(2, 4, (3, 2), stride=(2, 1), padding=(1, 0), groups=2)
    assert Bare(spec).spec == Bare(2, 4, (3, 2), (2, 1), (1, 0), groups=2).spec


def test_python_computes_what_the_browser_is_to_show():
    widget = Bare(2, 4, kernel_size=(3, 2), groups=2, input=(2, 2, 5, 7))
    output = conv2d_loops(unpacked(widget._input), unpacked(widget._weight), unpacked(widget._bias), groups=2)
    assert np.array_equal(unpacked(widget._computed["output"]), output)
    assert widget._computed["tolerance"] == 0.0


def test_numbers_from_the_browser_are_computed_again():
    widget = Bare(1, 1, kernel_size=(3, 2), input=(1, 1, 5, 7))
    weight = unpacked(widget._weight) + 1
    widget._weight = packed(weight)
    widget._rest += 1
    expected = conv2d_loops(unpacked(widget._input), weight, unpacked(widget._bias))
    assert np.array_equal(unpacked(widget._computed["output"]), expected)
    assert widget._computed["rest"] == widget._rest


def moved(widget):
    """What a hand sends that has made the widget's weight larger by 1."""
    return {"_weight": packed(unpacked(widget._weight) + 1), "_rest": widget._rest + 1}


def test_a_hand_that_did_not_know_what_python_has_set_gets_python_s_numbers(monkeypatch):
    widget, told = Bare(1, 1, kernel_size=(3, 2), input=(1, 1, 5, 7)), []
    widget.set_state(moved(widget))
    weight, late = unpacked(widget._weight), moved(widget)
    widget.set_layer(1, 1, kernel_size=(3, 2), stride=(1, 2), weight=weight)  # Python's weight is no news to the page
    monkeypatch.setattr(Bare, "send_state", lambda _, key=None: told.append(key))
    widget.set_state(late)
    assert np.array_equal(unpacked(widget._weight), weight) and told[0] == ("_input", "_weight", "_bias")
    assert widget._rest == widget._computed["rest"] == late["_rest"] + 1  # another number: the page hears of it


def test_a_hand_that_comes_in_its_own_thread_while_python_sets_a_layer_leaves_one_state():
    widget, setting, through = Bare(1, 1, kernel_size=(3, 2)), threading.Event(), threading.Event()
    message = {"content": {"data": {"method": "update", "state": moved(widget)}}}

    def slow(_change):
        setting.set()
        through.wait(0.1)  # a hand that does not wait its turn comes through

    widget.observe(slow, ["_computed"])
    python = threading.Thread(target=lambda: widget.set_layer(2, 3, kernel_size=(2, 3), input=(1, 2, 5, 7)))
    python.start()
    setting.wait(5)
    widget._handle_msg(message)
    through.set()
    python.join()
    assert widget._weight["shape"] == [3, 2, 2, 3] and widget._computed["rest"] == widget._rest


def test_the_browser_hears_of_a_whole_layer_when_the_widget_is_made(monkeypatch):
    told = {}

    def hear(self, **traits):
        told.update(traits)
        super(anywidget.AnyWidget, self).__init__(**traits)

    monkeypatch.setattr(anywidget.AnyWidget, "__init__", hear)
    Bare(1, 1, kernel_size=(3, 2))
    assert {"spec", "_input", "_weight", "_bias", "_computed", "_rest"} <= set(told)


def test_another_layer_keeps_the_input():
    widget = Bare(1, 1, kernel_size=(3, 2), input=(1, 1, 5, 7))
    before = unpacked(widget._input)
    widget.set_layer(1, 2, kernel_size=(2, 3))
    assert np.array_equal(unpacked(widget._input), before) and widget.spec["out_channels"] == 2


def test_the_state_makes_the_same_widget_again():
    widget = Bare(2, 3, kernel_size=(3, 2), padding="same", padding_mode="reflect", bias=False)
    assert Bare(**widget.state).state == widget.state


def test_its_text_holds_no_address():
    text = "Bare(nn.Conv2d(1, 1, kernel_size=(3, 2)), input=(1, 5, 7))"
    assert repr(Bare(1, 1, kernel_size=(3, 2), input=(1, 5, 7))) == text


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "says"),
    [
        ((), {"kernel": 3}, ArgumentError, "Bare has no argument 'kernel'"),
        (("conv",), {}, ArgumentError, "got str: write Bare(1, 1, kernel_size=3)"),
        ((1, 1, 3), {"input": np.zeros((1, 1, 5, 7), int)}, ArgumentError, "got dtype int"),
        ((1, 1, 3), {"input": [[1, 2], [3]]}, ArgumentError, "input must be numbers in equal rows"),
        ((1, 1, 3), {"input": np.full((1, 5, 7), np.nan)}, ArgumentError, "input must be finite"),
        ((1, 1, 3), {"input": (5, 7)}, ShapeError, "got (5, 7): add missing axes with input[None]"),
        ((1, 1, 3), {"weight": np.zeros((1, 1, 3, 2), "float32")}, ShapeError, "weight must have shape (1, 1, 3, 3)"),
        ((1, 1, 3), {"bias": np.zeros(2, "float32")}, ShapeError, "bias must be one number per output channel, 1"),
        ((1, 1, (3, 2, 1)), {}, ShapeError, "kernel_size must be a whole number or a pair"),
    ],
)
def test_bad_input_gets_one_sentence(arguments, settings, error, says):
    with pytest.raises(error) as caught:
        Bare(*arguments, **settings)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_what_pytorch_refuses_has_no_output_and_is_not_raised():
    assert Bare(3, 4, kernel_size=3, groups=2)._computed == {}
    assert Bare(1, 1, kernel_size=9, input=(1, 1, 5, 7))._computed == {}


def test_a_real_layer_is_read_and_made_again():
    import torch

    layer = torch.nn.Conv2d(2, 4, (3, 2), stride=(2, 1), groups=2, padding_mode="circular", padding=(1, 0))
    widget = Bare(layer, input=torch.rand(3, 2, 5, 7))
    assert torch.equal(widget.layer.weight, layer.weight) and torch.equal(widget.layer.bias, layer.bias)
    assert torch.equal(widget.output, layer(widget.input).detach())
    assert widget._computed["by"] == f"PyTorch {torch.__version__.split('+')[0]}" and "torch" in sys.modules
