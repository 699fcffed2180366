"""Lesson 12, designs: which layer costs most, and what a network for other tasks gives."""

from convlab.questions.cases import drawn, gathered, sequential, shuffled
from convlab.questions.lesson_03.drawing import chosen, judged
from convlab.questions.question import Slip

_COSTLIEST = {  # what is the same for every seed
    "kind": "choice",
    "level": "hard",
    "objective": "find the layer that costs most",
    "formula": "C_out * H_out * W_out * (C_in * kH * kW) for each layer",
    "hint": "Two things multiply: the weights of a layer, and the places at which they work.",
}


def _costs(case):
    """name -> (parameters, multiply-adds) of the three layers with weights."""
    H, W, first, second, classes = case
    h, w = H // 2 // 2, W // 2 // 2
    return {
        "net[0]": (first * 15 + first, H * W * first * 15),
        "net[3]": (second * first * 15 + second, (H // 2) * (W // 2) * second * first * 15),
        "net[7]": (second * h * w * classes + classes, second * h * w * classes),
    }


def _costly_case(rng):
    """H, W, filters of both convolutions, outputs of the Linear, which has most parameters and is not the costliest."""

    def draw():
        H, W = rng.sample((24, 28, 32, 36, 40), 2)
        return H, W, rng.choice((3, 4, 6)), rng.choice((2, 2, 8, 10)), rng.choice((60, 80, 120))

    def keep(case):
        costs = _costs(case)
        parameters, macs = (sorted(costs, key=lambda name, at=at: costs[name][at])[-1] for at in (0, 1))
        return parameters == "net[7]" != macs

    return drawn(draw, keep)


def _costly_words(case, answer):
    """What to say to who chose another layer."""
    _, _, first, second, _ = case
    other = {
        "net[0]": f"Its maps are the largest, but it reads one channel: 15 multiply-adds a number. In net[3] a number "
        f"takes {first} * 15, for {second} maps.",
        "net[3]": f"Each of its numbers takes {first} * 15 multiply-adds, but it makes {second} maps alone, at a "
                  "quarter "
        "of the places.",
    }  # fmt: skip
    linear = "It has the most parameters, each used once. Those of a convolution are used at every place."
    (left,) = set(other) - {answer}
    return {"net[7]": ("M201", linear), left: ("M40", other[left])}


def costliest(rng):
    """The layer with the most multiply-adds."""
    case = H, W, first, second, classes = _costly_case(rng)
    costs = _costs(case)
    answer = max(costs, key=lambda name: costs[name][1])
    layers = [f"nn.Conv2d(1, {first}, (3, 5), padding=(1, 2))", "nn.ReLU()", "nn.MaxPool2d(2)"]
    layers += [f"nn.Conv2d({first}, {second}, (5, 3), padding=(2, 1))", "nn.ReLU()", "nn.MaxPool2d(2)"]
    code = sequential("net", [*layers, "nn.Flatten()", f"nn.Linear({second * (H // 4) * (W // 4)}, {classes})"])
    macs = {name: cost[1] for name, cost in costs.items()}
    wrong = _costly_words(case, answer)
    return {
        **_COSTLIEST,
        "prompt": f"A picture of shape (1, 1, {H}, {W}) goes through this network. Which layer does most "
        "multiply-adds?",
        "answer": answer,
        "because": "Weights times the places at which they work: no other layer has more.",
        "steps": [
            f"net[0]: {first} * {H} * {W} numbers, 1 * 15 multiply-adds each: {macs['net[0]']}.",
            f"net[3], behind a pooling: {second} * {H // 2} * {W // 2} numbers, {first} * 15 each: {macs['net[3]']}.",
            f"net[7]: each of its weights is used once: {macs['net[7]']}.",
            f"The largest is that of {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{code}\nx, macs = torch.zeros(1, 1, {H}, {W}), {{}}\n"
            "for at, layer in enumerate(net):\n    x = layer(x)\n    if at in (0, 3, 7):\n"
            "        macs[f'net[{at}]'] = x.numel() * layer.weight[0].numel()\n"
            "print(max(macs, key=macs.get))"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
        "figure": [{"code": code}],
    }


_MAP = {  # what is the same for every seed
    "kind": "shape",
    "level": "easy",
    "objective": "say what a network for other tasks gives",
    "formula": "every pixel named: (N, classes, H, W)",
    "hint": "How many numbers does one pixel need, and how many pixels has a picture?",
    "otherwise": "A number for each class, at each pixel of each picture.",
    "axes": ("the output", "(N, classes, H, W)"),
}


def pixel_logits(rng):
    """The output of a network that names every pixel."""
    N, classes = rng.choice((2, 4, 8)), rng.choice((3, 5, 21))
    H, W = rng.sample((48, 64, 80, 96, 120), 2)
    C = rng.choice([it for it in (6, 12, 16, 24) if it != classes])
    answer = (N, classes, H, W)
    slips = [
        Slip((N, classes), ("M251",), f"That names each picture. Here every pixel is named: {classes} numbers at each "
             f"of {H} * {W} places."),
        Slip((N, classes, W, H), ("M30",), f"Rows come before columns: {H} rows, {W} columns."),
        Slip((N, C, H, W), ("M43",), f"{C} maps come in. A 1 x 1 convolution to {classes} classes makes {classes} of "
             "them."),
    ]  # fmt: skip
    return {
        **_MAP,
        "prompt": f"A network names every pixel of {N} pictures, with {H} rows and {W} columns: {classes} classes, a "
        f"logit for each at every pixel. Its last maps have the shape {(N, C, H, W)}. What is the shape of its output?",
        "answer": answer,
        "because": "A 1 x 1 convolution gives a number for each class at every pixel.",
        "steps": [
            f"At each pixel one number for each class: {classes} maps.",
            f"As many rows and columns as the picture has: {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nmaps = torch.zeros{(N, C, H, W)}\n"
            f"print(tuple(nn.Conv2d({C}, {classes}, 1)(maps).shape))"
        ),
        "slips": gathered("shape", answer, slips),
    }


def myth_one_row(rng):
    """Whether a head fits a task."""
    classes, C, task = rng.randint(3, 9), rng.choice((16, 24, 32, 48)), rng.choice(("pixel", "point", "picture"))
    points = rng.choice((5, 17, 21, 68))
    count = {"pixel": classes, "point": 2 * points, "picture": classes}[task]
    wants = {
        "pixel": f"naming every pixel of a picture, {classes} classes",
        "point": f"finding {points} points of a face, a row and a column for each",
        "picture": f"naming a picture, {classes} classes",
    }[task]
    dense, conv = f"nn.Linear({C}, {count})", f"nn.Conv2d({C}, {count}, 1)"
    fitting, other = (conv, dense) if task == "pixel" else (dense, conv)
    holds = rng.random() < 0.5
    line = (
        "Every pixel needs its own row of numbers: a map for each class, not one row a picture."
        if task == "pixel"
        else f"A picture needs one row of {count} numbers; a 1 x 1 convolution gives as many at every pixel."
    )
    return judged(
        holds,
        f"for {wants}, the last layer of a network with {C} maps can be `{fitting if holds else other}`"
        f"{', behind the mean of each map' if (fitting if holds else other) == dense else ' on the maps'}, and nothing "
        "comes after it.",
        "M251",
        line,
        revision=2,
        objective="choose what a network ends in",
        formula="one row a picture: Linear; a row at every pixel: 1 x 1 convolution",
        because=line,
        hint="Does the task want numbers for the picture, or for each of its pixels?",
        steps=[
            f"The task wants {'numbers at every pixel' if task == 'pixel' else 'one row of numbers a picture'}.",
            f"That is what `{fitting}` gives.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\nmaps = torch.zeros(2, {C}, 9, 11)\n"
            f"head = {fitting if holds else other}\nflat = isinstance(head, nn.Linear)\n"
            "output = head(maps.mean((2, 3)) if flat else maps)\n"
            f"print(tuple(output.shape) == {(2, count, 9, 11) if task == 'pixel' else (2, count)})"
        ),
    )


QUESTIONS = {"costliest": costliest, "pixel-logits": pixel_logits, "myth-one-row": myth_one_row}
