"""Every exercise is whole and names its slips; and the judge, tried on lesson 02: a sentence for everything."""

import inspect
import os
import re
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from convlab.exercises import Exercise, get, ids
from convlab.exercises.conv_by_hand import correlate
from convlab.exercises.sentences import known_error
from convlab.exercises.task import Slip
from convlab.mistakes import MISTAKES
from tests.unit.exercise_help import in_tensors
from tests.unit.exercise_tables import BREAKING, WANTED, WRONG_SIZES

FULL = os.environ.get("CONVLAB_FULL") == "1"
SEEDS = range(50 if FULL else 3)
CONV2D, KERNEL = get("02.conv2d"), get("02.kernel")


def taps_first(input, weight, bias=0.0):
    (H, W), (kH, kW) = input.shape, weight.shape
    return (
        sum(weight[u, v] * input[u : H - kH + 1 + u, v : W - kW + 1 + v] for u in range(kH) for v in range(kW)) + bias
    )


def test_the_exercises_of_the_lessons_are_there_and_whole():
    assert {lesson: ids(lesson) for lesson in WANTED} == WANTED
    for exercise in map(get, ids()):
        assert exercise.title and exercise.prompt and exercise.minutes > 0 and exercise.revision == 1
        assert exercise.level in ("easy", "medium", "hard")
        assert len(exercise.hints) == 3 and len(set(exercise.hints)) == 3
        assert len(exercise.mutants) >= 3 and len(exercise.errors) >= 3
        assert all(len(entry) == 3 and all(entry) for entry in exercise.errors)
        word = "class" if inspect.isclass(exercise.reference) else "def"
        assert re.search(rf"^{word} {exercise.reference.__name__}\(", exercise.stub, re.M)
        assert exercise.reference_source.startswith(f"{word} {exercise.reference.__name__}(")
        assert {id for slip in exercise.slips for id in slip.mistakes} <= set(MISTAKES)


def test_an_exercise_that_lacks_something_cannot_be_made():
    class NoCases(Exercise):
        def expected(self, case):
            return np.zeros(1)

    class NoWords(Exercise):
        def cases(self, seed):
            return []

        def expected(self, case):
            return np.zeros(1)

    with pytest.raises(TypeError, match="cases"):
        NoCases()
    with pytest.raises(TypeError, match=r"NoWords .* give it id, lesson, title, .*hints, errors, slips"):
        NoWords()


@pytest.mark.parametrize("id", ["02.nothing", None, 2, ["02.conv2d"]])
def test_an_unknown_id_is_answered_with_the_known_ones(id):
    with pytest.raises(ValueError, match=r"02\.conv2d, 02\.kernel"):
        get(id)


@pytest.mark.parametrize("id", ids())
def test_the_stub_as_given_is_not_attempted(id):
    stub = {}
    exec(get(id).stub, stub)
    assert get(id).check(stub[get(id).reference.__name__]).outcome == "not_attempted"


def test_other_ways_of_writing_nothing_are_not_attempted():
    def raises(input, weight, bias=0.0):
        raise NotImplementedError

    def passes(input, weight, bias=0.0):
        """Mine."""

    for blank in (raises, passes, lambda input, weight, bias=0.0: ...):
        assert CONV2D.check(blank).outcome == "not_attempted"
    assert KERNEL.check(lambda: None).outcome == "not_attempted"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("id", ids())
def test_the_reference_is_right(id, seed):
    verdict = get(id).check(get(id).reference, seed=seed)
    assert verdict.outcome == "right" and str(seed) in verdict.message, verdict


@pytest.mark.parametrize("id", ids())
def test_every_slip_is_wrong_and_named_first(id):
    exercise = get(id)
    for number, slip in enumerate(exercise.slips):
        seeds = SEEDS if FULL else [number % 12]
        named = 0
        for seed in seeds:
            verdict = exercise.check(slip.function, seed=seed)
            assert verdict.outcome == slip.outcome, f"{slip.name}, seed {seed}: {verdict}"
            assert verdict.figure is not None
            named += verdict.mistakes[: len(slip.mistakes)] == slip.mistakes and verdict.message.startswith(slip.says)
        assert named >= 0.95 * len(seeds), f"{slip.name} was named {named} times in {len(seeds)}"


@pytest.mark.parametrize("id", ids())
def test_other_programs_of_a_slip_are_named_like_it(id):
    exercise = get(id)
    for slip in exercise.slips:
        for seed, program in enumerate(slip.also):
            verdict = exercise.check(program, seed=seed)
            first = verdict.mistakes[:1]
            assert verdict.outcome == slip.outcome and first == slip.mistakes[:1], f"{slip.name}: {verdict}"


@pytest.mark.parametrize("id", ids())
def test_every_mutant_keeps_type_and_dtype_and_its_key_is_named(id):
    exercise = get(id)
    for number, (key, mutant) in enumerate(exercise.mutants.items()):
        for case in exercise.cases(3):
            if key in BREAKING.get(id, "").split(", "):
                continue
            theirs, ours = mutant(**case.arguments), exercise.reference(**in_tensors(case))
            if exercise.form == "whole number":
                assert isinstance(theirs, float if key == "does not round" else int) or (case.then and theirs is None)
                continue
            if exercise.form == "tuple":
                assert isinstance(theirs, tuple | list | int)
                continue
            if case.then:
                continue  # no number comes back, and what does is looked at where the exercise's own tests are
            assert (type(theirs), theirs.dtype) == (torch.Tensor, ours.dtype)
            assert theirs.shape == ours.shape or key in WRONG_SIZES[id].split(", ")
        if FULL or number % 3 == 0:  # the others are checked as what their slips are made of
            verdict = exercise.check(mutant, seed=3)
            assert not verdict and (verdict.mistakes[:1] == (key,) if key in MISTAKES else not verdict.mistakes)


def test_the_expected_numbers_are_those_of_pytorch():
    for seed in SEEDS:
        for case in CONV2D.cases(seed):
            input, weight = (torch.from_numpy(case.arguments[name])[None, None] for name in ("input", "weight"))
            bias = torch.tensor([case.arguments.get("bias", 0.0)], dtype=torch.float64)
            ours = torch.from_numpy(CONV2D.expected(case))
            torch.testing.assert_close(ours, F.conv2d(input, weight, bias)[0, 0], rtol=0, atol=1e-12)
        for case in KERNEL.cases(seed):
            picture = torch.from_numpy(case.shown["input"][1])[None, None]
            ours = torch.from_numpy(KERNEL.expected(case))
            torch.testing.assert_close(ours, F.conv2d(picture, KERNEL.reference()[None, None])[0, 0])


def result(change):
    """A solution whose right result is changed before it is returned."""
    return lambda input, weight, bias=0.0: change(taps_first(input, weight, bias))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda output: output.tolist(), "numbers are right, but your function returned a list; expected a tensor"),
        (lambda output: "12", "returned a str; expected a tensor of 2 x 3"),
        (lambda output: None, "returned None"),
        (lambda output: torch.float64, "returned a dtype"),
        (lambda output: output.long(), "is int64; expected float64"),
        (lambda output: output > 0, "is bool; expected float64"),
        (lambda output: output.to(torch.complex128), "Keep the real part|keep the real part"),
        (lambda output: output[None, None], r"has 4 axes, shape \(1, 1, 2, 3\); expected 2, shape \(2, 3\)"),
        (lambda output: output.flatten(), r"has 1 axis, shape \(6,\); expected 2"),
        (lambda output: output.sum(), r"has 0 axes, shape \(\)"),
        (lambda output: output[:, :1], r"your result is 2 x 1; expected 2 x 3: H - kH \+ 1 = 2 - 1 \+ 1 = 2"),
        (lambda output: output + 1, r"your output\[0, 0\] is .*expected .* \(6 of 6 numbers differ\)"),
        (lambda output: output * torch.nan, "is nan; expected .*torch.zeros"),
        (lambda output: (row for row in output), "is a generator; expected a tensor"),
    ],
)
def test_a_result_of_another_form_gets_its_own_sentence(change, sentence):
    verdict = CONV2D.check(result(change), seed=1)
    assert verdict.outcome == "wrong" and not verdict.mistakes
    assert re.search(sentence, verdict.message), verdict.message
    assert "\n\n" not in verdict.message and len(verdict.message) < 400


def test_a_coroutine_gets_its_own_sentence():
    async def conv2d(input, weight, bias=0.0):
        return taps_first(input, weight, bias)

    assert "coroutine" in CONV2D.check(conv2d).message


def test_whole_numbers_in_a_kernel_are_explained():
    verdict = KERNEL.check(lambda: torch.tensor([[0, 0, 0], [-1, 1, 0], [0, 0, 0]]))
    assert verdict.outcome == "wrong" and "numbers are right, but your result is int64" in verdict.message
    assert "3 x 3" in KERNEL.check(lambda: torch.tensor([[-1.0, 1.0]])).message
    assert "numbers are right" in KERNEL.check(lambda: KERNEL.reference().tolist()).message


@pytest.mark.parametrize("fn", [None, 3, "conv2d", torch.zeros(2, 3), ...])
def test_what_is_no_function_is_answered_with_how_to_call_check(fn):
    verdict = CONV2D.check(fn)
    assert verdict.outcome == "error" and ".check(conv2d)" in verdict.message


def test_a_wrong_argument_list_is_answered_with_the_right_one():
    for fn in (lambda: None, lambda a: None, lambda a, b, c, d: None):
        assert "(input, weight, bias=0.0)" in CONV2D.check(fn).message
    assert KERNEL.check(lambda picture: None).outcome == "error"


@pytest.mark.parametrize("seed", ["7", 7.5, [1]])
def test_a_seed_that_is_no_whole_number_is_refused_in_a_sentence(seed):
    verdict = CONV2D.check(taps_first, seed=seed)
    assert verdict.outcome == "error" and "whole number" in verdict.message


def test_every_check_draws_a_fresh_seed_unless_one_is_given():
    fresh = {CONV2D.check(taps_first).message for _ in range(4)}
    assert len(fresh) > 1
    one, two = (CONV2D.check(CONV2D.mutants["M61"], seed=-5) for _ in range(2))
    assert one == two or (one.message, repr(one.figure)) == (two.message, repr(two.figure))


def test_the_smallest_failing_case_is_drawn_with_input_yours_expected_and_difference():
    verdict = CONV2D.check(CONV2D.mutants["M103"], seed=1)
    text, html = repr(verdict.figure), verdict.figure._repr_html_()
    for title in ("input", "weight", "yours", "expected", "yours - expected"):
        assert title in text and title in html
    case = CONV2D.cases(1)[0]
    assert f"{case.arguments['input'].shape[0]} x {case.arguments['input'].shape[1]}" in verdict.message


def test_a_fault_that_shows_only_on_larger_cases_is_drawn_there():
    def wide_ones_wrong(input, weight, bias=0.0):
        return taps_first(input, weight, bias) + (weight.shape[1] > 3)

    verdict = CONV2D.check(wide_ones_wrong, seed=1)
    assert "4 x 5 and a weight of 4 x 5" in verdict.message


@pytest.mark.parametrize("lookup", ["table", "sizes"])
def test_an_answer_made_for_the_example_is_noticed(lookup):
    example = next(case for case in CONV2D.cases(0) if case.example)
    answer = CONV2D.expected(example)

    def table(input, weight, bias=0.0):
        return torch.tensor(answer.tolist(), dtype=torch.float64)

    def sizes(input, weight, bias=0.0):
        output = torch.zeros(3, 4, dtype=torch.float64)
        for i in range(3):
            for j in range(4):
                output[i, j] = (input[i : i + 2, j : j + 3] * weight).sum() + bias
        return output

    verdict = CONV2D.check({"table": table, "sizes": sizes}[lookup])
    assert not verdict and "right on the example of the task and on no other case" in verdict.message


def test_a_changed_input_is_noticed():
    def in_place(input, weight, bias=0.0):
        output = taps_first(input, weight, bias)
        input[0, 0] += 1
        return output

    def turned_in_place(input, weight, bias=0.0):
        output = taps_first(input, weight, bias)
        weight.t_()
        return output

    assert "changes `input`" in CONV2D.check(in_place).message
    assert "changes `weight`" in CONV2D.check(turned_in_place).message


def raises_on_line(input, weight, bias=0.0):
    output = torch.zeros(2, 2)
    return output[5, 5]  # the line that is quoted


def test_an_exception_is_told_with_the_learners_line_and_what_to_change():
    verdict = CONV2D.check(raises_on_line)
    line = inspect.getsourcelines(raises_on_line)[1] + 2
    assert verdict.outcome == "error"
    said = f"(line {line}: `return output[5, 5]  # the line that is quoted`; output had shape (2, 2))"
    assert said in verdict.message
    assert "index 5 is out of bounds" in verdict.message and "range(H - kH + 1)" in verdict.message


def test_what_the_names_of_the_line_held_is_told():
    def one_too_far(input, weight, bias=0.0):
        H, W = input.shape
        output = np.zeros((H, W))
        for j in range(W + 1):
            output[0, j] = bias  # nothing else
        return output

    message = CONV2D.check(one_too_far, seed=1).message
    assert "; output had shape (2, 4), j was 4)" in message, message


def zeros_for(input, weight):
    return torch.zeros(input.shape[0] - weight.shape[0] + 1, input.shape[1] - weight.shape[1] + 1)


PROVOKED = {
    "past the last row": lambda x, w: zeros_for(x, w)[99, 0],
    "past the last row of an array": lambda x, w: np.zeros((2, 3))[99, 0],
    "cut-off window": lambda x, w: x[:4, :6] * torch.ones(2, 3),
    "cut-off window of an array": lambda x, w: np.ones((3, 4)) * np.ones((2, 3)),
    "products in one cell": lambda x, w: zeros_for(x, w).__setitem__((0, 0), torch.ones(2, 3).double()),
    "products in one cell of an array": lambda x, w: np.zeros((3, 4)).__setitem__((0, 0), np.ones((2, 3))),
    "matrix product": lambda x, w: torch.ones(2, 3) @ torch.ones(2, 3),
    "range of a shape": lambda x, w: range(torch.ones(2, 3).shape),
    "range of size": lambda x, w: range(torch.ones(2, 3).size),
    "range of a fraction": lambda x, w: range(6 / 2),
    "range of an array": lambda x, w: range(np.array([1, 2])),
    "range of a tensor": lambda x, w: [1, 2, 3][torch.tensor([1, 2])],
    "a bias of None": lambda x, w: torch.ones(2, 3) + None,
    "a list with two indices": lambda x, w: [[0.0]].__getitem__((0, 0)),
    "four axes": lambda x, w: (lambda N, C, H, W: 0)(*_unpacked(torch.ones(2, 3))),
    "a negative size": lambda x, w: torch.zeros(-1, 3),
    "a leaf in place": lambda x, w: torch.zeros(3, 4, requires_grad=True).__setitem__((0, 0), 1),
    "three indices": lambda x, w: torch.ones(2, 3)[0, 0, 0],
    "F.conv2d of two axes": lambda x, w: F.conv2d(torch.ones(4, 6), torch.ones(2, 3)),
}


def _unpacked(tensor):
    N, C, H, W = tensor.shape
    return N, C, H, W


@pytest.mark.parametrize("name", PROVOKED)
def test_the_help_with_errors_quotes_what_is_really_printed(name):
    with pytest.raises(Exception) as raised:
        PROVOKED[name](torch.ones(5, 6), torch.ones(2, 3))
    message = f"{type(raised.value).__name__}: {raised.value}"
    assert known_error(CONV2D.errors, message), f"not in the list: {message}"


def test_every_quoted_error_of_conv2d_is_provoked_above():
    met = set()
    for provoke in PROVOKED.values():
        with pytest.raises(Exception) as raised:
            provoke(torch.ones(5, 6), torch.ones(2, 3))
        met.add(known_error(CONV2D.errors, f"{type(raised.value).__name__}: {raised.value}"))
    assert met == set(CONV2D.errors)


def test_the_judge_itself_can_fail():
    """A judge that lets a wrong reference pass, or knows no slip, is noticed by the tests above."""

    class Blind(type(CONV2D)):
        slips = ()

        def expected(self, case):
            return correlate(case.arguments["input"], case.arguments["weight"][::-1, ::-1])

    assert isinstance(Blind(), Exercise)
    assert Blind().check(CONV2D.reference, seed=1).outcome == "wrong"
    assert not Blind().check(CONV2D.mutants["M64"], seed=1).mistakes


def test_a_slip_that_warns_says_nothing_in_the_notebook_and_rests_where_nothing_is_written():
    """Such as a division by zero, which NumPy prints as a warning, and only with some seeds."""
    runs = []

    def divides(input, weight, bias=0.0):
        runs.append(np.float64(1) / np.float64(0))

    class Noisy(type(CONV2D)):
        slips = (Slip((), "divides by zero", divides, "You divide by zero."),)

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        assert Noisy().check(lambda input, weight, bias=0.0: ...).outcome == "not_attempted" and not runs
        assert Noisy().check(CONV2D.mutants["M61"]).outcome == "wrong"
    assert not warned and len(runs) == 1  # and is not run again to be compared in another way
