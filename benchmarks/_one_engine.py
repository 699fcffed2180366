"""One engine in a process of its own, because NumPy and torch in one process fight over its threads.

    python -m benchmarks._one_engine im2col

The number of threads is set in the environment, before NumPy or torch is loaded. A question is one line of JSON on
stdin: ``{"what": "seconds", "calls": 3, "layer": {...}}``; its answer is one line of JSON on stdout.
"""

import json
import os
import sys
import time
import tracemalloc
from functools import cache

import numpy as np

from benchmarks._layers import Layer
from convlab import engines

LONGEST_S = 1.0  # after so long no further call is begun
MOST_CELLS = {"loops": 8_000, "windows": 250_000}  # these take a part of a layer that has more output cells


def index_im2col(input, weight, padding):
    """The convolution as course homework has it: one index array for the rows, columns and channels of all windows."""
    (N, _, H, W), (C_out, C_in, kH, kW) = input.shape, weight.shape
    H_out, W_out = H + 2 * padding - kH + 1, W + 2 * padding - kW + 1
    padded = np.pad(input, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    i = np.tile(np.repeat(np.arange(kH), kW), C_in)[:, None] + np.repeat(np.arange(H_out), W_out)
    j = np.tile(np.arange(kW), kH * C_in)[:, None] + np.tile(np.arange(W_out), H_out)
    c = np.repeat(np.arange(C_in), kH * kW)[:, None]
    columns = padded[:, c, i, j].transpose(1, 2, 0).reshape(C_in * kH * kW, -1)
    output = weight.reshape(C_out, -1) @ columns
    return output.reshape(C_out, H_out, W_out, N).transpose(3, 0, 1, 2)


def torch_conv2d():
    """``F.conv2d``; torch is loaded here, so that no other engine's process has it."""
    from torch.nn import functional as F

    return F.conv2d


@cache
def engine(name):
    """The function of this name."""
    rest = {"index": lambda: index_im2col, "torch": torch_conv2d}
    return rest[name]() if name in rest else getattr(engines, f"conv2d_{name}")


@cache
def arrays(name, layer):
    """(input, weight) in float32, the same numbers for every engine."""
    random = np.random.default_rng(0)
    shapes = layer.input_shape, layer.spec.weight_shape
    made = [random.standard_normal(shape, dtype=np.float32) for shape in shapes]
    if name == "torch":
        import torch

        return [torch.as_tensor(array) for array in made]
    return made


def seconds(name, layer, calls):
    """The times of some calls, fewer when they are slow; the first, which warms the caches, is left out."""
    conv2d, (input, weight) = engine(name), arrays(name, layer)
    times = []
    while len(times) <= calls and sum(times) < LONGEST_S:
        began = time.perf_counter()
        conv2d(input, weight, padding=layer.padding)
        times.append(time.perf_counter() - began)
    return times[1:] or times


def scratch(name, layer):
    """The most bytes that a call holds beside its output."""
    conv2d, (input, weight) = engine(name), arrays(name, layer)
    conv2d(input, weight, padding=layer.padding)
    tracemalloc.start()
    output = conv2d(input, weight, padding=layer.padding)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak - output.nbytes


def answer(name, what, layer, calls):
    """What was asked: ``{"share": part of the layer that was timed, "seconds": [...]}``, or the bytes of scratch."""
    if what == "scratch":
        return scratch(name, layer)
    part = layer.part(MOST_CELLS[name]) if name in MOST_CELLS else layer
    return {"share": part.macs / layer.macs, "seconds": seconds(name, part, calls)}


def main(name):
    if name == "torch":
        import torch

        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    for line in sys.stdin:
        asked = json.loads(line)
        layer = Layer(**{**asked["layer"], "input_shape": tuple(asked["layer"]["input_shape"])})
        print(json.dumps(answer(name, asked["what"], layer, asked["calls"])), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
