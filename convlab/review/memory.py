"""When each question is to be repeated: the scheduler FSRS, fed with the attempts and with nothing else.

One question id is one card: it asks one idea, each time with other numbers. The first answer to each set of numbers
is one review of the card, wherever it was asked (quiz, test, prediction, warm-up). Nothing is stored: the same
attempts always give the same days, for the scheduler's random spread is off.

Days are the learner's calendar days. FSRS counts full 24 hours, and to it an answer at 20:00 and one at 19:00 on
the next day would be one day's work.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from convlab import questions
from convlab.review.history import counted

LONGEST_DAYS = 180  # a course is forgotten as a whole when none of it is asked for longer


@dataclass(frozen=True)
class Memory:
    """What is known of one question: when it is due, how likely a right answer is today, whether the last was safe.

    Args:
        id: the question's id.
        due: the day on which it is to be asked again.
        chance: how likely it would be answered rightly today, from 0 to 1.
        safe: the last answer was right, and neither a guess nor found with the hint.
    """

    id: str
    due: date
    chance: float
    safe: bool


@cache
def _scheduler():
    import fsrs

    # No steps of minutes: within a day the quiz itself asks again what was wrong.
    steps = {"learning_steps": (), "relearning_steps": ()}
    return fsrs.Scheduler(**steps, enable_fuzzing=False, maximum_interval=LONGEST_DAYS)


def _rating(attempt):
    """From 1 to 4, as FSRS names them: again, hard, good, easy."""
    if attempt.outcome != "right":
        return 1
    if attempt.hints or attempt.sure == 1:
        return 2
    return 4 if attempt.sure == 3 else 3


def memories(attempts, now=None):
    """Question id -> its `Memory`, for each question that was answered.

    Args:
        attempts: all there are, oldest first.
        now: the present with its time zone; None takes this machine's.

    Example:
        >>> from convlab.attempt import Attempt
        >>> answered = Attempt("window-value", "right", seed=101, at="2026-05-01T10:00:00+00:00")
        >>> known = memories([answered], datetime(2026, 5, 1, 18, tzinfo=UTC))["window-value"]
        >>> known.due.isoformat(), known.chance, known.safe
        ('2026-05-03', 1.0, True)
    """
    now = now or datetime.now().astimezone()
    reviews = {}
    for attempt in counted(attempts):
        reviews.setdefault(attempt.item, []).append(attempt)
    return {id: _memory(id, given, now) for id, given in reviews.items()}


def _memory(id, given, now):
    from fsrs import Card, Rating

    today = _midnight(now.date())
    card = Card(card_id=0, due=today)  # without an id of its own a card waits a millisecond for one
    for attempt in given:
        at = datetime.fromisoformat(attempt.at).astimezone(now.tzinfo)
        day = min(_midnight(at.date()), today)  # a clock that was ahead answers today, not next year
        card, _ = _scheduler().review_card(card, Rating(_rating(attempt)), day)
    chance = _scheduler().get_card_retrievability(card, today)
    return Memory(id, card.due.date(), float(chance), _rating(given[-1]) > 2)


def _midnight(day):
    return datetime.combine(day, time(), UTC)


def due(attempts, now=None):
    """The `Memory` of each question that is due today, the weakest first.

    Args:
        attempts: all there are, oldest first.
        now: the present with its time zone; None takes this machine's.
    """
    now = now or datetime.now().astimezone()
    waiting = [it for it in memories(attempts, now).values() if it.due <= now.date()]
    order = {id: place for place, id in enumerate(questions.ids())}
    return sorted(waiting, key=lambda it: (it.chance, order[it.id]))


def next_due(attempts, now=None):
    """(the next day after today on which questions are due, how many); None when there will be none."""
    now = now or datetime.now().astimezone()
    later = [it.due for it in memories(attempts, now).values() if it.due > now.date()]
    return (min(later), later.count(min(later))) if later else None


def day_in_words(day, today):
    """A day as one says it.

    Example:
        >>> day_in_words(date(2026, 5, 2), date(2026, 5, 1)), day_in_words(date(2026, 5, 9), date(2026, 5, 1))
        ('tomorrow', 'on 9 May')
    """
    if day == today + timedelta(days=1):
        return "tomorrow"
    months = "January February March April May June July August September October November December".split()
    return f"on {day.day} {months[day.month - 1]}"
