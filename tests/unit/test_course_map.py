"""The map and the ways: every lesson is named, what is there is linked, every call that is offered runs."""

import re

import pytest

from convlab import course_map
from convlab.course_map import GIVES, TITLES, WAYS, cheat_sheet, course, notebooks, ways

WANTED = {"why", "deep dive", "see it", "try it", "practise", "challenge", "test", "recall", "cheat sheet", "speed"}


@pytest.fixture
def two_notebooks(tmp_path, monkeypatch):
    """A folder with two lessons, one of which has a rule; the present folder for a while."""
    rule = "**For the cheat sheet:** a rule: `a = b`; $x$"
    cell = f'{{"cell_type": "markdown", "source": ["*About 33 minutes.*\\n", "{rule}"]}}'
    (tmp_path / "02-convolution-by-hand.ipynb").write_text(f'{{"cells": [{cell}]}}')
    (tmp_path / "07-a-cnn.ipynb").write_text("not a notebook")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_map_names_every_lesson_in_order_and_links_those_that_are_there(two_notebooks):
    page, lines = course()._repr_html_(), repr(course()).splitlines()
    assert [line[:2] for line in lines[1:]] == list(TITLES) == list(GIVES)
    assert re.findall(r'href="(.*?)"', page) == ["02-convolution-by-hand.ipynb", "07-a-cnn.ipynb"]
    assert page.count("(coming)") == len(TITLES) - 2
    assert lines[3].endswith("33") and lines[1].endswith("coming") and lines[8].endswith("-")


def test_there_are_ten_ways_each_with_something_to_do():
    assert set(WAYS) == WANTED
    for way, (wish, do) in WAYS.items():
        assert wish and re.search(r"`.+`|\[\d\d\]|cells", do), way
        assert all(number in TITLES for number in re.findall(r"\[(\d\d)\]", do)), way


def test_a_way_to_a_lesson_that_is_not_there_says_so(two_notebooks):
    text, page = repr(ways()), ways()._repr_html_()
    assert "lesson 12 (coming)" in text and "12 Capstone (coming)" in page
    assert "[12]" not in text + page and "[00]" not in text + page


@pytest.mark.slow
def test_every_call_that_the_ways_offer_runs(tmp_path, monkeypatch):
    import convlab

    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "own.sqlite"))
    monkeypatch.chdir(tmp_path)  # one of them writes a file
    names = {name: getattr(convlab, name) for name in ("KernelLab", "LayerAnatomy", "exercise", "gallery", "quiz")}
    calls = [call for _, do in WAYS.values() for call in re.findall(r"`(.+?)`", do)]
    assert len(calls) >= 6
    for call in calls:
        assert eval(call, {**names, "convlab": convlab, "cheat_sheet": cheat_sheet}) is not None, call


def test_the_cheat_sheet_gathers_what_the_notebooks_say(two_notebooks):
    assert repr(cheat_sheet()).splitlines()[1:] == ["02 Convolution by hand  a rule: `a = b`", f"{'':24}x"]
    assert "<code>a = b</code>" in cheat_sheet()._repr_html_()


def test_without_notebooks_the_cheat_sheet_says_where_to_look(tmp_path, monkeypatch):
    monkeypatch.setattr(course_map, "notebooks", dict)
    assert "run this in a notebook of the course" in repr(cheat_sheet())
    assert repr(course()).count("coming") == len(TITLES)


def test_the_notebooks_of_the_clone_are_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert {"00", "02", "04"} <= set(notebooks())
    assert notebooks(tmp_path) == {}


def test_the_readme_and_the_map_promise_the_same():
    from pathlib import Path

    readme = (Path(course_map.__file__).parents[1] / "README.md").read_text(encoding="utf8")
    for name, gives in GIVES.items():
        assert re.search(rf"^\| {name} \| .*{re.escape(gives)} \|", readme, re.M), name
