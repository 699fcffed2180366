"""Lesson 09, what the columns cost in memory, in numbers and in bytes, and who has to hold them all."""

from math import prod

from convlab.questions.cases import apart, drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import judged, layer, made, size
from convlab.questions.lesson_09.matrix import IMPORTS, places_of
from convlab.questions.question import Slip

_ODD = ((3, 5), (5, 3), (1, 3), (3, 1), (5, 7), (7, 5), (1, 5), (5, 1))

_MEMORY = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "say what im2col stores",
    "formula": "N * (C_in * kH * kW) * (H_out * W_out) numbers",
    "hint": "How many columns are there, and how many numbers stand in one?",
    "otherwise": "The numbers of one window, times the places of one picture, times the pictures.",
}


def _memory_slips(N, C_in, sides, kernel):
    (H, W), (kH, kW), (h, w) = sides, kernel, places_of(sides, kernel)
    each = C_in * kH * kW
    return N * each * h * w, [
        Slip(N * C_in * H * W, ("M84",), "So many numbers has the input. The columns hold a copy of a number for every "
             "window it lies in."),
        Slip(N * each * H * W, ("M86",), f"You counted a column for each of {H} * {W} = {H * W} pixels. There are "
             f"{h} * {w} = {h * w} places."),
        Slip(N * kH * kW * h * w, ("M34",), f"A column holds the window of all channels: {C_in} * {kH} * {kW} = {each} "
             "numbers."),
        Slip(each * h * w, ("M174",), f"That is one picture. The batch has {N}."),
    ]  # fmt: skip


def columns_memory(rng):
    """How many numbers the columns of a batch hold."""

    def fair(case):
        N, (C_in, _, kernel), sides = case
        right, slips = _memory_slips(N, C_in, sides, kernel)
        return apart("number", right, slips)

    N, (C_in, C_out, (kH, kW)), (H, W) = drawn(
        lambda: (rng.randint(2, 9), layer(rng), size(rng, 8, 24, kernel=(3, 4))), fair
    )
    (answer, slips), (h, w) = _memory_slips(N, C_in, (H, W), (kH, kW)), places_of((H, W), (kH, kW))
    each = C_in * kH * kW
    return {
        **_MEMORY,
        "prompt": f"`{made(C_in, C_out, (kH, kW))}` gets a batch of shape {(N, C_in, H, W)}, and is computed by "
        "im2col. How many numbers do the columns hold, for the whole batch?",
        "answer": answer,
        "because": f"{N} pictures with {h * w} columns each, and {each} numbers in a column. The filters do not "
        "count: all of them use the same columns.",
        "steps": [
            f"The window has {h} * {w} = {h * w} places: so many columns for a picture.",
            f"A column holds {C_in} * {kH} * {kW} = {each} numbers.",
            f"In the batch: {N} * {h * w} * {each} = {answer}.",
        ],
        "proof": f"{IMPORTS}print(F.unfold(torch.zeros{(N, C_in, H, W)}, {kH, kW}).numel())",
        "slips": gathered("number", answer, slips),
    }


_BYTES = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "say what im2col stores",
    "formula": "bytes = (numbers in the columns - numbers in the input) * element_size",
    "hint": "Count the numbers of both first. How many bytes does a number of this type take?",
    "asks": "a number of bytes",
    "otherwise": "The numbers in the columns, less those in the input; times 4 for float32, 8 for float64.",
}
_TYPES = {"torch.float32": 4, "torch.float64": 8}


def _bytes_slips(shape, kernel, each):
    (N, C_in, H, W), (kH, kW), (h, w) = shape, kernel, places_of(shape[2:], kernel)
    columns, input = N * C_in * kH * kW * h * w, N * C_in * H * W
    return (columns - input) * each, [
        Slip(columns - input, ("M200",), f"So many numbers are they, not bytes: a number of this type takes {each}."),
        Slip((columns - input) * (12 - each), ("M200",), f"A number of this type takes {each} bytes, not {12 - each}."),
        Slip(columns * each, (), f"So many bytes are the columns. Asked is by how many they are larger: take the "
             f"{input} numbers of the input away."),
        Slip((columns // N - input // N) * each, ("M174",), f"That is one picture. The batch has {N}."),
        Slip(0, ("M84",), "The columns are larger than the input: each number is copied once for every window it lies "
             "in."),
        Slip((N * C_in * kH * kW * H * W - input) * each, ("M86",), f"You counted a column for each of {H * W} pixels. "
             f"There are {h} * {w} = {h * w} places."),
    ]  # fmt: skip


def columns_bytes(rng):
    """By how many bytes the columns are larger than the input."""

    def draw():
        C_in, _, kernel = layer(rng, (2, 3, 4, 5, 6))
        return (rng.randint(2, 8), C_in, *size(rng, 8, 20, kernel=(3, 4))), kernel, rng.choice(list(_TYPES))

    def fair(case):
        shape, kernel, dtype = case
        right, slips = _bytes_slips(shape, kernel, _TYPES[dtype])
        return right > 0 and apart("number", right, slips)

    shape, (kH, kW), dtype = drawn(draw, fair)
    (N, C_in, H, W), each, (h, w) = shape, _TYPES[dtype], places_of(shape[2:], (kH, kW))
    answer, slips = _bytes_slips(shape, (kH, kW), each)
    columns, input = N * C_in * kH * kW * h * w, prod(shape)
    return {
        **_BYTES,
        "prompt": f"`x` has the shape {shape} and the type `{dtype}`. By how many bytes is `F.unfold(x, {kH, kW})` "
        "larger than `x`?",
        "answer": answer,
        "because": f"{columns} numbers in place of {input}, {each} bytes each.",
        "steps": [
            f"The columns: {N} * {C_in} * {kH} * {kW} * {h} * {w} = {columns} numbers.",
            f"The input: {N} * {C_in} * {H} * {W} = {input} numbers.",
            f"The difference: {columns} - {input} = {columns - input} numbers.",
            f"{dtype.removeprefix('torch.')} takes {each} bytes: {columns - input} * {each} = {answer}.",
        ],
        "proof": (
            f"{IMPORTS}x = torch.zeros({shape}, dtype={dtype})\ncolumns = F.unfold(x, {kH, kW})\n"
            "print(columns.numel() * columns.element_size() - x.numel() * x.element_size())"
        ),
        "slips": gathered("number", answer, slips),
    }


_SIZES = {  # what is the same for every seed
    "kind": "order",
    "level": "medium",
    "objective": "say what im2col stores",
    "formula": "numbers in the columns: kH kW / (sH sW) for each number of the input, where the padding keeps the size",
    "hint": "How many numbers does each put into a column, and how many columns has it? A stride makes fewer columns.",
    "otherwise": "kH * kW numbers of each channel in a column; a stride of (1, 2) leaves half of the columns.",
}


def _stored(case, sides):
    """How many numbers of each channel the columns hold, for each of some (kernel, stride)."""
    return [prod(kernel) * prod(places_of(sides, kernel, s, [k // 2 for k in kernel])) for kernel, s in case]


def _four_layers(rng):
    kernels = rng.sample(_ODD, 4)
    strides = rng.sample([(1, 1), (1, 1), rng.choice(((1, 2), (2, 1))), rng.choice(((2, 3), (3, 2), (2, 4)))], 4)
    return tuple(zip(kernels, strides, strict=True))


def _apart(case, sides):
    """True when no two store as much, and neither the kernels alone nor the order turned round is right."""
    counts, areas = _stored(case, sides), [prod(kernel) for kernel, _ in case]
    right, by_area = (sorted(range(4), key=those.__getitem__) for those in (counts, areas))
    return len(set(counts)) == len(set(areas)) == 4 and by_area not in (right, right[::-1])


def columns_order(rng):
    """Four layers by the size of their columns."""
    (H, W), C_in = rng.choice(((24, 36), (36, 24), (24, 48), (48, 36))), rng.choice((3, 4, 6, 8))
    case = drawn(lambda: _four_layers(rng), lambda case: _apart(case, (H, W)))
    counts = _stored(case, (H, W))
    texts = [
        f"kernel_size={kernel}, padding={tuple(k // 2 for k in kernel)}" + (f", stride={s}" if s != (1, 1) else "")
        for kernel, s in case
    ]
    by_count, by_area = (
        [texts[at] for at in sorted(range(4), key=those.__getitem__)]
        for those in (counts, [prod(kernel) for kernel, _ in case])
    )
    slips = [
        Slip(by_area, ("M86",), "That is the order of the columns' heights. There is a column for each place, and a "
             "stride leaves fewer places."),
        Slip(by_count[::-1], ("M84",), "That is the order turned round. A larger kernel copies each number more often, "
             "a larger stride less often."),
    ]  # fmt: skip
    options = drawn(lambda: shuffled(rng, by_count), lambda it: it not in (by_count, by_area, by_count[::-1]))
    each = [f"{text}: {C_in * count}" for text, count in sorted(zip(texts, counts, strict=True), key=lambda it: it[1])]
    return {
        **_SIZES,
        "prompt": f"Four layers `nn.Conv2d({C_in}, 5, ...)` get the same picture of shape {(1, C_in, H, W)}. Put their "
        "settings in order, from the fewest numbers in im2col's columns to the most.",
        "answer": by_count,
        "because": "A column is as high as the window has numbers, and there are as many columns as places.",
        "steps": [
            "The paddings keep the size, so without a stride there is a place for each pixel.",
            "A stride divides the places: (1, 2) leaves half of them, (2, 3) a sixth.",
            f"Numbers in the columns: {'; '.join(each)}.",
        ],
        "proof": (
            f"{IMPORTS}x = torch.zeros(1, {C_in}, {H}, {W})\n\n"
            "def unfolded(kernel_size, padding, stride=1):\n"
            "    return F.unfold(x, kernel_size, padding=padding, stride=stride).numel()\n\n"
            f"print('; '.join(sorted({options}, key=lambda it: eval(f'unfolded({{it}})'))))"
        ),
        "slips": tuple(slips),
        "options": options,
    }


def myth_memory(rng):
    """Whether the columns hold more or fewer numbers than the input."""
    more, holds = rng.random() < 0.6, rng.random() < 0.5
    pairs = ((1, 2), (2, 1), (2, 3), (3, 2), (3, 4), (4, 3), (3, 5), (5, 3), (1, 3), (3, 1))

    def fair(case):
        sides, kernel, stride, _ = case
        h, w = places_of(sides, kernel, stride)
        factor = prod(kernel) * h * w / prod(sides)
        return h != w and (factor > 1.2 if more else factor < 0.9) and (not more or stride != (1, 1))

    (H, W), kernel, stride, C_in = drawn(
        lambda: (rng.sample(range(12, 30), 2), rng.choice(pairs), rng.choice(((1, 2), (2, 1), (2, 3), (3, 2), (3, 4))),
                 rng.choice((2, 3, 4))), fair
    )  # fmt: skip
    h, w = places_of((H, W), kernel, stride)
    columns, input = C_in * prod(kernel) * h * w, C_in * H * W
    line = f"The columns hold {columns} numbers, the input {input}: " + (
        "numbers that lie in several windows are stored several times."
        if more
        else "the windows lie so far apart that most numbers are in none of them."
    )
    return judged(
        holds,
        f"`x` has the shape {(1, C_in, H, W)}. `F.unfold(x, {kernel}, stride={stride})` holds "
        f"{'more' if more == holds else 'fewer'} numbers than `x`.",
        "M84",
        line,
        objective="say what im2col stores",
        formula="kH kW H_out W_out beside H W",
        because=line,
        hint="How many numbers are in a column, how many columns are there? And how many numbers are in the input?",
        steps=[
            f"{h} * {w} = {h * w} columns of {C_in} * {kernel[0]} * {kernel[1]} = {C_in * prod(kernel)} numbers: "
            f"{h * w} * {C_in * prod(kernel)} = {columns}.",
            f"The input has {C_in} * {H} * {W} = {input}.",
        ],
        proof=(
            f"{IMPORTS}x = torch.zeros(1, {C_in}, {H}, {W})\n"
            f"print(F.unfold(x, {kernel}, stride={stride}).numel() {'>' if more == holds else '<'} x.numel())"
        ),
    )


QUESTIONS = {
    "columns-memory": columns_memory,
    "myth-memory": myth_memory,
    "columns-bytes": columns_bytes,
    "columns-order": columns_order,
}
