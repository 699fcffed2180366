"""COVERAGE.md is what the notebooks, questions and exercises say, and nothing of a lesson is missing in it."""

import copy

import pytest

from tests.notebooks import coverage

BOOKS = coverage.lessons()


@pytest.mark.parametrize("lesson", BOOKS)
def test_every_fact_and_mistake_of_a_lesson_is_taught_and_asked(lesson):
    assert coverage.facts_of(lesson)
    assert list(coverage.problems(lesson, BOOKS[lesson])) == []


def test_the_table_is_up_to_date():
    assert coverage.TABLE.read_text(encoding="utf8") == coverage.table(BOOKS)


def cell_teaching(book, what):
    return next(cell for cell in book.cells if what in cell.metadata.get("teaches", {}))


def left_out(book):
    del cell_teaching(book, "S001-10").metadata["teaches"]["S001-10"]


def not_asked(book):
    cell_teaching(book, "S001-10").metadata["teaches"]["S001-10"] = []


def asked_by_nothing_real(book):
    cell_teaching(book, "S001-10").metadata["teaches"]["S001-10"] = ["02.no-such-exercise"]


def no_such_mistake(book):
    book.cells[0].metadata["teaches"] = {"M999": []}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (left_out, "no cell teaches S001-10"),
        (not_asked, "nothing depends on S001-10"),
        (asked_by_nothing_real, "02.no-such-exercise, which does not exist"),
        (no_such_mistake, "no mistake M999"),
    ],
)
def test_what_is_missing_is_found(change, words):
    book = copy.deepcopy(BOOKS["02"])
    change(book)
    assert [problem for problem in coverage.problems("02", book) if words in problem]


def test_a_change_in_a_lesson_changes_the_table():
    book = copy.deepcopy(BOOKS["02"])
    left_out(book)
    assert coverage.table({"02": book}) != coverage.table({"02": BOOKS["02"]})


def test_a_mistake_that_is_hardly_asked_is_found(monkeypatch):
    monkeypatch.setattr(coverage, "meetings", lambda: {"M61": [("02", "myth-flip")]})
    assert "02: M61 is met in fewer than 2 questions or exercises." in coverage.problems("02", BOOKS["02"])
