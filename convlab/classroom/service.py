"""The service as one thing: its records, its writer, its boards, and the two ways in which people are known to it."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from jupyterhub.services.auth import HubAuth, HubOAuth

from .polls import Polls
from .records import Records
from .standing import Boards
from .writer import Writer


class Service:
    """A class.

    Args:
        settings: the `Settings`.
    """

    def __init__(self, settings):
        self.settings = settings
        self.log = logging.getLogger("convlab.classroom")
        self.records = Records(settings.database)
        self.boards = Boards(self.records)
        self.polls = Polls(self.records)
        self.writer = Writer(self.records, kept=self.boards.add)
        # Two, and neither of them shared: a kernel's token is never taken from a cookie, nor a browser's from a header.
        self.kernel_auth = HubAuth(cache_max_age=settings.cache_s)
        self.page_auth = HubOAuth(cache_max_age=settings.cache_s)
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="convlab-reader")

    async def read(self, act):
        """What `act(records)` returns, in a thread of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, act, self.records)

    async def erase(self, user):
        """How many attempts of this learner were erased, on disk and on every board."""

        def act():
            count = self.records.erase(user)
            self.polls.forget(user)
            self.boards.forget(user)
            return count

        return await asyncio.wrap_future(self.writer.call(act))

    async def standing(self, since):
        """(items, learners) of the class from this ISO time on, as `Board` gives them."""
        if not self.boards.has(since):
            await asyncio.wrap_future(self.writer.call(lambda: self.boards.begin(since)))
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.boards.look, since)

    def close(self):
        """Writes what waits and lets go of the database."""
        self.writer.close()
        self._readers.shutdown()
        self.records.close()
