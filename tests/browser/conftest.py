"""JupyterLab and Chromium for the browser tests: both start once; most tests share a page, some open their own."""

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab, browser
from tests.browser.notebook import Notebook
from tests.browser.workbench import Workbench

expect.set_options(timeout=30_000)  # what is waited for comes at once, but on a busy machine


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A JupyterLab on a copy of the notebooks."""
    server = Lab(tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium."""
    with browser() as running:
        yield running


@pytest.fixture
def open_notebook(lab, chromium):
    """Opens a notebook by name, in a page of its own: open_notebook(name, theme="dark", front="notebooks")."""
    yield from _opener(lab, chromium)


@pytest.fixture(scope="session")
def scratch(lab, chromium):
    """A notebook with given code cells: scratch("x = 1", ("shown", "x"), theme="dark", reduced_motion="reduce")."""
    for opened in _opener(lab, chromium):
        yield Workbench(lab, opened)


def _opener(lab, chromium):
    contexts, before = [], lab.sessions()

    def opened(name, width=1400, height=1000, theme="light", url=None, front="lab/tree", **context):
        lab.restore(name)
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, **context))
        return Notebook(contexts[-1].new_page(), url or lab.url, name, theme, front)

    yield opened
    for context in contexts:
        context.close()
    lab.stop_kernels(except_for=before)
