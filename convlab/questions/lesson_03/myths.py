"""Lesson 03, sentences to judge: names, sizes, batches, channels, and the reasons given for them."""

from convlab.questions.cases import drawn
from convlab.questions.lesson_03.drawing import judged, layer, made, size
from convlab.questions.lesson_03.sizes import puzzle


def myth_output_size(rng):
    """Does a layer have an output shape?"""
    case, small, large = puzzle(rng)
    C_in, C_out, (kH, kW) = case
    holds = rng.random() < 0.5
    output = (C_out, large[0] - kH + 1, large[1] - kW + 1) if holds else (C_out, kH, kH)
    return judged(
        holds,
        f"`{made(*case)}` turns an input of shape {(C_in, *small)} into an output of shape {(C_out, kH, kH)}. So it "
        f"turns an input of shape {(C_in, *large)} into an output of shape {output}.",
        "M23",
        f"A layer has no output size of its own: on {large[0]} x {large[1]} the window has {large[0] - kH + 1} x "
        f"{large[1] - kW + 1} places.",
        objective="tell the layer's shapes from the output's",
        formula="H_out depends on H",
        because=f"The window of {kH} x {kW} has {large[0] - kH + 1} x {large[1] - kW + 1} places on this input.",
        hint="The weight stays the same. Does the number of places stay the same?",
        steps=[
            f"Rows: {large[0]} - {kH} + 1 = {large[0] - kH + 1}.",
            f"Columns: {large[1]} - {kW} + 1 = {large[1] - kW + 1}; with {C_out} filters that is the whole shape.",
        ],
        proof=f"import torch\nfrom torch import nn\n"
        f"print(tuple({made(*case)}(torch.zeros{(C_in, *large)}).shape) == {output})",
    )


def myth_batch(rng):
    """Where does the batch axis of an output come from?"""
    C_in, C_out, (kH, kW) = layer(rng)
    (H, W), N, holds = size(rng, kernel=(kH, kW)), rng.choice((2, 4, 9)), rng.random() < 0.5
    claims = {
        True: f"gives outputs of shape ({C_out}, {H - kH + 1}, {W - kW + 1}) and ({N}, {C_out}, {H - kH + 1}, "
        f"{W - kW + 1}) for inputs of shape ({C_in}, {H}, {W}) and ({N}, {C_in}, {H}, {W})",
        False: f"has to be told the batch size before it takes an input of shape ({N}, {C_in}, {H}, {W}), because the "
        "call does not name it",
    }
    return judged(
        holds,
        f"the layer `{made(C_in, C_out, (kH, kW))}` {claims[holds]}.",
        "M141",
        "The batch is no setting of a layer. What comes in with a batch axis goes out with one, what comes in without "
        "goes out without.",
        objective="say where a batch axis comes from",
        formula="(C, H, W) -> three axes; (N, C, H, W) -> four axes",
        because="Three axes in, three out; four axes in, four out, and N stays as it is.",
        hint="Which of the layer's arguments is about the number of pictures?",
        steps=[
            "No argument of the call says how many pictures come: the weight is the same for one and for many.",
            f"So N, here {N}, is taken from the input and handed on; without that axis the output has none.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\nlayer = {made(C_in, C_out, (kH, kW))}\n"
            f"ranks = [layer(torch.zeros(shape)).dim() for shape in (({C_in}, {H}, {W}), ({N}, {C_in}, {H}, {W}))]\n"
            f"print((ranks == [3, 4]) == {holds})"
        ),
    )


def myth_overlap(rng):
    """Is it the overlap that makes the output smaller?"""
    C_in, C_out, (kH, kW) = drawn(lambda: layer(rng), lambda case: min(case[2]) > 1)
    (H, W), holds = size(rng, kernel=(kH, kW)), rng.random() < 0.5
    why = {
        True: f"a window of {kH} x {kW} fits into {H} x {W} at so many places",
        False: "neighbouring windows overlap; windows that do not overlap would keep the size",
    }
    side = (H - kH) // kH + 1
    return judged(
        holds,
        f"`{made(C_in, C_out, (kH, kW))}` makes an output of {H - kH + 1} x {W - kW + 1} from an input of {H} x {W} "
        f"because {why[holds]}.",
        "M142",
        f"Windows that do not overlap have fewer places, not more: moved by its own height, the window has {side} "
        f"places in {H} rows. The size follows from where the whole window fits.",
        objective="give the reason for a size",
        formula="places where the whole window fits",
        because=f"The window has to lie inside the input: {H} - {kH} + 1 = {H - kH + 1} rows of places.",
        hint="Count the places of the window when it moves by its own height, so that nothing overlaps: is that more?",
        steps=[
            f"Rows: the window fits at {H} - {kH} + 1 = {H - kH + 1} places.",
            f"Without any overlap, at a stride of {kH}, it fits at {side} places: the output is smaller still.",
        ],
        proof=(
            "import torch\nfrom torch import nn\n"
            f"apart = nn.Conv2d({C_in}, {C_out}, kernel_size={(kH, kW)}, stride={(kH, kW)})\n"
            f"rows = apart(torch.zeros({C_in}, {H}, {W})).shape[1]  # no overlap\n"
            f"print((rows < {H - kH + 1}) == {holds})"
        ),
    )


NAMES = {
    "torch.nn.Conv2d": "layer",
    "torch.nn.functional.conv2d": "function",
    "torch.conv2d": "function",
    "torch.nn.conv2d": "",
    "torch.nn.functional.Conv2d": "",
}
KINDS = {
    "layer": "a class: made once, with the arguments {layer}, it keeps a weight of shape {weight}",
    "function": "a function: it is given the input, and a weight of shape {weight}, in every call",
}


def conv_names(rng):
    """Which names does PyTorch have?"""
    name, kind = rng.choice(list(NAMES)), rng.choice(list(KINDS))
    C_in, C_out, kernel = layer(rng)
    words = KINDS[kind].format(layer=f"({C_in}, {C_out}, {kernel})", weight=(C_out, C_in, *kernel))
    is_ = {"layer": "class", "function": "function", "": ""}[NAMES[name]]
    real = f"`{name}` is a {is_}." if is_ else f"PyTorch has no `{name}`: an AttributeError."
    return judged(
        NAMES[name] == kind,
        f"`{name}` is {words}.",
        "M90",
        f"{real} The class is `nn.Conv2d`, with a capital C; the function is `conv2d`, in `torch.nn.functional` and in "
        "`torch` itself.",
        objective="tell the layer's name from the function's",
        formula="nn.Conv2d is a class, F.conv2d a function",
        because=f"{real} Classes begin with a capital letter, functions with a small one.",
        hint="Classes are written with capital letters, functions without, and `torch.nn` holds the classes.",
        steps=[
            "The class is `torch.nn.Conv2d`.",
            f"The functions are `torch.nn.functional.conv2d` and `torch.conv2d`. {real}",
        ],
        proof=(
            f"import inspect\nimport torch\nimport torch.nn.functional\ntry:\n    it = {name}\n"
            "except AttributeError:\n    print(False)\nelse:\n"
            f"    print(inspect.isclass(it) == {kind == 'layer'})"
        ),
    )


def free_channels(rng):
    """Is there a rule for out_channels?"""
    classes, kernel = rng.choice((4, 10, 100)), rng.choice(((3, 5), (5, 3), (3, 2)))
    C_out = rng.choice([count for count in (2, 5, 6, 7, 11, 13, 17, 24) if count not in kernel])
    H, W = size(rng)
    holds = rng.random() < 0.5
    call = f"nn.Conv2d(3, {C_out}, kernel_size={kernel})"
    claim = {
        True: f"may begin with `{call}`",
        False: f"cannot begin with `{call}`: {C_out} is neither the number of colours nor that of the classes",
    }
    return judged(
        holds,
        f"a network for colour pictures of {H} x {W} and {classes} classes {claim[holds]}.",
        "M42",
        f"out_channels is the number of filters, and you choose it: {C_out} runs like any other number from 1 on. "
        "More filters cost more.",
        objective="choose out_channels",
        formula="out_channels: any number from 1 on",
        because=f"The layer gets {C_out} filters, and makes {C_out} feature maps. Colours fix in_channels alone.",
        hint="What is counted by out_channels: something in the picture, something in the answer, or the filters?",
        steps=[
            "in_channels has to be 3, because the pictures have three channels.",
            f"out_channels is the number of filters: {C_out} is as good as 8, and the classes come at the network's "
            f"end.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\nruns = {call}(torch.zeros(1, 3, {H}, {W})).shape[1] == {C_out}\n"
            f"print(runs == {holds})"
        ),
    )


def grey_layer(rng):
    """How many channels has a grey picture?"""
    C_out, (kH, kW) = rng.choice((4, 6, 8)), rng.choice(((3, 5), (5, 3), (3, 2)))
    (H, W), N, holds = size(rng), rng.choice((2, 5, 7)), rng.random() < 0.5
    C_in, kind = rng.choice(((1, "grey"), (3, "colour")) if holds else ((3, "grey"), (1, "colour")))
    channels = {"grey": "one channel, the brightness", "colour": "three channels, red, green and blue"}[kind]
    return judged(
        holds,
        f"`{made(C_in, C_out, (kH, kW))}` is a layer for {kind} pictures, and a tensor of shape ({N}, {C_in}, {H}, "
        f"{W}) "
        f"holds {N} of them.",
        "M53",
        f"A {kind} picture has {channels}. in_channels is 1 for grey pictures and 3 for colour pictures.",
        objective="choose in_channels for a picture",
        formula="in_channels: 1 for grey, 3 for red, green and blue",
        because=f"A {kind} picture has {channels}.",
        hint="How many numbers has one pixel of such a picture?",
        steps=[
            f"A {kind} picture has {channels}.",
            f"The layer takes {C_in}, its first argument, and the tensor has {C_in}, its second axis.",
        ],
        proof=(
            "import torch\nfrom torch import nn\nfrom convlab import samples\n"
            f"picture = torch.tensor(samples.picture('{'camera' if kind == 'grey' else 'cat'}'))\n"
            f"print(len(picture) == {made(C_in, C_out, (kH, kW))}.in_channels)"
        ),
    )


QUESTIONS = {
    "conv-names": conv_names,
    "grey-layer": grey_layer,
    "free-channels": free_channels,
    "myth-output-size": myth_output_size,
    "myth-batch": myth_batch,
    "myth-overlap": myth_overlap,
}
