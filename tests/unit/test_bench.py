"""The frame of the benchmarks: a bound that is not kept is said and is the exit status; every row is in the picture."""

import re
from argparse import Namespace
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import _frame, _machine, _picture, _readme, exercises, notebooks, questions
from benchmarks._frame import FREE, KEPT, MISSED, TABLE, Figures, Row

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def row(part="hand", what="a key", samples=(3.0, 4.0, 5.0), **fields):
    return Row(part, what, Figures.of(samples), **fields)


def beside(faster=None, ours=(10.0,), theirs=(100.0,), **fields):
    return row("start", "a cell", ours, rival="interact", theirs=Figures.of(theirs), faster=faster, **fields)


def one_of_each():
    """A row for each part of the table, each kept, in no order; some with a rival, in several units."""
    units = {"course": "s", "memory": "MiB", "size": "kB"}
    rows = [row(part, f"the {part} row", most={"p95": 50}, unit=units.get(part, "ms")) for part in TABLE]
    return [*reversed(rows), beside(10), row("hand", "free")]


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (row(), FREE),
        (row(most={"p95": 4.91}), KEPT),
        (row(most={"p95": 4.89}), MISSED),
        (row(most={"median": 4, "longest": 5}), KEPT),
        (row(most={"median": 4, "longest": 4.9}), MISSED),
        (row(most={"median": 9}, fault="PyTorch was loaded."), MISSED),
        (beside(), FREE),
        (beside(10), KEPT),
        (beside(10.1), MISSED),
        (beside(1 / 3, ours=(29.0,), theirs=(10.0,)), KEPT),
        (beside(1 / 3, ours=(31.0,), theirs=(10.0,)), MISSED),
        (beside(2, ours=(1.0, 9.0), theirs=(3.0, 9.0)), MISSED),
        (beside(2, ours=(1.0, 9.0), theirs=(3.0, 9.0), by="best"), KEPT),
        (beside(2, most={"median": 9}), MISSED),
    ],
)
def test_a_bound_is_kept_or_missed(found, verdict):
    assert found.verdict == verdict


def test_the_figures_are_those_of_numpy():
    import numpy as np

    samples = np.random.default_rng(0).gamma(2.0, size=57)
    found = Figures.of(samples)
    assert np.allclose([found.low, found.median, found.high, found.p95], np.percentile(samples, [25, 50, 75, 95]))
    assert (found.count, found.best, found.longest) == (57, samples.min(), samples.max())
    assert Figures.of([7.0]) == Figures(1, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0)


@pytest.mark.parametrize(("most", "status"), [(5, 0), (4, 1)])
def test_a_missed_bound_is_printed_and_is_the_exit_status(most, status, capsys):
    def measure(options):
        yield row(what="first", most={"longest": 9})
        yield row("check", "second", most={"longest": most}, note="a note")

    assert _frame.report(measure, "", []) == status
    out = capsys.readouterr().out
    assert TABLE["hand"] in out and TABLE["check"] in out and "a note" in out
    assert out.count(MISSED) == status
    assert out.splitlines()[-1] == (
        "Rows over their bounds, 1 of 2: second." if status else "2 rows, every bound is kept."
    )


def test_the_options_reach_the_benchmark_and_its_rows_reach_the_command(tmp_path):
    seen = []

    def measure(options):
        seen.append((options.quick, options.only))
        yield beside(10, note="half of it")

    file = tmp_path / "rows.json"
    assert _frame.report(measure, "", ["--quick", "--only=a", f"--rows={file}"], only=("a", "b")) == 0
    assert seen == [(True, ["a"])]
    assert _frame.load(file.read_text()) == [beside(10, note="half of it")]


def test_what_was_measured_before_something_broke_is_kept(tmp_path):
    def measure(options):
        yield row()
        raise RuntimeError("the browser is gone")

    with pytest.raises(RuntimeError, match="browser"):
        _frame.report(measure, "", [f"--rows={tmp_path / 'rows.json'}"])
    assert _frame.load((tmp_path / "rows.json").read_text()) == [row()]


def test_the_text_has_every_row_under_its_part_in_the_tables_order():
    rows = one_of_each()
    lines = _frame.table(rows).splitlines()
    headings = [line for line in lines if line in TABLE.values()]
    assert headings == list(TABLE.values())
    assert all(sum(line.startswith(f"  {one.what} ") for line in lines) == 1 for one in rows)
    line = next(line for line in lines if line.startswith("  a cell "))
    assert re.sub(" +", " ", line).strip() == "a cell 1 10 ms interact 100 ms 10 x faster >= 10 x faster kept"


def test_the_picture_has_every_row_with_its_bound_and_its_rival(tmp_path):
    rows = [*one_of_each(), row("hand", "too slow", most={"p95": 1})]
    figure = _picture.draw(rows, tmp_path / "bench.png")
    assert (tmp_path / "bench.png").stat().st_size > 10_000
    labels = [label for axes in figure.axes for label in axes.get_yticklabels()]
    assert sorted(label.get_text() for label in labels if label.get_text() not in TABLE.values()) == sorted(
        one.what for one in rows
    )
    assert [label.get_text() for label in labels if label.get_color() == _picture.OVER] == ["too slow"]
    drawn = [line for axes in figure.axes for line in axes.get_lines()]
    dots = [line for line in drawn if line.get_marker() == "o"]
    assert sorted(line.get_xdata()[0] for line in dots) == sorted(one.figure for one in rows)
    assert [line.get_xdata()[0] for line in drawn if line.get_marker() == "s"] == [100.0]
    bounds = [
        line.get_xdata()[0] for line in drawn if line.get_color() == _picture.BOUND and line.get_marker() == "None"
    ]
    assert sorted(bounds) == [1.0, 10.0, *[50.0] * len(TABLE)]


def test_the_machine_is_described_without_a_name_or_a_path():
    import getpass
    import socket

    text = _machine.machine()
    assert re.search(r".+, \d+ cores, \d+ GiB; .+; Python 3\.\d+\.\d+, PyTorch \S+, NumPy \S+, JupyterLab \S+, ", text)
    names = {socket.gethostname(), getpass.getuser()} - {"", "localhost"}
    assert not any(re.search(rf"\b{re.escape(name)}\b", text) for name in names) and "/home" not in text


def test_the_readmes_block_is_read_as_it_was_written():
    rows = one_of_each()
    text = _readme.written(f"# Top\n{_readme.BEGIN}\nold\n{_readme.END}\nbelow", _readme.block(rows, "a machine"))
    assert text.startswith("# Top\n") and text.endswith("\nbelow") and "old" not in text and "a machine" in text
    lines = _readme.read(text)
    assert _readme.parts(lines) == list(TABLE)
    assert _readme.unkept(lines) == []
    assert next(one for one in lines if one.what.startswith(TABLE["start"])).rival == "interact 100 ms, 10 x faster"


def test_a_part_of_which_one_row_is_missed_says_so_in_the_readme():
    rows = [*one_of_each(), row("check", "slow", most={"median": 1}), row("check", "tight", most={"median": 4.1})]
    [line] = _readme.unkept(_readme.read(_readme.block(rows, "")))
    assert line.what == f"{TABLE['check']}: slow" and line.verdict == MISSED


def test_a_readme_without_the_block_is_refused():
    with pytest.raises(ValueError, match="no block"):
        _readme.read("# convlab")


def test_what_the_readme_publishes_is_whole_and_kept_and_has_its_picture():
    lines, published = _readme.read(README), _readme.published(README)
    assert _readme.parts(lines) == (list(TABLE) if published else [])
    assert _readme.unkept(lines) == []
    for file in (_readme.PICTURE, _readme.TEXT):
        assert (ROOT / file).exists() == (f"]({file})" in README) == published


@pytest.fixture
def ran(monkeypatch, tmp_path):
    """What the command starts; its processes leave the rows that a test puts into ``ran.rows``."""
    found = Namespace(commands=[], rows=one_of_each(), status=0)

    def started(line, cwd):
        found.commands.append(line[2:])
        file = next((text.split("=")[1] for text in line if text.startswith("--rows=")), None)
        if file:
            Path(file).write_text(_frame.dump(found.rows if "benchmarks.widgets" in line else []))
        return Namespace(wait=lambda: found.status)

    call = Namespace(Popen=started, call=lambda line, cwd: started(line, cwd).wait())
    monkeypatch.setattr(command, "subprocess", call)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "KEPT", tmp_path / "build")
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(f"# Top\n{_readme.BEGIN}\n{_readme.END}\n")
    return found


def test_without_a_name_every_benchmark_runs_and_the_picture_is_made(ran, tmp_path, capsys):
    assert command.main(["--quick"]) == 0
    assert [line[0] for line in ran.commands] == [f"benchmarks.{name}" for [name] in command.WHOLE]
    assert all(line[1] == "--quick" for line in ran.commands)
    assert (tmp_path / "build" / "bench.png").exists()
    assert f"{len(ran.rows)} rows, every bound is kept." in capsys.readouterr().out
    assert list((tmp_path / "docs").iterdir()) == []


def test_every_benchmark_of_the_table_is_there():
    names = [name for group in command.WHOLE for name in group]
    assert [name for group in command.QUICK for name in group] == names
    assert all((ROOT / "benchmarks" / f"{name}.py").exists() for name in names)


def test_a_benchmark_that_fails_or_a_part_without_a_row_is_the_exit_status(ran, capsys):
    ran.status = 1
    assert command.main([]) == 1
    ran.status, ran.rows = 0, one_of_each()[1:]
    assert command.main(["--save"]) == 1
    assert f"Without a row: {TABLE['size']}." in capsys.readouterr().out


def test_the_command_writes_the_readme_its_picture_and_its_text(ran, tmp_path):
    assert command.main(["--save"]) == 0
    assert _readme.parts(_readme.read((tmp_path / "README.md").read_text())) == list(TABLE)
    assert (tmp_path / _readme.PICTURE).exists()
    assert "every bound is kept" in (tmp_path / _readme.TEXT).read_text()


@pytest.mark.parametrize("line", [["--save", "--quick"], ["--fast"], ["widgets", "--save"]])
def test_a_command_line_that_makes_no_sense_is_refused(line, ran):
    assert command.main(line) == 2
    assert ran.commands == []


def test_a_named_benchmark_gets_the_options(ran):
    assert command.main(["widgets", "--only=far", "--quick"]) == 0
    assert ran.commands == [["benchmarks.widgets", "--only=far", "--quick"]]


def test_a_kind_of_question_is_bound_by_its_slowest_and_by_torch():
    times = {"one": [1.0, 9.0, 2.0], "two": [2.9, 2.8, 8.0]}
    assert questions.row("of a lesson", times, False).verdict == KEPT
    assert questions.row("of a lesson", times, False).note.endswith("two")
    assert questions.row("of a lesson", times, True).verdict == MISSED
    assert questions.row("of a lesson", {**times, "three": [3.1]}, False).verdict == MISSED


def test_an_exercise_that_never_ends_is_checked_with_less_patience():
    class Task:
        timeout_s = 9.5

    assert exercises.sooner(Task(), 8).timeout_s == 1.5 and Task.timeout_s == 9.5


def test_a_kernel_may_hold_more_than_a_bare_one_by_its_bound():
    assert notebooks.memory_row("02", 360, 240, 120).verdict == KEPT
    assert notebooks.memory_row("02", 361, 240, 120).verdict == MISSED
