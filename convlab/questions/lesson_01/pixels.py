"""Lesson 01, images as tensors: which axis is which, and what moves pixels and what scrambles them."""

import numpy as np

from convlab.mistakes import MISTAKES
from convlab.questions.cases import apart, block, drawn, gathered, grid
from convlab.questions.question import Slip


def _grey_slips(N, H, W):
    lines = {
        "M51": f"({N}, {H}, {W}, 1) has the channels last, as NumPy and matplotlib keep them. Conv2d wants "
        "them right after the batch.",
        "M53": "3 channels are red, green and blue. A grey picture holds one number for each pixel: 1 channel.",
        "M54": f"({N}, {H}, {W}) has no channel axis. Conv2d would take it for a single picture of {N} "
        "channels; `unsqueeze(1)` adds the axis.",
    }
    pictures = np.empty((N, H, W, 1), dtype=np.uint8)
    return [
        Slip(tuple(wrong.shape), (id,), line)
        for id, line in lines.items()
        for wrong in MISTAKES[id].models["layout"](pictures)
    ]


def grey_batch(rng):
    """The shape of a batch of grey pictures."""
    N, H = rng.randint(4, 15), rng.randint(24, 60)
    W = H + rng.choice((-8, -4, 4, 8, 12))
    answer = (N, 1, H, W)
    slips = _grey_slips(N, H, W)
    return {
        "prompt": (
            f"You have {N} grey pictures, each {H} pixels high and {W} wide. Which shape does the batch need "
            "for `nn.Conv2d(1, 8, kernel_size=3)`?"
        ),
        "kind": "shape",
        "level": "easy",
        "objective": "name the four axes of a batch",
        "formula": "(N, 1, H, W)",
        "answer": answer,
        "because": f"The axes are (N, C, H, W): {N} pictures, 1 channel, {H} rows, {W} columns.",
        "hint": "Four axes: how many pictures, how many channels, then rows and columns. Grey is how many channels?",
        "steps": [
            f"The batch comes first, then the channels: {N} pictures, 1 channel for grey.",
            f"Then height before width: {H}, {W}. So {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nbatch = torch.zeros{answer}\n"
            "nn.Conv2d(1, 8, kernel_size=3)(batch)  # runs\nprint(tuple(batch.shape))"
        ),
        "slips": gathered("shape", answer, slips),
        "axes": ("a batch for Conv2d", "(N, C, H, W)"),
        "otherwise": "The order is (N, C, H, W): pictures, channels, rows, columns.",
    }


def _pixel_index_case(rng):
    channels = [grid(rng, 3, 4, 0, 9) for _ in range(3)]
    c, i, j = rng.sample(range(3), 3)
    as_last, swapped = channels[j][c][i], channels[c][j][i]
    slips = [
        Slip(
            as_last,
            ("M51",),
            f"{as_last} is row {c}, column {i} of channel {j}: the index was read as (H, W, C). In PyTorch the "
            "channel comes first.",
        ),
        Slip(
            swapped,
            ("M102",),
            f"{swapped} stands in row {j}, column {i}. After the channel comes the row, then the column.",
        ),
    ]
    return channels, (c, i, j), channels[c][i][j], slips


def pixel_index(rng):
    """One number of a small picture (C, H, W), by its index."""
    channels, (c, i, j), answer, slips = drawn(
        lambda: _pixel_index_case(rng), lambda case: apart("number", case[2], case[3])
    )
    names = ("red", "green", "blue")
    return {
        "prompt": (
            "`picture` is a tensor of shape (3, 3, 4); its channels are red, green and blue. What is "
            f"`picture[{c}, {i}, {j}]`?"
        ),
        "kind": "number",
        "level": "easy",
        "objective": "find a pixel by its index",
        "formula": "picture[c, i, j]",
        "answer": answer,
        "because": f"Channel {c} is {names[c]}; its row {i}, column {j} holds {answer}.",
        "hint": "Three numbers: channel, row, column, each counted from 0.",
        "steps": [
            f"The first number picks the channel: {c} is {names[c]}.",
            f"Then the row, {i}, and the column, {j}: {answer}.",
        ],
        "proof": f"import torch\npicture = torch.tensor({channels})\nprint(picture[{c}, {i}, {j}].item())",
        "slips": gathered("number", answer, slips),
        "figure": [
            block("input", values, f"channel {number}, {name}")
            for number, (name, values) in enumerate(zip(names, channels, strict=True))
        ],
        "otherwise": "Go in order: the channel, then the row from the top, then the column from the left, all from 0.",
    }


def _wrong_calls(H, W):
    return {
        f"picture.reshape(3, {H}, {W})": (
            "M52",
            f"The shape would be (3, {H}, {W}), but reshape keeps the numbers in their old order: the red "
            "plane would begin with red, green, blue of the first pixel. permute moves the axis.",
        ),
        "picture.permute(1, 2, 0)": (
            "M112",
            f"permute lists the old axes in their new order, so this gives ({W}, 3, {H}): old axis 1 comes "
            "first. You listed where each axis goes.",
        ),
        "picture": (
            "M51",
            f"As it is, the shape is ({H}, {W}, 3): Conv2d would read {H} channels and refuse. The channels "
            "have to come first.",
        ),
    }


def permute_or_reshape(rng):
    """The call that turns (H, W, C) into (C, H, W)."""
    H = rng.randint(24, 60)
    W = H + rng.choice((-8, -4, 4, 8, 12))
    answer = "picture.permute(2, 0, 1)"
    wrong = _wrong_calls(H, W)
    return {
        "prompt": (
            f"`picture` is a tensor of shape ({H}, {W}, 3), as image files give it. Which of these can be "
            "given to `nn.Conv2d(3, 8, kernel_size=3)` with every pixel in its place?"
        ),
        "kind": "choice",
        "level": "medium",
        "objective": "move the channel axis",
        "formula": "permute(2, 0, 1)",
        "answer": answer,
        "because": f"It puts old axis 2, the channels, first and keeps rows before columns: (3, {H}, {W}).",
        "hint": "The channels are axis 2 now. permute lists the old axes in the order you want.",
        "steps": [
            f"Conv2d wants (C, H, W): (3, {H}, {W}).",
            "So old axis 2 comes first, then old axis 0, then old axis 1.",
            "permute moves axes and takes the pixels along; reshape cuts the same row of numbers in another way.",
        ],
        "proof": (
            "import torch\n"
            f"picture = torch.arange({H} * {W} * 3).reshape({H}, {W}, 3)\nwanted = "
            f"torch.stack(picture.unbind(2))\n"
            f"for call in {[answer, *wrong]}:\n    if torch.equal(eval(call), wanted):\n        print(call)"
        ),
        "slips": gathered("choice", answer, [Slip(call, (id,), line) for call, (id, line) in wrong.items()]),
        "options": rng.sample([answer, *wrong], 4),
    }


def _scrambled_pixel_case(rng):
    H, W = 2, 4
    picture = np.array(rng.sample(range(10, 90), H * W * 3)).reshape(1, H, W, 3)
    c, (i, j) = rng.randrange(3), rng.choice(((0, 1), (1, 0)))
    reshaped = int(MISTAKES["M52"].models["layout"](picture)[0][0, c, i, j])
    moved = picture[0].transpose(2, 0, 1)
    swapped = int(moved[c, j, i])
    slips = [
        Slip(
            reshaped,
            ("M52",),
            f"{reshaped} is what `reshape(3, {H}, {W})` puts there: it reads the numbers on in their old "
            "order. permute moves the axes, and each pixel keeps its row and column.",
        ),
        Slip(
            swapped,
            ("M102",),
            f"{swapped} belongs to row {j}, column {i}. After the channel comes the row, then the column.",
        ),
    ]
    return picture[0].tolist(), (c, i, j), int(moved[c, i, j]), slips


def scrambled_pixel(rng):
    """Where a number of an (H, W, C) picture stands after permute."""
    picture, (c, i, j), answer, slips = drawn(
        lambda: _scrambled_pixel_case(rng), lambda case: apart("number", case[2], case[3])
    )
    H, W = len(picture), len(picture[0])
    pixels = ",\n                         ".join(map(str, picture))
    code = f"picture = torch.tensor([{pixels}])\nplanes = picture.permute(2, 0, 1)"
    return {
        "prompt": (
            f"`picture` has the shape ({H}, {W}, 3): its first row of pixels stands first, each pixel with its "
            f"red, green and blue. What is `planes[{c}, {i}, {j}]`?"
        ),
        "kind": "number",
        "level": "hard",
        "objective": "follow a pixel through permute",
        "formula": "picture.permute(2, 0, 1)[c, i, j] = picture[i, j, c]",
        "answer": answer,
        "because": f"planes[{c}, {i}, {j}] is picture[{i}, {j}, {c}], number {c} of the pixel {picture[i][j]}.",
        "hint": "permute moves no number out of its pixel. Which pixel is it, and which of its three numbers?",
        "steps": [
            f"permute(2, 0, 1): old axis 2 is now first, so planes[{c}, {i}, {j}] = picture[{i}, {j}, {c}].",
            f"Row {i} of pixels: {picture[i]}.",
            f"Its pixel {j}: {picture[i][j]}.",
            f"Of that the number {c} (from 0): {answer}.",
        ],
        "proof": f"import torch\n{code}\nprint(planes[{c}, {i}, {j}].item())",
        "slips": gathered("number", answer, slips),
        "figure": [{"code": code}],
        "otherwise": "Find the pixel by its row and column, then take one of its three numbers.",
    }


QUESTIONS = {
    "grey-batch": grey_batch,
    "pixel-index": pixel_index,
    "permute-or-reshape": permute_or_reshape,
    "scrambled-pixel": scrambled_pixel,
}
