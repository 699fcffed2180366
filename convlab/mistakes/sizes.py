"""Mistakes about the output size: each predicts a definite wrong (H_out, W_out).

The right rule, for each axis: (H + 2 p - d (k - 1) - 1) // s + 1. Padding is handed to the rules as the sum of both
sides, so that "same" and "valid" fit in.
"""

from convlab.mistakes.mistake import Mistake


def per_axis(*rules, when=lambda spec: True):
    """The size model of a learner who uses `rule(size, k, s, total, d)` on both axes; a variant for each rule.

    Args:
        when: says of a spec whether the mistake shows there at all.
    """

    def size(spec, input_shape):
        if not when(spec):
            return []
        return kept(tuple(rule(*axis) for axis in axes(spec, input_shape)) for rule in rules)

    return size


def axes(spec, input_shape):
    """(size, kernel_size, stride, padding of both sides together, dilation) of the height and of the width."""
    totals = [sum(side) for side in spec.pads]
    return list(zip(input_shape[-2:], spec.kernel_size, spec.stride, totals, spec.dilation, strict=True))


def kept(sizes):
    """The sizes that exist, each once."""
    return [size for size in dict.fromkeys(sizes) if min(size) > 0]


def right(size, k, s, total, d):
    """The right rule for one axis."""
    return (size + total - d * (k - 1) - 1) // s + 1


def _numeric(spec):
    return not isinstance(spec.padding, str)


def _padded(spec):
    return _numeric(spec) and any(spec.padding)


def _strided(spec):
    return any(s > 1 for s in spec.stride)


def _uneven(spec, input_shape):
    return any((size + total - d * (k - 1) - 1) % s for size, k, s, total, d in axes(spec, input_shape))


def _swapped_pairs(spec, input_shape):
    """Every pair read as (width, height); and the kernel size alone."""
    if not _numeric(spec):
        return []
    height, width = axes(spec, input_shape)
    every = right(height[0], *width[1:]), right(width[0], *height[1:])
    kernel = right(height[0], width[1], *height[2:]), right(width[0], height[1], *width[2:])
    return kept((every, kernel))


def _padded_as_by_f_pad(spec, input_shape):
    """Padding (a, b) as F.pad reads it: a columns on the left, b columns on the right, no rows."""
    if not _numeric(spec) or spec.padding[0] == spec.padding[1]:
        return []
    height, width = axes(spec, input_shape)
    (H, kH, sH, _, dH), (W, kW, sW, _, dW) = height, width
    return kept([(right(H, kH, sH, 0, dH), right(W, kW, sW, sum(spec.padding), dW))])


def _even_kernel_half_padded(spec):
    return _numeric(spec) and any(
        k % 2 == 0 and p == k // 2 for k, p in zip(spec.kernel_size, spec.padding, strict=True)
    )


def _error_if_uneven(spec, input_shape, dtype="float32"):
    return ["RuntimeError"] if _uneven(spec, input_shape) else []


def _error_if_even_kernel(spec, input_shape, dtype="float32"):
    return ["ValueError"] if any(k % 2 == 0 for k in spec.kernel_size) else []


def _error_if_much_padding(spec, input_shape, dtype="float32"):
    if not _numeric(spec):
        return []
    much = any(p > k // 2 for p, k in zip(spec.padding, spec.kernel_size, strict=True))
    return ["RuntimeError"] if much else []


def _runs_with_same(spec, input_shape, dtype="float32"):
    return ["runs"] if spec.padding == "same" and _strided(spec) else []


def _sum_of_shrinkages(specs, input_shape):
    """Each layer's shrinkage is worked out on the first input, and all are taken off together."""
    H, W = input_shape[-2:]
    sizes = [tuple(right(*axis) for axis in axes(spec, input_shape)) for spec in specs]
    return kept([(H - sum(H - height for height, _ in sizes), W - sum(W - width for _, width in sizes))])


def is_pooling(spec):
    """True for what stands for nn.MaxPool2d among the layers of a stack: the sizes of a pooling are those of a layer.

    Example:
        >>> from convlab.shapes import Conv2dSpec
        >>> is_pooling(Conv2dSpec(6, 6, 2, 2)), is_pooling(Conv2dSpec(3, 6, 2, 2))
        (True, False)
    """
    return spec.in_channels == spec.out_channels and spec.kernel_size == spec.stride != (1, 1)


def _poolings_left_out(specs, input_shape):
    """The size after the convolutions and none of the poolings; and with the first, the first two, but not all."""
    poolings = [number for number, spec in enumerate(specs) if is_pooling(spec)]
    sizes = []
    for count in range(len(poolings)):
        size, left_out = input_shape[-2:], poolings[count:]
        for number, spec in enumerate(specs):
            if number not in left_out:
                size = tuple(right(*axis) for axis in axes(spec, size))
        sizes.append(size)
    return kept(sizes)


_stride_left_out = per_axis(lambda size, k, s, total, d: right(size, k, 1, total, d), when=_strided)
padded_once = per_axis(lambda size, k, s, total, d: right(size, k, s, total // 2, d), when=_padded)
_padded_four_times = per_axis(lambda size, k, s, total, d: right(size, k, s, 2 * total, d), when=_padded)

SIZES = (
    Mistake(
        "M01",
        "A convolution keeps the size.",
        "Without padding the window must fit inside the input, so there are fewer places than cells.",
        "02",
        facts=("S000-17", "S001-16"),
        equals=("M16", "M20"),
        statement="The output of nn.Conv2d is as large as its input, whatever the kernel.",
        models={"size": per_axis(lambda size, k, s, total, d: size)},
    ),
    Mistake(
        "M02",
        "The output is smaller by the size of the kernel.",
        "A window of k cells has H - k + 1 places in H cells: count the first place and the last one too.",
        "02",
        facts=("S000-17", "S001-16"),
        models={"size": per_axis(lambda size, k, s, total, d: size - k)},
    ),
    Mistake(
        "M03",
        "Padding is added once.",
        "Each axis gets padding on both of its sides: padding=p makes it 2 p longer.",
        "04",
        facts=("S001-24", "S003-10"),
        models={"size": padded_once},
    ),
    Mistake(
        "M04",
        "Padding is the total, or it is doubled once more.",
        "PyTorch's padding counts the cells on each side: the axis grows by 2 p, not by p and not by 4 p.",
        "04",
        facts=("S001-24", "S003-10"),
        models={
            "size": lambda spec, input_shape: [
                *_padded_four_times(spec, input_shape),
                *padded_once(spec, input_shape),
            ]
        },
    ),
    Mistake(
        "M05",
        "The steps are the windows.",
        "After dividing by the stride add 1: there is one window more than there are steps between windows.",
        "04",
        facts=("S000-21",),
        models={"size": per_axis(lambda size, k, s, total, d: (size + total - d * (k - 1) - 1) // s)},
    ),
    Mistake(
        "M06",
        "The division rounds up.",
        "PyTorch rounds down: rows and columns that do not fill another window are not read.",
        "04",
        facts=("S000-21",),
        models={"size": per_axis(lambda size, k, s, total, d: -(-(size + total - d * (k - 1) - 1) // s) + 1)},
    ),
    Mistake(
        "M07",
        "If the stride does not divide evenly, Conv2d raises an error.",
        "There is no error: the size is rounded down and the last rows or columns stay unread.",
        "04",
        facts=("S000-21",),
        statement="If the stride does not divide the room that is left, nn.Conv2d raises an error.",
        truth="If the stride does not divide the room that is left, the last rows or columns are not read.",
        models={"error": _error_if_uneven},
    ),
    Mistake(
        "M08",
        "The stride divides first, then the kernel is taken off.",
        "The kernel has to fit first; the stride then skips places among those that fit.",
        "04",
        facts=("S001-25",),
        models={
            "size": per_axis(
                lambda size, k, s, total, d: (size + total) // s - d * (k - 1),
                lambda size, k, s, total, d: size // s - d * (k - 1),
                when=_strided,
            )
        },
    ),
    Mistake(
        "M09",
        "The stride divides the size exactly.",
        "Stride 2 halves the size only together with the padding that matches the kernel.",
        "04",
        facts=("S002-19", "S001-66"),
        models={"size": per_axis(lambda size, k, s, total, d: size // s, when=_strided)},
    ),
    Mistake(
        "M10",
        'The output is ceil(H / stride), as with TensorFlow\'s "same".',
        'PyTorch refuses padding="same" with a stride above 1 (ValueError), and padding in numbers follows '
        "floor((H + 2 p - d (k - 1) - 1) / s) + 1.",
        "04",
        facts=("S003-10",),
        models={
            "size": per_axis(lambda size, k, s, total, d: -(-size // s), when=_strided),
            "error": _runs_with_same,
        },
    ),
    Mistake(
        "M16",
        "An even kernel with padding k // 2 keeps the size.",
        "The output is one larger, H + 1: an even kernel keeps the size only with padding that differs between the "
        "two sides, by F.pad.",
        "04",
        facts=("S000-26",),
        equals=("M01", "M20"),
        statement="A kernel of size 4 keeps the size with padding=2.",
        truth="A kernel of size 4 with padding=2 and stride 1 makes the output one larger than the input.",
        models={"size": per_axis(lambda size, k, s, total, d: size, when=_even_kernel_half_padded)},
    ),
    Mistake(
        "M17",
        "The kernel size must be odd.",
        "Any kernel size from 1 on works; an odd one has a middle and can keep the size with equal padding, "
        "and that is all.",
        "04",
        facts=("S000-23",),
        statement="nn.Conv2d refuses an even kernel_size.",
        truth="nn.Conv2d takes an even kernel_size as well as an odd one.",
        models={"error": _error_if_even_kernel},
    ),
    Mistake(
        "M18",
        "Padding of more than half the kernel is an error.",
        "That rule belongs to MaxPool2d; Conv2d takes any padding from 0 on, and the outermost outputs then see "
        "padding alone.",
        "04",
        facts=("S000-20", "S000-22"),
        statement="nn.Conv2d refuses padding that is larger than half the kernel.",
        truth="nn.Conv2d runs with padding=3 and kernel_size=3.",
        models={"error": _error_if_much_padding},
    ),
    Mistake(
        "M19",
        "Much padding always makes the output larger than the input.",
        "The stride divides what padding added: with kernel 3, padding 3 and stride 2, 28 rows become 16.",
        "04",
        facts=("S000-20",),
        equals=("M169",),
        statement="With padding=3 and kernel_size=3 the output is always larger than the input.",
        truth="With kernel_size=3, padding=3 and stride=2 an input of 28 rows becomes smaller.",
        models={"size": _stride_left_out},
    ),
    Mistake(
        "M20",
        "Padding makes up for the stride's shrinkage.",
        "Padding makes up for the kernel alone; the stride still divides the number of places.",
        "04",
        facts=("S002-19", "S002-15"),
        equals=("M01", "M16"),
        models={
            "size": per_axis(lambda size, k, s, total, d: size, when=lambda spec: _padded(spec) and _strided(spec))
        },
    ),
    Mistake(
        "M21",
        "A pair is (width, height).",
        "PyTorch's pairs are (height, width): the first number is that of the rows.",
        "04",
        facts=("S004-19", "S002-5"),
        models={
            "size": _swapped_pairs,
            "weight_shape": lambda spec: [(*spec.weight_shape[:2], *spec.kernel_size[::-1])],
        },
    ),
    Mistake(
        "M22",
        "Conv2d's padding pair is read as by F.pad.",
        "Conv2d's padding=(pH, pW) goes on both sides of the rows and of the columns; F.pad begins with the last "
        "axis and gives each side its own number: (left, right, top, bottom).",
        "04",
        facts=("S003-10", "S002-7"),
        models={"size": _padded_as_by_f_pad},
    ),
    Mistake(
        "M25",
        "What comes out has the size of the kernel.",
        "What comes out is what is left of the picture after the last layer: H_out x W_out, which follows from the "
        "input size.",
        "04",
        facts=("S003-22", "S003-34"),
        equals=("M24",),
        models={"size": lambda spec, input_shape: [tuple(spec.kernel_size)]},
    ),
    Mistake(
        "M26",
        "Layers after each other: their shrinkages are added up.",
        "Go from left to right: the output of one layer is the input of the next, and a stride divides what it gets.",
        "04",
        facts=("S003-18", "S003-20"),
        models={"stack": _sum_of_shrinkages},
    ),
    Mistake(
        "M168",
        "The padding is left out.",
        "The padding goes around the input first: the windows start that many rows above it and that many columns left "
        "of it, and more of them fit.",
        "04",
        facts=("S001-24", "S003-10"),
        statement="nn.Conv2d(3, 8, kernel_size=3, padding=1) makes 28 x 32 into 26 x 30.",
        truth="nn.Conv2d(3, 8, kernel_size=3, padding=1) leaves 28 x 32 as it is.",
        models={"size": per_axis(lambda size, k, s, total, d: right(size, k, s, 0, d), when=_padded)},
    ),
    Mistake(
        "M169",
        "The stride is left out.",
        "The window moves on by the stride: of the places that it would visit with stride 1 it visits every s-th on "
        "each axis.",
        "04",
        facts=("S001-25", "S001-24"),
        equals=("M19",),
        statement="With stride=2 the windows of neighbouring outputs start one cell apart.",
        truth="With stride=2 the windows of neighbouring outputs start two cells apart.",
        models={"size": _stride_left_out},
    ),
    Mistake(
        "M170",
        "Padding with 'reflect' repeats the cell at the border.",
        "Padding with 'reflect' mirrors the input at its border cell and does not repeat that cell, so the padding has "
        "to be smaller than the axis is long.",
        "04",
        facts=("S001-55",),
        statement="With padding_mode='reflect' a row 1 2 3 begins with 1 1 2 3.",
        truth="With padding_mode='reflect' a row 1 2 3 begins with 2 1 2 3.",
    ),
    Mistake(
        "M171",
        "A pooling leaves the size as it is.",
        "nn.MaxPool2d(2) halves the height and the width and rounds down, every time it comes.",
        "04",
        facts=("S003-18", "S003-20"),
        statement="After nn.MaxPool2d(2) a picture has the height and width that it had before.",
        truth="nn.MaxPool2d(2) halves the height and the width.",
        models={"stack": _poolings_left_out},
    ),
    Mistake(
        "M172",
        "A Linear layer takes as many numbers as there are channels.",
        "Flatten lays every number of a picture in one row, so the Linear layer takes channels times rows times "
        "columns.",
        "04",
        facts=("S003-18", "S003-22"),
        statement="After 16 feature maps of 5 x 4 and nn.Flatten() comes nn.Linear(16, 10).",
        truth="After 16 feature maps of 5 x 4 and nn.Flatten() comes nn.Linear(320, 10).",
    ),
)
