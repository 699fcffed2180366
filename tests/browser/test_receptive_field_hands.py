"""ReceptiveField under the hands: every setting and every move by key, mouse and touch; two views; a saved page."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.drawn import read
from tests.browser.field_truth import KIND, START, Truth, faults
from tests.browser.leaks import assert_nothing_leaks
from tests.browser.one_widget import one_widget
from tests.browser.saved_page import saved_page

notebook, root = one_widget(KIND, START)

WALK = [
    ("ArrowRight", "2,1,5"),
    ("ArrowLeft", "2,1,4"),
    ("ArrowUp", "1,1,4"),
    ("Home", "1,1,0"),
    ("ArrowUp", "0,2,1"),
    ("ArrowUp", "0,2,1"),
    ("End", "0,2,13"),
    ("ArrowDown", "1,1,12"),
    ("]", "1,2,0"),
    ("[", "1,1,12"),
    ("ArrowDown", "2,1,12"),
    ("ArrowDown", "2,1,12"),
]


def field(root, role, layer, axis):
    return root.locator(f'.rf-code [data-role="{role}"][data-index="{layer},{axis}"]')


def held(notebook, root):
    """What Python holds once the hand has rested."""
    root.locator(".rf-agrees").filter(has_text="✓ PyTorch").wait_for()
    return json.loads(notebook.python("import json\nprint(json.dumps(widget.state))"))


def assert_right(notebook, root):
    state = held(notebook, root)
    truth = Truth(state["layers"], state["input"], tuple(state["unit"]), state["direction"])
    assert faults(read(root), truth) == [], state
    return state


def test_every_number_is_moved_by_keys_and_python_holds_it(notebook, root):
    for axis in (0, 1):
        with notebook.redrawn(root):
            root.locator('.rf-input [data-role="length"]').nth(axis).press("PageUp")
    moves = [("kernel-size", "ArrowUp"), ("stride", "+"), ("padding", "ArrowDown"), ("dilation", "+")]
    for role, key in moves:
        name, before = role.replace("-", "_"), held(notebook, root)["layers"][1]
        for axis in (0, 1):
            cell = field(root, role, 2, axis)
            cell.focus()
            with notebook.redrawn(root):
                cell.press(key)
            expect(cell).to_be_focused()
        change = -1 if key == "ArrowDown" else 1
        assert held(notebook, root)["layers"][1][name] == [number + change for number in before[name]]
    length = root.locator('.rf-input [data-role="length"]').nth(1)
    length.focus()
    notebook.page.keyboard.type("17")
    notebook.page.keyboard.press("Enter")
    expect(length).to_have_text("17")
    expect(length).to_be_focused()
    notebook.page.keyboard.type("2.5")
    notebook.page.keyboard.press("Enter")
    expect(length).to_have_text("17")
    assert assert_right(notebook, root)["input"] == [21, 17]


def test_a_number_follows_the_mouse(notebook, root):
    box = field(root, "kernel-size", 1, 0).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = notebook.page.mouse
    mouse.move(x, y)
    mouse.down()
    for step in (1, 2):
        with notebook.redrawn(root):
            mouse.move(x, y - 8 * step)
    mouse.up()
    assert assert_right(notebook, root)["layers"][0]["kernel_size"] == [5, 2]


def test_layers_are_added_moved_changed_and_removed_by_keys_alone(notebook, root):
    def sizes():
        return [layer["kernel_size"] for layer in assert_right(notebook, root)["layers"]]

    def press(name):
        button = root.get_by_role("button", name=name)
        button.focus()
        with notebook.redrawn(root):
            button.press("Enter")

    press("+ add a layer")
    expect(field(root, "kernel-size", 3, 0)).to_be_focused()
    assert sizes() == [[3, 2], [3, 3], [3, 3]]
    press("layer 1: move down")
    assert sizes() == [[3, 3], [3, 2], [3, 3]]
    expect(root.get_by_role("button", name="layer 2: move down")).to_be_focused()
    press("layer 2: move down")
    expect(root.get_by_role("button", name="layer 3: move up")).to_be_focused()
    press("layer 3: move up")
    press("layer 1: remove")
    assert sizes() == [[3, 2], [3, 3]]
    expect(root.get_by_role("button", name="layer 1: remove")).to_be_focused()
    with notebook.redrawn(root):
        root.get_by_label("layer 2: padding as").select_option("same")
    assert assert_right(notebook, root)["layers"][1]["padding"] == "same"
    with notebook.redrawn(root):
        root.get_by_label("layer 1: kind").select_option("AvgPool2d")
    assert assert_right(notebook, root)["layers"][0]["kind"] == "AvgPool2d"
    with notebook.redrawn(root):
        root.get_by_label("layer 2: kind").select_option("MaxPool2d")
    expect(root.locator(".cl-problem")).to_contain_text("half of kernel size, but got padW = 2")
    press("layer 2: remove")
    press("layer 1: remove")
    expect(root.get_by_role("button", name="+ add a layer")).to_be_focused()
    assert assert_right(notebook, root)["layers"] == []


def test_a_ready_made_stack_is_shown_with_its_sentence(notebook, root):
    shown = {
        "dilations 2, 2, 2": "Here 24 of 88 pixels in the box are read, 64 are holes.",
        "dilations 1, 2, 4": "Here 108 of 108 pixels in the box are read, 0 are holes.",
    }
    for name, read_of_box in shown.items():
        button = root.get_by_role("button", name=name)
        with notebook.redrawn(root):
            button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(root.locator(".rf-result")).to_contain_text(read_of_box)
        assert_right(notebook, root)
    field(root, "stride", 3, 0).press("ArrowUp")
    expect(root.locator(".rf-says")).to_have_text("Your own stack.")


def test_arrows_steps_and_jumps_move_the_unit(notebook, root):
    columns = root.locator(".rf-box").nth(1)
    columns.focus()
    for key, unit in WALK:
        notebook.page.keyboard.press(key)
        expect(root).to_have_attribute("data-unit", unit)
        expect(columns).to_be_focused()
    expect(columns).to_have_attribute("aria-valuetext", "column 12 of layer 2")
    plane = root.locator(".rf-map[tabindex='0']")
    plane.focus()
    for key, unit in [("ArrowUp", "2,0,12"), ("ArrowLeft", "2,0,11"), ("ArrowDown", "2,1,11"), ("End", "2,5,12")]:
        notebook.page.keyboard.press(key)
        expect(root).to_have_attribute("data-unit", unit)
    assert assert_right(notebook, root)["unit"] == [2, 5, 12]


def test_forward_and_backward_by_the_arrows_of_a_radio_group(notebook, root):
    reads = root.get_by_role("radio", name="What does this unit read?")
    reads.focus()
    notebook.page.keyboard.press("ArrowRight")
    expect(root.get_by_role("radio", name="Whom does it feed?")).to_be_focused()
    expect(root).to_have_attribute("data-unit", "0,5,7")
    state = assert_right(notebook, root)
    assert (state["direction"], state["unit"]) == ("forward", [0, 5, 7])
    expect(root.locator(".cl-live")).to_contain_text("Pixel (5, 7) feeds")
    notebook.page.keyboard.press("ArrowLeft")
    expect(root.locator(".rf-result")).to_contain_text("are holes")
    assert assert_right(notebook, root)["direction"] == "backward"


def middle_of(root, role_index):
    box = root.locator(f'.rf-cone [data-role="unit"][data-index="{role_index}"]').bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_hover_previews_and_a_click_pins(notebook, root):
    mouse = notebook.page.mouse
    root.locator(".rf-cones").scroll_into_view_if_needed()
    held(notebook, root)
    mouse.move(*middle_of(root, "1,2,9"))
    expect(root).to_have_attribute("data-unit", "2,1,9")
    assert root.locator(".rf-dots").first.get_attribute("d") == "", "autograd was not asked about a preview"
    mouse.move(*middle_of(root, "0,0,6"))
    expect(root).to_have_attribute("data-unit", "0,6,5")
    root.locator(".rf-result").hover()
    expect(root).to_have_attribute("data-unit", "2,1,4")
    mouse.click(*middle_of(root, "1,1,10"))
    root.locator(".rf-result").hover()
    expect(root).to_have_attribute("data-unit", "1,1,10")
    assert assert_right(notebook, root)["unit"] == [1, 1, 10]
    plane = root.locator(".rf-map[tabindex='0'] svg")
    plane.click(position={"x": 20, "y": 6})
    expect(root).to_have_attribute("data-unit", "1,0,1")


def test_a_tap_pins(scratch):
    notebook = scratch(("one", START))
    root = notebook.run_widget("one", KIND)
    root.locator(".rf-cones").scroll_into_view_if_needed()
    notebook.page.touchscreen.tap(*middle_of(root, "0,2,4"))
    expect(root).to_have_attribute("data-unit", "2,4,4")
    root.locator(".rf-map[tabindex='0'] svg").tap(position={"x": 20, "y": 6})
    expect(root).to_have_attribute("data-unit", "2,0,1")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_space_plays_and_with_reduced_motion_goes_one_unit_on(scratch, motion):
    notebook = scratch(("one", START), reduced_motion=motion)
    root = notebook.run_widget("one", KIND)
    notebook.python("widget.unit = (2, 5, 11)")
    expect(root).to_have_attribute("data-unit", "2,5,11")
    root.locator(".rf-box").first.focus()
    notebook.page.keyboard.press(" ")
    if motion == "reduce":
        expect(root).to_have_attribute("data-unit", "2,5,12")
        expect(root.get_by_role("button", name="pause")).to_have_count(0)
        notebook.page.keyboard.press(" ")
        expect(root).to_have_attribute("data-unit", "2,0,0")
    else:
        expect(root.get_by_role("button", name="pause")).to_be_visible()
        expect(root).to_have_attribute("data-unit", "2,5,12")
        expect(root.get_by_role("button", name="play", exact=True)).to_be_visible()


STATES = {
    "as made": "pass",
    "holes": "widget.set_layers([{'kernel_size': 3, 'dilation': 2, 'padding': 2}] * 3, (15, 40), unit=(3, 0, 2))",
    "long": "widget.set_layers([{'kernel_size': (3, 5), 'padding': 'same'}, torch.nn.MaxPool2d(2)] * 4, (64, 96))",
    "forward": "widget.direction = 'forward'\nwidget.unit = (1, 2, 3)",
    "refused": "widget.set_layers([{'kernel_size': 3}, {'kernel_size': (99, 3), 'kind': 'AvgPool2d'}])",
}


def test_axe_finds_nothing_and_nothing_is_cut_off(notebook, root):
    audit.assert_everyone_reads(notebook, root, STATES.values())


def test_every_control_is_reached_by_tab_and_no_key_reaches_the_notebook(notebook, root):
    expected, reached, ringless = audit.tab_through(notebook, root)
    assert reached == expected and len(expected) > 40 and ringless == []
    focusable = root.locator("[tabindex='0'], select, button")
    audit.assert_no_key_reaches(notebook, focusable, every=3)


def test_two_views_and_python_stay_together(scratch):
    notebook = scratch(("one", START), ("two", "widget"))
    notebook.run_widget("one", KIND)
    notebook.run_widget("two", KIND)
    one, two = notebook.widget(KIND, 0), notebook.widget(KIND, 1)
    with notebook.redrawn(two):
        field(one, "stride", 2, 1).press("ArrowUp")
    assert read(one) == read(two)
    with notebook.redrawn(one):
        two.get_by_role("button", name="layer 1: remove").click()
    assert read(one) == read(two)
    assert_right(notebook, two)
    with notebook.redrawn(one):
        notebook.python("widget.set_layers([{'kernel_size': (2, 3)}] * 2, (9, 12))")
    expect(two).to_have_attribute("data-unit", "2,3,4")
    notebook.python("widget.unit = (1, 0, 3)")
    expect(one).to_have_attribute("data-unit", "1,0,3")
    notebook.python("widget.direction = 'forward'")
    expect(two.locator(".rf-feeds-text").first).to_contain_text("feeds")
    assert_right(notebook, one)
    assert notebook.complaints() == []


def test_tasks_tick_when_the_hand_rests(scratch):
    rows, holes = "'see 9 rows': lambda now: now.size[0] == 9", "'see with holes': lambda now: now.holes > 0"
    notebook = scratch(("one", START.replace("unit=(2, 1, 4)", f"tasks={{{rows}, {holes}}}")))
    root = notebook.run_widget("one", KIND)
    expect(root.locator(".cl-tasks li")).to_have_count(2)
    expect(root.locator(".cl-tasks li.cl-done")).to_have_count(0)
    field(root, "kernel-size", 2, 0).press("+")
    expect(root.locator(".cl-tasks li.cl-done")).to_have_count(1)
    field(root, "dilation", 2, 1).press("+")
    expect(root.locator(".cl-tasks li.cl-done")).to_have_count(2)


def test_a_saved_page_works_without_a_kernel(scratch, chromium, tmp_path):
    notebook = scratch(("one", START))
    notebook.run_widget("one", KIND)
    with saved_page(notebook, chromium, tmp_path, KIND) as root:
        expect(root.locator(".rf-agrees")).to_contain_text("✓ PyTorch")
        field(root, "kernel-size", 2, 1).press("+")
        expect(root.locator('.rf-layer .rf-of-size [data-index="2,1"]')).to_have_text("8")
        expect(root.locator(".rf-agrees")).to_contain_text("not checked")
        root.get_by_role("radio", name="Whom does it feed?").click()
        expect(root.locator(".rf-feeds-text").first).to_contain_text("feeds")


def test_running_the_cell_again_and_again_leaks_no_listener_and_no_element(scratch):
    assert_nothing_leaks(scratch(("one", START)), KIND)
