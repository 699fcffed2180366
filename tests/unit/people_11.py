"""Lesson 11, what people answer who hold a mistake: worked out from the page, on the broken code as they see it."""

import re

import torch
from torch import nn

from tests.unit import judges_11, judges_11_silent
from tests.unit.judges_07 import learned


def as_it_stands(page):
    return int(re.search(r"in place of the (\d+)", page.prompt)[1])


def written_features(page):
    return int(re.search(r"= (\d+)\.", page.prompt)[1])


def listed_too(page):
    """What the optimizer would see if a list were looked into, or a ModuleList were not."""
    made = judges_11.runs(page.code)
    net = made["Net"]()
    known = isinstance(net.others, nn.ModuleList)
    outside = sum(len(list(layer.parameters())) for name, layer in net.named_children() if name != "others")
    return outside if known else outside + sum(len(list(layer.parameters())) for layer in net.others)


def all_numbers(page):
    return learned(judges_11.runs(page.code)["Net"]())


def head_alone(page):
    return len(list(judges_11_silent.nn.Linear(2, 2).parameters()))


def padded_size(page):
    message = judges_11.said(judges_11.stopped(page))
    N, C, *_ = judges_11.size_arrives(page)
    return (N, C, *map(int, re.search(r"channel: \((\d+) x (\d+)\)", message).groups()))


def without_poolings(page):
    page.code = page.code.replace("nn.MaxPool2d(2)", "nn.MaxPool2d(1)")
    return judges_11.which_breaks(page)


def without_padding(page):
    page.code = re.sub(r", padding=\(\d, \d\)", "", page.code)
    return judges_11.which_breaks(page)


def three_pictures(page):
    return (3, *judges_11.grey_shape(page))


def printed_size(page):
    page.code = re.sub(r"conv\.weight\.data = .*\n", "", page.code)
    return judges_11_silent.hidden_kernel(page)


def as_scipy(page):
    return torch.tensor(
        judges_11_silent.convolve2d(page.grid("input"), page.grid("weight"), mode="valid")
    ).nonzero().tolist()  # fmt: skip


def eval_lasts(page):
    page.code = page.code.replace("    net.train()\n", "")
    page.code = page.code.replace("    net.eval()\n", "")
    return judges_11_silent.epochs_moved(page)


def f_pad_rows_first(page):
    page.code = re.sub(r"F\.pad\(x, \((\d), (\d), (\d), (\d)\)\)", r"F.pad(x, (\3, \4, \1, \2))", page.code)
    page.code = re.sub(r"F\.pad\(x, \((\d), (\d)\)\)", r"F.pad(x, (0, 0, \1, \2))", page.code)
    return judges_11.how_many_fit(page)


PEOPLE = (
    ("wrong-argument", "M43", as_it_stands),
    ("earlier-layer", "M220", as_it_stands),
    ("how-many-wrong", "M227", lambda page: 1),
    ("read-mat1", "M25", written_features),
    ("right-features", "M98", written_features),
    ("right-picture", "M220", lambda page: int(re.search(r"rand\(\d+, 3, (\d+)", page.code)[1])),
    ("size-arrives", "M229", padded_size),
    ("which-breaks", "M171", without_poolings),
    ("which-breaks", "M168", without_padding),
    ("grey-shape", "M55", three_pictures),
    ("mixed-rows", "M221", lambda page: 0),
    ("how-many-fit", "M228", lambda page: 1),
    ("how-many-fit", "M22", f_pad_rows_first),
    ("skip-message", "M16", lambda page: int(re.search(r"tensor a \((\d+)\)", page.code)[1])),
    ("impulse-test", "M61", as_scipy),
    ("hidden-kernel", "M95", printed_size),
    ("optimizer-sees", "M222", listed_too),
    ("optimizer-sees", "M99", all_numbers),
    ("state-moves", "M96", head_alone),
    ("epochs-moved", "M225", eval_lasts),
    ("least-padding", "M229", lambda page: judges_11.least_padding(page) - as_it_stands(page)),
    ("looks-needed", "M224", lambda page: page.numbers(r"of (\d+) layers")[0] - 1),
    ("order-of-looks", "M224", lambda page: sorted(page.options, key=lambda it: int(it.split()[-1]))),
)
