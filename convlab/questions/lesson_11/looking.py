"""Lesson 11, where to look: halving a stack, and the test whose results differ under two suspicions."""

from convlab.mistakes.clinic import halving, looks
from convlab.questions.cases import apart, drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import chosen, size
from convlab.questions.lesson_11.drawing import conv_text, two_kernels
from convlab.questions.question import Slip

_LOOKS = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "halve the place of a fault",
    "formula": "looks = log2(n), rounded up",
    "hint": "One look in the middle: how many layers are left? And after the next one?",
    "otherwise": "Each look leaves half of the layers. Halve until one is left, and round up.",
}


def _looks_slips(n):
    return [
        Slip(n - 1, ("M224",), f"So it is one after the other. A look in the middle leaves {n - n // 2} of {n} layers "
             "at most."),
        Slip(n // 2, ("M224",), f"One look in the middle leaves {n - n // 2} layers at most. Go on halving these, and "
             "not one after the other."),
        Slip(n, ("M224",), f"{n} looks would be one for each layer. A look in the middle leaves {n - n // 2} at "
             "most."),
    ]  # fmt: skip


def looks_needed(rng):
    """How many looks find the wrong layer of a stack, at most."""
    n = drawn(lambda: rng.randint(9, 150), lambda n: apart("number", looks(n), _looks_slips(n)))
    answer, left = looks(n), [n]
    while left[-1] > 1:
        left.append(left[-1] - left[-1] // 2)
    return {
        **_LOOKS,
        "prompt": f"In a stack of {n} layers one layer is wrong. A look at what comes out of a layer shows whether the "
        "fault is in the layers up to there or behind them. You look in the middle of what is left, each time. How "
        "many looks find the layer, at most?",
        "answer": answer,
        "because": f"Halved {answer} times, of {n} layers one is left.",
        "steps": [
            f"Layers left, at most, after each look: {', '.join(map(str, left[1:]))}.",
            f"That took {answer} looks: {2 ** (answer - 1)} < {n}, and {2**answer} is enough.",
        ],
        "proof": f"from math import ceil, log2\nprint(ceil(log2({n})))",
        "slips": gathered("number", answer, _looks_slips(n)),
    }


_ORDER = {  # what is the same for every seed
    "kind": "order",
    "level": "hard",
    "objective": "put the looks of a diagnosis in order",
    "formula": "always the middle of what is left: (first + last) // 2",
    "hint": "Which layer is in the middle of all? After this look, which layers are left, and which is their middle?",
    "otherwise": "Note after each look the first and the last layer that are left; the next look is at their middle, "
    "rounded down.",
}


def _after(layer):
    return f"what comes out of layer {layer}"


def order_of_looks(rng):
    """After which layers one looks, in which order, for a fault in a given one."""

    def draw():
        layers = rng.choice((16, 24, 32))
        fault = rng.randint(2, layers - 1)
        seen = halving(layers, fault)
        return layers, fault, seen, shuffled(rng, seen)

    def fair(case):
        *_, seen, offered = case
        in_order = sorted(seen), sorted(seen)[::-1]
        return len(seen) >= 4 and seen not in (*in_order, offered) and offered not in in_order

    layers, fault, seen, offered = drawn(draw, fair)
    answer, steps, low, high = [_after(it) for it in seen], [], 1, layers
    for at in seen:
        before = f"Layers {low} to {high} are left, the middle is ({low} + {high}) // 2 = {at}: "
        low, high = (low, at) if fault <= at else (at + 1, high)
        steps.append(before + ("wrong already." if high == at else "still right."))
    slips = [
        Slip([_after(it) for it in sorted(seen)], ("M224",), "So you go through the stack from the front. Begin in the "
             f"middle, at layer {seen[0]}: what you see there rules out half of the layers."),
        Slip([_after(it) for it in sorted(seen)[::-1]], ("M224",), "So you go through the stack from its end. Begin in "
             f"the middle, at layer {seen[0]}: what you see there rules out half of the layers."),
    ]  # fmt: skip
    return {
        **_ORDER,
        "prompt": f"A stack has the layers 1 to {layers}, and one of them is wrong: layer {fault}, but you do not know "
        "that. You look in the middle of what is left (rounded down), see whether it is still right there, and go on "
        "in the half that holds the fault. In which order do you look at these?",
        "answer": answer,
        "because": f"{len(seen)} looks for {layers} layers; each of them leaves one half.",
        "steps": steps,
        "proof": (
            f"low, high, seen = 1, {layers}, []\nwhile low < high:\n    at = (low + high) // 2\n    seen.append(at)\n"
            f"    low, high = (low, at) if {fault} <= at else (at + 1, high)\n"
            "print([f'what comes out of layer {at}' for at in seen])"
        ),
        "slips": gathered("order", answer, slips),
        "options": [_after(it) for it in offered],
    }


_TELLS = {  # what is the same for every seed
    "kind": "choice",
    "level": "hard",
    "objective": "choose the test that tells two causes apart",
    "formula": "a test tells A from B if its results under A and under B differ",
    "hint": "For each test: what does it give if A is so, and what if B is so?",
}


def _scrambled_or_scaled(rng):
    (H, W), name = size(rng, 12, 30), rng.choice(("photo", "picture"))
    return {
        "wrong": f"`{name}`, bytes of shape ({H}, {W}, 3), became `x`, and what a trained net says to it makes no "
        "sense",
        "before": f"{name} = torch.randint(256, ({H}, {W}, 3)).byte()",
        "A": f"x = {name}.reshape(3, {H}, {W}).float() / 255",
        "B": f"x = {name}.permute(2, 0, 1).float()",
        "tests": [
            ("bool(x.max() > 1)", False, True),
            (f"tuple(x.shape) == (3, {H}, {W})", True, True),
            (f"torch.equal(x, {name}.permute(2, 0, 1) / 255)", False, False),
        ],
    }


def _listed_or_frozen(rng):
    (kernel, _), (a, b), (H, W) = two_kernels(rng), rng.sample((6, 8, 12, 16), 2), size(rng, 9, 18)
    make = f"convs = [{conv_text(3, a, kernel)}, nn.ReLU(), nn.Conv2d({a}, {b}, 1)]"
    return {
        "wrong": "`convs` learn nothing",
        "before": f"net, x = nn.Module(), torch.rand(4, 3, {H}, {W})\n{make}",
        "A": "net.convs = convs",
        "B": "net.convs = nn.Sequential(*convs).requires_grad_(False)",
        "tests": [
            ("len(list(net.parameters())) == 4", False, True),
            (f"nn.Sequential(*net.convs)(x).shape[1] == {b}", True, True),
            ("any(it.requires_grad for it in net.parameters())", False, False),
        ],
    }


def _rows_or_softmax(rng):
    N, C, classes, (h, w) = rng.choice((3, 5, 6)), rng.choice((4, 8)), rng.choice((7, 10)), rng.sample((3, 4, 5), 2)
    whole = C * h * w
    return {
        "wrong": f"of {N} pictures each gets something else in the batch than it gets alone",
        "before": f"x = torch.randn({N}, {C}, {h}, {w})\nfc = nn.Linear({whole}, {classes})\n"
        f"half = nn.Linear({whole // 2}, {classes})",
        "A": f"net = lambda x: half(x.view(-1, {whole // 2})).softmax(1)",
        "B": "net = lambda x: fc(x.flatten(1)).softmax(0)",
        "tests": [
            (f"len(net(x)) == {N}", False, True),
            (f"net(x).shape[1] == {classes}", True, True),
            ("torch.allclose(net(x)[-1:], net(x[-1:]))", False, False),
        ],
    }


def _turned_or_negative(rng):
    (kernel, _), (H, W) = two_kernels(rng), size(rng, 10, 20)
    return {
        "wrong": "`conv` gives other numbers than `wanted`, a layer that is known to be right",
        "before": f"wanted, conv = (nn.Conv2d(1, 1, {kernel}, bias=False) for _ in range(2))\n"
        f"good, x = torch.rand({kernel}), torch.rand(1, 1, {H}, {W})\n"
        "wanted.weight = nn.Parameter(good[None, None])",
        "A": "conv.weight = nn.Parameter(good.flip(0, 1)[None, None])",
        "B": "conv.weight = nn.Parameter(-good[None, None])",
        "tests": [
            ("torch.allclose(conv(x * 0 + 1), wanted(x * 0 + 1))", True, False),
            ("conv(x).shape == wanted(x).shape", True, True),
            ("torch.allclose(conv(x), wanted(x))", False, False),
        ],
    }


_SUSPICIONS = (_scrambled_or_scaled, _listed_or_frozen, _rows_or_softmax, _turned_or_negative)


def which_test(rng):
    """Which of three tests gives different results under two suspicions."""
    case = rng.choice(_SUSPICIONS)(rng)
    (answer, a, b), (passing, _, _), (failing, bad, _) = case["tests"]
    wrong = {
        passing: ("M221", "True under both: shapes fit, as they would if all were right. What fits rules nothing out "
            "here."),
        failing: ("M228", f"{bad} under both: that something is wrong was known. It fits A, and it fits B as well."),
    }  # fmt: skip
    code = f"{case['before']}\n# A\n{case['A']}\n# B\n{case['B']}"
    return {
        **_TELLS,
        "prompt": f"There is no message, but {case['wrong']}. Two lines are suspected, A or B. Which test tells which "
        "of them it is?",
        "answer": answer,
        "because": f"It gives {a} if A is so, and {b} if B is so.",
        "steps": [
            f"`{answer}`: {a} under A, {b} under B.",
            f"`{passing}`: True under A and under B.",
            f"`{failing}`: {bad} under A and under B.",
            "Only the one whose results differ tells them apart.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nbefore = {case['before']!r}\nfor test in {[answer, *wrong]}:\n"
            f"    results = []\n    for line in {[case['A'], case['B']]}:\n        exec(before)\n        exec(line)\n"
            "        results.append(eval(test))\n    if results[0] != results[1]:\n        print(test)"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
        "figure": [{"code": code}],
    }


QUESTIONS = {"looks-needed": looks_needed, "order-of-looks": order_of_looks, "which-test": which_test}
