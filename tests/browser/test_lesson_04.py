"""Lesson 04 as a learner walks it: move, be wrong twice, be right, reload, restart, come back the next day."""

from playwright.sync_api import expect

from tests.browser.learner import RUN_MS, walk, welcomed_back

FILE = "04-stride-and-padding.ipynb"
CARDS = {
    "predict-padding": ("padded-size", 3),
    "predict-shape": ("output-size", 7),
    "predict-even": ("even-kernel", 5),
}
ONE_SIDE = """
def pad2d(input, padding):
    pH, pW = (padding, padding) if isinstance(padding, int) else padding
    H, W = input.shape
    output = torch.zeros(H + pH, W + pW, dtype=input.dtype)
    output[pH:, pW:] = input
    return output
"""
BOTH_SIDES = ONE_SIDE.replace("H + pH, W + pW", "H + 2 * pH, W + 2 * pW").replace(
    "[pH:, pW:]", "[pH : pH + H, pW : pW + W]"
)


def keep_the_size(notebook):
    """Padding by mouse and by key until the first task is ticked."""
    root = notebook.cell("explore-padding").locator(".convlab-size-ruler")
    root.scroll_into_view_if_needed()
    rows, columns = (root.locator(f'.sr-table [data-role="padding"][data-index="{axis}"]') for axis in (0, 1))
    rows.focus()
    notebook.page.keyboard.press("ArrowUp")
    columns.focus()
    notebook.page.keyboard.press("ArrowUp")
    notebook.page.keyboard.press("ArrowUp")
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)
    root.get_by_text("computed the same").wait_for()


def test_a_learner_walks_it_and_finds_the_answers_again_on_the_next_day_too(lab, open_notebook):
    notebook = open_notebook(FILE)
    said_on = walk(notebook, keep_the_size, CARDS, "pad2d", {ONE_SIDE: "wrong (M03", BOTH_SIDES: "right"})
    notebook.save()
    lab.stop_kernel_of(FILE)
    notebook.load()
    notebook.show("quiz")
    expect(notebook.cell("quiz").locator(".jp-OutputArea-output")).to_have_text("QuizCard(quiz, lesson 04)")
    notebook.run_all(RUN_MS)
    welcomed_back(notebook, said_on)
    assert notebook.text("check-pad2d").startswith("right")
