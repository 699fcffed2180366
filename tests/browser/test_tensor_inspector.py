"""TensorInspector in JupyterLab: every number that is drawn is the one torch gives, in random pictures and layouts."""

import os

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from tests.browser.drawn import assert_noticed, read, text_fault
from tests.browser.one_widget import one_widget
from tests.browser.states import PRELUDE, generator

KIND = "tensor-inspector"
MADE = "widget = convlab.widgets.tensor_inspector.TensorInspector()"
START = f"{PRELUDE}import convlab.widgets.tensor_inspector\n{MADE}\nwidget"
COUNT = 100 if os.environ.get("CONVLAB_FULL") == "1" else 10
SEED = int(os.environ.get("CONVLAB_SEED", 0))
LAYOUTS, WAYS = ("HWC", "CHW", "NCHW"), ("permute", "reshape")


notebook, root = one_widget(KIND, START)


class Truth:
    """What torch says of one picture in one layout with one element pinned.

    Args:
        picture: an array (H, W, C).
        layout, moved_by: as the widget's.
        place: (row, column, channel) of the pinned element.
    """

    def __init__(self, picture, layout, moved_by, place):
        H, W, C = picture.shape
        self.picture, self.layout, self.place = picture, layout, place
        self.x = self.moved(torch.from_numpy(picture), layout, moved_by)
        self.index = self.of(place)
        own = torch.arange(H * W * C).reshape(H, W, C)
        self.in_place = int((self.shown(self.moved(own, layout, moved_by)) == own).sum())

    @staticmethod
    def moved(x, layout, moved_by):
        H, W, C = x.shape
        if layout != "HWC":
            x = x.permute(2, 0, 1) if moved_by == "permute" else x.reshape(C, H, W)
        return x[None] if layout == "NCHW" else x

    def shown(self, x):
        """The tensor as (H, W, C), as matplotlib wants it."""
        x = x[0] if self.layout == "NCHW" else x
        return x if self.layout == "HWC" else x.permute(1, 2, 0)

    def of(self, place):
        return tuple({"N": 0, "H": place[0], "W": place[1], "C": place[2]}[axis] for axis in self.layout)

    @property
    def offset(self):
        return self.x[self.index].storage_offset()

    def jump(self, number):
        """How far one step along the axis goes: on, or back from the last."""
        axis = [axis for axis, size in enumerate(self.x.shape) if size > 1][number]
        by = 1 if self.index[axis] + 1 < self.x.shape[axis] else -1
        to = tuple(at + by * (own == axis) for own, at in enumerate(self.index))
        return self.x[to].storage_offset() - self.offset

    def value(self, role, index):
        return {
            "input": lambda: self.x[index].item(),
            "memory": lambda: self.picture.ravel()[index[0]],
            "index": lambda: self.index[index[0]],
            "stride": lambda: self.x.stride()[index[0]],
            "product": lambda: self.index[index[0]] * self.x.stride()[index[0]],
            "offset": lambda: self.offset,
            "value": lambda: self.x[self.index].item(),
            "result": lambda: self.x[self.index].item(),
            "in-place": lambda: self.in_place,
            "jump": lambda: self.jump(index[0]),
            "address": lambda: index[0],
            "row": lambda: index[0],
            "column": lambda: index[0],
        }[role]()

    def canvas(self, role, index):
        if role == "input":
            return self.shown(self.x)[..., index[0]].numpy()
        return self.picture if role == "picture" else self.shown(self.x).numpy()


def faults(found, truth):
    """Everything drawn that torch says otherwise, and every text that hides its value; a sentence each."""
    wrong = []
    for number in found["numbers"]:
        role, index, value = number["role"], number["index"], number["value"]
        true = truth.value(role, index)
        if true != value:
            wrong.append(f"{role}{list(index)} is drawn as {value}; torch says {true}")
        if fault := text_fault(number["text"], value):
            wrong.append(f"{role}{list(index)}: {fault}")
        if not number["shown"]:
            wrong.append(f"{role}{list(index)} cannot be seen")
    for canvas in found["canvases"]:
        true = truth.canvas(canvas["role"], tuple(int(part) for part in canvas["index"].split(",") if part))
        if list(true.shape) != canvas["shape"] or true.ravel().tolist() != canvas["values"]:
            wrong.append(f"canvas of {canvas['role']} {canvas['index']} holds other numbers than torch's")
    return wrong


def checked(root):
    root.get_by_text("computed the same").wait_for()


def random_picture(rng):
    """(H, W, C) of bytes, small whole numbers or fractions, now and then too large to be written as numbers."""
    C, large = int(rng.choice([1, 3, 3, 4])), rng.random() < 0.2
    H, W = rng.choice(np.arange(17, 33) if large else np.arange(1, 10), 2, replace=False).tolist()
    kind = rng.integers(3)
    if kind == 2:
        return (rng.random((H, W, C)) * 2 - (rng.random() < 0.5)).astype("float32" if rng.random() < 0.5 else "float64")
    return rng.integers(0, (10, 256)[kind], (H, W, C)).astype("uint8")


def give(notebook, root, picture):
    source = f"np.array({picture.tolist()}, dtype='{picture.dtype}').reshape({picture.shape})"
    with notebook.redrawn(root):
        notebook.python(f"widget.set_input({source})")


def choose(root, text):
    """Clicks a radio button where it is not chosen yet."""
    label = root.locator(".ti-choice label").filter(has_text=text).first
    if not label.locator("input").is_checked():
        label.click()


def point(notebook, root, rng, place, truth):
    """Pins a place (row, column, channel) by pointer or keys, one of the ways there are."""
    i, j, c = place
    way = rng.integers(4)
    box = root.locator(".ti-shown canvas").bounding_box()
    H, W, C = truth.picture.shape
    if way == 0 and C > 1:
        choose(root, f"{c} {'RGBA'[c]}")
    if way == 1 and root.locator(f'[data-role="input"][data-index="{",".join(map(str, truth.of(place)))}"]').count():
        root.locator(f'[data-role="input"][data-index="{",".join(map(str, truth.of(place)))}"]').click()
    elif way == 2:
        field = root.locator('.ti-sum [data-role="index"][tabindex]')
        for at, to in enumerate([at for at, axis in zip(truth.of(place), truth.layout, strict=True) if axis != "N"]):
            field.nth(at).focus()
            notebook.page.keyboard.type(str(to))
            notebook.page.keyboard.press("Enter")
        return
    root.locator(".ti-shown canvas").click(
        position={"x": (j + 0.5) * box["width"] / W, "y": (i + 0.5) * box["height"] / H}
    )
    root.locator(".ti-shown .ti-stage").focus()
    for key in ["["] * 4 + ["]"] * c:
        notebook.page.keyboard.press(key)


def test_every_number_is_torchs_in_random_states(notebook, root):
    rng = generator(SEED)
    for _ in range(COUNT):
        picture = random_picture(rng)
        H, W, C = picture.shape
        layout, moved_by = str(rng.choice(LAYOUTS)), str(rng.choice(WAYS))
        place = (int(rng.integers(H)), int(rng.integers(W)), int(rng.integers(C)))
        give(notebook, root, picture)
        choose(root, "CHW")
        choose(root, moved_by)
        choose(root, layout)
        truth = Truth(picture, layout, moved_by, place)
        point(notebook, root, rng, place, truth)
        told = f"{picture.shape} {picture.dtype} {layout} {moved_by} {place}"
        expect(root).to_have_attribute("data-place", ",".join(map(str, place)))
        notebook.page.mouse.move(2, 2)
        found = read(root)
        assert faults(found, truth) == [], told
        roles = [number["role"] for number in found["numbers"]]
        small = max(H, W) <= 16
        if small:
            assert roles.count("input") == roles.count("memory") == H * W * C, told
        assert roles.count("jump") == sum(size > 1 for size in picture.shape), told
        checked(root)
        says = "print(tuple(widget.tensor.shape), widget.tensor.stride(), widget.tensor.is_contiguous())"
        assert (
            notebook.python(says).strip() == f"{tuple(truth.x.shape)} {truth.x.stride()} {truth.x.is_contiguous()}"
        ), told
    assert notebook.problems == []


def test_the_reader_finds_a_wrong_number_and_a_hidden_one(notebook, root):
    notebook.python("widget.layout, widget.moved_by, widget.pixel = 'CHW', 'reshape', (1, 2)")
    checked(root)
    picture = np.array(eval(notebook.python("print(widget.picture.tolist())")), "uint8")
    truth = Truth(picture, "CHW", "reshape", (1, 2, 0))
    roles = ("input", "memory", "stride", "product", "offset", "jump", "in-place", "value")
    numbers = {role: root.locator(f'[data-role="{role}"]').first for role in roles}
    assert_noticed(root, numbers, lambda found: faults(found, truth))
    spoil = "values: canvas.convlabValues.values.map((value, at) => value + (at === 7))"
    root.locator(".ti-shown canvas").evaluate(
        f"(canvas) => {{ canvas.convlabValues = {{ ...canvas.convlabValues, {spoil} }}; }}"
    )
    assert any("canvas of shown" in fault for fault in faults(read(root), truth))


PIXELS = """
(root) => Object.fromEntries(["picture", "shown"].map((name) => {
  const canvas = root.querySelector(`.ti-${name} canvas`);
  return [name, [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]];
}))
"""


@pytest.mark.parametrize(("layout", "moved_by"), [("CHW", "permute"), ("NCHW", "reshape"), ("HWC", "permute")])
@pytest.mark.parametrize("name", ["painted", "cat"])
def test_the_painted_pixels_are_the_tensors(notebook, root, name, layout, moved_by):
    given = "" if name == "painted" else repr(name)
    with notebook.redrawn(root):
        moves = f"widget.pixel = (1, 1)\nwidget.layout, widget.moved_by = {layout!r}, {moved_by!r}"
        notebook.python(f"widget.set_input({given})\n{moves}")
    checked(root)
    picture = np.array(eval(notebook.python("print(widget.picture.tolist())")), "uint8")
    shown = Truth(picture, layout, moved_by, (0, 0, 0))
    painted = root.evaluate(PIXELS)
    for which, true in (("picture", picture), ("shown", shown.shown(shown.x).numpy())):
        found = np.array(painted[which]).reshape(*picture.shape[:2], 4)[..., :3]
        assert np.abs(found - true.astype(float) * (1 if name == "cat" else 255 / 9)).max() <= 0.5 + 1e-6
    same = painted["picture"] == painted["shown"]
    assert same == (moved_by == "permute")
