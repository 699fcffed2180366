"""Lesson 08, the gradient of the input: each number goes back through the weights it came through."""

from convlab.questions.cases import apart, block, drawn, gathered, grid, kernel, shuffled
from convlab.questions.lesson_03.drawing import chosen
from convlab.questions.lesson_08.shares import bracketed, input_size, layer_text, listed, moves, readers, shares, total
from convlab.questions.lesson_08.weights import gradient_block
from convlab.questions.question import Slip

_SETTINGS = (((2, 3), (1, 2)), ((3, 2), (2, 1)), ((2, 3), (2, 1)), ((3, 2), (1, 2)))  # kernel and stride


def _turned(weight):
    return [row[::-1] for row in weight[::-1]]


def _swapped(grad_output, weight, cell, stride, padding):
    """With which tap each place that reads the cell goes, and with which it does not."""
    sizes = (len(grad_output), len(grad_output[0])), (len(weight), len(weight[0]))
    found, (kH, kW) = readers(cell, *sizes, stride, padding), sizes[1]
    taps = [(place, (u, v), (kH - 1 - u, kW - 1 - v)) for place, (u, v) in found]
    return "; ".join(f"place {place} with tap {tap}" + f", not {other}" * (tap != other) for place, tap, other in taps)


def _input_slips(grad_output, weight, cell, stride, padding):
    """What is right, and the slips of an input cell's gradient, likeliest first."""
    found = shares(grad_output, weight, cell, stride, padding)
    right = sum(found)
    slips = [
        Slip(sum(shares(grad_output, _turned(weight), cell, stride, padding)), ("M77",), "You laid the kernel on "
             "`grad_output` as it is drawn. A share goes back through the tap it came through, and these run "
             f"backwards: {_swapped(grad_output, weight, cell, stride, padding)}."),
        Slip(found[-1], ("M187",), "That is the last place alone. Every window that covers the cell sends a share "
             "back, and they are added up."),
        Slip(found[0], ("M187",), "That is the first place alone. Every window that covers the cell sends a share "
             "back, and they are added up."),
        Slip(0, ("M76",), "The input gets a gradient as well as the weights do: it is what the layer before learns "
             "from."),
        Slip(sum(shares(grad_output, weight, cell, (1, 1), padding)), ("M79",), "Those are the places of a stride of "
             f"1. Here the windows begin {moves(stride)} apart."),
    ]  # fmt: skip
    if padding != (0, 0):
        slips.append(Slip(sum(shares(grad_output, weight, cell, stride)), ("M168",), "That leaves the padding out. "
             f"With it the first window begins at row {-padding[0]}, column {-padding[1]} of the input."))  # fmt: skip
    return right, slips


def _input_case(rng, places, padding=(0, 0)):
    kernel_size, stride = rng.choice(_SETTINGS)
    H, W = input_size(places, kernel_size, stride, padding)
    weight, cell = kernel(rng, *kernel_size, 3), (rng.randrange(H), rng.randrange(W))
    return grid(rng, *places, -3, 4), weight, cell, stride, padding


def _readers(case):
    grad_output, weight, cell, stride, padding = case
    sizes = (len(grad_output), len(grad_output[0])), (len(weight), len(weight[0]))
    return readers(cell, *sizes, stride, padding), input_size(*sizes, stride, padding)


def _fair(case):
    found, (H, W) = _readers(case)
    if not 2 <= len(found) <= 4 or H == W:
        return False
    right, slips = _input_slips(*case)
    return right and all(shares(*case)) and apart("number", right, slips)


def _input_proof(case):
    grad_output, weight, (r, c), stride, padding = case
    H, W = _readers(case)[1]
    return (
        "import torch\nfrom torch.nn import functional as F\n"
        f"input = torch.randn(1, 1, {H}, {W}).double().requires_grad_()\n"
        f"weight = torch.tensor([[{weight}]]).double()\ngrad_output = torch.tensor([[{grad_output}]]).double()\n"
        f"F.conv2d(input, weight, stride={stride}, padding={padding}).backward(grad_output)\n"
        f"print(input.grad[0, 0, {r}, {c}].item())"
    )


def _written_shares(case):
    """The shares as products: grad_output times weight."""
    grad_output, weight = case[:2]
    terms = [(grad_output[i][j], weight[u][v]) for (i, j), (u, v) in _readers(case)[0]]
    return " + ".join(f"{bracketed(a)}*{bracketed(b)}" for a, b in terms)


_GRADIENT = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "compute the gradient of an input cell",
    "formula": "grad_input[r, c] = sum of grad_output[i, j] * weight[r - i sH, c - j sW]",
    "hint": "Which places read this cell, and with which tap each? What it was multiplied with going forward, it is "
    "multiplied with going back.",
    "otherwise": "List the places whose window covers the cell, and the tap under which it lies there; then add the "
    "products.",
}


def input_gradient(rng):
    """The gradient of one input cell, from grad_output and the kernel."""
    case = drawn(lambda: _input_case(rng, rng.choice(((2, 3), (3, 2)))), _fair)
    grad_output, weight, (r, c), stride, _ = case
    (answer, slips), (found, (H, W)) = _input_slips(*case), _readers(case)
    sizes = len(weight), len(weight[0])
    return {
        **_GRADIENT,
        "prompt": f"`{layer_text(sizes, stride)}` has this kernel and got an input of {H} x {W}. `grad_output` comes "
        f"back to its output. Which number does `backward()` put into `input.grad[0, 0, {r}, {c}]`?",
        "answer": answer,
        "because": f"{len(found)} places read the cell, and each sends back its number times the weight it lay under.",
        "steps": [
            f"Places that read cell ({r}, {c}): {listed(place for place, _ in found)}.",
            f"There it lies under the taps {listed(tap for _, tap in found)}, in this order.",
            f"grad_output times weight, added up: {_written_shares(case)} = {answer}.",
        ],
        "proof": _input_proof(case),
        "slips": gathered("number", answer, slips),
        "figure": [gradient_block(grad_output), block("weight", weight, f"kernel {sizes[0]} x {sizes[1]}")],
    }


_PADDED = {  # what is the same for every seed
    **_GRADIENT,
    "level": "hard",
    "objective": "compute the gradient of an input cell, with stride and padding",
    "formula": "grad_input[r, c] = sum of grad_output[i, j] * weight[r + pH - i sH, c + pW - j sW]",
    "hint": "Count from the corner of the padded input first. Which places read the cell there, and with which tap "
    "each?",
}


def input_padded(rng):
    """The gradient of one input cell of a layer with stride and padding."""

    def draw():
        places, padding = rng.choice(((2, 4), (4, 2), (3, 4), (4, 3))), rng.choice(((1, 0), (0, 1)))
        return _input_case(rng, places, padding)

    case = drawn(draw, _fair)
    grad_output, weight, (r, c), stride, (pH, pW) = case
    (answer, slips), (found, (H, W)) = _input_slips(*case), _readers(case)
    sizes = len(weight), len(weight[0])
    return {
        **_PADDED,
        "prompt": f"`{layer_text(sizes, stride, (pH, pW))}` has this kernel and got an input of {H} x {W}. "
        "`grad_output` comes back to its output. Which number does `backward()` put into "
        f"`input.grad[0, 0, {r}, {c}]`?",
        "answer": answer,
        "because": f"{len(found)} places read the cell, and each sends back its number times the weight it lay under.",
        "steps": [
            f"With the padding the cell is at row {r} + {pH} = {r + pH}, column {c} + {pW} = {c + pW}.",
            f"Windows begin at rows i * {stride[0]}, columns j * {stride[1]} there. Places that read the cell: "
            f"{listed(place for place, _ in found)}.",
            f"It lies under the taps {listed(tap for _, tap in found)}, in this order.",
            f"grad_output times weight, added up: {_written_shares(case)} = {answer}.",
        ],
        "proof": _input_proof(case),
        "slips": gathered("number", answer, slips),
        "figure": [gradient_block(grad_output), block("weight", weight, f"kernel {sizes[0]} x {sizes[1]}")],
    }


_LONE = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "see what one place sends back",
    "formula": "one place alone: grad_input = the kernel, laid where its window was",
    "hint": "Which input cells does the window of this place cover, and with which weight does each reach the output?",
}


def _laid(weight, top, left, size):
    """Zeros of this size with the kernel laid on, cut off at the border."""
    H, W = size
    kH, kW = len(weight), len(weight[0])
    return [[weight[r - top][c - left] if 0 <= r - top < kH and 0 <= c - left < kW else 0 for c in range(W)]
            for r in range(H)]  # fmt: skip


def _lone_options(weight, stride, place, size):
    (i, j), top, left = place, place[0] * stride[0], place[1] * stride[1]
    return {
        "right": _laid(weight, top, left, size),
        "M77": _laid(_turned(weight), top, left, size),
        "M79": _laid(weight, i, j, size),
        "M104": _laid(weight, top - (len(weight) - 1) // 2, left - (len(weight[0]) - 1) // 2, size),
    }


def _lone_lines(place, start):
    return {
        "M77": "There the kernel is turned by 180 degrees. One place alone sends each weight back to the very cell it "
        "was multiplied with: the kernel as it is drawn.",
        "M79": f"There it lies at row {place[0]}, column {place[1]}. With the stride the window begins at row "
        f"{start[0]}, column {start[1]}.",
        "M104": f"There its middle lies on cell {start}. A window begins at that cell: its first tap lies there.",
    }


def lone_input(rng):
    """The input's gradient where one output alone matters."""

    def draw():
        (kernel_size, stride), places = rng.choice(_SETTINGS), rng.choice(((2, 3), (3, 2)))
        place = rng.randrange(places[0]), rng.randrange(places[1])
        return kernel(rng, *kernel_size, 4), stride, place, input_size(places, kernel_size, stride), places

    def fair(case):
        options = _lone_options(*case[:4]).values()
        return len(set(map(str, options))) == 4 and case[3][0] != case[3][1]

    weight, stride, (i, j), (H, W), (h, w) = case = drawn(draw, fair)
    options, top, left = _lone_options(*case[:4]), i * stride[0], j * stride[1]
    lines = _lone_lines((i, j), (top, left))
    answer, texts = str(options["right"]), {str(options[id]): (id, line) for id, line in lines.items()}
    grad_output = [[int((row, column) == (i, j)) for column in range(w)] for row in range(h)]
    sizes = len(weight), len(weight[0])
    return {
        **_LONE,
        "prompt": f"`{layer_text(sizes, stride)}` has this kernel and got an input of {H} x {W}. `grad_output` is 1 at "
        f"place ({i}, {j}) and 0 elsewhere. What does `backward()` put into `input.grad[0, 0]`?",
        "answer": answer,
        "because": "This output changes with each cell of its window by the weight that lies on it: the gradient is "
        "the kernel, laid there.",
        "steps": [
            f"The window of place ({i}, {j}) begins at row {i} * {stride[0]} = {top}, column {j} * {stride[1]} = "
            f"{left}.",
            "Each cell in it gets the weight that lay on it; all others get 0.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input = torch.randn(1, 1, {H}, {W}).double().requires_grad_()\n"
            f"weight = torch.tensor([[{weight}]]).double()\n"
            f"F.conv2d(input, weight, stride={stride})[0, 0, {i}, {j}].backward()\n"
            "print(input.grad[0, 0].int().tolist())"
        ),
        "slips": chosen(answer, texts),
        "options": shuffled(rng, [answer, *texts]),
        "figure": [block("weight", weight, f"kernel {sizes[0]} x {sizes[1]}"), gradient_block(grad_output)],
    }


_BACK = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "compute what a transposed convolution gives back",
    "formula": "z = conv_transpose2d(conv2d(x, w), w): a sum over all places that read the cell, not x",
    "hint": "First the outputs whose windows cover this cell. Then each goes back through the weight that lay on it.",
    "otherwise": "Two steps: the outputs that read the cell, then each times the weight that lay on it, added up.",
}


def _back_case(rng):
    kernel_size = rng.choice(((1, 2), (2, 1)))
    H, W = (2, rng.choice((4, 5))) if kernel_size == (1, 2) else (rng.choice((4, 5)), 2)
    weight = [[rng.choice((-3, -2, -1, 1, 2, 3)) for _ in range(kernel_size[1])] for _ in range(kernel_size[0])]
    return grid(rng, H, W, -3, 5), weight, (rng.randrange(H), rng.randrange(W))


def _there(x, weight):
    kH, kW = len(weight), len(weight[0])
    places = range(len(x) - kH + 1), range(len(x[0]) - kW + 1)
    return [[sum(x[i + u][j + v] * weight[u][v] for u in range(kH) for v in range(kW)) for j in places[1]]
            for i in places[0]]  # fmt: skip


def _back_slips(x, weight, cell):
    y = _there(x, weight)
    found = shares(y, weight, cell, (1, 1))
    taps = [tap for row in weight for tap in row]
    return sum(found), [
        Slip(x[cell[0]][cell[1]], ("M75",), "That is what went in. The way back takes the same connections, and the "
             "values are others: nothing is undone."),
        Slip(sum(shares(y, _turned(weight), cell, (1, 1))), ("M77",), "You took the weights the other way round. "
             "`conv_transpose2d` sends each output back through the tap it came through."),
        *(Slip(it, ("M187",), "That is one of the two places alone. Both cover this cell, and their shares are added "
               "up.") for it in found),
        Slip(x[cell[0]][cell[1]] * sum(tap * tap for tap in taps), ("M75",), "You scaled what went in. Its neighbours "
             "are in the outputs too, and come back with them."),
    ]  # fmt: skip


def there_and_back(rng):
    """A cell of what a transposed convolution makes of a convolution's output."""

    def fair(case):
        x, weight, cell = case
        if len(readers(cell, _sizes(_there(x, weight)), _sizes(weight), (1, 1))) != 2 or weight == _turned(weight):
            return False
        right, slips = _back_slips(*case)
        return right and apart("number", right, slips)

    x, weight, cell = case = drawn(lambda: _back_case(rng), fair)
    (answer, slips), y = _back_slips(*case), _there(x, weight)
    (first, tap), (second, other) = readers(cell, _sizes(y), _sizes(weight), (1, 1))
    (H, W), (kH, kW) = _sizes(x), _sizes(weight)

    def output(place):
        i, j = place
        cells = [(x[i + u][j + v], weight[u][v]) for u in range(kH) for v in range(kW)]
        return " + ".join(f"{bracketed(a)}*{bracketed(b)}" for a, b in cells) + f" = {y[i][j]}"

    found = shares(y, weight, cell, (1, 1))
    return {
        **_BACK,
        "prompt": f"`y = F.conv2d(x, weight)` and `z = F.conv_transpose2d(y, weight)`, with `x` and `weight` of one "
        f"channel, as below. Which number is `z[0, 0, {cell[0]}, {cell[1]}]`?",
        "answer": answer,
        "because": "Two outputs were made with this cell, and both come back to it, each through its own weight.",
        "steps": [
            f"Cell {cell} is read by the places {first} and {second}, under the taps {tap} and {other}.",
            f"y{list(first)}: {output(first)}.",
            f"y{list(second)}: {output(second)}.",
            f"Back through these taps: {bracketed(y[first[0]][first[1]])}*{bracketed(weight[tap[0]][tap[1]])} + "
            f"{bracketed(y[second[0]][second[1]])}*{bracketed(weight[other[0]][other[1]])} = {total(found)} = "
            f"{answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"x, weight = torch.tensor([[{x}]]).double(), torch.tensor([[{weight}]]).double()\n"
            f"z = F.conv_transpose2d(F.conv2d(x, weight), weight)\nprint(z[0, 0, {cell[0]}, {cell[1]}].item())"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [block("input", x, f"x {H} x {W}"), block("weight", weight, f"weight {kH} x {kW}")],
    }


def _sizes(values):
    return len(values), len(values[0])


QUESTIONS = {
    "lone-input": lone_input,
    "input-gradient": input_gradient,
    "input-padded": input_padded,
    "there-and-back": there_and_back,
}
