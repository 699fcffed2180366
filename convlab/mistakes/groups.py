"""Mistakes about groups: who reads whom, what is divided, and what depthwise, separable and shuffled layers are.

The right model: a group is a run of neighbouring channels, C_in / groups of the input and C_out / groups of the output.
"""

from convlab.mistakes.counts import of_products, of_weights
from convlab.mistakes.mistake import Mistake


def run(channels, groups, group):
    """The channels of one group: neighbours.

    Example:
        >>> run(6, 3, 1)
        [2, 3]
    """
    each = channels // groups
    return list(range(group * each, (group + 1) * each))


def reads(C_in, C_out, groups, o):
    """The input channels that output channel `o` reads.

    Example:
        >>> reads(6, 9, 3, 8)
        [4, 5]
    """
    return run(C_in, groups, o // (C_out // groups))


def in_turns(C_in, groups, o):
    """The input channels that output channel `o` would read if the groups took turns.

    Example:
        >>> in_turns(6, 3, 8)
        [2, 5]
    """
    return [c for c in range(C_in) if c % groups == o % groups]


def by_input(C_in, groups, o):
    """The input channels of the group that input channel `o` is in; none where there is no such channel.

    Example:
        >>> by_input(6, 3, 5), by_input(6, 3, 8)
        ([4, 5], [])
    """
    return run(C_in, groups, o // (C_in // groups)) if o < C_in else []


def shuffled_order(channels, groups):
    """The old number of the channel at each place after ``nn.ChannelShuffle(groups)``.

    Example:
        >>> shuffled_order(6, 2)
        [0, 3, 1, 4, 2, 5]
    """
    each = channels // groups
    return [group * each + place for place in range(each) for group in range(groups)]


def _turns(spec, output_channel):
    """Every g-th channel; or a run of the group that is next in turn; or every g-th channel of the right group."""
    g, C_in, C_out = spec.groups, spec.in_channels, spec.out_channels
    if g == 1:
        return []
    return [
        in_turns(C_in, g, output_channel),
        run(C_in, g, output_channel % g),
        in_turns(C_in, g, output_channel // (C_out // g)),
    ]


def _by_input(spec, output_channel):
    found = by_input(spec.in_channels, spec.groups, output_channel) if spec.groups > 1 else []
    return [found] if found else []


def _of_one_group(spec):
    """The weight's shape with both channel counts divided."""
    C_out, C_in_per_group, kH, kW = spec.weight_shape
    return [(C_out // spec.groups, C_in_per_group, kH, kW)] if spec.groups > 1 else []


def _fewer_biases(spec, input_shape=None):
    weights = spec.parameter_count - spec.out_channels * spec.bias
    return [weights + spec.out_channels // spec.groups] if spec.bias and spec.groups > 1 else []


def _added_up(spec, input_shape):
    """The output's shape where the groups' results are added, and not put one behind the other."""
    *batch, C_out, H_out, W_out = spec.output_shape(input_shape)
    return [(*batch, C_out // spec.groups, H_out, W_out)] if spec.groups > 1 else []


WIRING = (
    Mistake(
        "M210",
        "The groups take turns over the channels: 0, 1, 2, 0, 1, 2.",
        "A group is a run of neighbouring channels: the first C_in / groups of the input make the first C_out / groups "
        "of the output.",
        "10",
        facts=("S001-56", "S003-12"),
        statement="With groups=2 output channel 0 reads the even input channels.",
        truth="With groups=2 output channel 0 reads the first half of the input channels.",
        models={"channels": _turns},
    ),
    Mistake(
        "M211",
        "Output channel o is in the group of input channel o.",
        "Inputs and outputs are divided apart: output o is in group o // (C_out / groups), input c in group "
        "c // (C_in / groups).",
        "10",
        facts=("S001-56", "S003-12"),
        statement="In nn.Conv2d(4, 8, 3, groups=2) output channel 3 reads input channel 3.",
        truth="In nn.Conv2d(4, 8, 3, groups=2) output channel 3 reads the input channels 0 and 1.",
        models={"channels": _by_input},
    ),
    Mistake(
        "M217",
        "An output goes dark as soon as one of the channels that it reads is muted.",
        "It goes dark when all of them are muted; else the others still add up to something, and it changes.",
        "10",
        facts=("S001-56",),
        statement="In nn.Conv2d(8, 4, 3, groups=2) one muted input channel turns two feature maps dark.",
        truth="In nn.Conv2d(8, 4, 3, groups=2) one muted input channel changes two feature maps.",
    ),
    Mistake(
        "M219",
        "The groups' results are added up.",
        "Each group makes channels of its own, and these are put one behind the other: C_out in all.",
        "10",
        facts=("S001-56", "S003-12"),
        statement="The outputs of the groups are added, as those of the input channels are.",
        truth="The outputs of the groups are put one behind the other, along the channels.",
        models={"output_shape": _added_up},
    ),
    Mistake(
        "M215",
        "A shuffle with g groups reads the channels as (C / g, g).",
        "It reads them as they lie, g groups of C / g: view as (g, C / g), transpose, flatten.",
        "10",
        facts=("S001-56",),
        statement="A shuffle of 6 channels with 2 groups gives the order 0, 2, 4, 1, 3, 5.",
        truth="A shuffle of 6 channels with 2 groups gives the order 0, 3, 1, 4, 2, 5.",
    ),
    Mistake(
        "M216",
        "A view is enough to shuffle the channels.",
        "A view leaves every number where it lies: it is the transpose between view and flatten that moves them.",
        "10",
        facts=("S001-56",),
        statement="x.view(N, 2, 3, H, W).flatten(1, 2) shuffles the 6 channels of x.",
        truth="x.view(N, 2, 3, H, W).flatten(1, 2) leaves the 6 channels of x in their order.",
    ),
)

SAVINGS = (
    Mistake(
        "M212",
        "Groups divide the biases too.",
        "Every output channel has its bias, with groups as without: only the weights are divided.",
        "10",
        facts=("S003-12", "S003-58"),
        statement="nn.Conv2d(4, 8, 3, groups=4) has 2 biases.",
        truth="nn.Conv2d(4, 8, 3, groups=4) has 8 biases.",
        models={"count": _fewer_biases},
    ),
    Mistake(
        "M213",
        "A depthwise separable convolution is its depthwise layer alone.",
        "The 1 x 1 layer after it mixes the channels, and most of the weights are there: count both.",
        "10",
        facts=("S003-59", "S001-59"),
        statement="A separable convolution from 64 to 128 channels with 3 x 3 kernels has 640 parameters.",
        truth="A separable convolution from 64 to 128 channels with 3 x 3 kernels has 8960 parameters.",
    ),
    Mistake(
        "M214",
        "Both channel counts are divided by groups.",
        "All C_out filters are there, group after group: only what each of them reads is divided.",
        "10",
        facts=("S003-12", "S003-58"),
        statement="The weight of nn.Conv2d(4, 8, 3, groups=2) has the shape (4, 2, 3, 3).",
        truth="The weight of nn.Conv2d(4, 8, 3, groups=2) has the shape (8, 2, 3, 3).",
        models={
            "weight_shape": _of_one_group,
            "count": of_weights(_of_one_group),
            "macs": of_products(_of_one_group),
        },
    ),
    Mistake(
        "M218",
        "A separable convolution costs 1 / (kH kW) of the dense one.",
        "That is its 1 x 1 layer; the depthwise layer adds 1 / C_out.",
        "10",
        facts=("S003-59", "S001-59"),
        statement="With 3 x 3 kernels a separable convolution does exactly a ninth of the multiply-adds.",
        truth="With 3 x 3 kernels a separable convolution does a little more than a ninth of the multiply-adds.",
    ),
)
WIRES = (*WIRING, *SAVINGS)
