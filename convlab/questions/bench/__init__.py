"""A bench of generic layer questions: it stands in for lessons not yet written, and serves follow-ups in all.

Each lesson's table draws questions in which that lesson's mistakes show and differ. They are not among
``convlab.questions.ids()``: a card or a quiz never deals them by itself, a test of an unwritten lesson does, and
``convlab.questions.make`` makes them again by id and seed.
"""

from functools import partial

from convlab.mistakes import MISTAKES
from convlab.questions.bench import numbers, words
from convlab.questions.bench.layers import (
    asking,
    dilated,
    grouped_evenly,
    half_padded,
    nearly_same,
    plain,
    running,
    seeing,
    sides,
    single,
    stacked,
    strided,
    unbiased,
)

WRITTEN = [f"{number:02d}" for number in range(11)]  # lessons with a bench of their own; 11 and 12 mix them all


def _picture(rng):
    """An input for `nn.Conv2d`, or one of those that look like it: channels last, no channels, no batch."""
    C, (H, W), N = rng.choice((1, 3)), sides(rng, 20, 33), rng.randint(2, 9)
    shapes = [(N, C, H, W), (C, H, W), (N, H, W, C), (N, H, W)] if C == 1 else [(N, C, H, W), (C, H, W), (H, W, C)]
    settings = {"in_channels": C, "out_channels": 8, "kernel_size": 3}
    return settings, rng.choice(shapes), "float32"


def _bytes(rng):
    """An input of the right shape, as bytes."""
    settings, shape, _ = _picture(rng)
    return settings, (shape[0], settings["in_channels"], *sides(rng, 20, 33)), "uint8"


def _channels_chosen(rng):
    settings = {"in_channels": 3, "out_channels": rng.choice((1, 3, 5, 7, 10, 12)), "kernel_size": rng.choice((3, 5))}
    return settings, (1, rng.choice((3, 3, 1)), *sides(rng)), "float32"


def _padding_chosen(rng):
    """Layers at which M07, M10, M17 and M18 expect something else than happens."""
    k, s = rng.choice((2, 3, 4, 5)), rng.choice((1, 2, 3))
    padding = rng.choice(("same", 0, k // 2, k // 2 + 1, k))
    settings = {"in_channels": 1, "out_channels": 4, "kernel_size": k, "stride": s, "padding": padding}
    return settings, (1, 1, *sides(rng)), "float32"


def _groups_chosen(rng):
    C_in = rng.choice((4, 6, 8))
    C_out = C_in * rng.choice((1, 2))
    settings = {"in_channels": C_in, "out_channels": C_out, "kernel_size": 3, "groups": rng.choice((3, 4, C_in, C_out))}
    return settings, (1, C_in, *sides(rng)), "float32"


def _first(lesson):
    """The bench of one of the lessons 00 to 04: name -> a function that draws the fields of a question."""
    ask = partial(_ask, lesson)
    return {
        "00": {
            **ask("parameter_count", plain=unbiased(plain), biased=plain, grouped=grouped_evenly),
            **ask("macs", plain=plain),
        },
        "01": {
            "runs": running(lesson, _picture),
            "bytes": running(lesson, _bytes),
            **ask("output_shape", grey=single(1), colour=single(3), strided=strided),
        },
        "02": {"value": numbers.value("02", 1, (3, 3)), **ask("output_shape", plain=plain), "sizes": stacked("02", 2)},
        "03": {
            **ask("output_shape", plain=plain, strided=strided, dilated=dilated),
            **ask("weight_shape", plain=plain),
            **ask("parameter_count", plain=plain, grouped=grouped_evenly),
            "runs": running(lesson, _channels_chosen),
            "call": words.making,
            "mode": words.reflecting,
        },
        "04": {
            **ask("output_shape", plain=plain, strided=strided, even=half_padded, dilated=dilated),
            "runs": running(lesson, _padding_chosen),
            "sizes": stacked(lesson, 2),
            "three-sizes": stacked(lesson, 3),
        },
    }.get(lesson, {})


def _later(lesson):
    """The bench of one of the lessons 05 to 10."""
    ask = partial(_ask, lesson)
    return {
        "05": {
            **ask("output_shape", dilated=dilated, kept=nearly_same),
            **ask("weight_shape", dilated=dilated),
            **ask("parameter_count", dilated=dilated),
            "field": seeing(2),
            "three-fields": seeing(3),
        },
        "06": {
            **ask("output_shape", plain=plain),
            **ask("parameter_count", plain=plain, dilated=dilated, unbiased=unbiased(plain)),
            "value": numbers.value(lesson, 2, (2, 3)),
            "deep-value": numbers.value(lesson, 3, (2, 3)),
            "pixel": numbers.value(lesson, 3, (1, 1)),
            "weight": words.setting_the_weight,
            "channels": words.fewer_channels,
        },
        "07": {
            **ask("parameter_count", plain=unbiased(plain), biased=plain),
            "value": numbers.value(lesson, 2, (2, 3), negative=True),
            "deep-value": numbers.value(lesson, 3, (2, 3), negative=True),
        },
        "08": {
            "bias": numbers.gradient("bias"),
            "weight": numbers.gradient("weight"),
            "input": numbers.gradient("input"),
            **ask("macs", plain=plain),
        },
        "09": {**ask("macs", plain=plain, strided=strided), "memory": numbers.memory, "column": numbers.column},
        "10": {
            **ask("weight_shape", grouped=grouped_evenly),
            **ask("parameter_count", grouped=grouped_evenly, unbiased=unbiased(grouped_evenly)),
            **ask("macs", grouped=grouped_evenly),
            "runs": running(lesson, _groups_chosen),
            "channels": numbers.channels,
        },
    }.get(lesson, {})


def _ask(lesson, what, **layers):
    return {f"{what.replace('_', '-')}-{name}": asking(what, lesson, layer) for name, layer in layers.items()}


def _with_sentences(lesson):
    table = {**_first(lesson), **_later(lesson)}
    if any(mistake.truth and mistake.lesson == lesson for mistake in MISTAKES.values()):
        table["sentence"] = words.statement(lesson)
    return {f"bench-{lesson}-{name}": question for name, question in table.items()}


QUESTIONS = {lesson: _with_sentences(lesson) for lesson in WRITTEN}
for _mixed in ("11", "12"):
    QUESTIONS[_mixed] = {id: question for lesson in WRITTEN for id, question in QUESTIONS[lesson].items()}


def home(lesson):
    """The ids of the mistakes that a lesson's test should show: its own, or all for a lesson without any."""
    own = frozenset(id for id, mistake in MISTAKES.items() if mistake.lesson == lesson)
    return own or frozenset(MISTAKES)
