"""Slips of hand and eye: counted from 1, row for column, a sign or the bias left out, a loop that forgets to add."""

from convlab.mistakes.mistake import Mistake
from convlab.mistakes.sizes import per_axis
from convlab.mistakes.values import centred, known, taps, value_at


def _with_start(move):
    """The value model of a learner who begins the window at `move(i, j, kH, kW)`."""

    def value(input, weight, bias, place):
        return known(value_at(input, weight, bias, move(*place, len(weight[0]), len(weight[0][0]))))

    return value


def _without_bias(input, weight, bias, place):
    return known(value_at(input, weight, 0, place))


def _counted_from_one(input, weight, bias, place):
    i, j = place
    return known(*(value_at(input, weight, bias, start) for start in ((i - 1, j - 1), (i + 1, j + 1))))


def _unsigned(input, weight, bias, place):
    plain = [[[abs(tap) for tap in row] for row in kernel] for kernel in weight]
    return known(value_at(input, plain, bias, place))


def _averaged_over_taps(input, weight, bias, place):
    return [value / taps(weight) + bias for value in known(value_at(input, weight, 0, place))]


def _bias_for_each_tap(input, weight, bias, place):
    return [value + taps(weight) * bias for value in known(value_at(input, weight, 0, place))]


def _zero_where_flat(input, weight, bias, place):
    i, j = place
    kH, kW = len(weight[0]), len(weight[0][0])
    cells = {row[j + v] for channel in input for row in channel[i : i + kH] for v in range(kW)}
    return [bias] if len(cells) == 1 else []


def _last_product(input, weight, bias, place):
    """The product of the last tap alone, and the bias."""
    i, j = place
    kH, kW = len(weight[0]), len(weight[0][0])
    if value_at(input, weight, bias, place) is None:
        return []
    return [input[-1][i + kH - 1][j + kW - 1] * weight[-1][-1][-1] + bias]


def _total_never_reset(input, weight, bias, place):
    """The sum over this place and all before it, row by row, and the bias."""
    i, j = place
    W_out = len(input[0][0]) - len(weight[0][0]) + 1
    if value_at(input, weight, bias, place) is None:
        return []
    before = [divmod(number, W_out) for number in range(i * W_out + j + 1)]
    return [sum(value_at(input, weight, 0, start) for start in before) + bias]


def _weights_left_out(input, weight, bias, place):
    ones = [[[1] * len(row) for row in kernel] for kernel in weight]
    return known(value_at(input, ones, bias, place))


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
            "size": per_axis(
                lambda size, k, s, total, d: size // k,
                when=lambda spec: tuple(spec.stride) == (1, 1) and not any(map(any, spec.pads)),
            ),
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
        truth="A true convolution turns the kernel, and a cross-correlation does not.",
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
    Mistake(
        "M113",
        "Each product replaces the one before.",
        "The products of a window are added up: the running total takes each of them with +=, not with =.",
        "02",
        facts=("S001-15", "S001-16"),
        models={"value": _last_product},
    ),
    Mistake(
        "M114",
        "The running total goes on from place to place.",
        "Every output cell is a sum of its own: set the total back to 0 before each new place.",
        "02",
        facts=("S001-16",),
        models={"value": _total_never_reset},
    ),
    Mistake(
        "M115",
        "The window is summed without the weights.",
        "Each cell is multiplied by the weight that lies on it before it is added.",
        "02",
        facts=("S001-15",),
        models={"value": _weights_left_out},
    ),
)
