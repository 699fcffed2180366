"""12.judge: a trained network, measured on the test digits and looked at from all sides."""

import json
from dataclasses import dataclass, replace
from importlib import import_module
from math import sqrt

import numpy as np

from ...attempt import ANSWER_BYTES
from ...layers.capstone import ENOUGH, interval
from ..task import Case, Exercise, Misfit, random_numbers
from .judge_slips import ERRORS, FLAGS, SLIPS
from .letters import figures_in, flags_in, packed
from .words import budget_words, confusion_words, layer_table

KEPT = 2_000  # numbers beside the parameters: running means and the like, and no table of answers
FEW = 12  # digits, alone and in a batch
LEARNED_FROM = 1_000  # of the digits to learn from, to compare with
FIRST = 250  # of them: the others are asked where these leave a doubt
AT_ONCE = 25  # pictures: depthwise layers take longer with more
SURE, DOUBT = 3, 1  # standard errors: a difference beyond SURE is no chance, one beyond DOUBT is looked into
MOST_EPOCHS = 100  # of a history are kept


@dataclass(frozen=True)
class Judged:
    """What the network that came back is, and what it can; a case holds it as `then`."""

    seed: int

    def __call__(self, came):
        looking = import_module(f"{__package__}.looking")
        came, history = _with_history(came)
        network, torch = looking.module(came), looking.torch
        flags, was_training = dict.fromkeys(FLAGS, True), network.training
        rows, broken, parameters, macs = looking.table(network)
        figures = {"parameters": parameters, "macs": macs, "broken": broken, "N": 2, **history}
        figures["rows"] = rows[: looking.ROWS]
        if broken:
            return packed(flags | {"runs": False}, figures)
        flags |= looking.budgets(figures)
        figures["kept"] = sum(it.numel() for it in network.buffers())
        flags["kept"] = figures["kept"] <= KEPT
        some, labels = digits_of("test")
        few = torch.from_numpy(some[np.random.default_rng(self.seed).permutation(len(some))[:FEW]]) / 255
        with torch.no_grad():
            output = network(few[:2].float())
        figures["output"] = list(output.shape)
        flags |= looking.form(output, 2)
        if not (flags["rows"] and flags["columns"]):
            return packed(flags, figures)
        flags["mode"] = not was_training or looking.alone(network, few)
        flags["alone"] = looking.alone(network.eval(), few)
        with torch.no_grad():
            sums = network(few).exp().sum(1), network(few).sum(1)
        flags["logits"] = not any(torch.allclose(it, torch.ones(FEW), atol=1e-3) for it in sums)
        return packed(*_measured(torch, network, flags, figures, some, labels))


def _measured(torch, network, flags, figures, images, labels):
    """The flags and figures with what it names rightly, of the test digits and of others."""
    said = _said(torch, network, images)
    right, of = int((said == labels).sum()), len(labels)
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (labels, said), 1)
    figures |= {"right": right, "of": of, "confusion": confusion.tolist()}
    flags["enough"] = right >= round(ENOUGH * of)
    if not flags["enough"]:
        figures["in_bytes"] = int((_said(torch, network, images, 1) == labels).sum())
        flags["scale"] = figures["in_bytes"] < round(ENOUGH * of)
    if flags["enough"]:
        others, what = digits_of("train")
        for asked, errors in ((FIRST, DOUBT), (LEARNED_FROM, SURE)):
            figures["learned"] = int((_said(torch, network, others[:asked]) == what[:asked]).sum())
            flags["unseen"] = not _better(right, of, figures["learned"], asked, errors)
            if flags["unseen"]:
                break
    return flags, figures


def _said(torch, network, images, divisor=255):
    """What a network calls each picture."""
    with torch.no_grad():
        parts = torch.from_numpy(images).split(AT_ONCE)
        return torch.cat([network(part / divisor).argmax(1) for part in parts]).numpy()


def _better(right, of, other_right, other_of, errors):
    """True where the first share is larger by more than that many standard errors."""
    mean = (right + other_right) / (of + other_of)
    error = sqrt(max(mean * (1 - mean), 1e-9) * (1 / of + 1 / other_of))
    return right / of - other_right / other_of > errors * error


def digits_of(split):
    """(pictures (N, 1, 28, 28), labels) of the course."""
    from ...samples import digits

    images, labels = digits(split)
    return images[:, None], labels


def _with_history(came):
    """(the network, what its history says as plain lists).

    Raises:
        Misfit: a history that is none.
    """
    if not isinstance(came, tuple | list) or len(came) != 2:
        return came, {}
    network, history = came
    shares, losses = getattr(history, "shares", history), getattr(history, "losses", ())
    try:
        told = {"shares": _rounded(shares), "losses": _rounded(losses)}
    except (TypeError, ValueError):
        kind = type(history).__name__
        raise Misfit(
            f"the second thing is a {kind}; expected the History of your training, or a list of shares."
        ) from None
    if any(not 0 <= share <= 1 for share in told["shares"]):
        raise Misfit("a share of the history is not between 0 and 1; expected shares, not percentages.")
    return network, told


def _rounded(values):
    return [round(float(value), 4) for value in list(values)[:MOST_EPOCHS]]


class HandIn(Exercise):
    """What was trained, judged."""

    id, lesson, title = "12.judge", "12", "Hand it in"
    level, minutes, revision = "hard", 15, 1
    prompt = f"""\
Write `hand_in()`: it returns the network that you designed, trained and chose, and the history of its training: \
`return net, history` (or the network alone). Train it in a cell before, not in here.

The judge measures it on the 1,000 test digits, float32 from 0 to 1, of shape (N, 1, 28, 28):

- at least {ENOUGH:.0%} are named rightly;
- it keeps to the two bounds of the budget, and holds no table of answers beside its parameters;
- a picture alone gets the logits that it gets among others, as it is handed in: so call `net.eval()` first;
- the test digits are known no better than those to learn from: then they were not learned from, as far as can be \
told. Who learned from both can hardly be found out; it would be himself whom he fooled."""
    stub = """\
def hand_in():
    return ...
"""
    arguments = ()
    slips, errors = SLIPS, ERRORS
    returns, compared = "net, history", "flag"
    right = "Right, and well done."
    faster = "Train in a cell before, and return what came of it."
    slow_s = 8.0  # the judge itself asks thousands of digits
    hints = (
        "Which network, and which weights? You chose a design and an epoch by the held-out digits. fit leaves the "
        "weights of the last epoch in the network.",
        "net.load_state_dict(history.weights[history.best]) puts the chosen weights in; net.eval() makes BatchNorm go "
        "by "
        "what it stored.",
        "Below 96 %? Train for more epochs, or widen what is cheap: late layers cost parameters and hardly any "
        "multiply-adds, early ones the other way round. Then choose by the held-out digits again.",
    )

    @property
    def reference(self):
        """The reference; torch comes with it."""
        return import_module(f"{__package__}.solutions").hand_in

    def _mutant(self, function):
        return function

    def check(self, fn, seed=None):
        """As `Exercise.check`; who trains in his function is told where to do it."""
        verdict = super().check(fn, seed)
        if verdict.outcome != "timeout":
            return verdict
        said = f"Time is up: after {self.timeout_s:g} s your hand_in() had not returned. {self.faster}"
        return replace(verdict, message=said)

    def cases(self, seed):
        """The whole test, once."""
        rng = random_numbers(seed, self.id)
        digits_of("test")  # the file is read here, and not in the child alone
        return [Case({}, {}, "the test digits", then=Judged(int(rng.integers(10_000))), counted=True)]

    def result_shape(self, case):
        return packed(dict.fromkeys(FLAGS, True), {}).shape

    def expected(self, case):
        return np.ones(len(FLAGS))

    def value(self, case, result):
        return flags_in(result, len(FLAGS))

    def own_words(self, trial):
        if trial.yours is None:
            return ""
        figures = figures_in(trial.result, len(FLAGS))
        flags = dict(zip(FLAGS, trial.yours, strict=True))
        said = [*(WORDS[name](figures) for name in FLAGS if not flags[name] and name in WORDS)]
        return " ".join([*said, *budget_words(figures, flags), *_share_words(figures)])

    def drawn(self, trial):
        return layer_table(figures_in(trial.result, len(FLAGS))) if trial.yours is not None else None

    def praise(self, trials):
        figures = figures_in(trials[0].result, len(FLAGS))
        costs = f"{figures['parameters']:,} parameters, {figures['macs']:,} multiply-adds a picture."
        return " ".join([self.right, *_share_words(figures), costs])

    def facts(self, trials):
        """The figures for the report: the layers with their settings and costs, the shares, the confusion table."""
        if not trials or trials[0].yours is None:
            return None
        figures = figures_in(trials[0].result, len(FLAGS))
        if "right" not in figures:
            return None
        names = ("parameters", "macs", "right", "of", "confusion", "shares", "losses")
        told = {name: figures[name] for name in names if name in figures}
        layers = [row[:4] for row in figures["rows"]]
        while layers and len(json.dumps(told | {"layers": layers})) > ANSWER_BYTES:
            layers.pop()
        return told | {"layers": layers}


def _share_words(figures):
    """The share of test digits with its interval, and what is taken for what; nothing where it was not measured."""
    if "right" not in figures:
        return
    right, of = figures["right"], figures["of"]
    low, high = interval(right, of)
    yield f"{right} of {of:,} test digits are named rightly: {right / of:.1%}, likely between {low:.1%} and {high:.1%}."
    yield confusion_words(figures["confusion"])


def _broken(figures):
    broken = figures["broken"]
    return f"It breaks at `{broken['layer']}`, which was given {tuple(broken['given'])}: {broken['message']}."


WORDS = {
    "runs": _broken,
    "rows": lambda figures: f"Of 2 pictures it makes an output of shape {tuple(figures['output'])}; expected (2, 10).",
    "columns": lambda figures: f"Its output has the shape {tuple(figures['output'])} for 2 pictures; expected (2, 10).",
    "kept": lambda figures: f"It holds {figures['kept']:,} numbers beside its parameters; expected at most {KEPT:,}.",
    "mode": lambda figures: "It is in training mode: a picture gets other logits among others than alone.",
    "alone": lambda figures: "In eval mode a picture alone gets other logits than the same picture among others.",
    "logits": lambda figures: (
        "Its rows add up to 1, or their exponentials do: they are probabilities, or their logarithms."
    ),
    "scale": lambda figures: f"With pictures from 0 to 255 it would name {figures['in_bytes']} rightly.",
    "enough": lambda figures: f"That is below {ENOUGH:.0%}, so far:",
    "unseen": lambda figures: (
        f"It names {figures['right'] / figures['of']:.1%} of the test digits rightly, and {figures['learned']} of "
        f"{LEARNED_FROM:,} of those to learn from: that difference is no chance."
    ),
}
