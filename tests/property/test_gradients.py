"""The way back: every gradient equals autograd's exactly, and the check of a gradient says what torch's check says."""

import os

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from strategies import settings as layers
from strategies import two_different, whole_numbers

from convlab import engines
from convlab.shapes import ArgumentError, ShapeError
from tests.property.against_torch import BACKWARD, beside_torch

FULL = os.environ.get("CONVLAB_FULL") == "1"
DRAWN = {"max_examples": 2000 if FULL else 200, "deadline": None}
DRAWN["suppress_health_check"] = [HealthCheck.filter_too_much, HealthCheck.too_slow]
HOW = {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2), "groups": 2}
NAMES = ("input", "weight", "bias")


@st.composite
def cases(draw):
    """A layer and an input that torch runs, every parameter drawn, no square."""
    arguments, size = draw(layers()), draw(two_different(3, 9))
    shape = (*draw(st.sampled_from([(), (0,), (1,), (2,)])), arguments["in_channels"], *size)
    case = beside_torch(arguments, shape, seed=draw(st.integers(0, 10**6)))
    assume(case is not None)
    return case


@settings(**DRAWN)
@given(cases())
def test_every_gradient_equals_torch_exactly_and_its_arguments_stay_as_they_are(case):
    for name in BACKWARD:
        note(name)
        case.compare(engines, name)


def some_arrays(dtype=np.float64):
    """An input, a weight and a bias for HOW."""
    rng = np.random.default_rng(5)
    return [rng.standard_normal(shape).astype(dtype) for shape in ((2, 4, 5, 4), (6, 2, 3, 2), (6,))]


def test_float32_stays_float32():
    input, weight, bias = some_arrays(np.float32)
    upstream = np.ones_like(engines.conv2d_windows(input, weight, bias, **HOW))
    assert [grad.dtype for grad in engines.conv2d_backward(upstream, input, weight, **HOW)] == [np.float32] * 3
    assert engines.input_gradient_gather(upstream, input.shape, weight, **HOW).dtype == np.float32


def by_autograd(input, weight, bias):
    arrays = [torch.as_tensor(array).requires_grad_() for array in (input, weight, bias)]
    output = F.conv2d(*arrays, **HOW)
    upstream = np.random.default_rng(0).standard_normal(output.shape)
    output.backward(torch.as_tensor(upstream))
    return [array.grad.numpy() for array in arrays]


def test_the_gradient_check_measures_what_autograd_computes():
    arrays = some_arrays()
    check = engines.check_gradients(engines.conv2d_windows, engines.conv2d_backward, *arrays, **HOW)
    assert check
    for one, name, theirs in zip(check.compared, NAMES, by_autograd(*arrays), strict=True):
        assert one.name == name
        assert np.abs(one.measured - theirs).max() < 1e-8
        assert np.abs(one.gradient - theirs).max() < 1e-12
    assert check.largest_difference == max(np.abs(one.gradient - one.measured).max() for one in check.compared)
    assert repr(check) == "the gradients agree within 1e-06 at every index: input 160, weight 72, bias 6"


def changed(which, change):
    """conv2d_backward with one of its gradients changed."""

    def backward(upstream, input, weight, **how):
        grads = list(engines.conv2d_backward(upstream, input, weight, **how))
        grads[which] = change(grads[which], upstream, input, weight, how)
        return tuple(grads)

    return backward


def with_one_number_off(gradient, *_):
    gradient[1, 2, 4, 3] += 1e-3
    return gradient


def unrotated(gradient, upstream, input, weight, how):
    return engines.input_gradient_scatter(upstream, input.shape, weight[..., ::-1, ::-1], **how)


WRONG = {
    "the input's, with a kernel that is not rotated": (0, unrotated),
    "the input's, one number off": (0, with_one_number_off),
    "the input's, not a number": (0, lambda gradient, *_: np.full_like(gradient, np.nan)),
    "the weight's, flipped": (1, lambda gradient, *_: gradient[..., ::-1, ::-1]),
    "the weight's, averaged over the batch": (1, lambda gradient, *_: gradient / 2),
    "the bias', averaged over the places": (2, lambda gradient, upstream, *_: upstream.mean((0, 2, 3))),
    "the bias', left out": (2, lambda gradient, *_: np.zeros_like(gradient)),
}


class ByHand(torch.autograd.Function):
    """Our forward and a backward on trial, for torch's own gradcheck."""

    backward_on_trial = None

    @staticmethod
    def forward(ctx, input, weight, bias):
        ctx.save_for_backward(input, weight)
        return torch.as_tensor(engines.conv2d_windows(*(a.detach().numpy() for a in (input, weight, bias)), **HOW))

    @staticmethod
    def backward(ctx, upstream):
        arrays = [tensor.detach().numpy() for tensor in (upstream, *ctx.saved_tensors)]
        found = ByHand.backward_on_trial(*arrays, **HOW)
        return tuple(torch.as_tensor(np.ascontiguousarray(gradient)) for gradient in found)


def by_gradcheck(backward, arrays):
    ByHand.backward_on_trial = staticmethod(backward)
    tensors = [torch.as_tensor(array).requires_grad_() for array in arrays]
    return torch.autograd.gradcheck(ByHand.apply, tensors, raise_exception=False, fast_mode=True)


@pytest.mark.parametrize("wrong", [None, *WRONG])
def test_the_gradient_check_fails_where_torchs_does(wrong):
    arrays = some_arrays()
    backward = engines.conv2d_backward if wrong is None else changed(*WRONG[wrong])
    check = engines.check_gradients(engines.conv2d_windows, backward, *arrays, **HOW)
    assert bool(check) == by_gradcheck(backward, arrays) == (wrong is None)
    if wrong:
        name = NAMES[WRONG[wrong][0]]
        assert check.where[0] == name
        assert repr(check).startswith(f"the gradients differ in {name}, most at {name}[")
        assert "\n" not in repr(check)


def test_the_gradient_check_says_where_a_gradient_is_wrong():
    backward = changed(0, with_one_number_off)
    check = engines.check_gradients(engines.conv2d_windows, backward, *some_arrays(), **HOW)
    assert check.where == ("input", (1, 2, 4, 3))
    assert check.largest_difference == pytest.approx(1e-3, rel=1e-3)


def test_the_gradient_check_leaves_its_arguments_alone_and_compares_the_bias_that_is_not_given():
    input, weight, _ = some_arrays()
    before = input.copy(), weight.copy()
    check = engines.check_gradients(engines.conv2d_windows, engines.conv2d_backward, input, weight, **HOW)
    assert check and check.compared[2].measured.shape == (6,)
    assert np.array_equal(input, before[0]) and np.array_equal(weight, before[1])


@pytest.mark.parametrize("which", range(3))
def test_the_gradient_check_refuses_float32_with_one_sentence_that_says_why(which):
    arrays = some_arrays()
    arrays[which] = arrays[which].astype(np.float32)
    with pytest.raises(ArgumentError, match=f"needs float64, and {NAMES[which]} has float32: .* rounding") as caught:
        engines.check_gradients(engines.conv2d_windows, engines.conv2d_backward, *arrays, **HOW)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("backward", "error", "words"),
    [
        (lambda *_: None, ArgumentError, "must return three gradients .* got NoneType"),
        (lambda *_: (1, 2), ArgumentError, "got tuple of 2"),
        (lambda upstream, input, weight: (input, weight, 0.0), ShapeError, r"shape of the bias, \(1,\); got \(\)"),
    ],
)
def test_a_backward_function_that_returns_something_else_gets_one_sentence(backward, error, words):
    with pytest.raises(error, match=words):
        engines.check_gradients(engines.conv2d_loops, backward, np.ones((1, 4, 5)), np.ones((1, 1, 2, 3)))


def test_a_check_that_would_take_for_ever_is_refused():
    with pytest.raises(ArgumentError, match="use a smaller input"):
        engines.check_gradients(
            engines.conv2d_windows, engines.conv2d_backward, np.ones((1, 3, 100, 90)), np.ones((1, 3, 2, 3))
        )


@pytest.mark.parametrize(
    ("forward", "weight", "words"),
    [
        (None, np.ones((1, 1, 2, 3)), "forward must be a function"),
        (engines.conv2d_loops, "w", "weight must be an array"),
    ],
)
def test_the_gradient_check_says_in_one_sentence_what_it_needs(forward, weight, words):
    with pytest.raises(ArgumentError, match=words):
        engines.check_gradients(forward, engines.conv2d_backward, np.ones((1, 4, 5)), weight)


@pytest.mark.parametrize(
    "shape", [7, None, (1, 2, "5", 7), np.ones((1, 2, 5, 7))], ids=lambda shape: type(shape).__name__
)
def test_an_input_shape_that_is_none_gets_one_sentence(shape):
    with pytest.raises(ShapeError, match="input_shape must be whole numbers"):
        engines.input_gradient_gather(UPSTREAM, shape, WEIGHT)


INPUT, WEIGHT, UPSTREAM = np.ones((1, 2, 5, 7)), np.ones((4, 2, 3, 2)), np.ones((1, 4, 3, 6))


@pytest.mark.parametrize(
    ("arguments", "how", "error", "words"),
    [
        ((np.ones((1, 4, 3, 5)), INPUT, WEIGHT), {}, ShapeError, "shape, .1, 4, 3, 6. here; got .1, 4, 3, 5."),
        ((UPSTREAM[0], INPUT, WEIGHT), {}, ShapeError, "must both have 4 axes"),
        ((UPSTREAM, INPUT, WEIGHT[0]), {}, ShapeError, "weight must have 4 axes"),
        ((UPSTREAM, INPUT[:, :1], WEIGHT), {}, ShapeError, "has the shape .4, 1, 3, 2.; got .4, 2, 3, 2."),
        ((UPSTREAM, INPUT, WEIGHT), {"groups": 3}, ShapeError, "does not divide into 3 groups"),
        ((UPSTREAM, INPUT, WEIGHT), {"stride": 0}, ShapeError, "stride must be 1 or more"),
        ((UPSTREAM, INPUT.astype(np.float32), WEIGHT), {}, ArgumentError, "got float64, float32, float64"),
        (("up", INPUT, WEIGHT), {}, ArgumentError, "grad_output must be an array of numbers"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_sentence(arguments, how, error, words):
    with pytest.raises(error, match=words) as caught:
        engines.conv2d_backward(*arguments, **how)
    assert "\n" not in str(caught.value)


def test_folding_columns_is_the_transpose_of_making_them():
    how = {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0), "dilation": (1, 2)}
    picture = whole_numbers((2, 3, 6, 7), seed=1)
    columns = engines.im2col(picture, **how)
    others = whole_numbers(columns.shape, seed=2)
    assert (columns * others).sum() == (picture * engines.col2im(others, (6, 7), **how)).sum()
