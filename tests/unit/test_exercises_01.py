"""The exercise of lesson 01: right in many styles, beginners' programs named, errors as PyTorch gives them."""

import asyncio
import os
import re
import sys

import numpy as np
import pytest
import torch
from torch import nn

from convlab.exercises import get

SEEDS = range(50 if os.environ.get("CONVLAB_FULL") == "1" else 5)
TO_NCHW = get("01.to_nchw")


def test_a_function_for_arrays_alone_is_right_when_it_returns_a_tensor():
    def to_nchw(picture):
        array = picture.astype(np.float32) / 255
        array = array[None] if array.ndim == 2 else np.moveaxis(array, 2, 0)
        return torch.from_numpy(array.copy())[None]

    verdict = TO_NCHW.check(to_nchw, seed=1)
    assert verdict and "checked with NumPy arrays" in verdict.message


def test_the_expected_numbers_are_those_of_pytorch_and_a_layer_takes_the_reference():
    for seed in SEEDS:
        for case in TO_NCHW.cases(seed):
            picture = torch.from_numpy(case.arguments["picture"])
            rows = picture[None] if picture.dim() == 2 else torch.stack(picture.unbind(2))
            expected = torch.from_numpy(TO_NCHW.expected(case)).float()
            torch.testing.assert_close(expected, (rows.float() / 255).flatten(0, 1), rtol=0, atol=1e-7)
            batch = TO_NCHW.reference(picture)
            assert tuple(batch.shape) == TO_NCHW.result_shape(case) and batch.max() == 1
            nn.Conv2d(batch.shape[1], 8, kernel_size=1)(batch)


def test_no_case_is_square_and_both_grey_and_colour_come_early():
    for seed in SEEDS:
        shapes = [case.arguments["picture"].shape for case in TO_NCHW.cases(seed)]
        assert all(shape[0] != shape[1] for shape in shapes)
        assert {len(shape) for shape in shapes[:3]} == {2, 3}
        assert sum(len(shape) == 2 for shape in shapes) >= 3


def changed(change):
    """The reference, with its right result changed before it is returned."""
    return lambda picture: change(TO_NCHW.reference(picture))


def double(batch):
    return batch.double()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda batch: batch.numpy(), "numbers are right, but your function returned a NumPy array; expected a tensor"),
        (double, "numbers are right, but your result is float64; expected float32"),
        (lambda batch: batch.half(), "your result is float16; expected float32|Your result is float16"),
        (lambda batch: batch > 0.5, "Your result is bool; expected float32"),
        (lambda batch: batch.tolist(), "numbers are right, but your function returned a list"),
        (lambda batch: None, "returned None"),
        (lambda batch: (row for row in batch), "is a generator"),
        (lambda batch: batch[None], r"has 5 axes, shape \(1, 1, 3, 2, 3\); expected 4, \(N, C, H, W\)"),
        (lambda batch: batch.flatten(), r"has 1 axis, shape \(18,\); expected 4"),
        (lambda batch: batch[..., :-1], r"has the shape \(1, 3, 2, 2\); expected \(N, C, H, W\) = \(1, 3, 2, 3\)"),
        (lambda batch: batch * 2 - 1, r"your batch.flatten\(0, 2\)\[0, \d\] is .*picture\[0, \d, 0\] / 255 = \d+"),
        (lambda batch: batch.flip(1), r"batch\[0, 0, 0, 0\] = picture\[0, 0, 0\] / 255 = \d+ / 255 \(\d+ of 18 numb"),
    ],
)
def test_a_result_of_another_form_gets_its_own_sentence(change, sentence):
    verdict = TO_NCHW.check(changed(change), seed=1)
    assert verdict.outcome == "wrong" and not verdict.mistakes
    assert re.search(sentence, verdict.message), verdict.message


def test_what_float64_is_told_is_what_pytorch_says():
    batch = TO_NCHW.reference(torch.zeros(5, 6, 3, dtype=torch.uint8))
    with pytest.raises(RuntimeError, match="Input type"):
        nn.Conv2d(3, 8, kernel_size=3)(double(batch))


BEGINNERS = {
    "view": (lambda p: p.view(1, *(p.shape[2:] or [1]), *p.shape[:2]).float() / 255, ("M52",), "scrambled"),
    "bytes, moved": (lambda p: p.permute(2, 0, 1)[None] if p.ndim == 3 else p[None, None], ("M130",), "uint8"),
    "channels last, undivided": (lambda p: p[None].float() / 255 if p.ndim == 3 else p[None, :, :, None].float() / 255,
                                 ("M51",), "channels still stand last"),
    "transposed at once": (lambda p: (p if p.ndim == 3 else p[..., None]).T[None].float() / 255, ("M102",), "side"),
    "unsqueeze(1)": (lambda p: TO_NCHW.reference(p)[0].unsqueeze(1), ("M55",), "batch of grey pictures"),
    "whole numbers": (lambda p: TO_NCHW.reference(p // 255 * 255), (), "rounds down"),
    "colour only": (lambda p: p.permute(2, 0, 1).unsqueeze(0) / 255, (), "a grey picture has two axes"),
    "colour only, by stack": (lambda p: torch.stack([p[:, :, c] for c in range(3)])[None] / 255, (), "dimension 2"),
    "in place": (lambda p: p.permute(2, 0, 1).div_(255), (), "fractions do not fit"),
}  # fmt: skip


@pytest.mark.parametrize("name", BEGINNERS)
def test_a_beginners_program_is_named(name):
    program, mistakes, words = BEGINNERS[name]
    for seed in SEEDS:
        verdict = TO_NCHW.check(program, seed=seed)
        assert not verdict and verdict.mistakes == mistakes and words in verdict.message, verdict


def test_a_changed_input_is_noticed():
    def to_nchw(picture):
        batch = TO_NCHW.reference(picture)
        picture.zero_()
        return batch

    assert "changes `picture`" in TO_NCHW.check(to_nchw, seed=1).message


def test_an_answer_made_for_the_example_is_noticed():
    example = next(case for case in TO_NCHW.cases(0) if case.example).arguments["picture"]
    answer = TO_NCHW.reference(torch.from_numpy(example))
    verdict = TO_NCHW.check(lambda picture: answer.clone(), seed=1)
    assert not verdict and "right on the example of the task and on no other case" in verdict.message


def test_the_example_in_the_task_is_what_the_reference_gives():
    example = next(case for case in TO_NCHW.cases(0) if case.example).arguments["picture"]
    numbers = TO_NCHW.reference(torch.from_numpy(example))[0, :, 0, 1].tolist()
    assert f"batch[0, :, 0, 1] is {[round(number, 6) for number in numbers]}" in TO_NCHW.prompt
    assert f"picture[0, 1] is {example[0, 1].tolist()}" in TO_NCHW.prompt


def test_the_smallest_failing_case_is_drawn_plane_by_plane():
    text = repr(TO_NCHW.check(TO_NCHW.mutants["M52"], seed=1).figure)
    for title in ("picture[:, :, 0]", "picture[:, :, 2]", "yours", "expected", "yours - expected"):
        assert title in text
    assert "picture[:, :, 0]" not in repr(TO_NCHW.check(TO_NCHW.mutants["M53"], seed=1).figure)  # the grey one


def test_where_the_expected_number_comes_from_is_true():
    for case in TO_NCHW.cases(1):
        expected, picture = TO_NCHW.expected(case), case.arguments["picture"]
        for place in ((0, 0), (len(expected) - 1, 1)):
            pattern = r", which is (batch\[.*\]) = (picture\[.*\]) / 255 = (\d+) / 255"
            words = re.fullmatch(pattern, TO_NCHW.derive(case, place))
            batch = TO_NCHW.reference(torch.from_numpy(picture))
            assert eval(words[2], {"picture": picture}) == int(words[3])
            assert eval(words[1], {"batch": batch}).item() == pytest.approx(int(words[3]) / 255)
            assert expected[place] == pytest.approx(int(words[3]) / 255)


def test_every_mutant_is_a_float32_tensor_of_the_right_shape_where_its_mistake_allows():
    wrong_sizes = ("M51", "M112", "M102", "M55", "no batch axis", "M54", "M53", "grey in front and then permuted")
    for key, mutant in TO_NCHW.mutants.items():
        if key == "grey forgotten":  # it raises on grey, as the learner's program does
            continue
        for case in TO_NCHW.cases(3):
            made = mutant(**case.arguments)
            assert type(made) is torch.Tensor and made.dtype == torch.float32
            assert tuple(made.shape) == TO_NCHW.result_shape(case) or key in wrong_sizes, key


def endless(picture):
    while True:
        pass


HOSTILE = {
    "loops": (endless, "timeout"),
    "leaves": (lambda picture: sys.exit(), "error"),
    "takes memory": (lambda picture: bytearray(10 * 2**30), "error"),
    "waits": (lambda picture: asyncio.sleep(1), "wrong"),
    "hands over a type": (lambda picture: type, "wrong"),
    "is sparse": (lambda picture: TO_NCHW.reference(picture).to_sparse(), "error wrong right"),
    "lies elsewhere": (lambda picture: TO_NCHW.reference(picture).to("meta"), "error wrong"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_function_gets_its_verdict(name):
    function, outcomes = HOSTILE[name]

    class Timed(type(TO_NCHW)):
        timeout_s = 1.0 if outcomes == "timeout" else 60.0

    if name != "takes memory" or sys.platform.startswith("linux"):
        verdict = Timed().check(function, seed=1)
        assert verdict.outcome in outcomes.split() and verdict.message
