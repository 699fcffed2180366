"""Lesson 08 judged by torch: what keeps a gradient, steps of training and checks, from each page alone."""

import copy
import re
import warnings
from itertools import permutations

import torch
from torch import nn
from torch.nn import functional as F

from tests.unit.judges_07 import NAMES, true_false
from tests.unit.judges_08 import blocks


def layer_named(page, name="conv"):
    (code,) = re.findall(rf"`{name} = (nn\.Conv2d\([^`]*\))`", page.prompt)
    return eval(code, NAMES)


def shown_shape(page, before="shape"):
    return page.numbers(rf"{before} \((\d+), (\d+), (\d+), (\d+)\)")


def who_has_grad(page):
    names = dict(NAMES)
    exec(page.code, names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns who looks for .grad where none is kept
        return [option for option in page.options if eval(option, names).grad is not None]


def stops_here(page):
    layer, right = layer_named(page), []
    for line in page.options:
        layer.zero_grad()
        names = {**NAMES, "h": layer(torch.randn(shown_shape(page)))}
        exec(line, names)
        try:
            names["r"].sum().backward()
        except RuntimeError:  # nothing in the loss requires a gradient
            continue
        right += [line] if layer.weight.grad is not None and layer.weight.grad.any() else []
    return right


def myth_frozen(page):
    names = {**NAMES, "pictures": torch.randn(2, 3, 15, 17)}
    *before, last = page.code.splitlines()
    exec("\n".join(before), names)
    names["targets"] = torch.randn_like(names["output"])
    exec(last, names)
    assert names["conv2"].weight.grad is None
    return true_false(page, names["conv1"].weight.grad is not None, "still empty")


def which_zero(page):
    conv, x = layer_named(page).double(), torch.randn(shown_shape(page)).double()
    grad_output = torch.randn_like(conv(x))
    (zero,) = re.findall(r"`([\w.]+)` is 0 everywhere;", page.prompt)
    names = {"conv": conv, "x": x, "grad_output": grad_output}
    with torch.no_grad():
        eval(zero, names).zero_()
    conv(x.requires_grad_()).backward(grad_output)

    def holds(option):
        name, _, shape = option.partition(" has the shape ")
        if shape:
            return tuple(eval(name, names).shape) == eval(shape)
        none = not eval(option.split()[0], names).any()
        return none if option.endswith("is 0 everywhere") else not none

    return [option for option in page.options if holds(option)]


def grads_add(page):
    names = dict(NAMES)
    exec(page.code, names)
    name, *index = re.findall(r"`(\w+)\.weight\.grad\[(\d), (\d), (\d), (\d)\]`", page.prompt)[0]
    return round(names[name].weight.grad[tuple(map(int, index))].item(), 4)


def step_order(page):
    """The one order that runs twice on a new layer and does what SGD does."""
    code = "\n".join(page.options)
    name, input = re.search(r"output = (\w+)\((\w+)\)", code).groups()
    (target,), (rate,) = re.findall(r"mse_loss\(output, (\w+)\)", code), re.findall(r"-= ([\d.]+) \*", code)
    new = nn.Conv2d(1, 1, kernel_size=(3, 2), bias=False).double()
    given = {input: torch.randn(1, 1, 7, 5).double(), target: torch.randn(1, 1, 5, 4).double()}
    wanted = copy.deepcopy(new)
    optimizer = torch.optim.SGD(wanted.parameters(), lr=float(rate))
    for _ in range(2):
        optimizer.zero_grad()
        F.mse_loss(wanted(given[input]), given[target]).backward()
        optimizer.step()
    right = [order for order in permutations(page.options) if run_twice(order, name, new, given, wanted.weight)]
    (order,) = right
    return list(order)


def run_twice(order, name, new, given, wanted):
    layer = nn.Conv2d(1, 1, kernel_size=(3, 2), bias=False, dtype=torch.float64)
    layer.load_state_dict(new.state_dict())
    names = {**NAMES, **given, name: layer}
    try:
        for line in 2 * order:
            exec(line, names)
    except (NameError, AttributeError, TypeError, RuntimeError):
        return False
    return torch.allclose(names[name].weight, wanted)


def mse_upstream(page):
    output, target = blocks(page, "output")[:, 0]
    assert [block["title"].split()[0] for block in page.blocks] == ["output", "target"]
    output.requires_grad_()
    F.mse_loss(output, target).backward()
    return round(output.grad[page.place()].item(), 6)


def rate_of(page):
    return float(re.search(r"lr=([\d.]+\d)", page.prompt)[1])


def kernel_step(page):
    conv = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False).double()
    with torch.no_grad():
        conv.weight.copy_(blocks(page, "weight"))
    optimizer = torch.optim.SGD(conv.parameters(), lr=rate_of(page))
    F.mse_loss(conv(blocks(page, "input")), blocks(page, "output")).backward()
    optimizer.step()
    index = page.numbers(r"`conv\.weight\[(\d), (\d), (\d), (\d)\]`")
    return round(conv.weight[index].item(), 6)


def one_step(weight, gradient, rate):
    """The weight after a step of SGD with this gradient."""
    weight = torch.tensor(weight, dtype=torch.float64, requires_grad=True)
    weight.grad = torch.tensor(gradient, dtype=torch.float64)
    torch.optim.SGD([weight], lr=rate).step()
    return weight.item()


def sgd_step(page):
    weight, gradient = re.search(r"\] *` is (-?[\d.]+), and its gradient is (-?\d+)\.", page.prompt).groups()
    return round(one_step(float(weight), float(gradient), rate_of(page)), 6)


def distance_after(best, start, rate, steps):
    """How far from the best weight it is after so many steps on (w - best) ** 2."""
    w = torch.tensor(float(best + start), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        ((w - best) ** 2).backward()
        optimizer.step()
    return w.item() - best


def too_fast(page):
    best, start = page.numbers(r"At the beginning w - (\d+) = (-?\d+)")
    rate = float(re.search(r"the learning rate is ([\d.]+\d)", page.prompt)[1])
    wanted = [distance_after(best, start, rate, steps) for steps in range(3)]
    (option,) = (it for it in page.options if [float(number) for number in it.split(",")] == wanted)
    return option


def myth_faster(page):
    at, best = page.numbers(r"stands at (-?\d+), and the loss is `\(w - (\d+)\) \*\* 2`")
    nearer, other = re.findall(r"lr=([\d.]+\d)", page.prompt)
    ends = [abs(distance_after(best, at - best, float(rate), 1)) for rate in (nearer, other)]
    return ends[0] < ends[1]


def finite_difference(page):
    """The central difference of the real layer; the loss of a square is bent evenly, so it is the gradient itself."""
    input, weight = blocks(page, "input"), blocks(page, "weight")
    index = page.numbers(r"`conv\.weight\[(\d), (\d), (\d), (\d)\]`")
    (loss,), (h, high, low) = (
        page.numbers(r"is (\d+)\. Take h"),
        re.search(r"Take h = ([\d.]+): with h more in .* it is (\d+), with h less (\d+)\.", page.prompt).groups(),
    )

    def at(move):
        moved = weight.clone()
        moved[index] += move
        return (F.conv2d(input, moved) ** 2).sum().item()

    assert (at(0), at(float(h)), at(-float(h))) == (loss, float(high), float(low))
    weight.requires_grad_()
    (F.conv2d(input, weight) ** 2).sum().backward()
    central = (at(float(h)) - at(-float(h))) / (2 * float(h))
    assert central == weight.grad[index].item()
    return central


def agrees(loss, dtype, h):
    """Whether the central difference at w = 1 is within 1 % of what backward() gives."""
    w = torch.ones((), dtype=dtype, requires_grad=True)
    loss(w).backward()
    with torch.no_grad():
        central = (loss(w + h) - loss(w - h)) / (2 * h)
    return bool((central - w.grad).abs() <= 0.01 * w.grad.abs())


def h_of(page):
    return float(re.search(r"with h = ([\de-]+)", page.prompt)[1])


def myth_float32(page):
    """A real layer of one tap whose loss and slope are those of the prompt."""
    dtype, loss, slope = re.search(r"in torch\.(\w+) .* about (\d+), .* is (\d)\.", page.prompt).groups()
    dtype, rest = getattr(torch, dtype), float(loss) - float(slope)
    pixel = torch.full((1, 1, 1, 1), float(slope), dtype=dtype)

    def value(w):
        return F.conv2d(pixel, w.reshape(1, 1, 1, 1), torch.tensor([rest], dtype=dtype)).sum()

    return true_false(page, agrees(value, dtype, h_of(page)), "does not agree")


def myth_small_h(page):
    (code,) = re.findall(r"the loss is `([^`]*)`", page.prompt)
    return true_false(page, agrees(lambda w: eval(code, {"w": w}), torch.float64, h_of(page)), "does not agree")


def what_check_finds(page):
    """Each check is made on random numbers, with the right gradient and with one whose kernel is not turned."""
    (layer,) = (eval(code, NAMES) for code in re.findall(r"`(nn\.Conv2d[^`]*)`", page.prompt))
    size = page.numbers(r"` \((\d+) x (\d+)\) does not turn")
    return [option for option in page.options if finds(option, layer.kernel_size, size)]


def finds(option, kernel_size, size):
    """A check that looks at random numbers gets four tries to see the wrong one."""
    if "shape" in option:
        return False
    verdicts = [checked(option, kernel_size, size) for _ in range(4)]
    return all(right for right, _ in verdicts) and not all(wrong for _, wrong in verdicts)


def checked(option, kernel_size, size):
    """(does the right gradient pass, does the wrong one) in one run of the check."""
    dtype = torch.float32 if option.startswith("float32") else torch.float64
    weight, input = torch.randn(1, 1, *kernel_size, dtype=dtype), torch.rand(1, 1, *size, dtype=dtype)
    output = F.conv2d(input.requires_grad_(), weight)
    grad_output = torch.ones_like(output) if "of ones" in option else torch.randn_like(output)
    output.backward(grad_output)
    unturned = F.conv_transpose2d(grad_output, weight.flip(2, 3))
    asked = torch.zeros(size, dtype=torch.bool)
    cells = [tuple(map(int, cell)) for cell in re.findall(r"cell \((\d+), (\d+)\)", option)]
    for cell in cells:
        asked[cell] = True
    asked = asked if cells else ~asked
    moves = torch.zeros(int(asked.sum()), *size, dtype=dtype)
    moves[range(len(moves)), *asked.nonzero().T] = 1e-6

    def loss(input):
        return (F.conv2d(input, weight, torch.tensor([1000.0], dtype=dtype)) * grad_output).sum((1, 2, 3))

    slopes = (loss(input + moves[:, None]) - loss(input - moves[:, None])) / 2e-6
    close = [torch.allclose(it[0, 0][asked], slopes, rtol=0.01, atol=1e-4) for it in (input.grad, unturned)]
    return tuple(close)
