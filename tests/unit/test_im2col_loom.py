"""Im2colLoom's Python half: what it takes, what it refuses, its columns beside F.unfold; and the code that it shows."""

import json
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from convlab import Im2colLoom
from convlab.shapes import ArgumentError, Conv2dSpec, ShapeError
from convlab.widgets import im2col_loom
from convlab.widgets.layer_widget import packed, unpacked
from tests.js.node import ROOT, run_node
from tests.random_layers import columns, draw


def loom(**settings):
    return Im2colLoom(2, 4, kernel_size=(3, 2), stride=(1, 2), padding=(0, 1), input=(2, 2, 5, 7), **settings)


def of_case(case, **settings):
    layer = {name: value for name, value in case.spec.items() if name != "bias"}
    bias = False if case.bias is None else case.bias
    return Im2colLoom(**layer, input=case.input, weight=case.weight, bias=bias, **settings)


@pytest.mark.parametrize("seed", range(40))
def test_the_columns_are_unfolds_and_the_product_is_conv2ds_by_torch_and_by_numpy(seed):
    case = draw(np.random.default_rng(seed), legal=True, largest=7)
    widget, true = of_case(case), columns(case)
    assert np.array_equal(widget.columns.numpy().reshape(true.shape), true)
    assert widget.columns.ndim == case.input.ndim - 1
    assert np.array_equal(unpacked(widget._unfolded["columns"])[0], true.ravel())
    assert widget._unfolded["rounding"] == 0 and widget._unfolded["by"].endswith("F.unfold")
    bias = 0 if case.bias is None else case.bias[:, None]
    for by in (im2col_loom._by_torch, im2col_loom._by_numpy):
        found, product = by(Conv2dSpec(**case.spec), case.input, case.weight)
        assert np.array_equal(found.reshape(true.shape), true)
        output = product.reshape(*found.shape[:-2], len(case.weight), -1) + bias
        assert np.array_equal(output.ravel(), case.output.ravel())


def test_without_torch_numpy_unfolds():
    code = (
        "import sys\nfrom convlab import Im2colLoom\nwidget = Im2colLoom(1, 2, (3, 2), padding=1, stride=2)\n"
        "print(widget._unfolded['by'], widget._unfolded['rounding'], 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["NumPy", "0.0", "False"]


def test_fractions_differ_by_a_rounding_and_the_widget_says_by_how_much():
    torch.manual_seed(1)
    layer, input = torch.nn.Conv2d(16, 24, (3, 5)), torch.randn(1, 16, 30, 27)
    single, exact = Im2colLoom(layer, input=input), Im2colLoom(layer.double(), input=input.double())
    assert 0 < exact._unfolded["rounding"] < 1e-12 < single._unfolded["rounding"] < 1e-4


def test_of_many_columns_the_browser_is_sent_the_first():
    widget = Im2colLoom(3, 2, kernel_size=(5, 7), input=(1, 3, 32, 40))
    assert widget.columns.numel() > im2col_loom.MOST_SENT == unpacked(widget._unfolded["columns"]).size
    assert np.array_equal(unpacked(widget._unfolded["columns"])[0], widget.columns.numpy().ravel()[:65536])


def test_the_usual_entry_is_the_middle_tap_at_the_middle_place():
    widget = loom()
    assert (widget.entry, widget.place) == ([3, 6], (1, 2))
    assert Im2colLoom(1, 1, (1, 4), input=(1, 1, 3, 9)).entry == [2, 1 * 6 + 3]


def test_a_place_is_a_column_and_a_column_a_place():
    widget = loom(entry=(11, 5))
    assert widget.place == (1, 1)
    widget.place = (2, 3)
    assert widget.entry == [11, 11]
    assert loom(place=(0, 3)).entry == [3, 3]


def test_the_line_says_where_it_stands_and_never_a_number_of_it():
    assert repr(loom(view="fold", entry=(7, 11), filter=3, sample=1, filled=0)) == (
        "Im2colLoom(nn.Conv2d(2, 4, kernel_size=(3, 2), stride=(1, 2), padding=(0, 1)), input=(2, 2, 5, 7), "
        "view='fold', entry=(7, 11), filter=3, sample=1, filled=0)"
    )


@pytest.mark.parametrize(
    "settings",
    [{"view": "sliding", "entry": (11, 0), "filter": 3, "sample": 1}, {"view": "fold", "filled": 4}, {"bias": False}],
)
def test_the_state_makes_the_same_widget_again(settings):
    widget = loom(**settings)
    again = Im2colLoom(**widget.state)
    assert repr(again) == repr(widget) and again.state == widget.state
    assert torch.equal(again.columns, widget.columns)


def test_another_layer_keeps_what_fits():
    widget = loom(entry=(11, 11), filter=3, sample=1, filled=11)
    widget.set_layer(2, 4, kernel_size=(3, 2), padding=(0, 1), stride=(1, 2), dilation=(1, 2))
    assert (widget.entry, widget.filter, widget.sample, widget.filled) == ([11, 11], 3, 1, 11)
    widget.set_layer(2, 2, kernel_size=(2, 3), input=(1, 2, 4, 5))
    assert (widget.entry, widget.filter, widget.sample, widget.filled) == ([4, 4], 1, 0, None)


def test_what_pytorch_refuses_is_no_error_and_has_no_columns():
    widget = loom()
    widget.set_layer(2, 4, kernel_size=(9, 2))
    assert widget._unfolded == {} and widget.place is None
    widget.place = (0, 0)
    with pytest.raises(ShapeError):
        _ = widget.columns
    widget.set_layer(2, 4, kernel_size=(2, 2))
    assert widget._unfolded["rounding"] == 0
    assert Im2colLoom(3, 4, 3, groups=2, input=(1, 3, 6, 7))._unfolded == {}


def test_numbers_from_the_browser_are_unfolded_again():
    widget = loom()
    before = unpacked(widget._unfolded["columns"])
    widget._input = packed(unpacked(widget._input) + 1)
    widget._rest += 1
    assert unpacked(widget._unfolded["columns"]).sum() > before.sum() and widget._unfolded["rest"] == widget._rest


def test_tasks_see_the_columns_the_pixel_and_its_copies():
    tasks = {
        "six times": lambda now: now.copies == 6,
        "the last pixel": lambda now: now.pixel == (1, 3, 4) and now.tap == (1, 2, 0) and now.place == (2, 5),
        "a zero": lambda now: now.pixel is None,
        "all": lambda now: now.columns.shape == (1, 12, 24) and now.factor == 7.2 and now.output.shape == (1, 3, 4, 6),
    }
    widget = Im2colLoom(2, 3, kernel_size=(3, 2), padding=1, input=(1, 2, 4, 5), tasks=tasks)

    def done():
        return [entry["done"] for entry in widget._tasks]

    assert done() == [True, False, False, True]
    widget.entry = [10, 17]
    assert done() == [True, True, False, True]
    widget.entry = [0, 0]
    assert all(done())


@pytest.mark.parametrize("seed", range(12))
def test_a_tasks_copies_are_counted_as_unfold_makes_them(seed):
    rng = np.random.default_rng(seed)
    case = draw(rng, legal=True, largest=6)
    case.input[...] = np.arange(1, case.input.size + 1).reshape(case.input.shape)  # each number once
    widget, true = of_case(case), columns(case)
    widget.sample = int(rng.integers(len(true)))
    for _ in range(5):
        widget.entry = [int(rng.integers(length)) for length in true.shape[1:]]
        now, value = widget._now(), true[widget.sample][tuple(widget.entry)]
        assert now["copies"] == (true[widget.sample] == value).sum()
        batch = case.input if case.input.ndim == 4 else case.input[None]
        assert (now["pixel"] is None) == (value == 0)
        assert value == 0 or batch[widget.sample][now["pixel"]] == value


CODE = """
import {{ readFileSync }} from "node:fs";
import {{ geometry }} from {conv!r};
import {{ code }} from {words!r};
const cases = JSON.parse(readFileSync({file!r}, "utf8"));
const views = ["sliding", "matrix", "fold"];
const shown = cases.map(({{ spec, shape }}) => views.map((view) => code(view, geometry(spec, shape), spec, shape)));
console.log(JSON.stringify(shown));
"""


def test_the_code_that_is_shown_is_what_pytorch_runs_and_its_shapes_are_true(tmp_path):
    cases = [draw(np.random.default_rng(seed), legal=True) for seed in range(60)]
    widgets = ROOT / "convlab" / "widgets"
    asked = tmp_path / "asked.json"
    asked.write_text(json.dumps([{"spec": case.spec, "shape": list(case.input.shape)} for case in cases]), "utf8")
    modules = {"conv": (widgets / "conv.js").as_uri(), "words": (widgets / "im2col_loom_words.js").as_uri()}
    done = run_node("--input-type=module", "-e", CODE.format(**modules, file=asked.as_posix()))
    assert done.returncode == 0, done.stderr
    for case, shown in zip(cases, json.loads(done.stdout), strict=True):
        bias = None if case.bias is None else torch.as_tensor(case.bias)
        for view, lines in zip(("sliding", "matrix", "fold"), shown, strict=True):
            names = {"F": F, "input": torch.as_tensor(case.input), "weight": torch.as_tensor(case.weight), "bias": bias}
            for line in lines:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    exec(line, names)
                name, _, shape = line.partition(" = ")[0], *line.partition("  # ")[1:]
                assert not shape.startswith("(") or str(tuple(names[name].shape)) == shape, lines
            if view == "fold":
                ones = {**names, "input": torch.ones_like(torch.as_tensor(case.input))}
                for line in lines:
                    exec(line, ones)
                if case.spec["padding_mode"] == "zeros":
                    assert torch.equal(names["back"], names["input"] * ones["back"]), lines
            else:
                assert torch.equal(names["output"], torch.as_tensor(case.output)), lines


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"view": "columns"}, ArgumentError, "view"),
        ({"entry": (12, 0)}, ShapeError, "whose shape is (12, 12); got (12, 0)"),
        ({"entry": (0, -1)}, ShapeError, "counted from 0"),
        ({"entry": 3}, ShapeError, "entry must be two whole numbers such as (0, 3); got 3"),
        ({"entry": (0, 1.5)}, ShapeError, "entry must be two whole numbers"),
        ({"place": (3, 0)}, ShapeError, "place must be (i, j) of the output, counted from 0, whose map is (3, 4)"),
        ({"place": "corner"}, ShapeError, "place must be two whole numbers"),
        ({"filter": 4}, ShapeError, "filter must be a number from 0 to 3; got 4."),
        ({"sample": 2}, ShapeError, "sample must be a number from 0 to 1; got 2."),
        ({"filled": 13}, ArgumentError, "filled must be a number from 0 to 12; got 13."),
        ({"strid": 2}, ArgumentError, "Im2colLoom has no argument 'strid'"),
        ({"tasks": ["a"]}, ArgumentError, "tasks must be a dict"),
    ],
)
def test_bad_input_gets_one_sentence(wrong, error, says):
    with pytest.raises(error) as caught:
        loom(**wrong)
    assert says in str(caught.value) and "\n" not in str(caught.value)
