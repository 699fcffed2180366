"""No pattern gives an answer away: not the length of an option, not a word alone, not how many are right or true.

Every test asks over all lessons, and what is allowed is written here with the reason.
"""

import os
import re

import pytest

from convlab.questions import ids
from tests.unit.by_lesson import made, of_kind

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
    "first-message": "one order in which PyTorch looks, and so one message of the four that comes first",
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
FEW_ANSWERS = {  # four different answers or fewer
    "trained": "two of the weights can be trained, so three answers are all there are",
}
AS_MANY_AS_SHOWN = {  # the same options for every seed
    "zero-windows": "the options are the names of the four windows; what is in them is drawn anew",
}
SENTENCES = {  # true or false, and a word tells which sentence it is: what is to be known is whether that holds
    **dict.fromkeys(
        "reads-all fewer-better myth-first-axis myth-flip free-channels myth-batch myth-overlap padding-or-stride "
        "same-stride myth-cost myth-strong myth-one-by-one myth-frozen myth-test-choice".split(),
        "it is one of two sentences, as often the one as the other",
    ),
    **dict.fromkeys(["myth-device", "myth-fewer", "myth-depthwise", "myth-time"], "it is one of several sentences"),
    "myth-negative": "'no edge' is never so; where a side is named, the numbers say whether it is the right one",
    "myth-cat": "a whisker is small enough for every layer, the body too large for the first",
    "myth-middle": "how many times as often is claimed, or the other way round",
    "myth-first-linear": "AdaptiveAvgPool2d is what makes every size of picture possible",
    "myth-pool-relu": "the maximum and ReLU may be exchanged, the average and ReLU may not",
    "myth-one-conv": "a ReLU between two layers is what keeps them from being one",
    "myth-undo": "the shape comes back, the numbers do not",
}
PHRASES = [  # what would tell in a sentence that has its place in true and in false ones
    ("myth-batch-mates", r"in train\(\)"),
    ("myth-logits", "Softmax"),
    ("myth-logits", "can never"),
    ("myth-shuffled", "Linear"),
    ("myth-shuffled", "can no longer"),
    ("myth-momentum", r"momentum=0\.[123]"),
    ("myth-cat", "the last convolution"),
    ("myth-as-it-is", r"\.flip"),
    ("myth-as-it-is", "conv_transpose2d"),
    ("myth-undo", "the shape of `x`"),
    ("myth-float32", "float32"),
    ("myth-float32", "does not agree"),
    ("myth-small-h", "does not agree"),
    ("myth-small-h", r"\*\* 3"),
    ("myth-small-h", r"h = \d+ "),
    ("myth-places", r"padding=\(1, 2\)"),
    ("myth-memory", "fewer"),
    ("myth-memory", r"stride=\(2, 3\)"),
    ("myth-spread", "does not show"),
    ("myth-bits", "may be False"),
    ("myth-bits", "randint"),
    ("myth-bits", "double|float64"),
    ("myth-mixes", "ReLU"),
    ("myth-fewer", "holds"),
    ("myth-copies", "gets"),
    ("myth-copies", "together"),
    ("myth-copies", "each filter"),
    ("myth-depthwise", "makes"),
    ("myth-depthwise", "holds"),
    ("myth-depthwise", "share"),
    ("myth-time", "measured"),
    ("myth-time", "of the time"),
    ("myth-time", r"half|a third"),
]


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


def flagged(kind, sees, seeds=SEEDS):
    return {id for id in of_kind(kind) if sees([made(id, seed) for seed in seeds])}


def test_the_right_option_is_not_alone_the_longest_in_more_than_half_of_the_seeds():
    """Chance is one in as many as there are options, at most a half; so a half is more than chance."""
    found = flagged("choice", lambda questions: alone_the_longest(questions) > len(questions) / 2)
    assert found <= set(LONGEST), found - set(LONGEST)


def test_the_right_option_cannot_be_told_by_its_words_alone():
    assert flagged("choice", told_by_its_words) == set(ONE_STATEMENT)


def test_how_many_options_are_right_tells_nothing():
    assert flagged("choices", told_by_their_number) == set(ALL_OF_THEM)


def hardly_changes(questions):
    """True when the right options are nearly always the same ones."""
    return len({tuple(sorted(it.answer)) for it in questions}) <= 4


def offers_all(questions):
    """True when no option is ever left out."""
    return len({option for it in questions for option in it.options}) <= min(len(it.options) for it in questions)


def test_which_options_are_right_is_not_always_the_same():
    assert flagged("choices", told_by_their_number, range(60)) == set(ALL_OF_THEM)
    assert flagged("choices", hardly_changes, range(60)) == set(FEW_ANSWERS)
    assert flagged("choices", offers_all, range(60)) == set(AS_MANY_AS_SHOWN)


def balanced(answers, least=0.1):
    """Whether true and false both come, each as often as said or more."""
    return least < sum(answers) / len(answers) < 1 - least


@pytest.mark.parametrize("id", of_kind("truefalse"))
def test_true_and_false_come_about_as_often(id):
    assert balanced([made(id, seed).answer for seed in range(100)], 0.3)


def apart(id, holds):
    """The answers of 200 seeds: where the page holds something, and where it does not."""
    questions = [made(id, seed) for seed in range(200)]
    return [[it.answer for it in questions if bool(holds(str(it))) == there] for there in (True, False)]


@pytest.mark.parametrize(("id", "words"), PHRASES)
def test_no_words_of_a_statement_tell_whether_it_is_true(id, words):
    for answers in apart(id, lambda page: re.search(words, page)):
        assert len(answers) > (15 if id == "myth-places" else 20) and balanced(answers)  # it is drawn less often there


def telling(id):
    """The words that stand on more than 20 of 200 pages, are missing on more than 20, and tell what is true."""
    pages = {word for seed in range(200) for word in re.findall(r"[A-Za-z_]\w+", str(made(id, seed)))}
    found = {word: apart(id, lambda page, word=word: re.search(rf"\b{word}\b", page)) for word in pages}
    often = {word: both for word, both in found.items() if min(map(len, both)) > 20}
    return {word for word, both in often.items() if not all(map(balanced, both))}


@pytest.mark.parametrize("id", of_kind("truefalse"))
def test_no_single_word_tells_whether_a_statement_is_true(id):
    assert bool(telling(id)) == (id in SENTENCES), telling(id)


@pytest.mark.parametrize("id", ids())
def test_numbers_and_layers_are_hardly_ever_the_same_twice_in_a_row(id):
    assert len({str(made(id, seed)) for seed in range(12)}) >= 9


def test_what_hardly_changes_would_be_seen():
    same, changing = [Shown(["a"], "b")] * 9, [Shown([letter], "z") for letter in "abcde"]
    assert hardly_changes(same) and offers_all(same)
    assert not hardly_changes(changing) and not offers_all(changing)
    assert not balanced([True] * 9 + [False]) and balanced([True] * 2 + [False])


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
