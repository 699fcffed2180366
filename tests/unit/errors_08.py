"""What raises the errors that the exercises of lesson 08 quote: exercise -> name -> function of nothing."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises.lesson_08.losses import Loss

GRAD, INPUT, WEIGHT = torch.ones(2, 4, 3, 3), torch.ones(2, 1, 4, 5), torch.ones(4, 1, 2, 3)


def line(code, **names):
    """A function that runs these lines."""

    def run():
        exec(code, {"torch": torch, "F": F, "nn": nn, "np": np, "g": GRAD, "x": INPUT, "w": WEIGHT, **names})

    return run


def steps(
    made="requires_grad=True", loss="F.mse_loss(F.conv2d(x, w), y)", then="w -= 0.1 * w.grad", before="", head=""
):
    """Two steps of gradient descent with these pieces."""
    return line(
        f"""
x, y = torch.ones(1, 1, 3, 5, dtype=torch.float64), torch.ones(1, 1, 2, 3, dtype=torch.float64)
w = torch.zeros(1, 1, 2, 3, {made})
{head}
for step in range(2):
    {before or "pass"}
    loss = {loss}
    loss.backward()
    with torch.no_grad():
        {then}
"""
    )


DOUBLE = "dtype=torch.float64, requires_grad=True"
PROVOKED = {
    "08.conv2d_backward": {
        "dots and a tensor": line("it = ...; it += w"),
        "dots filled": line("it = ...; it[0] = 1.0"),
        "dots read": line("it = ...; it[:, 0] += 1.0"),
        "no sizes": line("torch.zeros(H)"),
        "an axis summed before": line("g.sum((2, 3)).sum((0, 2))"),
        "o and c exchanged": line("w[0, 3]"),
        "o and c exchanged, NumPy": line("w.numpy()[0, 3]"),
        "a window cut off": line("x[:, :, 3:5, 3:6] * w[0]"),
        "a window cut off, NumPy": line("x.numpy()[:, :, 3:5, 3:6] * w[0].numpy()"),
        "the pictures kept": line("w += torch.einsum('no,ncuv->nocuv', g[:, :, 0, 0], x[:, :, :2, :3])"),
        "too few rows": line("torch.einsum('noij,ncij->oc', g, x[:, :, 2:, :3])"),
        "too few columns": line("torch.einsum('noij,ncij->oc', g, x[:, :, :3, 3:])"),
        "filters for pictures": line("torch.einsum('no,ncuv->ocuv', g[:, :, 0, 0], w)"),
        "channels for filters": line("torch.einsum('no,ocuv->ncuv', g[:, :, 0, 0], w[:3])"),
        "p : -p": line("torch.zeros(2, 1, 4, 5)[:, :, 0:-0] = x"),
        "a row in one place": line("torch.zeros(4).double()[0] = g[0, 0, 0].double()"),
        "another stride for fold": line("F.fold(torch.ones(2, 6, 9), (4, 5), (2, 3), stride=2)"),
        "no transpose": line("w.flatten(1) @ w.flatten(1)"),
        "no transpose in a stack": line("g.flatten(2) @ torch.ones(2, 6, 9)"),
        "a step of -1": line("w[:, :, ::-1, ::-1]"),
    },
    "08.grad_check": {
        "a cell and dots": line("torch.ones(2)[0] + ..."),
        "a number and dots": line("1.0 + ..."),
        "dots added": line("it = torch.ones(2); it[0] += ..."),
        "two indices of one axis": line("torch.ones(2)[0, 0]"),
        "beyond the end": line("torch.ones(2, 3)[2]"),
        "Python's max": line("max(torch.ones(2, 3))"),
        "a view of a transpose": line("torch.ones(2, 3).T.view(-1)"),
        "f in square brackets": line("f[0]", f=Loss(np.ones(2), np.eye(2), np.ones(2))),
        "a number as a range": line("for number in 6: pass"),
        "a leaf changed": line("it = torch.ones(2, requires_grad=True); it += 1e-5"),
        "a fraction of a range": line("range(6 / 2)"),
    },
    "08.learn_kernel": {
        "no requires_grad": steps(made="dtype=torch.float64"),
        "a new tensor": steps(made=DOUBLE, then="pass", before="w = w - 0.1 * w.grad if step else w * 1"),
        "a leaf in place": steps(made=DOUBLE, before="w -= 0.1"),
        "zeroed too soon": steps(made=DOUBLE, before="w.grad.zero_()"),
        "one output for all": steps(made=DOUBLE, head="output = F.conv2d(x, w)", loss="F.mse_loss(output, y)"),
        "item": steps(made=DOUBLE, loss="F.mse_loss(F.conv2d(x, w), y).item()"),
        "no mean": steps(made=DOUBLE, loss="(F.conv2d(x, w) - y) ** 2"),
        "padding": steps(made=DOUBLE, loss="F.mse_loss(F.conv2d(x, w, padding=1), y)"),
        "float32": steps(),
        "a float32 layer": line("nn.Conv2d(1, 1, (2, 3))(torch.ones(1, 1, 3, 5, dtype=torch.float64))"),
        "no leaf": line("torch.optim.SGD([torch.zeros(2, requires_grad=True).double()], lr=0.1)"),
        "a pair for a size": line("torch.zeros(1, 1, (2, 3))"),
    },
}
