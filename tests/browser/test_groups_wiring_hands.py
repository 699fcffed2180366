"""GroupsWiring under the hands: keys, mouse, touch and Python; the clock; two views; a page without a kernel."""

from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.drawn import read, text_fault
from tests.browser.groups_truth import pictured
from tests.browser.leaks import assert_nothing_leaks
from tests.browser.markup import markup
from tests.browser.one_widget import one_widget
from tests.browser.saved_page import saved_page
from tests.browser.test_groups_wiring import KIND, MADE, START, checked, chip, show, state
from tests.browser.test_widgets import FRAMES

notebook, root = one_widget(KIND, START, height=1500)


def field(root, role, index=""):
    return root.locator(f'[role="spinbutton"][data-role="{role}"][data-index="{index}"]')


def channel(root, column, number):
    return root.locator(f'.gw-channel[data-column="{column}"][data-channel="{number}"]')


def at(root, **state):
    for name, value in state.items():
        expect(root).to_have_attribute(f"data-{name}", value)


def dark(root, column=1):
    """The channels of a column that have gone dark."""
    return [number for number, (fate, _) in enumerate(pictured(root)["columns"][column]) if fate == 2]


def test_every_setting_is_moved_by_keys_and_python_holds_it(notebook, root):
    moves = [("in_channels", "", "+"), ("out_channels", "", "ArrowUp"), ("groups", "", "-"), ("kernel_size", 0, "+"),
             ("kernel_size", 1, "ArrowDown"), ("size", 0, "PageUp"), ("size", 1, "-")]  # fmt: skip
    for role, index, key in moves:
        cell = field(root, role, index)
        before = float(cell.get_attribute("data-value"))
        cell.focus()
        with notebook.redrawn(root):
            cell.press(key)
        by = float(cell.get_attribute("data-value")) - before
        assert by > 0 if key in ("+", "ArrowUp", "PageUp") else by == -1
    setting, _, _ = state(notebook, root)
    assert setting["groups"] == 3 and setting["kernel_size"] == [4, 1] and setting["shape"][3] == 15
    expect(root.locator(".gw-shapes")).to_contain_text("torch.Size([1, 9, ")
    cell = field(root, "groups")
    cell.focus()
    notebook.page.keyboard.type("1")
    notebook.page.keyboard.press("Enter")
    expect(cell).to_have_text("1")
    expect(cell).to_be_focused()
    expect(root.locator(".cl-problem")).to_have_count(0)
    assert state(notebook, root)[0]["groups"] == 1


def test_from_dense_to_depthwise_over_the_legal_divisors(notebook, root):
    legal = root.locator('[data-role="legal"]')
    assert legal.all_text_contents() == ["1", "2", "4"]
    chip(root, "1 dense").click()
    expect(root.locator('.gw-filled [data-role="kernels"]')).to_have_text("96")
    chip(root, "× 2").click()
    expect(chip(root, "× 2")).to_have_attribute("aria-pressed", "true")
    setting, _, _ = state(notebook, root)
    assert (setting["in_channels"], setting["out_channels"], setting["groups"]) == (8, 16, 8)
    assert legal.all_text_contents() == ["1", "2", "4", "8"]
    expect(chip(root, "8 depthwise")).to_have_attribute("aria-pressed", "true")
    assert root.locator('[data-role="weight"][data-index="0,1"]').text_content() == "1"
    chip(root, "1 × 1 layer").click()
    assert root.locator('[data-role="all-parameters"]').text_content() == f"{8 * 2 * 6 + 16 + 16 * 16 + 16}"


def test_muting_a_channel_darkens_what_reads_it_alone_and_a_shuffle_spreads_it(notebook, root):
    channel(root, 0, 2).click()
    at(root, muted="2", spot="0,2")
    assert dark(root) == []
    expect(root.locator(".cl-live")).to_contain_text("Without channel 2, outputs 3 to 5 change; 9 stay as they were.")
    channel(root, 0, 3).click()
    assert dark(root) == [3, 4, 5]
    expect(root.locator(".cl-live")).to_contain_text("Without channels 2 and 3, outputs 3 to 5 go dark")
    assert notebook.python("print(widget.dark, widget.changed)").strip() in ("[3, 4, 5] []", "[] [3, 4, 5]")
    checked(root)
    chip(root, "channel shuffle").click()
    assert dark(root, 2) == [1, 5, 9]
    chip(root, "1 × 1 layer").click()
    assert dark(root, 3) == [] and {fate for fate, _ in pictured(root)["columns"][3]} == {1}
    root.locator(".gw-again").click()
    at(root, muted="")
    expect(root.locator(".gw-again")).to_be_hidden()
    assert state(notebook, root)[1] == []


def test_keys_walk_over_wires_and_matrix_and_mute(notebook, root):
    wires = root.locator(".gw-wires")
    wires.focus()
    for key, spot in [("ArrowDown", "0,1"), ("ArrowRight", "1,1"), ("End", "1,11"), ("ArrowDown", "1,11"),
                      ("ArrowLeft", "0,7"), ("Home", "0,0"), ("ArrowUp", "0,0"), ("]", "0,1")]:  # fmt: skip
        notebook.page.keyboard.press(key)
        at(root, spot=spot)
        expect(wires).to_be_focused()
    notebook.page.keyboard.press("Enter")
    at(root, muted="1")
    notebook.page.keyboard.press("m")
    at(root, muted="")
    matrix = root.locator(".gw-matrix").first
    matrix.focus()
    for key, spot in [("Home", "0,0,0"), ("ArrowDown", "0,1,0"), ("ArrowRight", "0,1,1"), ("End", "0,11,7")]:
        notebook.page.keyboard.press(key)
        at(root, spot=spot)
    expect(root.locator(".cl-live")).to_contain_text("weight[11, 1] is the kernel from input channel 7 to output 11")
    notebook.page.keyboard.press("Enter")
    at(root, muted="7")
    assert state(notebook, root)[1:] == [[7], [0, 11, 7]]


def test_the_mouse_previews_pins_and_drags_and_half_a_channel_is_none(notebook, root):
    channel(root, 1, 4).hover()
    at(root, spot="1,4")
    says = "Output 4 (group 1; the groups are 0 to 3) reads 2 of 8: input channels 2 and 3."
    expect(root.locator(".cl-live")).to_contain_text(says)
    box = root.locator(".gw-matrix svg").first.bounding_box()
    notebook.page.mouse.move(box["x"] + 30 + 24 * 5.5, box["y"] + 20 + 24 * 7.5)
    at(root, spot="0,7,5")
    notebook.page.mouse.move(box["x"] + 30 + 24 * 0.5, box["y"] + 20 + 24 * 7.5)
    expect(root.locator(".cl-live")).to_contain_text("No kernel: input channel 0 is in group 0, output 7 in group 2.")
    notebook.page.mouse.move(2, 2)
    at(root, spot="0,0")
    assert state(notebook, root)[2] == [0, 0]
    channel(root, 1, 9).click()
    at(root, spot="1,9")
    assert state(notebook, root)[1:] == [[], [1, 9]]
    cell = field(root, "out_channels")
    box = cell.bounding_box()
    notebook.page.mouse.move(box["x"] + 9, box["y"] + 9)
    notebook.page.mouse.down()
    with notebook.redrawn(root):
        notebook.page.mouse.move(box["x"] + 9, box["y"] - 24)
    notebook.page.mouse.up()
    moved = float(cell.get_attribute("data-value"))
    assert moved > 12
    cell.focus()
    notebook.page.keyboard.type("2.5")
    notebook.page.keyboard.press("Enter")
    expect(cell).to_have_attribute("data-value", f"{moved:g}")
    root.locator('.gw-field:has([data-role="out_channels"]) button').first.click()
    expect(cell).to_have_attribute("data-value", f"{moved - 1:g}")


def test_time_is_measured_on_request_and_only_of_the_layer_on_the_screen(notebook, root):
    assert root.locator('[data-role="time"]').count() == 0
    note, button = root.locator(".gw-time-note"), root.locator(".gw-measure")
    expect(note).to_contain_text("Not measured.")
    button.click()
    expect(button).to_have_text("Stop")
    expect(note).to_contain_text("median of 60 runs of each on this machine", timeout=60_000)
    times = notebook.python("print([[getattr(laps, part) for part in ('median_ms', 'low_ms', 'high_ms')]"
                            " for laps in widget.times.values()])")  # fmt: skip
    for row, wanted in enumerate(eval(times)):
        for role, true in zip(("time", "time-low", "time-high"), wanted, strict=True):
            drawn = root.locator(f'[data-role="{role}"][data-index="{row}"]')
            assert float(drawn.get_attribute("data-value")) == true
            assert text_fault(drawn.text_content().replace(",", ""), true) is None
    expect(root.locator(".gw-time-ratio")).to_contain_text("4 times fewer multiply-adds than the dense layer, and")
    channel(root, 0, 1).click()
    expect(root.locator(".gw-found")).to_be_visible()
    chip(root, "2").click()
    expect(root.locator(".gw-found")).to_be_hidden()
    expect(note).to_contain_text("another setting")
    assert root.locator('[data-role^="time"]').count() == 0
    notebook.python("from convlab.widgets import groups_wiring_time\ngroups_wiring_time.BREATH_S = 0.2")
    button.click()
    expect(note).to_contain_text("0 of 60 runs")
    button.click()
    expect(note).to_have_text("stopped; nothing was kept.")
    assert notebook.python("print(widget._watch.alive, widget.times)").strip() == "False None"


def test_python_moves_the_picture_and_what_it_finds_otherwise_is_said(notebook, root):
    show(notebook, root, "widget.groups, widget.muted, widget.pinned = 2, [0, 5], [0, 4, 1]")
    at(root, muted="0,5", spot="0,4,1")
    expect(root.locator(".gw-call")).to_contain_text("groups=2")
    show(notebook, root, "widget.pointwise, widget.shuffle = True, True")
    expect(root.locator(".gw-then")).to_have_text("then nn.ChannelShuffle(2), then nn.Conv2d(12, 12, kernel_size=1)")
    checked(root)
    show(notebook, root, "widget._computed = {**widget._computed, 'macs': 1}")
    expect(root.locator(".gw-agreement")).to_contain_text("please report this")


def test_a_widget_that_begins_with_a_refusal_shows_it_and_then_the_layer(scratch):
    notebook = scratch(("one", START.replace("groups=4)", "groups=5)")), height=1500)
    root = notebook.run_widget("one", KIND)
    expect(root.locator(".cl-problem")).to_be_visible()
    expect(root.locator(".gw-picture")).to_be_hidden()
    checked(root)
    chip(root, "2").click()
    expect(root.locator(".cl-problem")).to_have_count(0)
    assert len(pictured(root)["stages"][0]["live"]) == 48 and notebook.problems == []
    checked(root)


def test_a_picture_that_went_through_other_settings_is_the_picture_of_a_new_view(scratch):
    notebook = scratch(("one", START), ("again", "widget"), height=1500)
    root = notebook.run_widget("one", KIND)
    looks = ["muted = [0, 1]", "shuffle = True", "pointwise = 6", "pointwise_groups = 2", "groups = 1",
             "in_channels = 4", "pinned = [1, 3, 2]", "pointwise = 0", "out_channels = 1", "pinned = [0, 2]",
             "size = [9, 8]", "shuffle = False", "out_channels = 8", "bias = False", "groups = 4",
             "muted = []"]  # fmt: skip
    within = ".gw-picture, .gw-numbers, .gw-controls, .gw-header"
    for look in looks:
        show(notebook, root, f"widget.{look}")
        again = notebook.run_widget("again", KIND)
        checked(again)
        assert markup(root, within) == markup(again, within), look
    assert notebook.complaints() == []


def test_axe_finds_nothing_and_nothing_is_cut_off(notebook, root):
    audit.assert_everyone_reads(notebook, root, [
        "widget.muted, widget.shuffle, widget.pointwise = [0, 1], True, 10\nwidget.measure(wait=True)",
        "widget.set_layer(64, 64, 3, groups=64, pointwise=64, pinned=[0, 3, 3])",
        "widget.set_layer(6, 9, (3, 2), groups=4)",
    ])  # fmt: skip


def test_every_control_is_reached_by_tab_and_no_key_reaches_the_notebook(notebook, root):
    show(notebook, root, "widget.pointwise, widget.muted = 6, [1]")
    checked(root)
    expected, reached, ringless = audit.tab_through(notebook, root)
    assert reached == expected and len(expected) >= 20 and ringless == []
    audit.assert_no_key_reaches(notebook, root.locator("button, [tabindex='0']"), every=4)


def test_two_views_stay_together_and_tasks_tick(scratch):
    tasks = (
        "{'depthwise': lambda now: now.groups == now.in_channels, "
        "'three dark': lambda now: len(now.dark) == 3 and now.groups == 4}"
    )
    notebook = scratch(("one", START.replace(MADE, MADE[:-1] + f", tasks={tasks})")), ("two", "widget"), height=1500)
    notebook.run_widget("one", KIND)
    notebook.run_widget("two", KIND)
    one, two = notebook.widget(KIND, 0), notebook.widget(KIND, 1)
    channel(one, 0, 4).click()
    channel(two, 0, 5).click()
    at(one, muted="4,5")
    expect(one.locator(".cl-tasks li.cl-done")).to_have_count(1)
    chip(two, "× 1").click()
    expect(one.locator(".cl-tasks li.cl-done")).to_have_count(2)
    notebook.page.mouse.move(2, 2)
    checked(one)
    assert read(one) == read(two) and pictured(one) == pictured(two) and notebook.complaints() == []


def test_nothing_moves_by_itself_and_a_finger_mutes(notebook, root):
    checked(root)
    channel(root, 0, 6).tap()
    at(root, muted="6", spot="0,6")
    chip(root, "2").tap()
    checked(root)
    assert state(notebook, root)[0]["groups"] == 2 and root.evaluate(FRAMES) == 0


def test_a_saved_page_works_without_a_kernel(scratch, chromium, tmp_path):
    notebook = scratch(("one", START), height=1500)
    checked(notebook.run_widget("one", KIND))
    with saved_page(notebook, chromium, tmp_path, KIND) as root:
        channel(root, 0, 0).click()
        channel(root, 0, 1).click()
        assert dark(root) == [0, 1, 2]
        chip(root, "× 3").click()
        assert root.locator('[data-role="parameters"]').first.text_content() == f"{24 * 6 + 24}"
        root.locator(".gw-measure").click()
        expect(root.locator(".gw-time-note")).to_contain_text("needs a running kernel")


def test_running_the_cell_again_and_again_leaks_no_listener_and_no_element(scratch):
    assert_nothing_leaks(scratch(("one", START)), KIND)
