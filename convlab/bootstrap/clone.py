"""The clone on disk: where its environment lies, what it asks for, and what of that is there."""

import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

from . import Stop


@dataclass(frozen=True)
class Clone:
    """A clone of the repository.

    Args:
        root: its folder.
    """

    root: Path

    @property
    def venv(self):
        return self.root / ".venv"

    @property
    def scripts(self):
        return self.venv / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self):
        return self.scripts / ("python.exe" if os.name == "nt" else "python")

    @property
    def log(self):
        return self.venv / "install.log"

    def project(self):
        return tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def wanted(self, extra):
        """What an extra asks for, the package's own needs and the extras it names included.

        Args:
            extra: "course" or "test".
        """
        project = self.project()
        optional = project["optional-dependencies"]
        found, todo = list(project["dependencies"]), [extra]
        while todo:
            for text in optional[todo.pop()]:
                inner = re.fullmatch(r"convlab\[([\w,]+)\]", text)
                if inner:
                    todo += inner[1].split(",")
                else:
                    found.append(text)
        return found

    def asked(self, extra):
        """The fingerprint of all that an installation of this extra depends on; the folder is part of it, because
        a virtual environment and an editable installation do not survive a move."""
        requirements = (self.root / "requirements.txt").read_text(encoding="utf-8")
        text = json.dumps([str(self.root), requirements, *self.wanted(extra)])
        return hashlib.sha256(text.encode()).hexdigest()

    def site(self):
        """Where the packages of ``.venv`` lie; None where its Python does not run (a moved or outdated one)."""
        question = "import sysconfig; print(sysconfig.get_path('purelib'))"
        try:
            answer = subprocess.run([self.python, "-I", "-c", question], capture_output=True, text=True, timeout=60)
        except (OSError, subprocess.TimeoutExpired):
            return None
        site = Path(answer.stdout.strip() or "-")
        return site if answer.returncode == 0 and site.is_dir() else None

    def missing(self, extra, paths):
        """The requirements that the packages on these paths do not meet, "convlab" included when it is not the one
        of this clone.

        Args:
            extra: "course" or "test".
            paths: folders to look for installed packages in.
        """
        paths = [str(path) for path in paths]
        found = [text for text in self.wanted(extra) if not met(text, paths)]
        return found if self.is_installed(paths) else [*found, "convlab"]

    def is_installed(self, paths):
        """Whether convlab is installed there from this very folder, in the editable way."""
        for distribution in importlib.metadata.distributions(name="convlab", path=paths):
            origin = json.loads(distribution.read_text("direct_url.json") or "{}")
            editable = origin.get("dir_info", {}).get("editable")
            if editable and same_folder(url2pathname(urlparse(origin["url"]).path), self.root):
                return True
        return False


def this_clone():
    """The clone that this file lies in.

    Raises:
        Stop: where the package was installed without its notebooks.
    """
    root = Path(__file__).resolve().parents[2]
    if not (root / "pyproject.toml").is_file() or not (root / "notebooks").is_dir():
        raise Stop(f"The lessons are not in {root}: clone convlab's repository, and start python3 -m convlab there.")
    return Clone(root)


def same_folder(one, other):
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))


def met(requirement, paths):
    """Whether a requirement is met by what is installed on these paths.

    Its ``>=``, ``<`` and ``==`` are compared by their numbers alone, which is all that pyproject.toml uses; one that
    is for some systems only (after ``;``) counts as met, and is left to pip.

    Args:
        requirement: as pyproject.toml writes it, such as "anywidget>=0.9.13".
        paths: folders to look for installed packages in.
    """
    if ";" in requirement:
        return True
    name, bounds = re.fullmatch(r"([\w.-]+)(?:\[[^]]*\])?\s*(.*)", requirement).groups()
    versions = [found.version for found in importlib.metadata.distributions(name=name, path=paths)]
    return bool(versions) and all(_within(versions[0], bound) for bound in bounds.split(",") if bound)


def _within(version, bound):
    operator, limit = re.fullmatch(r"\s*(==|>=|<)\s*([\d.]+)\s*", bound).groups()
    here, there = _numbers(version), _numbers(limit)
    return {"==": here == there, ">=": here >= there, "<": here < there}[operator]


def _numbers(version):
    """The release part as numbers: "2.13.0+cpu" -> (2, 13); zeros at the end say nothing."""
    numbers = [int(part) for part in re.match(r"[\d.]*\d", version)[0].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
