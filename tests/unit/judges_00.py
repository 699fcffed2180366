"""Lesson 00 judged by torch: the answer to each question from its page alone, by real layers.

What no layer can tell (how the course asks) is judged by the course itself: a question made again, a day it is due.
"""

import contextlib
import re
from functools import cache
from itertools import permutations

import torch
from torch import nn
from torch.nn import functional as F

from convlab import questions, review
from convlab.attempt import Attempt
from tests.unit.pages import layer_in


def option_that(page, holds):
    (option,) = (option for option in page.options if holds(option))
    return option


def photograph(page, N=1, C=3):
    """A photograph of the first H x W of the prompt."""
    H, W = page.numbers(r"(\d+) x (\d+)")
    return torch.rand(N, C, H, W).double()


def parameters(layer):
    return sum(it.numel() for it in layer.parameters())


def linear_between(layer, photo):
    return nn.Linear(photo.numel(), layer(photo).numel(), device="meta")


def shares_its_weights(layer, photo):
    """True when the answers move along with the photograph: the same weights at every place."""
    return torch.allclose(layer(photo.roll(1, 3))[..., 1:], layer(photo)[..., :-1])


def what_for(page):
    layer, photo = layer_in(page), photograph(page)
    output = layer(photo)
    told = {
        "adds pixels": output.shape[2] > photo.shape[2],
        "one grey picture": output.shape[1] == 1,
        "sorts": not shares_its_weights(layer, photo),
        f"lays {output.shape[1]} patterns": shares_its_weights(layer, photo),
    }
    return option_that(page, lambda option: any(words in option and true for words, true in told.items()))


def map_shape(page):
    return tuple(layer_in(page)(torch.zeros(eval(re.search(r"shape (\(.*?\))", page.prompt)[1])).double()).shape)


def first_layer(page):
    photo = torch.rand(1, 3, 40, 60, dtype=torch.float64, requires_grad=True)
    layer_in(page)(photo)[0, 0, 12, 20].backward()
    rows, columns = (axis.unique().numel() for axis in photo.grad[0].abs().sum(0).nonzero().T)
    eye = page.numbers(r"is about (\d+) x (\d+)")
    assert rows < eye[0] and columns < eye[1] and rows * columns > 1
    return option_that(page, lambda option: f"within {rows} x {columns} pixels" in option)


def hand_places(page):
    H, W, kH, kW = page.numbers(r"has (\d+) rows and (\d+) columns.*window of (\d+) rows and (\d+) columns")
    return F.conv2d(torch.zeros(1, 1, H, W), torch.zeros(1, 1, kH, kW)).numel()


def photo_places(page):
    N, H, W = page.numbers(r"^(\d+) colour photographs, each (\d+) rows high and (\d+) columns wide")
    return layer_in(page).to("meta")(torch.zeros(N, 3, H, W, device="meta").double()).numel()


def edge_places(page):
    answers = F.conv2d(page.grid("input")[None, None], page.grid("weight")[None, None])[0, 0]
    assert list(answers.shape) == page.options["shape"]
    assert "right pixel minus left pixel" in page.prompt and page.grid("weight").tolist() == [[-1, 1]]
    return answers.nonzero().tolist()


def conv_count(page):
    layer, photo = layer_in(page), photograph(page)
    layer(photo)  # it runs on the photograph, and has no more parameters afterwards
    return parameters(layer)


def linear_count(page):
    return parameters(linear_between(layer_in(page), photograph(page)))


def larger_picture(page):
    layer, (H, W) = layer_in(page), page.numbers(r"(\d+) x (\d+)")
    before = [parameters(layer), parameters(linear_between(layer, torch.zeros(1, 3, H, W).double()))]
    told = re.search(r"learns ([\d,]+) numbers.*would learn ([\d,]+)\.", page.prompt).groups()
    assert before == [int(number.replace(",", "")) for number in told]
    H, W = page.numbers(r"photographs are (\d+) x (\d+)")
    layer(torch.zeros(1, 3, H, W).double())
    needed = [parameters(layer), parameters(linear_between(layer, torch.zeros(1, 3, H, W).double()))]

    def numbers(option):
        found = re.findall(r"\d[\d,]*\d(?!,?\d)", option)
        return [int(number.replace(",", "")) for number in found]

    return option_that(page, lambda option: numbers(option) == needed)


def reads_all(page):
    ins, outs = page.numbers(r"nn\.Linear\((\d+), (\d+)\)")
    pixels = torch.rand(ins, requires_grad=True)
    nn.Linear(ins, outs)(pixels)[outs - 1].backward()
    read = int((pixels.grad != 0).sum())
    return ("one pixel alone" in page.prompt) == (read == 1)


def windows_of(pictures, size, kernel):
    """What a filter of `kernel` can use of every window of `size`: a row for each window, a column for each weight."""
    unfolded = F.unfold(pictures, size).reshape(len(pictures), *size, -1)[:, : kernel[0], : kernel[1]]
    return unfolded.flatten(1, 2).transpose(1, 2).flatten(0, 1)


def best_error(windows, wanted):
    """The error that is left when the weights are as good as they can be."""
    solution = torch.linalg.lstsq(windows, wanted).solution
    return (windows @ solution - wanted).square().mean().item()


def fewer_better(page):
    (block,) = page.blocks
    weight = torch.tensor(block["values"]).double()
    A, B = (tuple(map(int, pair)) for pair in re.findall(r"kernel_size=\((\d), (\d)\)", page.prompt))
    counts = page.numbers(
        r"(\d) weights and A only (\d)" if "although" in page.prompt else r"has (\d) weights .* (\d)\."
    )
    assert B == tuple(weight.shape) and set(counts) == {A[0] * A[1], B[0] * B[1]}
    pictures = torch.rand(20, 1, 9, 12).double()
    wanted = F.conv2d(pictures, weight[None, None]).flatten()[:, None]
    # the smaller filter may lie anywhere in the window: its best place counts
    moved = [pictures, pictures.flip(2), pictures.flip(3)]
    turned = [weight, weight.flip(0), weight.flip(1)]
    error_A = min(
        best_error(windows_of(it, B, A), F.conv2d(it, w[None, None]).flatten()[:, None])
        for it, w in zip(moved, turned, strict=True)
    )
    error_B = best_error(windows_of(pictures, B, B), wanted)
    assert error_B < 1e-12 and error_A > 1e-3
    return "B comes closer" in page.prompt


def what_learned(page):
    learned = dict(layer_in(page).named_parameters())
    ticked = [option for option in page.options if option.split(":")[0] in learned]
    assert ticked and all(f"{learned[it.split(':')[0]].numel()} numbers" in it for it in ticked)
    return ticked


def which_true(page):
    layer = layer_in(page)
    photo = torch.rand(1, 3, 20, 25).double()
    pixels = torch.rand(40, requires_grad=True)
    nn.Linear(40, 5)(pixels)[0].backward()
    windows, wanted = torch.rand(60, 6).double(), torch.rand(60, 2).double()
    fitted = torch.linalg.lstsq(windows, wanted).solution
    true = {
        "depends on every pixel": bool((pixels.grad != 0).all()),
        "depends on one pixel": int((pixels.grad != 0).sum()) == 1,
        "ends up with other filters": not torch.allclose(fitted[:, 0], fitted[:, 1]),
        "ends up with the same filters": torch.allclose(fitted[:, 0], fitted[:, 1]),
        "can be the less accurate": best_error(windows[:, :3], wanted) > best_error(windows, wanted),
        "is always the more accurate": best_error(windows[:, :3], wanted) < best_error(windows, wanted),
        "share their weights": shares_its_weights(layer, photo),
        "has weights of its own": not shares_its_weights(layer, photo),
    }
    ticked = [option for option in page.options if any(words in option and it for words, it in true.items())]
    return ticked


def learning_step(page):
    """The one order in which the weights move, and the loss gets lower by it."""
    return list(order_that_learns(tuple(sorted(page.options))))


@cache
def order_that_learns(options):
    """The order of these lines after which the loss is lower; the cards differ only in how they are shuffled."""
    right = []
    for lines in permutations(options):
        torch.manual_seed(0)
        layer, photo = nn.Conv2d(1, 1, kernel_size=(2, 3)), torch.rand(4, 1, 6, 9)
        wanted, optimizer = torch.ones(4, 1, 5, 7), torch.optim.SGD(layer.parameters(), lr=0.01)
        before = ((layer(photo) - wanted) ** 2).mean().item()
        names = {"layer": layer, "photo": photo, "wanted": wanted, "optimizer": optimizer}
        with contextlib.suppress(NameError):
            exec("\n".join(lines), names)
            if ((layer(photo) - wanted) ** 2).mean().item() < before:
                right.append(lines)
    (order,) = right
    return order


def same_cell(page):
    id, seed = re.search(r'predict\("(.*?)", seed=(\d+)\)', page.prompt).groups()
    first, again = (questions.make(id, int(seed)) for _ in range(2))
    given = Attempt(id, "wrong", seed=int(seed), lesson=first.lesson, kind=first.kind, context="predict", sure=1)
    entry = review.predict(again, [given]).trail[0]
    assert first == again and entry.attempt == given
    return option_that(page, lambda option: "the same question" in option and "the answer that I gave" in option)


def how_sure(page):
    id, seed, sure = re.search(r'answer\("(.*?)", \.\.\., seed=(\d+), sure=(\d)\)', page.prompt).groups()

    def due(sure):
        given = Attempt(id, "right", seed=int(seed), sure=sure, at="2026-05-01T10:00:00+00:00")
        return review.memories([given])[id].due

    said = {True: "sooner than after a certain answer", False: "later than after a guess"}
    assert due(1) < due(3)
    return option_that(page, lambda option: option == f"it asks me again {said[int(sure) == 1]}")
