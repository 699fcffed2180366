"""One Conv2d layer: its settings, and every count that follows from them."""

from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from ..refusals import ShapeError, one_sentence, pair, whole
from . import axis
from .checks import check_forward, check_groups, check_padding, checked_input, short


class Bytes(NamedTuple):
    """Memory of one layer at work, in bytes, array by array; ``total`` is their sum.

    Args:
        input, weight, bias, output: bytes of each.

    Example:
        >>> Bytes(input=48, weight=36, bias=4, output=16).total
        104
    """

    input: int
    weight: int
    bias: int
    output: int

    @property
    def total(self):
        """The sum of the four."""
        return sum(self)


class ReadCounts(NamedTuple):
    """How often each row and each column of the input is read: a pixel is read the product of the two times.

    Args:
        rows, columns: times, one number a row and one a column.

    Example:
        >>> counts = ReadCounts(rows=(1, 2, 1), columns=(2, 3))
        >>> counts.table
        ((2, 3), (4, 6), (2, 3))
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]

    @property
    def table(self):
        """The counts pixel by pixel: a tuple of H rows of W numbers."""
        return tuple(tuple(row * column for column in self.columns) for row in self.rows)


class Unread(NamedTuple):
    """Indices of the input's rows and columns that no place reads; a pixel in either of them is never read.

    Args:
        rows, columns: indices from 0.

    Example:
        >>> Unread(rows=(7,), columns=(1, 3)).columns
        (1, 3)
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]


@one_sentence
@dataclass(frozen=True)
class Conv2dSpec:
    """The settings of one ``nn.Conv2d``, checked as PyTorch checks them, without torch.

    Args:
        in_channels, out_channels: channels of the input and the output.
        kernel_size, stride, dilation: a whole number or a pair (height, width).
        padding: pixels on *each* side (a number or a pair), or ``"same"`` or ``"valid"``.
        groups: both channel counts must be divisible by it.
        bias: one number per output channel is added when true.
        padding_mode: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.

    Raises:
        ShapeError: a setting that ``nn.Conv2d`` refuses when it is made.

    Example:
        >>> spec = Conv2dSpec(3, 8, kernel_size=(3, 5), stride=2)
        >>> spec.output_shape((1, 3, 32, 32)), spec.weight_shape, spec.parameter_count
        ((1, 8, 15, 14), (8, 3, 3, 5), 368)

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
    """

    in_channels: int
    out_channels: int
    kernel_size: int | tuple[int, int]
    stride: int | tuple[int, int] = 1
    padding: int | tuple[int, int] | str = 0
    dilation: int | tuple[int, int] = 1
    groups: int = 1
    bias: bool = True
    padding_mode: str = "zeros"

    def __post_init__(self):
        for name in ("in_channels", "out_channels", "groups"):
            object.__setattr__(self, name, whole(getattr(self, name), name))
        check_groups(self.in_channels, self.out_channels, self.groups)
        for name in ("kernel_size", "stride", "dilation"):
            object.__setattr__(self, name, pair(getattr(self, name), name))
        if not isinstance(self.padding, str):
            object.__setattr__(self, "padding", pair(self.padding, "padding"))
        check_padding(self.padding, self.padding_mode, self.stride)
        object.__setattr__(self, "bias", bool(self.bias))
        if min(self.kernel_size) < 0:
            raise ShapeError(
                f"kernel_size must be 1 or more; got {self.kernel_size}: choose a positive size.",
                f"Trying to create tensor with negative dimension {min(self.kernel_size)}: {list(self.weight_shape)}",
            )

    @property
    def weight_shape(self):
        """Shape of the weight: (C_out, C_in / groups, kH, kW)."""
        return (self.out_channels, self.in_channels // self.groups, *self.kernel_size)

    @property
    def parameter_count(self):
        """Number of learnable numbers: the weight's, and one bias per output channel."""
        C_out, C_in_per_group, kH, kW = self.weight_shape
        return C_out * C_in_per_group * kH * kW + C_out * self.bias

    @property
    def extent(self):
        """(height, width) of the input region under one place, holes of the dilation included."""
        return tuple(axis.extent(k, d) for k, d in zip(self.kernel_size, self.dilation, strict=True))

    @property
    def pads(self):
        """((top, bottom), (left, right)) in pixels; "same" puts the odd pixel at the bottom and right."""
        if self.padding == "valid":
            return ((0, 0), (0, 0))
        if self.padding == "same":
            totals = (e - 1 for e in self.extent)
            return tuple((total // 2, total - total // 2) for total in totals)
        return tuple((p, p) for p in self.padding)

    def output_shape(self, input_shape):
        """Shape of the output for an input (N, C_in, H, W) or, unbatched, (C_in, H, W).

        Args:
            input_shape: these 4 or 3 whole numbers.

        Raises:
            ShapeError: PyTorch refuses this input or this setting; the message says what to change.

        Example:
            >>> Conv2dSpec(3, 16, 3, stride=2, padding=3).output_shape((1, 3, 28, 28))
            (1, 16, 16, 16)
        """
        shape = checked_input(input_shape)
        check_forward(self, shape)
        lengths = (axis.output_length(length, *how) for length, how in zip(shape[-2:], self._axes, strict=True))
        return (*shape[:-3], self.out_channels, *lengths)

    def macs(self, input_shape):
        """Multiply-adds for the batch given; products with padding zeros count, adding the bias does not.

        Args, Raises:
            input_shape: as for ``output_shape``

        Example:
            >>> Conv2dSpec(3, 16, 3).macs((1, 3, 32, 32))
            388800
        """
        *batch, C_out, H_out, W_out = self.output_shape(input_shape)
        _, C_in_per_group, kH, kW = self.weight_shape
        return (batch[0] if batch else 1) * C_out * H_out * W_out * C_in_per_group * kH * kW

    def bytes(self, input_shape, itemsize=4):
        """Memory of the input, the weight, the bias and the output, in bytes.

        Args, Raises:
            input_shape: as for ``output_shape``
            itemsize: bytes of one number: 4 for float32, 2 for float16, 8 for float64; a ShapeError below 1

        Example:
            >>> Conv2dSpec(3, 64, 3, padding=1).bytes((1, 3, 224, 224))
            Bytes(input=602112, weight=6912, bias=256, output=12845056)
        """
        if whole(itemsize, "itemsize") < 1:
            raise ShapeError(f"itemsize must be 1 or more; got {itemsize}: float32 takes 4 bytes a number.")
        input_shape = checked_input(input_shape)
        output_shape = self.output_shape(input_shape)
        shapes = (input_shape, self.weight_shape, (self.out_channels * self.bias,), output_shape)
        return Bytes(*(prod(shape) * itemsize for shape in shapes))

    def read_counts(self, input_shape):
        """How often one kernel reads each pixel of its channel: ``.rows``, ``.columns``, and ``.table``.

        Each of the C_out / groups filters of a group reads that often. The zeros of the padding are nobody's
        pixel; what "reflect", "replicate" and "circular" put into the frame counts for the pixel it came from.

        Args, Raises:
            input_shape: as for ``output_shape``

        Example:
            >>> Conv2dSpec(1, 1, 3, stride=2).read_counts((1, 1, 8, 7))
            ReadCounts(rows=(1, 1, 2, 1, 2, 1, 1, 0), columns=(1, 1, 2, 1, 2, 1, 1))
            >>> Conv2dSpec(1, 1, 3, padding=1).read_counts((1, 1, 3, 4)).table
            ((4, 6, 6, 4), (6, 9, 9, 6), (4, 6, 6, 4))
        """
        input_shape = checked_input(input_shape)
        self.output_shape(input_shape)  # refuses what PyTorch refuses
        lengths = zip(input_shape[-2:], self._axes, strict=True)
        return ReadCounts(*(axis.read_counts(length, *how, self.padding_mode) for length, how in lengths))

    def unread(self, input_shape):
        """The rows and the columns that no place reads: what they hold cannot change the output.

        Args, Raises:
            input_shape: as for ``output_shape``

        Example:
            >>> Conv2dSpec(1, 1, (3, 1), stride=(2, 2)).unread((1, 1, 8, 5))
            Unread(rows=(7,), columns=(1, 3))
        """
        counts = self.read_counts(input_shape)
        return Unread(*(tuple(at for at, count in enumerate(line) if count == 0) for line in counts))

    def same_output(self, input_shape):
        """(heights, widths) that all give the output's height and width, as two ranges.

        Args, Raises:
            input_shape: as for ``output_shape``

        Example:
            >>> Conv2dSpec(3, 8, 3, stride=(2, 1)).same_output((1, 3, 32, 32))
            (range(31, 33), range(32, 33))
        """
        lengths = self.output_shape(input_shape)[-2:]
        return tuple(
            axis.input_lengths(length, *how, self.padding_mode) for length, how in zip(lengths, self._axes, strict=True)
        )

    @property
    def _axes(self):
        """(kernel_size, stride, padding, dilation) of the height, then of the width."""
        return tuple(zip(self.kernel_size, self.stride, self.pads, self.dilation, strict=True))

    def source(self):
        """The call that makes this layer, as one writes it, defaults left out.

        Example:
            >>> Conv2dSpec(1, 1, (3, 2), padding=(1, 0)).source()
            'nn.Conv2d(1, 1, kernel_size=(3, 2), padding=(1, 0))'
        """
        return call(vars(self))


def call(settings):
    """The call ``nn.Conv2d(...)`` with these settings, defaults left out; legal or not.

    Args:
        settings: a dict of the constructor's arguments, the channels and kernel_size among them.

    Example:
        >>> call({"in_channels": 3, "out_channels": 8, "kernel_size": [3, 3], "stride": [2, 1]})
        'nn.Conv2d(3, 8, kernel_size=3, stride=(2, 1))'
    """
    parts = [str(settings["in_channels"]), str(settings["out_channels"])]
    parts.append(f"kernel_size={short(settings['kernel_size'])}")
    defaults = {
        "stride": (1, 1),
        "padding": (0, 0),
        "dilation": (1, 1),
        "groups": 1,
        "bias": True,
        "padding_mode": "zeros",
    }
    for name, default in defaults.items():
        value = settings.get(name, default)
        value = tuple(value) if isinstance(value, list) else value
        if value != default:
            parts.append(f"{name}={short(value)}")
    return f"nn.Conv2d({', '.join(parts)})"
