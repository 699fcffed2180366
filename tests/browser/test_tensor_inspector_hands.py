"""TensorInspector under the hands: keys, mouse, touch and Python; two views; a page without a kernel; for everybody."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.drawn import read
from tests.browser.leaks import assert_nothing_leaks
from tests.browser.markup import markup
from tests.browser.one_widget import one_widget
from tests.browser.saved_page import saved_page
from tests.browser.test_tensor_inspector import KIND, MADE, START, checked, choose
from tests.browser.test_widgets import FRAMES

notebook, root = one_widget(KIND, START)


def at(root, place, home=None):
    """The element on the screen is this one (row, column, channel), and its number this one of the picture's."""
    expect(root).to_have_attribute("data-place", place)
    expect(root).to_have_attribute("data-home", home or place)


def press(notebook, keys):
    for key in keys.split():
        notebook.page.keyboard.press("Space" if key == "Space" else key)


def test_permute_keeps_the_picture_and_reshape_scrambles_it(notebook, root):
    tape = [number for number in read(root)["numbers"] if number["role"] == "memory"]
    code, verdict = root.locator(".ti-made"), root.locator(".ti-shown .ti-below")
    expect(code).to_have_text("x = torch.from_numpy(picture)")
    expect(verdict).to_contain_text("As it was loaded: 72 of 72")
    steps = [
        ("CHW", ".permute(2, 0, 1)", "The same picture: 72 of 72", "(1, 18, 3)", "False"),
        ("reshape", ".reshape(3, 4, 6)", "Scrambled: 2 of 72", "(24, 6, 1)", "True"),
        ("NCHW", ".reshape(3, 4, 6)[None]", "Scrambled: 2 of 72", "(72, 24, 6, 1)", "True"),
        ("permute", ".permute(2, 0, 1)[None]", "The same picture: 72 of 72", "(3, 1, 18, 3)", "False"),
    ]
    for chosen, line, says, strides, contiguous in steps:
        choose(root, re.compile(f"^{chosen}$"))
        expect(code).to_have_text(f"x = torch.from_numpy(picture){line}")
        expect(verdict).to_contain_text(says)
        expect(root.locator(".ti-says").nth(1)).to_have_text(strides)
        expect(root.locator(".ti-says").nth(2)).to_have_text(contiguous)
        found = read(root)
        assert [number for number in found["numbers"] if number["role"] == "memory"] == tape
        pictures = {canvas["role"]: canvas["values"] for canvas in found["canvases"]}
        assert (pictures["picture"] == pictures["shown"]) == says.startswith("The same")
        checked(root)


def test_the_bands_of_the_tape_part_company_under_reshape(notebook, root):
    root.locator(".ti-choice label").filter(has_text="CHW").first.click()
    assert root.locator(".ti-band.ti-wrong").count() == 0
    choose(root, "reshape")
    assert root.locator(".ti-band.ti-wrong").count() == 48
    letters = root.locator(".ti-letter").all_text_contents()
    assert "".join(letters[0::2]) == "RGB" * 24 and "".join(letters[1::2]) == "R" * 24 + "G" * 24 + "B" * 24


def test_moved_by_waits_until_there_is_a_move(root):
    way = root.locator("fieldset").nth(1).locator("input").last
    expect(way).to_be_disabled()
    expect(root.locator(".ti-none")).to_be_visible()
    choose(root, "CHW")
    expect(way).to_be_enabled()
    expect(root.locator(".ti-none")).to_be_hidden()


def test_keys_walk_through_every_surface(notebook, root):
    notebook.python("widget.layout, widget.moved_by = 'CHW', 'reshape'")
    expect(root).to_have_attribute("data-layout", "CHW")
    walks = {
        ".ti-shown .ti-stage": [("ArrowRight ArrowDown", "1,1,0", "0,2,1"), ("]", "1,1,1", "1,4,1"),
                                ("] ]", "1,1,2", "3,0,1"), ("End", "3,5,2", "3,5,2"), ("[ Home", "0,0,1", "1,2,0")],
        ".ti-picture .ti-stage": [("Home", "0,0,0", "0,0,0"), ("ArrowRight", "0,3,0", "0,1,0"),
                                  ("ArrowDown", "3,3,0", "1,1,0"), ("End", "3,3,2", "3,5,0")],
        ".ti-blocks": [("Home", "0,0,2", "2,4,0"), ("ArrowDown ArrowRight", "1,1,2", "3,0,1"), ("[", "1,1,1", "1,4,1")],
        ".ti-box": [("Home", "0,0,0", "0,0,0"), ("ArrowRight ArrowRight", "0,2,0", "0,0,2"), ("End", "3,5,2", "3,5,2")],
    }  # fmt: skip
    for surface, steps in walks.items():
        root.locator(surface).focus()
        for keys, place, home in steps:
            press(notebook, keys)
            at(root, place, home)
    expect(root.locator(".ti-box")).to_have_attribute("aria-valuetext", "offset 71: 2")
    checked(root)
    assert notebook.python("print(widget.pixel, widget.channel)").strip() == "(3, 5) 2"


def test_in_hwc_a_block_is_walked_as_it_is_drawn(notebook, root):
    root.locator(".ti-blocks").focus()
    for keys, place in [("ArrowDown ArrowDown", "0,2,0"), ("ArrowRight", "0,2,1"), ("ArrowRight ArrowRight", "0,2,2")]:
        press(notebook, keys)
        at(root, place)
    expect(root.locator('.cl-here[data-index="0,2,2"]')).to_have_count(1)
    assert root.locator(".cl-along").evaluate_all("nodes => nodes.map((node) => node.dataset.index)") == [
        "0,2,0",
        "0,2,1",
    ]


def test_radio_buttons_by_keys_alone(notebook, root):
    root.locator(".ti-choice input:checked").first.focus()
    press(notebook, "ArrowRight")
    expect(root).to_have_attribute("data-layout", "CHW")
    press(notebook, "Tab ArrowRight")
    expect(root.locator(".ti-shown .ti-below")).to_contain_text("Scrambled")
    press(notebook, "Tab ArrowRight ]")
    at(root, "0,0,2", "2,4,0")
    press(notebook, "Tab Tab")
    index = root.locator('.ti-sum [data-role="index"]').nth(0)
    expect(index).to_be_focused()
    press(notebook, "ArrowDown")
    at(root, "0,0,1", "1,2,0")
    press(notebook, "Tab 3 Enter")
    at(root, "3,0,1", "2,2,0")
    expect(root.locator('.ti-sum [data-role="index"]').nth(1)).to_be_focused()
    checked(root)
    assert notebook.python("print(widget)").strip() == (
        "TensorInspector(layout='CHW', moved_by='reshape', pixel=(3, 0), channel=1)"
    )


def test_hover_previews_and_a_click_pins_on_every_surface(notebook, root):
    notebook.python("widget.layout, widget.moved_by = 'CHW', 'reshape'")
    expect(root).to_have_attribute("data-layout", "CHW")
    spots = [
        (root.locator('[data-role="input"][data-index="1,2,3"]'), None, "2,3,1", "2,1,0"),
        (root.locator('[data-role="memory"][data-index="8"]'), None, "1,2,0", "0,2,2"),
        (root.locator(".ti-shown canvas"), {"x": 45, "y": 75}, "2,1,0", "0,4,1"),
        (root.locator(".ti-picture canvas"), {"x": 165, "y": 15}, "2,4,0", "0,5,1"),
    ]
    for surface, position, place, home in spots:
        before = root.get_attribute("data-place")
        surface.hover(position=position, force=True)
        at(root, place, home)
        notebook.page.mouse.move(2, 2)
        expect(root).to_have_attribute("data-place", before)
        surface.click(position=position, force=True)
        notebook.page.mouse.move(2, 2)
        at(root, place, home)
    expect(root.locator(".cl-live")).to_have_text(
        "x[0, 2, 4] is 8, read at offset 16. It is asked for as the red of pixel (2, 4), but the number there is the "
        "green of pixel (0, 5)."
    )
    rings = root.locator(".ti-picture .ti-ring").evaluate_all(
        "nodes => nodes.filter((node) => node.style.display !== 'none').map((node) => node.textContent)"
    )
    assert rings == ["R", "G", "B"]


def test_a_step_along_each_axis_is_drawn_on_the_tape(notebook, root):
    choose(root, "CHW")
    assert root.locator(".ti-jump").all_text_contents() == ["C +1", "H +18", "W +3"]
    choose(root, "reshape")
    assert root.locator(".ti-jump").all_text_contents() == ["C +24", "H +6", "W +1"]
    root.locator(".ti-shown .ti-stage").press("End")
    assert root.locator(".ti-jump").all_text_contents() == ["C +24", "H −6", "W −1"]


def test_a_photograph_is_painted_and_its_tape_moves_along(notebook, root):
    with notebook.redrawn(root):
        notebook.python("widget.set_input('rocket')\nwidget.pixel = (90, 120)")
    tape = root.locator('[data-role="memory"]')
    at(root, "90,120,0")
    expect(root.locator('[data-role="memory"][data-index="69480"]')).to_have_count(1)
    blocks = root.locator(".ti-block .ti-heading").all_text_contents()
    assert blocks == ["x[89]", "x[90]", "x[91]"]
    choose(root, "CHW")
    choose(root, "reshape")
    expect(root.locator(".ti-blocks canvas")).to_have_count(3)
    root.locator(".ti-blocks canvas").nth(1).click(position={"x": 30, "y": 30})
    place = [int(part) for part in root.get_attribute("data-place").split(",")]
    offset = 49152 * place[2] + 256 * place[0] + place[1]
    assert place[2] == 1
    indices = tape.evaluate_all("nodes => nodes.map((node) => Number(node.dataset.index))")
    assert offset in indices and indices == list(range(indices[0], indices[0] + len(indices)))
    checked(root)


def test_a_tap_pins(scratch):
    notebook = scratch(("one", START))
    root = notebook.run_widget("one", KIND)
    root.locator(".ti-shown canvas").tap(position={"x": 105, "y": 45})
    at(root, "1,3,0")
    root.locator('[data-role="input"][data-index="2,1,1"]').tap()
    at(root, "2,1,1")
    root.locator(".ti-choice label").filter(has_text="CHW").first.tap()
    expect(root).to_have_attribute("data-layout", "CHW")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_space_reads_in_order_and_with_reduced_motion_goes_one_on(scratch, motion):
    notebook = scratch(("one", START), reduced_motion=motion)
    root = notebook.run_widget("one", KIND)
    notebook.python("widget.layout, widget.pixel = 'CHW', (3, 4)")
    at(root, "3,4,0")
    root.locator(".ti-box").focus()
    checked(root)
    if motion == "reduce":
        press(notebook, "Space")
        at(root, "3,5,0")
        press(notebook, "Space")
        at(root, "0,0,1")
        checked(root)
        assert root.evaluate(FRAMES) == 0
    else:
        press(notebook, "Space")
        expect(root.get_by_role("button", name="Pause")).to_be_visible()
        expect(root).to_have_attribute("data-place", re.compile(r"^\d,\d,1$"))
        press(notebook, "Space")
        expect(root.get_by_role("button", name="Read in order")).to_be_visible()


SETTINGS = [
    "pass",
    "widget.layout, widget.moved_by, widget.pixel = 'NCHW', 'reshape', (2, 3)",
    "widget.set_input(np.linspace(-1, 1, 14 * 16 * 3).reshape(14, 16, 3)); widget.layout = 'HWC'",
    "widget.set_input((5, 7))",
    "widget.set_input('rocket'); widget.layout = 'CHW'",
    "widget.layout = 'HWC'",
]


def test_axe_finds_nothing_and_nothing_is_cut_off(notebook, root):
    audit.assert_everyone_reads(notebook, root, SETTINGS)


def test_every_control_is_reached_by_tab_and_no_key_reaches_the_notebook(notebook, root):
    choose(root, "CHW")
    expected, reached, ringless = audit.tab_through(notebook, root)
    assert reached == expected and len(expected) == 11
    # The choice of a radio button is drawn by its label, which carries the ring too.
    assert [name for name in ringless if name not in ("CHW", "permute", "0 R")] == []
    for number in range(3):
        label = root.locator(".ti-choice input:checked + span").nth(number)
        root.locator(".ti-choice input:checked").nth(number).focus()
        notebook.page.keyboard.press("Shift")
        assert label.evaluate("(node) => getComputedStyle(node).outlineStyle") == "solid"
    audit.assert_no_key_reaches(notebook, root.locator("[tabindex='0'], input:checked, button"))


def test_two_views_and_python_stay_together(scratch):
    notebook = scratch(("one", START), ("two", "widget"), ("another", MADE.removeprefix("widget = ")))
    for cell in ("one", "two", "another"):
        notebook.run_widget(cell, KIND)
    one, two = notebook.widget(KIND, 0), notebook.widget(KIND, 1)
    with notebook.redrawn(two):
        choose(one, "CHW")
    with notebook.redrawn(one):
        choose(two, "reshape")
    expect(one.locator(".ti-choice input:checked")).to_have_count(3)
    expect(notebook.widget(KIND, 2).get_by_role("radio", name="HWC", exact=True)).to_be_checked()  # another one
    with notebook.sent():
        two.locator('[data-role="input"][data-index="1,2,3"]').click()
    notebook.page.mouse.move(2, 2)
    at(one, "2,3,1", "2,1,0")
    assert read(one) == read(two)
    checked(one)
    assert notebook.python("print(widget.layout, widget.moved_by, widget.pixel)").strip() == "CHW reshape (2, 3)"
    notebook.python("widget.layout, widget.pixel, widget.channel = 'NCHW', (0, 1), 2")
    for view in (one, two):
        at(view, "0,1,2", "2,4,1")
        checked(view)
    notebook.python("widget.set_input((3, 5, 1))")
    at(two, "0,1,0")
    assert read(one) == read(two) and notebook.complaints() == []


def test_blocks_that_went_through_other_layouts_are_those_of_a_new_view(scratch):
    notebook = scratch(("one", START), ("again", "widget"), height=1500)
    root = notebook.run_widget("one", KIND)
    looks = ["layout = 'CHW'", "moved_by = 'reshape'", "channel = 2", "layout = 'NCHW'", "layout = 'HWC'"]
    pictures = [f"set_input({size})" for size in ("(4, 6, 1)", "(3, 5, 3)", "(20, 30, 3)", "(5, 3, 4)")]
    for look in (*looks, *(step for picture in pictures for step in (picture, "layout = 'CHW'", "layout = 'HWC'"))):
        with notebook.redrawn(root):
            notebook.python(f"widget.{look}")
        again = notebook.run_widget("again", KIND)
        assert markup(root, ".ti-blocks") == markup(again, ".ti-blocks"), look


def test_a_number_keeps_its_cell_in_every_layout(notebook, root):
    cell = root.locator('[data-role="input"][data-index="1,2,0"]').element_handle()
    shown = cell.evaluate("cell => cell.dataset.value")
    for layout, index in (("CHW", "0,1,2"), ("NCHW", "0,0,1,2"), ("HWC", "1,2,0")):
        with notebook.redrawn(root):
            choose(root, layout)
        expect(root.locator(f'[data-role="input"][data-index="{index}"]')).to_have_attribute("data-value", shown)
        assert cell.evaluate("cell => cell.isConnected && cell.dataset.index") == index


def test_tasks_tick_when_the_hand_rests(scratch):
    tasks = "tasks={'take it to NCHW': lambda now: now.shape == (1, 3, 4, 6), 'blue': lambda now: now.channel == 2}"
    notebook = scratch(("one", START.replace(MADE, MADE.replace("()", f"({tasks})"))))
    root = notebook.run_widget("one", KIND)
    expect(root.locator(".cl-tasks li")).to_have_count(2)
    expect(root.locator(".cl-tasks li.cl-done")).to_have_count(0)
    choose(root, "NCHW")
    expect(root.locator(".cl-tasks li.cl-done")).to_have_count(1)


def test_what_python_finds_otherwise_is_said(notebook, root):
    checked(root)
    with notebook.redrawn(root):
        notebook.python("widget.pixel = (1, 1)\nwidget._computed = {**widget._computed, 'offset': 20}")
    expect(root.locator(".cl-note").filter(has_text="disagrees: please report this")).to_be_visible()


def test_a_saved_page_works_without_a_kernel(scratch, chromium, tmp_path):
    notebook = scratch(("one", START))
    notebook.run_widget("one", KIND)
    with saved_page(notebook, chromium, tmp_path, KIND) as root:
        choose(root, "CHW")
        choose(root, "reshape")
        root.locator('[data-role="input"][data-index="0,1,2"]').click()
        at(root, "1,2,0", "0,2,2")
        expect(root.locator(".ti-shown .ti-below")).to_contain_text("Scrambled")


def test_running_the_cell_again_and_again_leaks_no_listener_and_no_element(scratch):
    assert_nothing_leaks(scratch(("one", START)), KIND)
