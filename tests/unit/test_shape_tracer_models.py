"""ShapeTracer on models that it has not seen: every number against hooks, autograd and PyTorch's own counter."""

import copy
import re

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from convlab.widgets.shape_tracer import ShapeTracer
from tests.receptive import in_the_middle, seen
from tests.unit.traced_models import MODELS, SIZE, hooked

SHAPE = (2, 2, *SIZE)
each_model = pytest.mark.parametrize("name", MODELS)


def layer_rows(tracer):
    return [row for row in tracer._trace["rows"] if row["kind"] != "function"]


def made(name):
    torch.manual_seed(0)
    return MODELS[name]()


@each_model
def test_shapes_and_memory_are_what_hooks_see(name):
    model = made(name)
    tracer = ShapeTracer(model, SHAPE)
    assert tracer._trace["problem"] is None
    rows = layer_rows(tracer)
    if name == "functional":  # it has no layer: its last function gives what the model gives
        assert rows == [] and tracer._trace["rows"][-1]["output"] == list(model(torch.zeros(SHAPE)).shape)
        return
    truth = hooked(model, torch.zeros(SHAPE))
    names = [row["name"].partition(":")[0] for row in rows]
    assert names == [one[0] for one in truth]
    assert [(tuple(row["output"]), row["bytes"]) for row in rows] == [(one[1], one[3]) for one in truth]


@each_model
def test_parameters_are_counted_once_and_sum_to_the_models(name):
    model = made(name)
    tracer = ShapeTracer(model, SHAPE)
    every = sum(parameter.numel() for parameter in model.parameters())
    totals = tracer._trace["totals"]
    assert totals["parameters"] == tracer.walk.parameters == every and totals["parameters_elsewhere"] == 0
    assert sum(row["parameters"] - row["shared"] for row in tracer._trace["rows"]) == every
    assert totals["tensors"] == len(list(model.parameters()))
    modules = dict(model.named_modules())
    for row in layer_rows(tracer):
        module = modules[row["name"].partition(":")[0]]
        assert row["parameters"] == sum(parameter.numel() for parameter in module.parameters())


@each_model
def test_multiply_adds_are_those_of_the_definition_and_of_pytorchs_counter(name):
    model = made(name)
    tracer = ShapeTracer(model, SHAPE)
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        model.eval()(torch.zeros(SHAPE))
    assert tracer._trace["totals"]["macs"] * 2 == counter.get_total_flops()
    assert sum(row["macs"] for row in tracer._trace["rows"]) == tracer._trace["totals"]["macs"]
    if name != "functional":
        assert [row["macs"] for row in layer_rows(tracer)] == [one[2] for one in hooked(model, torch.zeros(SHAPE))]


def agrees(row, call):
    """Asserts that a row's receptive field is what its units were seen to see, where the picture is large enough."""
    for axis in (0, 1):
        units, field = call[axis], row["field"][axis]
        longest = max(lines[-1] - lines[0] + 1 for lines in units.values())
        if row["whole"]:
            assert longest == field == SIZE[axis]
        elif len(row["output"]) == 4:  # a flat row of numbers is seen as one unit
            assert longest <= field
            length, jump = in_the_middle(units)
            if field + 2 * row["jump"][axis] < SIZE[axis] / 2:
                assert (length, jump) == (field, row["jump"][axis])


@pytest.mark.parametrize("name", [name for name in MODELS if name != "upsampled"])
def test_receptive_fields_are_what_the_units_are_seen_to_see(name):
    model = made(name)
    tracer = ShapeTracer(model, SHAPE)
    calls = seen(copy.deepcopy(model), SIZE)
    rows = layer_rows(tracer) or tracer._trace["rows"][-1:]
    for row, call in zip(rows, calls, strict=True):
        agrees(row, call)


def test_after_upsampling_it_is_the_largest_window():
    model = made("upsampled")
    row, call = ShapeTracer(model, SHAPE)._trace["rows"][-1], seen(copy.deepcopy(model), SIZE)[-1]
    assert row["field"] == [max(lines[-1] - lines[0] + 1 for lines in axis.values()) for axis in call]


AVERAGED = [name for name in MODELS if name not in ("functional", "gated", "upsampled", "plain", "normalised")]


@pytest.mark.parametrize("name", AVERAGED)
def test_receptive_fields_are_what_autograd_reaches(name):
    """With positive weights and averages instead of maxima no connection is hidden by its value."""
    model = made(name).double().eval()
    field = ShapeTracer(model, SHAPE)._trace["rows"][-1]["field"]
    for module in list(model.modules()):
        for key, child in list(module.named_children()):
            if isinstance(child, nn.MaxPool2d):
                setattr(module, key, nn.AvgPool2d(child.kernel_size, child.stride, child.padding))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.abs_().add_(0.01)
    input = torch.rand(1, 2, *SIZE, dtype=torch.float64, requires_grad=True)
    output = model(input)
    output[0, :, output.shape[2] // 2, output.shape[3] // 2].sum().backward()
    reached = input.grad[0].abs().sum(0) > 0
    for axis in (0, 1):
        lines = reached.any(1 - axis).nonzero().flatten()
        assert int(lines[-1] - lines[0]) + 1 == field[axis]


def value(text):
    """What the left side of a line of the derivation gives, computed from its text."""
    text = re.sub(r"[a-z_]+ ?(?=[\d(⌊⌈])", "", text)  # names: weight, bias, out_features
    text = re.sub(r"⌈(.*) / (\d+)⌉", r"(-(-\1 // \2))", text)
    text = re.sub(r"⌊(.*) / (\d+)⌋", r"(\1 // \2)", text)
    text = text.replace(" outputs", "").replace(" numbers", "").replace(" each", "").replace(" bytes", "")
    return eval(text.replace("·", "*").replace("−", "-"), {"__builtins__": {}})


@each_model
def test_every_line_of_the_derivation_is_true_arithmetic_and_ends_in_the_rows_number(name):
    for row in ShapeTracer(made(name), SHAPE)._trace["rows"]:
        ends = {"H_out": row["output"][-2:-1], "W_out": row["output"][-1:], "parameters": [row["parameters"]],
                "multiply-adds": [row["macs"]], "memory": [row["bytes"]], "features": row["output"][-1:],
                "last axis": row["output"][-1:], "sees, rows": (row["field"] or [None])[:1],
                "sees, columns": (row["field"] or [None])[-1:]}  # fmt: skip
        for line in row["lines"]:
            numbers = [piece for piece in line["pieces"] if isinstance(piece, int)]
            if line["name"] not in ends:
                assert numbers == []
                continue
            assert numbers[-1:] == list(ends[line["name"]]), line
            left, equals, _ = "".join(map(str, line["pieces"])).rpartition(" = ")
            if equals and line["name"] != "last axis":
                assert value(left) == numbers[-1], line


@each_model
def test_convolutions_and_poolings_have_all_their_lines(name):
    windowed = ("Conv2d", "MaxPool2d", "AvgPool2d")
    for row in layer_rows(ShapeTracer(made(name), SHAPE)):
        names = [line["name"] for line in row["lines"]]
        if row["kind"] in windowed:
            assert {"H_out", "W_out", "memory"} <= set(names), row
            assert ("sees, rows" in names) == (len(row["reads"]) == 1 and not row["whole"] and _jumps(name, row)), row
        assert ("multiply-adds" in names) == (row["macs"] > 0) and ("parameters" in names) == (row["parameters"] > 0)


def test_functions_have_the_lines_that_their_layers_would_have():
    lines = {}
    for row in ShapeTracer(made("functional"), SHAPE)._trace["rows"]:
        lines.setdefault(row["name"], set()).update(line["name"] for line in row["lines"])
    windowed = {"H_out", "W_out", "memory", "sees, rows", "sees, columns"}
    assert lines["F.conv2d"] == windowed | {"parameters", "multiply-adds"}
    assert lines["F.max_pool2d"] == lines["F.avg_pool2d"] == windowed
    assert lines["F.linear"] == {"last axis", "parameters", "multiply-adds", "memory"}


def _jumps(name, row):
    """After upsampling windows grow unevenly, and no such line is made; behind a gate all see all."""
    return name not in ("upsampled", "gated") or row["reads"] == [0]


def test_a_row_reads_what_made_its_input():
    by_name = {row["name"]: row["reads"] for row in ShapeTracer(made("inception"), SHAPE)._trace["rows"]}
    assert by_name["stem"] == [0] and by_name["one"] == by_name["pool"] == by_name["before"] == [1]
    order = ["stem", "before", "F.relu", "five", "one", "pool", "torch.cat", "last"]
    rows = {row["name"]: at for at, row in enumerate(ShapeTracer(made("inception"), SHAPE)._trace["rows"], 1)}
    assert set(rows) == set(order)
    assert by_name["torch.cat"] == sorted([rows["one"], rows["five"], rows["pool"]]) and by_name["last"] == [
        rows["torch.cat"]
    ]


def test_what_lies_in_its_inputs_memory_is_not_counted_again():
    model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Identity(), nn.ReLU())
    trace = ShapeTracer(model, (1, 2, 5, 6))._trace
    assert [row["shares"] for row in trace["rows"]] == [False, True, True, True, False]
    assert trace["totals"]["memory"] == 2 * 4 * 3 * 4 * 4
