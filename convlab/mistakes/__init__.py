"""A wrong answer is a wrong model: each mistake as words that help and functions that predict.

The same model makes the wrong options of a question, recognises a number a learner typed, and recognises a
program that he wrote. Ids M01 to M100 are the course's table of misconceptions, with their home lesson; from M101
on come slips of hand and eye, such as counting rows from 1.
"""

from convlab.mistakes.choices import CHOICES
from convlab.mistakes.clinic import CLINIC
from convlab.mistakes.columns import COLUMNS
from convlab.mistakes.counts import COUNTS
from convlab.mistakes.diagnosis import weigh
from convlab.mistakes.dilations import DILATIONS
from convlab.mistakes.fields import FIELDS
from convlab.mistakes.filters import FILTERS
from convlab.mistakes.gradients import GRADIENTS
from convlab.mistakes.groups import WIRES
from convlab.mistakes.layouts import LAYOUTS
from convlab.mistakes.mistake import PREDICTS, Mistake
from convlab.mistakes.modes import MODES
from convlab.mistakes.networks import NETWORKS
from convlab.mistakes.outputs import CALLS, OUTPUTS
from convlab.mistakes.purpose import PURPOSE
from convlab.mistakes.sizes import SIZES
from convlab.mistakes.slips import SLIPS
from convlab.mistakes.speed import SPEED
from convlab.mistakes.steps import STEPS
from convlab.mistakes.values import VALUES
from convlab.refusals import ChoiceError, one_sentence

__all__ = ["MISTAKES", "PREDICTS", "Mistake", "diagnose", "graded"]

_TABLES = (
    PURPOSE,
    SIZES,
    DILATIONS,
    FIELDS,
    FILTERS,
    OUTPUTS,
    COUNTS,
    WIRES,
    LAYOUTS,
    VALUES,
    GRADIENTS,
    STEPS,
    COLUMNS,
    SPEED,
    NETWORKS,
    MODES,
    CALLS,
    CLINIC,
    CHOICES,
    SLIPS,
)
MISTAKES = {it.id: it for it in sorted((it for table in _TABLES for it in table), key=lambda it: int(it.id[1:]))}


@one_sentence
def diagnose(answers):
    """The ids of the mistakes that the answers support, the likeliest first.

    A wrong answer that a mistake predicts speaks for it; an answer that differs, where the mistake would have
    shown, speaks against it. One wrong answer among many right ones is a slip, and names nothing.

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
    weights = weigh(graded(answers), lambda id: MISTAKES[id].family)
    supported = [id for id, weight in weights.items() if weight > 0]
    return sorted(supported, key=lambda id: -weights[id])  # sorted is stable: a verdict's own order breaks ties


def graded(answers):
    """Pairs (question, verdict) for pairs (question, response).

    Args:
        answers: such pairs, in a list or a tuple.

    Raises:
        ValueError: an entry is not such a pair.

    Example:
        >>> from convlab.questions import make
        >>> question = make("window-value", seed=3)
        >>> [verdict.outcome for _, verdict in graded([(question, question.answer)])]
        ['right']
    """
    wanted = "answers must be pairs (question, response) with a question made by convlab.questions.make"
    if not isinstance(answers, list | tuple):
        raise ChoiceError(f"{wanted}, in a list; got {type(answers).__name__}: write [(question, response), ...]")
    pairs = []
    for entry in answers:
        if not (isinstance(entry, tuple | list) and len(entry) == 2 and hasattr(entry[0], "grade")):
            raise ChoiceError(f"{wanted}; got {type(entry).__name__}: write [(question, response), ...]")
        question, response = entry
        pairs.append((question, question.grade(response)))
    return pairs
