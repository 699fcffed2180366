"""09.im2col: every window of a batch as a column of a matrix, as F.unfold has them."""

import re
from types import MappingProxyType

import numpy as np

from ..conv_by_hand import side_by_side
from ..inside import ready_made
from ..task import Case, Exercise, random_numbers
from ..wrong_sums import pair
from .column_errors import COLUMN_ERRORS
from .taps import columns_of, distinct, first_difference, places_along, said_of, taps_of
from .wrong_columns import SLIPS

MAKES_COLUMNS = re.compile(r"^(un)?fold$|(^|_)(im2col|col2im)|^write_columns$")
SETTINGS = ("stride", "padding", "dilation")


def im2col(input, kernel_size, stride=1, padding=0, dilation=1):
    """The columns of F.unfold: one for each place, channel by channel, tap by tap.

    Shape:
        input (N, C, H, W) -> (N, C * kH * kW, H_out * W_out)

    Example:
        >>> import torch
        >>> im2col(torch.tensor([[[[1.0, 2.0, 4.0]]]]), (1, 2)).tolist()
        [[[1.0, 2.0], [2.0, 4.0]]]
    """
    import torch

    kH, kW = kernel_size
    (sH, sW), (pH, pW), (dH, dW) = [(it, it) if isinstance(it, int) else it for it in (stride, padding, dilation)]
    N, C, H, W = input.shape
    padded = torch.zeros(N, C, H + 2 * pH, W + 2 * pW, dtype=input.dtype)
    padded[:, :, pH : pH + H, pW : pW + W] = input
    H_out = (H + 2 * pH - dH * (kH - 1) - 1) // sH + 1
    W_out = (W + 2 * pW - dW * (kW - 1) - 1) // sW + 1
    columns = torch.zeros(N, C, kH, kW, H_out, W_out, dtype=input.dtype)
    for u in range(kH):
        for v in range(kW):
            rows = slice(u * dH, u * dH + (H_out - 1) * sH + 1, sH)
            columns[:, :, u, v] = padded[:, :, rows, v * dW : v * dW + (W_out - 1) * sW + 1 : sW]
    return columns.reshape(N, C * kH * kW, H_out * W_out)


def makes_columns(name, module="", arguments=(), keywords=None):
    """True for what makes the columns, or takes them back, or convolves: F.unfold, and not Tensor.unfold."""
    library = module.startswith(("torch.nn", "torch._", "convlab.engines"))
    return ready_made(name) or (library and bool(MAKES_COLUMNS.search(name)))


EXAMPLE = np.array([[[[1, 2, 3, 4], [5, 6, 7, 8]], [[10, 20, 30, 40], [50, 60, 70, 80]]]], dtype=float)


def _example():
    columns = columns_of(taps_of(EXAMPLE, (1, 2)))[0]
    given = side_by_side(**{"input[0, 0]": EXAMPLE[0, 0], "input[0, 1]": EXAMPLE[0, 1]})
    return f"{given}\n\n{side_by_side(**{'columns[0]': columns})}"


class Im2col(Exercise):
    """The columns of a batch."""

    id, lesson, title = "09.im2col", "09", "Every window a column"
    level, minutes, revision = "medium", 15, 1
    prompt = """\
Write `im2col(input, kernel_size, stride=1, padding=0, dilation=1)`: every window of the input as a column, as \
F.unfold gives them.

`input` is a float64 tensor of shape (N, C, H, W), `kernel_size` a pair (kH, kW); `stride`, `padding` and `dilation` \
are whole numbers, or pairs (rows, columns). Return a tensor of shape (N, C * kH * kW, H_out * W_out):

    columns[n, (c * kH + u) * kW + v, i * W_out + j] = padded[n, c, i * sH + u * dH, j * sW + v * dW]

F.unfold, F.fold and ready-made convolutions may not be called. Loops, slices, Tensor.unfold, as_strided and index \
arrays may; NumPy is fine too. For example, with a kernel of 1 x 2:

""" + _example()
    stub = """\
import torch


def im2col(input, kernel_size, stride=1, padding=0, dilation=1):
    kH, kW = kernel_size
    (sH, sW), (pH, pW), (dH, dW) = [(it, it) if isinstance(it, int) else it for it in (stride, padding, dilation)]
    N, C, H, W = input.shape
    ...
    return ...
"""
    optional = MappingProxyType({"stride": 1, "padding": 0, "dilation": 1})
    arguments = ("input", "kernel_size", *optional)
    meaning = MappingProxyType({"dilation": "which says how far apart the cells under neighbouring taps are"})
    reference = staticmethod(im2col)
    slips, errors = SLIPS, COLUMN_ERRORS
    watched, returns, compared = staticmethod(makes_columns), "columns", "columns"
    instead = "here the columns are to be your own work. Loops, slices, Tensor.unfold or index arrays are all fine."
    right = "Right: your columns are those of F.unfold."
    faster = "Copy what one tap reads at all places at once, with a slice that steps by the stride."
    hints = (
        "How many places are there, H_out * W_out, and how many numbers are in a window? Begin with zeros of this "
        "size. Then: which cells does one tap (u, v) read, over all places?",
        "Put the zeros of the padding around the input first. At place (i, j) the window begins at row i * sH and "
        "column j * sW; its cells, channel by channel, are one column, number i * W_out + j.",
        "columns = torch.zeros(N, C, kH, kW, H_out, W_out); for u and v: columns[:, :, u, v] = padded[:, :, u * dH : "
        "u * dH + (H_out - 1) * sH + 1 : sH, and the same for the columns]; at the end columns.reshape(N, C * kH * kW, "
        "H_out * W_out).",
    )

    def cases(self, seed):
        """Nine cases: one channel, many, a batch, each setting alone, all together."""
        rng = random_numbers(seed, self.id)
        H, W = int(rng.integers(7, 9)), int(rng.integers(9, 12))
        return [
            _drawn(rng, (1, 1, 1, 3), (1, 2)),
            _case(EXAMPLE, (1, 2), example=True),
            _drawn(rng, (1, 3, 4, 6), (2, 3)),
            _drawn(rng, (2, 3, 3, 5), (2, 1)),
            _drawn(rng, (1, 2, 5, 7), (2, 3), stride=2),
            _drawn(rng, (1, 2, 4, 6), (3, 4), stride=1, padding=1),
            _drawn(rng, (2, 1, 6, 9), (2, 3), stride=1, padding=0, dilation=2),
            _drawn(rng, (1, 2, 7, 9), (3, 2), stride=(3, 2), padding=(0, 1)),
            _drawn(rng, (3, 2, H, W), (2, 3), stride=(2, 1), padding=(1, 2), dilation=(3, 2)),
        ]

    def expected(self, case):
        columns = columns_of(taps_of(**case.arguments))
        return columns.reshape(-1, columns.shape[-1])

    def result_shape(self, case):
        return columns_of(taps_of(**case.arguments)).shape

    def value(self, case, result):
        """The columns of all pictures one above the other, so that they can be laid beside the expected ones."""
        return result.reshape(-1, result.shape[-1])

    def restricted(self, case, names):
        return _case(**super().restricted(case, names).arguments, example=case.example)

    def own_words(self, trial):
        return first_difference(trial, "columns", lambda at: _read_from(trial.case.arguments, at))

    def why_shape(self, case):
        (_, C, *size), (kH, kW) = case.arguments["input"].shape, case.arguments["kernel_size"]
        stride, padding, dilation = (case.arguments.get(name, self.optional[name]) for name in SETTINGS)
        H_out, W_out = places_along(size, (kH, kW), stride, padding, dilation)
        return f": C * kH * kW = {C} * {kH} * {kW} rows and H_out * W_out = {H_out} * {W_out} columns"


def _read_from(arguments, at):
    """Where an entry of the columns comes from."""
    (n, row, column), (kH, kW) = at, arguments["kernel_size"]
    (sH, sW), (pH, pW), (dH, dW) = (pair(arguments.get(name, Im2col.optional[name])) for name in SETTINGS)
    _, _, H, W = arguments["input"].shape
    _, W_out = places_along((H, W), (kH, kW), (sH, sW), (pH, pW), (dH, dW))
    (c, tap), (i, j) = divmod(row, kH * kW), divmod(column, W_out)
    r, q = i * sH + tap // kW * dH - pH, j * sW + tap % kW * dW - pW
    cell = f"input[{n}, {c}, {r}, {q}]" if 0 <= r < H and 0 <= q < W else "a zero of the padding"
    return f", {cell}, under tap {divmod(tap, kW)} of channel {c} at place ({i}, {j})"


def _drawn(rng, shape, kernel_size, **settings):
    return _case(distinct(rng, shape), kernel_size, **settings)


def _case(input, kernel_size, example=False, **settings):
    arguments = {"input": input, "kernel_size": kernel_size, **settings}
    shown = {f"input[{n}, {c}]": ("input", input[n, c]) for n, c in list(np.ndindex(*input.shape[:2]))[:4]}
    label = f"an input of shape {input.shape} and kernel_size {kernel_size}{said_of(arguments, SETTINGS)}"
    return Case(arguments, shown, label, example)
