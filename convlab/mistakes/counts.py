"""Mistakes about weights and their number. The right count: C_out (C_in/groups kH kW) + C_out with a bias."""

from convlab.mistakes.mistake import Mistake


def _without_bias(spec):
    kH, kW = spec.kernel_size
    count = spec.out_channels * (spec.in_channels // spec.groups) * kH * kW
    return [count] if spec.bias else []


COUNTS = (
    Mistake(
        "M35",
        "The bias is forgotten.",
        "Each filter has one bias besides its weights: add one for each output channel.",
        "06",
        equals=("M103",),
        models={
            "count": _without_bias,
        },
    ),
)
