"""Im2colLoom in JupyterLab: every number that is drawn is the one torch gives, in random layers and views."""

import os

from playwright.sync_api import expect

from tests.browser.as_json import as_json
from tests.browser.drawn import assert_noticed, read
from tests.browser.loom_truth import At, LoomTruth, faults
from tests.browser.one_widget import one_widget
from tests.browser.states import PRELUDE, arguments, changed, generator, somewhere
from tests.random_layers import columns, draw, judged

KIND = "im2col-loom"
MADE = "widget = convlab.Im2colLoom(2, 3, kernel_size=(3, 2), padding=1, input=(1, 2, 4, 5))"
START = f"{PRELUDE}{MADE}\nwidget"
COUNT = 100 if os.environ.get("CONVLAB_FULL") == "1" else 10
SEED = int(os.environ.get("CONVLAB_SEED", 0))
notebook, root = one_widget(KIND, START, height=1500)
# What is sure to be drawn in each view.
ALWAYS = {"input-size", "columns-size", "factor", "sliding-macs", "matrix-macs", "rows", "places"}
ROLES = {
    "sliding": {"input", "weight", "output", "column", "term", "product"},
    "matrix": {"input", "weight", "output", "column", "term", "product"},
    "fold": {"input", "column", "fold", "count", "cell"},
}
LIT = "(root) => [...root.querySelectorAll('.cl-copy')].map(({ dataset }) => dataset.index)"
SEEN = LIT.replace(".cl-copy", '.cl-grid [data-role="column"]')  # the ledger has more of them than the sheet shows


def checked(root):
    root.get_by_text("computed the same").wait_for()


def set_case(notebook, root, case):
    """Sets layer and input from Python, with all columns there."""
    with notebook.redrawn(root):
        notebook.python(f"with widget.hold_sync():\n    widget.set_layer({arguments(case)})\n    widget.filled = None")
    checked(root)


def choose(root, view):
    """Clicks a view where it is not chosen yet."""
    button = root.get_by_role("radio", name=view, exact=True)
    if button.get_attribute("aria-checked") != "true":
        button.click()
    expect(root).to_have_attribute("data-view", view)


def step_to(root, label, number):
    """Presses the buttons beside a number until it is there."""
    group = root.get_by_role("group", name=label, exact=True)
    while group.is_visible() and (at := int(group.locator(".il-where").text_content().split()[0])) != number:
        name = f"next {label}" if at < number else f"{label} before"
        group.get_by_role("button", name=name, exact=True).click()


def pin(rng, root, view, entry):
    """Pins an entry of the matrix: its place by the slider, then itself by a click or by keys; where that is."""
    row = int(root.get_attribute("data-entry").split(",")[0])
    root.get_by_label("place", exact=True).fill(str(entry[1]))
    if view == "sliding":
        entry = (row, entry[1])
    else:
        cell = root.locator(f'.cl-grid [data-role="column"][data-index="{entry[0]},{entry[1]}"]')
        if rng.random() < 0.5 and cell.count():
            cell.click()
        else:
            root.locator('[data-role="column"][tabindex="0"]').focus()
            for _ in range(abs(entry[0] - row)):
                root.page.keyboard.press("ArrowDown" if entry[0] > row else "ArrowUp")
    root.page.mouse.move(2, 2)
    expect(root).to_have_attribute("data-entry", f"{entry[0]},{entry[1]}")
    return entry


def go(rng, root, case):
    """Goes by mouse and keys to a random view, filter, sample and entry; where that is."""
    shape = columns(case).shape
    at = At(
        str(rng.choice(list(ROLES))), filter=int(rng.integers(len(case.weight))), sample=int(rng.integers(shape[0]))
    )
    choose(root, at.view)
    step_to(root, "sample", at.sample)
    if at.view != "fold":
        step_to(root, "filter", at.filter)
    at.entry = pin(rng, root, at.view, somewhere(rng, shape[1:]))
    at.filter = int(root.get_attribute("data-filter"))
    return at


def some_columns(rng, notebook, root, at, places):
    """Has only the first columns there, by the slider and by keys; how many is in `at`."""
    if places < 3:
        return at
    at.filled = int(rng.integers(1, places - 1))
    with notebook.redrawn(root):
        notebook.python("widget.filled = 1")
    slider, back = root.get_by_label("place", exact=True), rng.random() < 0.5
    slider.fill(str(at.filled - (0 if back else 1)))
    if back:
        slider.press("[")
    expect(root).to_have_attribute("data-filled", str(at.filled))
    at.entry = tuple(int(part) for part in root.get_attribute("data-entry").split(","))
    assert at.entry[1] == at.filled - 1
    return at


def edit(rng, root, case, at):
    """Makes one number larger or smaller by a key; the case as it is then."""
    cells = root.locator('[role="spinbutton"]')
    cell = cells.nth(int(rng.integers(cells.count())))
    role, index = cell.get_attribute("data-role"), tuple(map(int, cell.get_attribute("data-index").split(",")))
    before = float(cell.get_attribute("data-value"))
    cell.focus()
    cell.press(str(rng.choice(["+", "-", "PageUp"])))
    delta = float(cell.get_attribute("data-value")) - before
    assert delta
    if entry := root.get_attribute("data-entry"):  # empty for a pixel that no window reads
        at.entry = tuple(int(part) for part in entry.split(","))
    at.filter = int(root.get_attribute("data-filter"))
    return changed(case, role, index if role == "weight" else (at.sample, *index)[-case.input.ndim :], delta)


def test_every_number_is_torchs_in_random_layers_and_views(notebook, root):
    rng = generator(SEED)
    for _ in range(COUNT):
        case = draw(rng, legal=True, batch=(0, 1, 2), largest=7)
        set_case(notebook, root, case)
        for _ in range(2):
            at = go(rng, root, case)
            told = f"{case.spec} on {case.input.shape} at {at}"
            truth, found = LoomTruth(case, at), read(root)
            assert ROLES[at.view] | ALWAYS <= {number["role"] for number in found["numbers"]}, told
            assert faults(found, truth) == [], told
            seen = set(as_json(root, SEEN))
            assert at.view == "sliding" or set(as_json(root, LIT)) == truth.copies() & seen, told
            case = edit(rng, root, case, at)
            root.page.mouse.move(2, 2)
            assert faults(read(root), LoomTruth(case, at)) == [], f"after a key: {told}"
            checked(root)
            at = some_columns(rng, notebook, root, at, LoomTruth(case, at).places)
            assert faults(read(root), LoomTruth(case, at)) == [], f"some columns: {told}"
            if at.filled:
                root.get_by_role("button", name="show all columns").click()
        told = notebook.python("print(widget.columns.flatten().tolist())")
        assert eval(told) == columns(case).ravel().tolist()
    assert notebook.problems == []


def test_the_reader_finds_a_wrong_number_a_wrong_text_and_a_hidden_one(notebook, root):
    case = draw(generator(SEED + 9), legal=True, batch=(1,), largest=6)
    set_case(notebook, root, case)
    for view in ("matrix", "fold"):
        choose(root, view)
        at = At(view, tuple(map(int, root.get_attribute("data-entry").split(","))))
        roles = ("term", "product", "bias") if view == "matrix" else ("fold", "count", "cell", "factor")
        found = {role: root.locator(f'[data-role="{role}"][data-value]').first for role in ("column", *roles)}
        numbers = {role: number for role, number in found.items() if number.count()}
        assert_noticed(root, numbers, lambda drawn, at=at: faults(drawn, LoomTruth(case, at)))


def test_what_pytorch_refuses_is_shown_in_its_own_words(notebook, root):
    rng = generator(SEED + 3)
    for _ in range(COUNT):
        case = draw(rng, legal=False, largest=7)
        if 0 in case.spec["kernel_size"]:
            continue  # torch's words for it differ from case to case
        with notebook.redrawn(root):
            notebook.python(f"widget.set_layer({arguments(case)})")
        message = root.locator(".cl-refusal code").first.text_content()
        assert message and case.refusal.endswith(message), f"{case.spec} on {case.input.shape}: {case.refusal}"
        expect(root.locator(".il-stage")).to_have_attribute("inert", "")
    with notebook.redrawn(root):
        notebook.python("widget.set_layer(1, 2, kernel_size=(3, 2), input=(1, 1, 5, 7))")
    expect(root.locator(".cl-refusal")).to_have_count(0)
    checked(root)


def test_what_is_large_is_torchs_too_in_numbers_and_as_a_picture(notebook, root):
    rng = generator(SEED + 5)
    spec = {"in_channels": 4, "out_channels": 10, "kernel_size": [5, 3], "stride": [1, 2], "padding": [2, 1]}
    spec |= {"dilation": [1, 1], "groups": 2, "bias": True, "padding_mode": "zeros"}
    numbers = [rng.integers(-4, 5, size).astype(float) for size in ((1, 4, 20, 33), (10, 2, 5, 3), (10,))]
    case = judged(spec, *numbers)
    set_case(notebook, root, case)
    at = At("matrix", (47, 200), filter=7, filled=201)
    for view, pictures in (("matrix", 5), ("sliding", 2), ("fold", 4)):
        at.view = view
        with notebook.redrawn(root):
            notebook.python(f"with widget.hold_sync():\n    widget.view, widget.filled = {view!r}, 40\n"
                            "    widget.entry, widget.filter = [47, 200], 7")  # fmt: skip
        with notebook.redrawn(root):
            notebook.python("widget.filled = 201")
        found = read(root)
        assert len(found["canvases"]) == pictures and faults(found, LoomTruth(case, at)) == []
        for _ in range(2):
            root.get_by_label("place", exact=True).press("[")
        moved = At(view, (47, 198), filter=7, filled=199)
        expect(root).to_have_attribute("data-filled", "199")
        assert faults(read(root), LoomTruth(case, moved)) == [], view
