"""The README says what is so: its address, badge, links, commands and pictures, its lessons; and CITATION.cff too."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from PIL import Image

from convlab import __main__ as command_line
from convlab.bootstrap.clone import Clone
from convlab.bootstrap.jupyter import first_lesson
from convlab.syllabus import TITLES, minutes, notebooks

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ADDRESS = PROJECT["urls"]["Repository"]
FIRST_SCREEN = 30  # lines
MOVING_BYTES, MOVING_SECONDS = 1_500_000, (6, 12)
SMALL_BYTES, SMALL_PX = 40_000, 320
COURSES = ("CNN Explainer", "ezyang's visualizer", "Dive into Deep Learning", "CS231n", "ARENA")
GRADERS = ("nbgrader", "Otter-Grader")


def wrong_addresses(text, address):
    """Addresses of a clone or a Binder launch that are not this repository's."""
    owner_and_name = "/".join(address.rstrip("/").split("/")[-2:])
    clones = [found for found in re.findall(r"git clone (\S+)", text) if found != address]
    launches = re.findall(r"mybinder\.org/v2/gh/([^/]+/[^/]+)/", text)
    return clones + [found for found in launches if found != owner_and_name]


def missing_files(text, root):
    """Files that a page links to and that are not there."""
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text)
    return [link for link in links if not (root / link).exists()]


def untrue_rows(text, books):
    """Rows of the table of lessons whose notebook is another, or says another time."""
    rows = re.findall(r"^\| (\d\d) \|.*\]\(notebooks/([^)]+)\) \|.* \| (\d+) \|$", text, re.MULTILINE)
    named = {name: (file, time) for name, file, time in rows}
    return [name for name, book in books.items() if named.get(name) != (book.name, minutes(book))]


def deaf_anchors(text):
    """Links within a page that lead to no heading of it."""
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    headings = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    return [anchor for anchor in re.findall(r"\]\(#([^)]+)\)", text) if anchor not in headings]


def test_the_readme_gives_the_repositorys_address():
    assert ADDRESS in README
    assert wrong_addresses(README, ADDRESS) == []


def test_another_address_is_noticed():
    text = "git clone https://github.com/me/fork\nhttps://mybinder.org/v2/gh/me/fork/HEAD"
    assert wrong_addresses(text, "https://github.com/you/convlab") == ["https://github.com/me/fork", "me/fork"]


def test_binder_opens_the_lesson_that_the_command_opens():
    assert f"HEAD?urlpath=lab/tree/notebooks/{first_lesson(Clone(ROOT))})" in README


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_links_to_is_there(page):
    assert missing_files((ROOT / page).read_text(encoding="utf-8"), ROOT) == []


def test_a_missing_file_is_noticed(tmp_path):
    (tmp_path / "here.md").touch()
    text = '[a](here.md) [b](gone.md) [c](https://x.org/gone.md) <img src="gone.png"> [d](#top)'
    assert missing_files(text, tmp_path) == ["gone.md", "gone.png"]
    assert deaf_anchors("## Over the top, now\n[a](#over-the-top-now) [b](#top)") == ["top"]


def test_links_within_the_readme_lead_somewhere():
    assert deaf_anchors(README) == []


def test_the_table_names_every_lesson_with_its_notebook_and_the_time_that_it_gives():
    books = notebooks(ROOT / "notebooks")
    assert list(books) == list(TITLES)
    assert untrue_rows(README, books) == []
    hours = sum(int(minutes(book)) for book in books.values()) / 60
    assert f"About {hours:.0f} hours in all" in README


def test_another_time_and_another_notebook_are_noticed(tmp_path):
    books = {name: tmp_path / f"{name}-x.ipynb" for name in ("02", "03", "04")}
    for book in books.values():
        book.write_text('{"cells": [{"cell_type": "markdown", "source": ["About 40 minutes"]}]}')
    row = "| {0} | b | [a](notebooks/{0}-{1}.ipynb) | gives | {2} |"
    table = "\n".join([row.format("02", "x", 40), row.format("03", "x", 45), row.format("04", "y", 40)])
    assert untrue_rows(table, books) == ["03", "04"]


def test_each_lesson_has_a_small_picture_and_the_one_at_the_top_moves():
    for name in TITLES:
        file = ROOT / "docs" / "lessons" / f"{name}.webp"
        assert f'src="docs/lessons/{name}.webp"' in README and file.stat().st_size <= SMALL_BYTES
        with Image.open(file) as picture:
            assert picture.width == SMALL_PX
    file = ROOT / next(line for line in README.splitlines() if line.startswith("![")).split("](")[1].rstrip(")")
    assert file.stat().st_size <= MOVING_BYTES
    with Image.open(file) as film:
        seconds = 0
        for frame in range(film.n_frames):
            film.seek(frame)
            film.load()
            seconds += film.info["duration"] / 1000
        assert film.info["loop"] == 0 and MOVING_SECONDS[0] <= seconds <= MOVING_SECONDS[1]


def test_it_is_compared_row_by_row_and_each_row_says_what_is_better_there():
    table = README.split("## How it compares")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| [")]
    assert [re.match(r"\[([^]]+)\]\(https://", cells[0])[1] for cells in rows] == [*COURSES, *GRADERS]
    assert all(len(cells) == 3 and all(len(cell) > 20 for cell in cells) for cells in rows)


def test_it_can_be_cited():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    said = {"version": cited["version"], "license": cited["license"], "Repository": cited["repository-code"]}
    assert said == {"version": PROJECT["version"], "license": PROJECT["license"], "Repository": ADDRESS}


def test_both_commands_and_the_picture_are_near_the_top():
    lines = README.splitlines()
    picture = next(number for number, line in enumerate(lines) if line.startswith("!["))
    start = lines.index("python3 -m convlab")
    assert picture < start < FIRST_SCREEN
    assert "python3 -m convlab test" in lines[start : start + 15]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_a_page_shows_exists(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    words = set(re.findall(r"python3 -m convlab ([a-z]+)", text))
    assert words <= set(command_line.WORDS)
    options = set(re.findall(r"(?:convlab|test)[^`\n|]* (--[a-z]+)", text))
    assert {option for option in options if option not in command_line.USAGE} <= {"--help"}
