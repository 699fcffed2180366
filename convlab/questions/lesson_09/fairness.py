"""Lesson 09, comparing: the same work, the same result to rounding, and how much work a millisecond does."""

from fractions import Fraction
from math import prod

from convlab.questions.cases import drawn, shuffled
from convlab.questions.lesson_03.drawing import judged, layer, size, ticked
from convlab.questions.lesson_09.matrix import IMPORTS, places_of
from convlab.questions.lesson_09.work import count_proof
from convlab.questions.question import Slip
from convlab.questions.varying import some_of

_FAIR = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say which times can be compared",
    "formula": "the same shape, type, threads and result; how many runs may differ, and the last bits",
    "because": "What differs between two measurements is in their difference. Only the way of computing may differ, "
    "how often it was run, and the last digits.",
    "hint": "What may differ between two ways to compute the same, and what would be another task?",
    "otherwise": "Go through each line: the same shape, the same type, as many threads, the same result?",
}


def _pair(one, other, result):
    def said(it):
        shape, dtype, threads, runs = it
        return f"{shape}, {dtype}, {threads} thread{'s' * (threads > 1)}, {runs} runs"

    return f"f: {said(one)}; g: {said(other)}; {result}"


def _measurements(rng, shape):
    """Measurement -> (can its times be compared?, the mistake behind being wrong about it, why)."""
    N, C, H, W = shape
    dtype, threads, runs = rng.choice(("float32", "float64")), rng.choice((1, 2)), rng.choice((15, 21, 31))
    usual, close, exact = (shape, dtype, threads, runs), "allclose is True", "allclose and equal are True"
    bits = "allclose is True, equal is False"
    other = "float64" if dtype == "float32" else "float32"
    same = "They did the same work on as many threads: these times can be compared."
    return {
        _pair(usual, usual, exact): (True, "M206", same),
        _pair(usual, usual, bits): (True, "M88", "Two right methods may differ in the last digits: that is the same "
        "result."),
        _pair(usual, (*usual[:3], runs + 20), close): (True, "M206", "How often each was run may differ: the median is "
        "a time for one run."),
        _pair(usual, ((N // 2, C, H, W), *usual[1:]), close): (False, "M206", "The batches differ: that is another "
        "amount of work."),
        _pair(((N, C, H, W), *usual[1:]), ((N // 2, C, H, 2 * W), *usual[1:]), close): (False, "M206", "As many "
        "numbers in another shape: the window has other places, so that is other work."),
        _pair(usual, (shape, other, *usual[2:]), close): (False, "M206", "float64 numbers are twice as large as "
        "float32 numbers: measure both in the same type."),
        _pair(usual, (shape, dtype, 4, runs), close): (False, "M206", "One was given more threads than the other."),
        _pair(usual, usual, "allclose is False"): (False, "M206", "They do not compute the same: a program that is "
        "wrong may be as fast as it likes."),
    }  # fmt: skip


def fair_pairs(rng):
    """Which pairs of measurements can be compared."""
    shape = (rng.choice((4, 6, 8, 16)), rng.choice((2, 3, 5)), *size(rng, 20, 40))
    pairs = _measurements(rng, shape)

    def mixed(options):
        return 2 <= sum(pairs[it][0] for it in options) <= len(options) - 2

    options = some_of(rng, drawn(lambda: rng.sample(list(pairs), 6), mixed), lambda it: pairs[it][0])
    answer = [it for it in options if pairs[it][0]]
    slips, per_option = ticked(options, answer, {it: pairs[it][1:] for it in options})
    return {
        **_FAIR,
        "prompt": "f and g are two ways to compute the same layer. After a warm-up they were run in turn on one "
        "machine, and their medians are compared. Each line says on what each was timed, and what `torch.allclose` and "
        "`torch.equal` said of their outputs for one and the same input. In which of them do the times say which "
        "way is faster? Tick all.",
        "answer": answer,
        "steps": [
            "Shape, type and threads have to be the same for both.",
            "The results have to be the same up to rounding: `torch.allclose`, not `torch.equal`.",
            "How many runs a median is taken of may differ.",
        ],
        "proof": (
            f"import re\nfound = []\nfor option in {options}:\n    f, g, result = option.split('; ')\n"
            "    f, g = (re.sub(r'\\d+ runs', '', it[3:]) for it in (f, g))\n"
            "    if f == g and 'allclose is False' not in result:\n        found.append(option)\n"
            "print(' | '.join(found))"
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }


_RATE = {  # what is the same for every seed
    "kind": "choice",
    "level": "hard",
    "objective": "compare the work done in a millisecond",
    "formula": "multiply-adds / milliseconds",
    "hint": "The two layers do not do the same work. How many multiply-adds does each make, and in what time?",
}
_NAMES = ("A does more in a millisecond", "B does more in a millisecond", "both do as much in a millisecond")


def _layers(rng):
    """Two layers with their sizes: ((C_in, C_out, kernel), (H, W)) each."""
    pairs = ((2, 3), (3, 2), (1, 3), (3, 1), (2, 4), (4, 2), (1, 2), (2, 1))
    return [
        ((*rng.sample((2, 3, 4, 5, 6, 8), 2), rng.choice(pairs)), rng.sample((10, 11, 12, 13, 14, 20, 22, 24), 2))
        for _ in range(2)
    ]


def _counts(it):
    (C_in, C_out, kernel), sides = it
    weights = C_in * C_out * prod(kernel)
    return weights, weights * prod(places_of(sides, kernel))


def _more(amounts, times):
    rates = [Fraction(amount, time) for amount, time in zip(amounts, times, strict=True)]
    return _NAMES[2 if rates[0] == rates[1] else rates.index(max(rates))]


def _rate_case(rng):
    """Two layers and their times: drawn so that weights per time, or multiply-adds per time, come out equal."""
    both, equal = _layers(rng), rng.random() < 0.4
    (w_a, m_a), (w_b, m_b) = map(_counts, both)
    share = Fraction(m_a, m_b) if equal else Fraction(w_a, w_b)
    unit = rng.choice((1, 2, 3))
    return both, (share.numerator * unit, share.denominator * unit)


def _answers(both, times):
    """Who is right, who compares the times alone, who divides the weights by the time."""
    (w_a, m_a), (w_b, m_b) = map(_counts, both)
    return _more((m_a, m_b), times), _more((1, 1), times), _more((w_a, w_b), times)


def _three_ways(both, times):
    """True when the three answers differ, and no map is a square."""
    squares = any(h == w for h, w in (places_of(sides, it[2]) for it, sides in both))
    return not squares and max(times) < 60 and len(set(_answers(both, times))) == 3 and both[0] != both[1]


def work_per_ms(rng):
    """Which of two layers does more multiply-adds in a millisecond."""
    both, times = drawn(lambda: _rate_case(rng), lambda case: _three_ways(*case))
    answer, by_time, by_weights = _answers(both, times)
    codes = [f"nn.Conv2d({C_in}, {C_out}, kernel_size={kernel})" for (C_in, C_out, kernel), _ in both]
    shapes = [(1, it[0], *sides) for it, sides in both]
    counts = [_counts(it)[1] for it in both]
    factors = [(*places_of(sides, kernel), C_out, C_in, *kernel) for (C_in, C_out, kernel), sides in both]
    sums = [" * ".join(map(str, it)) for it in factors]
    rates = [Fraction(count, time) for count, time in zip(counts, times, strict=True)]
    told = ["as much" if rates[0] == rates[1] else "more" if it == max(rates) else "less" for it in rates]
    slips = (
        Slip(by_time, ("M206",), "You compared the times alone. The layers do not do the same work: divide the work by "
             "the time."),
        Slip(by_weights, ("M201",), "You divided the weights by the time. Each weight is used at every place: count "
             "the multiply-adds."),
    )  # fmt: skip
    return {
        **_RATE,
        "prompt": f"With loops in Python, on one machine, `{codes[0]}` (A) took {times[0]} ms for an input of shape "
        f"{shapes[0]}, and `{codes[1]}` (B) took {times[1]} ms for one of shape {shapes[1]}. Which does more "
        "multiply-adds in a millisecond?",
        "answer": answer,
        "because": f"A makes {counts[0]} multiply-adds in {times[0]} ms, B {counts[1]} in {times[1]} ms.",
        "steps": [
            f"A makes {sums[0]} = {counts[0]} multiply-adds.",
            f"B makes {sums[1]} = {counts[1]}.",
            f"In a millisecond A makes about {round(rates[0])}, B about {round(rates[1])}.",
            f"So A does {told[0]} in a millisecond. Which time is shorter does not matter, as the work differs.",
        ],
        "proof": count_proof(
            codes[0], shapes[0],
            f"other = macs({codes[1]}, {shapes[1]})\na, b = count * {times[1]}, other * {times[0]}\n"
            f"print({_NAMES}[2 if a == b else int(a < b)])"
        ),
        "slips": slips,
        "options": shuffled(rng, list(_NAMES)),
    }  # fmt: skip


_KINDS = {  # how the numbers are made -> are all sums of products exact?
    "torch.randint(-9, 10, shape).double()": True,
    "torch.randint(-9, 10, shape).float()": True,
    "torch.randint(-99, 100, shape).double()": True,
    "torch.randn(shape)": False,
    "torch.randn(shape, dtype=torch.float64)": False,
    "torch.rand(shape)": False,
    "torch.rand(shape, dtype=torch.float64)": False,
}


def myth_bits(rng):
    """Whether two right methods give the same bits for such numbers."""
    exact, same = rng.random() < 0.5, rng.random() < 0.5
    kind = rng.choice([it for it, ok in _KINDS.items() if ok == exact])
    (C_in, C_out, (kH, kW)), N = layer(rng), rng.randint(2, 4)
    H, W = size(rng, 10, 16, kernel=(kH, kW))
    line = (
        "Sums of so small whole numbers are exact in this type, so the order in which they are added does not matter."
        if exact
        else "Every sum is rounded, and two methods add in different orders: the last digits may differ."
    )
    claim = "has to be True" if same else "may be False"
    return judged(
        exact == same,
        f"`x` has the shape {(N, C_in, H, W)}, `weight` has the shape {(C_out, C_in, kH, kW)}, and the numbers of both "
        f"come from `{kind}`. Two right methods compute the convolution, adding the products in different orders, and "
        f"`torch.equal` of their outputs {claim}.",
        "M88",
        line,
        objective="say when two methods agree to the last bit",
        formula="whole numbers that the type holds exactly: equal; else: allclose",
        because=line,
        hint="Is any sum of such products rounded in this type? If not, what could differ?",
        steps=[
            f"An output adds up {C_in} * {kH} * {kW} = {C_in * kH * kW} products, in one order or another.",
            "Whole numbers of this size are held exactly, and so are their sums." if exact else
            "Products and sums of such numbers do not fit the type's digits: each addition rounds.",
        ],
        proof=(
            f"{IMPORTS}shape = {(N, C_in, H, W)}\nx = {kind}\nshape = {(C_out, C_in, kH, kW)}\nweight = {kind}\n"
            f"rows, columns = weight.reshape({C_out}, -1), F.unfold(x, {kH, kW})\nresults = []\n"
            "for order in (range(rows.shape[1]), range(rows.shape[1])[::-1]):\n"
            "    results.append(sum(rows[:, k, None] * columns[:, k, None] for k in order))\n"
            f"print(torch.equal(*results) == {same})"
        ),
    )  # fmt: skip


_CHECK = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "compare two outputs",
    "formula": "a tolerance above the rounding and below what a mistake changes",
    "because": "A comparison has to let rounding pass and nothing else: every number is looked at, with a tolerance "
    "between the two.",
    "hint": "Ask each line twice: what does it say when a differs by rounding, and what when one number is wrong?",
    "otherwise": "Neither equal bits nor a tolerance larger than the mistake, and no mean in which one number is lost.",
}


def _checks(off, big):
    """Check -> (does it do both?, why)."""
    strict = "Two right methods round differently: this says False of a right output as well."
    loose = "That lets a wrong number pass: the tolerance is larger than what is wrong."
    lost = "In a mean over all numbers one wrong number is lost."
    good = "That is above the rounding and below what is wrong, for every number."
    return {
        "torch.equal(a, b)": (False, strict),
        "bool((a == b).all())": (False, strict),
        "torch.allclose(a, b, rtol=0, atol=1e-9)": (False, strict),
        "torch.allclose(a, b, rtol=0, atol=1e-3)": (True, good),
        "bool((a - b).abs().max() < 1e-3)": (True, good),
        "bool((a - b).abs().max() < 1e-2)": (True, good),
        f"torch.allclose(a, b, rtol=0, atol={big})": (False, loose),
        f"bool((a - b).abs().max() < {big})": (False, loose),
        "bool((a - b).abs().mean() < 1e-2)": (False, lost),
        "a.shape == b.shape": (False, "A wrong output has this shape as well."),
    }


def which_check(rng):
    """Which comparisons let rounding pass and find a wrong number."""
    off, big = rng.choice((0.2, 0.3, 0.5)), rng.choice((1, 2, 5))
    checks, (h, w), C = _checks(off, big), size(rng, 20, 40), rng.choice((3, 4, 6))

    def mixed(options):
        return 1 <= sum(checks[it][0] for it in options) <= len(options) - 3

    options = some_of(rng, drawn(lambda: rng.sample(list(checks), 6), mixed), lambda it: checks[it][0])
    answer = [it for it in options if checks[it][0]]
    slips, per_option = ticked(options, answer, {it: ("M88", checks[it][1]) for it in options})
    return {
        **_CHECK,
        "prompt": f"`b` is the output of `F.conv2d`, in float32 and of shape {(2, C, h, w)}. `a` comes from im2col: a "
        f"right one differs from `b` by up to 6e-5, a wrong one by {off} in one number. Which of these are True for "
        "the right `a` and False for the wrong one? Tick all.",
        "answer": answer,
        "steps": [
            "Rounding, up to 6e-5, has to pass: equal bits and 1e-9 are too strict.",
            f"{off} in one number has to be found: a tolerance of {big}, a mean and a shape do not find it.",
            f"Between the two are: {'; '.join(f'`{it}`' for it in answer)}.",
        ],
        "proof": (
            f"import torch\nb = 9 * torch.randn{(2, C, h, w)}\nright = b + (2 * torch.rand(b.shape) - 1) * 5e-5\n"
            f"wrong = right.clone()\nwrong[1, 2, {h - 3}, 4] += {off}\nfound = []\nfor option in {options}:\n"
            "    results = []\n    for a in (right, wrong):\n        results.append(eval(option))\n"
            "    if results == [True, False]:\n        found.append(option)\nprint('; '.join(found))"
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
    }


QUESTIONS = {
    "fair-pairs": fair_pairs,
    "work-per-ms": work_per_ms,
    "myth-bits": myth_bits,
    "which-check": which_check,
}
