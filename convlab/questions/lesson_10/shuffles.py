"""Lesson 10, ways between the groups: the channel shuffle, and what else joins them."""

from convlab.mistakes.groups import reads, shuffled_order
from convlab.questions.cases import apart, drawn, gathered, sequential, shuffled
from convlab.questions.lesson_03.drawing import chosen
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.lesson_10.drawing import channels_text, in_a_row, kernel, layer_text, named_channels
from convlab.questions.question import Slip

_PLACE = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "follow a channel through a shuffle",
    "formula": "place p holds channel (p % groups) * (C / groups) + p // groups",
    "hint": "First comes the first channel of every group, then the second of every group, and so on.",
    "otherwise": "Write the groups below each other and read the columns.",
}


def shuffle_place(rng):
    """Which channel stands at a place after the shuffle."""

    def slips(case):
        C, g, p = case
        a = C // g
        return [
            Slip(shuffled_order(C, a)[p], ("M215",), f"Two ways lead here. You dealt the channels into {a} groups of "
                 f"{g}, and there are {g} of {a}: rows of {a}, read column by column. Or you looked where channel {p} "
                 f"of `x` goes; asked is which channel stands at place {p}."),
            Slip(p, ("M216",), "A channel would keep its place if nothing moved. The transpose takes one of each group "
                 "in turn."),
        ]  # fmt: skip

    def draw():
        g, a = rng.sample((2, 3, 4, 5, 6), 2)
        return g * a, g, rng.randrange(2, g * a - 1)

    def fair(case):
        return apart("number", shuffled_order(*case[:2])[case[2]], slips(case))

    C, g, p = case = drawn(draw, fair)
    a, answer = C // g, shuffled_order(C, g)[p]
    return {
        **_PLACE,
        "prompt": f"`y = nn.ChannelShuffle({g})(x)`, and `x` has {C} channels. Which channel of `x` is channel {p} of "
        "`y`?",
        "answer": answer,
        "because": f"Channel {p} of `y` is number {p // g} of group {p % g}: {p % g} * {a} + {p // g} = {answer}.",
        "steps": [
            f"{g} groups of {C} / {g} = {a} channels. First come {g} channels, one of each group, then the next {g}.",
            f"{p} = {p // g} * {g} + {p % g}: number {p // g} of group {p % g}, channel {p % g} * {a} + {p // g} = "
            f"{answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nx = torch.arange({C}.0).reshape(1, {C}, 1, 1)\n"
            f"print(int(nn.ChannelShuffle({g})(x)[0, {p}]))"
        ),
        "slips": gathered("number", answer, slips(case)),
    }


_ORDER = {  # what is the same for every seed
    "kind": "order",
    "level": "easy",
    "objective": "shuffle the channels by hand",
    "formula": "rows are the groups; read the columns",
    "hint": "Write the groups below each other, a row each. Then read column after column.",
    "otherwise": "One channel of each group in turn: first the first of every group, then the second.",
}


def shuffle_order(rng):
    """The channels in their order after the shuffle."""

    def lists(case):
        C, g = case
        return [shuffled_order(C, g), shuffled_order(C, C // g), list(range(C))]

    C, g = drawn(
        lambda: (lambda g, a: (g * a, g))(*rng.choice(((2, 3), (3, 2), (2, 4), (4, 2)))),
        lambda case: len(set(map(str, lists(case)))) == 3,
    )
    first = rng.choice((0, 0, 10, 20))
    name = rng.choice(("map", "plane") if first else ("channel", "map", "plane"))  # channels are counted from 0

    def named(channels):
        return [f"{name} {first + c}" for c in channels]

    right, exchanged, unchanged = (named(it) for it in lists((C, g)))
    a, rows = C // g, [named(range(it * (C // g), (it + 1) * (C // g))) for it in range(g)]
    slips = [
        Slip(exchanged, ("M215",), f"That reads them as {a} groups of {g}. There are {g} groups of {a}: rows of {a}, "
             "read column by column."),
        Slip(unchanged, ("M216",), "That is the order before. The transpose between view and flatten moves the "
             "channels."),
    ]  # fmt: skip
    return {
        **_ORDER,
        "prompt": f"`x` has {C} channels{', holding' if first else ':'} {', '.join(named(range(C)))}. "
        f"`nn.ChannelShuffle({g})` is applied. Put them in the order in which they come out.",
        "answer": right,
        "because": f"{g} rows of {a}, read column by column.",
        "steps": [
            f"The groups below each other: {'; '.join(', '.join(row) for row in rows)}.",
            f"Column after column: {', '.join(right)}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nx = torch.arange({first}.0, {first + C}).reshape(1, {C}, 1, 1)\n"
            f"print(', '.join(f'{name} {{int(c)}}' for c in nn.ChannelShuffle({g})(x).flatten()))"
        ),
        "slips": gathered("order", right, slips),
        "options": drawn(lambda: shuffled(rng, right), lambda options: options not in (right, unchanged)),
    }


_CODE = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "write a channel shuffle",
    "formula": "view (N, g, C / g, H, W), transpose(1, 2), flatten(1, 2)",
    "hint": "The groups are rows of neighbouring channels. Which axis does that make first? And what turns rows into "
    "columns?",
}


def shuffle_code(rng):
    """The line that shuffles."""
    g, a = rng.sample((2, 3, 4, 5), 2)
    N, C, (H, W) = rng.choice((2, 6)), g * a, rng.choice(((7, 9), (9, 7), (8, 11)))
    answer = f"x.view({N}, {g}, {a}, {H}, {W}).transpose(1, 2).flatten(1, 2)"
    wrong = {
        f"x.view({N}, {a}, {g}, {H}, {W}).transpose(1, 2).flatten(1, 2)": ("M215", f"That reads {a} groups of {g}. The "
            f"{C} channels lie as {g} groups of {a} neighbours."),
        f"x.view({N}, {a}, {g}, {H}, {W}).flatten(1, 2)": ("M216", "Nothing moves: view and flatten leave every number "
            "where it lies."),
        f"x.transpose(0, 1).reshape({N}, {C}, {H}, {W})": ("M52", "That mixes the pictures of the batch: `reshape` "
            "cuts the numbers as they come, and the pictures are no axis to exchange."),
    }  # fmt: skip
    options = shuffled(rng, [answer, *wrong])
    return {
        **_CODE,
        "prompt": f"`x` has the shape {(N, C, H, W)}. Which line gives the same as `nn.ChannelShuffle({g})(x)`?",
        "answer": answer,
        "because": f"{g} groups of {a}, exchanged to {a} times one of each group, and put in a row.",
        "steps": [
            f"The channels as {g} groups of {C} / {g} = {a}: `view({N}, {g}, {a}, {H}, {W})`.",
            f"`transpose(1, 2)`: now the first {g} are one channel of each group.",
            f"`flatten(1, 2)` puts them in a row again: {C} channels.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nx = torch.randn{(N, C, H, W)}\n"
            f"for line in {options}:\n    if torch.equal(eval(line), nn.ChannelShuffle({g})(x)):\n        print(line)"
        ),
        "slips": chosen(answer, wrong),
        "options": options,
    }


_THROUGH = {  # what is the same for every seed
    "kind": "cells",
    "level": "hard",
    "objective": "follow the paths through a shuffle",
    "formula": "inputs of output o = groups of the channels that the shuffle brings to its group",
    "hint": "Go backwards. Which channels does this output read? Where were they before the shuffle? Which group made "
    "each of them?",
    "otherwise": "Backwards: the channels read, where they were before the shuffle, the groups that made them.",
}


def _through(C_in, C, C_out, g, o, order):
    """The input channels that reach output `o` when place p holds channel order[p] between the layers."""
    between = [order[p] for p in reads(C, C_out, g, o)]
    return between, sorted({c for it in between for c in reads(C_in, C, g, it)})


def _through_slips(C_in, C, C_out, g, o):
    between, found = _through(C_in, C, C_out, g, o, shuffled_order(C, g))
    _, unmoved = _through(C_in, C, C_out, g, o, list(range(C)))
    _, exchanged = _through(C_in, C, C_out, g, o, shuffled_order(C, C // g))
    return between, found, [
        Slip(in_a_row(unmoved), ("M216",), "So it would be without the shuffle, which brings channels of other groups "
             "here."),
        Slip(in_a_row(exchanged), ("M215",), f"That shuffles {C // g} groups of {g}, and there are {g} of {C // g}."),
        Slip(in_a_row(range(C_in)), ("M48",), f"This output reads {C // g} channels, and each was made by one group: "
             "not all inputs arrive."),
    ]  # fmt: skip


def through_shuffle(rng):
    """Which inputs reach an output through two grouped layers with a shuffle between."""

    def draw():
        g, a = rng.choice(((4, 2), (5, 2), (4, 3), (5, 3), (3, 2), (6, 2)))
        of_in, of_out = rng.choice((1, 1, 2, 3)), rng.choice((1, 3, 4))
        return of_in * g, a * g, of_out * g, g, rng.randrange(of_out * g)

    def fair(case):
        C_in, C, C_out = case[:3]
        _, found, slips = _through_slips(*case)
        return C_in != C != C_out != C_in and C_in <= 12 and len(found) <= 9 and (
            apart("cells", in_a_row(found), slips))  # fmt: skip

    C_in, C, C_out, g, o = case = drawn(draw, fair)
    between, found, slips = _through_slips(*case)
    own, groups = reads(C, C_out, g, o), sorted({it // (C // g) for it in between})
    kH, kW = kernel(rng, (C_in, C, C_out))
    first, second = layer_text(C_in, C, (kH, kW), g), layer_text(C, C_out, (kW, kH), g)
    code = sequential("net", [first, f"nn.ChannelShuffle({g})", second])
    return {
        **_THROUGH,
        "prompt": f"The grid has a cell for each of the {C_in} input channels of `net`. Click those that output "
        f"channel {o} of `net` depends on.",
        "answer": in_a_row(found),
        "because": f"The shuffle brings channels of the {named_channels(groups, 'group')} to this output.",
        "steps": [
            f"{C_out} / {g} = {C_out // g} outputs to a group: output {o} is in group {o // (C_out // g)}, and reads "
            f"{named_channels(own)} of what the shuffle gives.",
            f"Before the shuffle these were {named_channels(between)}: one of each group in turn.",
            f"{C} / {g} = {C // g} channels to a group: they were made by {named_channels(groups, 'group')}.",
            f"{C_in} / {g} = {C_in // g} {'input' if C_in == g else 'inputs'} to a group: {channels_text(found)}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{code}\n"
            f"input = torch.rand(1, {C_in}, 13, 15, requires_grad=True)\nnet(input)[0, {o}].sum().backward()\n"
            "print([[0, c] for c in input.grad[0].abs().sum((1, 2)).nonzero().flatten().tolist()])"
        ),
        "slips": gathered("cells", in_a_row(found), slips),
        "options": {"shape": [1, C_in], "role": "input"},
        "figure": [{"code": code}],
    }


_MIXES = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say what joins the groups",
    "formula": "channels of several groups meet in a 1 x 1 layer without groups, or after a shuffle",
    "because": "A 1 x 1 layer without groups reads all channels, and a shuffle hands them to other groups. What works "
    "on each channel by itself joins nothing.",
    "hint": "Which of these lets a number of one group come into another group, and which treats each channel by "
    "itself?",
    "otherwise": "Ask of each: does a channel that comes out depend on channels of several groups, or stand in another "
    "group than before?",
}


def _mixing(C, g, p):
    """Line -> (does it join groups, the mistake behind being wrong about it, why)."""
    alone = "works on each channel by itself: nothing comes over from another channel."
    return {
        f"nn.Conv2d({C}, {C}, kernel_size=1)": (True, "M50", "A 1 x 1 layer without groups adds up all channels of a "
            "pixel: every output has something of every group."),
        f"nn.ChannelShuffle({g})": (True, "M216", "A shuffle hands channels to other groups: a group of the next "
            "layer reads channels of several."),
        f"nn.Conv2d({C}, {C}, kernel_size=1, groups={g})": (False, "M48", f"A 1 x 1 layer with groups={g} has the same "
            "groups as its neighbours: each of its outputs reads its own group alone."),
        f"nn.Conv2d({C}, {C}, kernel_size={p}, groups={C})": (False, "M48", "A depthwise layer reads one channel for "
            "each output: nothing comes over from another."),
        "nn.ReLU()": (False, "M48", f"ReLU {alone}"),
        f"nn.BatchNorm2d({C})": (False, "M48", f"BatchNorm {alone}"),
        "nn.MaxPool2d((2, 3))": (False, "M48", f"Max pooling {alone}"),
        f"nn.Conv2d({C}, {C}, kernel_size={p})": (True, "M158", f"A {p[0]} x {p[1]} layer without groups reads all "
            "channels, with a larger window besides."),
    }  # fmt: skip


def what_mixes(rng):
    """What between two grouped layers joins the groups."""
    g, a = rng.choice(((2, 3), (2, 4), (3, 4), (4, 3), (2, 5), (3, 2)))
    C, C_in, p = g * a, g * rng.choice([n for n in (2, 3, 4, 5) if n != a]), kernel(rng)
    lines = _mixing(C, g, p)

    def mixed(kept):
        return 1 <= sum(lines[it][0] for it in kept) <= 3

    must = rng.sample([f"nn.ChannelShuffle({g})", f"nn.Conv2d({C}, {C}, kernel_size=1)"], rng.choice((1, 1, 2)))
    rest = [it for it in lines if it not in must]
    kept = drawn(lambda: must + rng.sample(rest, 5 - len(must)), mixed)
    fields = to_tick(rng, [[(it, *lines[it])] for it in kept])
    second = layer_text(C, 2 * C, kernel(rng, (C,)), g)
    return {
        **_MIXES,
        **fields,
        "prompt": f"`{layer_text(C_in, C, p, g)}` is followed by one of these, and that by `{second}`. With which of "
        "them does an output at the end depend on input channels of more than one group? Tick all.",
        "steps": [
            f"Without anything between, an output depends on the inputs of its own group: no path leads out of it, "
            f"in either of the {g}-group layers.",
            "What works on each channel by itself, or in the same groups, opens no path.",
            f"So there is a path with {', with '.join(f'`{it}`' for it in fields['answer'])}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nfor line in {fields['options']}:\n"
            f"    net = nn.Sequential({layer_text(C_in, C, p, g)}, eval(line), {second})\n"
            f"    net[0].bias.data += 9\n    input = torch.rand(2, {C_in}, 30, 33, requires_grad=True)\n"
            "    net(input)[:, 0].square().sum().backward()\n"
            f"    if (input.grad.abs().sum((0, 2, 3)) > 0).sum() > {C_in // g}:\n        print(line)"
        ),
    }


QUESTIONS = {
    "shuffle-place": shuffle_place,
    "shuffle-order": shuffle_order,
    "shuffle-code": shuffle_code,
    "through-shuffle": through_shuffle,
    "what-mixes": what_mixes,
}
