"""Lesson 07, the end of a network: logits, softmax, and what the loss wants."""

from math import log

from convlab.questions.cases import drawn, shuffled
from convlab.questions.lesson_03.drawing import chosen, judged
from convlab.questions.lesson_06.choosing import to_tick

_SOFTMAX = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "make a probability of logits",
    "formula": "softmax: exp(logit) / sum of all exp(logit)",
    "hint": "A probability is a share of the whole. What is the whole here?",
}
_SHARES = ((1, 3, 4, 2), (2, 5, 3), (1, 4, 5), (1, 2, 7), (2, 6, 12), (3, 5, 12), (1, 8, 11), (2, 3, 15), (5, 6, 9),
           (3, 10, 7, 5), (2, 9, 14), (4, 6, 15), (1, 7, 12, 5), (4, 7, 9), (1, 6, 13))  # fmt: skip


def softmax_value(rng):
    """The probability that softmax makes of a logit, whose exp() is a whole number."""

    def draw():
        shares = shuffled(rng, list(rng.choice(_SHARES)))
        return shares, rng.randrange(1, len(shares))

    def texts(shares, at):
        numbers = shares[at] / sum(shares), log(shares[at]), shares[at - 1] / sum(shares)
        return [f"{number:.2f}" for number in numbers]

    shares, at = drawn(draw, lambda case: len(set(texts(*case))) == 3)
    answer, logit, before = texts(shares, at)
    total, listed = sum(shares), " + ".join(map(str, shares))
    wrong = {
        logit: ("M74", "That is the logit itself. It is no probability: logits may be negative or larger than 1, and "
                "need not add up to 1."),
        before: ("M101", f"That is class {at - 1}. Classes are counted from 0."),
    }  # fmt: skip
    code = f"logits = torch.tensor({[float(it) for it in shares]}).log()   # what the last Linear gave\n" + (
        "probabilities = logits.softmax(0)"
    )
    return {
        **_SOFTMAX,
        "prompt": f"Of logits that the last Linear gave, exp() makes {', '.join(map(str, shares))}. Which number is "
        f"`probabilities[{at}]`, to two decimals?",
        "answer": answer,
        "because": f"{shares[at]} of {total}: softmax makes shares of what exp() gives.",
        "steps": [
            f"exp() of the logits, added up: {listed} = {total}.",
            f"The share of class {at}: {shares[at]} / {total} = {answer}.",
        ],
        "proof": f'import torch\n{code}\nprint(f"{{probabilities[{at}].item():.2f}}")',
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
        "figure": [{"code": code}],
    }


def _row(rng, probabilities):
    """Three or four numbers of two decimals: shares that add up to 1, or logits that do not and are partly negative."""
    count = rng.choice((3, 4))
    if probabilities:
        cuts = sorted(rng.sample(range(5, 96, 5), count - 1))
        return [(high - low) / 100 for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]

    def mixed(row):
        return min(row) < 0 < max(row) and abs(sum(row) - 1) > 0.3 and len(set(row)) == count

    return drawn(lambda: [rng.choice(range(-350, 700, 10)) / 100 for _ in range(count)], mixed)


def myth_logits(rng):
    """Whether a network that ends so can give this row."""
    softmax, can = rng.random() < 0.35, rng.random() < 0.5
    row = _row(rng, probabilities=softmax and rng.random() < 0.6)
    shares = min(row) >= 0 and abs(sum(row) - 1) < 1e-9
    possible = shares or not softmax
    features = rng.choice((32, 64, 128))
    last = f"nn.Linear({features}, {len(row)})"
    end = f"{last}, nn.Softmax(dim=1)" if softmax else last
    if not softmax:
        line = (
            "A Linear gives weighted sums, and those may be any numbers: logits. Nothing makes probabilities of them."
        )
    elif possible:
        line = "`nn.Softmax` makes numbers from 0 to 1 that add up to 1, and these are such numbers."
    else:
        line = (
            "After `nn.Softmax` no number is negative, and all add up to 1. Logits are what the Linear before it gives."
        )
    return judged(
        possible == can,
        f"`net` ends in `{end}`. For one picture it {'can' if can else 'can never'} give the row `{row}`.",
        "M74",
        line,
        objective="say what the last layer gives",
        formula="Linear: any numbers; softmax: from 0 to 1, adding up to 1",
        because=line,
        hint="What does the very last layer do? Is there anything in it that makes shares of a whole?",
        steps=[
            f"The last layer is {'`nn.Softmax`: its numbers add up to 1' if softmax else 'a Linear: weighted sums'}.",
            f"This row has {'a' if min(row) < 0 else 'no'} negative number, and its sum is {sum(row):.2f}, so it is "
            f"{'possible' if possible else 'impossible'} here.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\nrow = torch.tensor([{row}])\n"
            f"net = nn.Sequential({end})\nwith torch.no_grad():\n    net[0].weight.zero_()\n"
            f"    net[0].bias.copy_({'row[0].clamp(min=1e-9).log()' if softmax else 'row[0]'})\n"
            f"print(torch.allclose(net(torch.zeros(1, {features})), row, atol=1e-4) == {can})"
        ),
    )


_CLAIMS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "know logits from probabilities",
    "formula": "probabilities = softmax(logits); the loss and the class said take the logits",
    "because": "A Linear gives logits. The largest one says the class, the loss takes them as they are, and only "
    "softmax makes probabilities of them.",
    "hint": "Nothing after the Linear has changed these numbers. What does softmax do to their order, and to "
    "their sum?",
    "otherwise": "Try each on paper with two logits, 0 and 2: their softmax is about 0.12 and 0.88.",
}


def _claims(row):
    """For each matter its versions: (claim, is it true, the mistake behind being wrong, why)."""
    best, next_best = sorted(range(len(row)), key=lambda at: -row[at])[:2]
    order = "Softmax never turns the order of two numbers round, so the largest logit is the likeliest class."
    shift = "Softmax looks at differences alone: the same number added to all logits changes no probability."
    taken = "CrossEntropyLoss takes logits: softmax is inside it. Softmax before it is done twice, and trains badly."
    return (
        [("they add up to 1", False, "M74", f"Their sum is {sum(row):.2f}: a Linear gives any numbers."),
         ("their softmax adds up to 1", True, "M74", "Softmax makes shares of a whole.")],
        [(f"class {best} is the one said", True, "M74", order),
         (f"class {next_best} is the one said", False, "M74", order)],
        [("nn.CrossEntropyLoss takes them as they are", True, "M74", taken),
         ("nn.CrossEntropyLoss takes their softmax", False, "M74", taken)],
        [("with 2 added to each, the softmax stays the same", True, "M74", shift),
         ("with 2 added to each, the softmax is another one", False, "M74", shift)],
        [("one of them is negative, so something is wrong", False, "M74", "Logits may be negative: that class is less "
          "likely than one whose logit is larger.")],
    )  # fmt: skip


def logit_claims(rng):
    """What is true of a row of logits."""

    def clear(row):
        best = sorted(row, reverse=True)
        return best[0] - best[1] > 0.4 and abs(sum(row) - 1) > 0.3

    row = drawn(lambda: _row(rng, probabilities=False), clear)
    features, fields = rng.choice((32, 64, 128)), to_tick(rng, _claims(row))
    return {
        **_CLAIMS,
        **fields,
        "prompt": f"`net` ends in `nn.Linear({features}, {len(row)})`. For one picture it gives `{row}`. Which of "
        "these are true of these numbers? Tick all.",
        "steps": [
            "A weighted sum can be any number: negative, and larger than 1.",
            "Softmax keeps the order, so the largest logit is the class said, with softmax or without.",
            "CrossEntropyLoss has softmax inside, so it is given the logits.",
        ],
        "proof": _claims_proof(row, fields["options"]),
    }


def _claims_proof(row, options):
    best, next_best = sorted(range(len(row)), key=lambda at: -row[at])[:2]
    return (
        "import torch\nfrom torch import nn\n"
        f"logits = torch.tensor({row})\nshares, loss = logits.softmax(0), nn.CrossEntropyLoss()\n"
        "label, other = torch.tensor(0), (logits + 2).softmax(0)\n"
        "as_they_are = torch.isclose(loss(logits, label), -logits.log_softmax(0)[0])\n"
        "holds = {\n"
        "    'they add up to 1': torch.isclose(logits.sum(), torch.tensor(1.0)),\n"
        "    'their softmax adds up to 1': torch.isclose(shares.sum(), torch.tensor(1.0)),\n"
        f"    'class {best} is the one said': shares.argmax() == {best},\n"
        f"    'class {next_best} is the one said': shares.argmax() == {next_best},\n"
        "    'nn.CrossEntropyLoss takes them as they are': as_they_are,\n"
        "    'nn.CrossEntropyLoss takes their softmax': not as_they_are,\n"
        "    'with 2 added to each, the softmax stays the same': torch.allclose(other, shares),\n"
        "    'with 2 added to each, the softmax is another one': not torch.allclose(other, shares),\n"
        "    'one of them is negative, so something is wrong': shares.sum() < 0.99,\n"
        "}\n"
        f"print([option for option in {options} if holds[option]])"
    )


QUESTIONS = {"softmax-value": softmax_value, "myth-logits": myth_logits, "logit-claims": logit_claims}
