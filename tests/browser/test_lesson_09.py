"""Lesson 09 as a learner walks it: weave, fold, go round, be wrong, measure, write the product, reload, find it all."""

from playwright.sync_api import expect

from tests.browser.learner import walk

FILE = "09-im2col-and-speed.ipynb"
CARDS = {
    "predict-columns": ("which-columns", 2),
    "predict-shape": ("columns-shape", 2),
    "predict-rows": ("column-row", 2),
    "predict-circle": ("circle-value", 3),
}
MEASURED = ("explore-chance", "ladder", "growth", "libraries", "on-device")
PRODUCT = """
def conv2d_im2col(input, weight, bias=None, stride=1, padding=0):
    N, C_in, H, W = input.shape
    C_out, _, kH, kW = weight.shape
    sH, sW = (stride, stride) if isinstance(stride, int) else stride
    pH, pW = (padding, padding) if isinstance(padding, int) else padding
    columns = F.unfold(input, (kH, kW), padding=(pH, pW), stride=(sH, sW))
    product = weight.reshape(C_out, -1) @ columns
    if bias is not None:
        product = product + bias[:, None]
    return product.view(N, C_out, (H + 2 * pH - kH) // sH + 1, (W + 2 * pW - kW) // sW + 1)
"""
TAP_BY_TAP = PRODUCT.replace("weight.reshape", "weight.permute(0, 2, 3, 1).reshape")


def weave(notebook):
    """By key to the last column: the task is ticked, and the product has the number of the printed figure."""
    root = notebook.cell("explore-columns").locator(".convlab-im2col-loom")
    root.scroll_into_view_if_needed()
    root.locator('[data-role="column"]').first.focus()
    for _ in range(5):
        notebook.page.keyboard.press("]")
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)
    expect(root.locator('[data-role="product"][data-index="1,4"]')).to_have_text("7")
    root.get_by_text("computed the same").wait_for()


def fold(notebook):
    """A click on the pixel that all six windows read: it comes back six times as large."""
    root = notebook.cell("explore-fold").locator(".convlab-im2col-loom")
    root.scroll_into_view_if_needed()
    root.locator('[data-role="input"][data-index="0,1,2"]').click()
    expect(root.locator('.cl-cell[data-role="count"][data-index="1,2"]')).to_have_text("6")
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)


def go_round(notebook):
    """To the first place, where the window has gone round: 2 * 9 + (-1) * 3 + 1 * 1."""
    root = notebook.cell("explore-circle").locator(".convlab-conv-stepper")
    root.scroll_into_view_if_needed()
    root.locator('[data-role="output"][data-index="0,0,0"]').click()
    expect(root.locator('[data-role="output"][data-index="0,0,0"]')).to_have_text("16")
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)


def see_the_times(notebook):
    """Each measuring cell ends in a picture, and the learner's own order is that of the rows."""
    for cell in MEASURED:
        expect(notebook.cell(cell).locator("img")).to_have_count(1)
    notebook.set_source("my-order", 'my_order = ["loops", "windows", "tiled"]')
    notebook.press_run("my-order")
    notebook.press_run("ladder")
    expect(notebook.cell("ladder").locator("img")).to_have_count(1)
    expect(notebook.cell("inside").locator("table, p").first).to_be_visible()


def explore(notebook):
    weave(notebook)
    fold(notebook)
    go_round(notebook)
    see_the_times(notebook)


def test_a_learner_walks_it_and_finds_the_answers_again(open_notebook):
    tries = {TAP_BY_TAP: "wrong (M85", PRODUCT: "right"}
    walk(open_notebook(FILE), explore, CARDS, "product", tries)
