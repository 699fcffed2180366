"""Lesson 02, myths to judge: does Conv2d flip, does a negative number mean "no edge", is it all one operation?"""

from convlab.mistakes.values import mirrored, rotated, transposed, upside_down, value_at
from convlab.questions.cases import block, drawn, grid, kernel, products, tensors
from convlab.questions.question import Slip


def _myth(answer, mistakes, wrong_line, **fields):
    return {
        "kind": "truefalse",
        "options": ["true", "false"],
        "answer": answer,
        "slips": (Slip(not answer, mistakes, wrong_line),),
        **fields,
    }


def _myth_flip_case(rng):
    kH, kW = rng.choice(((2, 3), (3, 2)))
    cells, weight = grid(rng, kH, kW, 0, 5), kernel(rng, kH, kW)
    return cells, weight, value_at([cells], [weight]), value_at([cells], [rotated(weight)])


def myth_flip(rng):
    """Does Conv2d flip the kernel? Judged on numbers."""
    cells, weight, right, turned = drawn(lambda: _myth_flip_case(rng), lambda case: case[2] != case[3])
    claim_right = rng.random() < 0.5
    claim = (
        f"`nn.Conv2d` lays the kernel on the window as it is drawn, and so gives {right}."
        if claim_right
        else f"`nn.Conv2d` turns the kernel by 180 degrees first, and so gives {turned}."
    )
    kH, kW = len(weight), len(weight[0])
    return _myth(
        claim_right,
        ("M61",),
        "It is called a convolution, but what Conv2d computes is a cross-correlation. No axis is reversed: "
        f"the top left weight, {weight[0][0]}, meets the top left cell, {cells[0][0]}, and the sum is {right}, "
        f"not {turned}.",
        prompt=f"True or false? There is no bias. {claim}",
        level="easy",
        objective="tell cross-correlation from convolution",
        formula="nn.Conv2d does not flip",
        because=f"Without any turn: {products(cells, weight)} = {right}. Turned it would be {turned}.",
        hint="Which cell does the top left weight meet in `nn.Conv2d`?",
        steps=[
            f"As it is drawn: {products(cells, weight)} = {right}.",
            f"Turned by 180 degrees: {products(cells, rotated(weight))} = {turned}. Conv2d gives {right}.",
        ],
        proof=f"{tensors(cells, weight)}\nprint(F.conv2d(input, weight).item() == {right if claim_right else turned})",
        figure=[block("input", cells, f"window {kH} x {kW}"), block("weight", weight, f"kernel {kH} x {kW}")],
    )


def _negative_edge(rng):
    """(window, kernel, (low, high), (brighter side, darker side)) of an edge on which the kernel is negative."""
    vertical, sign = rng.random() < 0.5, rng.choice((1, -1))
    low, high = rng.randint(0, 2), rng.randint(6, 9)
    factors = rng.choice(((1, 1), (1, 2), (2, 1)))
    weight = [[sign * factor, 0, -sign * factor] for factor in factors]
    cells = [([low, low, high] if sign > 0 else [high, low, low]) for _ in factors]
    if not vertical:
        weight, cells = transposed(weight), transposed(cells)
    sides = ("left", "right") if vertical else ("top", "bottom")
    return cells, weight, (low, high), sides[::-sign]


def myth_negative(rng):
    """Does a negative output mean that there is no edge?"""
    cells, weight, (low, high), (brighter, darker) = _negative_edge(rng)
    output = value_at([cells], [weight])
    claim_right = rng.random() < 0.5
    claim = (
        f"The minus sign tells the direction of an edge: here the {brighter} is brighter than the {darker}."
        if claim_right
        else "A negative number means that there is no edge under the window."
    )
    kH, kW = len(weight), len(weight[0])
    return _myth(
        claim_right,
        ("M64",),
        f"There is an edge, from {low} to {high}, and the kernel answers strongly: {abs(output)}. The minus "
        f"sign only tells the direction, brighter at the {brighter} than at the {darker}; no edge would give 0.",
        prompt=f"True or false? This kernel gives {output} on this window. {claim}",
        level="easy",
        objective="read the sign of an output",
        formula="sign = direction, size = strength",
        because=f"{output} is far from 0: the kernel found the step between {low} and {high}, and the sign "
        "says which way it goes.",
        hint="What would the kernel give on a window where all cells are equal?",
        steps=[
            f"On a flat window the weights cancel to 0; here they give {products(cells, weight)} = {output}.",
            f"The size {abs(output)} is the strength of the step, the minus sign its direction: brighter at "
            f"the {brighter}.",
        ],
        proof=(
            f"{tensors(cells, weight)}\nflat = torch.full_like(input, {high})\n"
            "print(F.conv2d(input, weight).item(), F.conv2d(flat, weight).item())  # an edge, and none\n"
            f"print({claim_right} == (F.conv2d(input, weight).item() < F.conv2d(flat, weight).item()))"
        ),
        figure=[block("input", cells, f"window {kH} x {kW}"), block("weight", weight, f"kernel {kH} x {kW}")],
    )


def _maybe_symmetric(rng):
    """A kernel that the turn by 180 degrees leaves as it is, or one reversed axis does, or neither."""
    kH, kW = rng.choice(((2, 3), (3, 2)))
    wanted = rng.choice(("turned", "turned", "mirrored", "neither"))

    def draw():
        weight = grid(rng, kH, kW, -2, 3)
        flips = {"turned": rotated, "mirrored": mirrored if kW == 3 else upside_down}
        return _folded(weight, flips[wanted]) if wanted in flips else weight

    def keep(weight):
        turned, one_axis = rotated(weight) == weight, weight in (mirrored(weight), upside_down(weight))
        enough = len({tap for row in weight for tap in row}) > 2
        return enough and (turned, one_axis) == (wanted == "turned", wanted == "mirrored")

    return drawn(draw, keep)


def _same_slip(weight, turned):
    """The mistakes of who judges this kernel wrongly, and what to say."""
    if turned == weight:
        return ("M62",), (
            "The flip of a convolution reverses both axes, a turn by 180 degrees. It makes this kernel "
            f"{turned}, which it was before, so the two operations agree. One axis alone would change it."
        )
    places = ((u, v) for u, row in enumerate(weight) for v, tap in enumerate(row) if turned[u][v] != tap)
    u, v = next(places)
    line = (
        f"A true convolution turns the kernel by 180 degrees first, so that {weight[u][v]} at ({u}, {v}) "
        f"becomes {turned[u][v]}: the kernel is another one, and so is the output."
    )
    if weight in (mirrored(weight), upside_down(weight)):
        return ("M110", "M62"), f"{line} One reversed axis leaves this kernel as it is; the flip reverses both."
    return ("M110",), line


def myth_same(rng):
    """Are convolution and cross-correlation the same? For which kernels?"""
    weight = _maybe_symmetric(rng)
    turned = rotated(weight)
    same = turned == weight
    mistakes, wrong = _same_slip(weight, turned)
    return _myth(
        same,
        mistakes,
        wrong,
        prompt=(
            "True or false? With this kernel a true convolution (`scipy.signal.convolve2d`) and the "
            "cross-correlation of "
            '`nn.Conv2d` give the same output on every input (both without padding: `mode="valid"`).'
        ),
        level="medium",
        objective="tell cross-correlation from convolution",
        formula="equal when weight = rotated(weight)",
        because=f"Turned by 180 degrees the kernel is {turned}, "
        + ("the same as before." if same else "another one than before."),
        hint="What does a true convolution do to the kernel before it slides it? Do it here and compare.",
        steps=[
            f"Reverse the order of the rows: {upside_down(weight)}.",
            f"Reverse each row too: {turned}.",
            f"Compare with {weight}: {'equal, so both agree' if same else 'not equal, so they differ'}.",
        ],
        proof=(
            f"import torch\nfrom torch.nn import functional as F\nweight = "
            f"torch.tensor({weight}).double()[None, None]\n"
            "input = torch.randn(1, 1, 8, 9, dtype=torch.float64)\n"
            "print(torch.allclose(F.conv2d(input, weight), F.conv2d(input, weight.flip(2, 3))))"
        ),
        figure=[block("weight", weight, f"kernel {len(weight)} x {len(weight[0])}")],
    )


def _folded(weight, flip):
    """The kernel made symmetric under `flip`: of each two cells that it exchanges both hold the first one's tap."""
    kW = len(weight[0])
    number = [[row * kW + column for column in range(kW)] for row in range(len(weight))]
    return [
        [weight[min(pair) // kW][min(pair) % kW] for pair in zip(*rows, strict=True)]
        for rows in zip(number, flip(number), strict=True)
    ]


QUESTIONS = {"myth-flip": myth_flip, "myth-negative": myth_negative, "myth-same": myth_same}
