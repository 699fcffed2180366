"""Lesson 10: the wires are torch's, messages are PyTorch's own, and the judges read the page."""

import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convlab.mistakes import MISTAKES
from convlab.mistakes.groups import by_input, in_turns, reads, run, shuffled_order
from convlab.questions import ids
from convlab.shapes import Conv2dSpec
from tests.unit import judges_10, judges_10_costs
from tests.unit.by_lesson import SEEDS, made
from tests.unit.judges_07 import NAMES, codes, learned
from tests.unit.pages import Page

pytestmark = pytest.mark.usefixtures("one_thread")

EACH = pytest.mark.parametrize("id", ids("10"))


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
        question = made(id, seed)
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
def test_nothing_is_promised_about_a_time(id):
    """Seconds are the machine's business: a time is only ever named together with the wish to measure it."""
    for seed in SEEDS:
        question = made(id, seed)
        for text in (*question.steps, question.because, question.hint, question.prompt):
            assert not re.search(r"faster|quicker|seconds|\bms\b", text), text
            if re.search(r"\btime\b", text) and id not in ("myth-time", "divided-by-groups"):
                raise AssertionError(text)


def test_a_page_with_one_number_changed_no_longer_agrees():
    """The judges read the page: what it shows changed, their answers change."""
    page = Page(made("grouped-value", 1))
    for block in page.blocks:
        block["values"] = [[number + 1 for number in row] for row in block["values"]]
    assert judges_10.grouped_value(page) != made("grouped-value", 1).answer
    page = Page(made("grouped-count", 1))
    page.prompt = re.sub(r"groups=\d+", "groups=1", page.prompt)
    assert judges_10_costs.grouped_count(page) != made("grouped-count", 1).answer
    (layer,) = codes(page)
    assert layer.groups == 1


@pytest.mark.parametrize(
    "id", ["grouped-count", "depthwise-count", "grouped-weight", "depthwise-weight", "grouped-macs"]
)
def test_what_the_models_of_the_table_predict_is_named_when_it_is_typed(id):
    kind = {"count": "count", "weight": "weight_shape", "macs": "macs"}[id.split("-")[1]]
    named = set()
    for seed in SEEDS:
        question = made(id, seed)
        (layer,) = (eval(code, NAMES) for code in re.findall(r"`(?:conv = )?(nn[^`]*)`", question.prompt))
        spec = Conv2dSpec(layer.in_channels, layer.out_channels, layer.kernel_size, groups=layer.groups)
        shape = question.input_shape or (2, spec.in_channels, 30, 33)
        for mistake in (id for id, it in MISTAKES.items() if it.lesson == "10" and kind in it.models):
            model = MISTAKES[mistake].models[kind]
            for wrong in model(spec) if kind == "weight_shape" else model(spec, shape):
                if mistake in question.mistakes:
                    verdict = question.grade(wrong)
                    named |= {mistake} & set(verdict.mistakes)
    assert named >= {"count": {"M44", "M212"}, "weight_shape": {"M46", "M214"}, "macs": {"M44", "M214"}}[kind]


def test_a_number_that_two_mistakes_lead_to_is_told_with_both():
    for seed in range(20):
        question = made("shuffle-place", seed)
        (slip,) = (slip for slip in question.slips if slip.mistakes == ("M215",))
        groups, C, place = map(int, re.findall(r"[0-9]+", question.prompt)[:3])
        goes_to = nn.ChannelShuffle(groups)(torch.arange(float(C)).reshape(1, C, 1, 1)).flatten().tolist().index(place)
        assert slip.answer == goes_to and f"where channel {place} of `x` goes" in slip.line


def test_what_is_said_of_a_line_names_the_line():
    for seed in range(20):
        for option, slip in made("what-mixes", seed).per_option.items():
            assert not slip.line.startswith("It "), (option, slip)
            if "kernel_size=1)" in option:
                assert "without groups" in slip.line
