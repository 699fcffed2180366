"""Lesson 10, who reads whom: the input channels of an output, the outputs of an input, the blocks of the weight."""

from convlab.mistakes.groups import by_input, in_turns, reads, run
from convlab.questions.cases import apart, counted, drawn, gathered, sequential, shuffled
from convlab.questions.lesson_03.drawing import chosen, judged
from convlab.questions.lesson_10.drawing import channels_text, grouped, kernel, layer_text, named_channels
from convlab.questions.question import Slip

_READS = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "say which input channels an output channel reads",
    "formula": "output o: group o // (C_out / groups), a run of C_in / groups input channels",
    "hint": "How many output channels has a group? So in which group is this one, and which inputs has that group?",
}


def group_reads(rng):
    """Which input channels one output channel reads."""

    def draw():
        C_in, C_out, g = grouped(rng, shares=(2, 3, 4))
        return C_in, C_out, g, rng.randrange(1, C_out)

    def fair(case):
        C_in, C_out, g, o = case
        sets = [reads(C_in, C_out, g, o), in_turns(C_in, g, o), by_input(C_in, g, o)]
        return C_in > g and all(sets) and len(set(map(str, sets))) == 3

    C_in, C_out, g, o = drawn(draw, fair)
    kH, kW = kernel(rng, (C_in, C_out))
    group, own = o // (C_out // g), reads(C_in, C_out, g, o)
    answer = channels_text(own)
    wrong = {
        channels_text(list(range(C_in))): ("M48", f"All {C_in} are read without groups. With {g} groups each filter "
            f"has {C_in // g} kernels, for the channels of its own group."),
        channels_text(in_turns(C_in, g, o)): ("M210", "The groups do not take turns. A group is a run of neighbours: "
            f"the first {C_in // g} inputs make the first {C_out // g} outputs."),
        channels_text(by_input(C_in, g, o)): ("M211", f"That is the group of input channel {o}. Outputs are divided "
            f"apart from inputs, {C_out // g} to a group: output {o} is in group {group}."),
    }  # fmt: skip
    return {
        **_READS,
        "prompt": f"`{layer_text(C_in, C_out, (kH, kW), g)}`: which input channels does output channel {o} read?",
        "answer": answer,
        "because": f"Output channel {o} is in group {group}, with the input {named_channels(own)}.",
        "steps": [
            f"{C_out} / {g} = {C_out // g} outputs to a group: output {o} is in group {o} // {C_out // g} = {group}.",
            f"{C_in} / {g} = {C_in // g} inputs to a group: those of group {group} are {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\ninput = torch.rand(1, {C_in}, 9, 11, requires_grad=True)\n"
            f"{layer_text(C_in, C_out, (kH, kW), g)}(input)[0, {o}].sum().backward()\n"
            "read = input.grad[0].abs().sum((1, 2)).nonzero().flatten().tolist()\n"
            "print(f'{read[0]} to {read[-1]}' if len(read) > 2 else ' and '.join(map(str, read)))"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
    }


_CHANGES = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "count the outputs that an input channel reaches",
    "formula": "C_out / groups outputs read an input channel",
    "hint": "An input channel is in one group. How many output channels has that group?",
    "otherwise": "Only the outputs of the channel's own group read it: divide the outputs by the groups.",
}


def who_changes(rng):
    """How many output channels change with one input channel."""

    def slips(case):
        C_in, C_out, g = case
        return [
            Slip(C_out, ("M48",), f"Without groups all {C_out} would change. Here only the outputs of the channel's "
                 "own group read it."),
            Slip(C_in // g, ("M211",), f"So many inputs are in a group. Asked are the outputs, and of these a group "
                 f"has {C_out} / {g} = {C_out // g}."),
            Slip(1, ("M211",), "Not the output of the same number alone: a group has its share of the output channels, "
                 "and each of them reads this input."),
        ]  # fmt: skip

    def fair(case):
        return apart("number", case[1] // case[2], slips(case))

    C_in, C_out, g = case = drawn(lambda: grouped(rng, shares=(2, 3, 4, 5, 6)), fair)
    (kH, kW), c, answer = kernel(rng, (C_in, C_out)), rng.randrange(C_in), C_out // g
    call = layer_text(C_in, C_out, (kH, kW), g)
    return {
        **_CHANGES,
        "prompt": f"`{call}`: other numbers are put into input channel {c}. How many of the output channels change?",
        "answer": answer,
        "because": f"{C_out} outputs in {g} groups: the {answer} of one group read this channel.",
        "steps": [
            f"{C_in} / {g} = {C_in // g} inputs to a group: channel {c} is in group {c // (C_in // g)}, and in no "
            "other.",
            f"That group has {C_out} / {g} = {answer} output channels, and each of them reads channel {c}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer, input = {call}, torch.rand(1, {C_in}, 9, 11)\n"
            f"other = input.clone()\nother[0, {c}] += 1\n"
            "print(int((layer(input) != layer(other)).flatten(2).any(2).sum()))"
        ),
        "slips": gathered("number", answer, slips(case)),
    }


_BLOCKS = {  # what is the same for every seed
    "kind": "cells",
    "level": "medium",
    "objective": "draw the wiring as a matrix",
    "formula": "block (o, c) is there where o // (C_out / groups) == c // (C_in / groups)",
    "hint": "Row after row: which input channels does this output channel read?",
    "otherwise": "Each group is a block of C_out / groups rows and C_in / groups columns, on the way from the upper "
    "left to the lower right.",
}


def _blocks_slips(C_in, C_out, g):
    def cells(of_row):
        return [[o, c] for o in range(C_out) for c in of_row(o)]

    right = cells(lambda o: reads(C_in, C_out, g, o))
    each = C_out // g
    one = Slip(cells(lambda o: run(C_in, g, o // each)[:1]), ("M158",), f"An output reads all {C_in // g} inputs of "
               "its group, and not one of them.")  # fmt: skip
    return right, [
        *([one] if C_in > g else []),
        Slip(cells(lambda o: in_turns(C_in, g, o)), ("M210",), "So the groups would take turns. A group is a run of "
             "neighbours, on both sides."),
        Slip(cells(lambda o: run(C_in, g, o % g)), ("M210",), "Outputs do not take turns: the first "
             f"{C_out // g} are those of the first group."),
        Slip(cells(lambda o: by_input(C_in, g, o)), ("M211",), f"Output channel o is not in the group of input channel "
             f"o: outputs are divided apart, {each} to a group."),
        Slip(cells(lambda o: range(C_in)), ("M48",), "That is the layer without groups: every output reads every "
             "input."),
    ]  # fmt: skip


def block_cells(rng):
    """The kernels of a grouped layer in the matrix of all channels."""

    def fair(case):
        right, slips = _blocks_slips(*case)
        return 4 <= len(right) <= 12 and apart("cells", right, slips)

    C_in, C_out, g = drawn(lambda: grouped(rng, shares=(1, 2, 3, 4)), fair)
    (kH, kW), (answer, slips) = rng.sample(range(2, 8), 2), _blocks_slips(C_in, C_out, g)
    a, b, call = C_in // g, C_out // g, layer_text(C_in, C_out, (kH, kW), g)
    parts = [
        f"{named_channels(run(C_out, g, it), 'output')} with {named_channels(run(C_in, g, it), 'input')}"
        for it in range(g)
    ]
    return {
        **_BLOCKS,
        "prompt": f"`{call}` does what a layer without groups does whose weight is 0 in many places. The grid shows "
        f"that weight, ({C_out}, {C_in}, {kH}, {kW}): the cell in row o and column c is the kernel from input c to "
        "output o. Click the kernels that are not 0.",
        "answer": answer,
        "because": f"{g} blocks of {counted(b, 'row')} and {counted(a, 'column')}: {'; '.join(parts)}.",
        "steps": [
            f"{C_out} / {g} = {counted(b, 'row')} and {C_in} / {g} = {counted(a, 'column')} to a group.",
            f"So {'; '.join(parts)}.",
            f"That makes {g} * {b} * {a} = {len(answer)} kernels of {C_out} * {C_in} = {C_out * C_in}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer, found = {call}, []\nfor o in range({C_out}):\n"
            f"    input = torch.rand(1, {C_in}, 9, 11, requires_grad=True)\n    layer(input)[0, o].sum().backward()\n"
            "    found += [[o, c] for c in input.grad[0].abs().sum((1, 2)).nonzero().flatten().tolist()]\nprint(found)"
        ),
        "slips": gathered("cells", answer, slips),
        "options": {"shape": [C_out, C_in], "role": "weight"},
    }


def myth_mixes(rng):
    """How many input channels an output depends on, after one grouped layer or after two."""
    C_in, C_out, g = grouped(rng, shares=(2, 3, 4))
    (kH, kW), o, holds, two = kernel(rng, (C_in, C_out)), rng.randrange(C_out), rng.random() < 0.5, rng.random() < 0.5
    first, each = layer_text(C_in, C_out, (kH, kW), g), C_in // g
    code = f"net = nn.Sequential({first})"
    if two:
        of_second = rng.choice([n for n in (2, 3, 4, 5) if n not in (each, C_out // g)])
        code = sequential("net", [first, "nn.ReLU()", layer_text(C_out, g * of_second, (kW, kH), g)])
        o = rng.randrange(g * of_second)
    group = o // (of_second if two else C_out // g)
    line = f"Output {o} is in group {group}, and depends on the input {named_channels(run(C_in, g, group))} alone."
    return judged(
        holds,
        f"output channel {o} of `net` depends on {each if holds else C_in} of the {C_in} input channels.",
        "M48",
        line,
        objective="say whether a path leads from group to group",
        formula="no path leads from one group to another",
        because=line,
        hint="In which group is the output? Does any other group hand something to this one?",
        steps=[
            f"Output {o} is in group {group}, and {C_in} / {g} = {each} input channels are in this group.",
            "The second layer has the same groups, and what lies between works on each channel by itself: still "
            f"{each}." if two else f"It reads these {each}, and none of another group.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\n{code}\nnet[0].bias.data += 9\n"
            f"input = torch.rand(1, {C_in}, 13, 15, requires_grad=True)\nnet(input)[0, {o}].sum().backward()\n"
            f"print(int((input.grad.abs().sum((0, 2, 3)) > 0).sum()) == {each if holds else C_in})"
        ),
        figure=[{"code": code}],
    )  # fmt: skip


QUESTIONS = {
    "group-reads": group_reads,
    "who-changes": who_changes,
    "block-cells": block_cells,
    "myth-mixes": myth_mixes,
}
