"""ConvStepper in JupyterLab: every number it draws is the one torch computes, whatever the layer."""

import pytest
from playwright.sync_api import expect

from tests.browser.delay import delayed
from tests.browser.drawn import Truth, assert_noticed, faults, read
from tests.browser.notebook import write_notebook
from tests.browser.states import (
    COUNT,
    PRELUDE,
    SEED,
    changed,
    generator,
    show,
    stepper_states,
    weight_by_key,
)
from tests.random_layers import draw

MOVES = {"ArrowRight": (0, 1), "ArrowDown": (1, 0), "End": (99, 99), "ArrowLeft": (0, -1)}


@pytest.fixture
def stepper(scratch):
    """A notebook with one stepper, and its root."""
    code = PRELUDE + "widget = convlab.ConvStepper(1, 1, kernel_size=(3, 2), input=(1, 1, 5, 7))\nwidget"
    notebook = scratch(("stepper", code))
    return notebook, notebook.run_widget("stepper", "conv-stepper")


def test_every_number_is_torchs_in_random_layers(stepper):
    notebook, root = stepper
    rng = generator(SEED)
    for case, position in stepper_states(rng, COUNT):
        show(notebook, root, case, position)
        told = f"{case.spec} on {case.input.shape} at {position}"
        found = read(root)
        assert {"input", "weight", "product", "output", "result"} <= {number["role"] for number in found["numbers"]}
        assert faults(found, Truth(case, **position)) == [], told
        after = weight_by_key(notebook, root, case, rng)
        assert faults(read(root), Truth(after, **position)) == [], f"after a key: {told}"
        root.get_by_text("computed the same").wait_for()


def test_the_reader_finds_a_wrong_number_and_a_wrong_text(stepper):
    notebook, root = stepper
    case = draw(generator(SEED + 9), legal=True, batch=(1,), largest=6)
    position = {"sample": 0, "filter": 0, "place": (0, 0)}
    show(notebook, root, case, position)
    weight = {"weight": root.locator('[data-role="weight"]').first}
    assert_noticed(root, weight, lambda found: faults(found, Truth(case, **position)))


def test_python_holds_what_the_hand_has_changed(stepper):
    notebook, root = stepper
    rng = generator(SEED + 1)
    case = draw(rng, legal=True, batch=(1,), largest=6)
    show(notebook, root, case)
    after = weight_by_key(notebook, root, case, rng)
    root.get_by_text("computed the same").wait_for()
    printed = notebook.python("print(widget.output.double().flatten().tolist())")
    assert [float(x) for x in printed.strip().strip("[]").split(",")] == after.output.ravel().tolist()


def test_a_number_follows_the_mouse_and_the_window_follows_the_keys(stepper):
    notebook, root = stepper
    rng = generator(SEED + 2)
    case = draw(rng, legal=True, batch=(1,), largest=6)
    show(notebook, root, case, {"sample": 0, "filter": 0, "place": (0, 0)})
    cell = root.locator('[data-role="weight"][data-index="0,0,0,0"]')
    cell.scroll_into_view_if_needed()
    box = cell.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    notebook.page.mouse.move(x, y)
    notebook.page.mouse.down()
    with notebook.redrawn(root):
        notebook.page.mouse.move(x, y - 25)
    notebook.page.mouse.up()
    moved = float(cell.get_attribute("data-value")) - case.weight[0, 0, 0, 0]
    assert moved == 3
    after = changed(case, "weight", (0, 0, 0, 0), moved)
    notebook.page.mouse.move(5, 5)
    place = (0, 0)
    root.locator('[data-role="output"][tabindex="0"]').focus()
    last = [length - 1 for length in after.output.shape[-2:]]
    for key, (down, right) in MOVES.items():
        place = (min(last[0], place[0] + down), max(0, min(last[1], place[1] + right)))
        notebook.page.keyboard.press(key)
        expect(root).to_have_attribute("data-place", f"{place[0]},{place[1]}")
        assert faults(read(root), Truth(after, 0, 0, place)) == []


def test_a_second_key_is_not_undone_by_the_answer_to_the_first(lab, open_notebook):
    """Found here: Python's echo of one place came between the next key and its saving, and took the window back."""
    code = f"{PRELUDE}widget = convlab.ConvStepper(1, 1, (3, 2), input=(1, 1, 5, 7))\nwidget"
    write_notebook(lab.folder / "far.ipynb", [("one", code)])
    with delayed(lab.port, 100) as far:
        notebook = open_notebook("far.ipynb", url=far)
        root = notebook.run_widget("one", "conv-stepper")
        root.get_by_text("computed the same").wait_for()
        root.locator('[data-role="output"][tabindex="0"]').focus()
        for first, second, place in [("End", "ArrowUp", "1,5"), ("Home", "ArrowDown", "1,0")]:
            with notebook.sent():
                notebook.page.keyboard.press(first)
            notebook.page.keyboard.press(second)
            notebook.python("print(widget.place)")  # comes back after the echo of the first key
            expect(root).to_have_attribute("data-place", place)


def test_what_pytorch_refuses_is_shown_in_its_own_words(stepper):
    notebook, root = stepper
    rng = generator(SEED + 3)
    for _ in range(COUNT):
        case = draw(rng, legal=False, largest=7)
        if 0 in case.spec["kernel_size"]:
            continue  # torch's words for it differ from case to case
        show(notebook, root, case)
        message = root.locator(".cl-problem code").first.text_content()
        assert message and case.refusal.endswith(message), f"{case.spec} on {case.input.shape}: {case.refusal}"


def test_a_photograph_agrees_within_a_ten_thousandth(stepper):
    notebook, root = stepper
    notebook.python(
        "from convlab import samples\n"
        "photo = (samples.picture('astronaut') / 255.0)[None, :, :61, :47].astype('float32')\n"
        "weight = np.random.default_rng(3).normal(size=(2, 3, 5, 3)).astype('float32')\n"
    )
    with notebook.redrawn(root):
        notebook.python("widget.set_layer(3, 2, (5, 3), stride=(2, 1), padding=(1, 2), input=photo, weight=weight)")
    root.get_by_text("computed the same").wait_for()
    found = read(root)
    canvas = next(one for one in found["canvases"] if (one["role"], one["index"]) == ("output", "0"))
    printed = notebook.python("print(widget.output[0, 0].flatten().tolist())")
    true = [float(x) for x in printed.strip().strip("[]").split(",")]
    assert len(true) == len(canvas["values"])
    assert max(abs(a - b) for a, b in zip(true, canvas["values"], strict=True)) < 1e-4
