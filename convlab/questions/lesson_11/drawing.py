"""What the clinic draws with: code that stops and PyTorch's message under it, stacks of convolutions and poolings."""

from convlab.questions.cases import drawn
from convlab.questions.lesson_03.drawing import KERNELS


def stopped(code, message):
    """A figure block: the code, and under it what PyTorch said."""
    return [{"code": f"{code}\n\n{message}"}]


def channels_message(weight, input):
    """PyTorch's words where a layer's weight and its input disagree about the channels, on two lines."""
    return (
        f"RuntimeError: Given groups=1, weight of size {list(weight)}, expected\n"
        f"input{list(input)} to have {weight[1]} channels, but got {input[1]} channels instead"
    )


def product_message(rows, features, in_features, out_features):
    """PyTorch's words where what arrives does not fit a Linear layer."""
    return (
        f"RuntimeError: mat1 and mat2 shapes cannot be multiplied\n({rows}x{features} and {in_features}x{out_features})"
    )


def two_kernels(rng):
    """Two kernels without a square, no side of one alike that of the other on the same axis."""
    return drawn(lambda: rng.sample(KERNELS, 2), lambda pair: all(a != b for a, b in zip(*pair, strict=True)))


def conv_text(C_in, C_out, kernel_size, more=""):
    """The call that makes this layer.

    Example:
        >>> conv_text(3, 8, (3, 5), ", padding=(1, 2)")
        'nn.Conv2d(3, 8, kernel_size=(3, 5), padding=(1, 2))'
    """
    return f"nn.Conv2d({C_in}, {C_out}, kernel_size={tuple(kernel_size)}{more})"


def shrunk(size, *kernels):
    """Rows and columns after convolutions without padding, stride 1.

    Example:
        >>> shrunk((20, 24), (3, 5), (5, 3))
        (14, 18)
    """
    H, W = size
    return H - sum(kH - 1 for kH, _ in kernels), W - sum(kW - 1 for _, kW in kernels)


def number_that_runs(code, most=99):
    """A proof: of the numbers in place of "?" in the code, the one with which it runs."""
    return (
        f"import torch\nfrom torch import nn\ncode = {code!r}\nfor it in range(1, {most}):\n    try:\n"
        "        exec(code.replace('?', str(it)))\n        print(it)\n    except RuntimeError:\n        pass"
    )
