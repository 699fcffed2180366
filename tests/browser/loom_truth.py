"""What torch says of each number that Im2colLoom draws."""

import re
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from tests.browser import drawn
from tests.random_layers import columns, counts


@dataclass
class At:
    """Where a loom stands."""

    view: str
    entry: tuple = (0, 0)
    filter: int = 0
    sample: int = 0
    filled: int | None = None


class LoomTruth:
    """The true number by role and index.

    Args:
        case: a ``tests.random_layers.Case`` that torch runs.
        at: where the loom stands.
    """

    def __init__(self, case, at):
        self.case, self.at, self.module = case, at, case.module()
        self.input, self.output = batch(case.input), batch(case.output)
        left, right, top, bottom = self.module._reversed_padding_repeated_twice
        self.corner, self.pads = (top, left), (left, right, top, bottom)
        self.mode = "constant" if case.spec["padding_mode"] == "zeros" else case.spec["padding_mode"]
        self.padded = self.pad(torch.as_tensor(self.input)).numpy()
        self.columns = columns(case)
        self.rows, self.places = self.columns.shape[1:]
        self.filled = self.places if at.filled is None else at.filled
        self.product = self._product()
        self.sums, ones = self._back(self.columns), self._back(np.ones_like(self.columns))
        self.counts, self.costs = ones[0, 0], counts(case)

    def pad(self, input):
        return F.pad(input, self.pads, mode=self.mode)

    def unfold(self, padded):
        """The columns of something already padded."""
        module = self.module
        return F.unfold(padded, module.kernel_size, module.dilation, 0, module.stride)

    def _product(self):
        """weight.view(C_out, -1) @ columns; a block of rows for each group."""
        groups = self.case.spec["groups"]
        weight = torch.as_tensor(self.case.weight).reshape(groups, len(self.case.weight) // groups, -1)
        blocks = torch.as_tensor(self.columns).reshape(len(self.columns), groups, -1, self.places)
        return (weight @ blocks).reshape(len(self.columns), -1, self.places).numpy()

    def _back(self, columns):
        """F.fold of the columns that are there so far, before the padding is cut off."""
        module, there = self.module, torch.as_tensor(columns).clone()
        there[..., self.filled :] = 0
        size = self.padded.shape[-2:]
        return F.fold(there, size, module.kernel_size, module.dilation, 0, module.stride).numpy()

    def copies(self):
        """Every entry that holds the pinned pixel and is there, "row,column" each."""
        cells = torch.arange(1.0, self.padded[0].size + 1, dtype=torch.float64).reshape(1, *self.padded.shape[1:])
        pixels = torch.arange(1.0, self.input[0].size + 1, dtype=torch.float64).reshape(1, *self.input.shape[1:])
        by_cell, by_pixel = (self.unfold(one)[0].numpy() for one in (cells, self.pad(pixels)))
        which = by_cell if self.at.view == "fold" or by_pixel[self.at.entry] == 0 else by_pixel
        found = np.argwhere(which == which[self.at.entry])
        there = self.places if self.at.view == "fold" else self.filled
        return {f"{row},{column}" for row, column in found if column < there}

    def value(self, role, index):
        """The true number; None where there is none to be seen yet."""
        n, (top, left) = self.at.sample, self.corner
        if role in ("column", "product", "output") and self.at.view != "fold":
            column = index[-1] if role != "output" else index[1] * self.output.shape[-1] + index[2]
            if column >= self.filled:
                return None
        values = {
            "input": lambda: self.input[(n, *index)],
            "padding": lambda: self.padded[n, index[0], index[1] + top, index[2] + left],
            "cell": lambda: self.padded[n, index[0], index[1] + top, index[2] + left],
            "weight": lambda: self.case.weight[index],
            "bias": lambda: self.case.bias[index],
            "output": lambda: self.output[(n, *index)],
            "column": lambda: self.columns[(n, *index)],
            "product": lambda: self.product[(n, *index)],
            "term": lambda: self._term(*index),
            "fold": lambda: self.sums[n, index[0], index[1] + top, index[2] + left],
            "count": lambda: self.counts[index[0] + top, index[1] + left],
            "input-size": lambda: self.input.size,
            "input-bytes": lambda: self.case.input.nbytes,
            "columns-size": lambda: self.columns.size,
            "columns-bytes": lambda: self.columns.nbytes,
            "factor": lambda: self.columns.size / self.input.size,
            "sliding-macs": lambda: self.costs["macs"],
            "matrix-macs": lambda: self.costs["macs"],
            "rows": lambda: self.rows,
            "places": lambda: self.places,
            "H_out": lambda: self.output.shape[-2],
            "W_out": lambda: self.output.shape[-1],
        }
        return float(values[role]())

    def _term(self, o, column, row):
        share = self.case.weight[0].size
        first = o // (len(self.case.weight) // self.case.spec["groups"]) * share
        return self.case.weight[o].ravel()[row - first] * self.columns[self.at.sample, row, column]

    def canvas(self, role, index):
        """All of what a picture stands for; None where it shows nothing."""
        n = self.at.sample
        whole = {
            "input": lambda: self.padded[n, index[0]],
            "column": lambda: self.columns[n],
            "weight": lambda: self._blocks(),
            "product": lambda: self.product[n],
            "output": lambda: self.output[n, index[0]],
            "fold": lambda: self.sums[n, index[0]],
            "count": lambda: self.counts,
        }
        return whole[role]()

    def _blocks(self):
        """The weight as rows of the whole product: NaN where a filter meets no row."""
        weight, groups = self.case.weight, self.case.spec["groups"]
        share, each = weight[0].size, len(weight) // groups
        rows = np.full((len(weight), self.rows), np.nan)
        for o, filter in enumerate(weight):
            rows[o, o // each * share : (o // each + 1) * share] = filter.ravel()
        return rows


def batch(array):
    return array if array.ndim == 4 else array[None]


def faults(found, truth):
    """Everything drawn that is not what torch computes, and every text that hides its value; a sentence each."""
    wrong = []
    for number in found["numbers"]:
        role, index, value = number["role"], number["index"], number["value"]
        true = truth.value(role, index)
        if true is None:
            wrong.append(f"{role}{list(index)} is drawn as {value} before its column is there")
        elif not abs(true - value) <= 1e-9 * max(1, abs(true)):
            wrong.append(f"{role}{list(index)} is drawn as {value}; torch says {true}")
        if fault := drawn.text_fault(re.sub("[(),]", "", number["text"]), value):
            wrong.append(f"{role}{list(index)}: {fault}")
        if not number["shown"]:
            wrong.append(f"{role}{list(index)} cannot be seen")
    for canvas in found["canvases"]:
        role, true = canvas["role"], truth.canvas(canvas["role"], drawn.whole(canvas["index"]))
        held = np.array([np.nan if value is None else value for value in canvas["values"]]).reshape(canvas["shape"])
        # A zero of the padding, or of no weight at all, is left empty.
        if held.shape != true.shape or not np.array_equal(np.nan_to_num(held), np.nan_to_num(true)):
            wrong.append(f"the picture of {role} {canvas['index']} is not torch's")
    return wrong
