"""The course elsewhere than in JupyterLab: lesson 02 in Notebook 7, and widgets in marimo."""

import itertools
import os
import subprocess
import sys
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.browser import test_lesson_02 as lesson
from tests.browser.lab import ROOT, Lab, free_port
from tests.browser.learner import walk
from tests.browser.visit import Visit

DARK = "rgb(22, 25, 27)"
# What a reader of marimo's own page on anywidget would write.
APP = """
# /// script
# [tool.marimo.display]
# theme = "dark"
# ///

import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo

    from convlab import ConvStepper, KernelLab, SizeRuler

    return ConvStepper, KernelLab, SizeRuler, mo


@app.cell
def _(ConvStepper, mo):
    stepper = mo.ui.anywidget(ConvStepper(1, 1, kernel_size=(2, 3), input=(1, 1, 4, 6)))
    stepper
    return (stepper,)


@app.cell
def _(KernelLab, SizeRuler, mo):
    mo.vstack([mo.ui.anywidget(KernelLab()), mo.ui.anywidget(SizeRuler(1, 1, kernel_size=3, input=(1, 1, 7, 9)))])
    return


@app.cell
def _(mo, stepper):
    mo.md(f"Python has the place {stepper.place}")
    return


if __name__ == "__main__":
    app.run()
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A server of its own: one that has served Notebook 7's fonts refuses JupyterLab the fonts of the same names."""
    server = Lab(tmp_path_factory.mktemp("front"), options=("--JupyterNotebookApp.expose_app_in_browser=True",))
    yield server
    server.stop()


@contextmanager
def marimo(folder):
    """The address of a marimo that runs APP."""
    (folder / "app.py").write_text(APP, encoding="utf8")
    port = free_port()
    where = ("--host=127.0.0.1", f"--port={port}", "--headless", "--no-token")
    own = {"HOME": str(folder), "CONVLAB_DB": str(folder / "progress.sqlite"), "PYTHONPATH": str(ROOT)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    command = [sys.executable, "-m", "marimo", "run", "app.py", *where]
    server = subprocess.Popen(command, cwd=folder, env={**os.environ, **own}, **pipes)
    try:
        said = list(itertools.takewhile(lambda line: "URL:" not in line, server.stdout))
        assert server.poll() is None, "".join(said)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.communicate(timeout=20)
        except subprocess.TimeoutExpired:  # it waits for a page that is still open
            server.kill()
            server.communicate()


def test_a_learner_walks_lesson_02_in_notebook_7(open_notebook):
    notebook = open_notebook(lesson.FILE, front="notebooks")
    walk(notebook, lesson.explore, lesson.CARDS, "conv2d", {lesson.FLIPPED: "wrong (M61", lesson.SOLVED: "right"})


def test_in_marimo_widgets_draw_in_its_theme_a_key_moves_them_and_python_hears_of_it(chromium, tmp_path):
    with marimo(tmp_path) as address:
        visit = Visit(chromium.new_page(), address)
        visit.page.goto(address)
        stepper = visit.page.locator(".convlab-conv-stepper")
        stepper.locator('[data-role="output"][tabindex="0"]').focus()
        for key in ("ArrowDown", "ArrowRight", "ArrowRight"):  # the focus stays where the hand is
            visit.page.keyboard.press(key)
        expect(stepper).to_have_attribute("data-place", "1,2")
        expect(stepper).to_have_css("background-color", DARK)
        expect(visit.page.get_by_text("Python has the place (1, 2)")).to_be_visible()
        weight = visit.page.locator('.convlab-kernel-lab [data-role="weight"]').first
        before = float(weight.get_attribute("data-value"))
        weight.press("+")
        expect(weight).not_to_have_attribute("data-value", f"{before:g}")
        ruler = visit.page.locator(".convlab-size-ruler")
        expect(ruler.locator("[data-role]").first).to_be_visible()
        ruler.get_by_text("computed the same").wait_for()
        visit.page.close()
    assert visit.problems == []
