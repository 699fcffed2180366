"""Functions that loop, exit, fill the memory, change what they get or answer by heart: a verdict each, in time."""

import asyncio
import sys

import pytest

from convlab.exercises import get
from tests.unit.exercise_help import in_tensors

pytestmark = pytest.mark.slow


def endless(*arguments, **more):
    while True:
        pass


def recursive(*arguments, **more):
    return recursive()


HOSTILE = {
    "loops": (endless, "timeout"),
    "leaves": (lambda *arguments, **more: sys.exit(), "error"),
    "calls itself": (recursive, "error"),
    "takes memory": (lambda *arguments, **more: bytearray(10 * 2**30), "error"),
    "generates": (lambda *arguments, **more: (k for k in "abc"), "wrong"),
    "waits": (lambda *arguments, **more: asyncio.sleep(1), "wrong"),
    "hands over a type": (lambda *arguments, **more: type, "wrong"),
    "is endlessly deep": (lambda *arguments, **more: [nested := [], nested.append(nested)], "wrong"),
}


MAIN = ["04.out_size", "04.pad2d", "04.conv2d", "05.receptive_field", "06.conv2d", "06.set_kernel"]
MAIN += ["07.simple_cnn", "07.freeze", "07.transfer", "08.conv2d_backward", "08.grad_check", "08.learn_kernel"]


@pytest.mark.parametrize("id", MAIN)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_function_gets_its_verdict(name, id):
    function, outcome = HOSTILE[name]

    class Timed(type(get(id))):
        timeout_s = 1.0 if outcome == "timeout" else 60.0

    if name != "takes memory" or sys.platform.startswith("linux"):
        assert Timed().check(function).outcome == outcome


ON_ARRAYS = ["04.pad2d", "04.conv2d", "06.conv2d", "09.im2col", "09.conv2d_im2col", "09.col2im", "10.grouped_conv"]
ON_ARRAYS += ["10.channel_shuffle"]


@pytest.mark.parametrize("id", ON_ARRAYS)
def test_a_changed_input_is_noticed(id):
    def changes(*given, **named):
        made = get(id).reference(*given, **named).clone()
        given[0][..., 0] += 1.0
        return made

    assert f"changes `{get(id).arguments[0]}`" in get(id).check(changes, seed=1).message


@pytest.mark.parametrize("id", ON_ARRAYS)
def test_an_answer_made_for_the_example_is_noticed(id):
    example = next(case for case in get(id).cases(0) if case.example)
    answer = get(id).reference(**in_tensors(example))
    said = get(id).check(lambda *given, **named: answer, seed=1).message
    assert "right on the example of the task and on no other" in said
