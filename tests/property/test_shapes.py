"""convlab.shapes says what nn.Conv2d does: the same sizes, the same refusals."""

import os

import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import settings as layers
from strategies import two_different
from torch.utils.flop_counter import FlopCounterMode

from convlab.shapes import Conv2dSpec, ShapeError, input_lengths, output_length, receptive_field, receptive_window

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


def runs(spec, input_shape):
    """True when the layer takes this input."""
    try:
        return bool(spec.output_shape(input_shape))
    except ShapeError:
        return False


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
        ({"dilation": (1, -1)}, (0, 1, 5, 7)),
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


@settings(max_examples=40, deadline=None)
@given(layers(), two_different(5, 9), st.booleans())
def test_macs_are_torchs_own_count(arguments, size, batched):
    arguments["padding"] = 2 if isinstance(arguments["padding"], str) else arguments["padding"]
    spec, shape = Conv2dSpec(**arguments), ((3,) if batched else ()) + (arguments["in_channels"], *size)
    assume(runs(spec, shape))
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        torch.nn.Conv2d(**arguments, device="meta")(torch.zeros(shape, device="meta"))
    assert spec.macs(shape) == counter.get_total_flops() // 2  # a multiply-add is two operations


@settings(max_examples=60, deadline=None)
@given(layers(), two_different(5, 9))
def test_macs_are_the_products_that_a_layer_of_ones_adds_up(arguments, size):
    arguments |= {"bias": False, "padding": "valid", "groups": 1}
    spec, shape = Conv2dSpec(**arguments), (2, arguments["in_channels"], *size)
    assume(runs(spec, shape))
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


@settings(max_examples=60, deadline=None)
@given(layers(MODES), two_different(2, 9), st.sampled_from([(), (2,)]))
def test_a_pixel_is_read_as_often_as_the_gradient_says(arguments, size, batch):
    spec, shape = Conv2dSpec(**arguments), (*batch, arguments["in_channels"], *size)
    assume(runs(spec, shape))
    layer = torch.nn.Conv2d(**arguments, dtype=torch.float64)
    torch.nn.init.ones_(layer.weight)
    input = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    layer(input).sum().backward()
    filters = spec.out_channels // spec.groups
    counts = spec.read_counts(shape)
    assert torch.equal(input.grad, filters * torch.tensor(counts.table, dtype=torch.float64).expand(shape))
    unread = spec.unread(shape)
    pixels = {(i, j) for i in range(size[0]) for j in range(size[1]) if i in unread.rows or j in unread.columns}
    assert pixels == set(map(tuple, (input.grad.reshape(-1, *size)[0] == 0).nonzero().tolist()))


def test_the_counts_that_can_be_made_by_head():
    assert Conv2dSpec(1, 1, 3, stride=2).read_counts((1, 8, 9)).rows == (1, 1, 2, 1, 2, 1, 1, 0)
    assert Conv2dSpec(1, 1, 3, stride=2).unread((1, 8, 9)) == ((7,), ())
    table = Conv2dSpec(1, 1, 3, padding=1).read_counts((1, 1, 5, 5)).table
    assert (table[0][0], table[0][2], table[2][0], table[2][2]) == (4, 6, 6, 9)


def length_by_torch(arguments, axis, length):
    """The output's length along one axis for this input length, or None where PyTorch refuses it."""
    size = [9, 9]
    size[axis] = length
    input = torch.zeros(1, arguments["in_channels"], *size, device="meta")
    try:
        return torch.nn.Conv2d(**arguments, device="meta")(input).shape[2 + axis]
    except (RuntimeError, ValueError):
        return None


@settings(max_examples=60, deadline=None)
@given(layers(MODES), two_different(1, 9))
def test_the_sizes_that_give_the_same_output_are_all_those_torch_finds(arguments, size):
    # on the axis that is not asked about 9 pixels carry every window drawn here
    arguments["kernel_size"], arguments["dilation"] = (2, 3), (2, 1)
    spec, shape = Conv2dSpec(**arguments), (1, arguments["in_channels"], *size)
    assume(runs(spec, shape))
    wanted, found = spec.output_shape(shape)[-2:], spec.same_output(shape)
    for axis in (0, 1):
        lengths = [length for length in range(1, 16) if length_by_torch(arguments, axis, length) == wanted[axis]]
        assert list(found[axis]) == lengths


@pytest.mark.parametrize(
    ("mode", "heights"), [("zeros", [1, 2, 3, 4]), ("replicate", [1, 2, 3, 4]), ("circular", [3, 4]), ("reflect", [4])]
)
def test_a_padding_mode_that_needs_a_longer_input_leaves_out_the_shorter_ones(mode, heights):
    how = {"kernel_size": (3, 1), "stride": (4, 1), "padding": (3, 0), "padding_mode": mode}
    arguments = {"in_channels": 1, "out_channels": 1, **how}
    assert [length for length in range(1, 9) if length_by_torch(arguments, 0, length) == 2] == heights
    assert [list(lengths) for lengths in Conv2dSpec(**arguments).same_output((1, 4, 5))] == [heights, [5]]


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 5), st.integers(0, 4), st.integers(1, 3))
def test_a_longer_or_a_shorter_input_gives_another_length(places, kernel_size, stride, padding, dilation):
    how = {"kernel_size": kernel_size, "stride": stride, "padding": (padding, 0), "dilation": dilation}
    lengths = input_lengths(places, **how)
    if not lengths:  # with that much padding there are more places even on one pixel
        assert output_length(1, **how) > places
        return
    assert all(output_length(length, **how) == places for length in lengths)
    assert output_length(lengths.stop, **how) == places + 1
    assert lengths.start == 1 or output_length(lengths.start - 1, **how) == places - 1


@settings(max_examples=60, deadline=None)
@given(layers(), two_different(5, 9), st.sampled_from([1, 2, 4, 8]))
def test_bytes_are_those_of_torchs_arrays(arguments, size, itemsize):
    spec, shape = Conv2dSpec(**arguments), (3, arguments["in_channels"], *size)
    assume(runs(spec, shape))
    layer, input = torch.nn.Conv2d(**arguments, device="meta"), torch.zeros(shape, device="meta")
    tensors = {"input": input, "weight": layer.weight, "bias": layer.bias, "output": layer(input)}
    numbers = {name: 0 if tensor is None else tensor.numel() for name, tensor in tensors.items()}
    found = spec.bytes(shape, itemsize)
    assert found._asdict() == {name: number * itemsize for name, number in numbers.items()}
    assert found.total == sum(numbers.values()) * itemsize


@settings(max_examples=60, deadline=None)
@given(st.lists(layers(), min_size=1, max_size=3), st.data())
def test_the_window_of_a_unit_holds_what_autograd_reaches_and_nothing_else(stack, data):
    specs = [Conv2dSpec(1, 1, s["kernel_size"], s["stride"], s["padding"], s["dilation"]) for s in stack]
    input = torch.zeros(1, 31, 37, dtype=torch.float64, requires_grad=True)
    output = input
    for spec in specs:
        assume(runs(spec, output.shape))
        frame = [side for axis in reversed(spec.pads) for side in axis]
        weight = torch.ones(spec.weight_shape, dtype=torch.float64)
        output = F.conv2d(F.pad(output, frame), weight, stride=spec.stride, dilation=spec.dilation)
    place = [data.draw(st.integers(0, length - 1)) for length in output.shape[-2:]]
    output[0, place[0], place[1]].backward()
    reached = input.grad[0].nonzero().tolist()
    for axis, window in enumerate(receptive_window(specs, place)):
        lines = {pixel[axis] for pixel in reached}
        assert lines <= set(window)
        if 0 <= window.start and window.stop <= input.shape[1 + axis]:
            # nothing at all is reached where the other axis sees padding only
            assert not reached or (min(lines), max(lines)) == (window.start, window.stop - 1)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda spec: spec.bytes((1, 1, 8, 9), itemsize=0), "itemsize must be 1 or more"),
        (lambda spec: spec.bytes((1, 1, 8, 9), itemsize="float32"), "itemsize must be a whole number"),
        (lambda spec: spec.read_counts((1, 2, 8, 9)), "this input has 2 channels"),
        (lambda spec: spec.unread("picture"), "input_shape must be whole numbers"),
        (lambda spec: spec.same_output((1, 1, 2, 2)), "the padded input has only 2 x 2"),
        (lambda spec: input_lengths(0, 3), "output_length must be 1 or more"),
        (lambda spec: output_length(8, 3, stride=0), "stride must be 1 or more"),
        (lambda spec: receptive_window([spec], place=None), "place must be a whole number or a pair"),
    ],
)
def test_bad_input_gets_one_sentence(ask, words):
    with pytest.raises(ShapeError, match=words) as caught:
        ask(Conv2dSpec(1, 1, 3))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("bad", ["3", 3.5, (1, 2, 3), None, (3.0, 3), {}])
def test_a_kernel_size_of_a_wrong_type_gets_one_sentence_that_names_it(bad):
    with pytest.raises(ShapeError, match="kernel_size must be a whole number or a pair"):
        Conv2dSpec(1, 1, bad)


def test_a_lone_stride_in_a_tuple_is_repeated_as_pytorch_does():
    assert Conv2dSpec(1, 1, 3, stride=(2,)).output_shape((1, 1, 7, 9)) == by_torch(
        {"in_channels": 1, "out_channels": 1, "kernel_size": 3, "stride": (2,)}, (1, 1, 7, 9)
    )
