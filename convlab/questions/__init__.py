"""Questions that never run out: a question is a function of a seed, and its answer is computed.

A lesson's module holds `QUESTIONS`: id -> a function that draws the numbers from a random generator and returns
the fields of a `Question`. Every wrong answer it offers or recognises comes from a mistake, with the words for
this case.
"""

from random import Random

from convlab.questions import lesson_01, lesson_02
from convlab.questions.question import KINDS, LEVELS, Question, Slip
from convlab.shapes import ArgumentError

__all__ = ["KINDS", "LEVELS", "Question", "Slip", "ids", "make", "test"]

_LESSONS = {"01": lesson_01.QUESTIONS, "02": lesson_02.QUESTIONS}
_IN_A_TEST = {"easy": 4, "medium": 4, "hard": 2}


def ids(lesson=None):
    """The ids of all questions, or of one lesson's, in teaching order; none for a lesson without questions.

    Example:
        >>> ids("01")
        ['grey-batch', 'pixel-index', 'permute-or-reshape', 'scrambled-pixel']
    """
    if lesson is not None:
        return list(_LESSONS.get(_two_digits(lesson), ()))
    return [id for questions in _LESSONS.values() for id in questions]


def make(id, seed):
    """The question of this id with the numbers of this seed; the same every time.

    Args:
        id: one of ``ids()``.
        seed: a whole number.

    Raises:
        ArgumentError: no such id, or a seed that is no whole number.

    Example:
        >>> make("window-value", seed=7)
        Question('window-value', seed=7): number, easy, lesson 02
        >>> make("window-value", seed=7) == make("window-value", seed=7)
        True
    """
    for lesson, questions in _LESSONS.items():
        if isinstance(id, str) and id in questions:
            if isinstance(seed, bool) or not isinstance(seed, int):
                raise ArgumentError(f"seed must be a whole number; got {seed!r}: write make({id!r}, seed=7)")
            return Question(id=id, lesson=lesson, seed=seed, **questions[id](Random(f"{id}:{seed}")))
    raise ArgumentError(f"id must be one of {', '.join(ids())}; got {id!r}: choose one of these")


def test(lesson, seed):
    """The ten-question test of a lesson: 4 easy, 4 medium, 2 hard; no question twice while there are others.

    Raises:
        ArgumentError: the lesson has no questions.

    Example:
        >>> [question.level for question in test("02", seed=1)].count("medium")
        4
    """
    names = ids(lesson)
    if not names:
        raise ArgumentError(f"lesson must be one of {', '.join(_LESSONS)}; got {lesson!r}: choose one of these")
    rng = Random(f"test {_two_digits(lesson)}:{seed}")
    pools = {level: [] for level in LEVELS}
    for name in names:
        pools[make(name, 0).level].append(name)
    chosen = []
    for level, count in _IN_A_TEST.items():
        pool = []
        while len(pool) < count:  # a level with too few questions gives each again, with other numbers
            pool += rng.sample(pools[level] or names, len(pools[level] or names))
        chosen += [make(name, rng.randrange(1, 2**31)) for name in pool[:count]]
    return chosen


def _two_digits(lesson):
    return f"{lesson:02d}" if isinstance(lesson, int) and not isinstance(lesson, bool) else str(lesson)
