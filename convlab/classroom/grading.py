"""What a kernel claims about an answer, judged again here from the question's id and seed.

A learner's machine can claim anything. What the service can compute itself, it computes; what it cannot (whether a
learner's own program is right) is kept as what the learner's machine reported, and marked so.
"""

import json
from dataclasses import dataclass, fields, replace

from convlab import exercises, questions
from convlab.attempt import Attempt
from convlab.mistakes import MISTAKES
from convlab.shapes import Conv2dSpec

FIELDS = frozenset(field.name for field in fields(Attempt))
OWN_LAYER = "about-"  # what the ids of questions on a learner's own layer begin with


class Refused(ValueError):
    """An attempt that cannot be taken, and why, in one sentence."""


@dataclass(frozen=True)
class Judged:
    """An attempt as the service keeps it.

    Args:
        attempt: the `Attempt`, with the outcome and the mistakes that were found here.
        checked: whether they were found here; False where they are what the learner's machine reported.
        claimed: the outcome that the learner's machine reported.
    """

    attempt: Attempt
    checked: bool
    claimed: str


def judged(claim):
    """The attempt that a kernel sent, judged again.

    Args:
        claim: a dict with fields of `Attempt`, as JSON gives it.

    Raises:
        Refused: it is no attempt at anything in the course.

    Example:
        >>> from dataclasses import asdict
        >>> claim = asdict(Attempt("window-value", "right", "1000", seed=7))
        >>> it = judged({**claim, "mistakes": []})
        >>> it.attempt.outcome, it.claimed, it.checked
        ('wrong', 'right', True)
    """
    attempt = _attempt(claim)
    if attempt.item in exercises.ids():
        unknown = [id for id in attempt.mistakes if id not in MISTAKES]
        if unknown:
            raise Refused(f"mistakes must be ids of the course's mistakes; got {unknown[0]!r:.40}")
        lesson = exercises.get(attempt.item).lesson
        return Judged(replace(attempt, lesson=lesson, kind="code", about=""), False, attempt.outcome)
    question = _question(attempt)
    mine = {"lesson": question.lesson, "kind": question.kind}
    if attempt.revision != question.revision:  # another text under the same id: what was right there is not known here
        return Judged(replace(attempt, mistakes=_known(attempt.mistakes), **mine), False, attempt.outcome)
    verdict = question.grade(attempt.response)
    return Judged(replace(attempt, outcome=verdict.outcome, mistakes=verdict.mistakes, **mine), True, attempt.outcome)


def _attempt(claim):
    if not isinstance(claim, dict):
        raise Refused(f"an attempt must be an object with fields; got {type(claim).__name__}")
    strange = sorted(str(name) for name in set(claim) - FIELDS)
    if strange:
        raise Refused(f"an attempt has no field {strange[0]!r:.40}; it has {', '.join(sorted(FIELDS))}")
    mistakes = claim.get("mistakes", [])
    if not isinstance(mistakes, list) or not all(isinstance(it, str) for it in mistakes):
        raise Refused("mistakes must be a list of ids")
    missing = [name for name in ("id", "at", "item", "outcome", "answer") if name not in claim]
    if missing:  # without an id of its own, an attempt that is sent twice would count twice
        raise Refused(f"an attempt needs {', '.join(missing)}")
    try:
        return Attempt(**{**claim, "mistakes": tuple(mistakes)})
    except (ValueError, TypeError) as error:
        raise Refused(f"{error}"[:200]) from None


def _known(mistakes):
    return tuple(id for id in mistakes if id in MISTAKES)


def _question(attempt):
    """The question that was answered, built again.

    Raises:
        Refused: there is none.
    """
    try:
        if attempt.item.startswith(OWN_LAYER):
            about = json.loads(attempt.about)
            spec = Conv2dSpec(**{name: _tuple(value) for name, value in about["spec"].items()})
            what = attempt.item.removeprefix(OWN_LAYER).replace("-", "_")
            return questions.about(spec, tuple(about["input_shape"]), what)
        return questions.make(attempt.item, attempt.seed)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        where = attempt.item if attempt.seed is None else f"{attempt.item}, seed {attempt.seed}"
        raise Refused(f"there is no question or exercise {where!r:.120} in this version of the course") from None


def _tuple(value):
    return tuple(value) if isinstance(value, list) else value
