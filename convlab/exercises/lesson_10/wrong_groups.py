"""The slips of 10.grouped_conv: who reads whom, and how the results are joined.

Every program takes (input, weight, bias=None, groups=1), tensors or arrays of four axes, and returns a float64 array.
"""

from importlib import import_module

import numpy as np

from ...mistakes.groups import run
from ..lesson_06.wrong_channels import products_of
from ..task import Slip


def by(reads=run, filters=run, biases=run, join=lambda outputs: np.concatenate(outputs, 1), own=True):
    """A program that is right but for one thing.

    Args:
        reads, filters, biases: of (count, groups, group): the input channels, filters and biases of a group.
        join: of the outputs of all groups.
        own: a bias is added at all.
    """

    def program(input, weight, bias=None, groups=1):
        input, weight = np.asarray(input, dtype=float), np.asarray(weight, dtype=float)
        C_out, outputs = len(weight), []
        added = np.zeros(C_out) if bias is None or not own else np.asarray(bias, dtype=float)
        for group in range(groups):
            part = input[:, reads(input.shape[1], groups, group)]
            made = products_of(part, weight[filters(C_out, groups, group)], 1, 0).sum(2)
            outputs.append(made + added[biases(C_out, groups, group)].reshape(-1, 1, 1))
        return np.ascontiguousarray(join(outputs))

    return program


right = by()


def in_turns(count, groups, group):
    """Every g-th channel."""
    return list(range(group, count, groups))


def first_run(count, groups, group):
    """The channels of the first group, whichever it is."""
    return run(count, groups, 0)


def reversed_run(count, groups, group):
    """The groups from the back."""
    return run(count, groups, groups - 1 - group)


def one_apart(count, groups, group):
    """As many neighbours as there should be, beginning one channel further for each group."""
    return slice(group, group + count // groups)


def interleaved(outputs):
    """One channel of each group in turn."""
    stacked = np.stack(outputs, 2)
    return stacked.reshape(len(stacked), -1, *stacked.shape[3:])


def every_channel(input, weight, bias=None, groups=1):
    """Each filter is laid on the channels of all groups."""
    return right(input, np.tile(np.asarray(weight, dtype=float), (1, groups, 1, 1)), bias)


def group_of_input(input, weight, bias=None, groups=1):
    """Output o reads the group that input channel o is in; from the first again, where there is no such channel."""
    input, weight = np.asarray(input, dtype=float), np.asarray(weight, dtype=float)
    each = weight.shape[1]
    parts = [input[:, o // each % groups * each :][:, :each] for o in range(len(weight))]
    biases = np.zeros(len(weight)) if bias is None else np.asarray(bias, dtype=float)
    maps = [products_of(part, weight[[o]], 1, 0).sum(2) + biases[o] for o, part in enumerate(parts)]
    return np.concatenate(maps, 1)


def not_cut(input, weight, bias=None, groups=1):
    """The whole input meets the weight as it is, which F.conv2d refuses."""
    torch = import_module("torch")
    given = [torch.from_numpy(np.array(it, dtype=float)) for it in (input, weight)]
    return torch.nn.functional.conv2d(*given, None if bias is None else torch.as_tensor(bias)).numpy()


def taken_apart(own):
    """A program that gives F.conv2d a part of the input, of the weight and of the bias for each group.

    Args:
        own: of (input, weight, groups, group): the part of the input, the part of the weight, and the filters, as a
            slice, whose biases are taken.
    """

    def program(input, weight, bias=None, groups=1):
        torch = import_module("torch")
        input, weight = (torch.from_numpy(np.array(it, dtype=float)) for it in (input, weight))
        outputs = []
        for group in range(groups):
            *parts, filters = own(input, weight, groups, group)
            biases = None if bias is None else torch.as_tensor(bias)[filters]
            outputs.append(torch.nn.functional.conv2d(*parts, biases))
        return torch.cat(outputs, 1).numpy()

    return program


def cut_twice(input, weight, groups, group):
    """The weight cut along its second axis as the input is: nothing is left there from the second group on."""
    each, filters = input.shape[1] // groups, run(len(weight), groups, group)
    channels = slice(group * each, (group + 1) * each)
    return input[:, channels], weight[filters][:, channels], filters


def chunked_twice(input, weight, groups, group):
    """The same with chunk, which gives fewer pieces where the axis is short."""
    part = weight.chunk(groups, 0)[group].chunk(groups, 1)[group]
    return input.chunk(groups, 1)[group], part, run(len(weight), groups, group)


def as_worked(input, weight, groups, group):
    """The 2 channels and 3 filters of the lesson's worked group."""
    filters = slice(3 * group, 3 * group + 3)
    return input[:, 2 * group : 2 * group + 2], weight[filters], filters


def cut_to_a_size(input, weight, bias=None, groups=1):
    """torch.split(x, groups) makes pieces of `groups` channels, not `groups` pieces."""
    torch = import_module("torch")
    given = [torch.from_numpy(np.array(it, dtype=float)) for it in (input, weight)]
    pieces = given[0].split(groups, 1), given[1].split(groups, 0)
    biases = [None] * len(pieces[1]) if bias is None else torch.as_tensor(bias).split(groups)
    convolve = torch.nn.functional.conv2d
    return torch.cat([convolve(*group) for group in zip(*pieces, biases, strict=False)], 1).numpy()


SLIPS = (
    Slip(
        ("M210",),
        "groups in turns",
        by(reads=in_turns),
        "Your groups take turns over the input channels: 0, 2, 4 and 1, 3, 5. A group is a run of neighbours, "
        "input.chunk(groups, dim=1).",
        (by(reads=in_turns, filters=in_turns, biases=in_turns), by(filters=in_turns, biases=in_turns)),
    ),
    Slip(
        ("M211",),
        "the group of the input channel",
        group_of_input,
        "Output o got the group of input channel o. Inputs and outputs are cut apart: output o is in group "
        "o // (C_out // groups), input c in group c // (C_in // groups).",
    ),
    Slip(
        ("M219",),
        "added up",
        by(join=sum),
        "The results of your groups are added. Each group makes channels of its own: put them one behind the other, "
        "torch.cat(outputs, dim=1).",
    ),
    Slip(
        ("M48",),
        "every channel is read",
        every_channel,
        "Each filter was laid on the channels of all groups. No path leads from one group to another: filters of group "
        "g read the channels of group g alone.",
    ),
    Slip(
        ("M46",),
        "the input not cut",
        not_cut,
        "The whole input meets a weight that is for one group: its second axis is C_in // groups. Cut the input into "
        "groups first, input.chunk(groups, dim=1).",
    ),
    Slip(
        (),
        "the weight cut twice",
        taken_apart(cut_twice),
        "You cut the weight's second axis too. It holds one group's channels already, C_in // groups: cut only its "
        "first axis.",
        (taken_apart(chunked_twice),),
    ),
    Slip(
        (),
        "the numbers of the worked group",
        taken_apart(as_worked),
        "Your slices have the 2 and 3 of the example. A group has C_in // groups inputs and C_out // groups filters.",
        (taken_apart(lambda input, weight, groups, group: as_worked(input, weight, groups, 1)),),
    ),
    Slip(
        (),
        "cut to a size",
        cut_to_a_size,
        "split(groups) makes pieces of `groups` channels each. You need `groups` pieces: chunk(groups), or "
        "split(C_in // groups).",
    ),
    Slip(
        (),
        "the filters of the first group for all",
        by(filters=first_run),
        "All groups met the filters of the first one. Cut the weight too, weight.chunk(groups, dim=0).",
        (by(filters=first_run, biases=first_run),),
    ),
    Slip(
        (),
        "the channels of the first group for all",
        by(reads=first_run),
        "All filters read the channels of the first group. Group g begins at channel g * (C_in // groups).",
    ),
    Slip(
        (),
        "groups one channel apart",
        by(reads=one_apart, filters=one_apart, biases=one_apart),
        "Your groups begin one channel apart, and overlap. They lie side by side: group g begins at input g * "
        "(C_in // groups), and at filter g * (C_out // groups).",
        (by(reads=one_apart), by(filters=one_apart, biases=one_apart)),
    ),
    Slip(
        (),
        "the groups reversed",
        by(reads=reversed_run),
        "Your groups of channels and of filters run in opposite directions: the first channels meet the first filters.",
    ),
    Slip(
        (),
        "one channel of each group in turn",
        by(join=interleaved),
        "Your output takes one channel of each group in turn. The channels of group 0 come first, then those of group "
        "1: torch.cat(outputs, dim=1), not stack.",
        (by(join=lambda outputs: np.stack(outputs, 2)),),
    ),
    Slip(
        (),
        "the groups in an axis of their own",
        by(join=lambda outputs: np.stack(outputs, 1)),
        "Your maps are right, and each group has them to itself: stack makes a new axis. torch.cat(outputs, dim=1) "
        "puts them one behind the other.",
        outcome="partial",
    ),
    Slip(
        (),
        "the groups in the batch",
        by(join=lambda outputs: np.concatenate(outputs, 0)),
        "Your groups stand one behind the other in the batch. They belong in the channels: dim=1.",
        (by(join=lambda outputs: np.stack(outputs, 0)),),
    ),
    Slip(
        (),
        "one group alone",
        by(join=lambda outputs: outputs[-1]),
        "Only one group is left in your output: keep them all in a list, and join them at the end.",
        (by(join=lambda outputs: outputs[0]),),
    ),
    Slip(
        ("M103",),
        "forgets the bias",
        by(own=False),
        "Only the bias is missing: each group gets its own, bias.chunk(groups).",
    ),
    Slip(
        ("M212",),
        "the first biases for all",
        by(biases=first_run),
        "All groups got the biases of the first one. There are C_out of them, one for each output channel: cut them as "
        "the filters are cut, bias.chunk(groups).",
    ),
)
