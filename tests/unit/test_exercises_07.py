"""The exercises of lesson 07: what they expect is PyTorch's, beginners' programs are named, errors are as printed."""

import os
import random
import re

import numpy as np
import pytest
import torch
from torch import nn

from convlab.exercises import get
from convlab.exercises.lesson_07 import networks, new_head, wrong_networks
from convlab.exercises.lesson_07.asked_of_cnn import Form, Logits, Numbers
from convlab.exercises.lesson_07.freeze_part import Changing, Outputs

SEEDS = range(50 if os.environ.get("CONVLAB_FULL") == "1" else 2)
CNN, FREEZE, TRANSFER = (get(f"07.{name}") for name in ("simple_cnn", "freeze", "transfer"))


@pytest.fixture(autouse=True)
def one_thread():
    """These networks are small: threads would wait for each other longer than they work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# ---------------------------------------------------------------- what is expected


def test_the_expected_numbers_of_the_cnn_are_those_of_layers():
    for seed in SEEDS:
        for case in CNN.cases(seed):
            given, asked = case.arguments, case.then
            mended = CNN.reference(**given)
            if isinstance(asked, Numbers):
                assert asked.right == sum(it.numel() for it in mended.parameters())
            if isinstance(asked, Form):
                assert [*mended(torch.zeros(asked.shape)).shape, len(asked.other)] == [*CNN.expected(case)[:2], 4]
            if isinstance(asked, Logits):
                with torch.no_grad():
                    for parameter, numbers in zip(mended.parameters(), asked.numbers, strict=True):
                        parameter.copy_(torch.from_numpy(numbers))
                    theirs = mended(torch.from_numpy(asked.input).float())
                np.testing.assert_array_equal(CNN.expected(case), theirs)
                assert theirs.min() < 0 and theirs.max() > 1, "a ReLU or a softmax at the end could not be seen"
            assert CNN.expected(case).shape == CNN.result_shape(case)


def test_the_form_of_a_cnn_shows_a_view_that_moves_pictures_into_the_batch():
    """The number of S003-22: 64 * 4 * 4 numbers a row make four rows of two pictures of twice the size."""
    case = next(case for case in CNN.cases(0) if case.arguments["size"] == (32, 64))
    wrong = wrong_networks.Viewed(**case.arguments)
    assert case.then(wrong).tolist() == [4, 10, 8, 0]
    assert wrong(torch.zeros(case.then.shape)).shape == (4, 10)


def test_the_expected_outputs_of_a_frozen_part_are_those_of_layers_in_eval_mode():
    for seed in SEEDS:
        for case in FREEZE.cases(seed):
            model, asked = case.arguments["model"], case.then
            assert FREEZE.expected(case).shape == FREEZE.result_shape(case)
            if isinstance(asked, Changing):
                ours = sum(it.numel() for it in getattr(model, asked.name).parameters())
                assert FREEZE.expected(case)[0].tolist() == [0, sum(it.numel() for it in model.parameters()) - ours]
                continue
            model.train(asked.modes[-1])
            getattr(model, asked.name).eval()
            with torch.no_grad():
                theirs = model(torch.from_numpy(asked.pictures[-1]))
                plain = model.train()(torch.from_numpy(asked.pictures[-1]))
            np.testing.assert_allclose(FREEZE.expected(case), theirs, rtol=0, atol=1e-12)
            assert not torch.allclose(theirs, plain, atol=1e-3), "frozen or not could not be seen"


def test_the_network_for_the_low_digits_tells_them_apart_and_knows_no_others():
    for seed in range(3):
        model = networks.for_low_digits(seed)
        with torch.no_grad():
            for low, (least, most) in ((0, (0.9, 1.0)), (5, (0.0, 0.0))):
                images, labels = networks.coloured(seed, low, 20, held_out=True)
                told = (model(torch.from_numpy(images)).argmax(1).numpy() == labels).mean()
                assert least <= told <= most, (seed, low, told)


def test_the_pictures_of_the_test_are_not_those_of_the_training():
    seen, unseen = (networks.coloured(1, 5, 40, held_out=it)[0] for it in (False, True))
    assert not {it.tobytes() for it in seen} & {it.tobytes() for it in unseen}
    assert seen.shape == (200, 3, 28, 28) and 0 <= seen.min() < seen.max() <= 1
    assert (abs(seen[:, 0] - seen[:, 2]).max((1, 2)) > 0.05).mean() > 0.9, "the channels are to differ"


def test_nothing_that_the_learner_draws_is_moved():
    for exercise in (CNN, FREEZE, TRANSFER):
        torch.manual_seed(3)
        before, python = torch.get_rng_state(), random.getstate()
        exercise.check(next(iter(exercise.mutants.values())), seed=1)
        assert torch.equal(before, torch.get_rng_state()) and random.getstate() == python


def test_a_class_right_but_for_nothing_is_right():
    """The pieces that the wrong networks are made of are right."""
    assert CNN.check(wrong_networks.Network, seed=1)


# ---------------------------------------------------------------- a sentence for everything


def changed_cnn(**methods):
    """The reference with other methods, one of them a working one: idle methods alone are no attempt."""
    return type("SimpleCNN", (CNN.reference,), {"size": lambda self: self.fc.in_features, **methods})


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        (lambda in_channels, size, classes: 3, "your class is no nn.Module"),
        (changed_cnn(forward=lambda self, x: None), r"your forward returns nothing \(None\)"),
        (changed_cnn(forward=lambda self, x: [1.0]), "your forward returns a list; expected a tensor"),
        (changed_cnn(forward=lambda self, x: self.features(x)), r"shape \(2, 64, 4, 8\) for 2 pictures; expected two"),
        (changed_cnn(count=lambda self: None), r"count\(\) returns nothing \(None\)"),
        (changed_cnn(count=lambda self: 3.5), r"count\(\) returns 3.5, a float; expected a whole number"),
        (changed_cnn(count=lambda self: 44073), r"count\(\) gives 44073; expected 44074"),
        (changed_cnn(count=5), "no method `count`"),
        (changed_cnn(forward=lambda self, x: CNN.reference.forward(self, x) + 1), r"your logits\[0, 0\] is"),
    ],
)
def test_a_network_of_another_form_gets_its_own_sentence(program, sentence):
    verdict = CNN.check(program, seed=1)
    assert verdict.outcome == "wrong" and re.search(sentence, verdict.message), verdict


@pytest.mark.parametrize("exercise", [FREEZE, TRANSFER], ids=lambda it: it.id)
@pytest.mark.parametrize(
    ("came", "sentence"), [(None, "returned None; expected the model"), (3, "what came back is of type int")]
)
def test_what_is_no_model_gets_its_own_sentence(exercise, came, sentence):
    def program(model, *more):
        model.requires_grad_(True)  # something is written
        return came

    verdict = exercise.check(program, seed=1)
    assert verdict.outcome == "wrong" and re.search(sentence, verdict.message), verdict


def test_the_head_alone_and_foreign_features_get_a_sentence():
    head = TRANSFER.check(lambda model, *more: model.head, seed=1)
    assert "the head came back; return the whole model" in head.message

    def afresh(model, images, labels, steps):
        return nn.Sequential(nn.Flatten(), nn.Linear(images[0].numel(), 5))

    assert "are not those that it came with" in TRANSFER.check(afresh, seed=1).message


def test_changed_pictures_are_noticed():
    def greedy(model, images, labels, steps):
        images.zero_()
        return TRANSFER.reference(model, images, labels, steps)

    assert "changes `images`" in TRANSFER.check(greedy, seed=1).message


def test_a_share_that_is_too_small_is_told_as_a_share():
    def untrained(model, images, labels, steps):
        model = TRANSFER.reference(model, images, labels, steps=0)
        with torch.no_grad():
            model.head.weight.zero_()
        return model

    verdict = TRANSFER.check(untrained, seed=1)
    assert verdict.outcome == "wrong" and "20% of new pictures are told right; expected at least 50%" in verdict.message


def test_where_there_is_a_gpu_training_is_checked_in_a_thread(monkeypatch):
    """A child of fork cannot compute gradients there."""
    assert TRANSFER.forked is None or torch.cuda.is_available()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert TRANSFER.forked is False
    assert TRANSFER.check(TRANSFER.reference, seed=1)
    assert TRANSFER.check(TRANSFER.mutants["M96"], seed=1).mistakes == ("M96",)


def test_the_last_step_of_training_has_to_suffice_for_a_right_head_and_not_for_a_wrong_one():
    """What was measured, with room on both sides."""
    for seed in SEEDS:
        case = TRANSFER.cases(seed)[-1]
        model, images, labels, steps = (
            torch.from_numpy(it) if isinstance(it, np.ndarray) else it for it in case.arguments.values()
        )
        (told,) = case.then(TRANSFER.reference(model, images, labels, steps))
        assert told > new_head.ENOUGH + 0.1, told


def test_outputs_are_asked_for_in_both_modes():
    modes = {case.then.modes for case in FREEZE.cases(1) if isinstance(case.then, Outputs)}
    assert modes == {(True,), (True, False)}


def test_the_stub_of_the_cnn_is_told_to_have_faults_and_one_mended_line_is_an_attempt():
    _, own = CNN.stub.split("\n\n\n")
    empty = "class SimpleCNN(nn.Module):\n    pass"
    given = (({}, CNN.stub), ({"nn": torch.nn}, own), ({"nn": torch.nn}, empty))
    for names, cell in given:  # torch.nn is imported there, or in an earlier cell
        exec(cell, names)
        verdict = CNN.check(names["SimpleCNN"])
        assert verdict.outcome == "not_attempted" and verdict.message.endswith(
            "nothing that the task's does not, and the task's has three faults."
        )
    exec(CNN.stub.replace("maps.view(-1, 64 * 4 * 4)", "maps.flatten(1)"), names)
    assert CNN.check(names["SimpleCNN"]).outcome == "wrong"
