"""LayerAnatomy under the hands: every argument and every index by key, mouse and touch; large layers; the counter."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.anatomy_truth import KIND, START, checked, lit
from tests.browser.drawn import read
from tests.browser.markup import markup
from tests.browser.one_widget import one_widget
from tests.browser.states import PRELUDE
from tests.browser.test_widgets import FRAMES

notebook, root = one_widget(KIND, START, height=1500)


def number(root, role, axis, within=".la-code"):
    return root.locator(f'{within} [data-role="{role}"][data-index="{axis}"]')


def weight(root, *index):
    return root.locator(f'.la-stage [data-role="weight"][data-index="{",".join(map(str, index))}"]')


def output(root, *index):
    return root.locator(f'.la-stage [data-role="output"][data-index="{",".join(map(str, index))}"]')


def at(root, index=None, place=None, depth=None):
    """Waits until the widget shows this."""
    for name, value in (("index", index), ("place", place), ("depth", depth)):
        if value is not None:
            expect(root).to_have_attribute(f"data-{name}", value)


def held(notebook, root):
    checked(root)
    code = "import json\nprint(json.dumps({**widget.spec, 'shape': widget.shape, 'index': widget.index}))"
    return json.loads(notebook.python(code))


def test_hover_previews_and_a_click_pins_a_weight_a_kernel_a_filter_a_place_a_channel(notebook, root):
    weight(root, 2, 1, 0, 1).hover()
    at(root, "2,1,0,1", "0,0", "4")
    assert lit(root)["kernels"] == ["2,1"]
    root.locator(".la-code").hover()
    at(root, "0,0,0,0", "0,0", "4")
    weight(root, 2, 1, 0, 1).click()
    root.locator(".la-code").hover()
    at(root, "2,1,0,1")
    root.locator('.la-kernel[data-of="1,2"] .la-caption').hover()
    at(root, "1,2,0,1", depth="2")
    said = (
        "weight[1, 2] is kernel 2 of filter 1, shape (3, 2). It reads input channel 2 only, and adds to feature map 1"
    )
    expect(root.locator(".cl-live")).to_have_text(f"{said} only.")
    root.locator('.la-head[data-of="3"]').click()
    root.locator(".la-code").hover()
    at(root, "3,1,0,1", depth="1")
    assert lit(root)["channels"] == [0, 1, 2] and lit(root)["maps"] == [3]
    expect(root.locator(".cl-live")).to_contain_text("weight[3] is filter 3, shape (3, 3, 2): 3 kernels")
    expect(number(root, "index", 1, ".la-index")).to_have_text(":")
    output(root, 1, 2, 3).click()
    root.locator(".la-code").hover()
    at(root, "1,1,0,1", "2,3", "1")
    root.locator('.la-stage [data-role="input"][data-index="2,0,0"]').hover()
    at(root, "1,2,0,1")
    assert held(notebook, root)["index"] == [1, 1, 0, 1] and notebook.problems == []


def test_arrows_walk_through_the_whole_weight_with_the_focus(notebook, root):
    keyboard = notebook.page.keyboard
    weight(root, 0, 0, 0, 0).focus()
    walk = [("ArrowRight", "0,0,0,1"), ("ArrowRight", "0,1,0,0"), ("ArrowUp", "0,1,0,0"), ("ArrowDown", "0,1,1,0"),
            ("ArrowDown", "0,1,2,0"), ("ArrowDown", "1,1,0,0"), ("ArrowUp", "0,1,2,0"), ("ArrowLeft", "0,0,2,1"),
            ("End", "3,2,2,1"), ("ArrowRight", "3,2,2,1"), ("Home", "0,0,0,0")]  # fmt: skip
    for key, index in walk:
        keyboard.press(key)
        at(root, index)
        expect(weight(root, *index.split(","))).to_be_focused()
    for key, place in [("]", "0,1"), ("]", "0,2"), ("[", "0,1")]:
        keyboard.press(key)
        at(root, place=place)


def test_a_weight_is_changed_by_keys_typing_and_dragging_and_only_its_own_map_follows(notebook, root):
    def maps():
        found = {}
        for one in read(root)["numbers"]:
            if one["role"] == "output":
                found.setdefault(one["index"][0], []).append(one["value"])
        return found

    before = maps()
    cell = weight(root, 2, 1, 0, 1)
    cell.click()
    was = float(cell.get_attribute("data-value"))
    with notebook.redrawn(root):
        cell.press("+")
    expect(cell).to_have_attribute("data-value", f"{was + 1:g}")
    after = maps()
    assert [o for o in before if before[o] != after[o]] == [2]
    notebook.page.keyboard.type("-12.5")
    notebook.page.keyboard.press("Enter")
    expect(cell).to_have_text("-12.5")  # "-" is the key for less, and a sign where a digit comes next
    box = cell.bounding_box()
    mouse, x, y = notebook.page.mouse, box["x"] + 8, box["y"] + 8
    mouse.move(x, y)
    mouse.down()
    mouse.move(x, y - 26)
    mouse.up()
    expect(cell).not_to_have_text("-12.5")
    checked(root)
    value = float(cell.get_attribute("data-value"))
    assert notebook.python("print(widget.layer.weight[2, 1, 0, 1].item())").strip() == f"{value}"
    assert audit.cut_off(root, 900) == []
    bias = root.locator('.la-stage [data-role="bias"][data-index="2"]')
    bias.focus()
    with notebook.redrawn(root):
        bias.press("+")
    checked(root)
    bias_value = float(bias.get_attribute("data-value"))
    assert notebook.python("print(widget.layer.bias[2].item())").strip() == f"{bias_value}"


def test_the_call_is_dragged_typed_chosen_and_switched(notebook, root):
    cell = number(root, "out_channels", 0)
    box = cell.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = notebook.page.mouse
    mouse.move(x, y)
    mouse.down()
    for step in (1, 2, 3):
        with notebook.redrawn(root):
            mouse.move(x, y - 8 * step)
    mouse.up()
    expect(cell).to_have_text("7")
    assert held(notebook, root)["out_channels"] == 7
    kernel = number(root, "kernel_size", 1)
    kernel.focus()
    notebook.page.keyboard.type("4")
    notebook.page.keyboard.press("Enter")
    expect(kernel).to_be_focused()
    expect(root.locator(".la-repr")).to_have_text("Conv2d(3, 7, kernel_size=(3, 4), stride=(1, 1))")
    notebook.page.keyboard.type("2.5")
    notebook.page.keyboard.press("Enter")
    expect(kernel).to_have_text("4")
    root.get_by_label("padding as").select_option("same")
    expect(root.locator(".la-repr")).to_have_text("Conv2d(3, 7, kernel_size=(3, 4), stride=(1, 1), padding=same)")
    root.get_by_label("padding_mode").select_option("reflect")
    root.get_by_label("padding as").select_option("a pair")
    root.get_by_role("button", name="bias").click()
    expect(root.locator(".la-repr")).to_have_text(
        "Conv2d(3, 7, kernel_size=(3, 4), stride=(1, 1), padding=(1, 1), bias=False, padding_mode=reflect)"
    )
    expect(root.locator('[data-role="bias"]')).to_have_count(0)
    found = held(notebook, root)
    assert (found["bias"], found["padding"], found["padding_mode"], found["kernel_size"]) == (
        False, [1, 1], "reflect", [3, 4])  # fmt: skip


def test_each_number_of_a_shape_is_linked_with_the_argument_it_comes_from(notebook, root):
    pairs = [("out_channels", 0, "weight-shape", 0), ("in_channels", 0, "weight-shape", 1),
             ("kernel_size", 0, "weight-shape", 2), ("kernel_size", 1, "weight-shape", 3),
             ("input", 0, "output-shape", 0), ("out_channels", 0, "output-shape", 1)]  # fmt: skip
    linked = "(node) => node.classList.contains('la-linked')"
    for role, axis, fact, part in pairs:
        argument, comes = number(root, role, axis), number(root, fact, part, ".la-facts")
        argument.hover()
        assert argument.evaluate(linked) and comes.evaluate(linked), (role, fact)
        root.locator(".la-stage").hover(position={"x": 5, "y": 5})
        assert not comes.evaluate(linked)
        comes.hover()
        assert argument.evaluate(linked), (fact, role)


def test_the_index_reaches_every_weight_of_a_large_layer(notebook, root):
    with notebook.redrawn(root):
        notebook.python("widget.set_layer(64, 128, 7, input=(1, 64, 40, 32))")
    assert 100 < root.locator('.la-stage [data-role="weight"]').count() < 2000
    for axis, text in enumerate(("127", "63", "6", "5")):
        field = number(root, "index", axis, ".la-index")
        field.focus()
        notebook.page.keyboard.type(text)
        notebook.page.keyboard.press("Enter")
        expect(field).to_have_text(text)
        expect(field).to_be_focused()
    cell = weight(root, 127, 63, 6, 5)
    expect(cell).to_be_visible()
    checked(root)
    assert cell.get_attribute("data-value") == notebook.python("print(int(widget.layer.weight[127, 63, 6, 5]))").strip()
    assert (lit(root)["channels"], lit(root)["kernels"]) == ([63], ["127,63"])
    shown = root.locator(".la-filter").count()
    with notebook.redrawn(root):
        root.get_by_role("button", name=f"‹ {128 - shown} filters before").click()
    at(root, f"{127 - shown},63,6,5")
    with notebook.redrawn(root):
        root.get_by_role("button", name="channels before").click()
    assert root.get_by_role("button", name="more channels").count() == 1
    notebook.python("widget.index = (0, 0, 0, 0)")
    expect(weight(root, 0, 0, 0, 0)).to_be_visible()
    weight(root, 0, 0, 0, 0).focus()
    notebook.page.keyboard.press("End")
    expect(weight(root, 127, 63, 6, 6)).to_be_focused()


def test_how_much_of_the_weight_is_said_is_chosen_by_keys(notebook, root):
    root.get_by_role("radio", name="weight[o, c, u, v], one number").focus()
    steps = [("ArrowLeft", "2", "0 0 : :"), ("ArrowLeft", "1", "0 : : :"), ("ArrowLeft", "1", "0 : : :"),
             ("ArrowRight", "2", "0 0 : :"), ("ArrowRight", "4", "0 0 0 0")]  # fmt: skip
    for key, depth, texts in steps:
        notebook.page.keyboard.press(key)
        at(root, depth=depth)
        fields = [number(root, "index", axis, ".la-index") for axis in range(4)]
        assert " ".join(field.text_content() for field in fields) == texts
    expect(root.get_by_role("radio", name="one number")).to_be_focused()


def test_the_counter_of_a_linear_explodes_with_the_input_and_the_convolutions_stays(notebook, root):
    with notebook.redrawn(root):
        notebook.python("widget.set_layer(3, 16, 3, input=(1, 3, 32, 32))")
    counts = [root.locator(f'.la-dense .la-count [data-role="{role}"]') for role in ("parameters", "dense-parameters")]
    expect(counts[0]).to_have_text("448")
    expect(counts[1]).to_have_text("44,251,200")
    expect(root.locator(".la-ratio")).to_contain_text("98,775 times as many")
    rows, before = number(root, "input", 2), 44_251_200
    rows.focus()
    for _ in range(4):
        with notebook.redrawn(root):
            rows.press("ArrowUp")
        now = int(counts[1].get_attribute("data-value"))
        assert now > before and counts[0].text_content() == "448"
        before = now
    assert before == 3 * 36 * 32 * 16 * 34 * 30 + 16 * 34 * 30
    with notebook.redrawn(root):
        notebook.python("widget.dense = False")
    expect(root.locator(".la-dense")).to_be_hidden()


def test_a_table_that_went_through_other_layers_is_the_table_of_a_new_view(scratch):
    notebook = scratch(("one", START), ("again", "widget"), height=1500)
    root = notebook.run_widget("one", KIND)
    last = "widget.index = [length - 1 for length in widget.layer.weight.shape]"
    kernels = [f"widget.set_layer(3, 4, {size}, input=(1, 3, 5, 6))" for size in ((3, 2), (2, 2))]
    for look in (*LOOKS.values(), *kernels):
        notebook.python(last)
        with notebook.redrawn(root):
            notebook.python(look)
        again = notebook.run_widget("again", KIND)
        assert markup(root, ".la-stage") == markup(again, ".la-stage"), look


def test_the_weight_with_the_focus_stays_in_another_layer(notebook, root):
    weight(root, 1, 0, 1, 0).click()
    before = root.evaluate_handle("() => document.activeElement")
    with notebook.redrawn(root):
        notebook.python("widget.set_layer(5, 4, (2, 3), input=(5, 6, 7))")
    assert before.evaluate("cell => cell === document.activeElement && cell.dataset.index") == "1,0,1,0"
    expect(weight(root, 1, 0, 1, 0)).to_have_attribute("tabindex", "0")
    assert root.locator('.la-stage [data-role="weight"][tabindex="0"]').count() == 1


def test_python_sets_a_trait_and_the_picture_follows(notebook, root):
    with notebook.redrawn(root):
        notebook.python("widget.index, widget.place = (3, 2, 2, 1), (2, 4)")
    at(root, "3,2,2,1", "2,4")
    with notebook.redrawn(root):
        notebook.python("widget.shape = [2, 3, 7, 4]\nwidget.spec = {**widget.spec, 'stride': [2, 1]}")
    expect(root.locator('.la-facts [data-role="output-shape"]')).to_have_text(["2", "4", "3", "3"])
    at(root, "3,2,2,1", "2,2")
    checked(root)
    with notebook.redrawn(root):
        notebook.python("widget.set_layer(torch.nn.Conv2d(1, 2, (2, 3)), input=torch.rand(1, 4, 5))")
    checked(root)
    drawn = [one["value"] for one in read(root)["numbers"] if one["role"] == "weight"]
    assert drawn == json.loads(notebook.python("print(widget.layer.weight.double().flatten().tolist())"))


def test_a_tap_pins(scratch):
    notebook = scratch(("one", START))
    root = notebook.run_widget("one", KIND)
    weight(root, 2, 1, 1, 1).tap()
    at(root, "2,1,1,1")
    output(root, 1, 1, 2).tap()
    at(root, "1,1,1,1", "1,2")
    root.get_by_role("radio", name="weight[o], filter").tap()
    at(root, depth="1")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_space_plays_and_with_reduced_motion_goes_one_place_on(scratch, motion):
    notebook = scratch(("one", START), reduced_motion=motion)
    root = notebook.run_widget("one", KIND)
    checked(root)
    weight(root, 0, 0, 0, 0).focus()
    notebook.page.keyboard.press(" ")
    if motion == "reduce":
        at(root, place="0,1")
        checked(root)
        assert root.evaluate(FRAMES) == 0
    else:
        expect(root.get_by_role("button", name="pause")).to_be_visible()
        at(root, place="0,3")
        root.get_by_role("button", name="pause").click()
        expect(root.get_by_role("button", name="play")).to_be_visible()


LOOKS = {
    "floats": "widget.set_layer(torch.nn.Conv2d(3, 16, 3, padding=1), input=torch.randn(1, 3, 7, 9))",
    "large": "widget.set_layer(64, 128, 7, stride=2, input=(8, 64, 224, 200))",
    "groups": "widget.set_layer(8, 8, (3, 2), groups=4, padding_mode='circular', padding=1, input=(8, 5, 6))",
    "one": "widget.set_layer(1, 1, 1, bias=False, input=(1, 1, 1, 1))",
    "wide": "widget.set_layer(2, 3, (1, 20), input=(1, 2, 4, 30))",
    "HWC": "widget.set_layer(3, 4, 3, input=(1, 32, 48, 3))",
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_and_nothing_is_cut_off(notebook, root, look):
    with notebook.redrawn(root):
        notebook.python(LOOKS[look])
    for theme in ("dark", "light"):
        notebook.set_theme(theme)
        assert audit.axe(notebook, root) == [], theme
    for width in (1300, 900, 320):
        assert audit.cut_off(root, width) == [], f"{width} pixels"
    assert notebook.problems == []


def test_a_widget_that_begins_with_a_refusal_shows_it_alone(scratch):
    notebook = scratch(("one", f"{PRELUDE}widget = convlab.LayerAnatomy(3, 4, 9, input=(1, 3, 5, 6))\nwidget"))
    root = notebook.run_widget("one", KIND)
    expect(root.locator(".cl-problem")).to_be_visible()
    expect(root.locator(".la-stage")).to_be_hidden()
    cell = number(root, "kernel_size", 0)
    cell.focus()
    notebook.page.keyboard.type("3")
    notebook.page.keyboard.press("Enter")
    number(root, "kernel_size", 1).focus()
    notebook.page.keyboard.type("2")
    notebook.page.keyboard.press("Enter")
    expect(root.locator(".la-stage")).to_be_visible()
    checked(root)
