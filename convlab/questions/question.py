"""What a question is: everything one seed fixes, and the answer to any response."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from convlab.questions import grading

KINDS = ("choice", "choices", "truefalse", "number", "shape", "cells", "order")
LEVELS = ("easy", "medium", "hard")
_TYPED = {"number": "a number", "shape": "a shape"}  # kinds that are typed -> what is asked for unless it is said


class Slip(NamedTuple):
    """A wrong answer that a mistake predicts here, and what to say to who gives it.

    Args:
        answer: as the question's own answer.
        mistakes: the ids of those that predict it, likeliest first.
        line: a sentence or two for this seed's numbers.

    Example:
        >>> Slip((1, 8, 17, 16), ("M02",), "That adds the padding once.").mistakes
        ('M02',)
    """

    answer: Any
    mistakes: tuple[str, ...]
    line: str


@dataclass(frozen=True)
class Question:
    """One question with the numbers of one seed; ``make`` builds it.

    Args:
        id, lesson, seed: what ``make`` was asked for, and the lesson that the question belongs to.
        prompt: plain text, code in backticks.
        kind: one of choice, choices, truefalse, number, shape, cells, order.
        level: easy, medium or hard, by the number of worked steps.
        objective: what is practised, a short phrase.
        formula: the rule that gives the answer.
        answer: computed, never typed: an option's text, several, True or False, a number, a shape, cells, an order.
        because: one sentence for who is right.
        hint: what helps before the answer, and does not give it away.
        slips: the wrong answers that mistakes predict; for a choice these are the wrong options.
        otherwise: what to say about a wrong answer that no mistake predicts.
        steps: the way to the answer with this seed's numbers.
        proof: PyTorch code that prints the answer; empty for a sentence of the bench, which nothing computes.
        options: texts to choose from; for cells ``{"shape": [H, W]}``.
        figure: grids of numbers ``{"role", "title", "values", "mark"}`` and code ``{"code"}``.
        per_option: for many choices, what it means to be wrong about one option.
        axes: for a shape, what has these axes and their names, for who gives too few or too many.
        asks: what is to be typed, such as ``"an index"`` or ``"strides"``; it stands above the field. By itself it
            is "a number" or "a shape", after the kind.
        spec, input_shape: the ``Conv2dSpec`` and its input's shape, for a question on one layer; else None.
        revision: it rises when what is asked, or what is right, changes.

    Example:
        >>> from convlab.questions import make
        >>> question = make("output-shape", seed=1)
        >>> question.grade(question.answer).outcome, question.grade("no idea").outcome
        ('right', 'error')
    """

    id: str
    lesson: str
    seed: int
    prompt: str
    kind: str
    level: str
    objective: str
    formula: str
    answer: Any
    because: str
    hint: str
    steps: list[str]
    proof: str
    slips: tuple[Slip, ...]
    options: Any = field(default_factory=list)
    figure: list[dict] = field(default_factory=list)
    otherwise: str = "Read the hint, then do each step on paper."
    per_option: dict[str, Slip] = field(default_factory=dict)
    axes: tuple[str, str] = ("", "")
    asks: str = ""
    spec: Any = None
    input_shape: tuple[int, ...] | None = None
    revision: int = 1

    @property
    def mistakes(self):
        """The ids that its wrong answers stand for, in order."""
        return tuple(dict.fromkeys(id for slip in (*self.slips, *self.per_option.values()) for id in slip.mistakes))

    def grade(self, response):
        """The Verdict on a response in any form people use; it never raises.

        Args:
            response: an option's text or number, True or False, a number, a shape, cells, or text that says so.
        """
        return grading.judge(self, response)

    def page(self):
        """What the browser may see before the answer is given: no answer, no hint, no steps, no slips."""
        names = ("id", "seed", "lesson", "kind", "level", "prompt", "figure", "options")
        return {name: getattr(self, name) for name in names} | {"asks": self.asks or _TYPED.get(self.kind, "")}

    def __repr__(self):
        return f"Question({self.id!r}, seed={self.seed}): {self.kind}, {self.level}, lesson {self.lesson}"

    def __str__(self):
        parts = [self.prompt, *(block_text(block) for block in self.figure)]
        if isinstance(self.options, list) and self.options:
            parts.append("\n".join(f"[{number}] {option}" for number, option in enumerate(self.options)))
        return "\n\n".join(parts)


def block_text(block):
    """A figure block as lines of text.

    Example:
        >>> print(block_text({"role": "input", "title": "input 1 x 3", "values": [[1, -10, None]]}))
        input 1 x 3
          1 -10   ?
    """
    if "code" in block:
        return block["code"]
    rows = [["?" if value is None else f"{value}" for value in row] for row in block["values"]]
    wide = max(len(entry) for row in rows for entry in row)
    return "\n".join([block["title"], *(" ".join(entry.rjust(wide) for entry in row) for row in rows)])
