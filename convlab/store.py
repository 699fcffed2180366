"""Every attempt a learner makes, in one SQLite file that only grows.

An attempt is on disk before its feedback is shown. Progress, what to repeat, what comes next: all of it is
derived from the attempts and can be rebuilt, so this file knows nothing about them.

Each call opens the database, does one thing and closes it. That costs a third of a millisecond, and it means
that several kernels can write at once, that a forked judge inherits no open file, and that a database which is
moved or mended from outside is noticed. The journal is SQLite's oldest, a file beside the database that is
deleted on commit: its newer write-ahead log hangs on network file systems, where the homes of many classrooms
live, and a learner's few answers a minute have nothing to gain from it.

When the file cannot be used, the lesson goes on: what could not be written waits in memory, `notice` says so in
one sentence, and every later call tries again.
"""

import json
import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock

from convlab.attempt import Attempt, raw, read_export, utc, write_export
from convlab.outbox import Outbox, class_address
from convlab.refusals import FileRefused
from convlab.verdict import OUTCOMES

__all__ = ["Attempt", "Store", "current", "default_path", "raw"]

APPLICATION = 0x636F6E76  # "conv": tells our file from any other program's
BUSY_S, TRIES = 0.5, 8
MENDING_S = 5  # for the kernel that sets a damaged database aside; the others wait

# One entry a version; `PRAGMA user_version` counts how many were applied. Never edit one: add the next.
MIGRATIONS = (
    (
        """CREATE TABLE attempts (
            id TEXT PRIMARY KEY, item TEXT NOT NULL, revision INTEGER NOT NULL, seed INTEGER,
            kind TEXT NOT NULL, answer TEXT NOT NULL, outcome TEXT NOT NULL, mistakes TEXT NOT NULL,
            hints INTEGER NOT NULL, solution_seen INTEGER NOT NULL, seconds REAL, sure INTEGER,
            source TEXT NOT NULL, at TEXT NOT NULL, version TEXT NOT NULL,
            lesson TEXT NOT NULL, context TEXT NOT NULL)""",
        "CREATE INDEX attempts_by_lesson ON attempts (lesson, item)",
        """CREATE TRIGGER attempts_only_grow BEFORE UPDATE ON attempts
            BEGIN SELECT RAISE(ABORT, 'attempts are append-only'); END""",
    ),
    ("ALTER TABLE attempts ADD COLUMN about TEXT NOT NULL DEFAULT ''",),  # the learner's own layers
    ("CREATE TABLE sent (class TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (class, id)) WITHOUT ROWID",),
)


class Store:
    """The attempts of one learner, in the SQLite file `path`.

    Args:
        path: the database; None takes the environment variable CONVLAB_DB, else the user's data folder.

    Example:
        >>> import tempfile
        >>> store = Store(tempfile.mkdtemp() + "/progress.sqlite")
        >>> store.record(Attempt("02.value", "wrong", raw(5), mistakes=("M61",), lesson="02"))
        True
        >>> [(it.item, it.response, it.mistakes) for it in store.attempts(lesson="02")]
        [('02.value', 5, ('M61',))]
    """

    def __init__(self, path=None):
        self.path = Path(path).expanduser() if path is not None else default_path()
        self.notice = None
        self.outbox = None  # where there is a class
        self._unsaved = []
        self._session = []
        self._sent = set()  # what a class has, as far as the database could not be told
        self._checked, self._tries = False, TRIES
        self._lock = RLock()

    def record(self, *attempts):
        """True when these `attempts`, and all given before, are on disk; False when some wait in memory."""
        with self._lock:
            self._unsaved += attempts
            self._session += attempts
            kept = self._use(self._insert, failed=None) is not None
        if self.outbox:
            self.outbox.wake()
        return kept

    def attempts(self, lesson=None, item=None):
        """The attempts, oldest first, those in memory included; of one `lesson`, at one `item` (an id), or all."""
        with self._lock:
            if self._unsaved:  # on a connection of its own: where a write has failed, a read may fail too
                self._use(self._insert, failed=None)
            rows = self._use(_select, failed=[])
            seen = {attempt.id for attempt in rows}
            rows += [attempt for attempt in self._unsaved if attempt.id not in seen]
        wanted = [it for it in rows if lesson in (None, it.lesson) and item in (None, it.item)]
        return sorted(wanted, key=lambda it: it.at)  # all are kept in UTC, so their texts sort as their times do

    def unsent(self, address):
        """The attempts that the class at this `address` has not got yet, oldest first."""
        with self._lock:
            sent = self._use(lambda db: _sent(db, address), failed=set()) | self._sent
        return [attempt for attempt in self.attempts() if attempt.id not in sent]

    def mark_sent(self, address, ids):
        """Notes that the class at this `address` has the attempts with these `ids`."""
        with self._lock:
            self._sent.update(ids)
            if self._use(lambda db: _mark(db, address, self._sent), failed=False):
                self._sent.clear()

    def export(self, path):
        """The number of attempts written to the JSON file `path`, to keep or to restore elsewhere.

        Raises:
            OSError: the file cannot be written.
        """
        return write_export(self.attempts(), path)

    def restore(self, path):
        """The number of attempts that were new here, merged by id from the file `path` that `export` wrote.

        Raises:
            ValueError: the file is missing or is not such a file; nothing is taken from it.
        """
        attempts = read_export(path)
        with self._lock:
            known = {attempt.id for attempt in self.attempts()}
            new = {it.id: replace(it, source="import") for it in attempts if it.id not in known}
            self.record(*new.values())
        return len(new)

    def erase(self):
        """The number of attempts erased: all of them, on disk and in memory.

        Raises:
            OSError: the database cannot be written.
        """
        with self._lock:
            count = len(self.attempts())
            self._unsaved, self._session = [], []
            left = self.attempts()
            if not self._use(_empty, failed=False) and left:
                raise FileRefused(
                    f"Your answers cannot be erased from {self.path}, which cannot be written now, so they are still "
                    "there: close what else uses it, or make it writable, and try again."
                )
        return count

    def _use(self, act, failed):
        """What `act` returns for an open database; `failed` when the database cannot be used.

        A damaged file is set aside once and the act repeated on a fresh one; a busy one is tried again.
        """
        for left in reversed(range(self._tries)):
            try:
                with closing(self._open()) as db:
                    done = act(db)
                self._tries = TRIES
                return done
            except sqlite3.DatabaseError as error:
                name = getattr(error, "sqlite_errorname", None) or ""
                busy = name.startswith("SQLITE_BUSY")
                if _is_damage(error) and left and self._set_aside():
                    continue
                if busy and left:
                    continue
                self._explain(str(error), name)
                self._tries = 1 if busy else TRIES  # who waited in vain does not make the learner wait again
                return failed
            except OSError as error:
                self._explain(error.strerror or str(error), "")
                return failed
        return failed

    def _open(self):
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        db = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)
        db.text_factory = lambda data: data.decode("utf-8", "replace")
        try:
            if not self._checked or _version(db) != len(MIGRATIONS):
                self._check(db)
                self._checked = True
            return db
        except BaseException:
            db.close()
            raise

    def _check(self, db):
        """Once a store: the file is whole, ours, and of this version; a missing one is made."""
        if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise _damaged("it does not pass SQLite's own check")
        tables = _tables(db)
        ours = db.execute("PRAGMA application_id").fetchone()[0] == APPLICATION
        if tables and not ours:
            raise sqlite3.OperationalError("it belongs to another program")
        if _version(db) > len(MIGRATIONS):
            raise sqlite3.OperationalError("it was written by a newer convlab: update this one")
        if _version(db) and "attempts" not in tables:
            raise _damaged("its table is missing")
        if _version(db) < len(MIGRATIONS):
            _migrate(db)
        if not (os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)):
            self._explain("it is read-only", "")  # reading goes on; what is new will wait in memory

    def _insert(self, db):
        if self._unsaved:
            names = [it.name for it in fields(Attempt)]
            marks = ", ".join("?" * len(names))
            rows = [_row(attempt) for attempt in self._unsaved]
            db.execute("BEGIN IMMEDIATE")
            db.executemany(f"INSERT OR IGNORE INTO attempts ({', '.join(names)}) VALUES ({marks})", rows)
            db.execute("COMMIT")
            self._unsaved = []
        return True

    def _set_aside(self):
        """True when the damaged file is out of the way, moved by this kernel or by another."""
        self._checked = False
        self._unsaved = list(self._session)  # what this kernel had written goes with the old file
        guard = self.path.with_name(self.path.name + ".lock")
        try:
            with _locked(guard):
                if _is_whole(self.path):  # another kernel mended it between our look and our lock
                    return True
                aside = _free_name(self.path, datetime.now(UTC).strftime("%Y-%m-%d"))
                with suppress(OSError):  # the journal first: once the file is gone, the next journal is a fresh one's
                    os.replace(f"{self.path}-journal", f"{aside}-journal")
                os.replace(self.path, aside)
        except (OSError, sqlite3.Error):
            return False
        self.notice = (
            f"The record of your progress was damaged: it was set aside as {aside.name} in {aside.parent}, "
            "and a fresh one is begun; a file you exported earlier can be merged with progress().restore(path)."
        )
        return True

    def _explain(self, why, name):
        if name.startswith("SQLITE_BUSY"):
            why = "another program keeps it locked"
        if self.notice is None:
            self.notice = (
                f"Your answers cannot be written to {self.path} ({why}), so they stay in "
                "memory until this kernel stops: set CONVLAB_DB to a file you can write before starting Jupyter, "
                'or keep them with progress().export("my-progress.json").'
            )


@contextmanager
def _locked(guard):
    """Only one kernel at a time is inside; SQLite waits for it, and a killed one lets go of its lock.

    The empty file stays: to those who wait for its lock, deleting it would be an error of the disk.
    """
    with closing(sqlite3.connect(guard, timeout=MENDING_S, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


def _damaged(why):
    error = sqlite3.DatabaseError(why)
    error.sqlite_errorname = "SQLITE_CORRUPT"
    return error


def _version(db):
    return db.execute("PRAGMA user_version").fetchone()[0]


def _migrate(db):
    db.execute("BEGIN EXCLUSIVE")  # of several kernels that start at once, one migrates and the others find it done
    try:
        for number in range(_version(db), len(MIGRATIONS)):
            for statement in MIGRATIONS[number]:
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        db.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


def _sent(db, address):
    return {id for (id,) in db.execute("SELECT id FROM sent WHERE class = ?", (address,))}


def _mark(db, address, ids):
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT OR IGNORE INTO sent VALUES (?, ?)", [(address, id) for id in ids])
    db.execute("COMMIT")
    return True


def _empty(db):
    db.execute("PRAGMA secure_delete = ON")
    db.execute("DELETE FROM attempts")
    db.execute("DELETE FROM sent")
    db.execute("VACUUM")
    return True


def _select(db):
    names = [it.name for it in fields(Attempt)]
    rows = db.execute(f"SELECT {', '.join(names)} FROM attempts ORDER BY at, rowid").fetchall()
    return [attempt for attempt in (_attempt(dict(zip(names, row, strict=True))) for row in rows) if attempt]


def _is_whole(path):
    """False for a damaged file; true for none, and for one that another kernel is making or writing at this moment."""
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_S)) as db:
            if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                return False
            return not _version(db) or "attempts" in _tables(db)
    except sqlite3.DatabaseError as error:
        return not _is_damage(error)


def _is_damage(error):
    return (getattr(error, "sqlite_errorname", None) or "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def _tables(db):
    return {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _free_name(path, date):
    names = (f"{path.name}.damaged-{date}{tail}" for tail in ["", *(f"-{n}" for n in range(2, 1000))])
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())


def _row(attempt):
    values = asdict(attempt)
    values["mistakes"] = ",".join(attempt.mistakes)
    return tuple(values.values())


def _attempt(values):
    """The attempt of one row; None for a row that makes no sense, which stays in the file unread."""
    try:
        values["mistakes"] = tuple(filter(None, values["mistakes"].split(",")))
        values["solution_seen"] = bool(values["solution_seen"])
        values["at"] = utc(values["at"])
        json.loads(values["answer"])
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    attempt = object.__new__(Attempt)  # what is in the table was checked in full when it was recorded
    attempt.__dict__.update(values)
    return attempt if attempt.outcome in OUTCOMES else None


def default_path():
    """The database of this learner: CONVLAB_DB, else `progress.sqlite` in the user's data folder.

    Example:
        >>> default_path() == Path(os.environ["CONVLAB_DB"])
        True
    """
    if os.environ.get("CONVLAB_DB"):
        return Path(os.environ["CONVLAB_DB"]).expanduser()
    from platformdirs import user_data_path

    return user_data_path("convlab", appauthor=False) / "progress.sqlite"


_OPEN = {}


def current():
    """The store of this process: one for each database path, so that what waits in memory is not forgotten.

    Example:
        >>> current() is current()
        True
    """
    path = default_path()
    if path not in _OPEN:
        _OPEN[path] = with_class(Store(path))
    return _OPEN[path]


def with_class(store):
    """This store, which from now on sends what it keeps to the learner's class, where there is one."""
    address, trouble = class_address()
    store.notice = store.notice or trouble
    if address:
        store.outbox = Outbox(store, address, os.environ["JUPYTERHUB_API_TOKEN"])
        store.outbox.wake()  # what an earlier kernel could not send
    return store
