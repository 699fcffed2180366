"""convlab.shapes says what nn.Conv2d does: the same sizes, the same refusals."""

import os

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import settings as layers
from strategies import two_different

from convlab.shapes import Conv2dSpec, ShapeError, receptive_field

MODES = ("zeros", "reflect", "replicate", "circular")
CASES = 2000 if os.environ.get("CONVLAB_FULL") else 500


def by_torch(arguments, input_shape):
    """The shape PyTorch gives, or the words it refuses with."""
    try:
        with torch.no_grad():
            return tuple(torch.nn.Conv2d(**arguments)(torch.zeros(input_shape)).shape)
    except (RuntimeError, ValueError) as error:
        return str(error)


def by_convlab(arguments, input_shape):
    try:
        return Conv2dSpec(**arguments).output_shape(input_shape)
    except ShapeError as error:
        return error.torch_message


@settings(max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(layers(MODES, legal=False), st.integers(1, 4), two_different(1, 9), st.sampled_from([(), (2,), (0,)]))
def test_what_pytorch_runs_is_run_and_what_it_refuses_is_refused(arguments, C_in, size, batch):
    input_shape = (*batch, C_in, *size)
    ours, theirs = by_convlab(arguments, input_shape), by_torch(arguments, input_shape)
    if isinstance(ours, str) and isinstance(theirs, str) and "dilation" in ours + theirs:
        return  # refused by both; for dilation 0 the words depend on which of PyTorch's kernels is asked
    assert ours == theirs


@pytest.mark.parametrize(
    ("changes", "input_shape"),
    [
        ({"kernel_size": 0}, (1, 1, 5, 7)),
        ({"stride": 0}, (1, 1, 5, 7)),
        ({"stride": -1}, (1, 1, 5, 7)),
        ({"dilation": 0}, (1, 1, 5, 7)),
        ({"padding": -1}, (1, 1, 5, 7)),
        ({"groups": 0}, (1, 1, 5, 7)),
        ({"padding": (0, 9), "padding_mode": "reflect"}, (1, 1, 5, 7)),
        ({}, (5, 7)),
        ({}, (1, 1, 1, 5, 7)),
        ({}, (1, 1, 0, 7)),
    ],
)
def test_a_setting_out_of_range_is_refused_in_pytorchs_words(changes, input_shape):
    arguments = {"in_channels": 1, "out_channels": 1, "kernel_size": 3, **changes}
    refusal = by_torch(arguments, input_shape)
    assert isinstance(refusal, str)
    assert by_convlab(arguments, input_shape) == refusal


@settings(max_examples=100, deadline=None)
@given(layers())
def test_weight_shape_and_parameter_count_are_the_layers_own(arguments):
    layer, spec = torch.nn.Conv2d(**arguments), Conv2dSpec(**arguments)
    assert spec.weight_shape == tuple(layer.weight.shape)
    assert spec.parameter_count == sum(p.numel() for p in layer.parameters())


@settings(max_examples=60, deadline=None)
@given(layers(), two_different(5, 9))
def test_macs_are_the_products_that_a_layer_of_ones_adds_up(arguments, size):
    arguments |= {"bias": False, "padding": "valid", "groups": 1}
    spec, shape = Conv2dSpec(**arguments), (2, arguments["in_channels"], *size)
    try:
        spec.output_shape(shape)
    except ShapeError:
        return
    layer = torch.nn.Conv2d(**arguments)
    torch.nn.init.ones_(layer.weight)
    assert spec.macs(shape) == layer(torch.ones(shape)).sum().item()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(two_different(1, 4), two_different(1, 3), two_different(1, 3)), min_size=1, max_size=3))
def test_the_receptive_field_is_what_autograd_reaches(stack):
    specs = [Conv2dSpec(1, 1, k, stride=s, dilation=d, bias=False) for k, s, d in stack]
    (height, width), _ = receptive_field(specs)
    input = torch.zeros(1, 1, height, width, requires_grad=True)
    output = input
    for spec in specs:
        layer = torch.nn.Conv2d(1, 1, spec.kernel_size, spec.stride, dilation=spec.dilation, bias=False)
        torch.nn.init.ones_(layer.weight)
        output = layer(output)
    assert output.shape[-2:] == (1, 1)  # the field fits once, and once only
    output.sum().backward()
    reached = input.grad[0, 0].nonzero()
    assert tuple(reached.min(0).values) == (0, 0)
    assert tuple(reached.max(0).values) == (height - 1, width - 1)


@pytest.mark.parametrize("bad", ["3", 3.5, (1, 2, 3), None, (3.0, 3), {}])
def test_a_kernel_size_of_a_wrong_type_gets_one_sentence_that_names_it(bad):
    with pytest.raises(ShapeError, match="kernel_size must be a whole number or a pair"):
        Conv2dSpec(1, 1, bad)


def test_a_lone_stride_in_a_tuple_is_repeated_as_pytorch_does():
    assert Conv2dSpec(1, 1, 3, stride=(2,)).output_shape((1, 1, 7, 9)) == by_torch(
        {"in_channels": 1, "out_channels": 1, "kernel_size": 3, "stride": (2,)}, (1, 1, 7, 9)
    )
