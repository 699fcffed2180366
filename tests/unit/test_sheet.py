"""The cheat sheet: gathered from the lessons, one A4 page, nothing cut off, nothing on top of something else."""

import itertools
import re
import sys
from collections import defaultdict

import pytest

from convlab import course_map
from convlab.bootstrap import commands, environment
from convlab.bootstrap.clone import this_clone
from convlab.course_map import TITLES, cheat_sheet, notebooks
from convlab.pictures import page
from convlab.shapes import ArgumentError
from convlab.sheet import as_text, by_role, entries
from tests.unit.clones import stop_of

ROWS = cheat_sheet()._rows
COMING = "a label: `layer(x)` and words until the line is full; $H_{out} = H - k_H + 1$; a third: `x.shape`, to be read"
MOST = 5  # entries of a lesson


def boxes(figure):
    """(name, box in points) of each text that is drawn."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with matplotlib.rc_context({"text.hinting": "none"}):
        renderer = FigureCanvasAgg(figure).get_renderer()
        scale = 72 / figure.dpi
        return [(it.get_gid(), it.get_window_extent(renderer).extents * scale) for it in figure.texts]


def overlaps(named):
    """Pairs of different things of which one is drawn over the other, by more than half a point."""
    for (one, a), (other, b) in itertools.combinations(named, 2):
        wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        if one != other and wide > 0.5 and high > 0.5:
            yield one, other


def outside(named):
    """What is drawn outside the margins."""
    edges = page.LEFT - 0.5, page.BOTTOM - 0.5, page.WIDE - page.RIGHT + 1.5, page.HIGH - page.TOP + 8
    return [
        name for name, (x0, y0, x1, y1) in named if x0 < edges[0] or y0 < edges[1] or x1 > edges[2] or y1 > edges[3]
    ]


@pytest.fixture(scope="module")
def full():
    """The page with all thirteen lessons, made-up lines for those that are not there yet."""
    there = {row[0]: row for row in ROWS}
    return [there.get(name, (name, TITLES[name], entries(COMING))) for name in TITLES]


def test_every_lesson_has_a_line_of_few_entries():
    assert [name for name, _, _ in ROWS] == list(notebooks())
    assert {name: len(found) for name, _, found in ROWS if not 2 <= len(found) <= MOST} == {}
    assert [as_text(entry) for _, _, found in ROWS for entry in found if not entry.label] == []


@pytest.mark.slow
def test_the_page_holds_all_thirteen_lessons_and_nothing_touches(full):
    named = boxes(page.draw_sheet(full).figure)
    assert len(named) > 150
    assert outside(named) == [] and list(overlaps(named)) == []


@pytest.mark.slow
def test_all_of_every_line_is_drawn_in_its_order(full):
    drawn = defaultdict(str)
    for it in page.draw_sheet(full).figure.texts:
        drawn[it.get_gid()] += it.get_text()
    bare = re.compile(r"[\s${}]|\\,")
    for number, _, found in full:
        for at, entry in enumerate(found):
            wanted = entry.label + "".join(text for _, text in entry.runs)
            assert bare.sub("", drawn[f"{number}-{at}"]) == bare.sub("", wanted)


def test_what_overlaps_or_sticks_out_is_noticed(monkeypatch):
    figure = page.draw_sheet(ROWS[:2]).figure
    page._write(figure, 400, page.Piece(500, "words", "much too far to the right", 10), "far")
    page._write(figure, 403, page.Piece(510, "words", "over it", 10), "over")
    assert "far" in outside(boxes(figure)) and ("far", "over") in list(overlaps(boxes(figure)))


def test_long_lines_get_smaller_type_and_too_many_a_sentence():
    long = entries("; ".join(["a label: " + "some words " * 9] * 5))
    named = boxes(page.draw_sheet([(name, title, long) for name, title in TITLES.items()][:8]).figure)
    assert outside(named) == [] and list(overlaps(named)) == []
    with pytest.raises(ValueError, match="more than one page"):
        page.draw_sheet([(name, title, long * 3) for name, title in TITLES.items()])


@pytest.mark.slow
def test_the_pdf_is_one_page_with_its_fonts_in_it_and_the_same_each_time(tmp_path):
    first, second = tmp_path / "one.pdf", tmp_path / "two.PDF"
    assert repr(cheat_sheet().save(first)) == f"One A4 page written to {first}."
    cheat_sheet().save(str(second))
    pdf = first.read_bytes()
    assert pdf == second.read_bytes() and pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1 and b"/MediaBox [ 0 0 595.28 841.89 ]" in pdf
    assert pdf.count(b"/FontDescriptor") >= 4
    assert len(re.findall(rb"/FontFile\d ", pdf)) == len(re.findall(rb"/Type /FontDescriptor", pdf))


@pytest.mark.parametrize("path", ["sheet.png", "", None, 3, "no/such/folder/sheet.pdf"])
def test_a_name_that_will_not_do_gets_a_sentence(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArgumentError, match=r"must be the name of a PDF|choose another folder"):
        cheat_sheet().save(path)
    assert list(tmp_path.iterdir()) == []


def test_without_notebooks_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(course_map, "notebooks", dict)
    with pytest.raises(ArgumentError, match="run this in a notebook of the course"):
        cheat_sheet().save(tmp_path / "sheet.pdf")


@pytest.mark.slow
def test_the_command_writes_beside_you_or_where_it_is_told(tmp_path, monkeypatch, capfd):
    clone = this_clone()
    monkeypatch.setattr(environment, "python_if_ready", lambda clone, extra: sys.executable)
    monkeypatch.chdir(tmp_path)
    assert commands.cheatsheet(clone, [], False) == 0
    assert (tmp_path / "convlab-cheat-sheet.pdf").read_bytes().startswith(b"%PDF")
    assert capfd.readouterr().out == f"One A4 page written to {tmp_path / 'convlab-cheat-sheet.pdf'}.\n"
    monkeypatch.setattr(sys, "argv", ["-c", "sheet.txt"])
    with pytest.raises(SystemExit, match="must be the name of a PDF"):
        exec(commands.WRITE_SHEET, {})
    assert "one name after it" in stop_of(commands.cheatsheet, clone, ["a.pdf", "b.pdf"], False)


def test_before_the_installation_the_command_says_how_to_start(clone, monkeypatch):
    monkeypatch.setattr(environment, "python_if_ready", lambda clone, extra: None)
    assert "python3 -m convlab" in stop_of(commands.cheatsheet, clone, [], False)


def test_a_semicolon_in_code_ends_no_entry_and_every_formula_is_fit_to_print():
    assert [as_text(it) for it in entries("a: `x; y`; b: $H$, c")] == ["a: `x; y`", "b: H, c"]
    formulas = [text for _, _, found in ROWS for it in found for kind, text in it.runs if kind == "math"]
    assert len(formulas) >= 12
    assert [text for text in formulas if "\\" in as_text(entries(f"${text}$")[0]) or "\\frac" in text] == []


def test_names_have_the_colours_of_their_roles():
    inked = {part: role for role, part in by_role("math", r"H_{out} = H + 2p_H - k_H; \text{grad\_weight} = G")}
    assert {inked[name] for name in ("H_{out}", "k_H", "H")} == {"output", "weight", "input"}
    assert inked[r"\text{grad\_weight}"] == inked["G"] == "gradient" and "p_H" not in inked
    assert by_role("code", "output_padding, input") == [("", "output_padding, "), ("input", "input")]
