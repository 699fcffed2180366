"""How long a check takes: a right solution, a wrong one, and one that never ends. Prints each beside its bound.

python -m benchmarks.exercises
"""

import sys
import time
from statistics import median

import torch

from convlab.exercises import get, ids

BOUNDS_S = {"right, median": 0.1, "right, longest": 1.0, "wrong, longest": 3.0, "time-out": 10.0}


def endless(input, *more):
    """Never returns."""
    while True:
        pass


def seconds(check, *arguments):
    """The time of one call."""
    began = time.perf_counter()
    check(*arguments)
    return time.perf_counter() - began


def main():
    """Prints the figures; 0 when every one is within its bound."""
    torch.ones(400, 400) @ torch.ones(400, 400)  # a kernel in use: torch is loaded, its threads have run
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)  # the first of a process loads torch's compiler
    kept = True
    for exercise in map(get, ids()):
        right = [seconds(exercise.check, exercise.reference) for _ in range(20)]
        programs = [program for slip in exercise.slips for program in slip.programs]
        wrong = [seconds(exercise.check, program) for program in programs]
        ended = seconds(exercise.check, endless) if "conv2d" in exercise.id else 0.0
        for (name, bound), figure in zip(BOUNDS_S.items(), (median(right), max(right), max(wrong), ended), strict=True):
            kept &= figure <= bound
            if figure:
                print(f"check of {exercise.id:12} {name:15} {figure * 1000:8.0f} ms   (bound {bound * 1000:6.0f} ms)")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
