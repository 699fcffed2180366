"""How long a question takes to be built and graded, without torch.

python3 -m convlab bench questions [--quick]
"""

import sys
import time
from functools import partial
from random import Random
from statistics import median

from benchmarks._frame import Figures, Row, report
from convlab.questions import about, bench, ids, make
from convlab.questions.bench.layers import plain
from convlab.questions.on_a_layer import ASKED

BOUND_MS = 3.0
SEEDS, QUICK_SEEDS = 20, 5


def timed(build):
    """Milliseconds to build a question and to grade one wrong answer to it."""
    began = time.perf_counter()
    question = build()
    question.grade(question.slips[0].answer)
    return 1e3 * (time.perf_counter() - began)


def row(what, times, torch_loaded):
    """A row of one kind of question: the medians of its questions, of which the slowest is bound.

    Args:
        what: the kind.
        times: name -> milliseconds.
        torch_loaded: whether torch came in, which is a fault.
    """
    medians = {name: median(each) for name, each in times.items()}
    slowest = max(medians, key=medians.get)
    fault = "PyTorch was loaded." if torch_loaded else ""
    figures = Figures.of(medians.values())
    note = f"each question's median; the slowest: {slowest}"
    return Row("question", what, figures, most={"longest": BOUND_MS}, note=note, fault=fault)


def measure(options):
    """The rows."""
    seeds = range(QUICK_SEEDS if options.quick else SEEDS)
    layers = [plain(Random(seed)) for seed in seeds]
    on_bench = [id for questions in bench.QUESTIONS.values() for id in questions]
    kinds = {
        "of a lesson": {id: [partial(make, id, seed) for seed in seeds] for id in ids()},
        "about a layer": {what: [partial(about, *layer, what) for layer in layers] for what in ASKED},
        "of the bench": {id: [partial(make, id, seed) for seed in seeds] for id in on_bench},
    }
    for kind, builds in kinds.items():
        times = {name: [timed(build) for build in each] for name, each in builds.items()}
        yield row(kind, times, "torch" in sys.modules)


if __name__ == "__main__":
    sys.exit(report(measure, "Measures how long questions take."))
