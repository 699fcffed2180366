"""Random calls of every public function: a result, or one sentence that names the argument; never a trace."""

import os
import random
import time
from pathlib import Path

import pytest

try:
    import resource
except ImportError:  # Windows
    resource = None
from hostile import Rude, call, complaint
from public_calls import FUNCTIONS

import convlab
from convlab.refusals import ArgumentError

FULL = os.environ.get("CONVLAB_FULL") == "1"
CALLS = 2000 if FULL else 50
LOOKED_AT = 20  # of so many results of the full count one is used: to make a drawing is cheap, to paint it is not
MORE = 4 << 30  # bytes beyond what is taken: a call that wants to fill the memory fails, and the machine lives on
LONGEST_S = 3  # of one call, on one core; to fill so much takes longer


@pytest.fixture(scope="module", autouse=True)
def little_memory():
    """A limit on the memory, until these tests are over."""
    taken = Path("/proc/self/statm")
    if not taken.exists():
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    most = int(taken.read_text().split()[0]) * resource.getpagesize() + MORE
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_any_call_gives_a_result_or_one_sentence(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a progress may be written to a file of any name
    public = FUNCTIONS[name]
    found = {}
    for seed in range(CALLS if FULL else max(3, round(CALLS * public.share))):
        used = public.after if not FULL or seed % LOOKED_AT == 0 else None
        positional, named = call(public.function, public.right, random.Random(f"{name} {seed}"))
        begun = time.thread_time()
        said = complaint(public.function, positional, named, public.words, used)
        if (took := time.thread_time() - begun) > LONGEST_S:
            said = f"{took:.0f} seconds"
        if said:
            found.setdefault(said[:90], (seed, said))
    assert not found, "\n".join(f"{seed}: {said}" for seed, said in found.values())


def test_every_public_name_is_called():
    called = {getattr(public.function, "__qualname__", "").split(".")[0] for public in FUNCTIONS.values()}
    assert set(convlab.__all__) <= called | {"ShapeError"}  # an error is not called


def test_what_is_no_sentence_is_found():
    def broken(size):
        return 1 / size

    assert "a trace from inside, ZeroDivisionError" in complaint(broken, [0], {})
    assert complaint(broken, [2], {}) is None and complaint(broken, [], {}) is None
    assert "names no argument" in complaint(refusing("Something is wrong."), [0], {})
    assert complaint(refusing("size must be positive; got 0."), [0], {}) is None
    assert "its result breaks" in complaint(lambda size: Rude(), [0], {})


def refusing(words):
    """A function that refuses with these words."""

    def refuses(size):
        raise ArgumentError(words)

    return refuses
