"""Lesson 02, backwards: from an output cell to the bias or the weight behind it."""

from convlab.mistakes.values import rotated, value_at
from convlab.questions.cases import added, apart, block, drawn, gathered, products, span, tensors, window
from convlab.questions.lesson_02.values import layer_case, layer_figure
from convlab.questions.question import Slip


def _find_bias_case(rng):
    input, weight, bias, place = case = layer_case(rng, (-12, -6, 6, 12))
    i, j = place
    kH, kW = len(weight), len(weight[0])
    cells = window(input, place, kH, kW)
    target = value_at([input], [weight], bias, place)
    turned = value_at([input], [rotated(weight)], 0, place)
    slips = [
        Slip(
            bias // (kH * kW),
            ("M108",),
            f"{bias // (kH * kW)} would be the bias if each of the {kH * kW} products got it. It is added "
            "once, to their sum.",
        ),
        Slip(
            0,
            ("M103",),
            f"With a bias of 0 the output would be the sum of the products, and that is not {target}.",
        ),
        Slip(
            target - turned,
            ("M61",),
            f"{target - turned} fits a kernel turned by 180 degrees. Conv2d turns nothing: weight "
            f"{weight[0][0]} meets input cell ({i}, {j}), which is {cells[0][0]}.",
        ),
        Slip(
            target - value_at([input], [weight], 0, (j, i)),
            ("M102",),
            f"That fits the window of ({j}, {i}). The row comes first: the window of ({i}, {j}) covers "
            f"{span(i, kH, 'rows')} and {span(j, kW, 'columns')}.",
        ),
    ]
    return case, target, slips


def find_bias(rng):
    """The bias that makes one output cell what it is."""
    (input, weight, bias, (i, j)), target, slips = drawn(
        lambda: _find_bias_case(rng), lambda case: apart("number", case[0][2], case[2])
    )
    kH, kW = len(weight), len(weight[0])
    cells, total = window(input, (i, j), kH, kW), target - bias
    return {
        "prompt": (
            f"`nn.Conv2d(1, 1, kernel_size=({kH}, {kW}))` has this kernel. From this input it makes {target} "
            f"in output cell ({i}, {j}). What is its bias?"
        ),
        "kind": "number",
        "level": "medium",
        "objective": "tell the part of the bias from the part of the kernel",
        "formula": "bias = output[i, j] - sum(window(i, j) * weight)",
        "answer": bias,
        "because": f"The products sum to {total}, and {total} {added(bias)} = {target}.",
        "hint": "Work out what the cell would hold without a bias. What is missing?",
        "steps": [
            f"The window of ({i}, {j}): {span(i, kH, 'rows')}, {span(j, kW, 'columns')}: {cells}.",
            f"Products and sum: {products(cells, weight)} = {total}.",
            f"What is missing to {target}: {target} {added(-total)} = {bias}.",
        ],
        "proof": f"{tensors(input, weight)}\nprint({target} - F.conv2d(input, weight)[0, 0, {i}, {j}].item())",
        "slips": gathered("number", bias, slips),
        "figure": layer_figure(input, weight),
        "otherwise": "Check the window's top left cell and the sign of each product; the bias is what is missing.",
    }


def _unknown_weight_case(rng):
    input, weight, bias, place = layer_case(rng, (-4, -2, 2, 4))
    u, v = rng.randrange(len(weight)), rng.randrange(len(weight[0]))
    return (input, weight, bias, place), (u, v), _hidden_slips(input, weight, bias, place, (u, v))


def _unknown_weight_keeps(case):
    (_, weight, _, _), (u, v), slips = case
    return len(slips) == 3 and apart("number", weight[u][v], slips)


def unknown_weight(rng):
    """The hidden weight that makes one output cell what it is."""
    (input, weight, bias, (i, j)), (u, v), slips = drawn(lambda: _unknown_weight_case(rng), _unknown_weight_keeps)
    kH, kW = len(weight), len(weight[0])
    answer, cell = weight[u][v], input[i + u][j + v]
    target = value_at([input], [weight], bias, (i, j))
    known, rest = _with(weight, u, v, 0), target - bias - answer * cell
    cells = window(input, (i, j), kH, kW)
    shown = _with(weight, u, v, None)
    return {
        "prompt": (
            f"One weight of this kernel is hidden (`?`). With the bias {bias} the layer makes {target} in "
            f"output cell ({i}, {j}). What is the hidden weight?"
        ),
        "kind": "number",
        "level": "hard",
        "objective": "follow one weight to its input cell and back",
        "formula": "weight[u, v] = (output[i, j] - bias - other products) / input[i + u, j + v]",
        "answer": answer,
        "because": f"Weight ({u}, {v}) meets input cell ({i + u}, {j + v}), which is {cell}, and "
        f"{answer}*{cell} is what was missing.",
        "hint": "Take the bias away first, then every product you know. What is left is the hidden weight "
        "times one cell.",
        "steps": [
            f"The window of ({i}, {j}): {span(i, kH, 'rows')}, {span(j, kW, 'columns')}: {cells}.",
            f"Without the bias: {target} {added(-bias)} = {target - bias}.",
            f"The known products, with 0 for the hidden weight: {products(cells, known)} = {rest}.",
            f"What is left for the hidden weight: {target - bias} {added(-rest)} = {answer * cell}.",
            f"It meets input cell ({i + u}, {j + v}) = {cell}, so it is {answer * cell} / {cell} = {answer}.",
        ],
        "proof": (
            f"{tensors(input, known)}\nrest = {target} - ({bias}) - F.conv2d(input, weight)[0, 0, {i}, {j}]\n"
            f"print((rest / input[0, 0, {i + u}, {j + v}]).item())"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [block("input", input), block("weight", shown, f"kernel {kH} x {kW}")],
        "otherwise": "Put your number into the kernel and work out the cell: does it give the output?",
    }


def _with(weight, u, v, value):
    changed = [list(row) for row in weight]
    changed[u][v] = value
    return changed


def _hidden_slips(input, weight, bias, place, tap):
    """What three mistakes make of a hidden weight; none where one of them would give no whole number."""
    (i, j), (u, v) = place, tap
    kH, kW = len(weight), len(weight[0])
    right, turned, swapped = input[i + u][j + v], input[i + kH - 1 - u][j + kW - 1 - v], input[j + u][i + v]
    if not (right and turned and swapped):
        return []
    target = value_at([input], [weight], bias, place)
    known, left = _with(weight, u, v, 0), target - bias
    wrong = {
        "M61": (left - value_at([input], [rotated(known)], 0, place), turned),
        "M103": (target - value_at([input], [known], 0, place), right),
        "M102": (left - value_at([input], [known], 0, (j, i)), swapped),
    }
    if any(rest % cell for rest, cell in wrong.values()):
        return []
    lines = {
        "M61": f"That fits a kernel turned by 180 degrees. Conv2d turns nothing: the hidden weight at ({u}, "
        f"{v}) meets input cell ({i + u}, {j + v}), which is {right}.",
        "M103": f"That fits a layer without a bias. Take the bias away first: {target} {added(-bias)} = {left}.",
        "M102": f"That fits the window of ({j}, {i}). The row comes first: output ({i}, {j}) reads "
        f"{span(i, kH, 'rows')} and {span(j, kW, 'columns')}.",
    }
    return [Slip(rest // cell, (id,), lines[id]) for id, (rest, cell) in wrong.items()]


QUESTIONS = {"find-bias": find_bias, "unknown-weight": unknown_weight}
