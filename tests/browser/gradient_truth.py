"""What torch says of each number that GradientRouter draws."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from tests.browser.drawn import text_fault
from tests.random_layers import gradients, judged


@dataclass
class At:
    """Where a router stands."""

    view: str
    cell: tuple
    how: str = "scatter"
    sample: int = 0
    terms: int | None = None
    nudge: float = 0.0


class RouterTruth:
    """The true number by role and index.

    Args:
        case: a ``tests.random_layers.Case`` that torch runs.
        upstream: the gradient of its output.
        at: where the router stands.
    """

    def __init__(self, case, upstream, at):
        self.case, self.at, self.upstream = case, at, batch(upstream)
        self.input, self.output, self.weight = batch(case.input), batch(case.output), case.weight
        found = gradients(case, upstream)
        self.grads = {"input": batch(found[0]), "weight": found[1], "bias": found[2]}
        self.loss = (self.upstream * self.output).sum()
        module = case.module()
        self.stride, self.dilation, self.kernel = module.stride, module.dilation, module.kernel_size
        left, right, top, bottom = module._reversed_padding_repeated_twice
        mode = "constant" if case.spec["padding_mode"] == "zeros" else case.spec["padding_mode"]
        self.corner = (top, left)
        self.padded = F.pad(torch.as_tensor(self.input), (left, right, top, bottom), mode=mode).numpy()
        H, W = self.input.shape[-2:]
        pixels = torch.arange(1.0, H * W + 1).reshape(1, 1, H, W)
        self.sources = F.pad(pixels, (left, right, top, bottom), mode=mode)[0, 0].long().numpy() - 1  # -1: a zero
        self.terms = self._terms()
        self.added = self.terms if at.terms is None else self.terms[: at.terms]

    def under(self, i, j, u, v):
        """Padded row and column of a tap at a place."""
        return i * self.stride[0] + u * self.dilation[0], j * self.stride[1] + v * self.dilation[1]

    def _terms(self):
        """(part, index, value) of every product, in the order in which they are added."""
        o_count, (H_out, W_out), groups = self.weight.shape[0], self.output.shape[-2:], self.case.spec["groups"]
        share, each = self.weight.shape[1], o_count // groups
        if self.at.view in ("weight", "bias"):
            o, k, u, v = (*self.at.cell, 0, 0, 0)[:4]
            places = np.ndindex(len(self.input), H_out, W_out)
            indices = [(n, (o, o // each * share + k, i, j, u, v)) for n, i, j in places]
            return [(n, index, self.product(n, index)) for n, index in indices]
        _, c, row, column = self.at.cell
        W = self.input.shape[-1]
        found = []
        for o in range(c // share * each, (c // share + 1) * each):
            # Rows before columns, and of each the place before the tap.
            for i, u, j, v in np.ndindex(H_out, self.kernel[0], W_out, self.kernel[1]):
                if self.sources[self.under(i, j, u, v)] == row * W + column:
                    found.append((o, (o, c, i, j, u, v)))
        if self.at.view == "input" and self.at.how == "gather":
            found = self._fetched(found, c, row + self.corner[0], column + self.corner[1])
        return [(o, index, self.product(0, index) if len(index) == 6 else 0) for o, index in found]

    def _fetched(self, scattered, c, r, q):
        """The same as the taps of the rotated kernel come, with the zeros between them; last what copies of it do."""
        found = []
        for o in sorted({o for o, _ in scattered} or self._group(c)):
            own = {index[4:]: index for of, index in scattered if of == o and self.under(*index[2:]) == (r, q)}
            for u, v in np.ndindex(*self.kernel):
                tap = (self.kernel[0] - 1 - u, self.kernel[1] - 1 - v)
                found.append((o, own.get(tap, (o, c, *tap))))
            found += [(of, index) for of, index in scattered if of == o and self.under(*index[2:]) != (r, q)]
        return found

    def _group(self, c):
        share, each = self.weight.shape[1], self.weight.shape[0] // self.case.spec["groups"]
        return range(c // share * each, (c // share + 1) * each)

    def product(self, n, index):
        o, c, i, j, u, v = index
        pixel, gradient = self.padded[(n, c, *self.under(i, j, u, v))], self.upstream[n, o, i, j]
        weight = self.weight[o, c % self.weight.shape[1], u, v]
        pairs = {"forward": (pixel, weight), "input": (gradient, weight), "weight": (pixel, gradient)}
        a, b = pairs.get(self.at.view, (gradient, 1))
        return a * b

    def value(self, role, index):
        """The true number."""
        n, (top, left) = self.at.sample, self.corner
        values = {
            "input": lambda: self.input[(n, *index)],
            "padding": lambda: self.padded[n, index[0], index[1] + top, index[2] + left],
            "output": lambda: self.output[(n, *index)],
            "weight": lambda: self.weight[index],
            "rotated": lambda: self.weight[index[:2]][::-1, ::-1][index[2:]],
            "grad-output": lambda: self.upstream[(n, *index)],
            "grad-input": lambda: self.grads["input"][(n, *index)],
            "grad-weight": lambda: self.grads["weight"][index],
            "grad-bias": lambda: self.grads["bias"][index],
            "zero": lambda: 0,
            "zero-product": lambda: 0,
            "product": lambda: self.product(n, index),
            "running": lambda: self._running(index),
            "sum": lambda: sum(value for part, _, value in self.added if part == index[0]),
            "total": lambda: sum(value for _, _, value in self.added),
            "fed": lambda: len(self.added),
            "count": lambda: self._count(*index),
            "loss": lambda: self.loss,
            "loss-more": lambda: self._nudged(self.at.nudge),
            "loss-less": lambda: self._nudged(-self.at.nudge),
            "difference": lambda: self.gradient(),
            "gradient": lambda: self.gradient(),
        }  # fmt: skip
        return float(values[role]())

    def _running(self, index):
        """The sum up to a product: of the sample on the screen where the sums go over the batch."""
        pixel = self.at.view in ("forward", "input")
        own = [at for at, (part, of, _) in enumerate(self.terms) if of == index and (pixel or part == self.at.sample)]
        last = own[0]
        return sum(value for _, _, value in self.terms[: last + 1])

    def _count(self, axis, at):
        """How often one kernel comes over a row (axis 0) or a column; a pixel is read the product of the two times."""
        W = self.input.shape[-1]
        return sum(at == (source % W if axis else source // W) for source in self._along(axis) if source >= 0)

    def _along(self, axis):
        """Along one axis, for each tap at each place one of the pixels under it, or less than 0 for none."""
        sources = self.sources.max(1 - axis)
        return [
            sources[place * self.stride[axis] + tap * self.dilation[axis]]
            for place in range(self.output.shape[-2 + axis])
            for tap in range(self.kernel[axis])
        ]

    def gradient(self):
        view = "input" if self.at.view == "forward" else self.at.view
        return self.grads[view][self.at.cell]

    def _nudged(self, by):
        """The loss by torch, with the pinned number moved."""
        case, view = self.case, "input" if self.at.view == "forward" else self.at.view
        moved = {"input": case.input.copy(), "weight": case.weight.copy(), "bias": None}
        moved["bias"] = None if case.bias is None else case.bias.copy()
        cell = self.at.cell[1:] if view == "input" and case.input.ndim == 3 else self.at.cell
        moved[view][cell] += by
        return (batch(judged(case.spec, **moved).output) * self.upstream).sum()


def batch(array):
    return array if array.ndim == 4 else array[None]


def faults(found, truth, tolerance=1e-9):
    """Everything drawn that is not what torch computes, and every text that hides its value; a sentence each."""
    wrong = []
    for number in found["numbers"]:
        role, index, value = number["role"], number["index"], number["value"]
        true = truth.value(role, index)
        if not abs(true - value) <= tolerance * max(1, abs(true)):
            wrong.append(f"{role}{list(index)} is drawn as {value}; torch says {true}")
        if fault := text_fault(number["text"].replace("(", "").replace(")", ""), value):
            wrong.append(f"{role}{list(index)}: {fault}")
        if not number["shown"]:
            wrong.append(f"{role}{list(index)} cannot be seen")
    return wrong
