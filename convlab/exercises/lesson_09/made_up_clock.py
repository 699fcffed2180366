"""A made-up clock, and functions that move it on: so a measurement is judged without measuring anything.

The clock is put in the place of Python's own where the learner's function runs: in its module, in its defaults, and
for an import inside of it. A measurement that is right gives the same numbers every time, on every machine.
"""

import importlib.util
import inspect
import sys
import time
import timeit
from contextlib import contextmanager
from types import CellType, ModuleType

import numpy as np

from ..task import Misfit

NOT_HIS = {*sys.stdlib_module_names, "torch", "numpy"} - {"__main__"}
TICK_S = 1 / 64  # time.time() moves so coarsely on some systems
THREADS = 2  # time.process_time() adds up what they do
NEVER, UNREAD, TIMED, TURN = range(10, 50, 10)  # what can be wrong with how it was measured


class Clock:
    """A clock that only made-up functions move on, and the record of what was asked of it.

    Example:
        >>> clock = Clock()
        >>> began = clock.perf_counter()
        >>> clock.sleep(0.25)
        >>> clock.perf_counter() - began, clock.log
        (0.25, ['clock', 'clock'])
    """

    def __init__(self):
        self.reset()

    def reset(self):
        """Everything is forgotten: a new measurement begins."""
        self.now, self.log = 1000.0, []

    def perf_counter(self):
        """Seconds, as finely as they pass."""
        self.log.append("clock")
        return self.now

    def perf_counter_ns(self):
        """Nanoseconds."""
        return round(self.perf_counter() * 1e9)

    def time(self):
        """Seconds, as coarsely as the time of day is told."""
        return self.perf_counter() // TICK_S * TICK_S

    def time_ns(self):
        """Nanoseconds of the time of day."""
        return round(self.time() * 1e9)

    def process_time(self):
        """Seconds of work, those of all threads added up."""
        return self.perf_counter() * THREADS

    def process_time_ns(self):
        """Nanoseconds of work."""
        return round(self.process_time() * 1e9)

    monotonic, monotonic_ns = perf_counter, perf_counter_ns

    def sleep(self, seconds):
        """Time passes."""
        self.now += seconds

    @contextmanager
    def around(self, fn):
        """This clock in the place of Python's own, for one call of `fn`."""
        self.reset()
        instead, modules = self._instead(), {"time": time, "timeit": timeit}
        his = _functions_in(fn)
        defaults = [(it, it.__defaults__) for it in his if it.__defaults__]
        names = [(it.__globals__, dict(it.__globals__)) for it in his]
        try:
            for held, before in names:
                held.update({name: instead[id(value)] for name, value in before.items() if id(value) in instead})
            for it, before in defaults:
                it.__defaults__ = tuple(instead.get(id(value), value) for value in before)
            sys.modules.update({name: instead[id(module)] for name, module in modules.items()})
            yield self
        finally:
            sys.modules.update(modules)
            for it, before in defaults:
                it.__defaults__ = before
            for held, before in names:
                held.update({name: value for name, value in before.items() if id(value) in instead})

    def _instead(self):
        """The id of what belongs to Python's clock -> what is put in its place."""
        own = ModuleType("time")
        vars(own).update(vars(time))
        for name in CLOCKS:
            setattr(own, name, getattr(self, name))
        fresh = importlib.util.module_from_spec(timeit.__spec__)
        sys.modules["time"] = own
        try:
            timeit.__spec__.loader.exec_module(fresh)  # it takes its clock from the module that it finds
        finally:
            sys.modules["time"] = time
        instead = {id(getattr(timeit, name)): getattr(fresh, name) for name in ("timeit", "repeat", "Timer")}
        instead |= {id(getattr(time, name)): getattr(own, name) for name in CLOCKS}
        return instead | {id(time): own, id(timeit): fresh}


CLOCKS = (
    "perf_counter",
    "perf_counter_ns",
    "time",
    "time_ns",
    "process_time",
    "process_time_ns",
    "monotonic",
    "monotonic_ns",
    "sleep",
)


def _functions_in(fn, found=()):
    """The function itself, that inside a partial or a method, and those of the learner's own that it calls."""
    fn = inspect.unwrap(getattr(fn, "func", fn))
    fn = getattr(fn, "__func__", fn)
    fn = fn if inspect.isfunction(fn) else vars(type(fn)).get("__call__")
    if not inspect.isfunction(fn) or fn in found or (fn.__module__ or "").partition(".")[0] in NOT_HIS:
        return list(found)
    found = [*found, fn]
    held = [cell.cell_contents for cell in fn.__closure__ or () if cell != CellType()]
    for called in (*held, *(fn.__globals__.get(name) for name in fn.__code__.co_names)):
        if inspect.isfunction(called):
            found = _functions_in(called, found)
    return found


class Work:
    """A function without arguments that takes so many seconds of the clock: much the first time, then in a circle.

    Any so many calls in a row as the circle has take the same times, in another order; so it does not matter how
    often a function was called before it is measured, if it was called at all.

    Args:
        clock: what it moves on.
        name: what the record says of a call.
        first: seconds of the first call.
        circle: seconds of the calls after it.
    """

    def __init__(self, clock, name, first, circle):
        self.clock, self.name, self.first, self.circle = clock, name, first, tuple(circle)

    def __repr__(self):
        return f"<a function that takes {self.circle[0]:g} s at times>"

    def __call__(self):
        calls = self.clock.log.count(self.name)
        self.clock.now += self.circle[(calls - 1) % len(self.circle)] if calls else self.first
        self.clock.log.append(self.name)

    @property
    def median(self):
        """What is to be measured."""
        return float(np.median(self.circle))


class Measured:
    """What came back, as an array: the seconds by name; a case holds it as `then`.

    Where it was not measured as it should be, zeros come in its place, and how many there are says what is wrong: the
    number of the fault and one digit. So no two faults have a shape in common, by which a slip could be named.
    """

    def __init__(self, functions, runs):
        self.functions, self.runs = functions, runs
        self.names, self.clock = tuple(functions), next(iter(functions.values())).clock

    def __call__(self, result):
        fault = self.fault()
        if not isinstance(result, dict):
            raise Misfit(f"a {type(result).__name__} came back; expected a dict, name -> seconds.")
        if tuple(self.functions) != self.names:
            raise Misfit("your function changes `functions`, which belongs to the caller: leave the dict as it is.")
        if set(result) != set(self.names):
            came = ", ".join(map(repr, result)) or "nothing"
            raise Misfit(f"your dict has {came}; expected the names {', '.join(map(repr, self.names))}.")
        seconds = np.array([_seconds(name, result[name]) for name in self.names])
        return np.zeros(sum(fault)) if fault else seconds.round(8)

    def fault(self):
        """(what is wrong with how it was measured, a digit that goes with it), or None."""
        calls = [it for it in self.clock.log if it != "clock"]
        uncalled = [name for name in self.names if name not in calls]
        if uncalled:
            return NEVER, self.names.index(uncalled[0])
        if "clock" not in self.clock.log:
            return UNREAD, 0
        timed = min(self._timed(name) for name in self.names)
        if timed < self.runs:
            return TIMED, timed
        rounds = np.array(calls[-self.runs * len(self.names) :]).reshape(self.runs, -1)
        if self.runs > 1 and any(set(one) != set(self.names) for one in rounds):
            return TURN, 0
        return None

    def _timed(self, name):
        """How many calls have a look at the clock right before and right after."""
        log = self.clock.log
        around = zip(log, log[1:], log[2:], strict=False)
        return sum(it == ("clock", name, "clock") for it in around)


def _seconds(name, value):
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError):
        kind = type(value).__name__
        raise Misfit(f"your dict holds a {kind} for {name!r}; expected one number, the median of its runs.") from None
