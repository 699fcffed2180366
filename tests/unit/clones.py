"""Clones of a few files, for the tests of what ``python3 -m convlab`` finds, makes and installs."""

import json
import stat
from pathlib import Path

import pytest

from convlab.bootstrap import Stop

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n'
UBUNTU = "ID=ubuntu\nID_LIKE=debian\n"
PROJECT = """
[project]
dependencies = ["numpy>=1.26"]
[project.optional-dependencies]
course = ["torch==2.13.0"]
test = ["convlab[course]", "pytest>=8", "jupyter-repo2docker>=2026.4; sys_platform != 'win32'"]
"""


def installed(folder, name, version, origin=None):
    """Metadata as pip leaves it for one package."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if origin:
        (info / "direct_url.json").write_text(json.dumps({"url": origin.as_uri(), "dir_info": {"editable": True}}))


def program(path, script):
    """A program made of a few lines of shell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return str(path)


def stop_of(call, *arguments):
    with pytest.raises(Stop) as caught:
        call(*arguments)
    return str(caught.value)
