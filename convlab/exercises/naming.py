"""Which slips explain what a function did: its numbers, its shapes, and the exceptions it ended in, case by case.

A slip explains a function when its program gives the same on every case that was tried. Where it would raise, it
raises, and the two exceptions are compared by what they complain of; so a loop that breaks at the border is named
like one that fills it with zeros.
"""

import re

import numpy as np

from .task import Misfit, Refused

ENOUGH_RESULTS = 3  # so many results alike name a slip, though other cases broke for another reason
FROM_A_TO_B = re.compile(r"could not be broadcast together with shapes \(([\d,]+)\) \(([\d,]+)\)")
CHANNELS = re.compile(r"expected input\[.*\] to have \d+ channels, but got (\d+)")
MATRICES = re.compile(r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)")
OF_A_SIZE = (
    ("fold", r"sliding blocks|divisible by the product of kernel_size"),
    ("view", r"^cannot reshape array|is invalid for input of size"),
)
FROM_A_INTO_B = re.compile(r"could not broadcast input array from shape \(([\d,]+)\) into shape \(([\d,]+)\)")


def explaining(exercise, trials):
    """The slips that explain the learner's results: by their numbers, else by their shapes alone.

    Example:
        >>> from convlab.exercises import get
        >>> explaining(get("02.conv2d"), [])
        []
    """
    if not trials:
        return []
    trials = sorted(trials, key=lambda trial: not trial.trouble)  # a wrong slip shows first where something is wrong
    for alike in (same, same_but_for_sizes):
        exact = [slip for slip in exercise.slips if any(_explains(program, trials, alike) for program in slip.programs)]
        if exact:
            fewest = min(len(slip.mistakes) for slip in exact)
            return [slip for slip in exact if len(slip.mistakes) == fewest]
    if any(trial.result is not None and trial.yours is None for trial in trials):
        return [slip for slip in exercise.slips if _explains(slip.function, trials, shapes_alone)][:1]
    for ignored in (("TypeError",), None):  # a pair where a number is meant; then any exception
        ended = [t for t in trials if t.complaint is None or (ignored and t.complaint[0] not in ignored)]
        if ENOUGH_RESULTS <= len(ended) < len(trials) and any(trial.trouble for trial in ended):
            return explaining(exercise, ended)
    return []


def ends_alike(slips, trial):
    """True where a program of one of the slips ends on this case as the learner's function did."""
    return any(same(trial, *_outcome(program, trial)) for slip in slips for program in slip.programs)


def _explains(program, trials, alike):
    return all(alike(trial, *_outcome(program, trial)) for trial in trials)


def _outcome(program, trial):
    """What the program makes of the trial's case, found once: who did what no slip does is compared again and again."""
    if program not in trial.outcomes:
        trial.outcomes[program] = _made(program, trial.case)
    return trial.outcomes[program]


def _made(program, case):
    """(numbers, None), or (None, what it complains of); a program that knows its `outcome` of a case need not run."""
    if hasattr(program, "outcome"):
        return program.outcome(case), None
    try:
        made = program(**case.arguments)
        return np.asarray(made if case.then is None else case.then(made), dtype=float), None
    except Exception as error:
        return None, complaint(type(error).__name__, str(error), isinstance(error, Refused))


def same(trial, numbers, complained):
    """True where the learner's function did on this case what the program does."""
    if complained is not None:
        return trial.complaint == complained
    if trial.result is None or trial.result.shape != numbers.shape:
        return False
    if trial.yours is not None:
        return trial.equals(trial.exercise.value(trial.case, numbers))
    return bool((abs(trial.result - numbers) <= trial.tolerance).all())


def same_but_for_sizes(trial, numbers, complained):
    """``same``, where matrices that do not fit are as good as others that do not: the learner's may be wider."""
    if complained is None or trial.complaint is None:
        return same(trial, numbers, complained)
    return _without_sizes(trial.complaint) == _without_sizes(complained)


def _without_sizes(complained):
    sized = complained[0] == "channels" or complained[0].endswith("Error")
    return complained[:1] if sized else complained


def shapes_alone(trial, numbers, complained):
    """True where at least the shapes are those of the program."""
    return numbers is not None and trial.result is not None and trial.result.shape == numbers.shape


def complaint(kind, text, on_purpose=False):
    """What an exception complains of, in NumPy's words as in PyTorch's: (what, axis and index where it tells them).

    Example:
        >>> complaint("IndexError", "index 4 is out of bounds for axis 1 with size 4")
        ('index', 1, 4)
        >>> complaint("IndexError", "index 4 is out of bounds for dimension 1 with size 4")
        ('index', 1, 4)
        >>> complaint("ValueError", "operands could not be broadcast together with shapes (2,2) (2,3) ")
        ('product', 1)
        >>> complaint("ValueError", "operands could not be broadcast together with shapes (1,2,2,3) (2,) ")
        ('product', 3)
        >>> complaint("RuntimeError", "The size of tensor a (2) must match the size of tensor b (3) at non-singleton "
        ...           "dimension 1")
        ('product', 1)
        >>> complaint("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (2x32 and 48x10)")
        ('RuntimeError', 2, 32, 48, 10)
        >>> complaint("RuntimeError", "Given groups=1, weight of size [2, 2, 1, 2], expected input[1, 4, 2, 3] to have "
        ...           "2 channels, but got 4 channels instead")
        ('channels', 4)
        >>> complaint("ValueError", "cannot reshape array of size 6 into shape (4,)")
        ('view', None)
        >>> complaint("RuntimeError", "shape '[4]' is invalid for input of size 6")
        ('view', None)
        >>> complaint("ValueError", "the kernel does not fit", on_purpose=True)
        ('refused', None)
    """
    if kind == Misfit.__name__:
        return kind, None
    if on_purpose:
        return "refused", None
    if found := re.match(r"index (-?\d+) is out of bounds for (?:dimension|axis) (\d+)", text):
        return "index", int(found[2]), int(found[1])
    if found := re.match(r"The size of tensor a .* at non-singleton dimension (\d+)", text):
        return "product", int(found[1])
    if found := re.match(r"The expanded size of the tensor .* at non-singleton dimension (\d+)", text):
        return "assignment", int(found[1])
    if found := CHANNELS.search(text):
        return "channels", int(found[1])
    if found := MATRICES.search(text):
        return kind, *map(int, found.groups())
    if found := next((what for what, pattern in OF_A_SIZE if re.search(pattern, text)), None):
        return found, None
    for pattern, what in ((FROM_A_TO_B, "product"), (FROM_A_INTO_B, "assignment")):
        if found := pattern.search(text):
            return what, _last_difference(*found.groups())
    return ("size", None) if "negative" in text else (kind, None)


def _last_difference(one, other):
    """The last axis in which two shapes, written as NumPy does, do not fit: PyTorch names this one."""
    one, other = ([int(size) for size in shape.split(",") if size] for shape in (one, other))
    axes = max(len(one), len(other))
    one, other = ([1] * (axes - len(shape)) + shape for shape in (one, other))  # their ends fit
    differ = [axis for axis, sizes in enumerate(zip(one, other, strict=True)) if len({*sizes} - {1}) > 1]
    return differ[-1] if differ else None
