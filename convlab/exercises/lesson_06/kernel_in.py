"""06.set_kernel: one filter of a layer set by hand, and nothing else of the layer touched."""

import copy
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from ..task import Case, Exercise, Misfit, Slip, random_numbers
from .grey import no_layer

MARK = "_as_it_was"  # an attribute of the Parameter that a case begins with


def set_kernel(layer, o, kernel):
    """The layer, with this kernel for every input channel in its filter o.

    Example:
        >>> import torch
        >>> layer = set_kernel(torch.nn.Conv2d(2, 3, (1, 2)), 1, torch.tensor([[5.0, -5.0]]))
        >>> layer.weight[1].tolist()
        [[[5.0, -5.0]], [[5.0, -5.0]]]
    """
    import torch

    with torch.no_grad():
        layer.weight[o] = kernel
    return layer


def fresh(in_channels, out_channels, kernel_size):
    """A layer whose numbers follow from its shape alone, its Parameter marked; so every program begins alike."""
    torch = import_module("torch")
    with torch.random.fork_rng(devices=[]):  # a new layer draws numbers: not from the learner's
        layer = torch.nn.Conv2d(in_channels, out_channels, kernel_size)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(start_of(layer.weight.shape)))
        layer.bias.copy_(torch.arange(1.0, out_channels + 1))
    setattr(layer.weight, MARK, (layer.weight.data_ptr(), layer.weight._version))
    return layer


def start_of(shape):
    """The numbers that a layer of this weight shape begins with: all different, none whole."""
    return np.arange(np.prod(shape)).reshape(shape) / 2 + 0.25


@dataclass(frozen=True)
class Weight:
    """The numbers of the weight that came back, kernel below kernel, a filter and its bias in each block."""

    def __call__(self, result):
        layer = _layer(result)
        weight = layer.weight.detach()
        bias = layer.bias.detach() if layer.bias is not None else weight.new_full((len(weight),), float("nan"))
        rows = [filter.reshape(-1, filter.shape[-1]) for filter in weight]
        return import_module("torch").cat([*rows, bias.reshape(-1, 1).expand(-1, weight.shape[3])]).double()


@dataclass(frozen=True)
class Kept:
    """1 for each thing that is as it was: the Parameter, its storage, its gradient, and whether autograd noticed."""

    def __call__(self, result):
        layer = _layer(result)
        storage, version = getattr(layer.weight, MARK, (None, None))
        same = version is not None
        noticed = not same or layer.weight._version > version
        kept = [same, not same or layer.weight.data_ptr() == storage, layer.weight.requires_grad, noticed]
        return np.array([kept], float)


def _layer(result):
    torch = import_module("torch")
    if isinstance(result, torch.Tensor):
        raise Misfit(f"a tensor of shape {tuple(result.shape)} came back; return the layer itself.")
    if not isinstance(result, torch.nn.Conv2d):
        raise Misfit(f"a {type(result).__name__} came back; return the layer itself.")
    if not isinstance(result.weight, torch.Tensor) or result.weight.dim() != 4:
        raise Misfit("the weight of your layer has no longer four axes: (C_out, C_in, kH, kW).")
    return result


def on_fresh(change):
    """A program that begins with a layer of its own, made like the one it is given; `change(layer, o, kernel)`."""

    def program(layer, o, kernel):
        torch = import_module("torch")
        layer = fresh(layer.in_channels, layer.out_channels, layer.kernel_size)
        with torch.no_grad():
            made = change(layer, o, torch.as_tensor(kernel).float())
        return layer if made is None else made

    return program


def _through_data(layer, o, kernel):
    layer.weight.data[o] = kernel


def _data_replaced(layer, o, kernel):
    numbers = layer.weight.detach().clone()
    numbers[o] = kernel
    layer.weight.data = numbers


def _new_parameter(layer, o, kernel):
    numbers = layer.weight.detach().clone()
    numbers[o] = kernel
    layer.weight = import_module("torch").nn.Parameter(numbers)


def _another_layer(layer, o, kernel):
    other = copy.deepcopy(layer)
    other.weight[o] = kernel
    other.weight = import_module("torch").nn.Parameter(other.weight.detach().clone())
    return other


def _a_copy_changed(layer, o, kernel):
    numbers = layer.weight.detach().clone()
    numbers[o] = kernel


def _every_filter(layer, o, kernel):
    layer.weight.copy_(kernel.expand_as(layer.weight))


def _first_channel(layer, o, kernel):
    layer.weight[o, 0] = kernel


def _own_channel(layer, o, kernel):
    layer.weight[o, o % layer.in_channels] = kernel


def _input_channel(layer, o, kernel):
    layer.weight[:, o] = kernel


def _first_channel_of_all(layer, o, kernel):
    layer.weight.zero_()
    layer.weight[o] = kernel


def _shared_out(layer, o, kernel):
    layer.weight[o] = kernel / layer.in_channels


def _frozen(layer, o, kernel):
    layer.weight[o] = kernel
    layer.weight.requires_grad_(False)


def _bias_cleared(layer, o, kernel):
    layer.weight[o] = kernel
    layer.bias[o] = 0


def _all_biases_cleared(layer, o, kernel):
    layer.weight[o] = kernel
    layer.bias.zero_()


def _flipped(layer, o, kernel):
    layer.weight[o] = kernel.flip(0, 1)


SLIPS = (
    Slip(
        ("M95",),
        "through .data",
        on_fresh(_through_data),
        "The numbers are right, and they went in through .data: nobody checks what goes in there, and autograd does "
        "not notice it. Write inside torch.no_grad() instead: layer.weight[o] = kernel.",
        (on_fresh(_data_replaced),),
    ),
    Slip(
        ("M162",),
        "a new Parameter",
        on_fresh(_new_parameter),
        "The numbers are right, in a new Parameter. An optimizer that knows this layer would go on training the old "
        "one: write into layer.weight, inside torch.no_grad().",
        (on_fresh(_another_layer),),
    ),
    Slip(
        ("M158",),
        "the first channel only",
        on_fresh(_first_channel),
        "Only the kernel for input channel 0 was set. The filter has one for every input channel: layer.weight[o] is "
        "all of them.",
        (on_fresh(_own_channel),),
    ),
    Slip(
        ("M30",),
        "input channel o",
        on_fresh(_input_channel),
        "The kernel was set for one input channel in all filters. The first axis is the filter: layer.weight[o].",
    ),
    Slip(
        ("M32",),
        "shared out among the channels",
        on_fresh(_shared_out),
        "You divided the kernel by the number of input channels. The task wants the kernel itself on every channel; "
        "the results are added, not averaged.",
    ),
    Slip(
        (),
        "every filter",
        on_fresh(_every_filter),
        "All filters got the kernel: copy_ spreads a 2-D kernel over the whole weight without a word. Write into one "
        "filter, layer.weight[o].",
    ),
    Slip(
        (),
        "a copy changed",
        on_fresh(_a_copy_changed),
        "The layer is as it was: you changed a copy of its weight. Write into layer.weight itself, inside "
        "torch.no_grad().",
    ),
    Slip(
        (),
        "the others set to zero",
        on_fresh(_first_channel_of_all),
        "Filter o is right, and the other filters are zero now. Leave them as they were.",
    ),
    Slip(
        (),
        "left without a gradient",
        on_fresh(_frozen),
        "The numbers are right, and the weight no longer requires a gradient: it would not train any more. "
        "torch.no_grad() alone is enough.",
    ),
    Slip(
        (),
        "the bias changed",
        on_fresh(_bias_cleared),
        "The weight is right, and the bias has changed too. Leave it as it was.",
        (on_fresh(_all_biases_cleared),),
    ),
    Slip(
        ("M61",),
        "flips the kernel",
        on_fresh(_flipped),
        "The kernel was turned by 180 degrees. Conv2d lays it on as it is written: put it in as it is.",
    ),
)


class SetKernel(Exercise):
    """A filter set by hand."""

    id, lesson, title = "06.set_kernel", "06", "A filter set by hand"
    level, minutes, revision = "medium", 8, 1
    prompt = """\
Write `set_kernel(layer, o, kernel)`: filter `o` of the layer gets the 2-D `kernel` for each of its input channels. \
Return the layer.

`layer` is an `nn.Conv2d` with a bias, `kernel` a tensor of its kernel size (kH, kW). The other filters and the bias \
stay as they are, the layer can be trained afterwards as before, and an optimizer that was made from it goes on with \
it: so neither a new Parameter nor `.data`. For example:

    layer = set_kernel(nn.Conv2d(2, 3, (1, 2)), 1, torch.tensor([[5.0, -5.0]]))
    layer.weight[1]  ->  [[[5, -5]], [[5, -5]]]"""
    stub = """\
import torch


def set_kernel(layer, o, kernel):
    ...
"""
    arguments = ("layer", "o", "kernel")
    reference = staticmethod(set_kernel)
    slips = SLIPS
    returns, compared = "layer", "weight"
    right = "Right: one filter is set, and the layer trains on as before."
    hints = (
        "layer.weight[o] is the filter, of shape (C_in, kH, kW): a kernel of shape (kH, kW) that is assigned to it is "
        "spread over its channels.",
        "The weight requires a gradient, so it may be written into inside torch.no_grad() only.",
        "with torch.no_grad(): layer.weight[o] = kernel; and then return layer.",
    )
    errors = (
        (
            "RuntimeError: a view of a leaf Variable that requires grad is being used in an in-place operation.",
            "The weight is trained, so no part of it may be written into while a gradient could be recorded.",
            "Put `with torch.no_grad():` around it.",
        ),
        (
            "RuntimeError: a leaf Variable that requires grad is being used in an in-place operation.",
            "The weight is trained, so it may not be written into while a gradient could be recorded.",
            "Put `with torch.no_grad():` around it.",
        ),
        (
            "TypeError: cannot assign 'torch.FloatTensor' as parameter 'weight' (torch.nn.Parameter or None expected)",
            "A tensor was assigned to layer.weight, and a tensor is no Parameter.",
            "Write into one filter of the Parameter that is there: layer.weight[o] = kernel, inside torch.no_grad().",
        ),
        (
            "TypeError: cannot assign 'torch.DoubleTensor' as parameter 'weight' (torch.nn.Parameter or None expected)",
            "A tensor was assigned to layer.weight, and a tensor is no Parameter.",
            "Write into one filter of the Parameter that is there: layer.weight[o] = kernel, inside torch.no_grad().",
        ),
        (
            "IndexError: index 4 is out of bounds for dimension 1 with size 2",
            "The axes are exchanged: the second axis of the weight has the input channels.",
            "The filter is the first index: layer.weight[o].",
        ),
        (
            "RuntimeError: The expanded size of the tensor (1) must match the existing size (3) at non-singleton "
            "dimension 2.  Target sizes: [3, 1, 1].  Tensor sizes: [3]",
            "What is assigned has another shape than the place it goes to.",
            "layer.weight[o] has the shape (C_in, kH, kW), and a kernel of (kH, kW) fits into it as it is.",
        ),
        (
            "TypeError: 'Conv2d' object is not subscriptable",
            "The layer has no [o]; its weight has.",
            "Write layer.weight[o].",
        ),
    )

    def _mutant(self, function):
        return function

    def cases(self, seed):
        """Three layers, small first, each asked for its numbers and for what has to stay as it was."""
        rng = random_numbers(seed, self.id)
        layers = (
            ((2, 3, (1, 2)), 1),
            ((3, 4, (2, 3)), int(rng.choice([1, 3]))),
            ((2, 5, (3, 2)), int(rng.choice([2, 4]))),
            ((4, 3, (1, 3)), 2),
        )
        return [case for layer, o in layers for case in _asking(rng, layer, o)]

    def expected(self, case):
        if isinstance(case.then, Kept):
            return np.ones((1, 4))
        layer, o, kernel = case.arguments.values()
        weight = start_of((layer.out_channels, layer.in_channels, *layer.kernel_size))
        weight[o] = kernel
        biases = np.arange(1.0, len(weight) + 1)[:, None].repeat(weight.shape[3], 1)
        return np.concatenate([*(filter.reshape(-1, filter.shape[-1]) for filter in weight), biases])

    def own_words(self, trial):
        if said := no_layer(trial):
            return said
        if isinstance(trial.case.then, Kept) and trial.yours is not None and trial.run["result"]["shape"] == [1, 4]:
            return _what_changed(trial.yours[0])
        return ""

    def derive(self, case, place):
        if isinstance(case.then, Kept):
            return ""
        layer = case.arguments["layer"]
        rows = layer.in_channels * layer.kernel_size[0]
        o, row = divmod(place[0], rows)
        if o >= layer.out_channels:
            return f", the bias of filter {place[0] - rows * layer.out_channels}"
        c, u = divmod(row, layer.kernel_size[0])
        return f", which is weight[{o}, {c}, {u}, {place[1]}]"


def _what_changed(kept):
    same, storage, gradient, noticed = kept
    if not same:
        return (
            "The layer that came back has another Parameter than the one it had: an optimizer made from it would train "
            "the old one. Write into layer.weight, inside torch.no_grad()."
        )
    if not storage:
        return "The weight lies in another place than before: it went in through .data. Write into layer.weight."
    if not gradient:
        return "The weight no longer requires a gradient: it would not be trained. Leave requires_grad as it was."
    if not noticed:
        return "Autograd did not notice the change: it went through .data. Write into layer.weight, in torch.no_grad()."
    return ""


def _asking(rng, layer, o):
    kernel = rng.choice([-4.0, -3, -2, -1, 1, 2, 3, 4], layer[2])
    in_channels, out_channels, kernel_size = layer
    call = f"nn.Conv2d({in_channels}, {out_channels}, {kernel_size}), o = {o}"
    for then in (Weight(), Kept()):
        arguments = {"layer": fresh(*layer), "o": o, "kernel": kernel}
        yield Case(arguments, {"kernel": ("weight", kernel)}, call, then=then, counted=isinstance(then, Kept))
