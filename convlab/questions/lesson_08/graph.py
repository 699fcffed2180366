"""Lesson 08, who gets a gradient: which tensors keep one, which shape it has, and what stops it on its way."""

from convlab.questions.cases import drawn, gathered
from convlab.questions.lesson_03.drawing import judged, layer, made, size, ticked
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.question import Slip
from convlab.questions.varying import some_of

_WHO = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say which tensors have a gradient after backward()",
    "formula": "kept in .grad: leaves that require a gradient, on a way to the loss",
    "because": "A gradient stays in the leaves that require one: parameters, and an input that asked for it. What is "
    "computed on the way hands its gradient on and keeps none.",
    "hint": "Ask of each tensor: does it require a gradient? Was it made by hand, or computed? Does a way lead from it "
    "to the loss?",
    "otherwise": "Three questions for each: does it require a gradient, is it a leaf, and is it connected with the "
    "loss?",
}
_BETWEEN = {  # line between the layers -> does a gradient come through
    "maps = torch.relu(conv1(x))": True,
    "maps = torch.relu(conv1(x)).detach()": False,
    "maps = torch.relu(conv1(x)).clone()": True,
}


def _who_meant(asks, passes):
    weights = (
        ("M76", "Its layer is on the way to the loss: backward() goes through every layer, and leaves each weight and "
         "each bias its gradient.")
        if passes else
        ("M190", "`detach()` cuts the way: nothing comes back to the layer before it.")
    )  # fmt: skip
    last = ("M76", "Its layer is on the way to the loss: its weight and its bias both get a gradient.")
    computed = ("M189", "It is computed, no leaf: its gradient is handed on, and not kept.")
    if not asks:
        input = "M189", "It does not require a gradient, so none is kept in it."
    elif passes:
        input = "M76", "It requires a gradient, and a convolution sends one back to its input."
    else:
        input = "M190", "It requires a gradient, but `detach()` cuts the way: none arrives."
    own = {"conv1.weight": weights, "conv1.bias": weights, "conv2.weight": last, "conv2.bias": last}
    return {"x": input, "maps": computed, "output": computed, **own}


def who_has_grad(rng):
    """Which tensors hold a gradient after backward()."""
    asks, between = rng.random() < 0.5, rng.choice(list(_BETWEEN))
    passes = _BETWEEN[between]
    C, C_out, kernel = layer(rng, (4, 5, 6, 8))
    meant = _who_meant(asks, passes)
    holds = {"x": asks and passes, "maps": False, "output": False, "conv1.weight": passes, "conv1.bias": passes}
    options = some_of(rng, list(meant), lambda it: holds.get(it, True))
    answer = [option for option in options if holds.get(option, True)]
    slips, per_option = ticked(options, answer, meant)
    code = (
        f"conv1 = {made(3, C, kernel)}\nconv2 = {made(C, C_out, kernel[::-1])}\n"
        f"x = torch.randn(2, 3, 12, 14{', requires_grad=True' if asks else ''})\n{between}\noutput = conv2(maps)\n"
        "output.sum().backward()"
    )
    return {
        **_WHO,
        "prompt": "Which of these hold a gradient in `.grad` after the last line? Tick all.",
        "answer": answer,
        "steps": [
            "`maps` and `output` are computed: they hand their gradient on and keep none.",
            "`conv2` is on the way to the loss, and so is `conv1`." if passes else
            "`conv2` is on the way to the loss. `detach()` cuts off what lies before: `conv1` and `x` get nothing.",
            f"`x` {'requires' if asks else 'does not require'} a gradient. So: {', '.join(answer)}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{code}\ntensors = {{name: eval(name) for name in {options}}}\n"
            "print([name for name, it in tensors.items() if it.is_leaf and it.grad is not None])"
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
        "figure": [{"code": code}],
    }  # fmt: skip


_STOPS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say what lets a gradient through",
    "formula": "a way back: operations of torch on h; none: detach, no_grad, numbers taken out of h",
    "because": "A gradient goes back through operations that torch has recorded. `detach()`, `no_grad()` and numbers "
    "taken out of a tensor leave no record.",
    "hint": "Which of these does torch record as an operation on `h`, and which make something new that knows nothing "
    "of `h`?",
    "otherwise": "Ask of each line: does what it makes know that it was made of `h`?",
}
_LINES = {  # line -> does a gradient come through to h
    "r = h.clone()": True,
    "r = h[:, :2]": True,
    "r = h.flatten(1)": True,
    "r = 3 * h": True,
    "r = torch.relu(h + 9)": True,
    "r = h.detach()": False,
    "with torch.no_grad(): r = 3 * h": False,
    "r = torch.tensor(h.tolist())": False,
    "r = torch.tensor(h.sum().item())": False,
    "r = h.detach().requires_grad_()": False,
}
_CUT = {
    "with": "Under `no_grad()` nothing is recorded: `r` does not know what it was made of.",
    "tolist": "Python's numbers know nothing of `h`, and a tensor made of them does not either.",
    "item": "`item()` takes a Python number out of the tensor: what is made of it knows nothing of `h`.",
    "requires_grad_": "`r` gets a gradient of its own, but `detach()` has cut the way to `h`.",
    "detach()": "`detach()` hands on the numbers without their past: for `backward()` they are constants.",
}


def _stops_reason(line):
    if _LINES[line]:
        return "M76", "That is an operation of torch: it is recorded, and hands a gradient back to what it was made of."
    return "M190", next(why for word, why in _CUT.items() if word in line)


def stops_here(rng):
    """After which lines a gradient reaches the layer."""
    C_in, C_out, kernel = layer(rng, (3, 4, 5, 6))

    def mixed(options):
        return 2 <= sum(_LINES[it] for it in options) <= len(options) - 2

    options = drawn(lambda: rng.sample(list(_LINES), rng.choice((5, 6))), mixed)
    answer = [line for line in options if _LINES[line]]
    slips, per_option = ticked(options, answer, {line: _stops_reason(line) for line in options})
    (H, W), N = size(rng, 8, 14, kernel=kernel), rng.randint(2, 4)
    return {
        **_STOPS,
        "prompt": f"`conv = {made(C_in, C_out, kernel)}` and `h = conv(x)`, with `x` of shape {(N, C_in, H, W)}. Then "
        "comes one of these lines, and `loss = r.sum()`. After which of them can `backward()` put a gradient into "
        "`conv.weight.grad`? Tick all.",
        "answer": answer,
        "steps": [
            "torch records what its operations do to `h`, and goes back along that record.",
            "`detach()` and `no_grad()` leave no record; `item()` and `tolist()` give numbers of Python.",
            f"So these let it through: {'; '.join(f'`{line}`' for line in answer)}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nfound = []\nfor line in {options}:\n    conv = "
            f"{made(C_in, C_out, kernel)}\n    names = dict(torch=torch, h=conv(torch.randn{(N, C_in, H, W)}))\n"
            "    exec(line, names)\n    loss = names['r'].sum()\n    if loss.requires_grad:\n        loss.backward()\n"
            "    if conv.weight.grad is not None:\n        found.append(line)\nprint('; '.join(found))"
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }


def myth_frozen(rng):
    """Whether a gradient passes a frozen layer."""
    C, C_out, kernel = layer(rng, (4, 5, 6, 8, 10, 12))
    holds, relu = rng.random() < 0.5, rng.random() < 0.5
    middle = rng.choice(("conv2.requires_grad_(False)", "conv2.weight.requires_grad_(False)"))
    code = (
        f"conv1 = {made(3, C, kernel)}\nconv2 = {made(C, C_out, kernel[::-1])}\n{middle}\n"
        f"output = conv2({'torch.relu(conv1(pictures))' if relu else 'conv1(pictures)'})\n"
        "F.mse_loss(output, targets).backward()"
    )
    before, _, last = code.rpartition("\n")
    line = (
        "Frozen is the weight of `conv2`, which gets no gradient. Its input gets one all the same, and that goes on to "
        "`conv1`."
    )
    return judged(
        holds,
        f"after the last line `conv1.weight.grad` {'holds a gradient' if holds else 'is still empty'}.",
        "M76",
        line,
        objective="say what passes a frozen layer",
        formula="requires_grad=False: no gradient for this weight; the input's gradient goes on",
        because=line,
        hint="Which of the three gradients of `conv2` does `conv1` need: that of its weight, of its bias, or of its "
        "input?",
        steps=[
            "`conv2` is frozen: no gradient for its weight. What comes back to its input is computed from it all the "
            "same.",
            "`conv1` takes that as its own grad_output: its weight gets a gradient.",
        ],
        proof=(
            "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
            f"pictures = torch.randn(2, 3, 14, 16)\n{before}\ntargets = torch.randn_like(output)\n{last}\n"
            f"print((conv1.weight.grad is not None) == {holds})"
        ),
        figure=[{"code": code}],
    )


_SHAPE = {  # what is the same for every seed
    "kind": "shape",
    "level": "easy",
    "objective": "say which shape the weight's gradient has",
    "formula": "conv.weight.grad.shape == conv.weight.shape",
    "hint": "How many numbers does an optimizer need, to change each weight once? Do pictures have weights of their "
    "own?",
    "axes": ("the gradient of a weight", "(C_out, C_in, kH, kW), as the weight"),
    "otherwise": "A step takes lr times the gradient away from the weight: so it has the weight's shape.",
}


def grad_shape(rng):
    """The shape of conv.weight.grad for a batch."""
    (C_in, C_out, (kH, kW)), N = layer(rng), rng.choice((4, 9, 10, 16, 32))
    H, W = size(rng, 12, 40, kernel=(kH, kW))
    answer, output = (C_out, C_in, kH, kW), (N, C_out, H - kH + 1, W - kW + 1)
    once = "A batch has one gradient for each weight: the pictures' shares are added up."
    slips = [
        Slip(output, ("M195",), "That is the shape of the output, and of `grad_output`. A gradient has the shape of "
             "the tensor that it belongs to."),
        Slip((N, *answer), ("M195",), once),
        Slip((N, C_in, H, W), ("M195",), "That is the shape of the pictures, and of their gradient. The weight's has "
             "the shape of the weight."),
        Slip((C_in, C_out, kH, kW), ("M30",), "The weight has the filters first: (C_out, C_in, kH, kW); so has its "
             "gradient."),
        Slip((C_out, kH, kW), ("M29",), f"A filter has a kernel for each of the {C_in} input channels, so its gradient "
             "has one for each as well."),
        Slip((C_out, C_in, kW, kH), ("M21",), "You exchanged rows and columns of the kernel."),
    ]  # fmt: skip
    return {
        **_SHAPE,
        "prompt": f"`conv = {made(C_in, C_out, (kH, kW))}` ran on a batch of shape {(N, C_in, H, W)}, and `backward()` "
        "was called on the loss. Which shape does `conv.weight.grad` have?",
        "answer": answer,
        "because": f"That of `conv.weight`: {answer}. {once}",
        "steps": [
            f"The weight has the shape {answer}: {C_out} filters with {C_in} kernels of {kH} x {kW}.",
            "Its gradient has a number for each of these; the batch is summed over.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nconv = {made(C_in, C_out, (kH, kW))}\n"
            f"conv(torch.randn{(N, C_in, H, W)}).sum().backward()\nprint(tuple(conv.weight.grad.shape))"
        ),
        "slips": gathered("shape", answer, slips),
    }


_ZERO = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say which gradients a zero makes zero",
    "formula": "weight.grad is made of x and grad_output, x.grad of weight and grad_output, bias.grad of grad_output",
    "because": "Each gradient is a sum of products with `grad_output`: the weight's with the input, the input's with "
    "the weight, the bias's with 1.",
    "hint": "Of what is each of the three gradients made? Which of them has the zeros as a factor?",
    "otherwise": "Write each gradient as a sum of products and look for the factor that is 0.",
}
_ZEROS = {  # what is 0 everywhere -> (x.grad, conv.weight.grad, conv.bias.grad) are 0
    "`x`": (False, True, False),
    "`conv.weight`": (True, False, False),
    "`grad_output`": (True, True, True),
    "`conv.bias`": (False, False, False),
}


def _zero_matters(zero, shapes):
    """For each gradient whether it is 0, and which shape that of the input has: both ways."""
    why = {
        "x.grad": "`x.grad` adds up `grad_output` times weight.",
        "conv.weight.grad": "`conv.weight.grad` adds up `grad_output` times input.",
        "conv.bias.grad": "`conv.bias.grad` adds up `grad_output` alone.",
    }
    matters = [
        [(f"{name} is 0 everywhere", none, "M76", line), (f"{name} has numbers other than 0", not none, "M76", line)]
        for (name, line), none in zip(why.items(), _ZEROS[zero], strict=True)
    ]
    line = "A gradient has the shape of the tensor that it belongs to."
    return [*matters, [(f"x.grad has the shape {it}", it == shapes[0], "M195", line) for it in shapes]]


def which_zero(rng):
    """Which gradients are 0 where one of the factors is."""
    zero, (C_in, C_out, (kH, kW)), N = rng.choice(list(_ZEROS)), layer(rng), rng.randint(2, 6)
    H, W = size(rng, 8, 20, kernel=(kH, kW))
    shapes = (N, C_in, H, W), (N, C_out, H - kH + 1, W - kW + 1)
    fields = to_tick(rng, _zero_matters(zero, shapes))
    rest = [name for name in ("`x`", "`conv.weight`", "`conv.bias`", "`grad_output`") if name != zero]
    return {
        **_ZERO,
        **fields,
        "prompt": f"`conv = {made(C_in, C_out, (kH, kW))}` gets `x` of shape {shapes[0]}, which requires a gradient; "
        f"`grad_output` comes back to its output. {zero} is 0 everywhere; {rest[0]}, {rest[1]} and {rest[2]} hold "
        "random numbers. Which of these are true after `backward()`? Tick all.",
        "steps": [
            "`conv.weight.grad`: input times `grad_output`, added up. `x.grad`: weight times `grad_output`, added up.",
            "`conv.bias.grad`: `grad_output` alone, added up. The bias itself is a factor of none.",
            f"So with zeros in {zero}: {'; '.join(fields['answer'])}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nconv, x = {made(C_in, C_out, (kH, kW))}, torch.rand{shapes[0]} + 1\n"
            f"grad_output = torch.rand{shapes[1]} + 1\nwith torch.no_grad():\n    conv.weight.abs_().add_(1)\n"
            f"    {zero.strip('`')}.zero_()\nx.requires_grad_()\nconv(x).backward(grad_output)\nholds = {{}}\n"
            "for name in ('x.grad', 'conv.weight.grad', 'conv.bias.grad'):\n    none = not eval(name).any()\n"
            "    holds[f'{name} is 0 everywhere'], holds[f'{name} has numbers other than 0'] = none, not none\n"
            "holds[f'x.grad has the shape {tuple(x.grad.shape)}'] = True\n"
            f"print('; '.join(option for option in {fields['options']} if holds.get(option)))"
        ),
    }


QUESTIONS = {
    "who-has-grad": who_has_grad,
    "stops-here": stops_here,
    "myth-frozen": myth_frozen,
    "grad-shape": grad_shape,
    "which-zero": which_zero,
}
