"""A thread behind a widget that goes on until it is told to halt: of its kind there is at most one in a kernel."""

import atexit
import threading
import weakref


class Behind:
    """Work that may go on in a thread of its own; a subclass says what it is, in `_work` and `_halted`."""

    name = "convlab"
    _running = None  # of each subclass: a weak reference to the one whose thread may be alive

    def __init__(self):
        self._thread, self._halt = None, threading.Event()

    def __init_subclass__(cls):
        atexit.register(cls.halt_all)  # a thread inside torch while Python goes away would bring the kernel down

    @property
    def alive(self):
        """Whether its thread is there."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def halting(self):
        """Whether it has been told to halt: nobody waits for a lock then."""
        return self._halt.is_set()

    def _begin(self):
        """Readies it; halts whoever else of its kind is at work."""
        self.halt_all()
        type(self)._running = weakref.ref(self)
        self._halt.clear()

    def _start(self):
        """Begins the work in a thread."""
        self._thread = threading.Thread(target=self._work, name=self.name, daemon=True)
        self._thread.start()

    def halt(self):
        """Ends the thread and waits until it has ended, or from inside of it ends it soon; True where there was one."""
        was = self.alive
        self._halt.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
            self._thread = None
        return was

    @classmethod
    def halt_all(cls):
        """Ends the one that may be at work; a new cell leaves none of an old one behind."""
        other = cls._running and cls._running()
        if other is not None and other.halt():
            other._halted()

    def _work(self):
        """What the thread does."""
        raise NotImplementedError

    def _halted(self):
        """Tells the page that another one, or the end of Python, has halted it."""
        raise NotImplementedError
