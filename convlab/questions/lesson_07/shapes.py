"""Lesson 07, shapes: what comes out of a stack of layers, and where `view` puts the pictures of a batch."""

from convlab.questions.cases import apart, drawn, gathered, sequential
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.question import Slip

WIDE = (((3, 5), (1, 2)), ((5, 3), (2, 1)))  # kernels and the padding that keeps the size


_SHAPE = {  # what is the same for every seed
    "kind": "shape",
    "level": "medium",
    "objective": "follow a batch through conv, ReLU and pool",
    "formula": "a convolution sets the channels, its kernel and padding the size; pooling halves the size and no more",
    "hint": "Go line by line, and write down the shape after each. Which lines change the channels, which the size?",
    "otherwise": "Write down the shape after every line, the batch in front; then compare with the steps.",
    "axes": ("what leaves this network", "(N, C, H, W)"),
}


def _shape_case(rng):
    (kernel, padding), second = rng.choice(WIDE), rng.choice(((2, 3), (3, 2), (4, 3), (3, 4)))
    N, first, last = rng.choice((5, 7, 9)), rng.choice((8, 12, 16)), rng.choice((20, 24, 32))
    return N, (first, last), kernel, padding, second, (4 * rng.randint(5, 9), 4 * rng.randint(5, 9))


def _shape_slips(N, counts, kernel, padding, second, size):
    """Wrong shapes for who leaves something out, or lets the wrong layer change the channels."""
    last = counts[1]

    def through(halve=(True, True), kept=True, shrunk=True):
        sizes = []
        for length, p, k2 in zip(size, padding, second, strict=True):
            length += 0 if kept else -2 * p
            length //= 2 if halve[0] else 1
            length -= k2 - 1 if shrunk else 0
            sizes.append(length // 2 if halve[1] else length)
        return tuple(sizes)

    right = through()
    return right, [
        Slip((N, last, *through(halve=(True, False))), ("M171",), "The second pooling is left out: each one halves "
             "the size."),
        Slip((N, last, *through(halve=(False, True))), ("M171",), "The first pooling is left out: each one halves the "
             "size."),
        Slip((N, last, *through(halve=(False, False))), ("M171",), "Both poolings are left out: each one halves the "
             "size."),
        Slip((N, last // 4, *right), ("M182",), "Pooling halves rows and columns, not channels: as many maps come out "
             "as go in."),
        Slip((N, last // 2, *right), ("M182",), "Pooling halves rows and columns, not channels: as many maps come out "
             "as go in."),
        Slip((N, last, *through(kept=False)), ("M168",), f"The first convolution keeps the size: its padding {padding} "
             f"makes up for the kernel {kernel}."),
        Slip((N, last, *through(shrunk=False)), ("M01",), f"The second convolution has no padding: its window of "
             f"{second[0]} x {second[1]} has to fit inside."),
        Slip((N, counts[0], *right), ("M28",), f"{counts[0]} maps leave the first convolution; the second has {last} "
             "filters, so as many maps leave it."),
        Slip((last, *right), ("M174",), f"That is one picture. A batch of {N} went in, and {N} come out."),
        Slip((1, last, *right), ("M174",), f"That is one picture. A batch of {N} went in, and {N} come out."),
    ]  # fmt: skip


def cnn_shape(rng):
    """The shape of a batch behind two rounds of conv, ReLU and pool."""

    def fair(case):
        right, slips = _shape_slips(*case)
        sizes = {slip.answer[-2:] for slip in slips} | {right}
        return all(h != w for h, w in sizes) and apart("shape", (case[0], case[1][1], *right), slips)

    case = drawn(lambda: _shape_case(rng), fair)
    (N, (first, last), kernel, padding, second, (H, W)), (right, slips) = case, _shape_slips(*case)
    answer, norm = (N, last, *right), [f"nn.BatchNorm2d({first})"] * rng.choice((0, 1))
    bare = (H // 2 - second[0] + 1, W // 2 - second[1] + 1)
    code = sequential(
        "features",
        [
            f"nn.Conv2d(3, {first}, kernel_size={kernel}, padding={padding})",
            *norm,
            "nn.ReLU()",
            "nn.MaxPool2d(2)",
            f"nn.Conv2d({first}, {last}, kernel_size={second})",
            "nn.ReLU()",
            "nn.MaxPool2d(2)",
        ],
    )
    return {
        **_SHAPE,
        "prompt": f"`pictures` has the shape ({N}, 3, {H}, {W}). Which shape has `features(pictures)`?",
        "answer": answer,
        "because": f"{last} filters end the stack, and of {H} x {W} it leaves {right[0]} x {right[1]}.",
        "steps": [
            f"The first convolution keeps {H} x {W}, as its padding makes up for its kernel; the pooling halves it: "
            f"{H // 2} x {W // 2}.",
            f"The second has no padding: {H // 2} - {second[0]} + 1 = {bare[0]} rows, {W // 2} - {second[1]} + 1 = "
            f"{bare[1]} columns. Pooled, rounded down: {right[0]} x {right[1]}.",
            f"Channels are the filters of the last convolution, {last}; the batch stays {N}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{code}\nprint(tuple(features(torch.zeros({N}, 3, {H}, {W})).shape))"
        ),
        "slips": gathered("shape", answer, slips),
        "figure": [{"code": code}],
    }


_VIEW = {  # what is the same for every seed
    "kind": "shape",
    "level": "medium",
    "objective": "see what view(-1, F) does to another picture size",
    "formula": "view(-1, F): rows = all numbers / F",
    "hint": "`view` takes all numbers of the batch, and cuts them into rows of the length it is told. How many rows?",
    "otherwise": "Count the numbers of the whole batch before `view`, and divide by the length of a row.",
    "axes": ("the output of this network", "(rows, classes)"),
}


def _view_slips(N, classes, row, numbers, times):
    return [
        Slip((N, classes), ("M98",), f"`view` does not know what a picture is. It cuts all numbers into rows of {row}, "
             f"and each picture has {numbers} here: {times} rows a picture."),
        Slip((N, classes * times), ("M98",), f"`fc` gives {classes} numbers a row, whatever came before. It is the "
             f"rows that are more: {times} for each picture."),
        Slip((times, classes), ("M174",), f"That is one picture. There are {N} in the batch, each cut into {times} "
             "rows."),
        Slip((1, classes), ("M174",), f"There are {N} pictures in the batch, each cut into {times} rows."),
        Slip((N * 4 * times, classes), ("M171",), f"That leaves the pooling out: it halves rows and columns, so a "
             f"picture has {numbers} numbers when it reaches `view`."),
    ]  # fmt: skip


def view_batch(rng):
    """The shape that comes out where view(-1, F) was written for smaller pictures."""
    kernel, padding = rng.choice(WIDE)
    N, C, classes = rng.choice((2, 3, 5, 7)), rng.choice((8, 16, 32)), rng.choice((10, 12, 26))
    times = ((2, 2), (2, 3), (3, 2), (3, 1), (1, 3), (2, 1), (1, 2))
    (h, w), (down, across) = drawn(
        lambda: (rng.choice(((8, 12), (12, 8), (6, 8), (8, 6), (10, 14))), rng.choice(times)),
        lambda case: case[0][0] * case[1][0] != case[0][1] * case[1][1] and case[1][0] * case[1][1] * N != classes,
    )
    H, W, times = 2 * h * down, 2 * w * across, down * across
    answer, row, numbers = (N * times, classes), C * h * w, C * h * down * w * across
    layers = [f"nn.Conv2d(3, {C}, kernel_size={kernel}, padding={padding})", "nn.ReLU()", "nn.MaxPool2d(2)"]
    code = (
        f"{sequential('features', layers)}\nfc = nn.Linear({C} * {h} * {w}, {classes})\n\n"
        f"def forward(x):\n    x = features(x)\n    x = x.view(-1, {C} * {h} * {w})\n    return fc(x)"
    )
    return {
        **_VIEW,
        "prompt": f"The network was written for pictures of {2 * h} x {2 * w}. Now `x` has the shape ({N}, 3, {H}, "
        f"{W}). There is no error. Which shape has `forward(x)`?",
        "answer": answer,
        "because": f"{N} pictures became {N * times} rows: {times} pieces of each, and each piece gets its own "
        "classes. `x.flatten(1)` would have kept the pictures apart, and `fc` would have raised an error.",
        "steps": [
            f"Behind the pooling a picture has {C} * {h * down} * {w * across} = {numbers} numbers.",
            f"`view` cuts rows of {C} * {h} * {w} = {row}: {numbers} / {row} = {times} from each picture.",
            f"{N} * {times} = {N * times} rows go through `fc`, and each gets {classes} numbers.",
        ],
        "proof": f"import torch\nfrom torch import nn\n{code}\nprint(tuple(forward(torch.zeros({N}, 3, {H}, "
        f"{W})).shape))",
        "slips": gathered("shape", answer, _view_slips(N, classes, row, numbers, times)),
        "figure": [{"code": code}],
    }


_KEEP = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "flatten and keep the batch",
    "formula": "flatten(1): the batch axis stays, all others become one",
    "because": "A row for each picture means: axis 0 stays as long as the batch, and all the rest becomes one axis.",
    "hint": "Which shape has each of them? The first number has to be that of the pictures, and there are two numbers.",
    "otherwise": "Work out the shape of each line: is the first number the batch, and are there two?",
}


def _ways_to_flatten(N, C, h, w):
    """For each way its versions: (line, a row for each picture?, the mistake behind being wrong, why)."""
    row = C * h * w
    return (
        [(f"x.view(-1, {row})", True, "M98", f"{C} * {h} * {w} = {row} happens to be a whole picture of this size: "
          f"{N} rows come out."),
         (f"x.view(-1, {row // 2})", False, "M98", f"Rows of {row // 2} are half a picture: there are {2 * N} of them, "
          "and no error."),
         (f"x.view(-1, {2 * row})", False, "M98", f"Rows of {2 * row} hold two pictures each: {N // 2} rows come out, "
          "and no error.")],
        [("x.flatten(1)", True, "M98", "`flatten(1)` begins at axis 1, so the batch axis stays."),
         ("x.flatten()", False, "M98", "`flatten()` begins at axis 0: all pictures become one row.")],
        [("x.view(x.shape[0], -1)", True, "M98", "`x.shape[0]` is the batch: a row for each picture."),
         ("x.view(x.shape[1], -1)", False, "M98", f"`x.shape[1]` are the channels: {C} rows, each with parts of "
          "several pictures.")],
        [("nn.Flatten()(x)", True, "M98", "The layer `nn.Flatten()` begins at axis 1, other than the method "
          "`flatten()`."),
         ("nn.Flatten(0)(x)", False, "M98", "`nn.Flatten(0)` begins at the batch axis: all pictures become one row.")],
        [("x.flatten(2)", False, "M98", f"`flatten(2)` lays only rows and columns together: three axes are left, of "
          f"lengths {N}, {C} and {h * w}."),
         (f"x.reshape({N}, -1)", True, "M98", f"{N} rows, one for each picture.")],
    )  # fmt: skip


def keep_batch(rng):
    """Which lines make one row of each picture."""
    N, C = rng.choice((6, 10, 14)), rng.choice((8, 16, 24))
    h, w = rng.choice(((3, 4), (4, 3), (4, 5), (5, 4), (5, 7)))
    fields = to_tick(rng, _ways_to_flatten(N, C, h, w))
    return {
        **_KEEP,
        **fields,
        "prompt": f"Feature maps `x` have the shape ({N}, {C}, {h}, {w}). Which of these lines give one row for each "
        "picture, with all its numbers, as `nn.Linear` wants them? Tick all.",
        "steps": [
            f"A picture has {C} * {h} * {w} = {C * h * w} numbers, so the shape has to be ({N}, {C * h * w}).",
            "`-1` means: as many as are left. It is filled in without asking whether a row is a picture.",
            "What names the batch axis, or leaves it alone, is right for every size of picture.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nx = torch.arange({N * C * h * w}.0).view({N}, {C}, {h}, {w})\n"
            f"print([line for line in {fields['options']}\n"
            f"       if torch.equal(torch.atleast_1d(eval(line)), torch.stack([it.flatten() for it in x]))])"
        ),
    }


QUESTIONS = {"cnn-shape": cnn_shape, "view-batch": view_batch, "keep-batch": keep_batch}
