"""Choosing questions by what they can tell: the ten of a test, so that every mistake of the lesson may show."""

from collections import Counter

from convlab.mistakes import MISTAKES

IN_A_TEST = {"easy": 4, "medium": 4, "hard": 2}
_WORTH = (1.0, 0.6, 0.2)  # of a class that shows for the first, second, third time
_LUCK = 0.5  # drawn at random on top of the worth, so that two tests differ


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
    left = dict(IN_A_TEST)
    shown, used, chosen = Counter(), Counter(), []
    pool = [(question, classes_in(question), bool(question.mistakes)) for question in candidates]
    while any(left.values()):
        open_ = [it for it in pool if left[it[0].level]] or pool

        def worth(it, shown=shown, used=used):
            question, classes, _ = it
            gain = sum(_WORTH[min(shown[family], 2)] * (1.0 if family & home else 0.1) for family in classes)
            return gain + _LUCK * rng.random() - 10 * used[question.id]

        best = max(open_, key=worth)
        pool.remove(best)
        chosen.append(best[0])
        used[best[0].id] += 1
        shown.update(best[1])
        level = best[0].level if left[best[0].level] else next(name for name, count in left.items() if count)
        left[level] -= 1
    return sorted(chosen, key=lambda question: list(IN_A_TEST).index(question.level))
