"""LayerAnatomy: a Conv2d's call, its weight, and where each weight stands, reads and writes.

The call itself is moved: every argument is a number under the hand. Below it the layer is laid out as a table, the
input's channels as columns, the filters as rows, so that ``weight[o, c]`` stands where row o crosses column c. All of
it moves in the browser; Python holds the setting and checks shapes, counts and numbers.
"""

import anywidget
import numpy as np
import traitlets

from .. import layers
from ..refusals import came, one_sentence
from ..shapes import ArgumentError, Conv2dSpec, ShapeError, call
from .front import front
from .layer_anatomy_numbers import numbers, shapes
from .layer_anatomy_truth import output_shape, truth
from .layer_widget import _check_rank, _understood, packed, unpacked
from .tasks import Tasks

# The browser draws its own moves at once; an echo of an older one must not undo a newer.
MOVED = {"sync": True, "echo_update": False}
MOST_NUMBERS = 1_000_000  # a task's `now` holds arrays up to this size
FOUR, TWO = (traitlets.Int(),) * 4, (traitlets.Int(),) * 2


@one_sentence
class LayerAnatomy(anywidget.AnyWidget):
    """A Conv2d layer taken apart: its call, its weight by index, its shapes and counts with their derivation.

    Args:
        layer: nothing, a real ``nn.Conv2d``, a ``Conv2dSpec``, or Conv2d's positional arguments.
        input: an array or tensor (N, C_in, H, W) or (C_in, H, W), or such a shape for small whole numbers.
        weight: an array (C_out, C_in / groups, kH, kW); small whole numbers by default.
        bias: as in ``nn.Conv2d`` (True, False), or the array (C_out,) itself.
        index: (o, c, u, v) of the weight that is lit.
        dense: True adds a counter: what an ``nn.Linear`` between the same input and output would need.
        tasks: things to do, a dict {sentence: function of ``now``}; ``now`` has Conv2d's arguments by name (sizes as
            pairs), ``input_shape``, ``output_shape`` (None where PyTorch refuses), ``weight_shape``,
            ``parameter_count``, ``index``, ``place``, and the arrays ``input``, ``weight``, ``bias``, ``output``
            (None where there are too many numbers).
        settings: Conv2d's keywords (stride, padding, dilation, groups, padding_mode, ...), and ``place``, (row,
            column) of the output number that is pinned.

    Raises:
        TypeError: an unknown keyword, or numbers that are not floats.
        ShapeError: a rank or shape that fits nothing, an index outside the weight. A setting that PyTorch refuses is
            shown, not raised.

    Example:
        >>> LayerAnatomy(3, 4, kernel_size=(3, 2), input=(1, 3, 5, 6), index=(2, 1, 0, 1))
        LayerAnatomy(nn.Conv2d(3, 4, kernel_size=(3, 2)), input=(1, 3, 5, 6), index=(2, 1, 0, 1))
    """

    _esm, _css = front("layer_anatomy")

    spec = traitlets.Dict(help="Conv2d's arguments, sizes as pairs").tag(**MOVED)
    shape = traitlets.List(traitlets.Int(), help="the input's shape").tag(**MOVED)
    index = traitlets.Tuple(*FOUR, default_value=(0, 0, 0, 0), help="(o, c, u, v) of the lit weight").tag(**MOVED)
    place = traitlets.Tuple(*TWO, default_value=(0, 0), help="(row, column) of the output").tag(**MOVED)
    dense = traitlets.Bool(False, help="whether a Linear layer is counted beside it").tag(sync=True)
    _given = traitlets.Dict().tag(sync=True)
    _edits = traitlets.Dict().tag(**MOVED)
    _rest = traitlets.Int(0).tag(**MOVED)
    _computed = traitlets.Dict().tag(sync=True)
    _tasks = traitlets.List().tag(sync=True)

    def __init__(self, *layer, input=None, weight=None, bias=None, index=(0, 0, 0, 0), dense=False, tasks=None,
                 **settings):  # fmt: skip
        place = settings.pop("place", (0, 0))
        plain, shape, given = _read(layer, input, weight, bias, settings)
        # All at once: the browser is told of a whole layer from the start, never of an empty one.
        computed = truth(plain, shape, lambda: numbers(plain, shape, given, {}), 0)
        packs = {name: packed(array) for name, array in given.items()}
        super().__init__(spec=plain, shape=shape, dense=bool(dense), _given=packs, _computed=computed)
        self._pin("index", index, "four whole numbers (o, c, u, v): write index=(0, 0, 0, 0)")
        self._pin("place", place, "a pair (row, column) of the output: write place=(0, 0)")
        self._to_do = Tasks(tasks or {}, type(self).__name__)
        self._tasks = [dict(entry) for entry in self._to_do.shown]
        self._look()
        self.observe(self._recompute, ["spec", "shape", "_rest"])
        self.observe(self._look, ["_computed", "index", "place"])

    def _pin(self, name, value, wanted):
        parts = len(getattr(self, name))
        whole = isinstance(value, (tuple, list)) and all(type(at) is int for at in value)
        if not whole or len(value) != parts:
            raise ShapeError(f"{name} must be {wanted}; got {came(value)}.")
        try:
            setattr(self, name, tuple(value))
        except traitlets.TraitError as error:
            raise ShapeError(str(error)) from None

    def set_layer(self, *layer, input=None, weight=None, bias=None, **settings):
        """Shows another layer or input; takes what the constructor takes, and keeps the input when none is given."""
        if input is None:
            given = self._arrays_given()
            kept = given.get("input")
            fits = kept is not None and list(kept.shape) == self.shape and not self._edits.get("input")
            input = kept if fits else tuple(self.shape)
        plain, shape, given = _read(layer, input, weight, bias, settings)
        # One message to the browser and one look at the tasks: nothing is seen of half a change.
        with self.hold_sync(), self.hold_trait_notifications():
            self.spec, self.shape, self._edits = plain, shape, {}
            self._given = {name: packed(array) for name, array in given.items()}
            self._rest += 1  # always another number: index and place are kept inside when Python answers

    def _recompute(self, _change=None):
        self._stay_inside()
        told = self._computed
        if (told["spec"], told["shape"], told["rest"]) == (self.spec, self.shape, self._rest):
            return  # several traits came in one message
        self._computed = truth(self.spec, self.shape, self._numbers, self._rest)

    def _stay_inside(self):
        """Keeps index and place as far as the layer on the screen has them."""
        for name, limits in self._limits().items():
            inside = tuple(min(at, max(0, most - 1)) for at, most in zip(getattr(self, name), limits, strict=True))
            if inside != getattr(self, name):
                setattr(self, name, inside)

    def _limits(self):
        """{index, place}: how many there are along each axis; empty where PyTorch refuses."""
        output = output_shape(self.spec, self.shape)
        return {"index": Conv2dSpec(**self.spec).weight_shape, "place": output[-2:]} if output else {}

    def _look(self, _change=None):
        """Ticks off what has been done."""
        if self._tasks and self._to_do.look(self._now()):
            self._tasks = [dict(entry) for entry in self._to_do.shown]

    def _now(self):
        """What a task may speak of."""
        pairs = {name: tuple(value) if isinstance(value, list) else value for name, value in self.spec.items()}
        sizes = shapes(self.spec, self.shape)
        output = output_shape(self.spec, self.shape)
        small = max(int(np.prod(size)) for size in sizes.values()) <= MOST_NUMBERS
        arrays = self._numbers() if small else dict.fromkeys(sizes)
        computed = self._computed.get("output")
        arrays["output"] = unpacked(computed) if computed and output else None
        count = int(np.prod(sizes["weight"])) + sizes["bias"][0]
        return {**pairs, **arrays, "input_shape": tuple(self.shape), "output_shape": output,
                "weight_shape": sizes["weight"], "parameter_count": count, "index": self.index,
                "place": self.place}  # fmt: skip

    @traitlets.validate("shape")
    def _check_shape(self, proposal):
        _check_rank(tuple(proposal["value"]))
        return proposal["value"]

    @traitlets.validate("index", "place")
    def _check_inside(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        limits = self._limits().get(name, tuple(at + 1 for at in value))
        if min(value) < 0 or any(at >= most for at, most in zip(value, limits, strict=True)):
            of = "weight" if name == "index" else "output"
            raise traitlets.TraitError(
                f"{name} must lie in the {of}, whose shape here is {tuple(limits)}, counted from 0; got {value}."
            )
        return value

    def _arrays_given(self):
        return {name: unpacked(value) for name, value in self._given.items()}

    def _numbers(self):
        return numbers(self.spec, self.shape, self._arrays_given(), self._edits)

    @property
    def layer(self):
        """The layer on the screen, as a real ``nn.Conv2d``.

        Raises:
            ValueError: PyTorch refuses these settings.
        """
        found = self._numbers()
        return layers.build(self.spec, found["weight"], found["bias"] if self.spec["bias"] else None)

    @property
    def input(self):
        """The input on the screen, as a tensor."""
        import torch

        return torch.as_tensor(self._numbers()["input"])

    @property
    def output(self):
        """What the layer on the screen gives for the input on the screen, computed by PyTorch."""
        return self.layer(self.input).detach()

    @property
    def state(self):
        """A plain dict that makes the same widget again: ``LayerAnatomy(**widget.state)``."""
        own = {*self._given, *(name for name, edits in self._edits.items() if edits)}
        found = {name: array.tolist() for name, array in self._numbers().items() if name in own}
        if not self.spec["bias"]:
            found.pop("bias", None)
        return {**self.spec, "input": tuple(self.shape), **found, "index": self.index, "place": self.place,
                "dense": self.dense}  # fmt: skip

    def __repr__(self):
        # The setting, never a shape or count: a stored output must not answer the question that comes before it.
        usual = {"index": (0, 0, 0, 0), "place": (0, 0), "dense": False}
        more = "".join(f", {name}={getattr(self, name)!r}" for name, at in usual.items() if getattr(self, name) != at)
        return f"LayerAnatomy({call(self.spec)}, input={tuple(self.shape)}{more})"


def _read(layer, input, weight, bias, settings):
    """(settings, shape, arrays that were given by name) from all that the constructor takes."""
    if len(layer) == 1 and hasattr(layer[0], "forward") and not layers.is_conv2d(layer[0]):
        raise ArgumentError(
            f"LayerAnatomy shows one nn.Conv2d; got {type(layer[0]).__name__}: pass one layer of it, such as model[0]."
        )
    sized = isinstance(input, tuple) and input and all(isinstance(length, int) for length in input)
    if sized:
        _check_rank(input)
    if not layer and "in_channels" not in settings:
        settings = {"in_channels": 3, "out_channels": 4, "kernel_size": (3, 2), **settings}
    numbered = input is not None and not sized
    plain, array, weights, biases = _understood("LayerAnatomy", layer, None if sized else input, weight, bias, settings)
    real = len(layer) == 1 and layers.is_conv2d(layer[0])
    given = {"input": array if numbered else None, "weight": weights if real or weight is not None else None,
             "bias": biases if real or not (bias is None or isinstance(bias, bool)) else None}  # fmt: skip
    shape = list(input) if sized else list(array.shape)
    return plain, shape, {name: value for name, value in given.items() if value is not None}
