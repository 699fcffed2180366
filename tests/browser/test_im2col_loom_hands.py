"""Im2colLoom under the hands: keys, mouse, touch and Python; two views; a page without a kernel; for everybody."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.as_json import as_json
from tests.browser.drawn import read
from tests.browser.leaks import assert_nothing_leaks
from tests.browser.markup import markup
from tests.browser.one_widget import one_widget
from tests.browser.saved_page import saved_page
from tests.browser.test_im2col_loom import KIND, LIT, MADE, START, checked, choose
from tests.browser.test_widgets import FRAMES

notebook, root = one_widget(KIND, START, height=1500)
MANY = "widget = convlab.Im2colLoom(4, 6, (3, 2), stride=(2, 1), padding=(1, 2), groups=2, input=(2, 4, 7, 5))"
LAYER = MANY.replace("widget = convlab.Im2colLoom", "widget.set_layer")


def show(notebook, root, code):
    """Makes a change from Python and waits for its picture."""
    with notebook.redrawn(root):
        notebook.python(code)


def cell(root, role, *index):
    """A cell of a sheet."""
    return root.locator(f'.cl-grid [data-role="{role}"][data-index="{",".join(map(str, index))}"]')


def number(root, role, index="", within=".il-under"):
    """The one number of this role and index: in the lines under the picture, unless another part is asked for."""
    found = root.locator(f'{within} [data-role="{role}"][data-index="{index}"]').first
    return float(found.get_attribute("data-value"))


def at(root, **state):
    for name, value in state.items():
        expect(root).to_have_attribute(f"data-{name}", value)


def framed(root, part):
    """(i, j, h, w): what a sheet has its frame around."""
    style = root.locator(f".il-{part}s .il-window").first.get_attribute("style")
    return tuple(int(re.search(rf"--{name}: (\d+)", style)[1]) for name in "ijhw")


def test_keys_walk_over_the_matrix_and_from_place_to_place(notebook, root):
    at(root, entry="3,15")
    root.locator('[data-role="column"][tabindex="0"]').focus()
    for key, entry in [("ArrowRight", "3,16"), ("ArrowUp", "2,16"), ("End", "11,23"), ("ArrowDown", "11,23"),
                       ("Home", "0,0"), ("ArrowDown", "1,0"), ("ArrowRight", "1,1")]:  # fmt: skip
        notebook.page.keyboard.press(key)
        at(root, entry=entry, filled="all")
        expect(cell(root, "column", *entry.split(","))).to_be_focused()
    for key, entry in [("]", "1,2"), ("]", "1,3"), ("[", "1,2")]:
        notebook.page.keyboard.press(key)
        at(root, entry=entry)
    # The column is the window: place (0, 2) begins at row 0, column 2 of the padded input.
    assert framed(root, "input") == (0, 2, 3, 2) and framed(root, "column") == (0, 2, 12, 1)
    expect(root.locator(".cl-output .cl-here").first).to_have_attribute("data-index", "0,0,2")
    expect(root.locator(".cl-live")).to_contain_text("Column 2 of 24 is the window at place (0, 2)")
    slider = root.get_by_label("place", exact=True)
    slider.press("End")
    at(root, entry="1,23")
    slider.press("Home")
    at(root, entry="1,0")
    root.locator('[data-role="output"][tabindex="0"]').first.focus()
    notebook.page.keyboard.press("ArrowDown")
    at(root, entry="1,6", filter="0")  # a row of the output further is W_out = 6 columns further
    root.get_by_role("button", name="next filter").click()
    at(root, filter="1")
    assert notebook.python("print(widget.place, widget.filter)").strip() == "(1, 0) 1"


def test_the_views_are_chosen_by_keys_and_keep_the_place(notebook, root):
    show(notebook, root, "widget.entry = [7, 11]")
    root.get_by_role("radio", name="matrix").focus()
    for key, view in [("ArrowLeft", "sliding"), ("ArrowRight", "matrix"), ("ArrowRight", "fold")]:
        notebook.page.keyboard.press(key)
        at(root, view=view, entry="7,11")
        expect(root.get_by_role("radio", name=view)).to_be_focused()
    expect(root.get_by_role("group", name="filter")).to_be_hidden()
    # fold(unfold(x)) is copies times x, at the input's size.
    for i, j in [(0, 0), (1, 2), (3, 4)]:
        copies, pixel, back = (number(root, role, index, ".il-backs") for role, index in [
            ("count", f"{i},{j}"), ("input", f"1,{i},{j}"), ("fold", f"1,{i},{j}")])  # fmt: skip
        assert back == copies * pixel and copies == {(0, 0): 4, (1, 2): 6, (3, 4): 4}[i, j]
    expect(root.locator(".il-code")).to_contain_text("back = F.fold(columns, (4, 5), (3, 2), padding=1)")
    expect(root.locator(".il-sum")).to_have_text(re.compile(r"^\d × \d+ = \d+$"))
    assert notebook.python("print(widget.view)").strip() == "fold"


def test_hover_previews_and_lights_the_pixel_and_all_its_copies(notebook, root):
    show(notebook, root, "widget.entry = [0, 0]")
    at(root, entry="0,0")
    cell(root, "column", 3, 15).hover()
    at(root, entry="3,15")
    copies = set(as_json(root, LIT))
    assert len(copies) == 6 and "3,15" in copies
    expect(root.locator(".cl-input .cl-here")).to_have_attribute("data-index", "0,2,3")
    root.get_by_role("radio", name="fold").hover()
    at(root, entry="0,0")
    assert notebook.python("print(widget.entry)").strip() == "[0, 0]"
    cell(root, "input", 0, 2, 3).hover()
    assert set(as_json(root, LIT)) == copies
    cell(root, "product", 2, 15).hover()
    at(root, entry="0,15", filter="2")
    expect(root.locator(".il-name")).to_have_text("weight.view(3, -1)[2] · columns[0, :, 15] =")
    assert number(root, "product", "2,15") + number(root, "bias", "2") == number(root, "output", "2,2,3")
    cell(root, "weight", 1, 1, 2, 0).hover()
    at(root, entry="10,0", filter="1")
    root.locator(".il-chip").nth(4).hover()
    at(root, entry="4,0")
    root.get_by_role("radio", name="fold").hover()
    at(root, entry="0,0", filter="0")


def test_a_number_is_dragged_and_typed_and_all_follows(notebook, root):
    one = cell(root, "input", 0, 2, 3)
    one.focus()
    notebook.page.keyboard.type("12")
    notebook.page.keyboard.press("Enter")
    expect(one).to_have_attribute("data-value", "12")
    box = one.bounding_box()
    notebook.page.mouse.move(box["x"] + 9, box["y"] + 9)
    notebook.page.mouse.down()
    with notebook.redrawn(root):
        notebook.page.mouse.move(box["x"] + 9, box["y"] - 16)
    notebook.page.mouse.up()
    expect(one).to_have_attribute("data-value", "15")
    notebook.page.mouse.move(2, 2)
    lit = root.locator(".cl-copy").evaluate_all("cells => cells.map(({ dataset }) => dataset.value)")
    assert lit == ["15"] * 6
    checked(root)
    weight = cell(root, "weight", 0, 0, 1, 1)
    before, product = (number(root, role, index, ".il-stage") for role, index in [
        ("weight", "0,0,1,1"), ("product", "0,15")])  # fmt: skip
    weight.press("+")
    assert number(root, "product", "0,15", ".il-stage") == product + 15
    checked(root)
    told = notebook.python("print(widget.columns[0, 3, 15].item(), widget.layer.weight[0, 0, 1, 1].item())")
    assert told.strip() == f"15.0 {before + 1}"


def test_columns_come_one_by_one_and_play_weaves_them(scratch):
    notebook = scratch(("one", START.replace(MADE, MADE[:-1] + ", filled=2)")), height=1500)
    root = notebook.run_widget("one", KIND)
    checked(root)
    root.locator('[data-role="column"][tabindex="0"]').focus()
    for key, filled in [("]", 3), ("]", 4), ("[", 3)]:
        notebook.page.keyboard.press(key)
        at(root, filled=str(filled), entry=f"3,{filled - 1}")
        for role, count in [("column", 12), ("product", 3)]:
            drawn = root.locator(f'.cl-grid [data-role="{role}"][data-value]')
            expect(drawn).to_have_count(count * filled)
        expect(root.locator('.il-outputs [data-role="output"][data-value]')).to_have_count(3 * filled)
    root.get_by_role("button", name="play", exact=True).click()
    expect(root).not_to_have_attribute("data-filled", "3")
    root.get_by_role("button", name="pause").click()
    notebook.page.emulate_media(reduced_motion="reduce")
    filled = int(root.get_attribute("data-filled"))
    root.locator('[data-role="column"][tabindex="0"]').focus()
    notebook.page.keyboard.press(" ")
    at(root, filled=str(filled + 1))
    assert root.evaluate(FRAMES) == 0
    choose(root, "fold")
    root.get_by_label("place", exact=True).fill("7")
    at(root, filled="8")
    assert sum(number(root, "count", f"{i},{j}", ".il-backs") for i in range(-1, 5) for j in range(-1, 6)) == 8 * 6
    root.get_by_role("button", name="show all columns").click()
    at(root, filled="all")
    assert notebook.python("print(widget.filled)").strip() == "None"


def test_a_large_layer_is_shown_around_the_pinned_entry(notebook, root):
    show(notebook, root, "widget.set_layer(3, 20, (5, 3), padding=2, input=(1, 3, 40, 50))\nwidget.entry = [20, 1000]")
    at(root, entry="20,1000")
    parts = root.locator(".il-columns span.il-part")
    expect(parts).to_have_text(re.compile(r"^rows \d+–\d+, columns \d+–\d+$"))
    root.locator('[data-role="column"][tabindex="0"]').focus()
    for _ in range(20):
        notebook.page.keyboard.press("ArrowRight")
    at(root, entry="20,1020")
    expect(cell(root, "column", 20, 1020)).to_be_focused()
    expect(root.locator(".il-inputs canvas")).to_have_attribute("aria-label", "input[0, 1] as a picture")
    # Under the hand nothing slips away, and what is clicked keeps the focus wherever it stands then.
    edge = root.locator('.il-columns .cl-cell[data-role="column"]').last
    row, column = map(int, edge.get_attribute("data-index").split(","))
    edge.hover()
    expect(cell(root, "column", row, column)).to_have_class(re.compile("cl-here"))
    edge.click()
    at(root, entry=f"{row},{column}")
    expect(cell(root, "column", row, column)).to_be_focused()
    notebook.python("widget.entry = [20, 1020]")
    at(root, entry="20,1020")
    # Far copies are lit in the picture of it all: 15 of them, each a box.
    assert root.locator(".il-columns .il-copies").get_attribute("d").count("M") == 15
    overview = root.locator(".il-columns .il-overview")
    before = overview.bounding_box()
    overview.click(position={"x": before["width"] - 2, "y": 1})
    at(root, entry=re.compile(r"^0,20[67]\d$"))
    expect(root.locator(".il-inputs canvas")).to_have_attribute("aria-label", "input[0, 0] as a picture")
    assert overview.bounding_box() == before  # what others are in sight moves nothing
    notebook.page.mouse.move(2, 2)
    for view in ("sliding", "fold"):
        choose(root, view)
        checked(root)
    assert notebook.problems == []


def test_python_moves_the_picture_a_refusal_greys_it_and_a_difference_is_said(notebook, root):
    show(notebook, root, "widget.view, widget.place, widget.filter, widget.filled = 'sliding', (1, 4), 2, 11")
    at(root, view="sliding", entry="3,10", filter="2", filled="11")
    before = read(root)
    show(notebook, root, "widget.set_layer(2, 3, kernel_size=(9, 2))")
    expect(root.locator(".cl-refusal code").first).to_contain_text("Kernel size can't be greater than actual")
    assert read(root) == before
    show(notebook, root, "widget.set_layer(2, 2, kernel_size=(2, 2), bias=False)\nwidget.view = 'matrix'")
    expect(root.locator(".il-sum")).to_have_text(re.compile(r"^-?\d+ {2}→ {2}output\[0, 1, \d, \d\]$"))
    checked(root)
    show(notebook, root, "widget._unfolded = {**widget._unfolded, 'columns': {**widget._unfolded['columns'], "
                         "'data': bytes(len(widget._unfolded['columns']['data']))}}")  # fmt: skip
    expect(root.locator(".cl-note").filter(has_text="please report this")).to_be_visible()


def test_a_picture_that_went_through_other_settings_is_the_picture_of_a_new_view(scratch):
    notebook = scratch(("one", START.replace(MADE, MANY)), ("again", "widget"), height=1500)
    root = notebook.run_widget("one", KIND)
    looks = ["filter = 4", "entry = [20, 30]", "filled = 9", "filled = 14", "view = 'fold'", "filled = 20",
             "filled = 5", "entry = [3, 12]", "view = 'sliding'", "filled = None", "filter = 1",
             "sample = 1"]  # fmt: skip
    within = ".il-stage, .il-ledger, .il-code, .il-costs"
    for look in looks:
        show(notebook, root, f"widget.{look}")
        again = notebook.run_widget("again", KIND)
        checked(again)
        assert markup(root, within) == markup(again, within), look
    assert notebook.complaints() == []


def test_axe_finds_nothing_and_nothing_is_cut_off(notebook, root):
    audit.assert_everyone_reads(notebook, root, [
        "widget.filled = 7",
        f"{LAYER}\nwidget.view, widget.filled = 'fold', None",
        "widget.set_layer(3, 20, (5, 3), padding=2, input=(1, 3, 20, 30))\nwidget.view = 'matrix'",
        "widget.set_layer(3, 20, (45, 3))",
    ])  # fmt: skip


def test_every_control_is_reached_by_tab_and_no_key_reaches_the_notebook(notebook, root):
    show(notebook, root, f"{LAYER}\nwidget.filled = 7")
    checked(root)
    expected, reached, ringless = audit.tab_through(notebook, root)
    assert reached == expected and len(expected) >= 12 and ringless == []
    audit.assert_no_key_reaches(notebook, root.locator("button, input, select, [tabindex='0']"), every=3)


def test_two_views_stay_together_and_tasks_tick(scratch):
    tasks = (
        "{'a pixel copied twice': lambda now: now.pixel and now.copies == 2, "
        "'three columns': lambda now: now.filled == 3}"
    )
    made = f"widget = convlab.Im2colLoom(1, 2, (1, 3), stride=(1, 2), input=(1, 1, 2, 9), filled=1, tasks={tasks})"
    notebook = scratch(("one", START.replace(MADE, made)), ("two", "widget"), height=1500)
    notebook.run_widget("one", KIND)
    notebook.run_widget("two", KIND)
    one, two = notebook.widget(KIND, 0), notebook.widget(KIND, 1)
    one.locator('[data-role="column"][tabindex="0"]').focus()
    notebook.page.keyboard.press("]")
    notebook.page.keyboard.press("]")
    at(two, filled="3")
    expect(two.locator(".cl-tasks li.cl-done")).to_have_count(1)
    cell(two, "input", 0, 0, 4).click()
    expect(one.locator(".cl-tasks li.cl-done")).to_have_count(2)
    cell(two, "input", 0, 0, 4).press("+")
    notebook.page.mouse.move(2, 2)
    checked(one)
    assert read(one) == read(two) and notebook.complaints() == []


@pytest.mark.parametrize("motion", ["reduce"])
def test_nothing_moves_by_itself_and_a_finger_pins(scratch, motion):
    notebook = scratch(("one", START), height=1500, reduced_motion=motion)
    root = notebook.run_widget("one", KIND)
    checked(root)
    cell(root, "column", 7, 11).tap()
    at(root, entry="7,11")
    cell(root, "output", 2, 3, 5).tap()
    at(root, entry="7,23", filter="2")
    root.get_by_role("radio", name="fold").tap()
    cell(root, "fold", 1, 0, 2).tap()
    at(root, view="fold")
    expect(root.locator(".il-name")).to_have_text("fold(columns)[0, 1, 0, 2] =")
    checked(root)
    assert root.evaluate(FRAMES) == 0


def test_a_saved_page_works_without_a_kernel(scratch, chromium, tmp_path):
    notebook = scratch(("one", START), height=1500)
    checked(notebook.run_widget("one", KIND))
    with saved_page(notebook, chromium, tmp_path, KIND) as root:
        product = number(root, "product", "0,15", ".il-stage")
        weight = number(root, "weight", "0,0,1,1", ".il-stage")
        cell(root, "input", 0, 2, 3).press("+")
        assert number(root, "product", "0,15", ".il-stage") == product + weight
        choose(root, "fold")
        assert number(root, "fold", "0,2,3", ".il-backs") == 6 * number(root, "input", "0,2,3", ".il-backs")


def test_running_the_cell_again_and_again_leaks_no_listener_and_no_element(scratch):
    assert_nothing_leaks(scratch(("one", START)), KIND)
