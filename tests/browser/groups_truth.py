"""What torch says of each number, wire and block that GroupsWiring draws, and how they are read from the page."""

import warnings
from math import prod

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from tests.browser.as_json import as_json
from tests.browser.drawn import text_fault

SPEC = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias", "padding_mode")

# Wires are read from the ends of their lines, blocks by asking which cells of the matrix are painted.
READ = """
(root) => {
  const columns = [];
  for (const node of root.querySelectorAll(".gw-channel")) {
    const { column, channel } = node.dataset, [x, y] = node.getAttribute("transform").match(/[-\\d.]+/g).map(Number);
    const fate = Number(/gw-fate-(?:in)?(\\d)/.exec(node.getAttribute("class"))[1]);
    (columns[column] ??= [])[channel] = { x, y, fate, on: node.classList.contains("gw-on"),
      height: Number(node.firstChild.getAttribute("height")) };
  }
  const at = (column, y) => columns[column].findIndex((one) => one.y <= y && y <= one.y + one.height);
  const pairs = (paths, stage) => [...paths].flatMap((path) =>
    [...path.getAttribute("d").matchAll(/M([\\d.]+) ([\\d.]+)L([\\d.]+) ([\\d.]+)/g)].map(([, , from, , to]) =>
      [at(stage, Number(from)), at(stage + 1, Number(to))]));
  const stages = [...root.querySelectorAll(".gw-groups")].map((node, stage) => ({
    live: pairs(node.children, stage), dead: pairs([node.nextSibling], stage),
    lit: pairs([node.nextSibling.nextSibling], stage) }));
  const matrices = [...root.querySelectorAll(".gw-matrix")].filter((node) => node.checkVisibility()).map((node) => {
    const label = node.getAttribute("aria-label"), [O, C] = label.match(/\\d+ (?=output|input)/g).map(Number);
    const svg = node.firstChild, px = (svg.getAttribute("width") - 38) / C;
    const painted = (kind, o, c) => [...svg.querySelectorAll(kind)].some((path) => {
      const point = Object.assign(svg.createSVGPoint(), { x: (c + 0.5) * px, y: (o + 0.5) * px });
      return path.isPointInFill(point);
    });
    const cells = (kind) => Array.from({ length: O }, (_, o) =>
      Array.from({ length: C }, (__, c) => Number(painted(kind, o, c))));
    return { layer: Number(node.dataset.layer), blocks: cells(".gw-block"), silent: cells(".gw-silent"),
      kernel: cells(".gw-kernel") };
  });
  return { columns: columns.map((all) => all.map(({ fate, on }) => [fate, Number(on)])), stages, matrices };
}
"""


def module_of(setting):
    """The layer and what follows it, in float64, as real modules."""
    first = nn.Conv2d(**{name: setting[name] for name in SPEC}, dtype=torch.float64)
    parts, channels = [first], setting["out_channels"]
    if setting["shuffle"]:
        parts.append(nn.ChannelShuffle(setting["groups"]))
    if setting["pointwise"]:
        rest = {"groups": setting["pointwise_groups"], "bias": setting["bias"], "dtype": torch.float64}
        parts.append(nn.Conv2d(channels, setting["pointwise"], 1, **rest))
    return nn.Sequential(*parts)


def refusal(setting):
    """PyTorch's own words, or None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "same" with an even kernel, a kernel without taps: meant here
        try:
            # nn.ChannelShuffle takes axis 1 for the channels: without a batch it would shuffle rows, or refuse them.
            batch = [1] if setting["shuffle"] and len(setting["shape"]) == 3 else []
            module_of(setting)(torch.zeros([*batch, *setting["shape"]], dtype=torch.float64))
        except (ValueError, RuntimeError) as error:
            return str(error)
    return None


def joined(part, channels):
    """Whether an output channel of a module moves with an input channel: bools (outputs, inputs), by autograd."""
    if isinstance(part, nn.Conv2d):  # of size 1 x 1: which channels are joined is the same
        part = nn.Conv2d(part.in_channels, part.out_channels, 1, groups=part.groups, dtype=torch.float64)
        nn.init.ones_(part.weight)
    input = torch.ones(1, channels, 1, 1, dtype=torch.float64, requires_grad=True)
    rows = [torch.autograd.grad(one.sum(), input, retain_graph=True)[0].ravel() for one in part(input)[0]]
    return torch.stack(rows).numpy() != 0


class WiringTruth:
    """The true number by role and index, and the true picture.

    Args:
        setting: a dict of all that is set, and ``shape``, the input's.
        muted: input channels that are muted.
        spot: (column, channel) or (layer, o, c), what is lit.
    """

    def __init__(self, setting, muted, spot):
        self.setting, self.muted, self.spot = setting, muted, spot
        self.module = module_of(setting)
        dense = {**{name: setting[name] for name in SPEC}, "groups": 1, "padding_mode": "zeros"}
        dense["out_channels"] = self.module[-1].out_channels if setting["pointwise"] else setting["out_channels"]
        convs = [part for part in self.module if isinstance(part, nn.Conv2d)]
        self.dense = nn.Conv2d(**{**dense, "padding_mode": setting["padding_mode"]}, dtype=torch.float64)
        self.layers = {**dict(enumerate(convs)), 2: self.dense}
        self.stages, channels = [], setting["in_channels"]
        for part in self.module:
            self.stages.append(joined(part, channels))
            channels = len(self.stages[-1])
        self.count = len(convs)
        told = torch.zeros(setting["shape"], dtype=torch.float64)
        self.outputs, self.multiply_adds = {}, {}
        for at, part in [*enumerate(convs), (2, self.dense)]:
            input = torch.zeros(setting["shape"], dtype=torch.float64) if at == 2 else told
            with FlopCounterMode(display=False) as counter, torch.no_grad():
                told = part(input)
            self.outputs[at], self.multiply_adds[at] = list(told.shape), counter.get_total_flops() // 2

    def parameters(self, at):
        return sum(one.numel() for one in self.layers[at].parameters())

    def factors(self, at):
        return [*self.outputs[at], *self.layers[at].weight.shape[1:]]

    def legal(self):
        most, bare = min(self.setting["in_channels"], self.setting["out_channels"]), {**self.setting, "pointwise": 0}
        return [groups for groups in range(1, most + 1) if refusal({**bare, "groups": groups}) is None]

    def value(self, role, index):
        """The true number; None where torch has no say."""
        setting, at, further = self.setting, (*index, 0)[0], (*index, 0, 0)[1]
        every = range(self.count)
        values = {
            **{name: lambda: setting[role] for name in ("in_channels", "out_channels", "groups", "pointwise")},
            "kernel_size": lambda: setting["kernel_size"][at],
            "size": lambda: setting["shape"][-2 + at],
            "legal": lambda: self.legal()[at],
            "multiplier": lambda: at,
            "pointwise-groups": lambda: (
                setting["pointwise_groups"] if setting["pointwise_groups"] > 1 else setting["groups"]
            ),
            "channel": lambda: further,
            "row": lambda: further and self.layers[at].out_channels - 1,
            "column": lambda: further and self.layers[at].in_channels - 1,
            "kernels": lambda: prod(self.layers[at].weight.shape[:2]),
            "dense-kernels": lambda: self.layers[at].out_channels * self.layers[at].in_channels,
            "weight": lambda: self.layers[at].weight.shape[further],
            "share-of": lambda: [self.layers[at].in_channels, self.layers[at].groups,
                                 self.layers[at].weight.shape[1]][further],
            "parameter-factor": lambda: [*self.layers[at].weight.shape, self.layers[at].out_channels][further],
            "mac-factor": lambda: self.factors(at)[further],
            "parameters": lambda: self.parameters(at),
            "dense-parameters": lambda: self.parameters(at),
            "macs": lambda: self.multiply_adds[at],
            "dense-macs": lambda: self.multiply_adds[at],
            "all-parameters": lambda: sum(map(self.parameters, every)),
            "all-macs": lambda: sum(self.multiply_adds[layer] for layer in every),
            "ratio": lambda: [self.parameters(2) / sum(map(self.parameters, every)),
                              self.multiply_adds[2] / sum(self.multiply_adds[layer] for layer in every)][at],
        }  # fmt: skip
        return values[role]()

    # The picture

    def fates(self):
        """A column after the other: 2 where only muted channels lead, 1 where one is among others, else 0."""
        gone = np.zeros(self.setting["in_channels"], bool)
        gone[self.muted] = True
        found, touched, left = [2 * gone], gone, ~gone
        for stage in self.stages:
            touched, left = (stage & touched).any(1), (stage & left).any(1)
            found.append(np.where(touched, 2 - left, 0))
        return found

    def lit(self):
        """A column after the other: whether the spot reaches it, or it the spot."""
        counts = [self.setting["in_channels"], *map(len, self.stages)]
        marks = [np.zeros(count, bool) for count in counts]
        if len(self.spot) == 3:
            layer, o, c = self.spot
            left = layer * (len(self.stages) - 1)
            marks[left][c] = marks[left + 1][o] = True
            return marks
        column, channel = self.spot
        marks[column][channel] = True
        for at in range(column, len(self.stages)):
            marks[at + 1] = (self.stages[at] & marks[at]).any(1)
        for at in range(column, 0, -1):
            marks[at - 1] = (self.stages[at - 1].T & marks[at]).any(1)
        return marks

    def picture(self):
        """What ``READ`` must find."""
        fates, lit = self.fates(), self.lit()
        found = {"columns": [np.stack(both, 1).tolist() for both in zip(fates, lit, strict=True)], "stages": []}
        for at, stage in enumerate(self.stages):
            every = [[a, b] for a in range(stage.shape[1]) for b in np.flatnonzero(stage[:, a]).tolist()]
            silent = [pair for pair in every if fates[at][pair[0]] == 2]
            own = [[a, b] for a, b in every if lit[at][a] and lit[at + 1][b]]
            found["stages"].append({"live": [pair for pair in every if pair not in silent], "dead": silent, "lit": own})
        found["matrices"] = []
        for layer in range(self.count):
            at = layer * (len(self.stages) - 1)
            kernel = np.zeros(self.stages[at].shape, int)
            if len(self.spot) == 3 and self.spot[0] == layer:
                kernel[self.spot[1], self.spot[2]] = 1
            silent = np.broadcast_to(fates[at] == 2, kernel.shape).astype(int)
            blocks = self.stages[at].astype(int)
            found["matrices"].append({"layer": layer, "blocks": blocks.tolist(), "silent": silent.tolist(),
                                      "kernel": kernel.tolist()})  # fmt: skip
        return found


def pictured(root):
    """The wires and blocks on the page, lines in order."""
    found = as_json(root, READ)
    for stage in found["stages"]:
        for lines in stage.values():
            lines.sort()
    return found


def faults(found, truth):
    """Everything drawn that is not what torch computes, and every text that hides its value; a sentence each."""
    wrong = []
    for number in found["numbers"]:
        role, index, value = number["role"], number["index"], number["value"]
        true = truth.value(role, index)
        if abs(true - value) > 1e-12 * abs(true):
            wrong.append(f"{role}{list(index)} is drawn as {value}; torch says {true}")
        fault = text_fault(number["text"].replace(",", ""), value)
        if fault:
            wrong.append(f"{role}{list(index)}: {fault}")
        if not number["shown"]:
            wrong.append(f"{role}{list(index)} cannot be seen")
    return wrong
