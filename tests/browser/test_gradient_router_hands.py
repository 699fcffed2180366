"""GradientRouter under the hands: keys, mouse, touch and Python; two views; a page without a kernel; for everybody."""

import pytest
from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.drawn import read
from tests.browser.leaks import assert_nothing_leaks
from tests.browser.markup import markup
from tests.browser.one_widget import one_widget
from tests.browser.saved_page import saved_page
from tests.browser.test_gradient_router import KIND, MADE, NAMES, START, checked, choose
from tests.browser.test_widgets import FRAMES

notebook, root = one_widget(KIND, START, height=1500)
MANY = "widget = convlab.GradientRouter(4, 4, (3, 2), stride=(2, 1), padding=1, groups=2, input=(2, 4, 5, 7))"
LAYER = MANY.replace("widget = convlab.GradientRouter", "widget.set_layer")


def show(notebook, root, code):
    """Makes a change from Python and waits for its picture."""
    with notebook.redrawn(root):
        notebook.python(code)


def number(root, role, index=""):
    """The one number of this role and index."""
    return float(root.locator(f'[data-role="{role}"][data-index="{index}"]').get_attribute("data-value"))


def cell(root, role, *index):
    return root.locator(f'[data-role="{role}"][data-index="{",".join(map(str, index))}"]')


def at(root, **state):
    for name, value in state.items():
        expect(root).to_have_attribute(f"data-{name}", value)


def test_keys_walk_over_the_pixels_and_add_product_after_product(notebook, root):
    show(notebook, root, "widget.view, widget.cell = 'input', [0, 0, 2, 3]")
    at(root, cell="0,0,2,3")
    root.locator('[data-role="grad-input"][tabindex="0"]').focus()
    for key, place in [("ArrowRight", "0,0,2,4"), ("ArrowUp", "0,0,1,4"), ("End", "0,0,4,6"), ("ArrowDown", "0,0,4,6"),
                       ("Home", "0,0,0,0"), ("ArrowDown", "0,0,1,0"), ("ArrowRight", "0,0,1,1")]:  # fmt: skip
        notebook.page.keyboard.press(key)
        at(root, cell=place, terms="all")
        expect(cell(root, "grad-input", *place.split(",")[1:])).to_be_focused()
    whole = number(root, "total")
    for terms in ("7", "6"):
        notebook.page.keyboard.press("[")
        at(root, terms=terms)
    expect(root.locator(".gr-later")).to_have_count(2)
    expect(root.locator(".gr-so-far")).to_be_visible()
    last = root.locator(".gr-chip.gr-lit")
    assert number(root, "total") == float(last.locator('[data-role="running"]').get_attribute("data-value"))
    expect(root.locator(".cl-live")).to_contain_text("after 6 of 8 products.")
    for _ in range(3):
        notebook.page.keyboard.press("]")
    assert number(root, "total") == whole == number(root, "grad-input", "0,1,1")


def test_the_views_are_chosen_by_keys_and_each_comes_back_to_its_cell(notebook, root):
    show(notebook, root, "widget.cell = [0, 0, 1, 5]")
    root.get_by_role("radio", name="forward").focus()
    for name, place in [("input", "0,0,1,5"), ("weight", "0,0,1,1"), ("bias", "0")]:
        notebook.page.keyboard.press("ArrowRight")
        at(root, view=name, cell=place)
        expect(root.get_by_role("radio", name=NAMES[name])).to_be_focused()
        expect(root.get_by_role("radio", name="gather")).to_be_visible(visible=name != "bias")
    cell(root, "grad-bias", 1).click()
    at(root, cell="1")
    expect(root.locator(".gr-pair code").last).to_have_text("grad_output[0, 1]")
    choose(root, "dL/dinput")
    at(root, cell="0,0,1,5")
    choose(root, "dL/dbias")
    at(root, cell="1")
    checked(root)
    assert notebook.python("print(widget.view, widget.cell)").strip() == "bias [1]"


def test_scatter_and_gather_give_the_same_number_by_other_ways(notebook, root):
    show(notebook, root, "widget.set_layer(1, 2, (3, 2), stride=(2, 3), padding=(1, 0), input=(1, 1, 6, 8))\n"
                         "widget.view, widget.cell = 'input', [0, 0, 3, 4]")  # fmt: skip
    at(root, cell="0,0,3,4", view="input")
    scattered = number(root, "total")
    assert root.locator(".gr-lines .gr-all").get_attribute("d").count("C") == 2 * root.locator(".gr-chip").count()
    choose(root, "gather")
    assert number(root, "total") == scattered and root.locator(".gr-lines .gr-all").get_attribute("d") == ""
    assert root.locator(".gr-window:visible").count() == 2
    expect(root.locator(".gr-note").first).to_have_text("turned by 180°")
    expect(root.locator(".gr-note").nth(1)).to_have_text("spread by (2, 3), framed")
    kernel = [number(root, "rotated", f"1,0,{u},{v}") for u in range(3) for v in range(2)]
    choose(root, "scatter")
    assert kernel[::-1] == [number(root, "weight", f"1,0,{u},{v}") for u in range(3) for v in range(2)]


def test_hover_previews_a_cell_and_lights_the_way_of_a_product(notebook, root):
    show(notebook, root, "widget.view, widget.cell = 'input', [0, 0, 2, 3]")
    at(root, cell="0,0,2,3")
    cell(root, "grad-input", 0, 1, 5).hover()
    at(root, cell="0,0,1,5")
    root.get_by_role("radio", name="forward").hover()
    at(root, cell="0,0,2,3")
    assert notebook.python("print(widget.cell)").strip() == "[0, 0, 2, 3]"
    root.locator(".gr-chip").nth(1).hover()
    lit = root.locator(".cl-lit").evaluate_all("cells => cells.map(({ dataset }) => dataset.role)")
    assert sorted(lit) == ["grad-input", "grad-output", "weight"]
    assert root.locator("path.gr-one:not(.gr-heads)").get_attribute("d").count("C") == 2
    cell(root, "grad-output", 1, 1, 3).hover()
    expect(root.locator(".gr-chip.gr-lit")).to_have_count(1)
    o, _, i, j = root.locator('.gr-chip.gr-lit [data-role="product"]').get_attribute("data-index").split(",")[:4]
    assert (o, i, j) == ("1", "1", "3")
    cell(root, "grad-output", 1, 2, 5).hover()  # which never reads the pixel
    expect(root.locator(".gr-chip.gr-lit")).to_have_count(0)


def test_the_upstream_gradient_is_dragged_and_typed_and_all_follows(notebook, root):
    show(notebook, root, "widget.view = 'bias'")
    one = cell(root, "grad-output", 0, 1, 2)
    one.focus()
    notebook.page.keyboard.type("12")
    notebook.page.keyboard.press("Enter")
    expect(one).to_have_attribute("data-value", "12")
    box, before = one.bounding_box(), number(root, "total")
    notebook.page.mouse.move(box["x"] + 9, box["y"] + 9)
    notebook.page.mouse.down()
    with notebook.redrawn(root):
        notebook.page.mouse.move(box["x"] + 9, box["y"] - 16)
    notebook.page.mouse.up()
    assert number(root, "total") == before + 3 == number(root, "grad-bias", 0)
    checked(root)
    told = notebook.python("print(widget.grad_output[0, 0, 1, 2].item(), widget.gradients[2][0].item())").strip()
    assert told == f"15.0 {before + 3}"


def test_play_adds_the_products_and_with_reduced_motion_one_at_a_time(scratch):
    notebook = scratch(("one", START.replace(MADE, MADE[:-1] + ", view='weight', terms=0)")), height=1500)
    root = notebook.run_widget("one", KIND)
    checked(root)
    root.get_by_role("button", name="play", exact=True).click()
    at(root, terms="3")
    root.get_by_role("button", name="pause").click()
    notebook.page.emulate_media(reduced_motion="reduce")
    terms = int(root.get_attribute("data-terms"))
    root.locator('[data-role="grad-weight"][tabindex="0"]').focus()
    notebook.page.keyboard.press(" ")
    at(root, terms=str(terms + 1))
    assert root.evaluate(FRAMES) == 0


def test_a_large_layer_is_shown_around_the_pinned_cell(notebook, root):
    show(notebook, root, "widget.set_layer(3, 20, (5, 3), padding=2, input=(1, 3, 40, 50))\n"
                         "widget.cell = [0, 2, 20, 39]")  # fmt: skip
    at(root, cell="0,2,20,39")
    expect(root.locator(".gr-part").first).to_have_text(" rows 14 to 26, columns 33 to 45")
    root.locator('[data-role="input"][tabindex="0"]').focus()
    for _ in range(9):
        notebook.page.keyboard.press("ArrowDown")
    at(root, cell="0,2,29,39")
    assert cell(root, "input", 2, 29, 39).is_visible() and number(root, "fed") == 15 * 20
    expect(root.locator('.gr-plane.cl-output [data-role="output"].cl-reads')).to_have_count(15)
    root.get_by_role("button", name="next filters from").click()
    at(root, filter="1")
    root.get_by_role("button", name="channel before").click()
    at(root, cell="0,1,29,39")
    for view in ("input", "weight", "bias"):
        choose(root, NAMES[view])
        choose(root, "gather") if view != "bias" else None
        at(root, view=view)
    checked(root)
    assert notebook.problems == []


def test_python_moves_the_picture_and_a_refusal_greys_it(notebook, root):
    show(notebook, root, "widget.view, widget.cell, widget.terms, widget.nudge = 'weight', [1, 0, 2, 1], 3, 0.25")
    at(root, view="weight", cell="1,0,2,1", terms="3", nudge="0.25")
    expect(root.get_by_label("nudge h")).to_have_value("0.25")
    assert number(root, "difference", "1,0,2,1") == number(root, "gradient", "1,0,2,1")
    before = read(root)
    show(notebook, root, "widget.set_layer(1, 2, kernel_size=(9, 2))")
    expect(root.locator(".cl-problem code").first).to_contain_text("Kernel size can't be greater than actual")
    assert read(root) == before
    show(notebook, root, "widget.set_layer(1, 2, kernel_size=(2, 2), bias=False)")
    expect(root.get_by_role("radio", name="dL/dbias")).to_be_disabled()
    checked(root)


def test_what_python_finds_otherwise_is_said(notebook, root):
    checked(root)
    show(notebook, root, "widget._backward = {**widget._backward, 'loss': 1e6}")
    expect(root.locator(".cl-note").filter(has_text="please report this")).to_be_visible()


def test_a_picture_that_went_through_other_settings_is_the_picture_of_a_new_view(scratch):
    notebook = scratch(("one", START.replace(MADE, MANY)), ("again", "widget"), height=1500)
    root = notebook.run_widget("one", KIND)
    looks = ["view = 'input'", "terms = 2", "how = 'gather'", "cell = [0, 3, 4, 6]", "terms = None", "view = 'bias'",
             "cell = [2]", "nudge = 0.3", "view = 'weight'", "sample = 1", "how = 'scatter'", "view = 'forward'",
             "nudge = 0"]  # fmt: skip
    within = ".gr-stage, .gr-ledger, .gr-nudger"
    for look in looks:
        show(notebook, root, f"widget.{look}")
        again = notebook.run_widget("again", KIND)
        checked(again)
        assert markup(root, within) == markup(again, within), look
    assert notebook.complaints() == []


def test_axe_finds_nothing_and_nothing_is_cut_off(notebook, root):
    audit.assert_everyone_reads(notebook, root, [
        "widget.view, widget.terms, widget.nudge = 'input', 5, 0.5",
        f"{LAYER}\nwidget.how, widget.terms = 'gather', None",
        "widget.view, widget.sample = 'weight', 1",
        "widget.set_layer(4, 4, (9, 2), groups=2)",
    ])  # fmt: skip


def test_every_control_is_reached_by_tab_and_no_key_reaches_the_notebook(notebook, root):
    show(notebook, root, f"{LAYER}\nwidget.view = 'input'")
    checked(root)
    expected, reached, ringless = audit.tab_through(notebook, root)
    assert reached == expected and len(expected) >= 12 and ringless == []
    audit.assert_no_key_reaches(notebook, root.locator("button, input, select, [tabindex='0']"), every=3)


def test_two_views_stay_together_and_tasks_tick(scratch):
    tasks = (
        "{'no bias gradient': lambda now: now.view == 'bias' and now.gradient == 0, "
        "'gather': lambda now: now.how == 'gather'}"
    )
    notebook = scratch(("one", START.replace(MADE, MADE[:-1] + f", tasks={tasks})")), ("two", "widget"), height=1500)
    notebook.run_widget("one", KIND)
    notebook.run_widget("two", KIND)
    one, two = notebook.widget(KIND, 0), notebook.widget(KIND, 1)
    choose(one, "dL/dinput")
    choose(two, "gather")
    expect(one.locator(".cl-tasks li.cl-done")).to_have_count(1)
    choose(one, "dL/dbias")
    first = cell(two, "grad-output", 0, 0, 0)
    by = number(two, "total") - float(first.get_attribute("data-value"))
    first.focus()
    notebook.page.keyboard.press("Enter")
    notebook.page.keyboard.type(str(-by))
    notebook.page.keyboard.press("Enter")
    expect(one.locator(".cl-tasks li.cl-done")).to_have_count(2)
    notebook.page.mouse.move(2, 2)
    checked(two)
    assert read(one) == read(two) and number(one, "total") == 0 and notebook.complaints() == []


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_by_itself_and_a_finger_pins(scratch, motion):
    notebook = scratch(("one", START), height=1500, reduced_motion=motion)
    root = notebook.run_widget("one", KIND)
    checked(root)
    cell(root, "input", 0, 3, 1).tap()
    at(root, cell="0,0,3,1")
    root.get_by_role("radio", name="dL/dweight").tap()
    cell(root, "grad-weight", 0, 0, 2, 0).tap()
    at(root, view="weight", cell="0,0,2,0")
    checked(root)
    assert root.evaluate(FRAMES) == 0


def test_a_saved_page_works_without_a_kernel(scratch, chromium, tmp_path):
    notebook = scratch(("one", START), height=1500)
    checked(notebook.run_widget("one", KIND))
    with saved_page(notebook, chromium, tmp_path, KIND) as root:
        choose(root, "dL/dbias")
        before = number(root, "total")
        cell(root, "grad-output", 0, 0, 1).press("+")
        assert number(root, "total") == before + 1 == number(root, "grad-bias", 0)
        choose(root, "dL/dinput")
        choose(root, "gather")
        root.get_by_label("nudge h").select_option("1")
        place = root.get_attribute("data-cell")
        assert number(root, "total") == number(root, "difference", place)


def test_running_the_cell_again_and_again_leaks_no_listener_and_no_element(scratch):
    assert_nothing_leaks(scratch(("one", START)), KIND)
