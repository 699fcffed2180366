"""The exercises of lesson 08: torch is the judge, beginners' programs are named, errors are quoted as they are."""

import os
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from convlab.exercises import get
from convlab.exercises.lesson_08.losses import Loss
from tests.unit.exercise_help import in_tensors
from tests.unit.styles_08 import flat_clones, tap_by_tap, with_an_optimizer

SEEDS = range(50 if os.environ.get("CONVLAB_FULL") == "1" else 3)
BACKWARD, CHECK, LEARN = (get(f"08.{name}") for name in ("conv2d_backward", "grad_check", "learn_kernel"))
PARTS = ("input", "weight", "bias")


# ---------------------------------------------------------------- torch is the judge


@pytest.mark.parametrize("seed", SEEDS)
def test_the_expected_gradients_are_those_of_autograd(seed):
    for case in BACKWARD.cases(seed):
        given = in_tensors(case)
        leaves = {part: given[part].clone().requires_grad_() for part in ("input", "weight")}
        leaves["bias"] = torch.zeros(len(given["weight"]), dtype=torch.float64, requires_grad=True)
        above, settings = given["grad_output"], {n: given[n] for n in ("stride", "padding") if n in given}
        F.conv2d(**leaves, **settings).backward(above)
        theirs = leaves[case.then.part].grad
        assert BACKWARD.result_shape(case) == tuple(theirs.shape)
        ours = BACKWARD.expected(case).reshape(theirs.shape)
        torch.testing.assert_close(torch.from_numpy(ours), theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_expected_distances_are_those_of_autograd(seed):
    for case in CHECK.cases(seed):
        given = in_tensors(case)
        x = given["x"].requires_grad_()
        given["f"](x).backward()
        wanted = (given["grad"] - x.grad).abs().max() / x.grad.abs().max()
        assert float(CHECK.expected(case)) == pytest.approx(float(wanted), abs=1e-12)
        given["f"].told()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_expected_weights_are_those_of_autograd(seed):
    for case in LEARN.cases(seed):
        theirs = with_an_optimizer(**in_tensors(case))
        assert LEARN.result_shape(case) == tuple(theirs.shape)
        np.testing.assert_allclose(LEARN.expected(case), theirs[0, 0], atol=1e-12)


def test_no_case_is_square_and_some_have_cells_that_no_window_reads():
    for seed in SEEDS:
        unread = 0
        for case in BACKWARD.cases(seed):
            grad, input, weight = (case.arguments[name] for name in ("grad_output", "input", "weight"))
            assert all(it.shape[2] != it.shape[3] for it in (grad, input, weight)), case.label
            assert input.shape[1] != weight.shape[0]
            unread += case.then.part == "input" and not case.then.gradient[:, :, -1].any()
            unread += case.then.part == "input" and not case.then.gradient[:, :, :, -1].any()
        assert unread >= 3
        for case in LEARN.cases(seed):
            sizes = case.arguments["kernel_size"], *(case.arguments[name].shape[2:] for name in ("input", "target"))
            assert all(rows != columns for rows, columns in sizes), case.label
        for case in CHECK.cases(seed):
            shape = case.arguments["x"].shape
            assert len(shape) < 2 or shape[-1] != shape[-2], case.label


def test_the_example_of_each_task_is_what_it_says():
    assert "grad_input[0, 0]" in BACKWARD.prompt and "0.5: measured is [2, -4, 6]" in CHECK.prompt
    x = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)
    apart = CHECK.reference(lambda x: (x**2).sum(), x, torch.tensor([2.0, -4.0, 9.0]))
    assert float(apart) == pytest.approx(0.5)
    (example,) = (case for case in CHECK.cases(1) if case.example)
    assert float(CHECK.expected(example)) == 0.5


# ---------------------------------------------------------------- what beginners write


def stage(*parts):
    """A program that has come so far: the other entries are still the stub's dots, or None."""

    def program(grad_output, input, weight, stride=1, padding=0):
        made = dict(zip(PARTS, tap_by_tap(grad_output, input, weight, stride, padding), strict=True))
        return tuple(made[part] if part in parts else (... if part == "input" else None) for part in PARTS)

    return program


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (("bias",), "grad_bias is right. Still to come: grad_weight and grad_input."),
        (("bias", "weight"), "grad_bias and grad_weight are right. Still to come: grad_input."),
    ],
)
def test_the_three_parts_can_be_checked_one_after_another(parts, sentence):
    verdict = BACKWARD.check(stage(*parts), seed=1)
    assert verdict.outcome == "partial" and not verdict.mistakes and verdict.message.startswith(sentence), verdict
    assert BACKWARD.check(stage(*PARTS), seed=1)
    assert BACKWARD.check(stage(), seed=1).outcome == "not_attempted"


def test_a_weight_with_its_history_is_right_but_for_that():
    def attached(input, target, kernel_size, lr, steps):
        return with_an_optimizer(input, target, kernel_size, lr, steps).requires_grad_()

    verdict = LEARN.check(attached, seed=1)
    assert verdict.outcome == "partial" and "Return weight.detach()" in verdict.message


# ---------------------------------------------------------------- a sentence for everything


@pytest.mark.parametrize(
    ("exercise", "program", "sentence"),
    [
        (BACKWARD, lambda *given, **named: (1, 2, 3), "Your grad_bias is an int; expected a tensor"),
        (BACKWARD, lambda *given, **named: given[:2] * 2, "4 things came back; expected a tuple of three"),
        (BACKWARD, lambda *given, **named: {"input": given[1]}, "something else came back; expected a tuple"),
        (BACKWARD, lambda g, x, w, stride=1, padding=0: (x, w, g.sum((0, 2, 3)).long()), "int64; expected float64"),
        (BACKWARD, lambda g, x, w, stride=1, padding=0: (x, w, g), r"grad_bias has the shape \(1, 2, 1, 2\)"),
        (BACKWARD, lambda *given, **named: print(len(given)), "returned None; expected a tuple of three tensors"),
        (BACKWARD, lambda *given, **named: (it for it in given), "is a generator; expected a tuple"),
        (CHECK, lambda f, x, grad: grad - x, "a tensor of shape .* came back; expected one number"),
        (CHECK, lambda f, x, grad: [0.0], "returned a list; expected one number"),
        (CHECK, lambda f, x, grad: (f(x), 0.0)[1], "f was asked only at x itself"),
        (CHECK, lambda f, x, grad: 0.25, "f was not asked at all"),
        (CHECK, lambda f, x, grad: print(x), "returned None"),
        (LEARN, lambda x, y, size, lr, steps: torch.zeros(size).double(), r"shape \(1, 3\); expected \(1, 1, 1, 3\)"),
        (LEARN, lambda x, y, size, lr, steps: torch.zeros(1, 1, *size).double() + 0.5, "lr 0 the weight stays"),
        (LEARN, lambda x, y, size, lr, steps: torch.zeros(1, 1, *size).tolist(), "returned a list"),
        (LEARN, lambda x, y, size, lr, steps: print(size), "returned None"),
    ],
)
def test_a_result_of_another_form_gets_its_own_sentence(exercise, program, sentence):
    verdict = exercise.check(program, seed=1)
    assert verdict.outcome == "wrong" and re.search(sentence, verdict.message), verdict


def test_a_wrong_number_is_told_by_its_indices_and_as_a_sum():
    def one_off(grad_output, input, weight, stride=1, padding=0):
        made = tap_by_tap(grad_output, input, weight, stride, padding)
        made[0][0, 0, 0, 0] += 1
        return made

    message = BACKWARD.check(one_off, seed=1).message
    found = re.search(r"grad_input\[0, 0, 0, 0\] is (\S+); expected (\S+) = (.*) \(1 of 8 numbers differ\)", message)
    assert float(found[1]) == float(found[2]) + 1 and eval(found[3]) == float(found[2])
    message = CHECK.check(lambda f, x, grad: 7 + flat_clones(f, x, grad), seed=1).message
    assert re.search(r"your number is 7\.\d+; expected 0\.\d+ = 1 at \[1\], divided by the largest measured", message)


@pytest.mark.parametrize("exercise", (BACKWARD, CHECK, LEARN), ids=lambda exercise: exercise.id)
def test_what_is_changed_belongs_to_the_caller(exercise):
    def changes(*given, **named):
        made = exercise.reference(*given, **named)
        given[1][..., 0] += 1.0
        return made

    assert f"changes `{exercise.arguments[1]}`" in exercise.check(changes, seed=1).message


def test_an_answer_made_for_the_example_is_noticed():
    (case, *_) = (case for case in BACKWARD.cases(0) if case.example)
    answer = tap_by_tap(**in_tensors(case))
    said = BACKWARD.check(lambda grad_output, input, weight, stride=1, padding=0: answer, seed=1).message
    assert "right on the example of the task and on no other" in said


# ---------------------------------------------------------------- the loss, and help with errors


def test_a_loss_remembers_only_what_was_asked_with_one_kind_of_numbers():
    loss = Loss(np.array([1.0, 2.0]), np.eye(2), np.ones(2))
    loss(torch.tensor([1.5, 2.0]).double())
    loss(np.array([1.0, 2.5]))
    assert len(loss.asked) == 1 and loss.told() is not None and loss.asked == []
    assert loss(torch.tensor([1.0, 2.0])).dtype == torch.float32
    assert repr(loss) == "<a loss of x of shape (2,)>"
