"""Lesson 01, how a picture lies in memory: the order of its numbers, offsets, strides, channels_last."""

from convlab.questions.cases import apart, counted, drawn, gathered
from convlab.questions.lesson_01.moving import sides
from convlab.questions.question import Slip


def _order_case(rng):
    H, W = drawn(lambda: sides(rng, 3, 8), lambda it: min(it) > 2)
    cells = [(c, i, j) for c in range(3) for i in range(3) for j in range(3)]
    return (H, W), rng.sample(cells, 4)


def _order_keeps(case):
    cells = case[1]
    orders = [sorted(cells), sorted(cells, key=_as_file), sorted(cells, key=_column_first)]
    different = all(one != other for n, one in enumerate(orders) for other in orders[:n])
    return different and cells not in orders


def _as_file(index):
    """The key that sorts as a file does, pixel by pixel."""
    c, i, j = index
    return i, j, c


def _column_first(index):
    c, i, j = index
    return c, j, i


_MEMORY_ORDER = {  # what is the same for every seed
    "kind": "order",
    "level": "easy",
    "objective": "know how the numbers of a picture follow each other",
    "formula": "(C, H, W): sort by channel, then row, then column",
    "because": "The last index runs fastest: column by column, then the next row, then the next channel.",
    "hint": "A new tensor is filled like an odometer: the last index turns fastest, the first one slowest.",
    "otherwise": "Sort by the first index, then by the second, then by the third.",
}


def memory_order(rng):
    """The order in which four numbers of a picture (C, H, W) lie in memory."""
    (H, W), cells = drawn(lambda: _order_case(rng), _order_keeps)
    answer, as_file, by_column = (
        [f"picture[{c}, {i}, {j}]" for c, i, j in sorted(cells, key=key)] for key in (tuple, _as_file, _column_first)
    )
    options = [f"picture[{c}, {i}, {j}]" for c, i, j in cells]
    slips = [
        Slip(
            as_file,
            ("M51",),
            "That is the order of an image file, (H, W, C): pixel by pixel, each with its three colours. Here the "
            "channel comes first: the whole red plane, then the green, then the blue one.",
        ),
        Slip(
            by_column,
            ("M102",),
            "You went down the columns. Within a plane the numbers lie row by row: the last index runs fastest.",
        ),
    ]
    return {
        **_MEMORY_ORDER,
        "prompt": (
            f"`picture = torch.zeros(3, {H}, {W})` is a picture in PyTorch's layout. In which order do these four of "
            "its numbers lie in memory?"
        ),
        "answer": answer,
        "steps": [
            "The first index, the channel, changes slowest: sort by it first.",
            f"Within a channel sort by row, within a row by column: {', '.join(answer)}.",
        ],
        "proof": (
            f"import torch\npicture = torch.arange(3 * {H} * {W}).reshape(3, {H}, {W})\n"
            f"print(sorted({options}, key=eval))"
        ),
        "slips": gathered("order", answer, slips),
        "options": options,
    }


def _offset_case(rng):
    (H, W), c = sides(rng, 4, 10), rng.choice((1, 2))
    i, j = rng.sample(range(1, min(H, W)), 2)
    slips = [
        Slip(
            (i * W + j) * 3 + c,
            ("M51",),
            f"{(i * W + j) * 3 + c} = ({i}*{W} + {j})*3 + {c} is its place where the channels stand last, (H, W, C). "
            f"Here {c} whole {'planes lie' if c > 1 else 'plane lies'} before it.",
        ),
        Slip(
            c * H * W + j * W + i,
            ("M102",),
            f"{c * H * W + j * W + i} is the place of row {j}, column {i}. The row comes first: {counted(i, 'row')} of "
            f"{W}, then {j} more.",
        ),
    ]
    return (H, W), (c, i, j), slips


def memory_offset(rng):
    """How many numbers lie in memory before one of a picture."""
    (H, W), (c, i, j), slips = drawn(
        lambda: _offset_case(rng),
        lambda case: apart("number", _offset(*case[:2]), case[2]),
    )
    answer = _offset((H, W), (c, i, j))
    return {
        "prompt": (
            f"`picture = torch.zeros(3, {H}, {W})`. How many numbers lie in memory before `picture[{c}, {i}, {j}]`?"
        ),
        "kind": "number",
        "level": "medium",
        "objective": "compute an offset in memory",
        "formula": "offset = c H W + i W + j",
        "answer": answer,
        "because": f"The strides are ({H * W}, {W}, 1): {c}*{H * W} + {i}*{W} + {j} = {answer}.",
        "hint": "How many numbers does a channel hold, and how many a row? Whole channels first, then whole rows, "
        "then single numbers.",
        "steps": [
            f"A channel holds {H}*{W} = {H * W} numbers; before channel {c} there are {c}*{H * W} = {c * H * W}.",
            f"A row holds {W}; before row {i} there are {i}*{W} = {i * W}.",
            f"Within the row {j} further: {c * H * W} + {i * W} + {j} = {answer}.",
        ],
        "proof": (f"import torch\npicture = torch.zeros(3, {H}, {W})\nprint(picture[{c}, {i}, {j}].storage_offset())"),
        "slips": gathered("number", answer, slips),
        "otherwise": "Count what lies before it: whole channels, whole rows, single numbers.",
    }


def _offset(size, index):
    (H, W), (c, i, j) = size, index
    return c * H * W + i * W + j


_PERMUTED_STRIDES = {  # what is the same for every seed
    "prompt": "A stride says how many numbers further in memory the next one along an axis lies. What is "
    "`planes.stride()`?",
    "kind": "shape",
    "level": "hard",
    "objective": "follow the strides through permute",
    "formula": "permute takes the strides along: (W C, C, 1) becomes (1, W C, C)",
    "hint": "First the strides of `photo`: to the next channel, the next column, the next row. permute moves no "
    "number, so what happens to them?",
    "asks": "strides",
    "axes": ("a tensor (C, H, W)", "one stride for each axis"),
    "otherwise": "Write down the strides of `photo`, then take them in the order that permute lists.",
}


def _permuted_more_slips(W):
    """What is named besides: the old strides in their old order, pixels counted, rows taken for columns."""
    right = f"`photo.stride()` is ({3 * W}, 3, 1), and permute takes these in the order 2, 0, 1"
    return [
        Slip(
            (3 * W, 3, 1),
            ("M175",),
            f"({3 * W}, 3, 1) are the strides of `photo`. permute moves no number, but it moves the axes, and each "
            f"takes its stride along: {right}.",
        ),
        *(
            Slip(
                wrong,
                ("M176",),
                f"A row of {W} pixels holds {W} * 3 = {3 * W} numbers, and a stride counts numbers: {right}.",
            )
            for wrong in ((1, W, 3), (1, W, 1))
        ),
        Slip(
            (1, 3, 3 * W),
            ("M102",),
            f"(1, 3, {3 * W}) has the column before the row. The axes of `planes` are channel, row, column: {right}.",
        ),
    ]


def permuted_strides(rng):
    """The strides after permute."""
    H, W = sides(rng, 5, 40)
    answer = (1, 3 * W, 3)
    slips = [
        Slip(
            (H * W, W, 1),
            ("M129",),
            f"({H * W}, {W}, 1) are the strides of a new tensor of shape (3, {H}, {W}). permute copies nothing: the "
            "numbers stay where they are, and each axis keeps its own stride.",
        ),
        Slip(
            (3, 1, 3 * W),
            ("M112",),
            f"(3, 1, {3 * W}) takes the strides in the order 1, 2, 0. permute lists the old axes in their new order: "
            "2, 0, 1.",
        ),
        *_permuted_more_slips(W),
    ]
    code = f"photo = torch.zeros({H}, {W}, 3)\nplanes = photo.permute(2, 0, 1)"
    return {
        **_PERMUTED_STRIDES,
        "answer": answer,
        "because": f"The strides of `photo`, ({3 * W}, 3, 1), in the order 2, 0, 1.",
        "steps": [
            "In `photo` the next channel of a pixel is 1 number further.",
            "The next column is a whole pixel further: 3 numbers.",
            f"The next row is {W} pixels further: {W} * 3 = {3 * W}. So `photo.stride()` is ({3 * W}, 3, 1).",
            f"permute takes them in its order, 2, 0, 1: {answer}.",
        ],
        "proof": f"import torch\n{code}\nprint(planes.stride())",
        "slips": gathered("shape", answer, slips),
        "figure": [{"code": code}],
    }


def format_shape(rng):
    """The shape after the memory format channels_last."""
    (H, W), N = sides(rng), rng.randint(4, 12)
    answer = (N, 3, H, W)
    slips = [
        Slip(
            (N, H, W, 3),
            ("M60",),
            f"({N}, {H}, {W}, 3) is how the numbers lie in memory now. The shape, and every index, stay as they were: "
            "(N, C, H, W).",
        ),
        Slip(
            (N, W, 3, H),
            ("M112",),
            f"({N}, {W}, 3, {H}) sends old axis 1 to place 3. permute lists the old axes in their new order: 0, 3, 1, "
            "2. channels_last changes no shape.",
        ),
    ]
    code = (
        f"photos = torch.zeros({N}, {H}, {W}, 3)\nx = photos.permute(0, 3, 1, 2)\n"
        "y = x.to(memory_format=torch.channels_last)"
    )
    return {
        "prompt": "What is the shape of `y`?",
        "kind": "shape",
        "level": "easy",
        "objective": "tell the shape from the memory format",
        "formula": "channels_last changes strides, not the shape",
        "answer": answer,
        "because": f"permute makes it {answer}, and the memory format leaves the shape alone.",
        "hint": "One of the two calls changes the order of the axes. What does the other one change?",
        "steps": [
            f"`permute(0, 3, 1, 2)` lists the old axes in their new order: {answer}.",
            "`memory_format` says how the numbers lie in memory. The shape stays.",
        ],
        "proof": f"import torch\n{code}\nprint(tuple(y.shape))",
        "slips": gathered("shape", answer, slips),
        "figure": [{"code": code}],
        "axes": ("a batch", "(N, C, H, W)"),
        "otherwise": "Follow the axes through permute; the memory format leaves the shape as it is.",
    }


_FORMAT_STRIDES = {  # what is the same for every seed
    "prompt": "After channels_last the channels of a pixel lie side by side in memory, then comes the next pixel "
    "of the row. What is `y.stride()`?",
    "kind": "shape",
    "level": "hard",
    "objective": "say what channels_last changes",
    "formula": "channels_last: (C H W, 1, C W, C)",
    "hint": "Give one stride for each axis of the shape, in its order (N, C, H, W): how far is the next picture, "
    "the next channel, the next row, the next column?",
    "asks": "strides",
    "axes": ("a batch", "one stride for each of (N, C, H, W)"),
    "otherwise": "For each axis of (N, C, H, W) ask how many numbers further the next one lies.",
}


def _format_more_slips(C, H, W):
    """What is named besides: the strides of a permuted tensor, pixels counted, rows taken for columns."""
    size = C * H * W
    return [
        Slip(
            (size, W, 1, H * W),
            ("M60",),
            f"({size}, {W}, 1, {H * W}) are the strides of `x.permute(0, 2, 3, 1)`: another shape on the same numbers. "
            "channels_last keeps the shape (N, C, H, W) and lays the numbers anew.",
        ),
        *(
            Slip(
                wrong,
                ("M176",),
                f"A row of {W} pixels holds {W}*{C} = {C * W} numbers, and a picture {H}*{C * W} = {size}: a stride "
                "counts numbers, not pixels.",
            )
            for wrong in ((size, 1, W, C), (size, 1, W, 1), (H * W, 1, W, 1))
        ),
        Slip(
            (size, 1, C, C * W),
            ("M102",),
            f"({size}, 1, {C}, {C * W}) has the column before the row. The shape is (N, C, H, W): the next row is "
            f"{C * W} numbers further, the next column {C}.",
        ),
    ]


def format_strides(rng):
    """The strides after the memory format channels_last."""
    (H, W), C, N = sides(rng, 9, 20), rng.choice((2, 3, 4)), rng.randint(5, 8)
    answer, size = (C * H * W, 1, C * W, C), C * H * W
    slips = [
        Slip(
            (size, C * W, C, 1),
            ("M60",),
            f"({size}, {C * W}, {C}, 1) would belong to a shape (N, H, W, C). The shape is still (N, C, H, W): second "
            "comes the stride of the channels, 1.",
        ),
        Slip(
            (size, H * W, W, 1),
            ("M129", "M175"),
            f"({size}, {H * W}, {W}, 1) are the strides before. channels_last changes them: all channels of a pixel "
            "now lie side by side.",
        ),
        *_format_more_slips(C, H, W),
    ]
    code = f"x = torch.zeros({N}, {C}, {H}, {W})\ny = x.to(memory_format=torch.channels_last)"
    return {
        **_FORMAT_STRIDES,
        "answer": answer,
        "because": f"Shape (N, C, H, W), and in memory the channel runs fastest: {answer}.",
        "steps": [
            "The next channel of the same pixel is 1 number further.",
            f"The next column is a pixel further: {C} numbers.",
            f"The next row is {W} pixels further: {W}*{C} = {C * W}. The next picture: {H}*{C * W} = {size}.",
            f"In the order of the shape, which stays (N, C, H, W): {answer}.",
        ],
        "proof": f"import torch\n{code}\nprint(y.stride())",
        "slips": gathered("shape", answer, slips),
        "figure": [{"code": code}],
    }


QUESTIONS = {
    "memory-order": memory_order,
    "memory-offset": memory_offset,
    "permuted-strides": permuted_strides,
    "format-shape": format_shape,
    "format-strides": format_strides,
}
