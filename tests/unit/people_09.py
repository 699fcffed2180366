"""Lesson 09: what people answer who hold a mistake, worked out by torch on what they think."""

import ast
import re

import numpy as np
import torch
from torch.nn import functional as F

from tests.unit import judges_09, judges_09_speed


def a_column_a_pixel(page):
    """The columns of a picture that is padded until there is a place for each pixel."""
    x = torch.zeros(judges_09.shape_of(page, "x"))
    N, rows, _ = judges_09.unfolded(page, x).shape
    return N, rows, x.shape[2] * x.shape[3]


def transposed(page):
    return tuple(judges_09.unfolded(page, torch.zeros(judges_09.shape_of(page, "x"))).transpose(1, 2).shape)


def taps_first(page):
    """The row in which the tap stands when the channels are the last axis."""
    x = judges_09.numbered(*judges_09.shape_of(page, "x"))
    c, u, v = page.numbers(r"channel (\d+) that lie under kernel row (\d+), kernel column (\d+)\?")
    kernel = ast.literal_eval(re.search(r"F\.unfold\(x, (\(\d, \d\))\)", page.prompt)[1])
    window = x[0, :, : kernel[0], : kernel[1]].permute(1, 2, 0).flatten()
    return (window == x[0, c, u, v]).nonzero().item()


def overwritten(page):
    """fold as one writes it with = in place of +=: the last window wins."""
    columns, (H, W, kH, kW) = page.grid("output"), page.numbers(r"columns, \((\d), (\d)\), \((\d), (\d)\)\)")
    picture, w = torch.zeros(H, W).double(), W - kW + 1
    for place in range(columns.shape[1]):
        i, j = divmod(place, w)
        picture[i : i + kH, j : j + kW] = columns[:, place].reshape(kH, kW)
    return picture[page.numbers(r"row (\d+), column (\d+)\?")].item()


def what_x_holds(page):
    return page.numbers(r"is (\d+) everywhere")[0]


def numbers_not_bytes(page):
    return judges_09.tile_memory(page) // torch.zeros(1).element_size()


def columns_of_a_batch(page):
    (layer,), shape = judges_09.codes(page), page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")
    return F.unfold(torch.zeros(shape), layer.kernel_size).untyped_storage().nbytes()


def by_the_loops(page):
    (layer,) = judges_09.codes(page)
    return judges_09.macs(layer, 1, 1, *page.numbers(r"a picture of (\d+) x (\d+)"))


def with_zeros_outside(page):
    """The same product with room at the end, cut to the length of the row."""
    n = len(page.blocks[0]["values"][0])
    wide = page.code.replace("torch.fft.fft(x)", f"torch.fft.fft(x, {3 * n})")
    page.code = wide.replace(f"kernel, {n}", f"kernel, {3 * n}")
    return judges_09_speed.circle_value(page)


def the_other_product(page):
    conjugate = ".conj()" in page.code
    page.code = page.code.replace("X * K.conj()", "X * K") if conjugate else page.code.replace("X * K", "X * K.conj()")
    return judges_09_speed.circle_value(page)


def as_large_as_the_picture(page):
    return page.numbers(r"picture of (\d+) x (\d+)")


def mean_of_all(page):
    runs = [int(it) for it in re.search(r"in this order: ([\d, ]+)\.", page.prompt)[1].split(",")]
    return float(np.mean(runs))


def waits_where_it_does_not(page):
    wait, lines = "torch.cuda.synchronize()", page.code.splitlines()
    page.code = "\n".join([*lines[:-2], lines[-1]] if lines[-2] == wait else [*lines[:-1], wait, lines[-1]])
    return judges_09_speed.gpu_clock(page)


def calls_and_work(page):
    """Where nothing waits: the time of all calls, and of all that the GPU does."""
    if page.code.count("synchronize") == 2:
        return None
    (work,) = page.numbers(r"(\d+) microseconds for each call")
    return judges_09_speed.gpu_clock(page) + int((re.findall(r"range\((\d+)\)", page.code) or [1])[0]) * work


PEOPLE = (
    ("columns-shape", "M86", a_column_a_pixel),
    ("columns-shape", "M102", transposed),
    ("column-row", "M85", taps_first),
    ("fold-cell", "M187", overwritten),
    ("fold-count", "M87", what_x_holds),
    ("tile-memory", "M200", numbers_not_bytes),
    ("tile-memory", "M209", columns_of_a_batch),
    ("winograd-row", "M209", by_the_loops),
    ("circle-value", "M202", with_zeros_outside),
    ("circle-value", "M203", the_other_product),
    ("fft-size", "M202", as_large_as_the_picture),
    ("median-time", "M204", mean_of_all),
    ("gpu-clock", "M207", waits_where_it_does_not),
    ("gpu-clock", "M207", calls_and_work),
)
