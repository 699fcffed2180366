"""FilterBank: a bank of filters, each beside its feature map, all in one range; channels that can be left out.

The browser computes as the hand moves. Python holds the same choice (names, a formula's parameters, a layer), makes
the same weights from it and has PyTorch compute the same feature maps.
"""

import json
import sys

import anywidget
import numpy as np
import traitlets

from .. import layers, samples
from ..engines import conv2d_windows, pad_input
from ..refusals import came, one_sentence
from ..shapes import ArgumentError, Conv2dSpec, ShapeError, call
from . import filter_bank_given as given
from .filter_bank_given import GABOR, NAMED, PICTURES, SETTINGS
from .front import front
from .layer_widget import _plain, packed, unpacked
from .tasks import Tasks

# The browser draws its own moves at once; an echo of an older one must not undo a newer.
MOVED = {"sync": True, "echo_update": False}
SOURCES = ("named", "gabor", "own")
CHOICES = ("source", "names", "gabor", "mix", "spec", "_own", "picture", "_own_input", "muted", "solo", "shown")
KEPT = ("mix", "muted", "solo", "shared_range", "filter", "place")  # of a state, besides filters and input


@one_sentence
class FilterBank(anywidget.AnyWidget):
    """Filters side by side, each beside the feature map that it gives; input channels and filters can be muted.

    Args:
        filters: names of ``convlab.samples.KERNELS`` (one or a list), "gabor", an ``nn.Conv2d``, or a weight
            (C_out, C_in / groups, kH, kW); (C_out, kH, kW) for one input channel.
        input: the name of a bundled picture ("rings", "patches", "cat", ...; photographs are 96 x 128 here), or an
            array or tensor (C_in, H, W) or (1, C_in, H, W).
        shown: which filters are on the screen, by number; the first 16 by default.
        gabor: parameters of the Gabor bank as for ``samples.gabor_bank``, those that differ from the usual ones.
        tasks: things to do, a dict {sentence: function of ``now``}; ``now`` has ``filter_count``, ``source``,
            ``names``, ``gabor``, ``mix``, ``muted`` and ``solo`` (tuples of names: "input 0", "filter 2"), ``heard``
            (input channels that are not left out), ``seen`` (filters whose map is drawn), ``weight``, ``output``,
            ``weight_shape``, ``output_shape`` (None where PyTorch refuses), ``range`` (least, most of all maps seen),
            ``shared_range``, ``picture``, ``filter``, ``place``.
        settings: ``stride``, ``padding``, ``dilation``, ``padding_mode`` as Conv2d's, with a weight also ``groups`` and
            ``bias``; ``mix`` (what the kernel is multiplied by in each input channel, for names and Gabor), ``muted``,
            ``solo``, ``shared_range``, ``filter``, ``place``.

    Raises:
        TypeError: an unknown name or keyword, or numbers that are not floats.
        ShapeError: a rank or shape that fits nothing. What PyTorch refuses on this picture is shown, not raised.

    Example:
        >>> bank = FilterBank(["Sobel x", "Sobel y"], "cat")
        >>> bank
        FilterBank(['Sobel x', 'Sobel y'], 'cat')
        >>> bank.weight.shape, bank.output.shape
        (torch.Size([2, 3, 3, 3]), torch.Size([1, 2, 94, 126]))
    """

    _esm, _css = front("filter_bank")

    source = traitlets.Enum(SOURCES, "named", help="where the filters come from").tag(**MOVED)
    names = traitlets.List(traitlets.Unicode(), list(NAMED), help="the filters by name").tag(**MOVED)
    gabor = traitlets.Dict(GABOR, help="the parameters of the Gabor bank").tag(**MOVED)
    mix = traitlets.List(traitlets.Float(), [], help="the kernel's factor in each input channel, else 1").tag(**MOVED)
    spec = traitlets.Dict(help="stride, padding, dilation, padding_mode for names and Gabor").tag(sync=True)
    picture = traitlets.Unicode("camera", help="a picture's name; own: your array").tag(**MOVED)
    muted = traitlets.List(traitlets.Unicode(), help="what is left out: 'input 0', 'filter 2'").tag(**MOVED)
    solo = traitlets.List(traitlets.Unicode(), help="what alone is left: 'input 0', 'filter 2'").tag(**MOVED)
    shown = traitlets.List(traitlets.Int(), help="the filters on the screen; empty: the first").tag(**MOVED)
    shared_range = traitlets.Bool(True, help="one range of colours for all feature maps").tag(**MOVED)
    filter = traitlets.Int(0, help="the filter that is pinned").tag(**MOVED)
    place = traitlets.List(traitlets.Int(), help="(row, column) that is pinned; empty: the middle").tag(**MOVED)
    _own = traitlets.Dict(help="the learner's layer: spec, weight, bias").tag(sync=True)
    _own_input = traitlets.Dict().tag(sync=True)
    _pictures = traitlets.Dict().tag(sync=True)
    _kernels = traitlets.List().tag(sync=True)
    _computed = traitlets.Dict().tag(sync=True)
    _rest = traitlets.Int(0).tag(**MOVED)
    _tasks = traitlets.List().tag(sync=True)

    def __init__(self, filters=None, input=None, *, shown=None, gabor=None, tasks=None, **settings):
        found, kept = _read(filters, input, gabor, shown, settings)
        self._last = None
        super().__init__(**found)
        for name, value in kept.items():
            self._set(name, value)
        self._recompute()
        self._to_do = Tasks(tasks or {}, type(self).__name__)
        self._tasks = [dict(entry) for entry in self._to_do.shown]
        self._look()
        self.observe(self._recompute, [*CHOICES, "_rest"])
        self.observe(self._look, ["_computed", "filter", "place", "shared_range"])

    def _set(self, name, value):
        if name in ("muted", "solo"):
            value = given.check_ids([value] if isinstance(value, str) else value, name)
        try:
            setattr(self, name, list(value) if name == "place" else value)
        except (traitlets.TraitError, TypeError) as error:
            raise ArgumentError(str(error)) from None

    def set_filters(self, filters=None, **settings):
        """Shows other filters; takes what the constructor takes, and keeps the picture."""
        with self.hold_sync(), self.hold_trait_notifications():
            found, _ = _read(filters, self._picture_now(), None, None, settings)
            for name in ("source", "names", "spec", "_own"):
                if name in found:
                    setattr(self, name, found[name])
            self.muted = [name for name in self.muted if name.startswith("input")]
            self.solo = [name for name in self.solo if name.startswith("input")]
            self.filter, self.shown, self._rest = 0, [], self._rest + 1

    def set_input(self, input):
        """Shows another picture; takes what the constructor takes, and keeps the filters."""
        name, array = given.read_picture(input, self._channels_now())
        with self.hold_sync(), self.hold_trait_notifications():
            if array is not None:
                self._own_input = packed(array)
            self.picture, self.place, self._rest = name, [], self._rest + 1

    def _picture_now(self):
        return self.picture if self.picture != "own" else unpacked(self._own_input)

    def _channels_now(self):
        return self._own["spec"]["in_channels"] if self.source == "own" else None

    def _numbers(self):
        """(input (1, C, H, W), weight, bias or None, spec) as plain values."""
        input = unpacked(self._own_input) if self.picture == "own" else given.picture(self.picture)
        if self.source == "own":
            spec = self._own["spec"]
            weight, bias = unpacked(self._own["weight"]), unpacked(self._own["bias"]) if spec["bias"] else None
        else:
            kernels = given.named_weight(self.names) if self.source == "named" else _gabor_kernels(self.gabor)
            C = len(input)
            weight, bias = given.mixed(kernels, (self.mix + [1.0] * C)[:C]), None
            spec = {**self.spec, "in_channels": C, "out_channels": len(weight), "kernel_size": list(weight.shape[2:]),
                    "groups": 1, "bias": False}  # fmt: skip
        return input[None], weight, bias, spec

    def _left(self, kind, count):
        """The numbers of the channels or filters that are neither muted nor drowned by one that plays solo."""
        ids = [f"{kind} {number}" for number in range(count)]
        solo = [name for name in ids if name in self.solo]
        return [number for number, name in enumerate(ids) if (name in solo if solo else name not in self.muted)]

    def _on_screen(self, count):
        chosen = [number for number in self.shown if number < count]
        return chosen or list(range(min(count, given.MOST_SHOWN)))

    def _recompute(self, _change=None):
        """Computes the feature maps on the screen, for the widget to compare with its own."""
        now = json.dumps([getattr(self, name) for name in (*CHOICES, "_rest")], default=lambda held: hash(bytes(held)))
        if now == self._last:  # several traits that change together are told one by one
            return
        self._last = now
        input, weight, bias, spec = self._numbers()
        try:
            output, by = _forward(spec, self._heard(input), weight, bias)
        except ShapeError:
            self._computed = {"rest": self._rest, "refused": True}
            return
        output = output[0, self._on_screen(len(weight))]
        largest = max(1.0, float(np.abs(output).max(initial=0)))
        self._computed = {"rest": self._rest, "by": by, "output": packed(output), "tolerance": 1e-4 * largest}

    def _heard(self, input):
        """The input with zeros in the channels that are left out: what they would add is left out."""
        heard = np.zeros_like(input)
        kept = self._left("input", input.shape[1])
        heard[:, kept] = input[:, kept]
        return heard

    def _look(self, _change=None):
        """Ticks off what has been done."""
        if self._tasks and self._to_do.look(self._now()):
            self._tasks = [dict(entry) for entry in self._to_do.shown]

    def _now(self):
        input, weight, bias, spec = self._numbers()
        heard, seen = self._left("input", input.shape[1]), self._left("filter", len(weight))
        seen = [number for number in self._on_screen(len(weight)) if number in seen]
        now = {"filter_count": len(weight), "weight_shape": weight.shape, "weight": weight, "heard": tuple(heard),
               "seen": tuple(seen), "muted": tuple(self.muted), "solo": tuple(self.solo), "output_shape": None,
               "output": None, "range": None, "place": tuple(self.place), "gabor": dict(self.gabor)}  # fmt: skip
        now |= {name: getattr(self, name) for name in ("source", "names", "mix", "picture", "shared_range", "filter")}
        try:
            output, _ = _forward(spec, self._heard(input), weight, bias)
        except ShapeError:
            return now
        maps = output[0, seen]
        reach = (float(maps.min()), float(maps.max())) if maps.size else None
        return {**now, "output": output, "output_shape": output.shape, "range": reach}

    @traitlets.default("_kernels")
    def _all_kernels(self):
        return [{"name": kernel.name, "meaning": kernel.meaning, "weight": kernel.weight.astype(float).tolist()}
                for kernel in samples.KERNELS.values()]  # fmt: skip

    @traitlets.default("_pictures")
    def _all_pictures(self):
        sent = {name: given.sent_picture(name) for name in PICTURES}
        return {name: {"shape": list(bytes_.shape), "divisor": divisor, "data": bytes_.tobytes()}
                for name, (bytes_, divisor) in sent.items()}  # fmt: skip

    @traitlets.validate("names", "gabor", "picture", "muted", "solo", "shown", "place")
    def _check(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        try:
            if name == "names":
                return given.check_names(value)
            if name == "gabor":
                return given.check_gabor(value, self.gabor or GABOR)
            if name == "picture":
                given.check_picture(value, (*PICTURES, "own") if self._own_input else PICTURES)
            elif name in ("muted", "solo"):
                return given.check_ids(value, name)
            elif name == "shown" or len(given.whole_numbers(value, name)) in (0, 2):
                return given.whole_numbers(value, name)
            else:
                raise ShapeError(f"place must be a pair (row, column) of the output; got {came(value)}: write (3, 4).")
        except (ArgumentError, ShapeError) as error:
            raise traitlets.TraitError(str(error)) from None
        return value

    @traitlets.validate("source")
    def _check_source(self, proposal):
        if proposal["value"] == "own" and not self._own:
            raise traitlets.TraitError("There is no layer of yours to show: make FilterBank(layer).")
        return proposal["value"]

    @property
    def layer(self):
        """The bank as a real ``nn.Conv2d``: all of its filters, no channel left out.

        Raises:
            ValueError: PyTorch refuses these settings.
        """
        _, weight, bias, spec = self._numbers()
        return layers.build(spec, weight, bias)

    @property
    def weight(self):
        """The filters as a tensor (C_out, C_in / groups, kH, kW)."""
        return self.layer.weight.detach()

    @property
    def input(self):
        """The picture on the screen as a tensor (1, C_in, H, W), with zeros in the channels that are left out."""
        import torch

        return torch.as_tensor(self._heard(self._numbers()[0]))

    @property
    def output(self):
        """The feature maps (1, C_out, H_out, W_out) without what the muted input channels would add, by PyTorch."""
        return self.layer(self.input).detach()

    @property
    def state(self):
        """A plain dict that makes the same widget again: ``FilterBank(**widget.state)``."""
        state = {"filters": "gabor" if self.source == "gabor" else list(self.names), **self.spec}
        if self.source == "own":
            _, weight, bias, spec = self._numbers()
            state = {"filters": weight.tolist(), **{name: spec[name] for name in SETTINGS}}
            if bias is not None:
                state["bias"] = bias.tolist()
        state["input"] = unpacked(self._own_input).tolist() if self.picture == "own" else self.picture
        gabor = {**self.gabor, "kernel_size": list(self.gabor["kernel_size"])}
        kept = {name: list(value) if isinstance(value := getattr(self, name), list) else value for name in KEPT}
        return {**state, "shown": list(self.shown), "gabor": gabor, **kept}

    def __repr__(self):
        bank = repr(list(self.names)) if self.source == "named" else repr("gabor")
        if self.source == "own":
            bank = call(self._own["spec"])
        shape = tuple(self._own_input["shape"]) if self._own_input else ()
        return f"FilterBank({bank}, {f'input={shape}' if self.picture == 'own' else repr(self.picture)})"


def _gabor_kernels(parameters):
    return samples.gabor_bank(**{**parameters, "kernel_size": tuple(parameters["kernel_size"])})


def _read(filters, input, gabor, shown, settings):
    """(traits, traits to be set after them) from all that the constructor takes."""
    unknown = set(settings) - {*SETTINGS, "bias", *KEPT}
    if unknown:
        known = ", ".join((*SETTINGS, "bias", *KEPT))
        raise ArgumentError(f"FilterBank has no argument {sorted(unknown)[0]!r}; it knows {known}.")
    kept = {name: settings.pop(name) for name in KEPT if name in settings}
    source, names, own = given.read_filters(filters, settings)
    if source == "own" and own is None:
        raise ArgumentError("filters='own' needs a layer: give the nn.Conv2d itself, or its weight.")
    if own is None and settings.get("groups", 1) != 1:
        raise ArgumentError("Filters by name or formula span all channels: leave groups out, or give a layer.")
    name, array = given.read_picture(input, own["spec"]["in_channels"] if own else None)
    plain = _plain({} if own else settings)
    traits = {"source": source, "names": names, "gabor": given.check_gabor(gabor or {}, GABOR), "picture": name,
              "spec": {name: plain[name] for name in SETTINGS if name != "groups"}}  # fmt: skip
    if own:
        bias = own["bias"] if own["bias"] is not None else np.zeros(0, own["weight"].dtype)
        traits["_own"] = {"spec": own["spec"], "weight": packed(own["weight"]), "bias": packed(bias)}
    if array is not None:
        traits["_own_input"] = packed(array)
    return traits, {**kept, **({} if shown is None else {"shown": given.whole_numbers(shown, "shown")})}


def _forward(settings, input, weight, bias):
    """(output, who computed it)."""
    spec = Conv2dSpec(**settings)
    spec.output_shape(input.shape)
    torch = sys.modules.get("torch")
    if hasattr(torch, "nn"):
        with torch.no_grad():
            output = layers.build(settings, weight, bias)(torch.as_tensor(input))
        return output.numpy(), f"PyTorch {torch.__version__.split('+')[0]}"
    padded = pad_input(input, spec.pads, spec.padding_mode)
    return conv2d_windows(padded, weight, bias, spec.stride, 0, spec.dilation, spec.groups), "NumPy"
