"""12.split: pictures to learn from and pictures to choose by, none in both."""

from dataclasses import dataclass

import numpy as np

from ...pictures.tables import numbers
from ..task import Case, Exercise, Misfit, random_numbers
from .split_slips import ERRORS, SLIPS, split, three_times

FLAGS = ("apart", "whole", "known", "size", "classes", "again", "drawn")
COUNTS = 6  # what is told behind the flags: both lengths, in both, missing, unknown, classes missing
DIGITS = 10


@dataclass(frozen=True, eq=False)
class Parts:
    """Flags and counts of two parts; a case holds it as `then`."""

    labels: np.ndarray
    held_out: int

    def __call__(self, results):
        (train, held), *others = (_pair(it) for it in results)
        again, other = ([set(part.tolist()) for part in pair] for pair in others)
        count, both = len(self.labels), set(train.tolist()) & set(held.tolist())
        known = [part[(part >= 0) & (part < count)] for part in (train, held)]
        missing = count - len(set(np.concatenate(known).tolist()))
        unknown = len(train) + len(held) - sum(map(len, known))
        lacking = sum(len(set(range(DIGITS)) - set(self.labels[part].tolist())) for part in known)
        doubled = len(train) + len(held) - len(set(train.tolist())) - len(set(held.tolist()))
        flags = {
            "apart": not both,
            "whole": not missing and not doubled,
            "known": not unknown,
            "size": len(held) == self.held_out,
            "classes": not lacking,
            "again": again == [set(train.tolist()), set(held.tolist())],
            "drawn": other[1] != set(held.tolist()),
        }
        told = [len(train), len(held), len(both), missing + doubled, unknown, lacking]
        shares = [np.bincount(self.labels[part].astype(int), minlength=DIGITS)[:DIGITS] for part in known]
        return np.concatenate([np.array([*flags.values()], float), told, *shares])


def _pair(came):
    """Two arrays of indices.

    Raises:
        Misfit: something else came back.
    """
    if isinstance(came, dict) or not hasattr(came, "__len__") or len(came) != 2:
        kind = f"{len(came)} things" if hasattr(came, "__len__") else f"a {type(came).__name__}"
        raise Misfit(f"{kind} came back; expected two: return train, held_out.")
    return [_indices(part, name) for part, name in zip(came, ("first", "second"), strict=True)]


def _indices(part, name):
    try:
        indices = np.asarray([int(it) for it in part] if isinstance(part, list | tuple | range | set) else part)
    except (TypeError, ValueError, RuntimeError):
        raise Misfit(f"the {name} part is a {type(part).__name__}; expected indices, whole numbers.") from None
    if indices.dtype == bool:
        raise Misfit(f"the {name} part is a mask of True and False; expected indices: mask.nonzero().flatten().")
    if indices.ndim != 1 or indices.dtype.kind not in "iu":
        what = f"{indices.dtype} of shape {indices.shape}"
        raise Misfit(f"the {name} part is {what}; expected a row of whole numbers, the places of pictures.")
    return indices.astype(np.int64)


class TwoParts(Exercise):
    """To learn from, and to choose by."""

    id, lesson, title = "12.split", "12", "Two parts"
    level, minutes, revision = "medium", 8, 1
    prompt = """\
Write `split(labels, held_out, seed)`: which digits are learned from, and which are held out to choose by. Return two \
rows of indices, `train, held`.

`labels` says what is on each picture, 0 to 9, an int64 tensor of any length; `held_out` is how many are held out; \
`seed` is a whole number.

- Each index from 0 to len(labels) - 1 is in one of the two, once; `held` has `held_out` of them.
- The labels may be sorted: each digit is to be in both parts.
- The same seed gives the same two parts every time; another seed gives others.

The test digits have no part in this: `labels` are those of the digits to learn from. For example, with 4,000 labels:

    train, held = split(labels, held_out=500, seed=1)
    len(train), len(held)  ->  (3500, 500)"""
    stub = """\
import torch


def split(labels, held_out, seed):
    order = ...
    return ...
"""
    arguments = ("labels", "held_out", "seed")
    reference = staticmethod(split)
    slips, errors = SLIPS, ERRORS
    returns, compared = "train, held", "flag"
    right = "Right: nothing is in both parts, nothing is lost, and the seed decides."
    faster = "Draw one order of all indices, and cut it once."
    hints = (
        "Do not draw the pictures one by one. Draw an order of all of them, and cut it into two pieces.",
        "torch.randperm(len(labels), generator=...) is such an order; torch.Generator().manual_seed(seed) is a "
        "generator "
        "that the seed decides, and that leaves torch's own random numbers alone.",
        "order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed)); return order[held_out:], "
        "order[:held_out].",
    )

    def _mutant(self, function):
        return function

    def check(self, fn, seed=None):
        """As `Exercise.check`; the function is called three times for each case."""
        return super().check(three_times(fn, self.stub), seed)

    def cases(self, seed):
        """Sorted labels, shuffled ones, and sorted ones of another length."""
        rng = random_numbers(seed, self.id)
        found = []
        for count, held_out, is_sorted in ((700, 140, True), (900, 200, False), (1300, 300, True)):
            labels = rng.permutation(np.arange(count) % DIGITS)
            labels = np.sort(labels) if is_sorted else labels
            given = {"labels": labels, "held_out": held_out, "seed": int(rng.integers(1, 10_000))}
            label = f"{count} {'sorted ' if is_sorted else ''}labels, held_out={held_out}, seed={given['seed']}"
            found.append(Case(given, {}, label, then=Parts(labels, held_out), counted=True))
        return found

    def result_shape(self, case):
        return (len(FLAGS) + COUNTS + 2 * DIGITS,)

    def expected(self, case):
        return np.ones(len(FLAGS))

    def value(self, case, result):
        return result[: len(FLAGS)]

    def own_words(self, trial):
        if trial.yours is None:
            return ""
        told = [int(it) for it in trial.result[len(FLAGS) : len(FLAGS) + COUNTS]]
        said = _words(trial.case, dict(zip(FLAGS, trial.yours, strict=True)), *told)
        return f"For {trial.case.label}: {'; '.join(said)}."

    def drawn(self, trial):
        if trial.yours is None:
            return None
        counts = trial.result[-2 * DIGITS :].reshape(2, DIGITS)
        return numbers(counts, "output", title="how many of each digit 0 to 9: to learn from, held out")


def _words(case, flags, train, held, both, lost, unknown, lacking):
    """What is wrong with two parts, a piece of a sentence each."""
    count, wanted = len(case.arguments["labels"]), case.arguments["held_out"]
    if not flags["apart"]:
        yield f"{both} picture{'s are' if both != 1 else ' is'} in both parts"
    if not flags["whole"]:
        yield f"of the {count} indices {lost} {'are' if lost != 1 else 'is'} missing, or there more than once"
    if not flags["known"]:
        yield f"{unknown} {'indices do' if unknown != 1 else 'index does'} not exist; the last is {count - 1}"
    if not flags["size"]:
        yield f"{held} are held out and {train} are left; expected {wanted} and {count - wanted}"
    if not flags["classes"]:
        yield f"{lacking} digit{'s are' if lacking != 1 else ' is'} missing in one of the parts"
    if not flags["again"]:
        yield "the same arguments gave another split the second time"
    if not flags["drawn"]:
        yield "another seed gave the same pictures"
