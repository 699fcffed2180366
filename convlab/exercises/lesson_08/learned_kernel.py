"""08.learn_kernel: a kernel learned from pictures and from what it makes of them, by gradient descent."""

from dataclasses import dataclass
from importlib import import_module

import numpy as np

from ..conv_by_hand import side_by_side
from ..sentences import number
from ..task import Case, Exercise, random_numbers
from .step_slips import ATTACHED, ERRORS, SLIPS, Descent, correlate

EDGE = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0]])


def learn_kernel(input, target, kernel_size, lr, steps):
    """The weight after some steps of gradient descent, from zeros, on the mean squared error.

    Shape:
        input (N, 1, H, W), target (N, 1, H - kH + 1, W - kW + 1) -> (1, 1, kH, kW)

    Example:
        >>> import torch
        >>> input = torch.tensor([[[[1.0, 2.0, 4.0]]]], dtype=torch.float64)
        >>> learn_kernel(input, 3 * input, (1, 1), lr=0.1, steps=20).round(decimals=6).tolist()
        [[[[3.0]]]]
    """
    import torch
    import torch.nn.functional as F

    kH, kW = kernel_size
    weight = torch.zeros(1, 1, kH, kW, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        loss = F.mse_loss(F.conv2d(input, weight), target)
        loss.backward()
        with torch.no_grad():
            weight -= lr * weight.grad
        weight.grad = None
    return weight.detach()


@dataclass(frozen=True)
class Weight:
    """The weight that came back; where it still carries its history, its numbers in a row and a 1 behind them."""

    def __call__(self, result):
        torch = import_module("torch")
        if isinstance(result, torch.Tensor) and result.requires_grad and result.ndim == 4:
            row = result.detach().flatten()
            return torch.cat([row, torch.tensor([ATTACHED], dtype=row.dtype)])
        return result


EXAMPLE_INPUT = np.array([[[[0, 1, 2, 0], [2, 0, 1, 1]]]], dtype=float)
EXAMPLE_KERNEL = np.array([[[[-1, 2]]]], dtype=float)


def _example():
    given = {"input": EXAMPLE_INPUT, "target": correlate(EXAMPLE_INPUT, EXAMPLE_KERNEL)}
    steps = {"1 step": 1, "2 steps": 2, "50 steps": 50}
    made = {name: Descent()(**given, kernel_size=(1, 2), lr=0.25, steps=it) for name, it in steps.items()}
    return side_by_side(**{name: it[0, 0].round(3) for name, it in (given | made).items()})


class LearnKernel(Exercise):
    """A kernel learned by gradient descent."""

    id, lesson, title = "08.learn_kernel", "08", "Learn the kernel"
    level, minutes, revision = "medium", 12, 1
    prompt = """\
Write `learn_kernel(input, target, kernel_size, lr, steps)`: find the kernel that makes `target` of `input`, by \
gradient descent. Return the weight after `steps` steps, a tensor of shape (1, 1, kH, kW).

`input` are pictures of one channel, (N, 1, H, W), and `target` what a kernel made of them, without bias, stride or \
padding: (N, 1, H - kH + 1, W - kW + 1), both float64. `kernel_size` is (kH, kW).

- Begin with a weight of zeros, float64.
- In each step: output = F.conv2d(input, weight), loss = F.mse_loss(output, target), and the weight becomes \
weight - lr * gradient.
- Return the weight without its history: `.detach()`.

Here F.conv2d, backward() and torch.optim.SGD may be called, and by-hand gradients may be used as well. For example, \
with lr 0.25:

""" + _example()
    stub = """\
import torch
import torch.nn.functional as F


def learn_kernel(input, target, kernel_size, lr, steps):
    kH, kW = kernel_size
    weight = torch.zeros(1, 1, kH, kW, dtype=torch.float64, requires_grad=True)
    for step in range(steps):
        ...
    return ...
"""
    arguments = ("input", "target", "kernel_size", "lr", "steps")
    reference = staticmethod(learn_kernel)
    slips, errors = SLIPS, ERRORS
    returns, compared = "weight", "weight"
    right = "Right: your weight goes the way of gradient descent, step by step."
    faster = "A step is one F.conv2d and one backward()."
    hints = (
        "Four lines in the loop: output, loss, gradient, step. Which of them does backward() do, and what does it "
        "leave in weight.grad for the next round?",
        "loss = F.mse_loss(F.conv2d(input, weight), target); loss.backward(). The step changes the weight in place: "
        "autograd must not record it: put it under with torch.no_grad().",
        "loss.backward(); with torch.no_grad(): weight -= lr * weight.grad; then weight.grad = None. After the loop "
        "return weight.detach().",
    )

    @property
    def forked(self):
        """False where PyTorch has a GPU: there a gradient in a forked child fails once one was computed before."""
        torch = import_module("torch")
        return False if torch.cuda.is_available() else None

    def check(self, fn, seed=None):
        """As `Exercise.check`; the first optimizer of a process loads much, and that is not the learner's time."""
        import_module("torch._dynamo")
        return super().check(fn, seed)

    def cases(self, seed):
        """Five batches: no way at all (lr 0), the example, and three to seven steps, so that no slip grows large."""
        rng = random_numbers(seed, self.id)
        H, W = int(rng.integers(5, 7)), int(rng.integers(8, 10))
        example = {"input": EXAMPLE_INPUT, "kernel": EXAMPLE_KERNEL, "lr": 0.25, "steps": 2}
        return [
            _drawn(rng, (1, 2, 5), (1, 3), lr=0.0, steps=2),
            _case(**example, example=True),
            _drawn(rng, (1, 3, 4), (2, 1), lr=0.3, steps=3),
            _drawn(rng, (2, 4, 5), (3, 2), lr=0.05, steps=7),
            _case(rng.uniform(-1, 1, (3, 1, H, W)), EDGE[None, None], lr=0.4, steps=6),
        ]

    def expected(self, case):
        return Descent()(**case.arguments)[0, 0]

    def result_shape(self, case):
        return 1, 1, *case.arguments["kernel_size"]

    def value(self, case, result):
        """The kernel, so that it can be laid beside the expected one."""
        return result[0, 0]

    def _mutant(self, function):
        def in_tensors(*arguments, **named):
            return import_module("torch").from_numpy(np.ascontiguousarray(function(*arguments, **named)))

        return in_tensors

    def own_words(self, trial):
        told, wanted = trial.run["result"], self.result_shape(trial.case)
        if told["type"] not in ("Tensor", "ndarray", "Parameter") or trial.run["changed"]:
            return ""
        came, where = tuple(told["shape"]), f"For {trial.case.label}"
        if len(came) == 1 and came[0] == np.prod(wanted) + 1:
            return f"{where} your weight requires a gradient; expected one without history, weight.detach()."
        if came != wanted:
            return f"{where} your weight has the shape {came}; expected {wanted}, as (1, 1, kH, kW)."
        if trial.yours is None or trial.equals(trial.expected):
            return ""
        differ = ~(abs(trial.yours - trial.expected) <= trial.tolerance)
        u, v = (int(k) for k in np.argwhere(differ)[0])
        still = ", because with lr 0 the weight stays what it begins with" if not trial.case.arguments["lr"] else ""
        return (
            f"{where} your weight[0, 0, {u}, {v}] is {number(trial.yours[u, v])}; expected "
            f"{number(trial.expected[u, v])}{still} ({int(differ.sum())} of {differ.size} numbers differ)."
        )


def _drawn(rng, shape, kernel_size, lr, steps):
    """A case with pictures of small whole numbers and a kernel without zeros."""
    N, *size = shape
    kernel = rng.integers(1, 4, (1, 1, *kernel_size)) * rng.choice([-1.0, 1.0], (1, 1, *kernel_size))
    return _case(rng.integers(-2, 3, (N, 1, *size)).astype(float), kernel, lr, steps)


def _case(input, kernel, lr, steps, example=False):
    target = correlate(input, kernel)
    arguments = {"input": input, "target": target, "kernel_size": kernel.shape[2:], "lr": lr, "steps": steps}
    shown = {"input[0]": ("input", input[0]), "target[0]": ("output", target[0]), "behind it": ("weight", kernel[0])}
    label = f"an input of shape {input.shape}, kernel_size {kernel.shape[2:]}, lr {number(lr)} and {steps} steps"
    return Case(arguments, shown, label, example, Weight())
