"""Random Conv2d layers and inputs with what torch makes of them: the judge of JavaScript and of the widgets.

No two lengths that could be swapped are equal, so that a swapped axis cannot hide.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

MODES = ("zeros", "zeros", "reflect", "replicate", "circular")


@dataclass
class Case:
    """One layer, one input, and torch's word: an output, or a refusal."""

    spec: dict
    input: np.ndarray
    weight: np.ndarray
    bias: np.ndarray | None
    output: np.ndarray | None = None
    refusal: str | None = None

    def module(self):
        """The layer as a real nn.Conv2d, in float64."""
        layer = torch.nn.Conv2d(**self.spec, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(torch.as_tensor(self.weight))
            if self.bias is not None:
                layer.bias.copy_(torch.as_tensor(self.bias))
        return layer


def draw(rng, legal=None, batch=(0, 1, 2), largest=9):
    """A random case on whole numbers; legal=None draws one refusal in four.

    Args:
        rng: a NumPy random generator.
        legal: True or False when only such cases are wanted.
        batch: batch sizes to draw from; 0 is an input without that axis.
        largest: the input's height and width stay below or at this, unless the window needs more.
    """
    wanted = rng.random() > 0.25 if legal is None else legal
    while True:
        spec, shape = _settings(rng, int(rng.choice(batch)), largest)
        if not wanted:
            spec, shape = _spoiled(rng, spec, shape)
        case = judged(spec, *_numbers(rng, spec, shape))
        if (case.refusal is None) == wanted:
            return case


def _pair(rng, lowest, highest):
    """Two different whole numbers in this range."""
    return [int(n) for n in rng.choice(np.arange(lowest, highest + 1), 2, replace=False)]


def _settings(rng, batch, largest):
    groups = int(rng.choice([1, 1, 1, 2, 3]))
    share_in, share_out = _pair(rng, 1, 3)
    kernel, dilation = _pair(rng, 1, 4), _pair(rng, 1, 3)
    padding = [_pair(rng, 0, 3), _pair(rng, 0, 2), "same", "valid"][rng.choice(4, p=[0.4, 0.3, 0.2, 0.1])]
    stride = [1, 1] if padding == "same" else _pair(rng, 1, 3)
    extents = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    height = int(rng.integers(min(extents[0], largest), largest + 1))
    width = int(rng.integers(min(extents[1], largest), largest + 1))
    width += width == height
    spec = {
        **{"in_channels": groups * share_in, "out_channels": groups * share_out, "kernel_size": kernel},
        **{"stride": stride, "padding": padding, "dilation": dilation, "groups": groups},
        **{"bias": bool(rng.random() < 0.7), "padding_mode": str(rng.choice(MODES))},
    }
    return spec, ([batch] if batch else []) + [groups * share_in, height, width]


def _spoiled(rng, spec, shape):
    """The same with one thing that torch does not take, mostly."""
    spec, shape, axis = dict(spec), list(shape), int(rng.integers(2))
    extents = [d * (k - 1) + 1 for k, d in zip(spec["kernel_size"], spec["dilation"], strict=True)]
    kind = int(rng.integers(8))
    if kind == 0:
        spec["groups"] = int(rng.choice([0, 4, 5]))
    elif kind == 1:
        spec.update(padding="same", stride=_pair(rng, 1, 3))
    elif kind == 2:
        shape[-3] += 1
    elif kind == 3:
        spec.update(padding=[0, 0])
        shape[-2 + axis] = max(1, extents[axis] - 1)
    elif kind in (4, 5):
        spec["padding_mode"] = ["reflect", "circular"][kind - 4]
        spec["padding"] = _pair(rng, 0, 2)
        spec["padding"][axis] = shape[-2 + axis] + kind - 4
    elif kind == 6:
        spec["kernel_size"] = [3 * (1 - axis), 3 * axis]
    else:
        name = str(rng.choice(["stride", "dilation"]))
        spec[name] = [2 * (1 - axis), 2 * axis]
    return spec, shape


def _numbers(rng, spec, shape):
    def whole(size):
        return rng.integers(-4, 5, size).astype(np.float64)

    weight = (spec["out_channels"], spec["in_channels"] // max(1, spec["groups"]), *spec["kernel_size"])
    return whole(shape), whole(weight), whole(spec["out_channels"]) if spec["bias"] else None


def judged(spec, input, weight, bias):
    """The case with torch's output or refusal."""
    case = Case(spec, input, weight, bias)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "same" with an even kernel, a kernel without taps: meant here
        try:
            case.output = case.module()(torch.as_tensor(input)).detach().numpy()
        except (RuntimeError, ValueError) as error:
            case.refusal = str(error)
    return case


def gradients(case, upstream):
    """(grad_input, grad_weight, grad_bias) by autograd."""
    layer, input = case.module(), torch.as_tensor(case.input).requires_grad_()
    layer(input).backward(torch.as_tensor(upstream))
    bias = None if case.bias is None else layer.bias.grad.numpy()
    return input.grad.numpy(), layer.weight.grad.numpy(), bias


def columns(case):
    """F.unfold of the padded input, with a batch axis."""
    layer = case.module()
    input = torch.as_tensor(case.input)
    input = input if input.ndim == 4 else input[None]
    pads = layer._reversed_padding_repeated_twice
    padded = F.pad(input, pads, mode="constant" if layer.padding_mode == "zeros" else layer.padding_mode)
    return F.unfold(padded, layer.kernel_size, layer.dilation, 0, layer.stride).numpy()


def counts(case):
    """What torch says of reads, parameters, multiply-adds and bytes of a legal case.

    ``reads`` is the gradient of the sum of one kernel of ones over one channel, (H, W).
    """
    layer, input = case.module(), torch.as_tensor(case.input)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        output = layer(input)
    alone = dict(case.spec, in_channels=1, out_channels=1, groups=1, bias=False)
    kernel = torch.nn.Conv2d(**alone, dtype=torch.float64)
    torch.nn.init.ones_(kernel.weight)
    plane = torch.zeros(1, *case.input.shape[-2:], dtype=torch.float64, requires_grad=True)
    kernel(plane).sum().backward()
    bias = 0 if layer.bias is None else layer.bias.nbytes
    return {
        "reads": plane.grad[0].numpy(),
        "parameters": sum(p.numel() for p in layer.parameters()),
        "macs": counter.get_total_flops() // 2,
        "bytes": {"input": input.nbytes, "weight": layer.weight.nbytes, "bias": bias, "output": output.nbytes},
    }


def same_output(case):
    """The heights and the widths, found by trying, that give the output's height and width: two lists."""
    layer, found = torch.nn.Conv2d(**case.spec, device="meta"), ([], [])
    for axis in (-2, -1):
        for length in range(1, case.input.shape[axis] + 5):
            shape = list(case.input.shape)
            shape[axis] = length
            try:
                if layer(torch.zeros(shape, device="meta")).shape[axis] == case.output.shape[axis]:
                    found[axis].append(length)
            except RuntimeError:
                continue  # this length is refused
    return found


def draw_stack(rng):
    """Two or three random layers of one channel, and what two units of the last one see, by autograd.

    The input is large and the units stand in its middle, so that nothing they see is padding.
    """
    specs = []
    for _ in range(int(rng.integers(2, 4))):
        spec = _settings(rng, 1, 9)[0]
        specs.append(dict(spec, in_channels=1, out_channels=1, groups=1, bias=False, padding_mode="zeros"))
    input = torch.zeros(1, 240, 250, dtype=torch.float64, requires_grad=True)
    output = input
    for spec in specs:
        layer = torch.nn.Conv2d(**spec, dtype=torch.float64)
        torch.nn.init.ones_(layer.weight)
        output = layer(output)
    middle = [length // 2 for length in output.shape[-2:]]
    places = [middle, [middle[0] + 1, middle[1] + 1]]
    return {"specs": specs, "places": places, "windows": [_reached(input, output[0, i, j]) for i, j in places]}


def _reached(input, unit):
    """[[first, last], [first, last]]: the rows and the columns of the input with a gradient."""
    gradient = torch.autograd.grad(unit, input, retain_graph=True)[0]
    pixels = gradient[0].nonzero()
    return [[int(pixels[:, axis].min()), int(pixels[:, axis].max())] for axis in (0, 1)]
