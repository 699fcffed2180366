"""A Python that has the course: this one, the one in ``.venv``, or a ``.venv`` made now."""

import contextlib
import errno
import importlib.util
import json
import os
import re
import shutil
import sys
import time
import urllib.request
from pathlib import Path

from . import Stop, terminal
from .clone import met, same_folder
from .lock import held

TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PROBE_SECONDS = 4
# What pip says when no index answers; an index that knows of no version at all is one that was not reached.
NO_ANSWER = "NewConnectionError|NameResolutionError|name resolution|ConnectTimeout|ProxyError|from versions: none"
ROOM_NEEDED = 2.0e9  # bytes: 1.4 for the environment, and what pip unpacks beside it


def python_with(clone, extra, cuda=False):
    """The Python to run, installed when it must be.

    Args:
        clone: the ``Clone``.
        extra: "course" or "test".
        cuda: whether PyTorch's default build is wanted; otherwise any build that is there will do.

    Raises:
        Stop: where it cannot be had.
    """
    ready = python_if_ready(clone, extra, cuda)
    if ready:
        return ready
    try:
        clone.venv.mkdir(exist_ok=True)
        with held(clone.venv / "install.lock", lambda: print("Another start is installing: waiting for it.")):
            if not is_ready(clone, extra, cuda):
                install(clone, extra, cuda)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise Stop(f"{clone.root} cannot be written to: clone convlab into a folder of your own.") from None
        raise Stop(f"The installation stopped, because of the disk ({error}): mend that and start again.") from None
    return clone.python


def python_if_ready(clone, extra, cuda=False):
    """The Python that already has what is asked for; None where there is none.

    Args:
        clone: the ``Clone``.
        extra: "course" or "test".
        cuda: as for ``python_with``.
    """
    own = [path for path in sys.path if path and not same_folder(path, clone.root)]
    if not cuda and not clone.missing(extra, own):
        return Path(sys.executable)
    return clone.python if is_ready(clone, extra, cuda) else None


def is_ready(clone, extra, cuda):
    """Whether ``.venv`` holds all that is asked for; a look at two small files after the first time."""
    if not clone.python.exists():
        return False
    for stamp in {extra, "test"}:
        noted = _stamp(clone, stamp)
        if noted.get("asked") == clone.asked(stamp):
            return not cuda or noted["build"] == "default"
    site = clone.site()
    if cuda or site is None or clone.missing(extra, [site]):
        return False
    _note(clone, extra, "unknown")  # somebody installed it by hand, or only a bound was loosened
    return True


def install(clone, extra, cuda):
    """A ``.venv`` with the package, this extra of it, and PyTorch.

    Raises:
        Stop: where a step fails, with what to do about it.
    """
    free = shutil.disk_usage(clone.root).free
    if free < ROOM_NEEDED:
        needed = f"The course needs about {ROOM_NEEDED / 1e9:.0f} GB on this disk, and {free / 1e9:.1f} GB are free"
        raise Stop(f"{needed}: free some and start again.")
    started = time.monotonic()
    print(f"Installing into {clone.venv}: once, a few minutes, about 1.5 GB. Its log: {clone.log}", flush=True)
    if clone.site() is None:
        make_venv(clone)
    torch = next(text for text in clone.wanted(extra) if text.startswith("torch=="))
    here = met(torch, [str(clone.site())])
    if cuda and here:
        _pip(clone, "Removing the old PyTorch", "uninstall", "--yes", "torch")
    small = False if cuda else (here or _install_cpu_build(clone, torch))
    if not small and sys.platform == "linux" and not cuda:
        print("PyTorch's small CPU build cannot be reached: your package index decides which build comes.", flush=True)
    asked = ["-r", "requirements.txt"] if extra == "course" else ["-e", f".[{extra}]"]
    what = {"course": "the course", "test": "the tests", "workshop": "the workshop"}[extra]
    _pip(clone, f"Installing {what}", "install", *asked)
    # pip would compile on one core. Some packages hold files that are no Python: those are left as they are.
    compiling = [clone.python, "-m", "compileall", "-qq", "-j", "0", clone.site()]
    _step(clone, "Compiling the packages", compiling, needed=False)
    _note(clone, extra, "default" if cuda else "cpu")
    print(f"Installed in {terminal.duration(time.monotonic() - started)}.", flush=True)


def make_venv(clone):
    """A fresh virtual environment in place of whatever lies there; the lock and the log stay."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise Stop(venv_advice(os_release()))
    for entry in clone.venv.iterdir():
        if entry.name not in ("install.lock", clone.log.name):
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    _step(clone, "Making .venv", [sys.executable, "-m", "venv", clone.venv])


def venv_advice(release):
    """The sentence for a Python without its venv module.

    Args:
        release: the text of /etc/os-release, empty elsewhere.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if re.search(r'^ID(_LIKE)?="?[\w ]*\b(debian|ubuntu)\b', release, re.MULTILINE):
        package = f"python{version}-venv"
        return f"This Python lacks its venv module: run  sudo apt-get install {package}  and start again."
    return (
        f"This Python {version} ({sys.executable}) lacks its modules venv and ensurepip: install the package of your "
        "system that holds them, or Python from https://www.python.org/downloads/, and start again."
    )


def os_release():
    try:
        return Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return ""


def _install_cpu_build(clone, torch):
    """Whether PyTorch came from its own index of CPU builds. Only Linux needs it: elsewhere the plain build is one."""
    if sys.platform != "linux" or not can_reach(f"{TORCH_CPU_INDEX}/torch/"):
        return False
    try:
        _pip(clone, "Installing PyTorch, the CPU build", "install", "--index-url", TORCH_CPU_INDEX, torch)
    except Stop:
        return False  # an index that answers may still lack this machine's build; the plain one is tried next
    return True


def can_reach(address):
    """Whether a page answers within a few seconds, through the proxies that this machine is set up with."""
    try:
        with urllib.request.urlopen(address, timeout=PROBE_SECONDS) as answer:
            return answer.status == 200
    except (OSError, ValueError):
        return False


def _pip(clone, what, verb, *arguments):
    """Runs pip with the reader's own settings, but for one: packages for the user alone cannot go into a .venv."""
    options = ["--no-user", "--no-input", "--no-compile", "--progress-bar", "off"] if verb == "install" else []
    _step(clone, what, [clone.python, "-m", "pip", verb, *options, *arguments])


def _step(clone, what, command, needed=True):
    status, lines, line = terminal.run(command, what, clone.log, env=_environment(), cwd=clone.root)
    if status and needed:
        line.end("failed")
        raise Stop(f"{terminal.last(lines)}\n{advice(lines, clone)}")
    line.end("done")


def _environment():
    """This process's variables without those that would send the packages somewhere else than .venv."""
    elsewhere = ("PYTHONHOME", "__PYVENV_LAUNCHER__", "PIP_TARGET", "PIP_PREFIX", "PIP_USER")
    return {**{name: value for name, value in os.environ.items() if name not in elsewhere}, "PYTHONUNBUFFERED": "1"}


def advice(lines, clone):
    """What to do about an installation that failed, read from what pip said.

    Args:
        lines: its output.
        clone: the ``Clone``.
    """
    said = "\n".join(lines)
    if "No space left" in said or "Errno 28" in said:
        return f"The disk is full: the course needs about {ROOM_NEEDED / 1e9:.0f} GB. Free some and start again."
    if re.search(r"No matching distribution found for torch", said):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return (
            f"Your package index has no build of this PyTorch for Python {version} on this machine: start with "
            "another Python, for example python3.12 -m convlab (a 64-bit one)."
        )
    if re.search(NO_ANSWER, said):
        return (
            "The package index did not answer: check the network, or the settings that "
            f"{clone.python} -m pip config list  shows, and start again."
        )
    return f"Something in the installation failed; what is above and the whole of {clone.log} say what."


def _stamp(clone, extra):
    try:
        return json.loads((clone.venv / f"installed-{extra}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _note(clone, extra, build):
    path = clone.venv / f"installed-{extra}.json"
    with contextlib.suppress(OSError):  # a read-only clone is looked at as a whole each time, and works
        path.write_text(json.dumps({"asked": clone.asked(extra), "build": build}), encoding="utf-8")
