"""The judge: type, dtype, rank, shape, then values, a sentence each with the learner's own numbers.

It compares in this process, with arithmetic only, what the sandbox sent as plain numbers; so a patched
torch.allclose changes nothing. Wrong numbers are laid beside those of the exercise's slips, run on the same cases:
where one gives the same everywhere, it is named.
"""

import base64
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module

import numpy as np

from ..verdict import Verdict
from . import sentences
from .calling import fit, untouched, wanted
from .sandbox import run

TOLERANCE = {"float32": 1e-4, "float16": 2e-2, "bfloat16": 2e-2}  # relative to the largest expected number
SLOW_S = 1.0
STAGES = (
    ("type", sentences.wrong_type),
    ("dtype", sentences.wrong_dtype),
    ("rank", sentences.wrong_rank),
    ("shape", sentences.wrong_shape),
    ("changed", sentences.changed_input),
)


@dataclass
class Trial:
    """One case with what the learner's function made of it."""

    exercise: object
    case: object
    run: dict

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
        relative = TOLERANCE.get(self.run["result"]["dtype"], 1e-9)
        return relative * (1.0 + float(abs(self.expected).max(initial=0)))

    def equals(self, numbers):
        """True where the learner's numbers are these ones, up to rounding."""
        if self.yours is None or self.yours.shape != numbers.shape:
            return False
        return bool((abs(self.yours - numbers) <= self.tolerance).all())

    @cached_property
    def trouble(self):
        """(stage, sentence) of the first thing that is wrong, or None."""
        if "error" in self.run:
            return "error", sentences.raised(self)
        for stage, look in STAGES:
            if sentence := look(self):
                return stage, sentence
        return None if self.equals(self.expected) else ("values", sentences.wrong_values(self))


def judge(exercise, fn, seed):
    """The Verdict on a function over the cases of a seed.

    Example:
        >>> from convlab.exercises import get
        >>> judge(get("02.conv2d"), get("02.conv2d").mutants["M61"], seed=7).mistakes
        ('M61',)
    """
    fitted = fit(exercise, fn, exercise.cases(seed))
    if isinstance(fitted, Verdict):
        return fitted
    _load_torch()
    report = run(fn, fitted.calls, exercise.watched, exercise.timeout_s, exercise.forked)
    trials = [Trial(exercise, case, one) for case, one in zip(fitted.cases, report.runs, strict=False)]
    verdicts = (  # one by one, and never by `or`: a Verdict that is not right is false
        _not_begun(exercise, fn, trials),
        _forbidden(trials),
        _cut_short(report, fitted),
        _wrong(exercise, trials),
    )
    verdict = next((verdict for verdict in verdicts if verdict is not None), None)
    return _with_prints(_right(exercise, trials, fitted, seed) if verdict is None else verdict, report)


def _load_torch():
    """torch is brought in before the fork, so that no child pays for it; without it NumPy arrays are given."""
    try:
        import_module("torch")
    except ImportError:
        pass


def _not_begun(exercise, fn, trials):
    first = trials[0].run if trials else {}
    error, result = first.get("error"), first.get("result") or {}
    blank = result.get("type") == "ellipsis" or (result.get("type") == "NoneType" and untouched(fn, exercise.stub))
    if blank or (error and error["stub"]):
        return Verdict("not_attempted", "Nothing is written yet: put your own lines in place of the dots.")


def _forbidden(trials):
    for trial in trials:
        if trial.run["called"]:
            return Verdict(
                "wrong",
                f"Your function calls {trial.run['called']}, which does the whole task: here the sums are to be your "
                f"own. Loops, einsum, unfold or an FFT are all fine.",
            )


def _cut_short(report, fitted):
    """The verdict where the function did not come to its end."""
    done = len(report.runs)
    case = fitted.cases[min(done, len(fitted.cases) - 1)]
    where = f" at {case.label}" if case.arguments else ""
    if report.ended == "timeout":
        tried = f" after {done} finished {'case' if done == 1 else 'cases'}" if done else ""
        return Verdict(
            "timeout",
            f"Time is up: your function was stopped{tried}{where}. Look for a loop that never ends, such as a "
            f"while whose counter does not grow.",
        )
    if report.ended == "died":
        how = f" ({report.status})" if report.status else ""
        return Verdict(
            "error",
            f"Your function ended Python itself{how}{where}; the kernel is unharmed. Look for os._exit, a "
            f"recursion without end, or memory written from outside.",
        )


def _wrong(exercise, trials):
    failing = next((trial for trial in trials if trial.trouble), None)
    if failing is None:
        return None
    stage, sentence = failing.trouble
    if stage == "error":
        memory = failing.run["error"]["fatal"] or failing.run["error"]["memory"]
        hard = None if memory else _made_for_example(trials)
        return Verdict("error", hard or sentence, figure=_figure(failing) if hard else None)
    if stage in ("shape", "values", "rank"):
        slips = matching(exercise, trials)
        if slips:
            ids = tuple(dict.fromkeys(id for slip in slips for id in slip.mistakes))
            return Verdict("wrong", f"{slips[0].says}\n{sentence}", ids, _figure(failing))
        if hard := _made_for_example(trials):
            return Verdict("wrong", f"{hard}\n{sentence}", figure=_figure(failing))
    return Verdict("wrong", sentence, figure=_figure(failing))


def matching(exercise, trials):
    """The slips that explain the learner's results on every case: by their numbers, else by their shapes alone."""
    exact, by_shape = [], []
    for slip in exercise.slips:
        theirs = [np.asarray(slip.function(**trial.case.arguments), dtype=float) for trial in trials]
        pairs = list(zip(trials, theirs, strict=True))
        if any(trial.result is None or trial.result.shape != numbers.shape for trial, numbers in pairs):
            continue
        if all(_same(trial, numbers) for trial, numbers in pairs):
            exact.append(slip)
        elif any(trial.yours is None for trial in trials):
            by_shape.append(slip)
    fewest = min((len(slip.mistakes) for slip in exact), default=0)
    return [slip for slip in exact if len(slip.mistakes) == fewest] or by_shape[:1]


def _same(trial, numbers):
    if trial.yours is not None:
        return trial.equals(trial.exercise.value(trial.case, numbers))
    return bool((abs(trial.result - numbers) <= trial.tolerance).all())


def _made_for_example(trials):
    """A sentence for a function that is right on the example of the task and nowhere else, or None."""
    others = [trial for trial in trials if not trial.case.example]
    example = [trial for trial in trials if trial.case.example]
    if not example or example[0].trouble or len(others) < 3 or not all(trial.trouble for trial in others):
        return None
    return (
        "Your function is right on the example of the task and on no other case: the example's numbers, or its sizes, "
        "are written into it. Take every size from input.shape and weight.shape."
    )


def _right(exercise, trials, fitted, seed):
    said = [f"{exercise.right} Tried on {len(trials)} cases (seed {seed})."]
    said += [note for note in (fitted.note, *_remarks(exercise, trials, fitted)) if note]
    if fitted.missing:
        return Verdict(
            "partial",
            f"All your sums are right. One thing is missing: the argument {' and '.join(fitted.missing)}, which is "
            f"added to every output; the task calls {wanted(exercise)}.",
        )
    return Verdict("right", "\n".join(said))


def _remarks(exercise, trials, fitted):
    """What is accepted and yet worth a sentence: another dtype, another library, a slow way."""
    dtype = trials[0].run["result"]["dtype"]
    if dtype != "float64":
        yield (
            f"Your result is {dtype}, and the task works in float64: that is accepted. torch.zeros makes float32 "
            f"unless told otherwise; dtype=torch.float64 keeps all digits."
        )
    stumbled = trials[0].run.get("with_tensors")
    if stumbled:
        yield (
            f"With tensors it raised {stumbled['type']}: {stumbled['text']}; so it was checked with NumPy arrays, "
            f"which is accepted."
        )
    seconds = sum(trial.run["seconds"] for trial in trials)
    if seconds > SLOW_S:
        fewer = f" (only {len(trials)} of {len(fitted.cases)} were tried)" if len(trials) < len(fitted.cases) else ""
        yield f"It is slow: {seconds:.1f} s for {len(trials)} small cases{fewer}. {exercise.faster}".strip()


def _with_prints(verdict, report):
    if not report.printed.strip():
        return verdict
    more = "\n(and more, not shown)" if report.printed_more else ""
    return replace(verdict, message=f"{verdict.message}\nYour function printed:\n{report.printed.rstrip()}{more}")


def _figure(trial):
    """The case as a picture: what went in, yours, expected, and the difference where the shapes allow it."""
    from ..pictures import beside, numbers

    shown = [numbers(array, role, title=title) for title, (role, array) in trial.case.shown.items()]
    yours, expected = trial.yours, trial.expected
    if yours is None:
        if trial.result is not None and trial.result.ndim == 2 and trial.result.size:
            shown.append(numbers(trial.result, "output", title="yours"))
        if trial.exercise.result_shape(trial.case) == expected.shape:
            shown.append(numbers(expected, "output", title="expected"))
        return beside(*shown)
    wrong = [[int(i), int(j)] for i, j in np.argwhere(~(abs(yours - expected) <= trial.tolerance))]
    return beside(
        *shown,
        numbers(yours, "output", title="yours", mark=wrong),
        numbers(expected, "output", title="expected", mark=wrong),
        numbers(yours - expected, "difference", title="yours - expected", mark=wrong),
    )
