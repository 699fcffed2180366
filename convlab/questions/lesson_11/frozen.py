"""Lesson 11, what moves though it is frozen: running numbers, and a mode that does not last."""

from convlab.questions.cases import apart, counted, drawn, gathered, sequential
from convlab.questions.lesson_03.drawing import judged
from convlab.questions.lesson_11.drawing import conv_text, two_kernels
from convlab.questions.question import Slip

_STATE = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "compare the whole state before and after a step",
    "formula": "moved: weight and bias of the head; of each BatchNorm in train() running_mean, running_var and "
    "num_batches_tracked",
    "hint": "The state holds more than parameters. What does a BatchNorm in train() move with every batch?",
    "otherwise": "Count the head's tensors, and three for each BatchNorm that is in train().",
}


def _state_slips(norms, bias):
    right, frozen = 2 + 3 * norms, norms * (3 + bias)
    return right, [
        Slip(2, ("M96",), "Those are the head's. The frozen BatchNorms move too: their running numbers are no "
             "parameters, and the net is in train()."),
        Slip(right + frozen, ("M184",), "That is the whole state. The frozen weights and biases stay as they are."),
        Slip(2 + norms * 2, ("M96",), "Each BatchNorm also counts the batches: `num_batches_tracked` is an entry of "
             "the state as well."),
    ]  # fmt: skip


def state_moves(rng):
    """How many entries of the state differ after one step of a frozen network."""
    norms, bias, (first, second) = rng.choice((1, 2, 3)), rng.random() < 0.5, two_kernels(rng)
    counts, classes = [3, *rng.sample((4, 6, 8, 10, 12), norms)], rng.choice((5, 7))
    answer, slips = _state_slips(norms, bias)
    layers = []
    for at in range(norms):
        call = conv_text(counts[at], counts[at + 1], (first, second)[at % 2], "" if bias else ", bias=False")
        layers += [call, f"nn.BatchNorm2d({counts[at + 1]})", "nn.ReLU()"]
    code = (
        f"{sequential('backbone', layers)}\nhead = nn.Linear({counts[-1]}, {classes})\n"
        "net = nn.Sequential(backbone, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)\n"
        "for parameter in backbone.parameters():\n    parameter.requires_grad = False\nnet.train()\n"
        "optimizer = torch.optim.SGD(head.parameters(), lr=0.1)\n"
        "before = {name: tensor.clone() for name, tensor in net.state_dict().items()}\n"
        "F.cross_entropy(net(pictures), labels).backward()\noptimizer.step()\n"
        "print(sum(not tensor.equal(before[name]) for name, tensor in net.state_dict().items()))"
    )
    tensors = norms * (3 + bias) + answer
    return {
        **_STATE,
        "prompt": "Which number does the last line print?",
        "answer": answer,
        "because": f"Two of the head, and three of each BatchNorm: freezing stops the optimizer, not the running "
        f"numbers. The state has {tensors} entries.",
        "steps": [
            "The frozen weights and biases stay: they get no gradient, and the optimizer has the head alone.",
            "The head's weight and bias change: 2.",
            "The net is in train(), so each BatchNorm moves running_mean, running_var and num_batches_tracked: 3.",
            f"{counted(norms, 'BatchNorm')}: 2 + 3*{norms} = {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
            f"pictures, labels = torch.randn(6, 3, 24, 26), torch.arange(6) % {classes}\n{code}"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [{"code": code}],
    }


_EPOCHS = {  # what is the same for every seed
    "kind": "number",
    "level": "hard",
    "objective": "see train() undo eval()",
    "formula": "batches that move the running mean = batches that pass in train(), after the last net.train()",
    "hint": "Follow the mode of the BatchNorm, line by line, through the first epoch and into the second.",
    "otherwise": "Note the mode at each batch, in the first epoch and in the later ones.",
}


def _epochs_slips(epochs, batches, checks):
    return (epochs - 1) * batches, [
        Slip(0, ("M225",), "So it would be if eval() lasted. `net.train()` at the end of the first epoch puts the "
             "BatchNorm into train() again."),
        Slip(epochs * batches, ("M179",), "Not in the first epoch: there it is in eval(), where a batch moves "
             "nothing."),
        Slip((epochs - 1) * (batches + checks), ("M179",), f"The {checks} batches of the check pass in eval(), and "
             "move nothing."),
    ]  # fmt: skip


def epochs_moved(rng):
    """How many batches move a BatchNorm that was put into eval() once."""

    def draw():
        return rng.randint(3, 9), rng.choice((4, 6, 10, 12, 20)), rng.choice((2, 3, 5))

    def told_apart(case):
        right, slips = _epochs_slips(*case)
        return len({slip.answer for slip in slips}) == 3 and apart("number", right, slips)

    case = epochs, batches, checks = drawn(draw, told_apart)
    (answer, slips), C, (kernel, _) = _epochs_slips(*case), rng.choice((4, 8, 12)), two_kernels(rng)
    code = (
        f"norm = nn.BatchNorm2d({C})\nnet = nn.Sequential({conv_text(3, C, kernel)}, norm, nn.ReLU())\n"
        f"net.train()\nnorm.eval()                          # it shall stay as it is\nfor epoch in range({epochs}):\n"
        f"    for batch in range({batches}):\n        net(pictures)                # and a step\n    net.eval()\n"
        f"    for batch in range({checks}):\n        net(pictures)                # the check\n    net.train()\n"
        "print(norm.num_batches_tracked)"
    )
    return {
        **_EPOCHS,
        "prompt": "`num_batches_tracked` counts the batches that moved the running mean. Which number is printed?",
        "answer": answer,
        "because": f"From the second epoch on the BatchNorm is in train(): {epochs - 1} * {batches} = {answer}. "
        "`norm.eval()` has to come after each `net.train()`.",
        "steps": [
            f"First epoch: `norm` is in eval(), so its {batches} batches move nothing.",
            f"The check runs in eval(): its {checks} batches move nothing, in any epoch.",
            "Then `net.train()` puts every part into train(), `norm` too.",
            f"So {epochs} - 1 = {epochs - 1} epochs of {batches} batches move it: {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\npictures = torch.randn(2, 3, 8, 9)\n"
            f"{code.replace('print(norm.num_batches_tracked)', 'print(norm.num_batches_tracked.item())')}"
        ),
        "slips": gathered("number", answer, slips),
        "figure": [{"code": code}],
    }


def myth_eval(rng):
    """Whether the running mean moves, by the order of eval() and train()."""
    C, (kernel, _), says = rng.choice((4, 8, 12)), two_kernels(rng), rng.random() < 0.5
    freeze = "for it in backbone.parameters(): it.requires_grad = False"
    late = rng.random() < 0.5
    modes = ["net.train()", "backbone.eval()"] if late else ["backbone.eval()", "net.train()"]
    modes.insert(rng.randrange(3), freeze)
    lines = "\n".join(modes)
    code = (
        f"backbone = nn.Sequential({conv_text(3, C, kernel)}, nn.BatchNorm2d({C}))\n"
        f"net = nn.Sequential(backbone, nn.ReLU(), nn.AdaptiveAvgPool2d(1))\n{lines}\n"
        "before = backbone[1].running_mean.clone()\nnet(pictures)\n"
        "print(torch.equal(before, backbone[1].running_mean))"
    )
    line = (
        "`backbone.eval()` comes after `net.train()`, so the BatchNorm is in eval() and its running mean rests."
        if late
        else "`net.train()` comes after `backbone.eval()` and reaches every part: the BatchNorm is in train() again, "
        "and the batch moves its running mean."
    )
    return judged(
        late == says,
        f"the last line prints {says}.",
        "M225",
        line,
        objective="know which mode is left",
        formula="the last of net.train() and backbone.eval() decides; requires_grad has no part in it",
        because=line,
        hint="In which mode is the BatchNorm when the pictures come?",
        steps=[
            f"The last of the two calls is `{'backbone.eval()' if late else 'net.train()'}`.",
            f"So the batch {'leaves the running mean as it is' if late else 'moves the running mean'}, and the line "
            f"prints {late}.",
        ],
        proof=(
            "import torch\nfrom torch import nn\npictures = torch.randn(4, 3, 12, 14) + 1\n"
            f"{code.replace('print(', f'print({says} == ')}"
        ),
        figure=[{"code": code}],
    )


QUESTIONS = {"state-moves": state_moves, "epochs-moved": epochs_moved, "myth-eval": myth_eval}
