"""The integers of a convolution: sizes, counts, receptive fields; no arrays, no torch.

Everything here follows from one formula, written for one axis (PyTorch's docs, ``torch.nn.Conv2d``):

    out = floor((in + pad_before + pad_after - dilation * (kernel - 1) - 1) / stride) + 1
"""

from dataclasses import dataclass
from operator import index

from .refusals import ArgumentError, Refusal, ShapeError, pair, whole

__all__ = [
    "ArgumentError",
    "Conv2dSpec",
    "Refusal",
    "ShapeError",
    "call",
    "extent",
    "output_length",
    "pair",
    "receptive_field",
    "whole",
]

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def extent(kernel_size, dilation=1):
    """Length of input that one kernel axis reaches over, holes included: dilation * (kernel_size - 1) + 1.

    Example:
        >>> extent(3), extent(3, dilation=2)
        (3, 5)
    """
    return dilation * (kernel_size - 1) + 1


def output_length(length, kernel_size, stride=1, padding=(0, 0), dilation=1):
    """Number of places where the window fits along one axis; 0 or less when it fits nowhere.

    Args:
        length: input length in pixels.
        padding: pixels added (before, after).

    Example:
        >>> output_length(28, kernel_size=3, stride=2, padding=(3, 3))
        16
    """
    return (length + sum(padding) - extent(kernel_size, dilation)) // stride + 1


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
        _check_groups(self.in_channels, self.out_channels, self.groups)
        for name in ("kernel_size", "stride", "dilation"):
            object.__setattr__(self, name, pair(getattr(self, name), name))
        if not isinstance(self.padding, str):
            object.__setattr__(self, "padding", pair(self.padding, "padding"))
        _check_padding(self.padding, self.padding_mode, self.stride)
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
        return tuple(extent(k, d) for k, d in zip(self.kernel_size, self.dilation, strict=True))

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

        Raises:
            ShapeError: PyTorch refuses this input or this setting; the message says what to change.

        Example:
            >>> Conv2dSpec(3, 16, 3, stride=2, padding=3).output_shape((1, 3, 28, 28))
            (1, 16, 16, 16)
        """
        shape = _checked_input(input_shape)
        _check_forward(self, shape)
        lengths = tuple(
            output_length(length, k, s, p, d)
            for length, k, s, p, d in zip(
                shape[-2:], self.kernel_size, self.stride, self.pads, self.dilation, strict=True
            )
        )
        return (*shape[:-3], self.out_channels, *lengths)

    def macs(self, input_shape):
        """Multiply-adds for the batch given; products with padding zeros count, adding the bias does not.

        Example:
            >>> Conv2dSpec(3, 16, 3).macs((1, 3, 32, 32))
            388800
        """
        *batch, C_out, H_out, W_out = self.output_shape(input_shape)
        _, C_in_per_group, kH, kW = self.weight_shape
        return (batch[0] if batch else 1) * C_out * H_out * W_out * C_in_per_group * kH * kW

    def source(self):
        """The call that makes this layer, as one writes it, defaults left out.

        Example:
            >>> Conv2dSpec(1, 1, (3, 2), padding=(1, 0)).source()
            'nn.Conv2d(1, 1, kernel_size=(3, 2), padding=(1, 0))'
        """
        return call(vars(self))


def receptive_field(specs):
    """(size, jump) of a stack of layers, first layer first, each a pair (height, width) in input pixels.

    ``size`` is how much input one unit of the last layer sees, ``jump`` the distance in input pixels
    between two neighbouring units.

    Example:
        >>> receptive_field([Conv2dSpec(1, 1, 3, stride=2), Conv2dSpec(1, 1, (3, 5))])
        ((7, 11), (2, 2))

    Source: A. Araujo, W. Norris, J. Sim, "Computing Receptive Fields of Convolutional Neural Networks" (2019)
    """
    size, jump = [1, 1], [1, 1]
    for spec in specs:
        for axis in (0, 1):
            size[axis] += (spec.extent[axis] - 1) * jump[axis]
            jump[axis] *= spec.stride[axis]
    return tuple(size), tuple(jump)


def call(settings):
    """The call ``nn.Conv2d(...)`` with these settings (a dict), defaults left out; legal or not.

    Example:
        >>> call({"in_channels": 3, "out_channels": 8, "kernel_size": [3, 3], "stride": [2, 1]})
        'nn.Conv2d(3, 8, kernel_size=3, stride=(2, 1))'
    """
    parts = [str(settings["in_channels"]), str(settings["out_channels"])]
    parts.append(f"kernel_size={_short(settings['kernel_size'])}")
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
            parts.append(f"{name}={_short(value)}")
    return f"nn.Conv2d({', '.join(parts)})"


def _short(value):
    if isinstance(value, (tuple, list)):
        return str(value[0]) if value[0] == value[1] else repr(tuple(value))
    return repr(value)


def _check_groups(in_channels, out_channels, groups):
    if groups < 1:
        raise ShapeError(
            f"groups must be 1 or more; got {groups}: use groups=1 for an ordinary layer.",
            "groups must be a positive integer",
        )
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if channels % groups:
            legal = [g for g in range(1, channels + 1) if not in_channels % g and not out_channels % g]
            raise ShapeError(
                f"Each group takes an equal share of the channels, and {name}={channels} does not divide into "
                f"{groups} groups; with these channels groups can be {', '.join(map(str, legal))}.",
                f"{name} must be divisible by groups",
            )


def _check_padding(padding, padding_mode, stride):
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise ShapeError(
                f"padding must be a number, a pair, 'same' or 'valid'; got {padding!r}.",
                f"Invalid padding string {padding!r}, should be one of {{'valid', 'same'}}",
            )
        if padding == "same" and stride != (1, 1):
            raise ShapeError(
                f"'same' keeps the size, which stride {_short(stride)} cannot: use stride=1, or a number as padding.",
                "padding='same' is not supported for strided convolutions",
            )
    if padding_mode not in PADDING_MODES:
        raise ShapeError(
            f"padding_mode must be one of {', '.join(map(repr, PADDING_MODES))}; got {padding_mode!r}.",
            "padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, "
            f"but got padding_mode={padding_mode!r}",
        )


def _checked_input(input_shape):
    try:
        shape = tuple(index(length) for length in input_shape)
    except TypeError:
        raise ShapeError(f"input_shape must be whole numbers such as (1, 3, 32, 32); got {input_shape!r}.") from None
    if len(shape) not in (3, 4):
        raise ShapeError(
            f"The input must have 4 axes (N, C_in, H, W), or 3 without the batch (C_in, H, W); got {len(shape)}, "
            f"{shape}: add the missing axes with unsqueeze.",
            f"Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: {list(shape)}",
        )
    if min(shape) < 0:
        raise ShapeError(
            f"A size cannot be negative; got {shape}.",
            f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}",
        )
    return shape


def _check_forward(spec, shape):
    """Raise what PyTorch's forward raises, in its order: modes, signs, channels, size, then what its kernels refuse."""
    if spec.padding_mode != "zeros" and any(map(any, spec.pads)):
        _check_mode(spec, shape)
    _check_least(spec.padding, min(map(min, spec.pads)), 0, "padding", "negative padding is not supported")
    _check_least(spec.stride, min(spec.stride), 1, "stride", "non-positive stride is not supported")
    _check_channels(spec, shape)
    _check_size(spec, shape)
    (kH, kW), (dH, dW) = spec.kernel_size, spec.dilation
    sizes = f"kernel_height: {kH} kernel_width: {kW}" if min(dH, dW) > 0 else f"[{kH}, {kW}]"
    words = f"kernel size should be greater than zero, but got {sizes}"
    _check_least(spec.kernel_size, min(kH, kW), 1, "kernel_size", words)
    if 0 in shape[:-3]:
        return  # an empty batch: nothing is computed, and PyTorch does not look at the dilation
    words = "dilation should be greater than zero" + (f", but got [{dH}, {dW}]" if min(dH, dW) == 0 else "")
    _check_least(spec.dilation, min(dH, dW), 1, "dilation", words)


def _check_least(value, smallest, least, name, torch_message):
    if smallest < least:
        raise ShapeError(f"{name} must be {least} or more; got {_short(value)}.", torch_message)


def _seen(spec, shape):
    """The input's shape when PyTorch checks it: padding by a mode, and the odd pixel of "same", come before."""
    if spec.padding_mode != "zeros":
        before = [sum(side) for side in spec.pads]
    else:
        before = [abs(first - last) for first, last in spec.pads]
    return [*shape[:-2], shape[-2] + before[0], shape[-1] + before[1]]


def _check_channels(spec, shape):
    C_in = shape[-3]
    if C_in != spec.in_channels:
        weight, batched = list(spec.weight_shape), [1] * (4 - len(shape)) + _seen(spec, shape)
        raise ShapeError(
            f"The layer was made for in_channels={spec.in_channels}, and this input has {C_in} channels: change "
            f"in_channels to {C_in}, or check that the input's axes are (N, C_in, H, W).",
            f"Given groups={spec.groups}, weight of size {weight}, expected input{batched} to have "
            f"{spec.in_channels} channels, but got {C_in} channels instead",
        )


def _check_size(spec, shape):
    H, W = shape[-2:]
    padded = [length + sum(side) for length, side in zip((H, W), spec.pads, strict=True)]
    if any(have < need for have, need in zip(padded, spec.extent, strict=True)):
        (pH, pW), (eH, eW) = padded, spec.extent
        raise ShapeError(
            f"The window covers {eH} x {eW}, and the padded input has only {pH} x {pW}: use a smaller kernel or "
            f"dilation, more padding, or a larger input.",
            f"Calculated padded input size per channel: ({pH} x {pW}). Kernel size: ({eH} x {eW}). "
            "Kernel size can't be greater than actual input size",
        )
    if 0 in (H, W):
        raise ShapeError(
            f"The input has no pixels: {shape}; H and W must be 1 or more.",
            f"Only zero batch or zero channel inputs are supported, but got input shape: {list(shape)}",
        )


def _check_mode(spec, shape):
    for axis in (1, 0):  # PyTorch looks at the width first
        length, side = shape[axis - 2], spec.pads[axis]
        if spec.padding_mode == "reflect" and max(side) >= length:
            raise ShapeError(
                f"'reflect' mirrors the input without its edge, so padding must be less than the size; got {max(side)} "
                f"for {length} pixels: pad less, or use 'replicate'.",
                f"Argument #{6 - 2 * axis}: Padding size should be less than the corresponding input dimension, "
                f"but got: padding ({side[0]}, {side[1]}) at dimension {axis + len(shape) - 2} of input {list(shape)}",
            )
        if spec.padding_mode == "circular" and max(side) > length:
            raise ShapeError(
                f"'circular' may go round the input once, so padding can be {length} at most here; got {max(side)}.",
                "Padding value causes wrapping around more than once.",
            )
