"""Lesson 07 judged by torch: shapes, counts, maps and logits, from each page alone, by real networks."""

import contextlib
import io
import itertools
import re

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

NAMES = {"nn": nn, "torch": torch, "F": F}


def built(page):
    """The names that the code of a page makes."""
    names = dict(NAMES)
    exec(page.code, names)
    return names


def shape_of(page, name=r"\w+"):
    (shape,) = re.findall(rf"`{name}` ha(?:s|ve) the shape (\([\d, ]+\))", page.prompt)
    return eval(shape)


def codes(page):
    """What stands in backticks and begins with nn, made by torch."""
    return [eval(code, NAMES) for code in re.findall(r"`(nn\.[^`]*)`", page.prompt)]


def learned(layer):
    return sum(parameter.numel() for parameter in layer.parameters())


def true_false(page, holds, denied):
    """What is to be judged: the claim, or its opposite where the prompt has the words that deny it."""
    return bool(holds) != bool(re.search(denied, page.prompt))


def cnn_shape(page):
    return tuple(built(page)["features"](torch.zeros(shape_of(page, "pictures"))).shape)


def view_batch(page):
    names = built(page)
    H, W = page.numbers(r"for pictures of (\d+) x (\d+)\.")
    N, C, *_ = shape = shape_of(page, "x")
    assert len(names["forward"](torch.zeros(N, C, H, W))) == N  # what it was written for, it does
    return tuple(names["forward"](torch.zeros(shape)).shape)


def keep_batch(page):
    x = torch.rand(shape_of(page, "x"))
    wanted = torch.stack([picture.flatten() for picture in x])
    return [line for line in page.options if torch.equal(eval(line, {"x": x, "nn": nn}), wanted)]


def first_linear_count(page):
    code = re.sub(r"nn\.Linear\(\?, (\d+)\)", r"nn.LazyLinear(\1)", page.code)
    (units,) = page.numbers(r"`nn\.Linear\(\?, (\d+)\)`")
    names = dict(NAMES)
    exec(code, names)
    shape = page.numbers(r"batches of shape \((\d+), (\d+), (\d+), (\d+)\)")
    names["net"](torch.zeros(shape))
    first = next(layer for layer in names["net"] if isinstance(layer, nn.Linear))
    assert first.out_features == units
    return learned(first)


def order_layers(page):
    counts = {code: learned(eval(code, NAMES)) for code in page.options}
    assert len(set(counts.values())) == 4
    return sorted(counts, key=counts.get)


def myth_first_linear(page):
    net = built(page)["net"]
    net(torch.zeros(1, 3, *page.numbers(r"pictures of (\d+) x (\d+)")))
    first = next(layer for layer in net if isinstance(layer, nn.Linear))
    return learned(first) > learned(net) / 2


def pool_value(page):
    (pool,) = codes(page)
    return pool(page.grid("input")[None, None])[0, 0][page.place()].item()


def myth_pool_relu(page):
    first, second = codes(page)
    x = torch.randn(40, 3, 24, 24)
    return torch.equal(first(x), second(x))


def relu_value(page):
    (code,) = re.findall(r"`net = ([^`]*)`", page.prompt)
    net = eval(code, NAMES).double()
    bias, scale, second = page.numbers(r"the bias (-?\d+), the second the weight (-?\d+) and the bias (-?\d+)")
    with torch.no_grad():
        net[0].weight.copy_(page.grid("weight")[None, None])
        for parameter, number in ((net[0].bias, bias), (net[-1].weight, scale), (net[-1].bias, second)):
            parameter.fill_(number)
    return net(page.grid("input")[None, None]).item()


def left_over(rows, wanted):
    """How far the best sum of products and a bias stays from what is wanted."""
    rows = torch.cat([rows, torch.ones(len(rows), 1).double()], dim=1)
    return (wanted - rows @ torch.linalg.lstsq(rows, wanted).solution).abs().max().item()


def myth_one_conv(page):
    """The best weights of the one layer, by least squares on random windows: is anything left over?"""
    net, one = (it.double() for it in codes(page))
    windows = torch.randn(3 * one.weight[0].numel(), *one.weight.shape[1:]).double()
    wanted = net(windows)
    assert wanted.shape == one(windows).shape == (len(windows), one.out_channels, 1, 1)
    return left_over(windows.flatten(1), wanted.detach().flatten(1)) < 1e-8


def moved_cells(page):
    (layer,), input = codes(page), page.grid("input")
    down, right = page.numbers(r"moves down by (\d+) and right by (\d+)")
    nn.init.ones_(layer.weight)
    before = layer(input.float()[None, None])[0, 0]
    assert torch.equal(before, page.grid("output").float())
    moved = torch.zeros_like(input)
    moved[down:, right:] = input[: input.shape[0] - down, : input.shape[1] - right]
    assert moved.sum() == input.sum()
    cells = layer(moved.float()[None, None])[0, 0].nonzero().tolist()
    assert list(before.shape) == page.options["shape"]
    return cells


def same_when_moved(page):
    (code,) = re.findall(r"`conv = (nn\.[^`]*)`", page.prompt)
    (H, W), shift = page.numbers(r"picture of (\d+) x (\d+)"), page.numbers(r"down by (\d) and right by (\d)")
    conv, old = eval(code, NAMES).double(), torch.zeros(1, 3, H, W).double()
    old[..., 15:20, 16:23] = torch.rand(3, 5, 7).double() + 0.1
    new = old.roll(shift, (2, 3))

    def same(line):
        before, after = (eval(line, {"F": F, "conv": conv, "x": x}) for x in (old, new))
        return torch.allclose(before, after, atol=1e-12)

    return [line for line in page.options if same(line)]


def softmax_value(page):
    (at,) = page.numbers(r"`probabilities\[(\d)\]`")
    share = built(page)["probabilities"]
    assert abs(share.sum().item() - 1) < 1e-6
    return f"{share[at].item():.2f}"


def myth_logits(page):
    """A network that ends so is given the bias that would make the row, if any can."""
    (end,), (row,) = re.findall(r"ends in `([^`]*)`", page.prompt), re.findall(r"the row `([^`]*)`", page.prompt)
    net, row = nn.Sequential(*eval(f"[{end}]", NAMES)).double(), torch.tensor(eval(row)).double()
    with torch.no_grad():
        net[0].weight.zero_()
        net[0].bias.copy_(row.clamp(min=1e-12).log() if len(net) > 1 else row)
    possible = torch.allclose(net(torch.zeros(1, net[0].in_features).double())[0], row, atol=1e-6)
    return true_false(page, possible, "can never give")


def logit_claims(page):
    (row,) = re.findall(r"it gives `([^`]*)`", page.prompt)
    logits = torch.tensor(eval(row)).double()
    share, more, label = logits.softmax(0), (logits + 2).softmax(0), torch.tensor(1)
    as_they_are = torch.isclose(nn.CrossEntropyLoss()(logits, label), -share[1].log())
    assert 0 <= share.min() and logits.min() < 0  # a negative logit has a probability as any other
    holds = {
        "they add up to 1": torch.isclose(logits.sum(), share.sum()),
        "their softmax adds up to 1": torch.isclose(share.sum(), torch.tensor(1.0).double()),
        f"class {share.argmax().item()} is the one said": True,
        "nn.CrossEntropyLoss takes them as they are": as_they_are,
        "nn.CrossEntropyLoss takes their softmax": not as_they_are,
        "with 2 added to each, the softmax stays the same": torch.allclose(more, share),
        "with 2 added to each, the softmax is another one": not torch.allclose(more, share),
    }
    return [option for option in page.options if holds.get(option)]


def printed_count(page):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        built(page)
    return int(printed.getvalue())


def trained_count(page):
    net = built(page)["net"]
    net(torch.zeros(2, 3, 9, 11)).sum().backward()
    return sum(it.numel() for it in net.parameters() if it.grad is not None)


def transfer_order(page):
    """The only order of the lines that trains a new head and leaves the filters as they are."""
    (name,) = re.findall(r"^`(\w+)` has been trained", page.prompt)
    features = int(re.search(r"nn\.Linear\((\d+),", " ".join(page.options))[1])

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.features, self.head = nn.Conv2d(1, features, (3, 2)), nn.Linear(features, 10)

        def forward(self, x):
            return self.head(self.features(x).amax((2, 3)))

    def train(net, optimizer, images, labels):
        start.append((net.head, net.head.weight.detach().clone()))
        F.cross_entropy(net(images), labels).backward()
        optimizer.step()

    right = []
    for lines in itertools.permutations(page.options):
        net, start = Network(), []
        names = {**NAMES, name: net, "train": train, "batches": [(torch.randn(3, 1, 7, 8), torch.tensor([0, 1, 2]))]}
        filters, old = net.features.weight.detach().clone(), net.head
        with contextlib.suppress(ValueError, NameError, RuntimeError):
            exec("\n".join(lines), names)
            head, weight = start[0]
            done = head is net.head is not old and not head.weight.equal(weight)
            right += [list(lines)] if done and net.features.weight.equal(filters) else []
    (answer,) = right
    return answer


def first_filters(page):
    """What fits into one window of the layer; nothing about the whole picture does."""
    (layer,) = codes(page)
    kH, kW = layer.kernel_size

    def fits(option):
        size = re.findall(r"(\d+) x (\d+) pixels", option)
        return "the picture" not in option and all(int(h) <= kH and int(w) <= kW for h, w in size)

    return [option for option in page.options if fits(option)]


def myth_cat(page):
    """How far one unit of the layer reads, by gradients; poolings read all of their window."""
    net = built(page)["net"]
    high, wide = page.numbers(r"is (\d+) pixels high and (\d+) wide")
    layers = list(net) if "the last convolution" in page.prompt else [net[0]]
    layers = [nn.AvgPool2d(it.kernel_size) if isinstance(it, nn.MaxPool2d) else it for it in layers]
    layers = [it for it in layers if not isinstance(it, nn.ReLU)]
    picture = torch.zeros(1, 3, 120, 130).double().requires_grad_()
    nn.Sequential(*layers).double()(picture)[0, 0, 2, 3].backward()
    read = picture.grad[0].abs().sum(0).nonzero()
    rows, columns = (read.amax(0) - read.amin(0) + 1).tolist()
    return rows >= high and columns >= wide


def how_many_filters(page):
    rows = [line.replace("%", "").split() for line in page.code.split("\n")[1:]]
    table = torch.tensor([[float(number) for number in row] for row in rows])
    assert (table[:, 0].diff() > 0).all() and (table[:, 2].diff() > 0).all()
    return int(table[table[:, 3].argmax(), 0])


def filters_cost(page):
    picture = [torch.zeros(1, layer.in_channels, 20, 24) for layer in codes(page)]
    costs = []
    for layer, input in zip(codes(page), picture, strict=True):
        with FlopCounterMode(display=False) as counter:
            layer(input)
        costs.append(counter.get_total_flops())
    return costs[1] / costs[0]


def suits_conv(page):
    """Data whose neighbours belong together: no table, and nothing that was shuffled."""
    tables = r"patients|cars:|people|random order|shuffled"
    return [option for option in page.options if not re.search(tables, option)]


def myth_shuffled(page):
    """The best other weights, by least squares: is anything left over?"""
    (layer,), (H, W) = (it.double() for it in codes(page)), page.numbers(r"every (?:table of )?(\d+) x (\d+)")
    linear = isinstance(layer, nn.Linear)
    x = torch.randn(90, 1, H, W).double()
    if linear:
        wanted = layer(x.flatten(1)).detach()
        rows = x.flatten(1)[:, torch.randperm(H * W)]
    else:
        wanted = layer(x).detach().flatten(2).transpose(1, 2).flatten(0, 1)
        columns = torch.arange(W).view(1, W).roll(W // 2)[0].flip(0)
        columns[[0, 2]] = columns[[2, 0]]
        rows = F.unfold(x[..., columns], layer.kernel_size).transpose(1, 2).flatten(0, 1)
    return true_false(page, left_over(rows, wanted) < 1e-8, "can no longer")
