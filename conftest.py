"""Tests that are run by hand, doctests included, leave the reader's own answers alone; a quick run is a sample."""

import os
import tempfile
from pathlib import Path

from tests.quick import left_out

FOLDER = tempfile.TemporaryDirectory(prefix="convlab-")  # gone at the end
os.environ.setdefault("CONVLAB_DB", str(Path(FOLDER.name) / "progress.db"))


def pytest_collection_modifyitems(config, items):
    """Leaves out most cases of a test that has many, and what is marked as slow, in `test --quick`."""
    if os.environ.get("CONVLAB_QUICK") != "1":
        return
    without = left_out([item.nodeid for item in items])
    without |= {item.nodeid for item in items if item.get_closest_marker("slow")}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in without])
    items[:] = [item for item in items if item.nodeid not in without]
