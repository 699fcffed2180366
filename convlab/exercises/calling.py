"""How to call the learner's function, whatever its argument list: by position, by keyword, without the bias."""

import ast
import dis
import inspect
from dataclasses import dataclass, replace

from ..verdict import Verdict
from .inside import Call

IDLE = {"RESUME", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "NOP", "POP_TOP"}


@dataclass(frozen=True)
class Fitted:
    """The calls that suit a function, the cases they stand for, and what to say about its argument list."""

    calls: list
    cases: list
    note: str = ""
    missing: tuple = ()  # optional arguments that the function cannot take


def fit(exercise, fn, cases):
    """The calls of `fn` for the cases, or a Verdict where it cannot be called at all.

    Example:
        >>> from convlab.exercises import get
        >>> exercise = get("02.conv2d")
        >>> fit(exercise, lambda input, weight: None, exercise.cases(7)).missing
        ('bias',)
        >>> fit(exercise, lambda: None, exercise.cases(7)).message
        'Your function takes no arguments; it must take (input, weight, bias=0.0).'
    """
    if not callable(fn) or (exercise.made == "class" and hasattr(fn, "forward") and not isinstance(fn, type)):
        return Verdict("error", _no_function(exercise, fn))
    signature = _signature(fn)
    optional, required = tuple(exercise.optional), tuple(n for n in exercise.arguments if n not in exercise.optional)
    if signature is None:
        return Fitted([_call(case, required, optional, exercise.optional) for case in cases], cases)
    taken, by_name = _taken(signature, required, optional)
    if not _binds(signature, (*required, *(() if by_name else taken)), taken if by_name else ()):
        return Verdict("error", f"Your {exercise.made} takes {_shown(signature)}; it must take {wanted(exercise)}.")
    missing = tuple(name for name in optional if name not in taken)
    cases = [exercise.restricted(case, missing) for case in cases] if missing else cases
    lacking = {name: exercise.optional[name] for name in _without_default(signature, required, taken, by_name)}
    note = ""
    if lacking:
        defaults = " and ".join(f"{name}={value}" for name, value in lacking.items())
        note = f"Give it the default {defaults}, so that it can be called without."
    everything = {name: exercise.optional[name] for name in taken}
    filled = [replace(case, arguments={**lacking, **case.arguments}) for case in cases]
    return Fitted([_call(case, required, taken, everything, by_name) for case in filled], cases, note, missing)


def _taken(signature, required, optional):
    """(the optional arguments that the function can take, whether by their names or else by their places)."""
    named = tuple(name for name in optional if _binds(signature, required, (name,), partly=True))
    placed = [n for n in range(len(optional) + 1) if _binds(signature, (*required, *optional[:n]), partly=True)]
    by_place = optional[: max(placed, default=0)]
    return (by_place, False) if len(by_place) > len(named) else (named, True)


def _without_default(signature, required, taken, by_name):
    """The taken arguments that the function cannot be called without."""
    for number, name in enumerate(taken):
        others = taken[:number] + taken[number + 1 :] if by_name else taken[:number]
        if not _binds(signature, (*required, *(() if by_name else others)), others if by_name else ()):
            yield name


def _call(case, required, taken, defaults, by_name=False):
    """The call of a case; by their places arguments are given up to the last one that the case has."""
    given = case.arguments
    if by_name:
        keywords = {n: given[n] for n in taken if n in given}
        return Call({n: given[n] for n in required}, keywords, case.then, case.within)
    last = max((number for number, name in enumerate(taken) if name in given), default=-1)
    by_place = {n: given.get(n, defaults[n]) for n in taken[: last + 1]}
    return Call({**{n: given[n] for n in required}, **by_place}, then=case.then, within=case.within)


def wanted(exercise):
    """The argument list of the task as text, ``(input, weight, bias=0.0)``."""
    optional = exercise.optional
    return f"({', '.join(f'{n}={optional[n]}' if n in optional else n for n in exercise.arguments)})"


def untouched(fn, stub):
    """True for the stub as it was given, and for a function that does nothing at all.

    Example:
        >>> untouched(lambda input: None, ""), untouched(lambda input: input + 1, "")
        (True, False)
    """
    if isinstance(fn, type):
        return all(untouched(method, stub) for method in vars(fn).values() if hasattr(method, "__code__"))
    code = getattr(fn, "__code__", None)
    if code is None:
        return False
    if any(_written(code) == _written(given) for given in _codes_of_stub(stub)):
        return True
    return {step.opname for step in dis.get_instructions(code)} <= IDLE


def _written(code):
    """What stands in a function: its steps, names and constants, without those of functions inside it."""
    return code.co_code, code.co_names, [repr(it) for it in code.co_consts if not inspect.iscode(it)]


def _codes_of_stub(stub):
    """The codes of its functions, with its imports and without: Python calls a name imported there in another way."""
    tree = ast.parse(stub)
    own = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    for module in (tree, ast.Module(own, [])):
        yield from _codes_in(compile(module, "stub", "exec"))


def _codes_in(code):
    """The code of every function in it, those of classes too."""
    for const in code.co_consts:
        if inspect.iscode(const):
            yield const
            yield from _codes_in(const)


def _signature(fn):
    try:
        return inspect.signature(fn)
    except (ValueError, TypeError):  # some built-in functions do not tell
        return None


def _binds(signature, positional, keywords=(), partly=False):
    try:
        (signature.bind_partial if partly else signature.bind)(*positional, **dict.fromkeys(keywords))
    except TypeError:
        return False
    return True


def _shown(signature):
    return str(signature) if signature.parameters else "no arguments"


def _no_function(exercise, fn):
    name = exercise.reference.__name__
    came = "nothing (None)" if fn is None else f"a {type(fn).__name__}"
    return (
        f"check needs your {exercise.made} itself, but {came} came: write .check({name}), with its name and without "
        f"brackets after it."
    )
