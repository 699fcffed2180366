"""The store keeps what was shown: real SQLite files, real processes, real kills."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import asdict

import pytest

from convlab.attempt import ANSWER_BYTES, Attempt, raw
from convlab.store import MIGRATIONS, Store, current


@pytest.fixture
def path(tmp_path):
    return tmp_path / "progress.sqlite"


def an_attempt(**changes):
    given = {"item": "02.value", "outcome": "wrong", "answer": raw(5), "seed": 3, "kind": "number", "lesson": "02"}
    return Attempt(**{**given, "mistakes": ("M61", "M62"), "context": "quiz", **changes})


def filled(path, count=40):
    store = Store(path)
    store.record(*(an_attempt(answer=raw("x" * 300), seed=seed) for seed in range(count)))
    return store


def test_what_is_recorded_comes_back_in_another_process_field_by_field(path):
    attempt = an_attempt(sure=2, seconds=12.5, hints=1, solution_seen=True, source="widget", revision=4)
    assert Store(path).record(attempt)
    code = "import sys; from convlab.store import Store; print(repr(Store(sys.argv[1]).attempts()[0]))"
    out = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == repr(attempt)


def test_attempts_are_found_by_lesson_and_item_oldest_first(path):
    store = Store(path)
    late = an_attempt(at="2026-05-01T10:00:00+00:00")
    early = an_attempt(at="2026-05-01T11:30:00+02:00")  # 09:30 in UTC
    store.record(late, early, an_attempt(item="01.layout", lesson="01"))
    assert store.attempts(lesson="02") == [early, late]
    assert [it.item for it in store.attempts(item="01.layout")] == ["01.layout"]
    assert store.attempts(lesson="03") == []


def test_the_same_attempt_sent_twice_is_stored_once(path):
    store, attempt = Store(path), an_attempt()
    assert store.record(attempt) and store.record(attempt) and store.record(attempt, attempt)
    assert store.attempts() == [attempt]


def test_the_table_only_grows(path):
    filled(path)
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute("UPDATE attempts SET outcome = 'right'")


@pytest.mark.parametrize(
    "response", [None, float("nan"), "é" * 5000, b"\xff", {1, 2}, "\ud800", 10**5000, object], ids=range(8)
)
def test_any_response_is_kept_as_json_of_at_most_4_kb(response, path):
    text = raw(response)
    json.loads(text)
    assert len(text.encode()) <= ANSWER_BYTES
    store = Store(path)
    assert store.record(an_attempt(answer=text)) and store.attempts()[0].answer == text


def test_a_response_that_breaks_json_or_its_own_repr_is_kept_by_its_type():
    class Rude:
        def __repr__(self):
            raise RuntimeError("no")

    deep = circle = []
    for _ in range(100_000):
        deep = [deep]
    circle.append(circle)
    assert raw(Rude()) == '"<Rude>"' and raw(deep) == raw(circle) == '"<list>"'
    assert len(raw('"\\' * 500_000)) <= ANSWER_BYTES
    assert an_attempt(answer=raw("y" * 1_000_000)).response is None


@pytest.mark.parametrize(
    "changes",
    [
        {"item": ""},
        {"outcome": "fine"},
        {"answer": "{"},
        {"answer": raw(1) * 5000},
        {"seed": 2**63},
        {"seed": True},
        {"sure": 4},
        {"seconds": -1},
        {"source": "web"},
        {"id": "7"},
        {"at": "yesterday"},
        {"at": "2026-05-01T10:00:00"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"at": "9999-12-31T23:59:59+00:00"},
        {"item": "half a character \ud800"},
        {"context": "é" * 4000},
        {"about": "{"},
        {"mistakes": ("M61,M62",)},
        {"mistakes": (1,)},
        {"hints": None},
    ],
)
def test_an_attempt_that_makes_no_sense_is_refused_in_one_sentence(changes):
    with pytest.raises(ValueError, match=r"^an attempt needs [^\n]+$"):
        an_attempt(**changes)


# A database that cannot be used ---------------------------------------------------------------------------------


def overwrite_the_middle(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = os.urandom(2000)
    path.write_bytes(data)


DAMAGES = {
    "other bytes": lambda path: path.write_bytes(os.urandom(9000)),
    "text": lambda path: path.write_text("this is no database\n" * 50),
    "cut in half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "first page gone": lambda path: path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:]),
    "middle overwritten": overwrite_the_middle,
    "table dropped": lambda path: sqlite3.connect(path).execute("DROP TABLE attempts").connection.close(),
    "cut to 700 bytes": lambda path: path.write_bytes(path.read_bytes()[:700]),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_database_is_set_aside_whole_and_a_fresh_one_begun(damage, path):
    filled(path)
    damage(path)
    broken = path.read_bytes()
    store, attempt = Store(path), an_attempt()
    assert store.record(attempt) and store.attempts() == [attempt] == Store(path).attempts()
    (aside,) = path.parent.glob("progress.sqlite.damaged-*")
    assert aside.read_bytes() == broken
    assert aside.name in store.notice and "\n" not in store.notice
    assert Store(path).notice is None


def test_a_database_damaged_while_the_kernel_runs_loses_nothing_this_kernel_wrote(path):
    store = filled(path, count=12)
    path.write_bytes(b"damaged" * 1000)
    assert store.record(an_attempt())
    assert len(Store(path).attempts()) == 13


def test_two_databases_damaged_on_one_day_are_both_kept(path):
    for _ in range(2):
        path.write_bytes(b"damaged" * 1000)
        assert Store(path).record(an_attempt())
    assert len(list(path.parent.glob("*.damaged-*"))) == 2 and len(Store(path).attempts()) == 1


def test_one_row_that_makes_no_sense_does_not_hide_the_others(path):
    filled(path, count=3)
    with closing(sqlite3.connect(path)) as db:
        db.execute(
            "INSERT INTO attempts SELECT 'x', item, revision, seed, kind, CAST(x'ff' AS TEXT), outcome, mistakes, "
            "hints, solution_seen, seconds, sure, source, at, version, lesson, context, about FROM attempts LIMIT 1"
        )
        db.commit()
    store = Store(path)
    assert len(store.attempts()) == 3 and store.notice is None


def assert_it_goes_on_in_memory(store, *words):
    attempt = an_attempt()
    assert not store.record(attempt)
    assert attempt in store.attempts()
    assert "CONVLAB_DB" in store.notice and "memory" in store.notice and "\n" not in store.notice
    assert all(word in store.notice for word in words)


def test_below_a_file_in_proc_and_at_a_folder_it_goes_on_in_memory(tmp_path):
    (tmp_path / "file").write_text("")
    places = [tmp_path / "file" / "progress.sqlite", tmp_path]
    if sys.platform == "linux":
        places.append("/proc/convlab/progress.sqlite")
    for place in places:
        assert_it_goes_on_in_memory(Store(place))


def test_another_programs_database_and_a_newer_ones_are_left_alone(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE songs (name)")
    before = path.read_bytes()
    assert_it_goes_on_in_memory(Store(path), "another program")
    assert path.read_bytes() == before
    path.unlink()
    filled(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    assert_it_goes_on_in_memory(Store(path), "newer")


@pytest.mark.slow
def test_a_locked_database_is_said_and_written_when_the_lock_goes(path):
    store = filled(path, count=1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert_it_goes_on_in_memory(store, "locked")
        other.execute("ROLLBACK")
    assert len(store.attempts()) == 2 == len(Store(path).attempts())


# Migrations -----------------------------------------------------------------------------------------------------


def an_older_database(path, version):
    """A database as the program of that version made it, with one attempt where it had a table for it."""
    with closing(sqlite3.connect(path)) as db:
        for statements in MIGRATIONS[:version]:
            for statement in statements:
                db.execute(statement)
        if version:
            db.execute(f"PRAGMA application_id = {0x636F6E76}")
            columns = {name: "" for _, name, *_ in db.execute("PRAGMA table_info(attempts)")}
            columns |= {
                "id": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
                "item": "02.value",
                "outcome": "wrong",
                "seed": 3,
            }
            columns |= {"answer": "5", "hints": 0, "solution_seen": 0, "revision": 1, "seconds": None, "sure": None}
            columns |= {"at": "2026-05-01T10:00:00+00:00", "mistakes": "M61,M62", "source": "code"}
            names, marks = ", ".join(columns), ", ".join("?" * len(columns))
            db.execute(f"INSERT INTO attempts ({names}) VALUES ({marks})", tuple(columns.values()))
        db.execute(f"PRAGMA user_version = {version}")
        db.commit()


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
def test_a_database_of_every_older_version_is_brought_to_this_one_with_all_that_it_holds(version, path):
    an_older_database(path, version)
    store = Store(path)
    old = [(it.item, it.response, it.mistakes, it.about) for it in store.attempts()]
    assert old == [("02.value", 5, ("M61", "M62"), "")] * (version > 0)
    about = an_attempt(about='{"spec": {"in_channels": 3}}')
    assert store.record(about) and Store(path).attempts()[-1] == about and store.notice is None
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute("UPDATE attempts SET outcome = 'right'")


def test_an_export_of_the_first_format_is_still_read(tmp_path, path):
    rows = [{**asdict(an_attempt()), "at": "2026-05-01T11:30:00+02:00"}]
    del rows[0]["about"]
    data = {"format": "convlab-progress", "format_version": 1, "attempts": rows}
    (tmp_path / "old.json").write_text(json.dumps(data))
    assert Store(path).restore(tmp_path / "old.json") == 1
    (got,) = Store(path).attempts()
    assert (got.id, got.about, got.at) == (rows[0]["id"], "", "2026-05-01T09:30:00.000000+00:00")


# Export, restore, erase -----------------------------------------------------------------------------------------


def test_from_binder_to_the_laptop_and_back_nothing_is_lost_or_doubled(tmp_path):
    binder, laptop = filled(tmp_path / "a.sqlite", 5), filled(tmp_path / "b.sqlite", 3)
    assert binder.export(tmp_path / "a.json") == 5
    assert laptop.restore(tmp_path / "a.json") == 5 and laptop.restore(tmp_path / "a.json") == 0
    assert laptop.export(tmp_path / "b.json") == 8 and binder.restore(tmp_path / "b.json") == 3
    ids = [{it.id for it in store.attempts()} for store in (binder, laptop)]
    assert ids[0] == ids[1] and len(binder.attempts()) == len(laptop.attempts()) == 8
    assert [it.source for it in binder.attempts()].count("import") == 3
    assert list(tmp_path.glob("*.part")) == []


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", '{"format": "other"}', '{"format": "convlab-progress", "format_version": 3, "attempts": []}',
     '{"format": "convlab-progress", "format_version": 1, "attempts": [{"item": "02.value"}]}',
     '{"format": "convlab-progress", "format_version": 1}', "[" * 100_000],
)  # fmt: skip
def test_a_file_that_is_no_export_is_refused_in_one_sentence_and_nothing_is_taken(text, tmp_path, path):
    (tmp_path / "progress.json").write_text(text)
    store = Store(path)
    with pytest.raises(ValueError, match=r"^expected a file written by progress\(\)\.export\(path\); [^\n]+$"):
        store.restore(tmp_path / "progress.json")
    with pytest.raises(ValueError, match="cannot be read"):
        store.restore(tmp_path / "missing.json")
    assert store.attempts() == []


def test_an_export_that_cannot_be_written_says_so(tmp_path, path):
    with pytest.raises(OSError, match="give another path"):
        filled(path).export(tmp_path / "missing" / "progress.json")


def test_erasing_leaves_no_trace_in_the_file(path):
    store = Store(path)
    store.record(an_attempt(answer=raw("a secret answer")))
    assert b"a secret answer" in path.read_bytes()
    assert store.erase() == 1 and store.attempts() == [] == Store(path).attempts()
    assert b"a secret answer" not in path.read_bytes()
    assert store.record(an_attempt())


def test_the_store_of_a_process_follows_CONVLAB_DB(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "one.sqlite"))
    one = current()
    assert one is current() and one.path.name == "one.sqlite"
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "two.sqlite"))
    assert current().path.name == "two.sqlite"
