"""Is this gradient right? Move each number a little, see what it does to the output, and compare."""

from dataclasses import dataclass
from numbers import Real

import numpy as np

from ..refusals import LARGEST, came, check_takes
from ..shapes import ArgumentError, ShapeError, whole
from .arguments import of_one_dtype

MOST_NUMBERS = 20_000  # each costs two runs of the convolution


@dataclass(frozen=True)
class Compared:
    """One gradient beside the measured one.

    Args:
        name: "input", "weight" or "bias".
        gradient: what the function gave.
        measured: what central differences gave, of the same shape.

    Example:
        >>> Compared("bias", np.array([3.0, 4.5]), np.array([3.0, 4.0])).where
        (1,)
    """

    name: str
    gradient: np.ndarray
    measured: np.ndarray

    @property
    def largest_difference(self):
        """How far the worst number is off; infinite where the gradient is not a finite number."""
        return float(self._differences.max(initial=0.0))

    @property
    def where(self):
        """The index of the worst number, None where there is none."""
        if self.measured.size == 0:
            return None
        return tuple(int(at) for at in np.unravel_index(self._differences.argmax(), self.measured.shape))

    @property
    def _differences(self):
        differences = np.abs(self.gradient - self.measured)
        return np.where(np.isfinite(differences), differences, np.inf)


@dataclass(frozen=True, repr=False)
class GradientCheck:
    """What ``check_gradients`` found; true only when every number of every gradient agrees.

    Args:
        compared: the three comparisons, of input, weight and bias.
        tolerance: how far a number may be off, relative to the larger of 1 and the largest measured one.

    Example:
        >>> bool(GradientCheck((Compared("bias", np.array([3.0, 4.5]), np.array([3.0, 4.0])),), tolerance=1e-6))
        False
    """

    compared: tuple[Compared, ...]
    tolerance: float

    @property
    def worst(self):
        """The comparison whose gradient is furthest off."""
        return max(self.compared, key=lambda one: one.largest_difference)

    @property
    def largest_difference(self):
        """How far the worst number of the three gradients is off."""
        return self.worst.largest_difference

    @property
    def where(self):
        """(name, index) of the worst number of the three gradients."""
        return self.worst.name, self.worst.where

    def _wrong(self):
        return [one for one in self.compared if one.largest_difference > self.tolerance * _scale(one.measured)]

    def __bool__(self):
        return not self._wrong()

    # The rounding of a good gradient differs between machines, so it is not printed: a stored output stays the same.
    def __repr__(self):
        if self:
            counts = ", ".join(f"{one.name} {one.measured.size}" for one in self.compared)
            return f"the gradients agree within {self.tolerance:g} at every index: {counts}"
        wrong = self._wrong()
        worst = max(wrong, key=lambda one: one.largest_difference)
        at = f"{worst.name}{list(worst.where)}"
        others = " and ".join(one.name for one in wrong)
        return (
            f"the gradients differ in {others}, most at {at}: the function gives {worst.gradient[worst.where]:.4f}, "
            f"central differences give {worst.measured[worst.where]:.4f}"
        )


def check_gradients(forward, backward, input, weight, bias=None, seed=0, tolerance=1e-6, **settings):
    """Every number of three gradients beside central differences, for a random gradient of the output.

    The loss is ``(upstream * output).sum()`` with a random ``upstream``: a sum alone has gradients in which many
    mistakes do not show.

    Args:
        forward: called as ``forward(input, weight, bias, **settings)``.
        backward: called as ``backward(upstream, input, weight, **settings)``; gives three gradients.
        input, weight: float64 arrays, as for ``conv2d_loops``.
        bias: zeros when None, so that its gradient is compared all the same.
        seed: draws the upstream gradient.
        tolerance: how far a number may be off, relative to the larger of 1 and the largest measured one.
        settings: ``stride``, ``padding``, ``dilation``, ``groups``.

    Raises:
        ArgumentError: an array is not of float64, or there are too many numbers.
        ShapeError: a gradient is not of the shape of what it belongs to.

    Example:
        >>> from convlab.engines import conv2d_backward, conv2d_windows
        >>> input, weight = np.array([[[1., 2., 4.]]]), np.array([[[[-1., 1.]]]])
        >>> check_gradients(conv2d_windows, conv2d_backward, input, weight, padding=(0, 1))
        the gradients agree within 1e-06 at every index: input 3, weight 2, bias 1
    """
    for name, function in (("forward", forward), ("backward", backward)):
        if not callable(function) or hasattr(function, "forward"):
            raise ArgumentError(f"{name} must be a function; got {type(function).__name__}.")
    if isinstance(tolerance, bool) or not isinstance(tolerance, Real) or not 0 < tolerance < LARGEST:
        raise ArgumentError(f"tolerance must be a small positive number; got {came(tolerance)}: write tolerance=1e-6.")
    seed = whole(seed, "seed")
    if bias is None:
        bias = np.zeros(of_one_dtype(weight=weight)[0].shape[:1])
    arrays = _copies(input=input, weight=weight, bias=bias)

    three = arrays.values()
    check_takes(forward, "forward", *three, **settings)
    check_takes(backward, "backward", *three, **settings)

    def output():
        found = forward(arrays["input"], arrays["weight"], arrays["bias"], **settings)
        try:
            return np.asarray(found, dtype=float)
        except Exception:
            raise ArgumentError(f"forward must return an array of numbers; got {came(found)}.") from None

    upstream = np.random.default_rng(seed).standard_normal(output().shape)
    found = backward(upstream, arrays["input"].copy(), arrays["weight"].copy(), **settings)
    gradients = _checked(found, arrays)
    compared = []
    for (name, array), gradient in zip(arrays.items(), gradients, strict=True):
        measured = central_differences(lambda: (upstream * output()).sum(), array)
        compared.append(Compared(name, gradient, measured))
    return GradientCheck(tuple(compared), tolerance)


def central_differences(loss, array, step=1e-4):
    """The gradient of a loss, measured: each number of the array is moved a step up and a step down.

    A convolution is a straight line in each of its numbers, so that the step may be far larger than usual: a small one
    loses digits, a large one nothing.

    Args:
        loss: a function without arguments that reads the array.

    Example:
        >>> point = np.array([3.0, 5.0])
        >>> central_differences(lambda: point[0] * point[1], point).round(6)
        array([5., 3.])
    """
    gradient = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        before = array[index]
        array[index] = before + step
        up = loss()
        array[index] = before - step
        down = loss()
        array[index] = before
        gradient[index] = (up - down) / (2 * step)
    return gradient


def _scale(measured):
    return max(1.0, float(np.abs(measured).max(initial=0.0)))


def _copies(**arrays):
    """Copies that may be moved; float64 only, and not too many numbers."""
    for name, value in arrays.items():
        dtype = getattr(value, "dtype", None)
        if dtype is not None and dtype != np.float64:
            raise ArgumentError(
                f"check_gradients needs float64, and {name} has {dtype}: a difference of two nearly equal float32 "
                "numbers is mostly rounding, so use .astype(np.float64)."
            )
    copies = [array.copy() for array in of_one_dtype(**arrays)]
    numbers = sum(array.size for array in copies)
    if numbers > MOST_NUMBERS:
        raise ArgumentError(
            f"check_gradients runs the convolution twice for each number, and here are {numbers}, over {MOST_NUMBERS}: "
            "use a smaller input and fewer channels."
        )
    return dict(zip(arrays, copies, strict=True))


def _checked(found, arrays):
    if not isinstance(found, (tuple, list)) or len(found) != len(arrays):
        raise ArgumentError(
            "The backward function must return three gradients (grad_input, grad_weight, grad_bias); got "
            f"{type(found).__name__}{f' of {len(found)}' if isinstance(found, (tuple, list)) else ''}."
        )
    gradients = [np.asarray(gradient) for gradient in found]
    for (name, array), gradient in zip(arrays.items(), gradients, strict=True):
        if gradient.shape != array.shape:
            raise ShapeError(
                f"The gradient of the {name} has the shape of the {name}, {array.shape}; got {gradient.shape}."
            )
    return gradients
