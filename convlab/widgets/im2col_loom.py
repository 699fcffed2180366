"""Im2colLoom: a Conv2d as one matrix product, with every number at its place in the matrix.

unfold writes each window as a column; a row of weights times a column is the number that the sliding window would give;
fold adds the columns back, which counts each pixel as often as it was copied. All of it moves in the browser; Python
holds the place, and unfolds and multiplies again.
"""

import sys

import numpy as np
import traitlets

from ..engines import conv2d_im2col, im2col, pad_input
from ..refusals import came, one_sentence
from ..shapes import ArgumentError, Conv2dSpec, ShapeError, call
from .front import front
from .layer_widget import LayerWidget, packed, unpacked

VIEWS = ("sliding", "matrix", "fold")
# The browser draws its own moves at once; an echo of an older one must not undo a newer.
MOVED = {"sync": True, "echo_update": False}
OWN = ("view", "entry", "filter", "sample", "filled")
MOST_SENT = 65_536  # entries of the columns that the browser compares with its own


@one_sentence
class Im2colLoom(LayerWidget):
    """How a convolution becomes one product, weight.view(C_out, -1) @ columns, and what fold makes of the columns.

    Args:
        layer, input, weight, bias: as in ``LayerWidget``.
        tasks: things to do, a dict {sentence: function of ``now``}; ``now`` has the traits ``view, entry, filter,
            sample, filled``, the NumPy arrays ``input, weight, bias, output, columns``, ``place`` (i, j) and ``tap``
            (c, u, v) of the pinned entry, ``pixel``: the (c, i, j) that it copies or None for padding, ``copies``: how
            often that is copied, and ``factor``: the columns' numbers by the input's.
        settings: Conv2d's keywords, and ``view`` ("sliding", "matrix", "fold"), ``entry`` (row, column) of the columns
            or ``place`` (i, j) alone, ``filter``, ``sample`` (of the batch), ``filled`` (how many columns are there so
            far; None for all).

    Raises:
        TypeError: an unknown keyword, or numbers that are not floats.
        ShapeError: a shape that fits nothing, or an entry outside the columns.

    Example:
        >>> Im2colLoom(2, 3, kernel_size=(3, 2), padding=1, input=(1, 2, 4, 5), entry=(7, 11))
        Im2colLoom(nn.Conv2d(2, 3, kernel_size=(3, 2), padding=1), input=(1, 2, 4, 5), view='matrix', entry=(7, 11))
    """

    _esm, _css = front("im2col_loom")

    view = traitlets.Enum(VIEWS, "matrix", help="the window slides, the matrix product, or fold").tag(**MOVED)
    entry = traitlets.List(traitlets.Int(), [0, 0], help="(row, column) of the columns").tag(**MOVED)
    filter = traitlets.Int(0, help="the row of the product").tag(**MOVED)
    sample = traitlets.Int(0, help="of the batch").tag(**MOVED)
    filled = traitlets.Int(None, allow_none=True, help="columns there so far; None for all").tag(**MOVED)
    _unfolded = traitlets.Dict().tag(sync=True)

    watched = OWN

    def __init__(self, *layer, input=None, weight=None, bias=None, tasks=None, **settings):
        own = {name: settings.pop(name) for name in (*OWN, "place") if name in settings}
        super().__init__(*layer, input=input, weight=weight, bias=bias, tasks=tasks, **settings)
        self._unfold()
        self.entry = self._usual_entry()
        for name, value in own.items():
            self._set(name, value)
        self.observe(self._unfold, ["_computed"])
        self._begin_tasks()

    def _set(self, name, value):
        if name in ("entry", "place"):
            whole = isinstance(value, (tuple, list)) and len(value) == 2 and all(type(at) is int for at in value)
            if not whole:
                raise ShapeError(f"{name} must be two whole numbers such as (0, 3); got {came(value)}: give its index.")
            value = list(value)
        try:
            setattr(self, name, value)
        except traitlets.TraitError as error:
            wrong = ArgumentError if name in ("view", "filled") else ShapeError
            raise wrong(str(error)) from None

    def _show(self, *numbers):
        with self.hold_sync():
            super()._show(*numbers)
            self._unfold()
            self._stay_inside()

    def _spec(self):
        """The layer as a ``Conv2dSpec`` with the output's shape; (None, None) where PyTorch refuses."""
        try:
            spec = Conv2dSpec(**self.spec)
            return spec, spec.output_shape(self._input["shape"])
        except ShapeError:
            return None, None

    def _size(self):
        """(rows, columns) of the columns, None where PyTorch refuses."""
        spec, output = self._spec()
        return spec and (spec.in_channels * spec.kernel_size[0] * spec.kernel_size[1], output[-2] * output[-1])

    def _usual_entry(self):
        """The middle tap at the middle place."""
        spec, output = self._spec()
        if spec is None:
            return [0, 0]
        (kH, kW), (H_out, W_out) = spec.kernel_size, output[-2:]
        return [kH // 2 * kW + kW // 2, H_out // 2 * W_out + W_out // 2]

    def _stay_inside(self):
        """Keeps entry, filter, sample and filled as far as the layer on the screen has them."""
        size, (spec, output) = self._size(), self._spec()
        if size is None:
            return
        if any(at >= most for at, most in zip(self.entry, size, strict=True)):
            self.entry = self._usual_entry()
        self.filter = min(self.filter, spec.out_channels - 1)
        self.sample = min(self.sample, (output[0] if len(output) == 4 else 1) - 1)
        if self.filled is not None and self.filled >= size[1]:
            self.filled = None

    @traitlets.validate("entry")
    def _check_entry(self, proposal):
        value, size = proposal["value"], self._size()
        if len(value) != 2 or (size and not all(0 <= at < most for at, most in zip(value, size, strict=True))):
            raise traitlets.TraitError(
                f"entry must be (row, column) of the columns, counted from 0, whose shape is {size}; "
                f"got {tuple(value)}."
            )
        return value

    @traitlets.validate("filter", "sample", "filled")
    def _check_number(self, proposal):
        name, value, (_, output) = proposal["trait"].name, proposal["value"], self._spec()
        if value is None or output is None:
            return value
        counts = {"filter": output[-3], "sample": output[0] if len(output) == 4 else 1}
        most = counts.get(name, output[-2] * output[-1] + 1) - 1
        if not 0 <= value <= most:
            raise traitlets.TraitError(f"{name} must be a number from 0 to {most}; got {value}.")
        return value

    @property
    def place(self):
        """(i, j) of the window that the pinned column holds; set it to go there in the same row."""
        _, output = self._spec()
        return divmod(self.entry[1], output[-1]) if output else None

    @place.setter
    def place(self, value):
        _, output = self._spec()
        if output is None:
            return
        i, j = value
        if not (0 <= i < output[-2] and 0 <= j < output[-1]):
            raise traitlets.TraitError(
                f"place must be (i, j) of the output, counted from 0, whose map is {tuple(output[-2:])}; "
                f"got {tuple(value)}."
            )
        self.entry = [self.entry[0], i * output[-1] + j]

    def _unfold(self, _change=None):
        """The columns of the numbers as they stand and what the product differs by, for the widget to compare."""
        spec, _ = self._spec()
        if spec is None or not self._computed:
            self._unfolded = {}
            return
        input, weight = unpacked(self._input), unpacked(self._weight)
        with_torch = hasattr(sys.modules.get("torch"), "nn")
        columns, product = (_by_torch if with_torch else _by_numpy)(spec, input, weight)
        slid = unpacked(self._computed["output"])
        bias = unpacked(self._bias)[:, None, None] if spec.bias else 0
        rounding = float(np.abs(product.reshape(slid.shape) + bias - slid).max(initial=0))
        sent = columns.reshape(1, -1)[:, :MOST_SENT]
        by = f"{self._computed['by']}'s F.unfold" if with_torch else "NumPy"
        self._unfolded = {"columns": packed(sent), "by": by, "rounding": rounding, "rest": self._rest}

    @property
    def columns(self):
        """The columns (N, C_in * kH * kW, L), or without N, as ``F.unfold`` makes them of the padded input.

        Raises:
            ValueError: PyTorch refuses these settings.
        """
        import torch

        spec = Conv2dSpec(**self.spec)
        spec.output_shape(self._input["shape"])
        return torch.as_tensor(_by_torch(spec, unpacked(self._input), unpacked(self._weight))[0])

    def _look(self, _change=None):
        """Ticks off what has been done; the arrays of a task's ``now`` are NumPy's, so that no torch is needed."""
        if self._tasks and self._to_do.look(self._now()):
            self._tasks = [dict(entry) for entry in self._to_do.shown]

    def _now(self):
        packs = {"input": self._input, "weight": self._weight, "bias": self._bias}
        packs["output"] = self._computed.get("output")
        now = {name: unpacked(value) for name, value in packs.items() if value}
        now |= {name: getattr(self, name) for name in self.watched}
        spec, _ = self._spec()
        if spec is None:
            return now
        numbered = np.arange(1, now["input"].size + 1).reshape(now["input"].shape)
        where = _by_numpy(spec, numbered.astype(np.float64))[0].reshape(-1, *self._size())[self.sample]
        source = int(where[tuple(self.entry)])
        index = np.unravel_index(source - 1, now["input"].shape)[-3:] if source else None
        columns = _by_numpy(spec, now["input"])[0]
        return now | {
            **{"columns": columns, "place": self.place, "factor": columns.size / now["input"].size},
            "tap": tuple(int(at) for at in np.unravel_index(self.entry[0], (spec.in_channels, *spec.kernel_size))),
            "pixel": index and tuple(int(at) for at in index),
            "copies": int((where == source).sum()),
        }

    @property
    def state(self):
        """A plain dict that makes the same widget again: ``Im2colLoom(**widget.state)``."""
        return {**super().state, **{name: getattr(self, name) for name in OWN}}

    def __repr__(self):
        # Where it stands, never the numbers: a stored output must not answer the question that comes before it.
        parts = [f"view={self.view!r}", f"entry={tuple(self.entry)}"]
        usual = {"filter": 0, "sample": 0, "filled": None}
        parts += [f"{name}={getattr(self, name)!r}" for name, value in usual.items() if getattr(self, name) != value]
        return f"Im2colLoom({call(self.spec)}, input={tuple(self._input['shape'])}, {', '.join(parts)})"


def _by_numpy(spec, input, weight=None):
    """(columns, weight.view(C_out, -1) @ columns without the bias); without a weight, the columns alone."""
    padded = pad_input(input, spec.pads, spec.padding_mode)
    columns = im2col(padded, spec.kernel_size, spec.stride, 0, spec.dilation)
    if weight is None:
        return columns, None
    return columns, conv2d_im2col(padded, weight, None, spec.stride, 0, spec.dilation, spec.groups)


def _by_torch(spec, input, weight):
    import torch
    from torch.nn import functional as F

    with torch.no_grad():
        padded = torch.as_tensor(pad_input(input, spec.pads, spec.padding_mode))
        columns = F.unfold(padded, spec.kernel_size, spec.dilation, 0, spec.stride)
        share = columns.shape[-2] // spec.groups
        rows = torch.as_tensor(weight).reshape(spec.groups, -1, share)
        product = rows @ columns.reshape(*columns.shape[:-2], spec.groups, share, -1)
        return columns.numpy(), product.reshape(*columns.shape[:-2], spec.out_channels, -1).numpy()
