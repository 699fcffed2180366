"""What a FilterBank is made of: pictures, and filters by name, by formula or from a layer; float32, as in Conv2d."""

from itertools import islice
from math import pi
from operator import index

import numpy as np

from .. import layers, samples
from ..refusals import came
from ..shapes import ArgumentError, Conv2dSpec, ShapeError
from .layer_widget import _bias_array, _plain, _small_numbers, floats

NAMED = ("identity", "box blur", "sharpen", "vertical edges", "horizontal edges", "outline")
# Odd, so that flat areas give 0 from the start; higher than wide, so that rows and columns cannot be swapped unseen.
GABOR = {"kernel_size": [11, 9], "orientations": 8, "wavelength": 5.0, "sigma": 2.0, "gamma": 0.7, "psi": pi / 2,
         "zero_mean": False}  # fmt: skip
LONGEST, MOST_ORIENTATIONS, MOST_SHOWN, MOST_NUMBERS = 31, 32, 16, 10_000
SETTINGS = ("stride", "padding", "dilation", "groups", "padding_mode")
PICTURES = ("rings", "patches", "painted", *samples.PICTURES, "digit")


def patches():
    """Bytes (3, 18, 24) of 0 and 1: blocks in red, green and blue, under them in yellow, cyan and white, on black.

    Each channel that is left out darkens other blocks.

    Example:
        >>> patches()[:, 2, 2].tolist(), patches()[:, 10, 9].tolist()
        ([1, 0, 0], [0, 1, 1])
    """
    colours = [[(1, 0, 0), (0, 1, 0), (0, 0, 1)], [(1, 1, 0), (0, 1, 1), (1, 1, 1)]]
    picture = np.zeros((3, 18, 24), np.uint8)
    for i, line in enumerate(colours):
        for j, colour in enumerate(line):
            picture[:, 2 + 8 * i : 8 + 8 * i, 2 + 7 * j : 7 + 7 * j] = np.array(colour)[:, None, None]
    return picture


def rings():
    """Bytes (1, 96, 128): rings around the middle, 3.5 pixels wide there and growing by a tenth outwards.

    Every direction and many wavelengths stand side by side, so a Gabor kernel answers at its own place.

    Example:
        >>> rings().shape
        (1, 96, 128)
    """
    row, column = np.mgrid[:96, :128] - np.array([47.5, 63.5])[:, None, None]
    phase = 2 * pi * 10 * np.log1p(np.hypot(row, column) / 35)  # the integral of 1 / (3.5 + r / 10)
    return np.round(127.5 + 127.5 * np.cos(phase)).astype(np.uint8)[None]


def sent_picture(name):
    """A bundled picture as bytes (C, H, W) and what they are divided by: photographs are 96 x 128, cut and halved."""
    if name == "rings":
        return rings(), 255
    if name == "patches":
        return patches(), 1
    if name == "painted":
        return samples.painted().astype(np.uint8), 1
    if name == "digit":
        return samples.digits("test")[0][:1].copy(), 255
    photo = samples.picture(name)[:, 32:224].astype(np.float64)
    C, H, W = photo.shape
    halved = photo.reshape(C, H // 2, 2, W // 2, 2).mean((2, 4))
    return np.round(halved).astype(np.uint8), 255


def picture(name):
    """A bundled picture's numbers, float32 (C, H, W)."""
    sent, divisor = sent_picture(name)
    return sent.astype(np.float32) / np.float32(divisor)


def read_picture(input, channels):
    """(name or "own", numbers (C, H, W) or None) from what the learner gave; without any, one of so many channels."""
    if input is None:
        name = {None: "camera", 1: "camera", 3: "cat"}.get(channels)
        return (name, None) if name else ("own", _small_numbers((channels, 12, 15), 0, 4))
    if isinstance(input, str):
        check_picture(input, PICTURES)
        return input, None
    array = floats(input, "input", np.float32)
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
    if array.ndim != 3 or 0 in array.shape:
        fix = "give one of them, input[0]" if array.ndim == 4 else "add missing axes with input[None]"
        raise ShapeError(f"input must be one picture (C_in, H, W) or (1, C_in, H, W); got shape {array.shape}: {fix}.")
    return "own", np.ascontiguousarray(array)


def check_picture(name, known):
    if name not in known:
        raise ArgumentError(
            f"There is no picture {came(name)}; choose one of {', '.join(PICTURES)}, or give an array (C_in, H, W)."
        )


def read_filters(filters, settings):
    """(source, names, own) from what the learner gave; own is {spec, weight, bias} of a layer or an array, or None."""
    bias = settings.pop("bias", None)
    if filters is None or isinstance(filters, str) or _is_names(filters):
        if bias is not None:
            raise ArgumentError("Filters by name or formula have no bias: leave bias out, or give a layer.")
        if filters in ("gabor", "own"):
            return filters, list(NAMED), None
        return "named", check_names([filters] if isinstance(filters, str) else filters or NAMED), None
    if layers.is_conv2d(filters):
        if settings or bias is not None:
            raise ArgumentError(
                f"A real layer brings its own settings; got {', '.join(settings) or 'bias'} too: leave it out, or give "
                "layer.weight instead of the layer."
            )
        spec, weight = layers.spec(filters), floats(filters.weight, "filters", np.float32)
        bias = None if filters.bias is None else floats(filters.bias, "bias", np.float32)
        plain = _plain({name: getattr(spec, name) for name in Conv2dSpec.__dataclass_fields__})
        return "own", list(NAMED), {"spec": plain, "weight": weight, "bias": bias}
    return "own", list(NAMED), _own(filters, bias, settings)


def _own(weight, bias, settings):
    """{spec, weight, bias} of an array of filters."""
    weight = floats(weight, "filters", np.float32)
    if weight.ndim == 3:
        weight = weight[:, None]
    if weight.ndim != 4 or 0 in weight.shape:
        raise ShapeError(
            "filters must be a weight (C_out, C_in, kH, kW), or (C_out, kH, kW) for one input channel; "
            f"got shape {weight.shape}: add missing axes with weight[None]."
        )
    C_out, share, *size = weight.shape
    spec = {**settings, "in_channels": share * settings.get("groups", 1), "out_channels": C_out, "kernel_size": size}
    spec = _plain({**spec, "bias": bias is not None and bias is not False})
    bias = _bias_array(bias, spec, weight.dtype) if spec["bias"] else None
    return {"spec": spec, "weight": weight, "bias": bias}


def _is_names(filters):
    return isinstance(filters, (list, tuple)) and bool(filters) and all(isinstance(name, str) for name in filters)


def check_names(names):
    """The names as the course writes them, each once.

    Raises:
        ArgumentError: a name that no kernel has, or no name at all.
    """
    known = [samples.kernel(name).name for name in names]
    if not known:
        raise ArgumentError(f"A bank has at least one filter; choose of {', '.join(samples.KERNELS)}.")
    return list(dict.fromkeys(known))


def check_gabor(changes, before):
    """All of a Gabor bank's parameters after these changes.

    Raises:
        ArgumentError, ShapeError: a name that is none of them, or a number that makes no bank.
    """
    if not isinstance(changes, dict) or set(changes) - set(GABOR):
        wrong = next(it for it in changes if it not in GABOR) if isinstance(changes, dict) else changes
        raise ArgumentError(
            f"gabor must be a dict of {', '.join(GABOR)}; got {came(wrong)}: write gabor={{'sigma': 2.0}}."
        )
    told = {**before, **changes}
    bank = samples.gabor_bank(**{**told, "kernel_size": _pair(told["kernel_size"])})
    count, kH, kW = bank.shape
    if max(kH, kW) > LONGEST or count > MOST_ORIENTATIONS:
        raise ShapeError(
            f"A Gabor bank here has at most {MOST_ORIENTATIONS} orientations and {LONGEST} rows or columns; "
            f"got {count} of {(kH, kW)}: choose less."
        )
    numbers = {name: float(told[name]) for name in ("wavelength", "sigma", "gamma", "psi")}
    return {"kernel_size": [kH, kW], "orientations": count, **numbers, "zero_mean": bool(told["zero_mean"])}


def _pair(size):
    return tuple(size) if isinstance(size, list) else size


def named_weight(names):
    """The kernels of these names, float32 (len(names), kH, kW): the smaller ones with zeros around them.

    Example:
        >>> named_weight(["Sobel x", "shift"]).shape
        (2, 3, 5)
    """
    kernels = [samples.kernel(name).weight for name in names]
    size = [max(kernel.shape[axis] for kernel in kernels) for axis in (0, 1)]
    weight = np.zeros((len(kernels), *size), np.float32)
    for slot, kernel in zip(weight, kernels, strict=True):
        top, left = ((new - 1) // 2 - (old - 1) // 2 for new, old in zip(size, kernel.shape, strict=True))
        slot[top : top + kernel.shape[0], left : left + kernel.shape[1]] = kernel
    return weight


def mixed(kernels, mix):
    """Each kernel as a filter of one slice a channel, (C_out, C_in, kH, kW): slice c is mix[c] times the kernel."""
    share = np.asarray(mix, np.float64)[None, :, None, None]
    return (share * kernels[:, None].astype(np.float64)).astype(np.float32)


def check_ids(ids, trait):
    """Names of channels and filters such as "input 0", "filter 2", each once.

    Raises:
        ArgumentError: what is no such name.
    """
    for name in ids:
        kind, _, number = name.partition(" ") if isinstance(name, str) else ("", "", "")
        if kind not in ("input", "filter") or not number.isdecimal():
            raise ArgumentError(
                f"{trait} must name input channels and filters; got {came(name)}: write ['input 0', 'filter 2']."
            )
    return list(dict.fromkeys(ids))


def whole_numbers(values, name):
    """A list of whole numbers from 0.

    Raises:
        ArgumentError: something else.
    """
    try:
        found = [index(value) for value in islice(values, MOST_NUMBERS + 1)]
    except TypeError:
        found = [-1]
    if len(found) > MOST_NUMBERS:
        raise ArgumentError(
            f"{name} must be {MOST_NUMBERS:,} numbers at most; got {came(values)}: write {name}=[0, 1]."
        )
    if min(found, default=0) < 0:
        raise ArgumentError(f"{name} must be whole numbers from 0; got {came(values)}: write {name}=[0, 1, 2].")
    return found
