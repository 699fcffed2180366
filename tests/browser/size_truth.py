"""What torch says of a SizeRuler's setting: sizes, counts by autograd, and the numbers of the formula."""

import numpy as np
import torch
from playwright.sync_api import expect

from tests.browser.drawn import text_fault
from tests.browser.states import PRELUDE
from tests.random_layers import judged

KIND = "size-ruler"
MADE = "widget = convlab.widgets.size_ruler.SizeRuler(3, 8, kernel_size=3, stride=2, input=(1, 3, 8, 9))"
START = f"{PRELUDE}import convlab.widgets.size_ruler\n{MADE}\nwidget"


def show(notebook, root, spec, shape, place=(0, 0)):
    """What Python sets, drawn."""
    with notebook.redrawn(root):
        notebook.python(f"widget.set_layer(**{spec!r}, input={tuple(shape)!r})\nwidget.place = {tuple(place)!r}")
    expect(root).to_have_attribute("data-place", ",".join(map(str, place)))


def checked(root):
    root.get_by_text("computed the same").wait_for()


class Truth:
    """What torch says of one setting, by role and index of what is drawn."""

    def __init__(self, spec, shape):
        ones = np.ones([1, 1, *shape[-2:]])
        one = {**spec, "in_channels": 1, "out_channels": 1, "groups": 1, "bias": False}
        case = judged(one, ones, np.ones([1, 1, *spec["kernel_size"]]), None)
        input = torch.as_tensor(ones).requires_grad_()
        layer = case.module()
        layer(input).sum().backward()
        self.counts = input.grad[0, 0].numpy()
        self.lengths, self.places = shape[-2:], case.output.shape[-2:]
        left, right, top, bottom = layer._reversed_padding_repeated_twice
        self.pads = ((top, bottom), (left, right))
        self.spec, self.layer = spec, layer
        self.spans = [
            length + sum(pads) - d * (k - 1) - 1
            for length, pads, d, k in zip(self.lengths, self.pads, layer.dilation, layer.kernel_size, strict=True)
        ]

    def reads(self, axis):
        """Counts along one axis: of torch's plane, by what the other axis gives the same pixel."""
        along = {name: value[axis] if isinstance(value, list) else value for name, value in self.spec.items()}
        pair = {name: [along[name], 1] for name in ("kernel_size", "stride", "dilation")}
        padding = along["padding"] if isinstance(along["padding"], str) else [along["padding"], 0]
        layer = torch.nn.Conv2d(1, 1, **pair, padding=padding, padding_mode=along["padding_mode"], bias=False).double()
        torch.nn.init.ones_(layer.weight)
        line = torch.ones(1, 1, self.lengths[axis], 1, dtype=torch.float64, requires_grad=True)
        layer(line).sum().backward()
        return line.grad.flatten().numpy()

    def value(self, role, index):
        axis = index[0]
        setting = {"kernel-size": "kernel_size", "stride": "stride", "dilation": "dilation", "padding": "padding"}
        if role in setting:
            return self.spec[setting[role]][axis]
        return {
            "length": lambda: self.lengths[axis],
            "padding-before": lambda: self.pads[axis][0],
            "padding-after": lambda: self.pads[axis][1],
            "span": lambda: self.spans[axis],
            "steps": lambda: self.places[axis] - 1,
            "output-size": lambda: self.places[axis],
            "left-over": lambda: self.spans[axis] % self.layer.stride[axis],
            "pixel": lambda: index[1],
            "place": lambda: index[1],
            "reads": lambda: self.reads(axis)[index[1]],
            "pixel-reads": lambda: self.counts[index],
            "copy": lambda: self.copy(axis, index[1]),
            "same-size": lambda: None,
        }[role]()

    def copy(self, axis, at):
        """The pixel that stands at this place of the padded axis."""
        line = torch.arange(self.lengths[axis], dtype=torch.float64).reshape(1, 1, -1)
        return torch.nn.functional.pad(line, self.pads[axis], mode=self.spec["padding_mode"])[0, 0, at].item()

    def gives(self, axis, length):
        """How many places an input of another length gives; None when PyTorch refuses it."""
        shape = list(self.lengths)
        shape[axis] = length
        one = {**self.spec, "in_channels": 1, "out_channels": 1, "groups": 1, "bias": False}
        case = judged(one, np.ones([1, 1, *shape]), np.ones([1, 1, *self.spec["kernel_size"]]), None)
        return None if case.output is None else case.output.shape[axis - 2]


def faults(found, truth):
    """Everything drawn that torch says otherwise, and every text that hides its value."""
    wrong = []
    for number in found["numbers"]:
        role, index, value, text = number["role"], number["index"], number["value"], number["text"]
        true = truth.value(role, index)
        if true is not None and true != value:
            wrong.append(f"{role}{list(index)} is drawn as {value}; torch says {true}")
        if role == "same-size" and truth.gives(index[0], int(value)) != truth.places[index[0]]:
            wrong.append(f"{role}{list(index)}: {value} gives another size")
        if fault := text_fault(text, value):
            wrong.append(f"{role}{list(index)}: {fault}")
        if not number["shown"]:
            wrong.append(f"{role}{list(index)} cannot be seen")
    return wrong
