"""Lesson 11, where a stack stops: what arrives there, which layer it is, and what padding a layer takes."""

from convlab.questions.cases import apart, drawn, gathered, sequential
from convlab.questions.lesson_03.drawing import judged, size
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.lesson_11.drawing import conv_text, stopped, two_kernels
from convlab.questions.question import Slip

_ARRIVES = {  # what is the same for every seed
    "kind": "shape",
    "level": "medium",
    "objective": "read what arrives at the layer that stops",
    "formula": "padded input size = what arrives + twice the padding of the layer that stops",
    "hint": "The kernel size in the message tells which layer stopped. Has that layer padding? Who made its channels?",
    "otherwise": "Find the layer by its kernel size; take its padding off the size in the message, on both sides.",
    "axes": ("what arrives at this layer", "(N, C, H, W)"),
}
_LARGE = (((7, 5), (1, 0)), ((7, 6), (2, 1)), ((9, 7), (2, 1)), ((6, 8), (1, 2)), ((5, 7), (0, 1)), ((8, 9), (1, 2)))


def _arrives_slips(N, C, last, padded, padding):
    (h, w), (pH, pW) = padded, padding
    return [
        Slip((N, C, h, w), ("M229",), f"({h} x {w}) is the padded size: this layer has laid its padding {padding} "
             "around what arrived."),
        Slip((N, C, h - pH, w - pW), ("M03",), f"The padding {padding} lies on both sides: above and below, left and "
             "right. Take it off twice."),
        Slip((N, last, h - 2 * pH, w - 2 * pW), ("M91",), f"{last} channels are what this layer would make. What "
             f"arrives has {C}, those of the layer before."),
        Slip((1, C, h - 2 * pH, w - 2 * pW), ("M174",), f"That is one picture. {N} went in together, and a layer does "
             "not take them apart."),
    ]  # fmt: skip


def _arrives_case(rng):
    """The large kernel and its padding, the first kernel, the picture, the channels, what arrives, the batch."""

    def draw():
        (large, padding), (first, _), counts = rng.choice(_LARGE), two_kernels(rng), rng.sample((6, 8, 12, 16, 20), 3)
        h, w = (k - 2 * p - rng.randint(-3, 2) for k, p in zip(large, padding, strict=True))
        size = 2 * h + first[0] - 1 + rng.randint(0, 1), 2 * w + first[1] - 1 + rng.randint(0, 1)
        return large, padding, first, size, counts, (h, w), rng.choice((3, 4, 5))

    def fair(case):
        large, padding, first, (H, W), counts, (h, w), N = case
        padded = h + 2 * padding[0], w + 2 * padding[1]
        slips = _arrives_slips(N, counts[1], counts[2], padded, padding)
        stops = padded[0] < large[0] or padded[1] < large[1]
        sizes = [(h, w), padded, (h + padding[0], w + padding[1])]
        right = (N, counts[1], h, w)
        return (
            stops
            and H != W
            and large != first
            and all(a != b for a, b in sizes)
            and min(h, w) > 1
            and apart("shape", right, slips)
        )

    return drawn(draw, fair)


def size_arrives(rng):
    """The shape that arrives at the layer whose kernel is too large."""

    large, padding, first, (H, W), (one, C, last), (h, w), N = _arrives_case(rng)
    padded, (pH, pW) = (h + 2 * padding[0], w + 2 * padding[1]), padding
    layers = [
        conv_text(3, one, first),
        "nn.MaxPool2d(2)",
        conv_text(one, C, (1, 1)).replace("(1, 1)", "1"),
        "nn.ReLU()",
        conv_text(C, last, large, f", padding={padding}"),
    ]
    code = f"{sequential('net', layers)}\nnet(torch.rand({N}, 3, {H}, {W}))"
    message = (
        f"RuntimeError: Calculated padded input size per channel: ({padded[0]} x {padded[1]}).\n"
        f"Kernel size: ({large[0]} x {large[1]}). Kernel size can't be greater than actual input size"
    )
    answer = (N, C, h, w)
    return {
        **_ARRIVES,
        "prompt": "Which shape arrives at the layer that stops, before its own padding?",
        "answer": answer,
        "because": f"{h} x {w} arrive; the layer's padding {padding} makes {padded[0]} x {padded[1]} of them.",
        "steps": [
            f"The kernel {large[0]} x {large[1]} is that of the last layer.",
            f"Its padding is {padding}: {padded[0]} - 2*{pH} = {h} rows and {padded[1]} - 2*{pW} = {w} columns arrive.",
            f"The layer before makes {C} channels, the batch is {N}: {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{code.rpartition(chr(10))[0]}\n"
            f"print(tuple(net[:4](torch.rand({N}, 3, {H}, {W})).shape))"
        ),
        "slips": gathered("shape", answer, _arrives_slips(N, C, last, padded, padding)),
        "figure": stopped(code, message),
    }


_LEAST = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "mend a layer whose window does not fit",
    "formula": "new padding = old padding + (kernel - padded size) / 2, rounded up",
    "hint": "How many rows are missing to the kernel? The padding that is there already is counted in the message, and "
    "new rows come on both sides.",
    "otherwise": "The message counts the padding in. What is missing to the kernel is added half above, half below.",
}


def _least_slips(old, kernel, padded):
    missing = kernel - padded
    each = -(-missing // 2)
    return old + each, [
        Slip(each, ("M229",), f"{padded} is the padded size: the padding {old} that is there is in it. {each} is what "
             "has to be added to that."),
        Slip(old + missing, ("M04",), f"{missing} rows are missing in all, and the padding lies on both sides: half of "
             "it is enough."),
        Slip(old, ("M220",), f"With padding {old} it stops, as you see: {missing} rows are missing."),
    ]  # fmt: skip


def least_padding(rng):
    """The least padding of the rows with which a layer that stopped runs."""

    def draw():
        kernel, old, other = rng.choice((6, 7, 8, 9, 10)), rng.choice((1, 2, 3)), rng.choice((2, 3, 4, 5))
        return old, kernel, kernel - rng.randint(2, 5), other, rng.randint(14, 30)

    def fair(case):
        old, kernel, padded, other, *_ = case
        return padded - 2 * old > 1 and other != kernel and apart("number", *_least_slips(old, kernel, padded))

    old, kernel, padded, other, W = drawn(draw, fair)
    (answer, slips), (C, made), N = _least_slips(old, kernel, padded), rng.sample((4, 6, 8, 12), 2), rng.choice((2, 5))
    h, missing = padded - 2 * old, kernel - padded
    code = f"conv = {conv_text(C, made, (kernel, other), f', padding=({old}, 0)')}\nconv(maps)"
    message = (
        f"RuntimeError: Calculated padded input size per channel: ({padded} x {W}).\n"
        f"Kernel size: ({kernel} x {other}). Kernel size can't be greater than actual input size"
    )
    return {
        **_LEAST,
        "prompt": f"`maps` come from the layer before, {N} times {C} of them. The kernel shall stay. Which number, at "
        f"least, must stand in place of the {old} in `padding=({old}, 0)`, so that it runs?",
        "answer": answer,
        "because": f"{h} rows arrive, and {h} + 2*{answer} = {h + 2 * answer} is enough for a kernel of {kernel}.",
        "steps": [
            f"The padded size is {padded} rows, with {old} above and {old} below: {h} arrive.",
            f"The kernel has {kernel}: {kernel} - {padded} = {missing} more are needed, on two sides {missing} / 2, "
            f"rounded up: {answer - old}.",
            f"{old} + {answer - old} = {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nmaps = torch.rand({N}, {C}, {h}, {W})\nfor p in range(99, -1, -1):\n"
            f"    try:\n        nn.Conv2d({C}, {made}, ({kernel}, {other}), padding=(p, 0))(maps)\n"
            "    except RuntimeError:\n        print(p + 1)\n        break"
        ),
        "slips": gathered("number", answer, slips),
        "figure": stopped(code, message),
    }


_BREAKS = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "find the layer that stops",
    "formula": "follow the size; a convolution stops where H + 2 pH < kH or W + 2 pW < kW",
    "hint": "Write down rows and columns in front of each layer. Where does a kernel no longer fit, padding included?",
    "otherwise": "Go through the stack line by line with rows and columns; the layers are counted from 0.",
}


def _followed(layers, size, padded=True, pooled=True):
    """(the index of the layer that stops, the sizes in front of each layer until there); None where none stops."""
    sizes = [tuple(size)]
    for at, (kind, kernel, padding) in enumerate(layers):
        here = []
        for length, k, p in zip(sizes[-1], kernel, padding, strict=True):
            if kind == "pool":
                here.append(length // k if pooled else length)
            else:
                here.append(length + (2 * p if padded else 0) - k + 1)
        if min(here) < 1:
            return at, sizes
        sizes.append(tuple(here))
    return None, sizes


def _breaks_slips(layers, size):
    right, sizes = _followed(layers, size)
    unpooled, unpadded = (_followed(layers, size, **how)[0] for how in ({"pooled": False}, {"padded": False}))
    if None in (right, unpooled, unpadded):
        return None, [], sizes
    return right, [
        Slip(unpooled, ("M171",), f"You left the poolings out: each divides rows and columns, and in front of "
             f"`net[{right}]` only {sizes[-1][0]} x {sizes[-1][1]} are left."),
        Slip(unpadded, ("M168",), "You left the padding out: it is laid around what arrives, and the kernel has to fit "
             "into that."),
        Slip(right + 1, ("M101",), f"The layers of a Sequential are counted from 0: the one you mean is "
             f"`net[{right}]`."),
    ], sizes  # fmt: skip


def _breaks_case(rng):
    """A stack of convolutions and poolings, and the size of the pictures."""
    layers, count = [], rng.choice((5, 6, 7, 8))
    pools = rng.sample(range(1, count - 1), 2)
    for at in range(count):
        if at in pools:
            layers.append(("pool", (2, 2), (0, 0)))
        else:
            kernel = rng.choice(((4, 5), (5, 4), (3, 5), (5, 3), (2, 4), (4, 2), (5, 7)))
            layers.append(("conv", kernel, rng.choice(((0, 0), (0, 0), (1, 0), (0, 1), (1, 2), (2, 1)))))
    layers.append(("conv", rng.choice(((9, 11), (11, 9))), (0, 0)))
    return layers, size(rng, 11, 28)


def _calls(rng, layers):
    """The calls that make these layers, with channels drawn for them."""
    counts, texts, C = iter(rng.sample((4, 6, 8, 10, 12, 14, 16, 18, 20, 22), 10)), [], 3
    for kind, kernel, padding in layers:
        if kind == "pool":
            texts.append("nn.MaxPool2d(2)")
            continue
        before, C = C, next(counts)
        texts.append(conv_text(before, C, kernel, f", padding={padding}" if any(padding) else ""))
    return texts


def which_breaks(rng):
    """The index of the layer that stops in a stack."""

    def fair(case):
        right, slips, sizes = _breaks_slips(*case)
        return right is not None and right > 2 and sizes[-1][0] != sizes[-1][1] and apart("number", right, slips)

    layers, (H, W) = drawn(lambda: _breaks_case(rng), fair)
    answer, slips, sizes = _breaks_slips(layers, (H, W))
    texts = _calls(rng, layers)
    (kind, kernel, padding), (h, w) = layers[answer], sizes[-1]
    code, N = sequential("net", texts), rng.choice((2, 5))
    way = "; ".join(f"in front of `net[{at}]` {a} x {b}" for at, (a, b) in enumerate(sizes[1:], 1))
    inside = "A pooling needs a whole window" if kind == "pool" else f"With its padding {padding} that is"
    last = (
        f"{inside}: a window of 2 x 2 does not fit into {h} x {w}."
        if kind == "pool"
        else f"{inside} {h + 2 * padding[0]} x {w + 2 * padding[1]}, and its kernel is {kernel[0]} x {kernel[1]}."
    )
    return {
        **_BREAKS,
        "prompt": f"`net(torch.rand({N}, 3, {H}, {W}))` stops with an error. At which layer does it stop? Type its "
        "index: 0 is the first.",
        "answer": answer,
        "because": f"In front of `net[{answer}]` {h} x {w} are left, and its window no longer fits.",
        "steps": [
            f"{H} x {W} go into `net[0]`; a convolution takes `kH - 1` rows and `kW - 1` columns, less its padding on "
            "both sides.",
            "A pooling divides rows and columns by 2 and rounds down.",
            f"{way[0].upper()}{way[1:]}.",
            last,
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{code}\nx = torch.rand({N}, 3, {H}, {W})\n"
            "for at, layer in enumerate(net):\n    try:\n        x = layer(x)\n    except RuntimeError:\n"
            "        print(at)\n        break"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [{"code": code}],
    }


_RUNS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "tell which padding is refused",
    "formula": "Conv2d: any padding of 0 or more; pooling: at most half the window; reflect: less than the axis; same: "
    "stride 1",
    "because": "A convolution takes any padding of zeros, an even kernel, and a stride that leaves rows over. Refused "
    'are: pooling with more than half its window, "reflect" as long as the axis, "same" with a stride.',
    "hint": "Ask of each: convolution or pooling? How large is the padding beside the window, or beside the picture?",
    "otherwise": "Four rules: zeros around a convolution are free; a pooling takes half its window; a mirror needs "
    'picture to show; "same" needs stride 1.',
}


def _lines(rng, C, H, W):
    """Lines, two versions or more of each matter: (text, holds, the mistake behind being wrong about it, why)."""
    (a, b), made = rng.sample((2, 3, 4), 2), rng.choice([it for it in (8, 10, 12) if it != C])
    p, q = rng.sample((3, 4, 5, 6), 2)
    free = f"Rows of zeros may be as many as you like around a convolution: {p} above and {p} below are fine."
    left = "A stride that does not divide leaves rows or columns over at the end, and they are not read: no error."
    even = "An even kernel is a kernel like any other. Only the same size back it cannot give with equal padding."
    half = f"A window of {a} x {b} takes at most {a // 2} and {b // 2} as padding."
    pool = rng.choice(("nn.MaxPool2d", "nn.AvgPool2d"))
    head = f"nn.Conv2d({C}, {made}, kernel_size="
    reflect = ", padding_mode='reflect')(x)"
    return [
        [(f"{head}(3, 2), padding=({p}, {q}))(x)", True, "M18", free)],
        [
            (f"{head}(3, 5), stride=({p}, {q}))(x)", True, "M07", left),
            (f"{head}(4, 2))(x)", True, "M17", even),
        ],
        [
            (f"{pool}(({a}, {b}), padding=({a // 2}, {b // 2}))(x)", True, "M223", half),
            (f"{pool}(({a}, {b}), padding=({a // 2 + 1}, {b // 2}))(x)", False, "M223", half),
            (f"{pool}(({a}, {b}), padding=({a // 2}, {b // 2 + 1}))(x)", False, "M223", half),
        ],
        [
            (f"{head}(2, 3), padding=({H - 1}, 1){reflect}", True, "M170", f"A mirror shows what is there: of {H} rows "
             f"it can repeat {H - 1}."),
            (f"{head}(2, 3), padding=({H}, 1){reflect}", False, "M170", f"A mirror shows what is there: of {H} rows "
             f"it can repeat {H - 1}, and not {H}."),
        ],
        [
            (f"{head}(3, 5), padding='same')(x)", True, "M10", "With stride 1 PyTorch works out the padding itself."),
            (f"{head}(3, 5), stride=(2, 1), padding='same')(x)", False, "M10", 'ValueError: "same" and a stride above '
             "1 do not go together in PyTorch."),
        ],
    ]  # fmt: skip


def padding_runs(rng):
    """Which lines run: padding of convolutions and of poolings."""
    C, (H, W) = rng.choice((3, 4, 6)), size(rng, 9, 20)
    matters = _lines(rng, C, H, W)
    fields = to_tick(rng, rng.sample(matters, rng.choice((4, 5))))
    shape = (rng.choice((2, 5)), C, H, W)
    return {
        **_RUNS,
        **fields,
        "prompt": f"`x` has the shape {shape}. Tick every line that runs without an error.",
        "steps": [
            "Around a convolution zeros are free, however many; a kernel may be even, a stride need not divide.",
            "A pooling takes at most half its window as padding, rounded down, on each axis.",
            f'"reflect" needs fewer rows than there are, here {H}; "same" needs stride 1.',
        ],
        "proof": (
            "import torch\nfrom torch import nn\n"
            f"x = torch.ones{shape}\nfor line in {fields['options']}:\n    try:\n        eval(line)\n"
            "    except (ValueError, RuntimeError):\n        continue\n    print(line)"
        ),
    }


def myth_pool(rng):
    """Whether a pooling, or a convolution of the same window, takes this padding."""
    pool = rng.random() < 0.7
    k, other = rng.sample((2, 3, 4, 5, 6), 2)
    much, axis = rng.random() < (0.6 if pool else 1), rng.randrange(2)
    kernel, padding = [k, other], [k // 2, other // 2]
    padding[axis] += 1 if much else 0
    if padding[0] == padding[1]:
        padding[1 - axis] -= 1
    kernel, padding, C, (H, W) = tuple(kernel), tuple(padding), rng.choice((3, 5, 6)), size(rng)
    name = rng.choice(("MaxPool2d", "AvgPool2d"))
    call = f"nn.{name}({kernel}, padding={padding})" if pool else conv_text(C, 8, kernel, f", padding={padding}")
    holds, says = not (pool and much), rng.random() < 0.5
    limit = f"({kernel[0] // 2}, {kernel[1] // 2})"
    line = (
        f"A pooling takes at most half its window, {limit} here, and this one has {padding}."
        if pool
        else "A convolution takes any padding of zeros. The rule of half the window is that of pooling."
    )
    return judged(
        holds == says,
        f"`{call}` {'takes a batch' if says else 'stops with an error at a batch'} of shape "
        f"({rng.choice((2, 4, 7))}, {C}, {H}, {W}).",
        "M223",
        line,
        objective="know the padding that a pooling takes",
        formula="MaxPool2d and AvgPool2d: padding <= window // 2; Conv2d: no such rule",
        because=line,
        hint="Is it a pooling? Then set its padding beside half of its window, on each axis.",
        steps=[
            f"This is a {'pooling' if pool else 'convolution'} with a window of {kernel[0]} x {kernel[1]}.",
            f"Half of it, rounded down, is {limit}; the padding is {padding}: it {'runs' if holds else 'is refused'}.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\ntry:\n    {call}(torch.ones(2, {C}, {H}, {W}))\n    runs = True\n"
            f"except RuntimeError:\n    runs = False\nprint(runs == {says})"
        ),
    )


QUESTIONS = {
    "size-arrives": size_arrives,
    "least-padding": least_padding,
    "which-breaks": which_breaks,
    "padding-runs": padding_runs,
    "myth-pool": myth_pool,
}
