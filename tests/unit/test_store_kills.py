"""A kernel is killed in the middle of an answer: what was shown is kept, once, and the file opens."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from time import perf_counter

import pytest

from convlab.attempt import Attempt
from convlab.store import Store

pytestmark = pytest.mark.slow

KILLS = 60 if os.environ.get("CONVLAB_FULL") == "1" else 20
KERNELS = 3
EVERY = "1" if KILLS == 60 else "4"  # line of the way to the disk

ANSWERER = """
import sys, threading
from convlab import lesson
breath = threading.Event()
quiz, first = lesson.quiz("02"), int(sys.argv[1])
for seed in range(first, first + 100_000):
    verdict = quiz.answer("window-value", 10**6 + seed, seed=seed)
    print(seed, verdict.outcome, flush=True)  # the verdict is shown
    breath.wait(0.001)  # even the quickest learner lets the other two at the database
"""


def answering(path, number):
    """A kernel that answers questions of its own, one after the other, until it is killed."""
    command = [sys.executable, "-c", ANSWERER, str(number * 1_000_000)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "CONVLAB_DB": str(path)})


def killed(kernels, rng):
    """The seeds whose verdicts were shown before all were killed, each at a moment of its own."""
    shown = []
    for kernel in kernels:
        shown += [kernel.stdout.readline() for _ in range(rng.randint(1, 8))]
        moment = perf_counter() + rng.uniform(0, 0.004)  # an answer takes about so long
        while perf_counter() < moment:
            pass
        kernel.send_signal(signal.SIGKILL)
    for kernel in kernels:
        shown += [line for line in kernel.stdout if line.endswith("\n")]
        assert kernel.wait() == -signal.SIGKILL
        kernel.stdout.close()
    assert [line for line in shown if not line.endswith(" wrong\n")] == []
    return [int(line.split()[0]) for line in shown]


@pytest.mark.parametrize("round", range(KILLS))
def test_every_answer_whose_verdict_was_shown_survives_a_kill_and_none_is_doubled(round, tmp_path):
    path, rng = tmp_path / "progress.sqlite", random.Random(round)
    shown = killed([answering(path, number) for number in range(KERNELS)], rng)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept = Counter(seed for (seed,) in db.execute("SELECT seed FROM attempts"))
    assert set(shown) <= set(kept) and set(kept.values()) == {1}
    assert len(kept) - len(shown) <= KERNELS  # of each kernel, at most the answer it was killed in is kept unshown
    again = Store(path)
    assert sorted(it.seed for it in again.attempts()) == sorted(kept) and again.notice is None
    assert again.record(Attempt("next", "right"))
    # Nothing was set aside. The lock is of a kernel that looked at the file while another one was making it.
    assert {file.name for file in tmp_path.iterdir()} <= {path.name, f"{path.name}.lock"}


LINE_BY_LINE = """
import itertools, json, os, signal, sys, uuid
from pathlib import Path
from convlab import questions, review
from convlab.store import Store

folder, question = Path(sys.argv[1]), questions.make("window-value", 101)
OURS = ("store.py", "attempt.py", "decks.py")


def answer(path, id):
    deck = review.Deck("practice", "practice", [review.Entry(question)], "02")
    return deck.give(deck.trail[0], 10**6, Store(path), id=id).outcome


def die_at(step):
    def trace(frame, event, argument):
        nonlocal step
        if os.path.basename(frame.f_code.co_filename) in OURS and event == "line":
            step -= 1
            if step == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace
    sys.settrace(trace)


def killed_at(step, name, there):
    # How often the answer is kept after the kill, and after it was sent again; None when it came through.
    path, id = folder / name, str(uuid.UUID(int=step))
    if there:
        Store(path).attempts()
    pid = os.fork()
    if pid == 0:
        die_at(step)
        answer(path, id)
        os._exit(0)
    if os.waitpid(pid, 0)[1] == 0:
        return None
    before = len(Store(path).attempts())
    answer(path, id)  # the page sends the answer again
    return before, len(Store(path).attempts())


answer(folder / "warm.sqlite", None)  # all is imported
found = {}
for name in ("new", "there"):
    steps = (killed_at(step, f"{name}-{step}.sqlite", name == "there") for step in itertools.count(1, int(sys.argv[2])))
    found[name] = list(itertools.takewhile(lambda pair: pair, steps))
print(json.dumps(found))
"""


def test_killed_at_any_line_on_the_way_to_the_disk_an_answer_sent_again_is_there_once(tmp_path):
    out = subprocess.run([sys.executable, "-c", LINE_BY_LINE, tmp_path, EVERY], capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
    for kills in json.loads(out.stdout).values():
        before, after = zip(*kills, strict=True)
        assert len(kills) >= 20 and set(after) == {1}
        assert (before[0], before[-1]) == (0, 1) and list(before) == sorted(before)
    for file in tmp_path.glob("*.sqlite"):
        with closing(sqlite3.connect(file)) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
