"""The thread behind GroupsWiring's clock: it takes the laps of ``layers.timing`` one by one, until told to halt."""

import time

from ..layers import timing
from .behind import Behind

BREATH_S = 0.002  # between two laps, for whoever waits
TELL_S = 0.15  # so often the page hears how far it is
RUNS = 60  # of each module
ENOUGH_S = 6  # of slow modules there are fewer runs


class Watch(Behind):
    """A measurement that may go on in a thread of its own, lap by lap, until it is told to halt.

    Args:
        tell: called with what the page is to hear, and at the end what was measured (a ``Timing``), else None.
    """

    name = "convlab timing"

    def __init__(self, tell):
        super().__init__()
        self.tell = tell

    def begin(self, setting, modules, input):
        """Readies a measurement of some modules on one input; halts whoever else is measuring."""
        self._begin()
        self._setting = setting
        self._functions = {name: _forward(module, input) for name, module in modules.items()}

    def start(self):
        """Measures in a thread."""
        self._say("measuring", 0)
        self._start()

    def _work(self):
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

    def _halted(self):
        self.tell({"phase": "stopped"}, None)


def _forward(module, input):
    """A function without arguments: the module's output, with nothing written down for autograd."""
    import torch

    def forward():
        with torch.inference_mode():
            module(input)

    return forward
