"""The benchmark of the engines: what it times is a convolution, each engine alone, and a missed bound is said."""

from argparse import Namespace

import numpy as np
import pytest

from benchmarks import _one_engine, engines
from benchmarks._frame import FREE, KEPT, MISSED, TABLE, Figures
from benchmarks._layers import LAYERS, Layer
from benchmarks.engines import TIMED, TIMED_LARGE, Process, fft_row, im2col_rows, tiled_rows, times

SMALL = Layer((2, 3, 7, 6), 4)
ENGINES = ("loops", *{**dict.fromkeys(TIMED + TIMED_LARGE)})


def measured(**changed):
    """{layer: {engine: Figures}} that keeps every bound, but for the engines whose milliseconds are given."""
    best = {"im2col": 2, "tiled": 1.5, "torch": 1, "index": 4} | changed
    return {layer: {name: Figures.of([ms, ms * 1.2, ms * 1.4]) for name, ms in best.items()} for layer in LAYERS}


def missed(rows):
    return [row.what for row in rows if row.verdict == MISSED]


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


@pytest.mark.slow
def test_each_engine_has_a_process_of_its_own():
    with Process("torch") as torch, Process("index") as index, Process("tiled") as tiled:
        assert len({torch.child.pid, index.child.pid, tiled.child.pid}) == 3
        found = times(SMALL, {"torch": torch, "index": index, "tiled": tiled}, rounds=2, calls=2)
    assert [one.count for one in found.values()] == [4, 4, 4]
    assert torch.child.returncode == index.child.returncode == tiled.child.returncode == 0


def test_a_process_that_ends_is_named():
    with Process("no such engine") as process, pytest.raises(RuntimeError, match="'no such engine' ended"):
        process.ask("seconds", SMALL)


def test_an_engine_has_one_thread_and_all_instructions_before_its_process_begins(monkeypatch):
    seen = []
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setattr(engines.subprocess, "Popen", lambda command, **how: seen.append((command, how["env"])))
    Process("im2col")
    [(command, environment)] = seen
    assert command[-1] == "im2col"
    assert environment["OMP_NUM_THREADS"] == environment["OPENBLAS_NUM_THREADS"] == "1"
    assert "OPENBLAS_CORETYPE" not in environment and "PATH" in environment


def test_im2col_is_bound_by_torch_and_by_the_index_arrays_on_each_layer():
    assert missed(im2col_rows(measured())) == []
    assert len(missed(im2col_rows(measured(im2col=2.5)))) == 4  # 4 / 2.5 is less than 1.8
    assert len(missed(im2col_rows(measured(im2col=3.1)))) == 8
    found = measured()
    found[LAYERS[3]]["im2col"] = measured(im2col=3.5)[LAYERS[3]]["im2col"]
    assert missed(im2col_rows(found)) == [f"{LAYERS[3]}, beside {name}" for name in ("torch", "index im2col")]


def test_tiled_may_be_slow_on_one_layer_of_four():
    found = measured()
    assert [row.verdict for row in tiled_rows(found)].count(KEPT) == 3
    for layer, count in ((LAYERS[1], 0), (LAYERS[3], 1)):
        found[layer]["tiled"] = measured(tiled=5)[layer]["tiled"]
        rows = list(tiled_rows(found))
        assert len(missed(rows)) == count
        assert [row.verdict for row in rows].count(FREE) == 1


def test_the_fft_is_bound_by_the_fastest_of_the_others():
    best = {"windows": 9, "im2col": 2, "tiled": 1.5, "fft": 1.4}
    figures = {name: Figures.of([ms]) for name, ms in best.items()}
    assert fft_row(figures).verdict == KEPT and fft_row(figures).rival == "tiled"
    assert fft_row({**figures, "fft": Figures.of([1.6])}).verdict == MISSED


def test_every_part_of_the_table_that_is_the_engines_gets_its_rows(monkeypatch):
    monkeypatch.setattr(engines, "Process", lambda name: FakeProcess(name))
    rows = list(engines.measure(Namespace(quick=True)))
    assert [part for part in TABLE if any(row.part == part for row in rows)] == ["im2col", "tiled", "fft"]
    assert len(rows) == 8 + 4 + 1 + 1
    [scratch] = [row for row in rows if row.unit == "MB"]
    assert scratch.verdict == KEPT and scratch.ratio == 11


class FakeProcess:
    def __init__(self, name):
        self.name = name

    def ask(self, what, layer, calls=3):
        if what == "scratch":
            return {"tiled": 1e6, "im2col": 11e6}[self.name]
        return {"share": 1, "seconds": [0.001, 0.002, 0.003]}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass
