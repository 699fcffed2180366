"""Lesson 00 as a learner walks it: move, be wrong twice, be right, reload, restart, find it all again."""

from playwright.sync_api import expect

from tests.browser.learner import walk

FILE = "00-start.ipynb"
# A right answer, then two wrong ones that come from different mistakes: (cell, question, seed).
CARDS = {
    "predict-shape": ("map-shape", 5),
    "predict-what-for": ("what-for", 12),
    "predict-larger": ("larger-picture", 6),
}
EVERY_PIXEL = "def places(H, W, kH, kW):\n    return H, W\n"
RIGHT = "def places(H, W, kH, kW):\n    return H - kH + 1, W - kW + 1\n"


def move_a_number(notebook):
    """The first of the nine numbers, by the arrow keys: the first task ticks itself off."""
    root = notebook.cell("explore-edge").locator(".convlab-kernel-lab")
    root.scroll_into_view_if_needed()
    root.locator('[data-role="weight"][tabindex]').first.focus()
    with notebook.redrawn(root):
        notebook.page.keyboard.press("+")
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)
    root.get_by_text("computed the same").wait_for()


def count_twice(notebook):
    """Another photograph: the convolution keeps its 448 parameters, the Linear layer does not its 44 million."""
    root = notebook.cell("explore-dense").locator(".convlab-layer-anatomy")
    root.scroll_into_view_if_needed()
    expect(root.locator(".la-dense")).to_contain_text("44,251,200")
    for axis, size in ((2, "48"), (3, "64")):
        field = root.locator(f'.la-code [data-role="input"][data-index="{axis}"]')
        field.focus()
        notebook.page.keyboard.type(size)
        notebook.page.keyboard.press("Enter")
    expect(root.locator(".la-dense")).to_contain_text("420,590,144")
    expect(root.locator(".la-dense .la-side").first).to_contain_text("448 parameters")
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)


def explore(notebook):
    move_a_number(notebook)
    count_twice(notebook)


def test_a_newcomer_walks_it_finds_the_answers_again_and_follows_the_map(open_notebook):
    notebook = open_notebook(FILE)
    walk(notebook, explore, CARDS, "first", {EVERY_PIXEL: "wrong (M01", RIGHT: "right"})
    for cell in ("explore-edge", "explore-dense"):
        expect(notebook.cell(cell).locator(".cl-tasks .cl-done")).to_have_count(1)
    link = notebook.cell("course-map").get_by_role("link", name="02 Convolution by hand")
    link.scroll_into_view_if_needed()
    link.click()
    expect(notebook.page.get_by_role("tab", name="02-convolution-by-hand.ipynb")).to_be_visible()
    expect(notebook.page.get_by_role("heading", name="02 · Convolution by hand")).to_be_visible()
