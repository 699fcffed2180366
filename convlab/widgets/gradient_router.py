"""GradientRouter: one number of a Conv2d, and every way that leads from it to the loss and back.

A product ``weight * input`` is the only link between three numbers: a pixel, a weight, an output. Forward, the pixel
goes through the weight to the output; backward, the output's gradient comes through the weight to the pixel, and
through the pixel to the weight. All of it moves in the browser; Python holds the place and checks the gradients.
"""

import math

import numpy as np
import traitlets

from .. import layers
from ..refusals import came, one_sentence
from ..shapes import ArgumentError, Conv2dSpec, ShapeError, call
from .front import front
from .gradient_router_truth import backward, read_counts, usual_upstream
from .layer_widget import LayerWidget, floats, packed, unpacked

VIEWS = ("forward", "input", "weight", "bias")
# The browser draws its own moves at once; an echo of an older one must not undo a newer.
MOVED = {"sync": True, "echo_update": False}
OWN = ("view", "how", "filter", "sample", "cell", "nudge", "terms")


@one_sentence
class GradientRouter(LayerWidget):
    """Where a pixel goes, and how dL/dinput, dL/dweight and dL/dbias come together, for L = sum(grad_output * output).

    Args:
        layer, input, weight, bias: as in ``LayerWidget``.
        grad_output: the upstream gradient, an array of the output's shape; small whole numbers by default.
        tasks: things to do, a dict {sentence: function of ``now``}; ``now`` has the traits ``view, how, cell, nudge,
            terms, filter, sample``, the NumPy arrays ``input, weight, bias, output, grad_output, grad_input,
            grad_weight, grad_bias`` in their own shapes, ``uses`` (H, W): how often one kernel reads each pixel, and
            ``gradient``: the gradient at the pinned cell.
        settings: Conv2d's keywords, and ``view`` ("forward": where one input cell goes, or the gradient of "input",
            "weight", "bias"), ``how`` ("scatter" or "gather"), ``cell`` (the pinned cell of the tensor that the view is
            about: (0, c, i, j) of the input, (o, c, u, v) of the weight, (o,) of the bias), ``nudge`` (0 for off, else
            the h of the finite difference (L(x + h) - L(x - h)) / 2h at the pinned cell), ``terms`` (how many products
            of the sum are added so far; None for all), ``filter`` (the first filter on the screen, in the views
            "forward" and "input"), ``sample`` (of the batch, in the views "weight" and "bias").

    Raises:
        TypeError: an unknown keyword, or numbers that are not floats.
        ShapeError: a shape that fits nothing, or a cell outside its tensor.

    Example:
        >>> GradientRouter(1, 2, kernel_size=(3, 2), input=(1, 1, 5, 7), view="input", cell=(0, 0, 1, 4))
        GradientRouter(nn.Conv2d(1, 2, kernel_size=(3, 2)), input=(1, 1, 5, 7), view='input', cell=[0, 0, 1, 4])
    """

    _esm, _css = front("gradient_router")

    view = traitlets.Enum(VIEWS, "forward", help="where a pixel goes, or which gradient").tag(**MOVED)
    how = traitlets.Enum(("scatter", "gather"), "scatter", help="handed out, or fetched").tag(**MOVED)
    filter = traitlets.Int(0, help="the first filter on the screen").tag(**MOVED)
    sample = traitlets.Int(0, help="the sample on the screen, for weight and bias").tag(**MOVED)
    cell = traitlets.List(traitlets.Int(), help="the pinned cell of the tensor that the view is about").tag(**MOVED)
    nudge = traitlets.Float(0.0, help="h of the finite difference; 0 for off").tag(**MOVED)
    terms = traitlets.Int(None, allow_none=True, help="products added so far; None for all").tag(**MOVED)
    _upstream = traitlets.Dict().tag(**MOVED)
    _backward = traitlets.Dict().tag(sync=True)

    watched = OWN
    _arrays = (*LayerWidget._arrays, "_upstream")

    def __init__(self, *layer, input=None, weight=None, bias=None, grad_output=None, tasks=None, **settings):
        own = {name: settings.pop(name) for name in OWN if name in settings}
        super().__init__(*layer, input=input, weight=weight, bias=bias, tasks=tasks, **settings)
        self._take_upstream(grad_output)
        # In the order of OWN: which cells there are depends on the view.
        for name in OWN:
            if name in own:
                self._set(name, own[name])
            elif name == "cell":
                self._stay_inside()
        self.observe(self._stay_inside, ["view"])
        self._begin_tasks()

    def _begin_tasks(self):
        # The gradients are computed after the output, so they are what a task waits for.
        if self._tasks:
            self._look()
            self.observe(self._look, ["_backward", *self.watched])

    def _set(self, name, value):
        plain = name != "cell" or (isinstance(value, (tuple, list)) and all(type(at) is int for at in value))
        if not plain:
            raise ShapeError(f"cell must be whole numbers such as (0, 0, 2, 3); got {came(value)}: give its index.")
        try:
            setattr(self, name, list(value) if name == "cell" else value)
        except traitlets.TraitError as error:
            wrong = ShapeError if name in ("cell", "filter", "sample") else ArgumentError
            raise wrong(str(error)) from None

    def _show(self, *numbers):
        with self.hold_sync():
            super()._show(*numbers)
            if not self.spec["bias"] and self.view == "bias":
                self.view = "input"
            self._take_upstream(None)
            self._stay_inside()

    def _output_shape(self):
        """The output's shape; None where PyTorch refuses."""
        try:
            return Conv2dSpec(**self.spec).output_shape(self._input["shape"])
        except ShapeError:
            return None

    def _take_upstream(self, given):
        """Takes another upstream gradient; keeps the one that is there when none is given and its shape fits."""
        shape = self._output_shape()
        if given is not None:
            given = floats(given, "grad_output")
            if given.shape != shape:
                wanted = f"the output's shape, {shape} here" if shape else "a layer that PyTorch runs"
                raise ShapeError(f"grad_output must have {wanted}; got {given.shape}: write torch.ones_like(output).")
            self._send_upstream(given)
        elif shape is not None:
            fits = self._upstream and tuple(self._upstream["shape"]) == shape
            usual = usual_upstream(shape).astype(self._input["dtype"])
            self._send_upstream(unpacked(self._upstream) if fits else usual)
        else:
            self._backward = {}

    def _send_upstream(self, array):
        # One message to the browser: the gradients that it compares belong to this upstream gradient.
        with self.hold_sync():
            self._upstream = packed(array)
            self._route()

    def _route(self):
        """Computes the three gradients of the numbers as they stand, for the widget to compare with its own."""
        shape = self._output_shape()
        if shape is None or tuple(self._upstream.get("shape", ())) != shape:
            self._backward = {}
            return
        arrays = [unpacked(value) for value in (self._upstream, self._input, self._weight, self._bias)]
        found = backward(self.spec, *arrays)
        packs = {name: packed(value) if isinstance(value, np.ndarray) else value for name, value in found.items()}
        self._backward = {**packs, "rest": self._rest}

    def _recompute(self, _change=None):
        super()._recompute()
        self._route()

    def _tensor(self, view):
        """The shape of the tensor that a view is about, its batch counted as one; None where PyTorch refuses."""
        shape = self._output_shape()
        if shape is None:
            return None
        spec = Conv2dSpec(**self.spec)
        inside = (1, *self._input["shape"][-3:])
        return {"weight": spec.weight_shape, "bias": (spec.out_channels,)}.get(view, inside)

    def _stay_inside(self, _change=None):
        """Keeps cell, filter and sample as far as the layer on the screen has them."""
        tensor, shape = self._tensor(self.view), self._output_shape()
        if tensor is None:
            return
        if len(self.cell) != len(tensor) or any(at >= most for at, most in zip(self.cell, tensor, strict=True)):
            self.cell = self._usual_cell(tensor)
        self.filter = min(self.filter, shape[-3] - 1)
        self.sample = min(self.sample, (shape[0] if len(shape) == 4 else 1) - 1)

    def _usual_cell(self, tensor):
        """The middle; of an input the first pixel from there on that is not 0, for 0 goes nowhere."""
        if len(tensor) == 1:
            return [0]
        middle = [0, 0, tensor[2] // 2, tensor[3] // 2]
        if self.view in ("weight", "bias"):
            return middle
        channel = unpacked(self._input).reshape(-1, *tensor[2:])[0].ravel()
        start = middle[2] * tensor[3] + middle[3]
        found = next((at for at in range(start, channel.size) if channel[at]), start)
        return [0, 0, *divmod(found, tensor[3])]

    @traitlets.validate("cell")
    def _check_cell(self, proposal):
        value, tensor = proposal["value"], self._tensor(self.view)
        if tensor is None:
            return value
        if len(value) != len(tensor) or not all(0 <= at < most for at, most in zip(value, tensor, strict=True)):
            of = {"weight": "(o, c, u, v) of the weight", "bias": "(o,) of the bias"}.get(self.view)
            raise traitlets.TraitError(
                f"cell must be a cell {of or '(0, c, i, j) of the input, its first sample'}, counted from 0, in "
                f"the view {self.view!r}, whose shape is {tuple(tensor)}; got {tuple(value)}."
            )
        return value

    @traitlets.validate("view")
    def _check_view(self, proposal):
        if proposal["value"] == "bias" and not self.spec["bias"]:
            raise traitlets.TraitError("view 'bias' needs a layer with a bias; this one has bias=False.")
        return proposal["value"]

    @traitlets.validate("nudge", "terms", "filter", "sample")
    def _check_number(self, proposal):
        name, value, shape = proposal["trait"].name, proposal["value"], self._output_shape()
        counts = {"filter": shape[-3], "sample": shape[0] if len(shape) == 4 else 1} if shape else {}
        if value is not None and not 0 <= value < counts.get(name, math.inf):
            most = f" to {counts[name] - 1}" if name in counts else " on"
            raise traitlets.TraitError(f"{name} must be a number from 0{most}; got {value}.")
        return value

    def _look(self, _change=None):
        """Ticks off what has been done; the arrays of a task's ``now`` are NumPy's, so that no torch is needed."""
        if self._tasks and self._to_do.look(self._now()):
            self._tasks = [dict(entry) for entry in self._to_do.shown]

    def _now(self):
        packs = {"input": self._input, "weight": self._weight, "bias": self._bias, "grad_output": self._upstream,
                 "output": self._computed.get("output")}  # fmt: skip
        packs |= {f"grad_{name}": self._backward.get(name) for name in ("input", "weight", "bias")}
        now = {name: unpacked(value) for name, value in packs.items() if value}
        now |= {name: getattr(self, name) for name in self.watched}
        if self._backward:
            now["uses"] = read_counts(self.spec, self._input["shape"])
            of = now["grad_input" if self.view == "forward" else f"grad_{self.view}"]
            now["gradient"] = float(of[tuple(self.cell[-of.ndim :])])
        return now

    @property
    def grad_output(self):
        """The upstream gradient dL/doutput on the screen, as a tensor; set it to an array of the output's shape."""
        import torch

        return torch.as_tensor(unpacked(self._upstream))

    @grad_output.setter
    def grad_output(self, value):
        with self._guard:
            self._take_upstream(value)

    @property
    def gradients(self):
        """(grad_input, grad_weight, grad_bias) as autograd computes them in float64; no bias, no third.

        Raises:
            ValueError: PyTorch refuses these settings.
        """
        import torch

        bias = unpacked(self._bias).astype(np.float64) if self.spec["bias"] else None
        layer = layers.build(self.spec, unpacked(self._weight).astype(np.float64), bias)
        input = torch.as_tensor(unpacked(self._input).astype(np.float64)).requires_grad_()
        layer(input).backward(self.grad_output.double())
        return input.grad, layer.weight.grad, layer.bias.grad if self.spec["bias"] else None

    @property
    def state(self):
        """A plain dict that makes the same widget again: ``GradientRouter(**widget.state)``."""
        upstream = {"grad_output": unpacked(self._upstream).tolist()} if self._output_shape() else {}
        return {**super().state, **upstream, **{name: getattr(self, name) for name in OWN}}

    def __repr__(self):
        # Where it stands, never the numbers: a stored output must not answer the question that comes before it.
        usual = {"how": "scatter", "filter": 0, "sample": 0, "nudge": 0, "terms": None}
        parts = [f"{name}={getattr(self, name)!r}" for name in ("view", "cell")]
        parts += [f"{name}={getattr(self, name)!r}" for name, value in usual.items() if getattr(self, name) != value]
        return f"GradientRouter({call(self.spec)}, input={tuple(self._input['shape'])}, {', '.join(parts)})"
