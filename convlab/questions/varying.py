"""Options that differ from seed to seed: so that how many of them are right tells a learner nothing."""

from convlab.questions.cases import drawn


def some_of(rng, options, holds):
    """The options in a drawn order, without none, one or two of them; right ones and wrong ones are always left.

    Args:
        rng: a random generator.
        options: four or more texts.
        holds: says of an option whether it is right.

    Example:
        >>> from random import Random
        >>> some_of(Random(0), ["a", "b", "c", "d", "e"], lambda option: option in "ab")
        ['d', 'a', 'b', 'c']
    """
    count = len(options) - rng.choice((0, 1, 2) if len(options) > 4 else (0, 1))
    return drawn(lambda: rng.sample(options, count), lambda kept: 0 < sum(map(holds, kept)) < len(kept))


def flipped(options, answer, option):
    """What is ticked by who is right about every option but this one, in the order of the page."""
    return [each for each in options if (each in answer) != (each == option)]
