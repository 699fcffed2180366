"""The slides of all lessons, served as files and shown in the browser: everything fits, nothing is asked of a stranger.

They are made from the runs that tests/notebooks keeps, where they are fresh; else the notebooks are run here.
"""

import re

import pytest
from playwright.sync_api import expect

from convlab.site.decks import HEIGHT, WIDTH
from convlab.site.slides import publish_slides
from tests.browser.visit import Visit, served

# What of the present slide is outside of it, or on its last line, where the lesson's name stands.
OUTSIDE = """() => {
  const slide = Reveal.getCurrentSlide(), box = slide.getBoundingClientRect();
  const foot = slide.querySelector(".of").getBoundingClientRect().top;
  const outside = [...slide.querySelectorAll("*")].filter((it) => {
    const { left, top, right, bottom, width, height } = it.getBoundingClientRect();
    const high = it.className === "of" ? box.bottom : foot;
    return width && height && (left < box.left || top < box.top || right > box.right - 40 || bottom > high);
  });
  const scrolls = [slide, ...slide.querySelectorAll(".text, .outputs, .html")].some(
    (it) => it.scrollWidth > it.clientWidth + 1 && getComputedStyle(it).overflowX !== "visible");
  const words = outside.map((it) => `${it.tagName} ${it.textContent.trim().slice(0, 60)}`);
  return { at: Reveal.getSlidePastCount() + 1, outside: words.concat(scrolls ? ["scrolls"] : []) };
}"""


@pytest.fixture(scope="module")
def slides(tmp_path_factory):
    """(the address of the slides, the names of the pages)."""
    folder = tmp_path_factory.mktemp("slides")
    names = publish_slides(folder, say=lambda words: None)
    with served(folder) as where:
        yield where, names


@pytest.fixture
def visit(chromium, slides):
    context = chromium.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
    found = Visit(context.new_page(), slides[0])
    yield found
    context.close()
    assert found.problems == []


def shown(page):
    """How many slides there are, once they are there."""
    page.wait_for_selector(".reveal.ready")
    return page.evaluate("Reveal.getTotalSlides()")


def test_on_every_slide_of_every_lesson_all_fits_and_one_key_reaches_it(visit, slides):
    outside = {}
    for name in slides[1]:
        visit.open(name)
        for number in range(1, count + 1) if (count := shown(visit.page)) else ():
            found = visit.page.evaluate(OUTSIDE)
            assert found["at"] == number, name
            if found["outside"]:
                outside[f"{name}, slide {number}"] = found["outside"]
            visit.page.keyboard.press("ArrowRight")
        said = visit.page.locator(".slide-number").inner_text()
        assert re.sub(r"\s", "", said) == f"{count}/{count}", name
        assert visit.problems == [], name
    assert outside == {}


def test_what_is_outside_is_noticed(visit, slides):
    visit.open(slides[1][1])
    shown(visit.page)
    visit.page.evaluate("document.querySelector('h1').style.marginTop = '400px'")
    assert visit.page.evaluate(OUTSIDE)["outside"]


def test_formulas_are_drawn_and_the_first_page_leads_to_a_deck_and_back_keys_turn(visit, slides):
    visit.open("index")
    shown(visit.page)
    visit.page.get_by_role("link", name="04 Stride").click()
    expect(visit.page).to_have_title(re.compile("04 Stride"))
    shown(visit.page)
    for _ in range(4):
        visit.page.keyboard.press("ArrowRight")
    expect(visit.page.locator("section.present math mfrac").first).to_be_visible()
    visit.page.keyboard.press("ArrowLeft")
    assert visit.page.evaluate("Reveal.getSlidePastCount()") == 3


def test_a_deck_prints_a_page_a_slide(visit, slides):
    visit.page.goto(f"{visit.address}/{slides[1][1]}.html?view=print")
    count = shown(visit.page)
    expect(visit.page.locator(".pdf-page")).to_have_count(count)
    printed = visit.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == count
