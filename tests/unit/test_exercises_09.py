"""The exercises of lesson 09: torch is the judge, beginners' programs are named, errors are quoted as they are."""

import os
import re
import statistics
import sys
import time
import timeit
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from convlab.exercises import get
from convlab.exercises.lesson_09.made_up_clock import Clock, Work
from tests.unit.beginners_09 import cold
from tests.unit.exercise_help import in_tensors
from tests.unit.styles_09 import (
    by_index_arrays,
    folded_with_one,
    places,
    sorted_middle,
    window_back,
)

SEEDS = range(50 if os.environ.get("CONVLAB_FULL") == "1" else 3)
IM2COL, CONV2D, COL2IM, TIME = (get(f"09.{name}") for name in ("im2col", "conv2d_im2col", "col2im", "fair_time"))
WITH_COLUMNS = (IM2COL, CONV2D, COL2IM)


# ---------------------------------------------------------------- torch is the judge


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("exercise", "theirs"),
    [(IM2COL, F.unfold), (CONV2D, F.conv2d), (COL2IM, F.fold)],
    ids=["09.im2col", "09.conv2d", "09.col2im"],
)
def test_the_expected_numbers_are_those_of_pytorch(exercise, theirs, seed):
    for case in exercise.cases(seed):
        first, *more = in_tensors(case).items()
        made = theirs(first[1], **dict(more))
        assert exercise.result_shape(case) == tuple(made.shape)
        np.testing.assert_allclose(exercise.expected(case), made.reshape(-1, made.shape[-1]), atol=1e-12)
        for name in exercise.optional:
            fewer = exercise.restricted(case, (name,))
            assert name not in fewer.arguments and exercise.expected(fewer).size


def test_the_expected_times_are_the_medians():
    for seed in SEEDS:
        for case in TIME.cases(seed):
            wanted = [statistics.median(it.circle) for it in case.arguments["functions"].values()]
            np.testing.assert_allclose(TIME.expected(case), wanted)
            assert all(len(it.circle) == case.arguments["runs"] for it in case.arguments["functions"].values())


def test_no_case_is_square():
    for seed in SEEDS:
        for exercise, picture in ((IM2COL, "input"), (COL2IM, "output_size")):
            for case in exercise.cases(seed):
                H, W = case.arguments[picture].shape[2:] if picture == "input" else case.arguments[picture]
                kH, kW = case.arguments["kernel_size"]
                assert H != W and kH != kW, case.label
                settings = [case.arguments.get(name, exercise.optional[name]) for name in exercise.optional]
                H_out, W_out = places((H, W), (kH, kW), *settings)
                assert H_out != W_out, case.label


# ---------------------------------------------------------------- what beginners write


def viewed_too_wide(input, weight, bias=None, stride=1, padding=0):
    product = weight.flatten(1) @ F.unfold(input, weight.shape[2:], stride=stride, padding=padding)
    return product.reshape(len(input), len(weight), input.shape[2], input.shape[3] + 7)


def the_wrong_way_round(input, weight, bias=None, stride=1, padding=0):
    columns = F.unfold(input, weight.shape[2:], stride=stride, padding=padding)
    return torch.bmm(columns, weight.flatten(1).expand(len(input), -1, -1))


@pytest.mark.parametrize(
    ("program", "sentence"),
    [(viewed_too_wide, "another number of entries"), (the_wrong_way_round, "multiplied the wrong way round")],
)
def test_another_error_is_not_taken_for_that_of_a_fold(program, sentence):
    verdict = CONV2D.check(program, seed=1)
    assert not verdict and not verdict.mistakes and sentence in verdict.message, verdict


# ---------------------------------------------------------------- a sentence for everything


@pytest.mark.parametrize(
    ("exercise", "program", "sentence"),
    [
        (IM2COL, lambda *given, **named: given[0], r"has 4 axes, shape .*expected 3"),
        (IM2COL, lambda input, size, *more: by_index_arrays(input, size, *more)[0], "has 2 axes"),
        (IM2COL, lambda input, size, *more: by_index_arrays(input, size, *more)[:, :-1], "C \\* kH \\* kW = 1 \\* 1"),
        (IM2COL, lambda input, size, *more: by_index_arrays(input, size, *more).tolist(), "returned a list"),
        (IM2COL, lambda input, size, *more: print(size), "returned None"),
        (CONV2D, lambda *given, **named: given[0].long(), "is int64; expected float64"),
        (COL2IM, lambda columns, *more, **named: columns, "has 3 axes, .*expected 4"),
        (COL2IM, lambda c, size, *more, **named: torch.zeros(1, 1, 7, 9).double(), r"with output_size \(1, 3\)"),
        (TIME, lambda functions, runs: [0.0], "a list came back; expected a dict"),
        (TIME, lambda functions, runs: print(runs), "returned None; expected a dict"),
        (TIME, lambda functions, runs: {}, "your dict has nothing; expected the names 'loops', 'im2col'"),
        (TIME, lambda functions, runs: {name: [1.0] for name in functions}, "your dict holds a list for 'loops'"),
        (TIME, lambda functions, runs: functions.clear() or {}, "changes `functions`"),
        (TIME, lambda functions, runs: {name: it() or 1.0 for name, it in functions.items()}, "never read"),
    ],
)
def test_a_result_of_another_form_gets_its_own_sentence(exercise, program, sentence):
    verdict = exercise.check(program, seed=1)
    assert verdict.outcome == "wrong" and re.search(sentence, verdict.message), verdict


def test_a_wrong_number_is_told_by_its_indices_and_where_it_comes_from():
    def off(exercise, at):
        def program(*given, **named):
            made = exercise.reference(*given, **named)
            made[at] += 100
            return made

        return exercise.check(program, seed=1).message

    said = off(IM2COL, (0, 1, 1))
    assert re.search(r"columns\[0, 1, 1\] is 1\d\d; expected \d, input\[0, 0, 0, 2\], under tap \(0, 1\) of", said), (
        said
    )
    found = re.search(r"picture\[0, 0, 0, 1\] is (\d+); expected (\d+) = (\d+ \+ \d+) \(1", off(COL2IM, (0, 0, 0, 1)))
    assert int(found[1]) == int(found[2]) + 100 and eval(found[3]) == int(found[2])


def test_a_wrong_time_is_told_with_the_runs_it_is_the_middle_of():
    def slightly_off(functions, runs):
        return {name: it + 0.001 for name, it in sorted_middle(functions, runs).items()}

    message = TIME.check(slightly_off, seed=1).message
    assert re.search(r"your time of 'loops' is 0\.\d+ s; expected 0\.\d+ s, its only timed run", message), message
    one_run_right = TIME.check(lambda f, runs: {n: t + (runs > 1) for n, t in sorted_middle(f, runs).items()}, seed=1)
    assert re.search(r"expected (0\.\d+) s, the middle one of 0\.\d+, \1, 0\.\d+", one_run_right.message)


@pytest.mark.parametrize("exercise", WITH_COLUMNS, ids=lambda exercise: exercise.id)
def test_what_is_right_and_not_whole_is_partial(exercise):
    whole = {
        IM2COL: lambda input, kernel_size: by_index_arrays(input, kernel_size),
        CONV2D: lambda input, weight: folded_with_one(input, weight),
        COL2IM: lambda columns, output_size, kernel_size: window_back(columns, output_size, kernel_size),
    }
    verdict = exercise.check(whole[exercise], seed=1)
    assert verdict.outcome == "partial" and "Still missing" in verdict.message, verdict


# ---------------------------------------------------------------- the made-up clock, and help with errors


def test_the_clock_is_pythons_own_again_whatever_happens():
    real = time.perf_counter, timeit.default_timer, sys.modules["time"], sys.modules["timeit"]
    clock = Clock()
    work = Work(clock, "it", 0.5, (0.25, 0.125))

    def fails(functions, runs, clock=time.perf_counter):
        before = clock()
        work()
        assert clock() - before == 0.5 and time.perf_counter is not real[0]
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"), clock.around(fails):
        fails({}, 1)
    assert (time.perf_counter, timeit.default_timer, sys.modules["time"], sys.modules["timeit"]) == real
    assert fails.__defaults__ == real[:1] and clock.log == ["clock", "it", "clock"]
    threaded = type("Threaded", (type(TIME),), {"forked": False})()
    assert threaded.check(sorted_middle, seed=1) and not threaded.check(cold, seed=1)
    assert (time, timeit) == real[2:] and sorted_middle.__globals__["perf_counter"] is real[0]


def test_the_clocks_of_pythons_module_move_together():
    clock = Clock()
    before = clock.perf_counter_ns(), clock.time(), clock.process_time(), clock.monotonic(), clock.time_ns()
    clock.sleep(0.5)
    after = clock.perf_counter_ns(), clock.time(), clock.process_time(), clock.monotonic(), clock.time_ns()
    moved = [there - here for here, there in zip(before, after, strict=True)]
    assert moved == [500_000_000, 0.5, 1.0, 0.5, 500_000_000]
    clock.sleep(0.001)
    assert clock.time() == after[1] and clock.process_time_ns() == round(2e9 * clock.now)


def test_a_partial_and_a_callable_object_are_measured_too():
    class Watch:
        def __call__(self, functions, runs):
            return sorted_middle(functions, runs)

        def measure(self, functions, runs):
            return sorted_middle(functions, runs)

    assert TIME.check(partial(sorted_middle), seed=1)
    assert TIME.check(Watch(), seed=1) and TIME.check(Watch().measure, seed=1)
