"""Lesson 10, what PyTorch refuses: which groups divide, which shapes fit, which message comes."""

from math import gcd

from convlab.questions.cases import apart, drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import chosen, ticked
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.lesson_10.drawing import channels_text, kernel, layer_text, size
from convlab.questions.question import Slip


def legal(C_in, C_out):
    """The groups that divide both channel counts.

    Example:
        >>> legal(8, 12)
        [1, 2, 4]
    """
    return [g for g in range(1, min(C_in, C_out) + 1) if C_in % g == 0 and C_out % g == 0]


_MOST = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "find the largest number of groups",
    "formula": "the largest groups: the largest common divisor of C_in and C_out",
    "hint": "The groups have to divide both channel counts. Which is the largest number that does?",
    "otherwise": "Write down what divides the inputs, what divides the outputs, and take the largest of both lists.",
}


def most_groups(rng):
    """The most groups that two channel counts allow."""

    def slips(case):
        C_in, C_out = case
        return [
            Slip(C_in, ("M49",), f"{C_out} outputs do not divide into {C_in} groups: both counts have to be divisible, "
                 "else a ValueError."),
            Slip(C_out, ("M47",), f"{C_out} groups would leave some without an input: there are {C_in} of these."),
        ]  # fmt: skip

    def fair(case):
        g = gcd(*case)
        return g > 2 and g not in case and case[0] < case[1] and apart("number", g, slips(case))

    C_in, C_out = case = drawn(lambda: tuple(rng.sample(range(6, 61, 2), 2)), fair)
    answer, (kH, kW) = gcd(*case), kernel(rng, case)
    both = legal(*case)
    return {
        **_MOST,
        "prompt": f"`nn.Conv2d({C_in}, {C_out}, kernel_size={kH, kW}, groups=...)`: which is the largest number of "
        "groups that PyTorch accepts here?",
        "answer": answer,
        "because": f"{answer} is the largest common divisor of {C_in} and {C_out}.",
        "steps": [
            f"The groups divide {C_in} and {C_out} both: {', '.join(map(str, both))}.",
            f"The largest of these is {answer}: {C_in} / {answer} = {C_in // answer} inputs and {C_out} / {answer} = "
            f"{C_out // answer} outputs to a group.",
        ],
        "proof": (
            f"from torch import nn\nfor groups in range(1, {max(case) + 1}):\n    try:\n"
            f"        nn.Conv2d({C_in}, {C_out}, {kH, kW}, groups=groups)\n        found = groups\n"
            "    except ValueError:\n        pass\nprint(found)"
        ),
        "slips": gathered("number", answer, slips(case)),
    }


_LEGAL = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "tell which groups are legal",
    "formula": "C_in % groups == 0 and C_out % groups == 0",
    "hint": "Each group takes an equal share of the inputs, and an equal share of the outputs.",
    "otherwise": "Divide both channel counts by each number: nothing may be left over.",
}


def _legal_reason(C_in, C_out, g):
    """(the mistake behind being wrong about it, why)."""
    if C_in % g and C_out % g:
        return "M49", f"Neither {C_in} nor {C_out} can be divided by {g}: a ValueError."
    if C_in % g:
        id = "M47" if g == C_out else "M49"
        why = f"{C_in} inputs do not divide into {g} groups. ValueError: `in_channels must be divisible by groups`."
        return id, why
    if C_out % g:
        why = f"{C_out} outputs do not divide into {g} groups. ValueError: `out_channels must be divisible by groups`."
        return "M49", why
    if g == C_in:
        return "M47", f"With {g} groups each has one input and {C_out // g} outputs: the depthwise layer."
    why = f"{C_in} / {g} = {C_in // g} inputs and {C_out} / {g} = {C_out // g} outputs to a group: no need to be alike."
    return "M211", why


def legal_groups(rng):
    """Which numbers of groups PyTorch accepts."""

    def draw():
        C_in, K = rng.choice((4, 6, 8, 9, 10, 12)), rng.choice((1, 2, 3))
        C_out = C_in * K if rng.random() < 0.5 else rng.choice((6, 8, 12, 15, 16, 18, 20, 24))
        pool = [g for g in range(2, max(C_in, C_out) + 1) if g in (C_in, C_out) or not C_in % g or not C_out % g]
        return C_in, C_out, pool

    def fair(case):
        good = set(legal(*case[:2])) & set(case[2])
        return case[0] != case[1] and len(case[2]) >= 5 and good

    C_in, C_out, pool = drawn(draw, fair)
    good = [g for g in pool if g in legal(C_in, C_out)]

    def mixed(kept):
        return 1 <= sum(g in good for g in kept) < len(kept) and (C_in in kept or C_out in kept)

    kept = drawn(lambda: rng.sample(pool, 5), mixed)
    both = [g for g in kept if g in good]
    options, answer = [f"groups={g}" for g in kept], [f"groups={g}" for g in both]
    meant = {f"groups={g}": _legal_reason(C_in, C_out, g) for g in kept}
    slips, per_option = ticked(options, answer, meant)
    kH, kW = kernel(rng, (C_in, C_out))
    call = f"nn.Conv2d({C_in}, {C_out}, kernel_size={kH, kW}, ...)"
    return {
        **_LEGAL,
        "prompt": f"`{call}`: with which of these can the layer be made? Tick all.",
        "answer": answer,
        "because": f"{C_in} and {C_out} can both be divided by {channels_text(sorted(both))}.",
        "steps": [
            f"{C_in} can be divided by {', '.join(str(g) for g in sorted(kept) if not C_in % g) or 'none of these'}.",
            f"{C_out} can be divided by {', '.join(str(g) for g in sorted(kept) if not C_out % g) or 'none of these'}.",
            f"Both can: {', '.join(answer)}.",
        ],
        "proof": (
            f"from torch import nn\nfound = []\nfor groups in {kept}:\n    try:\n"
            f"        nn.Conv2d({C_in}, {C_out}, kernel_size={kH, kW}, groups=groups)\n    except ValueError:\n"
            "        continue\n    found.append(f'groups={groups}')\nprint('; '.join(found))"
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }  # fmt: skip


_RUN = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "tell what PyTorch runs with groups",
    "formula": "runs: groups divide both counts, weight (C_out, C_in / groups, kH, kW), input with C_in channels",
    "because": "The groups have to divide both channel counts; the input has all C_in channels, and the weight has "
    "C_in / groups of them.",
    "hint": "Look at each line for three things: do the groups divide both counts, has the input all channels, and is "
    "the second number of the weight C_in / groups?",
    "otherwise": "Do the groups divide? Does the input have in_channels channels? Is the weight's second number "
    "C_in / groups?",
}


def _run_matters(g, a, b, size):
    """The lines, two versions of each: (text, holds, the mistake behind being wrong about it, why)."""
    C_in, C_out, kH, kW = g * a, g * b, *size
    call, dense = layer_text(C_in, C_out, size, g), (C_out, C_in, kH, kW)
    fits = f"The weight has {C_in} / {g} = {a} channels for each of {C_out} filters, and the input {C_in}: it runs."
    return [
        [
            (f"{call}(x)", True, "M211", f"{C_in} / {g} = {a} inputs and {C_out} / {g} = {b} outputs to a group: "
             "they need not be alike, and it runs."),
            (f"{layer_text(C_in, C_out + 1, size, g)}(x)", False, "M49", f"{C_out + 1} outputs do not divide into {g} "
             "groups. ValueError: `out_channels must be divisible by groups`."),
        ],
        [
            (f"{layer_text(C_in, 2 * C_in, size, C_in)}(x)", True, "M47", f"Depthwise: {C_in} groups of one input and "
             "two outputs. It runs."),
            (f"{layer_text(C_in, 2 * C_in, size, 2 * C_in)}(x)", False, "M47", f"{C_in} inputs do not divide into "
             f"{2 * C_in} groups. ValueError: `in_channels must be divisible by groups`."),
        ],
        [
            (f"F.conv2d(x, torch.ones({C_out}, {a}, {kH}, {kW}), groups={g})", True, "M46", fits),
            (f"F.conv2d(x, torch.ones({C_out}, {C_in}, {kH}, {kW}), groups={g})", False, "M46", "RuntimeError: `Given "
             f"groups={g}, weight of size {list(dense)}, expected input ... to have {g * C_in} channels`. The weight's "
             f"second number is {C_in} / {g} = {a}."),
        ],
        [
            (f"{call}(x[:, :{C_in}])", True, "M214", f"The layer takes all {C_in} channels, and divides them itself: "
             "it runs."),
            (f"{call}(x[:, :{a}])", False, "M214", f"The layer wants all {C_in} channels, and divides them itself. "
             f"RuntimeError: `... expected input ... to have {C_in} channels, but got {a} channels instead`."),
        ],
    ]  # fmt: skip


def which_run(rng):
    """Which lines run."""
    g = rng.choice((2, 3))
    a, b = rng.sample((2, 3, 4), 2)
    taps, (H, W) = kernel(rng, (g * a, g * b)), size(rng, 12, 25)
    fields = to_tick(rng, _run_matters(g, a, b, taps))
    shape = (rng.choice((2, 5, 7)), g * a, H, W)
    return {
        **_RUN,
        **fields,
        "prompt": f"`x` has the shape {shape}. Tick every line that runs without an error.",
        "steps": [
            f"`x` has {g * a} channels. A layer with groups divides them itself: it wants them all.",
            f"Groups divide inputs and outputs both; the weight for {g} groups has {g * a} / {g} = {a} as its second "
            "number.",
            f"So {'these run' if len(fields['answer']) > 1 else 'this runs'}: "
            f"{'; '.join(f'`{it}`' for it in fields['answer'])}.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
            f"x = torch.ones{shape}\nfor line in {fields['options']}:\n    try:\n        eval(line)\n"
            "    except (ValueError, RuntimeError):\n        continue\n    print(line)"
        ),
    }


_REFUSAL = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "foresee PyTorch's message",
    "formula": "the count that groups do not divide is named: in_channels is looked at first",
    "hint": "Divide both channel counts by the groups. Which leaves something over?",
}


def refusal(rng):
    """What PyTorch says to groups that do not divide."""

    def draw():
        g, fits = rng.choice((3, 4, 5, 6)), rng.choice((2, 3, 4))
        uneven = rng.choice([n for n in range(g + 1, 5 * g) if n % g])
        return g, fits * g, uneven, rng.random() < 0.5

    g, even, uneven, inputs = drawn(draw, lambda it: it[1] != it[2])
    C_in, C_out = (uneven, even) if inputs else (even, uneven)
    taps, (H, W) = kernel(rng, (C_in, C_out)), size(rng)
    blamed, other = ("in_channels", "out_channels") if inputs else ("out_channels", "in_channels")
    call = layer_text(C_in, C_out, taps, g)
    answer = f"ValueError: {blamed} must be divisible by groups"
    wrong = {
        f"ValueError: {other} must be divisible by groups": ("M91", f"{other} is {even}, and {even} / {g} = "
            f"{even // g}. The first argument is in_channels, the second out_channels."),
        f"no error: the first {uneven % g} groups get one channel more": ("M49", f"All groups are equal: {uneven} "
            f"channels do not divide into {g}, so the layer is not even made."),
        f"RuntimeError: expected input to have {C_in * g} channels, but got {C_in} channels instead": ("M46",
            "That is what a weight of the wrong shape gives in `F.conv2d`. A layer makes its weight itself, and looks "
            "at the groups before."),
    }  # fmt: skip
    return {
        **_REFUSAL,
        "prompt": f"`conv = {call}`, and then `conv(torch.rand(2, {C_in}, {H}, {W}))`. What does PyTorch say?",
        "answer": answer,
        "because": f"{uneven} channels do not divide into {g} groups, and that is looked at when the layer is made.",
        "steps": [
            f"in_channels: {C_in} divided by {g} leaves {C_in % g} over.",
            f"out_channels: {C_out} divided by {g} leaves {C_out % g} over.",
            f"So the layer is not made: {blamed} must be divisible by groups.",
        ],
        "proof": f"from torch import nn\ntry:\n    {call}\nexcept ValueError as error:\n"
        "    print(f'ValueError: {error}')",
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
    }


_BUDGET = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "find groups for a budget",
    "formula": "the smallest groups in the divisors of both with C_out (C_in / groups) kH kW + C_out <= budget",
    "hint": "The biases stay. What is left for the weights, and which legal numbers of groups bring them below that?",
    "otherwise": "List the legal groups; take the biases off the budget; divide the dense weights by what is left.",
}


def _parameters(C_in, C_out, taps, g):
    return C_out * C_in * taps / g + C_out


def _fewest(groups, fits):
    return next((g for g in groups if fits(g)), 0)


def _budget_slips(C_in, C_out, kH, kW, budget):
    taps, groups = kH * kW, legal(C_in, C_out)
    right = _fewest(groups, lambda g: _parameters(C_in, C_out, taps, g) <= budget)
    weights = C_out * C_in * taps
    return right, [
        Slip(_fewest(range(1, 99), lambda g: _parameters(C_in, C_out, taps, g) <= budget), ("M49",), "So many would be "
             f"enough, but they do not divide {C_in} and {C_out} both: PyTorch refuses them."),
        Slip(_fewest(groups, lambda g: weights / g <= budget), ("M35",), "With these the weights alone keep within the "
             f"budget. The {C_out} biases are parameters too."),
        Slip(_fewest(groups, lambda g: weights / g**2 + C_out <= budget), ("M214",), "So few would be enough if both "
             "channel counts were divided. All filters stay: the weights are divided once."),
    ]  # fmt: skip


def budget_groups(rng):
    """The fewest groups that keep a layer within a budget."""

    def draw():
        C_in, C_out = rng.sample((12, 16, 18, 20, 24, 30, 32, 36, 40, 48, 60), 2)
        kH, kW = kernel(rng)
        groups = legal(C_in, C_out)
        if len(groups) < 4:
            return None
        g = rng.choice(groups[1:-1])
        weights = C_out * C_in * kH * kW
        between = weights // rng.choice((g, g - 1 if g > 2 else g)) + rng.randint(0, C_out + 9)
        return C_in, C_out, kH, kW, between

    def fair(case):
        if case is None:
            return False
        right, slips = _budget_slips(*case)
        return right > 1 and all(it.answer for it in slips) and apart("number", right, slips)

    C_in, C_out, kH, kW, budget = case = drawn(draw, fair)
    (answer, slips), groups, weights = _budget_slips(*case), legal(C_in, C_out), C_out * C_in * kH * kW
    before = groups[groups.index(answer) - 1]
    return {
        **_BUDGET,
        "prompt": f"`nn.Conv2d({C_in}, {C_out}, kernel_size={kH, kW}, groups=...)` may have at most {budget} "
        "parameters, weights and biases together. How many groups are the fewest that will do?",
        "answer": answer,
        "because": f"{answer} groups: {weights} / {answer} + {C_out} = {weights // answer + C_out} parameters.",
        "steps": [
            f"Legal are the numbers that divide {C_in} and {C_out}: {', '.join(map(str, groups))}.",
            f"Without groups: {C_out} * {C_in} * {kH} * {kW} = {weights} weights; {C_out} biases stay in any case.",
            f"{before} groups: {weights} / {before} + {C_out} = {weights // before + C_out}, more than {budget}.",
            f"{answer} groups: {weights} / {answer} + {C_out} = {weights // answer + C_out}, within the budget.",
        ],
        "proof": (
            f"from torch import nn\nfor groups in range({max(groups)}, 0, -1):\n    try:\n"
            f"        layer = nn.Conv2d({C_in}, {C_out}, {kH, kW}, groups=groups)\n    except ValueError:\n"
            f"        continue\n    if sum(it.numel() for it in layer.parameters()) <= {budget}:\n"
            "        found = groups\nprint(found)"
        ),
        "slips": gathered("number", answer, slips),
    }


QUESTIONS = {
    "most-groups": most_groups,
    "legal-groups": legal_groups,
    "which-run": which_run,
    "refusal": refusal,
    "budget-groups": budget_groups,
}
