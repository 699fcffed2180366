"""What an exercise is: a task, a stub, hints, a reference, its typical slips, and the cases it is tried on."""

import inspect
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from importlib import import_module
from types import MappingProxyType

import numpy as np

from ..refusals import came, size
from ..verdict import Verdict


@dataclass(frozen=True)
class Case:
    """One case of a check.

    Args:
        arguments: what the learner's function is called with, by name, in order; arrays are NumPy float64.
        shown: what the picture of a failing case shows first: title -> (role, array).
        label: the case in words, such as "an input of 4 x 6 and a weight of 2 x 3".
        example: it is the example printed in the task.
        then: what is done with what came back, where that is no number but a layer, say: a function of it that
            gives an array. It runs in the sandbox, beside the learner's code. None is left as it is, unless `then` has
            a true attribute `takes_none`.
        counted: the numbers compared are sizes or counts, which are laid side by side and not subtracted.
        within: what is put in place around the call of the learner's function, a made-up clock, say: a function of
            his function that gives a context manager. It runs in the sandbox too.

    Example:
        >>> Case({"length": 7}, {}, "a length of 7").example
        False
    """

    arguments: dict
    shown: dict
    label: str
    example: bool = False
    then: Callable | None = None
    counted: bool = False
    within: Callable | None = None


@dataclass(frozen=True)
class Slip:
    """A wrong solution that learners write, and what to tell the one who wrote it.

    Args:
        mistakes: ids of the mistakes behind it, or empty where the table has none.
        name: a short name, unique in the exercise.
        function: takes and returns what the learner's function does; where his would raise, so does this one.
        says: one or two sentences: what the numbers are, and what to think instead.
        also: other programs that the same slip leads to.
        outcome: "partial" where all that is there is right, and something is missing.

    Example:
        >>> slip = Slip(("M04",), "one place too few", lambda length: length - 3, "That leaves out the last place.")
        >>> slip.programs[0](7)
        4
    """

    mistakes: tuple
    name: str
    function: Callable
    says: str
    also: tuple = ()
    outcome: str = "wrong"

    @property
    def programs(self):
        """All programs that this slip leads to."""
        return (self.function, *self.also)


class Refused(ValueError):
    """What a slip raises whose learner refuses a case on purpose, with a raise of his own."""


class Misfit(ValueError):
    """What a case's `then` raises where it can do nothing with what came back; its message is for the learner."""


class Exercise(ABC):
    """A task for the learner's own function; an exercise is a subclass with every attribute filled in.

    Raises:
        TypeError: a method or an attribute of the subclass is not there, so it cannot be made.

    Example:
        >>> from convlab.exercises import get
        >>> exercise = get("02.conv2d")
        >>> exercise.check(exercise.reference, seed=7).outcome
        'right'
    """

    id: str
    lesson: str
    title: str
    level: str  # easy, medium or hard
    minutes: int
    revision: int
    prompt: str
    stub: str
    reference: Callable
    hints: tuple  # three, each saying more than the one before
    errors: tuple  # (message as it is printed, what it means, what to change)
    slips: tuple
    arguments = ()  # names, in order
    optional = MappingProxyType({})  # the names that have a default -> the default
    made = "function"  # what the learner writes: a "function" or a "class"
    meaning = MappingProxyType({})  # what an optional argument is for, where `sentences.MEANING` says it otherwise
    watched = False  # True: ready-made convolutions and gradients may not be called; or `inside.ready_made`'s like
    instead = "here the sums are to be your own. Loops, einsum, unfold or an FFT are all fine."  # of what was called
    form = "array"  # what the function returns: an "array", a "batch", a "whole number" or a "tuple" of them
    stages = None  # (name, sentence where it fails) in turn, for a form of result that this exercise alone has
    returns = "output"  # what the result is called
    compared = "output"  # what the numbers are called that are compared, see `value`
    right = "Right."  # the first words of a right verdict
    faster = ""  # what to tell the author of a slow solution
    lost_digits = (  # what to say where right numbers are not exact
        "Its numbers were float32 on the way, and lost digits: that is accepted. torch.zeros makes float32 unless told "
        "otherwise; dtype=torch.float64 keeps all digits."
    )
    slow_s = 1.0  # seconds for all cases, beyond which a right solution is called slow
    timeout_s = 9.5  # the verdict is there within 10 s
    forked = None  # None: in a child process where the system has fork

    def __init__(self):
        lacking = [name for name in Exercise.__annotations__ if not hasattr(type(self), name)]
        if lacking:
            raise TypeError(f"{type(self).__name__} is no whole exercise: give it {', '.join(lacking)}.")

    def __repr__(self):
        return f"<exercise {self.id}: {self.title} ({self.level}, about {self.minutes} minutes)>"

    @property
    def mutants(self):
        """The wrong solutions that must be caught: mistake id (or a name, where it has none) -> function."""
        found = {}
        for slip in self.slips:
            if slip.outcome != "wrong":
                continue
            if len(slip.mistakes) == 1 and slip.mistakes[0] not in found:
                found[slip.mistakes[0]] = self._mutant(slip.function)
            elif not slip.mistakes:
                found[slip.name] = self._mutant(slip.function)
        return found

    @property
    def reference_source(self):
        """The source text of the reference, as a learner is shown it."""
        return inspect.getsource(self.reference)

    @abstractmethod
    def cases(self, seed):
        """The cases of a `seed`, the smallest first."""

    @abstractmethod
    def expected(self, case):
        """What a right solution's value is for the `case`, an array."""

    def _mutant(self, function):
        return _in_tensors(function) if self.form == "array" else function

    def result_shape(self, case):
        """The shape that the function's result must have for this `case`."""
        return self.expected(case).shape

    def restricted(self, case, names):
        """The `case` without the arguments of these `names`, for a function that cannot take them."""
        kept = {name: value for name, value in case.arguments.items() if name not in names}
        return replace(case, arguments=kept)

    def value(self, case, result):
        """What is compared: the `result` itself, unless the exercise puts it to use first, as the `case` says."""
        return result

    def own_words(self, trial):
        """What is said of a `trial` that is wrong, in place of the judge's sentence; "" leaves it to the judge."""
        return ""

    def derive(self, case, place):
        """How the `case`'s expected number at `place` comes about, such as " = 2*1 + 3*0", or ""."""
        return ""

    def why_shape(self, case):
        """The formula that gives the shape, with the numbers of this `case`, or ""."""
        return ""

    def praise(self, trials):
        """The first words of a right verdict, after these `trials`."""
        return self.right

    def drawn(self, trial):
        """What is drawn of a `trial` that failed, in place of the judge's own figure; None leaves it to the judge."""
        return None

    def facts(self, trials):
        """What the `trials` measured and is kept with the attempt: a small dict, or None; never the learner's code."""
        return None

    def check(self, fn, seed=None):
        """A Verdict on the function, with the smallest failing case as its figure.

        Args:
            fn: the learner's function itself, not a call of it.
            seed: a whole number draws the same cases again; None draws fresh ones.
        """
        from .judge import judge

        if seed is None:
            seed = secrets.randbelow(10_000)
        try:
            seed = size(seed)
        except Exception:  # who knows what its own __index__ does
            said = f"seed must be a whole number or None, but {came(seed)} came: write .check(fn, seed=7)."
            return Verdict("error", said)
        return judge(self, fn, seed)


def _in_tensors(function):
    """The function with its array as a tensor, like the reference's; so a mutant differs in its mistake alone."""

    @wraps(function)
    def solution(*arguments, **keywords):
        return import_module("torch").from_numpy(np.ascontiguousarray(function(*arguments, **keywords)))

    return solution


def random_numbers(seed, exercise_id):
    """A generator of its own for each exercise and seed; any whole number is a seed, negative ones too.

    Example:
        >>> int(random_numbers(7, "02.conv2d").integers(100)) == int(random_numbers(7, "02.conv2d").integers(100))
        True
    """
    return np.random.default_rng([seed % 2**64, *exercise_id.encode()])
