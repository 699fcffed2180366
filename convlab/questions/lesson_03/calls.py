"""Lesson 03, the calls: the layer, the function, what each takes, and what each keeps."""

from convlab.questions.cases import shuffled
from convlab.questions.lesson_03.drawing import chosen, layer, made, size, ticked
from convlab.questions.varying import some_of

TRY = (
    "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
    "{given}\nfor line in {lines}:\n    try:\n        it = eval(line)\n"
    "    except (TypeError, AttributeError, RuntimeError):\n        continue\n    if {test}:\n        print(line)"
)


def _proof(given, lines, test="True"):
    return TRY.replace("{given}", given).replace("{lines}", str(lines)).replace("{test}", test)


_WHICH_CALL = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "write the call of a layer",
    "formula": "nn.Conv2d(in_channels, out_channels, kernel_size)",
    "because": "First what comes in, then what goes out, then the kernel size as (rows, columns).",
    "hint": "Three things, in the order in which a number meets them: it comes in, it goes out; how large is the "
    "window?",
}


def which_call(rng):
    """The call that makes a layer."""
    C_in, C_out, kernel = layer(rng)
    answer = made(C_in, C_out, kernel)
    wrong = {
        made(C_out, C_in, kernel): (
            "M91",
            f"That layer takes {C_out} channels and gives {C_in}. The order is (in_channels, out_channels, "
            "kernel_size): what comes in is named first.",
        ),
        f"nn.Conv2d({C_in}, {C_out}, kernel={kernel})": (
            "M90",
            "There is no keyword `kernel`: a TypeError. It is called `kernel_size`.",
        ),
        f"nn.Conv2d(input={C_in}, output={C_out}, size={kernel})": (
            "M138",
            "No such keywords exist: a TypeError. They are `in_channels`, `out_channels` and `kernel_size`.",
        ),
    }
    options = [answer, *wrong]
    return {
        **_WHICH_CALL,
        "prompt": (
            f"The input has {C_in} channels, the output is to have {C_out}, and the window is {kernel[0]} rows high "
            f"and "
            f"{kernel[1]} columns wide. Which line makes the layer?"
        ),
        "answer": answer,
        "steps": [
            f"in_channels is {C_in}, out_channels is {C_out}, in this order.",
            f"The third is called kernel_size, rows before columns: `{answer}`.",
        ],
        "proof": _proof(
            f"input = torch.zeros({C_in}, 9, 11)", options, f"it.weight.shape == ({C_out}, {C_in}, *{kernel})"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, options),
    }


_FUNCTIONAL_CALL = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "convolve with a weight of your own",
    "formula": "F.conv2d(input, weight, bias)",
    "because": "The function takes the tensors: the input, the weight, the bias.",
    "hint": "Who has the weight: do you hand it over, or does a layer keep it?",
}


def _functional_call_wrong(name, C_in, C_out, kernel):
    return {
        f"nn.Conv2d(input, {name}, bias)": (
            "M140",
            "`nn.Conv2d(...)` makes a layer, and takes numbers: two channel counts and a kernel size. It computes "
            "nothing until the layer is called with an input.",
        ),
        f"F.conv2d(input, {C_in}, {C_out}, kernel_size={kernel})": (
            "M139",
            "Those are the arguments of the layer. The function wants the weight itself, and reads the channels and "
            "the kernel size off its shape.",
        ),
        f"torch.nn.conv2d(input, {name}, bias)": (
            "M90",
            "`torch.nn` has no `conv2d`: an AttributeError. The function lives in `torch.nn.functional`.",
        ),
    }


def functional_call(rng):
    """The line that convolves with a weight at hand."""
    C_in, C_out, kernel = layer(rng)
    H, W = size(rng)
    name = rng.choice(("weight", "filters", "w"))
    answer = f"F.conv2d(input, {name}, bias)"
    wrong = _functional_call_wrong(name, C_in, C_out, kernel)
    options = [answer, *wrong]
    return {
        **_FUNCTIONAL_CALL,
        "prompt": (
            f"You have an `input` of shape ({C_in}, {H}, {W}), your own `{name}` of shape ({C_out}, {C_in}, "
            f"{kernel[0]}, "
            f"{kernel[1]}) and a `bias` of shape ({C_out},). Which line gives the output?"
        ),
        "answer": answer,
        "steps": [
            "The weight is there already, so it has to be handed over: that is what the function is for.",
            "`F` is torch.nn.functional, and there the function is written with a small c.",
            f"Channels and kernel size need not be said, they are in the weight's shape: `{answer}`.",
        ],
        "proof": _proof(
            f"input, {name}, bias = torch.rand({C_in}, {H}, {W}), torch.rand({C_out}, {C_in}, *{kernel}), "
            f"torch.rand({C_out})",
            options,
            "torch.is_tensor(it)",
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, options),
    }


_FUNCTION_LINES = {
    "torch.conv2d(input, weight)": (
        True,
        "M90",
        "`torch.conv2d` is a name of the function, as `F.conv2d` is; what does not exist is `torch.nn.conv2d`.",
    ),
    "F.conv2d(input, weight, padding=1)": (
        True,
        "M139",
        "The function needs no channel counts and no kernel size: it reads them off the weight. So this runs.",
    ),
    "F.conv2d(input, weight, padding=1, padding_mode='circular')": (
        False,
        "M100",
        "Only the layer has `padding_mode`. Before the function, pad with `F.pad`.",
    ),
}


_LAYER_LINES = {  # with this seed's numbers in the place of the braces
    "nn.Conv2d({C_in}, {C_out}, kernel_size={kernel})(input)": (
        True,
        "M42",
        "{C_out} filters are as good as any other number: that line runs.",
    ),
    "nn.Conv2d({C_in}, 8, kernel_size={kernel})(input[0])": (
        True,
        "M57",
        "`input[0]` is one picture without a batch axis, and a layer takes that too.",
    ),
    "nn.Conv2d({C_in}, 8, kernel={kernel})(input)": (
        False,
        "M90",
        "The keyword is `kernel_size`; `kernel` is a TypeError.",
    ),
    "nn.Conv2d(input={C_in}, output=8, size={kernel})(input)": (
        False,
        "M138",
        "The keywords are `in_channels`, `out_channels` and `kernel_size`: a TypeError.",
    ),
    "nn.Conv2d(input, 8, kernel_size={kernel})": (
        False,
        "M140",
        "The picture is no argument of the call that makes the layer: first make it, then call it with the input.",
    ),
}


def _lines(**numbers):
    """Line -> (does it run, the mistake behind being wrong about it, why)."""
    made = {line: (runs, mistake, why.format(**numbers)) for line, (runs, mistake, why) in _LAYER_LINES.items()}
    return {line.format(**numbers): found for line, found in made.items()} | _FUNCTION_LINES


_LINES_THAT_RUN = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "see an error before it comes",
    "formula": "the layer: in_channels, out_channels, kernel_size; the function: input, weight",
    "because": "Any number of filters and an input without a batch axis are fine; names that do not exist, and a "
    "picture where a number is due, are not.",
    "hint": "Go through the names: does this one take such an argument? Is a layer made, or is it called?",
    "steps": [
        "The layer's names are in_channels, out_channels and kernel_size, and out_channels is free.",
        "A layer is made from numbers, and called with an input of three or four axes.",
        "The function takes the weight and padding, and no padding_mode.",
    ],
}


def lines_that_run(rng):
    """Which of these lines run."""
    C_in, C_out, kernel = layer(rng, (2, 3, 5, 6, 7, 11, 13))
    (H, W), N = size(rng), rng.choice((4, 9))
    lines = _lines(C_in=C_in, C_out=C_out, kernel=kernel)
    options = some_of(rng, rng.sample(list(lines), 7), lambda line: lines[line][0])
    answer = [option for option in options if lines[option][0]]
    slips, per_option = ticked(options, answer, {line: (id, why) for line, (_, id, why) in lines.items()})
    return {
        **_LINES_THAT_RUN,
        "prompt": f"`input` has the shape ({N}, {C_in}, {H}, {W}), `weight` the shape (8, {C_in}, {kernel[0]}, "
        f"{kernel[1]}). Tick every line that runs without an error.",
        "answer": answer,
        "proof": _proof(
            f"input, weight = torch.zeros({N}, {C_in}, {H}, {W}), torch.zeros(8, {C_in}, *{kernel})", options
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }


_TRAINED = {  # what is the same for every seed
    "prompt": "An optimizer gets `Block().parameters()`. Which of these weights does it train? Tick all.",
    "kind": "choices",
    "level": "medium",
    "objective": "say what is trained",
    "formula": "parameters(): nn.Parameter, and the Parameters of the layers inside",
    "because": "A Parameter set on the module, and those of the layers inside it; no plain tensor.",
    "hint": "What turns a tensor into something that a module hands out?",
}


def _trained_parts():
    return {
        "self.conv.weight": (
            "M67",
            "A layer inside a module brings its own Parameters, drawn at random and changed by training.",
        ),
        "self.weight": (
            "M67",
            "`nn.Parameter` registers a tensor, so it is trained; that `F.conv2d` uses it changes nothing.",
        ),
        "self.start": ("M92", "A tensor is no Parameter: no optimizer sees it, and `state_dict` does not hold it."),
        "the weight made in forward": (
            "M92",
            "It is drawn anew in every call and forgotten afterwards: nothing could be learned by it.",
        ),
    }


def trained(rng):
    """Which numbers does the optimizer get?"""
    C_in, C_out, kernel = layer(rng)
    shape = (C_out, C_in, *kernel)
    code = (
        "class Block(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.conv = {made(C_out, C_in, kernel)}\n"
        f"        self.weight = nn.Parameter(torch.randn{shape})\n"
        f"        self.start = torch.randn{shape}\n\n"
        "    def forward(self, input):\n"
        f"        first = F.conv2d(input, torch.randn{shape})\n"
        "        second = F.conv2d(input, self.weight) + F.conv2d(input, self.start)\n"
        "        return self.conv(first + second)"
    )
    parts, registered = _trained_parts(), ("self.conv.weight", "self.weight")
    options = some_of(rng, list(parts), lambda option: option in registered)
    answer = [option for option in options if option in registered]
    slips, per_option = ticked(options, answer, parts)
    return {
        **_TRAINED,
        "answer": answer,
        "steps": [
            "`nn.Parameter` set as an attribute is registered: self.weight is trained.",
            "A layer set as an attribute is registered with its Parameters: self.conv.weight is trained.",
            "Plain tensors are not: neither self.start nor what forward draws.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n{code}\n"
            "found = ['self.' + name for name, _ in Block().named_parameters()]\n"
            f"print([name for name in {options} if name in found])"
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
        "figure": [{"code": code}],
    }


QUESTIONS = {
    "which-call": which_call,
    "functional-call": functional_call,
    "lines-that-run": lines_that_run,
    "trained": trained,
}
