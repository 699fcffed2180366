"""ShapeTracer's Python half: what it takes, refuses and says of itself; and the model afterwards as it was."""

import json
import re

import pytest
import torch
import traitlets
from torch import nn
from torch.nn import functional as F

from convlab import trace
from convlab.shapes import ArgumentError, Refusal, ShapeError
from convlab.widgets.shape_tracer import ShapeTracer
from tests.unit.traced_models import Forward, shared

SHAPE = (2, 3, 9, 8)


@pytest.fixture(autouse=True)
def own_database(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "progress.sqlite"))


class Net(nn.Module):
    """A small network with dropout and running statistics."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.drop, self.fc = nn.Dropout(0.5), nn.Linear(4, 5)

    def forward(self, x):
        return self.fc(self.drop(F.relu(self.norm(self.conv(x))).mean((2, 3))))


made = ShapeTracer


def done(widget):
    return [entry["done"] for entry in widget._tasks]


def test_its_text_is_the_setting_and_never_what_was_found():
    assert repr(ShapeTracer(Net(), SHAPE)) == "ShapeTracer(Net, input=(2, 3, 9, 8))"
    tracer = ShapeTracer(Net(), torch.zeros(SHAPE), at=2, budget={"parameters": 99})
    assert repr(tracer) == "ShapeTracer(Net, input=(2, 3, 9, 8), at=2, budget={'parameters': 99})"


def test_trace_is_the_tracer_in_one_line():
    assert repr(trace(Net(), SHAPE)) == "ShapeTracer(Net, input=(2, 3, 9, 8))"


@pytest.mark.parametrize("shape", [SHAPE, list(SHAPE), torch.Size(SHAPE), torch.zeros(SHAPE), (3, 9, 8)])
def test_a_shape_with_or_without_a_batch_and_a_tensor_are_taken(shape):
    tracer = ShapeTracer(Net(), shape)
    assert tracer.shape == list(getattr(shape, "shape", shape)) == list(tracer.input.shape)
    assert tracer._trace["problem"] is None if len(tracer.shape) == 4 else tracer._trace["problem"]


def test_the_tensor_that_was_given_is_the_input_while_its_size_fits():
    x = torch.rand(SHAPE, dtype=torch.float64)
    tracer = ShapeTracer(Net().double(), x)
    assert torch.equal(tracer.input, x)
    tracer.shape = [1, 3, 9, 8]
    assert (tracer.input.dtype, tracer._trace["dtype"], float(tracer.input.sum())) == (torch.float64, "float64", 0.0)
    tracer.shape = list(SHAPE)
    assert torch.equal(tracer.input, x)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_a_shape_gives_zeros_of_the_models_dtype(dtype):
    tracer = ShapeTracer(Net().to(dtype), SHAPE)
    assert tracer._trace["problem"] is None and tracer._trace["dtype"] == str(dtype).removeprefix("torch.")
    assert tracer._trace["rows"][0]["bytes"] == 2 * 4 * 9 * 8 * dtype.itemsize


def test_whole_numbers_stay_whole_when_the_size_changes():
    tracer = ShapeTracer(nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 2)), torch.tensor([[1, 2, 3]]))
    tracer.shape = [2, 5]
    assert tracer._trace["problem"] is None and tracer._trace["rows"][-1]["output"] == [2, 5, 2]


@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_afterwards_as_it_was(training):
    torch.manual_seed(3)
    model = Net().train(training)
    model.norm.eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    random = torch.random.get_rng_state()
    x = torch.rand(SHAPE)
    copy = x.clone()
    torch.random.set_rng_state(random)
    tracer = ShapeTracer(model, x)
    tracer.shape = [1, 3, 20, 20]
    assert tracer.output.shape == (1, 5)
    assert torch.equal(torch.random.get_rng_state(), random) and torch.equal(x, copy)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert (model.training, model.norm.training, tracer._trace["training"]) == (training, False, training)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_a_model_that_breaks_is_afterwards_as_it_was():
    model = nn.Sequential(nn.BatchNorm2d(3), nn.Dropout(), nn.Linear(7, 2)).train()
    before = model[0].running_mean.clone()
    assert ShapeTracer(model, SHAPE)._trace["problem"]["row"] == 3
    assert model.training and torch.equal(model[0].running_mean, before)


def test_what_the_model_prints_or_warns_of_is_shown_and_not_printed(capsys):
    def forward(model, x):
        print("shape here:", tuple(x.shape))
        return F.conv2d(x, model.weight, padding="same")

    model = Forward(forward)
    model.weight = nn.Parameter(torch.ones(2, 3, 2, 2))
    tracer = ShapeTracer(model, SHAPE)
    assert tracer._trace["printed"].startswith("shape here: (2, 3, 9, 8)\n")
    loud = Forward(lambda m, x: [print("x" * 1000) for _ in range(99)] and x)
    assert len(ShapeTracer(loud, SHAPE)._trace["printed"]) == 4000
    assert capsys.readouterr().out == ""


def test_another_size_is_traced_by_a_real_forward_again():
    tracer = ShapeTracer(Net(), SHAPE, at=3)
    tracer.set_state({"shape": [1, 3, 5, 6]})  # as the browser does
    assert tracer._trace["shape"] == [1, 3, 5, 6] and tracer._trace["rows"][0]["output"] == [1, 4, 5, 6]
    assert tracer.walk.input_shape == (1, 3, 5, 6) and tracer.output.shape == (1, 5) and tracer.at == 3


def test_the_pinned_row_stays_inside_what_is_left():
    tracer = ShapeTracer(Net(), SHAPE, at="fc")
    assert tracer.at == len(tracer._trace["rows"]) == 6
    tracer.shape = [2, 4, 9, 8]
    assert tracer.at == len(tracer._trace["rows"]) == 1 and tracer._trace["problem"]


def test_another_model_or_the_same_after_a_change():
    tracer = ShapeTracer(Net(), SHAPE)
    tracer.model.fc = nn.Linear(4, 7)
    tracer.set_model()
    assert tracer._trace["rows"][-1]["output"] == [2, 7]
    tracer.set_model(nn.Conv2d(1, 2, 3), (1, 1, 5, 6))
    assert repr(tracer) == "ShapeTracer(Conv2d, input=(1, 1, 5, 6))"
    assert tracer._trace["rows"][0]["output"] == [1, 2, 3, 4]


@pytest.mark.parametrize("input", [SHAPE, torch.rand(SHAPE)])
def test_the_state_and_the_model_make_the_same_widget_again(input):
    model = Net()
    tracer = ShapeTracer(model, input, at=2, budget={"macs": 1000})
    again = ShapeTracer(model, **tracer.state)
    assert repr(again) == repr(tracer) and again._trace == tracer._trace
    assert torch.equal(again.input, tracer.input) and "model" not in tracer.state
    if input is SHAPE:
        assert json.loads(json.dumps(tracer.state)) == {"input": list(SHAPE), "at": 2, "budget": {"macs": 1000}}


def test_the_trace_can_be_sent_as_json():
    for model in (Net(), shared(), nn.Upsample(scale_factor=1.5)):
        trace = ShapeTracer(model, (1, 3 if isinstance(model, Net) else 2, 9, 8))._trace
        assert json.loads(json.dumps(trace)) == trace


def test_tensors_and_what_learns_are_counted_apart_from_parameters():
    model = Net()
    for parameter in model.conv.parameters():
        parameter.requires_grad = False
    totals = ShapeTracer(model, SHAPE)._trace["totals"]
    assert (totals["tensors"], totals["parameters"], totals["trainable"]) == (6, 112 + 8 + 25, 8 + 25)


def test_parameters_that_no_call_uses_are_in_the_total():
    model = Forward(lambda m, x: m.used(x), used=nn.Conv2d(3, 2, 1), unused=nn.Linear(4, 4))
    totals = ShapeTracer(model, SHAPE)._trace["totals"]
    assert (totals["parameters"], totals["parameters_elsewhere"]) == (8 + 20, 20)


def test_a_long_model_is_drawn_in_part_and_counted_whole():
    model = Forward(lambda m, x: [x := m.conv(x) for _ in range(700)][-1], conv=nn.Conv2d(3, 3, 1))
    trace = ShapeTracer(model, SHAPE)._trace
    assert (len(trace["rows"]), trace["left_out"]) == (600, 100)
    assert trace["totals"]["macs"] == 700 * 2 * 3 * 9 * 8 * 3


def test_a_lazy_layer_stays_lazy():
    model = nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(2))
    tracer = ShapeTracer(model, SHAPE)
    assert tracer._trace["problem"] is None and tracer._trace["totals"]["parameters"] == 112 + 4 * 7 * 6 * 2 + 2
    assert isinstance(model[0], nn.LazyConv2d)


class TwoInputs(nn.Module):
    def forward(self, image, mask):
        return image * mask


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: made(Net, SHAPE), ArgumentError, "needs an nn.Module as its model; got the class Net: write Net()"),
        (lambda: made([nn.ReLU()], SHAPE), ArgumentError, "got list: nn.Sequential(*layers) makes one of a list"),
        (lambda: made(F.relu, SHAPE), ArgumentError, "got function: pass the model itself"),
        (lambda: made(TwoInputs(), SHAPE), ArgumentError, "TwoInputs.forward wants 2 (image, mask): wrap it in a"),
        (lambda: made(Net(), (torch.zeros(1), torch.zeros(1))), ArgumentError, "one input; got 2 tensors: pass"),
        (lambda: made(Net(), torch.zeros(2).numpy()), ArgumentError, "got ndarray: torch.as_tensor(...) makes"),
        (lambda: made(Net(), 32), ArgumentError, "ShapeTracer needs a tensor or a shape such as"),
        (lambda: made(Net(), (1, 3, 2.5, 8)), ArgumentError, "A shape is made of whole numbers"),
        (lambda: made(Net(), (0, 3, 9, 8)), ShapeError, "1 or more; got (0, 3, 9, 8)"),
        (lambda: made(Net(), torch.zeros(0, 3, 9, 8)), ShapeError, "1 or more; got (0, 3, 9, 8)"),
        (lambda: made(Net(), torch.tensor(1.0)), ShapeError, "1 or more; got ()"),
        (lambda: made(Net(), SHAPE, at=7), ShapeError, "0 (the input) to 6; got 7: choose one of these"),
        (lambda: made(Net(), SHAPE, at=-1), ShapeError, "0 (the input) to 6; got -1"),
        (lambda: made(Net(), SHAPE, at=1.5), ArgumentError, "a row's number or a layer's name; got 1.5: write at=1"),
        (lambda: made(Net(), SHAPE, at="fc2"), ArgumentError, "got 'fc2': one of conv, norm, F.relu, .mean, drop, fc"),
        (lambda: made(Net(), SHAPE, budget=20000), ArgumentError, "budget must be a dict of limits; got int: write"),
        (lambda: made(Net(), SHAPE, budget={"flops": 1}), ArgumentError, "parameters, macs, memory; got 'flops'"),
        (lambda: made(Net(), SHAPE, budget={"macs": 2e6}), ArgumentError, "a whole number from 1; got 2000000.0"),
        (lambda: made(Net(), SHAPE, tasks=["small"]), ArgumentError, "tasks must be a dict {sentence: function of"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_sentence(make, error, words):
    with pytest.raises(error, match=re.escape(words)) as caught:
        make()
    assert isinstance(caught.value, Refusal) and "\n" not in str(caught.value)


def test_an_unknown_keyword_is_refused():
    with pytest.raises(TypeError, match="buget"):
        ShapeTracer(Net(), SHAPE, buget={})


def test_a_trait_set_later_is_checked_and_left_as_it_was():
    tracer = ShapeTracer(Net(), SHAPE, at=1)
    with pytest.raises(traitlets.TraitError, match="at must be a row"):
        tracer.at = 9
    with pytest.raises(ShapeError, match="1 or more"):
        tracer.shape = [2, 3, 0, 8]
    with pytest.raises(ArgumentError, match="budget knows"):
        tracer.budget = {"time": 3}
    assert (tracer.at, tracer.shape, tracer.budget) == (1, list(SHAPE), {})


def test_a_second_argument_with_a_default_is_no_second_input():
    class Optional(nn.Module):
        def forward(self, x, scale=2, *rest, **options):
            return x * scale

    assert ShapeTracer(Optional(), SHAPE)._trace["rows"][0]["call"] == "x * 2"


def test_tasks_speak_of_layers_totals_and_what_breaks():
    tracer = ShapeTracer(
        Net(),
        SHAPE,
        budget={"parameters": 150},
        tasks={
            "run on 16 x 12": lambda now: now.input_shape[-2:] == (16, 12) and now.output_shape == (2, 5),
            "make it break in conv": lambda now: now.broken == "conv" and "to have 3 channels" in now.problem,
            "pin the largest layer": lambda now: (
                now.pinned == max(now.layers, key=lambda one: one["parameters"])["name"]
            ),
            "more than 10,000 multiply-adds a sample": lambda now: now.macs / now.input_shape[0] > 10_000,
            "stay within the budget": lambda now: now.within_budget,
            "lose the batch": lambda now: now.batch_changed,
        },
    )
    assert done(tracer) == [False, False, False, False, True, False]
    tracer.shape = [2, 3, 16, 12]
    assert done(tracer)[:4] == [True, False, False, True]
    tracer.shape = [2, 4, 16, 12]
    assert done(tracer)[1]
    tracer.shape = list(SHAPE)
    tracer.at = 1
    assert done(tracer)[2]
    tracer.set_model(Forward(lambda m, x: x.reshape(4, -1)))
    assert done(tracer)[5]


def test_a_model_that_breaks_is_never_within_its_budget():
    tasks = {"within": lambda now: now.within_budget}
    assert done(ShapeTracer(nn.Linear(7, 2), SHAPE, budget={"parameters": 10**6}, tasks=tasks)) == [False]
    assert done(ShapeTracer(nn.Linear(8, 2), SHAPE, budget={"parameters": 10}, tasks=tasks)) == [False]


def test_half_a_change_never_ticks_a_task():
    tasks = {"7 rows": lambda now: now.output_shape[-2] == 7}
    tracer = ShapeTracer(nn.Conv2d(3, 2, 5), SHAPE, tasks=tasks)
    tracer.set_model(nn.Conv2d(3, 2, 3), (2, 3, 5, 8))  # the new layer on the old input would give 7
    assert done(tracer) == [False]
