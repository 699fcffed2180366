"""GroupsWiring: which channels a grouped convolution joins, what that saves in numbers, and what it saves in time.

Wires and block matrix move in the browser; Python holds the setting, finds the same counts and the same dark outputs,
and measures time on the learner's own machine, but only when it is asked to.
"""

import threading
from types import MappingProxyType, SimpleNamespace

import anywidget
import traitlets

from .. import layers
from ..refusals import came, one_sentence
from ..shapes import ArgumentError, Conv2dSpec, ShapeError, call, pair, whole
from . import groups_wiring_time as time
from .front import front
from .groups_wiring_truth import CHAIN, chain, dense, fates, output_shape, problem, reach, truth
from .layer_widget import SETTINGS, _understood
from .tasks import Tasks

# The browser draws its own moves at once; an echo of an older one must not undo a newer.
MOVED = {"sync": True, "echo_update": False}
MARKED = ("muted", "pinned")
EXTRA = ("pointwise", "pointwise_groups", "shuffle")


@one_sentence
class GroupsWiring(anywidget.AnyWidget):
    """The wires of a Conv2d with groups: who reads whom, the weight as a matrix of blocks, counts, and measured time.

    After the layer may come a channel shuffle and a 1 x 1 layer; a muted input channel shows whom it reaches through
    them all. Nothing is timed until ``measure()`` or the button asks for it.

    Args:
        layer: nothing (8 to 12 channels, 3 x 3), a real ``nn.Conv2d``, a ``Conv2dSpec``, or Conv2d's positional
            arguments.
        pointwise: True for a 1 x 1 layer after it with as many output channels, a number for so many of them.
        pointwise_groups: groups of that layer.
        shuffle: whether ``nn.ChannelShuffle(groups)`` stands after the layer.
        input: an array or tensor (N, C_in, H, W) or (C_in, H, W), or such a shape; its channels follow in_channels.
        muted: input channels that are muted.
        pinned: ``(column, channel)`` or ``(layer, output channel, input channel)``: what is lit.
        tasks: things to do, a dict {sentence: function of ``now``}; ``now`` has Conv2d's arguments by name, those
            above, ``weight_shape``, ``output_shape``, ``parameters``, ``macs``, ``dense_parameters``, ``dense_macs``
            (None where PyTorch refuses), ``problem`` (PyTorch's words, or None), ``dark`` and ``changed`` (outputs
            that read muted channels only; muted ones among others) and ``times`` (as the property).
        settings: Conv2d's keywords (groups, stride, padding, dilation, bias, padding_mode).

    Raises:
        TypeError: an unknown keyword, or numbers that are not floats.
        ShapeError: an input that has other channels, or a channel that is not there. Groups that do not divide the
            channels, and whatever else PyTorch refuses, are shown, not raised.

    Example:
        >>> GroupsWiring(8, 12, groups=4, shuffle=True)
        GroupsWiring(nn.Conv2d(8, 12, kernel_size=3, groups=4), input=(1, 8, 12, 16), shuffle=True)
        >>> GroupsWiring(64, 64, groups=64, pointwise=128).now.parameters
        8960
    """

    _esm, _css = front("groups_wiring")

    in_channels = traitlets.Int(8).tag(**MOVED)
    out_channels = traitlets.Int(12).tag(**MOVED)
    kernel_size = traitlets.Any(help="(kH, kW)").tag(**MOVED)
    stride = traitlets.Any().tag(**MOVED)
    padding = traitlets.Any().tag(**MOVED)
    dilation = traitlets.Any().tag(**MOVED)
    groups = traitlets.Int(1).tag(**MOVED)
    bias = traitlets.Bool(True).tag(**MOVED)
    padding_mode = traitlets.Unicode("zeros").tag(**MOVED)
    pointwise = traitlets.Int(0, help="output channels of the 1 x 1 layer; 0: none").tag(**MOVED)
    pointwise_groups = traitlets.Int(1).tag(**MOVED)
    shuffle = traitlets.Bool(False).tag(**MOVED)
    size = traitlets.List(traitlets.Int(), help="the input's shape without its channels").tag(**MOVED)
    muted = traitlets.List(traitlets.Int()).tag(**MOVED)
    pinned = traitlets.List(traitlets.Int()).tag(**MOVED)
    _computed = traitlets.Dict().tag(sync=True)
    _tasks = traitlets.List().tag(sync=True)

    def __init__(self, *layer, input=None, muted=(), pinned=(0, 0), tasks=None, **settings):
        time.Watch.halt_all()
        self._guard = threading.RLock()  # the clock's thread and the page's questions: one after the other
        self._times, self._watch = None, time.Watch(self._tell)
        plain, size, self._given = _read(layer, input, settings)
        plain |= {"muted": _channels(muted, "muted", plain["in_channels"]), "pinned": _spot(pinned), "size": size}
        # All at once: the browser is told of a whole layer from the start, never of an empty one.
        super().__init__(**plain, _computed=truth(plain))
        self._to_do = Tasks(tasks or {}, type(self).__name__)
        self._tasks = [dict(entry) for entry in self._to_do.shown]
        self._look()
        self.on_msg(self._asked)
        self.observe(self._recompute, [*CHAIN, "muted"])
        self.observe(self._look, ["_computed", "pinned"])

    def set_layer(self, *layer, input=None, **settings):
        """Shows another layer; takes what the constructor takes, and keeps the input's size when none is given."""
        known = {name: settings.pop(name) for name in MARKED if name in settings}
        plain, size, given = _read(layer, input, settings)
        if input is None:
            size = list(self.size)
        muted = [channel for channel in self.muted if channel < plain["in_channels"]]
        known["muted"] = _channels(known.get("muted", muted), "muted", plain["in_channels"])
        known["pinned"] = _spot(known.get("pinned", self.pinned))
        self._given = given
        # One message to the browser and one look at the tasks: nothing is seen of half a change.
        with self.hold_sync(), self.hold_trait_notifications():
            for name, value in {**plain, **known, "size": size}.items():
                setattr(self, name, value)

    # Time, on request

    def measure(self, wait=False):
        """Measures this layer (with all that follows it) and the dense one, in turn, on one thread of this machine.

        Args:
            wait: True measures here and returns ``times``; else a thread does, and the widget shows how far it is.

        Raises:
            ValueError: PyTorch refuses these settings.
        """
        self.stop()
        self._times = None
        setting = self._setting()
        output_shape(setting)  # which refuses in a sentence what a module refuses with a trace
        modules = {"this": self.module, "dense": self.dense}
        batched = self.input.float().reshape(-1, *self.shape[-3:])  # ChannelShuffle takes axis 1 for the channels
        self._watch.begin(setting, {name: module.float() for name, module in modules.items()}, batched)
        if wait:
            self._watch.run()
            return self.times
        self._watch.start()
        return None

    def stop(self):
        """Ends a measurement that is at work; does nothing where there is none."""
        if self._watch.halt():
            self.send({"phase": "stopped"})

    @property
    def times(self):
        """What was measured, a ``layers.timing.Timing`` of "this" and "dense"; None until it was for this setting.

        ``times["this"].median_ms``, ``.low_ms`` and ``.high_ms`` (quartiles), ``times.ratio("dense", "this")``.
        """
        setting, found = self._times or (None, None)
        return found if setting == self._setting() else None

    def _tell(self, message, found):
        """Called by the clock after some laps, and with all that it found when it has done them."""
        while not self._guard.acquire(timeout=0.02):
            if self._watch.halting:
                return
        try:
            if found is not None:
                self._times = (message["setting"], found)
                self._look()
            self.send(message)
        finally:
            self._guard.release()

    def _asked(self, _widget, content, _buffers):
        """A button of the page; or the last view of it has gone: then nobody looks, and it halts."""
        asked = content.get("do")
        try:
            if asked == "measure":
                self.send({"phase": "loading"})  # PyTorch, the first time: that takes longer than a page waits
                self.measure()
            elif asked in ("stop", "gone"):
                self.stop()
        except Exception as error:  # no cell runs that could show it
            self.send({"phase": "problem", "problem": f"{type(error).__name__}: {error}"})

    def _handle_msg(self, msg):
        with self._guard:
            super()._handle_msg(msg)

    def close(self):
        """Takes it off the page and ends its clock."""
        if hasattr(self, "_watch"):
            self._watch.halt()
        super().close()

    # What is checked and told

    def _setting(self):
        return {name: getattr(self, name) for name in CHAIN}

    def _recompute(self, change):
        if change["name"] != "muted":
            self.stop()
        setting = {**self._setting(), "muted": self.muted}
        if setting != {**self._computed["setting"], "muted": self._computed["muted"]}:  # several traits set together
            self._computed = truth(setting)

    def _look(self, _change=None):
        """Ticks off what has been done."""
        if self._tasks and self._to_do.look(self._now()):
            self._tasks = [dict(entry) for entry in self._to_do.shown]

    def _now(self):
        setting = self._setting()
        pairs = {name: tuple(value) if isinstance(value, list) else value for name, value in setting.items()}
        found = {name: self._computed.get(name) for name in ("parameters", "macs", "dense_parameters", "dense_macs")}
        for name in ("weight_shape", "output_shape"):
            found[name] = tuple(self._computed[name]) if self._computed.get(name) else None
        return {**pairs, **found, "problem": problem(setting), "muted": list(self.muted), "pinned": list(self.pinned),
                "dark": self.dark, "changed": self.changed, "times": self.times}  # fmt: skip

    @traitlets.validate("kernel_size", "stride", "padding", "dilation")
    def _check_pair(self, proposal):
        value, name = proposal["value"], proposal["trait"].name
        return value if isinstance(value, str) and name == "padding" else list(pair(value, name))

    @traitlets.validate("in_channels", "out_channels", "groups", "pointwise_groups")
    def _check_count(self, proposal):
        return _count(proposal["value"], proposal["trait"].name)

    @traitlets.validate("pointwise")
    def _check_pointwise(self, proposal):
        return _pointwise(proposal["value"], self.out_channels)

    @traitlets.validate("size")
    def _check_size(self, proposal):
        return _size(proposal["value"])

    @traitlets.validate("muted")
    def _check_muted(self, proposal):
        return _channels(proposal["value"], "muted", self.in_channels)

    @traitlets.validate("pinned")
    def _check_pinned(self, proposal):
        return _spot(proposal["value"])

    # What can be taken back to PyTorch

    @property
    def now(self):
        """What a task may speak of, by name: ``widget.now.macs``, ``widget.now.dark``."""
        return SimpleNamespace(**self._now())

    @property
    def shape(self):
        """The input's shape: (N, C_in, H, W), or (C_in, H, W)."""
        return (*self.size[:-2], self.in_channels, *self.size[-2:])

    @property
    def module(self):
        """The layer and all that follows it, as an ``nn.Sequential``.

        Raises:
            ValueError: PyTorch refuses these settings.
        """
        import torch

        first, *more = chain(self._setting())
        parts = [self._built(first, self._given)]
        if self.shuffle:
            parts.append(torch.nn.ChannelShuffle(self.groups))
        return torch.nn.Sequential(*parts, *map(self._built, more))

    @property
    def layer(self):
        """The grouped layer on the screen, as a real ``nn.Conv2d``."""
        return self.module[0]

    @property
    def dense(self):
        """The layer without groups between the same channels, as a real ``nn.Conv2d``."""
        return self._built(dense(self._setting()))

    def _built(self, settings, given=MappingProxyType({})):
        """A real layer, with the numbers that were given where they still fit."""
        channels, share = settings["out_channels"], settings["in_channels"] // max(1, settings["groups"])
        kept = {"weight": given.get("weight"), "bias": given.get("bias") if settings["bias"] else None}
        fits = {"weight": (channels, share, *settings["kernel_size"]), "bias": (channels,)}
        numbers = {name: array for name, array in kept.items() if array is not None and array.shape == fits[name]}
        _, _, weight, bias = _understood(type(self).__name__, (), None, numbers.get("weight"),
                                         numbers.get("bias"), settings)  # fmt: skip
        return layers.build(settings, weight, bias)

    @property
    def input(self):
        """An input of the shape on the screen, as a tensor: the one given while it fits, else small whole numbers."""
        import torch

        given = self._given.get("input")
        if given is None or given.shape != self.shape:
            given = _understood(type(self).__name__, (), self.shape, None, None, {})[1]
        return torch.as_tensor(given)

    @property
    def output(self):
        """What the layer and all that follows it give for this input, computed by PyTorch."""
        module, input = self.module, self.input
        return module.to(input.dtype)(input).detach()

    @property
    def reach(self):
        """Whether an output reads an input channel, by whatever way: a bool array (last outputs, in_channels)."""
        return reach(self._setting())

    @property
    def dark(self):
        """The last outputs to which only muted channels lead: nothing but the bias is left in them."""
        return fates(self._setting(), self.muted)[0]

    @property
    def changed(self):
        """The last outputs that read a muted channel, among others."""
        return fates(self._setting(), self.muted)[1]

    @property
    def state(self):
        """A plain dict that makes the same widget again: ``GroupsWiring(**widget.state)``; times are not in it."""
        settings = {name: getattr(self, name) for name in (*SETTINGS, *EXTRA)}
        settings = {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}
        muted = [channel for channel in self.muted if channel < self.in_channels]
        return {**settings, "input": self.shape, "muted": muted, "pinned": list(self.pinned)}

    def __repr__(self):
        # The setting, never a count: a stored output must not answer the question that comes before it.
        usual = {"pointwise": 0, "pointwise_groups": 1, "shuffle": False, "muted": []}
        more = "".join(f", {name}={getattr(self, name)!r}" for name, at in usual.items() if getattr(self, name) != at)
        return f"GroupsWiring({call({name: getattr(self, name) for name in SETTINGS})}, input={self.shape}{more})"


def _read(layer, input, settings):
    """(all settings, the input's size without channels, arrays that were given) from all that the constructor takes."""
    more = {name: settings.pop(name) for name in EXTRA if name in settings}
    if not layer or isinstance(layer[0], int):
        positions = dict(zip(SETTINGS, layer, strict=False))
        settings = {"in_channels": 8, "out_channels": 12, "kernel_size": 3, **positions, **settings}
        layer = layer if len(layer) > len(SETTINGS) else ()
    real = len(layer) == 1 and layers.is_conv2d(layer[0])
    plain, _, weight, bias = _understood("GroupsWiring", layer, (1, 1, 1, 1), None, None, settings)
    for name in ("in_channels", "out_channels"):
        _count(plain[name], name)
    input = (1, plain["in_channels"], 12, 16) if input is None else input
    array = _understood("GroupsWiring", (), input, None, None, {})[1]
    _check_channels(plain, array.shape)
    given = {"weight": weight, "bias": bias} if real else {}
    if not isinstance(input, tuple):
        given["input"] = array
    plain["pointwise"] = _pointwise(more.get("pointwise", 0), plain["out_channels"])
    plain["pointwise_groups"] = _count(more.get("pointwise_groups", 1), "pointwise_groups")
    plain["shuffle"] = bool(more.get("shuffle", False))
    return plain, [*array.shape[:-3], *array.shape[-2:]], given


def _check_channels(plain, shape):
    """Raises PyTorch's own refusal of an input with other channels."""
    if shape[-3] != plain["in_channels"]:
        Conv2dSpec(plain["in_channels"], 1, 1).output_shape(shape)


def _count(value, name):
    """A number of channels or groups; 0 groups are something to see, 0 channels are not."""
    if isinstance(value, bool) or not isinstance(value, int) or value < (0 if "groups" in name else 1):
        raise ShapeError(f"{name} must be a whole number from 1; got {came(value)}: write {name}=4.")
    return value


def _pointwise(value, out_channels):
    """Output channels of the 1 x 1 layer: True for as many as before it, 0 for no such layer."""
    return out_channels if value is True else whole(value or 0, "pointwise")


def _size(value):
    if len(value) not in (2, 3) or min(value) < 1:
        raise ShapeError(f"size must be [N, H, W] or [H, W], each 1 or more; got {value}: write size=[1, 12, 16].")
    return list(value)


def _channels(value, name, count):
    """Channel numbers in order, each once."""
    many = not isinstance(value, (list, tuple, set, range)) or len(value) > 10**6
    if many or not all(type(one) is int for one in value):
        raise ArgumentError(f"{name} must be a list of channel numbers; got {came(value)}: write {name}=[0].")
    if any(not 0 <= one < count for one in value):
        raise ShapeError(f"{name} names input channels, 0 to {count - 1} here; got {sorted(value)}: choose of these.")
    return sorted(set(value))


def _spot(value):
    whole_ones = isinstance(value, (list, tuple)) and all(type(one) is int and one >= 0 for one in value)
    if not whole_ones or len(value) not in (2, 3):
        raise ShapeError(
            f"pinned must be (column, channel) or (layer, output channel, input channel); got {came(value)}: "
            "write pinned=(0, 3)."
        )
    return list(value)
