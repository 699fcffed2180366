"""What is taught where: makes notebooks/COVERAGE.md and says what is missing in it.

    python tests/notebooks/coverage.py            writes the table
    python tests/notebooks/coverage.py --check    writes nothing; fails when the table is not what it would write

A cell says itself what it teaches, in its metadata: `"teaches": {"S001-12": ["grey-batch", "01.to_nchw"], "M52": []}`
is a fact with the questions and exercises that depend on it, and a mistake. Where a mistake is met is not written
down: it is found in the questions and exercises.
"""

import re
import sys
from functools import cache
from pathlib import Path

import nbformat

from convlab import exercises, questions
from convlab.mistakes import MISTAKES

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
TABLE = NOTEBOOKS / "COVERAGE.md"
SEEDS = range(1, 21)
NAMED_MOST = 6  # of the questions in which a mistake is met
ENOUGH = 2  # questions or exercises, for every mistake of a lesson

# The facts that each lesson has to teach, as they are numbered in the course's source lists.
FACTS = {
    "00": "S000-1..14,28 S001-1..8,44,45 S002-1 S003-1..2",
    "01": "S001-12..14 S002-13,16 S003-3,4,27",
    "02": "S001-10,11,15..17,41,52,53,63 S003-26,51..55",
    "03": "S000-8,15,16 S001-18..22,47 S002-2..14,21..27 S003-5..17 S004-1..25",
    "04": "S000-17..27 S001-23..27,48,49,55,64,66 S002-15..20 S003-23,28,56",
    "05": "S002-8 S003-11,35..38",
    "06": "S001-28..32,42,69 S003-24,25,39..43 S004-6..9,12,24",
    "07": "S001-9,50,51,54,57,58 S003-18..22,29..34,44..50",
    "08": "S001-33..35",
    "09": "S001-36..40,43,46,60,61,70 S003-60",
    "10": "S001-56,59 S003-12,57..59",
    "11": "S000-20..23 S001-13,37,65 S002-2,13 S003-21,22,24,25,33,41,44,45,47,53 S004-11,14,17,21,23",
    "12": "S001-62,67..72 S003-61",
}

HEAD = """# What is taught where

For each fact: the cells of the lesson that teach it, and the questions and exercises that depend on it. For each
mistake: the cells that speak of it, and where it is met. Facts and mistakes are numbered as in the course's source
lists. This table is made from the notebooks, the questions and the exercises by
`python tests/notebooks/coverage.py`; a test fails when it is not up to date, when a name in it does not exist, or when
a fact or a mistake of a lesson is missing.

| lesson | fact or mistake | taught in the cell | asked or met in |
|---|---|---|---|
"""


def facts_of(lesson):
    """The ids of the facts that a lesson has to teach.

    Example:
        >>> facts_of("01")[:4]
        ['S001-12', 'S001-13', 'S001-14', 'S002-13']
    """
    found = []
    for source, numbers in re.findall(r"(S\d{3})-(\S+)", FACTS.get(lesson, "")):
        for part in numbers.split(","):
            first, _, last = part.partition("..")
            found += [f"{source}-{number}" for number in range(int(first), int(last or first) + 1)]
    return found


def mistakes_of(lesson):
    """The ids of the mistakes at home in a lesson."""
    return [id for id, mistake in MISTAKES.items() if mistake.lesson == lesson]


@cache
def meetings():
    """mistake -> the questions that draw it within 20 seeds, then the exercises that name it, lesson by lesson."""
    met = {}
    for name in questions.ids():
        for id in {id for seed in SEEDS for id in questions.make(name, seed).mistakes}:
            met.setdefault(id, []).append((questions.make(name, 1).lesson, name))
    for name in exercises.ids():
        for id in {id for slip in exercises.get(name).slips for id in slip.mistakes}:
            met.setdefault(id, []).append((exercises.get(name).lesson, name))
    return met


def lessons():
    """Two digits -> the notebook of each lesson there is."""
    return {path.stem[:2]: nbformat.read(path, as_version=4) for path in sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))}


def rows(lesson, book):
    """(fact or mistake, the cells that teach it, what depends on it or meets it) for a lesson's notebook."""
    taught, asked = {}, {}
    for cell in book.cells:
        for what, names in cell.metadata.get("teaches", {}).items():
            taught.setdefault(what, []).append(cell.id)
            asked.setdefault(what, dict.fromkeys(names)).update(dict.fromkeys(names))
    facts = sorted((it for it in taught if it.startswith("S")), key=lambda it: [int(n) for n in re.findall(r"\d+", it)])
    ids = dict.fromkeys([*mistakes_of(lesson), *sorted(set(taught) & set(MISTAKES))])
    met = {id: [name for home, name in meetings().get(id, ()) if home == lesson] for id in ids}
    return [
        *((fact, taught[fact], list(asked[fact])) for fact in facts),
        *((id, taught.get(id, []), names) for id, names in met.items()),
    ]


def problems(lesson, book):
    """What is missing in a lesson's part of the table, a sentence each."""
    cells = {cell.id for cell in book.cells}
    known = {*questions.ids(), *exercises.ids(), *cells}
    found = {what: (where, names) for what, where, names in rows(lesson, book)}
    unknown = {what for cell in book.cells for what in cell.metadata.get("teaches", {}) if what[:1] == "M"}
    yield from (f"{lesson}: there is no mistake {id}." for id in sorted(unknown - set(MISTAKES)))
    for fact in facts_of(lesson):
        where, names = found.get(fact, ((), ()))
        if not where:
            yield f"{lesson}: no cell teaches {fact}."
        elif not names:
            yield f"{lesson}: nothing depends on {fact}, taught in {where[0]}."
        yield from (f"{lesson}: {fact} names {name}, which does not exist." for name in names if name not in known)
    for id in mistakes_of(lesson):
        if len(found[id][1]) < ENOUGH:
            yield f"{lesson}: {id} is met in fewer than {ENOUGH} questions or exercises."


def table(books):
    """The text of COVERAGE.md."""
    lines = []
    for lesson, book in books.items():
        for what, where, names in rows(lesson, book):
            shown = " ".join(f"`{name}`" for name in names[:NAMED_MOST])
            more = f" and {len(names) - NAMED_MOST} more" if len(names) > NAMED_MOST else ""
            lines.append(f"| {lesson} | {what} | {' '.join(f'`{cell}`' for cell in where)} | {shown}{more} |")
    return HEAD + "\n".join(lines) + "\n"


def main(arguments):
    books = lessons()
    found = [problem for lesson, book in books.items() for problem in problems(lesson, book)]
    fresh = table(books)
    if "--check" not in arguments:
        TABLE.write_text(fresh, encoding="utf8", newline="\n")
    elif fresh != TABLE.read_text(encoding="utf8"):
        found.append("notebooks/COVERAGE.md is not up to date: run python tests/notebooks/coverage.py.")
    print(*found, sep="\n", end="\n" if found else "")
    facts = sum(len(facts_of(lesson)) for lesson in books)
    print(f"{len(books)} lessons, {facts} facts, {sum(len(mistakes_of(it)) for it in books)} mistakes")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
