"""Sends what a learner answers to his class, in the background, where there is a class; nothing else switches it on.

The class's address stands in the environment variable CONVLAB_CLASS_URL, which the hub of a workshop sets. What was
answered is on the learner's own disk first, and stays unsent there until the class has said that it keeps it: so
nothing is lost when the network is away, the class restarts or this kernel dies, and no cell ever waits. The token
that JupyterHub gave this kernel goes to that address and nowhere else: no proxy is asked, no redirect is followed.
"""

import json
import os
import random
import threading
from dataclasses import asdict
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

TIMEOUT_S = 2
TRIES = 5
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 16.0
MOST, MOST_BYTES = 50, 60_000  # of one request; the class takes 64 KiB
# What a request can end in besides an answer: no network, no HTTP, no JSON, or JSON of another kind.
_NO_ANSWER = (OSError, HTTPException, ValueError, TypeError, KeyError, AttributeError)
SETTLED = (200, 201, 409, 422)  # the class has looked at each attempt, and says what became of it


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *request):
        """Nothing: a redirect is an error, because the token would go along."""


_OPENER = build_opener(ProxyHandler({}), _NoRedirects())


class Outbox:
    """What waits to be sent to a class.

    Args:
        store: what keeps the attempts: `unsent(address)` gives those to send, `mark_sent(address, ids)` notes them.
        address: the URL of the class, with a slash at its end.
        token: what JupyterHub gave this kernel.

    Example:
        >>> Outbox(None, "https://hub.example.org/services/convlab/", "secret")
        Outbox(https://hub.example.org/services/convlab/)
    """

    def __init__(self, store, address, token):
        self._store, self.address, self._token = store, address, token
        self.notice = (
            f"You are in a class: your answers are sent to it, your code is not. On your hub, {urlsplit(address).path} "
            "shows what it has of you, and erases it."
        )
        self._wanted = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._lock = threading.Lock()
        self._thread = None

    def wake(self):
        """Sends what there is, soon, in the background."""
        with self._lock:
            self._idle.clear()
            self._wanted.set()
            if self._thread is None or not self._thread.is_alive():  # a forked process has none
                self._thread = threading.Thread(target=self._run, name="convlab-outbox", daemon=True)
                self._thread.start()

    def wait(self, seconds):
        """Whether all that could be sent was sent within these seconds; for tests and for who leaves."""
        return self._idle.wait(seconds)

    def erase(self):
        """How many attempts the class has erased: all of this learner's.

        Raises:
            OSError: the class could not be reached, or refused.
        """
        self.wait(TIMEOUT_S + 1)  # what is on its way would arrive there after all was erased
        try:
            return self._ask("DELETE", "api/me")["erased"]
        except _NO_ANSWER as error:
            raise OSError(f"the class did not answer: {error}") from error

    @property
    def keeps_its_copy(self):
        """What a learner is told whose class could not be reached."""
        path = urlsplit(self.address).path
        return f"Your class did not answer, so it keeps its copy: {path} on your hub erases it."

    def _run(self):
        while True:
            self._wanted.wait()
            self._wanted.clear()
            self._send_all()
            with self._lock:
                if not self._wanted.is_set():
                    self._idle.set()

    def _send_all(self):
        tries = 0
        while tries < TRIES and (waiting := self._store.unsent(self.address)):
            batch = _batch(waiting)
            try:
                said = self._ask("POST", "api/attempts", {"attempts": [_sent(it) for it in batch]})
                self._settle(said, batch)
                tries = 0
            except HTTPError as error:
                if error.code in (400, 403, 404, 413):
                    self.notice = _REFUSED.get(error.code, _REFUSED[400])
                    return
                tries = self._later(tries)
            except _NO_ANSWER:
                tries = self._later(tries)

    def _settle(self, said, batch):
        answered = {*said["accepted"], *(it["id"] for it in said["rejected"])}
        if not answered.issuperset(it.id for it in batch):
            raise ValueError("the class did not say what became of each attempt")
        self._store.mark_sent(self.address, [it.id for it in batch])

    def _later(self, tries):
        """The number of tries by now, after a pause that grows; a new answer does not shorten it."""
        if tries + 1 < TRIES:
            threading.Event().wait(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**tries) * random.uniform(0.5, 1.0))
        return tries + 1

    def _ask(self, method, path, body=None):
        request = Request(
            self.address + path,
            data=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            method=method,
            headers={"Authorization": f"token {self._token}", "Content-Type": "application/json"},
        )
        try:
            with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)
        except HTTPError as error:
            if error.code in SETTLED:
                return json.load(error)
            raise

    def __repr__(self):
        return f"Outbox({self.address})"


_REFUSED = {
    403: "Your class does not know you yet, so your answers stay on this machine: ask your instructor to add you.",
    404: "There is no class at the address this hub names, so your answers stay on this machine: tell your instructor.",
    400: "Your class runs another version of this course, so your answers stay on this machine: tell your instructor.",
}


def _sent(attempt):
    values = asdict(attempt)
    return {**values, "mistakes": list(attempt.mistakes)}


def _batch(waiting):
    """As many of these as one request takes, at least one."""
    batch, size = [], 0
    for attempt in waiting[:MOST]:
        size += len(json.dumps(_sent(attempt), ensure_ascii=False).encode()) + 2
        if batch and size > MOST_BYTES:
            break
        batch.append(attempt)
    return batch


def class_address(environ=os.environ):
    """(the URL of the class or None, a sentence about what is wrong with it or None).

    Args:
        environ: a mapping such as ``os.environ``.

    Example:
        >>> class_address({})
        (None, None)
        >>> class_address({"CONVLAB_CLASS_URL": "http://hub/services/convlab", "JUPYTERHUB_API_TOKEN": "secret"})
        ('http://hub/services/convlab/', None)
    """
    text = environ.get("CONVLAB_CLASS_URL", "").strip()
    if not text:
        return None, None
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
        return None, (
            f"CONVLAB_CLASS_URL must be a URL such as http://127.0.0.1:8000/services/convlab/; got {text!r:.80}: "
            "your answers stay on this machine."
        )
    if not environ.get("JUPYTERHUB_API_TOKEN"):
        return None, "This is not a server of JupyterHub, so your class cannot know you: your answers stay here."
    return text.rstrip("/") + "/", None
