"""Mistakes about how many: parameters and multiply-adds.

The right counts: C_out (C_in/groups kH kW) weights and C_out biases; a multiply-add for each weight, place and picture.
"""

from math import prod

from convlab.mistakes.mistake import Mistake
from convlab.mistakes.values import value_at


def of_weights(changed):
    """A count model that gets the weight's shape wrong: `changed(spec)` gives shapes, or None where it is right."""

    def count(spec, input_shape=None):
        return unique(prod(shape) + _biases(spec) for shape in changed(spec))

    return count


def of_products(changed):
    """A MAC model that takes `changed(spec)` for the weight's shape."""

    def macs(spec, input_shape):
        N, _, H_out, W_out = (1, *spec.output_shape(input_shape))[-4:]
        return unique(N * H_out * W_out * prod(shape) for shape in changed(spec))

    return macs


def unique(numbers):
    """Each number once, in order."""
    return list(dict.fromkeys(numbers))


def _biases(spec):
    return spec.out_channels * spec.bias


def _weights(spec):
    return prod(spec.weight_shape)


def _plus(biases):
    """The count model of a learner who adds `biases(spec, input_shape)` in place of one for each output channel."""

    def count(spec, input_shape=None):
        wrong = biases(spec, input_shape) if spec.bias else None
        return [] if wrong is None else [_weights(spec) + wrong]

    return count


def _places(spec, input_shape):
    return prod(spec.output_shape(input_shape)[-2:])


def _one_channel(spec):
    return [(spec.out_channels, *spec.kernel_size)]


def _one_kernel_reused(spec, input_shape=None):
    weights = spec.out_channels * prod(spec.kernel_size)
    return unique([weights, weights + _biases(spec)])


def _reused_value(input, weight, bias, place):
    """The value with the first channel's kernel on every channel."""
    value = value_at(input, [weight[0]] * len(weight), bias, place) if len(weight) > 1 else None
    return [] if value is None else [value]


def _as_large_as_the_picture(spec, input_shape=None):
    """A weight for each pixel of the input, or a kernel of its own for each place."""
    if input_shape is None:
        return []
    C_out, C_in, _, _ = spec.weight_shape
    pixels = C_out * C_in * prod(input_shape[-2:])
    return unique([pixels, pixels + _biases(spec), _weights(spec) * _places(spec, input_shape) + _biases(spec)])


def _times_batch(spec, input_shape=None):
    return [spec.parameter_count * input_shape[0]] if input_shape is not None and len(input_shape) == 4 else []


def dense(spec):
    """The shape of the weight without groups, where there are groups."""
    return [(spec.out_channels, spec.in_channels, *spec.kernel_size)] if spec.groups > 1 else []


def _times_groups(spec, input_shape=None):
    """Each group taken for a whole copy of the layer: its weights, its biases too, or its biases alone."""
    if spec.groups == 1:
        return []
    weights, biases = prod(dense(spec)[0]), _biases(spec)
    alone = [weights + biases * spec.groups] if spec.bias else []
    return unique([weights * spec.groups + biases, (weights + biases) * spec.groups, *alone])


def _three_channels(spec):
    C_out, C_in_per_group, kH, kW = spec.weight_shape
    return [(C_out, 3, kH, kW)] if C_in_per_group != 3 and spec.groups == 1 else []


def _depthwise_weight(spec):
    """Of a depthwise layer: one kernel for all channels, or a kernel for each input channel where there are more."""
    if not 1 < spec.groups == spec.in_channels:
        return []
    shapes = [(1, 1, *spec.kernel_size)]
    return shapes if spec.out_channels == spec.in_channels else [*shapes, (spec.in_channels, 1, *spec.kernel_size)]


def _depthwise_count(spec, input_shape=None):
    shapes = _depthwise_weight(spec)
    return unique(prod(shape) + bias for shape in shapes for bias in (_biases(spec), shape[0] * spec.bias))


def _error_unless_usual(spec, input_shape, dtype="float32"):
    return [] if spec.out_channels in (1, 3) else ["ValueError"]


def _runs_with_any_groups(spec, input_shape, dtype="float32"):
    divides = spec.in_channels % spec.groups == 0 and spec.out_channels % spec.groups == 0
    return [] if divides else ["runs"]


def _runs_depthwise_by_output(spec, input_shape, dtype="float32"):
    by_output = spec.groups == spec.out_channels != spec.in_channels
    return ["runs"] if by_output and spec.in_channels % spec.groups else []


def _every_channel(spec, output_channel):
    return [list(range(spec.in_channels))] if spec.groups > 1 else []


def _without_batch(spec, input_shape):
    return [spec.macs(input_shape) // input_shape[0]] if len(input_shape) == 4 and input_shape[0] > 1 else []


PARAMETERS = (
    Mistake(
        "M33",
        "One 2-D kernel is used on every input channel.",
        "A filter has a kernel of its own for each input channel; their results are added.",
        "06",
        facts=("S004-9", "S001-47"),
        statement="A filter uses the same 2-D kernel on every input channel.",
        truth="A filter has one 2-D kernel for each input channel.",
        models={
            "count": _one_kernel_reused,
            "value": _reused_value,
        },
    ),
    Mistake(
        "M34",
        "A filter has kH * kW weights.",
        "A filter has kH * kW weights for each input channel: multiply by C_in / groups.",
        "06",
        facts=("S004-6", "S001-32"),
        models={"count": of_weights(_one_channel), "macs": of_products(_one_channel)},
    ),
    Mistake(
        "M35",
        "The bias is forgotten.",
        "Each filter has one bias besides its weights: add one for each output channel.",
        "06",
        facts=("S001-42", "S003-13"),
        equals=("M103",),
        models={"count": _plus(lambda spec, input_shape: 0)},
    ),
    Mistake(
        "M36",
        "There is a bias for each input channel.",
        "The bias belongs to the output: one number for each output channel.",
        "06",
        facts=("S002-10", "S003-13"),
        statement="nn.Conv2d(3, 8, 3) has 3 biases, one for each input channel.",
        truth="nn.Conv2d(3, 8, 3) has 8 biases, one for each output channel.",
        models={"count": _plus(lambda spec, input_shape: spec.in_channels)},
    ),
    Mistake(
        "M37",
        "There is a bias for each output cell.",
        "All places of an output channel share one bias, as they share the filter.",
        "06",
        facts=("S002-10", "S003-13"),
        statement="Every cell of the output has a bias of its own.",
        truth="All cells of an output channel share one bias.",
        models={
            "count": _plus(
                lambda spec, input_shape: (
                    None if input_shape is None else spec.out_channels * _places(spec, input_shape)
                )
            )
        },
    ),
    Mistake(
        "M38",
        "There is a bias for each 2-D kernel.",
        "The kernels of a filter are summed into one map, and that gets one bias: one for each output channel.",
        "06",
        facts=("S002-10", "S003-13"),
        models={"count": _plus(lambda spec, input_shape: spec.out_channels * spec.weight_shape[1])},
    ),
    Mistake(
        "M39",
        "The number of parameters depends on the size of the picture.",
        "The same filter is used at every place, so its weights are counted once, whatever the size of the picture.",
        "00",
        facts=("S001-45",),
        statement="A convolution on a larger picture needs more parameters.",
        truth="A convolution has as many parameters on a large picture as on a small one.",
        models={"count": _as_large_as_the_picture},
    ),
    Mistake(
        "M41",
        "The batch size multiplies the parameters.",
        "The batch is data: all its pictures go through the same weights.",
        "06",
        facts=("S004-21",),
        statement="A batch of 8 pictures needs 8 times as many parameters as one picture.",
        truth="All pictures of a batch go through the same weights.",
        models={"count": _times_batch},
    ),
    Mistake(
        "M42",
        "out_channels must be 1, 3 or the number of classes.",
        "out_channels is the number of filters, and you are free to choose it.",
        "03",
        facts=("S001-30", "S002-4"),
        statement="out_channels has to be 1, 3 or the number of classes.",
        truth="out_channels may be any whole number of filters.",
        models={"error": _error_unless_usual},
    ),
    Mistake(
        "M43",
        "in_channels is the number of colours, for every layer.",
        "in_channels is the number of channels that come in: the out_channels of the layer before.",
        "03",
        facts=("S003-6", "S004-8", "S002-3"),
        statement="Every layer of a network on colour pictures has in_channels=3.",
        truth="The second layer's in_channels is the first layer's out_channels.",
        models={"weight_shape": _three_channels, "count": of_weights(_three_channels)},
    ),
)

GROUPS = (
    Mistake(
        "M44",
        "Groups do not change the number of parameters.",
        "Each filter sees the channels of its group alone, so the weights are divided by groups.",
        "10",
        facts=("S003-58", "S003-12"),
        statement="groups=2 leaves the number of weights as it is.",
        truth="groups=2 halves the number of weights.",
        models={"count": of_weights(dense), "macs": of_products(dense)},
    ),
    Mistake(
        "M45",
        "Groups multiply the parameters.",
        "The channels are split among the groups, not copied: no group sees them all.",
        "10",
        facts=("S003-12", "S001-56"),
        models={"count": _times_groups},
    ),
    Mistake(
        "M46",
        "With groups the weight is still (C_out, C_in, kH, kW).",
        "The second axis is C_in / groups: what one filter sees.",
        "10",
        facts=("S003-12", "S004-6"),
        models={"weight_shape": dense},
    ),
    Mistake(
        "M47",
        "A depthwise layer has groups=out_channels, or one kernel for all channels.",
        "Depthwise means groups=in_channels: every input channel has a kernel of its own, or several of them when "
        "out_channels is a multiple.",
        "10",
        facts=("S003-58", "S003-59"),
        statement="A depthwise layer uses one kernel for all channels.",
        truth="A depthwise layer has groups equal to in_channels.",
        models={
            "weight_shape": _depthwise_weight,
            "count": _depthwise_count,
            "error": _runs_depthwise_by_output,
        },
    ),
    Mistake(
        "M48",
        "A grouped convolution mixes all channels.",
        "No path leads from one group to another: it takes a 1 x 1 convolution or a shuffle to mix them.",
        "10",
        facts=("S001-56",),
        statement="With groups=2 every output channel still depends on every input channel.",
        truth="With groups=2 an output channel depends on half of the input channels.",
        models={"channels": _every_channel},
    ),
    Mistake(
        "M49",
        "Any number of groups works.",
        "in_channels and out_channels must both be divisible by groups, else ValueError.",
        "10",
        facts=("S002-9",),
        statement="nn.Conv2d(4, 6, 3, groups=3) can be made.",
        truth="nn.Conv2d(6, 9, 3, groups=3) can be made.",
        models={"error": _runs_with_any_groups},
    ),
    Mistake(
        "M89",
        "A g-th of the multiply-adds takes a g-th of the time.",
        "Time also goes into moving numbers, and into kernels written for the dense case: measure it.",
        "10",
        facts=("S003-57", "S001-59"),
        statement="A layer with groups=4 runs four times as fast as the same layer without groups.",
        truth="groups=4 divides the multiply-adds by 4, and the time has to be measured.",
    ),
    Mistake(
        "M117",
        "The multiply-adds are those of one picture.",
        "Every picture of the batch goes through the layer: multiply by N.",
        "09",
        facts=("S001-39",),
        models={"macs": _without_batch},
    ),
)
COUNTS = (*PARAMETERS, *GROUPS)
