"""The class service is killed at random while a class answers: what was acknowledged is there, what was not arrives."""

import os
import random
import signal
import threading

import pytest

from convlab import outbox, questions
from convlab.attempt import attempt_at
from convlab.outbox import Outbox
from convlab.store import Store
from tests.classroom.hub import Hub, until
from tests.classroom.postgres import postgres

KILLS = 20 if os.environ.get("CONVLAB_FULL") else 3
LEARNERS = 6
PAUSE_S = 0.15  # between two answers of one learner


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    """A hub whose class lives in PostgreSQL."""
    with postgres() as url:
        running = Hub(tmp_path_factory.mktemp("hub"), url)
        yield running
        running.stop()


class Learner(threading.Thread):
    """Answers with the course's own store and outbox until he is told to stop."""

    def __init__(self, hub, name, folder):
        super().__init__(daemon=True)
        self.token = hub.user(name, "convlab-students")
        self.store = Store(folder / f"{name}.sqlite")
        self.store.outbox = Outbox(self.store, hub.service, self.token)
        self.over = threading.Event()
        self.rng = random.Random(name)

    def run(self):
        while not self.over.wait(PAUSE_S):
            question = questions.make(self.rng.choice(questions.ids("02")), self.rng.randrange(10**6))
            verdict = question.grade(question.answer)
            self.store.record(attempt_at(question, question.answer, verdict, context="quiz"))


def test_every_acknowledged_answer_is_stored_and_the_others_arrive(school, tmp_path, monkeypatch):
    monkeypatch.setattr(outbox, "FIRST_WAIT_S", 0.2)
    learners = [Learner(school, f"learner{number}", tmp_path) for number in range(LEARNERS)]
    for learner in learners:
        learner.start()
    rng, killed = random.Random(7), set()
    for _ in range(KILLS):
        assert until(lambda: school.service_process() not in (None, *killed) and school.answers(), 60)
        threading.Event().wait(rng.uniform(0, 1.5))
        process = school.service_process()
        os.kill(process, signal.SIGKILL)
        killed.add(process)
    assert until(lambda: school.service_process() not in (None, *killed) and school.answers(), 60)
    acknowledged = {learner.name: sent(learner, school) for learner in learners}
    for learner in learners:
        learner.over.set()
        learner.join()
        learner.store.outbox.wake()
    for learner in learners:
        assert until(lambda store=learner.store: not store.unsent(school.service), 60)
        stored = [row["id"] for row in school.mine(learner.token)]
        assert len(stored) == len(set(stored))
        assert set(stored) == {attempt.id for attempt in learner.store.attempts()}
        assert acknowledged[learner.name] <= set(stored)
        assert all(row["outcome"] == "right" and row["checked"] for row in school.mine(learner.token))


def sent(learner, school):
    """The ids that the class has acknowledged so far, as the learner's own database has them."""
    unsent = {attempt.id for attempt in learner.store.unsent(school.service)}
    return {attempt.id for attempt in learner.store.attempts()} - unsent
