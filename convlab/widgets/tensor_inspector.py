"""TensorInspector: how one tape of numbers becomes a picture, HWC, CHW or NCHW, and what reshape makes of it.

The tape is the memory. It never changes: a tensor is a shape and strides that say where on the tape each element is
read. The browser draws all of it as the hand moves; Python holds the picture and asks PyTorch for the same numbers.
"""

import sys
from itertools import islice
from operator import index as whole

import anywidget
import numpy as np
import traitlets

from .. import samples
from ..refusals import came, one_sentence
from ..shapes import ArgumentError, ShapeError
from .front import front
from .tasks import Tasks

# The browser draws its own moves at once; an echo of an older one must not undo a newer.
MOVED = {"sync": True, "echo_update": False}
LAYOUTS = ("HWC", "CHW", "NCHW")
WAYS = ("permute", "reshape")
DTYPES = ("uint8", "int32", "int64", "float16", "float32", "float64")
MOST_NUMBERS = 1_000_000
MOST_CHECKED = 768  # up to here Python sends all numbers of the tensor for comparison, beyond it one row
CROP = slice(16, 208)  # of the 256 rows of a photograph, so that H and W differ

# 4 x 6: a sky that grows lighter, a sun, a red house, grass; red, green and blue from 0 to 9.
_PAINTED = """
259 259 259 368 368 981
368 911 368 477 477 477
911 721 911 477 062 588
162 162 273 162 273 162
"""


@one_sentence
class TensorInspector(anywidget.AnyWidget):
    """A picture in memory: each element of the tensor with its index, offset, strides and value, and what is shown.

    Args:
        input: nothing (a painted picture, 4 x 6), the name of a bundled picture (192 of its 256 rows), an array
            or tensor, or a shape such as ``(4, 6, 3)`` for small whole numbers.
        layout: "HWC" as it is loaded, or "CHW", "NCHW".
        moved_by: "permute" or "reshape": how the tensor came from HWC to its layout.
        pixel: (row, column) of the pinned element; (row, column, channel) is understood too.
        channel: the pinned element's channel.
        dtype: the dtype of the numbers; that of the array by default.
        tasks: things to do, a dict {sentence: function of ``now``}; ``now`` has ``layout``, ``moved_by``, ``pixel``,
            ``channel``, ``index``, ``offset``, ``strides``, ``shape``, ``value``, ``contiguous``, and ``home``: the
            (row, column, channel) of the picture whose number it is.

    Shape:
        input (H, W, C) with C 1, 3 or 4; a grey picture may be (H, W).

    Raises:
        TypeError: an unknown name or keyword, what is no picture.
        ShapeError: a shape that is no picture's, a pixel or channel outside.

    Example:
        >>> inspector = TensorInspector(layout="CHW", moved_by="reshape")
        >>> inspector
        TensorInspector(layout='CHW', moved_by='reshape')
        >>> inspector.tensor.stride()
        (24, 6, 1)
        >>> inspector.moved_by = "permute"
        >>> inspector.tensor.stride()
        (1, 18, 3)
    """

    _esm, _css = front("tensor_inspector")

    # Not sent: the browser's half of ipywidgets means its own kind of layout by that name. What is sent is _order.
    layout = traitlets.Unicode("HWC", help="the order of the axes")
    _order = traitlets.Unicode("HWC").tag(**MOVED)
    moved_by = traitlets.Unicode("permute", help="how the tensor came to its layout").tag(**MOVED)
    pixel = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(0, 0), help="(row, column)").tag(**MOVED)
    channel = traitlets.Int(0, help="the channel of the pinned element").tag(**MOVED)
    _picture = traitlets.Dict().tag(sync=True)
    _computed = traitlets.Dict().tag(sync=True)
    _tasks = traitlets.List().tag(sync=True)

    def __init__(
        self, input=None, *, layout="HWC", moved_by="permute", pixel=(0, 0), channel=0, dtype=None, tasks=None
    ):
        numbers, self._source = _read(input, dtype)
        self._numbers = numbers
        (row, column), channel = _place(pixel, channel)
        found = {"layout": layout, "moved_by": moved_by, "pixel": (row, column), "channel": channel}
        _check(numbers.shape, **found)
        super().__init__(
            **found, _order=layout, _picture=_sent(numbers, self._source), _computed=_truth(numbers, **found)
        )
        self._to_do = Tasks(tasks or {}, type(self).__name__)
        self._tasks = [dict(entry) for entry in self._to_do.shown]
        self._look()
        traitlets.link((self, "layout"), (self, "_order"))
        self.observe(self._recompute, ["layout", "moved_by", "pixel", "channel"])

    def set_input(self, input=None, *, dtype=None):
        """Shows another picture; takes what the constructor takes, and keeps the layout, and the pixel where it can."""
        numbers, source = _read(input, dtype)
        H, W, C = numbers.shape
        # One message to the browser and one look at the tasks: nothing is seen of half a change.
        with self.hold_sync():
            with self.hold_trait_notifications():
                self._numbers, self._source = numbers, source
                self._picture = _sent(numbers, source)
                self.pixel = (min(self.pixel[0], H - 1), min(self.pixel[1], W - 1))
                self.channel = min(self.channel, C - 1)
            self._recompute()

    def _place_now(self):
        return {name: getattr(self, name) for name in ("layout", "moved_by", "pixel", "channel")}

    def _recompute(self, _change=None):
        self._computed = _truth(self._numbers, **self._place_now())
        self._look()

    def _look(self):
        """Ticks off what has been done."""
        if not self._tasks:
            return
        found = {name: tuple(value) if isinstance(value, list) else value for name, value in self._computed.items()
                 if name not in ("numbers", "by")}  # fmt: skip
        H, W, C = self._numbers.shape
        home = tuple(int(part) for part in np.unravel_index(found["offset"], (H, W, C)))
        if self._to_do.look({**found, "home": home}):
            self._tasks = [dict(entry) for entry in self._to_do.shown]

    @traitlets.validate("layout", "moved_by", "pixel", "channel")
    def _check_trait(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        try:
            _check(self._numbers.shape, **{**self._place_now(), name: value})
        except (ArgumentError, ShapeError) as error:
            raise traitlets.TraitError(str(error)) from None
        return value

    @property
    def picture(self):
        """The picture as it was loaded, an array (H, W, C); a copy."""
        return self._numbers.copy()

    @property
    def tensor(self):
        """The tensor on the screen, with its real strides, on a copy of the numbers."""
        import torch

        return _moved(torch.from_numpy(self.picture), self.layout, self.moved_by)

    @property
    def state(self):
        """A plain dict that makes the same widget again: ``TensorInspector(**widget.state)``."""
        named = isinstance(self._source, str) or self._source is None
        input = self._source if named else self._numbers.tolist()
        dtype = {} if named else {"dtype": str(self._numbers.dtype)}
        return {"input": input, **dtype, **self._place_now()}

    def __repr__(self):
        # What is set, never what follows: a stored output must not answer the question that comes before it.
        array = f"input={self._numbers.shape}" if self._source == () else repr(self._source)
        parts = [] if self._source is None else [array]
        if self.layout != "HWC":
            parts += [f"layout={self.layout!r}", f"moved_by={self.moved_by!r}"]
        parts += [f"pixel={self.pixel}"] if self.pixel != (0, 0) else []
        parts += [f"channel={self.channel}"] if self.channel else []
        return f"TensorInspector({', '.join(parts)})"


def _read(input, dtype):
    """(numbers (H, W, C) in one piece, where they came from: a name, None for the painted ones, () for an array)."""
    if input is None:
        rows = [[list(map(int, numbers)) for numbers in line.split()] for line in _PAINTED.split("\n") if line]
        return _as_dtype(np.array(rows, np.uint8), dtype), None
    if isinstance(input, str):
        return _as_dtype(samples.picture(input).transpose(1, 2, 0)[CROP], dtype), input
    if isinstance(input, tuple) and input and all(isinstance(length, int) for length in input):
        shape = _check_shape(input)
        return _as_dtype(np.random.default_rng(list(shape)).integers(0, 10, shape).astype(np.uint8), dtype), ()
    array = _array(input)
    return _as_dtype(array.reshape(_check_shape(array.shape)), dtype), ()


def _array(input):
    if hasattr(input, "detach"):
        input = input.detach().cpu().numpy()
    listed = isinstance(input, (list, tuple))
    try:
        array = np.array(input)
    except (TypeError, ValueError):
        array = np.array(None)
    if array.dtype.kind not in "uif":
        hint = " (a mask: picture.astype('uint8'))" if array.dtype.kind == "b" else ""
        raise ArgumentError(
            "input must be a picture's name or numbers in equal rows, (H, W, C); "
            f"got {type(input).__name__}{hint}: give an array, or one of {', '.join(samples.PICTURES)}."
        )
    if listed and array.dtype.kind == "i" and array.size and 0 <= array.min() and array.max() <= 255:
        array = array.astype(np.uint8)  # rows typed by hand are bytes, as a file has them
    return array


def _check_shape(shape):
    """(H, W, C), a grey picture's (H, W) with one channel.

    Raises:
        ShapeError: the shape of no picture.
    """
    full = (*shape, 1) if len(shape) == 2 else tuple(shape)
    if len(full) != 3 or min(full) < 1:
        many = "one picture of a batch is picture[0]" if len(full) == 4 else "every axis needs a length of 1 or more"
        raise ShapeError(f"input must be one picture (H, W, C), or (H, W) in grey; got shape {tuple(shape)}: {many}.")
    if full[2] not in (1, 3, 4):
        first = full[0] in (1, 3, 4)
        fix = ("its channels seem to come first: give picture.transpose(1, 2, 0)" if first
               else "take the channels that you want to see, picture[..., :3]")  # fmt: skip
        raise ShapeError(f"input must be (H, W, C) with C 1 (grey), 3 (RGB) or 4 (RGBA); got shape {full}: {fix}.")
    if full[0] * full[1] * full[2] > MOST_NUMBERS:
        raise ShapeError(
            f"input must have at most {MOST_NUMBERS:,} numbers; got shape {full}: take fewer pixels, picture[::2, ::2]."
        )
    return full


def _as_dtype(array, dtype):
    """The array in one piece of memory, row by row, as a file is read."""
    wanted = str(dtype or array.dtype).removeprefix("torch.")
    if wanted not in DTYPES:
        raise ArgumentError(
            f"A picture's dtype must be one of {', '.join(DTYPES)}; got {came(wanted)}: write picture.astype('uint8')."
        )
    if not np.isfinite(array).all():
        raise ArgumentError("input must be finite numbers; it holds nan or inf: replace them first.")
    numbers = np.empty(array.shape, wanted)
    numbers[...] = array
    if not np.array_equal(numbers, array) and numbers.dtype.kind != "f":
        raise ArgumentError(f"These numbers do not fit into dtype {wanted}: leave dtype out, or give dtype='float32'.")
    return numbers


def _place(pixel, channel):
    """((row, column), channel) from a pair or a triple."""
    try:
        parts = tuple(whole(part) for part in islice(iter(pixel), 4))
        if len(parts) == 3 and not channel:
            return parts[:2], parts[2]
        row, column = parts
        return (row, column), whole(channel)
    except Exception:
        raise ShapeError(
            f"pixel must be a pair (row, column) and channel a whole number; got pixel={came(pixel)}, "
            f"channel={came(channel)}: write pixel=(1, 2), channel=0."
        ) from None


def _check(shape, layout, moved_by, pixel, channel):
    """Raises what is wrong with a setting for a picture of this shape."""
    if layout not in LAYOUTS:
        raise ArgumentError(f"layout must be 'HWC', 'CHW' or 'NCHW'; got {came(layout)}: write layout='CHW'.")
    if moved_by not in WAYS:
        raise ArgumentError(f"moved_by must be 'permute' or 'reshape'; got {came(moved_by)}: write moved_by='reshape'.")
    H, W, C = shape
    if not (0 <= pixel[0] < H and 0 <= pixel[1] < W):
        raise ShapeError(
            f"pixel must lie in the picture, which has {H} rows and {W} columns, counted from 0; got {tuple(pixel)}."
        )
    if not 0 <= channel < C:
        raise ShapeError(f"channel must be a whole number from 0 to {C - 1} for this picture; got {channel}.")


def _sent(numbers, source):
    """The picture as the browser reads it: bytes stay bytes, other numbers keep their value."""
    sent = numbers if numbers.dtype == np.uint8 else numbers.astype(np.float64)
    return {"shape": list(numbers.shape), "dtype": str(sent.dtype), "data": sent.tobytes(), "kind": numbers.dtype.kind,
            "name": source or ("painted" if source is None else "")}  # fmt: skip


def _moved(x, layout, moved_by):
    """The tensor (H, W, C) in another layout, by either way; NumPy's arrays know the same methods."""
    if layout == "HWC":
        return x
    H, W, C = x.shape
    permute = getattr(x, "permute", x.transpose)
    x = permute(2, 0, 1) if moved_by == "permute" else x.reshape(C, H, W)
    return x[None] if layout == "NCHW" else x


def _index(layout, pixel, channel):
    """The pinned element's index in the layout."""
    place = {"N": 0, "H": pixel[0], "W": pixel[1], "C": channel}
    return tuple(place[axis] for axis in layout)


def _truth(numbers, layout, moved_by, pixel, channel):
    """Shape, strides, offset and numbers of the tensor on the screen, and who says so, for the browser to compare."""
    torch = sys.modules.get("torch")
    index = _index(layout, pixel, channel)
    if hasattr(torch, "from_numpy"):
        x = _moved(torch.from_numpy(numbers), layout, moved_by)
        by = f"PyTorch {torch.__version__.split('+')[0]}"
        strides, contiguous, offset = x.stride(), x.is_contiguous(), x[index].storage_offset()
        values = x.numpy()
    else:
        by, values = "NumPy", _moved(numbers, layout, moved_by)
        strides = [step // values.itemsize for step in values.strides]
        if layout == "NCHW":
            strides[0] = values.shape[1] * strides[1]  # PyTorch's rule for an axis of 1; NumPy says 0
        contiguous = values.flags.c_contiguous
        offset = sum(at * step for at, step in zip(index, strides, strict=True))
    row = tuple(slice(None) if axis == "W" else at for axis, at in zip(layout, index, strict=True))
    checked = values if values.size <= MOST_CHECKED else values[row]
    return {"layout": layout, "moved_by": moved_by, "pixel": list(pixel), "channel": channel, "by": by,
            "index": list(index), "shape": list(values.shape), "strides": list(strides),
            "contiguous": bool(contiguous), "offset": int(offset), "value": values[index].item(),
            "numbers": checked.astype(np.float64).tobytes()}  # fmt: skip
