"""KernelLab: a picture, a kernel under the hand, and what Conv2d makes of the two.

The browser computes as the hand moves; Python holds the same numbers, answers to the same names (kernels, pictures,
settings) and checks what was computed.
"""

from os import PathLike, fspath

import numpy as np
import traitlets

from .. import samples
from ..refusals import came, one_sentence
from ..shapes import ArgumentError, ShapeError, call
from .front import front
from .layer_widget import LayerWidget, floats, packed, unpacked

OWN = ("operation", "lock_sum", "link_slices", "colour_range", "filter", "sample", "channel", "place")
CUSTOM = "custom"
OPERATIONS = ("correlation", "convolution")
RANGES = ("unit", "picture", "global")


@one_sentence
class KernelLab(LayerWidget):
    """What a kernel does to a picture: every number of the kernel can be moved, and the output follows.

    Args:
        layer: as in ``LayerWidget``; without one, a layer for the picture's channels with the kernel on each of them.
        input: also the name of a picture ("camera", "cat", "painted"), the path of an image file, or its bytes.
        weight, bias: as in ``LayerWidget``; without a layer there is no bias.
        kernel: the name of one of ``convlab.samples.KERNELS``, or rows of numbers.
        picture: another word for ``input`` where it is a name, a path or bytes.
        settings: Conv2d's keywords, ``tasks`` as in ``LayerWidget``, and the settings of the lab: ``operation``
            ("correlation", as Conv2d computes, or "convolution": the kernel is rotated first), ``lock_sum``,
            ``link_slices``, ``colour_range`` ("unit", "picture", "global"), ``filter``, ``sample``, ``channel``
            (-1: all), ``place`` (row, column).

    Raises:
        TypeError: an unknown name or keyword, what is no image, numbers that are not floats.
        ShapeError: a rank or shape that fits nothing. A setting that PyTorch refuses is shown, not raised.

    Example:
        >>> lab = KernelLab(kernel="Sobel x", picture="painted")
        >>> lab
        KernelLab(nn.Conv2d(1, 1, kernel_size=3, bias=False), picture='painted', kernel='Sobel x')
        >>> lab.kernel = "box blur"
        >>> lab
        KernelLab(nn.Conv2d(1, 1, kernel_size=3, bias=False), picture='painted', kernel='box blur')
    """

    _esm, _css = front("kernel_lab")

    kernel = traitlets.Unicode(CUSTOM, help="the name of the filter's kernel, or custom").tag(sync=True)
    picture = traitlets.Unicode("given", help="a sample's name; own: your file; given: your array").tag(sync=True)
    operation = traitlets.Enum(OPERATIONS, "correlation").tag(sync=True)
    lock_sum = traitlets.Bool(False, help="the sum of the kernel stays").tag(sync=True)
    link_slices = traitlets.Bool(True, help="the slices of all channels move together").tag(sync=True)
    colour_range = traitlets.Enum(RANGES, "picture").tag(sync=True)
    filter = traitlets.Int(0, help="the filter on the screen").tag(sync=True)
    sample = traitlets.Int(0, help="the sample of the batch on the screen").tag(sync=True)
    channel = traitlets.Int(-1, help="the input channel on the screen; -1 for all").tag(sync=True)
    place = traitlets.List(traitlets.Int(), [], help="the loupe's (row, column); empty: the middle").tag(sync=True)
    _kernels = traitlets.List().tag(sync=True)
    _samples = traitlets.Dict().tag(sync=True)
    # What the numbers show already: a hand sets these together with the numbers, Python's caller sets the trait alone.
    _applied = traitlets.Dict().tag(sync=True)

    watched = ("kernel", "operation", "picture", "filter", "place")

    def __init__(self, *layer, input=None, weight=None, bias=None, kernel=None, picture=None, **settings):
        own = {name: settings.pop(name) for name in OWN if name in settings}
        turned = own.get("operation") == "convolution"
        if isinstance(input, (str, PathLike, bytes)):
            picture, input = (input, None) if picture in (None, input) else (picture, input)
        shown, input = _pixels(picture, input, bool(layer) or weight is not None or "in_channels" in settings)
        if not layer and "in_channels" not in settings:
            settings, bias = _own_layer(settings, input, weight, bias)
            if kernel is None and weight is None and "kernel_size" not in settings:
                kernel = "vertical edges"
        if kernel is not None and weight is None:
            settings, weight = _kernel_weight(kernel, layer, settings, turned)
        super().__init__(*layer, input=input, weight=weight, bias=bias, **settings)
        self._applied = {"operation": own.get("operation", "correlation"), "picture": shown}
        self.picture = shown
        for name, value in own.items():
            self._set(name, value)
        self._name()
        self.observe(self._name, ["_weight", "filter"])
        self.observe(self._follow, ["kernel", "picture", "operation"])
        self._begin_tasks()

    def _set(self, name, value):
        allowed = {
            "operation": OPERATIONS,
            "colour_range": RANGES,
            "lock_sum": (True, False),
            "link_slices": (True, False),
        }
        if name in allowed and value not in allowed[name]:
            *most, last = map(repr, allowed[name])
            raise ArgumentError(f"{name} must be {', '.join(most)} or {last}; got {came(value)}.")
        if name == "place" and not (isinstance(value, (tuple, list)) and len(value) in (0, 2)):
            raise ArgumentError(f"place must be a pair (row, column) of the output; got {came(value)}.")
        try:
            setattr(self, name, list(value) if name == "place" else value)
        except traitlets.TraitError as error:
            raise ArgumentError(str(error)) from None

    @traitlets.default("_kernels")
    def _all_kernels(self):
        return [
            {"name": named.name, "meaning": named.meaning, "weight": named.weight.astype(float).tolist()}
            for named in samples.KERNELS.values()
        ]

    @traitlets.default("_samples")
    def _all_samples(self):
        files = {name: samples.picture_file(name).read_bytes() for name in samples.PICTURES}
        return {"painted": packed(samples.painted()), **files}

    def _show(self, settings, input, weight, bias):
        with self.hold_sync():
            changed = not np.array_equal(input, unpacked(self._input))
            super()._show(settings, input, weight, bias)
            if changed:
                self._applied = {**self._applied, "picture": "given"}
                self.picture = "given"
            for name, most in (("filter", settings["out_channels"]), ("sample", _samples_of(input))):
                setattr(self, name, min(getattr(self, name), max(0, most - 1)))
            self.place = []
            self.channel = -1

    def _written(self):
        """The slices of the filter on the screen as the learner wrote them, before the rotation of a convolution."""
        filters = unpacked(self._weight)
        own = filters[min(self.filter, len(filters) - 1)] if len(filters) else np.zeros((0, 1, 1))
        return own[:, ::-1, ::-1] if self._applied["operation"] == "convolution" else own

    def _name(self, _change=None):
        """Calls the kernel on the screen by its name."""
        slices = self._written().astype(np.float32)
        for named in samples.KERNELS.values():
            if len(slices) and all(np.array_equal(one, named.weight) for one in slices):
                self.kernel = named.name
                return
        self.kernel = CUSTOM

    def _follow(self, change):
        """Makes the numbers follow a trait that Python has set."""
        if change["name"] == "operation" and self.operation != self._applied["operation"]:
            self._applied = {**self._applied, "operation": self.operation}
            self._change(weight=unpacked(self._weight)[:, :, ::-1, ::-1])
        elif change["name"] == "picture" and self.picture not in (self._applied["picture"], "own", "given"):
            self._applied = {**self._applied, "picture": self.picture}
            self._show_pixels(_sample(self.picture))
        elif change["name"] == "kernel" and self.kernel != CUSTOM:
            rows = samples.kernel(self.kernel).weight
            if not all(np.array_equal(one, rows) for one in self._written().astype(np.float32)):
                self._choose(rows)

    def _choose(self, rows):
        weight = _resized(unpacked(self._weight), rows.shape)
        weight[self.filter] = rows[::-1, ::-1] if self.operation == "convolution" else rows
        self._change(weight=weight, kernel_size=list(rows.shape))

    def _show_pixels(self, input):
        weight, spec = unpacked(self._weight), self.spec
        C = input.shape[1]
        if spec["groups"] == 1 and C != spec["in_channels"] and weight.shape[1]:
            weight = weight[:, np.arange(C) % weight.shape[1]]
            spec = {**spec, "in_channels": C}
        with self.hold_sync():
            self.place, self.channel, self.sample = [], -1, 0
            self._change(weight=weight, input=input, in_channels=spec["in_channels"])

    def _change(self, weight, input=None, **settings):
        with self._guard:
            input = unpacked(self._input) if input is None else input
            bias = unpacked(self._bias) if self.spec["bias"] else None
            super()._show({**self.spec, **settings}, input, np.ascontiguousarray(weight), bias)

    @traitlets.validate("kernel")
    def _check_kernel(self, proposal):
        try:
            return CUSTOM if proposal["value"] == CUSTOM else samples.kernel(proposal["value"]).name
        except ArgumentError as error:
            raise traitlets.TraitError(str(error)) from None

    @traitlets.validate("picture")
    def _check_picture(self, proposal):
        known = (*samples.PICTURES, "painted", "own", "given")
        if proposal["value"] not in known:
            raise traitlets.TraitError(
                f"There is no picture {proposal['value']!r}; choose one of {', '.join(known[:-2])}, or make "
                f"KernelLab(input=...) with a path."
            )
        return proposal["value"]

    @traitlets.validate("filter", "sample", "channel")
    def _check_number(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        most = {"filter": self.spec["out_channels"], "channel": self._input["shape"][-3],
                "sample": _samples_of(unpacked(self._input))}[name]  # fmt: skip
        least, most = -1 if name == "channel" else 0, max(1, most) - 1
        if not least <= value <= most:
            raise traitlets.TraitError(
                f"{name} must be a whole number from {least} to {most} for this layer; got {value}."
            )
        return value

    @traitlets.validate("place")
    def _check_place(self, proposal):
        if len(proposal["value"]) not in (0, 2) or min(proposal["value"], default=0) < 0:
            raise traitlets.TraitError(f"place must be a pair (row, column) of the output; got {proposal['value']}.")
        return proposal["value"]

    @property
    def state(self):
        """A plain dict that makes the same widget again: ``KernelLab(**widget.state)``."""
        state = {**super().state, **{name: getattr(self, name) for name in (*OWN, "picture")}}
        if self.picture in samples.PICTURES:
            state["input"] = self.picture  # a photograph is not painted on: its name says it all
        return state

    def __repr__(self):
        known = self.picture not in ("given", "own")
        parts = [call(self.spec), f"picture={self.picture!r}" if known else f"input={tuple(self._input['shape'])}"]
        parts += [f"kernel={self.kernel!r}"] if self.kernel != CUSTOM else []
        parts += [f"operation={self.operation!r}"] if self.operation != "correlation" else []
        return f"KernelLab({', '.join(parts)})"


def _samples_of(input):
    return input.shape[0] if input.ndim == 4 else 1


def _sample(name):
    """A sample's numbers (1, C, H, W): bytes as 0 to 1."""
    return samples.painted()[None] if name == "painted" else _unit(samples.picture(name))


def _unit(picture):
    return picture[None].astype(np.float32) / np.float32(255)


def _pixels(picture, input, has_layer):
    """(what the picture is called, the input) from what the learner gave; (given, None) leaves it to the layer."""
    if picture in ("painted", "own", "given") and input is not None:
        return picture, input  # the picture of a state: its numbers, and what they were called
    if picture is not None and input is not None:
        raise ArgumentError("KernelLab shows one picture and two came: give input or picture, not both.")
    if picture is None:
        if input is not None:
            return "given", input
        if has_layer:
            return "given", None
        picture = "camera"
    if picture in (*samples.PICTURES, "painted"):
        return picture, _sample(picture)
    if isinstance(picture, str) and not any(mark in picture for mark in "./\\"):
        raise ArgumentError(
            f"There is no picture {came(picture)}; choose one of {', '.join(samples.PICTURES)}, painted, or a path."
        )
    if not isinstance(picture, (str, PathLike, bytes)):
        raise ArgumentError(f"picture must be a name, a path or bytes; got {type(picture).__name__}.")
    return "own", _unit(samples.own_picture(picture if isinstance(picture, bytes) else fspath(picture)))


def _own_layer(settings, input, weight, bias):
    """Settings for the learner who gave no layer: as many channels as the input has, one filter, no bias."""
    shape = input if _is_shape(input) else np.shape(input)
    known = {"in_channels": shape[-3] if len(shape) in (3, 4) else 1, "out_channels": 1}
    given = np.shape(weight)
    if len(given) == 4:
        slices = given[1] * settings.get("groups", 1)
        known = {"in_channels": slices, "out_channels": given[0], "kernel_size": given[2:]}
    return {**known, **settings}, False if bias is None else bias


def _is_shape(input):
    return isinstance(input, tuple) and bool(input) and all(isinstance(length, int) for length in input)


def _kernel_weight(kernel, layer, settings, turned):
    """(settings, weight) with this kernel on every slice of every filter."""
    rows = samples.kernel(kernel).weight if isinstance(kernel, str) else floats(kernel, "kernel")
    if rows.ndim != 2:
        raise ShapeError(f"kernel must be rows of numbers (kH, kW); got shape {rows.shape}: one kernel, 2-D.")
    if layer and not all(isinstance(part, int) for part in layer):
        raise ArgumentError(
            "kernel is for a layer made here; a real layer brings its own weight: leave one of them out."
        )
    names = ("in_channels", "out_channels")
    settings = {**dict(zip(names, layer, strict=False)), **settings}
    share = settings["in_channels"] // max(1, settings.get("groups", 1))
    rows = rows[::-1, ::-1] if turned else rows
    weight = np.broadcast_to(rows, (settings.get("out_channels", 1), share, *rows.shape)).copy()
    return {**settings, "kernel_size": rows.shape}, weight


def _resized(weight, size):
    """Every kernel grown with zeros or cut, its middle kept in the middle."""
    result = np.zeros((*weight.shape[:2], *size), weight.dtype)
    shifts = [(old - 1) // 2 - (new - 1) // 2 for old, new in zip(weight.shape[2:], size, strict=True)]
    for u in range(size[0]):
        for v in range(size[1]):
            row, column = u + shifts[0], v + shifts[1]
            if 0 <= row < weight.shape[2] and 0 <= column < weight.shape[3]:
                result[:, :, u, v] = weight[:, :, row, column]
    return result
