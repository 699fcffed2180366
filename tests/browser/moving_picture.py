"""The README's moving picture: lesson 02 in JupyterLab, by a hand that predicts, is wrong, moves and drags.

`python -m tests.browser.picture` takes it with the others.
"""

import io

from PIL import Image

from convlab import questions
from tests.browser.learner import answer, wrong_answer
from tests.browser.notebook import Notebook

LESSON = "02-convolution-by-hand.ipynb"
QUESTION = ("window-value", 11)
VIEW = {"width": 960, "height": 660}
PICTURE_PX = (800, 550)
STEPS = 5  # of a drag
# A browser without a window draws no pointer.
HAND = """
() => {
  const hand = document.createElement("div");
  hand.innerHTML = '<svg width="22" height="30" viewBox="0 0 11 15"><path d="M0 0V12.5L3 9.8 5 14.4 7 13.5 5 9H9Z" '
    + 'fill="#111" stroke="#fff" stroke-width=".9"/></svg>';
  hand.style = "position: fixed; left: 0; top: 0; z-index: 9999; pointer-events: none";
  document.body.append(hand);
  for (const type of ["mousemove", "pointermove"]) {
    document.addEventListener(type, ({ clientX, clientY }) => {
      hand.style.transform = `translate(${clientX}px, ${clientY}px)`;
    }, true);
  }
}
"""
TO_THE_TOP = """
(cell) => {
  const room = cell.closest(".jp-WindowedPanel-outer");
  room.scrollTop += cell.getBoundingClientRect().top - room.getBoundingClientRect().top - 4;
}
"""
# A widget draws in the first frame; what glides there has arrived when no animation is left.
DRAWN = "() => new Promise((done) => { requestAnimationFrame(() => { requestAnimationFrame(done); }); })"
ARRIVED = "() => [...document.querySelectorAll('.convlab')].every((it) => !it.getAnimations({ subtree: true }).length)"


class Film:
    """Frames of a page, each with the time that it stays.

    Args:
        page: a Playwright page.
    """

    def __init__(self, page):
        self.page, self.frames, self.times_ms = page, [], []

    def take(self, time_ms):
        self.page.evaluate(DRAWN)
        self.page.wait_for_function(ARRIVED)
        shot = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        self.frames.append(shot.resize(PICTURE_PX, Image.Resampling.LANCZOS))
        self.times_ms.append(time_ms)

    def write(self, file):
        """Writes an animated WebP that begins anew at its end."""
        first, *others = self.frames
        more = {"append_images": others, "duration": self.times_ms, "loop": 0, "quality": 70, "method": 6}
        first.save(file, save_all=True, **more)


def at(locator):
    """The middle of what a locator finds."""
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def predict(film, notebook):
    """A wrong answer, and the mistake behind it."""
    question = questions.make(*QUESTION)
    wrong = wrong_answer(question)[0]
    notebook.cell("predict-value").evaluate(TO_THE_TOP)
    card = notebook.cell("predict-value").locator(".convlab-quiz-card")
    film.page.mouse.move(*at(card.locator("input.qc-field")))
    film.take(1100)
    card.locator("input.qc-field").fill(str(wrong))
    film.take(700)
    answer(card, question, wrong)
    verdict = card.locator(".qc-part-verdict")
    verdict.evaluate("(part) => part.scrollIntoView({ block: 'end' })")
    film.page.mouse.move(*at(card.get_by_text("Not quite")))
    film.take(2300)


def step(film, root):
    """The window goes over the output, by the arrow keys."""
    root.locator('[data-role="output"][data-index="0,0,0"]').click()
    root.evaluate(TO_THE_TOP)
    film.page.mouse.move(*at(root.locator(".cl-note").last))
    film.take(600)
    for key in ("Right", "Right", "Right", "Down", "Left", "Down"):
        film.page.keyboard.press(f"Arrow{key}")
        film.take(420)


def drag(film, root):
    """One weight is dragged, and the output follows."""
    weight = root.locator('[data-role="weight"][tabindex]').first
    x, y = at(weight)
    film.page.mouse.move(x, y)
    film.take(500)
    film.page.mouse.down()
    for part in range(1, STEPS + 1):
        film.page.mouse.move(x, y - 12 * part)
        film.take(260)
    film.page.mouse.up()
    root.get_by_text("computed the same").wait_for()
    film.take(1400)


def film_it(lab, chromium, file):
    """Takes the moving picture."""
    page = chromium.new_context(viewport=VIEW).new_page()
    notebook = Notebook(page, lab.url, LESSON)
    for cell in ("setup", "predict-value", "explore-stepper"):
        notebook.run_cell(cell)
    page.evaluate(HAND)
    film = Film(page)
    notebook.show("predict-value")
    predict(film, notebook)
    notebook.show("explore-stepper")
    root = notebook.cell("explore-stepper").locator(".convlab-conv-stepper")
    root.wait_for()
    root.evaluate(TO_THE_TOP)
    step(film, root)
    drag(film, root)
    film.write(file)
    page.context.close()
