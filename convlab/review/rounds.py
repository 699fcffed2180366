"""The decks that go on: the endless quiz, the warm-up, the test, the review of what is due."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from convlab import questions
from convlab.questions.following import next_question, seeds_of
from convlab.review.decks import Deck, Entry, answered
from convlab.review.history import FIRST_SEED, counted, example, kinds_right, quiz_goal, quiz_rounds, weakest
from convlab.review.memory import due

REST = timedelta(hours=12)  # after which a finished warm-up is followed by a fresh one
SITTING = 10  # questions of one review
PURSUED = 3  # wrong answers in a row that are followed up; then the quiz goes on to something else
LEVELS = {"easy": 0, "medium": 1, "hard": 2}


class Quiz(Deck):
    """A round of the endless quiz: it stops after four right answers of different kinds."""

    @classmethod
    def begin(cls, lesson, attempts, another=False):
        """The round that the attempts have left unfinished, or the last one; with `another`, a new one."""
        current = [] if another else quiz_rounds(lesson, attempts)[-1]
        taken = {(it.item, it.seed) for it in attempts}
        deck = cls("quiz", "quiz", [answered(it) for it in current], lesson, again="Another round", taken=taken)
        deck.trail += [Entry(deck.further())] if not deck.trail else []
        return deck

    @property
    def done(self):
        return len(kinds_right(self._given())) >= quiz_goal(self.lesson)

    @property
    def standing(self):
        right, goal = len(kinds_right(self._given())), quiz_goal(self.lesson)
        return min(right, goal), goal, f"{right} of {goal} different kinds right"

    @property
    def summary(self):
        if not self.done:
            return None
        return f"Done: {quiz_goal(self.lesson)} right answers of different kinds.", []

    def further(self):
        if self.done:
            return None
        if (question := self._follow_up()) is not None:
            return question
        given = [entry.question for entry in self.trail]
        right = kinds_right(self._given())
        last = given[-1].id if given else None
        here, ever = Counter(it.id for it in given), Counter(id for id, _ in self.taken)
        kinds = Counter(it.kind for it in given)
        order = questions.ids(self.lesson)

        def rank(id):
            it = example(id)
            return it.kind in right, id == last, kinds[it.kind], here[id], ever[id], LEVELS[it.level], order.index(id)

        return self.like(example(min(order, key=rank)))

    def _follow_up(self):
        """The question that tells apart the mistakes behind a wrong answer; None where there is nothing to tell."""
        given = [entry for entry in self.trail if entry.attempt]
        wrong = next((at for at, entry in enumerate(reversed(given)) if entry.attempt.outcome == "right"), len(given))
        if not 0 < wrong <= PURSUED or not given[-1].attempt.mistakes:
            return None
        pairs = [(entry.question, entry.attempt.response) for entry in given]
        question = next_question(pairs, FIRST_SEED + len(given), [self.lesson], self._draw)
        return question if (question.id, question.seed) not in self.taken | self._asked() else self.like(question)

    def _draw(self, lesson, rng):
        """The questions to choose the next from; those of other lessons may ask what was not taught yet."""
        return [questions.make(*it) for it in seeds_of(rng, questions.ids(lesson))] if lesson == self.lesson else []

    def restart(self, attempts):
        return Quiz.begin(self.lesson, attempts, another=True)

    def _given(self):
        return [entry.attempt for entry in self.trail if entry.attempt]


class WarmUp(Deck):
    """Two questions from earlier lessons: those whose mistakes were made and not yet mended, then what is due."""

    @classmethod
    def begin(cls, lesson, attempts, another=False, now=None):
        """The warm-up that is unfinished, or was finished in the last hours; else a fresh one."""
        context = f"warm-up {lesson}"
        done = counted([it for it in attempts if it.context == context])
        current = done[len(done) - len(done) % 2 :]
        if not current and done and not another:
            age = (now or datetime.now(UTC)) - datetime.fromisoformat(done[-1].at)
            current = done[-2:] if age < REST else []
        before = [it for it in attempts if not current or it.at < current[0].at]
        trail = [answered(it) for it in current]
        deck = cls("warm-up", context, trail, lesson, again="Two more", taken={(it.item, it.seed) for it in attempts})
        for id in cls._chosen(lesson, before, now):
            if len(trail) < 2 and id not in {entry.question.id for entry in trail}:
                trail.append(Entry(deck.like(example(id))))
        return deck

    @staticmethod
    def _chosen(lesson, attempts, now):
        """The ids of earlier lessons, best first; of two alike in all else, the one of the nearest lesson."""
        earlier = [id for id in questions.ids() if example(id).lesson < lesson]
        old = [it for it in attempts if it.lesson < lesson and it.settled]
        weak, asked = weakest(old), Counter(it.item for it in old)
        waiting = {it.id: it.chance for it in due(attempts, now)}

        def rank(id):
            it = example(id)
            pain = sum(weak[mistake] for mistake in it.mistakes)
            return -pain, waiting.get(id, 1), asked[id], LEVELS[it.level], -int(it.lesson), earlier.index(id)

        return sorted(earlier, key=rank)

    def restart(self, attempts):
        return WarmUp.begin(self.lesson, attempts, another=True)


class Test(Deck):
    """The ten-question test of a lesson: verdicts at the end, with a result by objective."""

    __test__ = False  # pytest: this is no test of ours

    @classmethod
    def begin(cls, lesson, attempts, seed=None):
        """The test of this seed; without one, the test begun last, or the first."""
        mine = [it for it in attempts if it.lesson == lesson and it.context.startswith("test ")]
        if seed is None:
            seed = int(mine[-1].context.removeprefix("test ")) if mine else 1
        first = {}
        for it in mine:
            if it.context == f"test {seed}" and it.settled:
                first.setdefault((it.item, it.seed, it.revision), it)
        trail = [Entry(it, first.get((it.id, it.seed, it.revision))) for it in questions.test(lesson, seed)]
        trail.sort(key=lambda entry: entry.attempt is None)
        return cls("test", f"test {seed}", trail, lesson, secret=True, again="Another test")

    def restart(self, attempts):
        return Test.begin(self.lesson, attempts, seed=int(self.context.removeprefix("test ")) + 1)


class Review(Deck):
    """What is due today, the weakest first, each question with new numbers; at most ten in one sitting."""

    @classmethod
    def begin(cls, attempts, another=False, now=None):
        """The sitting that is unfinished, or the last of today; with `another`, the next one.

        Its trail is empty when nothing is due and nothing was reviewed today.
        """
        now = now or datetime.now().astimezone()
        today = [it for it in counted([it for it in attempts if it.context == "review"]) if _day(it, now) == now.date()]
        waiting = due(attempts, now)
        current = today[len(today) - len(today) % SITTING :]
        if not current and not another:
            current = today[-SITTING:]
        left = max(0, SITTING - len(current))
        deck = cls("review", "review", [answered(it) for it in current], taken={(it.item, it.seed) for it in attempts})
        deck.trail += [Entry(deck.like(example(it.id))) for it in waiting[:left]]
        deck.again = "Go on with what is due" if len(waiting) > left else ""
        return deck

    def restart(self, attempts):
        return Review.begin(attempts, another=True)


def _day(attempt, now):
    return datetime.fromisoformat(attempt.at).astimezone(now.tzinfo).date()
