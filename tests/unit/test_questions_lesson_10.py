"""Lesson 10: what people type is named, no square hides a swap, no pattern tells, messages and sums are true."""

import os
import random
import re
import time

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convlab.mistakes import MISTAKES
from convlab.mistakes.groups import WIRES, by_input, in_turns, reads, run, shuffled_order
from convlab.questions import ids, make
from convlab.questions import test as ten_questions
from convlab.shapes import Conv2dSpec
from convlab.verdict import Verdict
from tests.unit import judges_10, judges_10_costs
from tests.unit.judges_07 import NAMES, codes, learned
from tests.unit.pages import Page
from tests.unit.test_questions_grading import odd_things, random_junk
from tests.unit.test_questions_lesson_04 import checked

FULL = os.environ.get("CONVLAB_FULL")
SEEDS = range(200 if FULL else 20)
EACH = pytest.mark.parametrize("id", ids("10"))
TICKED = [id for id in ids("10") if make(id, 0).kind == "choices"]
JUDGED = [id for id in ids("10") if make(id, 0).kind == "truefalse"]
ROW = [*(f"M{number}" for number in range(44, 50)), "M89", *(f"M{number}" for number in range(210, 220))]


def test_the_mistakes_about_groups_say_what_is_so_and_what_is_not():
    assert sorted(it.id for it in WIRES) == [f"M{number}" for number in range(210, 220)]
    assert all(it.lesson == "10" and it.facts and it.statement and it.truth for it in WIRES)
    assert all(MISTAKES[id].lesson == "10" for id in ROW)


def test_every_mistake_of_the_row_is_met_in_two_questions_or_more():
    met = {id: [name for name in ids("10") if any(id in make(name, seed).mistakes for seed in SEEDS)] for id in ROW}
    assert {id: names for id, names in met.items() if len(names) < 2} == {}


def test_there_are_enough_of_each_level_and_no_two_ask_the_same():
    levels = [make(id, 0).level for id in ids("10")]
    assert len(levels) == 35 and len(ids()) == len(set(ids()))
    assert (levels.count("easy"), levels.count("medium"), levels.count("hard")) == (16, 15, 4)


LAYERS = [(6, 4, 2), (6, 9, 3), (8, 12, 4), (5, 15, 5), (12, 18, 6), (4, 6, 1)]


@pytest.mark.parametrize(("C_in", "C_out", "g"), LAYERS)
def test_what_an_output_reads_is_what_torch_finds_and_the_models_differ_from_it(C_in, C_out, g):
    wires = judges_10.wires(nn.Conv2d(C_in, C_out, (3, 2), groups=g), C_in)
    assert wires == [reads(C_in, C_out, g, o) for o in range(C_out)]
    spec, wrong = Conv2dSpec(C_in, C_out, (3, 2), groups=g), {"M48": 0, "M210": 0, "M211": 0}
    for id in wrong:
        for o in range(C_out):
            predicted = MISTAKES[id].models["channels"](spec, o)
            assert all(each and set(each) <= set(range(C_in)) for each in predicted)
            wrong[id] += any(each != wires[o] for each in predicted)
    assert all(wrong.values()) == (g > 1)
    assert by_input(C_in, g, C_in) == [] and sorted(in_turns(C_in, g, 0) + run(C_in, g, g - 1))[0] == 0


@pytest.mark.parametrize(("C", "g"), [(6, 2), (6, 3), (12, 4), (15, 5)])
def test_the_shuffled_order_is_that_of_torch(C, g):
    x = torch.randn(2, C, 3, 4)
    y = nn.ChannelShuffle(g)(x)
    assert torch.equal(y, x[:, shuffled_order(C, g)]) and torch.equal(y, judges_10.shuffled(g, x))
    assert torch.equal(y, x.view(2, g, C // g, 3, 4).transpose(1, 2).flatten(1, 2))
    assert shuffled_order(C, C // g) != shuffled_order(C, g)


def test_the_facts_of_the_lesson_are_those_of_torch():
    """Grouped is a concatenation, and a dense layer of blocks; the counts of the article, the separable one whole."""
    x, w = torch.randn(2, 6, 7, 9).double(), torch.randn(4, 3, 3, 2).double()
    wanted = F.conv2d(x, w, groups=2)
    parts = [F.conv2d(a, b) for a, b in zip(x.chunk(2, 1), w.chunk(2, 0), strict=True)]
    assert torch.allclose(torch.cat(parts, 1), wanted)
    dense = torch.zeros(4, 6, 3, 2).double()
    dense[:2, :3], dense[2:, 3:] = w[:2], w[2:]
    assert torch.allclose(F.conv2d(x, dense), wanted)
    counts = [learned(nn.Conv2d(64, C_out, 3, groups=g)) for C_out, g in ((128, 1), (128, 2), (64, 64))]
    assert counts == [73856, 36992, 640] and 640 + learned(nn.Conv2d(64, 128, 1)) == 8960


def test_the_statements_of_the_mistakes_are_false_and_their_truths_true():
    layers = {text: eval(text, NAMES) for text in ("nn.Conv2d(4, 8, 3, groups=4)", "nn.Conv2d(4, 8, 3, groups=2)")}
    four, two = layers.values()
    assert "2 biases" in MISTAKES["M212"].statement and "8 biases" in MISTAKES["M212"].truth and len(four.bias) == 8
    assert str(tuple(two.weight.shape)) in MISTAKES["M214"].truth
    assert judges_10.wires(two, 4)[3] == [0, 1] and "channels 0 and 1" in MISTAKES["M211"].truth
    order = ", ".join(map(str, shuffled_order(6, 2)))
    assert order in MISTAKES["M215"].truth and ", ".join(map(str, shuffled_order(6, 3))) in MISTAKES["M215"].statement
    changed = sum(0 in each for each in judges_10.wires(nn.Conv2d(8, 4, 3, groups=2), 8))
    assert changed == 2 and "changes two" in MISTAKES["M217"].truth


def said(line, names):
    """What PyTorch says to a line of code."""
    try:
        eval(line, {**NAMES, **names})
    except (ValueError, RuntimeError) as error:
        return type(error).__name__, str(error)
    return None, ""


@pytest.mark.parametrize("id", ["which-run", "legal-groups"])
def test_every_message_that_is_quoted_is_what_pytorch_says(id):
    count = 0
    for seed in SEEDS:
        question = make(id, seed)
        page = Page(question)
        for option, slip in question.per_option.items():
            quoted = re.search(r"(ValueError|RuntimeError): `([^`]*)`", slip.line)
            if not quoted:
                continue
            names, line = {}, option
            if id == "which-run":
                names["x"] = torch.ones(judges_10_costs.shape_of(page, "x"))
            else:
                line = judges_10_costs.call_of(page).replace("...", option)
            kind, message = said(line, names)
            assert kind == quoted[1], (line, kind, message)
            at = 0
            for part in quoted[2].split("..."):
                at = message.find(part.strip(), at)
                assert at >= 0, (line, part, message)
            count += 1
    assert count > len(SEEDS)


@EACH
def test_no_square_can_hide_a_swapped_axis(id):
    for seed in SEEDS:
        question = make(id, seed)
        shown = question.prompt + "".join(block.get("code", "") for block in question.figure)
        for C_in, C_out, rest in re.findall(r"nn\.Conv2d\((\d+), (\d+)([^`\n]*)", shown):
            assert C_in != C_out or f"groups={C_in})" in rest, (id, seed, shown)
        for name, a, b in re.findall(r"(kernel_size|stride|padding)=\(?(\d+), (\d+)\)", shown):
            assert a != b, (id, seed, name, shown)
        for H, W in re.findall(r"\b(\d+) x (\d+)\b", question.prompt):
            assert H != W, (id, seed, question.prompt)
        for shape in re.findall(r"shapes? (\(\d[\d, ]*\))", question.prompt):
            *_, H, W = eval(shape)
            assert H != W, (id, seed, shape)
        if question.kind == "shape":
            assert question.answer[-1] != question.answer[-2], (id, seed)
        for block in question.figure:
            assert "values" not in block or len(block["values"]) != len(block["values"][0]), (id, seed)


WITHOUT_SUMS = ("shuffle-order", "what-mixes", "refusal")


@EACH
def test_every_sum_that_the_words_write_out_is_true(id):
    count = 0
    for seed in SEEDS:
        question = make(id, seed)
        lines = [slip.line for slip in (*question.slips, *question.per_option.values())]
        count += sum(map(checked, (*question.steps, *lines, question.because, question.hint)))
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
        ("myth-mixes", "ReLU"),
        ("myth-fewer", "holds"),
        ("myth-copies", "gets"),
        ("myth-copies", "together"),
        ("myth-copies", "each filter"),
        ("myth-depthwise", "makes"),
        ("myth-depthwise", "holds"),
        ("myth-depthwise", "share"),
        ("myth-time", "measured"),
        ("myth-time", "of the time"),
        ("myth-time", r"half|a third"),
    ],
)
def test_no_single_word_of_a_statement_tells_whether_it_is_true(id, word):
    questions = [make(id, seed) for seed in range(200)]
    told = [question.answer for question in questions if re.search(word, str(question))]
    others = [question.answer for question in questions if not re.search(word, str(question))]
    for answers in (told, others):
        assert len(answers) > 20 and 0.1 < sum(answers) / len(answers) < 0.9, (id, word)


def test_what_a_learner_clicks_is_not_too_much():
    for id, most in (("block-cells", 12), ("goes-dark", 4), ("through-shuffle", 9)):
        assert all(1 <= len(make(id, seed).answer) <= most for seed in SEEDS), id


@EACH
def test_nothing_is_promised_about_a_time(id):
    """Seconds are the machine's business: a time is only ever named together with the wish to measure it."""
    for seed in SEEDS:
        question = make(id, seed)
        for text in (*question.steps, question.because, question.hint, question.prompt):
            assert not re.search(r"faster|quicker|seconds|\bms\b", text), text
            if re.search(r"\btime\b", text) and id not in ("myth-time", "divided-by-groups"):
                raise AssertionError(text)


def test_numbers_and_layers_are_never_the_same_twice_in_a_row():
    for id in ids("10"):
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
    questions = ten_questions("10", seed)
    assert len({question.id for question in questions}) == 10
    assert {question.id for question in questions} <= set(ids("10"))
    assert [question.level for question in questions] == ["easy"] * 4 + ["medium"] * 4 + ["hard"] * 2


def test_a_page_with_one_number_changed_no_longer_agrees():
    """The judges read the page: what it shows changed, their answers change."""
    page = Page(make("grouped-value", 1))
    for block in page.blocks:
        block["values"] = [[number + 1 for number in row] for row in block["values"]]
    assert judges_10.grouped_value(page) != make("grouped-value", 1).answer
    page = Page(make("grouped-count", 1))
    page.prompt = re.sub(r"groups=\d+", "groups=1", page.prompt)
    assert judges_10_costs.grouped_count(page) != make("grouped-count", 1).answer
    (layer,) = codes(page)
    assert layer.groups == 1
