"""FeatureMaps under the hands: keys, mouse, touch and Python; two views; a page without a kernel; for everybody."""

from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.drawn import read
from tests.browser.leaks import assert_nothing_leaks
from tests.browser.markup import markup
from tests.browser.one_widget import one_widget
from tests.browser.saved_page import saved_page
from tests.browser.test_feature_maps import KIND, MADE, START, THREADS, is_at, press
from tests.browser.test_widgets import FRAMES

notebook, root = one_widget(KIND, START, height=1500)
WIDE = (
    "torch.manual_seed(0)\nmodel = torch.nn.Sequential(torch.nn.Conv2d(3, 40, (3, 5), stride=2), torch.nn.ReLU(), "
    "torch.nn.Flatten(), torch.nn.Linear(40 * 8 * 12, 4))\n"
    "images = torch.rand(30, 3, 18, 28)\nlabels = torch.arange(30) % 4\n"
    "widget = convlab.FeatureMaps(model, images, labels, batch_size=10, lr=1e30)"
)

UNLIKE = """torch.manual_seed(0)
convs = [torch.nn.Conv2d(3, 40, (3, 5), stride=2), torch.nn.Conv2d(40, 6, 1), torch.nn.Conv2d(6, 3, (2, 3))]
model = torch.nn.Sequential(*convs, torch.nn.Flatten(), torch.nn.LazyLinear(4))
images, labels = torch.rand(30, 3, 18, 28), torch.arange(30) % 4
model(images)
widget = convlab.FeatureMaps(model, images, labels)"""


def number(root, role, index=""):
    return float(root.locator(f'[data-role="{role}"][data-index="{index}"]').first.get_attribute("data-value"))


def stage(root, o):
    return root.locator(f'.fb-map[data-filter="{o}"]')


def at(root, o, place):
    expect(root).to_have_attribute("data-place", place)
    expect(root).to_have_attribute("data-filter", str(o))


def test_keys_walk_over_the_maps_and_space_trains_and_pauses(notebook, root):
    stage(root, 1).focus()
    keys = {
        "Home": (1, "0,0"),
        "ArrowUp": (1, "0,0"),
        "ArrowDown": (1, "1,0"),
        "Shift+ArrowRight": (1, "1,10"),
        "]": (2, "1,10"),
        "[": (1, "1,10"),
        "End": (1, "27,27"),
        "ArrowLeft": (1, "27,26"),
    }
    for key, (o, place) in keys.items():
        notebook.page.keyboard.press(key)
        at(root, o, place)
    expect(stage(root, 1)).to_be_focused()
    notebook.python("widget.pace = 4")
    notebook.page.keyboard.press(" ")
    is_at(root, phase="training")
    notebook.page.keyboard.press(" ")
    is_at(root, phase="paused")
    assert notebook.python("print(widget.filter, widget.place, widget.now.training)").strip() == "1 [27, 26] False"
    expect(root.locator(".cl-live")).to_contain_text("output[1, 27, 26] = ")


def test_hover_previews_and_a_click_pins(notebook, root):
    before = root.get_attribute("data-place")
    box = stage(root, 6).bounding_box()
    spot = {"x": 6.5 * box["width"] / 28, "y": 3.5 * box["height"] / 28}
    stage(root, 6).hover(position=spot)
    at(root, 6, "3,6")
    notebook.page.mouse.move(2, 2)
    at(root, 0, before)
    stage(root, 6).click(position=spot)
    notebook.page.mouse.move(2, 2)
    at(root, 6, "3,6")
    assert number(root, "result", "6,3,6") == float(notebook.python("print(widget.output[6, 3, 6].item())"))


def test_a_cell_of_the_table_shows_what_was_confused_and_the_curve_leads_back(notebook, root):
    for step in (1, 2, 3):
        press(root, "Step")
        is_at(root, step=step)
    told = notebook.python(
        "said, labels = widget._measured['said'], widget._facts['labels']\n"
        "wrong = [k for k in range(len(said)) if said[k] != labels[k]]\n"
        "same = [k for k in wrong if (labels[k], said[k]) == (labels[wrong[0]], said[wrong[0]])]\n"
        "print(labels[wrong[0]], said[wrong[0]], *same)"
    )
    label, said, *wanted = map(int, told.split())
    cell = root.locator(f'[data-role="confusion"][data-index="{label},{said}"]')
    assert number(root, "confusion", f"{label},{said}") == len(wanted)
    for picture in [*wanted, wanted[0]][:4]:  # another one at each press, and round again
        cell.press("Enter")
        is_at(root, picture=picture)
        assert number(root, "label") == label
    cell.press("ArrowRight")
    expect(root.locator(f'[data-role="confusion"][data-index="{label},{min(9, said + 1)}"]')).to_be_focused()
    plot = root.locator(".fm-plot")
    box = plot.bounding_box()
    plot.click(position={"x": box["width"] * 1.2 / 20, "y": 20})
    is_at(root, step=1)
    assert number(root, "loss", 1) == float(notebook.python("print(widget.losses[0])"))
    plot.click(position={"x": 0.9 * box["width"], "y": 20})
    is_at(root, step=3)
    assert notebook.python("print(widget.shown_step)").strip() == "-1"


def test_reset_and_stop_are_buttons_too(notebook, root):
    before = read(root)
    press(root, "Step")
    is_at(root, step=1, phase="paused")
    expect(root.get_by_role("button", name="Go on")).to_be_visible()
    press(root, "Stop")
    is_at(root, phase="stopped")
    expect(root.get_by_role("progressbar")).to_have_attribute("aria-valuetext", "step 1 of 1")
    press(root, "Reset")
    is_at(root, step=0, phase="ready")
    assert read(root) == before


def test_python_moves_the_picture(notebook, root):
    steps = [
        ("widget.layer = 'conv2'", {"layer": "conv2"}),
        ("widget.picture = 17", {"picture": 17}),
        ("widget.train(wait=True)", {"step": 20, "phase": "done"}),
        ("widget.shown_step = 0", {"step": 0}),
        ("widget.reset()", {"step": 0, "phase": "ready"}),
    ]
    for code, wanted in steps:
        notebook.python(code)
        is_at(root, **wanted)
    notebook.python("widget.step(); widget.change = True; widget.filter, widget.place = 5, [2, 3]")
    at(root, 5, "2,3")
    expect(root.locator('[data-role="change"]')).to_have_count(8 * 9)
    assert notebook.complaints() == []


STATES = [
    "widget.reset(); widget.layer = 'conv1'",
    "widget.train(wait=True); widget.layer = 'conv2'; widget.change = True",
]


def test_axe_finds_nothing_and_nothing_is_cut_off(notebook, root):
    audit.assert_everyone_reads(notebook, root, STATES)


def test_every_control_is_reached_by_tab_and_no_key_reaches_the_notebook(notebook, root):
    before = notebook.cells()
    expected, reached, ringless = audit.tab_through(notebook, root)
    assert reached == expected and len(expected) > 15
    # The choice of a radio button is drawn by its label, which carries the ring.
    assert [name for name in ringless if name not in ("conv1", "weights")] == []
    focusable = root.locator("button:visible, input:visible, [tabindex='0']:visible")
    for one in range(0, focusable.count() - 1, 9):
        focusable.nth(one).focus()
        for key in ("b", "a", "x", "y"):
            notebook.page.keyboard.press(key)
    assert notebook.cells() == before and notebook.problems == []


def test_a_wide_layer_of_the_learners_is_turned_over_and_what_goes_wrong_is_said(scratch):
    notebook = scratch(("one", f"{START.split('from conv')[0]}{WIDE}\nwidget"), height=1500)
    root = notebook.run_widget("one", KIND)
    expect(root.locator(".fm-pager")).to_contain_text("filters 0 to 15 of 40")
    on = root.get_by_role("button", name="filters after these")
    on.evaluate("button => [1, 2, 3].forEach(() => button.click())")  # faster than Python; the third has no page
    expect(root.locator(".fm-pager")).to_contain_text("filters 32 to 39 of 40")
    expect(root.locator(".fm-tile")).to_have_count(8)
    expect(root).to_have_attribute("data-pending", "false")
    held = [canvas for canvas in read(root)["canvases"] if canvas["role"] == "output" and canvas["index"] == "37"]
    told = notebook.python("print(widget.output[37].flatten().tolist())")
    assert [round(value, 5) for value in held[0]["values"]] == [round(value, 5) for value in eval(told)]
    press(root, "Train")
    expect(root.locator(".fm-problem")).to_contain_text("take a learning rate below 1e+30")
    for code in ("pass", "widget.first = 0"):
        notebook.python(code)
        assert audit.axe(notebook, root) == [] and audit.cut_off(root, 320) == []
    assert notebook.complaints() == []


def test_tiles_that_showed_other_layers_are_those_of_a_new_view(scratch):
    made = f"{START.split('from conv')[0]}{UNLIKE}\nwidget"
    notebook = scratch(("one", made), ("again", "widget"), height=1500)
    root = notebook.run_widget("one", KIND)
    looks = ["layer = '1'", "layer = '2'", "filter = 2", "layer = '0'", "first = 32", "layer = '1'", "layer = '0'"]
    for look in looks:
        notebook.python(f"widget.{look}")
        again = notebook.run_widget("again", KIND)
        expect(again).to_have_attribute("data-pending", "false")
        expect(root).to_have_attribute("data-pending", "false")
        assert markup(root, ".fm-tiles") == markup(again, ".fm-tiles"), look
    assert notebook.complaints() == []


def test_two_views_stay_together_and_tasks_tick(scratch):
    tasks = "{'learn from two batches': lambda now: now.steps == 2, 'look at conv2': lambda now: now.layer == 'conv2'}"
    made = START.replace("epochs=1", f"tasks={tasks}, epochs=1")
    notebook = scratch(("one", made), ("two", "widget"), height=1500)
    notebook.run_widget("one", KIND)
    notebook.run_widget("two", KIND)
    one, two = notebook.widget(KIND, 0), notebook.widget(KIND, 1)
    press(one, "Step")
    is_at(two, step=1)
    press(two, "Step")
    is_at(one, step=2)
    expect(one.locator(".cl-tasks li.cl-done")).to_have_count(1)
    two.get_by_role("radio", name="conv2").check(force=True)
    is_at(one, layer="conv2")
    expect(two.locator(".cl-tasks li.cl-done")).to_have_count(2)
    stage(one, 3).press("End")
    at(two, 3, "13,13")
    notebook.page.mouse.move(2, 2)
    assert read(one) == read(two)
    press(one, "Go on")
    notebook.set_source("two", "1 + 1")
    notebook.run_cell("two")  # one view goes, the other looks on
    is_at(one, phase="done", step=20)
    assert notebook.complaints() == []


def test_nothing_moves_by_itself_and_a_finger_pins_and_trains(scratch):
    notebook = scratch(("one", START), height=1500, reduced_motion="reduce")
    root = notebook.run_widget("one", KIND)
    box = stage(root, 2).bounding_box()
    stage(root, 2).tap(position={"x": 9.5 * box["width"] / 28, "y": 5.5 * box["height"] / 28})
    at(root, 2, "5,9")
    root.get_by_role("button", name="Step").tap()
    is_at(root, step=1)
    assert root.evaluate(FRAMES) == 0


def test_a_saved_page_shows_the_last_state_without_a_kernel(scratch, chromium, tmp_path):
    notebook = scratch(("one", START), height=1500)
    notebook.run_widget("one", KIND)
    notebook.python("widget.train(wait=True); widget.picture = 8")
    with saved_page(notebook, chromium, tmp_path, KIND) as root:
        maps = {canvas["index"] for canvas in read(root)["canvases"] if canvas["role"] == "output"}
        assert len(maps) == 8 and root.get_attribute("data-step") == "20"
        root.get_by_role("radio", name="conv2").check(force=True)  # the page has every layer of a small network
        is_at(root, layer="conv2")
        stage(root, 12).press("End")
        at(root, 12, "13,13")
        root.get_by_role("button", name="Train more").click()
        expect(root.get_by_text("Python does not answer: run the cell to train.")).to_be_visible()


def test_running_the_cell_again_and_again_leaks_no_listener_no_element_and_no_thread(scratch):
    notebook = scratch(("one", START.replace(MADE, f"{MADE}\nwidget.train()").replace("epochs=1", "epochs=100")))
    assert_nothing_leaks(notebook, KIND)
    assert notebook.python(THREADS).count("convlab training") == 1
    notebook.python("widget.stop()")
    assert notebook.python(THREADS).strip() == "[]"
