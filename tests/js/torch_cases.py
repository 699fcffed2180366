"""Writes cases that torch computed, for Node's tests of conv.js: one JSON object a line.

python tests/js/torch_cases.py FILE COUNT [SEED]
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.random_layers import columns, counts, draw, draw_stack, gradients, same_output


def flat(array):
    return None if array is None else array.ravel().tolist()


def plain(case, rng):
    """The case as JSON: arrays flat, row by row, as conv.js takes them."""
    numbers = {"input": flat(case.input), "weight": flat(case.weight), "bias": flat(case.bias)}
    record = {"spec": case.spec, "shape": list(case.input.shape), **numbers, "refusal": case.refusal}
    if case.refusal is None:
        upstream = rng.integers(-3, 4, case.output.shape).astype(np.float64)
        names = ("grad_input", "grad_weight", "grad_bias")
        found = zip(names, map(flat, gradients(case, upstream)), strict=True)
        record |= {"output": flat(case.output), "output_shape": list(case.output.shape), "upstream": flat(upstream)}
        record |= {"columns": flat(columns(case)), **dict(found)}
        counted = counts(case)
        record |= {
            **counted,
            "reads": flat(counted["reads"]),
            "same_output": same_output(case),
            "stack": draw_stack(rng),
        }
    return record


def write_cases(file, count, seed=0):
    """Writes `count` random cases."""
    rng = np.random.default_rng(seed)
    torch.set_num_threads(1)
    with open(file, "w", encoding="utf8") as lines:
        for _ in range(count):
            lines.write(json.dumps(plain(draw(rng), rng)) + "\n")


if __name__ == "__main__":
    write_cases(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
