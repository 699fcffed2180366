"""One notebook with one widget for all tests of a module: a new widget for each, the page and the kernel shared."""

import pytest


def one_widget(kind, code, height=1300):
    """The fixtures (notebook, root); a test module gives them these names.

    Args:
        kind: the widget, "size-ruler" say.
        code: a cell that ends in one.
        height: of the page, in pixels.
    """

    @pytest.fixture(scope="module")
    def notebook(module_scratch):
        return module_scratch(("one", code), height=height)

    @pytest.fixture
    def root(notebook):
        root = notebook.run_widget("one", kind)
        root.evaluate("(root) => { root.parentElement.style.width = ''; }")
        return root

    return notebook, root
