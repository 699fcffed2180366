"""Lesson 08, the gradients of the bias and of the weight: sums over all places and all pictures."""

from convlab.questions.cases import apart, block, drawn, gathered, grid, products, shuffled
from convlab.questions.lesson_03.drawing import chosen, layer, made, size
from convlab.questions.lesson_08.shares import input_size, layer_text, moves, taken, total, weight_share
from convlab.questions.question import Slip

_UPSTREAM = "`grad_output` is the gradient of the loss with respect to the output"


def gradient_block(values, of=""):
    """A figure block with a gradient that comes back to the output."""
    return block("gradient", values, f"grad_output{of} {len(values)} x {len(values[0])}")


def _flat(values):
    return [number for row in values for number in row]


_BIAS = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "compute the gradient of a bias",
    "formula": "grad_bias[o] = sum of grad_output[:, o] over N, H_out, W_out",
    "hint": "To which output cells is this bias added? In how many pictures?",
    "otherwise": "Add up all numbers of all pictures, with their signs.",
}


def _bias_slips(grids):
    sums, count = [sum(_flat(it)) for it in grids], sum(len(_flat(it)) for it in grids)
    everything = sum(sums)
    return everything, [
        Slip(everything / count, ("M80",), f"That is the mean of the {count} numbers. The bias was added to each "
             "cell by itself, so their shares are added up."),
        Slip(everything / len(grids), ("M80",), "That is the mean of the pictures. Their shares are added up."),
        Slip(sums[0], ("M195",), "That is picture 0 alone. The same bias serves all pictures: there is one gradient, "
             "and all have a share in it."),
        Slip(sums[-1], ("M195",), f"That is picture {len(grids) - 1} alone. The same bias serves all pictures: there "
             "is one gradient, and all have a share in it."),
        Slip(sum(map(abs, (number for it in grids for number in _flat(it)))), ("M105",), "You left out the signs: a "
             "negative share is taken away."),
    ]  # fmt: skip


def bias_gradient(rng):
    """The gradient of the one bias, from grad_output for several pictures."""

    def draw():
        h, w = rng.choice(((2, 3), (3, 2), (2, 4), (1, 4)))
        return [grid(rng, h, w, -3, 5) for _ in range(2 if w * h > 6 else rng.choice((2, 3)))]

    def fair(grids):
        right, slips = _bias_slips(grids)
        return right and all(sum(_flat(it)) for it in grids) and apart("number", right, slips)

    grids = drawn(draw, fair)
    answer, slips = _bias_slips(grids)
    sums = [sum(_flat(it)) for it in grids]
    each = " ".join(f"Picture {n}: {total(_flat(it))} = {sums[n]}." for n, it in enumerate(grids))
    return {
        **_BIAS,
        "prompt": f"`conv` has one filter, and {_UPSTREAM}, for a batch of {len(grids)} pictures. Which number does "
        "`backward()` put into `conv.bias.grad`?",
        "answer": answer,
        "because": "The bias was added to every cell of every picture, so all these numbers are added up.",
        "steps": [each, f"All pictures together: {total(sums)} = {answer}."],
        "proof": (
            "import torch\nfrom torch import nn\n"
            f"grad_output = torch.tensor({grids}).double()[:, None]\n"
            "conv = nn.Conv2d(1, 1, kernel_size=1).double()\n"
            "conv(torch.randn_like(grad_output)).backward(grad_output)\nprint(round(conv.bias.grad.item(), 4))"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [gradient_block(values, f", picture {n},") for n, values in enumerate(grids)],
    }


_SUM = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "say how often a bias is used",
    "formula": "loss = output.sum(): grad_bias[o] = N * H_out * W_out",
    "hint": "If this one bias grows by 1, by how much does the sum of all outputs grow?",
    "otherwise": "Count the output cells to which this one bias is added, in all pictures.",
}


def _sum_slips(N, C_out, size, places):
    (H, W), (h, w) = size, places
    return N * h * w, [
        Slip(1, ("M80",), "That would be a mean. Each of the cells has a share of 1, and shares are added up."),
        Slip(h * w, ("M195",), f"That is one picture. All {N} have a share in the one gradient."),
        Slip(N * H * W, ("M01",), f"Those are the input's cells. The bias is added to output cells, {h} x {w} of them "
             "in a picture."),
        Slip(N * C_out * h * w, ("M173",), f"Those are the cells of all {C_out} maps. This bias belongs to one "
             "filter, so to one map."),
    ]  # fmt: skip


def bias_of_sum(rng):
    """What stands in bias.grad when the loss is the sum of the output."""

    def draw():
        C_in, C_out, kernel = layer(rng, (2, 3, 4, 5, 6, 8))
        return (C_in, C_out, kernel), rng.randint(2, 5), size(rng, 7, 15, kernel=kernel)

    (C_in, C_out, (kH, kW)), N, (H, W) = drawn(draw, lambda case: case[0][1] != case[1])
    h, w = H - kH + 1, W - kW + 1
    answer, slips = _sum_slips(N, C_out, (H, W), (h, w))
    code = f"conv = {made(C_in, C_out, (kH, kW))}\nloss = conv(pictures).sum()\nloss.backward()"
    o = rng.randrange(C_out)
    return {
        **_SUM,
        "prompt": f"`pictures` has the shape {(N, C_in, H, W)}. Which number stands in `conv.bias.grad[{o}]` after the "
        "last line?",
        "answer": answer,
        "because": f"This bias was added to {h} x {w} cells of {N} pictures, each with a share of 1.",
        "steps": [
            f"The map of filter {o} has {H} - {kH} + 1 = {h} rows and {W} - {kW} + 1 = {w} columns.",
            f"In {N} pictures: {N} * {h} * {w} = {answer} cells, each with a share of 1.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\npictures = torch.randn{(N, C_in, H, W)}\n{code}\n"
            f"print(round(conv.bias.grad[{o}].item(), 2))"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [{"code": code}],
    }


_WEIGHT = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "compute the gradient of a weight",
    "formula": "grad_weight[u, v] = sum over places of grad_output[i, j] * input[i sH + u, j sW + v]",
    "hint": "Which input cell lies under this tap at each place? Mind the stride. How much does the loss change with "
    "each of these outputs?",
    "otherwise": "Write the cell under the tap for each place, then multiply each by the grad_output of that place.",
}
_SETTINGS = (((2, 3), (1, 2)), ((3, 2), (2, 1)), ((2, 3), (2, 1)), ((3, 2), (1, 2)))


def _weight_case(rng):
    kernel, stride = rng.choice(_SETTINGS)
    places = rng.choice(((2, 3), (3, 2)))
    H, W = input_size(places, kernel, stride)
    tap = rng.randrange(kernel[0]), rng.randrange(kernel[1])
    return grid(rng, *places, -3, 3), grid(rng, H, W, 0, 5), tap, kernel, stride


def _weight_slips(grad_output, input, tap, kernel, stride):
    right, places = weight_share(grad_output, input, tap, stride), len(_flat(grad_output))
    turned = kernel[0] - 1 - tap[0], kernel[1] - 1 - tap[1]
    slips = [
        Slip(right / places, ("M81",), f"You divided by the {places} places. Each place has a share, and shares are "
             "added up."),
        Slip(weight_share(grad_output, input, turned, stride), ("M78",), f"That is the entry {turned}, where this one "
             "would be after a turn by 180 degrees. Nothing is turned here: tap and entry are the same."),
        Slip(weight_share(grad_output, input, tap, (1, 1)), ("M79",), "You took cells side by side. The tap moves on "
             f"by the stride: {moves(stride)} from place to place."),
    ]  # fmt: skip
    return right, slips


def weight_gradient(rng):
    """One entry of the weight's gradient, with a stride."""

    def fair(case):
        right, slips = _weight_slips(*case)
        return right and len(case[1]) != len(case[1][0]) and apart("number", right, slips)

    case = grad_output, input, (u, v), kernel, (sH, sW) = drawn(lambda: _weight_case(rng), fair)
    answer, slips = _weight_slips(*case)
    cells = taken(grad_output, input, (u, v), (sH, sW))
    return {
        **_WEIGHT,
        "prompt": f"The layer is `{layer_text(kernel, (sH, sW))}`. {_UPSTREAM}. Which number does "
        f"`backward()` put into `conv.weight.grad[0, 0, {u}, {v}]`?",
        "answer": answer,
        "because": f"Tap ({u}, {v}) met one input cell at each place; each counts as much as the output there does.",
        "steps": [
            f"At place (i, j) tap ({u}, {v}) lies on input cell (i * {sH} + {u}, j * {sW} + {v}).",
            f"These cells are {', '.join(map(str, _flat(cells)))}, from place to place.",
            f"Each times its grad_output: {products(cells, grad_output)} = {answer}.",
        ],
        "proof": weight_proof([input], [grad_output], kernel, (sH, sW), f"[0, 0, {u}, {v}].item()"),
        "slips": gathered("number", answer, slips),
        "figure": [block("input", input), gradient_block(grad_output)],
    }


def weight_proof(inputs, grad_outputs, kernel, stride, asked):
    """The lines that print what autograd puts into weight.grad."""
    return (
        "import torch\nfrom torch.nn import functional as F\n"
        f"input = torch.tensor({inputs}).double()[:, None]\n"
        f"grad_output = torch.tensor({grad_outputs}).double()[:, None]\n"
        f"weight = torch.randn(1, 1, {kernel[0]}, {kernel[1]}).double().requires_grad_()\n"
        f"F.conv2d(input, weight, stride={stride}).backward(grad_output)\nprint(weight.grad{asked})"
    )


_LONE = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "see what one place gives to the weight's gradient",
    "formula": "one place alone: grad_weight = its window",
    "hint": "If only this output counts: by how much does it change when one weight grows by 1?",
}


def _window_at(input, kernel, top, left):
    return [row[left : left + kernel[1]] for row in input[top : top + kernel[0]]]


def _lone_options(input, kernel, stride, place):
    (i, j), (sH, sW) = place, stride
    right = _window_at(input, kernel, i * sH, j * sW)
    return {
        "right": right,
        "M78": [row[::-1] for row in right[::-1]],
        "M79": _window_at(input, kernel, i, j),
        "M102": _window_at(input, kernel, j * sH, i * sW),
    }


def lone_weight(rng):
    """The weight's gradient where one output alone matters."""

    def draw():
        (kernel, stride), places = rng.choice(_SETTINGS), rng.choice(((3, 4), (4, 3)))
        H, W = input_size(places, kernel, stride)
        return grid(rng, H, W, 0, 9), kernel, stride, (rng.randrange(places[0]), rng.randrange(places[1])), places

    def fair(case):
        *numbers, _ = case
        options = _lone_options(*numbers)
        whole = all(len(it) == case[1][0] and len(it[-1]) == case[1][1] for it in options.values())
        return whole and len(set(map(str, options.values()))) == 4 and len(case[0]) != len(case[0][0])

    input, kernel, (sH, sW), (i, j), (h, w) = drawn(draw, fair)
    options = _lone_options(input, kernel, (sH, sW), (i, j))
    top, left = i * sH, j * sW
    lines = {
        "M78": "That is the window turned by 180 degrees. Each tap gets what it was multiplied with: nothing is "
        "turned.",
        "M79": f"That window begins at row {i}, column {j}. With the stride it begins at row {top}, column {left}.",
        "M102": f"That is the window of place ({j}, {i}). A place is (row, column).",
    }
    answer, texts = str(options["right"]), {str(options[id]): (id, line) for id, line in lines.items()}
    grad_output = [[int((row, column) == (i, j)) for column in range(w)] for row in range(h)]
    return {
        **_LONE,
        "prompt": f"The layer is `{layer_text(kernel, (sH, sW))}`. `grad_output` is 1 at place ({i}, {j}) and 0 "
        "elsewhere. What does `backward()` put into `conv.weight.grad[0, 0]`?",
        "answer": answer,
        "because": "Each weight gets the number it was multiplied with at this place: together they are the window.",
        "steps": [
            f"Only place ({i}, {j}) has a share. Its window begins at row {i} * {sH} = {top}, column {j} * {sW} = "
            f"{left}.",
            f"Tap (u, v) lay on cell ({top} + u, {left} + v): the gradient is the window itself.",
        ],
        "proof": weight_proof([input], [grad_output], kernel, (sH, sW), "[0, 0].int().tolist()"),
        "slips": chosen(answer, texts),
        "options": shuffled(rng, [answer, *texts]),
        "figure": [block("input", input), gradient_block(grad_output)],
    }


QUESTIONS = {
    "bias-gradient": bias_gradient,
    "bias-of-sum": bias_of_sum,
    "lone-weight": lone_weight,
    "weight-gradient": weight_gradient,
}
