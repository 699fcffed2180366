"""Reads a real ``nn.Conv2d`` and walks a real ``nn.Module``. torch is imported here on first use, never before."""

from .conv2d import build, is_conv2d, is_module, numbers, ran_shape, spec, undrawn
from .rows import Row, Walk
from .timing import measure
from .walking import shape_of, walk

__all__ = [
    "Row",
    "Walk",
    "build",
    "is_conv2d",
    "is_module",
    "measure",
    "numbers",
    "ran_shape",
    "shape_of",
    "spec",
    "undrawn",
    "walk",
]
