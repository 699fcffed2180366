"""A poll: one question for all, two votes with a talk between them, and only then the answer.

While a vote goes on nobody sees what the others chose; the bars of a vote come when it is closed, and do not say which
of them is right. Both votes stay beside each other; the answer is computed by the question, when the instructor asks.
"""

from uuid import uuid4

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text, delete, insert, select, update

from convlab import questions
from convlab.questions import grading
from convlab.questions.reading import Unreadable

from .records import METADATA, now

POLLS = Table(
    "polls",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("item", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("opened", String(40), nullable=False),
)
VOTES = Table(
    "votes",
    METADATA,
    Column("poll", String(36), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("user", String(255), primary_key=True),
    Column("answer", Text, nullable=False),
    Column("at", String(40), nullable=False),
)
STAGES = ("first", "talk", "second", "closed", "revealed")
VOTING = {"first": 1, "second": 2}  # the stages in which a vote is taken -> its round
KINDS = ("choice", "truefalse", "number", "shape")
MOST_BARS = 8


class NoPoll(ValueError):
    """What was asked of a poll cannot be done, and why, in one sentence."""


class Polls:
    """The polls of a class; the one that was opened last is the one that is shown.

    Args:
        records: the `Records` whose database keeps them.
    """

    def __init__(self, records):
        self._engine = records.engine

    def open(self, item, seed):
        """The id of a new poll on this question; the one before it is over.

        Raises:
            NoPoll: there is no such question, or it is answered by clicking.
        """
        _question(item, seed)
        id = str(uuid4())
        row = {"id": id, "item": item, "seed": seed, "stage": STAGES[0], "opened": now()}
        with self._engine.begin() as connection:
            connection.execute(insert(POLLS), row)
        return id

    def current(self):
        """The poll that was opened last, as a dict; None where there was none yet."""
        with self._engine.connect() as connection:
            row = connection.execute(select(POLLS).order_by(POLLS.c.opened.desc()).limit(1)).first()
        return dict(row._mapping) if row else None

    def move(self, id, stage):
        """Brings a poll to its next stage; a stage is never gone back to.

        Raises:
            NoPoll: no such poll, or it is past that stage.
        """
        with self._engine.begin() as connection:
            was = connection.execute(select(POLLS.c.stage).where(POLLS.c.id == id)).scalar()
            if was is None or stage not in STAGES or STAGES.index(stage) <= STAGES.index(was):
                raise NoPoll(f"the poll cannot go from {was} to {stage!r:.20}: its stages are {', '.join(STAGES)}")
            connection.execute(update(POLLS).where(POLLS.c.id == id).values(stage=stage))

    def vote(self, id, round, user, response):
        """Keeps one learner's vote; voting again before the vote is closed replaces it.

        Args:
            id: the poll's id.
            round: 1 or 2, the vote that the learner saw when he chose; a vote for the first is none for the second.
            user: who votes.
            response: what he chose or typed.

        Raises:
            NoPoll: that vote is not open at this moment, or the response is no answer to the question.
        """
        poll = self.current()
        if not poll or poll["id"] != id or poll["stage"] not in VOTING:
            raise NoPoll("no vote is taken at this moment: wait until your instructor opens one")
        if round != VOTING[poll["stage"]]:
            raise NoPoll("the vote that you saw is closed and another is open: yours was not counted, vote again")
        try:
            answer = said(grading.read(_question(poll["item"], poll["seed"]), response))
        except Unreadable as unreadable:
            raise NoPoll(str(unreadable)) from None
        key = {"poll": id, "round": round, "user": user}
        with self._engine.begin() as connection:
            mine = [VOTES.c[name] == value for name, value in key.items()]
            connection.execute(delete(VOTES).where(*mine))
            connection.execute(insert(VOTES), key | {"answer": answer, "at": now()})

    def forget(self, user):
        """Erases the votes of one learner."""
        with self._engine.begin() as connection:
            connection.execute(delete(VOTES).where(VOTES.c.user == user))

    def page(self, poll, user):
        """What somebody may see of a poll at its stage: the question, his own votes, the bars of votes that are closed.

        Args:
            poll: a dict that `current` gave.
            user: who looks.
        """
        question = _question(poll["item"], poll["seed"])
        stage = poll["stage"]
        with self._engine.connect() as connection:
            rows = connection.execute(select(VOTES).where(VOTES.c.poll == poll["id"])).mappings().all()
        closed = [it for it in (1, 2) if VOTING.get(stage) != it and (it == 1 or stage in ("closed", "revealed"))]
        seen = {
            "id": poll["id"],
            "stage": stage,
            "question": question.page(),
            "votes": {str(it): sum(row["round"] == it for row in rows) for it in (1, 2)},
            "mine": {str(row["round"]): row["answer"] for row in rows if row["user"] == user},
            "bars": {str(it): _bars(question, [row["answer"] for row in rows if row["round"] == it]) for it in closed},
        }
        if stage == "revealed":
            answer = grading.canonical(question.kind, question.answer)
            seen |= {"answer": said(answer), "because": question.because, "steps": question.steps}
        return seen


def said(answer):
    """A canonical answer as one text, so that equal answers make one bar.

    Example:
        >>> said((1, 8, 15, 15)), said(12.0), said(True)
        ('(1, 8, 15, 15)', '12', 'True')
    """
    if isinstance(answer, float) and answer == int(answer):
        answer = int(answer)
    return str(answer)


def _question(item, seed):
    try:
        question = questions.make(item, seed)
    except ValueError as error:
        raise NoPoll(f"{error}"[:200]) from None
    if question.kind not in KINDS:
        raise NoPoll(f"a poll takes a choice, a number or a shape, and {item} is answered otherwise: choose another")
    return question


def _bars(question, answers):
    """Pairs (answer, count): options in their order; typed answers, the commonest first, the rare ones together."""
    counts = {answer: answers.count(answer) for answer in answers}
    if question.kind == "choice":
        return [[option, counts.get(option, 0)] for option in question.options]
    if question.kind == "truefalse":
        return [[option, counts.get(option, 0)] for option in ("True", "False")]
    ranked = sorted(counts.items(), key=lambda it: (-it[1], it[0]))
    rest = sum(count for _, count in ranked[MOST_BARS:])
    return [list(pair) for pair in ranked[:MOST_BARS]] + ([["others", rest]] if rest else [])
