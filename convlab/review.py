"""What to ask next, and how far the learner has come: all of it derived from the attempts.

Nothing here is stored, and nothing is drawn by chance: the same attempts always give the same next question. So a
restarted kernel continues where the last one stopped, and a question that was not answered yet stays the same.
A deck is the row of questions of one card, the answered ones first.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from convlab import questions
from convlab.attempt import Attempt, attempt_at
from convlab.shapes import ArgumentError
from convlab.verdict import Verdict

GOAL = 4  # right answers of different kinds end a quiz
FIRST_SEED = 101  # below are the seeds that notebooks give by hand
REST = timedelta(hours=12)  # after which a finished warm-up is followed by a fresh one
LEVELS = {"easy": 0, "medium": 1, "hard": 2}


@cache
def example(id):
    """One question of this id, to read its kind, level and mistakes."""
    return questions.make(id, FIRST_SEED)


def counted(attempts, known=None):
    """The first settled attempt at each question, those at questions as they are today; oldest first."""
    known = set(questions.ids()) if known is None else known
    first = {}
    for it in attempts:
        if it.settled and it.item in known and it.revision == example(it.item).revision:
            first.setdefault((it.item, it.seed), it)
    return list(first.values())


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


@dataclass
class Entry:
    """A question on a card: its first settled attempt, once there is one, and what was asked for before."""

    question: object
    attempt: Attempt | None = None
    unread: Verdict | None = None  # why the last answer could not be read
    hints: int = 0

    @property
    def key(self):
        return f"{self.question.id}:{self.question.seed}"

    @property
    def verdict(self):
        """The judgement on the attempt, made anew; a response too long to keep has its stored outcome."""
        if self.attempt is None:
            return self.unread
        verdict = self.question.grade(self.attempt.response)
        if verdict.outcome == self.attempt.outcome:
            return verdict
        return Verdict(self.attempt.outcome, "This answer was given and judged before.", self.attempt.mistakes)


def check_sure(sure):
    """Nothing, for 1, 2, 3 and None.

    Raises:
        ArgumentError: anything else.
    """
    if isinstance(sure, bool) or sure not in (None, 1, 2, 3):
        raise ArgumentError(f"sure must be 1 (a guess), 2 (fairly), 3 (certain) or None; got {sure!r:.40}: choose one.")


def _entry(attempt):
    return Entry(questions.make(attempt.item, attempt.seed), attempt)


@dataclass
class Deck:
    """The questions of one card.

    Args:
        name: what the card is: "quiz", "predict", "warm-up", "test", "practice".
        context: what its attempts are filed under.
        trail: the entries so far, the answered ones first.
        needs_sure: the learner must say how sure he is.
        secret: verdicts are shown when all questions are answered, not before.
        again: the words on the button that begins another round, or "".
    """

    name: str
    context: str
    trail: list[Entry]
    lesson: str = ""
    needs_sure: bool = False
    secret: bool = False
    again: str = ""
    taken: set = field(default_factory=set)

    @property
    def done(self):
        """True when nothing is left to answer."""
        return all(entry.attempt for entry in self.trail)

    @property
    def hidden(self):
        """True while verdicts are held back."""
        return self.secret and not self.done

    def give(self, entry, response, keep, *, sure=None, **more):
        """The verdict on a response; it is in the store `keep` when this returns. A settled answer stays as it is."""
        if entry.attempt:
            return entry.verdict
        if self.needs_sure and sure is None:
            entry.unread = Verdict("not_attempted", "First say how sure you are: a guess, fairly or certain.")
            return entry.unread
        verdict = entry.question.grade(response)
        if verdict.outcome == "not_attempted":
            entry.unread = verdict
            return verdict
        more = {name: value for name, value in more.items() if value is not None}
        about = {"sure": sure, "hints": entry.hints, "context": self.context}
        attempt = attempt_at(entry.question, response, verdict, **about, **more)
        keep.record(attempt)
        if not attempt.settled:
            entry.unread = verdict
            return verdict
        entry.attempt, entry.unread = attempt, None
        return Verdict("not_attempted", "Kept: the verdicts come at the end.") if self.hidden else verdict

    @property
    def standing(self):
        """(how many of what is counted are reached, of how many, in words)."""
        given = [entry for entry in self.trail if entry.attempt]
        if self.hidden:
            return len(given), len(self.trail), f"{len(given)} of {len(self.trail)} answered"
        right = sum(entry.attempt.outcome == "right" for entry in given)
        return right, len(self.trail), f"{right} of {len(self.trail)} right"

    @property
    def summary(self):
        """The result once all is done: a heading and rows (what, right, asked); None before, and for one question."""
        if not self.done or len(self.trail) < 2:
            return None
        rows = {}
        for entry in self.trail:
            row = rows.setdefault(entry.question.objective, [0, 0])
            row[0] += entry.attempt.outcome == "right"
            row[1] += 1
        right, of, _ = self.standing
        return f"{right} of {of} right", [[what, *row] for what, row in rows.items()]

    def further(self):
        """The question after the last one; None where the deck has no more."""
        return None

    def like(self, question):
        """The same question with other numbers."""
        return questions.make(question.id, fresh_seed(question.id, self.taken | self._asked()))

    def restart(self, attempts):
        """The deck of another round, after these attempts."""
        raise NotImplementedError

    def _asked(self):
        return {(entry.question.id, entry.question.seed) for entry in self.trail}


class Quiz(Deck):
    """A round of the endless quiz: it stops after four right answers of different kinds."""

    @classmethod
    def begin(cls, lesson, attempts, another=False):
        """The round that the attempts have left unfinished, or the last one; with `another`, a new one."""
        current = [] if another else quiz_rounds(lesson, attempts)[-1]
        taken = {(it.item, it.seed) for it in attempts}
        deck = cls("quiz", "quiz", [_entry(it) for it in current], lesson, again="Another round", taken=taken)
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

    def restart(self, attempts):
        return Quiz.begin(self.lesson, attempts, another=True)

    def _given(self):
        return [entry.attempt for entry in self.trail if entry.attempt]


class WarmUp(Deck):
    """Two questions from earlier lessons, those first whose mistakes were made and not yet mended."""

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
        trail = [_entry(it) for it in current]
        deck = cls("warm-up", context, trail, lesson, again="Two more", taken={(it.item, it.seed) for it in attempts})
        for id in cls._chosen(lesson, before):
            if len(trail) < 2 and id not in {entry.question.id for entry in trail}:
                trail.append(Entry(deck.like(example(id))))
        return deck

    @staticmethod
    def _chosen(lesson, attempts):
        """The ids of earlier lessons, best first; of two alike in all else, the one of the nearest lesson."""
        earlier = [id for id in questions.ids() if example(id).lesson < lesson]
        old = [it for it in attempts if it.lesson < lesson and it.settled]
        weak, asked = weakest(old), Counter(it.item for it in old)

        def rank(id):
            it = example(id)
            pain = sum(weak[mistake] for mistake in it.mistakes)
            return -pain, asked[id], LEVELS[it.level], -int(it.lesson), earlier.index(id)

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


def predict(question, attempts):
    """The deck of one locked question, answered if it was answered before."""
    mine = [it for it in attempts if it.context == "predict" and (it.item, it.seed) == (question.id, question.seed)]
    entry = Entry(question, next(iter(counted(mine)), None))
    return Deck("predict", "predict", [entry], question.lesson, needs_sure=True)


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


def standing(lesson, attempts, exercise_ids):
    """The `Standing` of a lesson after these attempts."""
    mine = [it for it in attempts if it.lesson == lesson]
    ids = questions.ids(lesson)
    right = {it.item for it in mine if it.outcome == "right"}
    goal = quiz_goal(lesson) if ids else 0
    rounds = quiz_rounds(lesson, mine) if ids else [[]]
    best = max(min(goal, len(kinds_right(round))) for round in rounds)
    tests = Counter(it.context for it in counted(mine) if it.context.startswith("test ") and it.outcome == "right")
    weak = weakest([it for it in mine if it.settled])
    return Standing(
        lesson,
        (len(right & set(ids)), len(ids)),
        (len(right & set(exercise_ids)), len(exercise_ids)),
        (best, goal),
        max(tests.values(), default=0) if any(it.context.startswith("test ") for it in mine) else None,
        tuple(mistake for mistake, _ in weak.most_common(2)),
        mine[-1].at[:10] if mine else "",
    )
