"""Lesson 01, what moves an axis: the index before and after permute, a stack of photographs, reshape's scrambling."""

from convlab.questions.cases import apart, counted, drawn, gathered, shuffled
from convlab.questions.question import Slip

COLOURS = ("red", "green", "blue")


def sides(rng, low=20, high=60):
    """A height and a width that differ, so that no square hides a swapped axis."""
    return tuple(rng.sample(range(low, high), 2))


_MOVED_INDEX = {  # what is the same for every seed
    "kind": "shape",
    "level": "easy",
    "objective": "follow an index through permute",
    "formula": "photo.permute(2, 0, 1)[c, i, j] is photo[i, j, c]",
    "hint": "Which old axis became the first one? Then say of each of the three indices what it counts.",
    "asks": "an index",
    "axes": ("an index of the photograph", "row, column, channel"),
    "otherwise": "The index counts a row, a column and a channel, in the order of the photograph's own axes.",
}


def _moved_index_slips(j, c, i):
    return [
        Slip(
            (j, c, i),
            ("M112",),
            f"({j}, {c}, {i}) reads `permute(2, 0, 1)` as where each old axis goes. It lists the old axes in their new "
            "order: the new first axis is old axis 2, the channels.",
        ),
        Slip(
            (c, i, j),
            ("M51",),
            f"({c}, {i}, {j}) is the index after permute. In the photograph the channel stands last: row {i}, column "
            f"{j}, channel {c}.",
        ),
        Slip(
            (j, i, c),
            ("M102",),
            f"({j}, {i}, {c}) names the column first. Rows come before columns in both: row {i}, column {j}.",
        ),
    ]


def moved_index(rng):
    """Where a number of the planes stood in the photograph: its index before permute."""
    (H, W), (c, i, j) = sides(rng), rng.sample(range(3), 3)
    answer = (i, j, c)
    slips = _moved_index_slips(j, c, i)
    return {
        **_MOVED_INDEX,
        "prompt": (
            f"`photo` is a tensor of shape ({H}, {W}, 3), and `planes = photo.permute(2, 0, 1)`. The number "
            f"`planes[{c}, {i}, {j}]` is which number of `photo`? Type the three indices."
        ),
        "answer": answer,
        "because": f"The new axes are the old 2, 0, 1: channel {c}, row {i}, column {j}.",
        "steps": [
            f"`permute(2, 0, 1)`: first old axis 2, the channel, {c}; then old axis 0, the row, {i}; then the column, "
            f"{j}.",
            f"In the photograph the order is row, column, channel: `photo[{i}, {j}, {c}]`.",
        ],
        "proof": (
            f"import torch\nphoto = torch.arange({H} * {W} * 3).reshape({H}, {W}, 3)\n"
            "planes = photo.permute(2, 0, 1)\n"
            f"print(tuple((photo == planes[{c}, {i}, {j}]).nonzero()[0].tolist()))"
        ),
        "slips": gathered("shape", answer, slips),
    }


_STACK_SHAPE = {  # what is the same for every seed
    "kind": "shape",
    "level": "easy",
    "objective": "make a batch of a list of photographs",
    "formula": "stack gives (N, H, W, C); permute(0, 3, 1, 2) gives (N, C, H, W)",
    "hint": "`torch.stack` puts a new axis in front. Write that shape down, number its axes from 0, and take them "
    "in the order that permute lists.",
    "axes": ("a batch", "(N, C, H, W)"),
    "otherwise": "Number the axes of what `stack` gives from 0, then take them in the order that permute lists.",
}


def stack_shape(rng):
    """The shape of a batch made of a list of photographs."""
    (H, W), N = sides(rng), rng.randint(4, 16)
    answer = (N, 3, H, W)
    slips = [
        Slip(
            (N, W, 3, H),
            ("M112",),
            f"({N}, {W}, 3, {H}) sends old axis 1 to place 3. permute lists the old axes in their new order: 0, then "
            "3, then 1, then 2.",
        ),
        Slip(
            (N, H, W, 3),
            ("M51",),
            f"({N}, {H}, {W}, 3) is what `torch.stack` gives. `permute(0, 3, 1, 2)` then brings the channels, axis 3, "
            "right behind the batch.",
        ),
        Slip(
            (N, 3, W, H),
            ("M102",),
            f"({N}, 3, {W}, {H}) has the width before the height. `1, 2` at the end keeps their order: rows, then "
            "columns.",
        ),
    ]
    code = "batch = torch.stack(photos).permute(0, 3, 1, 2)"
    return {
        **_STACK_SHAPE,
        "prompt": f"`photos` is a list of {N} tensors of shape ({H}, {W}, 3). What is the shape of `batch`?",
        "answer": answer,
        "because": f"`stack` puts a new axis of {N} in front, and permute moves the channels behind it.",
        "steps": [
            f"`torch.stack` gives ({N}, {H}, {W}, 3): axes 0, 1, 2, 3.",
            f"In the order 0, 3, 1, 2 that is {answer}.",
        ],
        "proof": f"import torch\nphotos = [torch.zeros({H}, {W}, 3)] * {N}\n{code}\nprint(tuple(batch.shape))",
        "slips": gathered("shape", answer, slips),
        "figure": [{"code": code}],
    }


def _red_cells(H, W, c, flat):
    """The cells of plane c, after reshape, whose number is one of colour c; `flat(i, j)` is its place in the plane."""
    cells = ((i, j) for i in range(H) for j in range(W))
    return [list(cell) for cell in cells if (c * H * W + flat(*cell)) % 3 == c]


def _reshape_case(rng):
    H, W, c = rng.randint(2, 5), rng.randint(4, 10), rng.randrange(3)
    right = _red_cells(H, W, c, lambda i, j: i * W + j)
    slips = [
        Slip(
            [[i, j] for i in range(H) for j in range(W)],
            ("M52",),
            f"You clicked the whole plane: that is what `permute(2, 0, 1)` gives. reshape moves no axis, it cuts the "
            f"same row of numbers into pieces of {H * W}, and in that row red, green and blue take turns.",
        ),
        Slip(
            _red_cells(H, W, c, lambda i, j: j * H + i),
            ("M102",),
            "You went down the columns. The numbers fill a plane row by row: along the first row, then along the "
            "second.",
        ),
    ]
    return (H, W), c, right, slips


def reshape_red(rng):
    """The cells of a reshaped plane that hold the colour they are said to hold."""
    (H, W), c, answer, slips = drawn(
        lambda: _reshape_case(rng),
        lambda case: case[0][0] != case[0][1] and case[0][0] * case[0][1] <= 36 and apart("cells", case[2], case[3]),
    )
    colour, first = COLOURS[c], c * H * W
    start = COLOURS[first % 3]
    return {
        "prompt": (
            f"`photo` has the shape ({H}, {W}, 3): red, green and blue of its first pixel, then of the next one, row "
            f"by row. Somebody writes `wrong = photo.reshape(3, {H}, {W})` and takes `wrong[{c}]` for the {colour} "
            f"plane. Click the cells of `wrong[{c}]` that do hold a {colour} number."
        ),
        "kind": "cells",
        "level": "medium",
        "objective": "see what reshape does to a photograph",
        "formula": "wrong[c, i, j] is number c H W + i W + j of the row in memory; its colour is that modulo 3",
        "answer": answer,
        "because": f"Every third number is {colour}, whatever plane reshape cuts it into.",
        "hint": "reshape leaves the numbers in their old order: red, green, blue, red, green, blue. Which colour does "
        f"`wrong[{c}]` begin with? Go on along its rows.",
        "steps": [
            f"A plane has {H} rows of {W} numbers, {H * W}; so `wrong[{c}]` begins with number {c} * {H * W} = {first} "
            "of the row in memory.",
            f"Number {first} is {start}: the remainder of {first} by 3 is {first % 3}, and red is 0, green 1, blue 2.",
            f"From there the colours take turns along the rows; {counted(len(answer), 'cell')} of {H * W} "
            f"{'is' if len(answer) == 1 else 'are'} {colour}.",
        ],
        "proof": (
            f"import torch\ncolour = torch.arange(3).expand({H}, {W}, 3)\n"
            f"wrong = colour.reshape(3, {H}, {W})\nprint((wrong[{c}] == {c}).nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, slips),
        "options": {"shape": [H, W], "role": "input"},
    }


_GREY_FROM_RGB = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "make grey of colour",
    "formula": "(N, 3, H, W).mean(dim=1, keepdim=True) is (N, 1, H, W)",
}


def _grey_from_rgb_wrong(N, H, W):
    return {
        "batch.mean(dim=1)": (
            "M54",
            f"The mean is taken over the right axis, and the axis is gone: ({N}, {H}, {W}) has no channels. "
            "`keepdim=True` keeps it, with 1 channel.",
        ),
        "batch.mean(dim=-1, keepdim=True)": (
            "M51",
            f"The last axis counts the columns here, not the channels: the shape would be ({N}, 3, {H}, 1). In PyTorch "
            "the channels are axis 1.",
        ),
        "batch.mean(dim=1, keepdim=True).expand(-1, 3, -1, -1)": (
            "M53",
            f"That repeats the grey three times: ({N}, 3, {H}, {W}). A grey picture has 1 channel, and a layer with "
            "`in_channels=1` refuses 3.",
        ),
    }


def grey_from_rgb(rng):
    """The call that makes a grey batch of a batch in colour."""
    (H, W), N = sides(rng), rng.randint(4, 16)
    answer = "batch.mean(dim=1, keepdim=True)"
    wrong = _grey_from_rgb_wrong(N, H, W)
    slips = [Slip(call, (id,), line) for call, (id, line) in wrong.items()]
    return {
        **_GREY_FROM_RGB,
        "prompt": (
            f"`batch` holds {N} pictures in colour, shape ({N}, 3, {H}, {W}). Which line gives the grey batch that "
            "`nn.Conv2d(1, 8, kernel_size=3)` takes?"
        ),
        "answer": answer,
        "because": f"The mean over the channels, axis 1, and the axis stays: ({N}, 1, {H}, {W}).",
        "hint": f"The result has four axes: ({N}, 1, {H}, {W}). Over which axis goes the mean, and does that axis "
        "stay?",
        "steps": [
            "Axis 0 is the batch, axis 1 the channels, 2 the rows, 3 the columns.",
            "Grey is one number for each pixel, here the mean of its three: over axis 1.",
            f"`keepdim=True` leaves an axis of 1 in its place: ({N}, 1, {H}, {W}).",
        ],
        "proof": (
            f"import torch\nbatch = torch.rand({N}, 3, {H}, {W})\nfor line in {[answer, *wrong]}:\n"
            f"    if eval(line).shape == ({N}, 1, {H}, {W}):\n        print(line)"
        ),
        "slips": gathered("choice", answer, slips),
        "options": shuffled(rng, [answer, *wrong]),
    }


QUESTIONS = {
    "moved-index": moved_index,
    "stack-shape": stack_shape,
    "reshape-red": reshape_red,
    "grey-from-rgb": grey_from_rgb,
}
