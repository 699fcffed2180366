"""Lesson 06 as a learner walks it: mute a channel, be wrong twice, be right, reload, restart, find it all again."""

from playwright.sync_api import expect

from tests.browser.learner import walk

FILE = "06-channels-and-filters.ipynb"
CARDS = {
    "predict-sum": ("channel-sum", 9),
    "predict-output": ("output-channels", 4),
    "predict-pixel": ("pixel-value", 3),
    "predict-set": ("set-weight", 1),
}
THROUGH_DATA = """
def set_kernel(layer, o, kernel):
    layer.weight.data[o] = kernel
    return layer
"""
INSIDE_NO_GRAD = """
def set_kernel(layer, o, kernel):
    with torch.no_grad():
        layer.weight[o] = kernel
    return layer
"""


def stop_at_the_sums(notebook):
    """The stage by its button until the task with the channel sums is ticked."""
    root = notebook.cell("explore-sum").locator(".convlab-conv-stepper")
    root.scroll_into_view_if_needed()
    root.get_by_text("channel sums", exact=True).click()
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)


def leave_green_out(notebook):
    """The green channel muted, by its button, until the task of the bank is ticked."""
    root = notebook.cell("explore-set").locator(".convlab-filter-bank")
    root.scroll_into_view_if_needed()
    root.get_by_role("button", name="mute input 1").click()
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)


def explore(notebook):
    stop_at_the_sums(notebook)
    leave_green_out(notebook)


def test_a_learner_walks_it_and_finds_the_answers_again(open_notebook):
    walk(open_notebook(FILE), explore, CARDS, "set", {THROUGH_DATA: "wrong (M95", INSIDE_NO_GRAD: "right"})
