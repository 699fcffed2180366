"""Lesson 11, pictures that go in wrong: bytes half mended, and grey pictures taken for the colours of one."""

from convlab.questions.cases import apart, drawn, gathered, sequential, shuffled
from convlab.questions.lesson_03.drawing import chosen, size, ticked
from convlab.questions.lesson_11.drawing import conv_text, two_kernels
from convlab.questions.question import Slip
from convlab.questions.varying import some_of

_REMAINS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say what a mend has left undone",
    "formula": "three things: channels first by permute, float32, divided by 255; only two of them have a message",
    "because": "A message comes for wrong channels and for a wrong dtype. Scrambled pixels and numbers up to 255 come "
    "without one.",
    "hint": "Three things have to be done. Which of them does this line do, and with which call?",
    "otherwise": "Ask of the line: are the channels first, by which call? Is it float? Is it divided by 255?",
}
_MENDS = {  # what the line does -> (channels first, pixels in their place, float, divided)
    "photo.permute(2, 0, 1)": (True, True, False, False),
    "photo.permute(2, 0, 1).float()": (True, True, True, False),
    "photo.permute(2, 0, 1) / 255": (True, True, True, True),
    "photo.reshape(3, {H}, {W})": (True, False, False, False),
    "photo.reshape(3, {H}, {W}).float()": (True, False, True, False),
    "photo.reshape(3, {H}, {W}) / 255": (True, False, True, True),
    "photo.float()": (False, False, True, False),
    "photo.float() / 255": (False, False, True, True),
}


def _remaining(H, W, first, in_place, is_float, divided):
    """Claims -> (holds, the mistake behind being wrong about it, why)."""
    runs = first and is_float
    if not first:
        why_runs = "M51", f"The channels are still last: the layer finds {H} channels and stops."
    elif not is_float:
        why_runs = "M58", "These are bytes still, and the weight is float32: PyTorch stops."
    else:
        why_runs = "M227", "Channels first and float32: that is all PyTorch looks at."
    last = "permute(2, 0, 1) moves the channels to the front, and each pixel keeps its colours."
    if first and not in_place:
        last = "reshape gives the right shape and leaves the numbers in their old order: the pixels are scrambled."
    if not first:
        last = "Nothing was moved: the channels are last, and the first index is a row."
    scale = "Divided by 255: from 0 to 1." if divided else "Nothing is divided by 255: a bright pixel is near 255."
    right = runs and in_place and divided
    done = "All three are done." if right else "Something is left: one of the three is not done."
    return {
        "`layer(x)` stops with an error": (not runs, *why_runs),
        "`layer(x)` runs": (runs, *why_runs),
        f"`x` has the shape (3, {H}, {W})": (first, "M52" if first and not in_place else "M51", last),
        "`x[0]` is the red of all pixels": (first and in_place, "M52" if first else "M51", last),
        "the largest number of `x` may be 255": (not divided, "M130", scale),
        "nothing is left to be mended": (right, "M227", done),
    }


def what_remains(rng):
    """What is true of a byte picture after a mend that may be half of one."""
    (kernel, _), C, (H, W) = two_kernels(rng), rng.choice((8, 12, 16)), size(rng, 20, 40)
    text, does = rng.choice(list(_MENDS.items()))
    line, claims = text.format(H=H, W=W), _remaining(H, W, *does)
    stops, runs, *others = claims  # one of the first two, and not the false one where all others are false
    first = rng.choice([stops, runs]) if any(claims[it][0] for it in others) else stops
    options = some_of(rng, [first, *others], lambda claim: claims[claim][0])
    answer = [claim for claim in options if claims[claim][0]]
    slips, per_option = ticked(options, answer, {claim: it[1:] for claim, it in claims.items()})
    in_front, in_place, is_float, divided = does
    return {
        **_REMAINS,
        "prompt": f"`photo` is a picture in colour as it comes from a file: bytes, of shape ({H}, {W}, 3). `layer = "
        f"{conv_text(3, C, kernel)}`. Someone writes `x = {line}`. What is true now? Tick all.",
        "answer": answer,
        "steps": [
            f"Channels first: {'yes' if in_front else 'no'}"
            f"{', and by a call that keeps each pixel together' * in_place}"
            f"{', by a call that scrambles the pixels' * (in_front and not in_place)}.",
            f"float32: {'yes' if is_float else 'no, bytes still'}{' (a division makes it so)' * ('/' in line)}.",
            f"Divided by 255: {'yes' if divided else 'no'}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nphoto = torch.randint(256, ({H}, {W}, 3)).byte()\nphoto[0, 0] = 255\n"
            f"layer = {conv_text(3, C, kernel)}\nx = {line}\ntry:\n    runs = layer(x) is not None\n"
            "except RuntimeError:\n    runs = False\n"
            "def scaled(it):\n    return it.float() / 255 if it.max() > 1 else it.float()\n"
            f"shape = tuple(x.shape) == (3, {H}, {W})\n"
            "red = x[0].shape == photo[..., 0].shape and scaled(x[0]).allclose(photo[..., 0] / 255)\n"
            "holds = {\n    '`layer(x)` runs': runs, '`layer(x)` stops with an error': not runs,\n"
            f"    '`x` has the shape (3, {H}, {W})': shape, '`x[0]` is the red of all pixels': red,\n"
            "    'the largest number of `x` may be 255': x.max() > 1,\n"
            "    'nothing is left to be mended': runs and red and x.max() <= 1,\n}\n"
            f"print([claim for claim in {options} if holds[claim]])"
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }


_GREY = {  # what is the same for every seed
    "kind": "shape",
    "level": "easy",
    "objective": "see three grey pictures read as one",
    "formula": "(3, H, W) is one picture: (C_out, h, w) comes out, without a batch",
    "hint": "How many axes has the tensor? Which of them does PyTorch take for the channels, and is there one left for "
    "the batch?",
    "otherwise": "Three axes are (C, H, W). What comes out has three axes as well.",
    "axes": ("what comes out for three axes", "(C, H, W)"),
}


def _grey_slips(C, H, W, kH, kW):
    h, w = H - kH + 1, W - kW + 1
    return [
        Slip((3, C, h // 2, w // 2), ("M55",), "There is no batch axis: PyTorch reads (3, H, W) as one picture with "
             "three channels, and one answer comes out for all three."),
        Slip((1, C, h // 2, w // 2), ("M57",), "What has three axes when it goes in has three when it comes out: no "
             "batch of one is added."),
        Slip((C, h, w), ("M171",), "The pooling is left out: it halves rows and columns."),
        Slip((C, H // 2, W // 2), ("M01",), f"The convolution has no padding: {H} x {W} becomes {h} x {w}."),
    ]  # fmt: skip


def grey_shape(rng):
    """What comes out where three grey pictures are stacked without a channel axis."""

    def draw():
        (kernel, _), C = two_kernels(rng), rng.choice((5, 6, 8, 12, 16))
        return C, *size(rng, 14, 40), *kernel

    def fair(case):
        C, H, W, kH, kW = case
        h, w = (H - kH + 1) // 2, (W - kW + 1) // 2
        return h != w and H // 2 != W // 2 and apart("shape", (C, h, w), _grey_slips(*case))

    C, H, W, kH, kW = case = drawn(draw, fair)
    h, w = H - kH + 1, W - kW + 1
    answer = (C, h // 2, w // 2)
    code = f"pictures = torch.stack([first, second, third])   # each is grey, {H} x {W}\n" + sequential(
        "net", [conv_text(3, C, (kH, kW)), "nn.ReLU()", "nn.MaxPool2d(2)"]
    )
    return {
        **_GREY,
        "prompt": "There is no error. Which shape has `net(pictures)`?",
        "answer": answer,
        "because": f"The three pictures were read as red, green and blue of one: {C} maps of {h // 2} x {w // 2} come "
        "out, and no batch.",
        "steps": [
            f"`pictures` has the shape (3, {H}, {W}): one picture with 3 channels, and the layer wants 3.",
            f"{H} - {kH} + 1 = {h} rows, {W} - {kW} + 1 = {w} columns; halved and rounded down: {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nfirst, second, third = torch.rand(3, {H}, {W})\n{code}\n"
            "print(tuple(net(pictures).shape))"
        ),
        "slips": gathered("shape", answer, _grey_slips(*case)),
        "figure": [{"code": code}],
    }


_EACH = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "give each grey picture its own answer",
    "formula": "grey batch: (N, H, W) -> unsqueeze(1) -> (N, 1, H, W), in_channels=1",
    "hint": "A batch of grey pictures has four axes. Which one is missing, and where does it belong?",
}


def grey_mend(rng):
    """Which line gives each of some grey pictures its own feature maps."""
    (kernel, _), C, (H, W), N = two_kernels(rng), rng.choice((8, 12, 16)), size(rng), rng.choice((3, 4, 5, 6, 7))
    one, many = conv_text(1, C, kernel), conv_text(N, C, kernel)
    answer = f"{one}(pictures.unsqueeze(1))"
    wrong = {
        f"{many}(pictures)": ("M55", f"Then they are one picture of {N} channels: one answer comes out for all {N}. "
            "The message would be gone, and the fault is there."),
        f"{one}(pictures.reshape({N}, 1, {W}, {H}))": ("M52", f"The shape is that of a batch, but with {W} rows: "
            "reshape cuts the numbers anew, so the rows are scrambled."),
    }  # fmt: skip
    third = {
        f"{many}(pictures.unsqueeze(0))": ("M57", f"That makes a batch of one picture with {N} channels. Four axes "
            "are not the aim: the axis belongs in second place."),
        f"{conv_text(3, C, kernel)}(pictures.expand(3, {N}, {H}, {W}))": ("M53", f"That repeats the whole stack three "
            f"times, as a batch of 3 with {N} channels: it does not run. A grey picture has one channel."),
    }  # fmt: skip
    wrong |= dict([rng.choice(list(third.items()))])
    return {
        **_EACH,
        "prompt": f"`pictures` has the shape ({N}, {H}, {W}): it holds {N} grey pictures. Which line gives each of "
        "them its own feature maps?",
        "answer": answer,
        "because": f"(N, C, H, W): `unsqueeze(1)` makes ({N}, 1, {H}, {W}), {N} pictures of one channel.",
        "steps": [
            f"({N}, {H}, {W}) has no channel axis; PyTorch reads three axes as (C, H, W).",
            f"A grey picture has one channel, so the batch has to be ({N}, 1, {H}, {W}), and in_channels 1.",
            f"`unsqueeze(1)` puts an axis of length 1 in second place: `{answer}`.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\npictures = torch.rand({N}, {H}, {W})\n"
            f"for line in {[answer, *wrong]}:\n    made, _, given = line.partition(')(')\n"
            "    layer = eval(made + ')')\n    try:\n        out = layer(eval(given[:-1]))\n"
            "        alone = [layer(it[None, None])[0] for it in pictures]\n"
            "        if torch.allclose(out, torch.stack(alone), atol=1e-5):\n            print(line)\n"
            "    except RuntimeError:\n        pass"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
    }


_FIRST = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "know which fault is told first",
    "formula": "of two faults one is told: dtype is compared before the channels are",
    "hint": "Two things are wrong with this picture, and PyTorch tells one. The weight is float32: does the dtype fit?",
}


def first_message(rng):
    """What PyTorch says to a picture of bytes whose channels are last."""
    (kernel, _), C, (H, W) = two_kernels(rng), rng.choice((8, 12, 16)), size(rng, 20, 40)
    call, name = conv_text(3, C, kernel), rng.choice(("photo", "picture"))
    answer = "Input type (unsigned char) and bias type (float) should be the same"
    channels = f"expected input[1, {H}, {W}, 3] to have 3 channels, but got {H} channels instead"
    wrong = {
        channels: ("M58", "That comes next, when the bytes have become float: bytes are not taken as they are, and "
            "this is looked at first."),
        "nothing: it runs": ("M51", "PIL and NumPy keep the channels last, and Conv2d wants them first; and bytes it "
            "does not take."),
        f"Expected 3D or 4D input, but got input of size: [{H}, {W}, 3]": ("M57", "Three axes are taken: one picture "
            "without a batch, (C, H, W)."),
    }  # fmt: skip
    return {
        **_FIRST,
        "prompt": f"`{name}` is read from a file: bytes, of shape ({H}, {W}, 3). What does `{call}({name})` say?",
        "answer": answer,
        "because": "The dtype is compared first. When that is mended, the message about the channels comes.",
        "steps": [
            f"Two things are wrong: the channels are last, and {name} holds bytes while the weight is float32.",
            "The dtype is compared first, so this is told; the other fault waits behind it.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\ntry:\n    {call}(torch.zeros({H}, {W}, 3).byte())\n"
            "except RuntimeError as error:\n    print(error)"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
    }


QUESTIONS = {
    "first-message": first_message,
    "what-remains": what_remains,
    "grey-shape": grey_shape,
    "grey-mend": grey_mend,
}
