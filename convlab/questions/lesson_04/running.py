"""Lesson 04, does it run, and what comes out? What PyTorch refuses, and what it is only said to refuse."""

from convlab.mistakes import MISTAKES
from convlab.questions.cases import counted, drawn, gathered, shuffled
from convlab.questions.lesson_04.drill import worked_axes
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec, output_length


def _by(size):
    return f"{size[0]} x {size[1]}"


def _big_padding_case(rng):
    kernel_size, padding = rng.choice(((3, 2), (2, 3), (3, 4), (4, 3), (2, 5))), rng.choice((3, 3, 4, (3, 4), (4, 3)))
    height = rng.choice((28, 28, 30, 32))
    spec = Conv2dSpec(3, 16, kernel_size, 2, padding)
    return spec, (1, 3, height, height + rng.choice((-6, -4, 4, 7, 9)))


def _larger(spec, input_shape):
    """The size without the stride, as who thinks that much padding always enlarges would have it."""
    return tuple(MISTAKES["M19"].models["size"](spec, input_shape)[0])


def _big_padding_slips(kernel_size, size, larger):
    kH, kW = kernel_size
    return [
        Slip(
            "there is an error: the padding is more than half of the kernel",
            ("M18",),
            f"That limit belongs to `nn.MaxPool2d`. `nn.Conv2d` takes any padding: with {kH} x {kW} some windows see "
            "zeros alone, and what comes out there is the bias.",
        ),
        Slip(
            f"it runs: the output is {_by(larger)}, larger than the input",
            ("M19",),
            f"{_by(larger)} is right for stride 1. The stride of 2 takes one place in two, and that weighs more than "
            f"the padding: {_by(size)}.",
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
    spec, input_shape = drawn(
        lambda: _big_padding_case(rng), lambda case: len(set(case[0].output_shape(case[1])[2:])) == 2
    )
    size, (H, W) = spec.output_shape(input_shape)[2:], input_shape[2:]
    height, width = worked_axes(spec, input_shape)
    larger = _larger(spec, input_shape)
    answer = f"it runs: the output is {_by(size)}, smaller than the input"
    slips = _big_padding_slips(spec.kernel_size, size, larger)
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
            f"Width: {width}. So {_by(size)}, where the input has {H} x {W}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nH_out, W_out = {spec.source()}(torch.zeros{input_shape}).shape[2:]\n"
            f"assert H_out < {H} and W_out < {W}\n"
            'print(f"it runs: the output is {H_out} x {W_out}, smaller than the input")'
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


def _calls(rng, case):
    """Call -> (does it run, the mistake behind being wrong about it, why)."""
    (H, W), odd, even, s = case
    kH, kW = odd
    axis, noun, length, k = ("height", "row", H, kH) if _uneven(H, kH, s) else ("width", "column", W, kW)
    padding = rng.choice((4, 5, 6))
    places = output_length(length, k, s)
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
        f"nn.Conv2d(3, 8, kernel_size={odd}, stride={s})(input)": (
            True,
            "M07",
            f"Along the {axis} {length} - {k} = {length - k} is not a multiple of {s}, and that is allowed: {places} "
            f"places fit, and {counted((length - k) % s, noun)} at the end {'is' if (length - k) % s == 1 else 'are'} "
            "not read.",
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


def does_it_run(rng):
    """Which of five calls run."""
    case = drawn(lambda: _calls_case(rng), _calls_keep)
    calls, (H, W) = _calls(rng, case), case[0]
    options = shuffled(rng, list(calls))
    answer = [option for option in options if calls[option][0]]
    per_option = {option: Slip(option, (id,), line) for option, (_, id, line) in calls.items()}
    slips = [
        Slip([each for each in options if (each in answer) != (each == option)], (id,), line)
        for option, (_, id, line) in calls.items()
    ]
    return {
        "prompt": (
            f"`input` has the shape (1, 3, {H}, {W}), and `weight` the shape (8, 3, 3, 2). Tick every line that runs "
            "without an error."
        ),
        "kind": "choices",
        "level": "medium",
        "objective": "tell what PyTorch refuses from what it runs",
        "formula": "refused: 'same' with a stride, padding_mode in F.conv2d",
        "answer": answer,
        "because": "Much padding, even kernels and left-over rows all run; `'same'` with a stride, and `padding_mode` "
        "in `F.conv2d`, do not.",
        "hint": "An odd-looking size is no error. Ask of each line: does it promise what cannot be kept, or name an "
        "argument that this function does not have?",
        "steps": [
            "Padding from 0 on and kernel sides from 1 on are allowed, as long as the window fits the padded input.",
            "A stride that does not divide leaves a few rows or columns unread; that is no error.",
            "`'same'` with a stride is a ValueError; `padding_mode` belongs to the module `nn.Conv2d` alone.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
            f"input, weight = torch.zeros(1, 3, {H}, {W}), torch.zeros(8, 3, 3, 2)\nfor line in {options}:\n"
            "    try:\n        eval(line)\n    except (ValueError, TypeError, RuntimeError):\n        continue\n"
            "    print(line)"
        ),
        "slips": gathered("choices", answer, slips),
        "per_option": per_option,
        "options": options,
    }


QUESTIONS = {"big-padding": big_padding, "does-it-run": does_it_run}
