"""What can be found out about a network by looking at it: loaded in the sandbox, where the learner's code runs.

Nothing is compared with a solution: every question has a yes or no of its own.
"""

import torch
from torch import nn
from torch.nn.parameter import UninitializedTensorMixin

from ...layers import walk
from ...layers.capstone import MACS, PARAMETERS, PICTURE
from ..task import Misfit

CLASSES = 10
ROWS = 30  # of the layer table are told
LARGE = 0.5  # standard deviation of the numbers that are put in place of a network's own


def module(came):
    """The network, if it is one.

    Raises:
        Misfit: it is something else.
    """
    if isinstance(came, nn.Module):
        return came
    if isinstance(came, type) and issubclass(came, nn.Module):
        raise Misfit(f"the class {came.__name__} came back, and no network: put brackets behind it, {came.__name__}().")
    if isinstance(came, list | tuple) and came and all(isinstance(it, nn.Module) for it in came):
        raise Misfit(f"a {type(came).__name__} of layers came back: nn.Sequential(*layers) makes a network of it.")
    raise Misfit(f"a {type(came).__name__} came back; expected an nn.Module, such as nn.Sequential(...).")


def is_lazy(network):
    """True for a network with a layer that takes its size from the first picture."""
    return any(isinstance(it, UninitializedTensorMixin) for it in (*network.parameters(), *network.buffers()))


def table(network, shape=(1, *PICTURE)):
    """(rows, what broke or None, parameters, multiply-adds) of a run on zeros; a row is a list of plain values."""
    walked = walk(network, shape, functions=True)
    rows = [
        [told(row), list(row.output_shape or ())[1:], row.parameters - row.shared, row.macs, row.label]
        for row in walked.rows
        if row.kind != "function" or row.macs or row.parameters
    ]
    broken = None
    if walked.problem:
        last = walked.rows[-1]
        broken = {"layer": last.label, "given": list(last.input_shape or ()), "message": walked.problem}
    return rows, broken, walked.parameters, walked.macs


def told(row):
    """A layer as it can be kept: PyTorch's own with its settings, any other without a word of the learner's."""
    if row.kind == "function":
        return row.name
    return row.call if hasattr(nn, row.kind) else "a layer of your own"


def budgets(figures):
    """Flags for the two bounds."""
    return {"parameters": figures["parameters"] <= PARAMETERS, "macs": figures["macs"] <= MACS}


def form(output, N):
    """Flags for the output of N pictures: as many rows, ten numbers in each."""
    shape = tuple(output.shape) if torch.is_tensor(output) else ()
    rows = bool(shape) and shape[0] == N
    return {"rows": rows or len(shape) != 2, "columns": len(shape) == 2 and shape[1] == CLASSES}


def alone(network, pictures):
    """True where each picture by itself gives what it gives among the others."""
    with torch.no_grad():
        together = network(pictures)
        one_by_one = torch.cat([network(picture[None]) for picture in pictures])
    return together.shape == one_by_one.shape and bool(torch.allclose(together, one_by_one, rtol=1e-3, atol=1e-3))


def free(network, pictures, generator):
    """True where logits of both signs and of any size come out, whatever numbers the network has."""
    for _ in range(3):
        filled(network, generator)
        with torch.no_grad():
            output = network(pictures)
        if output.min() < 0 and output.max() > 1:
            return True
    return False


def filled(network, generator):
    """The network with drawn numbers in its parameters."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(LARGE * torch.randn(parameter.shape, generator=generator))


def bends(network, generator):
    """False where the network is one linear map: then the mean of two pictures gives the mean of their logits."""
    one, other = (torch.rand(2, *PICTURE, generator=generator) for _ in range(2))
    with torch.no_grad():
        mean = (network(one) + network(other)) / 2
        return not torch.allclose(network((one + other) / 2), mean, rtol=1e-3, atol=1e-3 * float(mean.abs().max() + 1))


def leaves(output):
    """What can learn and takes part in the output: the tensors at the ends of its graph, by their id."""
    found, seen, waiting = {}, set(), [output.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            found[id(node.variable)] = node.variable
        waiting += [following for following, _ in node.next_functions]
    return found


def registered(network, pictures):
    """(shapes of what learns and is not among parameters(), names of the parameters that take no part)."""
    taking_part = leaves(network(pictures))
    known = {id(it) for it in network.parameters()}
    hidden = [list(it.shape) for key, it in taking_part.items() if key not in known]
    named = [(name, it) for name, it in network.named_parameters() if it.requires_grad]
    return hidden, [name for name, it in named if id(it) not in taking_part]
