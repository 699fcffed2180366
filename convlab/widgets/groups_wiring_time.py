"""The clock behind GroupsWiring: two modules run in turn on one thread of this machine, until told to halt."""

import atexit
import platform
import threading
import time
import weakref

BREATH_S = 0.002  # between two pairs of runs, for whoever waits
TELL_S = 0.15  # so often the page hears how far it is
RUNS = 60  # of each module
FEWEST = 9
ENOUGH_S = 6  # of slow modules there are fewer runs
WARM_S = 0.1
RUN_S = 5e-4  # a run that is shorter is repeated: a clock ticks coarsely
NAME = "convlab timing"

_running = None  # a weak reference to the one watch whose thread is alive


def machine():
    """What the times were measured on, in words."""
    import torch

    system = f"{platform.system()} {platform.machine()}".strip()
    return f"{system}, PyTorch {torch.__version__.split('+')[0]}, one thread, float32"


def summary(seconds):
    """Median and quartiles of some times, in milliseconds.

    Example:
        >>> summary([0.004, 0.001, 0.002, 0.003, 0.009])
        {'median': 3.0, 'low': 2.0, 'high': 4.0}
    """
    ordered = sorted(1000 * one for one in seconds)
    last = len(ordered) - 1
    return {name: ordered[round(share * last)] for name, share in (("median", 0.5), ("low", 0.25), ("high", 0.75))}


class Watch:
    """A measurement that may go on in a thread of its own, run by run, until it is told to halt.

    Args:
        tell: called with what the page is to hear, and whether that is the end.
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
        self._setting, self._modules, self._input = setting, modules, input
        self._seconds = {name: [] for name in modules}

    def start(self):
        """Measures in a thread."""
        self._say("measuring")
        self._thread = threading.Thread(target=self._run, name=NAME, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            self.run()
        except Exception as error:  # a thread has nobody to raise it to
            self.tell({"phase": "problem", "problem": f"{type(error).__name__}: {error}"}, True)

    def run(self):
        """Measures here and now."""
        counts = self._warm()
        began = told = time.perf_counter()
        while not self.halting and len(self._seconds["this"]) < RUNS:
            clock = time.perf_counter()
            if clock - began > ENOUGH_S and len(self._seconds["this"]) >= FEWEST:
                break
            self._in_turn(counts)
            if clock - told > TELL_S:
                told = clock
                self._say("measuring")
            self._halt.wait(BREATH_S)
        if not self.halting:
            self._say("done", True)

    def _warm(self):
        """How often each module is to run for one time: the first runs prepare memory and kernels, and do not count."""
        counts = {}
        for name, module in self._modules.items():
            runs, began = 0, time.perf_counter()
            while not self.halting and (runs < 3 or time.perf_counter() - began < WARM_S):
                took = self._once(module, 1)
                runs += 1
                self._halt.wait(BREATH_S)
            counts[name] = max(1, round(RUN_S / max(took, 1e-7))) if runs else 1
        return counts

    def _in_turn(self, counts):
        """One time of each module: what slows the machine for a while slows all of them."""
        for name, module in self._modules.items():
            if not self.halting:
                self._seconds[name].append(self._once(module, counts[name]))

    def _once(self, module, count):
        """Seconds that one of `count` runs took."""
        import torch

        from ..layers.threads import threads

        with threads(1), torch.inference_mode():
            began = time.perf_counter()
            for _ in range(count):
                module(self._input)
            return (time.perf_counter() - began) / count

    def _say(self, phase, over=False):
        done = min(map(len, self._seconds.values()))
        told = {"phase": phase, "done": done, "of": RUNS, "setting": self._setting}
        if over:
            told |= {"rows": {name: summary(taken) for name, taken in self._seconds.items()}, "machine": machine()}
        self.tell(told, over)

    def halt(self):
        """Ends the thread and waits until it has ended; True where there was one."""
        was = self.alive
        self._halt.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
            self._thread = None
        return was


def halt_all():
    """Ends the one measurement that may be running; a new cell leaves none of an old one behind."""
    other = _running and _running()
    if other is not None and other.halt():
        other.tell({"phase": "stopped"}, True)


atexit.register(halt_all)  # a thread inside torch while Python goes away would bring the kernel down
