"""Random calls of every public function: a result, or one sentence that names the argument; never a trace."""

import os
import random

import pytest
from hostile import Rude, call, complaint
from public_calls import FUNCTIONS

import convlab
from convlab.refusals import ArgumentError

CALLS = 2000 if os.environ.get("CONVLAB_FULL") == "1" else 50


@pytest.mark.parametrize("name", FUNCTIONS)
def test_any_call_gives_a_result_or_one_sentence(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a progress may be written to a file of any name
    public = FUNCTIONS[name]
    found = {}
    for seed in range(max(3, round(CALLS * public.share))):
        positional, named = call(public.function, public.right, random.Random(f"{name} {seed}"))
        if said := complaint(public.function, positional, named, public.words, public.after):
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
