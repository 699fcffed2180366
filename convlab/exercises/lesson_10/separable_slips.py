"""The slips of 10.separable. Every program takes (in_channels, out_channels, kernel_size) and returns a layer."""

from importlib import import_module
from math import gcd

from ..task import Slip


def by(first=None, second=None, order=(0, 1), between=()):
    """A program that is right but for the settings of its two layers.

    Args:
        first, second: of (in_channels, out_channels, kernel_size): what is changed of the depthwise or pointwise
            layer's settings.
        order: which of the two come, in which order.
        between: names of layers that stand between the two.
    """

    def program(in_channels, out_channels, kernel_size):
        nn = import_module("torch.nn")
        given = in_channels, out_channels, kernel_size
        depthwise = {
            "in_channels": in_channels,
            "out_channels": in_channels,
            "kernel_size": kernel_size,
            "padding": tuple(k // 2 for k in kernel_size),
            "groups": in_channels,
        } | (first(*given) if first else {})
        pointwise = {"in_channels": in_channels, "out_channels": out_channels, "kernel_size": 1}
        settings = depthwise, pointwise | (second(*given) if second else {})
        with import_module("torch").random.fork_rng(devices=[]):  # a new layer draws numbers: not from the learner's
            layers = [nn.Conv2d(**settings[which]) for which in order]
        inside = [getattr(nn, name)() for name in between]
        return nn.Sequential(layers[0], *inside, *layers[1:])

    return program


def bare(in_channels, out_channels, kernel_size):
    return {"bias": False}


SLIPS = (
    Slip(
        ("M213",),
        "depthwise alone",
        by(order=(0,)),
        "Your layer is the depthwise convolution alone: its output has in_channels, and none of them has seen another. "
        "A 1 x 1 convolution behind it mixes them.",
    ),
    Slip(
        ("M47",),
        "groups=out_channels",
        by(first=lambda C_in, C_out, k: {"groups": C_out}),
        "Your depthwise convolution has groups=out_channels. It takes as many groups as there are channels to read: "
        "groups=in_channels.",
        (by(first=lambda C_in, C_out, k: {"groups": C_out, "out_channels": C_out}),),
    ),
    Slip(
        ("M47",),
        "one kernel for all",
        by(first=lambda C_in, C_out, k: {"in_channels": 1, "out_channels": 1, "groups": 1}),
        "Your first convolution has one kernel, for one channel. Depthwise gives each channel a kernel of its own: "
        "in_channels in, in_channels out, groups=in_channels.",
    ),
    Slip(
        ("M44",),
        "without groups",
        by(first=lambda C_in, C_out, k: {"groups": 1}),
        "Your first convolution is dense: each of its filters reads all channels. groups=in_channels lets each read "
        "its own alone.",
    ),
    Slip(
        (),
        "a multiplier in place of the 1 x 1",
        by(first=lambda C_in, C_out, k: {"out_channels": C_in * -(-C_out // C_in)}, order=(0,)),
        "Your depthwise convolution makes several maps of each channel, and nothing mixes them. It makes in_channels "
        "of in_channels, and a 1 x 1 convolution makes out_channels of these.",
    ),
    Slip(
        (),
        "pointwise first",
        by(first=lambda C_in, C_out, k: dict.fromkeys(("in_channels", "out_channels", "groups"), C_out), order=(1, 0)),
        "Your 1 x 1 convolution comes first. Asked is depthwise first, on the in_channels, and pointwise behind it.",
    ),
    Slip(
        (),
        "the padding forgotten",
        by(first=lambda C_in, C_out, k: {"padding": 0}),
        "Your output is smaller than the input: the depthwise convolution needs padding, (kH // 2, kW // 2) or 'same'.",
    ),
    Slip(
        (),
        "too much padding",
        by(first=lambda C_in, C_out, k: {"padding": k}),
        "Your padding is not that which keeps the size: kH // 2 rows above and below, kW // 2 columns left and right.",
        (
            by(first=lambda C_in, C_out, k: {"padding": tuple(it - 1 for it in k)}),
            by(first=lambda C_in, C_out, k: {"padding": 1}),
        ),
    ),
    Slip(
        ("M22",),
        "padding exchanged",
        by(first=lambda C_in, C_out, k: {"padding": (k[1] // 2, k[0] // 2)}),
        "The padding of rows and columns is exchanged: padding is (rows, columns), so kH // 2 comes first.",
    ),
    Slip(
        ("M21",),
        "kernel size exchanged",
        by(first=lambda C_in, C_out, k: {"kernel_size": k[::-1], "padding": (k[1] // 2, k[0] // 2)}),
        "kH and kW of your depthwise convolution are exchanged: hand kernel_size on as it is.",
    ),
    Slip(
        (),
        "padding on the 1 x 1",
        by(second=lambda C_in, C_out, k: {"padding": tuple(it // 2 for it in k)}, first=lambda *given: {"padding": 0}),
        "The padding is at the 1 x 1 convolution, which needs none. The zeros belong around what the depthwise one "
        "reads.",
    ),
    Slip(
        (),
        "the second one not 1 x 1",
        by(second=lambda C_in, C_out, k: {"kernel_size": k, "padding": tuple(it // 2 for it in k)}),
        "Your second convolution is as large as the first. Pointwise means 1 x 1: kernel_size=1.",
    ),
    Slip(
        (),
        "groups in the 1 x 1",
        by(second=lambda C_in, C_out, k: {"groups": gcd(C_in, C_out)}),
        "Your 1 x 1 layer has groups too. It must read all channels, for nothing else mixes them: leave its groups "
        "away.",
        (
            by(second=lambda C_in, C_out, k: {"groups": C_in}),
            by(second=lambda C_in, C_out, k: {"groups": C_out}),
        ),
    ),
    Slip(
        (),
        "no biases",
        by(first=bare, second=bare),
        "Your convolutions have no bias, and are to have one: leave bias=False away.",
        (by(first=bare), by(second=bare)),
    ),
    Slip(
        ("M64",),
        "something between",
        by(between=("ReLU",)),
        "Something stands between the two convolutions. Here the pointwise one reads what the depthwise one gives, as "
        "it is.",
        (by(between=("Sigmoid",)),),
    ),
)
