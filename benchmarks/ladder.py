"""The ladder of lesson 09, as the notebook has it, climbed three times: is its order the same each time?

    python3 -m convlab bench ladder

The lesson says no time and promises no order but one: loops are slower than windows, and windows than all the rest.
"""

import sys
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from pathlib import Path

import nbformat

from convlab import engines
from convlab.layers import measure

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "09-im2col-and-speed.ipynb"
CELLS = ("one-layer", "rungs")
TIMES, RUNS, SECONDS = 3, 15, 2  # as in the cell `ladder`
SLOWEST = ("loops", "windows")


def rungs(notebook=NOTEBOOK):
    """{name: function without arguments}: the ladder, made by the notebook's own cells."""
    import torch

    sources = {cell.id: cell.source for cell in nbformat.read(notebook, as_version=4).cells}
    names = {"torch": torch, "F": torch.nn.functional, "engines": engines}
    with redirect_stdout(StringIO()):
        for cell in CELLS:
            exec(sources[cell], names)
    return names["rungs"]


def order(timing):
    """The names, the slowest first, by their medians.

    Example:
        >>> from convlab.layers.timing import Laps
        >>> order({"fft": Laps((2.0,)), "loops": Laps((9.0,))})
        ['loops', 'fft']
    """
    return sorted(timing, key=lambda name: -timing[name].median_ms)


def ties(timing):
    """Neighbours in the order whose middle halves overlap: of these the measurement says nothing.

    Example:
        >>> from convlab.layers.timing import Laps
        >>> ties({"fft": Laps((2.0, 4.0)), "tiled": Laps((2.1, 3.0)), "loops": Laps((9.0, 9.5))})
        [('fft', 'tiled')]
    """
    return [(slow, fast) for slow, fast in pairwise(order(timing)) if timing[slow].low_ms <= timing[fast].high_ms]


def promised(timing):
    """Whether the times keep what the lesson's text says: loops, then windows, then all others, with nothing between.

    Example:
        >>> from convlab.layers.timing import Laps
        >>> promised({"windows": Laps((2.0, 4.0)), "tiled": Laps((2.1, 3.0)), "loops": Laps((9.0, 9.5))})
        False
    """
    slow = tuple(order(timing)[: len(SLOWEST)])
    return slow == SLOWEST and not any(pair[0] in SLOWEST for pair in ties(timing))


def main(arguments=None):
    if arguments if arguments is not None else sys.argv[1:]:
        print("bench ladder takes no options.")
        return 2
    found, ladder = [], rungs()
    for _ in range(TIMES):
        found.append(measure(ladder, RUNS, SECONDS))
        close = "; ".join(" and ".join(pair) for pair in ties(found[-1]))
        print(f"{found[-1].table()}\n  slowest first: {', '.join(order(found[-1]))}")
        print(f"  too close to say: {close or 'none'}\n", flush=True)
    same = len({tuple(order(timing)) for timing in found}) == 1
    print(f"The order was {'the same' if same else 'not the same'} each time.")
    kept = all(map(promised, found))
    print(f"What the lesson says (loops, then windows, then the rest, without overlap): {'kept' if kept else 'MISSED'}")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
