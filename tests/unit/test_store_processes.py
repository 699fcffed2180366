"""Several kernels at one database, a damaged one too; what a kill does to them is in test_store_kills.py."""

import select
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from convlab.attempt import Attempt, raw
from convlab.store import Store, _is_whole, _locked


@pytest.fixture
def path(tmp_path):
    return tmp_path / "progress.sqlite"


ANSWERER = """
import sys
from convlab.attempt import Attempt, raw
from convlab.store import Store
store = Store(sys.argv[1])
for seed in range(int(sys.argv[2])):
    attempt = Attempt("02.value", "right", raw(seed), seed=seed)
    if store.record(attempt):
        print(attempt.id, flush=True)  # the verdict is shown
print("notice", store.notice)
"""


def answering(path, count):
    command = [sys.executable, "-c", ANSWERER, path, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_three_kernels_write_one_new_database_at_once(path):
    kernels = [answering(path, 60) for _ in range(3)]
    lines = [kernel.communicate()[0].split() for kernel in kernels]
    assert all(line[-2:] == ["notice", "None"] and len(line) == 62 for line in lines)
    assert {it.id for it in Store(path).attempts()} == {word for line in lines for word in line[:-2]}


def test_three_kernels_that_meet_a_damaged_database_lose_nothing(path):
    path.write_bytes(b"damaged" * 3000)
    kernels = [answering(path, 30) for _ in range(3)]
    lines = [kernel.communicate()[0].split() for kernel in kernels]
    shown = [word for line in lines for word in line if len(word) == 36 and word.count("-") == 4]
    assert len(shown) == 90 and {it.id for it in Store(path).attempts()} == set(shown)
    assert len(list(path.parent.glob("*.damaged-*"))) == 1


@pytest.mark.slow
def test_while_one_kernel_sets_a_damaged_database_aside_the_others_wait(path):
    path.write_bytes(b"damaged" * 1000)
    attempt = Attempt("02.value", "wrong", raw(5), seed=3)
    with _locked(path.with_name(path.name + ".lock")):
        kernel = answering(path, 1)
        assert select.select([kernel.stdout], [], [], 1) == ([], [], [])
        path.unlink()
        assert Store(path).record(attempt)
    shown = kernel.communicate()[0].split()
    assert shown[1:] == ["notice", "None"] and {it.id for it in Store(path).attempts()} == {attempt.id, shown[0]}


def test_a_file_that_another_kernel_makes_or_writes_at_this_moment_is_not_taken_for_damaged(path):
    path.touch()
    assert _is_whole(path)
    Store(path).record(Attempt("02.value", "wrong"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert _is_whole(path)
        other.execute("ROLLBACK")
        other.execute("DROP TABLE attempts")
    assert not _is_whole(path)
    path.write_bytes(b"damaged" * 1000)
    assert not _is_whole(path)
