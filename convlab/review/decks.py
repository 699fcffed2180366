"""The row of questions of one card, the answered ones first: what it asks, takes, keeps and tells.

Nothing here is drawn by chance: the same attempts always give the same next question. So a restarted kernel
continues where the last one stopped, and a question that was not answered yet stays the same.
"""

import json
from dataclasses import asdict, dataclass, field

from convlab import questions
from convlab.attempt import Attempt, attempt_at
from convlab.refusals import came
from convlab.review.history import counted, fresh_seed
from convlab.shapes import ArgumentError
from convlab.verdict import Verdict


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
    if sure is not None and (type(sure) is not int or sure not in (1, 2, 3)):
        raise ArgumentError(f"sure must be 1 (a guess), 2 (fairly), 3 (certain) or None; got {came(sure)}: choose one.")


def answered(attempt):
    """The entry of an attempt that was made before."""
    return Entry(questions.make(attempt.item, attempt.seed), attempt)


@dataclass
class Deck:
    """The questions of one card.

    Args:
        name: what the card is: "quiz", "predict", "warm-up", "test", "review", "layer", "practice".
        context: what its attempts are filed under.
        trail: the entries so far, the answered ones first.
        needs_sure: the learner must say how sure he is.
        secret: verdicts are shown when all questions are answered, not before.
        again: the words on the button that begins another round, or "".
        taken: pairs (id, seed) that were asked before.
        about: the learner's own layer as JSON, kept with each of its attempts, or "".
        words: what it is about in a few words, where the lesson does not say it.
    """

    name: str
    context: str
    trail: list[Entry]
    lesson: str = ""
    needs_sure: bool = False
    secret: bool = False
    again: str = ""
    taken: set = field(default_factory=set)
    about: str = ""
    words: str = ""

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
        told = {"sure": sure, "hints": entry.hints, "context": self.context, "about": self.about}
        attempt = attempt_at(entry.question, response, verdict, **told, **more)
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

    def _asked(self):
        return {(entry.question.id, entry.question.seed) for entry in self.trail}


def predict(question, attempts):
    """The deck of one locked question, answered if it was answered before."""
    mine = [it for it in attempts if it.context == "predict" and (it.item, it.seed) == (question.id, question.seed)]
    entry = Entry(question, next(iter(counted(mine)), None))
    return Deck("predict", "predict", [entry], question.lesson, needs_sure=True)


def own_layer(spec, input_shape, attempts):
    """The deck about the learner's own layer: its shapes, parameters and multiply-adds.

    Args:
        spec: a `Conv2dSpec`.
        input_shape: (C_in, H, W) or (N, C_in, H, W).
        attempts: all there are, oldest first; what was answered about this layer and input comes back.

    Raises:
        ShapeError: PyTorch refuses this layer or this input.
    """
    about = json.dumps({"spec": asdict(spec), "input_shape": list(input_shape)})
    mine = [it for it in attempts if it.context == "layer" and it.about == about and it.settled]
    first = {}
    for it in mine:
        first.setdefault((it.item, it.seed, it.revision), it)
    asked = [questions.about(spec, input_shape, what) for what in OWN]
    trail = [Entry(it, first.get((it.id, it.seed, it.revision))) for it in asked]
    height, width = spec.kernel_size
    words = f"{spec.in_channels} to {spec.out_channels} channels, kernel {height} x {width}, input {input_shape}"
    return Deck("layer", "layer", trail, about=about, words=words)


OWN = ("output_shape", "weight_shape", "parameter_count", "macs")  # what is asked of the learner's own layer
