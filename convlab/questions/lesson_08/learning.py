"""Lesson 08, a step of training: what is left in .grad, what the loss sends back, and the whole step by hand."""

from convlab.questions.cases import apart, block, drawn, gathered, grid, shuffled
from convlab.questions.lesson_08.shares import bracketed, summed, tidy
from convlab.questions.question import Slip

_ADDS = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "say what several backward() leave in .grad",
    "formula": ".grad after backward() = .grad before + gradient",
    "hint": "Does `backward()` look at what stands in `.grad`, and if so, what does it do with it?",
    "otherwise": "Count the calls of `backward()` since `.grad` was last emptied.",
}


def grads_add(rng):
    """What stands in .grad after several calls of backward()."""
    each, (kH, kW) = rng.randint(2, 9), rng.choice(((2, 3), (3, 2), (2, 4), (4, 2)))
    before, after = rng.choice(((0, 2), (0, 3), (0, 4), (2, 2), (1, 3), (3, 2), (1, 2)))
    answer, name = after * each, rng.choice(("conv", "layer"))
    loop = f"for _ in range({{}}):\n    {name}(x).sum().backward()"
    lines = [f"{name} = nn.Conv2d(1, 1, kernel_size={kH, kW})", f"x = torch.full((1, 1, {kH}, {kW}), {each}.0)"]
    if before:
        lines += [loop.format(before), f"{name}.zero_grad()"]
    code = "\n".join([*lines, loop.format(after)])
    slips = [
        Slip(each, ("M188",), f"That is what one call computes. Each of the {after} calls adds it to what stands in "
             "`.grad`."),
        Slip(each / after, ("M81",), f"You divided by the {after} calls. Nothing is averaged: each call adds to "
             "`.grad`."),
    ]  # fmt: skip
    return {
        **_ADDS,
        "prompt": f"Which number stands in `{name}.weight.grad[0, 0, 0, 0]` after the last line?",
        "answer": answer,
        "because": f"Each of {after} calls adds {each} to what is there.",
        "steps": [
            f"The layer has one place, so the gradient of each weight is the cell under it: {each}.",
            f"{'After zero_grad() there are' if before else 'There are'} {after} calls, and each adds its own: "
            f"{after} * {each} = {answer}.",
        ],
        "proof": f"import torch\nfrom torch import nn\n{code}\nprint(round({name}.weight.grad[0, 0, 0, 0].item(), 2))",
        "slips": gathered("number", answer, slips),
        "figure": [{"code": code}],
    }


_ORDER = {  # what is the same for every seed
    "kind": "order",
    "level": "easy",
    "objective": "write one step of training by hand",
    "formula": "output, loss, backward(), the step, the gradient emptied",
    "because": "The gradient is there after `backward()`, is used by the step, and has to be gone before the next "
    "`backward()` adds to it.",
    "hint": "What does each line need that another one makes? What is in `.grad` of a new layer?",
    "otherwise": "Ask of each line what it reads: the output, the loss, or `.grad`; who has written that before?",
}

_NONE_YET = (
    "The layer is new: before the first `backward()` it has no gradient, so nothing to call `zero_()` on, and Python "
    "raises an error. With `optimizer.zero_grad()`, which passes over what has no gradient, this order would do."
)


def step_order(rng):
    """The lines of one training step, for a layer that is new."""
    name, (picture, target) = rng.choice(("conv", "layer")), rng.choice((("picture", "target"), ("images", "targets")))
    rate = rng.choice((0.1, 0.05, 0.01))
    output, loss = f"output = {name}({picture})", f"loss = F.mse_loss(output, {target})"
    back, step = "loss.backward()", f"with torch.no_grad(): {name}.weight -= {rate} * {name}.weight.grad"
    empty = f"{name}.weight.grad.zero_()"
    answer = [output, loss, back, step, empty]
    slips = [
        Slip([output, loss, back, empty, step], ("M188",), "Then the gradient is emptied before the step reads it, and "
             "the step takes away nothing. Empty it after the step: the next `backward()` adds to what is there."),
        Slip([output, loss, step, back, empty], ("M189",), "Before the first `backward()` there is nothing in `.grad`: "
             "the step has nothing to take away, and PyTorch raises an error."),
        Slip([empty, output, loss, back, step], ("M189",), _NONE_YET),
        Slip([output, empty, loss, back, step], ("M189",), _NONE_YET),
        Slip([output, loss, empty, back, step], ("M189",), _NONE_YET),
    ]  # fmt: skip
    options = drawn(lambda: shuffled(rng, answer), lambda order: order not in [answer, *(it.answer for it in slips)])
    return {
        **_ORDER,
        "prompt": f"`{name}` is new and has no bias. Put these lines into the order of one step of training, such that "
        "they run, and can be run again and again.",
        "answer": answer,
        "steps": [
            "Forward first: the output, then the loss, then `backward()` fills `.grad`.",
            "The step reads `.grad`; after that it is emptied, for the next `backward()` would add to it. It cannot be "
            "emptied before: a new layer has no gradient yet.",
        ],
        "proof": _order_proof(name, (picture, target), rate, options),
        "slips": gathered("order", answer, slips),
        "options": options,
    }


def _order_proof(name, given, rate, options):
    """Every order is run twice on a new layer, and compared with two steps of SGD."""
    picture, target = given
    return (
        "import copy, itertools\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
        f"{picture}, {target} = torch.randn(2, 1, 5, 7).double(), torch.randn(2, 1, 4, 5).double()\n"
        "first = nn.Conv2d(1, 1, kernel_size=(2, 3), bias=False).double()\nwanted = copy.deepcopy(first)\n"
        f"optimizer = torch.optim.SGD(wanted.parameters(), lr={rate})\nfor _ in range(2):\n"
        f"    optimizer.zero_grad(), F.mse_loss(wanted({picture}), {target}).backward(), optimizer.step()\n"
        f"for order in itertools.permutations({options}):\n    names = {{'torch': torch, 'F': F, "
        f"'{picture}': {picture}, '{target}': {target}, '{name}': copy.deepcopy(first)}}\n"
        "    try:\n        for line in 2 * order:\n"
        "            exec(line, names)\n    except (NameError, AttributeError, TypeError, RuntimeError):\n"
        f"        continue\n    if torch.allclose(names['{name}'].weight, wanted.weight):\n"
        "        print('; '.join(order))"
    )


_LOSS = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "compute what the loss sends back",
    "formula": "mean squared error: grad_output = 2 * (output - target) / count",
    "hint": "The loss is a mean of squares. What is the slope of one square, and what does the mean make of it?",
    "otherwise": "The difference, output less target; times 2; divided by how many numbers there are.",
}


def _loss_slips(output, target, place):
    (i, j), count = place, len(output) * len(output[0])
    difference = output[i][j] - target[i][j]
    return tidy(2 * difference / count), [
        Slip(difference, ("M192",), "That is the difference. The slope of a square is twice that, and the mean divides "
             f"it by {count}."),
        Slip(2 * difference, ("M192",), f"That is the slope of the square. The mean over {count} numbers divides it by "
             f"{count}."),
        Slip(tidy(difference / count), ("M192",), "The 2 is missing: the slope of a square is twice the difference."),
        Slip(tidy(-2 * difference / count), ("M192",), "The sign is turned. It is output less target: where the "
             "output is too large, the loss grows with it."),
    ]  # fmt: skip


def mse_upstream(rng):
    """One number of the gradient that the mean squared error sends back."""

    def draw():
        h, w = rng.choice(((2, 3), (3, 2), (2, 4), (4, 2), (1, 4)))
        place = rng.randrange(h), rng.randrange(w)
        return grid(rng, h, w, -5, 9), grid(rng, h, w, -5, 9), place

    def fair(case):
        right, slips = _loss_slips(*case)
        half = len(case[0]) * len(case[0][0]) // 2
        return right and slips[0].answer % half == 0 and apart("number", right, slips)

    output, target, (i, j) = case = drawn(draw, fair)
    (answer, slips), (h, w) = _loss_slips(*case), (len(output), len(output[0]))
    a, b = output[i][j], target[i][j]
    return {
        **_LOSS,
        "prompt": "`loss = F.mse_loss(output, target)` compares these two maps, and `loss.backward()` is called. Which "
        f"number is the gradient of the loss with respect to output cell ({i}, {j})?",
        "answer": answer,
        "because": f"Twice the difference {a - b}, divided by the {h * w} numbers of the mean.",
        "steps": [
            f"The difference: {a} - {b if b >= 0 else f'({b})'} = {a - b}.",
            f"The slope of its square: 2 * {a - b if a > b else f'({a - b})'} = {2 * (a - b)}.",
            f"The mean is over {h} * {w} = {h * w} numbers: {2 * (a - b)} / {h * w} = {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"output, target = torch.tensor({output}).double().requires_grad_(), torch.tensor({target}).double()\n"
            f"F.mse_loss(output, target).backward()\nprint(round(output.grad[{i}, {j}].item(), 4))"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [block("output", output), block("output", target, f"target {h} x {w}")],
    }


_WHOLE = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "take a whole step: output, loss, gradient, weight",
    "formula": "w[v] - lr * sum over j of 2 (output[j] - target[j]) / count * input[j + v]",
    "hint": "In this order: what the loss sends back to each output, what that makes of the weight's gradient, what "
    "the step takes away.",
    "otherwise": "First grad_output, one number for each output; then its products with the cells under this tap; "
    "then the step.",
}


def _whole_case(rng):
    input, weight = [rng.randint(0, 5) for _ in range(5)], rng.sample((-2, -1, 1, 2, 3), 2)
    sent = [rng.choice((-2, -1, 0, 1, 2)) for _ in range(4)]
    return input, weight, sent, rng.randrange(2), rng.choice((0.1, 0.5))


def _whole_slips(input, weight, sent, v, rate):
    def gradient(tap, scale=1.0):
        return scale * sum(g * x for g, x in zip(sent, input[tap:], strict=False))

    def after(slope):
        return tidy(weight[v] - rate * slope)

    return after(gradient(v)), [
        Slip(tidy(weight[v] + rate * gradient(v)), ("M191",), "You added. The gradient points to where the loss grows: "
             "it is taken away."),
        Slip(after(gradient(v, 2)), ("M192",), "You sent the difference back. With a mean of 4 squares it is 2 / 4 of "
             "the difference."),
        Slip(after(gradient(v, 4)), ("M192",), "You sent twice the difference back, and left the mean over 4 out."),
        Slip(after(gradient(v, 0.5)), ("M192",), "You sent a quarter of the difference back. The slope of a square is "
             "twice the difference."),
        Slip(after(gradient(v) / 4), ("M81",), "You took the mean over the places a second time. The loss has it "
             "already; the places' shares are added up."),
        Slip(after(gradient(1 - v)), ("M78",), f"That is the gradient of the other weight. Nothing is turned: the cell "
             f"under tap {v} at place j is input[j + {v}]."),
    ]  # fmt: skip


def kernel_step(rng):
    """A weight after one whole step on a row of five pixels."""

    def fair(case):
        right, slips = _whole_slips(*case)
        cells = [right, *(slip.answer for slip in slips)]
        whole = right and right == int(right)
        close = any(0 < abs(a - b) < 0.02 for a in cells for b in cells)
        return sum(map(bool, case[2])) >= 3 and whole and not close and apart("number", right, slips)

    input, weight, sent, v, rate = case = drawn(lambda: _whole_case(rng), fair)
    answer, slips = _whole_slips(*case)
    output = [weight[0] * input[j] + weight[1] * input[j + 1] for j in range(4)]
    target, slope = [a - 2 * g for a, g in zip(output, sent, strict=True)], summed([sent], [input[v : v + 4]])
    products = " + ".join(f"{bracketed(g)}*{x}" for g, x in zip(sent, input[v:], strict=False))
    return {
        **_WHOLE,
        "prompt": "The layer has this kernel and no bias. `output = conv(input)`, `loss = F.mse_loss(output, target)`, "
        f"`backward()`, and one step of SGD with lr={rate}. Which number is `conv.weight[0, 0, 0, {v}]` then?",
        "answer": answer,
        "because": f"Its gradient is {slope}, and the step takes {rate} times that away from {weight[v]}.",
        "steps": [
            f"The output is {', '.join(map(str, output))}; less the target: "
            f"{', '.join(str(2 * g) for g in sent)}.",
            f"The loss sends back 2 / 4 of that: {', '.join(map(str, sent))}.",
            f"The gradient of this weight: {products} = {slope}.",
            f"The step: {weight[v]} - {rate} * {bracketed(slope)} = {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"input, target = torch.tensor([[[{input}]]]).double(), torch.tensor([[[{target}]]]).double()\n"
            f"weight = torch.tensor([[[{weight}]]]).double().requires_grad_()\n"
            "F.mse_loss(F.conv2d(input, weight), target).backward()\n"
            f"torch.optim.SGD([weight], lr={rate}).step()\nprint(round(weight[0, 0, 0, {v}].item(), 4))"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [block("input", [input]), block("weight", [weight], "kernel 1 x 2"),
                   block("output", [target], "target 1 x 4")],
    }  # fmt: skip


QUESTIONS = {
    "grads-add": grads_add,
    "step-order": step_order,
    "mse-upstream": mse_upstream,
    "kernel-step": kernel_step,
}
