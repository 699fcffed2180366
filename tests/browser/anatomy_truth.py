"""What torch says of a LayerAnatomy: every number by role and index, and what one weight reads and writes."""

import re
from math import prod

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from tests.browser.as_json import as_json
from tests.browser.drawn import text_fault
from tests.browser.states import PRELUDE, arguments

KIND = "layer-anatomy"
START = f"{PRELUDE}widget = convlab.LayerAnatomy(3, 4, kernel_size=(3, 2), input=(1, 3, 5, 6), dense=True)\nwidget"
ARGUMENTS = {"in_channels", "out_channels", "groups", "kernel_size", "stride", "padding", "dilation"}


def show(notebook, root, case, index=(0, 0, 0, 0), place=(0, 0)):
    """A case with its numbers, set by Python and drawn."""
    with notebook.redrawn(root):
        notebook.python(
            f"with widget.hold_sync():\n    widget.set_layer({arguments(case)})\n"
            f"    widget.index, widget.place = {tuple(index)!r}, {tuple(place)!r}"
        )


def checked(root):
    root.get_by_text("computed the same").wait_for()


class Truth:
    """What torch says of one case, at one index and place."""

    def __init__(self, case, index, place):
        self.case, self.index, self.place = case, tuple(index), tuple(place)
        self.layer = layer = case.module()
        self.input = torch.as_tensor(case.input if case.input.ndim == 4 else case.input[None])
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            self.output = layer(self.input).numpy()
        self.macs = counter.get_total_flops() // 2
        self.shape = {"weight": layer.weight.shape, "output": self.output.shape}
        sizes = prod(self.input.shape[1:]), prod(self.output.shape[1:])
        self.dense = torch.nn.Linear(*sizes, bias=layer.bias is not None, device="meta")

    def argument(self, role, axis):
        value = self.case.spec[role]
        return value[axis] if isinstance(value, list) else value

    def value(self, role, index):
        layer, spans = self.layer, self.spans
        if role in ARGUMENTS:
            return self.argument(role, index[0])
        count = sum(p.numel() for p in layer.parameters())
        dense = sum(p.numel() for p in self.dense.parameters())
        return {
            "input": lambda: self.input[0][index] if len(index) == 3 else self.input.shape[index[0]],
            "weight": lambda: self.case.weight[index],
            "bias": lambda: self.case.bias[index],
            "output": lambda: self.output[0][index],
            "index": lambda: self.index[index[0]],
            "place": lambda: self.place[index[0]],
            "weight-value": lambda: self.case.weight[index],
            "weight-shape": lambda: layer.weight.shape[index[0]],
            "bias-shape": lambda: layer.bias.shape[index[0]],
            "output-shape": lambda: self.output.shape[index[0]],
            "output-length": lambda: self.output.shape[2 + index[0]],
            "span": lambda: spans(index[0]),
            "padding-sum": lambda: sum(layer._reversed_padding_repeated_twice[2 - 2 * index[0] :][:2]),
            "factor": lambda: layer.weight.shape[index[0]],
            "parameters": lambda: count,
            "macs": lambda: self.macs,
            "dense-in": lambda: self.dense.in_features,
            "dense-out": lambda: self.dense.out_features,
            "dense-parameters": lambda: dense,
            "ratio": lambda: dense / count,
        }[role]()

    def spans(self, axis):
        """Steps of one pixel that the window can make along an axis."""
        left, right, top, bottom = self.layer._reversed_padding_repeated_twice
        padded = self.input.shape[2 + axis] + (top + bottom, left + right)[axis]
        return padded - self.layer.dilation[axis] * (self.layer.kernel_size[axis] - 1) - 1

    def reached(self):
        """(feature maps, input channels): what changes with the lit weight, and what this change depends on."""
        grown = self.layer.weight.detach().clone()
        grown[self.index] += 1
        input = torch.ones_like(self.input).requires_grad_()
        options = (self.layer.bias, self.layer.stride, 0, self.layer.dilation, self.layer.groups)
        left, right, top, bottom = self.layer._reversed_padding_repeated_twice
        padded = torch.nn.functional.pad(input, (left, right, top, bottom), mode="replicate")
        before, after = (torch.nn.functional.conv2d(padded, weight, *options) for weight in (self.layer.weight, grown))
        change = after - before
        change.sum().backward()
        maps, channels = (found.detach().abs().sum((0, 2, 3)).nonzero().flatten() for found in (change, input.grad))
        return maps.tolist(), channels.tolist()

    def product(self):
        """(weight, number it meets, product) at the place, by the change of that one output."""
        grown = self.case.module()
        with torch.no_grad():
            grown.weight[self.index] += 1
            after = grown(self.input).numpy()
        met = (after - self.output)[0, self.index[0], *self.place]
        weight = self.layer.weight[self.index].item()
        return weight, met, weight * met


def faults(found, truth, tolerance=0.0):
    """Everything drawn that torch says otherwise, every text that hides its value, everything that cannot be seen."""
    wrong = []
    for number in found["numbers"]:
        role, index, value = number["role"], number["index"], number["value"]
        true = float(truth.value(role, index))
        if abs(true - value) > max(tolerance, 1e-12 * abs(true)):
            wrong.append(f"{role}{list(index)} is drawn as {value}; torch says {true}")
        text = number["text"].removeprefix("= ").replace(",", "")
        fault = text_fault(text, round(value) if role == "ratio" and value >= 1000 else value)
        if fault:
            wrong.append(f"{role}{list(index)}: {fault}")
        if not number["shown"]:
            wrong.append(f"{role}{list(index)} cannot be seen")
    for canvas in found["canvases"]:
        prefix = tuple(int(part) for part in canvas["index"].split(","))
        true = {"input": lambda p: truth.input[0, *p], "output": lambda p: truth.output[0, *p],
                "weight": lambda p: truth.case.weight[p]}[canvas["role"]](prefix)  # fmt: skip
        drawn = np.array(canvas["values"]).reshape(canvas["shape"])
        if drawn.shape != tuple(true.shape) or np.abs(np.asarray(true) - drawn).max() > tolerance:
            wrong.append(f"canvas of {canvas['role']}{list(prefix)} is not torch's")
    return wrong


LIT = """
(root) => {
  const at = (node) => node.querySelector("[data-part]").dataset.of.split(",").map(Number);
  const marked = (kind) => [...root.querySelectorAll(`.la-pic.cl-${kind}`)].filter((node) =>
    node.querySelector(".la-one").getAttribute("d")).map((node) => node.dataset.of);
  const ones = (kind) => [...root.querySelectorAll(`.la-pic.cl-${kind} .la-one`)].map((path) => path.getAttribute("d"))
    .filter(Boolean);
  return {
    channels: [...root.querySelectorAll(".la-channel.la-on")].map(at).flat(),
    filters: [...root.querySelectorAll(".la-filter:is(.la-on, .la-lit)")].map((node) => Number(node.dataset.of)),
    kernels: [...root.querySelectorAll(".la-kernel:is(.la-on, .la-lit)")].map((node) => node.dataset.of),
    maps: marked("output").map(Number), weights: marked("weight"), weight: ones("weight"), pixel: ones("input"),
  };
}
"""


def lit(root):
    """What is lit in the table: channels, filters, kernels, maps, and the corner (column, row) of each marked cell."""
    found = as_json(root, LIT)
    for name in ("weight", "pixel"):
        found[name] = [tuple(map(int, re.match(r"M(-?\d+) (-?\d+)", d).groups())) for d in found[name]]
    return found
