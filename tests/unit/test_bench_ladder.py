"""The bench of lesson 09's ladder reads the notebook's own rungs, and says what the times say, not more."""

from benchmarks.ladder import order, promised, rungs, ties
from convlab.layers.timing import Laps, Timing

CLEAR = {"F.conv2d": (1.0, 1.1), "tiled": (2.0, 2.5), "windows": (20.0, 25.0), "loops": (200.0, 220.0)}


def timing(**changed):
    return Timing({name: Laps(changed.get(name, all_ms)) for name, all_ms in CLEAR.items()})


def test_the_rungs_are_the_notebooks():
    assert set(rungs()) == {"loops", "windows", "im2col", "tiled", "fft", "F.conv2d"}


def test_the_slowest_comes_first():
    assert order(timing()) == ["loops", "windows", "tiled", "F.conv2d"]


def test_overlapping_middle_halves_are_a_tie():
    assert ties(timing()) == []
    assert ties(timing(tiled=(1.0, 1.2))) == [("tiled", "F.conv2d")]


def test_the_lessons_promise_is_about_loops_and_windows_alone():
    assert promised(timing()) and promised(timing(tiled=(0.5, 0.6)))
    assert not promised(timing(tiled=(30.0, 31.0)))
    assert not promised(timing(windows=(1.0, 5.0)))
    assert not promised(timing(loops=(15.0, 24.0)))
