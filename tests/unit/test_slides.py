"""The slides' parts: what goes on them, where they are cut, their folder and their command."""

import base64
import re
import struct
import subprocess

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from convlab.bootstrap import commands, environment, tools
from convlab.site import runs, slides
from convlab.site.__main__ import main
from convlab.site.decks import ROOM, Block, cut, deck, sections, text_blocks
from convlab.site.pages import readable
from tests.unit.clones import stop_of

LINE_OF_TEXT = "This is a sentence of some length, as the lessons have them, and it ends here. "


def picture(wide=400, high=200):
    """A cell's output with a picture of this size; of the file only the beginning."""
    data = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(8) + struct.pack(">II", wide, high)).decode()
    return new_output("display_data", {"image/png": data, "text/plain": "a picture"})


def explains(text, id="explain-it"):
    return new_markdown_cell(text, id=id, metadata={"tags": ["explain"]})


def code(*outputs, id, tags=()):
    return new_code_cell("draw()", id=id, outputs=list(outputs), metadata={"tags": list(tags)})


def texts(slide):
    return [block.text for block in slide]


HEADER = (
    "# 02 · By hand\n\n**What happens?**\n\nAfter this lesson you can\n\n- one;\n- two.\n\n*About 40 minutes.*\n\n"
    "Run each cell with **Shift + Enter**, from top to bottom."
)


def a_lesson():
    return new_notebook(
        cells=[
            new_markdown_cell(HEADER, id="header"),
            new_markdown_cell("## Predict\n\nWhat do you think?", id="predict-why"),
            code(new_output("stream", text="forty-two"), picture(), id="guess", tags=["predict"]),
            explains("## Why\n\nBecause [of](glossary.md#of) $x$."),
            code(picture(), id="explain-it-figure", tags=["explain"]),
            code(new_output("stream", text="a map of the course"), id="ways", tags=["explain"]),
            new_markdown_cell("## A real picture\n\nLook.", id="real-why"),
            code(new_output("stream", text="printed"), picture(1000, 900), id="real", tags=["torch"]),
            new_markdown_cell("## Key points\n\n- First.\n\n**Next:** lesson 03.", id="key-points"),
        ]
    )


def test_on_the_slides_are_the_beginning_the_explanations_the_pictures_and_the_key_points():
    found = sections(readable(a_lesson()))
    assert [heading for heading, _ in found] == ["02 · By hand", "Why", "A real picture", "Key points"]
    kinds = [[block.text or sorted(block.output.data)[0] for block in blocks] for _, blocks in found]
    assert kinds == [
        ["**What happens?**", "After this lesson you can", "- one;", "- two."],
        ["Because [of](glossary.md#of) $x$.", "image/png"],
        ["image/png"],
        ["- First."],
    ]


def test_no_slide_tells_what_a_guess_was_about():
    text = nbformat.writes(deck(readable(a_lesson())))
    assert "forty-two" not in text and "printed" not in text and "a map of the course" not in text


def test_each_cell_says_which_slide_it_begins():
    cells = deck(readable(a_lesson())).cells
    kinds = [(cell.metadata.slideshow.slide_type, cell.metadata.look) for cell in cells]
    first = ("slide", "first")
    assert kinds == [("slide", "title"), first, ("-", "first"), first, ("-", "first"), first]


def test_a_long_explanation_is_cut_between_paragraphs_and_its_heading_comes_again():
    paragraphs = [f"{number} {LINE_OF_TEXT * 4}".strip() for number in range(5)]
    book = new_notebook(
        cells=[new_markdown_cell(HEADER, id="header"), explains("## Long\n\n" + "\n\n".join(paragraphs))]
    )
    cells = deck(book).cells
    mine = [cell for cell in cells if "## Long" in cell.source]
    assert len(mine) > 1 and [cell.metadata.look for cell in mine] == ["first"] + ["again"] * (len(mine) - 1)
    assert re.findall(r"^\d", "\n".join(cell.source for cell in mine), re.MULTILINE) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("heights", "sizes"),
    [([100] * 3, [3]), ([300, 300, 300], [1, 1, 1]), ([200, 200, 200, 100], [2, 2]), ([900, 100], [1, 1]), ([], [])],
)
def test_no_slide_is_fuller_than_need_be_and_a_block_too_high_stands_alone(heights, sizes):
    assert [len(slide) for slide in cut([Block(height, "a.") for height in heights], ROOM)] == sizes


@pytest.mark.parametrize(
    ("one", "other", "stay"),
    [
        *[("It is", "$$x$$", True), ("Two of them:", "- one", True), ("$$x$$", "so many.", True)],
        *[("- As here:", "$$x$$", True), ("$$x$$", "$$y$$", True), ("$$x$$", "(z is a number.)", True)],
        *[("It is so.", "$$x$$", False), ("- one", "- two", False), ("**So it is.**", "Then", False)],
    ],
)
def test_what_a_sentence_leads_up_to_stays_with_it(one, other, stay):
    blocks = [Block(200, "First."), Block(200, one), Block(200, other)]
    assert texts(cut(blocks, ROOM)[0]) == (["First."] if stay else ["First.", one])


def test_code_is_one_block_and_a_wide_formula_is_cut_at_its_wide_space():
    fence = "```python\na = 1\n\nb = 2\n```"
    formula = "$$" + "a + " * 20 + r"b \qquad \text{and} \qquad " + "c + " * 10 + "d$$"
    blocks = text_blocks(f"## A\n\nSo:\n\n{fence}\n\n{formula}\n\n$$x \\qquad y$$")
    assert texts(blocks)[:2] == ["So:", fence] and len(blocks) == 6 and blocks[-1].text == r"$$x \qquad y$$"


def test_a_picture_is_as_large_as_the_slide_allows_and_not_larger():
    small, large = picture(100, 50), picture(2000, 100)
    deck(new_notebook(cells=[code(small, id="a"), code(large, id="b")]))
    assert (small.metadata.width, large.metadata.width) == (170, 1160)


def test_an_output_of_unknown_height_stands_alone_and_a_long_heading_is_set_smaller():
    words = new_output("execute_result", {"text/html": "<p>An error, marked.</p>"})
    cells = [
        explains("## " + "So long a heading " * 3 + "\n\nOne line."),
        code(words, id="it-figure", tags=["explain"]),
    ]
    made = deck(new_notebook(cells=[new_markdown_cell(HEADER, id="header"), *cells])).cells
    assert [cell.metadata.look for cell in made] == ["title", "first long", "again long", "again long"]


def made(tmp_path, monkeypatch, lesson):
    monkeypatch.setattr(runs, "run", lambda book, folder, widgets: book)
    shelf = tmp_path / "notebooks"
    shelf.mkdir()
    nbformat.write(lesson, shelf / "02-by-hand.ipynb")
    monkeypatch.setattr(slides, "REVEAL", tmp_path)
    for name in ("reveal.js", "reveal.css"):
        (tmp_path / name).write_text("/* reveal */")
    said = []
    return slides.publish_slides(tmp_path / "slides", shelf, tmp_path / "kept", said.append), tmp_path / "slides", said


def test_a_deck_asks_for_nothing_but_files_beside_it_and_links_nowhere(tmp_path, monkeypatch):
    names, folder, said = made(tmp_path, monkeypatch, a_lesson())
    assert names == ["index", "02-by-hand"] and said[-1] == f"1 decks, in {folder}"
    text = (folder / "02-by-hand.html").read_text(encoding="utf8")
    asked = re.findall(r"""(?:src|href)=["'](?!data:)([^"']*)""", text)
    assert len(asked) == 4 and all((folder / name).is_file() for name in asked)
    assert "<math>" in text and "Because of" in text and "https://" not in text
    assert re.findall(r"url\(|@import|https?://", (slides.HERE / "slides.css").read_text()) == []
    assert 'href="02-by-hand.html"' in (folder / "index.html").read_text(encoding="utf8")


def test_a_section_of_html_is_a_slide_and_nothing_else_is_one(tmp_path, monkeypatch):
    _, folder, _ = made(tmp_path, monkeypatch, a_lesson())
    text = (folder / "02-by-hand.html").read_text(encoding="utf8")
    assert (text.count("<section>"), text.count("<section class="), text.count("</section>")) == (4, 4, 8)


def test_other_files_are_left_as_they_are_and_a_missing_reveal_is_named(tmp_path, monkeypatch, capsys):
    (tmp_path / "index.html").write_text("mine")
    assert main(["--slides", str(tmp_path)]) == 1
    monkeypatch.setattr(slides, "REVEAL", tmp_path / "gone")
    assert main(["--slides", str(tmp_path / "new")]) == 1
    said = capsys.readouterr().out
    assert "holds other files" in said and "reveal.js is missing" in said
    assert (tmp_path / "index.html").read_text() == "mine" and not (tmp_path / "new").exists()


def test_the_command_makes_them_where_the_reader_stands(clone, monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(environment, "python_with", lambda clone, extra, cuda: "python")
    monkeypatch.setattr(tools, "node", lambda clone, python: (["node"], ["npm"]))
    monkeypatch.setattr(tools, "node_packages", lambda clone, node, npm: seen.append(npm))
    monkeypatch.setattr(subprocess, "call", lambda line, cwd: seen.append(line) or 0)
    monkeypatch.chdir(tmp_path)
    assert commands.slides(clone, ["mine"], False) == 0
    assert seen == [["npm"], ["python", "-m", "convlab.site", "--slides", str(tmp_path / "mine")]]
    assert "slides takes at most one folder" in stop_of(commands.slides, clone, ["a", "b"], False)
