"""The gallery: every widget is in it, its code makes it, the lessons that are named use it."""

import json
import re

import pytest

import convlab
from convlab import gallery, showcase
from convlab.showcase import EXHIBITS, Gallery
from convlab.syllabus import notebooks

WIDGETS = sorted(name for name, home in convlab._HOME.items() if home.startswith("widgets."))


@pytest.fixture(autouse=True)
def own_answers(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "own.sqlite"))


def displayed(gallery, monkeypatch):
    """What a gallery displays, in order."""
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    gallery._ipython_display_()
    return shown


def test_every_widget_of_the_course_is_in_it_once():
    assert sorted(it.name for it in EXHIBITS) == WIDGETS
    assert len({it.anchor for it in EXHIBITS}) == len(EXHIBITS)


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda it: it.name)
def test_the_code_that_is_shown_makes_the_widget(exhibit):
    assert repr(exhibit.make()).startswith(f"{exhibit.name}(")
    assert re.fullmatch(r"(from torch import nn\n)?from convlab import \w+\n(?s:.+)", exhibit.source)
    assert exhibit.words.endswith(".") and exhibit.words.count(".") - exhibit.words.count("nn.") == 1


def test_the_lessons_named_are_those_whose_cells_call_it():
    for exhibit in EXHIBITS:
        for lesson, path in notebooks().items():
            cells = json.loads(path.read_text(encoding="utf8"))["cells"]
            code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
            called = any(re.search(rf"\b{re.escape(call)}", code) for call in (f"{exhibit.name}(", *exhibit.calls))
            assert (lesson in exhibit.lessons({lesson: path.read_text(encoding="utf8")})) == called, exhibit.name


def test_a_call_of_another_name_is_no_use():
    stepper = next(it for it in EXHIBITS if it.name == "ConvStepper")
    assert stepper.lessons({"02": "ConvStepper(1, 1)"}) == ["02"]
    assert stepper.lessons({"02": "MyConvStepper(1)", "03": "see ConvStepper", "04": "old.ConvStepper(1)"}) == []


def test_each_comes_below_its_words_and_a_lesson_that_is_new_is_linked(monkeypatch, tmp_path):
    book = tmp_path / "11-debugging-clinic.ipynb"
    book.write_text("ConvStepper(3, 4)", encoding="utf8")
    chosen = [it for it in EXHIBITS if it.name in ("ConvStepper", "SizeRuler")]
    top, *rest = displayed(Gallery(chosen, {"11": book}), monkeypatch)
    assert [repr(it).split("(")[0] for it in rest[1::2]] == ["ConvStepper", "SizeRuler"]
    assert '<a href="11-debugging-clinic.ipynb">11 Debugging clinic</a>' in rest[0]._repr_html_()
    assert "In no lesson yet." in rest[2]._repr_html_()
    for it, head in zip(chosen, rest[::2], strict=True):
        assert f'href="#{it.anchor}"' in top._repr_html_() and f'id="{it.anchor}"' in head._repr_html_()


def test_what_is_used_everywhere_says_so(monkeypatch, tmp_path):
    books = {}
    for lesson in ("00", "01", "02", "03"):
        books[lesson] = tmp_path / f"{lesson}-x.ipynb"
        books[lesson].write_text("quiz()", encoding="utf8")
    card = [it for it in EXHIBITS if it.name == "QuizCard"]
    assert "In every lesson." in displayed(Gallery(card, books), monkeypatch)[1]._repr_html_()


def test_in_a_terminal_it_is_a_list_of_names_and_sentences():
    lines = repr(gallery()).splitlines()
    assert [line.split()[0] for line in lines] == [it.name for it in EXHIBITS]


def test_the_names_come_without_the_course_and_torch_comes_last():
    torch_needed = [it.name for it in EXHIBITS if it.name in ("ShapeTracer", "FeatureMaps")]
    assert [it.name for it in EXHIBITS][-2:] == torch_needed
    assert not hasattr(showcase, "questions") and not hasattr(showcase, "review")
