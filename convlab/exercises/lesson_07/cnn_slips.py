"""The slips of 07.simple_cnn, and the errors that PyTorch prints on the way."""

from importlib import import_module
from itertools import product

from ..task import Slip

SAID = {
    "M98": "view(-1, F) fills rows of F numbers, whatever picture they come from: for another size of picture the "
    "batch changes without a word. Use flatten(1), and give the Linear layer the numbers of one picture.",
    "M74": "Your network ends in a softmax or the like, and the task asks for logits: CrossEntropyLoss takes the "
    "softmax itself. Return what the Linear layer gives.",
    "M99": "Your count() counts tensors: a layer's weight is one, and its bias another. Add up numel() over "
    "parameters().",
}


def wrong(*names):
    """The classes of these names in `wrong_networks` as one, as a function that makes a network."""

    def make(in_channels, size, classes):
        module = import_module(f"{__package__}.wrong_networks")
        return module.both(*(getattr(module, name) for name in names))(in_channels, size, classes)

    make.__name__ = make.__qualname__ = "_and_".join(names)
    return make


FAULTS = {
    "M98": ("Viewed", "ViewedRightly"),
    "M74": ("Softmaxed", "LogSoftmaxed", "SoftmaxedOverTheBatch", "Squashed"),
    "M99": ("TensorsCounted",),
}


def _left_over(*mistakes):
    """The slip of a class in which these faults are left, all others mended."""
    first, *also = (wrong(*names) for names in product(*(FAULTS[id] for id in mistakes)))
    says = SAID[mistakes[0]]
    if len(mistakes) > 1:
        says = f"{len(mistakes)} faults are still there. " + " ".join(SAID[id] for id in mistakes)
    return Slip(mistakes, f"still there: {', '.join(mistakes)}", first, says, tuple(also))


SLIPS = (
    _left_over("M98"),
    _left_over("M74"),
    _left_over("M99"),
    _left_over("M98", "M74"),
    _left_over("M98", "M99"),
    _left_over("M74", "M99"),
    _left_over("M98", "M74", "M99"),
    Slip(
        ("M172",),
        "as many numbers as maps",
        wrong("MapsOnly"),
        "Your Linear layer takes 64 numbers, one for each map. Each map has rows and columns, so a picture has 64 * "
        "(H // 8) * (W // 8) numbers.",
    ),
    Slip(
        ("M171",),
        "poolings forgotten in the size",
        wrong("Unpooled"),
        "Your Linear layer takes 64 maps as large as the picture. Each of the three poolings halves height and width: "
        "H // 8 and W // 8 are left.",
    ),
    Slip(
        (),
        "pooled too seldom in the size",
        wrong("PooledTwice"),
        "Your Linear layer takes maps that were pooled twice. There are three poolings: H // 8 and W // 8 are left.",
    ),
    Slip(
        (),
        "rounded up",
        wrong("RoundedUp"),
        "You round the pooled size up. nn.MaxPool2d(2) leaves out a last row or column without a partner: H // 8 and "
        "W // 8.",
    ),
    Slip(
        (),
        "the Linear layer for 32 x 32",
        wrong("FixedLinear"),
        "flatten(1) is right, and your Linear layer still takes the 64 * 4 * 4 numbers of a picture of 32 x 32. After "
        "three poolings there are 64 * (H // 8) * (W // 8).",
    ),
    Slip(
        (),
        "the batch in one row",
        wrong("OneRow"),
        "flatten() lays the whole batch in one row. flatten(1) begins with axis 1 and keeps the batch.",
    ),
    Slip(
        (),
        "rows and columns alone",
        wrong("FlattenedOneAxis"),
        "flatten(2) begins with axis 2 and leaves the maps apart. flatten(1) lays all numbers of a picture in one row.",
    ),
    Slip(
        ("M66",),
        "no ReLU",
        wrong("NoRelu"),
        "There is no ReLU behind your convolutions, and a convolution has none in it. Without it they amount to one: "
        "leave the ReLUs where they are.",
    ),
    Slip(
        (),
        "a ReLU at the end",
        wrong("ReluAtTheEnd"),
        "Your network ends in a ReLU: no logit can be negative. Return what the Linear layer gives.",
    ),
    Slip(
        ("M43",),
        "always 3 channels",
        wrong("ThreeChannels"),
        "Your first convolution has 3 input channels, whatever in_channels says. Give it in_channels.",
    ),
    Slip(
        (),
        "always 10 classes",
        wrong("TenClasses"),
        "Your Linear layer gives 10 numbers, whatever classes says. Give it classes.",
    ),
    Slip(
        ("M35",),
        "biases not counted",
        wrong("WeightsCounted"),
        "Your count() leaves out the biases. Each convolution and the Linear layer have one for each output: add up "
        "numel() over all parameters().",
    ),
    Slip(
        (),
        "rows counted",
        wrong("RowsCounted"),
        "Your count() adds up lengths: len of a tensor is its first axis alone. numel() counts all its numbers.",
    ),
    Slip(
        (),
        "the last layer counted",
        wrong("LastCounted"),
        "Your count() counts the Linear layer alone. The convolutions learn too: take self.parameters().",
    ),
)

ERRORS = (
    (
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x384 and 1024x5)",
        "The Linear layer has another in_features than the numbers that reach it: the second of the four numbers has "
        "to be the third.",
        "in_features is 64 * (H // 8) * (W // 8), with H, W = size; and flatten(1), not flatten(), keeps the batch.",
    ),
    (
        "RuntimeError: shape '[-1, 1024]' is invalid for input of size 768",
        "view cannot fill rows of 1024 with so few numbers: they do not divide. Where they do, it says nothing at all.",
        "Use flatten(1), which keeps the batch, whatever the size is.",
    ),
    (
        "TypeError: unsupported operand type(s) for //: 'tuple' and 'int'",
        "size is a pair, and a pair cannot be divided.",
        "Take it apart: H, W = size.",
    ),
    (
        "TypeError: can't multiply sequence by non-int of type 'tuple'",
        "size is a pair, and two pairs cannot be multiplied.",
        "Take it apart: H, W = size.",
    ),
    (
        "TypeError: empty(): argument 'size' failed to unpack the object at pos 2 with error \"type must be tuple of "
        'ints,but got float"',
        "/ always gives a fraction, and in_features is counted.",
        "// divides and rounds down: H // 8.",
    ),
    (
        "AttributeError: cannot assign module before Module.__init__() call",
        "The module is not set up yet, so it has no place to keep layers.",
        "Let `super().__init__()` be the first line of __init__.",
    ),
    (
        "RuntimeError: Given groups=1, weight of size [16, 3, 3, 3], expected input[2, 1, 16, 28] to have 3 channels, "
        "but got 1 channels instead",
        "The first convolution expects another number of channels than the pictures have.",
        "Its first argument is in_channels.",
    ),
    (
        "TypeError: unsupported operand type(s) for +: 'int' and 'builtin_function_or_method'",
        "numel was named and not called.",
        "Put brackets behind it: parameter.numel().",
    ),
    (
        "TypeError: unsupported operand type(s) for +: 'int' and 'torch.Size'",
        "A shape is no number.",
        "parameter.numel() multiplies the sizes for you.",
    ),
    (
        "AttributeError: 'generator' object has no attribute 'numel'",
        "parameters() gives the tensors one by one; each of them has a numel().",
        "sum(parameter.numel() for parameter in self.parameters()).",
    ),
    (
        "TypeError: object of type 'generator' has no len()",
        "parameters() gives the tensors one by one and has no length.",
        "Add up what is in them: sum(parameter.numel() for parameter in self.parameters()).",
    ),
)
