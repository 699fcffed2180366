"""The mathematics of a KernelLearner in NumPy and PyTorch: the loss, its gradient, a step, the largest rate."""

import numpy as np

from .. import samples
from ..shapes import ShapeError
from . import kernel_learner_given as given
from .layer_widget import packed


class Problem:
    """One input, one target picture, and a kernel size: the loss of any parameters, and its gradient.

    Parameters are flat: the kernel row by row, then the bias where there is one. The loss is the mean of the squared
    differences, so it is a bowl: ``curvature`` is the same everywhere.

    Args:
        input: (H, W), float64.
        target: (H_out, W_out), float64.
        size: (kH, kW).
        bias: whether a bias is learned too.

    Example:
        >>> problem = Problem(np.array([[1.0, 2.0, 4.0]]), np.array([[2.0, 4.0]]), (1, 2), False)
        >>> problem.loss(np.array([0.0, 1.0])), problem.gradient(np.array([1.0, 1.0])).tolist()
        (0.0, [5.0, 10.0])
    """

    def __init__(self, input, target, size, bias):
        self.input, self.target, self.size, self.has_bias = input, target, size, bias
        windows = np.lib.stride_tricks.sliding_window_view(input, size)
        columns = windows.reshape(target.size, -1)
        self.columns = np.hstack([columns, np.ones((len(columns), 1))]) if bias else columns.copy()
        self.curvature = 2 / target.size * self.columns.T @ self.columns

    def output(self, parameters):
        return (self.columns @ parameters).reshape(self.target.shape)

    def loss(self, parameters):
        return float(np.mean((self.output(parameters) - self.target) ** 2))

    def gradient(self, parameters):
        return 2 / self.target.size * (self.output(parameters) - self.target).ravel() @ self.columns

    def free(self, frozen):
        """Which parameters learn: 1 where they do, 0 where they are frozen."""
        free = np.ones(self.columns.shape[1])
        for cell in frozen:
            free[-1 if cell == "bias" else cell[0] * self.size[1] + cell[1]] = 0
        return free

    def largest_rate(self, frozen=()):
        """From here on the loss grows: 2 / the largest eigenvalue of the free cells' curvature; inf without any."""
        free = self.free(frozen) == 1
        steepest = np.linalg.eigvalsh(self.curvature[free][:, free]).max(initial=0)
        return float(2 / steepest) if steepest > 0 else float("inf")

    def by_torch(self, parameters, lr, frozen):
        """One step as PyTorch takes it: (loss, gradient, parameters after it)."""
        import torch

        kH, kW = self.size
        weight = torch.tensor(parameters[: kH * kW].reshape(1, 1, kH, kW), requires_grad=True)
        bias = torch.tensor(parameters[kH * kW :], requires_grad=True) if self.has_bias else None
        with torch.enable_grad():
            output = torch.nn.functional.conv2d(torch.tensor(self.input)[None, None], weight, bias)
            loss = torch.nn.functional.mse_loss(output, torch.tensor(self.target)[None, None])
            loss.backward()
        learned = [weight] if bias is None else [weight, bias]
        gradient = np.concatenate([one.grad.numpy().ravel() for one in learned])
        return loss.item(), gradient, parameters - lr * gradient * self.free(frozen)


class Given:
    """What a KernelLearner was made with, and the problem that a target and a picture make of it.

    Args:
        input: the learner's own picture (H, W), or None.
        picture: what the picture is called, "own" where it has no name.
        size: the (kH, kW) that was asked for, or None.
        has_bias: whether a bias is learned.
        own: {"weight", "target_bias"} of the learner's own kernel, or {"output"}, a target picture, or nothing.
    """

    def __init__(self, input, picture, size, has_bias, own):
        self.input, self.picture, self.size, self.has_bias = input, picture, size, has_bias
        self.weight, self.output, self.start = own.get("weight"), own.get("output"), None
        self.target_bias = own.get("target_bias", 0.0)
        self._made = {}

    def for_the_page(self):
        """The same as the browser reads it."""
        arrays = {name: getattr(self, name) for name in ("input", "weight", "output", "start")}
        sent = {name: packed(array) for name, array in arrays.items() if array is not None}
        return {**sent, "target_bias": self.target_bias, "has_bias": self.has_bias, "picture": self.picture,
                "size": self.size and list(self.size)}  # fmt: skip

    def _kernel(self, target):
        return self.weight if target == "own" else samples.kernel(target).weight.astype(np.float64)

    def size_of(self, target):
        """The (kH, kW) of the kernel that learns this target."""
        kernel = self._kernel(target)
        return self.size or ((3, 3) if kernel is None else kernel.shape)

    def kernel(self, target):
        """The kernel to be learned, in the size of the one that learns; None for a target picture."""
        kernel = self._kernel(target)
        return None if kernel is None else given.padded_kernel(kernel, self.size_of(target))

    def problem(self, target, picture):
        """What is learned from this target on this picture; the last one is kept.

        Raises:
            ShapeError: the kernel does not fit on the picture, or the target picture not on this input.
        """
        if (target, picture) not in self._made:
            self._made = {(target, picture): self._problem(target, picture)}
        return self._made[target, picture]

    def _problem(self, target, picture):
        input = self.input if picture == "own" else given.picture(picture)
        kernel, size = self.kernel(target), self.size_of(target)
        shape = tuple(length - k + 1 for length, k in zip(input.shape, size, strict=True))
        if min(shape) < 1:
            raise ShapeError(
                f"A kernel {tuple(size)} does not fit on the input {input.shape}: take a smaller kernel, or a larger "
                "input."
            )
        output = self.output
        if kernel is not None:
            bias = self.target_bias if target == "own" else 0.0
            windows = np.lib.stride_tricks.sliding_window_view(input, size)
            output = (windows * kernel).sum((2, 3)) + bias
        if output.shape != shape:
            raise ShapeError(
                f"The target picture has shape {output.shape}, and the output here is {shape}: it belongs to the input "
                "it came with, so set target to a kernel first."
            )
        return Problem(input, output, size, self.has_bias)

    def first(self, target, seed):
        """The parameters before the first step."""
        kH, kW = size = self.size_of(target)
        fits = self.start is not None and self.start.shape == tuple(size)
        weights = self.start.ravel().tolist() if fits else given.drawn_start(kH * kW, seed)
        return np.array([*weights, 0.0] if self.has_bias else weights)
