"""Lesson 08: right solutions that are written unlike the reference: exercise -> styles."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get

BACKWARD, CHECK, LEARN = (get(f"08.{name}") for name in ("conv2d_backward", "grad_check", "learn_kernel"))


# ---------------------------------------------------------------- conv2d_backward


def all_loops(grad_output, input, weight, stride=1, padding=0):
    """Seven loops over plain numbers."""
    g, x, w = (np.asarray(it) for it in (grad_output, input, weight))
    grad_input, grad_weight, grad_bias = np.zeros(x.shape), np.zeros(w.shape), np.zeros(len(w))
    for n, o, i, j in np.ndindex(g.shape):
        grad_bias[o] += g[n, o, i, j]
        for c, u, v in np.ndindex(w.shape[1:]):
            row, column = i * stride + u - padding, j * stride + v - padding
            if 0 <= row < x.shape[2] and 0 <= column < x.shape[3]:
                grad_weight[o, c, u, v] += g[n, o, i, j] * x[n, c, row, column]
                grad_input[n, c, row, column] += g[n, o, i, j] * w[o, c, u, v]
    return grad_input, grad_weight, grad_bias


def tap_by_tap(grad_output, input, weight, stride=1, padding=0):
    """An einsum for each tap of the kernel, over all places at once."""
    (H_out, W_out), p = grad_output.shape[2:], padding
    padded = F.pad(input, (p, p, p, p))
    grad_padded, grad_weight = torch.zeros_like(padded), torch.empty_like(weight)
    for u in range(weight.shape[2]):
        for v in range(weight.shape[3]):
            rows = slice(u, u + (H_out - 1) * stride + 1, stride)
            columns = slice(v, v + (W_out - 1) * stride + 1, stride)
            grad_weight[:, :, u, v] = torch.einsum("noij,ncij->oc", grad_output, padded[:, :, rows, columns])
            grad_padded[:, :, rows, columns] += torch.einsum("noij,oc->ncij", grad_output, weight[:, :, u, v])
    H, W = input.shape[2:]
    return grad_padded[:, :, p : p + H, p : p + W], grad_weight, grad_output.sum(dim=(0, 2, 3))


def by_columns(grad_output, input, weight, stride=1, padding=0):
    """im2col on the way there, col2im on the way back; a list of three."""
    size, above = tuple(weight.shape[2:]), grad_output.flatten(2)
    columns = F.unfold(input, size, stride=stride, padding=padding)
    grad_weight = (above @ columns.transpose(1, 2)).sum(0).reshape(weight.shape)
    grad_input = F.fold(weight.flatten(1).T @ above, tuple(input.shape[2:]), size, stride=stride, padding=padding)
    return [grad_input, grad_weight, above.sum((0, 2))]


def own_conv2d(input, weight):
    """A convolution of one's own, stride 1, by columns."""
    H_out = input.shape[2] - weight.shape[2] + 1
    made = weight.flatten(1) @ F.unfold(input, tuple(weight.shape[2:]))
    return made.unflatten(2, (H_out, -1))


def by_convolutions(grad_output, input, weight, stride=1, padding=0):
    """The spread-out gradient with the rotated weight, and the input with the spread-out gradient."""
    (N, C_out, H_out, W_out), (kH, kW), p = grad_output.shape, weight.shape[2:], padding
    H, W = (length + 2 * p for length in input.shape[2:])
    spread = torch.zeros(N, C_out, H - kH + 1, W - kW + 1, dtype=torch.float64)
    spread[:, :, ::stride, ::stride][:, :, :H_out, :W_out] = grad_output
    full = F.pad(spread, (kW - 1, kW - 1, kH - 1, kH - 1))
    grad_input = own_conv2d(full, weight.flip(2, 3).transpose(0, 1))[:, :, p : H - p, p : W - p]
    padded = F.pad(input, (p, p, p, p))
    grad_weight = own_conv2d(padded.transpose(0, 1), spread.transpose(0, 1)).transpose(0, 1)
    return grad_input, grad_weight, spread.sum((0, 2, 3))


def by_fourier(grad_output, input, weight, stride=1, padding=0):
    """Products of spectra: with the weight's for the input, with the input's for the weight."""
    (N, C_out, H_out, W_out), (kH, kW), p = grad_output.shape, weight.shape[2:], padding
    padded = F.pad(input, (p, p, p, p))
    size = tuple(padded.shape[2:])
    spread = torch.zeros(N, C_out, *size, dtype=torch.float64)
    spread[:, :, : (H_out - 1) * stride + 1 : stride, : (W_out - 1) * stride + 1 : stride] = grad_output
    above, below = torch.fft.rfft2(spread), torch.fft.rfft2(padded)
    there = torch.einsum("nohw,ochw->nchw", above, torch.fft.rfft2(weight, s=size))
    back = torch.einsum("nohw,nchw->ochw", above.conj(), below)
    grad_padded, grad_weight = torch.fft.irfft2(there, s=size), torch.fft.irfft2(back, s=size)[:, :, :kH, :kW]
    return grad_padded[:, :, p : size[0] - p, p : size[1] - p], grad_weight, grad_output.sum((0, 2, 3))


def as_a_matrix(grad_output, input, weight, stride=1, padding=0):
    """The convolution as one large matrix, which goes back as its transpose."""
    N, C_in, H, W = input.shape
    _, C_out, H_out, W_out = grad_output.shape
    cells = torch.arange(1.0, C_in * H * W + 1).double().reshape(1, C_in, H, W)
    columns = F.unfold(cells, tuple(weight.shape[2:]), stride=stride, padding=padding)[0].long()  # 0 for the padding
    matrix = torch.zeros(C_out, H_out * W_out, C_in * H * W + 1, dtype=torch.float64)
    for place in range(H_out * W_out):
        matrix[:, place].index_add_(1, columns[:, place], weight.flatten(1))
    above = grad_output.flatten(2)
    grad_input = torch.einsum("nop,opx->nx", above, matrix)[:, 1:].reshape(input.shape)
    flat = torch.cat([torch.zeros(N, 1).double(), input.flatten(1)], 1)
    grad_weight = torch.einsum("nop,nkp->ok", above, flat[:, columns]).reshape(weight.shape)
    return grad_input, grad_weight, above.sum((0, 2))


def in_float32(grad_output, input, weight, stride=1, padding=0):
    return tuple(it.float() for it in tap_by_tap(grad_output, input, weight, stride, padding))


# ---------------------------------------------------------------- grad_check


def flat_clones(f, x, grad, h=1e-6):
    """A fresh clone for each step, through view(-1)."""
    measured = []
    for number in range(x.numel()):
        losses = []
        for step in (h, -h):
            moved = x.clone()
            moved.view(-1)[number] += step
            losses.append(float(f(moved)))
        measured.append((losses[0] - losses[1]) / (2 * h))
    measured = torch.tensor(measured, dtype=torch.float64).view(x.shape)
    return ((grad - measured).abs().max() / measured.abs().max()).item()


def steps_by_a_unit_matrix(f, x, grad):
    steps = 1e-4 * torch.eye(x.numel(), dtype=torch.float64).reshape(-1, *x.shape)
    measured = torch.stack([(f(x + step) - f(x - step)) / 2e-4 for step in steps]).reshape(x.shape)
    return torch.linalg.vector_norm(grad - measured, ord=float("inf")) / measured.abs().amax()


def by_numpy(f, x, grad, h=1e-3):
    """In place in the caller's x, each number put back as it was."""
    x, grad, largest, scale = np.asarray(x), np.asarray(grad), 0.0, 0.0
    for index, before in np.ndenumerate(x.copy()):
        x[index] = before + h
        up = f(torch.from_numpy(x))
        x[index] = before - h
        down = f(torch.from_numpy(x))
        x[index] = before
        measured = float(up - down) / (2 * h)
        largest, scale = max(largest, abs(grad[index] - measured)), max(scale, abs(measured))
    return largest / scale


def recursive_and_of_fourth_order(f, x, grad, h=1e-3):
    """Four points for each number."""

    def slope(step):
        return (8 * (f(x + step) - f(x - step)) - (f(x + 2 * step) - f(x - 2 * step))) / (12 * h)

    def measure(number):
        if number == x.numel():
            return []
        step = torch.zeros(x.numel(), dtype=torch.float64)
        step[number] = h
        return [slope(step.view_as(x)), *measure(number + 1)]

    measured = torch.stack(measure(0)).view_as(x)
    return torch.max(torch.abs(grad - measured)) / torch.max(torch.abs(measured))


# ---------------------------------------------------------------- learn_kernel


def with_an_optimizer(input, target, kernel_size, lr, steps):
    weight = nn.Parameter(torch.zeros(1, 1, *kernel_size, dtype=torch.float64))
    optimizer = torch.optim.SGD([weight], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        ((F.conv2d(input, weight) - target) ** 2).mean().backward()
        optimizer.step()
    return weight.data


def with_a_layer(input, target, kernel_size, lr, steps):
    layer = nn.Conv2d(1, 1, kernel_size, bias=False, dtype=torch.float64)
    nn.init.zeros_(layer.weight)
    optimizer = torch.optim.SGD(layer.parameters(), lr)
    for _ in range(steps):
        loss = nn.MSELoss()(layer(input), target)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return layer.weight.detach().clone()


def with_autograd_grad(input, target, kernel_size, lr, steps):
    """A new tensor in each step, which asks for its gradient anew."""
    weight = torch.zeros(1, 1, *kernel_size).double()
    for _ in range(steps):
        weight.requires_grad_()
        (gradient,) = torch.autograd.grad(F.mse_loss(F.conv2d(input, weight), target), weight)
        weight = (weight - lr * gradient).detach()
    return weight.detach()


def by_hand(input, target, kernel_size, lr, steps):
    """No autograd: windows, and the gradient as a sum over them."""
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(input)[:, 0], kernel_size, (1, 2))
    weight, wanted = np.zeros(kernel_size), np.asarray(target)[:, 0]
    for _ in range(steps):
        above = 2 * (np.einsum("nijuv,uv->nij", windows, weight) - wanted) / wanted.size
        weight = weight - lr * np.einsum("nij,nijuv->uv", above, windows)
    return weight[None, None]


def through_data(input, target, kernel_size, lr, steps):
    weight = torch.zeros((1, 1, *kernel_size), dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        loss = (F.conv2d(input, weight) - target).pow(2).mean()
        loss.backward()
        weight.data -= lr * weight.grad
        weight.grad.zero_()
    return weight.detach().numpy()


STYLES = {
    BACKWARD: (all_loops, tap_by_tap, by_columns, by_convolutions, by_fourier, as_a_matrix, in_float32),
    CHECK: (flat_clones, steps_by_a_unit_matrix, by_numpy, recursive_and_of_fourth_order),
    LEARN: (with_an_optimizer, with_a_layer, with_autograd_grad, by_hand, through_data),
}
FLOAT32 = (in_float32,)
