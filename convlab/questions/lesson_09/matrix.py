"""What lesson 09 computes with: the columns of an input as rows of whole numbers, and what they are called."""

from convlab.questions.cases import grid

IMPORTS = "import torch\nfrom torch.nn import functional as F\n"


def places_of(size, kernel, stride=(1, 1), padding=(0, 0)):
    """(H_out, W_out) of a window on an input of this size."""
    return tuple((n + 2 * p - k) // s + 1 for n, k, s, p in zip(size, kernel, stride, padding, strict=True))


def unfolded(channels, kernel):
    """The rows of F.unfold's columns for an input given as a list of channels; stride 1.

    Example:
        >>> unfolded([[[1, 2, 4]], [[7, 8, 9]]], (1, 2))
        [[1, 2], [2, 4], [7, 8], [8, 9]]
    """
    (kH, kW), (H_out, W_out) = kernel, places_of((len(channels[0]), len(channels[0][0])), kernel)
    return [
        [cells[i + u][j + v] for i in range(H_out) for j in range(W_out)]
        for cells in channels
        for u in range(kH)
        for v in range(kW)
    ]


def tap_by_tap(rows, taps):
    """The rows in another order: tap after tap, each with all its channels.

    Example:
        >>> tap_by_tap(["red 0", "red 1", "blue 0", "blue 1"], 2)
        ['red 0', 'blue 0', 'red 1', 'blue 1']
    """
    return [row for tap in range(taps) for row in rows[tap::taps]]


def unlike(rng, count, height, width, low=10, high=99):
    """As many channels of numbers, all different."""
    numbers = rng.sample(range(low, high), count * height * width)
    rows = [numbers[at : at + width] for at in range(0, len(numbers), width)]
    return [rows[at : at + height] for at in range(0, len(rows), height)]


def entries_of(pixel, kernel, places):
    """Where in the columns pixel (c, r, q) is copied to: [row, column] of each entry, in order."""
    (c, r, q), (kH, kW), (H_out, W_out) = pixel, kernel, places
    return sorted(
        [(c * kH + u) * kW + v, (r - u) * W_out + q - v]
        for u in range(kH)
        for v in range(kW)
        if 0 <= r - u < H_out and 0 <= q - v < W_out
    )


def whole_grid(rng, kernel, places, low=-5, high=9):
    """Columns of one channel, drawn: as many rows as the kernel has taps, as many columns as there are places."""
    return grid(rng, kernel[0] * kernel[1], places[0] * places[1], low, high)
