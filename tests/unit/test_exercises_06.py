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
from convlab.exercises.sentences import known_error
from convlab.samples import gabor
from tests.unit.test_exercises_06_styles import bank_by_numpy, columns

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


def mean_over_everything(input, weight, bias=None, stride=1, padding=0):
    """A window's mean over the channels, before the sum over rows and columns."""
    output = columns(input, weight, None, stride, padding) / input.shape[1]
    return output if bias is None else output + bias.view(1, -1, 1, 1)


def last_wins(input, weight, bias=None, stride=1, padding=0):
    for c in range(input.shape[1]):
        output = columns(input[:, c : c + 1], weight[:, c : c + 1], bias, stride, padding)
    return output


def bias_in_the_loop(input, weight, bias=None, stride=1, padding=0):
    parts = [columns(input[:, c : c + 1], weight[:, c : c + 1], bias, stride, padding) for c in range(input.shape[1])]
    return sum(parts)


def indexed_the_other_way(input, weight, bias=None, stride=1, padding=0):
    maps = []
    for o in range(weight.shape[0]):
        total = 0.0
        for c in range(input.shape[1]):
            total = total + columns(input[:, c : c + 1], weight[c, o][None, None], None, stride, padding)[:, 0]
        maps.append(total if bias is None else total + bias[o])
    return torch.stack(maps, 1)


def grey_by_mean():
    layer = nn.Conv2d(3, 1, 1, bias=False)
    nn.init.constant_(layer.weight, 1 / 3)
    return layer


def grey_by_chance():
    layer = nn.Conv2d(3, 1, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1))
    return layer


def set_by_data(layer, o, kernel):
    layer.weight.data[o] = kernel
    return layer


def set_by_new_parameter(layer, o, kernel):
    numbers = layer.weight.detach().clone()
    numbers[o] = kernel
    layer.weight = nn.Parameter(numbers)
    return layer


def set_in_a_copy(layer, o, kernel):
    numbers = layer.weight.clone()
    numbers[o] = kernel
    return layer


def set_everywhere(layer, o, kernel):
    with torch.no_grad():
        layer.weight.copy_(kernel)
    return layer


def full_turn(kernel_size, orientations, wavelength, sigma, gamma=0.5):
    doubled = bank_by_numpy(kernel_size, orientations, wavelength, sigma, gamma)
    return np.stack([doubled[2 * i % orientations] for i in range(orientations)])


def only_waves(kernel_size, orientations, wavelength, sigma, gamma=0.5):
    return bank_by_numpy(kernel_size, orientations, wavelength, 1e9, gamma)


def named(value):
    """A name that is the same in every process: a program's, an exercise's."""
    return getattr(value, "__name__", None) or getattr(value, "id", None)


BEGINNERS = [
    (CONV2D, mean_over_everything, ("M32",), "averaged"),
    (CONV2D, last_wins, ("M158",), "add the channels up with"),
    (CONV2D, bias_in_the_loop, ("M159",), "added with each channel"),
    (CONV2D, indexed_the_other_way, ("M30",), "weight\\[o, c\\]"),
    (GREY, grey_by_mean, ("M32",), "0.299, 0.587 and 0.114"),
    (SET, set_by_data, ("M95",), "through .data"),
    (SET, set_by_new_parameter, ("M162",), "new Parameter"),
    (SET, set_in_a_copy, (), "changed a copy"),
    (SET, set_everywhere, (), "All filters got the kernel"),
    (BANK, full_turn, ("M164",), "full turn"),
    (BANK, only_waves, ("M163",), "without an envelope"),
]


@pytest.mark.parametrize(("exercise", "program", "mistakes", "words"), BEGINNERS, ids=named)
def test_what_a_beginner_writes_is_named(exercise, program, mistakes, words):
    for seed in SEEDS:
        verdict = exercise.check(program, seed=seed)
        assert verdict.outcome == "wrong" and verdict.mistakes == mistakes, verdict
        assert re.search(words, verdict.message), verdict


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


LAYER = "nn.Conv2d(2, 4, (3, 2))"
PROVOKED = {
    CONV2D: (
        "torch.ones(2, 3, 1, 2)[3]",
        "np.ones((2, 3))[3]",
        "torch.zeros(2, 3, 1, 2) * torch.zeros(4, 3, 1, 2)",
        "np.zeros((1, 2, 2, 3)) + np.ones(2)",
        "torch.zeros(1, 2, 2, 3).double()[:, 0, 0, 0].__setitem__(slice(None), torch.ones(2, 3).double())",
        "torch.ones(3, 1, 2).sum((1, 2, 3))",
        "(lambda shape: [H for H, W in [shape]])(torch.ones(1, 2, 3, 4).shape)",
        "(lambda bias: bias[0])(None)",
        "torch.ones(2) + None",
        "[sH for sH, sW in [1]]",
        "5 // (2, 1)",
        "np.zeros(1, 2, 3, 4)",
    ),
    GREY: (
        "setattr(nn.Conv2d(3, 1, 1), 'weight', torch.ones(1, 3, 1, 1))",
        "nn.Conv2d(3, 1, 1).weight.copy_(torch.ones(1, 3, 1, 1))",
        "nn.Conv2d(3, 1, 1).weight[0].zero_()",
        "nn.Conv2d(3, 1, 1).weight.detach().copy_(torch.ones(3))",
        "nn.Conv2d(3, 1, 1).weight.data.copy_([1, 2, 3])",
        "nn.Conv2d(3, 1, 1, bias=False).bias.zero_()",
        "nn.Conv2d(3, 1)",
    ),
    SET: (
        f"{LAYER}.weight[0].zero_()",
        f"{LAYER}.weight.zero_()",
        f"setattr({LAYER}, 'weight', torch.ones(3, 2))",
        f"setattr({LAYER}, 'weight', torch.ones(3, 2).double())",
        f"{LAYER}.weight[:, 4]",
        "nn.Conv2d(3, 1, 1).weight.detach().__setitem__(0, torch.ones(3))",
        f"{LAYER}[0]",
    ),
    BANK: (
        "math.exp(torch.zeros(3, 5))",
        "torch.arange(3.0).reshape(3, 1).index_select(0, torch.tensor(0)) + [1][torch.zeros(2).long()]",
        "torch.arange(5) + torch.arange(3)",
        "torch.exp(0.5)",
        "torch.cos(0.5)",
        "torch.arange((3, 5))",
        "torch.zeros(2, 3)[2]",
    ),
}


def told(code):
    with pytest.raises(Exception) as raised:
        eval(code, {"torch": torch, "np": np, "F": F, "nn": nn, "math": math})
    return f"{type(raised.value).__name__}: {raised.value}"


@pytest.mark.parametrize("exercise", PROVOKED, ids=lambda exercise: exercise.id)
def test_the_help_with_errors_quotes_what_is_really_printed(exercise):
    messages = [told(code) for code in PROVOKED[exercise]]
    known = [known_error(exercise.errors, message) for message in messages]
    assert all(known), [message for message, entry in zip(messages, known, strict=True) if entry is None]
    assert {entry[0] for entry in exercise.errors} == {entry[0] for entry in known}
