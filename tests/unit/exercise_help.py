"""What the tests of exercises share: an exercise that waits, the error of a line, and how many seeds to try."""

import math
import os

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

FULL = os.environ.get("CONVLAB_FULL") == "1"
NAMES = {"torch": torch, "np": np, "F": F, "nn": nn, "math": math}


def patient(exercise, **settings):
    """The same exercise with a long time-out, so that a busy machine fails no test."""
    return type("Patient", (type(exercise),), {"timeout_s": 60.0, **settings})()


def in_tensors(case):
    """The arguments of a case as a learner's function gets them."""
    return {n: torch.from_numpy(it) if isinstance(it, np.ndarray) else it for n, it in case.arguments.items()}


def told(provoke, names=NAMES):
    """The error of these lines, or of this function, as it is printed."""
    try:
        provoke() if callable(provoke) else exec(provoke, dict(names))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError(f"this raises nothing: {provoke}")


def seeds(count):
    return range(50 if FULL else count)
