"""How many learners one class service takes: answers kept, time to the acknowledgement, memory, and where it breaks.

    python -m benchmarks.classroom                 PostgreSQL with 500 learners, SQLite with 100, each for a minute
    python -m benchmarks.classroom --seconds=20    shorter

A real hub, its proxy and one service process, as they are shipped; each learner answers every five seconds, over a
connection of its own each time, as kernels do. Every answer that was acknowledged is looked for in the database
afterwards. Then the rate is raised until the bound is broken. All of it runs on one machine, whose load is printed:
what does not depend on the others there is the processor time of the service for one answer. Linux only.
"""

import asyncio
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from convlab.classroom.records import Records
from convlab.classroom.settings import CACHE_S
from tests.classroom.hub import Hub
from tests.classroom.load import answering
from tests.classroom.postgres import postgres

EVERY_S = 5
WITHIN_S, SHARE = 0.5, 0.99
GROWTH_MIB = 20
STEP_S = 10
MOST_RATE = 1600


def main(arguments):
    """The exit status: 0 when each bound was kept."""
    seconds = next((float(text.split("=")[1]) for text in arguments if text.startswith("--seconds=")), 60.0)
    with tempfile.TemporaryDirectory(prefix="convlab-class-") as folder, postgres() as url:
        kept = measure("PostgreSQL", url, 500, seconds, Path(folder))
        return 0 if measure("SQLite", None, 100, seconds, Path(folder)) and kept else 1


def measure(name, url, count, seconds, folder):
    """Whether the bounds were kept with so many learners; prints what was measured.

    Args:
        name: of the database.
        url: of the database; None takes the workshop's own file.
        count: learners.
        seconds: how long they answer.
        folder: where the hub's folder is made.
    """
    home = folder / name
    home.mkdir()
    hub = Hub(home, url, CACHE_S)
    try:
        tokens = [hub.user(f"learner{number}", "convlab-students") for number in range(count)]
        asyncio.run(answering(hub.service, tokens, seconds=EVERY_S, every=EVERY_S, seed=1))  # the hub knows them now
        service, own = hub.service_process(), time.process_time()
        before = processor_s(service)
        with watched(service) as memory:
            outcome = asyncio.run(answering(hub.service, tokens, seconds=seconds, every=EVERY_S, seed=2))
        spent = {"the service": processor_s(service) - before, "who asked": time.process_time() - own}
        missing = outcome.acknowledged - stored_ids(url or f"sqlite:///{home / 'state' / 'class.sqlite'}")
        good = report(name, count, outcome, missing, memory)
        each = ", ".join(f"{who} {1000 * it / len(outcome.seconds):.2f} ms" for who, it in spent.items())
        print(f"  processor time an answer: {each}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print(f"  breaks at {breaking_rate(hub, tokens)}", flush=True)
        return good
    finally:
        hub.stop()


def report(name, count, outcome, missing, memory):
    """Whether the bounds were kept; prints the figures beside them."""
    share, growth = outcome.share_within(WITHIN_S), memory[-1] - memory[len(memory) // 4]
    good = share >= SHARE and not missing and not outcome.failed and growth <= GROWTH_MIB
    median, late = 1000 * outcome.percentile(0.5), 1000 * outcome.percentile(0.99)
    print(
        f"{name}, {count} learners, one answer in {EVERY_S} s each: {len(outcome.acknowledged)} acknowledged, "
        f"{len(missing)} of them not stored, {sum(outcome.failed.values())} failed {outcome.failed or ''}\n"
        f"  {100 * share:.2f} % within {1000 * WITHIN_S:.0f} ms (bound {100 * SHARE:.0f} %); median {median:.1f} ms, "
        f"99 % {late:.1f} ms\n"
        f"  memory of the service {memory[0]:.0f} to {memory[-1]:.0f} MiB; after the first quarter {growth:+.1f} "
        f"(bound {GROWTH_MIB})  {'kept' if good else 'MISSED'}",
        flush=True,
    )
    return good


def breaking_rate(hub, tokens):
    """The first rate at which the bound is missed, as text; each step is half as fast again as the one before."""
    rate = len(tokens) / EVERY_S
    while rate < MOST_RATE:
        each = round(1.5 * rate * STEP_S / len(tokens))  # a whole number of answers of each learner
        rate = each * len(tokens) / STEP_S
        outcome = asyncio.run(answering(hub.service, tokens, seconds=STEP_S, every=len(tokens) / rate, seed=int(rate)))
        if outcome.failed or outcome.share_within(WITHIN_S) < SHARE:
            reached = len(outcome.seconds) / STEP_S
            late = outcome.percentile(0.99)
            return f"{rate:.0f} answers a second ({reached:.0f} were acknowledged, 99 % of them in {late:.1f} s)"
    return f"no rate up to {rate:.0f} answers a second"


def stored_ids(url):
    """The ids of all attempts in a database."""
    records = Records(url)
    try:
        return {row["id"] for row in records.since()}
    finally:
        records.close()


def processor_s(pid):
    """The seconds of processor time that a process has taken so far."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def watched(pid):
    """A list that grows by the process's memory in MiB every half second."""
    memory, done = [], Event()

    def look():
        while True:
            status = Path(f"/proc/{pid}/status").read_text()
            memory.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
            if done.wait(0.5):
                return

    thread = Thread(target=look)
    thread.start()
    try:
        yield memory
    finally:
        done.set()
        thread.join()


if __name__ == "__main__":
    started = time.monotonic()
    status = main(sys.argv[1:])
    print(f"{time.monotonic() - started:.0f} s")
    sys.exit(status)
