"""What was found out about a network, as one row of numbers: flags that are compared, and figures to tell of.

A case's `then` may hand numbers alone out of the sandbox. So the figures, a dict, travel as the codes of their letters
behind the flags, in a row that is always of one length.
"""

import json

import numpy as np

LETTERS = 12_000


def packed(flags, figures):
    """The flags and the figures as one array.

    Args:
        flags: name -> True or False.
        figures: a dict that JSON can hold.

    Raises:
        ValueError: the figures are too long.

    Example:
        >>> row = packed({"runs": True, "shape": False}, {"parameters": 250})
        >>> row.shape, flags_in(row, 2), figures_in(row, 2)
        ((12002,), array([1., 0.]), {'parameters': 250})
    """
    text = json.dumps(figures).encode("ascii")
    if len(text) > LETTERS:
        raise ValueError(f"figures of at most {LETTERS} letters fit; got {len(text)}")
    letters = np.zeros(LETTERS)
    letters[: len(text)] = np.frombuffer(text, np.uint8)
    return np.concatenate([np.array([*flags.values()], float), letters])


def flags_in(row, count):
    """The flags of a row, (count,)."""
    return row[:count]


def figures_in(row, count):
    """The figures of a row; an empty dict where there are none."""
    text = row[count:].astype(np.uint8).tobytes().rstrip(b"\0").decode("ascii")
    return json.loads(text) if text else {}
