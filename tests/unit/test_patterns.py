"""No pattern gives an answer away: not the length of an option, not its words alone, not how many are right.

Every test asks over all lessons, and what is allowed is written here with the reason.
"""

import os
import re

import pytest

from convlab.questions import ids, make

SEEDS = range(200 if os.environ.get("CONVLAB_FULL") else 40)

ONE_STATEMENT = {  # the right option reads the same for every seed, numbers apart, and no other reads so
    "what-for": "what Conv2d is for is one sentence; who has learned it by heart has learned it",
    "first-layer": "what a first layer can answer to is one sentence",
    "same-cell": "what a seed and a kept answer do is one sentence",
    "grey-from-rgb": "one line of PyTorch is to be known; the others are what people write in its place",
    "to-unit": "one line of PyTorch is to be known; the others are what people write in its place",
    "read-axes": "(C, H, W) is one rule; the other options read the same three numbers otherwise",
    "which-message": "one trap, that nobody kept what float() gave, and one message that comes of it",
    "per-pixel-linear": "one line of PyTorch is to be known; the others are what people write in its place",
    "why-smaller": "the reason for a size is one sentence, and the numbers in it are this seed's",
    "weight-call": "one line of PyTorch is to be known; the others are what people write in its place",
    "message-channels": "one trap, the two channel counts swapped, and the message that comes of it",
}
LONGEST = {  # alone the longest in more than half of the seeds
    "which-edge": "'on the left' is longer than 'above'; its twin, turned, has the same words the other way round",
}
ALL_OF_THEM = {  # as many right options for every seed
    "summed-axes": "the four axes of a weight are all there are, so none can be left out",
    "what-counts": "each of the six changes is one idea, and which two of them count is the lesson's own sentence",
    "dilated-same": "which settings keep the size follows from this seed's numbers",
    "valid-places": "which three of six it is follows from this seed's sizes",
    "zero-on-flat": "which two of five it is follows from this seed's weights",
    "zero-windows": "which two of four it is follows from this seed's numbers",
    "which-lengths": "a stride of 3 gives three lengths the same output; which three follows from this seed's numbers",
}


def of_kind(kind):
    return [id for id in ids() if make(id, 0).kind == kind]


def alone_the_longest(questions):
    """In how many the right option is longer than every other."""
    others = ([option for option in it.options if option != it.answer] for it in questions)
    return sum(len(it.answer) > max(map(len, rest)) for it, rest in zip(questions, others, strict=True))


def words(text):
    """A text without its numbers."""
    return re.sub(r"\d[\d,.]*", "#", text)


def told_by_its_words(questions):
    """True when the right option reads the same in all, numbers apart, and no other option ever reads so."""
    right = {words(it.answer) for it in questions}
    wrong = {words(option) for it in questions for option in it.options if option != it.answer}
    return len(right) == 1 and not right & wrong


def told_by_their_number(questions):
    """True when as many options are right in all."""
    return len({len(it.answer) for it in questions}) == 1


def flagged(kind, sees):
    return {id for id in of_kind(kind) if sees([make(id, seed) for seed in SEEDS])}


def test_the_right_option_is_not_alone_the_longest_in_more_than_half_of_the_seeds():
    """Chance is one in as many as there are options, at most a half; so a half is more than chance."""
    found = flagged("choice", lambda questions: alone_the_longest(questions) > len(questions) / 2)
    assert found <= set(LONGEST), found - set(LONGEST)


def test_the_right_option_cannot_be_told_by_its_words_alone():
    assert flagged("choice", told_by_its_words) == set(ONE_STATEMENT)


def test_how_many_options_are_right_tells_nothing():
    assert flagged("choices", told_by_their_number) == set(ALL_OF_THEM)


class Shown:
    """A question as these tests see it."""

    def __init__(self, answer, *options):
        self.answer, self.options = answer, [*([answer] if isinstance(answer, str) else answer), *options]


@pytest.mark.parametrize(
    ("sees", "bad", "good"),
    [
        (alone_the_longest, Shown("it grows by 12", "it stays"), Shown("it stays", "it grows by 12")),
        (told_by_its_words, Shown("smaller, 12 x 14", "larger, 20 x 22"), Shown("12 x 14", "20 x 22")),
        (told_by_their_number, Shown(["a", "b"], "c"), Shown(["a"], "b")),
    ],
)
def test_each_pattern_would_be_seen(sees, bad, good):
    other = Shown(["a", "b"], "c") if sees is told_by_their_number else bad
    assert sees([bad, other]) and not sees([good, other if sees is told_by_their_number else good])
