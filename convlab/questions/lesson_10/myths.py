"""Lesson 10, sentences to judge: fewer weights, no copies, what depthwise means."""

from convlab.questions.cases import drawn
from convlab.questions.lesson_03.drawing import judged
from convlab.questions.lesson_10.drawing import grouped, kernel, layer_text


def _layer(rng):
    C_in, C_out, g = drawn(lambda: grouped(rng, shares=(2, 3, 4, 5)), lambda it: it[0] != it[1])
    return C_in, C_out, g, kernel(rng, (C_in, C_out))


def myth_fewer(rng):
    """Whether groups change the number of weights."""
    C_in, C_out, g, (kH, kW) = _layer(rng)
    holds, count = rng.random() < 0.5, C_out * C_in * kH * kW
    call, dense = layer_text(C_in, C_out, (kH, kW), g), f"nn.Conv2d({C_in}, {C_out}, kernel_size={kH, kW})"
    numbers = rng.random() < 0.5
    if numbers:
        says = f"the weight of `{call}` holds {count // g if holds else count} numbers"
    else:
        says = f"`{call}` has {'fewer weights than' if holds else 'as many weights as'} `{dense}`"
    line = f"A filter reads {C_in // g} channels, and not {C_in}: {count} / {g} = {count // g} weights."
    return judged(
        holds,
        f"{says}.",
        "M44",
        line,
        objective="say whether groups save weights",
        formula="groups divide the weights",
        because=line,
        hint="How many kernels has a filter that reads its own group alone?",
        steps=[
            f"Without groups: {C_out} * {C_in} * {kH} * {kW} = {count} weights.",
            f"Each filter has {C_in} / {g} = {C_in // g} kernels with groups: {count} / {g} = {count // g} weights.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\nweights = {call}.weight.numel()\n"
            + (f"print(weights == {count // g if holds else count})" if numbers else
               f"print((weights < {dense}.weight.numel()) == {holds})")
        ),
    )  # fmt: skip


def myth_copies(rng):
    """Whether each group sees all channels, or its share."""
    C_in, C_out, g, (kH, kW) = _layer(rng)
    holds, call = rng.random() < 0.5, layer_text(C_in, C_out, (kH, kW), g)
    says = rng.choice((
        f"each group of `{call}` gets {C_in // g if holds else C_in} input channels",
        f"the groups of `{call}` have {C_out if holds else C_out * g} filters together",
        f"each filter of `{call}` has {C_in // g if holds else C_in} kernels",
    ))  # fmt: skip
    line = f"The channels are divided and not copied: {C_in // g} inputs and {C_out // g} filters to a group."
    return judged(
        holds,
        f"{says}.",
        "M45",
        line,
        objective="say what a group has",
        formula="a group: C_in / groups inputs, C_out / groups filters",
        because=line,
        hint="Are the channels divided among the groups, or does each group get them all?",
        steps=[
            f"Inputs: {C_in} / {g} = {C_in // g} to a group, so a filter has {C_in // g} kernels.",
            f"Filters: {C_out} / {g} = {C_out // g} to a group, {C_out} in all.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\nfilters, kernels = {call}.weight.shape[:2]\n"
            f"print(filters == {C_out if holds or 'together' not in says else C_out * g} and "
            f"kernels == {C_in // g if holds or 'together' in says else C_in})"
        ),
    )


def myth_depthwise(rng):
    """What a depthwise layer is."""
    C, K = drawn(lambda: (rng.randint(3, 12), rng.choice((2, 3, 4))), lambda it: it[0] != it[1])
    kH, kW = kernel(rng, (C, K))
    holds, form = rng.random() < 0.5, rng.choice(("made", "kernels", "channel"))
    call = layer_text(C, K * C, (kH, kW), C)
    if form == "made":
        g = C if holds else K * C
        says = f"`{layer_text(C, K * C, (kH, kW), g)}` makes a depthwise layer, {K} maps of each of {C} channels"
        layer = f"nn.Conv2d({C}, {K * C}, {kH, kW}, groups={g})"
        proof = f"try:\n    {layer}\n    print(True)\nexcept ValueError:\n    print(False)"
    elif form == "kernels":
        says = f"the weight of `{call}` holds {K * C if holds else K} kernels"
        proof = f"print({call}.weight[:, 0, 0, 0].numel() == {K * C if holds else K})"
    else:
        says = f"in `{call}` {'no two input channels share a kernel' if holds else 'all input channels share kernels'}"
        proof = f"apart = {call}.weight.flatten(1).unique(dim=0).shape[0] == {K * C}\nprint(apart == {holds})"
    line = f"Depthwise is groups=in_channels: {C} groups of one channel, each with {K} kernels of its own."
    return judged(
        holds,
        f"{says}.",
        "M47",
        line,
        objective="say what depthwise means",
        formula="depthwise: groups = in_channels, own kernels for each channel",
        because=line,
        hint="Each input channel is a group. How many groups is that, and whose are the kernels?",
        steps=[
            f"Depthwise: as many groups as input channels, {C}. The groups divide the inputs, so there cannot be more.",
            f"{K} * {C} = {K * C} outputs, each with a kernel of its own: {K} to an input channel.",
        ],
        proof=f"import torch\nfrom torch import nn\n{proof}",
    )


QUESTIONS = {"myth-fewer": myth_fewer, "myth-copies": myth_copies, "myth-depthwise": myth_depthwise}
