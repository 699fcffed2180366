"""Which mistakes explain a learner's answers: evidence for each is added up over all that he answered."""

from math import log

# How likely an answer is, as the natural logarithm of (with the mistake / without it). A learner who holds a wrong
# model answers by it about nine times in ten where it applies; one who does not hits that answer by a slip about
# three times in a hundred, and is right about nine times in ten.
_HIT = log(0.9 / 0.03)
_MISS = log(0.1 / 0.9)
_BEFORE = log(0.05 / 0.95)  # about one learner in twenty holds any given mistake


def weigh(answers, families):
    """Mistake id -> the weight of the evidence for it; above 0 it is likelier held than not."""
    weights = {}
    graded = [(question, question.grade(response)) for question, response in answers]
    for _, verdict in graded:
        for id in verdict.mistakes:
            weights.setdefault(id, _BEFORE)
    for id in weights:
        family = families(id)
        for question, verdict in graded:
            if verdict.outcome == "not_attempted" or verdict.outcome == "error":
                continue
            if family.intersection(verdict.mistakes):
                weights[id] += _HIT
            elif any(id in slip.mistakes for slip in question.slips):  # it would have shown here, and did not
                weights[id] += _MISS
    return weights
