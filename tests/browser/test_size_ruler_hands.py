"""SizeRuler under the hands: every setting and every move by key, mouse and touch; two views; a page without kernel."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.drawn import read
from tests.browser.leaks import assert_nothing_leaks
from tests.browser.one_widget import one_widget
from tests.browser.saved_page import saved_page
from tests.browser.size_truth import KIND, START, Truth, checked, faults, show

notebook, root = one_widget(KIND, START)


def field(root, role, axis):
    return root.locator(f'.sr-table [data-role="{role}"][data-index="{axis}"]')


def setting(notebook, root):
    """What Python holds once the hand has rested."""
    checked(root)
    return json.loads(notebook.python("import json\nprint(json.dumps({**widget.spec, 'shape': widget.shape}))"))


def test_every_setting_is_moved_by_keys_and_python_holds_it(notebook, root):
    notebook.python("import json")
    moves = [("kernel-size", "ArrowUp"), ("stride", "+"), ("dilation", "+"), ("padding", "ArrowUp")]
    for role, key in moves:
        name = role.replace("-", "_")
        for axis in (0, 1):
            before = setting(notebook, root)[name]
            cell = field(root, role, axis)
            cell.focus()
            if role == "dilation":
                field(root, "length", axis).press("PageUp")
            with notebook.redrawn(root):
                cell.press(key)
            expect(cell).to_have_text(str(before[axis] + 1))
            after = setting(notebook, root)
            assert after[name] == [number + (at == axis) for at, number in enumerate(before)]
    after = setting(notebook, root)
    spec = {name: value for name, value in after.items() if name != "shape"}
    assert faults(read(root), Truth(spec, after["shape"])) == []
    cell = field(root, "length", 1)
    cell.focus()
    notebook.page.keyboard.type("17")
    notebook.page.keyboard.press("Enter")
    expect(cell).to_have_text("17")
    expect(cell).to_be_focused()
    assert setting(notebook, root)["shape"][-1] == 17
    notebook.page.keyboard.type("2.5")
    notebook.page.keyboard.press("Enter")
    expect(cell).to_have_text("17")


def test_a_number_follows_the_mouse_and_the_buttons(notebook, root):
    notebook.python("import json")
    cell = field(root, "length", 0)
    box = cell.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = notebook.page.mouse
    mouse.move(x, y)
    mouse.down()
    for step in (1, 2, 3):
        with notebook.redrawn(root):
            mouse.move(x, y - 8 * step)
    mouse.up()
    expect(cell).to_have_text("11")
    with notebook.redrawn(root):
        root.locator(".sr-field").nth(4).locator("button").last.click()
    assert [setting(notebook, root)[name] for name in ("shape", "stride")] == [[1, 3, 11, 9], [3, 2]]


def test_same_and_valid_and_the_modes_show_their_padding(notebook, root):
    show(notebook, root, {"in_channels": 1, "out_channels": 1, "kernel_size": [4, 3]}, (1, 1, 6, 7))
    with notebook.redrawn(root):
        root.get_by_label("padding as").select_option("same")
    expect(field(root, "padding", 0)).to_have_text("1 + 2")
    expect(root.locator(".sr-table .sr-out").first).to_have_text("6")
    expect(root.locator(".sr-call")).to_have_text("nn.Conv2d(1, 1, kernel_size=(4, 3), padding='same')")
    with notebook.redrawn(root):
        root.get_by_label("padding_mode").select_option("circular")
    expect(root.locator('[data-role="copy"][data-index="0,0"]')).to_have_text("5")
    with notebook.redrawn(root):
        root.get_by_label("padding as").select_option("a number")
    expect(root.locator(".sr-call")).to_contain_text("padding=1, padding_mode='circular'")
    with notebook.redrawn(root):
        root.get_by_label("padding as").select_option("valid")
    expect(root.locator(".sr-top .sr-pad")).to_have_count(0)


def test_a_refusal_is_left_as_it_was_come_to_by_keys_alone(notebook, root):
    cell = field(root, "kernel-size", 0)
    cell.focus()
    for _ in range(6):
        notebook.page.keyboard.press("ArrowUp")
    expect(root.locator(".cl-problem")).to_be_visible()
    expect(cell).to_be_focused()
    notebook.page.keyboard.press("ArrowDown")
    expect(root.locator(".cl-problem")).to_have_count(0)
    expect(root.locator(".sr-out").first).to_have_text("1")


def test_arrows_steps_and_jumps_move_the_window(notebook, root):
    keyboard = notebook.page.keyboard
    root.locator(".sr-map.cl-output").focus()
    walk = [
        ("ArrowRight", "0,1"),
        ("ArrowDown", "1,1"),
        ("]", "1,2"),
        ("]", "1,3"),
        ("]", "2,0"),
        ("[", "1,3"),
        ("End", "2,3"),
        ("ArrowDown", "2,3"),
        ("ArrowLeft", "2,2"),
        ("Home", "0,0"),
        ("ArrowUp", "0,0"),
    ]
    for key, place in walk:
        keyboard.press(key)
        expect(root).to_have_attribute("data-place", place)
    rows, columns = root.locator(".sr-box").nth(0), root.locator(".sr-box").nth(1)
    rows.focus()
    for key, place in [("ArrowRight", "1,0"), ("ArrowDown", "2,0"), ("Home", "0,0"), ("End", "2,0")]:
        keyboard.press(key)
        expect(root).to_have_attribute("data-place", place)
        expect(rows).to_be_focused()
    expect(rows).to_have_attribute("aria-valuetext", "place 2 of 3: rows 4 to 6")
    columns.focus()
    keyboard.press("ArrowRight")
    expect(root).to_have_attribute("data-place", "2,1")
    assert notebook.problems == []


def test_hover_previews_a_click_pins_and_a_pixel_tells_its_readers(notebook, root):
    rows = root.locator(".sr-windows").first
    rows.hover(position={"x": 60, "y": 30})
    expect(root).to_have_attribute("data-place", "1,0")
    root.locator(".sr-header").hover()
    expect(root).to_have_attribute("data-place", "0,0")
    rows.click(position={"x": 60, "y": 50})
    root.locator(".sr-header").hover()
    expect(root).to_have_attribute("data-place", "2,0")
    root.locator(".sr-map.cl-output svg").hover(position={"x": 50, "y": 30})
    expect(root).to_have_attribute("data-place", "1,2")
    notebook.page.keyboard.press("Tab")
    root.locator(".sr-map.cl-output").focus()
    notebook.page.keyboard.press("Enter")
    root.locator(".sr-header").hover()
    expect(root).to_have_attribute("data-place", "1,2")
    root.locator('[data-role="pixel"][data-index="0,2"]').hover(force=True)
    expect(root.locator(".cl-live")).to_have_text("row 2 is read 2 times along this axis, by places 0 and 1.")
    assert root.locator(".sr-readers").first.get_attribute("d").count("M") == 2
    root.locator('[data-role="pixel-reads"][data-index="7,1"]').hover(force=True)
    expect(root.locator(".cl-live")).to_have_text("Pixel (7, 1) is read 0 times: row 7 0 × column 1 1.")


def test_a_tap_pins(scratch):
    notebook = scratch(("one", START))
    root = notebook.run_widget("one", KIND)
    root.locator(".sr-windows").nth(1).tap(position={"x": 60, "y": 50})
    expect(root).to_have_attribute("data-place", "0,2")
    root.locator(".sr-map.cl-output svg").tap(position={"x": 30, "y": 30})
    expect(root).to_have_attribute("data-place", "1,1")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_space_plays_and_with_reduced_motion_goes_one_place_on(scratch, motion):
    notebook = scratch(("one", START), reduced_motion=motion)
    root = notebook.run_widget("one", KIND)
    notebook.python("widget.place = (2, 1)")
    expect(root).to_have_attribute("data-place", "2,1")
    root.locator(".sr-map.cl-output").focus()
    notebook.page.keyboard.press(" ")
    if motion == "reduce":
        expect(root).to_have_attribute("data-place", "2,2")
        expect(root.get_by_role("button", name="pause")).to_have_count(0)
        for place in ("2,3", "0,0"):
            notebook.page.keyboard.press(" ")
            expect(root).to_have_attribute("data-place", place)
    else:
        expect(root.get_by_role("button", name="pause")).to_be_visible()
        expect(root).to_have_attribute("data-place", "2,3")
        expect(root.get_by_role("button", name="play", exact=True)).to_be_visible()


def test_axe_finds_nothing_and_nothing_is_cut_off(notebook, root):
    large = "(4, 3), dilation=(2, 1), padding=(9, 2), padding_mode='replicate', input=(1, 3, 32, 41)"
    left = "5, stride=7, padding='valid', input=(3, 8, 9)"
    settings = ["pass", *(f"widget.set_layer(3, 8, {setting})" for setting in (large, left, "(19, 3)"))]
    audit.assert_everyone_reads(notebook, root, settings)


def test_every_control_is_reached_by_tab_and_no_key_reaches_the_notebook(notebook, root):
    expected, reached, ringless = audit.tab_through(notebook, root)
    assert reached == expected and len(expected) == 19 and ringless == []
    focusable = root.locator("[tabindex='0'], select, .sr-transport button")
    audit.assert_no_key_reaches(notebook, focusable)


def test_two_views_and_python_stay_together(scratch):
    notebook = scratch(("one", START), ("two", "widget"))
    notebook.run_widget("one", KIND)
    notebook.run_widget("two", KIND)
    one, two = notebook.widget(KIND, 0), notebook.widget(KIND, 1)
    with notebook.redrawn(two):
        field(one, "stride", 1).press("ArrowUp")
    assert read(one) == read(two)
    checked(two)
    with notebook.sent():
        two.locator(".sr-box").first.press("End")
    expect(one).to_have_attribute("data-place", "2,0")
    assert notebook.python("print(widget.place, widget.output.shape)").strip() == "(2, 0) torch.Size([1, 8, 3, 3])"
    with notebook.redrawn(one):
        notebook.python("widget.shape = [2, 3, 10, 12]")
    checked(one)
    expect(one.locator(".sr-to")).to_have_text("torch.Size([2, 8, 4, 4])")
    notebook.python("widget.place = (1, 3)")
    expect(two).to_have_attribute("data-place", "1,3")
    assert notebook.complaints() == []


def test_tasks_tick_when_the_hand_rests(scratch):
    tasks = "tasks={'make the output 7 x 7': lambda now: now.output_shape[-2:] == (7, 7)}"
    made = START.replace("(1, 3, 8, 9))", f"(1, 3, 8, 7), {tasks})")
    notebook = scratch(("one", made))
    root = notebook.run_widget("one", KIND)
    expect(root.locator(".cl-tasks li.cl-done")).to_have_count(0)
    with notebook.redrawn(root):
        field(root, "stride", 0).press("-")
        field(root, "stride", 1).press("-")
        field(root, "padding", 1).press("+")
        field(root, "kernel-size", 0).press("-")
    expect(root.locator(".cl-tasks li.cl-done")).to_have_count(1)


def test_a_saved_page_works_without_a_kernel(scratch, chromium, tmp_path):
    notebook = scratch(("one", START))
    notebook.run_widget("one", KIND)
    with saved_page(notebook, chromium, tmp_path, KIND) as root:
        field(root, "padding", 0).press("+")
        expect(root.locator(".sr-out").first).to_have_text(re.compile("4"))


INSIDE = """
(node) => {
  const [box, taps] = [node, node.querySelector(".sr-here .sr-taps")].map((one) => one.getBoundingClientRect());
  return taps.left >= box.left && taps.right <= box.right + 1 && taps.top >= box.top && taps.bottom <= box.bottom + 1;
}
"""


def test_a_long_ruler_scrolls_to_its_window_and_keeps_its_cells(notebook, root):
    def cell():
        return root.locator(".sr-top .sr-pixel").first.evaluate("node => node.getBoundingClientRect().width")

    small = cell()
    show(
        notebook, root, {"in_channels": 1, "out_channels": 1, "kernel_size": [3, 5], "stride": [1, 2]}, (1, 1, 96, 120)
    )
    assert cell() == small
    box = root.locator(".sr-box").nth(1)
    box.press("End")
    assert box.evaluate(INSIDE)


def test_running_the_cell_again_and_again_leaks_no_listener_and_no_element(scratch):
    assert_nothing_leaks(scratch(("one", START)), KIND)
