"""FilterBank under the hands: keys, mouse, touch and Python; two views; a page without a kernel; for everybody."""

from math import pi

import pytest
from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.drawn import read
from tests.browser.leaks import assert_nothing_leaks
from tests.browser.one_widget import one_widget
from tests.browser.saved_page import saved_page
from tests.browser.test_filter_bank import KIND, MADE, START, checked, choose, show
from tests.browser.test_widgets import FRAMES

notebook, root = one_widget(KIND, START, height=1500)
COLOUR = "widget = convlab.FilterBank(['identity', 'vertical edges', 'outline'], 'patches')"


def number(root, role, index):
    return float(root.locator(f'[data-role="{role}"][data-index="{index}"]').first.get_attribute("data-value"))


def stage(root, name):
    return root.locator(f'[data-id="{name}"]')


def at(root, o, place):
    expect(root).to_have_attribute("data-place", place)
    expect(root).to_have_attribute("data-filter", str(o))


def test_keys_walk_over_maps_and_channels(notebook, root):
    show(notebook, root, "widget.set_filters(['identity', 'vertical edges', 'outline'])\nwidget.set_input('patches')")
    stage(root, "filter 1").focus()
    for key, o, place in [("Home", 1, "0,0"), ("ArrowDown", 1, "1,0"), ("Shift+ArrowRight", 1, "1,10"),
                          ("]", 2, "1,10"), ("[", 1, "1,10"), ("[", 0, "1,10"), ("[", 0, "1,10"), ("End", 0, "15,21"),
                          ("ArrowUp", 0, "14,21")]:  # fmt: skip
        notebook.page.keyboard.press(key)
        at(root, o, place)
    expect(stage(root, "filter 0")).to_be_focused()
    stage(root, "input 2").focus()
    notebook.page.keyboard.press("ArrowLeft")
    at(root, 0, "14,20")
    notebook.page.keyboard.press("m")
    expect(root.get_by_role("button", name="mute input 2")).to_have_attribute("aria-pressed", "true")
    notebook.page.keyboard.press("s")
    expect(root.get_by_role("button", name="solo input 2")).to_have_attribute("aria-pressed", "true")
    checked(root)
    told = notebook.python("print(widget.muted, widget.solo, widget.filter, widget.place)").strip()
    assert told == "['input 2'] ['input 2'] 0 [14, 20]"


def test_muting_a_channel_takes_its_sum_out_and_the_rest_stays(notebook, root):
    show(notebook, root, "widget.set_filters(['box blur', 'outline'])\nwidget.set_input('patches')")
    show(notebook, root, "widget.filter = 1\nwidget.place = [9, 15]")
    expect(root).to_have_attribute("data-place", "9,15")
    parts = [number(root, "sum", c) for c in range(3)]
    assert sum(parts) == number(root, "result", "1,9,15") and parts[2] != 0
    root.get_by_role("button", name="mute input 2").click()
    assert number(root, "left-out", 2) == parts[2]
    assert number(root, "result", "1,9,15") == parts[0] + parts[1]
    expect(root.locator(".fb-line").filter(has_text="2 of 3 channels are heard")).to_be_visible()
    expect(root.locator(".cl-live")).to_contain_text("1 of 3 input channels is left out.")
    root.get_by_role("button", name="hear all").click()
    assert number(root, "result", "1,9,15") == sum(parts)
    for c in range(3):
        root.get_by_role("button", name=f"mute input {c}").click()
    assert number(root, "result", "1,9,15") == 0
    checked(root)
    assert notebook.python("print(widget.output.abs().sum().item())").strip() == "0.0"


def test_solo_of_a_filter_leaves_its_map_alone_and_in_its_range(notebook, root):
    show(notebook, root, "widget.set_filters(['identity', 'outline'])")
    wide = number(root, "range", 1)
    stage(root, "filter 0").focus()
    notebook.page.keyboard.press("s")
    expect(root.locator(".fb-tile.fb-muted")).to_have_count(1)
    assert number(root, "range", 1) == number(root, "maximum", 0) < wide
    root.get_by_role("button", name="solo filter 1").click()
    expect(root.locator(".fb-tile.fb-muted")).to_have_count(1)
    assert number(root, "range", 1) == wide
    checked(root)
    assert notebook.python("print(widget.solo, widget._now()['seen'])").strip() == "['filter 1'] (1,)"


def test_hover_previews_and_a_click_pins(notebook, root):
    show(notebook, root, "widget.set_filters(['identity', 'outline'])\nwidget.set_input('patches')")
    before = root.get_attribute("data-place")
    box = stage(root, "filter 1").bounding_box()
    spot = {"x": 6.5 * box["width"] / 22, "y": 3.5 * box["height"] / 16}
    stage(root, "filter 1").hover(position=spot)
    at(root, 1, "3,6")
    notebook.page.mouse.move(2, 2)
    at(root, 0, before)
    stage(root, "filter 1").click(position=spot)
    notebook.page.mouse.move(2, 2)
    at(root, 1, "3,6")
    box = stage(root, "input 1").bounding_box()
    stage(root, "input 1").click(position={"x": 9.5 * box["width"] / 24, "y": 5.5 * box["height"] / 18})
    notebook.page.mouse.move(2, 2)
    at(root, 1, "4,8")  # the window's middle lies on the pixel


def test_the_sliders_move_the_formula_the_kernels_and_the_maps(notebook, root):
    choose(root, "Gabor")
    expect(root.locator(".fb-tile")).to_have_count(8)
    wave = root.get_by_label("wavelength")
    before = number(root, "maximum", 3)
    with notebook.redrawn(root):
        wave.press("ArrowRight")
    assert number(root, "gabor", 3) == 5.25 and number(root, "maximum", 3) != before
    expect(root.locator(".fb-formula").first).to_contain_text("cos(2π·x′ / 5.25 + 1.57)")
    root.get_by_label("psi").fill("0")
    expect(root.locator(".fb-formula").first).to_contain_text("5.25 + 0)")
    assert abs(number(root, "kernel-sum", 0)) > 0.1
    root.get_by_label("minus its mean").check()
    assert number(root, "kernel-sum", 0) == 0
    root.get_by_label("orientations").fill("3")
    expect(root.locator(".fb-tile")).to_have_count(3)
    expect(root.locator(".fb-tile").nth(1)).to_contain_text("θ = 60°")
    checked(root)
    told = notebook.python("print(widget.source, widget.gabor['wavelength'], widget.weight.shape[0])").strip()
    assert told == "gabor 5.25 3"


def test_a_drag_of_a_slider_is_followed_at_every_step(notebook, root):
    choose(root, "Gabor")
    field = root.get_by_label("sigma")
    box = field.bounding_box()
    mouse = notebook.page.mouse
    mouse.move(box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2)
    mouse.down()
    seen = set()
    for share in (0.35, 0.5, 0.65, 0.8):
        with notebook.redrawn(root):
            mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        seen.add((number(root, "gabor", 4), number(root, "maximum", 2)))
    mouse.up()
    assert len(seen) == 4
    checked(root)


def test_names_are_switched_on_and_off_and_the_last_one_stays(notebook, root):
    chips = root.locator(".fb-chip")
    for name in ("box blur", "sharpen", "vertical edges", "horizontal edges", "outline"):
        chips.get_by_text(name, exact=True).click()
    expect(root.locator(".fb-tile")).to_have_count(1)
    last = chips.get_by_text("identity", exact=True)
    expect(last).to_have_attribute("aria-disabled", "true")
    last.click(force=True)
    expect(root.locator(".fb-tile")).to_have_count(1)
    chips.get_by_text("Gaussian blur", exact=True).click()
    expect(root.locator(".fb-header")).to_contain_text("weight torch.Size([2, 1, 5, 5])")
    checked(root)
    assert notebook.python("print(widget.names)").strip() == "['identity', 'Gaussian blur']"


def test_a_factor_of_a_channel_is_dragged_typed_and_moved_by_keys(notebook, root):
    show(notebook, root, "widget.set_filters(['identity'])\nwidget.set_input('patches')")
    cell = root.locator('[data-role="mix"][data-index="1"]')
    box = cell.bounding_box()
    notebook.page.mouse.move(box["x"] + 8, box["y"] + 8)
    notebook.page.mouse.down()
    with notebook.redrawn(root):
        notebook.page.mouse.move(box["x"] + 8, box["y"] + 8 - 17)
    notebook.page.mouse.up()
    assert number(root, "mix", 1) == 2
    cell.press("ArrowDown")
    assert number(root, "mix", 1) == 1.5
    cell.press("Enter")
    notebook.page.keyboard.type("-3")
    notebook.page.keyboard.press("Enter")
    expect(cell).to_have_attribute("data-value", "-3")
    assert number(root, "weight", "0,1,1,1") == -3
    checked(root)
    assert notebook.python("print(widget.mix, widget.weight[0, :, 1, 1].tolist())").strip() == (
        "[1.0, -3.0, 1.0] [1.0, -3.0, 1.0]"
    )


def test_a_large_layer_is_turned_over_page_by_page(notebook, root):
    show(notebook, root, "torch.manual_seed(0)\nwidget.set_filters(torch.nn.Conv2d(1, 40, (3, 2)))")
    pager = root.locator(".fb-pager")
    expect(pager).to_contain_text("filters 0 to 15 of 40")
    root.get_by_role("button", name="filters after these").click()
    root.get_by_role("button", name="filters after these").click()
    expect(pager).to_contain_text("filters 32 to 39 of 40")
    expect(root.locator(".fb-tile")).to_have_count(8)
    root.get_by_role("button", name="filters after these").click()
    expect(pager).to_contain_text("filters 32 to 39 of 40")
    checked(root)
    assert notebook.python("print(widget.shown)").strip() == str(list(range(32, 40)))
    root.get_by_role("button", name="filters before these").click()
    expect(pager).to_contain_text("filters 16 to 31 of 40")


def test_what_pytorch_refuses_greys_the_last_picture_and_says_why(notebook, root):
    show(notebook, root, "widget.set_filters(torch.nn.Conv2d(1, 2, (3, 2)))")
    before = read(root)["canvases"]
    with notebook.redrawn(root):
        root.get_by_label("Picture").select_option("cat")
    told = "Given groups=1, weight of size [2, 1, 3, 2], expected input[1, 3, 96, 128] to have 1 channels"
    expect(root.locator(".cl-problem")).to_contain_text(told)
    expect(root.get_by_role("img", name="The layer takes 1 channels, the input has 3.")).to_be_visible()
    expect(root.locator(".fb-body")).to_have_attribute("inert", "")
    expect(root.get_by_text("refuses it too")).to_be_visible()
    assert read(root)["canvases"] == before
    with notebook.redrawn(root):
        root.get_by_label("Picture").select_option("camera")
    expect(root.locator(".cl-problem")).to_be_hidden()
    checked(root)


def test_python_moves_the_picture(notebook, root):
    steps = [
        ("widget.source = 'gabor'", "θ = 22.5°"),
        ("widget.gabor = {'orientations': 3}", "θ = 120°"),
        ("widget.picture = 'rings'", "input 1 × 96 × 128 · rings"),
        ("widget.names = ['emboss']; widget.source = 'named'", "emboss"),
        ("widget.set_input('patches'); widget.mix = [2.0]", "input 3 × 18 × 24 · patches"),
        ("widget.solo = ['input 0']", "1 of 3 channels is heard"),
        ("widget.shared_range = False", "Each map fills its own range"),
        ("widget.filter, widget.place = 0, [1, 12]", "output[0, 0, 1, 12]"),
    ]
    for code, text in steps:
        show(notebook, root, code)
        expect(root.locator(".fb-body, .fb-panel, .fb-header").filter(has_text=text).first).to_be_visible()
        checked(root)
    assert number(root, "mix", 0) == 2 and notebook.complaints() == []


def test_what_python_finds_otherwise_is_said(notebook, root):
    checked(root)
    with notebook.redrawn(root):
        notebook.python(
            "found = dict(widget._computed)\nwidget.shared_range = False\n"
            "found['output'] = {**found['output'], 'data': bytes(len(found['output']['data']))}\n"
            "widget._computed = found"
        )
    expect(root.locator(".cl-note").filter(has_text="please report this")).to_be_visible()


SETTINGS = [
    "pass",
    "widget.set_input('cat'); widget.source = 'gabor'; widget.muted = ['input 1', 'filter 2']",
    "widget.shared_range = False; widget.set_input('patches'); widget.source = 'named'",
    "torch.manual_seed(0); widget.set_filters(torch.nn.Conv2d(12, 20, 3)); widget.set_input(torch.rand(12, 9, 8))",
    "widget.picture = 'camera'",
]


def test_axe_finds_nothing_and_nothing_is_cut_off(notebook, root):
    audit.assert_everyone_reads(notebook, root, SETTINGS)


def test_every_control_is_reached_by_tab_and_no_key_reaches_the_notebook(notebook, root):
    show(notebook, root, "widget.set_filters(['identity', 'outline'])\nwidget.set_input('cat')")
    before = notebook.cells()
    for source in ("by name", "Gabor"):
        choose(root, source)
        expected, reached, ringless = audit.tab_through(notebook, root)
        assert reached == expected and len(expected) > 20
        # The choice of a radio button is drawn by its label, which carries the ring.
        assert [name for name in ringless if name not in ("by name", "Gabor", "one for all")] == []
    focusable = root.locator("button:visible, input:visible, select:visible, [tabindex='0']:visible")
    for one in range(1, focusable.count() - 1, 4):  # the first is the list of pictures, which letters choose from
        focusable.nth(one).focus()
        for key in ("b", "a", "x", "y"):
            notebook.page.keyboard.press(key)
    assert notebook.cells() == before and notebook.problems == []


def test_two_views_and_python_stay_together(scratch):
    notebook = scratch(("one", START.replace(MADE, COLOUR)), ("two", "widget"), height=1500)
    notebook.run_widget("one", KIND)
    notebook.run_widget("two", KIND)
    one, two = notebook.widget(KIND, 0), notebook.widget(KIND, 1)
    with notebook.redrawn(two):
        one.get_by_role("button", name="mute input 0").click()
    with notebook.redrawn(one):
        choose(two, "Gabor")
    with notebook.redrawn(two):
        one.get_by_label("psi").fill("45")
    with notebook.redrawn(one):
        stage(two, "filter 3").press("End")
    notebook.page.mouse.move(2, 2)
    assert read(one) == read(two)
    checked(one)
    told = notebook.python("print(widget.muted, widget.filter, round(widget.gabor['psi'], 6))").strip()
    assert told == f"['input 0'] 3 {round(pi / 4, 6)}"
    with notebook.redrawn(two):
        notebook.python("widget.set_input('painted')")
    checked(two)
    assert read(one) == read(two) and notebook.complaints() == []


def test_tasks_tick_when_the_hand_rests(scratch):
    tasks = (
        "tasks={'solo the red channel': lambda now: now.heard == (0,), "
        "'make a filter whose weights add up to 0': lambda now: abs(now.weight[0].sum()) < 1e-6}"
    )
    notebook = scratch(("one", START.replace(MADE, COLOUR.replace(")", f", {tasks})"))), height=1500)
    root = notebook.run_widget("one", KIND)
    expect(root.locator(".cl-tasks li")).to_have_count(2)
    root.get_by_role("button", name="solo input 0").click()
    expect(root.locator(".cl-tasks li.cl-done")).to_have_count(1)
    root.locator(".fb-chip").get_by_text("identity", exact=True).click()
    expect(root.locator(".cl-tasks li.cl-done")).to_have_count(2)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_by_itself_and_a_finger_pins(scratch, motion):
    notebook = scratch(("one", START.replace(MADE, COLOUR)), height=1500, reduced_motion=motion)
    root = notebook.run_widget("one", KIND)
    checked(root)
    box = stage(root, "filter 2").bounding_box()
    stage(root, "filter 2").tap(position={"x": 2.5 * box["width"] / 22, "y": 5.5 * box["height"] / 16})
    at(root, 2, "5,2")
    root.get_by_role("button", name="mute filter 1").tap()
    expect(root.locator(".fb-tile.fb-muted")).to_have_count(1)
    checked(root)
    assert root.evaluate(FRAMES) == 0


def test_a_saved_page_works_without_a_kernel(scratch, chromium, tmp_path):
    notebook = scratch(("one", START.replace(MADE, COLOUR)), height=1500)
    notebook.run_widget("one", KIND)
    with saved_page(notebook, chromium, tmp_path, KIND) as root:
        before = number(root, "maximum", 1)
        root.get_by_role("button", name="solo input 0").click()
        assert number(root, "maximum", 1) == before / 3  # three equal channels added, now one
        choose(root, "Gabor")
        root.get_by_label("Picture").select_option("rings")
        expect(root.locator(".fb-tile")).to_have_count(8)
        root.get_by_label("wavelength").press("ArrowRight")
        assert number(root, "gabor", 3) == 5.25


def test_running_the_cell_again_and_again_leaks_no_listener_and_no_element(scratch):
    assert_nothing_leaks(scratch(("one", START)), KIND)
