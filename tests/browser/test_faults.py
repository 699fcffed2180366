"""What goes wrong while a page is open: the lesson goes on, what was typed stays, what was answered is recorded.

JupyterLab is this module's own: one test kills it. Each test answers questions of its own seeds.
"""

import os
import signal
from contextlib import contextmanager, suppress

import pytest
from playwright.sync_api import expect

from convlab import questions
from convlab.store import Store
from tests.browser.lab import Lab
from tests.browser.notebook import Notebook, write_notebook
from tests.browser.workbench import Workbench

SETUP = ("setup", "from convlab import ConvStepper, predict, start\nstart('02')")
STEPPER = ("stepper", "stepper = ConvStepper(1, 1, (2, 3), input=(1, 1, 5, 7))\nstepper")
AWAY = "net::ERR_INTERNET_DISCONNECTED"
ON_THE_SCREEN = "root => [...root.querySelectorAll('[data-role=weight]')].map(it => Number(it.dataset.value))"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab that may be killed."""
    folder = tmp_path_factory.mktemp("faults")
    server = Lab(folder / "lab", notebooks=folder)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def bench(lab, chromium):
    """One page for all tests here; ``bench.opened(name)`` opens another."""
    contexts = []

    def opened(name, **context):
        contexts.append(chromium.new_context(viewport={"width": 1400, "height": 1000}, **context))
        return Notebook(contexts[-1].new_page(), lab.url, name)

    yield Workbench(lab, opened)
    for context in contexts:
        context.close()


def asking(*seeds):
    """A cell for each seed of the question."""
    return [(f"ask-{seed}", f"predict('window-value', seed={seed})") for seed in seeds]


def right(seed):
    return str(questions.make("window-value", seed).answer)


def card(notebook, seed):
    notebook.show(f"ask-{seed}")
    return notebook.cell(f"ask-{seed}").locator(".convlab-quiz-card")


def typed(notebook, seed):
    """The card of this question, rightly answered and not yet checked."""
    asks = card(notebook, seed)
    asks.locator(".qc-field").fill(right(seed))
    asks.locator(".qc-sure").get_by_text("fairly sure").click()
    return asks


def check(asks):
    asks.get_by_role("button", name="Check").click()


def judged(asks):
    expect(asks.locator(".qc-verdict[data-outcome=right]")).to_be_visible()


def answered(notebook, seed):
    asks = typed(notebook, seed)
    check(asks)
    judged(asks)


def recorded(lab, *seeds):
    """How often the database has each of these, read by a process that is no kernel."""
    kept = [it.seed for it in Store(lab.database).attempts() if it.outcome == "right"]
    return [kept.count(seed) for seed in seeds]


def read_and_closed(page, words):
    """JupyterLab's own dialog, which is said once."""
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_have_count(1)
    expect(dialog).to_contain_text(words)
    dialog.locator("button", has_text="Ok").or_(dialog.locator("button", has_text="Close")).click()
    expect(dialog).to_have_count(0)


@contextmanager
def no_network(page):
    """Cuts the page's connection to its kernel, and lets it make no other until the end of the block."""
    kernel = "jupyterapp.shell.currentWidget.sessionContext.session.kernel"
    page.context.set_offline(True)
    # What it does when it finds the connection lost; of one that is closed it would hear after the other side's answer.
    page.evaluate(f"() => void {kernel}.reconnect().catch(() => {{}})")
    page.wait_for_function(f"{kernel}.connectionStatus === 'connecting'")
    # JupyterLab asks the server this now and then, and says once that nobody answers.
    page.evaluate("() => void jupyterapp.serviceManager.kernels.refreshRunning().catch(() => {})")
    page.locator(".jp-Dialog").get_by_text("Do not show this message again").click()
    read_and_closed(page, "JupyterLab will continue trying to reconnect")
    yield
    page.context.set_offline(False)
    page.wait_for_function(f"{kernel}.connectionStatus === 'connected'")  # by itself: it asks again after 10 to 30 s


def test_two_tabs_and_two_kernels_on_one_database_lose_no_answer(lab, bench):
    one = bench(SETUP, *asking(101, 102, 103))
    one.run_all()
    one.save()
    two = bench.opened(one.name)
    answered(one, 101)
    judged(card(two, 101))  # the other tab has the same card
    both = [typed(tab, 102) for tab in (one, two)]
    for asks in both:  # at once: by the time of the second click the first may be judged
        asks.evaluate("card => card.querySelector('.qc-main')?.click()")
    for asks in both:
        judged(asks)
    write_notebook(lab.folder / "other.ipynb", [SETUP, *asking(104)])
    two.open_beside("other.ipynb")  # a second kernel
    two.run_all()
    both = [typed(one, 103), typed(two, 104)]
    for asks in both:
        check(asks)
    for asks in both:
        judged(asks)
    assert recorded(lab, 101, 102, 103, 104) == [1, 1, 1, 1] and len(lab.sessions()) == 2
    assert one.complaints() == two.complaints() == []


def test_without_the_network_a_widget_moves_and_an_answer_is_judged_when_it_is_back(lab, bench):
    notebook = bench(SETUP, STEPPER, *asking(111))
    notebook.run_all()
    page, stepper = notebook.page, notebook.widget("conv-stepper")
    with no_network(page):
        asks = typed(notebook, 111)
        check(asks)
        for key in ("ArrowRight", "ArrowDown", "ArrowRight"):
            stepper.locator('[data-role="output"][tabindex="0"]').press(key)
        expect(stepper).to_have_attribute("data-place", "1,2")
        for _ in range(3):
            stepper.locator('[data-role="weight"][tabindex="0"]').first.press("+")
        drawn = stepper.evaluate(ON_THE_SCREEN)
        expect(asks.locator(".qc-say")).to_contain_text("Your answer is kept here")
        assert asks.locator(".qc-field").input_value() == right(111) and recorded(lab, 111) == [0]
    judged(asks)  # nobody pressed anything
    assert asks.locator(".qc-say").inner_text() == "" and recorded(lab, 111) == [1]
    expect(stepper).to_contain_text("computed the same")
    told = notebook.python("print(list(stepper.place), stepper.layer.weight.detach().int().flatten().tolist())")
    assert told.strip() == f"[1, 2] {drawn}" and stepper.evaluate(ON_THE_SCREEN) == drawn
    assert [it for it in notebook.complaints() if AWAY not in it] == []


def kill_kernel(lab, notebook):
    def number():
        return int(notebook.python("import os; print(os.getpid())", timeout=5000))

    killed, page = number(), notebook.page
    dialog = page.locator(".jp-Dialog", has_text="It will restart automatically")
    # JupyterLab's own, where the page hears of it: not when the kernel is back before it is asked.
    page.add_locator_handler(dialog, lambda: dialog.locator("button").last.click())
    os.kill(killed, signal.SIGKILL)

    def back():
        for tried in range(36):
            with suppress(RuntimeError):  # the old one does not answer
                if number() != killed:
                    return
            if dialog.is_visible():  # it came late, and nothing that was asked of the page since looks for it
                dialog.locator("button").last.click()
            # The new kernel says once that it starts. Where the server does not listen yet, JupyterLab's page waits for
            # that, and sends nothing more: a learner presses Restart Kernel.
            if tried == 6:
                page.evaluate("() => { jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }")
        raise AssertionError("no new kernel within three minutes")

    return back


def kill_server(lab, notebook):
    lab.kill()

    def again():
        lab.start()
        notebook.load()

    return again


@pytest.mark.parametrize(("kill", "seeds"), [(kill_kernel, (121, 122)), (kill_server, (131, 132))])
def test_after_a_kill_what_was_answered_is_there_and_what_was_typed_is_judged(lab, bench, kill, seeds):
    notebook = bench(SETUP, *asking(*seeds))
    notebook.run_all()
    first, second = seeds
    answered(notebook, first)
    notebook.save()
    asks = typed(notebook, second)
    mended = kill(lab, notebook)
    check(asks)
    expect(asks.locator(".qc-say")).to_contain_text("run all cells again")
    mended()
    notebook.run_all()
    assert "Welcome back" in notebook.text("setup")
    judged(card(notebook, first))
    asks = card(notebook, second)
    assert asks.locator(".qc-field").input_value() == right(second)
    check(asks)
    judged(asks)
    assert recorded(lab, *seeds) == [1, 1]
