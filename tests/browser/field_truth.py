"""What torch says of a ReceptiveField: shapes of real layers, what a NaN reaches, by how many ways a 1 is counted.

Three judges, none of which shares code with the widget: real layers give shapes and refusals; a line of NaN through
them shows what each unit sees, maxima included; autograd on long lines of ones measures sizes, jumps and ways.
"""

import warnings

import torch

from convlab.shapes import Conv2dSpec, receptive_window
from tests.browser.drawn import text_fault
from tests.browser.states import PRELUDE

KIND = "receptive-field"
STACK = [
    {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0)},
    {"kernel_size": 3, "dilation": (1, 2), "padding": (1, 2)},
]
START = f"{PRELUDE}widget = convlab.ReceptiveField({STACK!r}, input=(11, 14), unit=(2, 1, 4))\nwidget"
PAIRS = ("kernel_size", "stride", "padding", "dilation")
LONG = 1500


def pair(rng, lowest, highest):
    """Two different whole numbers in this range."""
    return [int(n) for n in rng.permutation(range(lowest, highest + 1))[:2]]


def _layer(rng):
    kind = str(rng.choice(["Conv2d", "Conv2d", "Conv2d", "MaxPool2d", "AvgPool2d"]))
    layer = {"kind": kind, "kernel_size": pair(rng, 1, 4), "stride": pair(rng, 1, 3), "padding": pair(rng, 0, 3),
             "dilation": pair(rng, 1, 3)}  # fmt: skip
    if kind != "Conv2d":
        layer["padding"] = [int(rng.integers(k // 2 + 1)) for k in layer["kernel_size"]]
    elif rng.random() < 0.2:
        layer.update(padding="same", stride=[1, 1])
    if kind == "AvgPool2d":
        layer["dilation"] = [1, 1]
    return layer


def draw(rng, legal=True):
    """A random stack on a random input that is no square, and a unit in it: (layers, size, unit, direction)."""
    while True:
        layers = [_layer(rng) for _ in range(int(rng.integers(1, 5)))]
        if not legal:
            spoilt, name = layers[int(rng.integers(len(layers)))], str(rng.choice(PAIRS))
            spoilt[name] = [[0, 2], [2, 0], [-1, 1], [9, 17]][rng.integers(4)]
            if name in ("kernel_size", "stride", "dilation"):
                spoilt[name] = [abs(n) for n in spoilt[name]]
            if spoilt["kind"] == "AvgPool2d":
                spoilt["dilation"] = [1, 1]
        size = [length + 4 for length in pair(rng, 1, 12)]
        found, refusal = outputs(layers, size)
        if legal == (refusal is None):
            level = int(rng.integers(len(found)))
            unit = (level, *(int(rng.integers(length)) for length in found[level]))
            return layers, tuple(size), unit, str(rng.choice(["backward", "forward"]))


def module(layer, axis=None, ones=False):
    """The real layer with random weights; with ones along one axis alone; with a convolution in a pooling's place."""
    along = {name: layer[name] if isinstance(layer[name], str) else tuple(layer[name]) for name in PAIRS}
    if axis is not None:
        rest = {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1}
        same = layer["padding"] == "same"  # along the other axis a kernel of 1 needs no padding
        along = {name: (layer[name][axis], rest[name]) for name in PAIRS if not (same and name == "padding")}
        along |= {"padding": "same"} if same else {}
    if layer["kind"] == "Conv2d" or ones:
        conv = torch.nn.Conv2d(1, 1, **along, bias=False).double()
        if ones:
            torch.nn.init.ones_(conv.weight)
        return conv
    if layer["kind"] == "AvgPool2d":
        along.pop("dilation")
    return getattr(torch.nn, layer["kind"])(**along)


def outputs(layers, size):
    """([(H, W) of every level], PyTorch's refusal of the first layer that does not run, or None)."""
    found, x = [tuple(size)], torch.zeros(1, 1, *size, dtype=torch.float64)
    for layer in layers:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                x = module(layer)(x)
        except (RuntimeError, ValueError) as error:
            return found, str(error)
        found.append(tuple(x.shape[-2:]))
    return found, None


class Truth:
    """What torch says of one stack, input and unit, by role and index of what is drawn."""

    def __init__(self, layers, size, unit, direction):
        self.layers, self.unit, self.forward = layers, unit, direction == "forward"
        self.lengths, refusal = outputs(layers, size)
        assert refusal is None, refusal
        self.end = len(layers) if self.forward else 0
        self.fields = [self._measured(axis) for axis in (0, 1)]
        self.ways = [self._ways(axis) for axis in (0, 1)]
        self.tied = [self._tied(axis) for axis in (0, 1)]

    def _measured(self, axis):
        """[(size, jump)] of every level, on a line so long that its middle never meets padding."""
        line = torch.zeros(1, 1, LONG, 1, dtype=torch.float64, requires_grad=True)
        found, x = [(1, 1)], line
        for layer in self.layers:
            x = module(layer, axis, ones=True)(x)
            middle = x.shape[2] // 2
            views = [torch.autograd.grad(x[0, 0, at, 0], line, retain_graph=True)[0].flatten().nonzero().flatten()
                     for at in (middle, middle + 1)]  # fmt: skip
            found.append((int(views[0][-1] - views[0][0]) + 1, int(views[1][0] - views[0][0])))
        return found

    def _ways(self, axis):
        """At the far end {index: by how many ways it is tied to the unit}."""
        level, index = self.unit[0], self.unit[axis + 1]
        start = level if self.forward else 0
        line = torch.zeros(1, 1, self.lengths[start][axis], 1, dtype=torch.float64, requires_grad=True)
        x, end = line, len(self.layers) if self.forward else level
        for layer in self.layers[start:end]:
            x = module(layer, axis, ones=True)(x)
        if self.forward:
            table = [
                float(torch.autograd.grad(one, line, retain_graph=True)[0][0, 0, index, 0]) for one in x[0, 0, :, 0]
            ]
        else:
            table = torch.autograd.grad(x[0, 0, index, 0], line)[0].flatten().tolist()
        return {at: ways for at, ways in enumerate(table) if ways}

    def _tied(self, axis):
        """Indices at the far end that the unit is tied to, by a NaN in each place of a line through the real layers."""
        level, index = self.unit[0], self.unit[axis + 1]
        start, end = (level, len(self.layers)) if self.forward else (0, level)
        length = self.lengths[start][axis]
        x = torch.rand(length, 1, length, 1, dtype=torch.float64)
        x[range(length), 0, range(length)] = torch.nan
        with torch.no_grad():
            for layer in self.layers[start:end]:
                x = module(layer, axis)(x)
        touched = x.isnan()[:, 0, :, 0]  # (place of the NaN, unit)
        return (touched[index] if self.forward else touched[:, index]).nonzero().flatten().tolist()

    @property
    def read(self):
        return len(self.tied[0]) * len(self.tied[1])

    @property
    def boxed(self):
        """Pixels of the computed box that lie on the level; looking forward, of the box around all that is fed."""
        if self.forward:
            return self.read and (self.tied[0][-1] - self.tied[0][0] + 1) * (self.tied[1][-1] - self.tied[1][0] + 1)
        level, *place = self.unit
        specs = [Conv2dSpec(1, 1, **{name: layer[name] for name in PAIRS}) for layer in self.layers[:level]]
        rows, columns = receptive_window(specs, tuple(place))
        H, W = self.lengths[0]
        return len([at for at in rows if 0 <= at < H]) * len([at for at in columns if 0 <= at < W])

    def value(self, role, index):
        if role in ("read", "boxed", "holes"):
            return {"read": self.read, "boxed": self.boxed, "holes": self.boxed - self.read}[role]
        if role == "weights":
            return sum(module(layer).weight.numel() for layer in self.layers if layer["kind"] == "Conv2d")
        if role in ("length", "feeds"):
            return {"length": self.lengths[0][index[0]], "feeds": len(self.tied[index[0]])}[role]
        if role in ("ways", "unit"):
            return index[2] if role == "unit" else self.ways[index[0]].get(index[2], 0)
        level, axis = index
        argument = role.replace("-", "_")
        if argument in PAIRS:
            return self.layers[level - 1][argument][axis]
        size, jump = self.fields[axis][level]
        before = self.fields[axis][max(0, level - 1)]
        return {
            "units": self.lengths[level][axis], "output-size": self.lengths[level][axis], "size": size, "jump": jump,
            "size-before": before[0], "jump-before": before[1],
            "extent": (size - before[0]) / before[1] + 1,
        }[role]  # fmt: skip


def faults(found, truth):
    """Everything drawn that torch says otherwise, and every text that hides its value."""
    wrong = []
    for number in found["numbers"]:
        role, index, value = number["role"], number["index"], number["value"]
        if (true := truth.value(role, index)) != value:
            wrong.append(f"{role}{list(index)} is drawn as {value}; torch says {true}")
        if fault := text_fault(number["text"], value):
            wrong.append(f"{role}{list(index)}: {fault}")
        if not number["shown"]:
            wrong.append(f"{role}{list(index)} cannot be seen")
    roles = [number["role"] for number in found["numbers"]]
    wanted = ("size", "jump", "unit", "read", *(["extent", "output-size"] if truth.layers else []))
    wrong += [f"{role} is not drawn" for role in wanted if role not in roles]
    return wrong
