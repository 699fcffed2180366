"""The rules of teaching, as far as a program can see them: lengths, words, tags, beats."""

import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))
BEATS = ["setup", "quiz", "predict", "explore", "explain", "torch", "exercise", "check", "myth"]
UNWELCOME = re.compile(r"\b(simply|just|obviously)\b", re.IGNORECASE)
MACHINE = re.compile(r"(?<![\w.])/(?:root|home|tmp|work|Users)/")
# A formula, and the line that the cheat sheet gathers (its length is held by the page, in tests/unit/test_sheet.py).
NOT_READ = re.compile(r"\$\$.*?\$\$|^\*\*For the cheat sheet:\*\*[^\n]*", re.DOTALL | re.MULTILINE)
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
            words = len(NOT_READ.sub("", text).split())
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
