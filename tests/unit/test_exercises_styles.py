"""Right solutions unlike the reference are right; what is unusual about them is told, not failed."""

import os
import time

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import sliding_window_view

from convlab.exercises import get

SEEDS = range(50 if os.environ.get("CONVLAB_FULL") == "1" else 5)
CONV2D, KERNEL = get("02.conv2d"), get("02.kernel")


def loops_with_numpy(input, weight, bias=0.0):
    H, W = input.shape
    kH, kW = weight.shape
    output = np.zeros((H - kH + 1, W - kW + 1))
    for i in range(output.shape[0]):
        for j in range(output.shape[1]):
            for u in range(kH):
                for v in range(kW):
                    output[i, j] += input[i + u, j + v] * weight[u, v]
            output[i, j] += bias
    return output


def loops_with_torch(input, weight, bias=0.0):
    output = torch.empty(input.shape[0] - weight.shape[0] + 1, input.shape[1] - weight.shape[1] + 1)
    for i in range(output.shape[0]):
        for j in range(output.shape[1]):
            output[i, j] = (input[i : i + weight.shape[0], j : j + weight.shape[1]] * weight).sum() + bias
    return output


def einsum_with_numpy(input, weight, bias=0.0):
    return np.einsum("ijuv,uv->ij", sliding_window_view(input, weight.shape), weight) + bias


def einsum_with_torch(input, weight, bias=0.0):
    windows = input.unfold(0, weight.shape[0], 1).unfold(1, weight.shape[1], 1)
    return torch.einsum("ijuv,uv->ij", windows, weight) + bias


def unfolded(input, weight, bias=0.0):
    columns = F.unfold(input[None, None], weight.shape)
    return (weight.reshape(1, -1) @ columns[0]).reshape(input.shape[0] - weight.shape[0] + 1, -1) + bias


def fft_with_numpy_only(input, weight, bias=0.0):
    """A step of -1 is refused by tensors, so this one needs arrays."""
    shape = np.add(input.shape, weight.shape) - 1
    full = np.fft.irfft2(np.fft.rfft2(input, shape) * np.fft.rfft2(weight[::-1, ::-1], shape), shape)
    (H, W), (kH, kW) = input.shape, weight.shape
    return full[kH - 1 : H, kW - 1 : W] + bias


def fft_with_torch(input, weight, bias=0.0):
    (H, W), (kH, kW) = input.shape, weight.shape
    spectrum = torch.fft.rfft2(input) * torch.fft.rfft2(weight, s=(H, W)).conj()
    return torch.fft.irfft2(spectrum, s=(H, W))[: H - kH + 1, : W - kW + 1] + bias


def taps_first(input, weight, bias=0.0):
    (H, W), (kH, kW) = input.shape, weight.shape
    return (
        sum(weight[u, v] * input[u : H - kH + 1 + u, v : W - kW + 1 + v] for u in range(kH) for v in range(kW)) + bias
    )


def bias_by_keyword_only(input, weight, *, bias=0.0):
    return taps_first(input, weight, bias)


def with_more_arguments(input, weight, bias=None, stride=1, padding=0):
    return taps_first(input, weight, 0.0 if bias is None else bias)


STYLES = [
    loops_with_numpy,
    loops_with_torch,
    einsum_with_numpy,
    einsum_with_torch,
    unfolded,
    fft_with_numpy_only,
    fft_with_torch,
    taps_first,
    bias_by_keyword_only,
    with_more_arguments,
]


def left_neighbour_as_array():
    return np.array([[0, 0, 0], [-1, 1, 0], [0, 0, 0]], dtype=float)


def left_neighbour_as_literal():
    return torch.tensor([[0.0, 0, 0], [-1, 1, 0], [0, 0, 0]])


def left_neighbour_by_outer_product():
    return torch.outer(torch.tensor([0.0, 1.0, 0.0]), torch.tensor([-1.0, 1.0, 0.0])).double()


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.__name__)
def test_a_right_conv2d_in_another_style_is_right(style):
    for seed in SEEDS:
        verdict = CONV2D.check(style, seed=seed)
        assert verdict, f"{style.__name__}, seed {seed}: {verdict}"


@pytest.mark.parametrize(
    "style",
    [left_neighbour_as_array, left_neighbour_as_literal, left_neighbour_by_outer_product],
    ids=lambda style: style.__name__,
)
def test_a_right_kernel_in_another_style_is_right(style):
    assert all(KERNEL.check(style, seed=seed) for seed in SEEDS)


def test_a_float32_result_is_accepted_and_told_so():
    verdict = CONV2D.check(loops_with_torch, seed=1)
    assert verdict.outcome == "right" and "float32" in verdict.message
    assert "float32" not in CONV2D.check(loops_with_numpy, seed=1).message


def test_a_solution_for_arrays_is_accepted_and_told_so():
    assert "NumPy" in CONV2D.check(fft_with_numpy_only, seed=1).message
    assert "NumPy" not in CONV2D.check(fft_with_torch, seed=1).message


def test_a_mutant_that_only_works_on_arrays_is_still_named():
    verdict = CONV2D.check(lambda input, weight, bias=0.0: taps_first(input, weight[::-1, ::-1], bias), seed=1)
    assert verdict.mistakes == ("M61",)


def test_a_slow_solution_is_right_and_told_so():
    def slow(input, weight, bias=0.0):
        until = time.perf_counter() + 1.2
        while time.perf_counter() < until:
            pass
        return taps_first(input, weight, bias)

    verdict = CONV2D.check(slow, seed=1)
    assert verdict.outcome == "right" and "slow" in verdict.message and "3 of 10" in verdict.message


def test_a_solution_without_the_bias_argument_is_partial():
    assert CONV2D.check(lambda input, weight: taps_first(input, weight), seed=1).outcome == "partial"
    assert CONV2D.check(lambda input, weight: taps_first(input, weight.flip(0, 1)), seed=1).mistakes == ("M61",)


def test_a_bias_without_default_is_right_and_told_so():
    verdict = CONV2D.check(lambda input, weight, bias: taps_first(input, weight, bias), seed=1)
    assert verdict.outcome == "right" and "bias=0.0" in verdict.message
