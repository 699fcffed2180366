"""What breaks and what breaks silently: PyTorch's words, ours under them, and the mend that they name tried out."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convlab.widgets.shape_tracer import ShapeTracer
from tests.unit.traced_models import Forward

SHAPE = (2, 3, 32, 32)


class SimpleCNN(nn.Module):
    """The network of lesson 07 before it is mended: the number of features is written into forward."""

    def __init__(self, features=64 * 4 * 4):
        super().__init__()
        self.features = features
        self.conv1, self.conv2 = nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
        self.conv3, self.pool = nn.Conv2d(32, 64, 3, padding=1), nn.MaxPool2d(2)
        self.fc = nn.Linear(features, 10)

    def forward(self, x):
        for conv in (self.conv1, self.conv2, self.conv3):
            x = self.pool(F.relu(conv(x)))
        return self.fc(x.view(-1, self.features))


def said(model, input):
    """What PyTorch itself says."""
    with pytest.raises((RuntimeError, ValueError)) as caught, torch.no_grad():
        model.eval()(input if torch.is_tensor(input) else torch.zeros(input))
    return str(caught.value)


def lines(features):
    return nn.Sequential(nn.Conv2d(3, 8, 5), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(features, 10))


def convs(second):
    return nn.Sequential(nn.Conv2d(3, 8, 3), second)


def deep(pools):
    return nn.Sequential(*(nn.MaxPool2d(2) for _ in range(pools)), nn.Conv2d(3, 4, 5))


BROKEN = [
    (lines(1200), SHAPE, 4, "8 · 14 · 14 = 1,568: write `nn.Linear(1568, 10)`", lines(1568)),
    (nn.Sequential(nn.Conv2d(3, 8, 5), nn.Linear(6272, 10)), SHAPE, 2,
     "reads the last axis, which has 28 numbers here. Flatten first: each sample has 8 · 28 · 28 = 6,272. Put "
     "`nn.Flatten()` before it (`x.flatten(1)` in `forward`).",
     nn.Sequential(nn.Conv2d(3, 8, 5), nn.Flatten(), nn.Linear(6272, 10))),
    (nn.Sequential(nn.Conv2d(3, 8, 5), nn.Linear(10, 10)), SHAPE, 2, "and write `nn.Linear(6272, 10)`", None),
    (lines(1568), (3, 32, 32), 4, "The input (3, 32, 32) has no batch axis, so flattening took the channels for it: "
     "give (1, 3, 32, 32)", None),
    (convs(nn.Conv2d(16, 4, 3)), SHAPE, 2, "`1: Conv2d` has in_channels=16, and its input (2, 8, 30, 30) has 8 channels"
     ": write `nn.Conv2d(8, 4, ...)`", convs(nn.Conv2d(8, 4, 3))),
    (convs(nn.Conv2d(8, 4, 3)), (2, 32, 32, 3), 1, "the channels stand last: PyTorch wants them before height and width"
     ": `x.permute(0, 3, 1, 2)`", None),
    (convs(nn.Conv2d(8, 4, 3)), (32, 32, 3), 1, "`x.permute(2, 0, 1)`", None),
    (nn.Sequential(nn.Flatten(), nn.Conv2d(3, 8, 3)), SHAPE, 2, "was given (2, 3072), which has 2 axes", None),
    (deep(3), SHAPE, 4, "The window of `3: Conv2d` covers 5 rows, and the map has 4: begin with a larger", deep(2)),
    (deep(6), SHAPE, 6, "The window of `5: MaxPool2d` covers 2 rows, and the map has 1", None),
    (nn.MaxPool2d(2, padding=2), SHAPE, 1, "A pooling's padding is at most half of its kernel: 1", None),
    (convs(nn.BatchNorm2d(16)), SHAPE, 2, "`1: BatchNorm2d` has num_features=16, and its input has 8 channels: write "
     "`nn.BatchNorm2d(8)`", convs(nn.BatchNorm2d(8))),
    (nn.Sequential(nn.Flatten(), nn.BatchNorm2d(8)), SHAPE, 2, "A BatchNorm2d takes 4 axes", None),
    (Forward(lambda m, x: torch.cat([m.a(x), m.b(x)], 1), a=nn.Conv2d(3, 4, 3), b=nn.Conv2d(3, 4, 5)), SHAPE, 3,
     "here one has 30 where another has 28. Give both branches the same stride, and the padding that keeps the size",
     Forward(lambda m, x: torch.cat([m.a(x), m.b(x)], 1), a=nn.Conv2d(3, 4, 3, padding=1),
             b=nn.Conv2d(3, 4, 5, padding=2))),
    (Forward(lambda m, x: x + m.a(x), a=nn.Conv2d(3, 8, 3, padding=1)), SHAPE, 2,
     "along axis 1 (the channels) one has 3, the other 8: a 1 x 1 convolution on one branch, `nn.Conv2d(3, 8, 1)`",
     Forward(lambda m, x: m.b(x) + m.a(x), a=nn.Conv2d(3, 8, 3, padding=1), b=nn.Conv2d(3, 8, 1))),
    (Forward(lambda m, x: x + m.a(x), a=nn.Conv2d(3, 3, 3, stride=2)), SHAPE, 2, "along axis 3 (the columns)", None),
    (SimpleCNN(), (2, 3, 40, 40), 10, "Each sample has 64 · 5 · 5 = 1,600 numbers here, not 1,024: write `x.flatten(1)",
     SimpleCNN(1600)),
    (Forward(lambda m, x: x.permute(0, 2, 3, 1).view(2, -1)), SHAPE, 2, "write `x.reshape(2, -1)`", None),
    (Forward(lambda m, x: x.reshape(5, 7)), SHAPE, 1, "made of 35 numbers, or of a multiple with -1; there are 6,144",
     None),
    (lines(1568).double(), torch.zeros(SHAPE), 1, "The input is torch.float32, the weights are torch.float64; a layer "
     "computes in one dtype: give `x.double()`.", None),
    (lines(1568), torch.zeros(SHAPE, dtype=torch.float64), 1, "give `x.float()`, or write `model.double()`", None),
    (lines(1568), torch.zeros(SHAPE, dtype=torch.uint8), 1, "The input is torch.uint8, the weights are torch.float32",
     None),
]  # fmt: skip


@pytest.mark.parametrize(("model", "input", "row", "words", "mended"), BROKEN)
def test_it_breaks_in_pytorchs_words_and_ours_name_the_mend(model, input, row, words, mended):
    tracer = ShapeTracer(model, input)
    problem = tracer._trace["problem"]
    assert problem["row"] == row == len(tracer._trace["rows"])
    assert [one["problem"] for one in tracer._trace["rows"]] == [False] * (row - 1) + [True]
    assert problem["message"].removeprefix("ValueError: ") == said(model, input)
    assert words in problem["ours"]
    assert tracer._trace["rows"][-1]["lines"] == [] and tracer._trace["totals"]["parameters"] == sum(
        parameter.numel() for parameter in model.parameters()
    )
    if mended is not None:
        assert ShapeTracer(mended, input)._trace["problem"] is None


class Misspelt(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        return self.conv2(self.conv1(x))


class Endless(nn.Module):
    def forward(self, x):
        return self(x)


class WithoutForward(nn.Module):
    def forwards(self, x):
        return x


@pytest.mark.parametrize(
    ("model", "message", "words"),
    [
        (Misspelt(), "AttributeError: 'Misspelt' object has no attribute 'conv2'", "`forward` uses `self.conv2`"),
        (Endless(), "maximum recursion depth", "`forward` calls itself without an end"),
        (WithoutForward(), "Module [WithoutForward] is missing", "define `def forward(self, x):`"),
        (Forward(lambda m, x: x[0] / {}["key"]), "KeyError: 'key'", "Compare that with what the line"),
    ],
)
def test_an_error_of_the_models_own_code_is_told_too(model, message, words):
    problem = ShapeTracer(model, SHAPE)._trace["problem"]
    assert problem["message"].startswith(message) and words in problem["ours"]


def test_the_line_of_the_learners_own_code_is_shown():
    problem = ShapeTracer(Misspelt(), SHAPE)._trace["problem"]
    assert problem["line"] == "return self.conv2(self.conv1(x))" and problem["name"] == "(model)"


def batch(model, shape):
    return ShapeTracer(model, shape)._trace["batch"]


def test_a_view_that_moves_numbers_into_the_batch_axis_is_flagged_where_it_happens():
    found = batch(SimpleCNN(), (2, 3, 64, 64))
    assert (found["row"], found["before"], found["after"]) == (10, 2, 8)
    assert found["words"] == (
        "`x.view(-1, 1024)` moved numbers into the batch axis, and PyTorch says nothing: 2 samples went in, 8 come out."
        " Each sample has 64 · 8 · 8 = 4,096 numbers, not 1,024: write `x.flatten(1)`, and in_features=4096 in the "
        "Linear after it."
    )
    tracer = ShapeTracer(SimpleCNN(), (2, 3, 64, 64))
    assert tracer.output.shape == (8, 10) and tracer._trace["problem"] is None
    assert batch(SimpleCNN(4096), (2, 3, 64, 64)) is None


@pytest.mark.parametrize("N", [1, 2, 3])
def test_it_is_flagged_for_every_batch_and_nothing_is_flagged_where_the_size_is_right(N):
    assert batch(SimpleCNN(), (N, 3, 32, 32)) is None
    found = batch(SimpleCNN(), (N, 3, 64, 64))
    assert (found["before"], found["after"]) == (N, 4 * N)
    assert f"{N} sample{'s' if N > 1 else ''} went in" in found["words"]


@pytest.mark.parametrize(
    ("function", "shape", "words"),
    [
        (lambda m, x: x.permute(2, 0, 1, 3), SHAPE, "`x.permute(2, 0, 1, 3)` moved the batch axis"),
        (lambda m, x: x.sum(0), SHAPE, "2 samples went in, and the first axis has 3 after `.sum`"),
        (lambda m, x: x.sum(), SHAPE, "`.sum` makes one number of all of them"),
        (lambda m, x: x[:1], SHAPE, "the first axis has 1 after `[...]`"),
        (lambda m, x: x.reshape(4, -1), (2, 8), "Each sample has 8 numbers, not 4"),
    ],
)
def test_every_way_in_which_the_batch_is_lost_has_its_words(function, shape, words):
    assert words in batch(Forward(function), shape)["words"]


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (lambda m, x: x.flatten(1), SHAPE),
        (lambda m, x: x.flatten(0, 1).reshape(2, 3, 32, 32), SHAPE),  # folded and unfolded: as it was
        (lambda m, x: x.flatten(0), (3, 32, 32)),  # no batch axis went in
        (lambda m, x: x.transpose(0, 1).transpose(0, 1), SHAPE),
    ],
)
def test_a_batch_that_comes_back_or_never_was_is_not_flagged(function, shape):
    assert batch(Forward(function), shape) is None


def test_a_changed_batch_is_told_before_the_break_that_it_leads_to():
    def forward(model, x):
        x = x.view(-1, 512)
        return model.fc(x) + x

    trace = ShapeTracer(Forward(forward, fc=nn.Linear(512, 10)), SHAPE)._trace
    assert trace["batch"]["row"] == 1 and trace["problem"]["row"] == 3
