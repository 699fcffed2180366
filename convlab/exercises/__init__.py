"""Exercises: tasks for the learner's own function, and the judge that says what is wrong with it.

A folder a lesson, a file an exercise. Whatever a function does (loop for ever, exit, print a million lines, patch
torch), checking it returns a Verdict and leaves the kernel as it was.

Example:
    >>> from convlab.exercises import get
    >>> exercise = get("02.conv2d")
    >>> exercise.check(exercise.mutants["M61"], seed=7).mistakes
    ('M61',)
"""

from ..refusals import came, one_sentence
from ..shapes import Refusal
from . import (
    lesson_00,
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
    lesson_10,
    lesson_11,
    lesson_12,
)
from .task import Case, Exercise, Slip

__all__ = ["Case", "Exercise", "Slip", "UnknownExercise", "get", "ids"]

_LESSONS = (
    lesson_00,
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
    lesson_10,
    lesson_11,
    lesson_12,
)
_EXERCISES = {exercise.id: exercise for lesson in _LESSONS for exercise in lesson.EXERCISES}


class UnknownExercise(Refusal, ValueError):
    """There is no exercise with this id."""


@one_sentence
def ids(lesson=None):
    """The ids of all exercises, or of one lesson, in the order of the course.

    Args:
        lesson: two digits, ``"02"``; None for all.

    Example:
        >>> ids("02")
        ['02.window', '02.conv2d', '02.kernel']
        >>> ids("13")
        []
    """
    return [id for id, exercise in _EXERCISES.items() if lesson is None or exercise.lesson == lesson]


@one_sentence
def get(id):
    """The exercise with this id.

    Args:
        id: one of ``ids()``.

    Raises:
        UnknownExercise: a ValueError; there is no such exercise.

    Example:
        >>> get("02.kernel")
        <exercise 02.kernel: Brighter than its left neighbour (medium, about 8 minutes)>
    """
    if not isinstance(id, str) or id not in _EXERCISES:
        raise UnknownExercise(f"id must be one of {', '.join(_EXERCISES)}, but {came(id)} came: choose one of these.")
    return _EXERCISES[id]
