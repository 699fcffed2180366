"""Any ``nn.Module`` walked layer by layer: shapes, parameters, multiply-adds, receptive fields, and where it breaks."""

import sys
from operator import index

from ..refusals import came
from ..shapes import ArgumentError, ShapeError
from .rows import Walk


def walk(model, input, functions=False):
    """A table of the model's layers in the order of execution, with a row for every call; see ``Row`` and ``Walk``.

    The model runs once on this input, in eval mode and without gradients. Afterwards it is as it was: weights, buffers,
    training mode of every part, hooks, random state; the input too. Where it breaks, nothing is raised: the last row
    says where, in PyTorch's own words.

    The receptive field follows the tensors through layers, functions and branches: exact for chains of convolutions and
    pooling, the largest of all units where windows differ (upsampling, adaptive pooling), the hull where branches
    meet; statistics over an axis (LayerNorm, GroupNorm) see that axis whole. It is None after what it cannot follow.

    Args:
        model: any ``nn.Module``.
        input: a tensor, or a shape such as (1, 3, 32, 32): then zeros of the model's dtype, on its device.
        functions: True adds a row for every function that the model calls between its layers, such as ``F.relu``.

    Raises:
        ArgumentError: the model is no module, or the input neither a tensor nor a shape.

    Example:
        >>> from torch import nn
        >>> walk(nn.Sequential(nn.Conv2d(1, 4, 3, stride=2), nn.Flatten(), nn.Linear(24, 2)), (1, 1, 5, 7))
        layer  kind     output        parameters  MACs  receptive field  jump
        ----------------------------------------------------------------------
        input           (1, 1, 5, 7)
        0      Conv2d   (1, 4, 2, 3)          40   216  3 x 3            2 x 2
        1      Flatten  (1, 24)                0     0  3 x 3            2 x 2
        2      Linear   (1, 2)                50    48  whole input      -
        total                                 90   264
    """
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module):
        kind = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        raise ArgumentError(f"walk needs an nn.Module; got {kind}: pass the model itself, such as nn.Conv2d(1, 8, 3).")
    from . import following

    functions = functions is True
    tensor = input if torch.is_tensor(input) else following.zeros_for(model, shape_of(input))
    return Walk(tuple(tensor.shape), *following.follow(model, tensor, functions))


def shape_of(input, caller="walk"):
    """The shape that the learner wrote, as a tuple of ints.

    Args:
        input: what was written.
        caller: what the learner called, for the message.

    Raises:
        ArgumentError: it is no tuple or list of whole numbers.
        ShapeError: a length below 1.

    Example:
        >>> shape_of([1, 3, 5, 7])
        (1, 3, 5, 7)
    """
    if not isinstance(input, (tuple, list)):
        raise ArgumentError(
            f"{caller} needs a tensor or a shape such as (1, 3, 32, 32) as input; got {type(input).__name__}: "
            "torch.as_tensor(...) makes a tensor of an array."
        )
    try:
        shape = tuple(index(length) for length in input)
    except Exception:
        raise ArgumentError(
            f"A shape is made of whole numbers, such as (1, 3, 32, 32); got input={came(input)}."
        ) from None
    if not shape or min(shape) < 1:
        raise ShapeError(f"Every length of an input's shape is 1 or more; got {shape}.")
    return shape
