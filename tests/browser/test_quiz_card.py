"""The quiz card in JupyterLab, used as a learner uses it: by keyboard, by mouse, after a restart, without a kernel."""

import json

import pytest
from playwright.sync_api import expect

from convlab import questions
from tests.browser.lab import ROOT

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf8")
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"
KINDS = {questions.make(id, 101).kind: id for id in reversed(questions.ids("02"))}


def cell(id, seed=101):
    return f"from convlab import QuizCard; QuizCard(({id!r}, {seed}))"


def own_database(name):
    """Code that keeps a test's answers apart from those of other tests."""
    return f"import os; os.environ['CONVLAB_DB'] = '{name}.sqlite'\n"


def axe_finds(page, card):
    """What axe-core has against the card."""
    page.evaluate(AXE)
    found = card.evaluate(f"card => axe.run(card, {RULES})")["violations"]
    return [(it["id"], it["nodes"][0]["html"][:120], it["nodes"][0]["failureSummary"]) for it in found]


def type_answer(keyboard, question, answer):
    """Gives an answer by keyboard alone; the focus stands on the control already."""
    if question.kind in ("number", "shape"):
        keyboard.type(str(answer))
    elif question.kind == "truefalse":
        keyboard.press("1" if answer else "2")
    elif question.kind in ("choice", "choices"):
        for text in [answer] if question.kind == "choice" else answer:
            keyboard.press(str(question.options.index(text) + 1))
    elif question.kind == "cells":
        walk_to_cells(keyboard, answer)
    else:
        sort_lines(keyboard, list(question.options), list(answer))


def walk_to_cells(keyboard, cells):
    for i, j in sorted(map(tuple, cells)):
        keyboard.press("Home")
        for key, steps in (("ArrowDown", i), ("ArrowRight", j)):
            for _ in range(steps):
                keyboard.press(key)
        keyboard.press(" ")


def sort_lines(keyboard, lines, wanted):
    """Line by line: Tab down to the one that belongs here, and move it up; the focus follows it."""
    for place, text in enumerate(wanted):
        start = lines.index(text)
        for _ in range(start - place):
            to_next_line(keyboard)
        for _ in range(start - place):
            keyboard.press("ArrowUp")
        lines.insert(place, lines.pop(start))
        if place < len(lines) - 1:
            to_next_line(keyboard)


def to_next_line(keyboard):
    """By Tab, past the buttons of the line."""
    keyboard.press("Tab")
    while keyboard.focused() != "LI":
        keyboard.press("Tab")


class Keyboard:
    """The page's keyboard, which also knows what has the focus."""

    def __init__(self, page):
        self.press, self.type = page.keyboard.press, page.keyboard.type
        self.focused = lambda: page.evaluate("document.activeElement.tagName")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_answered_by_keyboard_alone_and_axe_finds_nothing(scratch, kind):
    question = questions.make(KINDS[kind], 101)
    notebook = scratch(cell(question.id))
    notebook.run_all()
    card, page = notebook.widget("quiz-card"), notebook.page
    assert axe_finds(page, card) == []
    card.locator("input, li[tabindex], .cl-cell[tabindex='0']").first.focus()
    cells = len(notebook.cells())
    type_answer(Keyboard(page), question, question.answer)
    with notebook.redrawn(card):
        page.keyboard.press("Enter")
    card.locator(".qc-verdict[data-outcome=right]").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Another like it"
    assert axe_finds(page, card) == []
    notebook.set_theme("dark")
    assert axe_finds(page, card) == [] and len(notebook.cells()) == cells and notebook.complaints() == []


def test_two_wrong_answers_are_named_differently_and_all_is_back_after_a_restart(scratch):
    question = questions.make("window-value", 101)
    notebook = scratch(own_database("two-wrong") + "from convlab import quiz; quiz('02')")
    notebook.run_all()
    card = notebook.widget("quiz-card")
    first = question.slips[0]
    card.locator(".qc-field").fill(str(first.answer))
    card.get_by_label("fairly sure").check()
    card.get_by_role("button", name="Check").click()
    verdict = card.locator(".qc-verdict")
    assert verdict.get_attribute("data-mistakes").split()[0] == first.mistakes[0]
    assert verdict.inner_text().startswith("✗ Not quite.") and first.line in verdict.inner_text()
    card.get_by_role("button", name="Another like it").click()
    card.locator(".qc-field:enabled").wait_for()
    second = questions.make("window-value", 102).slips[1]
    card.locator(".qc-field").fill(str(second.answer))
    card.get_by_role("button", name="Check").click()
    verdict.wait_for()
    assert verdict.get_attribute("data-mistakes").split()[0] == second.mistakes[0]
    notebook.restart_kernel()
    notebook.run_all()
    card = notebook.widget("quiz-card")
    assert card.locator(".qc-field").input_value() == str(second.answer)
    assert second.line in card.locator(".qc-verdict").inner_text()
    with notebook.redrawn(card):
        card.get_by_role("button", name="question 1, wrong").click()
    assert first.line in card.locator(".qc-verdict").inner_text()


def test_a_kernel_that_does_not_answer_is_said_and_the_answer_stays(scratch):
    notebook = scratch(cell("window-value"))
    notebook.run_all()
    card, page = notebook.widget("quiz-card"), notebook.page
    notebook.restart_kernel()
    card.locator(".qc-field").fill("41")
    page.keyboard.press("Enter")
    card.get_by_text("The kernel has not answered for 3 seconds.").wait_for()
    assert card.locator(".qc-field").input_value() == "41" and card.locator(".qc-field").is_enabled()


def test_a_busy_kernel_judges_the_answer_when_it_is_free(scratch):
    notebook = scratch(own_database("busy") + cell("window-value"), "import threading; threading.Event().wait(8)")
    notebook.run_cell("cell-0")
    card, page = notebook.widget("quiz-card"), notebook.page
    field = card.locator(".qc-field")
    field.fill(str(questions.make("window-value", 101).answer))
    page.evaluate("() => void convlabTest.runCell('cell-1')")
    field.press("Enter")
    card.get_by_text("The kernel has not answered for 3 seconds.").wait_for()
    field.press("Enter")  # an impatient learner: sent twice, kept once
    card.locator(".qc-verdict[data-outcome=right]").wait_for()
    assert card.locator(".qc-say").inner_text() == ""
    notebook.wait_idle()
    kept = notebook.python("from convlab import store; print(len(store.current().attempts()))")
    assert kept.strip() == "1"


def test_the_proof_goes_into_a_new_cell_that_prints_the_answer(scratch):
    question = questions.make("window-value", 101)
    notebook = scratch(cell("window-value"))
    notebook.run_all()
    card = notebook.widget("quiz-card")
    assert question.proof not in card.inner_text()
    card.locator(".qc-field").fill(str(question.answer))
    card.get_by_role("button", name="Check").click()
    card.get_by_text("Prove it in PyTorch").click()
    card.get_by_role("button", name="Put into a new cell").click()
    card.get_by_text("It is in a new cell below: run it.").wait_for()
    below = notebook.cells()[1]
    assert below["source"] == question.proof
    notebook.run_cell(below["id"])
    assert str(question.answer) in notebook.text(below["id"])


def secrets(question):
    """What only who knows the answer can write: as text, and as the two ways in which JSON spells it."""
    words = [question.because, question.hint, question.proof, *question.steps, *(slip.line for slip in question.slips)]
    return [
        form for text in words for form in (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
    ]


def test_nothing_that_gives_the_answer_away_reaches_the_page_before_the_answer_is_given(scratch):
    question = questions.make("bias-value", 101)
    notebook = scratch(own_database("secrets") + cell(question.id))
    received = []
    for socket in notebook.sockets:
        socket.on("framereceived", lambda frame: received.append(frame if isinstance(frame, bytes) else frame.encode()))
    notebook.run_all()
    card = notebook.widget("quiz-card")
    card.locator(".qc-field").fill("1")

    def found():
        seen = b"".join(received).decode("utf8", "replace") + notebook.page.content()
        return [words for words in secrets(question) if words in seen]

    assert sum(map(len, received)) > 10_000 and found() == []
    with notebook.redrawn(card):
        card.get_by_role("button", name="Check").click()
    card.locator(".qc-verdict").wait_for()
    assert question.hint in found() and question.steps[0] in found()


def test_a_quiz_on_ones_own_layer_and_what_is_due_are_there_again_after_a_restart(scratch):
    own = "quiz(Conv2dSpec(3, 8, kernel_size=(3, 5), padding=1), (2, 3, 20, 31))"
    due = """
from convlab import questions, store
from convlab.attempt import attempt_at
old = questions.make('window-value', 7)
it = attempt_at(old, old.answer, old.grade(old.answer), at='2026-01-05T10:00:00+00:00', id='0' * 32)
store.current().record(it)
"""
    setup = own_database("own-and-due") + "from convlab import Conv2dSpec, quiz" + due
    notebook = scratch(("setup", setup), ("own", own), ("due", "quiz()"))
    for round in range(2):
        notebook.run_all()
        cards = [notebook.cell(name).locator(".convlab-quiz-card") for name in ("own", "due")]
        assert [card.locator(".qc-name").inner_text().split(" ")[0] for card in cards] == ["Your", "Due"]
        if round == 0:
            for card, answer in zip(cards, ("(2, 8, 20, 29)", "12345"), strict=True):
                card.locator(".qc-field").fill(answer)
                card.get_by_role("button", name="Check").click()
                card.locator(".qc-verdict").wait_for()
            notebook.restart_kernel()
    assert [card.locator(".qc-verdict").get_attribute("data-outcome") for card in cards] == ["right", "wrong"]
    assert axe_finds(notebook.page, cards[0]) == [] and notebook.complaints() == []


def test_on_a_narrow_screen_nothing_is_cut_off(scratch):
    notebook = scratch(*(cell(id) for id in KINDS.values()))
    notebook.run_all()
    for name, kind in zip(notebook.ids(), KINDS, strict=True):
        notebook.show(name)
        card = notebook.cell(name).locator(".convlab-quiz-card")
        # The notebook itself takes half of a telephone's width; the card has what a page of 320 pixels gives it.
        card.evaluate("card => { card.style.width = '320px'; }")
        beyond = card.evaluate(
            """card => [...card.querySelectorAll('*')].filter(node => !node.closest('pre, .cl-hidden')
                && node.getBoundingClientRect().right > card.getBoundingClientRect().right + 1).length"""
        )
        assert beyond == 0, kind


def test_running_a_cell_again_leaves_no_element_behind(scratch):
    notebook = scratch(cell("window-value"))
    for _ in range(5):
        notebook.run_all()
    expect(notebook.page.locator(".convlab-quiz-card")).to_have_count(1)


def two_cards(*asked):
    shown = ", ".join(f"QuizCard({it!r})" for it in asked)
    return f"from IPython.display import display\nfrom convlab import QuizCard\ndisplay({shown})"


def test_the_label_says_what_is_to_be_typed_and_a_screen_reader_hears_it(scratch):
    labels = {
        "moved-index": "an index",
        "permuted-strides": "strides",
        "stack-shape": "a shape",
        "bias-value": "a number",
    }
    notebook = scratch(own_database("labels") + two_cards(*((id, 101) for id in labels)))
    notebook.run_all()
    for place, (id, asks) in enumerate(labels.items()):
        card = notebook.page.locator(".convlab-quiz-card").nth(place)
        field = card.get_by_role("textbox", name=f"Your answer, {asks}", exact=True)
        field.wait_for()
        described = field.get_attribute("aria-describedby")
        if id == "bias-value":
            assert described is None
        else:
            help = card.locator(f"[id='{described}']").inner_text()
            assert ("torch.Size" in help) == (asks == "a shape") and "(2, 3)" in help


def test_an_option_chosen_on_one_card_stays_when_one_is_chosen_on_another(scratch):
    notebook = scratch(own_database("two-choices") + two_cards(("which-edge", 101), ("keeps-size", 101)))
    notebook.run_all()
    cards = [notebook.page.locator(".convlab-quiz-card").nth(place) for place in (0, 1)]
    for card in cards:
        card.locator(".qc-option input").nth(1).check()
    assert all(card.locator(".qc-option input").nth(1).is_checked() for card in cards)
