"""12.choose: the reference, the slips, and the errors on the way. Every program takes (histories)."""

from ..task import Slip


def choose(histories):
    """The design and the epoch with the largest share of the held-out digits; of those alike the first.

    Example:
        >>> choose({"a": {"held": [0.9, 0.95, 0.95]}, "b": {"held": [0.91, 0.93]}})
        ('a', 1)
    """
    best = None
    for name, history in histories.items():
        for epoch, share in enumerate(history["held"]):
            if best is None or share > best[0]:
                best = share, name, epoch
    return best[1], best[2]


def by(worth, later=False):
    """A program that takes the place where `worth(history, epoch)` is largest; the last of those alike, if `later`."""

    def program(histories):
        places = [(name, epoch) for name, history in histories.items() for epoch in range(len(history["held"]))]
        places = places[::-1] if later else places
        return max(places, key=lambda place: worth(histories[place[0]], place[1]))

    return program


def of(what):
    """One number of one list."""
    return lambda history, epoch: history[what][epoch]


def last_of_all(histories):
    """The last epoch of the design whose last share is the largest."""
    name = max(histories, key=lambda name: histories[name]["held"][-1])
    return name, len(histories[name]["held"]) - 1


def last_of_the_best(histories):
    """The right design, and its last epoch."""
    name, _ = choose(histories)
    return name, len(histories[name]["held"]) - 1


def lowest_loss_of_all(histories):
    """The epoch with the lowest loss of all designs, in the design with the largest share."""
    name, _ = choose(histories)
    _, epoch = by(lambda history, epoch: -history["loss"][epoch])(histories)
    return name, min(epoch, len(histories[name]["held"]) - 1)


def first_design(histories):
    """The best epoch of the first design."""
    name = next(iter(histories))
    held = histories[name]["held"]
    return name, held.index(max(held))


def last_design(histories):
    """The best epoch of the last design: what a loop leaves that begins anew for each."""
    name = list(histories)[-1]
    held = histories[name]["held"]
    return name, held.index(max(held))


def mean_first(histories):
    """The design with the largest mean share, and its best epoch."""
    name = max(histories, key=lambda name: sum(histories[name]["held"]) / len(histories[name]["held"]))
    held = histories[name]["held"]
    return name, held.index(max(held))


def from_one(histories):
    """Epochs counted from 1."""
    name, epoch = choose(histories)
    return name, epoch + 1


SLIPS = (
    Slip(
        ("M245",),
        "by the test digits",
        by(of("test")),
        "You choose by the test digits. Then they are no test any more: the best of many is partly luck, and nothing "
        "is "
        "left to tell how good it is. Choose by the held-out ones.",
        (by(lambda history, epoch: history["held"][epoch] + history["test"][epoch]),),
    ),
    Slip(
        ("M249",),
        "by the training loss",
        by(lambda history, epoch: -history["loss"][epoch]),
        "You choose by the training loss. It says how well the digits to learn from are known, by heart or not; the "
        "held-out ones say what was learned.",
    ),
    Slip(
        ("M246",),
        "the last epoch",
        last_of_all,
        "You take the last epoch. It need not be the best: a network may get worse on held-out digits while its loss "
        "still falls. Look at every epoch.",
        (last_of_the_best,),
    ),
    Slip(
        ("M249",),
        "the loss of another design",
        lowest_loss_of_all,
        "Your design is the right one, and your epoch is where the training loss is lowest, of whichever design. The "
        "epoch too is chosen by the held-out digits, and in the design's own list.",
    ),
    Slip(
        (),
        "the first design",
        first_design,
        "You look at the first design alone: a return inside the loop ends it at once. Return behind the loop.",
    ),
    Slip(
        (),
        "the last design",
        last_design,
        "What you found in one design is forgotten at the next: begin `best` before the loop over the designs.",
    ),
    Slip(
        (),
        "the largest mean",
        mean_first,
        "You choose the design by its mean over all epochs. One epoch is handed in: the largest share decides.",
    ),
    Slip(
        (),
        "epochs counted from 1",
        from_one,
        "Your epochs are counted from 1. Asked is the index in the lists, from 0.",
    ),
    Slip(
        (),
        "the later of two alike",
        by(of("held"), later=True),
        "Where two shares are alike you take the later one; asked is the first. Compare with >, not with >=.",
    ),
    Slip(
        (),
        "the worst",
        by(lambda history, epoch: -history["held"][epoch]),
        "You take the smallest share of the held-out digits. For a loss small is good, for a share large.",
    ),
)

ERRORS = (
    (
        "TypeError: string indices must be integers, not 'str'",
        "A dict that is looped over gives its names alone, and a name has no lists.",
        "Write for name, history in histories.items(), or histories[name].",
    ),
    (
        "AttributeError: 'dict' object has no attribute 'shares'",
        "A history is a dict of three lists here.",
        "Write history['held'].",
    ),
    (
        "KeyError: 'validation'",
        "There is no list of this name.",
        "The three are 'loss', 'held' and 'test'.",
    ),
    (
        "TypeError: '>' not supported between instances of 'list' and 'float'",
        "A whole list is compared with one number.",
        "Go through it: for epoch, share in enumerate(history['held']).",
    ),
    (
        "AttributeError: 'list' object has no attribute 'argmax'",
        "A list has no such method.",
        "held.index(max(held)), or np.argmax(held).",
    ),
    (
        "ValueError: too many values to unpack (expected 2)",
        "A dict that is looped over gives its names alone.",
        "Write histories.items(), which gives names and histories.",
    ),
)
