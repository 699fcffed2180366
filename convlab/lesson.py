"""What a notebook calls: start, quiz, predict, exercise, progress, show.

Each wires a question or an exercise to the learner's store and to something to look at. Whatever was answered
before a restart is there again when the cell is run again.
"""

from html import escape

from . import exercises, questions, review, store
from .attempt import Attempt
from .mistakes import MISTAKES
from .shapes import ArgumentError

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
_said = set()  # notices are said once a kernel
_ladders = {}  # exercise id -> how many hints were shown, and whether the solution was asked for


class Said:
    """Text to look at: itself in a terminal, a paragraph or a block of code in a notebook."""

    def __init__(self, text, html=None, code=False):
        self._text, self._html, self._code = text, html, code

    def __repr__(self):
        return self._text

    def _repr_html_(self):
        if self._html:
            return self._html
        if self._code:
            return f"<pre><code>{escape(self._text)}</code></pre>"
        return _paragraphs(self._text)


def _paragraphs(text):
    """Plain text as HTML paragraphs; one whose columns are aligned by spaces keeps them."""
    parts = filter(None, text.split("\n\n"))
    return "".join(f"<pre>{escape(part)}</pre>" if "   " in part else f"<p>{_prose(part)}</p>" for part in parts)


def _table(head, rows):
    """An HTML table of cells that are HTML already; JupyterLab would set them flush right."""

    def line(cells, tag):
        return "".join(f'<{tag} style="text-align:left;vertical-align:top">{cell}</{tag}>' for cell in cells)

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    return f"<table><thead><tr>{line(head, 'th')}</tr></thead><tbody>{body}</tbody></table>"


def _prose(text):
    """Plain text as HTML: what stands in backticks is code."""
    pieces = escape(text).replace("\n", "<br>").split("`")
    return "".join(f"<code>{piece}</code>" if at % 2 else piece for at, piece in enumerate(pieces))


def _kept():
    """The learner's store; what it has to say is printed once."""
    kept = store.current()
    _announce(kept)
    return kept


def _announce(kept):
    if kept.notice and kept.notice not in _said:
        _said.add(kept.notice)
        print(kept.notice)


def _lesson(name):
    """The two digits of a lesson.

    Raises:
        ArgumentError: there is no such lesson.
    """
    text = f"{name:02d}" if isinstance(name, int) and not isinstance(name, bool) else name
    if not isinstance(text, str) or text not in TITLES:
        raise ArgumentError(f'lesson must be one of "00" to "12"; got {name!r:.60}: write "02" for lesson 02.')
    return text


def start(lesson):
    """Prints that the lesson is ready, and what was done in it before.

    Args:
        lesson: two digits, ``"02"``.
    """
    lesson = _lesson(lesson)
    kept = store.current()
    attempts = kept.attempts()
    print(f"Lesson {lesson}, {TITLES[lesson]}: all is ready.")
    if any(it.lesson == lesson for it in attempts):
        right = {it.item for it in attempts if it.outcome == "right"}
        asked = (("questions right", questions.ids(lesson)), ("exercises solved", exercises.ids(lesson)))
        done = [f"{len(right.intersection(ids))} of {len(ids)} {what}" for what, ids in asked if ids]
        print(f"Welcome back. So far: {', '.join(done)}. Your answers come back as you run the cells.")
    _announce(kept)


def quiz(lesson):
    """The quiz of a lesson: as a cell's last line it shows its card.

    Args:
        lesson: two digits, ``"02"``.

    Raises:
        ArgumentError: the lesson has no questions.

    Example:
        >>> quiz("02")
        QuizCard(quiz, lesson 02)
    """
    lesson = _lesson(lesson)
    if not questions.ids(lesson):
        raise ArgumentError(f"lesson {lesson} has no questions yet: choose one of {', '.join(_with_questions())}.")
    return Quiz(lesson)


def _with_questions():
    return [lesson for lesson in TITLES if questions.ids(lesson)]


class Quiz:
    """The questions of one lesson: the card, a single answer by code, the warm-up, the test."""

    def __init__(self, lesson):
        self.lesson = lesson
        self._card = None

    @property
    def card(self):
        """The endless quiz, where it was left."""
        if self._card is None:
            kept = _kept()
            self._card = _new_card(review.Quiz.begin(self.lesson, kept.attempts()), kept)
        return self._card

    def answer(self, id, response, seed=1, sure=None):
        """The verdict on an answer given by code, recorded like one on a card.

        Args:
            id: one of the lesson's questions, ``convlab.questions.ids(lesson)``.
            response: in any form the question takes; a shape as a tuple, a list or text.
            seed: a whole number; it fixes the question's numbers.
            sure: 1 a guess, 2 fairly, 3 certain, or None.
        """
        question = questions.make(id, seed)
        if not -(2**63) <= seed < 2**63:
            raise ArgumentError("seed must have at most 18 digits: choose a smaller one.")
        review.check_sure(sure)
        entry, kept = review.Entry(question), _kept()
        verdict = review.Deck("quiz", "quiz", [entry]).give(entry, response, kept, sure=sure)
        _announce(kept)
        return verdict

    def warm_up(self):
        """A card with two questions from earlier lessons, those first whose mistakes you have made.

        Raises:
            ArgumentError: no earlier lesson has questions.
        """
        kept = _kept()
        deck = review.WarmUp.begin(self.lesson, kept.attempts())
        if not deck.trail:
            raise ArgumentError(f"no lesson before {self.lesson} has questions to warm up with: go on to the quiz.")
        return _new_card(deck, kept)

    def test(self, seed=None):
        """A card with the lesson's test: ten questions, the verdicts at the end, a result by objective.

        Args:
            seed: a whole number; None continues the test begun last.
        """
        kept = _kept()
        return _new_card(review.Test.begin(self.lesson, kept.attempts(), seed), kept)

    def __repr__(self):
        return f"QuizCard(quiz, lesson {self.lesson})"

    def _repr_mimebundle_(self, **options):
        return self.card._repr_mimebundle_(**options)


def _new_card(deck, kept):
    from .widgets.quiz_card import QuizCard

    return QuizCard(deck, keep=kept)


def predict(id, seed=1):
    """A card with one question to answer before the reveal: the answer is locked once it is given.

    Args:
        id: a question's id.
        seed: a whole number; it fixes the question's numbers.

    Example:
        >>> predict("window-value", seed=7)
        QuizCard(predict, window-value, seed 7)
    """
    kept = _kept()
    return _new_card(review.predict(questions.make(id, seed), kept.attempts()), kept)


def exercise(id):
    """The exercise with this id: its task, `check`, three hints, a solution, and help with errors.

    Args:
        id: such as ``"02.conv2d"``.
    """
    return Task(exercises.get(id))


class Task:
    """An exercise in the hands of a learner."""

    def __init__(self, exercise):
        self._exercise = exercise

    def check(self, function, seed=None):
        """The verdict on your own function, recorded (the verdict, not your code).

        Args:
            function: the function itself, without calling it.
            seed: a whole number; another seed tries other numbers.
        """
        verdict = self._exercise.check(function, seed=seed)
        if verdict.outcome != "not_attempted":
            self._record(verdict.outcome, verdict.mistakes)
        return verdict

    def hint(self):
        """The next of three hints."""
        hints, shown = self._exercise.hints, self._ladder["hints"]
        if shown >= len(hints):
            return Said(f"That was the last of {len(hints)} hints. `.solution()` shows one way to do it.")
        self._ladder["hints"] = shown + 1
        return Said(f"Hint {shown + 1} of {len(hints)}: {hints[shown]}")

    def solution(self, sure=False):
        """One way to do it, after asking; that you have seen it is recorded.

        Args:
            sure: True shows it at once.
        """
        mine = self._attempts()
        tries = sum(it.outcome in ("wrong", "partial", "error", "timeout") for it in mine)
        solved = any(it.outcome == "right" for it in mine)
        if not (sure or solved or self._ladder["asked"]):
            self._ladder["asked"] = True
            seen = f"{self._ladder['hints']} of {len(self._exercise.hints)} hints"
            so_far = f"You have tried {_times(tries)}, and seen {seen}."
            return Said(f"{so_far} To see the solution all the same, run this again, or `.solution(sure=True)`.")
        if not solved and not any(it.solution_seen for it in mine):
            self._record("not_attempted", (), seen=True)
        return Said(self._exercise.reference_source.rstrip(), code=True)

    def help(self):
        """The errors that Python and PyTorch give here: what each means, and what to change."""
        rows = self._exercise.errors
        text = "\n\n".join(f"{message}\n  means: {means}\n  change: {change}" for message, means, change in rows)
        cells = [(f"<code>{escape(message)}</code>", _prose(means), _prose(change)) for message, means, change in rows]
        return Said(text, _table(("the error", "what it means", "what to change"), cells))

    def __repr__(self):
        it = self._exercise
        return f"{it.title} ({it.level}, about {it.minutes} minutes{self._before()})\n\n{it.prompt}"

    def _repr_html_(self):
        it = self._exercise
        facts = f"{it.level}, about {it.minutes} minutes{self._before()}"
        title = f"<p><strong>{escape(it.title)}</strong> · {facts}</p>"
        return f'<div style="max-width:46rem">{title}{_paragraphs(it.prompt)}</div>'

    @property
    def _ladder(self):
        return _ladders.setdefault((self._exercise.id, str(store.default_path())), {"hints": 0, "asked": False})

    def _attempts(self):
        return _kept().attempts(item=self._exercise.id)

    def _before(self):
        return "; solved before" if any(it.outcome == "right" for it in self._attempts()) else ""

    def _record(self, outcome, mistakes, seen=False):
        it = self._exercise
        what = {"item": it.id, "revision": it.revision, "lesson": it.lesson, "kind": "code", "context": "exercise"}
        kept = store.current()
        hints = self._ladder["hints"]
        kept.record(Attempt(**what, outcome=outcome, mistakes=mistakes, hints=hints, solution_seen=seen))
        _announce(kept)


def _times(count):
    return {0: "not once", 1: "once", 2: "twice"}.get(count, f"{count} times")


def progress():
    """The map of the course: what was answered, solved and tested, lesson by lesson."""
    return Progress(_kept())


class Progress:
    """What the learner has done; it can be exported, restored and erased."""

    def __init__(self, kept):
        self._store = kept

    @property
    def lessons(self):
        """A `Standing` for every lesson that has questions or exercises."""
        attempts = self._store.attempts()
        present = [name for name in TITLES if questions.ids(name) or exercises.ids(name)]
        return [review.standing(name, attempts, exercises.ids(name)) for name in present]

    def export(self, path):
        """Writes all answers to a JSON file, to keep or to restore on another machine."""
        count = self._store.export(path)
        return Said(f"{count} {'answer' if count == 1 else 'answers'} written to {path}.")

    def restore(self, path):
        """Merges the answers of an exported file into these; none is lost, none doubled."""
        new = self._store.restore(path)
        return Said(f"{new} new {'answer' if new == 1 else 'answers'} taken from {path}.")

    def erase(self, sure=False):
        """Erases all answers, after asking.

        Args:
            sure: True erases them at once.
        """
        if not sure:
            count = len(self._store.attempts())
            return Said(f"This would erase {count} answers for good. To do it: `progress().erase(sure=True)`.")
        return Said(f"{self._store.erase()} answers erased.")

    def __repr__(self):
        rows = [("lesson", *COLUMNS), *((f"{it.lesson} {TITLES[it.lesson]}", *_row(it)) for it in self.lessons)]
        wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
        table = "\n".join("  ".join(map(str.ljust, row, wide)).rstrip() for row in rows)
        return "\n\n".join([table, *self._to_mend()])

    def _repr_html_(self):
        rows = [(f"{it.lesson} {TITLES[it.lesson]}", *_row(it)) for it in self.lessons]
        return _table(("lesson", *COLUMNS), rows) + _paragraphs("\n\n".join(self._to_mend()))

    def _to_mend(self):
        """A line for each mistake made lately and not mended yet, at most two a lesson."""
        named = [(it.lesson, MISTAKES[id]) for it in self.lessons for id in it.weak if id in MISTAKES]
        return [f'To mend in lesson {lesson}: you answered as if "{it.title}" {it.diagnosis}' for lesson, it in named]


COLUMNS = ("questions right", "kinds in the quiz", "exercises solved", "best test")


def _row(it):
    best = "-" if it.test is None else f"{it.test} of 10"
    return (*(f"{done} of {of}" if of else "-" for done, of in (it.questions, it.quiz, it.exercises)), best)


def show(thing):
    """A function of this course as its source, short enough to be read.

    Args:
        thing: a function or a class written in Python.

    Raises:
        TypeError: it has no source.
    """
    from .pictures import source

    return source(thing)
