"""07.simple_cnn: a network with three faults, two of which raise no error, to be mended."""

from dataclasses import replace
from importlib import import_module
from math import prod

import numpy as np

from ..task import Case, Exercise, random_numbers
from .asked_of_cnn import Form, Logits, Numbers
from .cnn_slips import ERRORS, SLIPS

WIDTHS = (16, 32, 64)
TAPS = 6  # of a filter's weights are not 0, so that the numbers stay small


class MendSimpleCNN(Exercise):
    """A network to be mended."""

    id, lesson, title = "07.simple_cnn", "07", "Mend the SimpleCNN"
    level, minutes, revision = "medium", 12, 1
    prompt = """\
Mend the class below; it has three faults. It was written for pictures of 32 x 32 and is to work for pictures of \
`size`, a pair (H, W).

- For a batch of N pictures of that size it gives N rows of `classes` logits. Pictures of another size are refused by \
PyTorch's own error: they must never come out as another number of rows.
- Logits, not probabilities: nn.CrossEntropyLoss takes the softmax itself.
- `count()` gives the number of learnable numbers, as an int.

The layers stay: three convolutions with 16, 32 and 64 filters of 3 x 3, each with a ReLU and a pooling, and one \
Linear layer. For example:

    network = SimpleCNN(1, (16, 28), 5)
    network(torch.rand(2, 1, 16, 28)).shape  ->  torch.Size([2, 5])
    network.count()                          ->  25221"""
    stub = """\
from torch import nn


class SimpleCNN(nn.Module):
    def __init__(self, in_channels, size, classes):
        super().__init__()
        layers = []
        for C_in, C_out in ((in_channels, 16), (16, 32), (32, 64)):
            layers += [nn.Conv2d(C_in, C_out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(64 * 4 * 4, classes)

    def forward(self, input):
        maps = self.features(input)
        return self.fc(maps.view(-1, 64 * 4 * 4)).softmax(dim=1)

    def count(self):
        return len(list(self.parameters()))
"""
    arguments, made = ("in_channels", "size", "classes"), "class"
    slips, errors = SLIPS, ERRORS
    returns, compared = "logits", "logits"
    right = "Right: it takes its size, gives logits, keeps the batch, and counts what it learns."
    hints = (
        "Go through it with one batch, shape by shape, as trace(model, x) does. Which numbers reach self.fc for a "
        "picture of 16 x 28? What do the rows of the output sum to? How many numbers has one Conv2d alone?",
        "Three poolings leave H // 8 rows and W // 8 columns of 64 maps. flatten(1) keeps the batch axis, whatever "
        "comes. A tensor tells by numel() how many numbers are in it.",
        "H, W = size; self.fc = nn.Linear(64 * (H // 8) * (W // 8), classes); return self.fc(maps.flatten(1)); and "
        "return sum(parameter.numel() for parameter in self.parameters()).",
    )

    @property
    def reference(self):
        """The reference class; torch comes with it."""
        return import_module(f"{__package__}.solutions").SimpleCNN

    def _mutant(self, function):
        return function

    def check(self, fn, seed=None):
        """As `Exercise.check`; what stands in the stub is a whole class, so there are no dots to replace."""
        verdict = super().check(fn, seed)
        if verdict.outcome != "not_attempted":
            return verdict
        said = (
            "Nothing is mended yet: your class does nothing that the task's does not, and the task's has three faults."
        )
        return replace(verdict, message=said)

    def cases(self, seed):
        """Three networks: the form of the output, the numbers that learn, the logits."""
        rng = random_numbers(seed, self.id)
        sizes = [(24, 36), (40, 20), (24, 20), (16, 44)]
        networks = (
            ((3, (32, 64), 10), 2),  # of which view(-1, 64 * 4 * 4) makes four rows without a word
            ((1, (16, 28), 5), 2),
            ((int(rng.choice([2, 4, 5])), sizes[rng.integers(4)], int(rng.choice([4, 6, 7, 8, 9]))), 3),
        )
        return [case for number, (given, N) in enumerate(networks) for case in _asking(rng, given, N, number == 1)]

    def expected(self, case):
        asked, classes = case.then, case.arguments["classes"]
        if isinstance(asked, Form):
            return np.array([asked.shape[0], classes, asked.other[0], 0], float)
        if isinstance(asked, Logits):
            return logits(asked.input, asked.numbers)
        return np.zeros(2)

    def result_shape(self, case):
        if isinstance(case.then, Logits):
            return (len(case.then.input), case.arguments["classes"])
        return (4,) if isinstance(case.then, Form) else (2,)

    def own_words(self, trial):
        return WORDS[type(trial.case.then)](trial) if trial.result is not None else ""


def shapes(in_channels, size, classes):
    """The shapes of all Parameters of a right network, weight and bias in turn.

    Example:
        >>> shapes(1, (16, 28), 5)[-2:]
        [(5, 384), (5,)]
    """
    found = []
    for C_in, C_out in zip((in_channels, *WIDTHS), WIDTHS, strict=False):
        found += [(C_out, C_in, 3, 3), (C_out,)]
    return [*found, (classes, 64 * (size[0] // 8) * (size[1] // 8)), (classes,)]


def logits(input, numbers):
    """What a network with these numbers makes of the input, by PyTorch's functions in float64."""
    torch = import_module("torch")
    F, maps = torch.nn.functional, torch.from_numpy(input)
    *filters, weight, bias = (torch.from_numpy(it) for it in numbers)
    for kernels, biases in zip(filters[::2], filters[1::2], strict=True):
        maps = F.max_pool2d(F.conv2d(maps, kernels, biases, padding=1).relu(), 2)
    return F.linear(maps.flatten(1), weight, bias).numpy()


def _drawn(rng, given):
    """Whole numbers for every Parameter, most of them 0.

    What reaches the Linear layer is not negative, so one of its filters only adds and one only takes away: with
    logits of both signs a ReLU or a softmax at the end is seen.
    """
    for shape in shapes(**given):
        if len(shape) == 1:
            yield rng.integers(-2, 3, shape).astype(float)
            continue
        numbers, count = np.zeros((shape[0], prod(shape[1:]))), TAPS if len(shape) == 4 else 8 * TAPS
        for row in numbers:
            places = rng.choice(row.size, count, replace=False)
            row[places] = rng.choice([-1.0, 1.0], count)
        if len(shape) == 2:
            adds, takes = rng.choice(len(numbers), 2, replace=False)
            numbers[adds], numbers[takes] = abs(numbers[adds]), -abs(numbers[takes])
        yield numbers.reshape(shape)


def _asking(rng, network, N, example):
    given = dict(zip(("in_channels", "size", "classes"), network, strict=True))
    C, (H, W), _ = network
    shape = (N, C, H, W)
    call = f"SimpleCNN({C}, ({H}, {W}), {network[2]})"
    input = rng.integers(0, 4, shape).astype(float)
    right = sum(prod(it) for it in shapes(**given))
    asked = Form(shape, (N, C, 2 * H, W)), Numbers(shape, right), Logits(shape, tuple(_drawn(rng, given)), input)
    return [Case(given, {}, call, example, it, counted=not isinstance(it, Logits)) for it in asked]


def _form(trial):
    asked, (rows, columns, others, squeezed) = trial.case.then, (int(it) for it in trial.result)
    where = f"For {trial.case.label} and pictures of shape {asked.shape} your output"
    wanted = (asked.shape[0], trial.case.arguments["classes"])
    if (rows, columns) != wanted:
        return f"{where} has the shape {(rows, columns)}; expected {wanted}."
    if squeezed:
        return f"{where} has no number above 1, whatever goes in, as behind a softmax; expected logits, any numbers."
    N, _, H, W = asked.other
    return (
        f"For {trial.case.label}: {N} pictures of {H} x {W}, another size, come out as {others} rows, and no error "
        f"tells of it."
    )


def _numbers(trial):
    right = trial.case.then.right
    handed, counted = (int(it) + right for it in trial.result)
    if handed == right:
        return f"For {trial.case.label}: count() gives {counted}; expected {right}."
    fc = shapes(**trial.case.arguments)[-2]
    return (
        f"For {trial.case.label}: parameters() hands out {handed} numbers; expected {right}, {fc[0]}*{fc[1]} of them "
        "in the weight of the Linear layer."
    )


def _logits(trial):
    where, shape = f"For {trial.case.label}", tuple(trial.run["result"]["shape"])
    if trial.yours is None:
        return f"{where} your output has the shape {shape}; expected {trial.expected.shape}."
    n, k = (int(it) for it in np.argwhere(~(abs(trial.yours - trial.expected) <= trial.tolerance))[0])
    return (
        f"{where} your logits[{n}, {k}] is {trial.yours[n, k]:.6g}; expected {trial.expected[n, k]:g}, with the "
        "numbers that the check copied into your Parameters."
    )


WORDS = {Form: _form, Numbers: _numbers, Logits: _logits}
