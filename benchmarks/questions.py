"""How long a question takes to be built and graded, without torch; prints the median beside its bound.

python -m benchmarks.questions
"""

import sys
import time
from functools import partial
from random import Random
from statistics import median

from convlab.questions import about, bench, ids, make
from convlab.questions.bench.layers import plain
from convlab.questions.on_a_layer import ASKED

BOUND_MS = 3.0
SEEDS = 20


def timed(build):
    """Milliseconds to build a question and to grade one wrong answer to it."""
    began = time.perf_counter()
    question = build()
    question.grade(question.slips[0].answer)
    return 1e3 * (time.perf_counter() - began)


def main():
    """Prints the figures; 0 when every one is within its bound and torch was never loaded."""
    layers = [plain(Random(seed)) for seed in range(SEEDS)]
    on_bench = [id for questions in bench.QUESTIONS.values() for id in questions]
    figures = {
        "of a lesson": {id: [timed(partial(make, id, seed)) for seed in range(SEEDS)] for id in ids()},
        "about a layer": {what: [timed(partial(about, *layer, what)) for layer in layers] for what in ASKED},
        "of the bench": {id: [timed(partial(make, id, seed)) for seed in range(SEEDS)] for id in on_bench},
    }
    kept = "torch" not in sys.modules
    for name, times in figures.items():
        medians = {id: median(each) for id, each in times.items()}
        slowest = max(medians, key=medians.get)
        kept &= medians[slowest] <= BOUND_MS
        print(
            f"question {name:14} built and graded {median(medians.values()):6.2f} ms median, "
            f"{medians[slowest]:.2f} the slowest, {slowest}   (bound {BOUND_MS:.0f} ms)"
        )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
