"""The map of the course: what is mastered, shaky, due and not begun yet, as text and as a page.

And what there is: the thirteen lessons (`course`), the ten ways through them (`ways`), their rules on one page
(`cheat_sheet`). A lesson whose notebook is not there yet is named, not linked.
"""

import re
from datetime import datetime
from html import escape
from itertools import groupby
from pathlib import Path

from . import exercises, questions, review
from .mistakes import MISTAKES
from .pictures.tables import ROLES
from .refusals import came
from .said import Said, paragraphs, prose, table
from .shapes import ArgumentError
from .sheet import as_html, as_text, entries
from .syllabus import GIVES, TITLES, minutes, notebooks, texts

# name -> (what the learner wants, what to do); a lesson's number in brackets becomes its link.
WAYS = {
    "why": ("know what it is all for", "This notebook, [00]."),
    "deep dive": ("understand it for good", "The lessons in their order; the next one is [01]."),
    "see it": (
        "move things and watch",
        'A widget on what you like: `KernelLab(kernel="Sobel x", picture="cat")`, '
        "`LayerAnatomy(3, 8, kernel_size=(3, 5), input=(1, 3, 32, 48))`; all of them: `gallery()`.",
    ),
    "try it": (
        "see PyTorch do it",
        'The cells under "The same in PyTorch" in each lesson. Change a number, run again.',
    ),
    "practise": ("write it yourself", '`exercise("02.conv2d")` and the like; there are [exercises].'),
    "challenge": ("solve a whole task", "[12]: a network within a budget, defended."),
    "test": (
        "know where you stand",
        '`quiz("02").test()`: ten questions on a lesson, four easy, four medium, two hard; a result by objective.',
    ),
    "recall": ("keep what you know", "`quiz()`: what is due today, over all lessons, the weakest first."),
    "cheat sheet": (
        "look things up",
        '`cheat_sheet()`: the rules of each lesson on one page; `cheat_sheet().save("sheet.pdf")` to print it.',
    ),
    "speed": ("make it fast", "[09], and what it measures on your machine."),
}

# A mark for each state: a shape, so that it is read without its colour too.
MARKS = {"mastered": "●", "shaky": "◐", "due": "↻", "not begun": "○"}
INKS = {
    "mastered": "var(--jp-success-color1,#1a7f37)",
    "shaky": "var(--jp-warn-color0,#b35900)",
    "due": "var(--jp-info-color0,#0a6a8f)",
    "not begun": "var(--jp-ui-font-color2,#6b6b6b)",
}
# A role's colour with some of the text's in it, so that it is read on white and on black.
INK = "color-mix(in srgb,rgb({}) 65%,var(--jp-content-font-color1,#222))"
COLUMNS = (*review.STATES, "exercises", "best test")
CELL = "text-align:left;vertical-align:top;padding:3px 18px 3px 0;font-size:13px"


def lessons():
    """The two digits of each lesson that has questions or exercises."""
    return [name for name in TITLES if questions.ids(name) or exercises.ids(name)]


class Progress:
    """What the learner has done; it can be exported, restored and erased, and put on a page to keep.

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
        """Writes all answers to a JSON file, to keep or to restore on another machine.

        Args:
            path: its name.

        Raises:
            FileRefused: an OSError; the file cannot be written.
        """
        count = self._store.export(path)
        return Said(f"{_answers(count)} written to {path}.")

    def restore(self, path):
        """Merges the answers of an exported file into these; none is lost, none doubled.

        Args:
            path: its name.

        Raises:
            ChoiceError: a ValueError; the file is missing, or was not written by ``export``.
        """
        return Said(f"{_answers(self._store.restore(path), 'new ')} taken from {path}.")

    def report(self, path="report.html"):
        """Writes what was done to a page to keep: HTML to look at and to print, Markdown or text, by the path's ending.

        Args:
            path: its name.

        Raises:
            ArgumentError: another ending than .html, .md or .txt.
            FileRefused: an OSError; the file cannot be written.
        """
        from .report import blocks, write

        now = self._now or datetime.now().astimezone()
        standings = [(_title(it), it) for it in self.lessons]
        return Said(f"The report is written to {write(blocks(self._store.attempts(), standings, now), path)}.")

    def erase(self, sure=False):
        """Erases all answers, after asking; in a class also the class's copy.

        Args:
            sure: True erases them at once.

        Raises:
            FileRefused: an OSError; the database cannot be written.
        """
        outbox = self._store.outbox
        if not sure:
            count = _answers(len(self._store.attempts())) + (" and all that your class has of you" if outbox else "")
            return Said(f"This would erase {count} for good. To do it: `progress().erase(sure=True)`.")
        count = _answers(self._store.erase())
        if outbox is None:
            return Said(f"{count} erased.")
        try:
            return Said(f"{count} erased here, and {outbox.erase()} in your class.")
        except OSError:
            return Said(f"{count} erased here. {outbox.keeps_its_copy}")

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


def _mark(state, titles=("",)):
    """The mark of a state, once for each title; so many of one colour need that colour once."""
    mark = MARKS[state]
    marks = " ".join(f'<span title="{escape(title)}">{mark}</span>' if title else mark for title in titles)
    return f'<span aria-hidden="true" style="color:{INKS[state]}">{marks}</span>'


def _html_row(it):
    runs = groupby(it.objectives, key=lambda objective: objective.state)
    marks = " ".join(_mark(state, [f"{objective.name}: {state}" for objective in run]) for state, run in runs)
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


def course():
    """The thirteen lessons in their order: what each is good for, how long it takes, which are ready.

    Example:
        >>> print(repr(course()).splitlines()[0].split()[:3])
        ['lesson', 'afterwards', 'you']
    """
    books = notebooks()
    rows = [(f"{name} {TITLES[name]}", GIVES[name], minutes(books.get(name))) for name in TITLES]
    linked = [
        (_link(name, books), escape(gives), minutes) for name, (_, gives, minutes) in zip(TITLES, rows, strict=True)
    ]
    head = ("lesson", "afterwards you can", "minutes")
    return Said(_aligned([head, *rows]), table(head, linked))


def ways():
    """Ten ways through the course: what you want, and the call or the notebook for it.

    Example:
        >>> print(repr(ways()).splitlines()[8])
        recall       keep what you know       `quiz()`: what is due today, over all lessons, the weakest first.
    """
    books, head = notebooks(), ("way", "you want to", "do this")
    todo = {way: (wish, do.replace("[exercises]", ", ".join(exercises.ids()))) for way, (wish, do) in WAYS.items()}
    texts, cells = [], []
    for way, (wish, do) in todo.items():
        texts.append((way, wish, _with_lessons(do, books, _named)))
        cells.append((f"<strong>{way}</strong>", wish, _with_lessons(prose(do), books, _link)))
    return Said(_aligned([head, *texts]), table(head, cells))


class Sheet(Said):
    """The cheat sheet: text in a terminal, a table in a notebook, a page on paper."""

    def __init__(self, rows, text, html):
        super().__init__(text, html)
        self._rows = rows

    def save(self, path):
        """Writes the sheet as one A4 page, a PDF to print.

        Args:
            path: the file's name, ending in .pdf.

        Raises:
            ArgumentError: the name has another ending, the file cannot be written, or there are no notebooks.
        """
        if not isinstance(path, str | Path) or Path(path).suffix.lower() != ".pdf":
            raise ArgumentError(f'path must be the name of a PDF, such as "sheet.pdf"; got {came(path)}.')
        if not self._rows:
            raise ArgumentError(self._text)
        from .pictures import page  # matplotlib sets the page, and is wanted for nothing else here

        try:
            with open(path, "wb") as file:
                page.save_sheet(self._rows, file)
        except OSError as error:
            raise ArgumentError(f"{path} cannot be written ({error.strerror}): choose another folder.") from None
        return Said(f"One A4 page written to {path}.")


def cheat_sheet():
    """What each lesson wants to be remembered by, gathered from the notebooks; `.save("sheet.pdf")` prints it.

    Example:
        >>> print(repr(cheat_sheet()).splitlines()[0].split())
        ['lesson', 'for', 'the', 'cheat', 'sheet']
    """
    books = notebooks()
    rows = [(name, TITLES[name], entries(rule)) for name, book in books.items() if (rule := _rule(book))]
    if not rows:
        return Sheet(rows, "There are no notebooks here to gather from: run this in a notebook of the course.", None)
    inks = {role: INK.format(rgb) for role, (rgb, _) in ROLES.items()}
    head, texts, cells = ("lesson", "for the cheat sheet"), [], []
    for name, title, found in rows:
        texts += [("" if at else f"{name} {title}", as_text(entry)) for at, entry in enumerate(found)]
        cells.append((_link(name, books), "<br>".join(as_html(entry, inks) for entry in found)))
    return Sheet(rows, _aligned([head, *texts]), table(head, cells))


def _with_lessons(text, books, written):
    """The text with `written(lesson, books)` for each lesson that stands in brackets."""
    return re.sub(r"\[(\d\d)\]", lambda found: written(found[1], books), text)


def _named(name, books):
    return f"lesson {name}" if name in books else f"lesson {name} (coming)"


def _link(name, books):
    """A lesson as HTML: a link beside the notebook that shows it, or its name alone."""
    title = escape(f"{name} {TITLES[name]}")
    if name not in books:
        return f"{title} (coming)"
    return f'<a href="{escape(books[name].name)}">{title}</a>'


def _rule(book):
    found = re.search(r"\*\*For the cheat sheet:\*\* (.+)", "\n".join(texts(book)))
    return found[1].strip() if found else ""
