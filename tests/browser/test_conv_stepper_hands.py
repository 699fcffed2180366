"""ConvStepper under the hands: every function by keyboard, hover, touch, play; two views; what is refused."""

import pytest
from playwright.sync_api import expect

SETUP = ("setup", "import convlab")
# Of each width (in pixels) at which it has not come to rest: how often it is changed in three frames.
RESTLESS = """
async (root) => {
  const frames = async (count) => { while (count--) await new Promise(requestAnimationFrame); };
  const found = [];
  let changes = 0;
  new MutationObserver((all) => { changes += all.length; }).observe(root, { attributes: true, subtree: true });
  for (let width = 756; width < 804; width += 2) {
    root.parentElement.style.width = `${width}px`;
    await frames(3);
    changes = 0;
    await frames(3);
    if (changes) found.push([width, changes]);
  }
  return found;
}
"""
ONE = ("one", "widget = convlab.ConvStepper(1, 1, kernel_size=(3, 2), input=(1, 1, 5, 7))\nwidget")
MANY = ("many", "widget = convlab.ConvStepper(2, 3, kernel_size=(3, 2), input=(2, 2, 5, 7))\nwidget")


def opened(scratch, cell, **options):
    notebook = scratch(SETUP, cell, **options)
    notebook.run_cell("setup")
    return notebook, notebook.run_widget(cell[0], "conv-stepper")


def value(root, role, index):
    return float(root.locator(f'[data-role="{role}"][data-index="{index}"]').get_attribute("data-value"))


def test_every_control_is_reached_and_worked_by_the_keyboard(scratch):
    notebook, root = opened(scratch, MANY)
    keyboard = notebook.page.keyboard
    root.locator('[role="tab"]').first.focus()
    reached = []
    for _ in range(20):
        reached.append(
            root.evaluate(
                "root => { const at = document.activeElement; return root.contains(at)"
                " ? at.dataset.role ?? at.getAttribute('role') ?? at.tagName.toLowerCase() : null; }"
            )
        )
        keyboard.press("Tab")
    walk = ["tab", "select", "radio", "button", "button", "input", "button"]
    walk += ["input", "weight", "input", "weight", "bias", "output"]
    assert [name for name in reached if name][: len(walk)] == walk
    root.locator('[role="tab"]').first.focus()
    keyboard.press("ArrowRight")
    expect(root).to_have_attribute("data-filter", "1")
    expect(root.locator('[role="tab"][aria-selected="true"]')).to_be_focused()
    root.locator("select").select_option("1")
    expect(root).to_have_attribute("data-sample", "1")
    root.locator('[data-role="output"][tabindex="0"]').focus()
    for key, place in {"End": "2,5", "ArrowLeft": "2,4", "ArrowUp": "1,4", "Home": "0,0", "ArrowDown": "1,0"}.items():
        keyboard.press(key)
        expect(root).to_have_attribute("data-place", place)
        expect(root.locator(f'[data-role="output"][data-index="1,{place}"]')).to_be_focused()
    assert notebook.problems == []


def test_the_stages_tell_the_number_piece_by_piece(scratch):
    notebook, root = opened(scratch, MANY)
    root.locator('[data-role="output"][tabindex="0"]').focus()
    for _ in range(4):
        notebook.page.keyboard.press("[")
    expect(root).to_have_attribute("data-stage", "window")
    here = root.locator('[data-role="output"][data-index="0,0,0"]')
    told = {"product": 12, "sum": 2, "total": 1, "result": 1}
    shown = [("window", []), ("products", ["product"]), ("sums", ["product", "sum", "total"])]
    shown += [(stage, [*told]) for stage in ("bias", "output")]
    for stage, roles in shown:
        expect(root).to_have_attribute("data-stage", stage)
        for role, count in told.items():
            expect(root.locator(f'[data-role="{role}"][data-value]')).to_have_count(count if role in roles else 0)
        expect(here).to_have_text("" if stage != "output" else root.locator('[data-role="result"]').text_content())
        notebook.page.keyboard.press("]")


def test_a_number_is_typed_stepped_and_zeroed_by_keys(scratch):
    notebook, root = opened(scratch, ONE)
    keyboard = notebook.page.keyboard
    cell = root.locator('[data-role="weight"][data-index="0,0,1,1"]')
    cell.focus()
    keyboard.type("12")
    keyboard.press("Enter")
    expect(cell).to_have_attribute("data-value", "12")
    keyboard.press("-")
    expect(cell).to_have_attribute("data-value", "11")
    keyboard.type("-11")  # the "-" makes it 10, and is a sign once a digit comes
    keyboard.press("Enter")
    expect(cell).to_have_attribute("data-value", "-11")
    keyboard.press("0")
    keyboard.press("Enter")
    keyboard.type("-1")  # which is what the "-" alone has made of 0
    keyboard.press("Enter")
    expect(cell).to_have_attribute("data-value", "-1")
    keyboard.press("Delete")
    expect(cell).to_have_attribute("data-value", "0")
    keyboard.press("5")
    keyboard.press("Escape")
    expect(cell).to_have_text("0")
    keyboard.press("ArrowUp")
    expect(root.locator('[data-role="weight"][data-index="0,0,0,1"]')).to_be_focused()
    bias = root.locator('[data-role="bias"]')
    before, output = value(root, "bias", "0"), value(root, "output", "0,2,5")
    bias.focus()
    keyboard.press("PageUp")
    assert value(root, "bias", "0") == before + 10 and value(root, "output", "0,2,5") == output + 10
    root.get_by_text("computed the same").wait_for()
    assert notebook.python("print(widget.layer.bias.tolist(), widget.layer.weight[0, 0, 1, 1].item())").strip() == (
        f"[{before + 10}] 0.0"
    )


def test_no_key_reaches_the_notebook(scratch):
    notebook, root = opened(scratch, ONE)
    cells = len(notebook.cells())
    for where in ('input[type="range"]', '[role="radio"][tabindex="0"]', '[data-role="input"][tabindex="0"]'):
        root.locator(where).first.focus()
        for key in ("b", "a", "m", "d", "d", "Shift+M"):
            notebook.page.keyboard.press(key)
    assert len(notebook.cells()) == cells and {cell["type"] for cell in notebook.cells()} == {"code"}


def test_play_slides_the_window_and_fills_the_output(scratch):
    notebook, root = opened(scratch, MANY)
    filled = root.locator('[data-role="output"][data-value]')
    root.get_by_role("button", name="play", exact=True).click()
    expect(root).to_have_attribute("data-filled", "3")
    expect(filled).to_have_count(3)
    expect(root).to_have_attribute("data-place", "0,2")
    root.get_by_role("button", name="pause").click()
    expect(root.get_by_role("button", name="play", exact=True)).to_be_visible()
    notebook.python("widget.filled = 16; widget.place = (2, 3)")
    root.get_by_role("button", name="play", exact=True).click()
    expect(root).to_have_attribute("data-filled", "all")
    expect(filled).to_have_count(18)


def test_with_reduced_motion_nothing_moves_by_itself(scratch):
    notebook, root = opened(scratch, ONE, reduced_motion="reduce")
    root.locator('[data-role="output"][tabindex="0"]').focus()
    for number in ("1", "2", "3"):
        notebook.page.keyboard.press(" ")
        expect(root).to_have_attribute("data-filled", number)
        expect(root.get_by_role("button", name="pause")).to_have_count(0)
    assert root.locator(".cs-window").first.evaluate("node => getComputedStyle(node).transitionDuration") in ("0s", "")


def test_hover_previews_a_click_pins_and_an_input_shows_its_readers(scratch):
    _, root = opened(scratch, ONE)
    cell = root.locator('[data-role="output"][data-index="0,1,3"]')
    cell.hover()
    expect(root).to_have_attribute("data-place", "1,3")
    root.locator(".cl-header").hover()
    expect(root).to_have_attribute("data-place", "0,0")
    cell.click()
    root.locator(".cl-header").hover()
    expect(root).to_have_attribute("data-place", "1,3")
    root.locator('[data-role="input"][data-index="0,2,3"]').hover()
    expect(root.locator(".cl-reads")).to_have_count(6)
    expect(root.locator(".cl-live")).to_contain_text("input[0, 0, 2, 3] is read in 6 places")
    root.locator('[data-role="product"][data-index="0,2,1"]').hover()
    lit = root.locator(".cl-cell.cl-lit").evaluate_all("cells => cells.map(cell => cell.dataset.role)")
    assert sorted(lit) == ["input", "product", "weight"]
    expect(root.locator(".cs-term.cl-lit")).to_have_count(1)


def test_a_tap_pins(scratch):
    _, root = opened(scratch, ONE)
    root.locator('[data-role="output"][data-index="0,2,4"]').tap()
    expect(root).to_have_attribute("data-place", "2,4")


def test_two_views_and_python_stay_together(scratch):
    again = ("again", "widget")
    notebook = scratch(SETUP, MANY, again)
    notebook.run_cell("setup")
    first, second = notebook.run_widget("many", "conv-stepper"), notebook.run_widget("again", "conv-stepper")
    second.locator('[data-role="weight"][data-index="0,0,0,0"]').press("+")
    second.locator('[data-role="output"][tabindex="0"]').press("End")
    expect(first).to_have_attribute("data-place", "2,5")
    shown = [root.locator('[data-role="output"]').all_text_contents() for root in (first, second)]
    assert shown[0] == shown[1]
    # A hand that has not come to rest is newer than what Python says: wait until its place has reached Python.
    assert any(notebook.python("print(widget.place)") == "(2, 5)\n" for _ in range(100))
    notebook.python("widget.place = (1, 1); widget.filter = 2; widget.stage = 'sums'")
    for root in (first, second):
        for name, told in {"place": "1,1", "filter": "2", "stage": "sums"}.items():
            expect(root).to_have_attribute(f"data-{name}", told)


def test_the_last_picture_stays_greyed_under_pytorchs_words(scratch):
    notebook, root = opened(scratch, MANY)
    notebook.python("widget.set_layer(2, 3, kernel_size=(3, 2), dilation=(4, 1))")
    expect(root.locator(".cl-refusal code").first).to_contain_text("Kernel size can't be greater than actual")
    expect(root.locator(".cl-why")).to_be_visible()
    expect(root.locator(".cs-stage")).to_have_attribute("inert", "")
    assert root.locator('[data-role="output"][data-value]').count() == 18
    notebook.python("widget.set_layer(2, 3, kernel_size=(3, 2), dilation=(2, 1))")
    expect(root.locator(".cl-refusal")).to_have_count(0)
    expect(root.locator('[data-role="output"][data-value]')).to_have_count(6)
    assert notebook.problems == []


@pytest.mark.parametrize("width", [320, 900])
def test_nothing_is_cut_off(scratch, width):
    _, root = opened(scratch, MANY, width=width)
    cut = root.evaluate(
        """root => [...root.querySelectorAll("*")].filter((node) => !node.closest(".cl-hidden, svg"))
          .filter((node) => node.getBoundingClientRect().right > root.getBoundingClientRect().right + 0.5)
          .filter((node) => !node.closest(".cl-scroll")).map((node) => node.className)"""
    )
    assert cut == []


def test_it_comes_to_rest_at_every_width(scratch):
    picture = "[[[1, 0, 2, 1, 0, 3], [0, 2, 1, 0, 1, 1], [2, 1, 0, 3, 0, 2], [1, 0, 1, 2, 2, 0]]]"
    numbers = f"input={picture}, weight=[[[[1, 0, -1], [2, 1, 0]]]], bias=[1]"
    cell = ("widths", f"convlab.ConvStepper(1, 1, kernel_size=(2, 3), {numbers})")
    _, root = opened(scratch, cell)
    assert root.evaluate(RESTLESS) == []
