"""ShapeTracer: a model of the learner's own, followed layer by layer.

A real forward pass on the real model says what every layer gives: its shape, its parameters, its multiply-adds, its
memory, how much of the input one of its numbers sees; and where the model breaks, and why. When the size of the input
is moved, Python runs the model again; all that is clicked and pointed at is answered in the browser.
"""

import anywidget
import traitlets

from ..refusals import came, one_sentence
from ..shapes import ArgumentError, ShapeError
from . import shape_tracer_run as run
from .front import front
from .tasks import Tasks

# The browser draws its own moves at once; an echo of an older one must not undo a newer.
MOVED = {"sync": True, "echo_update": False}
LIMITS = ("parameters", "macs", "memory")


@one_sentence
class ShapeTracer(anywidget.AnyWidget):
    """Any ``nn.Module`` on an input: shape, parameters, multiply-adds, memory by layer, and where and why it breaks.

    The model runs in eval mode and without gradients; afterwards it is as it was: its weights, its mode, torch's random
    state. What it prints meanwhile is shown under the table.

    Args:
        model: any ``nn.Module`` whose forward takes one tensor.
        input: a tensor, or a shape such as (1, 3, 32, 32), with or without a batch axis: then zeros of that shape.
        at: the row that is pinned: 0 the input, 1 the first call, ...; or a layer's name, "conv1".
        budget: limits, a dict with any of "parameters", "macs", "memory" (bytes).
        tasks: things to do, a dict {sentence: function of ``now``}; ``now`` has ``input_shape``, ``output_shape`` (None
            where the model breaks), ``layers`` (a list of dicts: name, kind, call, input_shape, output_shape,
            parameters, macs, memory, receptive_field, jump), ``parameters``, ``macs``, ``memory``, ``problem`` ("" when
            it runs), ``broken`` (the name of the row that breaks, or None), ``batch_changed``, ``within_budget`` and
            ``pinned`` (the name of the pinned row).

    Raises:
        ArgumentError: the model is no ``nn.Module``, or wants more than one input; an unknown limit.
        ShapeError: a shape with a length below 1. A model that breaks is shown, not raised.

    Example:
        >>> from torch import nn
        >>> tracer = ShapeTracer(nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(60, 2)), (1, 1, 5, 7))
        >>> tracer
        ShapeTracer(Sequential, input=(1, 1, 5, 7))
        >>> tracer.walk.parameters
        162
    """

    _esm, _css = front("shape_tracer")

    shape = traitlets.List(traitlets.Int(), help="the input's shape").tag(**MOVED)
    at = traitlets.Int(0, help="the pinned row; 0 is the input").tag(**MOVED)
    budget = traitlets.Dict(help="limits by name").tag(sync=True)
    _name = traitlets.Unicode().tag(sync=True)
    _trace = traitlets.Dict().tag(sync=True)
    _tasks = traitlets.List().tag(sync=True)

    def __init__(self, model, input, *, at=0, budget=None, tasks=None):
        self._model = run.checked_model(model, "ShapeTracer")
        shape, self._given = run.checked_input(input, "ShapeTracer")
        limits = _limits(budget)
        # All at once: the browser is told of a whole trace from the start, never of an empty one.
        self._walk, told = run.traced(model, run.zeros_like_given(self._given, model, shape))
        super().__init__(shape=shape, budget=limits, _name=type(model).__name__, _trace=told)
        self._pin(at)
        self._to_do = Tasks(tasks or {}, type(self).__name__)
        self._tasks = [dict(entry) for entry in self._to_do.shown]
        self._look()
        self.observe(self._retrace, ["shape"])
        self.observe(self._look, ["_trace", "at", "budget"])

    def _pin(self, at):
        if isinstance(at, str):
            names = [row.name for row in self._walk.rows]
            if at not in names:
                shown = ", ".join(dict.fromkeys(names[:12]))
                raise ArgumentError(f"at must be a layer's name or a row's number; got {came(at)}: one of {shown}.")
            at = names.index(at) + 1
        if not isinstance(at, int) or isinstance(at, bool):
            raise ArgumentError(f"at must be a row's number or a layer's name; got {came(at)}: write at=1.")
        try:
            self.at = at
        except traitlets.TraitError as error:
            raise ShapeError(str(error)) from None

    def set_model(self, model=None, input=None):
        """Traces another `model`, or the same again (its layers may have changed), on another `input` or the same."""
        if model is not None:
            run.checked_model(model, "ShapeTracer")
        shape, given = (list(self.shape), self._given) if input is None else run.checked_input(input, "ShapeTracer")
        # One message to the browser and one look at the tasks: nothing is seen of half a change.
        with self.hold_sync(), self.hold_trait_notifications():
            self._model, self._given = self._model if model is None else model, given
            self.shape, self._name = shape, type(self._model).__name__
            self._follow()

    def _retrace(self, _change=None):
        if self._trace["shape"] != self.shape:
            self._follow()

    def _follow(self):
        """Runs the model on an input of the shape that is set."""
        input = run.zeros_like_given(self._given, self._model, self.shape)
        self._walk, told = run.traced(self._model, input)
        if self.at > len(told["rows"]):
            self.at = len(told["rows"])
        self._trace = told

    def _look(self, _change=None):
        """Ticks off what has been done."""
        if self._tasks and self._to_do.look(self._now()):
            self._tasks = [dict(entry) for entry in self._to_do.shown]

    def _now(self):
        """What a task may speak of."""
        rows, totals, problem = self._walk.rows, self._trace["totals"], self._walk.problem
        sums = {name: totals[name] for name in LIMITS}
        return {
            "input_shape": tuple(self._walk.input_shape),
            "output_shape": rows[-1].output_shape if rows and not problem else None,
            "layers": run.layer_facts(self._walk),
            **sums,
            "problem": problem,
            "broken": rows[-1].name if problem else None,
            "batch_changed": self._trace["batch"] is not None,
            "within_budget": not problem and all(sums[name] <= limit for name, limit in self.budget.items()),
            "pinned": rows[self.at - 1].name if 0 < self.at <= len(rows) else "input",
        }

    @traitlets.validate("shape")
    def _check_shape(self, proposal):
        return run.checked_input(tuple(proposal["value"]), "ShapeTracer")[0]

    @traitlets.validate("budget")
    def _check_budget(self, proposal):
        return _limits(proposal["value"])

    @traitlets.validate("at")
    def _check_at(self, proposal):
        rows = len(self._trace.get("rows", ()))
        if self._trace and not 0 <= proposal["value"] <= rows:
            raise traitlets.TraitError(
                f"at must be a row of the table, 0 (the input) to {rows}; got {proposal['value']}: choose one of these."
            )
        return proposal["value"]

    @property
    def model(self):
        """The model itself, not a copy."""
        return self._model

    @property
    def walk(self):
        """The table as text: ``layers.Walk``, with a row for every call of a layer or function."""
        return self._walk

    @property
    def input(self):
        """The input of the last trace: the tensor that was given while its shape fits, else zeros."""
        return run.zeros_like_given(self._given, self._model, self.shape)

    @property
    def output(self):
        """What the model gives for this input, in eval mode and without gradients.

        Raises:
            whatever the model raises where it breaks.
        """
        import torch

        from ..layers.following import undisturbed

        with undisturbed(self._model), torch.no_grad():
            return self._model(self.input.clone())

    @property
    def state(self):
        """A dict that makes the same widget of the same model again: ``ShapeTracer(model, **widget.state)``.

        The model itself is not in it: save that with ``torch.save(model.state_dict(), file)``.
        """
        input = tuple(self.shape) if self._given is None else self.input
        return {"input": input, "at": self.at, "budget": dict(self.budget)}

    def __repr__(self):
        # The setting, never a shape that was found: a stored output must not answer the question that comes before it.
        usual = {"at": 0, "budget": {}}
        more = "".join(f", {name}={getattr(self, name)!r}" for name, at in usual.items() if getattr(self, name) != at)
        return f"ShapeTracer({self._name}, input={tuple(self.shape)}{more})"


def _limits(budget):
    """The budget as a plain dict.

    Raises:
        ArgumentError: an unknown name, or a limit that is no whole number from 1.
    """
    example = 'budget={"parameters": 20000, "macs": 2_000_000}'
    if budget is None:
        return {}
    if not isinstance(budget, dict):
        raise ArgumentError(f"budget must be a dict of limits; got {type(budget).__name__}: write {example}.")
    for name, limit in budget.items():
        if name not in LIMITS:
            raise ArgumentError(f"budget knows {', '.join(LIMITS)}; got {came(name)}: write {example}.")
        if type(limit) is not int or limit < 1:
            raise ArgumentError(f"budget[{name!r}] must be a whole number from 1; got {came(limit)}: write {example}.")
    return dict(budget)
