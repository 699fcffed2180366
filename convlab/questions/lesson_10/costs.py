"""Lesson 10, what groups save: multiply-adds, and not the numbers that are read and written."""

from convlab.questions.cases import apart, drawn, gathered
from convlab.questions.lesson_03.drawing import judged
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.lesson_10.drawing import grouped, kernel, layer_text, size
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec


def _drawn_layer(rng, fair=lambda case: True, groups=(2, 3, 4)):
    """A grouped layer and its input's shape; no sides alike, those of the output neither."""

    def draw():
        C_in, C_out, g = grouped(rng, groups, (2, 3, 4, 5, 6))
        (kH, kW), (H, W) = kernel(rng, (C_in, C_out)), size(rng, 10, 20)
        return C_in, C_out, g, kH, kW, rng.choice((2, 5, 7)), H, W

    return drawn(draw, lambda it: it[0] != it[1] and it[6] - it[3] != it[7] - it[4] and fair(it))


_GROUPED_MACS = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "count the multiply-adds of a grouped layer",
    "formula": "N * C_out * H_out * W_out * (C_in / groups * kH * kW)",
    "hint": "How many numbers come out, and how many multiply-adds does one of them take?",
    "otherwise": "Numbers that come out, times the weights of one filter.",
}


def _macs_slips(C_in, C_out, g, kH, kW, N, H, W):
    h, w = H - kH + 1, W - kW + 1
    one, numbers = C_in // g * kH * kW, N * C_out * h * w
    return numbers * one, [
        Slip(numbers * one * g, ("M44",), f"That is the layer without groups. Here a filter reads {C_in // g} "
             f"channels, and not {C_in}."),
        Slip(numbers * one // g, ("M214",), f"Divided twice: all {C_out} filters are at work, and only what each reads "
             "is divided."),
        Slip(numbers * one // N, ("M117",), f"That is one picture, and there are {N}."),
        Slip(numbers * one * g * g, ("M45",), "Groups are no copies: the channels are divided among them."),
        Slip(N * C_out * H * W * one, ("M01",), f"The windows have {h} x {w} places, and not {H} x {W}."),
    ]  # fmt: skip


def grouped_macs(rng):
    """The multiply-adds of a grouped layer, for a batch."""
    case = C_in, C_out, g, kH, kW, N, H, W = _drawn_layer(rng, lambda case: apart("number", *_macs_slips(*case)))
    (answer, slips), h, w = _macs_slips(*case), H - kH + 1, W - kW + 1
    one, call = C_in // g * kH * kW, layer_text(C_in, C_out, (kH, kW), g)
    return {
        **_GROUPED_MACS,
        "prompt": f"`{call}` gets a batch of shape {(N, C_in, H, W)}. How many multiply-adds does it do for the whole "
        "batch?",
        "answer": answer,
        "because": f"{N * C_out * h * w} numbers come out, and each takes {one} multiply-adds.",
        "steps": [
            f"Places: ({H} - {kH} + 1) * ({W} - {kW} + 1) = {h} * {w} = {h * w}.",
            f"A filter reads {C_in} / {g} = {C_in // g} channels: {C_in // g} * {kH} * {kW} = {one} multiply-adds at "
            "each place.",
            f"{N} pictures, {C_out} filters: {N} * {C_out} * {h * w} * {one} = {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer = {call}\noutput = layer(torch.zeros{(N, C_in, H, W)})\n"
            "print(output.numel() * layer.weight[0].numel())"
        ),
        "slips": gathered("number", answer, slips),
        "spec": Conv2dSpec(C_in, C_out, (kH, kW), groups=g),
        "input_shape": (N, C_in, H, W),
    }


_MOVED = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "count the numbers that a layer reads and writes",
    "formula": "input + weight + bias + output; groups divide the weight alone",
    "hint": "Which of the four tensors gets smaller with groups?",
    "otherwise": "Add up four tensors: what comes in, the weight, the bias, what goes out.",
}


def _moved(C_in, C_out, g, kH, kW, N, H, W):
    return N * C_in * H * W, C_out * C_in // g * kH * kW, C_out, N * C_out * (H - kH + 1) * (W - kW + 1)


def _moved_slips(*case):
    C_out, g, N = case[1], case[2], case[5]
    input, weight, bias, output = _moved(*case)
    dense = input + weight * g + bias + output
    right = input + weight + bias + output
    return right, [
        Slip(dense, ("M44",), f"That is the layer without groups. With {g} groups the weight has {weight} numbers, "
             f"and not {weight * g}."),
        Slip(dense // g, ("M89",), f"Only the weight is divided by {g}. What comes in and what goes out is as large as "
             "before, and has to be moved."),
        Slip((input + output) // g + weight + bias, ("M89",), "Input and output are as large as without groups: each "
             f"group takes its channels of them, and there are {g} groups."),
        Slip((input + output) // N + weight + bias, ("M174",), f"That is one picture. The batch has {N}."),
        Slip(right - bias + bias // g, ("M212",), f"There are {C_out} biases, with groups as without."),
        Slip(right - bias, ("M35",), f"The {C_out} biases are missing."),
        Slip(input + weight + bias + output // g, ("M219",), "That output is too small: the groups' maps are put one "
             "behind the other, and not added."),
    ]  # fmt: skip


def moved_numbers(rng):
    """How many numbers a grouped layer reads and writes at the least."""
    case = C_in, C_out, g, kH, kW, N, H, W = _drawn_layer(rng, lambda case: apart("number", *_moved_slips(*case)))
    (answer, slips), (input, weight, bias, output) = _moved_slips(*case), _moved(*case)
    dense, call = answer + weight * (g - 1), layer_text(C_in, C_out, (kH, kW), g)
    return {
        **_MOVED,
        "prompt": f"`{call}` gets a batch of shape {(N, C_in, H, W)}. It reads the input, the weight and the bias, and "
        "writes the output. How many numbers are these four tensors together?",
        "answer": answer,
        "because": f"Without groups it would be {dense}: the multiply-adds are divided by {g}, and this sum is not.",
        "steps": [
            f"Input {N} * {C_in} * {H} * {W} = {input}, as without groups.",
            f"Weight {C_out} * {C_in // g} * {kH} * {kW} = {weight}, bias {bias}.",
            f"Output {N} * {C_out} * {H - kH + 1} * {W - kW + 1} = {output}. Together {answer}; without groups it "
            f"would be {dense}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer, x = {call}, torch.zeros{(N, C_in, H, W)}\n"
            "print(sum(it.numel() for it in (x, layer.weight, layer.bias, layer(x))))"
        ),
        "slips": gathered("number", answer, slips),
    }


_DIVIDED = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say what groups divide",
    "formula": "divided by groups: the weights and the multiply-adds, nothing else for certain",
    "because": "Groups divide the weights and the multiply-adds. Biases, input and output stay, and time has to be "
    "measured.",
    "hint": "What does each filter have less of? What is there as before? And what can no count tell?",
    "otherwise": "A filter reads fewer channels, so it has fewer weights and multiplies less. All else stays, and time "
    "is no count.",
}


def _divided_matters(g):
    """Each matter in versions: (text, holds, the mistake behind being wrong about it, why)."""
    fewer = "A filter reads the channels of its group alone: a share of the kernels, and of the multiply-adds."
    maps = "All filters are there, so as many maps come out as without groups."
    biases = "Every output channel has its bias, with groups as without."
    time = "What is read and written stays nearly as much, and a library may be quicker with dense layers: measure."
    return [
        [
            (f"the weights are divided by {g}", True, "M44", fewer),
            ("the number of weights stays as it is", False, "M44", fewer),
            (f"there are {g} times as many weights", False, "M45", fewer),
        ],
        [
            (f"the multiply-adds are divided by {g}", True, "M44", fewer),
            (f"the multiply-adds are divided by {g} * {g}", False, "M214", fewer),
        ],
        [
            ("the number of biases stays as it is", True, "M212", biases),
            (f"the biases are divided by {g}", False, "M212", biases),
        ],
        [
            ("as many feature maps come out as before", True, "M219", maps),
            (f"the feature maps that come out are divided by {g}", False, "M219", maps),
        ],
        [
            (f"the time for a picture is divided by {g}", False, "M89", time),
            ("how the time changes has to be measured", True, "M89", time),
        ],
    ]


def divided_by_groups(rng):
    """What is divided by groups, for certain."""
    C_in, C_out, g, kH, kW, *_ = _drawn_layer(rng, groups=(2, 3, 4, 5))
    dense, call = f"nn.Conv2d({C_in}, {C_out}, kernel_size={kH, kW})", layer_text(C_in, C_out, (kH, kW), g)
    matters = _divided_matters(g)
    fields = to_tick(rng, rng.sample(matters, rng.choice((4, 5))))
    one = C_in // g
    return {
        **_DIVIDED,
        **fields,
        "prompt": f"`{dense}` is replaced by `{call}`. What is true on every machine? Tick all.",
        "steps": [
            f"A filter reads {C_in} / {g} = {one} channels, and not {C_in}: so many kernels it has, and so often it "
            "multiplies.",
            f"{C_out} filters with a bias each: {C_out} maps come out, as before.",
            f"Of time nothing follows from counts. So: {'; '.join(fields['answer'])}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\ndense, split = {dense}, {call}\nx = torch.rand(1, {C_in}, 9, 11)\n"
            "a, b = dense.weight.numel(), split.weight.numel()  # the multiply-adds of a place\n"
            "maps = dense(x).shape == split(x).shape\n"
            "holds = {\n"
            f"    'the weights are divided by {g}': a == {g} * b,\n"
            f"    'the multiply-adds are divided by {g}': a == {g} * b,\n"
            "    'the number of biases stays as it is': len(dense.bias) == len(split.bias),\n"
            "    'as many feature maps come out as before': maps,\n"
            "    'how the time changes has to be measured': True,\n"
            f"}}\nprint('; '.join(it for it in {fields['options']} if holds.get(it)))"
        ),
    }


_ORDER = {  # what is the same for every seed
    "prompt": "Order these layers by how many numbers they learn, the fewest first.",
    "kind": "order",
    "level": "hard",
    "objective": "compare layers with and without groups",
    "formula": "C_out C_in kH kW / groups + C_out, compared",
    "because": "The weights without groups, divided by groups, and the biases.",
    "hint": "Count each as if it had no groups, divide the weights by groups, and add the biases.",
    "otherwise": "Weights without groups, divided by groups, and one bias for each output channel.",
}
_COUNTS = {  # who counts rightly, and who leaves the groups out or multiplies by them
    "right": lambda dense, g, C_out: dense // g + C_out,
    "M44": lambda dense, g, C_out: dense + C_out,
    "M45": lambda dense, g, C_out: dense * g + C_out,
}


def _orders(rows):
    """The calls in order, fewest first, by each of the counts."""
    return {id: [it[0] for it in sorted(rows, key=lambda it: count(*it[1:]))] for id, count in _COUNTS.items()}


def order_groups(rng):
    """Four layers by their number of parameters."""

    def row(g):
        C_in, C_out, g = grouped(rng, groups=(g,), shares=(2, 3, 4, 5, 6))
        kH, kW = rng.choice(((3, 2), (2, 3), (3, 5), (5, 3), (4, 2), (2, 4)))
        call = layer_text(C_in, C_out, (kH, kW), g) if g > 1 else f"nn.Conv2d({C_in}, {C_out}, kernel_size={kH, kW})"
        return call, C_in * C_out * kH * kW, g, C_out

    def fair(rows):
        counts = [[count(*it[1:]) for it in rows] for count in _COUNTS.values()]
        orders = [tuple(it) for it in _orders(rows).values()]
        return all(len(set(it)) == 4 for it in counts) and len({*orders, tuple(it[0] for it in rows)}) == 4

    rows = drawn(lambda: [row(g) for g in rng.sample((1, 2, 3, 4, 5, 6), 4)], fair)
    orders, by_call = _orders(rows), {it[0]: it[1:] for it in rows}
    lines = {
        "M44": "That leaves the groups out: they divide the weights, because a filter reads one group alone.",
        "M45": "That multiplies by the groups. They are no copies: the channels are divided among them.",
    }
    slips = [Slip(orders[id], (id,), line) for id, line in lines.items()]
    steps = []
    for call in orders["right"]:
        dense, g, C_out = by_call[call]
        steps.append(f"`{call}`: {dense} / {g} + {C_out} = {dense // g + C_out}.")
    return {
        **_ORDER,
        "answer": orders["right"],
        "steps": steps,
        "proof": (
            f"import torch\nfrom torch import nn\ncalls = {[it[0] for it in rows]}\n"
            "print(sorted(calls, key=lambda call: sum(it.numel() for it in eval(call).parameters())))"
        ),
        "slips": gathered("order", orders["right"], slips),
        "options": [it[0] for it in rows],
    }


_TIME = {  # what is the same for every seed
    "objective": "say what a count tells about time",
    "formula": "multiply-adds divided by groups; numbers read and written, by less",
    "hint": "Which tensors does the layer read and write, and which of them get smaller with groups?",
}


def myth_time(rng):
    """Whether a g-th of the multiply-adds means a g-th of the work of moving numbers."""
    case = C_in, C_out, g, kH, kW, N, H, W = _drawn_layer(rng, groups=(2, 3, 4, 5))
    holds = rng.random() < 0.5
    input, weight, bias, output = _moved(*case)
    split, dense = input + weight + bias + output, input + weight * g + bias + output
    call = layer_text(C_in, C_out, (kH, kW), g)
    part = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth"}[g]
    says = rng.choice(
        (f"and reads and writes more than {part} of the numbers, so that its time has to be measured",
         f"but what it reads and writes is not divided by {g}, so that it may well take more than {part} of the time")
        if holds else
        (f"and reads and writes {part} of the numbers, so that it takes {part} of the time",
         f"and what it reads and writes is divided by {g} as well, so that no time has to be measured")
    )  # fmt: skip
    line = (
        f"Input and output are as large as without groups: {split} numbers are read and written, and without groups "
        f"{dense}. The multiply-adds are divided by {g}, the time has to be measured."
    )
    return judged(
        holds,
        f"on a batch of shape {(N, C_in, H, W)} `{call}` does {part} of the multiply-adds of the same layer without "
        f"groups, {says}.",
        "M89",
        line,
        **_TIME,
        because=line,
        steps=[
            f"Read and written: {input} + {weight} + {bias} + {output} = {split} numbers. Without groups the weight "
            f"has {weight} * {g} = {weight * g}, and all together are {dense}.",
            f"The multiply-adds are divided by {g}, these numbers by less: how the time changes, a count cannot tell.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\nx = torch.zeros{(N, C_in, H, W)}\n\ndef moved(layer):\n"
            "    return sum(it.numel() for it in (x, layer.weight, layer.bias, layer(x)))\n\n"
            f"more = moved({call}) * {g} > moved(nn.Conv2d({C_in}, {C_out}, {kH, kW}))\nprint(more == {holds})"
        ),
    )


QUESTIONS = {
    "grouped-macs": grouped_macs,
    "moved-numbers": moved_numbers,
    "divided-by-groups": divided_by_groups,
    "order-groups": order_groups,
    "myth-time": myth_time,
}
