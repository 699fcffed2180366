"""Lesson 07, where the parameters are: in the first Linear, in the convolutions, in a filter more."""

from itertools import pairwise

from convlab.questions.cases import apart, drawn, gathered, sequential, shuffled
from convlab.questions.lesson_03.drawing import judged
from convlab.questions.lesson_07.shapes import WIDE
from convlab.questions.question import Slip

_COUNT = "sum(it.numel() for it in {layer}.parameters())"


def _cnn(counts, kernel, padding, units, classes, pooled):
    """The lines of a CNN: conv, ReLU and pool for each count, then two Linear layers; `pooled` ends the features."""
    lines, C_in = [], 3
    for C in counts:
        lines.append(f"nn.Conv2d({C_in}, {C}, kernel_size={kernel}, padding={padding}), nn.ReLU(), nn.MaxPool2d(2)")
        C_in = C
    return [*lines, *pooled, "nn.Flatten()", f"nn.Linear(?, {units}), nn.ReLU()", f"nn.Linear({units}, {classes})"]


_FIRST = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "count the parameters of the first Linear",
    "formula": "(C * H / 2^n * W / 2^n) * units + units",
    "hint": "What is left of a picture when it reaches `nn.Flatten()`? Each of these numbers has a weight for "
    "each unit.",
    "otherwise": "Size after each pooling, times the channels, is the length of a row. Times the units, and "
    "the biases.",
}


def _first_slips(counts, kernel, padding, units, size, N):
    """Wrong counts for who leaves out poolings, places, biases, or lets pooling change the channels."""
    last, halved = counts[-1], 2 ** len(counts)

    def count(maps, rows, columns, biases=units):
        return maps * rows * columns * units + biases

    h, w = (length // halved for length in size)
    shrunk = size
    for _ in counts:
        shrunk = [(length - 2 * p) // 2 for length, p in zip(shrunk, padding, strict=True)]
    return [
        Slip(count(last, h, w, 0), ("M35",), f"Those are the weights. Each of the {units} units has a bias besides."),
        Slip(count(last, h, w, 1), ("M173",), f"The weights are right. Each unit has a bias of its own: "
             f"{units} in all."),
        *(
            Slip(count(last, h * 2**n, w * 2**n), ("M171",), "That leaves out poolings: there are "
                 f"{len(counts)}, and each halves rows and columns. {h} x {w} is left.")
            for n in range(1, len(counts) + 1)
        ),
        Slip(count(last, 1, 1), ("M172",), f"`nn.Flatten()` lays all numbers of the {last} maps in a row, {h} * {w} of "
             "each, not one."),
        *(
            Slip(count(last // 2**n, h, w), ("M182",), f"Pooling leaves the channels alone: {last} maps reach "
                 "`nn.Flatten()`.")
            for n in (1, len(counts))
        ),
        *[Slip(count(last, *shrunk), ("M168",), f"The padding {padding} makes up for the kernel {kernel}: only "
             f"poolings change the size here, to {h} x {w}.")] * (min(shrunk) > 0),
        Slip(N * count(last, h, w), ("M41",), f"All {N} pictures go through the same weights: they are counted once."),
    ]  # fmt: skip


def first_linear_count(rng):
    """The parameters of the Linear layer behind the features."""

    def draw():
        kernel, padding = rng.choice(WIDE)
        counts = sorted(rng.sample((4, 8, 12, 16, 24), rng.choice((2, 3))))
        size = [2 ** len(counts) * length for length in rng.sample((3, 4, 5, 6, 7), 2)]
        return counts, kernel, padding, rng.choice((10, 20, 30, 50)), size, rng.choice((5, 9, 11))

    def right(counts, kernel, padding, units, size, N):
        h, w = (length // 2 ** len(counts) for length in size)
        return h, w, counts[-1] * h * w * units + units

    def fair(case):
        slips = _first_slips(*case)
        return min(slip.answer for slip in slips) > 0 and apart("number", right(*case)[-1], slips)

    case = drawn(draw, fair)
    (counts, _, _, units, (H, W), N), (h, w, answer) = case, right(*case)
    code, last, row = sequential("net", _cnn(*case[:4], 7, [])), counts[-1], counts[-1] * h * w
    halvings = " / 2" * len(counts)
    made = f"nn.Linear({row}, {units})"
    return {
        **_FIRST,
        "prompt": f"The network is for batches of shape ({N}, 3, {H}, {W}). How many parameters has the first Linear, "
        f"`nn.Linear(?, {units})`, weights and biases?",
        "answer": answer,
        "because": f"{row} numbers reach it, and each has a weight for each of the {units} units.",
        "steps": [
            f"Only poolings change the size: {H}{halvings} = {h}, {W}{halvings} = {w}.",
            f"The last convolution makes {last} maps: {last} * {h} * {w} = {row} numbers a picture.",
            f"Each has a weight for each unit: {row} * {units} = {row * units}.",
            f"And a bias for each unit: {row * units} + {units} = {answer}.",
        ],
        "proof": f"import torch\nfrom torch import nn\nprint({_COUNT.format(layer=made)})",
        "slips": gathered("number", answer, _first_slips(*case)),
        "figure": [{"code": code}],
    }


_ORDER = {  # what is the same for every seed
    "prompt": "These are the layers with parameters of a CNN. Order them by their number of parameters, the smallest "
    "first.",
    "kind": "order",
    "level": "hard",
    "objective": "say where the parameters of a CNN are",
    "formula": "Conv2d: C_in * kH * kW + 1 for each filter; Linear: in_features + 1 for each unit",
    "hint": "Four multiplications. What stands in the place of the kernel in a Linear?",
    "otherwise": "For each layer: the numbers that one filter or one unit reads, and 1, times how many there are.",
    "because": "What counts is how many numbers one output reads, times the outputs that have weights of their own.",
}


def _four(rng):
    """[(call, numbers that one output reads, outputs, of these numbers how many channels)]: two of each kind."""
    (kH, kW), _ = rng.choice(WIDE)
    first, second, units = rng.choice((8, 16, 24)), rng.choice((32, 48, 64)), rng.choice((12, 20, 40, 64, 128))
    h, w = rng.choice(((1, 2), (2, 1), (2, 3), (3, 2), (4, 6), (6, 4), (8, 6)))
    return [
        (f"nn.Conv2d(3, {first}, kernel_size=({kH}, {kW}))", 3 * kH * kW, first, 3),
        (f"nn.Conv2d({first}, {second}, kernel_size=({kH}, {kW}))", first * kH * kW, second, first),
        (f"nn.Linear({second} * {h} * {w}, {units})", second * h * w, units, second),
        (f"nn.Linear({units}, 10)", units, 10, units),
    ]


def _by_parameters(row):
    return (row[1] + 1) * row[2]


_WRONG_ORDERS = {
    "M183": lambda row: ("Conv2d" in row[0], _by_parameters(row)),
    "M172": lambda row: (row[3] if "*" in row[0] else row[1]) * row[2] + row[2],
    "M34": lambda row: (row[1] // row[3] if "Conv2d" in row[0] else row[1]) * row[2] + row[2],
}
_ORDER_LINES = {
    "M183": "You put the convolutions on top because they are convolutions. Multiply: each filter is used at every "
    "place, and a Linear has a weight for each number that reaches it.",
    "M172": "The first Linear reads every number of every map, not one a channel: all three factors count.",
    "M34": "A filter has a kernel for each input channel: multiply by the channels too.",
}


def order_layers(rng):
    """Layers of a CNN by their parameters."""

    def parted(rows):
        counts = sorted(map(_by_parameters, rows))
        clear = all(1.05 * less < more for less, more in pairwise(counts))
        orders = [_in_order(rows, key) for key in (_by_parameters, _WRONG_ORDERS["M183"], _WRONG_ORDERS["M34"])]
        apart = orders[0] not in orders[1:] and orders[1] != orders[2]
        return clear and apart and [row[0] for row in rows] not in orders and linear == ("Linear" in orders[0][-1])

    linear = rng.random() < 0.5  # is it a Linear that has most?
    rows = drawn(lambda: shuffled(rng, _four(rng)), parted)
    answer = _in_order(rows, _by_parameters)
    wrong = {id: _in_order(rows, key) for id, key in _WRONG_ORDERS.items()}
    if wrong["M172"] in (wrong["M183"], wrong["M34"]):  # it does not show by itself
        del wrong["M172"]
    slips = [Slip(order, (id,), _ORDER_LINES[id]) for id, order in wrong.items()]
    by_call = {row[0]: row for row in rows}
    steps = []
    for call in answer:
        _, reads, outputs, _ = by_call[call]
        steps.append(f"`{call}`: ({reads} + 1) * {outputs} = {(reads + 1) * outputs}.")
    return {
        **_ORDER,
        "answer": answer,
        "steps": steps,
        "proof": (
            "import torch\nfrom torch import nn\n"
            f"calls = {[row[0] for row in rows]}\n"
            "print(sorted(calls, key=lambda call: sum(it.numel() for it in eval(call).parameters())))"
        ),
        "slips": gathered("order", answer, slips),
        "options": [row[0] for row in rows],
    }


def _in_order(rows, key):
    return [row[0] for row in sorted(rows, key=key)]


def _two_convs(rng):
    kernel, padding = rng.choice(WIDE)
    counts = sorted(rng.sample((8, 12, 16, 24, 32), 2))
    size = [4 * length for length in rng.sample((4, 5, 6, 8), 2)]
    return counts, kernel, padding, rng.choice((16, 32, 64)), size, rng.random() < 0.5


def _held(counts, kernel, padding, units, size, averaged):
    taps, (H, W) = kernel[0] * kernel[1], size
    convs = (3 * taps + 1) * counts[0] + (counts[0] * taps + 1) * counts[1]
    row = counts[1] * (1 if averaged else H * W // 16)
    return convs, row, (row + 1) * units, (units + 1) * 10


def myth_first_linear(rng):
    """Whether more than half of the parameters are in the first Linear."""

    def fair(case):
        convs, _, first, last = _held(*case)
        return (first < 0.35 * (convs + first + last)) if case[-1] else (first > 0.65 * (convs + first + last))

    case = counts, kernel, padding, units, (H, W), averaged = drawn(lambda: _two_convs(rng), fair)
    convs, row, first, last = _held(*case)
    layers = _cnn(counts, kernel, padding, units, 10, ["nn.AdaptiveAvgPool2d(1)"] * averaged)
    code = sequential("net", layers).replace("?", str(row))
    total, holds = convs + first + last, first > convs + last
    line = (
        "`nn.AdaptiveAvgPool2d(1)` leaves one number of each map, so little reaches this Linear. Its size is made by "
        "what reaches it, not by its name."
        if averaged
        else "A convolution uses the same few weights at every place. This Linear has a weight for each number of "
        "every map, and for each of its units."
    )
    return judged(
        holds,
        f"The network gets pictures of {H} x {W}. More than half of its parameters are in its first Linear.",
        "M183",
        line,
        objective="say which layer holds the parameters",
        formula="share of a layer = its parameters / all parameters",
        because=f"The first Linear has {first} of {total} parameters.",
        hint="How many numbers reach the first Linear? Times its units: compare that with the two convolutions.",
        steps=[
            f"The first Linear: {row} * {units} + {units} = {first}; the second: {units} * 10 + 10 = {last}.",
            f"The convolutions have {convs} together, so {first} of {total} are in the first Linear.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\n{code}\nnet(torch.zeros(1, 3, {H}, {W}))\n"
            "first = next(layer for layer in net if isinstance(layer, nn.Linear))\n"
            f"print(2 * {_COUNT.format(layer='first')} > {_COUNT.format(layer='net')})"
        ),
        figure=[{"code": code}],
    )


QUESTIONS = {
    "first-linear-count": first_linear_count,
    "order-layers": order_layers,
    "myth-first-linear": myth_first_linear,
}
