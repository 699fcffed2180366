"""A wrong answer is a wrong model: each mistake as words that help and functions that predict.

The same model makes the wrong options of a question, recognises a number a learner typed, and recognises a
program that he wrote. Ids M01 to M100 are the course's table of misconceptions, with their home lesson; from M101
on come slips of hand and eye, such as counting rows from 1.
"""

from convlab.mistakes.counts import COUNTS
from convlab.mistakes.diagnosis import weigh
from convlab.mistakes.layouts import LAYOUTS
from convlab.mistakes.mistake import Mistake
from convlab.mistakes.sizes import SIZES
from convlab.mistakes.values import SLIPS, VALUES

__all__ = ["MISTAKES", "Mistake", "diagnose"]

MISTAKES = {
    mistake.id: mistake
    for mistake in sorted((*SIZES, *COUNTS, *LAYOUTS, *VALUES, *SLIPS), key=lambda mistake: int(mistake.id[1:]))
}


def diagnose(answers):
    """The ids of the mistakes that the answers support, the likeliest first.

    A wrong answer that a mistake predicts speaks for it; an answer that differs, where the mistake would have
    shown, speaks against it.

    Args:
        answers: pairs (question, response), in any order.

    Raises:
        ValueError: an entry is not such a pair.

    Example:
        >>> from convlab.questions import make
        >>> question = make("window-value", seed=3)
        >>> diagnose([(question, question.answer)])
        []
    """
    pairs = []
    for entry in answers:
        if not (isinstance(entry, tuple | list) and len(entry) == 2 and hasattr(entry[0], "grade")):
            raise ValueError(
                "answers must be pairs (question, response) with a question made by convlab.questions.make; "
                f"got {type(entry).__name__}: write [(question, response), ...]"
            )
        pairs.append(tuple(entry))
    weights = weigh(pairs, lambda id: MISTAKES[id].family)
    supported = [id for id, weight in weights.items() if weight > 0]
    return sorted(supported, key=lambda id: -weights[id])  # sorted is stable: a verdict's own order breaks ties
