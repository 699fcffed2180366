"""ReceptiveField: how much of the input one unit of a stack of layers sees, and whom one pixel feeds.

The stack is code whose numbers can be moved, the recursion stands under each layer with this stack's numbers, and a
cone of taps is drawn along each axis. All of it moves in the browser; Python holds the stack and asks autograd.
"""

from itertools import islice

import anywidget
import traitlets

from ..refusals import came, one_sentence
from ..refusals import size as length_of
from ..shapes import ArgumentError, ShapeError, receptive_field
from .front import front
from .receptive_field_stack import call, heights_and_widths, middle, paths, plain, spec
from .receptive_field_truth import model, truth
from .tasks import Tasks

# The browser draws its own moves at once; an echo of an older one must not undo a newer.
MOVED = {"sync": True, "echo_update": False}
DIRECTIONS = ("backward", "forward")
USUAL = [{"kernel_size": 3, "padding": 1}] * 3
SIZE = (15, 21)


@one_sentence
class ReceptiveField(anywidget.AnyWidget):
    """The receptive field of a stack of layers, drawn: a unit, the cone of all that it reads, the recursion as a table.

    Args:
        layers: a list of ``nn.Conv2d``, ``nn.MaxPool2d``, ``nn.AvgPool2d``, ``Conv2dSpec`` or dicts such as
            ``{"kernel_size": 3, "stride": 2}``, or an ``nn.Sequential``; three convolutions 3 x 3 by default. Channels
            do not matter to a receptive field and are not kept, nor are layers that work pixel by pixel (ReLU).
        input: a shape (H, W), (C, H, W) or (N, C, H, W), or an array or tensor of such a shape.
        unit: (level, row, column) of the pinned unit; level 0 is the input, level 1 the output of the first layer. By
            default the unit in the middle of the output (of the input when looking forward).
        direction: "backward" (what does this unit read?) or "forward" (whom does it feed?).
        tasks: things to do, a dict {sentence: function of ``now``}; ``now`` has ``layers`` (dicts, sizes as pairs),
            ``sizes`` and ``jumps`` (after each layer, pairs), ``size`` and ``jump`` (of the last), ``output_shapes``
            (height and width after each layer), ``weights`` (of a pair of channels, in all convolutions), ``unit``,
            ``direction``, ``taps_read`` (pixels that the unit reads; looking forward, outputs that it feeds) and
            ``holes`` (those in its box that it does not). What follows from sizes is None where PyTorch refuses.

    Raises:
        TypeError: a layer or an input that is none.
        ShapeError: sizes that are no whole numbers or pairs, a unit outside its level. A stack that PyTorch refuses is
            shown, not raised.

    Example:
        >>> ReceptiveField([{"kernel_size": (3, 5), "stride": 2}, {"kernel_size": 3}], input=(15, 21))
        ReceptiveField([nn.Conv2d(1, 1, kernel_size=(3, 5), stride=2), nn.Conv2d(1, 1, kernel_size=3)], input=(15, 21))
    """

    _esm, _css = front("receptive_field")

    layers = traitlets.List(traitlets.Dict(), help="the stack, first layer first, sizes as pairs").tag(**MOVED)
    size = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=SIZE, help="(H, W) of the input").tag(
        **MOVED
    )
    unit = traitlets.Tuple(*[traitlets.Int()] * 3, default_value=(0, 0, 0), help="(level, row, column)").tag(**MOVED)
    direction = traitlets.Unicode("backward", help="backward or forward").tag(**MOVED)
    _computed = traitlets.Dict().tag(sync=True)
    _tasks = traitlets.List().tag(sync=True)

    def __init__(self, layers=None, input=None, *, unit=None, direction="backward", tasks=None):
        layers, size = plain(USUAL if layers is None else layers), _size(input)
        _checked_direction(direction)
        unit = self._middle(layers, size, direction) if unit is None else _checked_unit(unit, layers, size)
        # All at once: the browser is told of a whole stack from the start, never of an empty one.
        computed = truth(layers, size, unit, direction)
        super().__init__(layers=layers, size=size, unit=unit, direction=direction, _computed=computed)
        self._to_do = Tasks(tasks or {}, type(self).__name__)
        self._tasks = [dict(entry) for entry in self._to_do.shown]
        self._look()
        self.observe(self._recompute, ["layers", "size", "unit", "direction"])

    @staticmethod
    def _middle(layers, size, direction):
        lengths = heights_and_widths(layers, size)
        return middle(lengths, direction == "forward")

    def set_layers(self, layers, input=None, *, unit=None):
        """Shows another stack; takes what the constructor takes, keeps the input, and pins the unit in the middle."""
        layers, size = plain(layers), self.size if input is None else _size(input)
        unit = self._middle(layers, size, self.direction) if unit is None else _checked_unit(unit, layers, size)
        # One message to the browser and one look at the tasks: nothing is seen of half a change.
        with self.hold_sync(), self.hold_trait_notifications():
            self.layers, self.size, self.unit = layers, size, unit

    @traitlets.validate("layers")
    def _check_layers(self, proposal):
        return plain(proposal["value"])

    @traitlets.validate("size")
    def _check_size(self, proposal):
        return _size(tuple(proposal["value"]))

    @traitlets.validate("direction")
    def _check_direction(self, proposal):
        return _checked_direction(proposal["value"])

    @property
    def _lengths(self):
        return heights_and_widths(self.layers, self.size)

    @property
    def _here(self):
        """The pinned unit, brought inside what the stack has now."""
        lengths, (level, *place) = self._lengths, self.unit
        level = min(max(0, level), len(lengths) - 1)
        return (level, *(min(max(0, at), length - 1) for at, length in zip(place, lengths[level], strict=True)))

    def _recompute(self, _change=None):
        asked = {"layers": self.layers, "size": list(self.size), "unit": list(self._here), "direction": self.direction}
        if any(self._computed.get(name) != value for name, value in asked.items()):
            self._computed = truth(self.layers, self.size, self._here, self.direction)
        self._look()

    def _look(self):
        """Ticks off what has been done."""
        if self._tasks and self._to_do.look(self._now()):
            self._tasks = [dict(entry) for entry in self._to_do.shown]

    def _now(self):
        pairs = [{name: tuple(value) if isinstance(value, list) else value for name, value in layer.items()}
                 for layer in self.layers]  # fmt: skip
        now = {"layers": pairs, "unit": self._here, "direction": self.direction}
        lengths = self._lengths
        if len(lengths) <= len(pairs):
            nothing = ("sizes", "jumps", "size", "jump", "output_shapes", "weights", "taps_read", "holes")
            return {**now, **dict.fromkeys(nothing)}
        specs = [spec(layer) for layer in self.layers]
        fields = [receptive_field(specs[: at + 1]) for at in range(len(specs))]
        size, jump = receptive_field(specs)
        read, holes = self._read_and_holes(lengths)
        kernels = [one.kernel_size for layer, one in zip(pairs, specs, strict=True) if layer["kind"] == "Conv2d"]
        return {**now, "sizes": [size for size, _ in fields], "jumps": [jump for _, jump in fields], "size": size,
                "jump": jump, "output_shapes": lengths[1:], "taps_read": read, "holes": holes,
                "weights": sum(kH * kW for kH, kW in kernels)}  # fmt: skip

    def _read_and_holes(self, lengths):
        """How many units of the far end the pinned one is tied to, and how many in their box it is not."""
        (level, *place), forward = self._here, self.direction == "forward"
        read, boxed = 1, 1
        for axis, at in enumerate(place):
            tied = paths(self.layers, lengths, axis, (level, at), forward)[len(self.layers) if forward else 0]
            read *= len(tied)
            boxed *= max(tied) - min(tied) + 1 if forward and tied else len(self._window(axis, level, at))
        return read, boxed - read if read or not forward else 0

    def _window(self, axis, level, at):
        """The computed box along one axis, as far as it lies on the input."""
        first = last = at
        for layer in reversed(self.layers[:level]):
            one = spec(layer)
            first = first * one.stride[axis] - one.pads[axis][0]
            last = last * one.stride[axis] - one.pads[axis][0] + one.extent[axis] - 1
        return range(max(0, first), min(self.size[axis], last + 1))

    @property
    def model(self):
        """The stack on the screen as an ``nn.Sequential`` of real layers in float64, each weight 1, without a bias.

        Raises:
            ValueError: PyTorch refuses a layer.
        """
        import torch

        return model(torch, self.layers)

    @property
    def state(self):
        """A plain dict that makes the same widget again: ``ReceptiveField(**widget.state)``."""
        return {"layers": [dict(layer) for layer in self.layers], "input": self.size, "unit": self._here,
                "direction": self.direction}  # fmt: skip

    def __repr__(self):
        # The setting, never the size of the field: a stored output must not answer the question that comes before it.
        at = "" if self._here == self._middle(self.layers, self.size, self.direction) else f", unit={self._here}"
        forward = "" if self.direction == "backward" else f", direction={self.direction!r}"
        return f"ReceptiveField([{', '.join(map(call, self.layers))}], input={self.size}{at}{forward})"


def _size(input):
    """(H, W) of all that may be given as input."""
    if input is None:
        return SIZE
    shape = getattr(input, "shape", input)
    try:
        shape = tuple(length_of(length) for length in islice(iter(shape), 9))
    except Exception:
        raise ArgumentError(
            f"input must be a shape such as (15, 21) or (1, 1, 15, 21), or a tensor; got {type(input).__name__}."
        ) from None
    if len(shape) not in (2, 3, 4) or min(shape) < 1:
        raise ShapeError(
            f"input must have a height and a width of 1 or more, as (H, W), (C, H, W) or (N, C, H, W); got {shape}."
        )
    return shape[-2:]


def _checked_direction(direction):
    if not isinstance(direction, str) or direction not in DIRECTIONS:
        raise ArgumentError(
            f"direction must be 'backward' (what a unit reads) or 'forward' (whom it feeds); got {came(direction)}."
        )
    return direction


def _checked_unit(unit, layers, size):
    lengths = heights_and_widths(layers, size)
    try:
        level, row, column = (part.__index__() for part in unit)
    except Exception:
        raise ShapeError(
            f"unit must be (level, row, column), level 0 being the input; got {came(unit)}: write unit=(1, 0, 0)."
        ) from None
    if not 0 <= level < len(lengths):
        raise ShapeError(f"unit: the level must be 0 (the input) to {len(lengths) - 1} (the last output); got {level}.")
    H, W = lengths[level]
    if not (0 <= row < H and 0 <= column < W):
        raise ShapeError(
            f"unit must lie in level {level}, which has {H} rows and {W} columns, counted from 0; got {(row, column)}."
        )
    return level, row, column
