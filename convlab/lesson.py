"""What a notebook calls: start, quiz, predict, exercise, progress, show, trace.

Each wires a question or an exercise to the learner's store and to something to look at. Whatever was answered
before a restart is there again when the cell is run again.
"""

from dataclasses import replace
from functools import cached_property
from html import escape
from operator import index

from . import exercises, layers, questions, review, store
from .attempt import Attempt, raw
from .course_map import TITLES, Progress, what_is_due
from .refusals import came, few, one_sentence
from .said import Said, paragraphs, prose, table
from .shapes import ArgumentError, Conv2dSpec

_said = set()  # notices are said once a kernel
_ladders = {}  # exercise id -> how many hints were shown, and whether the solution was asked for


def _kept():
    """The learner's store; what it has to say is printed once."""
    kept = store.current()
    _announce(kept)
    return kept


def _announce(kept):
    for notice in (kept.notice, kept.outbox and kept.outbox.notice):
        if notice and notice not in _said:
            _said.add(notice)
            print(notice)


def _lesson(name):
    """The two digits of a lesson.

    Raises:
        ArgumentError: there is no such lesson.
    """
    text = f"{name:02d}" if isinstance(name, int) and not isinstance(name, bool) else name
    if not isinstance(text, str) or text not in TITLES:
        raise ArgumentError(f'lesson must be one of "00" to "12"; got {came(name)}: write "02" for lesson 02.')
    return text


@one_sentence
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


@one_sentence
def quiz(lesson=None, input=None):
    """A quiz: of a lesson, on a layer of your own, or on what is due today. As a cell's last line it shows its card.

    Args:
        lesson: two digits, ``"02"``; or an ``nn.Conv2d`` or a `Conv2dSpec`; left out, what is due today is asked.
        input: for a layer, its input: a tensor or a shape.

    Raises:
        ArgumentError: there is no such lesson, or a layer came without its input.
        ShapeError: PyTorch refuses the layer or the input.

    Example:
        >>> quiz("02")
        QuizCard(quiz, lesson 02)
        >>> quiz(Conv2dSpec(3, 8, kernel_size=(3, 5)), (1, 3, 32, 48))
        QuizCard(layer, 3 to 8 channels, kernel 3 x 5, input (1, 3, 32, 48))
    """
    if lesson is None and input is None:
        return Review()
    if isinstance(lesson, Conv2dSpec):
        return OwnLayer(lesson, _shape_of(input))
    if layers.is_conv2d(lesson):
        return OwnLayer(layers.spec(lesson), _shape_of(input))
    if input is not None or hasattr(lesson, "forward"):
        got = type(lesson).__name__
        raise ArgumentError(f"quiz(layer, input) needs an nn.Conv2d or a Conv2dSpec; got {got}: pass one layer.")
    return Quiz(_lesson(lesson))


def _shape_of(input):
    """The shape of a tensor or an array, or the shape that was given.

    Raises:
        ArgumentError: neither.
    """
    shape = getattr(input, "shape", input)
    try:
        return tuple(map(index, few(shape)))
    except TypeError:
        raise ArgumentError(
            f"input must be a tensor or a shape; got {came(input)}: write quiz(layer, x) or quiz(layer, (3, 32, 48))."
        ) from None


class OwnLayer:
    """Four questions on a layer of the learner's own: both shapes, the parameters, the multiply-adds."""

    def __init__(self, spec, input_shape):
        self._deck = review.own_layer(spec, input_shape, _kept().attempts())

    @cached_property
    def card(self):
        """The card, with what was answered about this layer and input before."""
        return _new_card(self._deck, _kept())

    def answer(self, what, response, sure=None):
        """The verdict on an answer given by code, recorded like one on a card.

        Args:
            what: "output_shape", "weight_shape", "parameter_count" or "macs".
            response: in any form the question takes; a shape as a tuple, a list or text.
            sure: 1 a guess, 2 fairly, 3 certain, or None.
        """
        review.check_sure(sure)
        if not isinstance(what, str) or what not in review.OWN:
            raise ArgumentError(f"what must be one of {', '.join(review.OWN)}; got {came(what)}: choose one.")
        entry, kept = review.Entry(self._deck.trail[review.OWN.index(what)].question), _kept()
        verdict = replace(self._deck, trail=[entry]).give(entry, response, kept, sure=sure)
        _announce(kept)
        return verdict

    def __repr__(self):
        return f"QuizCard(layer, {self._deck.words})"

    def _repr_mimebundle_(self, **options):
        return self.card._repr_mimebundle_(**options)


class Review:
    """What is due today, over all lessons; a sentence when nothing is."""

    def __init__(self):
        kept = _kept()
        attempts = kept.attempts()
        deck = review.Review.begin(attempts)
        self.card = _new_card(deck, kept) if deck.trail else None
        nothing = ["Nothing is due yet: what you answer in the lessons is asked again here, days later."]
        self._said = Said("\n\n".join(what_is_due(attempts) or nothing))

    def __repr__(self):
        return repr(self.card or self._said)

    def _repr_mimebundle_(self, **options):
        if self.card:
            return self.card._repr_mimebundle_(**options)
        return {"text/plain": repr(self._said), "text/html": self._said._repr_html_()}


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

    def final(self, seed=None):
        """A card with the final quiz: twenty questions on all lessons before this one, what is weak likelier than else.

        Args:
            seed: a whole number from 0; None continues the final begun last.
        """
        kept = _kept()
        return _new_card(review.Final.begin(self.lesson, kept.attempts(), seed), kept)

    def __repr__(self):
        return f"QuizCard(quiz, lesson {self.lesson})"

    def _repr_mimebundle_(self, **options):
        return self.card._repr_mimebundle_(**options)


def _new_card(deck, kept):
    from .widgets.quiz_card import QuizCard

    return QuizCard(deck, keep=kept)


@one_sentence
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


@one_sentence
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
            self._record(verdict.outcome, verdict.mistakes, facts=verdict.facts)
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
        if not (sure is True or solved or self._ladder["asked"]):
            self._ladder["asked"] = True
            hints = f"{self._ladder['hints']} of {len(self._exercise.hints)} hints"
            so_far = f"You have tried {_times(tries)}, and seen {hints}."
            return Said(f"{so_far} To see the solution all the same, run this again, or `.solution(sure=True)`.")
        if not solved and not any(it.solution_seen for it in mine):
            self._record("not_attempted", (), seen=True)
        return Said(self._exercise.reference_source.rstrip(), code=True)

    def help(self):
        """The errors that Python and PyTorch give here: what each means, and what to change."""
        rows = self._exercise.errors
        text = "\n\n".join(f"{error}\n  means: {means}\n  change: {change}" for error, means, change in rows)
        cells = [(f"<code>{escape(message)}</code>", prose(means), prose(change)) for message, means, change in rows]
        return Said(text, table(("the error", "what it means", "what to change"), cells))

    def __repr__(self):
        it = self._exercise
        return f"{it.title} ({it.level}, about {it.minutes} minutes{self._before()})\n\n{it.prompt}"

    def _repr_html_(self):
        it, facts = self._exercise, f"{self._exercise.level}, about {self._exercise.minutes} minutes{self._before()}"
        title = f"<p><strong>{escape(it.title)}</strong> · {facts}</p>"
        return f'<div style="max-width:46rem">{title}{paragraphs(it.prompt)}</div>'

    @property
    def _ladder(self):
        return _ladders.setdefault((self._exercise.id, str(store.default_path())), {"hints": 0, "asked": False})

    def _attempts(self):
        return _kept().attempts(item=self._exercise.id)

    def _before(self):
        return "; solved before" if any(it.outcome == "right" for it in self._attempts()) else ""

    def _record(self, outcome, mistakes, seen=False, facts=None):
        it = self._exercise
        what = {"item": it.id, "revision": it.revision, "lesson": it.lesson, "kind": "code", "context": "exercise"}
        told = {"outcome": outcome, "mistakes": mistakes, "answer": raw(facts), "hints": self._ladder["hints"]}
        kept = store.current()
        kept.record(Attempt(**what, **told, solution_seen=seen))
        _announce(kept)


def _times(count):
    return {0: "not once", 1: "once", 2: "twice"}.get(count, f"{count} times")


def progress():
    """The map of the course: what is mastered, shaky, due and not begun, lesson by lesson."""
    return Progress(_kept())


@one_sentence
def show(thing, input=None):
    """A layer taken apart, with its input and output; or a function of this course as its source.

    Args:
        thing: an ``nn.Conv2d`` or a ``Conv2dSpec``, to move and to look into; or a function or class, to read.
        input: for a layer, a tensor (N, C_in, H, W) or (C_in, H, W), or such a shape.

    Raises:
        TypeError: it is neither a layer nor has it a source.

    Example:
        >>> show(Conv2dSpec(3, 4, kernel_size=(3, 2)), (1, 3, 5, 6))
        LayerAnatomy(nn.Conv2d(3, 4, kernel_size=(3, 2)), input=(1, 3, 5, 6))
    """
    if layers.is_conv2d(thing) or isinstance(thing, Conv2dSpec):
        from .widgets.layer_anatomy import LayerAnatomy

        return LayerAnatomy(thing, input=input)
    if input is not None or layers.is_module(thing):
        raise ArgumentError(
            f"show opens an nn.Conv2d, or a Conv2dSpec, with its input; got {type(thing).__name__}: take one layer "
            "out of a model, such as show(model[0], x)."
        )
    from .pictures import source

    return source(thing)


def trace(model, input):
    """Your own model followed layer by layer: shapes, parameters, multiply-adds, memory, and where and why it breaks.

    Args:
        model: any ``nn.Module`` whose forward takes one tensor.
        input: a tensor, or a shape such as (1, 3, 32, 32).

    Example:
        >>> from torch import nn
        >>> trace(nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU()), (1, 1, 5, 7))
        ShapeTracer(Sequential, input=(1, 1, 5, 7))
    """
    from .widgets.shape_tracer import ShapeTracer

    return ShapeTracer(model, input)
