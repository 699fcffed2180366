"""What a grader says: an outcome, a sentence, and the mistakes it recognised."""

from dataclasses import dataclass
from typing import Any

from .refusals import ChoiceError, came, one_sentence

OUTCOMES = ("right", "wrong", "partial", "error", "timeout", "not_attempted")


@one_sentence
@dataclass(frozen=True)
class Verdict:
    """The judgement of one answer; true only when the answer is right.

    Args:
        outcome: one of ``right, wrong, partial, error, timeout, not_attempted``.
        message: what the learner reads, in whole sentences.
        mistakes: ids such as ``"M61"``, the likeliest first; empty when none is recognised.
        figure: something with ``_repr_html_`` that shows the case, or None.
        facts: numbers that were measured and are kept with the attempt, as a plain dict, or None.

    Raises:
        ValueError: the outcome is not one of the six.

    Example:
        >>> bool(Verdict("right", "That is it.")), bool(Verdict("wrong", "No.", ("M61",)))
        (True, False)
        >>> Verdict("wrong", "Conv2d does not flip the kernel.", ("M61",))
        wrong (M61): Conv2d does not flip the kernel.
    """

    outcome: str
    message: str
    mistakes: tuple[str, ...] = ()
    figure: Any = None
    facts: Any = None

    def __post_init__(self):
        if not isinstance(self.outcome, str) or self.outcome not in OUTCOMES:
            raise ChoiceError(f"outcome must be one of {', '.join(OUTCOMES)}; got {came(self.outcome)}.")
        object.__setattr__(self, "mistakes", tuple(self.mistakes))
        if not isinstance(self.message, str) or not all(isinstance(id, str) for id in self.mistakes):
            raise ChoiceError("message must be a text and mistakes must be ids such as 'M61'; got other things.")

    def __bool__(self):
        return self.outcome == "right"

    def __repr__(self):
        named = f" ({', '.join(self.mistakes)})" if self.mistakes else ""
        return f"{self.outcome.replace('_', ' ')}{named}: {self.message}"

    def _repr_html_(self):
        from html import escape

        colour = {"right": "#1a7f37", "not_attempted": "#57606a"}.get(self.outcome, "#b35900")
        mark = {"right": "✓", "not_attempted": "…"}.get(self.outcome, "✗")
        label = f"{mark} {self.outcome.replace('_', ' ')}"
        body = escape(self.message).replace("\n", "<br>")
        figure = self.figure._repr_html_() if self.figure is not None else ""
        return (
            f'<div style="border-left:4px solid {colour};padding:4px 12px;line-height:1.5">'
            f"<strong>{label}</strong><br>{body}{figure}</div>"
        )
