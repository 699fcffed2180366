"""The saved site's parts: formulas, widgets' states, pages that give nothing away, runs that are kept, its folder."""

import json
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from convlab.bootstrap import commands, environment
from convlab.site import pages, publish, runs, states
from convlab.site.__main__ import main
from convlab.site.mathml import mathml
from convlab.syllabus import TITLES
from tests.unit.clones import ROOT, stop_of

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SCRIPT = "export default { render() {} };"


def formulas(file):
    cells = nbformat.read(file, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.findall(r"\$\$(.+?)\$\$", text, re.DOTALL)


def state(kind="size_ruler", long=0, **traits):
    """A widget as nbclient stores it."""
    own = {"_esm": SCRIPT, "_css": ".x {}", "_anywidget_id": f"convlab.widgets.{kind}.Kind", "layout": "IPY_MODEL_9"}
    path = {"path": ["_input", "data"], "encoding": "base64", "data": "AAAA" * long}
    return {"model_name": "AnyModel", "state": {**own, **traits}, "buffers": [path] if long else []}


def view(id, text="SizeRuler()"):
    return new_output("display_data", {states.VIEW: {"model_id": id}, "text/plain": text})


def book_of(*cells, **models):
    book = new_notebook(cells=list(cells))
    book.metadata["widgets"] = {states.STATE: {"state": models}}
    return nbformat.reads(nbformat.writes(book), as_version=4)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_every_formula_of_a_lesson_is_understood(file):
    for tex in formulas(file):
        element = ElementTree.fromstring(mathml(tex))
        assert element.tag == "math", tex
        words = re.sub(r"\W|_", "", "".join(element.itertext()))
        for text in re.findall(r"\\text\{([a-z ]+)\}", tex):
            assert text.replace(" ", "") in words


@pytest.mark.parametrize(
    ("tex", "inside"),
    [
        (r"\frac{1}{k}", "<mfrac><mn>1</mn><mi>k</mi></mfrac>"),
        (r"x^2_i", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        (r"\text{a b} < 3", "<mtext>a b</mtext><mo>&lt;</mo><mn>3</mn>"),
        (r"\text{to \_x: }G", "<mtext>to _x:\xa0</mtext><mi>G</mi>"),
        (r"\sum_{u} k", '<munder><mo movablelimits="false">∑</mo><mi>u</mi></munder><mi>k</mi>'),
        (r"\left( p \right]", '<mrow><mo stretchy="true">(</mo><mi>p</mi><mo stretchy="true">]</mo></mrow>'),
        (r"a \bmod n", '<mi>a</mi><mo lspace="0.2em" rspace="0.2em">mod</mo><mi>n</mi>'),
        ("-3", "<mo>−</mo><mn>3</mn>"),
    ],
)
def test_a_piece_of_tex_becomes_what_a_browser_draws(tex, inside):
    assert mathml(tex) == f'<math display="block"><mrow>{inside}</mrow></math>'


@pytest.mark.parametrize("tex", [r"\frac{1}", r"{x", "x}", r"\left( x", r"x_", r"x_1_2", r"\text x", r"\matrix{a & b}"])
def test_tex_that_is_not_understood_stays_as_it_was(tex):
    assert re.fullmatch(r"<code>[^<]*</code>", mathml(tex))


def test_two_widgets_of_one_kind_share_their_files_and_long_bytes_leave_the_page(tmp_path):
    cells = [new_code_cell("", outputs=[view(id)]) for id in ("a", "b", "a")]
    book = book_of(*cells, a=state(long=1000, place=[1, 2]), b=state(long=1000), unseen=state(), c={"state": {}})
    found = states.models(book, states.Assets(tmp_path))
    assert list(found) == ["a", "b"]
    assert found["a"] | {"state": {}} == found["b"] and found["a"]["state"] == {"place": [1, 2]}
    assert (tmp_path / found["a"]["script"]).read_text() == SCRIPT
    [where] = found["a"]["bytes"]
    assert where["path"] == ["_input", "data"] and (tmp_path / where["file"]).read_bytes() == bytes(3000)
    assert len(list((tmp_path / "assets").iterdir())) == 3
    assert states.model(state(long=2), states.Assets(tmp_path))["bytes"][0]["text"] == "AAAAAAAA"


SITE = {"style": "s.css", "script": "s.js", "pages": ["02-x", "gallery"], "address": "https://x.org/y"}
SITE |= {"before": None, "after": None}


def page_of(tmp_path, *cells, **models):
    page = pages.Page("02-x", "02", book_of(*cells, **models))
    return pages.html(page, SITE, states.Assets(tmp_path))


def test_a_cell_that_git_stores_unrun_is_shown_unrun_and_says_where_it_is_answered(tmp_path):
    for kind, words in pages.UNRUN.items():
        output = new_output("stream", text="the answer is forty-two")
        cell = new_code_cell("ask()", metadata={"tags": [kind]}, outputs=[output, view("a")])
        text = page_of(tmp_path, cell, a=state(shown="forty-two"))
        assert words in text and "forty-two" not in text and "ask" in text
    text = page_of(tmp_path, new_code_cell("ask()", outputs=[output]))
    assert "the answer is forty-two" in text and 'class="unrun"' not in text


def test_the_tags_that_are_stored_unrun_are_those_of_the_normaliser():
    normalise = (ROOT / "tests" / "notebooks" / "normalise.py").read_text(encoding="utf8")
    [names] = re.findall(r"^UNRUN = \{(.*)\}$", normalise, re.MULTILINE)
    assert set(re.findall(r'"(\w+)"', names)) == set(pages.UNRUN)


def test_an_error_keeps_its_last_line_alone(tmp_path):
    error = new_output("error", ename="ValueError", evalue="too <small>", traceback=["File /somewhere/x.py, line 3"])
    text = page_of(tmp_path, new_code_cell("", outputs=[error]))
    assert "ValueError: too &lt;small&gt;" in text and "somewhere" not in text


def test_a_widget_has_its_place_and_its_state_and_what_cannot_live_is_text(tmp_path):
    alien = {"model_name": "IntSliderModel", "state": {"value": 3}}
    cells = [new_code_cell("", outputs=[view("a")]), new_code_cell("", outputs=[view("b", "IntSlider(3)")])]
    text = page_of(tmp_path, *cells, a=state(note="</script>"), b=alien)
    assert text.count('class="widget"') == 1 and 'data-kind="size-ruler"' in text and "IntSlider(3)" in text
    [models] = re.findall(r'<script id="models" type="application/json">(.*?)</script>', text, re.DOTALL)
    assert json.loads(models)["a"]["state"] == {"note": "</script>"}


@pytest.mark.parametrize(("kind", "inert"), [("quiz_card", True), ("feature_maps", False)])
def test_a_widget_that_needs_python_says_so_from_the_start(tmp_path, kind, inert):
    text = page_of(tmp_path, new_code_cell("", outputs=[view("a")]), a=state(kind))
    assert pages.KERNEL[kind] in text
    assert bool(re.search(r'class="stage" inert', text)) == inert


def test_a_picture_has_the_words_of_its_cell(tmp_path):
    picture = new_output("display_data", {"image/png": "iVBORw0KGgo=", "text/plain": 'a "b"\n< c'})
    assert """alt='a "b" &lt; c'""" in page_of(tmp_path, new_code_cell("", outputs=[picture]))


def test_links_to_notebooks_lead_to_pages_and_others_stay(tmp_path):
    links = '<a href="02-x.ipynb">a</a> [b](02-x.ipynb#why) <a href="../notebooks/09-y.ipynb">c</a>'
    text = page_of(tmp_path, new_markdown_cell(links))
    assert 'href="02-x.html"' in text and 'href="02-x.html#why"' in text and 'href="../notebooks/09-y.ipynb"' in text


def test_the_headings_of_a_long_page_are_listed():
    cells = [new_markdown_cell("# T\n\n## One `x`"), new_code_cell("## no"), new_markdown_cell("## Two\n\n### no")]
    assert pages.contents(new_notebook(cells=cells)) == [("one-x", "One <code>x</code>"), ("two", "Two")]


def test_a_run_is_kept_until_the_notebook_or_the_course_changes(tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr(runs, "run", lambda book, folder, widgets: ran.append(widgets) or book)
    book = new_notebook(cells=[new_code_cell("1", id="a")])
    assert [runs.kept_or_run(book, ROOT, "x", tmp_path)[1] for _ in range(2)] == [False, True]
    book.cells[0].outputs = [new_output("stream", text="1")]
    assert runs.kept_or_run(book, ROOT, "x", tmp_path)[1]
    for change in ({"source": "2"}, {"metadata": {"tags": ["predict"]}}):
        book.cells[0].update(nbformat.from_dict(change))
        assert not runs.kept_or_run(book, ROOT, "x", tmp_path)[1]
    monkeypatch.setattr(runs, "_course", lambda: "another course")
    assert not runs.kept_or_run(book, ROOT, "x", tmp_path)[1]
    (tmp_path / "x.ipynb").write_text("half a fi")
    assert not runs.kept_or_run(book, ROOT, "x", tmp_path)[1]
    assert ran == [True] * 5 and [file.name for file in tmp_path.iterdir()] == ["x.ipynb"]


def test_a_change_of_any_file_that_a_kernel_reads_is_a_change_of_the_course(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "PACKAGE", tmp_path)
    seen = []
    for name in ("a.py", "widgets/b.css", "site/c.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
        runs._course.cache_clear()
        seen.append(runs._course())
    runs._course.cache_clear()
    assert seen[0] != seen[1] == seen[2]


def test_the_folder_is_a_new_one_or_an_older_site(tmp_path):
    folder = publish.cleared(tmp_path / "new" / "site")
    (folder / "index.html").touch()
    (folder / "assets").mkdir()
    (folder / "CNAME").touch()
    assert publish.cleared(folder) == folder
    assert sorted(file.name for file in folder.iterdir()) == [publish.MADE, "CNAME"]


def test_a_folder_with_other_files_is_left_as_it_is(tmp_path, capsys):
    (tmp_path / "index.html").write_text("mine")
    assert main([str(tmp_path)]) == 1
    assert "holds other files" in capsys.readouterr().out and (tmp_path / "index.html").read_text() == "mine"
    assert main([str(tmp_path / "index.html")]) == 1
    assert "is a file" in capsys.readouterr().out


def test_a_lesson_appears_as_soon_as_its_notebook_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "run", lambda book, folder, widgets: book)
    shelf = tmp_path / "notebooks"
    shelf.mkdir()
    for name in ("10-a", "11-debugging-clinic"):
        cell = new_markdown_cell("# T\n\nAbout 50 minutes. $$k_H$$")
        nbformat.write(new_notebook(cells=[cell]), shelf / f"{name}.ipynb")
    said = []
    made = publish.publish(tmp_path / "site", shelf, tmp_path / "kept", said.append)
    assert made == ["index", "10-a", "11-debugging-clinic", "gallery"]
    assert sorted(file.stem for file in (tmp_path / "site").glob("*.html")) == sorted(made)
    first = (tmp_path / "site" / "index.html").read_text(encoding="utf8")
    assert '<a href="11-debugging-clinic.html">11 Debugging clinic</a>' in first and "50 min" in first
    assert first.count("coming") == len(TITLES) - 2
    page = (tmp_path / "site" / "10-a.html").read_text(encoding="utf8")
    assert 'href="11-debugging-clinic.html" rel="next"' in page and 'rel="prev"' not in page and "<math" in page
    assert f"<title>10 {TITLES['10']} · convlab</title>" in page
    assert "4 pages" in said[-1]


def test_no_page_names_another_host_but_in_a_link(tmp_path):
    text = page_of(tmp_path, new_markdown_cell("# T\n\n$$x$$"), new_code_cell("", outputs=[view("a")]), a=state())
    assert re.findall(r"""(?:src|href)=["']https?://[^"']*""", text) == ['href="https://x.org/y']
    assert re.findall(r"url\(|@import|https?://", (Path(pages.__file__).parent / "site.css").read_text()) == []


def test_the_command_makes_it_where_the_reader_stands(clone, monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(environment, "python_with", lambda clone, extra, cuda: seen.append(extra) or "python")
    monkeypatch.setattr(subprocess, "call", lambda line, cwd: seen.append(line) or 0)
    monkeypatch.chdir(tmp_path)
    assert commands.site(clone, ["mine"], False) == 0 and commands.site(clone, [], False) == 0
    start = ["python", "-m", "convlab.site"]
    assert seen == ["course", [*start, str(tmp_path / "mine")], "course", start]
    assert "at most one folder" in stop_of(commands.site, clone, ["a", "b"], False)
    assert "at most one folder" in stop_of(commands.site, clone, ["--help"], False)
