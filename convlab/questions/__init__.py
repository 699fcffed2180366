"""Questions that never run out: a question is a function of a seed, and its answer is computed.

A lesson's module holds `QUESTIONS`: id -> a function that draws the numbers from a random generator and returns
the fields of a `Question`. Every wrong answer it offers or recognises comes from a mistake, with the words for
this case.
"""

from difflib import get_close_matches
from random import Random

from convlab.mistakes import graded
from convlab.questions import (
    bench,
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
from convlab.questions.choosing import ten
from convlab.questions.following import next_question, seeds_of
from convlab.questions.on_a_layer import about
from convlab.questions.question import KINDS, LEVELS, Question, Slip
from convlab.refusals import came, one_sentence
from convlab.shapes import ArgumentError

__all__ = ["KINDS", "LEVELS", "Question", "Slip", "about", "follow_up", "ids", "make", "test"]

_LESSONS = {
    "00": lesson_00.QUESTIONS,
    "01": lesson_01.QUESTIONS,
    "02": lesson_02.QUESTIONS,
    "03": lesson_03.QUESTIONS,
    "04": lesson_04.QUESTIONS,
    "05": lesson_05.QUESTIONS,
    "06": lesson_06.QUESTIONS,
    "07": lesson_07.QUESTIONS,
    "08": lesson_08.QUESTIONS,
    "09": lesson_09.QUESTIONS,
    "10": lesson_10.QUESTIONS,
    "11": lesson_11.QUESTIONS,
    "12": lesson_12.QUESTIONS,
}
_ENOUGH = 12  # questions; a lesson with fewer is helped out by the bench


@one_sentence
def ids(lesson=None):
    """The ids of all questions, or of one lesson's, in teaching order; none for a lesson without questions.

    Args:
        lesson: two digits, ``"02"``, or the number; None for all.

    Example:
        >>> ids("01")[:2]
        ['grey-batch', 'pixel-index']
    """
    if lesson is not None:
        return list(_LESSONS.get(_two_digits(lesson), ()))
    return [id for questions in _LESSONS.values() for id in questions]


@one_sentence
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
    for lesson, questions in (*_LESSONS.items(), *bench.QUESTIONS.items()):
        if isinstance(id, str) and id in questions:
            _check_seed(seed, f"make({id!r}, seed=7)")
            return Question(id=id, lesson=lesson, seed=seed, **questions[id](Random(f"{id}:{seed}")))
    raise ArgumentError(f"id must be one of ids(), such as {_nearest(id)}; got {came(id)}: choose one of these.")


@one_sentence
def test(lesson, seed):
    """The ten-question test of a lesson: 4 easy, 4 medium, 2 hard; no question twice while there are others.

    The ten are chosen so that as many of the lesson's mistakes as possible may show, and show twice. A lesson without
    questions of its own, or with too few, is tested by a bench of questions on drawn layers.

    Args:
        lesson: "00" to "12", or the number.
        seed: a whole number; the same one gives the same test.

    Raises:
        ArgumentError: no such lesson, or a seed that is no whole number.

    Example:
        >>> [question.level for question in test("02", seed=1)].count("medium")
        4
    """
    lesson = _lesson(lesson)
    _check_seed(seed, f"test({lesson!r}, seed=7)")
    rng = Random(f"test {lesson}:{seed}")
    return ten(_drawn(lesson, rng), rng, bench.home(lesson))


@one_sentence
def follow_up(answers, seed):
    """The question to ask next: drawn where the mistakes that the answers leave possible differ most.

    It comes from the questions of the lessons asked about, from the home lessons of the likeliest mistakes, and from
    the bench. When nothing is left to be told apart it is a question of these lessons like any other, so there is
    always a next one; ``convlab.mistakes.diagnose`` says what is known by now.

    Args:
        answers: pairs (question, response), as for ``diagnose``; may be empty.
        seed: a whole number; the same answers and seed give the same question.

    Raises:
        ValueError: an entry of `answers` is no such pair.
        ArgumentError: a seed that is no whole number.

    Example:
        >>> asked = make("output-shape", seed=1)
        >>> wrong = next(slip.answer for slip in asked.slips if "M02" in slip.mistakes)
        >>> "M02" in follow_up([(asked, wrong)], seed=1).mistakes
        True
    """
    _check_seed(seed, "follow_up(answers, seed=7)")
    lessons = list(dict.fromkeys(question.lesson for question, _ in graded(answers))) or list(_LESSONS)

    def draw(lesson, rng):
        names = [*ids(lesson), *bench.QUESTIONS[lesson]]
        return [make(*it) for it in seeds_of(rng, names)]

    return next_question(list(answers), seed, lessons, draw)


def _drawn(lesson, rng):
    """Questions for a test: one of each of the lesson's own, or several of the bench's."""
    own, rounds = ids(lesson), 1
    if len(own) < _ENOUGH:
        own, rounds = [*own, *bench.QUESTIONS[lesson]], 4 if len(bench.QUESTIONS[lesson]) < 20 else 1
    return [make(name, rng.randrange(1, 2**31)) for _ in range(rounds) for name in own]


def _lesson(lesson):
    name = _two_digits(lesson)
    if name not in bench.QUESTIONS:
        raise ArgumentError(f"lesson must be 00 to 12; got {came(lesson)}: choose one of these.")
    return name


def _check_seed(seed, example):
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ArgumentError(f"seed must be a whole number; got {came(seed)}: write {example}")


def _nearest(id):
    """A few ids that are spelled like this one, else the first of each lesson."""
    near = get_close_matches(id, ids(), 4, 0.5) if isinstance(id, str) and len(id) < 99 else []
    return ", ".join(near or [next(iter(questions)) for questions in _LESSONS.values()])


def _two_digits(lesson):
    return f"{lesson:02d}" if isinstance(lesson, int) and not isinstance(lesson, bool) else str(lesson)
