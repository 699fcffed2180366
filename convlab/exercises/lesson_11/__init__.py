"""The exercises of lesson 11, the debugging clinic: twelve patients, small pieces of broken code to be mended."""

from .misshapen import BatchOfGrey, Downsample, Pairs, View
from .silent import FromScipy, Frozen, NotLearning, Shared
from .told import Bytes, Channels, Features, TooSmall

EXERCISES = (
    *(Channels(), Features(), Bytes(), TooSmall()),
    *(BatchOfGrey(), View(), Pairs(), Downsample()),
    *(FromScipy(), Shared(), Frozen(), NotLearning()),
)
