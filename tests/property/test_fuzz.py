"""Random calls of every public function: a result, or one sentence that names the argument; never a trace."""

import os
import random

import pytest
from hostile import call, complaint
from public_calls import FUNCTIONS

CALLS = 2000 if os.environ.get("CONVLAB_FULL") == "1" else 50


@pytest.mark.parametrize("name", FUNCTIONS)
def test_any_call_gives_a_result_or_one_sentence(name):
    public = FUNCTIONS[name]
    found = {}
    for seed in range(max(3, round(CALLS * public.share))):
        positional, named = call(public.function, public.right, random.Random(f"{name} {seed}"))
        if said := complaint(public.function, positional, named, public.words, public.after):
            found.setdefault(said[:90], (seed, said))
    assert not found, "\n".join(f"{seed}: {said}" for seed, said in found.values())
