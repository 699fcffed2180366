"""What people pass by mistake, and worse: values of every kind, and what a public call must make of them.

A call ends in one of three ways: it returns, it is refused in one sentence of ours that names the argument, or Python
itself says which argument is missing or unknown. Anything else is a trace from inside.
"""

import inspect
import math
import re
import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from torch import nn

from convlab.refusals import Refusal
from convlab.shapes import Conv2dSpec

LONGEST = 700  # characters of a sentence


class Rude:
    """An object that answers no question."""

    def _no(self, *_, **__):
        raise RuntimeError("I answer no questions")

    __repr__ = __str__ = __len__ = __iter__ = __index__ = __bool__ = __eq__ = __float__ = __getitem__ = _no
    __array__ = __lt__ = __format__ = __contains__ = __int__ = __hash__ = __fspath__ = _no


class Wordy:
    """An object whose text has many lines."""

    def __repr__(self):
        return "first line\n" * 40


class Strange(list):
    """A list that is longer than it is."""

    def __len__(self):
        return 4


def _circle():
    circle = [1]
    circle.append(circle)
    return circle


def _deep():
    deep = []
    for _ in range(3000):
        deep = [deep]
    return deep


SCALARS = (
    None, True, False, 0, 1, 2, 3, -1, -7, 28, 10**30, -(10**30), 2**63, 2**31, 10**5000, 1.0, 2.5, -0.0, 1e300,
    math.nan, math.inf, -math.inf, 1j, Fraction(1, 3), Decimal("NaN"), "", "a", "same", "zeros", "reflect", "3",
    "02", "cat", "\n", "two\nlines " * 30, "\ud800", "\0", "é" * 300, b"x", ..., NotImplemented, int, print, len,
    Path("nowhere"), range(3), range(10**12), slice(0, 1), np.int64(3), np.float32(2.5), np.bool_(True),
    np.str_("same"), np.datetime64("2026-01-01"), inspect,
)  # fmt: skip
LISTS = (
    (), [], {}, set(), frozenset((1, 2)), (1,), (1, 2), (3, 2), [3, 5], (1, 2, 3), (1, 3, 8, 9), (3, 8, 9), (1,) * 5,
    (0, 0), (-1, 2), (2**40, 2**40), (1, 1, 10**6, 10**6), (math.nan, 1), (1.5, 2.5), (1, "a"), (None, None),
    ("a", "b"), [1, [2]], [[1, 2], [3]], [[1, 2], [3, 4]], [[[[1.0, 2.0]]]], [[]], [None], [True], {"a": 1}, {1: 2},
    {"kernel_size": 3},
    [{"kernel_size": 3}], {"do it": print}, {"do it": None}, {"\n": len}, ["a"] * 3, [object], bytearray(5),
)  # fmt: skip


def _arrays(rng):
    shape = rng.choice([(), (0,), (1,), (3,), (4, 5), (0, 3), (2, 4, 5), (1, 2, 4, 5), (2, 1, 5, 3), (1, 2, 3, 1, 2)])
    kind = rng.choice(["f4", "f8", "f2", "i8", "u1", "?", "c8", "O", "U3", "M8[D]", "longdouble"])
    array = np.zeros(shape, kind) if kind in ("U3", "M8[D]") else np.ones(shape).astype(kind)
    if kind in ("f4", "f8") and array.size and rng.random() < 0.3:
        array.flat[0] = rng.choice([math.nan, math.inf])
    return rng.choice([array, array.T, array[..., ::-1], np.asfortranarray(array)]) if shape else array


def _tensors(rng):
    shape = rng.choice([(), (0,), (1,), (3,), (4, 5), (2, 4, 5), (1, 2, 4, 5), (1, 2, 3, 1, 2), (0, 1, 4, 5)])
    kinds = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool,
             torch.complex64]  # fmt: skip
    tensor = torch.ones(shape, dtype=rng.choice(kinds))
    ways = [tensor, tensor, tensor.transpose(0, -1) if shape else tensor, tensor.to("meta"), tensor.expand((2, *shape))]
    if tensor.is_floating_point():
        ways += [tensor.clone().requires_grad_(), tensor.clone().requires_grad_() * 1, tensor.to_sparse()]
    return rng.choice(ways)


def _modules(rng):
    makers = (
        lambda: nn.Conv2d(2, 4, (3, 2)),
        lambda: nn.Conv2d(1, 1, 3, stride=(2, 1), padding=(1, 0)),
        lambda: nn.Conv2d(4, 4, (2, 3), groups=2, bias=False, padding_mode="reflect", padding=1, dtype=torch.float64),
        lambda: nn.Conv2d(2, 2, 3, device="meta"),
        lambda: nn.Conv2d(2, 2, 3, dtype=torch.complex64),
        lambda: nn.LazyConv2d(3, 3),
        lambda: nn.Conv1d(1, 2, 3),
        lambda: nn.Linear(3, 2),
        lambda: nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()),
        lambda: nn.Sequential(),
        lambda: nn.ModuleList([nn.Conv2d(1, 1, 3)]),
        lambda: nn.Conv2d,
        lambda: Conv2dSpec(2, 4, (3, 2)),
        lambda: Conv2dSpec(1, 1, 3, stride=(2, 1), padding=(1, 0)),
    )
    return rng.choice(makers)()


def _odd(rng):
    makers = (Rude, Wordy, object, _circle, _deep, lambda: [Rude()], lambda: (Rude(), 2), lambda: {"a": Rude()},
              lambda: Strange([1, 2]), lambda: iter((1, 2)), lambda: (it for it in (3, 2)), lambda: lambda x: x,
              lambda: [torch.ones(2), torch.ones(3)], lambda: memoryview(b"a"), lambda: ValueError("no"))  # fmt: skip
    return rng.choice(makers)()


def value(rng):
    """Any value."""
    return rng.choice((_from(SCALARS), _from(SCALARS), _from(LISTS), _arrays, _tensors, _modules, _odd))(rng)


def _from(pool):
    return lambda rng: rng.choice(pool)


def call(function, right, rng):
    """Arguments for one call: the right ones, of which some are replaced by anything, left out, or joined by others.

    Args:
        function: what will be called.
        right: a dict of right arguments by name; the names that begin with ``*`` are positional.
        rng: a random generator.
    """
    positional = [right[name] for name in right if name.startswith("*")]
    named = {name: value for name, value in right.items() if not name.startswith("*")}
    known = [it.name for it in _parameters(function) if it.kind in (it.POSITIONAL_OR_KEYWORD, it.KEYWORD_ONLY)]
    for _ in range(rng.choice((0, 1, 1, 1, 1, 2, 3))):
        places = [*range(len(positional)), *dict.fromkeys([*named, *([] if positional else known)])]
        if not places:
            break
        place = rng.choice(places)
        (positional if isinstance(place, int) else named)[place] = value(rng)
    if named and rng.random() < 0.03:
        del named[rng.choice(list(named))]
    if rng.random() < 0.03:
        named["unknown"] = value(rng)
    return positional, named


def _parameters(function):
    try:
        return list(inspect.signature(function).parameters.values())
    except ValueError:
        return []


def complaint(function, positional, named, names=(), check=None):
    """What is wrong with the end of this call, or None.

    Args:
        function: what is called.
        positional, named: its arguments.
        names: words of which a refusal must use one, besides the names of the parameters.
        check: a function of the result that raises where the result is wrong.
    """
    frame = inspect.currentframe()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = function(*positional, **named)
    except Refusal as error:
        return _sentence(error, [*names, *(it.name for it in _parameters(function)), *named])
    except TypeError as error:
        if error.__traceback__.tb_frame is frame and error.__traceback__.tb_next is None:
            return None  # Python's own: an argument is missing, or unknown
        return _inside(error)
    except BaseException as error:
        return _inside(error)
    try:
        if check:
            check(result)
        text = repr(result)
    except BaseException as error:
        return f"its result breaks: {_inside(error)}"
    return None if isinstance(text, str) else "its repr is no text"


def _inside(error):
    step = error.__traceback__
    while step.tb_next and "convlab" in step.tb_next.tb_frame.f_code.co_filename:
        step = step.tb_next
    try:
        said = f"{error}"
    except RuntimeError:
        said = "?"
    where = f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}"
    return f"a trace from inside, {type(error).__name__} at {where}: {said[:160]}"


def _sentence(error, names):
    said = str(error)
    if "\n" in said or not said.strip():
        return f"not one line: {said!r}"
    if len(said) > LONGEST:
        return f"{len(said)} characters: {said[:120]}"
    words = set(re.findall(r"\w+", said))
    if not words.intersection(names):
        return f"names no argument: {said}"
    return None
