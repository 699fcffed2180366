"""The exercises of lesson 06: beginners' programs are named, and errors are quoted as PyTorch gives them."""

import math
import os
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get
from convlab.exercises.lesson_06 import kernel_in
from convlab.samples import gabor
from tests.unit.styles_06 import columns

SEEDS = range(50 if os.environ.get("CONVLAB_FULL") == "1" else 3)
CONV2D, GREY, SET, BANK = (get(f"06.{name}") for name in ("conv2d", "grey", "set_kernel", "gabor_bank"))


def test_the_expected_numbers_are_those_of_pytorch():
    for seed in SEEDS:
        for case in CONV2D.cases(seed):
            given = {n: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for n, v in case.arguments.items()}
            theirs = F.conv2d(**given)
            assert CONV2D.result_shape(case) == tuple(theirs.shape)
            np.testing.assert_allclose(CONV2D.expected(case), theirs.reshape(-1, theirs.shape[3]), atol=1e-12)
        for case in GREY.cases(seed):
            mixed = torch.tensor([0.299, 0.587, 0.114]).double() @ torch.from_numpy(case.then.pictures).flatten(2)
            np.testing.assert_allclose(GREY.expected(case).reshape(mixed.shape), mixed, atol=1e-12)
        for case in BANK.cases(seed):
            given = dict(case.arguments)
            size, n, wave = (given.pop(name) for name in ("kernel_size", "orientations", "wavelength"))
            for i, rows in enumerate(np.split(BANK.expected(case), n)):
                kernel = gabor(size, wavelength=wave, theta=i * math.pi / n, zero_mean=True, **given)
                np.testing.assert_allclose(rows, kernel, atol=1e-12)


def test_no_case_is_square_and_no_count_of_channels_is_the_other():
    for seed in SEEDS:
        for case in CONV2D.cases(seed):
            (_, C_in, H, W), (C_out, _, kH, kW) = (case.arguments[name].shape for name in ("input", "weight"))
            assert H != W and kH != kW and C_in != C_out, case.label
        for case in BANK.cases(seed):
            kH, kW = case.arguments["kernel_size"]
            assert kH != kW, case.label
        for case in SET.cases(seed):
            C_out, C_in, kH, kW = case.arguments["layer"].weight.shape
            assert C_out != C_in and kH != kW, case.label


def grey_by_chance():
    layer = nn.Conv2d(3, 1, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1))
    return layer


def test_a_bias_left_at_random_shows_its_own_sum():
    message = GREY.check(grey_by_chance, seed=1).message
    assert "grey[0, 0]" in message and "expected 0.299 = 0.299*1 + 0.587*0 + 0.114*0" in message


def test_a_wrong_number_is_told_by_its_four_indices_and_channel_by_channel():
    def one_off(input, weight, bias=None, stride=1, padding=0):
        output = columns(input, weight, bias, stride, padding)
        output[0, 1, 0, 1] += 1
        return output

    message = CONV2D.check(one_off, seed=1).message
    assert re.search(r"your output\[0, 1, 0, 1\] is -?\d+; expected .* by channels \(1 of 12 numbers differ\)", message)


@pytest.mark.parametrize(
    ("exercise", "made", "words"),
    [
        (GREY, lambda: nn.Conv2d, "a class came back"),
        (GREY, lambda: torch.ones(1, 3, 1, 1), r"a tensor came back, of shape \(1, 3, 1, 1\)"),
        (GREY, lambda: nn.Conv2d(1, 3, 1), "your layer refuses colour pictures: Given groups=1"),
        (GREY, lambda: nn.Linear(3, 1), "a Linear came back"),
        (GREY, lambda: "grey", "a str came back"),
        (GREY, lambda: print(), "returned None; expected the layer"),
        (SET, lambda layer, o, kernel: layer.weight, "a tensor of shape .* came back; return the layer"),
        (SET, lambda layer, o, kernel: print(o), "returned None; expected the layer"),
        (CONV2D, lambda input, weight, bias=None, stride=1, padding=0: input[0, 0], "has 2 axes"),
        (
            BANK,
            lambda size, n, wave, sigma, gamma=0.5: torch.zeros(n, *size).double(),
            r"has 3 axes, shape \(2, 3, 5\)",
        ),
    ],
)
def test_what_is_no_layer_or_has_another_form_gets_its_own_sentence(exercise, made, words):
    verdict = exercise.check(made, seed=1)
    assert not verdict and re.search(words, verdict.message), verdict


def test_a_ready_made_convolution_is_noticed():
    assert "calls conv2d" in CONV2D.check(lambda *given, **more: F.conv2d(*given, **more)).message


def test_a_changed_input_and_an_answer_for_the_example_are_noticed():
    def changes(input, weight, bias=None, stride=1, padding=0):
        output = columns(input, weight, bias, stride, padding)
        input.zero_()
        return output

    assert "changes `input`" in CONV2D.check(changes).message
    example = next(case for case in CONV2D.cases(0) if case.example)
    answer = CONV2D.expected(example).reshape(CONV2D.result_shape(example))
    said = CONV2D.check(lambda input, weight, bias=None, stride=1, padding=0: answer).message
    assert "right on the example of the task and on no other" in said


def test_what_is_right_and_not_whole_is_partial():
    verdict = CONV2D.check(lambda input, weight, bias=None: columns(input, weight, bias), seed=1)
    assert verdict.outcome == "partial" and "Still missing: stride" in verdict.message


def test_checking_leaves_the_random_state_and_the_layer_of_a_case_alone():
    before = torch.get_rng_state()
    for exercise in (GREY, SET):
        exercise.check(next(iter(exercise.mutants.values())), seed=1)
    assert torch.equal(before, torch.get_rng_state())
    (case, *_) = SET.cases(1)
    SET.mutants["M95"](**case.arguments)
    weight = case.arguments["layer"].weight
    np.testing.assert_array_equal(weight.detach().numpy(), kernel_in.start_of(weight.shape))
