"""What the engines cost, beside torch and beside the usual index-array im2col.

    python3 -m convlab bench engines [--quick]

Each engine has a process of its own; they take turns, a few calls each, so that a busy moment of the machine meets
all of them. Times are of float32 without a bias.
"""

import argparse
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles

from benchmarks._layers import LARGE_KERNEL, LAYERS

ROOT = Path(__file__).resolve().parents[1]
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
# Freed memory stays with the process (glibc), else the best time of a large layer is that of the system's page tables.
KEPT_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**40)}
ENGINES = ("loops", "windows", "im2col", "tiled", "fft", "torch", "index")
TRACED = ("windows", "im2col", "tiled", "fft", "index")  # loops takes minutes; torch's memory is not NumPy's
CALLS, ROUNDS, QUICK_ROUNDS = 3, 5, 2
MEGABYTE = 1_000_000

NOTES = """Times in milliseconds. spread: between the quartiles, in percent of the median. x torch: the best time, in
times of torch's best. faster: how many times faster than index, the index-array im2col. scratch: the most memory that
NumPy holds at a time, less the output, in MB; torch's is not seen from Python, and loops is not run whole."""


@dataclass
class Figures:
    """What was measured of one engine on one layer."""

    seconds: list = field(default_factory=list)
    share: float = 1.0  # the part of the layer that was timed; the seconds are scaled to the whole
    scratch: int | None = None

    @property
    def best(self):
        return min(self.seconds)

    @property
    def spread(self):
        """The distance between the quartiles as a part of the median."""
        if len(self.seconds) < 2:
            return 0.0
        first, _, third = quantiles(self.seconds, n=4, method="inclusive")
        return (third - first) / median(self.seconds)


class Process:
    """An engine in a process of its own, with its own number of threads."""

    def __init__(self, name, threads):
        self.name = name
        self.child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks._one_engine", name],
            cwd=ROOT,
            env={**os.environ, **KEPT_MEMORY, **dict.fromkeys(THREAD_VARIABLES, str(threads))},
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


def measure(layer, processes, rounds, calls=CALLS):
    """{engine: ``Figures``} of one layer, the engines taking turns."""
    found = {name: Figures() for name in processes}
    for _ in range(rounds):
        for name, process in processes.items():
            answer = process.ask("seconds", layer, calls)
            found[name].share = answer["share"]
            found[name].seconds += [second / answer["share"] for second in answer["seconds"]]
    for name, process in processes.items():
        if name in TRACED:
            found[name].scratch = process.ask("scratch", layer)
    return found


def row(name, figures, found):
    """One line of the table."""
    scratch = "" if figures.scratch is None else f"{figures.scratch / MEGABYTE:.1f}"
    times = f"{figures.best * 1000:>11.2f}{median(figures.seconds) * 1000:>11.2f}{figures.spread:>8.0%}"
    ratios = f"{figures.best / found['torch'].best:>10.2f}{found['index'].best / figures.best:>9.3g}"
    part = f"   timed on {figures.share:.1%} of the layer, scaled" if figures.share < 1 else ""
    return f"  {name:<10}{len(figures.seconds):>4}{times}{ratios}{scratch:>10}{part}"


def table(layer, threads, found):
    """The lines of one layer."""
    heading = f"{layer}; {threads} thread{'s' * (threads > 1)}"
    columns = f"  {'':<10}{'n':>4}{'best':>11}{'median':>11}{'spread':>8}{'x torch':>10}{'faster':>9}{'scratch':>10}"
    return "\n".join([heading, columns, *(row(name, figures, found) for name, figures in found.items())])


def bounds(found):
    """(what is asked, the figures, kept) for each bound.

    Args:
        found: {layer: {engine: ``Figures``}} with one thread.
    """
    four = [found[layer] for layer in LAYERS]
    torch = {name: [f[name].best / f["torch"].best for f in four] for name in ("im2col", "tiled")}
    index = [f["index"].best / f["im2col"].best for f in four]
    memory = four[2]["tiled"].scratch / four[2]["im2col"].scratch
    large = {name: figures.best for name, figures in found[LARGE_KERNEL].items() if name not in ("torch", "index")}
    ahead = min(best for name, best in large.items() if name != "fft") / large["fft"]
    return [
        ("im2col: at most 3 times torch on 4 layers", torch["im2col"], max(torch["im2col"]) <= 3),
        ("im2col: at least 1.8 times faster than index on 4 layers", index, min(index) >= 1.8),
        ("tiled: at most 1.7 times torch on 3 of 4 layers", torch["tiled"], sorted(torch["tiled"])[2] <= 1.7),
        ("tiled: at most a tenth of im2col's scratch on the third layer", [memory], memory <= 0.1),
        ("fft: faster than our others with the large kernel, times", [ahead], ahead > 1),
    ]


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="convlab bench engines", description="Measures the engines beside torch.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = QUICK_ROUNDS if parser.parse_args(arguments).quick else ROUNDS
    print(NOTES)
    found = {}
    for threads in (1, 2):
        with ExitStack() as stack:
            processes = {name: stack.enter_context(Process(name, threads)) for name in ENGINES}
            for layer in (*LAYERS, LARGE_KERNEL):
                found[threads, layer] = measure(layer, processes, rounds)
                print(f"\n{table(layer, threads, found[threads, layer])}", flush=True)
    print("\nThe bounds, with one thread")
    judged = bounds({layer: figures for (threads, layer), figures in found.items() if threads == 1})
    for asked, figures, kept in judged:
        numbers = "  ".join(f"{figure:.2f}" for figure in figures)
        print(f"  {asked:<64}{numbers:<26}{'kept' if kept else 'MISSED'}")
    return int(not all(kept for *_, kept in judged))


if __name__ == "__main__":
    sys.exit(main())
