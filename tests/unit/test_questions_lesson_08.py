"""Lesson 08: the gradients are autograd's, what the models predict is named, and the judges read the page."""

import re

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from convlab.mistakes import MISTAKES
from convlab.questions.lesson_08 import shares
from tests.unit import judges_08
from tests.unit.by_lesson import SEEDS, made
from tests.unit.pages import Page

pytestmark = pytest.mark.usefixtures("one_thread")


def arrays(seed):
    """grad_output, input, weight for one channel, with a stride and a padding: whole numbers."""
    rng = np.random.default_rng(seed)
    places, kernel = ((2, 3), (3, 2)) if seed % 2 else ((3, 2), (2, 3))
    stride, padding = ((1, 2), (2, 1), (1, 1))[seed % 3], ((0, 1), (1, 0))[seed % 2]
    size = shares.input_size(places, kernel, stride, padding)
    return [rng.integers(-4, 5, shape).tolist() for shape in (places, size, kernel)], stride, padding


@pytest.mark.parametrize("seed", SEEDS)
def test_the_shares_add_up_to_what_autograd_gives(seed):
    (grad_output, input, weight), stride, padding = arrays(seed)
    tensors = [torch.tensor([[it]]).double().requires_grad_() for it in (input, weight)]
    F.conv2d(*tensors, stride=stride, padding=padding).backward(torch.tensor([[grad_output]]).double())
    for (r, c), wanted in np.ndenumerate(tensors[0].grad[0, 0].numpy()):
        assert sum(shares.shares(grad_output, weight, (r, c), stride, padding)) == wanted
    for tap, wanted in np.ndenumerate(tensors[1].grad[0, 0].numpy()):
        assert shares.weight_share(grad_output, input, tap, stride, padding) == wanted


ON_NUMBERS = ("input-gradient", "input-padded", "weight-gradient", "weight-batch")


@pytest.mark.parametrize("id", ON_NUMBERS)
def test_what_the_models_of_the_mistakes_predict_is_named_when_it_is_typed(id):
    """The slips are computed on lists; the models of the table, on whole arrays, have to say the same."""
    named = set()
    for seed in SEEDS:
        question = made(id, seed)
        page = Page(question)
        layer, (name, index) = judges_08.layer_of(page), judges_08.asked(page)
        grad_output = judges_08.blocks(page, "gradient").numpy()
        if name == "weight":
            input, weight = judges_08.blocks(page, "input").numpy(), np.zeros(layer.weight.shape)
        else:
            H, W = page.numbers(r"input of (\d+) x (\d+)\.")
            input, weight = np.zeros((1, 1, H, W)), judges_08.blocks(page, "weight").numpy()
        for mistake in ("M76", "M77", "M78", "M79", "M81", "M187", "M195"):
            model = MISTAKES[mistake].models["gradient"]
            for wrong in model(grad_output, input, weight, stride=layer.stride, padding=layer.padding):
                if wrong.get(name) is None or wrong[name].ndim > 4 or (mistake == "M76" and name == "weight"):
                    continue
                verdict = question.grade(wrong[name][index].item())
                assert verdict.outcome == "right" or mistake in verdict.mistakes, (seed, mistake, verdict)
                named |= {mistake} & set(verdict.mistakes)
    wanted = {"weight-batch": {"M195"}, "weight-gradient": set()}.get(id, {"M76", "M77", "M79", "M187"})
    assert named == wanted | ({"M78", "M79", "M81"} if "weight" in id else set())


def test_the_facts_of_the_lesson_are_those_of_torch():
    """The bias's gradient is a sum; the input's is a full correlation with the turned kernel, or conv_transpose2d."""
    input, weight = torch.randn(2, 3, 7, 9).double().requires_grad_(), torch.randn(4, 3, 3, 2).double().requires_grad_()
    bias = torch.zeros(4).double().requires_grad_()
    output = F.conv2d(input, weight, bias)
    grad_output = torch.randn_like(output)
    output.backward(grad_output)
    assert torch.allclose(bias.grad, grad_output.sum((0, 2, 3)))
    assert torch.allclose(input.grad, F.conv_transpose2d(grad_output, weight))
    turned = weight.flip(2, 3).transpose(0, 1)
    assert torch.allclose(input.grad, F.conv2d(grad_output, turned, padding=(2, 1)))
    correlated = F.conv2d(input.transpose(0, 1), grad_output.transpose(0, 1)).transpose(0, 1)
    assert torch.allclose(weight.grad, correlated)


def test_a_page_with_one_number_changed_no_longer_agrees():
    """The judges read the page: what it shows changed, their answers change."""
    page = Page(made("input-gradient", 1))
    for block in page.blocks:
        block["values"] = [[number + 1 for number in row] for row in block["values"]]
    assert judges_08.input_gradient(page) != made("input-gradient", 1).answer
    page = Page(made("transpose-size", 1))
    page.prompt = re.sub(r"stride=\(\d, \d\)", "stride=(5, 4)", page.prompt)
    assert judges_08.transpose_size(page) != made("transpose-size", 1).answer


@pytest.mark.parametrize("seed", SEEDS)
def test_a_step_that_was_not_finished_is_said(seed):
    question = made("sgd-step", seed)
    weight, gradient = map(
        float, re.search(r"\] *` is (-?[\d.]+), and its gradient is (-?\d+)\.", question.prompt).groups()
    )
    move = round(weight - question.answer, 6)
    for typed, words in ((move, "Take it away from"), (weight - gradient, "Multiply it by the learning rate first")):
        known = [it for it in question.slips if abs(it.answer - typed) < 1e-9]
        verdict = question.grade(round(typed, 6))
        assert verdict or (known and re.search(words, verdict.message)), (typed, verdict)
