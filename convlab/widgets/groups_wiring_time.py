"""The thread behind GroupsWiring's clock: it takes the laps of ``layers.timing`` one by one, until told to halt."""

import atexit
import threading
import time
import weakref

from ..layers import timing

BREATH_S = 0.002  # between two laps, for whoever waits
TELL_S = 0.15  # so often the page hears how far it is
RUNS = 60  # of each module
ENOUGH_S = 6  # of slow modules there are fewer runs
NAME = "convlab timing"

_running = None  # a weak reference to the one watch whose thread is alive


class Watch:
    """A measurement that may go on in a thread of its own, lap by lap, until it is told to halt.

    Args:
        tell: called with what the page is to hear, and at the end what was measured (a ``Timing``), else None.
    """

    def __init__(self, tell):
        self.tell = tell
        self._thread, self._halt = None, threading.Event()

    @property
    def alive(self):
        """Whether its thread is there."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def halting(self):
        """Whether it has been told to halt: nobody waits for a lock then."""
        return self._halt.is_set()

    def begin(self, setting, modules, input):
        """Readies a measurement of some modules on one input; halts whoever else is measuring."""
        global _running
        halt_all()
        _running = weakref.ref(self)
        self._halt.clear()
        self._setting = setting
        self._functions = {name: _forward(module, input) for name, module in modules.items()}

    def start(self):
        """Measures in a thread."""
        self._say("measuring", 0)
        self._thread = threading.Thread(target=self._run, name=NAME, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            self.run()
        except Exception as error:  # a thread has nobody to raise it to
            self.tell({"phase": "problem", "problem": f"{type(error).__name__}: {error}"}, None)

    def run(self):
        """Measures here and now."""
        told = time.monotonic()
        for taken in timing.laps(self._functions, RUNS, ENOUGH_S):
            if self._halt.wait(BREATH_S):
                return
            if time.monotonic() - told > TELL_S:
                told = time.monotonic()
                self._say("measuring", min(map(len, taken.values())))
        found = timing.timing(taken)
        rows = {name: {part: getattr(laps, f"{part}_ms") for part in ("median", "low", "high")}
                for name, laps in found.items()}  # fmt: skip
        done = min(len(laps.all_ms) for laps in found.values())
        self._say("done", done, found, rows=rows, machine=f"{found.machine}, float32")

    def _say(self, phase, done, found=None, **more):
        self.tell({"phase": phase, "done": done, "of": RUNS, "setting": self._setting, **more}, found)

    def halt(self):
        """Ends the thread and waits until it has ended; True where there was one."""
        was = self.alive
        self._halt.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
            self._thread = None
        return was


def _forward(module, input):
    """A function without arguments: the module's output, with nothing written down for autograd."""
    import torch

    def forward():
        with torch.inference_mode():
            module(input)

    return forward


def halt_all():
    """Ends the one measurement that may be running; a new cell leaves none of an old one behind."""
    other = _running and _running()
    if other is not None and other.halt():
        other.tell({"phase": "stopped"}, None)


atexit.register(halt_all)  # a thread inside torch while Python goes away would bring the kernel down
