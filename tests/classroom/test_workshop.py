"""A workshop as it is shipped: a learner logs in, JupyterLab starts, he answers in a notebook, the board shows it."""

import pytest
from playwright.sync_api import expect

from convlab import questions
from tests.browser.notebook import write_notebook
from tests.classroom.browse import somebody
from tests.classroom.hub import Hub

START_MS = 120_000


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """A hub on the workshop's own configuration."""
    running = Hub(tmp_path_factory.mktemp("workshop"), untouched=True)
    yield running
    running.stop()


def home(workshop, name):
    """The folder of a learner's notebooks."""
    return workshop.home / "state" / "homes" / name / "notebooks"


def test_a_learner_answers_in_a_notebook_and_the_instructor_sees_it(workshop, chromium):
    question = questions.make("window-value", 7)
    slip = next(slip for slip in question.slips if slip.mistakes)
    lines = [
        'import os; print("threads wait:", os.environ["OMP_WAIT_POLICY"])',
        "from convlab import quiz, start",
        'start("02")',
        f'quiz("02").answer("window-value", {slip.answer}, seed=7)',
    ]
    with (
        somebody(chromium, workshop, "lea") as learner,
        somebody(chromium, workshop, "ida", "instructors") as instructor,
    ):
        instructor.goto(workshop.service)
        expect(instructor).to_have_url(f"{workshop.service}board")
        learner.goto(f"{workshop.url}/hub/spawn")
        learner.wait_for_url("**/user/lea/lab/**", timeout=START_MS)
        write_notebook(home(workshop, "lea") / "mine.ipynb", ["\n".join(lines)])
        learner.goto(f"{workshop.url}/user/lea/lab/tree/notebooks/mine.ipynb")
        cell = learner.locator(".jp-CodeCell").first
        cell.locator(".cm-content").click(timeout=START_MS)
        expect(learner.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute("data-status", "idle")
        learner.keyboard.press("Shift+Enter")
        expect(cell.locator(".jp-OutputArea")).to_contain_text("You are in a class", timeout=START_MS)
        expect(cell.locator(".jp-OutputArea")).to_contain_text("wrong")
        expect(cell.locator(".jp-OutputArea")).to_contain_text("threads wait: PASSIVE")
        mistake = instructor.locator(f'tr[data-item="window-value"] [data-mistake="{slip.mistakes[0]}"]')
        expect(mistake).to_be_visible()
        expect(instructor.locator("#learners")).to_contain_text("lea")
    assert (home(workshop, "lea") / "00-start.ipynb").is_file()


def test_the_learners_password_opens_no_instructors_page(workshop, chromium):
    with somebody(chromium, workshop, "max") as page:
        assert page.goto(f"{workshop.service}board").status == 403
        page.goto(f"{workshop.url}/hub/logout")
        page.goto(f"{workshop.url}/hub/login")
        page.fill("#username_input", "ida")
        page.fill("#password_input", workshop.password("learners"))
        page.click("#login_submit")
        expect(page.locator("body")).to_contain_text("Invalid username or password")
