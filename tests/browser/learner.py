"""What a learner does with a card: a right or a wrong answer, given by mouse and keyboard."""

import os

from playwright.sync_api import expect

from convlab import questions

RUN_MS = 240_000
WHOLE = os.environ.get("CONVLAB_FULL") == "1"


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


def answer_cards(notebook, cards):
    """Answers the first card rightly and the others wrongly, each by another mistake.

    Args:
        cards: cell -> (question id, seed).

    Returns:
        cell -> what the card said.
    """
    said_on, known = {}, []
    for number, (cell, (id, seed)) in enumerate(cards.items()):
        question = questions.make(id, seed)
        response, verdict = question.answer, question.grade(question.answer)
        if number:
            response, verdict = wrong_answer(question, known)
            known += verdict.mistakes
        card = notebook.cell(cell).locator(".convlab-quiz-card")
        card.scroll_into_view_if_needed()
        answer(card, question, response)
        said_on[cell] = said(verdict.message)
        expect(card).to_contain_text(said_on[cell])
    return said_on


def find_again(notebook, said_on):
    """Every card that was answered says what it said, and takes no second answer."""
    for cell, message in said_on.items():
        notebook.show(cell)
        card = notebook.cell(cell).locator(".convlab-quiz-card")
        expect(card).to_contain_text(message)
        expect(card.get_by_role("button", name="Check")).to_have_count(0)


def solve(notebook, exercise, check, tries):
    """Writes one program after the other into a cell and checks it: {program: how the verdict begins}."""
    for code, outcome in tries.items():
        notebook.set_source(exercise, code)
        notebook.press_run(exercise)
        notebook.press_run(check)
        assert notebook.text(check).startswith(outcome), notebook.text(check)


def look_in_both_themes(notebook):
    """Scrolls through all of it in light and dark; nothing complains."""
    for theme in ("dark", "light"):
        notebook.set_theme(theme)
        notebook.look_at_all()
        notebook.assert_quiet()


def walk(notebook, explore, cards, exercise, tries):
    """Runs a lesson, works in it, goes away and comes back: the answers are there again, and nothing ever complains.

    In the new kernel a sample runs the first cell and the cards, `test --full` all of it.

    Args:
        explore: what is done with the widgets, a function of the notebook.
        cards: cell -> (question id, seed).
        exercise: what the names of its two cells end in, "conv2d" for exercise-conv2d and check-conv2d.
        tries: program -> how the verdict on it begins, the right one last.

    Returns:
        cell -> what the card said.
    """
    notebook.run_all(RUN_MS)
    look_in_both_themes(notebook)
    explore(notebook)
    said_on = answer_cards(notebook, cards)
    solve(notebook, f"exercise-{exercise}", f"check-{exercise}", tries)
    notebook.assert_quiet()
    notebook.save()
    notebook.load()  # the kernel lives on, and its widgets with it
    find_again(notebook, said_on)
    notebook.assert_quiet()
    notebook.restart_kernel()
    if WHOLE:
        notebook.run_all(RUN_MS)
        assert notebook.text(f"check-{exercise}").startswith("right")
    else:
        for cell in ("setup", *said_on):
            notebook.run_cell(cell)
    welcomed_back(notebook, said_on)
    return said_on


def welcomed_back(notebook, said_on):
    """In a new kernel the answers are there again."""
    find_again(notebook, said_on)
    assert "Welcome back" in notebook.text("setup")
    notebook.assert_quiet()
