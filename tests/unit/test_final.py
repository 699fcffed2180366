"""The final quiz: twenty questions of every lesson, the weak ones likelier, kept and found again."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from convlab import questions, review
from convlab.attempt import attempt_at
from convlab.lesson import quiz
from convlab.review.final import IN_THE_FINAL, twenty
from convlab.review.history import example
from convlab.shapes import ArgumentError
from convlab.store import Store
from convlab.widgets.quiz_card import QuizCard

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LESSONS = sorted({example(id).lesson for id in questions.ids()} - {"12"})


@pytest.fixture
def keep(tmp_path):
    return Store(tmp_path / "progress.sqlite")


def begin(keep, seed=None, now=NOW):
    return review.Final.begin("12", keep.attempts(), seed, now)


def given(id, right, at):
    question = questions.make(id, 7)
    response = question.answer if right else question.slips[0].answer
    return attempt_at(question, response, question.grade(response), at=at)


@pytest.mark.parametrize("seed", range(6))
def test_it_is_eight_easy_eight_medium_four_hard_of_every_lesson_and_no_objective_twice(seed):
    asked = twenty("12", [], seed, NOW)
    assert [it.level for it in asked] == [level for level, count in IN_THE_FINAL.items() for _ in range(count)]
    assert {it.lesson for it in asked} == set(LESSONS) and len(asked) == 20
    assert len({(it.lesson, it.objective) for it in asked}) == 20
    assert asked == twenty("12", [], seed, NOW) and asked != twenty("12", [], seed + 10, NOW)


def test_another_lesson_joins_by_itself(monkeypatch):
    """What is asked follows from the questions that there are: here lesson 12's count as those of a lesson before."""
    asked = {it.lesson for it in twenty("13", [], 1, NOW)}
    assert asked == {*LESSONS, "12"}


def test_what_was_answered_wrongly_comes_oftener_and_what_is_mastered_less():
    weak, strong = [], []
    for lesson in LESSONS:
        for number, id in enumerate(questions.ids(lesson)[:8]):
            (weak if number % 2 else strong).append(id)
    at = "2026-05-01T10:00:00+00:00"
    attempts = [given(id, id in strong, at) for id in (*weak, *strong)]
    count = Counter(it.id for seed in range(30) for it in twenty("12", attempts, seed, NOW))
    assert sum(count[id] for id in weak) > 1.8 * sum(count[id] for id in strong)


def test_the_verdicts_come_at_the_end_and_a_restart_finds_the_same_twenty(keep):
    deck = begin(keep)
    asked = [entry.key for entry in deck.trail]
    for entry in deck.trail[:7]:
        assert deck.give(entry, entry.question.answer, keep).outcome == "not_attempted"
    # Another quiz in between, and another day: both would change which twenty a new final has.
    keep.record(*(given(id, False, "2026-05-02T10:00:00+00:00") for id in questions.ids("04")))
    again = begin(keep, now=datetime(2026, 7, 1, 12, tzinfo=UTC))
    assert sorted(entry.key for entry in again.trail) == sorted(asked)
    assert [bool(entry.attempt) for entry in again.trail] == [True] * 7 + [False] * 13 and again.summary is None
    for entry in again.trail[7:]:
        again.give(entry, entry.question.slips[0].answer, keep)
    words, rows = again.summary
    assert words == "7 of 20 right" and rows == sorted(rows) and sum(row[1] for row in rows) == 7
    assert (
        all(row[0][:4] in {f"{lesson}: " for lesson in LESSONS} for row in rows) and sum(row[2] for row in rows) == 20
    )
    assert begin(keep).done and [it.key for it in begin(keep).trail]
    fresh = again.restart(keep.attempts())
    assert fresh.context.startswith("final 2 ") and not any(entry.attempt for entry in fresh.trail)


def test_it_is_recorded_like_all_answers_and_is_no_ten_question_test(keep):
    deck = begin(keep)
    for entry in deck.trail:
        deck.give(entry, entry.question.answer, keep)
    assert len(keep.attempts()) == 20 and {it.context for it in keep.attempts()} == {deck.context}
    assert sum(it.begun for it in map(lambda name: review.standing(name, keep.attempts(), []), LESSONS)) == len(LESSONS)
    assert all(review.standing(name, keep.attempts(), []).test is None for name in LESSONS)


def test_the_ten_question_test_of_12_keeps_its_form():
    asked = questions.test("12", seed=3)
    assert [it.level for it in asked] == ["easy"] * 4 + ["medium"] * 4 + ["hard"] * 2


def test_its_card_says_what_it_is(keep):
    card = QuizCard(begin(keep), keep=keep)
    assert repr(card) == "QuizCard(final, lesson 12)" and card.shown["card"]["title"] == "Final quiz"
    assert card.shown["note"] and not card.shown["may"]["hint"]
    card.answer(card.question.answer)
    assert card.verdict is None and card.shown["standing"]["words"] == "1 of 20 answered"


@pytest.mark.parametrize("seed", [-1, True, 1.5, "7", 2**31])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(ArgumentError, match=r"seed must be a whole number from 0; got .*final\(seed=2\)"):
        quiz("12").final(seed)
