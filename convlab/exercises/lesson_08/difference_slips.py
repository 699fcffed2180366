"""The slips of 08.grad_check, and the errors that Python and PyTorch print on the way."""

import numpy as np

from ..task import Slip

H = 1e-5


def compared(grad, measured):
    """The number that is asked for."""
    return abs(grad - measured).max() / abs(measured).max()


def central(up, down, now, h):
    """The slope between a step down and a step up."""
    return (up - down) / (2 * h)


def by(measure=central, finish=compared, h=H, dtype=float, numbers=slice(None), back=True):
    """A program for the task, right but for what its settings say.

    Args:
        measure: of the losses above, below and here, and h -> one number of the gradient.
        finish: of (grad, measured) -> what is returned.
        h: the step.
        dtype: of the x that the loss is given.
        numbers: which numbers of x are moved.
        back: a number that was moved is put back.
    """

    def program(f, x, grad):
        f.asked.clear()
        here, grad = np.array(x, dtype=dtype), np.asarray(grad, dtype=float)
        measured = np.zeros(grad.shape)
        for number in range(here.size)[numbers]:
            before = here.flat[number]
            losses = []
            for step in (h, -h, 0.0) if measure is not central else (h, -h):
                here.flat[number] = before + step
                losses.append(f(here))
            measured.flat[number] = measure(losses[0], losses[1], losses[-1], h)
            if back:
                here.flat[number] = before
        return finish(grad, measured)

    return program


def from_one_side(signs):
    """A program that asks at x, and a step away in one direction."""

    def program(f, x, grad):
        f.asked.clear()
        x, grad = np.asarray(x, dtype=float), np.asarray(grad, dtype=float)
        measured, here = np.zeros(grad.shape), f(x)
        for number in range(x.size):
            away = x.copy()
            away.flat[number] += signs * H
            measured.flat[number] = signs * (f(away) - here) / H
        return compared(grad, measured)

    return program


def away_and_back(f, x, grad):
    """Each number is moved up, and then is back where it was: old is a view, so that old - h takes the h away again."""
    f.asked.clear()
    here, grad = np.array(x, dtype=float), np.asarray(grad, dtype=float)
    measured = np.zeros(grad.shape)
    for number in range(here.size):
        here.flat[number] += H
        up = f(here)
        here.flat[number] -= H
        measured.flat[number] = (up - f(here)) / (2 * H)
    return compared(grad, measured)


def one_tensor_with_two_names(f, x, grad):
    """x_plus and x_minus are one array, so that the steps take each other back."""
    f.asked.clear()
    here = np.array(x, dtype=float)
    f(here)
    return np.nan


def all_at_once(f, x, grad):
    """The whole of x is moved by h."""
    f.asked.clear()
    x, grad = np.asarray(x, dtype=float), np.asarray(grad, dtype=float)
    return compared(grad, np.full(grad.shape, (f(x + H) - f(x - H)) / (2 * H)))


SLIPS = (
    Slip(
        (),
        "a view that moves along",
        away_and_back,
        "You ask f a step up, and where you mean to go down x is back where it was. Did you keep old = x.view(-1)[i], "
        "or x[i]? Such an `old` is a view of x and no number: it moves along, and old - h takes away the h that was "
        "just added. Take .item(). If you meant to ask at x itself: a central difference goes as far down as up.",
    ),
    Slip(
        ("M194",),
        "one side only",
        from_one_side(1),
        "You ask f on one side of x only. A central difference goes as far down as up, (f(x + h) - f(x - h)) / (2 * "
        "h): on a curve the slope of one side is off by about h, that of both by about h * h.",
        (from_one_side(-1),),
    ),
    Slip(
        ("M194",),
        "too small a step",
        by(h=1e-12),
        "Your h is so small that rounding is all that is left of the difference: float64 keeps 16 digits, and "
        "f(x + h) - f(x - h) loses those that are alike. Take 1e-4 to 1e-6.",
        (by(h=1e-11), by(h=1e-13), by(h=1e-14)),
    ),
    Slip(
        (),
        "too large a step",
        by(h=1.0),
        "Your h is too large for a loss that is curved: the slope between two points so far apart is not that at x. "
        "Take 1e-4 to 1e-6.",
        (by(h=0.5), by(h=0.1)),
    ),
    Slip(
        ("M82",),
        "float32",
        by(dtype=np.float32, h=1e-3),
        "f was asked with float32 numbers. They keep 7 digits, and the difference of two nearly equal losses loses "
        "most of them: keep x float64.",
        (by(dtype=np.float32),),
    ),
    Slip(
        (),
        "what was moved stays moved",
        by(back=False),
        "f was asked with more than one number of x moved at a time. The gradient has a number for each of them: move "
        "one, and put it back before the next, with .item() from a copy: old = x[index] is a view and moves along.",
        (all_at_once,),
    ),
    Slip(
        (),
        "one number only",
        by(numbers=slice(1)),
        "You measured the first number of x alone. A gradient may be right there and wrong elsewhere: go through all.",
        (by(numbers=slice(-1, None)),),
    ),
    Slip(
        (),
        "one tensor with two names",
        one_tensor_with_two_names,
        "f was asked only at x itself, with nothing moved. Two things do that. An h below about 1e-14: x + h is "
        "rounded to x, and the step is lost; take 1e-5. Or x_plus = x, which gives x a second name and no second "
        "tensor, so that a step up and a step down take each other back: write x.clone().",
    ),
    Slip(
        (),
        "the sign kept",
        by(finish=lambda grad, measured: (grad - measured).max() / abs(measured).max()),
        "You take the largest difference with its sign, and one that is far below 0 is lost. Take .abs() before "
        ".max(), of the differences as of the measured numbers.",
        (
            by(finish=lambda grad, measured: (measured - grad).max() / abs(measured).max()),
            by(finish=lambda grad, measured: (grad - measured).max() / measured.max()),
            by(finish=lambda grad, measured: abs(grad - measured).max() / measured.max()),
            by(finish=lambda grad, measured: abs((grad - measured).max()) / abs(measured).max()),
        ),
    ),
    Slip(
        (),
        "a mean of the differences",
        by(finish=lambda grad, measured: abs(grad - measured).mean() / abs(measured).max()),
        "You average the differences: among many right numbers one wrong one hardly shows. Take the largest, .max().",
        (
            by(finish=lambda grad, measured: abs(grad - measured).mean() / abs(measured).mean()),
            by(finish=lambda grad, measured: abs(grad - measured).sum() / abs(measured).max()),
            by(finish=lambda grad, measured: abs(grad - measured).mean()),
        ),
    ),
    Slip(
        (),
        "no scale",
        by(finish=lambda grad, measured: abs(grad - measured).max()),
        "Your difference is not divided by the largest measured number. 0.01 is much for a gradient of 0.02, and "
        "little for one of 1000.",
    ),
    Slip(
        (),
        "the scale of the claimed gradient",
        by(finish=lambda grad, measured: abs(grad - measured).max() / abs(grad).max()),
        "You divide by the largest number of grad. That is what is in doubt: divide by the largest measured one.",
    ),
    Slip(
        (),
        "each number by its own scale",
        by(finish=lambda grad, measured: (abs(grad - measured) / abs(measured)).max()),
        "You divide each difference by its own measured number. A number near 0 then makes a small difference large: "
        "divide the largest difference by the largest measured number.",
    ),
    Slip(
        (),
        "divided by one h",
        by(lambda up, down, now, h: (up - down) / h),
        "Your measured numbers are twice as large as they should be: from x - h to x + h it is 2 * h, so divide by "
        "that.",
    ),
    Slip(
        (),
        "yes or no",
        by(finish=lambda grad, measured: bool(compared(grad, measured) < 1e-6)),
        "You say whether the gradients agree. The task asks how far they are apart, a number: return the largest "
        "difference, divided by the largest measured number.",
        (by(finish=lambda grad, measured: np.allclose(grad, measured)),),
    ),
)

ERRORS = (
    (
        "TypeError: unsupported operand type(s) for +: 'Tensor' and 'ellipsis'",
        "h is still three dots.",
        "Give it a number, such as h = 1e-5.",
    ),
    (
        "TypeError: unsupported operand type(s) for +=: 'Tensor' and 'ellipsis'",
        "h is still three dots.",
        "Give it a number, such as h = 1e-5.",
    ),
    (
        "IndexError: too many indices for tensor of dimension 1",
        "x may have any number of axes: here it has one, and two indices were given.",
        "Go through the numbers of x.view(-1), or use for index in np.ndindex(*x.shape).",
    ),
    (
        "IndexError: index 2 is out of bounds for dimension 0 with size 2",
        "A loop runs past the end of an axis: x.numel() counts all numbers of x, len(x) only its rows.",
        "Number the cells of x.view(-1), whose length is x.numel().",
    ),
    (
        "RuntimeError: Boolean value of Tensor with more than one value is ambiguous",
        "Python's max() and if want one number, and a whole tensor came.",
        "Write (grad - measured).abs().max().",
    ),
    (
        "RuntimeError: view size is not compatible with input tensor's size and stride (at least one dimension spans "
        "across two contiguous subspaces). Use .reshape(...) instead.",
        "The numbers of this tensor do not lie in one row in memory, so view(-1) cannot show them as one.",
        "Make a clone with .contiguous() first, or use for index in np.ndindex(*x.shape).",
    ),
    (
        "TypeError: 'Loss' object is not subscriptable",
        "f is a function and has no cells.",
        "Call it: f(x).",
    ),
    (
        "TypeError: 'int' object is not iterable",
        "A number stands where a loop wants something to go through.",
        "for number in range(x.numel()).",
    ),
    (
        "RuntimeError: a leaf Variable that requires grad is being used in an in-place operation.",
        "x was told to require a gradient, and is then changed in place.",
        "Measure in x.clone(), without requires_grad: nothing here needs autograd.",
    ),
    (
        "TypeError: 'float' object cannot be interpreted as an integer",
        "range needs a whole number.",
        "for number in range(x.numel()).",
    ),
)
