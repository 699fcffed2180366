"""Numbered pictures say what the array says; figures put the numbers where the text says they are."""

import re

import numpy as np
import pytest

from convlab.pictures import beside, draw_maps, draw_place, draw_ruler, format_number, numbers, source
from convlab.pictures.groups import draw_groups
from convlab.pictures.views import draw_taps
from convlab.shapes import ArgumentError


def test_every_number_of_the_array_is_written_in_its_row():
    array = np.arange(-3, 9).reshape(3, 4)
    rows = re.findall(r"<tr.*?</tr>", numbers(array)._repr_html_())
    assert [[int(n) for n in re.findall(r">(-?\d+)</td>", row)] for row in rows] == array.tolist()


def test_text_and_html_are_the_same_on_every_run():
    first, second = (numbers([[1, -2.5], [0, 4]], "weight", mark=[(0, 1)]) for _ in range(2))
    assert (repr(first), first._repr_html_()) == (repr(second), second._repr_html_())


def test_a_marked_cell_is_framed_and_no_other():
    html = numbers([[1, 2], [3, 4]], mark=[(1, 0)])._repr_html_()
    framed = re.findall(r"inset[^>]*>(\d)</td>", html)
    assert framed == ["3"]


def test_below_zero_is_hatched():
    assert "repeating-linear-gradient" in numbers([[-1]])._repr_html_()
    assert "repeating-linear-gradient" not in numbers([[1]])._repr_html_()


def test_channels_are_shown_side_by_side():
    assert repr(numbers(np.ones((2, 1, 3)))).count("channel") == 2


def test_a_tensor_that_wants_gradients_is_shown():
    import torch

    assert "2 3" in repr(numbers(torch.tensor([[2.0, 3.0]], requires_grad=True)))


@pytest.mark.parametrize(
    ("bad", "words"),
    [([[1], [2, 3]], "equal rows"), ("cat", "equal rows"), (np.ones(3), "2 axes"), (None, "2 axes|rows")],
)
def test_what_is_no_table_of_numbers_gets_one_sentence(bad, words):
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        numbers(bad)
    assert "\n" not in str(caught.value)


def test_an_unknown_role_is_named():
    with pytest.raises(TypeError, match="role must be one of input, weight"):
        numbers([[1]], role="kernel")


def test_a_title_cannot_carry_html():
    assert "<script>" not in numbers([[1]], title="<script>")._repr_html_()


def test_beside_keeps_the_order():
    text = repr(beside(numbers([[1]], title="yours"), numbers([[2]], title="expected")))
    assert text.index("yours") < text.index("expected")


def test_source_leaves_the_docstring_out_and_the_code_in():
    shown = repr(source(format_number))
    assert "whole numbers whole" not in shown
    assert "return str(int(value))" in shown


def test_source_of_no_function_gets_one_sentence():
    with pytest.raises(TypeError, match="source needs a function written in Python"):
        source(len)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1234567.0, "1.2e6"),
        (0.5, "0.5"),
        (1 / 3, "0.333"),
        (float("nan"), "nan"),
        (-12.345, "-12.3"),
        (1e-4, "1e-4"),
    ],
)
def test_numbers_are_written_as_the_widgets_write_them(value, text):
    assert format_number(value) == text


def test_the_figure_of_a_place_shows_torchs_value_and_its_sum():
    import torch

    rng = np.random.default_rng(0)
    input, weight = rng.integers(-3, 4, (4, 6)), rng.integers(-2, 3, (2, 3))
    figure = draw_place(input, weight, (1, 2), bias=2)
    expected = (
        torch.conv2d(torch.tensor(input)[None, None].double(), torch.tensor(weight)[None, None].double())[0, 0] + 2
    )
    shown = [int(text.get_text()) for text in figure.figure.axes[2].texts]
    assert shown == expected.flatten().int().tolist()
    sentence = repr(figure)
    total = sentence.split(" = ")[1].replace("·", "*")
    assert eval(total) == expected[1, 2].item() == int(sentence.split(" = ")[2])


def test_zero_is_the_middle_of_a_feature_maps_scale():
    figure = draw_maps(np.zeros((3, 4, 5)), edges=np.array([[-3.0, 1.0]]))
    assert figure.figure.axes[1].images[0].get_clim() == (-3.0, 3.0)


def test_a_drawing_is_a_picture_in_the_notebook_the_same_on_every_run():
    first, second = (draw_place([[1, 2], [3, 4]], [[1]], (0, 1))._repr_png_() for _ in range(2))
    assert first.startswith(b"\x89PNG")
    assert first == second


def test_the_signed_scale_is_the_widgets_own():
    from pathlib import Path

    import convlab
    from convlab.pictures import SIGNED

    script = (Path(convlab.__file__).parent / "widgets" / "kernel_lab_scale.js").read_text()
    stops = re.findall(r"\[(-?[\d.]+), \[(\d+), (\d+), (\d+)\]\]", script)
    assert [(float(t), (int(r), int(g), int(b))) for t, r, g, b in stops] == [(t, rgb) for t, rgb in SIGNED]


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ((8, 3, 2, 0), "floor((8 + 2·0 - 3) / 2) + 1 = 3 places; 1 cell is never read"),
        ((8, 3, 1, 1), "floor((8 + 2·1 - 3) / 1) + 1 = 8 places; every cell is read"),
        ((9, 2, 4, 0), "floor((9 + 2·0 - 2) / 4) + 1 = 2 places; 5 cells are never read"),
    ],
)
def test_a_ruler_shows_every_place_and_hatches_what_is_never_read(setting, sentence):
    length, kernel_size, stride, padding = setting
    drawing = draw_ruler(length, kernel_size, stride, padding)
    words = [text.get_text() for text in drawing.figure.axes[0].texts]
    hatched = [patch for patch in drawing.figure.axes[0].patches if patch.get_hatch()]
    places = [word for word in words if word.startswith("place")]
    assert repr(drawing) == sentence == words[-1]
    assert places == [f"place {at}" for at in range((length + 2 * padding - kernel_size) // stride + 1)]
    assert len(hatched) == (0 if "every" in sentence else int(sentence.split("; ")[1].split()[0]))
    assert drawing._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("draw", "named"),
    [
        (lambda: draw_ruler(290, 3, padding=6), "length, with its padding, must be at most 300"),
        (lambda: draw_taps(2**31, (1, 2)), "kernel_size reaches over must be at most 300"),
        (lambda: draw_taps(3, range(1, 10**12)), "kernel_size reaches over must be at most 300"),
        (lambda: draw_groups(10**30, 6, 2), "in_channels times out_channels must be at most 600"),
        (lambda: draw_groups(48, 48, 2), "in_channels times out_channels must be at most 600"),
    ],
)
def test_what_is_too_much_to_be_drawn_is_refused_before_it_is_begun(draw, named):
    with pytest.raises(ArgumentError, match=f"{named} to be drawn; got .*: take less"):
        draw()


def test_a_figure_that_was_shown_is_let_go_and_shown_again_as_it_was():
    drawing = draw_place([[1, 2], [3, 4]], [[1]], (0, 1))
    axes, shown = drawing.figure.axes, drawing._repr_png_()
    assert drawing.figure is None and not axes[0].texts  # its parts are free without the garbage collector
    assert drawing._repr_png_() == shown and repr(drawing) == "output[0, 1] = 2·1 = 2"
