"""Lesson 11, where the batch went: rows that are no pictures, and pictures that change in company."""

from convlab.questions.cases import apart, counted, drawn, gathered, sequential
from convlab.questions.lesson_03.drawing import judged, size
from convlab.questions.lesson_11.drawing import conv_text, shrunk, stopped, two_kernels
from convlab.questions.question import Slip

_FEATURES = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "read from the loss where the batch went",
    "formula": "rows that came out / labels = pieces a picture was cut into; F = all numbers of a picture",
    "hint": "How many rows came out for each label? So in how many pieces was a picture cut?",
    "otherwise": "The message has two batch sizes: rows that came out, and labels. Divide them.",
}


def _features_slips(N, C, written, times):
    right = written * times
    return [
        Slip(written, ("M98",), f"{written} stands there, and cuts each picture into {times} rows: `view` moves the "
             "rest into the batch without a word."),
        Slip(N * right, ("M41",), f"That is the whole batch in one row. Each of the {N} pictures needs a row of its "
             "own."),
        Slip(C, ("M172",), f"{C} are the channels. A row needs all numbers of a picture, at each of its places."),
    ]  # fmt: skip


def right_features(rng):
    """The F that view needs, from the message of the loss."""

    def draw():
        (kernel, _), C, N = two_kernels(rng), rng.choice((6, 8, 12)), rng.choice((3, 4, 5))
        return kernel, C, N, rng.choice(((2, 1), (1, 2), (3, 1), (1, 3), (2, 3), (3, 2))), rng.choice((5, 7, 9))

    def fair(case):
        (kH, kW), _, N, (a, b), classes = case
        return a * kH != b * kW and a * kH + kH != b * kW + kW and len({N, a * b, classes}) == 3

    kernel, C, N, (a, b), classes = drawn(draw, fair)
    kH, kW = kernel
    written, times, (H, W) = C * kH * kW, a * b, (a * kH + kH - 1, b * kW + kW - 1)
    answer, rows = written * times, N * times
    h, w = shrunk((H, W), kernel)

    def code(features):
        return (
            f"conv, fc = {conv_text(1, C, kernel)}, nn.Linear({features}, {classes})\n"
            f"digits, labels = torch.rand({N}, 1, {H}, {W}), torch.arange({N})\n"
            f"x = conv(digits).relu()\nx = x.view(-1, {features})\nloss = nn.CrossEntropyLoss()(fc(x), labels)"
        )

    shown = f"{C} * {kH} * {kW}"
    return {
        **_FEATURES,
        "prompt": f"`view` and `fc` were given {shown} = {written}. Which number must stand in both places, so that "
        "each digit gets one row?",
        "answer": answer,
        "because": f"{rows} rows for {N} labels: each digit was cut into {times}, and {times} * {written} = {answer}.",
        "steps": [
            f"{rows} rows came out, and there are {N} labels: {rows} / {N} = {times} rows for each digit.",
            f"A whole digit has {times} * {written} = {answer} numbers: {C} maps of {h} x {w}.",
        ],
        "proof": f"import torch\nfrom torch import nn\n{code(1).partition('x = x.view')[0]}print(x[0].numel())",
        "slips": gathered("number", answer, _features_slips(N, C, written, times)),
        "figure": stopped(
            code(shown), f"ValueError: Expected input batch_size ({rows}) to match target batch_size ({N})."
        ),
    }


_MIXED = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "find the rows that hold two pictures",
    "formula": "row r holds the numbers r F to (r + 1) F - 1; a border between pictures inside makes it mixed",
    "hint": "Lay all numbers of the batch in one line. Where does a picture end, and where does a row?",
    "otherwise": "Mark the borders of the pictures and those of the rows on one line. Which picture borders lie inside "
    "a row?",
}
_RATIOS = ((2, 3), (3, 2), (3, 4), (4, 3), (3, 5), (5, 3), (2, 5), (5, 2), (4, 5), (5, 4))  # F / a picture's numbers


def _mixed(N, picture, row):
    """The borders between pictures, and those that lie inside a row."""
    borders = [at * picture for at in range(1, N)]
    return borders, [at for at in borders if at % row]


def _mixed_slips(N, picture, row):
    rows, (borders, inside) = N * picture // row, _mixed(N, picture, row)
    return len({at // row for at in inside}), [
        Slip(0, ("M221",), f"It runs, and mixes all the same: a row is {row} numbers, whatever they are, and a picture "
             f"has {picture}. {row} does not go into that evenly, so some rows begin in one picture and end in the "
             "next."),
        Slip(rows, ("M98",), "Not every row: where no picture ends inside, all its numbers are of one picture."),
        Slip(len(borders), ("M98",), f"There are {len(borders)} borders between the {N} pictures, and some of them are "
             "the end of a row as well: nothing is mixed there."),
    ]  # fmt: skip


def mixed_rows(rng):
    """How many rows hold numbers of two pictures after view(-1, F)."""

    def draw():
        (up, down), C = rng.choice(_RATIOS), rng.choice((4, 6, 8))
        h, w = rng.sample((2, 3, 4, 5, 6), 2)
        return rng.randint(4, 12), C, h, w, C * h * w * up / down

    def fair(case):
        N, C, h, w, row = case
        picture = C * h * w
        if row != int(row) or N * picture % row or picture % row == 0 or row > 2 * picture:
            return False
        inside = _mixed(N, picture, int(row))[1]
        alone = len({at // row for at in inside}) == len(inside)
        return alone and apart("number", *_mixed_slips(N, picture, int(row)))

    N, C, h, w, row = drawn(draw, fair)
    picture, row = C * h * w, int(row)
    (answer, slips), (borders, inside) = _mixed_slips(N, picture, row), _mixed(N, picture, row)
    rows, ends = N * picture // row, [at for at in borders if at not in inside]
    return {
        **_MIXED,
        "prompt": f"`x` has the shape ({N}, {C}, {h}, {w}). After `x = x.view(-1, {row})`, how many rows of `x` hold "
        "numbers of two pictures?",
        "answer": answer,
        "because": f"{counted(answer, 'row')} of {rows} begin in one picture and end in the next, without a message.",
        "steps": [
            f"A picture has {C} * {h} * {w} = {picture} numbers, a row {row}.",
            f"There are {N} * {picture} / {row} = {rows} rows.",
            f"{len(borders)} borders lie between the pictures: at {', '.join(map(str, borders))}.",
            f"Of these, {', '.join(map(str, ends)) if ends else 'none'} can be divided by {row}: no row is cut there. "
            f"{len(borders)} - {len(ends)} = {answer}.",
        ],
        "proof": (
            f"import torch\nwhose = torch.arange({N}).repeat_interleave({picture}).view({N}, {C}, {h}, {w})\n"
            f"print(int((whose.view(-1, {row}).amin(1) != whose.view(-1, {row}).amax(1)).sum()))"
        ),
        "slips": gathered("number", answer, slips),
    }


_ALONE = {  # what is the same for every seed
    "objective": "test whether pictures of a batch are kept apart",
    "formula": "net(batch)[n] = net(batch[n : n + 1])[0], if nothing mixes the batch",
    "hint": "Go through the layers: does any of them look at other pictures of the batch? Which axis, which mode?",
}
_WHY = {  # (kind, does it keep the pictures apart) -> why
    ("plain", True): "Each of these layers works on one picture at a time, in any mode.",
    ("norm", True): "In eval() BatchNorm goes by the mean that it has stored, whoever else is in the batch.",
    ("norm", False): "In train() BatchNorm goes by the mean of the batch at hand: each picture changes with its "
    "company, and nothing says so.",
    ("softmax", True): "`dim=1` are the classes: softmax makes shares within each picture.",
    ("softmax", False): "`dim=0` is the batch: softmax makes shares among the pictures, and one alone gets 1 "
    "everywhere. Nothing says so.",
}


def myth_alone(rng):
    """Whether each picture gets in the batch what it gets alone."""
    holds = rng.random() < 0.5
    kind = rng.choice(("plain", "norm", "softmax")) if holds else rng.choice(("norm", "softmax"))
    mode = rng.choice(("train", "eval")) if kind != "norm" else "eval" if holds else "train"
    N, C, (kernel, _), classes = rng.choice((4, 6, 8)), rng.choice((5, 9, 12)), two_kernels(rng), rng.choice((3, 7))
    (H, W), dim = size(rng, 9, 16), 1 if holds else 0
    layers = [
        conv_text(3, C, kernel),
        *[f"nn.BatchNorm2d({C})"] * (kind == "norm"),
        "nn.ReLU()",
        "nn.AdaptiveAvgPool2d(1)",
        "nn.Flatten()",
        f"nn.Linear({C}, {classes})",
        *[f"nn.Softmax(dim={dim})"] * (kind == "softmax"),
    ]
    code = (
        f"pictures = torch.rand({N}, 3, {H}, {W})\n{sequential('net', layers)}\nnet.{mode}()\n"
        "together = net(pictures)\nalone = torch.cat([net(pictures[n : n + 1]) for n in range(len(pictures))])\n"
        "print(torch.allclose(together, alone, atol=1e-5))"
    )
    why = _WHY[kind, holds]
    says = rng.random() < 0.5
    return judged(
        holds == says,
        f"the last line prints {says}.",
        "M221",
        why,
        because=why,
        steps=[
            f"The {N} pictures go through the net together, and then one by one, without an error.",
            why,
        ],
        proof=f"import torch\nfrom torch import nn\n{code.replace('print(', f'print({says} == ')}",
        figure=[{"code": code}],
        **_ALONE,
    )


QUESTIONS = {"right-features": right_features, "mixed-rows": mixed_rows, "myth-alone": myth_alone}
