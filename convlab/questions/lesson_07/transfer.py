"""Lesson 07, transfer: counting what is trained, and the order in which a network gets a new head."""

from convlab.questions.cases import apart, drawn, gathered, sequential, shuffled
from convlab.questions.lesson_03.drawing import layer
from convlab.questions.question import Slip

_PRINTED = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "tell tensors from numbers",
    "formula": "len(list(parameters())): a weight and a bias for each layer that has them",
    "hint": "What does `parameters()` hand out: numbers, layers or tensors? Which layers have two of them?",
    "otherwise": "Go layer by layer: has it a weight, has it a bias? Count these tensors.",
}


def printed_count(rng):
    """What len(list(...)) of the parameters prints."""

    def draw():
        (C_in, C_out, kernel), frozen = layer(rng, (3, 4, 5, 6, 8)), rng.random() < 0.5
        bias, norm = rng.random() < 0.5, rng.random() < 0.5
        return _parts(C_in, C_out, kernel, rng.choice((10, 12)), bias, norm), frozen

    def fair(case):
        return apart("number", sum(len(sizes) for _, sizes in _counted(*case)), _printed_slips(*case))

    case = parts, frozen = drawn(draw, fair)
    tensors = [size for _, sizes in _counted(*case) for size in sizes]
    wanted = "[it for it in net.parameters() if it.requires_grad]" if frozen else "list(net.parameters())"
    freeze = "net[0].requires_grad_(False)\n" if frozen else ""
    code = f"{sequential('net', [call for call, _ in parts])}\n{freeze}print(len({wanted}))"
    held = [(call.partition("(")[0], len(sizes)) for call, sizes in _counted(*case) if sizes]
    has, each = (", ".join(f"{name} {n}" for name, n in held), " + ".join(str(n) for _, n in held))
    answer = len(tensors)
    return {
        **_PRINTED,
        "prompt": "Which number does the last line print?",
        "answer": answer,
        "because": f"The list holds {answer} tensors, with {sum(tensors)} numbers in them.",
        "steps": [
            f"Tensors in the list: {has}{'; the first layer is frozen' if frozen else ''}.",
            f"`len` counts them: {each} = {answer}.",
        ],
        "proof": f"import torch\nfrom torch import nn\n{code}",
        "slips": gathered("number", answer, _printed_slips(*case)),
        "figure": [{"code": code}],
    }


def _parts(C_in, C_out, kernel, classes, bias, norm):
    """[(call, how many numbers each of its parameters holds)]."""
    weights = C_out * C_in * kernel[0] * kernel[1]
    return [
        (f"nn.Conv2d({C_in}, {C_out}, kernel_size={kernel}{'' if bias else ', bias=False'})",
         [weights, *[C_out] * bias]),
        *[(f"nn.BatchNorm2d({C_out})", [C_out, C_out])] * norm,
        ("nn.ReLU()", []),
        ("nn.AdaptiveAvgPool2d(1)", []),
        ("nn.Flatten()", []),
        (f"nn.Linear({C_out}, {classes})", [C_out * classes, classes]),
    ]  # fmt: skip


def _counted(parts, frozen):
    """The layers whose parameters are in the list."""
    return parts[1:] if frozen else parts


def _printed_slips(parts, frozen):
    counted = _counted(parts, frozen)
    numbers, every = (sum(sum(sizes) for _, sizes in layers) for layers in (counted, parts))
    slips = [
        Slip(numbers, ("M99",), "That is how many numbers they hold. `len` counts the tensors in the list: a weight is "
             "one, however many numbers it has. `sum(it.numel() for it in ...)` counts numbers."),
        Slip(sum(1 for _, sizes in counted if sizes), ("M35",), "Those are layers. A layer may have two parameters, a "
             "weight and a bias, and each stands in the list by itself."),
        Slip(len(parts), ("M99",), "Those are the layers of `net`. The list holds parameters: some layers have two, "
             "some none."),
    ]  # fmt: skip
    if frozen:
        tensors = sum(len(sizes) for _, sizes in parts)
        slips.append(Slip(tensors, ("M184",), "The first layer is frozen: `requires_grad` is False for what it has, so "
                          "that is not in the list."))  # fmt: skip
        slips.append(Slip(every, ("M99",), "That counts numbers, and the frozen ones as well. The list holds the "
                          "tensors that require a gradient."))  # fmt: skip
    return slips


_TRAINED = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "count what is trained after freezing",
    "formula": "new head: in_features * classes + classes; all else is frozen",
    "hint": "Which lines come after the freezing? A new layer requires gradients, whatever happened to the old ones.",
    "otherwise": "Only what was made after the freezing is trained. Count the numbers in its weight and its bias.",
}


def _frozen_and_new(C, kernel, norm, old, new):
    features = C * 3 * kernel[0] * kernel[1] + (2 * C if norm else C)
    return features, C * new + new


def _trained_slips(*case):
    C, _, _, old, new = case
    features, head = _frozen_and_new(*case)
    return [
        Slip(2, ("M99",), "That is how many tensors are trained, a weight and a bias: what `len` would print. The "
             "question is how many numbers they hold."),
        Slip(features + head, ("M184",), "Those are all parameters of the new network. The frozen ones are not "
             "trained: they get no gradient."),
        Slip(features, ("M184",), "Those are the frozen parameters. Trained are those of the new head."),
        Slip(C * new, ("M35",), f"That is the weight of the new head. It has a bias besides, {new} numbers."),
        Slip(C * new + C, ("M36",), f"The weight is right. Biases belong to what comes out: {new} of them."),
        Slip(C * old + old, ("M184",), f"That is the old head, for {old} classes: it is gone. The new one has "
             f"{new} classes."),
    ]  # fmt: skip


def trained_count(rng):
    """How many numbers are trained when a frozen network gets a new head."""

    def draw():
        old, new = rng.sample((5, 6, 8, 10, 12), 2)
        return rng.choice((16, 24, 32, 64)), rng.choice(((3, 5), (5, 3), (2, 3))), rng.random() < 0.5, old, new

    case = drawn(draw, lambda case: apart("number", _frozen_and_new(*case)[1], _trained_slips(*case)))
    (C, kernel, norm, old, new), (features, answer) = case, _frozen_and_new(*case)
    first = f"nn.Conv2d(3, {C}, kernel_size={kernel}{', bias=False' if norm else ''})"
    layers = [first, *[f"nn.BatchNorm2d({C})"] * norm, "nn.ReLU()"]
    code = (
        f"{sequential('features', layers)}\nnet = nn.Sequential(features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), "
        f"nn.Linear({C}, {old}))\n...                           # trained on {old} classes\n"
        "for parameter in net.parameters():\n    parameter.requires_grad = False\n"
        f"net[3] = nn.Linear({C}, {new})"
    )
    return {
        **_TRAINED,
        "prompt": "Training goes on after these lines, with an optimizer made then. How many numbers does it train?",
        "answer": answer,
        "because": f"The new Linear alone: {C} weights and a bias for each of {new} classes.",
        "steps": [
            f"All that was there is frozen: the {features} parameters of `features`, and the old head is gone.",
            f"The weight of the new head: {C} * {new} = {C * new}.",
            f"And its biases: {C * new} + {new} = {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{code}\n"
            "print(sum(it.numel() for it in net.parameters() if it.requires_grad))"
        ),
        "slips": gathered("number", answer, _trained_slips(*case)),
        "figure": [{"code": code}],
        "otherwise": f"Trained is what was made after the freezing: a Linear from {C} numbers to {new} classes, not to "
        f"{old}.",
    }


_ORDER = {  # what is the same for every seed
    "kind": "order",
    "level": "hard",
    "objective": "give a trained network a new head",
    "formula": "freeze, then the new head, then the optimizer, then the steps",
    "because": "What is made after the freezing is not frozen, and an optimizer knows what was there when it was made.",
    "hint": "Which line freezes all that is there, at that moment? Which one asks, at that moment, what is not frozen?",
    "otherwise": "Ask of each line what it finds when it is run: which parameters are there, and which are frozen?",
}


def transfer_order(rng):
    """The lines of a transfer, in their order."""
    features, classes, rate = rng.choice((16, 32, 64, 128)), rng.choice((3, 5, 7)), rng.choice((0.1, 0.01, 0.05))
    net, kind = rng.choice(("net", "model", "cnn")), rng.choice(("SGD", "Adam"))
    freeze = f"for it in {net}.parameters(): it.requires_grad = False"
    head = f"{net}.head = nn.Linear({features}, {classes})"
    optimizer = f"optimizer = torch.optim.{kind}([it for it in {net}.parameters() if it.requires_grad], lr={rate})"
    train = f"for images, labels in batches: train({net}, optimizer, images, labels)"
    answer = [freeze, head, optimizer, train]
    slips = [
        Slip([head, freeze, optimizer, train], ("M184",), "Then the new head is there when everything is frozen, and "
             "is frozen too: nothing is left for the optimizer."),
        Slip([optimizer, freeze, head, train], ("M162",), "The optimizer was made before the head, so it goes on with "
             "the old parameters: it does not know the new head."),
        Slip([freeze, optimizer, head, train], ("M162",), "When the optimizer is made, all is frozen and the new head "
             "is not there yet: it gets an empty list, which is an error."),
        Slip([head, optimizer, freeze, train], ("M184",), "The freezing comes last and takes the new head along: it "
             "gets no gradient any more."),
    ]  # fmt: skip
    options = drawn(lambda: shuffled(rng, answer), lambda order: order not in [answer, *(it.answer for it in slips)])
    return {
        **_ORDER,
        "prompt": f"`{net}` has been trained on other pictures. It shall keep its filters and learn {classes} new "
        "classes with a new head. Put these lines into the order in which they do that.",
        "answer": answer,
        "steps": [
            "Freeze first: at this moment all parameters there are belong to the old network.",
            "Then the new head: a new layer requires gradients, so it is not frozen.",
            "Then the optimizer: it asks what requires a gradient, and finds the head.",
            "Then train.",
        ],
        "proof": _order_proof(net, features, options),
        "slips": gathered("order", answer, slips),
        "options": options,
    }


def _order_proof(net, features, options):
    return (
        "import itertools\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.features, self.head = nn.Conv2d(1, {features}, (3, 5)), nn.Linear({features}, 10)\n"
        "    def forward(self, x):\n        return self.head(self.features(x).amax((2, 3)))\n"
        "def train(net, optimizer, images, labels):\n"
        "    F.cross_entropy(net(images), labels).backward()\n    optimizer.step()\n"
        "for order in itertools.permutations(" + str(options) + "):\n"
        f"    {net} = Net()\n    old, old_head = {net}.features.weight.detach().clone(), {net}.head\n"
        "    batches = [(torch.randn(4, 1, 8, 9), torch.zeros(4, dtype=torch.long))]\n"
        "    seen = []\n    try:\n        for line in order:\n"
        f"            if 'train(' in line:\n                seen = [{net}.head, {net}.head.weight.detach().clone()]\n"
        "            exec(line)\n    except (ValueError, NameError, RuntimeError):\n        continue\n"
        f"    trained = seen[0] is {net}.head is not old_head and not {net}.head.weight.equal(seen[1])\n"
        f"    if trained and {net}.features.weight.equal(old):\n        print(list(order))"
    )


QUESTIONS = {"printed-count": printed_count, "trained-count": trained_count, "transfer-order": transfer_order}
