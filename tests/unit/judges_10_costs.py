"""Lesson 10 judged by torch: shapes, counts, what is refused and what is moved, from each page, by real layers."""

import contextlib
import re
from fractions import Fraction

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from tests.unit.judges_07 import NAMES, built, codes, learned, shape_of
from tests.unit.judges_10 import layer_of, wires


def batch_of(page):
    return torch.zeros(page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)"))


def multiply_adds(net, x):
    """Counted by torch where the convolution is called; it counts a multiplication and an addition as two."""
    with FlopCounterMode(display=False) as counter:
        net(x)
    return counter.get_total_flops() // 2


def grouped_weight(page):
    (code,) = re.findall(r"`conv = (nn[^`]*)`", page.prompt)
    return tuple(eval(code, NAMES).weight.shape)


depthwise_weight = grouped_weight


def multiplier_reads(page):
    (o,), layer = page.numbers(r"output channel (\d+) read"), layer_of(page)
    (K,) = page.numbers(r"with (\d+) outputs for each")
    assert layer.groups == layer.in_channels and layer.out_channels == K * layer.in_channels
    (c,) = wires(layer, layer.in_channels)[o]
    return c


def depthwise_call(page):
    C, K, kH, kW = page.numbers(r"of (\d+) input .* with (\d+) kernels of (\d+) x (\d+)")
    right = []
    for option in page.options:
        with contextlib.suppress(ValueError):
            layer = eval(option, NAMES)
            if layer.in_channels == C and layer.kernel_size == (kH, kW):
                read = wires(layer, C)
                own = all(len(each) == 1 for each in read) and all(read.count([c]) == K for c in range(C))
                right += [option] * own
    (option,) = right
    return option


def grouped_count(page):
    return learned(layer_of(page))


depthwise_count = grouped_count


def myth_fewer(page):
    layers = codes(page)
    if "holds" in page.prompt:
        return layers[0].weight.numel() == page.numbers(r"holds (\d+) numbers")[0]
    one, other = (it.weight.numel() for it in layers)
    return one < other if "fewer" in page.prompt else one == other


def myth_copies(page):
    (layer,) = codes(page)
    C_out, kernels = layer.weight.shape[:2]
    for pattern, value in ((r"gets (\d+)", len(wires(layer, layer.in_channels)[0])), (r"have (\d+)", C_out),
                           (r"has (\d+)", kernels)):  # fmt: skip
        if re.search(pattern, page.prompt):
            return page.numbers(pattern)[0] == value
    raise AssertionError(page.prompt)


def myth_depthwise(page):
    (code,) = re.findall(r"`(nn[^`]*)`", page.prompt)
    try:
        layer = eval(code, NAMES)
    except ValueError:
        return False
    kernels = layer.weight.flatten(0, 1)
    if "makes" in page.prompt:
        K, C = page.numbers(r"(\d+) maps of each of (\d+) channels")
        read = wires(layer, C)
        return all(len(each) == 1 for each in read) and all(read.count([c]) == K for c in range(C))
    if "holds" in page.prompt:
        return len(kernels) == page.numbers(r"holds (\d+) kernels")[0]
    return ("no two" in page.prompt) == (len(kernels.unique(dim=0)) == layer.out_channels)


def accepted(call, most):
    """The numbers of groups with which the call can be made."""
    found = []
    for groups in range(1, most + 1):
        with contextlib.suppress(ValueError):
            eval(call.replace("...", f"groups={groups}" if "groups=" not in call else f"{groups}"), NAMES)
            found.append(groups)
    return found


def call_of(page):
    (call,) = re.findall(r"`(nn\.Conv2d[^`]*)`", page.prompt)
    return call


def most_groups(page):
    return max(accepted(call_of(page), 99))


def legal_groups(page):
    legal = accepted(call_of(page), 99)
    return [option for option in page.options if int(option.removeprefix("groups=")) in legal]


def which_run(page):
    names, right = {**NAMES, "x": torch.ones(shape_of(page, "x"))}, []
    for option in page.options:
        with contextlib.suppress(ValueError, RuntimeError):
            eval(option, names)
            right.append(option)
    return right


def refusal(page):
    for line in re.findall(r"`(conv[^`]*)`", page.prompt):
        try:
            exec(line, dict(NAMES))
        except ValueError as error:
            return f"ValueError: {error}"
    raise AssertionError("nothing was refused")


def budget_groups(page):
    call, (budget,) = call_of(page), page.numbers(r"at most (\d+) parameters")
    layers = {groups: eval(call.replace("...", str(groups)), NAMES) for groups in accepted(call, 60)}
    return min(groups for groups, layer in layers.items() if learned(layer) <= budget)


def separable_count(page):
    return learned(built(page)["net"])


def separable_share(page):
    *two, dense = codes(page)
    x = torch.zeros(1, dense.in_channels, *page.numbers(r"pictures of (\d+) x (\d+)\."))
    share = Fraction(multiply_adds(nn.Sequential(*two), x), multiply_adds(dense, x))
    (option,) = (it for it in page.options if sum(Fraction(part) for part in it.split(" + ")) == share)
    return option


def separable_macs(page):
    return multiply_adds(built(page)["net"], batch_of(page))


def grouped_macs(page):
    return multiply_adds(layer_of(page), batch_of(page))


def moved(layer, x):
    return sum(it.numel() for it in (x, layer.weight, layer.bias, layer(x)))


def moved_numbers(page):
    return moved(layer_of(page), batch_of(page))


def divided_by_groups(page):
    """What is said of time is no matter of counts: that it is to be measured is right, any factor wrong."""
    dense, split = codes(page)
    x, g = torch.rand(1, dense.in_channels, 9, 11), split.groups
    weights = Fraction(split.weight.numel(), dense.weight.numel())
    work = Fraction(multiply_adds(split, x), multiply_adds(dense, x))
    biases, maps = (Fraction(len(a), len(b)) for a, b in ((split.bias, dense.bias), (split(x)[0], dense(x)[0])))
    holds = {
        f"the weights are divided by {g}": weights == Fraction(1, g),
        "the number of weights stays as it is": weights == 1,
        f"there are {g} times as many weights": weights == g,
        f"the multiply-adds are divided by {g}": work == Fraction(1, g),
        f"the multiply-adds are divided by {g} * {g}": work == Fraction(1, g * g),
        "the number of biases stays as it is": biases == 1,
        f"the biases are divided by {g}": biases == Fraction(1, g),
        "as many feature maps come out as before": maps == 1,
        f"the feature maps that come out are divided by {g}": maps == Fraction(1, g),
        f"the time for a picture is divided by {g}": False,
        "how the time changes has to be measured": True,
    }
    return [option for option in page.options if holds[option]]


def order_groups(page):
    counts = {code: learned(eval(code, NAMES)) for code in page.options}
    assert len(set(counts.values())) == 4
    return sorted(counts, key=counts.get)


def myth_time(page):
    """Both counts are compared: only the multiply-adds are divided by the groups."""
    (layer,), x = codes(page), batch_of(page)
    g, settings = layer.groups, (layer.in_channels, layer.out_channels, layer.kernel_size)
    dense = nn.Conv2d(*settings)
    assert multiply_adds(layer, x) * g == multiply_adds(dense, x) and moved(layer, x) * g > moved(dense, x)
    says_divided = re.search(r"reads and writes (half|a \w+) of|is divided by \d as well", page.prompt)
    says_not = re.search(r"reads and writes more than|is not divided by", page.prompt)
    assert bool(says_divided) != bool(says_not)
    return bool(says_not)
