"""Mistakes about channels and filters: what a filter reads, how its numbers get into it, what makes a bank.

Every value model works on plain numbers, as in `values`: one filter (C_in, kH, kW), one place, stride 1.
"""

from convlab.mistakes.mistake import Mistake
from convlab.mistakes.values import known, value_at


def _each_channel_alone(input, weight, bias, place):
    """What the filter would give if it read one input channel only: the first one, or any other."""
    if len(weight) == 1:
        return []
    alone = (value_at([channel], [kernel], bias, place) for channel, kernel in zip(input, weight, strict=True))
    return list(dict.fromkeys(known(*alone)))


def _bias_for_each_channel(input, weight, bias, place):
    """The bias added once with every channel's sum."""
    if len(weight) == 1:
        return []
    return [value + len(weight) * bias for value in known(value_at(input, weight, 0, place))]


FILTERS = (
    Mistake(
        "M158",
        "A filter reads one input channel.",
        "Every filter reads all input channels, each with a kernel of its own: output channel o is no picture of "
        "input channel o.",
        "06",
        facts=("S004-9", "S004-24"),
        statement="Output channel o is made from input channel o alone.",
        truth="Every output channel is made from all input channels.",
        models={"value": _each_channel_alone},
    ),
    Mistake(
        "M159",
        "The bias is added to the sum of each input channel.",
        "First the channels are added up, then the filter's one bias is added, once.",
        "06",
        facts=("S001-42", "S004-24"),
        models={"value": _bias_for_each_channel},
    ),
    Mistake(
        "M160",
        "A weight that is shared is taken for a copy, or a copy for a shared one.",
        "After b.weight = a.weight both layers hold one and the same Parameter: what changes in one changes in the "
        "other. b.weight.copy_(a.weight) inside torch.no_grad() copies the numbers, as load_state_dict does.",
        "06",
        facts=("S003-25",),
        statement="After `b.weight = a.weight` the two layers train independently.",
        truth="After `b.weight = a.weight` the two layers share one Parameter.",
    ),
    Mistake(
        "M161",
        "A weight can be written into at any time.",
        "A weight that requires a gradient is changed in place inside torch.no_grad() only, else RuntimeError.",
        "06",
        facts=("S003-24",),
        statement="`conv.weight.copy_(numbers)` works outside torch.no_grad() too.",
        truth="`conv.weight.copy_(numbers)` needs torch.no_grad() around it.",
    ),
    Mistake(
        "M162",
        "A new Parameter in a layer is trained by the optimizer that is there already.",
        "The optimizer keeps the Parameters that it was given: it goes on with the old one, which no layer uses any "
        "more. Copy the numbers into the old one.",
        "06",
        facts=("S003-24", "S002-24"),
        statement="An optimizer trains a Parameter that is put into a layer later.",
        truth="An optimizer trains the Parameters that it was given when it was made.",
    ),
    Mistake(
        "M163",
        "Any tilted pattern or wave is a Gabor filter.",
        "A Gabor filter is a cosine wave times a Gaussian envelope: stripes of both signs that fade out.",
        "06",
        facts=("S003-41",),
        statement="A cosine wave that fills the whole kernel is a Gabor filter.",
        truth="A Gabor filter is a cosine wave that a Gaussian envelope fades out.",
    ),
    Mistake(
        "M164",
        "Orientations spread over a full turn are all different.",
        "Half a turn maps stripes onto themselves, so filters i and i + n/2 of a full turn are the same: n "
        "orientations lie pi / n apart.",
        "06",
        facts=("S003-41",),
        statement="Stripes turned by 180 degrees make another Gabor filter.",
        truth="Stripes turned by 180 degrees make the same Gabor filter, with phase 0.",
    ),
)
