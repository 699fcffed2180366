"""One page and one kernel for all tests that need nothing else: each gets the notebook with cells of its own."""

import itertools

from playwright.sync_api import Error

from tests.browser.notebook import pairs, write_notebook

COUNT = itertools.count()
# Torch and NumPy stay imported, which is what takes the time; the names, the widgets and all of convlab go.
EMPTY = """
import os, sys
import ipywidgets
ipywidgets.Widget.close_all()
for name in [name for name in sys.modules if name.split(".")[0] == "convlab"]:
    del sys.modules[name]
os.environ["CONVLAB_DB"] = {database!r}
get_ipython().history_manager.enabled = False  # to open a new one takes longer than all else here
get_ipython().reset(new_session=True)
"""


class Workbench:
    """Gives a notebook with given code cells: workbench("x = 1", ("shown", "x"), theme="dark").

    Args:
        lab: the JupyterLab.
        opened: opens a notebook by name in a page of its own.
    """

    def __init__(self, lab, opened):
        self.lab, self.opened = lab, opened
        self.notebook = None

    def __call__(self, *cells, theme="light", width=1400, height=1000, reduced_motion="no-preference"):
        if self.notebook is None or not self._clear(cells):
            name = f"scratch-{next(COUNT)}.ipynb"
            write_notebook(self.lab.folder / name, cells)
            self.notebook = self.opened(name, has_touch=True)
        page = self.notebook.page
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(reduced_motion=reduced_motion)
        page.mouse.move(0, 0)
        self.notebook.set_theme(theme)
        self.notebook.problems.clear()
        return self.notebook

    def _clear(self, cells):
        """Whether the cells now stand alone and the kernel is empty: not after a test that broke the page."""
        try:
            self.notebook.page.evaluate("pairs => convlabTest.replaceCells(pairs)", pairs(cells))
            self.notebook.page.evaluate("sessionStorage.clear()")  # what was typed on the cards
            self.notebook.python(EMPTY.format(database=str(self.lab.database)))
        except (RuntimeError, Error):
            return False
        return True
