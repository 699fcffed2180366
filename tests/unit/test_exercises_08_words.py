"""What lesson 08's exercises say must be true: of shapes that do not fit, and of an h that costs digits."""

from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.unit.styles_08 import flat_clones
from tests.unit.test_exercises_08 import BACKWARD, CHECK, SEEDS


def filters_kept(grad_padded, slices, sent, tap):
    grad_padded[slices] += sent[:, :, None] * tap[None, :, :, None, None]


def filters_without_axes(grad_padded, slices, sent, tap):
    grad_padded[slices] += sent * tap


def one_short(grad_padded, slices, sent, tap):
    slices = (*slices[:2], *(slice(it.start, it.stop - 1, it.step) for it in slices[2:]))
    grad_padded[slices] += torch.einsum("noij,oc->ncij", sent, tap)


@pytest.mark.parametrize("scatter", [filters_kept, filters_without_axes, one_short])
def test_shapes_that_do_not_fit_are_not_laid_to_the_pictures(scatter):
    def program(grad_output, input, weight, stride=1, padding=0):
        grad_padded = F.pad(torch.zeros_like(input), (padding,) * 4)
        for u, v in np.ndindex(*weight.shape[2:]):
            begins = zip((u, v), grad_output.shape[2:], strict=True)
            slices = [slice(None)] * 2 + [slice(at, at + stride * (n - 1) + 1, stride) for at, n in begins]
            scatter(grad_padded, tuple(slices), grad_output, weight[:, :, u, v])
        return grad_padded, weight, grad_output.sum((0, 2, 3))

    for seed in SEEDS:
        message = BACKWARD.check(program, seed=seed).message
        assert "For grad_input the filters are added up" in message and "stride * (H_out - 1) + 1" in message
        assert "the pictures are not added up" not in message


@pytest.mark.parametrize(("h", "far"), [(1e-2, True), (1e-5, False), (1e-8, True), (1e-10, True)])
def test_a_step_that_costs_digits_is_accepted_and_said_to(h, far):
    verdict = CHECK.check(partial(flat_clones, h=h), seed=1)
    assert verdict and ("h of about 1e-5" in verdict.message) == far and "float32" not in verdict.message
