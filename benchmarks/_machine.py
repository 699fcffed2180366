"""The machine in words: what a figure depends on, and nothing that names the machine or its user."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

GIB = 2**30


def machine():
    """A sentence: processor, cores, memory, system, and the versions of what was measured."""
    python = f"Python {platform.python_version()}"
    packages = f"PyTorch {version('torch')}, NumPy {version('numpy')}, JupyterLab {version('jupyterlab')}"
    return f"{processor()}, {os.cpu_count()} cores, {memory()}; {system()}; {python}, {packages}, {chromium()}"


def processor():
    """The processor's name as its maker gives it, where the system tells it."""
    listed = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", listed.read_text(), re.MULTILINE) if listed.exists() else None
    if found:
        return " ".join(found[1].split())
    asked = platform.system() == "Darwin" and said(["sysctl", "-n", "machdep.cpu.brand_string"])
    return asked or platform.processor() or platform.machine()


def memory():
    import psutil

    return f"{psutil.virtual_memory().total / GIB:.0f} GiB"


def system():
    """The operating system and its version, without the machine's name."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return f"{platform.system()} {platform.mac_ver()[0] or platform.release()}"


def chromium():
    """The browser that the widgets are measured in."""
    from tests.browser.lab import chrome

    words = said([chrome(), "--version"]) if chrome() else ""
    found = re.search(r"\d+(\.\d+)+", words)
    return f"Chromium {found[0]}" if found else "Playwright's Chromium"


def load():
    """How many processes want the processor at this moment: the figures are of a machine that does nothing else."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def said(command):
    """What a command prints; nothing where it cannot be run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
