"""What every widget owes: to every reader, to two views, to a hundred re-runs, to a page without a kernel."""

import os
import re

import pytest
from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.drawn import read
from tests.browser.saved_page import save, served
from tests.browser.states import PRELUDE
from tests.browser.test_harness import TINY

STEPPER = "widget = convlab.ConvStepper(4, 6, (3, 2), stride=(2, 1), padding=(1, 2), groups=2, input=(1, 4, 6, 9))"
LAB = "widget = convlab.KernelLab(kernel='Sobel x', picture='painted')"
ANATOMY = "widget = convlab.LayerAnatomy(4, 4, (3, 2), padding=(1, 0), groups=2, input=(2, 4, 5, 3), dense=True)"
RUNS = 100 if os.environ.get("CONVLAB_FULL") == "1" else 20
KINDS = {"conv-stepper": STEPPER, "kernel-lab": LAB, "layer-anatomy": ANATOMY}
REFUSED = {
    "layer-anatomy": "widget.set_layer(4, 4, kernel_size=(9, 2), groups=2)",
    "conv-stepper": "widget.set_layer(4, 6, kernel_size=(9, 2), groups=2, input=np.ones((1, 4, 6, 5), 'float32'))",
    "kernel-lab": "widget.set_layer(1, 1, kernel_size=(9, 20), input=np.ones((1, 1, 6, 9), 'float32'))",
}
each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def shared(module_scratch):
    """One notebook for all tests that leave it as it was: a cell for each widget, in the kernel as `widget`."""
    notebook = module_scratch(*((kind, f"{PRELUDE}{code}\nwidget") for kind, code in KINDS.items()))
    return notebook


@each_kind
def test_axe_finds_nothing_in_light_and_dark(shared, kind):
    root = shared.run_widget(kind, kind)
    for theme in ("light", "dark"):
        shared.set_theme(theme)
        assert audit.axe(shared, root) == [], theme
    with shared.redrawn(root):
        shared.python(REFUSED[kind])
    for theme in ("dark", "light"):
        shared.set_theme(theme)
        assert audit.axe(shared, root) == [], f"{theme}, a refused layer"


@each_kind
def test_nothing_is_cut_off_at_320_pixels(shared, kind):
    root = shared.run_widget(kind, kind)
    for code in (None, REFUSED[kind]):
        if code:
            with shared.redrawn(root):
                shared.python(code)
        for width in (900, 320):
            assert audit.cut_off(root, width) == [], f"{width} pixels, {code or 'as made'}"


def test_the_check_for_what_is_cut_off_finds_a_bad_example(shared):
    root = shared.run_widget("kernel-lab", "kernel-lab")
    wide = "{ textContent: 'a line that is far too wide', style: 'width: 900px' }"
    root.evaluate(f"(root) => root.append(Object.assign(document.createElement('p'), {wide}))")
    assert any("far too wide" in fault for fault in audit.cut_off(root, 320))


@each_kind
def test_every_control_is_reached_by_tab_and_shows_it(shared, kind):
    root = shared.run_widget(kind, kind)
    expected, reached, ringless = audit.tab_through(shared, root)
    assert reached == expected and len(expected) > 5
    assert ringless == []


@each_kind
def test_no_key_reaches_the_notebook(shared, kind):
    root = shared.run_widget(kind, kind)
    before = [(cell["id"], cell["type"], cell["source"]) for cell in shared.cells()]
    names = root.evaluate(audit.FOCUSABLE)
    focusable = root.locator("button, input, select, [tabindex='0']")
    for number in range(0, focusable.count(), max(1, focusable.count() // 12)):
        if not focusable.nth(number).is_visible():
            continue
        focusable.nth(number).focus()
        for key in ("b", "a", "m", "y", "x", "z"):
            shared.page.keyboard.press(key)
    assert names and [(cell["id"], cell["type"], cell["source"]) for cell in shared.cells()] == before
    assert shared.problems == []


@each_kind
def test_two_views_stay_together(scratch, kind):
    notebook = scratch(("one", f"{PRELUDE}{KINDS[kind]}\nwidget"), ("two", "widget"))
    notebook.run_widget("one", kind)
    notebook.run_widget("two", kind)
    one, two = notebook.widget(kind, 0), notebook.widget(kind, 1)
    cell = one.locator('[data-role="weight"][tabindex="0"]').first
    cell.focus()
    with notebook.redrawn(two):
        cell.press("+")
    assert read(one) == read(two)
    with notebook.redrawn(one):
        two.locator('[data-role="weight"][tabindex="0"]').first.press("-")
    assert read(one) == read(two)
    assert notebook.complaints() == []


@each_kind
def test_a_saved_page_works_without_a_kernel(scratch, chromium, kind, tmp_path):
    notebook = scratch(("one", f"{PRELUDE}{KINDS[kind]}\nwidget"))
    live = read(notebook.run_widget("one", kind))
    save(notebook, "widget", tmp_path)
    with served(tmp_path) as address:
        page = chromium.new_page()
        problems, strangers = [], []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: strangers.append(request.url))
        page.goto(f"{address}/page.html")
        root = page.locator(f".convlab-{kind}")
        root.locator("[data-value]").first.wait_for()
        saved = read(root)
        assert saved["numbers"] == live["numbers"]
        cell = root.locator('[data-role="weight"][tabindex="0"]').first
        before = float(cell.get_attribute("data-value"))
        cell.press("+")
        expect(cell).not_to_have_attribute("data-value", str(before))
        expect(cell).to_have_attribute("data-value", re.compile(r"\d"))
        assert read(root)["numbers"] != saved["numbers"]
        page.close()
    assert problems == []
    assert [url for url in strangers if not url.startswith((address, "blob:", "data:"))] == []


FRAMES = """
(root) => new Promise((done) => {
  const before = root.convlabDraws ?? 0;
  let frames = 0;
  const look = () => (++frames < 60 ? requestAnimationFrame(look) : done((root.convlabDraws ?? 0) - before));
  requestAnimationFrame(look);
})
"""


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_with_reduced_motion_nothing_moves_by_itself(scratch, motion):
    notebook = scratch(("one", f"{PRELUDE}{STEPPER}\nwidget"), reduced_motion=motion)
    root = notebook.run_widget("one", "conv-stepper")
    root.get_by_text("computed the same").wait_for()
    with notebook.redrawn(root):
        root.locator('[data-role="output"][tabindex="0"]').press(" ")
    moved = root.evaluate(FRAMES) + root.evaluate(FRAMES)
    assert (moved == 0) if motion == "reduce" else (moved > 0)


def test_a_tap_pins_the_place(scratch):
    notebook = scratch(("one", f"{PRELUDE}{STEPPER}\nwidget"), has_touch=True)
    root = notebook.run_widget("one", "conv-stepper")
    root.locator('[data-role="output"][data-index="0,1,2"]').tap()
    expect(root).to_have_attribute("data-place", "1,2")


def alive(client):
    """After a collection of garbage: (elements of convlab in memory, listeners on window, document and body)."""

    def evaluate(expression):
        return client.send("Runtime.evaluate", {"expression": expression})["result"]["objectId"]

    client.send("HeapProfiler.collectGarbage")
    every = client.send("Runtime.queryObjects", {"prototypeObjectId": evaluate("Element.prototype")})["objects"]
    # Among the objects are prototypes, on which closest() throws.
    ours = "(node) => { try { return node.closest('.convlab'); } catch { return false; } }"
    count = f"function () {{ return this.filter({ours}).length; }}"
    asked = {"objectId": every["objectId"], "functionDeclaration": count, "returnByValue": True}
    elements = client.send("Runtime.callFunctionOn", asked)["result"]["value"]
    client.send("Runtime.releaseObject", {"objectId": every["objectId"]})
    listeners = 0
    for target in ("window", "document", "document.body"):
        found = client.send("DOMDebugger.getEventListeners", {"objectId": evaluate(target)})
        listeners += len(found["listeners"])
    return elements, listeners


def leaked(notebook, client, kind):
    """(elements, listeners) that stay behind from RUNS runs of the one cell."""
    notebook.run_widget("one", kind)
    before = alive(client)
    for _ in range(RUNS):
        notebook.run_widget("one", kind)
    after = alive(client)
    assert notebook.page.locator(f".jp-Notebook .convlab-{kind}").count() == 1
    return [now - then for then, now in zip(before, after, strict=True)]


@each_kind
def test_running_a_cell_again_and_again_leaks_no_listener_and_no_element(scratch, kind):
    notebook = scratch(("one", f"{PRELUDE}{KINDS[kind]}\nwidget"))
    client = notebook.page.context.new_cdp_session(notebook.page)
    elements, listeners = leaked(notebook, client, kind)
    # JupyterLab lets go of a cell's last outputs late: one view may still be held, not one a run.
    of_one = notebook.widget(kind).evaluate("(root) => root.querySelectorAll('*').length + 1")
    assert elements <= of_one and listeners <= 2


def test_the_check_for_leaks_finds_a_bad_example(scratch):
    hold = "(window.held ??= []).push(root); window.addEventListener('resize', () => root);"
    notebook = scratch(("one", TINY.replace("draw();\n", f"draw(); {hold}\n", 1)))
    client = notebook.page.context.new_cdp_session(notebook.page)
    elements, listeners = leaked(notebook, client, "tiny")
    assert elements >= RUNS - 1 and listeners >= RUNS - 1
