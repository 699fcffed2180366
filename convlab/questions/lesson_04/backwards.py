"""Lesson 04, the formula itself: its steps in order, and backwards from the output to the input."""

from convlab.questions.cases import drawn, gathered, shuffled
from convlab.questions.lesson_04.drill import ONCE
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec, output_length


def _run(lines):
    """What `n` is after these steps, each (sign, number)."""
    n = 0
    for sign, number in lines:
        n = number if sign == "=" else n - number if sign == "-" else n // number if sign == "//" else n + number
    return n


def _order_case(rng):
    length, k, s, p = rng.randint(15, 40), rng.choice((3, 4, 5, 6)), rng.choice((2, 3, 4)), rng.choice((1, 2, 3))
    first, kernel, stride, last = ("=", length + 2 * p), ("-", k), ("//", s), ("+", 1)
    right, early, after = (first, kernel, stride, last), (first, stride, kernel, last), (first, kernel, last, stride)
    return (length, k, s, p), (right, early, after)


def _order_keeps(case):
    length, k, s, p = case[0]
    results = [_run(lines) for lines in case[1]]
    return len(set(results)) == 3 and min(results) > 1 and results[0] == output_length(length, k, s, (p, p))


def _order_slips(case, orders, text):
    (length, k, s, p), (early, after) = case, orders
    return [
        Slip(
            [text[line] for line in early],
            ("M08",),
            f"That divides before the kernel is taken off, and gives {_run(early)}. The window has to fit first: "
            f"{length + 2 * p} - {k} = {length + 2 * p - k} rows are left to move in, and the stride divides those.",
        ),
        Slip(
            [text[line] for line in after],
            ("M05",),
            f"That divides the first place too, and gives {_run(after)}. {length + 2 * p - k} // {s} = "
            f"{(length + 2 * p - k) // s} is the number of steps; the first place needs none, so the 1 comes after.",
        ),
    ]


def formula_order(rng):
    """The steps of the formula in their order."""
    (length, k, s, p), (right, early, after) = drawn(lambda: _order_case(rng), _order_keeps)
    text = {
        right[0]: f"n = {length} + 2 * {p}",
        right[1]: f"n = n - {k}",
        right[2]: f"n = n // {s}",
        right[3]: "n = n + 1",
    }
    answer = [text[line] for line in right]
    slips = _order_slips((length, k, s, p), (early, after), text)
    padded = length + 2 * p
    return {
        "prompt": (
            f"An input of {length} rows, a kernel {k} high, stride {s}, padding {p}. Put these lines of Python in the "
            "order that leaves the number of output rows in `n`."
        ),
        "kind": "order",
        "level": "easy",
        "objective": "know the steps of the formula and their order",
        "formula": "(H + 2 p - k) // s + 1, step by step",
        "answer": answer,
        "because": f"{padded} rows with padding, {padded - k} to move in, {(padded - k) // s} steps, {_run(right)} "
        "places.",
        "hint": "What does each line stand for: the padded rows, the room to move in, the steps, the first place?",
        "steps": [
            f"First the padding, {padded}, then the kernel has to fit: {padded} - {k} = {padded - k} to move in.",
            f"Then the steps, {padded - k} // {s} = {(padded - k) // s}, and last the first place: {_run(right)}.",
        ],
        "proof": (
            f"import torch\nfrom itertools import permutations\nfrom torch.nn import functional as F\n"
            f"input, weight = torch.zeros(1, 1, {length}, {length + 7}), torch.zeros(1, 1, {k}, 2)\n"
            f"wanted = F.conv2d(input, weight, stride={s}, padding={p}).shape[2]\n"
            f"for lines in permutations({answer}):\n    names = {{}}\n    try:\n        exec('\\n'.join(lines), "
            "names)\n    except NameError:\n        continue  # n was used before it was there\n"
            "    if names['n'] == wanted:\n        print('; '.join(lines))"
        ),
        "slips": gathered("order", answer, slips),
        "options": drawn(lambda: shuffled(rng, answer), lambda options: options != answer),
        "otherwise": "Ask of each line what it stands for: the padded rows, the room, the steps, the places.",
    }


def _heights_case(rng):
    kernel, axis = tuple(rng.sample((2, 3, 4, 5, 6, 7), 2)), rng.randrange(2)
    stride, padding = ((3, 2), (1, 0)) if axis == 0 else ((2, 3), (0, 1))
    return Conv2dSpec(1, 1, kernel, stride, padding), axis, rng.randint(4, 12)


def _heights_lines(exact, places, spec, axis):
    noun, k, s = ("row", "column")[axis] + "s", spec.kernel_size[axis], spec.stride[axis]
    p = spec.padding[axis]
    needed = (places - 1) * s + k
    return {
        exact - 1: (
            "M06",
            f"{exact - 1} is one short: {places} places need {places - 1}*{s} + {k} = {needed} {noun} with the "
            f"padding, and {exact - 1} + 2*{p} = {needed - 1}. PyTorch rounds down, so one place is lost.",
        ),
        exact: (
            "M03",
            f"{exact} is the smallest: with {p} on each side it makes {exact} + 2*{p} = {needed} = {places - 1}*{s} + "
            f"{k}, which is what {places} places need.",
        ),
        exact + 1: (
            "M07",
            f"{exact + 1} leaves a remainder of 1, and that is no error: what does not fill a step is not read.",
        ),
        exact + 2: (
            "M07",
            f"{exact + 2} leaves a remainder of 2, and that is no error: what does not fill a step is not read.",
        ),
        exact + 3: (
            "M05",
            f"{exact + 3} + 2*{p} - {k} = {places * s} makes {places} steps of {s}, and with the first place "
            f"{places + 1} places: one too many.",
        ),
    }


def _heights_slips(options, lines, exact):
    patterns = {
        ("M05",): [exact + 3],
        ("M06",): [exact - 1, exact],
        ("M07",): [exact],
        ONCE: [exact + 1, exact + 2, exact + 3],
    }
    words = {
        "M05": lines[exact + 3][1],
        "M06": f"That is right for rounding up. {lines[exact - 1][1]}",
        "M07": f"{exact} alone leaves no remainder. {lines[exact + 1][1]}",
        "M03": f"That adds the padding once to the axis. {lines[exact][1]}",
    }
    return [
        Slip([each for each in options if int(each[4:]) in lengths], ids, words[ids[0]])
        for ids, lengths in patterns.items()
    ]


def which_lengths(rng):
    """All input heights, or widths, that give one output size."""
    spec, axis, places = _heights_case(rng)
    k, s, p = spec.kernel_size[axis], spec.stride[axis], spec.padding[axis]
    needed, name, noun = (places - 1) * s + k, "HW"[axis], ("row", "column")[axis]
    exact = needed - 2 * p
    lines = _heights_lines(exact, places, spec, axis)
    options = shuffled(rng, [f"{name} = {length}" for length in lines])
    answer = [f"{name} = {n}" for n in lines if output_length(n, k, s, (p, p)) == places]
    shape = "torch.zeros(1, 1, n, 20)" if axis == 0 else "torch.zeros(1, 1, 20, n)"
    return {
        "prompt": (
            f"`{spec.source()}` made an output of {places} {noun}s. Tick every {('height', 'width')[axis]} {name} that "
            "the input may have had."
        ),
        "kind": "choices",
        "level": "hard",
        "objective": "go back from the output size to the input size",
        "formula": "(H_out - 1) s + k - 2 p <= H <= (H_out - 1) s + k - 2 p + s - 1",
        "answer": answer,
        "because": f"A stride of {s} gives {s} sizes the same output: {exact} fits exactly, and {exact + s - 1} is the "
        "last before another step fits.",
        "hint": f"How many {noun}s do {places} places cover, from the first cell of the first to the last cell of the "
        "last? How many more may there be before another step fits?",
        "steps": [
            f"{places} places are {places - 1} steps of {s}, and the window covers {k}: {places - 1}*{s} + {k} = "
            f"{needed} {noun}s.",
            f"Up to {s - 1} more are not read, for another step needs {s}: {needed} to {needed + s - 1}.",
            f"Of these {2 * p} are padding, {p} on each side: {name} is {exact} to {exact + s - 1}.",
            f"So {', '.join(answer)}: {s} sizes with the same output.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nconv = {spec.source()}\nfor n in {list(lines)}:\n"
            f'    if conv({shape}).shape[{axis + 2}] == {places}:\n        print(f"{name} = {{n}}")'
        ),
        "slips": gathered("choices", answer, _heights_slips(options, lines, exact)),
        "per_option": {
            f"{name} = {length}": Slip(f"{name} = {length}", (id,), line) for length, (id, line) in lines.items()
        },
        "options": options,
    }


QUESTIONS = {"formula-order": formula_order, "which-lengths": which_lengths}
