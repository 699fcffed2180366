"""How to call the learner's function, whatever its argument list: by position, by keyword, without the bias."""

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
    if not callable(fn):
        return Verdict("error", _no_function(exercise, fn))
    signature = _signature(fn)
    if signature is None:
        return Fitted([Call(case.arguments) for case in cases], cases)
    everything, optional = exercise.arguments, tuple(exercise.optional)
    required = tuple(name for name in everything if name not in optional)
    all_by_position, without = _binds(signature, everything), _binds(signature, required)
    if all_by_position and without:
        return Fitted([Call(case.arguments) for case in cases], cases)
    if all_by_position:
        calls = [Call({**exercise.optional, **case.arguments}) for case in cases]
        calls = [Call({name: call.arguments[name] for name in everything}) for call in calls]
        defaults = " and ".join(f"{name}={value}" for name, value in exercise.optional.items())
        return Fitted(calls, cases, f"Give it the default {defaults}, so that it can be called without.")
    if _binds(signature, required, optional):
        return Fitted([_by_keyword(case, required) for case in cases], cases)
    if without:
        cases = [replace(case, arguments={name: case.arguments[name] for name in required}) for case in cases]
        return Fitted([Call(case.arguments) for case in cases], cases, missing=optional)
    return Verdict("error", f"Your function takes {_shown(signature)}; it must take {wanted(exercise)}.")


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
    code = getattr(fn, "__code__", None)
    if code is None:
        return False
    module = compile(stub, "stub", "exec")
    stubs = [const for const in module.co_consts if inspect.iscode(const)]
    if any((code.co_code, code.co_names) == (stub.co_code, stub.co_names) for stub in stubs):
        return True
    return {step.opname for step in dis.get_instructions(code)} <= IDLE


def _by_keyword(case, required):
    given = case.arguments
    return Call({n: given[n] for n in required}, {n: v for n, v in given.items() if n not in required})


def _signature(fn):
    try:
        return inspect.signature(fn)
    except (ValueError, TypeError):  # some built-in functions do not tell
        return None


def _binds(signature, positional, keywords=()):
    try:
        signature.bind(*positional, **dict.fromkeys(keywords))
    except TypeError:
        return False
    return True


def _shown(signature):
    return str(signature) if signature.parameters else "no arguments"


def _no_function(exercise, fn):
    name = exercise.stub.split("(")[0].removeprefix("def ")
    came = "nothing (None)" if fn is None else f"a {type(fn).__name__}"
    return (
        f"check needs your function itself, but {came} came: write .check({name}), with its name and without "
        f"brackets after it."
    )
