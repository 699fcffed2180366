"""Our engines beside torch, one function on one case, with no tolerance; the tests and the mutants share it.

Whole numbers in float64 are exact in every order of adding, so what differs at all is wrong.
"""

from dataclasses import replace
from functools import cached_property
from inspect import unwrap
from unittest.mock import patch

import numpy as np
import torch
import torch.nn.functional as F

from convlab.shapes import Conv2dSpec
from tests.random_layers import draw, gradients, judged

FORWARD = ("conv2d_loops", "conv2d_windows", "conv2d_im2col", "conv2d_tiled", "conv2d_fft")
BACKWARD = ("input_gradient_scatter", "input_gradient_gather", "weight_gradient", "conv2d_backward")
COLUMNS = ("im2col", "col2im")
FUNCTIONS = (*FORWARD, *BACKWARD, *COLUMNS)
torch.set_num_threads(1)  # the cases are tiny: threads would only wait for each other
ROUNDING = 1e-9  # of the Fourier transform, which leaves the whole numbers on its way


class Beside:
    """One legal case and what torch makes of it, each made when it is first asked for.

    Args:
        case: a ``Case`` of ``tests.random_layers``, whose padding is of zeros.
    """

    def __init__(self, case):
        self.case = case
        self.upstream = numbers_like(case.output, seed=case.input.size)
        self.how = {name: case.spec[name] for name in ("stride", "padding", "dilation", "groups")}

    def compare(self, engines, name):
        """Raises AssertionError where this function of our engines does not equal torch's."""
        function = getattr(engines, name)
        self._compare(name, function)
        names = unwrap(function).__globals__
        if "CACHE_BYTES" in names:  # it works tile by tile: now with tiles of a place or two
            with patch.dict(names, CACHE_BYTES=200):
                self._compare(name, function)

    def _compare(self, name, function):
        case = self.case
        upstream, input, weight, bias = locked(self.upstream, case.input, case.weight, case.bias)
        if name in FORWARD:
            tolerance = ROUNDING if name == "conv2d_fft" else 0
            same(function(input, weight, bias, **self.how), case.output, tolerance)
        elif name == "conv2d_backward":
            for ours, theirs in zip(function(upstream, input, weight, **self.how), self.gradients, strict=True):
                same(ours, theirs)
        elif name == "weight_gradient":
            same(function(upstream, input, weight.shape[2:], **self.how), self.gradients[1])
        elif name in BACKWARD:
            same(function(upstream, input.shape, weight, **self.how), self.gradients[0])
        elif name == "im2col":
            same(function(input, **self.window), self.columns)
        else:
            columns, picture = self.folded
            same(function(*locked(columns), input.shape[-2:], **self.window), picture)

    @cached_property
    def gradients(self):
        """(grad_input, grad_weight, grad_bias) by autograd; the last one also where the layer has no bias."""
        zeros = np.zeros(len(self.case.weight))
        return gradients(replace(self.case, spec=self.case.spec | {"bias": True}, bias=zeros), self.upstream)

    @cached_property
    def window(self):
        """The settings that F.unfold and F.fold take: a padding by name is made a number, and no dilation of 0."""
        spec = Conv2dSpec(**self.case.spec)
        by_name = isinstance(spec.padding, str)
        return {
            "kernel_size": spec.kernel_size,
            "stride": spec.stride,
            "padding": tuple(length // 2 for length in spec.extent) if by_name else spec.padding,
            "dilation": tuple(max(1, step) for step in spec.dilation),
        }

    @cached_property
    def columns(self):
        """F.unfold of the input."""
        return F.unfold(torch.as_tensor(self.case.input), **self.window).numpy()

    @cached_property
    def folded(self):
        """Columns of whole numbers and F.fold of them."""
        columns = numbers_like(self.columns, seed=self.case.input.size + 1)
        return columns, F.fold(torch.as_tensor(columns), self.case.input.shape[-2:], **self.window).numpy()


def same(ours, theirs, tolerance=0):
    """Raises AssertionError unless shape, dtype and values are the same."""
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    assert np.array_equal(ours, theirs) if tolerance == 0 else np.abs(ours - theirs).max(initial=0) <= tolerance


def locked(*arrays):
    """Copies that cannot be written to: an engine that changes its input raises."""
    copies = [None if array is None else array.copy() for array in arrays]
    for copy in copies:
        if copy is not None:
            copy.setflags(write=False)
    return copies


def numbers_like(array, seed):
    """Whole numbers from -4 to 4 in an array of the same shape."""
    return np.random.default_rng(seed).integers(-4, 5, array.shape).astype(np.float64)


def some_cases(count):
    """Legal cases beside torch, always the same: first those that have a corner of their own, then random layers."""
    plain = {"in_channels": 4, "out_channels": 6, "kernel_size": [3, 2], "stride": [1, 1], "padding": [0, 0]}
    plain |= {"dilation": [1, 1], "groups": 1, "bias": True}
    corners = [
        ((0, 4, 6, 9), {"dilation": [0, 0], "kernel_size": [5, 2], "stride": [6, 3]}),  # torch runs an empty batch
        ((0, 4, 11, 7), {"kernel_size": [4, 1], "stride": [3, 1], "groups": 2}),
        ((2, 4, 6, 9), {"kernel_size": [2, 4], "dilation": [3, 1], "padding": "same"}),  # one more pixel at the end
        ((2, 4, 8, 5), {"stride": [3, 2], "padding": [0, 1]}),  # rows that no window reaches
    ]
    cases, rng = [beside_torch(plain | changes, shape, seed=0) for shape, changes in corners], np.random.default_rng(0)
    while len(cases) < count:
        case = draw(rng, legal=True)
        if case.spec["padding_mode"] == "zeros":
            cases.append(Beside(case))
    return cases


def beside_torch(arguments, shape, seed):
    """A drawn layer and an input's shape with whole numbers, beside torch; None where torch refuses them."""
    weight = np.zeros(Conv2dSpec(**arguments).weight_shape)
    bias = np.zeros(arguments["out_channels"]) if arguments["bias"] else None
    arrays = (np.zeros(shape), weight, bias)
    numbers = [None if array is None else numbers_like(array, seed + n) for n, array in enumerate(arrays)]
    case = judged(arguments, *numbers)
    return None if case.refusal else Beside(case)
