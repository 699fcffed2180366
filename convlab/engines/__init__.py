"""conv2d from scratch: one operation, several ways to compute it, each in a file of its own.

All take ``(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)`` as
``torch.nn.functional.conv2d`` does, NumPy arrays in, a NumPy array out.
"""

from .im2col import conv2d_im2col, im2col
from .loops import conv2d_loops
from .pad import pad_input
from .windows import conv2d_windows

__all__ = ["conv2d_im2col", "conv2d_loops", "conv2d_windows", "im2col", "pad_input"]
