"""How far the learner has come, lesson by lesson and objective by objective: derived from the attempts."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from convlab import questions
from convlab.review.history import example, first_answers, kinds_right, quiz_goal, quiz_rounds, weakest
from convlab.review.memory import memories

STATES = ("mastered", "shaky", "due", "not begun")


@dataclass(frozen=True)
class Objective:
    """How one objective of a lesson stands.

    Args:
        name: what the learner can do, a short phrase.
        state: "not begun"; "due" when a question of it is to be repeated today; "mastered" when the last answer to
            each of its questions was right, neither a guess nor found with the hint; else "shaky".
        questions: (answered rightly at the last try, of how many).
    """

    name: str
    state: str
    questions: tuple[int, int]


@dataclass(frozen=True)
class Standing:
    """How far one lesson has come: (right, asked for) of questions, exercises; the best test; the last day."""

    lesson: str
    questions: tuple[int, int]
    exercises: tuple[int, int]
    quiz: tuple[int, int]
    test: int | None
    weak: tuple[str, ...]
    last: str
    objectives: tuple[Objective, ...] = ()

    @property
    def begun(self):
        """True when one of its objectives is."""
        return any(it.state != "not begun" for it in self.objectives)

    def count(self, state):
        """How many of its objectives are in this state."""
        return sum(it.state == state for it in self.objectives)


def standing(lesson, attempts, exercise_ids, known=None, now=None):
    """The `Standing` of a lesson after these attempts.

    Args:
        lesson: two digits.
        attempts: all there are, oldest first.
        exercise_ids: the lesson's exercises.
        known: the `memories` of these attempts, where they are at hand.
        now: the present with its time zone; None takes this machine's.
    """
    now = now or datetime.now().astimezone()
    known = memories(attempts, now) if known is None else known
    mine = [it for it in attempts if it.lesson == lesson]
    ids = questions.ids(lesson)
    right = {it.item for it in mine if it.outcome == "right"}
    goal = quiz_goal(lesson) if ids else 0
    rounds = quiz_rounds(lesson, mine) if ids else [[]]
    best = max(min(goal, len(kinds_right(round))) for round in rounds)
    in_tests = [it for it in mine if it.context.startswith("test ")]
    tests = Counter(it.context for it in first_answers(in_tests) if it.outcome == "right")
    weak = weakest([it for it in mine if it.settled])
    return Standing(
        lesson,
        (len(right & set(ids)), len(ids)),
        (len(right & set(exercise_ids)), len(exercise_ids)),
        (best, goal),
        max(tests.values(), default=0) if in_tests else None,
        tuple(mistake for mistake, _ in weak.most_common(2)),
        mine[-1].at[:10] if mine else "",
        objectives(lesson, known, now.date()),
    )


def objectives(lesson, known, today):
    """The `Objective`s of a lesson in teaching order, from the `memories` of its questions."""
    together = {}
    for id in questions.ids(lesson):
        together.setdefault(example(id).objective, []).append(known.get(id))
    return tuple(_objective(name, asked, today) for name, asked in together.items())


def _objective(name, asked, today):
    begun = [memory for memory in asked if memory]
    safe = sum(memory.safe for memory in begun)
    if not begun:
        state = "not begun"
    elif any(memory.due <= today for memory in begun):
        state = "due"
    else:
        state = "mastered" if safe == len(asked) else "shaky"
    return Objective(name, state, (safe, len(asked)))
