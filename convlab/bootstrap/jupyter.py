"""JupyterLab at the first lesson, with nothing in the way."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from . import Stop

FIRST_LESSONS = ("00-start.ipynb", "02-convolution-by-hand.ipynb")


def first_lesson(clone):
    """The notebook that a learner begins with.

    Args:
        clone: the ``Clone``.

    Raises:
        Stop: where there is none.
    """
    for name in FIRST_LESSONS:
        if (clone.root / "notebooks" / name).is_file():
            return name
    raise Stop(f"No first lesson lies in {clone.root / 'notebooks'}: bring it back with  git checkout -- notebooks")


def command(clone, python, arguments):
    """The command that starts JupyterLab.

    Args:
        clone: the ``Clone``.
        python: the Python that has the course.
        arguments: what the learner adds, such as "--no-browser"; it wins over ours, because it comes last.
    """
    ours = [
        f"--ServerApp.root_dir={clone.root}",
        f"--LabApp.default_url=/lab/tree/notebooks/{first_lesson(clone)}",
    ]
    if not arguments and _address_is_always_said(os.environ):
        ours += ["--ServerApp.log_level=WARN", "--LabApp.log_level=WARN"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        ours.append("--allow-root")  # without it JupyterLab refuses, and in a container everyone is root
    return [str(python), "-m", "jupyterlab", *ours, *arguments]


def _address_is_always_said(variables):
    """Whether JupyterLab makes up a token, so that it says its address at any level.

    Then a newcomer need not read thirty lines about extensions. Who has set a token or a password of his own is told
    the address among them alone; and an option, such as --debug, may be about them.
    """
    own = Path(variables.get("JUPYTER_CONFIG_DIR", Path.home() / ".jupyter"))
    return not variables.get("JUPYTER_TOKEN") and not any(own.glob("jupyter_*config.*"))


def environment(clone, python):
    """The variables it starts with: our settings (no question about news), and ``.venv`` active for ``!pip``.

    The settings lie in ``binder/labconfig``, which Binder uses too. The tabs of the course are remembered in
    ``.venv``, apart from those of other projects, whose files would be missing here.
    """
    variables = dict(os.environ)
    folders = [str(clone.root / "binder"), variables.get("JUPYTER_CONFIG_PATH", "")]
    variables["JUPYTER_CONFIG_PATH"] = os.pathsep.join(folder for folder in folders if folder)
    if clone.scripts in python.parents:
        variables["VIRTUAL_ENV"] = str(clone.venv)
        variables["PATH"] = os.pathsep.join([str(clone.scripts), variables.get("PATH", os.defpath)])
        if os.access(clone.venv, os.W_OK):
            tabs = clone.venv / "share" / "jupyter" / "lab" / "workspaces"
            variables.setdefault("JUPYTERLAB_WORKSPACES_DIR", str(tabs))
    return variables


def keep_node_quiet(clone, python):
    """Marks an environment inside the clone as no part of our JavaScript package.

    JupyterLab runs a script of its own with Node, where there is one. Node looks for the nearest package.json above
    it, finds ours, takes the script for a module, fails, and JupyterLab prints the whole script into the terminal.
    """
    folder = python.parent.parent
    marker = folder / "package.json"
    if clone.root in folder.parents and not marker.exists():
        with contextlib.suppress(OSError):  # a read-only clone: the page opens all the same
            marker.write_text('{"type": "commonjs"}\n', encoding="utf-8")


def start(clone, python, arguments):
    """Its exit status; on macOS and Linux this process becomes JupyterLab and does not return."""
    keep_node_quiet(clone, python)
    line = command(clone, python, arguments)
    print(f"Opening {first_lesson(clone)} in JupyterLab. To stop it: Ctrl+C here, twice.", flush=True)
    if sys.platform == "win32":  # there, a process that is replaced leaves its console behind
        return subprocess.call(line, env=environment(clone, python))
    os.execve(line[0], line, environment(clone, python))
