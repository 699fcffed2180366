"""The exercises of lesson 10: torch is the judge, beginners' programs are named, errors are quoted as they are."""

import os
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get
from convlab.exercises.lesson_10.budget_slips import counted, legal
from tests.unit.exercise_help import in_tensors
from tests.unit.styles_10 import by_slices, from_above, indexed, padded_by_name, unflattened

SEEDS = range(50 if os.environ.get("CONVLAB_FULL") == "1" else 3)
GROUPED, SEPARABLE, SHUFFLE, BUDGET = (
    get(f"10.{name}") for name in ("grouped_conv", "separable", "channel_shuffle", "groups_for_budget")
)


# ---------------------------------------------------------------- torch is the judge


@pytest.mark.parametrize("seed", SEEDS)
def test_the_expected_numbers_are_those_of_pytorch(seed):
    for case in GROUPED.cases(seed):
        theirs = F.conv2d(**in_tensors(case))
        assert GROUPED.result_shape(case) == tuple(theirs.shape)
        np.testing.assert_allclose(GROUPED.expected(case), theirs.reshape(-1, theirs.shape[3]), atol=1e-12)
        for names in (("groups",), ("bias",), ("bias", "groups")):
            fewer = GROUPED.restricted(case, names)
            theirs = F.conv2d(**in_tensors(fewer))
            np.testing.assert_allclose(GROUPED.expected(fewer), theirs.reshape(-1, theirs.shape[3]), atol=1e-12)
    for case in SHUFFLE.cases(seed):
        theirs = nn.ChannelShuffle(case.arguments["groups"])(torch.from_numpy(case.arguments["x"]))
        np.testing.assert_array_equal(SHUFFLE.expected(case), theirs.reshape(-1, theirs.shape[3]))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_expected_groups_are_those_of_real_layers(seed):
    for case in BUDGET.cases(seed):
        C_in, C_out, size, budget = case.arguments.values()
        parameters = {}
        for groups in range(1, C_in + 1):
            try:
                layer = nn.Conv2d(C_in, C_out, size, groups=groups, device="meta")
            except ValueError:
                continue
            parameters[groups] = sum(it.numel() for it in layer.parameters())
        assert parameters == {groups: counted(C_in, C_out, size, groups) for groups in legal(C_in, C_out)}
        wanted = next((groups for groups, count in parameters.items() if count <= budget), None)
        assert BUDGET.reference(**case.arguments) == wanted
        assert float(BUDGET.expected(case)) == (wanted or 0)


def test_the_expected_answers_of_a_separable_layer_are_those_of_the_fact():
    """S003-59: from 64 to 128 channels 640 + 8,320 parameters."""
    (case, *_) = SEPARABLE.cases(1)
    for what, answer in (("size", [128, 5, 7]), ("parameters", [640 + 8320]), ("parts", [1, 1, 1, 1])):
        asked = type(case.then)(what, 64, 128, (3, 3), np.zeros((2, 64, 5, 7)))
        assert asked.expected.tolist() == answer
        np.testing.assert_array_equal(asked(SEPARABLE.reference(64, 128, (3, 3))), asked.expected)


def test_no_case_is_square_and_no_count_of_channels_is_the_other():
    for seed in SEEDS:
        for case in GROUPED.cases(seed):
            (_, C_in, H, W), (C_out, each, kH, kW) = (case.arguments[name].shape for name in ("input", "weight"))
            assert H != W and kH != kW and C_in != C_out and H - kH != W - kW, case.label
            assert case.arguments.get("groups", 1) == C_in // each
        for case in SHUFFLE.cases(seed):
            _, C, H, W = case.arguments["x"].shape
            assert H != W and case.arguments["groups"] ** 2 != C, case.label
        for case in SEPARABLE.cases(seed):
            asked = case.then
            assert asked.in_channels != asked.out_channels and asked.kernel_size[0] != asked.kernel_size[1]
            assert asked.input.shape[2] != asked.input.shape[3]
        for case in BUDGET.cases(seed):
            assert case.arguments["in_channels"] != case.arguments["out_channels"]
            assert len(set(case.arguments["kernel_size"])) == 2
        answers = [BUDGET.reference(**case.arguments) for case in BUDGET.cases(seed)]
        assert None in answers and len(set(answers)) >= 4


# ---------------------------------------------------------------- a sentence for everything


@pytest.mark.parametrize(
    ("exercise", "program", "sentence"),
    [
        (GROUPED, lambda x, w, bias=None, groups=1: by_slices(x, w, bias, groups)[0], "has 3 axes"),
        (GROUPED, lambda x, w, bias=None, groups=1: by_slices(x, w, bias, groups)[..., :-1], r"W - kW \+ 1 = 2"),
        (GROUPED, lambda x, w, bias=None, groups=1: print(groups), "returned None"),
        (GROUPED, lambda x, w, bias=None, groups=1: [x, w], "returned a list"),
        (SEPARABLE, lambda i, o, k: nn.Sequential, "a class came back"),
        (SEPARABLE, lambda i, o, k: [nn.Conv2d(i, o, 1)] * 2, "a list of 2 came back; put them into nn.Sequential"),
        (SEPARABLE, lambda i, o, k: torch.ones(i, o), "a Tensor came back; expected a layer"),
        (SEPARABLE, lambda i, o, k: print(k), "returned None; expected the layer"),
        (SEPARABLE, lambda i, o, k: nn.Conv2d(o, i, 1), "your layer raised Given groups=1"),
        (SEPARABLE, lambda i, o, k: nn.Sequential(*padded_by_name(i, o, k), nn.Flatten()), "something else than"),
        (SEPARABLE, lambda i, o, k: nn.Conv2d(i, o, k, padding="same"), "parameters; expected 17: 6 \\+ 2 depthwise"),
        (SEPARABLE, lambda i, o, k: nn.Sequential(*padded_by_name(i, o, k), nn.Tanh()), "between or behind|between"),
        (SHUFFLE, lambda x, groups: x[:, :-1], "expected 1 x 6 x 1 x 2, the shape of x"),
        (SHUFFLE, lambda x, groups: indexed(x, groups).long(), "is int64; expected float64"),
        (BUDGET, lambda i, o, k, budget: float(from_above(i, o, k, budget) or 1), "as a float"),
        (BUDGET, lambda i, o, k, budget: [1], "returned a list"),
        (BUDGET, lambda i, o, k, budget: print(budget), "your number of groups is None; expected 1: 72 with groups=1"),
        (BUDGET, lambda i, o, k, budget: int(from_above(i, o, k, budget) or 0), "you return a number"),
        (BUDGET, lambda i, o, k, budget: 0, "your number of groups is 0; expected 1"),
    ],
)
def test_a_result_of_another_form_gets_its_own_sentence(exercise, program, sentence):
    verdict = exercise.check(program, seed=1)
    assert verdict.outcome == "wrong" and re.search(sentence, verdict.message), verdict


def test_a_wrong_number_is_told_by_its_indices_and_where_it_comes_from():
    def off(exercise, at, where=lambda *given: True):
        def program(*given, **named):
            made = exercise.reference(*given, **named).clone()
            made[at] += 0.5 * where(*given)
            return made

        return exercise.check(program, seed=1).message

    said = off(GROUPED, (0, 3, 0, 1))
    found = re.search(r"output\[0, 3, 0, 1\] is (\S+); expected (\S+), from input channel 1 \(1 of 8", said)
    assert float(found[1]) == float(found[2]) + 0.5
    said = off(GROUPED, (0, 0, 0, 0), where=lambda input, weight, *more: weight.shape[1] > 1)
    found = re.search(r"output\[0, 0, 0, 0\] is (\S+); expected (\S+) = (.*), from input channels 0, 1", said)
    assert float(found[1]) == float(found[2]) + 0.5 and float(found[2]) == eval(found[3])
    said = off(SHUFFLE, (0, 1, 0, 0))
    assert "at place 1 stands x[0, 2], channel 0 of group 1 (1 of 12 numbers differ)" in said


def test_what_is_right_and_not_whole_is_partial():
    verdict = GROUPED.check(lambda input, weight, bias=None: F.conv2d(input, weight, bias), seed=1)
    assert verdict.outcome == "partial" and "Still missing: groups, which says into how many" in verdict.message


def test_checking_leaves_the_random_state_alone():
    before = torch.get_rng_state()
    SEPARABLE.check(next(iter(SEPARABLE.mutants.values())), seed=1)
    assert unflattened(torch.ones(1, 6, 1, 2), 2).shape and torch.equal(before, torch.get_rng_state())


def test_five_axes_are_right_but_for_the_flatten():
    verdict = SHUFFLE.check(lambda x, groups: x.unflatten(1, (groups, -1)).transpose(1, 2), seed=1)
    assert verdict.outcome == "partial" and "makes one of them" in verdict.message
