"""walk(functions=True): what a model does between its layers has rows of its own."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convlab import layers
from tests.unit.traced_models import Forward

SHAPE = (2, 3, 8, 6)


def calls(function, shape=SHAPE, **parts):
    return [row.call for row in layers.walk(Forward(function, **parts), shape, functions=True).rows]


@pytest.mark.parametrize(
    ("function", "call"),
    [
        (lambda m, x: F.relu(x), "F.relu(x)"),
        (lambda m, x: torch.relu(x), "torch.relu(x)"),
        (lambda m, x: x.relu(), "x.relu()"),
        (lambda m, x: F.max_pool2d(x, 2), "F.max_pool2d(x, 2)"),
        (lambda m, x: F.max_pool2d(x, (2, 1), stride=1), "F.max_pool2d(x, (2, 1), stride=1)"),
        (lambda m, x: F.avg_pool2d(x, 2), "F.avg_pool2d(x, 2)"),
        (lambda m, x: F.dropout(x, 0.2, m.training), "F.dropout(x, p=0.2)"),
        (lambda m, x: F.interpolate(x, scale_factor=2), "F.interpolate(x, scale_factor=2)"),
        (lambda m, x: x.view(-1, 9), "x.view(-1, 9)"),
        (lambda m, x: torch.flatten(x, 1), "torch.flatten(x, 1)"),
        (lambda m, x: x + 1, "x + 1"),
        (lambda m, x: x @ x.new_ones(6, 2), "x @ y"),
        (lambda m, x: torch.cat([x, x[:, 1:]], 1), "torch.cat([x, y], 1)"),
        (lambda m, x: x[:, ::2, ..., 0], "x[:, ::2, ..., 0]"),
        (lambda m, x: x.mT, "x.mT"),
        (lambda m, x: x.mean((2, 3), keepdim=True), "x.mean((2, 3), keepdim=True)"),
    ],
)
def test_a_call_is_shown_as_it_is_written(function, call):
    assert calls(function)[-1] == call


def test_a_weight_of_the_models_own_has_its_name_and_is_counted():
    model = Forward(lambda m, x: F.conv2d(x, m.filters, padding=1))
    model.filters = nn.Parameter(torch.ones(4, 3, 3, 3))
    (row,) = layers.walk(model, SHAPE, functions=True).rows
    assert (row.call, row.parameters, row.parts) == ("F.conv2d(x, filters, padding=1)", 108,
                                                     (("filters", (4, 3, 3, 3), False),))  # fmt: skip
    assert row.macs == 2 * 4 * 8 * 6 * 27


def test_rows_stand_in_the_order_of_the_calls_and_a_layers_inside_has_none():
    def forward(model, x):
        x = F.relu(model.conv(x))
        return model.attention(x.flatten(2), x.flatten(2), x.flatten(2))[0]

    parts = {"conv": nn.Conv2d(3, 3, 1, padding=(1, 0), padding_mode="circular"),
             "attention": nn.MultiheadAttention(60, 2, batch_first=True)}  # fmt: skip
    rows = layers.walk(Forward(forward, **parts), SHAPE, functions=True).rows
    assert [row.name for row in rows] == ["conv", "F.relu", ".flatten", ".flatten", ".flatten", "attention"]


def test_a_custom_layer_without_parts_is_one_row():
    model = nn.Sequential(nn.Conv2d(3, 3, 1), Forward(lambda m, x: x * torch.sigmoid(x)))
    assert [row.kind for row in layers.walk(model, SHAPE, functions=True).rows] == ["Conv2d", "Forward"]


def test_what_gives_no_tensor_has_no_row():
    def forward(model, x):
        if x.shape[0] == 2 and x.size(1) == 3 and x.dim() == 4 and x.is_floating_point():
            torch.zeros(3)
        return -x

    assert calls(forward) == ["x.neg()"]


def test_without_the_wish_there_are_layers_alone():
    model = Forward(lambda m, x: F.relu(m.conv(x)), conv=nn.Conv2d(3, 2, 1))
    assert [row.name for row in layers.walk(model, SHAPE).rows] == ["conv"]


def test_an_error_that_the_model_handles_is_no_break():
    def forward(model, x):
        try:
            x.view(7)
        except RuntimeError:
            return F.relu(x)

    assert calls(forward) == ["F.relu(x)"]


@pytest.mark.parametrize(
    ("layer", "call"),
    [
        (nn.Conv2d(3, 6, 3, padding=1, bias=False), "Conv2d(3, 6, kernel_size=3, padding=1, bias=False)"),
        (nn.Conv2d(3, 6, (3, 2), padding="same"), "Conv2d(3, 6, kernel_size=(3, 2), padding='same')"),
        (nn.MaxPool2d(2), "MaxPool2d(kernel_size=2)"),
        (nn.MaxPool2d(3, 2, 1), "MaxPool2d(kernel_size=3, stride=2, padding=1)"),
        (nn.BatchNorm2d(3), "BatchNorm2d(3)"),
        (nn.Flatten(), "Flatten()"),
        (nn.Dropout(0.2), "Dropout(p=0.2)"),
    ],
)  # fmt: skip
def test_a_layer_is_shown_as_it_is_written(layer, call):
    assert layers.walk(layer, SHAPE).rows[0].call == call
    assert repr(eval(f"nn.{call}")) == repr(layer)


def test_a_layers_own_text_may_fail_and_the_walk_goes_on():
    class Odd(nn.Module):
        def forward(self, x):
            return x

        def __repr__(self):
            raise ValueError("no text")

    assert layers.walk(nn.Sequential(Odd()), SHAPE).rows[0].call == "Odd(...)"
