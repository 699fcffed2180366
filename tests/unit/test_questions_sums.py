"""Every sum that a question's words write out is true, to the last digit that is printed."""

import re

import pytest

from convlab.questions import ids
from tests.unit.by_lesson import LESSONS, SEEDS, made, words_of

PART = r"\(?-?\d(?: ?(?:[\d+*/()-]|\.(?=\d)))*"  # never to end in a space, which the next part begins with
SUM = re.compile(rf"(?:-|(?<=: )- )?(?<![A-Za-z]){PART}(?: = -?{PART})+")  # sqrt(9) is no 9 in brackets
LISTS_AND_CODE = re.compile(r"\w*[\[(][^()\[\]]*,[^()\[\]]*[\])]|`[^`]*`")

WITHOUT = {  # lesson -> questions whose words name axes, places or lines of code, and add nothing up
    "00": "what-for first-layer larger-picture what-learned which-true fewer-better learning-step same-cell how-sure",
    "01": "grey-batch pixel-index permute-or-reshape scrambled-pixel moved-index stack-shape grey-from-rgb read-axes "
    "in-channels fits-conv which-message myth-first-axis memory-order format-shape to-unit where-things-lie "
    "myth-device plot-call plot-runs",
    "02": "cells-read loop-order reached-outputs which-edge bar-response impulse zero-on-flat zero-windows myth-same",
    "03": "which-call functional-call lines-that-run trained weight-axes weight-shape bias-shape "
    "arguments-from-weight kernels-of-a-map one-weight layer-knows next-in-channels next-weight conv-names "
    "grey-layer free-channels myth-batch message-channels message-rank message-mode",
    "04": "pad-first same-stride stride-skips unread-cells padding-only",
    "05": "dilated-window field-holes rows-read",
    "06": "muted-channel bias-grows what-counts myth-one-by-one per-pixel-linear colour-to-grey set-weight "
    "weight-errors shared-weight still-trained gabor-expression orientations bank-claims",
    "07": "myth-pool-relu same-when-moved myth-logits logit-claims bias-counts myth-batch-mates what-changes "
    "freeze-norm eval-claims transfer-order first-filters myth-cat how-many-filters suits-conv myth-shuffled",
    "08": "who-has-grad stops-here myth-frozen grad-shape which-zero pixel-feeds input-call myth-as-it-is step-order "
    "myth-float32 what-check-finds myth-small-h",
    "09": "im2col-order after-product myth-fold columns-order needs-columns which-line median-time which-faster "
    "myth-spread clock-order fair-pairs which-check copies-cells",
    "10": "shuffle-order what-mixes",
    "11": "wrong-argument earlier-layer how-many-wrong which-breaks padding-runs myth-pool first-message what-remains "
    "grey-mend myth-alone how-many-fit skip-sizes impulse-test mend-flip shared-numbers myth-before who-learns "
    "loss-floor myth-eval looks-needed which-test",
    "12": "hand-in which-splits which-differ myth-test-choice costliest pixel-logits myth-one-row rank-designs "
    "known-pictures what-it-shows",
}
SOMETIMES = (  # with numbers that leave one term, or an answer that needs none, there is no sum
    "which-keep",
    "does-it-run",
    "dropout-value",
    "dropout-row",
    "legal-groups",
)


def sums_in(text):
    """The chains of equals signs between numbers in a text; lists and code are left out."""
    chains = (chain.rstrip(" -+*/(") for chain in SUM.findall(LISTS_AND_CODE.sub("()", text)))
    return [chain for chain in chains if chain.count("(") == chain.count(")")]


def checked(text):
    """How many sums stand in a text; each has to be true, as far as it is printed."""
    chains = sums_in(text)
    for first, *others in (chain.split(" = ") for chain in chains):
        for other in others:
            decimals = re.search(r"\.(\d+)$", other)
            assert abs(eval(first) - eval(other)) < (0.51 / 10 ** len(decimals[1]) if decimals else 1e-9), text
    return len(chains)


@pytest.mark.parametrize("id", ids())
def test_every_sum_that_the_words_write_out_is_true(id):
    lesson = made(id, 0).lesson
    counts = [sum(map(checked, words_of(made(id, seed)))) for seed in SEEDS]
    at_least = 0 if id in WITHOUT.get(lesson, "").split() else 1 / 3 if id in SOMETIMES else 1
    assert sum(count > 0 for count in counts) >= at_least * len(SEEDS)


def test_what_is_said_to_be_without_sums_is_so():
    assert set(WITHOUT) <= set(LESSONS)
    for lesson, names in WITHOUT.items():
        for id in names.split():
            with_sums = [seed for seed in SEEDS if any(map(sums_in, words_of(made(id, seed))))]
            assert made(id, 0).lesson == lesson and len(with_sums) < len(SEEDS) / 3, id
    for id in SOMETIMES:
        assert not all(any(map(sums_in, words_of(made(id, seed)))) for seed in range(200)), id


@pytest.mark.parametrize(
    ("text", "false"),
    [
        ("Height: (15 + 2*1 - 4) // 2 + 1 = 13 // 2 + 1 = 7. Width: 9 - 3 + 1 = 7.", ("= 7. W", "= 8. W")),
        ("Rows of places: 104 - 5 + 1 = 100; columns of places: 292 - 7 + 1 = 286.", ("100", "101")),
        ("A channel holds 7*4 = 28 numbers, and 102 / 255 = 0.4.", ("28", "27")),
        ("A channel holds 7*4 = 28 numbers, and 102 / 255 = 0.4.", ("0.4", "0.5")),
        ("The gradient: (-1)*3 + (-2)*0 = -3. One step: 2 - 0.1*(-3) = 2.3.", ("-3. O", "3. O")),
        ("It gives 10. 20 // 2 = 10 is the number of steps; 2 / 3 = 0.67 of them.", ("0.67", "0.68")),
        ("Sum of the weights: - 1 - 3 + 0 = -4, and 4 - 3 = 1.", ("-4", "-2")),
    ],
)
def test_a_false_sum_would_be_found(text, false):
    assert checked(text) == 2
    with pytest.raises(AssertionError):
        checked(text.replace(*false))
