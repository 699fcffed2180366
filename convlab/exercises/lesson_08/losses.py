"""The losses that 08.grad_check is tried on: each is one number of x, and remembers what it was asked."""

import sys

import numpy as np

FAULTS = 7
NEVER, COARSE, TOGETHER, FEW, ONE_SIDE, TINY, ALONG = range(FAULTS)  # what can be wrong with how a loss was asked
SMALLEST_STEP = 1e-10  # below it, rounding spoils a difference of float64 numbers
ROUNDING = 2e-15  # what is left of h - h where a number is put back by sums, relative to the number


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
            self._note("array", x, x.dtype.name, x.ctypes.data)
            output = np.tensordot(self.factors.astype(x.dtype), x, x.ndim)
            return (self.upstream.astype(x.dtype) * output**self.power).sum()
        self._note("tensor", x.detach().double().numpy(), str(x.dtype), x.data_ptr())
        factors, upstream = (torch.from_numpy(it).to(x.dtype) for it in (self.factors, self.upstream))
        return (upstream * torch.tensordot(factors, x, x.ndim) ** self.power).sum()

    def _note(self, kind, x, dtype, memory):
        """A function that stumbles over tensors is tried again with arrays: what it asked before does not count."""
        if self.asked and self.asked[0][0] != kind:
            self.asked.clear()
        moved = x - self.at if x.shape == self.at.shape else np.full(self.at.shape, np.nan)
        self.asked.append((kind, dtype, moved.flatten(), memory))

    def gradient(self):
        """The gradient at x."""
        output = np.tensordot(self.factors, self.at, self.at.ndim)
        return np.tensordot(self.power * self.upstream * output ** (self.power - 1), self.factors, 1)

    def told(self):
        """(what is wrong with how it was asked, a number that goes with it), or None; then all is forgotten."""
        asked, self.asked = self.asked, []
        if not asked:
            return NEVER, 1
        if any("64" not in dtype for _, dtype, *_ in asked):
            return COARSE, 1
        moved = np.array([it for _, _, it, _ in asked])
        where = abs(moved) > ROUNDING * (1 + abs(self.at.flatten()))
        if (where.sum(1) > 1).any():
            return TOGETHER, 1
        if where.any() and abs(moved[where]).max() < SMALLEST_STEP:
            return TINY, 1
        up, down = (where & (moved > 0)).any(0), (where & (moved < 0)).any(0)
        if not (up | down).all():
            return FEW, 1 + int((up | down).sum())
        if not (up & down).all():
            return (ALONG if _away_and_back(where, [it[-1] for it in asked]) else ONE_SIDE), 1
        return (TINY, 1) if abs(moved[where]).min() < SMALLEST_STEP else None


def _away_and_back(where, memory):
    """Whether a number was moved and then was back each time, in the very same tensor: `old - h` of a view does that.

    Args:
        where: (asked, numbers), which numbers were moved.
        memory: where each x that was asked about lies.
    """
    moved = where.any(1)
    pairs = len(moved) == 2 * where.shape[1] and moved[::2].all() and not moved[1::2].any()
    return pairs and memory[::2] == memory[1::2]
