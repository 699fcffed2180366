"""Lesson 05: what models predict and learners type is named, and what the words say of layers is so."""

import re

import pytest
import torch
from torch import nn

from convlab.mistakes import MISTAKES
from convlab.shapes import Conv2dSpec, receptive_field
from tests.unit import judges_05
from tests.unit.by_lesson import SEEDS, made
from tests.unit.pages import Page

pytestmark = pytest.mark.usefixtures("one_thread")


def test_a_page_with_one_number_changed_no_longer_agrees():
    for id, pattern in (("field-two", r"kernel_size=\((\d), "), ("extent", r"dilation=\((\d), ")):
        changed = 0
        for seed in range(8):
            page = Page(made(id, seed))

            def more(found):
                return found[0].replace(f"({found[1]}", f"({int(found[1]) + 1}")

            page.code, page.prompt = (re.sub(pattern, more, text) for text in (page.code, page.prompt))
            changed += getattr(judges_05, id.replace("-", "_"))(page) != made(id, seed).answer
        assert changed > 2, id


def named_in(question, mistake, answer):
    if tuple(answer) == tuple(question.answer):
        return set()
    verdict = question.grade("x".join(map(str, answer)))
    assert mistake.family & set(verdict.mistakes), (question, mistake.id, answer, verdict)
    return mistake.family


def test_every_wrong_size_that_a_model_predicts_is_named_when_it_is_typed():
    named = set()
    for seed in SEEDS:
        question = made("dilated-size", seed)
        for mistake in MISTAKES.values():
            if mistake.lesson <= "05" and "size" in mistake.models:
                for size in mistake.models["size"](question.spec, question.input_shape):
                    named |= named_in(question, mistake, (*question.answer[:2], *size))
    assert named >= {"M02", "M03", "M04", "M05", "M11", "M12", "M13", "M14", "M21", "M22", "M25", "M149"}


@pytest.mark.parametrize("id", ["field-two", "field-dilated"])
def test_every_wrong_field_that_a_model_predicts_is_named_when_it_is_typed(id):
    named = set()
    for seed in SEEDS:
        question = made(id, seed)
        calls = re.findall(r"nn\.(Conv2d\(.*\)),\n", question.figure[0]["code"])
        specs = [eval(call, {"Conv2d": Conv2dSpec}) for call in calls]
        assert receptive_field(specs)[0] == question.answer
        for mistake in MISTAKES.values():
            if "field" in mistake.models and (id, mistake.id) != ("field-dilated", "M71"):
                for answer in mistake.models["field"](specs):
                    named |= named_in(question, mistake, answer)
    assert named >= {"M70", "M148"} | ({"M71", "M72", "M116"} if id == "field-two" else set())


LEARNERS = {  # what real people type: question -> {wrong answer of a case: the mistake that should be named}
    ("extent", "kernel_size=(4, 3), dilation=(3, 2)", "rows"): {12: "M13", 4: "M11", 9: "M149", 13: "M12", 7: "M13"},
}


def test_the_wrong_answers_of_learners_are_named():
    """A kernel 4 high with dilation 3 reaches over 10 rows."""
    for (id, layer, noun), answers in LEARNERS.items():
        found = [made(id, seed) for seed in range(400)]
        question = next(q for q in found if layer in q.prompt and f"how many {noun}" in q.prompt)
        assert question.answer == 10
        for wrong, mistake in answers.items():
            assert question.grade(f" {wrong}").mistakes[:1] == (mistake,), (wrong, question.grade(wrong))


def test_gridding_is_asked_where_there_are_holes_and_rows_that_are_read():
    for seed in SEEDS:
        question = made("rows-read", seed)
        (claimed,) = re.findall(r"field (\d+) rows", question.prompt)
        assert 5 < question.answer < int(claimed)


def test_the_padding_of_the_right_option_is_what_same_adds():
    for seed in SEEDS:
        question = made("dilated-padding", seed)
        (code,) = re.findall(r"`nn\.Conv2d\((.*), padding=\.\.\.\)`", question.prompt)
        same = eval(f"nn.Conv2d({code}, padding='same')", {"nn": nn})
        left, right, top, bottom = same._reversed_padding_repeated_twice
        assert question.answer == f"padding=({top}, {left})" and (left, top) == (right, bottom)


def test_three_small_layers_have_27_weights_for_a_pair_and_one_large_layer_49():
    """What the diagnosis of M153 says."""
    assert "27 weights" in MISTAKES["M153"].diagnosis and "has 49" in MISTAKES["M153"].diagnosis
    small = nn.Sequential(*(nn.Conv2d(1, 1, 3, bias=False) for _ in range(3)))
    large = nn.Conv2d(1, 1, 7, bias=False)
    picture = torch.zeros(1, 1, 9, 11)
    assert small(picture).shape == large(picture).shape
    assert [sum(p.numel() for p in net.parameters()) for net in (small, large)] == [27, 49]
