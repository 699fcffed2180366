"""Lesson 12 judged by torch: counts, splits and chances from each page alone, by real layers and real draws."""

import re

import torch
from torch import nn

from tests.unit.judges_07 import NAMES, built
from tests.unit.judges_10_costs import multiply_adds
from tests.unit.pages import layers_in


def hand_in(page):
    name, best = None, (-1.0, "")
    for line in page.code.splitlines()[1:]:
        name = line[:2].strip() or name
        if line[3:].startswith("held"):
            best = max([best, *((float(it), f"{name}, epoch {at}") for at, it in enumerate(line.split()[4:]))])
    return best[1]


def unshuffled(page):
    each, classes, held = page.numbers(r"has (\d+) pictures of each of (\d+) classes.*last (\d+) pictures")
    return len(torch.arange(classes).repeat_interleave(each)[-held:].unique())


def which_splits(page):
    count, n = page.numbers(r"^(\d+) pictures.*with (\d+) or so")
    right = []
    for line in page.options:
        names = {"torch": torch}
        exec(line, names)
        train, held = (names[name].tolist() for name in ("train", "held"))
        drawn = held != list(range(n)) and train != sorted(train)
        if drawn and not set(train) & set(held) and len(train) + len(held) == count:
            right.append(line)
    return right


def how_far(page):
    right, n = page.numbers(r"names (\d+) of (\d+) new")
    return round(2 * torch.distributions.Binomial(n, torch.tensor(right / n)).stddev.item())


def which_differ(page):
    """By a permutation of who was right: draws from one urn, which the two counts may have come from."""
    right = []
    for option in page.options:
        one, other, n = map(int, re.findall(r"\d+", option))
        counts = torch.distributions.Binomial(n, torch.tensor((one + other) / (2 * n))).sample((4000, 2))
        if one - other > 2 * (counts[:, 0] - counts[:, 1]).std():
            right.append(option)
    return right


def myth_test_choice(page):
    (many,), (n,) = page.numbers(r"(\d+) networks are"), page.numbers(r"of (\d+) test pictures")
    share = float(re.search(r"chance ([\d.]+\d)", page.prompt)[1])
    best = torch.distributions.Binomial(n, torch.tensor(share)).sample((400, many)).max(1).values
    return (best.mean().item() > share * n) != ("no larger" in page.prompt)


def costliest(page):
    x, net = torch.zeros(page.numbers(r"shape \((\d), (\d), (\d+), (\d+)\)")), built(page)["net"]
    counts = {}
    for at, layer in enumerate(net):
        if isinstance(layer, nn.Conv2d | nn.Linear):
            counts[f"net[{at}]"] = multiply_adds(layer, x)
        x = layer(x)
    return max(counts, key=counts.get)


def pixel_logits(page):
    N, C, H, W = page.numbers(r"the shape \((\d+), (\d+), (\d+), (\d+)\)")
    (classes,) = page.numbers(r"columns: (\d+) classes")
    return tuple(nn.Conv2d(C, classes, 1)(torch.zeros(N, C, H, W)).shape)


def myth_one_row(page):
    head = eval(re.search(r"`(nn\.[^`]*)`", page.prompt)[1], NAMES)
    maps = torch.zeros(2, next(head.parameters()).shape[1], 9, 11)
    output = head(maps.mean((2, 3))) if isinstance(head, nn.Linear) else head(maps)
    return (output.dim() == 4) == ("every pixel" in page.prompt)


def rank_designs(page):
    """By the fourth column, named in the page's first line: the held-out digits in the best epoch."""
    head, *rows = page.code.splitlines()
    assert head.split("  ")[3] == "held, best epoch"
    names, held = [row.split()[0] for row in rows], torch.tensor([int(row.split()[3]) for row in rows])
    return [names[at] for at in held.argsort(descending=True)]


def known_pictures(page):
    names = {}
    exec(page.code, names)
    grid, train = page.grid("input"), torch.tensor(names["train"])
    held = torch.tensor(names["held"])
    return torch.isin(grid, held[~torch.isin(held, train)]).nonzero().tolist()


def most_filters(page):
    """By trying: one filter more, as long as torch counts no more than the budget."""
    (budget,), shape = page.numbers(r"at most (\d+) mult"), page.numbers(r"shape \((\d), (\d), (\d+), (\d+)\)")
    (code,) = layers_in(page.prompt)
    C = 0
    while multiply_adds(eval(code, {"nn": nn, "C": C + 1}), torch.zeros(shape)) <= budget:
        C += 1
    return C


def confused(page):
    """Digit by digit, from as many pairs of what it is and what it was called as the table counts."""
    head, *rows = page.code.splitlines()
    called = [int(it) for it in re.findall(r"called (\d)", head)]
    pairs = []
    for row in rows:
        digit, *counts = (int(it) for it in row.split()[1:])
        for name, count in zip(called, counts, strict=True):
            pairs += [(digit, name)] * count
    pairs = torch.tensor(pairs)
    by_name = "are another one" in page.prompt
    (asked,) = page.numbers(r"pictures (?:were called|are) (\d)")
    chosen = pairs[pairs[:, int(by_name)] == asked]
    return (chosen[:, 0] != chosen[:, 1]).sum().item()


def more_pictures(page):
    """The smallest number of draws whose share spreads no more than is asked for."""
    right, n = page.numbers(r"names (\d+) of (\d+) new")
    wanted = float(re.search(r"same share to ([\d.]+) %", page.prompt)[1]) / 100
    counts = n * torch.arange(1, 101).double()
    spread = torch.distributions.Binomial(counts, torch.tensor(right / n).double()).stddev / counts
    return int(counts[(2 * spread < 1.0001 * wanted).nonzero()[0]])


def what_it_shows(page):
    """By draws from one urn for both counts; a part alone is shown by a row that leaves out nothing else."""
    (n,) = page.numbers(r"on (\d+) new")
    (_, first), *rows = (line.rsplit(maxsplit=1) for line in page.code.splitlines())
    shown = set()
    for left, count in rows:
        p = torch.tensor((int(first) + int(count)) / (2 * n))
        counts = torch.distributions.Binomial(n, p).sample((4000, 2))
        if int(first) - int(count) > 2 * (counts[:, 0] - counts[:, 1]).std():
            shown.add(f"it is worse {left.strip()}")
    return [option for option in page.options if option in shown]
