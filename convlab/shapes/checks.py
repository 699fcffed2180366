"""What PyTorch's Conv2d refuses, in its order and its words, with a sentence of ours before them."""

from ..refusals import ShapeError, came, few, size

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def short(value):
    """A setting as one writes it: a pair of equals as one number."""
    if isinstance(value, (tuple, list)):
        return str(value[0]) if value[0] == value[1] else repr(tuple(value))
    return repr(value)


def check_groups(in_channels, out_channels, groups):
    """Raise what ``nn.Conv2d`` raises when it is made with these groups."""
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


def check_padding(padding, padding_mode, stride):
    """Raise what ``nn.Conv2d`` raises when it is made with this padding."""
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise ShapeError(
                f"padding must be a number, a pair, 'same' or 'valid'; got {came(padding)}.",
                f"Invalid padding string {padding!r}, should be one of {{'valid', 'same'}}",
            )
        if padding == "same" and stride != (1, 1):
            raise ShapeError(
                f"'same' keeps the size, which stride {short(stride)} cannot: use stride=1, or a number as padding.",
                "padding='same' is not supported for strided convolutions",
            )
    if not isinstance(padding_mode, str) or padding_mode not in PADDING_MODES:
        raise ShapeError(
            f"padding_mode must be one of {', '.join(map(repr, PADDING_MODES))}; got {came(padding_mode)}.",
            "padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, "
            f"but got padding_mode={came(padding_mode)}",
        )


def checked_input(input_shape):
    """The input's shape as a tuple of ints, 3 or 4 of them, none negative."""
    try:
        shape = tuple(map(size, few(input_shape)))
    except Exception:
        raise ShapeError(
            f"input_shape must be whole numbers such as (1, 3, 32, 32); got {came(input_shape)}."
        ) from None
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


def check_forward(spec, shape):
    """Raise what PyTorch's forward raises, in its order: modes, signs, channels, size, then what its kernels refuse."""
    pads = spec.pads
    if spec.padding_mode != "zeros" and any(map(any, pads)):
        _check_mode(spec, shape)
    if min(map(min, pads)) < 0:
        raise _too_small(spec, "padding", 0, "negative padding is not supported")
    if min(spec.stride) < 1:
        raise _too_small(spec, "stride", 1, "non-positive stride is not supported")
    _check_channels(spec, shape)
    _check_size(spec, shape, pads)
    _check_taps(spec, 0 in shape[:-3])


def _check_taps(spec, empty):
    """What PyTorch's own kernels refuse; for an empty batch they are not asked about a dilation of 0."""
    (kH, kW), (dH, dW) = spec.kernel_size, spec.dilation
    if min(kH, kW) < 1:
        sizes = f"kernel_height: {kH} kernel_width: {kW}" if min(dH, dW) > 0 else f"[{kH}, {kW}]"
        raise _too_small(spec, "kernel_size", 1, f"kernel size should be greater than zero, but got {sizes}")
    if min(dH, dW) < (0 if empty else 1):
        came = f", but got [{dH}, {dW}]" if min(dH, dW) == 0 else ""
        raise _too_small(spec, "dilation", 1, f"dilation should be greater than zero{came}")


def _too_small(spec, name, least, torch_message):
    return ShapeError(f"{name} must be {least} or more; got {short(getattr(spec, name))}.", torch_message)


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


def _check_size(spec, shape, pads):
    (H, W), (eH, eW) = shape[-2:], spec.extent
    pH, pW = H + sum(pads[0]), W + sum(pads[1])
    if pH < eH or pW < eW:
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
