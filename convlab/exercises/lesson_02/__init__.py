"""The exercises of lesson 02, a file each: the window of a place, a convolution by loops, a kernel with a meaning."""

from .bright_kernel import BrighterThanLeft
from .by_loops import Conv2dByLoops
from .cut_window import Window

EXERCISES = (Window(), Conv2dByLoops(), BrighterThanLeft())
