"""Lesson 06, setting weights: which line does it, which raises an error, and what `.data` lets through."""

from convlab.questions.cases import drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import chosen, layer, made, size
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.question import Slip

_SET = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "set a weight safely",
    "formula": "with torch.no_grad(): conv.weight.copy_(numbers)",
    "because": "It checks the shape, copies the numbers, and the Parameter stays the one that the optimizer has.",
    "hint": "The Parameter is to stay, and its numbers are to change, without a gradient being recorded.",
}


def set_weight(rng):
    """The line that sets a weight, with an optimizer about."""
    C_in, C_out, kernel = layer(rng)
    name, numbers = rng.choice(("conv", "layer", "first")), rng.choice(("numbers", "filters", "bank"))
    answer = f"with torch.no_grad(): {name}.weight.copy_({numbers})"
    wrong = {
        f"with torch.no_grad(): {name}.weight = nn.Parameter({numbers})": (
            "M162",
            "That is a new Parameter. The optimizer keeps the old one, and trains what no layer uses any more.",
        ),
        f"with torch.no_grad(): {name}.weight = {numbers}": (
            "M94",
            "A plain tensor cannot be assigned to the weight: a TypeError, `torch.no_grad()` or not.",
        ),
        f"{name}.weight.copy_({numbers})": (
            "M161",
            "The weight requires a gradient, so it is changed in place inside `torch.no_grad()` only: a RuntimeError.",
        ),
    }
    call = made(C_in, C_out, kernel)
    return {
        **_SET,
        "prompt": f"`{name} = {call}`, and an optimizer was made from its parameters. `{numbers}` has the shape of the "
        "weight. Which line puts these numbers in, so that the optimizer goes on from them?",
        "answer": answer,
        "steps": [
            "`copy_` writes into the Parameter that is there, so the optimizer keeps the right one.",
            f"Writing is no part of the training, so `torch.no_grad()` goes around it: `{answer}`.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{numbers} = torch.rand({C_out}, {C_in}, *{kernel})\n"
            f"for line in {[answer, *wrong]}:\n    {name} = {call}\n    parameter = {name}.weight\n"
            "    try:\n        exec(line)\n    except (TypeError, RuntimeError):\n        continue\n"
            f"    if {name}.weight is parameter and parameter.equal({numbers}):\n        print(line)"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
    }


_ERRORS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "see which line PyTorch refuses",
    "formula": "refused: a tensor for a Parameter, and writing in place where a gradient is recorded",
    "because": "A plain tensor is no Parameter, and a weight that requires a gradient is not written into. What goes "
    "through `.data` or an attribute is not looked at.",
    "hint": "Two of PyTorch's guards stand here: one at the name `weight`, one at writing in place. Who goes around "
    "both?",
    "otherwise": "An error is the friendly case. Ask of each line whether anybody looks at what it does.",
}


def _matters(name, larger):
    """For each matter its versions: (line, does it raise, the mistake behind being wrong about it, why)."""
    in_place = "A weight that requires a gradient is not changed in place outside `torch.no_grad()`: a RuntimeError."
    allowed = "Inside `torch.no_grad()` a weight may be written into."
    return (
        [(f"{name}.weight = numbers", True, "M94", "`weight` takes a Parameter, and a tensor is none: a TypeError."),
         (f"{name}.weight = nn.Parameter(numbers)", False, "M94", "A Parameter may be put there; only a plain tensor "
          "is refused.")],
        [(f"{name}.weight.copy_(numbers)", True, "M161", in_place),
         (f"with torch.no_grad(): {name}.weight.copy_(numbers)", False, "M161", allowed)],
        [(f"{name}.weight[0] = 0", True, "M161", in_place),
         (f"with torch.no_grad(): {name}.weight[0] = 0", False, "M161", allowed)],
        [(f"{name}.weight.data = larger", False, "M95", f"Through `.data` nothing is checked: the layer takes {larger} "
          "and goes on."),
         (f"with torch.no_grad(): {name}.weight.copy_(larger)", True, "M95", f"`copy_` checks the shape, as `.data` "
          f"does not: {larger} do not fit into the weight.")],
        [(f"{name}.in_channels = 1", False, "M93", "The attribute takes any number, and the weight stays as it is. "
          "An error comes later, when the layer is used."),
         (f"{name}.out_channels = 1", False, "M93", "The attribute takes any number, and the weight stays as it is: "
          "nobody notices.")],
    )  # fmt: skip


def weight_errors(rng):
    """Which lines raise an error at once."""

    def draw():
        (C_in, C_out, kernel), other = layer(rng), layer(rng)[2]
        return C_in, C_out, kernel, (kernel[0] + other[0], kernel[1] + other[1])

    C_in, C_out, kernel, large = drawn(draw, lambda case: case[3][0] != case[3][1])
    name = rng.choice(("conv", "layer", "first"))
    fields = to_tick(rng, _matters(name, f"kernels of {large[0]} x {large[1]}"))
    call = made(C_in, C_out, kernel)
    return {
        **_ERRORS,
        **fields,
        "prompt": f"`{name} = {call}`; `numbers` is a tensor of its weight's shape, and `larger` one of shape "
        f"({C_out}, {C_in}, {large[0]}, {large[1]}). Which of these lines raise an error at once, each by itself? "
        "Tick all.",
        "steps": [
            "A tensor is no Parameter: `weight = numbers` is refused, `weight = nn.Parameter(numbers)` is not.",
            "Writing in place, by `copy_` or `[0] = 0`, needs `torch.no_grad()` around it, and numbers that fit.",
            "Nobody checks what goes through `.data` or into an attribute: no error.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nnumbers, larger = torch.rand({C_out}, {C_in}, *{kernel}), "
            f"torch.rand({C_out}, {C_in}, *{large})\nfound = []\n"
            f"for line in {fields['options']}:\n    {name} = {call}\n"
            "    try:\n        exec(line)\n    except (TypeError, RuntimeError):\n        found.append(line)\n"
            "print(found)"
        ),
    }


_DATA = {  # what is the same for every seed
    "kind": "shape",
    "level": "medium",
    "objective": "say what a layer computes with",
    "formula": "the output follows from weight.shape, not from the layer's attributes",
    "hint": "Nothing was checked. Which numbers does the layer compute with: those it was made with, or those that its "
    "weight has now?",
    "otherwise": "Read C_out, kH and kW off the shape of the tensor that the weight holds now.",
    "axes": ("the output of Conv2d", "(N, C_out, H_out, W_out)"),
}


def _data_slips(N, C_in, C_out, more, size_then, size_now, kernels):
    """What comes out if the layer goes by what it remembers: all of it, its kernel size, or its filters."""
    old, new = kernels
    return [
        Slip((N, C_out, *size_then), ("M95",), "That would be the layer as it was made. `.data` does not look at the "
             "shape: the layer computes with the new weight, and still prints the old kernel size."),
        Slip((N, more, *size_then), ("M95",), "The kernel size is read off the new weight as well: "
             f"{new}. The layer still prints {old}, and nobody has checked."),
        Slip((N, C_out, *size_now), ("M93",), f"`out_channels` is a number that the layer remembers. Its weight now "
             f"holds {more} filters, and those make the output."),
        Slip((N, C_in * more, *size_now), ("M27",), "The kernels of a filter are added into one map: "
             f"{more} filters make {more} maps."),
    ]  # fmt: skip


def data_shape(rng):
    """The output after a weight of another shape was put in by .data."""

    def draw():
        C_in, C_out, kernel = layer(rng, (3, 4, 5, 6, 7))
        _, more, other = layer(rng, (8, 9, 10, 12))
        return C_in, C_out, kernel, more, other, size(rng, kernel=other)

    def fair(case):
        _, _, kernel, _, other, (H, W) = case
        return kernel[0] != other[0] and kernel[1] != other[1] and H - kernel[0] != W - kernel[1]

    C_in, C_out, (kH, kW), more, (new_kH, new_kW), (H, W) = drawn(draw, fair)
    N = rng.choice((13, 14, 15))
    size_now, size_then = (H - new_kH + 1, W - new_kW + 1), (H - kH + 1, W - kW + 1)
    answer = (N, more, *size_now)
    call = made(C_in, C_out, (kH, kW))[:-1] + ", bias=False)"
    kernels = f"{kH} x {kW}", f"{new_kH} x {new_kW}"
    slips = _data_slips(N, C_in, C_out, more, size_then, size_now, kernels)
    code = f"conv = {call}\nconv.weight.data = torch.ones({more}, {C_in}, {new_kH}, {new_kW})"
    return {
        **_DATA,
        "prompt": f"After these two lines `conv` gets an input of shape ({N}, {C_in}, {H}, {W}). There is no error. "
        "Which shape has the output?",
        "answer": answer,
        "because": f"The weight now holds {more} filters of {new_kH} x {new_kW}, whatever the layer prints.",
        "steps": [
            "`.data` takes any tensor: neither `out_channels` nor `kernel_size` is compared with it.",
            f"The weight now has the shape ({more}, {C_in}, {new_kH}, {new_kW}), so {more} feature maps.",
            f"{H} - {new_kH} + 1 = {size_now[0]} rows, {W} - {new_kW} + 1 = {size_now[1]} columns.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{code}\nprint(tuple(conv(torch.zeros({N}, {C_in}, {H}, {W})).shape))"
        ),
        "slips": gathered("shape", answer, slips),
        "figure": [{"code": code}],
    }


QUESTIONS = {"set-weight": set_weight, "weight-errors": weight_errors, "data-shape": data_shape}
