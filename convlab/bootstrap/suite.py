"""The tests in their stages: a line and a time each, all that was said where one fails, and a total at the end."""

import os
import re
import shutil
import time
from dataclasses import dataclass

from . import terminal

MOST_WORKERS = 3  # each has a JupyterLab and a browser: a gigabyte


@dataclass(frozen=True)
class Stage:
    """One run of pytest.

    Args:
        name: what its line begins with.
        arguments: what pytest is given.
        shared: whether the machine's cores share the tests.
        waiting: whether a test waits as long as it works, so that two share a core.
        beside: whether it starts with the stage that is told before it, and runs beside that one: it waits most of its
            time.
    """

    name: str
    arguments: tuple[str, ...]
    shared: bool = True
    waiting: bool = False
    beside: bool = False

    def command(self, python):
        """What runs it.

        A worker begins with a run of tests that stand together, which share a page or a kernel, and takes over from
        another when it is done.
        """
        workers = min((os.cpu_count() or 1) * (1 + self.waiting), MOST_WORKERS)
        share = ("-n", str(workers), "--dist", "worksteal") if self.shared and workers > 1 else ()
        return [python, "-m", "pytest", *self.arguments, *share]


# pytest loads nbval where it is installed, and that the grammars of all JSON schemas: more than a second a worker.
BARE = ("-p", "no:nbval")
STAGES = (
    Stage("unit", (*BARE, "tests/unit", "convlab")),
    Stage("property", (*BARE, "tests/property")),
    Stage("JavaScript", (*BARE, "tests/js"), shared=False, beside=True),
    Stage("notebooks", ("tests/notebooks",)),
    Stage("classroom", ("tests/classroom",), shared=False, beside=True),  # a hub and a browser of its own
    Stage("browser", ("tests/browser",), waiting=True),  # for the page and the kernel
)
QUICK = ("unit", "property", "JavaScript")  # what needs neither a kernel nor a browser


def stages(quick, pytest_arguments):
    """The stages to run.

    Args:
        quick: whether a sample is enough.
        pytest_arguments: what the reader gave for pytest; with any, pytest runs once, with nothing else.

    Example:
        >>> [stage.name for stage in stages(True, [])]
        ['unit', 'property', 'JavaScript']
        >>> [(stage.name, stage.arguments) for stage in stages(False, ["-k", "padding"])]
        [('chosen', ('-k', 'padding'))]
    """
    if pytest_arguments:
        return [Stage("chosen", tuple(pytest_arguments), shared=False)]
    return [stage for stage in STAGES if not quick or stage.name in QUICK]


def run(clone, python, chosen, variables):
    """Whether every stage passed.

    Args:
        clone: the ``Clone``.
        python: the Python that has the tests' packages.
        chosen: the stages.
        variables: the environment's variables for pytest.
    """
    logs = clone.root / "build" / "tests" / "stages"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    started, failed, total, running = time.monotonic(), [], 0, {}

    def start(stage):
        log = logs / f"{stage.name}.log"
        running[stage] = terminal.Run(stage.command(python), log, variables, clone.root)

    try:
        for stage, following in zip(chosen, (*chosen[1:], None), strict=True):
            if stage not in running:
                start(stage)
            if following and following.beside:
                start(following)
            passed = _told(stage, running[stage])
            total += passed
            if not passed:
                failed.append(stage.name)
    finally:
        for process in running.values():
            process.end()
    print(total_line(len(chosen), failed, total, time.monotonic() - started), flush=True)
    return not failed


def _told(stage, running):
    """How many tests of a stage passed, none where it failed; in a line, and all that it said where it failed."""
    status, lines, line = running.followed(f"{stage.name:<10}")
    passed, summary = count(lines)
    good = status == 0 and passed > 0
    beside = "  beside the last" if stage.beside else ""
    took = terminal.duration(running.seconds)
    line.end(f"{'passed' if good else 'FAILED'}  {took:>12}  {summary}{beside}")
    if not good:
        print("\n".join(lines), flush=True)
    return passed if good else 0


def count(lines):
    """How many tests passed, and pytest's own last line without its time.

    Args:
        lines: what pytest printed.

    Example:
        >>> count(["....", "4 passed, 1 skipped in 0.31s"])
        (4, '4 passed, 1 skipped')
    """
    for text in reversed(lines):
        found = re.search(r"((?:\d+ \w+(?:, )?)+) in \d[\d.]*s", text)
        if found:
            passed = re.search(r"(\d+) passed", found[1])
            return int(passed[1]) if passed else 0, found[1]
    return 0, "pytest came to no end: see below"


def total_line(stage_count, failed, total, seconds):
    """The last line.

    Args:
        stage_count: how many stages ran.
        failed: the names of those that failed.
        total: how many tests passed.
        seconds: how long it took.

    Example:
        >>> total_line(5, [], 812, 700)
        'All 5 stages passed: 812 tests in 11 min 40 s.'
        >>> total_line(5, ["browser"], 800, 90)
        '1 of 5 stages FAILED: browser. 800 tests passed in 1 min 30 s.'
    """
    took = terminal.duration(seconds)
    if failed:
        return f"{len(failed)} of {stage_count} stages FAILED: {', '.join(failed)}. {total} tests passed in {took}."
    stages_passed = f"All {stage_count} stages" if stage_count > 1 else "The tests that were chosen"
    return f"{stages_passed} passed: {total} tests in {took}."
