"""Lesson 08, what a step takes away from a weight, and what the learning rate does."""

from convlab.questions.cases import apart, drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import chosen, judged
from convlab.questions.lesson_08.shares import bracketed, tidy
from convlab.questions.question import Slip

_STEP = {  # what is the same for every seed
    "revision": 2,
    "kind": "number",
    "level": "easy",
    "objective": "take one step of SGD",
    "formula": "weight - lr * gradient",
    "hint": "The gradient says in which direction the loss grows. Where should the weight go?",
    "otherwise": "Multiply the gradient by the rate, with its sign, and take that away from the weight.",
}


def _half_a_step(weight, gradient, rate):
    """What is typed when a step is not finished, or taken without its rate."""
    taken = tidy(rate * gradient)
    yield Slip(taken, (), f"By {taken} the weight changes. Take it away from {tidy(weight)}.")
    yield Slip(tidy(weight - gradient), (), "You took the whole gradient away. Multiply it by the learning rate first.")


def sgd_step(rng):
    """A weight after one step of SGD."""

    def draw():
        rate, gradients = rng.choice(((0.1, range(1, 41)), (0.5, range(1, 10)), (0.01, range(10, 310, 10))))
        return rng.randint(-30, 30) / 10, rng.choice((-1, 1)) * rng.choice(gradients), rate

    def slips_of(weight, gradient, rate):
        move = f"{rate} * {gradient if gradient > 0 else f'({gradient})'} = {tidy(rate * gradient)}"
        return tidy(weight - rate * gradient), [
            Slip(tidy(weight + rate * gradient), ("M191",), f"You added {move}. The gradient points to where the loss "
                 "grows: it is taken away."),
        ]  # fmt: skip

    def fair(case):
        right, slips = slips_of(*case)
        weight, gradient, rate = case
        one_way = tidy(weight - gradient) == tidy(rate * gradient)  # two half steps that end at the same number
        return weight and right and right == int(right) and not one_way and apart("number", right, slips)

    weight, gradient, rate = case = drawn(draw, fair)
    (answer, slips), at = slips_of(*case), tidy(weight)
    o, c, u, v = (rng.randrange(n) for n in (4, 3, 2, 3))
    taken = tidy(rate * gradient)
    return {
        **_STEP,
        "prompt": f"`conv.weight[{o}, {c}, {u}, {v}]` is {at}, and its gradient is {gradient}. Which number is it "
        f"after one step of `torch.optim.SGD(conv.parameters(), lr={rate})`?",
        "answer": answer,
        "because": f"A step takes {rate} times the gradient away from the weight.",
        "steps": [
            f"The rate times the gradient: {rate} * {gradient if gradient > 0 else f'({gradient})'} = {taken}.",
            f"Taken away: {at} - {taken if taken > 0 else f'({taken})'} = {answer}.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\nconv = nn.Conv2d(3, 4, kernel_size=(2, 3)).double()\n"
            f"with torch.no_grad():\n    conv.weight[{o}, {c}, {u}, {v}] = {at}\n"
            f"conv.weight.grad = torch.full_like(conv.weight, {gradient})\n"
            f"torch.optim.SGD(conv.parameters(), lr={rate}).step()\n"
            f"print(round(conv.weight[{o}, {c}, {u}, {v}].item(), 4))"
        ),
        "slips": gathered("number", answer, [*slips, *_half_a_step(*case)]),
    }


def _distances(start, factor):
    return ", ".join(f"{tidy(start * factor**step):g}" for step in range(3))


_FAST = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "say what a learning rate does",
    "formula": "loss (w - best)^2: each step multiplies the distance by 1 - 2 lr",
    "hint": "What is the gradient at a distance of 1 from the best weight? How far does a step go, then, and where "
    "does it end?",
}


def too_fast(rng):
    """How far from the best weight three steps are, for a rate that may be too large."""
    rate, best = rng.choice((0.75, 1.25, 1.5, 2.0)), rng.choice((2, 3, 4, 5))
    start, factor = rng.choice((8, 16, -8, -16, 24, -24)), 1 - 2 * rate
    answer, slope = _distances(start, factor), 2 * start
    wrong = {
        _distances(start, 0): ("M193", f"A large rate does not end at the best weight: the step takes "
        f"{tidy(rate * slope)} away from a distance of {start}, and so goes beyond it."),
        _distances(start, 1 + 2 * rate): ("M191", "Those steps go along the gradient, away from the best weight. A "
        "step takes it away."),
        _distances(start, 1 - rate): ("M192", "You took the difference itself for the gradient. The slope of a square "
        "is twice the difference."),
    }  # fmt: skip
    grows = abs(factor) > 1
    return {
        **_FAST,
        "prompt": f"Of a kernel one weight `w` is still learned, and the loss is `(w - {best}) ** 2`. At the beginning "
        f"w - {best} = {start}, and the learning rate is {rate}. What is w - {best} at the beginning, after one step "
        "and after two?",
        "answer": answer,
        "because": f"Each step multiplies the distance by 1 - 2 * {rate} = {factor:g}: "
        + ("more each time, so it never arrives." if grows else "less each time, so it comes nearer."),
        "steps": [
            f"The gradient is twice the distance: 2 * {bracketed(start)} = {slope} at the beginning.",
            f"A step takes {rate} times that away: {start} - {bracketed(tidy(rate * slope))} = "
            f"{tidy(start * factor)}, which is {factor:g} times the distance.",
            f"The next step does the same: {answer}. The distance {'grows' if grows else 'shrinks'}.",
        ],
        "proof": (
            f"import torch\nw = torch.tensor({float(best + start)}, requires_grad=True)\nfound = []\n"
            f"optimizer = torch.optim.SGD([w], lr={rate})\nfor step in range(3):\n"
            f"    found.append(f'{{w.item() - {best}:g}}')\n    optimizer.zero_grad()\n"
            f"    ((w - {best}) ** 2).backward()\n    optimizer.step()\nprint(', '.join(found))"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
    }  # fmt: skip


def myth_faster(rng):
    """Which of two learning rates ends nearer to the best weight."""
    holds = rng.random() < 0.5

    def fair(rates):
        small, large = (abs(1 - 2 * rate) for rate in sorted(rates))
        return (large < small) == holds and abs(large - small) > 0.15

    small, large = sorted(drawn(lambda: rng.sample((0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.1, 1.2), 2), fair))
    start, best = rng.choice((10, 20, 30, -10, -20)), rng.choice((2, 3, 4, 5))
    ends = [tidy(start * (1 - 2 * rate)) for rate in (small, large)]
    line = f"One step with {small} ends at a distance of {ends[0]}, with {large} at {ends[1]}: " + (
        "the larger step is the better one here." if holds else "the larger step goes too far beyond the best one."
    )
    return judged(
        holds,
        f"a weight `w` stands at {best + start}, and the loss is `(w - {best}) ** 2`. One step of SGD with lr={large} "
        f"ends nearer to the best weight than one with lr={small}.",
        "M193",
        line,
        objective="compare two learning rates",
        formula="distance after a step = distance * abs(1 - 2 lr)",
        because=line,
        hint="Work out both steps: the gradient is twice the distance. Where does each end?",
        steps=[
            f"The gradient is 2 * {bracketed(start)} = {2 * start}. With {small} the step ends at {start} - {small} * "
            f"{bracketed(2 * start)} = {ends[0]} from the best weight.",
            f"With {large}: {start} - {large} * {bracketed(2 * start)} = {ends[1]}.",
        ],
        proof=(
            f"import torch\nends = []\nfor rate in ({large}, {small}):\n"
            f"    w = torch.tensor({float(best + start)}, requires_grad=True)\n    ((w - {best}) ** 2).backward()\n"
            f"    torch.optim.SGD([w], lr=rate).step()\n    ends.append(abs(w.item() - {best}))\n"
            "print(ends[0] < ends[1])"
        ),
    )


QUESTIONS = {"sgd-step": sgd_step, "too-fast": too_fast, "myth-faster": myth_faster}
