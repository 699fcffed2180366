"""The exercises of lesson 04, a file each: the size of an axis, the frame of zeros, conv2d with both."""

from .axis_size import OutSize
from .with_stride import Conv2dWithStride
from .zero_frame import Pad2d

EXERCISES = (OutSize(), Pad2d(), Conv2dWithStride())
