"""Lesson 09: the columns are unfold's, a step left out is said, and the judges read the page."""

import re

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from convlab.mistakes import MISTAKES
from convlab.questions import ids
from convlab.questions.lesson_09 import matrix
from convlab.shapes import Conv2dSpec
from tests.unit import judges_09, judges_09_speed
from tests.unit.by_lesson import SEEDS, made
from tests.unit.pages import Page
from tests.unit.people_09 import what_x_holds

pytestmark = pytest.mark.usefixtures("one_thread")

JUDGED = [id for id in ids("09") if made(id, 0).kind == "truefalse"]


def test_the_five_myths_of_the_lesson_are_judged_true_or_false():
    named = {mistake for id in JUDGED for mistake in made(id, 0).mistakes}
    assert {"M83", "M84", "M86", "M87", "M88"} <= named


@pytest.mark.parametrize("seed", SEEDS)
def test_the_columns_that_the_questions_compute_with_are_those_of_unfold(seed):
    rng = np.random.default_rng(seed)
    kernel, sides = ((2, 3), (3, 2), (1, 3))[seed % 3], ((4, 5), (5, 3))[seed % 2]
    x = rng.integers(0, 9, (2, *sides))
    columns = F.unfold(torch.tensor(x).double()[None], kernel)[0]
    rows = matrix.unfolded(x.tolist(), kernel)
    assert rows == columns.tolist()
    (wrong,) = MISTAKES["M85"].models["columns"](x[None].astype(float), Conv2dSpec(2, 1, kernel))
    assert matrix.tap_by_tap(rows, kernel[0] * kernel[1]) == wrong[0].tolist()
    assert np.prod(matrix.places_of(sides, kernel)) == columns.shape[1]
    picture = torch.arange(1.0, 1 + x.size).reshape(1, *x.shape)
    where = F.unfold(picture, kernel)[0]
    for pixel in np.ndindex(x.shape):
        copies = (where == picture[0][pixel]).nonzero().tolist()
        assert matrix.entries_of(pixel, kernel, matrix.places_of(sides, kernel)) == copies


LAYERS = {"layer-macs": ("macs", ("M83", "M117", "M201")), "columns-memory": ("memory", ("M84", "M86"))}


@pytest.mark.parametrize("id", LAYERS)
def test_what_the_models_of_the_mistakes_predict_is_named_when_it_is_typed(id):
    kind, mistakes = LAYERS[id]
    for seed in SEEDS:
        question = made(id, seed)
        page = Page(question)
        ((C_in, C_out, kH, kW),) = re.findall(r"nn\.Conv2d\((\d+), (\d+), kernel_size=\((\d+), (\d+)\)\)", page.prompt)
        spec = Conv2dSpec(int(C_in), int(C_out), (int(kH), int(kW)))
        shape = page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")
        for mistake in mistakes:
            (wrong,) = MISTAKES[mistake].models[kind](spec, shape)
            verdict = question.grade(wrong)
            assert mistake in verdict.mistakes, (seed, mistake, verdict)


def windows_on_the_cell(page):
    """The count alone: fold(unfold) of ones, in place of the number that x holds."""
    return judges_09.fold_count(page) // what_x_holds(page)


def one_filter(page):
    (layer,) = judges_09.codes(page)
    return judges_09.layer_macs(page) // layer.out_channels


def without_taking_x_away(page):
    x = torch.zeros(judges_09.shape_of(page, "x"), dtype=eval(re.search(r"torch\.float\d\d", page.prompt)[0]))
    return judges_09.columns_bytes(page) + x.nbytes


def one_column(page):
    """Every right row, and the first copy's column for all."""
    right = judges_09.copies_cells(page)
    return [[row, right[0][1]] for row, _ in right]


def one_picture_of_columns(page):
    return judges_09.columns_bytes(page) // judges_09.shape_of(page, "x")[0]


def a_tile_of_each_picture(page):
    return judges_09.tile_memory(page) * page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")[0]


def without_the_first_call(page):
    return judges_09_speed.gpu_clock(page) - page.numbers(r"comes back after (\d+) microseconds")[0]


def calls_and_then_the_work(page):
    calls = int((re.findall(r"range\((\d+)\)", page.code) or [1])[0])
    return judges_09_speed.gpu_clock(page) + (calls - 1) * page.numbers(r"comes back after (\d+) microseconds")[0]


def four_for_each(page):
    return 2 * judges_09.winograd_row(page)


SAID = (
    ("fold-count", "how many windows hold the cell", windows_on_the_cell),
    ("layer-macs", "That is one filter", one_filter),
    ("columns-bytes", "take the .* numbers of the input away", without_taking_x_away),
    ("copies-cells", "another window is another column", one_column),
    ("columns-bytes", r"That is one picture\. The batch has \d", one_picture_of_columns),
    ("tile-memory", "You counted all .* The tile holds places of one picture", a_tile_of_each_picture),
    ("gpu-clock", "begins .* after the clock has started", without_the_first_call),
    ("gpu-clock", "They go on side by side", calls_and_then_the_work),
    ("winograd-row", "Two neighbouring outputs share 4", four_for_each),
)


@pytest.mark.parametrize(("id", "words", "thinks"), SAID, ids=lambda it: getattr(it, "__name__", it))
def test_a_step_that_was_left_out_is_said(id, words, thinks):
    pages = [(made(id, seed), Page(made(id, seed))) for seed in SEEDS]
    waits = [it for it in pages if id != "gpu-clock" or it[1].code.count("synchronize") == 2]
    verdicts = [question.grade(thinks(page)) for question, page in waits]
    wrong = [verdict for verdict in verdicts if not verdict]  # one call: what is left out changes nothing
    assert len(wrong) > len(SEEDS) / 4 and all(re.search(words, verdict.message) for verdict in wrong), wrong


def test_the_facts_of_the_lesson_are_those_of_torch():
    """unfold, multiply, view; fold adds up; a product of spectra goes round, with the conjugate it is conv2d."""
    x, weight = torch.randn(2, 3, 7, 9).double(), torch.randn(4, 3, 3, 2).double()
    columns, wanted = F.unfold(x, (3, 2)), F.conv2d(x, weight)
    assert columns.shape == (2, 3 * 3 * 2, 5 * 8)
    assert torch.allclose((weight.reshape(4, -1) @ columns).view(2, 4, 5, 8), wanted)
    copies = F.fold(F.unfold(torch.ones_like(x), (3, 2)), (7, 9), (3, 2))
    assert torch.allclose(F.fold(columns, (7, 9), (3, 2)), copies * x) and copies.max() == 3 * 2
    X, K = torch.fft.rfft2(x)[:, None], torch.fft.rfft2(weight, (7, 9))
    circular = torch.fft.irfft2((X * K.conj()).sum(2), (7, 9))
    assert torch.allclose(circular[..., :5, :8], wanted)


def test_a_larger_size_claimed_is_not_always_false():
    """A claim of as many columns as pixels is true where the padding keeps the size."""
    asked = [Page(made("myth-places", seed)) for seed in range(200)]
    numbers = [page.numbers(r"has (\d+) pixels\. .* gives (\d+) columns\.") for page in asked]
    told = [judges_09.myth_places(page) for page, (a, b) in zip(asked, numbers, strict=True) if a == b]
    assert 0.15 < sum(told) / len(told) < 0.85


def test_times_are_asked_about_as_they_are_printed_and_never_as_a_machine_would_take_them():
    """No question says how fast anything is on the reader's machine."""
    for id in ids("09"):
        for seed in SEEDS:
            assert not re.search(r"\byour (machine|computer)\b|\bslower\b", str(made(id, seed))), id


def test_a_page_with_one_number_changed_no_longer_agrees():
    """The judges read the page: what it shows changed, their answers change."""
    page = Page(made("column-entry", 1))
    for block in page.blocks:
        block["values"] = [[number + 1 for number in row] for row in block["values"]]
    assert judges_09.column_entry(page) == made("column-entry", 1).answer + 1
    question = next(made("which-faster", seed) for seed in range(50) if made("which-faster", seed).answer[0] == "f")
    page = Page(question)
    page.code = page.code.replace("f:", "h:").replace("g:", "f:").replace("h:", "g:")
    page.code = "\n".join(page.code.splitlines()[::-1])
    assert judges_09_speed.which_faster(page) == "g is faster"
