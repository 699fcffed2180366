"""walk: a row for every call, the totals, where a model breaks; and the model afterwards as it was."""

from collections import OrderedDict

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from convlab import layers
from convlab.shapes import ArgumentError, Conv2dSpec, Refusal, ShapeError

SHAPE = (2, 3, 17, 12)


class Net(nn.Module):
    """A digit classifier with functions between its layers and a layer that is called twice."""

    def __init__(self, features=64):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, stride=2)
        self.norm = nn.BatchNorm2d(4)
        self.again = nn.Conv2d(4, 4, (3, 1), padding=(1, 0), bias=False)
        self.fc = nn.Linear(features, 10)

    def forward(self, input):
        x = F.relu(self.norm(self.first(input)))
        x = self.again(self.again(x))
        x = F.max_pool2d(x, 2).flatten(1)
        return self.fc(x)


class Forward(nn.Module):
    """A module of one function, over layers that it owns."""

    def __init__(self, function, **parts):
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, input):
        return self.function(self, input)


def test_there_is_a_row_for_every_call_in_order():
    rows = layers.walk(Net(features=32), SHAPE).rows
    assert [(row.name, row.kind) for row in rows] == [
        ("first", "Conv2d"),
        ("norm", "BatchNorm2d"),
        ("again", "Conv2d"),
        ("again", "Conv2d"),
        ("fc", "Linear"),
    ]
    shapes = [(2, 4, 8, 5), (2, 4, 8, 5), (2, 4, 8, 5), (2, 4, 8, 5), (2, 10)]
    assert [row.output_shape for row in rows] == shapes
    assert [row.input_shape for row in rows] == [SHAPE, *shapes[:3], (2, 32)]
    assert [row.bytes for row in rows] == [4 * torch.Size(shape).numel() for shape in shapes]


def test_parameters_and_multiply_adds_are_those_of_the_layers_and_shared_ones_count_once():
    model = Net(features=32)
    found = layers.walk(model, SHAPE)
    first, again = layers.spec(model.first), layers.spec(model.again)
    assert [row.parameters for row in found.rows] == [first.parameter_count, 8, 48, 48, 330]
    assert [row.shared for row in found.rows] == [0, 0, 0, 48, 0]
    assert found.parameters == sum(p.numel() for p in model.parameters()) == first.parameter_count + 8 + 48 + 330
    macs = [first.macs(SHAPE), 0, again.macs((2, 4, 8, 5)), again.macs((2, 4, 8, 5)), 2 * 32 * 10]
    assert [row.macs for row in found.rows] == macs
    assert found.macs == sum(macs)


@pytest.mark.parametrize(
    ("layer", "shape", "macs"),
    [
        # by hand: output numbers times the products in each; transposed: input numbers times where each goes
        (nn.Conv2d(4, 6, (3, 2), stride=2, padding=1, groups=2), (2, 4, 7, 9), 2 * 6 * 4 * 5 * (2 * 3 * 2)),
        (nn.Conv1d(4, 6, 3), (4, 9), 6 * 7 * 4 * 3),
        (nn.ConvTranspose2d(4, 6, (3, 2), stride=2, groups=2), (2, 4, 7, 9), 2 * 4 * 7 * 9 * (3 * 3 * 2)),
        (nn.Linear(5, 7), (2, 3, 5), 6 * 5 * 7),
        (nn.Linear(5, 7, bias=False), (5,), 5 * 7),
        (nn.LSTM(5, 4), (3, 2, 5), 3 * 2 * 4 * 4 * (5 + 4)),
        (nn.MaxPool2d(2), (2, 4, 7, 9), 0),
    ],
)
def test_multiply_adds_made_by_hand(layer, shape, macs):
    assert [row.macs for row in layers.walk(layer, shape).rows] == [macs]


def test_attention_counts_its_projections_and_its_two_products():
    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    found = layers.walk(Forward(lambda model, x: model.attention(x, x, x)[0], attention=attention), (3, 5, 8))
    projections, products = 3 * 5 * 8 * 8 * 4, 2 * 3 * 2 * 5 * 5 * 4
    assert [(row.kind, row.macs) for row in found.rows] == [("MultiheadAttention", projections + products)]


def test_what_happens_between_the_layers_is_in_the_total():
    def forward(model, x):
        return model.last(F.conv2d(x, model.weight))

    model = Forward(forward, last=nn.Conv2d(2, 1, 1))
    model.weight = nn.Parameter(torch.ones(2, 3, 3, 3))
    found = layers.walk(model, SHAPE)
    between = Conv2dSpec(3, 2, 3, bias=False)
    assert (found.parameters, found.macs - found.rows[0].macs) == (between.parameter_count + 3, between.macs(SHAPE))
    assert "(elsewhere)" in repr(found)


def said_by_torch(model, shape):
    with pytest.raises(RuntimeError) as caught, torch.no_grad():
        model(torch.zeros(shape))
    return str(caught.value)


def test_where_a_layer_breaks_the_last_row_says_so_in_pytorchs_words():
    found = layers.walk(Net(features=99), SHAPE)
    last = found.rows[-1]
    assert [row.problem for row in found.rows[:-1]] == [""] * 4
    assert (last.name, last.kind, last.input_shape, last.output_shape) == ("fc", "Linear", (2, 32), None)
    assert found.problem == last.problem == said_by_torch(Net(features=99), SHAPE)
    assert last.line == "return self.fc(x)"
    assert found.parameters == sum(row.parameters - row.shared for row in found.rows)


@pytest.mark.parametrize(
    ("function", "name", "words", "rows"),
    [
        (lambda model, x: torch.cat([model.one(x), x]), "(model)", "Sizes of tensors must match", 2),
        (
            lambda model, x: model.missing(x),
            "(model)",
            "AttributeError: 'Forward' object has no attribute 'missing'",
            1,
        ),
        (lambda model, x: model.two(model.one(x)), "two", "expected input[2, 5, 17, 12] to have 4 channels", 2),
        (lambda model, x: model.one(x[0, 0, 0]), "one", "Expected 3D (unbatched) or 4D (batched) input", 1),
        (lambda model, x: 1 / 0, "(model)", "ZeroDivisionError: division by zero", 1),
    ],
)
def test_a_break_between_layers_is_the_models_own(function, name, words, rows):
    model = Forward(function, one=nn.Conv2d(3, 5, 1), two=nn.Conv2d(4, 2, 1))
    found = layers.walk(model, SHAPE).rows
    assert len(found) == rows and found[-1].name == name
    assert words in found[-1].problem
    assert found[-1].line.lstrip("(").startswith("lambda model, x:")


def test_an_error_that_the_model_handles_is_no_break():
    def forward(model, x):
        try:
            model.one(x[:, :2])
        except RuntimeError:
            x = x + 1
        return torch.cat([model.two(x), x[:1]], 1) if model.breaks else model.two(x)

    model = Forward(forward, one=nn.Conv2d(3, 5, 1), two=nn.Conv2d(3, 2, 1), breaks=False)
    found = layers.walk(model, SHAPE)
    assert ([row.name for row in found.rows], found.problem) == (["two"], "")
    model.breaks = True
    assert [row.name for row in layers.walk(model, SHAPE).rows] == ["two", "(model)"]


def test_a_walk_inside_an_except_clause_is_as_good():
    try:
        raise ValueError
    except ValueError:
        found = layers.walk(Net(features=32), SHAPE)
    assert (len(found.rows), found.problem) == (5, "")


class Restless(nn.Module):
    """Changes all that a forward can change: its weights, its buffers, random numbers, the input."""

    def __init__(self, breaks):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))
        self.register_buffer("seen", torch.zeros(1))
        self.register_buffer("last", None)
        self.net = nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), nn.Dropout(0.5))
        self.breaks = breaks

    def forward(self, input):
        self.weight.data.mul_(2)
        self.seen += 1
        self.last = input.mean()
        input.mul_(0)
        torch.rand(3)
        F.batch_norm(self.net(input), self.net[1].running_mean, self.net[1].running_var, training=True)
        return input.view(7) if self.breaks else input


@pytest.mark.parametrize("breaks", [False, True])
def test_the_model_and_torch_are_left_as_they_were(breaks):
    model, input = Restless(breaks).train(), torch.ones(SHAPE, requires_grad=True)
    model.net[1].eval()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    weight, random = model.weight, torch.get_rng_state()
    waiting = (model.net(input) * 2).sum()  # a graph of the learner's own, made before and used after
    torch.set_rng_state(random)
    assert bool(layers.walk(model, input).problem) == breaks
    after = model.state_dict()
    assert list(after) == list(state) and all(torch.equal(after[name], state[name]) for name in state)
    assert model.weight is weight and model.last is None
    assert [module.training for module in model.modules()] == modes
    assert all(not module._forward_hooks and not module._forward_pre_hooks for module in model.modules())
    assert torch.equal(torch.get_rng_state(), random) and torch.is_grad_enabled()
    assert torch.equal(input, torch.ones(SHAPE)) and input.grad is None
    assert all(parameter.grad is None for parameter in model.parameters())
    waiting.backward()
    assert input.grad is not None


def test_hooks_of_the_learners_own_stay():
    model, calls = nn.Sequential(nn.Conv2d(3, 2, 1)), []
    model[0].register_forward_hook(lambda *_: calls.append(1))
    layers.walk(model, SHAPE)
    model(torch.zeros(SHAPE))
    assert calls == [1, 1] and len(model[0]._forward_hooks) == 1


def test_a_lazy_layer_is_walked_and_stays_lazy():
    model = nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(2))
    found = layers.walk(model, (1, 1, 5, 6))
    assert (found.problem, found.parameters) == ("", 40 + 98)
    assert isinstance(model[0], nn.LazyConv2d)


def test_zeros_are_made_of_the_models_dtype_and_on_its_device():
    assert layers.walk(Net(features=32).double(), SHAPE).problem == ""
    found = layers.walk(Net(features=32).to("meta"), SHAPE)
    assert (found.problem, found.rows[-1].output_shape) == ("", (2, 10))


def test_the_table_is_one_look_and_the_same_every_time():
    found = layers.walk(Net(features=99), list(SHAPE))
    assert repr(found) == repr(layers.walk(Net(features=99), SHAPE))
    assert repr(found).splitlines() == [
        "layer  kind         output          parameters    MACs  receptive field  jump",
        "------------------------------------------------------------------------------",
        "input               (2, 3, 17, 12)",
        "first  Conv2d       (2, 4, 8, 5)           112   8,640  3 x 3            2 x 2",
        "norm   BatchNorm2d  (2, 4, 8, 5)             8       0  3 x 3            2 x 2",
        "again  Conv2d       (2, 4, 8, 5)            48   3,840  7 x 3            2 x 2",
        "again  Conv2d       (2, 4, 8, 5)          (48)   3,840  11 x 3           2 x 2",
        "fc     Linear       breaks here          1,000",
        "total                                    1,168  16,320",
        "(in brackets: shared with a layer above, and counted once in the total)",
        "It breaks in fc, which was given (2, 32). The line: return self.fc(x)",
        f"The message: {found.problem}",
    ]


def test_the_notebooks_table_says_the_same_and_runs_no_html_of_a_model():
    class Odd(nn.Module):
        def forward(self, input):
            raise RuntimeError("<script>")

    model = nn.Sequential(OrderedDict([("<b>", nn.Conv2d(3, 2, 3)), ("odd", Odd())]))
    html = layers.walk(model, SHAPE)._repr_html_()
    assert "&lt;script&gt;" in html and "<script>" not in html
    assert "&lt;b&gt;" in html and "<b>" not in html
    assert html.count("<tr>") == html.count("</tr>") == 5 and html.count("<td") == html.count("</td>")
    assert '<th scope="col" style="text-align:left">receptive field</th>' in html
    assert '<th style="text-align:left"' not in html and html.count("<th ") == html.count("</th>")


@pytest.mark.parametrize(
    ("model", "input", "error", "words"),
    [
        (Net, SHAPE, ArgumentError, "got the class Net: pass the model itself"),
        (F.relu, SHAPE, ArgumentError, "walk needs an nn.Module; got function"),
        (nn.ReLU(), None, ArgumentError, "walk needs a tensor or a shape"),
        (nn.ReLU(), torch.zeros(2, 3).numpy(), ArgumentError, "got ndarray: torch.as_tensor"),
        (nn.ReLU(), (1, 3.0, 8, 8), ArgumentError, "A shape is made of whole numbers"),
        (nn.ReLU(), (1, 0, 8, 8), ShapeError, "1 or more; got"),
        (nn.ReLU(), (), ShapeError, "1 or more; got"),
    ],
)
def test_bad_input_gets_one_sentence(model, input, error, words):
    with pytest.raises(error, match=words) as caught:
        layers.walk(model, input)
    assert isinstance(caught.value, Refusal) and "\n" not in str(caught.value)
