"""ReceptiveField in JupyterLab: every number on its cones and in its table is the one torch gives; what it refuses."""

import json
import os

import pytest
from playwright.sync_api import expect

from tests.browser import field_truth
from tests.browser.drawn import assert_noticed, read
from tests.browser.field_truth import KIND, START, Truth, faults
from tests.browser.one_widget import one_widget
from tests.browser.states import generator

COUNT = 100 if os.environ.get("CONVLAB_FULL") == "1" else 10
SEED = int(os.environ.get("CONVLAB_SEED", 0))

notebook, root = one_widget(KIND, START)


def show(notebook, root, layers, size, unit, direction):
    """What Python sets, drawn."""
    with notebook.redrawn(root):
        notebook.python(
            f"with widget.hold_sync():\n    widget.direction = {direction!r}\n"
            f"    widget.set_layers({layers!r}, {tuple(size)!r}, unit={tuple(unit)!r})"
        )
    expect(root).to_have_attribute("data-unit", ",".join(map(str, unit)))


def checked(root):
    root.locator(".rf-agrees").filter(has_text="✓ PyTorch").wait_for()


def test_every_number_is_torchs_in_random_stacks_and_autograd_agrees(notebook, root):
    rng = generator(SEED)
    for _ in range(COUNT):
        layers, size, unit, direction = field_truth.draw(rng)
        told = f"{layers} on {size}, unit {unit}, {direction}"
        show(notebook, root, layers, size, unit, direction)
        truth = Truth(layers, size, unit, direction)
        found = read(root)
        assert faults(found, truth) == [], told
        drawn = {(number["index"][0], number["index"][2]) for number in found["numbers"] if number["role"] == "ways"}
        if max(max(ways.values(), default=0) for ways in truth.ways) < 1000:
            assert drawn == {(axis, at) for axis in (0, 1) for at in truth.ways[axis]}, told
        checked(root)
        dots = root.evaluate("(root) => [...root.querySelectorAll('.rf-dots')].map((node) =>"
                             " (node.getAttribute('d').match(/M/g) ?? []).length)")  # fmt: skip
        assert sum(dots) == (truth.read if unit[0] != truth.end else 0), told


def test_the_reader_finds_a_wrong_number_and_a_hidden_one(notebook, root):
    case = (field_truth.STACK, (11, 14), (2, 1, 4), "backward")
    plain = json.loads(notebook.python("import json\nprint(json.dumps(widget.layers))"))
    truth = Truth(plain, *case[1:])
    show(notebook, root, [{"kernel_size": (4, 5)}], (9, 8), (1, 0, 1), "backward")
    show(notebook, root, *case)
    roles = ("size", "jump-before", "extent", "ways", "unit", "read", "units", "output-size")
    numbers = {role: root.locator(f'[data-role="{role}"]').last for role in roles}
    assert_noticed(root, numbers, lambda found: faults(found, truth))


REFUSED = [
    {"kernel_size": (17, 3)},
    {"kernel_size": 3, "stride": 0},
    {"kernel_size": 3, "padding": (0, -1)},
    {"kernel_size": 3, "dilation": (0, 1)},
    {"kernel_size": 3, "padding": "same", "stride": (1, 2)},
    {"kernel_size": 3, "padding": (1, 2), "kind": "MaxPool2d"},
    {"kernel_size": (9, 20), "kind": "AvgPool2d"},
]


@pytest.mark.parametrize("layer", REFUSED)
def test_what_pytorch_refuses_is_said_in_its_own_words_over_the_last_picture(notebook, root, layer):
    picture = root.locator(".rf-cones").inner_html()
    with notebook.redrawn(root):
        notebook.python(f"widget.layers = [*widget.layers, {layer!r}, {{'kernel_size': 1}}]")
    says = notebook.python(
        "try:\n    widget.model(torch.ones(1, 1, *widget.size, dtype=torch.float64))\n"
        "except (RuntimeError, ValueError) as error:\n    print(error)"
    ).strip()
    panel = root.locator(".cl-problem")
    expect(panel).to_contain_text("PyTorch refuses layer 3, ")
    message = panel.locator("> code").text_content()
    assert message and says.endswith(message)
    expect(root.locator(".rf-layer").nth(2)).to_have_class("rf-line rf-layer rf-broken")
    expect(root.locator('.rf-layer [data-role="output-size"][data-value]')).to_have_count(4)
    assert root.locator(".rf-cones").inner_html() == picture
    assert root.locator(".rf-stage").evaluate("node => node.inert && getComputedStyle(node).filter") == "grayscale(1)"
    expect(root.locator(".rf-agrees")).to_contain_text("refuses it too")


def test_a_stack_refused_from_the_start_has_no_picture_until_it_runs(notebook, root):
    made = notebook.python("print(convlab.ReceptiveField([{'kernel_size': 3}, {'kernel_size': 9}], (10, 11)))")
    assert made.strip().endswith("input=(10, 11))")
    notebook.set_source("one", START.replace("(11, 14), unit=(2, 1, 4)", "(3, 1)"))
    refused = notebook.run_widget("one", KIND)
    expect(refused.locator(".rf-stage")).to_be_hidden()
    expect(refused.locator(".cl-problem")).to_contain_text("PyTorch refuses layer 1")
    with notebook.redrawn(refused):
        notebook.python("widget.size = (11, 14)")
    expect(refused.locator(".rf-stage")).to_be_visible()
    notebook.set_source("one", START)


def test_a_cone_longer_than_its_box_scrolls_to_its_unit(notebook, root):
    show(notebook, root, [{"kernel_size": 3, "padding": 1}], (96, 90), (1, 90, 85), "backward")
    inside = """(box) => { const pinned = box.querySelector(".rf-pinned").getBoundingClientRect();
      const frame = box.getBoundingClientRect(); return pinned.left >= frame.left && pinned.right <= frame.right; }"""
    for axis in (0, 1):
        assert root.locator(".rf-box").nth(axis).evaluate(inside)
