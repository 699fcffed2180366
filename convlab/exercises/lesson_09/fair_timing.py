"""09.fair_time: which function is faster? Warm up, take turns, look right before and right after, take the median."""

from importlib import import_module

import numpy as np

from ..sentences import number
from ..task import Case, Exercise, random_numbers
from .made_up_clock import NEVER, TIMED, TURN, UNREAD, Clock, Measured, Work
from .timing_slips import ERRORS, SLIPS

NAMES = ("loops", "im2col", "F.conv2d")


def fair_time(functions, runs):
    """The median seconds of a call of each function: warmed up, and timed in turn.

    Args:
        functions: a dict, name -> function without arguments.
        runs: how often each is timed, an odd number.

    Example:
        >>> sorted(fair_time({"sum": lambda: sum(range(10)), "sorted": lambda: sorted(range(10))}, runs=3))
        ['sorted', 'sum']
    """
    import statistics
    import time

    for function in functions.values():
        function()
    seconds = {name: [] for name in functions}
    for _ in range(runs):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(all_of_one) for name, all_of_one in seconds.items()}


class FairTime(Exercise):
    """A measurement of one's own."""

    id, lesson, title = "09.fair_time", "09", "A fair clock"
    level, minutes, revision = "medium", 12, 1
    prompt = """\
Write `fair_time(functions, runs)`: how long does a call of each function take? Return a dict, name -> seconds.

`functions` is a dict, name -> a function without arguments; `runs` is an odd number.

- Warm up: call each function once, untimed. A first call pays for memory, caches and set-up.
- Then `runs` rounds. In each round every function has its turn: look at `time.perf_counter()` right before its call \
and right after.
- Return the median of each function's `runs` times, in seconds.

For example, a function whose calls take 0.9 (the first), 0.03, 0.2 and 0.02 seconds has with runs=3 the median 0.03.

Check brings functions and a clock of its own, so that it takes no time and no two machines differ. Afterwards put it \
to use:

    fair_time({"F.conv2d": lambda: F.conv2d(x, weight), "im2col": lambda: conv2d_im2col(x, weight)}, runs=15)"""
    stub = """\
import statistics
import time


def fair_time(functions, runs):
    ...                                           # warm up
    seconds = {name: [] for name in functions}
    for run in range(runs):
        ...                                       # every function once
    return ...
"""
    arguments = ("functions", "runs")
    reference = staticmethod(fair_time)
    slips, errors = SLIPS, ERRORS
    returns, compared = "medians", "seconds"
    right = "Right: you measure fairly, and one disturbed run changes nothing."
    faster = "Call each function runs + 1 times, no more."
    hints = (
        "Two loops, one in the other. Which is the outer one, the rounds or the functions? Think of a laptop that "
        "becomes slower while you measure.",
        "Inside: start = time.perf_counter(); function(); and the difference goes to a list of this function, "
        "seconds[name].append(...). Before both loops call each function once.",
        "for function in functions.values(): function(). for run in range(runs): for name, function in "
        "functions.items(): start = time.perf_counter(); function(); seconds[name].append(time.perf_counter() - "
        "start). return {name: statistics.median(seconds[name]) for name in functions}.",
    )

    @property
    def forked(self):
        """False where PyTorch has a GPU: one that was in use cannot be waited for in a forked child."""
        torch = import_module("torch")
        return False if torch.cuda.is_available() else None

    def cases(self, seed):
        """One run, three, five and seven, of one function to three."""
        rng = random_numbers(seed, self.id)
        return [_drawn(rng, count, runs) for count, runs in ((2, 1), (1, 3), (2, 5), (3, 7), (2, 3))]

    def expected(self, case):
        return np.array([function.median for function in case.arguments["functions"].values()])

    def _mutant(self, function):
        return function

    def own_words(self, trial):
        told, where = trial.run["result"], f"For {trial.case.label}"
        if told["type"] == "NoneType":
            return "Your function returned None; expected a dict. Its last line must be `return {name: ... }`."
        if trial.result is None:
            return ""
        if trial.yours is None:
            return f"{where} {_fault(trial)}"
        names, wrong = tuple(trial.case.arguments["functions"]), abs(trial.yours - trial.expected) > trial.tolerance
        if not (wrong | np.isnan(trial.yours)).any():
            return ""
        at = int((wrong | np.isnan(trial.yours)).argmax())
        circle = sorted(trial.case.arguments["functions"][names[at]].circle)
        middle = f", the middle one of {', '.join(map(number, circle))}" if len(circle) > 1 else ", its only timed run"
        return (
            f"{where} your time of {names[at]!r} is {number(trial.yours[at])} s; expected "
            f"{number(trial.expected[at])} s{middle}."
        )


def _fault(trial):
    """What is wrong with how it was measured."""
    told, names = trial.result.size % 10, tuple(trial.case.arguments["functions"])
    runs = trial.case.arguments["runs"]
    return {
        NEVER: f"{names[min(told, len(names) - 1)]!r} was never called: functions[name]() calls it.",
        UNREAD: "the clock was never read: call time.perf_counter() right before each call, and right after it.",
        TIMED: f"a function was timed {told} time{'s' * (told != 1)}, with a look at the clock right before the call "
        f"and right after; expected {runs}.",
        TURN: "the functions were not timed in turn; expected every function once in each round.",
    }[trial.result.size - told]


def _drawn(rng, count, runs):
    """A case with functions whose times are drawn for it."""
    clock = Clock()
    functions = {
        name: Work(clock, name, int(rng.integers(300, 900)) / 1e3, _circle(rng, runs)) for name in NAMES[:count]
    }
    calls = {name: np.array([[it.first, *it.circle]]) for name, it in functions.items()}
    shown = {f"{name}: seconds of call 0, 1, 2, ...": ("input", it) for name, it in calls.items()}
    label = f"{count} function{'s' * (count > 1)} and {runs} run{'s' * (runs > 1)}"
    return Case(
        {"functions": functions, "runs": runs}, shown, label, then=Measured(functions, runs), within=clock.around
    )


def _circle(rng, runs):
    """Times of which the first, the last, the middle and the shortest are not the median; with three of them, few."""
    drawn = np.sort(rng.choice(np.arange(2, 41), runs, replace=False)) / 1e3
    if runs == 1:
        return drawn
    drawn[-1] *= 5  # something disturbed it, so that the mean is far from the median
    low, middle = drawn[(runs > 3) * 1], drawn[runs // 2]
    while True:
        circle = rng.permutation(drawn)
        if circle[-1] == low and (runs == 3 or middle not in (circle[0], circle[runs // 2])):
            return circle
