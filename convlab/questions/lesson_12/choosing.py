"""Lesson 12, choosing and judging: which epoch, which parts, and which difference is more than chance."""

from math import sqrt

from convlab.questions.cases import drawn, shuffled
from convlab.questions.lesson_03.drawing import chosen, judged
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.question import Slip

_HAND_IN = {  # what is the same for every seed
    "revision": 2,
    "kind": "choice",
    "level": "medium",
    "objective": "choose a design and an epoch",
    "formula": "the largest share of the held-out digits, over all designs and epochs",
    "hint": "One of the three rows is known by heart, one is for the end. Which is left?",
}


def _histories(rng):
    """name -> (loss, held, test) of a few epochs, in thousandths."""
    made = {}
    for name in rng.sample(("A", "B", "C"), 2):
        epochs = rng.choice((4, 5))
        loss = sorted(rng.sample(range(40, 600), epochs), reverse=True)
        made[name] = loss, rng.sample(range(930, 985), epochs), rng.sample(range(930, 985), epochs)
    return dict(sorted(made.items()))


def _places(histories, row, most=max):
    """The place of the largest number of a row, or of the smallest."""
    places = [(lists[row][epoch], name, epoch) for name, lists in histories.items() for epoch in range(len(lists[0]))]
    return most(places)[1:]


def _no_tie(histories):
    """Whether one place alone has the lowest loss, and one each the largest share."""
    rows = [[it for lists in histories.values() for it in lists[row]] for row in (0, 1, 2)]
    return all(row.count(most(row)) == 1 for row, most in zip(rows, (min, max, max), strict=True))


def _last(histories):
    """The last epoch of the design that ends best."""
    name = max(histories, key=lambda name: histories[name][1][-1])
    return name, len(histories[name][1]) - 1


def hand_in(rng):
    """Which weights are handed in."""

    def found(histories):
        return (_places(histories, 1), _places(histories, 2), _places(histories, 0, min), _last(histories))

    histories = drawn(lambda: _histories(rng), lambda it: _no_tie(it) and len(set(found(it))) == 4)
    right, by_test, by_loss, last = (f"{name}, epoch {epoch}" for name, epoch in found(histories))
    lines = [
        "         epoch  " + "  ".join(f"{epoch:5}" for epoch in range(max(len(it[0]) for it in histories.values())))
    ]
    for name, (loss, *shares) in histories.items():
        lines.append(f"{name:2} {'loss':11}  " + "  ".join(f"{it / 1000:5.3f}" for it in loss))
        for what, row in zip(("held, in %", "test, in %"), shares, strict=True):
            lines.append(f"{name:2} {what:11}  " + "  ".join(f"{it / 10:5.1f}" for it in row))
    share = max(max(lists[1]) for lists in histories.values()) / 10
    wrong = {
        by_test: ("M245", "That has the most test digits right. Chosen by them, they are no test any more."),
        by_loss: ("M249", "That has the lowest training loss. It says how well the digits to learn from are known."),
        last: ("M246", "That is a last epoch. The weights of an earlier one were better on the held-out digits."),
    }
    return {
        **_HAND_IN,
        "prompt": "Two designs were trained. After each epoch: the training loss, the share of the held-out digits "
        "named "
        "rightly, and the share of the test digits, which somebody wrote down as well. Which weights do you hand in?",
        "answer": right,
        "because": "The held-out digits were neither learned from, nor are they the test.",
        "steps": [
            "The training loss says what is known by heart; the test is for the end.",
            f"The largest share of the held-out digits is {share:g} %.",
            f"It is that of {right}.",
        ],
        "proof": (
            f"histories = {histories}\n"
            "shares = {f'{name}, epoch {epoch}': share for name, lists in histories.items()\n"
            "          for epoch, share in enumerate(lists[1])}\nprint(max(shares, key=shares.get))"
        ),
        "slips": chosen(right, wrong),
        "options": shuffled(rng, [right, *wrong]),
        "figure": [{"code": "\n".join(lines)}],
    }


_UNSHUFFLED = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "say why one shuffles before one cuts",
    "formula": "held out / pictures of each class, rounded up",
    "hint": "How many pictures of each class are there, and how many classes does the end of the row cover?",
    "otherwise": "Go back from the end: so many of the last class, so many of the one before.",
}


def unshuffled(rng):
    """How many classes the end of a sorted row holds."""
    each, classes = rng.choice((40, 60, 80, 120)), rng.choice((8, 9, 10, 12))
    held = rng.choice([each * k + rng.choice((0, each // 4, each // 2)) for k in (1, 2, 3)])
    answer = -(-held // each)
    return {
        **_UNSHUFFLED,
        "prompt": f"A file has {each} pictures of each of {classes} classes, sorted by class. Its last {held} pictures "
        "are held out as they lie. Pictures of how many classes are held out?",
        "answer": answer,
        "because": f"The end of a sorted file holds the last classes alone: {held} / {each}, rounded up.",
        "steps": [
            f"The last {each} pictures are of the last class, the {each} before them of the one before.",
            f"{held} / {each} = {held / each:g}, so {answer} of {classes} classes.",
        ],
        "proof": (
            f"import torch\nlabels = torch.arange({classes}).repeat_interleave({each})\n"
            f"print(len(labels[-{held}:].unique()))"
        ),
        "slips": (
            Slip(classes, ("M250",), f"All {classes} would be there if the file were shuffled. It is sorted, and "
                 f"{held} pictures from its end are the last classes alone."),
        ),
    }  # fmt: skip


_SPLITS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "cut pictures in two parts",
    "formula": "two pieces of one order, cut at one place",
    "because": "One order of all indices, cut at one place, gives two pieces with nothing in common.",
    "hint": "Of each line: is the order drawn, and do its two pieces meet at one place?",
    "otherwise": "Write down which places of the order each piece has.",
}


def which_splits(rng):
    """Which lines cut a sorted file well."""
    count, n = drawn(lambda: (rng.choice((600, 900, 1200)), rng.choice((100, 150, 200))), lambda it: it[0] > 3 * it[1])
    both, lie = (
        "Some pictures are in both pieces.",
        "The order is not drawn: both pieces hold a run of the sorted file.",
    )
    fine = "The order is drawn, and cut at one place."
    drawing, lying = f"torch.randperm({count})", f"torch.arange({count})"
    matters = [
        [(f"order = {drawing}; train, held = order[{n}:], order[:{n}]", True, "M248", fine),
         (f"order = {drawing}; train, held = order[{n - 10}:], order[:{n}]", False, "M248", both)],
        [(f"order = {drawing}; train, held = order[:-{n}], order[-{n}:]", True, "M248", fine),
         (f"order = {drawing}; train, held = order[:-{n}], order[-{n + 5}:]", False, "M248", both)],
        [(f"order = {lying}; train, held = order[{n}:], order[:{n}]", False, "M250", lie),
         (f"held, train = {drawing}.split([{n}, {count - n}])", True, "M248", fine)],
        [(f"train, held = {drawing}[{n}:], {drawing}[:{n}]", False, "M248",
          "Two orders are drawn, one for each piece: what is in the one may be in the other."),
         (f"held, train = {drawing}.tensor_split([{n}])", True, "M248", fine)],
    ]  # fmt: skip
    fields = to_tick(rng, matters)
    return {
        **_SPLITS,
        "prompt": f"{count} pictures, sorted by class, are to be cut in two parts, with {n} or so held out. Which "
        "lines "
        "draw an order, and leave no picture in both parts? Tick all.",
        "steps": [
            "`torch.randperm` draws an order of all indices; `torch.arange` is the order in which they lie.",
            "Two pieces of one order have nothing in common if one begins where the other ends, or before.",
            f"So it is: {', '.join(f'`{it}`' for it in fields['answer'])}.",
        ],
        "proof": (
            f"import torch\nfor line in {fields['options']}:\n    torch.manual_seed(1)\n    names = {{}}\n"
            "    exec(line, {'torch': torch}, names)\n"
            "    train, held = (set(names[name].tolist()) for name in ('train', 'held'))\n"
            f"    if not train & held and held != set(range({n})):\n        print(line)"
        ),
        **fields,
    }


_FAR = {  # what is the same for every seed
    "revision": 2,
    "kind": "number",
    "level": "medium",
    "objective": "say how far a share holds",
    "formula": "2 * sqrt(n * p * (1 - p)) pictures",
    "hint": "p is the share of those counted. How large is n * p * (1 - p), and its root?",
    "otherwise": "Share p, then n * p * (1 - p), then the root, then twice that.",
}
# (pictures, right ones), of which the standard deviation is a whole number: so it is for m * m times as many
NEATEST = ((25, 20), (48, 36), (100, 90), (150, 90), (625, 400), (2100, 1470), (2500, 2450), (3750, 3600), (4400, 2420))
NEAT = [(n * m * m, right * m * m) for n, right in NEATEST for m in range(1, 15) if 100 <= n * m * m <= 5000]


def how_far(rng):
    """Two standard deviations of a count."""
    n, right = rng.choice(NEAT)
    named, how = rng.choice(((right, "rightly"), (n - right, "wrongly")))
    share = named / n
    sd = round(sqrt(n * share * (1 - share)))
    return {
        **_FAR,
        "prompt": f"A network names {named} of {n} new pictures {how}. With other pictures of the same kind it would "
        "be a few more or fewer: nearly always (in 95 of 100 such tests) within two standard deviations. How many "
        "pictures are two standard deviations?",
        "answer": 2 * sd,
        "because": f"sqrt({n} * {share:g} * {1 - share:.2g}) = {sd}, twice that is {2 * sd}.",
        "steps": [
            f"p = {named} / {n} = {share:g}, and 1 - p = {1 - share:.2g}.",
            f"One standard deviation: sqrt({n} * {share:g} * {1 - share:.2g}) = sqrt({sd * sd}) = {sd}.",
            f"Two: {2 * sd} pictures, or {2 * sd / n:.1%} of all.",
        ],
        "proof": (
            f"import torch\ntests = torch.distributions.Binomial({n}, torch.tensor({share}))\n"
            "print(round(2 * tests.stddev.item()))"
        ),
        "slips": (
            Slip(sd, ("M247",), f"That is one standard deviation. One test of three lies farther off: take twice "
                                f"{sd}."),
            Slip(0, ("M247",), "Other pictures would give another count: the share is known no better than the "
                               "pictures "
                 "allow."),
        ),
    }  # fmt: skip


_DIFFER = {  # what is the same for every seed
    "kind": "choices",
    "level": "hard",
    "objective": "tell a difference from chance",
    "formula": "more than 2 * sqrt(2 * n * p * (1 - p)) apart",
    "because": "A difference of two counts varies by sqrt(2) times what one of them does.",
    "hint": "Both counts vary. Their difference has sqrt(2) times the standard deviation of one.",
    "otherwise": "For each pair: the mean share p, then 2 * sqrt(2 * n * p * (1 - p)), then compare.",
}


def chance(n, one, other):
    """How far apart two counts of n are by chance alone, nearly always."""
    p = (one + other) / (2 * n)
    return 2 * sqrt(2 * n * p * (1 - p))


def _pair(rng, n, real):
    """Two counts of n that differ clearly, or hardly."""

    def draw():
        one = rng.randint(round(0.9 * n), round(0.97 * n))
        return one, one - rng.randint(1, n // 8)

    def keep(pair):
        apart, bound = pair[0] - pair[1], chance(n, *pair)
        return apart > 1.3 * bound if real else apart < 0.7 * bound

    return drawn(draw, keep)


def which_differ(rng):
    """Which of several differences is more than chance."""
    matters = []
    for n in rng.sample((200, 500, 1000, 2000, 5000), 4):
        versions = []
        for real in (True, False):
            one, other = _pair(rng, n, real)
            bound = round(chance(n, one, other))
            why = f"They are {one - other} apart, and chance alone gives up to about {bound}."
            versions.append((f"{one} and {other} of {n}", real, "M247", why))
        matters.append(versions)
    fields = to_tick(rng, matters)
    first = fields["answer"][0]
    one, other, n = (int(it) for it in first.replace(" and ", " of ").split(" of "))
    return {
        **_DIFFER,
        "prompt": "Two networks are tested, each on new pictures of its own, as many for both. So many were named "
        "rightly. Where are the two further apart than chance explains (by more than two standard deviations of the "
        "difference)? Tick all.",
        "steps": [
            "One count varies by sqrt(n * p * (1 - p)), the difference of two by sqrt(2) times that.",
            f"`{first}`: p = {(one + other) / (2 * n):.2g}, and 2 * sqrt(2 * n * p * (1 - p)) is about "
            f"{round(chance(n, one, other))}.",
            f"They are {one - other} apart, which is more.",
            f"The others likewise: {', '.join(f'`{it}`' for it in fields['answer'])}.",
        ],
        "proof": (
            "import torch\n"
            f"for text in {fields['options']}:\n"
            "    one, other, n = (int(it) for it in text.replace(' and ', ' of ').split(' of '))\n"
            "    each = torch.distributions.Binomial(n, torch.tensor((one + other) / (2 * n)))\n"
            "    if one - other > 2 * (2 * each.variance.item()) ** 0.5:\n        print(text)"
        ),
        **fields,
    }  # fmt: skip


def myth_test_choice(rng):
    """Whether the best of many on the test digits is as good as it looks."""
    many, n, holds = rng.choice((10, 20, 30, 50, 100, 200)), rng.choice((400, 500, 800, 1000, 2000)), rng.random() < 0.5
    share = rng.choice((0.85, 0.9, 0.95))
    says = (
        f"{many} networks are equally good: each names a new picture rightly with chance {share:g}. The one with the "
        f"most of {n} test pictures right is taken. On average its share there is "
        f"{'larger than' if holds else 'no larger than'} {share:g}."
    )
    line = "The best of many is partly luck: what you choose by is no test any more."
    return judged(
        holds,
        says,
        "M245",
        line,
        revision=2,
        objective="say what choosing does to a test",
        formula="the largest of many counts is above their mean",
        because=line,
        hint="All are equally good. Is the largest of many draws like any one of them?",
        steps=[
            f"Each count varies around {round(share * n)} of {n}.",
            f"The largest of {many} such counts lies above that, though all are equally good.",
        ],
        proof=(
            f"import torch\ntorch.manual_seed(1)\n"
            f"counts = torch.distributions.Binomial({n}, torch.tensor({share})).sample((500, {many}))\n"
            f"print((counts.max(1).values.mean().item() > {share * n}) == {holds})"
        ),
    )


QUESTIONS = {
    "hand-in": hand_in,
    "unshuffled": unshuffled,
    "which-splits": which_splits,
    "how-far": how_far,
    "which-differ": which_differ,
    "myth-test-choice": myth_test_choice,
}
