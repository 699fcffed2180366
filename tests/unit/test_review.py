"""What is due, what is mastered: derived from the attempts alone, day by day, the same on every machine."""

import json
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from random import Random

import pytest

from convlab import questions, review
from convlab.attempt import Attempt, attempt_at
from convlab.course_map import Progress, what_is_due
from convlab.store import Store
from convlab.widgets.quiz_card import QuizCard

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def given(id, days=0, right=True, seed=101, **more):
    """An answer of so many days ago."""
    question = questions.make(id, seed)
    response = question.answer if right else question.slips[0].answer
    at = (NOON - timedelta(days=days)).isoformat()
    return attempt_at(question, response, question.grade(response), **{"context": "quiz", "at": at, **more})


def due_in(*answers):
    """Days from the last answer until the question is asked again."""
    return (review.memories(answers, NOON)["window-value"].due - NOON.date()).days


def test_the_surer_a_right_answer_the_later_it_is_asked_again():
    waits = [due_in(given("window-value", **how)) for how in ({"right": False}, {"sure": 1}, {}, {"sure": 3})]
    assert waits == [1, 1, 2, 8]
    assert due_in(given("window-value", hints=1, sure=3)) == 1


def test_each_right_answer_on_its_day_makes_the_wait_longer_and_a_wrong_one_short():
    history, now, lengths = [], NOON, []
    for seed in range(101, 105):
        history.append(given("window-value", seed=seed, at=now.isoformat()))
        due = review.memories(history, now)["window-value"].due
        lengths.append((due - now.date()).days)
        now += timedelta(days=lengths[-1])
    assert all(shorter < longer for shorter, longer in pairwise(lengths)) and max(lengths) <= 180
    history.append(given("window-value", right=False, seed=200, at=now.isoformat()))
    assert (review.memories(history, now)["window-value"].due - now.date()).days < lengths[-1] / 4


def test_an_evening_and_the_next_morning_are_two_days_in_the_learners_own_zone():
    home = timezone(timedelta(hours=-8))
    evening, morning = datetime(2026, 5, 1, 22, tzinfo=home), datetime(2026, 5, 2, 7, tzinfo=home)
    answer = given("window-value", right=False, at=evening.isoformat())
    assert review.due([answer], evening) == []
    assert [it.id for it in review.due([answer], morning)] == ["window-value"]


def test_what_is_due_comes_weakest_first():
    answers = [given("flat-area", 9), given("output-shape", 3, right=False), given("window-value", 3)]
    due = review.due(sorted(answers, key=lambda it: it.at), NOON)
    assert [it.id for it in due] == ["output-shape", "flat-area", "window-value"]
    assert [it.chance for it in due] == sorted(it.chance for it in due)


def test_only_the_first_answer_to_the_same_numbers_counts_and_what_was_not_judged_counts_never():
    wrong = given("window-value", 3, right=False)
    assert review.memories([wrong, given("window-value", 2)], NOON) == review.memories([wrong], NOON)
    unread = attempt_at(questions.make("window-value", 5), "x", questions.make("window-value", 5).grade("x"))
    assert review.memories([unread], NOON) == {} and review.memories([Attempt("02.conv2d", "right")], NOON) == {}


def test_an_answer_from_a_clock_that_was_ahead_counts_as_todays():
    assert due_in(given("window-value", days=-900)) == due_in(given("window-value"))


def test_the_same_attempts_give_the_same_days_in_another_process(tmp_path):
    rng = Random(1)
    answers = [
        given(rng.choice(questions.ids()), rng.randrange(90), rng.random() < 0.7, seed) for seed in range(300, 360)
    ]
    answers.sort(key=lambda it: it.at)
    here = {id: [it.due.isoformat(), it.chance, it.safe] for id, it in review.memories(answers, NOON).items()}
    (tmp_path / "attempts.json").write_text(json.dumps([asdict(it) for it in answers]))
    code = (
        "import json, sys; from datetime import datetime; from convlab import review\n"
        "from convlab.attempt import Attempt\n"
        "answers = [Attempt(**it) for it in json.load(open(sys.argv[1]))]\n"
        "known = review.memories(answers, datetime.fromisoformat(sys.argv[2]))\n"
        "print(json.dumps({id: [it.due.isoformat(), it.chance, it.safe] for id, it in known.items()}))\n"
        "assert 'torch' not in sys.modules"
    )
    command = [sys.executable, "-c", code, tmp_path / "attempts.json", NOON.isoformat()]
    assert json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout) == here


# The review deck ----------------------------------------------------------------------------------------------------


@pytest.fixture
def keep(tmp_path):
    return Store(tmp_path / "progress.sqlite")


def long_ago(keep, ids):
    keep.record(*(given(id, 30, seed=7, at="2026-01-05T10:00:00+00:00") for id in ids))


def test_a_review_asks_what_is_due_with_new_numbers_until_nothing_is(keep):
    ids = ["window-value", "output-shape", "cells-read"]
    long_ago(keep, ids)
    card = QuizCard(review.Review.begin(keep.attempts()), keep=keep)
    assert repr(card) == "QuizCard(review, 3 questions)" and card.shown["card"]["title"] == "Due today"
    assert sorted(entry.question.id for entry in card._deck.trail) == sorted(ids)
    assert all(entry.question.seed != 7 for entry in card._deck.trail)
    first = card.question.id
    card.answer(card.question.answer)
    again = review.Review.begin(keep.attempts())  # a restarted kernel
    assert [entry.attempt is None for entry in again.trail] == [False, True, True] and again.trail[
        0
    ].question.id == first
    for entry in again.trail[1:]:
        again.give(entry, entry.question.answer, keep)
    assert again.done and again.again == "" and again.summary[0] == "3 of 3 right"
    assert review.due(keep.attempts()) == []


def test_a_long_list_is_cut_into_sittings_of_ten(keep):
    ids = questions.ids()[:14]
    long_ago(keep, ids)
    deck = review.Review.begin(keep.attempts())
    assert len(deck.trail) == 10 and deck.again
    for entry in deck.trail:
        deck.give(entry, entry.question.answer, keep)
    assert [it.key for it in review.Review.begin(keep.attempts()).trail] == [it.key for it in deck.trail]
    rest = deck.restart(keep.attempts())
    asked = {entry.question.id for entry in (*deck.trail, *rest.trail)}
    assert len(rest.trail) == 4 and asked == set(ids) and rest.again == ""


def test_warm_ups_ask_for_mistakes_first_and_then_for_what_is_due(keep):
    long_ago(keep, ["pixel-index"])
    assert review.WarmUp.begin("02", keep.attempts()).trail[0].question.id == "pixel-index"
    keep.record(given("scrambled-pixel", right=False, at=datetime.now(UTC).isoformat()))
    trail = review.WarmUp.begin("02", keep.attempts()).trail
    weak = keep.attempts(item="scrambled-pixel")[0].mistakes[0]
    assert weak in trail[0].question.mistakes


# The map ------------------------------------------------------------------------------------------------------------


def state_of(objective, *answers):
    (lesson,) = [it for it in (review.standing(name, answers, [], now=NOON) for name in ("01", "02")) if it.begun]
    return next(it.state for it in lesson.objectives if it.name == objective)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({}, "mastered"),
        ({"right": False}, "shaky"),
        ({"sure": 1}, "shaky"),
        ({"hints": 1}, "shaky"),
        ({"days": 2}, "due"),
        ({"days": 1, "right": False}, "due"),
        ({"days": 1}, "mastered"),
    ],
)
def test_an_objective_is_mastered_shaky_or_due(answer, state):
    assert state_of("multiply and add one window", given("window-value", **answer)) == state


def test_an_objective_of_two_questions_is_mastered_when_both_are():
    name = "say what a kernel does on a flat area"
    assert state_of(name, given("flat-area")) == "shaky"
    assert state_of(name, given("flat-area"), given("zero-on-flat")) == "mastered"


def test_the_map_says_the_same_as_text_and_as_a_page(keep):
    keep.record(given("window-value"), given("output-shape", 4), given("cells-read", right=False))
    progress = Progress(keep, NOON)
    text, page = repr(progress), progress._repr_html_()
    left = len({questions.make(id, 1).objective for id in questions.ids("02")}) - 3
    line = next(line for line in text.splitlines() if line.startswith("02 Convolution by hand  "))
    assert line.removeprefix("02 Convolution by hand").split()[:4] == ["1", "1", "1", str(left)]
    assert f"1 mastered, 1 shaky, 1 due, {left} not begun" in page
    for words in ("1 question is due today. ", "find the window of a place"):
        assert words in text and words in page
    assert page.count("●") == 3 and page.count("<details>") == 1  # its mark in the row, the legend and the list


def test_the_map_of_a_new_learner_is_a_table_and_nothing_else(keep):
    text = repr(Progress(keep, NOON))
    assert "due today" not in text and "\n\n" not in text and "<details>" not in Progress(keep, NOON)._repr_html_()


def test_it_says_when_something_will_be_due():
    assert what_is_due([], NOON) == []
    answers = [given("window-value", sure=3), given("flat-area"), given("output-shape")]
    assert what_is_due(answers, NOON) == ["Nothing is due today. Next: 2 questions on 3 May."]
    assert what_is_due([given("flat-area", 1)], NOON) == ["Nothing is due today. Next: 1 question tomorrow."]
    assert what_is_due([given("flat-area", 3)], NOON) == [
        "1 question is due today. `quiz()` asks them, the weakest first."
    ]
