"""Lesson 01 as a learner walks it: pin, be wrong twice, be right, reload, restart, find it all again."""

import re

from playwright.sync_api import expect

from tests.browser.learner import walk
from tests.browser.test_tensor_inspector import choose

FILE = "01-images-as-tensors.ipynb"
CARDS = {
    "predict-layout": ("permute-or-reshape", 6),
    "predict-unit": ("to-unit", 6),
    "myth-axis": ("myth-first-axis", 2),
}
BY_RESHAPE = """
def to_nchw(picture):
    H, W = picture.shape[:2]
    return picture.reshape(1, -1, H, W).float() / 255
"""
BY_PERMUTE = """
def to_nchw(picture):
    if picture.ndim == 2:
        picture = picture[:, :, None]
    return picture.permute(2, 0, 1).float().unsqueeze(0) / 255
"""


def pin_and_move(notebook):
    """By keys and mouse until all three tasks are ticked."""
    root = notebook.cell("explore-layout").locator(".convlab-tensor-inspector")
    root.scroll_into_view_if_needed()
    done = root.locator(".cl-tasks .cl-done")
    root.locator(".ti-picture .ti-stage").focus()
    for key in [*["ArrowRight"] * 5, "]"]:
        notebook.page.keyboard.press(key)
    expect(root).to_have_attribute("data-place", "0,5,1")
    expect(done).to_have_count(1)
    choose(root, re.compile("^CHW$"))
    root.locator(".ti-picture .ti-stage").focus()
    notebook.page.keyboard.press("]")
    expect(done).to_have_count(2)
    choose(root, "reshape")
    root.locator(".ti-blocks").focus()
    for key in ("[", "[", "Home", "ArrowRight", "ArrowRight"):
        notebook.page.keyboard.press(key)
    expect(done).to_have_count(3)
    root.get_by_text("computed the same").wait_for()


def test_a_learner_walks_it_and_finds_the_answers_again(open_notebook):
    walk(open_notebook(FILE), pin_and_move, CARDS, "to-nchw", {BY_RESHAPE: "wrong (M52", BY_PERMUTE: "right"})
