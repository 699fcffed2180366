"""The exercises of lesson 07, a file each: a network mended, a part frozen for good, a new head on old filters."""

from .freeze_part import FreezePart
from .mend_cnn import MendSimpleCNN
from .new_head import TransferHead

EXERCISES = (MendSimpleCNN(), FreezePart(), TransferHead())
