"""The figures of lesson 11 name the numbers of real messages, cut as torch cuts, and show what really moved."""

import copy
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from convlab.pictures.clinic import SYMPTOMS, draw_cuts, draw_message, draw_moved, draw_readings, symptoms
from convlab.shapes import ArgumentError

ZEROS = torch.zeros
CONV = nn.Conv2d(3, 8, (3, 5))
# What fails -> what its numbers are called.
FAILURES = {
    "channels": (lambda: CONV(ZEROS(2, 5, 9, 11)), "3 wanted, 5 given, 3 wanted, 5 given"),
    "unbatched": (lambda: CONV(ZEROS(4, 9, 11)), "3 wanted, 4 given, 3 wanted, 4 given"),
    "linear": (lambda: nn.Linear(320, 10)(ZEROS(2, 480)), "480 given, 320 wanted"),
    "dtype": (lambda: CONV(ZEROS(1, 3, 9, 11, dtype=torch.uint8)), "unsigned char given, float wanted"),
    "too small": (lambda: CONV(ZEROS(1, 3, 2, 4)), "2 rows, 4 columns, 3 rows, 5 columns"),
    "sum": (lambda: ZEROS(1, 3, 14, 11) + ZEROS(1, 3, 13, 11), "14 one path, 13 the other, 2 axis"),
    "view": (lambda: ZEROS(2, 30).view(-1, 7), "7 a row, 60 all numbers"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_the_numbers_of_torchs_own_messages_have_names(name):
    run, wanted = FAILURES[name]
    with pytest.raises(RuntimeError) as failed:
        run()
    shown = draw_message(failed.value)
    assert repr(shown).splitlines() == [str(failed.value), wanted]
    page = re.sub(r"<[^>]+>", "", re.sub(r"(<span style=\"font:11px[^>]*>)[^<]*", r"\1", shown._repr_html_()))
    assert page.replace("&#x27;", "'") == str(failed.value)
    for part in wanted.split(", "):
        number, label = re.fullmatch(r"(unsigned char|\S+) (.+)", part).groups()
        assert re.search(rf">{number}</span><span[^>]*>{label}</span>", shown._repr_html_())


def test_an_input_left_on_another_device_is_named_as_well():
    said = "Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) should be the same"
    assert repr(draw_message(said)).endswith("\ntorch.cuda.FloatTensor given, torch.FloatTensor wanted")


def test_a_message_that_is_not_known_is_shown_as_it_is():
    shown = draw_message("ValueError: <b>in_channels</b>")
    assert repr(shown) == "ValueError: <b>in_channels</b>" and "&lt;b&gt;" in shown._repr_html_()
    assert draw_message("<b> (2x480 and 320x10)")._repr_html_().count("<b>") == 0


CUTS = [(3, 240, 180), (2, 60, 40), (2, 30, 60), (4, 12, 6), (3, 5, 5)]


@pytest.mark.parametrize(("pictures", "numbers", "row"), CUTS)
def test_rows_are_cut_as_torch_cuts_them(pictures, numbers, row):
    owner = torch.arange(pictures).repeat_interleave(numbers).view(-1, row)
    drawing = draw_cuts(pictures, numbers, row)
    said = [sorted(map(int, re.findall(r"\d+", part.split(":")[1]))) for part in repr(drawing).split("; ")]
    assert said == [one.unique().tolist() for one in owner]
    flat, viewed = drawing.figure.axes
    assert [text.get_text() for text in flat.texts] == [f"picture {one}" for one in range(pictures)]
    drawn = torch.full_like(owner, -1)
    for bar, text in zip(viewed.patches, viewed.texts, strict=True):
        start, at = round(bar.get_x()), round(bar.get_y() + bar.get_height() / 2)
        drawn[at, start : start + round(bar.get_width())] = int(text.get_text().split()[1])
    assert torch.equal(drawn, owner)


def test_a_row_that_torch_refuses_is_refused():
    with pytest.raises(RuntimeError):
        ZEROS(2, 30).view(-1, 7)
    with pytest.raises(ArgumentError, match="got 7"):
        draw_cuts(2, 30, 7)


@pytest.mark.parametrize("mode", [True, False])
def test_what_a_step_moved_has_a_bar_as_long_as_its_largest_change(mode):
    torch.manual_seed(11)
    net = nn.Sequential(nn.Conv2d(1, 2, (3, 2)), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(30, 3))
    net[0].requires_grad_(False)
    net.train(mode)
    before = copy.deepcopy(net.state_dict())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    F.cross_entropy(net(torch.rand(4, 1, 5, 6)), torch.tensor([0, 1, 2, 0])).backward()
    optimizer.step()
    after = net.state_dict()
    change = {name: (after[name] - it).abs().max().item() for name, it in before.items()}
    drawing = draw_moved(before, after)
    axes = drawing.figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(change)
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert np.allclose(ends, [step for step in change.values() if step])
    assert len(axes.texts) == sum(not step for step in change.values()) > 0
    said = dict(part.split(" ", 1) for part in repr(drawing).split("; "))
    assert {name: words == "moved" for name, words in said.items()} == {name: bool(it) for name, it in change.items()}
    assert (change["1.num_batches_tracked"] == 1) is mode


def test_each_program_has_its_picture_and_its_share():
    pictures = {"a": np.random.default_rng(1).random((3, 4, 6)), "b": np.zeros((3, 4, 6))}
    drawing = draw_readings(pictures, {"a": 0.862, "b": 0.1})
    axes = drawing.figure.axes
    tops, bottoms = axes[:2], axes[2:]
    assert [it.get_title() for it in tops] == ["a", "b"]
    for it, picture in zip(tops, pictures.values(), strict=True):
        assert np.allclose(it.images[0].get_array(), picture.transpose(1, 2, 0))
    assert np.allclose([it.patches[0].get_width() for it in bottoms], [86.2, 10])
    assert [it.texts[0].get_text() for it in bottoms] == ["86 %", "10 %"]
    assert "86" not in repr(drawing) and drawing._repr_png_()[:4] == b"\x89PNG"


def test_a_guess_stands_above_its_bar():
    pictures = {name: np.zeros((3, 4, 6)) for name in "abc"}
    drawing = draw_readings(pictures, dict.fromkeys("abc", 0.5), {"a": 12.5, "b": ..., "c": 90})
    a, b, c = drawing.figure.axes[3:]
    assert [line.get_xdata()[0] for it in (a, b, c) for line in it.lines] == [12.5, 90]
    assert [[text.get_text() for text in it.texts[1:]] for it in (a, b, c)] == [
        ["your guess: 12.5 %"], [], ["your guess: 90 %"]
    ]  # fmt: skip
    assert repr(drawing).endswith("; guessed: a 12.5 %, c 90 %")


@pytest.mark.parametrize("guess", ["60 %", -1, 101, float("nan"), True, None])
def test_a_guess_is_a_percentage(guess):
    with pytest.raises(ArgumentError, match=r"^guesses must have numbers from 0 to 100, in percent; got .* for 'a'"):
        draw_readings({"a": np.zeros((3, 4, 6))}, {"a": 0.5}, {"a": guess})


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_the_table_grows_by_four_symptoms_a_round(rounds):
    html, text = symptoms(rounds)._repr_html_(), repr(symptoms(rounds))
    assert html.count("<tr>") == 1 + 4 * rounds == 1 + text.count("\n  ")
    assert "`" not in html and "`" not in text and "*" not in html
    assert repr(symptoms()) == repr(symptoms(3)) and len(SYMPTOMS) == 12


@pytest.mark.parametrize("rounds", [0, 4, "1"])
def test_no_other_round_has_a_table(rounds):
    with pytest.raises(ArgumentError, match="rounds must be 1, 2 or 3"):
        symptoms(rounds)
