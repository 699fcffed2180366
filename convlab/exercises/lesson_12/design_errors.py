"""What Python and PyTorch print on the way to a network, and what it means."""

ERRORS = (
    (
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x512 and 288x10)",
        "The Linear layer has another in_features than the numbers that reach it: the second of the four numbers has "
        "to "
        "be the third.",
        "in_features is channels * rows * columns of the last maps; ShapeTracer shows them. And flatten(1), not "
        "flatten(), keeps the batch.",
    ),
    (
        "RuntimeError: Given groups=1, weight of size [6, 3, 3, 5], expected input[1, 1, 28, 28] to have 3 channels, "
        "but "
        "got 1 channels instead",
        "A convolution expects another number of channels than it gets.",
        "The first in_channels is 1, for grey pictures; every other is the out_channels of the convolution before.",
    ),
    (
        "RuntimeError: Calculated padded input size per channel: (2 x 2). Kernel size: (3 x 5). Kernel size can't be "
        "greater than actual input size",
        "So many strides or poolings left less of the map than a window covers.",
        "Pool less often, or give the convolution padding: kH // 2 and kW // 2 for odd kernels.",
    ),
    (
        "RuntimeError: Given input size: (16x1x1). Calculated output size: (16x0x0). Output size is too small",
        "A pooling gets a map that is smaller than its window: nothing would be left.",
        "Take one pooling away. 28 x 28 can be halved four times.",
    ),
    (
        "TypeError: list is not a Module subclass",
        "nn.Sequential got a list, and wants the layers themselves.",
        "A star hands over what is in it: nn.Sequential(*layers).",
    ),
    (
        "AttributeError: cannot assign module before Module.__init__() call",
        "The module is not set up yet, so it has no place to keep layers.",
        "Let `super().__init__()` be the first line of __init__.",
    ),
)
