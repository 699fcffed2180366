"""Lesson 09: what people type is named, no square hides a swap, no pattern tells an answer, the sums are true."""

import ast
import os
import random
import re
import time

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from convlab.mistakes import MISTAKES
from convlab.mistakes.columns import COLUMNS
from convlab.mistakes.speed import SPEED
from convlab.questions import ids, make
from convlab.questions import test as ten_questions
from convlab.questions.lesson_09 import matrix
from convlab.shapes import Conv2dSpec
from convlab.verdict import Verdict
from tests.unit import judges_09, judges_09_speed
from tests.unit.pages import Page
from tests.unit.test_questions_grading import odd_things, random_junk
from tests.unit.test_questions_lesson_04 import checked

FULL = os.environ.get("CONVLAB_FULL")
SEEDS = range(200 if FULL else 20)
EACH = pytest.mark.parametrize("id", ids("09"))
TICKED = [id for id in ids("09") if make(id, 0).kind == "choices"]
JUDGED = [id for id in ids("09") if make(id, 0).kind == "truefalse"]
ROW = [it.id for it in COLUMNS] + ["M117"] + [f"M{number}" for number in range(200, 210)]


def test_the_mistakes_about_speed_say_what_is_so_and_what_is_not():
    assert sorted(it.id for it in SPEED) == [f"M{number}" for number in range(200, 210)]
    assert all(it.lesson == "09" and it.facts and it.statement and it.truth for it in SPEED)
    assert sorted(ROW) == sorted(id for id, it in MISTAKES.items() if it.lesson == "09")


def test_every_mistake_of_the_row_is_met_in_two_questions_or_more():
    met = {id: [name for name in ids("09") if any(id in make(name, seed).mistakes for seed in SEEDS)] for id in ROW}
    assert {id: names for id, names in met.items() if len(names) < 2} == {}


def test_there_are_enough_of_each_level_and_no_two_ask_the_same():
    levels = [make(id, 0).level for id in ids("09")]
    assert len(levels) == 39 and len(ids()) == len(set(ids()))
    assert (levels.count("easy"), levels.count("medium"), levels.count("hard")) == (20, 15, 4)


def test_the_five_myths_of_the_lesson_are_judged_true_or_false():
    named = {mistake for id in JUDGED for mistake in make(id, 0).mistakes}
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
        question = make(id, seed)
        page = Page(question)
        ((C_in, C_out, kH, kW),) = re.findall(r"nn\.Conv2d\((\d+), (\d+), kernel_size=\((\d+), (\d+)\)\)", page.prompt)
        spec = Conv2dSpec(int(C_in), int(C_out), (int(kH), int(kW)))
        shape = page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")
        for mistake in mistakes:
            (wrong,) = MISTAKES[mistake].models[kind](spec, shape)
            verdict = question.grade(wrong)
            assert mistake in verdict.mistakes, (seed, mistake, verdict)


def a_column_a_pixel(page):
    """The columns of a picture that is padded until there is a place for each pixel."""
    x = torch.zeros(judges_09.shape_of(page, "x"))
    N, rows, _ = judges_09.unfolded(page, x).shape
    return N, rows, x.shape[2] * x.shape[3]


def transposed(page):
    return tuple(judges_09.unfolded(page, torch.zeros(judges_09.shape_of(page, "x"))).transpose(1, 2).shape)


def taps_first(page):
    """The row in which the tap stands when the channels are the last axis."""
    x = judges_09.numbered(*judges_09.shape_of(page, "x"))
    c, u, v = page.numbers(r"channel (\d+) that lie under kernel row (\d+), kernel column (\d+)\?")
    kernel = ast.literal_eval(re.search(r"F\.unfold\(x, (\(\d, \d\))\)", page.prompt)[1])
    window = x[0, :, : kernel[0], : kernel[1]].permute(1, 2, 0).flatten()
    return (window == x[0, c, u, v]).nonzero().item()


def overwritten(page):
    """fold as one writes it with = in place of +=: the last window wins."""
    columns, (H, W, kH, kW) = page.grid("output"), page.numbers(r"columns, \((\d), (\d)\), \((\d), (\d)\)\)")
    picture, w = torch.zeros(H, W).double(), W - kW + 1
    for place in range(columns.shape[1]):
        i, j = divmod(place, w)
        picture[i : i + kH, j : j + kW] = columns[:, place].reshape(kH, kW)
    return picture[page.numbers(r"row (\d+), column (\d+)\?")].item()


def what_x_holds(page):
    return page.numbers(r"is (\d+) everywhere")[0]


def numbers_not_bytes(page):
    return judges_09.tile_memory(page) // torch.zeros(1).element_size()


def columns_of_a_batch(page):
    (layer,), shape = judges_09.codes(page), page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")
    return F.unfold(torch.zeros(shape), layer.kernel_size).untyped_storage().nbytes()


def by_the_loops(page):
    (layer,) = judges_09.codes(page)
    return judges_09.macs(layer, 1, 1, *page.numbers(r"a picture of (\d+) x (\d+)"))


def with_zeros_outside(page):
    """The same product with room at the end, cut to the length of the row."""
    n = len(page.blocks[0]["values"][0])
    wide = page.code.replace("torch.fft.fft(x)", f"torch.fft.fft(x, {3 * n})")
    page.code = wide.replace(f"kernel, {n}", f"kernel, {3 * n}")
    return judges_09_speed.circle_value(page)


def the_other_product(page):
    conjugate = ".conj()" in page.code
    page.code = page.code.replace("X * K.conj()", "X * K") if conjugate else page.code.replace("X * K", "X * K.conj()")
    return judges_09_speed.circle_value(page)


def as_large_as_the_picture(page):
    return page.numbers(r"picture of (\d+) x (\d+)")


def mean_of_all(page):
    runs = [int(it) for it in re.search(r"in this order: ([\d, ]+)\.", page.prompt)[1].split(",")]
    return float(np.mean(runs))


def waits_where_it_does_not(page):
    wait, lines = "torch.cuda.synchronize()", page.code.splitlines()
    page.code = "\n".join([*lines[:-2], lines[-1]] if lines[-2] == wait else [*lines[:-1], wait, lines[-1]])
    return judges_09_speed.gpu_clock(page)


PEOPLE = (
    ("columns-shape", "M86", a_column_a_pixel),
    ("columns-shape", "M102", transposed),
    ("column-row", "M85", taps_first),
    ("fold-cell", "M187", overwritten),
    ("fold-count", "M87", what_x_holds),
    ("tile-memory", "M200", numbers_not_bytes),
    ("tile-memory", "M209", columns_of_a_batch),
    ("winograd-row", "M209", by_the_loops),
    ("circle-value", "M202", with_zeros_outside),
    ("circle-value", "M203", the_other_product),
    ("fft-size", "M202", as_large_as_the_picture),
    ("median-time", "M204", mean_of_all),
    ("gpu-clock", "M207", waits_where_it_does_not),
)


@pytest.mark.parametrize(("id", "mistake", "thinks"), PEOPLE, ids=lambda it: getattr(it, "__name__", it))
def test_what_people_answer_who_hold_a_mistake_is_named(id, mistake, thinks):
    named = 0
    for seed in SEEDS:
        question, answer = make(id, seed), thinks(Page(make(id, seed)))
        verdict = question.grade(answer)
        assert verdict.outcome == "right" or mistake in verdict.mistakes, (seed, answer, verdict)
        named += mistake in verdict.mistakes
    assert named > len(SEEDS) / 4


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


SAID = (
    ("fold-count", "how many windows hold the cell", windows_on_the_cell),
    ("layer-macs", "That is one filter", one_filter),
    ("columns-bytes", "take the .* numbers of the input away", without_taking_x_away),
    ("copies-cells", "another window is another column", one_column),
)


@pytest.mark.parametrize(("id", "words", "thinks"), SAID, ids=lambda it: getattr(it, "__name__", it))
def test_a_step_that_was_left_out_is_said(id, words, thinks):
    for seed in SEEDS:
        verdict = make(id, seed).grade(thinks(Page(make(id, seed))))
        assert verdict.outcome == "wrong" and re.search(words, verdict.message), (seed, verdict)


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


@EACH
def test_no_square_can_hide_a_swapped_axis(id):
    for seed in SEEDS:
        question = make(id, seed)
        shown = question.prompt + "".join(block.get("code", "") for block in question.figure)
        for C_in, C_out in re.findall(r"nn\.Conv\w*2d\((\d+), (\d+)", shown):
            assert C_in != C_out or C_in == "1", (id, seed, shown)
        for name, a, b in re.findall(r"(kernel_size|stride|padding)=\(?(\d+), (\d+)\)", shown):
            assert a != b, (id, seed, name, shown)
        for H, W in re.findall(r"\(\d+, \d+, (\d+), (\d+)\)", question.prompt):
            assert (H, W) == ("1", "1") or H != W, (id, seed, question.prompt)
        for H, W in re.findall(r"\b(\d+) x (\d+)\b", question.prompt):
            assert H != W, (id, seed, question.prompt)
        if question.kind == "shape":
            assert question.answer[-1] != question.answer[-2], (id, seed)
        for block in question.figure:
            assert "values" not in block or len(block["values"]) != len(block["values"][0]), (id, seed)


WITHOUT_SUMS = ("after-product", "im2col-order", "needs-columns", "which-faster", "myth-spread", "clock-order",
                "fair-pairs", "which-check", "which-line", "median-time", "columns-order", "myth-fold",
                "copies-cells")  # fmt: skip


@EACH
def test_every_sum_that_the_words_write_out_is_true(id):
    count = 0
    for seed in SEEDS:
        question = make(id, seed)
        lines = [slip.line for slip in (*question.slips, *question.per_option.values())]
        for text in (*question.steps, *lines, question.because, question.hint):
            count += checked(text)
    assert count or id in WITHOUT_SUMS, id


@pytest.mark.parametrize("id", TICKED)
def test_how_many_are_to_be_ticked_and_which_is_not_always_the_same(id):
    questions = [make(id, seed) for seed in range(60)]
    assert len({len(question.answer) for question in questions}) > 1
    assert len({tuple(sorted(question.answer)) for question in questions}) > 4
    offered = {option for question in questions for option in question.options}
    assert len(offered) > min(len(question.options) for question in questions)


@pytest.mark.parametrize("id", JUDGED)
def test_true_and_false_come_about_as_often(id):
    holds = [make(id, seed).answer for seed in range(100)]
    assert 25 < sum(holds) < 75


@pytest.mark.parametrize(
    ("id", "word"),
    [
        ("myth-places", r"padding=\(1, 2\)"),
        ("myth-memory", "fewer"),
        ("myth-memory", r"stride=\(2, 3\)"),
        ("myth-spread", "does not show"),
        ("myth-bits", "may be False"),
        ("myth-bits", "randint"),
        ("myth-bits", "double|float64"),
    ],
)
def test_no_single_word_of_a_statement_tells_whether_it_is_true(id, word):
    questions = [make(id, seed) for seed in range(200)]
    told = [question.answer for question in questions if re.search(word, question.prompt)]
    others = [question.answer for question in questions if not re.search(word, question.prompt)]
    for answers in (told, others):
        assert len(answers) > 15 and 0.1 < sum(answers) / len(answers) < 0.9, (id, word)


def test_a_larger_size_claimed_is_not_always_false():
    """A claim of as many columns as pixels is true where the padding keeps the size."""
    asked = [Page(make("myth-places", seed)) for seed in range(200)]
    numbers = [page.numbers(r"has (\d+) pixels\. .* gives (\d+) columns\.") for page in asked]
    told = [judges_09.myth_places(page) for page, (a, b) in zip(asked, numbers, strict=True) if a == b]
    assert 0.15 < sum(told) / len(told) < 0.85


def test_what_a_learner_clicks_is_not_too_much():
    assert all(2 <= len(make("copies-cells", seed).answer) <= 6 for seed in SEEDS)
    assert all(2 <= len(make("wrapped-places", seed).answer) <= 10 for seed in SEEDS)


def test_times_are_asked_about_as_they_are_printed_and_never_as_a_machine_would_take_them():
    """No question says how fast anything is on the reader's machine."""
    for id in ids("09"):
        for seed in SEEDS:
            assert not re.search(r"\byour (machine|computer)\b|\bslower\b", str(make(id, seed))), id


def test_numbers_and_layers_are_never_the_same_twice_in_a_row():
    for id in ids("09"):
        assert len({str(make(id, seed)) for seed in range(12)}) >= 9, id


@EACH
def test_it_takes_junk_and_is_built_and_graded_within_three_milliseconds(id):
    """The least of three tries: what another process takes away is not the question's."""
    rng, question = random.Random(id), make(id, 2)
    for response in [*odd_things(), *(random_junk(rng) for _ in range(5000 if FULL else 100))]:
        verdict = question.grade(response)
        assert isinstance(verdict, Verdict) and 0 < len(verdict.message) < 1500

    def seconds(seed):
        start = time.perf_counter()
        made = make(id, seed)
        made.grade(made.answer)
        return time.perf_counter() - start

    assert max(min(seconds(seed) for _ in range(3)) for seed in SEEDS) < 0.003


@pytest.mark.parametrize("seed", range(4))
def test_the_test_of_the_lesson_is_made_of_its_own_questions(seed):
    questions = ten_questions("09", seed)
    assert len({question.id for question in questions}) == 10
    assert {question.id for question in questions} <= set(ids("09"))
    assert [question.level for question in questions] == ["easy"] * 4 + ["medium"] * 4 + ["hard"] * 2


def test_a_page_with_one_number_changed_no_longer_agrees():
    """The judges read the page: what it shows changed, their answers change."""
    page = Page(make("column-entry", 1))
    for block in page.blocks:
        block["values"] = [[number + 1 for number in row] for row in block["values"]]
    assert judges_09.column_entry(page) == make("column-entry", 1).answer + 1
    question = next(make("which-faster", seed) for seed in range(50) if make("which-faster", seed).answer[0] == "f")
    page = Page(question)
    page.code = page.code.replace("f:", "h:").replace("g:", "f:").replace("h:", "g:")
    page.code = "\n".join(page.code.splitlines()[::-1])
    assert judges_09_speed.which_faster(page) == "g is faster"
