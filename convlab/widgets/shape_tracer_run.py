"""One trace of a model: what the browser draws of it, as a plain dict."""

import contextlib
import inspect
import io
import sys
import warnings

from .. import layers
from ..shapes import ArgumentError
from .shape_tracer_breaks import batch_change, explain
from .shape_tracer_words import derivation

MOST_ROWS = 600  # drawn; the totals are of all
MOST_PRINTED = 4000


def checked_model(model, name):
    """The model, if it is one that can be traced.

    Raises:
        ArgumentError: no ``nn.Module``, or one whose forward wants more than one input.
    """
    if not layers.is_module(model):
        kind = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        wrap = "nn.Sequential(*layers) makes one of a list" if isinstance(model, (list, tuple)) else (
            f"write {model.__name__}()" if isinstance(model, type) else "pass the model itself")  # fmt: skip
        raise ArgumentError(f"{name} needs an nn.Module as its model; got {kind}: {wrap}.")
    wanted = _required(model)
    if len(wanted) > 1:
        raise ArgumentError(
            f"{name} follows a model with one input; {type(model).__name__}.forward wants {len(wanted)} "
            f"({', '.join(wanted)}): wrap it in a module whose forward takes one and makes the others."
        )
    return model


def _required(model):
    """Names of the arguments that forward cannot do without."""
    try:
        given = inspect.signature(model.forward).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [one.name for one in given if one.default is one.empty and one.kind not in kinds]


def checked_input(input, name):
    """(shape, the tensor that was given or None).

    Raises:
        ArgumentError: neither a tensor nor a shape.
        ShapeError: a shape with a length below 1.
    """
    torch = sys.modules.get("torch")
    if hasattr(torch, "is_tensor") and torch.is_tensor(input):
        if 0 in input.shape or not input.ndim:
            layers.shape_of(tuple(input.shape))
        return list(input.shape), input.detach()
    items = input if isinstance(input, (tuple, list)) else ()
    if any(hasattr(one, "detach") for one in items):
        raise ArgumentError(f"{name} follows one input; got {len(items)} tensors: pass the first of them.")
    return list(layers.shape_of(input, name)), None


def zeros_like_given(given, model, shape):
    """The tensor that was given while its shape fits; else zeros: of its dtype, or of the model's."""
    import torch

    if given is not None and list(given.shape) == list(shape):
        return given
    if given is not None:
        return torch.zeros(shape, dtype=given.dtype, device=given.device)
    from ..layers.following import zeros_for

    return zeros_for(model, tuple(shape))


def traced(model, input):
    """(the ``Walk``, what the browser draws of it)."""
    import torch

    heard = io.StringIO()
    with contextlib.redirect_stdout(heard), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("default")
        walk = layers.walk(model, input, functions=True)
    lines = [heard.getvalue(), *(f"{one.category.__name__}: {one.message}\n" for one in warned)]
    told = {
        "shape": list(input.shape),
        "dtype": str(input.dtype).removeprefix("torch."),
        "rows": _rows(walk.rows[:MOST_ROWS]),
        "left_out": max(0, len(walk.rows) - MOST_ROWS),
        "totals": totals(walk, model),
        "problem": _problem(walk, model, input),
        "batch": batch_change(walk.rows, tuple(input.shape)),
        "printed": "".join(lines)[:MOST_PRINTED],
        "training": bool(model.training),
        "by": f"PyTorch {torch.__version__.split('+')[0]}",
    }
    return walk, told


def totals(walk, model):
    """Parameters of the whole model, each counted once; multiply-adds; memory of all outputs, views not counted."""
    from ..layers.following import is_made

    counted = sum(row.parameters - row.shared for row in walk.rows)
    made = [it for it in model.parameters() if is_made(it)]
    return {
        "parameters": walk.parameters,
        "tensors": len(made),
        "trainable": sum(it.numel() for it in made if it.requires_grad),
        "parameters_elsewhere": walk.parameters - counted,
        "macs": walk.macs,
        "macs_elsewhere": walk.macs - sum(row.macs for row in walk.rows),
        "memory": sum(row.bytes for row in walk.rows if not row.shares),
    }


def _rows(rows):
    calls = {}
    for row in rows:
        if row.kind != "function":
            calls[row.name] = calls.get(row.name, 0) + 1
    seen, drawn = {}, []
    for row in rows:
        seen[row.name] = seen.get(row.name, 0) + 1
        drawn.append(_drawn(row, rows, (seen[row.name], calls.get(row.name, 1))))
    return drawn


def _drawn(row, rows, call):
    """One row as JSON can carry it. ``call``: (which call of this layer it is, of how many)."""
    sees = None  # what a unit of its input sees, and the jump: known where one row made the input
    if row.reads == (0,):
        sees = ((1, 1), (1, 1))
    elif len(row.reads) == 1:
        maker = rows[row.reads[0] - 1]
        sees = (maker.receptive_field, maker.jump)
    return {
        "name": row.label,
        "kind": row.kind,
        "call": row.call,
        "inside": row.inside,
        "nth": list(call) if call[1] > 1 else None,
        "input": _listed(row.input_shape),
        "output": _listed(row.output_shape),
        "parameters": row.parameters,
        "shared": row.shared,
        "macs": row.macs,
        "bytes": row.bytes,
        "shares": row.shares,
        "field": _listed(row.receptive_field),
        "jump": _listed(row.jump),
        "whole": row.whole,
        "reads": list(row.reads),
        "problem": bool(row.problem),
        "lines": [] if row.problem else derivation(row, sees),
    }


def _listed(shape):
    return None if shape is None else list(shape)


def _problem(walk, model, input):
    """Where and why it broke; None where it did not."""
    if not walk.problem:
        return None
    last = walk.rows[-1]
    weights = next((str(it.dtype) for it in model.parameters() if it.is_floating_point()), None)
    ours = explain(walk.rows, tuple(input.shape), (str(input.dtype), weights))
    return {"row": len(walk.rows), "name": last.label, "message": walk.problem, "ours": ours, "line": last.line}


def layer_facts(walk):
    """The rows as dicts a task can speak of."""
    names = ("name", "kind", "call", "input_shape", "output_shape", "parameters", "macs", "receptive_field", "jump")
    return [{name: getattr(row, name) for name in names} | {"memory": row.bytes} for row in walk.rows]
