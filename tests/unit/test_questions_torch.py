"""torch is the judge of every answer: recomputed by real layers from what the page shows, and nothing else."""

import contextlib
import io
import json
import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convlab.questions import ids, make
from tests.unit.by_lesson import SEEDS, made, modules
from tests.unit.pages import Page, conv2d, grid

pytestmark = pytest.mark.usefixtures("one_thread")


def bias_in(page):
    return page.numbers(r"the bias (-?\d+)")[0]


def option_where(page, holds):
    (option,) = (option for option in page.options if holds(grid(json.loads(option))))
    return option


def window_value(page):
    return conv2d(page.grid("input"), page.grid("weight")).item()


def flat_area(page):
    output = conv2d(page.grid("input"), page.grid("weight"))
    assert output.unique().numel() == 1
    return output[0, 0].item()


def bias_value(page):
    return conv2d(page.grid("input"), page.grid("weight"), bias_in(page))[page.place()].item()


def find_bias(page):
    (target,) = page.numbers(r"it makes (-?\d+) in")
    without = conv2d(page.grid("input"), page.grid("weight"))[page.place()].item()
    return target - without


def convolve_value(page):
    input, weight = page.grid("input"), page.grid("weight")
    (kH, kW), (i, j) = weight.shape, page.place()
    # A transposed convolution scatters each input cell through the kernel: that is the true convolution, in full.
    full = F.conv_transpose2d(input[None, None], weight[None, None])[0, 0]
    return full[i + kH - 1, j + kW - 1].item()


def unknown_weight(page):
    weight = page.grid("weight")
    hidden = weight.isnan()
    assert hidden.sum() == 1
    (target,) = page.numbers(r"makes (-?\d+) in")
    at_0, at_1, at_2 = (
        conv2d(page.grid("input"), weight.masked_fill(hidden, number), bias_in(page))[page.place()].item()
        for number in (0, 1, 2)
    )
    assert at_2 - at_1 == at_1 - at_0 != 0  # one answer, on a straight line
    return (target - at_0) / (at_1 - at_0)


def cells_read(page):
    conv, H, W = page.layer()
    input = torch.ones(1, 1, H, W).double().requires_grad_()
    conv(input)[0, 0][page.place()].backward()
    return input.grad[0, 0].nonzero().tolist()


def reached_outputs(page):
    conv, H, W = page.layer()
    input = torch.zeros(1, 1, H, W).double()
    input[0, 0][page.place()] = 1
    return conv(input)[0, 0].nonzero().tolist()


def times_read(page):
    conv, H, W = page.layer()
    input = torch.ones(1, 1, H, W).double().requires_grad_()
    conv(input).sum().backward()
    return input.grad[0, 0][page.place()].item()


def output_shape(page):
    shape = page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")
    names = {"nn": nn, "input": torch.zeros(shape)}
    exec(page.code, names)
    return tuple(names["output"].shape)


def valid_places(page):
    conv, H, W = page.layer()
    H_out, W_out = conv(torch.zeros(1, 1, H, W).double()).shape[2:]
    places = {option: tuple(map(int, re.findall(r"\d+", option))) for option in page.options}
    return [option for option, (i, j) in places.items() if i < H_out and j < W_out]


def loop_order(page):
    visited = []
    exec(page.code.replace("output[i, j] = ...", "visited.append(str((i, j)))"), {"visited": visited})
    return [place for place in visited if place in page.options]


def which_edge(page):
    """The option that says what the kernel does on edges of both directions and both senses."""
    weight = page.grid("weight")
    dark_left = grid([[0, 5, 9]] * 3)
    tests = {"left": dark_left.flip(1), "right": dark_left, "above": dark_left.T.flip(0), "below": dark_left.T}
    value = {brighter: conv2d(input, weight).item() for brighter, input in tests.items()}
    assert conv2d(torch.full((3, 3), 7.0).double(), weight).item() == 0
    (plus,), (minus,) = ([side for side, v in value.items() if v * sign > 0] for sign in (1, -1))
    kind = "vertical" if plus in ("left", "right") else "horizontal"
    pattern = rf"{kind} edges: a positive number .*\b{plus}, a negative one .*\b{minus}$"
    (option,) = (option for option in page.options if re.match(pattern, option))
    return option


def zero_on_flat(page):
    (brightness,) = page.numbers(r"input is (\d+)")
    flat = torch.full((5, 6), float(brightness)).double()
    return [option for option in page.options if not conv2d(flat, grid(json.loads(option))).any()]


def bar_response(page):
    output = conv2d(page.grid("input"), page.grid("weight"))
    assert (output == output[0]).all()
    return option_where_row(page, output[0])


def option_where_row(page, row):
    (option,) = (option for option in page.options if torch.equal(grid([json.loads(option)])[0], row))
    return option


def which_kernel(page):
    input, output = page.grid("input"), page.grid("output")
    return option_where(page, lambda weight: torch.equal(conv2d(input, weight), output))


def impulse(page):
    input = page.grid("input")
    assert input.sum() == 1 and input[page.numbers(r"at \((\d+), (\d+)\)")] == 1
    output = conv2d(input, page.grid("weight"))
    return option_where(page, lambda shown: torch.equal(shown, output))


def zero_windows(page):
    weight = page.grid("weight")
    return [title for title, cells in page.windows().items() if conv2d(cells, weight).item() == 0]


def order_values(page):
    weight = page.grid("weight")
    value = {title: conv2d(cells, weight).item() for title, cells in page.windows().items()}
    assert len(set(value.values())) == 4
    return sorted(value, key=value.get)


def myth_flip(page):
    (claimed,) = page.numbers(r"gives (-?\d+)\.$")
    assert ("as it is drawn" in page.prompt) != ("turns the kernel" in page.prompt)
    return conv2d(page.grid("input"), page.grid("weight")).item() == claimed


def myth_negative(page):
    input, weight = page.grid("input"), page.grid("weight")
    output = conv2d(input, weight).item()
    assert output == page.numbers(r"gives (-\d+) on")[0] and output < 0
    assert conv2d(torch.full_like(input, 5), weight).item() == 0  # so the negative number is an edge
    if "no edge" in page.prompt:
        return False
    bright, dark = re.search(r"the (\w+) is brighter than the (\w+)", page.prompt).groups()
    side = {"left": input[0, 0], "right": input[0, -1], "top": input[0, 0], "bottom": input[-1, 0]}
    return bool(side[bright] > side[dark])


def myth_same(page):
    weight = page.grid("weight")
    input = torch.randint(-9, 10, (8, 9)).double()
    kH, kW = weight.shape
    full = F.conv_transpose2d(input[None, None], weight[None, None])[0, 0]
    valid = full[kH - 1 : 8, kW - 1 : 9]
    return torch.equal(valid, conv2d(input, weight))


def grey_batch(page):
    N, H, W = page.numbers(r"(\d+) grey pictures, each (\d+) pixels high and (\d+) wide")
    pictures = torch.stack([torch.zeros(1, H, W) for _ in range(N)])
    nn.Conv2d(1, 8, kernel_size=3)(pictures)
    return tuple(pictures.shape)


def pixel_index(page):
    picture = torch.stack([grid(block["values"]) for block in page.blocks])
    assert picture.shape == page.numbers(r"shape \((\d), (\d), (\d)\)")
    return picture[page.numbers(r"picture\[(\d), (\d), (\d)\]")].item()


def permute_or_reshape(page):
    H, W = page.numbers(r"\((\d+), (\d+), 3\)")
    picture = torch.rand(H, W, 3)
    right = []
    for option in page.options:
        given = eval(option, {"picture": picture})
        with contextlib.suppress(RuntimeError):
            nn.Conv2d(3, 8, kernel_size=3)(given)
            if given.shape == (3, H, W) and all(torch.equal(given[c], picture[:, :, c]) for c in range(3)):
                right.append(option)
    (answer,) = right
    return answer


def scrambled_pixel(page):
    names = {"torch": torch}
    exec(page.code, names)
    assert names["picture"].shape == page.numbers(r"shape \((\d), (\d), (\d)\)")
    return names["planes"][page.numbers(r"planes\[(\d), (\d), (\d)\]")].item()


def judge_of(id):
    name = id.replace("-", "_")
    return next(room[name] for room in (globals(), *map(vars, modules("judges"))) if name in room)


@pytest.mark.parametrize("id", ids())
def test_the_answer_is_what_torch_computes_from_the_page(id):
    judge = judge_of(id)
    for seed in SEEDS:
        question = made(id, seed)
        answer = judge(Page(question))
        assert answer == question.answer, (id, seed, answer, question.answer)
        assert question.grade(answer).outcome == "right", (id, seed)


@pytest.mark.parametrize("id", ids())
def test_the_proof_runs_and_prints_the_answer(id):
    for seed in SEEDS[:5] if len(SEEDS) < 100 else SEEDS[:40]:
        question, printed = made(id, seed), io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(question.proof, {})
        text, last = printed.getvalue().strip(), printed.getvalue().strip().split("\n")[-1]
        if question.kind in ("number", "shape", "cells"):
            assert question.grade(last).outcome == "right", (id, seed, text)
        elif question.kind == "truefalse":
            assert last == str(question.answer), (id, seed, text)
        elif question.kind == "choice":
            assert question.grade(last) or question.grade(text), (id, seed, text)
        else:
            names = question.answer if isinstance(question.answer, list) else [question.answer]
            squeezed, at = re.sub(r"[\s']", "", text), -1
            for name in names:
                at = squeezed.find(re.sub(r"[\s']", "", name), at + 1)
                assert at >= 0, (id, seed, name, text)
            for option in set(question.options) - set(names):
                assert re.sub(r"[\s']", "", option) not in squeezed, (id, seed, option, text)


def test_a_page_with_one_number_changed_no_longer_agrees():
    """The judge reads the page: change what the page shows, and its answer changes."""
    question = make("window-value", 1)
    page = Page(question)
    cells, weight = (block["values"] for block in page.blocks)
    u, v = next((u, v) for u, row in enumerate(weight) for v, tap in enumerate(row) if tap)
    cells[u][v] += 1
    assert window_value(page) != question.answer
