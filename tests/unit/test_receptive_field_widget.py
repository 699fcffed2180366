"""ReceptiveField's Python half: what it takes, what it refuses, what it says of itself; and its JavaScript on torch."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
import traitlets
from torch import nn

from convlab.shapes import ArgumentError, Conv2dSpec, ShapeError
from convlab.widgets.receptive_field import ReceptiveField
from tests.browser import field_truth
from tests.js.node import ROOT, run_node

COUNT = 200 if os.environ.get("CONVLAB_FULL") == "1" else 30
SEED = int(os.environ.get("CONVLAB_SEED", 0))
STACK = [{"kernel_size": (3, 5), "stride": (2, 1), "padding": 1}, {"kernel_size": 3, "dilation": (1, 2)}]


@pytest.fixture(autouse=True)
def own_database(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "progress.sqlite"))


def field(layers=STACK, input=(15, 21), **settings):
    return ReceptiveField(layers, input, **settings)


def done(widget):
    return [entry["done"] for entry in widget._tasks]


def test_its_text_is_the_setting_and_never_the_size_of_the_field():
    assert (
        repr(ReceptiveField(unit=(3, 7, 10)))
        == repr(ReceptiveField())
        == (f"ReceptiveField([{', '.join(['nn.Conv2d(1, 1, kernel_size=3, padding=1)'] * 3)}], input=(15, 21))")
    )
    pools = [nn.MaxPool2d(2), nn.AvgPool2d((3, 2), stride=1), nn.MaxPool2d(3, dilation=2, padding=1)]
    assert repr(field(pools, unit=(1, 0, 0), direction="forward")) == (
        "ReceptiveField([nn.MaxPool2d(kernel_size=2), nn.AvgPool2d(kernel_size=(3, 2), stride=1), "
        "nn.MaxPool2d(kernel_size=3, padding=1, dilation=2)], input=(15, 21), unit=(1, 0, 0), direction='forward')"
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"unit": (1, 3, 4)},
        {"layers": [{"kernel_size": (2, 3), "padding": "same"}, {"kind": "MaxPool2d", "kernel_size": 2}]},
        {"direction": "forward", "unit": (1, 0, 0)},
        {"layers": [], "input": (4, 3)},
        {"layers": [{"kernel_size": 17}]},
    ],
)
def test_the_state_makes_the_same_widget_again(settings):
    widget = field(**settings)
    again = ReceptiveField(**json.loads(json.dumps(widget.state)))
    assert again.state == widget.state and repr(again) == repr(widget) and again._computed == widget._computed


def test_a_network_its_layers_its_specs_and_dicts_make_the_same_stack():
    conv, pool = nn.Conv2d(3, 8, (3, 5), stride=(2, 1), padding=1), nn.MaxPool2d((2, 3))
    last = nn.Conv2d(8, 4, 3, dilation=(1, 2), padding="valid", groups=2)
    body = nn.Sequential(conv, nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout2d(), nn.Sequential(pool, nn.Identity()), last)
    dicts = [STACK[0], {"kind": "MaxPool2d", "kernel_size": (2, 3)}, STACK[1]]
    spec = Conv2dSpec(3, 8, (3, 5), stride=(2, 1), padding=1)
    given = [
        (body, torch.rand(2, 3, 20, 33)),
        ([conv, pool, last], (20, 33)),
        ([spec, pool, last], (3, 20, 33)),
        (dicts, (1, 3, 20, 33)),
        ([nn.Sequential(conv, pool), STACK[1]], np.ones((20, 33))),
    ]
    widgets = [field(*one) for one in given]
    assert len({json.dumps([one.layers, one.size, one.unit, one._computed], sort_keys=True) for one in widgets}) == 1
    assert field(conv).layers == field([conv]).layers == field(spec).layers == field(STACK[0]).layers


class Tower(nn.Sequential):
    """A learner's own Sequential."""


def test_a_learners_own_sequential_is_one():
    assert len(field(Tower(nn.Conv2d(1, 1, 3), nn.GELU(), nn.Conv2d(1, 1, 3))).layers) == 2


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"layers": 3}, ArgumentError, "layers must be a list of layers or an nn.Sequential; got int"),
        ({"layers": [nn.Linear(3, 4)]}, ArgumentError, "layers[0] is Linear, which has no window of its own"),
        ({"layers": [STACK[0], "conv"]}, ArgumentError, "layers[1] is str"),
        ({"layers": [{"stride": 2}]}, ArgumentError, "got no kernel_size: write"),
        ({"layers": [{"kernel_size": 3, "strid": 2}]}, ArgumentError, "got the key 'strid': write"),
        ({"layers": [{"kernel_size": 3, "kind": "LPPool2d"}]}, ArgumentError, "kind must be one of Conv2d, MaxPool2d"),
        ({"layers": [{"kernel_size": 2.5}]}, ShapeError, "kernel_size of layers[0] must be a whole number or a pair"),
        ({"layers": [{"kernel_size": 3, "padding": "full"}]}, ShapeError, "'same' or 'valid'; got 'full'"),
        ({"layers": [{"kernel_size": 3, "kind": "AvgPool2d", "dilation": 2}]}, ArgumentError, "has no dilation"),
        ({"layers": [nn.MaxPool2d(2, ceil_mode=True)]}, ArgumentError, "takes ceil_mode=False"),
        (
            {"layers": [nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular")]},
            ArgumentError,
            "padding_mode='circular'",
        ),
        ({"layers": [nn.MultiheadAttention(4, 2)]}, ArgumentError, "layers[0] is MultiheadAttention"),
        ({"input": 15}, ArgumentError, "input must be a shape such as (15, 21)"),
        ({"input": "15 21"}, ArgumentError, "or a tensor; got str"),
        ({"input": (0, 21)}, ShapeError, "got (0, 21)"),
        ({"input": (1, 1, 1, 15, 21)}, ShapeError, "as (H, W), (C, H, W) or (N, C, H, W)"),
        ({"unit": (3, 0, 0)}, ShapeError, "unit: the level must be 0 (the input) to 2 (the last output); got 3."),
        ({"unit": (1, 8, 0)}, ShapeError, "unit must lie in level 1, which has 8 rows and 19 columns, counted from 0"),
        ({"unit": (1, 2)}, ShapeError, "unit must be (level, row, column), level 0 being the input; got (1, 2)"),
        ({"direction": "up"}, ArgumentError, "direction must be 'backward' (what a unit reads) or 'forward'"),
        ({"tasks": ["see 7"]}, ArgumentError, "tasks must be a dict {sentence: function of now}"),
    ],
)
def test_bad_input_gets_one_sentence(wrong, error, says):
    with pytest.raises(error) as caught:
        field(**wrong)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_traits_set_later_are_checked_and_left_as_they_were():
    widget = field()
    before = widget.state
    for name, value in [("layers", [{"stride": 2}]), ("size", (0, 3)), ("direction", "down")]:
        with pytest.raises((traitlets.TraitError, ShapeError, ArgumentError)):
            setattr(widget, name, value)
    assert widget.state == before


def test_another_stack_keeps_the_input_and_is_looked_at_from_its_middle():
    widget = field(unit=(1, 0, 0))
    widget.set_layers([{"kernel_size": (3, 7)}])
    assert (widget.size, widget.unit, widget._computed["unit"]) == ((15, 21), (1, 6, 7), [1, 6, 7])
    widget.set_layers([{"kernel_size": (3, 7)}], (9, 8), unit=(1, 6, 0))
    assert (widget.size, widget.unit) == ((9, 8), (1, 6, 0))


def test_a_unit_that_a_smaller_stack_has_no_more_is_brought_inside():
    widget = field(unit=(2, 5, 14))
    widget.set_state({"layers": [{"kernel_size": [9, 3]}], "size": [15, 21]})
    assert (widget.state["unit"], widget._computed["unit"]) == ((1, 5, 14), [1, 5, 14])
    widget.size = (10, 5)
    assert widget.state["unit"] == (1, 1, 2)


@pytest.mark.parametrize(
    "layer",
    [{"kernel_size": 17}, {"kernel_size": 3, "stride": 0}, {"kernel_size": 3, "padding": -1},
     {"kernel_size": 3, "dilation": 0}, {"kernel_size": 0}, {"kernel_size": 3, "padding": "same", "stride": 2},
     {"kernel_size": 3, "padding": 2, "kind": "MaxPool2d"}, {"kernel_size": 18, "kind": "AvgPool2d"}],
)  # fmt: skip
def test_what_pytorch_refuses_is_shown_and_not_raised(layer):
    widget = field([*STACK, layer], tasks={"anything": lambda now: now.size[0] > 0})
    assert widget._computed["runs"] is False and done(widget) == [False]
    with pytest.raises((RuntimeError, ValueError)):
        widget.model(torch.ones(1, 1, 15, 21, dtype=torch.float64))


def test_the_model_is_the_stack_as_real_layers_and_gives_the_numbers_drawn():
    widget = field(unit=(2, 3, 4))
    input = torch.zeros(1, 1, 15, 21, dtype=torch.float64, requires_grad=True)
    output = widget.model(input)
    assert list(output.shape[-2:]) == widget._computed["lengths"][-1]
    gradient = torch.autograd.grad(output[0, 0, 3, 4], input)[0][0, 0]
    ways = widget._computed["found"]["ways"]
    shown = torch.tensor(ways["numbers"], dtype=torch.float64)
    rows, columns = shown.shape
    cut = gradient[ways["top"] : ways["top"] + rows, ways["left"] : ways["left"] + columns]
    assert torch.equal(cut, shown) and cut.sum() == gradient.sum()


def test_tasks_speak_of_sizes_jumps_units_and_holes():
    tasks = {
        "see 7 x 9": lambda now: now.size == (7, 9) and now.sizes == [(3, 5), (7, 9)],
        "jump by 2 along the rows": lambda now: now.jump == (2, 1) == now.jumps[-1],
        "an output of 6 x 15": lambda now: now.output_shapes[-1] == (6, 15),
        "see with holes": lambda now: now.holes > 0 and now.direction == "backward",
        "read 25 pixels from a box of 9 x 9": lambda now: (now.taps_read, now.holes, now.weights) == (25, 56, 18),
        "feed the same from one pixel": lambda now: (
            now.direction == "forward" and (now.taps_read, now.holes) == (25, 56)
        ),
        "take the corner": lambda now: now.unit == (1, 0, 0) and now.layers[0]["stride"] == (1, 1),
    }
    widget = field([{"kernel_size": 3}], tasks=tasks)
    assert done(widget) == [False] * 7
    widget.set_layers(STACK)
    assert done(widget) == [True, True, True, False, False, False, False]
    widget.set_layers([{"kernel_size": 3, "dilation": 2, "padding": 2}] * 2)
    assert done(widget) == [True] * 5 + [False] * 2
    widget.direction, widget.unit = "forward", (0, 7, 10)
    widget.unit = (1, 0, 0)
    assert done(widget) == [True] * 7


def test_half_a_change_never_ticks_a_task():
    tasks = {"an output of 11 columns": lambda now: now.output_shapes[-1][1] == 11}
    widget = field([{"kernel_size": (1, 3)}], (9, 20), tasks=tasks)
    widget.set_layers([{"kernel_size": (1, 10)}], (9, 12))  # the new layer on the old input would give 11
    assert done(widget) == [False]


def test_python_says_without_torch_what_torch_says_with_it():
    code = (
        "import json, sys\nfrom convlab.widgets.receptive_field import ReceptiveField\n"
        "found = [ReceptiveField(**one)._computed for one in json.loads(sys.argv[1])]\n"
        "assert 'torch' not in sys.modules\nprint(json.dumps(found))"
    )
    rng = np.random.default_rng(SEED)
    settings = [
        dict(zip(("layers", "input", "unit", "direction"), field_truth.draw(rng), strict=True)) for _ in range(20)
    ]
    run = subprocess.run([sys.executable, "-c", code, json.dumps(settings)], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    for one, plain in zip(settings, json.loads(run.stdout), strict=True):
        found = ReceptiveField(**one)._computed
        assert (plain["by"], found["by"].split()[0], "found" in plain) == ("Python", "PyTorch", False)
        assert {name: plain[name] for name in ("lengths", "sizes", "jumps")} == (
            {name: found[name] for name in ("lengths", "sizes", "jumps")}
        ), one


CONES = """
import {{ follow, summary, trace, weightCount }} from {math!r};
import {{ readFileSync }} from "node:fs";
const found = JSON.parse(readFileSync(process.env.CONVLAB_CONES, "utf8")).map(([layers, size, unit, direction]) => {{
  const stack = follow(layers, size);
  if (stack.problem) return {{ problem: stack.problem, lengths: stack.levels.map((level) => level.lengths) }};
  const forward = direction === "forward";
  const traces = [0, 1].map((axis) => trace(stack, axis, {{ level: unit[0], index: unit[axis + 1] }}, forward));
  const {{ read, holes, ends }} = summary(stack, traces, forward);
  return {{ read, holes, levels: stack.levels, weights: weightCount(layers), ways: ends.map((end) => [...end.ways]) }};
}});
console.log(JSON.stringify(found));
"""


def ran(folder, cases):
    """What receptive_field_math.js makes of each case."""
    file = folder / "cases.json"
    file.write_text(json.dumps(cases), encoding="utf8")
    script = CONES.format(math=f"{(ROOT / 'convlab' / 'widgets').as_uri()}/receptive_field_math.js")
    run = run_node("--input-type=module", "-e", script, CONVLAB_CONES=str(file))
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_cones_of_random_stacks_are_what_nan_and_autograd_find(tmp_path):
    rng = np.random.default_rng(SEED)
    cases = [field_truth.draw(rng) for _ in range(COUNT)]
    for (layers, size, unit, direction), drawn in zip(cases, ran(tmp_path, cases), strict=True):
        told = f"{layers} on {size}, unit {unit}, {direction}"
        truth = field_truth.Truth(layers, size, unit, direction)
        assert (drawn["read"], drawn["holes"], drawn["weights"]) == (
            truth.read, truth.boxed - truth.read, truth.value("weights", ()),
        ), told  # fmt: skip
        for axis in (0, 1):
            ways = dict(map(tuple, drawn["ways"][axis]))
            assert ways == truth.ways[axis] and sorted(ways) == truth.tied[axis], told
            levels = [(one["sizes"][axis], one["jumps"][axis]) for one in drawn["levels"]]
            assert levels == truth.fields[axis], told
        assert [tuple(one["lengths"]) for one in drawn["levels"]] == truth.lengths, told
        widget = ReceptiveField(layers, size, unit=unit, direction=direction)
        pixels = [value for line in widget._computed["found"]["ways"]["numbers"] for value in line if value]
        now = widget._now()
        assert len(pixels) == truth.read, told
        assert (now["taps_read"], now["holes"]) == (truth.read, truth.boxed - truth.read), told
        assert (
            list(zip(now["sizes"], now["jumps"], strict=True))
            == [tuple(zip(*one, strict=True)) for one in zip(*truth.fields, strict=True)][1:]
        ), told


def test_what_torch_refuses_the_browser_refuses_at_the_same_layer_in_the_same_words(tmp_path):
    rng = np.random.default_rng(SEED + 1)
    cases = [field_truth.draw(rng, legal=False) for _ in range(3 * COUNT)]
    words = set()
    for (layers, size, *_), drawn in zip(cases, ran(tmp_path, cases), strict=True):
        lengths, refusal = field_truth.outputs(layers, size)
        told = f"{layers} on {size}: {refusal}"
        assert "problem" in drawn, told
        if min(min(layer["kernel_size"]) for layer in layers) > 0:  # of a kernel without taps PyTorch has many words
            assert refusal.endswith(drawn["problem"]["torch"]), told
            words.add(refusal[:24])
        assert [tuple(one) for one in drawn["lengths"]] == lengths and drawn["problem"]["at"] == len(lengths) - 1, told
        assert field(layers, size)._computed["runs"] is False, told
    assert len(words) >= 7, words
