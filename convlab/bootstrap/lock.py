"""A lock between processes: two starts at once install one after the other.

The operating system drops it when its holder ends, however it ends, so none is ever left behind.
"""

import os
import time
from contextlib import contextmanager

if os.name == "nt":
    import msvcrt

    def _take(file):
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _give(file):
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _take(file):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give(file):
        fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def held(path, busy):
    """A context in which this process alone holds the file.

    Args:
        path: the lock's file, made when it is not there.
        busy: called once, when another process holds it.
    """
    with open(path, "a+", encoding="utf-8") as file:
        told = False
        while True:
            try:
                _take(file)
                break
            except OSError:
                if not told:
                    busy()
                    told = True
                time.sleep(0.2)
        try:
            yield
        finally:
            _give(file)
