"""The clock of the course: functions in turn on one thread, told as a median and a spread. No test waits for a time."""

import sys

import numpy as np
import pytest
import torch
from IPython.lib.pretty import pretty

from convlab.layers import threads, timing
from convlab.shapes import ArgumentError, ShapeError

measure = timing.measure


class Clock:
    """A clock that moves only when it is told to; reading it takes no time."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def takes(self, *seconds):
        """A function that takes so long: at each call the next, the last for ever."""
        calls = iter(seconds)
        last = [seconds[-1]]

        def function():
            self.now += next(calls, last[0])
            self.calls = getattr(self, "calls", 0) + 1

        return function


@pytest.fixture
def clock(monkeypatch):
    own = Clock()
    monkeypatch.setattr(timing, "_clock", own)
    return own


def test_the_median_and_the_quartiles_are_those_of_the_laps_after_the_warm_up(clock):
    # Two runs of 1 s warm it up.
    found = measure({"a": clock.takes(1, 1, 0.004, 0.001, 0.002, 0.003, 0.009)}, runs=5)["a"]
    assert found.all_ms == pytest.approx((4, 1, 2, 3, 9))
    assert (found.median_ms, found.low_ms, found.high_ms) == pytest.approx((3, 2, 4))
    assert isinstance(found.median_ms, float)


def test_all_functions_run_in_turn(clock):
    order = []
    runs = {name: clock.takes(0.2) for name in "abc"}
    functions = {name: lambda name=name: (order.append(name), runs[name]()) for name in "abc"}
    measure(functions, runs=4)
    assert "".join(order) == "aabbcc" + "abc" * 4


def test_a_short_function_is_run_often_for_a_lap_and_a_long_one_once(clock):
    called = {"short": 0, "long": 0}

    def function(name, seconds):
        called[name] += 1
        clock.now += seconds

    functions = {"short": lambda: function("short", 1e-5), "long": lambda: function("long", 0.01)}
    found = measure(functions, runs=7)
    assert called["long"] == 10 + 7 or called["long"] == 11 + 7  # 0.1 s of 0.01 s each, but for rounding
    assert 7 * 50 <= called["short"] - timing.WARM_S / 1e-5 <= 7 * 50 + 2
    assert found["short"].all_ms == pytest.approx([0.01] * 7) and found["long"].all_ms == pytest.approx([10] * 7)


def test_one_slow_run_of_the_warm_up_does_not_make_a_short_function_long(clock):
    function = clock.takes(5e-5, 0.2, 5e-5)
    measure({"a": function}, runs=1)
    assert clock.calls == 2 + 10


def test_after_some_seconds_there_are_no_more_laps_but_at_least_five(clock):
    functions = {"a": clock.takes(1.5), "b": clock.takes(0.5)}
    assert {name: len(laps.all_ms) for name, laps in measure(functions, runs=60, seconds=6).items()} == {"a": 5, "b": 5}
    assert len(measure(functions, runs=60, seconds=15)["b"].all_ms) == 8
    assert len(measure(functions, runs=3, seconds=15)["b"].all_ms) == 3


def test_whoever_goes_through_the_laps_may_stop_at_any_of_them(clock):
    steps = timing.laps({"a": clock.takes(0.2), "b": clock.takes(0.3)}, runs=5)
    counts = [[len(all_s) for all_s in taken.values()] for _, taken in zip(range(7), steps, strict=False)]
    assert counts == [[0, 0]] * 4 + [[1, 0], [1, 1], [2, 1]]
    steps.close()
    assert clock.now == pytest.approx(4 * 0.2 + 3 * 0.3)


def test_inside_there_is_one_thread_of_pytorch_and_of_numpy_and_afterwards_as_many_as_before():
    told = []
    ask, tell = timing._blas()
    before = ask()
    with threads.threads(2):
        tell(2)
        try:
            measure({"a": lambda: told.append((torch.get_num_threads(), ask()))}, runs=1)
            assert set(told) == {(1, 1)} and (torch.get_num_threads(), ask()) == (2, 2)
            with pytest.raises(ZeroDivisionError):
                measure({"a": lambda: 1 / 0})
            assert (torch.get_num_threads(), ask()) == (2, 2)
        finally:
            tell(before)


def test_without_pytorch_and_with_another_blas_it_measures_too(clock, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(timing, "_found", [None])
    found = measure({"a": clock.takes(0.2)}, runs=2)
    assert len(found["a"].all_ms) == 2
    assert "PyTorch" not in found.machine and "as many as it takes" in found.machine


def test_autograd_is_left_as_it_is():
    found = []
    measure({"a": lambda: found.append(torch.is_grad_enabled())}, runs=1)
    with torch.no_grad():
        measure({"a": lambda: found.append(torch.is_grad_enabled())}, runs=1)
    assert set(found) == {True, False} and found[0] and not found[-1]


def test_the_line_is_the_same_whatever_was_measured_and_the_table_has_the_times(clock):
    one = measure({"loops": clock.takes(0.2), "im2col": clock.takes(0.05)}, runs=2)
    other = measure({"loops": clock.takes(0.3), "im2col": clock.takes(0.4)}, runs=3)
    assert repr(one) == repr(other) == pretty(one) == "Timing of loops, im2col (the milliseconds: .table())"
    assert one.table().splitlines()[1:3] == [
        "loops   200 ms  200 to 200 ms    2     4 x",
        "im2col  50 ms   50 to 50 ms      2     1 x",
    ]
    for text in (one.table(), one._repr_html_()):
        assert f"measured on {timing.machine()}" in text
        for part in ("loops", "200 ms", "50 to 50 ms", "4 x"):
            assert part in text
    assert one.ratio("loops", "im2col") == pytest.approx(4)
    assert f"NumPy {np.__version__}, PyTorch {torch.__version__.split('+')[0]}, one thread" in one.machine


def test_a_name_with_a_tag_in_it_is_only_text(clock):
    assert '<td style="text-align:left">&lt;b&gt;' in measure({"<b>": clock.takes(0.2)}, runs=1)._repr_html_()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (({},), "functions must be a dict {name: function without arguments}; got {}"),
        (([print],), "functions must be a dict"),
        (({"a": 3},), "functions must be a dict"),
        (({"a": print}, 0), "runs must be 1 or more; got 0"),
        (({"a": print}, 2.5), "runs must be"),
        (({"a": print}, 3, 0), "seconds must be a number above 0; got 0"),
        (({"a": print}, 3, "long"), "seconds must be a number above 0; got 'long'"),
        (({"a": print}, 3, float("nan")), "seconds must be a number above 0; got nan"),
    ],
)
def test_bad_input_gets_one_sentence_before_anything_runs(wrong, says):
    with pytest.raises((ArgumentError, ShapeError)) as caught:
        timing.laps(*wrong)
    assert says in str(caught.value) and "\n" not in str(caught.value)
