"""Which mistakes explain a learner's answers: the evidence for each is added up over all that he answered.

Two learners are compared for every class of mistakes: one who holds it, and one who holds none but slips now and then.
The weight of the evidence is the logarithm of how much likelier the answers are from the first than from the second.
"""

from math import log

SETTLED = ("right", "wrong", "partial")  # outcomes that are evidence
_HOLDS = 0.9  # who holds a wrong model answers by it, where it shows
_RIGHT_ANYWAY = 0.3
_DRESSED = 0.3  # how much it counts that he knows better in another dress: in a picture, in code, in a sentence
_SLIPS = 0.1  # who holds none gives a wrong answer
_OTHER = 0.02  # who holds it gives a wrong answer that it does not predict
_BEFORE = log(0.03 / 0.97)  # about one learner in thirty holds any given mistake
_MOST_WRONG = 6  # wrong answers that a slip may hit; more would let one lucky slip weigh too much


def weigh(graded, families):
    """Mistake id -> the weight of the evidence for it; above 0 it is likelier held than not.

    The more answers there are, the more pairs of slips among them may agree on some mistake by chance, so the bar
    rises with the number of pairs: a lone answer may name a mistake, among ten it takes three (two and the answer to
    a follow-up).

    Args:
        graded: pairs (question, verdict).
        families: a function from a mistake's id to the ids of its class.
    """
    graded = [(question, verdict) for question, verdict in graded if verdict.outcome in SETTLED]
    before = bar(len(graded))
    weights = {}
    for id in dict.fromkeys(id for _, verdict in graded for id in verdict.mistakes):
        family = families(id)
        known = known_dresses(graded, family)
        weights[id] = before + sum(
            evidence(question, verdict, family) * (_DRESSED if dress(question) in known else 1)
            for question, verdict in graded
        )
    return weights


def bar(count):
    """The weight of any mistake before `count` answers are looked at."""
    return _BEFORE - 2 * log(max(1, count))


def dress(question):
    """In what form a question comes: a learner who knows better in one may not in another."""
    return question.kind, question.spec is not None


def known_dresses(graded, family):
    """The forms of question in which the class could show, and never did: he who holds it sees through it there."""
    could = {dress(question) for question, _ in graded if family.intersection(question.mistakes)}
    return could - {dress(question) for question, verdict in graded if family.intersection(verdict.mistakes)}


def evidence(question, verdict, family):
    """How much one answer speaks for a class of mistakes; below 0 against it, 0 where the class does not show."""
    if family.intersection(verdict.mistakes):
        return log(_HOLDS * wrong_answers(question) / _SLIPS)
    if not family.intersection(question.mistakes):
        return 0.0
    if verdict.outcome == "right":
        return log(_RIGHT_ANYWAY / (1 - _SLIPS))
    return log(_OTHER / _SLIPS)


def wrong_answers(question):
    """How many wrong answers a slip could hit: the other options, or what mistakes predict and as much again."""
    if question.kind == "truefalse":
        return 1
    if question.kind == "choice":
        return len(question.options) - 1
    return min(_MOST_WRONG, 2 * max(1, len(question.slips)))
