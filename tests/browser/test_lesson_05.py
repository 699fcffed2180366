"""Lesson 05 as a learner walks it: dilate, be wrong twice, be right, reload, restart, find it all again."""

from playwright.sync_api import expect

from tests.browser.learner import walk

FILE = "05-dilation-and-receptive-field.ipynb"
CARDS = {
    "predict-padding": ("dilated-padding", 3),
    "predict-field": ("field-two", 9),
    "predict-holes": ("rows-read", 8),
}
WHOLE_KERNELS = """
def receptive_field(layers):
    size, jump = [1, 1], [1, 1]
    for layer in layers:
        for axis in (0, 1):
            extent = layer.dilation[axis] * (layer.kernel_size[axis] - 1) + 1
            size[axis] += extent * jump[axis]
            jump[axis] *= layer.stride[axis]
    return tuple(size)
"""
LESS_ONE = WHOLE_KERNELS.replace("+= extent *", "+= (extent - 1) *")


def dilate_the_rows(notebook):
    """Dilation by key until the first task is ticked."""
    root = notebook.cell("explore-extent").locator(".convlab-size-ruler")
    root.scroll_into_view_if_needed()
    root.locator('.sr-table [data-role="dilation"][data-index="0"]').focus()
    notebook.page.keyboard.press("ArrowUp")
    notebook.page.keyboard.press("ArrowUp")
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)
    root.get_by_text("computed the same").wait_for()


def test_a_learner_walks_it_and_finds_the_answers_again(open_notebook):
    walk(open_notebook(FILE), dilate_the_rows, CARDS, "field", {WHOLE_KERNELS: "wrong (M148", LESS_ONE: "right"})
