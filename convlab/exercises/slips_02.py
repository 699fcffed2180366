"""The slips of lesson 02's exercises: wrong solutions that learners write, and what to tell each.

Every function takes what the learner's takes, tensors or arrays, and returns a float64 array.
"""

import numpy as np

from .task import Slip


def _sizes(input, weight):
    """Arrays of both, and H, W, kH, kW."""
    input, weight = np.asarray(input, dtype=float), np.asarray(weight, dtype=float)
    return input, weight, *input.shape, *weight.shape


def _at_places(input, weight, H_out, W_out, cell):
    """An output filled place by place with `cell(window)`; 0 where the window does not fit."""
    kH, kW = weight.shape
    output = np.zeros((max(H_out, 0), max(W_out, 0)))
    for i in range(output.shape[0]):
        for j in range(output.shape[1]):
            window = input[i : i + kH, j : j + kW]
            if window.shape == weight.shape:
                output[i, j] = cell(window)
    return output


def _slid(input, weight, cell):
    input, weight, H, W, kH, kW = _sizes(input, weight)
    return _at_places(input, weight, H - kH + 1, W - kW + 1, cell)


def _right(input, weight, bias):
    weight = np.asarray(weight, dtype=float)
    return _slid(input, weight, lambda window: (window * weight).sum() + bias)


def flipped(input, weight, bias=0.0):
    """The true convolution: the kernel turned by 180 degrees."""
    return _right(input, np.asarray(weight)[::-1, ::-1], bias)


def rows_flipped(input, weight, bias=0.0):
    """The kernel upside down."""
    return _right(input, np.asarray(weight)[::-1], bias)


def columns_flipped(input, weight, bias=0.0):
    """The kernel mirrored."""
    return _right(input, np.asarray(weight)[:, ::-1], bias)


def reshaped_transpose(input, weight, bias=0.0):
    """The kernel's columns read as rows, forced back into the old shape."""
    weight = np.asarray(weight)
    return _right(input, weight.T.reshape(weight.shape), bias)


def same_size(input, weight, bias=0.0):
    """An output of the input's size, zeros added around the input."""
    input, weight, _, _, kH, kW = _sizes(input, weight)
    top, left = (kH - 1) // 2, (kW - 1) // 2
    return _right(np.pad(input, ((top, kH - 1 - top), (left, kW - 1 - left))), weight, bias)


def places_missing(input, weight, bias=0.0):
    """H - kH rows and W - kW columns: the last place of each is not there."""
    return _right(input, weight, bias)[:-1, :-1]


def last_places_empty(input, weight, bias=0.0):
    """The right size, with loops that end one place early."""
    output = _right(input, weight, bias)
    output[-1], output[:, -1] = 0, 0
    return output


def first_places_empty(input, weight, bias=0.0):
    """Loops that begin at 1."""
    output = _right(input, weight, bias)
    output[0], output[:, 0] = 0, 0
    return output


def sizes_exchanged(input, weight, bias=0.0):
    """H - kW + 1 rows and W - kH + 1 columns."""
    input, weight, H, W, kH, kW = _sizes(input, weight)
    return _at_places(input, weight, H - kW + 1, W - kH + 1, lambda window: (window * weight).sum() + bias)


def output_transposed(input, weight, bias=0.0):
    """Column i, row j."""
    return _right(input, weight, bias).T


def without_bias(input, weight, bias=0.0):
    """The products, and nothing added."""
    return _right(input, weight, 0.0)


def bias_for_each_tap(input, weight, bias=0.0):
    """The bias added inside the inner loops."""
    return _right(input, weight, np.asarray(weight).size * bias)


def averaged(input, weight, bias=0.0):
    """The mean of the products."""
    weight = np.asarray(weight, dtype=float)
    return _slid(input, weight, lambda window: (window * weight).mean() + bias)


def side_by_side(input, weight, bias=0.0):
    """The next window begins where the last one ended."""
    kH, kW = np.asarray(weight).shape
    return _right(input, weight, bias)[::kH, ::kW]


def without_negatives(input, weight, bias=0.0):
    """Negative results set to 0."""
    return np.maximum(_right(input, weight, bias), 0.0)


def without_signs(input, weight, bias=0.0):
    """Every weight taken as positive."""
    return _right(input, abs(np.asarray(weight, dtype=float)), bias)


def last_product(input, weight, bias=0.0):
    """= in place of +=: each product takes the place of the one before."""
    weight = np.asarray(weight, dtype=float)
    return _slid(input, weight, lambda window: window[-1, -1] * weight[-1, -1] + bias)


def running_total(input, weight, bias=0.0):
    """A total that is set to 0 once, before all loops."""
    plain = _right(input, weight, 0.0)
    return plain.cumsum().reshape(plain.shape) + bias


def without_weights(input, weight, bias=0.0):
    """The sum of the window alone."""
    return _right(input, np.ones(np.asarray(weight).shape), bias)


SINGLE_SLIPS = (
    Slip(
        ("M61",),
        "flips the kernel",
        flipped,
        "These are the numbers of a flipped kernel. Conv2d does not flip: weight[u, v] meets input[i + u, j + v], "
        "with both indices counting the same way.",
    ),
    Slip(
        ("M62",),
        "flips the rows",
        rows_flipped,
        "These are the numbers of a kernel that is upside down: one axis is reversed. Conv2d reverses none; row u of "
        "the weight meets row i + u of the input.",
    ),
    Slip(
        ("M62",),
        "flips the columns",
        columns_flipped,
        "These are the numbers of a mirrored kernel: one axis is reversed. Conv2d reverses none; column v of the "
        "weight meets column j + v of the input.",
    ),
    Slip(
        ("M62",),
        "transposes the kernel",
        reshaped_transpose,
        "These are the numbers of a kernel whose columns were read as rows. Nothing is transposed: weight[u, v] meets "
        "input[i + u, j + v].",
    ),
    Slip(
        ("M02",),
        "one row and column too few",
        places_missing,
        "One row and one column are missing: the places are H - kH + 1, because the first and the last both count.",
    ),
    Slip(
        ("M02",),
        "stops one place early",
        last_places_empty,
        "The last row and the last column were never filled: the loops end one place early. range(n) already stops "
        "before n, so write range(H - kH + 1).",
    ),
    Slip(
        ("M01",),
        "keeps the size",
        same_size,
        "Your output has the size of the input, as if zeros had been put around it. Without padding the window must "
        "fit inside, so the output is smaller.",
    ),
    Slip(
        ("M101",),
        "starts at 1",
        first_places_empty,
        "The first row and the first column were never filled: places are counted from 0, so the loops begin at 0.",
    ),
    Slip(
        ("M102",),
        "rows and columns exchanged",
        output_transposed,
        "Your output is transposed: i is the row and counts along H, j is the column and counts along W.",
    ),
    Slip(
        ("M21",),
        "kernel height and width exchanged",
        sizes_exchanged,
        "The kernel's height and width are exchanged: shape is (height, width), so H goes with kH and W with kW.",
    ),
    Slip(
        ("M103",),
        "forgets the bias",
        without_bias,
        "Only the bias is missing: it is added to every output cell, after the products are summed.",
    ),
    Slip(
        ("M108",),
        "adds the bias to each product",
        bias_for_each_tap,
        "The bias was added with every product: add it once to an output cell, after the loops over the weight.",
    ),
    Slip(
        ("M106",),
        "averages",
        averaged,
        "These are means of the products. Conv2d adds them up and divides by nothing: .sum(), not .mean().",
    ),
    Slip(
        ("M107",),
        "windows side by side",
        side_by_side,
        "Your windows lie side by side. With stride 1 the next window begins one cell further, so they overlap.",
    ),
    Slip(
        ("M64",),
        "drops negative results",
        without_negatives,
        "Your negative results became 0. Conv2d keeps them: the sign says in which direction the picture changes, and "
        "a ReLU is a layer of its own.",
    ),
    Slip(
        ("M105",),
        "ignores the signs",
        without_signs,
        "These are the numbers of a kernel without its minus signs. A negative weight subtracts what lies under it.",
    ),
    Slip(
        (),
        "keeps the last product only",
        last_product,
        "Each product took the place of the one before, so only the last is left: add with +=, or use .sum().",
    ),
    Slip(
        (),
        "never resets the total",
        running_total,
        "Your total goes on from one place to the next: set it to 0 inside the two outer loops, before each window.",
    ),
    Slip(
        (),
        "leaves the weights out",
        without_weights,
        "These are the sums of the windows alone: multiply by the weight first, (window * weight).sum().",
    ),
)


def _and_without_bias(slip):
    def both(input, weight, bias=0.0):
        return slip.function(input, weight)

    mistakes = (*slip.mistakes, "M103")
    return Slip(mistakes, f"{slip.name}, and forgets the bias", both, f"{slip.says} And the bias was not added.")


_CAN_FORGET = ("M61", "M62", "M02", "M01", "M101", "M102", "M106", "M107", "M64")
CONV2D_SLIPS = (
    *SINGLE_SLIPS,
    *(_and_without_bias(slip) for slip in SINGLE_SLIPS if slip.mistakes and slip.mistakes[0] in _CAN_FORGET),
)


def _kernel_of(*rows):
    """A function without arguments that returns this kernel, as the learner's function does."""

    def brighter_than_left():
        return np.array(rows, dtype=float)

    return brighter_than_left


KERNEL_SLIPS = (
    Slip(
        ("M61",),
        "flipped",
        _kernel_of((0, 0, 0), (0, 1, -1), (0, 0, 0)),
        "Your kernel is the right one turned by 180 degrees, as if Conv2d would flip it. It does not: the kernel lies "
        "on the window as it is written, and what is left in the kernel meets what is left in the picture.",
    ),
    Slip(
        ("M63",),
        "transposed",
        _kernel_of((0, -1, 0), (0, 1, 0), (0, 0, 0)),
        "Your kernel subtracts the cell above, not the cell to the left: rows and columns are exchanged. Opposite "
        "signs side by side compare left with right; one above the other they compare top with bottom.",
    ),
    Slip(
        ("M62",),
        "flipped and transposed",
        _kernel_of((0, 0, 0), (0, 1, 0), (0, -1, 0)),
        "Your kernel subtracts the cell below, not the cell to the left: transposed and turned round. The left "
        "neighbour lies in the same row, one column earlier.",
    ),
    Slip(
        ("M105",),
        "without the minus",
        _kernel_of((0, 0, 0), (1, 1, 0), (0, 0, 0)),
        "Your kernel adds the left neighbour where it is to be subtracted: its weight needs a minus.",
    ),
    Slip(
        ("M101",),
        "one place late",
        _kernel_of((0, 0, 0), (0, -1, 1), (0, 0, 0)),
        "Your kernel is one column too far to the right: it gives the right neighbour minus the cell. Columns are "
        "counted from 0, so the middle is weight[1, 1] and its left neighbour weight[1, 0].",
    ),
    Slip(
        (),
        "sign turned round",
        _kernel_of((0, 0, 0), (1, -1, 0), (0, 0, 0)),
        "Your signs are turned round: the output is negative where the picture gets brighter. The cell itself counts "
        "+1, and the left neighbour, which is subtracted, -1.",
    ),
    Slip(
        (),
        "two columns apart",
        _kernel_of((0, 0, 0), (-1, 0, 1), (0, 0, 0)),
        "Your kernel compares the right neighbour with the left one and skips the cell itself: it is the middle cell, "
        "weight[1, 1], from which the left neighbour is subtracted.",
    ),
    Slip(
        (),
        "all three rows",
        _kernel_of((-1, 1, 0), (-1, 1, 0), (-1, 1, 0)),
        "Your kernel adds up the differences of three rows. Only the middle row counts here; the other weights are 0.",
    ),
    Slip(
        (),
        "three rows, two columns apart",
        _kernel_of((-1, 0, 1), (-1, 0, 1), (-1, 0, 1)),
        "Your kernel compares whole columns to the right and to the left of the cell. Here one cell is compared with "
        "one neighbour: only weight[1, 1] and weight[1, 0] are not 0.",
    ),
    Slip(
        (),
        "three rows, turned round",
        _kernel_of((1, 0, -1), (1, 0, -1), (1, 0, -1)),
        "Your kernel compares whole columns, and left minus right at that. Here one cell is compared with the one to "
        "its left: only weight[1, 1] and weight[1, 0] are not 0, and the cell itself counts +1.",
    ),
    Slip(
        (),
        "Sobel",
        _kernel_of((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
        "This is the Sobel kernel, a smoothed relative of what is asked: it compares columns on both sides of the "
        "cell. Here only weight[1, 1] and weight[1, 0] are not 0.",
    ),
    Slip(
        (),
        "the cell alone",
        _kernel_of((0, 0, 0), (0, 1, 0), (0, 0, 0)),
        "Your kernel gives the cell itself and subtracts nothing: the left neighbour needs the weight -1.",
    ),
)
