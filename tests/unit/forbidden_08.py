"""Lesson 08: what does the whole task, or most of it, by whatever name: exercise, program, name that is called."""

from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from convlab.exercises import get

BACKWARD, CHECK, LEARN = (get(f"08.{name}") for name in ("conv2d_backward", "grad_check", "learn_kernel"))


def with_leaves(grad_output, input, weight, stride, padding, way):
    """The three gradients by autograd, over an output that is computed without a ready-made convolution."""
    leaves = [it.clone().requires_grad_() for it in (input, weight, torch.zeros(len(weight)).double())]
    columns = F.unfold(leaves[0], tuple(weight.shape[2:]), stride=stride, padding=padding)
    output = (leaves[1].flatten(1) @ columns + leaves[2][:, None]).reshape(grad_output.shape)
    if way == "grad":
        return torch.autograd.grad(output, leaves, grad_output)
    output.backward(grad_output) if way == "backward" else torch.autograd.backward(output, grad_output)
    return tuple(it.grad for it in leaves)


def by_nn_grad(g, x, w, stride=1, padding=0):
    return torch.nn.grad.conv2d_input(x.shape, w, g, stride, padding), w, g.sum((0, 2, 3))


def by_transposed(g, x, w, stride=1, padding=0):
    return F.conv_transpose2d(g, w, stride=stride, padding=padding), w, g.sum((0, 2, 3))


def by_conv2d(g, x, w, stride=1, padding=0):
    return x, F.conv2d(x.transpose(0, 1), g.transpose(0, 1), padding=padding, dilation=stride), g.sum((0, 2, 3))


def by_aten(g, x, w, stride=1, padding=0):
    settings = [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], 1, [True] * 3
    return torch.ops.aten.convolution_backward(g, x, w, [len(w)], *settings)


def by_our_engine(g, x, w, stride=1, padding=0):
    from convlab import engines

    return engines.conv2d_backward(*(np.asarray(it) for it in (g, x, w)), stride, padding)


def autograd_of_f(f, x, grad):
    x = x.clone().requires_grad_()
    f(x).backward()
    return (grad - x.grad).abs().max() / x.grad.abs().max()


def by_forward_mode(f, x, grad):
    return torch.func.jvp(f, (x,), (torch.ones_like(x),))[1]


def by_gradcheck(f, x, grad):
    return float(torch.autograd.gradcheck(f, x.clone().requires_grad_()))


def differentiates(input, weight, bias=0.0):
    input.requires_grad_().sum().backward()
    return get("02.conv2d").reference(input.detach(), weight, bias)


FORBIDDEN = [
    (BACKWARD, by_nn_grad, "convolution_backward|conv2d_input"),
    (BACKWARD, by_transposed, "conv_transpose2d"),
    (BACKWARD, by_conv2d, "conv2d"),
    (BACKWARD, by_aten, "convolution_backward"),
    (BACKWARD, by_our_engine, "conv2d_backward"),
    *((BACKWARD, partial(with_leaves, way=way, stride=1, padding=0), way) for way in ("grad", "backward")),
    (BACKWARD, partial(with_leaves, way="autograd.backward", stride=1, padding=0), "backward"),
    (CHECK, autograd_of_f, "backward"),
    (CHECK, by_forward_mode, "_make_dual"),
    (CHECK, by_gradcheck, "grad"),
    (get("02.conv2d"), differentiates, "backward"),
]
