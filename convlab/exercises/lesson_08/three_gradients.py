"""08.conv2d_backward: the gradients of what went into a convolution, given that of what came out."""

from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType

import numpy as np

from ...engines import conv2d_backward as engine
from ..conv_by_hand import side_by_side, signed
from ..sentences import no_result, number
from ..task import Case, Exercise, random_numbers
from .backward_slips import SLIPS
from .gradient_errors import ERRORS
from .wrong_gradients import PARTS

MOST_TERMS = 6  # of a sum that is written out
NOT_RUN = ("generator", "coroutine")
TUPLE = "expected a tuple of three tensors, (grad_input, grad_weight, grad_bias)"


def conv2d_backward(grad_output, input, weight, stride=1, padding=0):
    """The gradients of the input, the weight and the bias, given that of the output.

    Shape:
        grad_output (N, C_out, H_out, W_out), input (N, C_in, H, W), weight (C_out, C_in, kH, kW)
        -> those of the input and of the weight, and (C_out,)

    Example:
        >>> import torch
        >>> x, w = torch.tensor([[[[1.0, 2.0, 4.0]]]]).double(), torch.tensor([[[[-1.0, 1.0]]]]).double()
        >>> [it.tolist() for it in conv2d_backward(torch.tensor([[[[1.0, 10.0]]]]).double(), x, w)]
        [[[[[-1.0, -9.0, 10.0]]]], [[[[21.0, 42.0]]]], [11.0]]
    """
    import torch

    _, _, H_out, W_out = grad_output.shape
    N, C_in, H, W = input.shape
    kH, kW = weight.shape[2:]
    padded = torch.zeros(N, C_in, H + 2 * padding, W + 2 * padding, dtype=torch.float64)
    padded[:, :, padding : padding + H, padding : padding + W] = input
    grad_padded, grad_weight = torch.zeros_like(padded), torch.zeros_like(weight)
    grad_bias = grad_output.sum((0, 2, 3))
    for i in range(H_out):
        for j in range(W_out):
            rows, columns = slice(i * stride, i * stride + kH), slice(j * stride, j * stride + kW)
            sent = grad_output[:, :, i, j]  # (N, C_out)
            grad_weight += torch.einsum("no,ncuv->ocuv", sent, padded[:, :, rows, columns])
            grad_padded[:, :, rows, columns] += torch.einsum("no,ocuv->ncuv", sent, weight)
    grad_input = grad_padded[:, :, padding : padding + H, padding : padding + W]
    return grad_input, grad_weight, grad_bias


@dataclass(frozen=True, eq=False)
class Entry:
    """Takes one gradient out of what came back; a case holds it as `then`.

    In the place of a gradient that is not there it gives how many came: `(0.0,)`, where the entry itself is missing,
    and `(-1.0,)` for what is neither a tuple nor a tensor.

    Args:
        part: input, weight or bias.
        gradient: what it should be.
    """

    part: str
    gradient: np.ndarray

    def __call__(self, result):
        torch = import_module("torch")
        if isinstance(result, torch.Tensor | np.ndarray):
            return (1.0,)
        if not isinstance(result, tuple | list):
            return result if type(result).__name__ in NOT_RUN else (-1.0,)
        if len(result) != len(PARTS):
            return (float(len(result)),)
        if all(_dots(it) for it in result):
            return ...
        entry = result[PARTS.index(self.part)]
        return (0.0,) if _dots(entry) else entry


def _dots(entry):
    return entry is None or entry is ...


EXAMPLE = {
    "grad_output": np.array([[[[1, 2]], [[0, 3]]]], dtype=float),
    "input": np.array([[[[1, 0, 2, 4, 1, 9], [3, 1, 0, 2, 5, 9]]]], dtype=float),
    "weight": np.array([[[[1, 2, 0], [0, -1, 1]]], [[[3, 0, -2], [1, 1, 2]]]], dtype=float),
    "stride": 2,
}


def _example():
    given = {name: array for name, array in EXAMPLE.items() if name != "stride"}
    planes = {f"grad_output[0, {o}]": plane for o, plane in enumerate(given["grad_output"][0])}
    planes |= {"input[0, 0]": given["input"][0, 0]} | {f"weight[{o}, 0]": it[0] for o, it in enumerate(given["weight"])}
    grad_input, grad_weight, grad_bias = engine(**EXAMPLE)
    made = {"grad_input[0, 0]": grad_input[0, 0]} | {f"grad_weight[{o}, 0]": it[0] for o, it in enumerate(grad_weight)}
    return f"{side_by_side(**planes)}\n\n{side_by_side(**made, grad_bias=grad_bias)}"


class Conv2dBackward(Exercise):
    """The way back through a convolution."""

    id, lesson, title = "08.conv2d_backward", "08", "The three gradients of conv2d"
    level, minutes, revision = "hard", 25, 1
    prompt = """\
Write `conv2d_backward(grad_output, input, weight, stride=1, padding=0)`: what backward() computes for a convolution. \
Return a tuple of three tensors, (grad_input, grad_weight, grad_bias), in this order.

`grad_output` is the gradient of the output, a tensor of shape (N, C_out, H_out, W_out); `input` has the shape \
(N, C_in, H, W), `weight` the shape (C_out, C_in, kH, kW), all float64. `stride` and `padding` are whole numbers, each \
for rows and columns. A gradient has the shape of what it belongs to; that of the bias is (C_out,).

It can be written in three parts: first grad_bias, then grad_weight, then grad_input. What is still `...` or None is \
taken as not written yet, so you can check after each part. Some rows and columns of the input may be in no window; \
their gradient is 0.

Ready-made gradients (backward(), torch.autograd, torch.nn.grad) and ready-made convolutions (F.conv2d, \
F.conv_transpose2d) may not be called; loops, einsum, unfold and fold, an FFT or your own conv2d may. NumPy is fine \
too. For example, with stride 2, one picture of one channel and two filters:

""" + _example()
    stub = """\
def conv2d_backward(grad_output, input, weight, stride=1, padding=0):
    N, C_out, H_out, W_out = grad_output.shape
    _, C_in, kH, kW = weight.shape
    grad_bias = ...
    grad_weight = ...
    grad_input = ...
    return grad_input, grad_weight, grad_bias
"""
    optional = MappingProxyType({"stride": 1, "padding": 0})
    arguments = ("grad_output", "input", "weight", *optional)
    reference = staticmethod(conv2d_backward)
    slips, errors = SLIPS, ERRORS
    watched, returns = True, "grad_input, grad_weight, grad_bias"
    instead = "here the gradients are to be your own. Loops, einsum, unfold and fold, or an FFT are all fine."
    right = "Right: your three gradients are those of PyTorch's backward()."
    faster = "Take all pictures and channels of a place at once: einsum over n, o and c."
    hints = (
        "Write the sum of one output on paper: output[n, o, i, j] = bias[o] + sum of padded[n, c, i * stride + u, "
        "j * stride + v] * weight[o, c, u, v]. The gradient of a thing is grad_output times what it was multiplied "
        "with, added up over all outputs that it is in. In which outputs is bias[o]?",
        "Keep the loops over i and j of the way forward. At each place one window is read: it brings "
        "grad_output[n, o, i, j] * window to grad_weight[o], and grad_output[n, o, i, j] * weight[o] to the same "
        "window of grad_padded. Both are added up, with +=; the padding is cut off at the end.",
        'grad_bias = grad_output.sum((0, 2, 3)); at each place grad_weight += torch.einsum("no,ncuv->ocuv", '
        'grad_output[:, :, i, j], window), and grad_padded[:, :, rows, columns] += torch.einsum("no,ocuv->ncuv", '
        "grad_output[:, :, i, j], weight); at the end grad_input = grad_padded[:, :, padding : padding + H, "
        "padding : padding + W].",
    )

    def cases(self, seed):
        """Six layers, the smallest first, asked for the gradients of all biases, of all weights, then of all inputs."""
        rng = random_numbers(seed, self.id)
        H, W = int(rng.integers(6, 8)), int(rng.integers(10, 12))
        layers = [
            _drawn(rng, (1, 1, 2, 4), (2, 2, 3)),
            EXAMPLE,
            _drawn(rng, (2, 3, 3, 4), (4, 2, 1), stride=1, padding=1),
            _drawn(rng, (2, 1, 4, 6), (3, 3, 2), stride=2),
            _drawn(rng, (3, 2, 6, 8), (4, 3, 2), stride=3, padding=1),
            _drawn(rng, (2, 3, H, W), (2, 3, 4), stride=2, padding=2, whole=False),
        ]
        of_layers = [_cases_of(layer) for layer in layers]
        return [cases[number] for number in reversed(range(len(PARTS))) for cases in of_layers]

    def expected(self, case):
        return rows_of(case.then.gradient)

    def result_shape(self, case):
        return case.then.gradient.shape

    def value(self, case, result):
        """All kernels or maps of a gradient one above the other, so that they can be laid beside the expected ones."""
        return rows_of(result)

    def restricted(self, case, names):
        kept = super().restricted(case, names).arguments
        return _cases_of(kept)[PARTS.index(case.then.part)]

    def _mutant(self, function):
        def in_tensors(*arguments, **named):
            made = function(*arguments, **named)
            return tuple(import_module("torch").from_numpy(np.ascontiguousarray(it)) for it in made)

        return in_tensors

    def own_words(self, trial):
        told, name = trial.run["result"], f"grad_{trial.case.then.part}"
        if told["type"] == "tuple" and trial.result is not None and trial.result.shape == (1,):
            return _count_of(name, int(trial.result[0]), trial.case)
        if sentence := no_result(told["type"], TUPLE, self.returns):
            return sentence
        wanted = self.result_shape(trial.case)
        if told["type"] not in ("Tensor", "ndarray"):
            article = "an" if told["type"][0] in "aeiou" else "a"
            return f"Your {name} is {article} {told['type']}; expected a tensor of shape {wanted}."
        if tuple(told["shape"]) != wanted:
            return (
                f"For {trial.case.label} your {name} has the shape {tuple(told['shape'])}; expected {wanted}, the "
                f"shape of the {trial.case.then.part} itself."
            )
        if trial.yours is None or trial.equals(trial.expected) or trial.run["changed"]:
            return ""
        return _first_difference(trial, name, wanted)


def rows_of(gradient):
    """All its kernels or maps, one above the other; the bias's as it is."""
    return gradient.reshape(-1, gradient.shape[-1]) if gradient.ndim > 1 else gradient


def _count_of(name, count, case):
    if not count:
        return f"For {case.label} {name} is not there yet."
    came = {1: "one tensor came back", -1: "something else came back"}.get(count, f"{count} things came back")
    return f"For {case.label} {came}; {TUPLE}."


def _first_difference(trial, name, shape):
    differ = ~(abs(trial.yours - trial.expected) <= trial.tolerance)
    at = tuple(int(k) for k in np.argwhere(differ.reshape(shape))[0])
    came, right = (number(it.reshape(shape)[at]) for it in (trial.yours, trial.expected))
    place = ", ".join(map(str, at))
    return (
        f"For {trial.case.label} your {name}[{place}] is {came}; expected {right}{_sum_at(trial.case, at)} "
        f"({int(differ.sum())} of {differ.size} numbers differ)."
    )


def _sum_at(case, at):
    """How an expected number comes about, such as " = 2*1 + 3*(-1)", where it has few terms; else ""."""
    terms = [(g, x) for g, x in _terms(case, at) if g or x]
    whole = all(it == int(it) for term in terms for it in term)
    if not terms or len(terms) > MOST_TERMS or not whole:
        return ", the gradient of a cell that is in no window" if not terms else ""
    if case.then.part == "bias":
        return " = " + " + ".join(signed(g) for g, _ in terms)
    return " = " + " + ".join(f"{signed(g)}*{signed(x)}" for g, x in terms)


def _terms(case, at):
    """Every pair of a grad_output and what it is multiplied with there."""
    given = case.arguments
    grad, input, weight = (given[name] for name in ("grad_output", "input", "weight"))
    s, p, part = given.get("stride", 1), given.get("padding", 0), case.then.part
    padded = np.pad(input, ((0, 0), (0, 0), (p, p), (p, p)))
    for n, o, i, j in np.ndindex(grad.shape):
        if part == "bias" and o == at[0]:
            yield grad[n, o, i, j], 1.0
        elif part == "weight" and o == at[0]:
            yield grad[n, o, i, j], padded[n, at[1], i * s + at[2], j * s + at[3]]
        elif part == "input" and n == at[0]:
            u, v = at[2] + p - i * s, at[3] + p - j * s
            if 0 <= u < weight.shape[2] and 0 <= v < weight.shape[3]:
                yield grad[n, o, i, j], weight[o, at[1], u, v]


def _drawn(rng, shape, filters, stride=None, padding=None, whole=True):
    """The arguments of a layer: small whole numbers, none of the weights 0, or fractions."""
    (N, C_in, *size), (C_out, *kernel_size) = shape, filters
    places = [(n + 2 * (padding or 0) - k) // (stride or 1) + 1 for n, k in zip(size, kernel_size, strict=True)]
    shapes = {"grad_output": (N, C_out, *places), "input": tuple(shape), "weight": (C_out, C_in, *kernel_size)}
    made = {}
    for name, drawn in shapes.items():
        lowest, signs = (1, (1,)) if name == "input" else (1, (-1, 1))
        numbers = rng.integers(lowest, 6, drawn) * rng.choice(signs, drawn)
        made[name] = numbers.astype(float) if whole else rng.standard_normal(drawn)
    return made | {name: it for name, it in (("stride", stride), ("padding", padding)) if it is not None}


def _cases_of(arguments):
    """A case for each of the three gradients of a layer."""
    return [_case(arguments, part, it) for part, it in zip(PARTS, engine(**arguments), strict=True)]


def _case(arguments, part, gradient):
    beside = {"bias": (), "weight": ("input",), "input": ("weight",)}[part]
    shown = {}
    for name in ("grad_output", *beside):
        role = "gradient" if name == "grad_output" else name
        shown |= {f"{name}[{n}]": (role, it) for n, it in enumerate(arguments[name][:2])}
    said = [f"{name} {arguments[name]}" for name in ("stride", "padding") if name in arguments]
    more = f" with {' and '.join(said)}" if said else ""
    shapes = f"an input of shape {arguments['input'].shape} and a weight of shape {arguments['weight'].shape}"
    return Case(arguments, shown, f"{shapes}{more}", arguments is EXAMPLE, Entry(part, gradient))
