"""How long a check takes: of a right solution, of a wrong one, and of one that never ends.

python3 -m convlab bench exercises [--quick]
"""

import sys
import time
from copy import copy
from statistics import median

from benchmarks._frame import Figures, Row, report
from convlab.exercises import get, ids

RUNS, QUICK_RUNS = 20, 3
QUICK_SPARED_S = 8
QUICK_EVERY = 10  # with --quick one exercise of so many has its wrong solutions checked


def endless(input, *more):
    """Never returns."""
    while True:
        pass


def milliseconds(check, *arguments):
    """The time of one call."""
    began = time.perf_counter()
    check(*arguments)
    return 1e3 * (time.perf_counter() - began)


def row(what, times, most, statistic=max, note=""):
    """A row over exercises: one figure of each, of which the longest is bound.

    Args:
        what: what was checked.
        times: exercise -> milliseconds.
        most: the bound.
        statistic: what makes one figure of an exercise's times.
        note: what else is to be known.
    """
    found = {id: statistic(each) for id, each in times.items()}
    slowest = f"the slowest: {max(found, key=found.get)}"
    return Row("check", what, Figures.of(found.values()), most={"longest": most}, note=note + slowest)


def sooner(exercise, seconds):
    """The exercise with less patience.

    Args:
        exercise: any.
        seconds: how much less.
    """
    changed = copy(exercise)
    changed.timeout_s -= seconds
    return changed


def measure(options):
    """The rows."""
    import torch

    torch.ones(400, 400) @ torch.ones(400, 400)  # a kernel in use: torch is loaded, its threads have run
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)  # the first of a process loads torch's compiler
    exercises = [get(id) for id in ids()]
    runs = range(QUICK_RUNS if options.quick else RUNS)
    right = {one.id: [milliseconds(one.check, one.reference) for _ in runs] for one in exercises}
    yield row("of a right solution, each exercise's median", right, 100, median)
    yield row("of a right solution, each exercise's longest", right, 1000)
    asked = exercises[::QUICK_EVERY] if options.quick else exercises
    part = f"{len(asked)} of {len(exercises)} exercises; " if options.quick else ""
    wrong = {
        one.id: [milliseconds(one.check, program) for slip in one.slips for program in slip.programs] for one in asked
    }
    yield row("of a wrong solution, each exercise's longest", wrong, 3000, note=part)
    main = [one for one in exercises if "conv2d" in one.id]
    tried = main[:1] if options.quick else main
    spared_s = QUICK_SPARED_S if options.quick else 0
    part = f"1 of {len(main)} exercises, {spared_s} s of its wait not waited but added; " if options.quick else ""
    ended = {one.id: [milliseconds(sooner(one, spared_s).check, endless) + 1000 * spared_s] for one in tried}
    yield row("of a solution that never ends", ended, 10_000, note=part if options.quick else "")


if __name__ == "__main__":
    sys.exit(report(measure, "Measures how long checks take."))
