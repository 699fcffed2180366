"""10.channel_shuffle: one channel of each group in turn, so that the next grouped layer reads from all of them."""

import re

import numpy as np

from ..conv_by_hand import side_by_side
from ..inside import ready_made
from ..lesson_09.taps import distinct, first_difference
from ..task import Case, Exercise, Slip, random_numbers
from .group_errors import SHUFFLE_ERRORS

SHUFFLES = re.compile(r"channel_shuffle")


def channel_shuffle(x, groups):
    """The channels of x, one of each group in turn.

    Shape:
        (N, C, H, W) -> (N, C, H, W)

    Example:
        >>> import torch
        >>> channel_shuffle(torch.arange(6).reshape(1, 6, 1, 1), 2).flatten().tolist()
        [0, 3, 1, 4, 2, 5]
    """
    N, C, H, W = x.shape
    return x.reshape(N, groups, C // groups, H, W).transpose(1, 2).reshape(N, C, H, W)


def shuffles(name, module="", arguments=(), keywords=None):
    """True for what shuffles channels, or convolves."""
    return ready_made(name) or bool(SHUFFLES.search(name))


def taken(order):
    """A program that takes the channels in an order, by order(C, groups)."""

    def program(x, groups):
        x = np.asarray(x, dtype=float)
        return np.ascontiguousarray(x[:, order(x.shape[1], groups)])

    return program


def viewed(axes, *order):
    """A program that views x as `axes(N, C, H, W, groups)`, puts the axes in this order, and flattens.

    Args:
        axes: gives five sizes.
        order: of the five axes.
    """

    def program(x, groups):
        x = np.asarray(x, dtype=float)
        return np.ascontiguousarray(x.reshape(axes(*x.shape, groups)).transpose(order).reshape(x.shape))

    return program


def one_picture(first=False, flat=True, order=(1, 0, 2, 3)):
    """A program that views x without an axis for the pictures.

    Args:
        first: it takes the first picture; else it leaves the axis out of the view.
        flat: the result has no such axis either; else the result gets the shape of x.
        order: of the four axes (groups, C / groups, H, W).
    """

    def program(x, groups):
        x = np.asarray(x, dtype=float)
        _, C, H, W = x.shape
        moved = (x[0] if first else x).reshape(groups, C // groups, H, W).transpose(order)
        at = min(axis for axis in range(4) if order[axis] != axis)
        axes = (*moved.shape[:at], -1, *moved.shape[at + 2 :]) if flat else x.shape
        return np.ascontiguousarray(moved.reshape(axes))

    return program


def by_group(N, C, H, W, groups):
    return N, groups, C // groups, H, W


def as_numbers(C, groups):
    return np.arange(C).reshape(groups, C // groups)


SLIPS = (
    Slip(
        ("M215",),
        "read as (C / g, g)",
        viewed(lambda N, C, H, W, groups: (N, C // groups, groups, H, W), 0, 2, 1, 3, 4),
        "You read the channels as (C // groups, groups). They lie there group after group: view them as (groups, "
        "C // groups), then transpose.",
    ),
    Slip(
        ("M216",),
        "a view alone",
        taken(lambda C, groups: np.arange(C)),
        "The channels are in their old order. A view moves nothing: between view and flatten the two axes have to be "
        "exchanged, transpose(1, 2).",
    ),
    Slip(
        (),
        "the groups reversed",
        taken(lambda C, groups: as_numbers(C, groups)[::-1].T.ravel()),
        "You begin with the last group. Channel 0 comes first, then the first channel of the next group.",
        (taken(lambda C, groups: as_numbers(C, groups)[:, ::-1].T.ravel()),),
    ),
    Slip(
        (),
        "the groups exchanged",
        taken(lambda C, groups: as_numbers(C, groups)[::-1].ravel()),
        "You exchange whole groups, and their channels stay together. One channel of each group is to come in turn.",
        (taken(lambda C, groups: np.roll(np.arange(C), C // groups)),),
    ),
    Slip(
        (),
        "the pictures shuffled too",
        viewed(by_group, 2, 1, 0, 3, 4),
        "The batch was mixed into the channels: transpose(1, 2) of (N, groups, C // groups, H, W) leaves axis 0, the "
        "pictures, alone.",
        (viewed(by_group, 1, 2, 0, 3, 4), viewed(by_group, 2, 0, 1, 3, 4)),
    ),
    Slip(
        (),
        "no axis for the pictures",
        one_picture(),
        "The batch axis is gone: (groups, C // groups, H, W) holds one picture, and x has N. View it as (N, groups, "
        "C // groups, H, W), then transpose(1, 2).",
        (one_picture(first=True), one_picture(flat=False), one_picture(order=(0, 2, 1, 3))),
    ),
    Slip(
        (),
        "rows and columns moved",
        viewed(by_group, 0, 2, 3, 1, 4),
        "Rows were mixed into the channels. Only the axes 1 and 2 of (N, groups, C // groups, H, W) change places.",
        (viewed(by_group, 0, 1, 3, 2, 4), viewed(by_group, 0, 2, 1, 4, 3), viewed(by_group, 0, 3, 2, 1, 4)),
    ),
    Slip(
        (),
        "the channels reversed",
        taken(lambda C, groups: np.arange(C)[::-1]),
        "Your channels are in reverse. One channel of each group is to come in turn, the first ones first.",
    ),
    Slip(
        (),
        "still with five axes",
        lambda x, groups: np.ascontiguousarray(
            np.asarray(x, dtype=float).reshape(by_group(*x.shape, groups)).swapaxes(1, 2)
        ),
        "Your channels are in the right order, and still in two axes: flatten(1, 2), or reshape(N, C, H, W), makes one "
        "of them.",
        outcome="partial",
    ),
)


EXAMPLE = np.arange(6.0).reshape(1, 6, 1, 1) + np.array([[0.0, 10.0]])


def _example():
    x = {f"x[0, {c}]": EXAMPLE[0, c] for c in range(6)}
    made = {f"shuffled[0, {c}]": it for c, it in enumerate(channel_shuffle_of(EXAMPLE, 2)[0])}
    return f"{side_by_side(**x)}\n\n{side_by_side(**made)}"


channel_shuffle_of = viewed(by_group, 0, 2, 1, 3, 4)


class ChannelShuffle(Exercise):
    """A shuffle of the channels."""

    id, lesson, title = "10.channel_shuffle", "10", "Shuffle the channels"
    level, minutes, revision = "easy", 8, 1
    prompt = """\
Write `channel_shuffle(x, groups)`: the channels of `x`, one of each group in turn, as nn.ChannelShuffle gives them.

`x` is a float64 tensor of shape (N, C, H, W); `groups` divides C. The channels lie there group after group. Return a \
tensor of the same shape in which the first channel of each group comes first, then the second of each, and so on; x \
itself stays as it is. nn.ChannelShuffle and F.channel_shuffle may not be called. For example, six channels and two \
groups:

""" + _example()
    stub = """\
def channel_shuffle(x, groups):
    N, C, H, W = x.shape
    ...
    return ...
"""
    arguments = ("x", "groups")
    reference = staticmethod(channel_shuffle)
    slips, errors = SLIPS, SHUFFLE_ERRORS
    watched, returns, compared = staticmethod(shuffles), "shuffled", "shuffled"
    instead = "here the channels are to be moved by your own lines: view, transpose, flatten."
    right = "Right: your channels stand where those of nn.ChannelShuffle stand."
    faster = "A view, a transpose and a flatten move all channels at once."
    hints = (
        "Write the numbers 0 to 5 into two rows, one for each group: 0 1 2 and 3 4 5. In which direction do you have "
        "to read them to get 0 3 1 4 2 5?",
        "Make two axes of the channel axis, (N, groups, C // groups, H, W). A transpose of these two, and then one "
        "axis again.",
        "x.view(N, groups, C // groups, H, W).transpose(1, 2).flatten(1, 2); after a transpose view cannot flatten, "
        "reshape and flatten can.",
    )

    def cases(self, seed):
        """Seven cases: two groups, three, four, one, as many as channels, a batch."""
        rng = random_numbers(seed, self.id)
        H, W = int(rng.integers(2, 4)), int(rng.integers(4, 6))
        return [
            _case(distinct(rng, (1, 6, 1, 2)), 3),
            _case(EXAMPLE, 2, example=True),
            _case(distinct(rng, (2, 6, 1, 3)), 2),
            _case(distinct(rng, (1, 8, 3, 2)), 4),
            _case(distinct(rng, (3, 12, 1, 2)), 3),
            _case(distinct(rng, (2, 5, 2, 3)), 1),
            _case(rng.standard_normal((3, 10, H, W)), 5),
        ]

    def expected(self, case):
        return self.value(case, channel_shuffle_of(**case.arguments))

    def result_shape(self, case):
        return case.arguments["x"].shape

    def value(self, case, result):
        """All channels one above the other, so that they can be laid beside the expected ones."""
        return result.reshape(-1, result.shape[-1])

    def own_words(self, trial):
        return first_difference(trial, "shuffled", lambda at: _channel(trial.case.arguments, at))

    def why_shape(self, case):
        return ", the shape of x"


def _channel(arguments, at):
    """Which channel belongs there."""
    n, place, *_ = at
    groups, C = arguments["groups"], arguments["x"].shape[1]
    channel = place % groups * (C // groups) + place // groups
    return f": at place {place} stands x[{n}, {channel}], channel {place // groups} of group {place % groups}"


def _case(x, groups, example=False):
    shown = {f"x[{n}, {c}]": ("input", x[n, c]) for n, c in list(np.ndindex(*x.shape[:2]))[:6]}
    label = f"an x of shape {x.shape} and {groups} group{'s' * (groups > 1)}"
    return Case({"x": x, "groups": groups}, shown, label, example)
