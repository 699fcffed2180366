"""The saved site, served as files and opened in the browser: all is alive, nothing is asked of a stranger.

It is made from the runs that tests/notebooks keeps, where they are fresh; else the notebooks are run here.
"""

import os
from pathlib import Path

import pytest
import torch
from filelock import FileLock
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect
from torch.nn import functional as F

from convlab.showcase import EXHIBITS
from convlab.site.publish import publish
from tests.browser import audit
from tests.browser.drawn import read
from tests.browser.visit import Visit, served

ROOT = Path(__file__).resolve().parents[2]
LESSONS = [path.stem for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))]
NUMBER = '[data-role][tabindex="0"]'
SETTLED_MS = 3000
# What a hand does to a widget of each kind, so that its numbers change; of the others, + on the first number.
MOVES = {
    "feature-maps": ("input[type=range]", "ArrowRight"),
    "gradient-router": (NUMBER, "ArrowRight"),
    "shape-tracer": ('tr[data-at="2"] button', "Enter"),
}
SEEN = "(root) => JSON.stringify([root.dataset, root.textContent])"


class Site(Visit):
    """A visit to the saved site."""

    def widgets(self):
        """Every widget of the page, each after it has come into view and been drawn."""
        for place in self.page.locator(".widget").all():
            place.scroll_into_view_if_needed()
            expect(place).to_have_attribute("data-state", "alive")
            yield place.get_attribute("data-kind"), place.locator(".convlab")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the site is, which is made once, by the worker that needs it first."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, made = shared / "site", shared / "site is made"
    with FileLock(f"{folder}.lock"):
        if not made.exists():
            publish(folder, say=lambda words: None)
            made.touch()
    with served(folder) as where:
        yield where


@pytest.fixture
def visit(chromium, address):
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, color_scheme="light")
    found = Site(context.new_page(), address)
    yield found
    context.close()
    assert found.problems == []


def fits(page, width):
    """Whether a page of that width holds all that is on it, once its widgets have drawn themselves anew."""
    page.set_viewport_size({"width": width, "height": 900})
    try:
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth", timeout=SETTLED_MS)
    except PlaywrightTimeout:
        return False
    return True


def test_on_every_page_every_widget_draws_and_a_key_moves_each_kind(visit):
    moved, wide = set(), []
    for name in ["index", "gallery", *LESSONS]:
        visit.open(name)
        for kind, root in visit.widgets():
            assert root.locator("[data-role], canvas, svg, button").count(), f"{name}: {kind} drew nothing"
            if kind not in moved and kind != "quiz-card":
                selector, key = MOVES.get(kind, (NUMBER, "+"))
                before = root.evaluate(SEEN)
                root.locator(selector).first.press(key)
                changed = f"([root, before]) => ({SEEN})(root) !== before"
                visit.page.wait_for_function(changed, arg=[root.element_handle(), before])
            moved.add(kind)
        wide += [(name, width) for width in (900, 380) if not fits(visit.page, width)]
        visit.page.set_viewport_size({"width": 1400, "height": 900})
        assert visit.problems == [], name
    assert wide == []
    assert moved == {it.anchor.removeprefix("gallery-") for it in EXHIBITS}


def numbers(root, role):
    """(index, value) of every number of a role."""
    return {it["index"]: it["value"] for it in read(root)["numbers"] if it["role"] == role}


def tensor(found):
    shape = [1 + max(index[axis] for index in found) for axis in range(len(next(iter(found))))]
    return torch.tensor([found[index] for index in sorted(found)]).reshape(shape)


def test_what_a_moved_widget_shows_is_what_torch_computes(visit):
    visit.open("index")
    [(_, root)] = visit.widgets()
    before = numbers(root, "output")
    root.locator('[data-role="weight"][tabindex="0"]').press("+")
    expect(root.locator('[data-role="output"]').first).not_to_have_text(str(int(before[min(before)])))
    after = numbers(root, "output")
    want = F.conv2d(tensor(numbers(root, "input"))[None], tensor(numbers(root, "weight")))
    assert after != before and torch.equal(tensor(after)[None], want)


@pytest.mark.parametrize("name", ["index", "gallery", LESSONS[2]])
def test_axe_finds_nothing_in_light_and_dark(visit, name):
    visit.open(name)
    assert [kind for kind, _ in visit.widgets()]
    visit.page.evaluate(f"() => {{ {audit.AXE.read_text('utf8')} }}")
    for theme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=theme)
        visit.page.wait_for_function(f"document.body.dataset.jpThemeLight === '{str(theme == 'light').lower()}'")
        assert visit.page.evaluate(f"({audit.RUN_AXE})(document)") == [], theme


def test_what_needs_python_says_so_and_how_to_open_the_course(visit):
    visit.open("gallery")
    place = visit.page.locator('.widget[data-kind="feature-maps"]')
    place.scroll_into_view_if_needed()
    place.get_by_role("button", name="Train").click()
    expect(place.locator(".needs")).to_contain_text("This needs Python, and a saved page has none")
    place.get_by_role("link", name="open the course on your computer").click()
    expect(visit.page).to_have_url(f"{visit.address}/index.html#open-the-course")
    expect(visit.page.locator("#open-the-course")).to_be_in_viewport()


def test_a_question_can_be_read_and_not_answered_and_no_answer_is_in_the_page(visit):
    visit.open(LESSONS[2])
    card = visit.page.locator('.widget[data-kind="quiz-card"]').first
    card.scroll_into_view_if_needed()
    expect(card.locator(".qc-prompt")).to_be_visible()
    expect(card.locator(".needs")).to_contain_text("judged and kept in the course")
    assert card.evaluate("(place) => place.querySelector('.stage').inert")
    states = visit.page.evaluate("Object.values(JSON.parse(document.getElementById('models').textContent))")
    shown = [it["state"]["shown"] for it in states if it["kind"] == "quiz_card"]
    assert shown and all(it["feedback"] is None and it["given"] is None and it["hint"] == "" for it in shown)


def test_the_pages_lead_from_lesson_to_lesson_and_to_every_place(visit):
    visit.open("index")
    for lesson in LESSONS:
        expect(visit.page.locator(f'main a[href="{lesson}.html"]')).to_have_count(1)
    visit.open(LESSONS[1])
    visit.page.locator('footer a[rel="next"]').click()
    expect(visit.page).to_have_url(f"{visit.address}/{LESSONS[2]}.html")
    for name in ["index", "gallery", *LESSONS]:
        visit.open(name)
        dead = visit.page.evaluate(
            "[...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.getAttribute('href').slice(1))"
            ".filter((id) => !document.getElementById(decodeURIComponent(id)))"
        )
        assert dead == [], name
        assert visit.page.locator('a[href*=".ipynb"]').count() == 0, name
        assert visit.page.locator("main math").count() or name in ("index", "gallery"), name
        assert visit.page.get_by_text("$$").count() == 0, name
