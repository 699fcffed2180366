"""One thread that writes: whatever waits is committed together, and only then is anybody told that it is kept.

A commit waits for the disk, some milliseconds, and takes more of the processor than the rows in it; a class of
hundreds would queue behind its own commits if each answer had one. So what comes in within a moment, or while the last
commit goes on, is committed at once; nobody waits for it, because kernels send in the background.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

MOST = 500  # rows in one commit
GATHER_S = 0.05


@dataclass
class _Job:
    rows: list = field(default_factory=list)  # to keep; or else
    act: Callable | None = None  # to do, alone
    done: Future = field(default_factory=Future)


class Writer:
    """Keeps rows in the background, in the order in which they came.

    Args:
        records: the `Records`.
        kept: called in the writer's thread with the new rows of each commit, after it.
    """

    def __init__(self, records, kept):
        self._records, self._kept = records, kept
        self._jobs, self._ending = deque(), False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="convlab-writer", daemon=True)
        self._thread.start()

    def keep(self, rows):
        """A future of what became of each row, as `Records.keep` says it; done when it is on disk."""
        return self._put(_Job(rows=rows))

    def call(self, act):
        """A future of what `act()` returns: it is called when all that came before is on disk, and nothing since is."""
        return self._put(_Job(act=act))

    def close(self):
        """Writes what waits, and ends."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join()

    def _put(self, job):
        with self._changed:
            self._jobs.append(job)
            self._changed.notify()
        return job.done

    def _run(self):
        while jobs := self._next():
            try:
                if jobs[0].act:
                    jobs[0].done.set_result(jobs[0].act())
                else:
                    self._commit(jobs)
            except Exception as error:  # the database is away: who sent it hears so, keeps it, and sends it again
                for job in jobs:
                    if not job.done.done():
                        job.done.set_exception(error)

    def _next(self):
        """The jobs of the next transaction; none at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._ending)
            self._changed.wait_for(lambda: self._ending, GATHER_S)
            jobs, count = [], 0
            while self._jobs and count < MOST and not (jobs and (self._jobs[0].act or jobs[0].act)):
                jobs.append(self._jobs.popleft())
                count += len(jobs[-1].rows)
            return jobs

    def _commit(self, jobs):
        rows = [row for job in jobs for row in job.rows]
        fates = self._records.keep(rows)
        self._kept([row for row, fate in zip(rows, fates, strict=True) if fate == "new"])
        for job in jobs:
            job.done.set_result(fates[: len(job.rows)])
            fates = fates[len(job.rows) :]
