"""The README's figures: a row for each part of the table, written by the command from a full run."""

import re
from dataclasses import dataclass
from itertools import groupby

from benchmarks._frame import FREE, MISSED, TABLE, number, ordered

BEGIN = "<!-- figures: written by python3 -m convlab bench --save -->"
END = "<!-- end of figures -->"
HEAD = "| what | the course | bound | the rival, in the same run | |\n|---|---|---|---|---|"
PICTURE = "docs/bench.png"
TEXT = "docs/bench.txt"


@dataclass(frozen=True)
class Line:
    """One line of the README's table."""

    what: str
    ours: str
    bound: str
    rival: str
    verdict: str


def block(rows, machine):
    """The text between the two marks.

    Args:
        rows: of a full run.
        machine: its description.
    """
    lines = [line(part, list(group)) for part, group in groupby(ordered(rows), key=lambda row: row.part)]
    body = "\n".join(f"| {one.what} | {one.ours} | {one.bound} | {one.rival} | {one.verdict} |" for one in lines)
    below = f"Of each part the row nearest to its bound; [all {len(rows)} rows]({TEXT}). Measured on: {machine}."
    return f"{BEGIN}\n{HEAD}\n{body}\n\n{below}\n\n![Every row: medians, spread, rivals and bounds]({PICTURE})\n{END}"


def line(part, rows):
    """A part of the table as one line: its row that is nearest to its bound.

    Args:
        part: a key of ``TABLE``.
        rows: the part's.
    """
    bound = [row for row in rows if row.verdict != FREE] or rows
    nearest = max(bound, key=lambda row: (row.verdict == MISSED, row.used or 0))
    beside = nearest if nearest.theirs else next((row for row in rows if row.theirs), None)
    rival = f"{beside.rival} {number(beside.rival_figure)} {beside.unit}, {beside.comparison}" if beside else ""
    return Line(
        TABLE[part] + (f": {nearest.what}" if len(rows) > 1 else ""),
        f"{number(nearest.figure)} {nearest.unit}",
        nearest.bound,
        rival,
        nearest.verdict,
    )


def written(readme, text):
    """The README with another block.

    Args:
        readme: its whole text.
        text: the new ``block``.

    Example:
        >>> written(f"a\\n{BEGIN}\\nold\\n{END}\\nb", "new")
        'a\\nnew\\nb'
    """
    before, rest = readme.split(BEGIN)
    return before + text + rest.split(END)[1]


def read(readme):
    """The ``Line``s of a README's block.

    Raises:
        ValueError: there is no such block.
    """
    if BEGIN not in readme or END not in readme:
        raise ValueError(f"The README has no block between {BEGIN} and {END}.")
    inside = readme.split(BEGIN)[1].split(END)[0]
    cells = [[cell.strip() for cell in text.strip("|").split(" |")] for text in re.findall(r"^\|.*\|$", inside, re.M)]
    return [Line(*five) for five in cells[2:]]


def parts(lines):
    """The keys of ``TABLE`` that have a line."""
    return [part for part, words in TABLE.items() if any(one.what.startswith(words) for one in lines)]


def published(readme):
    """Whether a full run has been written into the README yet."""
    return bool(read(readme))


def unkept(lines):
    """The lines that do not say that their bound is kept."""
    return [one for one in lines if one.verdict not in ("kept", FREE)]
