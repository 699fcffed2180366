"""The report to keep: what a learner has done, on one page, as HTML, Markdown or text.

It is put together from blocks that know nothing of a format: a heading, a paragraph, a table, a figure. Everything
comes from the attempts; what the capstone's judge measured stands in its attempt as numbers.
"""

from dataclasses import dataclass, field
from pathlib import Path

from . import __version__, exercises, review
from .layers.capstone import ENOUGH, MACS, PARAMETERS, interval
from .refusals import FileRefused
from .report_pages import FORMATS
from .shapes import ArgumentError

CAPSTONE, LAST_LESSON = "12.judge", "12"
HONEST = (
    "The checks behind this page run on the learner's own machine, to help him learn. They can be bypassed, so this "
    "page proves nothing to anyone else."
)


@dataclass(frozen=True)
class Block:
    """A piece of the report.

    Args:
        kind: "title", "heading", "text", "list", "table", "curve" or "confusion".
        text: the words, or the caption of a table or a figure.
        rows: of a table, its head first; the entries of a list; the numbers of a figure.
        more: what a figure needs besides.
    """

    kind: str
    text: str = ""
    rows: tuple = ()
    more: dict = field(default_factory=dict)


def write(page, path):
    """The path that these blocks were written to; its ending says the format: .html, .md or .txt.

    Args:
        page: `Block` after `Block`.
        path: where to write.

    Raises:
        ArgumentError: another ending, or a path that is none.
        FileRefused: an OSError; the file cannot be written.
    """
    try:
        path = Path(path).expanduser()
    except TypeError:
        raise ArgumentError(f'path must be a file name; got {path!r:.40}: write report("report.html").') from None
    if path.suffix.lower() not in FORMATS:
        raise ArgumentError(f"path must end in {', '.join(FORMATS)}; got {path.name!r:.60}: write report.html.")
    try:
        path.write_text(FORMATS[path.suffix.lower()](page), encoding="utf-8")
    except OSError as error:
        why = error.strerror or error
        raise FileRefused(f"The report could not be written to {path} ({why}): give another path.") from None
    return path


def blocks(attempts, standings, now):
    """The blocks of the report, in order.

    Args:
        attempts: all there are, oldest first.
        standings: pairs (title of a lesson, its `Standing`).
        now: the present with its time zone.
    """
    return [
        Block("title", "convlab: what I have learned about nn.Conv2d"),
        Block("text", f"{now.day} {now:%B %Y}, convlab {__version__}, {len(attempts)} answers. {HONEST}"),
        *_lessons(standings),
        *_exercises(attempts),
        *_final(attempts, now),
        *_capstone(attempts),
    ]


def _lessons(standings):
    rows = [("lesson", *review.STATES, "exercises", "best test")]
    for title, it in standings:
        states = [str(it.count(state)) for state in review.STATES]
        test = "-" if it.test is None else f"{it.test} of 10"
        rows.append((title, *states, f"{it.exercises[0]} of {it.exercises[1]}", test))
    yield Block("heading", "The lessons")
    yield Block("table", "How many objectives are mastered, shaky, due for review, and not begun.", tuple(rows))
    for title, it in standings:
        named = {state: [one.name for one in it.objectives if one.state == state] for state in review.STATES[:3]}
        lines = [f"{state}: {'; '.join(names)}" for state, names in named.items() if names]
        if lines:
            yield Block("list", title, tuple(lines))


def _exercises(attempts):
    rows = [("exercise", "solved", "tries", "hints", "solution")]
    for id in exercises.ids():
        mine = [it for it in attempts if it.item == id and it.kind == "code"]
        if not mine:
            continue
        right = next((it for it in mine if it.outcome == "right"), None)
        tries = sum(it.outcome != "not_attempted" for it in mine)
        seen = "seen" if any(it.solution_seen for it in mine) else "not seen"
        solved = right.at[:10] if right else "not yet"
        rows.append((f"{id} {exercises.get(id).title}", solved, str(tries), str(max(it.hints for it in mine)), seen))
    yield Block("heading", "The exercises")
    if len(rows) > 1:
        yield Block("table", "Programs written and checked; hints and solutions that were looked at.", tuple(rows))
    else:
        yield Block("text", "No exercise was tried yet.")


def _final(attempts, now):
    yield Block("heading", "The final quiz")
    deck = review.Final.begin(LAST_LESSON, attempts, now=now)
    given = [entry for entry in deck.trail if entry.attempt]
    if not given:
        yield Block("text", "The final quiz, twenty questions on all lessons, was not taken yet.")
    elif deck.summary is None:
        yield Block("text", f"{len(given)} of {len(deck.trail)} questions are answered; the result comes at the end.")
    else:
        words, rows = deck.summary
        yield Block("text", f"{words}, on {max(entry.attempt.at for entry in given)[:10]}.")
        head = ("objective", "right", "asked")
        yield Block("table", "The result by objective.", (head, *((name, str(a), str(b)) for name, a, b in rows)))


def _capstone(attempts):
    yield Block("heading", "The capstone")
    told = [(it, facts) for it in attempts if it.item == CAPSTONE and (facts := capstone_facts(it.response))]
    best = [pair for pair in told if pair[0].outcome == "right"] or told
    if not best:
        yield Block("text", "No network was handed in yet.")
        return
    attempt, facts = best[-1]
    right, of = facts["right"], facts["of"]
    low, high = interval(right, of)
    verdict = "It passed the judge" if attempt.outcome == "right" else "It did not pass the judge"
    yield Block(
        "text",
        f"A network for handwritten digits of 28 x 28 pixels. {verdict} on {attempt.at[:10]}: {right} of {of} test "
        f"digits named rightly, {right / of:.1%} (95 % interval {low:.1%} to {high:.1%}; asked were {ENOUGH:.0%}).",
    )
    head = ("layer", "output", "parameters", "multiply-adds")
    layers = [(call, " x ".join(map(str, shape)), f"{a:,}", f"{b:,}") for call, shape, a, b in facts["layers"]]
    total = ("all", "", f"{facts['parameters']:,} of {PARAMETERS:,}", f"{facts['macs']:,} of {MACS:,}")
    yield Block("table", "The design, layer by layer, and its budget.", (head, *layers, total))
    if facts["shares"]:
        at = facts["shares"].index(max(facts["shares"]))
        words = (
            f"Share of the held-out digits named rightly after each epoch, as the learner reported it; the best is "
            f"{facts['shares'][at]:.1%}, after epoch {at + 1}. Beside it the test digits, with the 95 % interval."
        )
        yield Block("curve", words, tuple(facts["shares"]), {"test": right / of, "low": low, "high": high})
    yield Block("confusion", "Row: what it is. Column: what it was called.", facts["confusion"])


def capstone_facts(response):
    """What the judge has measured, checked: a file from elsewhere may hold anything. None where it is not that.

    Example:
        >>> capstone_facts({"right": 3}) is None, capstone_facts("text") is None
        (True, True)
    """
    try:
        facts = {name: _count(response[name]) for name in ("parameters", "macs", "right", "of")}
        confusion = tuple(tuple(_count(it) for it in row) for row in response["confusion"])
        shares = tuple(float(it) for it in response.get("shares", ()))
        layers = [(str(call)[:200], tuple(_count(it) for it in shape), _count(a), _count(b))
                  for call, shape, a, b in response["layers"]]  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    square = len(confusion) == 10 and all(len(row) == 10 for row in confusion)
    if not square or not 0 < facts["of"] or facts["right"] > facts["of"] or any(not 0 <= it <= 1 for it in shares):
        return None
    return facts | {"confusion": confusion, "shares": shares, "layers": layers}


def _count(value):
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise ValueError(value)
    return value
