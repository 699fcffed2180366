"""The integers of a convolution: sizes, counts, receptive fields; no arrays, no torch.

Everything here follows from one formula, written for one axis (PyTorch's docs, ``torch.nn.Conv2d``):

    out = floor((in + pad_before + pad_after - dilation * (kernel - 1) - 1) / stride) + 1

Height and width never meet, so each count is made along one axis (``axis``) and put together by the layer
(``spec``) or by the stack of layers (``stack``).
"""

from ..refusals import ArgumentError, Refusal, ShapeError, pair, whole
from .axis import extent, input_lengths, output_length
from .spec import Bytes, Conv2dSpec, ReadCounts, Unread, call
from .stack import receptive_field, receptive_window

__all__ = [
    "ArgumentError",
    "Bytes",
    "Conv2dSpec",
    "ReadCounts",
    "Refusal",
    "ShapeError",
    "Unread",
    "call",
    "extent",
    "input_lengths",
    "output_length",
    "pair",
    "receptive_field",
    "receptive_window",
    "whole",
]
