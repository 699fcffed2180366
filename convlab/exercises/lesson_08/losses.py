"""The losses that 08.grad_check is tried on: each is one number of x, and remembers what it was asked."""

import sys

import numpy as np

FAULTS = 6
NEVER, COARSE, TOGETHER, FEW, ONE_SIDE, TINY = range(FAULTS)  # what can be wrong with how a loss was asked
SMALLEST_STEP = 1e-10  # below it, rounding spoils a difference of float64 numbers


class Loss:
    """``(upstream * output ** power).sum()`` with ``output[k] = (factors[k] * x).sum()``, and what it was asked.

    Args:
        at: the x at which the gradient is measured.
        factors: (K, *x.shape), as a convolution has them: 0 where a cell does not matter.
        upstream: (K,)
        power: 1 for a straight line, 2 or 3 for a curve.

    Example:
        >>> loss = Loss(np.array([1.0, 2.0]), factors=np.eye(2), upstream=np.ones(2), power=2)
        >>> float(loss(np.array([3.0, 4.0]))), loss.gradient()
        (25.0, array([2., 4.]))
    """

    def __init__(self, at, factors, upstream, power=1):
        self.at, self.factors, self.upstream, self.power = at, factors, upstream, power
        self.asked = []

    def __repr__(self):
        return f"<a loss of x of shape {self.at.shape}>"

    def __call__(self, x):
        torch = sys.modules.get("torch")
        if torch is None or not isinstance(x, torch.Tensor):
            x = np.asarray(x)
            self._note("array", x, x.dtype.name)
            output = np.tensordot(self.factors.astype(x.dtype), x, x.ndim)
            return (self.upstream.astype(x.dtype) * output**self.power).sum()
        self._note("tensor", x.detach().double().numpy(), str(x.dtype))
        factors, upstream = (torch.from_numpy(it).to(x.dtype) for it in (self.factors, self.upstream))
        return (upstream * torch.tensordot(factors, x, x.ndim) ** self.power).sum()

    def _note(self, kind, x, dtype):
        """A function that stumbles over tensors is tried again with arrays: what it asked before does not count."""
        if self.asked and self.asked[0][0] != kind:
            self.asked.clear()
        moved = x - self.at if x.shape == self.at.shape else np.full(self.at.shape, np.nan)
        self.asked.append((kind, dtype, moved.flatten()))

    def gradient(self):
        """The gradient at x."""
        output = np.tensordot(self.factors, self.at, self.at.ndim)
        return np.tensordot(self.power * self.upstream * output ** (self.power - 1), self.factors, 1)

    def told(self):
        """(what is wrong with how it was asked, a number that goes with it), or None; then all is forgotten."""
        asked, self.asked = self.asked, []
        if not asked:
            return NEVER, 1
        if any("64" not in dtype for _, dtype, _ in asked):
            return COARSE, 1
        moved = np.array([it for _, _, it in asked])
        where = abs(moved) > 1e-14 * (1 + abs(self.at.flatten()))
        if (where.sum(1) > 1).any():
            return TOGETHER, 1
        up, down = (where & (moved > 0)).any(0), (where & (moved < 0)).any(0)
        if not (up | down).all():
            return FEW, 1 + int((up | down).sum())
        if not (up & down).all():
            return ONE_SIDE, 1
        return (TINY, 1) if abs(moved[where]).min() < SMALLEST_STEP else None
