"""Lesson 10, muted channels and printed numbers: what goes dark, what changes, what comes out."""

from convlab.mistakes.groups import by_input, in_turns, reads, run
from convlab.questions.cases import added, apart, block, drawn, gathered, grid, shuffled
from convlab.questions.lesson_03.drawing import chosen
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.lesson_10.drawing import (
    channels_text,
    grouped,
    in_a_row,
    kernel,
    layer_text,
    named_channels,
)
from convlab.questions.question import Slip

_DARK = {  # what is the same for every seed
    "kind": "cells",
    "level": "easy",
    "objective": "find the outputs that go dark",
    "formula": "an output is 0 where all channels of its group are muted",
    "hint": "Which groups have lost all their channels? An output with one channel left still has something to add.",
    "otherwise": "Group by group: are all its input channels muted? Then its outputs are 0, and only then.",
}


def _dark(C_out, muted, read):
    """The outputs whose channels, as `read(o)` gives them, are all muted."""
    return [o for o in range(C_out) if read(o) and set(read(o)) <= set(muted)]


def _dark_slips(C_in, C_out, g, muted):
    def own(o):
        return reads(C_in, C_out, g, o)

    touched = [o for o in range(C_out) if set(own(o)) & set(muted)]
    right = _dark(C_out, muted, own)
    return right, [
        Slip(in_a_row(touched), ("M217",), "Some of these have a channel left that is not muted: they change, and do "
             "not go dark."),
        Slip(in_a_row(_dark(C_out, muted, lambda o: in_turns(C_in, g, o))), ("M210",), "So the groups would take "
             "turns. A group is a run of neighbouring channels."),
        Slip(in_a_row([o for o in muted if o < C_out]), ("M211",), "Those are the outputs of the same numbers. Which "
             "output goes dark is a matter of its group."),
    ]  # fmt: skip


def goes_dark(rng):
    """The outputs that are 0 when some channels are muted."""

    def draw():
        C_in, C_out, g = grouped(rng, groups=(3, 4), shares=(2, 3))
        whole, other = rng.sample(range(g), 2)
        part = run(C_in, g, other)
        return C_in, C_out, g, sorted(run(C_in, g, whole) + rng.sample(part, rng.randint(1, len(part) - 1)))

    def fair(case):
        right, slips = _dark_slips(*case)
        return all(it.answer for it in slips) and apart("cells", in_a_row(right), slips)

    C_in, C_out, g, muted = drawn(draw, fair)
    (kH, kW), (dark, slips) = kernel(rng, (C_in, C_out)), _dark_slips(C_in, C_out, g, muted)
    group = dark[0] // (C_out // g)
    part = next(c // (C_in // g) for c in muted if c // (C_in // g) != group)
    left = [c for c in run(C_in, g, part) if c not in muted]
    call = layer_text(C_in, C_out, (kH, kW), g, ", bias=False")
    return {
        **_DARK,
        "prompt": f"`{call}` gets pictures whose {named_channels(muted)} are muted: 0 everywhere. The grid has a cell "
        "for each output channel. Click the channels that are 0 everywhere then.",
        "answer": in_a_row(dark),
        "because": f"Group {group} has lost all its inputs, so the output {named_channels(dark)} are 0; group {part} "
        f"still has {named_channels(left)}.",
        "steps": [
            f"{C_in} / {g} = {C_in // g} inputs to a group: of group {group} all are muted, of group {part} "
            f"{named_channels(left)} {'is' if len(left) == 1 else 'are'} left.",
            f"{C_out} / {g} = {C_out // g} outputs to a group: those of group {group} are {channels_text(dark)}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\ninput = torch.rand(1, {C_in}, 9, 11)\ninput[0, {muted}] = 0\n"
            f"output = {call}(input)[0]\nprint([[0, o] for o in range({C_out}) if not output[o].any()])"
        ),
        "slips": gathered("cells", in_a_row(dark), slips),
        "options": {"shape": [1, C_out], "role": "output"},
    }


_AFTER = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say what a muted channel does to each output",
    "formula": "all of its channels muted: dark; some: changed; none: as before",
    "hint": "Ask of each output: in which group is it, and how many channels of that group are muted?",
    "otherwise": "All inputs of the group muted: 0. Some of them: other numbers. Else: the same.",
}
_FATES = {"is 0 everywhere": "dark", "gets other numbers, not all 0": "changed", "stays as it was": "kept"}


_FATE_MISTAKES = {  # (what is so, what is said) -> the mistake of who is wrong about it
    ("kept", "kept"): "M48",
    ("kept", "changed"): "M48",
    ("kept", "dark"): "M211",
    ("changed", "kept"): "M211",
    ("changed", "changed"): "M217",
    ("changed", "dark"): "M217",
    ("dark", "kept"): "M211",
    ("dark", "changed"): "M48",
    ("dark", "dark"): "M48",
}


def _fate(own, muted):
    hit = len(set(own) & set(muted))
    return "kept" if not hit else "dark" if hit == len(own) else "changed"


def _fate_matter(C_in, C_out, g, muted, o):
    """The three claims about one output: (text, holds, the mistake behind being wrong about it, why)."""
    own = reads(C_in, C_out, g, o)
    fate, hit = _fate(own, muted), sorted(set(own) & set(muted))
    some = f"{channels_text(hit or own)} {'is' if len(hit) == 1 else 'are'}"
    because = {
        "kept": "none of them is muted, so nothing changes.",
        "dark": "all are muted, and nothing is left to add up.",
        "changed": f"{some} muted, and the rest still adds up.",
    }[fate]
    why = f"Output {o} reads the input {named_channels(own)}: {because}"
    return [
        (f"output channel {o} {text}", fate == said, _FATE_MISTAKES[fate, said], why) for text, said in _FATES.items()
    ]


def after_muting(rng):
    """What is true of some outputs after channels were muted."""

    def draw():
        C_in, C_out, g = grouped(rng, groups=(3, 4), shares=(2, 3, 4))
        whole, other = rng.sample(range(g), 2)
        part = run(C_in, g, other)
        muted = sorted(run(C_in, g, whole) + rng.sample(part, rng.randint(1, len(part) - 1)))
        asked = [rng.choice(run(C_out, g, it)) for it in range(g)]
        return C_in, C_out, g, muted, sorted(rng.sample(asked, 3) if g > 3 else asked)

    def fair(case):
        C_in, C_out, g, muted, asked = case
        return {_fate(reads(C_in, C_out, g, o), muted) for o in asked} == {"kept", "dark", "changed"}

    C_in, C_out, g, muted, asked = drawn(draw, fair)
    kH, kW = kernel(rng, (C_in, C_out))
    call = layer_text(C_in, C_out, (kH, kW), g, ", bias=False")
    fields = to_tick(rng, [_fate_matter(C_in, C_out, g, muted, o) for o in asked])
    return {
        **_AFTER,
        **fields,
        "prompt": f"`{call}` has random weights. Then the input {named_channels(muted)} are muted: 0 everywhere. Which "
        "of these are true? Tick all.",
        "because": "An output is dark when all channels of its group are muted, and changes when some are.",
        "steps": [
            f"{C_in} / {g} = {C_in // g} inputs and {C_out} / {g} = {C_out // g} outputs to a group.",
            "; ".join(f"output {o} reads {channels_text(reads(C_in, C_out, g, o))}" for o in asked).capitalize() + ".",
            f"So: {'; '.join(fields['answer'])}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer, input = {call}, torch.rand(1, {C_in}, 9, 11)\n"
            f"muted = input.clone()\nmuted[0, {muted}] = 0\nbefore, after = layer(input)[0], layer(muted)[0]\n"
            f"for option in {fields['options']}:\n    o = int(option.split()[2])\n"
            "    word = 'stays as it was' if before[o].equal(after[o]) else "
            "'gets other numbers, not all 0' if after[o].any() else 'is 0 everywhere'\n"
            "    if option.endswith(word):\n        print(option)"
        ),
    }


_VALUE = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "compute an output of a grouped layer",
    "formula": "output[o] = sum over the channels of its group of weight[o, c'] * input",
    "hint": "In which group is this output channel, and which input channels has that group? The weight has a column "
    "for each of these, and for no others.",
    "otherwise": "Write down the inputs of the group, then multiply them with the row of this output.",
}


def _value_slips(C_in, C_out, g, o, numbers, row):
    def total(channels):
        return sum(a * numbers[c] for a, c in zip(row, channels, strict=True))

    own = reads(C_in, C_out, g, o)
    right, other = total(own), by_input(C_in, g, o)
    found = [
        Slip(total(in_turns(C_in, g, o)), ("M210",), f"That takes every channel in turn. Group {o // (C_out // g)} is "
             f"a run of neighbours: {channels_text(own)}."),
        Slip(total(range(C_in // g)), ("M46",), "Those are the first channels. The columns of the weight are not "
             f"all inputs, they are those of the output's own group: {channels_text(own)}."),
        Slip(sum(abs(a) * numbers[c] for a, c in zip(row, own, strict=True)), ("M105",), "A weight below 0 takes its "
             "product away."),
    ]  # fmt: skip
    if other:
        found.append(Slip(total(other), ("M211",), f"That is the group of input channel {o}. Outputs are divided "
                          f"apart: output {o} is in group {o // (C_out // g)}."))  # fmt: skip
    return right, found


def grouped_value(rng):
    """One number of a 1 x 1 layer with groups."""

    def draw():
        C_in, C_out, g = drawn(lambda: grouped(rng, groups=(2, 3), shares=(2, 3, 4)), lambda it: it[0] <= 8)
        o = rng.randrange(C_out // g, min(C_in, C_out)) if C_in > C_out // g else 0
        row = rng.choices((-3, -2, -1, 1, 2, 3), k=C_in // g)
        return C_in, C_out, g, o, rng.sample(range(1, 10), C_in), row

    def fair(case):
        if case[1] == case[0] // case[2] or not case[3] or min(case[5]) > 0:
            return False
        right, slips = _value_slips(*case)
        return len(slips) == 4 and apart("number", right, slips)

    C_in, C_out, g, o, numbers, row = drawn(draw, fair)
    own, weight = reads(C_in, C_out, g, o), grid(rng, C_out, C_in // g, -3, 3)
    weight[o] = row
    answer, slips = _value_slips(C_in, C_out, g, o, numbers, row)
    terms = " ".join(
        f"{a} * {numbers[c]}" if not at else f"{added(a)} * {numbers[c]}"
        for at, (a, c) in enumerate(zip(row, own, strict=True))
    )
    call = f"nn.Conv2d({C_in}, {C_out}, kernel_size=1, groups={g}, bias=False)"
    return {
        **_VALUE,
        "prompt": f"`{call}` gets one pixel with the {C_in} channels shown; row o of the weight shown is "
        f"`weight[o, :, 0, 0]`. Which number does output channel {o} get?",
        "answer": answer,
        "because": f"Output {o} is in group {o // (C_out // g)} and reads {channels_text(own)}: {terms} = {answer}.",
        "steps": [
            f"{C_out} / {g} = {C_out // g} outputs to a group: output {o} is in group {o // (C_out // g)}.",
            f"{C_in} / {g} = {C_in // g} inputs to a group: it reads {channels_text(own)}, "
            f"which hold {', '.join(str(numbers[c]) for c in own)}.",
            f"With row {o} of the weight: {terms} = {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input, weight = torch.tensor({numbers}).double(), torch.tensor({weight}).double()\n"
            f"print(F.conv2d(input[:, None, None], weight[:, :, None, None], groups={g})[{o}].item())"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [block("input", [numbers], f"input, {C_in} channels"), block("weight", weight)],
    }


_AS_A_CAT = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "write a grouped convolution as several",
    "formula": "cat of conv2d(chunk of x, chunk of the filters)",
    "hint": "What does each group read, which filters are its own, and how do the groups' maps come together?",
}


def as_a_cat(rng):
    """Which line does what groups does."""
    C_in, C_out, g = drawn(lambda: grouped(rng, groups=(2, 3), shares=(2, 3, 4, 5, 6)), lambda it: it[0] != it[1])
    (kH, kW), N = kernel(rng, (C_in, C_out)), rng.randint(2, 4)
    pairs = f"zip(x.chunk({g}, 1), w.chunk({g}, 0))"
    answer = f"torch.cat([F.conv2d(a, b) for a, b in {pairs}], 1)"
    turns = f"torch.cat([F.conv2d(x[:, k::{g}], w[k::{g}]) for k in range({g})], 1)"
    wrong = {
        f"sum(F.conv2d(a, b) for a, b in {pairs})": ("M219", "That adds the groups' maps to each other, and "
            f"{C_out // g} are left. They are put one behind the other: {C_out}."),
        turns: ("M210", f"That gives channels 0, {g}, {2 * g} ... to the first group. A group is a run of neighbours."),
        f"F.conv2d(x, torch.cat([w] * {g}, 1))": ("M48", "That lets every filter read all channels, with copies of its "
            "kernels. With groups it reads its own alone."),
        f"torch.cat([F.conv2d(a, b) for a, b in zip(x.chunk({g}, 1), w.chunk({g}, 1))], 1)": ("M30", "That cuts every "
            f"filter in {g}, along its channels. The filters are to be divided, and they are the first axis of `w`."),
    }  # fmt: skip
    options = shuffled(rng, [answer, *wrong])
    return {
        **_AS_A_CAT,
        "prompt": f"`x` has the shape {(N, C_in, 12, 15)} and `w` the shape {(C_out, C_in // g, kH, kW)}. Which line "
        f"gives the same as `F.conv2d(x, w, groups={g})`?",
        "answer": answer,
        "because": "Each group is a convolution of its own, and the maps are put one behind the other.",
        "steps": [
            f"A group reads {C_in} / {g} = {C_in // g} neighbouring channels: `x.chunk({g}, 1)`.",
            f"It has {C_out} / {g} = {C_out // g} filters, neighbours too: `w.chunk({g}, 0)`.",
            f"Its maps follow those of the group before: `torch.cat(..., 1)`, {C_out} in all.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"x, w = torch.randn{(N, C_in, 12, 15)}.double(), torch.randn{(C_out, C_in // g, kH, kW)}.double()\n"
            f"wanted = F.conv2d(x, w, groups={g})\nfor line in {options}:\n    try:\n        result = eval(line)\n"
            "    except RuntimeError:\n        continue\n"
            "    if result.shape == wanted.shape and torch.allclose(result, wanted):\n        print(line)"
        ),
        "slips": chosen(answer, wrong),
        "options": options,
    }


QUESTIONS = {
    "goes-dark": goes_dark,
    "after-muting": after_muting,
    "grouped-value": grouped_value,
    "as-a-cat": as_a_cat,
}
