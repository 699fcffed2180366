"""The harness itself: what it says about a notebook is what a learner sees."""

import pytest
from playwright.sync_api import Error

from benchmarks._timing import Timed
from tests.browser.as_json import as_json

TINY = '''
import anywidget, traitlets

class Tiny(anywidget.AnyWidget):
    _esm = """
    function render({ model, el }) {
      const root = document.createElement("button");
      root.className = "convlab convlab-tiny";
      el.append(root);
      const draw = () => {
        root.textContent = model.get("count");
        root.dispatchEvent(new CustomEvent("convlab:drawn", { bubbles: true }));
      };
      const click = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
      model.on("change:count", draw);
      root.addEventListener("click", click);
      draw();
      return () => { model.off("change:count", draw); root.removeEventListener("click", click); };
    }
    export default { render };
    """
    count = traitlets.Int(0).tag(sync=True)
    def __repr__(self):
        return "Tiny()"

tiny = Tiny()
tiny
'''


def test_a_widget_is_drawn_clicked_and_set_from_python(scratch):
    notebook = scratch(("tiny", TINY))
    notebook.run_cell("tiny")
    root = notebook.widget("tiny")
    root.wait_for()
    with notebook.redrawn(root):
        root.click()
    assert root.text_content() == "1"
    assert notebook.python("print(tiny.count)") == "1\n"
    with notebook.redrawn(root):
        notebook.python("tiny.count = 41")
    assert root.text_content() == "41"
    assert notebook.text("tiny") == "Tiny()"
    assert notebook.complaints() == []


def test_code_for_the_kernel_comes_after_all_that_a_widget_has_set(scratch):
    notebook = scratch(("tiny", TINY))
    notebook.run_cell("tiny")
    root = notebook.widget("tiny")
    root.wait_for()
    for times in (30, 60, 90):  # ipywidgets sends the first, and keeps the rest until the kernel has answered
        root.evaluate("root => { for (let click = 0; click < 30; click += 1) root.click(); }")
        assert notebook.python("print(tiny.count)") == f"{times}\n"


def test_nothing_of_one_test_reaches_the_next(lab, scratch):
    left = f"{TINY}\nimport os, sys, convlab\nos.environ['CONVLAB_DB'] = 'other.sqlite'\nconvlab.left = True"
    notebook = scratch(("left", left), theme="dark", reduced_motion="reduce", width=500)
    notebook.run_all()
    notebook.page.evaluate("console.error('a fault of that test')")
    assert notebook.problems
    notebook = scratch(("next", "1 + 1"))
    told = "print('tiny' in globals(), hasattr(__import__('convlab'), 'left'), __import__('os').environ['CONVLAB_DB'])"
    assert notebook.python(told) == f"False False {lab.database}\n"
    assert notebook.ids() == ["next"] and notebook.complaints() == [] and notebook.widget("tiny").count() == 0
    seen = "[matchMedia('(prefers-reduced-motion: reduce)').matches, innerWidth, document.body.dataset.jpThemeLight]"
    assert notebook.page.evaluate(seen) == [False, 1400, "true"]


def test_after_a_test_that_broke_the_page_the_next_has_one_that_works(scratch):
    scratch("1 + 1").page.goto("about:blank")
    notebook = scratch(("next", "1 + 1"))
    notebook.run_all()
    assert notebook.text("next") == "2"


def test_errors_and_warnings_are_heard(scratch):
    notebook = scratch(("bad", "1 / 0"), ("loud", "import warnings; warnings.warn('mind the gap')"))
    notebook.run_cell("bad")
    notebook.press_run("loud")
    notebook.page.evaluate("console.error('a fault of ours')")
    first, second, third = notebook.complaints()
    assert "ZeroDivisionError" in first and "mind the gap" in second and "a fault of ours" in third


def test_of_ipykernels_own_words_nothing_is_heard_and_of_what_stands_beside_them_all(scratch):
    theirs = "Task was destroyed but it is pending!\\ntask: <Task pending coro=<go() at /lib/ipykernel/utils.py:52>>\\n"
    write = f"import sys; _ = sys.stderr.write('{2 * theirs}"
    notebook = scratch(("theirs", f"{write}')"), ("after", f"{write}a fault of ours')"), ("task", f"{write[:-90]}')"))
    notebook.run_all()
    assert [heard.partition(":")[0] for heard in notebook.complaints()] == ["after", "task"]


def test_a_restart_forgets_and_a_second_run_counts_anew(scratch):
    notebook = scratch(("one", "x = 1"), ("two", "x + 1"))
    notebook.run_all()
    assert notebook.text("two") == "2"
    notebook.restart_kernel()
    with pytest.raises(RuntimeError, match="NameError"):
        notebook.python("print(x)")
    notebook.run_all()
    assert [cell["count"] for cell in notebook.cells()] == [1, 2]


def test_what_is_read_as_one_text_is_what_the_page_has(scratch):
    there = "(more) => ({ numbers: [1.5, -2, NaN, -Infinity, null], text: 'a \\u201cword\\u201d', more })"
    numbers = [1.5, -2, "NaN", "-Infinity", None]
    assert as_json(scratch("1 + 1").page, there, [7]) == {"numbers": numbers, "text": "a “word”", "more": [7]}


@pytest.mark.parametrize("theme, paper", [("dark", "#111"), ("light", "white")])
def test_the_theme_is_the_one_asked_for(scratch, theme, paper, tmp_path):
    notebook = scratch("1 + 1", theme=theme)
    notebook.run_all()
    colour = "getComputedStyle(document.body).getPropertyValue('--jp-layout-color0').trim()"
    assert notebook.page.evaluate(colour) == paper
    assert all(file.stat().st_size > 500 for file in notebook.screenshot_cells(tmp_path))


def test_the_benchmarks_time_a_cell_until_its_widget_is_painted(scratch):
    notebook = scratch(("one", f"import threading; threading.Event().wait(0.5)\n{TINY}"))
    assert 500 < Timed(notebook).alive("one") < 60_000


def test_the_benchmarks_do_not_wait_for_ever_for_a_widget_that_does_not_come(scratch):
    with pytest.raises(Error, match="not done within 300 ms"):
        Timed(scratch(("none", "1 + 1"))).alive("none", patience_ms=300)
