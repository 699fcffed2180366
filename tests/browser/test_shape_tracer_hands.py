"""ShapeTracer under the hands: every move by key, mouse and touch; two views; a page without a kernel."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.drawn import read
from tests.browser.leaks import assert_nothing_leaks
from tests.browser.one_widget import one_widget
from tests.browser.saved_page import saved_page
from tests.browser.tracer_truth import IMPORTS, KIND, START, Truth, faults, traced

notebook, root = one_widget(KIND, START)


def field(root, axis):
    return root.locator(f'[data-role="length"][data-index="{axis}"]')


def setting(notebook):
    return json.loads(
        notebook.python("import json\nprint(json.dumps([widget.shape, widget.at, widget.walk.input_shape]))")
    )


def test_every_length_is_moved_by_keys_and_python_traces_it(notebook, root):
    for axis, key, length in ((2, "ArrowUp", 38), (3, "+", 42), (0, "-", 1), (2, "PageUp", 48), (3, "ArrowDown", 41)):
        cell = field(root, axis)
        cell.focus()
        cell.press(key)
        expect(cell).to_have_text(str(length))
        expect(cell).to_be_focused()
    traced(root, (1, 2, 48, 41))
    assert setting(notebook) == [[1, 2, 48, 41], 0, [1, 2, 48, 41]]
    cell = field(root, 2)
    cell.focus()
    for typed, shown in (("37", "37"), ("2.5", "37"), ("0", "1"), ("99999", "1024")):
        if typed == "99999":
            notebook.python("widget.set_model(torch.nn.Identity())")
        notebook.page.keyboard.type(typed)
        notebook.page.keyboard.press("Enter")
        expect(cell).to_have_text(shown)
    traced(root, (1, 2, 1024, 41))


def test_a_number_follows_the_mouse_at_once_and_the_picture_greys_until_the_answer(notebook, root):
    notebook.python(
        "import threading\nheld = threading.Event()\nnormal = widget._follow\nwidget._follow = lambda: None"
    )
    cell = field(root, 2)
    box = cell.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = notebook.page.mouse
    mouse.move(x, y)
    mouse.down()
    for step in (1, 2, 3):
        with notebook.redrawn(root):
            mouse.move(x, y - 8 * step)
    mouse.up()
    expect(cell).to_have_text("40")
    expect(root).to_have_class("convlab convlab-shape-tracer st-pending")
    body = root.locator(".st-body")
    assert body.evaluate("node => getComputedStyle(node).filter") == "grayscale(1)"
    expect(root.locator(".st-status")).to_contain_text("Running the model on (2, 2, 40, 41) …")
    expect(root.locator(".st-status")).to_contain_text("no kernel has answered")
    expect(root).to_have_attribute("data-shape", "2,2,37,41")
    root.get_by_role("button", name="Back to it").click()
    expect(cell).to_have_text("37")
    expect(root).to_have_class("convlab convlab-shape-tracer")
    notebook.python("widget._follow = normal\nwidget.shape = [2, 2, 40, 41]")
    traced(root, (2, 2, 40, 41))
    assert body.evaluate("node => getComputedStyle(node).filter") == "none"


def test_arrows_brackets_home_and_end_walk_the_rows_from_boxes_and_table(notebook, root):
    keyboard = notebook.page.keyboard
    strip = root.get_by_role("slider", name="layers as boxes")
    strip.focus()
    walk = [("ArrowRight", 1), ("]", 2), ("ArrowDown", 3), ("End", 8), ("ArrowRight", 8), ("[", 7), ("Home", 0)]
    for key, at in walk:
        keyboard.press(key)
        expect(root).to_have_attribute("data-at", str(at))
        expect(strip).to_be_focused()
        expect(strip).to_have_attribute("aria-valuenow", str(at))
    root.locator("tr.st-pinned button").focus()
    for key, at in [("ArrowDown", 1), ("ArrowDown", 2), ("End", 8), ("ArrowUp", 7)]:
        keyboard.press(key)
        expect(root).to_have_attribute("data-at", str(at))
        expect(root.locator(f'tr[data-at="{at}"] button')).to_be_focused()
    expect(root.locator(".cl-live")).to_contain_text("Row 7 of 8, 6: Flatten: (2, 6, 4, 6) becomes (2, 144);")
    root.locator('tr[data-at="4"] button').evaluate("node => { node.tabIndex = 0; node.focus(); }")
    keyboard.press("Enter")
    expect(root).to_have_attribute("data-at", "4")
    with notebook.sent():
        keyboard.press("ArrowUp")
    assert setting(notebook)[1] == 3 and notebook.problems == []


def test_hover_previews_and_a_click_pins_on_boxes_rows_and_bars(notebook, root):
    header = root.locator(".st-header")
    root.locator('.st-box[data-at="4"]').hover()
    expect(root).to_have_attribute("data-at", "4")
    expect(root.locator(".st-pinned-row")).to_contain_text("Conv2d(4, 6, kernel_size=(3, 2), stride=(2, 1))")
    header.hover()
    expect(root).to_have_attribute("data-at", "0")
    root.locator('tr[data-at="3"]').hover()
    expect(root).to_have_attribute("data-at", "3")
    root.locator('tr[data-at="3"]').click()
    header.hover()
    expect(root).to_have_attribute("data-at", "3")
    expect(root.locator('.st-box[data-at="3"]')).to_have_class("st-box st-plain st-here")
    root.locator(".st-amounts").nth(1).locator(".st-part").first.hover()
    expect(root).to_have_attribute("data-at", "1")
    root.locator(".st-amounts").nth(1).locator(".st-part").first.click()
    header.hover()
    expect(root).to_have_attribute("data-at", "1")


def test_a_branch_is_drawn_as_an_arc(notebook, root):
    with notebook.redrawn(root):
        notebook.python("widget.set_model(MODELS['residual']())")
    rows = {row.name: at for at, row in enumerate(Truth("residual", (2, 2, 37, 41)).rows, 1)}
    arcs = root.locator(".st-arc")
    found = arcs.evaluate_all("nodes => nodes.map(({ dataset }) => [Number(dataset.from), Number(dataset.to)])")
    assert sorted(found) == [[3, rows["short"]], [rows["third"], rows["+"]]]
    root.locator(f'tr[data-at="{rows["short"]}"] button').click()
    expect(root.locator(".st-arc.st-lit")).to_have_count(1)


def test_a_tap_pins(scratch):
    notebook = scratch(("one", START))
    root = notebook.run_widget("one", KIND)
    root.locator('tr[data-at="2"]').tap()
    expect(root).to_have_attribute("data-at", "2")
    root.locator('.st-box[data-at="5"]').tap()
    expect(root).to_have_attribute("data-at", "5")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_space_plays_and_with_reduced_motion_goes_one_row_on(scratch, motion):
    notebook = scratch(("one", START), reduced_motion=motion)
    root = notebook.run_widget("one", KIND)
    notebook.python("widget.at = 6")
    expect(root).to_have_attribute("data-at", "6")
    root.get_by_role("slider").focus()
    notebook.page.keyboard.press(" ")
    if motion == "reduce":
        expect(root).to_have_attribute("data-at", "7")
        expect(root.get_by_role("button", name="pause")).to_have_count(0)
        for at in ("8", "0"):
            notebook.page.keyboard.press(" ")
            expect(root).to_have_attribute("data-at", at)
    else:
        expect(root.get_by_role("button", name="pause")).to_be_visible()
        expect(root).to_have_attribute("data-at", "8")
        expect(root.get_by_role("button", name="play", exact=True)).to_be_visible()
        root.get_by_role("button", name="play", exact=True).click()
        expect(root).to_have_attribute("data-at", "0")


STATES = [
    "pass",
    "widget.budget = {'parameters': 100, 'macs': 10**9}; widget.at = 4",
    "widget.set_model(MODELS['plain'](), (2, 2, 64, 41)); widget.at = 8",
    "widget.set_model(MODELS['residual'](), (2, 2, 37, 41)); widget.at = 4",
    "widget.set_model(torch.nn.Flatten(0), (2, 2, 6, 5)); widget.at = 1",
    "widget.set_model(torch.nn.Linear(7, 2), (3, 6)); widget.at = 0",
]


def test_axe_finds_nothing_and_nothing_is_cut_off(notebook, root):
    audit.assert_everyone_reads(notebook, root, STATES)


def test_every_control_is_reached_by_tab_and_no_key_reaches_the_notebook(notebook, root):
    notebook.python("widget.set_model(MODELS['plain'](), (2, 2, 64, 41))")
    expect(root.locator(".cl-problem")).to_be_visible()
    expected, reached, ringless = audit.tab_through(notebook, root)
    assert reached == expected and ringless == []
    # four lengths, play, the way to the broken row, the boxes, one row of the table
    assert len(expected) == 8
    focusable = root.locator("[tabindex='0'], button:visible")
    audit.assert_no_key_reaches(notebook, focusable, every=2)


def test_two_views_and_python_stay_together(scratch):
    notebook = scratch(("one", START), ("two", "widget"))
    notebook.run_widget("one", KIND)
    notebook.run_widget("two", KIND)
    one, two = notebook.widget(KIND, 0), notebook.widget(KIND, 1)
    field(one, 0).press("ArrowUp")
    for root in (one, two):
        traced(root, (3, 2, 37, 41))
    assert read(one) == read(two) and faults(read(two), Truth("plain", (3, 2, 37, 41))) == []
    with notebook.sent():
        two.get_by_role("slider").press("End")
    expect(one).to_have_attribute("data-at", "8")
    assert setting(notebook)[:2] == [[3, 2, 37, 41], 8]
    notebook.python("widget.shape = [1, 2, 37, 41]\nwidget.at = 2")
    for root in (one, two):
        traced(root, (1, 2, 37, 41))
        expect(root).to_have_attribute("data-at", "2")
    assert notebook.complaints() == []


def test_tasks_tick_when_python_has_traced(scratch):
    tasks = "tasks={'make it break': lambda now: now.problem != ''}"
    notebook = scratch(("one", START.replace("(2, 2, 37, 41))", f"(2, 2, 37, 41), {tasks})")))
    root = notebook.run_widget("one", KIND)
    expect(root.locator(".cl-tasks li.cl-done")).to_have_count(0)
    field(root, 2).press("PageUp")
    field(root, 2).press("PageUp")
    expect(root.locator(".cl-tasks li.cl-done")).to_have_count(1)


def test_a_saved_page_keeps_its_trace_and_says_that_no_kernel_answers(scratch, chromium, tmp_path):
    notebook = scratch(("one", START))
    notebook.run_widget("one", KIND)
    with saved_page(notebook, chromium, tmp_path, KIND) as root:
        root.locator('tr[data-at="4"] button').click()
        expect(root.locator(".st-pinned-row")).to_contain_text("multiply-adds")
        expect(root).to_have_attribute("data-at", "4")
        field(root, 2).press("ArrowUp")
        expect(field(root, 2)).to_have_text("38")
        expect(root.locator(".st-status")).to_contain_text("no kernel has answered")
        expect(root).to_have_attribute("data-shape", "2,2,37,41")
        root.get_by_role("button", name="Back to it").click()
        expect(root.locator(".st-status")).to_contain_text("ran this model on (2, 2, 37, 41)")


def test_running_its_cell_again_and_again_leaks_no_listener_and_no_element(scratch):
    made = "widget = convlab.ShapeTracer(MODELS['residual'](), (2, 2, 37, 41))"
    assert_nothing_leaks(scratch(("one", f"{IMPORTS}{made}\nwidget")), KIND)
