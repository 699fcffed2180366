"""What can go wrong around a lesson, and the test that holds it to: it goes on, says once what happened, loses nothing.

| what goes wrong | the test |
|---|---|
| the kernel is killed at any line on the way to the disk, or at random | `test_store_kills` |
| the kernel is killed while it sends to the class | `test_outbox`: `..._killed_while_it_sends_...` |
| the class service is killed at random | `tests/classroom/test_kills` |
| the class or the network is away, slow, or talks nonsense | `test_outbox` |
| the database is broken, in ten ways and more | here, `test_the_lesson_goes_on_...`; `test_store` for the file itself |
| the database is damaged while the kernel runs | here, `test_an_answer_before_the_damage_...`; `test_store` |
| the disk is full (a small tmpfs; a limit that needs nobody's leave) | `test_store_disks`; here, `..._full_...` |
| the home is read-only (a mount; rights; a file where the folder should be) | `test_store_disks`; here |
| the database may not be read; another program keeps it locked | `test_store_disks`; here, `..._locked_...` |
| the database is of an older or a newer version, or another program's | `test_store`; here |
| two or three kernels write one database, a new or a damaged one | `test_store_processes` |
| two tabs on one notebook, two kernels behind them | `tests/browser/test_faults` |
| the network goes away between page and server | `tests/browser/test_faults` |
| the kernel or the server is killed while a page is open | `tests/browser/test_faults` |
| the kernel is restarted in the middle of a lesson | `tests/browser/learner`, in the walk through each lesson |
| a public function gets anything | `tests/property/test_fuzz` |
| the page has no kernel | `tests/browser/test_quiz_card` and each `test_*_hands` |
| cells are run in any order | `tests/notebooks/test_any_order` |
"""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from convlab import lesson, quizzes, store
from convlab.questions import make
from convlab.store import MIGRATIONS, Store


@pytest.fixture
def path(tmp_path, monkeypatch):
    path = tmp_path / "home" / "progress.sqlite"
    monkeypatch.setenv("CONVLAB_DB", str(path))
    a_new_kernel(monkeypatch)
    return path


def a_new_kernel(monkeypatch):
    """Forgets all that a kernel which is restarted forgets."""
    monkeypatch.setattr(store, "_OPEN", {})
    monkeypatch.setattr(quizzes, "_said", set())


def answer(seed):
    return lesson.quiz("02").answer("window-value", make("window-value", seed).answer, seed=seed)


def seeds(path):
    return [it.seed for it in Store(path).attempts()]


def sql(path, text, mode="DELETE"):
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA journal_mode = {mode}")
        db.executescript(text)


def a_torn_page(path):
    data = bytearray(path.read_bytes())
    data[4096:8192] = b"\xa5" * 4096  # the first page of the answers
    path.write_bytes(data)


def without_its_log(path):
    """The database of a program that writes ahead, and its log is gone: what was in the log only is gone with it."""
    sql(path, "CREATE TABLE t (x); DROP TABLE t;", "WAL")
    for tail in ("-wal", "-shm"):
        path.with_name(path.name + tail).unlink(missing_ok=True)


def without_a_live_log(path):
    """As after a copy of the file alone, while a program that writes ahead had it open: what was in the log is gone."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (x)")
        db.commit()
        copy = path.read_bytes()
    path.write_bytes(copy)
    for tail in ("-wal", "-shm"):
        path.with_name(path.name + tail).unlink(missing_ok=True)


def another_header(path):
    path.write_bytes(b"\xa5" * 100 + path.read_bytes()[100:])


def a_folder(path):
    path.unlink()
    path.mkdir()


def a_folder_for_its_journal(path):
    path.with_name(path.name + "-journal").mkdir()


# how it is broken -> what is said of it; None: nothing is wrong for the learner
BREAKS = {
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:5000]), "set aside"),
    "zeros": (lambda path: path.write_bytes(b"\0" * path.stat().st_size), "set aside"),
    "a text": (lambda path: path.write_text("my answers\n" * 900), "set aside"),
    "a torn page": (a_torn_page, "set aside"),
    "no table": (lambda path: sql(path, "DROP TABLE attempts"), "set aside"),
    "another header": (another_header, "set aside"),
    "other columns": (lambda path: sql(path, "ALTER TABLE attempts RENAME COLUMN answer TO said"), "memory"),
    "a folder": (a_folder, "memory"),
    "a folder for its journal": (a_folder_for_its_journal, "memory"),
    "newer": (lambda path: sql(path, f"PRAGMA user_version = {len(MIGRATIONS) + 7}"), "newer convlab"),
    "another's": (lambda path: sql(path, "PRAGMA application_id = 7"), "another program"),
    "no log": (without_its_log, None),
    "no live log": (without_a_live_log, None),
    "empty": (lambda path: path.write_bytes(b""), None),
    "gone": (lambda path: path.unlink(), None),
}


@pytest.mark.parametrize("name", BREAKS)
def test_the_lesson_goes_on_says_once_what_happened_and_keeps_every_answer(name, path, monkeypatch, capsys):
    breaks, said = BREAKS[name]
    assert answer(1) and answer(2)
    a_new_kernel(monkeypatch)
    breaks(path)
    capsys.readouterr()
    lesson.start("02")
    assert all(answer(seed) for seed in (3, 4, 5))
    assert repr(lesson.progress()) and repr(lesson.quiz("02").card)
    told = [line for line in capsys.readouterr().out.splitlines() if "Lesson" not in line and "Welcome" not in line]
    assert len(told) == (said is not None) and all(said in line for line in told)
    kept = [it.seed for it in store.current().attempts()]
    assert kept[-3:] == [3, 4, 5] and ("log" not in name or kept == [1, 2, 3, 4, 5])
    lesson.progress().export(path.parent / "kept.json")
    assert [it.seed for it in store.read_export(path.parent / "kept.json")] == kept


def test_an_answer_before_the_damage_is_there_after_it(path, capsys):
    assert answer(1) and answer(2)
    path.write_text("no database")
    assert answer(3)
    assert seeds(path) == [1, 2, 3] and capsys.readouterr().out.count("set aside") == 1


LOCK = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


def test_a_lock_of_another_program_is_said_once_and_all_is_written_when_it_goes(path, monkeypatch, capsys):
    monkeypatch.setattr(store, "BUSY_S", 0.05)
    assert answer(1)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", LOCK, path], **pipes) as other:
        assert other.stdout.readline() == "locked\n"
        assert answer(2) and answer(3)
        other.communicate()
    assert answer(4)
    assert seeds(path) == [1, 2, 3, 4] and capsys.readouterr().out.count("another program keeps it locked") == 1


def test_a_home_that_cannot_be_made_is_said_once(path, capsys):
    path.parent.write_text("a file where the folder should be")
    assert all(answer(seed) for seed in (1, 2, 3))
    assert [it.seed for it in store.current().attempts()] == [1, 2, 3]
    assert capsys.readouterr().out.count("stay in memory") == 1


# A limit on the size of files does to SQLite what a full disk does, and needs nobody's leave.
FULL = """
import os, resource, signal, sys
from convlab import lesson, store
from convlab.questions import make
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for seed in range(30):
    if seed == 10:
        resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(sys.argv[1]), resource.RLIM_INFINITY))
    if seed == 20:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert lesson.quiz("02").answer("window-value", "9" * 900, seed=seed) is not None
    assert len(store.current().attempts()) == seed + 1
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_full_disk_is_said_once_and_all_is_written_when_there_is_room(path):
    env = {**os.environ, "CONVLAB_DB": str(path)}
    out = subprocess.run([sys.executable, "-c", FULL, path], capture_output=True, text=True, env=env)
    assert (out.returncode, out.stdout.count("stay in memory")) == (0, 1), out.stdout + out.stderr
    assert sorted(seeds(path)) == list(range(30)) and len(out.stdout.splitlines()) == 1
