"""Lesson 08 as a learner walks it: pin, learn a step, be wrong, write the way back in parts, reload, find it all."""

from playwright.sync_api import expect

from tests.browser.learner import walk

FILE = "08-backprop.ipynb"
CARDS = {
    "predict-lone": ("lone-weight", 2),
    "predict-weight": ("weight-gradient", 1),
    "predict-input": ("input-gradient", 1),
    "predict-add": ("grads-add", 3),
}
ADDED = """
def conv2d_backward(grad_output, input, weight, stride=1, padding=0):
    (H_out, W_out), (kH, kW), (H, W) = (it.shape[2:] for it in (grad_output, weight, input))
    padded = F.pad(input, (padding,) * 4)
    grad_padded, grad_weight = torch.zeros_like(padded), torch.zeros_like(weight)
    for u in range(kH):
        for v in range(kW):
            rows = slice(u, u + stride * (H_out - 1) + 1, stride)
            columns = slice(v, v + stride * (W_out - 1) + 1, stride)
            met = padded[:, :, rows, columns]
            grad_weight[:, :, u, v] = (grad_output[:, :, None] * met[:, None]).sum((0, 3, 4))
            back = (grad_output[:, :, None] * weight[None, :, :, u, v, None, None]).sum(1)
            grad_padded[:, :, rows, columns] += back
    grad_input = grad_padded[:, :, padding : padding + H, padding : padding + W]
    return grad_input, grad_weight, grad_output.sum((0, 2, 3))
"""
BIAS_ALONE = ADDED.replace("return grad_input, grad_weight,", "return ..., ...,")
OVERWRITTEN = ADDED.replace("+= back", "= back")


def pin_the_largest(notebook):
    """By key from weight (0, 2) to (1, 1), until the task with the largest gradient is ticked."""
    root = notebook.cell("explore-weight").locator(".convlab-gradient-router")
    root.scroll_into_view_if_needed()
    root.locator('[data-role="grad-weight"][data-index="0,0,0,2"]').focus()
    notebook.page.keyboard.press("ArrowDown")
    notebook.page.keyboard.press("ArrowLeft")
    expect(root.locator('[data-role="total"]')).to_have_text("15")
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)
    root.get_by_text("computed the same").wait_for()


def fetch_one_pixel(notebook):
    """By key to the place of pixel (1, 2): its output is the gradient that was handed out above."""
    root = notebook.cell("explore-gather").locator(".convlab-conv-stepper")
    root.scroll_into_view_if_needed()
    root.locator('[data-role="output"][data-index="0,0,0"]').focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        notebook.page.keyboard.press(key)
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)
    expect(root.locator('[data-role="output"][data-index="0,1,2"]')).to_have_text("9")


def learn_one_step(notebook):
    """The five parts of one step, a click each, until the task is ticked."""
    root = notebook.cell("explore-learner").locator(".convlab-kernel-learner")
    root.scroll_into_view_if_needed()
    for _ in range(5):
        root.locator(".kn-next").click()
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)


def explore(notebook):
    pin_the_largest(notebook)
    fetch_one_pixel(notebook)
    learn_one_step(notebook)


def test_a_learner_walks_it_and_finds_the_answers_again(open_notebook):
    tries = {BIAS_ALONE: "partial", OVERWRITTEN: "wrong (M187", ADDED: "right"}
    walk(open_notebook(FILE), explore, CARDS, "backward", tries)
