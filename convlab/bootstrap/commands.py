"""The words after ``python3 -m convlab``, one function each."""

import difflib
import os
import subprocess
import tempfile
from pathlib import Path

from . import Stop, environment, jupyter, suite, tools
from .clone import this_clone

WRITE_SHEET = """\
import sys
from convlab.course_map import ArgumentError, cheat_sheet
try:
    print(cheat_sheet().save(sys.argv[1]))
except ArgumentError as error:
    sys.exit(str(error))
"""


def run(arguments, usage, words):
    """The exit status of one command line.

    Args:
        arguments: the words after ``convlab``.
        usage: what ``--help`` prints.
        words: the commands there are.

    Raises:
        Stop: where it cannot be done, with what to do about it.
    """
    if {"-h", "--help"} & {*arguments}:
        print(usage, end="")
        return 0
    cuda = "--cuda" in arguments
    word, *rest = [text for text in arguments if text != "--cuda"] or [""]
    if word in words:
        return COMMANDS[word](this_clone(), rest, cuda)
    if word and not word.startswith("-"):
        raise Stop(unknown(word, words))
    return open_course(this_clone(), [word, *rest] if word else [], cuda)


def unknown(word, words):
    """The sentence for a word that is no command.

    Example:
        >>> unknown("tets", ("bench", "test"))
        "There is no command 'tets', did you mean test? There are bench and test; without a word the course opens."
    """
    near = difflib.get_close_matches(word, words, 1)
    guess = f", did you mean {near[0]}?" if near else "."
    known = f"{', '.join(words[:-1])} and {words[-1]}"
    return f"There is no command {word!r}{guess} There are {known}; without a word the course opens."


def open_course(clone, arguments, cuda):
    """Opens the first lesson in JupyterLab."""
    jupyter.first_lesson(clone)
    return jupyter.start(clone, environment.python_with(clone, "course", cuda), arguments)


def test(clone, arguments, cuda):
    """Runs the tests; 0 when all passed."""
    modes = [text for text in arguments if text in ("--quick", "--full")]
    if len(modes) > 1:
        raise Stop("--quick and --full were both given: choose one of them.")
    chosen = suite.stages("--quick" in modes, [text for text in arguments if text not in modes])
    python = environment.python_with(clone, "test", cuda)
    variables = test_variables(clone, python, browser="--quick" not in modes)
    # Two workers' threads wait for each other: asleep, not turning on the core that the other needs.
    variables.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Hundreds of processes import the course: compiled once, not by each.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    if modes:
        variables[f"CONVLAB_{modes[0][2:].upper()}"] = "1"  # what the tests read: CONVLAB_QUICK, CONVLAB_FULL
    if "--full" in modes:
        variables["PYTEST_TIMEOUT"] = "7200"  # seconds, in place of the 600 for a sample
    with tempfile.TemporaryDirectory(prefix="convlab-") as folder:
        variables["CONVLAB_DB"] = str(Path(folder) / "progress.db")  # the reader's own answers stay as they are
        return 0 if suite.run(clone, python, chosen, variables) else 1


def test_variables(clone, python, browser=True):
    """The environment's variables for the tests: where Chrome and Node are; they and PostgreSQL
    are installed when they must be.

    Args:
        clone: the ``Clone``.
        python: the Python that has the tests' packages.
        browser: whether a browser is needed, and PostgreSQL with it.
    """
    node, npm = tools.node(clone, python)
    tools.node_packages(clone, node, npm)
    variables = {**tools.with_node(os.environ, node), "NODE": node[0], "PYTHONUNBUFFERED": "1"}
    # Each check forks a process with PyTorch in it, which takes less time with large pages, where glibc has them.
    variables.setdefault("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")
    if browser:
        variables["CHROME"] = tools.browser(clone, python)
        tools.postgres(clone)
    return variables


def bench(clone, arguments, cuda):
    """Runs the benchmarks that are named, or every row of the table; 0 when each kept its bounds."""
    names = sorted(file.stem for file in (clone.root / "benchmarks").glob("[a-z]*.py"))
    for name in arguments:
        if not name.startswith("-") and name not in names:
            raise Stop(f"There is no benchmark {name!r}; there are: {', '.join(names)}.")
    python = environment.python_with(clone, "test", cuda)
    variables = test_variables(clone, python)
    return subprocess.call([python, "-m", "benchmarks", *arguments], cwd=clone.root, env=variables)


def progress(clone, arguments, cuda):
    """Prints what the learner has answered so far."""
    if arguments:
        raise Stop(f"progress takes nothing after it, and {' '.join(arguments)} came.")
    python = environment.python_if_ready(clone, "course")
    if python is None:
        raise Stop("The course is not installed yet, so there is no progress to show: start  python3 -m convlab  once.")
    return subprocess.call([python, "-c", "import convlab.lesson; print(convlab.lesson.progress())"], cwd=clone.root)


def cheatsheet(clone, arguments, cuda):
    """Writes the cheat sheet as a PDF into the present folder, or where it is told to."""
    if len(arguments) > 1:
        raise Stop(f"cheatsheet takes one name after it, such as sheet.pdf, and {' '.join(arguments)} came.")
    python = environment.python_if_ready(clone, "course")
    if python is None:
        raise Stop("The course is not installed yet, and its packages draw the page: start  python3 -m convlab  once.")
    file = Path(arguments[0] if arguments else "convlab-cheat-sheet.pdf").absolute()
    return subprocess.call([python, "-c", WRITE_SHEET, str(file)], cwd=clone.root)


def site(clone, arguments, cuda):
    """Makes the saved site in a folder; 0 when it is there."""
    folder = _one_folder("site", arguments)
    python = environment.python_with(clone, "course", cuda)
    return subprocess.call([python, "-m", "convlab.site", *folder], cwd=clone.root)


def slides(clone, arguments, cuda):
    """Makes slides of the lessons in a folder; 0 when they are there."""
    folder = _one_folder("slides", arguments)
    python = environment.python_with(clone, "course", cuda)
    tools.node_packages(clone, *tools.node(clone, python))  # reveal.js is one of them
    return subprocess.call([python, "-m", "convlab.site", "--slides", *folder], cwd=clone.root)


def _one_folder(word, arguments):
    """At most one folder, as a list: it is meant from where the reader stands."""
    if len(arguments) > 1 or any(text.startswith("-") for text in arguments):
        came = " ".join(arguments)
        raise Stop(f"{word} takes at most one folder, and {came} came: python3 -m convlab {word} my-folder")
    return [str(Path(text).resolve()) for text in arguments]


def workshop(clone, arguments, cuda):
    """Starts the hub of a workshop; on macOS and Linux this process becomes JupyterHub and does not return."""
    if os.name == "nt":
        raise Stop("JupyterHub does not run on Windows: start the workshop in WSL, on Linux or on macOS.")
    python = environment.python_with(clone, "workshop", cuda)
    node, npm = tools.node(clone, python)
    tools.node_packages(clone, node, npm)
    variables = tools.with_node(os.environ, node)
    folders = [str(clone.root / "node_modules" / ".bin"), str(python.parent), variables["PATH"]]
    variables["PATH"] = os.pathsep.join(folders)  # the hub's proxy is one of the JavaScript packages
    config = clone.root / "workshop" / "jupyterhub_config.py"
    line = [str(python), "-m", "jupyterhub", "-f", str(config), *arguments]
    os.execve(line[0], line, variables)


COMMANDS = {
    "bench": bench,
    "cheatsheet": cheatsheet,
    "progress": progress,
    "site": site,
    "slides": slides,
    "test": test,
    "workshop": workshop,
}
