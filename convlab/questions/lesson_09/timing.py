"""Lesson 09, measuring: what a list of times says and what it does not, and what the clock sees of a GPU."""

from statistics import mean, median

from convlab.questions.cases import apart, drawn, gathered, shuffled
from convlab.questions.lesson_03.drawing import judged
from convlab.questions.lesson_08.shares import tidy
from convlab.questions.question import Slip

_MEDIAN = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "take the median after a warm-up",
    "formula": "median of the runs after the warm-up",
    "hint": "Which run is left out? Sort the others: which one stands in the middle?",
    "asks": "microseconds",
    "otherwise": "Leave the first run out, sort the rest, take the middle one.",
}


def _median_slips(runs):
    warm = runs[1:]
    return median(warm), [
        Slip(tidy(mean(runs)), ("M204",), "That is the mean of all runs: the first, which paid for what is done once, "
             "pulls it up."),
        Slip(tidy(mean(warm)), ("M204",), f"That is the mean. One run of {max(warm)} was disturbed and pulls it up; "
             "the median does not mind."),
        Slip(tidy(median(runs)), ("M204",), "The first run is in it. It is the warm-up: leave it out."),
    ]  # fmt: skip


def median_time(rng):
    """The median of printed runs, the first of which is the warm-up."""

    def draw():
        base, count = rng.randint(30, 90), rng.choice((5, 7))
        warm = [base + it for it in rng.sample(range(0, 14), count - 1)] + [base * rng.randint(3, 5)]
        return [base * rng.randint(8, 30), *shuffled(rng, warm)]

    runs = drawn(draw, lambda runs: apart("number", *_median_slips(runs)) and len(set(runs)) == len(runs))
    (answer, slips), warm = _median_slips(runs), sorted(runs[1:])
    return {
        **_MEDIAN,
        "prompt": f"A convolution was run {len(runs)} times, in microseconds and in this order: "
        f"{', '.join(map(str, runs))}. The first run was the warm-up. How long does the convolution take, as the "
        "median?",
        "answer": answer,
        "because": f"Half of the runs after the warm-up took longer than {answer}, half less. One that was disturbed "
        "does not move it.",
        "steps": [
            f"Without the first, in order of size: {', '.join(map(str, warm))}.",
            f"Of these {len(warm)} the middle one is {answer}.",
        ],
        "proof": f"from statistics import median\nruns = {runs}\nprint(median(runs[1:]))",
        "slips": gathered("number", answer, slips),
    }


_FASTER = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "read the times of two programs",
    "formula": "faster: where the middle halves of the runs after the warm-up do not overlap; else they do not say",
    "hint": "Leave the first run of each out, sort the others: do the middle halves overlap?",
}
_UNSAID = "these runs do not say"


def _mixed_runs(rng):
    """Two lists of runs that mix; the one with the smaller median has the longer first run."""
    base, gap = rng.randint(30, 80), rng.randint(2, 4)
    low = [base + 2 * gap * at for at in range(5)]
    high = [it + rng.randint(1, gap) for it in low]
    return [base * rng.randint(12, 20), *shuffled(rng, low)], [base * rng.randint(2, 4), *shuffled(rng, high)]


def _clear_runs(rng):
    """Two lists of runs that lie apart; the faster one has the longer first run."""
    base, width = rng.randint(30, 80), rng.randint(3, 8)
    low = rng.sample(range(base, base + width + 2), 5)
    high = rng.sample(range(base + 2 * width + 4, base + 3 * width + 8), 5)
    return [base * rng.randint(12, 20), *low], [base * rng.randint(2, 4), *high]


def which_faster(rng):
    """Which of two programs was faster, or whether the runs do not say."""
    clear = rng.random() < 0.6
    names = shuffled(rng, ["f is faster", "g is faster"])
    runs = drawn(lambda: (_clear_runs if clear else _mixed_runs)(rng), lambda it: mean(it[0]) > mean(it[1]))
    small, large = (runs[at] for at in (0, 1))
    answer = names[0] if clear else _UNSAID
    first = Slip(names[1], ("M204",), "With the first runs in it the mean says so. They paid for what is done once: "
                 "leave them out.")  # fmt: skip
    if clear:
        second = Slip(_UNSAID, ("M205",), f"After the warm-up every run of the one, {max(small[1:])} at most, is "
                      f"shorter than every run of the other, {min(large[1:])} at least: they lie apart.")  # fmt: skip
    else:
        second = Slip(names[0], ("M205",), f"Its median is smaller, {median(small[1:])} and {median(large[1:])}, but "
                      "the middle halves overlap: another round may turn that about.")  # fmt: skip
    by_name = dict(zip(names, runs, strict=True))
    one, other = by_name["f is faster"], by_name["g is faster"]
    code = "\n".join(f"{name}:  {'  '.join(map(str, it))}" for name, it in (("f", one), ("g", other)))
    spans = [f"{min(it[1:])} to {max(it[1:])}" for it in (one, other)]
    return {
        **_FASTER,
        "prompt": "f and g do the same work with the same result. They were run in turn, in microseconds and in this "
        "order; the first run of each was the warm-up. What do these runs say, by the middle halves?",
        "answer": answer,
        "because": f"After the warm-up f took {spans[0]} microseconds, g {spans[1]}: "
        + ("these lie apart." if clear else "the middle halves of these overlap."),
        "steps": [
            "The first run of each is the warm-up and does not count.",
            f"The others: f {spans[0]}, g {spans[1]}; the medians are {median(one[1:])} and {median(other[1:])}.",
            "All of them lie apart, so the middle halves do." if clear else
            "The middle halves overlap: the smaller median may be chance. Take more runs.",
        ],
        "proof": (
            f"f, g = sorted({one[1:]}), sorted({other[1:]})\nif f[3] < g[1]:  # the middle halves\n"
            f"    print('f is faster')\nelif g[3] < f[1]:\n    print('g is faster')\nelse:\n    print('{_UNSAID}')"
        ),
        "slips": (first, second),
        "options": shuffled(rng, [*names, _UNSAID]),
        "figure": [{"code": code}],
    }  # fmt: skip


def myth_spread(rng):
    """Whether a table of medians and spreads shows which program is faster."""
    apart_, claims = rng.random() < 0.5, rng.random() < 0.5
    names = rng.sample(("loops", "im2col", "conv2d", "tiled", "fft"), 2)
    base, wide = rng.randint(40, 200), rng.randint(6, 16)
    low = base + rng.randint(2, wide - 2)
    other = base + (wide + rng.randint(3, 9) if apart_ else rng.randint(1, 3))
    high = other + low - base + rng.randint(1, 2)
    table = [(low, base, base + wide), (high, other, other + wide + rng.randint(1, 4))]
    width = max(map(len, names))
    code = "\n".join(
        [f"{'':{width}}  median  the middle half"]
        + [f"{name:{width}}  {it[0]:<6}  {it[1]} to {it[2]}" for name, it in zip(names, table, strict=True)]
    )
    line = (
        "The middle halves lie apart: the difference is larger than what the runs of one program differ by."
        if apart_
        else "The middle halves overlap: the smaller median may be chance."
    )
    shows = "shows" if claims else "does not show"
    return judged(
        apart_ == claims,
        f"this table of microseconds, for the same work done in turn, {shows} that {names[0]} is faster than "
        f"{names[1]}.",
        "M205",
        line,
        objective="read a table of times",
        formula="shown to be faster: the middle halves of the runs do not overlap",
        because=line,
        hint="Between which two numbers lie the runs of each? Do these stretches overlap?",
        steps=[
            f"{names[0]}: from {table[0][1]} to {table[0][2]}. {names[1]}: from {table[1][1]} to {table[1][2]}.",
            f"{table[0][2]} is {'less' if apart_ else 'more'} than {table[1][1]}: they "
            f"{'lie apart' if apart_ else 'overlap'}.",
        ],
        proof=f"first, second = {table[0][1:]}, {table[1][1:]}\nprint((first[1] < second[0]) == {claims})",
        figure=[{"code": code}],
    )


_CLOCK = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "say what the clock sees of a GPU",
    "formula": "without synchronize(): the calls alone; with it: until the GPU is done",
    "hint": "When does a call come back: when it has handed its work over, or when the work is done? Does anything "
    "wait for the GPU?",
    "asks": "microseconds",
    "otherwise": "Draw two lines, one for Python and one for the GPU, and mark where the clock is looked at.",
}


def _clock_slips(waits, calls, launch, work, line):
    handed = calls * launch
    slips = [Slip(handed if waits else launch + calls * work, ("M207",), line)]
    if not waits:
        return [*slips, *(Slip(waited, ("M207",), line) for waited in (calls * work, handed + calls * work))]
    forgotten = f"The GPU works {calls} * {work} = {calls * work} microseconds, and begins {launch} after the clock "
    together = f"You added all calls and all work. They go on side by side: only the first {launch} microseconds come "
    return [
        *slips,
        Slip(calls * work, (), forgotten + "has started, when the first call has come back."),
        Slip(handed + calls * work, (), together + "before the work."),
    ]


def gpu_clock(rng):
    """What the clock shows for calls that a GPU works on, with and without waiting."""
    waits, calls = rng.random() < 0.5, rng.choice((1, 2, 3, 4, 5, 8, 10))
    launch, work = rng.choice((10, 20, 30, 50)), rng.choice((200, 300, 400, 500, 600, 800))
    handed, done = calls * launch, launch + calls * work
    loop = "output = conv(x)" if calls == 1 else f"for _ in range({calls}):\n    output = conv(x)"
    wait = "torch.cuda.synchronize()\n" if waits else ""
    code = (
        f"torch.cuda.synchronize()\nstart = time.perf_counter()\n{loop}\n{wait}us = 1e6 * (time.perf_counter() - start)"
    )
    answer = done if waits else handed
    line = (
        "The last `synchronize()` waits until the GPU has done everything."
        if waits
        else "Nothing waits for the GPU: the clock is looked at when the calls have come back."
    )
    slips = _clock_slips(waits, calls, launch, work, line)
    return {
        **_CLOCK,
        "prompt": f"`conv` and `x` are on a GPU, and all is warm. A call hands its work over and comes back after "
        f"{launch} microseconds. When the first call has come back the GPU begins, and then works without a pause, "
        f"{work} microseconds for each call. What is `us`, in microseconds?",
        "answer": answer,
        "because": f"{line} That is {launch} + {calls * work} = {done} microseconds."
        if waits
        else f"{line} That is {calls} * {launch} = {handed} microseconds.",
        "steps": [
            f"Python: {calls} * {launch} = {handed} microseconds until the last call has come back.",
            f"The GPU: it begins after {launch} and takes {calls} * {work} = {calls * work}. "
            + (
                f"Python waits for it: {launch} + {calls * work} = {done}." if waits else "Python does not wait for it."
            ),
        ],
        "proof": _clock_proof(code, launch, work),
        "slips": gathered("number", answer, slips),
        "figure": [{"code": code}],
    }


def _clock_proof(code, launch, work):
    """The lines run on a machine that is played."""
    return (
        "class Machine:\n    now = busy = 0\n"
        f"    def conv(self, x):\n        self.now += {launch}\n"
        f"        self.busy = max(self.busy, self.now) + {work}\n"
        "    def synchronize(self):\n        self.now = max(self.now, self.busy)\n"
        "    def perf_counter(self):\n        return self.now / 1e6\n\n"
        "time = machine = Machine()\nconv, x = machine.conv, None\n"
        + code.replace("torch.cuda.", "machine.")
        + "\nprint(round(us, 6))"
    )


_ORDER = {  # what is the same for every seed
    "kind": "order",
    "level": "easy",
    "objective": "time a call on a GPU",
    "formula": "warm up and wait; start; call; wait; stop",
    "because": "The warm-up is over before the clock starts, and the GPU is done before the clock is looked at again.",
    "hint": "What does the first run pay for? When does the line with the call come back, and when is the work done?",
    "otherwise": "Between the two looks at the clock there should be one call, warm, and the wait for it.",
}


def clock_order(rng):
    """The lines that time one call on a GPU."""
    name, given = rng.choice((("conv", "x"), ("layer", "x"), ("conv", "pictures"), ("net", "pictures")))
    clock, out = rng.choice(("start", "began", "t0")), rng.choice(("output", "y"))
    warm, call = f"for _ in range(3): {name}({given})", f"{out} = {name}({given})"
    start, wait = f"torch.cuda.synchronize(); {clock} = time.perf_counter()", "torch.cuda.synchronize()"
    stop = f"ms = 1000 * (time.perf_counter() - {clock})"
    answer = [warm, start, call, wait, stop]
    slips = [
        Slip([warm, start, call, stop, wait], ("M207",), "Then the clock is looked at when the call has handed its "
             "work over. Wait for the GPU first."),
        Slip([warm, call, start, wait, stop], ("M207",), "Then the clock starts when the GPU is done with the call, "
             "and nothing is left to be timed."),
        Slip([start, call, wait, stop, warm], ("M204",), "Then the first run of all is timed, with what is done once. "
             "Warm up before."),
        Slip([start, warm, call, wait, stop], ("M204",), "Then the warm-up is timed as well. It should be over when "
             "the clock starts."),
    ]  # fmt: skip
    taken = [answer, *(it.answer for it in slips)]
    options = drawn(lambda: shuffled(rng, answer), lambda order: order not in taken)
    return {
        **_ORDER,
        "prompt": f"`{name}` and `{given}` are on a GPU, and `{name}` has not run yet. Put the lines in order, so that "
        f"`ms` is the time of one warm run of `{name}({given})`.",
        "answer": answer,
        "steps": [
            "The first runs come before the clock starts, and are waited for.",
            "Then the clock starts, the call hands its work over, Python waits for the GPU, and the clock stops.",
        ],
        "proof": _order_proof(options, name, given),
        "slips": tuple(slips),
        "options": options,
    }


def _order_proof(options, name, given):
    """A machine that is played: calls come back at once, the first run takes longer, and the right order finds 7 ms."""
    return (
        "from itertools import permutations\nfrom types import SimpleNamespace\n\n"
        "class Machine:\n    def __init__(self):\n        self.now, self.busy, self.runs = 0, 0, 0\n"
        "    def call(self, _):\n        self.runs += 1\n"
        "        self.busy = max(self.busy, self.now) + (90 if self.runs == 1 else 7)\n"
        "    def wait(self):\n        self.now = max(self.now, self.busy)\n"
        "    def clock(self):\n        return self.now / 1000\n\n"
        f"for order in permutations({options}):\n    machine = Machine()\n"
        "    torch = SimpleNamespace(cuda=SimpleNamespace(synchronize=machine.wait))\n"
        "    time = SimpleNamespace(perf_counter=machine.clock)\n"
        f"    names = dict(torch=torch, time=time, {name}=machine.call, {given}=None)\n"
        "    try:\n        for line in order:\n            exec(line, names)\n    except NameError:\n        continue\n"
        "    if round(names['ms'], 6) == 7:\n"
        "        print('; '.join(order))"
    )


QUESTIONS = {
    "median-time": median_time,
    "which-faster": which_faster,
    "myth-spread": myth_spread,
    "gpu-clock": gpu_clock,
    "clock-order": clock_order,
}
