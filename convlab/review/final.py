"""The final quiz: twenty questions from all lessons before it, the weakest objectives first among them.

Which twenty follows from a seed and from the attempts made before it was drawn. The moment of drawing stands in the
context of each answer, so that a restarted kernel finds the same twenty.
"""

from collections import Counter
from datetime import datetime
from random import Random

from convlab import questions
from convlab.attempt import utc
from convlab.review.decks import Deck, Entry
from convlab.review.history import example
from convlab.review.memory import memories
from convlab.review.standing import objectives
from convlab.shapes import ArgumentError

IN_THE_FINAL = {"easy": 8, "medium": 8, "hard": 4}
WORTH = {"shaky": 4, "due": 3, "not begun": 2, "mastered": 1}  # of an objective in a draw
LARGEST_SEED = 2**31


class Final(Deck):
    """Twenty questions over all lessons: the verdicts at the end, with a result by objective."""

    @classmethod
    def begin(cls, lesson, attempts, seed=None, now=None):
        """The final of this seed; without one, the final begun last, or the first.

        Args:
            lesson: two digits; the questions are those of the lessons before it.
            attempts: all there are, oldest first.
            seed: a whole number from 0, or None.
            now: the present with its time zone, where this final is new; None takes this machine's.
        """
        contexts = [it.context for it in attempts if it.context.startswith("final ")]
        seed = _seed(contexts) if seed is None else _checked(seed)
        begun = [context for context in contexts if context.startswith(f"final {seed} ")]
        moment = begun[-1].split()[2] if begun else (now or datetime.now().astimezone()).isoformat()
        context = f"final {seed} {utc(moment)}"
        first = {}
        for it in attempts:
            if it.context == context and it.settled:
                first.setdefault((it.item, it.seed, it.revision), it)
        before = [it for it in attempts if it.at < utc(moment)]
        drawn = twenty(lesson, before, seed, datetime.fromisoformat(moment))
        trail = [Entry(it, first.get((it.id, it.seed, it.revision))) for it in drawn]
        trail.sort(key=lambda entry: entry.attempt is None)
        return cls("final", context, trail, lesson, secret=True, again="Another twenty")

    @property
    def summary(self):
        """The result by objective, each with its lesson, in the order of the course."""
        made = super().summary
        if made is None:
            return None
        lessons = {entry.question.objective: entry.question.lesson for entry in self.trail}
        rows = [[f"{lessons[what]}: {what}", right, asked] for what, right, asked in made[1]]
        return made[0], sorted(rows)

    def restart(self, attempts):
        return Final.begin(self.lesson, attempts, seed=_seed([self.context]) + 1)


def _seed(contexts):
    return int(contexts[-1].split()[1]) if contexts else 1


def _checked(seed):
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < LARGEST_SEED:
        raise ArgumentError(f"seed must be a whole number from 0; got {seed!r:.40}: write final(seed=2).")
    return seed


def twenty(lesson, attempts, seed, now):
    """8 easy, 8 medium and 4 hard questions of the lessons before this one, in this order; each lesson has one or more.

    An objective is the likelier drawn the weaker it is: shaky before due, due before not begun, mastered last. No
    objective comes twice.

    Args:
        lesson: two digits.
        attempts: those by which an objective is weak or not, oldest first.
        seed: a whole number.
        now: the moment by which something is due.
    """
    rng, known = Random(f"final {lesson}:{seed}"), memories(attempts, now)
    pool = {}  # question id -> how likely it is
    lessons = sorted({example(id).lesson for id in questions.ids() if example(id).lesson < lesson})
    for name in lessons:
        worth = {it.name: WORTH[it.state] for it in objectives(name, known, now.date())}
        shared = Counter(example(id).objective for id in questions.ids(name))
        pool |= {id: worth[example(id).objective] / shared[example(id).objective] for id in questions.ids(name)}
    chosen, left = [], dict(IN_THE_FINAL)
    for name in rng.sample(lessons, len(lessons)):  # one of each lesson, then any
        _draw(rng, pool, chosen, left, lambda id, name=name: example(id).lesson == name)
    while any(left.values()):
        _draw(rng, pool, chosen, left, lambda id: True)
    chosen.sort(key=lambda id: (list(IN_THE_FINAL).index(example(id).level), example(id).lesson))
    return [questions.make(id, rng.randrange(1, LARGEST_SEED)) for id in chosen]


def _draw(rng, pool, chosen, left, fits):
    """One question more, by chance and by its worth; its objective leaves the pool."""
    open_ones = [id for id in pool if left[example(id).level] and fits(id)]
    (id,) = rng.choices(open_ones, [pool[one] for one in open_ones])
    chosen.append(id)
    left[example(id).level] -= 1
    it = example(id)
    for one in [one for one in pool if (example(one).lesson, example(one).objective) == (it.lesson, it.objective)]:
        del pool[one]
