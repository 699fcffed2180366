"""KernelLab in JupyterLab: every number it draws is the one torch computes, whatever the layer."""

import pytest

from tests.browser.drawn import Truth, faults, read
from tests.browser.states import (
    COUNT,
    PRELUDE,
    SEED,
    changed,
    generator,
    show,
    stepper_states,
    weight_by_key,
)
from tests.random_layers import draw, judged

FIRST = SEED + 100

START = {"filter": 0, "sample": 0, "place": (0, 0)}


@pytest.fixture
def lab_widget(scratch):
    """A notebook with one KernelLab on small whole numbers, and its root."""
    code = PRELUDE + "widget = convlab.KernelLab(1, 1, kernel_size=(3, 2), input=(1, 1, 5, 7))\nwidget"
    notebook = scratch(("lab", code))
    return notebook, notebook.run_widget("lab", "kernel-lab")


def test_every_number_is_torchs_in_random_layers(lab_widget):
    notebook, root = lab_widget
    rng = generator(FIRST)
    for case, position in stepper_states(rng, COUNT):
        show(notebook, root, case, {**position, "colour_range": "unit", "link_slices": False})
        told = f"{case.spec} on {case.input.shape} at {position}"
        found = read(root)
        assert {"input", "weight", "product", "output", "sum"} <= {number["role"] for number in found["numbers"]}, told
        assert faults(found, Truth(case, **position)) == [], told
        after = weight_by_key(notebook, root, case, rng)
        assert faults(read(root), Truth(after, **position)) == [], f"after a key: {told}"
        root.get_by_text("computed the same").wait_for()


def test_a_convolution_is_a_correlation_with_the_kernel_rotated(lab_widget):
    notebook, root = lab_widget
    rng = generator(FIRST + 1)
    case = draw(rng, legal=True, batch=(1,), largest=6)
    show(notebook, root, case, {**START, "colour_range": "unit"})
    with notebook.redrawn(root):
        root.get_by_role("radio", name="convolution").click()
    rotated = judged(case.spec, case.input, case.weight[:, :, ::-1, ::-1].copy(), case.bias)
    root.get_by_text("computed the same").wait_for()
    found = read(root)
    assert "kernel" in {number["role"] for number in found["numbers"]}
    assert faults(found, Truth(rotated, 0, 0, (0, 0))) == []
    with notebook.redrawn(root):
        root.get_by_role("radio", name="correlation").click()
    root.get_by_text("computed the same").wait_for()
    assert faults(read(root), Truth(case, 0, 0, (0, 0))) == []


def test_a_tap_follows_the_mouse(lab_widget):
    notebook, root = lab_widget
    rng = generator(FIRST + 2)
    case = draw(rng, legal=True, batch=(1,), largest=6)
    show(notebook, root, case, {**START, "link_slices": False, "colour_range": "unit"})
    cell = root.locator('[data-role="weight"][data-index="0,0,0,0"][tabindex]')
    cell.scroll_into_view_if_needed()
    box = cell.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    notebook.page.mouse.move(x, y)
    notebook.page.mouse.down()
    with notebook.redrawn(root):
        notebook.page.mouse.move(x, y - 25)
    notebook.page.mouse.up()
    moved = float(cell.get_attribute("data-value")) - case.weight[0, 0, 0, 0]
    assert moved > 0
    notebook.page.mouse.move(5, 5)
    root.get_by_text("computed the same").wait_for()
    assert faults(read(root), Truth(changed(case, "weight", (0, 0, 0, 0), moved), 0, 0, (0, 0)), 1e-9) == []


def test_what_pytorch_refuses_is_shown_in_its_own_words(lab_widget):
    notebook, root = lab_widget
    rng = generator(FIRST + 3)
    for _ in range(COUNT):
        case = draw(rng, legal=False, largest=7)
        if 0 in case.spec["kernel_size"]:
            continue  # torch's words for it differ from case to case
        show(notebook, root, case)
        message = root.locator(".cl-problem code").first.text_content()
        assert message and case.refusal.endswith(message), f"{case.spec} on {case.input.shape}: {case.refusal}"


@pytest.mark.parametrize("picture, kernel", [("camera", "Sobel x"), ("astronaut", "box blur")])
def test_a_photograph_agrees_within_a_ten_thousandth(lab_widget, picture, kernel):
    notebook, _ = lab_widget
    notebook.set_source("lab", f"widget = convlab.KernelLab(kernel={kernel!r}, picture={picture!r})\nwidget")
    root = notebook.run_widget("lab", "kernel-lab")
    root.get_by_text("computed the same").wait_for()
    canvas = next(one for one in read(root)["canvases"] if one["role"] == "output")
    printed = notebook.python("print(widget.output[0, 0].flatten().tolist())")
    true = [float(x) for x in printed.strip().strip("[]").split(",")]
    assert len(true) == len(canvas["values"]) > 60_000
    assert max(abs(a - b) for a, b in zip(true, canvas["values"], strict=True)) < 1e-4
