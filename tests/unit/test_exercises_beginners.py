"""What beginners write is named, and told in words of its own."""

import re

import pytest

from tests.unit.beginners_05 import whole_pairs
from tests.unit.by_lesson import modules
from tests.unit.exercise_help import seeds

SEEDS = {"05": seeds(5), "07": [2]}  # the others have 3; in lesson 07 networks are trained
BEGINNERS = [row for module in modules("beginners") for row in module.BEGINNERS]


def named(exercise, program):
    return f"{exercise.id}-{getattr(program, '__name__', 'partial')}"


@pytest.mark.parametrize(
    ("exercise", "program", "mistakes", "words"), BEGINNERS, ids=[named(*row[:2]) for row in BEGINNERS]
)
def test_what_a_beginner_writes_is_named(exercise, program, mistakes, words):
    for seed in SEEDS.get(exercise.lesson, seeds(3)):
        verdict = exercise.check(program, seed=seed)
        assert verdict.outcome == ("error" if program is whole_pairs else "wrong"), verdict
        assert verdict.mistakes == mistakes, verdict
        assert re.search(words, verdict.message), verdict
