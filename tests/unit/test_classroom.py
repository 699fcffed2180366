"""The class service's parts that need no hub: judging again what came as JSON, keeping rows once, writing together."""

import json
import threading
import time
from dataclasses import asdict

import pytest

from convlab.attempt import Attempt, attempt_at, raw
from convlab.classroom.grading import judged
from convlab.classroom.records import Records
from convlab.classroom.rows import row_of
from convlab.classroom.writer import GATHER_S, Writer
from convlab.questions import grading, ids
from tests.unit.by_lesson import SEEDS, made

FEW = SEEDS[:2] if len(SEEDS) <= 20 else SEEDS  # the others differ in their numbers alone


def as_sent(question, response):
    """An attempt as a kernel sends it, through JSON and back."""
    attempt = attempt_at(question, response, question.grade(response), context="quiz")
    return json.loads(json.dumps({**asdict(attempt), "mistakes": list(attempt.mistakes)}))


@pytest.mark.parametrize("id", ids())
def test_an_answer_that_went_through_json_is_judged_as_it_was_given(id):
    for seed in FEW:
        question = made(id, seed)
        assert question.grade(json.loads(raw(question.answer))).outcome == "right"
        as_code = grading.canonical(question.kind, question.answer)  # a set, where the order does not matter
        assert question.grade(as_code) == question.grade(json.loads(raw(as_code)))
        for response in (question.answer, *(slip.answer for slip in question.slips)):
            here, there = question.grade(response), judged(as_sent(question, response))
            assert (there.attempt.outcome, there.attempt.mistakes) == (here.outcome, here.mistakes)
            assert there.checked


@pytest.fixture
def records(tmp_path):
    kept = Records(f"sqlite:///{tmp_path / 'class.sqlite'}")
    yield kept
    kept.close()


def a_row(user="ada", **changes):
    attempt = Attempt(**{"item": "02.window", "outcome": "wrong", "answer": raw(5), **changes})
    return row_of(judged({**asdict(attempt), "mistakes": []}), user)


def test_what_is_sent_again_is_kept_once_and_an_id_of_somebody_else_is_taken(records):
    one, two, three = a_row(), a_row(), a_row()
    assert records.keep([one, two, one, {**two, "user": "bob"}]) == ["new", "new", "known", "taken"]
    other = {**one, "answer": raw(6)}
    assert records.keep([one, three, other, three]) == ["known", "new", "taken", "known"]
    assert sorted(row["id"] for row in records.since()) == sorted(row["id"] for row in (one, two, three))
    assert {row["user"] for row in records.since()} == {"ada"}


class Slow:
    """Records whose every commit is counted; `fails` makes the next one fail."""

    def __init__(self):
        self.commits, self.fails = [], False

    def keep(self, rows):
        if self.fails:
            raise OSError("the database is away")
        self.commits.append(len(rows))
        return ["new"] * len(rows)


def test_what_comes_within_a_moment_is_committed_together_and_told_apart(monkeypatch):
    monkeypatch.setattr("convlab.classroom.writer.GATHER_S", 0.3)
    slow, seen, futures = Slow(), [], []
    writer = Writer(slow, seen.extend)
    for number in range(20):
        futures.append(writer.keep([number] * (number + 1)))
        threading.Event().wait(0.005)
    assert [future.result(10) for future in futures] == [["new"] * (number + 1) for number in range(20)]
    assert len(slow.commits) <= 4 and sum(slow.commits) == len(seen) == 210
    writer.close()


def test_an_act_sees_all_that_came_before_it_and_nothing_that_came_after():
    slow = Slow()
    writer = Writer(slow, lambda rows: None)
    before = [writer.keep([1]) for _ in range(3)]
    act = writer.call(lambda: sum(slow.commits))
    after = writer.keep([1])
    assert act.result(10) == 3 and all(future.done() for future in before) and after.result(10) == ["new"]
    writer.close()


def test_a_failed_commit_is_told_to_everybody_in_it_and_the_next_one_works():
    slow = Slow()
    writer = Writer(slow, lambda rows: None)
    slow.fails = True
    futures = [writer.keep([1]), writer.keep([2])]
    for future in futures:
        with pytest.raises(OSError, match="away"):
            future.result(10)
    slow.fails = False
    assert writer.keep([3]).result(10) == ["new"]
    writer.close()


def test_the_end_waits_for_what_came_and_for_no_more(monkeypatch):
    monkeypatch.setattr("convlab.classroom.writer.GATHER_S", 60)
    slow = Slow()
    writer = Writer(slow, lambda rows: None)
    future, began = writer.keep([1]), time.monotonic()
    writer.close()
    assert future.result(0) == ["new"] and time.monotonic() - began < 30
    assert GATHER_S < 0.5 and "convlab-writer" not in {thread.name for thread in threading.enumerate()}
