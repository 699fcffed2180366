"""Choosing questions by what they can tell: the ten of a test, so that every mistake of the lesson may show.

The ten are drawn anew for every seed: as many as possible are taken by chance, and the rest are those that show what
the others do not. A mistake that shows in one question only brings that one into every test; the others change.
"""

from collections import Counter
from typing import Any, NamedTuple

from convlab.mistakes import MISTAKES

IN_A_TEST = {"easy": 4, "medium": 4, "hard": 2}
_WORTH = (1.0, 0.6, 0.2)  # of a class that shows for the first, second, third time
_ELSEWHERE = 0.1  # how much a mistake of another lesson counts beside one of this
_BY_CHANCE = (7, 6, 5, 4, 3, 2, 1)  # questions of the ten that chance picks, before the others are chosen
_FIRST = 3  # of these are drawn mistake by mistake
_TRIES = 8  # draws for each of these numbers


class Candidate(NamedTuple):
    """A question, the classes of mistakes that show in it, and those of the lesson: all, and those that predict."""

    question: Any
    classes: frozenset
    home: frozenset
    predicting: frozenset


def classes_in(question):
    """The classes of mistakes that show in a question."""
    return {MISTAKES[id].family for id in question.mistakes}


def ten(candidates, rng, home):
    """4 easy, 4 medium and 2 hard of the candidates, in this order, that show as many mistakes as they can.

    Args:
        candidates: questions; one of an id is taken before another of the same id.
        rng: a random generator; the same one chooses the same ten.
        home: the ids of the mistakes that should show, most of all.
    """
    pool = [_candidate(question, home) for question in candidates]
    best = _exchanged(_filled([], pool), pool)
    predicting, most = _shown(best)
    enough = predicting, most - rng.choice((0, 1, 2))  # of those that predict nothing two may be missing
    for by_chance in _BY_CHANCE:
        for _ in range(_TRIES):
            lucky = _exchanged(_filled(_by_chance(pool, by_chance, rng), pool), pool, enough)
            if _reaches(lucky, enough):
                return _in_order(lucky)
    return _in_order(best)


def _candidate(question, home):
    classes = frozenset(classes_in(question))
    ours = frozenset(family for family in classes if family & home)
    predicting = frozenset(family for family in ours if any(MISTAKES[id].models for id in family))
    return Candidate(question, classes, ours, predicting)


def _in_order(chosen):
    return sorted((it.question for it in chosen), key=lambda question: list(IN_A_TEST).index(question.level))


def _shown(chosen):
    """How many of the lesson's classes of mistakes show: of those that predict something, and of all."""
    return len(frozenset().union(*(it.predicting for it in chosen))), len(
        frozenset().union(*(it.home for it in chosen))
    )


def _reaches(chosen, enough):
    return all(count >= wanted for count, wanted in zip(_shown(chosen), enough, strict=True))


def _exchanged(chosen, pool, enough=None):
    """The entries after every exchange of one for another of its level by which more shows, until that is enough."""
    before, used = _shown(chosen), {it.question.id for it in chosen}
    if enough and _reaches(chosen, enough):
        return chosen
    for place, gone in enumerate(chosen):
        for come in pool:
            if come.question.level != gone.question.level or come.question.id in used:
                continue
            exchanged = [*chosen[:place], come, *chosen[place + 1 :]]
            if _shown(exchanged) > before:
                return _exchanged(exchanged, pool, enough)
    return chosen


def _by_chance(pool, count, rng):
    """So many entries of the pool, none of an id twice, no level with more than a test has of it.

    The first ones are drawn mistake by mistake, so that one that shows in two questions has its turn beside one that
    shows in ten; the others question by question.
    """
    left, used, chosen = dict(IN_A_TEST), set(), []
    classes = sorted({one for it in pool for one in it.home}, key=sorted)
    first = [
        rng.choice([it for it in pool if one in it.home]) for one in rng.sample(classes, min(_FIRST, len(classes)))
    ]
    for it in [*first, *rng.sample(pool, len(pool))]:
        question = it.question
        if len(chosen) < count and left[question.level] and question.id not in used:
            left[question.level] -= 1
            used.add(question.id)
            chosen.append(it)
    return chosen


def _filled(chosen, pool):
    """Ten entries: those chosen, and step by step the one that shows most of what does not show yet.

    Where a level has run out of questions, one of another level takes its place.
    """
    left, shown, used = dict(IN_A_TEST), Counter(), Counter()

    def count(it):
        level = it.question.level
        left[level if left[level] else next(name for name, open in left.items() if open)] -= 1
        used[it.question.id] += 1
        shown.update(it.classes)

    def worth(it):
        gain = sum(_WORTH[min(shown[one], 2)] * (1.0 if one in it.home else _ELSEWHERE) for one in it.classes)
        return gain - 10 * used[it.question.id]

    for it in chosen:
        count(it)
    taken = {id(it) for it in chosen}
    chosen, pool = list(chosen), [it for it in pool if id(it) not in taken]
    while any(left.values()):
        best = max([it for it in pool if left[it.question.level]] or pool, key=worth)
        pool.remove(best)
        chosen.append(best)
        count(best)
    return chosen
