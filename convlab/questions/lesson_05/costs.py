"""Lesson 05, what it costs to see far, what counts most in what is seen, and how kernels of two sizes compare."""

from convlab.questions.cases import apart, block, drawn, gathered, shuffled
from convlab.questions.question import Slip

BASES = ((3, 5), (5, 3), (3, 4), (4, 3), (2, 3), (3, 2))
WORDS = ("", "one layer", "two layers", "three layers", "four layers", "five layers", "six layers")


def _stacks(rng):
    """Four ways to see equally far: name -> (text, weights of one pair of channels)."""
    (kH, kW), n = rng.choice(BASES), rng.choice((3, 4, 5, 6))
    large = (1 + n * (kH - 1), 1 + n * (kW - 1))
    half = (1 + n * (kH - 1) // 2, 1 + n * (kW - 1) // 2)
    return {
        "spread": (f"one layer, kernel {kH} x {kW}, dilation {n}", kH * kW),
        "many": (f"{WORDS[n]}, kernel {kH} x {kW}", n * kH * kW),
        "two": (f"two layers, kernel {half[0]} x {half[1]}", 2 * half[0] * half[1]),
        "large": (f"one layer, kernel {large[0]} x {large[1]}", large[0] * large[1]),
    }, (large, (kH, kW), n)


def _stacks_keep(case):
    stacks, (_, (kH, kW), n) = case
    weights = [count for _, count in stacks.values()]
    return n * (kH - 1) % 2 == 0 and n * (kW - 1) % 2 == 0 and len(set(weights)) == 4


def _order_slips(text, weights, order, sizes):
    """The orders that a price for layers, or for reach, leads to; those that are right left out."""
    (H, W), (kH, kW), n = sizes
    taps = [name for name in order if name != "spread"]
    wrong = [
        ("M153", ["spread", "large", "two", "many"]),
        ("M153", ["large", "spread", "two", "many"]),
        ("M73", [*taps[:-1], "spread", taps[-1]]),
        ("M73", [*taps, "spread"]),
    ]
    lines = {
        "M153": f"More layers need not cost more: it is the kernels' areas that count. {WORDS[n].capitalize()} of "
        f"{kH} x {kW} have {n}*{kH * kW} = {weights['many']} weights for a pair of channels, one of {H} x {W} has "
        f"{weights['large']}.",
        "M73": f"A kernel of {kH} x {kW} has {kH * kW} weights, whatever its dilation. That it reaches over {H} x {W} "
        "costs no weight.",
    }
    slips = [Slip([text[name] for name in names], (id,), lines[id]) for id, names in wrong if names != order]
    return tuple(slip for at, slip in enumerate(slips) if slip.answer not in [it.answer for it in slips[:at]])


def order_weights(rng):
    """Four ways to see equally far, by how many weights they have."""
    stacks, ((H, W), (kH, kW), n) = drawn(lambda: _stacks(rng), _stacks_keep)
    text, weights = ({name: it[at] for name, it in stacks.items()} for at in (0, 1))
    order = sorted(weights, key=weights.get)
    answer = [text[name] for name in order]
    options = drawn(lambda: shuffled(rng, answer), lambda it: it != answer)
    return {
        "prompt": f"Four ways to a receptive field of {H} x {W}, with as many channels everywhere and no bias. Put "
        "them in order, from the fewest weights to the most.",
        "kind": "order",
        "level": "hard",
        "objective": "compare what seeing far costs",
        "formula": "weights of a pair of channels = layers * kH * kW",
        "answer": answer,
        "because": f"For a pair of channels: {', '.join(str(weights[name]) for name in order)} weights.",
        "hint": "How many weights has one kernel of each? How many layers have such a kernel? Does the dilation add "
        "any?",
        "steps": [
            f"The dilated layer: {kH}*{kW} = {weights['spread']} weights; dilation adds none.",
            f"{WORDS[n].capitalize()}: {n}*{kH}*{kW} = {weights['many']}.",
            f"Two layers: {weights['two'] // 2} each, 2*{weights['two'] // 2} = {weights['two']}.",
            f"One large layer: {H}*{W} = {weights['large']}.",
        ],
        "proof": (
            f"from torch import nn\nways = {_ways(text, (kH, kW), (H, W), n)}\n"
            "def count(way):\n    return sum(nn.Conv2d(1, 1, k, bias=False).weight.numel() for k in ways[way])\n"
            "print(sorted(ways, key=count))"
        ),
        "slips": _order_slips(text, weights, order, ((H, W), (kH, kW), n)),
        "options": options,
        "otherwise": "Work out the number of weights of each, for one pair of channels.",
    }


def _ways(text, kernel, large, n):
    """Option -> the kernel sizes of its layers, for a proof."""
    half = tuple((length + 1) // 2 for length in large)
    sizes = {"spread": [kernel], "many": [kernel] * n, "two": [half] * 2, "large": [large]}
    return {text[name]: kernels for name, kernels in sizes.items()}


def _judged(holds, mistake, line, **fields):
    return {
        "kind": "truefalse",
        "level": "easy",
        "answer": holds,
        "slips": (Slip(not holds, (mistake,), line),),
        "options": ["true", "false"],
        **fields,
    }


def myth_cost(rng):
    """Do several small layers cost more than a large one that sees as far?"""
    (kH, kW), n, C = rng.choice(BASES[:4]), rng.choice((2, 3, 4)), rng.choice((8, 16, 32))
    H, W, holds = 1 + n * (kH - 1), 1 + n * (kW - 1), rng.random() < 0.5
    small, large = n * C * C * kH * kW, C * C * H * W
    than = f"{'fewer' if holds else 'more'} weights than the one of {H} x {W}"
    return _judged(
        holds,
        "M153",
        f"Count them: {n}*{C}*{C}*{kH}*{kW} = {small} weights in {WORDS[n]}, {C}*{C}*{H}*{W} = {large} in the one. The "
        "area of a kernel grows faster than what it sees.",
        prompt=f"True or false? {WORDS[n].capitalize()} with a kernel of {kH} x {kW} see as far as one with {H} x {W}. "
        f"With {C} channels in and out everywhere, and no bias, they have {than}.",
        objective="say what a large kernel costs",
        formula="n C C kH kW against C C (1 + n (kH - 1)) (1 + n (kW - 1))",
        because=f"{small} weights against {large}; and with a non-linearity between the layers they can do more.",
        hint="How many weights has one layer with C channels in and out? Count both ways.",
        steps=[
            f"{WORDS[n].capitalize()}: {n}*{C}*{C}*{kH}*{kW} = {small}.",
            f"One layer: {C}*{C}*{H}*{W} = {large}.",
        ],
        proof=(
            f"from torch import nn\nsmall = nn.Sequential(*(nn.Conv2d({C}, {C}, ({kH}, {kW}), bias=False) "
            f"for _ in range({n})))\nlarge = nn.Conv2d({C}, {C}, ({H}, {W}), bias=False)\n"
            "weights = [sum(p.numel() for p in layers.parameters()) for layers in (small, large)]\n"
            f"print(weights[0] {'<' if holds else '>'} weights[1])"
        ),
    )


def myth_middle(rng):
    """Do all pixels of a receptive field count alike?"""
    (kH, kW), holds = rng.sample(range(2, 9), 2), rng.random() < 0.5
    claim = f"{kH * kW} times as much as" if holds else "as much as"
    layer = f"nn.Conv2d(1, 1, kernel_size=({kH}, {kW}), bias=False)"
    return _judged(
        holds,
        "M151",
        f"There is one way from a corner of the field to the unit, and there are {kH}*{kW} = {kH * kW} ways from the "
        "middle: so many units of the first layer read it, and the unit reads all of them.",
        prompt=f"True or false? In a stack of two layers, both `{layer}` with all weights 1, the pixel in the middle of"
        f" a unit's receptive field counts {claim} the one in a corner of it.",
        objective="say which pixels of a field count most",
        formula="weight of a pixel = number of ways to the unit",
        because=f"The corner counts once, the middle {kH * kW} times. How much a pixel counts falls towards the rim.",
        hint="How many units of the first layer read the pixel in the corner? And the one in the middle?",
        steps=[
            "The corner is read by the first unit alone, so it counts once.",
            f"The middle is read by all {kH} x {kW} units that the second layer adds: {kH}*{kW} = {kH * kW} times.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\nnet = nn.Sequential({layer}, {layer})\nfor weight in "
            "net.parameters():\n    nn.init.ones_(weight)\n"
            f"picture = torch.zeros(1, 1, {2 * kH - 1}, {2 * kW - 1}, requires_grad=True)\n"
            f"net(picture).sum().backward()\ngrad = picture.grad[0, 0]\nprint(bool(grad[{kH - 1}, {kW - 1}] == "
            f"{kH * kW if holds else 1} * grad[0, 0]))"
        ),
    )


def edge_kernel(kH, kW):
    """1 in the rows above the middle one, 0 in it, -1 below: above minus below."""
    return [[1] * kW if u < kH // 2 else [-1] * kW if u > kH // 2 else [0] * kW for u in range(kH)]


def _fair_case(rng):
    kH, kW = rng.choice(((3, 4), (3, 5), (5, 3), (5, 4), (5, 6)))
    above, below = (rng.randint(1, 9) for _ in range(2))
    raw, fair = (above - below) * (kH // 2) * kW, (above - below) // 2
    wrong = [("M155", raw), ("M105", (above + below) // 2), ("M61", -fair)]
    return (kH, kW), (above, below), fair, wrong


def _fair_keeps(case):
    _, (above, below), fair, wrong = case
    return (
        (above - below) % 2 == 0 and abs(fair) > 1 and apart("number", fair, [Slip(it, (id,), "") for id, it in wrong])
    )


def fair_answer(rng):
    """What an edge kernel answers when its weights are divided by the sum of their absolute values."""
    (kH, kW), (above, below), fair, wrong = drawn(lambda: _fair_case(rng), _fair_keeps)
    weight, half = edge_kernel(kH, kW), (kH // 2) * kW
    input = [[above] * kW if u <= kH // 2 else [below] * kW for u in range(kH)]
    raw = wrong[0][1]
    lines = {
        "M155": f"{raw} is the answer before dividing: it grows with the number of weights, whatever the edge is like. "
        f"The absolute weights add up to {2 * half}.",
        "M61": "The sign is the other way round: the weights above are 1 and lie on what is above. Conv2d does not "
        "turn the kernel.",
        "M105": "You added all of it up. The weights below are negative: what lies there is taken away.",
    }
    return {
        "prompt": "The weights of this kernel are divided by the sum of their absolute values, so that it can be "
        "compared with kernels of other sizes. What does it answer on this window?",
        "kind": "number",
        "level": "medium",
        "objective": "compare kernels of different size fairly",
        "formula": "output / sum(abs(weight))",
        "answer": fair,
        "because": f"{raw} / {2 * half} = {fair}: half of the step from {below} to {above}, for a kernel of any size.",
        "hint": "First the sum of products as it stands. Then the sum of the absolute weights: the negative ones count "
        "as positive there.",
        "steps": [
            f"Above: {half} weights of 1 on {above}; below: {half} of -1 on {below}.",
            f"The sum of products: {half}*{above} - {half}*{below} = {raw}.",
            f"The absolute weights add up to {2 * half}: {raw} / {2 * half} = {fair}.",
        ],
        "proof": (
            f"import torch\nfrom torch.nn import functional as F\ninput = torch.tensor({input}).double()[None, None]\n"
            f"weight = torch.tensor({weight}).double()[None, None]\n"
            "print((F.conv2d(input, weight) / weight.abs().sum()).item())"
        ),
        "slips": gathered("number", fair, [Slip(it, (id,), lines[id]) for id, it in wrong]),
        "figure": [
            block("input", input, f"window {kH} x {kW}"),
            block("weight", weight, f"kernel {kH} x {kW}, not divided yet"),
        ],
        "otherwise": "Divide by the sum of all absolute weights, those above and those below.",
    }


def myth_strong(rng):
    """Does a larger kernel that answers more find more?"""
    small, large = rng.choice(((3, 2), (3, 4), (3, 5), (5, 4))), rng.choice(((5, 6), (5, 7), (7, 6), (7, 8), (9, 6)))
    step, holds = rng.choice((2, 4, 6, 8)), rng.random() < 0.5
    first, second = (step * (kH // 2) * kW for kH, kW in (small, large))
    claim = (
        "divided by the sum of its absolute weights, each answers the same."
        if holds
        else "so the larger kernel sees this edge more clearly."
    )
    return _judged(
        holds,
        "M155",
        f"{second} is larger than {first} because more weights are added up: {2 * (large[0] // 2) * large[1]} of them "
        f"in place of {2 * (small[0] // 2) * small[1]}. Divided by that number both give {step // 2}.",
        prompt=f"True or false? Two kernels have 1 above the middle row, 0 in it, and -1 below. On an edge, brighter "
        f"above by {step}, the one of {small[0]} x {small[1]} answers {first} and the one of {large[0]} x {large[1]} "
        f"answers {second}; {claim}",
        objective="tell a stronger answer from a larger sum",
        formula="sum(abs(weight)) grows with the kernel",
        because=f"{first} / {2 * (small[0] // 2) * small[1]} and {second} / {2 * (large[0] // 2) * large[1]} are both "
        f"{step // 2}.",
        hint="How many weights are 1 or -1 in each kernel? What is the answer divided by that number?",
        steps=[
            f"The small kernel: {first} / {2 * (small[0] // 2) * small[1]} = {step // 2}.",
            f"The large one: {second} / {2 * (large[0] // 2) * large[1]} = {step // 2}.",
        ],
        proof=(
            "import torch\nfrom torch.nn import functional as F\nanswers, fair = [], []\n"
            f"for kH, kW in {[small, large]}:\n"
            "    weight = torch.zeros(1, 1, kH, kW)\n    weight[..., : kH // 2, :] = 1\n"
            "    weight[..., kH // 2 + 1 :, :] = -1\n    edge = torch.zeros(1, 1, kH, kW)\n"
            f"    edge[..., : kH // 2 + 1, :] = {step}\n    answers.append(F.conv2d(edge, weight).item())\n"
            "    fair.append(answers[-1] / weight.abs().sum().item())\n"
            f"print(answers == [{first}, {second}] and {'fair[0] == fair[1]' if holds else 'fair[1] > fair[0]'})"
        ),
    )


QUESTIONS = {
    "order-weights": order_weights,
    "myth-cost": myth_cost,
    "myth-middle": myth_middle,
    "fair-answer": fair_answer,
    "myth-strong": myth_strong,
}
