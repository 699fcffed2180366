"""Lesson 04 judged by torch: the answer to each question from its page alone, by real layers."""

import contextlib
import re
from itertools import permutations

import torch
from torch import nn
from torch.nn import functional as F

from tests.unit.pages import layer_in, with_ones


def shape_in(page):
    (shape,) = re.findall(r"shapes? (\(\d[\d, ]*\))", page.prompt.replace("and `weight` the shape", ""))
    return eval(shape)


def size_in(page):
    """The first H x W of the prompt."""
    return page.numbers(r"(\d+) x (\d+)")


def option_that(page, holds):
    (option,) = (option for option in page.options if holds(option))
    return option


def run_code(page):
    names = {"nn": nn, "input": torch.zeros(shape_in(page))}
    exec(page.code, names)
    return tuple(names["output"].shape)


output_size = stack = run_code


def padded_size(page):
    conv = layer_in(page)
    return tuple(F.pad(torch.zeros(shape_in(page)), conv._reversed_padding_repeated_twice).shape)


def pad_first(page):
    pads = page.numbers(r"F\.pad\(input, \((\d), (\d), (\d), (\d)\)\)")
    conv, input = nn.Conv2d(1, 1, kernel_size=(3, 2)).double(), torch.randn(1, 1, 11, 15).double()
    wanted = conv(F.pad(input, pads))

    def same(option):
        output = F.conv2d(input, conv.weight, conv.bias, padding=eval(option.removeprefix("padding=")))
        return output.shape == wanted.shape and torch.allclose(output, wanted)

    return option_that(page, same)


def frame_value(page):
    settings = eval(f"dict({re.search('`(padding=[^`]*)`', page.prompt)[1]})")
    (mode,) = re.findall(r"padding_mode='(\w+)'", page.prompt)
    conv = nn.Conv2d(1, 1, kernel_size=1, bias=False, padding_mode=mode, **settings).double()
    with torch.no_grad():
        conv.weight.fill_(1)  # a 1 x 1 kernel of 1 copies its padded input
    padded = conv(page.grid("input")[None, None])[0, 0]
    assert tuple(padded.shape) == page.numbers(r"padded to (\d+) x (\d+)")
    return padded[page.numbers(r"row (\d+), column (\d+)")].item()


def reflect_limit(page):
    def runs(p):
        try:
            layer_in(page, p=p)(torch.zeros(shape_in(page)).double())
        except RuntimeError:
            return False
        return True

    return max(p for p in range(40) if runs(p))


def corner_value(page):
    conv = layer_in(page)
    with torch.no_grad():
        conv.weight.copy_(page.grid("weight")[None, None])
        conv.bias.fill_(page.numbers(r"the bias (-?\d+)")[0])
    return conv(page.grid("input")[None, None])[0, 0, 0, 0].item()


def keeps(code, H, W):
    return eval(code, {"nn": nn})(torch.zeros(1, 3, H, W)).shape[2:] == (H, W)


def keeps_size(page):
    (code,) = re.findall(r"`(nn\.Conv2d\(.*\.\.\.\))`", page.prompt)
    H, W = page.numbers(r"input of (\d+) x (\d+)")
    return option_that(page, lambda option: keeps(code.replace("padding=...", option), H, W))


def which_keep(page):
    H, W = page.numbers(r"input of (\d+) x (\d+)")
    return [option for option in page.options if keeps(f"nn.Conv2d(3, 8, {option})", H, W)]


def even_kernel(page):
    conv = layer_in(page)
    H, W = conv(torch.zeros(1, 1, *size_in(page)).double()).shape[2:]
    return option_that(page, lambda option: option == f"the output is {H} x {W}")


def halve(page):
    H, W, *wanted = page.numbers(r"turn (\d+) x (\d+) into exactly (\d+) x (\d+)")
    assert wanted == [H / 2, W / 2]
    (code,) = re.findall(r"`(nn\.Conv2d\(.*\.\.\.\))`", page.prompt)

    def halves(option):
        try:
            conv = eval(code.replace("...", option), {"nn": nn})
        except ValueError:
            return False
        return list(conv(torch.zeros(1, 3, H, W)).shape[2:]) == wanted

    return option_that(page, halves)


def same_stride(page):
    try:
        layer_in(page)
    except ValueError:
        return "refuses" in page.prompt
    return "refuses" not in page.prompt


def padding_or_stride(page):
    H, W = page.numbers(r"input of (\d+) x (\d+)")
    claimed = page.numbers(r"gives (\d+) x (\d+)")
    return tuple(layer_in(page)(torch.zeros(1, 3, H, W).double()).shape[2:]) == claimed


def big_padding(page):
    shape = shape_in(page)
    H, W = layer_in(page)(torch.zeros(shape).double()).shape[2:]
    word = {(True, True): "larger", (False, False): "smaller"}[H > shape[2], W > shape[3]]
    return option_that(page, lambda option: option == f"it runs: the output is {H} x {W}, {word} than the input")


def does_it_run(page):
    shapes = [eval(shape) for shape in re.findall(r"shape (\([\d, ]+\))", page.prompt)]
    names = {"nn": nn, "F": F, "input": torch.zeros(shapes[0]), "weight": torch.zeros(shapes[1])}

    def runs(line):
        try:
            eval(line, names)
        except (ValueError, TypeError, RuntimeError):
            return False
        return True

    return [option for option in page.options if runs(option)]


def gradient(page, place=None):
    """The gradient of the sum of the output, or of one cell of it, at every input cell."""
    conv = with_ones(layer_in(page))
    input = torch.ones(1, 1, *page.numbers(r"input is (\d+) x (\d+)")).double().requires_grad_()
    output = conv(input)[0, 0]
    (output.sum() if place is None else output[place]).backward()
    assert list(input.shape[2:]) == page.options["shape"]
    return input.grad[0, 0]


def strided_window(page):
    return gradient(page, page.place()).nonzero().tolist()


def unread_cells(page):
    return (gradient(page) == 0).nonzero().tolist()


def padding_only(page):
    conv = with_ones(layer_in(page))
    output = conv(torch.ones(1, 1, *page.numbers(r"input is (\d+) x (\d+)")).double())[0, 0]
    assert list(output.shape) == page.options["shape"] == list(page.numbers(r"output is (\d+) x (\d+)"))
    return (output == 0).nonzero().tolist()


def stride_skips(page):
    input, weight = page.grid("input")[None, None], page.grid("weight")[None, None]
    assert torch.equal(F.conv2d(input, weight)[0, 0], page.grid("output"))
    wanted = F.conv2d(input, weight, stride=2)[0, 0].long().tolist()
    return option_that(page, lambda option: eval(option) == wanted)


def formula_order(page):
    H, kH, stride, padding = page.numbers(r"input of (\d+) rows, a kernel (\d+) high, stride (\d+), padding (\d+)")
    wanted = nn.Conv2d(1, 1, (kH, 2), stride, padding)(torch.zeros(1, 1, H, H + 7)).shape[2]
    right = []
    for lines in permutations(page.options):
        names = {}
        with contextlib.suppress(NameError):  # n is used before it is there
            exec("\n".join(lines), names)
            right += [list(lines)] if names["n"] == wanted else []
    (order,) = right
    return order


def which_lengths(page):
    (wanted,) = page.numbers(r"output of (\d+) (?:rows|columns)")
    conv, axis = layer_in(page), 2 + ("columns" in page.prompt)

    def fits(option):
        size = [30, 30]
        size[axis - 2] = int(option[len("H = ") :])
        return conv(torch.zeros(1, 1, *size).double()).shape[axis] == wanted

    assert ("every width W" in page.prompt) == (axis == 3)
    return sorted(filter(fits, page.options), key=lambda option: int(option[4:]))


def linear_in(page):
    names = {"nn": nn}
    exec(page.code.replace("    nn.Linear(..., 10),\n", ""), names)
    features = names["net"](torch.zeros(shape_in(page))).shape[1]
    return option_that(page, lambda option: eval(option) == features)


def flatten_size(page):
    names = {"nn": nn}
    exec(page.code, names)
    return names["net"](torch.zeros(1, 1, *size_in(page))).shape[1]
