"""Lesson 03, PyTorch's own messages: what they mean, and what has to be changed."""

from convlab.questions.cases import counted, shuffled
from convlab.questions.lesson_03.drawing import chosen, layer, made, size


def _fields(rng, answer, wrong):
    return {
        "kind": "choice",
        "answer": answer,
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
    }


_MESSAGE_CHANNELS = {  # what is the same for every seed
    "level": "medium",
    "objective": "read the message about channels",
    "formula": "the weight's second number is the number of channels expected",
    "hint": "Find the two numbers of channels in the message: which one comes from the layer, which from the input?",
}


def _message_channels_wrong(N, H, W, C_in):
    return {
        f"the pictures: put the channels last, ({N}, {H}, {W}, {C_in})": (
            "M31",
            f"PyTorch reads (N, C, H, W), and the message says that it found {C_in} channels: the axes are in order.",
        ),
        f"the pictures: the layer was made for another height and width than {H} x {W}": (
            "M23",
            "A layer is made for a number of channels, not for a height and a width. The message complains of "
            "channels.",
        ),
        f"the layer: out_channels must be {C_in} as well, as many as the pictures have": (
            "M91",
            f"out_channels is {C_in} already. What has to agree with the pictures is the first argument, in_channels.",
        ),
    }


def message_channels(rng):
    """Given groups=1, weight of size ..., expected input ... to have ... channels."""
    C_in, C_out, (kH, kW) = layer(rng, (3, 6, 8, 12, 16))
    (H, W), N = size(rng, unlike=(C_in, C_out)), rng.choice((1, 2, 4))
    call = made(C_out, C_in, (kH, kW))
    code = (
        f"pictures = torch.rand({N}, {C_in}, {H}, {W})\n"
        f"{call}(pictures)\n\n"
        f"RuntimeError: Given groups=1, weight of size [{C_in}, {C_out}, {kH}, {kW}], expected\n"
        f"input[{N}, {C_in}, {H}, {W}] to have {C_out} channels, but got {C_in} channels instead"
    )
    right = made(C_in, C_out, (kH, kW))
    answer = f"the layer: write `{right}`"
    wrong = _message_channels_wrong(N, H, W, C_in)
    return {
        **_MESSAGE_CHANNELS,
        **_fields(rng, answer, wrong),
        "prompt": f"A layer that makes {C_out} feature maps of these pictures was wanted. What has to be changed?",
        "because": f"The weight [{C_in}, {C_out}, ...] has {C_out} kernels a filter: this layer expects {C_out} "
        f"channels. The arguments stand the wrong way round.",
        "steps": [
            f"Expected are {C_out} channels: that is the second number of the weight, in_channels.",
            f"The pictures have {C_in}, the second number of their shape.",
            f"So in_channels must be {C_in}, and out_channels {C_out}: `{right}`.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\npictures = torch.rand({N}, {C_in}, {H}, {W})\ntry:\n"
            f"    {call}(pictures)\nexcept RuntimeError as error:\n"
            f"    assert 'to have {C_out} channels, but got {C_in} channels' in str(error)\n"
            f"assert {right}(pictures).shape[1] == {C_out}\nprint({answer!r})"
        ),
        "figure": [{"code": code}],
    }


_MESSAGE_RANK = {  # what is the same for every seed
    "level": "medium",
    "objective": "read the message about axes",
    "formula": "3D: (C, H, W); 4D: (N, C, H, W)",
    "hint": "Which axis is missing, and where does PyTorch look for it?",
}


def _message_rank_wrong(name, H, W):
    return {
        f"{name}.reshape(1, 1, 1, {H}, {W})": (
            "M141",
            "Those are five axes, and four are the most: channels, rows, columns, and before them a batch if you like.",
        ),
        f"{name}.expand(3, {H}, {W})": (
            "M53",
            "Three channels are for colour pictures, and this layer has in_channels=1: a grey picture has one channel.",
        ),
        f"{name}.unsqueeze(2)": (
            "M51",
            f"That puts the channel axis last, ({H}, {W}, 1), and PyTorch takes the first axis for the channels: it "
            f"would find {H} of them.",
        ),
    }


def message_rank(rng):
    """Expected 3D (unbatched) or 4D (batched) input to conv2d."""
    _, C_out, kernel = layer(rng)
    (H, W), name = size(rng), rng.choice(("grey", "photo", "digit"))
    call = made(1, C_out, kernel)
    code = (
        f"{name} = torch.rand({H}, {W})\n{call}({name})\n\n"
        f"RuntimeError: Expected 3D (unbatched) or 4D (batched) input to\nconv2d, but got input of size: [{H}, {W}]"
    )
    answer = f"{name}.unsqueeze(0)"
    wrong = _message_rank_wrong(name, H, W)
    return {
        **_MESSAGE_RANK,
        **_fields(rng, answer, wrong),
        "prompt": f"`{name}` is one grey picture. Which tensor does this layer take in its place?",
        "because": f"`{answer}` has the shape (1, {H}, {W}): one channel. A batch axis may come before it, and need "
        f"not.",
        "steps": [
            f"The picture has two axes, ({H}, {W}); the axis of the channels is missing.",
            "PyTorch wants it first: (C, H, W) for one picture, (N, C, H, W) for several.",
            f"`{answer}` puts an axis of length 1 in front: (1, {H}, {W}), one picture of one channel.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{name} = torch.rand({H}, {W})\n"
            f"for line in {[answer, *wrong]}:\n    try:\n        {call}(eval(line))\n        print(line)\n"
            "    except RuntimeError:\n        pass"
        ),
        "figure": [{"code": code}],
    }


_MESSAGE_MODE = {  # what is the same for every seed
    "level": "medium",
    "objective": "pad otherwise than with zeros before the function",
    "formula": "F.conv2d(F.pad(input, ..., mode=...), weight)",
    "hint": "`padding_mode` belongs to the layer. What does the layer do with it before it convolves?",
}


def _message_mode_steps(pW, pH):
    return [
        "The message lists what came: there is no form of the function with `padding_mode`.",
        "The layer pads first and convolves then; with the function you do both yourself.",
        f"`F.pad` counts from the last axis: {pW} left, {pW} right, {pH} above, {pH} below.",
    ]


def _message_mode_wrong(name, pH, pW, mode, C_in, C_out, kH, kW):
    return {
        f"F.conv2d(input, {name}, padding=({pH}, {pW}), mode='{mode}')": (
            "M100",
            "The function has no such argument under any name: it pads with zeros, or what you gave it is padded "
            "before.",
        ),
        f"F.conv2d(input, {C_in}, {C_out}, {(kH, kW)}, padding_mode='{mode}')": (
            "M139",
            "Those are the layer's arguments. The function takes the weight itself.",
        ),
        f"torch.nn.conv2d(input, {name}, padding=({pH}, {pW}), padding_mode='{mode}')": (
            "M90",
            "`torch.nn` has no `conv2d`. There is `nn.Conv2d`, the class, and it makes a weight of its own.",
        ),
    }


def message_mode(rng):
    """F.conv2d received an invalid combination of arguments: padding_mode."""
    C_in, C_out, (kH, kW) = layer(rng)
    mode, name = rng.choice(("reflect", "replicate", "circular")), rng.choice(("weight", "w", "filters"))
    pH, pW = rng.choice(((1, 2), (2, 1), (1, 3)))
    around = f"{counted(pW, 'column')} and {counted(pH, 'row')}"
    code = (
        f"F.conv2d(input, {name}, padding=({pH}, {pW}), padding_mode='{mode}')\n\n"
        "TypeError: conv2d() received an invalid combination of arguments -\n"
        "got (Tensor, Tensor, padding_mode=str, padding=tuple), but expected one of: ..."
    )
    answer = f"F.conv2d(F.pad(input, ({pW}, {pW}, {pH}, {pH}), mode='{mode}'), {name})"
    wrong = _message_mode_wrong(name, pH, pW, mode, C_in, C_out, kH, kW)
    return {
        **_MESSAGE_MODE,
        **_fields(rng, answer, wrong),
        "prompt": f"`input` has {C_in} channels, `{name}` the shape ({C_out}, {C_in}, {kH}, {kW}). Which line does "
        f"what "
        "was meant?",
        "because": f"`F.pad` lays {around} around the input, in the mode `{mode}`; the function then needs no padding.",
        "steps": _message_mode_steps(pW, pH),
        "proof": (
            "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
            f"layer = nn.Conv2d({C_in}, {C_out}, {(kH, kW)}, padding=({pH}, {pW}), padding_mode='{mode}', bias=False)\n"
            f"input, {name} = torch.rand({C_in}, 9, 11), layer.weight\n"
            f"for line in {[answer, *wrong]}:\n    try:\n        assert torch.allclose(eval(line), layer(input))\n"
            "        print(line)\n    except (TypeError, AttributeError):\n        pass"
        ),
        "figure": [{"code": code}],
    }


QUESTIONS = {"message-channels": message_channels, "message-rank": message_rank, "message-mode": message_mode}
