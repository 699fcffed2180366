"""The judge's sentences: what was expected, what came, what to change, with the learner's own numbers.

Each takes a trial; those for a stage of the check return None where there is nothing to say.
"""

import re

import numpy as np

from .task import Misfit

FLOATS = ("float64", "float32", "float16", "bfloat16", "longdouble", "float128")
KEPT_AS_IT_CAME = ("Tensor", "ndarray")


def wrong_type(trial):
    """For a result that is neither a tensor nor an array."""
    came, exercise = trial.run["result"]["type"], trial.exercise
    if came in KEPT_AS_IT_CAME:
        return None
    shape = size_of(exercise.result_shape(trial.case))
    wanted = f"expected a tensor of {shape} (a NumPy array will do)"
    if sentence := no_result(came, wanted, exercise.returns):
        return sentence
    begin = subject(trial, trial.equals(trial.expected))
    change = "Build it with torch.zeros, or wrap it in torch.tensor."
    return f"{begin} function returned {_article(came)} {came}; {wanted}. {change}"


def subject(trial, right):
    """How a sentence on something else than the numbers begins; others may still be wrong in the cases that follow."""
    if not right:
        return "Your"
    where = f"For {trial.case.label} the" if trial.case.arguments else "The"
    return f"{where} numbers are right, but your"


def no_result(came, wanted, returns):
    """For a function that hands nothing over, or something that is still to run."""
    if came == "NoneType":
        last = f"Its last line must be `return {returns}`; print hands nothing over."
        return f"Your function returned None; {wanted}. {last}"
    if came == "generator":
        return f"Your function is a generator; {wanted}. Use return once, at the end, in place of yield."
    if came == "coroutine":
        return f"Your function is a coroutine; {wanted}. Take the word async away from its def."
    return None


def not_whole(trial):
    """For a result that is no whole number, where one is asked for."""
    told, wanted = trial.run["result"], "expected an int"
    came, dtype = told["type"], told["dtype"]
    if came in ("int", "bool") or (dtype and told["shape"] == [] and "int" in dtype):
        return None
    if sentence := no_result(came, wanted, trial.exercise.returns):
        return sentence
    right = "Its number is right, but your" if trial.equals(trial.expected) else "Your"
    if came == "float" or (dtype in FLOATS and told["shape"] == []):
        return (
            f"{right} function returned {trial.result:.6g} as a float for {trial.case.label}; {wanted}, because a "
            f"size is counted. / always gives a fraction, // divides and rounds down."
        )
    if told["shape"]:
        shape = f", shape {tuple(told['shape'])}" if came in KEPT_AS_IT_CAME else ""
        return f"Your function returned {_article(came)} {came}{shape}; {wanted}, the size of one axis."
    return f"Your function returned {_article(came)} {came}; {wanted}."


def _article(word):
    return "an" if word[0] in "aeiou" else "a"


def wrong_dtype(trial):
    """For whole-numbered, boolean, complex and stranger results."""
    came = trial.run["result"]["dtype"]
    if came in FLOATS:
        return None
    if came.startswith("complex"):
        return f"Your result is {came}; expected float64. After an FFT keep the real part: `.real`."
    change = "Write its numbers with a point, such as -1.0, or add dtype=torch.float64."
    if trial.exercise.returns == "output":
        change = "Whole numbers cut off every fraction: create the output with dtype=torch.float64."
    begin = subject(trial, trial.equals(trial.expected))
    return f"{begin} result is {came}; expected float64, a floating-point dtype. {change}"


def wrong_rank(trial):
    """For a result with more or fewer axes than the task asks for."""
    came, expected = trial.run["result"]["shape"], trial.exercise.result_shape(trial.case)
    if len(came) == len(expected):
        return None
    axes = f"{len(came)} {'axis' if len(came) == 1 else 'axes'}"
    said = f"Your result has {axes}, shape {tuple(came)}; expected {len(expected)}, shape {expected}."
    if len(came) > len(expected) and list(came).count(1) - expected.count(1) >= len(came) - len(expected):
        return f"{said} Drop the axes of size 1, such as with result[0, 0]."
    return f"{said} There is one number for each row and column." if len(expected) == 2 > len(came) else said


def wrong_shape(trial):
    """For a result of the right rank and a wrong size."""
    came, expected = tuple(trial.run["result"]["shape"]), trial.exercise.result_shape(trial.case)
    if came == expected:
        return None
    why = trial.exercise.why_shape(trial.case)
    return f"For {trial.case.label} your result is {size_of(came)}; expected {size_of(expected)}{why}."


def changed_input(trial):
    """For a function that writes into what it was given."""
    name = trial.run["changed"]
    if name is None:
        return None
    return (
        f"Your function changes `{name}`, which belongs to the caller: after the call it was not what it had been. "
        f"Write into a tensor of your own, or into {name}.clone()."
    )


def wrong_values(trial):
    """For numbers that differ: the first place, what came, what was expected, and how that comes about."""
    yours, expected = trial.yours, trial.expected
    differ = ~(abs(yours - expected) <= trial.tolerance)
    place = tuple(int(k) for k in np.argwhere(differ)[0])
    came, right = number(yours[place]), number(expected[place])
    count = int(differ.sum())
    many = f"{count} of {expected.size} numbers {'differs' if count == 1 else 'differ'}"
    where = f"{trial.exercise.compared}[{', '.join(map(str, place))}]" if place else trial.exercise.compared
    said = f"For {trial.case.label} your {where} is {came}; expected {right}{trial.exercise.derive(trial.case, place)}"
    said += f" ({many})." if place else "."
    if not np.isfinite(yours[place]):
        said += " nan and inf often come from torch.empty, which holds whatever was in memory: begin with torch.zeros."
    return said


def raised(trial):
    """For an exception: its message, the learner's line that raised it, and what to change if it is a known one."""
    told, case, made = trial.run["error"], trial.case, trial.exercise.made
    if told["type"] == Misfit.__name__:
        return f"For {case.label}: {told['text']}"
    if told["type"] == "SystemExit":
        return f"Your {made} calls sys.exit(), which would end the kernel: use return to leave it."
    if told["type"] == "RecursionError":
        end = "Give it a case that returns at once."
        return f"Your {made} calls itself without end (RecursionError){_line(told)}. {end}"
    if told["memory"]:
        return (
            f"Your {made} asked for more memory than it may have, 2 GiB more than the kernel uses{_line(told)}. The "
            f"whole result for {case.label} is only {size_of(trial.exercise.result_shape(case))}."
        )
    where = f", for {case.label}" if case.arguments else ""
    said = f"Your {made} raised {told['type']}: {_without_end_stop(told['text'])}{where}{_line(told)}."
    known = known_error(trial.exercise.errors, f"{told['type']}: {told['text']}")
    return f"{said}\n{known[1]} {known[2]}" if known else said


def known_error(errors, message):
    """The entry of `errors` whose message is this one but for its numbers, or None.

    Example:
        >>> errors = [("IndexError: index 3 is out of bounds for dimension 0 with size 3", "Why.", "What.")]
        >>> known_error(errors, "IndexError: index 12 is out of bounds for dimension 1 with size 12")[1]
        'Why.'
        >>> known_error(errors, "IndexError: too many indices") is None
        True
    """
    return next((entry for entry in errors if _pattern(entry[0]) == _pattern(message)), None)


def _pattern(message):
    return re.sub(r"[\d, ]*\d+|'[^']*'(?= and ')", "#", message).strip().rstrip(".")


def _line(told):
    if told["line"] is None:
        return ""
    source = f": `{told['source']}`" if told["source"] else ""
    there = [f"{name} {'was' if isinstance(at, int) else 'had shape'} {_plain(at)}" for name, at in told["there"]]
    return f" (line {told['line']}{source}{'; ' * bool(there)}{', '.join(there)})"


def _plain(value):
    return value if isinstance(value, int) else f"({', '.join(map(str, value))}{',' * (len(value) == 1)})"


MEANING = {
    "bias": "which is added to every output",
    "stride": "which says how far the window moves from one place to the next",
    "padding": "which says how many zeros go on each side",
}


def missing(names, exercise, wanted):
    """For a function that is right but for arguments that it cannot take.

    Example:
        >>> from convlab.exercises import get
        >>> missing(("bias",), get("02.conv2d"), "(input, weight, bias=0.0)")
        'All your sums are right. Still missing: bias, which is added to every output. The task calls (input, weight, \
bias=0.0).'
    """
    meaning = {**MEANING, **exercise.meaning}
    said = "; ".join(f"{name}, {meaning[name]}" for name in names)
    right = "All your sums are right" if exercise.made == "function" else "All else is right"
    return f"{right}. Still missing: {said}. The task calls {wanted}."


def _without_end_stop(text):
    return text.strip().removesuffix(".") or "(no message)"


def size_of(shape):
    """A shape in words, ``3 x 4``.

    Example:
        >>> size_of((3, 4)), size_of((5,)), size_of(())
        ('3 x 4', '5 numbers', 'a single number')
    """
    if len(shape) == 1:
        return f"{shape[0]} numbers"
    return " x ".join(str(size) for size in shape) or "a single number"


def number(value):
    """A number as one would write it: whole ones without a point.

    Example:
        >>> number(3.0), number(-0.125), number(float("nan"))
        ('3', '-0.125', 'nan')
    """
    return f"{value:.6g}" if np.isfinite(value) and value != int(value) else f"{value:.0f}"
