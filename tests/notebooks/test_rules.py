"""The rules of teaching, as far as a program can see them: lengths, words, tags, beats, coverage."""

import re
from pathlib import Path

import nbformat
import pytest

from convlab import exercises, questions
from convlab.mistakes import MISTAKES

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))
BEATS = ["setup", "quiz", "predict", "explore", "explain", "torch", "exercise", "check", "myth"]
UNWELCOME = re.compile(r"\b(simply|just|obviously)\b", re.IGNORECASE)
MACHINE = re.compile(r"(?<![\w.])/(?:root|home|tmp|work|Users)/")
WORDS_MOST, LINES_MOST, LINES_USUAL = 120, 15, 8


def problems_of(notebook):
    """What breaks a rule, one line each."""
    for cell in notebook.cells:
        text = cell.source
        tags = cell.metadata.get("tags", [])
        if UNWELCOME.search(text):
            yield f"{cell.id}: {UNWELCOME.search(text)[0]!r} is a word that makes a learner feel slow"
        if MACHINE.search(str(cell)):
            yield f"{cell.id}: names a machine's path"
        if cell.cell_type == "markdown":
            words = len(re.sub(r"\$\$.*?\$\$", "", text, flags=re.S).split())
            if words > WORDS_MOST:
                yield f"{cell.id}: {words} words; after {WORDS_MOST} the learner does something"
        else:
            lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
            if len(lines) > LINES_MOST:
                yield f"{cell.id}: {len(lines)} lines; {LINES_USUAL} is the measure, {LINES_MOST} the most"
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cell.id):
            yield f"{cell.id}: an id is a slug written by hand"
        if "exercise" in tags and cell.outputs:
            yield f"{cell.id}: an exercise is stored unrun"
    tags = [tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])]
    yield from (f"no cell is tagged {beat}" for beat in BEATS if beat not in tags)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_keeps_the_rules_of_teaching(path):
    assert list(problems_of(nbformat.read(path, as_version=4))) == []


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("markdown", "You simply add.", "simply"),
        ("markdown", "word " * 121, "121 words"),
        ("code", "x = 1\n" * 16, "16 lines"),
        ("code", "open('/home/me/x')", "machine's path"),
    ],
)
def test_each_rule_finds_a_bad_example(kind, text, words):
    cell = nbformat.v4.new_markdown_cell(text) if kind == "markdown" else nbformat.v4.new_code_cell(text)
    cell["id"] = "bad-example"
    assert any(words in problem for problem in problems_of(nbformat.v4.new_notebook(cells=[cell])))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_most_cells_are_of_eight_lines_or_fewer(path):
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    longer = [
        cell.id for cell in code if len([line for line in cell.source.splitlines() if line.strip()]) > LINES_USUAL
    ]
    assert len(longer) <= len(code) // 5, longer


def coverage():
    """Rows of COVERAGE.md: (lesson, fact or mistake, where it is taught or met, what depends on it)."""
    rows = re.findall(r"^\| (\d\d) \| (\S+) \| (.+?) \| (.+?) \|$", (NOTEBOOKS / "COVERAGE.md").read_text(), re.M)
    return [
        (lesson, what, re.findall(r"`(.+?)`", where), re.findall(r"`(.+?)`", asked))
        for lesson, what, where, asked in rows
    ]


def missing_names(rows, cells):
    """Names in the table that do not exist: cells, questions, exercises, mistakes."""
    known = set(questions.ids()) | set(exercises.ids())
    for lesson, what, where, asked in rows:
        if what.startswith("M") and what not in MISTAKES:
            yield f"mistake {what}"
        if not where and not asked:
            yield f"{what} is met nowhere"
        yield from (f"{what}: cell {name}" for name in where if name not in cells[lesson])
        yield from (f"{what}: question or exercise {name}" for name in asked if name not in known | cells[lesson])


def cells_by_lesson():
    return {path.stem[:2]: {cell.id for cell in nbformat.read(path, as_version=4).cells} for path in LESSONS}


def test_every_name_in_the_coverage_table_exists():
    assert coverage()
    assert list(missing_names(coverage(), cells_by_lesson())) == []


def test_a_name_that_does_not_exist_is_found():
    rows = [("02", "S001-15", ["no-such-cell"], ["02.no-such-question"])]
    assert len(list(missing_names(rows, cells_by_lesson()))) == 2


LESSON_02 = (
    "S001-10 S001-11 S001-15 S001-16 S001-17 S001-41 S001-52 S001-53 S001-63 "
    "S003-26 S003-51 S003-52 S003-53 S003-54 S003-55 M01 M02 M61 M62 M63 M64"
).split()


def test_every_fact_and_mistake_of_lesson_02_is_in_the_table():
    assert set(LESSON_02) <= {what for _, what, _, _ in coverage()}
