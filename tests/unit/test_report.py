"""The page to keep: everything that was done, in three formats, escaped, and nothing that was not."""

import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from convlab import __version__, questions, review
from convlab.attempt import Attempt, attempt_at, raw
from convlab.course_map import Progress
from convlab.report import capstone_facts
from convlab.shapes import ArgumentError
from convlab.store import Store

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
FACTS = {
    "parameters": 3708, "macs": 294_264, "right": 973, "of": 1000, "shares": [0.91, 0.968, 0.961],
    "losses": [1.0, 0.5, 0.3], "confusion": [[97 if row == column else 0 for column in range(10)] for row in range(10)],
    "layers": [["Conv2d(1, 6, kernel_size=(3, 5))", [6, 28, 28], 96, 70_560], ["a layer of your own", [10], 7, 9]],
}  # fmt: skip


@pytest.fixture
def kept(tmp_path):
    return Store(tmp_path / "progress.sqlite")


def given(id, right=True):
    question = questions.make(id, 7)
    response = question.answer if right else question.slips[0].answer
    return attempt_at(question, response, question.grade(response), at="2026-05-01T10:00:00+00:00")


def code(item, outcome, **more):
    return Attempt(
        item, outcome, kind="code", lesson=item[:2], context="exercise", at="2026-05-01T11:00:00+00:00", **more
    )


def page(kept, tmp_path, ending):
    said = Progress(kept, NOW).report(tmp_path / f"report{ending}")
    assert repr(said) == f"The report is written to {tmp_path / f'report{ending}'}."
    return (tmp_path / f"report{ending}").read_text(encoding="utf-8")


def worked(kept):
    """A learner's work: answers, an exercise with a hint, the final, the capstone."""
    kept.record(given("window-value"), given("flat-area", right=False))
    kept.record(code("02.conv2d", "wrong", mistakes=("M61",)), code("02.conv2d", "right", hints=2))
    kept.record(code("02.window", "not_attempted", solution_seen=True))
    deck = review.Final.begin("12", kept.attempts(), now=NOW)
    for number, entry in enumerate(deck.trail):
        deck.give(entry, entry.question.answer if number % 2 else entry.question.slips[0].answer, kept)
    kept.record(
        code("12.judge", "wrong", answer=raw({**FACTS, "right": 941})), code("12.judge", "right", answer=raw(FACTS))
    )


def plain(text):
    """A page in any of the formats as words with single blanks: no tags, no backslashes, no pipes."""
    return " ".join(re.sub(r"[|\\]", "", re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.parametrize("ending", [".html", ".md", ".txt"])
def test_it_says_what_was_mastered_solved_asked_and_handed_in(kept, tmp_path, ending):
    worked(kept)
    text = plain(page(kept, tmp_path, ending))
    for words in (
        f"1 May 2026, convlab {__version__}, 27 answers",
        "proves nothing",
        "mastered: multiply and add one window",
        "10 of 20 right",
        "973 of 1000 test digits named rightly, 97.3% (95 % interval 96.1% to 98.1%",
        "Conv2d(1, 6, kernel_size=(3, 5))",
        "3,708 of 20,000",
        "294,264 of 300,000",
        "the best is 96.8%, after epoch 2",
    ):
        assert words in text
    assert re.search(r"02\.conv2d [^.]+ 2026-05-01 2 2 not seen", text)
    assert re.search(r"02\.window [^.]+ not yet 0 0 seen", text)


def test_the_page_stands_alone_and_is_well_formed(kept, tmp_path):
    worked(kept)
    html = page(kept, tmp_path, ".html")
    assert not re.search(r"https?://|<script|<link|src=", html) and "@media print" in html
    body = re.search(r"<body>.*</body>", html, re.S)[0]
    tree = ElementTree.fromstring(body)
    (drawing,) = tree.iter("svg")
    assert len(list(drawing.iter("circle"))) == 3 and "96.8%" in drawing.get("aria-label")
    rows = [row for table in tree.iter("table") if table.get("class") == "confusion" for row in table.iter("tr")]
    assert len(rows) == 11 and [cell.text for cell in rows[1]][:2] == ["0", "97"]


def test_a_new_learner_has_a_page_too(kept, tmp_path):
    text = page(kept, tmp_path, ".txt")
    for words in ("0 answers", "No exercise was tried yet", "was not taken yet", "No network was handed in yet"):
        assert words in text


def test_a_final_that_is_not_done_is_told_so(kept, tmp_path):
    deck = review.Final.begin("12", [], now=NOW)
    deck.give(deck.trail[0], deck.trail[0].question.answer, kept)
    assert "1 of 20 questions are answered" in page(kept, tmp_path, ".txt")


def test_everything_is_escaped(kept, tmp_path):
    """A file from elsewhere may hold anything."""
    evil = {**FACTS, "layers": [["<script>alert(1)</script> | `x` [a](b)", [1], 1, 1]]}
    kept.record(code("12.judge", "right", answer=json.dumps(evil)))
    html = page(kept, tmp_path, ".html")
    assert "<script" not in html and "&lt;script&gt;" in html
    assert "\\<script\\>alert(1)\\</script\\> \\| \\`x\\` \\[a\\](b)" in page(kept, tmp_path, ".md")


@pytest.mark.parametrize(
    "change",
    [{"right": 1001}, {"right": -1}, {"right": True}, {"of": 0}, {"confusion": [[1]]}, {"layers": 3}, {"shares": [2]},
     {"shares": ["a"]}, {"macs": "many"}, {"layers": [["a", [1]]]}, {"shares": [float("nan")]}],
)  # fmt: skip
def test_figures_that_make_no_sense_are_left_out(kept, tmp_path, change):
    assert capstone_facts(FACTS) and capstone_facts({**FACTS, **change}) is None
    kept.record(code("12.judge", "right", answer=raw({**FACTS, **change})))
    assert "No network was handed in yet" in page(kept, tmp_path, ".txt")


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [("report.pdf", ArgumentError, "must end in .html, .htm, .md, .txt; got 'report.pdf'"),
     (7, ArgumentError, "path must be a file name; got 7"), ("", ArgumentError, "must end in"),
     ("nowhere/report.md", OSError, "could not be written to nowhere/report.md .*give another path")],
)  # fmt: skip
def test_a_path_that_cannot_be_written_is_told_so(kept, path, error, words):
    with pytest.raises(error, match=words):
        Progress(kept, NOW).report(path)
