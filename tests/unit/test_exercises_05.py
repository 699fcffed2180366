"""The exercises of lesson 05: right in many styles, beginners' programs named, errors as PyTorch gives them."""

import os

import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get
from convlab.exercises.lesson_05.seen_by_one import PIXELS, seen
from tests.unit.styles_05 import by_autograd

SEEDS = range(50 if os.environ.get("CONVLAB_FULL") == "1" else 5)
SAME, DILATE, FIELD = get("05.same_padding"), get("05.dilate"), get("05.receptive_field")


def test_the_padding_expected_is_that_of_same_and_keeps_the_size():
    for seed in SEEDS:
        for case in SAME.cases(seed):
            before, after = map(int, SAME.expected(case))
            k, d = case.arguments["kernel_size"], case.arguments.get("dilation", 1)
            layer = nn.Conv1d(1, 1, k, dilation=d, padding="same")
            assert layer._reversed_padding_repeated_twice == [before, after]
            padded = F.pad(torch.zeros(1, 1, 90), (before, after))
            assert nn.Conv1d(1, 1, k, dilation=d)(padded).shape[2] == 90


def test_a_convolution_with_the_spread_kernel_is_the_dilated_one():
    input = torch.rand(1, 1, 21, 23).double()
    for seed in SEEDS:
        for case in DILATE.cases(seed):
            weight, dilation = torch.from_numpy(case.arguments["weight"]), case.arguments["dilation"]
            spread = torch.from_numpy(DILATE.expected(case))
            wanted = F.conv2d(input, weight[None, None], dilation=dilation)
            torch.testing.assert_close(F.conv2d(input, spread[None, None]), wanted)


def test_the_field_expected_is_the_box_of_real_layers_gradients():
    for seed in SEEDS[:3]:
        for case in FIELD.cases(seed):
            layers = case.arguments["layers"]
            assert by_autograd(layers) == tuple(FIELD.expected(case)) and max(seen(layers)) < PIXELS


def test_no_case_is_square():
    for seed in SEEDS:
        for case in DILATE.cases(seed):
            assert len(set(case.arguments["weight"].shape)) == 2 and len(set(case.arguments["dilation"])) == 2
        for case in FIELD.cases(seed):
            assert len(set(FIELD.expected(case))) == 2, case.label
            assert all(len(set(layer.kernel_size)) == 2 for layer in case.arguments["layers"])


def without_dilation(kernel_size):
    return (kernel_size - 1) // 2, kernel_size // 2


def test_what_is_right_and_lacks_the_dilation_is_partial():
    verdict = SAME.check(without_dilation, seed=1)
    assert verdict.outcome == "partial" and "dilation, which says how far" in verdict.message, verdict
