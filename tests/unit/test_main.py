"""The command line: what each word does, and how JupyterLab is started."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from convlab import __main__ as command_line
from convlab.bootstrap import Stop, commands, environment, jupyter
from convlab.bootstrap.clone import this_clone
from tests.unit.clones import ROOT, stop_of


def test_an_old_python_is_told_so(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert command_line.main([]) == 1
    assert "needs Python 3.11 or later, and this is 3.9" in capsys.readouterr().out


def test_an_unknown_word_gets_one_sentence(capsys):
    assert command_line.main(["tset"]) == 1
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize("line", ["--help", "-h", "test --help", "workshop -h", "--no-browser --help"])
def test_help_names_every_word_and_starts_nothing(line, capsys, monkeypatch):
    monkeypatch.setattr(commands.environment, "python_with", lambda *asked: pytest.fail("it installs"))
    assert command_line.main(line.split()) == 0
    printed = capsys.readouterr().out
    assert all(f"python3 -m convlab {word}" in printed for word in command_line.WORDS)


def test_a_stop_is_a_sentence_and_a_key_press_is_no_trace(monkeypatch, capsys):
    for error, status in ((Stop("Do this."), 1), (KeyboardInterrupt(), 130)):
        monkeypatch.setattr(commands, "run", lambda *arguments, error=error: (_ for _ in ()).throw(error))
        assert command_line.main([]) == status
    assert capsys.readouterr().out.startswith("Do this.\n")


def test_options_go_on_to_jupyterlab_and_cuda_does_not(monkeypatch, clone):
    seen = {}
    monkeypatch.setattr(commands, "this_clone", lambda: clone)
    monkeypatch.setattr(environment, "python_with", lambda clone, extra, cuda: seen.update(cuda=cuda) or clone.python)
    monkeypatch.setattr(jupyter, "start", lambda clone, python, arguments: seen.update(arguments=arguments) or 0)
    assert command_line.main(["--no-browser", "--cuda", "--port", "9001"]) == 0
    assert seen == {"cuda": True, "arguments": ["--no-browser", "--port", "9001"]}


def test_the_first_lesson_is_00_as_soon_as_it_is_there(clone):
    assert jupyter.first_lesson(clone) == "02-convolution-by-hand.ipynb"
    (clone.root / "notebooks" / "00-start.ipynb").touch()
    assert jupyter.first_lesson(clone) == "00-start.ipynb"


def test_a_clone_without_lessons_says_how_to_get_them_back(clone):
    (clone.root / "notebooks" / "02-convolution-by-hand.ipynb").unlink()
    assert "git checkout -- notebooks" in stop_of(jupyter.first_lesson, clone)


def test_jupyterlab_starts_in_the_clone_with_the_learners_options_last(clone):
    line = jupyter.command(clone, clone.python, ["--port=9001"])
    assert line[:3] == [str(clone.python), "-m", "jupyterlab"]
    assert "--LabApp.default_url=/lab/tree/notebooks/02-convolution-by-hand.ipynb" in line
    assert line[-1] == "--port=9001"


def test_the_terminal_shows_the_address_and_little_else(clone, monkeypatch, tmp_path):
    quiet = {"--ServerApp.log_level=WARN", "--LabApp.log_level=WARN"}
    monkeypatch.delenv("JUPYTER_TOKEN", raising=False)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    assert quiet <= set(jupyter.command(clone, clone.python, []))
    assert not quiet & set(jupyter.command(clone, clone.python, ["--IdentityProvider.token=mine"]))
    (tmp_path / "jupyter_server_config.json").touch()  # a password perhaps: the address is among the many lines alone
    assert not quiet & set(jupyter.command(clone, clone.python, []))
    (tmp_path / "jupyter_server_config.json").unlink()
    monkeypatch.setenv("JUPYTER_TOKEN", "mine")
    assert not quiet & set(jupyter.command(clone, clone.python, []))


def test_jupyterlab_gets_our_settings_before_the_learners(clone, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "theirs")
    variables = jupyter.environment(clone, clone.python)
    assert variables["JUPYTER_CONFIG_PATH"].split(os.pathsep) == [str(clone.root / "binder"), "theirs"]
    assert variables["PATH"].startswith(str(clone.scripts))
    assert variables["VIRTUAL_ENV"] == str(clone.venv)


def test_an_environment_of_the_learners_own_is_left_as_it_is(clone, monkeypatch):
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    variables = jupyter.environment(clone, Path(sys.executable))
    assert "VIRTUAL_ENV" not in variables and variables["PATH"] == os.environ["PATH"]
    jupyter.keep_node_quiet(clone, clone.root.parent / "mine" / "bin" / "python")
    assert not (clone.root.parent / "mine").exists()


def test_node_takes_jupyterlabs_scripts_for_none_of_ours(clone):
    jupyter.keep_node_quiet(clone, clone.python)
    assert json.loads((clone.venv / "package.json").read_text()) == {"type": "commonjs"}


def test_the_clone_is_the_one_this_file_lies_in():
    assert this_clone().root == ROOT


def test_progress_before_the_installation_says_how_to_start(clone, monkeypatch):
    monkeypatch.setattr(environment, "python_if_ready", lambda clone, extra: None)
    assert "python3 -m convlab" in stop_of(commands.progress, clone, [], False)


def test_an_unknown_benchmark_gets_the_names_there_are(clone):
    (clone.root / "benchmarks").mkdir()
    (clone.root / "benchmarks" / "widgets.py").touch()
    (clone.root / "benchmarks" / "__init__.py").touch()
    assert stop_of(commands.bench, clone, ["widgest"], False).endswith("there are: widgets.")


def test_ci_runs_the_readmes_command_and_nothing_else():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith(("#", "set ", "cd "))] == ["python3 -m convlab test"]


def test_it_runs_on_a_bare_python():
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
         "from convlab.__main__ import main; sys.exit(main(['--help']))"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0 and "python3 -m convlab test" in done.stdout
