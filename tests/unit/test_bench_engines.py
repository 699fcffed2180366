"""The benchmark of the engines: what it times is a convolution, each engine alone, and a missed bound is said."""

import numpy as np
import pytest

from benchmarks import _one_engine, engines
from benchmarks._layers import LARGE_KERNEL, LAYERS, Layer
from benchmarks.engines import ENGINES, Figures, Process, bounds, measure, table

SMALL = Layer((2, 3, 7, 6), 4)


def figures(seconds, scratch=None):
    return Figures([seconds, seconds * 1.2, seconds * 1.4], 1.0, scratch)


def measured(**changed):
    """{layer: {engine: Figures}} that keeps every bound, but for the engines whose seconds are given."""
    seconds = {"loops": 90, "windows": 9, "im2col": 2, "tiled": 1.5, "fft": 1.4, "torch": 1, "index": 4} | changed
    scratch = {"im2col": 50, "tiled": changed.get("scratch", 5)}
    one = {name: figures(seconds[name], scratch.get(name)) for name in ENGINES}
    return {layer: dict(one) for layer in (*LAYERS, LARGE_KERNEL)}


def missed(found):
    return [asked.split(":")[0] for asked, _, kept in bounds(found) if not kept]


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_that_is_timed_is_the_same_convolution(name):
    input, weight = _one_engine.arrays(name, SMALL)
    output = _one_engine.engine(name)(input, weight, padding=1)
    expected = _one_engine.engine("loops")(np.asarray(input), np.asarray(weight), padding=1)
    assert tuple(output.shape) == (2, 4, 7, 6)
    assert np.allclose(output, expected, atol=1e-5)


def test_a_part_of_a_layer_is_scaled_by_its_multiplications(monkeypatch):
    monkeypatch.setitem(_one_engine.MOST_CELLS, "loops", 4 * 7 * 6)
    answer = _one_engine.answer("loops", "seconds", SMALL, 2)
    assert answer["share"] == 1 / 2
    assert len(answer["seconds"]) == 2
    assert str(SMALL.part(3 * 4 * 6)) == "1x3x3x6 to 4, 3 x 3"
    assert SMALL.part(10**6) == SMALL


def test_a_slow_engine_is_called_once(monkeypatch):
    assert len(_one_engine.seconds("im2col", SMALL, 3)) == 3
    monkeypatch.setattr(_one_engine, "LONGEST_S", 1e-9)
    assert len(_one_engine.seconds("im2col", SMALL, 3)) == 1


def test_scratch_is_the_peak_without_the_output():
    layer = Layer((1, 2, 40, 50), 64)
    columns = 2 * 9 * 40 * 50 * 4
    assert columns < _one_engine.scratch("im2col", layer) < 2 * columns
    assert _one_engine.scratch("index", layer) > 3 * columns  # the two index arrays are of int64


def test_the_tiles_take_a_tenth_of_the_memory_of_all_columns():
    columns, tiles = (_one_engine.scratch(name, LAYERS[2]) for name in ("im2col", "tiled"))
    assert 0 < tiles <= columns / 10


def test_each_engine_has_a_process_and_threads_of_its_own():
    with Process("torch", 1) as torch, Process("index", 1) as index, Process("tiled", 1) as tiled:
        assert len({torch.child.pid, index.child.pid, tiled.child.pid}) == 3
        found = measure(SMALL, {"torch": torch, "index": index, "tiled": tiled}, rounds=2, calls=2)
    assert [len(one.seconds) for one in found.values()] == [4, 4, 4]
    assert found["torch"].scratch is None and found["tiled"].scratch > 0
    assert torch.child.returncode == index.child.returncode == tiled.child.returncode == 0


def test_a_process_that_ends_is_named():
    with Process("no such engine", 1) as process, pytest.raises(RuntimeError, match="'no such engine' ended"):
        process.ask("seconds", SMALL)


def test_the_threads_are_set_before_a_process_begins(monkeypatch):
    seen = []
    monkeypatch.setattr(engines.subprocess, "Popen", lambda command, **how: seen.append((command, how["env"])))
    Process("im2col", 2)
    [(command, environment)] = seen
    assert command[-1] == "im2col"
    assert environment["OMP_NUM_THREADS"] == environment["OPENBLAS_NUM_THREADS"] == "2"


def test_the_bounds_are_those_of_the_design():
    assert missed(measured()) == []
    assert missed(measured(im2col=3.1)) == ["im2col", "im2col"]
    assert missed(measured(im2col=2.5)) == ["im2col"]  # 4 / 2.5 is less than 1.8
    assert missed(measured(tiled=1.8)) == ["tiled"]
    assert missed(measured(scratch=5.1)) == ["tiled"]
    assert missed(measured(fft=2.1)) == ["fft"]


def test_the_tiled_engine_may_miss_on_one_layer_and_im2col_on_none():
    found = measured()
    found[LAYERS[1]] = {**found[LAYERS[1]], "tiled": figures(5)}
    assert missed(found) == []
    found[LAYERS[3]] = {**found[LAYERS[3]], "tiled": figures(5)}
    assert missed(found) == ["tiled"]
    found[LAYERS[3]] = {**found[LAYERS[3]], "tiled": figures(1), "im2col": figures(3.5, 50)}
    assert missed(found) == ["im2col", "im2col"]


def test_the_table_says_the_ratios_and_what_was_timed_in_part():
    found = measured()[LAYERS[0]]
    found["loops"].share = 1 / 64
    lines = table(LAYERS[0], 2, found).splitlines()
    assert lines[0] == "8x32x32x32 to 64, 3 x 3; 2 threads"
    assert lines[2].endswith("timed on 1.6% of the layer, scaled")
    name, count, best, median, spread, ratio, faster, *_ = lines[4].split()
    assert (name, count, best, median, spread) == ("im2col", "3", "2000.00", "2400.00", "17%")
    assert (ratio, faster) == ("2.00", "2")


@pytest.mark.parametrize(("kept", "status"), [(True, 0), (False, 1)])
def test_a_missed_bound_is_printed_and_is_the_exit_status(kept, status, monkeypatch, capsys):
    monkeypatch.setattr(engines, "Process", lambda name, threads: FakeProcess())
    monkeypatch.setattr(engines, "measure", lambda layer, *_: measured(tiled=1.5 if kept else 1.9)[layer])
    assert engines.main(["--quick"]) == status
    out = capsys.readouterr().out
    assert out.count("; 1 thread\n") == out.count("; 2 threads\n") == 5
    assert ("MISSED" in out) is not kept


class FakeProcess:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass
