"""Lesson 08 judged by torch: the three gradients and their sizes, from each page alone, by real layers and autograd."""

import json
import re

import torch
from torch import nn
from torch.nn import functional as F

from tests.unit.judges_07 import NAMES, codes, shape_of, true_false
from tests.unit.pages import grid


def asked(page):
    """What the prompt asks for: (the tensor, its index)."""
    name, index = re.findall(r"`((?:conv\.)?\w+)\.grad\[([\d, ]+)\]`", page.prompt)[0]
    return name.removeprefix("conv."), tuple(map(int, index.split(",")))


def blocks(page, role):
    """The figure's grids of one role, each as a tensor, stacked to one batch of one channel."""
    return torch.stack([grid(block["values"]) for block in page.blocks if block["role"] == role])[:, None]


def layer_of(page):
    (layer,) = (it for it in codes(page) if isinstance(it, nn.Conv2d))
    return layer.double()


def gradients(page, layer, input):
    """What backward() leaves in the input, the weight and the bias of a real layer."""
    kernels = [block for block in page.blocks if block["role"] == "weight"]
    if kernels:
        with torch.no_grad():
            layer.weight.copy_(page.grid("weight"))
    input = input.clone().requires_grad_()
    layer(input).backward(blocks(page, "gradient"))
    return {"input": input.grad, "weight": layer.weight.grad, "bias": layer.bias.grad}


def weight_gradient(page):
    name, index = asked(page)
    return gradients(page, layer_of(page), blocks(page, "input"))[name][index].item()


weight_batch = weight_gradient


def input_gradient(page):
    name, index = asked(page)
    H, W = page.numbers(r"input of (\d+) x (\d+)\.")
    return gradients(page, layer_of(page), torch.randn(1, 1, H, W).double())[name][index].item()


input_padded = input_gradient


def option_where(page, wanted):
    (option,) = (option for option in page.options if torch.equal(grid(json.loads(option)), wanted))
    return option


def one_at(page):
    """The place where grad_output is 1 is the one that the prompt names."""
    (found,) = blocks(page, "gradient")[0, 0].nonzero().tolist()
    assert tuple(found) == page.numbers(r"is 1 at place \((\d+), (\d+)\)") and blocks(page, "gradient").sum() == 1


def lone_weight(page):
    one_at(page)
    return option_where(page, gradients(page, layer_of(page), blocks(page, "input"))["weight"][0, 0])


def lone_input(page):
    one_at(page)
    H, W = page.numbers(r"input of (\d+) x (\d+)\.")
    return option_where(page, gradients(page, layer_of(page), torch.randn(1, 1, H, W).double())["input"][0, 0])


def bias_gradient(page):
    grad_output = blocks(page, "gradient")
    assert (len(grad_output),) == page.numbers(r"batch of (\d) pictures")
    conv = nn.Conv2d(1, 1, kernel_size=(1, 2)).double()
    N, _, h, w = grad_output.shape
    conv(torch.randn(N, 1, h, w + 1).double()).backward(grad_output)
    return round(conv.bias.grad.item(), 9)


def bias_of_sum(page):
    names = {**NAMES, "pictures": torch.randn(shape_of(page, "pictures"))}
    exec(page.code, names)
    (o,) = page.numbers(r"conv\.bias\.grad\[(\d+)\]")
    return round(names["conv"].bias.grad[o].item(), 3)


def ones_of(page):
    """The layer with weights of 1, and an input of the prompt's size that asks for a gradient."""
    layer = layer_of(page)
    nn.init.ones_(layer.weight)
    H, W = page.numbers(r"input is (\d+) x (\d+)")
    return layer, torch.zeros(1, 1, H, W).double().requires_grad_()


def pixel_feeds(page):
    layer, input = ones_of(page)
    r, c = page.numbers(r"input cell \((\d+), (\d+)\)")
    places = layer(input)[0, 0]
    assert tuple(places.shape) == page.numbers(r"the output is (\d+) x (\d+)") == tuple(page.options["shape"])
    fed = []
    for i, j in torch.ones_like(places).nonzero().tolist():
        (gradient,) = torch.autograd.grad(layer(input)[0, 0, i, j], input)
        fed += [[i, j]] * bool(gradient[0, 0, r, c])
    return fed


def pixel_counts(page):
    layer, input = ones_of(page)
    layer(input).sum().backward()
    return input.grad[0, 0][page.numbers(r"input cell \((\d+), (\d+)\)")].item()


def row_counts(page):
    layer, (length,) = layer_of(page), page.numbers(r"A row of (\d+) pixels")
    nn.init.ones_(layer.weight)
    row = torch.zeros(1, 1, 1, length).double().requires_grad_()
    layer(row).sum().backward()
    (option,) = (option for option in page.options if json.loads(option) == row.grad.flatten().tolist())
    return option


def there_and_back(page):
    names = {**NAMES, "x": blocks(page, "input"), "weight": blocks(page, "weight")}
    for line in re.findall(r"`([yz] = [^`]*)`", page.prompt):
        exec(line, names)
    return names["z"][page.numbers(r"`z\[(\d), (\d), (\d), (\d)\]`")].item()


def backward_of(layer, size):
    """(the input with its gradient, grad_output) of a layer on random numbers of this size."""
    input = torch.randn(2, layer.in_channels, *size).double().requires_grad_()
    output = layer(input)
    grad_output = torch.randn_like(output)
    output.backward(grad_output)
    return input, grad_output


def option_giving(page, names, wanted):
    """The one option, run as code, whose result is wanted; those that do not run are wrong."""
    right = []
    for option in page.options:
        try:
            result = eval(option, {**NAMES, **names})
        except RuntimeError:
            continue
        right += [option] if result.shape == wanted.shape and torch.allclose(result, wanted) else []
    (option,) = right
    return option


def weight_call(page):
    (layer,) = (it.double() for it in codes(page) if isinstance(it, nn.Conv2d))
    H, W, h, w = page.numbers(r"picture of (\d+) x (\d+); `grad_output` is (\d+) x (\d+)")
    input, grad_output = torch.randn(1, 1, H, W).double(), torch.randn(1, 1, h, w).double()
    layer(input).backward(grad_output)
    return option_giving(page, {"input": input, "grad_output": grad_output}, layer.weight.grad)


def input_call(page):
    (layer,) = (eval(code, NAMES).double() for code in re.findall(r"`conv = (nn[^`]*)`", page.prompt))
    input, grad_output = backward_of(layer, (13, 16))
    call, name = re.search(r"`(F\.conv2d\(.*?\))` is .* What is `(\w+)`", page.prompt).groups()
    right = []
    for option in page.options:
        names = {**NAMES, "weight": layer.weight, "grad_output": grad_output}
        names[name] = eval(option, names)
        try:
            result = eval(call, names)
        except RuntimeError:
            continue
        right += [option] if result.shape == input.shape and torch.allclose(result, input.grad) else []
    (option,) = right
    return option


def myth_as_it_is(page):
    (layer,) = (it.double() for it in codes(page))
    places = page.numbers(r"output of (\d+) x (\d+)")
    axes = zip(places, layer.kernel_size, layer.stride, strict=True)
    input, grad_output = backward_of(layer, [(n - 1) * s + k for n, k, s in axes])
    assert tuple(grad_output.shape[2:]) == places
    (call,) = re.findall(r"`(F\.conv.*)`\.$", page.prompt)
    result = eval(call, {**NAMES, "weight": layer.weight, "grad_output": grad_output})
    return torch.allclose(result, input.grad)


def full_padding(page):
    """Every padding is tried: one gives the gradient of the input."""
    layer = layer_of(page)
    input, grad_output = backward_of(layer, (34, 39))
    turned, found = layer.weight.flip(2, 3).transpose(0, 1), []
    for pair in ((a, b) for a in range(16) for b in range(16)):
        result = F.conv2d(grad_output, turned, padding=pair, dilation=layer.dilation)
        found += [pair] if result.shape == input.shape and torch.allclose(result, input.grad) else []
    (pair,) = found
    return pair


def spread_size(page):
    """grad_output with zeros, built and slid over until the gradient of the input comes out."""
    layer = layer_of(page)
    h, w, H, W = page.numbers(r"made (\d+) x (\d+) of (\d+) x (\d+)\.")
    input, grad_output = backward_of(layer, (H, W))
    assert tuple(grad_output.shape[2:]) == (h, w)
    (sH, sW), found = layer.stride, []
    apart = torch.zeros(2, 1, (h - 1) * sH + 1, (w - 1) * sW + 1).double()
    apart[:, :, ::sH, ::sW] = grad_output
    for rows, columns in ((a, b) for a in range(6) for b in range(6)):
        spread = F.pad(apart, (columns, columns, rows, rows))
        if min(a - k for a, k in zip(spread.shape[2:], layer.kernel_size, strict=True)) < 0:
            continue
        result = F.conv2d(spread, layer.weight.flip(2, 3))
        fits = result.shape == input.shape and torch.allclose(result, input.grad)
        found += [tuple(spread.shape[2:])] if fits else []
    (size,) = found
    return size


def transpose_size(page):
    (layer,) = codes(page)
    assert isinstance(layer, nn.ConvTranspose2d)
    return tuple(layer(torch.zeros(page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)"))).shape)


def output_padding(page):
    first, second = re.findall(r"`(nn\.Conv[^`]*)`", page.prompt)
    x = torch.zeros(1, 3, *page.numbers(r"gets (\d+) x (\d+)\."))
    y, found = eval(first, NAMES)(x), []
    for pair in ((a, b) for a in range(4) for b in range(4)):
        layer = eval(second.replace("...", str(pair)), NAMES)
        try:
            found += [pair] if layer(y).shape == x.shape else []
        except RuntimeError:  # an output_padding must be smaller than the stride
            continue
    (pair,) = found
    return pair


def myth_undo(page):
    names = dict(NAMES)
    shapes = re.findall(r"in the shape (\([\d, ]+\))", page.prompt)
    names["x"], names["weight"] = (torch.randn(eval(shape)).double() for shape in shapes)
    for line in re.findall(r"`([yz] = [^`]*)`", page.prompt):
        exec(line, names)
    x, z = names["x"], names["z"]
    if "has the shape" in page.prompt:
        return x.shape == z.shape
    return true_false(page, torch.allclose(x, z), "other numbers than")


def grad_shape(page):
    (layer,) = (eval(code, NAMES) for code in re.findall(r"`conv = (nn[^`]*)`", page.prompt))
    layer(torch.randn(page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)"))).square().mean().backward()
    return tuple(layer.weight.grad.shape)
