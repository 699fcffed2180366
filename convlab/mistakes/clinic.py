"""Mistakes about finding a fault: what a message says, what silence says, and where to look first."""

from math import ceil, log2

from convlab.mistakes.mistake import Mistake


def looks(layers):
    """How many looks find the first wrong layer, each in the middle of what is left.

    Example:
        >>> looks(8), looks(9)
        (3, 4)
    """
    return ceil(log2(layers))


def halving(layers, fault):
    """After which layers one looks, in order, until the wrong layer is found; layers are counted from 1.

    A look shows whether the fault is in the layers up to there, or behind them.

    Example:
        >>> halving(16, 11)
        [8, 12, 10, 11]
    """
    low, high, seen = 1, layers, []
    while low < high:
        middle = (low + high) // 2
        seen.append(middle)
        low, high = (low, middle) if fault <= middle else (middle + 1, high)
    return seen


CLINIC = (
    Mistake(
        "M220",
        "The layer that stops is the layer that is wrong.",
        "It stops where two numbers meet that do not agree. The wrong one may be this layer's, an earlier layer's or "
        "that of the data: read both in the message.",
        "11",
        facts=("S001-65", "S003-22"),
        statement="The layer that raises an error is always the one that has to be changed.",
        truth="A layer may raise an error because the layer before it is wrong.",
    ),
    Mistake(
        "M221",
        "What runs without an error is right.",
        "PyTorch looks at shapes and dtypes alone; pictures may be mixed up without a word. Say what you expect, and "
        "test that.",
        "11",
        facts=("S003-22", "S003-25", "S003-45"),
        statement="A network that runs without an error gives each picture its own answer.",
        truth="A network that runs without an error may still mix the pictures of a batch.",
    ),
    Mistake(
        "M222",
        "Layers in a Python list belong to the network.",
        "A network knows the layers that are its attributes, or stand in nn.Sequential or nn.ModuleList. Those in a "
        "Python list run, and no optimizer sees them.",
        "11",
        facts=("S003-47", "S002-24"),
        statement="net.parameters() finds the layers that stand in a Python list of the network.",
        truth="net.parameters() finds the layers that stand in an nn.ModuleList of the network.",
    ),
    Mistake(
        "M223",
        "Pooling takes as much padding as you like.",
        "A pooling takes at most half its window as padding, else RuntimeError. Conv2d has no such rule.",
        "11",
        facts=("S000-20", "S000-22"),
        statement="nn.MaxPool2d(3, padding=2) takes a picture of 28 x 36.",
        truth="nn.MaxPool2d(3, padding=1) takes a picture of 28 x 36.",
    ),
    Mistake(
        "M224",
        "The layers are looked at one after the other.",
        "Look in the middle: what you see there rules out one half. So a stack of n layers takes ceil(log2(n)) looks "
        "at most.",
        "11",
        facts=("S003-18",),
        statement="To find the one wrong layer of 16 takes up to 15 looks, whatever you do.",
        truth="To find the one wrong layer of 16 takes 4 looks, each in the middle of what is left.",
    ),
    Mistake(
        "M225",
        "What was put into eval() stays in eval().",
        "net.train() reaches every part of the network, frozen or not: call eval() on the frozen part after it, each "
        "time.",
        "11",
        facts=("S003-45",),
        statement="After `net[0].eval()` and then `net.train()` the first part of net is still in eval().",
        truth="After `net.train()` and then `net[0].eval()` the first part of net is in eval().",
    ),
    Mistake(
        "M226",
        "conv.weight.detach() keeps the old numbers.",
        "It shares the numbers of the weight, as .data does: they change together. .clone() makes a copy.",
        "11",
        facts=("S003-25",),
        statement="`before = conv.weight.detach()` still holds the old numbers after a step.",
        truth="`before = conv.weight.detach().clone()` still holds the old numbers after a step.",
    ),
    Mistake(
        "M227",
        "When the message is gone, all is mended.",
        "The first fault hides those behind it, and some faults have no message: run it again, and look at what comes "
        "out.",
        "11",
        facts=("S001-65", "S000-8", "S001-13"),
        statement="A network whose message is gone has no other fault.",
        truth="A network whose message is gone may stop at a later layer.",
    ),
    Mistake(
        "M228",
        "A result that fits a cause proves it.",
        "It speaks for every cause that predicts it. Look for the test whose results differ under the causes.",
        "11",
        facts=("S003-22", "S001-53"),
        statement="If a wrong size is what a swapped kernel gives, the kernel is swapped.",
        truth="Two different faults may give the same wrong size.",
    ),
    Mistake(
        "M229",
        "The size in the message is that of the picture.",
        "It is what arrives at the layer that stops, with that layer's padding on both sides.",
        "11",
        facts=("S000-17", "S003-22"),
        statement="`Calculated padded input size per channel: (4 x 6)` says that the picture has 4 x 6 pixels.",
        truth="`Calculated padded input size per channel: (4 x 6)` may be said to a picture of 28 x 36.",
    ),
)
