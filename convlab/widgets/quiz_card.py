"""The card that asks a question, keeps the answer, and names the mistake behind a wrong one.

The browser is told the question and nothing that gives the answer away. It sends the learner's response here; the
response is graded, written to the database, and only then is the verdict sent back. Every message carries a
number, which comes back in `shown["heard"]`: that is how the page knows whether the kernel is alive.
"""

import math
import uuid

import anywidget
import traitlets

from .. import questions, store
from ..mistakes import MISTAKES
from ..questions.cases import counted
from ..refusals import came, one_sentence
from ..review import Deck, Entry, check_sure
from ..shapes import ArgumentError
from .front import front

HONEST = "Checks run on your own machine to help you learn, and can be bypassed."
TITLES = {"quiz": "Quiz", "predict": "Predict", "warm-up": "Warm-up", "test": "Test", "practice": "Practice"}
TITLES |= {"review": "Due today", "layer": "Your layer", "final": "Final quiz"}
GRADED = ("quiz", "test", "review", "layer", "final")  # the first of these says what a check is worth


@one_sentence
class QuizCard(anywidget.AnyWidget):
    """One question at a time, with the learner's earlier answers behind it.

    Args:
        deck: what to ask: a deck of `convlab.review`, one question, or a list of questions, each a `Question` or
            a pair (id, seed).
        keep: the `Store` that keeps the answers; the learner's own by default.

    Raises:
        ArgumentError: there is nothing to ask, or it is no question.

    Example:
        >>> card = QuizCard(("window-value", 7))
        >>> card
        QuizCard(practice, window-value, seed 7)
    """

    _esm, _css = front("quiz_card")
    shown = traitlets.Dict(help="all that the page draws").tag(sync=True)

    def __init__(self, deck, *, keep=None):
        self._deck = deck if isinstance(deck, Deck) else practice(deck)
        self._store = keep or store.current()
        self._heard = ""
        seen = {it.context.split()[0] for it in self._store.attempts() if it.source == "widget" and it.context}
        self._note = HONEST if self._deck.name in GRADED and not seen.intersection(GRADED) else ""
        self._at = self._resumed()
        super().__init__(shown=self._page())
        self.on_msg(self._told)

    @property
    def question(self):
        """The question on the card."""
        return self._entry.question

    @property
    def verdict(self):
        """The verdict on the question on the card; None before it is answered, and in a test until its end."""
        return None if self._deck.hidden else self._entry.verdict

    @property
    def state(self):
        """A plain dict that makes a card with the same questions: ``QuizCard(**card.state)``."""
        return {"deck": [(entry.question.id, entry.question.seed) for entry in self._deck.trail]}

    def answer(self, response, sure=None):
        """The verdict on a response to the question on the card, recorded like one given by hand.

        Args:
            response: in any form the question takes.
            sure: 1 a guess, 2 fairly, 3 certain.
        """
        check_sure(sure)
        verdict = self._deck.give(self._entry, response, self._store, sure=sure, source="code")
        self.shown = self._page()
        return verdict

    def __repr__(self):
        deck = self._deck
        if len(deck.trail) == 1 and deck.name in ("predict", "practice"):
            return f"QuizCard({deck.name}, {self.question.id}, seed {self.question.seed})"
        if deck.name == "review":
            return f"QuizCard(review, {counted(len(deck.trail), 'question')})"
        name = deck.context if deck.name == "test" else deck.name
        return f"QuizCard({name}, {self._about()})"

    def __str__(self):
        return str(self.question)

    # What the page says ----------------------------------------------------------------------------------------

    def _told(self, _widget, content, _buffers):
        """Does what the page asks for; a message that makes no sense changes nothing."""
        if not isinstance(content, dict):
            return
        act = {"check": self._on_check, "hint": self._on_hint, "next": self._on_next, "like": self._on_like}
        act |= {"go": self._on_go, "again": self._on_again}
        handler = act.get(str(content.get("do")))
        if handler:
            handler(content)
        self._heard = str(content.get("number"))[:40]
        self.shown = self._page()

    def _on_check(self, content):
        entry = next((it for it in self._deck.trail if it.key == content.get("key")), None)
        if entry is None or "response" not in content:
            return
        sure = content.get("sure")
        self._deck.give(
            entry,
            content["response"],
            self._store,
            sure=sure if sure in (1, 2, 3) and not isinstance(sure, bool) else None,
            seconds=_seconds(content.get("seconds")),
            id=_uuid(content.get("id")),
            source="widget",
        )

    def _on_hint(self, _):
        if not self._deck.secret:
            self._entry.hints = 1

    def _on_next(self, _):
        """On to the next question without an answer, else a further one."""
        trail = self._deck.trail
        later = [place for place in range(len(trail)) if trail[place].attempt is None]
        after = [place for place in later if place > self._at] or later
        if after:
            self._at = after[0]
        elif (question := self._deck.further()) is not None:
            self._show(question)

    def _on_like(self, _):
        if self._entry.attempt and self._may_like:
            self._show(self._deck.like(self.question))

    def _on_go(self, content):
        place = content.get("to")
        if isinstance(place, int) and 0 <= place < len(self._deck.trail):
            self._at = place

    def _on_again(self, _):
        if self._deck.again and self._deck.done:
            self._deck = self._deck.restart(self._store.attempts())
            self._at = self._resumed()

    # What it knows ---------------------------------------------------------------------------------------------

    @property
    def _entry(self):
        return self._deck.trail[self._at]

    @property
    def _may_like(self):
        known = self.question.id in questions.ids()  # one on the learner's own layer has no other numbers
        return known and self._deck.name in ("quiz", "practice", "review")

    def _resumed(self):
        """The place of the last answer, so that it is there again; in a test the first question left."""
        trail = self._deck.trail
        given = [place for place, entry in enumerate(trail) if entry.attempt]
        if self._deck.hidden or not given:
            return next(place for place, entry in enumerate(trail) if entry.attempt is None)
        return given[-1]

    def _show(self, question):
        self._deck.trail.append(Entry(question))
        self._at = len(self._deck.trail) - 1

    def _page(self):
        """All that the page draws, as plain JSON; of what is not answered, nothing but the question."""
        deck, entry = self._deck, self._entry
        reached, of, words = deck.standing
        summary = deck.summary
        return {
            "heard": self._heard,
            "card": {"name": deck.name, "title": TITLES[deck.name], "about": self._about()},
            "key": entry.key,
            "at": self._at,
            "trail": [self._mark(it) for it in deck.trail],
            "standing": {"reached": reached, "of": of, "words": words} if len(deck.trail) > 1 or of > 1 else None,
            "page": _plain(entry.question.page()),
            "needsSure": deck.needs_sure,
            "hint": entry.question.hint if entry.hints else "",
            "unread": "" if entry.unread is None else entry.unread.message,
            "given": _given(entry.attempt) if entry.attempt else None,
            "feedback": feedback(entry) if entry.attempt and not deck.hidden else None,
            "summary": {"words": summary[0], "rows": summary[1]} if summary else None,
            "may": {
                "next": not deck.done and (entry.attempt is not None or self._at < len(deck.trail) - 1),
                "like": self._may_like and entry.attempt is not None,
                "hint": not deck.secret and not entry.hints,
                "again": deck.again if deck.done else "",
            },
            "note": self._note,
            "notice": self._store.notice or "",
        }

    def _about(self):
        return self._deck.words or f"lesson {self._deck.lesson or self.question.lesson}"

    def _mark(self, entry):
        if entry.attempt is None:
            return "open"
        return "given" if self._deck.hidden else entry.attempt.outcome


def practice(given):
    """A deck of the questions given: one or several, each a `Question` or a pair (id, seed)."""
    one = hasattr(given, "grade") or (isinstance(given, tuple) and len(given) == 2 and isinstance(given[0], str))
    wanted = [given] if one else list(given) if isinstance(given, list | tuple) else []
    if not wanted:
        raise ArgumentError(
            f"QuizCard needs a question or a list of questions; got {came(given)}: "
            'write QuizCard(("window-value", 7)) or quiz("02").'
        )
    asked = []
    for it in wanted:
        pair = isinstance(it, list | tuple) and len(it) == 2
        if not pair and not hasattr(it, "grade"):
            raise ArgumentError(f"a question is a Question or a pair (id, seed); got {came(it)}.")
        asked.append(questions.make(*it) if pair else it)
    return Deck("practice", "practice", [Entry(question) for question in asked], asked[0].lesson)


def feedback(entry):
    """What the page may show of an answered question: the verdict, the mistakes' words, the right answer, the way."""
    verdict, question = entry.verdict, entry.question
    named = [MISTAKES[id] for id in verdict.mistakes if id in MISTAKES][:2]
    return {
        "outcome": verdict.outcome,
        "message": verdict.message,
        "mistakes": [{"id": it.id, "title": it.title, "diagnosis": it.diagnosis} for it in named],
        "right": right_answer(question),
        "hint": question.hint,
        "steps": list(question.steps),
        "proof": question.proof,
    }


def right_answer(question):
    """The right answer as the page marks it: places of options, cells, or the answer as text."""
    answer, options = question.answer, question.options
    if question.kind == "choice":
        return [options.index(answer)]
    if question.kind in ("choices", "order"):
        return [options.index(text) for text in answer]
    if question.kind == "cells":
        return sorted(map(list, answer))
    if question.kind == "truefalse":
        return bool(answer)
    return str(answer)


def _given(attempt):
    return {"response": attempt.response, "sure": attempt.sure}


def _plain(value):
    """JSON has no nan and no infinity: they become None, drawn as a question mark."""
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _seconds(value):
    sensible = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6
    return float(value) if sensible else None


def _uuid(text):
    """The page's own number for the attempt, so that sending it twice stores it once; None when it is none."""
    try:
        return str(uuid.UUID(text))
    except (ValueError, TypeError, AttributeError):
        return None
