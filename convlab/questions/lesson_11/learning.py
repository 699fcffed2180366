"""Lesson 11, silence in training: what the optimizer sees, what a step changes, and a loss that stays."""

from itertools import pairwise
from math import e, log

from convlab.questions.cases import apart, counted, drawn, gathered
from convlab.questions.lesson_03.drawing import judged, ticked
from convlab.questions.lesson_11.drawing import conv_text, two_kernels
from convlab.questions.question import Slip
from convlab.questions.varying import some_of

_SEES = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "count what the optimizer sees",
    "formula": "parameters(): attributes, nn.Sequential, nn.ModuleList; nothing from a Python list",
    "hint": "Which layers does a network know? Each of these has a weight, and perhaps a bias.",
    "otherwise": "Look how the layers are kept, then count their weights and biases.",
}


def _net_code(first, norm, kept, head):
    between = f"        self.norm = {norm}\n" if norm else ""
    return (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.first = {first}\n{between}        self.others = {kept}\n        self.head = {head}"
    )


def _sees_slips(outside, inside, known, numbers, layers):
    other = outside if known else outside + inside
    line = (
        "The layers of an `nn.ModuleList` belong to the network as well as those outside."
        if known
        else "The layers in the Python list are not found: they are used, and no optimizer gets their weights."
    )
    return [
        Slip(other, ("M222",), line),
        Slip(numbers, ("M99",), "Those are the numbers in them. `len` counts the tensors: a weight or a bias is one."),
        Slip(layers, ("M99",), "Those are layers. Each has a weight, and a bias unless it was made without one: count "
             "these tensors."),
    ]  # fmt: skip


def _sees_counted(counts, kernels, known, bias, norm, classes):
    """(tensors outside the list, tensors inside, is the list known, numbers, layers) as parameters() finds them."""
    outside, inside = 3 + bias[0] + 2 * norm, (len(counts) - 2) * (1 + bias[1])
    taps = [kernels[at % 2][0] * kernels[at % 2][1] for at in range(len(counts) - 1)]
    sizes = [a * b * k for (a, b), k in zip(pairwise(counts), taps, strict=True)]
    numbers = sizes[0] + (bias[0] + 2 * norm) * counts[1] + counts[-1] * classes + classes
    if known:
        numbers += sum(sizes[1:]) + bias[1] * sum(counts[2:])
    return outside, inside, known, numbers, 2 + norm + (len(counts) - 2) * known


def optimizer_sees(rng):
    """What len(list(net.parameters())) prints, with layers in a list or in a ModuleList."""

    def draw():
        counts = [3, *rng.sample((4, 6, 8, 10, 12, 16), rng.choice((3, 4)))]
        known, norm, *bias = (rng.random() < 0.5 for _ in range(4))
        return counts, two_kernels(rng), known, bias, norm, rng.choice((5, 7))

    def right(case):
        outside, inside, known, *_ = _sees_counted(*case)
        return outside + inside * known

    case = drawn(draw, lambda case: apart("number", right(case), _sees_slips(*_sees_counted(*case))))
    (counts, kernels, known, bias, norm, classes), answer = case, right(case)
    outside, inside, *_ = found = _sees_counted(*case)
    more = ["" if it else ", bias=False" for it in bias]
    calls = [conv_text(a, b, kernels[at % 2], more[1]) for at, (a, b) in enumerate(pairwise(counts[1:]), 1)]
    listed = "[\n" + "".join(f"            {call},\n" for call in calls) + "        ]"
    kept = f"nn.ModuleList({listed})" if known else listed
    first, batch = conv_text(3, counts[1], kernels[0], more[0]), f"nn.BatchNorm2d({counts[1]})" * norm
    code = _net_code(first, batch, kept, f"nn.Linear({counts[-1]}, {classes})")
    named = ", ".join(["`first` 2" if bias[0] else "`first` 1", *["`norm` 2"] * norm, "`head` 2"])
    each = "a weight and a bias" if bias[1] else "a weight and no bias"
    return {
        **_SEES,
        "prompt": "An optimizer gets `net.parameters()`, with `net = Net()`. What does "
        "`len(list(net.parameters()))` print?",
        "answer": answer,
        "because": "The layers of an `nn.ModuleList` belong to the network: all are found."
        if known
        else f"Only the attributes are found: {counted(inside, 'tensor')} in the list will never learn.",
        "steps": [
            f"The attributes that are layers have these tensors, weights and biases: {named}. Together {outside}.",
            f"`others` is {'an `nn.ModuleList`' if known else 'a Python list'} of {len(calls)} layers, each with {each}"
            + (
                f": {outside} + {inside} = {answer}."
                if known
                else f", and is not looked into: {outside} + 0 = {answer}."
            ),
        ],
        "proof": f"import torch\nfrom torch import nn\n{code}\nprint(len(list(Net().parameters())))",
        "slips": gathered("number", answer, _sees_slips(*found)),
        "figure": [{"code": code}],
    }


_LEARNS = {  # what is the same for every seed
    "kind": "choices",
    "level": "hard",
    "objective": "say which tensors a step changes",
    "formula": "changed: a Parameter of the network, in the optimizer, with requires_grad, used in forward",
    "because": "A step changes what is a Parameter, was there when the optimizer was made, and is not frozen.",
    "hint": "Ask of each: is it a Parameter? Does the network know it? Was it there when the optimizer was made? Is it "
    "frozen?",
    "otherwise": "Four questions each: Parameter, known to the network, known to the optimizer, not frozen.",
}


def _learner(parts, parameter, known, frozen, late):
    (C1, C2, C3, classes), (first, second) = parts
    bank = f"torch.randn({C1}, 3, {first[0]}, {first[1]})"
    conv = f"[{conv_text(C1, C2, second)}]"
    mixer = f"nn.Conv2d({C2}, {C3}, kernel_size=1)"
    head = f"net.head = nn.Linear({C3}, {classes})"
    optimizer = "optimizer = torch.optim.SGD(net.parameters(), lr=0.1)"
    return (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.bank = {f'nn.Parameter({bank})' if parameter else bank}\n"
        f"        self.convs = {f'nn.ModuleList({conv})' if known else conv}\n"
        f"        self.mixer = {mixer}{'.requires_grad_(False)' * frozen}\n"
        f"        self.head = nn.Linear({C3}, {classes + 4})\n\n    def forward(self, x):\n"
        "        x = F.conv2d(x, self.bank).relu()\n        x = self.convs[0](x).relu()\n"
        "        return self.head(self.mixer(x).mean((2, 3)))\n\nnet = Net()\n"
        + "\n".join([optimizer, head] if late else [head, optimizer])
        + "\nF.cross_entropy(net(pictures), labels).backward()\noptimizer.step()"
    )


def _learning(parameter, known, frozen, late):
    """For each tensor: does a step change it, the mistake behind being wrong, why."""
    head = (
        "It was put in after the optimizer was made, which goes on with the old head."
        if late
        else "The new head was there when the optimizer was made."
    )
    return {
        "net.bank": (parameter, "M92", "`nn.Parameter` makes it part of the network." if parameter else
                     "A tensor from `torch.randn` is no Parameter: no optimizer gets it."),
        "net.convs[0].weight": (known, "M222", "The layers of an `nn.ModuleList` belong to the network." if known
                                else "The layer stands in a Python list, which the network does not look into."),
        "net.mixer.weight": (not frozen, "M184", "It is frozen: it gets no gradient." if frozen else
                             "Nothing has frozen it."),
        "net.head.weight": (not late, "M162", head),
        "net.head.bias": (not late, "M162", head),
    }  # fmt: skip


def who_learns(rng):
    """Which tensors of a network change in one step."""
    kernels, (C1, C2, C3), classes = two_kernels(rng), rng.sample((4, 6, 8, 10, 12), 3), rng.choice((3, 5, 7))

    def mixed(how):
        return 0 < sum(it[0] for it in list(_learning(*how).values())[:4]) < 4

    how = drawn(lambda: [rng.random() < 0.5 for _ in range(4)], mixed)
    tensors = _learning(*how)
    code = _learner(((C1, C2, C3, classes), kernels), *how)
    options = some_of(rng, list(tensors), lambda name: tensors[name][0])
    answer = [name for name in options if tensors[name][0]]
    slips, per_option = ticked(options, answer, {name: it[1:] for name, it in tensors.items()})
    parameter, known, frozen, late = how
    return {
        **_LEARNS,
        "prompt": "Which of these tensors hold other numbers after the last line than before it? Tick all.",
        "answer": answer,
        "steps": [
            f"`bank` is {'a Parameter' if parameter else 'a plain tensor: no optimizer gets it'}.",
            f"`convs` is {'an `nn.ModuleList`, which is looked into' if known else 'a Python list: not looked into'}.",
            f"`mixer` is {'frozen' if frozen else 'not frozen'}.",
            f"The new head came {'after the optimizer, which does not know it' if late else 'before the optimizer'}.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\ntorch.manual_seed(3)\n"
            f"pictures, labels = torch.randn(16, 3, 14, 15), torch.arange(16) % {classes}\n"
            f"{code.replace('optimizer.step()', '')}names = {options}\n"
            "before = [eval(name).detach().clone() for name in names]\noptimizer.step()\n"
            "print([name for name, was in zip(names, before) if not eval(name).equal(was)])"
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
        "figure": [{"code": code}],
    }


def loss_floor(rng):
    """Whether a loss can be reached, with softmax at the end of the network or without."""
    K, features, softmax = rng.choice(range(4, 31)), rng.choice((16, 32, 64)), rng.random() < 0.75
    floor = log(1 + (K - 1) / e)
    below = softmax and rng.random() < 0.6
    wanted = floor * rng.uniform(0.3, 0.85) if below else floor + (log(K) - floor) * rng.uniform(0.3, 0.8)
    wanted = wanted if softmax or rng.random() < 0.4 else floor * rng.uniform(0.2, 0.9)
    says, last = rng.random() < 0.5, f"nn.Linear({features}, {K})"
    line = (
        f"At best softmax gives 1 and {K - 1} zeros, and the loss takes these for logits: it cannot come below "
        f"log(1 + {K - 1} / e), about {floor:.2f}. There is no message."
        if softmax
        else "The loss has softmax inside and gets logits, as it should: the surer the net, the nearer it is to 0."
    )
    return judged(
        (not below) == says,
        f"`net` ends in `{f'{last}, nn.Softmax(dim=1)' if softmax else last}` and is trained with "
        f"`nn.CrossEntropyLoss()`. Its loss {'can' if says else 'can never'} come down to {wanted:.2f}.",
        "M74",
        line,
        objective="know a loss that cannot fall",
        formula="softmax twice: loss >= log(1 + (K - 1) / e); a net that does not learn: log(K)",
        because=line,
        hint="What is the best that the net can hand to the loss? The loss takes exp() of each: e for 1, and 1 for 0.",
        steps=[
            f"The loss takes softmax itself, so a Softmax in the net is {'one too many' if softmax else 'not missed'}.",
            f"The best share of the right class is e / (e + {K - 1}), and -log of it is about {floor:.2f}."
            if softmax
            else "With large logits the share of the right class comes near to 1, and -log of it near to 0.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\nlogits = torch.zeros(1, {K})\nlogits[0, 0] = 99\n"
            f"best = {'logits.softmax(1)' if softmax else 'logits'}\n"
            f"lowest = nn.CrossEntropyLoss()(best, torch.tensor([0])).item()\n"
            f"print((lowest < {wanted:.2f}) == {says})"
        ),
    )


QUESTIONS = {
    "optimizer-sees": optimizer_sees,
    "who-learns": who_learns,
    "loss-floor": loss_floor,
}
