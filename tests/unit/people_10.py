"""Lesson 10: what people answer who hold a mistake, worked out by torch on what they think."""

import re

import torch
from torch import nn

from tests.unit import judges_10, judges_10_costs
from tests.unit.judges_07 import NAMES, built, learned


def layer_like(page, **changes):
    """The layer of the page with other settings."""
    layer = judges_10.layer_of(page)
    kept = {name: getattr(layer, name) for name in ("in_channels", "out_channels", "kernel_size", "groups")}
    return nn.Conv2d(**(kept | changes))


def of_one_group(page):
    layer = judges_10.layer_of(page)
    return layer.weight.chunk(layer.groups)[0]


def dense_count(page):
    return learned(layer_like(page, groups=1))


def copies_count(page):
    return dense_count(page) * judges_10.layer_of(page).groups


def fewer_biases(page):
    layer = judges_10.layer_of(page)
    return layer.weight.numel() + len(layer.bias.chunk(layer.groups)[0])


def shared_kernel(page):
    layer = judges_10.layer_of(page)
    return layer.weight[:1].numel() + len(layer.bias)


def dense_weight(page):
    (layer,) = (eval(code, NAMES) for code in re.findall(r"`conv = (nn[^`]*)`", page.prompt))
    return nn.Conv2d(layer.in_channels, layer.out_channels, layer.kernel_size).weight.shape


def group_weight(page):
    (layer,) = (eval(code, NAMES) for code in re.findall(r"`conv = (nn[^`]*)`", page.prompt))
    return layer.weight.chunk(layer.groups)[0].shape


def first_layer_count(page):
    return learned(built(page)["net"][0])


def second_layer_count(page):
    return learned(built(page)["net"][1])


def first_layer_work(page):
    return judges_10_costs.multiply_adds(built(page)["net"][0], judges_10_costs.batch_of(page))


def without_stride(page):
    page.code = re.sub(r", stride=\d", "", page.code)
    return judges_10_costs.separable_macs(page)


def dense_work(page):
    return judges_10_costs.multiply_adds(layer_like(page, groups=1), judges_10_costs.batch_of(page))


def one_picture(page):
    return judges_10_costs.multiply_adds(judges_10.layer_of(page), judges_10_costs.batch_of(page)[:1])


def all_divided(page):
    return judges_10_costs.moved(layer_like(page, groups=1), judges_10_costs.batch_of(page)) // (
        judges_10.layer_of(page).groups
    )


def unmoved(page):
    return page.numbers(r"is channel (\d+) of")[0]


def moved_for_one(page):
    x = judges_10_costs.batch_of(page)
    return judges_10_costs.moved(judges_10.layer_of(page), x[:1])


def exchanged_groups(page):
    g, C, p = page.numbers(r"ChannelShuffle\((\d+)\).* has (\d+) channels.* is channel (\d+) of")
    return int(nn.ChannelShuffle(C // g)(torch.arange(float(C)).reshape(1, C, 1, 1))[0, p])


def any_groups(page):
    (call,), (budget,) = re.findall(r"`(nn[^`]*)`", page.prompt), page.numbers(r"at most (\d+) parameters")
    dense = eval(call.replace("...", "1"), NAMES)
    return next(g for g in range(1, 999) if dense.weight.numel() / g + len(dense.bias) <= budget)


def as_many_as_inputs(page):
    (call,) = re.findall(r"`(nn[^`]*)`", page.prompt)
    return eval(call.replace("...", "1"), NAMES).in_channels


def touched(page):
    before, after = judges_10.muted_in(page, "whose")
    return [[0, o] for o in range(len(after)) if not before[o].equal(after[o])]


def without_shuffle(page):
    (o,) = page.numbers(r"output channel (\d+) of")
    page.code = re.sub(r"nn\.ChannelShuffle\(\d\)", "nn.Identity()", page.code)
    return [[0, c] for c in judges_10.of_net(page)[o]]


PEOPLE = (
    ("grouped-count", "M44", dense_count),
    ("grouped-count", "M45", copies_count),
    ("grouped-count", "M212", fewer_biases),
    ("grouped-count", "M214", lambda page: of_one_group(page).numel() + judges_10.layer_of(page).out_channels),
    ("depthwise-count", "M44", dense_count),
    ("depthwise-count", "M47", shared_kernel),
    ("depthwise-count", "M212", fewer_biases),
    ("grouped-weight", "M46", dense_weight),
    ("grouped-weight", "M214", group_weight),
    ("depthwise-weight", "M46", dense_weight),
    ("depthwise-weight", "M214", group_weight),
    ("separable-count", "M213", first_layer_count),
    ("separable-count", "M218", second_layer_count),
    ("separable-macs", "M213", first_layer_work),
    ("separable-macs", "M169", without_stride),
    ("grouped-macs", "M44", dense_work),
    ("grouped-macs", "M117", one_picture),
    ("moved-numbers", "M89", all_divided),
    ("moved-numbers", "M174", moved_for_one),
    ("shuffle-place", "M216", unmoved),
    ("shuffle-place", "M215", exchanged_groups),
    ("budget-groups", "M49", any_groups),
    ("most-groups", "M49", as_many_as_inputs),
    ("who-changes", "M48", lambda page: judges_10.layer_of(page).out_channels),
    ("goes-dark", "M217", touched),
    ("through-shuffle", "M216", without_shuffle),
)
