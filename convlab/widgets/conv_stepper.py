"""ConvStepper: one output number of a Conv2d, taken apart until it can be done by head.

Left to right: the window on the input, the filter's slices, their products, the sum of each channel, the sum over
channels with the bias, and the output cell that this number goes to. All of it moves in the browser; Python holds the
place and checks the numbers.
"""

import traitlets

from ..refusals import came, one_sentence
from ..shapes import ArgumentError, Conv2dSpec, ShapeError, call
from .front import front
from .layer_widget import LayerWidget

STAGES = ("window", "products", "sums", "bias", "output")
# The browser draws its own moves at once; an echo of an older one must not undo a newer.
MOVED = {"sync": True, "echo_update": False}
OWN = ("filter", "sample", "filled", "channel")


@one_sentence
class ConvStepper(LayerWidget):
    """Any output number of a Conv2d, in five stages: window, products, channel sums, bias, output.

    Args:
        layer, input, weight, bias, settings: as in ``LayerWidget``.
        place: (row, column) of the output number; (0, 0) by default.
        stage: how far it is worked out: "window", "products", "sums", "bias" or "output".
        settings: Conv2d's keywords, and ``filter`` (output channel), ``sample`` (of the batch), ``filled`` (how many
            output numbers are filled in, in reading order; None for all), ``channel`` (first channel shown of many).

    Raises:
        TypeError: an unknown keyword, or numbers that are not floats.
        ShapeError: a shape that fits nothing, or a place outside the output.

    Example:
        >>> ConvStepper(1, 1, kernel_size=(3, 2), input=(1, 1, 5, 7), place=(1, 2))
        ConvStepper(nn.Conv2d(1, 1, kernel_size=(3, 2)), input=(1, 1, 5, 7), place=(1, 2))
    """

    _esm, _css = front("conv_stepper")

    place = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(0, 0), help="(row, column)").tag(**MOVED)
    filter = traitlets.Int(0, help="the output channel on the screen").tag(**MOVED)
    sample = traitlets.Int(0, help="the sample of the batch on the screen").tag(**MOVED)
    stage = traitlets.Enum(STAGES, "output", help="how far the number is worked out").tag(**MOVED)
    filled = traitlets.Int(None, allow_none=True, help="output numbers filled in; None for all").tag(**MOVED)
    channel = traitlets.Int(0, help="first of the channels shown, within the filter's group").tag(**MOVED)

    watched = ("place", "filter", "stage")

    def __init__(self, *layer, input=None, weight=None, bias=None, place=None, stage="output", **settings):
        own = {name: settings.pop(name) for name in OWN if name in settings}
        super().__init__(*layer, input=input, weight=weight, bias=bias, **settings)
        self._set("place", (0, 0) if place is None else place)
        for name, value in {"stage": stage, **own}.items():
            self._set(name, value)
        self._begin_tasks()

    def _set(self, name, value):
        if name == "place" and not (isinstance(value, (tuple, list)) and len(value) == 2):
            got = came(value)
            raise ShapeError(f"place must be a pair (row, column) of the output; got {got}: write place=(0, 0).")
        try:
            setattr(self, name, value)
        except traitlets.TraitError as error:
            wrong = ShapeError if name in (*OWN, "place") and isinstance(value, (int, tuple, list)) else ArgumentError
            raise wrong(str(error)) from None

    def _show(self, *numbers):
        # The window stays where it was, as far as the new layer has such a place.
        with self.hold_sync():
            super()._show(*numbers)
            limits = self._limits()
            if limits is None:
                return
            self.place = tuple(min(at, most - 1) for at, most in zip(self.place, limits["place"], strict=True))
            for name in ("filter", "sample", "channel"):
                setattr(self, name, min(getattr(self, name), limits[name] - 1))
            if self.filled is not None:
                self.filled = min(self.filled, limits["filled"])

    def _limits(self):
        """How many there are of each: rows and columns of places, filters, samples, channels; None if refused."""
        try:
            spec = Conv2dSpec(**self.spec)
            output = spec.output_shape(self._input["shape"])
        except ShapeError:
            return None
        return {"place": output[-2:], "filter": spec.out_channels, "sample": output[0] if len(output) == 4 else 1,
                "channel": spec.weight_shape[1], "filled": output[-2] * output[-1]}  # fmt: skip

    @traitlets.validate("place")
    def _check_place(self, proposal):
        limits = self._limits()
        most = limits["place"] if limits else None
        row, column = proposal["value"]
        if min(row, column) < 0 or (most and (row >= most[0] or column >= most[1])):
            raise traitlets.TraitError(
                f"place must lie in the output, which has {most[0] if most else 'some'} rows and "
                f"{most[1] if most else 'some'} columns of places, counted from 0; got {(row, column)}."
            )
        return row, column

    @traitlets.validate("filter", "sample", "channel", "filled")
    def _check_number(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        if value is None:
            return None
        limits = self._limits()
        most = limits[name] - (name != "filled") if limits else value
        if not 0 <= value <= most:
            raise traitlets.TraitError(f"{name} must be a whole number from 0 to {most} for this layer; got {value}.")
        return value

    @property
    def state(self):
        """A plain dict that makes the same widget again: ``ConvStepper(**widget.state)``."""
        return {**super().state, "place": self.place, "stage": self.stage,
                **{name: getattr(self, name) for name in OWN}}  # fmt: skip

    def __repr__(self):
        # Where it stands, never the numbers: a stored output must not answer the question that comes before it.
        at = {"place": self.place, "filter": self.filter, "sample": self.sample, "stage": self.stage,
              "filled": self.filled}  # fmt: skip
        usual = {"filter": 0, "sample": 0, "stage": "output", "filled": None}
        parts = [f"{name}={value!r}" for name, value in at.items() if name == "place" or value != usual[name]]
        return f"ConvStepper({call(self.spec)}, input={tuple(self._input['shape'])}, {', '.join(parts)})"
