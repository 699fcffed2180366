"""Lesson 06, two names for one weight: what is a copy, what is shared, and what an optimizer changes."""

from convlab.questions.cases import apart, drawn, gathered
from convlab.questions.lesson_03.drawing import layer, made
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.question import Slip

_SHARED = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "tell a copy from a shared weight",
    "formula": "shared: the Parameter itself, or its .data; copied: copy_, clone, load_state_dict",
    "because": "One Parameter, or one storage, under two names: what changes under one name changes under the other.",
    "hint": "After which lines are there two sets of numbers in memory, and after which is there one with two names?",
    "otherwise": "Ask where the numbers of `b` lie afterwards: in a place of their own, or where those of `a` lie?",
}


def _named(lines):
    """The lines with reasons that say which line they are about: several may stand in one answer."""
    return [[(line, holds, id, f"`{line}`: {why}") for line, holds, id, why in versions] for versions in lines]


def _ways(a, b):
    """For each way its versions: (line, does b follow a, the mistake behind being wrong about it, why)."""
    one = "one Parameter under two names, and no copy."
    own = "the numbers are copied, into a place of their own; afterwards the two are independent."
    return (
        [(f"{b}.weight.data = {a}.weight.data", True, "M95", f"`.data` hands over the storage itself: `{b}` then reads "
          f"the numbers of `{a}`."),
         (f"{b}.weight.data = {a}.weight.data.clone()", False, "M95", "`clone` makes numbers of its own, and `.data` "
          "hands over those.")],
        [(f"{b}.weight = {a}.weight", True, "M160", one),
         (f"{b}.weight = nn.Parameter({a}.weight.detach().clone())", False, "M160", own)],
        [(f"{b} = {a}", True, "M160", f"`{b}` is then a second name of the layer `{a}` itself."),
         (f"{b} = copy.deepcopy({a})", False, "M160", own)],
        [(f"with torch.no_grad(): {b}.weight.copy_({a}.weight)", False, "M95", own)],
        [(f"{b}.load_state_dict({a}.state_dict())", False, "M160", "`load_state_dict` copies the numbers, as `copy_` "
          "does.")],
    )  # fmt: skip


def shared_weight(rng):
    """After which lines one layer follows the other."""
    C_in, C_out, kernel = layer(rng)
    a, b = rng.choice((("a", "b"), ("left", "right"), ("old", "new")))
    fields = to_tick(rng, _named(_ways(a, b)))
    call = made(C_in, C_out, kernel)
    return {
        **_SHARED,
        **fields,
        "prompt": f"`{a}` and `{b}` are two layers, each made by `{call}`. After which of these lines, each by itself, "
        f"does `{b}` change too when the weight of `{a}` is set to 0 in place afterwards? Tick all.",
        "steps": [
            "A plain `=` copies nothing: it gives the same thing a second name, be it the layer or its weight.",
            "`.data` hands over the storage: two Parameters, one set of numbers.",
            "`copy_`, `clone`, `deepcopy` and `load_state_dict` make numbers of their own.",
        ],
        "proof": (
            f"import copy\nimport torch\nfrom torch import nn\nfound = []\nfor line in {fields['options']}:\n"
            f"    {a}, {b} = {call}, {call}\n    exec(line)\n"
            f"    with torch.no_grad():\n        {a}.weight.zero_()\n"
            f"    if not {b}.weight.any():\n        found.append(line)\nprint(found)"
        ),
    }


_TIED = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "count parameters that are shared",
    "formula": "parameters() hands out each Parameter once",
    "hint": "How many different Parameters are there: how many weights, how many biases?",
    "otherwise": "One weight, used twice, and two biases.",
}


def _tied_slips(C_in, C_out, kH, kW):
    weights = C_out * C_in * kH * kW
    return [
        Slip(2 * (weights + C_out), ("M160",), "That counts the weight twice. There is one Parameter under two names, "
             "and `parameters()` hands it out once."),
        Slip(weights, ("M35",), f"The weight is there once, rightly. Each layer has its own bias besides, {C_out} "
             "numbers."),
        Slip(C_out * kH * kW + 2 * C_out, ("M34",), f"Each filter has {C_in} kernels, one for each input channel."),
    ]  # fmt: skip


def tied_count(rng):
    """How many parameters two layers with one weight have."""

    def parted(case):
        C_in, C_out, (kH, kW) = case
        return apart("number", C_out * C_in * kH * kW + 2 * C_out, _tied_slips(C_in, C_out, kH, kW))

    C_in, C_out, (kH, kW) = drawn(lambda: layer(rng), parted)
    weights, call = C_out * C_in * kH * kW, made(C_in, C_out, (kH, kW))
    answer = weights + 2 * C_out
    code = (
        f"left, right = {call}, {call}\nright.weight = left.weight\neyes = nn.ModuleList([left, right])\n"
        "count = sum(parameter.numel() for parameter in eyes.parameters())"
    )
    return {
        **_TIED,
        "prompt": "Two layers look at two pictures, with the same filters. Which number is `count`?",
        "answer": answer,
        "because": f"One weight of {weights} numbers, and two biases of {C_out}.",
        "steps": [
            f"The weight: {C_out} * {C_in} * {kH} * {kW} = {weights} numbers.",
            "After the second line both layers hold this one Parameter; the weight that `right` had is gone.",
            f"Each keeps its own bias: {weights} + 2 * {C_out} = {answer}.",
        ],
        "proof": f"import torch\nfrom torch import nn\n{code}\nprint(count)",
        "slips": gathered("number", answer, _tied_slips(C_in, C_out, kH, kW)),
        "figure": [{"code": code}],
    }


_TRAINED = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say which weights a step changes",
    "formula": "a step changes the Parameters that the optimizer was given, whoever chose their numbers",
    "because": "The optimizer goes on with the Parameter that it was given: by hand or at random, its numbers are "
    "changed. What is put in its place it does not know.",
    "hint": "The optimizer holds one Parameter. After which lines is that the weight with which `conv` computes?",
    "otherwise": "Follow the Parameter that the optimizer was given: is it still the layer's weight? May it change?",
}


def _fates(name):
    """For each line its versions: (line, does the step change the weight, the mistake behind being wrong, why)."""
    start = "filters that were set by hand are a start like any other: training changes them."
    kept = "no gradient is computed for the weight: this is how filters made by hand are kept."
    return (
        [(f"with torch.no_grad(): {name}.weight.copy_(numbers)", True, "M67", start),
         (f"with torch.no_grad(): {name}.weight[0] = numbers[0]", True, "M67", start)],
        [(f"{name}.weight.requires_grad_(False)", False, "M67", kept),
         (f"{name}.bias.requires_grad_(False)", True, "M67", "the bias stays as it is, and the weight goes on being "
          "trained.")],
        [(f"{name}.weight = nn.Parameter(numbers)", False, "M162", "the optimizer still holds the old Parameter, and "
          "the layer computes with the new one."),
         (f"{name}.bias = nn.Parameter(numbers[:, 0, 0, 0])", True, "M162", "the bias is a new Parameter that the "
          "optimizer does not know. The weight is the one it was given.")],
        [(f"del {name}.weight; {name}.weight = numbers", False, "M92", "now the weight is a plain tensor: it gets no "
          "gradient, and no optimizer knows it.")],
    )  # fmt: skip


def still_trained(rng):
    """Which weights an optimizer's step still changes."""
    C_in, C_out, kernel = layer(rng)
    name = rng.choice(("conv", "layer", "first"))
    fields = to_tick(rng, _named(_fates(name)))
    code = (
        f"{name} = {made(C_in, C_out, kernel)}\noptimizer = torch.optim.SGD({name}.parameters(), lr=0.1)\n"
        f"...                      # one of the lines below\n{name}(input).square().sum().backward()\noptimizer.step()"
    )
    return {
        **_TRAINED,
        **fields,
        "prompt": f"`numbers` is a tensor of the weight's shape. In the place of the dots stands one line. With which "
        f"lines does the step change the weight that `{name}` computes with? Tick all.",
        "steps": [
            "The optimizer holds the Parameter that was the weight when it was made.",
            "Writing into this Parameter leaves it where it is: the step changes it.",
            "Another tensor in its place is not known to the optimizer, and what requires no gradient gets none.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\ninput = torch.rand(1, {C_in}, 9, 11)\nfound = []\n"
            f"for line in {fields['options']}:\n    numbers = torch.rand({C_out}, {C_in}, *{kernel})\n"
            f"    {name} = {made(C_in, C_out, kernel)}\n"
            f"    optimizer = torch.optim.SGD({name}.parameters(), lr=0.1)\n    exec(line)\n"
            f"    before = {name}.weight.detach().clone()\n    {name}(input).square().sum().backward()\n"
            f"    optimizer.step()\n    if not {name}.weight.equal(before):\n        found.append(line)\nprint(found)"
        ),
        "figure": [{"code": code}],
    }


QUESTIONS = {"shared-weight": shared_weight, "tied-count": tied_count, "still-trained": still_trained}
