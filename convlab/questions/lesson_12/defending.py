"""Lesson 12, defending a design: what the held-out digits rank, what a table of errors and an ablation show."""

from math import sqrt

from convlab.questions.cases import block, drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import ticked
from convlab.questions.lesson_12.choosing import NEAT, chance
from convlab.questions.question import Slip

_RANK = {  # what is the same for every seed
    "kind": "order",
    "level": "medium",
    "objective": "rank designs by what they have to be chosen by",
    "formula": "the held-out digits named rightly in the best epoch, the most first",
    "because": "The held-out digits rank the designs, each with the weights of its best epoch.",
    "hint": "Which of the four columns was neither learned from nor is the test, and which weights are handed in?",
    "otherwise": "Compare the designs in one column alone: that of the held-out digits, best epoch.",
}
_WRONG_COLUMNS = {  # mistake -> the column that it goes by, and what to say
    "M249": (0, "That goes by the training loss, which says how well the digits to learn from are known."),
    "M246": (1, "That goes by the last epoch. The weights of the best epoch are kept and handed in."),
    "M245": (3, "That goes by the test digits. What you choose by is no test any more."),
}


def _ranked(rows, column):
    """The names in order of a column, best first: of the loss the lowest, of a count the highest."""
    return sorted(rows, key=lambda name: rows[name][column], reverse=column > 0)


def rank_designs(rng):
    """Four designs in the order in which they are to be handed in."""

    def draw():
        losses, best, test = (rng.sample(range(*them), 4) for them in ((20, 160), (465, 492), (935, 980)))
        return {name: (losses[at], best[at] - rng.randint(1, 14), best[at], test[at]) for at, name in enumerate("ABCD")}

    def fair(rows):
        orders = {tuple(_ranked(rows, column)) for column in range(4)}
        return len(orders | {tuple(rows)}) == 5 and len({row[1] for row in rows.values()}) == 4

    rows = drawn(draw, fair)
    answer = _ranked(rows, 2)
    lines = ["design  training loss  held, last epoch  held, best epoch  test"]
    lines += [f"{name:6}  {row[0] / 1000:13.3f}  {row[1]:16}  {row[2]:16}  {row[3]:4}" for name, row in rows.items()]
    first, held = rows[answer[0]], {name: row[2] for name, row in rows.items()}
    return {
        **_RANK,
        "prompt": "Four designs were trained. Of each: its lowest training loss, how many of 500 held-out digits it "
        "named rightly after its last epoch and after its best one, and how many of 1000 test digits, which somebody "
        "looked at too. Order the designs by what you choose by, the one to hand in first.",
        "answer": answer,
        "steps": [
            "The training loss says what is known by heart; the test is for the end.",
            f"Of each design the best epoch's weights are kept: for {answer[0]} those with {first[2]} of 500, and not "
            f"those with {first[1]}.",
            f"By these, the most first: {', '.join(f'{name} {rows[name][2]}' for name in answer)}.",
        ],
        "proof": f"held = {held}\nprint(sorted(held, key=held.get, reverse=True))",
        "slips": tuple(Slip(_ranked(rows, column), (id,), line) for id, (column, line) in _WRONG_COLUMNS.items()),
        "options": list(rows),
        "figure": [{"code": "\n".join(lines)}],
    }


_KNOWN = {  # what is the same for every seed
    "kind": "cells",
    "level": "easy",
    "objective": "find the pictures that are in both parts",
    "formula": "held out, and not learned from: order[:k], where the other part begins with index k",
    "because": "A picture that was learned from says nothing on new ones, held out or not.",
    "hint": "Which places of the order has each of the two parts? Where do they overlap?",
    "otherwise": "Write down the pictures of the one part, cross out those of the other, and click the rest.",
}


def known_pictures(rng):
    """The held-out pictures that the network has not learned from."""
    H, W = rng.choice(((3, 7), (3, 6), (4, 5), (2, 9), (5, 4)))
    k, both = rng.choice((3, 4, 5)), rng.choice((2, 3))
    order = shuffled(rng, range(H * W))

    def places(pictures):
        return sorted([at // W, at % W] for at in pictures)

    new, known = sorted(order[:k]), sorted(order[k : k + both])
    code = f"order = {order}\ntrain, held = order[{k}:], order[:{k + both}]"
    slips = [
        Slip(places(order[: k + both]), ("M248",), f"{both} of these were learned from too: the network knows them, "
             "and looks better than it is."),
        Slip(places(known), ("M248",), "Those are in both parts: the network knows them. Asked is for the others that "
             "are held out."),
        Slip(places(order[: k - 1]), ("M101",), f"Counted from 0, `order[{k}:]` leaves out {k} pictures."),
    ]  # fmt: skip
    return {
        **_KNOWN,
        "prompt": f"{H * W} pictures have the numbers 0 to {H * W - 1}, row by row in the grid. Somebody cuts an order "
        "of them as in the code and trains with `train`. Click the pictures in `held` that can tell how the network "
        "does on new ones.",
        "answer": places(order[:k]),
        "steps": [
            f"`train` begins with index {k}, so {known} are in both parts.",
            f"Of `held` the pictures {new} are left.",
        ],
        "proof": f"{code}\nnew = sorted(set(held) - set(train))\nprint([[at // {W}, at % {W}] for at in new])",
        "slips": gathered("cells", places(order[:k]), slips),
        "options": {"shape": [H, W], "role": "input"},
        "figure": [
            {"code": code},
            block("input", [list(range(row * W, row * W + W)) for row in range(H)], f"pictures {H} x {W}"),
        ],
    }


_FILTERS = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "spend a budget on filters",
    "formula": "budget // (H_out * W_out * C_in * kH * kW)",
    "hint": "How many multiply-adds does one filter do, at all of its places?",
    "otherwise": "The size of the maps first, then the multiply-adds of one filter, then divide.",
}


def most_filters(rng):
    """How many filters a budget of multiply-adds pays for."""

    def draw():
        kernel = rng.choice(((5, 3), (3, 5), (3, 7), (7, 3)))
        H, W = rng.sample(range(14, 41, 2), 2)
        return rng.choice((2, 3, 6, 8)), H, W, kernel, 1000 * rng.randint(60, 400)

    def counts(C_in, H, W, kernel, budget):
        taps, h, w = kernel[0] * kernel[1], H // 2, W // 2  # an even side, halved: padding keeps it, the stride halves
        return [budget // each for each in (h * w * C_in * taps, H * W * C_in * taps, h * w * taps, C_in * taps)]

    def fair(case):
        each = case[-1] / ((case[1] // 2) * (case[2] // 2) * case[0] * case[3][0] * case[3][1])
        found = counts(*case)
        return len(set(found)) == 4 and found[1] > 0 and 5 <= found[0] <= 40 and 0.15 < each % 1 < 0.85

    case = C_in, H, W, (kH, kW), budget = drawn(draw, fair)
    answer, unstrided, one_channel, once = counts(*case)
    h, w, each = H // 2, W // 2, (H // 2) * (W // 2) * C_in * kH * kW
    layer = f"nn.Conv2d({C_in}, C, kernel_size={(kH, kW)}, stride=2, padding={(kH // 2, kW // 2)})"
    slips = [
        Slip(unstrided, ("M169",), f"That counts {H} * {W} places. The stride of 2 leaves {h} * {w}."),
        Slip(one_channel, ("M34",), f"That gives a filter {kH} * {kW} weights. It has as many for each of {C_in} "
             "channels."),
        Slip(once, ("M201",), f"That uses each weight once. It is used at {h} * {w} places."),
    ]  # fmt: skip
    return {
        **_FILTERS,
        "prompt": f"A stage of a design may do at most {budget} multiply-adds a picture: `{layer}`, and what comes in "
        f"has the shape {(1, C_in, H, W)}. What is the largest C?",
        "answer": answer,
        "because": f"One filter does {each} multiply-adds, and {budget} hold that {answer} times.",
        "steps": [
            f"Rows: ({H} + 2*{kH // 2} - {kH}) // 2 + 1 = {h}; columns: ({W} + 2*{kW // 2} - {kW}) // 2 + 1 = {w}.",
            f"One filter: {h} * {w} places, {C_in} * {kH} * {kW} products at each: {h} * {w} * {C_in} * {kH} * {kW} = "
            f"{each}.",
            f"{budget} / {each} = {budget / each:.1f}, so {answer} filters are within the budget.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nC = 1\nconv = {layer}\n"
            f"each = conv(torch.zeros{(1, C_in, H, W)}).numel() * conv.weight[0].numel()\nprint({budget} // each)"
        ),
        "slips": gathered("number", answer, slips),
    }


_CONFUSED = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "read a table of what was taken for what",
    "formula": "a row or a column of the confusion table, without its cell on the diagonal",
    "hint": "Is it about what the digits are, or about what they were called? Which cells of that line are right?",
    "otherwise": "Find the row or the column, leave out the cell on the diagonal, and add up the others.",
}


def confused(rng):
    """How many digits were called wrongly: of those that are one, or of those that were called one."""
    digits, called = sorted(rng.sample(range(10), 4)), rng.random() < 0.5

    def draw():
        table = [[rng.randint(0, 9) for _ in digits] for _ in digits]
        for at in range(4):
            table[at][at] = rng.randint(85, 110)
        return table, rng.randrange(4)

    def lines(table, at):
        row, column = table[at], [it[at] for it in table]
        return (column, row) if called else (row, column)

    table, at = drawn(draw, lambda case: len({sum(it) for it in lines(*case)}) == 2)
    asked, other = lines(table, at)
    wrong = [number for place, number in enumerate(asked) if place != at]
    this, that = ("column", "row") if called else ("row", "column")
    digit, answer = digits[at], sum(wrong)
    text = [f"{'':9}" + "".join(f"  called {it}" for it in digits)]
    text += [f"is {it:<6}" + "".join(f"{number:10}" for number in row) for it, row in zip(digits, table, strict=True)]
    question = f"were called {digit} and are another one" if called else f"are {digit} and were called another one"
    return {
        **_CONFUSED,
        "prompt": "A network for four digits was tested. A row: what it is; a column: what it was called. How many "
        f"pictures {question}?",
        "answer": answer,
        "because": f"The {this} of {digit}, without the {asked[at]} that are right.",
        "steps": [
            f"The {this} of {digit} holds {', '.join(map(str, asked))}, of which {asked[at]} are right.",
            f"The others: {' + '.join(map(str, wrong))} = {answer}.",
        ],
        "proof": (
            f"import torch\ntable = torch.tensor({table})\n"
            f"print((table.sum({0 if called else 1}) - table.diagonal())[{at}].item())"
        ),
        "slips": gathered("number", answer, [
            Slip(sum(other) - other[at], ("M102",), f"That is the {that} of {digit}. Asked is for its {this}."),
            Slip(sum(asked), (), f"That counts the {asked[at]} on the diagonal too, which were called rightly."),
        ]),
        "figure": [{"code": "\n".join(text)}],
    }  # fmt: skip


_MORE = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "say how many pictures a difference takes",
    "formula": "a width divided by k takes k * k times the pictures",
    "hint": "n stands under a root. By what does it have to be multiplied, for the root to be k times as large?",
    "otherwise": "How many times as narrow is it to be? Multiply the pictures by that, twice.",
}


def more_pictures(rng):
    """How many test pictures make an interval so many times as narrow."""

    def width(n, right, k=1):
        return 200 * sqrt(right / n * (1 - right / n) / n) / k

    def short(number):
        return abs(100 * number - round(100 * number)) < 1e-9

    (n, right), k = drawn(
        lambda: (rng.choice(NEAT), rng.choice((2, 3, 4, 5, 6, 8, 10))),
        lambda case: short(width(*case[0])) and short(width(*case[0], case[1])),
    )
    wide, narrow, answer = width(n, right), width(n, right, k), n * k * k
    slips = [
        Slip(n * k, (), f"That makes it narrower by the root of {k} alone: n stands under the root."),
        Slip(n, ("M247",), f"{n} pictures leave {wide:.3g} % either way, however small the difference to be seen."),
    ]
    return {
        **_MORE,
        "prompt": f"A network names {right} of {n} new pictures rightly. So its share is known to {wide:.3g} % either "
        f"way (two standard deviations), and that is too wide to tell it from another. How many pictures does it take "
        f"to know the same share to {narrow:.3g} % either way?",
        "answer": answer,
        "because": f"{k} times as narrow takes {k} * {k} times as many pictures.",
        "steps": [
            "Either way it is 2 * sqrt(p * (1 - p) / n): n stands under the root.",
            f"The width is to be divided by {wide:.3g} / {narrow:.3g} = {k}.",
            f"So n is multiplied by {k} * {k} = {k * k}: {n} * {k * k} = {answer}.",
        ],
        "proof": (
            f"import torch\ncounts = torch.distributions.Binomial({n}, torch.tensor({right / n}).double())\n"
            f"width = 2 * counts.stddev.item() / {n}\nprint(round({n} * (width / {round(narrow / 100, 6)}) ** 2))"
        ),
        "slips": gathered("number", answer, slips),
    }


_SHOWS = {  # what is the same for every seed
    "kind": "choices",
    "level": "hard",
    "objective": "say what an ablation shows",
    "formula": "one part left out at a time, and further apart than chance",
    "because": "Where one part alone is left out, and chance does not explain the loss, the part does.",
    "hint": "Which rows are further below the first than chance explains, and which leave out one part alone?",
    "otherwise": "For each row: how far is it below the first, what does chance explain, and what was left out?",
}
_PARTS = ("BatchNorm", "the third block", "the moved digits", "dropout", "the falling learning rate", "the pooling")


def _left_out(rng, n, as_it_is):
    """The count of a design without something: clearly below that of the design as it is, or hardly; and which."""
    clear = rng.random() < 0.5

    def keep(count):
        apart, bound = as_it_is - count, chance(n, as_it_is, count)
        return 1.4 * bound < apart < 3 * bound if clear else 0 < apart < 0.6 * bound

    return drawn(lambda: as_it_is - rng.randint(1, n // 8), keep), clear


def _claim(rng, row, n, as_it_is):
    """(option, whether the table shows it, mistake, why) of one row: parts left out, count, whether it is clear."""
    parts, count, clear = row
    one_of_two = len(parts) == 2 and rng.random() < 0.6
    option = f"it is worse without {rng.choice(parts) if one_of_two else _both(parts)}"
    if one_of_two and clear:
        return option, False, "M228", f"Without {_both(parts)} it is worse, and either may be the reason."
    bound = round(chance(n, as_it_is, count))
    why = f"They are {as_it_is - count} apart, and chance alone gives up to about {bound}."
    return option, clear, "M247", why


def what_it_shows(rng):
    """Which claims a table of left-out parts shows to be so."""
    n = rng.choice((500, 1000, 2000))
    as_it_is = rng.randint(round(0.95 * n), round(0.98 * n))
    parts = rng.sample(_PARTS, 5)

    def draw():
        rows = [(left, *_left_out(rng, n, as_it_is)) for left in [*((it,) for it in parts[:3]), tuple(parts[3:])]]
        return rows, [_claim(rng, row, n, as_it_is) for row in rows]

    rows, claims = drawn(draw, lambda case: 0 < sum(claim[1] for claim in case[1]) < 4)
    options = shuffled(rng, [claim[0] for claim in claims])
    answer = [option for option in options if any(claim[:2] == (option, True) for claim in claims)]
    slips, per_option = ticked(options, answer, {option: (id, why) for option, _, id, why in claims})
    counts = {_both(left): count for left, count, _ in shuffled(rng, rows)}
    wide = len("without ") + max(map(len, counts))
    table = [f"{'as it is':{wide}}  {as_it_is:4}", *(f"{f'without {it}':{wide}}  {counts[it]:4}" for it in counts)]
    return {
        **_SHOWS,
        "prompt": f"A design is trained as it is, and four times with something left out. Each is tested on {n} new "
        "digits of its own, and so many are named rightly. Which of these does the table show, by more than two "
        "standard deviations of the difference? Tick all.",
        "answer": answer,
        "steps": [
            f"Two counts of {n} differ by chance up to about 2 * sqrt(2 * n * p * (1 - p)).",
            f"Fewer: {', '.join(f'{as_it_is - rest} without {parts}' for parts, rest in counts.items())}.",
            f"More than chance explains: without {'; '.join(_both(left) for left, _, clear in rows if clear)}.",
            "Where two parts went at once, the table says nothing on either of them alone. So it is: "
            f"{', '.join(f'`{it}`' for it in answer)}.",
        ],
        "proof": (
            f"import torch\ncounts, shown = {counts}, []\nfor parts, count in counts.items():\n"
            f"    each = torch.distributions.Binomial({n}, torch.tensor(({as_it_is} + count) / {2 * n}))\n"
            f"    if {as_it_is} - count > 2 * (2 * each.variance.item()) ** 0.5:\n"
            "        shown.append(f'it is worse without {parts}')\n"
            f"print([it for it in {options} if it in shown])"
        ),
        "slips": slips,
        "options": options,
        "per_option": per_option,
        "figure": [{"code": "\n".join(table)}],
    }


def _both(left):
    return " and ".join(left)


QUESTIONS = {
    "rank-designs": rank_designs,
    "known-pictures": known_pictures,
    "most-filters": most_filters,
    "confused": confused,
    "more-pictures": more_pictures,
    "what-it-shows": what_it_shows,
}
