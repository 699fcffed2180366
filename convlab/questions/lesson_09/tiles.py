"""Lesson 09, what libraries do: a tile of columns at a time, sums that hold no columns, and Winograd's shortcut."""

from convlab.questions.cases import apart, drawn, gathered
from convlab.questions.lesson_03.drawing import layer, size, ticked
from convlab.questions.lesson_09.matrix import IMPORTS, places_of
from convlab.questions.question import Slip

_TILE = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "say what a tile of columns takes",
    "formula": "C_in * kH * kW * places of the tile * 4 bytes",
    "hint": "How many columns are there at a time, and how many numbers in each? How many bytes is a float32?",
    "asks": "a number of bytes",
    "otherwise": "Only the columns of one tile exist at a time: their height, times how many they are, times 4 bytes.",
}


def _tile_slips(N, C_in, kernel, places, tile):
    rows = C_in * kernel[0] * kernel[1]
    return rows * tile * 4, [
        Slip(rows * tile, ("M200",), "So many numbers are they. A float32 takes 4 bytes."),
        Slip(rows * places * 4, ("M209",), f"Those are the columns of a whole picture. A tile has {tile} of them, and "
             "the next tile takes their place."),
        Slip(N * rows * places * 4, ("M209",), "Those are all columns of the batch, as `F.unfold` makes them. A tile "
             f"has {tile} of them, and the next tile takes their place."),
        Slip(N * rows * tile * 4, (), f"You counted all {N} pictures. The tile holds places of one picture."),
        Slip(kernel[0] * kernel[1] * tile * 4, ("M34",), f"A column holds all {C_in} channels: {rows} numbers."),
    ]  # fmt: skip


def tile_memory(rng):
    """How many bytes of columns a tile takes."""

    def draw():
        C_in, C_out, kernel = layer(rng, (3, 4, 5, 6, 8, 16))
        return rng.choice((4, 8, 16)), (C_in, C_out, kernel), size(rng, 20, 60, kernel=kernel), rng.choice((8, 16, 32))

    def fair(case):
        N, (C_in, _, kernel), (H, W), tile = case
        h, w = places_of((H, W), kernel)
        right, slips = _tile_slips(N, C_in, kernel, h * w, tile)
        return apart("number", right, slips)

    N, (C_in, C_out, (kH, kW)), (H, W), tile = drawn(draw, fair)
    (h, w), rows = places_of((H, W), (kH, kW)), C_in * kH * kW
    answer, slips = _tile_slips(N, C_in, (kH, kW), h * w, tile)
    return {
        **_TILE,
        "prompt": f"A library computes `nn.Conv2d({C_in}, {C_out}, kernel_size={kH, kW})` on a batch of shape "
        f"{(N, C_in, H, W)} in float32. It makes the columns of {tile} places of one picture, multiplies, and then "
        f"makes those of the next {tile} in their place. How many bytes do the columns take that exist at one time?",
        "answer": answer,
        "because": f"{tile} columns of {rows} numbers, 4 bytes each; `F.unfold` would hold {N * rows * h * w * 4} "
        "bytes.",
        "steps": [
            f"A column holds {C_in} * {kH} * {kW} = {rows} numbers.",
            f"In bytes, {tile} of them: {tile} * {rows} * 4 = {answer}.",
        ],
        "proof": (
            f"{IMPORTS}x = torch.zeros{(N, C_in, H, W)}\ncolumns = F.unfold(x[:1], {kH, kW})[0, :, :{tile}]\n"
            "print(columns.numel() * columns.element_size())"
        ),
        "slips": gathered("number", answer, slips),
    }


_NEEDS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say who holds all columns at once",
    "formula": "F.unfold on the whole batch holds all columns; sums by tap, channel, row or picture do not",
    "because": "The same sums can be made with all columns in memory, with a part of them at a time, or with none.",
    "hint": "On what is `F.unfold` called: on the whole batch with all channels and rows, or on a part? Or on nothing?",
    "otherwise": "Look for `F.unfold` of the whole `x`.",
}
_ALL = "`F.unfold` of the whole batch makes every column of every picture before the product begins."


def _ways(C_in, kernel, places):
    """Line -> (does it hold all columns at once, the mistake behind being wrong about it, why)."""
    (kH, kW), (h, w) = kernel, places
    part = "Here only a part of the columns exists at a time: those of one"
    return {
        f"rows @ F.unfold(x, {kernel})": (True, "M84", _ALL),
        f"F.unfold(x, {kernel}).transpose(1, 2) @ rows.T": (True, "M84", _ALL),
        f"torch.einsum('or,nrl->nol', rows, F.unfold(x, {kernel}))": (True, "M84", _ALL),
        f"torch.stack([rows @ F.unfold(picture, {kernel}) for picture in x])": (False, "M209", f"{part} picture."),
        f"torch.cat([rows @ F.unfold(x[:, :, i : i + {kH}], {kernel}) for i in range({h})], 2)": (
            False, "M209", f"{part} row of places."),
        f"sum(rows[:, {kH * kW} * c : {kH * kW} * (c + 1)] @ F.unfold(x[:, c : c + 1], {kernel}) "
        f"for c in range({C_in}))": (False, "M209", f"{part} channel."),
        f"sum(weight[:, c, u, v].reshape(-1, 1, 1) * x[:, c : c + 1, u : u + {h}, v : v + {w}] "
        f"for c in range({C_in}) for u in range({kH}) for v in range({kW}))": (
            False, "M209", "Here is no column at all: each weight is multiplied with a part of `x` as it lies there."),
    }  # fmt: skip


def needs_columns(rng):
    """Which lines hold all columns in memory at once."""

    def fair(case):
        (C_in, C_out, (kH, kW)), (H, W), _ = case
        h, w = places_of((H, W), (kH, kW))
        return h != w and 2 * C_out < C_in * kH * kW

    (C_in, C_out, kernel), (H, W), N = drawn(
        lambda: (layer(rng, (2, 3, 4, 5, 6)), size(rng, 10, 16), rng.randint(2, 4)), fair
    )
    ways, shape = _ways(C_in, kernel, places_of((H, W), kernel)), (N, C_in, H, W)
    options = drawn(
        lambda: rng.sample(list(ways), rng.choice((4, 5))),
        lambda kept: 0 < sum(ways[it][0] for it in kept) < len(kept),
    )
    answer = [line for line in options if ways[line][0]]
    slips, per_option = ticked(options, answer, {line: ways[line][1:] for line in options})
    return {
        **_NEEDS,
        "prompt": f"`x` has the shape {shape}, `weight` has the shape {(C_out, C_in, *kernel)}, and `rows = "
        f"weight.reshape({C_out}, -1)`. Each of these lines makes the numbers of `F.conv2d(x, weight)`. Which of them "
        "have the columns of all windows in memory at one time? Tick all.",
        "answer": answer,
        "steps": [
            "`F.unfold` of the whole `x` makes all columns: those lines hold them at one time.",
            "Of a picture, a row of places or a channel it makes a part, and the next part takes its place.",
            "Sums of shifted inputs make no column at all.",
        ],
        "proof": _needs_proof(shape, (C_out, C_in, *kernel), options),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }


def _needs_proof(shape, weight, options):
    """Every line is run, and the largest tensor that PyTorch makes on the way is compared with the columns."""
    return (
        f"{IMPORTS}from torch.utils._python_dispatch import TorchDispatchMode\n"
        "from torch.utils._pytree import tree_leaves\n\n"
        "class Largest(TorchDispatchMode):\n    numbers = 0\n"
        "    def __torch_dispatch__(self, function, types, args=(), kwargs=None):\n"
        "        made = function(*args, **(kwargs or {}))\n"
        "        for it in tree_leaves(made):\n"
        "            self.numbers = max(self.numbers, it.untyped_storage().nbytes() // it.element_size())\n"
        "        return made\n\n"
        f"x, weight, found = torch.randn{shape}.double(), torch.randn{weight}.double(), []\n"
        f"rows, wanted = weight.reshape({weight[0]}, -1), F.unfold(x, {weight[2:]}).numel()\n"
        f"for line in {options}:\n    with Largest() as largest:\n        made = eval(line)\n"
        "    assert torch.allclose(made.sum(), F.conv2d(x, weight).sum())\n"
        "    if largest.numbers >= wanted:\n        found.append(line)\nprint('; '.join(found))"
    )


_WINOGRAD = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "count the multiplications of Winograd's F(2, 3)",
    "formula": "F(2, 3): 4 multiplications for 2 outputs of 3 taps",
    "hint": "How many pairs of neighbouring outputs are there? Each pair takes 4 multiplications.",
    "otherwise": "The places of a row, in pairs, 4 for each pair; times the rows.",
}


def _winograd_slips(H, W):
    w = W - 2
    return H * w * 2, [
        Slip(H * w * 3, ("M209",), "So many make the loops and im2col: 3 for each output. This way needs 4 for two "
             "outputs together."),
        Slip(H * w * 4, (), "You took 4 for each output. Two neighbouring outputs share 4."),
        Slip(H * W * 2, ("M01",), f"You counted {W} outputs in a row. The window has {W} - 3 + 1 = {w} places."),
    ]  # fmt: skip


def winograd_row(rng):
    """How many multiplications Winograd's way takes for rows of three taps."""
    H, W = drawn(lambda: (rng.randint(5, 30), rng.randrange(10, 42, 2)), lambda it: it[0] not in (it[1], it[1] - 2))
    (answer, slips), w = _winograd_slips(H, W), W - 2
    return {
        **_WINOGRAD,
        "prompt": f"`nn.Conv2d(1, 1, kernel_size=(1, 3))` gets a picture of {H} x {W}. Winograd's way makes two "
        "neighbouring outputs of a row with 4 multiplications and some additions, where 6 multiplications were needed. "
        "How many multiplications does the whole output take?",
        "answer": answer,
        "because": f"{H} rows with {w // 2} pairs each, 4 for a pair. What is saved is paid in additions.",
        "steps": [
            f"A row has {W} - 3 + 1 = {w} outputs, {w} / 2 = {w // 2} pairs.",
            f"In {H} rows: {H} * {w // 2} * 4 = {answer}.",
        ],
        "proof": (
            f"{IMPORTS}x, (a, b, c) = torch.randn(1, 1, {H}, {W}).double(), torch.randn(3).double()\ncount = 0\n\n"
            "def times(numbers, weight):\n    global count\n    count += numbers.numel()\n"
            "    return numbers * weight\n\n"
            f"p, q, r, s = (x[..., v : v + {w - 1} : 2] for v in range(4))\n"
            "one, four = times(p - r, a), times(q - s, c)\n"
            "two, three = times(q + r, (a + b + c) / 2), times(r - q, (a - b + c) / 2)\n"
            "made = torch.stack([one + two + three, two - three - four], -1).flatten(3)\n"
            "assert torch.allclose(made, F.conv2d(x, torch.stack([a, b, c])[None, None, None]))\nprint(count)"
        ),
        "slips": gathered("number", answer, slips),
    }


QUESTIONS = {"tile-memory": tile_memory, "needs-columns": needs_columns, "winograd-row": winograd_row}
