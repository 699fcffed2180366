"""What one learner costs a hub: memory by lesson, how many fit, and how a burst of starts goes.

    python -m benchmarks.hub                 memory of a server after lessons 00, 04 and 07; twenty starts at once
    python -m benchmarks.hub --starts=5      fewer starts

A real hub on the workshop's own configuration, real servers, real kernels that run every cell of a lesson. Linux only:
memory is read from /proc. "Own" is what no other process can share with a learner's; RSS has the libraries in it,
which learners on one machine share, and learners in containers do not.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests.classroom.hub import ROOT, Hub, ask, until

LESSONS = ("00", "04", "07")
GIB, MIB = 2**30, 2**20
MACHINE_GIB, SHARE = 24, 2 / 3  # of the memory is for learners; the rest is the system's and a reserve
START_S, CELL_S, RETRY_S, LOOK_S = 600, 600, 5, 1


def main(arguments):
    """The exit status: 0 when every server answered."""
    starts = next((int(text.split("=")[1]) for text in arguments if text.startswith("--starts=")), 20)
    with tempfile.TemporaryDirectory(prefix="convlab-hub-") as folder:
        hub = Hub(Path(folder))
        try:
            for lesson in LESSONS:
                memory(hub, lesson)
            return burst(hub, starts)
        finally:
            hub.api("POST", "shutdown", {"servers": True, "proxy": True})
            hub.stop()


def memory(hub, lesson):
    """Prints what a learner's processes take after a lesson, alone on the machine."""
    name = f"reader{lesson}"
    token, _ = started(hub, name)
    empty = of_user(name)
    failed = asyncio.run(run_lesson(hub, name, token, lesson))
    full = of_user(name)
    room = MACHINE_GIB * SHARE * GIB
    print(
        f"lesson {lesson}: {_told(empty)} without a kernel; {_told(full)} after all cells ({failed} raised); "
        f"{int(room / full['Anonymous'])} learners fit in two thirds of {MACHINE_GIB} GiB, "
        f"{int(room / full['Rss'])} if each is in a container",
        flush=True,
    )
    hub.api("DELETE", f"users/{name}/server")
    until(lambda: not processes_of(name), START_S)


def burst(hub, count):
    """Prints how so many starts at once go; the exit status."""
    began = time.monotonic()
    with ThreadPoolExecutor(count) as pool:
        outcomes = list(pool.map(lambda number: _one_start(hub, f"starter{number}", began), range(count)))
    took = sorted(seconds for seconds, _ in outcomes if seconds)
    waited, failed = sum(times for _, times in outcomes), count - len(took)
    print(
        f"{count} starts at once: {failed} failed; half answered after {took[len(took) // 2] if took else 0:.0f} s, "
        f"all after {took[-1] if took else 0:.0f} s; the hub said 'try again' {waited} times "
        f"(load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores)",
        flush=True,
    )
    return 1 if failed else 0


def _one_start(hub, name, began):
    try:
        _, waited = started(hub, name)
    except RuntimeError as error:
        print(f"{error}"[:300])
        return None, 0
    return time.monotonic() - began, waited


def started(hub, name):
    """(a token with all rights of a new user, how often the hub said "try again"), when his server answers.

    Raises:
        RuntimeError: it does not.
    """
    hub.user(name, "convlab-students")
    token = hub.api("POST", f"users/{name}/tokens", {"note": "benchmark"})[1]["token"]
    waited = 0
    while (answer := hub.api("POST", f"users/{name}/server"))[0] == 429:
        waited += 1
        time.sleep(RETRY_S)
    server = f"{hub.url}/user/{name}/api/status"
    end = time.monotonic() + START_S
    while ask("GET", server, token)[0] != 200:
        if answer[0] not in (201, 202) or time.monotonic() > end:
            raise RuntimeError(f"{name}'s server did not start: {answer}")
        time.sleep(LOOK_S)  # a browser that waits asks no oftener either
    return token, waited


async def run_lesson(hub, name, token, lesson):
    """How many cells raised when a kernel of this user ran a lesson from top to bottom."""
    path = next((ROOT / "notebooks").glob(f"{lesson}-*.ipynb"))
    cells = [it for it in json.loads(path.read_text(encoding="utf-8"))["cells"] if it["cell_type"] == "code"]
    server = f"{hub.url}/user/{name}"
    status, kernel = ask("POST", f"{server}/api/kernels", token, {"name": "python3", "path": "notebooks"})
    assert status == 201, kernel
    address = f"{server.replace('http', 'ws', 1)}/api/kernels/{kernel['id']}/channels"
    socket = await websocket_connect(HTTPRequest(address, headers={"Authorization": f"token {token}"}))
    outcomes = [await _run(socket, "".join(cell["source"])) for cell in cells]
    socket.close()
    return outcomes.count("error")


async def _run(socket, code):
    header = {"msg_id": uuid4().hex, "msg_type": "execute_request", "session": "", "username": "", "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    await socket.write_message(json.dumps(message))
    while True:
        text = await asyncio.wait_for(socket.read_message(), CELL_S)
        if text is None:
            raise RuntimeError("the kernel was lost")
        if isinstance(text, bytes):
            continue  # what a widget draws, with its buffers; a reply is text
        said = json.loads(text)
        mine = said.get("parent_header", {}).get("msg_id") == header["msg_id"]
        if mine and said["header"]["msg_type"] == "execute_reply":
            return said["content"]["status"]


def _told(taken):
    return f"{taken['Anonymous'] / MIB:.0f} MiB own, {taken['Pss'] / MIB:.0f} PSS, {taken['Rss'] / MIB:.0f} RSS"


def of_user(name):
    """Bytes of all processes of a user together, by kind."""
    total = {"Anonymous": 0, "Pss": 0, "Rss": 0}
    for folder in processes_of(name):
        for line in (folder / "smaps_rollup").read_text().splitlines():
            key, _, rest = line.partition(":")
            if key in total:
                total[key] += int(rest.split()[0]) * 1024
    return total


def processes_of(name):
    """The folders in /proc of a user's server and its kernels, known by a variable that the hub gave them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"JUPYTERHUB_USER={name}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(folder)
        except OSError:
            continue  # it ended, or is somebody else's
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
