"""09.col2im: columns go back to the cells they were copied from, and what meets in a cell is added."""

import re
from types import MappingProxyType

import numpy as np

from ..conv_by_hand import side_by_side
from ..inside import ready_made
from ..sentences import number
from ..task import Case, Exercise, random_numbers
from ..wrong_sums import pair
from .column_errors import CELL_ERRORS
from .taps import distinct, first_difference, places_along, said_of
from .wrong_cells import SLIPS, right, taps_in

FOLDS = re.compile(r"^fold$|col2im")
SETTINGS = ("stride", "padding")


def col2im(columns, output_size, kernel_size, stride=1, padding=0):
    """The picture of F.fold: every number is added to the cell that it was copied from.

    Shape:
        columns (N, C * kH * kW, H_out * W_out) -> (N, C, H, W)

    Example:
        >>> import torch
        >>> col2im(torch.tensor([[[1.0, 2.0], [2.0, 4.0]]]), (1, 3), (1, 2)).tolist()
        [[[[1.0, 4.0, 4.0]]]]
    """
    import torch

    (H, W), (kH, kW) = output_size, kernel_size
    (sH, sW), (pH, pW) = [(it, it) if isinstance(it, int) else it for it in (stride, padding)]
    N = columns.shape[0]
    C = columns.shape[1] // (kH * kW)
    H_out, W_out = (H + 2 * pH - kH) // sH + 1, (W + 2 * pW - kW) // sW + 1
    taps = columns.reshape(N, C, kH, kW, H_out, W_out)
    padded = torch.zeros(N, C, H + 2 * pH, W + 2 * pW, dtype=columns.dtype)
    for u in range(kH):
        for v in range(kW):
            rows = slice(u, u + (H_out - 1) * sH + 1, sH)
            padded[:, :, rows, v : v + (W_out - 1) * sW + 1 : sW] += taps[:, :, u, v]
    return padded[:, :, pH : pH + H, pW : pW + W]


def folds(name, module="", arguments=(), keywords=None):
    """True for what puts columns back, or convolves, the transposed way too."""
    return ready_made(name) or (module.startswith(("torch", "convlab.engines")) and bool(FOLDS.search(name)))


EXAMPLE = np.array([[[1, 2, 3, 4, 5, 6], [10, 20, 30, 40, 50, 60]]], dtype=float)


def _example():
    picture = right(EXAMPLE, (2, 4), (1, 2))[0, 0]
    return side_by_side(**{"columns[0]": EXAMPLE[0], "picture[0, 0]": picture})


class Col2im(Exercise):
    """The picture of columns."""

    id, lesson, title = "09.col2im", "09", "The columns go back"
    level, minutes, revision = "hard", 15, 1
    prompt = """\
Write `col2im(columns, output_size, kernel_size, stride=1, padding=0)`: every number of the columns goes back to the \
cell that it was copied from, and what meets in a cell is added, as F.fold does it.

`columns` is a float64 tensor of shape (N, C * kH * kW, H_out * W_out), in the order of F.unfold. `output_size` is \
(H, W), the size of the picture without the padding; `kernel_size` is (kH, kW); `stride` and `padding` are whole \
numbers, or pairs (rows, columns). Return a tensor of shape (N, C, H, W):

    padded[n, c, i * sH + u, j * sW + v] gets columns[n, (c * kH + u) * kW + v, i * W_out + j]

What falls on the padding is cut off at the end. F.fold, transposed convolutions and backward() may not be called. \
NumPy is fine too. For example, with output_size (2, 4) and a kernel of 1 x 2:

""" + _example()
    stub = """\
import torch


def col2im(columns, output_size, kernel_size, stride=1, padding=0):
    (H, W), (kH, kW) = output_size, kernel_size
    (sH, sW), (pH, pW) = [(it, it) if isinstance(it, int) else it for it in (stride, padding)]
    N = columns.shape[0]
    C = columns.shape[1] // (kH * kW)
    ...
    return ...
"""
    optional = MappingProxyType({"stride": 1, "padding": 0})
    arguments = ("columns", "output_size", "kernel_size", *optional)
    meaning = MappingProxyType({"padding": "which says how many cells of each side are cut off at the end"})
    reference = staticmethod(col2im)
    slips, errors = SLIPS, CELL_ERRORS
    watched, returns, compared = staticmethod(folds), "picture", "picture"
    instead = "here the cells are to be filled by your own lines. Loops, slices or index_add are all fine."
    right = "Right: your picture is that of F.fold."
    faster = "Add what one tap has at all places at once, to a slice that steps by the stride."
    hints = (
        "It is im2col backwards: where im2col reads a cell, col2im adds to it. Which cell of the padded picture does "
        "row (c * kH + u) * kW + v of column i * W_out + j belong to?",
        "Begin with zeros of the padded size, (N, C, H + 2 * pH, W + 2 * pW). columns.reshape(N, C, kH, kW, H_out, "
        "W_out) names the axes. Add with +=, since windows overlap; cut the padding off at the very end.",
        "For u and v: padded[:, :, u : u + (H_out - 1) * sH + 1 : sH, and the same for the columns] += taps[:, :, u, "
        "v]. Return padded[:, :, pH : pH + H, pW : pW + W].",
    )

    def cases(self, seed):
        """Nine cases: one channel, many, a batch, windows side by side and with gaps, each setting alone and both."""
        rng = random_numbers(seed, self.id)
        H, W = int(rng.integers(6, 8)), int(rng.integers(10, 13))
        return [
            _drawn(rng, (1, 1), (1, 3), (1, 2)),
            _case(EXAMPLE, (2, 4), (1, 2), example=True),
            _drawn(rng, (1, 3), (5, 3), (2, 1)),
            _drawn(rng, (2, 3), (3, 5), (2, 3)),
            _drawn(rng, (1, 2), (5, 7), (3, 2), stride=2),
            _drawn(rng, (1, 2), (3, 5), (2, 3), stride=1, padding=1),
            _drawn(rng, (2, 1), (4, 6), (3, 2), stride=1, padding=(2, 1)),
            _drawn(rng, (1, 3), (6, 8), (2, 3), stride=(3, 2)),
            _drawn(rng, (3, 2), (H, W), (3, 2), stride=(2, 3), padding=(1, 2)),
        ]

    def expected(self, case):
        return right(**case.arguments).reshape(-1, case.arguments["output_size"][1])

    def result_shape(self, case):
        return right(**case.arguments).shape

    def value(self, case, result):
        """All channels of all pictures one above the other, so that they can be laid beside the expected ones."""
        return result.reshape(-1, result.shape[-1])

    def restricted(self, case, names):
        """Columns are of one stride and padding: without these arguments the case has fewer or more of them."""
        kept = super().restricted(case, names).arguments
        if len(kept) == len(case.arguments):
            return case
        (N, rows, _), (H, W), size = kept["columns"].shape, kept["output_size"], kept["kernel_size"]
        H_out, W_out = places_along((H, W), size, kept.get("stride", 1), kept.get("padding", 0))
        columns = np.resize(kept["columns"], (N, rows, H_out * W_out))
        return _case(**{**kept, "columns": columns}, example=case.example)

    def own_words(self, trial):
        return first_difference(trial, "picture", lambda at: _sum_of(trial.case.arguments, at))

    def why_shape(self, case):
        H, W = case.arguments["output_size"]
        return f": (N, C, H, W) with output_size ({H}, {W})"


def _sum_of(arguments, at):
    """What meets in a cell."""
    (n, c, r, q), pad = at, pair(arguments.get("padding", 0))
    met = [value for cell, value in taps_in(**arguments) if cell == (n, c, r + pad[0], q + pad[1])]
    if len(met) == 1:
        return ", from one window alone"
    return f" = {' + '.join(map(number, met))}" if met else ", for no window reads this cell"


def _drawn(rng, batch, output_size, kernel_size, **settings):
    (N, C), (kH, kW) = batch, kernel_size
    H_out, W_out = places_along(output_size, kernel_size, settings.get("stride", 1), settings.get("padding", 0))
    return _case(distinct(rng, (N, C * kH * kW, H_out * W_out)), output_size, kernel_size, **settings)


def _case(columns, output_size, kernel_size, example=False, **settings):
    arguments = {"columns": columns, "output_size": output_size, "kernel_size": kernel_size, **settings}
    shown = {f"columns[{n}]": ("input", it) for n, it in enumerate(columns[:2])}
    label = f"columns of shape {columns.shape}, output_size {output_size} and kernel_size {kernel_size}"
    return Case(arguments, shown, f"{label}{said_of(arguments, SETTINGS)}", example)
