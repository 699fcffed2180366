"""What every widget owes: to every reader, to two views, to a hundred re-runs, to a page without a kernel."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.drawn import read
from tests.browser.leaks import RUNS, assert_nothing_leaks, leaked
from tests.browser.saved_page import saved_page
from tests.browser.states import PRELUDE
from tests.browser.test_harness import TINY

STEPPER = "widget = convlab.ConvStepper(4, 6, (3, 2), stride=(2, 1), padding=(1, 2), groups=2, input=(1, 4, 6, 9))"
LAB = "widget = convlab.KernelLab(kernel='Sobel x', picture='painted')"
ANATOMY = "widget = convlab.LayerAnatomy(4, 4, (3, 2), padding=(1, 0), groups=2, input=(2, 4, 5, 3), dense=True)"
KINDS = {"conv-stepper": STEPPER, "kernel-lab": LAB, "layer-anatomy": ANATOMY}
REFUSED = {
    "layer-anatomy": "widget.set_layer(4, 4, kernel_size=(9, 2), groups=2)",
    "conv-stepper": "widget.set_layer(4, 6, kernel_size=(9, 2), groups=2, input=np.ones((1, 4, 6, 5), 'float32'))",
    "kernel-lab": "widget.set_layer(1, 1, kernel_size=(9, 20), input=np.ones((1, 1, 6, 9), 'float32'))",
}
each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def shared(scratch):
    """One notebook for all tests that leave it as it was: a cell for each widget, in the kernel as `widget`."""
    notebook = scratch(*((kind, f"{PRELUDE}{code}\nwidget") for kind, code in KINDS.items()))
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
    focusable = root.locator("button, input, select, [tabindex='0']")
    audit.assert_no_key_reaches(shared, focusable, every=max(1, focusable.count() // 12))


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
    notebook.run_widget("one", kind)
    with saved_page(notebook, chromium, tmp_path, kind) as root:
        saved = read(root)
        cell = root.locator('[data-role="weight"][tabindex="0"]').first
        before = float(cell.get_attribute("data-value"))
        cell.press("+")
        expect(cell).not_to_have_attribute("data-value", str(before))
        expect(cell).to_have_attribute("data-value", re.compile(r"\d"))
        assert read(root)["numbers"] != saved["numbers"]


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
    notebook = scratch(("one", f"{PRELUDE}{STEPPER}\nwidget"))
    root = notebook.run_widget("one", "conv-stepper")
    root.locator('[data-role="output"][data-index="0,1,2"]').tap()
    expect(root).to_have_attribute("data-place", "1,2")


@each_kind
def test_running_a_cell_again_and_again_leaks_no_listener_and_no_element(scratch, kind):
    notebook = scratch(("one", f"{PRELUDE}{KINDS[kind]}\nwidget"))
    assert_nothing_leaks(notebook, kind)


def test_the_check_for_leaks_finds_a_bad_example(scratch):
    hold = "(window.held ??= []).push(root); window.addEventListener('resize', () => root);"
    notebook = scratch(("one", TINY.replace("draw();\n", f"draw(); {hold}\n", 1)))
    elements, listeners = leaked(notebook, "tiny")
    assert elements >= RUNS - 1 and listeners >= RUNS - 1
