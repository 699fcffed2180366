"""What several unit tests share."""

import pytest
import torch

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


@pytest.fixture
def one_thread():
    """torch on one thread: for small layers the threads would wait for each other longer than they work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
