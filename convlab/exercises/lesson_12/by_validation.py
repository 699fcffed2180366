"""12.choose: which design, and the weights of which epoch, by the histories of several trainings."""

from dataclasses import dataclass

import numpy as np

from ..task import Case, Exercise, Misfit, random_numbers
from .choice_slips import ERRORS, SLIPS, choose, last_of_the_best

NAMES = ("strided", "pooled", "separable", "mine")


@dataclass(frozen=True)
class Place:
    """(which design, which epoch) as numbers; a case holds it as `then`."""

    names: tuple
    epochs: tuple

    def __call__(self, came):
        if isinstance(came, str) or not hasattr(came, "__len__") or len(came) != 2:
            raise Misfit(f"{came!r:.60} came back; expected two things: return name, epoch.")
        name, epoch = came
        if name not in self.names:
            turned = " They are exchanged." if epoch in self.names else ""
            raise Misfit(f"{name!r:.40} is none of the names {', '.join(map(repr, self.names))}.{turned}")
        try:
            whole = int(epoch)
        except (TypeError, ValueError, RuntimeError):
            raise Misfit(f"the epoch is {epoch!r:.40}; expected its index in the lists, a whole number.") from None
        if whole != epoch:
            raise Misfit(f"the epoch is {epoch!r:.40}; expected its index in the lists, a whole number.")
        return np.array([self.names.index(name), whole], float)


class Choose(Exercise):
    """What to hand in."""

    id, lesson, title = "12.choose", "12", "Choose"
    level, minutes, revision = "easy", 8, 1
    prompt = """\
Write `choose(histories)`: which design is to be handed in, and with the weights of which epoch? Return its name and \
the index of the epoch, from 0.

`histories` is a dict: name of a design -> a dict with three lists, a number for each epoch:

- "loss": the mean training loss;
- "held": the share of the held-out digits named rightly;
- "test": the share of the test digits named rightly, which somebody wrote down too.

Choose as one should choose. Where two are as good, take the one that comes first in the dict, and its earlier epoch. \
The lists may differ in length. For example:

    choose({"a": {"loss": [0.9, 0.4, 0.2], "held": [0.90, 0.95, 0.94], "test": [0.91, 0.93, 0.96]},
            "b": {"loss": [0.8, 0.3], "held": [0.91, 0.93], "test": [0.92, 0.97]}})  ->  ("a", 1)"""
    stub = """\
def choose(histories):
    for name, history in histories.items():
        ...
    return ...
"""
    arguments = ("histories",)
    reference = staticmethod(choose)
    slips, errors = SLIPS, ERRORS
    returns, compared = "name, epoch", "place"
    right = "Right: chosen by the held-out digits, and the test digits have not been looked at."
    faster = "Go through each list once."
    hints = (
        "Three lists lie there, and two of them must not decide: one says what is known by heart, the other is for the "
        "end. Which is left?",
        "For each design the index of its largest number: max(range(len(held)), key=held.__getitem__), or np.argmax. "
        "Both take the first of those alike. Then the design whose largest is the largest.",
        "best = None; for name, history in histories.items(): for epoch, share in enumerate(history['held']): if best "
        "is "
        "None or share > best[0]: best = share, name, epoch. Behind the loops return best[1:].",
    )

    def _mutant(self, function):
        return function

    def cases(self, seed):
        """The example, and seven drawn ones: one way of choosing wrongly leads elsewhere in each."""
        rng = random_numbers(seed, self.id)
        while not _tell_apart(drawn := [_drawn(rng, number) for number in range(7)]):
            pass
        found = [_case(_EXAMPLE, "the example", example=True)]
        return [*found, *(_case(histories, f"{len(histories)} designs") for histories in drawn)]

    def expected(self, case):
        return case.then(choose(**case.arguments))

    def own_words(self, trial):
        if trial.yours is None:
            return ""
        histories = trial.case.arguments["histories"]
        told = [(trial.case.then.names[int(name)], int(epoch)) for name, epoch in (trial.yours, trial.expected)]
        (name, epoch), right = told
        lists = histories[name]
        if not 0 <= epoch < len(lists["held"]):
            return (
                f"For {trial.case.label}: your epoch {epoch} of {name!r} does not exist; its last is "
                f"{len(lists['held']) - 1}."
            )
        share = histories[right[0]]["held"][right[1]]
        return (
            f"For {trial.case.label}: yours is {name!r}, epoch {epoch}, with {lists['held'][epoch]:.1%} of the "
            "held-out "
            f"digits; expected {right[0]!r}, epoch {right[1]}, with {share:.1%}."
        )


_EXAMPLE = {
    "a": {"loss": [0.9, 0.4, 0.2], "held": [0.90, 0.95, 0.94], "test": [0.91, 0.93, 0.96]},
    "b": {"loss": [0.8, 0.3], "held": [0.91, 0.93], "test": [0.92, 0.97]},
}


def _case(histories, label, example=False):
    shown = {f"{name}: loss, held, test by epoch": ("input", np.array([*lists.values()])) for name, lists in
             histories.items()}  # fmt: skip
    epochs = tuple(len(lists["held"]) for lists in histories.values())
    return Case({"histories": histories}, shown, label, example, Place(tuple(histories), epochs), counted=True)


def _drawn(rng, number):
    """Histories in which held-out digits, test digits, training loss and the last epoch each speak for another one."""
    names = tuple(rng.permutation(NAMES)[: 2 + number % 3].tolist())
    while True:
        histories = {name: _history(rng, int(rng.integers(4, 7)), tie=number == 6) for name in names}
        found = [slip.function(histories) for slip in SLIPS[:TELLING]]
        if choose(histories) not in found and len(set(found)) >= TELLING - 1:
            return histories


def _tell_apart(drawn):
    """Whether every way of choosing has answers of its own: the right one, each slip, and the last epoch of the best,
    which differs from the lowest loss only where another design was trained for longer."""
    ways = (choose, last_of_the_best, *(slip.function for slip in SLIPS))
    return len({tuple(map(way, drawn)) for way in ways}) == len(ways)


TELLING = 4  # slips whose answers are to differ from the right one, and mostly from each other


def _history(rng, epochs, tie):
    loss = np.sort(rng.integers(40, 900, epochs))[::-1] / 1000
    held, test = (rng.integers(900, 985, epochs) / 1000 for _ in range(2))
    if tie:
        held[rng.integers(1, epochs)] = held[0] = held.max() + 0.002
    return {"loss": loss.tolist(), "held": held.round(3).tolist(), "test": test.tolist()}
