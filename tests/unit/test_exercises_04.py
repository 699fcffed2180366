"""The exercises of lesson 04: right in many styles, beginners' programs named, errors as PyTorch gives them."""

import math
import os
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from convlab.exercises import get
from convlab.exercises.sentences import known_error
from tests.unit.errors_04 import PROVOKED
from tests.unit.exercise_help import told
from tests.unit.styles_04 import padded_tensor, two, unfold_of_tensors, without_defaults

SEEDS = range(50 if os.environ.get("CONVLAB_FULL") == "1" else 5)
OUT_SIZE, PAD2D, CONV2D = get("04.out_size"), get("04.pad2d"), get("04.conv2d")


def test_a_solution_that_pads_in_float32_is_right_and_told_so():
    def padded_in_float32(input, weight, bias=0.0, stride=1, padding=0):
        return unfold_of_tensors(padded_tensor(input.float(), padding).double(), weight, bias, stride)

    message = CONV2D.check(padded_in_float32, seed=1).message
    assert message.startswith("Right") and "float32 on the way" in message
    assert "float32" not in CONV2D.check(unfold_of_tensors, seed=1).message


def test_the_expected_numbers_are_those_of_pytorch():
    for seed in SEEDS:
        for case in CONV2D.cases(seed):
            given = dict(case.arguments)
            input, weight = (torch.from_numpy(given.pop(name))[None, None] for name in ("input", "weight"))
            bias = torch.tensor([given.pop("bias", 0.0)], dtype=torch.float64)
            ours = torch.from_numpy(CONV2D.expected(case))
            torch.testing.assert_close(ours, F.conv2d(input, weight, bias, **given)[0, 0], rtol=0, atol=1e-12)
        for case in PAD2D.cases(seed):
            theirs = padded_tensor(torch.from_numpy(case.arguments["input"]), case.arguments["padding"])
            assert PAD2D.expected(case).tolist() == theirs.tolist()
        for case in OUT_SIZE.cases(seed):
            size, kernel_size, *rest = case.arguments.values()
            layer = torch.nn.Conv1d(1, 1, kernel_size, *rest)
            assert OUT_SIZE.expected(case) == layer(torch.zeros(1, size)).shape[1]


def test_no_case_is_square():
    for seed in SEEDS:
        for case in (*CONV2D.cases(seed), *PAD2D.cases(seed)):
            H, W = case.arguments["input"].shape
            kH, kW = case.arguments.get("weight", np.zeros((0, 1))).shape
            assert H != W and kH != kW, case.label


def with_loops(places, window, made=None):
    """A beginner's program: its size, and the corners (top, bottom, left, right) of the window of a place."""

    def conv2d(input, weight, bias=0.0, stride=1, padding=0):
        (sH, sW), (pH, pW), (H, W), (kH, kW) = two(stride), two(padding), input.shape, weight.shape
        padded = padded_tensor(input, padding)
        output = torch.zeros((made or places)(H, W, kH, kW, sH, sW, pH, pW))
        H_out, W_out = places(H, W, kH, kW, sH, sW, pH, pW)
        for i in range(H_out):
            for j in range(W_out):
                top, bottom, left, right = window(i, j, kH, kW, sH, sW)
                output[i, j] = (padded[top:bottom, left:right] * weight).sum() + bias
        return output

    return conv2d


def right_places(H, W, kH, kW, sH, sW, pH, pW):
    return (H + 2 * pH - kH) // sH + 1, (W + 2 * pW - kW) // sW + 1


def right_window(i, j, kH, kW, sH, sW):
    return i * sH, i * sH + kH, j * sW, j * sW + kW


def whole_numbers_and_flipped(input, weight, bias=0.0, stride=1, padding=0):
    output = (input.shape[0] + 2 * padding - weight.shape[0]) // stride + 1
    assert output > 0
    return unfold_of_tensors(input, weight.flip(0, 1), bias, stride, padding)


def cut_from_the_end(input, weight, bias=0.0, stride=1, padding=0):
    pH, pW = two(padding)
    padded = torch.zeros(input.shape[0] + 2 * pH, input.shape[1] + 2 * pW)
    padded[pH:-pH, pW:-pW] = input
    return unfold_of_tensors(padded.double(), weight, bias, stride)


BEGINNERS = {
    "counts the padding of the padded picture again": (
        with_loops(
            lambda H, W, kH, kW, sH, sW, pH, pW: right_places(H, W, kH, kW, sH, sW, 2 * pH, 2 * pW), right_window
        ),
        ("M04",),
        "counted four times",
    ),
    "rounds up": (
        with_loops(
            lambda H, W, kH, kW, sH, sW, pH, pW: (
                math.ceil((H + 2 * pH - kH) / sH) + 1,
                math.ceil((W + 2 * pW - kW) / sW) + 1,
            ),
            right_window,
        ),
        ("M06",),
        "no longer fits",
    ),
    "loops as if the stride were 1": (
        with_loops(lambda H, W, kH, kW, sH, sW, pH, pW: right_places(H, W, kH, kW, 1, 1, pH, pW), right_window),
        (),
        "loops run as if the stride were 1",
    ),
    "starts at every cell": (
        with_loops(right_places, lambda i, j, kH, kW, sH, sW: (i, i + kH, j, j + kW)),
        (),
        "windows lie one cell apart",
    ),
    "ends the window too early": (
        with_loops(right_places, lambda i, j, kH, kW, sH, sW: (i * sH, i + kH, j * sW, j + kW)),
        (),
        "get shorter and shorter",
    ),
    "exchanges the strides": (
        with_loops(right_places, lambda i, j, kH, kW, sH, sW: (i * sW, i * sW + kH, j * sH, j * sH + kW)),
        ("M21",),
        "strides of rows and columns are exchanged",
    ),
    "cuts from the end": (cut_from_the_end, (), "-0 is 0"),
    "flips, and takes no pairs": (whole_numbers_and_flipped, ("M61",), "flipped kernel"),
}


@pytest.mark.parametrize("name", BEGINNERS)
def test_a_program_that_breaks_is_named_like_one_that_does_not(name):
    program, mistakes, words = BEGINNERS[name]
    for seed in SEEDS:
        verdict = CONV2D.check(program, seed=seed)
        assert verdict.outcome == "wrong" and verdict.mistakes == mistakes and words in verdict.message, verdict


def test_a_refusal_by_raise_assert_or_none_is_a_wrong_answer():
    def by_assert(size, kernel_size, stride=1, padding=0):
        assert (size + 2 * padding - kernel_size) % stride == 0, "does not fit"
        return (size + 2 * padding - kernel_size) // stride + 1

    def by_raise(size, kernel_size, stride=1, padding=0):
        if (size + 2 * padding - kernel_size) % stride:
            raise ValueError("could not be used")
        return (size + 2 * padding - kernel_size) // stride + 1

    def by_none(size, kernel_size, stride=1, padding=0):
        if (size + 2 * padding - kernel_size) % stride == 0:
            return (size + 2 * padding - kernel_size) // stride + 1

    for program in (by_assert, by_raise, by_none):
        verdict = OUT_SIZE.check(program, seed=1)
        assert verdict.outcome == "wrong" and verdict.mistakes == ("M07",), verdict


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda size: float(size), "as a float"),
        (lambda size: np.float64(size), "as a float"),
        (lambda size: str(size), "returned a str; expected an int"),
        (lambda size: (size, size), "returned a tuple; expected an int, the size of one axis"),
        (lambda size: torch.zeros(size), "returned a Tensor, shape"),
        (lambda size: print(size), "print hands nothing over"),
        (lambda size: (k for k in range(size)), "is a generator"),
    ],
)
def test_a_size_of_another_form_gets_its_own_sentence(answer, sentence):
    def out_size(size, kernel_size, stride=1, padding=0):
        return answer((size + 2 * padding - kernel_size) // stride + 1)

    verdict = OUT_SIZE.check(out_size, seed=1)
    assert verdict.outcome == "wrong" and sentence in verdict.message, verdict


def test_what_is_right_and_not_whole_is_partial():
    def of_lesson_02(input, weight, bias=0.0):
        return unfold_of_tensors(input, weight, bias)

    def numbers_only(input, weight, bias=0.0, stride=1, padding=0):
        return unfold_of_tensors(input, weight, bias, 0 + stride, 0 + padding)

    def pairs_only(input, weight, bias=0.0, stride=(1, 1), padding=(0, 0)):
        (_, _), (_, _) = stride, padding
        return unfold_of_tensors(input, weight, bias, stride, padding)

    for program, words in (
        (of_lesson_02, "Still missing: stride, which .*; padding, which"),
        (numbers_only, "Pairs .* must work too"),
        (pairs_only, "Whole numbers, .* must work too"),
        (lambda input, weight, stride=1, padding=0: unfold_of_tensors(input, weight, 0.0, stride, padding), "bias"),
    ):
        verdict = CONV2D.check(program, seed=1)
        assert verdict.outcome == "partial", verdict
        assert re.search(words, verdict.message), verdict
    assert "default bias=0.0 and stride=1 and padding=0" in CONV2D.check(without_defaults, seed=1).message


def test_the_picture_of_a_size_shows_the_axis_and_its_windows():
    figure = repr(OUT_SIZE.check(OUT_SIZE.mutants["M05"], seed=1).figure)
    assert "the windows, a row each" in figure and "1 1 1 0" in figure and "yours - expected\n-1" in figure


def test_the_errors_of_conv2d_are_those_of_lesson_02_of_padding_and_of_size():
    known = [told(code) for codes in PROVOKED.values() for code in codes]
    known += [message for message, _, _ in get("02.conv2d").errors]
    met = {known_error(CONV2D.errors, message) for message in known}
    assert met - {None} == set(CONV2D.errors)
