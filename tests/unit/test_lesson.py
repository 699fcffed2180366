"""What a notebook calls: it is quick, it says the same on every run, and what was answered comes back."""

import os
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from convlab import lesson, questions, quizzes, review, store
from convlab.attempt import Attempt, attempt_at
from convlab.review import rounds
from convlab.shapes import ArgumentError


@pytest.fixture(autouse=True)
def own_database(tmp_path, monkeypatch):
    """A database of the test's own, and a kernel that has said nothing yet."""
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "progress.sqlite"))
    monkeypatch.setattr(quizzes, "_said", set())
    monkeypatch.setattr(lesson, "_ladders", {})


@pytest.fixture
def restart(monkeypatch):
    """Forgets all that a kernel restart forgets."""

    def forget():
        monkeypatch.setattr(store, "_OPEN", {})
        monkeypatch.setattr(lesson, "_ladders", {})

    return forget


def wrong(question):
    return question.slips[0].answer


def answer_open(card, right=True):
    """Answers the question on the card, rightly or wrongly."""
    return card.answer(card.question.answer if right else wrong(card.question))


def go_on(card):
    card._told(card, {"do": "next", "number": "1"}, [])


# start ------------------------------------------------------------------------------------------------------------


def test_start_says_one_line_to_a_new_learner_and_two_to_one_who_comes_back(capsys):
    lesson.start("02")
    assert capsys.readouterr().out == "Lesson 02, Convolution by hand: all is ready.\n"
    lesson.quiz("02").answer("window-value", questions.make("window-value", 7).answer, seed=7)
    lesson.start(2)
    first, second = capsys.readouterr().out.splitlines()
    assert first == "Lesson 02, Convolution by hand: all is ready."
    assert second.startswith("Welcome back. So far: 1 of ") and "questions right" in second


def test_start_is_quick_and_imports_neither_torch_nor_matplotlib(tmp_path):
    code = (
        "import sys, time, convlab.lesson as lesson; from convlab import store; from convlab.attempt import Attempt\n"
        "store.current().record(*[Attempt('window-value', 'right', seed=n, lesson='02') for n in range(500)])\n"
        "store._OPEN.clear(); begin = time.process_time(); lesson.start('02'); took = time.process_time() - begin\n"
        "assert not {'torch', 'matplotlib', 'anywidget'} & set(sys.modules), 'too much imported'\n"
        "print(took)"
    )
    env = {**os.environ, "CONVLAB_DB": str(tmp_path / "many.sqlite")}
    took = []
    for _ in range(3):
        out = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        took.append(float(out.stdout.split()[-1]))
    assert min(took) < 0.05


def standing(name):
    """How a lesson stands on the map."""
    return next(it for it in lesson.progress().lessons if it.lesson == name)


def test_a_database_that_cannot_be_written_is_said_once(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "file" / "progress.sqlite"))
    lesson.start("02")
    assert lesson.quiz("02").answer("window-value", 10**6).outcome == "wrong"
    lesson.progress()
    lesson.predict("window-value")
    out = capsys.readouterr().out
    assert out.count("CONVLAB_DB") == 1 and len(out.splitlines()) == 2
    assert standing("02").last  # what was answered is known while the kernel lives


@pytest.mark.parametrize("call", [lesson.start, lesson.quiz])
@pytest.mark.parametrize("name", ["2", "13", (), 2.0, True, object()])
def test_a_lesson_that_is_none_gets_one_sentence(call, name):
    with pytest.raises(ArgumentError, match=r'^lesson must be one of "00" to "12"; got [^\n]+: write "02"'):
        call(name)


def test_the_first_lesson_has_nothing_to_warm_up_with():
    with pytest.raises(ArgumentError, match="no lesson before 00"):
        lesson.quiz("00").warm_up()


# answering by code ------------------------------------------------------------------------------------------------


def test_an_answer_by_code_is_judged_and_kept_with_all_that_is_known_of_it():
    question = questions.make("window-value", 7)
    verdict = lesson.quiz("02").answer("window-value", wrong(question), seed=7, sure=3)
    assert verdict.outcome == "wrong" and verdict.mistakes == question.slips[0].mistakes[: len(verdict.mistakes)]
    (kept,) = store.current().attempts()
    assert (kept.item, kept.seed, kept.lesson, kept.kind) == ("window-value", 7, "02", "number")
    assert (kept.outcome, kept.mistakes, kept.sure, kept.source) == ("wrong", verdict.mistakes, 3, "code")
    assert (kept.context, kept.revision, kept.response) == ("quiz", question.revision, wrong(question))


@pytest.mark.parametrize("response", [None, float("nan"), "é" * 10**6, {}, object(), [[]] * 9, b"", "\ud800"])
def test_junk_gets_a_verdict_and_no_exception(response):
    assert lesson.quiz("02").answer("output-shape", response).outcome in ("wrong", "error", "not_attempted")


@pytest.mark.parametrize("arguments", [("no-such", 1), ("window-value", 1, "7"), ("window-value", 1, 10**30)])
def test_a_question_that_is_none_gets_one_sentence(arguments):
    with pytest.raises(ArgumentError, match=r"^[^\n]+$"):
        lesson.quiz("02").answer(*arguments)
    with pytest.raises(ArgumentError, match="sure must be 1"):
        lesson.quiz("02").answer("window-value", 1, sure=5)


# the quiz -----------------------------------------------------------------------------------------------------------


def test_four_right_answers_of_different_kinds_end_the_quiz_and_another_round_begins(restart):
    card, kinds = lesson.quiz("02").card, []
    while not card.shown["summary"]:
        assert len(kinds) < 5
        kinds.append(card.question.kind)
        answer_open(card)
        go_on(card)
    assert len(set(kinds)) == 4 == len(kinds)
    restart()
    again = lesson.quiz("02").card
    assert again.shown["summary"]["words"].startswith("Done") and again.verdict
    again._told(again, {"do": "again", "number": "2"}, [])
    assert again.shown["given"] is None and again.shown["standing"]["reached"] == 0


def test_a_restarted_kernel_continues_where_the_quiz_was(restart):
    card = lesson.quiz("02").card
    answer_open(card)
    go_on(card)
    answer_open(card, right=False)
    verdict, key = card.verdict, card.shown["key"]
    go_on(card)
    waiting = card.shown["key"]
    restart()
    card = lesson.quiz("02").card
    assert (card.shown["key"], card.verdict) == (key, verdict) and card.shown["feedback"]["mistakes"]
    assert card.shown["trail"] == ["right", "wrong"] and card.shown["standing"]["reached"] == 1
    go_on(card)
    assert card.shown["key"] == waiting


def test_always_wrong_one_is_never_asked_the_same_numbers_and_soon_another_question():
    card = lesson.quiz("02").card
    asked = []
    for _ in range(12):
        asked.append((card.question.id, card.question.seed))
        answer_open(card, right=False)
        go_on(card)
    assert len(set(asked)) == 12
    later = [id for id, _ in asked[1 + rounds.PURSUED :]]  # the first few pursue the mistake
    assert all(one != next for one, next in pairwise(later)) and max(Counter(later).values()) == 1


def test_after_a_wrong_answer_the_quiz_asks_what_tells_the_possible_mistakes_apart(restart, monkeypatch):
    told = []

    def next_question(answers, seed, lessons, draw):
        told.append([(question.id, response) for question, response in answers])
        assert (
            lessons == ["02"] and draw("04", Random(1)) == [] and {it.lesson for it in draw("02", Random(1))} == {"02"}
        )
        return questions.make("impulse", seed)

    monkeypatch.setattr(rounds, "next_question", next_question)
    card = lesson.quiz("02").card
    answer_open(card)
    go_on(card)
    assert told == [] and card.question.id != "impulse"
    answer_open(card, right=False)
    given = [(entry.question.id, entry.attempt.response) for entry in card._deck.trail]
    go_on(card)
    assert card.question.id == "impulse" and told == [given]
    waiting = card.question
    restart()
    card = lesson.quiz("02").card
    go_on(card)
    assert card.question == waiting  # the same after a restart
    for _ in range(4):
        answer_open(card, right=False)
        go_on(card)
    assert card.question.id != "impulse"  # three at most, then something else


def test_a_follow_up_is_a_question_where_the_likeliest_mistake_shows():
    for id in ("window-value", "output-shape", "cells-read"):
        question = questions.make(id, 5)
        mistake = question.grade(wrong(question)).mistakes[0]
        attempt = attempt_at(question, wrong(question), question.grade(wrong(question)), context="quiz")
        asked = review.Quiz.begin("02", [attempt]).further()
        assert asked.lesson == "02" and mistake in asked.mistakes


def test_another_like_it_is_the_same_question_with_new_numbers():
    card = lesson.quiz("02").card
    first = card.question
    answer_open(card)
    card._told(card, {"do": "like", "number": "1"}, [])
    assert card.question.id == first.id and card.question.seed != first.seed and card.shown["given"] is None


def test_a_question_that_changed_since_is_asked_anew():
    question = questions.make("window-value", 7)
    old = attempt_at(question, 1, question.grade(1), context="predict")
    store.current().record(Attempt(**{**old.__dict__, "revision": question.revision + 1}))
    assert lesson.predict("window-value", 7).shown["given"] is None


# predict, warm-up, test ---------------------------------------------------------------------------------------------


def test_a_prediction_needs_how_sure_and_is_locked(restart):
    card = lesson.predict("window-value", seed=7)
    assert card.answer(5).outcome == "not_attempted" and store.current().attempts() == []
    verdict = card.answer(wrong(card.question), sure=1)
    assert verdict.outcome == "wrong"
    assert card.answer(card.question.answer, sure=3) == verdict
    restart()
    card = lesson.predict("window-value", seed=7)
    assert card.verdict == verdict and card.shown["given"] == {"response": wrong(card.question), "sure": 1}
    assert len(store.current().attempts()) == 1
    assert lesson.predict("window-value", seed=8).shown["given"] is None


def test_the_warm_up_stays_until_it_is_answered_and_then_comes_back(restart):
    card = lesson.quiz("02").warm_up()
    keys = [entry.key for entry in card._deck.trail]
    assert len(set(keys)) == 2 and all(entry.question.lesson == "01" for entry in card._deck.trail)
    restart()
    card = lesson.quiz("02").warm_up()
    assert [entry.key for entry in card._deck.trail] == keys
    answer_open(card)
    restart()
    card = lesson.quiz("02").warm_up()
    assert [entry.key for entry in card._deck.trail] == keys and card.shown["trail"] == ["right", "open"]
    go_on(card)
    answer_open(card, right=False)
    restart()
    card = lesson.quiz("02").warm_up()
    assert card.shown["trail"] == ["right", "wrong"] and card.shown["may"]["again"] == "Two more"
    card._told(card, {"do": "again", "number": "1"}, [])
    assert not {entry.key for entry in card._deck.trail} & set(keys)


def test_the_warm_up_asks_first_about_the_mistakes_that_were_made():
    question = questions.make("scrambled-pixel", 5)
    store.current().record(*(attempt_at(question, wrong(question), question.grade(wrong(question))) for _ in range(3)))
    weak = question.grade(wrong(question)).mistakes[0]
    card = lesson.quiz("02").warm_up()
    assert all(weak in entry.question.mistakes for entry in card._deck.trail)


def test_a_warm_up_of_another_day_is_a_fresh_one():
    card = lesson.quiz("02").warm_up()
    keys = {entry.key for entry in card._deck.trail}
    for entry in card._deck.trail:
        right = entry.question.answer
        verdict = entry.question.grade(right)
        store.current().record(
            attempt_at(entry.question, right, verdict, context="warm-up 02", at="2026-01-05T10:00:00+00:00")
        )
    assert not {entry.key for entry in lesson.quiz("02").warm_up()._deck.trail} & keys


def test_the_test_tells_nothing_before_its_end_and_then_the_result_by_objective(restart):
    card = lesson.quiz("02").test(seed=3)
    for number in range(10):
        if number == 5:
            restart()
            card = lesson.quiz("02").test(seed=3)
        assert card.verdict is None and card.shown["feedback"] is None and card.shown["summary"] is None
        answer_open(card, right=number != 2)
        go_on(card)
    summary = card.shown["summary"]
    assert summary["words"] == "9 of 10 right" and sum(row[2] for row in summary["rows"]) == 10
    assert Counter(card.shown["trail"]) == {"right": 9, "wrong": 1} and card.shown["feedback"]
    assert lesson.quiz("02").test().shown["summary"] == summary
    assert standing("02").test == 9


# exercises ----------------------------------------------------------------------------------------------------------


def test_an_exercise_is_checked_recorded_and_known_as_solved_before(restart):
    task = lesson.exercise("02.conv2d")
    reference, mutant = task._exercise.reference, task._exercise.mutants["M61"]
    assert "solved before" not in repr(task) and task._exercise.prompt in repr(task)
    assert task.check(mutant).mistakes[0] == "M61" and task.check(reference)
    restart()
    assert "solved before" in repr(lesson.exercise("02.conv2d"))
    first, second = store.current().attempts(item="02.conv2d")
    assert (first.outcome, first.mistakes[0], second.outcome) == ("wrong", "M61", "right")
    assert first.answer == "null" and first.context == "exercise"  # the verdict is kept, the code is not


def test_a_stub_is_not_attempted_and_nothing_is_kept():
    task = lesson.exercise("02.conv2d")
    space = {}
    exec(task._exercise.stub, space)
    assert task.check(space["conv2d"]).outcome == "not_attempted"
    assert store.current().attempts() == []


def test_the_ladder_has_three_hints_and_they_are_counted():
    task = lesson.exercise("02.conv2d")
    said = [repr(lesson.exercise("02.conv2d").hint()) for _ in range(4)]
    assert [text.split(":")[0] for text in said[:3]] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3"]
    assert ".solution()" in said[3]
    task.check(task._exercise.reference)
    assert store.current().attempts()[0].hints == 3


def test_the_solution_asks_first_and_is_recorded_as_seen():
    task = lesson.exercise("02.conv2d")
    task.check(task._exercise.mutants["M61"])
    assert "tried once" in repr(task.solution()) and "0 of 3 hints" in repr(lesson.exercise("02.kernel").solution())
    assert not any(it.solution_seen for it in store.current().attempts())
    shown = task.solution()
    assert "def " in repr(shown) and "<pre>" in shown._repr_html_()
    assert [it.solution_seen for it in store.current().attempts(item="02.conv2d")] == [False, True]
    assert (
        repr(lesson.exercise("02.kernel").solution(sure=True))
        == lesson.exercise("02.kernel")._exercise.reference_source.rstrip()
    )


def test_help_lists_the_errors_with_what_to_change():
    task = lesson.exercise("02.conv2d")
    shown = task.help()
    assert all(message in repr(shown) for message, _, _ in task._exercise.errors)
    assert shown._repr_html_().count("<tr>") == 1 + len(task._exercise.errors)


# progress -----------------------------------------------------------------------------------------------------------


def test_progress_shows_a_row_for_every_lesson_there_is():
    text = repr(lesson.progress())
    assert text.splitlines()[0].split("  ")[0] == "lesson"
    assert re.search(r"^02 Convolution by hand +0  ", text, re.M) and "01 Images as tensors" in text
    lesson.quiz("02").answer("window-value", questions.make("window-value", 7).answer, seed=7)
    after = lesson.progress()
    assert re.search(r"^02 Convolution by hand +1  ", repr(after), re.M) and "1 mastered, " in after._repr_html_()


def test_progress_is_exported_erased_after_asking_and_restored(tmp_path):
    lesson.quiz("02").answer("window-value", 1, seed=7)
    assert repr(lesson.progress().export(tmp_path / "mine.json")).startswith("1 answer written")
    assert "erase(sure=True)" in repr(lesson.progress().erase()) and store.current().attempts()
    assert repr(lesson.progress().erase(sure=True)) == "1 answer erased." and not store.current().attempts()
    assert repr(lesson.progress().restore(tmp_path / "mine.json")).startswith("1 new answer taken")
    assert repr(lesson.progress().restore(tmp_path / "mine.json")).startswith("0 new answers")


def test_mistakes_are_weak_until_the_question_is_answered_rightly():
    a = Attempt("q", "wrong", mistakes=("M01", "M02"))
    assert review.weakest([a, a]) == {"M01": 2}
    assert review.weakest([a, a, Attempt("q", "right"), a]) == {"M01": 1}


def test_progress_names_what_is_to_mend_and_stops_when_it_is_mended():
    question = questions.make("window-value", 7)
    lesson.quiz("02").answer("window-value", question.slips[0].answer, seed=7)
    assert "To mend in lesson 02: you answered as if" in repr(lesson.progress())
    lesson.quiz("02").answer("window-value", question.answer, seed=7)
    assert "To mend" not in repr(lesson.progress()) and "To mend" not in lesson.progress()._repr_html_()


def test_a_task_in_a_notebook_keeps_its_aligned_columns():
    html = lesson.exercise("02.conv2d")._repr_html_()
    assert "<pre>" in html and "<code>" in html
