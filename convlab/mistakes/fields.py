"""Mistakes about how far units see, and how they see: through gaps, strides, padding, pooling and many layers.

They go with those of ``dilations``, whose rules they break in other ways.
"""

from convlab.mistakes.mistake import Mistake
from convlab.mistakes.sizes import axes, kept, per_axis, right


def _whole_extents_added(specs):
    """Each layer adds its extent times the strides before it, with nothing taken off: from 1 on, or from 0."""
    sums = [0, 0]
    jump = [1, 1]
    for spec in specs:
        for axis in (0, 1):
            sums[axis] += spec.extent[axis] * jump[axis]
            jump[axis] *= spec.stride[axis]
    return [(sums[0] + 1, sums[1] + 1), tuple(sums)]


def _kept_by_padding_as_wide_as_the_dilation(spec, input_shape):
    """An axis keeps its length where padding and dilation are the same number."""
    if isinstance(spec.padding, str) or max(spec.stride) > 1:
        return []
    sides = list(zip(axes(spec, input_shape), spec.padding, strict=True))
    if not any(p == d > 1 for (*_, d), p in sides):
        return []
    return kept([tuple(size if p == d else right(size, k, s, t, d) for (size, k, s, t, d), p in sides)])


FIELDS = (
    Mistake(
        "M148",
        "Every layer adds its whole kernel to the receptive field.",
        "Of a kernel's extent one cell is where the window already was: a layer adds its extent less 1, times the "
        "strides before it.",
        "05",
        facts=("S003-38",),
        statement="A second layer with a kernel 3 high adds 3 rows to the receptive field.",
        truth="A second layer with a kernel 3 high adds 2 rows to the receptive field.",
        models={"field": _whole_extents_added},
    ),
    Mistake(
        "M149",
        "The extent is the way from the first tap to the last.",
        "The way is d (k - 1) steps long, and the cell it starts from counts too: the extent is d (k - 1) + 1.",
        "05",
        facts=("S003-11",),
        models={
            "size": per_axis(
                lambda size, k, s, total, d: (size + total - d * (k - 1)) // s + 1,
                when=lambda spec: max(spec.dilation) > 1 and spec.padding != "same",
            )
        },
    ),
    Mistake(
        "M150",
        "A unit reads every pixel of its receptive field.",
        "With dilation there may be holes in it: pixels that lie in the field and reach the unit by no way.",
        "05",
        facts=("S003-11",),
        statement="A unit reads every pixel between the first and the last one that it reads.",
        truth="After two layers with dilation=2 a unit reads every second row of its receptive field.",
    ),
    Mistake(
        "M151",
        "All pixels of the receptive field count alike.",
        "There are more ways to a unit from the middle of its field than from the rim, so the middle counts most.",
        "05",
        facts=("S003-38",),
        statement="Every pixel of a unit's receptive field has the same weight in it.",
        truth="A pixel in the middle of a receptive field usually counts more than one at its rim.",
    ),
    Mistake(
        "M152",
        "Padding makes the receptive field larger.",
        "Padding moves where the field lies, and lets it reach out of the picture; it does not change its size.",
        "05",
        facts=("S003-38",),
        statement="With padding=1 the receptive field is two pixels larger on each axis.",
        truth="Padding leaves the size of the receptive field as it is.",
    ),
    Mistake(
        "M153",
        "More layers always cost more than one that sees as far.",
        "What costs is the kernel's area: three layers of 3 x 3 see 7 x 7 with 27 weights for a pair of channels, one "
        "layer of 7 x 7 has 49.",
        "05",
        facts=("S003-36", "S003-37", "S003-38"),
        statement="Three layers of 3 x 3 have more weights than one layer of 7 x 7 with the same channels.",
        truth="Three layers of 3 x 3 have fewer weights than one layer of 7 x 7 with the same channels.",
    ),
    Mistake(
        "M154",
        "Neighbouring units lie one stride apart in the picture, that of their own layer.",
        "Every stride on the way counts: the distance in the picture is the product of all strides so far.",
        "05",
        facts=("S003-38",),
        statement="Behind two layers with stride 2, neighbouring units lie 2 pixels apart in the picture.",
        truth="Behind two layers with stride 2, neighbouring units lie 4 pixels apart in the picture.",
    ),
    Mistake(
        "M155",
        "The larger kernel finds more, as its answers are larger.",
        "More weights add up to larger sums: divide each kernel by the sum of its absolute weights, and compare then.",
        "05",
        facts=("S003-35", "S003-36", "S003-37", "S003-38"),
        statement="If a larger kernel gives larger answers, it finds more of what it looks for.",
        truth="Kernels of different size can be compared when each is divided by the sum of its absolute weights.",
    ),
    Mistake(
        "M156",
        "Padding equal to the dilation keeps the size.",
        "That is so for a kernel of 3 alone; in general it takes d (k - 1) / 2 on each side.",
        "05",
        facts=("S003-11", "S000-26"),
        statement="With dilation=2, padding=2 keeps the size for every kernel.",
        truth="With dilation=2, padding=2 keeps the size for a kernel of 3 and not for one of 5.",
        models={"size": _kept_by_padding_as_wide_as_the_dilation},
    ),
    Mistake(
        "M157",
        "Pooling layers do not count in the receptive field.",
        "A pooling window reads several cells and has a stride: it adds to the field as a convolution does, and "
        "multiplies what later layers add.",
        "05",
        facts=("S003-38",),
        statement="A pooling layer leaves the receptive field of later layers as it is.",
        truth="After a pooling layer with stride 2, a later layer adds twice as much to the receptive field.",
    ),
)
