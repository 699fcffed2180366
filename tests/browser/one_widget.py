"""A notebook with one widget, new for each test; the page and the kernel are the module's."""

import pytest


def one_widget(kind, code, height=1300):
    """The fixtures (notebook, root); a test module gives them these names.

    Args:
        kind: the widget, "size-ruler" say.
        code: a cell that ends in one.
        height: of the page, in pixels.
    """

    @pytest.fixture
    def notebook(scratch):
        return scratch(("one", code), height=height)

    @pytest.fixture
    def root(notebook):
        return notebook.run_widget("one", kind)

    return notebook, root
