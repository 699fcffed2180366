"""Every question, over many seeds: options, slips, words, and nothing that gives the answer away."""

import json
import re
import subprocess
import sys

import pytest

from convlab.mistakes import MISTAKES
from convlab.questions import KINDS, LEVELS, ids, make
from convlab.questions import test as ten_questions
from convlab.questions.grading import canonical
from convlab.shapes import ArgumentError
from tests.unit.by_lesson import LESSONS, SEEDS, made, of_kind

COUNTS = {  # lesson -> how many easy, medium and hard ones: a question that is lost is missed
    "00": (6, 7, 3),
    "01": (11, 10, 4),
    "02": (9, 9, 4),
    "03": (13, 14, 2),
    "04": (9, 10, 4),
    "05": (8, 7, 3),
    "06": (8, 12, 2),
    "07": (17, 15, 3),
    "08": (18, 14, 4),
    "09": (20, 15, 4),
    "10": (16, 15, 4),
}
SELDOM = {"M190": 5}  # a mistake -> in how many seeds it is met twice, where three are too few
CLICKS = {  # how few and how many cells an answer may have, where 1 to 20 is not near enough
    "edge-places": (2, 6),
    "reshape-red": (1, 12),
    "dilated-window": (4, 20),
    "field-cells": (4, 20),
    "field-holes": (4, 20),
    "moved-cells": (1, 12),
    "pixel-feeds": (2, 9),
    "copies-cells": (2, 6),
    "wrapped-places": (2, 10),
    "block-cells": (1, 12),
    "goes-dark": (1, 4),
    "through-shuffle": (1, 9),
}
WIDEST_LINE = 96  # of code, in the width that a notebook gives a card
EACH = pytest.mark.parametrize("id", ids())


def texts_of(question):
    lines = [slip.line for slip in (*question.slips, *question.per_option.values())]
    words = [question.prompt, question.hint, question.because, question.otherwise, question.objective]
    options = question.options if isinstance(question.options, list) else []
    return [*words, *question.steps, *lines, *options]


@EACH
def test_it_is_built_whole(id):
    for seed in SEEDS:
        question = made(id, seed)
        assert question.kind in KINDS and question.level in LEVELS and question.id == id and question.seed == seed
        assert isinstance(question.revision, int) and re.fullmatch(r"\d\d", question.lesson)
        assert question.slips and question.steps and question.proof and question.formula and question.objective
        assert set(question.mistakes) <= set(MISTAKES)


@EACH
def test_the_same_seed_gives_the_same_question_and_another_seed_another(id):
    assert make(id, 5) == make(id, 5)
    assert len({str(made(id, seed)) + str(made(id, seed).answer) for seed in SEEDS}) > len(SEEDS) / 4


@EACH
def test_options_differ_and_the_right_one_is_among_them(id):
    for seed in SEEDS:
        question = made(id, seed)
        if question.kind == "cells":
            H, W = question.options["shape"]
            assert H != W and all(0 <= row < H and 0 <= column < W for row, column in question.answer)
            assert question.answer == sorted(question.answer)
        elif question.kind in ("choice", "choices", "order", "truefalse"):
            plain = {re.sub(r"\s", "", option) for option in question.options}
            assert len(plain) == len(question.options) >= 2
            answer = question.answer
            named = {str(answer).lower()} if question.kind == "truefalse" else answer
            assert set([named] if isinstance(named, str) else named) <= set(question.options)
            if question.kind == "choices":
                assert 0 < len(answer) < len(question.options)
            if question.kind == "order":
                assert sorted(answer) == sorted(question.options) and answer != question.options
        else:
            assert question.options == []


@EACH
def test_wrong_options_come_from_different_mistakes_and_grading_names_each(id):
    for seed in SEEDS:
        question = made(id, seed)
        slips = question.slips
        answers = [canonical(question.kind, slip.answer) for slip in slips]
        assert len(set(answers)) == len(answers) and canonical(question.kind, question.answer) not in answers
        for slip in slips:
            verdict = question.grade(slip.answer)
            assert verdict.outcome == "wrong" and verdict.mistakes == slip.mistakes and verdict.message == slip.line
        if question.kind == "choice":
            assert {slip.answer for slip in slips} == set(question.options) - {question.answer}
            assert len({slip.mistakes for slip in slips}) == len(slips)
        if question.kind == "choices":
            assert set(question.per_option) == set(question.options)
            for option in question.options:
                changed = set(question.answer) ^ {option}
                verdict = question.grade(sorted(changed))
                assert not changed or (verdict.outcome == "wrong" and verdict.mistakes), (id, seed, option)


@EACH
def test_every_form_in_which_people_give_the_right_answer_is_right(id):
    for seed in SEEDS[:20]:
        question = made(id, seed)
        for form in forms(question):
            assert question.grade(form).outcome == "right", (id, seed, form)


def forms(question):
    answer, options = question.answer, question.options
    if question.kind == "number":
        return [answer, float(answer), f" {answer} ", f"= {answer}", f"{answer}.0", str(answer).replace("-", "−")]
    if question.kind == "shape":
        commas = ", ".join(map(str, answer))
        return [answer, list(answer), f"({commas})", commas.replace(" ", ""), "x".join(map(str, answer)),
                f"torch.Size([{commas}])", "×".join(map(str, answer)), " ".join(map(str, answer))]  # fmt: skip
    if question.kind == "truefalse":
        return [answer, str(answer), str(answer).lower(), "yes" if answer else "No", "T" if answer else "f"]
    if question.kind == "cells":
        return [answer, [tuple(cell) for cell in answer], answer[::-1], str(answer), ", ".join(map(str, answer))]
    if question.kind == "choice":
        at = options.index(answer)
        return [answer, at, str(at), " ".join(answer.split()).upper(), "ABCDE"[at], f"`{answer}`"]
    numbers = [options.index(text) for text in answer]
    return [answer, tuple(answer), numbers, "; ".join(answer), ", ".join(answer)]


@EACH
def test_no_hole_is_left_unfilled_and_the_words_are_those_of_the_course(id):
    for seed in SEEDS:
        for text in texts_of(made(id, seed)):
            assert text.strip(), id
            assert not re.search(r"\bNone\b|\bnan\b|\binf\b|[{}]|  +[a-zA-Z]|<function|lambda", text), text
            assert not re.search(r"\b(simply|just|obviously|effective kernel)\b", text), text
            assert not re.search(r"\d\.\d{3,}|- -|\+ -|--", text), text
            assert not re.search(r"\b1 (rows|columns|places|numbers)\b", text), text
            assert text.count("(") == text.count(")") and text.count("`") % 2 == 0, text
        for text in (*made(id, seed).steps, made(id, seed).hint, made(id, seed).because, made(id, seed).prompt):
            assert text[-1] in ".?!)", text


@EACH
def test_no_line_of_code_is_cut_off_by_the_card(id):
    for seed in SEEDS:
        for block in made(id, seed).figure:
            wide = [line for line in block.get("code", "").splitlines() if len(line) > WIDEST_LINE]
            assert not wide, f"{len(wide[0])} characters, {WIDEST_LINE} fit: {wide[0]}"


@EACH
def test_the_page_holds_nothing_that_gives_the_answer_away(id):
    keys = {"id", "seed", "lesson", "kind", "level", "prompt", "figure", "options", "asks"}
    for seed in SEEDS:
        question = made(id, seed)
        page = question.page()
        assert set(page) == keys and json.loads(json.dumps(page)) == page
        text = json.dumps(page)
        assert not any(json.dumps(line)[1:-1] in text for line in (question.hint, question.because, *question.steps))
        assert not any("mark" in block for block in question.figure)


@pytest.mark.parametrize("id", [id for id in ids() if made(id, 0).kind in ("choice", "truefalse", "choices")])
def test_the_place_of_the_right_option_tells_nothing(id):
    places = [made(id, seed).grade(0).outcome == "right" for seed in range(40)]
    if made(id, 0).kind == "truefalse":
        places = [made(id, seed).answer for seed in range(40)]
    if made(id, 0).kind == "choices":
        places = [made(id, seed).options[0] in made(id, seed).answer for seed in range(40)]
    assert 0 < sum(places) < 40 and sum(places) <= 32


def test_no_two_questions_share_kind_formula_and_mistakes():
    keys = {}
    for id in ids():
        question = made(id, 0)
        mistakes = frozenset(mistake for seed in SEEDS for mistake in made(id, seed).mistakes)
        keys.setdefault((question.kind, question.formula, mistakes), []).append(id)
    assert all(len(same) == 1 for same in keys.values()), keys
    for lesson in LESSONS:
        assert len({made(id, 0).formula for id in ids(lesson)}) == len(ids(lesson))


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_enough_of_every_level_and_every_kind(lesson):
    questions = [made(id, 0) for id in ids(lesson)]
    count = tuple(sum(question.level == level for question in questions) for level in LEVELS)
    assert len(questions) >= 12 and count[0] >= 5 and count[1] >= 5 and count[2] >= 2
    assert {question.kind for question in questions} == set(KINDS)
    assert count == COUNTS.get(lesson, count)


def test_an_id_stands_in_one_lesson():
    assert len(ids()) == len(set(ids()))
    assert sorted(ids()) == sorted(id for lesson in LESSONS for id in ids(lesson))


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_mistake_of_the_lesson_is_met_in_two_questions_or_more(lesson):
    of_the_lesson = [id for id, mistake in MISTAKES.items() if mistake.lesson == lesson]
    assert len(of_the_lesson) >= 5
    for id in of_the_lesson:
        seeds = range(SELDOM.get(id, 3))
        met = [name for name in ids(lesson) if any(id in made(name, seed).mistakes for seed in seeds)]
        assert len(met) >= 2, (id, met)


@pytest.mark.parametrize("id", of_kind("cells"))
def test_a_question_on_cells_never_asks_for_more_than_a_learner_would_click(id):
    least, most = CLICKS.get(id, (1, 20))
    assert all(least <= len(made(id, seed).answer) <= most for seed in SEEDS)


@EACH
def test_the_level_follows_the_number_of_steps(id):
    for seed in SEEDS:
        question = made(id, seed)
        wanted = "easy" if len(question.steps) <= 2 else "medium" if len(question.steps) == 3 else "hard"
        assert question.level == wanted


@EACH
def test_spec_and_input_shape_give_the_shape_of_the_question(id):
    question = made(id, 3)
    assert (question.spec is None) == (question.input_shape is None)
    if question.kind == "shape" and question.spec:
        assert question.spec.output_shape(question.input_shape) == question.answer


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: make("window-valu", 1), "id must be one of .*got 'window-valu'"),
        (lambda: make(None, 1), "id must be one of .*got None"),
        (lambda: make([], 1), r"id must be one of .*got \[\]"),
        (lambda: make("impulse", "7"), "seed must be a whole number; got '7'"),
        (lambda: make("impulse", True), "seed must be a whole number; got True"),
        (lambda: ten_questions("99", 1), "lesson must be 00 to 12; got '99'"),
    ],
)
def test_bad_arguments_get_one_sentence(call, message):
    with pytest.raises(ArgumentError, match=message):
        call()
    assert ids("99") == []


def test_building_and_grading_never_import_torch_or_matplotlib():
    code = (
        "import sys\n"
        "from convlab.mistakes import diagnose\nfrom convlab.questions import ids, make, test\n"
        "for id in ids():\n"
        "    for seed in range(5):\n"
        "        question = make(id, seed)\n"
        "        question.grade(question.slips[0].answer)\n"
        "diagnose([(question, question.slips[0].answer) for question in test('02', 1)])\n"
        "print([name for name in ('torch', 'matplotlib') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_a_question_reads_as_text():
    text = str(make("zero-windows", 1))
    assert "window A" in text and "[0] A" in text and "kernel" in text
    assert repr(make("zero-windows", 1)) == "Question('zero-windows', seed=1): choices, medium, lesson 02"


# Who adds the padding once goes wrong as who takes it for the total does, and so do these: no numbers tell them apart.
ALIKE = {("M03", "M04"), ("M129", "M175"), ("M169", "M19")}


def apart(question):
    """The mistakes that have a wrong answer of their own."""
    own = [slip.mistakes for slip in question.slips if len(slip.mistakes) == 1 or slip.mistakes in ALIKE]
    return {id for mistakes in own for id in mistakes}


@pytest.mark.parametrize("id", [id for id in ids() if id != "myth-same"])
def test_the_numbers_are_drawn_so_that_the_mistakes_show_apart_from_each_other(id):
    """Some always show, others where the numbers or the options drawn let them: most of all of them, and apart."""
    questions, shown = [made(id, seed) for seed in SEEDS], {}
    for question in questions:
        for mistake in {mistake for slip in question.slips for mistake in slip.mistakes}:
            shown.setdefault(mistake, []).append(question)
    for mistake, where in shown.items():
        assert sum(mistake in apart(it) for it in where) >= 0.8 * len(where), mistake
    always = [mistake for mistake, where in shown.items() if len(where) == len(questions)]
    assert made(id, 0).kind == "choices" or len(always) >= len(shown) / 2
