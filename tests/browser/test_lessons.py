"""Every lesson runs in JupyterLab from top to bottom, and is shown in both themes, with nothing to complain of."""

import pytest

from tests.browser.lab import ROOT

FILES = [path.name for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
RUN_MS = 240_000


@pytest.mark.parametrize("file", FILES)
def test_it_runs_from_top_to_bottom_without_an_error_or_a_warning(open_notebook, file):
    notebook = open_notebook(file)
    notebook.run_all(RUN_MS)
    assert notebook.complaints() == []
    for theme in ("light", "dark"):
        notebook.set_theme(theme)
        notebook.look_at_all()
        assert notebook.complaints() == [], theme
