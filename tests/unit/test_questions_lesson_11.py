"""Lesson 11: what its mistakes say is so in PyTorch, and each message on a card is what PyTorch says."""

import re

import pytest
import torch
from torch import nn

from convlab.exercises import get
from convlab.mistakes import MISTAKES
from convlab.mistakes.clinic import CLINIC, halving, looks
from convlab.questions import ids, make
from tests.unit import judges_11, judges_11_silent
from tests.unit.by_lesson import SEEDS
from tests.unit.judges_07 import NAMES
from tests.unit.pages import Page

OWN = [it.id for it in CLINIC]
ROW = "M09 M16 M21 M22 M25 M26 M43 M52 M55 M58 M61 M74 M92 M95 M96 M98".split()  # earlier ones that come again
EXERCISES = "channels features dtype too_small batch_of_grey view pairs downsample kernel_from_scipy shared frozen"


def test_every_mistake_of_the_row_is_met_twice_in_questions_and_exercises():
    met = {id: [name for name in ids("11") if any(id in make(name, seed).mistakes for seed in SEEDS)] for id in ROW}
    for name in (*EXERCISES.split(), "not_learning"):
        for id in set(get(f"11.{name}").mutants) & set(ROW):
            met[id].append(name)
    assert {id: names for id, names in met.items() if len(names) < 2} == {}


def test_the_mistakes_of_the_clinic_have_words_and_a_sentence_on_each_side():
    assert OWN == [f"M{number}" for number in range(220, 230)]
    assert all(it.lesson == "11" and it.facts and it.statement and it.truth for it in CLINIC)


def tensors_of(layers):
    net = nn.Module()
    net.layers = layers
    return len(list(net.parameters()))


def test_the_statements_of_the_mistakes_are_false_and_their_truths_true():
    layer, x = nn.Conv2d(3, 4, 3), torch.zeros(1, 3, 28, 36)
    assert tensors_of([layer]) == 0 and tensors_of(nn.ModuleList([layer])) == 2  # M222
    assert judges_11.said("nn.MaxPool2d(3, padding=2)(x)", {"nn": nn, "x": x}).startswith("RuntimeError: pad should")
    assert "28 x 36" in MISTAKES["M223"].truth and nn.MaxPool2d(3, padding=1)(x).shape[2] == 10
    assert looks(16) == 4 and all(len(halving(16, fault)) == 4 for fault in range(1, 17))  # M224
    net = nn.Sequential(nn.BatchNorm2d(3))
    net[0].eval()
    assert net.train()[0].training  # M225
    same, copy = layer.weight.detach(), layer.weight.detach().clone()
    with torch.no_grad():
        layer.weight.add_(1)
    assert torch.equal(same, layer.weight) and not torch.equal(copy, layer.weight)  # M226
    stack = nn.Sequential(*[nn.MaxPool2d(3), nn.MaxPool2d(3), nn.MaxPool2d((1, 2)), nn.Conv2d(3, 4, 5, padding=1)])
    message = judges_11.said("stack(x)", {"stack": stack, "x": torch.zeros(1, 3, 28, 36)})
    size = re.search(r"channel: \((\d+) x (\d+)\)", message).groups()  # M229: of 28 x 36 it says another size
    assert size != ("28", "36") and "4 x 6" in MISTAKES["M229"].truth


@pytest.mark.parametrize("layers", [2, 5, 16, 21, 64])
def test_halving_finds_every_fault_and_never_takes_more_looks_than_it_says(layers):
    for fault in range(1, layers + 1):
        assert halving(layers, fault) == judges_11_silent.looked(layers, fault)
    assert max(len(halving(layers, fault)) for fault in range(1, layers + 1)) == looks(layers)


@pytest.mark.parametrize(
    "id",
    [id for id in ids("11") if re.search(r"(Runtime|Value)Error", str(make(id, 1).figure)) and id != "least-padding"],
)
def test_the_message_on_the_card_is_what_pytorch_says_and_a_changed_one_is_noticed(id):
    for seed in SEEDS:
        page = Page(make(id, seed))
        assert judges_11.stopped(page)
        page.code = re.sub(r"\d+(?=\D*$)", "777", page.code)
        with pytest.raises(AssertionError):
            judges_11.stopped(page)


@pytest.mark.parametrize(
    ("id", "word"),
    [
        ("myth-pool", "Pool2d"),
        ("myth-pool", "takes a batch"),
        ("myth-alone", "prints True"),
        ("myth-alone", "BatchNorm"),
        ("myth-alone", "Softmax"),
        ("myth-alone", r"net\.train"),
        ("myth-before", "prints True"),
        ("myth-before", "clone"),
        ("loss-floor", "can never"),
        ("loss-floor", "Softmax"),
        ("myth-eval", "prints True"),
        ("myth-eval", "requires_grad = False\nnet"),
    ],
)
def test_no_single_word_of_a_statement_tells_whether_it_is_true(id, word):
    questions = [make(id, seed) for seed in range(200)]
    told = [question.answer for question in questions if re.search(word, str(question))]
    others = [question.answer for question in questions if not re.search(word, str(question))]
    for answers in (told, others):
        assert len(answers) > 20 and 0.1 < sum(answers) / len(answers) < 0.9, (id, word)


def test_the_floor_of_the_loss_that_is_told_is_that_of_torch():
    for seed in SEEDS:
        question = make("loss-floor", seed)
        K, told = (
            re.search(r", (\d+)\), nn\.Softmax", question.prompt),
            re.findall(r"about (\d+\.\d+)", question.because),
        )
        assert bool(K) == bool(told)
        if K:
            surest = torch.eye(int(K[1]))[:1]
            assert told == [f"{nn.CrossEntropyLoss()(surest, torch.tensor([0])).item():.2f}"]


def test_each_suspicion_comes_and_a_true_test_is_true_where_nothing_is_wrong():
    """The test that fits both suspicions would fit what is right as well; the one that fails would not."""
    kinds = {}
    for seed in range(40):
        page = Page(make("which-test", seed))
        before, a, b = re.split(r"\n# [AB]\n", page.code)
        kinds[a.split(" = ")[0]] = kinds.get(a.split(" = ")[0], 0) + 1
        for slip in make("which-test", seed).slips:
            names = dict(NAMES)
            torch.manual_seed(seed)
            exec(f"{before}\n{b}", names)
            assert bool(eval(slip.answer, names)) == (slip.mistakes == ("M221",)), (seed, slip)
    assert len(kinds) == 4
