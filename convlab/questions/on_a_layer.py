"""Questions on any layer whatever: what shape comes out, what shape the weight has, how many parameters, how many MACs.

Nothing is drawn here: the layer is the learner's own, or one that the bench drew. Every mistake whose model predicts
what is asked gets its say, so a wrong answer that any of them explains is named.
"""

from functools import cache
from math import prod

from convlab.mistakes import MISTAKES
from convlab.questions.question import Question, Slip
from convlab.refusals import ArgumentError, came, one_sentence
from convlab.shapes import Conv2dSpec

ASKED = ("output_shape", "weight_shape", "parameter_count", "macs")
_LESSON = {"output_shape": "04", "weight_shape": "03", "parameter_count": "06", "macs": "09"}
_MODEL = {"output_shape": "output_shape", "weight_shape": "weight_shape", "parameter_count": "count", "macs": "macs"}
_LARGE = 10**7  # numbers; from here on the proof runs on shapes alone


@one_sentence
def about(spec, input_shape, what):
    """A question on this layer and this input; typed answers are diagnosed like all others.

    Args:
        spec: a ``Conv2dSpec``; ``convlab.layers.spec(layer)`` reads one from a real layer.
        input_shape: (N, C_in, H, W), or (C_in, H, W) without a batch.
        what: one of output_shape, weight_shape, parameter_count, macs.

    Raises:
        ShapeError: PyTorch refuses the layer or the input.
        ArgumentError: `spec` is no Conv2dSpec, or `what` is none of the four.

    Example:
        >>> question = about(Conv2dSpec(3, 8, 3, stride=2, padding=1), (1, 3, 32, 40), "output_shape")
        >>> question.answer
        (1, 8, 16, 20)
        >>> question.grade("1, 8, 29, 37").mistakes
        ('M02',)
    """
    if not isinstance(spec, Conv2dSpec):
        raise ArgumentError(
            f"spec must be a Conv2dSpec; got {type(spec).__name__}: write Conv2dSpec(3, 8, 3), or "
            "convlab.layers.spec(layer) for a real layer."
        )
    if not isinstance(what, str) or what not in ASKED:
        raise ArgumentError(f"what must be one of {', '.join(ASKED)}; got {came(what)}: choose one of these.")
    spec.output_shape(input_shape)  # refuses what PyTorch refuses
    fields = layer_question(spec, tuple(input_shape), what)
    return Question(id=f"about-{what.replace('_', '-')}", lesson=_LESSON[what], seed=0, **fields)


def layer_question(spec, input_shape, what):
    """The fields of a question on a legal layer and input; `what` as for ``about``."""
    fields = _WORDS[what](spec, input_shape)
    steps = fields["steps"]
    return {
        "kind": "number" if what in ("parameter_count", "macs") else "shape",
        "level": level_of(steps),
        "slips": named(fields["answer"], predictions(spec, input_shape, what)),
        "spec": spec,
        "input_shape": input_shape,
        **fields,
    }


def level_of(steps):
    """easy, medium or hard by the number of worked steps."""
    return "easy" if len(steps) <= 2 else "medium" if len(steps) == 3 else "hard"


def predictions(spec, input_shape, what):
    """What the mistakes predict here: pairs (answer, id), the likeliest first.

    The order says whom an answer names first when several predict it: a mistake's own commonest answer comes before
    the rarer variants of others, then what follows from a model of this very thing before what follows from a wrong
    size on the way, then the table before the slips of hand and eye, then the earlier lesson, then the lower number.
    """
    found = []
    for mistake in _predicting(what):
        for on_the_way, answers in enumerate(_answers(mistake, spec, input_shape, what)):
            for variant, answer in enumerate(dict.fromkeys(answers)):
                number = int(mistake.id[1:])
                found.append(((variant, on_the_way, number > 100, mistake.lesson, number), answer, mistake.id))
    return [(answer, id) for _, answer, id in sorted(found, key=lambda it: it[0])]


@cache
def _predicting(what):
    """The mistakes with a model that bears on `what`."""
    kinds = {_MODEL[what]} | ({"size"} if what in ("output_shape", "macs") else set())
    return [mistake for mistake in MISTAKES.values() if kinds & set(mistake.models)]


def _answers(mistake, spec, input_shape, what):
    """Two lists: what the mistake's model of `what` predicts, and what follows from its model of the size."""
    direct, size = mistake.models.get(_MODEL[what]), mistake.models.get("size")
    sizes = size(spec, input_shape) if size and what in ("output_shape", "macs") else []
    if what == "output_shape":
        wrong = [(*input_shape[:-3], spec.out_channels, *size) for size in sizes]
        return (direct(spec, input_shape) if direct else []) + wrong, []
    if what == "weight_shape":
        return direct(spec) if direct else [], []
    each = prod(input_shape[:-3]) * prod(spec.weight_shape)
    return direct(spec, input_shape) if direct else [], [each * prod(size) for size in sizes]


def named(answer, predicted, show=str):
    """The slips for pairs (answer, id), likeliest first: one a wrong answer, with all who predict it."""
    together = {}
    for wrong, id in predicted:
        if wrong != answer and id not in together.setdefault(wrong, []):
            together[wrong].append(id)
    return tuple(Slip(wrong, tuple(ids), _line(show(wrong), ids)) for wrong, ids in together.items())


def _line(wrong, ids):
    first, *others = (MISTAKES[id] for id in ids)
    line = f'{wrong} follows from the thought "{first.title}" {first.diagnosis}'
    if others:
        titles = " or ".join(f'"{it.title}"' for it in others[:2])
        line += f" It also follows from the thought {titles}"
    return line


def _axis(name, length, k, s, side, d):
    """One axis of the output size, worked out."""
    before, after = side
    padding = f" + 2*{before}" if before == after else f" + {before} + {after}"
    extent = f" - {d}*({k} - 1) - 1" if d > 1 else f" - {k}"
    inside = f"{length}{padding if before + after else ''}{extent}"
    places = (length + before + after - d * (k - 1) - 1) // s + 1
    return f"{name}: {inside} + 1 = {places}." if s == 1 else f"{name}: floor(({inside}) / {s}) + 1 = {places}."


def _size_steps(spec, input_shape):
    settings = (input_shape[-2:], spec.kernel_size, spec.stride, spec.pads, spec.dilation)
    rows, columns = (
        _axis(name, *axis) for name, axis in zip(("Rows", "Columns"), zip(*settings, strict=True), strict=True)
    )
    plain = max(spec.stride) == 1 and not any(map(any, spec.pads)) and max(spec.dilation) == 1
    return [f"{rows} {columns}"] if plain else [rows, columns]


def _extent_step(spec):
    if max(spec.dilation) == 1 and spec.padding != "same":
        return []
    (kH, kW), (dH, dW), (eH, eW) = spec.kernel_size, spec.dilation, spec.extent
    reach = f"The window reaches over {dH}*({kH} - 1) + 1 = {eH} rows and {dW}*({kW} - 1) + 1 = {eW} columns"
    if spec.padding != "same":
        return [f"{reach}."]
    return [f'{reach}; "same" pads {eH - 1} rows and {eW - 1} columns in all.']


def _layer(spec):
    return f"`{spec.source()}`"


def _given(spec, input_shape):
    return f"The layer is {_layer(spec)}, the input has the shape {input_shape}."


def _code(spec, input_shape, last):
    """A proof: the layer, its output on zeros, and a last line that prints the answer."""
    large = max(prod(input_shape), prod(spec.output_shape(input_shape)), prod(spec.weight_shape)) > _LARGE
    meta = ', device="meta"' if large else ""
    return (
        f"import torch\nfrom torch import nn\nlayer = {spec.source()[:-1]}{meta})\n"
        f"output = layer(torch.zeros({input_shape}{meta}))\nprint({last})"
    )


def _output_shape(spec, input_shape):
    answer = spec.output_shape(input_shape)
    *batch, C_out, H_out, W_out = answer
    axes = "(N, C_out, H_out, W_out)" if batch else "(C_out, H_out, W_out)"
    whose = f"the batch of {batch[0]} stays, " if batch else "there is no batch axis, "
    return {
        "prompt": f"{_given(spec, input_shape)} Which shape does the output have?",
        "objective": "predict the shape of an output",
        "formula": "H_out = floor((H + 2 p - d (k - 1) - 1) / s) + 1",
        "answer": answer,
        "because": f"{C_out} filters, and {H_out} x {W_out} places for the window: {answer}.",
        "hint": "Rows and columns apart: how far does the window reach, and how many places does the stride leave it? "
        "The channels come from the filters.",
        "steps": [
            *_extent_step(spec),
            *_size_steps(spec, input_shape),
            f"One channel for each of the {C_out} filters; {whose}so {answer}.",
        ],
        "proof": _code(spec, input_shape, "tuple(output.shape)"),
        "axes": ("a batched output" if batch else "an output without a batch", axes),
        "otherwise": "Work out the rows and the columns apart, each with its own k, s, p and d.",
    }


def _weight_shape(spec, input_shape):
    C_out, C_in_per_group, kH, kW = answer = spec.weight_shape
    split = f"{spec.in_channels} / {spec.groups} = {C_in_per_group}"
    seen = f"the channels of one group, {split}" if spec.groups > 1 else f"all {C_in_per_group} input channels"
    seen = seen if C_in_per_group > 1 or spec.groups > 1 else "the 1 input channel"
    return {
        "prompt": f"{_given(spec, input_shape)} Which shape does `layer.weight` have?",
        "objective": "predict the shape of a weight",
        "formula": "(C_out, C_in / groups, kH, kW)",
        "answer": answer,
        "because": f"{C_out} filters, each with {C_in_per_group} of {kH} x {kW}.",
        "hint": "Filters first; then what one filter sees of the input; then its rows and columns.",
        "steps": [
            f"There are {C_out} filters, and each sees {seen}.",
            f"Each kernel has {kH} rows and {kW} columns: {answer}.",
        ],
        "proof": _code(spec, input_shape, "tuple(layer.weight.shape)"),
        "axes": ("the weight of Conv2d", "(C_out, C_in / groups, kH, kW)"),
        "otherwise": "Four axes: filters, the channels one filter sees, rows, columns.",
    }


def _parameter_count(spec, input_shape):
    C_out, C_in_per_group, kH, kW = spec.weight_shape
    weights, answer = prod(spec.weight_shape), spec.parameter_count
    steps = [f"One filter has {C_in_per_group} * {kH} * {kW} = {C_in_per_group * kH * kW} weights."]
    if spec.groups > 1:
        steps.insert(0, f"A filter sees {spec.in_channels} / {spec.groups} = {C_in_per_group} channels.")
    steps.append(f"{C_out} filters: {C_out} * {C_in_per_group * kH * kW} = {weights}.")
    if spec.bias:
        steps.append(f"One bias for each filter: {weights} + {C_out} = {answer}.")
    return {
        "prompt": f"{_given(spec, input_shape)} How many learnable numbers does the layer have?",
        "objective": "count parameters",
        "formula": "C_out * (C_in / groups * kH * kW) + C_out with a bias",
        "answer": answer,
        "because": f"{weights} weights and {C_out if spec.bias else 0} biases make {answer}.",
        "hint": "Count one filter, multiply by the number of filters, and look whether there is a bias.",
        "steps": steps,
        "proof": _code(spec, input_shape, "sum(parameter.numel() for parameter in layer.parameters())"),
        "otherwise": "Count the weights of one filter first; the picture, the batch and the stride do not matter.",
    }


def _macs(spec, input_shape):
    output_shape = spec.output_shape(input_shape)
    _, C_in_per_group, kH, kW = spec.weight_shape
    each, cells = C_in_per_group * kH * kW, prod(output_shape)
    factors = " * ".join(map(str, output_shape))
    return {
        "prompt": f"{_given(spec, input_shape)} How many multiply-adds does it take, for the whole input? Products "
        "with the zeros of the padding count; adding the bias does not.",
        "objective": "count multiply-adds",
        "formula": "N * C_out * H_out * W_out * (C_in / groups * kH * kW)",
        "answer": spec.macs(input_shape),
        "because": f"{cells} output cells, {each} multiply-adds each.",
        "hint": "How many output cells are there, and how many products go into each of them?",
        "steps": [
            *_size_steps(spec, input_shape),
            f"The output has {factors} = {cells} cells.",
            f"Each takes {C_in_per_group} * {kH} * {kW} = {each} multiply-adds.",
            f"Together: {cells} * {each} = {cells * each}.",
        ],
        "proof": _code(spec, input_shape, "output.numel() * layer.weight[0].numel()"),
        "otherwise": "Count the output's cells first, then the products in one cell.",
    }


_WORDS = {
    "output_shape": _output_shape,
    "weight_shape": _weight_shape,
    "parameter_count": _parameter_count,
    "macs": _macs,
}
