"""What to ask next: the question whose answer tells most about which mistakes a learner holds."""

from collections import defaultdict
from math import exp, log
from random import Random

from convlab.mistakes import MISTAKES, graded
from convlab.mistakes.diagnosis import SETTLED, bar, dress, evidence, known_dresses
from convlab.questions.grading import canonical

_FEW = 3  # the likeliest mistakes whose home lessons are asked from too
_SEEDS = 3  # questions drawn of each id
_MANY = 40  # ids; of so many one question each is enough


def answer_with(question, family):
    """What a learner answers who holds a mistake of this class, and knows everything else.

    Example:
        >>> from convlab.questions import make
        >>> question = make("window-value", seed=3)
        >>> question.grade(answer_with(question, {"M61"})).mistakes
        ('M61',)
        >>> answer_with(question, {"M06"}) == question.answer
        True
    """
    told = [slip for slip in question.slips if family.intersection(slip.mistakes)]
    if told:  # an answer that is this mistake's before it is anyone else's, if there is one
        return next((slip.answer for slip in told if slip.mistakes[0] in family), told[0].answer)
    wrong = [option for option, slip in question.per_option.items() if family.intersection(slip.mistakes)]
    if not wrong:
        return question.answer
    return [option for option in question.options if (option in question.answer) != (option in wrong)]


def next_question(answers, seed, lessons, draw):
    """The question that tells most, of those that `draw(lesson, rng)` gives for the lessons in question.

    Every class of mistakes that the answers leave possible foretells an answer to it, and so does who holds none; the
    best question is the one where these answers differ most, each weighed by how likely its class is by now. When
    nothing is left to tell apart, it is a question of the lesson like any other: there is always a next one.
    """
    rng = Random(f"follow-up:{seed}")
    judged = graded(answers)
    beliefs = _beliefs(judged, lessons)
    asked = {(question.id, question.seed) for question, _ in judged}
    likeliest = sorted((it for it in beliefs if it), key=beliefs.get, reverse=True)[:_FEW]
    homes = [MISTAKES[id].lesson for family in likeliest for id in sorted(family)]
    candidates = [it for lesson in dict.fromkeys([*lessons, *homes]) for it in draw(lesson, rng)]
    candidates = [it for it in candidates if (it.id, it.seed) not in asked] or candidates
    known = {family: known_dresses(judged, family) for family in beliefs}
    return max(rng.sample(candidates, len(candidates)), key=lambda question: _tells(question, beliefs, known))


def _beliefs(judged, lessons):
    """Class of mistakes -> how likely it is held, as odds against none (the empty class, 1).

    The bar is that of the diagnosis, so questions go on about a mistake until it can be named or is ruled out; a form
    of question in which the learner knows better says nothing about the others.
    """
    named = {MISTAKES[id].family for _, verdict in judged for id in verdict.mistakes}
    shown = {MISTAKES[id].family for question, _ in judged for id in question.mistakes}
    beliefs = {frozenset(): 1.0}
    for mistake in MISTAKES.values():
        if mistake.family in named:
            known = known_dresses(judged, mistake.family)
            told = [it for it in judged if dress(it[0]) not in known and it[1].outcome in SETTLED]
            weight = bar(len(judged)) + sum(evidence(*it, mistake.family) for it in told)
            beliefs[mistake.family] = exp(min(50.0, weight))
        elif mistake.lesson in lessons and mistake.family not in shown:
            beliefs[mistake.family] = exp(bar(len(judged)))
    return beliefs


def _tells(question, beliefs, known):
    """The information in an answer, in nats: the entropy of the answers foretold."""
    shares = defaultdict(float)
    for family, odds in beliefs.items():
        held = frozenset() if dress(question) in known[family] else family
        shares[_key(question, answer_with(question, held))] += odds
    total = sum(shares.values())
    return -sum(share / total * log(share / total) for share in shares.values())


def _key(question, answer):
    key = canonical(question.kind, answer)
    return key if not isinstance(key, float) else round(key, 6)


def seeds_of(rng, names):
    """Pairs (id, seed), some of each name, in the order of the names; one of each where they are many."""
    each = _SEEDS if len(names) <= _MANY else 1
    return [(name, rng.randrange(1, 2**31)) for name in names for _ in range(each)]
