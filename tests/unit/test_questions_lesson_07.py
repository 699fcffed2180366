"""Lesson 07: what people type is named, no square hides a swap, no pattern tells an answer, the sums are true."""

import os
import re

import pytest
import torch
from torch import nn

from convlab.mistakes import MISTAKES
from convlab.mistakes.modes import MODES
from convlab.questions import ids, make
from convlab.questions import test as ten_questions
from tests.unit import judges_07, judges_07_modes
from tests.unit.pages import Page
from tests.unit.test_questions_lesson_04 import checked

SEEDS = range(200 if os.environ.get("CONVLAB_FULL") else 20)
EACH = pytest.mark.parametrize("id", ids("07"))
TICKED = [id for id in ids("07") if make(id, 0).kind == "choices"]
JUDGED = [id for id in ids("07") if make(id, 0).kind == "truefalse"]


def test_the_mistakes_of_the_lesson_say_what_is_so_and_what_is_not():
    assert [it.id for it in MODES] == [f"M{number}" for number in range(177, 187)]
    assert all(it.lesson == "07" and it.facts and it.statement and it.truth for it in MODES)


def test_every_mistake_of_the_row_and_of_the_modes_is_met_in_two_questions_or_more():
    row = ["M65", "M66", "M68", "M69", "M74", "M96", "M97", "M98", "M99", *(it.id for it in MODES)]
    met = {id: [name for name in ids("07") if any(id in make(name, seed).mistakes for seed in SEEDS)] for id in row}
    assert {id: names for id, names in met.items() if len(names) < 2} == {}


def slipped(question, pages, judge):
    """What the judge says of a changed page is named, or is right after all."""
    for id, page in pages:
        try:
            answer = judge(page)
        except RuntimeError:  # nothing is left of the picture
            continue
        verdict = question.grade(answer)
        assert verdict.outcome == "right" or id in verdict.mistakes, (question, id, answer, verdict)
        yield id if id in verdict.mistakes else None


def rewritten(question, old, new, count=0):
    """The page of a question with its code changed."""
    page = Page(question)
    page.code = re.sub(old, new, page.code, count=count)
    return page


def people_on_shapes(question):
    """The network with a pooling, the padding or the kernel of the second layer left out."""
    yield "M171", rewritten(question, r"nn\.MaxPool2d\(2\)", "nn.Identity()")
    yield "M171", rewritten(question, r"nn\.MaxPool2d\(2\)", "nn.Identity()", count=1)
    yield "M168", rewritten(question, r", padding=\(\d, \d\)", "")
    yield "M01", rewritten(question, r"kernel_size=(\(\d, \d\))\),\n    nn.ReLU", r"kernel_size=1),\n    nn.ReLU")


def people_on_the_first_linear(question):
    yield "M171", rewritten(question, r"nn\.MaxPool2d\(2\)", "nn.Identity()")
    yield "M171", rewritten(question, r"nn\.MaxPool2d\(2\)", "nn.Identity()", count=1)
    yield "M168", rewritten(question, r", padding=\(\d, \d\)", "")
    yield "M172", rewritten(question, r"nn\.Flatten", "nn.AdaptiveAvgPool2d(1), nn.Flatten")


@pytest.mark.parametrize(
    ("id", "people_say"), [("cnn-shape", people_on_shapes), ("first-linear-count", people_on_the_first_linear)]
)
def test_what_people_answer_who_leave_a_line_out_is_named(id, people_say):
    """torch works out what the changed network gives; the question names why somebody may think so."""
    judge, named = getattr(judges_07, id.replace("-", "_")), set()
    for seed in SEEDS:
        question = make(id, seed)
        named |= set(slipped(question, people_say(question), judge))
    assert named - {None} == {name for name, _ in people_say(make(id, 0))}


def kept_batch(page):
    """What comes out for who believes that view keeps the batch."""
    return (judges_07.shape_of(page, "x")[0], judges_07.view_batch(page)[1])


def parameters_frozen_too(page):
    """The running mean of a BatchNorm that is in eval() as well."""
    page.code = page.code.replace(".train()", ".eval()")
    return judges_07_modes.running_mean(page)


def other_momentum(page):
    page.code = re.sub(r"momentum=(0\.\d)", r"momentum=1 - \1", page.code)
    return judges_07_modes.running_mean(page)


def the_other_mode(page):
    swap = {"train": "eval", "eval": "train"}
    page.code = re.sub(r"\.(train|eval)\(\)", lambda found: f".{swap[found[1]]}()", page.code)
    return judges_07_modes.bn_value(page)


def mean_of_the_window(page):
    page.prompt = page.prompt.replace("MaxPool2d", "AvgPool2d")
    return judges_07.pool_value(page)


def with_a_relu(page):
    page.prompt = page.prompt.replace(")), nn.Conv2d", ")), nn.ReLU(), nn.Conv2d")
    return judges_07.relu_value(page)


def not_frozen(page):
    page.code = page.code.replace("requires_grad = False", "requires_grad = True")
    return judges_07.trained_count(page)


def dropped_in_the_other_mode(page):
    if ".eval()" not in page.prompt:  # who drops in both modes is right in train()
        return None
    page.prompt = page.prompt.replace(".eval()", ".train()")
    return judges_07_modes.dropout_value(page)


PEOPLE = (
    ("view-batch", "M98", kept_batch),
    ("running-mean", "M96", parameters_frozen_too),
    ("running-mean", "M186", other_momentum),
    ("bn-value", "M179", the_other_mode),
    ("pool-value", "M181", mean_of_the_window),
    ("relu-value", "M66", with_a_relu),
    ("trained-count", "M184", not_frozen),
    ("dropout-value", "M177", dropped_in_the_other_mode),
)


@pytest.mark.parametrize(("id", "mistake", "thinks"), PEOPLE, ids=lambda it: getattr(it, "__name__", it))
def test_what_people_answer_who_hold_a_mistake_is_named(id, mistake, thinks):
    named = 0
    for seed in SEEDS:
        question, answer = make(id, seed), thinks(Page(make(id, seed)))
        verdict = question.grade(answer)
        assert verdict.outcome in ("right", "not_attempted") or mistake in verdict.mistakes, (seed, answer, verdict)
        named += mistake in verdict.mistakes
    assert named > len(SEEDS) / 4


def test_the_numbers_of_the_facts_are_those_of_torch():
    """SimpleCNN has 33,834 parameters; 64 x 64 through its view makes (8, 10) of a batch of 2."""
    convs = [nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1), nn.Conv2d(32, 64, 3, padding=1)]
    features = nn.Sequential(*(nn.Sequential(conv, nn.ReLU(), nn.MaxPool2d(2)) for conv in convs))
    fc = nn.Linear(64 * 4 * 4, 10)
    assert sum(it.numel() for layer in (*convs, fc) for it in layer.parameters()) == 33_834
    assert fc(features(torch.zeros(2, 3, 64, 64)).view(-1, 64 * 4 * 4)).shape == (8, 10)


@EACH
def test_no_square_can_hide_a_swapped_axis(id):
    for seed in SEEDS:
        question = make(id, seed)
        shown = question.prompt + "".join(block.get("code", "") for block in question.figure)
        for C_in, C_out in re.findall(r"nn\.Conv2d\((\d+), (\d+)", shown):
            assert C_in != C_out or C_in == "1", (id, seed, shown)
        for name, a, b in re.findall(r"(kernel_size|padding|Pool2d)[=(]\(?(\d+), (\d+)\)", shown):
            assert a != b, (id, seed, name, shown)
        for H, W in re.findall(r"\b(\d+) x (\d+)\b", question.prompt):
            assert H != W, (id, seed, question.prompt)
        if question.kind == "shape":
            assert question.answer[-1] != question.answer[-2], (id, seed)
        for block in question.figure:
            assert "values" not in block or len(block["values"]) != len(block["values"][0]), (id, seed)


WITHOUT_SUMS = (
    "myth-pool-relu",
    "same-when-moved",
    "myth-logits",
    "logit-claims",
    "bias-counts",
    "myth-batch-mates",
    "what-changes",
    "freeze-norm",
    "eval-claims",
    "dropout-row",
    "transfer-order",
    "first-filters",
    "myth-cat",
    "how-many-filters",
    "suits-conv",
    "myth-shuffled",
)


@EACH
def test_every_sum_that_the_words_write_out_is_true(id):
    count = 0
    for seed in SEEDS:
        question = make(id, seed)
        lines = [slip.line for slip in (*question.slips, *question.per_option.values())]
        for text in (*question.steps, *lines, question.because, question.hint):
            count += checked(re.sub(r"\d+\.\d+[^=]*= [-\d.]+|= \d+\.\d+", "", text))  # tenths are looked at below
    assert count or id in WITHOUT_SUMS or id in TENTHS, id


TENTHS = ("softmax-value", "running-mean", "myth-momentum", "dropout-value")


@pytest.mark.parametrize("id", TENTHS)
def test_every_sum_with_tenths_is_true(id):
    count = 0
    for seed in SEEDS:
        for text in make(id, seed).steps:
            for left, right in re.findall(r"([-\d.(][-\d. */+()]*) = (-?[\d.]*\d)", text):
                count += 1
                assert eval(left) == pytest.approx(float(right), abs=0.0051), text
    assert count >= len(SEEDS) / 3


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
        ("myth-batch-mates", r"in train\(\)"),
        ("myth-logits", "Softmax"),
        ("myth-logits", "can never"),
        ("myth-shuffled", "Linear"),
        ("myth-shuffled", "can no longer"),
        ("myth-momentum", r"momentum=0\.[123]"),
        ("myth-cat", "the last convolution"),
    ],
)
def test_no_single_word_of_a_statement_tells_whether_it_is_true(id, word):
    questions = [make(id, seed) for seed in range(200)]
    told = [question.answer for question in questions if re.search(word, question.prompt)]
    others = [question.answer for question in questions if not re.search(word, question.prompt)]
    for answers in (told, others):
        assert len(answers) > 20 and 0.1 < sum(answers) / len(answers) < 0.9, (id, word)


def test_an_order_is_never_given_in_its_own_order_and_the_largest_layer_is_not_always_the_same():
    largest = {make("order-layers", seed).answer[-1].partition("(")[0] for seed in range(60)}
    assert largest == {"nn.Linear", "nn.Conv2d"}


def test_a_question_on_cells_never_asks_for_more_than_a_learner_would_click():
    for seed in SEEDS:
        assert 1 <= len(make("moved-cells", seed).answer) <= 12


def test_numbers_and_layers_are_never_the_same_twice_in_a_row():
    for id in ids("07"):
        assert len({str(make(id, seed)) for seed in range(12)}) >= 9, id


@pytest.mark.parametrize("seed", range(4))
def test_the_test_of_the_lesson_is_made_of_its_own_questions(seed):
    questions = ten_questions("07", seed)
    assert len({question.id for question in questions}) == 10
    assert {question.id for question in questions} <= set(ids("07"))
    assert [question.level for question in questions] == ["easy"] * 4 + ["medium"] * 4 + ["hard"] * 2


def test_a_page_with_one_number_changed_no_longer_agrees():
    """The judges read the page: what it shows changed, their answers change."""
    question = make("cnn-shape", 1)
    page = rewritten(
        question, r"nn\.Conv2d\((\d+), \d+, kernel_size=(\(\d, \d\))\)", r"nn.Conv2d(\1, 99, kernel_size=\2)"
    )
    assert judges_07.cnn_shape(page)[1] == 99 != question.answer[1]
    question = make("running-mean", 1)
    page = rewritten(question, r"running_mean\[:\] = \d+", "running_mean[:] = 1000")
    assert judges_07_modes.running_mean(page) != question.answer


def test_the_ids_of_the_lesson_stand_in_no_other_lesson_and_each_mistake_is_known():
    assert len(ids()) == len(set(ids())) and len(ids("07")) == 35
    assert all(set(make(id, seed).mistakes) <= set(MISTAKES) for id in ids("07") for seed in range(3))
