"""What the engines cost, beside torch and beside the usual index-array im2col.

    python3 -m convlab bench engines [--quick]

Each engine has a process of its own with one thread; they take turns, a few calls each, so that a busy moment of the
machine meets all of them. Times are of float32 without a bias.
"""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from benchmarks._frame import Figures, Row, report
from benchmarks._layers import LARGE_KERNEL, LAYERS

ROOT = Path(__file__).resolve().parents[1]
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
# Freed memory stays with the process (glibc), else the best time of a large layer is that of the system's page tables.
KEPT_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**40)}
# Where this is set, NumPy is held to older instructions than torch: each takes what it finds in the processor.
NOT_TAKEN_OVER = "OPENBLAS_CORETYPE"
TIMED = ("im2col", "tiled", "torch", "index")  # of the four layers
TIMED_LARGE = ("windows", "im2col", "tiled", "fft")  # with the large kernel; loops would take a minute
CALLS, ROUNDS, QUICK_ROUNDS = 3, 5, 1
MEGABYTE = 1_000_000
SLOWER_IM2COL, FASTER_IM2COL, SLOWER_TILED, SMALLER_TILED = 3, 1.8, 1.7, 10


class Process:
    """An engine in a process of its own."""

    def __init__(self, name):
        self.name = name
        taken_over = {key: value for key, value in os.environ.items() if key != NOT_TAKEN_OVER}
        self.child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks._one_engine", name],
            cwd=ROOT,
            env={**taken_over, **KEPT_MEMORY, **dict.fromkeys(THREAD_VARIABLES, "1")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, what, layer, calls=CALLS):
        """The answer to one question."""
        print(json.dumps({"what": what, "layer": asdict(layer), "calls": calls}), file=self.child.stdin, flush=True)
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError(f"The process of the engine {self.name!r} ended before it answered; see above.")
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.stdout.close()
        self.child.wait()


def times(layer, processes, rounds, calls=CALLS):
    """{engine: ``Figures`` in milliseconds} of one layer, the engines taking turns."""
    found = {name: [] for name in processes}
    for _ in range(rounds):
        for name, process in processes.items():
            answer = process.ask("seconds", layer, calls)
            found[name] += [1000 * second / answer["share"] for second in answer["seconds"]]
    return {name: Figures.of(each) for name, each in found.items()}


def im2col_rows(found):
    """Each layer beside torch, and beside the index-array im2col.

    Args:
        found: {layer: {engine: ``Figures``}}.
    """
    for rival, name, faster in (("torch", "torch", 1 / SLOWER_IM2COL), ("index", "index im2col", FASTER_IM2COL)):
        for layer, each in found.items():
            yield Row(
                "im2col",
                f"{layer}, beside {name}",
                each["im2col"],
                rival=name,
                theirs=each[rival],
                faster=faster,
                by="best",
            )


def tiled_rows(found):
    """Each layer beside torch; on the slowest of the four no bound is asked.

    Args:
        found: {layer: {engine: ``Figures``}}.
    """
    slowest = max(found, key=lambda layer: found[layer]["tiled"].best / found[layer]["torch"].best)
    for layer, each in found.items():
        free = layer is slowest
        yield Row(
            "tiled", str(layer), each["tiled"], rival="torch", theirs=each["torch"], by="best",
            faster=None if free else 1 / SLOWER_TILED, note="the bound is asked of 3 of 4 layers" if free else "",
        )  # fmt: skip


def fft_row(figures):
    """The large kernel: the FFT beside the fastest of our other engines.

    Args:
        figures: engine -> ``Figures``.
    """
    others = {name: each for name, each in figures.items() if name != "fft"}
    fastest = min(others, key=lambda name: others[name].best)
    return Row(
        "fft", str(LARGE_KERNEL), figures["fft"], rival=fastest, theirs=others[fastest], faster=1, by="best",
        note=f"the rival is the fastest of {', '.join(others)}",
    )  # fmt: skip


def measure(options):
    """The rows."""
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    with ExitStack() as stack:
        processes = {name: stack.enter_context(Process(name)) for name in {**dict.fromkeys(TIMED + TIMED_LARGE)}}
        found = {layer: times(layer, {name: processes[name] for name in TIMED}, rounds) for layer in LAYERS}
        yield from im2col_rows(found)
        yield from tiled_rows(found)
        scratch = {name: processes[name].ask("scratch", LAYERS[2]) / MEGABYTE for name in ("tiled", "im2col")}
        yield Row(
            "tiled", f"scratch of {LAYERS[2]}", Figures.of([scratch["tiled"]]), unit="MB", rival="im2col",
            theirs=Figures.of([scratch["im2col"]]), faster=SMALLER_TILED,
            note="the most that NumPy holds, less the output",
        )  # fmt: skip
        yield fft_row(times(LARGE_KERNEL, {name: processes[name] for name in TIMED_LARGE}, rounds))


if __name__ == "__main__":
    sys.exit(report(measure, "Measures the engines beside torch."))
