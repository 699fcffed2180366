"""The engines equal torch exactly on whole-numbered float64 inputs: no tolerance."""

import inspect

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import settings as layers
from strategies import two_different, whole_numbers

from convlab import engines
from convlab.shapes import ArgumentError, Conv2dSpec, ShapeError

CONV2D = [engines.conv2d_loops, engines.conv2d_windows, engines.conv2d_im2col]
MODES = ("zeros", "reflect", "replicate", "circular")


def a_case(arguments, size, batch, seed):
    """(input, weight, bias) of whole numbers for a layer that runs."""
    spec = Conv2dSpec(**arguments)
    shape = (*batch, spec.in_channels, *size)
    try:
        spec.output_shape(shape)
    except ShapeError:
        assume(False)
    bias = whole_numbers((spec.out_channels,), seed + 2) if spec.bias else None
    return whole_numbers(shape, seed), whole_numbers(spec.weight_shape, seed + 1), bias


def tensors(*arrays):
    return [None if array is None else torch.as_tensor(array) for array in arrays]


@pytest.mark.parametrize("conv2d", CONV2D, ids=lambda engine: engine.__name__)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(layers(), two_different(3, 9), st.sampled_from([(), (1,), (2,)]), st.integers(0, 10**6))
def test_an_engine_equals_torch_exactly(conv2d, arguments, size, batch, seed):
    input, weight, bias = a_case(arguments, size, batch, seed)
    before = input.copy()
    how = {name: arguments[name] for name in ("stride", "padding", "dilation", "groups")}
    ours = conv2d(input, weight, bias, **how)
    theirs = F.conv2d(*tensors(input, weight, bias), **how).numpy()
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    assert np.array_equal(ours, theirs)
    assert np.array_equal(input, before)


@pytest.mark.parametrize("conv2d", CONV2D, ids=lambda engine: engine.__name__)
def test_float32_stays_float32(conv2d):
    output = conv2d(np.ones((1, 1, 4, 5), np.float32), np.ones((2, 1, 3, 2), np.float32))
    assert output.dtype == np.float32


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(layers(), two_different(3, 8), st.sampled_from([(), (2,)]), st.integers(0, 10**6))
def test_im2col_equals_unfold(arguments, size, batch, seed):
    arguments |= {"padding": 1, "groups": 1, "bias": False}
    input, _, _ = a_case(arguments, size, batch, seed)
    how = {name: arguments[name] for name in ("kernel_size", "stride", "padding", "dilation")}
    assert np.array_equal(engines.im2col(input, **how), F.unfold(torch.as_tensor(input), **how).numpy())


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(MODES), two_different(0, 3), two_different(4, 7))
def test_padding_of_every_mode_equals_torchs(mode, padding, size):
    input = whole_numbers((1, 2, *size), seed=1)
    (pH, pW), name = padding, {"zeros": "constant"}.get(mode, mode)
    theirs = F.pad(torch.as_tensor(input), (pW, pW, pH, pH), mode=name).numpy()
    assert np.array_equal(engines.pad_input(input, ((pH, pH), (pW, pW)), mode), theirs)


@pytest.mark.parametrize("conv2d", CONV2D, ids=lambda engine: engine.__name__)
@pytest.mark.parametrize(
    ("input", "weight", "error", "words"),
    [
        (np.ones((3, 4)), np.ones((1, 1, 2, 2)), ShapeError, "must have 4 axes"),
        (np.ones((1, 2, 4, 5)), np.ones((1, 3, 2, 2)), ShapeError, "in_channels=3, and this input has 2 channels"),
        (np.ones((1, 1, 2, 2)), np.ones((1, 1, 3, 2)), ShapeError, "the padded input has only 2 x 2"),
        (np.ones((1, 1, 4, 5)), np.ones((3, 3)), ShapeError, "weight must have 4 axes"),
        (np.ones((1, 1, 4, 5), np.float32), np.ones((1, 1, 2, 2)), ArgumentError, "float32 and float64"),
        (np.array("cat"), np.ones((1, 1, 2, 2)), ArgumentError, "input must be an array of numbers"),
    ],
)
def test_bad_input_gets_one_sentence(conv2d, input, weight, error, words):
    with pytest.raises(error, match=words) as caught:
        conv2d(input, weight)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("conv2d", CONV2D, ids=lambda engine: engine.__name__)
def test_an_engine_fits_a_screen(conv2d):
    code = inspect.getsource(conv2d).split('"""')[-1]
    assert len(code.splitlines()) <= 40
