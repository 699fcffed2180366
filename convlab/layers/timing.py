"""How long functions take on this machine: run in turn on one thread, told as a median and a spread.

A machine's times are its own, and another run has others. So the line that a notebook stores names what was measured,
and the table with the milliseconds is shown, not stored.
"""

import ctypes
import platform
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from html import escape

import numpy as np

from ..pictures import format_number
from ..refusals import came, check_takes
from ..shapes import ArgumentError, whole
from .threads import threads

FEWEST = 5  # laps of each function, however slow it is: a middle half needs some
WARM_RUNS = 2
WARM_S = 0.1
LAP_S = 5e-4  # a run that is shorter is repeated: a clock ticks coarsely
HEADS = ("", "median", "the middle half", "laps", "beside the fastest")

_clock = time.perf_counter


@dataclass(frozen=True)
class Laps:
    """The times of one function, in milliseconds.

    Args:
        all_ms: every lap, in the order in which it was run.

    Example:
        >>> laps = Laps((4.0, 1.0, 2.0, 3.0, 9.0))
        >>> laps.median_ms, laps.low_ms, laps.high_ms
        (3.0, 2.0, 4.0)
    """

    all_ms: tuple

    def __post_init__(self):
        for name, share in (("median_ms", 50), ("low_ms", 25), ("high_ms", 75)):
            object.__setattr__(self, name, float(np.percentile(self.all_ms, share)))


class Timing(dict):
    """What was measured: a dict {name: ``Laps``} that looks like a table in a notebook.

    Its ``repr`` is one line without a time in it, the same on every machine.

    Args:
        laps: {name: ``Laps``}.
        machine: what they were measured on, in words.

    Example:
        >>> timing = Timing({"loops": Laps((9.0, 8.0, 7.0)), "im2col": Laps((2.0, 2.0, 2.5))}, "a laptop")
        >>> timing
        Timing of loops, im2col (the milliseconds: .table())
        >>> timing["loops"].median_ms, timing.ratio("loops", "im2col")
        (8.0, 4.0)
        >>> print(timing.table())
                median  the middle half  laps  beside the fastest
        loops   8 ms    7.5 to 8.5 ms    3     4 x
        im2col  2 ms    2 to 2.25 ms     3     1 x
        measured on a laptop
    """

    def __init__(self, laps, machine=""):
        super().__init__(laps)
        self.machine = machine

    def ratio(self, name, other):
        """How many times as long the one took as the other, by their medians."""
        return self[name].median_ms / self[other].median_ms

    def table(self):
        """The times as text, a line for each function, and what they were measured on."""
        rows = [HEADS, *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        return "\n".join([*(line.rstrip() for line in lines), f"measured on {self.machine}"])

    def _rows(self):
        fastest = min(laps.median_ms for laps in self.values())
        for name, laps in self.items():
            median, low, high = (format_number(value) for value in (laps.median_ms, laps.low_ms, laps.high_ms))
            more = f"{format_number(laps.median_ms / fastest)} x"
            yield name, f"{median} ms", f"{low} to {high} ms", str(len(laps.all_ms)), more

    def _repr_html_(self):
        def row(tag, cells):
            first, *others = (escape(cell) for cell in cells)
            left = ' style="text-align:left"'
            return f"<tr><{tag}{left}>{first}</{tag}>{''.join(f'<{tag}{left}>{cell}</{tag}>' for cell in others)}</tr>"

        body = "".join(row("td", cells) for cells in self._rows())
        return f"<table><thead>{row('th', HEADS)}</thead><tbody>{body}</tbody></table><p>measured on {self.machine}</p>"

    def __repr__(self):
        return f"Timing of {', '.join(self)} (the milliseconds: .table())"


def measure(functions, runs=60, seconds=6):
    """Milliseconds that each function takes on this machine, run in turn on one thread after a warm-up.

    In turn, because what slows the machine for a while then slows all of them. A function that is shorter than half a
    millisecond is run several times for one lap. Nothing else is changed: where autograd is not to write anything
    down, measure under ``torch.no_grad()``.

    Args:
        functions: {name: function without arguments}.
        runs: laps of each.
        seconds: after so long there are no more, but of each at least 5.

    Returns:
        A ``Timing``: {name: ``Laps``}, which has ``median_ms``, ``low_ms`` and ``high_ms`` (the quartiles), ``all_ms``.

    Raises:
        ArgumentError: something else than a dict of functions, no laps or no time.

    Example:
        >>> timing = measure({"short": lambda: sum(range(10)), "long": lambda: sum(range(10_000))}, runs=9)
        >>> timing
        Timing of short, long (the milliseconds: .table())
        >>> len(timing["long"].all_ms)
        9
    """
    *_, taken = laps(functions, runs, seconds)
    return timing(taken)


def timing(taken):
    """The ``Timing`` of what ``laps`` has taken."""
    rows = {name: Laps(tuple(1000 * one for one in all_s)) for name, all_s in taken.items()}
    return Timing(rows, machine())


def laps(functions, runs=60, seconds=6):
    """Measures as ``measure`` does, a run for each step; whoever goes through it may rest in between, and may stop.

    Yields:
        ``{name: [seconds, ...]}`` after each run; the same dict, which grows. In the warm-up it is empty lists.

    Raises:
        ArgumentError: as ``measure``.

    Example:
        >>> [len(taken["a"]) for taken in laps({"a": lambda: None}, runs=3)][-3:]
        [1, 2, 3]
    """
    _check(functions, runs, seconds)
    return _laps(functions, runs, seconds)


def _laps(functions, runs, seconds):
    taken, counts = {name: [] for name in functions}, {}
    for name, function in functions.items():
        # The first runs prepare memory and kernels, and do not count.
        began, quickest, warm = _clock(), float("inf"), 0
        while warm < WARM_RUNS or _clock() - began < WARM_S:
            quickest, warm = min(quickest, _lap(function, 1)), warm + 1
            yield taken
        counts[name] = max(1, round(LAP_S / max(quickest, 1e-7)))
    began = _clock()
    for lap in range(runs):
        if lap >= FEWEST and _clock() - began >= seconds:
            return
        for name, function in functions.items():
            taken[name].append(_lap(function, counts[name]))
            yield taken


def _lap(function, count):
    """Seconds that one of ``count`` runs took."""
    with one_thread():
        began = _clock()
        for _ in range(count):
            function()
        return (_clock() - began) / count


@contextmanager
def one_thread():
    """While it is open PyTorch, if it is loaded, and NumPy compute on one thread; afterwards as before.

    NumPy's products are OpenBLAS's in most installations, and only that can be told; another BLAS keeps its threads.
    """
    with ExitStack() as undo:
        if hasattr(sys.modules.get("torch"), "set_num_threads"):
            undo.enter_context(threads(1))
        if blas := _blas():
            ask, tell = blas
            undo.callback(tell, ask())
            tell(1)
        yield


def _blas():
    """(how many threads NumPy's BLAS takes, a function that sets it), or None where it cannot be told."""
    if not _found:
        _found.append(_find_blas())
    return _found[0]


_found = []


def _find_blas():
    try:
        # A search in NumPy's own module goes through the libraries that it was linked with, too.
        library = ctypes.CDLL(np._core._multiarray_umath.__file__)
    except (AttributeError, OSError):
        return None
    for before, after in (("scipy_", "64_"), ("scipy_", ""), ("", "64_"), ("", "")):
        names = [f"{before}openblas_{verb}_num_threads{after}" for verb in ("get", "set")]
        if all(hasattr(library, name) for name in names):
            return tuple(getattr(library, name) for name in names)
    return None


def machine():
    """What is measured on, in words: "Linux x86_64, NumPy 2.4.6, PyTorch 2.13.0, one thread"."""
    parts = [f"{platform.system()} {platform.machine()}".strip(), f"NumPy {np.__version__}"]
    torch = sys.modules.get("torch")
    if hasattr(torch, "set_num_threads"):
        parts.append(f"PyTorch {torch.__version__.split('+')[0]}")
    return ", ".join([*parts, "one thread" if _blas() else "one thread (NumPy's BLAS: as many as it takes)"])


def _check(functions, runs, seconds):
    if not isinstance(functions, dict) or not functions or not all(callable(one) for one in functions.values()):
        raise ArgumentError(
            "functions must be a dict {name: function without arguments}; "
            f"got {came(functions)}: write {{'im2col': lambda: conv2d_im2col(input, weight)}}."
        )
    for name, one in functions.items():
        check_takes(one, f"functions[{came(name, 20)}]")
    if whole(runs, "runs") < 1:
        raise ArgumentError(f"runs must be 1 or more; got {runs}: write runs=60.")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
        raise ArgumentError(f"seconds must be a number above 0; got {came(seconds)}: write seconds=6.")
