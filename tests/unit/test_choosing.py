"""The ten of a test: others for another seed, four easy, four medium, two hard, and all that a lesson has to ask."""

from random import Random

import pytest

from convlab.mistakes import MISTAKES, diagnose
from convlab.questions import bench, ids, make
from convlab.questions import test as ten_questions
from convlab.questions.choosing import IN_A_TEST, classes_in, ten

LESSONS = [f"{number:02d}" for number in range(13)]
OWN = [lesson for lesson in LESSONS if len(ids(lesson)) >= 12]  # the others are helped out by the bench
SEEDS = range(50)
EACH = pytest.mark.parametrize("lesson", OWN)


@pytest.fixture(scope="module")
def tests():
    return {lesson: [ten_questions(lesson, seed) for seed in SEEDS] for lesson in OWN}


def names(questions):
    return frozenset(question.id for question in questions)


@pytest.mark.parametrize("lesson", LESSONS)
def test_there_are_four_easy_four_medium_and_two_hard_and_the_same_seed_gives_the_same(lesson):
    for seed in SEEDS if lesson in OWN else SEEDS[:4]:
        questions = ten_questions(lesson, seed)
        assert [question.level for question in questions] == ["easy"] * 4 + ["medium"] * 4 + ["hard"] * 2
        assert len({(question.id, question.seed) for question in questions}) == 10
        assert lesson not in OWN or len(names(questions)) == 10
    assert ten_questions(lesson, 3) == ten_questions(lesson, 3)


@EACH
def test_another_seed_gives_another_test(lesson, tests):
    drawn = [names(questions) for questions in tests[lesson]]
    shared = [len(one & other) for number, one in enumerate(drawn) for other in drawn[:number]]
    assert len(set(drawn)) >= 30, "thirty of fifty tests differ in the questions, and all in the numbers"
    assert sum(shared) / len(shared) <= 7.5, "of ten questions two or three at least are others, on the average"


@EACH
def test_every_objective_of_the_lesson_comes_in_some_test(lesson, tests):
    asked = {question.objective for questions in tests[lesson] for question in questions}
    assert {make(id, 1).objective for id in ids(lesson)} <= asked


def most(found, rng):
    """As many classes of mistakes as ten of these questions are found to show; found: {id: (level, classes)}.

    From twenty tens by chance, one is exchanged for another of its level as long as that shows more.
    """

    def climbed(drawn):
        for gone in drawn:
            for come, (level, _) in found.items():
                other = [come if it == gone else it for it in drawn]
                if come not in drawn and level == found[gone][0] and count(other) > count(drawn):
                    return climbed(other)
        return count(drawn)

    def count(drawn):
        return len(set().union(*(found[it][1] for it in drawn)))

    levels = {level: [id for id, it in found.items() if it[0] == level] for level in IN_A_TEST}
    starts = ([id for level, n in IN_A_TEST.items() for id in rng.sample(levels[level], n)] for _ in range(20))
    return max(climbed(drawn) for drawn in starts)


@EACH
def test_every_mistake_that_can_show_does_show_in_nearly_every_test(lesson, tests):
    """Chance may not cost what the choice is for: the ten show nearly as many of the lesson's mistakes as ten can."""
    home = {MISTAKES[id].family for id in bench.home(lesson)}
    counts = {family: sum(family in set().union(*map(classes_in, it)) for it in tests[lesson]) for family in home}
    found = {id: [make(id, seed) for seed in range(8)] for id in ids(lesson)}
    able = {id: (them[0].level, set().union(*map(classes_in, them)) & home) for id, them in found.items()}
    shown = {family: counts[family] for family in set().union(*(classes for _, classes in able.values()))}
    assert min(shown.values()) >= 5 and sum(shown.values()) >= 0.85 * most(able, Random(1)) * len(SEEDS), counts


def test_a_level_that_has_run_out_is_filled_from_another():
    easy = [make(id, 1) for id in ids("02") if make(id, 1).level == "easy"]
    assert len(ten(easy * 3, Random(1), bench.home("02"))) == 10
    assert sum(IN_A_TEST.values()) == 10


def slipped(question, rng):
    """A wrong answer by chance: an option for another, a number a little off."""
    answer = question.answer
    if question.kind == "truefalse":
        return not answer
    if question.kind == "choice":
        return rng.choice([option for option in question.options if option != answer])
    if question.kind == "choices":
        return [option for option in question.options if (option in answer) != (option == question.options[0])]
    if question.kind == "number":
        return answer + rng.choice((-10, -2, -1, 1, 2, 10))
    if question.kind == "cells":
        return [*answer[1:], [0, 0]]
    place = rng.randrange(len(answer) - 1 or 1)
    if question.kind == "shape":
        return (*answer[:place], answer[place] + rng.choice((-2, -1, 1, 2)), *answer[place + 1 :])
    return [*answer[:place], *answer[place : place + 2][::-1], *answer[place + 2 :]]


@EACH
def test_who_holds_no_mistake_and_slips_once_or_twice_is_told_of_none(lesson, tests):
    """In fewer than one test of a hundred two slips may fall on the same mistake by chance."""
    rng, named = Random(lesson), 0
    for questions in tests[lesson]:
        for count in (1, 2):
            wrong = rng.sample(range(10), count)
            named += bool(
                diagnose([(it, slipped(it, rng) if n in wrong else it.answer) for n, it in enumerate(questions)])
            )
    assert named <= len(tests[lesson]) * 2 / 100
