"""Binder builds what the course needs: checked on the recipe that repo2docker makes of this repository."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from convlab.server import CourseFiles

ROOT = Path(__file__).resolve().parents[2]
BINDER = ROOT / "binder"
REPO2DOCKER = Path(sys.executable).parent / "jupyter-repo2docker"
NOTIFICATION = "@jupyterlab/apputils-extension:notification"
COPIED = ("binder", "convlab/__init__.py", "pyproject.toml", "requirements.txt")


def recipe(folder):
    """The lines of the Dockerfile that repo2docker would build from a folder."""
    command = [REPO2DOCKER, "--no-build", "--debug", "--user-id", "1000", "--user-name", "jovyan", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return (done.stdout + done.stderr).splitlines()


def problems_of(lines):
    """What the recipe lacks, a sentence each."""
    install = [number for number, line in enumerate(lines) if '-r "binder/requirements.txt"' in line]
    copy = [number for number, line in enumerate(lines) if re.match(r"COPY .*src/ ", line)]
    if not install:
        yield "binder/requirements.txt is not installed"
    elif not any(number < install[0] for number in copy):
        yield "the requirements are installed before the repository is there"
    if not any("/binder/postBuild" in line for line in lines):
        yield "postBuild does not run"
    if not any("environment for python=3.12" in line for line in lines):
        yield "Python is not 3.12"


@pytest.fixture
def copy(tmp_path):
    for name in COPIED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="repo2docker does not run on Windows")
def test_the_recipe_installs_the_course_after_the_copy(copy):
    assert list(problems_of(recipe(copy))) == []


@pytest.mark.skipif(sys.platform == "win32", reason="repo2docker does not run on Windows")
def test_requirements_without_the_package_and_without_a_postbuild_are_noticed(copy):
    (copy / "binder" / "requirements.txt").write_text("numpy\n")
    (copy / "binder" / "postBuild").unlink()
    (copy / "binder" / "runtime.txt").write_text("python-3.11\n")
    assert list(problems_of(recipe(copy))) == [
        "the requirements are installed before the repository is there",
        "postBuild does not run",
        "Python is not 3.12",
    ]


def test_binder_pins_the_cpu_build_of_the_same_pytorch_and_installs_the_course():
    lines = (BINDER / "requirements.txt").read_text().splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = next(text for text in project["optional-dependencies"]["course"] if text.startswith("torch=="))
    assert f"{pinned}+cpu" in lines
    assert "-r ../requirements.txt" in lines
    assert "-e .[course]" in (ROOT / "requirements.txt").read_text().splitlines()


def test_postbuild_stops_at_the_first_failure_and_can_be_run():
    script = (BINDER / "postBuild").read_text()
    commands = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert commands[0] == "set -euo pipefail"
    assert os.name == "nt" or os.access(BINDER / "postBuild", os.X_OK)


@pytest.mark.skipif(sys.platform == "win32", reason="Binder runs on Linux")
def test_postbuild_puts_our_settings_where_jupyterlab_looks(tmp_path):
    """postBuild is run with a python whose prefix is a folder of ours, and that skips the import of the course."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/bash\n[ "$1" = "-c" ] && echo "{tmp_path}" || cat > "{tmp_path}/checked.py"\n')
    python.chmod(0o755)
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run([BINDER / "postBuild"], cwd=ROOT, env={**os.environ, "PATH": path}, check=True)
    settings = json.loads((tmp_path / "etc/jupyter/labconfig/default_setting_overrides.json").read_text())
    assert settings[NOTIFICATION] == {"fetchNews": "false", "checkForUpdates": False}
    server = json.loads((tmp_path / "etc/jupyter/jupyter_server_config.json").read_text())
    assert server["ServerApp"]["contents_manager_class"] == f"{CourseFiles.__module__}.{CourseFiles.__name__}"
    assert "import torch" in (tmp_path / "checked.py").read_text()


def test_the_setting_for_news_is_one_that_jupyterlab_has():
    import jupyterlab

    schema = Path(jupyterlab.__file__).parent / "schemas/@jupyterlab/apputils-extension/notification.json"
    properties = json.loads(schema.read_text())["properties"]
    settings = json.loads((BINDER / "labconfig" / "default_setting_overrides.json").read_text())[NOTIFICATION]
    assert set(settings) <= set(properties)
    assert settings["fetchNews"] in [choice["const"] for choice in properties["fetchNews"]["oneOf"]]
