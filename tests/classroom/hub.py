"""A real hub for the tests: JupyterHub, its proxy, the class service, spawned servers; all of it in one folder."""

import json
import os
import random
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import asdict
from pathlib import Path

from convlab.attempt import Attempt, raw

ROOT = Path(__file__).resolve().parents[2]
START_S = 90
# The workshop's own configuration, but that groups are managed by the tests, which make users and tokens as they like.
CONFIG = """\
import os

c = get_config()
load_subconfig(os.environ["CONVLAB_WORKSHOP_CONFIG"])

c.JupyterHub.services[0]["environment"]["CONVLAB_CLASS_CACHE_S"] = os.environ["CONVLAB_TESTS_CACHE_S"]
c.JupyterHub.services.append({"name": "tests", "api_token": os.environ["CONVLAB_TESTS_TOKEN"]})
c.JupyterHub.services.append({"name": "stranger", "api_token": os.environ["CONVLAB_STRANGER_TOKEN"]})
rights = ["admin:users", "admin:groups", "admin:servers", "tokens", "access:services!service=convlab"]
c.JupyterHub.load_roles.append({"name": "tests", "services": ["tests"], "scopes": rights})
c.JupyterHub.load_roles.append(
    {"name": "stranger", "services": ["stranger"], "scopes": ["access:services!service=convlab"]}
)
# A service that died is started again when the hub looks, every thirty seconds; the tests do not wait so long.
from jupyterhub.services import service
from traitlets import Integer

class Watched(service._ServiceSpawner):
    poll_interval = Integer(1)

service._ServiceSpawner = Watched
c.JupyterHub.authenticator_class = "shared-password"
c.Authenticator.manage_groups = False
"""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *request):
        """Nothing: a redirect is an answer like any other here."""


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects())


def ask(method, url, token=None, body=None, headers=()):
    """(status, what came as JSON or text)."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=dict(headers))
    if token:
        request.add_header("Authorization", f"token {token}")
    try:
        with OPENER.open(request, timeout=60) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


def until(condition, seconds):
    """Whether a condition came true within so many seconds; it is looked at ten times a second."""
    end = time.monotonic() + seconds
    while not (true := condition()) and time.monotonic() < end:
        threading.Event().wait(0.1)
    return bool(true)


class Hub:
    """A running hub; ``stop()`` ends it, its proxy, the service and every server.

    Args:
        home: an empty folder for everything it writes.
        database: the class's database, a URL; None takes the workshop's own SQLite file.
        cache_s: the seconds for which the class believes what the hub said of somebody; few, so that tests need not
            wait long for them to be over.
        untouched: whether it runs on the workshop's own configuration alone; the tests then have no rights there.
    """

    def __init__(self, home, database=None, cache_s=2, untouched=False):
        self.home = Path(home)
        self._untouched = untouched
        self.port = free_ports()
        self.url = f"http://127.0.0.1:{self.port}"
        self.service = f"{self.url}/services/convlab/"
        self.token, self.stranger = secrets.token_hex(16), secrets.token_hex(16)
        self.log = self.home / "hub.log"
        self._environment = {
            **os.environ,
            "CONVLAB_WORKSHOP": str(self.home / "state"),
            "CONVLAB_WORKSHOP_PORT": str(self.port),
            "CONVLAB_INSTRUCTORS": "ida,ivo",
            "CONVLAB_WORKSHOP_CONFIG": str(ROOT / "workshop" / "jupyterhub_config.py"),
            "CONVLAB_TESTS_CACHE_S": str(cache_s),
            "CONVLAB_TESTS_TOKEN": self.token,
            "CONVLAB_STRANGER_TOKEN": self.stranger,
            "PATH": os.pathsep.join([str(ROOT / "node_modules" / ".bin"), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        }
        self._environment.pop("CONVLAB_DB", None)
        if database:
            self._environment["CONVLAB_CLASS_DB"] = database
        self._start()

    def _start(self):
        config = self.home / "hub_config.py"
        config.write_text(CONFIG)
        if self._untouched:
            config = self._environment["CONVLAB_WORKSHOP_CONFIG"]
        command = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command, env=self._environment, cwd=self.home, stdout=log, stderr=log, start_new_session=True
            )
        self.wait_for_service()

    def wait_for_service(self):
        """Waits until the class service answers through the proxy."""
        if not until(lambda: self.answers() or self.process.poll() is not None, START_S) or not self.answers():
            raise RuntimeError(f"the hub did not start; it said:\n{self.log.read_text()}")

    def answers(self):
        """Whether the class service answers through the proxy at this moment."""
        try:
            return ask("GET", f"{self.service}health") == (200, {"status": "ok"})
        except OSError:
            return False

    def api(self, method, path, body=None):
        """(status, JSON) of the hub's own API, asked as the tests' service."""
        return ask(method, f"{self.url}/hub/api/{path}", self.token, body)

    def user(self, name, *groups):
        """The token that a server of this user would have; the user is made, and put into these groups alone."""
        self.api("POST", f"users/{name}")
        for group in ("convlab-students", "convlab-instructors"):
            method = "POST" if group in groups else "DELETE"
            self.api(method, f"groups/{group}/users", {"users": [name]})
        scopes = ["access:services!service=convlab"] if groups else []
        status, said = self.api(
            "POST", f"users/{name}/tokens", {"note": "test", "scopes": scopes or ["read:users!user"]}
        )
        assert status == 201, said
        return said["token"]

    def post(self, token, *claims, **more):
        """(status, JSON) of sending attempts to the class."""
        return ask("POST", f"{self.service}api/attempts", token, {"attempts": list(claims), **more})

    def mine(self, token):
        """The attempts that the class has of who has this token."""
        status, said = ask("GET", f"{self.service}api/me", token)
        assert status == 200, said
        return said["attempts"]

    def password(self, who):
        """The password of "learners" or "instructors"."""
        return (self.home / "state" / f"password-{who}").read_text().strip()

    def service_process(self):
        """The process id of the class service; None while it does not run."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                line = (folder / "cmdline").read_bytes().split(b"\0")
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue  # it ended while we looked
            if b"convlab.classroom" in line and parent == self.process.pid:
                return int(folder.name)
        return None

    def stop(self):
        """Ends all of it."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_ports():
    """The first of four ports in a row that nobody listens on at this moment.

    They are below those that a system gives to outgoing connections: nobody takes one before the hub has it.
    """
    while True:
        first = random.randrange(20_000, 32_000)
        if all(_is_free(first + more) for more in range(4)):
            return first


def _is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def claim(item="window-value", outcome="right", response=1000, seed=7, **more):
    """An attempt as a kernel sends it."""
    return {**asdict(Attempt(item, outcome, raw(response), seed=seed, **more)), "mistakes": []}
