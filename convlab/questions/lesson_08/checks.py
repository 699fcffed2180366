"""Lesson 08, checking gradients: finite differences by hand, which h, which type, and what a check can find."""

from itertools import pairwise

from convlab.questions.cases import apart, block, drawn, gathered
from convlab.questions.lesson_03.drawing import judged, ticked
from convlab.questions.lesson_08.shares import layer_text, tidy
from convlab.questions.question import Slip

_DIFFERENCE = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "take a finite difference",
    "formula": "(f(w + h) - f(w - h)) / (2 h)",
    "hint": "By how much does the loss change on the way from w - h to w + h? How long is that way?",
    "otherwise": "The loss at w + h less the loss at w - h, divided by the whole way between the two.",
}


def _loss(row, kernel):
    return sum((kernel[0] * a + kernel[1] * b) ** 2 for a, b in pairwise(row))


def _difference_case(rng):
    row, kernel = [rng.randint(0, 4) for _ in range(3)], [rng.choice((-2, -1, 1, 2)) for _ in range(2)]
    v, h = rng.randrange(2), rng.choice((1, 2, 0.5))
    return row, kernel, v, h


def _two_losses(row, kernel, v, h):
    return [tidy(_loss(row, [tap + sign * h * (at == v) for at, tap in enumerate(kernel)])) for sign in (1, -1)]


def _difference_slips(row, kernel, v, h):
    high, low = _two_losses(row, kernel, v, h)
    middle = _loss(row, kernel)
    slips = [
        Slip(tidy((high - low) / h), ("M194",), f"You divided by {h}. From w - h to w + h the way is 2 * {h} = "
             f"{2 * h} long."),
        Slip(tidy(high - low), ("M194",), "That is by how much the loss changes on the whole way. Divide by the length "
             f"of the way, {2 * h}."),
        Slip(tidy((high - middle) / h), ("M194",), "That is the slope from w to w + h. Take the whole way, from w - h "
             "to w + h: the bend of the loss falls out."),
        Slip(tidy((middle - low) / h), ("M194",), "That is the slope from w - h to w. Take the whole way, from w - h "
             "to w + h: the bend of the loss falls out."),
    ]  # fmt: skip
    right = tidy((high - low) / (2 * h))
    return right, [slip for slip in slips if slip.answer != right]


def finite_difference(rng):
    """The slope of a loss, from its values on both sides."""

    def fair(case):
        right, slips = _difference_slips(*case)
        ends = _two_losses(*case)
        return right and right == int(right) and ends == [int(it) for it in ends] and apart("number", right, slips)

    row, kernel, v, h = case = drawn(lambda: _difference_case(rng), fair)
    (answer, slips), (high, low) = _difference_slips(*case), _two_losses(*case)
    return {
        **_DIFFERENCE,
        "prompt": f"The layer has this kernel and no bias; `loss = (conv(input) ** 2).sum()` is {_loss(row, kernel)}. "
        f"Take h = {h}: with h more in `conv.weight[0, 0, 0, {v}]` it is {high}, with h less {low}. Which number does "
        "the central difference with this h give for the gradient of this weight?",
        "answer": answer,
        "because": f"From {low} to {high} the loss changes by {tidy(high - low)}, on a way of {2 * h}.",
        "steps": [
            f"The change: {high} - {low} = {tidy(high - low)}.",
            f"The way from w - h to w + h is 2 * {h} = {2 * h} long: {tidy(high - low)} / {2 * h} = {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input, weight = torch.tensor([[[{row}]]]).double(), torch.tensor([[[{kernel}]]]).double()\n"
            f"def loss(h):\n    moved = weight.clone()\n    moved[0, 0, 0, {v}] += h\n"
            f"    return (F.conv2d(input, moved) ** 2).sum().item()\nprint((loss({h}) - loss(-{h})) / (2 * {h}))"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [block("input", [row]), block("weight", [kernel], "kernel 1 x 2")],
    }


_TYPES = {"torch.float32": ("1e-6", "1e-7", "1e-8"), "torch.float64": ("1e-4", "1e-5", "1e-6")}


def myth_float32(rng):
    """Whether a finite difference with small steps can be trusted in this type."""
    dtype, agrees = rng.choice(list(_TYPES)), rng.random() < 0.5
    single, h = dtype == "torch.float32", rng.choice(_TYPES[dtype])
    loss, slope = rng.choice((500, 1000, 2000, 4000)), rng.choice((2, 3, 4, 5))
    line = (
        f"float32 keeps about 7 digits. Beside {loss} a change of 2 * {h} * {slope} is lost in rounding."
        if single
        else f"float64 keeps about 16 digits. Beside {loss} a change of 2 * {h} * {slope} is kept well."
    )
    return judged(
        (not single) == agrees,
        f"in {dtype} a weight is 1, the loss is about {loss}, and its gradient with respect to this weight is "
        f"{slope}. `(loss(w + h) - loss(w - h)) / (2 * h)` with h = {h} {'agrees' if agrees else 'does not agree'} "
        "with that gradient to within 1 %.",
        "M82",
        line,
        objective="choose the type for a gradient check",
        formula="float32 keeps 7 digits, float64 keeps 16: the change 2 h * gradient has to show beside the loss",
        because=line,
        hint="By how much does the loss change between w - h and w + h? How many digits of the loss must be kept to "
        "see that?",
        steps=[
            f"The loss changes by 2 * {h} * {slope}, beside {loss} itself.",
            f"{'float32 keeps about 7' if single else 'float64 keeps about 16'} digits: the change is "
            f"{'lost' if single else 'kept well'}.",
        ],
        proof=check_proof(dtype, h, f"{slope} * w + {loss - slope}", slope, agrees),
    )  # fmt: skip


def check_proof(dtype, h, loss, slope, agrees):
    """The lines that compare a finite difference with backward(), in one type."""
    return (
        f"import torch\ndef loss(w):\n    return {loss}\nw, h = torch.tensor(1.0, dtype={dtype}), {h}\n"
        "central = ((loss(w + h) - loss(w - h)) / (2 * h)).item()\n"
        "w.requires_grad_()\nloss(w).backward()\n"
        f"print((abs(central - w.grad.item()) < 0.01 * abs(w.grad.item())) == {agrees})"
    )


_CURVES = {  # the loss, in words -> in Python
    "straight": "{a} * w + {b}",
    "square": "({a} * w + {b}) ** 2",
    "cube": "({a} * w + {b}) ** 3",
}
_RIGHT_H = {"straight": (1, 2, 5, 10), "square": (1, 2, 5), "cube": ("1e-3", "1e-4", "1e-5")}
_WRONG_H = {"straight": ("1e-16", "1e-17"), "square": ("1e-16", "1e-17"), "cube": (1, 2, 3)}


def myth_small_h(rng):
    """Whether this h is good for a finite difference."""
    curve, good, agrees = rng.choice(list(_CURVES)), rng.random() < 0.5, rng.random() < 0.5
    h = rng.choice((_RIGHT_H if good else _WRONG_H)[curve])
    a, b = rng.choice((2, 3, 4)), rng.choice((1, 2, 3))
    loss = _CURVES[curve].format(a=a, b=b)
    slope = {"straight": a, "square": 2 * a * (a + b), "cube": 3 * a * (a + b) ** 2}[curve]
    if curve == "cube":
        line = f"The loss is bent, and this h is {'small enough' if good else 'too large'} for it."
    elif good:
        line = "Where the loss is a straight line or a square, the central difference is exact, however large h is."
    else:
        line = "So small an h is lost in rounding: w + h and w - h give the same loss, and the difference is 0."
    return judged(
        good == agrees,
        f"in float64 a weight w is 1, and the loss is `{loss}`. `(loss(w + h) - loss(w - h)) / (2 * h)` with h = {h} "
        f"{'agrees' if agrees else 'does not agree'} with the gradient to within 1 %.",
        "M194",
        line,
        objective="choose the h of a finite difference",
        formula="too small: rounding; too large: the bend of the loss; straight or square: exact",
        because=line,
        hint="Two things can go wrong: h is so small that rounding eats the difference, or so large that the loss "
        "bends on the way. Is it one of them here?",
        steps=[
            f"The gradient at w = 1 is {slope}.",
            "The bend of a cube adds the square of h to it, times a number; a straight line and a square add nothing."
            if h != "1e-16" and h != "1e-17" else
            "float64 keeps about 16 digits: 1 + h is 1.",
        ],
        proof=check_proof("torch.float64", h, loss, slope, agrees),
    )  # fmt: skip


_FINDS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say what a gradient check finds",
    "formula": "grad_output of ones: an inner cell gets the sum of all weights, turned or not",
    "hint": "What does a cell get, right and wrong, if all numbers of `grad_output` are 1? In float32, would the right "
    "gradient pass?",
    "otherwise": "Ask two things of each check: does the wrong gradient fail, and does a right one pass?",
}
_SURE = "float64, h = 1e-6, "


def _checks(size, inner):
    """Check -> (does it find the slip, the line for who is wrong about it)."""
    last = tuple(n - 1 for n in size)
    single = "In float32 with so small an h the difference is rounding: a right gradient fails as well."
    ones = f"Cell {inner} is read by every tap. With ones it gets the sum of all weights, whichever way they lie."
    border = "A cell at the border is not read by every tap: there the turn makes a difference, even with ones."
    random = "With random numbers each tap counts differently: a kernel that lies wrong is found."
    return {
        f"{_SURE}grad_output of ones, cell {inner} alone": (False, ones),
        f"{_SURE}grad_output of ones, cell (0, 0) alone": (True, border),
        f"{_SURE}grad_output of ones, cell {last} alone": (True, border),
        f"{_SURE}random grad_output, cell {inner} alone": (True, random),
        f"{_SURE}random grad_output, every cell": (True, random),
        f"{_SURE}grad_output of ones, every cell": (True, border),
        "float32, h = 1e-6, random grad_output, every cell": (False, single),
        "only the shape of the gradient": (False, "The shape is right whichever way the kernel lies."),
    }


def what_check_finds(rng):
    """Which checks find that a kernel was not turned on the way back."""
    kernel = rng.choice(((2, 3), (3, 2), (3, 4), (4, 3)))
    H, W = drawn(lambda: rng.sample((8, 9, 10, 11), 2), lambda size: size[0] - kernel[0] != size[1] - kernel[1])
    places = H - kernel[0] + 1, W - kernel[1] + 1
    inner = rng.randint(kernel[0] - 1, places[0] - 1), rng.randint(kernel[1] - 1, places[1] - 1)
    checks = _checks((H, W), inner)
    options = drawn(
        lambda: rng.sample(list(checks), rng.choice((5, 6))),
        lambda kept: 2 <= sum(checks[it][0] for it in kept) <= len(kept) - 2,
    )
    answer = [option for option in options if checks[option][0]]
    slips, per_option = ticked(options, answer, {it: ("M82", checks[it][1]) for it in options})
    return {
        **_FINDS,
        "prompt": f"Somebody's gradient for the input of `{layer_text(kernel)}` ({H} x {W}) does not turn the kernel. "
        "It is compared with central differences of the loss `(output * grad_output).sum()`, where the output is about "
        "1000 in every cell; 1 % is allowed. Which of these checks find the mistake, and would let a right gradient "
        "pass? Tick all.",
        "answer": answer,
        "because": "Random numbers and every cell, in float64: then each weight at each cell has a say of its own.",
        "steps": [
            "float32 and a small h: rounding is larger than what is looked at, so nothing passes.",
            f"Ones: an inner cell such as {inner} gets the sum of all weights; at the border some taps are missing.",
            "Random numbers: each tap counts differently, so a kernel that lies wrong shows everywhere.",
        ],
        "proof": _finds_proof(kernel, (H, W), options),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }


def _finds_proof(kernel, size, options):
    """Every check is made three times: a wrong gradient may pass once by chance, a right one always passes."""
    (kH, kW), (H, W) = kernel, size
    return (
        "import re\nimport torch\nfrom torch.nn import functional as F\n"
        f"found = []\nfor option in {options}:\n    results = []\n"
        "    dtype = torch.float32 if 'float32' in option else torch.float64\n"
        "    cells = [(int(r), int(c)) for r, c in re.findall(r'cell .(\\d+), (\\d+)', option)]\n"
        f"    cells = cells or [(r, c) for r in range({H}) for c in range({W})]\n"
        f"    rows, columns = torch.tensor(cells).T\n    moves = torch.zeros(len(cells), 1, {H}, {W}, dtype=dtype)\n"
        "    moves[range(len(cells)), 0, rows, columns] = 1e-6\n"
        "    for _ in range(3 if 'h =' in option else 0):  # both gradients have the right shape\n"
        f"        input, w = torch.rand(1, 1, {H}, {W}, dtype=dtype), torch.randn(1, 1, {kH}, {kW}, dtype=dtype)\n"
        "        output = F.conv2d(input, w)\n"
        "        g = torch.ones_like(output) if 'ones' in option else torch.randn_like(output)\n"
        "        ends = [((F.conv2d(it, w) + 1000) * g).sum((1, 2, 3)) "
        "for it in (input + moves, input - moves)]\n        slopes = (ends[0] - ends[1]) / 2e-6\n"
        "        right, wrong = (F.conv_transpose2d(g, it) for it in (w, w.flip(2, 3)))\n"
        "        results.append([torch.allclose(it[0, 0, rows, columns], slopes, rtol=0.01, atol=1e-4) "
        "for it in (right, wrong)])\n"
        "    if results and all(it[0] for it in results) and not all(it[1] for it in results):\n"
        "        found.append(option)\nprint('; '.join(found))"
    )


QUESTIONS = {
    "finite-difference": finite_difference,
    "myth-float32": myth_float32,
    "what-check-finds": what_check_finds,
    "myth-small-h": myth_small_h,
}
