"""Lesson 02, the value of an output cell: products, their sum, the bias, and the way back."""

from convlab.mistakes import MISTAKES
from convlab.mistakes.values import rotated, value_at
from convlab.questions.cases import (
    added,
    apart,
    block,
    drawn,
    gathered,
    grid,
    kernel,
    output_of,
    products,
    span,
    tensors,
    window,
)
from convlab.questions.question import Slip

SIZES = ((2, 3), (3, 2))  # kernels: never square, so that swapped axes show


def _slips(lines, input, weight, bias, place):
    """A slip for every value that the mistakes of `lines` predict here, worded by their function of the value."""
    return [
        Slip(int(value) if value == int(value) else value, (id,), line(value))
        for id, line in lines.items()
        for value in MISTAKES[id].models["value"]([input], [weight], bias, place)
    ]


def _round(value):
    return f"{value:g}" if value == int(value) else f"{value:.2f}"


def flipped_line(value, weight, cells):
    return (
        f"{_round(value)} comes out if the kernel is turned by 180 degrees first. Conv2d turns nothing: the "
        f"top left weight, {weight[0][0]}, meets the top left cell of the window, {cells[0][0]}."
    )


def _one_axis_line(value, weight, cells):
    return (
        f"{_round(value)} comes out if one axis of the kernel is reversed. Conv2d reverses none: the first row "
        f"of weights, {weight[0]}, lies on the first row of the window, {cells[0]}, in this order."
    )


def _unsigned_line(value, weight):
    negative = min(tap for row in weight for tap in row)
    return (
        f"{_round(value)} comes out if every product is added. A negative weight subtracts: {negative} takes "
        f"away {abs(negative)} times the cell under it."
    )


_LOOP_LINES = {  # slips of a loop that a hand makes too
    "M113": lambda v: f"{_round(v)} is what the last product alone gives. Each product is added to those before it.",
    "M114": lambda v: (
        f"{_round(v)} comes out if the sum goes on from one place to the next, row by row. Every output cell begins "
        "again at 0."
    ),
    "M115": lambda v: (
        f"{_round(v)} comes out if the cells of the window are added as they are. Each is multiplied by its weight "
        "first."
    ),
}


def _loop_lines(*ids):
    return {id: _LOOP_LINES[id] for id in ids}


def _place_lines(place, kH, kW):
    """For each slip of place, the function that words it for a value."""
    i, j = place
    here = f"{span(i, kH, 'rows')} and {span(j, kW, 'columns')}"
    return {
        "M101": lambda value: (
            f"{_round(value)} belongs to a neighbouring window. Counting starts at 0, so output ({i}, {j}) "
            f"reads {here}."
        ),
        "M102": lambda value: (
            f"{_round(value)} belongs to output ({j}, {i}). The row comes first: ({i}, {j}) is row {i}, column "
            f"{j}, and reads {here}."
        ),
    }


def _window_value_case(rng):
    kH, kW = rng.choice(SIZES)
    cells, weight = grid(rng, kH, kW, 0, 6), kernel(rng, kH, kW)
    lines = {
        "M61": lambda v: flipped_line(v, weight, cells),
        "M62": lambda v: _one_axis_line(v, weight, cells),
        "M105": lambda v: _unsigned_line(v, weight),
        "M106": lambda v: (
            f"{_round(v)} is the mean of the {kH * kW} products. Conv2d adds them and divides by nothing."
        ),
        **_loop_lines("M113", "M115"),
    }
    return cells, weight, value_at([cells], [weight]), _slips(lines, cells, weight, 0, (0, 0))


def window_value(rng):
    """One window, one kernel: the number that comes out."""
    cells, weight, answer, slips = drawn(
        lambda: _window_value_case(rng), lambda case: case[2] != 0 and apart("number", case[2], case[3])
    )
    kH, kW = len(weight), len(weight[0])
    total = products(cells, weight)
    return {
        "prompt": (
            "The kernel lies on this window of the input; there is no bias. Which number does `nn.Conv2d` "
            "write into the output cell?"
        ),
        "kind": "number",
        "level": "easy",
        "objective": "multiply and add one window",
        "formula": "sum(window * weight)",
        "answer": answer,
        "because": f"{total} = {answer}: each weight times the cell it lies on, then the sum.",
        "hint": "Each weight meets the cell it lies on: same row, same column. Multiply, then add.",
        "steps": [f"Multiply each weight by the cell it lies on: {total}.", f"Add: {total} = {answer}."],
        "proof": f"{tensors(cells, weight)}\nprint(F.conv2d(input, weight).item())",
        "slips": gathered("number", answer, slips),
        "figure": [block("input", cells, f"window {kH} x {kW}"), block("weight", weight, f"kernel {kH} x {kW}")],
        "otherwise": f"Write the {kH * kW} products in a row, with their signs, and add them again.",
    }


def layer_case(rng, bias_from):
    """An input, a kernel, a bias and a place whose mirror image (j, i) and a diagonal neighbour exist too."""
    kH, kW = rng.choice(SIZES)
    H, W = rng.choice(((5, 6), (5, 7), (6, 7)))
    inside = [
        (i, j)
        for i in range(H - kH + 1)
        for j in range(W - kW + 1)
        if i != j and j <= H - kH and i <= W - kW and i + j > 1 and ((i and j) or (i < H - kH and j < W - kW))
    ]
    return grid(rng, H, W, 0, 5), kernel(rng, kH, kW), rng.choice(bias_from), rng.choice(inside)


def layer_figure(input, weight):
    return [block("input", input), block("weight", weight, f"kernel {len(weight)} x {len(weight[0])}")]


def _bias_value_case(rng):
    input, weight, bias, place = case = layer_case(rng, (-4, -3, -2, 2, 3, 4))
    kH, kW = len(weight), len(weight[0])
    cells = window(input, place, kH, kW)
    lines = {
        "M61": lambda v: flipped_line(v, weight, cells),
        **_place_lines(place, kH, kW),
        "M103": lambda v: f"{v} is the sum of the products alone. The bias, {bias}, is added to every output cell.",
        "M108": lambda v: (
            f"{v} comes out if the bias is added to each of the {kH * kW} products. It is added once, to their sum."
        ),
        **_loop_lines("M113", "M114"),
    }
    return case, value_at([input], [weight], bias, place), _slips(lines, *case)


def _bias_value_keeps(case):
    return apart("number", case[1], case[2])


def bias_value(rng):
    """One output cell of a layer with a bias."""
    (input, weight, bias, (i, j)), answer, slips = drawn(lambda: _bias_value_case(rng), _bias_value_keeps)
    kH, kW = len(weight), len(weight[0])
    cells = window(input, (i, j), kH, kW)
    total = answer - bias
    return {
        "prompt": (
            f"`nn.Conv2d(1, 1, kernel_size=({kH}, {kW}))` has this kernel and the bias {bias}. Which number "
            f"stands in output cell ({i}, {j})?"
        ),
        "kind": "number",
        "level": "medium",
        "objective": "compute any output cell, with the bias",
        "formula": "output[i, j] = sum(window(i, j) * weight) + bias",
        "answer": answer,
        "because": f"The window gives {total}, and the bias makes it {total} {added(bias)} = {answer}.",
        "hint": "Find the window first: its top left cell has the row and the column of the output cell. The "
        "bias last.",
        "steps": [
            f"The window of ({i}, {j}): {span(i, kH, 'rows')}, {span(j, kW, 'columns')}: {cells}.",
            f"Products and sum: {products(cells, weight)} = {total}.",
            f"The bias, once: {total} {added(bias)} = {answer}.",
        ],
        "proof": f"{tensors(input, weight, bias)}\nprint(F.conv2d(input, weight, bias)[0, 0, {i}, {j}].item())",
        "slips": gathered("number", answer, slips),
        "figure": layer_figure(input, weight),
        "otherwise": "Check in this order: the window's top left cell, the sign of each product, the bias once.",
    }


def _flat_area_case(rng):
    kH, kW = rng.choice(SIZES)
    weight, brightness = kernel(rng, kH, kW, 3), rng.randint(2, 6)
    input = [[brightness] * 5 for _ in range(4)]
    total = sum(map(sum, weight))
    unsigned = sum(abs(tap) for row in weight for tap in row)
    lines = {
        "M105": lambda v: (
            f"{v} is {brightness} times {unsigned}: the weights without their signs. Keep the signs, and the "
            f"weights sum to {total}."
        ),
        "M106": lambda v: (
            f"{_round(v)} is the mean of the {kH * kW} products. Nothing is divided: the products are added."
        ),
        "M109": lambda v: f"A flat area gives 0 only when the weights sum to 0. Here they sum to {total}.",
    }
    return input, weight, total, _slips(lines, input, weight, 0, (0, 0))


def flat_area(rng):
    """The output on an area of one brightness."""
    input, weight, total, slips = drawn(
        lambda: _flat_area_case(rng), lambda case: case[2] != 0 and apart("number", case[2] * case[0][0][0], case[3])
    )
    brightness = input[0][0]
    answer = output_of(input, weight)[0][0]
    taps = " ".join(added(tap) for row in weight for tap in row).removeprefix("+ ")
    return {
        "prompt": (
            f"Every cell of this input is {brightness}, and there is no bias. Every output cell is then the "
            "same: which number?"
        ),
        "kind": "number",
        "level": "easy",
        "objective": "say what a kernel does on a flat area",
        "formula": "brightness * sum(weight)",
        "answer": answer,
        "because": f"The weights sum to {total}, and {brightness} times {total} is {answer}.",
        "hint": "All products share one factor. Take it out of the sum.",
        "steps": [
            f"Sum of the weights: {taps} = {total}.",
            f"Times the brightness: {brightness} * {total} = {answer}.",
        ],
        "proof": f"{tensors(input, weight)}\nprint(F.conv2d(input, weight)[0, 0, 0, 0].item())",
        "slips": gathered("number", answer, slips),
        "figure": layer_figure(input, weight),
        "otherwise": "Add the weights with their signs, then multiply by the brightness.",
    }


def _convolve_value_case(rng):
    input, weight, _, place = layer_case(rng, (0,))
    kH, kW = len(weight), len(weight[0])
    turned = rotated(weight)
    lines = {
        "M62": lambda v: (
            f"{v} comes out if one axis alone is reversed. Turning by 180 degrees reverses both: the first row "
            f"becomes {turned[0]}."
        ),
        **_place_lines(place, kH, kW),
        **_loop_lines("M114", "M115"),
    }
    answer, correlated = (value_at([input], [taps], 0, place) for taps in (turned, weight))
    unturned = Slip(
        correlated,
        ("M110",),
        f"{correlated} is the cross-correlation, which `nn.Conv2d` computes. A true convolution first turns the "
        f"kernel by 180 degrees, so its top left weight becomes {turned[0][0]}.",
    )
    return input, weight, place, answer, [unturned, *_slips(lines, input, turned, 0, place)]


def convolve_value(rng):
    """One cell of a true convolution, which is not what Conv2d computes."""
    input, weight, (i, j), answer, slips = drawn(
        lambda: _convolve_value_case(rng), lambda case: apart("number", case[3], case[4])
    )
    kH, kW = len(weight), len(weight[0])
    cells, turned = window(input, (i, j), kH, kW), rotated(weight)
    return {
        "prompt": (
            'SciPy\'s `convolve2d(input, kernel, mode="valid")` computes a true convolution, as mathematicians define '
            f'it; "valid" means without padding. Which number does it give in cell ({i}, {j})?'
        ),
        "kind": "number",
        "level": "hard",
        "objective": "tell cross-correlation from convolution",
        "formula": "sum(window(i, j) * rotated(weight))",
        "answer": answer,
        "because": f"The kernel turned by 180 degrees gives {products(cells, turned)} = {answer}.",
        "hint": "Turn the kernel by 180 degrees (both axes reversed); from there on do as Conv2d does.",
        "steps": [
            f"Reverse the rows and the columns of the kernel: {turned}.",
            f"The window of ({i}, {j}): {span(i, kH, 'rows')}, {span(j, kW, 'columns')}: {cells}.",
            f"Multiply: {products(cells, turned)}.",
            f"Add: {answer}.",
        ],
        "proof": f"{tensors(input, weight)}\nprint(F.conv2d(input, weight.flip(2, 3))[0, 0, {i}, {j}].item())",
        "slips": gathered("number", answer, slips),
        "figure": layer_figure(input, weight),
        "otherwise": "Check in this order: the turned kernel, the window's top left cell, the sign of each product.",
    }


QUESTIONS = {
    "window-value": window_value,
    "flat-area": flat_area,
    "bias-value": bias_value,
    "convolve-value": convolve_value,
}
