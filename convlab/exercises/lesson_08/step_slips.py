"""The slips of 08.learn_kernel, and the errors that Python and PyTorch print on the way."""

from dataclasses import dataclass

import numpy as np

from ...mistakes.gradients import weight_gradient
from ..task import Slip

ATTACHED = 1.0  # stands behind the numbers of a weight that still carries its history


def correlate(input, weight):
    """The output of a convolution of one channel, tap by tap."""
    (H, W), (kH, kW) = input.shape[2:], weight.shape[2:]
    taps = np.ndindex(kH, kW)
    return sum(weight[0, 0, u, v] * input[:, :, u : H - kH + 1 + u, v : W - kW + 1 + v] for u, v in taps)


def of_squares(difference):
    """The gradient of the mean of the squares, for every output."""
    return 2 * difference / difference.size


def plain(weight, gradient, lr, memory):
    """A step of gradient descent."""
    return weight - lr * gradient


@dataclass(frozen=True)
class Descent:
    """A program for the task, right but for what its settings say.

    Args:
        upstream: of output - target -> the gradient of the loss, for every output.
        step: of (weight, gradient, lr, a dict that lasts) -> the next weight.
        steps: of the steps asked for -> those that are made.
        start: what every weight begins with.
        bias: one is learned along.
        turned: the kernel is turned by 180 degrees on the way.
        attached: what is returned still carries its history.
    """

    upstream: object = of_squares
    step: object = plain
    steps: object = lambda steps: steps
    start: float = 0.0
    bias: bool = False
    turned: bool = False
    attached: bool = False

    def __call__(self, input, target, kernel_size, lr, steps):
        input, target = np.asarray(input, dtype=float), np.asarray(target, dtype=float)
        weight, bias, memory = np.full((1, 1, *kernel_size), self.start), 0.0, {}
        for _ in range(self.steps(steps)):
            difference = correlate(input, weight) + bias - target
            above = self.upstream(difference)
            weight = self.step(weight, weight_gradient(above, input, weight), lr, memory)
            bias -= lr * above.sum() if self.bias else 0.0
        made = weight[:, :, ::-1, ::-1] if self.turned else weight
        return np.append(made, ATTACHED) if self.attached else np.ascontiguousarray(made)


def piled_up(weight, gradient, lr, memory):
    """A step along all gradients so far."""
    memory["sum"] = memory.get("sum", 0.0) + gradient
    return weight - lr * memory["sum"]


def with_momentum(weight, gradient, lr, memory):
    """A step of SGD(momentum=0.9)."""
    memory["velocity"] = 0.9 * memory.get("velocity", 0.0) + gradient
    return weight - lr * memory["velocity"]


def with_adam(weight, gradient, lr, memory):
    """A step of Adam, with its own settings."""
    t = memory["t"] = memory.get("t", 0) + 1
    mean = memory["mean"] = 0.9 * memory.get("mean", 0.0) + 0.1 * gradient
    square = memory["square"] = 0.999 * memory.get("square", 0.0) + 0.001 * gradient**2
    return weight - lr * (mean / (1 - 0.9**t)) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)


def one(mistakes, name, says, *programs, outcome="wrong"):
    """A slip with other programs that it leads to."""
    first, *also = programs
    return Slip(mistakes, name, first, says, tuple(also), outcome)


SLIPS = (
    one(
        ("M188",),
        "gradients pile up",
        "Your gradients pile up: backward() adds to what stands in weight.grad, so each step goes along all gradients "
        "so far. Set it to zero once a step, weight.grad = None or optimizer.zero_grad().",
        Descent(step=piled_up),
        Descent(step=piled_up, attached=True),
    ),
    one(
        ("M191",),
        "up the hill",
        "Your steps go up: the gradient points to where the loss grows. Take lr times the gradient away from the "
        "weight.",
        Descent(step=lambda weight, gradient, lr, memory: weight + lr * gradient),
    ),
    one(
        ("M192",),
        "the difference for its gradient",
        "You take output - target for the gradient of the loss. That of the mean of the squares is 2 * (output - "
        "target), divided by how many numbers the output has.",
        Descent(upstream=lambda difference: difference),
        Descent(upstream=lambda difference: difference / difference.size),
        Descent(upstream=lambda difference: difference / len(difference)),
    ),
    one(
        (),
        "a sum for the mean",
        "Your loss is the sum of the squares. The task asks for their mean, F.mse_loss(output, target): its gradient "
        "is smaller by the count of the numbers.",
        Descent(upstream=lambda difference: 2 * difference),
        Descent(upstream=lambda difference: 2 * difference / len(difference)),
    ),
    one(
        (),
        "no squares",
        "Your loss is the mean of the absolute differences. The task asks for that of their squares, "
        "F.mse_loss(output, target).",
        Descent(upstream=lambda difference: np.sign(difference) / difference.size),
    ),
    one(
        (),
        "ignores lr",
        "Your steps do not depend on lr. A step is lr * gradient long.",
        Descent(step=lambda weight, gradient, lr, memory: weight - gradient),
        Descent(step=lambda weight, gradient, lr, memory: weight - 0.1 * gradient),
        Descent(step=lambda weight, gradient, lr, memory: weight - 0.01 * gradient),
    ),
    one(
        (),
        "one step only",
        "You make one step, whatever `steps` says. Output, loss, gradient and step belong inside the loop, and return "
        "behind it.",
        Descent(steps=lambda steps: min(1, steps)),
    ),
    one(
        (),
        "a step too many or too few",
        "You make one step more or less than `steps`. range(steps) goes around `steps` times.",
        Descent(steps=lambda steps: steps + 1),
        Descent(steps=lambda steps: steps - 1),
    ),
    one(
        (),
        "nothing is learned",
        "Your weight is what it began with. Either no step is made, or the gradient is set to zero between backward() "
        "and the step: zero it before backward().",
        Descent(steps=lambda steps: 0),
    ),
    one(
        (),
        "begins with ones",
        "Your weight begins with ones. The task begins with zeros, so that every right solution takes the same way.",
        Descent(start=1.0),
    ),
    one(
        (),
        "momentum",
        "Your steps have momentum: each is made along 0.9 of the one before. The task asks for plain gradient descent, "
        "torch.optim.SGD with lr alone.",
        Descent(step=with_momentum),
    ),
    one(
        (),
        "Adam",
        "These are the steps of Adam, which are all about lr long. The task asks for plain gradient descent: weight - "
        "lr * gradient, or torch.optim.SGD.",
        Descent(step=with_adam),
    ),
    one(
        (),
        "a bias learned along",
        "Your layer learns a bias along, which takes part of the work off the weight. The task has none: "
        "nn.Conv2d(..., bias=False).",
        Descent(bias=True),
    ),
    one(
        ("M61",),
        "the kernel turned",
        "Your weight is turned by 180 degrees. Conv2d does not flip: what F.conv2d has learned is the kernel as it is.",
        Descent(turned=True),
    ),
    one(
        ("M21",),
        "kH and kW exchanged",
        "The rows and columns of your kernel are exchanged: kernel_size is (kH, kW), and the weight has the shape "
        "(1, 1, kH, kW).",
        lambda *given, **named: np.swapaxes(Descent()(*given, **named), 2, 3),
    ),
    one(
        (),
        "the history kept",
        "Your weight still carries its history: who computes with it goes on recording for backward(). Return "
        "weight.detach().",
        Descent(attached=True),
        outcome="partial",
    ),
)

ERRORS = (
    (
        "RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn",
        "Nothing that the loss was made of requires a gradient: the weight was made without requires_grad, the output "
        "was computed under torch.no_grad(), or weight = weight - ... made a new tensor under torch.no_grad().",
        "Make it with requires_grad=True, compute the output outside of no_grad, and change it in place there: "
        "weight -= lr * weight.grad.",
    ),
    (
        "TypeError: unsupported operand type(s) for *: 'float' and 'NoneType'",
        "weight.grad is None: backward() has not reached this tensor. weight = weight - lr * weight.grad makes a new "
        "one, which is no leaf any more.",
        "Keep one tensor, and change it in place: with torch.no_grad(): weight -= lr * weight.grad.",
    ),
    (
        "RuntimeError: a leaf Variable that requires grad is being used in an in-place operation.",
        "A weight that requires a gradient is changed in place, and autograd would record the step itself.",
        "Put the step under with torch.no_grad():.",
    ),
    (
        "AttributeError: 'NoneType' object has no attribute 'zero_'",
        "There is no gradient yet: weight.grad is None before the first backward().",
        "Set it to zero after the step, or write weight.grad = None.",
    ),
    (
        "RuntimeError: Trying to backward through the graph a second time (or directly access saved tensors after they "
        "have already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
        "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you "
        "need to access saved tensors after calling backward.",
        "backward() goes through something that was computed once, before the loop, or through the steps before.",
        "Compute output and loss anew in each step, and make the step under torch.no_grad().",
    ),
    (
        "AttributeError: 'float' object has no attribute 'backward'",
        ".item() makes a plain number of the loss, and a number has no history.",
        "Call loss.backward() first, and loss.item() to print it.",
    ),
    (
        "RuntimeError: grad can be implicitly created only for scalar outputs",
        "backward() begins at one number; yours are many.",
        "Take the mean, F.mse_loss(output, target).",
    ),
    (
        "RuntimeError: The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 3",
        "Output and target have different sizes: there is padding where none is asked for, or kH and kW are exchanged.",
        "F.conv2d(input, weight), with a weight of shape (1, 1, kH, kW).",
    ),
    (
        "RuntimeError: expected scalar type Double but found Float",
        "The weight is float32, and the input float64.",
        "Make it with dtype=torch.float64, or the layer with .double().",
    ),
    (
        "RuntimeError: Input type (double) and bias type (float) should be the same",
        "The layer is float32, and the input float64.",
        "Make the layer with dtype=torch.float64, and bias=False.",
    ),
    (
        "ValueError: can't optimize a non-leaf Tensor",
        "The optimizer was given the result of a computation. A weight that was moved, or cast after requires_grad, is "
        "one.",
        "Make it in one go: torch.zeros(1, 1, kH, kW, dtype=torch.float64, requires_grad=True).",
    ),
    (
        "TypeError: zeros(): argument 'size' failed to unpack the object at pos 3 with error \"type must be tuple of "
        'ints,but got tuple"',
        "kernel_size is a pair, and stands where one size belongs.",
        "Take it apart: torch.zeros(1, 1, kH, kW), or torch.zeros(1, 1, *kernel_size).",
    ),
)
