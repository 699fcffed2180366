"""What every widget that shows one layer has in common: its settings, its numbers, and Python's check of them.

The browser computes at once (conv.js); when the hand rests the numbers come here, are computed again (by torch
once the learner has imported it, by NumPy before), and the widget says whether the two agree.
"""

import sys
import threading

import anywidget
import numpy as np
import traitlets

from .. import layers
from ..engines import conv2d_windows, pad_input
from ..shapes import ArgumentError, Conv2dSpec, ShapeError, call, extent, pair, whole
from .tasks import Tasks

SETTINGS = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias",
            "padding_mode")  # fmt: skip


def packed(array):
    """An array as the browser reads it: {shape, dtype, data}."""
    dtype = "float64" if array.dtype == np.float64 else "float32"
    return {"shape": list(array.shape), "dtype": dtype, "data": np.ascontiguousarray(array, dtype).tobytes()}


def unpacked(value):
    """The NumPy array behind ``packed``."""
    return np.frombuffer(bytes(value["data"]), value["dtype"]).reshape(value["shape"]).copy()


class LayerWidget(anywidget.AnyWidget):
    """A widget on one Conv2d layer and one input.

    Args:
        layer: nothing, a real ``nn.Conv2d``, a ``Conv2dSpec``, or Conv2d's positional arguments.
        input: an array or tensor (N, C_in, H, W) or (C_in, H, W), or such a shape for small whole numbers.
        weight: an array (C_out, C_in / groups, kH, kW); small whole numbers by default.
        bias: as in ``nn.Conv2d`` (True, False), or the array (C_out,) itself.
        tasks: things to do, a dict {sentence: function of ``now``}; they are ticked off under the picture.
        settings: Conv2d's keywords (stride, padding, dilation, groups, padding_mode, ...).

    Raises:
        TypeError: an unknown keyword, or numbers that are not floats.
        ShapeError: a rank or shape that fits nothing. A setting that PyTorch refuses is shown, not raised.
    """

    spec = traitlets.Dict(help="Conv2d's arguments, sizes as pairs").tag(sync=True)
    _input = traitlets.Dict().tag(sync=True, echo_update=False)
    _weight = traitlets.Dict().tag(sync=True, echo_update=False)
    _bias = traitlets.Dict().tag(sync=True, echo_update=False)
    _computed = traitlets.Dict().tag(sync=True)
    _rest = traitlets.Int(0).tag(sync=True, echo_update=False)
    _tasks = traitlets.List().tag(sync=True)
    watched = ()  # traits of a subclass that a task may speak of, besides the arrays
    _arrays = ("_input", "_weight", "_bias")  # what a hand sends together with _rest

    def __init__(self, *layer, input=None, weight=None, bias=None, tasks=None, **settings):
        self._guard = threading.RLock()  # a hand's message comes in a thread of its own
        # All at once: the browser is told of a whole layer from the start, never of an empty one.
        super().__init__(**_traits(*_understood(type(self).__name__, layer, input, weight, bias, settings), rest=1))
        self.observe(self._recompute, ["_rest"])
        self._to_do = Tasks(tasks or {}, type(self).__name__)
        self._tasks = [dict(entry) for entry in self._to_do.shown]

    def _begin_tasks(self):
        """Looks at the tasks from now on; a subclass calls it when all that it was given has been set."""
        if self._tasks:
            self._look()
            self.observe(self._look, ["_computed", *self.watched])

    def set_layer(self, *layer, input=None, weight=None, bias=None, **settings):
        """Shows another layer or input; takes what the constructor takes, and keeps the input when none is given."""
        with self._guard:
            if input is None:
                input = unpacked(self._input)
            self._show(*_understood(type(self).__name__, layer, input, weight, bias, settings))

    def _show(self, settings, input, weight, bias):
        # One message to the browser for all of them: no picture is ever drawn from half a change.
        with self.hold_sync():
            for name, value in _traits(settings, input, weight, bias, rest=self._rest + 1).items():
                setattr(self, name, value)

    def _handle_msg(self, msg):
        with self._guard:
            super()._handle_msg(msg)

    def set_state(self, sync_data):
        """Takes over what a hand has made; one that did not know yet what Python has set gets Python's numbers."""
        if sync_data.get("_rest", self._rest + 1) > self._rest:
            super().set_state(sync_data)
            return
        super().set_state({name: value for name, value in sync_data.items() if name not in (*self._arrays, "_rest")})
        self.send_state(self._arrays)
        self._rest += 1  # which has all that follows computed and told again

    def _recompute(self, _change=None):
        """Computes the output from the numbers as they stand, for the widget to compare with its own."""
        self._computed = _computed(self.spec, *map(unpacked, (self._input, self._weight, self._bias)), self._rest)

    def _look(self, _change=None):
        """Ticks off what has been done; the arrays of a task's ``now`` are NumPy's, so that no torch is needed."""
        arrays = {"input": self._input, "weight": self._weight, "bias": self._bias,
                  "output": self._computed.get("output")}  # fmt: skip
        state = {name: unpacked(value) for name, value in arrays.items() if value}
        news = self._to_do.look({**state, **{name: getattr(self, name) for name in self.watched}})
        if news:
            self._tasks = [dict(entry) for entry in self._to_do.shown]

    @property
    def layer(self):
        """The layer on the screen, as a real ``nn.Conv2d``.

        Raises:
            ValueError: PyTorch refuses these settings.
        """
        return layers.build(self.spec, unpacked(self._weight), unpacked(self._bias) if self.spec["bias"] else None)

    @property
    def input(self):
        """The input on the screen, as a tensor."""
        import torch

        return torch.as_tensor(unpacked(self._input))

    @property
    def output(self):
        """What the layer on the screen gives for the input on the screen, computed by PyTorch."""
        return self.layer(self.input).detach()

    @property
    def state(self):
        """A plain dict that makes the same widget again: ``type(widget)(**widget.state)``."""
        bias = unpacked(self._bias).tolist() if self.spec["bias"] else False
        numbers = {"input": unpacked(self._input).tolist(), "weight": unpacked(self._weight).tolist(), "bias": bias}
        return {**self.spec, **numbers}

    def __repr__(self):
        shape = tuple(self._input["shape"]) if self._input else ()
        return f"{type(self).__name__}({call(self.spec)}, input={shape})"


def _traits(settings, input, weight, bias, rest):
    """What the browser is told of a layer, an input and their numbers, by trait."""
    bias = np.zeros(0, weight.dtype) if bias is None else bias
    computed = _computed(settings, input, weight, bias, rest)
    return {"spec": settings, "_input": packed(input), "_weight": packed(weight), "_bias": packed(bias),
            "_computed": computed, "_rest": rest}  # fmt: skip


def _computed(settings, input, weight, bias, rest):
    """The output of these numbers, by whom, and how far the browser's may differ; empty for a layer that is refused."""
    try:
        output, by = _forward(settings, input, weight, bias)
    except ShapeError:
        return {}
    largest = max(1.0, float(np.abs(output).max(initial=0)))
    whole = largest < 2**22 and all(np.array_equal(array, np.round(array)) for array in (input, weight, bias))
    tolerance = 0.0 if whole else largest * (1e-4 if output.dtype == np.float32 else 1e-9)
    return {"output": packed(output), "by": by, "tolerance": tolerance, "rest": rest}


def _forward(settings, input, weight, bias):
    spec = Conv2dSpec(**settings)
    spec.output_shape(input.shape)
    torch = sys.modules.get("torch")
    if hasattr(torch, "nn"):
        with torch.no_grad():
            output = layers.build(settings, weight, bias if spec.bias else None)(torch.as_tensor(input))
        return output.numpy(), f"PyTorch {torch.__version__.split('+')[0]}"
    padded = pad_input(input, spec.pads, spec.padding_mode)
    bias = bias if spec.bias else None
    return conv2d_windows(padded, weight, bias, spec.stride, 0, spec.dilation, spec.groups), "NumPy"


def _understood(widget, layer, input, weight, bias, settings):
    """(settings, input, weight, bias) as plain values, from all that the constructor takes."""
    unknown = set(settings) - set(SETTINGS)
    if unknown:
        raise ArgumentError(f"{widget} has no argument {sorted(unknown)[0]!r}; Conv2d's are {', '.join(SETTINGS)}.")
    if len(layer) == 1 and layers.is_conv2d(layer[0]):
        given = layer[0]
        weight = layers.numbers(given.weight) if weight is None else weight
        bias = layers.numbers(given.bias) if bias is None and given.bias is not None else bias
        layer = (layers.spec(given),)
    if len(layer) == 1 and isinstance(layer[0], Conv2dSpec):
        settings = {**{name: getattr(layer[0], name) for name in SETTINGS}, **settings}
    else:
        if len(layer) > len(SETTINGS) or (layer and not isinstance(layer[0], int)):
            raise ArgumentError(
                f"{widget} takes a real nn.Conv2d, a Conv2dSpec or Conv2d's own arguments; "
                f"got {type(layer[0]).__name__}: write {widget}(1, 1, kernel_size=3)."
            )
        settings = {**dict(zip(SETTINGS, layer, strict=False)), **settings}
    if isinstance(bias, bool):
        settings["bias"], bias = bias, None
    settings = _plain(settings)
    input = _input_array(input, settings)
    weight = _weight_array(weight, settings, input.dtype)
    return settings, input, weight, _bias_array(bias, settings, input.dtype)


def _plain(settings):
    """Conv2d's arguments with every default, sizes as lists of two: what JSON can carry."""
    plain = {"in_channels": 1, "out_channels": 1, "kernel_size": 3, "stride": 1, "padding": 0, "dilation": 1,
             "groups": 1, "bias": True, "padding_mode": "zeros", **settings}  # fmt: skip
    for name in ("in_channels", "out_channels", "groups"):
        plain[name] = whole(plain[name], name)
    for name in ("kernel_size", "stride", "padding", "dilation"):
        if not isinstance(plain[name], str):
            plain[name] = list(pair(plain[name], name))
    plain["bias"] = bool(plain["bias"])
    plain["padding_mode"] = str(plain["padding_mode"])  # what is none of the four is refused in the picture
    return plain


def _small_numbers(shape, lowest, highest, dtype=np.float32):
    """Whole numbers that can be added in the head, the same for the same shape."""
    return np.random.default_rng(list(shape)).integers(lowest, highest + 1, shape).astype(dtype)


def _input_array(input, settings):
    if input is None:
        reach = [extent(k, d) for k, d in zip(settings["kernel_size"], settings["dilation"], strict=True)]
        input = (1, settings["in_channels"], reach[0] + 2, reach[1] + 4)
    if isinstance(input, tuple) and input and all(isinstance(length, int) for length in input):
        _check_rank(input)
        return _small_numbers(input, 0, 4)
    array = floats(input, "input")
    _check_rank(array.shape)
    return array


def _check_rank(shape):
    if len(shape) not in (3, 4) or 0 in shape:
        raise ShapeError(
            "input must have axes (N, C_in, H, W), or (C_in, H, W) without a batch, with no empty one; "
            f"got {tuple(shape)}: add missing axes with input[None].",
            f"Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: {list(shape)}",
        )


def _weight_array(weight, settings, dtype):
    groups = max(1, settings["groups"])
    shape = (settings["out_channels"], settings["in_channels"] // groups, *settings["kernel_size"])
    if weight is None:
        drawn = _small_numbers(tuple(max(0, length) for length in shape), -2, 1, dtype)
        return np.where(drawn >= 0, drawn + 1, drawn)  # never 0: every tap does something
    array = floats(weight, "weight", dtype)
    if array.shape != shape:
        raise ShapeError(f"weight must have shape {shape}, that is (C_out, C_in/groups, kH, kW); got {array.shape}.")
    return array


def _bias_array(bias, settings, dtype):
    if not settings["bias"]:
        return None
    if bias is None:
        return _small_numbers((settings["out_channels"],), -2, 3, dtype)
    array = floats(bias, "bias", dtype)
    if array.shape != (settings["out_channels"],):
        raise ShapeError(f"bias must be one number per output channel, {settings['out_channels']}; got {array.shape}.")
    return array


def floats(value, name, dtype=None):
    """A float array from a list, an array or a tensor.

    Raises:
        ArgumentError: what cannot be numbers, and integer arrays, which Conv2d refuses too.
    """
    if hasattr(value, "detach"):
        value = layers.numbers(value)
    listed = isinstance(value, (list, tuple))
    try:
        array = np.array(value, dtype=np.float32 if listed else None)
    except (TypeError, ValueError):
        text = repr(value)[:60]
        raise ArgumentError(f"{name} must be numbers in equal rows, such as [[1, 2], [3, 4]]; got {text}.") from None
    if array.dtype.kind != "f":
        raise ArgumentError(
            f"{name} must be floats, as for Conv2d itself; got dtype {array.dtype}: write {name}.float() for a tensor, "
            f"{name}.astype('float32') for an array (and divide by 255 if it is a picture of bytes)."
        )
    if not np.isfinite(array).all():
        raise ArgumentError(f"{name} must be finite numbers; it holds nan or inf: replace them first.")
    return array.astype(dtype or (np.float64 if array.dtype == np.float64 else np.float32))
