"""The bench's questions on drawn numbers: a value over channels, a gradient, im2col's columns, channels of a group."""

import numpy as np

from convlab.mistakes import MISTAKES
from convlab.mistakes.columns import columns_of
from convlab.mistakes.gradients import input_gradient, weight_gradient
from convlab.mistakes.values import value_at
from convlab.questions.bench.layers import apart, grouped_evenly, of_lesson, plain
from convlab.questions.cases import block, drawn, grid
from convlab.questions.on_a_layer import level_of, named
from convlab.shapes import Conv2dSpec

_TRIES = 4


def _number(value):
    value = float(value)
    return int(value) if value == int(value) else round(value, 4)


def _show(value):
    return f"{value:g}"


def value(lesson, channels, kernel_size, negative=False):
    """One output cell of a filter over several channels."""
    ids = of_lesson(lesson)
    kH, kW = kernel_size

    def case(rng):
        H, W = kH + 2, kW + 3
        input = [grid(rng, H, W, 0, 5) for _ in range(channels)]
        weight = [grid(rng, kH, kW, -3, 3) for _ in range(channels)]
        return input, weight, rng.choice((-3, -2, 2, 3)), (rng.randint(1, 2), rng.randint(1, 2))

    def slips(case):
        predicted = [
            (_number(it), id)
            for id, mistake in MISTAKES.items()
            if "value" in mistake.models
            for it in mistake.models["value"](*case)
        ]
        return named(value_at(*case), sorted(predicted, key=lambda it: it[1] not in ids), _show)

    def question(rng):
        cases = [drawn(lambda: case(rng), lambda it: value_at(*it) < 0 or not negative) for _ in range(_TRIES)]
        best = max(cases, key=lambda it: apart(slips(it), ids))
        return {**_value_words(*best), "slips": slips(best)}

    return question


def _value_words(input, weight, bias, place):
    i, j = place
    parts = [value_at([cells], [taps], 0, place) for cells, taps in zip(input, weight, strict=True)]
    answer = sum(parts) + bias
    shape = f"{len(weight)}, 1, kernel_size=({len(weight[0])}, {len(weight[0][0])})"
    steps = [f"Channel {c}: its window times its kernel sums to {part}." for c, part in enumerate(parts)]
    steps.append(f"Add the channels and the bias: {' + '.join(map(str, parts))} + {bias} = {answer}.")
    return {
        "prompt": f"The layer is `nn.Conv2d({shape})` with the bias {bias}. Which number stands in output cell "
        f"({i}, {j})?",
        "kind": "number",
        "level": level_of(steps),
        "objective": "compute an output cell over channels",
        "formula": "sum over channels of sum(window * kernel) + bias",
        "answer": answer,
        "because": f"The channels give {', '.join(map(str, parts))}, and the bias is {bias}: {answer}.",
        "hint": "One channel after the other, each with its own kernel; then add everything, and the bias once.",
        "steps": steps,
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input, weight = torch.tensor({input}).double(), torch.tensor({weight}).double()\n"
            f"print(F.conv2d(input[None], weight[None], torch.tensor([{bias}.0]).double())[0, 0, {i}, {j}].item())"
        ),
        "figure": [
            *(block("input", cells, f"input, channel {c}") for c, cells in enumerate(input)),
            *(block("weight", taps, f"kernel for channel {c}") for c, taps in enumerate(weight)),
        ],
        "otherwise": "Write down what each channel gives, then add.",
    }


def gradient(of):
    """One entry of the gradient of the input, of the weight or of the bias."""

    def case(rng):
        (kH, kW), stride = rng.choice(((2, 3), (3, 2))), rng.choice((1, 2))
        H, W = 2 * stride + kH - stride, 3 * stride + kW - stride
        arrays = [grid(rng, 2, 3, -3, 3), grid(rng, H, W, 0, 5), grid(rng, kH, kW, -3, 3)]
        grad_output, input, weight = (np.array(it, dtype=float)[None, None] for it in arrays)
        shape = {"input": (H, W), "weight": (kH, kW), "bias": ()}[of]
        return (grad_output, input, weight), stride, tuple(rng.randrange(length) for length in shape)

    def slips(case):
        arrays, stride, at = case
        predicted = []
        for id in sorted(of_lesson("08")):
            for wrong in MISTAKES[id].models.get("gradient", lambda *_, **__: [])(*arrays, stride=stride):
                array = np.atleast_1d(np.squeeze(wrong.get(of, np.zeros(0))))
                if of == "bias" and of in wrong:  # a map has many entries: none of them is the one number
                    predicted += [(_number(array.flat[0]), id)] if array.size == 1 else []
                elif of in wrong:
                    predicted.append((_number(array[at]), id))
        return named(_gradient_at(of, case), predicted, _show)

    def question(rng):
        best = max((case(rng) for _ in range(_TRIES)), key=lambda it: apart(slips(it), of_lesson("08")))
        return {**_gradient_words(of, best), "slips": slips(best)}

    return question


def _gradient_at(of, case):
    arrays, stride, at = case
    if of == "bias":
        return _number(arrays[0].sum())
    function = input_gradient if of == "input" else weight_gradient
    return _number(function(*arrays, stride=stride)[0, 0][at])


def _gradient_words(of, case):
    (grad_output, input, weight), stride, at = case
    answer, spec = _gradient_at(of, case), Conv2dSpec(1, 1, weight.shape[2:], stride)
    entry = "of the bias" if of == "bias" else f"of {of} cell {at}"
    way = {
        "bias": "The bias is added to every output cell, so its gradient is the sum of all upstream numbers",
        "weight": "This weight meets one input cell at each place: add these cells times the upstream number there",
        "input": "This cell was multiplied by one weight at each place that reads it: add these times upstream",
    }[of]
    steps = [f"{way}.", f"The sum is {answer}."]
    if of != "bias":
        steps.insert(1, f"The places lie {stride} cell{'s' * (stride > 1)} apart.")
    numbers = [np.int64(array[0, 0]).tolist() for array in (grad_output, input, weight)]
    index = "[0]" if of == "bias" else f"[0, 0, {at[0]}, {at[1]}]"
    return {
        "prompt": f"The layer is `{spec.source()}`. Upstream is the gradient with respect to the output. What is the "
        f"gradient {entry}?",
        "kind": "number",
        "level": level_of(steps),
        "objective": f"compute the gradient of the {of}",
        "formula": {"bias": "sum(upstream)", "weight": "correlate(input, upstream)", "input": "scatter"}[of],
        "answer": answer,
        "because": f"{way}: {answer}.",
        "hint": "Ask which output cells depend on this number, and by which factor; then add up.",
        "steps": steps,
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"upstream, input, weight = (torch.tensor(it).double()[None, None] for it in {numbers})\n"
            "bias = torch.zeros(1).double()\nfor it in (input, weight, bias):\n    it.requires_grad_()\n"
            f"F.conv2d(input, weight, bias, stride={stride}).backward(upstream)\nprint({of}.grad{index}.item())"
        ),
        "figure": [
            block("grad-output", numbers[0], "upstream"),
            block("input", numbers[1], "input"),
            block("weight", numbers[2], "kernel"),
        ],
        "otherwise": "Mark every place whose window holds this number, then add the products.",
    }


def memory(rng):
    """How many numbers the columns of im2col hold."""
    spec, shape = plain(rng, padding=rng.choice((0, (1, 2))), stride=rng.choice((1, 2)))
    C_out_shape = spec.output_shape(shape)
    places, (N, C_in), (kH, kW) = C_out_shape[2] * C_out_shape[3], shape[:2], spec.kernel_size
    answer = N * C_in * kH * kW * places
    predicted = [(it, id) for id in ("M84", "M86") for it in MISTAKES[id].models["memory"](spec, shape)]
    return {
        "prompt": f"The layer is `{spec.source()}`, the input has the shape {shape}. How many numbers do the columns "
        "of im2col hold, for the whole batch?",
        "kind": "number",
        "level": "medium",
        "objective": "count what im2col stores",
        "formula": "N * (C_in * kH * kW) * (H_out * W_out)",
        "answer": answer,
        "because": f"{N} pictures, {places} columns each, {C_in * kH * kW} numbers in a column.",
        "hint": "How many columns are there, and how many numbers stand in one?",
        "steps": [
            f"There are {C_out_shape[2]} * {C_out_shape[3]} = {places} places, so as many columns for each picture.",
            f"A column holds {C_in} * {kH} * {kW} = {C_in * kH * kW} numbers.",
            f"For the batch: {N} * {places} * {C_in * kH * kW} = {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch.nn import functional as F\ncolumns = F.unfold(torch.zeros({shape}), "
            f"{spec.kernel_size}, padding={spec.padding}, stride={spec.stride})\nprint(columns.numel())"
        ),
        "slips": named(answer, predicted),
        "spec": spec,
        "input_shape": shape,
    }


def column(rng):
    """One entry of the columns, by its row."""
    spec = Conv2dSpec(2, 1, rng.choice(((2, 3), (3, 2))))
    numbers = rng.sample(range(10, 99), 2 * 4 * 5)
    input = np.array(numbers, dtype=float).reshape(1, 2, 4, 5)
    columns = columns_of(input, spec)[0]
    (wrong,) = MISTAKES["M85"].models["columns"](input, spec)
    row, place = rng.randrange(1, len(columns) - 1), rng.randrange(columns.shape[1])
    kH, kW = spec.kernel_size
    c, rest = divmod(row, kH * kW)
    answer, channels = int(columns[row, place]), np.int64(input[0]).tolist()
    return {
        "prompt": f"`columns = F.unfold(input, {spec.kernel_size})` for this input of two channels. Which number is "
        f"`columns[0, {row}, {place}]`?",
        "kind": "number",
        "level": "medium",
        "objective": "read a column",
        "formula": "row = (c * kH + u) * kW + v",
        "answer": answer,
        "because": f"Row {row} is channel {c}, tap {divmod(rest, kW)}; column {place} is a place of the window.",
        "hint": "A column lists the first channel's taps row by row, then the next channel's.",
        "steps": [
            f"Row {row} is channel {c} ({kH * kW} taps a channel), tap {divmod(rest, kW)}.",
            f"Column {place} is the place {divmod(place, 5 - kW + 1)}.",
            f"There stands {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.tensor([{channels}]).double()\n"
            f"print(F.unfold(input, {spec.kernel_size})[0, {row}, {place}].item())"
        ),
        "slips": named(answer, [(int(wrong[0, row, place]), "M85")]),
        "figure": [block("input", cells, f"input, channel {c}") for c, cells in enumerate(channels)],
    }


def channels(rng):
    """How many input channels one output channel reads."""
    spec, _ = grouped_evenly(rng)
    o = rng.randrange(spec.out_channels)
    each = spec.in_channels // spec.groups
    wrong = [(len(it), "M48") for it in MISTAKES["M48"].models["channels"](spec, o)]
    return {
        "prompt": f"The layer is `{spec.source()}`. How many input channels does output channel {o} depend on?",
        "kind": "number",
        "level": "easy",
        "objective": "say what a group sees",
        "formula": "C_in / groups",
        "answer": each,
        "because": f"{spec.in_channels} channels in {spec.groups} groups: {each} each.",
        "hint": "The channels are split among the groups, and no path leads from one to another.",
        "steps": [
            f"Output channel {o} belongs to one of {spec.groups} groups.",
            f"A group has {spec.in_channels} / {spec.groups} = {each} input channels.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\n"
            f"input = torch.ones(1, {spec.in_channels}, 9, 9, requires_grad=True)\n"
            f"{spec.source()}(input)[0, {o}].sum().backward()\n"
            "print(int((input.grad[0].abs().sum((1, 2)) > 0).sum()))"
        ),
        "slips": named(each, wrong),
    }
