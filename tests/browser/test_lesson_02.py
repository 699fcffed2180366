"""Lesson 02 as a learner walks it in JupyterLab: run, move, answer, be wrong, solve, restart, and find it all again."""

from playwright.sync_api import expect

from convlab import questions
from tests.browser.drawn import read

FILE = "02-convolution-by-hand.ipynb"
RUN_MS = 240_000
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


def wrong_answer(question, known=()):
    """(an answer that a mistake leads to, its verdict), of another mistake than those known."""
    if question.kind == "number":
        candidates = range(-60, 61)
    elif question.kind == "shape":
        answer = tuple(question.answer)
        candidates = [(*answer[:-2], answer[-2] + by, answer[-1] + to) for by in range(-4, 5) for to in range(-4, 5)]
        candidates += [(*answer[:-2], answer[-1], answer[-2])]
    else:
        candidates = [True, False] if question.kind == "truefalse" else question.options
    for candidate in candidates:
        verdict = question.grade(candidate)
        if verdict.outcome == "wrong" and verdict.mistakes and not set(verdict.mistakes) & set(known):
            return candidate, verdict
    raise AssertionError(f"{question.id}, seed {question.seed}: no wrong answer names a mistake")


def answer(card, question, response):
    """Gives a response by mouse and keyboard, fairly sure, and checks it."""
    if question.kind in ("number", "shape"):
        card.locator("input.qc-field").fill(str(response))
    else:
        texts = ["True", "False"] if question.kind == "truefalse" else list(question.options)
        place = (0 if response else 1) if question.kind == "truefalse" else texts.index(response)
        card.locator(".qc-answer label").nth(place).click()
    card.locator(".qc-sure").get_by_text("fairly sure").click()
    card.get_by_role("button", name="Check").click()
    expect(card.locator(".qc-part-verdict")).not_to_be_empty()


def said(text):
    """What a verdict looks like on the card: without the backticks of code."""
    return text.replace("`", "")


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


def test_a_learner_walks_it_and_finds_the_answers_again(open_notebook):
    notebook = open_notebook(FILE)
    notebook.run_all(RUN_MS)
    move_the_window(notebook)
    drag_a_weight(notebook, "explore-stepper", "conv-stepper")
    drag_a_weight(notebook, "explore-kernel", "kernel-lab")

    verdicts, known = {}, []
    for cell, (id, seed) in CARDS.items():
        question = questions.make(id, seed)
        response, verdict = (question.answer, question.grade(question.answer))
        if cell != "predict-value":
            response, verdict = wrong_answer(question, known)
            known += verdict.mistakes
        card = notebook.cell(cell).locator(".convlab-quiz-card")
        card.scroll_into_view_if_needed()
        answer(card, question, response)
        verdicts[cell] = said(verdict.message)
        expect(card).to_contain_text(verdicts[cell])

    tries = {FLIPPED: "wrong (M61", SOLVED: "right"}
    for code, outcome in tries.items():
        notebook.set_source("exercise-conv2d", code)
        notebook.press_run("exercise-conv2d")
        notebook.press_run("check-conv2d")
        assert notebook.text("check-conv2d").startswith(outcome)
    assert notebook.complaints() == []

    notebook.restart_kernel()
    notebook.run_all(RUN_MS)
    for cell, message in verdicts.items():
        card = notebook.cell(cell).locator(".convlab-quiz-card")
        expect(card).to_contain_text(message)
        expect(card.get_by_role("button", name="Check")).to_have_count(0)
    assert "Welcome back" in notebook.text("setup")
    assert notebook.text("check-conv2d").startswith("right")
    assert notebook.complaints() == []
