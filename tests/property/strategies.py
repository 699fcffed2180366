"""What hypothesis draws: whole layers and inputs, no square anywhere, legal or not."""

import numpy as np
from hypothesis import strategies as st


def two_different(low, high):
    """A pair (height, width) of different numbers, so that a swapped axis shows."""
    return st.tuples(st.integers(low, high), st.integers(low, high)).filter(lambda pair: pair[0] != pair[1])


@st.composite
def settings(draw, modes=("zeros",), legal=True):
    """Keyword arguments of nn.Conv2d; with legal=False also such as it refuses to be made with."""
    groups = draw(st.integers(1, 3))
    in_channels = groups * draw(st.integers(1, 2)) if legal else draw(st.integers(1, 4))
    out_channels = groups * draw(st.integers(1, 3)) if legal else draw(st.integers(1, 4))
    padding = draw(st.one_of(two_different(0, 4), st.sampled_from(["same", "valid"])))
    stride = draw(st.one_of(st.just((1, 1)), two_different(1 if legal else 0, 3)))
    return {
        "in_channels": in_channels,
        "out_channels": out_channels,
        "kernel_size": draw(two_different(1, 5)),
        "stride": (1, 1) if legal and padding == "same" else stride,
        "padding": padding,
        "dilation": draw(st.one_of(st.just((1, 1)), two_different(1 if legal else 0, 3))),
        "groups": groups,
        "bias": draw(st.booleans()),
        "padding_mode": draw(st.sampled_from(modes)),
    }


def whole_numbers(shape, seed, dtype=np.float64):
    """Whole numbers from -4 to 4, exact in every order of adding."""
    return np.random.default_rng(seed).integers(-4, 5, shape).astype(dtype)
