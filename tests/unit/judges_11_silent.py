"""Lesson 11 judged by torch, where nothing is said: the silent code of each page is run, before set beside after."""

import contextlib
import io
import json
import re

import torch
from scipy.signal import convolve2d
from torch import nn

from tests.unit.judges_07 import NAMES
from tests.unit.pages import conv2d, grid


def printed(code, **names):
    """The last line that the code prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {**NAMES, **names})
    return out.getvalue().strip().split("\n")[-1]


def claimed(page, **names):
    """Whether the last line prints what the prompt says."""
    (says,) = re.findall(r"prints (True|False)\.", page.prompt)
    return printed(page.code, **names) == says


def changed(names, code, last, **given):
    """Those of the names that hold other numbers after the last piece of code than before it."""
    made = {**NAMES, **given}
    exec(code, made)
    before = {name: eval(name, made).detach().clone() for name in names}
    exec(last, made)
    return [name for name in names if not eval(name, made).equal(before[name])]


def pictures_and_labels(code, channels=3):
    classes = int(re.findall(r"nn\.Linear\(\d+, (\d+)\)", code)[-1])
    return {"pictures": torch.randn(16, channels, 24, 26), "labels": torch.arange(16) % classes}


myth_alone = myth_before = claimed


def impulse_test(page):
    input, weight = page.grid("input"), page.grid("weight")
    assert input.sum() == 1 and input[page.numbers(r"pixel, at \((\d+), (\d+)\)")] == 1
    shown = torch.tensor(convolve2d(input, weight, mode="valid"))
    answer = conv2d(input, weight)
    assert not shown.equal(answer)  # and SciPy's is the kernel as it is, wherever it lies whole
    return answer.nonzero().tolist()


def mend_flip(page):
    kernel, input, right = page.grid("weight"), torch.randn(9, 11).double(), []
    wanted = torch.tensor(convolve2d(input, kernel, mode="valid"))
    for option in page.options:
        given = conv2d(input, grid(json.loads(option)))
        right += [option] * (given.shape == wanted.shape and torch.allclose(given, wanted))
    (answer,) = right
    return answer


def shared_numbers(page):
    code, _, last = page.code.rpartition("\n")
    return changed(page.options, code, last)


def hidden_kernel(page):
    code, comment = page.code.split("\n# ")
    names = dict(NAMES)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(code, names)
    assert out.getvalue().strip() == comment  # what is printed is what the page shows
    shape = page.numbers(r"`x` has the shape \((\d+), (\d+), (\d+), (\d+)\)")
    return tuple(names["conv"](torch.zeros(shape)).shape)


def optimizer_sees(page):
    return int(printed(f"{page.code}\nprint(len(list(Net().parameters())))"))


def who_learns(page):
    code, _, last = page.code.rpartition("\n")
    torch.manual_seed(5)
    return changed(page.options, code, last, **pictures_and_labels(code))


def state_moves(page):
    return int(printed(page.code, **pictures_and_labels(page.code)))


def epochs_moved(page):
    return int(re.search(r"\d+", printed(page.code, pictures=torch.randn(2, 3, 8, 9)))[0])


def myth_eval(page):
    return claimed(page, pictures=torch.randn(4, 3, 12, 14) + 1)


def loss_floor(page):
    """A row of logits is trained by the real loss, straight or through softmax: how low does it come?"""
    (K,) = page.numbers(r"nn\.Linear\(\d+, (\d+)\)")
    end, label = nn.Softmax(dim=1) if "Softmax" in page.prompt else nn.Identity(), torch.zeros(1).long()
    logits = torch.zeros(1, K, requires_grad=True)
    optimizer = torch.optim.Adam([logits], lr=0.5)
    for _ in range(60):
        loss = nn.CrossEntropyLoss()(end(logits), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    reached = loss.item() < float(re.search(r"come down to (\d+\.\d+)", page.prompt)[1])
    return reached == ("can never" not in page.prompt)


class _Broken(nn.Module):
    def forward(self, x):
        return x / 0 * 0


def looked(layers, fault):
    """The looks of who halves a real stack, one layer of which makes nan of everything."""
    net = nn.Sequential(*[nn.Identity() for _ in range(layers)])
    net[fault - 1] = _Broken()
    first, last, seen = 1, layers, []
    while first < last:
        seen.append((first + last) // 2)
        wrong = net[: seen[-1]](torch.ones(1)).isnan().any()
        first, last = (first, seen[-1]) if wrong else (seen[-1] + 1, last)
    assert first == fault
    return seen


def looks_needed(page):
    (n,) = page.numbers(r"stack of (\d+) layers")
    return max(len(looked(n, fault)) for fault in range(1, n + 1))


def order_of_looks(page):
    seen = looked(*page.numbers(r"layers 1 to (\d+), .*: layer (\d+), but"))
    return [f"what comes out of layer {at}" for at in seen]


def which_test(page):
    before, a, b = re.split(r"\n# [AB]\n", page.code)
    right = []
    for option in page.options:
        results = []
        for line in (a, b):
            torch.manual_seed(11)
            names = dict(NAMES)
            exec(f"{before}\n{line}", names)
            results.append(bool(eval(option, names)))
        right += [option] * (results[0] != results[1])
    (answer,) = right
    return answer
