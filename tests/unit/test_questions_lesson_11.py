"""Lesson 11: what its mistakes say is so in PyTorch, and what people type is named, worked out on the broken code."""

import os
import re

import pytest
import torch
from torch import nn

from convlab.exercises import get
from convlab.mistakes import MISTAKES
from convlab.mistakes.clinic import CLINIC, halving, looks
from convlab.questions import ids, make
from convlab.questions import test as ten_questions
from tests.unit import judges_11, judges_11_silent
from tests.unit.judges_07 import NAMES, learned
from tests.unit.pages import Page
from tests.unit.test_questions_lesson_04 import checked

SEEDS = range(200 if os.environ.get("CONVLAB_FULL") else 20)
EACH = pytest.mark.parametrize("id", ids("11"))
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


def test_there_are_enough_of_each_level():
    levels = [make(id, 0).level for id in ids("11")]
    assert (len(levels), levels.count("easy"), levels.count("medium"), levels.count("hard")) == (35, 16, 10, 9)


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


@EACH
def test_no_square_can_hide_a_swapped_axis(id):
    for seed in SEEDS:
        question = make(id, seed)
        shown = "\n".join([question.prompt, *(block.get("code", "") for block in question.figure)])
        for C_in, C_out in re.findall(r"nn\.Conv2d\((\d+), (\d+)", shown):
            assert C_in != C_out or id in ("skip-message", "impulse-test") or (C_in, C_out) == ("1", "1"), (id, seed)
        for name, a, b in re.findall(r"(kernel_size|stride|padding)=\((\d+), (\d+)\)", shown):
            assert a != b or (a, b) == ("1", "1") or id == "how-many-fit", (id, seed, name, shown)
        for H, W in re.findall(r"\b(\d+) x (\d+)\b", shown) + re.findall(r", (\d+), (\d+)\]", shown):
            assert H != W, (id, seed, shown)
        for block in question.figure:
            assert "values" not in block or len(block["values"]) != len(block["values"][0]), (id, seed)


WITHOUT_SUMS = (
    "wrong-argument earlier-layer how-many-wrong padding-runs myth-pool what-remains grey-mend myth-alone mend-flip "
    "shared-numbers myth-before who-learns myth-eval looks-needed which-test loss-floor which-breaks size-arrives "
    "how-many-fit skip-sizes impulse-test first-message"
).split()


@EACH
def test_every_sum_that_the_words_write_out_is_true(id):
    count = 0
    for seed in SEEDS:
        question = make(id, seed)
        lines = [slip.line for slip in (*question.slips, *question.per_option.values())]
        count += sum(map(checked, (*question.steps, *lines, question.because, question.hint)))
    assert count or id in WITHOUT_SUMS, id


@pytest.mark.parametrize("id", [id for id in ids("11") if make(id, 0).kind == "truefalse"])
def test_true_and_false_come_about_as_often(id):
    assert 25 < sum(make(id, seed).answer for seed in range(100)) < 75


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


def as_it_stands(page):
    return int(re.search(r"in place of the (\d+)", page.prompt)[1])


def written_features(page):
    return int(re.search(r"= (\d+)\.", page.prompt)[1])


def listed_too(page):
    """What the optimizer would see if a list were looked into, or a ModuleList were not."""
    made = judges_11.runs(page.code)
    net = made["Net"]()
    known = isinstance(net.others, nn.ModuleList)
    outside = sum(len(list(layer.parameters())) for name, layer in net.named_children() if name != "others")
    return outside if known else outside + sum(len(list(layer.parameters())) for layer in net.others)


def all_numbers(page):
    return learned(judges_11.runs(page.code)["Net"]())


def head_alone(page):
    return len(list(judges_11_silent.nn.Linear(2, 2).parameters()))


def padded_size(page):
    message = judges_11.said(judges_11.stopped(page))
    N, C, *_ = judges_11.size_arrives(page)
    return (N, C, *map(int, re.search(r"channel: \((\d+) x (\d+)\)", message).groups()))


def without_poolings(page):
    page.code = page.code.replace("nn.MaxPool2d(2)", "nn.MaxPool2d(1)")
    return judges_11.which_breaks(page)


def without_padding(page):
    page.code = re.sub(r", padding=\(\d, \d\)", "", page.code)
    return judges_11.which_breaks(page)


def three_pictures(page):
    return (3, *judges_11.grey_shape(page))


def printed_size(page):
    page.code = re.sub(r"conv\.weight\.data = .*\n", "", page.code)
    return judges_11_silent.hidden_kernel(page)


def as_scipy(page):
    return torch.tensor(
        judges_11_silent.convolve2d(page.grid("input"), page.grid("weight"), mode="valid")
    ).nonzero().tolist()  # fmt: skip


def eval_lasts(page):
    page.code = page.code.replace("    net.train()\n", "")
    page.code = page.code.replace("    net.eval()\n", "")
    return judges_11_silent.epochs_moved(page)


def f_pad_rows_first(page):
    page.code = re.sub(r"F\.pad\(x, \((\d), (\d), (\d), (\d)\)\)", r"F.pad(x, (\3, \4, \1, \2))", page.code)
    page.code = re.sub(r"F\.pad\(x, \((\d), (\d)\)\)", r"F.pad(x, (0, 0, \1, \2))", page.code)
    return judges_11.how_many_fit(page)


PEOPLE = (
    ("wrong-argument", "M43", as_it_stands),
    ("earlier-layer", "M220", as_it_stands),
    ("how-many-wrong", "M227", lambda page: 1),
    ("read-mat1", "M25", written_features),
    ("right-features", "M98", written_features),
    ("right-picture", "M220", lambda page: int(re.search(r"rand\(\d+, 3, (\d+)", page.code)[1])),
    ("size-arrives", "M229", padded_size),
    ("which-breaks", "M171", without_poolings),
    ("which-breaks", "M168", without_padding),
    ("grey-shape", "M55", three_pictures),
    ("mixed-rows", "M221", lambda page: 0),
    ("how-many-fit", "M228", lambda page: 1),
    ("how-many-fit", "M22", f_pad_rows_first),
    ("skip-message", "M16", lambda page: int(re.search(r"tensor a \((\d+)\)", page.code)[1])),
    ("impulse-test", "M61", as_scipy),
    ("hidden-kernel", "M95", printed_size),
    ("optimizer-sees", "M222", listed_too),
    ("optimizer-sees", "M99", all_numbers),
    ("state-moves", "M96", head_alone),
    ("epochs-moved", "M225", eval_lasts),
    ("least-padding", "M229", lambda page: judges_11.least_padding(page) - as_it_stands(page)),
    ("looks-needed", "M224", lambda page: page.numbers(r"of (\d+) layers")[0] - 1),
    ("order-of-looks", "M224", lambda page: sorted(page.options, key=lambda it: int(it.split()[-1]))),
)


@pytest.mark.parametrize(("id", "mistake", "thinks"), PEOPLE, ids=[f"{id}-{mistake}" for id, mistake, _ in PEOPLE])
def test_what_people_answer_who_hold_a_mistake_is_named(id, mistake, thinks):
    for seed in SEEDS:
        verdict = make(id, seed).grade(thinks(Page(make(id, seed))))
        assert mistake in verdict.mistakes, (seed, verdict)


@pytest.mark.parametrize("id", [id for id in ids("11") if make(id, 0).kind in ("number", "shape", "cells", "order")])
def test_three_wrong_answers_or_more_are_named_where_one_types(id):
    least = 2 if id in ("order-of-looks", "how-many-fit", "optimizer-sees") else 3
    assert all(len(make(id, seed).slips) >= least for seed in SEEDS)


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


@pytest.mark.parametrize("seed", range(3))
def test_the_test_of_the_lesson_is_made_of_its_own_questions(seed):
    questions = ten_questions("11", seed)
    assert len({question.id for question in questions} & set(ids("11"))) == 10
