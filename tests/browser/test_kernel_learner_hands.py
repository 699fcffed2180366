"""KernelLearner under the hands: stages, runs, freezing, divergence, undo; Python; two views; for everybody."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.drawn import read
from tests.browser.leaks import assert_nothing_leaks
from tests.browser.markup import markup
from tests.browser.one_widget import one_widget
from tests.browser.saved_page import saved_page
from tests.browser.states import PRELUDE
from tests.browser.test_kernel_learner import KIND, MADE, START, checked, press, show
from tests.browser.test_widgets import FRAMES

notebook, root = one_widget(KIND, START, height=1300)


def number(root, role, index=""):
    return float(root.locator(f'[data-role="{role}"][data-index="{index}"]').first.get_attribute("data-value"))


def cell(root, role, index):
    return root.locator(f'[data-role="{role}"][data-index="{index}"]')


def at(root, step, stage):
    expect(root).to_have_attribute("data-step", str(step))
    expect(root).to_have_attribute("data-stage", str(stage))


def told(notebook, code):
    return notebook.python(f"print({code})").strip()


def test_five_clicks_make_a_step_and_each_shows_one_thing_more(notebook, root):
    following = root.locator(".kn-next")
    for stage, name in enumerate(["2 difference", "3 loss", "4 gradient", "5 update", "1 output"], 1):
        before = number(root, "weight", "0,0,0,0")
        following.click()
        at(root, int(stage == 5), stage)
        expect(following).to_have_text(f"Next: {name}")
        assert (number(root, "weight", "0,0,0,0") != before) == (stage == 5)
    expect(root.locator(".kn-tag:visible").filter(has_text="before the update")).to_have_count(4)
    slope, before, after = (number(root, role, "0,0,0,0") for role in ("slope", "before", "after"))
    assert after == number(root, "weight", "0,0,0,0") == before - 0.1 * slope
    expect(root.locator(".cl-live")).to_contain_text("each weight has moved by −0.1 times its gradient")
    following.click()
    at(root, 1, 1)
    expect(root.locator(".kn-tag:visible")).to_have_count(0)
    expect(root.locator(".kn-waiting")).to_have_count(2)


def test_keys_step_take_back_freeze_walk_and_run(notebook, root):
    keys = notebook.page.keyboard
    cell(root, "weight", "0,0,0,0").focus()
    for key in ("ArrowRight", "ArrowDown", "]", "]", "]", "]", "s"):
        keys.press(key)
    at(root, 0, 4)
    expect(cell(root, "weight", "0,0,1,1")).to_be_focused()
    expect(cell(root, "grad-weight", "0,0,1,1")).to_have_attribute("aria-pressed", "true")
    keys.press("[")
    keys.press("[")
    at(root, 0, 3)
    expect(root.locator(".kn-frozen")).to_have_count(0)
    stage = root.locator(".kn-surface").nth(1)
    stage.focus()
    for key, place in [("Home", "0,0"), ("ArrowDown", "1,0"), ("Shift+ArrowRight", "1,9"), ("End", "6,9"),
                       ("ArrowUp", "5,9")]:  # fmt: skip
        keys.press(key)
        expect(root).to_have_attribute("data-place", place)
    keys.press(" ")
    expect(root.locator(".kn-verdict")).to_contain_text("Learned: no weight moves any more, after")
    checked(root)
    near = "abs(widget.weight - torch.tensor([1., 0, -1])).max().item() < 1e-3"
    assert told(notebook, f"widget.stage, widget.playing, {near}") == "4 False True"


def test_run_goes_on_until_pause_and_python_follows(notebook, root):
    press(root, "Run")
    notebook.page.wait_for_function("(root) => Number(root.dataset.step) > 5", arg=root.element_handle())
    press(root, "Pause")
    step = int(root.get_attribute("data-step"))
    checked(root)
    assert root.evaluate(FRAMES) == 0 and int(root.get_attribute("data-step")) == step
    assert told(notebook, "widget.step, widget.stage, widget.playing, len(widget.losses)") == (
        f"{step} 4 False {step + 1}"
    )
    press(root, "Undo")
    at(root, 0, 0)


def test_a_click_on_a_gradient_freezes_its_cell_and_the_rate_knows(notebook, root):
    before = number(root, "limit")
    cell(root, "grad-weight", "0,0,0,2").click()
    assert number(root, "limit") > before and number(root, "lowest") > 1e-3
    start = number(root, "weight", "0,0,0,2")
    for _ in range(3):
        press(root, "Whole step")
    assert number(root, "weight", "0,0,0,2") == start and number(root, "grad-weight", "0,0,0,2") != 0
    cell(root, "weight", "0,0,0,2").focus()
    expect(root.locator(".kn-update")).to_contain_text("frozen, it stays")
    cell(root, "grad-weight", "0,0,0,2").hover()
    expect(root.locator(".cl-live")).to_contain_text("It is frozen: the gradient is there, and it is not applied.")
    checked(root)
    assert told(notebook, "widget.frozen") == "[[0, 2]]"


def test_too_high_a_rate_is_marked_diverges_with_its_reason_and_a_reset_goes_on(notebook, root):
    root.locator(".kn-typed").fill("0.35")
    root.locator(".kn-typed").press("Enter")
    expect(root.locator(".kn-says")).to_have_text("▲ too high: here lr must stay below 0.197")
    press(root, "Run")
    verdict = root.locator(".kn-verdict")
    expect(verdict).to_contain_text("Diverged: after")
    expect(verdict).to_contain_text("lr = 0.35 is above 0.197: each step jumps over the lowest point")
    expect(root.get_by_role("button", name="Run")).to_have_attribute("aria-pressed", "false")
    show(notebook, root, "widget.step += 600")
    expect(verdict).to_contain_text(re.compile("Diverged: the loss is (inf|nan)"))
    for name in ("Next", "Whole step", "Run"):
        expect(root.get_by_role("button", name=name)).to_have_attribute("aria-disabled", "true")
    checked(root)
    assert told(notebook, "widget.diverged") == "True" and notebook.problems == []
    press(root, "Reset")
    root.locator(".kn-typed").fill("0.1")
    root.locator(".kn-typed").press("Enter")
    press(root, "Whole step")
    expect(verdict).to_be_hidden()
    assert np.isfinite(number(root, "loss", 1))


def test_a_drag_of_a_weight_is_followed_and_one_undo_takes_it_back(notebook, root):
    press(root, "Whole step")
    target, before, loss = cell(root, "weight", "0,0,2,1"), number(root, "weight", "0,0,2,1"), number(root, "loss", 1)
    box = target.bounding_box()
    mouse = notebook.page.mouse
    mouse.move(box["x"] + 20, box["y"] + 20)
    mouse.down()
    for steps in (1, 2, 3):
        with notebook.redrawn(root):
            mouse.move(box["x"] + 20, box["y"] + 20 - 8.5 * steps)
        checked(root)  # a drag that pauses is still one
    mouse.up()
    assert abs(number(root, "weight", "0,0,2,1") - before - 0.3) < 1e-6 and number(root, "loss", 1) != loss
    press(root, "Undo")
    assert number(root, "weight", "0,0,2,1") == before and number(root, "loss", 1) == loss


def test_the_slider_and_hover_preview(notebook, root):
    slider = root.get_by_label("learning rate", exact=True)
    slider.press("ArrowRight")
    assert root.locator(".kn-typed").input_value() == "0.12"
    for _ in range(4):
        press(root, "Next")
    boxes = root.locator(".fb-box")
    cell(root, "grad-weight", "0,0,1,2").hover()
    expect(boxes.nth(1)).to_be_hidden()
    expect(root.locator(".cl-live")).to_contain_text("weight.grad[0, 0, 1, 2] is")
    place = root.get_attribute("data-place")
    surface = root.locator(".kn-surface").nth(2)
    surface.hover(position={"x": 18 * 7 + 9, "y": 18 * 5 + 9})
    expect(root).to_have_attribute("data-place", "5,7")
    notebook.page.mouse.move(2, 2)
    expect(root).to_have_attribute("data-place", place)
    surface.click(position={"x": 18 * 7 + 9, "y": 18 * 5 + 9})
    notebook.page.mouse.move(2, 2)
    expect(root).to_have_attribute("data-place", "5,7")


def test_python_moves_the_picture(notebook, root):
    steps = [
        ("widget.stage = 3", 0, 3), ("widget.step = 7", 7, 4), ("widget.stage = 5", 8, 5), ("widget.lr = 0.05", 8, 4),
        ("widget.frozen = [(0, 0)]", 8, 4), ("widget.weight = np.zeros((3, 3), 'float32')", 8, 4),
        ("widget.target = 'Gaussian blur'", 0, 0), ("widget.picture = 'painted'", 0, 0), ("widget.seed = 3", 0, 0),
        ("with widget.hold_sync():\n    widget.lr = 0.2\n    widget.step = 3", 3, 4),
    ]  # fmt: skip
    for code, step, stage in steps:
        show(notebook, root, code)
        at(root, step, stage)
        checked(root)
    assert number(root, "seed") == 3 and root.locator(".kn-typed").input_value() == "0.2"
    expect(root.get_by_label("Target", exact=True)).to_have_value("Gaussian blur")
    show(notebook, root, "widget.playing = True")
    expect(root.get_by_role("button", name="Pause")).to_be_visible()
    show(notebook, root, "widget.playing = False")
    expect(root.get_by_role("button", name="Run")).to_be_visible()
    assert notebook.complaints() == []


SAME = "[widget.step, widget.stage, widget.lr, widget.target, widget.frozen, widget._parameters.tolist()]"


CROSSING = [("widget.lr = 0.02", 0), ("widget.weight = np.ones((3, 3), 'float32')", 0), ("widget.step = 9", 120),
            ("widget.frozen = [(2, 2)]", 170), ("widget.weight = np.zeros((3, 3), 'float32')", 160),
            ("widget.lr = 0.03", 140), ("widget.step = 4", 180), ("widget.target = 'shift'", 0)]  # fmt: skip
MOST_LOOKS = 10


def apart(notebook, root):
    """What the page shows otherwise than Python has it."""
    step, stage, lr, target, frozen, parameters = eval(told(notebook, SAME))
    weights = [one["value"] for one in read(root)["numbers"] if one["role"] == "weight"]
    pressed = root.locator('.cl-grad-weight .cl-cell[aria-pressed="true"]')
    same = {
        "step": root.get_attribute("data-step") == str(step),
        "stage": root.get_attribute("data-stage") == str(stage),
        "weight": np.allclose(weights, parameters, rtol=0, atol=1e-12),
        "lr": float(root.locator(".kn-typed").input_value()) == lr,
        "target": root.get_by_label("Target", exact=True).input_value() == target,
        "frozen": [one.get_attribute("data-index") for one in pressed.all()] == [f"0,0,{u},{v}" for u, v in frozen],
    }
    return [name for name, holds in same.items() if not holds]


def test_a_hand_and_python_at_once_end_in_one_state(notebook, root):
    for code, late_ms in CROSSING:
        cell(root, "weight", "0,0,1,1").press("+")
        press(root, "Whole step")
        cell(root, "grad-weight", "0,0,0,1").click()
        notebook.page.wait_for_timeout(late_ms)
        notebook.python(code)
        for _ in range(MOST_LOOKS):  # a hand's message may still be on its way to a busy kernel, and is answered
            checked(root)
            if not (different := apart(notebook, root)):
                break
            notebook.page.wait_for_timeout(300)
        assert not different, f"{code}: {different}"


def test_what_python_finds_otherwise_is_said(notebook, root):
    show(notebook, root, "check = {**widget._told['check']}\n"
         "check['numbers'] = {**check['numbers'], 'data': bytes(len(check['numbers']['data']))}\n"
         "widget._told = {**widget._told, 'check': check}")  # fmt: skip
    expect(root.locator(".cl-note").filter(has_text="please report this")).to_be_visible()


def test_a_target_picture_that_no_kernel_gives_has_a_lowest_loss(notebook, root):
    notebook.set_source("one", f"{PRELUDE}target = np.random.default_rng(3).normal(size=(6, 10))\n"
                        "widget = convlab.KernelLearner(target, kernel_size=(4, 3), bias=True)\nwidget")  # fmt: skip
    root = notebook.run_widget("one", KIND)
    lowest = number(root, "lowest")
    expect(root.get_by_text("perhaps no kernel makes it")).to_be_visible()
    expect(root.get_by_label("Picture", exact=True).locator("option")).to_have_text(["patches"])
    show(notebook, root, "widget.step = 5000")
    assert lowest > 0.1 and abs(number(root, "loss", 5000) - lowest) < 1e-4
    root.get_by_label("Target", exact=True).select_option("outline")
    expect(root.get_by_label("Picture", exact=True).locator("option")).to_have_count(6)
    press(root, "Undo")
    assert abs(number(root, "loss", 5000) - lowest) < 1e-4


def test_what_was_kept_is_what_a_new_view_has(scratch):
    notebook = scratch(("one", START), ("two", "widget"), height=1300)
    root = notebook.run_widget("one", KIND)
    for code in ("widget.target = 'shift'", "widget.step = 4", "widget.picture = 'digit'",
                 "widget.target = 'Gaussian blur'", "widget.frozen = [(1, 1), (4, 4)]", "widget.stage = 5",
                 "widget.target = 'Sobel y'", "widget.stage = 4"):  # fmt: skip
        show(notebook, root, code)
    cell(root, "grad-weight", "0,0,2,1").click()
    notebook.page.mouse.move(2, 2)
    root.get_by_role("button", name="Next").focus()
    fresh = notebook.run_widget("two", KIND)
    checked(root)
    checked(fresh)
    for part in (".kn-header", ".kn-transport", ".kn-rate", ".kn-figure", ".kn-numbers", ".kn-axes", ".kn-update"):
        assert markup(root, part) == markup(fresh, part), part


STATES = [
    "pass",
    "widget.step = 5; widget.frozen = [(0, 1)]; widget.stage = 5",
    "widget.lr = 0.4; widget.step = 12",
    "widget.target = 'Gaussian blur'; widget.picture = 'cat'; widget.stage = 4",
]


def test_axe_finds_nothing_and_nothing_is_cut_off(notebook, root):
    audit.assert_everyone_reads(notebook, root, STATES)


def test_every_control_is_reached_by_tab_and_no_key_reaches_the_notebook(notebook, root):
    expected, reached, ringless = audit.tab_through(notebook, root)
    assert reached == expected and len(expected) > 15
    assert [name for name in ringless if name not in ("linear", "log")] == []  # their labels carry the ring
    focusable = root.locator("button, .kn-surface, input[type=range], .cl-cell[tabindex='0']")
    audit.assert_no_key_reaches(notebook, focusable, every=2)


def test_two_views_and_python_stay_together(scratch):
    notebook = scratch(("one", START), ("two", "widget"), height=1300)
    notebook.run_widget("one", KIND)
    notebook.run_widget("two", KIND)
    one, two = notebook.widget(KIND, 0), notebook.widget(KIND, 1)
    for here, there, name in ((one, two, "Whole step"), (two, one, "Next")):
        with notebook.redrawn(there):
            press(here, name)
    with notebook.redrawn(one):
        two.get_by_label("Target", exact=True).select_option("emboss")
    with notebook.redrawn(two):
        cell(one, "grad-weight", "0,0,1,0").click()
    notebook.page.mouse.move(2, 2)
    assert read(one) == read(two)
    show(notebook, two, "widget.step = 3")
    assert read(one) == read(two) and notebook.complaints() == []


def test_tasks_tick_when_the_hand_rests(scratch):
    falls = "lambda now: now.loss < now.start.loss"
    tasks = f"tasks={{'freeze a cell': lambda now: now.frozen, 'make the loss fall': {falls}}}"
    notebook = scratch(("one", START.replace(MADE, MADE.replace("()", f"({tasks})"))), height=1300)
    root = notebook.run_widget("one", KIND)
    expect(root.locator(".cl-tasks li")).to_have_count(2)
    cell(root, "grad-weight", "0,0,1,1").click()
    expect(root.locator(".cl-tasks li.cl-done")).to_have_count(1)
    press(root, "Whole step")
    expect(root.locator(".cl-tasks li.cl-done")).to_have_count(2)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_by_itself_where_motion_is_reduced_and_a_finger_freezes(scratch, motion):
    notebook = scratch(("one", START), height=1300, reduced_motion=motion)
    root = notebook.run_widget("one", KIND)
    checked(root)
    cell(root, "grad-weight", "0,0,1,2").tap()
    expect(root.locator(".kn-frozen")).to_have_count(2)
    root.locator(".kn-surface").nth(2).tap(position={"x": 9, "y": 9})
    expect(root).to_have_attribute("data-place", "0,0")
    root.get_by_role("button", name="Run").tap()
    if motion == "reduce":
        at(root, 1, 4)
        assert root.evaluate(FRAMES) <= 2  # Python's word on that one step
        at(root, 1, 4)
    else:
        assert root.evaluate(FRAMES) > 3
        press(root, "Pause")


def test_a_saved_page_works_without_a_kernel(scratch, chromium, tmp_path):
    made = MADE.replace("()", "('Sobel x', lr=0.05, stage=0)")
    notebook = scratch(("one", START.replace(MADE, made)), height=1300)
    notebook.run_widget("one", KIND)
    with saved_page(notebook, chromium, tmp_path, KIND) as root:
        press(root, "Whole step")
        at(root, 1, 4)
        root.get_by_label("Target", exact=True).select_option("shift")
        root.get_by_label("Picture", exact=True).select_option("digit")
        press(root, "Run")
        expect(root).to_have_attribute("data-step", re.compile("^[3-9]|[1-9][0-9]"))
        press(root, "Pause")
        assert number(root, "target-weight", "0,0,0,0") == 1


def test_running_the_cell_again_and_again_leaks_no_listener_and_no_element(scratch):
    assert_nothing_leaks(scratch(("one", START)), KIND)
