"""Lesson 11, what a message says: two numbers that disagree, and which of them has to be changed."""

from convlab.questions.cases import apart, counted, drawn, gathered, sequential
from convlab.questions.lesson_03.drawing import size
from convlab.questions.lesson_11.drawing import (
    channels_message,
    conv_text,
    number_that_runs,
    product_message,
    shrunk,
    stopped,
    two_kernels,
)
from convlab.questions.question import Slip

_WRONG = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "read from the message which argument is wrong",
    "formula": "channels: expected is what the weight has, got is what arrives; in_channels = what arrives",
    "hint": "Two numbers of channels stand in the message: one comes from the layer, one from what arrives. Which is "
    "which?",
    "otherwise": "Look for the words `but got`: so many channels arrive, and so many the layer has to take.",
}


def _two_layers(rng):
    """A batch, its size, two kernels, and what two layers make."""
    N, kernels = rng.choice((2, 4, 5)), two_kernels(rng)
    H, W = size(rng, 24, 40, kernel=kernels[0])
    first, second = rng.sample((6, 8, 12, 16, 20, 24), 2)
    return N, H, W, kernels, first, second


def _stopped_at_the_second(N, H, W, kernels, weight_in, arrives, C_out):
    (kH, kW), (h, w) = kernels[1], shrunk((H, W), kernels[0])
    return channels_message((C_out, weight_in, kH, kW), (N, arrives, h, w))


def wrong_argument(rng):
    """The in_channels that a message asks for."""
    N, H, W, kernels, first, second = _two_layers(rng)

    def code(number):
        layers = [conv_text(3, first, kernels[0]), "nn.ReLU()", conv_text(number, second, kernels[1])]
        return f"pictures = torch.rand({N}, 3, {H}, {W})\n{sequential('net', layers)}\nnet(pictures)"

    h, w = shrunk((H, W), kernels[0])
    slips = [
        Slip(3, ("M43",), f"The pictures have 3 channels, and only the first layer meets them. It makes {first} of "
             "them, and those arrive here."),
        Slip(second, ("M91",), f"{second} is out_channels of this layer, what it makes. in_channels is what it gets: "
             f"{first}."),
        Slip(N, ("M141",), f"{N} is the size of the batch, the first number of `input[{N}, {first}, {h}, {w}]`. The "
             "channels are the second one."),
    ]  # fmt: skip
    return {
        **_WRONG,
        "prompt": "The pictures are right, and so is the first layer. Which number must stand in place of the 3 in the "
        "second `nn.Conv2d`?",
        "answer": first,
        "because": f"{first} channels arrive, as many as the layer before makes.",
        "steps": [
            f"The weight [{second}, 3, ...] belongs to the second layer: it expects 3 channels.",
            f"But it got {first}: so many the first layer makes, and so many the second has to take.",
        ],
        "proof": number_that_runs(code("?")),
        "slips": gathered("number", first, slips),
        "figure": stopped(code(3), _stopped_at_the_second(N, H, W, kernels, 3, first, second)),
    }


_EARLIER = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "mend the layer before the one that stops",
    "formula": "out_channels of the layer before = in_channels of the layer that shall stay",
    "hint": "Which layer may not be changed? How many channels does it expect, and who makes them?",
    "otherwise": "The layer that stops shall stay as it is. Read in the message what it expects.",
}


def earlier_layer(rng):
    """The out_channels that an earlier layer needs, where the one that stops is right."""
    N, H, W, kernels, first, second = _two_layers(rng)
    wanted = rng.choice([it for it in (5, 7, 9, 10, 14, 18, 28, 32) if it not in (first, second, N)])

    def code(number):
        layers = [conv_text(3, number, kernels[0]), "nn.ReLU()", "trained"]
        made = f"trained = {conv_text(wanted, second, kernels[1])}   # then its weight is loaded"
        return f"pictures = torch.rand({N}, 3, {H}, {W})\n{made}\n{sequential('net', layers)}\nnet(pictures)"

    slips = [
        Slip(first, ("M220",), f"{first} stands there, and does not fit: `trained` expects {wanted}. It is the layer "
             "that stops, and it is right; the one before it has to be changed."),
        Slip(second, ("M91",), f"{second} is what `trained` makes. What it expects is the second number of its weight, "
             f"{wanted}."),
        Slip(3, ("M43",), f"3 are the colours of the pictures. `trained` does not meet the pictures, and expects "
             f"{wanted} channels."),
    ]  # fmt: skip
    return {
        **_EARLIER,
        "prompt": "The weight of `trained` was loaded from a file, so this layer shall stay as it is. Which number "
        f"must stand in place of the {first} in the other `nn.Conv2d`?",
        "answer": wanted,
        "because": f"`trained` expects {wanted} channels, and the layer before it has to make them.",
        "steps": [
            f"The weight [{second}, {wanted}, ...] is that of `trained`: it expects {wanted} channels.",
            f"It got {first} from the layer before: that one has to make {wanted}.",
        ],
        "proof": number_that_runs(code("?")),
        "slips": gathered("number", wanted, slips),
        "figure": stopped(code(first), _stopped_at_the_second(N, H, W, kernels, wanted, first, second)),
    }


_MANY = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "find the faults behind the first one",
    "formula": "wrong layers: those whose in_channels are not the out_channels before them, from the first to the last",
    "hint": "A message names one layer. Go on from there: do the others fit what the layer before them makes?",
    "otherwise": "Compare, layer by layer: what does the one before make, and what does this one take?",
}


def _counts(pairs):
    """How many layers are wrong, and how many who holds a mistake finds."""
    before = [3, *(C_out for _, C_out in pairs)]
    return {
        "right": sum(C_in != made for (C_in, _), made in zip(pairs, before, strict=False)),
        "M43": sum(C_in != 3 for C_in, _ in pairs),
        "M28": sum(C_in != C_out for C_in, C_out in pairs),
    }


def _chain(rng):
    """(in_channels, out_channels) of layers in a row; some have 3 where the layer before makes another number."""

    def draw():
        outs = rng.sample((4, 6, 8, 10, 12, 16, 20, 24), rng.choice((5, 6)))
        right = [3, *outs[:-1]]
        wrong = set(rng.sample(range(1, len(outs)), rng.choice((2, 3, 4))))
        return [(3 if at in wrong else C_in, C_out) for at, (C_in, C_out) in enumerate(zip(right, outs, strict=True))]

    def fair(pairs):
        return len({*_counts(pairs).values(), 1}) == 4

    return drawn(draw, fair)


def how_many_wrong(rng):
    """How many layers have to be mended before a stack runs."""

    pairs = _chain(rng)
    counts, kernels = _counts(pairs), two_kernels(rng)
    answer, N, (H, W) = counts["right"], rng.choice((2, 5)), size(rng, 50, 60)
    H += 15 if H > W else -15  # so far apart that no layer makes a square of them
    first = next(at for at, (C_in, _) in enumerate(pairs[1:], 1) if C_in != pairs[at - 1][1])
    layers = [conv_text(*pair, kernels[at % 2]) for at, pair in enumerate(pairs)]
    code = f"pictures = torch.rand({N}, 3, {H}, {W})\n{sequential('net', layers)}\nnet(pictures)"
    arrives = (N, pairs[first - 1][1], *shrunk((H, W), *(kernels[at % 2] for at in range(first))))
    slips = [
        Slip(1, ("M227",), f"The message names one, the layer with [{pairs[first][1]}, 3, ...]. When it is mended the "
             "next one stops: the first fault hides those behind it."),
        Slip(counts["M43"], ("M43",), "Those are the layers whose in_channels is not 3, and they are right. Only the "
             "first layer meets the colours."),
        Slip(counts["M28"], ("M28",), "All of them make another number of channels than they get, and may. Each has to "
             "take what the one before it makes."),
    ]  # fmt: skip
    named = [f"`nn.Conv2d(3, {C_out}, ...)`" for at, (C_in, C_out) in enumerate(pairs) if at and C_in == 3]
    return {
        **_MANY,
        "prompt": "Every out_channels is right. How many of these layers have a wrong in_channels?",
        "answer": answer,
        "because": f"{counted(answer, 'layer')} in all; the message names the first of them.",
        "steps": [
            f"The first layer takes the 3 colours: right. It makes {pairs[0][1]} channels.",
            "Every later layer has to take what the one before it makes, and 3 comes from none.",
            f"So wrong are {', '.join(named)}: {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\ncount, before = 0, 3\nfor C_in, C_out in {pairs}:\n    try:\n"
            f"        nn.Conv2d(C_in, C_out, (3, 2))(torch.zeros({N}, before, 9, 11))\n    except RuntimeError:\n"
            "        count += 1\n    before = C_out\nprint(count)"
        ),
        "slips": gathered("number", answer, slips),
        "figure": stopped(code, channels_message((pairs[first][1], 3, *kernels[first % 2]), arrives)),
    }


_MAT1 = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "read the message of a Linear layer",
    "formula": "mat1 is (N, numbers of a picture), mat2 is (in_features, out_features)",
    "hint": "mat1 is what arrives: how many rows, and how long is a row? mat2 is the layer.",
    "otherwise": "The message has two shapes. The first is what arrives: pictures, and the numbers of one picture.",
}


def read_mat1(rng):
    """The in_features that the message asks for."""
    N, C, (kernel, _), classes = rng.choice((4, 5, 6)), rng.choice((8, 12, 16)), two_kernels(rng), rng.choice((7, 9))
    H, W = size(rng, 12, 24, kernel=kernel)
    (kH, kW), (h, w) = kernel, shrunk((H, W), kernel)
    answer, written = C * h * w, C * kH * kW

    def code(features):
        layers = [conv_text(1, C, kernel), "nn.ReLU()", "nn.Flatten()", f"nn.Linear({features}, {classes})"]
        return f"digits = torch.rand({N}, 1, {H}, {W})\n{sequential('net', layers)}\nnet(digits)"

    slips = [
        Slip(written, ("M25",), f"{C} * {kH} * {kW} = {written} is what stands there: the kernel's size. What arrives "
             "is what the kernel leaves of the picture."),
        Slip(C, ("M172",), f"{C} are the channels. Flatten lays all their numbers in a row: {C} * {h} * {w} = "
             f"{answer}."),
        Slip(N * answer, ("M41",), f"That is the whole batch. Each of the {N} pictures is a row of its own, and the "
             "layer takes one row at a time."),
        Slip(N, ("M141",), f"{N} is how many pictures there are. The layer is made for the length of a row."),
    ]  # fmt: skip
    return {
        **_MAT1,
        "prompt": f"Which number must in_features be, so that `net` takes these digits? (Now it is {C} * {kH} * {kW} = "
        f"{written}.)",
        "answer": answer,
        "because": f"mat1 is {N} x {answer}: {N} pictures of {answer} numbers, and in_features is that.",
        "steps": [
            f"mat1 is what arrives: {N} rows, one for each picture, of {answer} numbers.",
            f"Check it: {H} - {kH} + 1 = {h} rows, {W} - {kW} + 1 = {w} columns, {C} * {h} * {w} = {answer}.",
        ],
        "proof": f"import torch\nfrom torch import nn\n{code(1).rpartition(chr(10))[0]}\n"
        "print(net[:3](digits).shape[1])",
        "slips": gathered("number", answer, slips),
        "figure": stopped(code(f"{C} * {kH} * {kW}"), product_message(N, answer, written, classes)),
    }


_PICTURE = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "find out for which pictures a network was made",
    "formula": "in_features = C * rows * columns that are left; each convolution took kH - 1 rows away",
    "hint": "How many numbers does the Linear layer want from a picture? How many rows are that, after the last "
    "convolution? Then go back, layer by layer.",
    "otherwise": "Divide in_features by the channels and by the columns that are left; then give the rows back that "
    "the convolutions took.",
}


def _picture_slips(rows, left, kernels, came):
    (k1, _), (k2, _) = kernels
    return [
        Slip(came, ("M220",), "That is what came, and it does not fit. The Linear layer stops, and it is right: it "
             "was trained. It is the pictures that are others."),
        Slip(left, ("M01",), f"{left} rows are left in front of the Linear layer. The two convolutions had taken rows "
             "away before."),
        Slip(left + k1 + k2, ("M02",), f"A kernel of {k1} rows takes {k1} - 1 = {k1 - 1} away, and not {k1}: at the "
             "first place it is inside already."),
        Slip(left + k2 - 1, ("M26",), "There are two convolutions, and each takes rows away: give back those of the "
             "first one too."),
    ]  # fmt: skip


def right_picture(rng):
    """The height of the pictures that a trained network was made for."""

    def draw():
        kernels, (H, W) = two_kernels(rng), size(rng, 14, 26)
        return kernels, H, W, H + rng.choice((-3, -2, 2, 3, 4))

    def fair(case):
        kernels, H, W, came = case
        h, w = shrunk((H, W), *kernels)
        return min(h, w) > 2 and h != w and came != W and apart("number", H, _picture_slips(H, h, kernels, came))

    kernels, H, W, came = drawn(draw, fair)
    (h, w), (arrived, _) = shrunk((H, W), *kernels), shrunk((came, W), *kernels)
    N, classes, (first, last) = rng.choice((3, 6)), rng.choice((5, 10)), rng.sample((6, 8, 12, 16), 2)
    features = last * h * w
    layers = [conv_text(3, first, kernels[0]), "nn.ReLU()", conv_text(first, last, kernels[1]), "nn.ReLU()"]

    def code(rows):
        whole = [*layers, "nn.Flatten()", f"nn.Linear({features}, {classes})"]
        return f"{sequential('net', whole)}\n...                 # trained\nnet(torch.rand({N}, 3, {rows}, {W}))"

    (k1, _), (k2, _) = kernels
    return {
        **_PICTURE,
        "prompt": f"`net` was trained on pictures that are {W} columns wide, like these. How many rows had they?",
        "answer": H,
        "because": f"{H} x {W} leaves {h} x {w}, and {last} * {h} * {w} = {features} is what the Linear layer wants.",
        "steps": [
            f"mat2 is the Linear layer: it wants {features} numbers of a picture.",
            f"{w} columns are left of {W}, and there are {last} channels: {features} / {last} / {w} = {h} rows.",
            f"The second convolution took rows away, {k2} - 1 = {k2 - 1}: {h + k2 - 1} arrived there.",
            f"The first took {k1} - 1 = {k1 - 1}: the pictures had {h + k2 - 1} + {k1 - 1} = {H} rows.",
        ],
        "proof": number_that_runs(code("?")),
        "slips": gathered("number", H, _picture_slips(H, h, kernels, came)),
        "figure": stopped(code(came), product_message(N, last * arrived * w, features, classes)),
    }


QUESTIONS = {
    "wrong-argument": wrong_argument,
    "earlier-layer": earlier_layer,
    "how-many-wrong": how_many_wrong,
    "read-mat1": read_mat1,
    "right-picture": right_picture,
}
