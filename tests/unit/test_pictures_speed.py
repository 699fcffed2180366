"""The figures of lesson 09 say what torch computes, and never a time in the line that is stored."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from convlab.layers.timing import Laps, Timing
from convlab.pictures.speed import draw_growth, draw_matrices, draw_memory, draw_times
from convlab.shapes import ArgumentError

SLOW, QUICK = Laps((40.0, 50.0, 60.0, 55.0, 45.0)), Laps((0.2, 0.3, 0.25, 0.2, 9.0))


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_each_number_of_the_product_is_torchs():
    random = np.random.default_rng(9)
    input, weight = (torch.tensor(random.integers(-4, 5, shape)).float() for shape in ((1, 2, 4, 6), (3, 2, 3, 2)))
    columns, output = F.unfold(input, (3, 2))[0], F.conv2d(input, weight).flatten(2)[0]
    for entry in ((0, 0), (1, 7), (2, 9)):
        said = repr(draw_matrices(weight, columns, entry, channels=2))
        assert said == f"product[{entry[0]}, {entry[1]}] = {output[entry]:g}, from 12 products"


def test_the_sum_is_written_out_and_the_row_and_the_column_are_framed():
    figure = draw_matrices([[2, -1, 3]], [[1, 4], [5, -2], [0, 6]], entry=(0, 1)).figure
    empty, columns, rows, product = figure.axes
    assert texts(empty) == ["product[0, 1] =\n2·4 + (-1)·(-2) + 3·6\n= 28"]
    panels = (columns, rows, product)
    bold = [[text.get_text() for text in axes.texts if text.get_weight() == "bold"] for axes in panels]
    assert bold == [["4", "-2", "6"], ["2", "-1", "3"], ["28"]]
    assert [axes.get_title() for axes in panels] == ["columns 3 x 2", "rows 1 x 3", "product 1 x 2"]


def test_a_line_parts_the_channels():
    _, columns, rows, _ = draw_matrices(np.ones((1, 6)), np.ones((6, 2)), (0, 0), channels=3).figure.axes
    assert [line.get_ydata()[0] for line in columns.lines] == [line.get_xdata()[0] for line in rows.lines] == [2, 4]


def test_rows_and_columns_that_do_not_fit_are_told_so():
    with pytest.raises(ArgumentError, match=r"got \(3, 12\) and \(6, 12\)"):
        draw_matrices(np.ones((3, 12)), np.ones((6, 12)), (0, 0))


def test_memory_is_counted_in_numbers_and_bytes_as_torch_counts_it():
    for dtype in (torch.float32, torch.float64):
        x = torch.zeros(1, 2, 7, 9, dtype=dtype)
        columns = F.unfold(x, (3, 2))
        drawing = draw_memory({"input": x.shape, "columns": columns.shape}, itemsize=x.element_size())
        size = f"{columns.nbytes / 1000:.3g} kB"
        assert repr(drawing).endswith(f"columns {columns.numel()} numbers, {size}")
        assert [bar.get_width() for bar in drawing.figure.axes[0].patches] == [x.nbytes, columns.nbytes]


def test_times_are_drawn_and_not_told():
    drawing = draw_times(Timing({"loops": SLOW, "fft": QUICK}), {"fft": 3e6})
    assert repr(drawing) == "Picture of the times of loops, fft, and of their memory"
    left, right = drawing.figure.axes
    assert texts(left) == ["50 ms", "0.25 ms"] and texts(right) == ["not seen from Python", "3 MB"]
    spreads, halves, medians = ([line.get_xdata() for line in left.lines[at::3]] for at in range(3))
    assert [list(it) for it in spreads] == [[40, 60], [0.2, 9]]
    assert [list(it) for it in halves] == [[45, 55], [0.2, 0.3]] and [it[0] for it in medians] == [50, 0.25]
    assert [label.get_text() for label in left.get_yticklabels()] == ["loops", "fft"]


def test_close_times_still_have_two_powers_of_ten_around_them():
    axes = draw_times(Timing({"one": Laps((3.0, 3.1)), "the same": Laps((3.0, 3.2))})).figure.axes[0]
    assert axes.get_xscale() == "log" and axes.get_xlim() == (1, 10)
    axes = draw_times(Timing({"one": Laps((1.0, 10.0))})).figure.axes[0]
    assert axes.get_xlim() == (0.1, 100)


def test_growth_has_a_line_for_each_name_through_its_medians():
    timings = {15: Timing({"fft": QUICK, "tiled": QUICK}), 99: Timing({"fft": QUICK, "tiled": SLOW})}
    drawing = draw_growth(timings, "taps")
    assert repr(drawing) == "Picture of the times of fft, tiled, over 15, 99 taps"
    assert [list(line.get_ydata()) for line in drawing.figure.axes[0].lines] == [[0.25, 0.25], [0.25, 50]]
    assert drawing._repr_png_()[:4] == b"\x89PNG"
