"""What the exercises of lesson 09 share: which cell lies under which tap, and the words for a number that is wrong."""

import numpy as np

from ..sentences import number
from ..wrong_sums import pair


def places_along(size, kernel_size, stride, padding, dilation=(1, 1)):
    """(H_out, W_out)."""
    axes = zip(size, kernel_size, pair(stride), pair(padding), pair(dilation), strict=True)
    return tuple((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in axes)


def framed(input, padding):
    """A batch as float64 with zeros around each picture."""
    pH, pW = pair(padding)
    return np.pad(np.asarray(input, dtype=float), ((0, 0), (0, 0), (pH, pH), (pW, pW)))


def under(tap, places, stride, dilation=(1, 1)):
    """The cells under one tap at all places, as an index of the padded batch."""
    axes = zip(tap, places, pair(stride), pair(dilation), strict=True)
    return ..., *(slice(u * d, u * d + (n - 1) * s + 1, s) for u, n, s, d in axes)


def taps_of(input, kernel_size, stride=1, padding=0, dilation=1):
    """What each tap reads at each place, [n, c, u, v, i, j]."""
    padded = framed(input, padding)
    places = places_along(np.shape(input)[2:], kernel_size, stride, padding, pair(dilation))
    taps = np.zeros((*padded.shape[:2], *kernel_size, *places))
    for u, v in np.ndindex(*kernel_size):
        taps[:, :, u, v] = padded[under((u, v), places, stride, dilation)]
    return taps


def columns_of(taps):
    """The columns, as F.unfold has them."""
    N, C, kH, kW, H_out, W_out = taps.shape
    return taps.reshape(N, C * kH * kW, H_out * W_out)


def distinct(rng, shape):
    """Small whole numbers, no two alike: each tells where it comes from."""
    return rng.permutation(np.arange(1.0, np.prod(shape) + 1)).reshape(shape)


def first_difference(trial, name, why):
    """The first number that is wrong, by its indices, with `why(place)` behind what was expected; "" where none is."""
    shape = trial.exercise.result_shape(trial.case)
    if trial.yours is None or trial.run["changed"] or trial.run["result"]["type"] not in ("Tensor", "ndarray"):
        return ""
    differ = ~(abs(trial.yours - trial.expected) <= trial.tolerance)
    if not differ.any():
        return ""
    at = tuple(int(k) for k in np.argwhere(differ.reshape(shape))[0])
    came, right = (number(it.reshape(shape)[at]) for it in (trial.yours, trial.expected))
    return (
        f"For {trial.case.label} your {name}[{', '.join(map(str, at))}] is {came}; expected {right}{why(at)} "
        f"({int(differ.sum())} of {differ.size} numbers differ)."
    )


def said_of(arguments, names):
    """The settings in words, ``" with stride 2 and padding (0, 1)"``, or ``""``."""
    said = [f"{name} {arguments[name]}" for name in names if name in arguments]
    *most, last = said or [""]
    return f" with {', '.join(most)}{' and ' * bool(most)}{last}" if said else ""
