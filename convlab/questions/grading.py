"""From a response to a Verdict: read it, compare it with the answer, name the mistake."""

from convlab.questions import reading
from convlab.verdict import Verdict


def judge(question, response):
    """The verdict on a response of any kind whatever; it never raises."""
    try:
        if reading.is_empty(response):
            return Verdict("not_attempted", "Nothing was answered yet.")
        return _compare(question, read(question, response))
    except reading.Unreadable as unreadable:
        return Verdict("error", str(unreadable))
    except Exception:  # an object may raise whatever it likes when it is looked at; the learner gets a sentence
        return Verdict("error", f"{_EXPECTED[question.kind]} is expected; what came cannot be read: type it anew.")


_EXPECTED = {
    "choice": "One of the options",
    "choices": "A list of options",
    "truefalse": "True or false",
    "number": "A number",
    "shape": "A shape such as (1, 8, 15, 15)",
    "cells": "A list of cells [row, column]",
    "order": "All options in their order",
}


def read(question, response):
    """The response in the canonical form of the question's kind.

    Raises:
        Unreadable: it is no answer of this kind.
    """
    kind, options = question.kind, question.options
    if kind == "number":
        return reading.read_number(response)
    if kind == "shape":
        return reading.read_shape(response)
    if kind == "truefalse":
        return reading.read_truth(response)
    if kind == "choice":
        return reading.read_option(response, options)
    if kind == "cells":
        return reading.read_cells(response, *options["shape"])
    chosen = reading.read_options(response, options)
    if kind == "choices":
        return frozenset(chosen)
    if len(chosen) < len(options):
        raise reading.Unreadable(
            f"All {len(options)} entries are expected in their order; {len(chosen)} came: add the missing ones."
        )
    return chosen


def canonical(kind, answer):
    """An answer in the form in which two of its kind can be compared."""
    if kind == "choices":
        return frozenset(answer)
    if kind == "cells":
        return frozenset(tuple(cell) for cell in answer)
    return tuple(answer) if kind in ("order", "shape") else answer


def same(kind, given, wanted):
    """True when a canonical response means the answer; a fraction may be rounded to two decimals."""
    if kind != "number":
        return given == wanted
    return given == wanted if wanted == int(wanted) else abs(given - wanted) < 0.00501


def _compare(question, given):
    kind = question.kind
    answer = canonical(kind, question.answer)
    if same(kind, given, answer):
        return Verdict("right", question.because)
    for slip in question.slips:
        if same(kind, given, canonical(kind, slip.answer)):
            return Verdict("wrong", slip.line, slip.mistakes)
    if kind == "shape" and len(given) != len(answer):
        return Verdict("wrong", _wrong_length(given, question))
    if kind == "choices":
        return _option_by_option(given, answer, question)
    if kind == "cells":
        return _in_part(given, answer, "cell")
    if kind == "order":
        return Verdict("wrong", f"That is not the order. {question.otherwise}")
    return Verdict("wrong", f"{_said(given)} is not it. {question.otherwise}")


def _said(given):
    return f"({', '.join(map(str, given))})" if isinstance(given, tuple) else f"{given}"


def _wrong_length(given, question):
    count = len(given)
    shape = f"({given[0]},)" if count == 1 else _said(given)
    return (
        f"{shape} has {count} number{'s' * (count != 1)}; {question.axes[0]} has {len(question.answer)}: "
        f"{question.axes[1]}."
    )


def _option_by_option(given, answer, question):
    """Names what each option ticked or left out wrongly stands for, in the order of the page."""
    summary = _in_part(given, answer, "option")
    differing = [option for option in question.options if (option in given) != (option in answer)]
    slips = [question.per_option[option] for option in differing if option in question.per_option]
    mistakes = tuple(dict.fromkeys(id for slip in slips for id in slip.mistakes))
    lines = list(dict.fromkeys(slip.line for slip in slips))
    outcome = "wrong" if mistakes else summary.outcome
    return Verdict(outcome, " ".join([summary.message, *lines]), mistakes)


def _in_part(given, answer, noun):
    hits, extra, missing = len(given & answer), len(given - answer), len(answer - given)
    if len(given) == 1:
        parts = [f"Your one {noun} {'belongs' if hits else 'does not belong'} to the answer"]
    else:
        parts = [f"{hits or 'None'} of your {len(given)} {noun}s belong{'s' * (hits == 1)} to the answer"]
    if extra and hits:
        parts.append(f"{extra} do{'es' * (extra == 1)} not")
    if missing:
        parts.append(f"{missing} {'is' if missing == 1 else 'are'} missing")
    outcome = "partial" if hits > extra and hits >= missing else "wrong"
    return Verdict(outcome, _joined(parts) + ".")


def _joined(parts):
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
