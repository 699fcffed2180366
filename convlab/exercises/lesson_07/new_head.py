"""07.transfer: a network for the digits 0 to 4 that learns 5 to 9 by a new head, and forgets nothing."""

from dataclasses import dataclass
from importlib import import_module

import numpy as np

from ..task import Case, Exercise, Misfit, random_numbers
from .head_slips import CLASSES, ERRORS, LOWEST, SLIPS, made

FEW, MANY = 2, 10  # steps of training
FAR = 0.1  # no weight of a filter gets so far in a few steps of training
ENOUGH = 0.5  # of the pictures that it has not seen told right; by chance it is a fifth


@dataclass(frozen=True)
class Asked:
    """A question to the model that came back; a case holds it as `then`."""

    seed: int

    def __call__(self, result):
        torch = import_module("torch")
        model = checked(torch, result)
        return self.answer(torch, model)

    def pictures(self, torch, low=LOWEST, count=2):
        """(pictures, labels) that were not trained on."""
        coloured = import_module(f"{__package__}.networks").coloured
        return (torch.from_numpy(it) for it in coloured(self.seed, low, count, held_out=True))


def checked(torch, model):
    """The model, if it is one.

    Raises:
        Misfit: something else came back.
    """
    if isinstance(model, torch.nn.Linear):
        raise Misfit("the head came back; return the whole model: its last line is `return model`.")
    if not isinstance(model, torch.nn.Module):
        raise Misfit(f"what came back is of type {type(model).__name__}; the last line is to be `return model`.")
    return model


def begun(model):
    """(features, the same as they were, old head, the same as it was).

    Raises:
        Misfit: the features are not in the model any more.
    """
    features = next((it for it in model.modules() if hasattr(it, "began")), None)
    if features is None:
        raise Misfit("the features of your model are not those that it came with: keep model.features.")
    were, head, head_was = features.began
    return features, were, head, head_was


class Shape(Asked):
    """The shape of the output."""

    def answer(self, torch, model):
        images, _ = self.pictures(torch)
        with torch.no_grad():
            return np.array(model(images).shape, float)


class Kept(Asked):
    """1 or 0 each: whether filters, running statistics and the old head are what they were; -1 for new filters."""

    def answer(self, torch, model):
        features, were, head, head_was = begun(model)
        pairs = (
            (features.parameters(), were.parameters()),
            (features.buffers(), were.buffers()),
            (head.parameters(), head_was.parameters()),
        )
        kept = [int(all(torch.equal(one, other) for one, other in zip(*pair, strict=True))) for pair in pairs]
        if abs(features[0].weight - were[0].weight).max() > FAR:
            kept[0] = -1
        return np.array(kept, float)


class Ready(Asked):
    """1 or 0 each: whether a picture alone gives what it gives among others, and whether the rows are logits."""

    def answer(self, torch, model):
        images, _ = self.pictures(torch)
        with torch.no_grad():
            together = model(images)
            alone = torch.cat([model(image[None]) for image in images])
        alike = torch.allclose(together, alone, atol=1e-4)
        sums = together.sum(1), together.exp().sum(1)
        logits = not any(torch.allclose(it, torch.ones(len(it)), atol=1e-4) for it in sums)
        return np.array([alike, logits], float)


class Told(Asked):
    """The share of new pictures of 5 to 9 that it tells right."""

    def answer(self, torch, model):
        images, labels = self.pictures(torch, count=20)
        with torch.no_grad():
            said = model(images).argmax(1) + LOWEST
        return np.array([(said == labels).double().mean().item()])


class TransferHead(Exercise):
    """Old filters, a new head."""

    id, lesson, title = "07.transfer", "07", "Old filters, new digits"
    level, minutes, revision = "hard", 15, 1
    prompt = """\
Write `transfer(model, images, labels, steps)`. The model tells the digits 0 to 4 apart; make of it one for the digits \
5 to 9, which keeps its filters. Return the model.

`model.features` are its filters, with a BatchNorm behind them; `model.head` is an `nn.Linear` with five outputs. \
`images` are pictures of 5 to 9 in colour, float32, (N, 3, 28, 28), and `labels` say which, as int64 from 5 to 9.

- The filters stay as they are, and the running mean and variance of their BatchNorm too.
- A new head takes the old one's place: output k stands for digit 5 + k. The old head itself stays as it is, so that \
it can be put back in.
- The new head is trained: in each of `steps` steps on all images at once, with cross-entropy and \
`torch.optim.Adam(..., lr=0.01)`.
- The model is handed back in eval mode, and gives logits.

For example, with 100 pictures and 10 steps most pictures that it has never seen are told right:

    model = transfer(model, images, labels, steps=10)
    model(images).shape  ->  torch.Size([100, 5])"""
    stub = """\
import torch
import torch.nn.functional as F
from torch import nn


def transfer(model, images, labels, steps):
    ...                          # the filters stay
    ...                          # a new head
    for step in range(steps):
        ...                      # one step of training
    return ...
"""
    arguments = ("model", "images", "labels", "steps")
    slips, errors = SLIPS, ERRORS
    returns, compared = "model", "share told right"
    right = "Right: the head learned 5 to 9, and all else is as it was."
    faster = "10 steps with 100 pictures are work for a second at most."
    hints = (
        "Four things, in this order: freeze the filters (what of BatchNorm?), put in a new head, make the optimizer, "
        "loop. Which labels does a head with five outputs expect?",
        "model.features.requires_grad_(False); model.head = nn.Linear(model.head.in_features, 5); and then "
        "torch.optim.Adam(model.head.parameters(), lr=0.01). BatchNorm stands still in eval mode, and a Linear layer "
        "learns in either.",
        "model.eval(); and steps times: optimizer.zero_grad(); F.cross_entropy(model(images), labels - 5).backward(); "
        "optimizer.step(). At the end, return model.",
    )

    @property
    def forked(self):
        """False where PyTorch has a GPU: there a gradient in a forked child fails once one was computed before."""
        torch = import_module("torch")
        return False if torch.cuda.is_available() else None

    @property
    def reference(self):
        """The reference; torch comes with it."""
        return import_module(f"{__package__}.solutions").transfer

    def _mutant(self, function):
        return function

    def check(self, fn, seed=None):
        """As `Exercise.check`; the first optimizer of a process loads much, and that is not the learner's time."""
        import_module("torch._dynamo")
        return super().check(fn, seed)

    def cases(self, seed):
        """A few steps, after which it is asked what changed, and once enough steps to learn."""
        rng = random_numbers(seed, self.id)
        coloured = import_module(f"{__package__}.networks").coloured
        coloured(0, LOWEST, 1, held_out=True)  # the file is read here, and not in each child again
        found = []
        for asked, count, steps in ((Shape, 2, FEW), (Kept, 2, FEW), (Ready, 2, FEW), (Told, 20, MANY)):
            images, labels = coloured(int(rng.integers(10_000)), LOWEST, count)
            given = {
                "model": made(int(rng.integers(10_000))),
                "images": images,
                "labels": labels,
                "steps": steps,
            }
            label = f"{len(images)} pictures and {steps} steps"
            found.append(Case(given, {}, label, then=asked(int(rng.integers(10_000))), counted=True))
        return found

    def expected(self, case):
        asked = case.then
        if isinstance(asked, Shape):
            return np.array([2 * CLASSES, CLASSES], float)
        if isinstance(asked, Kept):
            return np.ones(3)
        return np.ones(2) if isinstance(asked, Ready) else np.ones(1)

    def value(self, case, result):
        """Of the share told right, whether it is enough."""
        return (result >= ENOUGH).astype(float) if isinstance(case.then, Told) else result

    def own_words(self, trial):
        if trial.run["result"]["type"] == "NoneType":
            return "Your function returned None; expected the model. Its last line must be `return model`."
        said = trial.result is not None and trial.run["changed"] is None
        return WORDS[type(trial.case.then)](trial) if said else ""


def _shape(trial):
    came = tuple(int(it) for it in trial.result)
    return (
        f"For {trial.case.label}: the output for {2 * CLASSES} pictures has the shape {came}; expected "
        f"{(2 * CLASSES, CLASSES)}, a number for each of the digits 5 to 9."
    )


def _kept(trial):
    names = ("the filters", "the running mean and variance", "the old head")
    changed = [name for name, same in zip(names, trial.result, strict=True) if same != 1]
    return f"For {trial.case.label}: {' and '.join(changed)} changed; expected all of them as they were."


def _ready(trial):
    if not trial.result[0]:
        return (
            f"For {trial.case.label}: a picture alone gives other numbers than the same picture in a batch; expected "
            "the same, as in eval mode."
        )
    return f"For {trial.case.label}: the rows sum to 1, so they are probabilities or their logarithms; expected logits."


def _told(trial):
    return (
        f"For {trial.case.label}: {trial.result[0]:.0%} of new pictures are told right; expected at least {ENOUGH:.0%}."
        " By chance it is 20 %."
    )


WORDS = {Shape: _shape, Kept: _kept, Ready: _ready, Told: _told}
