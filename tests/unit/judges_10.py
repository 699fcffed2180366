"""Lesson 10 judged by torch: who reads whom, what goes dark, what a shuffle does, from each page, by real layers."""

import re

import torch
from torch import nn
from torch.nn import functional as F

from tests.unit.judges_07 import NAMES, built, codes, shape_of
from tests.unit.judges_08 import option_giving


def layer_of(page):
    (layer,) = (it for it in codes(page) if isinstance(it, nn.Conv2d))
    return layer


def wires(net, C_in):
    """For each output channel the input channels that it depends on: each is changed in turn; ReLUs are kept awake."""
    net.double().eval()
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d) and layer.bias is not None:
            nn.init.constant_(layer.bias, 99)
    inputs = torch.rand(1, C_in, 20, 24).double().repeat(C_in + 1, 1, 1, 1)
    for c in range(C_in):
        inputs[c, c] += torch.rand(20, 24)
    with torch.no_grad():
        outputs = net(inputs)
    changed = (outputs[:-1] - outputs[-1]).abs().amax((2, 3)) > 1e-9
    return [column.nonzero().flatten().tolist() for column in changed.T]


def of_layer(page):
    layer = layer_of(page)
    return wires(layer, layer.in_channels)


def of_net(page):
    net = built(page)["net"]
    return wires(net, net[0].in_channels)


def listed(text):
    """The channels that a text such as "3 to 5" or "0 and 2" names."""
    numbers = [int(it) for it in re.findall(r"\d+", text)]
    return list(range(numbers[0], numbers[1] + 1)) if " to " in text else numbers


def group_reads(page):
    (o,) = page.numbers(r"output channel (\d+) read")
    (option,) = (option for option in page.options if listed(option) == of_layer(page)[o])
    return option


def who_changes(page):
    (c,) = page.numbers(r"into input channel (\d+)\.")
    return sum(c in each for each in of_layer(page))


def block_cells(page):
    layer = layer_of(page)
    C_out, C_in, kH, kW = page.numbers(r"weight, \((\d+), (\d+), (\d+), (\d+)\)")
    assert (C_out, C_in) == (layer.out_channels, layer.in_channels) == tuple(page.options["shape"])
    assert (kH, kW) == layer.kernel_size
    # An input of one lit pixel brings out the weight of the dense layer, kernel by kernel.
    dense, found = torch.zeros(C_out, C_in, kH, kW), []
    for c in range(C_in):
        input = torch.zeros(1, C_in, 2 * kH - 1, 2 * kW - 1)
        input[0, c, kH - 1, kW - 1] = 1
        dense[:, c] = F.conv2d(input, layer.weight, groups=layer.groups)[0].flip(1, 2)
    x = torch.randn(1, C_in, 9, 11)
    assert torch.allclose(F.conv2d(x, dense, layer.bias), layer(x), atol=1e-5)
    for o, c in torch.ones(C_out, C_in).nonzero().tolist():
        found += [[o, c]] * bool(dense[o, c].any())
    return found


def myth_mixes(page):
    o, count, C_in = page.numbers(r"output channel (\d+) .* on (\d+) of the (\d+)")
    assert built(page)["net"][0].in_channels == C_in
    return len(of_net(page)[o]) == count


def muted_in(page, name):
    """(before, after): what the layer gives with and without the channels that the prompt mutes."""
    layer, channels = layer_of(page), listed(re.search(rf"{name} channels? ([\d, toand]+?) are muted", page.prompt)[1])
    x = torch.rand(1, layer.in_channels, 9, 11) + 0.1
    quiet = x.clone()
    quiet[0, channels] = 0
    return layer(x)[0], layer(quiet)[0]


def goes_dark(page):
    _, after = muted_in(page, "whose")
    assert page.options["shape"] == [1, len(after)]
    return [[0, o] for o in range(len(after)) if not after[o].any()]


def after_muting(page):
    before, after = muted_in(page, "the input")
    right = []
    for option in page.options:
        o, says = re.match(r"output channel (\d+) (.*)", option).groups()
        a, b = before[int(o)], after[int(o)]
        fate = {"is 0 everywhere": not b.any(), "stays as it was": a.equal(b)}
        right += [option] * bool(fate.get(says, bool(b.any()) and not a.equal(b)))
    return right


def grouped_value(page):
    layer, (o,) = layer_of(page).double(), page.numbers(r"output channel (\d+) get")
    with torch.no_grad():
        layer.weight.copy_(page.grid("weight")[:, :, None, None])
    (input,) = (block["values"][0] for block in page.blocks if block["role"] == "input")
    return layer(torch.tensor(input).double()[:, None, None])[o].item()


def as_a_cat(page):
    x, w = (torch.randn(eval(it)).double() for it in re.findall(r"shape (\([\d, ]+\))", page.prompt))
    (groups,) = page.numbers(r"groups=(\d)")
    return option_giving(page, {"x": x, "w": w}, F.conv2d(x, w, groups=groups))


def shuffled(g, x):
    """The shuffle by indices: no view, no transpose, and not torch's own layer."""
    each = x.shape[1] // g
    return torch.stack([x[:, (p % g) * each + p // g] for p in range(x.shape[1])], 1)


def shuffle_place(page):
    g, C, p = page.numbers(r"ChannelShuffle\((\d+)\).* has (\d+) channels.* is channel (\d+) of")
    x = torch.arange(float(C)).reshape(1, C, 1, 1)
    assert torch.equal(shuffled(g, x), nn.ChannelShuffle(g)(x))
    return int(nn.ChannelShuffle(g)(x)[0, p])


def shuffle_order(page):
    names = re.search(r"channels(?:, holding|:) (.*?)\. `", page.prompt)[1].split(", ")
    (g,) = page.numbers(r"ChannelShuffle\((\d+)\)")
    order = nn.ChannelShuffle(g)(torch.arange(float(len(names))).reshape(1, -1, 1, 1)).flatten().int().tolist()
    assert sorted(names) == sorted(page.options)
    return [names[c] for c in order]


def shuffle_code(page):
    x = torch.randn(shape_of(page, "x"))
    (layer,) = (it for it in codes_called(page))
    return option_giving(page, {"x": x}, layer(x))


def codes_called(page):
    """The layers of the prompt that are written with their call on x."""
    return [eval(code, NAMES) for code in re.findall(r"`(nn\.[^`]*)\(x\)`", page.prompt)]


def through_shuffle(page):
    (o,) = page.numbers(r"output channel (\d+) of")
    net = built(page)["net"]
    assert page.options["shape"] == [1, net[0].in_channels]
    return [[0, c] for c in of_net(page)[o]]


def what_mixes(page):
    first, second = codes(page)
    each, right = first.in_channels // first.groups, []
    for option in page.options:
        net = nn.Sequential(first, eval(option, NAMES), second)
        right += [option] * any(len(read) > each for read in wires(net, first.in_channels))
    return right
