"""The tests' own machinery: the browser and Node they need, and the stages they run in."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from convlab.bootstrap import commands, environment, suite, terminal, tools
from tests.quick import left_out
from tests.unit.clones import DEBIAN, ROOT, UBUNTU, program, stop_of


def test_a_browser_named_by_chrome_must_start(clone, monkeypatch, tmp_path):
    monkeypatch.setenv("CHROME", str(tmp_path / "none"))
    assert "set it to a Chrome or Chromium, or unset it" in stop_of(tools.browser, clone, sys.executable)


@pytest.mark.skipif(os.name == "nt", reason="the programs are shell scripts")
def test_a_stub_that_only_names_a_package_is_no_browser(tmp_path):
    assert tools.works(program(tmp_path / "good", "echo Chromium 150.0"))
    assert not tools.works(program(tmp_path / "stub", "echo 'install the snap' >&2; exit 1"))
    assert not tools.works(tmp_path / "none")


@pytest.mark.skipif(os.name == "nt", reason="the programs are shell scripts")
def test_a_browser_is_installed_when_there_is_none(clone, tmp_path, monkeypatch):
    monkeypatch.delenv("CHROME", raising=False)
    found = iter([None, None, "/opt/chromium"])
    steps = [("First", ["there-is-no-such-program"]), ("Second", [sys.executable, "-c", ""]), ("Third", [])]
    monkeypatch.setattr(tools, "find_browser", lambda python: next(found))
    monkeypatch.setattr(tools, "browser_installers", lambda *arguments: steps)
    assert tools.browser(clone, "python") == "/opt/chromium"


@pytest.mark.skipif(os.name == "nt", reason="the programs are shell scripts")
def test_without_any_browser_it_says_what_to_install(clone, monkeypatch):
    monkeypatch.delenv("CHROME", raising=False)
    monkeypatch.setattr(tools, "find_browser", lambda python: None)
    monkeypatch.setattr(tools, "browser_installers", lambda *arguments: [("First", ["there-is-no-such-program"])])
    monkeypatch.setattr(tools, "os_release", lambda: DEBIAN)
    assert "sudo apt-get install chromium" in stop_of(tools.browser, clone, "python")


def test_apt_is_used_on_debian_by_who_may_and_playwright_elsewhere():
    assert [command[-1] for _, command in tools.browser_installers(DEBIAN, [], "python")][1:] == ["chromium"] * 2
    assert tools.browser_installers(DEBIAN, ["sudo", "-n"], "python")[0][1][:2] == ["sudo", "-n"]
    for release, administrator in ((DEBIAN, None), (UBUNTU, []), ("", None)):
        [(_, command)] = tools.browser_installers(release, administrator, "python")
        assert command == ["python", "-m", "playwright", "install", "chromium"]


def test_the_usual_places_of_each_system_are_known():
    assert "/Applications/Chromium.app/Contents/MacOS/Chromium" in tools.usual_places("darwin", {"HOME": "/Users/me"})
    assert all(place.endswith("chrome.exe") for place in tools.usual_places("win32", {"LOCALAPPDATA": "C:/x"}))


@pytest.mark.skipif(os.name == "nt", reason="the programs are shell scripts")
def test_a_node_that_is_too_old_or_has_no_npm_is_passed_over(clone, tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    program(folder / "node", "echo v18.19.0")
    program(folder / "npm", "true")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(tools, "_packaged_node", lambda python: (Path("wheel/node"), Path("wheel/npm-cli.js")))
    assert tools.node(clone, "python") == (["wheel/node"], ["wheel/node", str(Path("wheel/npm-cli.js"))])
    program(folder / "node", "echo v20.1.0")
    assert tools.node(clone, "python") == ([str(folder / "node")], [str(folder / "npm")])
    (folder / "npm").unlink()
    assert tools.node(clone, "python")[0] == ["wheel/node"]


@pytest.mark.skipif(os.name == "nt", reason="the programs are shell scripts")
def test_the_javascript_packages_are_installed_once_and_again_when_the_lock_file_changes(clone, tmp_path):
    (clone.root / "package-lock.json").write_text("{}")
    npm = [program(tmp_path / "npm", "mkdir -p node_modules; echo run >> node_modules/count")]
    for text in ("{}", "{}", '{"lockfileVersion": 3}'):
        (clone.root / "package-lock.json").write_text(text)
        tools.node_packages(clone, [sys.executable], npm)
    assert (clone.root / "node_modules" / "count").read_text() == "run\nrun\n"


@pytest.mark.skipif(os.name == "nt", reason="the programs are shell scripts")
def test_a_failing_npm_stops_and_is_tried_again(clone, tmp_path):
    (clone.root / "package-lock.json").write_text("{}")
    npm = [program(tmp_path / "npm", "echo no network; exit 1")]
    for _ in range(2):
        assert "no network\nnpm could not install" in stop_of(tools.node_packages, clone, [sys.executable], npm)


@pytest.fixture
def staged(clone):
    """Runs stages of a test file each: staged({"good": text})."""

    def run(files, beside=()):
        for name, text in files.items():
            (clone.root / f"test_{name}.py").write_text(text)
        arguments = ("-q", "-p", "no:cacheprovider")
        stages = [suite.Stage(name, (f"test_{name}.py", *arguments), False, beside=name in beside) for name in files]
        variables = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # which take seconds to load
        return suite.run(clone, sys.executable, stages, variables)

    return run


def test_stages_that_pass_say_so_in_a_line_each(staged, capsys):
    assert staged({"one": "def test(): pass", "two": "def test(): pass\ndef test_more(): pass"})
    lines = capsys.readouterr().out.splitlines()
    assert [re.sub(r" [\d.]+ s ", " ", line).split() for line in lines if ": " in line[:12]] == [
        ["one", ":", "passed", "1", "passed"],
        ["two", ":", "passed", "2", "passed"],
    ]
    assert lines[-1].startswith("All 2 stages passed: 3 tests in ")


def test_a_failing_stage_shows_what_was_said_and_the_others_still_run(staged, capsys):
    assert not staged({"bad": "def test(): assert 1 == 2, 'the reason'", "good": "def test(): pass"})
    printed = capsys.readouterr().out
    assert "the reason" in printed
    assert printed.splitlines()[-1].startswith("1 of 2 stages FAILED: bad. 1 tests passed in ")


def test_a_stage_beside_another_has_begun_before_that_one_ends(staged, capsys, tmp_path):
    """Each waits for the other: one after the other they would both fail."""
    meeting = (
        "import pathlib, threading\n"
        "def test():\n"
        "    folder = pathlib.Path({folder!r})\n"
        "    (folder / {mine!r}).touch()\n"
        "    assert any((folder / {other!r}).exists() or threading.Event().wait(0.02) for _ in range(500))\n"
    )
    files = {
        mine: meeting.format(folder=str(tmp_path), mine=mine, other=other)
        for mine, other in (("first", "second"), ("second", "first"))
    }
    assert staged(files, beside=["second"])
    assert "1 passed  beside the last" in capsys.readouterr().out


@pytest.mark.slow
def test_a_test_that_hangs_ends_and_shows_where(tmp_path):
    """As pyproject.toml says it, but after a second."""
    (tmp_path / "test_hanging.py").write_text("import threading\n\ndef test():\n    threading.Event().wait(600)\n")
    settings = ("-c", str(ROOT / "pyproject.toml"), "-o", "timeout=1", "-p", "no:cacheprovider", "-s")
    command = [sys.executable, "-m", "pytest", *settings, "-p", "pytest_timeout", str(tmp_path / "test_hanging.py")]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("PYTEST_TIMEOUT", None)  # with --full it stands above what pyproject.toml says
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode != 0 and 'test_hanging.py", line 4, in test' in said, said


def test_a_stage_without_tests_fails(staged):
    assert not staged({"empty": "import pytest\n@pytest.mark.skip\ndef test(): pass"})


def test_what_is_shared_is_shared_by_the_cores_but_by_no_more_than_there_is_memory_for(monkeypatch):
    def workers(**how):
        words = suite.Stage("any", ("tests",), **how).command("py")[4:]
        assert words[2:] == ["--dist", "worksteal"] * bool(words)
        return words[1:2]

    for cores, working, waiting in ((1, [], ["2"]), (2, ["2"], ["3"]), (64, ["3"], ["3"])):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert workers() == working
        assert workers(waiting=True) == waiting
        assert workers(shared=False) == []


def test_quick_needs_no_browser_and_pytest_arguments_run_alone():
    assert "browser" not in [stage.name for stage in suite.stages(True, [])]
    assert [stage.name for stage in suite.stages(False, [])][-2:] == ["classroom", "browser"]
    assert [stage.arguments for stage in suite.stages(True, ["-x"])] == [("-x",)]


def test_every_stage_has_its_folder_and_no_folder_of_tests_is_left_out():
    named = {argument for stage in suite.STAGES for argument in stage.arguments}
    there = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")}
    assert there <= named and all((ROOT / name).is_dir() for name in named - set(suite.BARE))


def test_the_tests_use_a_database_of_their_own(clone, monkeypatch):
    seen = {}
    monkeypatch.setattr(environment, "python_with", lambda *arguments: Path(sys.executable))
    mine = {"CONVLAB_DB": "mine", "PYTHONDONTWRITEBYTECODE": "1"}
    monkeypatch.setattr(commands, "test_variables", lambda *arguments, **keywords: dict(mine))
    monkeypatch.setattr(suite, "run", lambda clone, python, chosen, variables: seen.update(variables) or True)
    assert commands.test(clone, ["--full"], cuda=False) == 0
    assert seen["CONVLAB_DB"] != "mine" and seen["CONVLAB_FULL"] == "1" and "CONVLAB_QUICK" not in seen
    assert "PYTHONDONTWRITEBYTECODE" not in seen
    assert seen.pop("PYTEST_TIMEOUT") == "7200"  # a whole figure takes longer than a sample
    assert commands.test(clone, ["--quick"], cuda=False) == 0
    assert seen["CONVLAB_QUICK"] == "1" and "PYTEST_TIMEOUT" not in seen and seen["OMP_WAIT_POLICY"] == "PASSIVE"
    assert "choose one" in stop_of(commands.test, clone, ["--full", "--quick"], False)


@pytest.mark.slow
def test_a_process_that_leaves_a_child_behind_does_not_hold_us_up(tmp_path):
    code = (
        "import subprocess, sys\n"
        "waiting = 'import threading; threading.Event().wait(60)'\n"
        "print(subprocess.Popen([sys.executable, '-c', waiting]).pid, flush=True)"
    )
    status, lines, line = terminal.run([sys.executable, "-c", code], "Trying", tmp_path / "log")
    os.kill(int(lines[0]), signal.SIGTERM)
    line.end("done")
    assert status == 0 and len(lines) == 1


def test_a_quick_run_keeps_every_test_and_of_many_cases_a_few():
    few = [f"a.py::test_few[{number}]" for number in range(4)]
    many = [f"a.py::test_many[x[{number}]]" for number in range(30)]
    assert left_out(["a.py::test_one", *few, *many]) == set(many) - set(many[::24])
