"""Lesson 07, filters and what they are for: what a first filter can see, how many are enough, which data suit."""

from itertools import pairwise

from convlab.questions.cases import drawn, gathered
from convlab.questions.lesson_03.drawing import judged, layer
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec, receptive_field

_THINGS = {  # name -> sizes in pixels, rows and columns
    "whisker": ((1, 4), (2, 3), (3, 1)),
    "ear": ((9, 6), (8, 10), (11, 8)),
    "eye": ((5, 8), (6, 9), (4, 7)),
    "head": ((26, 30), (24, 20), (30, 26)),
    "body": ((40, 60), (36, 52), (50, 70)),
}


def _seen(specs):
    return receptive_field(specs)[0]


def _cat_case(rng):
    kernel, pool = rng.choice(((3, 5), (5, 3))), Conv2dSpec(1, 1, 2, stride=2)
    rounds, last, thing = rng.choice((2, 3)), rng.random() < 0.5, rng.choice(list(_THINGS))
    conv = Conv2dSpec(1, 1, kernel)
    fields = _seen([conv]), _seen([*[conv, pool] * (rounds - 1), conv])
    return kernel, rounds, last, (thing, rng.choice(_THINGS[thing])), fields


def _whole(case):
    *_, last, (_, size), fields = case
    return all(length <= seen for length, seen in zip(size, fields[last], strict=True))


def myth_cat(rng):
    """Whether one unit of the first or the last layer can see the whole of a thing."""
    wanted = rng.random() < 0.5

    def fair(case):
        sides = zip(case[3][1], case[4][case[2]], strict=True)
        return _whole(case) == wanted and any(abs(length - seen) > 1 for length, seen in sides)

    kernel, rounds, last, (thing, (h, w)), fields = drawn(lambda: _cat_case(rng), fair)
    channels = (3, *rng.choice(((16, 24, 32), (8, 16, 24), (12, 20, 48))))[: rounds + 1]
    convs = [f"nn.Conv2d({a}, {b}, kernel_size={kernel})" for a, b in pairwise(channels)]
    code = "net = nn.Sequential(\n    " + ", nn.ReLU(), nn.MaxPool2d(2),\n    ".join(convs) + ",\n)"
    (rows, columns), which = fields[last], "last" if last else "first"
    seen = f"A unit of the {which} convolution sees {rows} x {columns} pixels"
    return judged(
        wanted,
        f"In the pictures the {thing} of a cat is {h} pixels high and {w} wide. A single unit of the {which} "
        "convolution can see all of it.",
        "M68",
        f"{seen}; the {thing} has {h} x {w}. "
        + ("Deeper layers combine what the first found." if last else "What is larger is left to deeper layers."),
        objective="say what a filter can see",
        formula="a unit sees its receptive field, whatever the filter has learned",
        because=f"{seen}; the {thing} has {h} x {w}.",
        hint="How far does a unit of this layer see? The first layer sees its kernel; each later one adds its kernel "
        "less 1, times all strides before.",
        steps=[
            f"{seen}.",
            f"The {thing} is {h} x {w}: it {'fits' if wanted else 'does not fit'} into that.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\n{code}\n"
            + ("" if last else "net = net[:1]\n")
            + "net = nn.Sequential(*(nn.AvgPool2d(2) if isinstance(it, nn.MaxPool2d) else it for it in net "
            "if not isinstance(it, nn.ReLU))).double()\n"
            "picture = torch.zeros(1, 3, 90, 100).double().requires_grad_()\noutput = net(picture)\n"
            "output[0, 0, 3, 3].backward()\nread = picture.grad[0].abs().sum(0).nonzero()\n"
            "sides = read.amax(0) - read.amin(0) + 1\n"
            f"print(sides[0].item() >= {h} and sides[1].item() >= {w})"
        ),
        figure=[{"code": code}],
    )


_FILTERS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say what filters of the first layer find",
    "formula": "first layer: what fits into one kernel, edges, spots and colours",
    "because": "A filter of the first layer reads one small window. Edges, spots, colours fit into it; parts and "
    "objects are put together by deeper layers.",
    "hint": "How many pixels does this filter read at one place? What of the list fits into so few?",
    "otherwise": "Ask of each: can it be seen in a window of this size, through a keyhole as it were?",
}


def _to_find(rng, kH, kW):
    """For each thing its versions: (thing, can this filter find it alone, the mistake behind being wrong, why)."""
    small = f"It shows within {kH} x {kW} pixels: a kernel with two signs answers to it."
    large = f"It does not fit into {kH} x {kW} pixels. Deeper layers combine what the first ones find."
    whole = f"It sees {kH} x {kW} pixels at one place, not the picture. Deeper layers gather what all places say."
    high, wide = rng.sample(range(18, 60), 2)
    return (
        [("an edge, dark on the left, bright on the right", True, "M68", small),
         ("how many edges the picture has", False, "M68", whole)],
        [("a border of red and green", True, "M68", f"It shows within {kH} x {kW} pixels: the three kernels of a "
          "filter tell colours."),
         (f"a red car, {high + 8} x {wide + 40} pixels large", False, "M68", large)],
        [("a bright spot, 1 x 2 pixels large", True, "M68", small),
         (f"a wheel, {wide} x {wide + 3} pixels large", False, "M68", large)],
        [("a thin line that runs from above to below", True, "M68", f"Of the line it sees a piece of {kH} rows, at "
          "each place: enough to answer to."),
         (f"the digit 7, {high} x {high - 5} pixels large", False, "M68", large)],
        [("a dark speck, 2 x 1 pixels large", True, "M68", small),
         ("whether there is a cat in the picture", False, "M68", whole)],
    )  # fmt: skip


def first_filters(rng):
    """What a filter of the first layer can find by itself."""
    _, C_out, (kH, kW) = layer(rng, (8, 16, 24, 32))
    fields = to_tick(rng, _to_find(rng, kH, kW))
    return {
        **_FILTERS,
        **fields,
        "prompt": f"`nn.Conv2d(3, {C_out}, kernel_size=({kH}, {kW}))` is the first layer of a trained network. What "
        "can one of its filters find by itself? Tick all.",
        "steps": [
            f"At each place the filter reads {kH} x {kW} pixels of three channels, and adds.",
            "Edges, spots, lines and colours show in so small a window.",
            f"What is larger than {kH} x {kW} pixels is put together by deeper layers.",
        ],
        "proof": (
            "import re\nfrom torch import nn\n"
            f"kH, kW = nn.Conv2d(3, {C_out}, kernel_size=({kH}, {kW})).kernel_size\n"
            "def fits(option):\n    size = re.findall(r'(\\d+) x (\\d+) pixels', option)\n"
            "    return 'the picture' not in option and all(int(h) <= kH and int(w) <= kW for h, w in size)\n"
            f"print([option for option in {fields['options']} if fits(option)])"
        ),
    }


_HOW_MANY = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "choose how many filters",
    "formula": "choose by the accuracy on pictures that were not trained on",
    "hint": "Which column tells how the network does on pictures that it has never seen?",
    "otherwise": "Choose by the column of the pictures that were not trained on; a draw goes to the cheaper one.",
}


def how_many_filters(rng):
    """Which number of filters does best on pictures that were not trained on."""
    filters = sorted(rng.sample((4, 8, 16, 32, 64, 128), 4))
    best = rng.randrange(3)
    train = sorted(rng.sample(range(880, 1000, 3), 4))
    top = train[best] - rng.randint(4, 12)
    fresh = [top - (12 + 9 * abs(at - best)) + rng.randint(-3, 3) if at != best else top for at in range(4)]
    kernel = rng.choice(((3, 5), (5, 3)))
    weights = [3 * count * kernel[0] * kernel[1] + count for count in filters]
    lines = ["filters  parameters  trained on  not trained on"]
    for row in zip(filters, weights, train, fresh, strict=True):
        lines.append(f"{row[0]:7}  {row[1]:10}  {row[2] / 10:8.1f} %  {row[3] / 10:12.1f} %")
    answer, last = filters[best], filters[-1]
    slips = [
        Slip(last, ("M69",), f"{last} filters do best on the pictures they were trained on: those they have learned by "
             "heart. On others they do worse, and they cost most."),
        Slip(filters[0], ("M123",), f"{filters[0]} filters are the cheapest, and too few here: others do better on "
             "pictures that were not trained on."),
        *(
            Slip(count, ("M69",), f"{count} filters cost more than {answer}, and do worse on pictures that were not "
                 "trained on.")
            for count in filters[best + 1 : -1]
        ),
    ]  # fmt: skip
    return {
        **_HOW_MANY,
        "prompt": "The same small data set was learned four times, with more and more filters in the layer. Which "
        "number of filters do you choose, if right answers on new pictures are what counts?",
        "answer": answer,
        "because": f"{answer} filters are right for {top / 10} % of the pictures that were not trained on, more than "
        "any other.",
        "steps": [
            "New pictures are like those that were not trained on: only the last column counts.",
            f"Its largest number is {top / 10} %, with {answer} filters.",
        ],
        "proof": (
            f"filters, accuracy = {filters}, {[it / 10 for it in fresh]}\nprint(filters[accuracy.index(max(accuracy))])"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [{"code": "\n".join(lines)}],
    }


_COST = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "say what more filters cost",
    "formula": "multiply-adds of a layer grow with C_in * C_out",
    "hint": "The second layer gets the maps of the first. How many more kernels has each filter, and how many filters "
    "are there?",
    "otherwise": "Each filter gets deeper by one factor, and there are more filters by the other: multiply.",
}


def filters_cost(rng):
    """By how much a layer gets dearer if both layers get more filters."""
    f, g = rng.choice(((2, 3), (3, 2), (2, 4), (4, 2), (3, 4), (4, 3), (2, 5), (5, 2), (3, 5), (5, 3)))
    _, C, (kH, kW) = layer(rng, (6, 8, 9, 12))
    D = rng.choice([count for count in (7, 10, 14, 16) if count != C and count * g != C * f])
    old = f"nn.Conv2d({C}, {D}, kernel_size=({kH}, {kW}), bias=False)"
    new = f"nn.Conv2d({C * f}, {D * g}, kernel_size=({kH}, {kW}), bias=False)"
    slips = [
        Slip(1, ("M69",), "More filters are not free: each of them is multiplied and added at every place."),
        Slip(g, ("M34",), f"There are {g} times as many filters, and each has a kernel for each input channel: {f} "
             "times as many kernels too."),
        Slip(f, ("M69",), f"Each filter is {f} times as deep, and there are {g} times as many of them besides."),
        Slip(f + g, ("M69",), f"Both factors hold at once, so they are multiplied: {f} * {g} = {f * g}."),
    ]  # fmt: skip
    return {
        **_COST,
        "prompt": f"The layer before gets {f} times as many filters, and this one {g} times as many: `{old}` becomes "
        f"`{new}`. On pictures of the same size, how many times as many multiply-adds does it take?",
        "answer": f * g,
        "because": f"{f} times as many kernels in each of {g} times as many filters.",
        "steps": [
            f"Each filter is {f} times as deep: {C} * {f} = {C * f} kernels.",
            f"There are {g} times as many filters: {f} * {g} = {f * g}.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\n"
            f"old, new = {old}, {new}\nprint(new.weight.numel() // old.weight.numel())"
        ),
        "slips": gathered("number", f * g, slips),
    }


_SUITS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say which data suit Conv2d",
    "formula": "a grid on which neighbours belong together, and a pattern means the same everywhere",
    "because": "What counts is not the name of the data but its neighbours: on a grid where what lies side by side "
    "belongs together, a small window finds something.",
    "hint": "Swap two columns. Is that the same data, written down otherwise, or is it spoiled?",
    "otherwise": "Ask of each: does it mean anything which number lies beside which, on two axes?",
}


def _data(rng):
    """For each matter its versions: (data, suits Conv2d, the mistake behind being wrong, why)."""
    a, b = rng.sample(range(60, 200), 2)
    grid = "It lies on a grid with two axes, and neighbours belong together: Conv2d suits it, picture or not."
    table = "Its columns stand in no order: which lies beside which means nothing. A Linear suits it."
    return (
        [(f"the loudness of {a} pitches at {b} moments", True, "M185", grid),
         (f"{a} patients: age, weight, pulse, blood group", False, "M185", table)],
        [("a board of 9 x 13 with black and white stones", True, "M185", grid),
         (f"{b} cars: price, age, weight, colour", False, "M185", table)],
        [(f"the height of the land at {a} x {b} points of a map", True, "M185", grid),
         (f"the land's height, {a} x {b} points in a random order", False, "M185", "The points are the same, and their "
          "neighbours are lost: a window finds nothing that belongs together.")],
        [(f"photographs of cats, {a} x {b} pixels", True, "M185", grid),
         (f"photographs, {a} x {b} pixels, all shuffled alike", False, "M185", "The pixels are the same, and their "
          "neighbours are lost: a window finds nothing that belongs together.")],
        [(f"rain over the sea, on {a} x {b} points", True, "M185", grid),
         (f"answers of {a} people to {b} questions", False, "M185", table)],
    )  # fmt: skip


def suits_conv(rng):
    """Which data suit Conv2d."""
    fields = to_tick(rng, _data(rng))
    return {
        **_SUITS,
        **fields,
        "prompt": "Which of these data suit `nn.Conv2d`, as they lie there? Tick all.",
        "steps": [
            "A window reads what lies side by side: that has to belong together, on two axes.",
            "The same weights are used at every place: a pattern has to mean the same wherever it is.",
            "Both hold for grids of place, time or pitch; for a table, or for what was shuffled, they do not.",
        ],
        "proof": (
            "lost = ('patients', 'cars', 'random order', 'shuffled', 'people')   # no neighbours\n"
            f"print([option for option in {fields['options']} if not any(word in option for word in lost)])"
        ),
    }


def myth_shuffled(rng):
    """Whether a layer can give the same after the columns were shuffled."""
    (H, W), linear, can = rng.choice(((6, 8), (8, 6), (6, 10), (9, 7))), rng.random() < 0.5, rng.random() < 0.5
    kernel, units = rng.choice(((3, 2), (2, 3))), rng.choice((4, 5, 8))
    made = f"nn.Linear({H * W}, {units})" if linear else f"nn.Conv2d(1, {units}, kernel_size={kernel})"
    what = (
        f"The numbers of every table of {H} x {W}, laid in a row," if linear else f"The columns of every {H} x {W} grid"
    )
    line = (
        "A Linear has a weight for each number: reorder the weights as the numbers are, and nothing has changed."
        if linear
        else "A window reads neighbours, with the same weights at every place. Shuffled columns have other neighbours, "
        "and no other weights bring the old ones back."
    )
    return judged(
        linear == can,
        f"{what} are shuffled, all in the same way. With other weights `{made}` "
        f"{'can' if can else 'can no longer'} give the outputs that it gave before.",
        "M185",
        line,
        objective="say for which data neighbours matter",
        formula="Linear: the order of its input does not matter; Conv2d: it does",
        because=line,
        hint="Which numbers does one weight meet, in this layer: one, or one at every place?",
        steps=[
            "In a Linear each weight meets one number of the input."
            if linear
            else "In a convolution each weight meets a number at every place, beside its neighbours.",
            "Reordered weights meet the numbers that they met before."
            if linear
            else "After the shuffling other numbers stand side by side, and all places share the same weights.",
        ],
        proof=_shuffled_proof(made, linear, can, (H, W), kernel),
    )


def _shuffled_proof(made, linear, can, size, kernel):
    """Least squares finds the best other weights: is what is left over nothing?"""
    H, W = size
    mixed = f"x.flatten(2)[..., torch.randperm({H * W})]" if linear else f"x[..., torch.randperm({W}).roll(1)]"
    return (
        "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\ntorch.manual_seed(3)\n"
        f"layer, x = {made}.double(), torch.randn(80, 1, {H}, {W}).double()\n"
        f"wanted, mixed = layer(x{'.flatten(1)' if linear else ''}).detach(), {mixed}\n"
        + (
            "rows, wanted = mixed[:, 0], wanted\n"
            if linear
            else f"rows = F.unfold(mixed, {kernel}).transpose(1, 2).flatten(0, 1)\n"
            "wanted = wanted.flatten(2).transpose(1, 2).flatten(0, 1)\n"
        )
        + "rows = torch.cat([rows, torch.ones(len(rows), 1).double()], dim=1)\n"
        "left = wanted - rows @ torch.linalg.lstsq(rows, wanted).solution\n"
        f"print(bool(left.abs().max() < 1e-6) == {can})"
    )


QUESTIONS = {
    "first-filters": first_filters,
    "myth-cat": myth_cat,
    "how-many-filters": how_many_filters,
    "filters-cost": filters_cost,
    "suits-conv": suits_conv,
    "myth-shuffled": myth_shuffled,
}
