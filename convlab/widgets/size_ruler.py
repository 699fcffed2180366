"""SizeRuler: why an output has the size it has, and which pixels are never read.

Each axis of the padded input is a ruler, the windows lie on it one below the other, and the formula stands beside it
with this setting's numbers. All of it moves in the browser; Python holds the setting and checks size and counts.
"""

import sys
import warnings

import anywidget
import traitlets

from .. import layers
from ..refusals import came, one_sentence
from ..shapes import ArgumentError, Conv2dSpec, ShapeError, call
from .front import front
from .layer_widget import _check_rank, _understood
from .tasks import Tasks

# The browser draws its own moves at once; an echo of an older one must not undo a newer.
MOVED = {"sync": True, "echo_update": False}


@one_sentence
class SizeRuler(anywidget.AnyWidget):
    """The output size of a Conv2d, measured on a ruler: windows, what is left over, how often each pixel is read.

    Args:
        layer: nothing, a real ``nn.Conv2d``, a ``Conv2dSpec``, or Conv2d's positional arguments.
        input: an array or tensor (N, C_in, H, W) or (C_in, H, W), or such a shape.
        weight, bias: as in ``ConvStepper``; nothing that is drawn depends on them.
        place: (row, column) of the window that is pinned.
        tasks: things to do, a dict {sentence: function of ``now``}; ``now`` has Conv2d's arguments by name (sizes as
            pairs), ``input_shape``, ``output_shape`` (None where PyTorch refuses), ``reads`` (how often each row,
            and each column, is read), ``unread`` (number of pixels never read) and ``place``.
        settings: Conv2d's keywords (stride, padding, dilation, groups, padding_mode, ...).

    Raises:
        TypeError: an unknown keyword, or numbers that are not floats.
        ShapeError: a rank or shape that fits nothing. A setting that PyTorch refuses is shown, not raised.

    Example:
        >>> SizeRuler(3, 8, kernel_size=3, stride=2, input=(1, 3, 32, 32))
        SizeRuler(nn.Conv2d(3, 8, kernel_size=3, stride=2), input=(1, 3, 32, 32))
    """

    _esm, _css = front("size_ruler")

    spec = traitlets.Dict(help="Conv2d's arguments, sizes as pairs").tag(**MOVED)
    shape = traitlets.List(traitlets.Int(), help="the input's shape").tag(**MOVED)
    place = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(0, 0), help="(row, column)").tag(**MOVED)
    _computed = traitlets.Dict().tag(sync=True)
    _tasks = traitlets.List().tag(sync=True)

    def __init__(self, *layer, input=None, weight=None, bias=None, place=(0, 0), tasks=None, **settings):
        settings, shape, self._given = _read(layer, input, weight, bias, settings)
        # All at once: the browser is told of a whole layer from the start, never of an empty one.
        super().__init__(spec=settings, shape=shape, _computed=_truth(settings, shape))
        self._pin(place)
        self._to_do = Tasks(tasks or {}, type(self).__name__)
        self._tasks = [dict(entry) for entry in self._to_do.shown]
        self._look()
        self.observe(self._recompute, ["spec", "shape"])
        self.observe(self._look, ["_computed", "place"])

    def _pin(self, place):
        if not (isinstance(place, (tuple, list)) and len(place) == 2):
            got = came(place)
            raise ShapeError(f"place must be a pair (row, column) of the output; got {got}: write place=(0, 0).")
        try:
            self.place = tuple(place)
        except traitlets.TraitError as error:
            raise ShapeError(str(error)) from None

    def set_layer(self, *layer, input=None, weight=None, bias=None, **settings):
        """Shows another layer or input; takes what the constructor takes, and keeps the input when none is given."""
        kept = self._given.get("input")
        if input is None:
            input = tuple(self.shape) if kept is None or list(kept.shape) != self.shape else kept
        settings, shape, self._given = _read(layer, input, weight, bias, settings)
        # One message to the browser and one look at the tasks: nothing is seen of half a change.
        with self.hold_sync(), self.hold_trait_notifications():
            self.spec, self.shape = settings, shape
            places = _places(settings, shape)
            if places:
                self.place = tuple(min(at, most - 1) for at, most in zip(self.place, places, strict=True))

    def _recompute(self, _change=None):
        self._computed = _truth(self.spec, self.shape)

    def _look(self, _change=None):
        """Ticks off what has been done."""
        if not self._tasks:
            return
        output, reads = self._computed.get("output"), self._computed.get("reads")
        pairs = {name: tuple(value) if isinstance(value, list) else value for name, value in self.spec.items()}
        unread = None if reads is None else _unread(reads)
        found = {"input_shape": tuple(self.shape), "output_shape": output and tuple(output), "reads": reads,
                 "unread": unread, "place": self.place}  # fmt: skip
        if self._to_do.look({**pairs, **found}):
            self._tasks = [dict(entry) for entry in self._to_do.shown]

    @traitlets.validate("shape")
    def _check_shape(self, proposal):
        _check_rank(tuple(proposal["value"]))
        return proposal["value"]

    @traitlets.validate("place")
    def _check_place(self, proposal):
        row, column = proposal["value"]
        rows, columns = _places(self.spec, self.shape) or (row + 1, column + 1)
        if min(row, column) < 0 or row >= rows or column >= columns:
            raise traitlets.TraitError(
                f"place must lie in the output, which has {rows} rows and {columns} columns of places, counted from 0; "
                f"got {(row, column)}."
            )
        return row, column

    def _numbers(self):
        """(input, weight, bias) for what is on the screen: those given where they still fit, else small whole ones."""
        channels, groups = self.spec["out_channels"], max(1, self.spec["groups"])
        fits = {"input": self.shape, "bias": [channels],
                "weight": [channels, self.spec["in_channels"] // groups, *self.spec["kernel_size"]]}  # fmt: skip
        given = {name: array for name, array in self._given.items() if list(array.shape) == fits[name]}
        numbers = {"input": tuple(self.shape), "weight": None, "bias": None, **given}
        if not self.spec["bias"]:
            numbers["bias"] = None
        return _understood(type(self).__name__, (), *numbers.values(), self.spec)[1:], given

    @property
    def layer(self):
        """The layer on the screen, as a real ``nn.Conv2d``.

        Raises:
            ValueError: PyTorch refuses these settings.
        """
        (_, weight, bias), _ = self._numbers()
        return layers.build(self.spec, weight, bias)

    @property
    def input(self):
        """An input of the shape on the screen, as a tensor: the one given while it fits, else small whole numbers."""
        import torch

        return torch.as_tensor(self._numbers()[0][0])

    @property
    def output(self):
        """What the layer on the screen gives for this input, computed by PyTorch."""
        return self.layer(self.input).detach()

    @property
    def state(self):
        """A plain dict that makes the same widget again: ``SizeRuler(**widget.state)``."""
        given = {name: array.tolist() for name, array in self._numbers()[1].items()}
        if not self.spec["bias"]:
            given.pop("bias", None)
        return {**self.spec, "input": tuple(self.shape), "place": self.place, **given}

    def __repr__(self):
        # The setting, never the size: a stored output must not answer the question that comes before it.
        at = "" if self.place == (0, 0) else f", place={self.place}"
        return f"SizeRuler({call(self.spec)}, input={tuple(self.shape)}{at})"


def _read(layer, input, weight, bias, settings):
    """(settings, shape, arrays that were given by name) from all that the constructor takes."""
    sized = isinstance(input, tuple) and input and all(isinstance(length, int) for length in input)
    if sized:
        _check_rank(input)
    numbers = input is not None and not sized
    plain, array, weights, biases = _understood("SizeRuler", layer, None if sized else input, weight, bias, settings)
    real = len(layer) == 1 and layers.is_conv2d(layer[0])
    given = {"input": array if numbers else None, "weight": weights if real or weight is not None else None,
             "bias": biases if real or not (bias is None or isinstance(bias, bool)) else None}  # fmt: skip
    shape = list(input) if sized else list(array.shape)
    return plain, shape, {name: value for name, value in given.items() if value is not None}


def _places(settings, shape):
    """(rows, columns) of the output, None where PyTorch refuses."""
    try:
        return Conv2dSpec(**settings).output_shape(shape)[-2:]
    except (ShapeError, ArgumentError):
        return None


def _unread(reads):
    """How many pixels no window reads: those whose row or whose column is never read."""
    (rows, columns), (H, W) = ((sum(count > 0 for count in axis) for axis in reads), map(len, reads))
    return H * W - rows * columns


def _truth(settings, shape):
    """Output shape and counts of reads of a setting, and who says so; for the browser to compare with its own."""
    told = {"spec": settings, "shape": list(shape), "output": None, "reads": None}
    torch = sys.modules.get("torch")
    torch = torch if hasattr(torch, "nn") else None
    told["by"] = f"PyTorch {torch.__version__.split('+')[0]}" if torch else "Python"
    if _places(settings, shape) is None:
        return told
    spec = Conv2dSpec(**settings)
    if torch:
        output = layers.ran_shape(settings, shape)
        reads = [_torch_counts(torch, spec, axis, shape) for axis in (0, 1)]
    else:
        output, counts = spec.output_shape(shape), spec.read_counts(shape)
        reads = [list(counts.rows), list(counts.columns)]
    return {**told, "output": list(output), "reads": reads}


def _torch_counts(torch, spec, axis, shape):
    """The counts by autograd: with weights of 1, the gradient of the output's sum is how often each pixel is read."""
    along = [(value[axis], 1) for value in (spec.kernel_size, spec.stride, spec.dilation)]
    padding = spec.padding if isinstance(spec.padding, str) else (spec.padding[axis], 0)
    options = {"padding": padding, "padding_mode": spec.padding_mode, "bias": False}
    kernel, stride, dilation = along
    with warnings.catch_warnings(), torch.enable_grad():
        warnings.simplefilter("ignore")
        given = {"kernel_size": kernel, "stride": stride, "dilation": dilation, **options}
        layer = layers.undrawn(torch.ones(1, 1, *kernel, dtype=torch.float64), in_channels=1, out_channels=1, **given)
        line = torch.ones(1, 1, shape[axis - 2], 1, dtype=torch.float64, requires_grad=True)
        layer(line).sum().backward()
    return line.grad.flatten().int().tolist()
