"""Lesson 08: what beginners write: exercise, program, the mistakes that are named, words that are said."""

from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get
from tests.unit.styles_08 import by_columns, flat_clones, tap_by_tap

BACKWARD, CHECK, LEARN = (get(f"08.{name}") for name in ("conv2d_backward", "grad_check", "learn_kernel"))


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
