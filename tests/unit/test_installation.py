"""What is asked for, what of it is there, and how the rest is installed."""

import errno
import os
import sys
import threading

import pytest

from convlab.bootstrap import environment, lock
from convlab.bootstrap.clone import Clone, met
from tests.unit.clones import DEBIAN, PROJECT, ROOT, UBUNTU, installed, stop_of


def test_an_extra_brings_the_extras_it_names(clone):
    assert clone.wanted("course") == ["numpy>=1.26", "torch==2.13.0"]
    assert set(clone.wanted("test")) >= {"numpy>=1.26", "torch==2.13.0", "pytest>=8"}


def test_every_requirement_of_this_project_can_be_compared(tmp_path):
    assert not any(met(text, [str(tmp_path)]) for text in Clone(ROOT).wanted("test") if ";" not in text)


@pytest.mark.parametrize(
    ("version", "requirement", "expected"),
    [
        ("2.13.0+cpu", "torch==2.13.0", True),
        ("2.12.1", "torch==2.13.0", False),
        ("8.1", "torch>=8.1,<9", True),
        ("8.1.0", "torch>=8.1.0.0,<9", True),
        ("9.0", "torch>=8.1,<9", False),
        ("10.2", "torch>=9.9", True),
    ],
)
def test_versions_are_compared_as_numbers(tmp_path, version, requirement, expected):
    installed(tmp_path, "torch", version)
    assert met(requirement, [str(tmp_path)]) is expected


def test_what_is_missing_is_named_the_package_of_another_clone_included(clone, tmp_path):
    site = tmp_path / "site"
    installed(site, "numpy", "2.1.0")
    installed(site, "convlab", "0.1.0", origin=tmp_path / "another")
    assert clone.missing("course", [site]) == ["torch==2.13.0", "convlab"]
    installed(site, "torch", "2.13.0+cpu")
    installed(tmp_path / "mine", "convlab", "0.1.0", origin=tmp_path)
    assert clone.missing("course", [tmp_path / "mine", site]) == []


def test_the_fingerprint_changes_with_what_is_asked_for_and_with_the_folder(clone, tmp_path):
    before = clone.asked("course")
    (tmp_path / "pyproject.toml").write_text(PROJECT + "\n[tool.ruff]\nline-length = 120\n")
    assert clone.asked("course") == before
    (tmp_path / "pyproject.toml").write_text(PROJECT.replace("2.13.0", "2.14.0"))
    assert clone.asked("course") != before


def test_a_finished_installation_is_not_done_again(clone, monkeypatch):
    monkeypatch.setattr(environment, "install", lambda *arguments: pytest.fail("it installs again"))
    environment._note(clone, "test", "cpu")
    assert environment.python_with(clone, "course") == clone.python
    assert environment.python_with(clone, "test") == clone.python
    monkeypatch.setattr(environment, "install", lambda clone, extra, cuda: None if cuda else pytest.fail("not CUDA"))
    assert environment.python_with(clone, "course", cuda=True) == clone.python


def test_an_interrupted_or_outdated_installation_is_done_again(clone, monkeypatch):
    asked = []
    monkeypatch.setattr(environment, "install", lambda clone, extra, cuda: asked.append(extra))
    environment.python_with(clone, "course")
    environment._note(clone, "course", "cpu")
    (clone.root / "pyproject.toml").write_text(PROJECT.replace("2.13.0", "2.14.0"))
    environment.python_with(clone, "course")
    assert asked == ["course", "course"]


@pytest.fixture
def pip(clone, monkeypatch):
    """Records what would be run in place of running it."""
    run = []
    monkeypatch.setattr(environment, "make_venv", lambda clone: run.append("venv"))
    monkeypatch.setattr(environment, "_step", lambda clone, what, command, needed=True: run.append(command[2:]))
    return run


def test_linux_gets_the_cpu_build_from_pytorchs_own_index_where_it_answers(clone, pip, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(environment, "can_reach", lambda address: True)
    environment.install(clone, "course", cuda=False)
    assert pip[0] == "venv"
    assert pip[1][-3:] == ["--index-url", environment.TORCH_CPU_INDEX, "torch==2.13.0"]
    assert pip[2][-2:] == ["-r", "requirements.txt"]
    assert pip[3][0] == "compileall" and all("--no-compile" in command for command in pip[1:3])
    assert environment.is_ready(clone, "course", cuda=False)


def test_the_plain_build_is_taken_where_that_index_does_not_answer(clone, pip, monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(environment, "can_reach", lambda address: False)
    environment.install(clone, "test", cuda=False)
    assert [command[-2:] for command in pip[1:]] == [["-e", ".[test]"], ["0", None]]
    assert "cannot be reached" in capsys.readouterr().out


def test_cuda_asks_no_cpu_index_and_removes_a_build_that_is_there(clone, pip, monkeypatch, tmp_path):
    site = tmp_path / "site"
    installed(site, "torch", "2.13.0+cpu")
    monkeypatch.setattr(Clone, "site", lambda clone: site)
    monkeypatch.setattr(environment, "can_reach", lambda address: pytest.fail("it asks"))
    environment.install(clone, "course", cuda=True)
    assert [command[:2] for command in pip[:-1]] == [["pip", "uninstall"], ["pip", "install"]]
    assert environment.is_ready(clone, "course", cuda=True)


def test_a_full_disk_is_told_before_anything_is_written(clone, monkeypatch):
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 3e8}))
    assert stop_of(environment.install, clone, "course", False) == (
        "The course needs about 2 GB on this disk, and 0.3 GB are free: free some and start again."
    )


@pytest.mark.parametrize(
    ("number", "sentence"), [(errno.EROFS, "cannot be written to"), (errno.EACCES, "cannot be written to"),
                             (errno.EIO, "because of the disk")],
)  # fmt: skip
def test_a_disk_that_refuses_is_told_in_a_sentence(clone, monkeypatch, number, sentence):
    def refuse(*arguments):
        raise OSError(number, os.strerror(number), str(clone.venv))

    monkeypatch.setattr(environment, "install", refuse)
    assert sentence in stop_of(environment.python_with, clone, "course")


@pytest.mark.parametrize("release", [DEBIAN, UBUNTU, 'ID=linuxmint\nID_LIKE="ubuntu debian"\n'])
def test_debian_is_told_the_package_with_venv(release):
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    assert f"sudo apt-get install {package} " in environment.venv_advice(release)


def test_other_systems_are_not_told_to_use_apt():
    assert "apt" not in environment.venv_advice("ID=fedora\n") + environment.venv_advice("")


def test_a_python_without_ensurepip_stops_with_that_sentence(clone, monkeypatch):
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)
    monkeypatch.setattr(environment, "os_release", lambda: DEBIAN)
    assert "-venv " in stop_of(environment.make_venv, clone)


def test_a_broken_environment_is_cleared_but_for_the_lock_and_the_log(clone, monkeypatch):
    for name in ("install.lock", "install.log", "pyvenv.cfg"):
        (clone.venv / name).touch()
    monkeypatch.setattr(environment, "_step", lambda *arguments: None)
    environment.make_venv(clone)
    assert sorted(path.name for path in clone.venv.iterdir()) == ["install.lock", "install.log"]


@pytest.mark.parametrize(
    ("said", "advised"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("Failed to establish a new connection: NewConnectionError('...')", "check the network"),
        ("ERROR: Could not find a version for setuptools>=69 (from versions: none)", "check the network"),
        ("(from versions: none) ERROR: No matching distribution found for torch==2.13.0", "another Python"),
        ("error: something else", "install.log"),
    ],
)
def test_a_failed_installation_says_what_to_do(clone, said, advised):
    assert advised in environment.advice(["Collecting torch", said], clone)


def test_a_failing_step_shows_its_last_lines_and_keeps_the_log(clone, capsys):
    code = "for number in range(40): print('line', number)\nraise SystemExit(3)"
    said = stop_of(environment._step, clone, "Installing", [sys.executable, "-c", code])
    assert "    line 39" in said and "line 20" not in said
    assert clone.log.read_text().splitlines()[0] == "line 0"
    assert capsys.readouterr().out == "Installing ...\nInstalling: failed\n"


def test_a_step_that_may_fail_does_not_stop(clone, capsys):
    environment._step(clone, "Trying", [sys.executable, "-c", "raise SystemExit(1)"], needed=False)
    assert capsys.readouterr().out.splitlines()[-1] == "Trying: done"


def test_variables_that_send_packages_elsewhere_are_left_out_and_the_others_kept(monkeypatch):
    monkeypatch.setenv("PIP_TARGET", "elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://example.org/simple")
    assert "PIP_TARGET" not in environment._environment()
    assert environment._environment()["PIP_INDEX_URL"] == "https://example.org/simple"


def test_two_starts_take_turns(tmp_path):
    path, order, waits = tmp_path / "lock", [], threading.Event()

    def second():
        with lock.held(path, waits.set):
            order.append("second")

    with lock.held(path, lambda: order.append("waited")):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
