"""Lesson 03, layers that follow each other: each takes what the one before gives."""

from itertools import pairwise
from math import prod

from convlab.mistakes import MISTAKES
from convlab.mistakes.sizes import is_pooling
from convlab.questions.cases import gathered, sequential
from convlab.questions.lesson_03.weights import AXES
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec


def _sizes(rng):
    """Three channel counts and a kernel size, all different, none of them the 3 of a colour picture."""
    (kH, kW), counts = rng.choice(((5, 2), (2, 5), (4, 2), (5, 4))), (6, 7, 8, 10, 12, 16, 24)
    return (*rng.sample(counts, 2), (kH, kW))


def next_in_channels(rng):
    """in_channels of the second layer."""
    first, second, kernel = _sizes(rng)
    between = rng.choice(("nn.ReLU(),\n    nn.MaxPool2d(2)", "nn.MaxPool2d(2)", "nn.ReLU()"))
    code = (
        f"network = nn.Sequential(\n    nn.Conv2d(3, {first}, kernel_size={kernel}),\n    {between},\n"
        f"    nn.Conv2d(?, {second}, kernel_size={kernel}),\n)"
    )
    slips = [
        Slip(3, ("M43",), f"3 colours go into the first layer. What comes out of it are {first} feature maps."),
        Slip(second, ("M28",), f"{second} is what this layer makes. What comes in is what the layer before made."),
        Slip(
            3 * first,
            ("M27",),
            f"Each of the {first} filters adds up its 3 kernels' results and makes one feature map, not 3.",
        ),
    ]
    return {
        "prompt": "Colour pictures go into this network. Which number has to stand in place of the question mark?",
        "kind": "number",
        "level": "easy",
        "objective": "choose in_channels",
        "formula": "in_channels = out_channels of the layer before",
        "answer": first,
        "because": f"The first layer makes {first} feature maps; neither ReLU nor pooling changes their number.",
        "hint": "How many channels leave the first layer? Do ReLU and pooling change that?",
        "steps": [
            f"The first layer has {first} filters: {first} channels go out.",
            f"ReLU and pooling work on each channel for itself, so {first} come in here.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\noutput = nn.Conv2d(3, {first}, kernel_size={kernel})"
            "(torch.zeros(1, 3, 20, 30))\nprint(nn.MaxPool2d(2)(nn.ReLU()(output)).shape[1])"
        ),
        "slips": gathered("number", first, slips),
        "figure": [{"code": code}],
    }


_NEXT_WEIGHT = {  # what is the same for every seed
    "prompt": "`pictures` are colour pictures. Which shape does `conv2.weight` have?",
    "kind": "shape",
    "level": "medium",
    "objective": "predict a weight inside a network",
    "formula": "the second weight: (C_out of conv2, C_out of conv1, kH, kW)",
    "hint": "What comes into conv2: the picture, or what conv1 made of it?",
    "otherwise": "Filters of conv2, feature maps of conv1, rows, columns.",
}


def _next_weight_slips(second, kH, kW, first):
    return [
        Slip(
            (second, 3, kH, kW),
            ("M43",),
            f"3 colours go into conv1. conv2 gets its {first} feature maps, so each of its filters has {first} "
            f"kernels.",
        ),
        Slip(
            (first, second, kH, kW),
            ("M30",),
            f"The filters come first in a weight: conv2 has {second} of them.",
        ),
        Slip(
            (second, kH, kW),
            ("M29",),
            f"A filter is as deep as what it is laid on: one kernel for each of the {first} maps of conv1.",
        ),
    ]


def next_weight(rng):
    """The shape of the second layer's weight."""
    first, second, (kH, kW) = _sizes(rng)
    code = (
        f"conv1 = nn.Conv2d(3, {first}, kernel_size=3, padding=1)\n"
        f"conv2 = nn.Conv2d({first}, {second}, kernel_size={(kH, kW)})\noutput = conv2(torch.relu(conv1(pictures)))"
    )
    code = code.replace("kernel_size=3, padding=1", "kernel_size=(3, 5), padding=(1, 2)")
    answer = (second, first, kH, kW)
    slips = _next_weight_slips(second, kH, kW, first)
    return {
        **_NEXT_WEIGHT,
        "answer": answer,
        "because": f"{second} filters, and each has one {kH} x {kW} kernel for each of the {first} maps of conv1.",
        "steps": [
            f"conv1 makes {first} feature maps, and ReLU leaves their number as it is.",
            f"So each filter of conv2 has {first} kernels, of {kH} rows and {kW} columns.",
            f"conv2 has {second} filters: {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\npictures = torch.zeros(2, 3, 20, 30)\n"
            f"{code}\nprint(tuple(conv2.weight.shape))"
        ),
        "slips": gathered("shape", answer, slips),
        "figure": [{"code": code}],
        "axes": AXES,
    }


def _network(counts, kernel, padding):
    """The lines of a network of three layers, each keeping the size, and a pooling of 2 after each."""
    lines = [
        f"nn.Conv2d({C_in}, {C_out}, kernel_size={kernel}, padding={padding}), nn.ReLU(), nn.MaxPool2d(2)"
        for C_in, C_out in pairwise((3, *counts))
    ]
    return sequential("features", (*lines, "nn.Flatten()"))


_LINEAR_AFTER = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "follow the shapes through a network",
    "formula": "in_features = C_out of the last layer * H / 8 * W / 8",
    "hint": "Follow one picture. Which lines change the number of channels, which the size?",
}


def _linear_after_slips(last, N, answer, w, H, W, h, kernel):
    return [
        Slip(
            last * 4 * 4,
            ("M23",),
            f"{last} * 4 * 4 is right for pictures of 32 x 32, and it stands in many a tutorial. No layer knows a "
            f"size: "
            f"{H} x {W} leaves {h} x {w}.",
        ),
        Slip(
            last * prod(kernel),
            ("M24",),
            f"{kernel[0]} x {kernel[1]} is the kernel. What reaches the end is what is left of the picture, {h} x {w}.",
        ),
        Slip(N * answer, ("M41",), f"Flatten keeps the batch apart: {answer} numbers for each of the {N} pictures."),
        Slip(
            3 * h * w, ("M28",), f"The last layer makes {last} feature maps; 3 channels there are only at the entrance."
        ),
    ]


def _layers(counts, kernel, padding):
    """The convolutions and the poolings of the network; a pooling has the sizes of a layer with stride 2."""
    made = []
    for C_in, C_out in zip((3, *counts), counts, strict=False):
        made += [Conv2dSpec(C_in, C_out, kernel, padding=padding), Conv2dSpec(C_out, C_out, 2, 2)]
    return made


def _size_without_padding(specs, size):
    """(H, W) after all layers for who leaves the padding out, or None where nothing is left."""
    for spec in specs:
        halved = [tuple(length // 2 for length in size)]
        found = halved if is_pooling(spec) else MISTAKES["M168"].models["size"](spec, size)
        if not found or min(found[0]) < 1:
            return None
        (size,) = found
    return size


def _linear_after_more_slips(specs, size, h, w):
    """What is named besides: poolings or the padding left out, the channels alone."""
    C, (H, W) = specs[-1].out_channels, size
    halved = f"Three poolings halve {H} x {W} three times, to {h} x {w}"
    shrunk = _size_without_padding(specs, size)
    slips = [
        Slip(
            C * prod(wrong),
            ("M171",),
            f"{C} * {wrong[0]} * {wrong[1]} leaves out poolings. {halved}: {C} * {h} * {w}.",
        )
        for wrong in MISTAKES["M171"].models["stack"](specs, size)
    ]
    slips.append(
        Slip(
            C,
            ("M172",),
            f"{C} is the number of feature maps. Flatten lays all numbers of all maps in a row. {halved}: {C} * {h} * "
            f"{w}.",
        )
    )
    if shrunk:
        line = f"You let each convolution take its share of the size. Its padding makes up for that. {halved}."
        slips.append(Slip(C * prod(shrunk), ("M168",), line))
    return slips


def linear_after(rng):
    """How many numbers does a picture have when it leaves the convolutions?"""
    counts = sorted(rng.sample((4, 6, 8, 10, 12, 16), 3))
    kernel, padding = rng.choice((((3, 5), (1, 2)), ((5, 3), (2, 1))))
    H, W = (8 * it for it in rng.choice(((4, 6), (6, 4), (4, 7), (7, 4), (2, 7), (6, 2), (7, 6), (2, 4))))
    N = rng.choice((2, 5, 9))
    last, (h, w) = counts[-1], (H // 8, W // 8)
    answer = last * h * w
    code = _network(counts, kernel, padding)
    slips = [
        *_linear_after_slips(last, N, answer, w, H, W, h, kernel),
        *_linear_after_more_slips(_layers(counts, kernel, padding), (H, W), h, w),
    ]
    return {
        **_LINEAR_AFTER,
        "prompt": (
            f"`pictures` has the shape ({N}, 3, {H}, {W}). A layer `nn.Linear(?, 10)` is to follow "
            f"`features(pictures)`. "
            "How many numbers does it get for each picture?"
        ),
        "answer": answer,
        "because": f"{last} feature maps of {h} x {w} are left: {last} * {h} * {w} = {answer}.",
        "steps": [
            f"Each convolution keeps the size: the padding {padding} makes up for the kernel {kernel}.",
            f"Each pooling halves rows and columns: {H} / 2 / 2 / 2 = {h}, and {W} / 2 / 2 / 2 = {w}.",
            f"The channels are the filters of the last convolution: {last}.",
            f"Flatten lays them in a row, picture by picture: {last} * {h} * {w} = {answer}.",
        ],
        "proof": f"import torch\nfrom torch import nn\n{code}\nprint(features(torch.zeros({N}, 3, {H}, {W})).shape[1])",
        "slips": gathered("number", answer, slips),
        "figure": [{"code": code}],
    }


QUESTIONS = {"next-in-channels": next_in_channels, "next-weight": next_weight, "linear-after": linear_after}
