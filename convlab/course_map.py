"""The map of the course: what is mastered, shaky, due and not begun yet, as text and as a page."""

from datetime import datetime
from html import escape

from . import exercises, questions, review
from .mistakes import MISTAKES
from .said import Said, paragraphs

TITLES = {
    "00": "Start",
    "01": "Images as tensors",
    "02": "Convolution by hand",
    "03": "The Conv2d layer",
    "04": "Stride and padding",
    "05": "Dilation and receptive field",
    "06": "Channels and filters",
    "07": "A CNN on real images",
    "08": "Backprop",
    "09": "im2col and speed",
    "10": "Grouped convolution",
    "11": "Debugging clinic",
    "12": "Capstone",
}

# A mark for each state: a shape, so that it is read without its colour too.
MARKS = {"mastered": "●", "shaky": "◐", "due": "↻", "not begun": "○"}
INKS = {
    "mastered": "var(--jp-success-color1,#1a7f37)",
    "shaky": "var(--jp-warn-color0,#b35900)",
    "due": "var(--jp-info-color0,#0a6a8f)",
    "not begun": "var(--jp-ui-font-color2,#6b6b6b)",
}
COLUMNS = (*review.STATES, "exercises", "best test")
CELL = "text-align:left;vertical-align:top;padding:3px 18px 3px 0;font-size:13px"


def lessons():
    """The two digits of each lesson that has questions or exercises."""
    return [name for name in TITLES if questions.ids(name) or exercises.ids(name)]


class Progress:
    """What the learner has done; it can be exported, restored and erased.

    Args:
        kept: the learner's `Store`.
        now: the present with its time zone; None takes this machine's.
    """

    def __init__(self, kept, now=None):
        self._store, self._now = kept, now

    @property
    def lessons(self):
        """A `Standing` for every lesson that has questions or exercises."""
        attempts, now = self._store.attempts(), self._now or datetime.now().astimezone()
        known = review.memories(attempts, now)
        return [review.standing(name, attempts, exercises.ids(name), known, now) for name in lessons()]

    def export(self, path):
        """Writes all answers to a JSON file, to keep or to restore on another machine."""
        count = self._store.export(path)
        return Said(f"{_answers(count)} written to {path}.")

    def restore(self, path):
        """Merges the answers of an exported file into these; none is lost, none doubled."""
        return Said(f"{_answers(self._store.restore(path), 'new ')} taken from {path}.")

    def erase(self, sure=False):
        """Erases all answers, after asking.

        Args:
            sure: True erases them at once.
        """
        if not sure:
            count = _answers(len(self._store.attempts()))
            return Said(f"This would erase {count} for good. To do it: `progress().erase(sure=True)`.")
        return Said(f"{_answers(self._store.erase())} erased.")

    def __repr__(self):
        standings = self.lessons
        rows = [("lesson", *COLUMNS), *((_title(it), *_row(it)) for it in standings)]
        parts = [_aligned(rows), *(_details(it) for it in standings if it.begun)]
        return "\n\n".join([*parts, *self._what_next(standings)])

    def _repr_html_(self):
        standings = self.lessons
        head = "".join(f'<th style="{CELL}">{name}</th>' for name in ("lesson", "objectives", *COLUMNS[-2:]))
        body = "".join(_html_row(it) for it in standings)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        legend = " &nbsp; ".join(f"{_mark(state)}&nbsp;{state}" for state in review.STATES)
        details = "".join(_html_details(it) for it in standings if it.begun)
        words = paragraphs("\n\n".join(self._what_next(standings)))
        return f'<div style="max-width:46rem">{table}<p style="font-size:13px">{legend}</p>{details}{words}</div>'

    def _what_next(self, standings):
        """What is due, and a line for each mistake made lately and not mended yet, at most two a lesson."""
        named = [(it.lesson, MISTAKES[id]) for it in standings for id in it.weak if id in MISTAKES]
        mend = [f'To mend in lesson {lesson}: you answered as if "{it.title}" {it.diagnosis}' for lesson, it in named]
        return [*what_is_due(self._store.attempts(), self._now), *mend]


def what_is_due(attempts, now=None):
    """A list of at most one sentence: how much is due today, or when something will be."""
    now = now or datetime.now().astimezone()
    count = len(review.due(attempts, now))
    if count:
        noun, verb = ("question", "is") if count == 1 else ("questions", "are")
        return [f"{count} {noun} {verb} due today. `quiz()` asks them, the weakest first."]
    if later := review.next_due(attempts, now):
        return [f"Nothing is due today. Next: {_questions(later[1])} {review.day_in_words(later[0], now.date())}."]
    return []


def _answers(count, kind=""):
    return f"{count} {kind}answer{'s' * (count != 1)}"


def _questions(count):
    return f"{count} question{'s' * (count != 1)}"


def _title(it):
    return f"{it.lesson} {TITLES[it.lesson]}"


def _row(it):
    best = "-" if it.test is None else f"{it.test} of 10"
    done, of = it.exercises
    states = [str(it.count(state)) if it.objectives else "-" for state in review.STATES]
    return (*states, f"{done} of {of}" if of else "-", best)


def _aligned(rows):
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, wide)).rstrip() for row in rows)


def _of_state(it, state):
    return [objective for objective in it.objectives if objective.state == state]


def _details(it):
    """The objectives of a lesson by state; those not begun are a number."""
    rows = [(f"  {state}", objective.name) for state in review.STATES[:3] for objective in _of_state(it, state)]
    left = it.count("not begun")
    rows += [("  not begun", f"{left} more")] if left else []
    return f"{_title(it)}\n{_aligned(rows)}"


def _mark(state, title=""):
    about = f' title="{escape(title)}"' if title else ""
    return f'<span aria-hidden="true" style="color:{INKS[state]}"{about}>{MARKS[state]}</span>'


def _html_row(it):
    marks = " ".join(_mark(objective.state, f"{objective.name}: {objective.state}") for objective in it.objectives)
    counts = ", ".join(f"{it.count(state)} {state}" for state in review.STATES if it.count(state))
    cells = (escape(_title(it)), f"{marks}<br><small>{counts}</small>" if marks else "-", *_row(it)[-2:])
    return "<tr>" + "".join(f'<td style="{CELL}">{cell}</td>' for cell in cells) + "</tr>"


def _html_details(it):
    lines = "".join(
        f"<li>{_mark(state)} {state}: {escape(objective.name)}</li>"
        for state in review.STATES
        for objective in _of_state(it, state)
    )
    style = 'style="list-style:none;padding-left:1em;margin:4px 0"'
    return f"<details><summary>{escape(_title(it))}, objective by objective</summary><ul {style}>{lines}</ul></details>"
