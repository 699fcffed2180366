"""Lesson 06 judged by torch: the answer to each question from its page alone, by real layers and real gradients."""

import contextlib
import copy
import math
import re

import torch
from torch import nn
from torch.nn import functional as F

from convlab.samples import gabor, gabor_bank
from tests.unit.pages import grid, layer_in, layers_in

NAMES = {"nn": nn, "torch": torch, "F": F, "copy": copy, "math": math, "gabor": gabor, "gabor_bank": gabor_bank}


def shape_in(page):
    (shape,) = re.findall(r"input of shape (\(\d[\d, ]*\))", page.prompt)
    return eval(shape)


def planes(page, role):
    """The blocks of a role, channel by channel."""
    found = [block for block in page.blocks if block["role"] == role]
    assert [int(block["title"].split(" ")[-4].strip(":")) for block in found] == list(range(len(found)))
    return torch.stack([grid(block["values"]) for block in found])


def computed(page):
    """The output cell of a layer whose kernels are drawn."""
    conv, (i, j) = layer_in(page), page.place()
    with torch.no_grad():
        conv.weight.copy_(planes(page, "weight")[None])
        conv.bias.fill_(page.numbers(r"the bias (?:is )?(-?\d+)")[0])
    return conv(planes(page, "input")[None])[0, 0, i, j].item()


channel_sum = pixel_value = computed


def output_channels(page):
    return tuple(layer_in(page)(torch.zeros(shape_in(page)).double()).shape)


def missing_channel(page):
    """The channel's number is the only unknown of a line, so two points of it tell which number fits."""
    (bias,), (output,) = page.numbers(r"the bias (-?\d+)"), page.numbers(r"there is (-?\d+)")
    known = dict(re.findall(r"(-?\d+) on channel (\d)", page.prompt))
    (c,) = page.numbers(r"for channel (\d) give")
    conv = nn.Conv2d(3, 1, kernel_size=1).double()
    with torch.no_grad():
        conv.weight.fill_(1)
        conv.bias.fill_(bias)

    def at(number):
        sums = [0.0] * 3
        for value, channel in known.items():
            sums[int(channel)] = float(value)
        sums[c] = float(number)
        return conv(torch.tensor(sums).double().reshape(1, 3, 1, 1)).item()

    assert at(1) - at(0) == 1
    return output - at(0)


def layer_named(page):
    """The layer of a prompt that gives it a name."""
    (code,) = re.findall(r"`layer = (nn\.Conv2d\([^`]*\))`", page.prompt)
    return eval(code, {"nn": nn}).double()


def muted_channel(page):
    layer, (c,) = layer_named(page), page.numbers(r"whose channel (\d) is black")
    input = torch.rand(1, layer.in_channels, 9, 11).double()
    input[:, c] = 0
    layer(input).sum().backward()
    assert list(layer.weight.shape[:2]) == page.options["shape"]
    return (layer.weight.grad.abs().sum((2, 3)) == 0).nonzero().tolist()


def bias_grows(page):
    layer, (o,), (by,) = layer_named(page), page.numbers(r"layer\.bias\[(\d)\]"), page.numbers(r"larger by (\d+)")
    input = torch.rand(1, layer.in_channels, 9, 11).double()
    before = layer(input).detach()
    with torch.no_grad():
        layer.bias[o] += by
    gain = (layer(input).detach() - before).round()[0]
    assert (gain[o] == by).all() and gain.sum() == by * gain[o].numel()
    (option,) = (it for it in page.options if it == f"each cell of feature map {o} by {by}, no other cell")
    return option


def learned(layer):
    return sum(parameter.numel() for parameter in layer.parameters())


def count_parameters(page):
    layer = layer_named(page)
    layer(torch.zeros(shape_in(page)).double())
    return learned(layer)


def one_filter_more(page):
    old, new = (eval(code, {"nn": nn}) for code in layers_in(page.prompt))
    return learned(new) - learned(old)


def order_counts(page):
    count = {code: learned(eval(code, {"nn": nn})) for code in page.options}
    assert len(set(count.values())) == 4
    return sorted(count, key=count.get)


def what_counts(page):
    base = layer_in(page)
    settings = {"in_channels": base.in_channels, "out_channels": base.out_channels, "kernel_size": base.kernel_size}

    def changes(option):
        if "pictures" in option:
            N = int(re.findall(r"of (\d+)", option)[0]) if "batch" in option else 1
            H, W = re.findall(r"of (\d+) x (\d+),", option)[0] if "batch" not in option else (30, 40)
            base(torch.zeros(N, base.in_channels, int(H), int(W)).double())
            return False  # it has run through the same layer
        return learned(nn.Conv2d(**{**settings, **eval(f"dict({option})")})) != learned(base)

    return [option for option in page.options if changes(option)]


def myth_one_by_one(page):
    layer, (c, i, j) = layer_in(page), page.numbers(r"in channel (\d), at pixel \((\d+), (\d+)\)")
    input = torch.rand(1, layer.in_channels, 45, 45).double()
    before = layer(input)
    input[0, c, i, j] += 1
    changed = (layer(input) - before).abs() > 1e-9
    assert not changed.any(1)[0].fill_diagonal_(False).sum() > 1
    every = bool(changed[0, :, i, j].all())
    return every if "every feature map" in page.prompt else not every


def per_pixel_linear(page):
    (code,) = re.findall(r"`conv = (nn\.Conv2d\([^`]*\))`", page.prompt)
    (shape,) = re.findall(r"has the shape (\([\d, ]+\))", page.prompt)
    (made,) = re.findall(r"`linear = (nn\.Linear\([^`]*\))`", page.prompt)
    conv, linear, input = eval(code, NAMES), eval(made, NAMES), torch.rand(eval(shape))
    with torch.no_grad():
        linear.weight.copy_(conv.weight[:, :, 0, 0])
        linear.bias.copy_(conv.bias)
    names, wanted, right = {"conv": conv, "linear": linear, "input": input}, conv(input), []
    for option in page.options:
        with contextlib.suppress(RuntimeError):
            output = eval(option, names)
            right += [option] if output.shape == wanted.shape and torch.allclose(output, wanted, atol=1e-5) else []
    (answer,) = right
    return answer


def colour_to_grey(page):
    (name, old), (grey, new) = re.findall(r"`(\w+)`, an `(nn\.Conv2d\([^`]*\))`", page.prompt)
    assert grey == "grey"
    picture, right = torch.rand(1, 1, 9, 11), []
    for option in page.options:
        names = {**NAMES, name: eval(old, NAMES), grey: eval(new, NAMES)}
        wanted = names[name](picture.expand(1, 3, 9, 11))
        with torch.no_grad():
            names[grey].bias.copy_(names[name].bias)
            exec(option, names)
        right += [option] if torch.allclose(names[grey](picture), wanted, atol=1e-5) else []
    (answer,) = right
    return answer


def named_layer(page):
    (found,) = re.findall(r"`(\w+) = (nn\.Conv2d\([^`]*\))`", page.prompt)
    return found


def set_weight(page):
    (name, code), (numbers,) = named_layer(page), re.findall(r"`(\w+)` has the shape of the weight", page.prompt)
    right = []
    for option in page.options:
        names = {**NAMES, name: eval(code, NAMES)}
        layer, parameter = names[name], names[name].weight
        names[numbers] = torch.rand(parameter.shape)
        optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
        with contextlib.suppress(TypeError, RuntimeError):
            exec(option, names)
            held = optimizer.param_groups[0]["params"]
            right += [option] if layer.weight.equal(names[numbers]) and any(it is layer.weight for it in held) else []
    (answer,) = right
    return answer


def weight_errors(page):
    (name, code), (larger,) = named_layer(page), re.findall(r"one of shape (\([\d, ]+\))", page.prompt)
    raised = []
    for option in page.options:
        names = {**NAMES, name: eval(code, NAMES), "larger": torch.rand(eval(larger))}
        names["numbers"] = torch.rand(names[name].weight.shape)
        try:
            exec(option, names)
        except (TypeError, RuntimeError):
            raised.append(option)
    return raised


def data_shape(page):
    names = dict(NAMES)
    exec(page.code, names)
    return tuple(names["conv"](torch.zeros(shape_in(page))).shape)


def shared_weight(page):
    first, second = re.match(r"`(\w+)` and `(\w+)` are two layers", page.prompt).groups()
    (code,) = layers_in(page.prompt)
    follows = []
    for option in page.options:
        names = {**NAMES, first: eval(code, NAMES), second: eval(code, NAMES)}
        exec(option, names)
        with torch.no_grad():
            names[first].weight.zero_()
        follows += [] if names[second].weight.any() else [option]
    return follows


def tied_count(page):
    names = dict(NAMES)
    exec(page.code, names)
    return names["count"]


def still_trained(page):
    before, after = page.code.split("...", 1)
    after = after.partition("\n")[2]
    name = re.match(r"(\w+) = ", page.code)[1]
    changed = []
    for option in page.options:
        names = dict(NAMES)
        exec(before, names)
        layer = names[name]
        names["numbers"] = torch.rand(layer.weight.shape)
        names["input"] = torch.rand(1, layer.in_channels, 9, 11)
        exec(option, names)
        old = layer.weight.detach().clone()
        exec(after, names)
        changed += [] if layer.weight.equal(old) else [option]
    return changed


def gabor_expression(page):
    (wanted, wave) = re.search(r"direction of `(\w+)`, a wave of (\d) pixels", page.prompt).groups()
    names = {**NAMES, "theta": 0.0, "pi": math.pi}
    exec(page.code, names)
    (kH, kW), turned = names["envelope"].shape, 0.0 if wanted == "along" else math.pi / 2
    true = gabor((kH, kW), wavelength=int(wave), theta=turned, sigma=2.5, gamma=1.0)
    (option,) = (it for it in page.options if abs(eval(it, names).numpy() - true).max() < 1e-5)
    return option


def orientations(page):
    names = dict(NAMES)
    exec(page.code, names)
    different = []
    for kernel in names["bank"]:
        if all(abs(kernel - other).max() > 1e-6 for other in different):
            different.append(kernel)
    (count,) = page.numbers(r"has (\d+) entries")
    assert count == len(names["bank"])
    return len(different)


def bank_claims(page):
    names = dict(NAMES)
    exec(page.code, names)
    bank = names["bank"]
    layer = nn.Conv2d(1, len(bank), tuple(bank.shape[2:]))
    with torch.no_grad():
        layer.weight.copy_(bank)
    layer(torch.rand(1, 1, 20, 24)).square().sum().backward()
    torch.optim.SGD(layer.parameters(), lr=0.1).step()
    same = torch.allclose(bank.rot90(2, (2, 3)), bank, atol=1e-6)
    corners = bank[:, 0][:, [0, 0, -1, -1], [0, -1, 0, -1]].abs().amax(1)
    weaker = bool((corners < bank[:, 0, bank.shape[2] // 2, bank.shape[3] // 2].abs()).all())
    holds = {
        "turned by 180 degrees, each kernel is what it was": same,
        "turned by 180 degrees, each kernel is another one": not same,
        "all weights are positive": bool((bank > 0).all()),
        "some weights are negative": bool((bank < 0).any()),
        "the corners are as strong as the middle": not weaker,
        "the corners are weaker than the middle": weaker,
        f"as the weight of F.conv2d, an optimizer trains the {len(bank)} kernels": bank.requires_grad,
        f"as the weight of F.conv2d, the {len(bank)} kernels stay as they are": not bank.requires_grad,
        "copied into a layer, they are changed by training": not layer.weight.equal(bank),
        "copied into a layer, they stay as they are in training": layer.weight.equal(bank),
    }
    return [option for option in page.options if holds[option]]
