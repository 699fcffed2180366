"""The judge: type, dtype, rank, shape, then values, a sentence each with the learner's own numbers.

It compares in this process, with arithmetic only, what the sandbox sent as plain numbers; so a patched
torch.allclose changes nothing. What is wrong is laid beside the exercise's slips, run on the same cases: where one
does the same everywhere, it is named.
"""

import base64
import warnings
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module

import numpy as np

from ..layers.threads import threads
from ..verdict import Verdict
from . import sentences, tuples
from .calling import fit, untouched, wanted
from .naming import complaint, ends_alike, explaining
from .sandbox import run
from .task import Misfit

SINGLE, DOUBLE = 1e-4, 1e-9  # relative to the largest expected number
TOLERANCE = {"float16": 2e-2, "bfloat16": 2e-2}  # a float64 result may have been float32 on the way
STAGES = {
    "array": (
        ("type", sentences.wrong_type),
        ("dtype", sentences.wrong_dtype),
        ("rank", sentences.wrong_rank),
        ("shape", sentences.wrong_shape),
        ("changed", sentences.changed_input),
    ),
    "whole number": (("type", sentences.not_whole),),
    "tuple": (("type", tuples.not_tuple), ("rank", tuples.wrong_length), ("dtype", tuples.not_counted)),
}


@dataclass
class Trial:
    """One case with what the learner's function made of it."""

    exercise: object
    case: object
    run: dict
    outcomes: dict = field(default_factory=dict)  # a slip's program -> what it makes of the case, see `naming`

    @cached_property
    def result(self):
        """The numbers that came back, as float64, or None where none did."""
        told = self.run.get("result")
        if told is None or told["data"] is None:
            return None
        return np.frombuffer(base64.b64decode(told["data"])).reshape(told["shape"])

    @cached_property
    def expected(self):
        return self.exercise.expected(self.case)

    @cached_property
    def yours(self):
        """What the learner's result amounts to, or None where its shape does not allow to say."""
        if self.result is None or self.result.shape != self.exercise.result_shape(self.case):
            return None
        return self.exercise.value(self.case, self.result)

    @property
    def tolerance(self):
        relative = TOLERANCE.get(self.run["result"]["dtype"], SINGLE)
        return relative * (1.0 + float(abs(self.expected).max(initial=0)))

    @property
    def rounded(self):
        """True where right numbers were float32 at least once."""
        return bool((abs(self.yours - self.expected) > DOUBLE / SINGLE * self.tolerance).any())

    def equals(self, numbers):
        """True where the learner's numbers are these ones, up to rounding."""
        if self.yours is None or self.yours.shape != numbers.shape:
            return False
        return bool((abs(self.yours - numbers) <= self.tolerance).all())

    @cached_property
    def complaint(self):
        """What the function's exception complains of, or None; returning nothing on purpose is a complaint too."""
        if "error" in self.run:
            error = self.run["error"]
            return complaint(error["type"], error["text"], error["on_purpose"])
        return ("refused", None) if self.run["result"]["type"] == "NoneType" else None

    @cached_property
    def trouble(self):
        """(stage, sentence) of the first thing that is wrong, or None."""
        if "error" in self.run:
            return "error", sentences.raised(self)
        for stage, look in self.exercise.stages or STAGES[self.exercise.form]:
            if sentence := look(self):
                return stage, self.exercise.own_words(self) or sentence
        if self.equals(self.expected):
            return None
        return "values", self.exercise.own_words(self) or sentences.wrong_values(self)


def judge(exercise, fn, seed):
    """The Verdict on a function over the cases of a seed.

    Example:
        >>> from convlab.exercises import get
        >>> judge(get("02.conv2d"), get("02.conv2d").mutants["M61"], seed=7).mistakes
        ('M61',)
    """
    one_thread = threads(1) if _torch_is_here() else nullcontext()  # what is computed here is small
    with one_thread, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the programs of the slips go wrong on purpose
        return _judged(exercise, fn, seed)


def _judged(exercise, fn, seed):
    fitted = fit(exercise, fn, exercise.cases(seed))
    if isinstance(fitted, Verdict):
        return fitted
    report = run(fn, fitted.calls, exercise.watched, exercise.timeout_s, exercise.forked)
    trials = [Trial(exercise, case, one) for case, one in zip(fitted.cases, report.runs, strict=False)]
    looks = (  # one after the other, and never by `or`: a Verdict that is not right is false
        lambda: _not_begun(exercise, fn, trials),
        lambda: _forbidden(trials),
        lambda: _cut_short(exercise, report, fitted),
        lambda: _wrong(exercise, trials),
    )
    verdict = next((verdict for look in looks if (verdict := look()) is not None), None)
    verdict = _right(exercise, trials, fitted, seed) if verdict is None else verdict
    return _with_prints(replace(verdict, facts=exercise.facts(trials)), report)


def _torch_is_here():
    """torch is brought in before the fork, so that no child pays for it; without it NumPy arrays are given."""
    try:
        import_module("torch")
    except ImportError:
        return False
    return True


def _not_begun(exercise, fn, trials):
    first = trials[0].run if trials else {}
    error, result = first.get("error"), first.get("result") or {}
    blank = result.get("type") == "ellipsis" or (result.get("type") == "NoneType" and untouched(fn, exercise.stub))
    blank = blank or (isinstance(fn, type) and untouched(fn, exercise.stub))
    if blank or (error and error["stub"]):
        return Verdict("not_attempted", "Nothing is written yet: put your own lines in place of the dots.")


def _forbidden(trials):
    for trial in trials:
        if trial.run["called"]:
            return Verdict(
                "wrong",
                f"Your function calls {trial.run['called']}, which does the whole task: {trial.exercise.instead}",
            )


def _cut_short(exercise, report, fitted):
    """The verdict where the function did not come to its end."""
    done, made = len(report.runs), exercise.made
    case = fitted.cases[min(done, len(fitted.cases) - 1)]
    where = f" at {case.label}" if case.arguments else ""
    if report.ended == "timeout":
        tried = f" after {done} finished {'case' if done == 1 else 'cases'}" if done else ""
        return Verdict(
            "timeout",
            f"Time is up: your {made} was stopped{tried}{where}. Look for a loop that never ends, such as a "
            f"while whose counter does not grow.",
        )
    if report.ended == "died":
        how = f" ({report.status})" if report.status else ""
        return Verdict(
            "error",
            f"Your {made} ended Python itself{how}{where}; the kernel is unharmed. Look for os._exit, a "
            f"recursion without end, or memory written from outside.",
        )


def _wrong(exercise, trials):
    failing = next((trial for trial in trials if trial.trouble), None)
    if failing is None:
        return None
    stage, sentence = failing.trouble
    error = failing.run.get("error")
    if error and (error["fatal"] or error["memory"]):
        return Verdict("error", sentence)
    if stage != "changed" and (slips := explaining(exercise, trials)):
        ids = tuple(dict.fromkeys(id for slip in slips for id in slip.mistakes))
        what_came = sentence.splitlines()[0] if error else sentence  # the slip says better what an error means
        said = f"{slips[0].says}\n{what_came}"
        if error and not ends_alike(slips, failing):  # two things at once: what stops the program is mended first
            said = f"{sentence}\nWhere it came to its end, something else shows. {slips[0].says}"
        return Verdict(slips[0].outcome, said, ids, _figure(failing))
    misfit = error and error["type"] == Misfit.__name__
    outcome, figure = ("error", None) if error and not misfit else ("wrong", _figure(failing))
    if not misfit and stage in ("error", "shape", "values", "rank") and (hard := _made_for_example(trials)):
        return Verdict(outcome, f"{hard}\n{sentence}", figure=_figure(failing))
    return Verdict(outcome, sentence, figure=figure)


def _made_for_example(trials):
    """A sentence for a function that is right on the example of the task and nowhere else, or None."""
    others = [trial for trial in trials if not trial.case.example]
    example = [trial for trial in trials if trial.case.example]
    if not example or example[0].trouble or len(others) < 3 or not all(trial.trouble for trial in others):
        return None
    return (
        "Your function is right on the example of the task and on no other case: the example's numbers, or its sizes, "
        "are written into it. Take every size from the arguments."
    )


def _right(exercise, trials, fitted, seed):
    tried = f"{len(trials)} case{'s' * (len(trials) != 1)}"
    said = [f"{exercise.praise(trials)} Tried on {tried} (seed {seed})."]
    said += [note for note in (fitted.note, *_remarks(exercise, trials, fitted)) if note]
    if fitted.missing:
        return Verdict("partial", sentences.missing(fitted.missing, exercise, wanted(exercise)))
    return Verdict("right", "\n".join(said))


def _remarks(exercise, trials, fitted):
    """What is accepted and yet worth a sentence: another dtype, another library, a slow way."""
    dtype = trials[0].run["result"]["dtype"]
    if exercise.form == "array" and dtype != "float64":
        yield (
            f"Your result is {dtype}, and the task works in float64: that is accepted. torch.zeros makes float32 "
            f"unless told otherwise; dtype=torch.float64 keeps all digits."
        )
    elif any(trial.rounded for trial in trials):
        yield exercise.lost_digits
    stumbled = trials[0].run.get("with_tensors")
    if stumbled:
        yield (
            f"With tensors it raised {stumbled['type']}: {stumbled['text']}; so it was checked with NumPy arrays, "
            f"which is accepted."
        )
    seconds = sum(trial.run["seconds"] for trial in trials)
    if seconds > exercise.slow_s:
        fewer = f" (only {len(trials)} of {len(fitted.cases)} were tried)" if len(trials) < len(fitted.cases) else ""
        yield f"It is slow: {seconds:.1f} s for {len(trials)} small cases{fewer}. {exercise.faster}".strip()


def _with_prints(verdict, report):
    if not report.printed.strip():
        return verdict
    more = "\n(and more, not shown)" if report.printed_more else ""
    return replace(verdict, message=f"{verdict.message}\nYour code printed:\n{report.printed.rstrip()}{more}")


def _figure(trial):
    """The case as a picture: what went in, yours, expected, and the difference where the shapes allow it."""
    from ..pictures import beside, numbers

    if (own := trial.exercise.drawn(trial)) is not None:
        return own
    shown = [numbers(array, role, title=title) for title, (role, array) in trial.case.shown.items()]
    expected, yours = np.atleast_2d(trial.expected), trial.yours
    if trial.case.counted:
        pairs = ((trial.result, "yours"), (trial.expected, "expected"))
        rows = [(np.atleast_2d(row), title) for row, title in pairs if row is not None and row.size]
        return beside(*shown, *(numbers(row, "output", title=title) for row, title in rows))
    if yours is None:
        if trial.result is not None and trial.result.ndim == 2 and trial.result.size:
            shown.append(numbers(trial.result, "output", title="yours"))
        if trial.exercise.result_shape(trial.case) == trial.expected.shape:
            shown.append(numbers(expected, "output", title="expected"))
        return beside(*shown)
    yours = np.atleast_2d(yours)
    wrong = [[int(i), int(j)] for i, j in np.argwhere(~(abs(yours - expected) <= trial.tolerance))]
    return beside(
        *shown,
        numbers(yours, "output", title="yours", mark=wrong),
        numbers(expected, "output", title="expected", mark=wrong),
        numbers(yours - expected, "difference", title="yours - expected", mark=wrong),
    )
