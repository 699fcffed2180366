"""The one frame of all benchmarks: what a row is, when its bound is kept, how it is printed, and how a run ends."""

import argparse
import json
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from statistics import median, quantiles

TABLE = {
    "hand": "One value dragged or hovered on a grid",
    "layout": "A whole new layout, compute and redraw",
    "picture": "One weight of a 7 x 7 kernel dragged over 256 x 256 pixels",
    "far": "The same with the kernel 150 ms away",
    "python": "A picture that the kernel computes, by FeatureMaps' slider",
    "start": "Run to the first widget alive, in a fresh kernel",
    "im2col": "conv2d_im2col, one thread, best times",
    "tiled": "conv2d_tiled, one thread, best times",
    "fft": "conv2d_fft with a 21 x 21 kernel, one thread, best times",
    "question": "A question built and graded, without torch",
    "check": "A check of a solution",
    "course": "The whole course executed",
    "memory": "A kernel after a lesson is run whole",
    "size": "JavaScript sent by one widget",
}
STATISTICS = {"median": "median", "p95": "95 %", "longest": "longest", "most": "most"}
WORDS = {"ms": ("faster", "slower"), "s": ("faster", "slower")}
SIZES = ("smaller", "larger")
KEPT, MISSED, FREE = "kept", "MISSED", "no bound"
HEADING = f"{'':<68}{'n':>3}{'median':>11}  {'middle half':<17}{'rival':<30}{'':<15}bound"


@dataclass(frozen=True)
class Figures:
    """What was measured, in a row's unit."""

    count: int
    best: float
    low: float
    median: float
    high: float
    p95: float
    longest: float

    @property
    def most(self):
        """The longest, where it is no time."""
        return self.longest

    @classmethod
    def of(cls, samples):
        """The figures of some samples.

        Example:
            >>> Figures.of([1, 2, 3, 4, 5])
            Figures(count=5, best=1, low=2.0, median=3, high=4.0, p95=4.8, longest=5)
        """
        samples = list(samples)
        fine = quantiles(samples, n=20, method="inclusive") if len(samples) > 1 else samples * 19
        low, high, p95 = fine[4], fine[14], fine[18]
        return cls(len(samples), min(samples), low, median(samples), high, round(p95, 6), max(samples))


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Args:
        part: where it belongs, a key of ``TABLE``.
        what: what was measured.
        ours: the ``Figures``.
        unit: of all its numbers.
        most: statistic -> what it may be at most.
        rival: the rival's name.
        theirs: the rival's ``Figures``, of the same run.
        faster: how many times faster (or smaller) than the rival it is at least; a third allows three times as much.
        by: the statistic that is compared with the rival's.
        note: what else is to be known, such as which part was measured.
        fault: what was wrong beside the figures; such a row is not kept.
    """

    part: str
    what: str
    ours: Figures
    unit: str = "ms"
    most: dict = field(default_factory=dict)
    rival: str = ""
    theirs: Figures | None = None
    faster: float | None = None
    by: str = "median"
    note: str = ""
    fault: str = ""

    @property
    def figure(self):
        """The one figure of ours: the median, or what else is compared."""
        return getattr(self.ours, self.by)

    @property
    def rival_figure(self):
        """The same of the rival, which must be there."""
        return getattr(self.theirs, self.by)

    @property
    def ratio(self):
        """How many times faster than the rival, or smaller."""
        return self.rival_figure / self.figure if self.theirs else None

    @property
    def used(self):
        """The part of its bounds that is used up: above 1 one of them is missed; None without a bound."""
        parts = [getattr(self.ours, name) / limit for name, limit in self.most.items()]
        parts += [self.faster / self.ratio] if self.faster else []
        return max(parts, default=None)

    @property
    def verdict(self):
        """KEPT, MISSED or, without a bound, FREE."""
        if self.fault or (self.used or 0) > 1:
            return MISSED
        return FREE if self.used is None else KEPT

    @property
    def bound(self):
        """The bounds in words, with the figures that they bind.

        Example:
            >>> Row("hand", "a key", Figures.of([3.0]), most={"p95": 8}).bound
            '95 % 3 <= 8 ms'
        """
        words = [
            f"{STATISTICS[name]} {number(getattr(self.ours, name))} <= {number(limit)} {self.unit}"
            for name, limit in self.most.items()
        ]
        return ", ".join([*words, *([compared(self.faster, self.unit, limit=True)] if self.faster else [])])

    @property
    def comparison(self):
        """The ratio in words, empty without a rival."""
        return compared(self.ratio, self.unit) if self.theirs else ""


def number(value):
    """A number with three digits.

    Example:
        >>> number(3.14159), number(1234.5), number(0.0123)
        ('3.14', '1,234', '0.0123')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def compared(ratio, unit, limit=False):
    """A ratio in words.

    Example:
        >>> compared(28.31, "ms"), compared(0.5, "MB")
        ('28.3 x faster', '2 x larger')
        >>> compared(10, "ms", limit=True), compared(1 / 3, "ms", limit=True)
        ('>= 10 x faster', '<= 3 x slower')
    """
    better, worse = WORDS.get(unit, SIZES)
    if ratio >= 1:
        return f"{'>= ' * limit}{number(ratio)} x {better}"
    return f"{'<= ' * limit}{number(1 / ratio)} x {worse}"


def line(row):
    """A row as text; what is to be known beside it follows on a line of its own."""
    ours = row.ours
    spread = f"{number(ours.low)} to {number(ours.high)}" if ours.count > 1 else ""
    rival = f"{row.rival} {number(row.rival_figure)} {row.unit}" if row.theirs else ""
    text = (
        f"  {row.what:<65}{ours.count:>4}{f'{number(row.figure)} {row.unit}':>11}  {spread:<17}"
        f"{rival:<30}{row.comparison:<15}{row.bound:<42}{row.verdict}"
    )
    below = "".join(f"\n      {words}" for words in (row.note, row.fault) if words)
    return text.rstrip() + below


def table(rows):
    """All rows as text, each part under its heading."""
    parts = [
        "\n".join([TABLE[part], *map(line, group)]) for part, group in groupby(ordered(rows), key=lambda row: row.part)
    ]
    return "\n".join([HEADING, *parts])


def ordered(rows):
    """The rows in the order of the table."""
    return sorted(rows, key=lambda row: list(TABLE).index(row.part))


def missed(rows):
    """Those that do not keep their bounds."""
    return [row for row in rows if row.verdict == MISSED]


def verdict(rows):
    """The last line of a run.

    Example:
        >>> verdict([Row("hand", "a key", Figures.of([9.0]), most={"p95": 8})])
        'Rows over their bounds, 1 of 1: a key.'
    """
    over = [row.what for row in missed(rows)]
    if not over:
        return f"{len(rows)} rows, every bound is kept."
    return f"Rows over their bounds, {len(over)} of {len(rows)}: {'; '.join(over)}."


def dump(rows):
    """The rows as JSON."""
    return json.dumps([asdict(row) for row in rows], indent=1)


def load(text):
    """The rows from JSON."""
    return [_row(**fields) for fields in json.loads(text)]


def _row(ours, theirs, **rest):
    return Row(ours=Figures(**ours), theirs=theirs and Figures(**theirs), **rest)


def report(measure, what, arguments=None, only=()):
    """The exit status of one benchmark: 0 when every bound is kept. Each row is printed as soon as it is there.

    Args:
        measure: a function of the options (``quick``, ``only``) that yields rows.
        what: what it measures, for ``--help``.
        arguments: of the command line.
        only: what ``--only`` may name.
    """
    parser = argparse.ArgumentParser(prog=f"convlab bench {Path(measure.__code__.co_filename).stem}", description=what)
    parser.add_argument("--quick", action="store_true", help="a smaller sample")
    parser.add_argument("--rows", type=Path, help="a file for the rows, as JSON; the table's heading is left out")
    parser.add_argument("--only", action="append", choices=list(only), help="these alone")
    options = parser.parse_args(arguments)
    rows, part = [], None
    if not options.rows:
        print(HEADING)
    try:
        for row in measure(options):
            heading = f"{TABLE[row.part]}\n" if row.part != part else ""
            print(heading + line(row), flush=True)
            part = row.part
            rows.append(row)
    finally:  # what was measured before something broke is kept
        if options.rows:
            options.rows.write_text(dump(rows), encoding="utf-8")
    if not options.rows:
        print(verdict(rows))
    return int(bool(missed(rows)))
