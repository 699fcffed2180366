"""A home that is read-only, a disk that is full, a database that may not be read: the store goes on in memory."""

import ctypes
import os
import shutil
import subprocess
import sys

import pytest

from convlab.attempt import Attempt, raw
from convlab.store import Store

try:
    import resource
except ImportError:  # Windows
    resource = None

CODE = """
import sys
from convlab.attempt import Attempt, raw
from convlab.store import Store
store = Store(sys.argv[1])
there = len(store.attempts())
kept = [store.record(Attempt("02.value", "wrong", raw("x" * 3000))) for _ in range(100)]
print(there, sum(kept), len(store.attempts()) - there, store.notice)
"""


def run_there(*command, **how):
    """What CODE found: (attempts at first, written, seen of the new ones, what is said)."""
    env = {**os.environ, "PYTHON": sys.executable, "CODE": CODE}
    out = subprocess.run(command, capture_output=True, text=True, env=env, **how)
    assert out.returncode == 0, out.stderr
    there, kept, seen, notice = out.stdout.split(" ", 3)
    return int(there), int(kept), int(seen), notice


class Mount:
    """A small file system of its own, where the machine allows one."""

    SCRIPT = """
set -e
mount -t tmpfs -o {options} tmpfs "$1"
[ -z "$2" ] || cp "$2" "$1/progress.sqlite"
{then}
exec "$PYTHON" -c "$CODE" "$1/progress.sqlite"
"""
    NAMESPACE = ("unshare", "--mount", "--map-root-user")

    @classmethod
    def allowed(cls):
        known = shutil.which(cls.NAMESPACE[0])
        return bool(known) and subprocess.run([*cls.NAMESPACE, "true"], capture_output=True).returncode == 0

    def _mounted(self, folder, options, then="", copy=""):
        script = self.SCRIPT.format(options=options, then=then)
        return run_there(*self.NAMESPACE, "sh", "-c", script, "sh", folder, copy)

    def read_only(self, folder, copy=""):
        return self._mounted(folder, "rw", 'mount -o remount,ro "$1"', copy)

    def full(self, folder):
        return self._mounted(folder, "size=96k")


class Limits:
    """What binds a process of anyone, and for root as well: rights of files, and a limit on their size."""

    def read_only(self, folder, copy=""):
        if copy:
            shutil.copy(copy, folder / "progress.sqlite").chmod(0o444)
        folder.chmod(0o555)
        try:
            return self._limited(folder, rights_bind)
        finally:
            folder.chmod(0o755)

    def full(self, folder):
        return self._limited(folder, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (96 * 1024,) * 2))

    def _limited(self, folder, before):
        return run_there(sys.executable, "-c", CODE, folder / "progress.sqlite", preexec_fn=before)


def rights_bind():
    """Takes from root what lets it read and write any file; nobody else has it."""
    drop, override, search = 24, 1, 2  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    if os.geteuid() == 0 and any(ctypes.CDLL(None).prctl(drop, right) for right in (override, search)):
        raise OSError("root could not give up its rights")


WAYS = [Mount()] * Mount.allowed() + [Limits()] * (os.name != "nt")
each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: type(way).__name__)


@pytest.fixture
def filled(tmp_path):
    """A database of six attempts."""
    Store(tmp_path / "filled.sqlite").record(*(Attempt("02.value", "wrong", raw(seed)) for seed in range(6)))
    return tmp_path / "filled.sqlite"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "there").mkdir()
    return tmp_path / "there"


@each_way
def test_in_a_read_only_home_it_reads_and_goes_on_in_memory(way, folder, filled):
    there, kept, seen, notice = way.read_only(folder, filled)
    assert (there, kept, seen) == (6, 0, 100) and "read-only" in notice


@each_way
def test_a_read_only_home_without_a_database_is_said_once(way, folder):
    there, kept, seen, notice = way.read_only(folder)
    assert (there, kept, seen) == (0, 0, 100) and "CONVLAB_DB" in notice


@each_way
def test_a_full_disk_is_said_and_nothing_is_lost_while_the_kernel_lives(way, folder):
    there, kept, seen, notice = way.full(folder)
    assert (there, seen) == (0, 100) and 0 < kept < 100 and "disk" in notice


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights of files")
def test_a_database_that_may_not_be_read_is_left_alone_and_it_goes_on_in_memory(filled):
    before = filled.read_bytes()
    filled.chmod(0)
    there, kept, seen, notice = run_there(sys.executable, "-c", CODE, filled, preexec_fn=rights_bind)
    filled.chmod(0o644)
    assert (there, kept, seen) == (0, 0, 100) and "CONVLAB_DB" in notice and filled.read_bytes() == before
