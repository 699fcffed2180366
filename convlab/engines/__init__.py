"""conv2d from scratch: one operation, several ways to compute it, each in a file of its own.

All take ``(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)`` as
``torch.nn.functional.conv2d`` does, NumPy arrays in, a NumPy array out. The way back,
``conv2d_backward``, takes the gradient of the output first.
"""

from .backward import conv2d_backward, input_gradient_gather, input_gradient_scatter, weight_gradient
from .col2im import col2im
from .fft import conv2d_fft
from .gradient_check import GradientCheck, check_gradients
from .im2col import conv2d_im2col, im2col
from .loops import conv2d_loops
from .pad import pad_input
from .tiled import conv2d_tiled
from .windows import conv2d_windows

__all__ = [
    "GradientCheck",
    "check_gradients",
    "col2im",
    "conv2d_backward",
    "conv2d_fft",
    "conv2d_im2col",
    "conv2d_loops",
    "conv2d_tiled",
    "conv2d_windows",
    "im2col",
    "input_gradient_gather",
    "input_gradient_scatter",
    "pad_input",
    "weight_gradient",
]
