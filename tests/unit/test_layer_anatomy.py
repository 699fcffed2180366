"""LayerAnatomy's Python half: what it takes, what it refuses, what it says of itself; its numbers are the browser's."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
import traitlets

from convlab.shapes import ArgumentError, Conv2dSpec, ShapeError
from convlab.widgets.layer_anatomy import LayerAnatomy
from convlab.widgets.layer_anatomy_numbers import numbers
from convlab.widgets.layer_widget import unpacked
from tests.js.node import ROOT, run_node
from tests.random_layers import draw

KERNEL = (3, 2)


@pytest.fixture(autouse=True)
def own_database(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "progress.sqlite"))


def anatomy(**settings):
    return LayerAnatomy(3, 4, **{"kernel_size": KERNEL, "input": (1, 3, 5, 6), **settings})


def done(widget):
    return [entry["done"] for entry in widget._tasks]


def test_its_text_is_the_setting_and_never_a_shape_or_a_count():
    text = "LayerAnatomy(nn.Conv2d(3, 4, kernel_size=(3, 2)), input=(1, 3, 5, 6))"
    assert repr(anatomy()) == repr(LayerAnatomy(input=(1, 3, 5, 6))) == text
    assert repr(anatomy(index=(2, 1, 0, 1), place=(1, 2), dense=True, groups=1, bias=False)) == (
        "LayerAnatomy(nn.Conv2d(3, 4, kernel_size=(3, 2), bias=False), input=(1, 3, 5, 6), index=(2, 1, 0, 1), "
        "place=(1, 2), dense=True)"
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"index": (3, 2, 2, 1), "place": (2, 4), "dense": True},
        {"padding": "same", "padding_mode": "reflect", "bias": False},
        {"weight": np.ones((4, 3, 3, 2), "float32"), "bias": np.arange(4.0)},
        {"input": np.random.default_rng(0).normal(size=(3, 5, 6)).astype("float32")},
        {"kernel_size": 11},
    ],
)
def test_the_state_makes_the_same_widget_again(settings):
    widget = anatomy(**settings)
    again = LayerAnatomy(**widget.state)
    assert again.state == widget.state and repr(again) == repr(widget)


def test_what_a_hand_changed_is_in_the_state_and_in_the_layer():
    widget = anatomy()
    before = widget.layer
    widget.set_state({"_edits": {"weight": {"2,1,0,1": 7}, "bias": {"3": -5}}, "_rest": 1})
    assert widget.layer.weight[2, 1, 0, 1] == 7 and widget.layer.bias[3] == -5
    assert (widget.layer.weight != before.weight).sum() == 1
    assert torch.equal(LayerAnatomy(**widget.state).output, widget.output)
    assert np.array_equal(unpacked(widget._computed["output"]), widget.output.numpy())


def test_a_spec_a_real_layer_and_the_arguments_make_the_same_anatomy():
    spec = Conv2dSpec(2, 4, KERNEL, stride=(2, 1), padding=(1, 0), groups=2)
    layer = torch.nn.Conv2d(2, 4, KERNEL, stride=(2, 1), padding=(1, 0), groups=2)
    x = torch.rand(2, 2, 7, 5)
    made = [
        LayerAnatomy(spec, input=(2, 2, 7, 5)),
        LayerAnatomy(layer, input=x),
        LayerAnatomy(2, 4, KERNEL, (2, 1), (1, 0), groups=2, input=x),
    ]
    assert len({json.dumps([one.spec, one.shape]) for one in made}) == 1
    assert torch.equal(made[1].layer.weight, layer.weight) and torch.equal(made[1].input, x)
    assert torch.equal(made[1].output, layer(x).detach())


def test_without_an_input_no_side_is_as_long_as_the_other():
    assert LayerAnatomy(3, 4, kernel_size=3).shape == [1, 3, 5, 7]


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (
            {"index": (4, 0, 0, 0)},
            ShapeError,
            "index must lie in the weight, whose shape here is (4, 3, 3, 2), counted",
        ),
        ({"index": (0, 0, -1, 0)}, ShapeError, "counted from 0; got (0, 0, -1, 0)"),
        ({"index": (0, 0)}, ShapeError, "index must be four whole numbers (o, c, u, v): write index=(0, 0, 0, 0)"),
        ({"index": (0, 0, 0, 1.5)}, ShapeError, "got (0, 0, 0, 1.5)"),
        ({"place": (3, 0)}, ShapeError, "place must lie in the output, whose shape here is (3, 5), counted from 0"),
        ({"input": (5, 6)}, ShapeError, "got (5, 6): add missing axes with input[None]"),
        ({"input": np.zeros((1, 3, 5, 6), "uint8")}, ArgumentError, "divide by 255 if it is a picture of bytes"),
        ({"strid": 2}, ArgumentError, "LayerAnatomy has no argument 'strid'"),
        ({"tasks": ["76"]}, ArgumentError, "tasks must be a dict {sentence: function of now}"),
        ({"weight": np.ones((4, 3, 2, 3), "float32")}, ShapeError, "weight must have shape (4, 3, 3, 2)"),
    ],
)
def test_bad_input_gets_one_sentence(wrong, error, says):
    with pytest.raises(error) as caught:
        anatomy(**wrong)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_another_layer_than_conv2d_is_told_what_to_pass():
    for other in (torch.nn.Linear(3, 4), torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3))):
        with pytest.raises(ArgumentError, match=r"shows one nn.Conv2d; got (Linear|Sequential): pass one layer of it"):
            LayerAnatomy(other, input=(1, 3, 5, 6))


def test_a_trait_set_later_is_checked_and_left_as_it_was():
    widget = anatomy(index=(1, 1, 1, 1))
    with pytest.raises(traitlets.TraitError, match="index must lie in the weight"):
        widget.index = (9, 0, 0, 0)
    with pytest.raises(ShapeError, match="input must have axes"):
        widget.shape = [5, 6]
    assert (widget.index, widget.shape) == ((1, 1, 1, 1), [1, 3, 5, 6])


def test_another_layer_keeps_the_input_and_the_index_as_far_as_it_has_one():
    widget = anatomy(index=(3, 2, 2, 1), place=(2, 4), input=torch.rand(1, 3, 5, 6))
    before = widget.input
    widget.set_layer(3, 2, kernel_size=(4, 2))
    assert (widget.index, widget.place) == ((1, 2, 2, 1), (1, 4)) and torch.equal(widget.input, before)
    widget.spec = {**widget.spec, "kernel_size": [1, 1]}
    assert widget.index == (1, 2, 0, 0) and widget._computed["weight_shape"] == [2, 3, 1, 1]


@pytest.mark.parametrize(
    "settings",
    [{"kernel_size": 11}, {"padding": "same", "stride": 2}, {"stride": 0}, {"groups": 2}, {"dilation": 0},
     {"input": (1, 5, 6, 3)}],
)  # fmt: skip
def test_what_pytorch_refuses_is_shown_and_not_raised(settings):
    widget = anatomy(**settings)
    assert widget._computed["output_shape"] is None
    with pytest.raises((RuntimeError, ValueError)):
        widget.layer(widget.input)


def test_tasks_speak_of_arguments_shapes_counts_the_index_and_the_arrays():
    widget = anatomy(
        tasks={
            "5 filters": lambda now: now.weight_shape[0] == 5 and now.out_channels == 5,
            "exactly 76 parameters": lambda now: now.parameter_count == 76,
            "3 x 5 out": lambda now: now.output_shape == (1, 5, 3, 5) == now.output.shape,
            "light the last weight": lambda now: now.index == (4, 2, 2, 1),
            "make it larger than it was": lambda now: now.weight[4, 2, 2, 1] == 9,
            "kernel as a pair": lambda now: now.kernel_size == (2, 2) and now.input_shape == (1, 3, 5, 6),
            "let it be refused": lambda now: now.output_shape is None,
        }
    )
    assert done(widget) == [False, True, False, False, False, False, False]
    widget.set_layer(3, 5, kernel_size=KERNEL)
    widget.index = (4, 2, 2, 1)
    assert done(widget) == [True, True, True, True, False, False, False]
    widget.set_state({"_edits": {"weight": {"4,2,2,1": 9}}, "_rest": widget._rest + 1})
    assert done(widget)[4]
    widget.spec = {**widget.spec, "kernel_size": [2, 2]}
    assert done(widget)[5] and not done(widget)[6]
    widget.spec = {**widget.spec, "groups": 2}
    assert done(widget) == [True] * 7


def test_a_message_of_the_browser_sets_the_whole_of_it():
    widget = anatomy(index=(3, 2, 2, 1))
    message = {"spec": {**widget.spec, "kernel_size": [2, 2]}, "shape": [1, 3, 6, 5], "index": [0, 2, 1, 1], "_rest": 1}
    widget.set_state(message)
    told = widget._computed
    assert (widget.index, told["output_shape"], told["rest"]) == ((0, 2, 1, 1), [1, 4, 5, 4], 1)


def test_python_says_without_torch_what_torch_says():
    code = (
        "import json, sys\nfrom convlab.widgets.layer_anatomy import LayerAnatomy\n"
        "from convlab.widgets.layer_widget import unpacked\n"
        "found = []\nfor one in json.loads(sys.argv[1]):\n    told = LayerAnatomy(**one)._computed\n"
        "    told['output'] = unpacked(told['output']).tolist()\n    found.append(told)\n"
        "assert 'torch' not in sys.modules\nprint(json.dumps(found))"
    )
    settings = [
        {"in_channels": 4, "out_channels": 6, "kernel_size": [3, 2], "stride": [2, 1], "padding": [1, 2],
         "dilation": [1, 2], "groups": 2, "padding_mode": mode, "bias": mode != "reflect"}
        for mode in ("zeros", "reflect", "replicate", "circular")
    ]  # fmt: skip
    run = subprocess.run([sys.executable, "-c", code, json.dumps(settings)], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    for one, plain in zip(settings, json.loads(run.stdout), strict=True):
        found = LayerAnatomy(**one)._computed
        assert (plain["by"], found["by"].split()[0], plain["repr"]) == ("Python", "PyTorch", None)
        assert plain["output"] == unpacked(found["output"]).tolist()
        for name in ("output_shape", "weight_shape", "parameters", "dense"):
            assert plain[name] == found[name], name


def test_the_dense_count_is_a_real_linears():
    widget = LayerAnatomy(3, 16, kernel_size=3, input=(1, 3, 32, 32), dense=True)
    linear = torch.nn.Linear(3 * 32 * 32, 16 * 30 * 30, device="meta")
    assert widget._computed["dense"] == sum(p.numel() for p in linear.parameters()) == 44_251_200
    assert widget._computed["parameters"] == 448


def test_a_large_layer_is_told_by_its_shapes_without_its_numbers():
    widget = LayerAnatomy(64, 128, kernel_size=7, input=(1, 64, 56, 48), index=(127, 63, 6, 5))
    assert "output" not in widget._computed and widget._computed["parameters"] == 401_536
    assert len(json.dumps({name: value for name, value in widget.get_state().items() if name[:1] != "_"})) < 5000


IN_NODE = """
import {{ createNumbers }} from {numbers!r};
import {{ layerText }} from {words!r};
import {{ readFileSync }} from "node:fs";
console.log(JSON.stringify(JSON.parse(readFileSync(process.argv[1], "utf8")).map(({{ spec, shape, given, edits }}) => {{
  const [kH, kW] = spec.kernel_size, Cg = spec.in_channels / spec.groups;
  const made = createNumbers({{ given, edits, rank: shape.length, fanIn: Cg * kH * kW, single: true }});
  const [N, C, H, W] = shape.length === 4 ? shape : [1, ...shape];
  const planes = (name, many, each, rows, columns) => Array.from({{ length: many * each }}, (_, at) =>
    [...made.plane(name, [Math.floor(at / each), at % each], rows, columns)]).flat();
  return {{ input: planes("input", N, C, H, W), weight: planes("weight", spec.out_channels, Cg, kH, kW),
    bias: Array.from({{ length: spec.bias ? spec.out_channels : 0 }}, (_, o) => made.one("bias", [o])),
    text: layerText(spec) }};
}})));
"""


def test_browser_and_python_make_the_same_numbers_and_print_the_same_layer(tmp_path):
    rng, asked, expected = np.random.default_rng(5), [], []
    for turn in range(60):
        case = draw(rng, legal=True)
        given = {"weight": rng.normal(size=(2, 1, 2, 2)).astype("float32")} if turn % 2 else {}
        if turn % 4 == 3:
            given["input"] = rng.random((1, 1, 2, 3)[4 - case.input.ndim :]).astype("float32")
        edits = {"weight": {"0,0,0,0": 9}, "bias": {"0": 4}, "input": {}}
        found = numbers(case.spec, case.input.shape, given, edits)
        expected.append({name: array.ravel().astype(float).tolist() for name, array in found.items()})
        expected[-1]["text"] = repr(torch.nn.Conv2d(**case.spec))
        plain = {name: {"shape": array.shape, "values": array.ravel().tolist()} for name, array in given.items()}
        asked.append({"spec": case.spec, "shape": case.input.shape, "given": plain, "edits": edits})
    file = tmp_path / "asked.json"
    file.write_text(json.dumps(asked))
    widgets = (ROOT / "convlab" / "widgets").as_uri()
    script = IN_NODE.format(numbers=f"{widgets}/layer_anatomy_numbers.js", words=f"{widgets}/layer_anatomy_words.js")
    run = run_node("--input-type=module", "-e", script, str(file))
    assert run.returncode == 0, run.stderr
    for one, drawn, true in zip(asked, json.loads(run.stdout), expected, strict=True):
        assert drawn == true, one["spec"]
