"""What hooks, definitions and PyTorch's counter say of a traced model, by role and index of what is drawn."""

from pathlib import Path

import torch
from playwright.sync_api import expect
from torch.utils.flop_counter import FlopCounterMode

from convlab import layers
from tests.browser.states import PRELUDE
from tests.unit.traced_models import MODELS, hooked

ROOT = Path(__file__).resolve().parents[2]
KIND = "shape-tracer"
IMPORTS = f"{PRELUDE}import json, sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom tests.unit.traced_models import MODELS\n"
MADE = "widget = convlab.ShapeTracer(MODELS['plain'](), (2, 2, 37, 41))"
START = f"{IMPORTS}{MADE}\nwidget"
UNITS = ("bytes", "KiB", "MiB", "GiB")


def traced(root, shape):
    """Waits until the picture is of this size."""
    expect(root).to_have_attribute("data-shape", ",".join(map(str, shape)))


def memory_fits(text, size):
    """Whether a text, without its unit, is this many bytes to three digits."""
    power = 0
    while size >= 1024 and power < len(UNITS) - 1:
        size, power = size / 1024, power + 1
    shown, digits = float(text.replace(",", "")), len(text.replace(",", "").partition(".")[2])
    return abs(shown - size) <= 0.5 * 10.0**-digits * (1 + 1e-9) and (digits or size == shown or size >= 99.5)


class Truth:
    """What torch says of a model on zeros of a shape; ``functions``: the rows that no hook sees."""

    def __init__(self, name, shape):
        model = MODELS[name]()
        self.shape = shape
        walk = layers.walk(model, shape, functions=True)
        self.rows = walk.rows
        seen = iter(hooked(model, torch.zeros(shape)) if name != "functional" else [])
        self.hooks = {at: next(seen) for at, row in enumerate(self.rows, 1) if row.kind != "function"}
        assert next(seen, None) is None
        self.modules = dict(model.named_modules())
        self.parameters = sum(parameter.numel() for parameter in model.parameters())
        counter = FlopCounterMode(display=False)
        with counter, torch.no_grad():
            model.eval()(torch.zeros(shape))
        self.macs = counter.get_total_flops() // 2
        self.memory = sum(row.bytes for row in self.rows if not row.shares)

    def output(self, at):
        """The shape that a row gives: by hooks where a hook sees it."""
        if not at:
            return self.shape
        return self.hooks[at][1] if at in self.hooks else self.rows[at - 1].output_shape

    def value(self, role, index):
        """The true number; None for a term of a derivation, which a test of its own computes."""
        at = index[0] if index else None
        row = self.rows[at - 1] if at and role not in ("length", "term") else None
        if role in ("parameters", "macs", "memory") and at in self.hooks:
            name, _, macs, size = self.hooks[at]
            own = sum(parameter.numel() for parameter in self.modules[name].parameters())
            return {"parameters": own, "macs": macs, "memory": size}[role]
        return {
            "length": lambda: self.shape[at],
            "input-size": lambda: self.shape[index[1]],
            "output-size": lambda: self.output(at)[index[1]],
            "box-size": lambda: self.output(at)[index[1]],
            "parameters": lambda: row.parameters,
            "macs": lambda: row.macs,
            "memory": lambda: row.bytes,
            "field": lambda: row.receptive_field[index[1]],
            "jump": lambda: row.jump[index[1]],
            "term": lambda: None,
            "total-parameters": lambda: self.parameters,
            "total-macs": lambda: self.macs,
            "total-memory": lambda: self.memory,
            "sum-parameters": lambda: self.parameters,
            "sum-macs": lambda: self.macs,
            "sum-memory": lambda: self.memory,
        }[role]()


def faults(found, truth):
    """Everything drawn that torch says otherwise, and every text that hides its value; a sentence each."""
    wrong = []
    for number in found["numbers"]:
        role, index, value, text = number["role"], number["index"], number["value"], number["text"]
        true = truth.value(role, index)
        if true is not None and true != value:
            wrong.append(f"{role}{list(index)} is drawn as {value}; torch says {true}")
        if role.endswith("memory"):
            fits = memory_fits(text, value)
        else:
            fits = float(text.strip("()").replace(",", "")) == value
        if not fits:
            wrong.append(f"{role}{list(index)}: {text!r} is shown for {value}")
        if not number["shown"]:
            wrong.append(f"{role}{list(index)} cannot be seen")
    return wrong
