"""What several unit tests share."""

import pytest

from convlab.bootstrap.clone import Clone
from tests.unit.clones import PROJECT


@pytest.fixture
def clone(tmp_path):
    """A clone with a pyproject.toml, and a ``.venv`` whose Python is a link to this one."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "requirements.txt").write_text("-e .[course]\n")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "02-convolution-by-hand.ipynb").touch()
    made = Clone(tmp_path)
    made.python.parent.mkdir(parents=True)
    made.python.touch()
    return made
