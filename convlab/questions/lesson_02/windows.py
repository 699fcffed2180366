"""Lesson 02, one kernel on several windows: where it gives 0, and which output is larger."""

from convlab.mistakes.values import rotated, value_at
from convlab.questions.cases import block, drawn, gathered, grid, kernel, products, rows_text, shuffled
from convlab.questions.lesson_02.kernels import small_edge_kernel
from convlab.questions.question import Slip

SIZES = ((2, 3), (3, 2))
TITLES = ["A", "B", "C", "D"]


def _kernels_on_flat(rng, kH, kW):
    """Five kernels: one of positive weights, two that sum to 0, two of both signs that do not."""

    def summing_to(*totals):
        return drawn(lambda: kernel(rng, kH, kW), lambda weight: sum(map(sum, weight)) in totals)

    def draw():
        return [grid(rng, kH, kW, 0, 2), *(summing_to(*sums) for sums in ((0,), (0,), (1, -1), (2, 3, -2, -3)))]

    return shuffled(rng, drawn(draw, lambda case: sum(map(sum, case[0])) > 2 and case[1] != case[2]))


def _flat_slips(weights, brightness):
    """What it means to be wrong about each kernel."""
    slips = {}
    for weight in weights:
        total, text = sum(map(sum, weight)), rows_text(weight)
        line = f"The weights {weight} sum to {total}, so a flat area of {brightness} gives {brightness * total}"
        slips[text] = Slip(
            text,
            ("M109",) if total else ("M105",),
            f"{line}, not 0." if total else f"{line}: with their signs the weights cancel.",
        )
    return slips


def zero_on_flat(rng):
    """Which kernels give 0 on a flat area."""
    brightness = rng.randint(2, 9)
    weights = _kernels_on_flat(rng, *rng.choice(SIZES))
    sums = {rows_text(weight): sum(map(sum, weight)) for weight in weights}
    options = list(sums)
    answer = [text for text in options if sums[text] == 0]
    everything = Slip(
        options,
        ("M109",),
        f"You ticked them all. A flat area of {brightness} gives {brightness} times the sum of the weights, "
        "and only two of these kernels sum to 0.",
    )
    return {
        "prompt": (
            f"Every cell of the input is {brightness}, and there is no bias. Tick every kernel that gives 0 there."
        ),
        "kind": "choices",
        "level": "easy",
        "objective": "say what a kernel does on a flat area",
        "formula": "0 when sum(weight) = 0",
        "answer": answer,
        "because": "The weights of these kernels sum to 0, those of the others do not.",
        "hint": "Every product has the same cell value in it. What has to be 0, then?",
        "steps": [
            f"The output is {brightness} times the sum of the weights: 0 only when that sum is 0.",
            f"The sums, from the first option to the last: {', '.join(map(str, sums.values()))}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"for weight in {weights}:\n    weight = torch.tensor(weight)\n"
            f"    flat = torch.full((1, 1, *weight.shape), {brightness}.0)\n"
            "    if F.conv2d(flat, weight.float()[None, None]).item() == 0:\n        print(weight.tolist())"
        ),
        "slips": gathered("choices", answer, [everything]),
        "per_option": _flat_slips(weights, brightness),
        "options": options,
    }


def _edge_windows(rng, weight, vertical):
    """Four windows by title: flat, an edge the kernel does not see, and both senses of one it does."""
    kH, kW = len(weight), len(weight[0])
    low, high, flat = rng.randint(0, 2), rng.randint(6, 9), rng.randint(3, 5)
    upright = [[low] * (kW - 1) + [high] for _ in range(kH)]
    lying = [[high if row == kH - 1 else low] * kW for row in range(kH)]
    seen, unseen = (upright, lying) if vertical else (lying, upright)
    windows = [[[flat] * kW for _ in range(kH)], unseen, seen, rotated(seen)]
    return dict(zip(TITLES, shuffled(rng, windows), strict=True)), unseen


def _zero_lines(values, vertical):
    sides = "left with right" if vertical else "top with bottom"
    edges, others = ("vertical", "horizontal")[:: 1 if vertical else -1]
    negative = min(values, key=values.get)
    return {
        "M64": f"Window {negative} gives {values[negative]}. A negative number is not 0: the kernel answers, "
        "and the sign tells in which direction the brightness changes.",
        "M63": f"This kernel compares {sides}: it answers to {edges} edges, and gives 0 on {others} ones.",
        "M105": "Where both sides are equally bright, the positive and the negative weights cancel, and 0 comes out.",
    }


def zero_windows(rng):
    """On which windows an edge kernel gives 0."""
    weight, vertical, _ = small_edge_kernel(rng)
    windows, unseen = _edge_windows(rng, weight, vertical)
    values = {title: value_at([cells], [weight]) for title, cells in windows.items()}
    answer = [title for title in TITLES if values[title] == 0]
    lines = _zero_lines(values, vertical)
    meant = {
        title: "M63" if value > 0 or windows[title] == unseen else "M64" if value < 0 else "M105"
        for title, value in values.items()
    }
    slips = [
        Slip([title for title in TITLES if values[title] <= 0], ("M64",), lines["M64"]),
        Slip([title for title in TITLES if windows[title] != unseen], ("M63",), lines["M63"]),
    ]
    return {
        "prompt": "Tick every window on which this kernel gives 0. There is no bias.",
        "kind": "choices",
        "level": "medium",
        "objective": "say where an edge kernel answers",
        "formula": "sum(window * weight) = 0",
        "answer": answer,
        "because": "The sides that the kernel compares are equal in these windows, so the products cancel.",
        "hint": "Which sides does the kernel compare? Where these are equal, it gives 0.",
        "steps": [
            f"The kernel compares {'left with right' if vertical else 'top with bottom'}.",
            f"Window by window: {', '.join(f'{title} gives {value}' for title, value in values.items())}.",
            f"0 stands at {' and '.join(answer)}; a negative number is an answer too.",
        ],
        "proof": (
            f"{_windows_code(weight, windows)}\nfor name, cells in windows.items():\n"
            "    if F.conv2d(torch.tensor(cells).double()[None, None], weight).item() == 0:\n        print(name)"
        ),
        "slips": gathered("choices", answer, slips),
        "per_option": {title: Slip(title, (id,), lines[id]) for title, id in meant.items()},
        "options": list(TITLES),
        "figure": _windows_figure(weight, windows),
    }


def _windows_code(weight, windows):
    return (
        "import torch\nfrom torch.nn import functional as F\n"
        f"weight = torch.tensor({weight}).double()[None, None]\nwindows = {windows}"
    )


def _windows_figure(weight, windows):
    return [
        block("weight", weight, f"kernel {len(weight)} x {len(weight[0])}"),
        *(block("input", cells, f"window {title}") for title, cells in windows.items()),
    ]


def _by(values):
    return sorted(TITLES, key=lambda title: values[TITLES.index(title)])


def _order_values_case(rng):
    kH, kW = rng.choice(SIZES)
    weight = kernel(rng, kH, kW, 1)
    windows = [grid(rng, kH, kW, 0, 5) for _ in TITLES]
    values = [value_at([cells], [weight]) for cells in windows]
    turned = [value_at([cells], [rotated(weight)]) for cells in windows]
    return weight, windows, (values, turned, [abs(value) for value in values])


def _order_values_keeps(case):
    values = case[2][0]
    if any(len(set(each)) < 4 for each in case[2]) or min(values) > -2 or max(values) < 2:
        return False
    orders = [_by(each) for each in case[2]]
    return TITLES not in orders and orders[0] not in orders[1:] and orders[1] != orders[2]


def _order_slips(weight, held, turned, sizes):
    least, small = min(held, key=held.get), sizes[0]
    return [
        Slip(
            turned,
            ("M61",),
            "That is the order for the kernel turned by 180 degrees. Conv2d turns nothing: its top left "
            f"weight, {weight[0][0]}, lies on the top left cell of each window.",
        ),
        Slip(
            sizes,
            ("M64",),
            f"That is the order by strength, with no regard to the sign. {least} gives {held[least]}, which is "
            f"less than the {held[small]} of {small}: a negative number is an answer with a direction, not a "
            "lack of one.",
        ),
    ]


def order_values(rng):
    """Four windows by what the kernel makes of them, from the most negative up."""
    weight, windows, lists = drawn(lambda: _order_values_case(rng), _order_values_keeps)
    answer, turned, sizes = map(_by, lists)
    held, windows = dict(zip(TITLES, lists[0], strict=True)), dict(zip(TITLES, windows, strict=True))
    return {
        "prompt": (
            "The kernel lies on each of these windows in turn; there is no bias. Put the windows in the order "
            "of their output, the smallest number first (-2 comes before 1)."
        ),
        "kind": "order",
        "level": "hard",
        "objective": "compare outputs with their signs",
        "formula": "sort by sum(window * weight)",
        "answer": answer,
        "because": f"The outputs are {', '.join(f'{title}: {held[title]}' for title in answer)}.",
        "hint": "Work out the four numbers first, with their signs. Weights of 0 save you work.",
        "steps": [
            *(f"{title}: {products(cells, weight)} = {held[title]}." for title, cells in windows.items()),
            f"From the smallest to the largest: {', '.join(answer)}.",
        ],
        "proof": (
            f"{_windows_code(weight, windows)}\n"
            "value = {name: F.conv2d(torch.tensor(cells).double()[None, None], weight).item() "
            "for name, cells in windows.items()}\nprint(sorted(value, key=value.get))"
        ),
        "slips": gathered("order", answer, _order_slips(weight, held, turned, sizes)),
        "options": list(TITLES),
        "figure": _windows_figure(weight, windows),
    }


QUESTIONS = {"zero-on-flat": zero_on_flat, "zero-windows": zero_windows, "order-values": order_values}
