"""How a class stands: who has tried what, what went right at once, which mistake is the commonest, who is stuck.

The counts follow the answers one by one and in any order, so that an answer that was given in a train and sent
hours later counts like any other, and a board of five hundred learners costs no more to look at than one of five.
"""

import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WRONG = ("wrong", "partial")
STUCK_TRIES = 4
STUCK_AFTER = timedelta(minutes=10)
STUCK_UNTIL = timedelta(minutes=30)  # without a try for so long, he is not stuck but elsewhere
BOARDS = 4  # as many beginnings as are counted from at once


@dataclass
class Tries:
    """What one learner did with one question or exercise.

    Args:
        first: the time of the first answer that was judged, and whether it was right.
        last: the time of the last answer.
        wrong: how many were wrong.
        right: whether one was right.
        mistakes: the ids that were named.
    """

    first: tuple[str, bool] | None = None
    last: str = ""
    wrong: int = 0
    right: bool = False
    mistakes: set[str] = field(default_factory=set)

    def add(self, row):
        """Counts one more answer, a row of `Records`."""
        at, outcome = row["at"], row["outcome"]
        self.last = max(self.last, at)
        if outcome == "right" or outcome in WRONG:
            this = (at, outcome == "right")
            self.first = min(self.first or this, this)
        self.right |= outcome == "right"
        self.wrong += outcome in WRONG
        self.mistakes.update(filter(None, row["mistakes"].split(",")))

    def stuck(self, now):
        """Whether he is stuck: four wrong tries, or ten minutes, without a right one.

        Args:
            now: the present, with its time zone.
        """
        if self.right or self.first is None or now - datetime.fromisoformat(self.last) > STUCK_UNTIL:
            return False
        return self.wrong >= STUCK_TRIES or now - datetime.fromisoformat(self.first[0]) >= STUCK_AFTER


class Board:
    """The counts of a class from one moment on.

    Args:
        since: an ISO time in UTC; what was answered before it does not count.

    Example:
        >>> board = Board()
        >>> row = {"user": "ada", "item": "window-value", "at": "2026-05-01T09:30:00.000000+00:00"}
        >>> board.add(row | {"outcome": "wrong", "mistakes": "M61", "lesson": "02", "checked": True})
        >>> board.items()[0]["mistakes"]
        [['M61', 1]]
    """

    def __init__(self, since=""):
        self.since = since
        self._tries = {}  # user -> item -> Tries
        self._about = {}  # item -> its lesson, and whether the service judges it itself

    def add(self, row):
        """Counts one more answer, a row of `Records`."""
        if row["at"] < self.since:
            return
        self._about[row["item"]] = (row["lesson"], row["checked"])
        self._tries.setdefault(row["user"], {}).setdefault(row["item"], Tries()).add(row)

    def forget(self, user):
        """Counts as if this learner had answered nothing."""
        self._tries.pop(user, None)

    def items(self, now=None):
        """A dict for each question and exercise that was tried, in the order of lessons and ids.

        Args:
            now: the present, with its time zone; None takes the clock's.
        """
        now = now or datetime.now().astimezone()
        found = {}
        for mine in self._tries.values():
            for item, tries in mine.items():
                found.setdefault(item, []).append(tries)
        order = sorted(found, key=lambda item: (self._about[item][0], item))
        return [self._item(item, found[item], now) for item in order]

    def _item(self, item, all_tries, now):
        lesson, checked = self._about[item]
        judged = [tries for tries in all_tries if tries.first]
        named = Counter(id for tries in all_tries for id in tries.mistakes)
        return {
            "item": item,
            "lesson": lesson,
            "checked": checked,
            "tried": len(all_tries),
            "judged": len(judged),
            "first_right": sum(tries.first[1] for tries in judged),
            "right": sum(tries.right for tries in all_tries),
            "stuck": sum(tries.stuck(now) for tries in all_tries),
            "mistakes": [list(pair) for pair in sorted(named.items(), key=lambda it: (-it[1], it[0]))],
        }

    def learners(self, now=None):
        """A dict for each learner: how many he tried, how many he has right, what he is stuck on; the stuck first.

        Args:
            now: as for `items`.
        """
        now = now or datetime.now().astimezone()
        rows = []
        for user, mine in self._tries.items():
            stuck = sorted(item for item, tries in mine.items() if tries.stuck(now))
            right = sum(tries.right for tries in mine.values())
            last = max(tries.last for tries in mine.values())
            rows.append({"user": user, "tried": len(mine), "right": right, "stuck": stuck, "last": last})
        return sorted(rows, key=lambda row: (-len(row["stuck"]), row["user"]))


class Boards:
    """The boards that are looked at, each counted from another beginning, kept up to date.

    The writer's thread counts, the server's thread looks: one lock keeps them apart.

    Args:
        records: the `Records` that a new board is counted from.
    """

    def __init__(self, records):
        self._records = records
        self._boards = OrderedDict()
        self._lock = threading.Lock()

    def has(self, since):
        """Whether there is a board from this ISO time on."""
        return since in self._boards

    def begin(self, since):
        """Counts a board from this ISO time on from the database; only while nothing is written to it."""
        board = Board(since)
        for row in self._records.since(since):
            board.add(row)
        with self._lock:
            self._boards[since] = board
            while len(self._boards) > BOARDS:
                self._boards.popitem(last=False)

    def look(self, since):
        """(`Board.items`, `Board.learners`) of the board from this ISO time on."""
        with self._lock:
            self._boards.move_to_end(since)
            board = self._boards[since]
            return board.items(), board.learners()

    def add(self, rows):
        """Counts new answers on every board."""
        with self._lock:
            for board in self._boards.values():
                for row in rows:
                    board.add(row)

    def forget(self, user):
        """Every board forgets this learner."""
        with self._lock:
            for board in self._boards.values():
                board.forget(user)
