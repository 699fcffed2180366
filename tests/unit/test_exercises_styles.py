"""Right solutions unlike the reference are right; what is unusual about them is told, not failed."""

import time

import pytest

from convlab.exercises import get
from tests.unit.by_lesson import modules
from tests.unit.exercise_help import patient, seeds
from tests.unit.styles_02 import fft_with_numpy_only, fft_with_torch, taps_first
from tests.unit.styles_05 import by_autograd

pytestmark = pytest.mark.usefixtures("one_thread")
CONV2D = get("02.conv2d")
SEEDS = {"07": seeds(1), "12": seeds(1)}  # networks take their time; others: 2
STYLES = {exercise: (styles, module) for module in modules("styles") for exercise, styles in module.STYLES.items()}


@pytest.mark.parametrize(
    ("exercise", "style"),
    [(exercise, style) for exercise, (styles, _) in STYLES.items() for style in styles],
    ids=lambda value: getattr(value, "id", None) or value.__name__,
)
def test_a_right_solution_in_another_style_is_right(exercise, style):
    """And told that its numbers are float32 where they are, and nowhere else."""
    single = style in getattr(STYLES[exercise][1], "FLOAT32", ())
    tried = SEEDS.get(exercise.lesson, seeds(2))
    for seed in tried if style is not by_autograd else tried[:1]:
        verdict = patient(exercise).check(style, seed=seed)
        assert verdict.outcome == "right", f"seed {seed}: {verdict}"
        told = ("Your result is float32", "float" if exercise.lesson == "01" else "float32")
        assert [words in verdict.message for words in told] == [single, single], verdict


@pytest.mark.parametrize("exercise", STYLES, ids=lambda exercise: exercise.id)
def test_without_fork_the_same_is_judged_in_a_thread(exercise):
    threaded = patient(exercise, forked=False)
    assert threaded.check(exercise.reference, seed=1)
    trained = exercise.lesson in ("07", "12")  # networks take their time
    assert all(threaded.check(style, seed=1) for style in STYLES[exercise][0][: 1 if trained else None])
    for slip in exercise.slips[: 1 if trained else 6]:
        assert threaded.check(slip.function, seed=1).message.startswith(slip.says), slip.name


def test_a_solution_for_arrays_is_accepted_and_told_so():
    assert "NumPy" in CONV2D.check(fft_with_numpy_only, seed=1).message
    assert "NumPy" not in CONV2D.check(fft_with_torch, seed=1).message


def test_a_mutant_that_only_works_on_arrays_is_still_named():
    verdict = CONV2D.check(lambda input, weight, bias=0.0: taps_first(input, weight[::-1, ::-1], bias), seed=1)
    assert verdict.mistakes == ("M61",)


@pytest.mark.slow
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
