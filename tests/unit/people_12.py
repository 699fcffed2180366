"""Lesson 12, what people answer who hold a mistake: worked out from the page by torch on the case as they see it."""

import torch
from torch import nn

from tests.unit.pages import layers_in


def column(at, most=True):
    """Who ranks the designs by another column of the page."""

    def ranks(page):
        rows = [row.split() for row in page.code.splitlines()[1:]]
        numbers = torch.tensor([float(row[at]) for row in rows])
        return [rows[place][0] for place in numbers.argsort(descending=most)]

    return ranks


def all_held_out(page):
    names = {}
    exec(page.code, names)
    return torch.isin(page.grid("input"), torch.tensor(names["held"])).nonzero().tolist()


def filters(change, each):
    """Who counts the multiply-adds of one filter otherwise: `change` the layer's call, or count `each` otherwise."""

    def counted(page):
        (budget,), shape = page.numbers(r"at most (\d+) mult"), page.numbers(r"shape \((\d), (\d), (\d+), (\d+)\)")
        (code,) = layers_in(page.prompt)
        conv = eval(code.replace(*change), {"nn": nn, "C": 1})
        return budget // each(conv, conv(torch.zeros(shape)).numel())

    return counted


def the_other_line(page):
    """The row for the column, and the column for the row."""
    head, *rows = page.code.splitlines()
    called = [int(it) for it in head.replace("called", "").split()]
    table = torch.tensor([[int(it) for it in row.split()[2:]] for row in rows])
    by_name = "are another one" in page.prompt
    at = called.index(page.numbers(r"pictures (?:were called|are) (\d)")[0])
    return (table.sum(1 if by_name else 0) - table.diagonal())[at].item()


def the_same_pictures(page):
    return page.numbers(r"names \d+ of (\d+) new")[0]


PEOPLE = [
    ("rank-designs", "M249", column(1, most=False)),
    ("rank-designs", "M246", column(2)),
    ("rank-designs", "M245", column(4)),
    ("known-pictures", "M248", all_held_out),
    ("most-filters", "M169", filters(("stride=2", "stride=1"), lambda conv, places: places * conv.weight.numel())),
    ("most-filters", "M34", filters(("", ""), lambda conv, places: places * conv.weight[0, 0].numel())),
    ("most-filters", "M201", filters(("", ""), lambda conv, places: conv.weight.numel())),
    ("confused", "M102", the_other_line),
    ("more-pictures", "M247", the_same_pictures),
]
