"""What does the whole task is noticed when it is called, by whatever name; the learner's text is not searched."""

import re

import pytest

from convlab.exercises import get
from tests.unit.by_lesson import modules
from tests.unit.exercise_help import patient

FORBIDDEN = [row for module in modules("forbidden") for row in module.FORBIDDEN]


@pytest.mark.parametrize("forked", [None, False])
@pytest.mark.parametrize(
    ("exercise", "program", "name"), FORBIDDEN, ids=[f"{exercise.id}-{name}" for exercise, _, name in FORBIDDEN]
)
def test_ready_made_calls_are_noticed(exercise, program, name, forked):
    verdict = patient(exercise, forked=forked).check(program, seed=1)
    assert verdict.outcome == "wrong" and re.search(f"calls ({name}), which", verdict.message), verdict
    assert exercise.instead in verdict.message


def test_the_text_of_a_function_is_not_searched():
    def conv2d(input, weight, bias=0.0):
        """Like F.conv2d, but not torch.conv2d(input, weight)."""
        correlate2d = get("02.conv2d").reference  # a name of its own
        return correlate2d(input, weight, bias)

    assert get("02.conv2d").check(conv2d)
