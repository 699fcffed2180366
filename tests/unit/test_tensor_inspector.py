"""TensorInspector's Python half: what it takes, what it refuses, what it says of itself; all of it against torch."""

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest
import torch
import traitlets

from convlab import samples
from convlab.shapes import ArgumentError, ShapeError
from convlab.widgets.tensor_inspector import LAYOUTS, WAYS, TensorInspector
from tests.js.node import ROOT, run_node

SHAPES = [(4, 6, 3), (1, 5, 3), (5, 1, 3), (2, 7, 4), (5, 3, 1), (1, 1, 1), (1, 1, 3), (11, 9, 3)]


@pytest.fixture(autouse=True)
def own_database(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "progress.sqlite"))


def numbers(shape, dtype="uint8"):
    """Numbers that all differ, as far as the dtype has so many."""
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


def by_torch(picture, layout, moved_by):
    """The tensor as a learner would write it."""
    x, (H, W, C) = torch.from_numpy(picture), picture.shape
    if layout != "HWC":
        x = x.permute(2, 0, 1) if moved_by == "permute" else x.reshape(C, H, W)
    return x[None] if layout == "NCHW" else x


def done(widget):
    return [entry["done"] for entry in widget._tasks]


def test_its_text_is_what_was_set_and_never_what_follows():
    assert repr(TensorInspector()) == "TensorInspector()"
    assert repr(TensorInspector("rocket", layout="CHW")) == (
        "TensorInspector('rocket', layout='CHW', moved_by='permute')"
    )
    shown = TensorInspector(numbers((4, 6, 3)), layout="NCHW", moved_by="reshape", pixel=(1, 2), channel=2)
    assert repr(shown) == (
        "TensorInspector(input=(4, 6, 3), layout='NCHW', moved_by='reshape', pixel=(1, 2), channel=2)"
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("layout", "moved_by"), list(itertools.product(LAYOUTS, WAYS)))
def test_the_tensor_is_torchs_with_its_strides(shape, layout, moved_by):
    picture = numbers(shape)
    H, W, C = shape
    at = {"pixel": (H - 1, W // 2), "channel": C - 1}
    widget = TensorInspector(picture, layout=layout, moved_by=moved_by, **at)
    x, told = by_torch(picture, layout, moved_by), widget._computed
    assert torch.equal(widget.tensor, x) and widget.tensor.stride() == x.stride() and widget.tensor.dtype == x.dtype
    index = tuple({"N": 0, "H": H - 1, "W": W // 2, "C": C - 1}[axis] for axis in layout)
    assert (told["index"], told["shape"], told["strides"]) == (list(index), list(x.shape), list(x.stride()))
    assert (told["contiguous"], told["offset"]) == (x.is_contiguous(), x[index].storage_offset())
    assert told["value"] == x[index].item() == picture.ravel()[told["offset"]]
    assert np.frombuffer(told["numbers"]).tolist() == x.flatten().tolist()
    assert told["by"].startswith("PyTorch 2")


WITHOUT_TORCH = """
import json, sys
from convlab.widgets.tensor_inspector import TensorInspector
told = []
for shape, layout, moved_by in json.loads(sys.argv[1]):
    widget = TensorInspector(tuple(shape), layout=layout, moved_by=moved_by, pixel=(shape[0] - 1, shape[1] - 1))
    told.append({**widget._computed, "numbers": list(widget._computed["numbers"])})
assert "torch" not in sys.modules
print(json.dumps(told))
"""


def test_without_torch_numpy_says_the_same():
    cases = list(itertools.product(SHAPES, LAYOUTS, WAYS))
    command = [sys.executable, "-c", WITHOUT_TORCH, json.dumps(cases)]
    found = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    for (shape, layout, moved_by), told in zip(cases, found, strict=True):
        here = TensorInspector(shape, layout=layout, moved_by=moved_by, pixel=(shape[0] - 1, shape[1] - 1))._computed
        assert told == {**here, "numbers": list(here["numbers"]), "by": "NumPy"}, (shape, layout, moved_by)


IN_NODE = """
import {{ elementAt, inPlace, offsetOf, tensorView }} from {math!r};
console.log(JSON.stringify(JSON.parse(process.argv[1]).map(([[H, W, C], layout, way]) => {{
  const view = tensorView({{ H, W, C }}, layout, way);
  const read = [];
  for (let i = 0; i < H; i++) for (let j = 0; j < W; j++) for (let c = 0; c < C; c++) {{
    const at = offsetOf(view, {{ i, j, c }});
    read.push(at);
    const back = elementAt(view, at);
    if (back.i !== i || back.j !== j || back.c !== c) read.push("elementAt is wrong");
  }}
  return [view.shape, view.strides, view.contiguous, read, inPlace(view)];
}})));
"""


def test_the_browsers_strides_and_offsets_are_torchs():
    rng = np.random.default_rng(0)
    shapes = SHAPES + [(*rng.integers(1, 9, 2).tolist(), C) for C in (1, 3, 4) for _ in range(10)]
    cases = list(itertools.product(shapes, LAYOUTS, WAYS))
    script = IN_NODE.format(math=(ROOT / "convlab" / "widgets" / "tensor_inspector_math.js").as_uri())
    run = run_node("--input-type=module", "-e", script, json.dumps(cases))
    assert run.returncode == 0, run.stderr
    for (shape, layout, moved_by), found in zip(cases, json.loads(run.stdout), strict=True):
        offsets = torch.arange(int(np.prod(shape))).reshape(shape)
        x = by_torch(offsets.numpy(), layout, moved_by)
        back = x[0] if layout == "NCHW" else x
        back = back if layout == "HWC" else back.permute(1, 2, 0)
        true = [
            list(x.shape),
            list(x.stride()),
            x.is_contiguous(),
            back.flatten().tolist(),
            int((back == offsets).sum()),
        ]
        assert found == true, (shape, layout, moved_by)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"layout": "NCHW", "moved_by": "reshape", "pixel": (3, 5), "channel": 2},
        {"input": "cat", "layout": "CHW"},
        {"input": (5, 7, 4), "moved_by": "reshape"},
        {"input": numbers((3, 5, 1), "float64") / 7, "pixel": (2, 4)},
        {"input": numbers((3, 5, 3), "int64") - 9},
        {"input": numbers((3, 5, 3), "float32") / 45},
    ],
)
def test_the_state_makes_the_same_widget_again(settings):
    widget = TensorInspector(**settings)
    state = widget.state
    again = TensorInspector(**json.loads(json.dumps(state)))
    assert again.state == state and repr(again) == repr(widget)
    assert torch.equal(again.tensor, widget.tensor) and again.tensor.dtype == widget.tensor.dtype


def test_what_it_takes():
    rocket = samples.picture("rocket").transpose(1, 2, 0)
    assert np.array_equal(TensorInspector("rocket").picture, rocket[16:208])
    assert TensorInspector("camera").picture.shape == (192, 256, 1)
    turned = TensorInspector(rocket)  # not in one piece in memory, as transpose leaves it
    assert turned.tensor.stride() == (768, 3, 1) and np.array_equal(turned.picture, rocket)
    assert TensorInspector(torch.rand(4, 6, 3)).tensor.dtype == torch.float32
    assert TensorInspector(numbers((4, 6))).tensor.shape == (4, 6, 1)
    assert TensorInspector([[[1, 2, 3], [4, 5, 6]]]).tensor.dtype == torch.uint8
    assert TensorInspector([[[1, 2, 300], [4, 5, 6]]]).tensor.dtype == torch.int64
    assert TensorInspector((5, 7, 3)).picture.shape == (5, 7, 3)
    assert len(set(TensorInspector().picture.shape)) == 3
    widget = TensorInspector(pixel=(1, 2, 2))
    assert (widget.pixel, widget.channel) == ((1, 2), 2)


def test_what_is_given_and_what_is_handed_out_are_copies():
    picture = numbers((4, 6, 3))
    widget = TensorInspector(picture)
    picture[:] = 0
    widget.tensor[:] = 0
    widget.picture[:] = 0
    assert widget.tensor.sum() == sum(range(72))


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"input": numbers((3, 8, 9))}, ShapeError, "its channels seem to come first: give picture.transpose(1, 2, 0)"),
        ({"input": numbers((4, 6, 5))}, ShapeError, "got shape (4, 6, 5): its channels seem to come first"),
        ({"input": numbers((5, 6, 7))}, ShapeError, "take the channels that you want to see, picture[..., :3]"),
        ({"input": numbers((2, 4, 6, 3))}, ShapeError, "one picture of a batch is picture[0]"),
        ({"input": numbers((7,))}, ShapeError, "got shape (7,): every axis needs a length of 1 or more"),
        ({"input": np.zeros((0, 6, 3))}, ShapeError, "got shape (0, 6, 3): every axis needs a length of 1 or more"),
        ({"input": (4, -6, 3)}, ShapeError, "got shape (4, -6, 3): every axis"),
        ({"input": np.zeros((900, 901, 3))}, ShapeError, "take fewer pixels, picture[::2, ::2]"),
        ({"input": np.full((4, 6, 3), np.nan)}, ArgumentError, "it holds nan or inf"),
        ({"input": numbers((4, 6, 3)) > 9}, ArgumentError, "a mask: picture.astype('uint8')"),
        ({"input": numbers((4, 6, 3), complex)}, ArgumentError, "numbers in equal rows, (H, W, C); got ndarray"),
        ({"input": [[1, 2], [3]]}, ArgumentError, "numbers in equal rows, (H, W, C); got list"),
        ({"input": 7.5}, ShapeError, "got shape ()"),
        ({"input": "dog"}, ArgumentError, "There is no picture 'dog'; choose one of astronaut"),
        ({"input": numbers((4, 6, 3), "int8")}, ArgumentError, "one of uint8, int32, int64"),
        ({"input": numbers((4, 6, 3)) / 7, "dtype": "uint8"}, ArgumentError, "do not fit into dtype uint8"),
        ({"layout": "NHWC"}, ArgumentError, "layout must be 'HWC', 'CHW' or 'NCHW'; got 'NHWC'"),
        ({"moved_by": "view"}, ArgumentError, "moved_by must be 'permute' or 'reshape'; got 'view'"),
        ({"pixel": (4, 0)}, ShapeError, "which has 4 rows and 6 columns, counted from 0; got (4, 0)"),
        ({"pixel": (0, -1)}, ShapeError, "counted from 0; got (0, -1)"),
        ({"pixel": 3}, ShapeError, "pixel must be a pair (row, column) and channel a whole number; got pixel=3"),
        ({"pixel": (1.5, 2)}, ShapeError, "write pixel=(1, 2), channel=0"),
        ({"channel": 3}, ShapeError, "channel must be a whole number from 0 to 2 for this picture; got 3"),
        ({"channel": "red"}, ShapeError, "channel a whole number; got pixel=(0, 0), channel='red'"),
        ({"tasks": ["find it"]}, ArgumentError, "tasks must be a dict {sentence: function of now}"),
    ],
)
def test_bad_input_gets_one_sentence(settings, error, says):
    with pytest.raises(error) as caught:
        TensorInspector(**settings)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_a_trait_set_later_is_checked_and_left_as_it_was():
    widget = TensorInspector(pixel=(1, 2), channel=1)
    for name, wrong, says in [
        ("layout", "WHC", "layout must be"),
        ("moved_by", "flatten", "moved_by must be"),
        ("pixel", (9, 9), "pixel must lie in the picture"),
        ("channel", -1, "channel must be a whole number"),
    ]:
        with pytest.raises(traitlets.TraitError, match=says):
            setattr(widget, name, wrong)
    assert (widget.layout, widget.moved_by, widget.pixel, widget.channel) == ("HWC", "permute", (1, 2), 1)


def test_another_picture_keeps_the_layout_and_the_pixel_as_far_as_it_reaches():
    widget = TensorInspector(layout="CHW", moved_by="reshape", pixel=(3, 5), channel=2)
    widget.set_input(numbers((2, 9)))
    assert (widget.pixel, widget.channel, widget.layout) == ((1, 5), 0, "CHW")
    assert widget._computed["shape"] == [1, 2, 9] and repr(widget).startswith("TensorInspector(input=(2, 9, 1), ")
    with pytest.raises(ShapeError, match="one picture"):
        widget.set_input(numbers((2, 9, 9, 3)))
    assert widget.picture.shape == (2, 9, 1)
    widget.set_input("cat")
    assert repr(widget) == "TensorInspector('cat', layout='CHW', moved_by='reshape', pixel=(1, 5))"


def test_what_the_browser_sends_is_what_python_holds():
    widget = TensorInspector()
    widget.set_state({"_order": "NCHW", "moved_by": "reshape", "pixel": [3, 1], "channel": 2})
    assert (widget.layout, widget.tensor.stride()) == ("NCHW", (72, 24, 6, 1))
    assert widget._computed["index"] == [0, 2, 3, 1] and widget._computed["offset"] == 48 + 18 + 1
    widget.layout = "CHW"
    assert widget.get_state(["_order"]) == {"_order": "CHW"}


def test_tasks_speak_of_what_is_on_the_screen():
    widget = TensorInspector(
        tasks={
            "take it to NCHW": lambda now: now.shape == (1, 3, 4, 6) and now.moved_by == "permute",
            "make it contiguous in CHW": lambda now: now.layout == "CHW" and now.contiguous,
            "find the sun": lambda now: now.pixel == (0, 5) and now.channel == 2 and now.value == 1,
            "an offset of 42": lambda now: now.offset == 42 and now.index == (2, 2, 0),
            "right by chance": lambda now: now.strides == (24, 6, 1) and now.home == (*now.pixel, now.channel),
            "move": lambda now: now.pixel != now.start.pixel,
        }
    )
    assert done(widget) == [False] * 6
    widget.layout = "NCHW"
    assert done(widget) == [True] + [False] * 5
    widget.layout, widget.moved_by = "CHW", "reshape"
    assert done(widget) == [True, True, False, False, True, False]
    widget.pixel, widget.channel = (0, 5), 2
    assert done(widget) == [True, True, False, False, True, True]
    widget.pixel, widget.channel, widget.layout = (2, 2), 0, "HWC"
    assert done(widget) == [True, True, False, True, True, True]
    widget.pixel, widget.channel = (0, 5), 2
    assert done(widget) == [True] * 6


def test_a_large_pictures_tensor_is_checked_by_its_row():
    widget = TensorInspector("rocket", layout="CHW", moved_by="reshape", pixel=(90, 120), channel=1)
    assert np.frombuffer(widget._computed["numbers"]).tolist() == widget.tensor[1, 90].tolist()
