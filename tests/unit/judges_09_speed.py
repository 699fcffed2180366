"""Lesson 09 judged by torch and by a clock that is played: spectra, times, and which comparisons are fair."""

import ast
import re
from itertools import permutations
from types import SimpleNamespace

import numpy as np
import torch
from torch.nn import functional as F

from tests.unit.judges_07 import NAMES, codes, shape_of, true_false
from tests.unit.judges_09 import by_im2col, macs
from tests.unit.pages import grid


def spectrum_product(x, kernel, size, conjugate=False):
    X, K = torch.fft.rfft2(x, size), torch.fft.rfft2(kernel, size)
    return torch.fft.irfft2(X * (K.conj() if conjugate else K), size)


def fft_size(page):
    """The smallest size at which the product of spectra is the full convolution; smaller ones are wrong."""
    H, W, kH, kW = page.numbers(r"picture of (\d+) x (\d+) and a kernel of (\d+) x (\d+)")
    x, kernel = torch.randn(H, W).double(), torch.randn(kH, kW).double()
    full = F.conv_transpose2d(x[None, None], kernel[None, None])[0, 0]

    def fits(rows, columns):
        if rows < full.shape[0] or columns < full.shape[1]:
            return False
        whole = F.pad(full, (0, columns - full.shape[1], 0, rows - full.shape[0]))
        return torch.allclose(spectrum_product(x, kernel, (rows, columns)), whole)

    rows = next(n for n in range(H, H + 2 * kH) if fits(n, W + 2 * kW))
    columns = next(n for n in range(W, W + 2 * kW) if fits(H + 2 * kH, n))
    assert fits(rows, columns)
    return rows, columns


def circle_value(page):
    x, kernel = (grid(page.blocks[at]["values"])[0] for at in (0, 1))
    names = {**NAMES, "x": x, "kernel": kernel}
    exec(page.code, names)
    return round(names["y"][page.numbers(r"`y\[(\d+)\]`")].item(), 6)


def which_line(page):
    names = {**NAMES, "x": torch.randn(shape_of(page, "x")).double()}
    names["weight"] = torch.randn(shape_of(page, "weight")).double()
    for name, code in re.findall(r"`([XK]) = ([^`]*)`", page.prompt):
        names[name] = eval(code, names)
    wanted = eval(re.search(r"which line gives `([^`]*)`", page.prompt)[1], names)
    (option,) = (it for it in page.options if torch.allclose(eval(it, names), wanted))
    return option


def wrapped_places(page):
    """Where the product of spectra is as it is with zeros around: there nothing has gone round."""
    H, W, kH, kW = page.numbers(r"`x` of (\d+) x (\d+) and a kernel of (\d+) x (\d+)")
    assert page.options["shape"] == [H, W]
    conjugate = ".conj()" in page.prompt
    x, kernel = torch.rand(H, W).double() + 1, torch.rand(kH, kW).double() + 1
    wide = spectrum_product(F.pad(x, (0, 9, 0, 9)), kernel, (H + 9, W + 9), conjugate)[:H, :W]
    return torch.isclose(spectrum_product(x, kernel, (H, W), conjugate), wide).nonzero().tolist()


def kernel_grows(page):
    H, W, *kernels = page.numbers(r"are (\d+) x (\d+)\. The kernel grows from (\d+) x (\d+) to (\d+) x (\d+)")
    counts = [counted(page, (H, W), kernel) for kernel in (kernels[:2], kernels[2:])]
    return [option for option in page.options if counts[1][option] > counts[0][option]]


def counted(page, sides, kernel):
    """What each option of the page counts, for one kernel, of real tensors."""
    layer = torch.nn.Conv2d(1, 1, tuple(kernel), padding=[k // 2 for k in kernel])
    x = torch.zeros(1, 1, *sides)
    columns = F.unfold(x, layer.kernel_size, padding=layer.padding)
    assert layer(x).shape == x.shape
    counts = {
        "multiply-adds of the loops": macs(layer, *x.shape),
        "multiply-adds of `rows @ columns`": by_im2col(layer, *F.pad(x, sides_of(layer)).shape),
        "numbers in im2col's columns": columns.numel(),
        "numbers in `rows`": layer.weight.flatten(1).numel(),
        "columns of im2col": columns.shape[2],
        "numbers in the output": x.numel(),
    }
    for option in page.options:
        if size := re.search(r"spectra of (\d+) x (\d+)", option):
            P, Q = map(int, size.groups())
            assert all(n + k - 1 <= padded for n, k, padded in zip(sides, kernel, (P, Q), strict=True))
            counts[option] = torch.fft.rfft2(torch.zeros(P, Q)).numel()
    return counts


def sides_of(layer):
    pH, pW = layer.padding
    return pW, pW, pH, pH


def median_time(page):
    count, *_ = page.numbers(r"was run (\d+) times")
    runs = [int(it) for it in re.search(r"in this order: ([\d, ]+)\.", page.prompt)[1].split(",")]
    assert len(runs) == count and "The first run was the warm-up" in page.prompt
    return float(np.median(runs[1:]))


def which_faster(page):
    """Apart: every warm run of the one is shorter. Else the middle halves overlap, and nothing is said."""
    f, g = ([int(it) for it in re.findall(r"\d+", line)][1:] for line in page.code.splitlines())
    assert [line[:2] for line in page.code.splitlines()] == ["f:", "g:"] and "the first run of each" in page.prompt
    if max(f) < min(g) or max(g) < min(f):
        return "f is faster" if max(f) < min(g) else "g is faster"
    middle = [np.percentile(it, (25, 75)) for it in (f, g)]
    assert middle[0][1] > middle[1][0] and middle[1][1] > middle[0][0]
    return "these runs do not say"


def myth_spread(page):
    rows = {
        name: tuple(map(int, numbers))
        for name, *numbers in re.findall(r"^(\w+) +(\d+) +(\d+) to (\d+)$", page.code, re.MULTILINE)
    }
    assert all(low < median < high for median, low, high in rows.values())
    first, second = re.search(r"that (\w+) is faster than (\w+)\.", page.prompt).groups()
    assert rows[first][0] < rows[second][0]
    return true_false(page, rows[first][2] < rows[second][1], "does not show")


class Machine:
    """A computer with a GPU, played: calls come back at once, the work is done later; the first run takes longer."""

    def __init__(self, launch, work, first=0):
        self.launch, self.work, self.first, self.now, self.busy, self.runs = launch, work, first, 0, 0, 0

    def call(self, _):
        self.now += self.launch
        self.busy = max(self.busy, self.now) + self.work + (self.first if self.runs == 0 else 0)
        self.runs += 1

    def wait(self):
        self.now = max(self.now, self.busy)

    def names(self, **given):
        time = SimpleNamespace(perf_counter=lambda: self.now / 1e6)
        return {"torch": SimpleNamespace(cuda=SimpleNamespace(synchronize=self.wait)), "time": time, **given}


def gpu_clock(page):
    launch, work = re.search(r"back after (\d+) microseconds\. .* pause, (\d+) microseconds", page.prompt).groups()
    machine = Machine(int(launch), int(work))
    names = machine.names(conv=machine.call, x=None)
    exec(page.code, names)
    return round(names["us"], 6)


def clock_order(page):
    """The one order that finds the time of a warm run."""
    name, given = re.search(r"one warm run of `(\w+)\((\w+)\)`", page.prompt).groups()
    right = []
    for order in permutations(page.options):
        machine = Machine(250, 6000, first=900_000)
        names = machine.names(**{name: machine.call, given: None})
        try:
            for line in order:
                exec(line, names)
        except NameError:
            continue
        right += [order] if round(names["ms"], 6) == 6.25 else []
    (order,) = right
    return list(order)


def fair_pairs(page):
    """The same shape, type and threads, and the same result to rounding; how many runs may differ."""
    fair = []
    for option in page.options:
        f, g, said = re.fullmatch(r"f: (.*); g: (.*); (.*)", option).groups()
        (shape, *how), (other, *its) = (re.fullmatch(r"(\(.*\)), (\w+), (\d) threads?, \d+ runs", it).groups()
                                        for it in (f, g))  # fmt: skip
        alike = (shape, how) == (other, its) and "allclose is False" not in said
        fair += [option] if alike else []
    return fair


def work_per_ms(page):
    layers, times = codes(page), [int(it) for it in re.findall(r"took (\d+) ms", page.prompt)]
    shapes = [ast.literal_eval(it) for it in re.findall(r"shape (\(\d+, \d+, \d+, \d+\))", page.prompt)]
    a, b = (macs(layer, *shape) for layer, shape in zip(layers, shapes, strict=True))
    a, b = a * times[1], b * times[0]
    word = "both do as much" if a == b else "A does more" if a > b else "B does more"
    (option,) = (it for it in page.options if it.startswith(word))
    return option


def myth_bits(page):
    """The products are added up in several orders: do all of them give the same bits?"""
    (code,) = re.findall(r"come from `([^`]*)`", page.prompt)
    x, weight = (eval(code, {**NAMES, "shape": shape_of(page, name)}) for name in ("x", "weight"))
    terms = weight.flatten(1)[:, :, None] * F.unfold(x, tuple(weight.shape[2:]))[:, None]
    sums = []
    for seed in range(4):
        order = torch.randperm(terms.shape[2], generator=torch.Generator().manual_seed(seed)).tolist()
        sums.append(sum(terms[:, :, k] for k in order))
    assert torch.allclose(sums[0], F.conv2d(x, weight).flatten(2), atol=1e-3)
    return true_false(page, all(torch.equal(sums[0], it) for it in sums), "may be False")


def which_check(page):
    shape = page.numbers(r"of shape \((\d+), (\d+), (\d+), (\d+)\)")
    off = float(re.search(r"a wrong one by ([\d.]+) in one number", page.prompt)[1])
    b = 5 * torch.randn(shape)
    right = b + (torch.rand(shape) - 0.5) * 1e-4
    wrong = right.clone()
    wrong[0, 1, 3, 5] -= off
    assert 1e-5 < (right - b).abs().max() < 6e-5
    verdicts = {it: [bool(eval(it, {**NAMES, "a": a, "b": b})) for a in (right, wrong)] for it in page.options}
    return [it for it in page.options if verdicts[it] == [True, False]]
