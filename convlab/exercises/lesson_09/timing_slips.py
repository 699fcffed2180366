"""The slips of 09.fair_time, and the errors that Python prints on the way.

Every program takes (functions, runs), and reads the made-up clock that the functions move on.
"""

from statistics import mean, median

from ..task import Slip


def by(finish=median, clock="perf_counter", warm=lambda names: names, unit=1.0, runs=lambda runs: runs):
    """A program that is right but for one thing.

    Args:
        finish: of the seconds of a function.
        clock: which clock is read.
        warm: the names of all functions -> of those that are called once before.
        unit: how many of what is returned are a second.
        runs: of the runs that are asked for: how many are made.
    """

    def program(functions, runs):
        read = begun(functions, clock)
        seconds = {name: [] for name in functions}
        for name in warm(list(functions)):
            functions[name]()
        for _ in range(count(runs)):
            for name, function in functions.items():
                start = read()
                function()
                seconds[name].append(read() - start)
        return {name: finish(all_of_one) * unit for name, all_of_one in seconds.items()}

    count = runs
    return program


def begun(functions, clock="perf_counter"):
    """The clock that the functions move on, set back."""
    here = next(iter(functions.values())).clock
    here.reset()
    return getattr(here, clock)


def one_after_the_other(functions, runs, finish=median):
    """All runs of one function, then all of the next."""
    read, found = begun(functions), {}
    for name, function in functions.items():
        function()
        seconds = []
        for _ in range(runs):
            start = read()
            function()
            seconds.append(read() - start)
        found[name] = finish(seconds)
    return found


def around_all_runs(functions, runs, finish=lambda total, runs: total / runs):
    """One look at the clock before all runs of a function, one after them."""
    read, found = begun(functions), {}
    for name, function in functions.items():
        function()
        start = read()
        for _ in range(runs):
            function()
        found[name] = finish(read() - start, runs)
    return found


def one_start(every_round):
    """A program that looks at the clock too seldom: a function's time holds that of those before it."""

    def program(functions, runs):
        read = begun(functions)
        seconds = {name: [] for name in functions}
        for function in functions.values():
            function()
        start = read()
        for _ in range(runs):
            start = read() if every_round else start
            for name, function in functions.items():
                function()
                seconds[name].append(read() - start)
        return {name: median(all_of_one) for name, all_of_one in seconds.items()}

    return program


def never_called(functions, runs):
    """The functions are named and not called: nothing lies between two looks at the clock."""
    begun(functions)
    return dict.fromkeys(functions, 0.0)


def one_too_many(functions, runs):
    """No warm-up, and one run more, the first of which counts."""
    return by(warm=lambda names: [], runs=lambda runs: runs + 1)(functions, runs)


SLIPS = (
    Slip(
        ("M206",),
        "one after the other",
        one_after_the_other,
        "You make all runs of one function, then all of the next. What slows the machine down meanwhile, heat or "
        "another program, then falls on one of them alone: take them in turn, every function once in each round.",
        (lambda functions, runs: one_after_the_other(functions, runs, mean),),
    ),
    Slip(
        (),
        "one clock around all runs",
        around_all_runs,
        "You look at the clock before all runs and after them, and so get their total or their mean. Look right before "
        "and right after every single call: only then is there a median.",
        (lambda functions, runs: around_all_runs(functions, runs, lambda total, runs: total),),
    ),
    Slip(
        ("M204",),
        "the mean",
        by(finish=mean),
        "You take the mean. One run that something else disturbed pulls it up; the median, the middle one of the "
        "sorted times, does not mind.",
    ),
    Slip(
        ("M204",),
        "no warm-up",
        by(warm=lambda names: []),
        "The first call of a function counts in your times. It pays for memory, caches and set-up: call each function "
        "once before, untimed.",
        (one_too_many, by(warm=lambda names: [], finish=mean)),
    ),
    Slip(
        (),
        "one function warmed up",
        by(warm=lambda names: names[:1]),
        "Only one function was called before it was timed. Each has a first call of its own: warm them all up.",
        (by(warm=lambda names: names[-1:]),),
    ),
    Slip(
        (),
        "the fastest run",
        by(finish=min),
        "You take the shortest time. It is what the machine can do on its best day; asked is the median.",
    ),
    Slip(
        (),
        "the last run",
        by(finish=lambda seconds: seconds[-1]),
        "Only one run counts in your result: the one before is overwritten. Keep all times in a list, seconds[name], "
        "and take the median.",
        (by(finish=lambda seconds: seconds[0]),),
    ),
    Slip(
        (),
        "the middle of the unsorted",
        by(finish=lambda seconds: seconds[len(seconds) // 2]),
        "You take the time in the middle of the list as it was measured. The median is the middle of the sorted list: "
        "sorted(seconds)[len(seconds) // 2].",
    ),
    Slip(
        (),
        "the total",
        by(finish=sum),
        "Your times are those of all runs together. Asked is the median of one call.",
    ),
    Slip(
        (),
        "in milliseconds",
        by(unit=1e3),
        "You multiplied by 1000: these are milliseconds. Asked are seconds, which perf_counter gives as it is.",
    ),
    Slip(
        (),
        "not in seconds",
        by(unit=1e6),
        "Your times are not in seconds: perf_counter gives seconds as it is, perf_counter_ns billionths of one.",
        (by(unit=1e9), by(unit=1e-3)),
    ),
    Slip(
        (),
        "the time of day",
        by(clock="time"),
        "You read time.time(), the time of day. On some systems it moves in steps of 1/64 s, and it jumps when it is "
        "set. time.perf_counter() is the clock for short times.",
        (by(clock="time", warm=lambda names: []),),
    ),
    Slip(
        (),
        "the time of all threads",
        by(clock="process_time"),
        "You read time.process_time(), which adds up what all threads do: twice the time with two of them. "
        "time.perf_counter() tells how long you wait.",
    ),
    Slip(
        (),
        "one start for several",
        one_start(every_round=True),
        "The clock is not read anew before each call, so a function's time holds that of the ones before it. Set start "
        "right before the call.",
        (one_start(every_round=False),),
    ),
    Slip(
        (),
        "never called",
        never_called,
        "The functions were not called: functions[name] is the function itself, functions[name]() calls it.",
    ),
    Slip(
        (),
        "another number of runs",
        by(runs=lambda runs: 5),
        "Your number of runs is fixed. Each function is to be timed so often as `runs` says.",
        (by(runs=lambda runs: 3), by(runs=lambda runs: 1), by(runs=lambda runs: max(1, runs - 1))),
    ),
)

ERRORS = (
    (
        "TypeError: 'str' object is not callable",
        "A dict gives its names when it is looped over, and a name cannot be called.",
        "Write functions[name](), or: for name, function in functions.items().",
    ),
    (
        "KeyError: 'loops'",
        "The dict of the times has no entry of this name yet.",
        "Begin with seconds = {name: [] for name in functions}.",
    ),
    (
        "ValueError: too many values to unpack (expected 2)",
        "A dict that is looped over gives its names alone.",
        "Write functions.items(), which gives names and functions.",
    ),
    (
        "TypeError: 'module' object is not callable",
        "time is a module; the clock is a function in it.",
        "Write time.perf_counter().",
    ),
    (
        "TypeError: unsupported operand type(s) for -: 'builtin_function_or_method' and 'float'",
        "The clock was named and not read.",
        "Write time.perf_counter(), with brackets.",
    ),
    (
        "TypeError: unsupported operand type(s) for -: 'builtin_function_or_method' and 'builtin_function_or_method'",
        "The clock was named and not read.",
        "Write time.perf_counter(), with brackets.",
    ),
    (
        "AttributeError: 'dict' object has no attribute 'append'",
        "The times of one function are a list in the dict.",
        "Write seconds[name].append(...).",
    ),
    (
        "AttributeError: 'float' object has no attribute 'append'",
        "seconds[name] is one number here, and is to be a list of all times.",
        "Begin with seconds = {name: [] for name in functions}, and append.",
    ),
    (
        "StatisticsError: no median for empty data",
        "No time was kept.",
        "Append each time to seconds[name], inside the loop over the runs.",
    ),
    (
        "TypeError: median(): argument 'input' (position 1) must be Tensor, not list",
        "torch.median wants a tensor.",
        "Take statistics.median(seconds[name]), or torch.tensor(seconds[name]).median().",
    ),
    (
        "AttributeError: 'list' object has no attribute 'median'",
        "A list has no such method.",
        "Take statistics.median(seconds[name]).",
    ),
)
