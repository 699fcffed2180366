"""What goes to a class, and what never does: against a real HTTP server that answers as it is told."""

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from convlab import outbox
from convlab.attempt import Attempt, raw
from convlab.course_map import Progress
from convlab.outbox import MOST, MOST_BYTES, Outbox, class_address
from convlab.store import Store, with_class

TOKEN = "a-secret-token"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(outbox, "FIRST_WAIT_S", 0.01)
    for name in ("CONVLAB_CLASS_URL", "JUPYTERHUB_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def taken(request):
    """What the class says when it keeps all of it."""
    return 201, {"accepted": [it["id"] for it in request["attempts"]], "rejected": []}


class School:
    """A server that answers each request by the next of its answers, the last one for ever.

    Args:
        answers: functions of a request's JSON that return (status, JSON); or numbers, a bare status.
    """

    def __init__(self, *answers):
        self.answers, self.seen = list(answers), []

    def answer(self, headers, path, body):
        self.seen.append({"token": headers.get("Authorization"), "path": path, "body": body})
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(body) if callable(answer) else (answer, {})

    @property
    def ids(self):
        return [it["id"] for request in self.seen for it in (request["body"] or {}).get("attempts", [])]


@contextmanager
def serving(school):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, said = school.answer(self.headers, self.path, body)
            self.send_response(status)
            for name, value in said.pop("headers", {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        do_DELETE = do_GET = do_POST

        def log_message(self, *words):
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/services/convlab/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "progress.sqlite")


def joined(store, address):
    """The store with an outbox to this class."""
    store.outbox = Outbox(store, address, TOKEN)
    return store


def an_attempt(**changes):
    return Attempt(**{"item": "window-value", "outcome": "wrong", "answer": raw(5), "seed": 3, **changes})


def test_every_answer_reaches_the_class_once_with_the_token_in_its_header(store):
    attempts = [an_attempt(seed=seed) for seed in range(5)]
    with serving(School(taken)) as address:
        school = joined(store, address)
        for attempt in attempts:
            school.record(attempt)
        assert store.outbox.wait(10)
    assert store.unsent(address) == []


def test_what_is_sent_is_the_attempt_and_no_name_and_no_code(store):
    school, attempt = School(taken), an_attempt(mistakes=("M61",))
    with serving(school) as address:
        joined(store, address).record(attempt)
        assert store.outbox.wait(10)
    (request,) = school.seen
    assert (request["token"], request["path"]) == (f"token {TOKEN}", "/services/convlab/api/attempts")
    (sent,) = request["body"]["attempts"]
    assert set(sent) == set(attempt.__dict__)
    assert sent == {**attempt.__dict__, "mistakes": ["M61"]}


@pytest.mark.slow
def test_what_could_not_be_sent_waits_on_disk_and_goes_out_from_another_kernel(store, tmp_path):
    with serving(School(503)) as address:
        joined(store, address).record(*(an_attempt(seed=seed) for seed in range(3)))
        assert store.outbox.wait(10)
        assert len(store.unsent(address)) == 3
    school = School(taken)
    with serving(school) as address:
        again = joined(Store(store.path), address)
        again.outbox.wake()
        assert again.outbox.wait(10)
    assert len(school.ids) == 3


def test_five_tries_and_then_it_waits_for_the_next_answer(store):
    school = School(503)
    with serving(school) as address:
        joined(store, address).record(an_attempt())
        assert store.outbox.wait(10)
        assert len(school.seen) == 5
        school.answers = [taken]
        store.record(an_attempt(seed=4))
        assert store.outbox.wait(10)
        assert store.unsent(address) == []


def test_a_cell_never_waits_for_a_class_that_does_not_answer(store, monkeypatch):
    def slow(body):
        threading.Event().wait(1)
        return 503, {}

    with serving(School(slow)) as address:
        joined(store, address)
        began = time.monotonic()
        store.record(an_attempt())
        assert time.monotonic() - began < 0.5
        assert not store.outbox.wait(0.1)


@pytest.mark.slow
def test_the_token_follows_no_redirect_and_no_proxy(store, monkeypatch):
    stranger = School(taken)
    with serving(stranger) as elsewhere:
        monkeypatch.setenv("http_proxy", elsewhere)
        monkeypatch.setenv("HTTP_PROXY", elsewhere)
        for status in (301, 302, 303, 307, 308):
            moved = School(lambda body, status=status: (status, {"headers": {"Location": f"{elsewhere}api/attempts"}}))
            with serving(moved) as address:
                joined(store, address).record(an_attempt(seed=status))
                assert store.outbox.wait(10)
    assert stranger.seen == []


def test_what_the_class_refuses_is_not_sent_again(store):
    def refused(body):
        return 422, {"accepted": [], "rejected": [{"id": it["id"]} for it in body["attempts"]]}

    school = School(refused)
    with serving(school) as address:
        joined(store, address).record(an_attempt())
        assert store.outbox.wait(10)
        store.outbox.wake()
        assert store.outbox.wait(10)
    assert len(school.seen) == 1


@pytest.mark.slow
@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_class_that_refuses_the_learner_is_asked_once_and_says_so(store, status):
    school = School(status)
    with serving(school) as address:
        joined(store, address).record(an_attempt())
        assert store.outbox.wait(10)
        assert len(store.unsent(address)) == 1
    assert len(school.seen) == 1
    assert "stay on this machine" in store.outbox.notice


@pytest.mark.slow
@pytest.mark.parametrize("said", [{}, {"accepted": [], "rejected": []}, {"accepted": 3, "rejected": 4}])
def test_an_answer_that_does_not_say_what_became_of_each_counts_as_none(store, said):
    with serving(School(lambda body: (201, dict(said)))) as address:
        joined(store, address).record(an_attempt())
        assert store.outbox.wait(10)
        assert len(store.unsent(address)) == 1


def test_a_long_absence_is_sent_in_pieces_that_the_class_takes(store):
    school = School(taken)
    store.record(*(an_attempt(seed=seed, answer=raw("x" * 3000)) for seed in range(70)))
    store.record(*(an_attempt(seed=seed) for seed in range(70)))
    with serving(school) as address:
        joined(store, address).outbox.wake()
        assert store.outbox.wait(30)
    sizes = [len(json.dumps(request["body"], ensure_ascii=False).encode()) for request in school.seen]
    counts = [len(request["body"]["attempts"]) for request in school.seen]
    assert max(sizes) <= MOST_BYTES + 200 and max(counts) <= MOST
    assert len(set(school.ids)) == len(school.ids) == 140


def test_a_kernel_that_is_killed_while_it_sends_leaves_nothing_unsent_for_ever(tmp_path):
    path = tmp_path / "progress.sqlite"
    code = (
        "import os, sys, threading\n"
        "from convlab.attempt import Attempt\n"
        "from convlab import store\n"
        "kept = store.current()\n"
        "kept.record(*(Attempt('window-value', 'wrong', '5', seed=n) for n in range(120)))\n"
        "threading.Event().wait(float(sys.argv[1])); os._exit(1)\n"
    )
    school = School(taken)
    with serving(school) as address:
        own = {"CONVLAB_DB": str(path), "CONVLAB_CLASS_URL": address, "JUPYTERHUB_API_TOKEN": TOKEN}
        for pause in ("0", "0.02", "0.05"):
            subprocess.run([sys.executable, "-c", code, pause], env={**os.environ, **own})
        last = joined(Store(path), address)
        last.outbox.wake()
        assert last.outbox.wait(30)
        assert last.unsent(address) == []
    assert len(set(school.ids)) == 360  # some of them twice: the class keeps each once


def test_nothing_but_the_variable_switches_it_on(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", TOKEN)  # on Binder it is set too
    store = with_class(Store(tmp_path / "progress.sqlite"))
    assert (store.outbox, store.notice) == (None, None)


@pytest.mark.parametrize(
    "url",
    [
        "hub/services",
        "ftp://hub/",
        "http://",
        "http://me:secret@hub/services/",
        "http://hub/?token=1",
        "file:///x",
        "\n",
    ],
)
def test_an_address_that_cannot_be_one_is_said_and_nothing_is_sent(url, tmp_path):
    address, trouble = class_address({"CONVLAB_CLASS_URL": url, "JUPYTERHUB_API_TOKEN": TOKEN})
    assert address is None
    assert url == "\n" or "your answers stay on this machine" in trouble


def test_without_a_hub_nothing_is_sent_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_CLASS_URL", "http://127.0.0.1:9/services/convlab/")
    store = with_class(Store(tmp_path / "progress.sqlite"))
    assert store.outbox is None and "your answers stay here" in store.notice


def test_the_class_erases_what_it_has_of_the_learner(store):
    school = School(lambda body: (200, {"erased": 4}))
    with serving(school) as address:
        assert joined(store, address).outbox.erase() == 4
    assert school.seen[0]["path"] == "/services/convlab/api/me"


def test_progress_erases_what_the_class_has_too_and_says_so_before(store):
    on_its_way = threading.Event()

    def slow(body):
        on_its_way.set()
        threading.Event().wait(0.3)
        return taken(body)

    school = School(slow, lambda body: (200, {"erased": 4}))
    with serving(school) as address:
        progress = Progress(joined(store, address))
        store.record(an_attempt())
        assert "1 answer and all that your class has of you for good" in repr(progress.erase())
        assert on_its_way.wait(10)
        assert repr(progress.erase(sure=True)) == "1 answer erased here, and 4 in your class."
    assert store.attempts() == []
    assert [request["path"].rpartition("/")[2] for request in school.seen] == ["attempts", "me"]  # none arrives later


@pytest.mark.slow
@pytest.mark.parametrize("answer", [403, 503, lambda body: (200, {"message": "hello"})])
def test_a_class_that_does_not_erase_is_named_with_what_to_do_and_nothing_stays_here(store, answer):
    store.record(an_attempt())
    with serving(School(answer)) as address:
        said = repr(Progress(joined(store, address)).erase(sure=True))
    where = "/services/convlab/ on your hub erases it."
    assert said == f"1 answer erased here. Your class did not answer, so it keeps its copy: {where}"
    assert store.attempts() == []


def test_erasing_here_forgets_what_was_sent_too(store):
    with serving(School(taken)) as address:
        joined(store, address).record(an_attempt())
        assert store.outbox.wait(10)
        store.erase()
        assert store.unsent(address) == []
    assert address.encode() not in store.path.read_bytes()
