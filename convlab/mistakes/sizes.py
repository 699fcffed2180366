"""Mistakes about the output size: each predicts a definite wrong (H_out, W_out).

The right rule, for each axis: (H + 2 p - d (k - 1) - 1) // s + 1.
"""

from convlab.mistakes.mistake import Mistake


def _per_axis(rule):
    """The size model of a learner who uses `rule(size, k, s, p, d)` on both axes."""

    def size(spec, input_shape):
        if isinstance(spec.padding, str):  # "same" and "valid" have mistakes of their own
            return []
        settings = (spec.kernel_size, spec.stride, spec.padding, spec.dilation)
        height, width = (rule(input_shape[axis - 2], *(setting[axis] for setting in settings)) for axis in (0, 1))
        return [(height, width)] if height > 0 and width > 0 else []

    return size


def _right(size, k, s, p, d):
    return (size + 2 * p - d * (k - 1) - 1) // s + 1


def _double_padding(spec, input_shape):
    four = _per_axis(lambda size, k, s, p, d: _right(size, k, s, 2 * p, d))(spec, input_shape)
    once = _padded_once(spec, input_shape)
    return four + once


def _swapped_kernel(spec, input_shape):
    if isinstance(spec.padding, str):
        return []
    sizes = tuple(
        _right(
            input_shape[axis - 2],
            spec.kernel_size[1 - axis],
            spec.stride[axis],
            spec.padding[axis],
            spec.dilation[axis],
        )
        for axis in (0, 1)
    )
    return [sizes] if min(sizes) > 0 else []


def _error_if_uneven(spec, input_shape):
    if isinstance(spec.padding, str):
        return []
    left_over = [
        (input_shape[axis - 2] + 2 * spec.padding[axis] - spec.dilation[axis] * (spec.kernel_size[axis] - 1) - 1)
        % spec.stride[axis]
        for axis in (0, 1)
    ]
    return ["RuntimeError"] if any(left_over) else []


_padded_once = _per_axis(lambda size, k, s, p, d: (size + p - d * (k - 1) - 1) // s + 1)

SIZES = (
    Mistake(
        "M01",
        "A convolution keeps the size.",
        "Without padding the window must fit inside the input, so there are fewer places than cells.",
        "02",
        facts=("S000-17", "S001-16"),
        equals=("M16", "M20"),
        statement="The output of nn.Conv2d is as large as its input, whatever the kernel.",
        models={"size": _per_axis(lambda size, k, s, p, d: size)},
    ),
    Mistake(
        "M02",
        "The output is smaller by the size of the kernel.",
        "A kernel of k cells has H - k + 1 places in H cells: count the first place and the last one too.",
        "02",
        facts=("S000-17", "S001-16"),
        models={"size": _per_axis(lambda size, k, s, p, d: size - k)},
    ),
    Mistake(
        "M03",
        "Padding is added once.",
        "Each axis gets padding on both of its sides: padding=p makes it 2 p longer.",
        "04",
        models={"size": _padded_once},
    ),
    Mistake(
        "M04",
        "Padding is the total, or it is doubled once more.",
        "PyTorch's padding counts the cells on each side: the axis grows by 2 p, not by p and not by 4 p.",
        "04",
        models={"size": _double_padding},
    ),
    Mistake(
        "M05",
        "The steps are the windows.",
        "After dividing by the stride add 1: there is one window more than there are steps between windows.",
        "04",
        models={"size": _per_axis(lambda size, k, s, p, d: (size + 2 * p - d * (k - 1) - 1) // s)},
    ),
    Mistake(
        "M06",
        "The division rounds up.",
        "PyTorch rounds down: rows and columns that do not fill another window are not read.",
        "04",
        models={"size": _per_axis(lambda size, k, s, p, d: -(-(size + 2 * p - d * (k - 1) - 1) // s) + 1)},
    ),
    Mistake(
        "M07",
        "If the stride does not divide evenly, Conv2d raises an error.",
        "There is no error: the size is rounded down and the last rows or columns stay unread.",
        "04",
        statement="If the stride does not divide the room that is left, nn.Conv2d raises an error.",
        models={"error": _error_if_uneven},
    ),
    Mistake(
        "M08",
        "The stride divides first, then the kernel is taken off.",
        "The kernel has to fit first; the stride then skips places among those that fit.",
        "04",
        models={"size": _per_axis(lambda size, k, s, p, d: (size + 2 * p) // s - d * (k - 1))},
    ),
    Mistake(
        "M09",
        "The stride divides the size exactly.",
        "Stride 2 halves the size only together with the padding that matches the kernel.",
        "04",
        models={"size": _per_axis(lambda size, k, s, p, d: size // s)},
    ),
    Mistake(
        "M21",
        "A kernel size is (width, height).",
        "PyTorch's pairs are (height, width): the first number is that of the rows.",
        "04",
        models={"size": _swapped_kernel},
    ),
)
