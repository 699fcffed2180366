"""Lesson 05 judged by torch: the answer to each question from its page alone, by real layers."""

import re
import warnings

import torch
from torch import nn
from torch.nn import functional as F

from tests.unit.judges_04 import keeps, option_that, run_code
from tests.unit.pages import layer_in, with_ones

dilated_size = run_code


def gradient(net, size, place):
    """Which pixels of a picture one unit reads, all weights being positive."""
    picture = torch.zeros(1, 1, *size).double().requires_grad_()
    units = net(picture)[0, 0]
    assert 0 <= place[0] < units.shape[0] and 0 <= place[1] < units.shape[1]
    units[place].backward()
    return picture.grad[0, 0] != 0


def box_by_nan(net, size, place):
    """(first row, first column), (rows, columns): a row or column of NaN is seen through a maximum too."""
    (H, W), found = size, []
    picture = torch.zeros(H + W, 1, H, W).double()
    for line in range(H):
        picture[line, :, line] = torch.nan
    for line in range(W):
        picture[H + line, :, :, line] = torch.nan
    seen = net(picture)[(slice(None), 0, *place)].isnan()
    for part in (seen[:H], seen[H:]):
        lines = part.nonzero().flatten()
        found.append((int(lines.min()), int(lines.max() - lines.min()) + 1))
    return tuple(zip(*found, strict=True))


def network(page):
    """The stack of the figure, with weights of 1 and no bias, so that nothing cancels."""
    names = {"nn": nn}
    exec(page.code, names)
    for layer in names["net"]:
        if isinstance(layer, nn.Conv2d):
            with_ones(layer)
    return names["net"].double()


def box(found):
    cells = found.nonzero()
    return (cells.max(0).values - cells.min(0).values + 1).tolist()


def dilated_window(page):
    H, W = page.numbers(r"input is (\d+) x (\d+)")
    assert page.options["shape"] == [H, W]
    return gradient(with_ones(layer_in(page)), (H, W), page.place()).nonzero().tolist()


def extent(page):
    (noun,) = re.findall(r"how many (rows|columns)", page.prompt)
    return box(gradient(with_ones(layer_in(page)), (40, 41), (0, 0)))[noun == "columns"]


def dilated_padding(page):
    (code,) = re.findall(r"`(nn\.Conv2d\(.*\.\.\.\))`", page.prompt)
    H, W = page.numbers(r"input of (\d+) x (\d+)")
    return option_that(page, lambda option: keeps(code.replace("padding=...", option), H, W))


def dilated_same(page):
    H, W = page.numbers(r"input of (\d+) x (\d+)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch tells that "same" with an even kernel may copy the input
        return [option for option in page.options if keeps(f"nn.Conv2d(3, 8, {option})", H, W)]


def field(page):
    return gradient(network(page), (78, 79), (2, 3))


def field_two(page):
    return tuple(box(field(page)))


field_dilated = field_two


def along(page, numbers):
    (noun,) = re.findall(r"[Hh]ow many (rows|columns)", page.prompt)
    return numbers[noun == "columns"]


def field_pooled(page):
    return along(page, box_by_nan(network(page), (60, 64), (1, 2))[1])


def field_jump(page):
    net, size = network(page), (96, 98)
    below = "below each other" in page.prompt
    assert below != ("side by side" in page.prompt)
    places = (0, 0), (int(below), int(not below))
    one, other = (box_by_nan(net, size, place)[0] for place in places)
    return along(page, [second - first for first, second in zip(one, other, strict=True)])


def field_cells(page):
    size = page.numbers(r"picture of (\d+) x (\d+)")
    assert page.options["shape"] == list(size)
    found = gradient(network(page), size, page.numbers(r"unit \((\d+), (\d+)\)"))
    return found.nonzero().tolist()


field_holes = field_cells


def rows_read(page):
    found = field(page)
    (claimed,) = page.numbers(r"field (\d+) rows high")
    assert box(found)[0] == claimed
    return len(set(found.nonzero()[:, 0].tolist()))


def which_weighs(page):
    first, second = (eval(code, {"nn": nn}) for code in re.findall(r"`(nn\.Conv2d\([^`]*\))`", page.prompt))
    nn.init.ones_(first.weight)
    nn.init.ones_(second.weight)
    row = torch.zeros(1, 1, 1, first.kernel_size[1] + second.kernel_size[1] - 1, requires_grad=True)
    second(first(row)).sum().backward()
    return option_that(page, lambda option: eval(option) == row.grad.flatten().tolist())


LAYERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


def stack_in(text, channels=1):
    """The layers that an option or a sentence speaks of."""
    count, kH, kW = re.search(r"(\w+) layers?,? (?:with a )?kernel (?:of )?(\d+) x (\d+)", text, re.I).groups()
    spread = re.search(r"dilation (\d+)", text)
    size, dilation = (int(kH), int(kW)), int(spread[1]) if spread else 1
    layers = [nn.Conv2d(channels, channels, size, dilation=dilation, bias=False) for _ in range(LAYERS[count.lower()])]
    return nn.Sequential(*layers)


def weights(net):
    return sum(parameter.numel() for parameter in net.parameters())


def order_weights(page):
    seen = page.numbers(r"field of (\d+) x (\d+)")
    for option in page.options:
        net = stack_in(option).double()
        for layer in net:
            nn.init.ones_(layer.weight)
        picture = torch.rand(1, 1, *seen).double().requires_grad_()
        net(picture).sum().backward()  # one unit is left, and it sees the corners
        assert net(picture).numel() == 1 and picture.grad[0, 0, 0, 0] and picture.grad[0, 0, -1, -1]
    return sorted(page.options, key=lambda option: weights(stack_in(option)))


def myth_cost(page):
    (C,) = page.numbers(r"With (\d+) channels")
    H, W = page.numbers(r"as far as one with (\d+) x (\d+)")
    small = stack_in(page.prompt, C)
    large = nn.Conv2d(C, C, (H, W), bias=False)
    assert small(torch.zeros(1, C, H, W)).shape[2:] == (1, 1)
    fewer = weights(small) < large.weight.numel()
    assert ("fewer weights" in page.prompt) != ("more weights" in page.prompt)
    return fewer == ("fewer weights" in page.prompt)


def myth_middle(page):
    kH, kW = page.numbers(r"kernel_size=\((\d+), (\d+)\)")
    ones = torch.ones(1, 1, kH, kW).double()
    picture = torch.zeros(1, 1, 2 * kH - 1, 2 * kW - 1).double().requires_grad_()
    F.conv2d(F.conv2d(picture, ones), ones).sum().backward()
    middle, corner = picture.grad[0, 0, kH - 1, kW - 1], picture.grad[0, 0, 0, 0]
    times = re.search(r"counts (\d+) times as much as", page.prompt)
    return bool(middle == (int(times[1]) if times else 1) * corner)


def fair_answer(page):
    input = page.grid("input")[None, None]
    (block,) = (block for block in page.blocks if block["role"] == "weight")
    weight = torch.tensor(block["values"]).double()[None, None]
    return round(F.conv2d(input, weight / weight.abs().sum()).item(), 9)


def myth_strong(page):
    step, *numbers = page.numbers(
        r"above by (\d+), the one of (\d+) x (\d+) answers (\d+) and the one of (\d+) x (\d+) answers (\d+)"
    )
    fair = []
    for kH, kW, answer in (numbers[:3], numbers[3:]):
        weight, edge = torch.zeros(1, 1, kH, kW), torch.zeros(1, 1, kH, kW)
        weight[..., : kH // 2, :], weight[..., kH // 2 + 1 :, :] = 1, -1
        edge[..., : kH // 2 + 1, :] = step
        assert F.conv2d(edge, weight).item() == answer
        fair.append(F.conv2d(edge, weight / weight.abs().sum()).item())
    alike = abs(fair[0] - fair[1]) < 1e-5
    return alike if "each answers the same" in page.prompt else not alike
