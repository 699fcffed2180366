"""Lesson 12 as a learner walks it: over the budget and back, design wrongly twice, take some of the final, restart."""

from playwright.sync_api import expect

from tests.browser.learner import walk

FILE = "12-capstone.ipynb"
CARDS = {
    "predict-costliest": ("costliest", 1),
    "predict-unshuffled": ("unshuffled", 2),
    "predict-hand-in": ("hand-in", 1),
    "predict-pixels": ("pixel-logits", 1),
}
FIGURES = ("train-yours", "confusion", "compare", "ablate")
WIDE = """
def network():
    return nn.Sequential(
        nn.Conv2d(1, 16, (5, 3), padding=(2, 1)), nn.ReLU(), nn.Conv2d(16, 16, (3, 5), padding=(1, 2)), nn.ReLU(),
        nn.MaxPool2d(4), nn.Flatten(), nn.Linear(16 * 7 * 7, 10))
"""
SOFT = """
def network():
    return nn.Sequential(
        nn.Conv2d(1, 12, (5, 3), 2, (2, 1)), nn.ReLU(), nn.Conv2d(12, 18, (3, 5), 2, (1, 2)), nn.ReLU(),
        nn.Flatten(), nn.Linear(18 * 7 * 7, 10), nn.Softmax(1))
"""
FITTING = SOFT.replace(", nn.Softmax(1))", ")")
MENDED = """
def first_try():
    return nn.Sequential(nn.Conv2d(1, 8, (5, 3), 2), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 12 * 13, 10))
"""


def over_the_budget_and_back(notebook):
    """Click the costliest layer; then change the network, run again, and the bars keep to their bounds."""
    root = notebook.cell("explore-budget").locator(".convlab-shape-tracer")
    root.scroll_into_view_if_needed()
    expect(root.locator(".st-over")).to_have_count(1)
    root.locator('.st-over .st-part[data-at="4"]').click()
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)
    shipped = notebook.text("torch-designs")
    assert "strided" in shipped and "282,104" in shipped
    notebook.set_source("first-try", MENDED)
    notebook.press_run("first-try")
    notebook.press_run("explore-budget")
    fresh = notebook.cell("explore-budget").locator(".convlab-shape-tracer")
    expect(fresh.locator(".cl-tasks li").nth(2)).to_have_class("cl-done")
    expect(fresh.locator(".st-over")).to_have_count(0)


def begin_the_final(notebook):
    """One answer to the first question: it is kept, and the verdict waits."""
    card = notebook.cell("final").locator(".convlab-quiz-card")
    card.scroll_into_view_if_needed()
    expect(card).to_contain_text("Final quiz")
    expect(card).to_contain_text("0 of 20 answered")


def explore(notebook):
    for cell in FIGURES:
        expect(notebook.cell(cell).locator("img")).to_have_count(1)
    over_the_budget_and_back(notebook)
    begin_the_final(notebook)


def test_a_learner_walks_it_and_finds_the_answers_again(open_notebook):
    tries = {WIDE: "wrong (M201", SOFT: "wrong (M74", FITTING: "right"}
    walk(open_notebook(FILE), explore, CARDS, "design", tries)
