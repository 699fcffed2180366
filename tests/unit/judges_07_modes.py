"""Lesson 07 judged by torch: BatchNorm, dropout and the modes, from each page alone, by real training steps."""

import re

import torch
from torch import nn
from torch.nn import functional as F

from tests.unit.judges_07 import NAMES, built, codes, true_false


def named(page):
    """What the prompt names in backticks: name -> the layer made by torch."""
    return {name: eval(code, NAMES) for name, code in re.findall(r"`(\w+) = (nn\.[^`]*)`", page.prompt)}


def bias_counts(page):
    names = named(page)
    conv = names["conv"].double()
    names["norm"].double()
    (more,), x = page.numbers(r"grows by (\d)"), torch.randn(6, conv.in_channels, 17, 20).double()
    nets = {line: eval(line, {**NAMES, **names}) for line in page.options}
    before = {line: net(x).detach() for line, net in nets.items()}
    with torch.no_grad():
        conv.bias.add_(more)
    return [line for line in page.options if not torch.allclose(nets[line](x), before[line])]


def saved_biases(page):
    """The biases of the convolutions and the Linear on which no output depends, by gradients.

    A filter that answers nowhere has no gradient either: only a bias without one in five networks is idle.
    """
    idle = []
    for _ in range(5):
        net = built(page)["net"].double()
        output = net(torch.randn(4, 3, 15, 18).double())
        (output * torch.randn_like(output)).sum().backward()
        layers = [it for it in net if isinstance(it, nn.Conv2d | nn.Linear)]
        idle.append(torch.cat([it.bias.grad.abs() < 1e-10 for it in layers]))
    return int(torch.stack(idle).all(0).sum())


def bn_value(page):
    norm, input = built(page)["norm"].double(), page.grid("input")
    mean, variance = page.numbers(r"Its mean is (\d+), its variance (\d+)")
    assert (input.mean(), input.var(correction=0)) == (mean, variance)
    x, i, j = page.numbers(r"make of the (-?\d+) at \((\d), (\d)\)")
    assert input[i, j] == x
    return round(norm(input[None, None])[0, 0, i, j].item(), 6)


def myth_batch_mates(page):
    net = named(page)["net"].double()
    net.train("is in train()" in page.prompt)
    (N,), (at,) = page.numbers(r"batch of (\d+)"), page.numbers(r"for picture (\d)")
    batch = torch.randn(N, net[0].in_channels, 12, 13).double()
    others = torch.randn_like(batch) * 3
    others[at] = batch[at]
    depends = not torch.allclose(net(batch)[at], net(others)[at])
    return true_false(page, depends, "is the same for all")


def running_mean(page):
    (mean,) = page.numbers(r"which has one channel, is (-?\d+)\.")
    names = {**NAMES, "batch": torch.randn(6, 1, 5, 7).double()}
    names["batch"] += mean - names["batch"].mean()
    exec(page.code.replace("momentum=", "dtype=torch.float64, momentum="), names)
    name = re.search(r"`(\w+)\.running_mean`", page.prompt)[1]
    assert not any(it.requires_grad for it in names[name].parameters())
    return round(names[name].running_mean.item(), 6)


def myth_momentum(page):
    (norm,), (old, new) = codes(page), page.numbers(r"running mean of (\d+), .* the mean (\d+) in")
    near, far = page.numbers(r"nearer to (\d+) than to (\d+)")
    norm.running_mean.fill_(old)
    norm(torch.full((3, norm.num_features, 4, 5), float(new)))
    after = norm.running_mean[0]
    return bool((after - near).abs() < (after - far).abs())


def what_changes(page):
    before, step = page.code.split("F.cross_entropy")
    names = dict(NAMES)
    exec(before, names)
    names["pictures"], names["labels"] = torch.randn(9, 3, 11, 13) + 1, torch.arange(9) % 5
    old = {option: eval(option, names).detach().clone() for option in page.options}
    exec("F.cross_entropy" + step, names)
    return [option for option in page.options if not eval(option, names).equal(old[option])]


def freeze_norm(page):
    """After each line one step of training: what changes, and is that what was wanted?"""
    ((name, norm),) = named(page).items()
    (wish,) = re.findall(r"It is wanted that (.*?)\. Which", page.prompt)

    def wanted(weight, mean):
        rules = {
            "its running mean stays as it is": not mean,
            "its running mean follows the new pictures": mean,
            "its weight stays as it is": not weight,
            "its weight is trained, and its running mean stays as it is": weight and not mean,
            "its weight and its running mean stay as they are": not weight and not mean,
        }
        return rules[wish]

    right = []
    for line in page.options:
        norm = nn.BatchNorm2d(norm.num_features)
        net = nn.Sequential(nn.Conv2d(3, norm.num_features, (3, 2)), norm, nn.ReLU())
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        net.train()
        exec(line, {name: norm})
        old = norm.weight.detach().clone(), norm.running_mean.clone()
        net(torch.randn(5, 3, 8, 9)).square().mean().backward()
        optimizer.step()
        changed = [not now.equal(then) for now, then in zip((norm.weight, norm.running_mean), old, strict=True)]
        right += [line] if wanted(*changed) else []
    return right


def eval_claims(page):
    names = {**NAMES, "pictures": torch.randn(7, 3, 12, 15) + 2}
    exec(page.code, names)
    conv, norm, drop = (names[name] for name in ("conv", "norm", "drop"))
    stored, weight = norm.running_mean.clone(), conv.weight.detach().clone()
    normed = norm(conv(names["pictures"])).detach()
    names["loss"].backward()
    gradient = conv.weight.grad is not None
    names["optimizer"].step()
    by_batch = torch.allclose(normed.mean((0, 2, 3)), torch.zeros(norm.num_features), atol=1e-4)
    holds = {
        "loss.backward() computes gradients": gradient,
        "loss.backward() computes no gradients": not gradient,
        "optimizer.step() changes the weights": not conv.weight.equal(weight),
        "optimizer.step() leaves the weights as they are": conv.weight.equal(weight),
        "drop sets numbers to 0": not drop(torch.ones(500)).all(),
        "drop hands on all numbers": drop(torch.ones(500)).eq(1).all(),
        "norm goes by the mean of the batch": by_batch,
        "norm goes by its running mean": not by_batch,
        "norm moves its running mean": not norm.running_mean.equal(stored),
        "norm leaves its running mean as it is": norm.running_mean.equal(stored),
    }
    return [option for option in page.options if holds[option]]


def dropout_value(page):
    (layer,), (x,) = codes(page), page.numbers(r"one of them (\d+)")
    output = layer(torch.full((800,), float(x)).double())
    (kept,) = output[output != 0].unique().tolist()
    return round(kept, 6)


def dropout_row(page):
    """The one option that comes out of the layer, if the row goes in often enough."""
    (layer,), (row,) = codes(page), re.findall(r"gets the row `([^`]*)`", page.prompt)
    rows = layer(torch.tensor(eval(row)).double().expand(6000, -1))
    came = {str([round(number) for number in it]) for it in rows.unique(dim=0).tolist()}
    (option,) = (option for option in page.options if option in came)
    assert F.dropout(rows, 0.5, training=False).equal(rows)
    return option
