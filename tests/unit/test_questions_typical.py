"""Wrong answers that people give: worked out by torch on the changed case, typed, and named by their mistake.

A wrong answer that is right by chance, for these numbers, is judged right and names nothing.
"""

import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.unit.by_lesson import SEEDS, made, modules
from tests.unit.pages import Page

pytestmark = pytest.mark.usefixtures("one_thread")


def layer_in(page):
    """The layer that the prompt writes out, and the shape of what goes into it."""
    (code,) = re.findall(r"`(?:layer = )?(nn\.Conv2d\([^`]*\))`", page.prompt)
    return eval(code, {"nn": nn})


def changed(layer, **settings):
    """The layer with other settings; ``kernel_size=None`` turns the kernel."""
    kept = {"kernel_size": layer.kernel_size, "stride": layer.stride, "padding": layer.padding}
    return nn.Conv2d(layer.in_channels, layer.out_channels, **(kept | settings))


def turned(layer):
    return changed(layer, kernel_size=layer.kernel_size[::-1])


def weights(layer):
    return sum(it.numel() for it in layer.parameters())


def photo_size(page):
    return page.numbers(r"(\d+) x (\d+) pixels")


def between(layer, photo):
    """The parameters of a Linear layer in place of this one."""
    return weights(nn.Linear(photo.numel(), layer(photo).numel(), device="meta"))


def conv_count(page):
    layer = layer_in(page)
    each, C_out = layer.weight[0].numel(), layer.out_channels
    yield "M119", each + 1
    yield "M119", each
    yield "M173", layer.weight.numel() + 1
    yield "M36", layer.weight.numel() + layer.in_channels
    yield "M38", layer.weight.numel() + layer.weight[:, :, 0, 0].numel()
    yield "M37", layer.weight.numel() + layer(torch.zeros(1, 3, *photo_size(page))).numel()
    yield "M34", layer.weight[:, 0].numel()
    yield "M35", layer.weight[:, 0].numel()
    yield "M34", layer.weight[:, 0].numel() + C_out


def linear_count(page):
    layer, photo = layer_in(page), torch.zeros(1, 3, *photo_size(page))
    one, linear = nn.Conv2d(3, 1, layer.kernel_size), between(layer, photo)
    yield "M21", between(turned(layer), photo)
    yield "M119", between(one, photo)
    yield "M173", linear - layer(photo).numel() + 1


def map_shape(page):
    layer, shape = layer_in(page), page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")
    yield "M21", tuple(turned(layer)(torch.zeros(shape)).shape)
    yield "M174", tuple(layer(torch.zeros(shape[1:])).shape)
    yield "M28", (*shape[:2], *layer(torch.zeros(shape)).shape[2:])


def photo_places(page):
    layer = layer_in(page)
    N, H, W = page.numbers(r"(\d+) colour photographs, each (\d+) rows high and (\d+) columns")
    photo = torch.zeros(3, H, W)
    yield "M174", layer(photo).numel()
    yield "M21", N * turned(layer)(photo).numel()


def hand_places(page):
    H, W, kH, kW = page.numbers(r"has (\d+) rows and (\d+) columns .* window of (\d+) rows and (\d+) columns")
    yield "M21", nn.Conv2d(1, 1, (kW, kH))(torch.zeros(1, H, W)).numel()


def permuted_strides(page):
    names = {"torch": torch}
    exec(page.code, names)
    photo, planes = names["photo"], names["planes"]
    _, row, column = planes.stride()
    yield "M175", photo.stride()
    yield "M129", torch.zeros(planes.shape).stride()
    yield "M176", (1, row // 3, column)
    yield "M176", (1, row // 3, column // 3)
    yield "M102", (1, column, row)


def format_strides(page):
    names = {"torch": torch}
    exec(page.code, names)
    x, (size, one, row, column) = names["x"], names["y"].stride()
    yield "M175", x.stride()
    yield "M129", x.stride()
    yield "M60", torch.zeros(x.permute(0, 2, 3, 1).shape).stride()
    yield "M60", x.permute(0, 2, 3, 1).stride()
    yield "M176", (size, one, row // column, column)
    yield "M102", (size, one, column, row)


def three_grey(page):
    layer, shape = layer_in(page), page.numbers(r"shape \((\d+), (\d+), (\d+)\)")
    yield "M28", shape
    yield "M55", (3, *layer(torch.zeros(shape)).shape)
    yield "M27", (3 * layer.out_channels, *shape[1:])


def other_input(page):
    layer, shape = (
        layer_in(page),
        page.numbers(r"input of shape \(\d+, \d+, \d+\) into .* shape \((\d+), (\d+), (\d+)\)"),
    )
    (kH, kW), C_out = layer.kernel_size, layer.out_channels
    yield "M01", (C_out, *shape[1:])
    yield "M143", tuple(F.conv_transpose2d(torch.zeros(C_out, *shape[1:]), torch.zeros(C_out, C_out, kH, kW)).shape)
    yield "M21", tuple(turned(layer)(torch.zeros(shape)).shape)


def input_of_the_layer(page):
    _, C_in, kH, kW = page.numbers(r"weight of shape \((\d+), (\d+), (\d+), (\d+)\)")
    H_out, W_out = page.numbers(r"feature maps of (\d+) x (\d+)")
    forwards = nn.Conv2d(C_in, C_in, (kH, kW))(torch.zeros(C_in, H_out, W_out))
    yield "M143", tuple(forwards.shape)


def without(code, *, poolings=0, padding=""):
    """The network of a page with the last so many poolings left out, and without its padding."""
    for _ in range(poolings):
        first, _, last = code.rpartition("nn.MaxPool2d(2)")
        code = f"{first}nn.Identity(){last}"
    names = {"nn": nn}
    exec(code.replace(padding, ""), names)
    return names.get("features") or names["net"]


def linear_after(page):
    _, C, H, W = page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")
    for poolings in (1, 2, 3):
        yield "M171", without(page.code, poolings=poolings)(torch.zeros(1, C, H, W)).numel()
    yield "M172", without(page.code)[-4].out_channels
    (padding,) = set(re.findall(r", padding=\(\d, \d\)", page.code))
    try:
        yield "M168", without(page.code, padding=padding)(torch.zeros(1, C, H, W)).numel()
    except RuntimeError:  # nothing is left of the picture
        return


def strided_window(page):
    layer, (i, j) = layer_in(page), page.place()
    (sH, sW), (pH, pW), (kH, kW) = layer.stride, layer.padding, layer.kernel_size
    H, W = page.options["shape"]
    for id, (top, left) in {"M168": (i * sH, j * sW), "M169": (i - pH, j - pW)}.items():
        cells = [[r, c] for r in range(top, top + kH) for c in range(left, left + kW) if 0 <= r < H and 0 <= c < W]
        if cells:
            yield id, cells


def corner_value(page):
    (bias,) = page.numbers(r"the bias (-?\d+)")
    without_padding = F.conv2d(page.grid("input")[None, None], page.grid("weight")[None, None])[0, 0, 0, 0].item()
    yield "M168", without_padding + bias
    yield "M168", without_padding


def reflect_limit(page):
    *_, H, W = page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")
    yield "M170", W
    yield "M21", H - 1


def frame_value(page):
    if "'reflect'" not in page.prompt:
        return
    pH, pW = page.numbers(r"padding=\((\d), (\d)\)")
    r, c = page.numbers(r"row (\d+), column (\d+) of the padded")
    input = page.grid("input")
    rows = torch.cat([input[:pH].flip(0), input, input[-pH:].flip(0)])
    yield "M170", torch.cat([rows[:, :pW].flip(1), rows, rows[:, -pW:].flip(1)], dim=1)[r, c].item()


def padded_size(page):
    yield "M168", page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")


def stack(page):
    shape = page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")
    yield "M171", tuple(without(page.code.rpartition("\n")[0], poolings=1)(torch.zeros(shape)).shape)


def flatten_size(page):
    shape = (1, 1, *page.numbers(r"picture of (\d+) x (\d+)"))
    for poolings in (1, 2):
        yield "M171", without(page.code, poolings=poolings)(torch.zeros(shape)).numel()
    yield "M172", without(page.code)[2].out_channels


def output_size(page):
    shape = page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")
    layer = eval(re.search(r"conv = (.*)", page.code)[1], {"nn": nn})
    yield "M169", tuple(changed(layer, stride=1)(torch.zeros(shape)).shape)
    yield "M168", tuple(changed(layer, padding=0)(torch.zeros(shape)).shape)
    yield "M174", tuple(layer(torch.zeros(shape[1:])).shape)


TYPICAL = (conv_count, linear_count, map_shape, photo_places, hand_places, permuted_strides, format_strides, three_grey,
           other_input, input_of_the_layer, linear_after, strided_window, corner_value, reflect_limit, frame_value,
           padded_size, stack, flatten_size, output_size)  # fmt: skip


@pytest.mark.parametrize("people_say", TYPICAL, ids=lambda it: it.__name__)
def test_what_people_answer_is_named(people_say):
    named = set()
    for seed in SEEDS:
        question = made(people_say.__name__.replace("_", "-"), seed)
        for id, answer in people_say(Page(question)):
            verdict = question.grade(answer)
            assert verdict.outcome == "right" or id in verdict.mistakes, (seed, id, answer, verdict)
            named |= {id} & set(verdict.mistakes)
    expected = {id for seed in SEEDS for id, _ in people_say(Page(made(people_say.__name__.replace("_", "-"), seed)))}
    assert named == expected


@pytest.mark.parametrize("people_say", TYPICAL, ids=lambda it: it.__name__)
def test_no_mistake_is_named_for_the_right_answer_and_none_for_a_number_beside_all(people_say):
    for seed in SEEDS:
        question = made(people_say.__name__.replace("_", "-"), seed)
        assert question.grade(question.answer).mistakes == ()
        if question.kind == "number":
            taken = {question.answer, *(slip.answer for slip in question.slips)}
            other = next(number for number in range(7001, 9000) if number not in taken)
            assert question.grade(other).mistakes == ()


PEOPLE = [row for module in modules("people") for row in module.PEOPLE]  # id, mistake, what who holds it answers


@pytest.mark.parametrize(
    ("id", "mistake", "thinks"), PEOPLE, ids=[f"{id}-{mistake}-{thinks.__name__}" for id, mistake, thinks in PEOPLE]
)
def test_what_people_answer_who_hold_a_mistake_is_named(id, mistake, thinks):
    named = 0
    for seed in SEEDS:
        answer = thinks(Page(made(id, seed)))
        verdict = made(id, seed).grade(answer)
        assert answer is None or verdict.outcome == "right" or mistake in verdict.mistakes, (seed, answer, verdict)
        named += mistake in verdict.mistakes
    assert named > len(SEEDS) / 4
