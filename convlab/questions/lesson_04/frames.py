"""Lesson 04, the frame that padding adds: how wide it is, on which side, and what it holds."""

from convlab.mistakes.values import value_at
from convlab.questions.cases import added, apart, block, counted, drawn, gathered, grid, kernel, shuffled, span, tensors
from convlab.questions.lesson_04.drill import ONCE
from convlab.questions.lesson_04.modes import frame_value, reflect_limit
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec


def padded_size(rng):
    """The shape of the padded input."""
    kH, kW = rng.sample((2, 3, 4, 5), 2)
    pH, pW = rng.sample((1, 2, 3), 2)
    N, C, H = rng.randint(1, 4), rng.choice((1, 3)), rng.randint(6, 14)
    W = H + rng.choice((-5, -3, 3, 5, 7))
    answer = (N, C, H + 2 * pH, W + 2 * pW)
    layer = Conv2dSpec(C, 8, (kH, kW), padding=(pH, pW)).source()
    sizes = _padded_sizes((H, W), (pH, pW))
    slips = [Slip((N, C, *size), ids, _padded_line(ids, size, (pH, pW))) for ids, size in sizes.items()]
    return {
        "prompt": (
            f"`{layer}` gets an input of shape {(N, C, H, W)}. It first puts its padding around the input. What is "
            "the shape of the padded input, over which the window then slides?"
        ),
        "kind": "shape",
        "level": "easy",
        "objective": "say what padding adds on each side",
        "formula": "(N, C_in, H + 2 pH, W + 2 pW)",
        "answer": answer,
        "because": f"{counted(pH, 'row')} above and {pH} below, {counted(pW, 'column')} left and {pW} right: "
        f"{H + 2 * pH} x {W + 2 * pW}.",
        "hint": "`padding` is (height, width), and each number counts for one side. How many sides has an axis?",
        "steps": [
            f"Height: {H} + 2*{pH} = {H + 2 * pH}. Width: {W} + 2*{pW} = {W + 2 * pW}.",
            f"Padding adds no picture and no channel: {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.zeros{(N, C, H, W)}\n"
            f"padded = F.pad(input, ({pW}, {pW}, {pH}, {pH}))  # left, right, top, bottom\nprint(tuple(padded.shape))"
        ),
        "slips": gathered("shape", answer, slips),
        "axes": ("a padded batch", "(N, C_in, H, W)"),
        "otherwise": "Batch and channels stay; each axis grows by its padding on one side and the same on the other.",
    }


def _padded_sizes(size, padding):
    """Mistakes -> the size of the padded input that they lead to."""
    (H, W), (pH, pW) = size, padding
    return {
        ONCE: (H + pH, W + pW),
        ("M04",): (H + 4 * pH, W + 4 * pW),
        ("M21",): (H + 2 * pW, W + 2 * pH),
        ("M22",): (H, W + pH + pW),
        ("M168",): (H, W),
    }


def _padded_line(ids, size, padding):
    (pH, pW), written = padding, f"{size[0]} x {size[1]}"
    right = f"{pH} above and {pH} below, {pW} left and {pW} right"
    return {
        "M03": f"{written} adds the padding once to each axis. It is given for each side: {right}.",
        "M04": f"{written} doubles the padding once too often. The number is for one side already: {right}.",
        "M168": f"{written} is the input as it came. The padding goes around it first: {right}.",
        "M21": f"{written} takes `padding=({pH}, {pW})` as (width, height). It is (height, width): {right}.",
        "M22": f"{written} reads `padding=({pH}, {pW})` as `F.pad` would: {pH} left and {pW} right, and no rows. In "
        f"Conv2d it is (height, width): {right}.",
    }[ids[0]]


def _pad_first_wrong(pH, pW):
    """Mistake id -> (the padding it leads to, what is wrong with that)."""
    return {
        "M22": (
            (pW, pH),
            f"That puts {pW} above and below. `F.pad` begins with the last axis: its first pair, {pW}, {pW}, goes left "
            "and right, while Conv2d's first number is for the height.",
        ),
        "M03": (
            (2 * pH, 2 * pW),
            f"That is the sum of both sides. Conv2d's padding is for each side: {2 * pH} would put {2 * pH} above and "
            f"{2 * pH} below, where `F.pad` puts {pH}.",
        ),
        "M04": (
            (pH // 2, pW // 2),
            f"That is half of it. Conv2d does not double the number you give: {pH // 2} puts {pH // 2} above and "
            f"{pH // 2} below, and `F.pad` puts {pH} there.",
        ),
    }


def pad_first(rng):
    """The padding of Conv2d that does what a call of F.pad does."""
    pH, pW = rng.sample((2, 4, 6), 2)
    wrong = _pad_first_wrong(pH, pW)
    H, W = rng.sample((9, 12, 14), 2)
    answer = _as_argument((pH, pW))
    slips = [Slip(_as_argument(pair), (id,), line) for id, (pair, line) in wrong.items()]
    options = [answer, *(slip.answer for slip in slips)]
    return {
        "prompt": (
            f"`padded = F.pad(input, ({pW}, {pW}, {pH}, {pH}))` puts zeros around `input`, and then a layer without "
            "padding runs on `padded`. Which padding would the same layer need, to give the same output from `input`?"
        ),
        "kind": "choice",
        "level": "medium",
        "objective": "tell Conv2d's padding from F.pad's",
        "formula": "F.pad(input, (pW, pW, pH, pH)) = padding=(pH, pW)",
        "answer": answer,
        "because": f"`F.pad` lists (left, right, top, bottom): {pW} at each side of the width, {pH} at each side of "
        "the height. Conv2d names the height first.",
        "hint": "`F.pad` begins with the last axis of the tensor. Which sides does its first pair mean?",
        "steps": [
            f"`F.pad` lists (left, right, top, bottom), last axis first: {pW} columns left and {pW} right.",
            f"Its second pair: {pH} rows above and {pH} below.",
            f"Conv2d wants (height, width), each for one side: {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input, weight = torch.randn(1, 1, {H}, {W}), torch.randn(1, 1, 3, 2)\n"
            f"wanted = F.conv2d(F.pad(input, ({pW}, {pW}, {pH}, {pH})), weight)\n"
            f"for padding in {[(pH, pW), *(pair for pair, _ in wrong.values())]}:\n"
            "    output = F.conv2d(input, weight, padding=padding)\n"
            "    if output.shape == wanted.shape and torch.allclose(output, wanted):\n"
            '        print(f"padding={padding}")'
        ),
        "slips": gathered("choice", answer, slips),
        "options": shuffled(rng, options),
    }


def _as_argument(padding):
    return f"padding={padding}"


def _corner_case(rng):
    kH, kW = rng.choice(((2, 3), (3, 2)))
    input, weight, bias = grid(rng, 4, 5, 1, 9), kernel(rng, kH, kW), rng.choice((-5, -4, -3, 3, 4, 5))
    pH, pW = kH, kW
    if rng.random() < 0.5:
        pH, pW = rng.choice(((kH, 1), (1, kW)))
    slips = [
        Slip(_corner(input, weight, bias, (pH // 2, pW // 2)), ONCE, "once"),
        Slip(_corner(input, weight, bias, (0, pH)), ("M22",), "order"),
        Slip(0, ("M103",), "bias"),
        Slip(bias * kH * kW, ("M108",), "each"),
    ]
    return input, weight, bias, (pH, pW), slips


def _corner(input, weight, bias, padding):
    """The value of output cell (0, 0) with zeros of this padding above and to the left."""
    pH, pW = padding
    wide = len(input[0]) + pW
    padded = [[0] * wide for _ in range(pH)] + [[0] * pW + row for row in input]
    return value_at([padded], [weight], bias)


def _corner_lines(kernel, padding, start, bare):
    (kH, kW), (pH, pW) = kernel, padding
    return {
        "M03": f"That cell would reach into the input if {pH} and {pW} were shared between two sides. They are for "
        f"each side: {start}, and reads zeros alone.",
        "M22": f"That is right for {counted(pH, 'column')} of zeros on the left and no row above, as `F.pad` counts. "
        f"Here {start}.",
        "M103": "The window reads zeros alone, and the products are 0; but the bias is added to every output cell.",
        "M108": f"The bias was added for each of the {kH * kW} weights. It is added once, to the finished sum.",
        "M168": f"{bare} is what the window makes of the upper left corner of the input itself. The padding goes "
        f"around it first: {start}, and reads zeros alone.",
    }


def corner_value(rng):
    """What the first output cell holds when its window sees padding alone."""

    def keep(case):
        input, weight, bias, _, slips = case
        return apart("number", bias, slips) and _corner(input, weight, bias, (0, 0)) != bias  # the padding matters

    input, weight, bias, (pH, pW), slips = drawn(lambda: _corner_case(rng), keep)
    kH, kW = len(weight), len(weight[0])
    start = f"the window of (0, 0) starts at row {-pH} and column {-pW}, counted from the input's first cell"
    bare = _corner(input, weight, bias, (0, 0))
    lines = _corner_lines((kH, kW), (pH, pW), start, bare)
    slips = [*slips, Slip(bare, ("M168",), ""), Slip(bare - bias, ("M168", "M103"), "")]
    layer = Conv2dSpec(1, 1, (kH, kW), padding=(pH, pW)).source()
    answer = _corner(input, weight, bias, (pH, pW))
    return {
        "prompt": f"The layer is `{layer}` with this kernel and the bias {bias}. What does output cell (0, 0) hold?",
        "kind": "number",
        "level": "easy",
        "objective": "say what an output cell holds that sees padding alone",
        "formula": "only padding under the window: output = bias",
        "answer": answer,
        "because": f"Its window lies in the padding, every product is 0, and the bias, {bias}, is left.",
        "hint": "Where does the first window start, counted from the input's first cell? Which cells does it cover?",
        "steps": [
            f"The window of (0, 0) covers {span(-pH, kH, 'rows')} and {span(-pW, kW, 'columns')}, counted from the "
            "input's first cell: nothing of the input.",
            f"All products are 0: 0 {added(bias)} = {answer}.",
        ],
        "proof": (
            f"{tensors(input, weight, bias)}\n"
            f"print(F.conv2d(input, weight, bias, padding=({pH}, {pW}))[0, 0, 0, 0].item())"
        ),
        "slips": gathered("number", answer, [Slip(s.answer, s.mistakes, lines[s.mistakes[0]]) for s in slips]),
        "figure": [block("input", input), block("weight", weight, f"kernel {kH} x {kW}")],
        "otherwise": f"Draw the zeros around the input first: {pH} above, {pW} on the left. The first window starts in "
        "their top left corner.",
    }


QUESTIONS = {
    "padded-size": padded_size,
    "corner-value": corner_value,
    "reflect-limit": reflect_limit,
    "frame-value": frame_value,
    "pad-first": pad_first,
}
