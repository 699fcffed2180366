"""12.split: the reference, the slips, and the errors on the way. Every program takes (labels, held_out, seed)."""

from functools import wraps

import numpy as np

from ..calling import untouched
from ..task import Slip

OTHER = 1  # is added to the seed where another split is expected


def split(labels, held_out, seed):
    """The places of the pictures to learn from, and of those that are held out, in an order that the seed decides.

    Example:
        >>> import torch
        >>> train, held = split(torch.arange(10), held_out=3, seed=1)
        >>> len(train), len(held), sorted([*train.tolist(), *held.tolist()]) == list(range(10))
        (7, 3, True)
    """
    import torch

    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    return order[held_out:], order[:held_out]


def three_times(function, stub=""):
    """A function that gives three results in a row: of these arguments, of these again, and of another seed.

    What is no function, and what is not written yet, is handed back as it is.
    """
    if getattr(function, "three_times", False) or not callable(function) or untouched(function, stub):
        return function

    @wraps(function)
    def called(labels, held_out, seed):
        first = function(labels, held_out, seed)
        if first is None or first is ...:
            return first
        return [first, function(labels, held_out, seed), function(labels, held_out, seed + OTHER)]

    called.three_times = True
    return called


def shuffled(labels, seed):
    """An order of all indices."""
    return np.random.default_rng(seed).permutation(len(labels))


def cut(first, second, order=shuffled):
    """A program that cuts an order at two places: functions of held_out and of the number of labels."""

    def program(labels, held_out, seed):
        of = order(labels, seed)
        return of[first(held_out, len(of)) :], of[: second(held_out, len(of))]

    return three_times(program)


def in_line(labels, seed):
    """The order in which they lie."""
    return np.arange(len(labels))


def each_time_anew(labels, seed):
    """An order that nobody can repeat."""
    return np.random.default_rng().permutation(len(labels))


def always_the_same(labels, seed):
    """One order for every seed."""
    return np.random.default_rng(0).permutation(len(labels))


def of_the_test_digits(labels, seed):
    """An order of as many as there are test digits, less than half of these."""
    return np.random.default_rng(seed).permutation(len(labels) // 2)


def from_one(labels, seed):
    """Indices from 1."""
    return shuffled(labels, seed) + 1


def last_ones(labels, held_out, seed):
    order = np.arange(len(labels))
    return order[:-held_out], order[-held_out:]


def drawn_with_doubles(labels, held_out, seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, len(labels), len(labels) - held_out), rng.integers(0, len(labels), held_out)


def drawn_twice(labels, held_out, seed):
    rng = np.random.default_rng(seed)
    return rng.permutation(len(labels))[held_out:], rng.permutation(len(labels))[:held_out]


def held(held_out, count):
    return held_out


def exchanged(labels, held_out, seed):
    order = shuffled(labels, seed)
    return order[:held_out], order[held_out:]


def labels_of_both(labels, held_out, seed):
    order, said = shuffled(labels, seed), np.asarray(labels)
    return said[order[held_out:]], said[order[:held_out]]


SLIPS = (
    Slip(
        ("M248",),
        "one piece in both",
        cut(lambda h, n: h - 1, held),
        "Some pictures are in both parts: the pieces overlap. Cut the order once, at one place: order[n:] and "
        "order[:n] "
        "have nothing in common.",
        (cut(lambda h, n: h - 20, held), cut(lambda h, n: 0, held)),
    ),
    Slip(
        ("M250",),
        "cut as they lie",
        cut(held, held, in_line),
        "You cut the labels as they lie. Sorted ones give a part without some digits, and no seed changes anything: "
        "shuffle the indices before you cut.",
        (three_times(last_ones),),
    ),
    Slip(
        (),
        "another split every time",
        cut(held, held, each_time_anew),
        "Nobody can have the same two parts again: the order does not follow from the seed. Give randperm a generator "
        "with the seed in it.",
    ),
    Slip(
        (),
        "the seed is not used",
        cut(held, held, always_the_same),
        "Every seed gives the same two parts: hand `seed` to the generator.",
    ),
    Slip(
        (),
        "pictures of another set",
        cut(held, held, of_the_test_digits),
        "You do not split all that you were given: as many indices as labels belong to it. If you took another set, "
        "the "
        "test digits say, put it away: they are not learned from, and nothing is chosen by them.",
    ),
    Slip(
        (),
        "drawn with doubles",
        three_times(drawn_with_doubles),
        "You draw each index by itself, so that some come twice and others never. Draw one order of all: "
        "torch.randperm.",
        (three_times(drawn_twice),),
    ),
    Slip(
        (),
        "one too few",
        cut(lambda h, n: h + 1, held),
        "An index is lost between the two pieces. The second begins where the first ends.",
    ),
    Slip(
        (),
        "the parts exchanged",
        three_times(exchanged),
        "Your parts are exchanged: first those to learn from, then those that are held out.",
    ),
    Slip(
        (),
        "labels for indices",
        three_times(labels_of_both),
        "You return what is on the pictures, labels[...]. Asked are their places: order[held_out:] and "
        "order[:held_out].",
    ),
    Slip(
        (),
        "counted from 1",
        cut(held, held, from_one),
        "Your indices go from 1 to len(labels). An index goes from 0 to len(labels) - 1.",
    ),
)

ERRORS = (
    (
        "TypeError: randperm(): argument 'n' (position 1) must be int, not Tensor",
        "randperm wants how many there are, and got the labels.",
        "Write torch.randperm(len(labels), ...).",
    ),
    (
        "TypeError: Generator.manual_seed() takes exactly one argument (0 given)",
        "A generator is seeded by a number.",
        "Write torch.Generator().manual_seed(seed).",
    ),
    (
        "TypeError: slice indices must be integers or None or have an __index__ method",
        "A cut is a whole number: a share of a length is a fraction.",
        "held_out is a number of pictures, not a share: order[:held_out].",
    ),
    (
        "AttributeError: 'list' object has no attribute 'shape'",
        "A list has no shape; randperm gives a tensor.",
        "Take torch.randperm, or len(...) of the list.",
    ),
)
