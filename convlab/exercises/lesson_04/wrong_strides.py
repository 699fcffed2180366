"""The slips of 04.conv2d: what stride and padding add to those that any conv2d by hand can have."""

import numpy as np

from ..task import Slip
from ..wrong_pairs import whole_numbers_only
from ..wrong_places import ANY_PLACES, per_axis, programs, right_size
from ..wrong_sums import WRONG_SUMS, pair, right, with_forgotten_bias, with_output
from .stride_programs import (
    counted_from_the_end,
    ends_too_early,
    loops_over,
    padded_by,
    pairs_only,
    read_from_the_other_end,
    refuses_a_rest,
    spread,
    starts_at_every_cell,
    stored_where_it_starts,
    stride_first,
    unpadded,
    with_stride,
)


def _from(first, *also):
    """A slip's programs as its last arguments."""
    return {"function": first, "also": also}


SIZES = (
    Slip(
        ("M03",),
        "padding on one side",
        says="Only one end of each axis got zeros, or is counted. padding goes on both: pH rows above and pH below, so "
        "the size is (H + 2 * pH - kH) // sH + 1.",
        **_from(
            padded_by(lambda pH, pW: ((pH, 0), (pW, 0))),
            padded_by(lambda pH, pW: ((0, pH), (0, pW))),
            loops_over(lambda size, k, s, p: (size + p - k) // s + 1)[0],
        ),
    ),
    Slip(
        ("M04",),
        "padding as the total",
        says="You share the padding out between the two sides. In PyTorch it is what each side gets, so the picture "
        "grows by 2 * pH rows and 2 * pW columns.",
        **_from(
            padded_by(lambda pH, pW: ((pH // 2, pH - pH // 2), (pW // 2, pW - pW // 2))),
            padded_by(lambda pH, pW: ((pH // 2, pH // 2), (pW // 2, pW // 2))),
        ),
    ),
    Slip(
        ("M04",),
        "padding doubled twice",
        says="The padding is counted four times: padding is what each side gets, and after padding the picture has "
        "H + 2 * pH rows already. Add 2 * pH once, either to H or by taking the padded picture's shape.",
        **_from(
            padded_by(lambda pH, pW: ((2 * pH, 2 * pH), (2 * pW, 2 * pW))),
            *loops_over(lambda size, k, s, p: (size + 4 * p - k) // s + 1),
        ),
    ),
    Slip(
        ("M05",),
        "forgets the + 1",
        with_output(lambda output: output[:-1, :-1]),
        "One row and one column of places are missing. After dividing by the stride add 1: there is one window more "
        "than steps.",
        programs(right_size, made=per_axis(lambda size, k, s, p: (size + 2 * p - k) // s)),
    ),
    Slip(
        (),
        "stops before the last place",
        loops_over(lambda size, k, s, p: len(range(0, size + 2 * p - k, s)))[0],
        "Where the last window ends exactly at the border, its place is missing. It still fits: its first row is "
        "H + 2 * pH - kH, and range stops before its end, so the end is one later.",
    ),
    Slip(
        ("M05",),
        "stops one place early",
        with_output(lambda output: np.pad(output[:-1, :-1], ((0, 1), (0, 1)))),
        "The last row and the last column were never filled: the loops end one place early. range(n) already stops "
        "before n, so write range(H_out), with H_out = (H + 2 * pH - kH) // sH + 1.",
    ),
    Slip(
        ("M06",),
        "rounds up",
        says="You count a window that no longer fits: the size is rounded up. PyTorch rounds down, with //, and the "
        "last rows or columns stay unread.",
        **_from(*loops_over(lambda size, k, s, p: -((k - size - 2 * p) // s) + 1)),
    ),
    Slip(
        ("M07",),
        "refuses a rest",
        refuses_a_rest,
        "You refuse sizes that the stride does not divide. PyTorch takes them: it rounds down, and the last rows or "
        "columns are not read.",
    ),
    Slip(
        ("M08",),
        "stride before kernel",
        says="You apply the stride before the kernel. The kernel lies on neighbouring cells of the padded picture; the "
        "stride then skips places: (H + 2 * pH - kH) // sH + 1.",
        **_from(stride_first, *loops_over(lambda size, k, s, p: (size + 2 * p) // s - k + 1)),
    ),
    Slip(
        ("M09",),
        "divides the size exactly",
        says="Your output has H // sH rows and W // sW columns. The kernel has to fit: (H + 2 * pH - kH) // sH + 1.",
        **_from(*loops_over(lambda size, k, s, p: size // s)),
    ),
    Slip(
        ("M20",),
        "keeps the size",
        says="Your output, or your loops, have a place for every cell of the input. Count the places of the window: "
        "(H + 2 * pH - kH) // sH + 1 rows, and columns likewise.",
        **_from(*loops_over(lambda size, k, s, p: size)),
    ),
)

STRIDES = (
    Slip(
        ("M19",),
        "ignores the stride",
        with_stride(lambda sH, sW: 1),
        "Your window moves by one cell whatever the stride. With stride (sH, sW) the window of place (i, j) begins at "
        "row i * sH and column j * sW, and there are fewer places.",
    ),
    Slip(
        (),
        "ignores stride and padding",
        lambda input, weight, bias=0.0, stride=1, padding=0: right(input, weight, bias),
        "These are the numbers of stride 1 without padding, as in lesson 02. Put the zeros around the input first, and "
        "then let the window begin at i * sH and j * sW.",
    ),
    Slip(
        (),
        "rows skipped twice",
        lambda input, weight, bias=0.0, stride=1, padding=0: right(input, weight, bias, 1, padding)[:: pair(stride)[0]][
            :: pair(stride)[1]
        ],
        "Two pairs of brackets skip rows twice: the second pair sees the rows that the first has left. Put both steps "
        "in one pair, [::sH, ::sW].",
    ),
    Slip(
        (),
        "the window's end not moved",
        ends_too_early,
        "Your windows begin at i * sH and end at i + kH, so they get shorter and shorter. A window ends kH rows after "
        "it begins: i * sH + kH, and columns likewise.",
    ),
    Slip(
        (),
        "the stride inside the window",
        spread(lambda i, j, stride: (i, j)),
        "The stride spreads the cells of your windows. They are neighbours, kH by kW of them; the stride says how far "
        "the next window begins, at i * sH and j * sW.",
        (spread(lambda i, j, stride: (i * stride[0], j * stride[1])),),
    ),
    Slip(
        (),
        "ignores the stride in the loops' end",
        says="Your windows begin rightly, at i * sH and j * sW, and your loops run as if the stride were 1, past the "
        "border. There are only (H + 2 * pH - kH) // sH + 1 rows of places.",
        **_from(
            *loops_over(lambda size, k, s, p: size + 2 * p - k + 1),
            *loops_over(lambda size, k, s, p: size + 2 * p - k + 1, made=right_size),
        ),
    ),
    Slip(
        (),
        "ignores the stride in the window's start",
        starts_at_every_cell,
        "Your output has the right size, and its windows lie one cell apart. The window of place (i, j) begins at row "
        "i * sH and column j * sW of the padded picture.",
    ),
    Slip(
        (),
        "stores where the window begins",
        says="You store each sum at the cell where its window begins. Count the places: let i and j run over "
        "range(H_out) and range(W_out), and begin the window at i * sH and j * sW.",
        **_from(
            stored_where_it_starts(per_axis(lambda size, k, s, p: size + 2 * p - k + 1)),
            stored_where_it_starts(right_size),
            stored_where_it_starts(per_axis(lambda size, k, s, p: size)),
        ),
    ),
    Slip(
        ("M21",),
        "stride's rows and columns exchanged",
        says="The strides of rows and columns are exchanged: stride is (sH, sW), so i goes with sH and j with sW.",
        **_from(
            with_stride(lambda sH, sW: (sW, sH)),
            *programs(right_size, starts=lambda i, j, stride: (i * stride[1], j * stride[0])),
        ),
    ),
    Slip(
        (),
        "sH for both axes",
        with_stride(lambda sH, sW: sH),
        "The stride of the rows was used for the columns too: stride is (sH, sW), and j goes with sW.",
    ),
    Slip(
        (),
        "sW for both axes",
        with_stride(lambda sH, sW: sW),
        "The stride of the columns was used for the rows too: stride is (sH, sW), and i goes with sH.",
    ),
    Slip(
        ("M107",),
        "windows side by side",
        lambda input, weight, bias=0.0, stride=1, padding=0: right(input, weight, bias, np.shape(weight), padding),
        "Your windows lie side by side. The next one begins `stride` cells further, whatever the size of the kernel.",
    ),
)

FRAMES = (
    Slip(
        ("M22",),
        "F.pad's order",
        padded_by(lambda pH, pW: ((pW, pW), (pH, pH))),
        "The padding of rows and columns is exchanged. Conv2d's padding is (pH, pW), rows first; F.pad begins with the "
        "last axis, (left, right, top, bottom), so there it is (pW, pW, pH, pH).",
    ),
    Slip(
        ("M22",),
        "the pair as before and after",
        padded_by(lambda pH, pW: ((pH, pW), (pH, pW))),
        "The pair was taken as (before, after), as np.pad and F.pad read it. Conv2d's pair is (rows, columns): pH "
        "above and below, pW left and right; F.pad wants (pW, pW, pH, pH), np.pad ((pH, pH), (pW, pW)).",
    ),
    Slip(
        (),
        "-0 in a slice",
        counted_from_the_end,
        "A padding of 0 breaks the slice p : -p, because -0 is 0 and p : 0 is empty. Count from the front: "
        "padded[pH : pH + H, pW : pW + W].",
    ),
    Slip(
        (),
        "ignores the padding",
        says="You leave the padding out, or count it without putting the zeros there. First make the larger picture, "
        "with pH rows of zeros above and below and pW columns left and right.",
        **_from(padded_by(lambda pH, pW: ((0, 0), (0, 0))), *programs(right_size, unpadded)[1:]),
    ),
    Slip(
        (),
        "counts without the padding",
        says="The zeros are there, and the size of your output does not count them: H_out = (H + 2 * pH - kH) // sH + "
        "1, or take H and W from the padded picture.",
        **_from(loops_over(lambda size, k, s, p: (size - k) // s + 1)[0]),
    ),
    Slip(
        (),
        "reads from the other end",
        read_from_the_other_end,
        "Above and to the left of the picture your indices are negative, and Python counts those from the other end. "
        "There the padding is zero: ask for 0 <= row too, or put the picture into a larger one of zeros.",
    ),
    Slip(
        (),
        "all zeros at the end",
        padded_by(lambda pH, pW: ((0, 2 * pH), (0, 2 * pW))),
        "The zeros are all below and to the right of the picture, or the windows are cut off there. pH rows of zeros "
        "belong above the picture and pW columns to its left.",
    ),
    Slip(
        (),
        "all zeros at the beginning",
        padded_by(lambda pH, pW: ((2 * pH, 0), (2 * pW, 0))),
        "The zeros are all above and to the left of the picture. pH rows belong below it and pW columns to its right.",
    ),
    Slip(
        (),
        "pH for both axes",
        padded_by(lambda pH, pW: ((pH, pH), (pH, pH))),
        "The padding of the rows was used for the columns too: padding is (pH, pW), and pW goes left and right.",
    ),
    Slip(
        (),
        "pW for both axes",
        padded_by(lambda pH, pW: ((pW, pW), (pW, pW))),
        "The padding of the columns was used for the rows too: padding is (pH, pW), and pH goes above and below.",
    ),
)

KERNELS = (
    Slip(
        (),
        "kH for both axes",
        says="The kernel's height was used for the columns too: H goes with kH and W with kW.",
        **_from(
            *programs(lambda size, kernel_size, s, p: right_size(size, (kernel_size[0],) * 2, s, p)),
        ),
    ),
)

PARTS = (
    whole_numbers_only(right, "stride", "padding"),
    Slip(
        (),
        "pairs only",
        pairs_only((1, 1), (0, 0)),
        "Right so far, wherever stride and padding are pairs. Whole numbers, such as the defaults, must work too: make "
        "a pair of one with `if isinstance(stride, int): stride = (stride, stride)`.",
        (pairs_only(1, 0),),
        outcome="partial",
    ),
)

FORGETFUL = ("M61", "M62", "M03", "M04", "M05", "M19", "M21", "M22", "M101", "M102")
SLIPS = (
    *with_forgotten_bias((*WRONG_SUMS, *SIZES, *STRIDES, *FRAMES, *ANY_PLACES, *KERNELS), FORGETFUL),
    *PARTS,
)
