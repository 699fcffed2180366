"""Simulated learners: who holds a mistake is found out, who holds none is left in peace.

A learner of a class answers by its model where that shows, and rightly elsewhere; he takes the ten-question test of
the mistake's lesson and at most three follow-ups. ``python -m tests.property.test_learners`` prints the whole table.
"""

import os
import sys
from random import Random

import pytest

from convlab.mistakes import MISTAKES, diagnose
from convlab.questions import follow_up
from convlab.questions import test as ten_questions
from convlab.questions.following import answer_with

SEEDS = 20 if os.environ.get("CONVLAB_FULL") else 2
CARELESS = 40 if os.environ.get("CONVLAB_FULL") else 2  # learners a lesson
FOLLOW_UPS = 3
LESSONS = [f"{number:02d}" for number in range(13)]


def classes():
    """Pairs (class, lesson) of every mistake with a model that questions can ask for."""
    found = {(it.family, it.lesson): it.id for it in MISTAKES.values() if it.models}
    return sorted(found, key=lambda it: (it[1], sorted(it[0])))


def sit(lesson, seed, answer, follow_ups=FOLLOW_UPS):
    """The answers of one learner: his test, then the follow-ups. `answer(question)` is what he says."""
    answers = [(question, answer(question)) for question in ten_questions(lesson, seed)]
    for number in range(follow_ups):
        question = follow_up(answers, seed=seed * FOLLOW_UPS + number)
        answers.append((question, answer(question)))
    return answers


def named_first(family, lesson, seed):
    """True when the class comes first in the diagnosis of a learner who holds it."""
    found = diagnose(sit(lesson, seed, lambda question: answer_with(question, family)))
    return bool(found) and found[0] in family


def slip(question, rng, by_mistake):
    """A wrong answer at random: what some mistake predicts here, or what a hand gets wrong."""
    if question.kind == "truefalse":
        return not question.answer
    if question.kind == "choice":
        return rng.choice([option for option in question.options if option != question.answer])
    if by_mistake and question.slips:
        return rng.choice(question.slips).answer
    if question.kind == "number":
        return question.answer + rng.choice((-10, -2, -1, 1, 2, 10))
    if question.kind == "shape":
        at = rng.randrange(len(question.answer))
        wrong = question.answer[at] + rng.choice((-2, -1, 1, 2))
        return (*question.answer[:at], max(1, wrong), *question.answer[at + 1 :])
    if question.kind == "choices":
        return _toggled(question, rng.choice(question.options))
    if question.kind == "cells":
        return question.answer[1:] or [[0, 0]]
    return rng.sample(question.options, len(question.options))


def _toggled(question, option):
    return [it for it in question.options if (it in question.answer) != (it == option)]


def careless(rng, by_mistake):
    """A learner who holds no mistake and slips once in ten answers."""
    return lambda question: slip(question, rng, by_mistake) if rng.random() < 0.1 else question.answer


@pytest.mark.parametrize(("family", "lesson"), classes(), ids=lambda it: it if isinstance(it, str) else min(it))
def test_who_holds_a_mistake_is_found_out(family, lesson):
    found = sum(named_first(family, lesson, seed) for seed in range(SEEDS))
    assert found >= 0.95 * SEEDS, f"{sorted(family)} came first in {found} of {SEEDS} runs of lesson {lesson}"


@pytest.mark.parametrize("lesson", LESSONS)
def test_who_is_always_right_has_no_mistake(lesson):
    for seed in range(SEEDS):
        assert diagnose(sit(lesson, seed, lambda question: question.answer)) == []


@pytest.mark.parametrize("by_mistake", [True, False], ids=["as a mistake would", "by hand"])
def test_who_slips_once_in_ten_has_no_mistake(by_mistake):
    wrongly = {lesson: wrongly_named(lesson, CARELESS, by_mistake) for lesson in LESSONS}
    assert sum(wrongly.values()) <= 0.01 * CARELESS * len(LESSONS), wrongly


def wrongly_named(lesson, seeds, by_mistake, follow=FOLLOW_UPS):
    """How many of so many learners who slip now and then are said to hold some mistake."""
    named = 0
    for seed in range(seeds):
        answer = careless(Random(f"careless {lesson} {seed}"), by_mistake)
        named += bool(diagnose(sit(lesson, seed, answer, follow)))
    return named


def main():
    """Prints how often each class comes first, and how often who holds none is named."""
    seeds, poor = 20, 0
    for family, lesson in classes():
        rate = sum(named_first(family, lesson, seed) for seed in range(seeds)) / seeds
        poor += rate < 0.95
        print(f"lesson {lesson}  {', '.join(sorted(family)):16} first in {rate:4.0%}", flush=True)
    print(f"{poor} of {len(classes())} classes below 95 %")
    for by_mistake in (True, False):
        for follow in (0, FOLLOW_UPS):
            named = sum(wrongly_named(lesson, 50, by_mistake, follow) for lesson in LESSONS)
            how = "as a mistake would" if by_mistake else "by hand"
            print(f"slips {how:18} after {follow} follow-ups: {named} of {50 * len(LESSONS)} learners wrongly named")
    return 1 if poor else 0


if __name__ == "__main__":
    sys.exit(main())
