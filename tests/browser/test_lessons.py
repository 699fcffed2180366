"""Every lesson is walked by a test of its own."""

from importlib import import_module

import pytest

from tests.browser.lab import ROOT

FILES = [path.name for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]


@pytest.mark.parametrize("file", FILES)
def test_a_learner_walks_it(file):
    walked = import_module(f"tests.browser.test_lesson_{file[:2]}")
    assert walked.FILE == file and any("_walks_it_" in name for name in dir(walked))
