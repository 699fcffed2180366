"""The slips of 12.design: each program makes a network that is right but for one thing."""

from importlib import import_module

from ..task import Slip
from .letters import packed

FLAGS = ("made", "runs", "rows", "columns", "alone", "free", "bends", "registered", "used", "parameters", "macs")


def wrong(name, *failing, of_more=()):
    """The network of this name in `wrong_designs`, as a function that makes it and knows what comes of it.

    Args:
        failing: the flags that it fails.
        of_more: those that it fails for more than one picture, where they are others.
    """

    def network():
        return import_module(f"{__package__}.wrong_designs").make(name)

    def outcome(case):
        failed = of_more if of_more and case.then.N > 1 else failing
        return packed({flag: flag not in failed for flag in FLAGS}, {})

    network.__name__ = network.__qualname__ = name
    network.outcome = outcome
    return network


SLIPS = (
    Slip(
        ("M183",),
        "a large Linear layer",
        wrong("large_linear", "parameters"),
        "Your parameters are over the bound, and most of them are in a Linear layer: it has a weight for each number "
        "that comes in, times each that goes out. Let fewer numbers reach it, smaller maps or fewer of them, or leave "
        "the layer between out.",
        (wrong("dense_only", "parameters"),),
    ),
    Slip(
        ("M201",),
        "wide layers on large maps",
        wrong("wide_early", "macs"),
        "Your multiply-adds are over the bound. Each weight works at every place of its map, so a layer costs most "
        "where "
        "the maps are largest, however few parameters it has: make the maps smaller before you make them many.",
        (wrong("one_wide_layer", "macs"),),
    ),
    Slip(
        ("M69",),
        "too much of everything",
        wrong("too_much", "parameters", "macs"),
        "Both bounds are missed. More filters are not better by themselves; they cost parameters and multiply-adds at "
        "once: halve the widths.",
    ),
    Slip(
        ("M74",),
        "a softmax at the end",
        wrong("softmaxed", "free"),
        "Your network ends in a softmax or the like, or in a ReLU, and the task asks for logits: cross_entropy takes "
        "the "
        "softmax itself. Return what the last Linear layer gives.",
        (wrong("log_softmaxed", "free"), wrong("squashed", "free"), wrong("relu_at_the_end", "free")),
    ),
    Slip(
        ("M98",),
        "view with a wrong length",
        wrong("viewed", "rows"),
        "view(-1, F) fills rows of F numbers, whatever picture they come from: with a wrong F the batch changes "
        "without "
        "a word. Use flatten(1), and give the Linear layer the numbers of one picture.",
    ),
    Slip(
        ("M66",),
        "nothing between the layers",
        wrong("linear", "bends"),
        "There is no ReLU or the like in it, and a convolution has none inside. However many layers: together they are "
        "one linear map. Put a ReLU behind each convolution.",
    ),
    Slip(
        (),
        "the batch in one row",
        wrong("one_row", "columns", of_more=("runs",)),
        "flatten() lays the whole batch in one row. flatten(1) begins with axis 1 and keeps the batch.",
    ),
    Slip(
        (),
        "layers in a list",
        wrong("in_a_list", "registered"),
        "Your layers are in a plain list, which PyTorch does not look into: their parameters are not among "
        "parameters(), so no optimizer would train them. nn.ModuleList or nn.Sequential registers them.",
    ),
    Slip(
        (),
        "a layer without a use",
        wrong("unused", "used"),
        "A layer is made in __init__ and not called in forward: its parameters count, and never learn. Use it, or "
        "leave "
        "it out.",
    ),
    Slip(
        (),
        "a lazy layer",
        wrong("lazy", "made"),
        "A lazy layer takes its size from the first picture; until then there is nothing to count, and the budget says "
        "nothing. Write the sizes down: you can compute them.",
    ),
    Slip(
        (),
        "another number of classes",
        wrong("nine", "columns"),
        "There are ten digits, 0 to 9, and a logit for each: the last layer has 10 outputs.",
        (wrong("eleven", "columns"),),
    ),
    Slip(
        (),
        "sizes that do not fit",
        wrong("wrong_size", "runs"),
        "One layer does not fit what reaches it. Follow the shapes with ShapeTracer: it draws where the network "
        "breaks.",
        (wrong("three_channels", "runs"), wrong("unpooled", "runs")),
    ),
    Slip(
        ("M179",),
        "normalised by the batch",
        wrong("batch_statistics", of_more=("alone",)),
        "In eval mode your network still goes by the other pictures of the batch, so that one picture alone gets other "
        "logits. nn.BatchNorm2d goes by its stored mean then; do not normalise over axis 0 by hand.",
    ),
)
