"""Questions on any layer, the bench, and the next question: torch judges the answers, mistakes are named by name."""

import contextlib
import io
import json
import os
import re
from random import Random

import pytest
import torch
from torch import nn

from convlab.mistakes import MISTAKES, diagnose
from convlab.questions import about, bench, follow_up, ids, make
from convlab.questions import test as ten_questions
from convlab.questions.bench import layers
from convlab.questions.following import answer_with
from convlab.questions.on_a_layer import ASKED
from convlab.refusals import ArgumentError
from convlab.shapes import Conv2dSpec, ShapeError

SEEDS = range(100 if os.environ.get("CONVLAB_FULL") else 8)
BENCH = sorted({id for questions in bench.QUESTIONS.values() for id in questions})
MODES = ("zeros", "zeros", "reflect", "replicate", "circular")


def any_layer(rng):
    """A legal layer of any sort with a legal input."""
    while True:
        g, padding = rng.choice((1, 1, 2, 3)), rng.choice((0, 1, (1, 2), (0, 1), "same", "valid"))
        settings = {
            "in_channels": g * rng.randint(1, 3),
            "out_channels": g * rng.randint(1, 4),
            "kernel_size": (rng.randint(1, 5), rng.randint(1, 5)),
            "stride": 1 if padding == "same" else rng.choice((1, 2, (1, 3), (2, 1))),
            "padding": padding,
            "dilation": rng.choice((1, 1, (2, 1), 3)),
            "groups": g,
            "bias": rng.random() < 0.7,
            "padding_mode": rng.choice(MODES),
        }
        spec, shape = Conv2dSpec(**settings), (rng.randint(1, 4), settings["in_channels"], *rng.sample(range(5, 30), 2))
        shape = shape if rng.random() < 0.7 else shape[1:]
        if not layers.refused(spec, shape):
            return settings, spec, shape


def by_torch(settings, shape):
    layer = nn.Conv2d(**settings)
    output = layer(torch.zeros(shape))
    return {
        "output_shape": tuple(output.shape),
        "weight_shape": tuple(layer.weight.shape),
        "parameter_count": sum(parameter.numel() for parameter in layer.parameters()),
        "macs": output.numel() * layer.weight[0].numel(),
    }


def printed(code):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    return out.getvalue().strip()


def whole(question):
    """Nothing is missing, and every wrong answer it knows is graded with its mistakes."""
    texts = [question.prompt, question.hint, question.because, question.otherwise, question.objective]
    for text in (*texts, *question.steps, *(slip.line for slip in question.slips)):
        assert text and not re.search(r"\bNone\b|\bnan\b|[{}]|<function|\.\.(?!\.)| ,", text), text
        assert not re.search(r"\b(simply|just|obviously)\b", text), text
    assert question.grade(question.answer).outcome == "right"
    for slip in question.slips:
        verdict = question.grade(slip.answer)
        assert verdict.outcome == "wrong" and verdict.mistakes == slip.mistakes and slip.mistakes, slip
    json.dumps(question.page())


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("what", ASKED)
@pytest.mark.parametrize("seed", SEEDS)
def test_about_any_layer_the_answer_is_torchs_and_every_model_is_heard(what, seed):
    settings, spec, shape = any_layer(Random(f"{what} {seed}"))
    question = about(spec, shape, what)
    assert question.answer == by_torch(settings, shape)[what]
    assert printed(question.proof) == str(question.answer)
    whole(question)
    kind = {"parameter_count": "count"}.get(what, what)
    for id, mistake in MISTAKES.items():
        model = mistake.models.get(kind)
        wrong = model(*((spec,) if what == "weight_shape" else (spec, shape))) if model else []
        if what == "output_shape" and "size" in mistake.models:
            wrong += [(*shape[:-3], spec.out_channels, *size) for size in mistake.models["size"](spec, shape)]
        for answer in wrong:
            assert answer == question.answer or id in question.grade(answer).mistakes, (id, answer)


def padded(H, p, k, s, d=1):
    return (H + p - d * (k - 1) - 1) // s + 1


def test_wrong_shapes_worked_out_by_hand_are_named():
    spec = Conv2dSpec(3, 8, (3, 5), stride=2, padding=(1, 4))
    question = about(spec, (2, 3, 37, 50), "output_shape")
    by_hand = {
        "M01": (37, 50),
        "M02": (34, 45),
        "M03": (padded(37, 1, 3, 2), padded(50, 4, 5, 2)),
        "M04": (padded(37, 4, 3, 2), padded(50, 16, 5, 2)),
        "M05": (18, 26),
        "M06": (19, 28),
        "M09": (18, 25),
        "M10": (19, 25),
        "M22": (padded(37, 0, 3, 2), padded(50, 5, 5, 2)),
    }
    for id, size in by_hand.items():
        assert id in question.grade((2, 8, *size)).mistakes, id
        found = diagnose([(question, (2, 8, *size))])
        assert id in found or not found, id
    assert diagnose([(question, (2, 8, *by_hand["M04"]))])[0] == "M04"
    unstrided = about(Conv2dSpec(3, 8, (3, 5), padding=(1, 4)), (3, 37, 50), "output_shape")
    assert diagnose([(unstrided, (8, padded(37, 0, 3, 1), padded(50, 5, 5, 1)))])[0] == "M22"
    assert question.grade((2, 3, *question.answer[2:])).mistakes == ("M28",)


def test_of_the_mistakes_that_predict_an_answer_the_most_basic_comes_first():
    spec = Conv2dSpec(3, 8, 3, stride=2, padding=1)
    verdict = about(spec, (1, 3, 33, 41), "output_shape").grade((1, 8, 33, 41))
    assert verdict.mistakes[0] == "M01" and {"M19", "M20"} <= set(verdict.mistakes)
    once = about(spec, (1, 3, 32, 42), "output_shape").grade((1, 8, 15, 20))
    assert once.mistakes == ("M05", "M08", "M12", "M168")
    assert (
        about(Conv2dSpec(1, 1, 3, padding=2), (1, 1, 9, 11), "output_shape").grade((1, 1, 9, 11)).mistakes[0] == "M01"
    )


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: about(Conv2dSpec(3, 8, 3), (1, 4, 9, 9), "macs"), ShapeError, "in_channels=3"),
        (lambda: about(Conv2dSpec(3, 8, 9), (1, 3, 5, 5), "weight_shape"), ShapeError, "window covers"),
        (lambda: about(Conv2dSpec(3, 8, 3), "wide", "macs"), ShapeError, "."),
        (lambda: about(Conv2dSpec(3, 8, 3), (1, 3, 9, 9), "colour"), ArgumentError, "what must be one of output_shape"),
        (lambda: about(Conv2dSpec(3, 8, 3), (1, 3, 9, 9), None), ArgumentError, "what must be one of .*got None"),
        (
            lambda: about(nn.Conv2d(3, 8, 3), (1, 3, 9, 9), "macs"),
            ArgumentError,
            "spec must be a Conv2dSpec; got Conv2d",
        ),
        (lambda: ten_questions("13", 1), ArgumentError, "lesson must be 00 to 12; got '13'"),
        (lambda: ten_questions("02", "x"), ArgumentError, "seed must be a whole number"),
        (lambda: follow_up([], 1.5), ArgumentError, "seed must be a whole number"),
        (lambda: follow_up([3], 1), ValueError, "answers must be pairs"),
        (lambda: diagnose(7), ValueError, "answers must be pairs .* in a list; got int"),
    ],
)
def test_bad_arguments_get_one_sentence(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert str(caught.value).count("\n") == 0


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("id", BENCH)
def test_the_bench_is_right_by_torch_and_names_its_mistakes(id):
    for seed in SEEDS:
        question = make(id, seed)
        assert question == make(id, seed) and question.id == id and question.id not in ids()
        whole(question)
        assert len({str(slip.answer) for slip in question.slips}) == len(question.slips) > 0
        if question.proof:
            shown = printed(question.proof)
            same = shown == str(question.answer)
            assert same or float(shown) == pytest.approx(question.answer, abs=1e-4), (id, seed, shown)


@pytest.mark.parametrize("lesson", [f"{number:02d}" for number in range(13)])
def test_every_lesson_has_a_test_of_ten_in_which_its_mistakes_show(lesson):
    home = {MISTAKES[id].family for id in bench.home(lesson) if MISTAKES[id].models}
    for seed in range(5):
        questions = ten_questions(lesson, seed)
        shown = {MISTAKES[id].family for question in questions for id in question.mistakes}
        assert home <= shown or lesson in ("11", "12"), sorted(map(sorted, home - shown))
        assert [question.level for question in questions] == ["easy"] * 4 + ["medium"] * 4 + ["hard"] * 2
        assert questions == ten_questions(int(lesson), seed)
        assert len({(question.id, question.seed) for question in questions}) == 10
        if len(ids(lesson)) >= 12:  # its own questions, each once; fewer are helped out by the bench
            assert len({question.id for question in questions}) == 10
            assert {question.id for question in questions} <= set(ids(lesson))


def test_every_mistake_shows_on_the_bench_or_in_its_lesson():
    shown = set()
    for lesson in bench.QUESTIONS:
        for id in (*ids(lesson), *bench.QUESTIONS[lesson]):
            shown |= {it for seed in range(8) for it in make(id, seed).mistakes}
    with_model = {id for id, mistake in MISTAKES.items() if mistake.models}
    assert with_model <= shown, sorted(with_model - shown)


def test_the_next_question_tells_apart_what_is_still_possible():
    spec = Conv2dSpec(1, 4, 3, stride=2, padding=1)
    question = about(spec, (1, 1, 20, 30), "output_shape")  # divisible: rounding down and up agree on the right answer
    other = about(Conv2dSpec(1, 4, 5, stride=2), (1, 1, 20, 30), "output_shape")
    answers = [(question, question.answer), (other, (1, 4, 10, 15))]
    assert {"M09", "M10"} <= set(other.grade((1, 4, 10, 15)).mistakes)
    for seed in range(5):
        following = follow_up(answers, seed)
        assert following == follow_up(answers, seed)
        said = {str(answer_with(following, MISTAKES[id].family)) for id in ("M09", "M10")}
        assert len(said) == 2


def test_there_is_always_a_next_question():
    assert follow_up([], 1).prompt
    right = [(question, question.answer) for question in ten_questions("04", 1)]
    following = follow_up(right, 1)
    assert (following.id, following.seed) not in {(question.id, question.seed) for question, _ in right}


def test_two_slips_in_ten_name_nothing_and_three_do():
    questions = [make("output-shape", seed) for seed in range(10, 20)]

    def after(wrong):
        return diagnose(
            [
                (it, answer_with(it, MISTAKES["M02"].family) if number < wrong else it.answer)
                for number, it in enumerate(questions[:wrong] + [make("flat-area", seed) for seed in range(10 - wrong)])
            ]
        )

    assert after(1) == [] and after(2) == [] and after(3)[0] == "M02"
