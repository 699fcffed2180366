"""What a widget has drawn, read back from its page, and held against what torch computes."""

import math

import numpy as np
import torch
from torch.nn import functional as F

from tests.browser.as_json import as_json

READ = """
(root) => ({
  numbers: [...root.querySelectorAll("[data-role][data-index][data-value]")].map((node) => ({
    role: node.dataset.role, index: node.dataset.index, value: node.dataset.value,
    text: node.textContent.trim(), shown: node.checkVisibility({ visibilityProperty: true }),
  })),
  canvases: [...root.querySelectorAll("canvas")].filter((canvas) => canvas.convlabValues).map((canvas) => {
    const { role, index, channel, filter, shape, values } = canvas.convlabValues;
    const of = index ?? channel ?? filter ?? "";
    return { role, index: String(of), shape, values: Array.from(values) };
  }),
})
"""


def read(root):
    """{numbers: [{role, index, value, text, shown}], canvases: [{role, index, shape, values}]}."""
    found = as_json(root, READ)
    for number in found["numbers"]:
        number["index"] = whole(number["index"])
        number["value"] = float(number["value"])
    for canvas in found["canvases"]:
        canvas["values"] = [None if value is None else float(value) for value in canvas["values"]]
    return found


def whole(index):
    """The index written in a page, as a tuple: "0,2,3" gives (0, 2, 3), and nothing ()."""
    return tuple(int(part) for part in index.split(",") if part)


def text_fault(text, value):
    """What is wrong with the text of a number, or None: whole numbers whole, others to three digits."""
    try:
        shown = float(text.replace("−", "-").replace(" ", ""))
    except ValueError:
        return f"{text!r} is no number, {value} was to be shown"
    if value == 0 or (value == round(value) and abs(value) < 1e6):
        allowed = 0
    else:
        digits = 2 if "e" in text else 3
        allowed = 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1) * (1 + 1e-9)
    return None if abs(shown - value) <= allowed else f"{text!r} is shown for {value}"


class Truth:
    """What torch says about one layer and one input, by role and index.

    Args:
        case: a ``tests.random_layers.Case`` that torch runs.
        sample, filter, place: what a stepper shows of it.
    """

    def __init__(self, case, sample=0, filter=0, place=(0, 0)):
        spec, module = case.spec, case.module()
        self.input = case.input if case.input.ndim == 4 else case.input[None]
        self.output = case.output if case.output.ndim == 4 else case.output[None]
        self.weight, self.bias = case.weight, case.bias
        self.n, self.o, self.place = sample, filter, place
        left, right, top, bottom = module._reversed_padding_repeated_twice
        mode = "constant" if spec["padding_mode"] == "zeros" else spec["padding_mode"]
        self.padded = F.pad(torch.as_tensor(self.input), (left, right, top, bottom), mode=mode).numpy()
        self.corner = (top, left)
        self.products = self._products(module, spec)

    def _products(self, module, spec):
        """The products of the place, (C_in / groups, kH, kW)."""
        (i, j), (sH, sW), (dH, dW) = self.place, module.stride, module.dilation
        share, kH, kW = self.weight.shape[1:]
        first = self.o // (spec["out_channels"] // spec["groups"]) * share
        rows, columns = i * sH + dH * np.arange(kH), j * sW + dW * np.arange(kW)
        window = self.padded[self.n, first : first + share][:, rows][:, :, columns]
        return window * self.weight[self.o]

    def value(self, role, index):
        """The true number; None where torch has no say (a colour's range, padding without a place)."""
        top, left = self.corner
        if role in ("input", "padding"):
            if not index:
                return None
            c, i, j = index
            return self.padded[self.n, c, i + top, j + left]
        return {
            "output": lambda: self.output[(self.n, *index)],
            "weight": lambda: self.weight[index],
            "kernel": lambda: self.weight[index[:2]][::-1, ::-1][index[2:]],
            "product": lambda: self.products[index],
            "sum": lambda: self.products[index[0]].sum(),
            "total": lambda: self.products.sum(),
            "bias": lambda: self.bias[index[0]],
            "result": lambda: self.output[(self.n, *index)],
            "minimum": lambda: self.output[self.n, index[0]].min(),
            "maximum": lambda: self.output[self.n, index[0]].max(),
            "kernel-sum": lambda: self._kernel_sum(index[0]),
            "clipped-below": lambda: (self.output[self.n, index[0]] < -1).sum(),
            "clipped-above": lambda: (self.output[self.n, index[0]] > 1).sum(),
            "range": lambda: None,
        }[role]()

    def _kernel_sum(self, o):
        """The sum of a filter; of one slice where all its slices are the same."""
        first, *others = slices = self.weight[o]
        return (first if all((one == first).all() for one in others) else slices).sum()


def faults(found, truth, tolerance=0.0):
    """Everything drawn that is not what torch computes, and every text that hides its value; a sentence each."""
    wrong = []
    for number in found["numbers"]:
        role, index, value = number["role"], number["index"], number["value"]
        true = truth.value(role, index)
        if true is not None and not abs(true - value) <= tolerance:
            wrong.append(f"{role}{list(index)} is drawn as {value}; torch says {true}")
        fault = text_fault(number["text"], value)
        if fault:
            wrong.append(f"{role}{list(index)}: {fault}")
        if not number["shown"]:
            wrong.append(f"{role}{list(index)} cannot be seen")
    for canvas in found["canvases"]:
        prefix = whole(canvas["index"])
        for at, value in enumerate(canvas["values"]):
            index = (*prefix, *(int(part) for part in np.unravel_index(at, canvas["shape"])))
            index = index[-3:] if len(canvas["shape"]) == 2 else (*prefix[1:], *index[-3:])
            true = float(truth.value(canvas["role"], index))
            if value is not None and not abs(true - value) <= tolerance:
                wrong.append(f"canvas of {canvas['role']}{list(index)} holds {value}; torch says {true}")
    return wrong


SPOILS = ("dataset.value = 1234", "textContent = '77'", "style.visibility = 'hidden'")
SPOIL = """
(node) => {{
  const kept = node.cloneNode(true);
  node.convlabMend = () => {{
    node.dataset.value = kept.dataset.value;
    node.style.cssText = kept.style.cssText;
    if (node.innerHTML !== kept.innerHTML) node.innerHTML = kept.innerHTML;
  }};
  node.{spoil};
}}
"""


def assert_noticed(root, numbers, faults_of):
    """Spoils each number in three ways, and mends it each time: what is read is then found wrong, and right again.

    Args:
        numbers: role -> locator of one number.
        faults_of: all that is wrong with what was read.
    """
    assert faults_of(read(root)) == []
    for role, number in numbers.items():
        for spoil in SPOILS:
            number.evaluate(SPOIL.format(spoil=spoil))
            assert len(faults_of(read(root))) >= 1, (role, spoil)
            number.evaluate("(node) => node.convlabMend()")
    assert faults_of(read(root)) == []
