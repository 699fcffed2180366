"""Lesson 02, kernel and effect: what a kernel answers to, with which sign, and which kernel it was."""

from convlab.mistakes.values import mirrored, rotated, transposed, upside_down, value_at
from convlab.questions.cases import (
    added,
    block,
    drawn,
    gathered,
    grid,
    kernel,
    output_of,
    products,
    rows_text,
    shuffled,
    tensors,
)
from convlab.questions.question import Slip

EDGE_KERNELS = {"Prewitt": (1, 1, 1), "Sobel": (1, 2, 1), "Scharr": (3, 10, 3)}  # the factor of each row


def _edge_kernel(rng, factors):
    """(kernel, vertical, sign): rows `factors` times 1, 0, -1, perhaps transposed, perhaps with the other sign."""
    vertical, sign = rng.random() < 0.5, rng.choice((1, -1))
    weight = [[sign * factor, 0, -sign * factor] for factor in factors]
    return weight if vertical else transposed(weight), vertical, sign


def small_edge_kernel(rng):
    """As above with two rows, so that the kernel is 2 x 3 or 3 x 2."""
    return _edge_kernel(rng, rng.choice(((1, 1), (1, 2), (2, 1), (2, 2))))


def _edge_slips(clipped, turned, bright, minus, across, against, kind):
    return [
        Slip(
            clipped,
            ("M64",),
            f"Where it is brighter {minus} the output is negative, and that is an answer: the sign tells the "
            "direction of the edge, the size its strength.",
        ),
        Slip(
            turned,
            ("M63",),
            f"Look where the signs differ: between the {across}. This kernel compares {against}, and that "
            f"finds {kind} edges.",
        ),
        Slip(
            bright,
            ("M105",),
            "The negative weights subtract. All weights together sum to 0, so a flat area gives 0, however "
            "bright it is.",
        ),
    ]


def which_edge(rng):
    """What an edge kernel answers to, with its sign."""
    name = rng.choice(sorted(EDGE_KERNELS))
    weight, vertical, sign = _edge_kernel(rng, EDGE_KERNELS[name])
    vertical_sides, horizontal_sides = ("on the left", "on the right"), ("above", "below")
    ours, others = (vertical_sides, horizontal_sides)[:: 1 if vertical else -1]
    plus, minus = ours[::sign]
    kind, other = ("vertical", "horizontal")[:: 1 if vertical else -1]
    answer = f"{kind} edges: a positive number where it is brighter {plus}, a negative one where it is brighter {minus}"
    clipped = f"{kind} edges, but only where it is brighter {plus}; where it is brighter {minus} it finds nothing"
    turned = (
        f"{other} edges: a positive number where it is brighter {others[::sign][0]}, a negative one where it "
        f"is brighter {others[::sign][1]}"
    )
    bright = "bright areas: the brighter the cells under it, the larger the number, on flat areas too"
    across, against = ("columns", "left against right") if vertical else ("rows", "top against bottom")
    slips = _edge_slips(clipped, turned, bright, minus, across, against, kind)
    first, last = (transposed(weight) if vertical else weight)[:: len(weight) - 1]
    return {
        "prompt": f"This is a {name} kernel. What does it find, as `nn.Conv2d` slides it?",
        "kind": "choice",
        "level": "easy",
        "objective": "say what an edge kernel finds, with its sign",
        "formula": "which sides get opposite weights, and which is positive",
        "answer": answer,
        "because": f"The kernel compares {against}: the {across} {first} and {last} have opposite signs.",
        "hint": "Which weights are positive, which negative? Lay the kernel on an edge in your mind: which side wins?",
        "steps": [
            f"The weights {first} and {last} stand on opposite sides: {against}. The edges between are {kind}.",
            f"The positive weights lie {plus}: brighter there gives a positive number, the reverse a negative one.",
        ],
        "proof": _edge_proof(weight, (answer, clipped, turned, bright)),
        "slips": gathered("choice", answer, slips),
        "options": shuffled(rng, [answer, clipped, turned, bright]),
        "figure": [block("weight", weight, "kernel 3 x 3")],
    }


def _edge_proof(weight, options):
    """Code that tries the kernel on edges of both directions and both senses, then says what it finds."""
    answer, _, turned, _ = options
    return (
        f"import torch\nfrom torch.nn import functional as F\nweight = "
        f"torch.tensor({weight}).double()[None, None]\n"
        "columns = torch.tensor([[0, 5, 9]] * 3).double()[None, None]\n"
        "upright = (F.conv2d(columns, weight).item(), F.conv2d(columns.flip(3), weight).item())\n"
        "lying = F.conv2d(columns.mT, weight).item()\n"
        "print(upright, lying)  # an upright edge in both senses, a lying one\n"
        f"finds_upright = {('vertical' in answer)}\n"
        f"print({answer!r} if (lying == 0) == finds_upright else {turned!r})"
    )


def _bar_slips(answer, input, reverse, clipped, unsigned, weight):
    negative = next(j for j, value in enumerate(answer) if value < 0)
    under = input[0][negative : negative + 3]
    slips = [
        Slip(
            str(reverse),
            ("M61",),
            "All signs are reversed: that is the kernel turned by 180 degrees. Conv2d turns nothing: the "
            f"weights {[row[0] for row in weight]} stay on the left.",
        ),
        Slip(
            str(clipped),
            ("M64",),
            f"Column {negative} is {answer[negative]}, not 0: it lies on the other border of the bar. The sign "
            "tells the direction, and a negative answer is one too.",
        ),
        Slip(
            str(unsigned),
            ("M105",),
            f"Here nothing was subtracted. Of the columns of weights {[row[0] for row in weight]} and "
            f"{[row[2] for row in weight]} one is negative, so equal sides cancel to 0.",
        ),
    ]
    return negative, under, slips


def bar_response(rng):
    """The row of outputs that a bright or dark bar makes."""
    bar = rng.randint(2, 3)
    inside, outside = rng.sample((rng.randint(0, 2), rng.randint(5, 9)), 2)
    input = [[outside] * 2 + [inside] * bar + [outside] * (5 - bar) for _ in range(4)]
    weight, _, _ = drawn(lambda: small_edge_kernel(rng), lambda case: case[1])  # an upright one
    answer = output_of(input, weight)[0]
    clipped = [max(0, value) for value in answer]
    unsigned = output_of(input, [[abs(tap) for tap in row] for row in weight])[0]
    reverse = output_of(input, rotated(weight))[0]
    negative, under, slips = _bar_slips(answer, input, reverse, clipped, unsigned, weight)
    factor = sum(row[0] for row in weight)
    return {
        "prompt": (
            "A bar stands in this input, and there is no bias. All rows of the output are equal. Which row is it?"
        ),
        "kind": "choice",
        "level": "medium",
        "objective": "read the signs on both sides of a bar",
        "formula": "output[j] = sum of the left weights * (input[j] - input[j + 2])",
        "answer": str(answer),
        "because": "The kernel takes the right side of its window from the left or the reverse: the two "
        "borders of the bar get opposite signs.",
        "hint": "Each output compares column j of the input with column j + 2. Where are they equal, where is "
        "the left one larger?",
        "steps": [
            f"The left weights sum to {factor}, the right ones to {-factor}, the middle is 0.",
            f"So output column j is {factor} * input[j] {added(-factor)} * input[j + 2], with the row {input[0]}.",
            f"For example column {negative}, over {under}: {answer[negative]}. The whole row: {answer}.",
        ],
        "proof": f"{tensors(input, weight)}\nprint(F.conv2d(input, weight)[0, 0, 0].long().tolist())",
        "slips": gathered("choice", str(answer), slips),
        "options": shuffled(rng, [str(answer), str(reverse), str(clipped), str(unsigned)]),
        "figure": [block("input", input), block("weight", weight, f"kernel {len(weight)} x {len(weight[0])}")],
    }


def _which_kernel_case(rng):
    kH, kW = rng.choice(((2, 3), (3, 2)))
    weight, input = kernel(rng, kH, kW), grid(rng, 4, 5, 0, 4)
    flip = rng.choice((mirrored, upside_down))
    return input, weight, (rotated(weight), flip(weight))


def _which_kernel_keeps(case):
    firsts = [value_at([case[0]], [weight]) for weight in (case[1], *case[2])]
    return len(set(firsts)) == 3


def _kernel_slips(kW, kH, turned, flipped, across, first, input):
    size = f"{4 - kW + 1} x {5 - kH + 1}"
    return [
        Slip(
            rows_text(turned),
            ("M61",),
            f"This one gives {value_at([input], [turned])} in output cell (0, 0), where {first} stands. It is "
            "the right kernel turned by 180 degrees, but Conv2d turns nothing.",
        ),
        Slip(
            rows_text(flipped),
            ("M62",),
            f"This one gives {value_at([input], [flipped])} in output cell (0, 0), where {first} stands. One "
            "axis is reversed; Conv2d reverses none.",
        ),
        Slip(
            rows_text(across),
            ("M63",),
            f"A {kW} x {kH} kernel would give an output of {size}. Rows and columns are exchanged here: this "
            f"output needs {kH} rows and {kW} columns of weights.",
        ),
    ]


def which_kernel(rng):
    """Which of four kernels made this output."""
    input, weight, (turned, flipped) = drawn(lambda: _which_kernel_case(rng), _which_kernel_keeps)
    output, across = output_of(input, weight), transposed(weight)
    kH, kW, first = len(weight), len(weight[0]), output[0][0]
    answer = rows_text(weight)
    slips = _kernel_slips(kW, kH, turned, flipped, across, first, input)
    cells = [row[:kW] for row in input[:kH]]
    return {
        "prompt": "`nn.Conv2d` without a bias made this output from this input. Which kernel was its weight?",
        "kind": "choice",
        "level": "medium",
        "objective": "find the kernel behind an output",
        "formula": "the kernel whose cross-correlation with the input is the output",
        "answer": answer,
        "because": f"For output cell (0, 0) it gives {products(cells, weight)} = {first}, and its size fits.",
        "hint": "The sizes rule out one kernel. For the others work out output cell (0, 0) alone.",
        "steps": [
            f"The size: 4 - {len(output)} + 1 = {kH} rows and 5 - {len(output[0])} + 1 = {kW} columns of weights.",
            f"Output cell (0, 0) reads {cells} and holds {first}.",
            f"Only {weight} gives that: {products(cells, weight)} = {first}.",
        ],
        "proof": _kernel_proof(input, output, (weight, turned, flipped, across)),
        "slips": gathered("choice", answer, slips),
        "options": shuffled(rng, [rows_text(each) for each in (weight, turned, flipped, across)]),
        "figure": [block("input", input), block("output", output)],
    }


def _kernel_proof(input, output, candidates):
    return (
        "import torch\nfrom torch.nn import functional as F\n"
        f"input = torch.tensor({input}).double()[None, None]\noutput = "
        f"torch.tensor({output}).double()[None, None]\n"
        f"for weight in {list(candidates)}:\n"
        "    if torch.equal(F.conv2d(input, torch.tensor(weight).double()[None, None]), output):\n"
        "        print(weight)"
    )


def _impulse_slips(r, c, weight, wrong):
    lines = {
        "M61": "Here the kernel comes out as it is written. A true convolution does that, because it flips "
        f"the kernel; Conv2d does not flip, so the 1 meets the last weight, {weight[1][2]}, first, at output "
        f"cell ({r - 1}, {c - 2}).",
        "M62": "One axis is right, the other is not. Moving right, the 1 meets the weights from right to "
        f"left; moving down, from bottom to top. So {weight[1][2]} comes first, at output cell ({r - 1}, "
        f"{c - 2}).",
        "M64": "The negative numbers are missing. Conv2d keeps them: 1 times a negative weight is that weight.",
    }
    return [Slip(rows_text(grid), (id,), lines[id]) for id, grid in wrong.items()]


def impulse(rng):
    """The output for an input of zeros with a single 1."""

    def keep(weight):
        (a, _, b), (c, _, last) = weight
        # The lines for M61 and M62 point at the first corner: it must differ there from every flip's.
        return 0 not in [tap for row in weight for tap in row] and last not in (a, b, c)

    weight = drawn(lambda: kernel(rng, 2, 3, 3), keep)
    r, c = rng.randint(1, 2), rng.randint(2, 3)
    input = [[int((i, j) == (r, c)) for j in range(6)] for i in range(4)]
    output = output_of(input, weight)
    flip = rng.choice((mirrored, upside_down))
    wrong = {
        "M61": output_of(input, rotated(weight)),
        "M62": output_of(input, flip(rotated(weight))),
        "M64": [[max(0, value) for value in row] for row in output],
    }
    answer = rows_text(output)
    slips = _impulse_slips(r, c, weight, wrong)
    return {
        "revision": 2,
        "prompt": f"The input is 0 everywhere but for one 1, at ({r}, {c}). There is no bias. Which output comes out?",
        "kind": "choice",
        "level": "medium",
        "objective": "tell cross-correlation from convolution",
        "formula": "impulse response = weight rotated by 180 degrees",
        "answer": answer,
        "because": "The windows reach the 1 with their last weight first, so the kernel appears turned by 180 degrees.",
        "hint": "Slide the window in from the top left. Which weight touches the 1 first?",
        "steps": [
            f"The first window that holds the 1 is that of ({r - 1}, {c - 2}), and there the 1 is its bottom "
            "right cell.",
            f"So ({r - 1}, {c - 2}) gets the bottom right weight, {weight[1][2]}; one step right comes {weight[1][1]}.",
            f"All together: the kernel turned by 180 degrees, {rotated(weight)}, and 0 elsewhere.",
        ],
        "proof": f"{tensors(input, weight)}\nprint(F.conv2d(input, weight)[0, 0].long().tolist())",
        "slips": gathered("choice", answer, slips),
        "options": shuffled(rng, [answer, *(rows_text(grid) for grid in wrong.values())]),
        "figure": [block("input", input), block("weight", weight, "kernel 2 x 3")],
    }


QUESTIONS = {
    "which-edge": which_edge,
    "bar-response": bar_response,
    "which-kernel": which_kernel,
    "impulse": impulse,
}
