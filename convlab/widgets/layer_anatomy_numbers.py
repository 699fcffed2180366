"""The numbers of a layer whose arguments move: those that were given as far as they reach, the rest made up.

Browser and Python make the same ones (layer_anatomy_numbers.js), each number from its own index alone. So a filter
that is added changes no other filter, a layer that is dragged there and back has its numbers back, and no array needs
to travel while a hand moves.
"""

import numpy as np

SALT = {"input": 11, "weight": 23, "bias": 37}
MULTIPLIERS = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
SMALL_WEIGHTS = np.array([-2.0, -1.0, 1.0, 2.0])  # never 0: every tap does something


def shapes(spec, shape):
    """{input, weight, bias}: the shape of each array, (0,) for a bias that is not there."""
    channels, groups = spec["out_channels"], max(1, spec["groups"])
    weight = (channels, spec["in_channels"] // groups, *spec["kernel_size"])
    return {"input": tuple(shape), "weight": tuple(max(0, length) for length in weight),
            "bias": (channels if spec["bias"] else 0,)}  # fmt: skip


def numbers(spec, shape, given, edits):
    """{input, weight, bias} as arrays; bias is empty where the layer has none.

    Args:
        spec: Conv2d's arguments, sizes as pairs.
        shape: the input's.
        given: {name: array}; a number outside of such an array is made up in its style.
        edits: {name: {"o,c,u,v": number}}, what a hand has set.

    Example:
        >>> spec = {"in_channels": 1, "out_channels": 2, "kernel_size": [1, 2], "groups": 1, "bias": True}
        >>> numbers(spec, (1, 1, 2, 3), {}, {"weight": {"1,0,0,1": 9}})["weight"][1].tolist()
        [[[-2.0, 9.0]]]
    """
    wanted = shapes(spec, shape)
    dtype = np.float64 if any(array.dtype == np.float64 for array in given.values()) else np.float32
    fan_in = int(np.prod(wanted["weight"][1:]))
    found = {}
    for name, size in wanted.items():
        array = _made(name, size, given, fan_in).astype(dtype)
        known = given.get(name)
        if known is not None and known.ndim == array.ndim:
            overlap = tuple(slice(min(one, two)) for one, two in zip(known.shape, size, strict=True))
            array[overlap] = known[overlap]
        for key, value in edits.get(name, {}).items():
            index = tuple(int(part) for part in key.split(","))
            if len(index) == array.ndim and all(at < length for at, length in zip(index, size, strict=True)):
                array[index] = value
        found[name] = array
    return found


def _made(name, size, given, fan_in):
    """Whole numbers for the head; where floats were given, floats as PyTorch would draw them."""
    chance = hashed(SALT[name], size)
    known = given.get(name, given.get("weight") if name == "bias" else None)
    if known is None or not known.size or np.array_equal(known, np.round(known)):
        whole = {"input": lambda: chance % 5, "weight": lambda: SMALL_WEIGHTS[chance % 4],
                 "bias": lambda: (chance % 6).astype(float) - 2}  # fmt: skip
        return whole[name]()
    share = chance / 2**32
    if name == "input":
        low, high = float(known.min()), float(known.max())
        return low + (high - low) * share
    return (2 * share - 1) / np.sqrt(max(1, fan_in))  # nn.Conv2d's own bound


def hashed(salt, size):
    """A whole number below 2**32 for each index of an array of this size, by MurmurHash3's last steps."""
    axes = (1,) * (4 - len(size)) + tuple(size) if len(size) == 3 else tuple(size)  # no batch: as sample 0 of one
    found = np.full((1,) * len(axes), salt, np.uint32)
    for axis, length in enumerate(axes):
        along = np.arange(length, dtype=np.uint32).reshape([-1 if at == axis else 1 for at in range(len(axes))])
        found = (found ^ (along + np.uint32(0x9E3779B9))) * MULTIPLIERS[0]
        found = (found ^ (found >> np.uint32(13))) * MULTIPLIERS[1]
        found = found ^ (found >> np.uint32(16))
    return found.reshape(size)
