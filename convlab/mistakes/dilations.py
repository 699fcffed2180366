"""Mistakes about dilation and the receptive field.

The right rules: a kernel axis reaches over d (k - 1) + 1 cells; each layer of a stack adds (extent - 1) times the
product of the strides before it to the receptive field.
"""

from math import prod

from convlab.mistakes.mistake import Mistake
from convlab.mistakes.sizes import axes, kept, per_axis, right


def _dilated(spec):
    return any(d > 1 for d in spec.dilation)


def _numbered(spec):
    return _dilated(spec) and spec.padding != "same"  # "same" follows the extent, whatever it is taken for


def _dilation_as_stride(spec, input_shape):
    """Dilation d read as a stride of d: in place of the layer's own, on top of it, or besides its reach."""
    if not _numbered(spec):
        return []
    sides = axes(spec, input_shape)
    return kept(
        tuple(rule(*side) for side in sides)
        for rule in (
            lambda size, k, s, total, d: right(size, k, d, total, 1),
            lambda size, k, s, total, d: right(size, k, s * d, total, 1),
            lambda size, k, s, total, d: right(size, k, d, total, d),
            lambda size, k, s, total, d: right(size, k, s * d, total, d),
        )
    )


def _same_padding_without_dilation(spec, input_shape):
    """(k - 1) // 2 on each side taken for what keeps the size, with holes in the kernel too."""
    if not _dilated(spec) or max(spec.stride) > 1:
        return []
    if spec.padding == "same":
        return kept([tuple(right(size, k, 1, (k - 1) // 2 * 2, d) for size, k, _, _, d in axes(spec, input_shape))])
    halves = tuple((k - 1) // 2 for k in spec.kernel_size)
    return [tuple(input_shape[-2:])] if spec.padding == halves else []


def _with_extent(spec):
    """The weight as large as the area that a dilated kernel reaches over."""
    C_out, C_in_per_group, _, _ = spec.weight_shape
    return C_out, C_in_per_group, *spec.extent


def _extent_weight(spec):
    return [_with_extent(spec)] if _dilated(spec) else []


def _extent_count(spec, input_shape=None):
    return [prod(_with_extent(spec)) + spec.out_channels * spec.bias] if _dilated(spec) else []


def _extent_macs(spec, input_shape):
    if not _dilated(spec):
        return []
    N, _, H_out, W_out = (1, *spec.output_shape(input_shape))[-4:]
    return [N * H_out * W_out * prod(_with_extent(spec))]


_EXTENT = {"count": _extent_count, "weight_shape": _extent_weight, "macs": _extent_macs}


def _last_kernel(specs):
    return [tuple(specs[-1].extent)] if len(specs) > 1 else []


def _kernels_added_or_multiplied(specs):
    if len(specs) < 2:
        return []
    sizes = list(zip(*(spec.extent for spec in specs), strict=True))
    return [tuple(map(sum, sizes)), tuple(map(prod, sizes))]


def _without_strides(specs):
    return [tuple(1 + sum(spec.extent[axis] - 1 for spec in specs) for axis in (0, 1))]


def _own_stride_first(specs):
    """Each layer's growth multiplied by its own stride too."""
    size, jump = [1, 1], [1, 1]
    for spec in specs:
        for axis in (0, 1):
            jump[axis] *= spec.stride[axis]
            size[axis] += (spec.extent[axis] - 1) * jump[axis]
    return [tuple(size)]


DILATIONS = (
    Mistake(
        "M11",
        "Dilation does not change the size.",
        "A dilated kernel reaches over d (k - 1) + 1 cells of each axis, and that is what has to fit.",
        "05",
        facts=("S002-8", "S003-11"),
        models={"size": per_axis(lambda size, k, s, total, d: right(size, k, s, total, 1), when=_numbered)},
    ),
    Mistake(
        "M12",
        "Dilation is the number of cells left out between taps.",
        "dilation=1 means that the taps are neighbours; d - 1 cells are left out between them.",
        "05",
        facts=("S002-8", "S003-11"),
        statement="With dilation=1 one cell is left out between neighbouring taps.",
        truth="With dilation=2 one cell is left out between neighbouring taps.",
        models={
            "size": per_axis(
                lambda size, k, s, total, d: right(size, k, s, total, d + 1),
                when=lambda spec: spec.padding != "same",
            )
        },
    ),
    Mistake(
        "M13",
        "A dilated kernel reaches over k * d cells.",
        "Gaps lie between taps only: k taps have k - 1 gaps, so the kernel reaches over d (k - 1) + 1 cells.",
        "05",
        facts=("S003-11",),
        models={"size": per_axis(lambda size, k, s, total, d: (size + total - d * k) // s + 1, when=_numbered)},
    ),
    Mistake(
        "M14",
        "Dilation shrinks the output as a stride does.",
        "Dilation spreads the taps of one window; the stride skips places, and it alone divides the size.",
        "05",
        facts=("S002-8",),
        statement="dilation=2 halves the output as stride=2 does.",
        truth="dilation=2 spreads the taps of a window and skips no place.",
        models={"size": _dilation_as_stride},
    ),
    Mistake(
        "M15",
        "Padding (k - 1) / 2 keeps the size, with dilation too.",
        "With dilation d the kernel reaches further, and it takes padding d (k - 1) / 2 to keep the size.",
        "05",
        facts=("S000-26",),
        statement="kernel_size=3 with dilation=2 and padding=1 keeps the size.",
        truth="kernel_size=3 with dilation=2 and padding=2 keeps the size.",
        models={"size": _same_padding_without_dilation},
    ),
    Mistake(
        "M40",
        "Stride, padding and dilation change the number of parameters.",
        "They move or spread the window over the input; the weight stays (C_out, C_in / groups, kH, kW).",
        "06",
        facts=("S003-11",),
        equals=("M73",),
        statement="A layer with dilation=2 has more parameters than the same layer without dilation.",
        truth="Stride, padding and dilation leave the number of parameters as it is.",
        models=_EXTENT,
    ),
    Mistake(
        "M70",
        "The receptive field is the kernel size, at every depth.",
        "It grows with every layer: by (extent - 1) times the product of the strides before it.",
        "05",
        facts=("S003-38",),
        statement="A unit of the second 3 x 3 layer sees 3 x 3 pixels of the picture.",
        truth="A unit of the second 3 x 3 layer sees 5 x 5 pixels of the picture.",
        models={"field": _last_kernel},
    ),
    Mistake(
        "M71",
        "The receptive field of two layers is the sum or the product of their kernels.",
        "The second kernel's windows overlap: each layer adds its extent less 1, times the strides before it, so two "
        "3 x 3 layers see 5 x 5.",
        "05",
        facts=("S003-38",),
        models={"field": _kernels_added_or_multiplied},
    ),
    Mistake(
        "M72",
        "The stride does not change the receptive field of later layers.",
        "A stride multiplies the growth of every later layer: one step there is several cells in the picture.",
        "05",
        facts=("S003-38",),
        statement="The stride of the first layer leaves the receptive field of the second one as it is.",
        truth="The stride of the first layer multiplies what the second one adds to the receptive field.",
        models={"field": _without_strides},
    ),
    Mistake(
        "M73",
        "A dilated kernel has more taps.",
        "It has the same kH * kW taps and as many parameters; only their distance grows.",
        "05",
        facts=("S003-11",),
        equals=("M40",),
        statement="A 3 x 3 kernel with dilation=2 has 25 taps.",
        truth="A 3 x 3 kernel with dilation=2 has 9 taps and reaches over 5 x 5 cells.",
        models=_EXTENT,
    ),
    Mistake(
        "M116",
        "A layer's own stride makes its own receptive field larger.",
        "The stride of a layer counts for the layers after it: multiply by the strides before, not by its own.",
        "05",
        facts=("S003-38",),
        models={"field": _own_stride_first},
    ),
)
