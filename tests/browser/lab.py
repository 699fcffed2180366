"""A JupyterLab of its own, on a copy of the notebooks, and the browser that looks at it.

Tests and benchmarks use both. Nothing of the reader's own Jupyter is read or written: configuration,
settings, workspaces, kernels' files and the progress database live in one temporary folder.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections import deque
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
BROWSER_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-precise-memory-info",
]
SETTINGS = {
    "apputils-extension/notification": {"checkForUpdates": False, "fetchNews": "false", "doNotDisturbMode": False},
    "docmanager-extension/plugin": {"autosave": False},
}


def chrome():
    """The path of Chrome or Chromium: env CHROME, else what the system has, else None (Playwright's own)."""
    if os.environ.get("CHROME"):
        return os.environ["CHROME"]
    found = next((path for name in BROWSER_NAMES if (path := shutil.which(name))), None)
    return found or (str(MAC_CHROME) if MAC_CHROME.exists() else None)


@contextmanager
def browser():
    """A headless Chromium, driven by Playwright."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chrome(), args=BROWSER_ARGS)
        try:
            yield running
        finally:
            running.close()


def free_port():
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Lab:
    """A running JupyterLab; ``stop()`` ends it and its kernels.

    Args:
        home: an empty folder for everything it writes; notebooks are served from ``home/notebooks``.
        notebooks: the folder whose notebooks are copied there.
        options: more of the server's.
    """

    def __init__(self, home, notebooks=ROOT / "notebooks", options=()):
        self.home = Path(home)
        self.folder = self.home / "notebooks"
        self.folder.mkdir(parents=True)
        self.shipped, self.options = Path(notebooks), options
        for notebook in self.shipped.glob("*.ipynb"):
            self.restore(notebook.name)
        self.database = self.home / "progress.sqlite"
        self._write_settings()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = deque(maxlen=200)
        self.start()

    def _write_settings(self):
        for name, values in SETTINGS.items():
            file = self.home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values))

    def environment(self):
        """The environment of the server and so of every kernel."""
        own = {
            "HOME": self.home / "home",
            "JUPYTER_CONFIG_DIR": self.home / "config",
            "JUPYTER_CONFIG_PATH": ROOT / "binder",  # what a learner's JupyterLab is given too
            "JUPYTER_DATA_DIR": self.home / "data",
            "JUPYTER_RUNTIME_DIR": self.home / "runtime",
            "JUPYTERLAB_SETTINGS_DIR": self.home / "settings",
            "JUPYTERLAB_WORKSPACES_DIR": self.home / "workspaces",
            "IPYTHONDIR": self.home / "ipython",
            # Matplotlib's list of fonts takes seconds to make, once a home: not what any test measures.
            "MPLCONFIGDIR": os.environ.get("MPLCONFIGDIR", Path.home() / ".cache" / "convlab-tests-matplotlib"),
            "CONVLAB_DB": self.database,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        }
        Path(own["HOME"]).mkdir(exist_ok=True)
        return {**os.environ, **{name: str(value) for name, value in own.items()}}

    def start(self):
        """Starts the server; again after ``kill()``, on the same port."""
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"),
            *("--ip=127.0.0.1", f"--port={self.port}", "--ServerApp.port_retries=0"),
            *("--IdentityProvider.token=", "--ServerApp.password=", "--ServerApp.disable_check_xsrf=True"),
            # The delaying proxy of the benchmarks stands on another port.
            *("--ServerApp.allow_origin=*", f"--ServerApp.root_dir={self.folder}"),
            *("--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"),
            # A busy browser must not lose messages: 3,000 drawn numbers are more than the default rate.
            *("--ZMQChannelsWebsocketConnection.limit_rate=False", *self.options),
        ]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        self.process = subprocess.Popen(command, env=self.environment(), cwd=self.folder, **pipes)
        for line in self.process.stdout:
            self.log.append(line)
            if "is running at" in line:
                break
        else:
            raise RuntimeError("JupyterLab did not start; it said:\n" + "".join(self.log))
        threading.Thread(target=self.log.extend, args=(self.process.stdout,), daemon=True).start()
        self._wait_until_heard()

    def _wait_until_heard(self):
        """It says that it is running a moment before it listens."""
        while self.process.poll() is None:
            with suppress(OSError):
                return self.request("GET", "api")
            threading.Event().wait(0.05)
        raise RuntimeError("JupyterLab ended; it said:\n" + "".join(self.log))

    def restore(self, name):
        """Puts a notebook of the course back as it is shipped: an earlier test may have saved its own."""
        if (self.shipped / name).exists():
            shutil.copy(self.shipped / name, self.folder)

    def request(self, method, path):
        """What the server answers, from JSON; None when it answers nothing."""
        request = urllib.request.Request(f"{self.url}/{path}", method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def sessions(self):
        """The ids of all that has a kernel."""
        return {session["id"] for session in self.request("GET", "api/sessions")}

    def stop_kernels(self, except_for=()):
        """Ends kernels, so that the next test has the memory."""
        for session in self.sessions() - set(except_for):
            self.request("DELETE", f"api/sessions/{session}")

    def stop_kernel_of(self, name):
        """Ends the kernel of one notebook."""
        for session in self.request("GET", "api/sessions"):
            if session["path"] == name:
                self.request("DELETE", f"api/sessions/{session['id']}")

    def kill(self):
        """Ends the server as the end of its machine does: nobody is told, and its kernels end with it."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Ends the server."""
        try:
            self.stop_kernels()
        finally:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
