"""What the attempts say of single questions: what was asked, what was right, which seeds are used up."""

from collections import Counter
from functools import cache

from convlab import questions

GOAL = 4  # right answers of different kinds end a quiz
FIRST_SEED = 101  # below are the seeds that notebooks give by hand


@cache
def example(id):
    """One question of this id, to read its kind, level, objective and mistakes."""
    return questions.make(id, FIRST_SEED)


def first_answers(attempts):
    """The first settled attempt at each question, oldest first."""
    first = {}
    for it in attempts:
        if it.settled:
            first.setdefault((it.item, it.seed, it.revision), it)
    return list(first.values())


def counted(attempts):
    """The first settled attempt at each of the lessons' questions as they are today, oldest first."""
    known = set(questions.ids())
    return [it for it in first_answers(attempts) if it.item in known and it.revision == example(it.item).revision]


def kinds_right(attempts):
    """The kinds of question answered rightly."""
    return {it.kind for it in attempts if it.outcome == "right"}


def quiz_goal(lesson):
    """How many different kinds end a quiz: four, or all that the lesson has."""
    return min(GOAL, len({example(id).kind for id in questions.ids(lesson)}))


def quiz_rounds(lesson, attempts):
    """The quiz attempts of a lesson, round by round; the last round may be unfinished, and is never empty but once."""
    rounds = [[]]
    for it in counted([it for it in attempts if it.context == "quiz" and it.lesson == lesson]):
        if len(kinds_right(rounds[-1])) >= quiz_goal(lesson):
            rounds.append([])
        rounds[-1].append(it)
    return rounds


def fresh_seed(id, taken):
    """The first seed of this question that is not among `taken` pairs (id, seed)."""
    seed = FIRST_SEED
    while (id, seed) in taken:
        seed += 1
    return seed


def weakest(attempts):
    """How often each mistake was made since its question was last answered rightly, the commonest first."""
    since = {}
    for it in attempts:
        if it.outcome == "right":
            since[it.item] = []
        else:
            since.setdefault(it.item, []).extend(it.mistakes[:1])
    return Counter(mistake for mistakes in since.values() for mistake in mistakes)
