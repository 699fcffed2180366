"""Lesson 07: who leaves a line out is told so, the facts are torch's, and the judges read the page."""

import re

import pytest
import torch
from torch import nn

from tests.unit import judges_07, judges_07_modes
from tests.unit.by_lesson import SEEDS, made
from tests.unit.pages import Page

pytestmark = pytest.mark.usefixtures("one_thread")


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
        question = made(id, seed)
        named |= set(slipped(question, people_say(question), judge))
    assert named - {None} == {name for name, _ in people_say(made(id, 0))}


def test_the_numbers_of_the_facts_are_those_of_torch():
    """SimpleCNN has 33,834 parameters; 64 x 64 through its view makes (8, 10) of a batch of 2."""
    convs = [nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1), nn.Conv2d(32, 64, 3, padding=1)]
    features = nn.Sequential(*(nn.Sequential(conv, nn.ReLU(), nn.MaxPool2d(2)) for conv in convs))
    fc = nn.Linear(64 * 4 * 4, 10)
    assert sum(it.numel() for layer in (*convs, fc) for it in layer.parameters()) == 33_834
    assert fc(features(torch.zeros(2, 3, 64, 64)).view(-1, 64 * 4 * 4)).shape == (8, 10)


def test_an_order_is_never_given_in_its_own_order_and_the_largest_layer_is_not_always_the_same():
    largest = {made("order-layers", seed).answer[-1].partition("(")[0] for seed in range(60)}
    assert largest == {"nn.Linear", "nn.Conv2d"}


def test_a_page_with_one_number_changed_no_longer_agrees():
    """The judges read the page: what it shows changed, their answers change."""
    question = made("cnn-shape", 1)
    page = rewritten(
        question, r"nn\.Conv2d\((\d+), \d+, kernel_size=(\(\d, \d\))\)", r"nn.Conv2d(\1, 99, kernel_size=\2)"
    )
    assert judges_07.cnn_shape(page)[1] == 99 != question.answer[1]
    question = made("running-mean", 1)
    page = rewritten(question, r"running_mean\[:\] = \d+", "running_mean[:] = 1000")
    assert judges_07_modes.running_mean(page) != question.answer
