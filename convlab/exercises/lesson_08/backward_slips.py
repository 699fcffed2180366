"""All slips of 08.conv2d_backward: those of one gradient, of two at once, of all three, and what is not there yet."""

from itertools import combinations, permutations

import numpy as np

from ...mistakes.gradients import input_gradient, weight_gradient
from ..task import Slip
from .wrong_gradients import (
    BIASES,
    INPUTS,
    PARTS,
    WEIGHTS,
    but_for,
    cut,
    divided,
    for_padded,
    from_other,
    model,
    of_bias,
    picked,
)

IGNORED = (
    "You leave the stride out. The places lie `stride` cells apart: place (i, j) begins at row i * stride and column j "
    "* stride. As a convolution over grad_output that is stride - 1 zeros between its entries."
)


def _weight_alone(grad_output, input, weight, stride, padding):
    return {"weight": weight_gradient(grad_output, input, weight, 1, padding)}


def _input_alone(grad_output, input, weight, stride, padding):
    return {"input": input_gradient(grad_output, input, weight, 1, padding)}


_small = for_padded(cut, lambda stride: 1)  # over a grad_output that nothing was put into, and of that size

STRIDES = (
    Slip(
        ("M79",),
        "ignores the stride",
        but_for(model("M79")),
        IGNORED,
        (
            but_for(_weight_alone),
            but_for(_weight_alone, missing=("input",)),
            but_for(_input_alone),
            but_for(_small),
            but_for(_weight_alone, _small),
        ),
    ),
)

NOTHING = (
    Slip(
        ("M76",),
        "fewer than three",
        picked((1, 2)),
        "A gradient is missing. A convolution has three: for its weight and its bias, which it learns by, and for its "
        "input, which is the grad_output of the layer before. Return all of them.",
        (picked((1,)), lambda *given, **named: picked((1,))(*given, **named)[0]),
    ),
    Slip(
        ("M76",),
        "nothing for the input",
        but_for(model("M76")),
        "Your grad_input is zero everywhere. The input has a gradient too: it is the grad_output of the layer before, "
        "which could not learn without.",
    ),
    Slip(
        ("M76",),
        "nothing for the weights",
        but_for(model("M76", 1)),
        "Your grad_weight and grad_bias are zero everywhere. They are what the layer learns by: the input's gradient "
        "alone only goes on to the layer before.",
    ),
    Slip(
        ("M76",),
        "nothing for the weight",
        but_for(lambda g, x, w, s, p: {"weight": np.zeros(w.shape)}),
        "Your grad_weight is zero everywhere. It is what the weight learns by.",
        (but_for(lambda g, x, w, s, p: {"weight": np.zeros(w.shape)}, missing=("input",)),),
    ),
    Slip(
        ("M76",),
        "nothing for the bias",
        but_for(of_bias(lambda g: np.zeros(g.shape[1]))),
        "Your grad_bias is zero everywhere. The bias learns too: it is added at every place.",
    ),
)

ALL_THREE = (
    Slip(
        (),
        "another order",
        picked((1, 2, 0)),
        "Your three gradients are right, and in another order. Return grad_input, grad_weight, grad_bias.",
        tuple(picked(order) for order in permutations(range(3)) if order not in ((0, 1, 2), (1, 2, 0))),
    ),
    Slip(
        (),
        "ones for grad_output",
        but_for(from_other(grad_output=np.ones_like)),
        "Your gradients do not depend on grad_output: they are those of output.sum(), whose grad_output is 1 "
        "everywhere. What comes from above is different at each place.",
    ),
    Slip(
        (),
        "divides by the batch",
        but_for(divided),
        "Your gradients are divided by the number of pictures. Where the loss is a mean, that division is in "
        "grad_output already: here everything is added up.",
    ),
)


def _both(*slips):
    """The slip of a learner in whom two of them meet, in two of the gradients."""
    parts = [next(part for part, table in TABLES.items() if slip in table) for slip in slips]

    def program(*arguments, **named):
        made = [dict(zip(PARTS, slip.function(*arguments, **named), strict=True)) for slip in slips]
        chosen = {part: one[part] for part, one in zip(parts, made, strict=True)}
        return tuple((made[0] | chosen)[part] for part in PARTS)

    names, says = " and ".join(slip.name for slip in slips), " And: ".join(slip.says for slip in slips)
    return Slip(tuple(id for slip in slips for id in slip.mistakes), names, program, says)


TABLES = {"bias": BIASES, "weight": WEIGHTS, "input": INPUTS}
COMMON = ("M80", "M78", "M81", "M77", "M187")
FIRST = [next(slip for table in TABLES.values() for slip in table if slip.mistakes == (id,)) for id in COMMON]
TWICE = tuple(
    _both(*two)
    for two in combinations(FIRST, 2)
    if not any(two[0] in table and two[1] in table for table in TABLES.values())
)


def _begun(*missing):
    """The program of a learner who has not come to the end yet: all that is there is right."""
    there = [f"grad_{part}" for part in reversed(PARTS) if part not in missing]
    left = [f"grad_{part}" for part in reversed(PARTS) if part in missing]
    says = f"{' and '.join(there)} {'are' if len(there) > 1 else 'is'} right. Still to come: {' and '.join(left)}."
    return Slip((), f"without {', '.join(left)}", but_for(missing=missing), says, outcome="partial")


BEGUN = tuple(_begun(*missing) for count in (1, 2) for missing in combinations(PARTS, count))
SLIPS = (*BIASES, *WEIGHTS, *INPUTS, *STRIDES, *NOTHING, *ALL_THREE, *TWICE, *BEGUN)
