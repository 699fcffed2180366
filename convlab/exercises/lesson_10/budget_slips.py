"""The slips of 10.groups_for_budget. Every program takes (in_channels, out_channels, kernel_size, budget)."""

from itertools import takewhile
from math import gcd, prod

from ..task import Slip


def counted(in_channels, out_channels, kernel_size, groups):
    """Weight and bias of a layer.

    Example:
        >>> counted(64, 128, (3, 3), 2)
        36992
    """
    return out_channels * (in_channels // groups) * prod(kernel_size) + out_channels


def legal(in_channels, out_channels):
    """All numbers of groups with which a layer can be made.

    Example:
        >>> legal(12, 18)
        [1, 2, 3, 6]
    """
    most = gcd(in_channels, out_channels)
    return [groups for groups in range(1, most + 1) if most % groups == 0]


def by(candidates=legal, count=counted, fits=lambda parameters, budget: parameters <= budget, otherwise=None):
    """A program that is right but for one thing: which groups it tries, how it counts, what fits, and what else."""

    def program(in_channels, out_channels, kernel_size, budget):
        for groups in candidates(in_channels, out_channels):
            if fits(count(in_channels, out_channels, kernel_size, groups), budget):
                return groups
        return otherwise

    return program


def always(groups):
    """A program that gives a number whatever the budget."""
    return lambda in_channels, out_channels, kernel_size, budget: groups(in_channels, out_channels)


def weights(in_channels, out_channels, kernel_size, groups):
    """The weights without the biases."""
    return counted(in_channels, out_channels, kernel_size, groups) - out_channels


def in_parts(in_channels, out_channels, kernel_size, groups):
    """Groups that do not divide are counted in fractions."""
    return out_channels * in_channels / groups * prod(kernel_size) + out_channels


def rounded_later(in_channels, out_channels, kernel_size, groups):
    """Groups that do not divide are counted as if in_channels * out_channels were to be divided."""
    return out_channels * in_channels // groups * prod(kernel_size) + out_channels


def first(in_channels, out_channels):
    """The channels that come in."""
    return in_channels


def up_to(last):
    """All numbers up to the last one."""
    return lambda in_channels, out_channels: range(1, last(in_channels, out_channels) + 1)


def dividing(*which):
    """All numbers that divide one of the counts alone."""

    def candidates(in_channels, out_channels):
        of = (in_channels, out_channels)[which[0]]
        return [groups for groups in range(1, of + 1) if of % groups == 0]

    return candidates


def up_to_the_first_illegal(in_channels, out_channels):
    """The numbers of groups before the first that does not divide."""
    return takewhile(set(legal(in_channels, out_channels)).__contains__, range(1, in_channels + 1))


def or_the_most(in_channels, out_channels, kernel_size, budget):
    """The most groups where none are enough."""
    return by()(in_channels, out_channels, kernel_size, budget) or gcd(in_channels, out_channels)


SLIPS = (
    Slip(
        ("M49",),
        "any groups",
        by(up_to(min)),
        "Your groups do not divide the channels. PyTorch makes such a layer only if groups divides in_channels and "
        "out_channels: both % groups are 0.",
        tuple(by(up_to(last), count) for last in (min, max, first) for count in (counted, in_parts, rounded_later)),
    ),
    Slip(
        ("M49",),
        "in_channels alone",
        by(dividing(0)),
        "Your groups divide in_channels and not out_channels. Both have to be divisible.",
    ),
    Slip(
        ("M49",),
        "out_channels alone",
        by(dividing(1)),
        "Your groups divide out_channels and not in_channels. Both have to be divisible.",
        (by(dividing(1), in_parts),),
    ),
    Slip(
        ("M35",),
        "the biases forgotten",
        by(count=weights),
        "You count the weights alone. There is a bias for each output channel too: + out_channels.",
    ),
    Slip(
        ("M212",),
        "the biases divided",
        by(count=lambda i, o, k, g: weights(i, o, k, g) + o // g),
        "You divide the biases by groups too. There are out_channels of them, however many groups.",
    ),
    Slip(
        (),
        "None in the loop",
        by(up_to_the_first_illegal),
        "You return None at the first groups that does not divide the channels. Go on to the next (continue); None "
        "only after the loop.",
    ),
    Slip(
        (),
        "nothing after groups=1",
        by(lambda i, o: [1]),
        "You return 1 or None, and no other groups. Two things do that. A `return None` inside the loop, at the first "
        "groups that does not do: go on to the next; None only after the loop. Or a count that does not fall with "
        "groups: a filter reads in_channels // groups.",
        (
            by(count=lambda i, o, k, g: counted(i, o, k, 1)),
            by(count=lambda i, o, k, g: g * weights(i, o, k, 1) + o),
            by(count=lambda i, o, k, g: g * counted(i, o, k, 1)),
        ),
    ),
    Slip(
        ("M214",),
        "both counts divided",
        by(count=lambda i, o, k, g: o // g * (i // g) * prod(k) + o),
        "You divide both channel counts by groups, which counts one group alone. All out_channels filters are there; "
        "only what each reads is divided.",
        (by(count=lambda i, o, k, g: o // g * (i // g) * prod(k) + o // g),),
    ),
    Slip(
        (),
        "the most groups",
        by(lambda i, o: legal(i, o)[::-1]),
        "You return the most groups, or the first from above. Asked are the fewest that are enough: more groups leave "
        "fewer connections.",
        (always(gcd),),
    ),
    Slip(
        (),
        "less than the budget",
        by(fits=lambda parameters, budget: parameters < budget),
        "You ask for fewer parameters than the budget. At most the budget: as many are allowed too, <=.",
    ),
    Slip(
        (),
        "the last one not tried",
        by(lambda i, o: [g for g in legal(i, o) if g < min(i, o)]),
        "You do not try the largest number of groups: range(1, n) ends before n.",
        (by(lambda i, o: [g for g in legal(i, o) if g < i]),),
    ),
    Slip(
        (),
        "never None",
        by(otherwise=1),
        "Where no groups are enough, you return a number. Behind the loop, return None.",
        (by(otherwise=0), by(otherwise=-1), or_the_most),
    ),
    Slip(
        (),
        "one size of the kernel",
        by(count=lambda i, o, k, g: counted(i, o, k[:1] * 2, g)),
        "You take kH for both sides of the kernel. It has kH * kW numbers for each channel.",
        (by(count=lambda i, o, k, g: counted(i, o, k[1:] * 2, g)),),
    ),
    Slip(
        (),
        "too few groups",
        always(lambda i, o: 1),
        "You always return 1. Go on to the next groups as long as there are more parameters than the budget.",
    ),
)
