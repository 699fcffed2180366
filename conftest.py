"""Tests that are run by hand, doctests included, leave the reader's own answers alone."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("CONVLAB_DB", str(Path(tempfile.mkdtemp(prefix="convlab-")) / "progress.db"))
