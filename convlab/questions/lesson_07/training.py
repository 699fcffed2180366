"""Lesson 07, train() and eval(): what dropout hands on, what a step changes, and what the modes do not do."""

from convlab.questions.cases import gathered, sequential, shuffled
from convlab.questions.lesson_03.drawing import chosen, made, ticked
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.question import Slip
from convlab.questions.varying import some_of

_KEPT = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "say what dropout does to a number",
    "formula": "train(): kept numbers are divided by 1 - p; eval(): all stay",
    "hint": "Is anything dropped in this mode? If so, what makes up for it, so that the mean stays?",
    "otherwise": "In train() a number is dropped, or divided by 1 - p. In eval() nothing happens.",
}
_RATES = ((0.5, range(5, 30)), (0.2, range(4, 60, 4)), (0.75, range(3, 20)), (0.6, range(4, 40, 2)))


def dropout_value(rng):
    """A number that was not dropped."""
    rate, numbers = rng.choice(_RATES)
    x, mode = rng.choice(numbers), rng.choice(("train", "eval"))
    scaled, smaller = round(x / (1 - rate)), round(x * (1 - rate), 6)
    kept = round(1 - rate, 2)
    if mode == "train":
        answer = scaled
        slips = [
            Slip(x, ("M178",), f"What is kept does not stay as it is: it is divided by 1 - {rate} = {kept}, so that "
                 "the mean stays though others are dropped."),
            Slip(smaller, ("M178",), f"You multiplied by 1 - {rate}. What is kept grows: it is divided by {kept}, to "
                 "make up for what is dropped."),
            Slip(round(x / rate, 6), ("M178",), f"You divided by {rate}. That is the share that is dropped; {kept} is "
                 "the share that is kept."),
        ]  # fmt: skip
        steps = [f"In train() a number is dropped or kept; this one was kept, and {kept} of all are.",
                 f"To keep the mean it is divided by {kept}: {x} / {kept} = {scaled}."]  # fmt: skip
    else:
        answer = x
        slips = [
            Slip(scaled, ("M177",), "That is train(). In eval() nothing is dropped, so nothing has to be made up for."),
            Slip(smaller, ("M178",), "In eval() nothing is scaled: PyTorch has made up for it in train() already, by "
                 f"dividing what was kept by {kept}."),
        ]  # fmt: skip
        steps = ["In eval() nothing is dropped.", f"Nothing has to be made up for: {x} stays {x}."]
    return {
        **_KEPT,
        "prompt": f"`nn.Dropout({rate}).{mode}()` gets a row of numbers, one of them {x}. In the output there is no 0 "
        "at its place. Which number is there?",
        "answer": answer,
        "because": f"In train() what is kept is divided by {kept}."
        if mode == "train"
        else "In eval() dropout hands on every number as it is.",
        "steps": steps,
        "proof": (
            f"import torch\nfrom torch import nn\noutput = nn.Dropout({rate}).{mode}()(torch.full((500,), {x}.0))\n"
            "print(round(output.max().item(), 4))"
        ),
        "slips": gathered("number", answer, slips),
    }


_ROW = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "recognise what came out of dropout",
    "formula": "train(): 0 or x / (1 - p); eval(): x",
    "hint": "First the mode: is anything dropped? Then the size: what happens to those that are not?",
}


def dropout_row(rng):
    """Which row comes out of a dropout layer."""
    mode, rate = rng.choice(("train", "eval")), rng.choice((0.5, 0.75))
    kept, row = 1 - rate, rng.sample((4, 8, 12, 16, 20, 24, 28), 5)
    dropped = set(rng.sample(range(5), 2 if rate == 0.5 else 3))

    def text(change):
        return str([int(change(at, x)) for at, x in enumerate(row)])

    thinned = text(lambda at, x: 0 if at in dropped else x)
    train, plain = text(lambda at, x: 0 if at in dropped else x / kept), text(lambda at, x: x)
    smaller = text(lambda at, x: x * kept)
    if mode == "train":
        answer, wrong = train, {
            thinned: ("M178", f"What is kept is divided by 1 - {rate} = {kept}, so that the mean stays."),
            plain: ("M177", "That is eval(). In train() numbers are dropped."),
        }  # fmt: skip
        steps = [f"In train() each number is dropped with the probability {rate}.",
                 f"What is kept is divided by {kept}: the answer is `{train}`."]  # fmt: skip
    else:
        answer, wrong = plain, {
            train: ("M177", "That is train(). In eval() nothing is dropped, and nothing grows."),
            smaller: ("M178", "In eval() nothing is scaled: that was made up for in train(), where what was "
            "kept grew."),
        }  # fmt: skip
        steps = ["In eval() nothing is dropped.", f"Nothing is scaled either: `{plain}`."]
    return {
        **_ROW,
        "prompt": f"`nn.Dropout({rate}).{mode}()` gets the row `{plain}`. Which of these rows can come out?",
        "answer": answer,
        "because": f"In train() what is kept is divided by {kept}, and the rest is 0."
        if mode == "train"
        else "In eval() every number is handed on as it is.",
        "steps": steps,
        "proof": (
            f"import torch\nfrom torch import nn\nlayer = nn.Dropout({rate}).{mode}()\n"
            f"rows = layer(torch.tensor({plain}).float().expand(4000, -1)).unique(dim=0)\n"
            "came = {str([int(it) for it in row]) for row in rows}\n"
            f"print([option for option in {[answer, *wrong]} if option in came][0])"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
    }


_STEP = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say what one training step changes",
    "formula": "parameters: by the optimizer, if they require a gradient; running statistics: by the batch, in train()",
    "hint": "Two questions for each: is it a parameter that requires a gradient? Is it a running number, and in which "
    "mode is its layer?",
    "otherwise": "Parameters and running numbers follow two different rules: ask the right one of each.",
}
_FREEZE = "for parameter in features.parameters():\n    parameter.requires_grad = False"
_CASES = {  # lines before the step -> (do the frozen weights change, do the running numbers move)
    f"net.train()\n{_FREEZE}": (False, True),
    f"net.train()\n{_FREEZE}\nfeatures.eval()": (False, False),
    f"{_FREEZE}\nfeatures.eval()\nnet.train()": (False, True),
    "net.eval()": (True, False),
    "net.train()\nfeatures.eval()": (True, False),
}


def _step_meant(weights, running):
    frozen = "It does not require a gradient, so it gets none, and the optimizer leaves it as it is."
    trained = "eval() stops no training: gradients are computed, and the optimizer goes on."
    moves = "A running mean or variance is no parameter. In train() at the step the batch moves it, frozen or not."
    rests = "features is in eval() at the step: its running mean and variance are read and not moved."
    weight = ("M180", trained) if weights else ("M184", frozen)
    number = ("M96", moves) if running else ("M179", rests)
    new = ("M180" if weights else "M184", "The head is not frozen: it is trained, in any mode.")
    meant = {"features[0].weight": weight, "features[1].weight": weight, "features[1].bias": weight}
    return meant | {"features[1].running_mean": number, "features[1].running_var": number, "head.weight": new}


def what_changes(rng):
    """Which tensors one step of training changes."""
    lines = rng.choice(list(_CASES))
    weights, running = _CASES[lines]
    C, classes, kernel = rng.choice((6, 8, 12)), rng.choice((5, 10)), rng.choice(((3, 5), (5, 3), (2, 3)))
    meant = _step_meant(weights, running)
    changes = {it: running if "running" in it else weights or "head" in it for it in meant}
    options = some_of(rng, list(meant), changes.get)
    answer = [option for option in options if changes[option]]
    slips, per_option = ticked(options, answer, meant)
    layers = [f"nn.Conv2d(3, {C}, kernel_size={kernel}, bias=False)", f"nn.BatchNorm2d({C})", "nn.ReLU()"]
    start = (
        f"{sequential('features', layers)}\nhead = nn.Linear({C}, {classes})\n"
        "net = nn.Sequential(features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)\n"
        "optimizer = torch.optim.SGD(net.parameters(), lr=0.1)"
    )
    step = "F.cross_entropy(net(pictures), labels).backward()\noptimizer.step()"
    return {
        **_STEP,
        "prompt": "Which of these tensors hold other numbers after the last line than before it? Tick all.",
        "answer": answer,
        "because": "The optimizer changes the parameters that require a gradient, in any mode; a batch moves running "
        "numbers where the layer is in train().",
        "steps": [
            f"The weights of `features` {'require a gradient: changed' if weights else 'are frozen: not changed'}.",
            "At the step `features` is in "
            f"{'train(): its running numbers move' if running else 'eval(): its running numbers rest'}.",
            "`head` is trained in every mode.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
            f"pictures, labels = torch.randn(8, 3, 12, 14), torch.arange(8) % {classes}\n{start}\n{lines}\n"
            f"tensors = {{option: eval(option) for option in {options}}}\n"
            "before = {option: tensor.detach().clone() for option, tensor in tensors.items()}\n"
            f"{step}\nprint([option for option in tensors if not tensors[option].equal(before[option])])"
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
        "figure": [{"code": f"{start}\n{lines}\n{step}"}],
    }


_FREEZING = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "freeze a BatchNorm rightly",
    "formula": "requires_grad=False: weight and bias stay; eval(): running mean and variance stay",
    "because": "`requires_grad_(False)` is about weight and bias, `eval()` and the momentum are about the running mean "
    "and variance; each leaves the other alone.",
    "hint": "Two things may move in a BatchNorm, in two ways: by the optimizer, and by each batch. Which line stops "
    "which?",
    "otherwise": "Ask of each line what it does to the weight, and what to the running mean.",
}
_LINES = {  # line -> (does the weight change, does the running mean move)
    "for it in {name}.parameters(): it.requires_grad = False": (False, True),
    "{name}.weight.requires_grad_(False)": (False, True),
    "{name}.eval()": (True, False),
    "{name}.requires_grad_(False).eval()": (False, False),
    "{name}.momentum = 0.0": (True, False),
}
_GOALS = {  # what is wanted -> (of the weight, of the running mean); None: either will do
    "its running mean stays as it is": (None, False),
    "its running mean follows the new pictures": (None, True),
    "its weight stays as it is": (False, None),
    "its weight is trained, and its running mean stays as it is": (True, False),
    "its weight and its running mean stay as they are": (False, False),
}


def _freezing_reason(line, goal):
    """The mistake behind being wrong about this line, and why."""
    weight, running = goal
    if "momentum" in line:
        why = (
            "The momentum is the share of the new batch in the running mean: with 0 that stays. The weight is trained."
        )
        return "M186", why
    if "eval" in line and "requires" in line:
        return "M184", "Both together: the weight gets no gradient, and the running mean is only read."
    if "eval" in line:
        named = "M179" if weight is None else "M180"
        return named, "In eval() the running mean is only read. The weight is trained in any mode."
    named = "M184" if running is None else "M96"
    return named, "This keeps the weight. The running mean is no parameter: in train() every batch moves it."


def freeze_norm(rng):
    """Which lines let a BatchNorm do what is wanted."""
    name, C, (words, goal) = rng.choice(("norm", "bn")), rng.choice((8, 16, 32)), rng.choice(list(_GOALS.items()))
    does = {line.format(name=name): done for line, done in _LINES.items()}

    def holds(line):
        return all(wanted in (None, done) for wanted, done in zip(goal, does[line], strict=True))

    options = some_of(rng, list(does), holds)
    answer = [option for option in options if holds(option)]
    slips, per_option = ticked(options, answer, {line: _freezing_reason(line, goal) for line in does})
    return {
        **_FREEZING,
        "prompt": f"`{name} = nn.BatchNorm2d({C})` is part of `net`. After `net.train()` comes one line more; then "
        f"training goes on, with an optimizer that has all parameters. It is wanted that {words}. Which of these "
        "lines, each by itself, do that? Tick all.",
        "answer": answer,
        "steps": [
            "The weight: an optimizer changes it unless its `requires_grad` is False, in any mode.",
            "The running mean: in train() each batch moves it by the share `momentum`, in eval() none does.",
            f"So it is: {', '.join(f'`{line}`' for line in answer)}.",
        ],
        "proof": _freezing_proof(name, C, options, goal),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }


def _freezing_proof(name, C, lines, goal):
    return (
        f"import torch\nfrom torch import nn\nfound = []\nfor line in {lines}:\n    {name} = nn.BatchNorm2d({C})\n"
        f"    net = nn.Sequential(nn.Conv2d(3, {C}, (3, 5)), {name}, nn.ReLU())\n"
        "    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)\n    net.train()\n"
        f"    exec(line)\n    weight, stored = {name}.weight.detach().clone(), {name}.running_mean.clone()\n"
        "    net(torch.randn(4, 3, 9, 11)).square().mean().backward()\n    optimizer.step()\n"
        f"    changed = [not {name}.weight.equal(weight), not {name}.running_mean.equal(stored)]\n"
        f"    if all(wanted in (None, done) for wanted, done in zip({goal}, changed)):\n        found.append(line)\n"
        "print(found)"
    )


_MODE = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say what train() and eval() change",
    "formula": "the mode is read by dropout and BatchNorm; gradients and optimizer do not ask for it",
    "because": "A mode changes what dropout and BatchNorm do. Gradients and the optimizer do not ask for it.",
    "hint": "Which layers look at the mode at all? Do `backward()` or an optimizer?",
    "otherwise": "Sort them: what dropout does, what BatchNorm goes by, and what has nothing to do with the mode.",
}


def _mode_matters(train):
    free = "The mode says nothing about gradients: only `requires_grad` and `torch.no_grad()` do."
    other = "In eval() dropout hands everything on; in train() it drops."
    means = "In train() BatchNorm goes by the batch at hand, in eval() by what it has stored."
    return (
        [("loss.backward() computes gradients", True, "M180", free),
         ("loss.backward() computes no gradients", False, "M180", free)],
        [("optimizer.step() changes the weights", True, "M180", free),
         ("optimizer.step() leaves the weights as they are", False, "M180", free)],
        [("drop sets numbers to 0", train, "M177", other), ("drop hands on all numbers", not train, "M177", other)],
        [("norm goes by the mean of the batch", train, "M179", means),
         ("norm goes by its running mean", not train, "M179", means)],
        [("norm moves its running mean", train, "M179", "The running mean is moved in train(), and read in eval()."),
         ("norm leaves its running mean as it is", not train, "M179", "The running mean is moved in train(), and read "
          "in eval().")],
    )  # fmt: skip


def eval_claims(rng):
    """What holds after net.train() or net.eval()."""
    mode, C = rng.choice(("train", "eval")), rng.choice((6, 8, 12))
    kernel, rate = rng.choice(((3, 5), (5, 3), (2, 3))), rng.choice((0.2, 0.5))
    fields = to_tick(rng, _mode_matters(mode == "train"))
    code = (
        f"conv, norm, drop = {made(3, C, kernel)}, nn.BatchNorm2d({C}), nn.Dropout({rate})\n"
        f"net = nn.Sequential(conv, norm, nn.ReLU(), drop)\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)\n"
        f"net.{mode}()\nloss = net(pictures).mean()"
    )
    return {
        **_MODE,
        **fields,
        "prompt": "Which of these are true here, and of a training step that goes on from here? Tick all.",
        "steps": [
            f"`net.{mode}()` reaches every layer in it; only `norm` and `drop` behave otherwise for it.",
            "In train() `drop` drops, and `norm` goes by the batch and moves what it stores."
            if mode == "train"
            else "In eval() `drop` hands everything on, and `norm` goes by what it has stored, and leaves that alone.",
            "`backward()` and `optimizer.step()` do not ask for the mode.",
        ],
        "proof": _mode_proof(code, fields["options"]),
        "figure": [{"code": code}],
    }


def _mode_proof(code, options):
    return (
        "import torch\nfrom torch import nn\npictures = torch.randn(6, 3, 12, 14) + 2\n"
        f"{code}\nstored, weight = norm.running_mean.clone(), conv.weight.detach().clone()\n"
        "with torch.no_grad():\n    normed = norm(conv(pictures))\n"
        "    drops = bool((drop(torch.ones(300)) == 0).any())\n"
        "by_batch = bool(normed.mean((0, 2, 3)).abs().max() < 1e-3)\n"
        "moves = not norm.running_mean.equal(stored)\nloss.backward()\n"
        "has_gradient = conv.weight.grad is not None\noptimizer.step()\n"
        "changed = not conv.weight.equal(weight)\nholds = {\n"
        "    'loss.backward() computes gradients': has_gradient,\n"
        "    'loss.backward() computes no gradients': not has_gradient,\n"
        "    'optimizer.step() changes the weights': changed,\n"
        "    'optimizer.step() leaves the weights as they are': not changed,\n"
        "    'drop sets numbers to 0': drops, 'drop hands on all numbers': not drops,\n"
        "    'norm goes by the mean of the batch': by_batch, 'norm goes by its running mean': not by_batch,\n"
        "    'norm moves its running mean': moves, 'norm leaves its running mean as it is': not moves,\n"
        f"}}\nprint([option for option in {options} if holds[option]])"
    )


QUESTIONS = {
    "dropout-value": dropout_value,
    "dropout-row": dropout_row,
    "what-changes": what_changes,
    "freeze-norm": freeze_norm,
    "eval-claims": eval_claims,
}
