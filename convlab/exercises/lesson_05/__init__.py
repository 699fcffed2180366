"""The exercises of lesson 05, a file each: a kernel with holes, padding that keeps the size, the receptive field."""

from .seen_by_one import ReceptiveFieldOf
from .spread_kernel import Dilate
from .to_keep import SamePadding

EXERCISES = (Dilate(), SamePadding(), ReceptiveFieldOf())
