"""The README says what is so: its address, its badge, its links, its commands, its table of lessons."""

import re
import tomllib
from pathlib import Path

import pytest

from convlab import __main__ as command_line
from convlab.bootstrap.clone import Clone
from convlab.bootstrap.jupyter import first_lesson

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
ADDRESS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
FIRST_SCREEN = 30  # lines


def wrong_addresses(text, address):
    """Addresses of a clone or a Binder launch that are not this repository's."""
    owner_and_name = "/".join(address.rstrip("/").split("/")[-2:])
    clones = [found for found in re.findall(r"git clone (\S+)", text) if found != address]
    launches = re.findall(r"mybinder\.org/v2/gh/([^/]+/[^/]+)/", text)
    return clones + [found for found in launches if found != owner_and_name]


def missing_files(text, root):
    """Files that a page links to and that are not there."""
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)[^)]*\)", text)
    return [link for link in links if not (root / link).exists()]


def untrue_rows(text, root):
    """Rows of the table of lessons that call a lesson ready or coming when it is not."""
    there = {path.name[:2] for path in (root / "notebooks").glob("[0-9][0-9]-*.ipynb")}
    rows = re.findall(r"^\| (\d\d) \|.*\| (\*\*ready\*\*|coming) \|$", text, re.MULTILINE)
    return [number for number, state in rows if (state == "**ready**") != (number in there)]


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
    assert missing_files("[a](here.md) [b](gone.md) [c](https://x.org/gone.md)", tmp_path) == ["gone.md"]


def test_the_table_names_every_lesson_and_whether_it_is_ready():
    numbers = re.findall(r"^\| (\d\d) \|", README, re.MULTILINE)
    assert numbers == [f"{number:02d}" for number in range(13)]
    assert untrue_rows(README, ROOT) == []


def test_a_lesson_promised_too_early_is_noticed(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "02-x.ipynb").touch()
    table = "| 02 | a | b | coming |\n| 03 | a | b | **ready** |\n| 04 | a | b | coming |"
    assert untrue_rows(table, tmp_path) == ["02", "03"]


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
