"""SizeRuler's Python half: what it takes, what it refuses, what it says of itself; and all sliders against torch."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
import traitlets

from convlab.shapes import ArgumentError, Conv2dSpec, ShapeError
from convlab.widgets.size_ruler import SizeRuler
from tests.js.node import ROOT, run_node


@pytest.fixture(autouse=True)
def own_database(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "progress.sqlite"))


def ruler(**settings):
    return SizeRuler(3, 8, **{"kernel_size": 3, "stride": (2, 3), "input": (1, 3, 8, 9), **settings})


def done(widget):
    return [entry["done"] for entry in widget._tasks]


def test_its_text_is_the_setting_and_never_the_size():
    assert repr(SizeRuler(3, 8, kernel_size=3, stride=2, input=(1, 3, 32, 32))) == (
        "SizeRuler(nn.Conv2d(3, 8, kernel_size=3, stride=2), input=(1, 3, 32, 32))"
    )
    assert repr(ruler(place=(1, 2))) == (
        "SizeRuler(nn.Conv2d(3, 8, kernel_size=3, stride=(2, 3)), input=(1, 3, 8, 9), place=(1, 2))"
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"place": (2, 1), "dilation": (1, 2), "padding": (0, 2)},
        {"padding": "same", "stride": 1, "padding_mode": "reflect", "bias": False},
        {"weight": np.ones((8, 3, 3, 3), "float32"), "bias": np.arange(8.0)},
        {"input": np.random.default_rng(0).normal(size=(3, 8, 9)).astype("float32")},
        {"kernel_size": 11},
    ],
)
def test_the_state_makes_the_same_widget_again(settings):
    widget = ruler(**settings)
    again = SizeRuler(**widget.state)
    assert again.state == widget.state and repr(again) == repr(widget)


def test_a_spec_a_real_layer_and_the_arguments_make_the_same_ruler():
    spec = Conv2dSpec(2, 4, (3, 2), stride=(2, 1), padding=(1, 0), groups=2)
    layer = torch.nn.Conv2d(2, 4, (3, 2), stride=(2, 1), padding=(1, 0), groups=2)
    x = torch.rand(2, 2, 7, 5)
    rulers = [
        SizeRuler(spec, input=(2, 2, 7, 5)),
        SizeRuler(layer, input=x),
        SizeRuler(2, 4, (3, 2), (2, 1), (1, 0), groups=2, input=x),
    ]
    assert len({json.dumps([one.spec, one.shape, one._computed["reads"]]) for one in rulers}) == 1
    assert torch.equal(rulers[1].layer.weight, layer.weight) and torch.equal(rulers[1].input, x)
    assert torch.equal(rulers[1].output, layer(x).detach())


def test_without_an_input_no_side_is_as_long_as_the_other():
    assert SizeRuler(1, 1, kernel_size=3).shape == [1, 1, 5, 7]


def test_a_kernel_of_another_size_gets_numbers_of_its_own():
    layer = torch.nn.Conv2d(2, 4, 3)
    widget = SizeRuler(layer, input=torch.rand(1, 2, 7, 9))
    widget.spec = {**widget.spec, "kernel_size": [3, 5]}
    assert widget.output.shape == (1, 4, 5, 5) and not torch.equal(widget.layer.weight[..., :3], layer.weight)
    widget.spec = {**widget.spec, "kernel_size": [3, 3]}
    assert torch.equal(widget.layer.weight, layer.weight)


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"place": (3, 0)}, ShapeError, "place must lie in the output, which has 3 rows and 3 columns of places"),
        ({"place": (0, -1)}, ShapeError, "counted from 0; got (0, -1)"),
        ({"place": 4}, ShapeError, "place must be a pair (row, column) of the output; got 4: write place=(0, 0)."),
        ({"input": (8, 9)}, ShapeError, "got (8, 9): add missing axes with input[None]"),
        ({"input": np.zeros((1, 3, 8, 9), int)}, ArgumentError, "input must be floats"),
        ({"strid": 2}, ArgumentError, "SizeRuler has no argument 'strid'"),
        ({"tasks": ["7 x 7"]}, ArgumentError, "tasks must be a dict {sentence: function of now}"),
        ({"stride": 1.5}, ShapeError, "stride must be a whole number or a pair (height, width); got 1.5"),
    ],
)
def test_bad_input_gets_one_sentence(wrong, error, says):
    with pytest.raises(error) as caught:
        ruler(**wrong)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_a_trait_set_later_is_checked_and_left_as_it_was():
    widget = ruler(place=(1, 1))
    with pytest.raises(traitlets.TraitError, match="place must lie in the output"):
        widget.place = (9, 9)
    with pytest.raises(ShapeError, match="input must have axes"):
        widget.shape = [8, 9]
    assert (widget.place, widget.shape) == ((1, 1), [1, 3, 8, 9])


def test_another_layer_keeps_the_input_and_the_place_as_far_as_it_has_one():
    widget = ruler(place=(2, 2))
    widget.set_layer(3, 8, kernel_size=(7, 3))
    assert (widget.shape, widget.place) == ([1, 3, 8, 9], (1, 2))


@pytest.mark.parametrize(
    "settings", [{"kernel_size": 11}, {"padding": "same"}, {"stride": 0}, {"groups": 2}, {"dilation": 0}]
)
def test_what_pytorch_refuses_is_shown_and_not_raised(settings):
    widget = ruler(**settings)
    assert widget._computed["output"] is None and widget._computed["reads"] is None
    with pytest.raises((RuntimeError, ValueError)):
        widget.layer(widget.input)


def test_tasks_speak_of_shapes_counts_and_arguments():
    widget = ruler(
        stride=2,
        tasks={
            "make the output 7 x 7": lambda now: now.output_shape[-2:] == (7, 7),
            "leave no pixel unread": lambda now: now.unread == 0,
            "stride 3 on the columns": lambda now: now.stride == (2, 3),
            "read the first row twice": lambda now: now.reads[0][0] == 2,
            "go to the last place": lambda now: now.place == (2, 3),
        },
    )
    assert done(widget) == [False] * 5
    widget.set_layer(3, 8, kernel_size=3, stride=(2, 3))
    assert done(widget) == [False, False, True, False, False]
    widget.set_layer(3, 8, kernel_size=2, input=(1, 3, 8, 8))
    assert done(widget) == [True, True, True, False, False]
    widget.set_layer(3, 8, kernel_size=3, padding=(1, 0), padding_mode="replicate", stride=2, input=(1, 3, 6, 9))
    widget.place = (2, 3)
    assert done(widget) == [True] * 5
    widget.spec = {**widget.spec, "kernel_size": [99, 99]}
    assert done(widget) == [True] * 5


def test_half_a_change_never_ticks_a_task():
    tasks = {"64 columns of output": lambda now: now.output_shape[-1] == 64}
    widget = SizeRuler(1, 1, kernel_size=1, stride=(1, 2), input=(1, 1, 8, 65), tasks=tasks)
    widget.set_layer(1, 1, kernel_size=2, input=(1, 1, 8, 8))  # the new layer on the old input would give 64
    assert done(widget) == [False]


def test_a_message_of_the_browser_sets_the_whole_of_it():
    widget = ruler(place=(2, 2))
    widget.set_state({"place": [0, 1], "spec": {**widget.spec, "kernel_size": [8, 3]}, "shape": [1, 3, 9, 9]})
    assert (widget.place, widget.shape, widget._computed["output"]) == ((0, 1), [1, 3, 9, 9], [1, 8, 1, 3])


def test_python_counts_without_torch_what_autograd_counts_with_it():
    code = (
        "import json, sys\nfrom convlab.widgets.size_ruler import SizeRuler\n"
        "found = [SizeRuler(**one)._computed for one in json.loads(sys.argv[1])]\n"
        "assert 'torch' not in sys.modules\nprint(json.dumps(found))"
    )
    settings = [
        {"kernel_size": [3, 4], "stride": [2, 1], "padding": [1, 2], "dilation": [1, 2], "padding_mode": mode}
        for mode in ("zeros", "reflect", "replicate", "circular")
    ] + [{"kernel_size": [4, 2], "padding": "same", "padding_mode": "reflect"}]
    run = subprocess.run([sys.executable, "-c", code, json.dumps(settings)], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    for one, plain in zip(settings, json.loads(run.stdout), strict=True):
        found = SizeRuler(**one)._computed
        assert (plain["by"], found["by"].split()[0]) == ("Python", "PyTorch")
        assert (plain["output"], plain["reads"]) == (found["output"], found["reads"])


def sliders():
    """The settings of CNN Explainer's sliders: (input, kernel, padding, stride)."""
    for size in range(1, 8):
        for kernel in range(1, size + 1):
            for padding in range(kernel):
                for stride in range(1, max(size + 2 * padding - kernel + 1, 2) + 1):
                    yield size, kernel, padding, stride


ALL_RULERS = """
import {{ ruler }} from {math!r};
import {{ problem }} from {conv!r};
const rulers = JSON.parse(process.argv[1]).map(([size, kernel, padding, stride]) => {{
  const pair = (value) => [value, value];
  const spec = {{ in_channels: 1, out_channels: 1, kernel_size: pair(kernel), stride: pair(stride),
    padding: pair(padding), dilation: [1, 1], groups: 1, bias: false, padding_mode: "zeros" }};
  const shape = [1, 1, size, size + 1];
  return problem(spec, shape) ?? [0, 1].map((axis) => {{
    const {{ places, reads, leftOver }} = ruler(spec, shape, axis);
    return {{ places, reads, leftOver }};
  }});
}});
console.log(JSON.stringify(rulers));
"""


@pytest.mark.slow
def test_all_469_settings_of_the_sliders_are_right_in_the_browser_and_in_python():
    settings = list(sliders())
    assert len(settings) == 469
    widgets = (ROOT / "convlab" / "widgets").as_uri()
    script = ALL_RULERS.format(math=f"{widgets}/size_ruler_math.js", conv=f"{widgets}/conv.js")
    run = run_node("--input-type=module", "-e", script, json.dumps(settings))
    assert run.returncode == 0, run.stderr
    for (size, kernel, padding, stride), drawn in zip(settings, json.loads(run.stdout), strict=True):
        input = torch.ones(1, 1, size, size + 1, dtype=torch.float64, requires_grad=True)
        weight = torch.ones(1, 1, kernel, kernel, dtype=torch.float64)
        output = torch.nn.functional.conv2d(input, weight, stride=stride, padding=padding)
        output.sum().backward()
        told = f"input {size}, kernel {kernel}, padding {padding}, stride {stride}"
        assert [axis["places"] for axis in drawn] == list(output.shape[-2:]), told
        counts = np.outer(drawn[0]["reads"], drawn[1]["reads"])
        assert np.array_equal(counts, input.grad[0, 0].numpy()), told
        left = [
            length + 2 * padding - kernel - stride * (places - 1)
            for length, places in zip(input.shape[2:], output.shape[2:], strict=True)
        ]
        assert [axis["leftOver"] for axis in drawn] == left, told
        widget = SizeRuler(1, 1, kernel, stride, padding, input=(1, 1, size, size + 1))
        assert widget._computed["output"] == list(output.shape), told
        assert widget._computed["reads"] == [axis["reads"] for axis in drawn], told
