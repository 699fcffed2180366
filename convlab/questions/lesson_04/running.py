"""Lesson 04, does it run, and what comes out? What PyTorch refuses, and what it is only said to refuse."""

from convlab.mistakes import MISTAKES
from convlab.questions.cases import counted, drawn, gathered, shuffled
from convlab.questions.lesson_04.drill import ONCE, worked_axes
from convlab.questions.question import Slip
from convlab.questions.varying import flipped, some_of
from convlab.shapes import Conv2dSpec, output_length


def _by(size):
    return f"{size[0]} x {size[1]}"


def _big_padding_case(rng):
    kernel_size, padding = rng.choice(((3, 2), (2, 3), (3, 4), (4, 3), (2, 5))), rng.choice((3, 3, 4, (3, 4), (4, 3)))
    height, stride = rng.choice((28, 28, 30, 32)), rng.choice((1, 2))
    spec = Conv2dSpec(3, 16, kernel_size, stride, padding)
    return spec, (1, 3, height, height + rng.choice((-6, -4, 4, 7, 9)))


def _big_padding_sizes(spec, input_shape):
    """The right size first, then what mistakes predict: the padding once, and the stride or the padding left out."""
    ids = ("M03", "M19" if spec.stride != (1, 1) else "M168")
    wrong = [tuple(MISTAKES[id].models["size"](spec, input_shape)[0]) for id in ids]
    return [tuple(spec.output_shape(input_shape)[2:]), *wrong]


def _big_padding_keeps(case):
    sizes, input_size = _big_padding_sizes(*case), case[1][2:]
    oblong = all(height != width for height, width in sizes)
    return oblong and len(set(sizes)) == 3 and all(_beside(size, input_size) for size in sizes)


def _beside(size, input_size):
    """The size beside that of the input, in a word; empty where one side grows and the other does not."""
    grown = {(n > before) - (n < before) for n, before in zip(size, input_size, strict=True)}
    return {1: "larger", -1: "smaller"}.get(grown.pop(), "") if len(grown) == 1 else ""


def _runs(size, input_size):
    return f"it runs: the output is {_by(size)}, {_beside(size, input_size)} than the input"


def _big_padding_slips(spec, sizes, input_size):
    (kH, kW), (pH, pW), (size, once, other) = spec.kernel_size, spec.padding, sizes
    left_out = {
        "M19": f"{_by(other)} is right for stride 1. The stride of 2 takes one place in two, and that weighs more than "
        f"the padding: {_by(size)}.",
        "M168": f"{_by(other)} is right without padding. {pH} rows above and {pH} below, {pW} columns left and {pW} "
        f"right come first: {_by(size)}.",
    }
    id = "M19" if spec.stride != (1, 1) else "M168"
    return [
        Slip(
            "there is an error: the padding is more than half of the kernel",
            ("M18",),
            f"That limit belongs to `nn.MaxPool2d`. `nn.Conv2d` takes any padding: with {kH} x {kW} some windows see "
            "zeros alone, and what comes out there is the bias.",
        ),
        Slip(_runs(other, input_size), (id,), left_out[id]),
        Slip(
            _runs(once, input_size),
            ONCE,
            f"{_by(once)} adds the padding once to each axis. It is for each side: {2 * pH} rows and {2 * pW} columns.",
        ),
        Slip(
            "there is an error: the sides of the kernel must be odd",
            ("M17",),
            f"Any side from 1 on is allowed, so {kH} x {kW} runs. Odd sides are only handy: with them the same padding "
            "on both sides can keep the size.",
        ),
    ]


def big_padding(rng):
    """Padding of more than half the kernel: an error, or which size?"""
    spec, input_shape = drawn(lambda: _big_padding_case(rng), _big_padding_keeps)
    sizes, (H, W) = _big_padding_sizes(spec, input_shape), input_shape[2:]
    height, width = worked_axes(spec, input_shape)
    answer, word = _runs(sizes[0], (H, W)), _beside(sizes[0], (H, W))
    slips = _big_padding_slips(spec, sizes, (H, W))
    return {
        "prompt": f"`{spec.source()}` gets an input of shape {input_shape}. What happens?",
        "kind": "choice",
        "level": "medium",
        "objective": "say what much padding does",
        "formula": "any padding from 0 on runs: (H + 2 p - k) // s + 1",
        "answer": answer,
        "because": f"No rule limits the padding of zeros, and the formula holds as ever: {height}; {width}.",
        "hint": "Which layer has a rule about padding and half of the kernel: Conv2d or MaxPool2d? Then do the sum.",
        "steps": [
            "`nn.Conv2d` limits neither the zeros around the input nor the sides of the kernel, so it runs.",
            f"Height: {height}.",
            f"Width: {width}. So {_by(sizes[0])}, where the input has {H} x {W}: {word}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nH_out, W_out = {spec.source()}(torch.zeros{input_shape}).shape[2:]\n"
            f"word = 'larger' if H_out > {H} and W_out > {W} else 'smaller' if H_out < {H} and W_out < {W} else ''\n"
            'print(f"it runs: the output is {H_out} x {W_out}, {word} than the input")'
        ),
        "slips": gathered("choice", answer, slips),
        "options": shuffled(rng, [answer, *(slip.answer for slip in slips)]),
    }


def _calls_case(rng):
    height = rng.randint(20, 40)
    return (
        (height, height + rng.choice((-7, -5, 5, 6, 9))),
        rng.choice(((3, 5), (5, 3))),
        rng.choice(((2, 4), (4, 2), (2, 6))),
        rng.choice((2, 3, 4)),
    )


def _uneven(length, k, s):
    return (length - k) % s != 0


def _calls_keep(case):
    (H, W), (kH, kW), _, s = case
    return _uneven(H, kH, s) or _uneven(W, kW, s)


def _calls(case, padding):
    """Call -> (does it run, the mistake behind being wrong about it, why)."""
    (H, W), odd, even, s = case
    length, axis, noun, k = (H, "height", "row", odd[0]) if _uneven(H, odd[0], s) else (W, "width", "column", odd[1])
    places, left = output_length(length, k, s), (length - k) % s
    return {
        f"nn.Conv2d(3, 8, kernel_size={odd}, padding={padding})(input)": (
            True,
            "M18",
            f"`padding={padding}` is more than half of the kernel, and that is allowed: such a limit belongs to "
            "`nn.MaxPool2d`, not to `nn.Conv2d`.",
        ),
        f"nn.Conv2d(3, 8, kernel_size={even})(input)": (
            True,
            "M17",
            f"A kernel may have any sides from 1 on, so `kernel_size={even}` runs.",
        ),
        f"nn.Conv2d(3, 8, kernel_size={even[::-1]}, padding='same')(input)": (
            True,
            "M17",
            "`'same'` keeps the size at stride 1 whatever the sides of the kernel: with even ones it adds one more "
            "below and on the right.",
        ),
        f"nn.Conv2d(3, 8, kernel_size={odd}, stride={s})(input)": (
            True,
            "M07",
            f"Along the {axis} {length} - {k} = {length - k} is not a multiple of {s}, and that is allowed: {places} "
            f"places fit, and {counted(left, noun)} at the end {'is' if left == 1 else 'are'} not read.",
        ),
        f"nn.Conv2d(3, 8, kernel_size={odd[::-1]}, stride={s}, padding='same')(input)": (
            False,
            "M10",
            f"`'same'` promises the size of the input, which a stride of {s} cannot keep: PyTorch raises a ValueError.",
        ),
        "F.conv2d(input, weight, padding=1, padding_mode='reflect')": (
            False,
            "M100",
            "`F.conv2d` has no `padding_mode`: a TypeError. Only the module `nn.Conv2d` has it; with `F.conv2d` you "
            "call `F.pad` first.",
        ),
    }


_DOES_IT_RUN = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "tell what PyTorch refuses from what it runs",
    "formula": "refused: 'same' with a stride, padding_mode in F.conv2d",
    "because": "Much padding, even kernels and left-over rows all run; refused are `'same'` with a stride, and "
    "`padding_mode` in `F.conv2d`.",
    "hint": "An odd-looking size is no error. Ask of each line: does it promise what cannot be kept, or name an "
    "argument that this function does not have?",
    "steps": [
        "Padding from 0 on and kernel sides from 1 on are allowed, as long as the window fits the padded input.",
        "A stride that does not divide leaves a few rows or columns unread; that is no error.",
        "`'same'` with a stride is a ValueError; `padding_mode` belongs to the module `nn.Conv2d` alone.",
    ],
}


def does_it_run(rng):
    """Which of these calls run."""
    case = drawn(lambda: _calls_case(rng), _calls_keep)
    calls, (H, W) = _calls(case, rng.choice((4, 5, 6))), case[0]
    options = some_of(rng, list(calls), lambda option: calls[option][0])
    calls = {option: calls[option] for option in calls if option in options}
    answer = [option for option in options if calls[option][0]]
    slips = [Slip(flipped(options, answer, option), (id,), line) for option, (_, id, line) in calls.items()]
    return {
        **_DOES_IT_RUN,
        "prompt": (
            f"`input` has the shape (1, 3, {H}, {W}), and `weight` the shape (8, 3, 3, 2). Tick every line that runs "
            "without an error."
        ),
        "answer": answer,
        "proof": (
            "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
            f"input, weight = torch.zeros(1, 3, {H}, {W}), torch.zeros(8, 3, 3, 2)\nfor line in {options}:\n"
            "    try:\n        eval(line)\n    except (ValueError, TypeError, RuntimeError):\n        continue\n"
            "    print(line)"
        ),
        "slips": gathered("choices", answer, slips),
        "per_option": {option: Slip(option, (id,), line) for option, (_, id, line) in calls.items()},
        "options": options,
    }


QUESTIONS = {"big-padding": big_padding, "does-it-run": does_it_run}
