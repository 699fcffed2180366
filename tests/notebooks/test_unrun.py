"""Every notebook runs as shipped, runs to the expected answers when solved, and is what a clean run leaves."""

import nbformat
import pytest

from convlab import exercises
from convlab.site.runs import run_and_keep
from tests.notebooks.normalise import ROOT, clean, faults, read, run
from tests.notebooks.unrun import EXPECTED, expected_file, lesson_of, printed, solved, tags_of, unrun_cells

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda file: file.stem)
def file(request):
    return request.param


@pytest.fixture(scope="module")
def as_shipped(file):
    """The run of a notebook as it is; the browser's tests make the saved site from it."""
    return run_and_keep(read(file), file.parent, file.stem)


@pytest.fixture(scope="module")
def with_references(file):
    return run(solved(read(file), lesson_of(file))[0], file.parent)


def test_a_clean_run_changes_no_file(file, as_shipped):
    stored = read(file)
    fresh = clean(as_shipped, stored)
    assert faults(fresh, file.name) == []
    assert nbformat.writes(fresh) + "\n" == file.read_text(encoding="utf8"), "run tests/notebooks/normalise.py"


def test_as_shipped_every_check_says_that_nothing_was_tried(as_shipped):
    checks = [cell for cell in as_shipped.cells if "check" in tags_of(cell)]
    assert checks
    for cell in checks:
        assert printed(cell).startswith("not attempted"), f"{cell.id}: {printed(cell)}"


def test_every_exercise_of_the_lesson_has_its_stub_in_the_notebook(file):
    assert solved(read(file), lesson_of(file))[1] == exercises.ids(lesson_of(file))


def test_with_the_references_every_unrun_cell_says_what_is_expected(file, with_references):
    cells = unrun_cells(with_references)
    assert cells
    for cell in cells:
        kept = expected_file(file, cell)
        assert kept.exists(), f"{kept.relative_to(ROOT)} is missing: run tests/notebooks/unrun.py"
        assert printed(cell) == kept.read_text(encoding="utf8"), cell.id
        if "check" in tags_of(cell):
            assert printed(cell).startswith("right"), cell.id


def test_nothing_expected_belongs_to_no_cell(file):
    wanted = {expected_file(file, cell) for cell in unrun_cells(read(file))}
    assert set((EXPECTED / file.stem).glob("*.txt")) <= wanted


def test_a_wrong_solution_does_not_pass_for_right(file):
    """The proof that the check above can fail: a mutant in the place of the reference."""
    lesson = lesson_of(file)
    book, found = solved(read(file), lesson)
    book.cells = [cell for cell in book.cells if {"setup", "exercise", "check"} & tags_of(cell)]
    for cell in book.cells:
        if "exercise" in tags_of(cell) and ".reference" in cell.source:
            cell.source = cell.source.replace(".reference", ".mutants.popitem()[1]")
    texts = [printed(cell) for cell in run(book, file.parent).cells if "check" in tags_of(cell)]
    assert found and all(text.startswith("wrong") for text in texts), texts
