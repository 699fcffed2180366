"""What a notebook calls: start, quiz, predict, exercise, progress, show, trace.

Each wires a question or an exercise to the learner's store and to something to look at. Whatever was answered
before a restart is there again when the cell is run again.
"""

from html import escape
from operator import index

from . import exercises, layers, questions, review, store
from .attempt import Attempt, raw
from .course_map import TITLES, Progress
from .quizzes import OwnLayer, Quiz, Review, announce, learners_store, new_card
from .refusals import came, few, one_sentence
from .said import Said, paragraphs, prose, table
from .shapes import ArgumentError, Conv2dSpec

_ladders = {}  # exercise id -> how many hints were shown, and whether the solution was asked for


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

    Raises:
        ArgumentError: there is no such lesson.

    Example:
        >>> start("02")  # doctest: +ELLIPSIS
        Lesson 02, Convolution by hand: all is ready...
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
    announce(kept)


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


@one_sentence
def predict(id, seed=1):
    """A card with one question to answer before the reveal: the answer is locked once it is given.

    Args:
        id: a question's id.
        seed: a whole number; it fixes the question's numbers.

    Raises:
        ArgumentError: there is no such question, or the seed is no whole number.

    Example:
        >>> predict("window-value", seed=7)
        QuizCard(predict, window-value, seed 7)
    """
    kept = learners_store()
    return new_card(review.predict(questions.make(id, seed), kept.attempts()), kept)


@one_sentence
def exercise(id):
    """The exercise with this id: its task, `check`, three hints, a solution, and help with errors.

    Args:
        id: such as ``"02.conv2d"``.

    Raises:
        UnknownExercise: a ValueError; there is no such exercise.

    Example:
        >>> print(repr(exercise("02.kernel")).splitlines()[0])
        Brighter than its left neighbour (medium, about 8 minutes)
    """
    return Task(exercises.get(id))


class Task:
    """An exercise in the hands of a learner.

    Args:
        exercise: one of ``convlab.exercises``.
    """

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
        return learners_store().attempts(item=self._exercise.id)

    def _before(self):
        return "; solved before" if any(it.outcome == "right" for it in self._attempts()) else ""

    def _record(self, outcome, mistakes, seen=False, facts=None):
        it = self._exercise
        what = {"item": it.id, "revision": it.revision, "lesson": it.lesson, "kind": "code", "context": "exercise"}
        told = {"outcome": outcome, "mistakes": mistakes, "answer": raw(facts), "hints": self._ladder["hints"]}
        kept = store.current()
        kept.record(Attempt(**what, **told, solution_seen=seen))
        announce(kept)


def _times(count):
    return {0: "not once", 1: "once", 2: "twice"}.get(count, f"{count} times")


def progress():
    """The map of the course: what is mastered, shaky, due and not begun, lesson by lesson.

    Example:
        >>> progress().lessons[2].lesson
        '02'
    """
    return Progress(learners_store())


@one_sentence
def show(thing, input=None):
    """A layer taken apart, with its input and output; or a function of this course as its source.

    Args:
        thing: an ``nn.Conv2d`` or a ``Conv2dSpec``, to move and to look into; or a function or class, to read.
        input: for a layer, a tensor (N, C_in, H, W) or (C_in, H, W), or such a shape.

    Raises:
        ArgumentError: a TypeError; it is neither a layer nor has it a source.
        ShapeError: PyTorch refuses the input.

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

    Raises:
        ArgumentError: no module, or neither a tensor nor a shape; where the model itself breaks is shown, not raised.

    Example:
        >>> from torch import nn
        >>> trace(nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU()), (1, 1, 5, 7))
        ShapeTracer(Sequential, input=(1, 1, 5, 7))
    """
    from .widgets.shape_tracer import ShapeTracer

    return ShapeTracer(model, input)
