"""Lesson 01, the numbers themselves: dtype and scale, where they lie, and how they are plotted."""

from convlab.questions.cases import drawn, gathered, shuffled
from convlab.questions.lesson_01.moving import sides
from convlab.questions.question import Slip
from convlab.questions.varying import flipped, some_of

_TO_UNIT = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "bring a photograph to float32, 0 to 1",
    "formula": "photo.float() / 255",
    "because": "float32 as the weights are, and 255, the largest byte, becomes 1.",
    "hint": "Two things are asked: the dtype of the weights, float32, and numbers of 1 at most. Check each line "
    "for both.",
}


def _to_unit_wrong():
    return {
        "photo.float()": (
            "M130",
            "float() changes the dtype and keeps the numbers: 255 becomes 255.0. The division by 255 brings them to 0 "
            "to 1.",
        ),
        "photo.double() / 255": (
            "M128",
            "double() is float64, and the weights are float32: Conv2d refuses it, Input type (double) and bias type "
            "(float) should be the same.",
        ),
        "photo // 255": (
            "M58",
            "// divides whole numbers: bytes stay, 1 where there was 255 and 0 everywhere else. And Conv2d refuses "
            "bytes.",
        ),
    }


def to_unit(rng):
    """The line that makes numbers from 0 to 1 that Conv2d takes."""
    H, W = sides(rng)
    answer = "photo.float() / 255"
    wrong = _to_unit_wrong()
    slips = [Slip(call, (id,), line) for call, (id, line) in wrong.items()]
    return {
        **_TO_UNIT,
        "prompt": (
            f"`photo` is a tensor of shape (3, {H}, {W}) and dtype uint8. Which line gives numbers from 0 to 1 that "
            "`nn.Conv2d(3, 8, kernel_size=3)` takes?"
        ),
        "answer": answer,
        "steps": [
            "A byte goes from 0 to 255, so dividing by 255 gives 0 to 1.",
            "The weights are float32, and Conv2d converts nothing: bytes and float64 are refused.",
            "`float()` is float32 with the same numbers; then the division.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\n"
            f"photo = (torch.arange(3 * {H} * {W}) % 256).to(torch.uint8).reshape(3, {H}, {W})\n"
            f"for line in {[answer, *wrong]}:\n    try:\n"
            "        nn.Conv2d(3, 8, kernel_size=3)(eval(line))\n    except RuntimeError:\n        continue\n"
            "    if eval(line).max() == 1:\n        print(line)"
        ),
        "slips": gathered("choice", answer, slips),
        "options": shuffled(rng, [answer, *wrong]),
    }


def _scaled_case(rng):
    H, W = 2, rng.choice((3, 4))
    photo = [[[51 * rng.randint(0, 5) for _ in range(3)] for _ in range(W)] for _ in range(H)]
    c, i, j = rng.randrange(3), *rng.choice(((0, 1), (1, 0)))
    row = [number for line in photo for pixel in line for number in pixel]
    numbers = {
        "right": photo[i][j][c] / 255,
        "M130": float(photo[i][j][c]),
        "M52": row[c * H * W + i * W + j] / 255,
        "M102": photo[j][i][c] / 255,
    }
    return photo, (c, i, j), {name: f"{number:.1f}" for name, number in numbers.items()}


def _scaled_lines(text, index):
    _, i, j = index
    return {
        "M130": f"{text['M130']} is the byte as a float. The division by 255 is still to come: {text['M130']} / 255 = "
        f"{text['right']}.",
        "M52": f"{text['M52']} would be there after a reshape, which reads on in the old order. permute takes each "
        "number along with its pixel.",
        "M102": f"{text['M102']} belongs to row {j}, column {i}. After the channel comes the row, then the column.",
    }


def scaled_value(rng):
    """One number of a photograph on its whole way into the layer."""
    photo, (c, i, j), text = drawn(lambda: _scaled_case(rng), lambda case: len(set(case[2].values())) == 4)
    answer, byte = text["right"], photo[i][j][c]
    pixels = ",\n                       ".join(map(str, photo))
    code = f"photo = torch.tensor([{pixels}],\n                     dtype=torch.uint8)\n"
    code += "x = photo.permute(2, 0, 1).float() / 255"
    lines = _scaled_lines(text, (c, i, j))
    return {
        "prompt": f"The photograph has {len(photo)} rows of {len(photo[0])} pixels. What is `x[{c}, {i}, {j}]`?",
        "kind": "choice",
        "level": "hard",
        "objective": "follow a number from the file into the layer",
        "formula": "x[c, i, j] = photo[i, j, c] / 255",
        "answer": answer,
        "because": f"It is photo[{i}, {j}, {c}], the byte {byte}, divided by 255.",
        "hint": "First which pixel, then which of its three colours, then what happens to the number.",
        "steps": [
            f"permute(2, 0, 1) puts the channel first: x[{c}, {i}, {j}] comes from photo[{i}, {j}, {c}].",
            f"Row {i}, pixel {j} is {photo[i][j]}.",
            f"Of that number {c}, counted from 0: {byte}.",
            f"As a float, divided by 255: {byte} / 255 = {answer}.",
        ],
        "proof": f'import torch\n{code}\nprint(f"{{x[{c}, {i}, {j}].item():.1f}}")',
        "slips": gathered("choice", answer, [Slip(text[id], (id,), lines[id]) for id in lines]),
        "figure": [{"code": code}],
        "options": shuffled(rng, list(text.values())),
    }


_WHERE_THINGS_LIE = {  # what is the same for every seed
    "prompt": "`device` is another one than the CPU, such as `cuda`. Tick everything that lies on it after these "
    "lines.",
    "kind": "choices",
    "level": "medium",
    "objective": "know what .to moves",
    "formula": "x = x.to(device) for a tensor; model.to(device) for a module",
    "hint": "Of a tensor `.to` gives a new one, and leaves the old one alone. What does it do to a module?",
}


def where_things_lie(rng):
    """What has moved to the device after a few lines."""
    H, W = sides(rng)
    photo, moved, conv = rng.choice((("batch", "there", "conv"), ("photos", "given", "layer"), ("data", "y", "model")))
    lines = shuffled(rng, [f"{photo}.to(device)", f"{moved} = {photo}.to(device)", f"{conv}.to(device)"])
    code = f"{photo} = torch.zeros(4, 3, {H}, {W})\n{conv} = nn.Conv2d(3, 8, kernel_size=3)\n" + "\n".join(lines)
    words = {
        photo: f"`{photo}.to(device)` gives a new tensor, and nobody kept it: `{photo}` stays where it was. Write "
        f"`{photo} = {photo}.to(device)`.",
        moved: f"`{moved}` is the name of the new tensor, and that one lies on the device.",
        f"{conv}.weight": f"`{conv}` is a module, and a module's `.to` moves its own weights: no assignment is needed.",
        f"{conv}.bias": f"A module's `.to` moves all its parameters, the bias of `{conv}` too.",
    }
    options = some_of(rng, list(words), lambda option: option != photo)
    words = {option: line for option, line in words.items() if option in options}
    answer = [option for option in options if option != photo]
    slips = [Slip(flipped(options, answer, option), ("M59",), line) for option, line in words.items()]
    return {
        **_WHERE_THINGS_LIE,
        "answer": answer,
        "because": f"`{photo}.to(device)` made a copy that was thrown away; the module's weights moved in place.",
        "steps": [
            f"`{photo}.to(device)` on a line of its own: the copy is lost, `{photo}` is where it was.",
            f"`{moved} = {photo}.to(device)`: `{moved}` is the copy on the device.",
            f"`{conv}.to(device)` moves weight and bias of the module itself.",
        ],
        "proof": (
            'import torch\nfrom torch import nn\ndevice = "meta"  # stands for cuda: every PyTorch has this device\n'
            f"{code}\nfor name in {options}:\n    if eval(name).device.type == device:\n        print(name)"
        ),
        "slips": gathered("choices", answer, slips),
        "per_option": {option: Slip(option, ("M59",), line) for option, line in words.items()},
        "figure": [{"code": code}],
        "options": options,
    }


_LINES = {  # a line of code -> (what is claimed of it, is it true)
    "x.to(device)": ("the tensor `x` lies on the device", False),
    "x = x.to(device)": ("the tensor `x` lies on the device", True),
    "model.to(device)": ("the weights of the module `model` lie on the device", True),
    "x.float()": ("the tensor `x` of bytes is float32", False),
}


def myth_device(rng):
    """Does a line move a tensor, or convert it, in place?"""
    line = rng.choice(list(_LINES))
    claim, true = _LINES[line]
    H, W = sides(rng)
    given = f"`x` is a tensor of bytes, shape (3, {H}, {W}), on the CPU; `device` is another device."
    checked = "x.dtype == torch.float32" if "float" in line else "x.device.type == device"
    if "model" in line:
        checked = "model.weight.device.type == device"
    return {
        "prompt": f"{given} True or false? After the line `{line}`, and nothing else, {claim}.",
        "kind": "truefalse",
        "level": "easy",
        "objective": "know that a tensor's methods give a new tensor",
        "formula": "x.to(device), x.float(): a new tensor; model.to(device): in place",
        "answer": true,
        "because": "A tensor's `.to` and `.float` give a new tensor; a module's `.to` changes the module.",
        "hint": "What is the result of the line, and does any name keep it?",
        "steps": [
            "A tensor's `.to` and `.float` return a new tensor, and it is lost unless a name keeps it; a module's "
            "`.to` works on the module itself.",
            f"Here the line is `{line}`: the claim is {'true' if true else 'false'}.",
        ],
        "proof": (
            'import torch\nfrom torch import nn\ndevice = "meta"  # stands for cuda: every PyTorch has this device\n'
            f"x = torch.zeros(3, {H}, {W}, dtype=torch.uint8)\nmodel = nn.Conv2d(3, 8, kernel_size=3)\n{line}\n"
            f"print({checked})"
        ),
        "slips": (
            Slip(
                not true,
                ("M59",),
                "A tensor's `.to` and `.float` give a new tensor and leave `x` as it is: write `x = x.to(device)`. A "
                "module's `.to` does move its weights.",
            ),
        ),
        "options": ["true", "false"],
    }


_PLOT_CALL = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "plot a tensor",
    "formula": "x.detach().permute(1, 2, 0).numpy()",
    "because": "Without a gradient, the channels last: what NumPy and matplotlib take.",
    "hint": "Three things: matplotlib wants (H, W, C); pixels must stay in their place; NumPy knows no gradients.",
}
_FROM = {
    True: "from inside a network: `x.requires_grad` is True",
    False: "as a file gave it: `x.requires_grad` is False",
}


def _plot_call_wrong(H, W, grad):
    """Call -> (mistake, line), for a picture that requires a gradient or does not."""
    free = "x.detach()" if grad else "x"
    first = {
        "x.permute(1, 2, 0).numpy()": (
            "M131",
            "numpy() refuses a tensor that requires a gradient: RuntimeError. detach() gives the same numbers without "
            "it.",
        )
    }
    other = {
        "x.permute(2, 0, 1).numpy()": (
            "M112",
            f"permute lists the old axes in their new order, so (2, 0, 1) gives ({W}, 3, {H}). The channels, axis 0, "
            "come last: (1, 2, 0).",
        )
    }
    return {
        **(first if grad else other),
        f"{free}.numpy()": (
            "M132",
            f"matplotlib wants the channels last: (3, {H}, {W}) is a TypeError, Invalid shape. permute(1, 2, 0) first.",
        ),
        f"{free}.reshape({H}, {W}, 3).numpy()": (
            "M52",
            "The shape is right, and the picture is scrambled: reshape cuts the same row of numbers in another way. "
            "permute moves the axis.",
        ),
    }


def plot_call(rng):
    """The call that gives matplotlib what it wants."""
    (H, W), grad = sides(rng), rng.random() < 0.5
    answer = "x.detach().permute(1, 2, 0).numpy()" if grad else "x.permute(1, 2, 0).numpy()"
    wrong = _plot_call_wrong(H, W, grad)
    slips = [Slip(call, (id,), line) for call, (id, line) in wrong.items()]
    first = "detach() leaves the gradient behind, which numpy() would refuse."
    return {
        **_PLOT_CALL,
        "prompt": f"`x` is a picture of shape (3, {H}, {W}) {_FROM[grad]}. Which array does `plt.imshow` draw as the "
        "picture?",
        "answer": answer,
        "steps": [
            first if grad else "`x` requires no gradient, so numpy() takes it as it is.",
            f"permute(1, 2, 0) puts the channels last: ({H}, {W}, 3).",
            "numpy() hands the same numbers over. reshape would scramble them.",
        ],
        "proof": (
            f"import torch\nx = torch.rand(3, {H}, {W}, requires_grad={grad})\n"
            f"for call in {[answer, *wrong]}:\n    try:\n        array = eval(call)\n    except RuntimeError:\n"
            f"        continue\n    if array.shape == ({H}, {W}, 3) and array[2, 5, 1] == x[1, 2, 5].item():\n"
            "        print(call)"
        ),
        "slips": gathered("choice", answer, slips),
        "options": shuffled(rng, [answer, *wrong]),
    }


_PLOT_RUNS = {  # what is the same for every seed
    "kind": "choices",
    "level": "easy",
    "objective": "tell what NumPy and matplotlib take",
    "formula": "imshow: (H, W) or (H, W, 3); numpy(): no gradient",
    "because": "Refused are numpy() of a tensor with a gradient, and imshow of channels that stand first.",
    "hint": "Ask of numpy(): does the tensor require a gradient? And of imshow: where do the channels stand?",
}


def _plot_runs_lines(H, W):
    return {
        "weight.numpy()": (
            False,
            "M131",
            "`weight` requires a gradient: numpy() refuses it, RuntimeError. `weight.detach().numpy()` runs.",
        ),
        "weight.detach().numpy()": (
            True,
            "M131",
            "detach() gives a tensor without a gradient, and that one becomes an array.",
        ),
        "plt.imshow(planes)": (
            False,
            "M132",
            f"matplotlib wants the channels last: of (3, {H}, {W}) it says Invalid shape.",
        ),
        "plt.imshow(planes.permute(1, 2, 0))": (
            True,
            "M132",
            f"permute(1, 2, 0) gives ({H}, {W}, 3), channels last, which matplotlib draws in colour.",
        ),
        "plt.imshow(grey)": (
            True,
            "M53",
            f"A grey picture needs no 3 channels: matplotlib draws ({H}, {W}) as it is.",
        ),
    }


def plot_runs(rng):
    """Which of these lines on the way to a plot run."""
    H, W = sides(rng)
    lines = _plot_runs_lines(H, W)
    options = some_of(rng, list(lines), lambda option: lines[option][0])
    lines = {option: lines[option] for option in lines if option in options}
    answer = [option for option in options if lines[option][0]]
    slips = [
        Slip(ticked, (id,), line)
        for option, (_, id, line) in lines.items()
        if (ticked := flipped(options, answer, option))
    ]
    return {
        **_PLOT_RUNS,
        "prompt": (
            f"`planes` is a tensor of shape (3, {H}, {W}), `grey` one of shape ({H}, {W}), and `weight` that of an "
            "`nn.Conv2d`, which requires a gradient. Tick every line that runs without an error."
        ),
        "answer": answer,
        "steps": [
            "numpy() works for tensors without a gradient: after detach() it does.",
            "imshow takes (H, W) in grey and (H, W, 3) in colour: the channels come last.",
        ],
        "proof": (
            "import torch\nfrom matplotlib.figure import Figure\nfrom torch import nn\n"
            "plt = Figure().subplots()\nweight = nn.Conv2d(3, 8, kernel_size=3).weight\n"
            f"planes, grey = torch.rand(3, {H}, {W}), torch.rand({H}, {W})\nfor line in {options}:\n    try:\n"
            "        eval(line)\n    except (RuntimeError, TypeError):\n        continue\n    print(line)"
        ),
        "slips": gathered("choices", answer, slips),
        "per_option": {option: Slip(option, (id,), line) for option, (_, id, line) in lines.items()},
        "options": options,
    }


QUESTIONS = {
    "to-unit": to_unit,
    "scaled-value": scaled_value,
    "where-things-lie": where_things_lie,
    "myth-device": myth_device,
    "plot-call": plot_call,
    "plot-runs": plot_runs,
}
