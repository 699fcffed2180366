"""Padding: the frame around the input that lets the window stand at the border."""

import numpy as np

from ..refusals import ArgumentError, came, one_sentence

_NUMPY_MODE = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@one_sentence
def pad_input(input, pads, padding_mode="zeros"):
    """The input with a frame of pixels around its last two axes.

    Args:
        input: an array of 2 axes or more.
        pads: ((top, bottom), (left, right)) in pixels.
        padding_mode: what the frame holds, in PyTorch's words.

    Shape:
        (..., H, W) -> (..., top + H + bottom, left + W + right)

    Raises:
        ArgumentError: the input is no array, or the mode none of PyTorch's.

    Example:
        >>> pad_input(np.array([[1, 2, 3]]), ((0, 0), (1, 2)), "reflect")
        array([[2, 1, 2, 3, 2, 1]])
    """
    if not isinstance(input, np.ndarray):
        raise ArgumentError(f"input must be an array; got {came(input)}: write np.asarray(input).")
    if not any(map(any, pads)):
        return input
    if padding_mode != "zeros":
        return np.pad(input, [(0, 0)] * (input.ndim - 2) + list(pads), _NUMPY_MODE[padding_mode])
    (top, bottom), (left, right) = pads
    *rest, H, W = input.shape
    padded = np.zeros((*rest, top + H + bottom, left + W + right), input.dtype)
    padded[..., top : top + H, left : left + W] = input
    return padded
