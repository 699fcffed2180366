"""Mistakes about how pictures lie in a tensor. Models get `pictures`, an array of shape (N, H, W, C)."""

from convlab.mistakes.mistake import Mistake


def _reshaped(pictures):
    N, H, W, C = pictures.shape
    return [pictures.reshape(N, C, H, W)]


def _three_channels(pictures):
    return [pictures.repeat(3, axis=3).transpose(0, 3, 1, 2)] if pictures.shape[3] == 1 else []


def _no_channel_axis(pictures):
    return [pictures[..., 0]] if pictures.shape[3] == 1 else []


def _channels_last_shape(pictures):
    return [pictures]


LAYOUTS = (
    Mistake(
        "M51",
        "A picture of shape (H, W, C) fits Conv2d.",
        "PIL, NumPy and matplotlib keep the channels last; Conv2d wants them first: (C, H, W), in a batch (N, "
        "C, H, W).",
        "01",
        facts=("S001-12", "S001-13", "S003-3"),
        statement="A picture of shape (28, 28, 3) can be given to nn.Conv2d(3, 8, 3) as it is.",
        models={"layout": _channels_last_shape},
    ),
    Mistake(
        "M52",
        "reshape turns (H, W, C) into (C, H, W).",
        "reshape keeps the numbers in their old order and only cuts them differently, so the pixels are "
        "scrambled; permute(2, 0, 1) moves the axis.",
        "01",
        facts=("S001-13",),
        models={"layout": _reshaped},
    ),
    Mistake(
        "M53",
        "A grey picture has 3 channels.",
        "A grey picture has 1 channel, the brightness; 3 channels are red, green and blue.",
        "01",
        facts=("S002-13",),
        statement="A grey picture has three channels.",
        models={"layout": _three_channels},
    ),
    Mistake(
        "M54",
        "A grey batch of shape (N, H, W) is fine.",
        "The channel axis is missing: add it with unsqueeze(1). Without it the 3-D tensor is read as one "
        "picture of N channels.",
        "01",
        facts=("S002-16",),
        models={"layout": _no_channel_axis},
    ),
    Mistake(
        "M55",
        "Three grey pictures in a tensor (3, H, W) are a batch of 3.",
        "A 3-D tensor is one picture (C, H, W): Conv2d(3, ...) reads the three pictures as red, green and "
        "blue, without a word.",
        "01",
        facts=("S002-16",),
        statement="A tensor of shape (3, 28, 28) that holds three grey pictures is a batch of three to nn.Conv2d.",
    ),
    Mistake(
        "M56",
        "[1, 28, 28] is [batch, H, W].",
        "Of three axes the first is the channels: [1, 28, 28] is one grey picture, (C, H, W).",
        "01",
        facts=("S002-16",),
        statement="In a tensor of shape (1, 28, 28) nn.Conv2d takes the 1 for the size of the batch.",
    ),
    Mistake(
        "M112",
        "permute lists where each axis goes.",
        "permute lists the old axes in their new order: permute(2, 0, 1) puts old axis 2 first, then 0, then 1.",
        "01",
        facts=("S001-13",),
        models={"layout": lambda pictures: [pictures.transpose(0, 2, 3, 1)]},
    ),
)
