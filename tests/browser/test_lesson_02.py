"""Lesson 02 as a learner walks it: move, be wrong twice, be right, reload, restart, find it all again."""

from playwright.sync_api import expect

from tests.browser.drawn import read
from tests.browser.learner import walk

FILE = "02-convolution-by-hand.ipynb"
# A right answer, then two wrong ones that come from different mistakes: (cell, question, seed).
CARDS = {
    "predict-value": ("window-value", 11),
    "predict-shape": ("output-shape", 4),
    "predict-kernel": ("which-edge", 2),
}
FLIPPED = """
def conv2d(input, weight, bias=0.0):
    H, W = input.shape
    kH, kW = weight.shape
    output = torch.zeros(H - kH + 1, W - kW + 1, dtype=input.dtype)
    for i in range(H - kH + 1):
        for j in range(W - kW + 1):
            output[i, j] = (input[i:i + kH, j:j + kW] * weight.flip(0, 1)).sum() + bias
    return output
"""
SOLVED = FLIPPED.replace(".flip(0, 1)", "")


def move_the_window(notebook):
    root = notebook.cell("explore-stepper").locator(".convlab-conv-stepper")
    root.scroll_into_view_if_needed()
    root.locator('[data-role="output"][tabindex="0"]').focus()
    notebook.page.keyboard.press("ArrowDown")
    notebook.page.keyboard.press("ArrowRight")
    expect(root).to_have_attribute("data-place", "1,1")
    root.locator('[data-role="output"][data-index="0,2,1"]').click()
    expect(root).to_have_attribute("data-place", "2,1")


def drag_a_weight(notebook, cell, kind):
    """Drags the first weight on the screen upwards; the output follows."""
    root = notebook.cell(cell).locator(f".convlab-{kind}")
    weight = root.locator('[data-role="weight"][tabindex]').first
    weight.hover()  # waits until the notebook has come to rest around it
    box, before = weight.bounding_box(), read(root)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    notebook.page.mouse.move(x, y)
    notebook.page.mouse.down()
    with notebook.redrawn(root):
        notebook.page.mouse.move(x, y - 40)
    notebook.page.mouse.up()
    root.get_by_text("computed the same").wait_for()
    after = read(root)

    def outputs(found):
        return [one["value"] for one in found["numbers"] if one["role"] == "output"], [
            one["values"] for one in found["canvases"] if one["role"] == "output"
        ]

    assert outputs(before) != outputs(after)


def explore(notebook):
    move_the_window(notebook)
    drag_a_weight(notebook, "explore-stepper", "conv-stepper")
    drag_a_weight(notebook, "explore-kernel", "kernel-lab")


def test_a_learner_walks_it_and_finds_the_answers_again(open_notebook):
    walk(open_notebook(FILE), explore, CARDS, "conv2d", {FLIPPED: "wrong (M61", SOLVED: "right"})
