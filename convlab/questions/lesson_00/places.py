"""Lesson 00, the work of a hand that checks every window: how many places there are, and where the edges are."""

from math import prod

from convlab.mistakes import MISTAKES
from convlab.questions.cases import apart, block, counted, drawn, gathered
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec

KERNELS = ((3, 5), (5, 3), (3, 4), (4, 3), (2, 3), (3, 2), (5, 7))


def size_of_photograph(rng, low=60, high=320):
    """Rows and columns of a photograph, different."""
    return tuple(rng.sample(range(low, high, 4), 2))


def places_in(size, kernel):
    """Rows and columns of places of a window that moves by one pixel and has to fit inside."""
    return tuple(length - k + 1 for length, k in zip(size, kernel, strict=True))


def sides_swapped(size, kernel):
    """Rows and columns of places for who reads the window's (rows, columns) as (columns, rows).

    Example:
        >>> sides_swapped((60, 80), (3, 5))
        (56, 78)
    """
    (swapped,) = MISTAKES["M21"].models["size"](Conv2dSpec(1, 1, kernel), (1, *size))[:1]
    return swapped


def _hand_case(rng):
    kernel, size = rng.choice(KERNELS), size_of_photograph(rng)
    (H, W), (kH, kW), (h, w) = size, kernel, places_in(size, kernel)
    slips = [
        Slip(
            H * W,
            ("M01",),
            f"{H * W} is the number of pixels. A window that stands on the last pixel would stick out: rows of places "
            f"there are {H} - {kH} + 1 = {h}, columns {W} - {kW} + 1 = {w}.",
        ),
        Slip(
            (H - kH) * (W - kW),
            ("M02",),
            f"One row and one column of places are missing. The window also stands at the very start: {H} - {kH} + 1 = "
            f"{h} rows, not {H - kH}.",
        ),
        Slip(
            h + w,
            ("M124",),
            f"{h} rows and {w} columns of places are right, and you added them. At each row the window stands in every "
            f"column: {h} * {w} = {h * w}.",
        ),
        Slip(
            (H // kH) * (W // kW),
            ("M107",),
            "You laid the windows side by side. Here the window moves on by one pixel, so neighbours overlap, and none "
            f"is skipped: {h} * {w} = {h * w}.",
        ),
    ]
    return size, kernel, slips


def _hand_swapped(size, kernel):
    H, (kH, kW), swapped = size[0], kernel, sides_swapped(size, kernel)
    return Slip(
        prod(swapped),
        ("M21",),
        f"{swapped[0]} * {swapped[1]} = {prod(swapped)} is right for a window of {kW} rows and {kH} columns. This one "
        f"has {kH} rows and {kW} columns: {H} - {kH} + 1 = {H - kH + 1} rows of places.",
    )


def hand_places(rng):
    """How often does a hand that looks through a window have to look?"""
    size, kernel, slips = drawn(
        lambda: _hand_case(rng), lambda it: apart("number", prod(places_in(it[0], it[1])), it[2])
    )
    (H, W), (kH, kW), (h, w) = size, kernel, places_in(size, kernel)
    return {
        "prompt": (
            f"A grey photograph has {H} rows and {W} columns of pixels. You look at it through a window of {kH} rows "
            f"and {kW} columns, and move the window on by one pixel each time; it must not stick out. At how many "
            "places do you look?"
        ),
        "kind": "number",
        "level": "easy",
        "objective": "count the places of a window",
        "formula": "(H - kH + 1) * (W - kW + 1)",
        "answer": h * w,
        "because": f"{h} rows of places, {w} places in each.",
        "hint": f"How far down can the window's first row go, so that its {kH} rows still fit? Row 0 counts too.",
        "steps": [
            f"Rows of places: {H} - {kH} + 1 = {h}; columns of places: {W} - {kW} + 1 = {w}.",
            f"Every row of places has a place in every column: {h} * {w} = {h * w}.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\n"
            f"answers = nn.Conv2d(1, 1, kernel_size=({kH}, {kW}))(torch.zeros(1, 1, {H}, {W}))\nprint(answers.numel())"
        ),
        "slips": gathered("number", h * w, [*slips, _hand_swapped(size, kernel)]),
        "otherwise": "Count rows of places and columns of places apart, then multiply. Python may do the sum.",
    }


def _photo_case(rng):
    spec = Conv2dSpec(3, rng.choice((6, 8, 12, 16, 20)), rng.choice(KERNELS))
    return spec, (rng.choice((10, 50, 200, 1000)), 3, *size_of_photograph(rng))


def _photo_slips(spec, input_shape):
    (N, C, H, W), (kH, kW), C_out = input_shape, spec.kernel_size, spec.out_channels
    h, w = places_in((H, W), (kH, kW))
    return [
        Slip(
            N * h * w,
            ("M119",),
            f"That is one map for each photograph, as if one grey picture came out. Each of the {C_out} filters gives "
            f"a map of its own: times {C_out}.",
        ),
        Slip(
            N * C_out * (h + w),
            ("M124",),
            f"You added {h} rows and {w} columns of places. In each row the window stands in every column: multiply.",
        ),
        Slip(
            N * C_out * H * W,
            ("M01",),
            f"You took a place for every pixel. The window has to fit inside: {H} - {kH} + 1 = {h} rows and {W} - {kW} "
            f"+ 1 = {w} columns of places.",
        ),
        Slip(
            N * C_out * (H - kH) * (W - kW),
            ("M02",),
            f"One row and one column of places are missing: there are {H} - {kH} + 1 = {h} rows and {W} - {kW} + 1 = "
            f"{w} columns of them.",
        ),
        Slip(
            N * C_out * C * h * w,
            ("M27",),
            "You counted an answer for each colour. A filter looks at red, green and blue together and gives one "
            "number for each place.",
        ),
    ]


def _photo_more_slips(spec, input_shape):
    """What is named besides, where it differs: the photographs left out, the window's sides swapped."""
    (N, _, H, W), (kH, kW), C_out = input_shape, spec.kernel_size, spec.out_channels
    h, w = places_in((H, W), (kH, kW))
    swapped, one = sides_swapped((H, W), (kH, kW)), prod(MISTAKES["M174"].models["output_shape"](spec, input_shape)[0])
    return [
        Slip(
            one,
            ("M174",),
            f"{one} numbers come out for one photograph. {N} of them go in, and each gives as many: {N} * {one} = "
            f"{N * one}.",
        ),
        Slip(
            N * C_out * prod(swapped),
            ("M21",),
            f"You laid a window of {kW} rows and {kH} columns. `kernel_size=({kH}, {kW})` is (height, width): {h} rows "
            f"and {w} columns of places.",
        ),
        Slip(
            h * w,
            ("M119", "M174"),
            f"{h} * {w} = {h * w} is one map of one photograph. There are {C_out} filters, with a map each, and {N} "
            "photographs.",
        ),
    ]


def photo_places(rng):
    """How many answers does a layer give on many photographs?"""

    def keep(case):
        return apart("number", prod(case[0].output_shape(case[1])), _photo_slips(*case))

    spec, shape = drawn(lambda: _photo_case(rng), keep)
    (N, _, H, W), (kH, kW), C_out = shape, spec.kernel_size, spec.out_channels
    h, w = places_in((H, W), (kH, kW))
    answer = N * C_out * h * w
    return {
        "prompt": (
            f"{N} colour photographs, each {H} rows high and {W} columns wide, go through `{spec.source()}`. How many "
            "numbers come out in all?"
        ),
        "kind": "number",
        "level": "hard",
        "objective": "count the answers of a layer",
        "formula": "photographs * filters * (H - kH + 1) * (W - kW + 1)",
        "answer": answer,
        "because": f"{N} photographs, {C_out} filters, {h} rows and {w} columns of places.",
        "hint": "One filter on one photograph first: how many places? Then how many filters, how many photographs? "
        "Let Python multiply.",
        "steps": [
            f"Rows of places: {H} - {kH} + 1 = {h}; columns of places: {W} - {kW} + 1 = {w}.",
            f"One filter on one photograph gives {h} * {w} = {h * w} answers; the three colours are added up in each.",
            f"{C_out} filters give {C_out} maps: {C_out} * {h * w} = {C_out * h * w} numbers a photograph.",
            f"{N} photographs: {N} * {C_out * h * w} = {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer = {spec.source()[:-1]}, device='meta')\n"
            f"print(layer(torch.zeros({shape}, device='meta')).numel())  # shapes alone, no numbers"
        ),
        "slips": gathered("number", answer, [*_photo_slips(spec, shape), *_photo_more_slips(spec, shape)]),
        "spec": spec,
        "input_shape": shape,
        "otherwise": "Four numbers are multiplied: photographs, filters, rows of places, columns of places.",
    }


def _edge_picture(rng):
    """A bright area on a dark ground: (H, W), its first and last row and column, the two brightnesses."""
    H, W = rng.randint(3, 5), rng.choice((8, 9))
    first = rng.choice((2, 4))
    last = rng.choice([column for column in (4, 6) if first < column < W - 1])
    top = rng.randrange(0, H - 1)
    bottom = rng.randint(top, min(top + 2, H - 1))
    return (H, W), (top, bottom), (first, last), (rng.randint(0, 3), rng.randint(6, 9))


def _edge_sets(picture):
    _, (top, bottom), (first, last), _ = picture
    rows = range(top, bottom + 1)
    # the area begins and ends in an even column, so that windows side by side meet its right edge alone
    return {
        "right": [[i, j] for i in rows for j in (first - 1, last)],
        "M64": [[i, first - 1] for i in rows],
        "M120": [[i, j] for i in rows for j in range(first, last)],
        "M107": [[i, last] for i in rows],
    }


_EDGE_PLACES = {  # what is the same for every seed
    "kind": "cells",
    "level": "medium",
    "objective": "say where a filter answers",
    "formula": "answer(i, j) = pixel(i, j + 1) - pixel(i, j)",
    "hint": "Go along one row and subtract neighbours. Where both are equal the answer is 0.",
}


def edge_places(rng):
    """The places at which a filter that compares neighbours answers at all."""
    (H, W), (top, bottom), (first, last), (dark, bright) = picture = _edge_picture(rng)
    cells = [
        [bright if top <= i <= bottom and first <= j <= last else dark for j in range(W)] for i in range(H)
    ]  # fmt: skip
    sets, rise, rows = _edge_sets(picture), bright - dark, bottom - top + 1
    lines = {
        "M64": f"Those are the places where it grows brighter, {bright} - {dark} = {rise}. Where it grows darker the "
        f"answer is {dark} - {bright} = {-rise}: negative, and not 0. That is an edge too.",
        "M120": f"There both pixels are bright, and the answer is {bright} - {bright} = 0. The filter does not look "
        "for what is bright; it answers where its two pixels differ.",
        "M107": "You looked at every second place only, as if the windows lay side by side. The window moves on by "
        f"one pixel, so it also stands at column {first - 1}.",
    }
    return {
        **_EDGE_PLACES,
        "prompt": (
            f"The input has {H} rows and {W} columns, the filter lies on two neighbouring pixels. At place (i, j) its "
            "left weight lies on row i, column j, and it answers: right pixel minus left pixel. Click every place at "
            "which its answer is not 0."
        ),
        "answer": sets["right"],
        "because": f"In {counted(rows, 'row')} the pixels change twice: at column {first - 1} by {rise}, at column "
        f"{last} by {-rise}.",
        "steps": [
            f"Where both pixels are {dark}, or both are {bright}, the answer is 0.",
            f"At column {first - 1} it steps up: {bright} - {dark} = {rise}.",
            f"At column {last} it steps down: {dark} - {bright} = {-rise}, which is not 0 either.",
        ],
        "proof": (
            f"import torch\nfrom torch.nn import functional as F\ninput = torch.tensor({cells}).double()[None, None]\n"
            "right_minus_left = torch.tensor([[-1, 1]]).double()[None, None]\n"
            "print(F.conv2d(input, right_minus_left)[0, 0].nonzero().tolist())"
        ),
        "figure": [block("input", cells), block("weight", [[-1, 1]], "filter 1 x 2")],
        "slips": gathered("cells", sets["right"], [Slip(sets[id], (id,), line) for id, line in lines.items()]),
        "options": {"shape": [H, W - 1], "role": "output"},
    }


QUESTIONS = {"hand-places": hand_places, "edge-places": edge_places, "photo-places": photo_places}
