"""Mistakes about the meaning of the operation: what one output cell holds, and what a kernel does.

Every model here works on plain numbers: `input` (C_in, H, W), one filter `weight` (C_in, kH, kW), a `bias`
and the `place` (i, j), row first, stride 1, nested lists or arrays.
"""

from convlab.mistakes.mistake import Mistake


def value_at(input, weight, bias=0, start=(0, 0)):
    """The value of the window whose top left cell is `start`: products, their sum, the bias; None outside.

    Shape: input (C_in, H, W), weight (C_in, kH, kW), nested lists or arrays.

    Example:
        >>> value_at([[[1, 2, 3], [4, 5, 6]]], [[[1, 0], [0, -1]]], bias=10, start=(0, 1))
        6
        >>> value_at([[[1, 2, 3], [4, 5, 6]]], [[[1, 0], [0, -1]]], start=(1, 0)) is None
        True
    """
    top, left = start
    kH, kW = len(weight[0]), len(weight[0][0])
    if top < 0 or left < 0 or top + kH > len(input[0]) or left + kW > len(input[0][0]):
        return None
    total = bias
    for channel, kernel in zip(input, weight, strict=True):
        for u in range(kH):
            for v in range(kW):
                total += channel[top + u][left + v] * kernel[u][v]
    return total


def rotated(kernel):
    """The 2-D kernel turned by 180 degrees: both axes reversed."""
    return [list(row)[::-1] for row in kernel][::-1]


def upside_down(kernel):
    """The 2-D kernel with its rows in reverse order."""
    return [list(row) for row in kernel][::-1]


def mirrored(kernel):
    """The 2-D kernel with its columns in reverse order."""
    return [list(row)[::-1] for row in kernel]


def transposed(kernel):
    """The 2-D kernel with rows and columns exchanged."""
    return [list(column) for column in zip(*kernel, strict=True)]


def _with_kernel(change):
    """The value model of a learner who slides `change(kernel)` in place of each kernel."""

    def value(input, weight, bias, place):
        changed = [change(kernel) for kernel in weight]
        if len(changed[0]) != len(weight[0]):  # a transposed 2 x 3 does not fit the 2 x 3 window
            return []
        return _known(value_at(input, changed, bias, place))

    return value


def _with_start(move):
    """The value model of a learner who begins the window at `move(i, j, kH, kW)`."""

    def value(input, weight, bias, place):
        return _known(value_at(input, weight, bias, move(*place, len(weight[0]), len(weight[0][0]))))

    return value


def _known(*values):
    return [value for value in values if value is not None]


def _one_axis_flipped(input, weight, bias, place):
    return [
        *_with_kernel(upside_down)(input, weight, bias, place),
        *_with_kernel(mirrored)(input, weight, bias, place),
    ]


def _clipped(input, weight, bias, place):
    return [max(0, value) for value in _known(value_at(input, weight, bias, place))]


def _averaged_over_channels(input, weight, bias, place):
    return [value / len(weight) + bias for value in _known(value_at(input, weight, 0, place))]


def _without_bias(input, weight, bias, place):
    return _known(value_at(input, weight, 0, place))


def _counted_from_one(input, weight, bias, place):
    i, j = place
    return _known(*(value_at(input, weight, bias, start) for start in ((i - 1, j - 1), (i + 1, j + 1))))


def _taps(weight):
    return len(weight) * len(weight[0]) * len(weight[0][0])


def _unsigned(input, weight, bias, place):
    plain = [[[abs(tap) for tap in row] for row in kernel] for kernel in weight]
    return _known(value_at(input, plain, bias, place))


def _averaged_over_taps(input, weight, bias, place):
    return [value / _taps(weight) + bias for value in _known(value_at(input, weight, 0, place))]


def _bias_for_each_tap(input, weight, bias, place):
    return [value + _taps(weight) * bias for value in _known(value_at(input, weight, 0, place))]


def _zero_where_flat(input, weight, bias, place):
    i, j = place
    kH, kW = len(weight[0]), len(weight[0][0])
    cells = {row[j + v] for channel in input for row in channel[i : i + kH] for v in range(kW)}
    return [bias] if len(cells) == 1 else []


def centred(i, j, kH, kW):
    """Where the window of (i, j) would start if the place were its middle."""
    return i - (kH - 1) // 2, j - (kW - 1) // 2


VALUES = (
    Mistake(
        "M32",
        "The results of the input channels are averaged, or kept apart.",
        "A filter has one kernel for each input channel, and the results are added up: no division, and one "
        "number comes out.",
        "06",
        facts=("S001-28", "S001-29"),
        models={"value": _averaged_over_channels},
    ),
    Mistake(
        "M61",
        "Conv2d flips the kernel before it slides it.",
        "Conv2d computes a cross-correlation: the kernel lies on the input as it is written, and no axis is reversed.",
        "02",
        facts=("S001-41", "S001-52", "S001-53"),
        statement="nn.Conv2d turns the kernel by 180 degrees before it slides it.",
        models={"value": _with_kernel(rotated), "kernel": lambda weight: [rotated(weight)]},
    ),
    Mistake(
        "M62",
        "To flip a kernel is to transpose it, or to reverse one of its axes.",
        "The flip of a true convolution turns the kernel by 180 degrees: rows and columns are both reversed, "
        "and nothing is transposed.",
        "02",
        facts=("S001-52",),
        equals=("M63",),
        models={
            "value": _one_axis_flipped,
            "kernel": lambda weight: [upside_down(weight), mirrored(weight), transposed(weight)],
        },
    ),
    Mistake(
        "M63",
        "A kernel with columns 1, 0, -1 finds horizontal edges.",
        "Look at which cells get opposite signs: left against right finds vertical edges, top against bottom "
        "finds horizontal ones.",
        "02",
        facts=("S003-26",),
        equals=("M62",),
        models={"value": _with_kernel(transposed), "kernel": lambda weight: [transposed(weight)]},
    ),
    Mistake(
        "M64",
        "A negative output means that there is no edge.",
        "The sign tells the direction of the change and the size tells how strong it is; only values near 0 "
        "mean that nothing changes.",
        "02",
        facts=("S003-26", "S001-17"),
        equals=("M66",),
        statement="A negative output means that there is no edge under the window.",
        models={"value": _clipped},
    ),
)

SLIPS = (
    Mistake(
        "M101",
        "Rows and columns are counted from 1.",
        "Rows, columns and places are counted from 0, in Python and in PyTorch: the window of place (i, j) "
        "starts at input cell (i, j), not one before or after it.",
        "02",
        facts=("S001-16",),
        models={"value": _counted_from_one},
    ),
    Mistake(
        "M102",
        "(i, j) means column i, row j.",
        "An index is (row, column), as in (height, width); (x, y) of a graph runs the other way round.",
        "02",
        facts=("S001-16",),
        models={"value": _with_start(lambda i, j, kH, kW: (j, i))},
    ),
    Mistake(
        "M103",
        "The output is the sum of the products, and the bias is left out.",
        "The bias of the filter is added to every output cell, after the products are summed.",
        "02",
        facts=("S001-16",),
        equals=("M35",),
        models={"value": _without_bias},
    ),
    Mistake(
        "M104",
        "The window of place (i, j) is centred on input cell (i, j).",
        "Without padding the window starts at input cell (i, j): that is its top left cell, not its middle.",
        "02",
        facts=("S001-16",),
        models={"value": _with_start(centred)},
    ),
    Mistake(
        "M105",
        "Every product counts as positive.",
        "A negative weight subtracts what lies under it; without its sign the kernel adds where it should compare.",
        "02",
        facts=("S001-15",),
        models={
            "value": _unsigned,
            "kernel": lambda weight: [[[abs(tap) for tap in row] for row in weight]],
        },
    ),
    Mistake(
        "M106",
        "The products are averaged.",
        "The products are added, and nothing is divided; a kernel averages only if its own weights say so, "
        "such as 1/9 in each of 9 taps.",
        "02",
        facts=("S001-15", "S001-16"),
        models={"value": _averaged_over_taps},
    ),
    Mistake(
        "M107",
        "The windows lie side by side.",
        "With stride 1 the next window starts one cell further, so neighbouring windows overlap.",
        "02",
        facts=("S001-16",),
        models={
            "value": _with_start(lambda i, j, kH, kW: (i * kH, j * kW)),
            "size": lambda spec, input_shape: [
                (input_shape[-2] // spec.kernel_size[0], input_shape[-1] // spec.kernel_size[1])
            ],
        },
    ),
    Mistake(
        "M108",
        "The bias is added to every product.",
        "The bias is added once to an output cell, to the finished sum.",
        "02",
        facts=("S001-16",),
        models={"value": _bias_for_each_tap},
    ),
    Mistake(
        "M109",
        "On a flat area every kernel gives 0.",
        "A flat area gives its brightness times the sum of the weights; that is 0 only if the weights sum to 0.",
        "02",
        facts=("S001-17", "S003-55"),
        statement="On an area where all cells are equal, every kernel gives 0.",
        models={"value": _zero_where_flat},
    ),
    Mistake(
        "M110",
        "Convolution and cross-correlation are two names for one operation.",
        "A true convolution turns the kernel by 180 degrees first; the two agree only for a kernel that this "
        "turn leaves as it is.",
        "02",
        facts=("S001-41", "S001-52", "S001-53"),
        statement="Convolution and cross-correlation give the same output for every kernel.",
        models={"value": _with_kernel(rotated), "kernel": lambda weight: [rotated(weight)]},
    ),
    Mistake(
        "M111",
        "An input cell is read by the places that lie right of it and below it.",
        "A window reaches right and down from its place, so an input cell is read by places at or before it: "
        "above it and to its left.",
        "02",
        facts=("S001-16",),
        statement="Input cell (r, c) is read by the outputs below it and to its right.",
    ),
)
