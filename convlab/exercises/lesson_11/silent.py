"""The patients of lesson 11 that say nothing: a kernel from SciPy, a shared weight, BatchNorm, no learning."""

from functools import wraps
from importlib import import_module

import numpy as np

from ..task import Case, Exercise, random_numbers
from .errors_of_patients import ERRORS
from .patient import Look, Patient, alike, equal, gives, looked_at
from .slips_silent import COPIES, FROZEN, LEARNING, SCIPY
from .train_steps import backbone_and_head, frozen_look, learning_look


class FromScipy(Patient):
    """A kernel made for a true convolution."""

    id, title, made = "11.kernel_from_scipy", "A kernel from another library", "function"
    level, minutes, lesson = "easy", 4, "11"
    prompt = """\
A kernel is taken over from code that used `scipy.signal.convolve2d(picture, kernel, mode="same")`. Here \
`like_scipy(picture, kernel)` gives other numbers, without a message. Mend it.

- SciPy computes a true convolution, with zeros outside; F.conv2d lays the kernel on as it is written.
- `picture` is a float64 tensor (H, W), `kernel` one of (kH, kW), both odd; the result is as large as the picture.

Signature: `def like_scipy(picture, kernel)`. Mended:

    like_scipy(torch.tensor([[1.0, 2, 4]]), torch.tensor([[1.0, 0, 0]]))  ->  tensor([[2., 4., 0.]])"""
    broken = """\
def like_scipy(picture, kernel):
    kH, kW = kernel.shape
    input, weight = picture[None, None], kernel[None, None]
    return F.conv2d(input, weight, padding=(kH // 2, kW // 2))[0, 0]"""
    symptom = (
        "[[1, 2, 4]] with the kernel [[1, 0, 0]] gives [[0, 1, 2]], and SciPy gives [[2, 4, 0]]. No error tells of it."
    )
    arguments = ("picture", "kernel")
    slips, errors = SCIPY, ERRORS["11.kernel_from_scipy"]
    right = "Right: the kernel is turned by 180 degrees, as a convolution has it."
    hints = (
        "Lay the kernel on a picture with one bright cell, an impulse. What comes out of SciPy is the kernel as it is "
        "written; what comes out of F.conv2d?",
        "F.conv2d gives the kernel turned by 180 degrees: a cross-correlation. Turn it before, and the two turns "
        "cancel. Which axes does a half turn reverse?",
        "weight = kernel.flip(0, 1)[None, None].",
    )
    _mutant = Exercise._mutant  # what comes back is numbers

    def cases(self, seed):
        rng = random_numbers(seed, self.id)
        numbers = [(np.array([[1.0, 2, 4]]), np.array([[1.0, 0, 0]]))]
        for kH, kW in ((3, 5), (5, 3), (3, 3), (1, 3)):
            H, W = (int(it) for it in rng.permutation(range(4, 8))[:2])
            kernel = rng.permutation(np.arange(1, kH * kW + 1)).reshape(kH, kW) - 2.0
            numbers.append((rng.integers(0, 10, (H, W)).astype(float), kernel))
        return [_convolved(*it, example=number == 0) for number, it in enumerate(numbers)]

    def expected(self, case):
        picture, kernel = case.arguments.values()
        (H, W), (kH, kW) = picture.shape, kernel.shape
        full = np.zeros((H + kH - 1, W + kW - 1))
        for i in range(H):
            for j in range(W):
                full[i : i + kH, j : j + kW] += picture[i, j] * kernel  # each cell spreads the kernel as it is
        return full[kH // 2 : kH // 2 + H, kW // 2 : kW // 2 + W]

    def own_words(self, trial):
        return super().own_words(trial) if trial.run["result"]["type"] == "NoneType" else ""


def _convolved(picture, kernel, example):
    (H, W), (kH, kW) = picture.shape, kernel.shape
    shown = {"picture": ("input", picture), "kernel": ("weight", kernel)}
    label = f"a picture of {H} x {W} and a kernel of {kH} x {kW}"
    return Case({"picture": picture, "kernel": kernel}, shown, label, example)


class Shared(Patient):
    """A weight that two layers share, where one was to have a copy."""

    id, title, made = "11.shared", "Two layers, one weight", "function"
    level, minutes, arguments = "medium", 5, ("source", "target")
    prompt = """\
After `copy_weight(one, two)` a step on one layer changes the other too; and a weight of 5 x 3 goes into a layer of \
3 x 5 without a message. Mend it.

- `target` gets the numbers of `source`'s weight, and from then on each layer has its own. Nothing else of them \
changes: the bias stays, and target.weight is the Parameter that an optimizer may already know.
- Where the shapes differ, an error is raised, and both layers are as they were.

Signature: `def copy_weight(source, target)`; both are `nn.Conv2d`. Mended:

    copy_weight(nn.Conv2d(1, 2, (5, 3)), nn.Conv2d(1, 2, (3, 5)))  ->  RuntimeError"""
    broken = """\
def copy_weight(source, target):
    target.weight.data = source.weight.data"""
    symptom = (
        "Change one layer, and the other changes with it; and a weight of 5 x 3 in a layer that still calls itself "
        "3 x 5. No error tells of it."
    )
    slips, errors = COPIES, ERRORS["11.shared"]
    right = "Right: two layers with the same numbers, each with its own; and a wrong shape is refused."
    hints = (
        "Copy, then add 1 to a weight of one layer, inside torch.no_grad(), and print the other. Then copy a weight "
        "of 5 x 3 into a layer of 3 x 5, and print the layer and its weight's shape.",
        "`a.data = b.data` gives a second name to the same numbers, and nobody compares shapes. What writes numbers "
        "into a tensor that is there already? It needs torch.no_grad() around it.",
        "with torch.no_grad(): target.weight.copy_(source.weight).",
    )

    def tried(self, fn):
        """The function, for which an error where shapes differ is an answer: the task asks for it."""
        return answering(fn) if callable(fn) and not isinstance(fn, type) else fn

    def cases(self, seed):
        rng = random_numbers(seed, self.id)
        found = []
        for number, kernel_size in enumerate([(5, 3), (3, 5), (2, 4)]):
            channels = (1, 2) if not number else (int(rng.integers(2, 4)), int(rng.integers(4, 6)))
            turned = kernel_size[::-1]
            same, other = (Two(channels, kernel_size, it) for it in (kernel_size, turned))
            label = f"two layers of {kernel_size[0]} x {kernel_size[1]}"
            found += looked_at(same.layers(), label, same.look(), example=not number)
            label = f"a weight of {kernel_size[0]} x {kernel_size[1]} for a layer of {turned[0]} x {turned[1]}"
            found += looked_at(other.layers(), label, other.refuses())
        return found


REFUSED = object()  # no learner can return it by chance


def answering(fn):
    """The function, which answers with a mark where it raises the error that layers of different shape call for.

    A function that answers so already stays as it is.
    """

    @wraps(fn)
    def answering_one(source, target):
        differ = source.kernel_size != target.kernel_size
        try:
            said = fn(source, target)
        except (RuntimeError, ValueError, AssertionError):
            if not differ:
                raise
            return REFUSED
        return REFUSED if said is REFUSED else "copied"

    return answering_one


class Two:
    """Two layers, made anew for each case, whose numbers are put back after each look.

    Programs that name a slip are given the same layers as the learner's, one after another.
    """

    def __init__(self, channels, *kernel_sizes):
        torch = import_module("torch")
        self.both = [torch.nn.Conv2d(*channels, it) for it in kernel_sizes]
        self.began = [(it.weight, it.bias, it.weight.data.clone(), it.bias.data.clone()) for it in self.both]

    def layers(self):
        """The arguments of a case."""
        return dict(zip(("source", "target"), self.both, strict=True))

    def put_back(self):
        """The layers as they were made."""
        for layer, (weight, bias, numbers, offsets) in zip(self.both, self.began, strict=True):
            layer.weight, layer.bias = weight, bias
            weight.data, bias.data = numbers.clone(), offsets.clone()
            weight.requires_grad_(True)

    def look(self):
        """A look at the numbers, at who owns them, and at what was to stay."""
        said = (
            "target's weight has other numbers than source's; expected the same.",
            "a change of target's weight changes source's; expected each layer to have its own.",
            "a change of source's weight changes target's; expected each layer to have its own.",
            "target.weight is another Parameter than before: an optimizer that knows the old one would lose it.",
            "a bias, or source's own weight, has changed; expected them as they were.",
            "target's weight no longer requires a gradient; expected it to learn as before.",
        )

        def look(torch, result):
            try:
                return self._found(torch)
            finally:
                self.put_back()

        def says(came):
            return next(sentence for sentence, fine in zip(said, came, strict=True) if not fine)

        return Look(look, (1,) * len(said), says)

    def _found(self, torch):
        (source, target), (was, had) = self.both, self.began
        pairs = (source.bias, was[3]), (target.bias, had[3]), (source.weight, was[2])
        kept = all(equal(one, other) for one, other in pairs)
        same, learns = alike(target.weight, was[2]), target.weight.requires_grad
        apart = []
        with torch.no_grad():
            for one, other in ((target, source), (source, target)):
                before = other.weight.clone()
                one.weight.add_(1.0)
                apart.append(equal(other.weight, before))
        return [same, *apart, target.weight is had[0], kept, learns]

    def refuses(self):
        """A look at whether a weight of another shape was refused, and left no trace."""

        def look(torch, result):
            try:
                pairs = list(zip(self.both, self.began, strict=True))
                kept = all(equal(it.weight, was[2]) and equal(it.bias, was[3]) for it, was in pairs)
                return [result is REFUSED, kept]
            finally:
                self.put_back()

        def says(came):
            if came[0]:
                return "an error is raised, and a weight or a bias has changed all the same."
            return "no error is raised; expected one, because the shapes differ."

        return Look(look, (1, 1), says)


class Frozen(Patient):
    """A frozen backbone that still moves."""

    id, title = "11.frozen", "Frozen, and yet it moves"
    level, minutes, arguments = "medium", 7, ("backbone", "head")
    prompt = """\
No parameter of the backbone learns, and after a few batches it answers otherwise all the same: something in it still \
moves. Mend the class, so that

- nothing of the backbone changes in training, in whatever mode the network is set: neither parameters nor running \
statistics; not in the new network either, before anybody calls train(). It goes by those that it has (eval mode);
- the head trains as before, and knows its modes.

Signature: `class Frozen(nn.Module)`, made by `Frozen(backbone, head)`. Mended:

    network = Frozen(backbone, head)
    network.train()
    network(pictures)       # the running mean of the head's BatchNorm moves, the backbone's does not"""
    broken = """\
class Frozen(nn.Module):
    def __init__(self, backbone, head):
        super().__init__()
        self.backbone, self.head = backbone, head
        for parameter in self.backbone.parameters():
            parameter.requires_grad = False

    def forward(self, pictures):
        return self.head(self.backbone(pictures))"""
    symptom = "After network.train() and one batch the backbone's running_mean is another one. No error tells of it."
    slips, errors = FROZEN, ERRORS["11.frozen"]
    right = "Right: the backbone stays in every mode, and the head trains."
    hints = (
        "Compare state_dict() before and after a training step, name by name. Which entries moved, and are they "
        "parameters?",
        "BatchNorm's running mean is a buffer: requires_grad does not speak of it, the mode does. eval() stops it, "
        "until the training loop calls train() for the whole network. Where could you answer that call?",
        "self.backbone.eval() in __init__, and a method of the class: def train(self, mode=True): super().train(mode); "
        "self.backbone.eval(); return self.",
    )

    @property
    def forked(self):
        """False where PyTorch has a GPU: there a gradient in a forked child fails once one was computed before."""
        return False if import_module("torch").cuda.is_available() else None

    def cases(self, seed):
        rng = random_numbers(seed, self.id)
        found = []
        for number, channels in enumerate([(1, 3), (2, 4)]):
            drawn = int(rng.integers(10_000))
            backbone, head = backbone_and_head(drawn, channels)
            label = f"Frozen(backbone, head) for {channels[0]} input channel{'s' * (channels[0] > 1)}"
            given = {"backbone": backbone, "head": head}
            found += looked_at(given, label, frozen_look(drawn, channels), example=not number)
        return found


class NotLearning(Patient):
    """A network with five faults, none of which raises an error, and all of which keep it from learning."""

    id, title = "11.not_learning", "The loss stays where it is"
    level, minutes, arguments = "hard", 8, ("classes",)
    prompt = """\
`Learner(5)` runs, `learn` runs, and the loss stays near log(5). Five things are wrong, and none raises an error. Mend \
the class.

- Two convolutions and the head learn: 8 filters of 3 x 5 for one channel, 12 filters of 5 x 3, and the Linear layer. \
An optimizer knows all their parameters.
- The network gives logits, and the same ones for the same pictures.
- `learn(pictures, labels)` makes one step of gradient descent on this batch, by the gradient of this batch alone.

Signature: `class Learner(nn.Module)`, made by `Learner(classes)`, with the method `learn(self, pictures, labels)`. \
Mended:

    network = Learner(5)
    for step in range(60):
        network.learn(pictures, labels)      # F.cross_entropy(network(pictures), labels) falls"""
    broken = """\
class Learner(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.head = nn.Linear(12, classes)
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.1)
        self.convs = [nn.Conv2d(8, 12, (5, 3))]

    def forward(self, pictures):
        maps = F.conv2d(pictures, torch.randn(8, 1, 3, 5)).relu()
        return self.head(self.convs[0](maps).relu().mean((2, 3))).softmax(1)

    def learn(self, pictures, labels):
        F.cross_entropy(self(pictures), labels).backward()
        self.optimizer.step()"""
    symptom = (
        "After 60 steps on one batch the loss is still near log(5), as for a guess. There are five faults, all silent."
    )
    slips, errors = LEARNING, ERRORS["11.not_learning"]
    right = "Right: everything that should learn does, by the gradient of its batch."
    hints = (
        "A test for each suspicion: how many numbers do parameters() hand out? Does network(x) give the same twice? "
        "What do its rows sum to? Which weights move in a step? Are two steps with the same batch alike?",
        "torch.randn in forward draws new filters each time; a Python list hides its layers; cross_entropy takes the "
        "softmax itself; an optimizer knows what was there when it was made; gradients add up until zero_grad().",
        "self.first = nn.Conv2d(1, 8, (3, 5)) and self.second = nn.Conv2d(8, 12, (5, 3)), before the optimizer is "
        "made; no softmax; self.optimizer.zero_grad() as the first line of learn.",
    )

    forked = Frozen.forked

    def check(self, fn, seed=None):
        """As `Exercise.check`; the first optimizer of a process loads much, and that is not the learner's time."""
        import_module("torch._dynamo")
        return super().check(fn, seed)

    def cases(self, seed):
        classes, shape = int(random_numbers(seed, self.id).choice([3, 4, 6])), (2, 1, 9, 13)
        return [
            *looked_at({"classes": 5}, "Learner(5)", learning_look(5), example=True),
            *looked_at({"classes": classes}, f"Learner({classes})", gives(shape, (2, classes))),
        ]
