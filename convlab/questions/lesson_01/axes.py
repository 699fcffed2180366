"""Lesson 01, how nn.Conv2d reads the axes of what it is given: three or four of them, channels where it wants them."""

from convlab.mistakes import MISTAKES
from convlab.questions.cases import gathered, shuffled
from convlab.questions.lesson_01.moving import sides
from convlab.questions.question import Slip
from convlab.questions.varying import flipped, some_of
from convlab.shapes import Conv2dSpec

_READ_AXES = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "read three axes as Conv2d does",
    "formula": "three axes are (C, H, W)",
    "because": "Three axes are one picture, (C, H, W).",
    "hint": "Of four axes the first is the batch. Which of the four is left out when there are three?",
}


def read_axes(rng):
    """What the three axes of a grey picture are to Conv2d."""
    H, W = sides(rng)
    answer = f"1 channel, {H} rows, {W} columns"
    wrong = {
        f"1 picture, {H} rows, {W} columns": (
            "M56",
            "Of three axes the first is never the batch: it is the channels. One grey picture in a batch has four "
            f"axes, (1, 1, {H}, {W}).",
        ),
        f"1 row, {H} columns, {W} channels": (
            "M51",
            "That is the order of an image file, (H, W, C). Conv2d reads the channels first: (C, H, W).",
        ),
        "not at all: there is an error, because four axes are needed": (
            "M57",
            "One picture without a batch is welcome: three axes are read as (C, H, W), and the output has three, too.",
        ),
    }
    slips = [Slip(text, (id,), line) for text, (id, line) in wrong.items()]
    return {
        **_READ_AXES,
        "prompt": f"A tensor of shape (1, {H}, {W}) goes into `nn.Conv2d(1, 8, kernel_size=3)`. How does the layer "
        "read its three axes?",
        "answer": answer,
        "steps": [
            "Conv2d takes a batch (N, C, H, W), or one picture without the N: (C, H, W).",
            f"So the 1 is the number of channels: {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nx = torch.zeros(1, {H}, {W})\n"
            "assert nn.Conv2d(1, 8, kernel_size=3)(x).dim() == 3  # no batch came out\n"
            "for C in (1, 2):\n    try:\n        nn.Conv2d(C, 8, kernel_size=3)(x)\n"
            f'        print(f"{{C}} channel, {H} rows, {W} columns")\n    except RuntimeError:\n        pass'
        ),
        "slips": gathered("choice", answer, slips),
        "options": shuffled(rng, [answer, *wrong]),
    }


def in_channels(rng):
    """The in_channels of the layer that takes a tensor of three axes as it is."""
    (H, W), n = sides(rng), rng.choice((2, 4, 5, 6, 7, 8))
    lines = {
        1: (
            "M55",
            f"1 would be right if the {n} pictures were read as a batch. Three axes are one picture, (C, H, W), so the "
            f"{n} are read as channels; `unsqueeze(1)` makes it a batch.",
        ),
        W: ("M51", f"{W} is the last axis. Conv2d looks for the channels in front: (C, H, W)."),
        3: ("M53", f"3 would be red, green and blue. The layer counts what lies on the channel axis: {n}."),
    }
    return {
        "prompt": (
            f"{n} grey pictures lie in one tensor of shape ({n}, {H}, {W}). For which number c does "
            "`nn.Conv2d(c, 8, kernel_size=3)` take this tensor, as it is, without an error?"
        ),
        "kind": "number",
        "level": "easy",
        "objective": "know what a missing channel axis does",
        "formula": "of (a, H, W) the channels are a",
        "answer": n,
        "because": f"(C, H, W): it is read as one picture of {n} channels, whatever was meant.",
        "hint": "The tensor has three axes, and Conv2d does not know what you meant by the first one. How does it read "
        "three axes?",
        "steps": [
            "Three axes are one picture, (C, H, W): there is no batch.",
            f"So the first axis is the channels, and c has to be {n}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nx = torch.zeros({n}, {H}, {W})\nfor c in range(1, 61):\n    try:\n"
            "        nn.Conv2d(c, 8, kernel_size=3)(x)\n        print(c)\n    except RuntimeError:\n        pass"
        ),
        "slips": gathered("number", n, [Slip(value, (id,), line) for value, (id, line) in lines.items()]),
        "otherwise": "Give each of the three axes its letter as Conv2d reads them, then take the channels.",
    }


_THREE_GREY = {  # what is the same for every seed
    "kind": "shape",
    "level": "medium",
    "objective": "know what a layer for colour does with three grey pictures",
    "formula": "(3, H, W) in, (C_out, H, W) out: one picture",
    "hint": "How many axes has `x`, and what does Conv2d call each of them?",
    "axes": ("the output for one picture", "(C_out, H, W)"),
    "otherwise": "As many axes come out as went in; the channels become those of the layer.",
}


def _three_grey_slips(C_out, H, W):
    return [
        Slip(
            (3, C_out, H, W),
            ("M55",),
            f"(3, {C_out}, {H}, {W}) would be the output of a batch of three. A tensor of three axes is one picture, "
            "(C, H, W): the three grey pictures are read as its red, green and blue, without a word.",
        ),
        Slip(
            (1, C_out, H, W),
            ("M57",),
            f"(1, {C_out}, {H}, {W}) has a batch axis, and none went in. Without a batch three axes go in, and three "
            "come out.",
        ),
        Slip(
            (H, W, C_out),
            ("M51",),
            f"({H}, {W}, {C_out}) has the channels last. In PyTorch they come first, in the output as well.",
        ),
    ]


def _three_grey_more_slips(spec, input_shape):
    """What is named besides: the number of filters left out or multiplied."""
    C_out, H, W = spec.output_shape(input_shape)
    (same,), (each,) = (MISTAKES[id].models["output_shape"](spec, input_shape) for id in ("M28", "M27"))
    return [
        Slip(
            same,
            ("M28",),
            f"3 channels go in. As many come out as the layer has filters, and that is its second argument: {C_out}.",
        ),
        Slip(
            (3, *same),
            ("M55", "M28"),
            f"(3, 3, {H}, {W}) is a batch of three. Three axes are one picture, (C, H, W), and the layer makes {C_out} "
            "channels of it.",
        ),
        Slip(
            (3, 1, H, W),
            ("M55",),
            f"(3, 1, {H}, {W}) is the batch that was meant: three grey pictures. `x` has three axes, so it is one "
            f"picture of 3 channels, and the layer makes {C_out} channels of it.",
        ),
        Slip(
            each,
            ("M27",),
            f"{each[0]} = 3 * {C_out} counts a channel for each channel that comes in and each filter. A filter adds "
            f"up what it finds in all 3, and makes one channel: {C_out} in all.",
        ),
    ]


def three_grey(rng):
    """What comes out when three grey pictures lie in a tensor of three axes."""
    (H, W), C_out = sides(rng), rng.choice((4, 5, 8, 16))
    answer, spec = (C_out, H, W), Conv2dSpec(3, C_out, 1)
    slips = [*_three_grey_slips(C_out, H, W), *_three_grey_more_slips(spec, (3, H, W))]
    return {
        **_THREE_GREY,
        "prompt": (
            f"Three grey pictures lie in a tensor `x` of shape (3, {H}, {W}). The layer "
            f"`nn.Conv2d(3, {C_out}, kernel_size=1)` keeps height and width, and makes {C_out} channels. What is the "
            "shape of its output on `x`?"
        ),
        "answer": answer,
        "because": f"`x` is read as one picture of 3 channels; {C_out} channels come out, and no batch.",
        "steps": [
            "`x` has three axes, so it is read as one picture: (C, H, W).",
            "Its 3 fits `in_channels=3`, so there is no error: the three pictures pass for red, green and blue.",
            f"Out comes one picture of {C_out} channels, without a batch: {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nx = torch.zeros(3, {H}, {W})\n"
            f"print(tuple(nn.Conv2d(3, {C_out}, kernel_size=1)(x).shape))"
        ),
        "slips": gathered("shape", answer, slips),
        "spec": spec,
        "input_shape": (3, H, W),
    }


def _inputs(N, H, W):
    """Call -> (is it taken, the mistake behind being wrong about it, why)."""
    return {
        f"torch.zeros({N}, 1, {H}, {W})": (
            True,
            "M53",
            f"({N}, 1, {H}, {W}) is a batch of {N} grey pictures: grey is 1 channel, and the layer has "
            "`in_channels=1`.",
        ),
        f"torch.zeros({N}, {H}, {W})": (
            False,
            "M54",
            f"({N}, {H}, {W}) lacks the channel axis: it is read as one picture of {N} channels, and the layer wants "
            "1.",
        ),
        f"torch.zeros(1, {H}, {W})": (
            True,
            "M57",
            f"(1, {H}, {W}) is one grey picture without a batch, (C, H, W): that is taken.",
        ),
        f"torch.zeros({N}, {H}, {W}, 1)": (
            False,
            "M51",
            f"({N}, {H}, {W}, 1) has the channels last: the layer reads {H} channels.",
        ),
        f"torch.zeros({N}, 1, {H}, {W}, dtype=torch.uint8)": (
            False,
            "M58",
            "Bytes are refused: the weights are float32, and the input has to be float32 too.",
        ),
        f"torch.zeros({N}, 1, {H}, {W}, dtype=torch.float64)": (
            False,
            "M128",
            "float64 is refused as bytes are: the weights are float32, and Conv2d does not convert.",
        ),
    }


def fits_conv(rng):
    """Which of these tensors a layer for grey pictures takes."""
    (H, W), N = sides(rng), rng.randint(4, 16)
    inputs = _inputs(N, H, W)
    options = some_of(rng, list(inputs), lambda option: inputs[option][0])
    inputs = {option: inputs[option] for option in inputs if option in options}
    answer = [option for option in options if inputs[option][0]]
    slips = [
        Slip(ticked, (id,), line)
        for option, (_, id, line) in inputs.items()
        if (ticked := flipped(options, answer, option))
    ]
    return {
        "prompt": "The layer is `nn.Conv2d(1, 8, kernel_size=3)`, for grey pictures. Tick every tensor that it takes "
        "without an error.",
        "kind": "choices",
        "level": "medium",
        "objective": "tell what a layer for grey pictures takes",
        "formula": "taken: (N, 1, H, W) and (1, H, W), float32",
        "answer": answer,
        "because": f"A batch (N, 1, H, W) or one picture (1, H, W), both float32: here ({N}, 1, {H}, {W}) would be a "
        f"batch, (1, {H}, {W}) one picture.",
        "hint": "Ask two things of each: what stands on the channel axis, third from the end; and which dtype is it?",
        "steps": [
            "The channel axis is the third from the end, with a batch or without: it has to be 1.",
            "With three axes there is no batch, and the first is the channels.",
            "The dtype has to be that of the weights, float32, which `torch.zeros` makes unless told otherwise.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nfor call in {options}:\n    try:\n"
            "        nn.Conv2d(1, 8, kernel_size=3)(eval(call))\n    except RuntimeError:\n        continue\n"
            "    print(call)"
        ),
        "slips": gathered("choices", answer, slips),
        "per_option": {option: Slip(option, (id,), line) for option, (_, id, line) in inputs.items()},
        "options": options,
    }


_WHICH_MESSAGE = {  # what is the same for every seed
    "prompt": "What does PyTorch say to the last line?",
    "kind": "choice",
    "level": "medium",
    "objective": "tell PyTorch's messages apart",
    "formula": "photo.float() alone changes nothing: Input type (unsigned char)",
    "because": "`photo` still holds bytes, C's unsigned char; the weights and the bias are float32.",
    "hint": "Check three things one after the other: the number of axes, the place of the channels, the dtype. "
    "What does `photo` hold after the line `photo.float()`?",
}


def which_message(rng):
    """What PyTorch says to a photograph of bytes whose float() nobody kept."""
    H, W = sides(rng)
    answer = "RuntimeError: Input type (unsigned char) and bias type (float) should be the same"
    wrong = {
        "no error: it runs": (
            "M59",
            "`photo.float()` gives a new tensor, and nobody kept it: `photo` still holds bytes, and Conv2d refuses "
            "bytes. Write `photo = photo.float() / 255`.",
        ),
        f"RuntimeError: Expected 4-dimensional input, but got 3-dimensional input of size [3, {H}, {W}]": (
            "M57",
            "Old versions of PyTorch said so. Today one picture without a batch, (C, H, W), is taken; what is wrong is "
            "its dtype.",
        ),
        f"RuntimeError: Given groups=1, weight of size [8, 3, 3, 3], expected input[1, {W}, 3, {H}] to have 3 "
        f"channels, but got {W} channels instead": (
            "M51",
            f"That would be said of channels at the end. Here they stand first, (3, {H}, {W}), as Conv2d wants them; "
            "what is wrong is the dtype.",
        ),
    }
    slips = [Slip(text, (id,), line) for text, (id, line) in wrong.items()]
    code = (
        f"photo = torch.zeros(3, {H}, {W}, dtype=torch.uint8)\nconv = nn.Conv2d(3, 8, kernel_size=3)\n"
        "photo.float()\noutput = conv(photo)"
    )
    return {
        **_WHICH_MESSAGE,
        "answer": answer,
        "steps": [
            "Three axes are fine: one picture, (C, H, W).",
            f"The channels stand first, and there are 3 of them: (3, {H}, {W}) fits.",
            "`photo.float()` was not kept, so the dtype is still uint8, C's unsigned char; the weights are float.",
        ],
        "proof": f"import torch\nfrom torch import nn\ntry:\n    {code.replace(chr(10), chr(10) + '    ')}\n"
        'except RuntimeError as error:\n    print(f"RuntimeError: {error}")',
        "slips": gathered("choice", answer, slips),
        "figure": [{"code": code}],
        "options": shuffled(rng, [answer, *wrong]),
    }


def myth_first_axis(rng):
    """Is the first of three axes the batch or the channels?"""
    (H, W), true = sides(rng), rng.random() < 0.5
    read = "channels" if true else "pictures in the batch"
    claim = f"takes the 1 of a tensor of shape (1, {H}, {W}) for the number of {read}"
    return {
        "prompt": f"True or false? `nn.Conv2d(1, 8, kernel_size=3)` {claim}.",
        "kind": "truefalse",
        "level": "easy",
        "objective": "tell the channels from the batch",
        "formula": "(1, H, W) is (C, H, W), not (N, H, W)",
        "answer": true,
        "because": "Of three axes the first is the channels.",
        "hint": "How many axes has a batch of grey pictures, and how many has this tensor?",
        "steps": [
            "A batch has four axes, (N, C, H, W); this tensor has three.",
            f"Three axes are (C, H, W): the 1 counts the channels; the claim is {'true' if true else 'false'}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n"
            f"axes = nn.Conv2d(1, 8, kernel_size=3)(torch.zeros(1, {H}, {W})).dim()\n"
            f"print(axes == {3 if true else 4})"
        ),
        "slips": (
            Slip(
                not true,
                ("M56",),
                f"(1, {H}, {W}) is one grey picture, (C, H, W). With a batch it would have four axes, "
                f"(1, 1, {H}, {W}), and so would the output.",
            ),
        ),
        "options": ["true", "false"],
    }


QUESTIONS = {
    "read-axes": read_axes,
    "in-channels": in_channels,
    "three-grey": three_grey,
    "fits-conv": fits_conv,
    "which-message": which_message,
    "myth-first-axis": myth_first_axis,
}
