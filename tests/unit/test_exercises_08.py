"""The exercises of lesson 08: torch is the judge, beginners' programs are named, errors are quoted as they are."""

import os
import re
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get
from convlab.exercises.lesson_08.losses import Loss
from convlab.exercises.sentences import known_error
from tests.unit.errors_08 import PROVOKED
from tests.unit.test_exercises_08_styles import by_columns, flat_clones, tap_by_tap, with_an_optimizer

SEEDS = range(50 if os.environ.get("CONVLAB_FULL") == "1" else 3)
BACKWARD, CHECK, LEARN = (get(f"08.{name}") for name in ("conv2d_backward", "grad_check", "learn_kernel"))
PARTS = ("input", "weight", "bias")


def in_tensors(case):
    return {n: torch.from_numpy(it) if isinstance(it, np.ndarray) else it for n, it in case.arguments.items()}


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


def bias_by_mean_alone(grad_output, input, weight, stride=1, padding=0):
    return ..., ..., grad_output.mean(dim=(0, 2, 3))


def wants_a_flip(grad_output, input, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = by_columns(grad_output, input, weight, stride, padding)
    return None, grad_weight.flip(2, 3), grad_bias


def without_batch_sum(grad_output, input, weight, stride=1, padding=0):
    each = [tap_by_tap(g[None], x[None], weight, stride, padding) for g, x in zip(grad_output, input, strict=True)]
    return torch.cat([it[0] for it in each]), torch.stack([it[1] for it in each]), grad_output.sum((0, 2, 3))


def as_it_is(grad_output, input, weight, stride=1, padding=0):
    """The scatter with a kernel that was turned first."""
    rotated = tap_by_tap(grad_output, input, weight.flip(2, 3), stride, padding)[0]
    return rotated, *tap_by_tap(grad_output, input, weight, stride, padding)[1:]


def by_overwriting(grad_output, input, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = tap_by_tap(grad_output, input, weight, stride, padding)
    (H, W), (kH, kW), p = input.shape[2:], weight.shape[2:], padding
    grad_padded = torch.zeros(*input.shape[:2], H + 2 * p, W + 2 * p).double()
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            window = torch.einsum("no,ocuv->ncuv", grad_output[:, :, i, j], weight)
            grad_padded[:, :, i * stride : i * stride + kH, j * stride : j * stride + kW] = window
    return grad_padded[:, :, p : p + H, p : p + W], grad_weight, grad_bias


def full_without_stride(grad_output, input, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = tap_by_tap(grad_output, input, weight, stride, padding)
    size = [places + k - 1 for places, k in zip(grad_output.shape[2:], weight.shape[2:], strict=True)]
    full = F.fold(weight.flatten(1).T @ grad_output.flatten(2), size, tuple(weight.shape[2:]))
    return full[:, :, padding : size[0] - padding, padding : size[1] - padding], grad_weight, grad_bias


def only_weights(grad_output, input, weight, stride=1, padding=0):
    return tap_by_tap(grad_output, input, weight, stride, padding)[1:]


def forward_difference(f, x, grad):
    measured, here = torch.zeros_like(x), f(x)
    for number in range(x.numel()):
        moved = x.clone()
        moved.view(-1)[number] += 1e-7
        measured.view(-1)[number] = (f(moved) - here) / 1e-7
    return (grad - measured).abs().max() / measured.abs().max()


def in_single_precision(f, x, grad):
    return flat_clones(f, x.float(), grad.float(), h=1e-3)


def two_names(f, x, grad):
    measured, h = torch.zeros_like(x), 1e-5
    for index in np.ndindex(*x.shape):
        x_plus, x_minus = x, x
        x_plus[index] += h
        x_minus[index] -= h
        measured[index] = (f(x_plus) - f(x_minus)) / (2 * h)
    return (grad - measured).abs().max() / measured.abs().max()


def keeps_a_view(f, x, grad):
    x, measured, h = x.clone(), torch.zeros_like(x), 1e-5
    for number in range(x.numel()):
        old = x.view(-1)[number]
        x.view(-1)[number] = old + h
        up = f(x)
        x.view(-1)[number] = old - h
        down = f(x)
        x.view(-1)[number] = old
        measured.view(-1)[number] = (up - down) / (2 * h)
    return (grad - measured).abs().max() / measured.abs().max()


def asks_here_each_time(f, x, grad):
    measured = torch.zeros_like(x)
    for number in range(x.numel()):
        moved = x.clone()
        moved.view(-1)[number] += 1e-5
        measured.view(-1)[number] = (f(moved) - f(x)) / 1e-5
    return (grad - measured).abs().max() / measured.abs().max()


def forgets_to_put_back(f, x, grad):
    measured, moved, h = torch.zeros_like(x), x.clone(), 1e-4
    for index in np.ndindex(*x.shape):
        moved[index] += h
        up = f(moved)
        moved[index] -= 2 * h
        measured[index] = (up - f(moved)) / (2 * h)
    return (grad - measured).abs().max() / measured.abs().max()


def descend(input, target, kernel_size, lr, steps, sign=-1, reduction="mean", zero=True):
    weight = torch.zeros(1, 1, *kernel_size, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        F.mse_loss(F.conv2d(input, weight), target, reduction=reduction).backward()
        with torch.no_grad():
            weight += sign * lr * weight.grad
        if zero:
            weight.grad.zero_()
    return weight.detach()


def zeroed_too_late(input, target, kernel_size, lr, steps):
    weight = nn.Parameter(torch.zeros(1, 1, *kernel_size, dtype=torch.float64))
    optimizer = torch.optim.SGD([weight], lr)
    for _ in range(steps):
        F.mse_loss(F.conv2d(input, weight), target).backward()
        optimizer.zero_grad()
        optimizer.step()
    return weight.detach()


def by_adam(input, target, kernel_size, lr, steps):
    weight = nn.Parameter(torch.zeros(1, 1, *kernel_size, dtype=torch.float64))
    optimizer = torch.optim.Adam([weight], lr)
    for _ in range(steps):
        optimizer.zero_grad()
        F.mse_loss(F.conv2d(input, weight), target).backward()
        optimizer.step()
    return weight.detach()


BEGINNERS = [
    (BACKWARD, bias_by_mean_alone, ("M80",), "is a mean"),
    (BACKWARD, wants_a_flip, ("M78",), "turned by 180 degrees"),
    (BACKWARD, without_batch_sum, ("M195",), "an axis for the pictures"),
    (BACKWARD, as_it_is, ("M77",), "the wrong way round"),
    (BACKWARD, by_overwriting, ("M187",), "add them with"),
    (BACKWARD, full_without_stride, ("M79",), "leave the stride out"),
    (BACKWARD, only_weights, ("M76",), "2 things came back; expected a tuple of three"),
    (CHECK, forward_difference, ("M194",), "on one side of x only"),
    (CHECK, in_single_precision, ("M82",), "They keep 7 digits"),
    (CHECK, partial(flat_clones, h=1e-12), ("M194",), "so small that rounding"),
    (CHECK, partial(flat_clones, h=1e-14), ("M194",), "so small that rounding"),
    (CHECK, partial(flat_clones, h=1e-16), (), "h below about 1e-14: x [+] h is rounded to x"),
    (CHECK, keeps_a_view, (), "view of x and no number: it moves along"),
    (CHECK, asks_here_each_time, ("M194",), "on one side of x only"),
    (CHECK, two_names, (), "x.clone"),
    (CHECK, forgets_to_put_back, (), "put it back before the next"),
    (LEARN, partial(descend, sign=1), ("M191",), "Your steps go up"),
    (LEARN, partial(descend, zero=False), ("M188",), "pile up"),
    (LEARN, partial(descend, reduction="sum"), (), "the sum of the squares"),
    (LEARN, zeroed_too_late, (), "zero it before backward"),
    (LEARN, by_adam, (), "the steps of Adam"),
]


@pytest.mark.parametrize(
    ("exercise", "program", "mistakes", "words"),
    BEGINNERS,
    ids=lambda value: getattr(value, "__name__", None) or getattr(value, "id", None),
)
def test_what_a_beginner_writes_is_named(exercise, program, mistakes, words):
    for seed in SEEDS:
        verdict = exercise.check(program, seed=seed)
        assert verdict.outcome == "wrong" and verdict.mistakes == mistakes, verdict
        assert re.search(words, verdict.message), verdict


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


@pytest.mark.parametrize("exercise", (BACKWARD, CHECK, LEARN), ids=lambda exercise: exercise.id)
def test_the_help_with_errors_quotes_what_is_really_printed(exercise):
    met = set()
    for name, provoke in PROVOKED[exercise.id].items():
        with pytest.raises(Exception) as raised:
            provoke()
        message = f"{type(raised.value).__name__}: {raised.value}"
        found = known_error(exercise.errors, message)
        assert found, f"{name}: {message}"
        met.add(found)
    assert met == set(exercise.errors), set(exercise.errors) - met
